/* SPDX-License-Identifier: MIT
 *
 * base/vec.h
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/vec.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"

static void reading_past_the_end_gives_null(void **state)
{
    (void)state;
    int item = 0;
    struct vec vec = {0};
    assert_null(vec_at(&vec, 0));
    assert_true(vec_push(&vec, &item));
    assert_ptr_equal(vec_at(&vec, 0), &item);
    assert_null(vec_at(&vec, 1));
    assert_null(vec_at(&vec, SIZE_MAX));
    vec_free(&vec, NULL);
}

static void failed_push_leaves_the_vector_as_it_was(void **state)
{
    (void)state;
    int items[9];
    struct vec vec = {0};
    fail_alloc(1);
    assert_false(vec_push(&vec, &items[0]));
    allow_allocs();
    assert_int_equal(vec.count, 0);

    for (size_t i = 0; i < 8; i++)
        assert_true(vec_push(&vec, &items[i]));
    fail_alloc(1);
    assert_false(vec_push(&vec, &items[8]));
    allow_allocs();
    assert_int_equal(vec.count, 8);
    assert_ptr_equal(vec_at(&vec, 7), &items[7]);
    vec_free(&vec, NULL);
}

static void removing_keeps_the_order_of_the_rest(void **state)
{
    (void)state;
    int items[3];
    struct vec vec = {0};
    for (size_t i = 0; i < 3; i++)
        assert_true(vec_push(&vec, &items[i]));
    assert_ptr_equal(vec_remove(&vec, 1), &items[1]);
    assert_int_equal(vec.count, 2);
    assert_ptr_equal(vec_at(&vec, 0), &items[0]);
    assert_ptr_equal(vec_at(&vec, 1), &items[2]);
    assert_ptr_equal(vec_remove(&vec, 1), &items[2]);
    assert_ptr_equal(vec_remove(&vec, 0), &items[0]);
    assert_int_equal(vec.count, 0);
    vec_free(&vec, NULL);
}

static void count_destruction(void *item)
{
    ++*(int *)item;
}

static void freeing_destroys_each_item_once_and_empties(void **state)
{
    (void)state;
    int destroyed[100] = {0};
    struct vec vec = {0};
    for (size_t i = 0; i < 100; i++)
        assert_true(vec_push(&vec, &destroyed[i]));
    vec_free(&vec, count_destruction);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(destroyed[i], 1);
    assert_int_equal(vec.count, 0);
    assert_null(vec_at(&vec, 0));
    vec_free(&vec, count_destruction);
    assert_int_equal(destroyed[0], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(reading_past_the_end_gives_null),
        leak_test(failed_push_leaves_the_vector_as_it_was),
        leak_test(removing_keeps_the_order_of_the_rest),
        leak_test(freeing_destroys_each_item_once_and_empties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
