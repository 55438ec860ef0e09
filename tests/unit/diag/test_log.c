/* SPDX-License-Identifier: MIT
 *
 * diag/log: what reaches sinks, files and stderr, and that nothing from outside breaks a line.
 */
#include "unit/os/child.h"

#include <stdint.h>

#include "base/hooks.h"
#include "base/mem.h"
#include "base/str16.h"
#include "diag/hresult.h"
#include "diag/log.h"
#include "os/file.h"
#include "os/lock.h"
#include "os/settings.h"

#define PATIENCE_MS 30000

/* ---- escaping ---- */

static void assert_escaped(const WCHAR *text, size_t length, const WCHAR *expected)
{
    WCHAR out[100];
    size_t used = log_escape(text, length, out, 100);
    if (!str16_equal(out, expected) || used != str16_len(expected))
        fail_msg("\"%ls\" instead of \"%ls\"", out, expected);
}

static void harmful_units_become_escapes(void **state)
{
    static const WCHAR lone_high[] = {L'a', 0xD83D, L'b'};
    static const WCHAR lone_low[] = {0xDE00, L'b'};
    static const WCHAR wrong_order[] = {0xDE00, 0xD83D};
    static const WCHAR nul[] = {L'a', 0, L'b'};
    static const WCHAR turns[] = {0x202E, 0x2066, 0x2028, 0x85, 0x7F};
    (void)state;
    assert_escaped(L"\x1B[31m\r\n\t", 8, L"\\u001B[31m\\u000D\\u000A\\u0009");
    assert_escaped(lone_high, 3, L"a\\uD83Db");
    assert_escaped(lone_low, 2, L"\\uDE00b");
    assert_escaped(wrong_order, 2, L"\\uDE00\\uD83D");
    assert_escaped(lone_high, 2, L"a\\uD83D");
    assert_escaped(nul, 3, L"a\\u0000b");
    assert_escaped(turns, 5, L"\\u202E\\u2066\\u2028\\u0085\\u007F");
}

static void harmless_text_stays(void **state)
{
    static const WCHAR pair[] = {0xD83D, 0xDE00, 0};
    (void)state;
    assert_escaped(L"C:\\gr\x00FCn \x65E5", 9, L"C:\\gr\x00FCn \x65E5");
    assert_escaped(pair, 2, pair);
    assert_escaped(L"", 0, L"");
}

static void escape_and_pair_are_not_cut(void **state)
{
    static const WCHAR pair[] = {L'a', 0xD83D, 0xDE00};
    WCHAR out[8];
    (void)state;
    assert_int_equal(log_escape(L"a\n", 2, out, 7), 1);
    assert_int_equal(log_escape(L"a\n", 2, out, 8), 7);
    assert_int_equal(log_escape(pair, 3, out, 3), 1);
    assert_int_equal(log_escape(pair, 3, out, 4), 3);
    assert_int_equal(log_escape(L"a", 1, out, 1), 0);
    out[0] = L'x';
    assert_int_equal(log_escape(L"a", 1, out, 0), 0);
    assert_int_equal(out[0], L'x');
}

/* ---- the sink ---- */

struct seen
{
    WCHAR line[LOG_LINE_LENGTH + 200];
    enum log_level level;
    unsigned count;
};

static struct seen seen;

static void see(void *context, enum log_level level, const WCHAR *line)
{
    struct seen *to = context;
    to->level = level;
    to->count++;
    lstrcpynW(to->line, line, sizeof(to->line) / sizeof(to->line[0]));
}

static int with_sink(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof(seen));
    return log_set_sink(see, &seen, LOG_DEBUG);
}

static int without_sink(void **state)
{
    (void)state;
    base_hooks.allow_alloc = NULL;
    settings_set(L"LOG", NULL);
    settings_set(L"LOG_LEVEL", NULL);
    return log_set_sink(NULL, NULL, LOG_ERROR);
}

static void assert_seen(const WCHAR *part)
{
    if (!wcsstr(seen.line, part))
        fail_msg("\"%ls\" is not in \"%ls\"", part, seen.line);
}

