/* SPDX-License-Identifier: MIT
 *
 * Messages put together from the bytes that come over a connection. Used by the connection's
 * reader.
 */
#ifndef THAWLINE_OS_PIPE_INBOX_H
#define THAWLINE_OS_PIPE_INBOX_H

#include "os/pipe.h"

/* Most messages are smaller, and need one read. */
#define PIPE_SCRATCH_SIZE 16384u

/* Zeroed at first. */
struct pipe_inbox
{
    BYTE scratch[PIPE_SCRATCH_SIZE];
    BYTE header[PIPE_HEADER_SIZE];
    size_t header_size; /* what of it has come */
    BYTE *message;
    size_t length;
    size_t received;
    size_t capacity;
    size_t delivered; /* messages */
};

void pipe_inbox_free(struct pipe_inbox *inbox);

/* Where the next bytes are to be read to, `*size` at most. False: memory is exhausted. */
bool pipe_inbox_room(struct pipe_inbox *inbox, BYTE **target, DWORD *size);
/* So many bytes have come there. Gives each whole message to `handler`; false: that is no message,
   or memory is exhausted. */
bool pipe_inbox_take(
    struct pipe_inbox *inbox, DWORD bytes, const struct pipe_handler *handler, void *context);

/* Writes the header of a message of `size` bytes, its own among them. */
void pipe_put_header(BYTE *bytes, size_t size);

#endif
