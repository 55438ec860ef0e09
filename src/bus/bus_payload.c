/* SPDX-License-Identifier: MIT
 *
 * What an event carries, and where a writer stands. See bus_payload.h.
 */
#include "bus/bus_payload.h"

#include <vss.h>

#include "base/mem.h"
#include "base/str16.h"

/* The three arrays lie one after another in one block. */
#define STRINGS_PER_VOLUME 3

struct bus_payload *bus_payload_create(enum vss_event event, size_t volume_count)
{
    struct bus_payload *payload = mem_alloc(sizeof(*payload));
    if (!payload)
        return NULL;
    payload->event = event;
    payload->refs = 1;
    if (volume_count)
    {
        WCHAR **strings = mem_alloc_array(volume_count, STRINGS_PER_VOLUME * sizeof(*strings));
        if (!strings)
        {
            mem_free(payload);
            return NULL;
        }
        payload->volume_count = volume_count;
        payload->volume_names = strings;
        payload->volume_paths = strings + volume_count;
        payload->device_names = strings + 2 * volume_count;
    }
    return payload;
}

void bus_payload_continue(struct bus_payload *payload, const struct bus_payload *earlier)
{
    payload->snapshot_set_id = earlier->snapshot_set_id;
    payload->context = earlier->context;
    payload->restore = earlier->restore;
    payload->select_components = earlier->select_components;
    payload->bootable_system_state = earlier->bootable_system_state;
    payload->partial_file_support = earlier->partial_file_support;
    payload->backup_type = earlier->backup_type;
    payload->restore_type = earlier->restore_type;
}

HRESULT bus_payload_set_volume(struct bus_payload *payload, size_t index, const WCHAR *volume_name,
    const WCHAR *volume_path, const WCHAR *device_name)
{
    HRESULT hr = str16_assign(&payload->volume_names[index], volume_name);
    if (SUCCEEDED(hr))
        hr = str16_assign(&payload->volume_paths[index], volume_path);
    if (SUCCEEDED(hr))
        hr = str16_assign(&payload->device_names[index], device_name);
    return hr;
}

struct bus_payload *bus_payload_addref(struct bus_payload *payload)
{
    InterlockedIncrement(&payload->refs);
    return payload;
}

void bus_payload_release(struct bus_payload *payload)
{
    if (!payload || InterlockedDecrement(&payload->refs))
        return;
    for (size_t i = 0; i < payload->volume_count * STRINGS_PER_VOLUME; i++)
        mem_free(payload->volume_names[i]);
    mem_free(payload->volume_names);
    mem_free(payload);
}

void bus_status_clear(struct bus_status *status)
{
    mem_free(status->message);
    *status = (struct bus_status){.state = VSS_WS_STABLE};
}

HRESULT bus_status_copy(struct bus_status *target, const struct bus_status *source)
{
    HRESULT hr = str16_assign(&target->message, source->message);
    if (FAILED(hr))
        return hr;
    target->state = source->state;
    target->failure = source->failure;
    target->application = source->application;
    return S_OK;
}