static void error_shows_code_and_is_returned(void **state)
{
    (void)state;
    assert_int_equal(log_error(VSS_E_BAD_STATE, "no %s", "set"), VSS_E_BAD_STATE);
    assert_seen(L" ERROR no set: VSS_E_BAD_STATE (0x80042301)");
    assert_int_equal(log_warning(S_OK, "plain"), S_OK);
    assert_seen(L" WARNING plain");
    assert_null(wcsstr(seen.line, L"0x"));
    assert_int_equal(log_not_implemented("IVssDifferentialSoftwareSnapshotMgmt3"), E_NOTIMPL);
    assert_seen(L"IVssDifferentialSoftwareSnapshotMgmt3 is not implemented.");
}

static void formats_of_all_sizes_work(void **state)
{
    (void)state;
    log_info("%zu %llu %lld %ls %d%% %08X %c %5.2f %hu", (size_t)SIZE_MAX, 18446744073709551615ull,
        -9223372036854775807ll, L"gr\x00FCn \x65E5", 42, 0xBEEFu, 'x', 1.5, (unsigned short)65535);
    WCHAR expected[200];
    swprintf(expected, 200,
        L" INFO %ls 18446744073709551615 -9223372036854775807 gr\x00FCn \x65E5 42%% "
        L"0000BEEF x  1.50 65535",
        sizeof(size_t) == 8 ? L"18446744073709551615" : L"4294967295");
    assert_seen(expected);
    log_debug("%.3ls|%-5ls|%s", L"abcdef", L"ab", "tail");
    assert_seen(L" DEBUG abc|ab   |tail");
}

static void text_from_outside_cannot_break_the_line(void **state)
{
    (void)state;
    log_info("writer %ls", L"x\r\n2026-01-01T00:00:00.000Z 1:1 ERROR forged \x1B[2J");
    assert_seen(L"x\\u000D\\u000A2026");
    assert_seen(L"\\u001B[2J");
    assert_null(wcschr(seen.line, L'\n'));
    assert_null(wcschr(seen.line, 0x1B));
}

static void long_text_is_cut_and_says_so(void **state)
{
    static WCHAR text[3 * LOG_LINE_LENGTH];
    (void)state;
    for (size_t i = 0; i + 1 < sizeof(text) / sizeof(text[0]); i++)
        text[i] = L'a';
    log_error(E_FAIL, "%ls", text);
    assert_int_equal(seen.count, 1);
    assert_seen(L"aaa [...]: E_FAIL (0x80004005)");
    assert_true(wcslen(seen.line) < LOG_LINE_LENGTH + 64);
    /* Six times as long when escaped, and still one line in its bounds. */
    for (size_t i = 0; i + 1 < LOG_LINE_LENGTH / 2; i++)
        text[i] = 1;
    text[LOG_LINE_LENGTH / 2] = 0;
    log_error(E_FAIL, "%ls", text);
    assert_int_equal(seen.count, 2);
    assert_seen(L"\\u0001\\u0001 [...]: E_FAIL (0x80004005)");
    assert_true(wcslen(seen.line) < LOG_LINE_LENGTH + 64);
}

static void sink_sees_its_level_and_worse(void **state)
{
    (void)state;
    log_set_sink(see, &seen, LOG_WARNING);
    log_info("no");
    log_debug("no");
    assert_int_equal(seen.count, 0);
    log_warning(S_OK, "yes");
    log_error(S_OK, "yes");
    assert_int_equal(seen.count, 2);
    assert_int_equal(log_set_sink(see, &seen, (enum log_level)9), E_INVALIDARG);
}

static void caller_keeps_last_error_and_memory(void **state)
{
    (void)state;
    long blocks = mem_live_blocks();
    SetLastError(ERROR_BAD_LENGTH);
    log_error(E_FAIL, "x");
    assert_int_equal(GetLastError(), ERROR_BAD_LENGTH);
    assert_int_equal(mem_live_blocks(), blocks);
}

static bool no_memory(size_t size)
{
    (void)size;
    return false;
}

static void exhausted_memory_does_not_keep_a_line_back(void **state)
{
    (void)state;
    base_hooks.allow_alloc = no_memory;
    log_error(E_OUTOFMEMORY, "there is no memory");
    base_hooks.allow_alloc = NULL;
    assert_seen(L"E_OUTOFMEMORY (0x8007000E)");
}

