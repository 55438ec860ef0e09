/* SPDX-License-Identifier: MIT
 *
 * Settings. The API wins over the environment (THAWLINE_<NAME>), which wins over `thawline.ini` beside the DLL.
 * In elevated and service processes on Windows environment and file are ignored, unless the DWORD
 * HKLM\Software\Thawline\AllowEnvironment is 1. Nothing is read from the current directory.
 */
#ifndef THAWLINE_OS_SETTINGS_H
#define THAWLINE_OS_SETTINGS_H

#include "base/types.h"

/* The value of `name` (upper case without prefix: L"SCOPE"), or NULL when it is not set; mem_free it. */
WCHAR *settings_get(const WCHAR *name);
/* The value as a number, `fallback` when it is missing or not a decimal number. */
DWORD settings_get_number(const WCHAR *name, DWORD fallback);
/* Overrides environment and file; NULL removes the override. */
HRESULT settings_set(const WCHAR *name, const WCHAR *value);

/* The scope of this process: THAWLINE_SCOPE, "default" when unset. A name that does not match
   [A-Za-z0-9_-]{1,32} is refused (E_INVALIDARG, logged once). `scope` holds SCOPE_LENGTH + 1 units. */
#define SCOPE_LENGTH 32
HRESULT settings_scope(WCHAR *scope);
bool settings_scope_is_valid(const WCHAR *scope);

/* The Windows version whose behaviour is asked for: THAWLINE_WINDOWS, e.g. 7, 8, 10, 2003, 2008; 10 when unset. */
bool settings_before_windows_7(void);

/* Wine is recognised by ntdll's wine_get_version. */
bool settings_is_wine(void);

#endif
