/* SPDX-License-Identifier: MIT
 *
 * vsswriter.h - class CVssWriter for mingw-w64, whose headers lack it: for C as structures and
 * functions, for C++ as classes to derive from. Both are laid out as Microsoft's compiler lays out
 * the classes of the Windows SDK, so such a writer works with any vssapi.dll.
 *
 * Link with -lvssapi; nothing in here needs Thawline's own import library. With Microsoft's
 * compiler use the SDK's header instead. In C++ with CINTERFACE defined, the C part is declared.
 * examples/writer_c.c and examples/writer_cxx.cpp show both.
 *
 * A writer overrides handlers, which run on threads of the DLL; each returns whether it succeeded
 * (one byte). What it is handed, and what the functions below tell it meanwhile, is gone when it
 * returns. Before a handler fails it says why with SetWriterFailure. Handlers must not throw.
 */
#ifndef THAWLINE_VSSWRITER_H
#define THAWLINE_VSSWRITER_H

#include <windows.h>
#include <vss.h>
#include <vswriter.h>

/* Members whose declaration names no convention: `this` comes in ECX on 32-bit x86. */
#ifdef __i386__
#define VSS_THISCALL __attribute__((thiscall))
#else
#define VSS_THISCALL
#endif

/* What Subscribe takes; no other value is supported. */
#define VSS_SM_ALL_WRITER_EVENTS ((DWORD)(VSS_SM_BACKUP_EVENTS_FLAG | VSS_SM_RESTORE_EVENTS_FLAG))

#if defined(__cplusplus) && !defined(CINTERFACE)

class CVssWriter;

/* What CreateWriter gives: IVssWriterImpl. vswriter.h has a class of that name with conventions
   that are wrong for 32 bits. A writer calls it through CVssWriter's members. */
class VssWriterImpl
{
public:
    virtual HRESULT STDMETHODCALLTYPE QueryInterface(REFIID iid, void **out) = 0;
    virtual ULONG STDMETHODCALLTYPE AddRef() = 0;
    virtual ULONG STDMETHODCALLTYPE Release() = 0;
    virtual HRESULT VSS_THISCALL Initialize(VSS_ID WriterId, LPCWSTR pwszName,
        LPCWSTR pwszInstanceName, DWORD dwMajorVersion, DWORD dwMinorVersion, VSS_USAGE_TYPE Usage,
        VSS_SOURCE_TYPE Source, VSS_APPLICATION_LEVEL Level, DWORD dwFreezeTimeout,
        VSS_ALTERNATE_WRITER_STATE Alternate, bool bIOThrottlingOnly) = 0;
    virtual HRESULT VSS_THISCALL Subscribe(DWORD dwUnsubscribeTimeout, DWORD dwEvents) = 0;
    virtual HRESULT VSS_THISCALL Unsubscribe() = 0;
    virtual void VSS_THISCALL Uninitialize() = 0;
    virtual LPCWSTR *VSS_THISCALL GetCurrentVolumeArray() const = 0;
    virtual UINT VSS_THISCALL GetCurrentVolumeCount() const = 0;
    virtual HRESULT VSS_THISCALL GetSnapshotDeviceName(
        LPCWSTR pwszVolume, LPCWSTR *ppwszDevice) const = 0;
    /* Microsoft's compiler returns a structure through a pointer behind `this`; GCC would not. */
    virtual VSS_ID *VSS_THISCALL GetCurrentSnapshotSetId(VSS_ID *pResult) const = 0;
    virtual LONG VSS_THISCALL GetContext() const = 0;
    virtual VSS_APPLICATION_LEVEL VSS_THISCALL GetCurrentLevel() const = 0;
    virtual bool VSS_THISCALL IsPathAffected(LPCWSTR pwszPath) const = 0;
    virtual bool VSS_THISCALL IsBootableSystemStateBackedUp() const = 0;
    virtual bool VSS_THISCALL AreComponentsSelected() const = 0;
    virtual VSS_BACKUP_TYPE VSS_THISCALL GetBackupType() const = 0;
    virtual VSS_RESTORE_TYPE VSS_THISCALL GetRestoreType() const = 0;
    virtual HRESULT VSS_THISCALL SetWriterFailure(HRESULT hr) = 0;
    virtual bool VSS_THISCALL IsPartialFileSupportEnabled() const = 0;
    virtual HRESULT VSS_THISCALL InstallAlternateWriter(VSS_ID WriterId, CLSID ClassId) = 0;
    virtual IVssExamineWriterMetadata *VSS_THISCALL GetIdentityInformation() const = 0;
    virtual HRESULT VSS_THISCALL SetWriterFailureEx(
        HRESULT hr, HRESULT hrApplication, LPCWSTR pwszMessage) = 0;
    virtual HRESULT VSS_THISCALL GetSessionId(VSS_ID *pSessionId) = 0;
    virtual bool VSS_THISCALL IsWriterShuttingDown() = 0;
};

