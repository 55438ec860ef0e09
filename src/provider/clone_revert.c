/* SPDX-License-Identifier: MIT
 *
 * Reverting. See clone_revert.h.
 *
 * First everything is looked at that is to change (clone_revert_plan.c), so that what can't be done
 * is found while nothing is changed. Then what the copy lacks is deleted, what the volume lacks is
 * made, and what differs is written. Each name is reached through clone_tree, so nothing outside of
 * the volume's folder is touched; links, stores and Thawline's own folder are in no plan. Whatever
 * is interrupted can be begun again: the copy stays as it is.
 */
#include "provider/clone_revert.h"

#include <vss.h>

#include "base/mem.h"
#include "diag/log.h"
#include "os/file.h"
#include "provider/clone_revert_plan.h"

static HRESULT result_of(HRESULT hr)
{
    if (hr == HRESULT_FROM_WIN32(ERROR_DISK_FULL) ||
        hr == HRESULT_FROM_WIN32(ERROR_HANDLE_DISK_FULL))
        return VSS_E_INSUFFICIENT_STORAGE;
    return hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION) ? VSS_E_VOLUME_IN_USE : hr;
}

HRESULT clone_check_revert(struct provider *provider, const struct snapshot *snapshot,
    const struct volume *volume, bool force)
{
    (void)provider;
    struct clone_revert_plan plan = {0};
    if (volume->read_only || volume->host_root)
        return log_error(VSS_E_VOLUME_NOT_SUPPORTED,
            "%ls can't be reverted: it is read-only, or the root of the host.", volume->path);
    if (!snapshot->whole)
        return log_error(VSS_E_VOLUME_NOT_SUPPORTED,
            "%ls can't be reverted: the shadow copy does not hold, or does not hold any more, "
            "every file of it as at one point in time.",
            volume->path);
    HRESULT hr = clone_revert_plan_make(
        &plan, volume, &snapshot->id, force ? CLONE_LOOK_BY_FORCE : CLONE_LOOK_IN_USE);
    clone_revert_plan_free(&plan);
    return result_of(hr);
}

/* ---- Deleting ---- */

/* Backwards: what is in a folder comes before the folder. */
static HRESULT remove_gone(struct clone_revert_plan *plan, enum clone_kind kind)
{
    HRESULT hr = S_OK;
    for (size_t i = plan->present.entries.count; i-- > 0 && SUCCEEDED(hr);)
    {
        const struct clone_entry *entry = plan->present.entries.items[i];
        if (!clone_revert_goes(entry) || clone_entry_is_folder(entry) != (kind == CLONE_FOLDER))
            continue;
        hr = clone_before("revert-delete", entry->path);
        if (SUCCEEDED(hr))
            hr = clone_tree_delete(&plan->volume, entry->path, kind);
        plan->changed |= SUCCEEDED(hr);
        /* It holds what stays, or what somebody put there meanwhile. */
        if (kind == CLONE_FOLDER && hr == HRESULT_FROM_WIN32(ERROR_DIR_NOT_EMPTY))
            hr = log_warning(
                S_OK, "%ls is not in the copy and stays: it is not empty.", entry->path);
        if (FAILED(hr))
            log_error(hr, "%ls, which the copy lacks, can't be deleted.", entry->path);
    }
    return hr;
}

/* ---- Making ---- */

static HRESULT make_folders(struct clone_revert_plan *plan)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < plan->wanted.entries.count && SUCCEEDED(hr); i++)
    {
        HANDLE folder = NULL;
        const struct clone_entry *entry = plan->wanted.entries.items[i];
        if (!clone_entry_is_folder(entry) || entry->before)
            continue;
        hr = clone_before("revert-make-folder", entry->path);
        if (SUCCEEDED(hr))
            hr = clone_tree_get(&plan->volume, entry->path, CLONE_FOLDER, CLONE_NEW,
                FILE_READ_ATTRIBUTES, CLONE_SHARE_ALL, &folder);
        plan->changed |= SUCCEEDED(hr);
        if (folder)
            CloseHandle(folder);
        if (FAILED(hr))
            log_error(hr, "The folder %ls can't be made.", entry->path);
    }
    return hr;
}

static HRESULT make_writable(struct clone_revert_plan *plan, const WCHAR *path)
{
    HANDLE file = NULL;
    FILE_BASIC_INFO normal = {.FileAttributes = FILE_ATTRIBUTE_NORMAL};
    HRESULT hr = clone_tree_get(&plan->volume, path, CLONE_FILE, CLONE_EXISTING,
        FILE_WRITE_ATTRIBUTES, CLONE_SHARE_ALL, &file);
    if (FAILED(hr))
        return hr;
    hr = SetFileInformationByHandle(file, FileBasicInfo, &normal, sizeof(normal))
        ? S_OK
        : clone_last_error();
    plan->changed |= SUCCEEDED(hr);
    CloseHandle(file);
    return hr;
}

/* Another name of the file may lie anywhere, even on no part of this volume: what is written here
   must not show there. */
static HRESULT has_other_names(struct clone_revert_plan *plan, const WCHAR *path, bool *has)
{
    HANDLE file = NULL;
    FILE_STANDARD_INFO info;
    HRESULT hr = clone_tree_get(&plan->volume, path, CLONE_FILE, CLONE_EXISTING,
        FILE_READ_ATTRIBUTES, CLONE_SHARE_ALL, &file);
    if (FAILED(hr))
        return hr;
    if (GetFileInformationByHandleEx(file, FileStandardInfo, &info, sizeof(info)))
        *has = info.NumberOfLinks > 1;
    else
        hr = clone_last_error();
    CloseHandle(file);
    return hr;
}

