/* SPDX-License-Identifier: MIT
 *
 * The classes of the newer SDKs: wholly inline over CreateWriter(Ex) and IVssWriterImpl. Declared
 * anew from writer-provider 2.1 to 2.4. A namespace keeps their inline members apart from the
 * imported ones of sdk_2003.h in one program; it is no part of the binary contract.
 */
#ifndef THAWLINE_TESTS_MSVC_SDK_INLINE_H
#define THAWLINE_TESTS_MSVC_SDK_INLINE_H

#include "msvc/sdk.h"

namespace inline_sdk
{

/* No convention is written on the methods: thiscall on x86. */
class IVssWriterImpl : public IUnknown
{
  public:
    virtual HRESULT Initialize(VSS_ID id, LPCWSTR name, LPCWSTR instance_name, DWORD major,
        DWORD minor, VSS_USAGE_TYPE usage, VSS_SOURCE_TYPE source, VSS_APPLICATION_LEVEL level,
        DWORD freeze_timeout, VSS_ALTERNATE_WRITER_STATE alternate, bool io_throttling_only) = 0;
    virtual HRESULT Subscribe(DWORD unsubscribe_timeout, DWORD events) = 0;
    virtual HRESULT Unsubscribe() = 0;
    virtual void Uninitialize() = 0;
    virtual LPCWSTR *GetCurrentVolumeArray() const = 0;
    virtual UINT GetCurrentVolumeCount() const = 0;
    virtual HRESULT GetSnapshotDeviceName(LPCWSTR volume, LPCWSTR *device) const = 0;
    virtual VSS_ID GetCurrentSnapshotSetId() const = 0;
    virtual LONG GetContext() const = 0;
    virtual VSS_APPLICATION_LEVEL GetCurrentLevel() const = 0;
    virtual bool IsPathAffected(LPCWSTR path) const = 0;
    virtual bool IsBootableSystemStateBackedUp() const = 0;
    virtual bool AreComponentsSelected() const = 0;
    virtual VSS_BACKUP_TYPE GetBackupType() const = 0;
    virtual VSS_RESTORE_TYPE GetRestoreType() const = 0;
    virtual HRESULT SetWriterFailure(HRESULT failure) = 0;
    virtual bool IsPartialFileSupportEnabled() const = 0;
    virtual HRESULT InstallAlternateWriter(VSS_ID id, CLSID class_id) = 0;
    virtual IVssExamineWriterMetadata *GetIdentityInformation() const = 0;
    virtual HRESULT SetWriterFailureEx(HRESULT failure, HRESULT application, LPCWSTR message) = 0;
    virtual HRESULT GetSessionId(VSS_ID *session) = 0;
    virtual bool IsWriterShuttingDown() = 0;
};

extern "C" HRESULT __stdcall CreateWriter(void *writer, IVssWriterImpl **impl);
extern "C" HRESULT __stdcall CreateWriterEx(void *writer, IVssWriterImpl **impl);

class CVssWriter
{
  public:
    CVssWriter() : impl(nullptr)
    {
    }
    virtual ~CVssWriter()
    {
        if (!impl)
            return;
        impl->Uninitialize();
        impl->Release();
    }

    HRESULT __stdcall Initialize(VSS_ID id, LPCWSTR name, VSS_USAGE_TYPE usage,
        VSS_SOURCE_TYPE source, VSS_APPLICATION_LEVEL level = VSS_APP_FRONT_END,
        DWORD freeze_timeout = 60000,
        VSS_ALTERNATE_WRITER_STATE alternate = VSS_AWS_NO_ALTERNATE_WRITER,
        bool io_throttling_only = false, LPCWSTR instance_name = nullptr)
    {
        return initialize(CreateWriter, id, name, 0, 0, usage, source, level, freeze_timeout,
            alternate, io_throttling_only, instance_name);
    }
    HRESULT __stdcall InstallAlternateWriter(VSS_ID id, CLSID class_id)
    {
        return impl ? impl->InstallAlternateWriter(id, class_id) : E_FAIL;
    }
    HRESULT __stdcall Subscribe(DWORD events = VSS_SM_BACKUP_AND_RESTORE_EVENTS)
    {
        return impl ? impl->Subscribe(0, events) : E_FAIL;
    }
    HRESULT __stdcall Unsubscribe()
    {
        if (!impl)
            return E_FAIL;
        impl->Unsubscribe();
        return S_OK;
    }

    virtual bool __stdcall OnIdentify(IVssCreateWriterMetadata *)
    {
        return true;
    }
    virtual bool __stdcall OnPrepareBackup(IVssWriterComponents *)
    {
        return true;
    }
    virtual bool __stdcall OnPrepareSnapshot() = 0;
    virtual bool __stdcall OnFreeze() = 0;
    virtual bool __stdcall OnThaw() = 0;
    virtual bool __stdcall OnAbort() = 0;
    virtual bool __stdcall OnBackupComplete(IVssWriterComponents *)
    {
        return true;
    }
    virtual bool __stdcall OnBackupShutdown(VSS_ID)
    {
        return true;
    }
    virtual bool __stdcall OnPreRestore(IVssWriterComponents *)
    {
        return true;
    }
    virtual bool __stdcall OnPostRestore(IVssWriterComponents *)
    {
        return true;
    }
    virtual bool __stdcall OnPostSnapshot(IVssWriterComponents *)
    {
        return true;
    }
    virtual bool __stdcall OnBackOffIOOnVolume(WCHAR *, VSS_ID, VSS_ID)
    {
        return true;
    }
    virtual bool __stdcall OnContinueIOOnVolume(WCHAR *, VSS_ID, VSS_ID)
    {
        return true;
    }
    virtual bool __stdcall OnVSSShutdown()
    {
        return true;
    }
    virtual bool __stdcall OnVSSApplicationStartup()
    {
        return true;
    }

