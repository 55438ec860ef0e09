/* SPDX-License-Identifier: MIT
 *
 * `thawline backup` from start to finish: what is copied, what is said, which exit code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>

#include "scenario/cli_process.h"
#include "support/sample_tree.h"
#include "support/test_volume.h"

static WCHAR source[SAMPLE_PATH], destination[SAMPLE_PATH];
static unsigned file_count;

static int set_up(void **state)
{
    (void)state;
    sample_path(L"source", source);
    sample_path(L"destination", destination);
    file_count = sample_make(source);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sample_remove(source);
    sample_remove(destination);
    return 0;
}

static bool marked_incomplete(void)
{
    WCHAR path[SAMPLE_PATH];

    _snwprintf(path, SAMPLE_PATH, L"%ls\\.thawline-incomplete", destination);
    return sample_exists(path);
}

static void assert_copied(void)
{
    WCHAR copy[SAMPLE_PATH];

    sample_copy_path(destination, source, copy);
    sample_assert_same(source, copy);
}

static void a_tree_is_copied_as_it_is_and_verified(void **state)
{
    WCHAR path[SAMPLE_PATH];
    struct cli_process cli;

    (void)state;
    cli_run(&cli, L"backup %ls %ls --verify", source, destination);
    assert_exit(&cli, 0);
    assert_copied();
    assert_says(&cli, out, "The copy is whole.");
    assert_says(&cli, out, "Verified: every byte of 8 files is the same in the copy.");
    assert_says(&cli, err, "Making the shadow copy ...");
    assert_says(&cli, err, "Copying ...");
    assert_false(marked_incomplete());
    _snwprintf(path, SAMPLE_PATH, L"%ls\\backup-components.xml", destination);
    assert_true(sample_exists(path));
    cli_free(&cli);
}

static void json_is_one_object_with_the_numbers(void **state)
{
    char expected[64];
    struct cli_process cli;

    (void)state;
    cli_run(&cli, L"backup %ls %ls --json --verify", source, destination);
    assert_exit(&cli, 0);
    assert_true(json_is_object(cli.out.text));
    snprintf(expected, sizeof(expected), "\"files\":%u", file_count);
    assert_says(&cli, out, expected);
    assert_says(&cli, out, "\"result\":\"done\",\"exit_code\":0");
    assert_says(&cli, out, "\"verified\":true");
    assert_says(&cli, out, "\"different\":[]");
    assert_says(&cli, out, "\"component_mode\":false");
    assert_says(&cli, out, "\"device\":\"\\\\\\\\?\\\\");
    cli_free(&cli);
}

static void quiet_says_nothing_when_all_is_well(void **state)
{
    struct cli_process cli;

    (void)state;
    cli_run(&cli, L"backup %ls %ls --quiet", source, destination);
    assert_exit(&cli, 0);
    assert_string_equal(cli.out.text, "");
    assert_string_equal(cli.err.text, "");
    cli_free(&cli);
}

static void without_writers_it_copies_just_as_well(void **state)
{
    struct cli_process cli;

    (void)state;
    cli_run(&cli, L"backup %ls %ls --no-writers --json", source, destination);
    assert_exit(&cli, 0);
    assert_copied();
    assert_says(&cli, out, "\"writers\":[]");
    cli_free(&cli);
}

static void a_file_and_a_folder_are_copied_side_by_side(void **state)
{
    WCHAR path[SAMPLE_PATH];
    struct cli_process cli;

    (void)state;
    cli_run(&cli, L"backup %ls\\page.bin %ls\\folder %ls --json", source, source, destination);
    assert_exit(&cli, 0);
    assert_says(&cli, out, "\"files\":4");
    sample_copy_path(destination, source, path);
    wcscat(path, L"\\page.bin");
    assert_true(sample_exists(path));
    sample_copy_path(destination, source, path);
    wcscat(path, L"\\large.bin");
    assert_false(sample_exists(path));
    cli_free(&cli);
}

static void overwrite_brings_an_older_copy_up_to_date(void **state)
{
    WCHAR path[SAMPLE_PATH];
    struct cli_process cli;

    (void)state;
    cli_run(&cli, L"backup %ls %ls --quiet", source, destination);
    assert_exit(&cli, 0);
    cli_free(&cli);
    _snwprintf(path, SAMPLE_PATH, L"%ls\\page.bin", source);
    sample_write(path, "changed", 7);
    cli_run(&cli, L"backup %ls %ls --quiet --overwrite --verify", source, destination);
    assert_exit(&cli, 0);
    assert_copied();
    cli_free(&cli);
}

/* The live provider shows the volume itself: a file that this test holds open cannot be read
   there. */
