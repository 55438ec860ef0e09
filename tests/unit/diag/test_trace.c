/* SPDX-License-Identifier: MIT
 *
 * diag/trace: what a line looks like, where lines go, and that trouble with the file ends the trace
 * and nothing else.
 */
#include "unit/os/child.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/fault.h"
#include "diag/log.h"
#include "diag/trace.h"
#include "os/file.h"
#include "os/settings.h"

static WCHAR folder[MAX_PATH];  /* where the tests write */
static WCHAR setting[MAX_PATH]; /* what TRACE is set to */
static WCHAR file[MAX_PATH];    /* where this process's lines go then */

/* What the log said. */
static WCHAR last_line[LOG_LINE_LENGTH + 200];
static unsigned errors;

static void keep_line(void *context, enum log_level level, const WCHAR *line)
{
    (void)context;
    errors += level == LOG_ERROR;
    lstrcpynW(last_line, line, sizeof(last_line) / sizeof(last_line[0]));
}

static int set_up(void **state)
{
    (void)state;
    GetTempPathW(MAX_PATH, folder);
    swprintf(setting, MAX_PATH, L"%lstrace.jsonl", folder);
    swprintf(file, MAX_PATH, L"%ls.%lu", setting, GetCurrentProcessId());
    DeleteFileW(file);
    fault_clear_all();
    errors = 0;
    last_line[0] = 0;
    return log_set_sink(keep_line, NULL, LOG_DEBUG);
}

static int tear_down(void **state)
{
    (void)state;
    fault_clear_all();
    settings_pretend_process(NULL);
    SetEnvironmentVariableW(L"THAWLINE_TRACE", NULL);
    trace_set(NULL);
    log_set_sink(NULL, NULL, LOG_ERROR);
    return DeleteFileW(file) || GetLastError() == ERROR_FILE_NOT_FOUND ? 0 : -1;
}

/* The file as a string; test_free it. */
static char *content(void)
{
    void *bytes = NULL;
    size_t size = 0;
    assert_int_equal(file_read_all(file, 1 << 24, &bytes, &size), S_OK);
    char *text = test_calloc(size + 1, 1);
    memcpy(text, bytes, size);
    mem_free(bytes);
    return text;
}

static unsigned count_of(const char *text, const char *part)
{
    unsigned count = 0;
    for (; (text = strstr(text, part)) != NULL; text++)
        count++;
    return count;
}

/* The last line without its end; within `text`, which is cut. */
static char *last_of(char *text)
{
    size_t length = strlen(text);
    assert_true(length > 1 && text[length - 1] == '\n');
    text[length - 1] = 0;
    char *begin = strrchr(text, '\n');
    return begin ? begin + 1 : text;
}

static void write_line(const char *name)
{
    struct trace_line line;
    assert_true(trace_watches());
    trace_begin(&line, TRACE_CALL);
    trace_ascii(&line, "name", name);
    trace_end(&line);
}

/* ---- lines ---- */

static void head_tells_when_and_who(void **state)
{
    (void)state;
    unsigned long long before, t, after;
    unsigned year, bits;
    unsigned long pid, tid;
    char fraction[8];
    int end = 0;
    assert_int_equal(settings_set(L"SCOPE", L"a-scope_1"), S_OK);
    assert_int_equal(trace_set(setting), S_OK);
    LARGE_INTEGER frequency, ticks;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&ticks);
    before = (unsigned long long)((double)ticks.QuadPart * 1e6 / (double)frequency.QuadPart);
    write_line("x");
    QueryPerformanceCounter(&ticks);
    after = (unsigned long long)((double)ticks.QuadPart * 1e6 / (double)frequency.QuadPart) + 1;
    char *text = content();
    const char *line = last_of(text);
    assert_int_equal(
        sscanf(line,
            "{\"t\":%llu,\"utc\":\"%4u-%*2u-%*2uT%*2u:%*2u:%*2u.%6[0-9]Z\",\"pid\":%lu,\"tid\":%lu,"
            "\"bits\":%u,%n",
            &t, &year, fraction, &pid, &tid, &bits, &end),
        6);
    assert_true(before <= t + 1 && t <= after);
    assert_true(year >= 2024);
    assert_int_equal(strlen(fraction), 6);
    assert_int_equal(pid, GetCurrentProcessId());
    assert_int_equal(tid, GetCurrentThreadId());
    assert_int_equal(bits, sizeof(void *) == 8 ? 64 : 32);
    assert_string_equal(line + end, "\"scope\":\"a-scope_1\",\"kind\":\"call\",\"name\":\"x\"}");
    test_free(text);
    settings_set(L"SCOPE", NULL);
}

