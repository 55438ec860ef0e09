/* SPDX-License-Identifier: MIT
 *
 * `thawline writer`: wrong use, and writers of two files beside a `thawline backup`.
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

static WCHAR data[SAMPLE_PATH], copies[SAMPLE_PATH], first[SAMPLE_PATH], second[SAMPLE_PATH];

static void write_config(const WCHAR *file, const char *events)
{
    char text[4096];
    int length = snprintf(text, sizeof(text),
        "<TestWriter usage='USER_DATA'>\n"
        "<RestoreMethod method='RESTORE_IF_CAN_REPLACE' writerRestore='always'/>\n"
        "<Component componentType='filegroup' componentName='all'>\n"
        "<ComponentFile path='%ls' filespec='*' recursive='yes'/></Component>\n%s</TestWriter>\n",
        data, events);
    sample_write(file, text, (size_t)length);
}

static int set_up(void **state)
{
    WCHAR path[SAMPLE_PATH];
    (void)state;
    sample_path(L"data", data);
    sample_path(L"copies", copies);
    sample_path(L"first.xml", first);
    sample_path(L"second.xml", second);
    swprintf(path, SAMPLE_PATH, L"%ls\\one.txt", data);
    sample_write(path, "one", 3);
    sample_remove(copies);
    return 0;
}

static void wrong_use_is_one_line(void **state)
{
    (void)state;
    cli_expect(2, "name the file of a writer", L"writer");
    cli_expect(2, "no option --clas; did you mean --class?", L"writer x --clas y");
    cli_expect(2, "x is no GUID", L"writer x --class x");
    cli_expect(0, "PartialFile", L"writer --help");
    write_config(first, "<FailEvent writerEvent='Freese'/>");
    cli_expect(1, "line 5: writerEvent can't be \"Freese\"; did you mean Freeze?",
        L"writer \"%ls\"", first);
    cli_expect(1, "none.xml", L"writer \"%ls\\none.xml\"", data);
}

static void writers_of_files_take_part_in_a_backup(void **state)
{
    struct cli_process writers, cli;
    WCHAR arguments[3 * SAMPLE_PATH];
    (void)state;
    write_config(first, "");
    write_config(second, "<FailEvent writerEvent='Freeze' retryable='no'/>");
    swprintf(arguments, ARRAYSIZE(arguments), L"writer \"%ls\" \"%ls\"", first, second);
    cli_start(&writers, L"thawline.exe", arguments, 0);
    assert_true(cli_wait_for(&writers.err, "2 writers subscribed"));
    cli_run(&cli, L"backup \"%ls\" \"%ls\"", data, copies);
    assert_exit(&cli, 3); /* a writer failed */
    assert_says(&cli, out, "VSS_E_WRITERERROR_NONRETRYABLE");
    cli_free(&cli);
    assert_true(cli_wait_for(&writers.out, "first: BackupComplete"));
    assert_true(cli_wait_for(&writers.out, "second: Freeze fails, as it is told to"));
    assert_true(cli_wait_for(&writers.out, "second: Abort"));
    TerminateProcess(writers.process, 0);
    cli_finish(&writers);
    cli_free(&writers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(wrong_use_is_one_line, set_up),
        cmocka_unit_test_setup(writers_of_files_take_part_in_a_backup, set_up),
    };
    return cmocka_run_group_tests_name("thawline writer", tests, NULL, NULL);
}
