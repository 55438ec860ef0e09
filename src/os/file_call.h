/* SPDX-License-Identifier: MIT
 *
 * What the files of file_*.c share.
 */
#ifndef THAWLINE_OS_FILE_CALL_H
#define THAWLINE_OS_FILE_CALL_H

#include "os/file.h"

/* Asks base_hooks whether this operation shall fail. */
HRESULT file_before(const char *operation, const WCHAR *path);

/* HRESULT_FROM_WIN32 of GetLastError; a failure even when the system forgot to say which. */
HRESULT file_last_error(void);

#endif