static void first_line_tells_the_process(void **state)
{
    (void)state;
    assert_int_equal(trace_set(setting), S_OK);
    char *text = content();
    assert_non_null(
        strstr(text, "\"kind\":\"process\",\"name\":\"unit_diag_trace.exe\",\"format\":1}\n"));
    assert_int_equal(count_of(text, "\n"), 1);
    test_free(text);
}

static void what_is_not_ascii_is_escaped(void **state)
{
    static const WCHAR hostile[] = {
        L'"', L'\\', L'<', 1, L'\n', 0x7F, 0xE4, 0xD83D, L'x', 0xDE00, 0};
    static const GUID id = {0xbe9c4000, 0x1234, 0x4321, {0x80, 1, 2, 3, 4, 5, 6, 0xAB}};
    struct trace_line line;
    (void)state;
    assert_int_equal(trace_set(setting), S_OK);
    assert_true(trace_watches());
    trace_begin(&line, TRACE_LOG);
    trace_text(&line, "text", hostile);
    trace_text(&line, "none", NULL);
    trace_number(&line, "us", -5);
    trace_guid(&line, "id", &id);
    trace_result(&line, "hr", (HRESULT)0x80042301);
    trace_result(&line, "failure", (HRESULT)0x80041234);
    trace_end(&line);
    char *text = content();
    assert_non_null(strstr(last_of(text),
        "\"kind\":\"log\","
        "\"text\":\"\\\"\\\\<\\u0001\\u000a\\u007f\\u00e4\\ud83dx\\ude00\",\"us\":-5,"
        "\"id\":\"be9c4000-1234-4321-8001-0203040506ab\",\"hr\":\"0x80042301\","
        "\"hr_name\":\"VSS_E_BAD_STATE\",\"failure\":\"0x80041234\"}"));
    test_free(text);
}

static void long_text_is_cut_and_the_line_is_whole(void **state)
{
    WCHAR longest[4000];
    struct trace_line line;
    (void)state;
    for (size_t i = 0; i < 3999; i++)
        longest[i] = 0x263A;
    longest[3999] = 0;
    assert_int_equal(trace_set(setting), S_OK);
    assert_true(trace_watches());
    trace_begin(&line, TRACE_LOG);
    trace_text(&line, "text", longest);
    trace_text(&line, "more", longest);
    trace_result(&line, "hr", (HRESULT)0x80042301);
    trace_end(&line);
    char *text = content();
    const char *last = last_of(text);
    const char *end = ",\"hr\":\"0x80042301\",\"hr_name\":\"VSS_E_BAD_STATE\"}";
    assert_true(strlen(last) > 3000);
    assert_non_null(strstr(last, "\\u263a [...]\",\"more\":\" [...]\""));
    assert_string_equal(last + strlen(last) - strlen(end), end);
    test_free(text);
}

