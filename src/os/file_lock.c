/* SPDX-License-Identifier: MIT
 *
 * A file whose lock shows that its owner lives. See file.h.
 */
#include "os/file.h"

#include "base/mem.h"
#include "os/file_call.h"

/* The locked byte lies past any content: on Windows a locked range can't be read by others. */
#define LOCKED_OFFSET_HIGH 0x7FFFFFFF

struct file_lock
{
    HANDLE file;
};

/* The former owner may delete the file between our opening and our locking it. The lock then is on
   a file that no one else can find. */
static HRESULT check_name(HANDLE file)
{
    FILE_STANDARD_INFO info;
    if (!GetFileInformationByHandleEx(file, FileStandardInfo, &info, sizeof(info)) ||
        info.DeletePending || !info.NumberOfLinks)
        return HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION);
    return info.NumberOfLinks == 1 ? S_OK : HRESULT_FROM_WIN32(ERROR_TOO_MANY_LINKS);
}

static HRESULT open_and_lock(const WCHAR *path, HANDLE *file)
{
    HANDLE opened = CreateFileW(path, GENERIC_READ | GENERIC_WRITE | DELETE, FILE_SHARE_ALL, NULL,
        OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (opened == INVALID_HANDLE_VALUE)
        return file_last_error();
    OVERLAPPED where = {0};
    where.OffsetHigh = LOCKED_OFFSET_HIGH;
    HRESULT hr = S_OK;
    if (!LockFileEx(opened, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &where))
        hr = file_last_error();
    else
        hr = check_name(opened);
    if (FAILED(hr))
        CloseHandle(opened);
    else
        *file = opened;
    /* Windows: LockFileEx may also say that it would have to wait. */
    return hr == HRESULT_FROM_WIN32(ERROR_IO_PENDING) ? HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION)
                                                      : hr;
}

HRESULT file_lock_take(const WCHAR *path, struct file_lock **lock)
{
    struct file_lock *made = mem_alloc(sizeof(*made));
    WCHAR *own = file_long_path(path);
    HRESULT hr = made && own ? file_before("lock", path) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = open_and_lock(own, &made->file);
    mem_free(own);
    if (FAILED(hr))
        mem_free(made);
    else
        *lock = made;
    return hr;
}

HRESULT file_lock_write(struct file_lock *lock, const void *bytes, size_t size)
{
    DWORD wrote = 0;
    if (SetFilePointer(lock->file, 0, NULL, FILE_BEGIN) == INVALID_SET_FILE_POINTER ||
        !SetEndOfFile(lock->file) || !WriteFile(lock->file, bytes, (DWORD)size, &wrote, NULL) ||
        !FlushFileBuffers(lock->file))
        return file_last_error();
    return wrote == size ? S_OK : HRESULT_FROM_WIN32(ERROR_DISK_FULL);
}

HRESULT file_lock_is_held(const WCHAR *path, bool *held)
{
    WCHAR *own = file_long_path(path);
    HRESULT hr = own ? file_before("lock", path) : E_OUTOFMEMORY;
    HANDLE file = INVALID_HANDLE_VALUE;
    OVERLAPPED where = {0};
    where.OffsetHigh = LOCKED_OFFSET_HIGH;
    if (SUCCEEDED(hr))
    {
        file = CreateFileW(
            own, GENERIC_READ, FILE_SHARE_ALL, NULL, OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL);
        if (file == INVALID_HANDLE_VALUE)
            hr = file_last_error();
    }
    /* A shared lock: whoever asks at the same time is not taken for the owner. */
    bool free_now = SUCCEEDED(hr) && LockFileEx(file, LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &where);
    if (SUCCEEDED(hr) && !free_now)
        hr = file_last_error();
    if (free_now)
        UnlockFileEx(file, 0, 1, 0, &where);
    if (hr == HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION) ||
        hr == HRESULT_FROM_WIN32(ERROR_IO_PENDING))
        hr = S_OK;
    if (SUCCEEDED(hr))
        *held = !free_now;
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    mem_free(own);
    return hr;
}

void file_lock_drop(struct file_lock *lock, bool delete_file)
{
    if (!lock)
        return;
    FILE_DISPOSITION_INFO gone = {TRUE};
    if (delete_file)
        SetFileInformationByHandle(lock->file, FileDispositionInfo, &gone, sizeof(gone));
    /* Windows drops locks at close "at some time"; an explicit unlock is at once. */
    OVERLAPPED where = {0};
    where.OffsetHigh = LOCKED_OFFSET_HIGH;
    UnlockFileEx(lock->file, 0, 1, 0, &where);
    CloseHandle(lock->file);
    mem_free(lock);
}
