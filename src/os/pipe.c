/* SPDX-License-Identifier: MIT
 *
 * One end of a connection: messages in, messages out. See pipe.h; servers are in pipe_listener.c.
 *
 * Whoever is told that a read is over begins the next, so that there is one reader at a time.
 * Writing begins on the sender's thread and goes on where the previous piece was finished. Each
 * holds a reference while it is under way.
 */
#include "os/pipe.h"

#include <string.h>

#include "base/mem.h"
#include "os/lock.h"
#include "os/pipe_internal.h"
#include "os/pool.h"
#include "os/port.h"

/* Most messages are smaller, and need one read. */
#define SCRATCH_SIZE 16384u
/* The system copies a piece at once; bigger ones only make it slower. */
#define PIECE_SIZE (1u << 20)
/* What a message's buffer grows by, at least. */
#define FIRST_CAPACITY 65536u
/* What may wait for a reader before the next message. */
#define QUEUE_LIMIT (2u * PIPE_MESSAGE_LIMIT)

static const BYTE mark[4] = {'T', 'L', 'W', '1'};

struct outgoing
{
    struct outgoing *next;
    BYTE *bytes;
    size_t size;
    size_t sent;
};

struct pipe
{
    LONG refs;
    /* set once */
    struct port *port;
    HANDLE handle;
    const struct pipe_handler *handler;
    void *context;
    struct lock lock;
    /* guarded by lock */
    bool closing;   /* nothing more goes out or comes in */
    bool finishing; /* closing follows when the queue is empty */
    bool writing;   /* a piece is on its way, or somebody is about to send one */
    bool reading;   /* from pipe_start to `closed` */
    bool over;      /* whoever waits for the end of it was told */
    struct outgoing *first;
    struct outgoing *last;
    size_t queued; /* bytes in that list */
    struct port_io write;
    /* the reader's */
    struct port_io read;
    BYTE scratch[SCRATCH_SIZE];
    BYTE header[PIPE_HEADER_SIZE];
    size_t header_size; /* what of it has come */
    BYTE *message;
    size_t length;
    size_t received;
    size_t capacity;
};

static void has_read(struct port_io *io, DWORD error, DWORD bytes);
static void written(struct port_io *io, DWORD error, DWORD bytes);

struct pipe *pipe_create(struct port *port, HANDLE handle)
{
    struct pipe *pipe = mem_alloc(sizeof(*pipe));
    if (!pipe)
        return NULL;
    pipe->refs = 1;
    pipe->port = port;
    pipe->handle = handle;
    lock_init(&pipe->lock, LOCK_RANK_PIPE);
    pipe->read.done = has_read;
    pipe->write.done = written;
    return pipe;
}

struct pipe *pipe_addref(struct pipe *pipe)
{
    InterlockedIncrement(&pipe->refs);
    return pipe;
}

static void free_outgoing(struct outgoing *outgoing)
{
    mem_free(outgoing->bytes);
    mem_free(outgoing);
}

void pipe_release(struct pipe *pipe)
{
    if (!pipe || InterlockedDecrement(&pipe->refs))
        return;
    while (pipe->first)
    {
        struct outgoing *next = pipe->first->next;
        free_outgoing(pipe->first);
        pipe->first = next;
    }
    if (pipe->handle)
        CloseHandle(pipe->handle);
    mem_free(pipe->message);
    port_drop(pipe->port);
    mem_free(pipe);
}

HANDLE pipe_handle(struct pipe *pipe)
{
    return pipe->handle;
}

/* With the lock held: the other end learns of it now, whoever still has a reference. */
static void end_if_idle(struct pipe *pipe)
{
    if (!pipe->closing || pipe->reading || pipe->writing || !pipe->handle)
        return;
    CloseHandle(pipe->handle);
    pipe->handle = NULL;
}

/* With the lock held. */
static void close_now(struct pipe *pipe)
{
    if (pipe->closing)
        return;
    /* Whoever counts what is alive waits for the end of it. */
    pool_expect();
    pipe->closing = true;
    CancelIoEx(pipe->handle, NULL);
    end_if_idle(pipe);
}

