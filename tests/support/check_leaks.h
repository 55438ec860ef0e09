/* SPDX-License-Identifier: MIT
 *
 * Setup and teardown of tests that must give back every block of mem.h they took: list them with
 * leak_test(). Include it after cmocka.h.
 */
#ifndef THAWLINE_TESTS_CHECK_LEAKS_H
#define THAWLINE_TESTS_CHECK_LEAKS_H

#include <limits.h>

#include "base/mem.h"

#define LEAK_PATIENCE_MS 2000
#define LEAK_QUIET_MS 5

static long live_blocks_before;
#ifdef _WIN32
/* What the tests so far began with. */
static long fewest_live_blocks = LONG_MAX;
#endif

static inline int note_live_blocks(void **state)
{
    (void)state;
    live_blocks_before = mem_live_blocks();
#ifdef _WIN32
    /* What the test before left to threads that are just ending. */
    for (int quiet = 0; quiet < LEAK_QUIET_MS; quiet++)
    {
        Sleep(1);
        if (mem_live_blocks() != live_blocks_before)
            quiet = 0;
        live_blocks_before = mem_live_blocks();
    }
    /* Such a thread may hold them for longer than any quiet. */
    for (int i = 0; live_blocks_before > fewest_live_blocks && i < LEAK_PATIENCE_MS; i++)
    {
        Sleep(1);
        live_blocks_before = mem_live_blocks();
    }
    fewest_live_blocks = live_blocks_before;
#endif
    return 0;
}

static inline int check_live_blocks(void **state)
{
    (void)state;
    long after = mem_live_blocks();
#ifdef _WIN32
    /* Threads that are just ending give back what they hold a moment later. */
    for (int i = 0; after != live_blocks_before && i < LEAK_PATIENCE_MS; i++)
    {
        Sleep(1);
        after = mem_live_blocks();
    }
#endif
    if (after != live_blocks_before)
        print_error(
            "%ld blocks were live before the test and %ld after it\n", live_blocks_before, after);
    return after == live_blocks_before ? 0 : -1;
}

#define leak_test(function)                                                                        \
    cmocka_unit_test_setup_teardown(function, note_live_blocks, check_live_blocks)

#endif
