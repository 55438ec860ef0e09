/* SPDX-License-Identifier: MIT
 *
 * One connection to a writer. See pipe_session.h.
 *
 * The port's thread only looks at what a message is; it never waits for a handler and reads no
 * documents. A call lives from its message to its answer, and holds the session.
 */
#include "bus/pipe_session.h"

#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "bus/bus_fault.h"
#include "bus/peer.h"
#include "bus/wire.h"
#include "bus/writer_session.h"
#include "diag/log.h"
#include "os/lock.h"
#include "os/pool.h"

/* A requestor has an event and a few that nobody waits for under way. More than this is refused for
   want of memory; who does not even read that is cut off by the pipe. */
#define CALL_LIMIT 64

/* An event under way. */
struct pipe_call
{
    struct pipe_session *session; /* a reference */
    uint32_t id;
    BYTE *bytes; /* the message */
    size_t size;
    struct writer_place place;
    /* guarded by the session's lock */
    struct writer_call *call; /* NULL: not read yet; a reference */
    bool abandoned;
    HRESULT failure;
};

struct pipe_session
{
    LONG refs; /* the pipe's, each call's */
    /* set once */
    struct writer_record *record; /* a reference */
    struct pipe *pipe;            /* a reference */
    const struct pipe_session_owner *owner;
    void *context;
    /* the port's thread's */
    bool greeted;
    struct lock lock;
    /* guarded by lock */
    bool closed;
    bool ending;        /* the connection ends when no call is under way */
    struct vec calls;   /* struct pipe_call */
    struct vec backups; /* struct bus_payload: the latest event of each session, a reference */
};

static void release_payload(void *payload)
{
    bus_payload_release(payload);
}

static void release(struct pipe_session *session)
{
    if (InterlockedDecrement(&session->refs))
        return;
    vec_free(&session->backups, release_payload);
    vec_free(&session->calls, NULL);
    pipe_release(session->pipe);
    writer_record_release(session->record);
    mem_free(session);
}

static const WCHAR *writer_name(const struct pipe_session *session)
{
    return writer_record_traits(session->record)->name;
}

/* Takes the bytes. */
static void send_message(struct pipe_session *session, enum wire_kind kind, BYTE *bytes, size_t size)
{
    HRESULT fate = bus_fault_at_frame(kind, writer_record_traits(session->record));
    bus_fault_send(fate, session->pipe, bytes, size);
}

/* ---- What a backup leaves behind ---- */

/* With the lock held. */
static size_t find_backup(const struct pipe_session *session, const GUID *id)
{
    size_t i = 0;
    while (i < session->backups.count &&
        !guid_equal(&((const struct bus_payload *)session->backups.items[i])->session_id, id))
        i++;
    return i;
}

/* With the lock held: from now on the writer is owed an end of this session. False: memory is
   exhausted, or one connection has more sessions than a writer remembers. */
static bool note_backup(struct pipe_session *session, struct bus_payload *payload)
{
    size_t index = find_backup(session, &payload->session_id);
    if (index == session->backups.count &&
        (index == WRITER_SESSION_LIMIT || !vec_push(&session->backups, NULL)))
        return false;
    struct bus_payload *old = session->backups.items[index];
    session->backups.items[index] = bus_payload_addref(payload);
    bus_payload_release(old);
    return true;
}

/* On a pool thread, after the connection has ended. A restore has no event for that. */
static void end_backups(void *context)
{
    struct pipe_session *session = context;
    for (size_t i = 0; i < session->backups.count; i++)
    {
        const struct bus_payload *latest = session->backups.items[i];
        if (latest->restore)
            continue;
        log_warning(VSS_E_WRITER_NOT_RESPONDING,
            "The requestor of %ls went away in the middle of a backup; the writer is released.",
            writer_name(session));
        writer_record_end_session(session->record, latest);
    }
    release(session);
}

/* ---- Calls ---- */

/* Takes a call out of the list. */
static void strike(struct pipe_session *session, const struct pipe_call *call)
{
    lock_enter(&session->lock);
    for (size_t i = 0; i < session->calls.count; i++)
        if (session->calls.items[i] == call)
            vec_remove(&session->calls, i);
    bool over = session->ending && !session->calls.count;
    lock_leave(&session->lock);
    if (over)
        pipe_finish(session->pipe);
}

static void destroy_call(struct pipe_call *call)
{
    writer_record_step_out(call->session->record, &call->place);
    strike(call->session, call);
    writer_call_release(call->call);
    release(call->session);
    mem_free(call->bytes);
    mem_free(call);
}

