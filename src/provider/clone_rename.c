/* SPDX-License-Identifier: MIT
 *
 * Renamed and deleted files and folders. See clone_rename.h.
 */
#include "provider/clone_rename.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "provider/file_pattern.h"

/* Each renamed folder costs a walk over the manifest. Beyond this many the files are moved one by
   one. */
#define FOLDER_MOVES_LIMIT 64

void clone_touch_parent(const struct clone_manifest *manifest, const WCHAR *path)
{
    const WCHAR *last = str16_find_last_char(path, L'\\');
    WCHAR *parent = last ? str16_ndup(path, (size_t)(last - path)) : NULL;
    struct clone_entry *folder = parent ? clone_manifest_find(manifest, parent) : NULL;
    if (folder)
        folder->touched = true;
    mem_free(parent); /* without memory the folder keeps a later time: no reason to fail */
}

static HRESULT move_in_store(const struct clone_update *update, const WCHAR *from, const WCHAR *to)
{
    WCHAR *old_path = clone_join(update->store, from);
    WCHAR *new_path = clone_join(update->store, to);
    HRESULT hr = old_path && new_path ? clone_before("rename", new_path) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr) && !MoveFileExW(old_path, new_path, 0))
        hr = clone_last_error();
    mem_free(new_path);
    mem_free(old_path);
    return hr;
}

static int compare_ids(const void *a, const void *b)
{
    const struct clone_entry *first = *(struct clone_entry *const *)a;
    const struct clone_entry *second = *(struct clone_entry *const *)b;
    return first->id < second->id ? -1 : first->id > second->id;
}

static struct clone_entry *find_id(const struct vec *sorted, const struct clone_entry *entry)
{
    if (!sorted->count || !entry->id)
        return NULL;
    struct clone_entry **found = bsearch(
        &entry, sorted->items, sorted->count, sizeof(*sorted->items), compare_ids);
    return found ? *found : NULL;
}

/* Folders of `before` whose names are gone, by id. */
static HRESULT gone_folders(
    const struct clone_manifest *before, const struct clone_manifest *now, struct vec *sorted)
{
    for (size_t i = 0; i < before->entries.count; i++)
    {
        struct clone_entry *entry = before->entries.items[i];
        if (clone_entry_is_folder(entry) && !clone_manifest_find(now, entry->path) &&
            !vec_push(sorted, entry))
            return E_OUTOFMEMORY;
    }
    if (sorted->count)
        qsort(sorted->items, sorted->count, sizeof(*sorted->items), compare_ids);
    return S_OK;
}

static bool parent_is_known(const struct clone_manifest *manifest, const WCHAR *path)
{
    const WCHAR *last = str16_find_last_char(path, L'\\');
    WCHAR *parent = last ? str16_ndup(path, (size_t)(last - path)) : NULL;
    bool known = !last || (parent && clone_manifest_find(manifest, parent));
    mem_free(parent);
    return known;
}

/* The first folder of `now` that has another name in the manifest. S_FALSE: there is none. */
static HRESULT move_first_folder(
    const struct clone_update *update, const struct clone_manifest *now, size_t *start)
{
    struct vec gone = {0};
    HRESULT hr = gone_folders(update->manifest, now, &gone);
    bool moved = false;
    for (; *start < now->entries.count && gone.count && SUCCEEDED(hr) && !moved; ++*start)
    {
        const struct clone_entry *entry = now->entries.items[*start];
        if (!clone_entry_is_folder(entry) || clone_manifest_find(update->manifest, entry->path))
            continue;
        struct clone_entry *old = find_id(&gone, entry);
        if (!old || !parent_is_known(update->manifest, entry->path))
            continue;
        /* What can't be moved is copied. */
        if (FAILED(move_in_store(update, old->path, entry->path)))
            continue;
        hr = clone_manifest_move(update->manifest, old->path, entry->path);
        moved = true;
        clone_touch_parent(now, entry->path);
    }
    vec_free(&gone, NULL);
    return FAILED(hr) ? hr : moved ? S_OK : S_FALSE;
}

