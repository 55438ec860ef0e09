/* SPDX-License-Identifier: MIT
 *
 * What the trace costs:
 *   (a) off: a point, of ten million in a loop, against the same loop without; at most 5 ns
 *   (b) on: a backup with a shadow copy of a folder with 500 files, and a writer, against the same
 *       backup without; at most 1.10
 *   (c) on: the same with the live provider, which copies nothing, so that all that is left is what
 *       is traced; for information
 * Rounds of both alternate, and the medians of their ratios count. Exits with 1 when a limit is
 * exceeded.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <thawline.h>

#include "diag/trace.h"
#include "requestor/bc_create.h"

#define POINTS 10000000u
#define POINT_RUNS 7
#define POINT_LIMIT_NS 5.0
#define FILES 500u
#define FILE_SIZE 4096u
#define BACKUP_RUNS 15
#define BACKUP_LIMIT 1.10

static const VSS_ID writer_id = {0xbe9c4001, 0x1234, 0x4321, {0x80, 1, 2, 3, 4, 5, 6, 7}};

static WCHAR folder[MAX_PATH]; /* with the files */
static WCHAR trace[MAX_PATH];
static WCHAR trace_file[MAX_PATH];

static void check(HRESULT hr, const char *what)
{
    if (hr == S_OK)
        return;
    printf("%s: 0x%08lx\n", what, (unsigned long)hr);
    exit(2);
}

static double now(void)
{
    LARGE_INTEGER frequency;
    LARGE_INTEGER count;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    return (double)count.QuadPart / (double)frequency.QuadPart;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
    return values[count / 2];
}

/* ---- off ---- */

static volatile unsigned seen;

static double time_loop(bool points)
{
    double began = now();
    for (unsigned i = 0; i < POINTS; i++)
    {
        if (points && trace_watches())
            abort();
        seen = i;
    }
    return now() - began;
}

static double point_ns(void)
{
    double spent[POINT_RUNS];
    for (int run = 0; run < POINT_RUNS; run++)
    {
        double without = time_loop(false);
        spent[run] = (time_loop(true) - without) / POINTS * 1e9;
    }
    return median(spent, POINT_RUNS);
}

/* ---- on ---- */

static void make_files(void)
{
    static BYTE bytes[FILE_SIZE];
    GetTempPathW(MAX_PATH, folder);
    lstrcatW(folder, L"bench-trace");
    _snwprintf(trace, MAX_PATH, L"%ls.jsonl", folder);
    _snwprintf(trace_file, MAX_PATH, L"%ls.%lu", trace, GetCurrentProcessId());
    CreateDirectoryW(folder, NULL);
    for (unsigned i = 0; i < FILES; i++)
    {
        WCHAR path[MAX_PATH];
        DWORD written = 0;
        _snwprintf(path, MAX_PATH, L"%ls\\%u", folder, i);
        HANDLE file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
        WriteFile(file, bytes, FILE_SIZE, &written, NULL);
        CloseHandle(file);
        check(written == FILE_SIZE ? S_OK : E_FAIL, "a file");
    }
}

static void remove_files(void)
{
    for (unsigned i = 0; i < FILES; i++)
    {
        WCHAR path[MAX_PATH];
        _snwprintf(path, MAX_PATH, L"%ls\\%u", folder, i);
        DeleteFileW(path);
    }
    RemoveDirectoryW(folder);
    DeleteFileW(trace_file);
}

static BOOL CALLBACK identify(
    void *context, const THAWLINE_EVENT *event, IVssCreateWriterMetadataEx *metadata)
{
    (void)context;
    (void)event;
    if (FAILED(metadata->lpVtbl->AddComponent(metadata, VSS_CT_FILEGROUP, NULL, L"files", NULL,
            NULL, 0, FALSE, FALSE, TRUE, FALSE, 0)))
        return FALSE;
    return SUCCEEDED(metadata->lpVtbl->AddFilesToFileGroup(
        metadata, NULL, L"files", folder, L"*", TRUE, NULL, VSS_FSBT_ALL_BACKUP_REQUIRED));
}

static void finish(IVssAsync *async, const char *what)
{
    HRESULT result = E_UNEXPECTED;
    check(IVssAsync_Wait(async, INFINITE), what);
    check(IVssAsync_QueryStatus(async, &result, NULL), what);
    IVssAsync_Release(async);
    check(result == VSS_S_ASYNC_FINISHED ? S_OK : result, what);
}

