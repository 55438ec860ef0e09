/* SPDX-License-Identifier: MIT
 *
 * Collecting what dead processes left: sets they were making, sets that die with them, deletions
 * they did not finish, lock files and temporary files. See catalog.h. Any thread, any process;
 * several at once share the work.
 */
#include "catalog/catalog.h"

#include "base/guid.h"
#include "base/mem.h"
#include "catalog/catalog_delete.h"
#include "diag/fault.h"
#include "diag/log.h"

struct dead_set
{
    struct snapshot_set *set;
    struct file_lock *lock; /* ours now: no one else collects it */
};

static void dead_set_free(void *item)
{
    struct dead_set *dead = item;
    if (!dead)
        return;
    file_lock_drop(dead->lock, false);
    snapshot_set_release(dead->set);
    mem_free(dead);
}

static bool is_held_error(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION);
}

/* Nobody holds it, and nobody has to: the process died before it could delete it. */
static void remove_lock_file(const struct catalog_folder *folder, const GUID *id)
{
    struct file_lock *lock = NULL;
    if (SUCCEEDED(catalog_life_lock(folder, id, &lock)))
        file_lock_drop(lock, true);
}

/* S_FALSE: not dead. */
static HRESULT claim(
    const struct catalog_folder *folder, const GUID *id, bool has_lock, struct dead_set *dead)
{
    HRESULT hr = catalog_record_read(folder, id, &dead->set);
    if (FAILED(hr))
        return hr == E_OUTOFMEMORY ? hr : S_FALSE;
    if (!dead->set->creating && !catalog_is_auto_release(dead->set))
    {
        if (has_lock)
            remove_lock_file(folder, id);
        return S_FALSE;
    }
    if (FAILED(catalog_record_check_owner(folder, id)))
        return S_FALSE;
    hr = catalog_life_lock(folder, id, &dead->lock);
    if (FAILED(hr))
        return is_held_error(hr) ? S_FALSE : hr;
    /* The process died before it took the snapshot out of its set. */
    return catalog_is_deletion(dead->set) ? catalog_take_out(folder, id) : S_OK;
}

static bool contains(const struct vec *ids, const GUID *id)
{
    for (size_t i = 0; i < ids->count; i++)
        if (guid_equal(ids->items[i], id))
            return true;
    return false;
}

static HRESULT claim_dead_sets(const struct catalog_folder *folder,
    const struct catalog_listing *listing, struct vec *dead_sets)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < listing->records.count && hr != E_OUTOFMEMORY; i++)
    {
        const GUID *id = listing->records.items[i];
        struct dead_set *dead = mem_alloc(sizeof(*dead));
        if (!dead)
            return E_OUTOFMEMORY;
        hr = claim(folder, id, contains(&listing->locks, id), dead);
        if (hr == S_OK && !vec_push(dead_sets, dead))
            hr = E_OUTOFMEMORY;
        if (hr != S_OK)
            dead_set_free(dead);
        if (FAILED(hr) && hr != E_OUTOFMEMORY)
            log_warning(hr, "A set in the catalog could not be examined.");
    }
    return hr == E_OUTOFMEMORY ? hr : S_OK;
}

/* Under the mutex: whoever makes a lock file makes its record before leaving. */
static void remove_rubbish(
    const struct catalog_folder *folder, const struct catalog_listing *listing)
{
    for (size_t i = 0; i < listing->temporaries.count; i++)
    {
        WCHAR *path = file_join(folder->path, listing->temporaries.items[i]);
        if (path)
            file_delete(path);
        mem_free(path);
    }
    for (size_t i = 0; i < listing->locks.count; i++)
        if (!contains(&listing->records, listing->locks.items[i]))
            remove_lock_file(folder, listing->locks.items[i]);
}

/* Claiming a deletion that was not finished may take away another record; so the rubbish is looked
   for afterwards. */
static HRESULT find_dead_sets(struct vec *dead_sets)
{
    struct catalog_folder folder = {0};
    struct catalog_listing listing = {0};
    struct catalog_listing rest = {0};
    HRESULT hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = catalog_folder_list(&folder, &listing);
    if (SUCCEEDED(hr))
        hr = claim_dead_sets(&folder, &listing, dead_sets);
    if (SUCCEEDED(hr))
        hr = catalog_folder_list(&folder, &rest);
    if (SUCCEEDED(hr))
        remove_rubbish(&folder, &rest);
    catalog_listing_free(&rest);
    catalog_listing_free(&listing);
    catalog_folder_leave(&folder);
    return hr;
}

static HRESULT delete_members(const struct snapshot_set *set)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < set->snapshots.count; i++)
    {
        HRESULT deleted = catalog_delete_store(set->snapshots.items[i], false);
        if (SUCCEEDED(hr))
            hr = deleted;
    }
    return hr;
}

/* The record goes last: until then the next process would do it all again. */
static void forget(struct dead_set *dead)
{
    struct catalog_folder folder = {0};
    HRESULT hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = catalog_record_delete(&folder, &dead->set->id);
    file_lock_drop(dead->lock, SUCCEEDED(hr));
    dead->lock = NULL;
    catalog_folder_leave(&folder);
}

HRESULT catalog_collect(void)
{
    struct vec dead_sets = {0};
    HRESULT hr = fault_at(FAULT_CATALOG, L"collect");
    if (SUCCEEDED(hr))
        hr = find_dead_sets(&dead_sets);
    for (size_t i = 0; i < dead_sets.count; i++)
    {
        struct dead_set *dead = dead_sets.items[i];
        HRESULT deleted = delete_members(dead->set);
        if (SUCCEEDED(deleted))
        {
            forget(dead);
            log_info("The shadow copy set of a process that died was removed.");
        }
        else
        {
            log_warning(
                deleted, "The shadow copy set of a process that died can't be removed yet.");
        }
    }
    vec_free(&dead_sets, dead_set_free);
    return hr;
}
