/* SPDX-License-Identifier: MIT
 *
 * The requestor's end of the bus: the session, discovery of writers, and their status. See
 * bus_session.h; events are in bus_raise.c.
 */
#include "bus/bus_session.h"

#include <objbase.h>
#include <vss.h>

#include "base/mem.h"
#include "base/str16.h"
#include "bus/bus_fanout.h"
#include "bus/bus_session_internal.h"
#include "diag/log.h"
#include "os/settings.h"

/* A writer that does not say in a minute who it is is left out, as Microsoft's pages have it; they
   name no number. */
#define IDENTIFY_TIMEOUT_MS 60000u
/* No handler runs for a status: the writer's process is there or it is not. */
#define STATUS_TIMEOUT_MS 10000u

HRESULT bus_session_create(struct bus_session **session)
{
    struct bus_session *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    HRESULT hr = CoCreateGuid(&made->id);
    if (FAILED(hr))
    {
        mem_free(made);
        return log_error(hr, "An id for the session cannot be made.");
    }
    *session = made;
    return S_OK;
}

static void destroy_member(void *destroyed)
{
    struct bus_member *member = destroyed;
    if (!member)
        return;
    mem_free(member->participant.name);
    mem_free(member->participant.instance_name);
    writer_metadata_release(member->participant.metadata);
    bus_status_clear(&member->participant.status);
    bus_endpoint_release(member->endpoint);
    mem_free(member);
}

void bus_session_destroy(struct bus_session *session)
{
    if (!session)
        return;
    vec_free(&session->members, destroy_member);
    bus_filter_free(&session->filter);
    bus_gathering_release(session->spare);
    mem_free(session);
}

const GUID *bus_session_id(const struct bus_session *session)
{
    return &session->id;
}

HRESULT bus_session_enable_classes(struct bus_session *session, const GUID *classes, size_t count)
{
    return bus_filter_enable_classes(&session->filter, classes, count);
}

HRESULT bus_session_disable_classes(struct bus_session *session, const GUID *classes, size_t count)
{
    return bus_filter_disable_classes(&session->filter, classes, count);
}

HRESULT bus_session_disable_instances(
    struct bus_session *session, const GUID *instances, size_t count)
{
    return bus_filter_disable_instances(&session->filter, instances, count);
}

size_t bus_session_count(const struct bus_session *session)
{
    return session->members.count;
}

struct bus_participant *bus_session_participant(const struct bus_session *session, size_t index)
{
    struct bus_member *member = vec_at(&session->members, index);
    return member ? &member->participant : NULL;
}

/* ---- Discovery ---- */

static void identify_answered(void *context, struct bus_call *call)
{
    (void)context;
    const struct writer_traits *traits = call->endpoint->traits;
    if (FAILED(call->reply.delivery))
        log_warning(
            call->reply.delivery, "%ls does not answer Identify and is left out.", traits->name);
    else if (!call->reply.metadata)
        log_warning(S_OK, "%ls refuses Identify and is left out.", traits->name);
}

static HRESULT ask_all(
    struct bus_session *session, const struct vec *endpoints, struct bus_fanout *fanout)
{
    DWORD patience_ms = settings_get_number(L"EVENT_TIMEOUT", IDENTIFY_TIMEOUT_MS);
    struct bus_payload *payload = bus_payload_create(EVENT_IDENTIFY, 0);
    HRESULT hr = payload ? S_OK : E_OUTOFMEMORY;
    if (payload)
        payload->session_id = session->id;
    for (size_t i = 0; SUCCEEDED(hr) && i < endpoints->count; i++)
    {
        struct bus_endpoint *endpoint = endpoints->items[i];
        if (!bus_filter_lets_through(
                &session->filter, &endpoint->traits->class_id, &endpoint->traits->instance_id))
            continue;
        const struct bus_request request = {.kind = BUS_REQUEST_EVENT,
            .session_id = session->id,
            .payload = bus_payload_addref(payload)};
        hr = bus_fanout_add(
            fanout, endpoint, &request, patience_ms, VSS_E_WRITER_NOT_RESPONDING, NULL);
    }
    bus_payload_release(payload);
    return SUCCEEDED(hr) ? bus_fanout_run(fanout) : hr;
}

