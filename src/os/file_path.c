/* SPDX-License-Identifier: MIT
 *
 * Paths of files: joining, the extended form, and folders. See file.h.
 */
#include "os/file.h"

#include "base/mem.h"
#include "base/str16.h"
#include "os/file_call.h"

/* CreateDirectory takes 12 units less than MAX_PATH, so that an 8.3 name fits behind. */
#define PLAIN_PATH_LIMIT (MAX_PATH - 12)

static bool is_separator(WCHAR unit)
{
    return unit == L'\\' || unit == L'/';
}

WCHAR *file_join(const WCHAR *a, const WCHAR *b)
{
    struct str16_builder builder = {0};
    str16_builder_add(&builder, a);
    if (builder.length && !is_separator(builder.text[builder.length - 1]))
        str16_builder_add_char(&builder, L'\\');
    str16_builder_add(&builder, b);
    return str16_builder_take(&builder);
}

/* The absolute form of `path`; NULL when memory is exhausted or the system rejects it. */
static WCHAR *full_path(const WCHAR *path)
{
    DWORD units = GetFullPathNameW(path, 0, NULL, NULL);
    WCHAR *full = units ? mem_alloc_array(units, sizeof(WCHAR)) : NULL;
    if (!full)
        return NULL;
    DWORD length = GetFullPathNameW(path, units, full, NULL);
    if (length && length < units)
        return full;
    mem_free(full);
    return NULL;
}

WCHAR *file_long_path(const WCHAR *path)
{
    if (str16_starts_with(path, L"\\\\?\\") || str16_starts_with(path, L"\\\\.\\"))
        return str16_dup(path);
    WCHAR *full = full_path(path);
    if (!full || str16_len(full) < PLAIN_PATH_LIMIT)
        return full;
    struct str16_builder builder = {0};
    bool network = is_separator(full[0]) && is_separator(full[1]);
    str16_builder_add(&builder, network ? L"\\\\?\\UNC" : L"\\\\?\\");
    str16_builder_add(&builder, network ? full + 1 : full);
    mem_free(full);
    return str16_builder_take(&builder);
}

static HRESULT check_is_folder(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return file_last_error();
    return attributes & FILE_ATTRIBUTE_DIRECTORY ? S_OK : HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS);
}

/* Makes the folder whose name ends before `end` and, first, those above it. `path` is whole again
   on return. */
static HRESULT make_folder(WCHAR *path, size_t end)
{
    WCHAR after = path[end];
    path[end] = 0;
    HRESULT hr = file_before("make_folder", path);
    if (SUCCEEDED(hr) && !CreateDirectoryW(path, NULL))
        hr = file_last_error();
    if (hr == HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS))
        hr = check_is_folder(path);
    if (hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND))
    {
        size_t above = end;
        while (above > 0 && !is_separator(path[above - 1]))
            above--;
        while (above > 0 && is_separator(path[above - 1]))
            above--;
        if (above > 0)
            hr = make_folder(path, above);
        if (above > 0 && SUCCEEDED(hr) && !CreateDirectoryW(path, NULL))
            hr = file_last_error();
        /* Someone else was quicker. */
        if (hr == HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS))
            hr = check_is_folder(path);
    }
    path[end] = after;
    return hr;
}

HRESULT file_make_folders(const WCHAR *path)
{
    WCHAR *own = file_long_path(path);
    if (!own)
        return E_OUTOFMEMORY;
    size_t end = str16_len(own);
    while (end > 0 && is_separator(own[end - 1]))
        end--;
    /* A root ("C:\", "\") is there or can't be made. */
    HRESULT hr = end == 0 || own[end - 1] == L':' ? check_is_folder(own) : make_folder(own, end);
    mem_free(own);
    return hr;
}
