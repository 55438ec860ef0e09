/* SPDX-License-Identifier: MIT
 *
 * The writers of msvc_writer.h. Compiled by clang for *-pc-windows-msvc, linked by mingw: there is
 * no C++ library of this ABI, so what the compiler needs of one stands at the end.
 */
#include "msvc/msvc_writer.h"

#include "msvc/gnu_writer.h"
#include "msvc/sdk_2003.h"
#include "msvc/sdk_inline.h"

static long live_objects;

/* What a test holds: the class behind it is known to the orders alone. */
struct msvc_writer
{
    msvc_orders orders;

    explicit msvc_writer(const msvc_orders &given) : orders(given)
    {
    }
    virtual ~msvc_writer()
    {
    }
    virtual HRESULT initialize() = 0;
    virtual HRESULT subscribe() = 0;
    virtual HRESULT unsubscribe() = 0;
    virtual HRESULT install_alternate() = 0;
    virtual HRESULT fail(HRESULT failure, HRESULT application, LPCWSTR message) = 0;
    virtual void ask(msvc_event *event) = 0;
};

namespace
{

/* ---- What the handlers do ---- */

bool is_failure(HRESULT hr)
{
    return hr < 0;
}

/* The instance id stands in the document before the writer adds anything. */
VSS_ID instance_in(IVssCreateWriterMetadata *metadata)
{
    static const char wanted[] = "instanceId=\"";
    WCHAR text[39];
    VSS_ID id = VSS_ID();
    BSTR xml = nullptr;
    if (is_failure(metadata->SaveAsXML(&xml)))
        return id;
    for (const WCHAR *at = xml; *at; at++)
    {
        int same = 0;
        while (wanted[same] && at[same] == (WCHAR)wanted[same])
            same++;
        if (wanted[same])
            continue;
        text[0] = '{';
        for (int i = 0; i < 36; i++)
            text[1 + i] = at[same + i];
        text[37] = '}';
        text[38] = 0;
        CLSIDFromString(text, &id);
        break;
    }
    SysFreeString(xml);
    return id;
}

bool describe_files(IVssCreateWriterMetadata *metadata, UINT components)
{
    WCHAR name[32];
    for (UINT i = 0; i < components; i++)
    {
        wsprintfW(name, WIDE("data%u"), i);
        if (is_failure(metadata->AddComponent(
                VSS_CT_FILEGROUP, WIDE("group"), name, nullptr, nullptr, 0, false, false, true)) ||
            is_failure(metadata->AddFilesToFileGroup(WIDE("group"), name,
                WIDE("%SystemRoot%\\Temp\\"), WIDE("*.thawline"), true, nullptr)))
            return false;
    }
    return !is_failure(metadata->SetRestoreMethod(
        VSS_RME_RESTORE_IF_CAN_REPLACE, nullptr, nullptr, VSS_WRE_ALWAYS, false));
}

void change(IVssComponent *component, UINT index, LPCWSTR name)
{
    WCHAR text[128];
    wsprintfW(text, WIDE("metadata %u of %s"), index, name);
    component->SetBackupMetadata(text);
    wsprintfW(text, WIDE("stamp %u of %s"), index, name);
    component->SetBackupStamp(text);
    wsprintfW(text, WIDE("%s-%u.dat"), name, index);
    component->AddPartialFile(WIDE("C:\\data"), text, WIDE("0:4096"), WIDE("tail"));
    wsprintfW(text, WIDE("restore metadata %u of %s"), index, name);
    component->SetRestoreMetadata(text);
    wsprintfW(text, WIDE("failure %u of %s"), index, name);
    component->SetPreRestoreFailureMsg(text);
    component->SetPostRestoreFailureMsg(text);
}

/* ---- What every class can do, the same source for all of them ---- */

template <class Base> class probe : public Base
{
  public:
    void belong_to(msvc_writer *writer)
    {
        owner = writer;
    }
    HRESULT fail_plainly(HRESULT failure)
    {
        return this->SetWriterFailure(failure);
    }

    void ask_base(msvc_event *event)
    {
        event->set_id = this->GetCurrentSnapshotSetId();
        event->context = this->GetContext();
        event->level = this->GetCurrentLevel();
        event->backup_type = this->GetBackupType();
        event->restore_type = this->GetRestoreType();
        event->components_selected = this->AreComponentsSelected();
        event->bootable_system_state = this->IsBootableSystemStateBackedUp();
        event->partial_file_support = this->IsPartialFileSupportEnabled();
        event->affected = this->IsPathAffected(WIDE("%SystemDrive%\\windows\\win.ini"));
        ask_volumes(event);
    }

    bool __stdcall OnPrepareSnapshot() override
    {
        return tell(MSVC_PREPARE_SNAPSHOT);
    }
    bool __stdcall OnFreeze() override
    {
        return tell(MSVC_FREEZE);
    }
    bool __stdcall OnThaw() override
    {
        return tell(MSVC_THAW);
    }
    bool __stdcall OnAbort() override
    {
        return tell(MSVC_ABORT);
    }

  protected:
    bool tell(msvc_event_kind kind, IVssWriterComponents *components = nullptr)
    {
        msvc_event event = msvc_event();
        owner->ask(&event);
        event.kind = kind;
        event.components = components;
        return answer(event);
    }
    bool tell_shutdown(VSS_ID set_id)
    {
        msvc_event event = msvc_event();
        owner->ask(&event);
        event.kind = MSVC_BACKUP_SHUTDOWN;
        event.set_id = set_id;
        return answer(event);
    }
    bool identify(IVssCreateWriterMetadata *metadata, bool ex)
    {
        msvc_event event = msvc_event();
        owner->ask(&event);
        event.kind = MSVC_IDENTIFY;
        event.identified_ex = ex;
        event.instance_id = instance_in(metadata);
        return describe_files(metadata, owner->orders.components) && answer(event);
    }

  private:
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
        LPCWSTR first = event->volume_count ? event->volumes[0] : WIDE("C:\\");
        event->device_result = this->GetSnapshotDeviceName(first, &event->devices[0]);
        for (UINT i = 1; i < event->volume_count && i < MSVC_VOLUMES; i++)
            this->GetSnapshotDeviceName(event->volumes[i], &event->devices[i]);
    }

