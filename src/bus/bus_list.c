/* SPDX-License-Identifier: MIT
 *
 * Which writers there are. See bus_list.h.
 */
#include "bus/bus_list.h"

#include <vss.h>

#include "base/mem.h"
#include "diag/log.h"
#include "os/settings.h"

static HRESULT find_endpoints(struct vec *endpoints)
{
    WCHAR scope[SCOPE_LENGTH + 1];
    HRESULT hr = settings_scope(scope);
    if (FAILED(hr))
        return log_error(hr, "The writers cannot be listed: the scope's name is not valid.");
    hr = transport_list_all(scope, NULL, endpoints);
    return SUCCEEDED(hr) || hr == E_OUTOFMEMORY ? hr : VSS_E_WRITER_INFRASTRUCTURE;
}

HRESULT bus_list(struct bus_listed **listed, size_t *count)
{
    struct vec endpoints = {0};
    struct bus_listed *made = NULL;
    HRESULT hr = find_endpoints(&endpoints);
    if (SUCCEEDED(hr) && endpoints.count)
    {
        made = mem_alloc_array(endpoints.count, sizeof(*made));
        hr = made ? S_OK : E_OUTOFMEMORY;
    }
    if (FAILED(hr))
    {
        vec_free(&endpoints, bus_endpoint_release);
        return hr;
    }
    for (size_t i = 0; i < endpoints.count; i++)
    {
        struct bus_endpoint *endpoint = endpoints.items[i];
        made[i].endpoint = endpoint;
        endpoint->ops->tell_standing(endpoint, &made[i].standing);
    }
    *listed = made;
    *count = endpoints.count;
    vec_free(&endpoints, NULL);
    return S_OK;
}

void bus_list_free(struct bus_listed *listed, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bus_endpoint_release(listed[i].endpoint);
    mem_free(listed);
}
