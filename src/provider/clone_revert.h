/* SPDX-License-Identifier: MIT
 *
 * Making a volume what a copy of it holds: operations of the clone provider. See provider.h. Inside
 * this room only.
 */
#ifndef THAWLINE_PROVIDER_CLONE_REVERT_H
#define THAWLINE_PROVIDER_CLONE_REVERT_H

#include "provider/provider.h"

HRESULT clone_check_revert(struct provider *provider, const struct snapshot *snapshot,
    const struct volume *volume, bool force);
HRESULT clone_revert(struct provider *provider, const struct snapshot *snapshot,
    const struct volume *volume, bool *changed);

#endif
