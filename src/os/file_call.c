/* SPDX-License-Identifier: MIT
 *
 * What the files of file_*.c share. See file_call.h.
 */
#include "os/file_call.h"

#include "base/hooks.h"
#include "os/clock.h"

/* Waits between two tries double from the first to the last of these. */
#define RETRY_FIRST_WAIT_MS 1
#define RETRY_LAST_WAIT_MS 64

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

/* Someone has the file open in a way that excludes us, most likely for a moment. Wine says
   ERROR_ACCESS_DENIED when a rename meets an open target, which Windows also says about rights,
   folders and read-only files. */
static bool may_pass(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_ACCESS_DENIED) ||
        hr == HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION);
}

static bool is_in_the_way_for_good(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);
    return attributes != INVALID_FILE_ATTRIBUTES &&
        attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_READONLY);
}

struct file_retry file_retry_begin(void)
{
    return (struct file_retry){
        clock_now_us() + (uint64_t)FILE_RETRY_MS * 1000, RETRY_FIRST_WAIT_MS};
}

bool file_retry_again(struct file_retry *retry, HRESULT hr, const WCHAR *path)
{
    if (!may_pass(hr) || is_in_the_way_for_good(path) || clock_now_us() >= retry->deadline_us)
        return false;
    /* Nothing tells when the other handle is closed. */
    Sleep(retry->wait_ms);
    if (retry->wait_ms < RETRY_LAST_WAIT_MS)
        retry->wait_ms *= 2;
    return true;
}
