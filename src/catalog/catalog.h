/* SPDX-License-Identifier: MIT
 *
 * Which shadow copies exist: one crash-safe record a set, in a folder of this scope that all
 * processes share.
 *
 * A set that is being made, or that dies with its requestor, has a lock file which its process
 * holds; the system drops that lock when the process dies, however it dies, and whoever comes next
 * collects the set: its snapshots are deleted by the provider, by paths derived from ids, and the
 * record goes last. Any thread; any process.
 */
#ifndef THAWLINE_CATALOG_CATALOG_H
#define THAWLINE_CATALOG_CATALOG_H

#include "model/snapshot_set.h"

/* The right to create a set, one in a scope, over all processes. VSS_E_SNAPSHOT_SET_IN_PROGRESS
   while another holds it. Dropped by the system when the process dies. */
struct catalog_creation;
HRESULT catalog_creation_take(struct catalog_creation **creation);
void catalog_creation_drop(struct catalog_creation *creation); /* accepts NULL */

/* A set that this process keeps alive. */
struct catalog_hold;

/* Records the set as being made (set->creating is true) and holds its lock. To be called before a
   provider makes anything for it, and catalog_update before each further member. Collects dead sets
   first. */
HRESULT catalog_begin(const struct snapshot_set *set, struct catalog_hold **hold);
/* Replaces the record. VSS_E_OBJECT_NOT_FOUND: it was deleted meanwhile. */
HRESULT catalog_update(const struct snapshot_set *set);
/* The set exists from here on (set->creating is false). An auto-release set stays held; the hold of
   any other is dropped and *hold becomes NULL. */
HRESULT catalog_commit(const struct snapshot_set *set, struct catalog_hold **hold);
/* Forgets a set whose snapshots are gone, and drops the hold (may be NULL). */
HRESULT catalog_forget(const GUID *set_id, struct catalog_hold *hold);
/* Lets go of a set without touching its record: if it is still there and dies with its requestor,
   whoever comes next collects it. Accepts NULL. */
void catalog_release_hold(struct catalog_hold *hold);

/* Sets that are complete (creating == false), collecting dead ones first; each item a struct
   snapshot_set with a reference. A record that can't be read is logged, skipped and kept. */
HRESULT catalog_list(struct vec *sets);
/* VSS_E_OBJECT_NOT_FOUND: unknown, deleted or still being made. */
HRESULT catalog_find_set(const GUID *set_id, struct snapshot_set **set);
HRESULT catalog_find_snapshot(const GUID *snapshot_id, struct snapshot_set **set);

/* Deletes one member through its provider and takes it out of the record; the record goes with the
   last. Refuses (E_ACCESSDENIED) a record that belongs to another user, unless that is an
   administrator's doing. */
HRESULT catalog_delete_snapshot(const GUID *snapshot_id, bool force);

/* How a snapshot is to be exposed. */
struct catalog_wish
{
    bool share;        /* else a drive or a mount folder */
    const WCHAR *name; /* `X:`, a folder or a share; NULL: chosen here */
    const WCHAR *path; /* of a share: the folder inside the snapshot; NULL: all of it */
};

/* Exposes one member and records it; it stays so until catalog_unexpose or its deletion, over
   restarts. mem_free *name. VSS_E_OBJECT_ALREADY_EXISTS: it is exposed, or the name is taken;
   E_INVALIDARG: such a name or path cannot be; VSS_E_PROVIDER_VETO: the system refuses. */
HRESULT catalog_expose(const GUID *snapshot_id, const struct catalog_wish *wish, WCHAR **name);
/* VSS_E_OBJECT_NOT_FOUND: unknown, or not exposed. */
HRESULT catalog_unexpose(const GUID *snapshot_id);

/* Deletes the sets of dead processes. Called by the functions above; for `thawline` and tests. */
HRESULT catalog_collect(void);

#endif
