/* SPDX-License-Identifier: MIT
 *
 * The backup components object itself: birth, identity, death. What the death means to writers and
 * snapshots follows requestor 1.1 item 4 and 5.5.
 */
#include "requestor/bc.h"

#include "base/mem.h"
#include "com/com_object.h"
#include "diag/log.h"
#include "requestor/bc_create.h"

struct bc *bc_from_interface(IVssBackupComponentsEx4 *iface)
{
    return CONTAINING_RECORD(iface, struct bc, IVssBackupComponentsEx4_iface);
}

static HRESULT STDMETHODCALLTYPE bc_QueryInterface(
    IVssBackupComponentsEx4 *iface, REFIID iid, void **out)
{
    static const struct com_interface interfaces[] = {
        {&IID_IVssBackupComponents, offsetof(struct bc, IVssBackupComponentsEx4_iface)},
        {&IID_IVssBackupComponentsEx, offsetof(struct bc, IVssBackupComponentsEx4_iface)},
        {&IID_IVssBackupComponentsEx2, offsetof(struct bc, IVssBackupComponentsEx4_iface)},
        {&IID_IVssBackupComponentsEx3, offsetof(struct bc, IVssBackupComponentsEx4_iface)},
        {&IID_IVssBackupComponentsEx4, offsetof(struct bc, IVssBackupComponentsEx4_iface)},
    };
    return com_query_interface(
        bc_from_interface(iface), interfaces, sizeof(interfaces) / sizeof(*interfaces), iid, out);
}

static ULONG STDMETHODCALLTYPE bc_AddRef(IVssBackupComponentsEx4 *iface)
{
    return com_ref_add(&bc_from_interface(iface)->refs);
}

/* The writers that took part learn that it is over, whether or not BackupComplete came. Restores
   have no such event. */
static void shut_down(struct bc *bc)
{
    struct bc_event event = {.event = EVENT_BACKUP_SHUTDOWN, .read_only = true};
    if (!bc->events_sent || bc->phase >= PHASE_RS)
        return;
    HRESULT hr = bc_raise(bc, &event, NULL);
    if (FAILED(hr))
        log_warning(hr, "Not every writer could be told of the end of the backup.");
}

static void destroy(struct bc *bc)
{
    if (bc->document)
        shut_down(bc);
    set_builder_destroy(bc->set);
    bc_free_status(bc);
    bus_session_destroy(bc->session);
    view_scope_release(bc->scope);
    backup_components_destroy(bc->document);
    mem_free(bc);
}

static ULONG STDMETHODCALLTYPE bc_Release(IVssBackupComponentsEx4 *iface)
{
    struct bc *bc = bc_from_interface(iface);
    ULONG refs = com_ref_release(&bc->refs);
    if (!refs)
    {
        const struct bc_called called = bc_trace_call(bc);
        destroy(bc);
        bc_trace_called(&called, "Release", S_OK);
    }
    return refs;
}

