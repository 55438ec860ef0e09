/* SPDX-License-Identifier: MIT
 *
 * A writer in another process. See remote.h; the other end is pipe_session.c.
 *
 * The thread that gathers the answers moves the messages itself (pipe.h): an event costs it no
 * other thread. Whatever is pending when the connection ends is answered so.
 */
#include "bus/remote.h"

#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "bus/bus_call.h"
#include "bus/bus_fault.h"
#include "bus/peer.h"
#include "bus/wire.h"
#include "diag/log.h"
#include "os/clock.h"
#include "os/lock.h"
#include "os/pool.h"

/* How long a gathering thread waits for one that sends alone. */
#define ATTEND_TIMEOUT_MS (2 * BUS_REST_TIMEOUT_MS)

struct pending
{
    uint32_t id;
    struct bus_call *call; /* a reference; NULL: nobody waits for the answer */
};

struct remote
{
    struct bus_endpoint endpoint;
    LONG holds; /* the endpoint's, the pipe's */
    /* set once */
    struct pipe *pipe; /* a reference */
    struct lock lock;
    CONDITION_VARIABLE rested;
    /* guarded by lock */
    HANDLE news;              /* of the thread that attends to the pipe; NULL: none does */
    DWORD attendant;          /* that thread */
    struct wire_greeting who; /* never changed once it is `known` */
    bool known;
    bool gone;
    uint32_t last_id;
    struct vec calls; /* struct pending */
    struct vec ready; /* struct bus_call: faults let them through; a reference each */
};

static struct remote *remote_of(struct bus_endpoint *endpoint)
{
    return CONTAINING_RECORD(endpoint, struct remote, endpoint);
}

/* ---- A remote's life ---- */

static void unhold(struct remote *remote)
{
    if (InterlockedDecrement(&remote->holds))
        return;
    vec_free(&remote->calls, NULL);
    vec_free(&remote->ready, NULL);
    wire_greeting_clear(&remote->who);
    pipe_release(remote->pipe);
    mem_free(remote);
}

/* Takes the request with this id out of the list: false when it is not there. *call is NULL when
   nobody waits for its answer. */
static bool take_call(struct remote *remote, uint32_t id, struct bus_call **call)
{
    struct pending *found = NULL;
    lock_enter(&remote->lock);
    for (size_t i = 0; i < remote->calls.count && !found; i++)
    {
        struct pending *pending = remote->calls.items[i];
        if (pending->id == id)
            found = vec_remove(&remote->calls, i);
    }
    lock_leave(&remote->lock);
    *call = found ? found->call : NULL;
    mem_free(found);
    return found != NULL;
}

/* The request did not go out, or is answered without the writer. */
static struct bus_call *withdraw(struct remote *remote, uint32_t id)
{
    struct bus_call *call = NULL;
    take_call(remote, id, &call);
    return call;
}

static void complete(struct bus_call *call, struct bus_reply *reply)
{
    bus_call_complete(call, reply);
    bus_call_release(call);
}

static void complete_with(struct bus_call *call, HRESULT delivery)
{
    struct bus_reply reply = {.delivery = delivery};
    complete(call, &reply);
}

/* ---- Messages ---- */

static void greeted(struct remote *remote, struct pack_reader *reader)
{
    struct wire_greeting who = {0};
    HRESULT hr = wire_read_greeting(reader, &who);
    lock_enter(&remote->lock);
    bool first = SUCCEEDED(hr) && !remote->known;
    if (first)
    {
        remote->who = who;
        remote->known = true;
    }
    lock_leave(&remote->lock);
    if (!first)
    {
        wire_greeting_clear(&who);
        pipe_close(remote->pipe);
    }
}

/* A writer speaks for itself only, and gives back the part that it was given. */
static bool is_about(
    const struct remote *remote, const struct bus_call *call, const struct bus_reply *reply)
{
    const struct writer_traits *traits = &remote->who.traits;
    const struct writer_components *given = call->request.components;
    const struct writer_components *components = reply->components;
    const struct writer_metadata *metadata = reply->metadata;
    if (components &&
        (!given || !guid_equal(&components->instance_id, &given->instance_id) ||
            !guid_equal(&components->writer_id, &given->writer_id)))
        return false;
    return !metadata ||
        (guid_equal(&metadata->instance_id, &traits->instance_id) &&
            guid_equal(&metadata->writer_id, &traits->class_id));
}

