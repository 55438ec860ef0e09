/* SPDX-License-Identifier: MIT
 *
 * The conversation with VSS.
 */
#include "cli/session.h"

#include <stdlib.h>

#include "cli/cancel.h"
#include "cli/changes.h"
#include "cli/components.h"
#include "cli/failure.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/wait.h"
#include "cli/writers.h"
#include "thawline.h"

/* Another backup may be making its shadow copies; that takes minutes at most. */
#define BUSY_PATIENCE (10 * 60 * 1000)
#define BUSY_INTERVAL 250

static HRESULT session_read_status(struct session *session, struct backup *backup)
{
    IVssAsync *async = NULL;
    HRESULT hr;

    if (backup->no_writers)
        return S_OK;
    hr = IVssBackupComponents_GatherWriterStatus(session->vss, &async);
    hr = wait_for(L"GatherWriterStatus", hr, async);
    if (SUCCEEDED(hr))
        hr = wait_said(L"GetWriterStatus", writers_read_status(&backup->writers, session->vss));
    return hr;
}

HRESULT session_open(struct session *session, const struct backup *backup)
{
    const WCHAR *call = L"CreateVssBackupComponents";
    HRESULT hr = CreateVssBackupComponents(&session->vss);

    if (SUCCEEDED(hr))
    {
        call = L"InitializeForBackup";
        hr = IVssBackupComponents_InitializeForBackup(session->vss, NULL);
    }
    if (SUCCEEDED(hr))
    {
        call = L"SetContext";
        hr = IVssBackupComponents_SetContext(
            session->vss, backup->no_writers ? VSS_CTX_FILE_SHARE_BACKUP : VSS_CTX_BACKUP);
    }
    return wait_said(call, hr);
}

/* At VSS_BT_COPY, the default, writers keep their logs and their history of backups as they are. */
HRESULT session_ask_writers(struct session *session, struct backup *backup)
{
    const WCHAR *call = L"SetBackupState";
    IVssAsync *async = NULL;
    HRESULT hr;

    if (backup->no_writers)
    {
        backup->mode_reason = text_copy(L"no writer, because --no-writers was given");
        return S_OK;
    }
    progress_phase(L"Asking the writers", 0);
    hr = IVssBackupComponents_GatherWriterMetadata(session->vss, &async);
    hr = wait_for(L"GatherWriterMetadata", hr, async);
    if (FAILED(hr))
        return hr;
    hr = components_choose(backup, session->vss, &call);
    if (SUCCEEDED(hr))
    {
        call = L"SetBackupState";
        hr = IVssBackupComponents_SetBackupState(session->vss, backup->component_mode, FALSE,
            backup->history.type, changes_only(backup));
    }
    if (SUCCEEDED(hr))
    {
        call = L"AddComponent";
        hr = components_add(backup, session->vss);
    }
    wait_said(call, hr);
    if (SUCCEEDED(hr) && changes_only(backup) && backup->component_mode)
        hr = changes_tell_stamps(backup, session->vss);
    return hr;
}

/* Only one set can be in the making at a time: waits for its turn. */
static HRESULT session_start_set(struct session *session, VSS_ID *set_id)
{
    ULONGLONG begun = GetTickCount64();
    HRESULT hr = IVssBackupComponents_StartSnapshotSet(session->vss, set_id);

    if (hr == VSS_E_SNAPSHOT_SET_IN_PROGRESS)
        progress_phase(L"Waiting for another backup", 0);
    while (hr == VSS_E_SNAPSHOT_SET_IN_PROGRESS && GetTickCount64() - begun < BUSY_PATIENCE)
    {
        if (cancel_wait(BUSY_INTERVAL))
            return CANCELLED;
        hr = IVssBackupComponents_StartSnapshotSet(session->vss, set_id);
    }
    return hr;
}

/* The clone needs no more than the sources. A `;` separates roots, so a folder with one in its
   name is replaced by the one above it. */
static HRESULT session_limit_clone(const struct backup *backup)
{
    WCHAR *roots = text_copy(L"");
    HRESULT hr;

    for (size_t i = 0; i < backup->source_count; i++)
    {
        WCHAR *root = text_copy(backup->sources[i].path);
        WCHAR *longer;

        while (wcschr(root, ';'))
        {
            WCHAR *parent = path_parent(root);

            free(root);
            root = parent;
        }
        longer = text_format(L"%ls%ls%ls", roots, *roots ? L";" : L"", root);
        free(root);
        free(roots);
        roots = longer;
    }
    hr = ThawlineSetOption(L"CLONE_ROOTS", roots);
    free(roots);
    return hr;
}

