/* SPDX-License-Identifier: MIT
 *
 * Writers in C++, derived from the classes of include/vsswriter.h by mingw-w64's g++. See
 * gnu_writer.h.
 */
#include <cstdlib>
#include <cwchar>
#include <new>

#include <windows.h>
#include <vsbackup.h>

#include "vsswriter.h"

#include "msvc/gnu_writer.h"

namespace
{

bool describe_files(IVssCreateWriterMetadata *metadata, UINT components)
{
    const DWORD mask = VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED;
    WCHAR name[32];
    for (UINT i = 0; i < components; i++)
    {
        _snwprintf(name, ARRAYSIZE(name), L"data%u", i);
        if (FAILED(metadata->AddComponent(
                VSS_CT_FILEGROUP, L"group", name, NULL, NULL, 0, false, false, true, false, 0)) ||
            FAILED(metadata->AddFilesToFileGroup(
                L"group", name, L"%SystemRoot%\\Temp\\", L"*.thawline", true, NULL, mask)))
            return false;
    }
    return SUCCEEDED(metadata->SetRestoreMethod(
        VSS_RME_RESTORE_IF_CAN_REPLACE, NULL, NULL, VSS_WRE_ALWAYS, false));
}

/* All handlers but those of Identify. */
template <class Base> class probe : public Base
{
  public:
    gnu_writer *owner = nullptr;

    void ask(msvc_event *event)
    {
        event->set_id = this->GetCurrentSnapshotSetId();
        event->context = this->GetContext();
        event->level = this->GetCurrentLevel();
        event->backup_type = this->GetBackupType();
        event->restore_type = this->GetRestoreType();
        event->components_selected = this->AreComponentsSelected();
        event->bootable_system_state = this->IsBootableSystemStateBackedUp();
        event->partial_file_support = this->IsPartialFileSupportEnabled();
        event->affected = this->IsPathAffected(L"%SystemDrive%\\windows\\win.ini");
        ask_volumes(event);
        ask_more(event);
    }
    HRESULT fail_plainly(HRESULT failure)
    {
        return this->SetWriterFailure(failure);
    }

    bool STDMETHODCALLTYPE OnPrepareBackup(IVssWriterComponents *components) override
    {
        return tell(MSVC_PREPARE_BACKUP, components);
    }
    bool STDMETHODCALLTYPE OnPrepareSnapshot() override
    {
        return tell(MSVC_PREPARE_SNAPSHOT);
    }
    bool STDMETHODCALLTYPE OnFreeze() override
    {
        return tell(MSVC_FREEZE);
    }
    bool STDMETHODCALLTYPE OnThaw() override
    {
        return tell(MSVC_THAW);
    }
    bool STDMETHODCALLTYPE OnAbort() override
    {
        return tell(MSVC_ABORT);
    }
    bool STDMETHODCALLTYPE OnBackupComplete(IVssWriterComponents *components) override
    {
        return tell(MSVC_BACKUP_COMPLETE, components);
    }
    bool STDMETHODCALLTYPE OnBackupShutdown(VSS_ID set_id) override
    {
        msvc_event event = msvc_event();
        ask(&event);
        event.kind = MSVC_BACKUP_SHUTDOWN;
        event.set_id = set_id;
        return answer(event);
    }
    bool STDMETHODCALLTYPE OnPreRestore(IVssWriterComponents *components) override
    {
        return tell(MSVC_PRE_RESTORE, components);
    }
    bool STDMETHODCALLTYPE OnPostRestore(IVssWriterComponents *components) override
    {
        return tell(MSVC_POST_RESTORE, components);
    }
    bool STDMETHODCALLTYPE OnPostSnapshot(IVssWriterComponents *components) override
    {
        return tell(MSVC_POST_SNAPSHOT, components);
    }

  protected:
    probe()
    {
    }
    ~probe()
    {
    }

    bool identify(IVssCreateWriterMetadata *metadata, bool ex)
    {
        msvc_event event = msvc_event();
        ask(&event);
        event.kind = MSVC_IDENTIFY;
        event.identified_ex = ex;
        event.instance_id = gnu_instance_in(metadata);
        return describe_files(metadata, owner->orders.components) && answer(event);
    }

  private:
    virtual void ask_more(msvc_event *event) = 0;

    bool tell(msvc_event_kind kind, IVssWriterComponents *components = nullptr)
    {
        msvc_event event = msvc_event();
        ask(&event);
        event.kind = kind;
        event.components = components;
        return answer(event);
    }
    bool answer(const msvc_event &event)
    {
        return owner->orders.handle(owner->orders.context, &event) != 0;
    }
    void ask_volumes(msvc_event *event)
    {
        LPCWSTR *names = this->GetCurrentVolumeArray();
        event->volume_count = this->GetCurrentVolumeCount();
        for (UINT i = 0; i < event->volume_count && i < MSVC_VOLUMES; i++)
            event->volumes[i] = names[i];
        LPCWSTR first = event->volume_count ? event->volumes[0] : L"C:\\";
        event->device_result = this->GetSnapshotDeviceName(first, &event->devices[0]);
        for (UINT i = 1; i < event->volume_count && i < MSVC_VOLUMES; i++)
            this->GetSnapshotDeviceName(event->volumes[i], &event->devices[i]);
    }
};

class plain_writer final : public probe<CVssWriter>
{
  public:
    ~plain_writer()
    {
        Unsubscribe();
    }

