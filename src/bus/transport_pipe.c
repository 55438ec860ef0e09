/* SPDX-License-Identifier: MIT
 *
 * The transport to writers in other processes: one connection a writer and session. See
 * transport.h; the other end is pipe_session.c.
 *
 * Requests go out on the raising thread and answers come in on the port's, which reads them: they
 * are few at a time. Whatever is pending when the connection ends is answered so.
 */
#include <stdlib.h>
#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "bus/bus_call.h"
#include "bus/endpoint_name.h"
#include "bus/peer.h"
#include "bus/pipe_server.h"
#include "bus/wire.h"
#include "diag/log.h"
#include "os/clock.h"
#include "os/lock.h"
#include "os/pipe.h"
#include "os/pool.h"

/* No handler runs for a greeting: a process that takes longer is stopped or overwhelmed. */
#define GREETING_TIMEOUT_MS 5000u
/* One turn of waiting for one pipe whose server is busy with others. */
#define BUSY_WAIT_MS 50u

/* Those that are being greeted by one look. */
struct greetings
{
    LONG refs; /* the look's, each remote's until its greeting */
    LONG awaited;
    HANDLE done; /* manual-reset: none is awaited any more */
};

struct pending
{
    uint32_t id;
    struct bus_call *call; /* a reference */
};

struct remote
{
    struct bus_endpoint endpoint;
    LONG holds; /* the endpoint's, the pipe's */
    /* set once */
    struct pipe *pipe; /* a reference */
    struct lock lock;
    /* guarded by lock */
    struct greetings *greetings; /* NULL once the answer has come, or nobody waits; a reference */
    struct wire_greeting who;    /* never changed once it is `known` */
    bool known;
    bool gone;
    uint32_t last_id;
    struct vec calls; /* struct pending */
};

static struct remote *remote_of(struct bus_endpoint *endpoint)
{
    return CONTAINING_RECORD(endpoint, struct remote, endpoint);
}

/* ---- Greetings ---- */

static void greetings_release(struct greetings *greetings)
{
    if (!greetings || InterlockedDecrement(&greetings->refs))
        return;
    CloseHandle(greetings->done);
    mem_free(greetings);
}

static struct greetings *greetings_create(void)
{
    struct greetings *greetings = mem_alloc(sizeof(*greetings));
    if (!greetings)
        return NULL;
    greetings->refs = 1;
    greetings->awaited = 1; /* the look itself, until all are asked */
    greetings->done = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (!greetings->done)
    {
        mem_free(greetings);
        return NULL;
    }
    return greetings;
}

static void greetings_answered(struct greetings *greetings)
{
    if (InterlockedDecrement(&greetings->awaited) == 0)
        SetEvent(greetings->done);
}

/* The remote has been heard of, or given up. */
static void stop_awaiting(struct remote *remote, struct greetings *greetings)
{
    (void)remote;
    if (!greetings)
        return;
    greetings_answered(greetings);
    greetings_release(greetings);
}

/* ---- A remote's life ---- */

static void unhold(struct remote *remote)
{
    if (InterlockedDecrement(&remote->holds))
        return;
    vec_free(&remote->calls, NULL);
    wire_greeting_clear(&remote->who);
    pipe_release(remote->pipe);
    mem_free(remote);
}

/* The call with this id, out of the list; NULL when it is not there. */
static struct bus_call *take_call(struct remote *remote, uint32_t id)
{
    struct bus_call *call = NULL;
    struct pending *found = NULL;
    lock_enter(&remote->lock);
    for (size_t i = 0; i < remote->calls.count && !found; i++)
    {
        struct pending *pending = remote->calls.items[i];
        if (pending->id == id)
            found = vec_remove(&remote->calls, i);
    }
    lock_leave(&remote->lock);
    if (found)
        call = found->call;
    mem_free(found);
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
    bool first = SUCCEEDED(hr) && remote->greetings;
    struct greetings *greetings = first ? remote->greetings : NULL;
    if (first)
    {
        remote->who = who;
        remote->known = true;
        remote->greetings = NULL;
    }
    lock_leave(&remote->lock);
    if (!first)
    {
        wire_greeting_clear(&who);
        pipe_close(remote->pipe);
    }
    stop_awaiting(remote, greetings);
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
    HRESULT hr = wire_read_answer(reader, &id, &reply);
    struct bus_call *call = SUCCEEDED(hr) ? take_call(remote, id) : NULL;
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
    struct greetings *greetings = remote->greetings;
    remote->greetings = NULL;
    lock_leave(&remote->lock);
    for (size_t i = 0; i < calls.count; i++)
        complete_with(((struct pending *)calls.items[i])->call, VSS_E_WRITER_NOT_RESPONDING);
    vec_free(&calls, mem_free);
    stop_awaiting(remote, greetings);
    unhold(remote);
}

