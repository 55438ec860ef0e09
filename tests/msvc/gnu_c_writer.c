/* SPDX-License-Identifier: MIT
 *
 * Writers in C, made with include/vsswriter.h. See gnu_writer.h.
 */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include <windows.h>
#include <vsbackup.h>

#include "vsswriter.h"

#include "msvc/gnu_writer.h"

#define GUID_UNITS 36

struct c_writer
{
    struct gnu_writer gnu; /* first */
    CVssWriter base;
};

static struct c_writer *from_base(CVssWriter *base)
{
    return (struct c_writer *)((char *)base - offsetof(struct c_writer, base));
}

static BOOL is_ex(const struct c_writer *writer)
{
    return writer->gnu.orders.kind == GNU_C_EX;
}

/* ---- Instance ids ---- */

VSS_ID gnu_instance_in(void *metadata)
{
    static const WCHAR before[] = L"instanceId=\"";
    IVssCreateWriterMetadata *document = metadata;
    WCHAR text[GUID_UNITS + 3];
    VSS_ID id = {0};
    BSTR xml = NULL;
    if (FAILED(document->lpVtbl->SaveAsXML(document, &xml)))
        return id;
    const WCHAR *found = wcsstr(xml, before);
    if (found)
    {
        _snwprintf(text, ARRAYSIZE(text), L"{%.36ls}", found + ARRAYSIZE(before) - 1);
        CLSIDFromString(text, &id);
    }
    SysFreeString(xml);
    return id;
}

VSS_ID gnu_instance_of(void *identity)
{
    IVssExamineWriterMetadata *metadata = identity;
    VSS_ID instance = {0};
    VSS_ID writer;
    BSTR name = NULL;
    VSS_USAGE_TYPE usage;
    VSS_SOURCE_TYPE source;
    if (SUCCEEDED(IVssExamineWriterMetadata_GetIdentity(
            metadata, &instance, &writer, &name, &usage, &source)))
        SysFreeString(name);
    return instance;
}

/* ---- Questions ---- */

static void ask_volumes(VssWriterImpl *impl, struct msvc_event *event)
{
    LPCWSTR *names = impl->lpVtbl->GetCurrentVolumeArray(impl);
    event->volume_count = impl->lpVtbl->GetCurrentVolumeCount(impl);
    for (UINT i = 0; i < event->volume_count && i < MSVC_VOLUMES; i++)
        event->volumes[i] = names[i];
    LPCWSTR first = event->volume_count ? event->volumes[0] : L"C:\\";
    event->device_result = impl->lpVtbl->GetSnapshotDeviceName(impl, first, &event->devices[0]);
    for (UINT i = 1; i < event->volume_count && i < MSVC_VOLUMES; i++)
        impl->lpVtbl->GetSnapshotDeviceName(impl, event->volumes[i], &event->devices[i]);
}

static void ask_ex(VssWriterImpl *impl, struct msvc_event *event)
{
    IVssExamineWriterMetadata *identity = impl->lpVtbl->GetIdentityInformation(impl);
    if (identity)
        event->known_as = gnu_instance_of(identity);
    event->shutting_down = impl->lpVtbl->IsWriterShuttingDown(impl);
    impl->lpVtbl->GetSessionId(impl, &event->session_id);
}

/* Before Initialize there is nobody to ask. */
static void __cdecl ask(struct gnu_writer *gnu, struct msvc_event *event)
{
    struct c_writer *writer = (struct c_writer *)gnu;
    VssWriterImpl *impl = writer->base.pImpl;
    if (!impl)
        return;
    impl->lpVtbl->GetCurrentSnapshotSetId(impl, &event->set_id);
    event->context = impl->lpVtbl->GetContext(impl);
    event->level = impl->lpVtbl->GetCurrentLevel(impl);
    event->backup_type = impl->lpVtbl->GetBackupType(impl);
    event->restore_type = impl->lpVtbl->GetRestoreType(impl);
    event->components_selected = impl->lpVtbl->AreComponentsSelected(impl);
    event->bootable_system_state = impl->lpVtbl->IsBootableSystemStateBackedUp(impl);
    event->partial_file_support = impl->lpVtbl->IsPartialFileSupportEnabled(impl);
    event->affected = impl->lpVtbl->IsPathAffected(impl, L"%SystemDrive%\\windows\\win.ini");
    ask_volumes(impl, event);
    if (is_ex(writer))
        ask_ex(impl, event);
}

