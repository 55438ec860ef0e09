/* SPDX-License-Identifier: MIT
 *
 * Names under which folders appear. See exposure.h.
 */
#include "volume/exposure.h"

#include <lm.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/file.h"
#include "os/module.h"
#include "os/settings.h"
#include "volume/exposure_system.h"
#include "volume/volume_name.h"

/* The longest path that the system takes. */
#define PATH_LIMIT 32767
/* Chosen downwards: programs that give letters begin at the other end. Z: is the host's. */
#define FIRST_CHOICE L'Y'
#define LAST_CHOICE L'D'

static const struct exposure_system *find_system(void)
{
    return settings_is_wine() ? &exposure_on_wine : &exposure_on_windows;
}

static bool is_drive(const WCHAR *name)
{
    return name[1] == L':' && !name[2];
}

static bool is_taken(WCHAR letter)
{
    return GetLogicalDrives() >> (letter - L'A') & 1;
}

/* ---- Names ---- */

static HRESULT give_letter(WCHAR letter, WCHAR **normal)
{
    const WCHAR name[] = {letter, L':', 0};
    *normal = str16_dup(name);
    return *normal ? S_OK : E_OUTOFMEMORY;
}

static HRESULT choose_letter(WCHAR **normal)
{
    for (WCHAR letter = FIRST_CHOICE; letter >= LAST_CHOICE; letter--)
        if (!is_taken(letter))
            return give_letter(letter, normal);
    return log_error(VSS_E_OBJECT_ALREADY_EXISTS, "No drive letter is free.");
}

static HRESULT check_letter(WCHAR letter, WCHAR **normal)
{
    if (letter >= L'a' && letter <= L'z')
        letter = (WCHAR)(letter - L'a' + L'A');
    if (letter < L'A' || letter > L'Z')
        return log_error(E_INVALIDARG, "%lc: is no drive.", letter);
    if (is_taken(letter))
        return log_error(VSS_E_OBJECT_ALREADY_EXISTS, "%lc: is taken.", letter);
    return give_letter(letter, normal);
}

static bool is_empty_folder(const WCHAR *path)
{
    WIN32_FIND_DATAW data;
    DWORD attributes = GetFileAttributesW(path);
    if (attributes == INVALID_FILE_ATTRIBUTES || !(attributes & FILE_ATTRIBUTE_DIRECTORY) ||
        attributes & FILE_ATTRIBUTE_REPARSE_POINT)
        return false;
    WCHAR *pattern = file_join(path, L"*");
    HANDLE find = pattern ? FindFirstFileW(pattern, &data) : INVALID_HANDLE_VALUE;
    bool empty = find != INVALID_HANDLE_VALUE;
    while (empty)
    {
        empty = str16_equal(data.cFileName, L".") || str16_equal(data.cFileName, L"..");
        if (!FindNextFileW(find, &data))
            break;
    }
    if (find != INVALID_HANDLE_VALUE)
        FindClose(find);
    mem_free(pattern);
    return empty;
}

static HRESULT check_folder(const WCHAR *name, WCHAR **normal)
{
    DWORD units = GetFullPathNameW(name, 0, NULL, NULL);
    WCHAR *full = mem_alloc_array((size_t)units + 1, sizeof(WCHAR));
    if (!full)
        return E_OUTOFMEMORY;
    DWORD length = GetFullPathNameW(name, units + 1, full, NULL);
    while (length && full[length - 1] == L'\\')
        full[--length] = 0;
    if (length && length <= units && is_empty_folder(full))
    {
        *normal = full;
        return S_OK;
    }
    mem_free(full);
    return log_error(E_INVALIDARG, "%ls is no empty folder.", name);
}

HRESULT exposure_choose(const WCHAR *name, WCHAR **normal)
{
    if (!name)
        return choose_letter(normal);
    size_t length = str16_len(name);
    if (length > PATH_LIMIT)
        return log_error(E_INVALIDARG, "The name is longer than %d.", PATH_LIMIT);
    if (str16_starts_with(name, L"\\\\?\\") && volume_path_is_rooted(name + 4))
        return check_folder(name + 4, normal);
    if ((length == 2 || (length == 3 && name[2] == L'\\')) && name[1] == L':')
        return check_letter(name[0], normal);
    if (length > 3 && volume_path_is_rooted(name))
        return check_folder(name, normal);
    return log_error(E_INVALIDARG, "\"%ls\" is neither a drive nor the path of a folder.", name);
}

/* ---- Drives and mount folders ---- */

static WCHAR *without_end(const WCHAR *folder)
{
    size_t length = str16_len(folder);
    while (length && folder[length - 1] == L'\\')
        length--;
    return str16_ndup(folder, length);
}

static HRESULT refused(HRESULT hr, const char *what, const WCHAR *name)
{
    if (hr == E_OUTOFMEMORY)
        return hr;
    log_error(hr, "%ls cannot be %s.", name, what);
    return VSS_E_PROVIDER_VETO;
}

