/* SPDX-License-Identifier: MIT
 *
 * IVssExamineWriterMetadata, Ex and Ex2: a Writer Metadata Document as its readers see it.
 *
 * LoadFromXML may put another document in the place of this one while other threads read: every
 * method therefore works on a reference that it takes under the lock. Documents themselves never
 * change. Any thread. Follows requestor 7.1.
 */
#include "view/view.h"

#include "base/mem.h"
#include "base/str16.h"
#include "com/com_object.h"
#include "diag/log.h"
#include "document/document.h"
#include "os/lock.h"
#include "view/view_refuse.h"
#include "view/view_text.h"

struct examine
{
    /* One vtable serves the whole chain. */
    IVssExamineWriterMetadataEx2 IVssExamineWriterMetadataEx2_iface;
    LONG refs;
    struct lock lock;
    struct writer_metadata *metadata; /* guarded by lock, a reference */
};

static const struct com_interface interfaces[] = {
    {&IID_IVssExamineWriterMetadata, offsetof(struct examine, IVssExamineWriterMetadataEx2_iface)},
    {&IID_IVssExamineWriterMetadataEx,
        offsetof(struct examine, IVssExamineWriterMetadataEx2_iface)},
    {&IID_IVssExamineWriterMetadataEx2,
        offsetof(struct examine, IVssExamineWriterMetadataEx2_iface)},
};

static struct examine *impl_from_IVssExamineWriterMetadataEx2(IVssExamineWriterMetadataEx2 *iface)
{
    return CONTAINING_RECORD(iface, struct examine, IVssExamineWriterMetadataEx2_iface);
}

/* The document of this moment, with a reference for the caller. */
static struct writer_metadata *take_metadata(IVssExamineWriterMetadataEx2 *iface)
{
    struct examine *face = impl_from_IVssExamineWriterMetadataEx2(iface);
    lock_enter(&face->lock);
    struct writer_metadata *metadata = writer_metadata_addref(face->metadata);
    lock_leave(&face->lock);
    return metadata;
}

/* ---- IUnknown ---- */

static HRESULT WINAPI examine_QueryInterface(
    IVssExamineWriterMetadataEx2 *iface, REFIID iid, void **out)
{
    return com_query_interface(
        impl_from_IVssExamineWriterMetadataEx2(iface), interfaces, ARRAYSIZE(interfaces), iid, out);
}

static ULONG WINAPI examine_AddRef(IVssExamineWriterMetadataEx2 *iface)
{
    return com_ref_add(&impl_from_IVssExamineWriterMetadataEx2(iface)->refs);
}

static ULONG WINAPI examine_Release(IVssExamineWriterMetadataEx2 *iface)
{
    struct examine *face = impl_from_IVssExamineWriterMetadataEx2(iface);
    ULONG refs = com_ref_release(&face->refs);
    if (refs == 0)
    {
        writer_metadata_release(face->metadata);
        mem_free(face);
    }
    return refs;
}

/* ---- Who the writer is ---- */

/* `instance_name` NULL: not asked for. The others are not NULL. */
static HRESULT give_identity(IVssExamineWriterMetadataEx2 *iface, VSS_ID *instance_id,
    VSS_ID *writer_id, BSTR *name, BSTR *instance_name, VSS_USAGE_TYPE *usage,
    VSS_SOURCE_TYPE *source)
{
    struct writer_metadata *metadata = take_metadata(iface);
    struct view_text texts[] = {
        {metadata->writer_name, name},
        {metadata->instance_name, instance_name},
    };
    HRESULT hr = view_texts_give(texts, instance_name ? 2 : 1);
    if (SUCCEEDED(hr))
    {
        *instance_id = metadata->instance_id;
        *writer_id = metadata->writer_id;
        *usage = (VSS_USAGE_TYPE)metadata->usage;
        *source = (VSS_SOURCE_TYPE)metadata->source;
    }
    writer_metadata_release(metadata);
    return hr;
}

/* The out parameters that both GetIdentity and GetIdentityEx have, nulled. False when one is
   missing. */
