/* SPDX-License-Identifier: MIT
 *
 * What copying one file or folder takes.
 */
#include "cli/file_copy.h"

#include <stdlib.h>

#include "cli/cancel.h"
#include "cli/progress.h"

bool file_copy_is_hopeless(DWORD error)
{
    return error == ERROR_DISK_FULL || error == ERROR_HANDLE_DISK_FULL ||
        error == ERROR_WRITE_PROTECT;
}

DWORD file_copy_bytes(HANDLE from, HANDLE to, BYTE *buffer, ULONGLONG *copied, bool *from_failed)
{
    for (;;)
    {
        DWORD size, written;

        *from_failed = !ReadFile(from, buffer, FILE_COPY_BUFFER_SIZE, &size, NULL);
        if (*from_failed)
            return GetLastError();
        if (!size)
            return ERROR_SUCCESS;
        if (!WriteFile(to, buffer, size, &written, NULL))
            return GetLastError();
        *copied += size;
        progress_add(size);
        progress_draw();
        if (cancel_requested())
            return ERROR_CANCELLED;
    }
}

static LARGE_INTEGER file_copy_time(FILETIME time)
{
    return (LARGE_INTEGER){.u = {time.dwLowDateTime, (LONG)time.dwHighDateTime}};
}

void file_copy_basics(HANDLE file, const WIN32_FIND_DATAW *data, bool with_attributes)
{
    const DWORD kept = FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM |
        FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_NOT_CONTENT_INDEXED;
    FILE_BASIC_INFO basics = {.CreationTime = file_copy_time(data->ftCreationTime),
        .LastAccessTime = file_copy_time(data->ftLastAccessTime),
        .LastWriteTime = file_copy_time(data->ftLastWriteTime)};

    if (with_attributes)
        basics.FileAttributes = data->dwFileAttributes & kept;
    if (with_attributes && !basics.FileAttributes)
        basics.FileAttributes = FILE_ATTRIBUTE_NORMAL;
    SetFileInformationByHandle(file, FileBasicInfo, &basics, sizeof(basics));
}

void file_copy_folder_basics(const WCHAR *name, const WIN32_FIND_DATAW *data, bool with_attributes)
{
    HANDLE folder = CreateFileW(name, FILE_WRITE_ATTRIBUTES, FILE_SHARE_ALL, NULL, OPEN_EXISTING,
        FILE_FLAG_BACKUP_SEMANTICS, NULL);

    if (folder == INVALID_HANDLE_VALUE)
        return;
    file_copy_basics(folder, data, with_attributes);
    CloseHandle(folder);
}
