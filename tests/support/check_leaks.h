/* SPDX-License-Identifier: MIT
 *
 * Setup and teardown of tests that must give back every block of mem.h they took: list them with
 * leak_test(). Include it after cmocka.h.
 */
#ifndef THAWLINE_TESTS_CHECK_LEAKS_H
#define THAWLINE_TESTS_CHECK_LEAKS_H

#include "base/mem.h"

static long live_blocks_before;

static inline int note_live_blocks(void **state)
{
    (void)state;
    live_blocks_before = mem_live_blocks();
    return 0;
}

static inline int check_live_blocks(void **state)
{
    (void)state;
    long after = mem_live_blocks();
    if (after != live_blocks_before)
        print_error(
            "%ld blocks were live before the test and %ld after it\n", live_blocks_before, after);
    return after == live_blocks_before ? 0 : -1;
}

#define leak_test(function)                                                                        \
    cmocka_unit_test_setup_teardown(function, note_live_blocks, check_live_blocks)

#endif
