/* SPDX-License-Identifier: MIT
 *
 * What copies by the host's file system cost inside the freeze, as ratios measured side by side in
 * one run:
 *   (a) btrfs, ten writers: from the last Freeze answer to the first Thaw, against a bare `btrfs
 *       subvolume snapshot` that is started the same way; at most 1.5
 *   (b) reflink: the commit of a volume of 10,000 files with 100 changed, against a `cp` of all of
 *       them by reflinks; at most 0.4
 * Prints both and exits with 1 when one is exceeded. tools/bench names the drives: a btrfs
 * subvolume and an XFS, both empty, in BENCH_BTRFS and BENCH_XFS (`X:\`).
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <thawline.h>

#include "base/guid.h"
#include "provider/provider.h"
#include "requestor/bc_create.h"
#include "volume/native_tool.h"
#include "volume/wine_link.h"

#define RUNS 7
#define WRITERS 10
#define SNAPSHOT_LIMIT 1.5
#define FOLDERS 100
#define FILES_EACH 100
#define FILE_BYTES 4096
#define CHANGED 100
#define COMMIT_LIMIT 0.4
#define TOOL_LIMIT_S 120
#define PATH_UNITS 512

static const GUID reflink_id = {
    0x5e173dab, 0x132a, 0x47c9, {0xb5, 0x4d, 0x99, 0xfb, 0x59, 0x19, 0xb1, 0x86}};
static const GUID btrfs_id = {
    0x8dd67330, 0x9056, 0x4695, {0xb2, 0xe3, 0x3c, 0x77, 0x6c, 0x05, 0xce, 0x60}};

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

static double median(double *values)
{
    qsort(values, RUNS, sizeof(*values), compare);
    return values[RUNS / 2];
}

static double run(const char *const *arguments)
{
    struct native_answer answer;
    double began = now();
    HRESULT hr = native_tool_run(arguments, TOOL_LIMIT_S, &answer);
    double spent = now() - began;
    if (FAILED(hr))
        printf("%s: %s\n", arguments[0], answer.said ? answer.said : "");
    native_answer_free(&answer);
    check(hr, arguments[0]);
    return spent;
}

#define run(...) run((const char *const[]){__VA_ARGS__, NULL})

static void write_file(const WCHAR *path, char fill)
{
    char content[FILE_BYTES];
    DWORD wrote = 0;
    memset(content, fill, sizeof(content));
    HANDLE file = CreateFileW(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL);
    bool done = file != INVALID_HANDLE_VALUE &&
        WriteFile(file, content, sizeof(content), &wrote, NULL);
    CloseHandle(file);
    check(done ? S_OK : E_FAIL, "WriteFile");
}

/* 10,000 files that were written an hour ago. The volume's name on the host; wine_host_name_free
   it. */
static char *fill_volume(const WCHAR *root)
{
    WCHAR path[PATH_UNITS];
    char from[PATH_UNITS];
    char to[PATH_UNITS];
    char *folder = wine_host_name(root);
    check(folder ? S_OK : E_FAIL, "the volume's name on the host");
    _snwprintf(path, PATH_UNITS, L"%lsfiles", root);
    CreateDirectoryW(path, NULL);
    _snwprintf(path, PATH_UNITS, L"%lsfiles\\0", root);
    CreateDirectoryW(path, NULL);
    for (int i = 0; i < FILES_EACH; i++)
    {
        _snwprintf(path, PATH_UNITS, L"%lsfiles\\0\\%d", root, i);
        write_file(path, 'a');
    }
    snprintf(from, PATH_UNITS, "%s/files/0", folder);
    for (int i = 1; i < FOLDERS; i++)
    {
        snprintf(to, PATH_UNITS, "%s/files/%d", folder, i);
        run("/bin/cp", "-a", "--reflink=never", from, to);
    }
    snprintf(from, PATH_UNITS, "%s/files", folder);
    run("/usr/bin/find", from, "-type", "f", "-exec", "/usr/bin/touch", "-d", "1 hour ago", "{}",
        "+");
    run("/bin/sync", "-f", from);
    return folder;
}