static void span_has_two_lines_of_one_number(void **state)
{
    struct trace_span span = {0};
    struct trace_span other = {0};
    struct trace_line line;
    char expected[64];
    (void)state;
    assert_int_equal(trace_set(setting), S_OK);
    assert_true(trace_watches());
    trace_span_begin(&line, TRACE_STEP, &span);
    trace_end(&line);
    trace_span_begin(&line, TRACE_STEP, &other);
    trace_end(&line);
    Sleep(5);
    trace_span_end(&line, TRACE_STEP, &span);
    trace_end(&line);
    assert_true(span.id && other.id && span.id != other.id);
    char *text = content();
    snprintf(expected, sizeof(expected), "\"at\":\"begin\",\"span\":%ld}", span.id);
    assert_int_equal(count_of(text, expected), 1);
    snprintf(expected, sizeof(expected), "\"at\":\"end\",\"span\":%ld,\"us\":", span.id);
    const char *end = strstr(text, expected);
    assert_non_null(end);
    int took = atoi(end + strlen(expected));
    assert_true(took >= 4000 && took < 30000000);
    test_free(text);
}

/* ---- where they go ---- */

static void off_writes_nothing(void **state)
{
    (void)state;
    assert_int_equal(trace_set(L""), S_OK);
    assert_false(trace_watches());
    assert_false(trace_is_on());
    log_error(E_FAIL, "a sentence");
    assert_int_equal(GetFileAttributesW(file), INVALID_FILE_ATTRIBUTES);
}

static void end_of_the_trace_ends_it(void **state)
{
    (void)state;
    assert_int_equal(trace_set(setting), S_OK);
    write_line("before");
    assert_int_equal(trace_set(L""), S_OK);
    log_error(E_FAIL, "a sentence");
    assert_false(trace_watches());
    char *text = content();
    assert_int_equal(count_of(text, "\n"), 2);
    test_free(text);
    /* Nobody holds it any more. */
    assert_true(DeleteFileW(file));
}

static void environment_names_the_file_unless_the_api_does(void **state)
{
    static const struct settings_process elevated = {.elevated = true, .session = 1};
    static const struct settings_process plain = {.session = 1};
    (void)state;
    SetEnvironmentVariableW(L"THAWLINE_TRACE", setting);
    settings_pretend_process(&elevated);
    trace_refresh();
    assert_false(trace_watches());
    assert_int_equal(GetFileAttributesW(file), INVALID_FILE_ATTRIBUTES);
    settings_pretend_process(&plain);
    trace_refresh();
    assert_true(trace_watches());
    assert_int_equal(trace_set(L""), S_OK);
    assert_false(trace_watches());
    assert_int_equal(trace_set(NULL), S_OK);
    assert_true(trace_watches());
}

static void sentences_of_the_log_are_in_it(void **state)
{
    (void)state;
    assert_int_equal(trace_set(setting), S_OK);
    log_error((HRESULT)0x80042301, "A %ls failed", L"caf\x00E9");
    log_info("All is well");
    log_debug("Nobody cares");
    char *text = content();
    assert_non_null(strstr(text,
        "\"kind\":\"log\",\"level\":\"error\",\"text\":\"A caf\\u00e9 failed\","
        "\"hr\":\"0x80042301\","
        "\"hr_name\":\"VSS_E_BAD_STATE\"}\n"));
    assert_non_null(
        strstr(text, "\"kind\":\"log\",\"level\":\"info\",\"text\":\"All is well\"}\n"));
    assert_null(strstr(text, "Nobody"));
    test_free(text);
}

static void faults_that_fire_are_in_it_also_inside_an_allocation(void **state)
{
    (void)state;
    assert_int_equal(trace_set(setting), S_OK);
    assert_int_equal(fault_set("requestor.method", L"Query", (HRESULT)0x80042302, 1, 1, 3), S_OK);
    assert_int_equal(fault_set("alloc", NULL, E_OUTOFMEMORY, 1, 1, 0), S_OK);
    assert_null(mem_alloc(16));
    assert_int_equal(fault_at(FAULT_METHOD, L"SetContext"), S_OK);
    assert_int_equal(fault_at(FAULT_METHOD, L"Query"), (HRESULT)0x80042302);
    assert_int_equal(fault_at(FAULT_METHOD, L"Query"), S_OK);
    fault_clear_all();
    char *text = content();
    assert_int_equal(count_of(text, "\"kind\":\"fault\""), 2);
    assert_non_null(strstr(text,
        "\"kind\":\"fault\",\"point\":\"alloc\",\"detail\":\"\","
        "\"effect\":\"answer\",\"hr\":\"0x8007000E\","
        "\"hr_name\":\"E_OUTOFMEMORY\","
        "\"delay_ms\":0}\n"));
    assert_non_null(strstr(text,
        "\"kind\":\"fault\",\"point\":\"requestor.method\",\"detail\":\"Query\","
        "\"effect\":\"answer\","
        "\"hr\":\"0x80042302\",\"hr_name\":\"VSS_E_UNEXPECTED\",\"delay_ms\":3}\n"));
    test_free(text);
}

