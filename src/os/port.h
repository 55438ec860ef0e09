/* SPDX-License-Identifier: MIT
 *
 * The process's completion port: one thread that is told when overlapped input and output is done.
 *
 * The thread is there while anyone holds the port, keeps this DLL loaded meanwhile, and ends by
 * itself. Callbacks run on it one after another and must not block. Any thread.
 */
#ifndef THAWLINE_OS_PORT_H
#define THAWLINE_OS_PORT_H

#include "base/types.h"

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

#endif
