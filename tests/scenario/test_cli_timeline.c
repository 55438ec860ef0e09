/* SPDX-License-Identifier: MIT
 *
 * thawline timeline: lanes, failures and the freeze are drawn from traces written by hand, nobody's
 * words become markup, and what is no trace costs nothing but itself.
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

#include <thawline.h>

#include "scenario/cli_process.h"
#include "support/backup.h"
#include "support/scripted_writer.h"
#include "support/trace_lines.h"

static WCHAR path[2 * MAX_PATH]; /* of the trace */

static int set_up(void **state)
{
    (void)state;
    trace_lines_place(path);
    return 0;
}

/* To the file of process `pid`; 0: to the one without a number. */
static void write_trace(unsigned pid, const char *text)
{
    WCHAR file[2 * MAX_PATH];
    DWORD written;
    _snwprintf(file, 2 * MAX_PATH, pid ? L"%ls.%u" : L"%ls", path, pid);
    HANDLE made = CreateFileW(file, FILE_APPEND_DATA, 0, NULL, OPEN_ALWAYS, 0, NULL);
    assert_true(made != INVALID_HANDLE_VALUE);
    assert_true(WriteFile(made, text, (DWORD)strlen(text), &written, NULL));
    CloseHandle(made);
}

#define HEAD(t, pid)                                                                               \
    "{\"t\":" #t ",\"utc\":\"2026-01-02T03:04:05.000006Z\",\"pid\":" #pid                          \
    ",\"tid\":1,\"bits\":64,\"scope\":\"s\","
#define SPAN(kind, at, span, more)                                                                 \
    "\"kind\":\"" kind "\",\"at\":\"" at "\",\"span\":" #span "," more "}\n"

/* A backup: a requestor, a set, a writer that was frozen for 12 ms, a provider. */
static const char requestor_part[] = HEAD(1000000, 7)
    "\"kind\":\"process\",\"name\":\"tool.exe\",\"format\":1}\n" HEAD(1000100, 7)
    "\"kind\":\"call\",\"name\":\"CreateVssBackupComponents\",\"object\":1,\"phase\":\"new\","
    "\"hr\":\"0x00000000\",\"hr_name\":\"S_OK\",\"us\":50}\n" HEAD(1001000, 7)
    SPAN("async", "begin", 1, "\"name\":\"DoSnapshotSet\"") HEAD(1002000, 7)
    SPAN("step", "begin", 2, "\"name\":\"Freeze (front end)\"") HEAD(1002100, 7)
    SPAN("event", "begin", 3,
         "\"event\":\"Freeze\",\"writer\":\"Books\",\"instance\":\"i1\"") HEAD(1004000, 7)
    SPAN("event", "end", 3,
         "\"us\":1900,\"event\":\"Freeze\",\"writer\":\"Books\",\"instance\":\"i1\","
         "\"hr\":\"0x00000000\"") HEAD(1004100, 7)
    SPAN("step", "end", 2, "\"us\":2100,\"name\":\"Freeze (front end)\",\"hr\":\"0x00000000\"")
    HEAD(1005000, 7) SPAN("provider", "begin", 4,
         "\"name\":\"CommitSnapshots\",\"provider\":\"Copier\",\"volume\":\"C:\\\\\"")
    HEAD(1009000, 7) SPAN("provider", "end", 4,
         "\"us\":4000,\"name\":\"CommitSnapshots\",\"provider\":\"Copier\","
         "\"volume\":\"C:\\\\\",\"hr\":\"0x00000000\"") HEAD(1013000, 7)
    SPAN("step", "begin", 5, "\"name\":\"Thaw (front end)\"") HEAD(1014000, 7)
    SPAN("step", "end", 5, "\"us\":1000,\"name\":\"Thaw (front end)\",\"hr\":\"0x00000000\"")
    HEAD(1020000, 7)
    SPAN("async", "end", 1, "\"us\":19000,\"name\":\"DoSnapshotSet\",\"hr\":\"0x0004230A\"");
