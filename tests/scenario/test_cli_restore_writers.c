/* SPDX-License-Identifier: MIT
 *
 * `thawline restore` with a writer: what it is asked and told, its components, each restore method.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "scenario/restored.h"

/* ---- With a writer ---- */

static void a_writer_is_asked_before_and_told_afterwards(void **state)
{
    struct cli_process cli;

    (void)state;
    restored_start_writer();
    restored_back_up();
    restored_lose_source();
    restored_restore(&cli, L"");
    assert_exit(&cli, 0);
    assert_says(&cli, out, "component group\\data0 of Ledger: 8 files");
    assert_says(&cli, out, "component group\\data1 of Ledger: 2 files");
    cli_free(&cli);
    restored_assert_whole();
    assert_string_equal(scripted_writer_events(&restored.writer), "PreRestore PostRestore");
    assert_int_equal(restored.status, VSS_RS_ALL);
    assert_int_equal(restored.targets + restored.mappings + restored.subcomponents, 0);
}

static void a_veto_keeps_the_component_as_it_is(void **state)
{
    struct cli_process cli;

    (void)state;
    restored_start_writer();
    restored_back_up();
    restored_lose_source();
    sample_write(in(restored.source, L"one\\page.bin"), "mine", 4);
    restored.writer.at[ON_PRE_RESTORE].veto = TRUE;
    restored_restore(&cli, L"");
    assert_exit(&cli, 3);
    assert_says(
        &cli, out, "component group\\data0 of Ledger: NOT restored: writer Ledger does not");
    assert_says(&cli, out, "VSS_E_WRITERERROR_NONRETRYABLE");
    assert_says(&cli, out, "failed at pre-restore");
    cli_free(&cli);
    assert_true(test_has_text(in(restored.source, L"one\\page.bin"), "mine"));
    assert_int_equal(test_count_entries(in(restored.source, L"one")), 1);
    assert_false(sample_exists(in(restored.source, L"two\\a.txt")));
    /* What belongs to no component comes back. */
    assert_true(test_has_text(in(restored.source, L"two\\no.bin"), "no component's"));
    assert_string_equal(scripted_writer_events(&restored.writer), "PreRestore PostRestore");
    assert_int_equal(restored.status, VSS_RS_NONE);
}

static void a_writer_that_is_needed_and_does_not_run_is_named(void **state)
{
    struct cli_process cli;

    (void)state;
    restored.method = VSS_RME_RESTORE_IF_CAN_REPLACE;
    restored_start_writer();
    restored_back_up();
    scripted_writer_stop(&restored.writer);
    restored_lose_source();
    restored_restore(&cli, L"");
    assert_exit(&cli, 3);
    assert_says(&cli, out, "writer Ledger is not running");
    cli_free(&cli);
    assert_false(sample_exists(in(restored.source, L"one\\page.bin")));
}

static void a_component_or_a_part_of_it_can_be_restored_alone(void **state)
{
    struct cli_process cli;

    (void)state;
    restored_start_writer();
    restored_back_up();
    restored_lose_source();
    restored_restore(&cli, L"--component group\\data1\\below");
    assert_exit(&cli, 0);
    cli_free(&cli);
    assert_int_equal(restored.subcomponents, 1);
    assert_true(test_has_text(in(restored.source, L"two\\below\\b.txt"), "bb"));
    assert_int_equal(test_count_entries(restored.source), 3); /* and the two folders above it */
    restored_restore(&cli, L"--component group\\data0 --quiet");
    assert_exit(&cli, 0);
    cli_free(&cli);
    assert_int_equal(restored.status, VSS_RS_ALL);
    sample_assert_same(in(restored.reference, L"one"), in(restored.source, L"one"));
    assert_false(sample_exists(in(restored.source, L"two\\a.txt")));
    restored_restore(&cli, L"--component group --quiet");
    assert_exit(&cli, 0);
    cli_free(&cli);
    assert_true(test_has_text(in(restored.source, L"two\\a.txt"), "a"));
    assert_false(sample_exists(in(restored.source, L"two\\no.bin")));
    restored_forget_events();
    restored_restore(&cli, L"--component group\\data7");
    assert_exit(&cli, 2);
    assert_says(&cli, err, "the backup has no component group\\data7");
    cli_free(&cli);
    assert_string_equal(scripted_writer_events(&restored.writer), "");
}

