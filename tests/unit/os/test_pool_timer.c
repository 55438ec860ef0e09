/* SPDX-License-Identifier: MIT
 *
 * os/pool: timers.
 */
#include <windows.h>

#include <cmocka.h>

#include "base/hooks.h"
#include "base/mem.h"
#include "os/clock.h"
#include "os/pool.h"

#define PATIENCE_MS 30000
/* Never comes about while a test runs. */
#define FAR_AWAY_MS 3600000
#define ROUNDS 200

struct probe
{
    struct pool_timer *timer;
    HANDLE entered; /* set by the callback */
    HANDLE leave;   /* waited for by the callback */
    uint64_t fired_us;
    LONG runs;
    bool destroys;
    DWORD restart_ms;
};

static struct probe probe_make(void)
{
    return (struct probe){.entered = CreateEventW(NULL, FALSE, FALSE, NULL),
        .leave = CreateEventW(NULL, TRUE, TRUE, NULL)};
}

static void probe_free(struct probe *probe)
{
    CloseHandle(probe->entered);
    CloseHandle(probe->leave);
}

static void fire(void *context)
{
    struct probe *probe = context;
    probe->fired_us = clock_now_us();
    InterlockedIncrement(&probe->runs);
    if (probe->restart_ms && probe->runs == 1)
        pool_timer_start(probe->timer, probe->restart_ms);
    HANDLE leave = probe->leave;
    HANDLE entered = probe->entered;
    if (probe->destroys)
    {
        pool_timer_stop(probe->timer, false);
        pool_timer_destroy(probe->timer);
    }
    SetEvent(entered);
    WaitForSingleObject(leave, INFINITE);
}

static bool no_memory(size_t size)
{
    (void)size;
    return false;
}

static void exhausted_memory_makes_no_timer(void **state)
{
    struct pool_timer *timer = NULL;
    (void)state;
    base_hooks.allow_alloc = no_memory;
    HRESULT hr = pool_timer_create(fire, NULL, &timer);
    base_hooks.allow_alloc = NULL;
    assert_int_equal(hr, E_OUTOFMEMORY);
    assert_null(timer);
    pool_timer_destroy(NULL);
}

static void timer_fires_once_and_not_before_its_time(void **state)
{
    struct probe probe = probe_make();
    (void)state;
    assert_int_equal(pool_timer_create(fire, &probe, &probe.timer), S_OK);
    uint64_t start = clock_now_us();
    pool_timer_start(probe.timer, 20);
    assert_int_equal(WaitForSingleObject(probe.entered, PATIENCE_MS), WAIT_OBJECT_0);
    pool_timer_stop(probe.timer, true);
    assert_true(probe.fired_us - start >= 20000);
    assert_int_equal(probe.runs, 1);
    pool_timer_destroy(probe.timer);
    probe_free(&probe);
}

static void timer_started_anew_forgets_the_earlier_time(void **state)
{
    struct probe probe = probe_make();
    (void)state;
    assert_int_equal(pool_timer_create(fire, &probe, &probe.timer), S_OK);
    for (int i = 0; i < ROUNDS; i++)
    {
        LONG before = probe.runs;
        pool_timer_start(probe.timer, 0);
        pool_timer_start(probe.timer, FAR_AWAY_MS);
        pool_timer_stop(probe.timer, true);
        /* It may have fired between the two starts, but not after the second. */
        assert_in_range(probe.runs, before, before + 1);
    }
    pool_timer_start(probe.timer, FAR_AWAY_MS);
    pool_timer_start(probe.timer, 1);
    ResetEvent(probe.entered);
    assert_int_equal(WaitForSingleObject(probe.entered, PATIENCE_MS), WAIT_OBJECT_0);
    pool_timer_stop(probe.timer, true);
    pool_timer_destroy(probe.timer);
    probe_free(&probe);
}

