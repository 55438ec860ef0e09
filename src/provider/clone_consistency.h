/* SPDX-License-Identifier: MIT
 *
 * The sentence that says how consistent a copy is. Inside this room only.
 */
#ifndef THAWLINE_PROVIDER_CLONE_CONSISTENCY_H
#define THAWLINE_PROVIDER_CLONE_CONSISTENCY_H

#include "provider/clone_update.h"

/* mem_free it; NULL when memory is exhausted. */
WCHAR *clone_consistency_text(
    const struct clone_manifest *manifest, const struct clone_moved *moved, bool limited);

#endif
