/* SPDX-License-Identifier: MIT
 *
 * include/thawline.h without the writers: each function as its header describes it.
 */
#include <windows.h>
#include <string.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "abi/abi_objects.h"

static const VSS_ID unknown_id = {0x77777777, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};

/* ---- Settings ---- */

static void settings_take_what_they_can_be(void **state)
{
    (void)state;
    static const struct
    {
        const WCHAR *name;
        const WCHAR *value;
        HRESULT expected;
    } rows[] = {
        {L"SCOPE", L"abi-Test_1", S_OK},
        {L"SCOPE", L"", E_INVALIDARG},
        {L"SCOPE", L"no spaces", E_INVALIDARG},
        {L"SCOPE", L"0123456789012345678901234567890123", E_INVALIDARG},
        {L"LOG", L"-", S_OK},
        {L"LOG", L"", E_INVALIDARG},
        {L"LOG_LEVEL", L"error", S_OK},
        {L"LOG_LEVEL", L"debug", S_OK},
        {L"LOG_LEVEL", L"loud", E_INVALIDARG},
        {L"PROVIDER", L"clone", S_OK},
        {L"PROVIDER", L"live", S_OK},
        {L"PROVIDER", L"none", E_INVALIDARG},
        {L"CLONE_ROOTS", L"c:\\a;c:\\b", S_OK},
        {L"CLONE_ROOTS", L"components", S_OK},
        {L"WINDOWS", L"2003", S_OK},
        {L"WINDOWS", L"10", S_OK},
        {L"WINDOWS", L"11.5", E_INVALIDARG},
        {L"EDITION", L"client", S_OK},
        {L"EDITION", L"server", S_OK},
        {L"EDITION", L"home", E_INVALIDARG},
        {L"EVENT_TIMEOUT", L"600000", S_OK},
        {L"EVENT_TIMEOUT", L"soon", E_INVALIDARG},
        {L"EVENT_TIMEOUT", L"-1", E_INVALIDARG},
        {L"EVENT_TIMEOUT", L"99999999999", E_INVALIDARG},
        {L"ALLOW_REVERT", L"1", S_OK},
        {L"ALLOW_REVERT", L"0", S_OK},
        {L"ALLOW_REVERT", L"yes", E_INVALIDARG},
        {L"NO_SUCH_SETTING", L"1", E_INVALIDARG},
        {L"NO_SUCH_SETTING", NULL, E_INVALIDARG},
        {NULL, L"1", E_INVALIDARG},
    };
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        assert_hr(ThawlineSetOption(rows[i].name, rows[i].value), rows[i].expected);
        if (rows[i].expected == S_OK)
            assert_hr(ThawlineSetOption(rows[i].name, NULL), S_OK);
    }
}

/* ---- The log ---- */

struct heard
{
    volatile LONG lines;
    volatile LONG worst_level;
    volatile LONG about_nonsense;
};

static void CALLBACK hear(void *context, int level, const WCHAR *line)
{
    struct heard *heard = context;
    InterlockedIncrement(&heard->lines);
    if (level > heard->worst_level)
        heard->worst_level = level;
    if (wcsstr(line, L"NONSENSE"))
        InterlockedIncrement(&heard->about_nonsense);
}

static void a_sink_hears_what_is_severe_enough_until_it_is_removed(void **state)
{
    (void)state;
    struct heard heard = {0};
    assert_hr(ThawlineSetLogSink(hear, &heard, 0), E_INVALIDARG);
    assert_hr(ThawlineSetLogSink(hear, &heard, 5), E_INVALIDARG);
    assert_int_equal(heard.lines, 0);
    assert_hr(ThawlineSetLogSink(hear, &heard, 1), S_OK);
    assert_hr(ThawlineSetOption(L"NONSENSE", L"1"), E_INVALIDARG);
    assert_int_equal(heard.about_nonsense, 1);
    assert_int_equal(heard.worst_level, 1);
    assert_hr(ThawlineSetLogSink(NULL, NULL, 0), S_OK);
    LONG lines = heard.lines;
    assert_hr(ThawlineSetOption(L"NONSENSE", L"1"), E_INVALIDARG);
    assert_int_equal(heard.lines, lines);
}