HRESULT session_begin_set(struct session *session, struct backup *backup)
{
    static const VSS_ID any_provider;
    const WCHAR *call = L"ThawlineSetOption";
    HRESULT hr = backup->whole_volume ? S_OK : session_limit_clone(backup);

    if (SUCCEEDED(hr) && backup->provider)
        hr = ThawlineSetOption(L"PROVIDER", backup->provider);
    if (SUCCEEDED(hr))
    {
        call = L"StartSnapshotSet";
        hr = session_start_set(session, &backup->set_id);
        session->unfinished = SUCCEEDED(hr);
    }
    for (size_t i = 0; i < backup->volume_count && SUCCEEDED(hr); i++)
    {
        call = L"AddToSnapshotSet";
        hr = IVssBackupComponents_AddToSnapshotSet(
            session->vss, backup->volumes[i].name, any_provider, &backup->volumes[i].snapshot);
    }
    return wait_said(call, hr);
}

HRESULT session_prepare(struct session *session, struct backup *backup)
{
    IVssAsync *async = NULL;
    HRESULT hr;

    if (backup->no_writers)
        return S_OK;
    progress_phase(L"Preparing the writers", 0);
    hr = IVssBackupComponents_PrepareForBackup(session->vss, &async);
    hr = wait_for(L"PrepareForBackup", hr, async);
    return SUCCEEDED(hr) ? session_read_status(session, backup) : hr;
}

static void CALLBACK session_progress(void *context, ULONGLONG done, ULONGLONG total)
{
    (void)context;
    progress_set(done, total);
}

static HRESULT session_read_snapshots(struct session *session, struct backup *backup)
{
    HRESULT hr = S_OK;

    for (size_t i = 0; i < backup->volume_count && SUCCEEDED(hr); i++)
    {
        struct backup_volume *volume = &backup->volumes[i];
        VSS_SNAPSHOT_PROP properties = {0};
        BSTR sentence = NULL;

        hr = IVssBackupComponents_GetSnapshotProperties(
            session->vss, volume->snapshot, &properties);
        if (FAILED(hr))
            break;
        volume->device = text_copy(properties.m_pwszSnapshotDeviceObject);
        volume->time = properties.m_tsCreationTimestamp;
        VssFreeSnapshotProperties(&properties);
        if (SUCCEEDED(ThawlineGetSnapshotConsistency(volume->snapshot, &sentence)))
            volume->consistency = text_copy(sentence);
        SysFreeString(sentence);
    }
    return wait_said(L"GetSnapshotProperties", hr);
}

static void session_read_report(struct backup *backup)
{
    THAWLINE_SET_REPORT report = {.cbSize = sizeof(report)};

    if (FAILED(ThawlineGetSetReport(backup->set_id, &report)))
        return;
    backup->freeze_window = report.ullFreezeWindow;
    backup->writers_frozen = report.cWritersFrozen;
    backup->writers_failed = report.cWritersFailed;
}

HRESULT session_make_set(struct session *session, struct backup *backup)
{
    IVssAsync *async = NULL;
    HRESULT hr;

    progress_phase(L"Making the shadow copy", 0);
    ThawlineSetProgress(session_progress, NULL);
    hr = IVssBackupComponents_DoSnapshotSet(session->vss, &async);
    hr = wait_for(L"DoSnapshotSet", hr, async);
    ThawlineSetProgress(NULL, NULL);
    if (SUCCEEDED(hr))
        hr = session_read_status(session, backup);
    if (SUCCEEDED(hr))
        hr = session_read_snapshots(session, backup);
    if (SUCCEEDED(hr))
        session_read_report(backup);
    return SUCCEEDED(hr) ? changes_read(backup, session->vss) : hr;
}

HRESULT session_complete(struct session *session, struct backup *backup)
{
    IVssAsync *async = NULL;
    HRESULT hr;

    if (backup->no_writers)
    {
        session->unfinished = false;
        return S_OK;
    }
    progress_phase(L"Finishing", 0);
    hr = wait_said(L"SetBackupSucceeded", components_tell_success(backup, session->vss));
    if (FAILED(hr))
        return hr;
    hr = IVssBackupComponents_BackupComplete(session->vss, &async);
    hr = wait_outcome(hr, async);
    /* A writer that cannot be reached any more: the copy is good all the same, and its status
       tells. */
    if (hr == VSS_E_UNEXPECTED_WRITER_ERROR)
        hr = S_OK;
    if (FAILED(wait_said(L"BackupComplete", hr)))
        return hr;
    session->unfinished = false;
    return session_read_status(session, backup);
}

HRESULT session_save(struct session *session, struct backup *backup)
{
    WCHAR *path = path_join(backup->destination, L"backup-components.xml");
    BSTR xml = NULL;
    HRESULT hr = IVssBackupComponents_SaveAsXML(session->vss, &xml);

    if (SUCCEEDED(hr))
        hr = HRESULT_FROM_WIN32(path_write_text(path, xml));
    if (SUCCEEDED(hr) && !backup->no_writers)
        hr = writers_save_metadata(backup, session->vss);
    SysFreeString(xml);
    free(path);
    return wait_said(L"Saving the documents", hr);
}

void session_close(struct session *session)
{
    if (!session->vss)
        return;
    if (session->unfinished)
        IVssBackupComponents_AbortBackup(session->vss);
    IVssBackupComponents_Release(session->vss);
    session->vss = NULL;
}
