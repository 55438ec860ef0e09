/* SPDX-License-Identifier: MIT
 *
 * Part of ledger.c: the requestor. Makes a shadow copy of the volume, copies the account files
 * out of it, and says how it went to whoever wrote them.
 */
#ifndef LEDGER_BACKUP_H
#define LEDGER_BACKUP_H

#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "ledger_accounts.h"
#include "ledger_writer.h"

/* Another backup may be making its shadow copy; its turn is over in a few minutes. */
#define BUSY_TRIES 600
#define BUSY_INTERVAL 500

struct requestor
{
    IVssBackupComponents *vss;
    VSS_ID instance; /* the writer's */
    VSS_ID set_id;
    VSS_ID snapshot_id;
    const char *call; /* the last call, for the message when it failed */
};

/* Waits for the end of what was begun with result `hr`, and returns how it ended. */
static inline HRESULT requestor_await(HRESULT hr, IVssAsync *async)
{
    HRESULT outcome = S_OK;

    if (FAILED(hr))
        return hr;
    hr = IVssAsync_Wait(async, INFINITE);
    if (SUCCEEDED(hr))
        hr = IVssAsync_QueryStatus(async, &outcome, NULL);
    IVssAsync_Release(async);
    return FAILED(hr) ? hr : FAILED(outcome) ? outcome : S_OK;
}

/* Whether this metadata is of the writer in this process: another ledger may run beside it. */
static inline bool requestor_is_ours(
    IVssExamineWriterMetadata *metadata, const struct ledger *ledger)
{
    VSS_ID instance, writer;
    BSTR name = NULL, path = NULL;
    VSS_USAGE_TYPE usage;
    VSS_SOURCE_TYPE source;
    IVssWMComponent *component = NULL;
    IVssWMFiledesc *file = NULL;
    bool ours = SUCCEEDED(IVssExamineWriterMetadata_GetIdentity(
                    metadata, &instance, &writer, &name, &usage, &source)) &&
        IsEqualGUID(&writer, &writer_class) &&
        SUCCEEDED(IVssExamineWriterMetadata_GetComponent(metadata, 0, &component)) &&
        SUCCEEDED(IVssWMComponent_GetFile(component, 0, &file)) &&
        SUCCEEDED(IVssWMFiledesc_GetPath(file, &path)) && !_wcsicmp(path, ledger->folder);

    if (file)
        IVssWMFiledesc_Release(file);
    if (component)
        IVssWMComponent_Release(component);
    SysFreeString(path);
    SysFreeString(name);
    return ours;
}

static inline HRESULT requestor_find_writer(
    struct requestor *requestor, const struct ledger *ledger)
{
    UINT count = 0;
    bool found = false;
    HRESULT hr = IVssBackupComponents_GetWriterMetadataCount(requestor->vss, &count);

    requestor->call = "GetWriterMetadata";
    for (UINT i = 0; i < count && SUCCEEDED(hr) && !found; i++)
    {
        IVssExamineWriterMetadata *metadata = NULL;

        hr = IVssBackupComponents_GetWriterMetadata(
            requestor->vss, i, &requestor->instance, &metadata);
        if (SUCCEEDED(hr))
        {
            found = requestor_is_ours(metadata, ledger);
            IVssExamineWriterMetadata_Release(metadata);
        }
    }
    return FAILED(hr) ? hr : found ? S_OK : VSS_E_OBJECT_NOT_FOUND;
}

/* A session in component mode, with the one component of our writer. */
static inline HRESULT requestor_open(struct requestor *requestor, const struct ledger *ledger)
{
    IVssAsync *async = NULL;
    HRESULT hr;

    requestor->call = "CreateVssBackupComponents";
    hr = CreateVssBackupComponents(&requestor->vss);
    if (FAILED(hr))
        return hr;
    requestor->call = "InitializeForBackup";
    hr = IVssBackupComponents_InitializeForBackup(requestor->vss, NULL);
    if (FAILED(hr))
        return hr;
    requestor->call = "SetBackupState";
    hr = IVssBackupComponents_SetBackupState(requestor->vss, TRUE, FALSE, VSS_BT_FULL, FALSE);
    if (FAILED(hr))
        return hr;
    requestor->call = "GatherWriterMetadata";
    hr = IVssBackupComponents_GatherWriterMetadata(requestor->vss, &async);
    hr = requestor_await(hr, async);
    if (FAILED(hr))
        return hr;
    hr = requestor_find_writer(requestor, ledger);
    if (FAILED(hr))
        return hr;
    requestor->call = "AddComponent";
    return IVssBackupComponents_AddComponent(
        requestor->vss, requestor->instance, writer_class, VSS_CT_FILEGROUP, NULL, COMPONENT_NAME);
}

