/* SPDX-License-Identifier: MIT
 *
 * The functions that programs import from vssapi.dll, apart from the two exported classes and our
 * own API. vssapi.def says under which names. Every one checks its arguments before it touches what
 * they point to. Any thread. Follows writer-provider 1.2 and 1.3, requestor 2.1.
 */

/* The SDK's header has inline functions of these names, over the ...Internal ones. Here are the
   real functions, which programs of the 2003 SDK import. */
#define IsVolumeSnapshotted inline_IsVolumeSnapshotted
#define VssFreeSnapshotProperties inline_VssFreeSnapshotProperties
#define ShouldBlockRevert inline_ShouldBlockRevert
#define GetProviderMgmtInterface inline_GetProviderMgmtInterface
#include "view/view.h"
#undef IsVolumeSnapshotted
#undef VssFreeSnapshotProperties
#undef ShouldBlockRevert
#undef GetProviderMgmtInterface

#include "api/revert_block.h"
#include "base/str16.h"
#include "catalog/catalog.h"
#include "diag/hresult.h"
#include "diag/log.h"
#include "management/provider_mgmt.h"
#include "os/module.h"
#include "requestor/bc_create.h"
#include "writer/express_writer.h"
#include "writer/writer_impl.h"

/* vssapi.def is the only caller of those that no header of the SDK declares. */
#pragma GCC diagnostic ignored "-Wmissing-prototypes"

/* ---- Requestor objects ---- */

/* E_INVALIDARG, explained. */
static HRESULT refuse_null(const char *function)
{
    return log_error(E_INVALIDARG, "%s: a pointer is NULL.", function);
}

HRESULT WINAPI CreateVssBackupComponentsInternal(IVssBackupComponents **out)
{
    return bc_create(out);
}

HRESULT WINAPI export_create_backup_components(IVssBackupComponents **out)
{
    return CreateVssBackupComponentsInternal(out);
}

/* The text is measured to its NUL, not by the length before it: callers in C pass plain strings as
   well. */
HRESULT WINAPI CreateVssExamineWriterMetadataInternal(BSTR xml, IVssExamineWriterMetadata **out)
{
    if (!out)
        return refuse_null("CreateVssExamineWriterMetadata");
    *out = NULL;
    if (!xml)
        return refuse_null("CreateVssExamineWriterMetadata");
    IVssExamineWriterMetadataEx2 *face = NULL;
    HRESULT hr = view_examine_from_xml(xml, str16_len(xml), &face);
    *out = (IVssExamineWriterMetadata *)face;
    return hr;
}

HRESULT WINAPI export_create_examine_writer_metadata(BSTR xml, IVssExamineWriterMetadata **out)
{
    return CreateVssExamineWriterMetadataInternal(xml, out);
}

/* ---- Writer objects ---- */

/* `writer` is a CVssWriter whose constructor may still be running: it is remembered, not looked
   at. */
HRESULT WINAPI CreateWriter(void *writer, void **impl)
{
    if (!impl)
        return refuse_null("CreateWriter");
    *impl = NULL;
    return writer ? writer_impl_create(writer, false, impl) : refuse_null("CreateWriter");
}

HRESULT WINAPI CreateWriterEx(void *writer, void **impl)
{
    if (!impl)
        return refuse_null("CreateWriterEx");
    *impl = NULL;
    return writer ? writer_impl_create(writer, true, impl) : refuse_null("CreateWriterEx");
}

HRESULT WINAPI CreateVssExpressWriterInternal(IVssExpressWriter **out)
{
    if (!out)
        return refuse_null("CreateVssExpressWriter");
    *out = NULL;
    return express_writer_create(out);
}

/* ---- Snapshots ---- */

void WINAPI VssFreeSnapshotPropertiesInternal(VSS_SNAPSHOT_PROP *prop)
{
    view_free_snapshot_prop(prop);
}

void WINAPI VssFreeSnapshotProperties(VSS_SNAPSHOT_PROP *prop)
{
    view_free_snapshot_prop(prop);
}

static bool set_has_volume(const struct snapshot_set *set, const WCHAR *volume_name)
{
    for (size_t i = 0; i < set->snapshots.count; i++)
    {
        const struct snapshot *snapshot = vec_at(&set->snapshots, i);
        if (str16_equal_nocase(snapshot->volume_name, volume_name))
            return true;
    }
    return false;
}

