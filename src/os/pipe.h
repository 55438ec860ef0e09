/* SPDX-License-Identifier: MIT
 *
 * Messages between processes, over named pipes. A connection carries messages of any length up to
 * PIPE_MESSAGE_LIMIT both ways at once; the process's port serves all of them (port.h).
 *
 * On the wire a message is PIPE_HEADER_SIZE bytes (a mark and the length, little-endian) and its
 * content. What is no message closes the connection. A message that is only announced takes no more
 * memory than what has come of it. Any thread.
 */
#ifndef THAWLINE_OS_PIPE_H
#define THAWLINE_OS_PIPE_H

#include "base/types.h"

#define PIPE_HEADER_SIZE 8
#define PIPE_MESSAGE_LIMIT (64u << 20)

/* One end of a connection; reference counted. */
struct pipe;

/* What its owner is told, one thing at a time: on the port's thread, the first on the thread that
   calls pipe_start. None of it may block. */
struct pipe_handler
{
    /* A message has come; mem_free `bytes`, which is NULL for an empty one. */
    void (*received)(void *context, BYTE *bytes, size_t size);
    /* The connection is closed, from either side. The last call, and the only one of its kind. */
    void (*closed)(void *context);
};

/* Opens the pipe `name`; nothing is received before pipe_start. `identify` lets its server learn
   who we are, and no more. HRESULT_FROM_WIN32(ERROR_PIPE_BUSY): its server is just busy with
   another; pipe_wait may help. */
HRESULT pipe_connect(const WCHAR *name, struct pipe **pipe);
/* Waits for a server of `name` that is free, `timeout_ms` at most. */
void pipe_wait(const WCHAR *name, DWORD timeout_ms);

struct pipe *pipe_addref(struct pipe *pipe);
void pipe_release(struct pipe *pipe); /* accepts NULL; the last one of an unstarted pipe closes it */

/* Receiving begins; `handler` is called from now on, with `closed` at the end whatever happens. */
void pipe_start(struct pipe *pipe, const struct pipe_handler *handler, void *context);
/* Sends a message. `bytes` (from mem_alloc) begin with PIPE_HEADER_SIZE bytes for the header and
   belong to the pipe from now on, also when the connection is closed and they go nowhere. A
   connection whose other end reads nothing while much is sent to it is closed. */
void pipe_send(struct pipe *pipe, BYTE *bytes, size_t size);
/* Ends the connection; what was sent and not taken yet is lost. `closed` follows. */
void pipe_close(struct pipe *pipe);
/* The same when all that was sent is on its way. */
void pipe_finish(struct pipe *pipe);

/* For questions about the other end: before pipe_start, or in the handler. */
HANDLE pipe_handle(struct pipe *pipe);

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
