/* SPDX-License-Identifier: MIT
 *
 * `thawline restore` of what `thawline backup` made: what lies where afterwards, what writers of
 * this process are told, which exit code (requestor 6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "scenario/restored.h"

/* ---- Without writers ---- */

static void it_comes_back_as_it_was(void **state)
{
    struct cli_process cli;

    (void)state;
    restored_back_up();
    restored_lose_source();
    restored_restore(&cli, L"");
    assert_exit(&cli, 0);
    assert_says(&cli, out, "Restored 11 files in 9 folders");
    assert_says(&cli, out, "The restore is whole.");
    cli_free(&cli);
    restored_assert_whole();
}

static void what_changed_since_is_written_over(void **state)
{
    struct cli_process cli;

    (void)state;
    restored_back_up();
    restored_lose_source();
    sample_write(in(restored.source, L"two\\a.txt"), "changed", 7);
    sample_write(in(restored.source, L"one\\one.bin"), "changed and guarded", 19);
    test_set_attributes(
        in(restored.source, L"one\\one.bin"), FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN);
    restored_restore(&cli, L"--json");
    assert_exit(&cli, 0);
    assert_true(json_is_object(cli.out.text));
    assert_says(&cli, out, "\"result\":\"done\",\"exit_code\":0");
    assert_says(&cli, out, "\"files\":11,");
    assert_says(&cli, out, "\"troubles\":[]");
    cli_free(&cli);
    restored_assert_whole();
    /* What was not there then stays. */
    sample_write(in(restored.source, L"newer.txt"), "newer", 5);
    cli_expect(0, NULL, RESTORE L"--quiet", restored.copy, restored.copy);
    assert_true(sample_exists(in(restored.source, L"newer.txt")));
}

#define PART_ID L"{6E0F63A4-93D1-4C1F-9E0B-5D3A53A1C7B2}"
#define PART L"thawline-restoring-" PART_ID L".tmp"

/* Where a restore notes what it is writing. */
static const WCHAR *note_path(void)
{
    WCHAR folder[SAMPLE_PATH];

    GetEnvironmentVariableW(L"LOCALAPPDATA", folder, SAMPLE_PATH);
    wcscat(folder, L"\\Thawline\\Restores");
    return in(folder, PART_ID L".note");
}

/* As a restore does that is killed while it writes `name` of two\below. */
static void leave_note(const WCHAR *name)
{
    WCHAR path[SAMPLE_PATH];

    _snwprintf(path, SAMPLE_PATH, L"%ls\\two\\below\\%ls", restored.source, name);
    sample_write(note_path(), path, (wcslen(path) + 1) * sizeof(WCHAR));
}

static void what_a_killed_restore_left_is_taken_away_by_the_next(void **state)
{
    (void)state;
    restored_back_up();
    restored_lose_source();
    sample_write(in(restored.source, L"two\\below\\" PART), "half a file", 11);
    test_set_attributes(in(restored.source, L"two\\below\\" PART), FILE_ATTRIBUTE_READONLY);
    leave_note(PART);
    cli_expect(0, NULL, RESTORE L"--quiet", restored.copy, restored.copy);
    restored_assert_whole();
    assert_false(sample_exists(note_path()));
}

static void what_a_restore_writes_that_runs_is_left_alone(void **state)
{
    HANDLE note;

    (void)state;
    restored_back_up();
    sample_write(in(restored.source, L"two\\below\\" PART), "half a file", 11);
    leave_note(PART);
    note = CreateFileW(note_path(), GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(note != INVALID_HANDLE_VALUE);
    cli_expect(0, NULL, RESTORE L"--quiet", restored.copy, restored.copy);
    CloseHandle(note);
    assert_true(sample_exists(note_path()));
    assert_true(test_has_text(in(restored.source, L"two\\below\\" PART), "half a file"));
    cli_expect(0, NULL, RESTORE L"--quiet", restored.copy, restored.copy);
    assert_false(sample_exists(note_path()));
    assert_false(sample_exists(in(restored.source, L"two\\below\\" PART)));
}

/* Backed up they come back, and those that came later stay, whatever a note says. */
static void files_with_names_like_those_of_parts_are_the_users(void **state)
{
#define OTHER_PART L"thawline-restoring-{6E0F63A4-93D1-4C1F-9E0B-5D3A53A1C7B3}.tmp"
    static const WCHAR *const old[] = {L"two\\thawline-restoring.tmp", L"two\\" PART,
        L"two\\" OTHER_PART, L"two\\a.txt.thawline-reboot"};
    static const WCHAR *const later[] = {L"two\\below\\thawline-restoring.tmp",
        L"two\\below\\" PART, L"two\\below\\" OTHER_PART,
        L"two\\below\\b.txt.thawline-reboot", L"two\\below\\later.txt"};
    static const WCHAR *const noted[] = {L"later.txt", L"thawline-restoring.tmp", OTHER_PART,
        L"..\\below\\" PART, L"none\\..\\" PART, L"", L"x" PART};

    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(old); i++)
        sample_write(in(restored.source, old[i]), "backed up", 9);
    restored_back_up();
    for (size_t i = 0; i < ARRAYSIZE(later); i++)
        sample_write(in(restored.source, later[i]), "later", 5);
    for (size_t i = 0; i < ARRAYSIZE(noted); i++)
    {
        for (size_t j = 0; j < ARRAYSIZE(old); j++)
            sample_write(in(restored.source, old[j]), "changed", 7);
        leave_note(noted[i]);
        cli_expect(0, NULL, RESTORE L"--quiet", restored.copy, restored.copy);
        assert_false(sample_exists(note_path()));
        for (size_t j = 0; j < ARRAYSIZE(old); j++)
            assert_true(test_has_text(in(restored.source, old[j]), "backed up"));
        for (size_t j = 0; j < ARRAYSIZE(later); j++)
            assert_true(test_has_text(in(restored.source, later[j]), "later"));
    }
#undef OTHER_PART
}