static double time_backup(THAWLINE_WRITER writer, bool traced)
{
    IVssBackupComponents *backup = NULL;
    IVssAsync *async = NULL;
    WCHAR volume[] = L"C:\\";
    VSS_ID instance_id, set_id, snapshot_id;
    check(ThawlineSetOption(L"TRACE", traced ? trace : L""), "TRACE");
    check(ThawlineGetWriterInstanceId(writer, &instance_id), "ThawlineGetWriterInstanceId");
    double began = now();
    check(bc_create(&backup), "CreateVssBackupComponents");
    check(IVssBackupComponents_InitializeForBackup(backup, NULL), "InitializeForBackup");
    check(IVssBackupComponents_SetBackupState(backup, TRUE, FALSE, VSS_BT_FULL, FALSE),
        "SetBackupState");
    check(IVssBackupComponents_GatherWriterMetadata(backup, &async), "GatherWriterMetadata");
    finish(async, "GatherWriterMetadata");
    check(IVssBackupComponents_AddComponent(
              backup, instance_id, writer_id, VSS_CT_FILEGROUP, NULL, L"files"),
        "AddComponent");
    check(IVssBackupComponents_StartSnapshotSet(backup, &set_id), "StartSnapshotSet");
    check(IVssBackupComponents_AddToSnapshotSet(backup, volume, GUID_NULL, &snapshot_id),
        "AddToSnapshotSet");
    check(IVssBackupComponents_PrepareForBackup(backup, &async), "PrepareForBackup");
    finish(async, "PrepareForBackup");
    check(IVssBackupComponents_DoSnapshotSet(backup, &async), "DoSnapshotSet");
    finish(async, "DoSnapshotSet");
    check(IVssBackupComponents_SetBackupSucceeded(
              backup, instance_id, writer_id, VSS_CT_FILEGROUP, NULL, L"files", TRUE),
        "SetBackupSucceeded");
    check(IVssBackupComponents_BackupComplete(backup, &async), "BackupComplete");
    finish(async, "BackupComplete");
    check(IVssBackupComponents_GatherWriterStatus(backup, &async), "GatherWriterStatus");
    finish(async, "GatherWriterStatus");
    IVssBackupComponents_Release(backup);
    double spent = now() - began;
    check(ThawlineSetOption(L"TRACE", L""), "TRACE");
    DeleteFileW(trace_file);
    return spent;
}

/* The median of the ratios of neighbours: what else the machine does meets both alike. */
static double backup_ratio(THAWLINE_WRITER writer, const char *what, const WCHAR *provider)
{
    double ratios[BACKUP_RUNS];
    double without[BACKUP_RUNS];
    check(ThawlineSetOption(L"PROVIDER", provider), "PROVIDER");
    time_backup(writer, false);
    for (int run = 0; run < BACKUP_RUNS; run++)
    {
        /* Whoever comes second gains by what the first has warmed. */
        double first = time_backup(writer, run % 2 != 0);
        double second = time_backup(writer, run % 2 == 0);
        without[run] = run % 2 ? second : first;
        ratios[run] = run % 2 ? first / second : second / first;
    }
    double ratio = median(ratios, BACKUP_RUNS);
    printf("%s: %.1f ms without the trace, with it %.3f x\n", what,
        median(without, BACKUP_RUNS) * 1e3, ratio);
    return ratio;
}

int main(void)
{
    static const THAWLINE_WRITER_CALLBACKS callbacks = {
        .cbSize = sizeof(callbacks), .pfnIdentify = identify};
    const THAWLINE_WRITER_INFO info = {.cbSize = sizeof(info),
        .WriterId = writer_id,
        .pwszName = L"bench",
        .Usage = VSS_UT_USERDATA,
        .Source = VSS_ST_OTHER,
        .Level = VSS_APP_FRONT_END};
    THAWLINE_WRITER writer = NULL;
    check(ThawlineSetOption(L"TRACE", L""), "TRACE");
    double off = point_ns();
    printf("(a) off: %.2f ns a point\n", off);
    make_files();
    check(ThawlineSetOption(L"CLONE_ROOTS", folder), "CLONE_ROOTS");
    check(ThawlineRegisterWriter(&info, &callbacks, NULL, &writer), "ThawlineRegisterWriter");
    double on = backup_ratio(writer, "(b) a backup of 500 files", L"clone");
    backup_ratio(writer, "(c) a backup of nothing", L"live");
    ThawlineUnregisterWriter(writer);
    remove_files();
    bool good = off <= POINT_LIMIT_NS && on <= BACKUP_LIMIT;
    printf("(a) %.2f ns, at most %.2f; (b) %.3f x, at most %.2f: %s\n", off, POINT_LIMIT_NS, on,
        BACKUP_LIMIT, good ? "good" : "EXCEEDED");
    return good ? 0 : 1;
}
