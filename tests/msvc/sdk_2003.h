/* SPDX-License-Identifier: MIT
 *
 * class CVssWriter as the VSS SDK 7.2 had it: every member that is not pure is imported from
 * vssapi.dll by its mangled name. Declared anew from writer-provider 1.4 and 2.1.
 */
#ifndef THAWLINE_TESTS_MSVC_SDK_2003_H
#define THAWLINE_TESTS_MSVC_SDK_2003_H

#include "msvc/sdk.h"

class CVssWriter
{
  public:
    CVssWriter();
    virtual ~CVssWriter();

    HRESULT __stdcall Initialize(VSS_ID id, LPCWSTR name, VSS_USAGE_TYPE usage,
        VSS_SOURCE_TYPE source, VSS_APPLICATION_LEVEL level = VSS_APP_FRONT_END,
        DWORD freeze_timeout = 60000,
        VSS_ALTERNATE_WRITER_STATE alternate = VSS_AWS_NO_ALTERNATE_WRITER,
        bool io_throttling_only = false, LPCWSTR instance_name = nullptr);
    HRESULT __stdcall InstallAlternateWriter(VSS_ID id, CLSID class_id);
    HRESULT __stdcall Subscribe(DWORD events = VSS_SM_BACKUP_AND_RESTORE_EVENTS);
    HRESULT __stdcall Unsubscribe();

    virtual bool __stdcall OnIdentify(IVssCreateWriterMetadata *metadata);
    virtual bool __stdcall OnPrepareBackup(IVssWriterComponents *components);
    virtual bool __stdcall OnPrepareSnapshot() = 0;
    virtual bool __stdcall OnFreeze() = 0;
    virtual bool __stdcall OnThaw() = 0;
    virtual bool __stdcall OnAbort() = 0;
    virtual bool __stdcall OnBackupComplete(IVssWriterComponents *components);
    virtual bool __stdcall OnBackupShutdown(VSS_ID set_id);
    virtual bool __stdcall OnPreRestore(IVssWriterComponents *components);
    virtual bool __stdcall OnPostRestore(IVssWriterComponents *components);
    virtual bool __stdcall OnPostSnapshot(IVssWriterComponents *components);
    virtual bool __stdcall OnBackOffIOOnVolume(WCHAR *volume, VSS_ID snapshot, VSS_ID provider);
    virtual bool __stdcall OnContinueIOOnVolume(WCHAR *volume, VSS_ID snapshot, VSS_ID provider);
    virtual bool __stdcall OnVSSShutdown();
    virtual bool __stdcall OnVSSApplicationStartup();

  protected:
    LPCWSTR *__stdcall GetCurrentVolumeArray() const;
    UINT __stdcall GetCurrentVolumeCount() const;
    HRESULT __stdcall GetSnapshotDeviceName(LPCWSTR volume, LPCWSTR *device) const;
    VSS_ID __stdcall GetCurrentSnapshotSetId() const;
    LONG __stdcall GetContext() const;
    VSS_APPLICATION_LEVEL __stdcall GetCurrentLevel() const;
    VSS_BACKUP_TYPE __stdcall GetBackupType() const;
    VSS_RESTORE_TYPE __stdcall GetRestoreType() const;
    bool __stdcall IsPathAffected(LPCWSTR path) const;
    bool __stdcall AreComponentsSelected() const;
    bool __stdcall IsBootableSystemStateBackedUp() const;
    bool __stdcall IsPartialFileSupportEnabled() const;
    HRESULT __stdcall SetWriterFailure(HRESULT failure);

  private:
    void *wrapper;
};

#endif
