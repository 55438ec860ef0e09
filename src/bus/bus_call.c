/* SPDX-License-Identifier: MIT
 *
 * Requests under way and their answers. See bus_call.h.
 */
#include "bus/bus_call.h"

#include <vss.h>

#include "base/mem.h"
#include "bus/bus_fault.h"
#include "diag/log.h"
#include "os/clock.h"
#include "os/lock.h"

struct bus_gathering
{
    LONG refs;       /* the gathering thread and each call */
    DWORD thread;    /* the gathering one; set before its calls start */
    HANDLE answered; /* auto-reset: the list below has grown, on another thread */
    HANDLE news;     /* auto-reset: a transport has something to do on the gathering thread */
    struct lock lock;
    /* guarded by lock */
    struct bus_call *first;
    struct bus_call *last;
};

HRESULT bus_gathering_create(struct bus_gathering **gathering)
{
    struct bus_gathering *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    made->refs = 1;
    lock_init(&made->lock, LOCK_RANK_SESSION);
    made->answered = CreateEventW(NULL, FALSE, FALSE, NULL);
    made->news = made->answered ? CreateEventW(NULL, FALSE, FALSE, NULL) : NULL;
    if (!made->news)
    {
        HRESULT hr = HRESULT_FROM_WIN32(GetLastError());
        if (made->answered)
            CloseHandle(made->answered);
        mem_free(made);
        return log_error(hr, "An event for the writers' answers cannot be created.");
    }
    *gathering = made;
    return S_OK;
}

void bus_gathering_release(struct bus_gathering *gathering)
{
    if (!gathering || InterlockedDecrement(&gathering->refs))
        return;
    CloseHandle(gathering->answered);
    CloseHandle(gathering->news);
    mem_free(gathering);
}

void bus_gathering_begin(struct bus_gathering *gathering)
{
    gathering->thread = GetCurrentThreadId();
}

bool bus_gathering_is_idle(const struct bus_gathering *gathering)
{
    return gathering->refs == 1;
}

struct bus_call *bus_call_create(struct bus_gathering *gathering, struct bus_endpoint *endpoint,
    const struct bus_request *request, struct async_op *op)
{
    struct bus_call *call = mem_alloc(sizeof(*call));
    if (!call)
        return NULL;
    call->refs = 1;
    call->gathering = gathering;
    InterlockedIncrement(&gathering->refs);
    call->endpoint = bus_endpoint_addref(endpoint);
    call->request = *request;
    call->op = op;
    if (op)
        async_op_addref(op);
    return call;
}

void bus_call_addref(struct bus_call *call)
{
    InterlockedIncrement(&call->refs);
}

void bus_call_release(void *released)
{
    struct bus_call *call = released;
    if (!call || InterlockedDecrement(&call->refs))
        return;
    call->endpoint->ops->forget(call->endpoint, call);
    bus_payload_release(call->request.payload);
    writer_components_release(call->request.components);
    bus_reply_clear(&call->reply);
    bus_endpoint_release(call->endpoint);
    if (call->op)
        async_op_release(call->op);
    bus_gathering_release(call->gathering);
    mem_free(call);
}

HRESULT bus_call_start(struct bus_call *call)
{
    return call->endpoint->ops->start(call->endpoint, call);
}

bool bus_call_own_components(struct bus_call *call)
{
    struct writer_components *shared = call->request.components;
    struct writer_components *own = shared ? writer_components_clone(shared) : NULL;
    if (shared && !own)
        return false;
    call->request.components = own;
    writer_components_release(shared);
    return true;
}

void bus_call_complete(struct bus_call *call, struct bus_reply *reply)
{
    struct bus_gathering *gathering = call->gathering;
    lock_enter(&gathering->lock);
    bool wanted = !call->detached;
    if (wanted)
    {
        call->reply = *reply;
        *reply = (struct bus_reply){0};
        if (gathering->last)
            gathering->last->next_answered = call;
        else
            gathering->first = call;
        gathering->last = call;
    }
    lock_leave(&gathering->lock);
    if (!wanted)
        bus_reply_clear(reply);
    else if (gathering->thread != GetCurrentThreadId())
        SetEvent(gathering->answered);
}

struct bus_call *bus_gathering_take(struct bus_gathering *gathering)
{
    lock_enter(&gathering->lock);
    struct bus_call *call = gathering->first;
    if (call)
    {
        gathering->first = call->next_answered;
        if (!gathering->first)
            gathering->last = NULL;
        call->next_answered = NULL;
    }
    lock_leave(&gathering->lock);
    return call;
}

void bus_gathering_wait(struct bus_gathering *gathering, HANDLE cancel, uint64_t deadline_ms)
{
    HANDLE handles[] = {gathering->answered, gathering->news, cancel};
    WaitForMultipleObjects(cancel ? 3 : 2, handles, FALSE, clock_remaining(deadline_ms));
}

HANDLE bus_call_news(const struct bus_call *call)
{
    return call->gathering->news;
}

bool bus_call_is_wanted(struct bus_call *call)
{
    lock_enter(&call->gathering->lock);
    bool wanted = !call->detached;
    lock_leave(&call->gathering->lock);
    return wanted;
}

void bus_call_expect_nothing(struct bus_call *call)
{
    lock_enter(&call->gathering->lock);
    call->detached = true;
    lock_leave(&call->gathering->lock);
}

bool bus_call_detach(struct bus_call *call, HRESULT failure)
{
    struct bus_gathering *gathering = call->gathering;
    lock_enter(&gathering->lock);
    bool pending = true;
    for (struct bus_call *answered = gathering->first; answered; answered = answered->next_answered)
        pending &= answered != call;
    if (pending)
        call->detached = true;
    lock_leave(&gathering->lock);
    if (pending)
        call->endpoint->ops->detach(call->endpoint, call, failure);
    return pending;
}

/* ---- Faults ---- */

bool bus_call_has_faults(void)
{
    return fault_watches(FAULT_WRITER_EVENT) || fault_watches(FAULT_WRITER_LOST);
}

HRESULT bus_call_fault(const struct bus_call *call)
{
    enum vss_event event = call->request.payload->event;
    HRESULT hr = bus_fault_at_event(FAULT_WRITER_EVENT, event, call->endpoint->traits);
    if (FAILED(hr))
        return hr;
    hr = bus_fault_at_event(FAULT_WRITER_LOST, event, call->endpoint->traits);
    return SUCCEEDED(hr) || hr == E_OUTOFMEMORY ? hr : VSS_E_WRITER_NOT_RESPONDING;
}
