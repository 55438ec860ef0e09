/* SPDX-License-Identifier: MIT
 *
 * Taking out of a snapshot what belongs to no copy. See btrfs_trim.h; which files those are is the
 * clone provider's to say (clone_scope.h).
 */
#include "provider/btrfs_trim.h"

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "provider/btrfs_tool.h"
#include "provider/clone_file.h"
#include "provider/clone_prepare.h"
#include "provider/clone_scan.h"

/* A folder that stands for another subvolume has this number. */
#define STAND_IN_INODE 2

void btrfs_trim_free(struct btrfs_trim *trim)
{
    clone_manifest_free(&trim->manifest);
    clone_scope_free(&trim->scope);
}

/* The volume's scope, applied to the snapshot; all of it, since that costs nothing. */
static HRESULT make_scope(const struct volume *volume, const struct provider_briefing *briefing,
    const WCHAR *copy, struct clone_scope *scope)
{
    WCHAR *source = NULL;
    HRESULT hr = clone_scope_build(volume, briefing, scope);
    if (SUCCEEDED(hr))
        hr = clone_working_path(copy, &source);
    if (FAILED(hr))
        return hr;
    mem_free(scope->source);
    scope->source = source;
    vec_free(&scope->limits, clone_spec_free);
    scope->limited = false;
    return S_OK;
}

/* Links are left out of a scan as well, and stay: in a snapshot they are what they were. */
static bool is_to_go(const struct clone_scope *scope, const WCHAR *path)
{
    static const struct clone_folder_scope everything = {.whole = true};
    const WCHAR *last = str16_find_last_char(path, L'\\');
    return !clone_scope_admits_folder(scope, path) ||
        !clone_scope_admits_file(scope, &everything, path, last ? last + 1 : path);
}

/* By its attributes it is like a link to Wine. */
static bool is_stand_in(const WCHAR *path)
{
    struct clone_link_check links = {0};
    BY_HANDLE_FILE_INFORMATION info;
    HANDLE folder = NULL;
    bool stand_in = SUCCEEDED(clone_open(
                        path, CLONE_FOLDER, CLONE_EXISTING, FILE_READ_ATTRIBUTES, 0, &folder)) &&
        clone_link_check(&links, folder, path) == S_OK &&
        GetFileInformationByHandle(folder, &info) && !info.nFileIndexHigh &&
        info.nFileIndexLow == STAND_IN_INODE;
    if (folder)
        CloseHandle(folder);
    clone_link_check_free(&links);
    return stand_in;
}

/* What another user keeps there may be out of reach, for who sees the copy as well. */
static HRESULT take_left_out(struct btrfs_trim *trim, const struct vec *left_out)
{
    for (size_t i = 0; i < left_out->count; i++)
    {
        const WCHAR *path = left_out->items[i];
        WCHAR *whole = clone_join(trim->scope.source, path);
        if (!whole)
            return E_OUTOFMEMORY;
        HRESULT hr = S_OK;
        if (is_to_go(&trim->scope, path))
            hr = btrfs_tool_remove(whole);
        else
            trim->subvolumes += is_stand_in(whole);
        mem_free(whole);
        if (hr == E_OUTOFMEMORY)
            return hr;
        if (FAILED(hr))
            log_warning(hr, "%ls belongs to no copy and could not be removed from it.", path);
    }
    return S_OK;
}

HRESULT btrfs_trim_begin(const struct volume *volume, const struct provider_briefing *briefing,
    const WCHAR *copy, struct btrfs_trim *trim)
{
    struct vec left_out = {0};
    HRESULT hr = make_scope(volume, briefing, copy, &trim->scope);
    if (SUCCEEDED(hr))
        hr = clone_scan_all(&trim->scope, &trim->manifest, &left_out);
    if (SUCCEEDED(hr))
        hr = take_left_out(trim, &left_out);
    vec_free(&left_out, mem_free);
    return hr;
}

HRESULT btrfs_trim_excluded(
    const struct volume *volume, const struct provider_briefing *briefing, struct btrfs_trim *trim)
{
    struct vec excluded = {0};
    struct clone_copier copier = {0};
    const struct clone_update update = {.scope = &trim->scope,
        .store = trim->scope.source,
        .copier = &copier,
        .manifest = &trim->manifest};
    HRESULT hr = clone_specs_add_files(volume, &briefing->excluded_files, &excluded);
    for (size_t i = 0; i < trim->manifest.entries.count; i++)
    {
        struct clone_entry *entry = trim->manifest.entries.items[i];
        entry->state = CLONE_COPIED;
    }
    if (SUCCEEDED(hr) && excluded.count)
        hr = clone_remove_excluded(&update, &excluded);
    clone_link_check_free(&copier.links);
    vec_free(&excluded, clone_spec_free);
    return hr;
}

HRESULT btrfs_trim_is_named(
    const struct volume *volume, const struct provider_briefing *briefing, bool *named)
{
    struct vec specs = {0};
    HRESULT hr = clone_specs_add_files(volume, &briefing->named_files, &specs);
    *named = specs.count > 0;
    vec_free(&specs, clone_spec_free);
    return hr;
}