static void answered(struct remote *remote, struct pack_reader *reader)
{
    uint32_t id = 0;
    struct bus_reply reply = {0};
    struct bus_call *call = NULL;
    HRESULT hr = wire_read_answer(reader, &id, &reply);
    bool asked = SUCCEEDED(hr) && take_call(remote, id, &call);
    if (asked && !call)
    {
        bus_reply_clear(&reply);
        return;
    }
    if (call && is_about(remote, call, &reply))
    {
        complete(call, &reply);
        return;
    }
    if (call)
        complete_with(call, VSS_E_WRITER_NOT_RESPONDING);
    bus_reply_clear(&reply);
    log_error(hr == E_OUTOFMEMORY ? hr : VSS_E_UNEXPECTED,
        "An answer of %ls cannot be understood; the connection is closed.",
        remote->who.traits.name);
    pipe_close(remote->pipe);
}

static void received(void *context, BYTE *bytes, size_t size)
{
    struct remote *remote = context;
    struct pack_reader reader;
    enum wire_kind kind = wire_open(&reader, bytes, size);
    if (kind == WIRE_GREETING)
        greeted(remote, &reader);
    else if (kind == WIRE_ANSWER && remote->known)
        answered(remote, &reader);
    else
        pipe_close(remote->pipe);
    mem_free(bytes);
}

/* The writer has gone, or the last reference to its endpoint. */
static void closed(void *context)
{
    struct remote *remote = context;
    lock_enter(&remote->lock);
    remote->gone = true;
    struct vec calls = remote->calls;
    remote->calls = (struct vec){0};
    lock_leave(&remote->lock);
    for (size_t i = 0; i < calls.count; i++)
    {
        struct pending *pending = calls.items[i];
        if (pending->call)
            complete_with(pending->call, VSS_E_WRITER_NOT_RESPONDING);
    }
    vec_free(&calls, mem_free);
    unhold(remote);
}

static const struct pipe_handler handler = {.received = received, .closed = closed};

/* ---- Who attends ---- */

/* Waits until nobody else does, `timeout_ms` at most; `news` as for pipe_attend. */
static bool attend(struct remote *remote, HANDLE news, DWORD timeout_ms)
{
    bool in_time = true;
    lock_enter(&remote->lock);
    while (in_time && remote->news && remote->news != news)
        in_time = lock_wait(&remote->lock, &remote->rested, timeout_ms);
    bool free = !remote->news || remote->news == news;
    if (free)
    {
        remote->news = news;
        remote->attendant = GetCurrentThreadId();
    }
    lock_leave(&remote->lock);
    if (free)
        pipe_attend(remote->pipe, news);
    return free;
}

static bool attends(struct remote *remote)
{
    lock_enter(&remote->lock);
    bool attends = remote->news && remote->attendant == GetCurrentThreadId();
    lock_leave(&remote->lock);
    return attends;
}

/* Something whose answer somebody waits for. */
static bool awaits_anything(struct remote *remote)
{
    lock_enter(&remote->lock);
    bool awaits = !remote->known && !remote->gone;
    for (size_t i = 0; i < remote->calls.count && !awaits; i++)
        awaits = ((struct pending *)remote->calls.items[i])->call != NULL;
    lock_leave(&remote->lock);
    return awaits;
}

/* Until what is awaited has come or would have to be waited for. */
static bool drive(struct remote *remote)
{
    unsigned all = 0;
    unsigned came = PIPE_TOLD;
    while ((came & PIPE_TOLD) && awaits_anything(remote))
    {
        came = pipe_drive(remote->pipe);
        all |= came;
    }
    return all & PIPE_BEGAN;
}

/* ---- Requests ---- */

/* From now on the answer is expected; what it will come under. 0: memory is exhausted. */
static uint32_t expect_answer(struct remote *remote, struct bus_call *call)
{
    uint32_t id = 0;
    bool wanted = bus_call_is_wanted(call);
    struct pending *pending = mem_alloc(sizeof(*pending));
    if (!pending)
        return 0;
    lock_enter(&remote->lock);
    *pending = (struct pending){++remote->last_id, wanted ? call : NULL};
    if (vec_push(&remote->calls, pending))
        id = pending->id;
    lock_leave(&remote->lock);
    if (!id)
        mem_free(pending);
    else if (wanted)
        bus_call_addref(call);
    return id;
}

static bool is_gone(struct remote *remote)
{
    lock_enter(&remote->lock);
    bool gone = remote->gone;
    lock_leave(&remote->lock);
    return gone;
}

