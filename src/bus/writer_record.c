/* SPDX-License-Identifier: MIT
 *
 * A writer's record: its life, its subscription, and what it tells. See writer_record.h; handlers
 * are called in writer_deliver.c.
 */
#include "bus/writer_record.h"

#include <objbase.h>
#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "bus/bus_trace.h"
#include "bus/writer_record_internal.h"
#include "bus/writer_registry.h"
#include "diag/log.h"
#include "os/clock.h"
#include "os/module.h"

HRESULT writer_record_create(const struct writer_traits *traits, const struct writer_face *face,
    void *origin, struct writer_record **record)
{
    struct writer_record *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    HRESULT hr = writer_traits_copy(&made->traits, traits);
    if (SUCCEEDED(hr) && guid_is_null(&made->traits.instance_id))
        hr = CoCreateGuid(&made->traits.instance_id);
    if (FAILED(hr))
    {
        writer_traits_clear(&made->traits);
        mem_free(made);
        return hr;
    }
    made->refs = 1;
    made->face = face;
    made->origin = origin;
    made->latest_state = VSS_WS_STABLE;
    lock_init(&made->lock, LOCK_RANK_WRITER);
    InitializeConditionVariable(&made->changed);
    *record = made;
    return S_OK;
}

struct writer_record *writer_record_addref(struct writer_record *record)
{
    InterlockedIncrement(&record->refs);
    return record;
}

void writer_record_put(struct writer_record *record, struct writer_session *own)
{
    if (InterlockedDecrement(&record->refs))
        return;
    for (size_t i = 0; i < record->sessions.count; i++)
    {
        struct writer_session *session = record->sessions.items[i];
        writer_session_destroy(session, session == own);
    }
    vec_free(&record->sessions, NULL);
    writer_metadata_release(record->identity);
    writer_traits_clear(&record->traits);
    mem_free(record);
}

void writer_record_release(struct writer_record *record)
{
    if (record)
        writer_record_put(record, NULL);
}

const struct writer_traits *writer_record_traits(const struct writer_record *record)
{
    return &record->traits;
}

HRESULT writer_record_subscribe(struct writer_record *record, DWORD patience_ms)
{
    WCHAR scope[SCOPE_LENGTH + 1];
    HRESULT hr = settings_scope(scope);
    if (FAILED(hr))
        return hr;
    lock_enter(&record->lock);
    bool free = !record->subscribed && !record->ending;
    if (free)
    {
        record->subscribed = true;
        record->patience_ms = patience_ms;
        for (size_t i = 0; i <= SCOPE_LENGTH; i++)
            record->scope[i] = scope[i];
    }
    lock_leave(&record->lock);
    if (!free)
        return log_warning(VSS_E_WRITER_ALREADY_SUBSCRIBED,
            "%ls: Subscribe was called twice without Unsubscribe.", record->traits.name);

    record->face->addref(record->origin);
    bool pinned = module_pin();
    struct pipe_server *server = NULL;
    hr = pinned ? writer_registry_add(record) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
    {
        hr = pipe_server_open(record, scope, &server);
        if (FAILED(hr))
            writer_registry_remove(record);
    }
    LARGE_INTEGER now;
    QueryPerformanceCounter(&now);
    lock_enter(&record->lock);
    record->server = server;
    record->subscribed_at = (uint64_t)now.QuadPart;
    record->subscribed = SUCCEEDED(hr);
    lock_leave(&record->lock);
    if (SUCCEEDED(hr))
        return S_OK;
    if (pinned)
        module_unpin();
    record->face->release(record->origin);
    return hr;
}

void writer_record_note_standing(
    struct writer_record *record, const struct writer_standing *standing)
{
    bus_trace_state(&record->traits, record->latest_state, record->latest_failure, standing);
    record->latest_state = standing->state;
    record->latest_failure = standing->failure;
}

void writer_record_standing(struct writer_record *record, struct bus_standing *standing)
{
    lock_enter(&record->lock);
    *standing = (struct bus_standing){.process_id = GetCurrentProcessId(),
        .bits = 8 * sizeof(void *),
        .subscribed_at = record->subscribed_at,
        .state = record->latest_state,
        .failure = record->latest_failure};
    lock_leave(&record->lock);
}

bool writer_record_is_in_scope(const struct writer_record *record, const WCHAR *scope)
{
    return str16_equal(record->scope, scope);
}

/* With the lock held: waits until no handler runs; false when `patience_ms` was over before. */
static bool await_handlers(struct writer_record *record)
{
    uint64_t deadline = clock_now_ms() + record->patience_ms;
    while (record->in_handlers)
    {
        DWORD left = record->patience_ms ? clock_remaining(deadline) : INFINITE;
        if (!left || !lock_wait(&record->lock, &record->changed, left))
            return !record->in_handlers;
    }
    return true;
}

/* With the lock held: empties the table; what the caller has to destroy comes back in `dropped`. */
static void drop_sessions(struct writer_record *record, struct vec *dropped)
{
    *dropped = record->sessions;
    record->sessions = (struct vec){0};
    size_t kept = 0;
    for (size_t i = 0; i < dropped->count; i++)
    {
        struct writer_session *session = dropped->items[i];
        writer_record_disarm(session);
        session->dropped = true;
        if (!session->busy && !session->expiring)
            dropped->items[kept++] = session;
    }
    dropped->count = kept;
}

