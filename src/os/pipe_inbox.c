/* SPDX-License-Identifier: MIT
 *
 * Messages put together from the bytes that come. See pipe_inbox.h.
 */
#include "os/pipe_inbox.h"

#include <string.h>

#include "base/mem.h"

/* The system copies a piece at once; bigger ones only make it slower. */
#define PIECE_SIZE (1u << 20)
/* What a message's buffer grows by, at least. */
#define FIRST_CAPACITY 65536u

static const BYTE mark[4] = {'T', 'L', 'W', '1'};

void pipe_put_header(BYTE *bytes, size_t size)
{
    size_t length = size - PIPE_HEADER_SIZE;
    memcpy(bytes, mark, sizeof(mark));
    for (int i = 0; i < 4; i++)
        bytes[sizeof(mark) + i] = (BYTE)(length >> 8 * i);
}

static uint32_t header_length(const BYTE *header)
{
    const BYTE *bytes = header + sizeof(mark);
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

void pipe_inbox_free(struct pipe_inbox *inbox)
{
    mem_free(inbox->message);
    inbox->message = NULL;
}

/* Room for what comes next; as much as has come already, so that promises cost nothing. */
static bool make_room(struct pipe_inbox *inbox, size_t wanted)
{
    size_t left = inbox->length - inbox->received;
    size_t needed = inbox->received + (wanted < left ? wanted : left);
    if (needed <= inbox->capacity)
        return true;
    size_t capacity = 2 * inbox->capacity > needed ? 2 * inbox->capacity : needed;
    if (capacity < FIRST_CAPACITY)
        capacity = FIRST_CAPACITY;
    if (capacity > inbox->length)
        capacity = inbox->length;
    BYTE *grown = mem_grow_buffer(inbox->message, inbox->received, &capacity);
    if (!grown)
        return false;
    inbox->message = grown;
    inbox->capacity = capacity;
    return true;
}

static void deliver(struct pipe_inbox *inbox, const struct pipe_handler *handler, void *context)
{
    BYTE *message = inbox->message;
    size_t length = inbox->length;
    inbox->message = NULL;
    inbox->header_size = 0;
    inbox->length = inbox->received = inbox->capacity = 0;
    inbox->delivered++;
    handler->received(context, message, length);
}

/* False: that is no message, or memory is exhausted. */
static bool take_header(struct pipe_inbox *inbox, const BYTE **bytes, size_t *size)
{
    while (*size && inbox->header_size < PIPE_HEADER_SIZE)
    {
        inbox->header[inbox->header_size++] = *(*bytes)++;
        --*size;
    }
    if (inbox->header_size < PIPE_HEADER_SIZE)
        return true;
    inbox->length = header_length(inbox->header);
    return memcmp(inbox->header, mark, sizeof(mark)) == 0 && inbox->length <= PIPE_MESSAGE_LIMIT;
}

/* What has come in the scratch buffer: the rest of a message, whole ones, the start of one. */
static bool take_scratch(
    struct pipe_inbox *inbox, size_t size, const struct pipe_handler *handler, void *context)
{
    const BYTE *bytes = inbox->scratch;
    while (size)
    {
        if (inbox->header_size < PIPE_HEADER_SIZE && !take_header(inbox, &bytes, &size))
            return false;
        if (inbox->header_size < PIPE_HEADER_SIZE)
            return true;
        size_t left = inbox->length - inbox->received;
        size_t part = size < left ? size : left;
        if (part && !make_room(inbox, part))
            return false;
        if (part)
            memcpy(inbox->message + inbox->received, bytes, part);
        inbox->received += part;
        bytes += part;
        size -= part;
        if (inbox->received == inbox->length)
            deliver(inbox, handler, context);
    }
    return true;
}

/* The middle of a long message is read to where it belongs. */
static bool reads_in_place(const struct pipe_inbox *inbox)
{
    return inbox->header_size == PIPE_HEADER_SIZE &&
        inbox->length - inbox->received >= PIPE_SCRATCH_SIZE;
}

bool pipe_inbox_room(struct pipe_inbox *inbox, BYTE **target, DWORD *size)
{
    *target = inbox->scratch;
    *size = PIPE_SCRATCH_SIZE;
    if (!reads_in_place(inbox))
        return true;
    if (!make_room(inbox, PIECE_SIZE))
        return false;
    /* Not beyond the message: what follows belongs to the next. */
    size_t left = inbox->length - inbox->received;
    *target = inbox->message + inbox->received;
    *size = left < PIECE_SIZE ? (DWORD)left : PIECE_SIZE;
    return true;
}

bool pipe_inbox_take(
    struct pipe_inbox *inbox, DWORD bytes, const struct pipe_handler *handler, void *context)
{
    if (!bytes)
        return true;
    if (!reads_in_place(inbox))
        return take_scratch(inbox, bytes, handler, context);
    inbox->received += bytes;
    if (inbox->received == inbox->length)
        deliver(inbox, handler, context);
    return true;
}
