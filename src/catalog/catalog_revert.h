/* SPDX-License-Identifier: MIT
 *
 * What records and reverts have to do with each other. That a volume is being reverted, or is half
 * way, lies on the volume itself (provider/revert_note.h). Any thread; any process.
 */
#ifndef THAWLINE_CATALOG_CATALOG_REVERT_H
#define THAWLINE_CATALOG_CATALOG_REVERT_H

#include "model/snapshot_set.h"

/* The snapshot's set as it is now, for whoever holds the lock of its volume: a new reference.
   VSS_E_OBJECT_NOT_FOUND: the snapshot was deleted, or its deletion was begun; E_ACCESSDENIED: it
   belongs to another user. */
HRESULT catalog_revert_find(const GUID *snapshot_id, struct snapshot_set **set);

/* VSS_E_PROVIDER_VETO: its volume is being reverted, or is half way to this snapshot, or there is
   no telling. Inside this room only, under the mutex: reverting looks for its snapshot under the
   mutex while it holds the volume's lock, so that one of the two sees the other. */
HRESULT catalog_check_not_reverting(const struct snapshot *snapshot);

#endif
