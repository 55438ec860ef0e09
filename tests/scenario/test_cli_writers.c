/* SPDX-License-Identifier: MIT
 *
 * `thawline list writers`, about writers in another process: this program itself, started again as
 * `writers EVENT`, of the same bitness and, where the other preset was built as well, of the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>
#include <objbase.h>

#include <thawline.h>

#include "scenario/cli_process.h"
#include "support/sample_tree.h"

#define PROGRAM L"scenario_cli_writers.exe"
#ifdef _WIN64
#define OWN_BITS 64
#define OTHER_BITS 32
#define OTHER_PROGRAM L"..\\..\\x86\\bin\\" PROGRAM
#else
#define OWN_BITS 32
#define OTHER_BITS 64
#define OTHER_PROGRAM L"..\\..\\x64\\bin\\" PROGRAM
#endif

/* ---- The other process ---- */

static const VSS_ID odd_id = {0xAAAAAAAA, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
static const VSS_ID failing_id = {0xBBBBBBBB, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
#define ODD_ID "{AAAAAAAA-0001-0002-0304-05060708090A}"
#define FAILING_ID_SMALL "{bbbbbbbb-0001-0002-0304-05060708090a}"

/* Clears a terminal, begins a line, reorders what follows. XML can hold all of it. */
#define ODD_NAME L"Odd \x9b" L"2J\n\x202e\x7f" L"end"
#define ODD_SHOWN "Odd \\u009b2J\\u000a\\u202e\\u007fend"

static BOOL CALLBACK fail_to_freeze(void *context, const THAWLINE_EVENT *event)
{
    (void)context;
    ThawlineSetWriterFailure(event->hWriter, VSS_E_WRITERERROR_RETRYABLE, S_OK, NULL);
    return FALSE;
}

static THAWLINE_WRITER start_writer(const VSS_ID *id, const WCHAR *name,
    const WCHAR *instance_name, BOOL(CALLBACK *freeze)(void *, const THAWLINE_EVENT *))
{
    const THAWLINE_WRITER_CALLBACKS callbacks = {.cbSize = sizeof(callbacks), .pfnFreeze = freeze};
    const THAWLINE_WRITER_INFO info = {
        .cbSize = sizeof(info),
        .WriterId = *id,
        .pwszName = name,
        .pwszInstanceName = instance_name,
        .Usage = VSS_UT_USERDATA,
        .Source = VSS_ST_OTHER,
        .Level = VSS_APP_FRONT_END,
    };
    THAWLINE_WRITER writer = NULL;
    VSS_ID instance;
    WCHAR text[40];

    if (FAILED(ThawlineRegisterWriter(&info, &callbacks, NULL, &writer)) ||
        FAILED(ThawlineGetWriterInstanceId(writer, &instance)))
        exit(1);
    StringFromGUID2(&instance, text, 40);
    printf("%ls\n", text);
    return writer;
}

/* Says the instance ids and "ready", and stays until `end` is set. */
static int be_writers(HANDLE end)
{
    THAWLINE_WRITER odd = start_writer(&odd_id, ODD_NAME, L"one", NULL);
    THAWLINE_WRITER failing = start_writer(&failing_id, L"Failing", NULL, fail_to_freeze);

    printf("ready\n");
    fflush(stdout);
    WaitForSingleObject(end, INFINITE);
    ThawlineUnregisterWriter(failing);
    ThawlineUnregisterWriter(odd);
    return 0;
}

/* ---- This one ---- */

struct writers
{
    struct cli_process process;
    HANDLE end;
    unsigned bits;
    char failing_instance[40]; /* in small letters */
};

static WCHAR source[SAMPLE_PATH], destination[SAMPLE_PATH];

static int set_up(void **state)
{
    (void)state;
    sample_path(L"source", source);
    sample_path(L"destination", destination);
    sample_make(source);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sample_remove(source);
    sample_remove(destination);
    return 0;
}

static void writers_start(struct writers *writers, const WCHAR *program, unsigned bits)
{
    SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};
    WCHAR arguments[40];

    writers->bits = bits;
    writers->end = CreateEventW(&inherited, TRUE, FALSE, NULL);
    assert_non_null(writers->end);
    /* Handles have 32 significant bits in any process. */
    _snwprintf(arguments, 40, L"writers %lu", (unsigned long)(uintptr_t)writers->end);
    cli_start(&writers->process, program, arguments, 0);
    if (!cli_wait_for(&writers->process.out, "ready"))
        fail_msg("the writers of %ls do not start", program);
    /* The second line. */
    strncpy(writers->failing_instance, strchr(writers->process.out.text, '\n') + 1, 38);
    _strlwr(writers->failing_instance);
}

static void writers_stop(struct writers *writers)
{
    SetEvent(writers->end);
    cli_finish(&writers->process);
    assert_exit(&writers->process, 0);
    cli_free(&writers->process);
    CloseHandle(writers->end);
}

static void run_failing_backup(void)
{
    struct cli_process cli;

    cli_run(&cli, L"backup %ls %ls --provider live --json", source, destination);
    assert_true(json_is_object(cli.out.text));
    assert_says(&cli, out, "\"state\":\"failed at freeze\"");
    cli_free(&cli);
    sample_remove(destination);
}

static void assert_no_terminal_control(const char *text)
{
    assert_null(strchr(text, '\x1b'));
    assert_null(strchr(text, '\x7f'));
    assert_null(strstr(text, "\xc2\x9b"));
    assert_null(strstr(text, "\xe2\x80\xae"));
}

static void check_table(const struct writers *writers, const char *state, const char *failure)
{
    char line[200];
    struct cli_process cli;

    cli_run(&cli, L"list writers");
    assert_exit(&cli, 0);
    assert_no_terminal_control(cli.out.text);
    /* Of three lines, all columns stand below each other: the odd name is the longest. */
    snprintf(line, sizeof(line), "%-*s  ", (int)strlen(ODD_SHOWN " (one)"), "WRITER");
    assert_ptr_equal(strstr(cli.out.text, line), cli.out.text);
    assert_says(&cli, out, "\n" ODD_SHOWN " (one)  ");
    snprintf(line, sizeof(line), "\n%-*s  %s  %s  %lu (%u bit)\n",
        (int)strlen(ODD_SHOWN " (one)"), "Failing", state, failure, writers->process.id,
        writers->bits);
    assert_says(&cli, out, line);
    assert_string_equal(cli.err.text, "");
    cli_free(&cli);
}

static void check_json(const struct writers *writers)
{
    char part[200];
    struct cli_process cli;

    cli_run(&cli, L"list writers --json");
    assert_exit(&cli, 0);
    assert_true(json_is_object(cli.out.text));
    assert_no_terminal_control(cli.out.text);
    assert_says(&cli, out,
        "{\"writers\":[{\"name\":\"Odd \\u009b2J\\u000a\\u202e\\u007fend\","
        "\"instance_name\":\"one\",\"id\":\"" ODD_ID "\",");
    assert_says(&cli, out,
        "\"state\":\"failed at freeze\",\"state_number\":9,\"failure\":\"0x800423f3\","
        "\"failure_name\":\"VSS_E_WRITERERROR_RETRYABLE\",");
    snprintf(part, sizeof(part), "\"process_id\":%lu,\"bits\":%u}]}\n", writers->process.id,
        writers->bits);
    assert_says(&cli, out, part);
    cli_free(&cli);
}

/* The block of a writer down to the empty line behind it, and three lines at the top. */
static void check_vssadmin(const struct writers *writers)
{
    char block[400];
    const char *line;
    struct cli_process cli;

    cli_run(&cli, L"list writers --vssadmin");
    assert_exit(&cli, 0);
    assert_no_terminal_control(cli.out.text);
    line = strchr(cli.out.text, '\n');
    line = line ? strchr(line + 1, '\n') : NULL;
    assert_non_null(line);
    assert_int_equal(strncmp(line, "\n\nWriter name: '" ODD_SHOWN "'\n   Writer Id: {", 30), 0);
    assert_says(&cli, out, "   State: [1] Stable\n   Last error: No error\n\nWriter name: ");
    snprintf(block, sizeof(block),
        "\n\nWriter name: 'Failing'\n"
        "   Writer Id: " FAILING_ID_SMALL "\n"
        "   Writer Instance Id: %s\n"
        "   State: [9] Failed\n"
        "   Last error: Retryable error\n\n",
        writers->failing_instance);
    assert_says(&cli, out, block);
    assert_string_equal(strstr(cli.out.text, block), block);
    cli_free(&cli);
}

static void check_writers_of(const WCHAR *program, unsigned bits)
{
    struct writers writers = {0};
    struct cli_process cli;

    writers_start(&writers, program, bits);
    check_table(&writers, "stable", "none   ");
    run_failing_backup();
    check_table(&writers, "failed at freeze", "VSS_E_WRITERERROR_RETRYABLE");
    check_json(&writers);
    check_vssadmin(&writers);
    writers_stop(&writers);
    cli_run(&cli, L"list writers");
    assert_exit(&cli, 0);
    assert_string_equal(cli.out.text, "There are no writers.\n");
    cli_free(&cli);
}

static void writers_of_another_process_are_listed_with_state_and_failure(void **state)
{
    (void)state;
    check_writers_of(PROGRAM, OWN_BITS);
}

/* Only where the other preset was built as well. */
static void writers_of_the_other_bitness_are_listed_too(void **state)
{
    WCHAR path[MAX_PATH];

    (void)state;
    GetModuleFileNameW(NULL, path, MAX_PATH);
    wcscpy(wcsrchr(path, '\\') + 1, OTHER_PROGRAM);
    if (sample_exists(path))
        check_writers_of(OTHER_PROGRAM, OTHER_BITS);
}

static void without_writers_every_form_says_so(void **state)
{
    struct cli_process cli;

    (void)state;
    cli_run(&cli, L"list writers --json");
    assert_exit(&cli, 0);
    assert_string_equal(cli.out.text, "{\"writers\":[]}\n");
    cli_free(&cli);
    cli_run(&cli, L"list writers --vssadmin");
    assert_exit(&cli, 0);
    assert_null(strstr(cli.out.text, "Writer name:"));
    cli_free(&cli);
}

static void a_bad_scope_fails_and_is_named(void **state)
{
    WCHAR scope[64];
    struct cli_process cli;

    (void)state;
    GetEnvironmentVariableW(L"THAWLINE_SCOPE", scope, 64);
    SetEnvironmentVariableW(L"THAWLINE_SCOPE", L"no scope");
    cli_run(&cli, L"list writers");
    SetEnvironmentVariableW(L"THAWLINE_SCOPE", scope);
    assert_exit(&cli, 1);
    assert_says(&cli, err, "ThawlineListWriters failed: E_INVALIDARG");
    assert_string_equal(cli.out.text, "");
    cli_free(&cli);
}

int main(int count, char **words)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_writers_every_form_says_so),
        cmocka_unit_test(a_bad_scope_fails_and_is_named),
        cmocka_unit_test(writers_of_another_process_are_listed_with_state_and_failure),
        cmocka_unit_test(writers_of_the_other_bitness_are_listed_too),
    };

    if (count == 3 && !strcmp(words[1], "writers"))
        return be_writers((HANDLE)(uintptr_t)strtoul(words[2], NULL, 10));
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