static bool clear_identity(VSS_ID *instance_id, VSS_ID *writer_id, BSTR *name,
    VSS_USAGE_TYPE *usage, VSS_SOURCE_TYPE *source)
{
    if (instance_id)
        *instance_id = GUID_NULL;
    if (writer_id)
        *writer_id = GUID_NULL;
    if (name)
        *name = NULL;
    if (usage)
        *usage = VSS_UT_UNDEFINED;
    if (source)
        *source = VSS_ST_UNDEFINED;
    return instance_id && writer_id && name && usage && source;
}

static HRESULT WINAPI examine_GetIdentity(IVssExamineWriterMetadataEx2 *iface, VSS_ID *instance_id,
    VSS_ID *writer_id, BSTR *name, VSS_USAGE_TYPE *usage, VSS_SOURCE_TYPE *source)
{
    if (!clear_identity(instance_id, writer_id, name, usage, source))
        return view_refuse_null(__func__);
    return give_identity(iface, instance_id, writer_id, name, NULL, usage, source);
}

/* A writer that gave no instance name: S_OK with NULL. */
static HRESULT WINAPI examine_GetIdentityEx(IVssExamineWriterMetadataEx2 *iface,
    VSS_ID *instance_id, VSS_ID *writer_id, BSTR *name, BSTR *instance_name, VSS_USAGE_TYPE *usage,
    VSS_SOURCE_TYPE *source)
{
    if (instance_name)
        *instance_name = NULL;
    if (!clear_identity(instance_id, writer_id, name, usage, source) || !instance_name)
        return view_refuse_null(__func__);
    return give_identity(iface, instance_id, writer_id, name, instance_name, usage, source);
}

static HRESULT WINAPI examine_GetVersion(
    IVssExamineWriterMetadataEx2 *iface, DWORD *major, DWORD *minor)
{
    if (major)
        *major = 0;
    if (minor)
        *minor = 0;
    if (!major || !minor)
        return view_refuse_null(__func__);
    struct writer_metadata *metadata = take_metadata(iface);
    *major = metadata->major_version;
    *minor = metadata->minor_version;
    writer_metadata_release(metadata);
    return S_OK;
}

static HRESULT WINAPI examine_GetBackupSchema(IVssExamineWriterMetadataEx2 *iface, DWORD *schema)
{
    if (!schema)
        return view_refuse_null(__func__);
    struct writer_metadata *metadata = take_metadata(iface);
    *schema = metadata->backup_schema;
    writer_metadata_release(metadata);
    return S_OK;
}

/* ---- What it has ---- */

/* Include files are reserved: there are never any. */
static HRESULT WINAPI examine_GetFileCounts(
    IVssExamineWriterMetadataEx2 *iface, UINT *include_files, UINT *exclude_files, UINT *components)
{
    if (include_files)
        *include_files = 0;
    if (exclude_files)
        *exclude_files = 0;
    if (components)
        *components = 0;
    if (!include_files || !exclude_files || !components)
        return view_refuse_null(__func__);
    struct writer_metadata *metadata = take_metadata(iface);
    *exclude_files = (UINT)metadata->exclude_files.count;
    *components = (UINT)metadata->components.count;
    writer_metadata_release(metadata);
    return S_OK;
}

static HRESULT WINAPI examine_GetIncludeFile(
    IVssExamineWriterMetadataEx2 *iface, UINT index, IVssWMFiledesc **filedesc)
{
    (void)iface;
    (void)index;
    if (!filedesc)
        return view_refuse_null(__func__);
    *filedesc = NULL;
    return VSS_E_OBJECT_NOT_FOUND;
}

/* The file set at `index` of the list at `list_offset` of the document. */
static HRESULT get_file(const char *function, IVssExamineWriterMetadataEx2 *iface,
    size_t list_offset, UINT index, IVssWMFiledesc **out)
{
    if (!out)
        return view_refuse_null(function);
    *out = NULL;
    struct writer_metadata *metadata = take_metadata(iface);
    const struct vec *list = (const struct vec *)((const BYTE *)metadata + list_offset);
    const struct file_spec *spec = vec_at(list, index);
    HRESULT hr = spec ? view_wm_filedesc_create(spec, out) : VSS_E_OBJECT_NOT_FOUND;
    writer_metadata_release(metadata);
    return hr;
}

static HRESULT WINAPI examine_GetExcludeFile(
    IVssExamineWriterMetadataEx2 *iface, UINT index, IVssWMFiledesc **filedesc)
{
    return get_file(
        __func__, iface, offsetof(struct writer_metadata, exclude_files), index, filedesc);
}

