/* SPDX-License-Identifier: MIT
 *
 * Files that only grow. See file.h.
 */
#include "os/file_call.h"

static const char operation[] = FILE_APPEND_OPERATION;

HRESULT file_append_open(const WCHAR *path, HANDLE *file)
{
    HRESULT hr = file_before(operation, path);
    if (FAILED(hr))
        return hr;
    HANDLE opened = CreateFileW(path, FILE_APPEND_DATA | FILE_READ_ATTRIBUTES, FILE_SHARE_ALL, NULL,
        OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (opened == INVALID_HANDLE_VALUE)
        return file_last_error();
    *file = opened;
    return S_OK;
}

HRESULT file_append(HANDLE file, const WCHAR *path, const void *bytes, DWORD size)
{
    DWORD written = 0;
    HRESULT hr = file_before(operation, path);
    if (FAILED(hr))
        return hr;
    if (!WriteFile(file, bytes, size, &written, NULL))
        return file_last_error();
    return written == size ? S_OK : HRESULT_FROM_WIN32(ERROR_DISK_FULL);
}
