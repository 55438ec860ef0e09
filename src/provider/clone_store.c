/* SPDX-License-Identifier: MIT
 *
 * Where the stores of copies lie. See clone_store.h; emptying one is in clone_remove.c.
 */
#include "provider/clone_store.h"

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/file.h"
#include "provider/clone_file.h"
#include "provider/clone_remove.h"
#include "volume/device_object.h"
#include "volume/private_folder.h"

#define SYSTEM_FOLDER L"System Volume Information"
/* Parts of the path above a snapshot's folder that are ours to remove when they are empty. */
#define LEVELS_ON_VOLUME 2 /* Thawline, System Volume Information */
#define LEVELS_AT_USER 2   /* volume guid, Store */
/* Others remove empty parents while we make ours. */
#define MAKE_TRIES 5

static WCHAR *join_id(const WCHAR *folder, const GUID *id)
{
    WCHAR text[GUID_TEXT_LENGTH + 1];
    guid_to_text(id, text);
    return folder ? file_join(folder, text) : NULL;
}

/* `\\?\` before a path that has a letter. */
static WCHAR *extended(const WCHAR *path)
{
    struct str16_builder builder = {0};
    if (!path)
        return NULL;
    if (!str16_starts_with(path, L"\\\\?\\"))
        str16_builder_add(&builder, L"\\\\?\\");
    str16_builder_add(&builder, path);
    return str16_builder_take(&builder);
}

/* NULL when memory is exhausted. */
static WCHAR *path_on_volume(const struct volume *volume, const GUID *snapshot_id)
{
    WCHAR *system = file_join(volume->path, SYSTEM_FOLDER);
    WCHAR *own = system ? file_join(system, L"Thawline") : NULL;
    WCHAR *plain = join_id(own, snapshot_id);
    WCHAR *path = extended(plain);
    mem_free(plain);
    mem_free(own);
    mem_free(system);
    return path;
}

static HRESULT path_at_user(const WCHAR *volume_name, const GUID *snapshot_id, WCHAR **path)
{
    WCHAR *base = NULL;
    GUID volume_id;
    const WCHAR *brace = str16_find_char(volume_name, L'{');
    WCHAR *text = brace ? str16_ndup(brace + 1, GUID_TEXT_LENGTH) : NULL;
    bool known = guid_from_text(text, &volume_id);
    mem_free(text);
    if (!known)
        return E_INVALIDARG;
    HRESULT hr = private_folder_base(&base);
    if (FAILED(hr))
        return hr;
    WCHAR *store = file_join(base, L"Store");
    WCHAR *of_volume = join_id(store, &volume_id);
    WCHAR *plain = join_id(of_volume, snapshot_id);
    WCHAR *made = extended(plain);
    mem_free(plain);
    mem_free(of_volume);
    mem_free(store);
    mem_free(base);
    if (!made)
        return E_OUTOFMEMORY;
    *path = made;
    return S_OK;
}

static HRESULT make_folder(const WCHAR *path)
{
    HRESULT hr;
    int tries = 0;
    do
        hr = private_folder_make(path);
    while (hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND) && ++tries < MAKE_TRIES);
    return hr;
}

/* Windows shows the folder to nobody; so do we when we make it. */
static void hide_system_folder(const struct volume *volume)
{
    WCHAR *system = file_join(volume->path, SYSTEM_FOLDER);
    if (system)
        SetFileAttributesW(system, FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM);
    mem_free(system);
}

HRESULT clone_store_make(const struct volume *volume, const GUID *snapshot_id, WCHAR **path)
{
    HRESULT hr = E_ACCESSDENIED;
    /* The root folder of a host is not for us to make folders in. */
    if (!volume->read_only && !volume->host_root)
    {
        WCHAR *first = path_on_volume(volume, snapshot_id);
        hr = first ? make_folder(first) : E_OUTOFMEMORY;
        if (SUCCEEDED(hr))
        {
            hide_system_folder(volume);
            *path = first;
            return S_OK;
        }
        mem_free(first);
        if (hr == E_OUTOFMEMORY)
            return hr;
    }
    WCHAR *second = NULL;
    hr = path_at_user(volume->name, snapshot_id, &second);
    if (SUCCEEDED(hr))
        hr = make_folder(second);
    if (FAILED(hr))
    {
        log_error(hr, "There is no place for a copy of %ls.", volume->path);
        mem_free(second);
        return hr;
    }
    *path = second;
    return S_OK;
}

