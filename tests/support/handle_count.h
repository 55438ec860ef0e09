/* SPDX-License-Identifier: MIT
 *
 * How many handles the process has open: to compare with itself later.
 */
#ifndef THAWLINE_TESTS_SUPPORT_HANDLE_COUNT_H
#define THAWLINE_TESTS_SUPPORT_HANDLE_COUNT_H

#include <windows.h>

static inline DWORD handle_count(void)
{
    DWORD count = 0;
    if (GetProcessHandleCount(GetCurrentProcess(), &count) && count)
        return count;
    /* Wine counts none, but gives a new handle the lowest free number, in steps of four. */
    HANDLE next = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (!next)
        return 0;
    CloseHandle(next);
    return (DWORD)((UINT_PTR)next / 4);
}

#endif
