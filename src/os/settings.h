/* SPDX-License-Identifier: MIT
 *
 * Settings. The API wins over the environment (THAWLINE_<NAME>), which wins over `thawline.ini`
 * beside the DLL. In elevated and service processes on Windows environment and file are ignored,
 * unless the DWORD HKLM\Software\Thawline\AllowEnvironment is 1. Nothing is read from the current
 * directory.
 *
 * The file is UTF-8 text, at most SETTINGS_FILE_LIMIT bytes, read once: lines `name = value` in the
 * section [thawline], names without prefix and in any case, `;` or `#` starts a comment line. An
 * empty value is no value, wherever it stands; an empty value given through the API hides those of
 * environment and file. Any thread.
 */
#ifndef THAWLINE_OS_SETTINGS_H
#define THAWLINE_OS_SETTINGS_H

#include "base/types.h"

#define SETTINGS_FILE_LIMIT 32768

/* The value of `name` (upper case without prefix: L"SCOPE"), or NULL when it is not set; mem_free
   it. */
WCHAR *settings_get(const WCHAR *name);
/* The same into the caller's `buffer` of `units`, without allocating: for code that must not.
   S_FALSE when it is not set, HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER) when it is too long;
   the buffer holds "" then. */
HRESULT settings_read(const WCHAR *name, WCHAR *buffer, size_t units);
/* The value as a number, `fallback` when it is missing or not a decimal number. */
DWORD settings_get_number(const WCHAR *name, DWORD fallback);
/* Overrides environment and file; NULL removes the override. */
HRESULT settings_set(const WCHAR *name, const WCHAR *value);
/* Grows with each settings_set: tells those that keep what they read when to read again. Never
   0. */
unsigned settings_generation(void);

/* The scope of this process: THAWLINE_SCOPE, "default" when unset. A name that does not match
   [A-Za-z0-9_-]{1,32} is refused: E_INVALIDARG, for the caller to log. `scope` holds SCOPE_LENGTH +
   1 units. */
#define SCOPE_LENGTH 32
HRESULT settings_scope(WCHAR *scope);
bool settings_scope_is_valid(const WCHAR *scope);

/* The Windows version whose behaviour is asked for: THAWLINE_WINDOWS. Versions between which
   nothing differs are one; the newest when it is unset or names no older one. */
enum windows_profile
{
    WINDOWS_2003, /* and Windows XP */
    WINDOWS_2008, /* and Windows Vista */
    WINDOWS_7     /* and later */
};
enum windows_profile settings_windows(void);
bool settings_before_windows_7(void);
/* Whether it is to be a client's edition of that version: THAWLINE_EDITION=client. */
bool settings_is_client(void);

/* Wine is recognised by ntdll's wine_get_version. */
bool settings_is_wine(void);

/* Whether those outside this process may steer it: the rule at the top. What only serves tests, as
   faults do, asks it too. */
bool settings_environment_counts(void);

/* What that rests on. */
struct settings_process
{
    bool wine;
    bool elevated;
    DWORD session;           /* services run in 0 */
    DWORD allow_environment; /* HKLM\Software\Thawline\AllowEnvironment; 0 when there is none */
};

/* For tests: from now on settings_environment_counts judges by `process`, which must stay; NULL: by
   the process as it is. */
void settings_pretend_process(const struct settings_process *process);

/* The rules without the process around them, for tests. `text` is the file's content. Finds
   `name`, copies its value as settings_read does. */
HRESULT settings_find_in_file(
    const char *text, size_t size, const WCHAR *name, WCHAR *buffer, size_t units);

#endif
