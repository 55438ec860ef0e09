/* SPDX-License-Identifier: MIT
 *
 * Deleting one snapshot. See catalog_delete.h for the order of the steps, catalog.h for the
 * contract.
 */
#include "catalog/catalog_delete.h"

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "catalog/catalog.h"
#include "catalog/catalog_expose.h"
#include "catalog/catalog_revert.h"
#include "diag/fault.h"
#include "diag/log.h"
#include "provider/provider.h"
#include "provider/provider_trace.h"

bool catalog_is_deletion(const struct snapshot_set *set)
{
    const struct snapshot *member = vec_at(&set->snapshots, 0);
    return set->creating && set->snapshots.count == 1 && guid_equal(&set->id, &member->id);
}

HRESULT catalog_delete_store(struct snapshot *snapshot, bool force)
{
    HRESULT hr = snapshot->exposed_name ? catalog_end_exposure(snapshot) : S_OK;
    if (FAILED(hr) && !force)
        return hr;
    struct provider *provider = provider_find(&snapshot->provider_id);
    if (!provider)
        return log_error(VSS_E_PROVIDER_NOT_REGISTERED,
            "The provider of a shadow copy of %ls is not registered.", snapshot->volume_path);
    struct provider_trace trace = provider_trace_begin(
        provider, "DeleteSnapshots", snapshot->volume_path, NULL);
    return provider_trace_end(&trace, provider->ops->delete_snapshot(provider, snapshot, force));
}

HRESULT catalog_find_holder(
    const struct catalog_folder *folder, const GUID *snapshot_id, struct snapshot_set **set)
{
    struct catalog_listing listing = {0};
    HRESULT hr = catalog_folder_list(folder, &listing);
    if (FAILED(hr))
        return hr;
    hr = VSS_E_OBJECT_NOT_FOUND;
    for (size_t i = 0; i < listing.records.count && hr == VSS_E_OBJECT_NOT_FOUND; i++)
    {
        struct snapshot_set *read = NULL;
        HRESULT read_hr = catalog_record_read(folder, listing.records.items[i], &read);
        if (read_hr == E_OUTOFMEMORY)
            hr = read_hr;
        else if (SUCCEEDED(read_hr) && !read->creating && snapshot_set_find(read, snapshot_id))
        {
            *set = snapshot_set_addref(read);
            hr = S_OK;
        }
        snapshot_set_release(read);
    }
    catalog_listing_free(&listing);
    return hr;
}

/* `set` is this call's own copy. */
static HRESULT write_without(
    const struct catalog_folder *folder, struct snapshot_set *set, const GUID *snapshot_id)
{
    for (size_t i = set->snapshots.count; i-- > 0;)
    {
        const struct snapshot *member = set->snapshots.items[i];
        if (guid_equal(&member->id, snapshot_id))
            snapshot_destroy(vec_remove(&set->snapshots, i));
    }
    return set->snapshots.count ? catalog_record_write(folder, set)
                                : catalog_record_delete(folder, &set->id);
}

HRESULT catalog_take_out(const struct catalog_folder *folder, const GUID *snapshot_id)
{
    struct snapshot_set *set = NULL;
    HRESULT hr = catalog_find_holder(folder, snapshot_id, &set);
    if (SUCCEEDED(hr))
        hr = write_without(folder, set, snapshot_id);
    snapshot_set_release(set);
    return hr == VSS_E_OBJECT_NOT_FOUND ? S_OK : hr;
}

struct deletion
{
    struct snapshot_set *set;    /* as it was before, with the snapshot */
    struct snapshot_set *record; /* the deletion's own record */
    struct file_lock *lock;
};