#define THREADS 4
#define LINES 500

static DWORD WINAPI write_many(void *argument)
{
    for (unsigned i = 0; i < LINES; i++)
    {
        struct trace_line line;
        if (!trace_watches())
            return 1;
        trace_begin(&line, TRACE_STEP);
        trace_ascii(&line, "name", argument);
        trace_end(&line);
    }
    return 0;
}

static void threads_lose_no_line(void **state)
{
    static char names[THREADS][8] = {"one", "two", "three", "four"};
    HANDLE threads[THREADS];
    (void)state;
    assert_int_equal(trace_set(setting), S_OK);
    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, write_many, names[i], 0, NULL);
    WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
    for (int i = 0; i < THREADS; i++)
        CloseHandle(threads[i]);
    char *text = content();
    assert_int_equal(count_of(text, "\n"), 1 + THREADS * LINES);
    assert_int_equal(count_of(text, "}\n"), 1 + THREADS * LINES);
    for (int i = 0; i < THREADS; i++)
    {
        char whole[64];
        snprintf(whole, sizeof(whole), "\"kind\":\"step\",\"name\":\"%s\"}\n", names[i]);
        assert_int_equal(count_of(text, whole), LINES);
    }
    test_free(text);
}

/* ---- trouble ---- */

static void file_that_cannot_be_opened_changes_nothing(void **state)
{
    WCHAR nowhere[MAX_PATH];
    (void)state;
    swprintf(nowhere, MAX_PATH, L"%lsno such folder\\trace", folder);
    assert_int_equal(trace_set(setting), S_OK);
    assert_int_equal(trace_set(nowhere), HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND));
    assert_int_equal(errors, 1);
    assert_non_null(wcsstr(last_line, L"No trace is written: "));
    assert_non_null(wcsstr(last_line, L"no such folder\\trace."));
    write_line("still");
    char *text = content();
    assert_int_equal(count_of(text, "\"name\":\"still\""), 1);
    test_free(text);

    WCHAR endless[2000];
    for (size_t i = 0; i < 1999; i++)
        endless[i] = L'a';
    endless[1999] = 0;
    assert_int_equal(trace_set(endless), HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE));
    assert_int_equal(errors, 2);
    write_line("still there");
}

static void environment_that_cannot_be_followed_is_told_once(void **state)
{
    (void)state;
    SetEnvironmentVariableW(L"THAWLINE_TRACE", L"C:\\no such folder\\trace");
    trace_refresh();
    assert_int_equal(errors, 1);
    assert_non_null(wcsstr(last_line, L"No trace is written: \"C:\\no such folder\\trace."));
    assert_false(trace_watches());
    log_info("on it goes");
    assert_int_equal(errors, 1);
}