extern "C" HRESULT STDAPICALLTYPE CreateWriter(CVssWriter *pWriter, VssWriterImpl **ppImpl);
extern "C" HRESULT STDAPICALLTYPE CreateWriterEx(CVssWriter *pWriter, VssWriterImpl **ppImpl);

/* The base class of a writer. Derive from it first, and let your class be `final`: the destructor
   is not virtual, because GCC would give it two slots of the table where Microsoft's compiler has
   one, so an object can be deleted only as the class it is. Unsubscribe before the destructor of
   your own class does anything else: until then handlers may run. */
class CVssWriter
{
public:
    /* S_OK; E_INVALIDARG: no name, GUID_NULL, an undefined enumeration; E_ACCESSDENIED: the account
       may not be a writer; E_FAIL: done already; E_OUTOFMEMORY. Call it first. `dwFreezeTimeout`:
       milliseconds that may pass between OnFreeze and OnThaw before OnAbort comes. */
    HRESULT Initialize(VSS_ID WriterId, LPCWSTR pwszName, VSS_USAGE_TYPE Usage,
        VSS_SOURCE_TYPE Source, VSS_APPLICATION_LEVEL Level = VSS_APP_FRONT_END,
        DWORD dwFreezeTimeout = 60000,
        VSS_ALTERNATE_WRITER_STATE Alternate = VSS_AWS_NO_ALTERNATE_WRITER,
        bool bIOThrottlingOnly = false, LPCWSTR pwszInstanceName = NULL)
    {
        return DoInitialize(CreateWriter, WriterId, pwszName, 0, 0, Usage, Source, Level,
            dwFreezeTimeout, Alternate, bIOThrottlingOnly, pwszInstanceName);
    }
    /* Events come from now on. S_OK; E_FAIL: not initialised; VSS_E_WRITER_ALREADY_SUBSCRIBED;
       E_OUTOFMEMORY. */
    HRESULT Subscribe(DWORD dwEvents = VSS_SM_ALL_WRITER_EVENTS)
    {
        return m_pImpl ? m_pImpl->Subscribe(0, dwEvents) : E_FAIL;
    }
    /* On return no handler runs or will start, unless it was called from inside one: then that is
       the last. S_OK, also when not subscribed; E_FAIL: not initialised. */
    HRESULT Unsubscribe()
    {
        if (!m_pImpl)
            return E_FAIL;
        m_pImpl->Unsubscribe();
        return S_OK;
    }
    /* Reserved. */
    HRESULT InstallAlternateWriter(VSS_ID WriterId, CLSID ClassId)
    {
        return m_pImpl ? m_pImpl->InstallAlternateWriter(WriterId, ClassId) : E_FAIL;
    }

    /* The slot of the deleting destructor, which no vssapi.dll calls. Do not override it. */
    virtual void *VSS_THISCALL ReservedForDestructor(unsigned) { return this; }

