/* SPDX-License-Identifier: MIT
 *
 * The process's completion port: a thread that is told when overlapped input and output is done.
 *
 * The thread is there while anyone holds the port, keeps this DLL loaded meanwhile, and ends by
 * itself. Callbacks run on it one after another and must not block; what may block is left to
 * port_run. Any thread.
 */
#ifndef THAWLINE_OS_PORT_H
#define THAWLINE_OS_PORT_H

#include "base/types.h"
#include "os/pool.h"

struct port;

/* One operation at a time. `overlapped` is zeroed before each. */
struct port_io
{
    OVERLAPPED overlapped;
    /* The operation that gave ERROR_IO_PENDING is over. `error` 0: `bytes` were moved. */
    void (*done)(struct port_io *io, DWORD error, DWORD bytes);
};

/* E_OUTOFMEMORY or the system's error. */
HRESULT port_hold(struct port **port);
void port_drop(struct port *port); /* accepts NULL */

/* `handle` was opened for overlapped access and belongs to no port yet. An operation on it that
   succeeds at once is not reported: it is over when the function that began it returns. */
HRESULT port_bind(struct port *port, HANDLE handle);

/* Has `io->done(io, 0, 0)` called on the port's thread. False when the system can't. */
bool port_post(struct port *port, struct port_io *io);

/* As pool_run. In a callback it is quicker: the port's thread itself runs `function(context)` when
   the callback has returned, unless it has something to run already, or something that it was to
   run is taking long. While it runs, another thread serves the port; it may be some milliseconds
   until that begins. */
HRESULT port_run(struct port *port, pool_function function, void *context);

/* Whether this is a thread of the port. Only they may begin an operation on a handle that is bound
   to it: under Wine one whose thread ends meanwhile may be lost. */
bool port_is_here(struct port *port);

#endif
