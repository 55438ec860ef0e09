/* SPDX-License-Identifier: MIT
 *
 * Makes one allocation of mem.h fail: for tests that let each one fail in turn. Not for tests with
 * threads.
 *
 *     for (size_t k = 1; fail_alloc(k), work() == E_OUTOFMEMORY; k++)
 *         check that nothing changed;
 *     allow_allocs();
 */
#ifndef THAWLINE_TESTS_FAIL_ALLOC_H
#define THAWLINE_TESTS_FAIL_ALLOC_H

#include "base/hooks.h"

static size_t fail_alloc_left;
static bool fail_alloc_hit;
/* Set it after fail_alloc: all that follow fail as well. */
static bool fail_alloc_for_good;

static inline bool fail_alloc_hook(size_t size)
{
    (void)size;
    if (fail_alloc_left && --fail_alloc_left == 0)
    {
        fail_alloc_hit = true;
        return false;
    }
    return !(fail_alloc_hit && fail_alloc_for_good);
}

/* The `which`-th allocation from now on fails (1: the next one), and only that one. */
static inline void fail_alloc(size_t which)
{
    fail_alloc_left = which;
    fail_alloc_hit = false;
    fail_alloc_for_good = false;
    base_hooks.allow_alloc = fail_alloc_hook;
}

/* Nothing fails any more. Tells whether the failure happened. */
static inline bool allow_allocs(void)
{
    base_hooks.allow_alloc = NULL;
    return fail_alloc_hit;
}

#endif
