/* SPDX-License-Identifier: MIT
 *
 * What all transports share, and their list. See transport.h.
 */
#include "bus/transport.h"

#include "bus/bus_fault.h"
#include "diag/log.h"

bool transport_local_is_off;

static const struct transport *const transports[] = {
    &transport_local, &transport_pipe, &transport_express};

void bus_reply_clear(struct bus_reply *reply)
{
    bus_status_clear(&reply->status);
    writer_components_release(reply->components);
    writer_metadata_release(reply->metadata);
    *reply = (struct bus_reply){0};
}

void bus_endpoint_init(struct bus_endpoint *endpoint, const struct bus_endpoint_ops *ops,
    const struct writer_traits *traits)
{
    *endpoint = (struct bus_endpoint){.ops = ops, .traits = traits, .refs = 1};
}

struct bus_endpoint *bus_endpoint_addref(struct bus_endpoint *endpoint)
{
    InterlockedIncrement(&endpoint->refs);
    return endpoint;
}

void bus_endpoint_release(void *released)
{
    struct bus_endpoint *endpoint = released;
    if (endpoint && InterlockedDecrement(&endpoint->refs) == 0)
        endpoint->ops->destroy(endpoint);
}

HRESULT transport_list_all(const WCHAR *scope, HANDLE cancel, struct vec *endpoints)
{
    for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++)
    {
        HRESULT hr = transports[i]->list(scope, cancel, endpoints);
        if (FAILED(hr))
        {
            vec_free(endpoints, bus_endpoint_release);
            return log_error(hr, "The %s writers cannot be listed.", transports[i]->name);
        }
    }
    for (size_t i = endpoints->count; i-- > 0;)
    {
        struct bus_endpoint *endpoint = endpoints->items[i];
        if (bus_fault_hides(endpoint->traits))
            bus_endpoint_release(vec_remove(endpoints, i));
    }
    return S_OK;
}
