/* SPDX-License-Identifier: MIT
 *
 * One connection from another process's requestor to one writer of this process. Requests come in,
 * run on pool threads and are answered in any order. When the connection ends, the backups that
 * came through it are ended for the writer as well. Any thread.
 */
#ifndef THAWLINE_BUS_PIPE_SESSION_H
#define THAWLINE_BUS_PIPE_SESSION_H

#include "bus/writer_record.h"
#include "os/pipe.h"

struct pipe_session;

struct pipe_session_owner
{
    /* The connection has ended; the last that is heard of it. On the port's thread. */
    void (*ended)(void *context, struct pipe_session *session);
};

/* Takes the reference to `pipe`. NULL when memory is exhausted; then it does not. */
struct pipe_session *pipe_session_create(struct writer_record *record, struct pipe *pipe,
    const struct pipe_session_owner *owner, void *context);
/* Requests are served from now on, until `ended`. */
void pipe_session_start(struct pipe_session *session);
/* Instead of starting it; NULL is fine. */
void pipe_session_discard(struct pipe_session *session);
/* Ends the connection of a session that was started and has not ended, when the calls that run are
   answered: a handler that unsubscribes its own writer still has its say. */
void pipe_session_close(struct pipe_session *session);

#endif
