/* SPDX-License-Identifier: MIT
 *
 * Which volumes are being reverted to which snapshots, over all processes of the scope and over
 * crashes. Any thread; any process.
 */
#ifndef THAWLINE_CATALOG_CATALOG_REVERT_H
#define THAWLINE_CATALOG_CATALOG_REVERT_H

#include "base/types.h"

/* The right to revert a volume; dropped by the system when the process dies. */
struct catalog_revert;

/* Notes that the volume becomes what the snapshot holds. VSS_E_REVERT_IN_PROGRESS: another is at
   it. */
HRESULT catalog_revert_begin(
    const WCHAR *volume_name, const GUID *snapshot_id, struct catalog_revert **revert);
/* `done`: the volume is whole again. Else the note stays, for whoever goes on. */
void catalog_revert_end(struct catalog_revert *revert, bool done);

/* What is noted of the volume. S_FALSE: nothing. `running`: somebody is at it. */
HRESULT catalog_revert_find(const WCHAR *volume_name, GUID *snapshot_id, bool *running);

#endif