static void log_again(void *context, enum log_level level, const WCHAR *line)
{
    see(context, level, line);
    log_error(E_FAIL, "from the sink");
}

static void sink_that_logs_is_not_called_again(void **state)
{
    (void)state;
    log_set_sink(log_again, &seen, LOG_DEBUG);
    log_error(E_FAIL, "first");
    assert_int_equal(seen.count, 1);
    assert_seen(L"first");
}

static void remove_itself(void *context, enum log_level level, const WCHAR *line)
{
    see(context, level, line);
    log_set_sink(NULL, NULL, LOG_ERROR);
}

static void sink_may_remove_itself(void **state)
{
    (void)state;
    log_set_sink(remove_itself, &seen, LOG_DEBUG);
    log_error(E_FAIL, "one");
    log_error(E_FAIL, "two");
    assert_int_equal(seen.count, 1);
}

struct gate
{
    HANDLE entered;
    HANDLE leave;
    LONG over;
};

static void wait_at_gate(void *context, enum log_level level, const WCHAR *line)
{
    struct gate *gate = context;
    (void)level;
    (void)line;
    SetEvent(gate->entered);
    WaitForSingleObject(gate->leave, INFINITE);
    InterlockedExchange(&gate->over, 1);
}

static DWORD WINAPI log_once(void *argument)
{
    (void)argument;
    log_error(E_FAIL, "from a thread");
    return 0;
}

static DWORD WINAPI remove_sink(void *argument)
{
    struct gate *gate = argument;
    log_set_sink(NULL, NULL, LOG_ERROR);
    return (DWORD)gate->over;
}

static void removal_waits_for_the_running_sink(void **state)
{
    struct gate gate = {
        CreateEventW(NULL, TRUE, FALSE, NULL), CreateEventW(NULL, TRUE, FALSE, NULL), 0};
    DWORD was_over = 0;
    (void)state;
    log_set_sink(wait_at_gate, &gate, LOG_DEBUG);
    HANDLE logger = CreateThread(NULL, 0, log_once, NULL, 0, NULL);
    assert_int_equal(WaitForSingleObject(gate.entered, PATIENCE_MS), WAIT_OBJECT_0);
    HANDLE remover = CreateThread(NULL, 0, remove_sink, &gate, 0, NULL);
    SetEvent(gate.leave);
    WaitForSingleObject(remover, INFINITE);
    WaitForSingleObject(logger, INFINITE);
    GetExitCodeThread(remover, &was_over);
    assert_int_equal(was_over, 1);
    CloseHandle(logger);
    CloseHandle(remover);
    CloseHandle(gate.entered);
    CloseHandle(gate.leave);
}

/* ---- file and stderr ---- */

/* Child: waits for the others, and writes many lines to the log named in its environment. */
#define CHILDREN 4
#define CHILD_LINES 500
#define START L"Local\\thawline-test-log-start"
static int write_lines(void)
{
    HANDLE start = OpenEventW(SYNCHRONIZE, FALSE, START);
    puts("ready");
    fflush(stdout);
    if (!start || WaitForSingleObject(start, PATIENCE_MS) != WAIT_OBJECT_0)
        return 1;
    for (int i = 0; i < CHILD_LINES; i++)
        log_warning(S_OK, "line %d of %ls", i, L"gr\x00FCn");
    return 0;
}

static void processes_append_whole_lines_to_one_file(void **state)
{
    WCHAR temp[MAX_PATH];
    WCHAR path[MAX_PATH];
    struct child children[CHILDREN];
    void *bytes = NULL;
    size_t size = 0;
    unsigned lines = 0;
    char line[200];
    (void)state;
    assert_true(GetTempPathW(MAX_PATH, temp));
    assert_true(GetTempFileNameW(temp, L"tl", 0, path));
    SetEnvironmentVariableW(L"THAWLINE_LOG", path);
    HANDLE start = CreateEventW(NULL, TRUE, FALSE, START);
    for (int i = 0; i < CHILDREN; i++)
        children[i] = child_start(NULL, "lines", NULL);
    for (int i = 0; i < CHILDREN; i++)
        child_read_line(&children[i], line, sizeof(line));
    SetEvent(start);
    for (int i = 0; i < CHILDREN; i++)
        assert_int_equal(child_finish(&children[i], NULL, 0), 0);
    CloseHandle(start);
    SetEnvironmentVariableW(L"THAWLINE_LOG", NULL);
    assert_int_equal(file_read_all(path, 1 << 20, &bytes, &size), S_OK);
    for (char *at = strtok(bytes, "\r\n"); at; at = strtok(NULL, "\r\n"), lines++)
        if (!strstr(at, "Z ") || !strstr(at, " WARNING line ") || !strstr(at, " of gr\xC3\xBCn"))
            fail_msg("torn line \"%s\"", at);
    assert_int_equal(lines, CHILDREN * CHILD_LINES);
    mem_free(bytes);
    assert_int_equal(file_delete(path), S_OK);
}

