/* SPDX-License-Identifier: MIT
 *
 * Drives and mount folders on Windows: a DOS device of the session, which ends with it, and a
 * junction. Neither needs a privilege. See exposure_system.h.
 */
#include "volume/exposure_system.h"

#include <string.h>
#include <winioctl.h>

#include "base/mem.h"
#include "base/str16.h"

/* What a reparse point may hold. */
#define REPARSE_LIMIT (16u << 10)
#define DEVICE_UNITS 32768

/* The system's headers have it in the DDK only. */
struct junction
{
    ULONG tag;
    USHORT data_length; /* from `name_offset` on */
    USHORT reserved;
    USHORT name_offset; /* bytes, in `names` */
    USHORT name_length;
    USHORT shown_offset;
    USHORT shown_length;
    WCHAR names[];
};

#define JUNCTION_HEADER 8 /* before `name_offset` */

static HRESULT last_error(void)
{
    DWORD error = GetLastError();
    return HRESULT_FROM_WIN32(error);
}

/* The name for the system's own calls: `\??\` and the path. */
static WCHAR *nt_name(const WCHAR *folder)
{
    struct str16_builder builder = {0};
    str16_builder_add(&builder, L"\\??\\");
    str16_builder_add(&builder, str16_starts_with(folder, L"\\\\?\\") ? folder + 4 : folder);
    return str16_builder_take(&builder);
}

/* ---- Drives ---- */

static HRESULT define_drive(const WCHAR *folder, WCHAR letter, DWORD flags)
{
    const WCHAR name[] = {letter, L':', 0};
    WCHAR *target = nt_name(folder);
    if (!target)
        return E_OUTOFMEMORY;
    HRESULT hr = DefineDosDeviceW(DDD_RAW_TARGET_PATH | flags, name, target) ? S_OK : last_error();
    mem_free(target);
    return hr;
}

static HRESULT make_drive(const WCHAR *folder, WCHAR letter)
{
    return define_drive(folder, letter, 0);
}

static HRESULT remove_drive(const WCHAR *folder, WCHAR letter)
{
    return define_drive(folder, letter, DDD_REMOVE_DEFINITION | DDD_EXACT_MATCH_ON_REMOVE);
}

static bool is_drive(const WCHAR *folder, WCHAR letter)
{
    const WCHAR name[] = {letter, L':', 0};
    WCHAR *target = nt_name(folder);
    WCHAR *shown = mem_alloc_array(DEVICE_UNITS, sizeof(WCHAR));
    bool same = target && shown && QueryDosDeviceW(name, shown, DEVICE_UNITS) &&
        lstrcmpiW(shown, target) == 0;
    mem_free(shown);
    mem_free(target);
    return same;
}

/* ---- Mount folders ---- */

static HANDLE open_mount(const WCHAR *mount, DWORD access)
{
    return CreateFileW(mount, access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
        FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
}

static HRESULT control(const WCHAR *mount, DWORD code, void *data, DWORD size)
{
    HANDLE folder = open_mount(mount, GENERIC_WRITE);
    if (folder == INVALID_HANDLE_VALUE)
        return last_error();
    DWORD received = 0;
    HRESULT hr =
        DeviceIoControl(folder, code, data, size, NULL, 0, &received, NULL) ? S_OK : last_error();
    CloseHandle(folder);
    return hr;
}

static HRESULT make_mount(const WCHAR *folder, const WCHAR *mount)
{
    WCHAR *target = nt_name(folder);
    struct junction *junction = mem_alloc(REPARSE_LIMIT);
    HRESULT hr = target && junction ? S_OK : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
    {
        /* Two names, each with a NUL; the one that is shown stays empty. */
        size_t name_size = str16_len(target) * sizeof(WCHAR);
        size_t size = sizeof(*junction) + name_size + 2 * sizeof(WCHAR);
        hr = HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE);
        if (size <= REPARSE_LIMIT)
        {
            junction->tag = IO_REPARSE_TAG_MOUNT_POINT;
            junction->data_length = (USHORT)(size - JUNCTION_HEADER);
            junction->name_length = (USHORT)name_size;
            junction->shown_offset = (USHORT)(name_size + sizeof(WCHAR));
            memcpy(junction->names, target, name_size);
            hr = control(mount, FSCTL_SET_REPARSE_POINT, junction, (DWORD)size);
        }
    }
    mem_free(junction);
    mem_free(target);
    return hr;
}

static HRESULT remove_mount(const WCHAR *folder, const WCHAR *mount)
{
    struct junction none = {.tag = IO_REPARSE_TAG_MOUNT_POINT};
    (void)folder;
    return control(mount, FSCTL_DELETE_REPARSE_POINT, &none, JUNCTION_HEADER);
}

static bool read_junction(const WCHAR *mount, struct junction *junction)
{
    HANDLE folder = open_mount(mount, 0);
    DWORD size = 0;
    if (folder == INVALID_HANDLE_VALUE)
        return false;
    bool done = DeviceIoControl(
        folder, FSCTL_GET_REPARSE_POINT, NULL, 0, junction, REPARSE_LIMIT, &size, NULL);
    CloseHandle(folder);
    return done && size >= sizeof(*junction) && junction->tag == IO_REPARSE_TAG_MOUNT_POINT &&
        sizeof(*junction) + junction->name_offset + junction->name_length <= size;
}

static bool is_mount(const WCHAR *folder, const WCHAR *mount)
{
    WCHAR *target = nt_name(folder);
    struct junction *junction = mem_alloc(REPARSE_LIMIT);
    bool same = target && junction && read_junction(mount, junction);
    if (same)
    {
        const WCHAR *name = junction->names + junction->name_offset / sizeof(WCHAR);
        int length = junction->name_length / (int)sizeof(WCHAR);
        same = CompareStringOrdinal(name, length, target, -1, TRUE) == CSTR_EQUAL;
    }
    mem_free(junction);
    mem_free(target);
    return same;
}

const struct exposure_system exposure_on_windows = {
    .make_drive = make_drive,
    .remove_drive = remove_drive,
    .is_drive = is_drive,
    .make_mount = make_mount,
    .remove_mount = remove_mount,
    .is_mount = is_mount,
};
