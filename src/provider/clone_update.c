/* SPDX-License-Identifier: MIT
 *
 * Bringing a copy up to date. See clone_update.h; what was renamed or deleted is in clone_rename.c.
 *
 * The order keeps every step possible: deleted files go first, since a folder may now bear the name
 * of one; then folders are made, renamed files moved, deleted folders removed; then content is
 * copied. Times of folders come last, because all of this changes them.
 */
#include "provider/clone_update.h"

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "provider/clone_rename.h"
#include "provider/clone_scan.h"

/* Finds for each entry the one that the older manifest has under its name, if that is of the same
   kind. */
static void match(const struct clone_manifest *before, struct clone_manifest *now)
{
    for (size_t i = 0; i < now->entries.count; i++)
    {
        struct clone_entry *entry = now->entries.items[i];
        struct clone_entry *old = clone_manifest_find(before, entry->path);
        if (!old || clone_entry_is_folder(old) != clone_entry_is_folder(entry))
            continue;
        entry->before = old;
        old->seen = true;
    }
}

static HRESULT make_folder(const struct clone_update *update, const struct clone_entry *entry)
{
    HANDLE folder = NULL;
    WCHAR *path = clone_join(update->store, entry->path);
    HRESULT hr = path ? clone_before("make-folder", path) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = clone_open(path, CLONE_FOLDER, CLONE_EITHER, FILE_READ_ATTRIBUTES, 0, &folder);
    if (folder)
        CloseHandle(folder);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "The folder %ls can't be made.", path);
    mem_free(path);
    return hr;
}

static HRESULT make_folders(const struct clone_update *update, struct clone_manifest *now)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < now->entries.count && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = now->entries.items[i];
        if (!clone_entry_is_folder(entry))
            continue;
        if (!entry->before)
        {
            hr = make_folder(update, entry);
            clone_touch_parent(now, entry->path);
            entry->touched = true;
        }
        else if (entry->before->written != entry->written ||
            entry->before->attributes != entry->attributes)
        {
            entry->touched = true;
        }
    }
    return hr;
}

static bool same_content(const struct clone_entry *old, const struct clone_entry *entry)
{
    /* Renaming moves the change time. */
    if (!str16_equal(old->path, entry->path))
        return old->id == entry->id && old->size == entry->size && old->written == entry->written;
    return clone_entry_same_content(old, entry);
}

/* Whether the copy can stay as it is. */
static bool is_current(const struct clone_update *update, const struct clone_entry *entry)
{
    const struct clone_entry *old = entry->before;
    bool looked_at = old && (old->state == CLONE_COPIED || old->state == CLONE_LINK);
    if (!looked_at || !same_content(old, entry) || old->attributes != entry->attributes)
        return false;
    if (old->state == CLONE_LINK)
        return true;
    bool suspected = entry->named || old->hot;
    return clone_entry_is_settled(old) && !(suspected && update->pass == CLONE_PASS_COMMIT);
}

static HRESULT check_named(const struct clone_update *update, const struct clone_entry *entry)
{
    if (update->pass != CLONE_PASS_COMMIT || !entry->named || entry->state != CLONE_UNREADABLE)
        return S_OK;
    return log_error(VSS_E_PROVIDER_VETO,
        "%ls\\%ls belongs to a frozen writer and can't be read: no shadow copy.",
        update->scope->source, entry->path);
}

static bool has_copy(const struct clone_entry *entry)
{
    return entry->before && entry->before->state == CLONE_COPIED;
}

/* What follows from how a file was copied. */
static HRESULT note_copied(
    const struct clone_update *update, struct clone_manifest *now, struct clone_entry *entry)
{
    if (has_copy(entry) != (entry->state == CLONE_COPIED))
        clone_touch_parent(now, entry->path);
    return check_named(update, entry);
}

static void note_heat(struct clone_entry *entry)
{
    const struct clone_entry *old = entry->before;
    if (old)
        entry->hot = old->hot || (has_copy(entry) && !same_content(old, entry));
}

static HRESULT copy_file(const struct clone_update *update, struct clone_manifest *now,
    struct clone_entry *entry, enum clone_copy_how how)
{
    WCHAR *source = clone_join(update->scope->source, entry->path);
    WCHAR *copy = clone_join(update->store, entry->path);
    HRESULT hr = source && copy ? S_OK : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = clone_copy_file(update->copier, source, copy, how, entry);
    if (SUCCEEDED(hr))
        hr = note_copied(update, now, entry);
    mem_free(copy);
    mem_free(source);
    return hr;
}

static HRESULT copy_bytes(
    const struct clone_update *update, struct clone_manifest *now, const struct vec *due)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < due->count && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = due->items[i];
        hr = copy_file(
            update, now, entry, has_copy(entry) ? CLONE_COPY_CHANGES : CLONE_COPY_AFRESH);
    }
    return hr;
}

