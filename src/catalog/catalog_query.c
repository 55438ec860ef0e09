/* SPDX-License-Identifier: MIT
 *
 * Looking up sets and snapshots. See catalog.h.
 */
#include "catalog/catalog.h"

#include "base/guid.h"
#include "catalog/catalog_record.h"
#include "diag/fault.h"
#include "diag/log.h"

static void release_set(void *set)
{
    snapshot_set_release(set);
}

/* Complete sets only. Records that can't be read were logged and are skipped. */
static HRESULT read_complete(const struct catalog_folder *folder, struct vec *sets)
{
    struct catalog_listing listing = {0};
    HRESULT hr = catalog_folder_list(folder, &listing);
    for (size_t i = 0; i < listing.records.count && SUCCEEDED(hr); i++)
    {
        struct snapshot_set *set = NULL;
        hr = catalog_record_read(folder, listing.records.items[i], &set);
        if (SUCCEEDED(hr) && !set->creating)
        {
            if (vec_push(sets, set))
                continue;
            hr = E_OUTOFMEMORY;
        }
        snapshot_set_release(set);
        if (hr != E_OUTOFMEMORY)
            hr = S_OK;
    }
    catalog_listing_free(&listing);
    return hr;
}

static HRESULT list_complete(const WCHAR *operation, struct vec *sets)
{
    struct vec found = {0};
    struct catalog_folder folder = {0};
    HRESULT hr = fault_at(FAULT_CATALOG, operation);
    if (FAILED(hr))
        return hr;
    hr = catalog_collect();
    if (FAILED(hr))
        log_warning(hr, "The sets of dead processes could not be collected.");
    hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = read_complete(&folder, &found);
    catalog_folder_leave(&folder);
    if (FAILED(hr))
        vec_free(&found, release_set);
    else
        *sets = found;
    return hr;
}

HRESULT catalog_list(struct vec *sets)
{
    return list_complete(L"list", sets);
}

/* The first set for which `matches` holds, with a reference for the caller. */
static HRESULT find(const GUID *id, bool (*matches)(const struct snapshot_set *set, const GUID *id),
    struct snapshot_set **set)
{
    struct vec sets = {0};
    HRESULT hr = list_complete(L"find", &sets);
    if (FAILED(hr))
        return hr;
    hr = VSS_E_OBJECT_NOT_FOUND;
    for (size_t i = 0; i < sets.count && FAILED(hr); i++)
    {
        if (!matches(sets.items[i], id))
            continue;
        *set = snapshot_set_addref(sets.items[i]);
        hr = S_OK;
    }
    vec_free(&sets, release_set);
    return hr;
}

static bool is_set(const struct snapshot_set *set, const GUID *id)
{
    return guid_equal(&set->id, id);
}

static bool has_snapshot(const struct snapshot_set *set, const GUID *id)
{
    return snapshot_set_find(set, id) != NULL;
}

HRESULT catalog_find_set(const GUID *set_id, struct snapshot_set **set)
{
    return find(set_id, is_set, set);
}

HRESULT catalog_find_snapshot(const GUID *snapshot_id, struct snapshot_set **set)
{
    return find(snapshot_id, has_snapshot, set);
}