static void a_file_in_use_is_named_and_the_others_are_restored(void **state)
{
    struct cli_process cli;
    HANDLE held;

    (void)state;
    restored_back_up();
    restored_lose_source();
    sample_write(in(restored.source, L"two\\a.txt"), "held", 4);
    held = CreateFileW(
        in(restored.source, L"two\\a.txt"), GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    restored_restore(&cli, L"");
    CloseHandle(held);
    assert_exit(&cli, 3);
    assert_says(&cli, out, "Could not be restored: 1");
    assert_says(&cli, out, "two\\a.txt: ");
    assert_says(&cli, out, "The restore is NOT whole.");
    cli_free(&cli);
    assert_true(test_has_text(in(restored.source, L"two\\a.txt"), "held"));
    assert_true(test_has_text(in(restored.source, L"two\\below\\b.txt"), "bb"));
    /* a.txt, no.bin, below and b.txt: no part. */
    assert_int_equal(test_count_entries(in(restored.source, L"two")), 4);
}

static void with_to_all_of_it_goes_elsewhere(void **state)
{
    WCHAR there[SAMPLE_PATH];

    (void)state;
    restored_back_up();
    sample_write(in(restored.source, L"two\\a.txt"), "stays", 5);
    cli_expect(0, NULL, RESTORE L"--to %ls --quiet", restored.copy, restored.copy, restored.other);
    assert_true(test_has_text(in(restored.source, L"two\\a.txt"), "stays"));
    sample_copy_path(restored.other, restored.source, there);
    assert_true(test_has_text(in(there, L"two\\a.txt"), "a"));
    sample_assert_same(in(restored.source, L"one"), in(there, L"one"));
}

static void links_in_the_way_are_not_followed(void **state)
{
    struct cli_process cli;
    WCHAR there[SAMPLE_PATH], outside[SAMPLE_PATH];

    (void)state;
    restored_back_up();
    sample_path(L"reference\\outside", outside);
    sample_write(in(outside, L"a.txt"), "outside", 7);
    sample_copy_path(restored.other, restored.source, there);
    sample_write(in(there, L"here.txt"), "x", 1);
    if (!test_host_link(outside, in(there, L"two")))
        return; /* Windows makes links only for administrators */
    cli_run(&cli, RESTORE L"--to %ls", restored.copy, restored.copy, restored.other);
    assert_exit(&cli, 3);
    assert_says(&cli, out, "a link is in the way");
    cli_free(&cli);
    assert_true(test_has_text(in(outside, L"a.txt"), "outside"));
    assert_int_equal(test_count_entries(outside), 1);
    sample_assert_same(in(restored.source, L"one"), in(there, L"one"));
    test_delete(in(there, L"two"));
}

static void an_incomplete_copy_is_restored_only_when_asked_for(void **state)
{
    (void)state;
    restored_back_up();
    sample_write(in(restored.copy, L".thawline-incomplete"), "x", 1);
    restored_lose_source();
    cli_expect(2, NULL, RESTORE, restored.copy, restored.copy);
    assert_false(sample_exists(restored.source));
    cli_expect(0, NULL, RESTORE L"--incomplete --quiet", restored.copy, restored.copy);
    restored_assert_whole();
}

/* ---- Hostile documents ---- */

static char *read_all(const WCHAR *path)
{
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    DWORD size = GetFileSize(file, NULL);
    char *text = calloc(1, size + 1);

    assert_true(file != INVALID_HANDLE_VALUE);
    assert_true(ReadFile(file, text, size, &size, NULL));
    CloseHandle(file);
    return text;
}

/* The writer's document with another folder for data0, twice where that stands. */
static void forge(const WCHAR *document, const char *original, const char *folder)
{
    char one[SAMPLE_PATH];
    char *forged = calloc(1, strlen(original) + 4 * SAMPLE_PATH);
    const char *at;

    snprintf(one, sizeof(one), "%ls\\one\"", restored.source);
    at = strstr(original, one);
    assert_non_null(at);
    sprintf(forged, "%.*s%s\"%s", (int)(at - original), original, folder, at + strlen(one));
    test_write_text(document, forged);
    free(forged);
}

static void documents_that_lead_elsewhere_are_refused(void **state)
{
    static const char *const folders[] = {"C:\\thawline\\..\\evil", "C:\\..\\evil", "..\\evil",
        "evil", "C:evil", "C:\\evil\\.", "C:\\evil\\.. \\x", "\\evil", "\\\\server\\share\\evil",
        "\\\\?\\C:\\evil", "\\\\.\\C:\\evil", "C:\\evil\\NUL", "C:\\evil\\con.txt\\x",
        "C:\\evil\\COM1", "C:\\evil:stream", "C:\\evil\\\\x", "C:\\evil?", "C:/evil",
        "%COMSPEC%\\evil", "%PATH%", "%THAWLINE_EVIL%"};
    WCHAR id[40], document[SAMPLE_PATH];
    char *original;

    (void)state;
    SetEnvironmentVariableW(L"THAWLINE_EVIL", L"C:\\evil");
    restored_start_writer();
    StringFromGUID2(&restored.writer.instance_id, id, 40);
    restored_back_up();
    _snwprintf(document, SAMPLE_PATH, L"%ls\\writers\\%ls.xml", restored.copy, id);
    original = read_all(document);
    restored_lose_source();
    for (size_t i = 0; i < ARRAYSIZE(folders); i++)
    {
        struct cli_process cli;

        forge(document, original, folders[i]);
        restored_restore(&cli, L"");
        if (cli.exit_code != 1 || !strstr(cli.err.text, "which is no plain path on a drive"))
            fail_msg(
                "%s: exit code %lu, %s", folders[i], (unsigned long)cli.exit_code, cli.err.text);
        cli_free(&cli);
        assert_false(sample_exists(restored.source));
        assert_false(sample_exists(L"C:\\evil"));
    }
    assert_string_equal(scripted_writer_events(&restored.writer), "");
    test_write_text(document, original);
    free(original);
    cli_expect(0, NULL, RESTORE L"--quiet", restored.copy, restored.copy);
    restored_assert_whole();
}

static void a_hostile_mapping_is_no_alternate_location(void **state)
{
    struct cli_process cli;

    (void)state;
    restored.method = VSS_RME_RESTORE_TO_ALTERNATE_LOCATION;
    wcscpy(restored.mapping, L"C:\\thawline\\..\\evil");
    restored_start_writer();
    restored_back_up();
    restored_lose_source();
    restored_restore(&cli, L"--component group\\data0");
    assert_exit(&cli, 3);
    assert_says(&cli, out, "names no usable one");
    cli_free(&cli);
    assert_false(sample_exists(L"C:\\evil"));
    assert_false(sample_exists(L"C:\\thawline"));
}

static void damaged_documents_fail_and_write_nothing(void **state)
{
    struct cli_process cli;

    (void)state;
    restored_back_up();
    restored_lose_source();
    test_write_text(in(restored.copy, L"backup-components.xml"), "<not a document");
    restored_restore(&cli, L"");
    assert_exit(&cli, 1);
    assert_says(&cli, err, "VSS_E_INVALID_XML_DOCUMENT");
    cli_free(&cli);
    test_write_text(in(restored.copy, L"sources.txt"), "C:\\a\\..\\b\r\n");
    restored_restore(&cli, L"");
    assert_exit(&cli, 2);
    assert_says(&cli, err, "names C:\\a\\..\\b, which is no path on a drive");
    cli_free(&cli);
    test_delete(in(restored.copy, L"sources.txt"));
    restored_restore(&cli, L"");
    assert_exit(&cli, 2);
    assert_says(&cli, err, "is no copy that `thawline backup` made");
    cli_free(&cli);
    assert_false(sample_exists(restored.source));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RESTORED_TEST(it_comes_back_as_it_was),
        RESTORED_TEST(what_changed_since_is_written_over),
        RESTORED_TEST(what_a_killed_restore_left_is_taken_away_by_the_next),
        RESTORED_TEST(what_a_restore_writes_that_runs_is_left_alone),
        RESTORED_TEST(files_with_names_like_those_of_parts_are_the_users),
        RESTORED_TEST(a_file_in_use_is_named_and_the_others_are_restored),
        RESTORED_TEST(with_to_all_of_it_goes_elsewhere),
        RESTORED_TEST(links_in_the_way_are_not_followed),
        RESTORED_TEST(an_incomplete_copy_is_restored_only_when_asked_for),
        RESTORED_TEST(documents_that_lead_elsewhere_are_refused),
        RESTORED_TEST(a_hostile_mapping_is_no_alternate_location),
        RESTORED_TEST(damaged_documents_fail_and_write_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
