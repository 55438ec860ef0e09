/* SPDX-License-Identifier: MIT
 *
 * Paths of files and folders.
 */
#include "cli/path.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/text.h"

/* `X:\` */
#define ROOT_LENGTH 3

static bool path_is_drive(const WCHAR *path)
{
    return ((path[0] >= 'A' && path[0] <= 'Z') || (path[0] >= 'a' && path[0] <= 'z')) &&
        path[1] == ':' && (path[2] == '\\' || !path[2]);
}

WCHAR *path_absolute(const WCHAR *path)
{
    DWORD size;
    WCHAR *full;
    size_t length;

    if (text_starts_with(path, L"\\\\?\\") && path_is_drive(path + 4))
        path += 4;
    size = GetFullPathNameW(path, 0, NULL, NULL);
    if (!size)
        return NULL;
    full = text_memory((size + 1) * sizeof(WCHAR));
    size = GetFullPathNameW(path, size + 1, full, NULL);
    if (!size || !path_is_drive(full))
    {
        free(full);
        return NULL;
    }
    length = wcslen(full);
    while (length > ROOT_LENGTH && full[length - 1] == '\\')
        full[--length] = 0;
    CharUpperBuffW(full, 1);
    return full;
}

WCHAR *path_open_name(const WCHAR *path)
{
    return text_starts_with(path, L"\\\\") ? text_copy(path) : text_format(L"\\\\?\\%ls", path);
}

WCHAR *path_join(const WCHAR *folder, const WCHAR *name)
{
    size_t length = wcslen(folder);
    const WCHAR *between = length && folder[length - 1] == '\\' ? L"" : L"\\";

    return *name ? text_format(L"%ls%ls%ls", folder, between, name) : text_copy(folder);
}

WCHAR *path_parent(const WCHAR *path)
{
    const WCHAR *last = wcsrchr(path, '\\');
    WCHAR *parent;
    size_t length;

    if (!last || !path[ROOT_LENGTH])
        return NULL;
    length = last - path;
    if (length < ROOT_LENGTH)
        length = ROOT_LENGTH;
    parent = text_copy(path);
    parent[length] = 0;
    return parent;
}

bool path_is_inside(const WCHAR *path, const WCHAR *folder)
{
    size_t length = wcslen(folder);

    if (!length || !text_starts_with(path, folder))
        return false;
    return !path[length] || path[length] == '\\' || folder[length - 1] == '\\';
}

DWORD path_attributes(const WCHAR *path)
{
    WCHAR *name = path_open_name(path);
    DWORD attributes = GetFileAttributesW(name);

    free(name);
    return attributes;
}

static bool path_identity(const WCHAR *path, BY_HANDLE_FILE_INFORMATION *info)
{
    WCHAR *name = path_open_name(path);
    HANDLE file = CreateFileW(name, FILE_READ_ATTRIBUTES,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING,
        FILE_FLAG_BACKUP_SEMANTICS, NULL);
    bool known = false;

    free(name);
    if (file != INVALID_HANDLE_VALUE)
    {
        known = GetFileInformationByHandle(file, info);
        CloseHandle(file);
    }
    return known;
}

bool path_reaches(const WCHAR *path, const WCHAR *other)
{
    BY_HANDLE_FILE_INFORMATION wanted, here;
    WCHAR *step = text_copy(path);
    bool same = false;

    if (!path_identity(other, &wanted))
        ZeroMemory(&wanted, sizeof(wanted));
    while (step && !same)
    {
        WCHAR *parent = path_parent(step);

        same = text_same(step, other) ||
            (path_identity(step, &here) &&
                here.dwVolumeSerialNumber == wanted.dwVolumeSerialNumber &&
                here.nFileIndexHigh == wanted.nFileIndexHigh &&
                here.nFileIndexLow == wanted.nFileIndexLow);
        free(step);
        step = parent;
    }
    free(step);
    return same;
}

DWORD path_make_folder(const WCHAR *path)
{
    WCHAR *name = path_open_name(path);
    DWORD error = CreateDirectoryW(name, NULL) ? ERROR_SUCCESS : GetLastError();

    if (error == ERROR_PATH_NOT_FOUND)
    {
        WCHAR *parent = path_parent(path);

        if (parent)
            error = path_make_folder(parent);
        if (parent && !error)
            error = CreateDirectoryW(name, NULL) ? ERROR_SUCCESS : GetLastError();
        free(parent);
    }
    if (error == ERROR_ALREADY_EXISTS || (error == ERROR_ACCESS_DENIED && !path[ROOT_LENGTH]))
    {
        DWORD attributes = GetFileAttributesW(name);
        bool folder = attributes != INVALID_FILE_ATTRIBUTES &&
            (attributes & FILE_ATTRIBUTE_DIRECTORY);

        error = folder ? ERROR_SUCCESS : ERROR_ALREADY_EXISTS;
    }
    free(name);
    return error;
}

DWORD path_write_text(const WCHAR *path, const WCHAR *text)
{
    static const char mark[] = "\xef\xbb\xbf";
    WCHAR *name = path_open_name(path);
    HANDLE file = CreateFileW(
        name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    DWORD error = file == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;

    free(name);
    if (!error)
    {
        int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
        char *bytes = text_memory(size);
        DWORD written;

        WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, size, NULL, NULL);
        if (!WriteFile(file, mark, sizeof(mark) - 1, &written, NULL) ||
            !WriteFile(file, bytes, size - 1, &written, NULL) || !FlushFileBuffers(file))
            error = GetLastError();
        CloseHandle(file);
        free(bytes);
    }
    return error;
}
