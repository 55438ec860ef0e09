/* SPDX-License-Identifier: MIT
 *
 * The completion port and its threads. See port.h.
 *
 * One thread leads: it waits at the port and calls the callbacks. Work that a callback leaves to it
 * runs on it as well, because waking another thread costs more than all that a light event does. A
 * second thread, which is there from the first work on, looks every few milliseconds while there is
 * any, and leads when the work takes long. Until the first is done with it all further work goes to
 * the pool; then it stands by for the second. Both live as long as the port, because under Wine a
 * transfer wants the thread that began it.
 */
#include "os/port.h"

#include "base/mem.h"
#include "os/apartment.h"
#include "os/lock.h"
#include "os/module.h"

/* Bound handles use key 0. */
#define KEY_QUIT 1
/* From look to look; nobody serves the port for two of them at most. Longer than a handler that
   does little. */
#define WATCH_MS 5
/* So many looks that see no work, and none follows until there is some. */
#define QUIET_LOOKS 40

struct work
{
    pool_function function; /* NULL: none */
    void *context;
};

struct port
{
    HANDLE completions;
    void *apartment;
    size_t holders; /* guarded by current_lock */
    struct lock lock;
    CONDITION_VARIABLE wake; /* the thread that stands by */
    /* guarded by lock */
    size_t threads;
    DWORD leader;
    DWORD other;      /* 0: none yet */
    bool ended;       /* no completion follows */
    struct work work; /* for when the leader's callback has returned */
    bool working;     /* the leader, on such work */
    bool slow;        /* the other, on what it began as the leader */
    bool watching;    /* who stands by looks now and then */
    bool seen;        /* the leader, at such work, at the last look */
    unsigned quiet;   /* looks that saw none */
};

static struct lock current_lock = LOCK_INIT(LOCK_RANK_PIPE);
static struct port *current; /* guarded by current_lock */

static HRESULT last_error(void)
{
    DWORD error = GetLastError();
    return HRESULT_FROM_WIN32(error);
}

static void destroy(struct port *port)
{
    if (port->completions)
        CloseHandle(port->completions);
    apartment_drop(port->apartment);
    mem_free(port);
    mem_drop_buffers(); /* those of messages */
}

/* ---- The thread that leads ---- */

/* Runs what the callback has left. False: the other thread leads now. */
static bool work_off(struct port *port)
{
    lock_enter(&port->lock);
    struct work work = port->work;
    port->work = (struct work){0};
    port->working = work.function != NULL;
    if (port->working && !port->watching)
    {
        port->watching = true;
        port->seen = true;
        port->quiet = 0;
        WakeConditionVariable(&port->wake);
    }
    lock_leave(&port->lock);
    if (!work.function)
        return true;
    apartment_call(port->apartment, work.function, work.context);
    lock_enter(&port->lock);
    bool leads = port->leader == GetCurrentThreadId();
    if (leads)
        port->working = false;
    else
        port->slow = false;
    lock_leave(&port->lock);
    pool_expected();
    return leads;
}

static void end(struct port *port)
{
    lock_enter(&port->lock);
    port->ended = true;
    WakeConditionVariable(&port->wake);
    lock_leave(&port->lock);
}

static void lead(struct port *port)
{
    bool leads = true;
    while (leads)
    {
        DWORD bytes = 0;
        ULONG_PTR key = 0;
        OVERLAPPED *overlapped = NULL;
        BOOL done =
            GetQueuedCompletionStatus(port->completions, &bytes, &key, &overlapped, INFINITE);
        DWORD error = done ? 0 : GetLastError();
        if (key == KEY_QUIT)
        {
            end(port);
            break;
        }
        if (!overlapped)
            continue;
        struct port_io *io = CONTAINING_RECORD(overlapped, struct port_io, overlapped);
        io->done(io, error, bytes);
        leads = work_off(port);
    }
}

/* ---- The thread that stands by ---- */

/* With the lock held. A leader that is at work twice has too much of it, one long or many short. */
static void look(struct port *port)
{
    bool too_much = port->working && port->seen;
    if (too_much)
    {
        port->other = port->leader;
        port->leader = GetCurrentThreadId();
        port->working = false;
        port->slow = true;
    }
    port->seen = port->working;
    port->quiet = too_much || port->working ? 0 : port->quiet + 1;
    port->watching = port->quiet < QUIET_LOOKS;
}

/* Until this thread leads; false: the port has ended. */
static bool stand_by(struct port *port)
{
    lock_enter(&port->lock);
    while (!port->ended && port->leader != GetCurrentThreadId())
        if (!lock_wait(&port->lock, &port->wake, port->watching ? WATCH_MS : INFINITE))
            look(port);
    bool leads = !port->ended;
    lock_leave(&port->lock);
    return leads;
}

static DWORD WINAPI serve(void *context)
{
    struct port *port = context;
    while (stand_by(port))
        lead(port);
    lock_enter(&port->lock);
    bool last = --port->threads == 0;
    lock_leave(&port->lock);
    if (last)
    {
        destroy(port);
        pool_expected(); /* what port_drop expects */
    }
    /* The reference that add_thread took. */
    FreeLibraryAndExitThread(module_instance, 0);
    return 0;
}

/* With the lock held, which the thread takes before it looks at `id`. */
static HRESULT add_thread(struct port *port, DWORD *id)
{
    if (!module_pin())
        return E_OUTOFMEMORY;
    HANDLE thread = CreateThread(NULL, 0, serve, port, 0, id);
    if (!thread)
    {
        HRESULT hr = last_error();
        module_unpin();
        return hr;
    }
    CloseHandle(thread);
    port->threads++;
    return S_OK;
}

/* ---- The port ---- */

static HRESULT start(struct port **port)
{
    struct port *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    lock_init(&made->lock, LOCK_RANK_PORT);
    InitializeConditionVariable(&made->wake);
    made->apartment = apartment_hold();
    /* Two: Windows counts the thread with slow work as one that is busy for the port. */
    made->completions = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 2);
    HRESULT hr = made->completions ? S_OK : last_error();
    if (SUCCEEDED(hr))
    {
        lock_enter(&made->lock);
        hr = add_thread(made, &made->leader);
        lock_leave(&made->lock);
    }
    if (SUCCEEDED(hr))
        *port = made;
    else
        destroy(made);
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
    /* Whoever counts what is alive waits for the threads' end. */
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

HRESULT port_run(struct port *port, pool_function function, void *context)
{
    lock_enter(&port->lock);
    bool here = port->leader == GetCurrentThreadId() && !port->working && !port->work.function &&
        !port->slow && (port->other || SUCCEEDED(add_thread(port, &port->other)));
    if (here)
        port->work = (struct work){function, context};
    lock_leave(&port->lock);
    if (!here)
        return pool_run(function, context);
    pool_expect();
    return S_OK;
}

bool port_is_here(struct port *port)
{
    DWORD self = GetCurrentThreadId();
    lock_enter(&port->lock);
    bool here = port->leader == self || port->other == self;
    lock_leave(&port->lock);
    return here;
}
