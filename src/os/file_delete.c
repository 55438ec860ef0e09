/* SPDX-License-Identifier: MIT
 *
 * Deleting one file and never what a link leads to. See file.h.
 */
#include "os/file.h"

#include <winternl.h>

#include "base/mem.h"
#include "base/str16.h"
#include "os/file_call.h"
#include "os/settings.h"

/* The name of an open file in Wine's object tree: "\??\C:\...", links resolved.
   GetFinalPathNameByHandle would do, but Wine's own buffer ends at MAX_PATH. NULL when memory is
   exhausted or it has none; mem_free it. */
static UNICODE_STRING *resolved_name(HANDLE file)
{
    ULONG size = sizeof(UNICODE_STRING) + UNICODE_STRING_MAX_BYTES;
    UNICODE_STRING *name = mem_alloc(size);
    if (name && !NT_SUCCESS(NtQueryObject(file, ObjectNameInformation, name, size, NULL)))
    {
        mem_free(name);
        name = NULL;
    }
    return name;
}

/* True when `name` is `folder`, a separator, and `last`. */
static bool is_in_folder(
    const UNICODE_STRING *name, const UNICODE_STRING *folder, const WCHAR *last)
{
    int folder_length = folder->Length / (int)sizeof(WCHAR);
    int length = name->Length / (int)sizeof(WCHAR);
    if (folder_length && folder->Buffer[folder_length - 1] == L'\\')
        folder_length--;
    if (length <= folder_length + 1 || name->Buffer[folder_length] != L'\\')
        return false;
    const WCHAR *rest = name->Buffer + folder_length + 1;
    int rest_length = length - folder_length - 1;
    return CompareStringOrdinal(name->Buffer, folder_length, folder->Buffer, folder_length, TRUE) ==
        CSTR_EQUAL &&
        CompareStringOrdinal(rest, rest_length, last, -1, TRUE) == CSTR_EQUAL;
}

/* Opening a unix symbolic link through Wine opens its target, which then bears the target's name:
   another one than that of the folder with the last part of the path. Unsure counts as a link: what
   is not deleted can still be. */
static HRESULT check_no_link(HANDLE file, WCHAR *path)
{
    HRESULT hr = HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK);
    WCHAR *last = (WCHAR *)str16_find_last_char(path, L'\\') + 1; /* the path is absolute */
    WCHAR kept = *last;
    *last = 0;
    HANDLE folder = CreateFileW(path, FILE_READ_ATTRIBUTES, FILE_SHARE_ALL, NULL, OPEN_EXISTING,
        FILE_FLAG_BACKUP_SEMANTICS, NULL);
    *last = kept;
    if (folder == INVALID_HANDLE_VALUE)
        return file_last_error();
    UNICODE_STRING *folder_name = resolved_name(folder);
    UNICODE_STRING *name = resolved_name(file);
    CloseHandle(folder);
    if (!folder_name || !name)
        hr = E_OUTOFMEMORY;
    else if (is_in_folder(name, folder_name, last))
        hr = S_OK;
    mem_free(folder_name);
    mem_free(name);
    return hr;
}

static HRESULT delete_once(WCHAR *path)
{
    HANDLE file = CreateFileW(
        path, DELETE, FILE_SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return file_last_error();
    HRESULT hr = S_OK;
    FILE_DISPOSITION_INFO gone = {TRUE};
    if (settings_is_wine())
        hr = check_no_link(file, path);
    if (SUCCEEDED(hr) &&
        !SetFileInformationByHandle(file, FileDispositionInfo, &gone, sizeof(gone)))
        hr = file_last_error();
    CloseHandle(file);
    return hr;
}

HRESULT file_delete(const WCHAR *path)
{
    WCHAR *own = file_long_path(path);
    if (!own)
        return E_OUTOFMEMORY;
    struct file_retry retry = file_retry_begin();
    HRESULT hr;
    do
    {
        hr = file_before("delete", path);
        if (SUCCEEDED(hr))
            hr = delete_once(own);
    } while (FAILED(hr) && file_retry_again(&retry, hr, own));
    mem_free(own);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
        hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND))
        return S_OK;
    return hr;
}