static void an_unreadable_file_is_named_and_the_exit_code_is_3(void **state)
{
    WCHAR path[SAMPLE_PATH];
    struct cli_process cli;
    HANDLE held;

    (void)state;
    _snwprintf(path, SAMPLE_PATH, L"%ls\\page.bin", source);
    held = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(held != INVALID_HANDLE_VALUE);
    cli_run(&cli, L"backup %ls %ls --provider live --json --verify", source, destination);
    assert_exit(&cli, 3);
    assert_true(json_is_object(cli.out.text));
    assert_says(&cli, out, "page.bin\",\"error\":32}]");
    assert_says(&cli, out, "\"different\":[]");
    cli_free(&cli);
    sample_remove(destination);
    cli_run(&cli, L"backup %ls %ls --provider live", source, destination);
    assert_exit(&cli, 3);
    assert_says(&cli, out, "Could not be copied: 1");
    assert_says(&cli, out, "The copy lacks what could not be read.");
    assert_false(marked_incomplete());
    CloseHandle(held);
    cli_free(&cli);
}

struct scribbler
{
    HANDLE file;
    volatile LONG stop;
};

static DWORD WINAPI scribble(void *context)
{
    struct scribbler *scribbler = context;
    unsigned counter = 0;

    while (!InterlockedCompareExchange(&scribbler->stop, 0, 0))
    {
        OVERLAPPED at = {0};
        DWORD written;

        counter++;
        WriteFile(scribbler->file, &counter, sizeof(counter), &written, &at);
    }
    return 0;
}