    /* Say which files the writer has; any time, also between other events. */
    virtual bool STDMETHODCALLTYPE OnIdentify(IVssCreateWriterMetadata *) { return true; }
    /* In a backup, in this order. `pComponents` is NULL when components are not selected. */
    virtual bool STDMETHODCALLTYPE OnPrepareBackup(IVssWriterComponents *) { return true; }
    virtual bool STDMETHODCALLTYPE OnPrepareSnapshot() = 0;
    virtual bool STDMETHODCALLTYPE OnFreeze() = 0; /* from its return to OnThaw files stay still */
    virtual bool STDMETHODCALLTYPE OnThaw() = 0;
    virtual bool STDMETHODCALLTYPE OnAbort() = 0; /* instead of OnThaw, or after it failed */
    virtual bool STDMETHODCALLTYPE OnBackupComplete(IVssWriterComponents *) { return true; }
    /* The requestor has ended, in whatever way. */
    virtual bool STDMETHODCALLTYPE OnBackupShutdown(VSS_ID) { return true; }
    /* In a restore. */
    virtual bool STDMETHODCALLTYPE OnPreRestore(IVssWriterComponents *) { return true; }
    virtual bool STDMETHODCALLTYPE OnPostRestore(IVssWriterComponents *) { return true; }
    /* After OnThaw: the names of the shadow copies are known. */
    virtual bool STDMETHODCALLTYPE OnPostSnapshot(IVssWriterComponents *) { return true; }
    /* Reserved: never called. */
    virtual bool STDMETHODCALLTYPE OnBackOffIOOnVolume(WCHAR *, VSS_ID, VSS_ID) { return true; }
    virtual bool STDMETHODCALLTYPE OnContinueIOOnVolume(WCHAR *, VSS_ID, VSS_ID) { return true; }
    virtual bool STDMETHODCALLTYPE OnVSSShutdown() { return true; }
    virtual bool STDMETHODCALLTYPE OnVSSApplicationStartup() { return true; }

protected:
    typedef HRESULT(STDAPICALLTYPE *CreateFunction)(CVssWriter *pWriter, VssWriterImpl **ppImpl);

    CVssWriter() : m_pImpl(NULL) {}
    ~CVssWriter()
    {
        if (!m_pImpl)
            return;
        m_pImpl->Uninitialize();
        m_pImpl->Release();
    }

    /* What a handler may ask, on the thread that entered it. Volumes are named \\?\Volume{guid}\;
       they are known from OnPrepareSnapshot to OnPostSnapshot. */
    LPCWSTR *GetCurrentVolumeArray() const
    {
        return m_pImpl ? m_pImpl->GetCurrentVolumeArray() : NULL;
    }
    UINT GetCurrentVolumeCount() const { return m_pImpl ? m_pImpl->GetCurrentVolumeCount() : 0; }
    /* OnPostSnapshot only; `pwszVolume` ends with a backslash, the result is borrowed. */
    HRESULT GetSnapshotDeviceName(LPCWSTR pwszVolume, LPCWSTR *ppwszDevice) const
    {
        return m_pImpl ? m_pImpl->GetSnapshotDeviceName(pwszVolume, ppwszDevice) : E_FAIL;
    }
    VSS_ID GetCurrentSnapshotSetId() const
    {
        VSS_ID Id = GUID_NULL;
        if (m_pImpl)
            m_pImpl->GetCurrentSnapshotSetId(&Id);
        return Id;
    }
    LONG GetContext() const { return m_pImpl ? m_pImpl->GetContext() : 0; }
    VSS_APPLICATION_LEVEL GetCurrentLevel() const
    {
        return m_pImpl ? m_pImpl->GetCurrentLevel() : VSS_APP_AUTO;
    }
    /* Whether a path, which may hold environment variables, lies on a volume of the set. */
    bool IsPathAffected(LPCWSTR pwszPath) const
    {
        return m_pImpl && m_pImpl->IsPathAffected(pwszPath);
    }
    bool IsBootableSystemStateBackedUp() const
    {
        return m_pImpl && m_pImpl->IsBootableSystemStateBackedUp();
    }
    bool AreComponentsSelected() const { return m_pImpl && m_pImpl->AreComponentsSelected(); }
    VSS_BACKUP_TYPE GetBackupType() const
    {
        return m_pImpl ? m_pImpl->GetBackupType() : VSS_BT_UNDEFINED;
    }
    VSS_RESTORE_TYPE GetRestoreType() const
    {
        return m_pImpl ? m_pImpl->GetRestoreType() : VSS_RTYPE_UNDEFINED;
    }
    bool IsPartialFileSupportEnabled() const
    {
        return m_pImpl && m_pImpl->IsPartialFileSupportEnabled();
    }
    /* What the requestor's status will show: VSS_E_WRITERERROR_*. Not in OnIdentify. */
    HRESULT SetWriterFailure(HRESULT hr)
    {
        return m_pImpl ? m_pImpl->SetWriterFailure(hr) : E_FAIL;
    }