  protected:
    typedef HRESULT(__stdcall *create_function)(void *writer, IVssWriterImpl **impl);

    HRESULT initialize(create_function create, VSS_ID id, LPCWSTR name, DWORD major, DWORD minor,
        VSS_USAGE_TYPE usage, VSS_SOURCE_TYPE source, VSS_APPLICATION_LEVEL level,
        DWORD freeze_timeout, VSS_ALTERNATE_WRITER_STATE alternate, bool io_throttling_only,
        LPCWSTR instance_name)
    {
        if (impl)
            return E_FAIL;
        HRESULT hr = create(this, &impl);
        if (hr < 0)
            return hr;
        hr = impl->Initialize(id, name, instance_name, major, minor, usage, source, level,
            freeze_timeout, alternate, io_throttling_only);
        if (hr < 0)
        {
            impl->Release();
            impl = nullptr;
        }
        return hr;
    }

    LPCWSTR *__stdcall GetCurrentVolumeArray() const
    {
        return impl ? impl->GetCurrentVolumeArray() : nullptr;
    }
    UINT __stdcall GetCurrentVolumeCount() const
    {
        return impl ? impl->GetCurrentVolumeCount() : 0;
    }
    HRESULT __stdcall GetSnapshotDeviceName(LPCWSTR volume, LPCWSTR *device) const
    {
        return impl ? impl->GetSnapshotDeviceName(volume, device) : E_FAIL;
    }
    VSS_ID __stdcall GetCurrentSnapshotSetId() const
    {
        return impl ? impl->GetCurrentSnapshotSetId() : VSS_ID();
    }
    LONG __stdcall GetContext() const
    {
        return impl ? impl->GetContext() : 0;
    }
    VSS_APPLICATION_LEVEL __stdcall GetCurrentLevel() const
    {
        return impl ? impl->GetCurrentLevel() : VSS_APP_AUTO;
    }
    VSS_BACKUP_TYPE __stdcall GetBackupType() const
    {
        return impl ? impl->GetBackupType() : VSS_BT_UNDEFINED;
    }
    VSS_RESTORE_TYPE __stdcall GetRestoreType() const
    {
        return impl ? impl->GetRestoreType() : VSS_RTYPE_UNDEFINED;
    }
    bool __stdcall IsPathAffected(LPCWSTR path) const
    {
        return impl && impl->IsPathAffected(path);
    }
    bool __stdcall AreComponentsSelected() const
    {
        return impl && impl->AreComponentsSelected();
    }
    bool __stdcall IsBootableSystemStateBackedUp() const
    {
        return impl && impl->IsBootableSystemStateBackedUp();
    }
    bool __stdcall IsPartialFileSupportEnabled() const
    {
        return impl && impl->IsPartialFileSupportEnabled();
    }
    HRESULT __stdcall SetWriterFailure(HRESULT failure)
    {
        return impl ? impl->SetWriterFailure(failure) : E_FAIL;
    }

    IVssWriterImpl *impl;
};

class CVssWriterEx : public CVssWriter
{
  public:
    HRESULT __stdcall InitializeEx(VSS_ID id, LPCWSTR name, DWORD major, DWORD minor,
        VSS_USAGE_TYPE usage, VSS_SOURCE_TYPE source, VSS_APPLICATION_LEVEL level,
        DWORD freeze_timeout, VSS_ALTERNATE_WRITER_STATE alternate, bool io_throttling_only,
        LPCWSTR instance_name)
    {
        return initialize(CreateWriterEx, id, name, major, minor, usage, source, level,
            freeze_timeout, alternate, io_throttling_only, instance_name);
    }

    bool __stdcall OnIdentify(IVssCreateWriterMetadata *) override
    {
        return false;
    }
    virtual bool __stdcall OnIdentifyEx(IVssCreateWriterMetadataEx *)
    {
        return false;
    }

  protected:
    HRESULT GetIdentifyInformation(IVssExamineWriterMetadata **metadata)
    {
        *metadata = impl ? impl->GetIdentityInformation() : nullptr;
        return *metadata ? S_OK : E_FAIL;
    }
};

class CVssWriterEx2 : public CVssWriterEx
{
  public:
    HRESULT SubscribeEx(DWORD unsubscribe_timeout, DWORD events = VSS_SM_BACKUP_AND_RESTORE_EVENTS)
    {
        return impl ? impl->Subscribe(unsubscribe_timeout, events) : E_FAIL;
    }

  protected:
    HRESULT SetWriterFailureEx(HRESULT failure, HRESULT application, LPCWSTR message)
    {
        return impl ? impl->SetWriterFailureEx(failure, application, message) : E_FAIL;
    }
    HRESULT GetSessionId(VSS_ID *session)
    {
        return impl ? impl->GetSessionId(session) : E_FAIL;
    }
    bool IsWriterShuttingDown()
    {
        return impl->IsWriterShuttingDown();
    }
};

} // namespace inline_sdk

#endif
