/* SPDX-License-Identifier: MIT
 *
 * The one table through which faults reach memory, files and the clock.
 *
 * `diag` fills it when a fault scenario is active; with all entries NULL (the normal case) a hook
 * costs one load and one compare. Entries may be called from any thread and must not allocate
 * through mem_alloc.
 */
#ifndef THAWLINE_BASE_HOOKS_H
#define THAWLINE_BASE_HOOKS_H

#include "base/types.h"

struct base_hooks
{
    /* False makes the allocation fail. */
    bool (*allow_alloc)(size_t size);
    /* A failure code here is what the file operation (`read`, `write`, `flush`, `rename`, ...)
       returns. */
    HRESULT (*before_file_op)(const char *operation, const WCHAR *path);
    /* Milliseconds to add to the monotonic clock. */
    uint64_t (*clock_skew_ms)(void);
};

extern struct base_hooks base_hooks;

#endif
