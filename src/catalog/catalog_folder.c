/* SPDX-License-Identifier: MIT
 *
 * The folder of the catalog, its mutex and its content. See catalog_record.h.
 */
#include "catalog/catalog_record.h"

#include <string.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/named_mutex.h"
#include "os/settings.h"
#include "volume/private_folder.h"

/* `Global\Thawline-Catalog-` and 16 hex digits. */
#define MUTEX_NAME_UNITS 48

HRESULT catalog_folder_path(WCHAR **path)
{
    WCHAR scope[SCOPE_LENGTH + 1];
    WCHAR *base = NULL;
    WCHAR *catalog = NULL;
    WCHAR *folder = NULL;
    HRESULT hr = settings_scope(scope);
    if (SUCCEEDED(hr))
        hr = private_folder_base(&base);
    if (FAILED(hr))
        goto done;
    catalog = file_join(base, L"Catalog");
    folder = catalog ? file_join(catalog, scope) : NULL;
    hr = folder ? private_folder_make(folder) : E_OUTOFMEMORY;
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "The folder of the catalog, %ls, can't be used.", folder);
    if (SUCCEEDED(hr))
    {
        *path = folder;
        folder = NULL;
    }
done:
    mem_free(folder);
    mem_free(catalog);
    mem_free(base);
    return hr;
}

/* One mutex for each folder: the path tells both user and scope, and has no place in an object's
   name. */
static HRESULT take_mutex(const WCHAR *path, HANDLE *mutex)
{
    static const WCHAR prefix[] = L"Global\\Thawline-Catalog-";
    WCHAR name[MUTEX_NAME_UNITS];
    uint64_t hash = 0xCBF29CE484222325u; /* FNV-1a */
    for (; *path; path++)
        hash = (hash ^ (uint16_t)(*path | 0x20)) * 0x100000001B3u;
    size_t at = sizeof(prefix) / sizeof(*prefix) - 1;
    memcpy(name, prefix, sizeof(prefix));
    for (int shift = 60; shift >= 0; shift -= 4)
        name[at++] = L"0123456789abcdef"[hash >> shift & 15];
    name[at] = 0;
    return named_mutex_take(name, mutex);
}

HRESULT catalog_folder_enter(struct catalog_folder *folder)
{
    struct catalog_folder entered = {0};
    HRESULT hr = catalog_folder_path(&entered.path);
    if (FAILED(hr))
        return hr;
    /* Every record is whole at any time, also when a holder died; the rest is for
       catalog_collect. */
    hr = take_mutex(entered.path, &entered.mutex);
    if (FAILED(hr))
    {
        log_error(hr, "The catalog can't be locked.");
        mem_free(entered.path);
    }
    else
        *folder = entered;
    return hr;
}

void catalog_folder_leave(struct catalog_folder *folder)
{
    if (!folder->mutex)
        return;
    named_mutex_drop(folder->mutex);
    mem_free(folder->path);
    folder->mutex = NULL;
    folder->path = NULL;
}

static bool has_extension(const WCHAR *name, const WCHAR *extension)
{
    size_t length = str16_len(name);
    size_t wanted = str16_len(extension);
    return length >= wanted && str16_equal_nocase(name + length - wanted, extension);
}

static HRESULT push_id(struct vec *ids, const WCHAR *name)
{
    WCHAR text[GUID_TEXT_LENGTH + 1];
    GUID id;
    if (str16_len(name) <= GUID_TEXT_LENGTH || name[GUID_TEXT_LENGTH] != L'.')
        return S_OK;
    memcpy(text, name, GUID_TEXT_LENGTH * sizeof(WCHAR));
    text[GUID_TEXT_LENGTH] = 0;
    if (!guid_from_text(text, &id))
        return S_OK;
    GUID *kept = mem_dup(&id, sizeof(id));
    if (!kept || !vec_push(ids, kept))
    {
        mem_free(kept);
        return E_OUTOFMEMORY;
    }
    return S_OK;
}

static HRESULT push_file(struct catalog_listing *listing, const WCHAR *name)
{
    if (has_extension(name, L".xml"))
        return push_id(&listing->records, name);
    if (has_extension(name, L".lock"))
        return push_id(&listing->locks, name);
    if (!has_extension(name, L".tmp"))
        return S_OK;
    WCHAR *kept = str16_dup(name);
    if (!kept || !vec_push(&listing->temporaries, kept))
    {
        mem_free(kept);
        return E_OUTOFMEMORY;
    }
    return S_OK;
}

HRESULT catalog_folder_list(const struct catalog_folder *folder, struct catalog_listing *listing)
{
    WIN32_FIND_DATAW found;
    struct catalog_listing made = {0};
    WCHAR *joined = file_join(folder->path, L"*");
    WCHAR *pattern = joined ? file_long_path(joined) : NULL;
    mem_free(joined);
    if (!pattern)
        return E_OUTOFMEMORY;
    HRESULT hr = S_OK;
    HANDLE search = FindFirstFileExW(
        pattern, FindExInfoBasic, &found, FindExSearchNameMatch, NULL, 0);
    DWORD error = GetLastError();
    mem_free(pattern);
    if (search == INVALID_HANDLE_VALUE)
        return log_error(HRESULT_FROM_WIN32(error),
            "The folder of the catalog, %ls, can't be listed.", folder->path);
    do
    {
        if (!(found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
            hr = push_file(&made, found.cFileName);
    } while (SUCCEEDED(hr) && FindNextFileW(search, &found));
    FindClose(search);
    if (FAILED(hr))
        catalog_listing_free(&made);
    else
        *listing = made;
    return hr;
}

void catalog_listing_free(struct catalog_listing *listing)
{
    vec_free(&listing->records, mem_free);
    vec_free(&listing->locks, mem_free);
    vec_free(&listing->temporaries, mem_free);
}
