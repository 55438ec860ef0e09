/* SPDX-License-Identifier: MIT
 *
 * Which files and folders belong to a copy, and which are named. See clone_scope.h.
 */
#include "provider/clone_scope.h"

#include "base/guid.h"
#include "base/str16.h"
#include "provider/file_pattern.h"

/* In the root of a volume: what the system keeps for itself and lets nobody read, and the stores of
   all providers. */
static const WCHAR *const root_exceptions[] = {
    L"System Volume Information", L"pagefile.sys", L"hiberfil.sys", L"swapfile.sys"};

static bool is_root_exception(const WCHAR *path)
{
    for (size_t i = 0; i < sizeof(root_exceptions) / sizeof(*root_exceptions); i++)
        if (file_path_equal(path, root_exceptions[i]))
            return true;
    return false;
}

/* The last part of the first `length` units of `path`; *rest is what lies before its backslash. */
static const WCHAR *last_part(const WCHAR *path, size_t length, size_t *rest)
{
    size_t start = length;
    while (start > 0 && path[start - 1] != L'\\')
        start--;
    *rest = start ? start - 1 : 0;
    return path + start;
}

static bool part_equals(const WCHAR *part, size_t length, const WCHAR *name)
{
    return str16_len(name) == length &&
        CompareStringOrdinal(part, (int)length, name, (int)length, TRUE) == CSTR_EQUAL;
}

static bool takes_part(const WCHAR *path, size_t *length, const WCHAR *name)
{
    size_t rest;
    const WCHAR *part = last_part(path, *length, &rest);
    bool same = part_equals(part, (size_t)(path + *length - part), name);
    *length = rest;
    return same;
}

/* Whether the path ends with these folders, the last one first; NULL ends them. */
static bool ends_with(const WCHAR *path, const WCHAR *const *names)
{
    size_t length = str16_len(path);
    for (; *names; names++)
        if (!length || !takes_part(path, &length, *names))
            return false;
    return true;
}

/* What is Thawline's own, also of another user, another scope or a volume whose root is a folder of
   this one: copies, records, locks, and files that a revert there has moved aside. */
static bool is_own(const WCHAR *path)
{
    static const WCHAR *const on_volume[] = {L"Thawline", L"System Volume Information", NULL};
    static const WCHAR *const at_user[] = {L"Thawline", L"Local", L"AppData", NULL};
    static const WCHAR *const at_old_user[] = {
        L"Thawline", L"Application Data", L"Local Settings", NULL};
    size_t above;
    GUID id;
    const WCHAR *name = last_part(path, str16_len(path), &above);
    if (above && guid_from_text(name, &id) && takes_part(path, &above, L"Store"))
        return takes_part(path, &above, L"Thawline");
    return ends_with(path, on_volume) || ends_with(path, at_user) || ends_with(path, at_old_user);
}

bool clone_spec_matches(const struct clone_spec *spec, const WCHAR *folder, const WCHAR *name)
{
    bool in_folder = spec->recursive ? file_path_is_within(folder, spec->folder)
                                     : file_path_equal(folder, spec->folder);
    return in_folder && file_pattern_matches(spec->pattern, name);
}

/* The specs that can mean files of the folder. */
static HRESULT pick_specs(const struct vec *specs, const WCHAR *folder, struct vec *picked)
{
    for (size_t i = 0; i < specs->count; i++)
    {
        struct clone_spec *spec = specs->items[i];
        if (!spec->pattern)
            continue;
        bool meant = spec->recursive ? file_path_is_within(folder, spec->folder)
                                     : file_path_equal(folder, spec->folder);
        if (meant && !vec_push(picked, spec))
            return E_OUTOFMEMORY;
    }
    return S_OK;
}

HRESULT clone_folder_scope_find(
    const struct clone_scope *scope, const WCHAR *folder, struct clone_folder_scope *found)
{
    struct clone_folder_scope made = {.whole = !scope->limited};
    for (size_t i = 0; i < scope->limits.count && !made.whole; i++)
    {
        const struct clone_spec *root = scope->limits.items[i];
        made.whole = !root->pattern && file_path_is_within(folder, root->folder);
    }
    HRESULT hr = pick_specs(&scope->named, folder, &made.named);
    if (SUCCEEDED(hr) && !made.whole)
        hr = pick_specs(&scope->limits, folder, &made.limits);
    if (FAILED(hr))
        clone_folder_scope_free(&made);
    else
        *found = made;
    return hr;
}

void clone_folder_scope_free(struct clone_folder_scope *found)
{
    vec_free(&found->named, NULL);
    vec_free(&found->limits, NULL);
}

static bool any_pattern_matches(const struct vec *specs, const WCHAR *name)
{
    for (size_t i = 0; i < specs->count; i++)
    {
        const struct clone_spec *spec = specs->items[i];
        if (file_pattern_matches(spec->pattern, name))
            return true;
    }
    return false;
}

bool clone_scope_names(const struct clone_folder_scope *folder, const WCHAR *name)
{
    return any_pattern_matches(&folder->named, name);
}

bool clone_scope_admits_file(const struct clone_scope *scope,
    const struct clone_folder_scope *folder, const WCHAR *path, const WCHAR *name)
{
    if (is_root_exception(path))
        return false;
    if (folder->whole || any_pattern_matches(&folder->limits, name))
        return true;
    for (size_t i = 0; i < scope->limits.count; i++)
    {
        const struct clone_spec *root = scope->limits.items[i];
        if (!root->pattern && file_path_equal(path, root->folder))
            return true;
    }
    return false;
}

bool clone_scope_admits_folder(const struct clone_scope *scope, const WCHAR *path)
{
    if (is_root_exception(path) || is_own(path) ||
        (scope->own_folder && file_path_equal(path, scope->own_folder)))
        return false;
    for (size_t i = 0; i < scope->limits.count; i++)
    {
        const struct clone_spec *limit = scope->limits.items[i];
        bool leads_there = file_path_is_within(limit->folder, path);
        bool lies_inside = limit->recursive && file_path_is_within(path, limit->folder);
        if (leads_there || lies_inside)
            return true;
    }
    return !scope->limited;
}