static struct bus_member *create_member(
    struct bus_endpoint *endpoint, struct writer_metadata *metadata)
{
    struct bus_member *member = mem_alloc(sizeof(*member));
    if (!member)
        return NULL;
    struct bus_participant *participant = &member->participant;
    const struct writer_traits *traits = endpoint->traits;
    participant->instance_id = traits->instance_id;
    participant->writer_id = traits->class_id;
    participant->level = traits->level;
    participant->freeze_timeout_ms = traits->freeze_timeout_ms;
    participant->express = traits->express;
    participant->metadata = writer_metadata_addref(metadata);
    participant->status.state = VSS_WS_STABLE;
    member->endpoint = bus_endpoint_addref(endpoint);
    if (SUCCEEDED(str16_assign(&participant->name, traits->name)) &&
        SUCCEEDED(str16_assign(&participant->instance_name, traits->instance_name)))
        return member;
    destroy_member(member);
    return NULL;
}

/* The writers that answered, in the order in which they were found. */
static HRESULT collect_members(const struct bus_fanout *fanout, struct vec *members)
{
    for (size_t i = 0; i < fanout->calls.count; i++)
    {
        const struct bus_call *call = fanout->calls.items[i];
        if (!call->reply.metadata)
            continue;
        struct bus_member *member = create_member(call->endpoint, call->reply.metadata);
        if (member && vec_push(members, member))
            continue;
        destroy_member(member);
        vec_free(members, destroy_member);
        return E_OUTOFMEMORY;
    }
    return S_OK;
}

HRESULT bus_session_identify(struct bus_session *session, struct async_op *op)
{
    WCHAR scope[SCOPE_LENGTH + 1];
    struct vec endpoints = {0};
    struct vec members = {0};
    struct bus_fanout fanout = {
        .op = op, .spare = &session->spare, .answered = identify_answered};
    HRESULT hr = settings_scope(scope);
    if (SUCCEEDED(hr))
        hr = transport_list_all(scope, op ? async_op_cancel_event(op) : NULL, &endpoints);
    if (FAILED(hr))
        return hr == E_OUTOFMEMORY ? hr : VSS_E_WRITER_INFRASTRUCTURE;

    hr = bus_fanout_init(&fanout);
    if (SUCCEEDED(hr))
        hr = ask_all(session, &endpoints, &fanout);
    if (hr == S_OK)
        hr = collect_members(&fanout, &members);
    if (hr == S_OK)
    {
        vec_free(&session->members, destroy_member);
        session->members = members;
    }
    bus_fanout_free(&fanout);
    vec_free(&endpoints, bus_endpoint_release);
    return hr;
}

/* ---- Status ---- */

HRESULT bus_delivery_failure(HRESULT delivery)
{
    switch (delivery)
    {
    case VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT:
    case VSS_E_WRITERERROR_OUTOFRESOURCES:
    case VSS_E_WRITERERROR_TIMEOUT:
    case VSS_E_WRITERERROR_RETRYABLE:
    case VSS_E_WRITERERROR_NONRETRYABLE:
    case VSS_E_WRITER_STATUS_NOT_AVAILABLE: return delivery;
    case E_OUTOFMEMORY: return VSS_E_WRITERERROR_OUTOFRESOURCES;
    default: return VSS_E_WRITER_NOT_RESPONDING;
    }
}

static void status_answered(void *context, struct bus_call *call)
{
    (void)context;
    struct bus_participant *participant = call->tag;
    if (FAILED(call->reply.delivery))
    {
        participant->lost |= call->reply.delivery == VSS_E_WRITER_NOT_RESPONDING;
        participant->status.failure = bus_delivery_failure(call->reply.delivery);
    }
    else if (call->reply.delivery == S_FALSE && participant->took_part)
    {
        participant->status.failure = VSS_E_WRITER_STATUS_NOT_AVAILABLE;
    }
    else
    {
        bus_status_clear(&participant->status);
        participant->status = call->reply.status;
        call->reply.status = (struct bus_status){0};
    }
}

HRESULT bus_session_gather_status(struct bus_session *session, struct async_op *op)
{
    struct bus_fanout fanout = {
        .op = op, .spare = &session->spare, .answered = status_answered};
    HRESULT hr = bus_fanout_init(&fanout);
    for (size_t i = 0; SUCCEEDED(hr) && i < session->members.count; i++)
    {
        struct bus_member *member = session->members.items[i];
        const struct bus_request request = {.kind = BUS_REQUEST_STATUS, .session_id = session->id};
        /* What a lost writer says now is not about the event in which it was lost. */
        if (!member->participant.lost)
            hr = bus_fanout_add(&fanout, member->endpoint, &request, STATUS_TIMEOUT_MS,
                VSS_E_WRITER_NOT_RESPONDING, &member->participant);
    }
    if (SUCCEEDED(hr))
        hr = bus_fanout_run(&fanout);
    bus_fanout_free(&fanout);
    return hr;
}
