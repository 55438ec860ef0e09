/* SPDX-License-Identifier: MIT
 *
 * The trace of a backup: what is in it, from which process, and that trouble with it costs the
 * backup nothing. The live provider serves.
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
#include "support/backup.h"
#include "support/trace_lines.h"
#include "support/writer_process.h"

static const VSS_ID class_a = {0xf1f1f1f1, 0x1111, 0x4111, {0xb1, 1, 1, 1, 1, 1, 1, 1}};

struct fixture
{
    WCHAR path[2 * MAX_PATH]; /* of the trace */
    struct writer_process hosts[2];
    struct backup backup;
    struct trace_lines lines;
    LONG ends; /* how often the log said that the trace ends, or can't begin */
    LONG live_blocks;
};

static void CALLBACK hear(void *context, int level, const WCHAR *line)
{
    struct fixture *fixture = context;
    (void)level;
    if (wcsstr(line, L"The trace of this process ends") || wcsstr(line, L"No trace is written"))
        InterlockedIncrement(&fixture->ends);
}

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof(*fixture));
    *state = fixture;
    trace_lines_place(fixture->path);
    fixture->live_blocks = ThawlineGetLiveBlocks();
    return ThawlineSetLogSink(hear, fixture, 4);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ThawlineClearFaults();
    SetEnvironmentVariableW(L"THAWLINE_TRACE", NULL);
    ThawlineSetOption(L"TRACE", NULL);
    backup_release(&fixture->backup);
    for (int i = 0; i < 2; i++)
        writer_process_free(&fixture->hosts[i]);
    trace_lines_free(&fixture->lines);
    ThawlineSetLogSink(NULL, NULL, 1);
    bool clean = ThawlineGetLiveBlocks() == fixture->live_blocks;
    test_free(fixture);
    return clean ? 0 : -1;
}

/* This process by the API, those that it starts by their environment. */
static void trace_all(struct fixture *fixture)
{
    SetEnvironmentVariableW(L"THAWLINE_TRACE", fixture->path);
    assert_hr(ThawlineSetOption(L"TRACE", fixture->path), S_OK);
}

static void start_host(struct fixture *fixture, int which, const WCHAR *name, const WCHAR *folder)
{
    writer_process_make(&fixture->hosts[which], name, &class_a, 1);
    writer_process_launch(&fixture->hosts[which], folder);
    writer_process_await_ready(&fixture->hosts[which]);
}

/* The trace, which ends with that. Every line is one JSON object. */
static void read_trace(struct fixture *fixture)
{
    assert_hr(ThawlineSetOption(L"TRACE", L""), S_OK);
    trace_lines_read(&fixture->lines, fixture->path);
    for (size_t i = 0; i < fixture->lines.count; i++)
        if (!json_is_object(fixture->lines.line[i]))
            fail_msg("no JSON object: %s", fixture->lines.line[i]);
}

static void run_backup(struct fixture *fixture)
{
    backup_until_done(&fixture->backup);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    backup_gather_status(&fixture->backup);
    backup_release(&fixture->backup);
}

/* "pid":N, of a process */
static const char *by(HANDLE process)
{
    static char texts[64][32];
    static unsigned next;
    char *text = texts[next++ % ARRAYSIZE(texts)];
    sprintf(text, "\"pid\":%lu,", GetProcessId(process));
    return text;
}

#define KIND(name) "\"kind\":\"" name "\""
#define NAME(name) "\"name\":\"" name "\""
#define BEGIN "\"at\":\"begin\""
#define END "\"at\":\"end\""
#define OK "\"hr\":\"0x00000000\",\"hr_name\":\"S_OK\""

static const char *need(const struct trace_lines *lines, const char *kind, const char *what,
    const char *at, const char *process)
{
    const char *line = trace_lines_find(lines, 0, kind, what, at, process, NULL);
    if (!line)
        fail_msg("no line with %s %s %s %s", kind, what, at, process);
    return line;
}

/* ---- What is in it ---- */