    msvc_writer *owner = nullptr;
};

/* All the handlers that are not pure, but those of Identify. */
template <class Base> class full_probe : public probe<Base>
{
  public:
    bool __stdcall OnPrepareBackup(IVssWriterComponents *components) override
    {
        return this->tell(MSVC_PREPARE_BACKUP, components);
    }
    bool __stdcall OnBackupComplete(IVssWriterComponents *components) override
    {
        return this->tell(MSVC_BACKUP_COMPLETE, components);
    }
    bool __stdcall OnBackupShutdown(VSS_ID set_id) override
    {
        return this->tell_shutdown(set_id);
    }
    bool __stdcall OnPreRestore(IVssWriterComponents *components) override
    {
        return this->tell(MSVC_PRE_RESTORE, components);
    }
    bool __stdcall OnPostRestore(IVssWriterComponents *components) override
    {
        return this->tell(MSVC_POST_RESTORE, components);
    }
    bool __stdcall OnPostSnapshot(IVssWriterComponents *components) override
    {
        return this->tell(MSVC_POST_SNAPSHOT, components);
    }
};

template <class Base> class plain_probe : public full_probe<Base>
{
  public:
    bool __stdcall OnIdentify(IVssCreateWriterMetadata *metadata) override
    {
        return this->identify(metadata, false);
    }
};

template <class Base> class ex_probe : public full_probe<Base>
{
  public:
    bool __stdcall OnIdentifyEx(IVssCreateWriterMetadataEx *metadata) override
    {
        return this->identify(metadata, true);
    }
    void ask_ex(msvc_event *event)
    {
        IVssExamineWriterMetadata *identity = nullptr;
        VSS_ID writer;
        BSTR name = nullptr;
        VSS_USAGE_TYPE usage;
        VSS_SOURCE_TYPE source;
        if (is_failure(this->GetIdentifyInformation(&identity)))
            return;
        if (!is_failure(identity->GetIdentity(&event->known_as, &writer, &name, &usage, &source)))
            SysFreeString(name);
    }
};

