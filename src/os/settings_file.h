/* SPDX-License-Identifier: MIT
 *
 * thawline.ini beside the DLL, for settings.c.
 */
#ifndef THAWLINE_OS_SETTINGS_FILE_H
#define THAWLINE_OS_SETTINGS_FILE_H

#include "os/settings.h"

/* As settings_read, from the file alone, which is read at the first call. */
HRESULT settings_file_read(const WCHAR *name, WCHAR *buffer, size_t units);

/* `value` of `length` units into `buffer`, with settings_read's results. */
HRESULT settings_copy_value(const WCHAR *value, size_t length, WCHAR *buffer, size_t units);

#endif
