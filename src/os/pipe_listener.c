/* SPDX-License-Identifier: MIT
 *
 * The server's end of pipes: instances that wait for clients. See pipe.h.
 *
 * Each instance waits for one client, hands its handle over and makes itself anew. Several wait at
 * a time, so that clients that come together all find one. Once the listener is made, all of it is
 * the port's thread's.
 */
#include <string.h>

#include "base/mem.h"
#include "base/str16.h"
#include "os/pipe_internal.h"
#include "os/pool.h"

#define INSTANCE_COUNT 4
#define BUFFER_SIZE 65536

struct pipe_instance
{
    struct pipe_listener *listener;
    HANDLE handle;
    bool waits;
    struct port_io io;
};

struct pipe_listener
{
    size_t waiting; /* instances that wait for a client */
    bool closing;
    struct port *port;
    WCHAR *name;
    void *security_descriptor;
    const struct pipe_acceptor *acceptor;
    void *context;
    struct port_io start;
    struct port_io close;
    struct pipe_instance instances[INSTANCE_COUNT];
};

static HRESULT last_error(void)
{
    DWORD error = GetLastError();
    return HRESULT_FROM_WIN32(error);
}

static HRESULT make_instance(
    struct pipe_listener *listener, struct pipe_instance *instance, DWORD first)
{
    SECURITY_ATTRIBUTES attributes = {
        .nLength = sizeof(attributes), .lpSecurityDescriptor = listener->security_descriptor};
    HANDLE handle = CreateNamedPipeW(listener->name,
        PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | first,
        PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
        PIPE_UNLIMITED_INSTANCES, BUFFER_SIZE, BUFFER_SIZE, 0, &attributes);
    if (handle == INVALID_HANDLE_VALUE)
        return last_error();
    HRESULT hr = port_bind(listener->port, handle);
    if (FAILED(hr))
        CloseHandle(handle);
    else
        instance->handle = handle;
    return hr;
}

static void destroy(struct pipe_listener *listener)
{
    port_drop(listener->port);
    mem_free(listener->name);
    mem_free(listener);
}

/* Hands the client of this instance over. */
static void hand_over(struct pipe_instance *instance)
{
    struct pipe_listener *listener = instance->listener;
    struct port *port = NULL;
    struct pipe *pipe = NULL;
    if (SUCCEEDED(port_hold(&port)))
        pipe = pipe_create(port, instance->handle);
    if (pipe)
    {
        listener->acceptor->accepted(listener->context, pipe);
    }
    else
    {
        port_drop(port);
        CloseHandle(instance->handle);
    }
    instance->handle = NULL;
}

static void drop_handle(struct pipe_instance *instance)
{
    if (instance->handle)
        CloseHandle(instance->handle);
    instance->handle = NULL;
}

/* Waits for the next client; true when one is there at once. */
static bool begin_wait(struct pipe_instance *instance, DWORD *error)
{
    memset(&instance->io.overlapped, 0, sizeof(instance->io.overlapped));
    *error = 0;
    if (ConnectNamedPipe(instance->handle, &instance->io.overlapped))
        return true;
    *error = GetLastError();
    if (*error == ERROR_PIPE_CONNECTED)
        *error = 0;
    return *error != ERROR_IO_PENDING;
}

static void end_if_done(struct pipe_listener *listener)
{
    if (!listener->closing || listener->waiting)
        return;
    listener->acceptor->ended(listener->context);
    LocalFree(listener->security_descriptor);
    destroy(listener);
    pool_expected();
}

/* Takes clients until one has to be waited for. */
static void accept_on(struct pipe_instance *instance)
{
    struct pipe_listener *listener = instance->listener;
    DWORD error = 0;
    while (!listener->closing)
    {
        if (!instance->handle && FAILED(make_instance(listener, instance, 0)))
            return;
        if (!begin_wait(instance, &error))
        {
            instance->waits = true;
            listener->waiting++;
            return;
        }
        if (!error)
            hand_over(instance);
        else
            drop_handle(instance); /* a client that came and went */
    }
    drop_handle(instance);
}

static void connected(struct port_io *io, DWORD error, DWORD bytes)
{
    struct pipe_instance *instance = CONTAINING_RECORD(io, struct pipe_instance, io);
    struct pipe_listener *listener = instance->listener;
    (void)bytes;
    instance->waits = false;
    listener->waiting--;
    if (error || listener->closing)
        drop_handle(instance);
    else
        hand_over(instance);
    accept_on(instance);
    end_if_done(listener);
}

static void start(struct port_io *io, DWORD error, DWORD bytes)
{
    struct pipe_listener *listener = CONTAINING_RECORD(io, struct pipe_listener, start);
    (void)error;
    (void)bytes;
    for (int i = 0; i < INSTANCE_COUNT; i++)
        accept_on(&listener->instances[i]);
}

static void close_all(struct port_io *io, DWORD error, DWORD bytes)
{
    struct pipe_listener *listener = CONTAINING_RECORD(io, struct pipe_listener, close);
    (void)error;
    (void)bytes;
    listener->closing = true;
    for (int i = 0; i < INSTANCE_COUNT; i++)
    {
        struct pipe_instance *instance = &listener->instances[i];
        if (instance->waits)
            CancelIoEx(instance->handle, &instance->io.overlapped);
        else
            drop_handle(instance);
    }
    end_if_done(listener);
}

static HRESULT make_all(struct pipe_listener *listener)
{
    HRESULT hr = S_OK;
    for (int i = 0; SUCCEEDED(hr) && i < INSTANCE_COUNT; i++)
        hr = make_instance(
            listener, &listener->instances[i], i == 0 ? FILE_FLAG_FIRST_PIPE_INSTANCE : 0);
    return hr;
}

HRESULT pipe_listen(const WCHAR *name, void *security_descriptor,
    const struct pipe_acceptor *acceptor, void *context, struct pipe_listener **listener)
{
    struct pipe_listener *made = mem_alloc(sizeof(*made));
    HRESULT hr = made ? port_hold(&made->port) : E_OUTOFMEMORY;
    if (FAILED(hr))
    {
        mem_free(made);
        return hr;
    }
    made->acceptor = acceptor;
    made->context = context;
    made->security_descriptor = security_descriptor;
    made->start.done = start;
    made->close.done = close_all;
    for (int i = 0; i < INSTANCE_COUNT; i++)
    {
        made->instances[i].listener = made;
        made->instances[i].io.done = connected;
    }
    made->name = str16_dup(name);
    hr = made->name ? make_all(made) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr) && !port_post(made->port, &made->start))
        hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
    {
        *listener = made;
        return S_OK;
    }
    for (int i = 0; i < INSTANCE_COUNT; i++)
        drop_handle(&made->instances[i]);
    destroy(made);
    return hr;
}

void pipe_listener_close(struct pipe_listener *listener)
{
    /* Whoever counts what is alive waits for the end of it. */
    pool_expect();
    if (!port_post(listener->port, &listener->close))
        pool_expected(); /* it stays until the process ends */
}
