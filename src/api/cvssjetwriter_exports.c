/* SPDX-License-Identifier: MIT
 *
 * class CVssJetWriter, undocumented: the 2003 library exports it, so a program may import it. It
 * answers that it is not implemented. vssapi.def maps the mangled names to these functions. Any
 * thread. Follows: spec, writer side 1.5.
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
struct cvssjetwriter
{
    const method *vtbl;
    void *impl;
};

_Static_assert(sizeof(struct cvssjetwriter) == 2 * sizeof(void *),
    "the size that subclasses were compiled with");

/* ---- Default handlers ---- */

bool STDMETHODCALLTYPE cvssjetwriter_on_identify(
    struct cvssjetwriter *writer, IVssCreateWriterMetadata *metadata)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_prepare_backup_begin(
    struct cvssjetwriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_prepare_backup_end(
    struct cvssjetwriter *writer, IVssWriterComponents *components, bool succeeded)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_prepare_snapshot_begin(struct cvssjetwriter *writer)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_prepare_snapshot_end(
    struct cvssjetwriter *writer, bool succeeded)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_freeze_begin(struct cvssjetwriter *writer)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_freeze_end(struct cvssjetwriter *writer, bool succeeded)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_thaw_begin(struct cvssjetwriter *writer)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_thaw_end(struct cvssjetwriter *writer, bool succeeded)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_post_snapshot(
    struct cvssjetwriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_backup_complete_begin(
    struct cvssjetwriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_backup_complete_end(
    struct cvssjetwriter *writer, IVssWriterComponents *components, bool succeeded)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_pre_restore_begin(
    struct cvssjetwriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_pre_restore_end(
    struct cvssjetwriter *writer, IVssWriterComponents *components, bool succeeded)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_post_restore_begin(
    struct cvssjetwriter *writer, IVssWriterComponents *components)
{
    return true;
}

bool STDMETHODCALLTYPE cvssjetwriter_on_post_restore_end(
    struct cvssjetwriter *writer, IVssWriterComponents *components, bool succeeded)
{
    return true;
}

void STDMETHODCALLTYPE cvssjetwriter_on_abort_begin(struct cvssjetwriter *writer)
{
}

void STDMETHODCALLTYPE cvssjetwriter_on_abort_end(struct cvssjetwriter *writer)
{
}

/* The deleting destructor's slot. A subclass always has its own; only it can free the object. */
static void *THISCALL cvssjetwriter_delete(struct cvssjetwriter *writer, unsigned flags)
{
    return writer;
}

/* The order is not published; every slot answers all the same. */
static const method cvssjetwriter_vtbl[] = {
    NULL, /* slot -1: where MSVC keeps its type information */
    (method)cvssjetwriter_delete,
    (method)cvssjetwriter_on_identify,
    (method)cvssjetwriter_on_prepare_backup_begin,
    (method)cvssjetwriter_on_prepare_backup_end,
    (method)cvssjetwriter_on_prepare_snapshot_begin,
    (method)cvssjetwriter_on_prepare_snapshot_end,
    (method)cvssjetwriter_on_freeze_begin,
    (method)cvssjetwriter_on_freeze_end,
    (method)cvssjetwriter_on_thaw_begin,
    (method)cvssjetwriter_on_thaw_end,
    (method)cvssjetwriter_on_post_snapshot,
    (method)cvssjetwriter_on_backup_complete_begin,
    (method)cvssjetwriter_on_backup_complete_end,
    (method)cvssjetwriter_on_pre_restore_begin,
    (method)cvssjetwriter_on_pre_restore_end,
    (method)cvssjetwriter_on_post_restore_begin,
    (method)cvssjetwriter_on_post_restore_end,
    (method)cvssjetwriter_on_abort_begin,
    (method)cvssjetwriter_on_abort_end,
};

/* ---- Life ---- */

struct cvssjetwriter *THISCALL cvssjetwriter_construct(struct cvssjetwriter *writer)
{
    writer->vtbl = cvssjetwriter_vtbl + 1;
    writer->impl = NULL;
    return writer;
}

/* Runs after the subclass's destructor, which frees the object: nothing is freed here. */
void THISCALL cvssjetwriter_destruct(struct cvssjetwriter *writer)
{
    writer->vtbl = cvssjetwriter_vtbl + 1;
    writer->impl = NULL;
}

HRESULT STDMETHODCALLTYPE cvssjetwriter_initialize(struct cvssjetwriter *writer, VSS_ID id,
    LPCWSTR name, bool flag1, bool flag2, LPCWSTR text1, LPCWSTR text2, DWORD flags)
{
    return log_not_implemented("CVssJetWriter::Initialize");
}

void STDMETHODCALLTYPE cvssjetwriter_uninitialize(struct cvssjetwriter *writer)
{
    log_not_implemented("CVssJetWriter::Uninitialize");
}

/* ---- What a handler may ask ---- */

LPCWSTR *STDMETHODCALLTYPE cvssjetwriter_get_current_volume_array(
    const struct cvssjetwriter *writer)
{
    log_not_implemented("CVssJetWriter::GetCurrentVolumeArray");
    return NULL;
}

UINT STDMETHODCALLTYPE cvssjetwriter_get_current_volume_count(const struct cvssjetwriter *writer)
{
    log_not_implemented("CVssJetWriter::GetCurrentVolumeCount");
    return 0;
}

HRESULT STDMETHODCALLTYPE cvssjetwriter_get_snapshot_device_name(
    const struct cvssjetwriter *writer, LPCWSTR volume, LPCWSTR *device)
{
    return log_not_implemented("CVssJetWriter::GetSnapshotDeviceName");
}

/* A struct comes back through a pointer after `this`, which is also returned (spec 2.6). */
VSS_ID *STDMETHODCALLTYPE cvssjetwriter_get_current_snapshot_set_id(
    const struct cvssjetwriter *writer, VSS_ID *result)
{
    log_not_implemented("CVssJetWriter::GetCurrentSnapshotSetId");
    *result = (VSS_ID){0};
    return result;
}

LONG STDMETHODCALLTYPE cvssjetwriter_get_context(const struct cvssjetwriter *writer)
{
    log_not_implemented("CVssJetWriter::GetContext");
    return 0;
}

VSS_APPLICATION_LEVEL STDMETHODCALLTYPE cvssjetwriter_get_current_level(
    const struct cvssjetwriter *writer)
{
    log_not_implemented("CVssJetWriter::GetCurrentLevel");
    return VSS_APP_UNKNOWN;
}

VSS_BACKUP_TYPE STDMETHODCALLTYPE cvssjetwriter_get_backup_type(const struct cvssjetwriter *writer)
{
    log_not_implemented("CVssJetWriter::GetBackupType");
    return VSS_BT_UNDEFINED;
}

VSS_RESTORE_TYPE STDMETHODCALLTYPE cvssjetwriter_get_restore_type(
    const struct cvssjetwriter *writer)
{
    log_not_implemented("CVssJetWriter::GetRestoreType");
    return VSS_RTYPE_UNDEFINED;
}

bool STDMETHODCALLTYPE cvssjetwriter_is_path_affected(
    const struct cvssjetwriter *writer, LPCWSTR path)
{
    log_not_implemented("CVssJetWriter::IsPathAffected");
    return false;
}

bool STDMETHODCALLTYPE cvssjetwriter_are_components_selected(const struct cvssjetwriter *writer)
{
    log_not_implemented("CVssJetWriter::AreComponentsSelected");
    return false;
}

bool STDMETHODCALLTYPE cvssjetwriter_is_bootable_system_state_backed_up(
    const struct cvssjetwriter *writer)
{
    log_not_implemented("CVssJetWriter::IsBootableSystemStateBackedUp");
    return false;
}

bool STDMETHODCALLTYPE cvssjetwriter_is_partial_file_support_enabled(
    const struct cvssjetwriter *writer)
{
    log_not_implemented("CVssJetWriter::IsPartialFileSupportEnabled");
    return false;
}

HRESULT STDMETHODCALLTYPE cvssjetwriter_set_writer_failure(
    struct cvssjetwriter *writer, HRESULT failure)
{
    return log_not_implemented("CVssJetWriter::SetWriterFailure");
}
