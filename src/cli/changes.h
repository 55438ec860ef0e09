/* SPDX-License-Identifier: MIT
 *
 * What of the sources an incremental or differential backup copies: what writers say of their
 * files, and the times of all others. Main thread.
 */
#ifndef THAWLINE_CLI_CHANGES_H
#define THAWLINE_CLI_CHANGES_H

#include "cli/backup.h"

enum change
{
    CHANGE_NONE,  /* the backup before has it */
    CHANGE_WHOLE, /* copy it */
    CHANGE_PARTS  /* copy ranges of it */
};

/* Whether the backup copies only what changed. */
bool changes_only(const struct backup *backup);
/* Reads the history of the backup before, --since. NULL: good; else what is wrong, in words;
   free() it. */
WCHAR *changes_check(struct backup *backup, const WCHAR *type, const WCHAR *since);
/* Before PrepareForBackup: gives each component the stamp that it got at the backup before. Has
   said why when it fails. */
HRESULT changes_tell_stamps(struct backup *backup, IVssBackupComponents *session);
/* After DoSnapshotSet: reads which files writers call differenced and partial. Has said why when it
   fails. */
HRESULT changes_read(struct backup *backup, IVssBackupComponents *session);
/* What becomes of a file; `path` is its place at the source. */
enum change changes_of(const struct backup *backup, const WCHAR *path, const WIN32_FIND_DATAW *data,
    const struct ranges **parts);
void changes_free(struct backup_component *component);

#endif
