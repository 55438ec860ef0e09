/* SPDX-License-Identifier: MIT
 *
 * What faults can match of a provider's step. See set_fault.h.
 */
#include "coordinator/set_fault.h"

#include "base/mem.h"
#include "base/str16.h"
#include "coordinator/set_builder_internal.h"

static bool add(struct vec *details, const WCHAR *step, const WCHAR *volume)
{
    struct str16_builder builder = {0};
    str16_builder_add(&builder, step);
    if (volume)
        str16_builder_add_char(&builder, L':');
    str16_builder_add(&builder, volume);
    WCHAR *text = str16_builder_take(&builder);
    if (text && vec_push(details, text))
        return true;
    mem_free(text);
    return false;
}

HRESULT set_fault_at(enum fault_point point, const WCHAR *step, const struct vec *members)
{
    struct vec details = {0};
    if (!fault_watches(point))
        return S_OK;
    bool whole = add(&details, step, NULL);
    for (size_t i = 0; i < members->count && whole; i++)
    {
        const struct set_member *member = members->items[i];
        whole = add(&details, step, member->volume->path) &&
            add(&details, step, member->volume->name);
    }
    HRESULT hr = whole ? fault_at_any(point, (const WCHAR *const *)details.items, details.count)
                       : E_OUTOFMEMORY;
    vec_free(&details, mem_free);
    return hr;
}
