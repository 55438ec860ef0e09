/* SPDX-License-Identifier: MIT
 *
 * The end of an exposure when its snapshot goes. Inside this room only.
 */
#ifndef THAWLINE_CATALOG_CATALOG_EXPOSE_H
#define THAWLINE_CATALOG_CATALOG_EXPOSE_H

#include "model/snapshot_set.h"

/* The snapshot is exposed. Afterwards it says that it is not; on failure it stays as it is. */
HRESULT catalog_end_exposure(struct snapshot *snapshot);

#endif
