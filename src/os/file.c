/* SPDX-License-Identifier: MIT
 *
 * Reading, atomic replacing and deleting of files. See file.h; paths are in file_path.c, locks in file_lock.c.
 */
#include "os/file.h"

#include "base/hooks.h"
#include "base/mem.h"
#include "base/str16.h"
#include "os/clock.h"
#include "os/file_call.h"
#include "os/settings.h"

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
/* One call writes at most this much, so that no count overflows a DWORD. */
#define WRITE_CHUNK (16u << 20)
/* Waits between two tries double from the first to the last of these. */
#define RETRY_FIRST_WAIT_MS 1
#define RETRY_LAST_WAIT_MS 64
/* A temporary name that is taken was left by a dead process of the same id: the next number is free. */
#define TEMPORARY_NAME_TRIES 1000

HRESULT file_before(const char *operation, const WCHAR *path)
{
    HRESULT (*before)(const char *operation, const WCHAR *path) = base_hooks.before_file_op;
    return before ? before(operation, path) : S_OK;
}

HRESULT file_last_error(void)
{
    DWORD error = GetLastError();
    return error ? HRESULT_FROM_WIN32(error) : E_FAIL;
}

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
        file = CreateFileW(own, GENERIC_READ, SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN, NULL);
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

/* ---- replacing ---- */

/* Someone has the file open in a way that excludes us, most likely for a moment. Wine says ERROR_ACCESS_DENIED when a
   rename meets an open target, which Windows also says about rights, folders and read-only files. */
static bool may_pass(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED) || hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
}

static bool is_in_the_way_for_good(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);
    return attributes != INVALID_FILE_ATTRIBUTES &&
           attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_READONLY);
}

/* The waits between tries of one operation. */
struct retry
{
    uint64_t deadline_us;
    DWORD wait_ms;
};

static struct retry retry_begin(void)
{
    return (struct retry){clock_now_us() + FILE_RETRY_MS * 1000u, RETRY_FIRST_WAIT_MS};
}

/* Waits before the next try; false when it is not worth one. Nothing tells when the other handle is closed. */
static bool retry_again(struct retry *retry, HRESULT hr, const WCHAR *path)
{
    if (!may_pass(hr) || is_in_the_way_for_good(path) || clock_now_us() >= retry->deadline_us)
        return false;
    Sleep(retry->wait_ms);
    if (retry->wait_ms < RETRY_LAST_WAIT_MS)
        retry->wait_ms *= 2;
    return true;
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
            made = CreateFileW(own, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
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
    struct retry retry = retry_begin();
    for (;;)
    {
        HRESULT hr = file_before("rename", to);
        if (SUCCEEDED(hr) && !MoveFileExW(from, to, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
            hr = file_last_error();
        if (SUCCEEDED(hr) || !retry_again(&retry, hr, to))
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
    HANDLE folder = CreateFileW(path, GENERIC_WRITE, SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
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

/* ---- deleting ---- */

/* The path of an open file as the system resolved it; mem_free it. NULL when memory is exhausted or it has none. */
static WCHAR *resolved_path(HANDLE file)
{
    DWORD units = GetFinalPathNameByHandleW(file, NULL, 0, FILE_NAME_NORMALIZED);
    WCHAR *path = units ? mem_alloc_array((size_t)units + 1, sizeof(WCHAR)) : NULL;
    if (path && !GetFinalPathNameByHandleW(file, path, units + 1, FILE_NAME_NORMALIZED))
    {
        mem_free(path);
        path = NULL;
    }
    return path;
}

/* Opening a unix symbolic link through Wine opens its target, which then bears the target's name: another one than
   "the folder's name, then the last part of the path". */
static bool was_reached_by_link(HANDLE file, WCHAR *path)
{
    WCHAR *last = (WCHAR *)str16_find_last_char(path, L'\\');
    if (!last)
        return false;
    WCHAR kept = last[1];
    last[1] = 0;
    HANDLE folder = CreateFileW(path, FILE_READ_ATTRIBUTES, SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    last[1] = kept;
    if (folder == INVALID_HANDLE_VALUE)
        return true;
    WCHAR *folder_path = resolved_path(folder);
    CloseHandle(folder);
    WCHAR *expected = folder_path ? file_join(folder_path, last + 1) : NULL;
    WCHAR *found = resolved_path(file);
    /* Unsure counts as a link: what is not deleted can still be. */
    bool link = !expected || !found || CompareStringOrdinal(expected, -1, found, -1, TRUE) != CSTR_EQUAL;
    mem_free(folder_path);
    mem_free(expected);
    mem_free(found);
    return link;
}

static HRESULT delete_once(WCHAR *path)
{
    HANDLE file = CreateFileW(path, DELETE, SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return file_last_error();
    HRESULT hr = S_OK;
    FILE_DISPOSITION_INFO gone = {TRUE};
    if (settings_is_wine() && was_reached_by_link(file, path))
        hr = HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK);
    else if (!SetFileInformationByHandle(file, FileDispositionInfo, &gone, sizeof(gone)))
        hr = file_last_error();
    CloseHandle(file);
    return hr;
}

HRESULT file_delete(const WCHAR *path)
{
    WCHAR *own = file_long_path(path);
    if (!own)
        return E_OUTOFMEMORY;
    struct retry retry = retry_begin();
    HRESULT hr;
    do
    {
        hr = file_before("delete", path);
        if (SUCCEEDED(hr))
            hr = delete_once(own);
    } while (FAILED(hr) && retry_again(&retry, hr, own));
    mem_free(own);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) || hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND))
        return S_OK;
    return hr;
}
