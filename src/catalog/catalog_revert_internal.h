/* SPDX-License-Identifier: MIT
 *
 * What deleting asks of reverts. Inside this room only.
 */
#ifndef THAWLINE_CATALOG_CATALOG_REVERT_INTERNAL_H
#define THAWLINE_CATALOG_CATALOG_REVERT_INTERNAL_H

#include "catalog/catalog_record.h"

/* VSS_E_PROVIDER_VETO: its volume is being reverted, or is half way to this snapshot, or there is
   no telling. Under the mutex. */
HRESULT catalog_check_not_reverting(
    const struct catalog_folder *folder, const struct snapshot *snapshot);

#endif
