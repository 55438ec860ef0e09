/* SPDX-License-Identifier: MIT
 *
 * The clone provider from end to end on a quiet volume: what is in the copy, what is left out, what goes when it is
 * deleted. Changes while it works: test_clone_changes.c; failures: test_clone_failures.c.
 */
#include <cmocka.h>
#include <stdio.h>

#include "clone_fixture.h"

static struct clone_fixture fixture;

static int open_fixture(void **state)
{
    (void)state;
    fixture_open(&fixture, &provider_system_id);
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static void a_copy_has_content_times_and_attributes(void **state)
{
    (void)state;
    test_make_folder(in_place(&fixture, L"dir"));
    test_make_folder(in_place(&fixture, L"dir\\empty"));
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "alpha");
    test_write_text(in_place(&fixture, L"nothing"), "");
    test_set_age(in_place(&fixture, L"dir\\a.txt"), 1000000);
    fixture_make(&fixture);
    assert_int_equal(fixture_differences(&fixture), 0);
    assert_int_equal(fixture_delete(&fixture), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
}

#define clone_test(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        clone_test(a_copy_has_content_times_and_attributes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