static void release_set(void *set)
{
    snapshot_set_release(set);
}

static HRESULT has_snapshots(const WCHAR *volume_name, BOOL *present)
{
    struct volume *volume = NULL;
    struct vec sets = {0};
    HRESULT hr = volume_open(volume_name, &volume);
    if (SUCCEEDED(hr))
        hr = catalog_list(&sets);
    for (size_t i = 0; SUCCEEDED(hr) && !*present && i < sets.count; i++)
        *present = set_has_volume(vec_at(&sets, i), volume->name);
    vec_free(&sets, release_set);
    volume_free(volume);
    return hr;
}

/* No copy of ours is hurt by defragmenting or indexing its volume: the mask is always 0. */
HRESULT WINAPI IsVolumeSnapshottedInternal(VSS_PWSZ volume_name, WINBOOL *present, LONG *capability)
{
    static const HRESULT documented[] = {E_ACCESSDENIED, E_INVALIDARG, VSS_E_OBJECT_NOT_FOUND,
        VSS_E_PROVIDER_VETO, VSS_E_UNEXPECTED_PROVIDER_ERROR, S_OK};
    if (present)
        *present = FALSE;
    if (capability)
        *capability = 0;
    if (!volume_name || !present || !capability)
        return refuse_null("IsVolumeSnapshotted");
    return hresult_documented(
        has_snapshots(volume_name, present), documented, "IsVolumeSnapshotted");
}

HRESULT WINAPI IsVolumeSnapshotted(VSS_PWSZ volume_name, WINBOOL *present, LONG *capability)
{
    return IsVolumeSnapshottedInternal(volume_name, present, capability);
}

/* `boolean` is C++'s bool: one byte. */
HRESULT WINAPI ShouldBlockRevertInternal(LPCWSTR volume_name, boolean *block)
{
    static const HRESULT documented[] = {E_ACCESSDENIED, E_INVALIDARG, S_OK};
    if (block)
        *block = FALSE;
    if (!volume_name || !block)
        return refuse_null("ShouldBlockRevert");
    bool blocked = false;
    HRESULT hr = revert_block_check(volume_name, &blocked);
    if (SUCCEEDED(hr))
        *block = blocked;
    return hresult_documented(hr, documented, "ShouldBlockRevert");
}

HRESULT WINAPI ShouldBlockRevert(LPCWSTR volume_name, boolean *block)
{
    return ShouldBlockRevertInternal(volume_name, block);
}

/* ---- Undocumented ---- */

/* IVssSnapshotSetDescription has no published header. */
HRESULT WINAPI export_create_snapshot_set_description(GUID set_id, LONG context, void **out)
{
    (void)set_id;
    (void)context;
    if (!out)
        return refuse_null("CreateVssSnapshotSetDescription");
    *out = NULL;
    return log_not_implemented("CreateVssSnapshotSetDescription");
}

HRESULT WINAPI export_load_snapshot_set_description(const WCHAR *xml, void **out, GUID set_id)
{
    (void)xml;
    (void)set_id;
    if (!out)
        return refuse_null("LoadVssSnapshotSetDescription");
    *out = NULL;
    return log_not_implemented("LoadVssSnapshotSetDescription");
}

HRESULT WINAPI SimulateSnapshotFreeze(void)
{
    return log_not_implemented("SimulateSnapshotFreeze");
}

HRESULT WINAPI SimulateSnapshotThaw(void)
{
    return log_not_implemented("SimulateSnapshotThaw");
}

/* ---- Providers and class objects ---- */

HRESULT WINAPI GetProviderMgmtInterfaceInternal(VSS_ID provider_id, IID iid, IUnknown **out)
{
    return provider_mgmt_interface(&provider_id, &iid, out);
}

HRESULT WINAPI GetProviderMgmtInterface(VSS_ID provider_id, IID iid, IUnknown **out)
{
    return provider_mgmt_interface(&provider_id, &iid, out);
}

HRESULT WINAPI DllGetClassObject(REFCLSID clsid, REFIID iid, void **out)
{
    if (!out)
        return refuse_null("DllGetClassObject");
    *out = NULL;
    if (!clsid || !iid)
        return refuse_null("DllGetClassObject");
    return CLASS_E_CLASSNOTAVAILABLE;
}

HRESULT WINAPI DllCanUnloadNow(void)
{
    return module_object_count() == 0 ? S_OK : S_FALSE;
}
