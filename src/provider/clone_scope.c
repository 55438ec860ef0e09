/* SPDX-License-Identifier: MIT
 *
 * Building the scope of a copy from the briefing and THAWLINE_CLONE_ROOTS. See clone_scope.h; what
 * it admits is in clone_admit.c.
 */
#include "provider/clone_scope.h"

#include <string.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "model/file_spec.h"
#include "os/settings.h"
#include "provider/clone_file.h"
#include "provider/file_pattern.h"
#include "volume/private_folder.h"

/* The value of CLONE_ROOTS that stands for the files which the components name. */
#define ROOTS_COMPONENTS L"components"

void clone_spec_free(void *item)
{
    struct clone_spec *spec = item;
    if (!spec)
        return;
    mem_free(spec->folder);
    mem_free(spec->pattern);
    mem_free(spec);
}

/* `X:\dir\` as `dir`: without the volume's path or name and without backslashes at the end. `path`
   lies on the volume and may be without its last backslash. mem_free it. */
static WCHAR *relative_path(const struct volume *volume, const WCHAR *path)
{
    if (str16_starts_with(path, L"\\\\?\\") && path[4] && path[5] == L':')
        path += 4;
    size_t root = str16_len(file_path_is_within(path, volume->name) ? volume->name : volume->path);
    if (str16_starts_with_nocase(path, L"\\\\?\\Volume{"))
        root = str16_len(volume->name);
    size_t length = str16_len(path);
    if (length <= root)
        return str16_dup(L"");
    while (length > root && path[length - 1] == L'\\')
        length--;
    return str16_ndup(path + root, length - root);
}

/* Adds the spec if `path` (variables allowed) lies on the volume. */
static HRESULT add_spec(const struct volume *volume, const WCHAR *path, const WCHAR *pattern,
    bool recursive, struct vec *specs)
{
    if (!path || !volume_holds(volume->name, volume->path, path))
        return S_OK;
    WCHAR *expanded = NULL;
    HRESULT hr = volume_expand(path, &expanded);
    if (FAILED(hr))
        return hr;
    struct clone_spec *spec = mem_alloc(sizeof(*spec));
    hr = E_OUTOFMEMORY;
    if (spec)
    {
        spec->folder = relative_path(volume, expanded);
        spec->pattern = str16_dup(pattern);
        spec->recursive = recursive;
        if (spec->folder && (spec->pattern || !pattern) && vec_push(specs, spec))
            hr = S_OK;
    }
    if (FAILED(hr))
        clone_spec_free(spec);
    mem_free(expanded);
    return hr;
}

HRESULT clone_specs_add_files(
    const struct volume *volume, const struct vec *files, struct vec *specs)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < files->count && SUCCEEDED(hr); i++)
    {
        const struct file_spec *file = files->items[i];
        hr = add_spec(
            volume, file->path, file->filespec ? file->filespec : L"*", file->recursive, specs);
    }
    return hr;
}

/* `a;b;c`, as THAWLINE_CLONE_ROOTS has it. */
static HRESULT add_roots_of_setting(
    const struct volume *volume, const WCHAR *setting, struct vec *limits)
{
    HRESULT hr = S_OK;
    while (*setting && SUCCEEDED(hr))
    {
        const WCHAR *end = str16_find_char(setting, L';');
        size_t length = end ? (size_t)(end - setting) : str16_len(setting);
        WCHAR *root = str16_ndup(setting, length);
        hr = !root ? E_OUTOFMEMORY : *root ? add_spec(volume, root, NULL, true, limits) : S_OK;
        mem_free(root);
        setting += length + (end ? 1 : 0);
    }
    return hr;
}

static HRESULT add_components(
    const struct volume *volume, const struct provider_briefing *briefing, struct vec *limits)
{
    HRESULT hr = clone_specs_add_files(volume, &briefing->named_files, limits);
    return SUCCEEDED(hr) ? clone_specs_add_files(volume, &briefing->unfrozen_files, limits) : hr;
}

static HRESULT find_limits(const struct volume *volume, const struct provider_briefing *briefing,
    struct clone_scope *scope)
{
    HRESULT hr = S_OK;
    WCHAR *setting = settings_get(L"CLONE_ROOTS");
    if (briefing->roots.count)
    {
        scope->limited = true;
        for (size_t i = 0; i < briefing->roots.count && SUCCEEDED(hr); i++)
            hr = add_spec(volume, briefing->roots.items[i], NULL, true, &scope->limits);
    }
    else if (setting && *setting)
    {
        scope->limited = true;
        if (str16_equal_nocase(setting, ROOTS_COMPONENTS))
            hr = add_components(volume, briefing, &scope->limits);
        else
            hr = add_roots_of_setting(volume, setting, &scope->limits);
    }
    if (SUCCEEDED(hr) && scope->limited && !scope->limits.count)
        log_warning(S_OK,
            "The copy of %ls is limited to folders none of which lies on it: it will be empty.",
            volume->path);
    mem_free(setting);
    return hr;
}

static HRESULT find_own_folder(const struct volume *volume, struct clone_scope *scope)
{
    WCHAR *own = NULL;
    HRESULT hr = private_folder_base(&own);
    if (FAILED(hr))
        return hr == E_OUTOFMEMORY ? hr : S_OK; /* no such folder: nothing of ours can lie in it */
    if (volume_holds(volume->name, volume->path, own))
    {
        scope->own_folder = relative_path(volume, own);
        hr = scope->own_folder ? S_OK : E_OUTOFMEMORY;
    }
    mem_free(own);
    return hr;
}

HRESULT clone_scope_build(const struct volume *volume, const struct provider_briefing *briefing,
    struct clone_scope *scope)
{
    struct clone_scope built = {0};
    HRESULT hr = clone_working_path(volume->path, &built.source);
    if (SUCCEEDED(hr))
        hr = clone_specs_add_files(volume, &briefing->named_files, &built.named);
    if (SUCCEEDED(hr))
        hr = find_limits(volume, briefing, &built);
    if (SUCCEEDED(hr))
        hr = find_own_folder(volume, &built);
    if (FAILED(hr))
        clone_scope_free(&built);
    else
        *scope = built;
    return hr;
}

void clone_scope_free(struct clone_scope *scope)
{
    mem_free(scope->source);
    mem_free(scope->own_folder);
    vec_free(&scope->named, clone_spec_free);
    vec_free(&scope->limits, clone_spec_free);
    memset(scope, 0, sizeof(*scope));
}
