/* SPDX-License-Identifier: MIT
 *
 * Messages between processes, over named pipes. A connection carries messages of any length up to
 * PIPE_MESSAGE_LIMIT both ways at once. The process's port (port.h) serves all servers' ends; a
 * client's end moves when the thread drives it that waits for an answer, so that no other thread
 * has to be woken for that.
 *
 * On the wire a message is PIPE_HEADER_SIZE bytes (a mark and the length, little-endian) and its
 * content. What is no message closes the connection. A message that is only announced takes no more
 * memory than what has come of it. Any thread, unless said otherwise.
 */
#ifndef THAWLINE_OS_PIPE_H
#define THAWLINE_OS_PIPE_H

#include "base/types.h"

#define PIPE_HEADER_SIZE 8
#define PIPE_MESSAGE_LIMIT (64u << 20)

/* One end of a connection; reference counted. */
struct pipe;

/* What its owner is told, one thing at a time: on the port's thread, the first on the thread that
   calls pipe_start; of a client's end on the thread that drives it. None of it may block. */
struct pipe_handler
{
    /* A message has come; mem_free `bytes`, which is NULL for an empty one. */
    void (*received)(void *context, BYTE *bytes, size_t size);
    /* The connection is closed, from either side. The last call, and the only one of its kind. */
    void (*closed)(void *context);
};

/* Opens the pipe `name`; its server can learn who we are, and no more.
   HRESULT_FROM_WIN32(ERROR_PIPE_BUSY): its server is just busy with another; pipe_wait may help. */
HRESULT pipe_connect(const WCHAR *name, struct pipe **pipe);
/* Waits for a server of `name` that is free, `timeout_ms` at most. */
void pipe_wait(const WCHAR *name, DWORD timeout_ms);

struct pipe *pipe_addref(struct pipe *pipe);
/* Accepts NULL; the last one of an unstarted pipe closes it. */
void pipe_release(struct pipe *pipe);

/* Receiving begins; `handler` is called from now on, with `closed` at the end whatever happens. */
void pipe_start(struct pipe *pipe, const struct pipe_handler *handler, void *context);
/* Sends a message. `bytes` (from mem_alloc) begin with PIPE_HEADER_SIZE bytes for the header and
   belong to the pipe from now on, also when the connection is closed and they go nowhere. A
   connection whose other end reads nothing while much is sent to it is closed. */
void pipe_send(struct pipe *pipe, BYTE *bytes, size_t size);
/* Ends the connection; what was sent and not taken yet is lost. `closed` follows, of a client's end
   when it is driven or rests. */
void pipe_close(struct pipe *pipe);
/* The same when all that was sent is on its way. */
void pipe_finish(struct pipe *pipe);

/* For questions about the other end: before pipe_start, or in the handler. */
HANDLE pipe_handle(struct pipe *pipe);

/* ---- A client's end ----
 * One thread at a time attends to it: it says where it waits for news, sends, drives the connection
 * until what it waits for has come, and lets it rest. */

/* What is sent or read from now on sets `news`, an auto-reset event, when it is over. Beginning a
   transfer resets `news`: who shares it between connections drives all of them until none says
   PIPE_BEGAN before it waits. */
void pipe_attend(struct pipe *pipe, HANDLE news);

#define PIPE_TOLD 1u  /* the handler was told something; there may be more */
#define PIPE_BEGAN 2u /* a transfer was begun */

/* Moves what can be moved without waiting, until the handler has been told something. */
unsigned pipe_drive(struct pipe *pipe);
/* Nobody waits for news any more: no transfer is under way on return. A message of which a part is
   still on its way at `deadline_ms` ends the connection. */
void pipe_rest(struct pipe *pipe, uint64_t deadline_ms);

/* ---- A server ---- */

struct pipe_listener;

struct pipe_acceptor
{
    /* Somebody has connected. `pipe` is the acceptor's reference; not started yet. On the port's
       thread. */
    void (*accepted)(void *context, struct pipe *pipe);
    /* The listener has gone; no call follows. */
    void (*ended)(void *context);
};

/* Creates the pipe `name`, which must not exist yet, and accepts connections to it.
   `security_descriptor` (LocalAlloc) says who may connect; the listener's on success. */
HRESULT pipe_listen(const WCHAR *name, void *security_descriptor,
    const struct pipe_acceptor *acceptor, void *context, struct pipe_listener **listener);
/* Nobody is accepted any more, but perhaps one that is just coming. `ended` follows; the listener
   is gone for the caller. Established connections stay. */
void pipe_listener_close(struct pipe_listener *listener);

#endif