static void answer(struct pipe_session *session, uint32_t id, const struct bus_reply *reply)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    HRESULT hr = wire_answer(id, reply, &bytes, &size);
    if (FAILED(hr))
    {
        /* The least that can be said. */
        const struct bus_reply failed = {.delivery = hr};
        hr = wire_answer(id, &failed, &bytes, &size);
    }
    if (SUCCEEDED(hr))
        send_message(session, WIRE_ANSWER, bytes, size);
    else
        pipe_close(session->pipe);
}

/* Makes the call known to whoever may abandon it. */
static bool register_call(
    struct pipe_session *session, struct pipe_call *call, struct bus_payload *payload)
{
    bool noted = true;
    lock_enter(&session->lock);
    bool abandoned = call->abandoned || session->closed;
    HRESULT failure = call->failure;
    if (payload->event != EVENT_IDENTIFY && !session->closed)
        noted = note_backup(session, payload);
    struct writer_call *made = call->call;
    lock_leave(&session->lock);
    if (abandoned)
        writer_record_abandon(session->record, made, failure);
    return noted;
}

static void deliver(struct pipe_call *call, const struct wire_request *request)
{
    struct pipe_session *session = call->session;
    struct bus_reply reply = {.delivery = E_OUTOFMEMORY};
    struct writer_call *made = writer_call_create(request->payload, request->components);
    if (made)
        made->place = &call->place;
    lock_enter(&session->lock);
    call->call = made;
    lock_leave(&session->lock);
    if (made && register_call(session, call, request->payload))
    {
        reply = (struct bus_reply){0};
        writer_record_deliver(session->record, made, &reply);
    }
    if (SUCCEEDED(reply.delivery) && request->payload->event == EVENT_BACKUP_SHUTDOWN)
    {
        lock_enter(&session->lock);
        size_t index = find_backup(session, &request->session_id);
        struct bus_payload *done = index < session->backups.count && !session->closed
            ? vec_remove(&session->backups, index)
            : NULL;
        lock_leave(&session->lock);
        bus_payload_release(done);
    }
    answer(session, call->id, &reply);
    bus_reply_clear(&reply);
}

static void malformed(struct pipe_session *session)
{
    log_error(VSS_E_UNEXPECTED,
        "A requestor sent %ls what it doesn't understand; the connection "
        "is closed.",
        writer_name(session));
    pipe_close(session->pipe);
}

/* On a pool thread. */
static void run_call(void *context)
{
    struct pipe_call *call = context;
    struct pack_reader reader;
    struct wire_request request = {0};
    enum wire_kind kind = wire_open(&reader, call->bytes, call->size);
    HRESULT hr = wire_read_request(&reader, kind, &request);
    mem_free(call->bytes);
    call->bytes = NULL;
    if (SUCCEEDED(hr))
        deliver(call, &request);
    else if (hr == E_OUTOFMEMORY)
        answer(call->session, call->id, &(const struct bus_reply){.delivery = hr});
    else
        malformed(call->session);
    wire_request_clear(&request);
    destroy_call(call);
}

/* ---- Messages ---- */

/* Takes the bytes. */
static void begin_call(struct pipe_session *session, BYTE *bytes, size_t size)
{
    struct pipe_call *call = mem_alloc(sizeof(*call));
    uint32_t id = wire_peek_id(bytes, size);
    bool in = false;
    if (call)
    {
        *call = (struct pipe_call){.session = session, .id = id, .bytes = bytes, .size = size};
        lock_enter(&session->lock);
        in = session->calls.count < CALL_LIMIT && vec_push(&session->calls, call);
        if (in)
            InterlockedIncrement(&session->refs);
        lock_leave(&session->lock);
    }
    if (in)
    {
        const GUID session_id = wire_peek_session(bytes, size);
        writer_record_line_up(session->record, &call->place, &session_id);
        if (SUCCEEDED(pool_run(run_call, call)))
            return;
    }
    if (in)
    {
        destroy_call(call);
    }
    else
    {
        mem_free(call);
        mem_free(bytes);
    }
    answer(session, id, &(const struct bus_reply){.delivery = E_OUTOFMEMORY});
}