static HRESULT WINAPI examine_GetExcludeFromSnapshotFile(
    IVssExamineWriterMetadataEx2 *iface, UINT index, IVssWMFiledesc **filedesc)
{
    return get_file(
        __func__, iface, offsetof(struct writer_metadata, exclude_from_snapshot), index, filedesc);
}

static HRESULT WINAPI examine_GetExcludeFromSnapshotCount(
    IVssExamineWriterMetadataEx2 *iface, UINT *count)
{
    if (!count)
        return view_refuse_null(__func__);
    struct writer_metadata *metadata = take_metadata(iface);
    *count = (UINT)metadata->exclude_from_snapshot.count;
    writer_metadata_release(metadata);
    return S_OK;
}

static HRESULT WINAPI examine_GetComponent(
    IVssExamineWriterMetadataEx2 *iface, UINT index, IVssWMComponent **component)
{
    if (!component)
        return view_refuse_null(__func__);
    *component = NULL;
    struct writer_metadata *metadata = take_metadata(iface);
    struct metadata_component *found = vec_at(&metadata->components, index);
    HRESULT hr = found ? view_wm_component_create(metadata, found, component)
                       : VSS_E_OBJECT_NOT_FOUND;
    writer_metadata_release(metadata);
    return hr;
}

/* ---- How to restore it ---- */

/* Only these two methods stop a service; a name beside any other has no meaning. */
static const WCHAR *service_to_stop(const struct restore_method *method)
{
    bool stops = method->method == VSS_RME_STOP_RESTORE_START ||
        method->method == VSS_RME_RESTORE_STOP_START;
    return stops ? method->service : NULL;
}

static HRESULT WINAPI examine_GetRestoreMethod(IVssExamineWriterMetadataEx2 *iface,
    VSS_RESTOREMETHOD_ENUM *method, BSTR *service, BSTR *user_procedure,
    VSS_WRITERRESTORE_ENUM *writer_restore, boolean *reboot_required, UINT *mappings)
{
    if (method)
        *method = VSS_RME_UNDEFINED;
    if (service)
        *service = NULL;
    if (user_procedure)
        *user_procedure = NULL;
    if (writer_restore)
        *writer_restore = VSS_WRE_UNDEFINED;
    if (reboot_required)
        *reboot_required = FALSE;
    if (mappings)
        *mappings = 0;
    if (!method || !service || !user_procedure || !writer_restore || !reboot_required || !mappings)
        return view_refuse_null(__func__);

    struct writer_metadata *metadata = take_metadata(iface);
    const struct restore_method *found = metadata->restore_method;
    HRESULT hr = S_FALSE;
    if (found)
    {
        struct view_text texts[] = {
            {service_to_stop(found), service},
            {found->user_procedure, user_procedure},
        };
        hr = view_texts_give(texts, ARRAYSIZE(texts));
    }
    if (hr == S_OK)
    {
        *method = (VSS_RESTOREMETHOD_ENUM)found->method;
        *writer_restore = (VSS_WRITERRESTORE_ENUM)found->writer_restore;
        *reboot_required = found->reboot_required;
        *mappings = (UINT)found->mappings.count;
    }
    writer_metadata_release(metadata);
    return hr;
}

static HRESULT WINAPI examine_GetAlternateLocationMapping(
    IVssExamineWriterMetadataEx2 *iface, UINT index, IVssWMFiledesc **filedesc)
{
    if (!filedesc)
        return view_refuse_null(__func__);
    *filedesc = NULL;
    struct writer_metadata *metadata = take_metadata(iface);
    const struct file_spec *spec = metadata->restore_method
        ? vec_at(&metadata->restore_method->mappings, index)
        : NULL;
    HRESULT hr = spec ? view_wm_filedesc_create(spec, filedesc) : VSS_E_OBJECT_NOT_FOUND;
    writer_metadata_release(metadata);
    return hr;
}

/* ---- The document itself ---- */

static HRESULT WINAPI examine_GetDocument(
    IVssExamineWriterMetadataEx2 *iface, IXMLDOMDocument **document)
{
    (void)iface;
    if (!document)
        return view_refuse_null(__func__);
    *document = NULL;
    return log_not_implemented("IVssExamineWriterMetadata::GetDocument");
}

