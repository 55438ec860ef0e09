/* SPDX-License-Identifier: MIT
 *
 * Reading and atomic replacing of files. See file.h; the rest of it is in file_*.c.
 */
#include "os/file.h"

#include "base/mem.h"
#include "base/str16.h"
#include "os/file_call.h"

/* One call writes at most this much, so that no count overflows a DWORD. */
#define WRITE_CHUNK (16u << 20)
/* A temporary name that is taken was left by a dead process of the same id: the next number is
   free. */
#define TEMPORARY_NAME_TRIES 1000

static HRESULT read_whole(HANDLE file, const WCHAR *path, size_t limit, void **bytes, size_t *size)
{
    LARGE_INTEGER length;
    if (!GetFileSizeEx(file, &length))
        return file_last_error();
    if ((uint64_t)length.QuadPart > limit || limit > SIZE_MAX - sizeof(WCHAR))
        return HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE);
    size_t total = (size_t)length.QuadPart;
    BYTE *content = mem_alloc(total + sizeof(WCHAR));
    if (!content)
        return E_OUTOFMEMORY;
    size_t done = 0;
    HRESULT hr = S_OK;
    while (done < total)
    {
        DWORD got = 0;
        DWORD wanted = total - done < WRITE_CHUNK ? (DWORD)(total - done) : WRITE_CHUNK;
        hr = file_before("read", path);
        if (SUCCEEDED(hr) && !ReadFile(file, content + done, wanted, &got, NULL))
            hr = file_last_error();
        if (FAILED(hr) || !got) /* nothing got: the file has become shorter meanwhile */
            break;
        done += got;
    }
    if (FAILED(hr))
    {
        mem_free(content);
        return hr;
    }
    content[done] = content[done + 1] = 0;
    *bytes = content;
    *size = done;
    return S_OK;
}

HRESULT file_read_all(const WCHAR *path, size_t limit, void **bytes, size_t *size)
{
    WCHAR *own = file_long_path(path);
    if (!own)
        return E_OUTOFMEMORY;
    HANDLE file = INVALID_HANDLE_VALUE;
    HRESULT hr = file_before("open", path);
    if (SUCCEEDED(hr))
    {
        file = CreateFileW(own, GENERIC_READ, FILE_SHARE_ALL, NULL, OPEN_EXISTING,
            FILE_FLAG_SEQUENTIAL_SCAN, NULL);
        if (file == INVALID_HANDLE_VALUE)
            hr = file_last_error();
    }
    if (SUCCEEDED(hr))
        hr = read_whole(file, path, limit, bytes, size);
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    mem_free(own);
    return hr;
}

static HRESULT write_content(HANDLE file, const WCHAR *path, const void *bytes, size_t size)
{
    HRESULT hr = S_OK;
    for (size_t done = 0; done < size && SUCCEEDED(hr);)
    {
        DWORD wrote = 0;
        DWORD chunk = size - done < WRITE_CHUNK ? (DWORD)(size - done) : WRITE_CHUNK;
        hr = file_before("write", path);
        if (SUCCEEDED(hr) && !WriteFile(file, (const BYTE *)bytes + done, chunk, &wrote, NULL))
            hr = file_last_error();
        else if (SUCCEEDED(hr) && !wrote)
            hr = HRESULT_FROM_WIN32(ERROR_DISK_FULL);
        done += wrote;
    }
    if (SUCCEEDED(hr))
        hr = file_before("flush", path);
    if (SUCCEEDED(hr) && !FlushFileBuffers(file))
        hr = file_last_error();
    return hr;
}

static WCHAR *temporary_name(const WCHAR *path)
{
    static volatile LONG last_number;
    struct str16_builder builder = {0};
    str16_builder_add(&builder, path);
    str16_builder_add_char(&builder, L'.');
    str16_builder_add_unsigned(&builder, GetCurrentProcessId());
    str16_builder_add_char(&builder, L'-');
    str16_builder_add_unsigned(&builder, (uint32_t)InterlockedIncrement(&last_number));
    str16_builder_add(&builder, L".tmp");
    return str16_builder_take(&builder);
}

/* A new file beside `path`; *name says which, in the form that the system takes. */
static HRESULT create_temporary(const WCHAR *path, WCHAR **name, HANDLE *file)
{
    HRESULT hr = E_FAIL;
    for (int i = 0; i < TEMPORARY_NAME_TRIES; i++)
    {
        WCHAR *plain = temporary_name(path);
        WCHAR *own = plain ? file_long_path(plain) : NULL;
        mem_free(plain);
        if (!own)
            return E_OUTOFMEMORY;
        hr = file_before("create", path);
        HANDLE made = INVALID_HANDLE_VALUE;
        if (SUCCEEDED(hr))
        {
            made = CreateFileW(
                own, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
            if (made == INVALID_HANDLE_VALUE)
                hr = file_last_error();
        }
        if (SUCCEEDED(hr))
        {
            *name = own;
            *file = made;
            return S_OK;
        }
        mem_free(own);
        if (hr != HRESULT_FROM_WIN32(ERROR_FILE_EXISTS))
            break;
    }
    return hr;
}

static HRESULT rename_over(const WCHAR *from, const WCHAR *to)
{
    struct file_retry retry = file_retry_begin();
    for (;;)
    {
        HRESULT hr = file_before("rename", to);
        if (SUCCEEDED(hr) &&
            !MoveFileExW(from, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
            hr = file_last_error();
        if (SUCCEEDED(hr) || !file_retry_again(&retry, hr, to))
            return hr;
    }
}

/* Makes a rename durable. Not every file system can, and the rename stands anyhow. */
static void flush_folder_of(WCHAR *path)
{
    WCHAR *last = (WCHAR *)str16_find_last_char(path, L'\\');
    if (!last || FAILED(file_before("flush_folder", path)))
        return;
    WCHAR kept = last[1]; /* with its separator, so that a root stays one */
    last[1] = 0;
    HANDLE folder = CreateFileW(
        path, GENERIC_WRITE, FILE_SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    last[1] = kept;
    if (folder == INVALID_HANDLE_VALUE)
        return;
    FlushFileBuffers(folder);
    CloseHandle(folder);
}

HRESULT file_write_atomic(const WCHAR *path, const void *bytes, size_t size)
{
    WCHAR *temporary = NULL;
    HANDLE file = INVALID_HANDLE_VALUE;
    WCHAR *own = file_long_path(path);
    HRESULT hr = own ? create_temporary(path, &temporary, &file) : E_OUTOFMEMORY;
    if (FAILED(hr))
        goto done;
    hr = write_content(file, path, bytes, size);
    CloseHandle(file);
    if (SUCCEEDED(hr))
        hr = rename_over(temporary, own);
    if (SUCCEEDED(hr))
        flush_folder_of(own);
    else
        DeleteFileW(temporary); /* ours by its name: no link can be meant */
done:
    mem_free(temporary);
    mem_free(own);
    return hr;
}
