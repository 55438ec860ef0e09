/* SPDX-License-Identifier: MIT
 *
 * The example backup_tool: it copies a folder as it was in the freeze, and nothing of the shadow
 * copy is left.
 */
#include <stdio.h>

#include <cmocka.h>

#include <thawline.h>

#include "cli_process.h"
#include "support/backup.h"
#include "support/scripted_writer.h"
#include "support/test_volume.h"

static struct test_volume volume;
static struct cli_process tool;
static WCHAR copy[TEST_PATH_UNITS];
/* Changes a file as soon as it may. */
static struct scripted_writer writer = {.name = L"changes after the freeze",
    .id = {0xb7b7b7b7, 0x1111, 0x4111, {0x81, 1, 1, 1, 1, 1, 1, 1}},
    .components = 1};

static void change_file(struct scripted_writer *self, const THAWLINE_EVENT *event, void *context)
{
    (void)self;
    (void)event;
    (void)context;
    test_write_text(test_path(volume.folder, L"data\\file"), "later");
}

static int set_up(void **state)
{
    (void)state;
    WCHAR temp[MAX_PATH];
    test_volume_make(&volume);
    test_make_folder(test_path(volume.folder, L"data"));
    test_make_folder(test_path(volume.folder, L"data\\deep"));
    test_write_text(test_path(volume.folder, L"data\\file"), "in the freeze");
    test_write_text(test_path(volume.folder, L"data\\deep\\other"), "unchanged");
    assert_in_range(GetTempPathW(MAX_PATH, temp), 1, MAX_PATH - 40);
    _snwprintf(copy, TEST_PATH_UNITS, L"%lscopy-%lu", temp, GetCurrentProcessId());
    writer.at[ON_THAW].action = change_file;
    scripted_writer_start(&writer);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scripted_writer_stop(&writer);
    cli_free(&tool);
    if (test_exists(copy))
        test_delete(copy);
    test_volume_remove(&volume);
    return 0;
}

static void run_tool(const WCHAR *name)
{
    WCHAR arguments[2 * TEST_PATH_UNITS];
    _snwprintf(arguments, ARRAYSIZE(arguments), L"\"%ls\\%ls\" \"%ls\"", volume.folder, name, copy);
    cli_start(&tool, L"backup_tool.exe", arguments, 0);
    cli_finish(&tool);
}

static void it_copies_what_was_there_in_the_freeze(void **state)
{
    (void)state;
    IVssBackupComponents *bc = NULL;
    IVssEnumObject *list = NULL;
    run_tool(L"data");
    assert_exit(&tool, 0);
    assert_string_equal(scripted_writer_events(&writer),
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupComplete BackupShutdown");
    assert_true(test_has_text(test_path(copy, L"file"), "in the freeze"));
    assert_true(test_has_text(test_path(copy, L"deep\\other"), "unchanged"));
    assert_int_equal(test_count_entries(copy), 3);
    assert_true(test_has_text(test_path(volume.folder, L"data\\file"), "later"));
    assert_hr(CreateVssBackupComponentsInternal(&bc), S_OK);
    assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
    assert_hr(
        IVssBackupComponents_Query(bc, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list),
        S_FALSE);
    IVssEnumObject_Release(list);
    IVssBackupComponents_Release(bc);
}

static void a_missing_folder_is_a_failure_and_the_backup_is_completed(void **state)
{
    (void)state;
    run_tool(L"no such");
    assert_exit(&tool, 1);
    assert_int_equal(writer.count[ON_BACKUP_COMPLETE], 2);
    assert_int_equal(writer.count[ON_BACKUP_SHUTDOWN], 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_copies_what_was_there_in_the_freeze, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_missing_folder_is_a_failure_and_the_backup_is_completed, set_up, tear_down),
    };
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    return cmocka_run_group_tests_name("backup_tool", tests, NULL, NULL);
}
