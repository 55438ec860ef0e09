/* SPDX-License-Identifier: MIT
 *
 * Preparing a copy. See clone_prepare.h.
 */
#include "provider/clone_prepare.h"

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/clock.h"
#include "provider/clone_scan.h"
#include "provider/clone_store.h"

/* What must stay free beside the copy: for what the volume itself goes on writing, and for files
   that grow meanwhile. The smallest storage area that Windows makes on a small volume
   (requestor 5.4). */
#define RESERVE_BYTES (32u << 20)
/* Files take whole clusters; 4 KiB is what every common file system uses. */
#define CLUSTER_BYTES 4096u

/* Linux writes a page back at the latest 30 s after it became dirty, looking every 5 s; from then
   on the next store through a mapped view shows in the file's times. Doubled. */
#define RECENT_SECONDS 60
#define FILETIME_UNITS_PER_SECOND 10000000
/* Flushing costs an open and an fsync a file. Beyond this many files that nobody named, recent ones
   are common, and one more pass over all of them is not worth it: the copy does not promise
   anything about them. */
#define FLUSH_LIMIT 1000

/* Passes are repeated while the last one copied so much that the freeze would be long. */
#define CATCH_UP_PASSES 3
#define CATCH_UP_ENOUGH_BYTES (16u << 20)

static HRESULT check_room(const struct clone_update *update)
{
    uint64_t needed = RESERVE_BYTES;
    uint64_t free_bytes = 0;
    const struct clone_manifest *manifest = update->manifest;
    for (size_t i = 0; i < manifest->entries.count; i++)
    {
        const struct clone_entry *entry = manifest->entries.items[i];
        /* A reflink shares the content; what it takes to write that down is less than a cluster. */
        uint64_t size = update->reflink ? 0 : entry->size;
        needed += (size + CLUSTER_BYTES) / CLUSTER_BYTES * CLUSTER_BYTES;
    }
    HRESULT hr = clone_store_free_space(update->store, &free_bytes);
    if (SUCCEEDED(hr) && needed > free_bytes)
        return log_error(VSS_E_INSUFFICIENT_STORAGE,
            "A copy of %ls needs %llu MiB; %llu MiB are free at %ls.", update->scope->source,
            (unsigned long long)(needed >> 20), (unsigned long long)(free_bytes >> 20),
            update->store);
    return hr;
}

static LONGLONG recent_since(void)
{
    FILETIME time = clock_utc();
    LONGLONG now = (LONGLONG)((uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime);
    return now - (LONGLONG)RECENT_SECONDS * FILETIME_UNITS_PER_SECOND;
}

/* Stores through mapped views move a file's times once, then not again until the pages were written
   back. So files that were written lately, and named ones, are written back now; a store after this
   shows. The scan came before, so that a store in between shows as well. What can't be flushed is
   compared inside the freeze. */
static HRESULT flush_files(const struct clone_update *update)
{
    LONGLONG since = recent_since();
    size_t flushed = 0;
    for (size_t i = 0; i < update->manifest->entries.count; i++)
    {
        struct clone_entry *entry = update->manifest->entries.items[i];
        bool recent = entry->written >= since && flushed < FLUSH_LIMIT;
        if (clone_entry_is_folder(entry) || !(entry->named || recent))
            continue;
        HRESULT hr = clone_copier_check(update->copier);
        if (FAILED(hr))
            return hr;
        WCHAR *path = clone_join(update->scope->source, entry->path);
        if (!path)
            return E_OUTOFMEMORY;
        entry->hot = !clone_flush_source(path);
        flushed += !entry->named;
        mem_free(path);
    }
    return S_OK;
}

static HRESULT catch_up(const struct clone_update *update)
{
    HRESULT hr = S_OK;
    uint64_t written = CATCH_UP_ENOUGH_BYTES;
    struct clone_update again = *update;
    again.pass = CLONE_PASS_CATCH_UP;
    for (int i = 0; i < CATCH_UP_PASSES && SUCCEEDED(hr) && written >= CATCH_UP_ENOUGH_BYTES; i++)
    {
        uint64_t before = update->copier->written_bytes;
        hr = clone_update_run(&again);
        written = update->copier->written_bytes - before;
    }
    return hr;
}

HRESULT clone_prepare(const struct clone_update *update)
{
    HRESULT hr = clone_scan(update->scope, update->copier->cancelled, update->manifest);
    if (SUCCEEDED(hr))
        hr = check_room(update);
    if (SUCCEEDED(hr))
        hr = flush_files(update);
    if (FAILED(hr))
        return hr;
    update->copier->total_bytes = update->manifest->bytes;
    hr = clone_update_fill(update);
    return SUCCEEDED(hr) ? catch_up(update) : hr;
}

/* `unsure`: the answer when memory is exhausted. */
static bool is_excluded(const struct vec *specs, const struct clone_entry *entry, bool unsure)
{
    const WCHAR *last = str16_find_last_char(entry->path, L'\\');
    WCHAR *folder = last ? str16_ndup(entry->path, (size_t)(last - entry->path)) : str16_dup(L"");
    bool excluded = !folder && unsure;
    for (size_t i = 0; i < specs->count && folder && !excluded; i++)
        excluded = clone_spec_matches(specs->items[i], folder, last ? last + 1 : entry->path);
    mem_free(folder);
    return excluded;
}

/* The times of the folder moved with the deletion. */
static void restore_parent(const struct clone_update *update, const WCHAR *path)
{
    const WCHAR *last = str16_find_last_char(path, L'\\');
    WCHAR *parent = last ? str16_ndup(path, (size_t)(last - path)) : NULL;
    const struct clone_entry *folder = parent ? clone_manifest_find(update->manifest, parent)
                                              : NULL;
    WCHAR *copy = folder ? clone_join(update->store, parent) : NULL;
    if (copy)
        clone_copy_folder_properties(copy, folder);
    mem_free(copy);
    mem_free(parent);
}

bool clone_has_excluded(const struct clone_manifest *manifest, const struct vec *specs)
{
    for (size_t i = 0; i < manifest->entries.count && specs->count; i++)
    {
        const struct clone_entry *entry = manifest->entries.items[i];
        if (!clone_entry_is_folder(entry) && is_excluded(specs, entry, true))
            return true;
    }
    return false;
}

HRESULT clone_remove_excluded(const struct clone_update *update, const struct vec *specs)
{
    for (size_t i = 0; i < update->manifest->entries.count; i++)
    {
        const struct clone_entry *entry = update->manifest->entries.items[i];
        if (clone_entry_is_folder(entry) || entry->state != CLONE_COPIED ||
            !is_excluded(specs, entry, false))
            continue;
        WCHAR *path = clone_join(update->store, entry->path);
        if (!path)
            return E_OUTOFMEMORY;
        HRESULT hr = clone_delete(&update->copier->links, path, CLONE_FILE);
        if (FAILED(hr))
            log_warning(
                hr, "%ls was excluded by its writer and could not be removed from the copy.", path);
        else
            restore_parent(update, entry->path);
        mem_free(path);
    }
    return S_OK;
}