    HRESULT DoInitialize(CreateFunction Create, VSS_ID WriterId, LPCWSTR pwszName,
        DWORD dwMajorVersion, DWORD dwMinorVersion, VSS_USAGE_TYPE Usage, VSS_SOURCE_TYPE Source,
        VSS_APPLICATION_LEVEL Level, DWORD dwFreezeTimeout, VSS_ALTERNATE_WRITER_STATE Alternate,
        bool bIOThrottlingOnly, LPCWSTR pwszInstanceName)
    {
        if (m_pImpl)
            return E_FAIL;
        HRESULT hr = Create(this, &m_pImpl);
        if (FAILED(hr))
            return hr;
        hr = m_pImpl->Initialize(WriterId, pwszName, pwszInstanceName, dwMajorVersion,
            dwMinorVersion, Usage, Source, Level, dwFreezeTimeout, Alternate, bIOThrottlingOnly);
        if (FAILED(hr))
        {
            m_pImpl->Release();
            m_pImpl = NULL;
        }
        return hr;
    }

    VssWriterImpl *m_pImpl;

private:
    CVssWriter(const CVssWriter &);
    CVssWriter &operator=(const CVssWriter &);
};

static_assert(sizeof(CVssWriter) == 2 * sizeof(void *), "as Microsoft's compiler lays it out");

/* From Windows 7 on: a version, and files to be left out of the shadow copy. Override one of the
   two handlers of Identify. */
class CVssWriterEx : public CVssWriter
{
public:
    HRESULT InitializeEx(VSS_ID WriterId, LPCWSTR pwszName, DWORD dwMajorVersion,
        DWORD dwMinorVersion, VSS_USAGE_TYPE Usage, VSS_SOURCE_TYPE Source,
        VSS_APPLICATION_LEVEL Level = VSS_APP_FRONT_END, DWORD dwFreezeTimeout = 60000,
        VSS_ALTERNATE_WRITER_STATE Alternate = VSS_AWS_NO_ALTERNATE_WRITER,
        bool bIOThrottlingOnly = false, LPCWSTR pwszInstanceName = NULL)
    {
        return DoInitialize(CreateWriterEx, WriterId, pwszName, dwMajorVersion, dwMinorVersion,
            Usage, Source, Level, dwFreezeTimeout, Alternate, bIOThrottlingOnly, pwszInstanceName);
    }

    bool STDMETHODCALLTYPE OnIdentify(IVssCreateWriterMetadata *) { return false; }
    virtual bool STDMETHODCALLTYPE OnIdentifyEx(IVssCreateWriterMetadataEx *) { return false; }

protected:
    CVssWriterEx() {}

    /* What the writer said of itself last; borrowed: do not Release it. In OnPrepareBackup,
       OnPrepareSnapshot and OnPostSnapshot; E_FAIL elsewhere. */
    HRESULT GetIdentifyInformation(IVssExamineWriterMetadata **ppMetadata) const
    {
        *ppMetadata = m_pImpl ? m_pImpl->GetIdentityInformation() : NULL;
        return *ppMetadata ? S_OK : E_FAIL;
    }
};

