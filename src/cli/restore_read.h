/* SPDX-License-Identifier: MIT
 *
 * What the saved documents say: which components were backed up, which files they have and how
 * their writers want them restored. Nothing of it is believed: a path that leads anywhere but to a
 * plain place on a drive is refused. Main thread.
 */
#ifndef THAWLINE_CLI_RESTORE_READ_H
#define THAWLINE_CLI_RESTORE_READ_H

#include "cli/restore.h"

/* Reads SOURCE\sources.txt. NULL: good; else what is wrong, in words; free() it. */
WCHAR *restore_read_sources(struct restore *restore);

/* Fills in the components from the session's document and the metadata beside the document. Has
   said why when it fails. */
HRESULT restore_read_components(struct restore *restore, IVssBackupComponents *session);

#endif
