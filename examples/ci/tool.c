/* SPDX-License-Identifier: MIT
 *
 * Makes a shadow copy with Windows' API alone: nothing here knows of Thawline. See tool.h.
 */
#include "tool.h"

#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

/* What became of an operation that was begun with `hr`. */
static HRESULT finish(HRESULT hr, IVssAsync **async)
{
    if (hr != S_OK)
        return hr;
    hr = IVssAsync_Wait(*async, INFINITE);
    if (SUCCEEDED(hr))
        IVssAsync_QueryStatus(*async, &hr, NULL);
    IVssAsync_Release(*async);
    return hr == VSS_S_ASYNC_FINISHED ? S_OK : hr;
}

static HRESULT start_set(
    IVssBackupComponents *backup, unsigned tries, DWORD pause_ms, VSS_ID *set_id)
{
    HRESULT hr;
    do
    {
        hr = IVssBackupComponents_StartSnapshotSet(backup, set_id);
        if (hr == VSS_E_SNAPSHOT_SET_IN_PROGRESS && --tries)
            Sleep(pause_ms);
    } while (hr == VSS_E_SNAPSHOT_SET_IN_PROGRESS && tries);
    return hr;
}

/* S_FALSE: some writer failed. */
static HRESULT look_at_writers(IVssBackupComponents *backup, HRESULT *failure)
{
    IVssAsync *async = NULL;
    UINT count = 0;
    HRESULT result = S_OK;
    HRESULT hr = finish(IVssBackupComponents_GatherWriterStatus(backup, &async), &async);
    if (hr == S_OK)
        hr = IVssBackupComponents_GetWriterStatusCount(backup, &count);
    for (UINT i = 0; i < count && hr == S_OK; i++)
    {
        VSS_ID instance, writer;
        BSTR name = NULL;
        VSS_WRITER_STATE state;
        HRESULT of_writer = S_OK;
        hr = IVssBackupComponents_GetWriterStatus(
            backup, i, &instance, &writer, &name, &state, &of_writer);
        SysFreeString(name);
        if (hr == S_OK && FAILED(of_writer))
        {
            *failure = of_writer;
            result = S_FALSE;
        }
    }
    return hr == S_OK ? result : hr;
}

static HRESULT back_up(IVssBackupComponents *backup, const WCHAR *volume, unsigned tries,
    DWORD pause_ms, HRESULT *failure)
{
    IVssAsync *async = NULL;
    VSS_ID set_id, id;
    HRESULT hr = IVssBackupComponents_InitializeForBackup(backup, NULL);
    if (hr == S_OK)
        hr = IVssBackupComponents_SetBackupState(backup, FALSE, FALSE, VSS_BT_FULL, FALSE);
    if (hr == S_OK)
        hr = finish(IVssBackupComponents_GatherWriterMetadata(backup, &async), &async);
    if (hr == S_OK)
        hr = start_set(backup, tries, pause_ms, &set_id);
    if (hr != S_OK)
        return hr;
    hr = IVssBackupComponents_AddToSnapshotSet(backup, (VSS_PWSZ)volume, GUID_NULL, &id);
    if (hr == S_OK)
        hr = finish(IVssBackupComponents_PrepareForBackup(backup, &async), &async);
    if (hr == S_OK)
        hr = finish(IVssBackupComponents_DoSnapshotSet(backup, &async), &async);
    if (hr != S_OK)
    {
        IVssBackupComponents_AbortBackup(backup);
        return hr;
    }
    HRESULT writers = look_at_writers(backup, failure);
    /* Here a tool copies the files. */
    hr = finish(IVssBackupComponents_BackupComplete(backup, &async), &async);
    return hr == S_OK ? writers : hr;
}

HRESULT make_shadow_copy(const WCHAR *volume, unsigned tries, DWORD pause_ms, HRESULT *failure)
{
    IVssBackupComponents *backup = NULL;
    *failure = S_OK;
    HRESULT hr = CreateVssBackupComponents(&backup);
    if (hr != S_OK)
        return hr;
    hr = back_up(backup, volume, tries, pause_ms, failure);
    IVssBackupComponents_Release(backup);
    return hr;
}
