/* SPDX-License-Identifier: MIT
 *
 * The writer's end of the connections from other processes: one endpoint a subscribed writer. What
 * comes in is delivered through the writer's record; a requestor that goes away leaves no writer
 * frozen, because its sessions are ended here. Any thread.
 */
#ifndef THAWLINE_BUS_PIPE_SERVER_H
#define THAWLINE_BUS_PIPE_SERVER_H

#include "bus/writer_record.h"

struct pipe_server;

/* Makes the writer known in `scope`. E_OUTOFMEMORY, or the system's error, which is logged. */
HRESULT pipe_server_open(
    struct writer_record *record, const WCHAR *scope, struct pipe_server **server);
/* Nobody finds the writer any more, and connections end; calls that run go on without anyone who
   waits for their answer. Accepts NULL. */
void pipe_server_close(struct pipe_server *server);

/* Whether an endpoint is one of this copy of the DLL: those are reached without a pipe. */
bool pipe_server_is_own(const GUID *endpoint_id);

#endif
