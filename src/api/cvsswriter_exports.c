/* SPDX-License-Identifier: MIT
 *
 * class CVssWriter as programs linked with the 2003 SDK see it: exported members over an object of
 * two pointers, the second of which is the IVssWriterImpl that newer programs get from
 * CreateWriter. vssapi.def maps the mangled names to these functions, and CVssJetWriter's questions
 * too. Any thread. Follows writer-provider 1.4 and 2.1-2.3.
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>

#include "diag/log.h"
#include "vsswriter.h"
#include "writer/writer_impl.h"

/* vssapi.def is the only caller: a header would say everything a second time. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
/* Default handlers look at none of their arguments. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

typedef void (*method)(void);

/* A subclass's own members start behind these two. */
struct cvsswriter
{
    const method *vtbl;
    VssWriterImpl *impl; /* a reference; NULL until Initialize has succeeded */
};

_Static_assert(
    sizeof(struct cvsswriter) == 2 * sizeof(void *), "the size that subclasses were compiled with");

/* ---- Default handlers: a subclass's table points to those that it does not override ---- */

bool STDMETHODCALLTYPE cvsswriter_on_identify(
    struct cvsswriter *writer, IVssCreateWriterMetadata *metadata)
{
    return true;
}

bool STDMETHODCALLTYPE cvsswriter_on_prepare_backup(
    struct cvsswriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvsswriter_on_backup_complete(
    struct cvsswriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvsswriter_on_backup_shutdown(struct cvsswriter *writer, VSS_ID snapshot_set)
{
    return true;
}

bool STDMETHODCALLTYPE cvsswriter_on_pre_restore(
    struct cvsswriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvsswriter_on_post_restore(
    struct cvsswriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvsswriter_on_post_snapshot(
    struct cvsswriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvsswriter_on_back_off_io_on_volume(
    struct cvsswriter *writer, WCHAR *volume, VSS_ID snapshot, VSS_ID provider)
{
    return true;
}

bool STDMETHODCALLTYPE cvsswriter_on_continue_io_on_volume(
    struct cvsswriter *writer, WCHAR *volume, VSS_ID snapshot, VSS_ID provider)
{
    return true;
}

bool STDMETHODCALLTYPE cvsswriter_on_vss_shutdown(struct cvsswriter *writer)
{
    return true;
}

bool STDMETHODCALLTYPE cvsswriter_on_vss_application_startup(struct cvsswriter *writer)
{
    return true;
}

/* The deleting destructor's slot. A subclass always has its own; only it can free the object. */
static void *VSS_THISCALL cvsswriter_delete(struct cvsswriter *writer, unsigned flags)
{
    return writer;
}

/* Reached only while the destructor runs: an event came after the subclass's part had gone. */
static bool STDMETHODCALLTYPE pure_virtual(struct cvsswriter *writer)
{
    log_warning(S_OK, "A CVssWriter is destroyed while it is subscribed: call Unsubscribe first.");
    return false;
}

/* In the order of declaration (spec 2.1). */
static const method cvsswriter_vtbl[] = {
    NULL, /* slot -1: where MSVC keeps its type information */
    (method)cvsswriter_delete,
    (method)cvsswriter_on_identify,
    (method)cvsswriter_on_prepare_backup,
    (method)pure_virtual, /* OnPrepareSnapshot */
    (method)pure_virtual, /* OnFreeze */
    (method)pure_virtual, /* OnThaw */
    (method)pure_virtual, /* OnAbort */
    (method)cvsswriter_on_backup_complete,
    (method)cvsswriter_on_backup_shutdown,
    (method)cvsswriter_on_pre_restore,
    (method)cvsswriter_on_post_restore,
    (method)cvsswriter_on_post_snapshot,
    (method)cvsswriter_on_back_off_io_on_volume,
    (method)cvsswriter_on_continue_io_on_volume,
    (method)cvsswriter_on_vss_shutdown,
    (method)cvsswriter_on_vss_application_startup,
};

/* ---- Life ---- */

struct cvsswriter *VSS_THISCALL cvsswriter_construct(struct cvsswriter *writer)
{
    writer->vtbl = cvsswriter_vtbl + 1;
    writer->impl = NULL;
    return writer;
}

/* Uninitialize waits for handlers that run, unless this is one. */
static void drop(VssWriterImpl *impl)
{
    impl->lpVtbl->Uninitialize(impl);
    impl->lpVtbl->Release(impl);
}

/* Runs after the subclass's destructor, which frees the object: nothing of it is freed here. An
   event that still comes must not find the subclass's handlers. */
void VSS_THISCALL cvsswriter_destruct(struct cvsswriter *writer)
{
    VssWriterImpl *impl = writer->impl;
    writer->vtbl = cvsswriter_vtbl + 1;
    writer->impl = NULL;
    if (impl)
        drop(impl);
}

HRESULT STDMETHODCALLTYPE cvsswriter_initialize(struct cvsswriter *writer, VSS_ID id, LPCWSTR name,
    VSS_USAGE_TYPE usage, VSS_SOURCE_TYPE source, VSS_APPLICATION_LEVEL level, DWORD freeze_timeout,
    VSS_ALTERNATE_WRITER_STATE alternate, bool io_throttling_only, LPCWSTR instance_name)
{
    if (writer->impl)
        return log_warning(E_FAIL, "Initialize was called twice.");
    void *made = NULL;
    HRESULT hr = writer_impl_create(writer, false, &made);
    if (FAILED(hr))
        return hr;
    VssWriterImpl *impl = made;
    hr = impl->lpVtbl->Initialize(impl, id, name, instance_name, 0, 0, usage, source, level,
        freeze_timeout, alternate, io_throttling_only);
    if (SUCCEEDED(hr))
        writer->impl = impl;
    else
        drop(impl);
    return hr;
}

static HRESULT not_initialized(const char *member)
{
    return log_warning(E_FAIL, "%s: call Initialize first.", member);
}

HRESULT STDMETHODCALLTYPE cvsswriter_install_alternate_writer(
    struct cvsswriter *writer, VSS_ID id, CLSID class_id)
{
    return log_not_implemented("CVssWriter::InstallAlternateWriter");
}

HRESULT STDMETHODCALLTYPE cvsswriter_subscribe(struct cvsswriter *writer, DWORD event_flags)
{
    VssWriterImpl *impl = writer->impl;
    return impl ? impl->lpVtbl->Subscribe(impl, 0, event_flags) : not_initialized("Subscribe");
}

HRESULT STDMETHODCALLTYPE cvsswriter_unsubscribe(struct cvsswriter *writer)
{
    VssWriterImpl *impl = writer->impl;
    return impl ? impl->lpVtbl->Unsubscribe(impl) : not_initialized("Unsubscribe");
}

/* ---- What a handler may ask: before Initialize the answers of the SDK's newer header ---- */

LPCWSTR *STDMETHODCALLTYPE cvsswriter_get_current_volume_array(const struct cvsswriter *writer)
{
    VssWriterImpl *impl = writer->impl;
    return impl ? impl->lpVtbl->GetCurrentVolumeArray(impl) : NULL;
}

UINT STDMETHODCALLTYPE cvsswriter_get_current_volume_count(const struct cvsswriter *writer)
{
    VssWriterImpl *impl = writer->impl;
    return impl ? impl->lpVtbl->GetCurrentVolumeCount(impl) : 0;
}

HRESULT STDMETHODCALLTYPE cvsswriter_get_snapshot_device_name(
    const struct cvsswriter *writer, LPCWSTR volume, LPCWSTR *device)
{
    VssWriterImpl *impl = writer->impl;
    if (impl)
        return impl->lpVtbl->GetSnapshotDeviceName(impl, volume, device);
    if (device)
        *device = NULL;
    return not_initialized("GetSnapshotDeviceName");
}

/* A struct comes back through a pointer after `this`, which is also returned (spec 2.6). */
VSS_ID *STDMETHODCALLTYPE cvsswriter_get_current_snapshot_set_id(
    const struct cvsswriter *writer, VSS_ID *result)
{
    VssWriterImpl *impl = writer->impl;
    if (impl)
        return impl->lpVtbl->GetCurrentSnapshotSetId(impl, result);
    *result = (VSS_ID){0};
    return result;
}

LONG STDMETHODCALLTYPE cvsswriter_get_context(const struct cvsswriter *writer)
{
    VssWriterImpl *impl = writer->impl;
    return impl ? impl->lpVtbl->GetContext(impl) : 0;
}

VSS_APPLICATION_LEVEL STDMETHODCALLTYPE cvsswriter_get_current_level(
    const struct cvsswriter *writer)
{
    VssWriterImpl *impl = writer->impl;
    return impl ? impl->lpVtbl->GetCurrentLevel(impl) : VSS_APP_AUTO;
}

VSS_BACKUP_TYPE STDMETHODCALLTYPE cvsswriter_get_backup_type(const struct cvsswriter *writer)
{
    VssWriterImpl *impl = writer->impl;
    return impl ? impl->lpVtbl->GetBackupType(impl) : VSS_BT_UNDEFINED;
}

VSS_RESTORE_TYPE STDMETHODCALLTYPE cvsswriter_get_restore_type(const struct cvsswriter *writer)
{
    VssWriterImpl *impl = writer->impl;
    return impl ? impl->lpVtbl->GetRestoreType(impl) : VSS_RTYPE_UNDEFINED;
}

bool STDMETHODCALLTYPE cvsswriter_is_path_affected(const struct cvsswriter *writer, LPCWSTR path)
{
    VssWriterImpl *impl = writer->impl;
    return impl && impl->lpVtbl->IsPathAffected(impl, path);
}

bool STDMETHODCALLTYPE cvsswriter_are_components_selected(const struct cvsswriter *writer)
{
    VssWriterImpl *impl = writer->impl;
    return impl && impl->lpVtbl->AreComponentsSelected(impl);
}

bool STDMETHODCALLTYPE cvsswriter_is_bootable_system_state_backed_up(
    const struct cvsswriter *writer)
{
    VssWriterImpl *impl = writer->impl;
    return impl && impl->lpVtbl->IsBootableSystemStateBackedUp(impl);
}

bool STDMETHODCALLTYPE cvsswriter_is_partial_file_support_enabled(const struct cvsswriter *writer)
{
    VssWriterImpl *impl = writer->impl;
    return impl && impl->lpVtbl->IsPartialFileSupportEnabled(impl);
}

HRESULT STDMETHODCALLTYPE cvsswriter_set_writer_failure(struct cvsswriter *writer, HRESULT failure)
{
    VssWriterImpl *impl = writer->impl;
    return impl ? impl->lpVtbl->SetWriterFailure(impl, failure)
                : not_initialized("SetWriterFailure");
}