HRESULT clone_move_folders(const struct clone_update *update, const struct clone_manifest *now)
{
    size_t start = 0;
    HRESULT hr = S_OK;
    for (int moves = 0; moves < FOLDER_MOVES_LIMIT && hr == S_OK; moves++)
        hr = move_first_folder(update, now, &start);
    return FAILED(hr) ? hr : S_OK;
}

HRESULT clone_match_renamed(const struct clone_manifest *before, struct clone_manifest *now)
{
    struct vec gone = {0};
    HRESULT hr = S_OK;
    for (size_t i = 0; i < before->entries.count && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = before->entries.items[i];
        if (!entry->seen && !clone_entry_is_folder(entry) && entry->state == CLONE_COPIED &&
            !vec_push(&gone, entry))
            hr = E_OUTOFMEMORY;
    }
    if (gone.count)
        qsort(gone.items, gone.count, sizeof(*gone.items), compare_ids);
    for (size_t i = 0; i < now->entries.count && gone.count && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = now->entries.items[i];
        /* A name that was there before, if only as a folder's, must be cleared first. */
        if (entry->before || clone_entry_is_folder(entry) ||
            clone_manifest_find(before, entry->path))
            continue;
        struct clone_entry *old = find_id(&gone, entry);
        if (!old || old->seen || old->size != entry->size || old->written != entry->written)
            continue;
        old->seen = true;
        entry->before = old;
    }
    vec_free(&gone, NULL);
    return hr;
}

HRESULT clone_move_renamed(const struct clone_update *update, struct clone_manifest *now)
{
    for (size_t i = 0; i < now->entries.count; i++)
    {
        struct clone_entry *entry = now->entries.items[i];
        if (!entry->before || clone_entry_is_folder(entry) ||
            str16_equal(entry->before->path, entry->path))
            continue;
        HRESULT hr = move_in_store(update, entry->before->path, entry->path);
        if (FAILED(hr))
            return hr == E_OUTOFMEMORY
                ? hr
                : log_error(hr, "%ls can't be renamed in the copy.", entry->before->path);
        clone_touch_parent(now, entry->path);
        clone_touch_parent(now, entry->before->path);
    }
    return S_OK;
}

/* A folder that can't be listed any more keeps what was copied from it: deleting it would be a
   guess. */
static bool lies_in_unlisted(const struct clone_manifest *now, const WCHAR *path)
{
    for (size_t i = 0; i < now->entries.count; i++)
    {
        const struct clone_entry *folder = now->entries.items[i];
        if (folder->unlisted && file_path_is_within(path, folder->path))
            return true;
    }
    return false;
}

HRESULT clone_remove_gone(
    const struct clone_update *update, struct clone_manifest *now, enum clone_kind kind)
{
    HRESULT hr = S_OK;
    /* Backwards: what is in a folder comes before the folder. */
    for (size_t i = update->manifest->entries.count; i-- > 0 && SUCCEEDED(hr);)
    {
        struct clone_entry *entry = update->manifest->entries.items[i];
        bool folder = clone_entry_is_folder(entry);
        if (entry->seen || folder != (kind == CLONE_FOLDER) ||
            (!folder && entry->state != CLONE_COPIED))
            continue;
        if (now->unread_folders && lies_in_unlisted(now, entry->path))
            continue;
        WCHAR *path = clone_join(update->store, entry->path);
        hr = path ? clone_delete(&update->copier->links, path, kind) : E_OUTOFMEMORY;
        /* Its name went on in another case. */
        if (folder && hr == HRESULT_FROM_WIN32(ERROR_DIR_NOT_EMPTY))
            hr = S_OK;
        if (FAILED(hr) && hr != E_OUTOFMEMORY)
            log_error(hr, "%ls can't be removed from the copy.", path);
        mem_free(path);
        clone_touch_parent(now, entry->path);
    }
    return hr;
}
