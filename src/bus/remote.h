/* SPDX-License-Identifier: MIT
 *
 * A writer in another process, as its requestor sees it: an endpoint (transport.h) over one
 * connection.
 */
#ifndef THAWLINE_BUS_REMOTE_H
#define THAWLINE_BUS_REMOTE_H

#include "bus/transport.h"
#include "os/pipe.h"

/* Asks who is behind a pipe that was just connected. Takes the pipe, also on failure. The calling
   thread attends to it, with `news` (pipe.h), and drives the endpoint until remote_awaits says no
   more; then it lets it rest. S_FALSE: its server is not trusted; no endpoint. */
HRESULT remote_ask(struct pipe *pipe, HANDLE news, struct bus_endpoint **endpoint);

/* It has not said yet who it is, or an answer is awaited. */
bool remote_awaits(struct bus_endpoint *endpoint);
/* It has said who it is, and is there. */
bool remote_is_known(struct bus_endpoint *endpoint);

#endif
