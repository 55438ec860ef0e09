/* SPDX-License-Identifier: MIT
 *
 * Looking before a revert. See clone_revert_plan.h. Nothing here opens anything but for reading, or
 * to see that it could be written.
 */
#include "provider/clone_revert_plan.h"

#include <string.h>
#include <vss.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/file.h"
#include "provider/clone_scan.h"
#include "provider/clone_store.h"
#include "volume/private_folder.h"

/* Files take whole clusters; 4 KiB is what every common file system uses. */
#define CLUSTER_BYTES 4096u

bool clone_revert_goes(const struct clone_entry *present)
{
    return !present->seen && present->state != CLONE_LINK;
}

HRESULT clone_revert_refuse(
    const struct clone_revert_plan *plan, HRESULT hr, const WCHAR *path, const char *why)
{
    /* By now a link, or the file's data in another form: nothing that can be worked on. */
    if (hr == HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK))
        hr = VSS_E_VOLUME_NOT_SUPPORTED;
    return log_error(hr, "%ls can't be reverted, and nothing was changed: %ls %s.",
        plan->place->path, path, why);
}

/* ---- What there is ---- */

static HRESULT open_trees(struct clone_revert_plan *plan, const GUID *snapshot_id)
{
    HANDLE folder = NULL;
    WCHAR *store = clone_store_on_volume(snapshot_id);
    WCHAR *path = NULL;
    HRESULT hr = store ? clone_tree_open(plan->volume_scope.source, &plan->volume) : E_OUTOFMEMORY;
    /* Its folders are no links: what is read there was put there by making the copy. */
    if (SUCCEEDED(hr))
        hr = clone_tree_get(&plan->volume, store, CLONE_FOLDER, CLONE_EXISTING,
            FILE_READ_ATTRIBUTES, CLONE_SHARE_ALL, &folder);
    if (folder)
        CloseHandle(folder);
    if (clone_is_missing(hr))
        hr = log_error(VSS_E_VOLUME_NOT_SUPPORTED,
            "The copy of %ls does not lie on it; only one that does is surely its own.",
            plan->place->path);
    if (SUCCEEDED(hr))
    {
        path = clone_tree_path(&plan->volume, store);
        hr = path ? private_folder_check(path) : E_OUTOFMEMORY;
    }
    if (SUCCEEDED(hr))
        hr = clone_tree_open(path, &plan->copy);
    plan->copy_scope.source = path;
    mem_free(store);
    return hr;
}

/* What is left out on the volume is left out of the copy: it stays as it is. */
static HRESULT make_scopes(struct clone_revert_plan *plan)
{
    static const struct provider_briefing no_briefing;
    HRESULT hr = clone_scope_build(plan->place, &no_briefing, &plan->volume_scope);
    if (FAILED(hr))
        return hr;
    /* Settings limit copies, not what is done with them. */
    vec_free(&plan->volume_scope.limits, clone_spec_free);
    plan->volume_scope.limited = false;
    plan->copy_scope.own_folder = str16_dup(plan->volume_scope.own_folder);
    return plan->volume_scope.own_folder && !plan->copy_scope.own_folder ? E_OUTOFMEMORY : S_OK;
}

/* Two files of one name: a host has names that this system can't tell apart, and deleting the one
   would hit the other. */
static HRESULT check_listed(
    const struct clone_revert_plan *plan, const struct clone_manifest *manifest)
{
    for (size_t i = 0; i < manifest->entries.count; i++)
    {
        const struct clone_entry *entry = manifest->entries.items[i];
        if (entry->unlisted)
            return clone_revert_refuse(
                plan, VSS_E_VOLUME_NOT_SUPPORTED, entry->path, "can't be listed");
        if (clone_manifest_find(manifest, entry->path) != entry)
            return clone_revert_refuse(
                plan, VSS_E_VOLUME_NOT_SUPPORTED, entry->path, "is there twice");
    }
    return S_OK;
}