static void full_disk_ends_the_trace_and_is_told_once(void **state)
{
    (void)state;
    assert_int_equal(trace_set(setting), S_OK);
    assert_int_equal(
        fault_set("file", L"append:*", HRESULT_FROM_WIN32(ERROR_DISK_FULL), 3, 0, 0), S_OK);
    write_line("first");
    write_line("second");
    struct trace_line line;
    trace_begin(&line, TRACE_CALL);
    trace_ascii(&line, "name", "third");
    trace_end(&line);
    assert_int_equal(errors, 0);
    /* The first point at which no lock is held says so. */
    assert_false(trace_watches());
    assert_int_equal(errors, 1);
    assert_non_null(wcsstr(last_line, L"The trace of this process ends: "));
    assert_non_null(wcsstr(last_line, L"0x80070070"));
    assert_false(trace_watches());
    log_info("on it goes");
    assert_int_equal(errors, 1);
    char *text = content();
    assert_int_equal(count_of(text, "\n"), 3);
    assert_null(strstr(text, "third"));
    assert_null(strstr(text, "\"kind\":\"fault\""));
    test_free(text);
    fault_clear_all();
    assert_int_equal(trace_set(setting), S_OK);
    write_line("again");
}

/* With the trace's own locks held: what the crash says of itself must not wait for them. */
static int die_in_the_trace(const char *first)
{
    WCHAR rule[40];
    swprintf(rule, 40, L"file append:* crash %hs", first);
    if (fault_load(rule, NULL) != S_OK || trace_set(L"C:\\crashing-trace") != S_OK)
        return 1;
    log_info("its last words");
    return 2;
}

static void process_may_die_in_the_trace(void **state)
{
    static const WCHAR *const passes[] = {L"1", L"2", L"3"};
    (void)state;
    for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++)
    {
        char said[200];
        WCHAR left[64];
        struct child child = child_start(NULL, "die", passes[i]);
        swprintf(left, 64, L"C:\\crashing-trace.%lu", GetProcessId(child.process));
        assert_int_equal(child_finish(&child, said, sizeof(said)), (DWORD)STATUS_FATAL_APP_EXIT);
        DeleteFileW(left);
    }
}

static void cut_line_of_a_dead_process_stays_alone(void **state)
{
    static const char cut[] = "{\"t\":12,\"ut";
    DWORD written;
    (void)state;
    HANDLE made = CreateFileW(file, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    assert_true(made != INVALID_HANDLE_VALUE);
    assert_true(WriteFile(made, cut, sizeof(cut) - 1, &written, NULL));
    CloseHandle(made);
    assert_int_equal(trace_set(setting), S_OK);
    char *text = content();
    bool alone = strstr(text, "{\"t\":12,\"ut\n{\"t\":") == text;
    test_free(text);
    assert_true(alone);
}

static void last_error_is_kept(void **state)
{
    (void)state;
    assert_int_equal(trace_set(setting), S_OK);
    SetLastError(1234);
    struct trace_line line;
    trace_begin(&line, TRACE_CALL);
    trace_end(&line);
    assert_int_equal(GetLastError(), 1234);
}

int main(int argc, char **argv)
{
#define TRACE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    static const struct CMUnitTest tests[] = {
        TRACE_TEST(head_tells_when_and_who),
        TRACE_TEST(first_line_tells_the_process),
        TRACE_TEST(what_is_not_ascii_is_escaped),
        TRACE_TEST(long_text_is_cut_and_the_line_is_whole),
        TRACE_TEST(span_has_two_lines_of_one_number),
        TRACE_TEST(off_writes_nothing),
        TRACE_TEST(end_of_the_trace_ends_it),
        TRACE_TEST(environment_names_the_file_unless_the_api_does),
        TRACE_TEST(sentences_of_the_log_are_in_it),
        TRACE_TEST(faults_that_fire_are_in_it_also_inside_an_allocation),
        TRACE_TEST(threads_lose_no_line),
        TRACE_TEST(file_that_cannot_be_opened_changes_nothing),
        TRACE_TEST(environment_that_cannot_be_followed_is_told_once),
        TRACE_TEST(full_disk_ends_the_trace_and_is_told_once),
        TRACE_TEST(process_may_die_in_the_trace),
        TRACE_TEST(cut_line_of_a_dead_process_stays_alone),
        TRACE_TEST(last_error_is_kept),
    };
    if (argc > 2 && strcmp(argv[1], "die") == 0)
        return die_in_the_trace(argv[2]);
    return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