/* ---- Handlers ---- */

static boolean answer(struct c_writer *writer, const struct msvc_event *event)
{
    return writer->gnu.orders.handle(writer->gnu.orders.context, event) != 0;
}

static boolean tell(CVssWriter *base, enum msvc_event_kind kind, IVssWriterComponents *components)
{
    struct c_writer *writer = from_base(base);
    struct msvc_event event = {.kind = kind};
    ask(&writer->gnu, &event);
    event.components = components;
    return answer(writer, &event);
}

static HRESULT describe_files(IVssCreateWriterMetadata *metadata, UINT components)
{
    WCHAR name[32];
    HRESULT hr = S_OK;
    for (UINT i = 0; i < components && SUCCEEDED(hr); i++)
    {
        _snwprintf(name, ARRAYSIZE(name), L"data%u", i);
        hr = metadata->lpVtbl->AddComponent(metadata, VSS_CT_FILEGROUP, L"group", name, NULL, NULL,
            0, FALSE, FALSE, TRUE, FALSE, 0);
        if (SUCCEEDED(hr))
            hr = metadata->lpVtbl->AddFilesToFileGroup(metadata, L"group", name,
                L"%SystemRoot%\\Temp\\", L"*.thawline", TRUE, NULL,
                VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED);
    }
    if (SUCCEEDED(hr))
        hr = metadata->lpVtbl->SetRestoreMethod(
            metadata, VSS_RME_RESTORE_IF_CAN_REPLACE, NULL, NULL, VSS_WRE_ALWAYS, FALSE);
    return hr;
}

static boolean identify(CVssWriter *base, IVssCreateWriterMetadata *metadata, BOOL ex)
{
    struct c_writer *writer = from_base(base);
    struct msvc_event event = {.kind = MSVC_IDENTIFY};
    ask(&writer->gnu, &event);
    event.identified_ex = ex;
    event.instance_id = gnu_instance_in(metadata);
    return SUCCEEDED(describe_files(metadata, writer->gnu.orders.components)) &&
        answer(writer, &event);
}

static boolean STDMETHODCALLTYPE on_identify(CVssWriter *base, IVssCreateWriterMetadata *metadata)
{
    return !is_ex(from_base(base)) && identify(base, metadata, FALSE);
}

/* The first of its two bases is IVssCreateWriterMetadata. */
static boolean STDMETHODCALLTYPE on_identify_ex(
    CVssWriter *base, IVssCreateWriterMetadataEx *metadata)
{
    return identify(base, (IVssCreateWriterMetadata *)metadata, TRUE);
}

static boolean STDMETHODCALLTYPE on_backup_shutdown(CVssWriter *base, VSS_ID set_id)
{
    struct c_writer *writer = from_base(base);
    struct msvc_event event = {.kind = MSVC_BACKUP_SHUTDOWN};
    ask(&writer->gnu, &event);
    event.set_id = set_id;
    return answer(writer, &event);
}

#define PLAIN_HANDLER(function, kind)                                                              \
    static boolean STDMETHODCALLTYPE function(CVssWriter *base)                                    \
    {                                                                                              \
        return tell(base, kind, NULL);                                                             \
    }

#define COMPONENTS_HANDLER(function, kind)                                                         \
    static boolean STDMETHODCALLTYPE function(CVssWriter *base, IVssWriterComponents *components)  \
    {                                                                                              \
        return tell(base, kind, components);                                                       \
    }

