/* SPDX-License-Identifier: MIT
 *
 * Requests to many writers at once. See bus_fanout.h.
 */
#include "bus/bus_fanout.h"

#include <vss.h>

#include "bus/bus_trace.h"
#include "os/clock.h"

HRESULT bus_fanout_init(struct bus_fanout *fanout)
{
    fanout->gathering = InterlockedExchangePointer((void **)fanout->spare, NULL);
    HRESULT hr = fanout->gathering ? S_OK : bus_gathering_create(&fanout->gathering);
    if (SUCCEEDED(hr))
        bus_gathering_begin(fanout->gathering);
    return hr;
}

void bus_fanout_free(struct bus_fanout *fanout)
{
    struct bus_gathering *gathering = fanout->gathering;
    vec_free(&fanout->calls, bus_call_release);
    fanout->gathering = NULL;
    bool kept = gathering && bus_gathering_is_idle(gathering) &&
        !InterlockedCompareExchangePointer((void **)fanout->spare, gathering, NULL);
    if (!kept)
        bus_gathering_release(gathering);
}

HRESULT bus_fanout_add(struct bus_fanout *fanout, struct bus_endpoint *endpoint,
    const struct bus_request *request, DWORD patience_ms, HRESULT overdue, void *tag)
{
    struct bus_call *call = bus_call_create(fanout->gathering, endpoint, request, fanout->op);
    if (!call)
    {
        bus_payload_release(request->payload);
        writer_components_release(request->components);
        return E_OUTOFMEMORY;
    }
    call->patience_ms = patience_ms;
    call->overdue = overdue;
    call->tag = tag;
    if (vec_push(&fanout->calls, call))
        return S_OK;
    bus_call_release(call);
    return E_OUTOFMEMORY;
}

static bool is_cancelled(const struct bus_fanout *fanout)
{
    return fanout->op && async_op_cancelled(fanout->op);
}

static void start_all(struct bus_fanout *fanout)
{
    for (size_t i = 0; i < fanout->calls.count && !is_cancelled(fanout); i++)
    {
        struct bus_call *call = fanout->calls.items[i];
        call->started = true;
        call->pending = call->patience_ms != BUS_NO_PATIENCE;
        if (!call->pending)
            bus_call_expect_nothing(call);
        call->deadline_ms = clock_now_ms() + call->patience_ms;
        bus_trace_sent(call);
        struct bus_reply reply = {.delivery = bus_call_start(call)};
        /* Nobody will hear of what comes of it. */
        if (!call->pending)
            bus_trace_answered(call, reply.delivery);
        /* A request that could not be started is answered like any other, in its turn. */
        if (FAILED(reply.delivery))
            bus_call_complete(call, &reply);
    }
}

static void take_answer(struct bus_fanout *fanout, struct bus_call *call)
{
    call->pending = false;
    bus_trace_answered(call, call->reply.delivery);
    fanout->answered(fanout->context, call);
}

/* The nearest deadline of those that are still awaited; false: none is. */
static bool find_deadline(const struct bus_fanout *fanout, uint64_t *deadline_ms)
{
    bool any = false;
    for (size_t i = 0; i < fanout->calls.count; i++)
    {
        const struct bus_call *call = fanout->calls.items[i];
        if (call->pending && (!any || call->deadline_ms < *deadline_ms))
            *deadline_ms = call->deadline_ms;
        any |= call->pending;
    }
    return any;
}

static void give_up_overdue(struct bus_fanout *fanout)
{
    uint64_t now = clock_now_ms();
    for (size_t i = 0; i < fanout->calls.count; i++)
    {
        struct bus_call *call = fanout->calls.items[i];
        if (!call->pending || now < call->deadline_ms || !bus_call_detach(call, call->overdue))
            continue;
        call->reply.delivery = call->overdue;
        take_answer(fanout, call);
    }
}

/* Moves what can be moved without waiting, of all that is awaited. */
static void drive(const struct bus_fanout *fanout)
{
    bool again = true;
    while (again)
    {
        again = false;
        for (size_t i = 0; i < fanout->calls.count; i++)
        {
            const struct bus_call *call = fanout->calls.items[i];
            if (call->pending && call->endpoint->ops->drive)
                again |= call->endpoint->ops->drive(call->endpoint);
        }
    }
}

/* All of them together get the time of one. */
static void rest(const struct bus_fanout *fanout)
{
    uint64_t deadline_ms = clock_now_ms() + BUS_REST_TIMEOUT_MS;
    for (size_t i = 0; i < fanout->calls.count; i++)
    {
        const struct bus_call *call = fanout->calls.items[i];
        if (call->started && call->endpoint->ops->rest)
            call->endpoint->ops->rest(call->endpoint, deadline_ms);
    }
}

static HRESULT stop(struct bus_fanout *fanout)
{
    /* Answers that came before still count. */
    drive(fanout);
    for (size_t i = 0; i < fanout->calls.count; i++)
    {
        struct bus_call *call = fanout->calls.items[i];
        if (call->pending && bus_call_detach(call, S_OK))
            bus_trace_answered(call, VSS_S_ASYNC_CANCELLED);
    }
    struct bus_call *call;
    while ((call = bus_gathering_take(fanout->gathering)) != NULL)
        take_answer(fanout, call);
    return VSS_S_ASYNC_CANCELLED;
}

static HRESULT gather(struct bus_fanout *fanout)
{
    HANDLE cancel = fanout->op ? async_op_cancel_event(fanout->op) : NULL;
    uint64_t deadline_ms = 0;
    while (!is_cancelled(fanout))
    {
        if (!find_deadline(fanout, &deadline_ms))
            return S_OK;
        drive(fanout);
        struct bus_call *call = bus_gathering_take(fanout->gathering);
        if (call)
            take_answer(fanout, call);
        else if (clock_remaining(deadline_ms))
            bus_gathering_wait(fanout->gathering, cancel, deadline_ms);
        else
            give_up_overdue(fanout);
    }
    return stop(fanout);
}

HRESULT bus_fanout_run(struct bus_fanout *fanout)
{
    start_all(fanout);
    HRESULT hr = gather(fanout);
    rest(fanout);
    return hr;
}