static void tell_status(struct pipe_session *session, struct pack_reader *reader)
{
    struct wire_request request;
    struct bus_reply reply = {0};
    if (FAILED(wire_read_request(reader, WIRE_STATUS, &request)))
    {
        malformed(session);
        return;
    }
    reply.delivery = writer_record_status(session->record, &request.session_id, &reply.status);
    answer(session, request.id, &reply);
    bus_reply_clear(&reply);
}

static void abandon(struct pipe_session *session, struct pack_reader *reader)
{
    struct wire_abandon said;
    struct writer_call *found = NULL;
    if (FAILED(wire_read_abandon(reader, &said)))
    {
        malformed(session);
        return;
    }
    lock_enter(&session->lock);
    for (size_t i = 0; i < session->calls.count; i++)
    {
        struct pipe_call *call = session->calls.items[i];
        if (call->id != said.id)
            continue;
        call->abandoned = true;
        call->failure = said.failure;
        if (call->call)
            found = writer_call_addref(call->call);
        break;
    }
    lock_leave(&session->lock);
    if (found)
        writer_record_abandon(session->record, found, said.failure);
    writer_call_release(found);
}

static void greet(struct pipe_session *session, struct pack_reader *reader)
{
    HRESULT hr = wire_read_hello(reader);
    if (FAILED(hr))
    {
        malformed(session);
        return;
    }
    hr = peer_check_client(pipe_handle(session->pipe));
    if (FAILED(hr))
    {
        log_warning(hr, "A requestor that may not is turned away from %ls.", writer_name(session));
        pipe_close(session->pipe);
        return;
    }
    /* Borrowed: nothing of it is freed. */
    struct wire_greeting greeting = {.traits = *writer_record_traits(session->record)};
    BYTE *bytes = NULL;
    size_t size = 0;
    writer_record_standing(session->record, &greeting.standing);
    session->greeted = true;
    if (SUCCEEDED(wire_greeting(&greeting, &bytes, &size)))
        send_message(session, WIRE_GREETING, bytes, size);
    else
        pipe_close(session->pipe);
}

static void received(void *context, BYTE *bytes, size_t size)
{
    struct pipe_session *session = context;
    struct pack_reader reader;
    enum wire_kind kind = wire_open(&reader, bytes, size);
    if (session->greeted && kind == WIRE_EVENT)
    {
        begin_call(session, bytes, size);
        return;
    }
    if (session->greeted && kind == WIRE_STATUS)
        tell_status(session, &reader);
    else if (session->greeted && kind == WIRE_ABANDON)
        abandon(session, &reader);
    else if (!session->greeted && kind == WIRE_HELLO)
        greet(session, &reader);
    else
        malformed(session);
    mem_free(bytes);
}

/* The requestor has gone, or the writer has ended its subscription. */
static void closed(void *context)
{
    struct pipe_session *session = context;
    struct vec running = {0};
    lock_enter(&session->lock);
    session->closed = true;
    for (size_t i = 0; i < session->calls.count; i++)
    {
        struct pipe_call *call = session->calls.items[i];
        if (call->call && vec_push(&running, call->call))
            writer_call_addref(call->call);
    }
    lock_leave(&session->lock);
    for (size_t i = 0; i < running.count; i++)
    {
        /* A handler that asks learns that nobody waits; what it does still counts. */
        writer_record_abandon(session->record, running.items[i], S_OK);
        writer_call_release(running.items[i]);
    }
    vec_free(&running, NULL);
    session->owner->ended(session->context, session);
    /* The pipe's reference goes with it. */
    if (!session->backups.count || FAILED(pool_run(end_backups, session)))
        release(session);
}

static const struct pipe_handler handler = {.received = received, .closed = closed};

/* ---- Life ---- */

struct pipe_session *pipe_session_create(struct writer_record *record, struct pipe *pipe,
    const struct pipe_session_owner *owner, void *context)
{
    struct pipe_session *session = mem_alloc(sizeof(*session));
    if (!session)
        return NULL;
    session->refs = 1;
    session->record = writer_record_addref(record);
    session->pipe = pipe;
    session->owner = owner;
    session->context = context;
    lock_init(&session->lock, LOCK_RANK_REGISTRY);
    return session;
}

void pipe_session_start(struct pipe_session *session)
{
    pipe_start(session->pipe, &handler, session);
}

void pipe_session_discard(struct pipe_session *session)
{
    if (session)
        release(session);
}

void pipe_session_close(struct pipe_session *session)
{
    lock_enter(&session->lock);
    session->ending = true;
    bool over = !session->calls.count;
    lock_leave(&session->lock);
    if (over)
        pipe_finish(session->pipe);
}