/* The times of two processes are of one clock: what the requestor sends comes after it was sent. */
static void assert_both_ends(
    const struct trace_lines *lines, const char *event, const char *writer, const char *host)
{
    char which[160];
    const char *own = by(GetCurrentProcess());
    sprintf(which, "\"event\":\"%s\",\"writer\":\"%s\"", event, writer);
    const char *sent = need(lines, KIND("event"), which, BEGIN, own);
    const char *begun = need(lines, KIND("handler"), which, BEGIN, host);
    const char *handled = need(lines, KIND("handler"), which, END, host);
    const char *answered = need(lines, KIND("event"), which, END, own);
    assert_true(trace_line_number(sent, "t") <= trace_line_number(begun, "t"));
    assert_true(trace_line_number(begun, "t") <= trace_line_number(handled, "t"));
    assert_true(trace_line_number(handled, "t") <= trace_line_number(answered, "t"));
    assert_int_equal(trace_line_number(begun, "span"), trace_line_number(handled, "span"));
    assert_int_equal(trace_line_number(sent, "span"), trace_line_number(answered, "span"));
    long long took = trace_line_number(answered, "us");
    long long apart = trace_line_number(answered, "t") - trace_line_number(sent, "t");
    assert_true(took >= 0 && took <= apart + 1000);
    assert_non_null(strstr(handled, "\"handled\":\"yes\""));
    assert_non_null(strstr(answered, OK));
}

static void processes_of_both_bitnesses_write_both_ends_of_every_event(void **state)
{
    static const char *const events[] = {"Identify", "PrepareForBackup", "PrepareForSnapshot",
        "Freeze", "Thaw", "PostSnapshot", "BackupComplete", "BackupShutdown"};
    static const char *const names[] = {"left", "right"};
    struct fixture *fixture = *state;
    WCHAR other_bin[MAX_PATH];
    assert_in_range(
        GetEnvironmentVariableW(L"THAWLINE_OTHER_BIN", other_bin, MAX_PATH), 1, MAX_PATH);
    trace_all(fixture);
    start_host(fixture, 0, L"left", NULL);
    start_host(fixture, 1, L"right", other_bin);
    const char *hosts[] = {by(fixture->hosts[0].process), by(fixture->hosts[1].process)};
    run_backup(fixture);
    for (int i = 0; i < 2; i++)
        writer_process_stop(&fixture->hosts[i]);
    read_trace(fixture);
    const struct trace_lines *lines = &fixture->lines;
    assert_int_equal(lines->files, 3);
    assert_int_equal(trace_lines_count(lines, KIND("process"), NULL), 3);
    assert_int_equal(
        trace_lines_count(lines, KIND("process"), NAME("writer_host.exe"), "\"bits\":64", NULL), 1);
    assert_int_equal(
        trace_lines_count(lines, KIND("process"), NAME("writer_host.exe"), "\"bits\":32", NULL), 1);
    for (int i = 0; i < 2; i++)
        for (size_t j = 0; j < ARRAYSIZE(events); j++)
            assert_both_ends(lines, events[j], names[i], hosts[i]);
    need(lines, KIND("state"), "\"from\":\"VSS_WS_STABLE\",\"to\":\"VSS_WS_WAITING_FOR_FREEZE\"",
        "\"writer\":\"right\"", hosts[1]);
    need(lines, KIND("state"),
        "\"from\":\"VSS_WS_WAITING_FOR_BACKUP_COMPLETE\",\"to\":\"VSS_WS_STABLE\"",
        "\"writer\":\"left\"", hosts[0]);
}