/* A sink may do what it likes with the log. */
static void CALLBACK hear_once(void *context, int level, const WCHAR *line)
{
    struct heard *heard = context;
    (void)level;
    (void)line;
    InterlockedIncrement(&heard->lines);
    ThawlineSetOption(L"NONSENSE", L"1");
    ThawlineSetLogSink(NULL, NULL, 0);
}

static void a_sink_may_remove_itself(void **state)
{
    (void)state;
    struct heard heard = {0};
    assert_hr(ThawlineSetLogSink(hear_once, &heard, 4), S_OK);
    assert_hr(ThawlineSetOption(L"NONSENSE", L"1"), E_INVALIDARG);
    assert_hr(ThawlineSetOption(L"NONSENSE", L"1"), E_INVALIDARG);
    assert_int_equal(heard.lines, 1);
}

/* ---- Sets ---- */

static void a_set_reports_how_it_went(void **state)
{
    (void)state;
    struct backup backup;
    THAWLINE_SET_REPORT report;
    assert_hr(ThawlineSetOption(L"PROVIDER", L"live"), S_OK);
    backup_until_done(&backup);
    memset(&report, 0xC7, sizeof(report));
    report.cbSize = sizeof(report);
    assert_hr(ThawlineGetSetReport(backup.set_id, &report), S_OK);
    assert_int_equal(report.cbSize, sizeof(report));
    assert_true(report.ullCommitTime <= report.ullFreezeWindow);
    assert_int_equal(report.cWritersFrozen, 0);
    assert_int_equal(report.cWritersFailed, 0);
    BSTR text = NULL;
    assert_hr(ThawlineGetSnapshotConsistency(backup.snapshot_id, &text), S_OK);
    assert_true(SysStringLen(text) > 0);
    SysFreeString(text);
    assert_hr(backup_complete(&backup), VSS_S_ASYNC_FINISHED);
    backup_release(&backup);
    /* The shadow copy is gone with its requestor; what is known of the set stays. */
    assert_hr(ThawlineGetSnapshotConsistency(backup.snapshot_id, &text), VSS_E_OBJECT_NOT_FOUND);
    assert_null(text);
    assert_hr(ThawlineGetSetReport(backup.set_id, &report), S_OK);
    assert_hr(ThawlineSetOption(L"PROVIDER", NULL), S_OK);
}

