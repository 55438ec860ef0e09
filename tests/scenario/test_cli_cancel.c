/* SPDX-License-Identifier: MIT
 *
 * Ctrl-C in `thawline backup`, at a moment that this test chooses by holding a writer of its own in an event: the backup
 * is cancelled, the writer hears of it, nothing is left, the exit code is 130.
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

#include "scenario/cli_process.h"
#include "scenario/sample_tree.h"
#include "support/scripted_writer.h"

#define EVENT_PATIENCE 60000

static const VSS_ID writer_id = {0x77aa0002, 0x2222, 0x4333, {0x84, 5, 6, 7, 8, 9, 10, 12}};

static struct scripted_writer writer;
static WCHAR source[SAMPLE_PATH], destination[SAMPLE_PATH];

static int set_up(void **state)
{
    (void)state;
    memset(&writer, 0, sizeof(writer));
    writer.name = L"held";
    writer.id = writer_id;
    scripted_writer_start(&writer);
    sample_path(L"source", source);
    sample_path(L"destination", destination);
    sample_make(source);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scripted_writer_stop(&writer);
    sample_remove(source);
    sample_remove(destination);
    return 0;
}

static void assert_nothing_is_left(void)
{
    struct cli_process cli;

    cli_run(&cli, L"list shadows");
    assert_exit(&cli, 0);
    assert_says(&cli, out, "There are no shadow copies.");
    cli_free(&cli);
    /* Nothing was copied, so the destination was taken away again. */
    assert_false(sample_exists(destination));
    cli_run(&cli, L"backup %ls %ls --verify --quiet", source, destination);
    assert_exit(&cli, 0);
    cli_free(&cli);
}

/* Presses Ctrl-Break while the writer is in `event`. */
static void cancel_in(enum writer_event event)
{
    WCHAR arguments[4 * SAMPLE_PATH];
    struct cli_process cli;

    writer.at[event].announces = CreateEventW(NULL, TRUE, FALSE, NULL);
    writer.at[event].wait_for = CreateEventW(NULL, TRUE, FALSE, NULL);
    _snwprintf(arguments, ARRAYSIZE(arguments), L"backup %ls %ls", source, destination);
    cli_start(&cli, L"thawline.exe", arguments, CREATE_NEW_PROCESS_GROUP);
    assert_int_equal(WaitForSingleObject(writer.at[event].announces, EVENT_PATIENCE), WAIT_OBJECT_0);
    assert_true(GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, cli.id));
    assert_true(cli_wait_for(&cli.err, "Stopping and cleaning up"));
    SetEvent(writer.at[event].wait_for);
    cli_finish(&cli);
    assert_exit(&cli, 130);
    assert_says(&cli, err, "cancelled");
    cli_free(&cli);
    CloseHandle(writer.at[event].announces);
    CloseHandle(writer.at[event].wait_for);
    memset(&writer.at[event], 0, sizeof(writer.at[event]));
}

static void ctrl_c_while_writers_prepare_cancels_cleanly(void **state)
{
    (void)state;
    cancel_in(ON_PREPARE_BACKUP);
    assert_int_equal(writer.count[ON_FREEZE], 0);
    assert_nothing_is_left();
}

static void ctrl_c_in_the_freeze_cancels_cleanly(void **state)
{
    (void)state;
    cancel_in(ON_FREEZE);
    assert_true(writer.count[ON_ABORT] > 0);
    assert_int_equal(writer.count[ON_POST_SNAPSHOT], 0);
    assert_nothing_is_left();
}

static int own_console(void **state)
{
    (void)state;
    /* Without a console there is nobody to press Ctrl-C. */
    AllocConsole();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ctrl_c_while_writers_prepare_cancels_cleanly, set_up, tear_down),
        cmocka_unit_test_setup_teardown(ctrl_c_in_the_freeze_cancels_cleanly, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, own_console, NULL);
}