static void new_targets_are_for_writers_that_support_them(void **state)
{
    WCHAR there[SAMPLE_PATH];

    (void)state;
    restored_start_writer();
    restored_back_up();
    cli_expect(0, NULL, RESTORE L"--to %ls --quiet", restored.copy, restored.copy, restored.other);
    assert_string_equal(scripted_writer_events(&restored.writer), "");
    sample_remove(restored.other);
    sample_remove(restored.copy);
    scripted_writer_stop(&restored.writer);
    restored.schema = 0x100; /* VSS_BS_WRITER_SUPPORTS_NEW_TARGET */
    restored_start_writer();
    restored_back_up();
    cli_expect(0, NULL, RESTORE L"--to %ls --quiet", restored.copy, restored.copy, restored.other);
    assert_string_equal(scripted_writer_events(&restored.writer), "PreRestore PostRestore");
    sample_copy_path(restored.other, restored.source, there);
    wcscat(there, L"\\one");
    assert_int_equal(restored.targets, 1);
    if (lstrcmpiW(restored.target, there))
        fail_msg("the new target is %ls, not %ls", restored.target, there);
    sample_assert_same(in(restored.source, L"one"), there);
}

/* ---- Restore methods ---- */

/* What lies where before the restore: nothing, other files, or a file that cannot be replaced. */
enum before
{
    LOST,
    CHANGED,
    HELD
};

struct method_case
{
    const char *name;
    VSS_RESTOREMETHOD_ENUM method;
    bool has_mapping;
    enum before before;
    DWORD exit_code;
    char data0; /* afterwards: (r)estored, (u)ntouched, at the (a)lternate location, re(b)oot */
};

/* The numbers are those of vswriter.h (writer-provider 4.1). */
static const struct method_case method_cases[] = {
    {"no method", 0, false, CHANGED, 0, 'r'},
    {"IF_NOT_THERE, lost", 1, false, LOST, 0, 'r'},
    {"IF_NOT_THERE, there", 1, false, CHANGED, 3, 'u'},
    {"IF_NOT_THERE, there, with a mapping", 1, true, CHANGED, 0, 'a'},
    {"IF_CAN_REPLACE, changed", 2, false, CHANGED, 0, 'r'},
    {"IF_CAN_REPLACE, held", 2, false, HELD, 3, 'u'},
    {"IF_CAN_REPLACE, held, with a mapping", 2, true, HELD, 0, 'a'},
    {"STOP_RESTORE_START, no such service", 3, false, CHANGED, 3, 'u'},
    {"TO_ALTERNATE_LOCATION", 4, true, CHANGED, 0, 'a'},
    {"TO_ALTERNATE_LOCATION, without a mapping", 4, false, CHANGED, 3, 'u'},
    {"AT_REBOOT", 5, false, CHANGED, 0, 'b'},
    {"AT_REBOOT_IF_CANNOT_REPLACE, changed", 6, false, CHANGED, 0, 'r'},
    {"AT_REBOOT_IF_CANNOT_REPLACE, held", 6, false, HELD, 0, 'b'},
    {"CUSTOM", 7, false, CHANGED, 3, 'u'},
    {"RESTORE_STOP_START", 8, false, CHANGED, 0, 'r'},
};

static bool a_part_waits(const WCHAR *folder)
{
    WIN32_FIND_DATAW found;
    HANDLE find = FindFirstFileW(in(folder, L"thawline-restoring-{*}.tmp"), &found);

    if (find == INVALID_HANDLE_VALUE)
        return false;
    FindClose(find);
    return true;
}

/* Where data0's page.bin is now. */
static char place_now(void)
{
    bool mine = test_has_text(in(restored.source, L"one\\page.bin"), "mine");

    if (a_part_waits(in(restored.source, L"one")))
        return mine ? 'b' : '?';
    if (sample_exists(in(restored.other, L"page.bin")))
        return mine ? 'a' : '?';
    if (mine)
        return 'u';
    return sample_exists(in(restored.source, L"one\\page.bin")) ? 'r' : '?';
}

