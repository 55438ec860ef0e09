/* SPDX-License-Identifier: MIT
 *
 * backup_tool FOLDER DESTINATION: a complete backup through VSS, in C with mingw-w64's headers.
 *
 * It copies FOLDER, an absolute path with a drive letter, as it was at one moment, with every
 * writer of the machine taking part; DESTINATION must not exist. Exit code 0: all is copied. Build
 * it with -DCOBJMACROS, -lvssapi, -lole32 and -loleaut32.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#define PATH_UNITS 2048

static bool good(HRESULT hr, const char *step)
{
    if (FAILED(hr))
        fprintf(stderr, "backup_tool: %s: 0x%08lx\n", step, (unsigned long)hr);
    return SUCCEEDED(hr);
}

/* The call that began an operation, and how the operation ends. */
static bool finished(HRESULT hr, IVssAsync **async, const char *step)
{
    HRESULT result = hr;
    if (SUCCEEDED(hr))
    {
        hr = IVssAsync_Wait(*async, INFINITE);
        if (SUCCEEDED(hr))
            hr = IVssAsync_QueryStatus(*async, &result, NULL);
        IVssAsync_Release(*async);
    }
    return good(FAILED(hr) ? hr : result, step);
}

static bool join(WCHAR *path, const WCHAR *folder, const WCHAR *name)
{
    return swprintf(path, PATH_UNITS, L"%ls\\%ls", folder, name) > 0;
}

static bool copy_tree(const WCHAR *source, const WCHAR *destination)
{
    WCHAR *paths = calloc(2 * PATH_UNITS, sizeof(WCHAR));
    WCHAR *from = paths;
    WCHAR *to = paths + PATH_UNITS;
    WIN32_FIND_DATAW entry;
    HANDLE search = INVALID_HANDLE_VALUE;
    bool ok = paths && CreateDirectoryW(destination, NULL) && join(from, source, L"*");
    if (ok)
        search = FindFirstFileW(from, &entry);
    ok = ok && search != INVALID_HANDLE_VALUE;
    for (bool more = ok; ok && more; more = FindNextFileW(search, &entry))
    {
        if (wcscmp(entry.cFileName, L".") == 0 || wcscmp(entry.cFileName, L"..") == 0)
            continue;
        ok = join(from, source, entry.cFileName) && join(to, destination, entry.cFileName);
        if (ok && entry.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
            ok = copy_tree(from, to);
        else if (ok)
            ok = CopyFileW(from, to, TRUE);
    }
    if (search != INVALID_HANDLE_VALUE)
        FindClose(search);
    if (!ok)
        fprintf(stderr, "backup_tool: %ls is not copied: %lu\n", source, GetLastError());
    free(paths);
    return ok;
}

/* FOLDER's place in the shadow copy is the device object and the path behind the drive. */
static bool copy_from(
    IVssBackupComponents *bc, VSS_ID snapshot, const WCHAR *folder, const WCHAR *destination)
{
    WCHAR source[PATH_UNITS];
    VSS_SNAPSHOT_PROP prop = {0};
    if (!good(IVssBackupComponents_GetSnapshotProperties(bc, snapshot, &prop), "properties"))
        return false;
    bool ok = swprintf(source, PATH_UNITS, L"%ls%ls", prop.m_pwszSnapshotDeviceObject, folder + 2) >
            0 &&
        copy_tree(source, destination);
    VssFreeSnapshotPropertiesInternal(&prop);
    return ok;
}

/* After StartSnapshotSet: whoever fails here aborts. */
static bool make_copy(IVssBackupComponents *bc, WCHAR *volume, VSS_ID *snapshot)
{
    IVssAsync *async = NULL;
    return good(IVssBackupComponents_AddToSnapshotSet(bc, volume, GUID_NULL, snapshot),
               "AddToSnapshotSet") &&
        finished(IVssBackupComponents_PrepareForBackup(bc, &async), &async, "PrepareForBackup") &&
        finished(IVssBackupComponents_DoSnapshotSet(bc, &async), &async, "DoSnapshotSet");
}

static bool back_up(IVssBackupComponents *bc, const WCHAR *folder, const WCHAR *destination)
{
    WCHAR volume[] = {folder[0], L':', L'\\', 0};
    IVssAsync *async = NULL;
    VSS_ID set;
    VSS_ID snapshot;
    /* No components are chosen: all writers take part. */
    if (!good(IVssBackupComponents_InitializeForBackup(bc, NULL), "InitializeForBackup") ||
        !good(IVssBackupComponents_SetBackupState(bc, FALSE, FALSE, VSS_BT_COPY, FALSE),
            "SetBackupState") ||
        !finished(IVssBackupComponents_GatherWriterMetadata(bc, &async), &async,
            "GatherWriterMetadata") ||
        !good(IVssBackupComponents_StartSnapshotSet(bc, &set), "StartSnapshotSet"))
        return false;
    if (!make_copy(bc, volume, &snapshot))
    {
        IVssBackupComponents_AbortBackup(bc);
        return false;
    }
    bool ok = copy_from(bc, snapshot, folder, destination);
    return finished(IVssBackupComponents_BackupComplete(bc, &async), &async, "BackupComplete") &&
        ok;
}

int main(void)
{
    int count = 0;
    WCHAR **arguments = CommandLineToArgvW(GetCommandLineW(), &count);
    IVssBackupComponents *bc = NULL;
    bool ok = false;
    if (count != 3 || wcslen(arguments[1]) < 3 || arguments[1][1] != L':')
    {
        fprintf(stderr, "usage: backup_tool X:\\FOLDER DESTINATION\n");
        return 2;
    }
    if (good(CoInitializeEx(NULL, COINIT_MULTITHREADED), "CoInitializeEx") &&
        good(CreateVssBackupComponentsInternal(&bc), "CreateVssBackupComponents"))
    {
        ok = back_up(bc, arguments[1], arguments[2]);
        /* The last reference takes the shadow copy with it. */
        IVssBackupComponents_Release(bc);
    }
    LocalFree(arguments);
    return ok ? 0 : 1;
}
