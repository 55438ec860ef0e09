/* SPDX-License-Identifier: MIT
 *
 * How a record calls handlers: whose turn it is, what the state table makes of the answer, and the
 * Abort that a record raises by itself. See writer_record.h.
 *
 * A session is `busy` from the moment a call has its turn until the last handler that the call
 * leads to has returned; whoever set it is the only one to call that session's handlers.
 */
#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "bus/bus_fault.h"
#include "bus/bus_trace.h"
#include "bus/writer_record_internal.h"
#include "diag/hresult.h"
#include "diag/log.h"

/* With the lock held. */
void writer_record_arm(struct writer_session *session, DWORD delay_ms)
{
    writer_record_addref(session->record);
    session->armed = true;
    pool_timer_start(session->timer, delay_ms);
}

void writer_record_disarm(struct writer_session *session)
{
    if (!session->armed)
        return;
    session->armed = false;
    pool_timer_stop(session->timer, false);
    /* Never the last one: the caller has another. */
    InterlockedDecrement(&session->record->refs);
}

/* ---- One handler ---- */

/* As if the handler had refused. */
static void veto(struct writer_call *call, HRESULT hr)
{
    if (call->payload->event == EVENT_IDENTIFY)
        return;
    if (FAILED(writer_call_set_failure(call, false, hr, S_OK, NULL)))
        writer_call_set_failure(call, false, VSS_E_WRITERERROR_NONRETRYABLE, S_OK, NULL);
}

static bool handle(struct writer_record *record, struct writer_call *call)
{
    HRESULT hr = bus_fault_at_event(FAULT_WRITER_HANDLER, call->payload->event, &record->traits);
    if (SUCCEEDED(hr))
        return record->face->handle(record->origin, call);
    veto(call, hr);
    return false;
}

/* Called with the lock held, and returns with it; gives it up while the handler runs. */
static void run_handler(struct writer_record *record, struct writer_call *call)
{
    call->thread = GetCurrentThreadId();
    call->next = record->in_handlers;
    record->in_handlers = call;
    if (record->identity)
        call->identity = writer_metadata_addref(record->identity);
    record->face->addref(record->origin);
    lock_leave(&record->lock);

    struct trace_span span = {0};
    bus_trace_handler(&span, &record->traits, call);
    lock_assert_none_held();
    call->verdict.handled = handle(record, call);
    lock_assert_none_held();
    bus_trace_handled(&span, &record->traits, call);

    lock_enter(&record->lock);
    struct writer_call **link = &record->in_handlers;
    while (*link != call)
        link = &(*link)->next;
    *link = call->next;
    call->thread = 0;
    call->ran = true;
    WakeAllConditionVariable(&record->changed);
    lock_leave(&record->lock);
    record->face->release(record->origin);
    lock_enter(&record->lock);
}

/* With the lock held. */
static void settle(
    struct writer_session *session, const struct writer_state_row *row, struct writer_call *call)
{
    int before = session->standing.state;
    writer_state_settle(&session->standing, row, &call->verdict);
    if ((writer_state_flags(row) & STATE_COMPLETES) && settings_before_windows_7())
        writer_state_linger(&session->standing, before);
    writer_record_note_standing(session->record, &session->standing);
    if (call->verdict.failure_set)
        writer_session_take_message(session, call);
}

/* The record's own Abort, for a writer that is owed one. With the lock held, which is given up
   meanwhile; the session is busy. */
static void abort_session(struct writer_record *record, struct writer_session *session)
{
    const struct writer_state_row *row = writer_state_find(&session->standing, EVENT_ABORT);
    if (!row || !session->abort || !record->subscribed)
        return;
    writer_record_disarm(session);
    struct writer_call call = {.payload = session->abort, .refs = 1};
    run_handler(record, &call);
    settle(session, row, &call);
    mem_free(call.message);
    writer_metadata_release(call.identity);
}

/* ---- The freeze timer ---- */

/* With the lock held: nobody uses the session any more and it is out of the table. */
static bool is_garbage(const struct writer_session *session)
{
    return session->dropped && !session->busy && !session->expiring;
}

void writer_record_expired(void *expired)
{
    struct writer_session *session = expired;
    struct writer_record *record = session->record;
    lock_enter(&record->lock);
    if (!session->armed)
    {
        lock_leave(&record->lock);
        return;
    }
    /* The timer's reference is this thread's from now on. */
    session->armed = false;
    session->expiring = true;
    writer_state_expire(&session->standing);
    writer_record_note_standing(record, &session->standing);
    if (session->busy)
    {
        /* Thaw is late; its thread raises Abort when the handler has returned. */
        session->overtaken = session->running != NULL;
    }
    else
    {
        session->busy = true;
        abort_session(record, session);
        session->busy = false;
    }
    session->expiring = false;
    bool garbage = is_garbage(session);
    WakeAllConditionVariable(&record->changed);
    lock_leave(&record->lock);
    log_warning(VSS_E_WRITERERROR_TIMEOUT,
        "%ls: Thaw did not come within %u ms after Freeze; the writer got Abort.",
        record->traits.name, (unsigned)record->traits.freeze_timeout_ms);
    if (garbage)
        writer_session_destroy(session, true);
    writer_record_put(record, garbage ? NULL : session);
}

