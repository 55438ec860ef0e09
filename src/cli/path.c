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

/* CON, COM1 and the like are devices in every folder, whatever extension they have. */
static bool path_is_device(const WCHAR *name, size_t length)
{
    static const WCHAR *const devices[] = {L"CON", L"PRN", L"AUX", L"NUL", L"CONIN$", L"CONOUT$"};
    static const WCHAR *const ports[] = {L"COM", L"LPT"};
    size_t stem = 0;

    while (stem < length && name[stem] != '.' && name[stem] != ' ')
        stem++;
    for (size_t i = 0; i < ARRAYSIZE(devices); i++)
    {
        if (stem == wcslen(devices[i]) && text_starts_with(name, devices[i]))
            return true;
    }
    for (size_t i = 0; i < ARRAYSIZE(ports); i++)
    {
        /* Superscript digits count, too. */
        if (stem == 4 && text_starts_with(name, ports[i]) &&
            wcschr(L"0123456789\xb9\xb2\xb3", name[3]))
            return true;
    }
    return false;
}

/* Windows drops blanks and dots at the end of a name; so `..` is none, either. */
static bool path_is_plain_name(const WCHAR *name, size_t length)
{
    if (!length || name[length - 1] == '.' || name[length - 1] == ' ')
        return false;
    for (size_t i = 0; i < length; i++)
    {
        if (name[i] < ' ' || wcschr(L"\"*/:<>?|", name[i]))
            return false;
    }
    return !path_is_device(name, length);
}

bool path_is_plain(const WCHAR *path)
{
    const WCHAR *name = path + ROOT_LENGTH;

    if (!path_is_drive(path) || !path[2])
        return false;
    while (*name)
    {
        size_t length = wcscspn(name, L"\\");

        if (!path_is_plain_name(name, length))
            return false;
        name += length;
        if (*name && !*++name)
            return false;
    }
    return true;
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

WCHAR *path_below(const WCHAR *folder, const WCHAR *path)
{
    WCHAR *of_drive = text_format(L"%ls\\%lc", folder, path[0]);
    WCHAR *below = path_join(of_drive, path + ROOT_LENGTH);

    free(of_drive);
    return below;
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

/* More than any document of ours has. */
#define TEXT_FILE_LIMIT (256u * 1024 * 1024)

static WCHAR *path_read_utf8(HANDLE file, DWORD size, DWORD *error)
{
    char *bytes = text_memory((size_t)size + 1);
    const char *text = bytes;
    WCHAR *wide = NULL;
    DWORD read = 0;
    int units;

    if (!ReadFile(file, bytes, size, &read, NULL))
    {
        *error = GetLastError();
        free(bytes);
        return NULL;
    }
    if (read >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
        text += 3;
    units = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    wide = text_memory(((size_t)units + 1) * sizeof(WCHAR));
    MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, units);
    free(bytes);
    *error = ERROR_SUCCESS;
    return wide;
}

WCHAR *path_read_text(const WCHAR *path, DWORD *error)
{
    WCHAR *name = path_open_name(path);
    WCHAR *text = NULL;
    LARGE_INTEGER size;
    HANDLE file = CreateFileW(name, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);

    *error = file == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
    free(name);
    if (*error)
        return NULL;
    if (!GetFileSizeEx(file, &size))
        *error = GetLastError();
    else if (size.QuadPart > TEXT_FILE_LIMIT)
        *error = ERROR_FILE_TOO_LARGE;
    else
        text = path_read_utf8(file, size.LowPart, error);
    CloseHandle(file);
    return text;
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
