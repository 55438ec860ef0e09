/* SPDX-License-Identifier: MIT
 *
 * What the files of file_*.c share.
 */
#ifndef THAWLINE_OS_FILE_CALL_H
#define THAWLINE_OS_FILE_CALL_H

#include "os/file.h"

#define FILE_SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* Asks base_hooks whether this operation shall fail. */
HRESULT file_before(const char *operation, const WCHAR *path);

/* HRESULT_FROM_WIN32 of GetLastError; a failure even when the system forgot to say which. */
HRESULT file_last_error(void);

/* The waits between tries of one operation that meets a file which someone else has open:
   FILE_RETRY_MS in all. */
struct file_retry
{
    uint64_t deadline_us;
    DWORD wait_ms;
};

struct file_retry file_retry_begin(void);
/* After `hr` on `path`: waits before the next try; false, at once, when it is not worth one. */
bool file_retry_again(struct file_retry *retry, HRESULT hr, const WCHAR *path);

#endif