static void stop_with_wait_returns_after_the_callback(void **state)
{
    struct probe probe = probe_make();
    (void)state;
    assert_int_equal(pool_timer_create(fire, &probe, &probe.timer), S_OK);
    for (int i = 0; i < ROUNDS; i++)
    {
        pool_timer_start(probe.timer, 0);
        pool_timer_stop(probe.timer, true);
        LONG after = InterlockedCompareExchange(&probe.runs, 0, 0);
        SwitchToThread();
        assert_int_equal(InterlockedCompareExchange(&probe.runs, 0, 0), after);
    }
    pool_timer_destroy(probe.timer);
    probe_free(&probe);
}

static void callback_may_start_its_timer_anew(void **state)
{
    struct probe probe = probe_make();
    (void)state;
    probe.restart_ms = 1;
    assert_int_equal(pool_timer_create(fire, &probe, &probe.timer), S_OK);
    pool_timer_start(probe.timer, 0);
    assert_int_equal(WaitForSingleObject(probe.entered, PATIENCE_MS), WAIT_OBJECT_0);
    while (InterlockedCompareExchange(&probe.runs, 0, 0) < 2)
        assert_int_equal(WaitForSingleObject(probe.entered, PATIENCE_MS), WAIT_OBJECT_0);
    pool_timer_stop(probe.timer, true);
    pool_timer_destroy(probe.timer);
    probe_free(&probe);
}

static void callback_may_destroy_its_timer(void **state)
{
    (void)state;
    long blocks = mem_live_blocks();
    for (int i = 0; i < ROUNDS; i++)
    {
        struct probe probe = probe_make();
        probe.destroys = true;
        assert_int_equal(pool_timer_create(fire, &probe, &probe.timer), S_OK);
        pool_timer_start(probe.timer, 0);
        assert_int_equal(WaitForSingleObject(probe.entered, PATIENCE_MS), WAIT_OBJECT_0);
        /* The callback's thread frees the timer after the function has returned. */
        while (mem_live_blocks() != blocks)
            SwitchToThread();
        probe_free(&probe);
    }
}

static void destroy_while_the_callback_runs_does_not_wait_for_it(void **state)
{
    struct probe probe = probe_make();
    (void)state;
    long blocks = mem_live_blocks();
    ResetEvent(probe.leave);
    assert_int_equal(pool_timer_create(fire, &probe, &probe.timer), S_OK);
    pool_timer_start(probe.timer, 0);
    assert_int_equal(WaitForSingleObject(probe.entered, PATIENCE_MS), WAIT_OBJECT_0);
    pool_timer_stop(probe.timer, false);
    pool_timer_destroy(probe.timer);
    SetEvent(probe.leave);
    while (mem_live_blocks() != blocks)
        SwitchToThread();
    assert_int_equal(probe.runs, 1);
    probe_free(&probe);
}

static void destroyed_timer_never_fires(void **state)
{
    (void)state;
    long blocks = mem_live_blocks();
    for (int i = 0; i < ROUNDS; i++)
    {
        struct probe probe = probe_make();
        assert_int_equal(pool_timer_create(fire, &probe, &probe.timer), S_OK);
        pool_timer_start(probe.timer, i % 2);
        pool_timer_stop(probe.timer, i % 3 == 0);
        pool_timer_destroy(probe.timer);
        while (mem_live_blocks() != blocks)
            SwitchToThread();
        probe_free(&probe);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exhausted_memory_makes_no_timer),
        cmocka_unit_test(timer_fires_once_and_not_before_its_time),
        cmocka_unit_test(timer_started_anew_forgets_the_earlier_time),
        cmocka_unit_test(stop_with_wait_returns_after_the_callback),
        cmocka_unit_test(callback_may_start_its_timer_anew),
        cmocka_unit_test(callback_may_destroy_its_timer),
        cmocka_unit_test(destroy_while_the_callback_runs_does_not_wait_for_it),
        cmocka_unit_test(destroyed_timer_never_fires),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
