/* SPDX-License-Identifier: MIT
 *
 * Links that Wine's mount manager makes. See wine_link.h; the control codes are those of wine
 * facts 4.
 */
#include "volume/wine_link.h"

#include <string.h>
#include <winioctl.h>
#include <winternl.h>

#include "base/mem.h"
#include "base/str16.h"
#include "os/module.h"

#define MOUNT_MANAGER L"\\\\.\\MountPointManager"
#define MOUNT_MANAGER_TYPE 'm'
#define CODE(function)                                                                             \
    CTL_CODE(MOUNT_MANAGER_TYPE, function, METHOD_BUFFERED, FILE_READ_ACCESS | FILE_WRITE_ACCESS)
#define DEFINE_UNIX_DRIVE CODE(32)
#define DEFINE_FOLDER CODE(34)

/* Its messages: offsets are from the beginning, texts end with a NUL. */
struct unix_drive
{
    ULONG size;
    ULONG type;
    ULONG file_system;
    DWORD serial;
    ULONGLONG device;
    WCHAR letter;
    USHORT mount_point_offset;
    USHORT device_offset;
    USHORT label_offset;
};

struct link_folder
{
    BOOL create_backup;
    ULONG folder_offset;
    ULONG folder_size; /* bytes, without a NUL */
    ULONG link_offset; /* 0: an ordinary folder again */
};

static HRESULT last_error(void)
{
    DWORD error = GetLastError();
    return HRESULT_FROM_WIN32(error);
}

static HRESULT ask_manager(DWORD code, void *message, size_t size)
{
    HANDLE manager = CreateFileW(MOUNT_MANAGER, GENERIC_READ | GENERIC_WRITE,
        FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (manager == INVALID_HANDLE_VALUE)
        return last_error();
    DWORD received = 0;
    HRESULT hr = DeviceIoControl(manager, code, message, (DWORD)size, NULL, 0, &received, NULL)
        ? S_OK
        : last_error();
    CloseHandle(manager);
    return hr;
}

char *wine_host_name(const WCHAR *path)
{
    typedef char *(CDECL * get_unix_name)(LPCWSTR);
    get_unix_name function = (get_unix_name)(void *)module_system_function(
        L"kernel32.dll", "wine_get_unix_file_name");
    return function ? function(path) : NULL;
}

void wine_host_name_free(char *name)
{
    if (name)
        HeapFree(GetProcessHeap(), 0, name);
}

HRESULT wine_define_drive(WCHAR letter, const char *target)
{
    size_t length = target ? strlen(target) + 1 : 0;
    size_t size = sizeof(struct unix_drive) + length;
    struct unix_drive *drive = mem_alloc(size);
    if (!drive)
        return E_OUTOFMEMORY;
    drive->size = (ULONG)size;
    drive->type = target ? DRIVE_FIXED : DRIVE_NO_ROOT_DIR;
    drive->letter = (WCHAR)(letter | 0x20);
    if (target)
    {
        drive->mount_point_offset = sizeof(*drive);
        memcpy(drive + 1, target, length);
    }
    HRESULT hr = ask_manager(DEFINE_UNIX_DRIVE, drive, size);
    mem_free(drive);
    return hr;
}

HRESULT wine_define_folder(const WCHAR *folder, const char *target)
{
    struct str16_builder builder = {0};
    str16_builder_add(&builder, L"\\??\\");
    str16_builder_add(&builder, str16_starts_with(folder, L"\\\\?\\") ? folder + 4 : folder);
    WCHAR *name = str16_builder_take(&builder);
    if (!name)
        return E_OUTOFMEMORY;
    size_t name_size = str16_len(name) * sizeof(WCHAR);
    size_t length = target ? strlen(target) + 1 : 0;
    size_t size = sizeof(struct link_folder) + name_size + length;
    struct link_folder *link = mem_alloc(size);
    HRESULT hr = link ? S_OK : E_OUTOFMEMORY;
    if (link)
    {
        link->folder_offset = sizeof(*link);
        link->folder_size = (ULONG)name_size;
        memcpy(link + 1, name, name_size);
        if (target)
        {
            link->link_offset = (ULONG)(sizeof(*link) + name_size);
            memcpy((BYTE *)link + link->link_offset, target, length);
        }
        hr = ask_manager(DEFINE_FOLDER, link, size);
    }
    mem_free(link);
    mem_free(name);
    return hr;
}

bool wine_is_link(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);
    return attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_REPARSE_POINT;
}