static void check_method(const struct method_case *row)
{
    struct cli_process cli;
    HANDLE held = INVALID_HANDLE_VALUE;

    restored.method = row->method;
    restored.service = row->method == 3 ? L"thawline-no-such-service" : NULL;
    wcscpy(restored.mapping, row->has_mapping ? restored.other : L"");
    restored_start_writer();
    restored_back_up();
    restored_lose_source();
    if (row->before != LOST)
        sample_write(in(restored.source, L"one\\page.bin"), "mine", 4);
    if (row->before == HELD)
        held = CreateFileW(in(restored.source, L"one\\page.bin"), GENERIC_READ,
            FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    restored_restore(&cli, L"--component group\\data0");
    if (held != INVALID_HANDLE_VALUE)
        CloseHandle(held);
    if (cli.exit_code != row->exit_code || place_now() != row->data0)
        fail_msg("%s: exit code %lu, the file is '%c'; it said\n%s%s", row->name,
            (unsigned long)cli.exit_code, place_now(), cli.out.text, cli.err.text);
    if (restored.status != (row->exit_code ? VSS_RS_NONE : VSS_RS_ALL) ||
        restored.mappings != (row->data0 == 'a' ? 1u : 0u))
        fail_msg("%s: PostRestore saw status %d and %u mappings", row->name, (int)restored.status,
            restored.mappings);
    cli_free(&cli);
    /* What waits for the next start of the system waits through other restores. */
    if (row->data0 == 'b')
    {
        cli_expect(0, NULL, RESTORE L"--component group\\data1 --quiet", restored.copy,
            restored.copy);
        assert_int_equal(place_now(), 'b');
    }
    /* Files that an interrupted restore has put there do not count as there. */
    if (row->exit_code == 0 && row->before == LOST)
        cli_expect(0, NULL, RESTORE L"--component group\\data0 --quiet", restored.copy,
            restored.copy);
}

static void each_restore_method_is_followed(void **state)
{
    for (size_t i = 0; i < ARRAYSIZE(method_cases); i++)
    {
        if (i)
        {
            restored_tear_down(state);
            restored_set_up(state);
        }
        check_method(&method_cases[i]);
    }
}

static void what_stands_in_the_way_of_one_component_does_not_stop_another(void **state)
{
    struct cli_process cli;

    (void)state;
    restored.method = VSS_RME_RESTORE_IF_NOT_THERE;
    restored_start_writer();
    restored_back_up();
    restored_lose_source();
    sample_write(in(restored.source, L"one\\page.bin"), "mine", 4);
    restored_restore(&cli, L"");
    assert_exit(&cli, 3);
    assert_says(&cli, out, "component group\\data0 of Ledger: NOT restored: its files are there");
    assert_says(&cli, out, "component group\\data1 of Ledger: 2 files");
    cli_free(&cli);
    assert_int_equal(place_now(), 'u');
    assert_true(test_has_text(in(restored.source, L"two\\a.txt"), "a"));
}

static void ask_for_target(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = NULL;

    (void)writer;
    event->pComponents->lpVtbl->GetComponent(event->pComponents, 0, &component);
    IVssComponent_SetRestoreTarget(component, *(VSS_RESTORE_TARGET *)context);
    IVssComponent_Release(component);
}

static void a_target_set_in_prerestore_wins_over_the_method(void **state)
{
    struct cli_process cli;
    VSS_RESTORE_TARGET target = VSS_RT_ORIGINAL_LOCATION;

    (void)state;
    restored.method = VSS_RME_RESTORE_TO_ALTERNATE_LOCATION;
    wcscpy(restored.mapping, restored.other);
    restored_start_writer();
    restored.writer.at[ON_PRE_RESTORE].action = ask_for_target;
    restored.writer.at[ON_PRE_RESTORE].context = &target;
    restored_back_up();
    restored_lose_source();
    restored_restore(&cli, L"--component group\\data0");
    assert_exit(&cli, 0);
    cli_free(&cli);
    sample_assert_same(in(restored.reference, L"one"), in(restored.source, L"one"));
    assert_false(sample_exists(restored.other));
    target = VSS_RT_DIRECTED;
    restored_restore(&cli, L"--component group\\data0");
    assert_exit(&cli, 3);
    assert_says(&cli, out, "asks for directed targets and names none");
    cli_free(&cli);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RESTORED_TEST(a_writer_is_asked_before_and_told_afterwards),
        RESTORED_TEST(a_veto_keeps_the_component_as_it_is),
        RESTORED_TEST(a_writer_that_is_needed_and_does_not_run_is_named),
        RESTORED_TEST(a_component_or_a_part_of_it_can_be_restored_alone),
        RESTORED_TEST(new_targets_are_for_writers_that_support_them),
        RESTORED_TEST(each_restore_method_is_followed),
        RESTORED_TEST(what_stands_in_the_way_of_one_component_does_not_stop_another),
        RESTORED_TEST(a_target_set_in_prerestore_wins_over_the_method),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
