/* SPDX-License-Identifier: MIT
 *
 * IVssWriterImpl: creating, initialising and subscribing a C++ writer, and the way its handlers are
 * called through. See writer_impl.h.
 *
 * The client's references are one thing, the memory another: a handler that outlives its writer's
 * patience still has `this` in a register, so the object stays until the last call is back.
 */
#include "writer/writer_impl.h"

#include "base/mem.h"
#include "com/com_object.h"
#include "diag/log.h"
#include "writer/cvss_writer.h"
#include "writer/writer_identity.h"
#include "writer/writer_impl_internal.h"

/* Subscribe's only supported mask: both kinds of events. */
#define NEEDED_EVENTS ((DWORD)(VSS_SM_BACKUP_EVENTS_FLAG | VSS_SM_RESTORE_EVENTS_FLAG))

static void hold(void *held)
{
    struct writer_impl *impl = held;
    InterlockedIncrement(&impl->holds);
}

static void unhold(void *held)
{
    struct writer_impl *impl = held;
    if (InterlockedDecrement(&impl->holds))
        return;
    writer_record_release(impl->record);
    mem_free(impl);
}

static bool handle(void *origin, struct writer_call *call)
{
    struct writer_impl *impl = origin;
    return cvss_writer_handle(impl->writer, impl->ex, call);
}

static const struct writer_face impl_face = {
    .handle = handle,
    .addref = hold,
    .release = unhold,
};

struct writer_record *writer_impl_take_record(struct writer_impl *impl)
{
    lock_enter(&impl->lock);
    struct writer_record *record = impl->record ? writer_record_addref(impl->record) : NULL;
    lock_leave(&impl->lock);
    return record;
}

/* ---- Life of a writer ---- */

static HRESULT VSS_THISCALL writer_impl_Initialize(VssWriterImpl *face, VSS_ID writer_id,
    LPCWSTR name, LPCWSTR instance_name, DWORD major_version, DWORD minor_version,
    VSS_USAGE_TYPE usage, VSS_SOURCE_TYPE source, VSS_APPLICATION_LEVEL level, DWORD freeze_timeout,
    VSS_ALTERNATE_WRITER_STATE alternate, boolean io_throttling_only)
{
    struct writer_impl *impl = impl_from_face(face);
    const struct writer_traits traits = {.class_id = writer_id,
        .name = (WCHAR *)name,
        .instance_name = (WCHAR *)instance_name,
        .usage = (DWORD)usage,
        .source = (DWORD)source,
        .level = level,
        .freeze_timeout_ms = freeze_timeout ? freeze_timeout : WRITER_DEFAULT_FREEZE_TIMEOUT_MS,
        .major_version = major_version,
        .minor_version = minor_version};
    HRESULT hr = writer_identity_check(&traits);
    if (FAILED(hr))
        return hr;
    if (alternate != VSS_AWS_NO_ALTERNATE_WRITER || io_throttling_only)
        log_warning(
            S_OK, "%ls: alternate writers and I/O throttling are reserved and ignored.", name);
    struct writer_record *record = NULL;
    hr = writer_record_create(&traits, &impl_face, impl, &record);
    if (FAILED(hr))
        return hr;
    lock_enter(&impl->lock);
    bool first = !impl->record;
    if (first)
    {
        impl->record = record;
        impl->ended = false;
    }
    lock_leave(&impl->lock);
    if (first)
        return S_OK;
    writer_record_release(record);
    return log_warning(E_FAIL, "%ls: Initialize was called twice.", name);
}

static HRESULT VSS_THISCALL writer_impl_Subscribe(
    VssWriterImpl *face, DWORD unsubscribe_timeout, DWORD events)
{
    if ((events & NEEDED_EVENTS) != NEEDED_EVENTS)
        return log_warning(E_INVALIDARG,
            "Subscribe: a writer gets backup and restore events, not one kind alone.");
    struct writer_record *record = writer_impl_take_record(impl_from_face(face));
    if (!record)
        return log_warning(E_FAIL, "Subscribe: call Initialize first.");
    HRESULT hr = writer_record_subscribe(record, unsubscribe_timeout);
    writer_record_release(record);
    return hr;
}

