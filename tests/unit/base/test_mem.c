/* SPDX-License-Identifier: MIT
 *
 * base/mem.h: the count of live blocks, zeroing, overflow and failure on demand.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"

static void array_whose_size_overflows_is_refused(void **state)
{
    (void)state;
    assert_null(mem_alloc_array(SIZE_MAX / 2, 3));
    assert_null(mem_alloc_array(SIZE_MAX, 2));
    assert_null(mem_alloc_array(SIZE_MAX / 2 + 1, 2)); /* multiplied, it is 0 again */
}

static void forbidden_allocation_returns_null_and_counts_nothing(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    fail_alloc(1);
    assert_null(mem_alloc(10));
    fail_alloc(1);
    assert_null(mem_alloc_array(2, 10));
    fail_alloc(1);
    assert_null(mem_dup("x", 1));
    assert_true(allow_allocs());
    assert_int_equal(mem_live_blocks(), before);
}

static void failed_realloc_leaves_the_block_valid(void **state)
{
    (void)state;
    char *block = mem_dup("abc", 4);
    assert_non_null(block);
    fail_alloc(1);
    assert_null(mem_realloc(block, 1000));
    allow_allocs();
    assert_string_equal(block, "abc");
    mem_free(block);
}

static void freeing_null_does_nothing(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    mem_free(NULL);
    assert_int_equal(mem_live_blocks(), before);
}

static void new_memory_is_zeroed(void **state)
{
    (void)state;
    static const char zeros[64];
    char *block = mem_alloc(sizeof(zeros));
    char *array = mem_alloc_array(8, 8);
    assert_non_null(block);
    assert_non_null(array);
    assert_memory_equal(block, zeros, sizeof(zeros));
    assert_memory_equal(array, zeros, sizeof(zeros));
    mem_free(block);
    mem_free(array);
}

static void empty_blocks_are_blocks(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    void *block = mem_alloc(0);
    void *copy = mem_dup(NULL, 0);
    assert_non_null(block);
    assert_non_null(copy);
    assert_int_equal(mem_live_blocks(), before + 2);
    mem_free(block);
    mem_free(copy);
}

static void realloc_of_null_allocates_and_growing_keeps_the_bytes(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    char *block = mem_realloc(NULL, 4);
    assert_non_null(block);
    memcpy(block, "abc", 4);
    block = mem_realloc(block, 100000);
    assert_non_null(block);
    assert_string_equal(block, "abc");
    assert_int_equal(mem_live_blocks(), before + 1);
    mem_free(block);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(array_whose_size_overflows_is_refused),
        leak_test(forbidden_allocation_returns_null_and_counts_nothing),
        leak_test(failed_realloc_leaves_the_block_valid),
        leak_test(freeing_null_does_nothing),
        leak_test(new_memory_is_zeroed),
        leak_test(empty_blocks_are_blocks),
        leak_test(realloc_of_null_allocates_and_growing_keeps_the_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