class ex2_probe : public ex_probe<inline_sdk::CVssWriterEx2>
{
  public:
    /* It dereferences what Initialize makes. */
    void ask_ex2(msvc_event *event)
    {
        if (!impl)
            return;
        event->shutting_down = IsWriterShuttingDown();
        GetSessionId(&event->session_id);
    }
    HRESULT fail_fully(HRESULT failure, HRESULT application, LPCWSTR message)
    {
        return SetWriterFailureEx(failure, application, message);
    }
};

/* ---- What a test does with a writer of each class ---- */

template <class Class> struct holder : msvc_writer
{
    Class *object = new Class;

    explicit holder(const msvc_orders &given) : msvc_writer(given)
    {
        object->belong_to(this);
    }
    ~holder() override
    {
        delete object;
    }

    HRESULT initialize() override
    {
        return object->Initialize(orders.id, orders.name, VSS_UT_USERDATA, VSS_ST_OTHER,
            (VSS_APPLICATION_LEVEL)orders.level, orders.freeze_timeout, VSS_AWS_NO_ALTERNATE_WRITER,
            false, orders.instance_name);
    }
    HRESULT subscribe() override
    {
        return object->Subscribe();
    }
    HRESULT unsubscribe() override
    {
        return object->Unsubscribe();
    }
    HRESULT install_alternate() override
    {
        return object->InstallAlternateWriter(orders.id, orders.id);
    }
    HRESULT fail(HRESULT failure, HRESULT, LPCWSTR) override
    {
        return object->fail_plainly(failure);
    }
    void ask(msvc_event *event) override
    {
        object->ask_base(event);
    }
};

template <class Class> struct ex_holder : holder<Class>
{
    explicit ex_holder(const msvc_orders &given) : holder<Class>(given)
    {
    }

    HRESULT initialize() override
    {
        const msvc_orders &orders = this->orders;
        return this->object->InitializeEx(orders.id, orders.name, 3, 7, VSS_UT_USERDATA,
            VSS_ST_OTHER, (VSS_APPLICATION_LEVEL)orders.level, orders.freeze_timeout,
            VSS_AWS_NO_ALTERNATE_WRITER, false, orders.instance_name);
    }
};

struct identify_ex_holder : ex_holder<ex_probe<inline_sdk::CVssWriterEx>>
{
    using ex_holder::ex_holder;

    void ask(msvc_event *event) override
    {
        object->ask_base(event);
        object->ask_ex(event);
    }
};

struct ex2_holder : ex_holder<ex2_probe>
{
    using ex_holder::ex_holder;

    HRESULT subscribe() override
    {
        return object->SubscribeEx(30000);
    }
    HRESULT fail(HRESULT failure, HRESULT application, LPCWSTR message) override
    {
        return object->fail_fully(failure, application, message);
    }
    void ask(msvc_event *event) override
    {
        object->ask_base(event);
        object->ask_ex(event);
        object->ask_ex2(event);
    }
};

/* A writer of another compiler. */
struct gnu_holder : msvc_writer
{
    gnu_writer *const writer;

    gnu_holder(const msvc_orders &given, gnu_writer *made) : msvc_writer(given), writer(made)
    {
    }
    ~gnu_holder() override
    {
        writer->operations->destroy(writer);
    }

    HRESULT initialize() override
    {
        return writer->operations->initialize(writer);
    }
    HRESULT subscribe() override
    {
        return writer->operations->subscribe(writer);
    }
    HRESULT unsubscribe() override
    {
        return writer->operations->unsubscribe(writer);
    }
    HRESULT install_alternate() override
    {
        return writer->operations->install_alternate(writer);
    }
    HRESULT fail(HRESULT failure, HRESULT application, LPCWSTR message) override
    {
        return writer->operations->fail(writer, failure, application, message);
    }
    void ask(msvc_event *event) override
    {
        writer->operations->ask(writer, event);
    }
};

