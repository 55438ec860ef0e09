/* SPDX-License-Identifier: MIT
 *
 * Which writers a requestor wants to hear of. See bus_filter.h.
 */
#include "bus/bus_filter.h"

#include "base/guid.h"
#include "base/mem.h"

static bool contains(const struct guid_set *set, const GUID *id)
{
    for (size_t i = 0; i < set->count; i++)
        if (guid_equal(&set->ids[i], id))
            return true;
    return false;
}

static HRESULT add_all(struct guid_set *set, const GUID *ids, size_t count)
{
    if (!count)
        return S_OK;
    if (count > SIZE_MAX / sizeof(*ids) - set->count)
        return E_OUTOFMEMORY;
    GUID *grown = mem_realloc(set->ids, (set->count + count) * sizeof(*ids));
    if (!grown)
        return E_OUTOFMEMORY;
    set->ids = grown;
    for (size_t i = 0; i < count; i++)
        if (!contains(set, &ids[i]))
            set->ids[set->count++] = ids[i];
    return S_OK;
}

static void remove_all(struct guid_set *set, const GUID *ids, size_t count)
{
    const struct guid_set removed = {(GUID *)ids, count};
    size_t kept = 0;
    for (size_t i = 0; i < set->count; i++)
        if (!contains(&removed, &set->ids[i]))
            set->ids[kept++] = set->ids[i];
    set->count = kept;
}

HRESULT bus_filter_enable_classes(struct bus_filter *filter, const GUID *classes, size_t count)
{
    if (filter->only_listed)
        return add_all(&filter->classes, classes, count);
    struct guid_set listed = {0};
    HRESULT hr = add_all(&listed, classes, count);
    if (FAILED(hr))
        return hr;
    mem_free(filter->classes.ids);
    filter->classes = listed;
    filter->only_listed = true;
    return S_OK;
}

HRESULT bus_filter_disable_classes(struct bus_filter *filter, const GUID *classes, size_t count)
{
    if (!filter->only_listed)
        return add_all(&filter->classes, classes, count);
    remove_all(&filter->classes, classes, count);
    return S_OK;
}

HRESULT bus_filter_disable_instances(struct bus_filter *filter, const GUID *instances, size_t count)
{
    return add_all(&filter->instances, instances, count);
}

bool bus_filter_lets_through(
    const struct bus_filter *filter, const GUID *class_id, const GUID *instance_id)
{
    return contains(&filter->classes, class_id) == filter->only_listed &&
        !contains(&filter->instances, instance_id);
}

void bus_filter_free(struct bus_filter *filter)
{
    mem_free(filter->classes.ids);
    mem_free(filter->instances.ids);
    *filter = (struct bus_filter){0};
}