static void dash_means_stderr_and_level_bounds_it(void **state)
{
    char output[1024];
    (void)state;
    SetEnvironmentVariableW(L"THAWLINE_LOG", L"-");
    SetEnvironmentVariableW(L"THAWLINE_LOG_LEVEL", L"Warning");
    struct child child = child_start(NULL, "levels", NULL);
    assert_int_equal(child_finish(&child, output, sizeof(output)), 0);
    SetEnvironmentVariableW(L"THAWLINE_LOG", NULL);
    SetEnvironmentVariableW(L"THAWLINE_LOG_LEVEL", NULL);
    assert_non_null(strstr(output, " ERROR one: E_FAIL (0x80004005)"));
    assert_non_null(strstr(output, " WARNING two"));
    assert_null(strstr(output, "three"));
    assert_null(strstr(output, "four"));
}

static int write_levels(void)
{
    log_error(E_FAIL, "one");
    log_warning(S_OK, "two");
    log_info("three");
    log_debug("four");
    return 0;
}

static void target_that_cannot_be_opened_changes_nothing(void **state)
{
    (void)state;
    assert_int_equal(settings_set(L"LOG", L"C:\\no\\such\\folder\\log"), S_OK);
    assert_int_equal(log_error(E_FAIL, "still here"), E_FAIL);
    assert_seen(L"still here");
}

static void target_set_through_the_api_counts_from_the_next_line(void **state)
{
    WCHAR temp[MAX_PATH];
    WCHAR path[MAX_PATH];
    void *bytes = NULL;
    size_t size = 0;
    (void)state;
    assert_true(GetTempPathW(MAX_PATH, temp));
    assert_true(GetTempFileNameW(temp, L"tl", 0, path));
    log_info("before");
    assert_int_equal(settings_set(L"LOG", path), S_OK);
    log_info("after");
    log_debug("too little");
    assert_int_equal(settings_set(L"LOG", NULL), S_OK);
    log_info("over");
    assert_int_equal(file_read_all(path, 1000, &bytes, &size), S_OK);
    assert_non_null(strstr(bytes, " INFO after\r\n"));
    assert_null(strstr(bytes, "before"));
    assert_null(strstr(bytes, "little"));
    assert_null(strstr(bytes, "over"));
    mem_free(bytes);
    assert_int_equal(file_delete(path), S_OK);
}

int main(int argc, char **argv)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, with_sink, without_sink)
    const struct CMUnitTest tests[] = {
        TEST(harmful_units_become_escapes),
        TEST(harmless_text_stays),
        TEST(escape_and_pair_are_not_cut),
        TEST(error_shows_code_and_is_returned),
        TEST(formats_of_all_sizes_work),
        TEST(text_from_outside_cannot_break_the_line),
        TEST(long_text_is_cut_and_says_so),
        TEST(sink_sees_its_level_and_worse),
        TEST(caller_keeps_last_error_and_memory),
        TEST(exhausted_memory_does_not_keep_a_line_back),
        TEST(sink_that_logs_is_not_called_again),
        TEST(sink_may_remove_itself),
        TEST(removal_waits_for_the_running_sink),
        TEST(processes_append_whole_lines_to_one_file),
        TEST(dash_means_stderr_and_level_bounds_it),
        TEST(target_that_cannot_be_opened_changes_nothing),
        TEST(target_set_through_the_api_counts_from_the_next_line),
    };
    if (argc > 1 && strcmp(argv[1], "lines") == 0)
        return write_lines();
    if (argc > 1 && strcmp(argv[1], "levels") == 0)
        return write_levels();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