static const char writer_part[] = HEAD(900000, 9)
    "\"kind\":\"process\",\"name\":\"books.exe\",\"format\":1}\n" HEAD(1002500, 9)
    SPAN("handler", "begin", 1,
         "\"event\":\"Freeze\",\"writer\":\"Books\",\"instance\":\"i1\"") HEAD(1003500, 9)
    SPAN("handler", "end", 1,
         "\"us\":1000,\"event\":\"Freeze\",\"writer\":\"Books\",\"instance\":\"i1\","
         "\"handled\":\"yes\"");

static void write_backup(void)
{
    write_trace(7, requestor_part);
    write_trace(9, writer_part);
}

/* The picture; free() it. It and the page are kept too, for what tools/run-test does with them. */
static char *draw_svg(void)
{
    static unsigned number;
    WCHAR kept[MAX_PATH] = L"";
    struct cli_process cli;
    assert_int_equal(cli_run(&cli, L"timeline \"%ls\" --svg", path), 0);
    char *text = strdup(cli.out.text);
    cli_free(&cli);
    if (!GetEnvironmentVariableW(L"THAWLINE_KEPT_DOCUMENTS", kept, MAX_PATH))
        return text;
    number++;
    cli_expect(0, NULL, L"timeline \"%ls\" --svg -o \"%ls\\timeline.%u.svg\"", path, kept, number);
    cli_expect(0, NULL, L"timeline \"%ls\" -o \"%ls\\timeline.%u.html\"", path, kept, number);
    return text;
}

static void assert_holds(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part))
        fail_msg("\"%s\" is in:\n%s", part, text);
}

/* ---- What is drawn ---- */

