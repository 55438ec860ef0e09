/* SPDX-License-Identifier: MIT
 *
 * os/pool: blocking work all at once, the apartment, exhausted memory.
 */
#include <windows.h>

#include <cmocka.h>
#include <objbase.h>

#include "base/hooks.h"
#include "base/mem.h"
#include "os/apartment.h"
#include "os/pool.h"

#define ITEMS 64
/* The longest that anything here may take before it counts as stuck. */
#define PATIENCE_MS 30000

static bool no_memory(size_t size)
{
    (void)size;
    return false;
}

static void count_up(void *context)
{
    InterlockedIncrement(context);
}

static void exhausted_memory_runs_nothing(void **state)
{
    LONG runs = 0;
    (void)state;
    long blocks = mem_live_blocks();
    base_hooks.allow_alloc = no_memory;
    HRESULT hr = pool_run(count_up, &runs);
    base_hooks.allow_alloc = NULL;
    pool_drain();
    assert_int_equal(hr, E_OUTOFMEMORY);
    assert_int_equal(runs, 0);
    assert_int_equal(mem_live_blocks(), blocks);
}

struct crowd
{
    LONG waiting;
    HANDLE all_here;
    HANDLE go;
};

static void wait_for_the_crowd(void *context)
{
    struct crowd *crowd = context;
    if (InterlockedIncrement(&crowd->waiting) == ITEMS)
        SetEvent(crowd->all_here);
    WaitForSingleObject(crowd->go, INFINITE);
    InterlockedDecrement(&crowd->waiting);
}

static void blocking_items_all_run_at_once(void **state)
{
    struct crowd crowd = {
        0, CreateEventW(NULL, TRUE, FALSE, NULL), CreateEventW(NULL, TRUE, FALSE, NULL)};
    (void)state;
    for (int i = 0; i < ITEMS; i++)
        assert_int_equal(pool_run(wait_for_the_crowd, &crowd), S_OK);
    DWORD waited = WaitForSingleObject(crowd.all_here, PATIENCE_MS);
    SetEvent(crowd.go);
    pool_drain();
    assert_int_equal(waited, WAIT_OBJECT_0);
    assert_int_equal(crowd.waiting, 0);
    CloseHandle(crowd.all_here);
    CloseHandle(crowd.go);
}

static void settling_gives_up_on_work_that_does_not_end(void **state)
{
    struct crowd crowd = {
        ITEMS - 1, CreateEventW(NULL, TRUE, FALSE, NULL), CreateEventW(NULL, TRUE, FALSE, NULL)};
    (void)state;
    assert_int_equal(pool_run(wait_for_the_crowd, &crowd), S_OK);
    assert_int_equal(WaitForSingleObject(crowd.all_here, PATIENCE_MS), WAIT_OBJECT_0);
    assert_false(pool_settle(0));
    assert_false(pool_settle(5));
    SetEvent(crowd.go);
    assert_true(pool_settle(PATIENCE_MS));
    CloseHandle(crowd.all_here);
    CloseHandle(crowd.go);
}

static void drain_leaves_no_memory_behind(void **state)
{
    LONG runs = 0;
    (void)state;
    long blocks = mem_live_blocks();
    for (int i = 0; i < 200; i++)
        assert_int_equal(pool_run(count_up, &runs), S_OK);
    pool_drain();
    assert_int_equal(runs, 200);
    assert_int_equal(mem_live_blocks(), blocks);
}

struct apartment
{
    HRESULT hr;
    APTTYPE type;
    APTTYPEQUALIFIER qualifier;
};

static void look_at_apartment(void *context)
{
    struct apartment *seen = context;
    seen->hr = CoGetApartmentType(&seen->type, &seen->qualifier);
}

static void item_runs_in_the_multithreaded_apartment(void **state)
{
    struct apartment seen = {E_FAIL, APTTYPE_CURRENT, APTTYPEQUALIFIER_NONE};
    (void)state;
    assert_int_equal(pool_run(look_at_apartment, &seen), S_OK);
    pool_drain();
    assert_int_equal(seen.hr, S_OK);
    assert_int_equal(seen.type, APTTYPE_MTA);
}

static void item_runs_in_the_multithreaded_apartment_beside_an_sta(void **state)
{
    struct apartment seen = {E_FAIL, APTTYPE_CURRENT, APTTYPEQUALIFIER_NONE};
    struct apartment own = {E_FAIL, APTTYPE_CURRENT, APTTYPEQUALIFIER_NONE};
    (void)state;
    assert_int_equal(CoInitializeEx(NULL, COINIT_APARTMENTTHREADED), S_OK);
    assert_int_equal(pool_run(look_at_apartment, &seen), S_OK);
    pool_drain();
    look_at_apartment(&own);
    CoUninitialize();
    assert_int_equal(seen.type, APTTYPE_MTA);
    assert_int_equal(own.type, APTTYPE_MAINSTA);
}

/* A program's threads must not seem to be in COM because of work that is over. */
static void no_apartment_is_left_after_the_work(void **state)
{
    struct apartment seen = {S_OK, APTTYPE_CURRENT, APTTYPEQUALIFIER_NONE};
    LONG runs = 0;
    (void)state;
    assert_int_equal(pool_run(count_up, &runs), S_OK);
    pool_drain();
    look_at_apartment(&seen);
    assert_int_equal(seen.hr, CO_E_NOTINITIALIZED);
}

static void held_apartment_lasts_until_it_is_dropped(void **state)
{
    struct apartment seen = {E_FAIL, APTTYPE_CURRENT, APTTYPEQUALIFIER_NONE};
    LONG runs = 0;
    (void)state;
    void *held = apartment_hold();
    assert_non_null(held);
    assert_int_equal(pool_run(count_up, &runs), S_OK);
    pool_drain();
    look_at_apartment(&seen);
    apartment_drop(held);
    apartment_drop(NULL);
    assert_int_equal(seen.type, APTTYPE_MTA);
    look_at_apartment(&seen);
    assert_int_equal(seen.hr, CO_E_NOTINITIALIZED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exhausted_memory_runs_nothing),
        cmocka_unit_test(blocking_items_all_run_at_once),
        cmocka_unit_test(settling_gives_up_on_work_that_does_not_end),
        cmocka_unit_test(drain_leaves_no_memory_behind),
        cmocka_unit_test(item_runs_in_the_multithreaded_apartment),
        cmocka_unit_test(item_runs_in_the_multithreaded_apartment_beside_an_sta),
        cmocka_unit_test(no_apartment_is_left_after_the_work),
        cmocka_unit_test(held_apartment_lasts_until_it_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
