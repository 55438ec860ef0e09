/* SPDX-License-Identifier: MIT
 *
 * writer_c: a VSS writer in C, in one file. Its data is FOLDER\data.txt, which gets each line that
 * comes on standard input, but not between Freeze and Thaw. Any requestor can back it up.
 *
 *   writer_c FOLDER
 *
 * Says each event that comes. Ends when standard input does. Exit code 0; 1: something fails; 2:
 * wrong use. Build it with the include folder, -municode, -lvssapi and -lole32.
 */
#include <stdio.h>

#include <windows.h>

#include "vsswriter.h"

/* {5b1f7c52-7a0e-4c3b-9f5d-2a64d0c1e801}: make your own; it never changes. */
static const VSS_ID writer_id = {
    0x5b1f7c52, 0x7a0e, 0x4c3b, {0x9f, 0x5d, 0x2a, 0x64, 0xd0, 0xc1, 0xe8, 0x01}};

#define LINE_SIZE 256
#define FILE_MASK ((DWORD)(VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED))

struct writer
{
    CVssWriter base; /* first: what handlers get is a pointer to it */
    const WCHAR *folder;
    SRWLOCK lock;
    CONDITION_VARIABLE thawed;
    BOOL frozen; /* guarded by lock */
};

static boolean say(const char *event)
{
    printf("%s\n", event);
    fflush(stdout);
    return TRUE;
}

/* ---- The application ---- */

/* Waits while frozen. The lock is held while the file is written, so Freeze waits for that. */
static BOOL append(struct writer *writer, const char *line)
{
    WCHAR path[MAX_PATH + 16];
    FILE *file;
    BOOL written;

    _snwprintf(path, ARRAYSIZE(path) - 1, L"%ls\\data.txt", writer->folder);
    path[ARRAYSIZE(path) - 1] = 0;
    AcquireSRWLockExclusive(&writer->lock);
    while (writer->frozen)
        SleepConditionVariableSRW(&writer->thawed, &writer->lock, INFINITE, 0);
    file = _wfopen(path, L"ab");
    written = file && fputs(line, file) >= 0;
    if (file && fclose(file))
        written = FALSE;
    ReleaseSRWLockExclusive(&writer->lock);
    return written;
}

static void set_frozen(struct writer *writer, BOOL frozen)
{
    AcquireSRWLockExclusive(&writer->lock);
    writer->frozen = frozen;
    ReleaseSRWLockExclusive(&writer->lock);
    WakeAllConditionVariable(&writer->thawed);
}

/* ---- Handlers ---- */

static boolean STDMETHODCALLTYPE on_identify(CVssWriter *base, IVssCreateWriterMetadata *metadata)
{
    const struct writer *writer = (const struct writer *)base;
    HRESULT hr = metadata->lpVtbl->AddComponent(metadata, VSS_CT_FILEGROUP, NULL, L"data",
        L"What was typed", NULL, 0, FALSE, FALSE, TRUE, TRUE, 0);

    if (SUCCEEDED(hr))
        hr = metadata->lpVtbl->AddFilesToFileGroup(
            metadata, NULL, L"data", writer->folder, L"data.txt", FALSE, NULL, FILE_MASK);
    if (SUCCEEDED(hr))
        hr = metadata->lpVtbl->SetRestoreMethod(
            metadata, VSS_RME_RESTORE_IF_CAN_REPLACE, NULL, NULL, VSS_WRE_ALWAYS, FALSE);
    return SUCCEEDED(hr) && say("Identify");
}

static boolean STDMETHODCALLTYPE on_prepare_backup(CVssWriter *base, IVssWriterComponents *selected)
{
    (void)base;
    return say(selected ? "PrepareBackup with components" : "PrepareBackup");
}

static boolean STDMETHODCALLTYPE on_prepare_snapshot(CVssWriter *base)
{
    (void)base;
    return say("PrepareSnapshot");
}

