/* SPDX-License-Identifier: MIT
 *
 * Deleting one snapshot, in steps that a crash can interrupt. Inside this room only.
 *
 * A snapshot that is being deleted has a record of its own: a set with the snapshot's id, "being
 * made", with that one member, and a life lock held by whoever deletes. Only then it is taken out
 * of its own set's record, and only then is its store removed. If the process dies in between,
 * catalog_collect finds that record and finishes the work.
 */
#ifndef THAWLINE_CATALOG_CATALOG_DELETE_H
#define THAWLINE_CATALOG_CATALOG_DELETE_H

#include "catalog/catalog_record.h"

/* Whether the set is the record of a snapshot that is being deleted. */
bool catalog_is_deletion(const struct snapshot_set *set);

/* The complete set that holds the snapshot. VSS_E_OBJECT_NOT_FOUND. Under the mutex. */
HRESULT catalog_find_holder(
    const struct catalog_folder *folder, const GUID *snapshot_id, struct snapshot_set **set);

/* Takes the snapshot out of the record of the complete set that holds it, and deletes the record
   with the last. S_OK when no record names it. Under the mutex. */
HRESULT catalog_take_out(const struct catalog_folder *folder, const GUID *snapshot_id);

/* Ends the snapshot's exposure and lets the provider remove what there is of it.
   VSS_E_PROVIDER_VETO when the exposure stays; `force` goes on without. Without the mutex. */
HRESULT catalog_delete_store(struct snapshot *snapshot, bool force);

#endif