static const struct pipe_handler handler = {.received = received, .closed = closed};

/* ---- Requests ---- */

/* From now on the answer is awaited; what it is awaited under. 0: memory is exhausted. */
static uint32_t expect_answer(struct remote *remote, struct bus_call *call)
{
    uint32_t id = 0;
    struct pending *pending = mem_alloc(sizeof(*pending));
    if (!pending)
        return 0;
    lock_enter(&remote->lock);
    *pending = (struct pending){++remote->last_id, call};
    if (vec_push(&remote->calls, pending))
        id = pending->id;
    lock_leave(&remote->lock);
    if (id)
        bus_call_addref(call);
    else
        mem_free(pending);
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

/* False when nobody waits for the call any more: a writer must not be frozen for nobody. */
static bool send_unless_detached(
    struct remote *remote, struct bus_call *call, uint32_t id, BYTE *bytes, size_t size)
{
    lock_enter(&remote->lock);
    bool wanted = sent_as(call) != NOT_TO_BE_SENT;
    if (wanted)
    {
        call->transport_data = (void *)(uintptr_t)id;
        pipe_send(remote->pipe, bytes, size);
    }
    lock_leave(&remote->lock);
    return wanted;
}

static HRESULT send_request(struct remote *remote, struct bus_call *call)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    uint32_t id = expect_answer(remote, call);
    HRESULT hr = id ? wire_request(id, &call->request, &bytes, &size) : E_OUTOFMEMORY;
    if (FAILED(hr))
    {
        bus_call_release(take_call(remote, id));
        return hr;
    }
    if (!send_unless_detached(remote, call, id, bytes, size))
    {
        mem_free(bytes);
        bus_call_release(take_call(remote, id));
        return VSS_E_WRITER_NOT_RESPONDING;
    }
    /* What goes wrong from here on comes as an answer; a pipe that closed before it was told of the
       call says nothing more. */
    struct bus_call *late = is_gone(remote) ? take_call(remote, id) : NULL;
    if (late)
        complete_with(late, VSS_E_WRITER_NOT_RESPONDING);
    return S_OK;
}

/* On a pool thread, because faults may take their time. */
static void send_through_faults(void *context)
{
    struct bus_call *call = context;
    HRESULT hr = bus_call_fault(call);
    if (SUCCEEDED(hr))
        hr = send_request(remote_of(call->endpoint), call);
    if (FAILED(hr))
        complete_with(call, hr);
    else
        bus_call_release(call);
}

static HRESULT remote_start(struct bus_endpoint *endpoint, struct bus_call *call)
{
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

static void remote_detach(struct bus_endpoint *endpoint, struct bus_call *call, HRESULT failure)
{
    struct remote *remote = remote_of(endpoint);
    BYTE *bytes = NULL;
    size_t size = 0;
    lock_enter(&remote->lock);
    uint32_t id = sent_as(call);
    if (!id)
        call->transport_data = (void *)(uintptr_t)NOT_TO_BE_SENT;
    else if (SUCCEEDED(wire_abandon(&(const struct wire_abandon){id, failure}, &bytes, &size)))
        pipe_send(remote->pipe, bytes, size);
    lock_leave(&remote->lock);
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
    /* What nobody waits for may still be on its way. */
    pipe_finish(remote->pipe);
    unhold(remote);
}

static const struct bus_endpoint_ops remote_ops = {
    .start = remote_start,
    .detach = remote_detach,
    .forget = remote_forget,
    .tell_standing = remote_tell_standing,
    .destroy = remote_destroy,
};

/* ---- Looking for writers ---- */

/* Asks who is behind the pipe. Takes the pipe, also on failure. */
static HRESULT ask(struct pipe *pipe, struct greetings *greetings, struct vec *endpoints)
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
    if (SUCCEEDED(hr) && !vec_push(endpoints, &remote->endpoint))
        hr = E_OUTOFMEMORY;
    if (FAILED(hr))
    {
        mem_free(bytes);
        mem_free(remote);
        pipe_release(pipe);
        return hr;
    }
    bus_endpoint_init(&remote->endpoint, &remote_ops, &remote->who.traits);
    remote->holds = 2;
    remote->pipe = pipe;
    lock_init(&remote->lock, LOCK_RANK_REGISTRY);
    remote->greetings = greetings;
    InterlockedIncrement(&greetings->refs);
    InterlockedIncrement(&greetings->awaited);
    pipe_start(pipe, &handler, remote);
    pipe_send(pipe, bytes, size);
    return S_OK;
}

#define BUSY HRESULT_FROM_WIN32(ERROR_PIPE_BUSY)

