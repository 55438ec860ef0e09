/* SPDX-License-Identifier: MIT
 *
 * The scenarios in examples/faults do to a requestor what their first lines say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "support/backup.h"
#include "support/scripted_writer.h"
#include "support/test_volume.h"

#define FAILED_AT_PREPARE_SNAPSHOT 8
#define FAILED_AT_FREEZE 9
#define FAILED_AT_POST_SNAPSHOT 11

static const VSS_ID class_id = {0xfe01fe01, 0x1111, 0x4111, {0xa1, 1, 1, 1, 1, 1, 1, 1}};

static struct scripted_writer writer;
static struct backup backup;
static unsigned loaded;

static int set_up(void **state)
{
    (void)state;
    writer = (struct scripted_writer){.name = L"writer", .id = class_id};
    scripted_writer_start(&writer);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ThawlineClearFaults();
    backup_release(&backup);
    scripted_writer_stop(&writer);
    return 0;
}

/* Those of the build lie in a folder beside the test. */
static void folder_of_examples(WCHAR *path)
{
    DWORD length = GetModuleFileNameW(NULL, path, MAX_PATH);
    assert_true(length && length < MAX_PATH);
    lstrcpyW(wcsrchr(path, L'\\') + 1, L"faults\\");
}

static void load(const WCHAR *name)
{
    WCHAR path[MAX_PATH + 64];
    UINT rules = 0;
    folder_of_examples(path);
    swprintf(path + lstrlenW(path), 64, L"%ls.faults", name);
    assert_hr(ThawlineLoadFaults(path, &rules), S_OK);
    assert_true(rules > 0);
    loaded++;
}

static void check_status(int state, HRESULT failure)
{
    VSS_WRITER_STATE actual = VSS_WS_UNKNOWN;
    backup_gather_status(&backup);
    assert_hr(backup_writer_status(&backup, writer.instance_id, &actual), failure);
    assert_int_equal(actual, state);
}

static void a_writer_times_out_at_freeze(void **state)
{
    (void)state;
    load(L"writer-timeout-at-freeze");
    backup_until_done(&backup);
    check_status(FAILED_AT_FREEZE, VSS_E_WRITERERROR_TIMEOUT);
}

static void a_shadow_copy_is_inconsistent(void **state)
{
    (void)state;
    load(L"inconsistent-shadow-copy");
    backup_until_done(&backup);
    check_status(FAILED_AT_POST_SNAPSHOT, VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT);
}

static void a_writer_is_not_to_be_tried_again(void **state)
{
    (void)state;
    load(L"non-retryable-writer");
    backup_until_done(&backup);
    check_status(FAILED_AT_PREPARE_SNAPSHOT, VSS_E_WRITERERROR_NONRETRYABLE);
}

static void a_set_is_in_progress_twice(void **state)
{
    (void)state;
    load(L"snapshot-set-in-progress");
    backup_begin(&backup, FALSE);
    for (int i = 0; i < 2; i++)
        assert_hr(IVssBackupComponents_StartSnapshotSet(backup.components, &backup.set_id),
            VSS_E_SNAPSHOT_SET_IN_PROGRESS);
    backup_start_set(&backup);
}

static void there_is_no_space(void **state)
{
    (void)state;
    load(L"insufficient-storage");
    backup_until_prepared(&backup);
    assert_hr(backup_snapshot(&backup), VSS_E_INSUFFICIENT_STORAGE);
    assert_int_equal(writer.count[ON_FREEZE], 0);
}

static void the_file_systems_are_not_flushed_in_time_once(void **state)
{
    (void)state;
    load(L"flush-writes-timeout");
    backup_until_prepared(&backup);
    assert_hr(backup_snapshot(&backup), VSS_E_FLUSH_WRITES_TIMEOUT);
    backup_release(&backup);
    backup_until_done(&backup);
}

static void the_provider_vetoes(void **state)
{
    (void)state;
    load(L"provider-veto");
    backup_until_prepared(&backup);
    assert_hr(backup_snapshot(&backup), VSS_E_PROVIDER_VETO);
    assert_int_equal(writer.count[ON_ABORT], 1);
}

static void no_writer_is_there(void **state)
{
    UINT count = 99;
    (void)state;
    load(L"writer-missing");
    backup_begin(&backup, FALSE);
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(backup.components, &count), S_OK);
    assert_int_equal(count, 0);
    assert_int_equal(writer.count[ON_IDENTIFY], 0);
}

static DWORD WINAPI cancel(void *async)
{
    DWORD hr = (DWORD)IVssAsync_Cancel((IVssAsync *)async);
    IVssAsync_Release((IVssAsync *)async);
    return hr;
}

static void a_set_is_stuck(void **state)
{
    IVssAsync *async = NULL;
    (void)state;
    load(L"stuck-set");
    backup_until_prepared(&backup);
    assert_hr(IVssBackupComponents_DoSnapshotSet(backup.components, &async), S_OK);
    IVssAsync_AddRef(async);
    HANDLE canceller = CreateThread(NULL, 0, cancel, async, 0, NULL);
    assert_non_null(canceller);
    assert_int_equal(WaitForSingleObject(canceller, 300), WAIT_TIMEOUT);
    assert_hr(async_status(async), VSS_S_ASYNC_PENDING);
    assert_hr(ThawlineClearFaults(), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_CANCELLED);
    assert_int_equal(WaitForSingleObject(canceller, INFINITE), WAIT_OBJECT_0);
    CloseHandle(canceller);
}

static void every_example_has_its_test(void **state)
{
    WCHAR pattern[MAX_PATH + 64];
    WIN32_FIND_DATAW found;
    unsigned files = 0;
    (void)state;
    folder_of_examples(pattern);
    lstrcatW(pattern, L"*.faults");
    HANDLE search = FindFirstFileW(pattern, &found);
    assert_true(search != INVALID_HANDLE_VALUE);
    do
        files++;
    while (FindNextFileW(search, &found));
    FindClose(search);
    assert_int_equal(files, loaded);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_writer_times_out_at_freeze),
        TEST(a_shadow_copy_is_inconsistent),
        TEST(a_writer_is_not_to_be_tried_again),
        TEST(a_set_is_in_progress_twice),
        TEST(there_is_no_space),
        TEST(the_file_systems_are_not_flushed_in_time_once),
        TEST(the_provider_vetoes),
        TEST(no_writer_is_there),
        TEST(a_set_is_stuck),
        TEST(every_example_has_its_test),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    return cmocka_run_group_tests_name("fault examples", tests, NULL, NULL);
}
