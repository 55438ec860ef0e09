/* SPDX-License-Identifier: MIT
 *
 * IVssWriterImpl: what a handler asks and says while it runs. See writer_answers.h for when it may.
 * Answers concern the call in whose handler the asking thread is; other threads get what there is
 * outside a backup.
 */
#include "diag/log.h"
#include "writer/writer_answers.h"
#include "writer/writer_frame.h"
#include "writer/writer_impl_internal.h"

/* The call whose handler runs on this thread, or NULL. It stays until the handler returns, which
   cannot happen before the caller does. */
static struct writer_call *own_call(VssWriterImpl *face)
{
    struct writer_record *record = writer_impl_take_record(impl_from_face(face));
    struct writer_call *call = record ? writer_record_current_call(record) : NULL;
    writer_record_release(record);
    return call;
}

LPCWSTR *VSS_THISCALL writer_impl_GetCurrentVolumeArray(VssWriterImpl *face)
{
    UINT count;
    return writer_volumes(own_call(face), &count);
}

UINT VSS_THISCALL writer_impl_GetCurrentVolumeCount(VssWriterImpl *face)
{
    UINT count;
    writer_volumes(own_call(face), &count);
    return count;
}

HRESULT VSS_THISCALL writer_impl_GetSnapshotDeviceName(
    VssWriterImpl *face, LPCWSTR volume, LPCWSTR *device)
{
    if (!device)
        return log_warning(
            E_INVALIDARG, "GetSnapshotDeviceName: the pointer for the name is NULL.");
    *device = NULL;
    return writer_device_name(own_call(face), volume, device);
}

VSS_ID *VSS_THISCALL writer_impl_GetCurrentSnapshotSetId(VssWriterImpl *face, VSS_ID *result)
{
    *result = writer_snapshot_set(own_call(face));
    return result;
}

LONG VSS_THISCALL writer_impl_GetContext(VssWriterImpl *face)
{
    return writer_context(own_call(face));
}

VSS_APPLICATION_LEVEL VSS_THISCALL writer_impl_GetCurrentLevel(VssWriterImpl *face)
{
    struct writer_record *record = writer_impl_take_record(impl_from_face(face));
    VSS_APPLICATION_LEVEL level = record
        ? (VSS_APPLICATION_LEVEL)writer_record_traits(record)->level
        : VSS_APP_AUTO;
    writer_record_release(record);
    return level;
}

boolean VSS_THISCALL writer_impl_IsPathAffected(VssWriterImpl *face, LPCWSTR path)
{
    return writer_path_affected(own_call(face), path);
}

boolean VSS_THISCALL writer_impl_IsBootableSystemStateBackedUp(VssWriterImpl *face)
{
    return writer_bootable_state_backed_up(own_call(face));
}

boolean VSS_THISCALL writer_impl_AreComponentsSelected(VssWriterImpl *face)
{
    return writer_components_selected(own_call(face));
}

VSS_BACKUP_TYPE VSS_THISCALL writer_impl_GetBackupType(VssWriterImpl *face)
{
    return (VSS_BACKUP_TYPE)writer_backup_type(own_call(face));
}

VSS_RESTORE_TYPE VSS_THISCALL writer_impl_GetRestoreType(VssWriterImpl *face)
{
    return (VSS_RESTORE_TYPE)writer_restore_type(own_call(face));
}

boolean VSS_THISCALL writer_impl_IsPartialFileSupportEnabled(VssWriterImpl *face)
{
    return writer_partial_files_enabled(own_call(face));
}

static HRESULT set_failure(
    VssWriterImpl *face, bool extended, HRESULT failure, HRESULT application, LPCWSTR message)
{
    struct writer_call *call = own_call(face);
    if (!call)
        return log_warning(VSS_E_BAD_STATE,
            "SetWriterFailure belongs into a handler, on the thread that entered it.");
    return writer_call_set_failure(call, extended, failure, application, message);
}

HRESULT VSS_THISCALL writer_impl_SetWriterFailure(VssWriterImpl *face, HRESULT failure)
{
    return set_failure(face, false, failure, S_OK, NULL);
}

HRESULT VSS_THISCALL writer_impl_SetWriterFailureEx(
    VssWriterImpl *face, HRESULT failure, HRESULT application, LPCWSTR message)
{
    return set_failure(face, true, failure, application, message);
}

IVssExamineWriterMetadata *VSS_THISCALL writer_impl_GetIdentityInformation(VssWriterImpl *face)
{
    struct writer_call *call = own_call(face);
    return call && call->frame ? writer_frame_identity(call->frame) : NULL;
}

HRESULT VSS_THISCALL writer_impl_GetSessionId(VssWriterImpl *face, VSS_ID *session_id)
{
    if (!session_id)
        return log_warning(E_INVALIDARG, "GetSessionId: the pointer is NULL.");
    *session_id = (VSS_ID){0};
    const struct writer_call *call = own_call(face);
    if (!writer_may_ask(ASK_SESSION, call))
        return log_warning(
            VSS_E_BAD_STATE, "GetSessionId must be called from inside a handler, on its thread.");
    *session_id = call->payload->session_id;
    return S_OK;
}

boolean VSS_THISCALL writer_impl_IsWriterShuttingDown(VssWriterImpl *face)
{
    struct writer_impl *impl = impl_from_face(face);
    struct writer_record *record = writer_impl_take_record(impl);
    if (!record)
    {
        lock_enter(&impl->lock);
        bool ended = impl->ended;
        lock_leave(&impl->lock);
        return ended;
    }
    bool ending = writer_record_is_shutting_down(record);
    writer_record_release(record);
    return ending;
}