HRESULT exposure_make(const WCHAR *folder, const WCHAR *name)
{
    const struct exposure_system *system = find_system();
    WCHAR *plain = without_end(folder);
    if (!plain)
        return E_OUTOFMEMORY;
    HRESULT hr = is_drive(name) ? system->make_drive(plain, name[0])
                                : system->make_mount(plain, name);
    mem_free(plain);
    return FAILED(hr) ? refused(hr, "made", name) : S_OK;
}

static HRESULT remove_if_same(
    const struct exposure_system *system, const WCHAR *folder, const WCHAR *name)
{
    bool same = is_drive(name) ? system->is_drive(folder, name[0]) : system->is_mount(folder, name);
    if (!same)
    {
        log_warning(S_OK, "%ls does not show the shadow copy any more; it is left alone.", name);
        return S_OK;
    }
    return is_drive(name) ? system->remove_drive(folder, name[0])
                          : system->remove_mount(folder, name);
}

HRESULT exposure_remove(const WCHAR *folder, const WCHAR *name)
{
    WCHAR *plain = without_end(folder);
    HRESULT hr = plain ? remove_if_same(find_system(), plain, name) : E_OUTOFMEMORY;
    mem_free(plain);
    return FAILED(hr) ? refused(hr, "removed", name) : S_OK;
}

/* ---- Shares ---- */

typedef NET_API_STATUS(WINAPI *share_add)(LPWSTR server, DWORD level, LPBYTE info, LPDWORD wrong);
typedef NET_API_STATUS(WINAPI *share_del)(LPWSTR server, LPWSTR share, DWORD reserved);
typedef NET_API_STATUS(WINAPI *share_ask)(LPWSTR server, LPWSTR share, DWORD level, LPBYTE *info);
typedef NET_API_STATUS(WINAPI *buffer_free)(LPVOID buffer);

/* Netapi32.dll is loaded for whoever shares, and stays. */
static FARPROC net_function(const char *name)
{
    HMODULE library = module_load_system(L"netapi32.dll");
    return library ? GetProcAddress(library, name) : NULL;
}

/* As shares have it. */
static WCHAR *share_path(const WCHAR *folder)
{
    return without_end(str16_starts_with(folder, L"\\\\?\\") ? folder + 4 : folder);
}

HRESULT exposure_share(const WCHAR *folder, const WCHAR *share)
{
    share_add add = (share_add)(void *)net_function("NetShareAdd");
    WCHAR *plain = share_path(folder);
    WCHAR *name = str16_dup(share);
    NET_API_STATUS status = ERROR_NOT_SUPPORTED;
    HRESULT hr = plain && name ? S_OK : E_OUTOFMEMORY;
    if (SUCCEEDED(hr) && add)
    {
        SHARE_INFO_2 info = {.shi2_netname = name,
            .shi2_type = STYPE_DISKTREE,
            .shi2_max_uses = (DWORD)-1,
            .shi2_path = plain};
        status = add(NULL, 2, (BYTE *)&info, NULL);
    }
    mem_free(name);
    mem_free(plain);
    if (FAILED(hr) || !status)
        return hr;
    return refused(HRESULT_FROM_WIN32(status), "shared", share);
}

/* Whether the share is there and of this folder. */
static NET_API_STATUS ask_share(const WCHAR *folder, WCHAR *share, bool *same)
{
    share_ask ask = (share_ask)(void *)net_function("NetShareGetInfo");
    buffer_free free_buffer = (buffer_free)(void *)net_function("NetApiBufferFree");
    SHARE_INFO_2 *info = NULL;
    if (!ask || !free_buffer)
        return ERROR_NOT_SUPPORTED;
    NET_API_STATUS status = ask(NULL, share, 2, (BYTE **)&info);
    if (status)
        return status;
    *same = info->shi2_path && str16_equal_nocase(info->shi2_path, folder);
    free_buffer(info);
    return 0;
}

HRESULT exposure_unshare(const WCHAR *folder, const WCHAR *share)
{
    share_del del = (share_del)(void *)net_function("NetShareDel");
    WCHAR *plain = share_path(folder);
    WCHAR *name = str16_dup(share);
    bool same = false;
    NET_API_STATUS status = ERROR_NOT_ENOUGH_MEMORY;
    if (plain && name)
        status = del ? ask_share(plain, name, &same) : ERROR_NOT_SUPPORTED;
    if (!status && same)
        status = del(NULL, name, 0);
    else if (!status)
        log_warning(S_OK, "The share %ls shows another folder; it is left alone.", share);
    mem_free(name);
    mem_free(plain);
    if (!status || status == NERR_NetNameNotFound)
        return S_OK;
    return refused(HRESULT_FROM_WIN32(status), "unshared", share);
}