/* From Windows 8 on. */
class CVssWriterEx2 : public CVssWriterEx
{
public:
    /* Subscribe, and how many milliseconds Unsubscribe may wait for handlers; 0: as long as they
       run. */
    HRESULT SubscribeEx(DWORD dwUnsubscribeTimeout, DWORD dwEvents = VSS_SM_ALL_WRITER_EVENTS)
    {
        return m_pImpl ? m_pImpl->Subscribe(dwUnsubscribeTimeout, dwEvents) : E_FAIL;
    }

protected:
    CVssWriterEx2() {}

    /* Also S_OK and VSS_E_WRITERERROR_PARTIAL_FAILURE; the application's own code, and a message
       (may be NULL). */
    HRESULT SetWriterFailureEx(HRESULT hr, HRESULT hrApplication, LPCWSTR pwszMessage)
    {
        return m_pImpl ? m_pImpl->SetWriterFailureEx(hr, hrApplication, pwszMessage) : E_FAIL;
    }
    /* The backup or restore: the same for all its events. */
    HRESULT GetSessionId(VSS_ID *pSessionId) const
    {
        return m_pImpl ? m_pImpl->GetSessionId(pSessionId) : E_FAIL;
    }
    /* Whether a handler that takes long had better return. */
    bool IsWriterShuttingDown() const { return m_pImpl && m_pImpl->IsWriterShuttingDown(); }
};

#else /* C */

