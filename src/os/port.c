/* SPDX-License-Identifier: MIT
 *
 * The completion port and its thread. See port.h.
 */
#include "os/port.h"

#include "base/mem.h"
#include "os/lock.h"
#include "os/module.h"
#include "os/pool.h"

/* Bound handles use key 0. */
#define KEY_QUIT 1

struct port
{
    HANDLE completions;
    size_t holders; /* guarded by current_lock */
};

static struct lock current_lock = LOCK_INIT(LOCK_RANK_PIPE);
static struct port *current; /* guarded by current_lock */

static DWORD WINAPI serve(void *context)
{
    struct port *port = context;
    for (;;)
    {
        DWORD bytes = 0;
        ULONG_PTR key = 0;
        OVERLAPPED *overlapped = NULL;
        BOOL done =
            GetQueuedCompletionStatus(port->completions, &bytes, &key, &overlapped, INFINITE);
        DWORD error = done ? 0 : GetLastError();
        if (key == KEY_QUIT)
            break;
        if (!overlapped)
            continue;
        struct port_io *io = CONTAINING_RECORD(overlapped, struct port_io, overlapped);
        io->done(io, error, bytes);
    }
    CloseHandle(port->completions);
    mem_free(port);
    mem_drop_buffers(); /* those of messages */
    pool_expected();
    /* The reference that `start` took. */
    FreeLibraryAndExitThread(module_instance, 0);
    return 0;
}

static HRESULT last_error(void)
{
    DWORD error = GetLastError();
    return HRESULT_FROM_WIN32(error);
}

static HRESULT start(struct port **port)
{
    struct port *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    made->completions = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    HRESULT hr = made->completions ? S_OK : last_error();
    if (SUCCEEDED(hr) && !module_pin())
        hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
    {
        HANDLE thread = CreateThread(NULL, 0, serve, made, 0, NULL);
        if (thread)
        {
            CloseHandle(thread);
            *port = made;
            return S_OK;
        }
        hr = last_error();
        module_unpin();
    }
    if (made->completions)
        CloseHandle(made->completions);
    mem_free(made);
    return hr;
}

HRESULT port_hold(struct port **port)
{
    HRESULT hr = S_OK;
    lock_enter(&current_lock);
    if (!current)
        hr = start(&current);
    if (SUCCEEDED(hr))
    {
        current->holders++;
        *port = current;
    }
    lock_leave(&current_lock);
    return hr;
}

void port_drop(struct port *port)
{
    if (!port)
        return;
    lock_enter(&current_lock);
    bool last = --port->holders == 0;
    if (last && port == current)
        current = NULL;
    lock_leave(&current_lock);
    if (!last)
        return;
    /* Whoever counts what is alive waits for the thread's end. */
    pool_expect();
    if (!PostQueuedCompletionStatus(port->completions, 0, KEY_QUIT, NULL))
        pool_expected(); /* it stays until the process ends */
}

HRESULT port_bind(struct port *port, HANDLE handle)
{
    if (!CreateIoCompletionPort(handle, port->completions, 0, 0) ||
        !SetFileCompletionNotificationModes(
            handle, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE))
        return last_error();
    return S_OK;
}

bool port_post(struct port *port, struct port_io *io)
{
    return PostQueuedCompletionStatus(port->completions, 0, 0, &io->overlapped);
}