static HRESULT scan(struct clone_revert_plan *plan)
{
    struct vec links = {0};
    HRESULT hr = clone_scan_all(&plan->copy_scope, &plan->wanted, &links);
    if (SUCCEEDED(hr))
        hr = check_listed(plan, &plan->wanted);
    if (SUCCEEDED(hr) && plan->wanted.links)
        hr = clone_revert_refuse(plan, VSS_E_VOLUME_NOT_SUPPORTED, links.items[0],
            "and others are links in the copy, where none was made");
    vec_free(&links, mem_free);
    if (SUCCEEDED(hr))
        hr = clone_scan_all(&plan->volume_scope, &plan->present, &plan->left_out);
    return SUCCEEDED(hr) ? check_listed(plan, &plan->present) : hr;
}

/* ---- What the volume is ---- */

/* 0: there is no such folder. */
static uint64_t id_of_folder(const WCHAR *path)
{
    BY_HANDLE_FILE_INFORMATION info = {0};
    HANDLE folder = CreateFileW(path, FILE_READ_ATTRIBUTES, CLONE_SHARE_ALL, NULL, OPEN_EXISTING,
        FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (folder == INVALID_HANDLE_VALUE)
        return 0;
    if (!GetFileInformationByHandle(folder, &info))
        memset(&info, 0, sizeof(info));
    CloseHandle(folder);
    return (uint64_t)info.nFileIndexHigh << 32 | info.nFileIndexLow;
}

static bool has_folder(const struct clone_revert_plan *plan, uint64_t id)
{
    bool found = id && id_of_folder(plan->place->path) == id;
    for (size_t i = 0; i < plan->present.entries.count && id && !found; i++)
    {
        const struct clone_entry *entry = plan->present.entries.items[i];
        found = clone_entry_is_folder(entry) && entry->id == id;
    }
    return found;
}

/* By their ids too: under Wine two letters may stand for the same folder, or one for a folder above
   the other's. */
static HRESULT check_system(const struct clone_revert_plan *plan)
{
    WCHAR windows[MAX_PATH];
    WCHAR *own = NULL;
    UINT length = GetWindowsDirectoryW(windows, MAX_PATH);
    if (!length || length >= MAX_PATH ||
        volume_holds(plan->place->name, plan->place->path, windows) ||
        has_folder(plan, id_of_folder(windows)))
        return clone_revert_refuse(plan, VSS_E_VOLUME_NOT_SUPPORTED, L"the system", "runs from it");
    HRESULT hr = private_folder_base(&own);
    if (hr == E_OUTOFMEMORY)
        return hr;
    bool holds_records = SUCCEEDED(hr) && has_folder(plan, id_of_folder(own));
    mem_free(own);
    return holds_records
        ? clone_revert_refuse(plan, VSS_E_VOLUME_NOT_SUPPORTED,
              L"the folder of the shadow copies' records", "lies on it under another name")
        : S_OK;
}

/* ---- What is in the way ---- */

static HRESULT leave_alone(struct clone_revert_plan *plan, struct clone_entry *entry)
{
    WCHAR *path = str16_dup(entry->path);
    if (!path || !vec_push(&plan->left_out, path))
    {
        mem_free(path);
        return E_OUTOFMEMORY;
    }
    entry->state = CLONE_LINK;
    return S_OK;
}

/* Deduplicated, compressed, offline files, and folders of such: they can be neither moved nor read as
   they are, and as anything else they would be lost. */
static HRESULT check_form(const struct clone_revert_plan *plan, const struct clone_entry *entry)
{
    return entry->attributes & FILE_ATTRIBUTE_REPARSE_POINT
        ? clone_revert_refuse(plan, VSS_E_VOLUME_NOT_SUPPORTED, entry->path,
              "is stored in a form (deduplicated, offline) that can't be reverted")
        : S_OK;
}

/* Wine shows links to files, devices and pipes of the host as files. One that leads nowhere can't
   be opened at all. */
static HRESULT look_at_file(struct clone_revert_plan *plan, struct clone_entry *entry)
{
    HANDLE file = NULL;
    LARGE_INTEGER size;
    HRESULT hr = clone_tree_get(&plan->volume, entry->path, CLONE_FILE, CLONE_EXISTING,
        FILE_READ_ATTRIBUTES, CLONE_SHARE_ALL, &file);
    if (hr == HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK) || clone_is_missing(hr) ||
        (SUCCEEDED(hr) && !GetFileSizeEx(file, &size)))
        hr = leave_alone(plan, entry);
    if (file)
        CloseHandle(file);
    return FAILED(hr) ? clone_revert_refuse(plan, hr, entry->path, "can't be looked at") : S_OK;
}