static HRESULT WINAPI examine_SaveAsXML(IVssExamineWriterMetadataEx2 *iface, BSTR *xml)
{
    if (!xml)
        return view_refuse_null(__func__);
    *xml = NULL;
    struct writer_metadata *metadata = take_metadata(iface);
    WCHAR *text = NULL;
    size_t length = 0;
    HRESULT hr;
    if (metadata->verbatim)
    {
        hr = com_bstr(metadata->verbatim, xml);
    }
    else
    {
        hr = document_save_writer_metadata(metadata, &text, &length);
        if (SUCCEEDED(hr))
            hr = com_bstr_n(text, length, xml);
    }
    mem_free(text);
    writer_metadata_release(metadata);
    return hr;
}

static HRESULT load_metadata(const WCHAR *text, size_t length, struct writer_metadata **metadata)
{
    struct xml_flaw flaw = {0};
    HRESULT hr = document_load_writer_metadata(text, length, metadata, &flaw);
    if (hr == VSS_E_INVALID_XML_DOCUMENT)
        log_error(hr, "The text of %zu characters is no Writer Metadata Document: " XML_FLAW_FORMAT,
            length, XML_FLAW_VALUES(&flaw));
    return hr;
}

/* The old document stays when the new one is not good. */
static HRESULT WINAPI examine_LoadFromXML(IVssExamineWriterMetadataEx2 *iface, BSTR xml)
{
    struct examine *face = impl_from_IVssExamineWriterMetadataEx2(iface);
    if (!xml)
        return view_refuse_null(__func__);
    struct writer_metadata *loaded = NULL;
    HRESULT hr = load_metadata(xml, str16_len(xml), &loaded);
    if (FAILED(hr))
        return hr;
    lock_enter(&face->lock);
    struct writer_metadata *old = face->metadata;
    face->metadata = loaded;
    lock_leave(&face->lock);
    writer_metadata_release(old);
    return S_OK;
}

static const IVssExamineWriterMetadataEx2Vtbl examine_vtbl = {
    /* IUnknown */
    .QueryInterface = examine_QueryInterface,
    .AddRef = examine_AddRef,
    .Release = examine_Release,
    /* IVssExamineWriterMetadata */
    .GetIdentity = examine_GetIdentity,
    .GetFileCounts = examine_GetFileCounts,
    .GetIncludeFile = examine_GetIncludeFile,
    .GetExcludeFile = examine_GetExcludeFile,
    .GetComponent = examine_GetComponent,
    .GetRestoreMethod = examine_GetRestoreMethod,
    .GetAlternateLocationMapping = examine_GetAlternateLocationMapping,
    .GetBackupSchema = examine_GetBackupSchema,
    .GetDocument = examine_GetDocument,
    .SaveAsXML = examine_SaveAsXML,
    .LoadFromXML = examine_LoadFromXML,
    /* IVssExamineWriterMetadataEx */
    .GetIdentityEx = examine_GetIdentityEx,
    /* IVssExamineWriterMetadataEx2 */
    .GetVersion = examine_GetVersion,
    .GetExcludeFromSnapshotCount = examine_GetExcludeFromSnapshotCount,
    .GetExcludeFromSnapshotFile = examine_GetExcludeFromSnapshotFile,
};

HRESULT view_examine_create(struct writer_metadata *metadata, IVssExamineWriterMetadataEx2 **out)
{
    *out = NULL;
    struct examine *face = mem_alloc(sizeof(*face));
    if (!face)
        return E_OUTOFMEMORY;
    face->IVssExamineWriterMetadataEx2_iface.lpVtbl = &examine_vtbl;
    com_ref_init(&face->refs);
    lock_init(&face->lock, LOCK_RANK_LEAF);
    face->metadata = writer_metadata_addref(metadata);
    *out = &face->IVssExamineWriterMetadataEx2_iface;
    return S_OK;
}

HRESULT view_examine_from_xml(const WCHAR *text, size_t length, IVssExamineWriterMetadataEx2 **out)
{
    *out = NULL;
    struct writer_metadata *metadata = NULL;
    HRESULT hr = load_metadata(text, length, &metadata);
    if (FAILED(hr))
        return hr;
    hr = view_examine_create(metadata, out);
    writer_metadata_release(metadata);
    return hr;
}