static HRESULT copy_by_reflinks(
    const struct clone_update *update, struct clone_manifest *now, const struct vec *due)
{
    HRESULT hr = clone_reflink_files(update->reflink, update->copier, due);
    for (size_t i = 0; i < due->count && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = due->items[i];
        /* A new file has taken the place of the old one. */
        clone_touch_parent(now, entry->path);
        /* One that failed may have left an old copy, a new one or none. */
        hr = entry->state == CLONE_NOT_COPIED ? copy_file(update, now, entry, CLONE_COPY_CHANGES)
                                              : note_copied(update, now, entry);
    }
    return hr;
}

static void keep_copy(struct clone_entry *entry)
{
    entry->state = entry->before->state;
    entry->hot = entry->before->hot;
    entry->copied_at = entry->before->copied_at;
    entry->content = entry->before->content;
}

static HRESULT copy_files(const struct clone_update *update, struct clone_manifest *now)
{
    HRESULT hr = S_OK;
    struct vec due = {0}; /* struct clone_entry */
    for (size_t i = 0; i < now->entries.count && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = now->entries.items[i];
        if (clone_entry_is_folder(entry))
            continue;
        if (is_current(update, entry))
        {
            keep_copy(entry);
            continue;
        }
        note_heat(entry);
        hr = vec_push(&due, entry) ? S_OK : E_OUTOFMEMORY;
    }
    if (SUCCEEDED(hr) && due.count)
        hr = update->reflink ? copy_by_reflinks(update, now, &due) : copy_bytes(update, now, &due);
    vec_free(&due, NULL);
    return hr;
}

static HRESULT finish_folders(const struct clone_update *update, const struct clone_manifest *now)
{
    HRESULT hr = S_OK;
    for (size_t i = now->entries.count; i-- > 0 && SUCCEEDED(hr);)
    {
        const struct clone_entry *entry = now->entries.items[i];
        if (!clone_entry_is_folder(entry) || !entry->touched)
            continue;
        WCHAR *path = clone_join(update->store, entry->path);
        hr = path ? clone_copy_folder_properties(path, entry) : E_OUTOFMEMORY;
        mem_free(path);
    }
    return hr;
}

/* `before` is over: nothing may point into it any more. */
static void forget_before(struct clone_manifest *now)
{
    for (size_t i = 0; i < now->entries.count; i++)
    {
        struct clone_entry *entry = now->entries.items[i];
        entry->before = NULL;
        entry->touched = false;
    }
}

HRESULT clone_update_fill(const struct clone_update *update)
{
    HRESULT hr = make_folders(update, update->manifest);
    if (SUCCEEDED(hr))
        hr = copy_files(update, update->manifest);
    if (SUCCEEDED(hr))
        hr = finish_folders(update, update->manifest);
    forget_before(update->manifest);
    return hr;
}

HRESULT clone_update_run(const struct clone_update *update)
{
    struct clone_manifest now = {0};
    HRESULT hr = clone_scan(update->scope, update->copier->cancelled, &now);
    if (SUCCEEDED(hr))
        hr = clone_move_folders(update, &now);
    if (FAILED(hr))
        goto done;
    match(update->manifest, &now);
    hr = clone_match_renamed(update->manifest, &now);
    if (SUCCEEDED(hr))
        hr = clone_remove_gone(update, &now, CLONE_FILE);
    if (SUCCEEDED(hr))
        hr = make_folders(update, &now);
    if (SUCCEEDED(hr))
        hr = clone_move_renamed(update, &now);
    if (SUCCEEDED(hr))
        hr = clone_remove_gone(update, &now, CLONE_FOLDER);
    if (SUCCEEDED(hr))
        hr = copy_files(update, &now);
    if (SUCCEEDED(hr))
        hr = finish_folders(update, &now);
done:
    if (FAILED(hr))
    {
        clone_manifest_free(&now);
        return hr;
    }
    forget_before(&now);
    clone_manifest_free(update->manifest);
    *update->manifest = now;
    return S_OK;
}

static void count(struct clone_moved *moved, const struct clone_entry *entry)
{
    if (entry->named)
        moved->named++;
    else
        moved->others++;
}

HRESULT clone_update_count_moved(const struct clone_update *update, struct clone_moved *moved)
{
    struct clone_manifest now = {0};
    struct clone_moved counted = {0};
    HRESULT hr = clone_scan(update->scope, update->copier->cancelled, &now);
    if (FAILED(hr))
        return hr;
    match(update->manifest, &now);
    for (size_t i = 0; i < now.entries.count; i++)
    {
        const struct clone_entry *entry = now.entries.items[i];
        if (clone_entry_is_folder(entry))
            continue;
        if (!entry->before ||
            (entry->before->state != CLONE_LINK && !clone_entry_same_content(entry->before, entry)))
            count(&counted, entry);
    }
    for (size_t i = 0; i < update->manifest->entries.count; i++)
    {
        struct clone_entry *entry = update->manifest->entries.items[i];
        if (!entry->seen && !clone_entry_is_folder(entry))
            count(&counted, entry);
        entry->seen = false;
    }
    clone_manifest_free(&now);
    *moved = counted;
    return S_OK;
}