/* In call->transport_data, guarded by the remote's lock: the id under which the call went out, or
   this when it must not go out any more. */
#define NOT_TO_BE_SENT UINT32_MAX

static uint32_t sent_as(const struct bus_call *call)
{
    return (uint32_t)(uintptr_t)call->transport_data;
}

static enum wire_kind kind_of(const struct bus_call *call)
{
    return call->request.kind == BUS_REQUEST_STATUS ? WIRE_STATUS : WIRE_EVENT;
}

/* False when nobody waits for the call any more: a writer must not be frozen for nobody. */
static bool send_unless_detached(
    struct remote *remote, struct bus_call *call, uint32_t id, BYTE *bytes, size_t size)
{
    HRESULT fate = bus_fault_at_frame(kind_of(call), &remote->who.traits);
    lock_enter(&remote->lock);
    bool wanted = sent_as(call) != NOT_TO_BE_SENT;
    if (wanted)
    {
        call->transport_data = (void *)(uintptr_t)id;
        bus_fault_send(fate, remote->pipe, bytes, size);
    }
    lock_leave(&remote->lock);
    return wanted;
}

/* On the thread that attends. */
static HRESULT send_request(struct remote *remote, struct bus_call *call)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    uint32_t id = expect_answer(remote, call);
    HRESULT hr = id ? wire_request(id, &call->request, &bytes, &size) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr) && !send_unless_detached(remote, call, id, bytes, size))
    {
        mem_free(bytes);
        hr = VSS_E_WRITER_NOT_RESPONDING;
    }
    if (FAILED(hr))
    {
        bus_call_release(withdraw(remote, id));
        return hr;
    }
    /* What goes wrong from here on comes as an answer; a pipe that closed before it was told of the
       call says nothing more. */
    struct bus_call *late = is_gone(remote) ? withdraw(remote, id) : NULL;
    if (late)
        complete_with(late, VSS_E_WRITER_NOT_RESPONDING);
    return S_OK;
}

/* Takes the reference. */
static void send_or_complete(struct remote *remote, struct bus_call *call)
{
    HRESULT hr = send_request(remote, call);
    if (FAILED(hr))
        complete_with(call, hr);
    else
        bus_call_release(call);
}

/* True when there was anything. */
static bool send_ready(struct remote *remote)
{
    for (bool any = false;; any = true)
    {
        lock_enter(&remote->lock);
        struct bus_call *call = remote->ready.count ? vec_remove(&remote->ready, 0) : NULL;
        lock_leave(&remote->lock);
        if (!call)
            return any;
        send_or_complete(remote, call);
    }
}

static bool remote_drive(struct bus_endpoint *endpoint)
{
    struct remote *remote = remote_of(endpoint);
    if (!attends(remote))
        return false;
    bool sent = send_ready(remote);
    return drive(remote) || sent;
}

static void remote_rest(struct bus_endpoint *endpoint, uint64_t deadline_ms)
{
    struct remote *remote = remote_of(endpoint);
    bool rests = !attends(remote);
    while (!rests)
    {
        send_ready(remote);
        pipe_rest(remote->pipe, deadline_ms);
        lock_enter(&remote->lock);
        rests = !remote->ready.count;
        if (rests)
        {
            remote->news = NULL;
            WakeAllConditionVariable(&remote->rested);
        }
        lock_leave(&remote->lock);
    }
}

/* Nobody attends to the pipe, as nobody waits for the answer. */
static void send_alone(struct remote *remote, struct bus_call *call)
{
    HANDLE news = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (!news)
    {
        complete_with(call, E_OUTOFMEMORY);
        return;
    }
    attend(remote, news, INFINITE);
    bus_call_addref(call);
    send_or_complete(remote, call);
    remote_rest(&remote->endpoint, clock_now_ms() + BUS_REST_TIMEOUT_MS);
    CloseHandle(news);
    bus_call_release(call);
}

/* On a pool thread, because faults may take their time. */
static void send_through_faults(void *context)
{
    struct bus_call *call = context;
    struct remote *remote = remote_of(call->endpoint);
    HRESULT hr = bus_call_fault(call);
    if (FAILED(hr))
    {
        complete_with(call, hr);
        return;
    }
    lock_enter(&remote->lock);
    bool attended = remote->news != NULL;
    bool taken = attended && vec_push(&remote->ready, call);
    if (taken)
        SetEvent(remote->news);
    lock_leave(&remote->lock);
    if (taken)
        return;
    if (attended)
        complete_with(call, E_OUTOFMEMORY);
    else
        send_alone(remote, call);
}

