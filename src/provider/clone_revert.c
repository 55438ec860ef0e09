/* SPDX-License-Identifier: MIT
 *
 * Reverting. See clone_revert.h.
 *
 * It is the making of a copy with the roles exchanged: the copy is the source, the volume what is
 * brought up to date. Nothing is deleted for want of a source: a file of the copy that cannot be read
 * fails the revert, and a copy that lacks something is not reverted to at all. Links on the volume
 * stay, since no copy holds any.
 */
#include "provider/clone_revert.h"

#include <vss.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "provider/clone_scan.h"
#include "provider/clone_store.h"
#include "provider/clone_update.h"

/* ---- Whether it can be ---- */

static bool holds_system(const struct volume *volume)
{
    WCHAR path[MAX_PATH];
    UINT length = GetWindowsDirectoryW(path, MAX_PATH);
    return !length || length >= MAX_PATH || volume_holds(volume->name, volume->path, path);
}

/* What is on the volume and may be changed. */
static HRESULT scan_volume(
    const struct volume *volume, struct clone_scope *scope, struct clone_manifest *manifest)
{
    static const struct provider_briefing no_briefing;
    HRESULT hr = clone_scope_build(volume, &no_briefing, scope);
    if (FAILED(hr))
        return hr;
    /* Settings limit copies, not what is done with them. */
    vec_free(&scope->limits, clone_spec_free);
    scope->limited = false;
    return clone_scan(scope, NULL, manifest);
}

/* As a lock of the volume would find it. */
static bool is_open(const WCHAR *path)
{
    HANDLE file = CreateFileW(path, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError() == ERROR_SHARING_VIOLATION;
    CloseHandle(file);
    return false;
}

static HRESULT check_use(const struct volume *volume)
{
    struct clone_scope scope = {0};
    struct clone_manifest manifest = {0};
    HRESULT hr = scan_volume(volume, &scope, &manifest);
    for (size_t i = 0; i < manifest.entries.count && SUCCEEDED(hr); i++)
    {
        const struct clone_entry *entry = manifest.entries.items[i];
        if (clone_entry_is_folder(entry))
            continue;
        WCHAR *path = clone_join(scope.source, entry->path);
        if (!path)
            hr = E_OUTOFMEMORY;
        else if (is_open(path))
            hr = log_error(VSS_E_VOLUME_IN_USE,
                "%ls cannot be reverted while %ls is open; force does it all the same.",
                volume->path, entry->path);
        mem_free(path);
    }
    clone_manifest_free(&manifest);
    clone_scope_free(&scope);
    return hr;
}

HRESULT clone_check_revert(struct provider *provider, const struct snapshot *snapshot,
    const struct volume *volume, bool force)
{
    WCHAR *store = NULL;
    (void)provider;
    if (volume->read_only || volume->host_root || holds_system(volume))
        return log_error(VSS_E_VOLUME_NOT_SUPPORTED,
            "%ls cannot be reverted: it is read-only, or the system runs from it.", volume->path);
    if (snapshot->partial)
        return log_error(VSS_E_VOLUME_NOT_SUPPORTED,
            "%ls cannot be reverted: the shadow copy does not hold everything that was on it.",
            volume->path);
    HRESULT hr = clone_store_find(volume, &snapshot->id, &store);
    mem_free(store);
    return SUCCEEDED(hr) && !force ? check_use(volume) : hr;
}

/* ---- Reverting ---- */

/* The ids of files are those of two different trees: equal ones mean nothing. */
static void prepare_target(struct clone_manifest *target)
{
    for (size_t i = 0; i < target->entries.count; i++)
    {
        struct clone_entry *entry = target->entries.items[i];
        entry->id = 0;
        entry->state = CLONE_COPIED;
    }
}

static HRESULT revert_to(const WCHAR *store, const struct volume *volume)
{
    struct clone_scope scope = {0};
    struct clone_manifest target = {0};
    struct clone_copier copier = {0};
    struct clone_scope copy = {0};
    HRESULT hr = clone_working_path(store, &copy.source);
    if (SUCCEEDED(hr))
        hr = clone_copier_init(&copier);
    if (SUCCEEDED(hr))
        hr = scan_volume(volume, &scope, &target);
    if (SUCCEEDED(hr))
    {
        copier.keeps_copies = true;
        prepare_target(&target);
        const struct clone_update update = {.scope = &copy,
            .store = scope.source,
            .copier = &copier,
            .manifest = &target,
            .pass = CLONE_PASS_COMMIT};
        hr = clone_update_run(&update);
    }
    if (SUCCEEDED(hr) && target.unread_folders)
        hr = log_error(HRESULT_FROM_WIN32(ERROR_READ_FAULT),
            "Folders of the shadow copy of %ls could not be read.", volume->path);
    clone_manifest_free(&target);
    clone_scope_free(&scope);
    clone_scope_free(&copy);
    clone_copier_free(&copier);
    return hr;
}

HRESULT clone_revert(
    struct provider *provider, const struct snapshot *snapshot, const struct volume *volume)
{
    WCHAR *store = NULL;
    (void)provider;
    HRESULT hr = clone_store_find(volume, &snapshot->id, &store);
    if (SUCCEEDED(hr))
        hr = revert_to(store, volume);
    mem_free(store);
    return hr;
}
