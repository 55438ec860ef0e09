/* SPDX-License-Identifier: MIT
 *
 * One end of a connection: messages in, messages out. See pipe.h; servers are in pipe_listener.c.
 *
 * Whoever is told that a read is over begins the next, so that there is one reader at a time.
 * Writing begins on the sender's thread and goes on where the previous piece was finished. Each
 * holds a reference while it is under way. A server's transfers end on the port's thread; a
 * client's where it is driven.
 */
#include "os/pipe.h"

#include <string.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/lock.h"
#include "os/pipe_inbox.h"
#include "os/pipe_internal.h"
#include "os/pool.h"
#include "os/port.h"

/* The system copies a piece at once; bigger ones only make it slower. */
#define PIECE_SIZE (1u << 20)
/* What may wait for a reader before the next message. */
#define QUEUE_LIMIT (2u * PIPE_MESSAGE_LIMIT)

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
    struct port *port; /* NULL: a client's end */
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
    bool write_waits; /* a client's: for its end, which `news` tells */
    HANDLE news;      /* a client's; NULL while nobody attends to it */
    /* the reader's */
    struct port_io read;
    bool read_waits; /* a client's, like write_waits */
    bool told;       /* a client's handler, since it was last driven */
    bool began;      /* a client's transfer, likewise */
    struct pipe_inbox inbox;
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
    pipe_inbox_free(&pipe->inbox);
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

static void begin_transfer(struct pipe *pipe, struct port_io *io)
{
    memset(&io->overlapped, 0, sizeof(io->overlapped));
    io->overlapped.hEvent = pipe->news;
    if (pipe->news)
        pipe->began = true;
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
        begin_transfer(pipe, &pipe->write);
        if (WriteFile(pipe->handle, outgoing->bytes + outgoing->sent, size, &bytes,
                &pipe->write.overlapped))
            advance(pipe, bytes);
        else if (GetLastError() == ERROR_IO_PENDING)
            return pipe->write_waits = true;
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
    pipe->write_waits = false;
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
    pipe_put_header(bytes, size);
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

/* Begins a read; true when it is over already, with *bytes. */
static bool begin_read(struct pipe *pipe, DWORD *bytes, DWORD *error)
{
    BYTE *target = NULL;
    DWORD size = 0;
    *error = 0;
    if (!pipe_inbox_room(&pipe->inbox, &target, &size))
    {
        *error = ERROR_OUTOFMEMORY;
        return true;
    }
    begin_transfer(pipe, &pipe->read);
    if (ReadFile(pipe->handle, target, size, bytes, &pipe->read.overlapped))
        return true;
    *error = GetLastError();
    return *error != ERROR_IO_PENDING;
}

static bool take_read(struct pipe *pipe, DWORD bytes)
{
    return pipe_inbox_take(&pipe->inbox, bytes, pipe->handler, pipe->context);
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
    pipe->told = true;
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
    pipe_addref(pipe);
    if (pipe->port)
        read_on(pipe);
}

/* ---- The client's end ---- */

/* GENERIC_WRITE would ask for the right to make instances of the pipe, which is its server's. */
#define CLIENT_ACCESS (GENERIC_READ | FILE_WRITE_DATA | SYNCHRONIZE)

HRESULT pipe_connect(const WCHAR *name, struct pipe **pipe)
{
    HANDLE handle = CreateFileW(name, CLIENT_ACCESS, 0, NULL, OPEN_EXISTING,
        FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, NULL);
    if (handle == INVALID_HANDLE_VALUE)
    {
        DWORD error = GetLastError();
        return HRESULT_FROM_WIN32(error);
    }
    *pipe = pipe_create(NULL, handle);
    if (*pipe)
        return S_OK;
    CloseHandle(handle);
    return E_OUTOFMEMORY;
}

void pipe_wait(const WCHAR *name, DWORD timeout_ms)
{
    WaitNamedPipeW(name, timeout_ms ? timeout_ms : 1);
}

void pipe_attend(struct pipe *pipe, HANDLE news)
{
    lock_enter(&pipe->lock);
    pipe->news = news;
    lock_leave(&pipe->lock);
}

/* A transfer that waited: whether it is over now. */
static bool is_over(struct pipe *pipe, struct port_io *io, DWORD *bytes, DWORD *error)
{
    *error = 0;
    if (GetOverlappedResult(pipe->handle, &io->overlapped, bytes, FALSE))
        return true;
    *error = GetLastError();
    return *error != ERROR_IO_INCOMPLETE;
}

/* What came of a read. */
static void take_or_end(struct pipe *pipe, DWORD bytes, DWORD error)
{
    size_t delivered = pipe->inbox.delivered;
    if (error || !take_read(pipe, bytes))
        end_reading(pipe);
    pipe->told |= pipe->inbox.delivered != delivered;
}

/* Until a read has to wait or the handler was told something. */
static void drive_reading(struct pipe *pipe)
{
    DWORD bytes = 0;
    DWORD error = 0;
    while (!pipe->told && pipe->reading)
    {
        if (!pipe->read_waits && is_closing(pipe))
        {
            end_reading(pipe);
            break;
        }
        bool over = pipe->read_waits ? is_over(pipe, &pipe->read, &bytes, &error)
                                     : begin_read(pipe, &bytes, &error);
        pipe->read_waits = !over;
        if (!over)
            break;
        take_or_end(pipe, bytes, error);
    }
}

static void drive_writing(struct pipe *pipe)
{
    DWORD bytes = 0;
    DWORD error = 0;
    if (pipe->write_waits && is_over(pipe, &pipe->write, &bytes, &error))
        written(&pipe->write, error, bytes);
}

unsigned pipe_drive(struct pipe *pipe)
{
    pipe_addref(pipe);
    pipe->told = pipe->began = false;
    drive_writing(pipe);
    drive_reading(pipe);
    unsigned came = (pipe->told ? PIPE_TOLD : 0) | (pipe->began ? PIPE_BEGAN : 0);
    pipe_release(pipe);
    return came;
}

/* What comes to the end of a read that was cancelled stays in the pipe. */
static void stop_reading(struct pipe *pipe)
{
    DWORD bytes = 0;
    DWORD error = 0;
    if (!pipe->read_waits)
        return;
    CancelIoEx(pipe->handle, &pipe->read.overlapped);
    while (!is_over(pipe, &pipe->read, &bytes, &error))
        WaitForSingleObject(pipe->news, INFINITE);
    pipe->read_waits = false;
    if (error != ERROR_OPERATION_ABORTED)
        take_or_end(pipe, bytes, error);
}

void pipe_rest(struct pipe *pipe, uint64_t deadline_ms)
{
    pipe_addref(pipe);
    stop_reading(pipe);
    while (pipe->write_waits)
    {
        drive_writing(pipe);
        DWORD left = is_closing(pipe) ? INFINITE : clock_remaining(deadline_ms);
        if (pipe->write_waits && WaitForSingleObject(pipe->news, left) == WAIT_TIMEOUT)
            pipe_close(pipe);
    }
    if (pipe->reading && is_closing(pipe))
        end_reading(pipe);
    pipe_attend(pipe, NULL);
    pipe_release(pipe);
}