/* Makes the shadow copy of the volume. `volume` is its root, with trailing backslash. */
static inline HRESULT requestor_make_snapshot(struct requestor *requestor, WCHAR *volume)
{
    static const VSS_ID any_provider;
    IVssAsync *async = NULL;
    HRESULT hr;

    requestor->call = "StartSnapshotSet";
    hr = IVssBackupComponents_StartSnapshotSet(requestor->vss, &requestor->set_id);
    for (int i = 0; i < BUSY_TRIES && hr == VSS_E_SNAPSHOT_SET_IN_PROGRESS; i++)
    {
        Sleep(BUSY_INTERVAL);
        hr = IVssBackupComponents_StartSnapshotSet(requestor->vss, &requestor->set_id);
    }
    if (FAILED(hr))
        return hr;
    requestor->call = "AddToSnapshotSet";
    hr = IVssBackupComponents_AddToSnapshotSet(
        requestor->vss, volume, any_provider, &requestor->snapshot_id);
    if (FAILED(hr))
        return hr;
    requestor->call = "PrepareForBackup";
    hr = IVssBackupComponents_PrepareForBackup(requestor->vss, &async);
    hr = requestor_await(hr, async);
    if (FAILED(hr))
        return hr;
    requestor->call = "DoSnapshotSet";
    hr = IVssBackupComponents_DoSnapshotSet(requestor->vss, &async);
    return requestor_await(hr, async);
}

/* The failure of our writer, if it has one. */
static inline HRESULT requestor_check_writer(struct requestor *requestor)
{
    IVssAsync *async = NULL;
    UINT count = 0;
    HRESULT hr;

    requestor->call = "GatherWriterStatus";
    hr = IVssBackupComponents_GatherWriterStatus(requestor->vss, &async);
    hr = requestor_await(hr, async);
    if (SUCCEEDED(hr))
        hr = IVssBackupComponents_GetWriterStatusCount(requestor->vss, &count);
    for (UINT i = 0; i < count && SUCCEEDED(hr); i++)
    {
        VSS_ID instance, writer;
        BSTR name = NULL;
        VSS_WRITER_STATE state;
        HRESULT failure = S_OK;

        hr = IVssBackupComponents_GetWriterStatus(
            requestor->vss, i, &instance, &writer, &name, &state, &failure);
        SysFreeString(name);
        if (SUCCEEDED(hr) && IsEqualGUID(&instance, &requestor->instance))
            hr = failure;
    }
    return hr;
}

/* Where the shadow copy shows `folder`. */
static inline HRESULT requestor_find_folder(
    struct requestor *requestor, const WCHAR *volume, const WCHAR *folder, WCHAR *found)
{
    VSS_SNAPSHOT_PROP properties = {0};
    HRESULT hr;

    requestor->call = "GetSnapshotProperties";
    hr = IVssBackupComponents_GetSnapshotProperties(
        requestor->vss, requestor->snapshot_id, &properties);
    if (FAILED(hr))
        return hr;
    _snwprintf(found, MAX_PATH, L"%ls\\%ls", properties.m_pwszSnapshotDeviceObject,
        folder + wcslen(volume));
    VssFreeSnapshotProperties(&properties);
    return S_OK;
}

static inline HRESULT requestor_complete(struct requestor *requestor, bool succeeded)
{
    IVssAsync *async = NULL;
    HRESULT hr;

    requestor->call = "SetBackupSucceeded";
    hr = IVssBackupComponents_SetBackupSucceeded(requestor->vss, requestor->instance, writer_class,
        VSS_CT_FILEGROUP, NULL, COMPONENT_NAME, succeeded);
    if (FAILED(hr))
        return hr;
    requestor->call = "BackupComplete";
    hr = IVssBackupComponents_BackupComplete(requestor->vss, &async);
    return requestor_await(hr, async);
}

/* The shadow copy goes with the session. */
static inline void requestor_close(struct requestor *requestor, bool failed)
{
    if (!requestor->vss)
        return;
    if (failed)
        IVssBackupComponents_AbortBackup(requestor->vss);
    IVssBackupComponents_Release(requestor->vss);
    requestor->vss = NULL;
}

#endif