/* ---- Identify ---- */

static void deliver_identify(
    struct writer_record *record, struct writer_call *call, struct bus_reply *reply)
{
    call->metadata = writer_traits_begin_metadata(&record->traits);
    if (!call->metadata)
    {
        reply->delivery = E_OUTOFMEMORY;
        return;
    }
    struct writer_metadata *old = NULL;
    lock_enter(&record->lock);
    /* It belongs to no session: nobody waits for it. */
    writer_record_leave_line(record, call->place);
    bool heard = record->subscribed;
    if (heard)
    {
        run_handler(record, call);
        if (call->verdict.handled)
        {
            old = record->identity;
            record->identity = writer_metadata_addref(call->metadata);
            reply->metadata = writer_metadata_addref(call->metadata);
        }
    }
    lock_leave(&record->lock);
    reply->delivery = heard ? S_OK : VSS_E_WRITER_NOT_RESPONDING;
    reply->vetoed = heard && !call->verdict.handled;
    writer_metadata_release(old);
}

/* ---- Events of a session ---- */

/* With the lock held: makes room for one more session. What has to be destroyed comes back in
   *dropped. */
static HRESULT make_room(struct writer_record *record, struct writer_session **dropped)
{
    if (record->sessions.count < WRITER_SESSION_LIMIT)
        return S_OK;
    struct writer_session *oldest = NULL;
    for (size_t i = 0; i < record->sessions.count; i++)
    {
        struct writer_session *session = record->sessions.items[i];
        if (writer_session_is_idle(session) && (!oldest || session->used < oldest->used))
            oldest = session;
    }
    if (!oldest)
        return VSS_E_WRITER_STATUS_NOT_AVAILABLE;
    writer_record_drop_session(record, oldest);
    *dropped = oldest;
    return S_OK;
}

/* Makes sure that the table knows the session. */
static HRESULT need_session(struct writer_record *record, const GUID *id)
{
    lock_enter(&record->lock);
    bool known = !record->subscribed || writer_record_find_session(record, id);
    lock_leave(&record->lock);
    if (known)
        return S_OK;
    struct writer_session *made = writer_session_create(record, id, writer_record_expired);
    if (!made)
        return E_OUTOFMEMORY;
    struct writer_session *dropped = NULL;
    lock_enter(&record->lock);
    HRESULT hr = S_FALSE;
    if (record->subscribed && !writer_record_find_session(record, id))
        hr = make_room(record, &dropped);
    if (hr == S_OK)
        hr = vec_push(&record->sessions, made) ? S_OK : E_OUTOFMEMORY;
    lock_leave(&record->lock);
    if (hr != S_OK)
        writer_session_destroy(made, false);
    if (dropped)
        writer_session_destroy(dropped, false);
    return FAILED(hr) ? hr : S_OK;
}

/* With the lock held, which is given up while waiting: the session, when it is this call's turn in
   it; it is not busy then. NULL: the writer has gone, or nobody waits for the call any more. */
static struct writer_session *await_turn(
    struct writer_record *record, const struct writer_call *call)
{
    struct writer_session *session;
    for (;;)
    {
        session = writer_record_find_session(record, &call->payload->session_id);
        if (!record->subscribed || call->abandoned || !session)
        {
            session = NULL;
            break;
        }
        if (!session->busy && writer_record_is_first(record, call->place))
            break;
        lock_wait(&record->lock, &record->changed, INFINITE);
    }
    writer_record_leave_line(record, call->place);
    return session;
}

/* With the lock held and the session busy: one event with all that follows from it. False when its
   handler was not called, because the subscription ended. */
static bool play(struct writer_record *record, struct writer_session *session,
    struct writer_call *call, const struct writer_state_row *row)
{
    unsigned flags = writer_state_flags(row);
    if ((flags & STATE_ABORTS_FIRST) && session->standing.owed)
        abort_session(record, session);
    if (flags & (STATE_DISARMS | STATE_RENEWS))
        writer_record_disarm(session);
    if (!record->subscribed)
        return false;
    if (flags & (STATE_RENEWS | STATE_FORGETS))
        writer_session_forget_message(session);

    writer_state_begin(&session->standing, row);
    session->running = call;
    session->overtaken = false;
    run_handler(record, call);
    session->running = NULL;
    bool overtaken = session->overtaken;
    if (!overtaken)
        settle(session, row, call);
    if (flags & STATE_STOPS_TIMER)
        writer_record_disarm(session);
    if ((flags & STATE_ABORTS_ON_VETO) && (overtaken || !call->verdict.handled))
        abort_session(record, session);
    else if ((flags & STATE_STARTS_TIMER) && record->subscribed)
        writer_record_arm(session, record->traits.freeze_timeout_ms);
    return true;
}

