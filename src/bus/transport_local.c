/* SPDX-License-Identifier: MIT
 *
 * The transport to the writers of this process: one pool thread a call. Documents pass as copies of
 * the model, never as text. See transport.h.
 */
#include <vss.h>

#include "base/mem.h"
#include "bus/bus_call.h"
#include "bus/writer_record.h"
#include "bus/writer_registry.h"
#include "os/pool.h"

struct local_endpoint
{
    struct bus_endpoint endpoint;
    struct writer_record *record; /* a reference */
};

/* What the transport keeps of a call. */
struct local_call
{
    struct writer_call *call; /* a reference */
    struct writer_place place;
};

static struct writer_record *record_of(struct bus_endpoint *endpoint)
{
    return CONTAINING_RECORD(endpoint, struct local_endpoint, endpoint)->record;
}

/* On a pool thread. */
static void run_call(void *context)
{
    struct bus_call *call = context;
    struct local_call *local = call->transport_data;
    struct writer_record *record = record_of(call->endpoint);
    struct bus_reply reply = {0};
    struct async_op *previous = async_op_enter_handler(call->op);
    reply.delivery = bus_call_fault(call);
    if (SUCCEEDED(reply.delivery))
        writer_record_deliver(record, local->call, &reply);
    writer_record_step_out(record, &local->place);
    async_op_leave_handler(previous);
    bus_call_complete(call, &reply);
    bus_call_release(call);
}

static struct local_call *create_call(const struct bus_request *request)
{
    struct local_call *local = mem_alloc(sizeof(*local));
    if (!local)
        return NULL;
    local->call = writer_call_create(request->payload, request->components);
    if (!local->call)
    {
        mem_free(local);
        return NULL;
    }
    local->call->place = &local->place;
    return local;
}

static HRESULT local_start(struct bus_endpoint *endpoint, struct bus_call *call)
{
    if (call->request.kind == BUS_REQUEST_STATUS)
    {
        struct bus_reply reply = {0};
        reply.delivery = writer_record_status(
            record_of(endpoint), &call->request.session_id, &reply.status);
        bus_call_complete(call, &reply);
        return S_OK;
    }
    if (!bus_call_own_components(call))
        return E_OUTOFMEMORY;
    struct local_call *local = create_call(&call->request);
    if (!local)
        return E_OUTOFMEMORY;
    call->transport_data = local;
    bus_call_addref(call);
    writer_record_line_up(record_of(endpoint), &local->place, &call->request.session_id);
    HRESULT hr = pool_run(run_call, call);
    if (FAILED(hr))
    {
        writer_record_step_out(record_of(endpoint), &local->place);
        bus_call_release(call);
    }
    return hr;
}

static void local_detach(struct bus_endpoint *endpoint, struct bus_call *call, HRESULT failure)
{
    const struct local_call *local = call->transport_data;
    writer_record_abandon(record_of(endpoint), local->call, failure);
}

static void local_forget(struct bus_endpoint *endpoint, struct bus_call *call)
{
    struct local_call *local = call->transport_data;
    (void)endpoint;
    if (!local)
        return;
    writer_call_release(local->call);
    mem_free(local);
}

static void local_tell_standing(struct bus_endpoint *endpoint, struct bus_standing *standing)
{
    writer_record_standing(record_of(endpoint), standing);
}

static void local_destroy(struct bus_endpoint *endpoint)
{
    struct local_endpoint *local = CONTAINING_RECORD(endpoint, struct local_endpoint, endpoint);
    writer_record_release(local->record);
    mem_free(local);
}

static const struct bus_endpoint_ops local_ops = {
    .start = local_start,
    .detach = local_detach,
    .forget = local_forget,
    .tell_standing = local_tell_standing,
    .destroy = local_destroy,
};

/* Takes over the reference to `record` on success only. */
static HRESULT add_endpoint(struct writer_record *record, struct vec *endpoints)
{
    struct local_endpoint *local = mem_alloc(sizeof(*local));
    if (!local || !vec_push(endpoints, &local->endpoint))
    {
        mem_free(local);
        return E_OUTOFMEMORY;
    }
    bus_endpoint_init(&local->endpoint, &local_ops, writer_record_traits(record));
    local->record = record;
    return S_OK;
}

static void release_record(void *record)
{
    writer_record_release(record);
}

static HRESULT local_list(const WCHAR *scope, HANDLE cancel, struct vec *endpoints)
{
    (void)cancel;
    if (transport_local_is_off)
        return S_OK;
    struct vec records = {0};
    HRESULT hr = writer_registry_list(scope, &records);
    size_t done = 0;
    while (SUCCEEDED(hr) && done < records.count)
    {
        hr = add_endpoint(records.items[done], endpoints);
        if (SUCCEEDED(hr))
            records.items[done++] = NULL;
    }
    vec_free(&records, release_record);
    return hr;
}

const struct transport transport_local = {
    .name = "local",
    .list = local_list,
};
