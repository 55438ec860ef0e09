/* SPDX-License-Identifier: MIT
 *
 * What a function of unknown convention does to the stack, on x86; elsewhere the caller cleans up
 * and there is nothing to measure.
 */
#ifndef THAWLINE_TESTS_SUPPORT_MEASURE_CALL_H
#define THAWLINE_TESTS_SUPPORT_MEASURE_CALL_H

#include <windows.h>

#ifdef __i386__

/* Calls `function` with `ecx` in ECX and `count` arguments on the stack, args[0] on top. Returns
   EAX; *removed: how many bytes the function took off the stack. */
DWORD measure_call(const void *function, void *ecx, const DWORD *args, int count, int *removed);

#endif

#endif