HRESULT clone_store_look(const struct volume *volume, const GUID *snapshot_id, WCHAR **path)
{
    WCHAR *found = path_on_volume(volume, snapshot_id);
    HRESULT hr = found ? S_OK : E_OUTOFMEMORY;
    if (SUCCEEDED(hr) && GetFileAttributesW(found) == INVALID_FILE_ATTRIBUTES)
    {
        mem_free(found);
        found = NULL;
        hr = path_at_user(volume->name, snapshot_id, &found);
    }
    if (SUCCEEDED(hr) && GetFileAttributesW(found) == INVALID_FILE_ATTRIBUTES)
        hr = S_FALSE;
    if (hr == S_OK)
        *path = found;
    else
        mem_free(found);
    return hr;
}

HRESULT clone_store_find(const struct volume *volume, const GUID *snapshot_id, WCHAR **path)
{
    HRESULT hr = clone_store_look(volume, snapshot_id, path);
    return hr == S_FALSE ? log_error(VSS_E_OBJECT_NOT_FOUND,
                               "The copy of %ls is not where it was made.", volume->path)
                         : hr;
}

WCHAR *clone_store_on_volume(const GUID *snapshot_id)
{
    return join_id(SYSTEM_FOLDER L"\\Thawline", snapshot_id);
}

HRESULT clone_store_free_space(const WCHAR *store, uint64_t *bytes)
{
    ULARGE_INTEGER free_bytes;
    HRESULT hr = clone_before("free-space", store);
    if (FAILED(hr))
        return hr;
    if (!GetDiskFreeSpaceExW(store, &free_bytes, NULL, NULL))
    {
        hr = clone_last_error();
        return log_error(hr, "The free space at %ls can't be read.", store);
    }
    *bytes = free_bytes.QuadPart;
    return S_OK;
}

/* Removes the folders above that hold nothing any more. Windows refuses for others. */
static void remove_empty_parents(const WCHAR *path, int levels)
{
    WCHAR *parent = str16_dup(path);
    while (parent && levels-- > 0)
    {
        WCHAR *last = (WCHAR *)str16_find_last_char(parent, L'\\');
        *last = 0;
        if (!clone_remove_empty_folder(parent))
            break;
    }
    mem_free(parent);
}

static HRESULT remove_folder(const WCHAR *path)
{
    HRESULT hr = private_folder_check(path);
    if (hr == E_ACCESSDENIED)
        log_error(hr, "The store %ls belongs to another user.", path);
    WCHAR *working = NULL;
    if (SUCCEEDED(hr))
        hr = clone_working_path(path, &working);
    if (SUCCEEDED(hr))
        hr = clone_remove_tree(working);
    mem_free(working);
    return clone_is_missing(hr) ? S_OK : hr;
}

static HRESULT remove_at(const WCHAR *path, const WCHAR *device_object, int levels)
{
    /* While the folder is there its device object is known by leading to it. */
    HRESULT hr = device_object_remove(path, device_object);
    if (SUCCEEDED(hr) && GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES)
        hr = remove_folder(path);
    if (SUCCEEDED(hr))
        remove_empty_parents(path, levels);
    return hr;
}

HRESULT clone_store_remove(const struct volume *volume, const WCHAR *volume_name,
    const GUID *snapshot_id, const WCHAR *device_object)
{
    HRESULT hr = S_OK;
    WCHAR *first = volume ? path_on_volume(volume, snapshot_id) : NULL;
    WCHAR *second = NULL;
    if (volume)
        hr = first ? remove_at(first, device_object, LEVELS_ON_VOLUME) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = path_at_user(volume_name, snapshot_id, &second);
    if (SUCCEEDED(hr))
        hr = remove_at(second, device_object, LEVELS_AT_USER);
    mem_free(second);
    mem_free(first);
    return hr;
}