    HRESULT start(const msvc_orders &orders)
    {
        return Initialize(orders.id, orders.name, VSS_UT_USERDATA, VSS_ST_OTHER,
            (VSS_APPLICATION_LEVEL)orders.level, orders.freeze_timeout, VSS_AWS_NO_ALTERNATE_WRITER,
            false, orders.instance_name);
    }
    HRESULT join()
    {
        return Subscribe();
    }
    HRESULT fail(HRESULT failure, HRESULT, LPCWSTR)
    {
        return fail_plainly(failure);
    }

    bool STDMETHODCALLTYPE OnIdentify(IVssCreateWriterMetadata *metadata) override
    {
        return identify(metadata, false);
    }

  private:
    void ask_more(msvc_event *) override
    {
    }
};

class ex2_writer final : public probe<CVssWriterEx2>
{
  public:
    ~ex2_writer()
    {
        Unsubscribe();
    }

    HRESULT start(const msvc_orders &orders)
    {
        return InitializeEx(orders.id, orders.name, 3, 7, VSS_UT_USERDATA, VSS_ST_OTHER,
            (VSS_APPLICATION_LEVEL)orders.level, orders.freeze_timeout, VSS_AWS_NO_ALTERNATE_WRITER,
            false, orders.instance_name);
    }
    HRESULT join()
    {
        return SubscribeEx(30000);
    }
    HRESULT fail(HRESULT failure, HRESULT application, LPCWSTR message)
    {
        return SetWriterFailureEx(failure, application, message);
    }

    bool STDMETHODCALLTYPE OnIdentifyEx(IVssCreateWriterMetadataEx *metadata) override
    {
        return identify(metadata, true);
    }

  private:
    void ask_more(msvc_event *event) override
    {
        IVssExamineWriterMetadata *identity = nullptr;
        if (SUCCEEDED(GetIdentifyInformation(&identity)))
            event->known_as = gnu_instance_of(identity);
        event->shutting_down = IsWriterShuttingDown();
        GetSessionId(&event->session_id);
    }
};

/* ---- What a test does with a writer of each class ---- */

template <class Class> struct holder : gnu_writer
{
    Class object;

    static Class &of(gnu_writer *writer)
    {
        return static_cast<holder *>(writer)->object;
    }
    static HRESULT __cdecl initialize(gnu_writer *writer)
    {
        return of(writer).start(writer->orders);
    }
    static HRESULT __cdecl subscribe(gnu_writer *writer)
    {
        return of(writer).join();
    }
    static HRESULT __cdecl unsubscribe(gnu_writer *writer)
    {
        return of(writer).Unsubscribe();
    }
    static HRESULT __cdecl install_alternate(gnu_writer *writer)
    {
        return of(writer).InstallAlternateWriter(writer->orders.id, writer->orders.id);
    }
    static HRESULT __cdecl fail(
        gnu_writer *writer, HRESULT failure, HRESULT application, LPCWSTR message)
    {
        return of(writer).fail(failure, application, message);
    }
    static void __cdecl ask(gnu_writer *writer, msvc_event *event)
    {
        of(writer).ask(event);
    }
    static void __cdecl destroy(gnu_writer *writer)
    {
        static_cast<holder *>(writer)->~holder();
        std::free(writer);
    }
    static gnu_writer *create(const msvc_orders &orders)
    {
        static const gnu_operations all = {
            initialize, subscribe, unsubscribe, install_alternate, fail, ask, destroy};
        void *block = std::malloc(sizeof(holder));
        if (!block)
            return nullptr;
        holder *made = new (block) holder;
        made->operations = &all;
        made->orders = orders;
        made->object.owner = made;
        return made;
    }
};

} // namespace

gnu_writer *gnu_cxx_create(const msvc_orders *orders)
{
    return orders->kind == GNU_CXX_EX2 ? holder<ex2_writer>::create(*orders)
                                       : holder<plain_writer>::create(*orders);
}

UINT gnu_cxx_base_size(msvc_kind kind)
{
    return kind == GNU_CXX_EX2 ? sizeof(CVssWriterEx2) : sizeof(CVssWriter);
}
