/* SPDX-License-Identifier: MIT
 *
 * Paths of files and the volumes on which they lie. See volume.h. Any thread.
 */
#include "volume/volume.h"

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "volume/volume_name.h"

#define EXTENDED_PREFIX L"\\\\?\\"
#define EXTENDED_PREFIX_LENGTH 4

HRESULT volume_expand(const WCHAR *text, WCHAR **expanded)
{
    /* The environment may grow between the calls. */
    DWORD units = ExpandEnvironmentStringsW(text, NULL, 0);
    for (;;)
    {
        WCHAR *made = mem_alloc_array((size_t)units + 1, sizeof(WCHAR));
        if (!made)
            return E_OUTOFMEMORY;
        DWORD needed = ExpandEnvironmentStringsW(text, made, units + 1);
        if (needed && needed <= units + 1)
        {
            *expanded = made;
            return S_OK;
        }
        DWORD error = GetLastError();
        mem_free(made);
        if (!needed)
            return HRESULT_FROM_WIN32(error);
        units = needed;
    }
}

/* `\\?\X:\...` as `X:\...`; other text as it is. */
static const WCHAR *plain_form(const WCHAR *path)
{
    if (str16_starts_with(path, EXTENDED_PREFIX) &&
        volume_path_is_rooted(path + EXTENDED_PREFIX_LENGTH))
        return path + EXTENDED_PREFIX_LENGTH;
    return path;
}

/* The root of the volume that holds a rooted path: `X:\` or the deepest mount folder. mem_free
   *root. */
static HRESULT root_of_path(const WCHAR *path, WCHAR **root)
{
    DWORD units = (DWORD)str16_len(path) + 2; /* a backslash may be added */
    WCHAR *found = mem_alloc_array(units, sizeof(WCHAR));
    if (!found)
        return E_OUTOFMEMORY;
    if (!GetVolumePathNameW(path, found, units))
    {
        mem_free(found);
        return VSS_E_OBJECT_NOT_FOUND;
    }
    *root = found;
    return S_OK;
}

static HRESULT open_holder(const WCHAR *path, struct volume **volume)
{
    WCHAR *root = NULL;
    HRESULT hr = S_OK;
    const WCHAR *plain = plain_form(path);
    if (volume_name_begins(plain))
        root = str16_ndup(plain, VOLUME_NAME_LENGTH);
    else if (volume_path_is_rooted(plain))
        hr = root_of_path(plain, &root);
    else if (plain[0] == L'\\' && plain[1] == L'\\')
        hr = VSS_E_OBJECT_NOT_FOUND; /* a share or a device */
    else
        hr = E_INVALIDARG;
    if (SUCCEEDED(hr) && !root)
        hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = volume_open(root, volume);
    else if (hr != E_OUTOFMEMORY)
        log_warning(hr, "\"%ls\" lies on no volume.", path);
    mem_free(root);
    return hr;
}

HRESULT volume_of_path(const WCHAR *path, struct volume **volume)
{
    WCHAR *expanded = NULL;
    HRESULT hr = path ? volume_expand(path, &expanded) : E_INVALIDARG;
    if (SUCCEEDED(hr))
        hr = open_holder(expanded, volume);
    mem_free(expanded);
    return hr;
}

/* `C:` and `C:\mount` count as held by `C:\` and `C:\mount\`. */
static bool begins_with_root(const WCHAR *path, const WCHAR *root)
{
    size_t length = str16_len(root) - 1; /* without the backslash */
    if (str16_len(path) < length ||
        CompareStringOrdinal(path, (int)length, root, (int)length, TRUE) != CSTR_EQUAL)
        return false;
    return !path[length] || path[length] == L'\\';
}

/* Another volume may be mounted on a folder above `path`. If the system can't tell, the text
   decides. */
static bool another_volume_in_between(const WCHAR *path, const WCHAR *root)
{
    WCHAR *found = NULL;
    if (!volume_path_is_rooted(path) || FAILED(root_of_path(path, &found)))
        return false;
    bool another = CompareStringOrdinal(found, -1, root, -1, TRUE) != CSTR_EQUAL;
    mem_free(found);
    return another;
}

bool volume_holds(const WCHAR *volume_name, const WCHAR *volume_path, const WCHAR *path)
{
    WCHAR *expanded = NULL;
    if (!path || FAILED(volume_expand(path, &expanded)))
        return false;
    const WCHAR *plain = plain_form(expanded);
    bool holds = begins_with_root(plain, volume_name) ||
        (begins_with_root(plain, volume_path) && !another_volume_in_between(plain, volume_path));
    mem_free(expanded);
    return holds;
}
