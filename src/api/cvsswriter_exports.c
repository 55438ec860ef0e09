/* SPDX-License-Identifier: MIT
 *
 * class CVssWriter as programs linked with the 2003 SDK see it: exported members over an object of
 * two pointers. vssapi.def maps the mangled names to these functions. Any thread.
 * Follows: spec, writer side 1.4 and 2.1-2.3.
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>

#include "diag/log.h"

/* vssapi.def is the only caller: a header would say everything a second time. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
/* The members that are not implemented yet look at none of their arguments. */
#pragma GCC diagnostic ignored "-Wunused-parameter"

/* MSVC ignores the convention written on constructors and destructors: `this` comes in ECX. */
#ifdef __i386__
#define THISCALL __attribute__((thiscall))
#else
#define THISCALL
#endif

typedef void (*method)(void);

/* A subclass's own members start behind these two. */
struct cvsswriter
{
    const method *vtbl;
    void *impl;
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
static void *THISCALL cvsswriter_delete(struct cvsswriter *writer, unsigned flags)
{
    return writer;
}

static bool STDMETHODCALLTYPE pure_virtual(struct cvsswriter *writer)
{
    log_not_implemented("a pure virtual member of CVssWriter");
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

struct cvsswriter *THISCALL cvsswriter_construct(struct cvsswriter *writer)
{
    writer->vtbl = cvsswriter_vtbl + 1;
    writer->impl = NULL;
    return writer;
}

/* Runs after the subclass's destructor, which frees the object: nothing is freed here. */
void THISCALL cvsswriter_destruct(struct cvsswriter *writer)
{
    writer->vtbl = cvsswriter_vtbl + 1;
    writer->impl = NULL;
}

HRESULT STDMETHODCALLTYPE cvsswriter_initialize(struct cvsswriter *writer, VSS_ID id, LPCWSTR name,
    VSS_USAGE_TYPE usage, VSS_SOURCE_TYPE source, VSS_APPLICATION_LEVEL level, DWORD freeze_timeout,
    VSS_ALTERNATE_WRITER_STATE alternate, bool io_throttling_only, LPCWSTR instance_name)
{
    return log_not_implemented("CVssWriter::Initialize");
}

HRESULT STDMETHODCALLTYPE cvsswriter_install_alternate_writer(
    struct cvsswriter *writer, VSS_ID id, CLSID class_id)
{
    return log_not_implemented("CVssWriter::InstallAlternateWriter");
}

HRESULT STDMETHODCALLTYPE cvsswriter_subscribe(struct cvsswriter *writer, DWORD event_flags)
{
    return log_not_implemented("CVssWriter::Subscribe");
}

HRESULT STDMETHODCALLTYPE cvsswriter_unsubscribe(struct cvsswriter *writer)
{
    return log_not_implemented("CVssWriter::Unsubscribe");
}

/* ---- What a handler may ask ---- */

LPCWSTR *STDMETHODCALLTYPE cvsswriter_get_current_volume_array(const struct cvsswriter *writer)
{
    log_not_implemented("CVssWriter::GetCurrentVolumeArray");
    return NULL;
}

UINT STDMETHODCALLTYPE cvsswriter_get_current_volume_count(const struct cvsswriter *writer)
{
    log_not_implemented("CVssWriter::GetCurrentVolumeCount");
    return 0;
}

HRESULT STDMETHODCALLTYPE cvsswriter_get_snapshot_device_name(
    const struct cvsswriter *writer, LPCWSTR volume, LPCWSTR *device)
{
    return log_not_implemented("CVssWriter::GetSnapshotDeviceName");
}

/* A struct comes back through a pointer after `this`, which is also returned (spec 2.6). */
VSS_ID *STDMETHODCALLTYPE cvsswriter_get_current_snapshot_set_id(
    const struct cvsswriter *writer, VSS_ID *result)
{
    log_not_implemented("CVssWriter::GetCurrentSnapshotSetId");
    *result = (VSS_ID){0};
    return result;
}

LONG STDMETHODCALLTYPE cvsswriter_get_context(const struct cvsswriter *writer)
{
    log_not_implemented("CVssWriter::GetContext");
    return 0;
}

VSS_APPLICATION_LEVEL STDMETHODCALLTYPE cvsswriter_get_current_level(
    const struct cvsswriter *writer)
{
    log_not_implemented("CVssWriter::GetCurrentLevel");
    return VSS_APP_UNKNOWN;
}

VSS_BACKUP_TYPE STDMETHODCALLTYPE cvsswriter_get_backup_type(const struct cvsswriter *writer)
{
    log_not_implemented("CVssWriter::GetBackupType");
    return VSS_BT_UNDEFINED;
}

VSS_RESTORE_TYPE STDMETHODCALLTYPE cvsswriter_get_restore_type(const struct cvsswriter *writer)
{
    log_not_implemented("CVssWriter::GetRestoreType");
    return VSS_RTYPE_UNDEFINED;
}

bool STDMETHODCALLTYPE cvsswriter_is_path_affected(const struct cvsswriter *writer, LPCWSTR path)
{
    log_not_implemented("CVssWriter::IsPathAffected");
    return false;
}

bool STDMETHODCALLTYPE cvsswriter_are_components_selected(const struct cvsswriter *writer)
{
    log_not_implemented("CVssWriter::AreComponentsSelected");
    return false;
}

bool STDMETHODCALLTYPE cvsswriter_is_bootable_system_state_backed_up(
    const struct cvsswriter *writer)
{
    log_not_implemented("CVssWriter::IsBootableSystemStateBackedUp");
    return false;
}

bool STDMETHODCALLTYPE cvsswriter_is_partial_file_support_enabled(const struct cvsswriter *writer)
{
    log_not_implemented("CVssWriter::IsPartialFileSupportEnabled");
    return false;
}

HRESULT STDMETHODCALLTYPE cvsswriter_set_writer_failure(struct cvsswriter *writer, HRESULT failure)
{
    return log_not_implemented("CVssWriter::SetWriterFailure");
}
