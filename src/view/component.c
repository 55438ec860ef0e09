/* SPDX-License-Identifier: MIT
 *
 * IVssComponent, Ex and Ex2: the object, and what a component says of itself.
 *
 * Every method reads the component inside its scope: the requestor's object or a writer's handler
 * may be changing it. Any thread. Follows requestor 7.5 and writer-provider 4.3.
 */
#include "view/component.h"

#include "base/mem.h"
#include "com/com_object.h"
#include "view/view_refuse.h"
#include "view/view_scope.h"

static const struct com_interface interfaces[] = {
    {&IID_IVssComponent, offsetof(struct component_face, IVssComponentEx2_iface)},
    {&IID_IVssComponentEx, offsetof(struct component_face, IVssComponentEx2_iface)},
    {&IID_IVssComponentEx2, offsetof(struct component_face, IVssComponentEx2_iface)},
};

struct component_face *impl_from_IVssComponentEx2(IVssComponentEx2 *iface)
{
    return CONTAINING_RECORD(iface, struct component_face, IVssComponentEx2_iface);
}

/* ---- IUnknown ---- */

static HRESULT WINAPI component_QueryInterface(IVssComponentEx2 *iface, REFIID iid, void **out)
{
    return com_query_interface(
        impl_from_IVssComponentEx2(iface), interfaces, ARRAYSIZE(interfaces), iid, out);
}

static ULONG WINAPI component_AddRef(IVssComponentEx2 *iface)
{
    return com_ref_add(&impl_from_IVssComponentEx2(iface)->refs);
}

static ULONG WINAPI component_Release(IVssComponentEx2 *iface)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    ULONG refs = com_ref_release(&face->refs);
    if (refs == 0)
    {
        writer_components_release(face->writer);
        view_scope_release(face->scope);
        mem_free(face);
    }
    return refs;
}

/* ---- Texts: S_FALSE and NULL when one was never given ---- */

static HRESULT get_text(const char *function, IVssComponentEx2 *iface, size_t field, BSTR *out)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    if (!out)
        return view_refuse_null(function);
    *out = NULL;
    view_scope_enter(face->scope);
    HRESULT hr = com_bstr(*(WCHAR **)((BYTE *)face->component + field), out);
    view_scope_leave(face->scope);
    return hr;
}

#define TEXT_GETTER(method, field)                                                                 \
    static HRESULT WINAPI component_##method(IVssComponentEx2 *iface, BSTR *text)                  \
    {                                                                                              \
        return get_text(__func__, iface, offsetof(struct component, field), text);                 \
    }

TEXT_GETTER(GetLogicalPath, logical_path)
TEXT_GETTER(GetComponentName, name)
TEXT_GETTER(GetBackupMetadata, backup_metadata)
TEXT_GETTER(GetRestoreMetadata, restore_metadata)
TEXT_GETTER(GetPreRestoreFailureMsg, pre_restore_failure)
TEXT_GETTER(GetPostRestoreFailureMsg, post_restore_failure)
TEXT_GETTER(GetBackupStamp, backup_stamp)
TEXT_GETTER(GetPreviousBackupStamp, previous_backup_stamp)
TEXT_GETTER(GetBackupOptions, backup_options)
TEXT_GETTER(GetRestoreOptions, restore_options)
TEXT_GETTER(GetPrepareForBackupFailureMsg, prepare_for_backup_failure)
TEXT_GETTER(GetPostSnapshotFailureMsg, post_snapshot_failure)

/* ---- Backup and restore ---- */

static HRESULT WINAPI component_GetComponentType(IVssComponentEx2 *iface, VSS_COMPONENT_TYPE *type)
{
    if (!type)
        return view_refuse_null(__func__);
    /* Part of the component's identity: never changes. */
    *type = (VSS_COMPONENT_TYPE)impl_from_IVssComponentEx2(iface)->component->type;
    return S_OK;
}

/* S_FALSE and false when the question was never answered. */
static HRESULT get_answer(const char *function, IVssComponentEx2 *iface, size_t field, boolean *out)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    if (!out)
        return view_refuse_null(function);
    view_scope_enter(face->scope);
    enum answer answer = *(const enum answer *)((const BYTE *)face->component + field);
    view_scope_leave(face->scope);
    *out = answer == ANSWER_YES;
    return answer == ANSWER_UNSET ? S_FALSE : S_OK;
}

static HRESULT WINAPI component_GetBackupSucceeded(IVssComponentEx2 *iface, boolean *succeeded)
{
    return get_answer(__func__, iface, offsetof(struct component, backup_succeeded), succeeded);
}