#ifdef __cplusplus
extern "C" {
#endif

typedef struct CVssWriter CVssWriter;
typedef struct VssWriterImpl VssWriterImpl;

/* What CreateWriter gives: IVssWriterImpl. IUnknown is stdcall, the rest thiscall; vswriter.h has a
   structure of that name whose conventions are wrong for 32 bits. Valid after Initialize succeeded;
   what each says and when is written with the functions of class CVssWriter above. */
typedef struct VssWriterImplVtbl
{
    HRESULT(STDMETHODCALLTYPE *QueryInterface)(VssWriterImpl *This, REFIID iid, void **out);
    ULONG(STDMETHODCALLTYPE *AddRef)(VssWriterImpl *This);
    ULONG(STDMETHODCALLTYPE *Release)(VssWriterImpl *This);
    HRESULT(VSS_THISCALL *Initialize)
    (VssWriterImpl *This, VSS_ID WriterId, LPCWSTR pwszName, LPCWSTR pwszInstanceName,
        DWORD dwMajorVersion, DWORD dwMinorVersion, VSS_USAGE_TYPE Usage, VSS_SOURCE_TYPE Source,
        VSS_APPLICATION_LEVEL Level, DWORD dwFreezeTimeout, VSS_ALTERNATE_WRITER_STATE Alternate,
        boolean bIOThrottlingOnly);
    HRESULT(VSS_THISCALL *Subscribe)
    (VssWriterImpl *This, DWORD dwUnsubscribeTimeout, DWORD dwEvents);
    HRESULT(VSS_THISCALL *Unsubscribe)(VssWriterImpl *This);
    void(VSS_THISCALL *Uninitialize)(VssWriterImpl *This);
    LPCWSTR *(VSS_THISCALL *GetCurrentVolumeArray)(VssWriterImpl *This);
    UINT(VSS_THISCALL *GetCurrentVolumeCount)(VssWriterImpl *This);
    HRESULT(VSS_THISCALL *GetSnapshotDeviceName)
    (VssWriterImpl *This, LPCWSTR pwszVolume, LPCWSTR *ppwszDevice);
    /* Returns a structure in C++: through a pointer behind `This`, which is also returned. */
    VSS_ID *(VSS_THISCALL *GetCurrentSnapshotSetId)(VssWriterImpl *This, VSS_ID *pResult);
    LONG(VSS_THISCALL *GetContext)(VssWriterImpl *This);
    VSS_APPLICATION_LEVEL(VSS_THISCALL *GetCurrentLevel)(VssWriterImpl *This);
    boolean(VSS_THISCALL *IsPathAffected)(VssWriterImpl *This, LPCWSTR pwszPath);
    boolean(VSS_THISCALL *IsBootableSystemStateBackedUp)(VssWriterImpl *This);
    boolean(VSS_THISCALL *AreComponentsSelected)(VssWriterImpl *This);
    VSS_BACKUP_TYPE(VSS_THISCALL *GetBackupType)(VssWriterImpl *This);
    VSS_RESTORE_TYPE(VSS_THISCALL *GetRestoreType)(VssWriterImpl *This);
    HRESULT(VSS_THISCALL *SetWriterFailure)(VssWriterImpl *This, HRESULT hr);
    boolean(VSS_THISCALL *IsPartialFileSupportEnabled)(VssWriterImpl *This);
    HRESULT(VSS_THISCALL *InstallAlternateWriter)
    (VssWriterImpl *This, VSS_ID WriterId, CLSID ClassId);
    /* Borrowed: do not Release it. */
    IVssExamineWriterMetadata *(VSS_THISCALL *GetIdentityInformation)(VssWriterImpl *This);
    HRESULT(VSS_THISCALL *SetWriterFailureEx)
    (VssWriterImpl *This, HRESULT hr, HRESULT hrApplication, LPCWSTR pwszMessage);
    HRESULT(VSS_THISCALL *GetSessionId)(VssWriterImpl *This, VSS_ID *pSessionId);
    boolean(VSS_THISCALL *IsWriterShuttingDown)(VssWriterImpl *This);
} VssWriterImplVtbl;

struct VssWriterImpl
{
    const VssWriterImplVtbl *lpVtbl;
};

/* The handlers of a writer, in the order of class CVssWriter. Fill in all of the first sixteen but
   the reserved ones; each returns TRUE or FALSE. Those that get `pComponents` get NULL when
   components are not selected. */
typedef struct CVssWriterVtbl
{
    void *pReservedForDestructor; /* NULL: no vssapi.dll calls it */
    /* Say which files the writer has; any time, also between other events. */
    boolean(STDMETHODCALLTYPE *OnIdentify)(CVssWriter *This, IVssCreateWriterMetadata *pMetadata);
    boolean(STDMETHODCALLTYPE *OnPrepareBackup)(
        CVssWriter *This, IVssWriterComponents *pComponents);
    boolean(STDMETHODCALLTYPE *OnPrepareSnapshot)(CVssWriter *This);
    boolean(STDMETHODCALLTYPE *OnFreeze)(CVssWriter *This);
    boolean(STDMETHODCALLTYPE *OnThaw)(CVssWriter *This);
    boolean(STDMETHODCALLTYPE *OnAbort)(CVssWriter *This);
    boolean(STDMETHODCALLTYPE *OnBackupComplete)(
        CVssWriter *This, IVssWriterComponents *pComponents);
    boolean(STDMETHODCALLTYPE *OnBackupShutdown)(CVssWriter *This, VSS_ID SnapshotSetId);
    boolean(STDMETHODCALLTYPE *OnPreRestore)(CVssWriter *This, IVssWriterComponents *pComponents);
    boolean(STDMETHODCALLTYPE *OnPostRestore)(CVssWriter *This, IVssWriterComponents *pComponents);
    boolean(STDMETHODCALLTYPE *OnPostSnapshot)(CVssWriter *This, IVssWriterComponents *pComponents);
    void *pReserved[4]; /* NULL: never called */
    /* With CreateWriterEx only: comes first; OnIdentify follows if it says FALSE. */
    boolean(STDMETHODCALLTYPE *OnIdentifyEx)(
        CVssWriter *This, IVssCreateWriterMetadataEx *pMetadata);
} CVssWriterVtbl;

/* Put it first in a structure of your own. */
struct CVssWriter
{
    const CVssWriterVtbl *lpVtbl; /* yours, before CVssWriter_Initialize */
    VssWriterImpl *pImpl;         /* NULL before */
};

/* Makes the object behind a writer, with one reference: S_OK; E_INVALIDARG: NULL; E_OUTOFMEMORY.
   CVssWriter_Initialize calls them. */
HRESULT STDAPICALLTYPE CreateWriter(CVssWriter *pWriter, VssWriterImpl **ppImpl);
HRESULT STDAPICALLTYPE CreateWriterEx(CVssWriter *pWriter, VssWriterImpl **ppImpl);

/* `bEx`: the table has OnIdentifyEx. S_OK; E_INVALIDARG: no name, GUID_NULL, an undefined
   enumeration; E_ACCESSDENIED: the account may not be a writer; E_FAIL: done already;
   E_OUTOFMEMORY. `dwFreezeTimeout`: milliseconds that may pass between OnFreeze and OnThaw before
   OnAbort comes; 60000 is usual. */
static inline HRESULT CVssWriter_InitializeEx(CVssWriter *This, BOOL bEx, VSS_ID WriterId,
    LPCWSTR pwszName, LPCWSTR pwszInstanceName, DWORD dwMajorVersion, DWORD dwMinorVersion,
    VSS_USAGE_TYPE Usage, VSS_SOURCE_TYPE Source, VSS_APPLICATION_LEVEL Level,
    DWORD dwFreezeTimeout)
{
    HRESULT hr;
    if (This->pImpl)
        return E_FAIL;
    hr = bEx ? CreateWriterEx(This, &This->pImpl) : CreateWriter(This, &This->pImpl);
    if (FAILED(hr))
        return hr;
    hr = This->pImpl->lpVtbl->Initialize(This->pImpl, WriterId, pwszName, pwszInstanceName,
        dwMajorVersion, dwMinorVersion, Usage, Source, Level, dwFreezeTimeout,
        VSS_AWS_NO_ALTERNATE_WRITER, FALSE);
    if (FAILED(hr))
    {
        This->pImpl->lpVtbl->Release(This->pImpl);
        This->pImpl = NULL;
    }
    return hr;
}

/* The same for a front-end writer without version, instance name and OnIdentifyEx. */
static inline HRESULT CVssWriter_Initialize(CVssWriter *This, VSS_ID WriterId, LPCWSTR pwszName,
    VSS_USAGE_TYPE Usage, VSS_SOURCE_TYPE Source)
{
    return CVssWriter_InitializeEx(
        This, FALSE, WriterId, pwszName, NULL, 0, 0, Usage, Source, VSS_APP_FRONT_END, 60000);
}

/* Events come from now on. S_OK; E_FAIL: not initialised; VSS_E_WRITER_ALREADY_SUBSCRIBED;
   E_OUTOFMEMORY. */
static inline HRESULT CVssWriter_Subscribe(CVssWriter *This)
{
    return This->pImpl
        ? This->pImpl->lpVtbl->Subscribe(This->pImpl, 0, VSS_SM_ALL_WRITER_EVENTS)
        : E_FAIL;
}

/* On return no handler runs or will start, unless it was called from inside one: then that is the
   last. S_OK, also when not subscribed; E_FAIL: not initialised. */
static inline HRESULT CVssWriter_Unsubscribe(CVssWriter *This)
{
    if (!This->pImpl)
        return E_FAIL;
    This->pImpl->lpVtbl->Unsubscribe(This->pImpl);
    return S_OK;
}

/* Ends the writer, whatever was done before; the structure is as it was before Initialize. */
static inline void CVssWriter_Uninitialize(CVssWriter *This)
{
    if (!This->pImpl)
        return;
    This->pImpl->lpVtbl->Uninitialize(This->pImpl);
    This->pImpl->lpVtbl->Release(This->pImpl);
    This->pImpl = NULL;
}

/* In a handler, on its thread, not in OnIdentify: what the requestor's status will show,
   VSS_E_WRITERERROR_*. E_FAIL: not initialised. */
static inline HRESULT CVssWriter_SetWriterFailure(CVssWriter *This, HRESULT hr)
{
    return This->pImpl ? This->pImpl->lpVtbl->SetWriterFailure(This->pImpl, hr) : E_FAIL;
}

#ifdef __cplusplus
}
#endif

#endif

#endif