static HRESULT remote_start(struct bus_endpoint *endpoint, struct bus_call *call)
{
    if (!attend(remote_of(endpoint), bus_call_news(call), ATTEND_TIMEOUT_MS))
        return VSS_E_WRITER_NOT_RESPONDING;
    if (call->request.kind == BUS_REQUEST_STATUS || !bus_call_has_faults())
        return send_request(remote_of(endpoint), call);
    if (!bus_call_own_components(call))
        return E_OUTOFMEMORY;
    bus_call_addref(call);
    HRESULT hr = pool_run(send_through_faults, call);
    if (FAILED(hr))
        bus_call_release(call);
    return hr;
}

/* The answer may still come, and is not for anybody. */
static struct bus_call *stop_awaiting(struct remote *remote, uint32_t id)
{
    struct bus_call *call = NULL;
    for (size_t i = 0; i < remote->calls.count; i++)
    {
        struct pending *pending = remote->calls.items[i];
        if (pending->id != id)
            continue;
        call = pending->call;
        pending->call = NULL;
    }
    return call;
}

static void remote_detach(struct bus_endpoint *endpoint, struct bus_call *call, HRESULT failure)
{
    struct remote *remote = remote_of(endpoint);
    BYTE *bytes = NULL;
    size_t size = 0;
    HRESULT fate = bus_fault_at_frame(WIRE_ABANDON, &remote->who.traits);
    lock_enter(&remote->lock);
    uint32_t id = sent_as(call);
    struct bus_call *dropped = stop_awaiting(remote, id);
    if (!id)
        call->transport_data = (void *)(uintptr_t)NOT_TO_BE_SENT;
    else if (SUCCEEDED(wire_abandon(&(const struct wire_abandon){id, failure}, &bytes, &size)))
        bus_fault_send(fate, remote->pipe, bytes, size);
    lock_leave(&remote->lock);
    bus_call_release(dropped);
}

static void remote_forget(struct bus_endpoint *endpoint, struct bus_call *call)
{
    (void)endpoint;
    (void)call;
}

static void remote_tell_standing(struct bus_endpoint *endpoint, struct bus_standing *standing)
{
    *standing = remote_of(endpoint)->who.standing;
}

static void remote_destroy(struct bus_endpoint *endpoint)
{
    struct remote *remote = remote_of(endpoint);
    pipe_close(remote->pipe);
    pipe_rest(remote->pipe, 0);
    unhold(remote);
}

static const struct bus_endpoint_ops remote_ops = {
    .start = remote_start,
    .drive = remote_drive,
    .rest = remote_rest,
    .detach = remote_detach,
    .forget = remote_forget,
    .tell_standing = remote_tell_standing,
    .destroy = remote_destroy,
};

HRESULT remote_ask(struct pipe *pipe, HANDLE news, struct bus_endpoint **endpoint)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    HRESULT hr = peer_check_server(pipe_handle(pipe));
    if (FAILED(hr))
    {
        pipe_release(pipe);
        log_warning(hr, "A pipe that calls itself a writer's is not trusted.");
        return S_FALSE;
    }
    struct remote *remote = mem_alloc(sizeof(*remote));
    hr = remote ? wire_hello(&bytes, &size) : E_OUTOFMEMORY;
    if (FAILED(hr))
    {
        mem_free(remote);
        pipe_release(pipe);
        return hr;
    }
    bus_endpoint_init(&remote->endpoint, &remote_ops, &remote->who.traits);
    remote->holds = 2;
    remote->pipe = pipe;
    lock_init(&remote->lock, LOCK_RANK_REGISTRY);
    pipe_start(pipe, &handler, remote);
    attend(remote, news, 0); /* nobody else knows it yet */
    bus_fault_send(bus_fault_at_frame(WIRE_HELLO, &remote->who.traits), pipe, bytes, size);
    *endpoint = &remote->endpoint;
    return S_OK;
}

bool remote_awaits(struct bus_endpoint *endpoint)
{
    return awaits_anything(remote_of(endpoint));
}

bool remote_is_known(struct bus_endpoint *endpoint)
{
    struct remote *remote = remote_of(endpoint);
    lock_enter(&remote->lock);
    bool known = remote->known && !remote->gone;
    lock_leave(&remote->lock);
    return known;
}
