/* SPDX-License-Identifier: MIT
 *
 * Tests of a backup tool, with failures that no machine gives on demand. Only this file knows of
 * Thawline. Each test begins without faults and must leave nothing behind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "tool.h"

#define VOLUME L"C:\\"

static LONG objects;

static int set_up(void **state)
{
    (void)state;
    objects = ThawlineGetLiveObjects();
    return ThawlineClearFaults();
}

static int tear_down(void **state)
{
    (void)state;
    ThawlineClearFaults();
    return ThawlineGetLiveObjects() == objects ? 0 : -1;
}

static void a_shadow_copy_is_made(void **state)
{
    HRESULT failure;
    (void)state;
    assert_int_equal(make_shadow_copy(VOLUME, 1, 0, &failure), S_OK);
}

static void it_waits_while_another_program_makes_one(void **state)
{
    HRESULT failure;
    (void)state;
    /* Twice, from the first call on. */
    assert_int_equal(
        ThawlineLoadFaults(
            L"requestor.method StartSnapshotSet VSS_E_SNAPSHOT_SET_IN_PROGRESS 1 2", NULL),
        S_OK);
    assert_int_equal(make_shadow_copy(VOLUME, 3, 0, &failure), S_OK);
}

static void it_does_not_wait_for_ever(void **state)
{
    THAWLINE_FAULT_POINT point = {.cbSize = sizeof(point)};
    HRESULT failure;
    (void)state;
    assert_int_equal(
        ThawlineLoadFaults(
            L"requestor.method StartSnapshotSet VSS_E_SNAPSHOT_SET_IN_PROGRESS", NULL),
        S_OK);
    assert_int_equal(make_shadow_copy(VOLUME, 3, 0, &failure), VSS_E_SNAPSHOT_SET_IN_PROGRESS);
    assert_int_equal(ThawlineFindFaultPoint("requestor.method", &point), S_OK);
    assert_int_equal(point.cFired, 3);
}

static void a_veto_of_the_provider_is_told(void **state)
{
    HRESULT failure;
    (void)state;
    assert_int_equal(
        ThawlineLoadFaults(L"provider.step CommitSnapshots VSS_E_PROVIDER_VETO", NULL), S_OK);
    assert_int_equal(make_shadow_copy(VOLUME, 1, 0, &failure), VSS_E_PROVIDER_VETO);
}

static void a_writer_that_times_out_is_told(void **state)
{
    const THAWLINE_WRITER_CALLBACKS nothing = {.cbSize = sizeof(nothing)};
    const THAWLINE_WRITER_INFO info = {.cbSize = sizeof(info),
        .WriterId = {0xd2f1a6c3, 0x8a41, 0x4b0e, {0x9c, 0x55, 0x20, 0x31, 0x7e, 0x94, 0x0b, 0x6d}},
        .pwszName = L"an application",
        .Usage = VSS_UT_USERDATA,
        .Source = VSS_ST_OTHER,
        .Level = VSS_APP_FRONT_END};
    THAWLINE_WRITER writer;
    HRESULT failure;
    (void)state;
    assert_int_equal(ThawlineRegisterWriter(&info, &nothing, NULL, &writer), S_OK);
    assert_int_equal(
        ThawlineLoadFaults(L"writer.event \"Freeze:an application\" timeout", NULL), S_OK);
    assert_int_equal(make_shadow_copy(VOLUME, 1, 0, &failure), S_FALSE);
    assert_int_equal(failure, VSS_E_WRITERERROR_TIMEOUT);
    assert_int_equal(ThawlineUnregisterWriter(writer), S_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_shadow_copy_is_made),
        TEST(it_waits_while_another_program_makes_one),
        TEST(it_does_not_wait_for_ever),
        TEST(a_veto_of_the_provider_is_told),
        TEST(a_writer_that_times_out_is_told),
    };
    /* Writers of other programs stay out, and nothing is copied. */
    ThawlineSetOption(L"SCOPE", L"tool-tests");
    ThawlineSetOption(L"PROVIDER", L"live");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