static boolean STDMETHODCALLTYPE on_freeze(CVssWriter *base)
{
    set_frozen((struct writer *)base, TRUE);
    return say("Freeze");
}

static boolean STDMETHODCALLTYPE on_thaw(CVssWriter *base)
{
    boolean said = say("Thaw"); /* before what is typed is written again */

    set_frozen((struct writer *)base, FALSE);
    return said;
}

static boolean STDMETHODCALLTYPE on_abort(CVssWriter *base)
{
    boolean said = say("Abort");

    set_frozen((struct writer *)base, FALSE);
    return said;
}

static boolean STDMETHODCALLTYPE on_backup_complete(
    CVssWriter *base, IVssWriterComponents *selected)
{
    (void)base;
    (void)selected;
    return say("BackupComplete");
}

static boolean STDMETHODCALLTYPE on_backup_shutdown(CVssWriter *base, VSS_ID set_id)
{
    (void)base;
    (void)set_id;
    return say("BackupShutdown");
}

static boolean STDMETHODCALLTYPE on_pre_restore(CVssWriter *base, IVssWriterComponents *selected)
{
    (void)base;
    (void)selected;
    return say("PreRestore");
}

static boolean STDMETHODCALLTYPE on_post_restore(CVssWriter *base, IVssWriterComponents *selected)
{
    (void)base;
    (void)selected;
    return say("PostRestore");
}

static boolean STDMETHODCALLTYPE on_post_snapshot(CVssWriter *base, IVssWriterComponents *selected)
{
    VssWriterImpl *impl = base->pImpl;
    LPCWSTR *volumes = impl->lpVtbl->GetCurrentVolumeArray(impl);
    LPCWSTR device = NULL;

    (void)selected;
    if (impl->lpVtbl->GetCurrentVolumeCount(impl) &&
        FAILED(impl->lpVtbl->GetSnapshotDeviceName(impl, volumes[0], &device)))
    {
        CVssWriter_SetWriterFailure(base, VSS_E_WRITERERROR_NONRETRYABLE);
        return FALSE;
    }
    return say("PostSnapshot");
}

static const CVssWriterVtbl handlers = {
    .OnIdentify = on_identify,
    .OnPrepareBackup = on_prepare_backup,
    .OnPrepareSnapshot = on_prepare_snapshot,
    .OnFreeze = on_freeze,
    .OnThaw = on_thaw,
    .OnAbort = on_abort,
    .OnBackupComplete = on_backup_complete,
    .OnBackupShutdown = on_backup_shutdown,
    .OnPreRestore = on_pre_restore,
    .OnPostRestore = on_post_restore,
    .OnPostSnapshot = on_post_snapshot,
};

int wmain(int argc, WCHAR **argv)
{
    static struct writer writer = {.base = {.lpVtbl = &handlers}, .lock = SRWLOCK_INIT};
    char line[LINE_SIZE];
    BOOL good = TRUE;
    HRESULT hr;

    if (argc != 2)
    {
        fprintf(stderr, "usage: writer_c FOLDER\n");
        return 2;
    }
    writer.folder = argv[1];
    InitializeConditionVariable(&writer.thawed);
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    hr = CVssWriter_Initialize(
        &writer.base, writer_id, L"Writer in C", VSS_UT_USERDATA, VSS_ST_OTHER);
    if (SUCCEEDED(hr))
        hr = CVssWriter_Subscribe(&writer.base);
    if (SUCCEEDED(hr))
    {
        say("subscribed");
        while (good && fgets(line, sizeof(line), stdin))
            good = append(&writer, line) && say("written");
    }
    CVssWriter_Uninitialize(&writer.base);
    CoUninitialize();
    if (FAILED(hr))
        fprintf(stderr, "cannot be a writer: 0x%08lx\n", (unsigned long)hr);
    return SUCCEEDED(hr) && good ? 0 : 1;
}