static bool is_same_time(FILETIME left, FILETIME right)
{
    return CompareFileTime(&left, &right) == 0;
}

/* Information class of NtQueryObject that winternl.h does not name; the answer begins with a
   UNICODE_STRING. */
#define OBJECT_NAME_CLASS ((OBJECT_INFORMATION_CLASS)1)
#define NAME_BYTES 2048

/* Not by GetFinalPathNameByHandle, which gives up beyond some 500 units. */
HRESULT wine_resolved_path(HANDLE file, WCHAR **path)
{
    ULONG size = NAME_BYTES;
    for (;;)
    {
        ULONG needed = 0;
        UNICODE_STRING *name = mem_alloc(size);
        if (!name)
            return E_OUTOFMEMORY;
        NTSTATUS status = NtQueryObject(file, OBJECT_NAME_CLASS, name, size, &needed);
        WCHAR *found = status >= 0 ? str16_ndup(name->Buffer, name->Length / sizeof(WCHAR)) : NULL;
        mem_free(name);
        if (status >= 0)
        {
            *path = found;
            return found ? S_OK : E_OUTOFMEMORY;
        }
        if (needed <= size)
            return HRESULT_FROM_WIN32(RtlNtStatusToDosError(status));
        size = needed;
    }
}

/* The root of each btrfs subvolume has this number, and a snapshot has the times of its original:
   only where they are found tells them apart. */
#define SUBVOLUME_INODE 256

static bool is_subvolume(const BY_HANDLE_FILE_INFORMATION *info)
{
    return !info->nFileIndexHigh && info->nFileIndexLow == SUBVOLUME_INODE;
}

static HANDLE open_folder(const WCHAR *path, BY_HANDLE_FILE_INFORMATION *info)
{
    HANDLE folder = CreateFileW(path, 0, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING,
        FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (folder == INVALID_HANDLE_VALUE || GetFileInformationByHandle(folder, info))
        return folder;
    CloseHandle(folder);
    return INVALID_HANDLE_VALUE;
}

static bool is_same_place(HANDLE left, HANDLE right)
{
    WCHAR *left_path = NULL;
    WCHAR *right_path = NULL;
    bool same = SUCCEEDED(wine_resolved_path(left, &left_path)) &&
        SUCCEEDED(wine_resolved_path(right, &right_path)) && str16_equal(left_path, right_path);
    mem_free(right_path);
    mem_free(left_path);
    return same;
}

/* File systems have no serial number of their own here, so that folders of two of them are told
   apart by their times. */
bool wine_is_same_folder(const WCHAR *left, const WCHAR *right)
{
    BY_HANDLE_FILE_INFORMATION info[2];
    HANDLE folders[] = {open_folder(left, &info[0]), open_folder(right, &info[1])};
    bool same = folders[0] != INVALID_HANDLE_VALUE && folders[1] != INVALID_HANDLE_VALUE &&
        info[0].nFileIndexHigh == info[1].nFileIndexHigh &&
        info[0].nFileIndexLow == info[1].nFileIndexLow &&
        is_same_time(info[0].ftCreationTime, info[1].ftCreationTime) &&
        is_same_time(info[0].ftLastWriteTime, info[1].ftLastWriteTime);
    if (same && is_subvolume(&info[0]))
        same = is_same_place(folders[0], folders[1]);
    for (int i = 0; i < 2; i++)
        if (folders[i] != INVALID_HANDLE_VALUE)
            CloseHandle(folders[i]);
    return same;
}