/* Again the live provider: a file that changes all the time cannot be the same twice. */
static void a_difference_is_named_and_the_exit_code_is_4(void **state)
{
    struct scribbler scribbler = {0};
    WCHAR path[SAMPLE_PATH];
    struct cli_process cli;
    HANDLE thread;

    (void)state;
    _snwprintf(path, SAMPLE_PATH, L"%ls\\page.bin", source);
    scribbler.file = CreateFileW(
        path, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(scribbler.file != INVALID_HANDLE_VALUE);
    thread = CreateThread(NULL, 0, scribble, &scribbler, 0, NULL);
    cli_run(&cli, L"backup %ls %ls --provider live --json --verify", source, destination);
    InterlockedExchange(&scribbler.stop, 1);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    CloseHandle(scribbler.file);
    assert_exit(&cli, 4);
    assert_says(&cli, out, "page.bin\",\"error\":0}]");
    assert_true(marked_incomplete());
    cli_free(&cli);
}

static void a_destination_that_cannot_be_made_fails_and_leaves_no_shadow_copy(void **state)
{
    WCHAR path[SAMPLE_PATH];
    struct cli_process cli;

    (void)state;
    sample_write(destination, "a file in the way", 17);
    cli_run(&cli, L"backup %ls %ls\\below --json", source, destination);
    assert_exit(&cli, 1);
    assert_true(json_is_object(cli.out.text));
    assert_says(&cli, out, "\"result\":\"failed\",\"exit_code\":1");
    assert_says(&cli, err, "Making the destination failed");
    cli_free(&cli);
    cli_run(&cli, L"list shadows");
    assert_says(&cli, out, "There are no shadow copies.");
    cli_free(&cli);
    _snwprintf(path, SAMPLE_PATH, L"\\\\?\\%ls", destination);
    DeleteFileW(path);
}

/* The live provider leaves the decision about links to thawline.exe. */
static void a_link_is_counted_and_not_followed(void **state)
{
    WCHAR outside[SAMPLE_PATH], secret[SAMPLE_PATH], link[SAMPLE_PATH], copy[SAMPLE_PATH];
    struct cli_process cli;

    (void)state;
    sample_path(L"outside", outside);
    _snwprintf(secret, SAMPLE_PATH, L"%ls\\secret.txt", outside);
    _snwprintf(link, SAMPLE_PATH, L"%ls\\link", source);
    sample_write(secret, "not to be copied", 16);
    if (!test_host_link(outside, link))
        return; /* Windows makes links only for administrators */
    cli_run(&cli, L"backup %ls %ls --provider live --json", source, destination);
    assert_exit(&cli, 0);
    assert_says(&cli, out, "\"links_not_followed\":1");
    sample_copy_path(destination, link, copy);
    assert_false(sample_exists(copy));
    cli_free(&cli);
    cli_run(&cli, L"backup %ls %ls --overwrite", link, destination);
    assert_exit(&cli, 2);
    assert_says(&cli, err, "is a link; name what it leads to");
    cli_free(&cli);
    test_delete(link);
    sample_remove(outside);
}

static void two_volumes_are_copied_as_of_one_moment(void **state)
{
    struct test_volume volume = {0};
    WCHAR path[SAMPLE_PATH], copy[SAMPLE_PATH];
    struct cli_process cli;

    (void)state;
    test_volume_make(&volume);
    _snwprintf(path, SAMPLE_PATH, L"%ls\\on the volume.txt", volume.folder);
    sample_write(path, "elsewhere", 9);
    cli_run(&cli, L"backup %ls %ls %ls --json --verify", source, volume.folder, destination);
    assert_exit(&cli, 0);
    assert_says(&cli, out, "\"verified\":true");
    assert_copied();
    sample_copy_path(destination, path, copy);
    assert_true(sample_exists(copy));
    cli_free(&cli);
    test_volume_remove(&volume);
}

/* The sentence about consistency says when a part was left out. */
static void the_shadow_copy_holds_the_sources_or_the_whole_volume(void **state)
{
    struct test_volume volume = {0};
    WCHAR inside[SAMPLE_PATH], outside[SAMPLE_PATH], copy[SAMPLE_PATH];
    struct cli_process cli;

    (void)state;
    test_volume_make(&volume);
    _snwprintf(inside, SAMPLE_PATH, L"%ls\\inside\\file.txt", volume.folder);
    _snwprintf(outside, SAMPLE_PATH, L"%ls\\outside.txt", volume.folder);
    sample_write(inside, "inside", 6);
    sample_write(outside, "outside", 7);
    *wcsrchr(inside, '\\') = 0;
    cli_run(&cli, L"backup %ls %ls --json", inside, destination);
    assert_exit(&cli, 0);
    assert_says(&cli, out, "Only part of the volume was copied.");
    cli_free(&cli);
    cli_run(&cli, L"backup %ls %ls --json --overwrite --whole-volume", inside, destination);
    assert_exit(&cli, 0);
    if (volume.folder[2] == 0) /* else it is a folder of a larger volume */
        assert_null(strstr(cli.out.text, "Only part of the volume was copied."));
    assert_says(&cli, out, "\"files\":1,");
    sample_copy_path(destination, outside, copy);
    assert_false(sample_exists(copy));
    cli_free(&cli);
    test_volume_remove(&volume);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_tree_is_copied_as_it_is_and_verified, set_up, tear_down),
        cmocka_unit_test_setup_teardown(json_is_one_object_with_the_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(quiet_says_nothing_when_all_is_well, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_writers_it_copies_just_as_well, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_file_and_a_folder_are_copied_side_by_side, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            overwrite_brings_an_older_copy_up_to_date, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            an_unreadable_file_is_named_and_the_exit_code_is_3, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_difference_is_named_and_the_exit_code_is_4, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_link_is_counted_and_not_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            the_shadow_copy_holds_the_sources_or_the_whole_volume, set_up, tear_down),
        cmocka_unit_test_setup_teardown(two_volumes_are_copied_as_of_one_moment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            a_destination_that_cannot_be_made_fails_and_leaves_no_shadow_copy, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
