/* SPDX-License-Identifier: MIT
 *
 * The conversation with VSS: the calls of a backup in the order that requestors use, one function a
 * step. Each step, when it fails, has said why, except CANCELLED. Main thread.
 */
#ifndef THAWLINE_CLI_SESSION_H
#define THAWLINE_CLI_SESSION_H

#include "cli/backup.h"

struct session
{
    IVssBackupComponents *vss;
    bool unfinished; /* a set was begun, and neither BackupComplete nor AbortBackup has ended it */
};

/* Fails cleanly half-way: session_close is due whatever they return. */
HRESULT session_open(struct session *session, const struct backup *backup);
HRESULT session_ask_writers(
    struct session *session, struct backup *backup); /* and choose components */
HRESULT session_begin_set(struct session *session, struct backup *backup);
HRESULT session_prepare(struct session *session, struct backup *backup);
HRESULT session_make_set(struct session *session, struct backup *backup);
HRESULT session_complete(struct session *session, struct backup *backup); /* after copying */
HRESULT session_save(struct session *session, struct backup *backup);     /* the documents */

/* AbortBackup if it is unfinished; releases the session, and with it the shadow copies. */
void session_close(struct session *session);

#endif
