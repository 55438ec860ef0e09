/* SPDX-License-Identifier: MIT
 *
 * The binary shapes that C++ writers were compiled for and that no header describes rightly for C:
 * the table of class CVssWriter, which they implement, and that of IVssWriterImpl, which we do.
 * Follows writer-provider 2.
 */
#ifndef THAWLINE_WRITER_WRITER_ABI_H
#define THAWLINE_WRITER_WRITER_ABI_H

#include <windows.h>
#include <vss.h>
#include <vswriter.h>

/* Members declared without a convention: `this` comes in ECX on x86. */
#ifdef __i386__
#define WRITER_THISCALL __attribute__((thiscall))
#else
#define WRITER_THISCALL
#endif

/* C++ bool: one byte, and nothing is said about the rest of the register. */
typedef unsigned char cpp_bool;

struct cvss_writer;

/* class CVssWriter, then CVssWriterEx. The handlers are stdcall with `this` on the stack. */
struct cvss_writer_vtbl
{
    void *destructor; /* thiscall, and never ours to call */
    cpp_bool(STDMETHODCALLTYPE *OnIdentify)(
        struct cvss_writer *writer, IVssCreateWriterMetadata *metadata);
    cpp_bool(STDMETHODCALLTYPE *OnPrepareBackup)(
        struct cvss_writer *writer, IVssWriterComponents *components);
    cpp_bool(STDMETHODCALLTYPE *OnPrepareSnapshot)(struct cvss_writer *writer);
    cpp_bool(STDMETHODCALLTYPE *OnFreeze)(struct cvss_writer *writer);
    cpp_bool(STDMETHODCALLTYPE *OnThaw)(struct cvss_writer *writer);
    cpp_bool(STDMETHODCALLTYPE *OnAbort)(struct cvss_writer *writer);
    cpp_bool(STDMETHODCALLTYPE *OnBackupComplete)(
        struct cvss_writer *writer, IVssWriterComponents *components);
    cpp_bool(STDMETHODCALLTYPE *OnBackupShutdown)(
        struct cvss_writer *writer, VSS_ID snapshot_set_id);
    cpp_bool(STDMETHODCALLTYPE *OnPreRestore)(
        struct cvss_writer *writer, IVssWriterComponents *components);
    cpp_bool(STDMETHODCALLTYPE *OnPostRestore)(
        struct cvss_writer *writer, IVssWriterComponents *components);
    cpp_bool(STDMETHODCALLTYPE *OnPostSnapshot)(
        struct cvss_writer *writer, IVssWriterComponents *components);
    /* reserved: never called */
    void *OnBackOffIOOnVolume;
    void *OnContinueIOOnVolume;
    void *OnVSSShutdown;
    void *OnVSSApplicationStartup;
    /* CVssWriterEx; not there in objects made with CreateWriter */
    cpp_bool(STDMETHODCALLTYPE *OnIdentifyEx)(
        struct cvss_writer *writer, IVssCreateWriterMetadataEx *metadata);
};

struct cvss_writer
{
    const struct cvss_writer_vtbl *vtbl;
    /* and one pointer that belongs to the class itself, and the subclass's members */
};

struct writer_impl_face;

/* IVssWriterImpl: IUnknown is stdcall, the rest thiscall. */
struct writer_impl_vtbl
{
    HRESULT(STDMETHODCALLTYPE *QueryInterface)
    (struct writer_impl_face *face, REFIID iid, void **out);
    ULONG(STDMETHODCALLTYPE *AddRef)(struct writer_impl_face *face);
    ULONG(STDMETHODCALLTYPE *Release)(struct writer_impl_face *face);
    HRESULT(WRITER_THISCALL *Initialize)
    (struct writer_impl_face *face, VSS_ID writer_id, LPCWSTR name, LPCWSTR instance_name,
        DWORD major_version, DWORD minor_version, VSS_USAGE_TYPE usage, VSS_SOURCE_TYPE source,
        VSS_APPLICATION_LEVEL level, DWORD freeze_timeout, VSS_ALTERNATE_WRITER_STATE alternate,
        cpp_bool io_throttling_only);
    HRESULT(WRITER_THISCALL *Subscribe)
    (struct writer_impl_face *face, DWORD unsubscribe_timeout, DWORD events);
    HRESULT(WRITER_THISCALL *Unsubscribe)(struct writer_impl_face *face);
    void(WRITER_THISCALL *Uninitialize)(struct writer_impl_face *face);
    LPCWSTR *(WRITER_THISCALL *GetCurrentVolumeArray)(struct writer_impl_face *face);
    UINT(WRITER_THISCALL *GetCurrentVolumeCount)(struct writer_impl_face *face);
    HRESULT(WRITER_THISCALL *GetSnapshotDeviceName)
    (struct writer_impl_face *face, LPCWSTR volume, LPCWSTR *device);
    /* Returns a struct in C++: through a pointer after `this`, which is also returned. */
    VSS_ID *(WRITER_THISCALL *GetCurrentSnapshotSetId)(
        struct writer_impl_face *face, VSS_ID *result);
    LONG(WRITER_THISCALL *GetContext)(struct writer_impl_face *face);
    VSS_APPLICATION_LEVEL(WRITER_THISCALL *GetCurrentLevel)(struct writer_impl_face *face);
    cpp_bool(WRITER_THISCALL *IsPathAffected)(struct writer_impl_face *face, LPCWSTR path);
    cpp_bool(WRITER_THISCALL *IsBootableSystemStateBackedUp)(struct writer_impl_face *face);
    cpp_bool(WRITER_THISCALL *AreComponentsSelected)(struct writer_impl_face *face);
    VSS_BACKUP_TYPE(WRITER_THISCALL *GetBackupType)(struct writer_impl_face *face);
    VSS_RESTORE_TYPE(WRITER_THISCALL *GetRestoreType)(struct writer_impl_face *face);
    HRESULT(WRITER_THISCALL *SetWriterFailure)(struct writer_impl_face *face, HRESULT failure);
    cpp_bool(WRITER_THISCALL *IsPartialFileSupportEnabled)(struct writer_impl_face *face);
    HRESULT(WRITER_THISCALL *InstallAlternateWriter)
    (struct writer_impl_face *face, VSS_ID writer_id, CLSID class_id);
    IVssExamineWriterMetadata *(WRITER_THISCALL *GetIdentityInformation)(
        struct writer_impl_face *face);
    HRESULT(WRITER_THISCALL *SetWriterFailureEx)
    (struct writer_impl_face *face, HRESULT failure, HRESULT application, LPCWSTR message);
    HRESULT(WRITER_THISCALL *GetSessionId)(struct writer_impl_face *face, VSS_ID *session_id);
    cpp_bool(WRITER_THISCALL *IsWriterShuttingDown)(struct writer_impl_face *face);
};

struct writer_impl_face
{
    const struct writer_impl_vtbl *vtbl;
};

#endif