static HRESULT look_at_files(struct clone_revert_plan *plan)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < plan->present.entries.count && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = plan->present.entries.items[i];
        hr = check_form(plan, entry);
        if (SUCCEEDED(hr) && !clone_entry_is_folder(entry))
            hr = look_at_file(plan, entry);
    }
    return hr;
}

/* Something that stays stands where the copy has something, or below what is a file there. */
static HRESULT check_left_out(const struct clone_revert_plan *plan, const WCHAR *path)
{
    WCHAR *above = str16_dup(path);
    HRESULT hr = above ? S_OK : E_OUTOFMEMORY;
    while (SUCCEEDED(hr))
    {
        const struct clone_entry *wanted = clone_manifest_find(&plan->wanted, above);
        if (wanted && (!clone_entry_is_folder(wanted) || str16_equal(above, path)))
            hr = clone_revert_refuse(plan, VSS_E_VOLUME_NOT_SUPPORTED, path,
                "is a link, or ours, and the copy has something else there");
        WCHAR *last = (WCHAR *)str16_find_last_char(above, L'\\');
        if (!last)
            break;
        *last = 0;
    }
    mem_free(above);
    return hr;
}

static HRESULT match(struct clone_revert_plan *plan)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < plan->left_out.count && SUCCEEDED(hr); i++)
        hr = check_left_out(plan, plan->left_out.items[i]);
    for (size_t i = 0; i < plan->wanted.entries.count && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = plan->wanted.entries.items[i];
        struct clone_entry *found = clone_manifest_find(&plan->present, entry->path);
        bool same_kind = found && clone_entry_is_folder(found) == clone_entry_is_folder(entry);
        entry->before = same_kind ? found : NULL;
        if (same_kind)
            found->seen = true;
    }
    return hr;
}

/* ---- What differs ---- */

static bool same_properties(const struct clone_entry *a, const struct clone_entry *b)
{
    return a->written == b->written && clone_same_attributes(a->attributes, b->attributes);
}

static void find_differences(struct clone_revert_plan *plan)
{
    for (size_t i = 0; i < plan->wanted.entries.count; i++)
    {
        struct clone_entry *wanted = plan->wanted.entries.items[i];
        wanted->touched = !wanted->before || !same_properties(wanted, wanted->before) ||
            (!clone_entry_is_folder(wanted) && wanted->size != wanted->before->size);
    }
}

HRESULT clone_revert_plan_make(
    struct clone_revert_plan *plan, const struct volume *volume, const GUID *snapshot_id)
{
    plan->place = volume;
    HRESULT hr = clone_copier_init(&plan->copier);
    if (SUCCEEDED(hr))
        hr = make_scopes(plan);
    if (SUCCEEDED(hr))
        hr = open_trees(plan, snapshot_id);
    if (SUCCEEDED(hr))
        hr = scan(plan);
    if (SUCCEEDED(hr))
        hr = check_system(plan);
    if (SUCCEEDED(hr))
        hr = look_at_files(plan);
    if (SUCCEEDED(hr))
        hr = match(plan);
    if (SUCCEEDED(hr))
        find_differences(plan);
    return hr;
}

void clone_revert_plan_free(struct clone_revert_plan *plan)
{
    clone_tree_close(&plan->copy);
    clone_tree_close(&plan->volume);
    clone_manifest_free(&plan->present);
    clone_manifest_free(&plan->wanted);
    clone_scope_free(&plan->volume_scope);
    clone_scope_free(&plan->copy_scope);
    clone_copier_free(&plan->copier);
    vec_free(&plan->left_out, mem_free);
}

/* ---- Whether it can be done ---- */

/* A file that was saved after the revert was accepted, or after the scan, is in use: what it holds
   now nobody has agreed to lose. */
static HRESULT check_unchanged(const struct clone_revert_plan *plan,
    const struct clone_entry *present, const struct clone_mark *mark)
{
    bool same = !present->id || mark->id == present->id;
    if (!clone_entry_is_folder(present)) /* of one the rest moves with what is done in it */
        same = same && mark->size == present->size && mark->written == present->written &&
            mark->changed == present->changed &&
            (!plan->accepted || mark->changed <= plan->accepted);
    return same ? S_OK : HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
}