static struct pipe_server *take_server(struct writer_record *record)
{
    lock_enter(&record->lock);
    struct pipe_server *server = record->server;
    record->server = NULL;
    lock_leave(&record->lock);
    return server;
}

HRESULT writer_record_unsubscribe(struct writer_record *record)
{
    struct vec dropped = {0};
    lock_enter(&record->lock);
    bool inside = writer_record_own_call(record) != NULL;
    bool first = record->subscribed;
    /* Before all else: a C++ object that is being destroyed has lost its handlers already. */
    record->subscribed = false;
    record->ending |= first;
    WakeAllConditionVariable(&record->changed);
    lock_leave(&record->lock);
    writer_registry_remove(record);
    pipe_server_close(take_server(record));
    lock_enter(&record->lock);
    bool quiet = inside || await_handlers(record);
    if (first)
    {
        drop_sessions(record, &dropped);
        record->ending = false;
    }
    lock_leave(&record->lock);

    for (size_t i = 0; i < dropped.count; i++)
        writer_session_destroy(dropped.items[i], false);
    vec_free(&dropped, NULL);
    if (first)
    {
        record->face->release(record->origin);
        module_unpin();
    }
    if (!quiet)
        log_warning(
            S_OK, "A handler still runs although Unsubscribe waited as long as it was told to.");
    return quiet ? S_OK : S_FALSE;
}

struct writer_session *writer_record_find_session(struct writer_record *record, const GUID *id)
{
    for (size_t i = 0; i < record->sessions.count; i++)
    {
        struct writer_session *session = record->sessions.items[i];
        if (guid_equal(&session->id, id))
            return session;
    }
    return NULL;
}

void writer_record_drop_session(struct writer_record *record, struct writer_session *session)
{
    writer_record_disarm(session);
    session->dropped = true;
    for (size_t i = 0; i < record->sessions.count; i++)
        if (record->sessions.items[i] == session)
            vec_remove(&record->sessions, i);
}

/* ---- The line ---- */

void writer_record_line_up(
    struct writer_record *record, struct writer_place *place, const GUID *session_id)
{
    lock_enter(&record->lock);
    struct writer_place *last = record->line_end;
    *place = (struct writer_place){.in_line = true, .session_id = *session_id, .before = last};
    *(last ? &last->next : &record->line) = place;
    record->line_end = place;
    lock_leave(&record->lock);
}

bool writer_record_is_first(const struct writer_record *record, const struct writer_place *place)
{
    if (!place || !place->in_line)
        return true;
    const struct writer_place *first = record->line;
    while (!guid_equal(&first->session_id, &place->session_id))
        first = first->next;
    return first == place;
}

void writer_record_leave_line(struct writer_record *record, struct writer_place *place)
{
    if (!place || !place->in_line)
        return;
    *(place->before ? &place->before->next : &record->line) = place->next;
    *(place->next ? &place->next->before : &record->line_end) = place->before;
    place->in_line = false;
    WakeAllConditionVariable(&record->changed);
}

void writer_record_step_out(struct writer_record *record, struct writer_place *place)
{
    lock_enter(&record->lock);
    writer_record_leave_line(record, place);
    lock_leave(&record->lock);
}

void writer_record_abandon(struct writer_record *record, struct writer_call *call, HRESULT failure)
{
    lock_enter(&record->lock);
    call->abandoned = true;
    struct writer_session *session = writer_record_find_session(record, &call->payload->session_id);
    if (FAILED(failure) && session && session->running == call &&
        call->payload->event != EVENT_ABORT)
    {
        writer_state_lose(&session->standing, call->payload->event, failure);
        session->overtaken = true;
    }
    WakeAllConditionVariable(&record->changed);
    lock_leave(&record->lock);
}

HRESULT writer_record_status(
    struct writer_record *record, const GUID *session_id, struct bus_status *status)
{
    HRESULT hr = S_OK;
    lock_enter(&record->lock);
    struct writer_session *session = writer_record_find_session(record, session_id);
    if (!record->subscribed)
    {
        hr = VSS_E_WRITER_NOT_RESPONDING;
    }
    else if (session)
    {
        if (writer_state_asked(&session->standing))
            writer_record_note_standing(record, &session->standing);
        const struct bus_status stands = {session->standing.state, session->standing.failure,
            session->application, session->message};
        hr = bus_status_copy(status, &stands);
    }
    else
    {
        bus_status_clear(status);
        hr = S_FALSE;
    }
    lock_leave(&record->lock);
    return hr;
}

struct writer_call *writer_record_own_call(const struct writer_record *record)
{
    DWORD thread = GetCurrentThreadId();
    struct writer_call *call = record->in_handlers;
    while (call && call->thread != thread)
        call = call->next;
    return call;
}

struct writer_call *writer_record_current_call(struct writer_record *record)
{
    lock_enter(&record->lock);
    struct writer_call *call = writer_record_own_call(record);
    lock_leave(&record->lock);
    return call;
}

bool writer_record_is_shutting_down(struct writer_record *record)
{
    lock_enter(&record->lock);
    const struct writer_call *call = writer_record_own_call(record);
    bool ending = record->ending || (call && (call->abandoned || !record->subscribed));
    lock_leave(&record->lock);
    return ending;
}
