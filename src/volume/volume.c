/* SPDX-License-Identifier: MIT
 *
 * Opening volumes by any of their names. See volume.h; paths on volumes are in volume_path.c. Any
 * thread. Name forms: requestor 2.4 (AddToSnapshotSet); what Wine answers: wine facts 4.
 */
#include "volume/volume.h"

#include <string.h>

#include "base/mem.h"
#include "base/str16.h"
#include "base/vec.h"
#include "diag/log.h"
#include "volume/volume_name.h"
#include "volume/wine_link.h"

/* The longest path that the system takes. */
#define PATH_LIMIT 32767
/* File systems have short names; MAX_PATH + 1 is what GetVolumeInformation asks for. */
#define FILE_SYSTEM_UNITS (MAX_PATH + 1)
/* Room for the first guess at the paths of a volume; most have one letter. */
#define PATH_NAMES_UNITS 64

static HRESULT not_found(const WCHAR *name)
{
    return log_warning(VSS_E_OBJECT_NOT_FOUND, "There is no volume %ls.", name);
}

/* The first path under which a volume is known: letters come before folders. A volume without one
   is reached by its name. mem_free *path. */
static HRESULT path_of_name(const WCHAR *name, WCHAR **path)
{
    DWORD units = PATH_NAMES_UNITS;
    for (;;)
    {
        WCHAR *names = mem_alloc_array(units, sizeof(WCHAR));
        if (!names)
            return E_OUTOFMEMORY;
        DWORD needed = 0;
        if (GetVolumePathNamesForVolumeNameW(name, names, units, &needed))
        {
            WCHAR *first = str16_dup(*names ? names : name);
            mem_free(names);
            if (!first)
                return E_OUTOFMEMORY;
            *path = first;
            return S_OK;
        }
        DWORD error = GetLastError();
        mem_free(names);
        if (error != ERROR_MORE_DATA || needed <= units)
            return not_found(name);
        units = needed;
    }
}

static HRESULT name_of_path(const WCHAR *path, WCHAR **name)
{
    WCHAR found[VOLUME_NAME_LENGTH + 1];
    if (!GetVolumeNameForVolumeMountPointW(path, found, VOLUME_NAME_LENGTH + 1))
        return not_found(path);
    *name = str16_dup(found);
    return *name ? S_OK : E_OUTOFMEMORY;
}

/* `C:\MOUNT\.\x\` becomes `C:\MOUNT\x\`, `c:\` becomes `C:\`. */
static HRESULT normalise_path(const WCHAR *path, WCHAR **normal)
{
    DWORD units = GetFullPathNameW(path, 0, NULL, NULL);
    WCHAR *full = mem_alloc_array((size_t)units + 1, sizeof(WCHAR));
    if (!full)
        return E_OUTOFMEMORY;
    DWORD length = GetFullPathNameW(path, units + 1, full, NULL);
    if (!length || length > units)
    {
        mem_free(full);
        return not_found(path);
    }
    if (full[0] >= L'a' && full[0] <= L'z')
        full[0] = (WCHAR)(full[0] - L'a' + L'A');
    *normal = full;
    return S_OK;
}

static HRESULT find_names(const WCHAR *given, struct volume *volume)
{
    HRESULT hr;
    switch (volume_name_form(given))
    {
    case VOLUME_FORM_GUID:
        hr = str16_assign(&volume->name, given);
        return FAILED(hr) ? hr : path_of_name(given, &volume->path);
    case VOLUME_FORM_PATH:
        hr = normalise_path(given, &volume->path);
        return FAILED(hr) ? hr : name_of_path(volume->path, &volume->name);
    case VOLUME_FORM_SHARE:
        /* Shares are copied by a file share provider, which is not there. */
        return not_found(given);
    default:
        return log_error(E_INVALIDARG,
            "\"%ls\" is not a volume name: X:\\, a mount folder or \\\\?\\Volume{guid}\\, "
            "with a backslash at the end.",
            given);
    }
}

