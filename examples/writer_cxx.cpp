/* SPDX-License-Identifier: MIT
 *
 * writer_cxx: a VSS writer in C++, compiled with mingw-w64's g++. Its data is FOLDER\data.txt,
 * which gets each line that comes on standard input, but not between Freeze and Thaw. Any requestor
 * can back it up.
 *
 *   writer_cxx FOLDER
 *
 * Says each event that comes. Ends when standard input does. Exit code 0; 1: something fails; 2:
 * wrong use. Build it with the include folder, -municode, -lvssapi and -lole32.
 */
#include <cstdio>

#include <windows.h>

#include "vsswriter.h"

namespace
{

/* {5b1f7c52-7a0e-4c3b-9f5d-2a64d0c1e802}: make your own; it never changes. */
const VSS_ID writer_id = {
    0x5b1f7c52, 0x7a0e, 0x4c3b, {0x9f, 0x5d, 0x2a, 0x64, 0xd0, 0xc1, 0xe8, 0x02}};

const DWORD file_mask = VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED;

bool say(const char *event)
{
    std::printf("%s\n", event);
    std::fflush(stdout);
    return true;
}

/* The application: a file, and a gate before it. */
class journal
{
public:
    explicit journal(const WCHAR *where) : frozen(false), folder(where)
    {
        InitializeSRWLock(&lock);
        InitializeConditionVariable(&thawed);
    }

    /* Waits while frozen. The lock is held while the file is written, so Freeze waits for that. */
    bool append(const char *line)
    {
        WCHAR path[MAX_PATH + 16];
        _snwprintf(path, ARRAYSIZE(path) - 1, L"%ls\\data.txt", folder);
        path[ARRAYSIZE(path) - 1] = 0;
        AcquireSRWLockExclusive(&lock);
        while (frozen)
            SleepConditionVariableSRW(&thawed, &lock, INFINITE, 0);
        std::FILE *file = _wfopen(path, L"ab");
        bool written = file && std::fputs(line, file) >= 0;
        if (file && std::fclose(file))
            written = false;
        ReleaseSRWLockExclusive(&lock);
        return written;
    }

    void set_frozen(bool now)
    {
        AcquireSRWLockExclusive(&lock);
        frozen = now;
        ReleaseSRWLockExclusive(&lock);
        WakeAllConditionVariable(&thawed);
    }

    const WCHAR *where() const { return folder; }

private:
    SRWLOCK lock;
    CONDITION_VARIABLE thawed;
    bool frozen; /* guarded by lock */
    const WCHAR *folder;
};

/* `final`: its destructor is not virtual. */
class journal_writer final : public CVssWriterEx
{
public:
    explicit journal_writer(journal &what) : data(what) {}
    ~journal_writer() { Unsubscribe(); }

    HRESULT start()
    {
        HRESULT hr = InitializeEx(
            writer_id, L"Writer in C++", 1, 0, VSS_UT_USERDATA, VSS_ST_OTHER, VSS_APP_FRONT_END);
        return SUCCEEDED(hr) ? Subscribe() : hr;
    }

    bool STDMETHODCALLTYPE OnIdentifyEx(IVssCreateWriterMetadataEx *metadata) override
    {
        HRESULT hr = metadata->AddComponent(VSS_CT_FILEGROUP, NULL, L"data", L"What was typed",
            NULL, 0, false, false, true, true, 0);
        if (SUCCEEDED(hr))
            hr = metadata->AddFilesToFileGroup(
                NULL, L"data", data.where(), L"data.txt", false, NULL, file_mask);
        if (SUCCEEDED(hr))
            hr = metadata->SetRestoreMethod(
                VSS_RME_RESTORE_IF_CAN_REPLACE, NULL, NULL, VSS_WRE_ALWAYS, false);
        return SUCCEEDED(hr) && say("Identify");
    }
    bool STDMETHODCALLTYPE OnPrepareBackup(IVssWriterComponents *selected) override
    {
        return say(selected ? "PrepareBackup with components" : "PrepareBackup");
    }
    bool STDMETHODCALLTYPE OnPrepareSnapshot() override { return say("PrepareSnapshot"); }
    bool STDMETHODCALLTYPE OnFreeze() override
    {
        data.set_frozen(true);
        return say("Freeze");
    }
    bool STDMETHODCALLTYPE OnThaw() override
    {
        bool said = say("Thaw"); // before what is typed is written again
        data.set_frozen(false);
        return said;
    }
    bool STDMETHODCALLTYPE OnAbort() override
    {
        bool said = say("Abort");
        data.set_frozen(false);
        return said;
    }
    bool STDMETHODCALLTYPE OnPostSnapshot(IVssWriterComponents *) override
    {
        LPCWSTR device = NULL;
        if (GetCurrentVolumeCount() &&
            FAILED(GetSnapshotDeviceName(GetCurrentVolumeArray()[0], &device)))
        {
            SetWriterFailure(VSS_E_WRITERERROR_NONRETRYABLE);
            return false;
        }
        return say("PostSnapshot");
    }
    bool STDMETHODCALLTYPE OnBackupComplete(IVssWriterComponents *) override
    {
        return say("BackupComplete");
    }
    bool STDMETHODCALLTYPE OnBackupShutdown(VSS_ID) override { return say("BackupShutdown"); }
    bool STDMETHODCALLTYPE OnPreRestore(IVssWriterComponents *) override
    {
        return say("PreRestore");
    }
    bool STDMETHODCALLTYPE OnPostRestore(IVssWriterComponents *) override
    {
        return say("PostRestore");
    }

private:
    journal &data;
};

HRESULT serve(journal &data)
{
    journal_writer writer(data);
    HRESULT hr = writer.start();
    if (FAILED(hr))
        return hr;
    say("subscribed");
    char line[256];
    while (std::fgets(line, sizeof(line), stdin))
        if (!data.append(line) || !say("written"))
            return E_FAIL;
    return S_OK;
}

} // namespace

int wmain(int argc, WCHAR **argv)
{
    if (argc != 2)
    {
        std::fprintf(stderr, "usage: writer_cxx FOLDER\n");
        return 2;
    }
    journal data(argv[1]);
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    HRESULT hr = serve(data);
    CoUninitialize();
    if (FAILED(hr))
        std::fprintf(stderr, "writer_cxx fails: 0x%08lx\n", (unsigned long)hr);
    return SUCCEEDED(hr) ? 0 : 1;
}
