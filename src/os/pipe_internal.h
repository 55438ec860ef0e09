/* SPDX-License-Identifier: MIT
 *
 * What pipe.c and pipe_listener.c share.
 */
#ifndef THAWLINE_OS_PIPE_INTERNAL_H
#define THAWLINE_OS_PIPE_INTERNAL_H

#include "os/pipe.h"
#include "os/port.h"

/* Takes the handle, which is bound to `port`, on success. NULL when memory is exhausted. */
struct pipe *pipe_create(struct port *port, HANDLE handle);

#endif