msvc_writer *hold(const msvc_orders &orders, gnu_writer *made)
{
    return made ? new gnu_holder(orders, made) : nullptr;
}

} // namespace

/* ---- The face in C ---- */

msvc_writer *msvc_writer_create(const msvc_orders *orders)
{
    switch (orders->kind)
    {
    case MSVC_2003: return new holder<plain_probe<CVssWriter>>(*orders);
    case MSVC_2003_MINIMAL: return new holder<probe<CVssWriter>>(*orders);
    case MSVC_INLINE: return new holder<plain_probe<inline_sdk::CVssWriter>>(*orders);
    case MSVC_EX: return new identify_ex_holder(*orders);
    case MSVC_EX_PLAIN: return new ex_holder<plain_probe<inline_sdk::CVssWriterEx>>(*orders);
    case MSVC_EX2: return new ex2_holder(*orders);
    case GNU_C:
    case GNU_C_EX: return hold(*orders, gnu_c_create(orders));
    case GNU_CXX:
    case GNU_CXX_EX2: return hold(*orders, gnu_cxx_create(orders));
    case MSVC_NONE:
    case MSVC_KINDS: break;
    }
    return nullptr;
}

HRESULT msvc_writer_initialize(msvc_writer *writer)
{
    return writer->initialize();
}

HRESULT msvc_writer_subscribe(msvc_writer *writer)
{
    return writer->subscribe();
}

HRESULT msvc_writer_unsubscribe(msvc_writer *writer)
{
    return writer->unsubscribe();
}

HRESULT msvc_writer_install_alternate(msvc_writer *writer)
{
    return writer->install_alternate();
}

HRESULT msvc_writer_fail(msvc_writer *writer, HRESULT failure, HRESULT application, LPCWSTR message)
{
    return writer->fail(failure, application, message);
}

void msvc_writer_ask(msvc_writer *writer, msvc_event *event)
{
    *event = msvc_event();
    writer->ask(event);
}

void msvc_writer_delete(msvc_writer *writer)
{
    delete writer;
}

int msvc_live_objects(void)
{
    return (int)live_objects;
}

UINT msvc_base_size(msvc_kind kind)
{
    switch (kind)
    {
    case MSVC_2003:
    case MSVC_2003_MINIMAL: return sizeof(CVssWriter);
    case MSVC_INLINE: return sizeof(inline_sdk::CVssWriter);
    case MSVC_EX:
    case MSVC_EX_PLAIN: return sizeof(inline_sdk::CVssWriterEx);
    case MSVC_EX2: return sizeof(inline_sdk::CVssWriterEx2);
    case GNU_C:
    case GNU_C_EX: return gnu_c_base_size();
    case GNU_CXX:
    case GNU_CXX_EX2: return gnu_cxx_base_size(kind);
    case MSVC_NONE:
    case MSVC_KINDS: break;
    }
    return 0;
}

void msvc_change_components(void *components, LPCWSTR name)
{
    IVssWriterComponents *all = static_cast<IVssWriterComponents *>(components);
    UINT count = 0;
    if (all)
        all->GetComponentCount(&count);
    for (UINT i = 0; i < count; i++)
    {
        IVssComponent *component = nullptr;
        if (is_failure(all->GetComponent(i, &component)))
            continue;
        change(component, i, name);
        component->Release();
    }
}

/* ---- What the compiler expects of a C++ library ---- */

void *operator new(decltype(sizeof(0)) size)
{
    __atomic_add_fetch(&live_objects, 1, __ATOMIC_SEQ_CST);
    return HeapAlloc(GetProcessHeap(), 0, size);
}

void operator delete(void *block) noexcept
{
    if (!block)
        return;
    __atomic_sub_fetch(&live_objects, 1, __ATOMIC_SEQ_CST);
    HeapFree(GetProcessHeap(), 0, block);
}

void operator delete(void *block, decltype(sizeof(0))) noexcept
{
    operator delete(block);
}

extern "C" int __cdecl _purecall(void)
{
    __builtin_trap();
}