static void calls_steps_and_operations_are_in_it(void **state)
{
    static const char *const calls[] = {NAME("CreateVssBackupComponents"),
        NAME("InitializeForBackup"), NAME("SetBackupState"), NAME("GatherWriterMetadata"),
        NAME("StartSnapshotSet"), NAME("AddToSnapshotSet"), NAME("PrepareForBackup"),
        NAME("DoSnapshotSet"), NAME("BackupComplete"), NAME("GatherWriterStatus"),
        NAME("GetWriterMetadataCount"), NAME("IVssAsync::Wait"), NAME("IVssAsync::QueryStatus"),
        NAME("Release")};
    static const char *const steps[] = {NAME("PrepareForSnapshot"), NAME("EndPrepareSnapshots"),
        NAME("Freeze (front end)"), NAME("Freeze (back end)"), NAME("Freeze (system)"),
        NAME("PreCommitSnapshots"), NAME("CommitSnapshots"), NAME("PostCommitSnapshots"),
        NAME("Thaw (system)"), NAME("Thaw (back end)"), NAME("Thaw (front end)"),
        NAME("GetSnapshotProperties"), NAME("PreFinalCommitSnapshots"), NAME("PostSnapshot"),
        NAME("PostFinalCommitSnapshots")};
    static const char *const operations[] = {NAME("BeginPrepareSnapshot"),
        NAME("EndPrepareSnapshots"), NAME("GetSnapshotProperties"), NAME("DeleteSnapshots")};
    static const char *const phases[] = {"\"from\":\"new\",\"to\":\"backup\"",
        "\"from\":\"backup\",\"to\":\"set started\"", "\"to\":\"prepared\"",
        "\"to\":\"making shadow copies\"", "\"to\":\"shadow copies made\"", "\"to\":\"complete\""};
    static const char *const works[] = {NAME("GatherWriterMetadata"), NAME("PrepareForBackup"),
        NAME("DoSnapshotSet"), NAME("BackupComplete"), NAME("GatherWriterStatus")};
    struct fixture *fixture = *state;
    const char *own = by(GetCurrentProcess());
    UINT count;
    trace_all(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(
        IVssBackupComponents_GetWriterMetadataCount(fixture->backup.components, &count), S_OK);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    backup_gather_status(&fixture->backup);
    backup_release(&fixture->backup);
    read_trace(fixture);
    for (size_t i = 0; i < ARRAYSIZE(calls); i++)
        need(&fixture->lines, KIND("call"), calls[i], OK, own);
    for (size_t i = 0; i < ARRAYSIZE(phases); i++)
        need(&fixture->lines, KIND("state"), phases[i], "\"of\":\"requestor\"", own);
    for (size_t i = 0; i < ARRAYSIZE(works); i++)
    {
        need(&fixture->lines, KIND("async"), works[i], BEGIN, own);
        need(&fixture->lines, KIND("async"), works[i], "\"hr\":\"0x0004230A\"", own);
    }
    for (size_t i = 0; i < ARRAYSIZE(steps); i++)
    {
        need(&fixture->lines, KIND("step"), steps[i], BEGIN, own);
        need(&fixture->lines, KIND("step"), steps[i], OK, END);
    }
    for (size_t i = 0; i < ARRAYSIZE(operations); i++)
    {
        need(&fixture->lines, KIND("provider"), operations[i], BEGIN, own);
        need(&fixture->lines, KIND("provider"), operations[i], OK, "\"volume\":\"C:\\\\\"");
    }
}

static void a_failure_is_in_it_with_its_sentence_and_its_cause(void **state)
{
    struct fixture *fixture = *state;
    const char *own = by(GetCurrentProcess());
    IVssAsync *async = NULL;
    trace_all(fixture);
    backup_until_prepared(&fixture->backup);
    assert_hr(IVssBackupComponents_GatherWriterMetadata(fixture->backup.components, &async),
        VSS_E_BAD_STATE);
    assert_hr(
        IVssBackupComponents_GatherWriterMetadata(fixture->backup.components, NULL), E_INVALIDARG);
    assert_hr(
        ThawlineSetFault("provider.step", L"CommitSnapshots", VSS_E_PROVIDER_VETO, 1, 1, 0), S_OK);
    assert_hr(backup_snapshot(&fixture->backup), VSS_E_PROVIDER_VETO);
    read_trace(fixture);
    const struct trace_lines *lines = &fixture->lines;
    need(lines, KIND("call"), NAME("GatherWriterMetadata"),
        "\"phase\":\"prepared\",\"hr\":\"0x80042301\",\"hr_name\":\"VSS_E_BAD_STATE\"", own);
    need(lines, KIND("call"), NAME("GatherWriterMetadata"),
        "\"hr\":\"0x80070057\",\"hr_name\":\"E_INVALIDARG\"", own);
    need(lines, KIND("log"),
        "\"level\":\"error\",\"text\":\"GatherWriterMetadata is out of sequence",
        "\"hr\":\"0x80042301\"", own);
    need(lines, KIND("fault"), "\"point\":\"provider.step\",\"detail\":\"CommitSnapshots",
        "\"hr\":\"0x80042306\",\"hr_name\":\"VSS_E_PROVIDER_VETO\"", own);
    need(lines, KIND("step"), NAME("CommitSnapshots"), "\"hr\":\"0x80042306\"", END);
    need(lines, KIND("step"), NAME("undo BeginPrepareSnapshot"), BEGIN, own);
    need(lines, KIND("provider"), NAME("AbortSnapshots"), OK, END);
    need(lines, KIND("async"), NAME("DoSnapshotSet"), "\"hr\":\"0x80042306\"", END);
    need(lines, KIND("state"), "\"to\":\"no shadow copies\"", "\"of\":\"requestor\"", own);
}

static void a_killed_writer_leaves_whole_lines_and_no_end(void **state)
{
    static const char freeze[] = "\"event\":\"Freeze\",\"writer\":\"victim\"";
    struct fixture *fixture = *state;
    trace_all(fixture);
    writer_process_make(&fixture->hosts[0], L"victim", &class_a, 1);
    fixture->hosts[0].board->writer[0].at[ON_FREEZE].dies = TRUE;
    writer_process_start(&fixture->hosts[0]);
    const char *victim = by(fixture->hosts[0].process);
    backup_until_prepared(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    writer_process_await_death(&fixture->hosts[0]);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    read_trace(fixture);
    const struct trace_lines *lines = &fixture->lines;
    need(lines, KIND("handler"), freeze, BEGIN, victim);
    assert_int_equal(trace_lines_count(lines, KIND("handler"), freeze, END, NULL), 0);
    need(lines, KIND("handler"), "\"event\":\"PrepareForSnapshot\"", END, victim);
    need(lines, KIND("event"), freeze, END, "\"hr_name\":\"VSS_E_WRITER_NOT_RESPONDING\"");
}

/* ---- Trouble, and none ---- */

static void without_the_setting_nothing_is_written(void **state)
{
    struct fixture *fixture = *state;
    start_host(fixture, 0, L"left", NULL);
    run_backup(fixture);
    writer_process_stop(&fixture->hosts[0]);
    trace_lines_read(&fixture->lines, fixture->path);
    assert_int_equal(fixture->lines.files, 0);
}

static void a_trace_that_cannot_be_written_fails_no_backup(void **state)
{
    struct fixture *fixture = *state;
    SetEnvironmentVariableW(L"THAWLINE_TRACE", L"C:\\no such folder\\trace");
    assert_hr(ThawlineSetOption(L"TRACE", L"C:\\no such folder\\trace"),
        HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND));
    assert_int_equal(fixture->ends, 1);
    start_host(fixture, 0, L"left", NULL);
    run_backup(fixture);
    writer_process_stop(&fixture->hosts[0]);
}

static void a_full_disk_ends_the_trace_and_not_the_backup(void **state)
{
    struct fixture *fixture = *state;
    trace_all(fixture);
    start_host(fixture, 0, L"left", NULL);
    const char *host = by(fixture->hosts[0].process);
    assert_hr(
        ThawlineSetFault("file", L"append:*", HRESULT_FROM_WIN32(ERROR_DISK_FULL), 40, 0, 0), S_OK);
    run_backup(fixture);
    assert_int_equal(fixture->ends, 1);
    writer_process_stop(&fixture->hosts[0]);
    ThawlineClearFaults();
    read_trace(fixture);
    /* The other process has a disk. */
    need(&fixture->lines, KIND("handler"), "\"event\":\"BackupShutdown\"", END, host);
    /* That of the process, and those before the 40th write. */
    assert_int_equal(trace_lines_count(&fixture->lines, by(GetCurrentProcess()), NULL), 40);
}

int main(void)
{
#define SCENARIO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENARIO(processes_of_both_bitnesses_write_both_ends_of_every_event),
        SCENARIO(calls_steps_and_operations_are_in_it),
        SCENARIO(a_failure_is_in_it_with_its_sentence_and_its_cause),
        SCENARIO(a_killed_writer_leaves_whole_lines_and_no_end),
        SCENARIO(without_the_setting_nothing_is_written),
        SCENARIO(a_trace_that_cannot_be_written_fails_no_backup),
        SCENARIO(a_full_disk_ends_the_trace_and_not_the_backup),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
