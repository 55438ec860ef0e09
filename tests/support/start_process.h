/* SPDX-License-Identifier: MIT
 *
 * Starting a process. Wine fails at that now and then, with an internal error and for no reason
 * that lies with who asks; the next try works.
 */
#ifndef THAWLINE_TESTS_SUPPORT_START_PROCESS_H
#define THAWLINE_TESTS_SUPPORT_START_PROCESS_H

#include <windows.h>

#define START_TRIES 5

/* CreateProcess with the rest of its arguments empty. */
static inline BOOL start_process(WCHAR *command, BOOL inherits, DWORD flags,
    STARTUPINFOW *startup, PROCESS_INFORMATION *started)
{
    for (int i = 1;; i++)
    {
        if (CreateProcessW(
                NULL, command, NULL, NULL, inherits, flags, NULL, NULL, startup, started))
            return TRUE;
        if (i == START_TRIES || GetLastError() != ERROR_INTERNAL_ERROR)
            return FALSE;
    }
}

#endif