HRESULT clone_revert_probe(struct clone_revert_plan *plan, const struct clone_entry *present,
    struct clone_mark *mark, bool *shared)
{
    HANDLE file = NULL;
    bool folder = clone_entry_is_folder(present);
    /* A program that runs can be opened for anything but writing. */
    bool writable = !folder && !(present->attributes & FILE_ATTRIBUTE_READONLY);
    HRESULT hr = clone_tree_get(&plan->volume, present->path, folder ? CLONE_FOLDER : CLONE_FILE,
        CLONE_EXISTING, DELETE | FILE_WRITE_ATTRIBUTES | (writable ? GENERIC_WRITE : 0),
        plan->force || folder ? CLONE_SHARE_ALL : 0, &file);
    if (clone_is_missing(hr))
        return S_FALSE;
    if (SUCCEEDED(hr))
        hr = clone_mark_read(file, mark, shared);
    if (SUCCEEDED(hr))
        hr = check_unchanged(plan, present, mark);
    if (file)
        CloseHandle(file);
    if (hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
        return clone_revert_refuse(
            plan, VSS_E_VOLUME_IN_USE, present->path, "is open, or was just written");
    return FAILED(hr)
        ? clone_revert_refuse(plan, hr, present->path, "can't be moved, written or deleted")
        : S_OK;
}

/* As a lock of the volume would find it. */
static HRESULT check_use(struct clone_revert_plan *plan)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < plan->present.entries.count && SUCCEEDED(hr); i++)
    {
        HANDLE file = NULL;
        const struct clone_entry *entry = plan->present.entries.items[i];
        if (clone_entry_is_folder(entry) || entry->state == CLONE_LINK)
            continue;
        HRESULT opened = clone_tree_get(
            &plan->volume, entry->path, CLONE_FILE, CLONE_EXISTING, GENERIC_READ, 0, &file);
        if (file)
            CloseHandle(file);
        if (opened == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION))
            hr = clone_revert_refuse(plan, VSS_E_VOLUME_IN_USE, entry->path, "is open");
    }
    return hr;
}

static HRESULT probe_all(struct clone_revert_plan *plan)
{
    struct clone_mark mark;
    bool shared;
    HRESULT hr = S_OK;
    for (size_t i = 0; i < plan->present.entries.count && SUCCEEDED(hr); i++)
    {
        const struct clone_entry *entry = plan->present.entries.items[i];
        if (clone_revert_goes(entry))
            hr = clone_revert_probe(plan, entry, &mark, &shared);
    }
    for (size_t i = 0; i < plan->wanted.entries.count && SUCCEEDED(hr); i++)
    {
        const struct clone_entry *entry = plan->wanted.entries.items[i];
        if (entry->touched && entry->before && !clone_entry_is_folder(entry))
            hr = clone_revert_probe(plan, entry->before, &mark, &shared);
    }
    return SUCCEEDED(hr) ? S_OK : hr;
}

static uint64_t room_of(uint64_t size)
{
    return (size + CLUSTER_BYTES) / CLUSTER_BYTES * CLUSTER_BYTES;
}

/* What comes and what goes are there together for a while. */
static HRESULT check_room(const struct clone_revert_plan *plan)
{
    uint64_t needed = 0;
    uint64_t free_bytes = 0;
    for (size_t i = 0; i < plan->wanted.entries.count; i++)
    {
        const struct clone_entry *entry = plan->wanted.entries.items[i];
        if (!entry->before || (entry->touched && entry->size != entry->before->size))
            needed += room_of(entry->size);
    }
    HRESULT hr = clone_store_free_space(plan->volume.root, &free_bytes);
    if (SUCCEEDED(hr) && needed > free_bytes)
        hr = clone_revert_refuse(
            plan, VSS_E_INSUFFICIENT_STORAGE, plan->place->path, "has too little room");
    return hr;
}

HRESULT clone_revert_plan_check(struct clone_revert_plan *plan)
{
    HRESULT hr = plan->force ? S_OK : check_use(plan);
    if (SUCCEEDED(hr))
        hr = probe_all(plan);
    return SUCCEEDED(hr) ? check_room(plan) : hr;
}