static HRESULT open_target(
    struct clone_revert_plan *plan, const struct clone_entry *entry, HANDLE *target)
{
    const DWORD access = GENERIC_READ | GENERIC_WRITE;
    bool is_there = entry->before != NULL;
    bool has_others = false;
    HRESULT hr = is_there ? has_other_names(plan, entry->path, &has_others) : S_OK;
    if (clone_is_missing(hr)) /* it went meanwhile */
    {
        is_there = false;
        hr = S_OK;
    }
    if (SUCCEEDED(hr) && has_others)
    {
        hr = clone_tree_delete(&plan->volume, entry->path, CLONE_FILE);
        plan->changed |= SUCCEEDED(hr);
        is_there = false;
    }
    if (SUCCEEDED(hr) && is_there && entry->before->attributes & FILE_ATTRIBUTE_READONLY)
        hr = make_writable(plan, entry->path);
    return SUCCEEDED(hr)
        ? clone_tree_get(&plan->volume, entry->path, CLONE_FILE,
              is_there ? CLONE_EXISTING : CLONE_NEW, access, CLONE_SHARE_ALL, target)
        : hr;
}

/* Writing that fails may have written some. The content is on the disk before the note of the revert goes. */
static HRESULT fill_target(
    struct clone_revert_plan *plan, const struct clone_entry *entry, const struct clone_pair *pair)
{
    plan->changed = true;
    HRESULT hr = clone_copy_bytes(&plan->copier, pair);
    if (SUCCEEDED(hr))
        hr = clone_set_properties(pair->target, pair->target_path, entry);
    if (SUCCEEDED(hr) && !FlushFileBuffers(pair->target))
        hr = clone_last_error();
    return hr;
}

static HRESULT write_file(struct clone_revert_plan *plan, const struct clone_entry *entry)
{
    HANDLE source = NULL;
    HANDLE target = NULL;
    WCHAR *source_path = clone_tree_path(&plan->copy, entry->path);
    WCHAR *target_path = clone_tree_path(&plan->volume, entry->path);
    HRESULT hr = source_path && target_path ? clone_before("revert-write", entry->path)
                                            : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = clone_revert_open_source(plan, entry, &source);
    if (SUCCEEDED(hr))
        hr = open_target(plan, entry, &target);
    if (SUCCEEDED(hr))
    {
        const struct clone_pair pair = {source, source_path, target, target_path};
        hr = fill_target(plan, entry, &pair);
    }
    if (FAILED(hr))
        log_error(hr, "%ls can't be made what it is in the copy.", entry->path);
    if (target)
        CloseHandle(target);
    if (source)
        CloseHandle(source);
    mem_free(target_path);
    mem_free(source_path);
    return hr;
}

static HRESULT write_files(struct clone_revert_plan *plan)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < plan->wanted.entries.count && SUCCEEDED(hr); i++)
    {
        const struct clone_entry *entry = plan->wanted.entries.items[i];
        if (entry->touched && !clone_entry_is_folder(entry))
            hr = write_file(plan, entry);
    }
    return hr;
}

/* All of them: what was made and deleted in them moved their times. */
static HRESULT finish_folders(struct clone_revert_plan *plan)
{
    HRESULT hr = S_OK;
    for (size_t i = plan->wanted.entries.count; i-- > 0 && SUCCEEDED(hr);)
    {
        HANDLE folder = NULL;
        const struct clone_entry *entry = plan->wanted.entries.items[i];
        if (!clone_entry_is_folder(entry))
            continue;
        hr = clone_before("revert-finish-folder", entry->path);
        if (SUCCEEDED(hr))
            hr = clone_tree_get(&plan->volume, entry->path, CLONE_FOLDER, CLONE_EXISTING,
                FILE_WRITE_ATTRIBUTES, CLONE_SHARE_ALL, &folder);
        if (SUCCEEDED(hr))
            hr = clone_set_properties(folder, entry->path, entry);
        plan->changed |= SUCCEEDED(hr);
        if (folder)
            CloseHandle(folder);
        if (FAILED(hr))
            log_error(hr, "The times of %ls can't be set.", entry->path);
    }
    return hr;
}

static HRESULT carry_out(struct clone_revert_plan *plan)
{
    HRESULT hr = remove_gone(plan, CLONE_FILE);
    if (SUCCEEDED(hr))
        hr = remove_gone(plan, CLONE_FOLDER);
    if (SUCCEEDED(hr))
        hr = make_folders(plan);
    if (SUCCEEDED(hr))
        hr = write_files(plan);
    return SUCCEEDED(hr) ? finish_folders(plan) : hr;
}

HRESULT clone_revert(struct provider *provider, const struct snapshot *snapshot,
    const struct volume *volume, bool *changed)
{
    (void)provider;
    struct clone_revert_plan plan = {0};
    HRESULT hr = clone_revert_plan_make(&plan, volume, &snapshot->id, CLONE_LOOK_AT_BYTES);
    if (SUCCEEDED(hr))
        hr = carry_out(&plan);
    *changed = plan.changed;
    clone_revert_plan_free(&plan);
    return result_of(hr);
}
