/* SPDX-License-Identifier: MIT
 *
 * The conversation with VSS during a restore, one function a step. Each step, when it fails, has
 * said why, except CANCELLED. Main thread.
 */
#ifndef THAWLINE_CLI_RESTORE_SESSION_H
#define THAWLINE_CLI_RESTORE_SESSION_H

#include "cli/restore.h"

/* InitializeForRestore with the document, GatherWriterMetadata. *session is to be released whatever
   is returned. */
HRESULT restore_session_open(const struct restore *restore, IVssBackupComponents **session);
/* Says which components are restored and where to. */
HRESULT restore_session_select(struct restore *restore, IVssBackupComponents *session);
/* PreRestore, and what the writers said to it: vetoes and targets. */
HRESULT restore_session_begin(struct restore *restore, IVssBackupComponents *session);
/* Says what became of the files; PostRestore. */
HRESULT restore_session_end(struct restore *restore, IVssBackupComponents *session);
/* PostRestore and nothing else: after a failure or Ctrl-C. */
void restore_session_leave(IVssBackupComponents *session);

#endif