/* With the lock held: whether it has just come to its end. Then the caller says pool_expected, when
   it has dropped what it holds. */
static bool take_end(struct pipe *pipe)
{
    bool just = pipe->closing && !pipe->handle && !pipe->over;
    pipe->over |= just;
    return just;
}

static void expected_if(bool over)
{
    if (over)
        pool_expected();
}

void pipe_close(struct pipe *pipe)
{
    lock_enter(&pipe->lock);
    close_now(pipe);
    bool over = take_end(pipe);
    lock_leave(&pipe->lock);
    expected_if(over);
}

/* ---- Out ---- */

/* With the lock held: the piece that was on its way has gone. */
static void advance(struct pipe *pipe, DWORD bytes)
{
    struct outgoing *outgoing = pipe->first;
    outgoing->sent += bytes;
    pipe->queued -= bytes;
    if (outgoing->sent < outgoing->size)
        return;
    pipe->first = outgoing->next;
    if (!pipe->first)
        pipe->last = NULL;
    free_outgoing(outgoing);
}

/* With the lock held, on behalf of the reference that `writing` holds. False: that reference is the
   caller's to drop, without the lock. */
static bool write_on(struct pipe *pipe)
{
    while (pipe->first && !pipe->closing)
    {
        const struct outgoing *outgoing = pipe->first;
        size_t left = outgoing->size - outgoing->sent;
        DWORD size = left < PIECE_SIZE ? (DWORD)left : PIECE_SIZE;
        DWORD bytes = 0;
        memset(&pipe->write.overlapped, 0, sizeof(pipe->write.overlapped));
        if (WriteFile(pipe->handle, outgoing->bytes + outgoing->sent, size, &bytes,
                &pipe->write.overlapped))
            advance(pipe, bytes);
        else if (GetLastError() == ERROR_IO_PENDING)
            return true;
        else
            close_now(pipe);
    }
    pipe->writing = false;
    if (pipe->finishing)
        close_now(pipe);
    end_if_idle(pipe);
    return false;
}

static void written(struct port_io *io, DWORD error, DWORD bytes)
{
    struct pipe *pipe = CONTAINING_RECORD(io, struct pipe, write);
    lock_enter(&pipe->lock);
    if (error)
        close_now(pipe);
    else
        advance(pipe, bytes);
    bool goes_on = write_on(pipe);
    bool over = take_end(pipe);
    lock_leave(&pipe->lock);
    if (!goes_on)
        pipe_release(pipe);
    expected_if(over);
}

static void put_header(BYTE *bytes, size_t size)
{
    size_t length = size - PIPE_HEADER_SIZE;
    memcpy(bytes, mark, sizeof(mark));
    for (int i = 0; i < 4; i++)
        bytes[sizeof(mark) + i] = (BYTE)(length >> 8 * i);
}

void pipe_send(struct pipe *pipe, BYTE *bytes, size_t size)
{
    struct outgoing *outgoing = mem_alloc(sizeof(*outgoing));
    bool fits = size - PIPE_HEADER_SIZE <= PIPE_MESSAGE_LIMIT;
    if (!outgoing || !fits)
    {
        /* The other end must not wait for what never comes. */
        mem_free(outgoing);
        mem_free(bytes);
        pipe_close(pipe);
        return;
    }
    put_header(bytes, size);
    *outgoing = (struct outgoing){.bytes = bytes, .size = size};
    bool goes_on = true;
    lock_enter(&pipe->lock);
    /* Nobody reads. */
    if (pipe->queued > QUEUE_LIMIT)
        close_now(pipe);
    if (pipe->closing || pipe->finishing)
    {
        free_outgoing(outgoing);
    }
    else
    {
        pipe->queued += size;
        if (pipe->last)
            pipe->last->next = outgoing;
        else
            pipe->first = outgoing;
        pipe->last = outgoing;
        if (!pipe->writing)
        {
            pipe->writing = true;
            pipe_addref(pipe);
            goes_on = write_on(pipe);
        }
    }
    bool over = take_end(pipe);
    lock_leave(&pipe->lock);
    if (!goes_on)
        pipe_release(pipe);
    expected_if(over);
}