static void lanes_bars_and_the_freeze_are_drawn(void **state)
{
    (void)state;
    write_backup();
    char *svg = draw_svg();
    assert_holds(svg, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
    assert_holds(svg, ">requestor tool.exe</text>");
    assert_holds(svg, ">process 7, 64 bit</text>");
    assert_holds(svg, ">shadow copy set</text>");
    assert_holds(svg, ">Copier</text>");
    assert_holds(svg, ">writer Books</text>");
    assert_holds(svg, ">process 9, 64 bit</text>");
    assert_holds(svg, ">frozen 12.0 ms</text>");
    assert_holds(svg, "<title>DoSnapshotSet: 19.0 ms, at 101.0 ms</title>");
    assert_holds(svg, "<title>Freeze (sent): 1.90 ms, at 102.1 ms</title>");
    assert_holds(svg, "<title>Freeze (handler): 1.00 ms, at 102.5 ms</title>");
    assert_holds(svg, "<title>CommitSnapshots: 4.00 ms, at 105.0 ms</title>");
    assert_holds(svg, "2026-01-02T03:04:05.000006Z, 120.0 ms, nothing failed");
    assert_lacks(svg, "class=\"bad\"");
    free(svg);
}

static void page_needs_nothing_else(void **state)
{
    struct cli_process cli;
    (void)state;
    write_backup();
    assert_int_equal(cli_run(&cli, L"timeline \"%ls\"", path), 0);
    assert_holds(cli.out.text, "<!DOCTYPE html>");
    assert_holds(cli.out.text, "prefers-color-scheme:dark");
    assert_holds(cli.out.text, "@media print");
    assert_holds(cli.out.text, "Processes: books.exe (9, 64 bit); tool.exe (7, 64 bit).");
    assert_holds(cli.out.text, "Writers were frozen for 12.0 ms.");
    assert_holds(cli.out.text, "</svg>");
    assert_lacks(cli.out.text, "<script");
    assert_lacks(cli.out.text, "src=");
    assert_lacks(cli.out.text, "@import");
    assert_lacks(cli.out.text, "url(");
    cli_free(&cli);
}

static void failures_are_told_with_name_and_sentence(void **state)
{
    (void)state;
    write_backup();
    write_trace(7, HEAD(1030000, 7)
        SPAN("provider", "begin", 8, "\"name\":\"PostCommitSnapshots\",\"provider\":\"Copier\","
            "\"volume\":\"C:\\\\\"") HEAD(1031000, 7)
        "\"kind\":\"log\",\"level\":\"error\",\"text\":\"The disk has gone\","
        "\"hr\":\"0x80042306\",\"hr_name\":\"VSS_E_PROVIDER_VETO\"}\n" HEAD(1032000, 7)
        SPAN("provider", "end", 8, "\"us\":2000,\"name\":\"PostCommitSnapshots\","
            "\"provider\":\"Copier\",\"volume\":\"C:\\\\\",\"hr\":\"0x80042306\"")
        HEAD(1040000, 7) "\"kind\":\"call\",\"name\":\"DoSnapshotSet\",\"object\":1,"
        "\"phase\":\"backup\",\"hr\":\"0x80042301\",\"us\":10}\n");
    write_trace(9, HEAD(1033000, 9)
        SPAN("handler", "begin", 4, "\"event\":\"Thaw\",\"writer\":\"Books\",\"instance\":\"i1\"")
        HEAD(1034000, 9) SPAN("handler", "end", 4, "\"us\":1000,\"event\":\"Thaw\","
            "\"writer\":\"Books\",\"instance\":\"i1\",\"handled\":\"no\","
            "\"failure\":\"0x800423F4\""));
    char *svg = draw_svg();
    assert_holds(svg, ">3 failed</tspan>");
    assert_holds(svg, "Copier, PostCommitSnapshots: VSS_E_PROVIDER_VETO: The disk has gone<");
    assert_holds(svg, "writer Books, Thaw: VSS_E_WRITERERROR_NONRETRYABLE: ");
    /* No sentence of the log: that of the code. */
    assert_holds(svg, "requestor tool.exe, DoSnapshotSet: VSS_E_BAD_STATE: The object is not");
    assert_holds(svg, "<rect class=\"bad\"");
    free(svg);
    cli_expect(0, "!! VSS_E_PROVIDER_VETO: The disk has gone", L"timeline \"%ls\" --text", path);
    cli_expect(0, "<td>VSS_E_PROVIDER_VETO</td><td>The disk has gone</td>", L"timeline \"%ls\"",
        path);
}

static void fault_that_fired_is_marked(void **state)
{
    (void)state;
    write_backup();
    write_trace(7, HEAD(1004500, 7) "\"kind\":\"fault\",\"point\":\"provider.step\","
        "\"detail\":\"CommitSnapshots\",\"effect\":\"answer\",\"hr\":\"0x80042306\","
        "\"delay_ms\":0}\n");
    char *svg = draw_svg();
    assert_holds(svg, "<title>fault provider.step CommitSnapshots: VSS_E_PROVIDER_VETO</title>");
    free(svg);
    cli_expect(0, "fault provider.step CommitSnapshots: VSS_E_PROVIDER_VETO",
        L"timeline \"%ls\" --text", path);
}

static void handler_without_an_end_is_told(void **state)
{
    (void)state;
    write_backup();
    write_trace(9, HEAD(1013500, 9)
        SPAN("handler", "begin", 5, "\"event\":\"Thaw\",\"writer\":\"Books\",\"instance\":\"i1\""));
    char *svg = draw_svg();
    assert_holds(svg, "<rect class=\"open\"");
    assert_holds(svg, "writer Books, Thaw: It has no end: its process died in it");
    free(svg);
}

static void last_backup_is_drawn_alone_when_asked(void **state)
{
    (void)state;
    write_backup();
    write_trace(7, HEAD(9000000, 7)
        "\"kind\":\"call\",\"name\":\"CreateVssBackupComponents\",\"hr\":\"0x00000000\",\"us\":5}\n"
        HEAD(9001000, 7) SPAN("async", "begin", 20, "\"name\":\"DoSnapshotSet\"")
        HEAD(9003000, 7) SPAN("async", "end", 20,
            "\"us\":2000,\"name\":\"DoSnapshotSet\",\"hr\":\"0x0004230A\""));
    cli_expect(0, "<title>DoSnapshotSet: 2.00 ms, at 1.00 ms</title>",
        L"timeline \"%ls\" --svg --last", path);
    struct cli_process cli;
    assert_int_equal(cli_run(&cli, L"timeline \"%ls\" --svg --last", path), 0);
    assert_lacks(cli.out.text, "19.0 ms");
    assert_holds(cli.out.text, "requestor tool.exe");
    cli_free(&cli);
}

static void text_is_for_terminals(void **state)
{
    struct cli_process cli;
    (void)state;
    write_backup();
    assert_int_equal(cli_run(&cli, L"timeline \"%ls\" --text", path), 0);
    assert_holds(cli.out.text, "process 7: tool.exe, 64 bit");
    assert_holds(cli.out.text, "+---- writers are frozen for 12.0 ms");
    assert_holds(cli.out.text, "+---- writers are thawed");
    assert_holds(cli.out.text, "   102.5 ms |     1.00 ms  writer Books             Freeze\n");
    assert_holds(cli.out.text, "DoSnapshotSet (runs)");
    cli_free(&cli);
}

/* ---- Words of others ---- */

static void hostile_names_become_no_markup(void **state)
{
    static const char hostile[] = HEAD(1, 3)
        "\"kind\":\"process\",\"name\":\"</title><script>alert(1)</script>.exe\"}\n" HEAD(2, 3)
        SPAN("handler", "begin", 1, "\"event\":\"\\\" onload=\\\"alert(2)' x=\",\"writer\":"
            "\"<script src=//e>\\u001b[31m\\ud800\\u202e\\u0001&amp;]]>\",\"instance\":\"<i>\"")
        HEAD(500, 3) SPAN("provider", "begin", 2, "\"name\":\"--><svg onload=alert(3)>\","
            "\"provider\":\"\\ud83d\\ude00\\udc00\",\"volume\":\"<b>\\uffff\"")
        HEAD(900, 3) "\"kind\":\"call\",\"name\":\"\\u009b<\",\"hr\":\"0x80042301\",\"us\":9}\n"
        HEAD(901, 3) "\"kind\":\"fault\",\"point\":\"<p>\",\"detail\":\"<d>\"}\n";
    struct cli_process cli;
    (void)state;
    write_trace(3, hostile);
    char *svg = draw_svg();
    assert_lacks(svg, "<script");
    assert_lacks(svg, "<svg onload");
    assert_lacks(svg, "\" onload");
    assert_holds(
        svg, "writer &lt;script src=//e&gt;\\u001b[31m\\ud800\\u202e\\u0001&amp;amp;]]&gt;");
    assert_holds(svg, "&quot; onload=&quot;alert(2)&#39; x=");
    assert_holds(svg, "\xF0\x9F\x98\x80\\udc00");
    assert_holds(svg, "&lt;b&gt;\\uffff");
    free(svg);
    assert_int_equal(cli_run(&cli, L"timeline \"%ls\"", path), 0);
    assert_lacks(cli.out.text, "<script");
    assert_lacks(cli.out.text, "<svg onload");
    assert_lacks(cli.out.text, "\x1B");
    assert_holds(
        cli.out.text, "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;.exe (3, 64 bit)");
    cli_free(&cli);
    assert_int_equal(cli_run(&cli, L"timeline \"%ls\" --text", path), 0);
    assert_lacks(cli.out.text, "\x1B");
    assert_lacks(cli.out.text, "\xE2\x80\xAE");
    assert_lacks(cli.out.text, "\xC2\x9B");
    assert_holds(cli.out.text, "writer <script src=//e>\\u001b[31m");
    cli_free(&cli);
}

static void what_is_no_line_is_left_out_and_counted(void **state)
{
    static const char *const wrong[] = {"not JSON\n", "{}\n", "[1]\n", "{\"t\":1}\n",
        "{\"t\":\"1\",\"pid\":3,\"kind\":\"call\"}\n", "{\"t\":1,\"pid\":3,\"kind\":\"call\"\n",
        "{\"t\":1,\"pid\":3,\"kind\":\"call\"} x\n", "{\"t\":1,\"pid\":3,\"kind\":\"\\u12\"}\n",
        "{\"t\":1,\"pid\":3,\"kind\":\"call\",\"hr\":\"0x8004\"}\n",
        "{\"t\":1,\"pid\":3,\"kind\":\"\xFF\"}\n", "{\"t\":1,\"pid\":3,\"kind\":\"a\tb\"}\n",
        "{\"t\":10140,\"pid\":7,\"ki"};
    char expected[64];
    struct cli_process cli;
    (void)state;
    for (size_t i = 0; i + 1 < ARRAYSIZE(wrong); i++)
        write_trace(7, wrong[i]);
    write_backup();
    write_trace(7, "\r\n\n");
    write_trace(7, wrong[ARRAYSIZE(wrong) - 1]);
    /* Not of this trace. */
    write_trace(0, HEAD(1014000, 7) "\"kind\":\"of tomorrow\",\"news\":12,\"more\":\"x\"}\n");
    sprintf(expected, "%u lines are no line of a trace", (unsigned)ARRAYSIZE(wrong));
    assert_int_equal(cli_run(&cli, L"timeline \"%ls\" --svg", path), 0);
    assert_says(&cli, err, expected);
    assert_holds(cli.out.text, ">frozen 12.0 ms</text>");
    assert_holds(cli.out.text, "<title>DoSnapshotSet: 19.0 ms, at 101.0 ms</title>");
    assert_holds(cli.out.text, "nothing failed");
    cli_free(&cli);
}

static void wrong_use_is_told(void **state)
{
    (void)state;
    cli_expect(2, "timeline: name one trace", L"timeline");
    cli_expect(2, "timeline: name one trace", L"timeline a b");
    cli_expect(2, "no trace ", L"timeline \"%ls\"", path);
    cli_expect(2, "no option --txt; did you mean --text?", L"timeline a --txt");
    cli_expect(2, "--text goes to standard output", L"timeline a --text --svg");
    cli_expect(2, "did you mean `thawline timeline`?", L"timelin a");
    cli_expect(0, "usage: thawline timeline TRACE", L"timeline --help");
    write_trace(5, "nothing of use\n");
    cli_expect(1, "holds no line of a trace", L"timeline \"%ls\"", path);
    write_backup();
    cli_expect(1, "no such folder", L"timeline \"%ls\" -o \"C:\\no such folder\\x.html\"", path);
}

/* ---- Much of it ---- */

#define MANY 100000
#define MOST_SECONDS 5.0
#define TRIES 3

static void write_many(void)
{
    char *text = malloc(MANY * 400);
    size_t used = 0;
    assert_non_null(text);
    for (unsigned i = 0; i < MANY / 4; i++)
    {
        unsigned t = 1000000 + i * 100;
        used += (size_t)sprintf(text + used,
            "{\"t\":%u,\"utc\":\"2026-01-02T03:04:05.000006Z\",\"pid\":7,\"tid\":1,\"bits\":64,"
            "\"scope\":\"s\",\"kind\":\"step\",\"at\":\"begin\",\"span\":%u,\"name\":\"Step\"}\n"
            "{\"t\":%u,\"pid\":7,\"bits\":64,\"kind\":\"handler\",\"at\":\"begin\",\"span\":%u,"
            "\"event\":\"Freeze\",\"writer\":\"Writer %u\",\"instance\":\"%u\"}\n"
            "{\"t\":%u,\"pid\":7,\"bits\":64,\"kind\":\"handler\",\"at\":\"end\",\"span\":%u,"
            "\"event\":\"Freeze\",\"writer\":\"Writer %u\",\"instance\":\"%u\",\"us\":30,"
            "\"failure\":\"%s\"}\n"
            "{\"t\":%u,\"pid\":7,\"bits\":64,\"kind\":\"step\",\"at\":\"end\",\"span\":%u,"
            "\"us\":60,\"hr\":\"0x00000000\",\"name\":\"Step\"}\n",
            t, i, t + 10, i, i % 64, i % 64, t + 40, i, i % 64, i % 64,
            i % 10 ? "0x00000000" : "0x800423F4", t + 60, i);
    }
    write_trace(7, text);
    free(text);
}

static void hundred_thousand_lines_are_drawn_in_time(void **state)
{
    WCHAR page[2 * MAX_PATH];
    double least = 1e9;
    struct cli_process cli;
    WIN32_FILE_ATTRIBUTE_DATA made;
    LARGE_INTEGER frequency, begin, end;
    (void)state;
    write_many();
    _snwprintf(page, 2 * MAX_PATH, L"%ls-page.html", path);
    QueryPerformanceFrequency(&frequency);
    /* Other programs run on this machine. */
    for (int i = 0; i < TRIES && least >= MOST_SECONDS; i++)
    {
        QueryPerformanceCounter(&begin);
        assert_int_equal(cli_run(&cli, L"timeline \"%ls\" -o \"%ls\"", path, page), 0);
        QueryPerformanceCounter(&end);
        cli_free(&cli);
        double seconds = (double)(end.QuadPart - begin.QuadPart) / (double)frequency.QuadPart;
        least = seconds < least ? seconds : least;
    }
    assert_true(GetFileAttributesExW(page, GetFileExInfoStandard, &made));
    print_message("%.2f s, %lu bytes\n", least, made.nFileSizeLow);
    assert_true(least < MOST_SECONDS);
    /* A browser has to hold it. */
    assert_true(made.nFileSizeLow < 8000000 && !made.nFileSizeHigh);
    assert_true(DeleteFileW(page));
}

static void backup_of_today_is_drawn(void **state)
{
    struct backup backup = {0};
    struct scripted_writer writer = {.name = L"today's", .id = {0xf3f3f3f3, 1, 2, {3}}};
    (void)state;
    assert_hr(ThawlineSetOption(L"TRACE", path), S_OK);
    writer.at[ON_POST_SNAPSHOT].veto = TRUE;
    scripted_writer_start(&writer);
    backup_until_done(&backup);
    assert_hr(backup_complete(&backup), VSS_S_ASYNC_FINISHED);
    backup_release(&backup);
    scripted_writer_stop(&writer);
    assert_hr(ThawlineSetOption(L"TRACE", NULL), S_OK);
    char *svg = draw_svg();
    assert_holds(svg, ">writer today&#39;s</text>");
    assert_holds(svg, ">requestor scenario_cli_timeline.exe<");
    assert_holds(svg, ">frozen ");
    assert_holds(svg, "PostSnapshot: The handler returned false and did not say why.");
    free(svg);
}

int main(void)
{
#define SCENARIO(test) cmocka_unit_test_setup(test, set_up)
    const struct CMUnitTest tests[] = {
        SCENARIO(lanes_bars_and_the_freeze_are_drawn),
        SCENARIO(page_needs_nothing_else),
        SCENARIO(failures_are_told_with_name_and_sentence),
        SCENARIO(fault_that_fired_is_marked),
        SCENARIO(handler_without_an_end_is_told),
        SCENARIO(last_backup_is_drawn_alone_when_asked),
        SCENARIO(text_is_for_terminals),
        SCENARIO(hostile_names_become_no_markup),
        SCENARIO(what_is_no_line_is_left_out_and_counted),
        SCENARIO(wrong_use_is_told),
        SCENARIO(hundred_thousand_lines_are_drawn_in_time),
        SCENARIO(backup_of_today_is_drawn),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
