/* SPDX-License-Identifier: MIT
 *
 * os/clock: deadlines at their edges, and the skew that faults add.
 */
#include <windows.h>

#include <cmocka.h>

#include "base/hooks.h"
#include "os/clock.h"

static uint64_t skew;

static uint64_t test_skew(void)
{
    return skew;
}

static int without_skew(void **state)
{
    (void)state;
    base_hooks.clock_skew_ms = NULL;
    skew = 0;
    return 0;
}

static void past_deadline_leaves_nothing(void **state)
{
    (void)state;
    assert_int_equal(clock_remaining(0), 0);
    assert_int_equal(clock_remaining(clock_now_ms()), 0);
}

static void far_deadline_is_never_infinite(void **state)
{
    (void)state;
    assert_int_equal(clock_remaining(UINT64_MAX), INFINITE - 1);
    assert_int_equal(clock_remaining(clock_now_ms() + 0x200000000u), INFINITE - 1);
}

static void deadline_ahead_leaves_at_most_the_distance(void **state)
{
    (void)state;
    DWORD left = clock_remaining(clock_now_ms() + 60000);
    assert_in_range(left, 30000, 60000);
}

static void skew_moves_now_and_lets_deadlines_pass(void **state)
{
    (void)state;
    uint64_t deadline = clock_now_ms() + 60000;
    base_hooks.clock_skew_ms = test_skew;
    assert_true(clock_remaining(deadline) > 0);
    skew = 60000;
    assert_int_equal(clock_remaining(deadline), 0);
}

static void skew_does_not_move_measurements(void **state)
{
    (void)state;
    uint64_t before = clock_now_us();
    base_hooks.clock_skew_ms = test_skew;
    skew = 3600u * 1000u;
    assert_true(clock_now_us() - before < 3600u * 1000u * 1000u);
}

static void clocks_never_go_back(void **state)
{
    (void)state;
    uint64_t ms = 0;
    uint64_t us = 0;
    for (int i = 0; i < 10000; i++)
    {
        uint64_t now_ms = clock_now_ms();
        uint64_t now_us = clock_now_us();
        assert_true(now_ms >= ms && now_us >= us);
        ms = now_ms;
        us = now_us;
    }
}

static void utc_agrees_with_the_system(void **state)
{
    FILETIME before;
    FILETIME after;
    (void)state;
    GetSystemTimeAsFileTime(&before);
    FILETIME now = clock_utc();
    GetSystemTimeAsFileTime(&after);
    assert_true(CompareFileTime(&before, &now) <= 0 && CompareFileTime(&now, &after) <= 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(past_deadline_leaves_nothing, without_skew),
        cmocka_unit_test_teardown(far_deadline_is_never_infinite, without_skew),
        cmocka_unit_test_teardown(deadline_ahead_leaves_at_most_the_distance, without_skew),
        cmocka_unit_test_teardown(skew_moves_now_and_lets_deadlines_pass, without_skew),
        cmocka_unit_test_teardown(skew_does_not_move_measurements, without_skew),
        cmocka_unit_test(clocks_never_go_back),
        cmocka_unit_test(utc_agrees_with_the_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