/* With the lock held. */
static void tell_standing(const struct writer_session *session, struct bus_reply *reply)
{
    struct bus_status stands = {
        session->standing.state, session->standing.failure, session->application, session->message};
    reply->owed = session->standing.owed;
    if (SUCCEEDED(bus_status_copy(&reply->status, &stands)))
        return;
    /* The codes matter more than the message. */
    stands.message = NULL;
    bus_status_copy(&reply->status, &stands);
}

/* What the record's own Abort will carry: made beforehand, so that a frozen writer gets it whatever
   happens. */
static struct bus_payload *make_abort(const struct bus_payload *freeze)
{
    struct bus_payload *abort = bus_payload_create(EVENT_ABORT, 0);
    if (!abort)
        return NULL;
    abort->session_id = freeze->session_id;
    bus_payload_continue(abort, freeze);
    return abort;
}

/* With the lock held, and this call's turn in the session. True: the caller destroys the session,
   without the lock. */
static bool take_turn(struct writer_record *record, struct writer_session *session,
    struct writer_call *call, struct bus_reply *reply)
{
    const struct writer_state_row *row = writer_state_find(
        &session->standing, call->payload->event);
    session->used = ++record->deliveries;
    reply->delivery = S_FALSE;
    if (row)
    {
        session->busy = true;
        bool played = play(record, session, call, row);
        session->busy = false;
        reply->delivery = played ? S_OK : VSS_E_WRITER_NOT_RESPONDING;
        reply->vetoed = played && (session->overtaken || writer_verdict_is_veto(&call->verdict));
        if (played && call->components && !session->overtaken)
            reply->components = writer_components_addref(call->components);
    }
    tell_standing(session, reply);
    if (row && (writer_state_flags(row) & STATE_CLOSES))
        writer_record_drop_session(record, session);
    WakeAllConditionVariable(&record->changed);
    return is_garbage(session);
}

static void deliver_in_session(
    struct writer_record *record, struct writer_call *call, struct bus_reply *reply)
{
    struct bus_payload *abort = NULL;
    HRESULT hr = need_session(record, &call->payload->session_id);
    if (SUCCEEDED(hr) && call->payload->event == EVENT_FREEZE)
    {
        abort = make_abort(call->payload);
        hr = abort ? S_OK : E_OUTOFMEMORY;
    }
    if (FAILED(hr))
    {
        reply->delivery = hr;
        return;
    }

    bool garbage = false;
    reply->delivery = VSS_E_WRITER_NOT_RESPONDING;
    lock_enter(&record->lock);
    struct writer_session *session = await_turn(record, call);
    if (session)
    {
        if (abort)
        {
            struct bus_payload *old = session->abort;
            session->abort = abort;
            abort = old;
        }
        garbage = take_turn(record, session, call, reply);
    }
    lock_leave(&record->lock);
    bus_payload_release(abort);
    if (garbage)
        writer_session_destroy(session, false);
}

/* One of the events that end a session nobody else can end any more. */
static void end_by(
    struct writer_record *record, enum vss_event event, const struct bus_payload *latest)
{
    bool garbage = false;
    struct bus_reply reply = {0};
    struct bus_payload *payload = bus_payload_create(event, 0);
    struct writer_call *call = payload ? writer_call_create(payload, NULL) : NULL;
    if (!call)
    {
        bus_payload_release(payload);
        log_error(E_OUTOFMEMORY, "%ls does not get %s.", record->traits.name, event_name(event));
        return;
    }
    payload->session_id = latest->session_id;
    bus_payload_continue(payload, latest);
    struct writer_place place;
    writer_record_line_up(record, &place, &payload->session_id);
    call->place = &place;
    lock_enter(&record->lock);
    struct writer_session *session = await_turn(record, call);
    if (session)
        garbage = take_turn(record, session, call, &reply);
    lock_leave(&record->lock);
    if (garbage)
        writer_session_destroy(session, false);
    bus_reply_clear(&reply);
    writer_call_release(call);
    bus_payload_release(payload);
}

void writer_record_end_session(struct writer_record *record, const struct bus_payload *latest)
{
    end_by(record, EVENT_ABORT, latest);
    end_by(record, EVENT_BACKUP_SHUTDOWN, latest);
}

void writer_record_deliver(
    struct writer_record *record, struct writer_call *call, struct bus_reply *reply)
{
    const char *event = event_name(call->payload->event);
    if (call->payload->event == EVENT_IDENTIFY)
        deliver_identify(record, call, reply);
    else
        deliver_in_session(record, call, reply);
    if (call->place)
        writer_record_step_out(record, call->place);

    char text[HRESULT_TEXT_SIZE];
    if (FAILED(reply->delivery))
        log_warning(reply->delivery, "%ls: %s could not be delivered.", record->traits.name, event);
    else if (reply->vetoed)
        log_warning(reply->status.failure, "%ls: %s failed.", record->traits.name, event);
    else
        log_debug("%ls: %s %s; state %d, failure %s.", record->traits.name, event,
            reply->delivery == S_OK ? "handled" : "not delivered in this state",
            reply->status.state, hresult_text(reply->status.failure, text));
}