static HRESULT WINAPI component_GetAdditionalRestores(IVssComponentEx2 *iface, boolean *additional)
{
    return get_answer(__func__, iface, offsetof(struct component, additional_restores), additional);
}

static HRESULT WINAPI component_GetRestoreTarget(
    IVssComponentEx2 *iface, VSS_RESTORE_TARGET *target)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    if (!target)
        return view_refuse_null(__func__);
    view_scope_enter(face->scope);
    DWORD found = face->component->restore_target;
    view_scope_leave(face->scope);
    *target = found ? (VSS_RESTORE_TARGET)found : VSS_RT_ORIGINAL;
    return S_OK;
}

/* ---- Restore only: VSS_E_BAD_STATE in a backup ---- */

static HRESULT WINAPI component_IsSelectedForRestore(IVssComponentEx2 *iface, boolean *selected)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    if (!selected)
        return view_refuse_null(__func__);
    *selected = FALSE;
    if (!view_scope_is_restore(face->scope))
        return view_refuse_state(__func__, "answers in a restore only");
    view_scope_enter(face->scope);
    *selected = face->component->selected_for_restore;
    view_scope_leave(face->scope);
    return S_OK;
}

static HRESULT WINAPI component_GetFileRestoreStatus(
    IVssComponentEx2 *iface, VSS_FILE_RESTORE_STATUS *status)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    if (!status)
        return view_refuse_null(__func__);
    *status = VSS_RS_UNDEFINED;
    if (!view_scope_is_restore(face->scope))
        return view_refuse_state(__func__, "answers in a restore only");
    view_scope_enter(face->scope);
    DWORD found = face->component->file_restore_status;
    view_scope_leave(face->scope);
    *status = found ? (VSS_FILE_RESTORE_STATUS)found : VSS_RS_NONE;
    return S_OK;
}

static HRESULT WINAPI component_GetAuthoritativeRestore(
    IVssComponentEx2 *iface, boolean *authoritative)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    if (!authoritative)
        return view_refuse_null(__func__);
    *authoritative = FALSE;
    if (!view_scope_is_restore(face->scope))
        return view_refuse_state(__func__, "answers in a restore only");
    view_scope_enter(face->scope);
    *authoritative = face->component->authoritative_restore;
    view_scope_leave(face->scope);
    return S_OK;
}

/* The point has a meaning for VSS_RF_PARTIAL only. */
static HRESULT WINAPI component_GetRollForward(
    IVssComponentEx2 *iface, VSS_ROLLFORWARD_TYPE *type, BSTR *point)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    if (type)
        *type = VSS_RF_UNDEFINED;
    if (point)
        *point = NULL;
    if (!type || !point)
        return view_refuse_null(__func__);
    if (!view_scope_is_restore(face->scope))
        return view_refuse_state(__func__, "answers in a restore only");
    HRESULT hr = S_OK;
    view_scope_enter(face->scope);
    VSS_ROLLFORWARD_TYPE found = (VSS_ROLLFORWARD_TYPE)face->component->roll_forward;
    if (found == VSS_RF_PARTIAL)
        hr = com_bstr(face->component->roll_forward_point, point);
    view_scope_leave(face->scope);
    if (FAILED(hr))
        return hr;
    *type = found;
    return S_OK;
}

static HRESULT WINAPI component_GetRestoreName(IVssComponentEx2 *iface, BSTR *name)
{
    if (!name)
        return view_refuse_null(__func__);
    *name = NULL;
    if (!view_scope_is_restore(impl_from_IVssComponentEx2(iface)->scope))
        return view_refuse_state(__func__, "answers in a restore only");
    return get_text(__func__, iface, offsetof(struct component, restore_name), name);
}

/* ---- Backup only: VSS_E_BAD_STATE in a restore ---- */

/* A component without a failure says S_OK. */
static HRESULT WINAPI component_GetFailure(IVssComponentEx2 *iface, HRESULT *hr_writer,
    HRESULT *hr_application, BSTR *message, DWORD *reserved)
{
    struct component_face *face = impl_from_IVssComponentEx2(iface);
    if (hr_writer)
        *hr_writer = S_OK;
    if (hr_application)
        *hr_application = S_OK;
    if (message)
        *message = NULL;
    if (reserved)
        *reserved = 0;
    if (!hr_writer || !hr_application || !message || !reserved)
        return view_refuse_null(__func__);
    if (view_scope_is_restore(face->scope))
        return view_refuse_state(__func__, "answers in a backup only");
    view_scope_enter(face->scope);
    const struct component_failure *failure = &face->component->failure;
    HRESULT hr = com_bstr(failure->message, message);
    if (SUCCEEDED(hr) && failure->set)
    {
        *hr_writer = failure->writer;
        *hr_application = failure->application;
    }
    view_scope_leave(face->scope);
    return FAILED(hr) ? hr : S_OK;
}

