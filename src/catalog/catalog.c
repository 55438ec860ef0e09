/* SPDX-License-Identifier: MIT
 *
 * Sets that this process makes and keeps alive. See catalog.h; looking up is in catalog_query.c,
 * deleting in catalog_delete.c, dead sets in catalog_collect.c.
 *
 * The order of the steps is what makes a crash harmless: lock file, record, then whatever the
 * provider makes; and back, the snapshots, the record, the lock file. Whatever is left at any point
 * is a lock without record, or a record that tells what to delete.
 */
#include "catalog/catalog.h"

#include "base/guid.h"
#include "base/mem.h"
#include "catalog/catalog_record.h"
#include "diag/fault.h"
#include "diag/log.h"

#define CREATION_LOCK L"creation.lock"

struct catalog_creation
{
    struct file_lock *lock;
};

struct catalog_hold
{
    GUID set_id;
    struct file_lock *lock;
};

HRESULT catalog_creation_take(struct catalog_creation **creation)
{
    WCHAR *folder = NULL;
    WCHAR *path = NULL;
    struct catalog_creation *taken = NULL;
    HRESULT hr = fault_at(FAULT_CATALOG, L"creation");
    if (SUCCEEDED(hr))
        hr = catalog_folder_path(&folder);
    if (FAILED(hr))
        goto done;
    hr = E_OUTOFMEMORY;
    path = file_join(folder, CREATION_LOCK);
    taken = mem_alloc(sizeof(*taken));
    if (!path || !taken)
        goto done;
    hr = file_lock_take(path, &taken->lock);
    if (hr == HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION))
        hr = VSS_E_SNAPSHOT_SET_IN_PROGRESS;
    else if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "The creation lock %ls can't be taken.", path);
    if (FAILED(hr))
        goto done;
    *creation = taken;
    taken = NULL;
done:
    mem_free(taken);
    mem_free(path);
    mem_free(folder);
    return hr;
}

void catalog_creation_drop(struct catalog_creation *creation)
{
    if (!creation)
        return;
    /* The file stays: deleting it while another process opens it would let both of them have it. */
    file_lock_drop(creation->lock, false);
    mem_free(creation);
}

/* The lock first: a record without it would be collected at once. */
static HRESULT write_first_record(const struct snapshot_set *set, struct catalog_hold *hold)
{
    struct catalog_folder folder = {0};
    HRESULT hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = catalog_life_lock(&folder, &set->id, &hold->lock);
    if (SUCCEEDED(hr))
        hr = catalog_record_write(&folder, set);
    if (FAILED(hr))
    {
        file_lock_drop(hold->lock, true);
        hold->lock = NULL;
    }
    catalog_folder_leave(&folder);
    return hr;
}

HRESULT catalog_begin(const struct snapshot_set *set, struct catalog_hold **hold)
{
    HRESULT hr = fault_at(FAULT_CATALOG, L"begin");
    if (FAILED(hr))
        return hr;
    hr = catalog_collect();
    if (FAILED(hr))
        log_warning(hr, "The sets of dead processes could not be collected.");
    struct catalog_hold *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    made->set_id = set->id;
    hr = write_first_record(set, made);
    if (FAILED(hr))
        mem_free(made);
    else
        *hold = made;
    return hr;
}

/* Replaces a record that is there: one that somebody deleted meanwhile does not come back. */
static HRESULT replace(const struct catalog_folder *folder, const struct snapshot_set *set)
{
    struct snapshot_set *present = NULL;
    HRESULT hr = catalog_record_read(folder, &set->id, &present);
    snapshot_set_release(present);
    return FAILED(hr) ? hr : catalog_record_write(folder, set);
}

HRESULT catalog_update(const struct snapshot_set *set)
{
    struct catalog_folder folder = {0};
    HRESULT hr = fault_at(FAULT_CATALOG, L"update");
    if (SUCCEEDED(hr))
        hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = replace(&folder, set);
    catalog_folder_leave(&folder);
    return hr;
}

HRESULT catalog_commit(const struct snapshot_set *set, struct catalog_hold **hold)
{
    struct catalog_folder folder = {0};
    HRESULT hr = fault_at(FAULT_CATALOG, L"commit");
    if (SUCCEEDED(hr))
        hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = replace(&folder, set);
    if (SUCCEEDED(hr) && !catalog_is_auto_release(set))
    {
        file_lock_drop((*hold)->lock, true);
        mem_free(*hold);
        *hold = NULL;
    }
    catalog_folder_leave(&folder);
    return hr;
}

HRESULT catalog_forget(const GUID *set_id, struct catalog_hold *hold)
{
    struct catalog_folder folder = {0};
    HRESULT hr = fault_at(FAULT_CATALOG, L"forget");
    if (SUCCEEDED(hr))
        hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = catalog_record_delete(&folder, set_id);
    if (hold)
    {
        /* With the record still there the lock file stays, unlocked: the next process collects the
           set. */
        file_lock_drop(hold->lock, SUCCEEDED(hr));
        mem_free(hold);
    }
    catalog_folder_leave(&folder);
    return hr;
}

/* Whether the lock file is of no use any more. When in doubt it stays: catalog_collect sees to
   it. */
static bool record_is_gone(const struct catalog_folder *folder, const GUID *set_id)
{
    struct snapshot_set *set = NULL;
    HRESULT hr = catalog_record_read(folder, set_id, &set);
    snapshot_set_release(set);
    return hr == VSS_E_OBJECT_NOT_FOUND;
}

void catalog_release_hold(struct catalog_hold *hold)
{
    if (!hold)
        return;
    struct catalog_folder folder = {0};
    bool gone = SUCCEEDED(catalog_folder_enter(&folder)) && record_is_gone(&folder, &hold->set_id);
    file_lock_drop(hold->lock, gone);
    mem_free(hold);
    catalog_folder_leave(&folder);
}