/* ---- (a) ---- */

static CRITICAL_SECTION times_lock;
static double last_freeze; /* guarded by times_lock */
static double first_thaw;  /* guarded by times_lock; 0: none yet */

static BOOL CALLBACK freeze(void *context, const THAWLINE_EVENT *event)
{
    (void)context;
    (void)event;
    EnterCriticalSection(&times_lock);
    last_freeze = now();
    LeaveCriticalSection(&times_lock);
    return TRUE;
}

static BOOL CALLBACK thaw(void *context, const THAWLINE_EVENT *event)
{
    (void)context;
    (void)event;
    EnterCriticalSection(&times_lock);
    if (first_thaw == 0)
        first_thaw = now();
    LeaveCriticalSection(&times_lock);
    return TRUE;
}

static THAWLINE_WRITER register_writer(void)
{
    static const THAWLINE_WRITER_CALLBACKS callbacks = {
        .cbSize = sizeof(callbacks), .pfnFreeze = freeze, .pfnThaw = thaw};
    static const THAWLINE_WRITER_INFO info = {.cbSize = sizeof(info),
        .WriterId = {0xbe9c4001, 0x1234, 0x4321, {0x80, 1, 2, 3, 4, 5, 6, 7}},
        .pwszName = L"bench",
        .Usage = VSS_UT_USERDATA,
        .Source = VSS_ST_OTHER,
        .Level = VSS_APP_FRONT_END};
    THAWLINE_WRITER writer = NULL;
    check(ThawlineRegisterWriter(&info, &callbacks, NULL, &writer), "ThawlineRegisterWriter");
    return writer;
}

static void finish(IVssAsync *async, const char *what)
{
    HRESULT result = E_UNEXPECTED;
    check(IVssAsync_Wait(async, INFINITE), what);
    check(IVssAsync_QueryStatus(async, &result, NULL), what);
    IVssAsync_Release(async);
    check(result == VSS_S_ASYNC_FINISHED ? S_OK : result, what);
}

static double time_window(WCHAR *root)
{
    IVssBackupComponents *components = NULL;
    IVssAsync *async = NULL;
    VSS_ID id;
    VSS_SNAPSHOT_PROP prop;
    check(bc_create(&components), "CreateVssBackupComponents");
    check(IVssBackupComponents_InitializeForBackup(components, NULL), "InitializeForBackup");
    check(IVssBackupComponents_SetBackupState(components, FALSE, FALSE, VSS_BT_COPY, FALSE),
        "SetBackupState");
    check(IVssBackupComponents_GatherWriterMetadata(components, &async), "GatherWriterMetadata");
    finish(async, "GatherWriterMetadata");
    check(IVssBackupComponents_StartSnapshotSet(components, &id), "StartSnapshotSet");
    check(IVssBackupComponents_AddToSnapshotSet(components, root, GUID_NULL, &id),
        "AddToSnapshotSet");
    check(IVssBackupComponents_PrepareForBackup(components, &async), "PrepareForBackup");
    finish(async, "PrepareForBackup");
    first_thaw = 0;
    check(IVssBackupComponents_DoSnapshotSet(components, &async), "DoSnapshotSet");
    finish(async, "DoSnapshotSet");
    check(IVssBackupComponents_GetSnapshotProperties(components, id, &prop), "properties");
    check(guid_equal(&prop.m_ProviderId, &btrfs_id) ? S_OK : E_FAIL, "the provider is not btrfs");
    VssFreeSnapshotPropertiesInternal(&prop);
    IVssBackupComponents_Release(components);
    return first_thaw - last_freeze;
}

