/* SPDX-License-Identifier: MIT
 *
 * That a volume is being reverted, or is half way to a snapshot: said on the volume itself, so that
 * every process knows, whichever user's and in whichever scope, also after a crash. Any thread.
 *
 *   System Volume Information\Thawline\reverting     locked by the process that is at it; holds
 *                                                    the id of the last revert that was accepted.
 *                                                    Never deleted: others may have it open, and
 *                                                    would hold a lock that nobody else meets
 *   System Volume Information\Thawline\Revert\note   the ids of the snapshot and of the revert, from
 *                                                    the moment on at which it was accepted until
 *                                                    it is over
 */
#ifndef THAWLINE_PROVIDER_REVERT_NOTE_H
#define THAWLINE_PROVIDER_REVERT_NOTE_H

#include "os/file.h"
#include "volume/volume.h"

/* The right to revert the volume, dropped by the system when the process dies; end it with
   file_lock_drop, which leaves the file. VSS_E_REVERT_IN_PROGRESS: another has it;
   VSS_E_VOLUME_NOT_SUPPORTED: no copy lies on the volume, or it is one that never is reverted. */
HRESULT revert_note_lock(const struct volume *volume, struct file_lock **lock);
/* The same for one who can do without: waits for nobody and says nothing. */
bool revert_note_try_lock(const struct volume *volume, struct file_lock **lock);

struct revert_note
{
    bool running; /* somebody has the lock */
    bool noted;   /* a revert was accepted and is not over */
    bool damaged; /* and to which snapshot is not known */
    GUID snapshot_id;
    GUID revert_id; /* no other has it */
};

/* Fails when there is no telling, which is logged. */
HRESULT revert_note_find(const struct volume *volume, struct revert_note *note);
/* The same without `running`, for the one who holds the lock. */
HRESULT revert_note_read(const struct volume *volume, struct revert_note *note);

/* With the lock held. Writing makes the folder, which is empty but for leftovers, and gives the
   revert an id; a failed one changes nothing. */
HRESULT revert_note_write(const struct volume *volume, const GUID *snapshot_id);
HRESULT revert_note_remove(const struct volume *volume);
/* Renames the folder, note and all, to `Revert-damaged-<number>`, and says so and why: for a person
   to look at. Nothing is noted then. */
HRESULT revert_note_set_aside(const struct volume *volume, const char *why);
/* Whether a file of the folder may be gone by: nobody else wrote it, or has it under another
   name. */
HRESULT revert_note_check(const struct volume *volume, const WCHAR *path);

/* That this revert was accepted, until the next one is; beyond its end. */
HRESULT revert_note_set_last(struct file_lock *lock, const GUID *revert_id);
/* False when it is known that another was accepted later. */
bool revert_note_is_last(const struct volume *volume, const GUID *revert_id);

/* The folder of the note and of the provider's work, and the note, below the root of the volume. */
#define REVERT_PARENT L"System Volume Information\\Thawline"
#define REVERT_FOLDER REVERT_PARENT L"\\Revert"
#define REVERT_NOTE_FILE REVERT_FOLDER L"\\note"

#endif