static void unknown_sets_are_not_found(void **state)
{
    (void)state;
    THAWLINE_SET_REPORT report = {.cbSize = sizeof(report)};
    BSTR text = (BSTR)1;
    assert_hr(ThawlineGetSetReport(unknown_id, &report), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(ThawlineGetSnapshotConsistency(unknown_id, &text), VSS_E_OBJECT_NOT_FOUND);
    assert_null(text);
}

static void bad_arguments_are_invalid(void **state)
{
    (void)state;
    THAWLINE_SET_REPORT report = {.cbSize = sizeof(report) - 1};
    assert_hr(ThawlineGetSetReport(unknown_id, NULL), E_INVALIDARG);
    assert_hr(ThawlineGetSetReport(unknown_id, &report), E_INVALIDARG);
    assert_hr(ThawlineGetSnapshotConsistency(unknown_id, NULL), E_INVALIDARG);
    assert_hr(ThawlineSetFault(NULL, NULL, E_FAIL, 1, 1, 0), E_INVALIDARG);
    assert_hr(ThawlineSetFault("no.such.point", NULL, E_FAIL, 1, 1, 0), E_INVALIDARG);
}

/* ---- Progress ---- */

static volatile LONG progress_calls;
static volatile LONG progress_odd; /* calls whose arguments cannot be right */

static void CALLBACK note_progress(void *context, ULONGLONG done, ULONGLONG total)
{
    if (context != &progress_odd || done > total)
        InterlockedIncrement(&progress_odd);
    InterlockedIncrement(&progress_calls);
}

/* A folder with something to copy, below the current one, which is the test's own. */
static void make_tree(WCHAR *folder)
{
    static const BYTE content[100000] = {1};
    WCHAR file[MAX_PATH];
    DWORD written = 0;
    assert_true(GetFullPathNameW(L"progress", MAX_PATH, folder, NULL));
    assert_true(CreateDirectoryW(folder, NULL));
    wsprintfW(file, L"%s\\file", folder);
    HANDLE handle = CreateFileW(file, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    assert_true(handle != INVALID_HANDLE_VALUE);
    assert_true(WriteFile(handle, content, sizeof(content), &written, NULL));
    CloseHandle(handle);
}

static void progress_is_told_until_it_is_ended(void **state)
{
    (void)state;
    WCHAR folder[MAX_PATH];
    make_tree(folder);
    assert_hr(ThawlineSetOption(L"CLONE_ROOTS", folder), S_OK);
    assert_hr(ThawlineSetProgress(note_progress, (void *)&progress_odd), S_OK);
    struct backup backup;
    backup_until_done(&backup);
    backup_release(&backup);
    assert_true(progress_calls > 0);
    assert_int_equal(progress_odd, 0);
    assert_hr(ThawlineSetProgress(NULL, NULL), S_OK);
    LONG calls = progress_calls;
    backup_until_done(&backup);
    backup_release(&backup);
    assert_int_equal(progress_calls, calls);
    assert_hr(ThawlineSetOption(L"CLONE_ROOTS", NULL), S_OK);
}

/* ---- Faults ---- */

static void a_fault_fires_as_often_as_it_was_asked_to(void **state)
{
    (void)state;
    IVssBackupComponentsEx4 *backup = abi_backup();
    IVssAsync *async = NULL;
    assert_hr(IVssBackupComponentsEx4_InitializeForBackup(backup, NULL), S_OK);
    assert_hr(ThawlineSetFault("async.start", NULL, E_OUTOFMEMORY, 1, 1, 0), S_OK);
    assert_hr(IVssBackupComponentsEx4_GatherWriterMetadata(backup, &async), E_OUTOFMEMORY);
    assert_null(async);
    assert_hr(IVssBackupComponentsEx4_GatherWriterMetadata(backup, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    assert_hr(ThawlineSetFault("async.start", NULL, E_OUTOFMEMORY, 1, 0, 0), S_OK);
    assert_hr(ThawlineClearFaults(), S_OK);
    assert_hr(IVssBackupComponentsEx4_GatherWriterStatus(backup, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    IVssBackupComponentsEx4_Release(backup);
}

/* ---- Names ---- */

static void results_have_names_and_sentences(void **state)
{
    (void)state;
    assert_string_equal(ThawlineGetResultName(S_OK), "S_OK");
    assert_string_equal(ThawlineGetResultName((HRESULT)0x80042301), "VSS_E_BAD_STATE");
    assert_string_equal(
        ThawlineGetResultName((HRESULT)0x80042409), "VSS_E_WRITER_STATUS_NOT_AVAILABLE");
    assert_null(ThawlineGetResultName((HRESULT)0x80049999));
    assert_non_null(ThawlineGetResultMeaning((HRESULT)0x80042301));
    assert_null(ThawlineGetResultMeaning((HRESULT)0x80049999));
}

/* The three places where the version is written say the same. */
static void the_version_is_that_of_the_file(void **state)
{
    (void)state;
    HMODULE module = GetModuleHandleW(L"vssapi.dll");
    HRSRC found = FindResourceW(module, MAKEINTRESOURCEW(VS_VERSION_INFO), RT_VERSION);
    assert_non_null(found);
    const BYTE *resource = LockResource(LoadResource(module, found));
    DWORD size = SizeofResource(module, found);
    const VS_FIXEDFILEINFO *info = NULL;
    for (DWORD at = 0; !info && at + sizeof(*info) <= size; at += sizeof(DWORD))
        if (*(const DWORD *)(resource + at) == 0xFEEF04BD)
            info = (const VS_FIXEDFILEINFO *)(resource + at);
    assert_non_null(info);
    char text[32];
    wsprintfA(text, "%u.%u.%u", HIWORD(info->dwFileVersionMS), LOWORD(info->dwFileVersionMS),
        HIWORD(info->dwFileVersionLS));
    assert_string_equal(ThawlineGetVersion(), text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ABI_TEST(settings_take_what_they_can_be),
        ABI_TEST(a_sink_hears_what_is_severe_enough_until_it_is_removed),
        ABI_TEST(a_sink_may_remove_itself),
        ABI_TEST(a_set_reports_how_it_went),
        ABI_TEST(unknown_sets_are_not_found),
        ABI_TEST(bad_arguments_are_invalid),
        ABI_TEST(progress_is_told_until_it_is_ended),
        ABI_TEST(a_fault_fires_as_often_as_it_was_asked_to),
        ABI_TEST(results_have_names_and_sentences),
        ABI_TEST(the_version_is_that_of_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