PLAIN_HANDLER(on_prepare_snapshot, MSVC_PREPARE_SNAPSHOT)
PLAIN_HANDLER(on_freeze, MSVC_FREEZE)
PLAIN_HANDLER(on_thaw, MSVC_THAW)
PLAIN_HANDLER(on_abort, MSVC_ABORT)
COMPONENTS_HANDLER(on_prepare_backup, MSVC_PREPARE_BACKUP)
COMPONENTS_HANDLER(on_backup_complete, MSVC_BACKUP_COMPLETE)
COMPONENTS_HANDLER(on_pre_restore, MSVC_PRE_RESTORE)
COMPONENTS_HANDLER(on_post_restore, MSVC_POST_RESTORE)
COMPONENTS_HANDLER(on_post_snapshot, MSVC_POST_SNAPSHOT)

static const CVssWriterVtbl handlers = {
    .OnIdentify = on_identify,
    .OnPrepareBackup = on_prepare_backup,
    .OnPrepareSnapshot = on_prepare_snapshot,
    .OnFreeze = on_freeze,
    .OnThaw = on_thaw,
    .OnAbort = on_abort,
    .OnBackupComplete = on_backup_complete,
    .OnBackupShutdown = on_backup_shutdown,
    .OnPreRestore = on_pre_restore,
    .OnPostRestore = on_post_restore,
    .OnPostSnapshot = on_post_snapshot,
    .OnIdentifyEx = on_identify_ex,
};

/* ---- What a test does with it ---- */

static HRESULT __cdecl initialize(struct gnu_writer *gnu)
{
    struct c_writer *writer = (struct c_writer *)gnu;
    const struct msvc_orders *orders = &gnu->orders;
    DWORD major = is_ex(writer) ? 3 : 0;
    DWORD minor = is_ex(writer) ? 7 : 0;
    return CVssWriter_InitializeEx(&writer->base, is_ex(writer), orders->id, orders->name,
        orders->instance_name, major, minor, VSS_UT_USERDATA, VSS_ST_OTHER,
        (VSS_APPLICATION_LEVEL)orders->level, orders->freeze_timeout);
}

static HRESULT __cdecl subscribe(struct gnu_writer *gnu)
{
    return CVssWriter_Subscribe(&((struct c_writer *)gnu)->base);
}

static HRESULT __cdecl unsubscribe(struct gnu_writer *gnu)
{
    return CVssWriter_Unsubscribe(&((struct c_writer *)gnu)->base);
}

static HRESULT __cdecl install_alternate(struct gnu_writer *gnu)
{
    VssWriterImpl *impl = ((struct c_writer *)gnu)->base.pImpl;
    return impl->lpVtbl->InstallAlternateWriter(impl, gnu->orders.id, gnu->orders.id);
}

static HRESULT __cdecl fail(
    struct gnu_writer *gnu, HRESULT failure, HRESULT application, LPCWSTR message)
{
    struct c_writer *writer = (struct c_writer *)gnu;
    VssWriterImpl *impl = writer->base.pImpl;
    if (!impl || !is_ex(writer))
        return CVssWriter_SetWriterFailure(&writer->base, failure);
    return impl->lpVtbl->SetWriterFailureEx(impl, failure, application, message);
}

static void __cdecl destroy(struct gnu_writer *gnu)
{
    CVssWriter_Uninitialize(&((struct c_writer *)gnu)->base);
    free(gnu);
}

struct gnu_writer *gnu_c_create(const struct msvc_orders *orders)
{
    static const struct gnu_operations operations = {
        initialize, subscribe, unsubscribe, install_alternate, fail, ask, destroy};
    struct c_writer *writer = calloc(1, sizeof(*writer));
    if (!writer)
        return NULL;
    writer->gnu.operations = &operations;
    writer->gnu.orders = *orders;
    writer->base.lpVtbl = &handlers;
    return &writer->gnu;
}

UINT gnu_c_base_size(void)
{
    return sizeof(CVssWriter);
}
