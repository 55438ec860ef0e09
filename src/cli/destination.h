/* SPDX-License-Identifier: MIT
 *
 * Where a backup comes from and where it goes: checks the paths that were given, finds their
 * volumes, marks the destination while the copy in it is not whole.
 */
#ifndef THAWLINE_CLI_DESTINATION_H
#define THAWLINE_CLI_DESTINATION_H

#include "cli/backup.h"

/* Files in DEST beside the copy. */
#define DESTINATION_MARK L".thawline-incomplete"
#define DESTINATION_SOURCES L"sources.txt"
#define DESTINATION_WRITERS L"writers" /* a folder: {instance}.xml of each writer */

/* Takes the sources (all but the last path) and the destination into `backup`. NULL: good; else
   what is wrong, in words; free() it. Changes nothing on any disk. */
WCHAR *destination_check(struct backup *backup, const struct text_list *paths);

/* Makes DEST and its mark, `.thawline-incomplete`. Has said why when it fails. */
HRESULT destination_begin(struct backup *backup);
/* Before the copying: an older history in DEST would say of new files that they are parts. Has said
   why when it fails. */
HRESULT destination_note_type(struct backup *backup);
/* Writes DEST\sources.txt, the sources, one absolute path a line, and DEST\history.txt. Has said
   why when it fails. */
HRESULT destination_note(const struct backup *backup);
/* Takes the mark away: the copy is whole. */
HRESULT destination_finish(const struct backup *backup);
/* After a failure: if nothing was copied, takes away what destination_begin made. */
void destination_undo(const struct backup *backup);

#endif
