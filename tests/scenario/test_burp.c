/* SPDX-License-Identifier: MIT
 *
 * burp's VSS client, compiled from Debian's source package as it is (tests/burp), makes a backup
 * with the vssapi.dll beside it: what it reads is the file as it was, whatever happened since, and
 * nothing of the shadow copy is left.
 */
#include <stdio.h>

#include <cmocka.h>

#include <thawline.h>

#include "cli_process.h"
#include "support/backup.h"
#include "support/scripted_writer.h"
#include "support/test_volume.h"

static struct test_volume volume;
static struct cli_process burp;
static struct scripted_writer writer;

static int set_up(void **state)
{
    (void)state;
    test_volume_make(&volume);
    test_make_folder(test_path(volume.folder, L"data"));
    test_write_text(test_path(volume.folder, L"data\\file"), "before the backup");
    writer = (struct scripted_writer){.name = L"seen by burp",
        .id = {0xb0b1b0b1, 0x1111, 0x4111, {0x81, 1, 1, 1, 1, 1, 1, 1}},
        .components = 1};
    scripted_writer_start(&writer);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scripted_writer_stop(&writer);
    cli_free(&burp);
    test_volume_remove(&volume);
    SetEnvironmentVariableW(L"THAWLINE_WINDOWS", NULL);
    return 0;
}

/* burp backs up data\file; `drives` follow the letter of its drive. */
static void start_burp(const WCHAR *drives, const WCHAR *version)
{
    WCHAR arguments[2 * TEST_PATH_UNITS];

    _snwprintf(arguments, ARRAYSIZE(arguments), L"%lc%ls \"%ls\\data\\file\" %ls", volume.name[0],
        drives, volume.folder, version);
    cli_start(&burp, L"burp_vss.exe", arguments, 0);
}

static void check_that_nothing_is_left(void)
{
    IVssBackupComponents *bc = NULL;
    IVssEnumObject *list = NULL;
    assert_hr(CreateVssBackupComponentsInternal(&bc), S_OK);
    assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
    assert_hr(
        IVssBackupComponents_Query(bc, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list),
        S_FALSE);
    IVssEnumObject_Release(list);
    IVssBackupComponents_Release(bc);
}

/* `drives` follow the letter of the file's drive; `shown` is what the client makes of them: small
   letters are those of which it has no shadow copy. */
static void check_backup(
    const WCHAR *drives, const char *shown, const WCHAR *version, const char *driver)
{
    char expected[32];

    start_burp(drives, version);
    assert_true(cli_wait_for(&burp.out, "ready"));
    test_write_text(test_path(volume.folder, L"data\\file"), "changed since");
    cli_type(&burp, "\n");
    cli_finish(&burp);
    assert_exit(&burp, 0);
    assert_says(&burp, out, driver);
    snprintf(expected, sizeof(expected), "drives: %c%s\r\n", (char)volume.name[0], shown);
    assert_says(&burp, out, expected);
    assert_says(&burp, out, "content: before the backup");
    assert_says(&burp, out, "prepared: \"seen by burp\", State: 0x1 (VSS_WS_STABLE)");
    assert_says(&burp, out, "completed: \"seen by burp\", State: 0x1 (VSS_WS_STABLE)");
    assert_string_equal(burp.err.text, "");
    /* burp works with components and adds none. */
    assert_int_not_equal(writer.count[ON_IDENTIFY], 0);
    assert_string_equal(scripted_writer_events(&writer), "");
    assert_true(test_has_text(test_path(volume.folder, L"data\\file"), "changed since"));
    check_that_nothing_is_left();
}

static void it_reads_the_file_as_it_was(void **state)
{
    (void)state;
    check_backup(L"", "", L"", "driver: VSS Vista");
}

static void its_client_for_2003_leaves_out_a_letter_without_a_volume(void **state)
{
    (void)state;
    SetEnvironmentVariableW(L"THAWLINE_WINDOWS", L"2003");
    check_backup(L"B", "b", L"2003", "driver: VSS Win 2003");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_reads_the_file_as_it_was),
        TEST(its_client_for_2003_leaves_out_a_letter_without_a_volume),
    };

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    /* Under Wine the first window of a session starts the desktop's process, which keeps the
       standard handles of whoever made it: not those of burp, whose end this test awaits. */
    GetDesktopWindow();
    return cmocka_run_group_tests_name("burp", tests, NULL, NULL);
}