static double measure_btrfs(WCHAR *root)
{
    THAWLINE_WRITER writers[WRITERS];
    double windows[RUNS];
    double bare[RUNS];
    char copy[PATH_UNITS];
    char *folder = fill_volume(root);
    InitializeCriticalSection(&times_lock);
    for (int i = 0; i < WRITERS; i++)
        writers[i] = register_writer();
    snprintf(copy, PATH_UNITS, "%s/bare", folder);
    for (int i = 0; i < RUNS; i++)
    {
        run("/usr/bin/btrfs", "filesystem", "sync", folder);
        bare[i] = run("/usr/bin/btrfs", "subvolume", "snapshot", folder, copy);
        run("/usr/bin/btrfs", "subvolume", "delete", copy);
        windows[i] = time_window(root);
        printf("(a) frozen %.1f ms with %d writers, a bare snapshot %.1f ms\n", windows[i] * 1e3,
            WRITERS, bare[i] * 1e3);
    }
    for (int i = 0; i < WRITERS; i++)
        ThawlineUnregisterWriter(writers[i]);
    wine_host_name_free(folder);
    return median(windows) / median(bare);
}

/* ---- (b) ---- */

static void change_files(const WCHAR *root, int round)
{
    WCHAR path[PATH_UNITS];
    for (int i = 0; i < CHANGED; i++)
    {
        _snwprintf(path, PATH_UNITS, L"%lsfiles\\%d\\%d", root, i % FOLDERS, round);
        write_file(path, (char)('b' + round));
    }
}

static double time_commit(const WCHAR *root, int round)
{
    struct volume *volume = NULL;
    struct provider_work *work = NULL;
    struct provider_briefing briefing = {0};
    GUID id;
    struct provider *provider = provider_find(&reflink_id);
    check(provider ? S_OK : E_FAIL, "the reflink provider");
    check(volume_open(root, &volume), "volume_open");
    check(CoCreateGuid(&id), "CoCreateGuid");
    check(provider->ops->begin_prepare(provider, &id, &id, volume, VSS_CTX_BACKUP, &work),
        "BeginPrepareSnapshot");
    check(provider->ops->end_prepare(work, &briefing), "EndPrepareSnapshots");
    change_files(root, round);
    double began = now();
    check(provider->ops->commit(work), "CommitSnapshots");
    double spent = now() - began;
    provider->ops->abort(work);
    volume_free(volume);
    return spent;
}

static double measure_reflink(const WCHAR *root)
{
    double commits[RUNS];
    double copies[RUNS];
    char from[PATH_UNITS];
    char to[PATH_UNITS];
    char *folder = fill_volume(root);
    snprintf(from, PATH_UNITS, "%s/files", folder);
    snprintf(to, PATH_UNITS, "%s/copy", folder);
    for (int i = 0; i < RUNS; i++)
    {
        run("/bin/sync", "-f", from);
        copies[i] = run("/bin/cp", "-a", "--reflink=always", from, to);
        run("/bin/rm", "-rf", to);
        run("/bin/sync", "-f", from);
        commits[i] = time_commit(root, i);
        printf("(b) commit %.0f ms with %d of %d files changed, a copy of all %.0f ms\n",
            commits[i] * 1e3, CHANGED, FOLDERS * FILES_EACH, copies[i] * 1e3);
    }
    wine_host_name_free(folder);
    return median(commits) / median(copies);
}

int main(void)
{
    WCHAR btrfs[8];
    WCHAR xfs[8];
    if (!GetEnvironmentVariableW(L"BENCH_BTRFS", btrfs, 8) ||
        !GetEnvironmentVariableW(L"BENCH_XFS", xfs, 8))
    {
        printf("No test volumes here: nothing is measured.\n");
        return 0;
    }
    double window_ratio = measure_btrfs(btrfs);
    double commit_ratio = measure_reflink(xfs);
    bool good = window_ratio <= SNAPSHOT_LIMIT && commit_ratio <= COMMIT_LIMIT;
    printf("median (a) %.2f x, at most %.1f; (b) %.2f x, at most %.1f: %s\n", window_ratio,
        SNAPSHOT_LIMIT, commit_ratio, COMMIT_LIMIT, good ? "good" : "EXCEEDED");
    return good ? 0 : 1;
}
