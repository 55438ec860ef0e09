/* SPDX-License-Identifier: MIT
 *
 * Which volumes are being reverted to which snapshots, over all processes of the scope and over
 * crashes. Any thread; any process.
 *
 * A revert is taken, looked into, noted, carried out, ended. The note says that somebody was told
 * that the volume will become what the snapshot holds: it outlives its process, and while it is
 * there the snapshot is not deleted.
 */
#ifndef THAWLINE_CATALOG_CATALOG_REVERT_H
#define THAWLINE_CATALOG_CATALOG_REVERT_H

#include "model/snapshot_set.h"

/* The right to revert a volume; dropped by the system when the process dies. While it is held no
   snapshot of the volume is deleted. */
struct catalog_revert;

/* `set` is the snapshot's as it is then, a new reference: what was read of it before may not be
   true any more. VSS_E_REVERT_IN_PROGRESS: another is at it; VSS_E_OBJECT_NOT_FOUND: the snapshot
   is not listed any more; E_ACCESSDENIED: it belongs to another user. */
HRESULT catalog_revert_take(const WCHAR *volume_name, const GUID *snapshot_id,
    struct catalog_revert **revert, struct snapshot_set **set);

/* Notes it. An earlier note of the volume is replaced. */
HRESULT catalog_revert_note(struct catalog_revert *revert);

enum catalog_revert_outcome
{
    CATALOG_REVERT_DONE,      /* the note goes */
    CATALOG_REVERT_HALF,      /* the note stays, for whoever goes on */
    CATALOG_REVERT_UNTOUCHED, /* all is as before, the earlier note too */
    CATALOG_REVERT_STOPPED    /* the note, if there is one, is left as it is; cannot fail */
};

/* Frees it, unless it fails: then the note says what is not true any more, and the volume stays
   taken until a later call succeeds. Accepts NULL. */
HRESULT catalog_revert_end(struct catalog_revert *revert, enum catalog_revert_outcome outcome);

/* What is noted of the volume. S_FALSE: nothing. `running`: somebody is at it. */
HRESULT catalog_revert_find(const WCHAR *volume_name, GUID *snapshot_id, bool *running);

#endif