static HRESULT VSS_THISCALL writer_impl_Unsubscribe(VssWriterImpl *face)
{
    struct writer_record *record = writer_impl_take_record(impl_from_face(face));
    if (!record)
        return log_warning(E_FAIL, "Unsubscribe: call Initialize first.");
    HRESULT hr = writer_record_unsubscribe(record);
    writer_record_release(record);
    return FAILED(hr) ? hr : S_OK;
}

static void VSS_THISCALL writer_impl_Uninitialize(VssWriterImpl *face)
{
    struct writer_impl *impl = impl_from_face(face);
    lock_enter(&impl->lock);
    struct writer_record *record = impl->record;
    impl->record = NULL;
    impl->ended |= record != NULL;
    lock_leave(&impl->lock);
    if (!record)
        return;
    writer_record_unsubscribe(record);
    writer_record_release(record);
}

static HRESULT VSS_THISCALL writer_impl_InstallAlternateWriter(
    VssWriterImpl *face, VSS_ID writer_id, CLSID class_id)
{
    (void)face;
    (void)writer_id;
    (void)class_id;
    return log_not_implemented("CVssWriter::InstallAlternateWriter");
}

/* ---- IUnknown ---- */

/* IVssWriterImpl has no IID of its own. */
static const struct com_interface interfaces[] = {
    {&IID_IUnknown, offsetof(struct writer_impl, face)},
};

static HRESULT STDMETHODCALLTYPE writer_impl_QueryInterface(
    VssWriterImpl *face, REFIID iid, void **out)
{
    return com_query_interface(impl_from_face(face), interfaces, ARRAYSIZE(interfaces), iid, out);
}

static ULONG STDMETHODCALLTYPE writer_impl_AddRef(VssWriterImpl *face)
{
    return com_ref_add(&impl_from_face(face)->refs);
}

static ULONG STDMETHODCALLTYPE writer_impl_Release(VssWriterImpl *face)
{
    struct writer_impl *impl = impl_from_face(face);
    ULONG refs = com_ref_release(&impl->refs);
    if (!refs)
    {
        writer_impl_Uninitialize(face);
        unhold(impl);
    }
    return refs;
}

static const VssWriterImplVtbl writer_impl_table = {
    /* IUnknown */
    .QueryInterface = writer_impl_QueryInterface,
    .AddRef = writer_impl_AddRef,
    .Release = writer_impl_Release,
    /* IVssWriterImpl */
    .Initialize = writer_impl_Initialize,
    .Subscribe = writer_impl_Subscribe,
    .Unsubscribe = writer_impl_Unsubscribe,
    .Uninitialize = writer_impl_Uninitialize,
    .GetCurrentVolumeArray = writer_impl_GetCurrentVolumeArray,
    .GetCurrentVolumeCount = writer_impl_GetCurrentVolumeCount,
    .GetSnapshotDeviceName = writer_impl_GetSnapshotDeviceName,
    .GetCurrentSnapshotSetId = writer_impl_GetCurrentSnapshotSetId,
    .GetContext = writer_impl_GetContext,
    .GetCurrentLevel = writer_impl_GetCurrentLevel,
    .IsPathAffected = writer_impl_IsPathAffected,
    .IsBootableSystemStateBackedUp = writer_impl_IsBootableSystemStateBackedUp,
    .AreComponentsSelected = writer_impl_AreComponentsSelected,
    .GetBackupType = writer_impl_GetBackupType,
    .GetRestoreType = writer_impl_GetRestoreType,
    .SetWriterFailure = writer_impl_SetWriterFailure,
    .IsPartialFileSupportEnabled = writer_impl_IsPartialFileSupportEnabled,
    .InstallAlternateWriter = writer_impl_InstallAlternateWriter,
    .GetIdentityInformation = writer_impl_GetIdentityInformation,
    .SetWriterFailureEx = writer_impl_SetWriterFailureEx,
    .GetSessionId = writer_impl_GetSessionId,
    .IsWriterShuttingDown = writer_impl_IsWriterShuttingDown,
};

HRESULT writer_impl_create(void *cvsswriter, bool ex, void **out)
{
    struct writer_impl *impl = mem_alloc(sizeof(*impl));
    if (!impl)
        return E_OUTOFMEMORY;
    impl->face.lpVtbl = &writer_impl_table;
    impl->holds = 1;
    impl->writer = cvsswriter;
    impl->ex = ex;
    lock_init(&impl->lock, LOCK_RANK_VIEW);
    com_ref_init(&impl->refs);
    *out = &impl->face;
    return S_OK;
}
