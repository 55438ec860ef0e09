/* SPDX-License-Identifier: MIT
 *
 * The file in which a restored file is written beside its place, until it is whole. Its name has a
 * GUID of its own, so that no other file bears it; where it lies is noted in a file of this user,
 * so that a later restore takes away what one that was killed left, and nothing else. Main thread.
 */
#ifndef THAWLINE_CLI_RESTORE_PART_H
#define THAWLINE_CLI_RESTORE_PART_H

#include <windows.h>

/* "thawline-restoring-{GUID}.tmp" and the NUL. */
#define RESTORE_PART_SIZE 64

struct restore_part
{
    WCHAR name[RESTORE_PART_SIZE];
    WCHAR *folder; /* where the note says that it lies; NULL: it says nothing */
    HANDLE note;   /* nobody else can open it meanwhile; INVALID_HANDLE_VALUE: none */
};

/* Takes away what dead restores of this user left, and finds a name. Without a note, which it says,
   the restore goes on: only what it leaves if it is killed is not found then. */
void restore_part_begin(struct restore_part *part);
/* Notes that the part will lie in `folder`. As it can be opened; free() it. */
WCHAR *restore_part_place(struct restore_part *part, const WCHAR *folder);
/* The file under the name stays there for a while: the next one gets another name. */
void restore_part_leave(struct restore_part *part);
/* There is no part any more. */
void restore_part_end(struct restore_part *part);

/* Takes the file away, whatever its attributes; of a link, the link. A Win32 error. */
DWORD restore_part_remove(const WCHAR *name);

#endif