/* Wine: whether the drive is the whole host, which is called `/` whatever its letter. */
static bool is_host_root(const WCHAR *path)
{
    char *host_name = wine_host_name(path);
    bool root = host_name && strcmp(host_name, "/") == 0;
    wine_host_name_free(host_name);
    return root;
}

static HRESULT find_properties(struct volume *volume)
{
    WCHAR file_system[FILE_SYSTEM_UNITS] = {0};
    DWORD flags = 0;
    if (!GetVolumeInformationW(
            volume->path, NULL, 0, NULL, NULL, &flags, file_system, FILE_SYSTEM_UNITS))
        flags = 0; /* a drive without medium: it has a name all the same */
    volume->read_only = (flags & FILE_READ_ONLY_VOLUME) != 0;
    volume->fixed = GetDriveTypeW(volume->path) == DRIVE_FIXED;
    volume->host_root = is_host_root(volume->path);
    return str16_assign(&volume->file_system, file_system);
}

HRESULT volume_open(const WCHAR *name, struct volume **volume)
{
    if (!name || str16_len(name) > PATH_LIMIT)
        return log_error(E_INVALIDARG, "A volume name is missing or longer than %d.", PATH_LIMIT);
    struct volume *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    HRESULT hr = find_names(name, made);
    if (SUCCEEDED(hr))
        hr = find_properties(made);
    if (FAILED(hr))
        volume_free(made);
    else
        *volume = made;
    return hr;
}

struct volume *volume_clone(const struct volume *volume)
{
    struct volume *made = mem_alloc(sizeof(*made));
    if (!made)
        return NULL;
    made->fixed = volume->fixed;
    made->read_only = volume->read_only;
    made->host_root = volume->host_root;
    if (SUCCEEDED(str16_assign(&made->name, volume->name)) &&
        SUCCEEDED(str16_assign(&made->path, volume->path)) &&
        SUCCEEDED(str16_assign(&made->file_system, volume->file_system)))
        return made;
    volume_free(made);
    return NULL;
}

void volume_free(struct volume *volume)
{
    if (!volume)
        return;
    mem_free(volume->name);
    mem_free(volume->path);
    mem_free(volume->file_system);
    mem_free(volume);
}

static void destroy_item(void *item)
{
    volume_free(item);
}

HRESULT volume_list(struct vec *volumes)
{
    struct vec found = {0};
    DWORD letters = GetLogicalDrives();
    HRESULT hr = S_OK;
    for (int i = 0; i < 26 && SUCCEEDED(hr); i++)
    {
        WCHAR path[] = {(WCHAR)(L'A' + i), L':', L'\\', 0};
        UINT type = letters >> i & 1 ? GetDriveTypeW(path) : DRIVE_NO_ROOT_DIR;
        if (type == DRIVE_NO_ROOT_DIR || type == DRIVE_UNKNOWN || type == DRIVE_REMOTE)
            continue;
        struct volume *volume = NULL;
        hr = volume_open(path, &volume);
        if (SUCCEEDED(hr) && !vec_push(&found, volume))
        {
            volume_free(volume);
            hr = E_OUTOFMEMORY;
        }
        if (hr == VSS_E_OBJECT_NOT_FOUND)
            hr = S_OK; /* it went away meanwhile, or is no volume: a substituted letter */
    }
    if (FAILED(hr))
        vec_free(&found, destroy_item);
    else
        *volumes = found;
    return hr;
}

HRESULT volume_free_space(const struct volume *volume, uint64_t *bytes)
{
    ULARGE_INTEGER free_bytes;
    if (!GetDiskFreeSpaceExW(volume->path, &free_bytes, NULL, NULL))
    {
        DWORD error = GetLastError();
        return log_error(
            HRESULT_FROM_WIN32(error), "The free space of %ls can't be read.", volume->path);
    }
    *bytes = free_bytes.QuadPart;
    return S_OK;
}