static HRESULT make_record(
    const struct snapshot_set *set, const GUID *snapshot_id, struct snapshot_set **record)
{
    struct snapshot_set *made = snapshot_set_create(snapshot_id, set->context);
    struct snapshot *member = snapshot_clone(snapshot_set_find(set, snapshot_id));
    if (!made || !member || !vec_push(&made->snapshots, member))
    {
        snapshot_destroy(member);
        snapshot_set_release(made);
        return E_OUTOFMEMORY;
    }
    made->creating = true;
    /* Nobody knows how much of it is left when the deletion fails: it may be listed again, but no
       volume becomes what it holds. */
    str16_assign(&member->digest, NULL);
    *record = made;
    return S_OK;
}

/* Under the mutex: from here on the snapshot is not listed any more. */
static HRESULT begin(
    const struct catalog_folder *folder, const GUID *snapshot_id, struct deletion *deletion)
{
    HRESULT hr = catalog_find_holder(folder, snapshot_id, &deletion->set);
    if (SUCCEEDED(hr))
        hr = catalog_record_check_owner(folder, &deletion->set->id);
    if (SUCCEEDED(hr))
        hr = catalog_check_not_reverting(snapshot_set_find(deletion->set, snapshot_id));
    if (SUCCEEDED(hr))
        hr = make_record(deletion->set, snapshot_id, &deletion->record);
    if (SUCCEEDED(hr))
        hr = catalog_life_lock(folder, snapshot_id, &deletion->lock);
    if (FAILED(hr))
        return hr;
    hr = catalog_record_write(folder, deletion->record);
    if (SUCCEEDED(hr))
        hr = catalog_take_out(folder, snapshot_id);
    if (FAILED(hr) && SUCCEEDED(catalog_record_delete(folder, snapshot_id)))
    {
        file_lock_drop(deletion->lock, true);
        deletion->lock = NULL;
    }
    return hr;
}

/* The provider would not: the snapshot is listed again, in its set's record or, if that went, in a
   new one. */
static HRESULT put_back(const struct catalog_folder *folder, const struct deletion *deletion)
{
    struct snapshot_set *present = NULL;
    struct snapshot *member = NULL;
    HRESULT hr = catalog_record_read(folder, &deletion->set->id, &present);
    if (hr == VSS_E_OBJECT_NOT_FOUND)
    {
        present = snapshot_set_clone(deletion->set);
        if (!present)
            return E_OUTOFMEMORY;
        vec_free(&present->snapshots, snapshot_destroy);
        hr = S_OK;
    }
    if (SUCCEEDED(hr))
    {
        member = snapshot_clone(deletion->record->snapshots.items[0]);
        if (!member || !vec_push(&present->snapshots, member))
        {
            snapshot_destroy(member);
            hr = E_OUTOFMEMORY;
        }
    }
    if (SUCCEEDED(hr))
        hr = catalog_record_write(folder, present);
    snapshot_set_release(present);
    return hr;
}

/* Under the mutex. If the deletion's record can't be removed, catalog_collect tries to delete the
   snapshot again. */
static HRESULT end(const struct catalog_folder *folder, struct deletion *deletion, HRESULT deleted)
{
    HRESULT hr = FAILED(deleted) ? put_back(folder, deletion) : S_OK;
    if (SUCCEEDED(hr))
        hr = catalog_record_delete(folder, &deletion->record->id);
    file_lock_drop(deletion->lock, SUCCEEDED(hr));
    deletion->lock = NULL;
    return FAILED(deleted) ? deleted : hr;
}

HRESULT catalog_delete_snapshot(const GUID *snapshot_id, bool force)
{
    struct deletion deletion = {0};
    struct catalog_folder folder = {0};
    HRESULT hr = fault_at(FAULT_CATALOG, L"delete");
    if (SUCCEEDED(hr))
        hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = begin(&folder, snapshot_id, &deletion);
    catalog_folder_leave(&folder);
    if (FAILED(hr))
        goto done;

    HRESULT deleted = catalog_delete_store(deletion.record->snapshots.items[0], force);
    hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = end(&folder, &deletion, deleted);
    catalog_folder_leave(&folder);
done:
    file_lock_drop(deletion.lock, false);
    snapshot_set_release(deletion.record);
    snapshot_set_release(deletion.set);
    return hr;
}
