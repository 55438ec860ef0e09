/* SPDX-License-Identifier: MIT
 *
 * That a volume is being reverted, or is half way to a snapshot: said on the volume itself, so that
 * every process knows, whichever user's and in whichever scope, also after a crash. Any thread.
 *
 *   System Volume Information\Thawline\reverting     locked by the process that is at it
 *   System Volume Information\Thawline\Revert\note   the snapshot's id, from the moment on at which
 *                                                    a revert was accepted until it is over
 */
#ifndef THAWLINE_PROVIDER_REVERT_NOTE_H
#define THAWLINE_PROVIDER_REVERT_NOTE_H

#include "os/file.h"
#include "volume/volume.h"

/* The right to revert the volume, dropped by the system when the process dies; end it with
   file_lock_drop, which deletes the file. VSS_E_REVERT_IN_PROGRESS: another has it;
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
};

/* Fails when there is no telling, which is logged. */
HRESULT revert_note_find(const struct volume *volume, struct revert_note *note);
/* The same without `running`, for the one who holds the lock. */
HRESULT revert_note_read(const struct volume *volume, struct revert_note *note);

/* With the lock held. Writing makes the folder, which is empty but for leftovers; a failed one
   changes nothing. */
HRESULT revert_note_write(const struct volume *volume, const GUID *snapshot_id);
HRESULT revert_note_remove(const struct volume *volume);
/* Renames the folder, note and all, to `Revert-damaged-<number>`, and says so: for a person to look
   at. Nothing is noted then. */
HRESULT revert_note_set_aside(const struct volume *volume);

/* The folder of the note and of the provider's work, and the note, below the root of the volume. */
#define REVERT_FOLDER L"System Volume Information\\Thawline\\Revert"
#define REVERT_NOTE_FILE REVERT_FOLDER L"\\note"

#endif
