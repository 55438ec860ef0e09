/* SPDX-License-Identifier: MIT
 *
 * The transport to express writers: nobody is called. A stored document answers Identify, no event
 * is delivered, and the writer is always stable. See transport.h and express_store.h.
 */
#include <vss.h>
#include <vswriter.h>

#include "base/mem.h"
#include "base/str16.h"
#include "bus/bus_call.h"
#include "bus/express_store.h"

struct express_endpoint
{
    struct bus_endpoint endpoint;
    struct writer_traits traits;
    struct writer_metadata *metadata; /* a reference */
};

static struct express_endpoint *express_of(struct bus_endpoint *endpoint)
{
    return CONTAINING_RECORD(endpoint, struct express_endpoint, endpoint);
}

static HRESULT express_start(struct bus_endpoint *endpoint, struct bus_call *call)
{
    const struct bus_request *request = &call->request;
    struct bus_reply reply = {.delivery = S_OK, .status = {.state = VSS_WS_STABLE}};
    if (request->kind == BUS_REQUEST_EVENT && request->payload->event == EVENT_IDENTIFY)
        reply.metadata = writer_metadata_addref(express_of(endpoint)->metadata);
    else if (request->kind == BUS_REQUEST_EVENT)
        reply.delivery = S_FALSE;
    bus_call_complete(call, &reply);
    return S_OK;
}

/* No call is ever pending. */
static void express_detach(struct bus_endpoint *endpoint, struct bus_call *call, HRESULT failure)
{
    (void)endpoint;
    (void)call;
    (void)failure;
}

static void express_forget(struct bus_endpoint *endpoint, struct bus_call *call)
{
    (void)endpoint;
    (void)call;
}

static void express_tell_standing(struct bus_endpoint *endpoint, struct bus_standing *standing)
{
    (void)endpoint;
    *standing = (struct bus_standing){.state = VSS_WS_STABLE, .failure = S_OK};
}

static void express_destroy(struct bus_endpoint *endpoint)
{
    struct express_endpoint *express = express_of(endpoint);
    writer_traits_clear(&express->traits);
    writer_metadata_release(express->metadata);
    mem_free(express);
}

static const struct bus_endpoint_ops express_ops = {
    .start = express_start,
    .detach = express_detach,
    .forget = express_forget,
    .tell_standing = express_tell_standing,
    .destroy = express_destroy,
};

static HRESULT add_endpoint(struct writer_metadata *metadata, struct vec *endpoints)
{
    const struct writer_traits traits = {.class_id = metadata->writer_id,
        .instance_id = metadata->instance_id,
        .name = metadata->writer_name,
        .instance_name = metadata->instance_name,
        .usage = metadata->usage,
        .source = metadata->source,
        .level = VSS_APP_FRONT_END,
        .major_version = metadata->major_version,
        .minor_version = metadata->minor_version,
        .express = true};
    struct express_endpoint *express = mem_alloc(sizeof(*express));
    if (!express)
        return E_OUTOFMEMORY;
    bus_endpoint_init(&express->endpoint, &express_ops, &express->traits);
    express->metadata = writer_metadata_addref(metadata);
    HRESULT hr = writer_traits_copy(&express->traits, &traits);
    if (SUCCEEDED(hr) && !vec_push(endpoints, &express->endpoint))
        hr = E_OUTOFMEMORY;
    if (FAILED(hr))
        bus_endpoint_release(&express->endpoint);
    return hr;
}

static HRESULT express_list(const WCHAR *scope, HANDLE cancel, struct vec *endpoints)
{
    (void)cancel;
    struct vec documents = {0};
    HRESULT hr = express_store_list(scope, &documents);
    for (size_t i = 0; SUCCEEDED(hr) && i < documents.count; i++)
    {
        const struct express_document *document = documents.items[i];
        hr = add_endpoint(document->metadata, endpoints);
    }
    vec_free(&documents, express_document_free);
    return hr;
}

const struct transport transport_express = {
    .name = "express",
    .list = express_list,
};