void pipe_finish(struct pipe *pipe)
{
    lock_enter(&pipe->lock);
    if (pipe->writing)
        pipe->finishing = true;
    else
        close_now(pipe);
    bool over = take_end(pipe);
    lock_leave(&pipe->lock);
    expected_if(over);
}

/* ---- In ---- */

static uint32_t header_length(const BYTE *header)
{
    const BYTE *bytes = header + sizeof(mark);
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Room for what comes next; as much as has come already, so that promises cost nothing. */
static bool make_room(struct pipe *pipe, size_t wanted)
{
    size_t left = pipe->length - pipe->received;
    size_t needed = pipe->received + (wanted < left ? wanted : left);
    if (needed <= pipe->capacity)
        return true;
    size_t capacity = 2 * pipe->capacity > needed ? 2 * pipe->capacity : needed;
    if (capacity < FIRST_CAPACITY)
        capacity = FIRST_CAPACITY;
    if (capacity > pipe->length)
        capacity = pipe->length;
    BYTE *grown = mem_grow_buffer(pipe->message, pipe->received, &capacity);
    if (!grown)
        return false;
    pipe->message = grown;
    pipe->capacity = capacity;
    return true;
}

static void deliver(struct pipe *pipe)
{
    BYTE *message = pipe->message;
    size_t length = pipe->length;
    pipe->message = NULL;
    pipe->header_size = 0;
    pipe->length = pipe->received = pipe->capacity = 0;
    pipe->handler->received(pipe->context, message, length);
}

/* False: that is no message, or memory is exhausted. */
static bool take_header(struct pipe *pipe, const BYTE **bytes, size_t *size)
{
    while (*size && pipe->header_size < PIPE_HEADER_SIZE)
    {
        pipe->header[pipe->header_size++] = *(*bytes)++;
        --*size;
    }
    if (pipe->header_size < PIPE_HEADER_SIZE)
        return true;
    pipe->length = header_length(pipe->header);
    return memcmp(pipe->header, mark, sizeof(mark)) == 0 && pipe->length <= PIPE_MESSAGE_LIMIT;
}

/* What has come in the scratch buffer: the rest of a message, whole ones, the start of one. */
static bool take(struct pipe *pipe, const BYTE *bytes, size_t size)
{
    while (size)
    {
        if (pipe->header_size < PIPE_HEADER_SIZE && !take_header(pipe, &bytes, &size))
            return false;
        if (pipe->header_size < PIPE_HEADER_SIZE)
            return true;
        size_t left = pipe->length - pipe->received;
        size_t part = size < left ? size : left;
        if (part && !make_room(pipe, part))
            return false;
        if (part)
            memcpy(pipe->message + pipe->received, bytes, part);
        pipe->received += part;
        bytes += part;
        size -= part;
        if (pipe->received == pipe->length)
            deliver(pipe);
    }
    return true;
}

/* The middle of a long message is read to where it belongs. */
static bool reads_in_place(const struct pipe *pipe)
{
    return pipe->header_size == PIPE_HEADER_SIZE && pipe->length - pipe->received >= SCRATCH_SIZE;
}

static bool take_read(struct pipe *pipe, DWORD bytes)
{
    if (!bytes)
        return true;
    if (!reads_in_place(pipe))
        return take(pipe, pipe->scratch, bytes);
    pipe->received += bytes;
    if (pipe->received == pipe->length)
        deliver(pipe);
    return true;
}

/* Begins a read; true when it is over already, with *bytes. */
static bool begin_read(struct pipe *pipe, DWORD *bytes, DWORD *error)
{
    BYTE *target = pipe->scratch;
    DWORD size = SCRATCH_SIZE;
    *error = 0;
    if (reads_in_place(pipe))
    {
        if (!make_room(pipe, PIECE_SIZE))
        {
            *error = ERROR_OUTOFMEMORY;
            return true;
        }
        /* Not beyond the message: what follows belongs to the next. */
        size_t left = pipe->length - pipe->received;
        target = pipe->message + pipe->received;
        size = left < PIECE_SIZE ? (DWORD)left : PIECE_SIZE;
    }
    memset(&pipe->read.overlapped, 0, sizeof(pipe->read.overlapped));
    if (ReadFile(pipe->handle, target, size, bytes, &pipe->read.overlapped))
        return true;
    *error = GetLastError();
    return *error != ERROR_IO_PENDING;
}

static bool is_closing(struct pipe *pipe)
{
    lock_enter(&pipe->lock);
    bool closing = pipe->closing;
    lock_leave(&pipe->lock);
    return closing;
}

static void end_reading(struct pipe *pipe)
{
    lock_enter(&pipe->lock);
    pipe->reading = false;
    close_now(pipe);
    end_if_idle(pipe);
    bool over = take_end(pipe);
    lock_leave(&pipe->lock);
    pipe->handler->closed(pipe->context);
    pipe_release(pipe);
    expected_if(over);
}

/* A read that began just after close_now had cancelled the others would wait for ever. */
static void cancel_late_read(struct pipe *pipe)
{
    lock_enter(&pipe->lock);
    if (pipe->closing && pipe->reading)
        CancelIoEx(pipe->handle, &pipe->read.overlapped);
    lock_leave(&pipe->lock);
}

/* Reads and delivers until a read has to wait, which then holds the caller's reference: where it
   ends, this begins again. */
static void read_on(struct pipe *pipe)
{
    DWORD bytes = 0;
    DWORD error = 0;
    bool waits = false;
    pipe_addref(pipe);
    while (!waits && !error && !is_closing(pipe))
    {
        waits = !begin_read(pipe, &bytes, &error);
        if (!waits && !error && !take_read(pipe, bytes))
            error = ERROR_INVALID_DATA;
    }
    if (!waits)
        end_reading(pipe);
    else
        cancel_late_read(pipe);
    pipe_release(pipe);
}

static void has_read(struct port_io *io, DWORD error, DWORD bytes)
{
    struct pipe *pipe = CONTAINING_RECORD(io, struct pipe, read);
    if (error || !take_read(pipe, bytes))
        end_reading(pipe);
    else
        read_on(pipe);
}

void pipe_start(struct pipe *pipe, const struct pipe_handler *handler, void *context)
{
    pipe->handler = handler;
    pipe->context = context;
    lock_enter(&pipe->lock);
    pipe->reading = true;
    lock_leave(&pipe->lock);
    read_on(pipe_addref(pipe));
}

/* ---- The client's end ---- */

/* GENERIC_WRITE would ask for the right to make instances of the pipe, which is its server's. */
#define CLIENT_ACCESS (GENERIC_READ | FILE_WRITE_DATA | SYNCHRONIZE)

HRESULT pipe_connect(const WCHAR *name, struct pipe **pipe)
{
    struct port *port = NULL;
    HRESULT hr = port_hold(&port);
    if (FAILED(hr))
        return hr;
    HANDLE handle = CreateFileW(name, CLIENT_ACCESS, 0, NULL, OPEN_EXISTING,
        FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, NULL);
    if (handle == INVALID_HANDLE_VALUE)
    {
        DWORD error = GetLastError();
        hr = HRESULT_FROM_WIN32(error);
    }
    else
    {
        hr = port_bind(port, handle);
        if (SUCCEEDED(hr))
        {
            *pipe = pipe_create(port, handle);
            if (*pipe)
                return S_OK;
            hr = E_OUTOFMEMORY;
        }
        CloseHandle(handle);
    }
    port_drop(port);
    return hr;
}

void pipe_wait(const WCHAR *name, DWORD timeout_ms)
{
    WaitNamedPipeW(name, timeout_ms ? timeout_ms : 1);
}