static const IVssBackupComponentsEx4Vtbl vtable = {
    /* IUnknown */
    .QueryInterface = bc_QueryInterface,
    .AddRef = bc_AddRef,
    .Release = bc_Release,
    /* IVssBackupComponents */
    .GetWriterComponentsCount = bc_GetWriterComponentsCount,
    .GetWriterComponents = bc_GetWriterComponents,
    .InitializeForBackup = bc_InitializeForBackup,
    .SetBackupState = bc_SetBackupState,
    .InitializeForRestore = bc_InitializeForRestore,
    .SetRestoreState = bc_SetRestoreState,
    .GatherWriterMetadata = bc_GatherWriterMetadata,
    .GetWriterMetadataCount = bc_GetWriterMetadataCount,
    .GetWriterMetadata = bc_GetWriterMetadata,
    .FreeWriterMetadata = bc_FreeWriterMetadata,
    .AddComponent = bc_AddComponent,
    .PrepareForBackup = bc_PrepareForBackup,
    .AbortBackup = bc_AbortBackup,
    .GatherWriterStatus = bc_GatherWriterStatus,
    .GetWriterStatusCount = bc_GetWriterStatusCount,
    .FreeWriterStatus = bc_FreeWriterStatus,
    .GetWriterStatus = bc_GetWriterStatus,
    .SetBackupSucceeded = bc_SetBackupSucceeded,
    .SetBackupOptions = bc_SetBackupOptions,
    .SetSelectedForRestore = bc_SetSelectedForRestore,
    .SetRestoreOptions = bc_SetRestoreOptions,
    .SetAdditionalRestores = bc_SetAdditionalRestores,
    .SetPreviousBackupStamp = bc_SetPreviousBackupStamp,
    .SaveAsXML = bc_SaveAsXML,
    .BackupComplete = bc_BackupComplete,
    .AddAlternativeLocationMapping = bc_AddAlternativeLocationMapping,
    .AddRestoreSubcomponent = bc_AddRestoreSubcomponent,
    .SetFileRestoreStatus = bc_SetFileRestoreStatus,
    .AddNewTarget = bc_AddNewTarget,
    .SetRangesFilePath = bc_SetRangesFilePath,
    .PreRestore = bc_PreRestore,
    .PostRestore = bc_PostRestore,
    .SetContext = bc_SetContext,
    .StartSnapshotSet = bc_StartSnapshotSet,
    .AddToSnapshotSet = bc_AddToSnapshotSet,
    .DoSnapshotSet = bc_DoSnapshotSet,
    .DeleteSnapshots = bc_DeleteSnapshots,
    .ImportSnapshots = bc_ImportSnapshots,
    .BreakSnapshotSet = bc_BreakSnapshotSet,
    .GetSnapshotProperties = bc_GetSnapshotProperties,
    .Query = bc_Query,
    .IsVolumeSupported = bc_IsVolumeSupported,
    .DisableWriterClasses = bc_DisableWriterClasses,
    .EnableWriterClasses = bc_EnableWriterClasses,
    .DisableWriterInstances = bc_DisableWriterInstances,
    .ExposeSnapshot = bc_ExposeSnapshot,
    .RevertToSnapshot = bc_RevertToSnapshot,
    .QueryRevertStatus = bc_QueryRevertStatus,
    /* IVssBackupComponentsEx */
    .GetWriterMetadataEx = bc_GetWriterMetadataEx,
    .SetSelectedForRestoreEx = bc_SetSelectedForRestoreEx,
    /* IVssBackupComponentsEx2 */
    .UnexposeSnapshot = bc_UnexposeSnapshot,
    .SetAuthoritativeRestore = bc_SetAuthoritativeRestore,
    .SetRollForward = bc_SetRollForward,
    .SetRestoreName = bc_SetRestoreName,
    .BreakSnapshotSetEx = bc_BreakSnapshotSetEx,
    .PreFastRecovery = bc_PreFastRecovery,
    .FastRecovery = bc_FastRecovery,
    /* IVssBackupComponentsEx3 */
    .GetWriterStatusEx = bc_GetWriterStatusEx,
    .AddSnapshotToRecoverySet = bc_AddSnapshotToRecoverySet,
    .RecoverSet = bc_RecoverSet,
    .GetSessionId = bc_GetSessionId,
    /* IVssBackupComponentsEx4 */
    .GetRootAndLogicalPrefixPaths = bc_GetRootAndLogicalPrefixPaths,
};

static volatile LONG last_number;

HRESULT bc_create(IVssBackupComponents **out)
{
    if (!out)
        return log_error(E_INVALIDARG, "CreateVssBackupComponents: the pointer is NULL.");
    *out = NULL;
    struct bc_called called = bc_trace_call(NULL);
    struct bc *bc = mem_alloc(sizeof(*bc));
    HRESULT hr = bc ? bus_session_create(&bc->session) : E_OUTOFMEMORY;
    if (FAILED(hr))
    {
        mem_free(bc);
        return bc_trace_called(&called, "CreateVssBackupComponents", hr);
    }
    called.number = bc->number = InterlockedIncrement(&last_number);
    bc->IVssBackupComponentsEx4_iface.lpVtbl = &vtable;
    lock_init(&bc->lock, LOCK_RANK_REQUESTOR);
    InitializeConditionVariable(&bc->call_ended);
    com_ref_init(&bc->refs);
    *out = (IVssBackupComponents *)&bc->IVssBackupComponentsEx4_iface;
    return bc_trace_called(&called, "CreateVssBackupComponents", S_OK);
}
