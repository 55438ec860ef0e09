/* SPDX-License-Identifier: MIT
 *
 * model/snapshot_set.h
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/snapshot_set.h"
#include "support/check_leaks.h"
#include "support/check_text.h"
#include "support/fail_alloc.h"

static const GUID set_id = {1, 0, 0, {0}};
static const GUID snapshot_id = {2, 0, 0, {0}};
static const GUID provider_id = {3, 0, 0, {0}};

static bool build_and_clone(struct snapshot_set **set, struct snapshot_set **clone)
{
    *set = snapshot_set_create(&set_id, 9);
    struct snapshot *snapshot = *set
        ? snapshot_set_add(*set, &snapshot_id, &provider_id, L"volume", L"C:\\")
        : NULL;
    bool ok = snapshot && SUCCEEDED(str16_assign(&snapshot->device_object, L"device")) &&
        SUCCEEDED(str16_assign(&snapshot->consistency, L"none")) &&
        SUCCEEDED(str16_assign(&(*set)->originating_machine, L"machine"));
    *clone = ok ? snapshot_set_clone(*set) : NULL;
    return *clone != NULL;
}

static void unknown_snapshot_is_not_found(void **state)
{
    (void)state;
    struct snapshot_set *set = snapshot_set_create(&set_id, 0);
    assert_null(snapshot_set_find(set, &snapshot_id));
    assert_non_null(snapshot_set_add(set, &snapshot_id, &provider_id, L"v", L"p"));
    assert_non_null(snapshot_set_find(set, &snapshot_id));
    assert_null(snapshot_set_find(set, &provider_id));
    snapshot_set_release(set);
    snapshot_set_release(NULL);
    snapshot_destroy(NULL);
}

static void each_failing_allocation_is_reported_and_leaks_nothing(void **state)
{
    (void)state;
    struct snapshot_set *set = NULL;
    struct snapshot_set *clone = NULL;
    size_t k = 1;
    for (;; k++)
    {
        fail_alloc(k);
        bool ok = build_and_clone(&set, &clone);
        bool failed = allow_allocs();
        assert_int_equal(ok, !failed);
        snapshot_set_release(clone);
        snapshot_set_release(set);
        if (!failed)
            break;
    }
    assert_true(k > 10);
}

static void clones_share_nothing_and_have_a_count_of_their_own(void **state)
{
    (void)state;
    struct snapshot_set *set = NULL;
    struct snapshot_set *clone = NULL;
    if (!build_and_clone(&set, &clone))
    {
        fail_msg("building failed");
        return;
    }
    snapshot_set_addref(set);
    struct snapshot *snapshot = snapshot_clone(snapshot_set_find(clone, &snapshot_id));
    snapshot_set_release(set);
    snapshot_set_release(set);
    check_text(clone->originating_machine, "machine");
    assert_int_equal(clone->context, 9);
    check_text(snapshot_set_find(clone, &snapshot_id)->device_object, "device");
    snapshot_set_release(clone);
    check_text(snapshot->volume_name, "volume");
    check_text(snapshot->volume_path, "C:\\");
    assert_null(snapshot->exposed_name);
    snapshot_destroy(snapshot);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(unknown_snapshot_is_not_found),
        leak_test(each_failing_allocation_is_reported_and_leaks_nothing),
        leak_test(clones_share_nothing_and_have_a_count_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