static const IVssComponentEx2Vtbl component_vtbl = {
    /* IUnknown */
    .QueryInterface = component_QueryInterface,
    .AddRef = component_AddRef,
    .Release = component_Release,
    /* IVssComponent */
    .GetLogicalPath = component_GetLogicalPath,
    .GetComponentType = component_GetComponentType,
    .GetComponentName = component_GetComponentName,
    .GetBackupSucceeded = component_GetBackupSucceeded,
    .GetAlternateLocationMappingCount = component_GetAlternateLocationMappingCount,
    .GetAlternateLocationMapping = component_GetAlternateLocationMapping,
    .SetBackupMetadata = component_SetBackupMetadata,
    .GetBackupMetadata = component_GetBackupMetadata,
    .AddPartialFile = component_AddPartialFile,
    .GetPartialFileCount = component_GetPartialFileCount,
    .GetPartialFile = component_GetPartialFile,
    .IsSelectedForRestore = component_IsSelectedForRestore,
    .GetAdditionalRestores = component_GetAdditionalRestores,
    .GetNewTargetCount = component_GetNewTargetCount,
    .GetNewTarget = component_GetNewTarget,
    .AddDirectedTarget = component_AddDirectedTarget,
    .GetDirectedTargetCount = component_GetDirectedTargetCount,
    .GetDirectedTarget = component_GetDirectedTarget,
    .SetRestoreMetadata = component_SetRestoreMetadata,
    .GetRestoreMetadata = component_GetRestoreMetadata,
    .SetRestoreTarget = component_SetRestoreTarget,
    .GetRestoreTarget = component_GetRestoreTarget,
    .SetPreRestoreFailureMsg = component_SetPreRestoreFailureMsg,
    .GetPreRestoreFailureMsg = component_GetPreRestoreFailureMsg,
    .SetPostRestoreFailureMsg = component_SetPostRestoreFailureMsg,
    .GetPostRestoreFailureMsg = component_GetPostRestoreFailureMsg,
    .SetBackupStamp = component_SetBackupStamp,
    .GetBackupStamp = component_GetBackupStamp,
    .GetPreviousBackupStamp = component_GetPreviousBackupStamp,
    .GetBackupOptions = component_GetBackupOptions,
    .GetRestoreOptions = component_GetRestoreOptions,
    .GetRestoreSubcomponentCount = component_GetRestoreSubcomponentCount,
    .GetRestoreSubcomponent = component_GetRestoreSubcomponent,
    .GetFileRestoreStatus = component_GetFileRestoreStatus,
    .AddDifferencedFilesByLastModifyTime = component_AddDifferencedFilesByLastModifyTime,
    .AddDifferencedFilesByLastModifyLSN = component_AddDifferencedFilesByLastModifyLSN,
    .GetDifferencedFilesCount = component_GetDifferencedFilesCount,
    .GetDifferencedFile = component_GetDifferencedFile,
    /* IVssComponentEx */
    .SetPrepareForBackupFailureMsg = component_SetPrepareForBackupFailureMsg,
    .SetPostSnapshotFailureMsg = component_SetPostSnapshotFailureMsg,
    .GetPrepareForBackupFailureMsg = component_GetPrepareForBackupFailureMsg,
    .GetPostSnapshotFailureMsg = component_GetPostSnapshotFailureMsg,
    .GetAuthoritativeRestore = component_GetAuthoritativeRestore,
    .GetRollForward = component_GetRollForward,
    .GetRestoreName = component_GetRestoreName,
    /* IVssComponentEx2 */
    .SetFailure = component_SetFailure,
    .GetFailure = component_GetFailure,
};

HRESULT view_component_create(struct writer_components *writer, struct component *component,
    struct view_scope *scope, IVssComponent **out)
{
    *out = NULL;
    struct component_face *face = mem_alloc(sizeof(*face));
    if (!face)
        return E_OUTOFMEMORY;
    face->IVssComponentEx2_iface.lpVtbl = &component_vtbl;
    com_ref_init(&face->refs);
    face->writer = writer_components_addref(writer);
    face->scope = view_scope_addref(scope);
    face->component = component;
    /* The table of IVssComponentEx2 begins with that of IVssComponent. */
    *out = (IVssComponent *)&face->IVssComponentEx2_iface;
    return S_OK;
}
