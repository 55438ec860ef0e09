/* SPDX-License-Identifier: MIT
 *
 * include/thawline.h: the writers that there are. What the bus found is written into one block, the
 * structures first and the strings behind them. Any thread.
 */
#include "thawline.h"

#include <string.h>

#include "base/mem.h"
#include "base/str16.h"
#include "bus/bus_list.h"
#include "diag/log.h"

/* With its NUL; 0 for NULL. */
static size_t units_of(const WCHAR *text)
{
    return text ? str16_len(text) + 1 : 0;
}

/* Copies `text` to *end, which moves on; NULL for NULL. */
static const WCHAR *place(const WCHAR *text, WCHAR **end)
{
    WCHAR *placed = *end;
    size_t units = units_of(text);
    if (!text)
        return NULL;
    memcpy(placed, text, units * sizeof(WCHAR));
    *end += units;
    return placed;
}

static void fill(THAWLINE_WRITER_STATUS *status, const struct bus_listed *listed, WCHAR **end)
{
    const struct writer_traits *traits = listed->endpoint->traits;
    status->WriterId = traits->class_id;
    status->InstanceId = traits->instance_id;
    status->pwszName = place(traits->name, end);
    status->pwszInstanceName = place(traits->instance_name, end);
    status->State = (VSS_WRITER_STATE)listed->standing.state;
    status->hrFailure = listed->standing.failure;
    status->dwProcessId = listed->standing.process_id;
    status->uBits = listed->standing.bits;
}

/* NULL when memory is exhausted. */
static THAWLINE_WRITER_STATUS *flatten(const struct bus_listed *listed, size_t count)
{
    size_t units = 0;
    for (size_t i = 0; i < count; i++)
    {
        const struct writer_traits *traits = listed[i].endpoint->traits;
        units += units_of(traits->name) + units_of(traits->instance_name);
    }
    THAWLINE_WRITER_STATUS *writers = mem_alloc(count * sizeof(*writers) + units * sizeof(WCHAR));
    WCHAR *end = (WCHAR *)(writers + count);
    for (size_t i = 0; writers && i < count; i++)
        fill(&writers[i], &listed[i], &end);
    return writers;
}

HRESULT THAWLINE_API ThawlineListWriters(THAWLINE_WRITER_STATUS **writers, UINT *count)
{
    if (writers)
        *writers = NULL;
    if (count)
        *count = 0;
    if (!writers || !count)
        return log_error(E_INVALIDARG, "ThawlineListWriters: a pointer is NULL.");
    struct bus_listed *listed = NULL;
    size_t found = 0;
    HRESULT hr = bus_list(&listed, &found);
    if (FAILED(hr) || !found)
        return hr;
    THAWLINE_WRITER_STATUS *made = flatten(listed, found);
    bus_list_free(listed, found);
    if (!made)
        return E_OUTOFMEMORY;
    *writers = made;
    *count = (UINT)found;
    return S_OK;
}

void THAWLINE_API ThawlineFreeWriters(THAWLINE_WRITER_STATUS *writers)
{
    mem_free(writers);
}