/* Connects to one endpoint and asks. S_FALSE: nobody is there, or is meant to be asked. BUSY. */
static HRESULT try_endpoint(const WCHAR *name, struct greetings *greetings, struct vec *endpoints)
{
    struct pipe *pipe = NULL;
    HRESULT hr = pipe_connect(name, &pipe);
    if (SUCCEEDED(hr))
        return ask(pipe, greetings, endpoints);
    if (hr == E_OUTOFMEMORY || hr == BUSY)
        return hr;
    /* It went away meanwhile, or we may not. */
    if (hr != HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND))
        log_warning(hr, "A writer's pipe cannot be opened.");
    return S_FALSE;
}

/* Asks those of `ids` that are free and leaves the others in it. */
static HRESULT ask_free(const WCHAR *scope, struct vec *ids, DWORD patience_ms,
    struct greetings *greetings, struct vec *endpoints)
{
    HRESULT hr = S_OK;
    size_t busy = 0;
    for (size_t i = 0; i < ids->count; i++)
    {
        WCHAR name[ENDPOINT_NAME_UNITS];
        GUID *id = ids->items[i];
        endpoint_pipe_name(scope, id, name);
        if (patience_ms)
            pipe_wait(name, patience_ms);
        bool local = !transport_local_is_off && pipe_server_is_own(id);
        HRESULT one = FAILED(hr) || local
            ? S_FALSE
            : try_endpoint(name, greetings, endpoints);
        if (one == BUSY)
        {
            ids->items[busy++] = id;
            continue;
        }
        mem_free(id);
        if (FAILED(one))
            hr = one;
    }
    ids->count = busy;
    return hr;
}

/* By the time of their subscription. */
static int compare_endpoints(const void *a, const void *b)
{
    struct bus_endpoint *left = *(struct bus_endpoint *const *)a;
    struct bus_endpoint *right = *(struct bus_endpoint *const *)b;
    uint64_t first = remote_of(left)->who.standing.subscribed_at;
    uint64_t second = remote_of(right)->who.standing.subscribed_at;
    return first < second ? -1 : first > second;
}

/* Those that said who they are join `endpoints`; the others are released. */
static HRESULT keep_known(struct vec *asked, struct vec *endpoints)
{
    HRESULT hr = S_OK;
    size_t known = 0;
    for (size_t i = 0; i < asked->count; i++)
    {
        struct remote *remote = remote_of(asked->items[i]);
        lock_enter(&remote->lock);
        bool is_known = remote->known && !remote->gone;
        struct greetings *greetings = remote->greetings;
        remote->greetings = NULL; /* too late from now on */
        lock_leave(&remote->lock);
        stop_awaiting(remote, greetings);
        if (is_known)
            asked->items[known++] = &remote->endpoint;
        else
            bus_endpoint_release(&remote->endpoint);
    }
    asked->count = known;
    if (known)
        qsort(asked->items, known, sizeof(*asked->items), compare_endpoints);
    size_t moved = 0;
    while (moved < known && vec_push(endpoints, asked->items[moved]))
        moved++;
    if (moved < known)
        hr = E_OUTOFMEMORY;
    while (moved < known)
        bus_endpoint_release(asked->items[moved++]);
    vec_free(asked, NULL);
    return hr;
}

/* A process that is stopped keeps its pipe busy: the others do not wait for it. */
static HRESULT ask_all(
    const WCHAR *scope, struct greetings *greetings, HANDLE cancel, struct vec *asked)
{
    struct vec ids = {0};
    uint64_t deadline_ms = clock_now_ms() + GREETING_TIMEOUT_MS;
    HRESULT hr = endpoint_list(scope, &ids);
    if (SUCCEEDED(hr))
        hr = ask_free(scope, &ids, 0, greetings, asked);
    while (SUCCEEDED(hr) && ids.count && clock_remaining(deadline_ms) &&
        (!cancel || WaitForSingleObject(cancel, 0) == WAIT_TIMEOUT))
        hr = ask_free(scope, &ids, BUSY_WAIT_MS, greetings, asked);
    vec_free(&ids, mem_free);
    greetings_answered(greetings);
    if (SUCCEEDED(hr))
    {
        HANDLE handles[] = {greetings->done, cancel};
        WaitForMultipleObjects(cancel ? 2 : 1, handles, FALSE, clock_remaining(deadline_ms));
    }
    return hr;
}

static HRESULT pipe_list(const WCHAR *scope, HANDLE cancel, struct vec *endpoints)
{
    struct vec asked = {0};
    struct greetings *greetings = greetings_create();
    if (!greetings)
        return E_OUTOFMEMORY;
    HRESULT hr = ask_all(scope, greetings, cancel, &asked);
    HRESULT kept = keep_known(&asked, endpoints);
    greetings_release(greetings);
    return FAILED(hr) ? hr : kept;
}

const struct transport transport_pipe = {
    .name = "remote",
    .list = pipe_list,
};
