/* SPDX-License-Identifier: MIT
 *
 * The object behind IVssCreateWriterMetadata(Ex). See create_metadata.h; what each method checks is
 * in metadata_checks.c.
 *
 * In C++ the Ex interface has two bases, IVssCreateWriterMetadata without an IUnknown and then
 * IUnknown itself, and so two vtable pointers. A call of Release comes through the second, with
 * `this` pointing there.
 */
#include "writer/create_metadata.h"

#include "base/guid.h"
#include "base/mem.h"
#include "com/com_object.h"
#include "diag/log.h"
#include "document/document.h"
#include "os/lock.h"
#include "writer/metadata_checks.h"

struct create_metadata
{
    /* What callers were compiled for: both, in this order. mingw's header knows the first only. */
    IVssCreateWriterMetadataEx IVssCreateWriterMetadataEx_iface;
    IUnknown IUnknown_iface;
    LONG refs;
    struct lock lock;
    /* guarded by lock; a reference; NULL: the handler has returned */
    struct writer_metadata *metadata;
};

_Static_assert(offsetof(struct create_metadata, IVssCreateWriterMetadataEx_iface) == 0,
    "the first base of IVssCreateWriterMetadataEx");
_Static_assert(offsetof(struct create_metadata, IUnknown_iface) == sizeof(void *),
    "the second base of IVssCreateWriterMetadataEx");

static struct create_metadata *impl_from_IVssCreateWriterMetadataEx(
    IVssCreateWriterMetadataEx *iface)
{
    return CONTAINING_RECORD(iface, struct create_metadata, IVssCreateWriterMetadataEx_iface);
}

static struct create_metadata *impl_from_IUnknown(IUnknown *iface)
{
    return CONTAINING_RECORD(iface, struct create_metadata, IUnknown_iface);
}

/* ---- IUnknown, through the second vtable pointer ---- */

static ULONG WINAPI create_metadata_AddRef(IUnknown *iface)
{
    return com_ref_add(&impl_from_IUnknown(iface)->refs);
}

static ULONG WINAPI create_metadata_Release(IUnknown *iface)
{
    struct create_metadata *face = impl_from_IUnknown(iface);
    ULONG refs = com_ref_release(&face->refs);
    if (!refs)
    {
        writer_metadata_release(face->metadata);
        mem_free(face);
    }
    return refs;
}

/* By hand: the Ex interface's own table has no AddRef that com_query_interface could call. */
static HRESULT WINAPI create_metadata_QueryInterface(IUnknown *iface, REFIID iid, void **out)
{
    struct create_metadata *face = impl_from_IUnknown(iface);
    if (!out)
        return E_POINTER;
    *out = NULL;
    if (guid_equal(iid, &IID_IVssCreateWriterMetadataEx))
        *out = &face->IVssCreateWriterMetadataEx_iface;
    else if (guid_equal(iid, &IID_IUnknown))
        *out = iface;
    else
        return E_NOINTERFACE;
    create_metadata_AddRef(iface);
    return S_OK;
}

static const IUnknownVtbl unknown_vtbl = {
    .QueryInterface = create_metadata_QueryInterface,
    .AddRef = create_metadata_AddRef,
    .Release = create_metadata_Release,
};

/* ---- Entering a method ---- */

/* The document, with the lock held; NULL after Identify: nothing is held then. */
static struct writer_metadata *enter(IVssCreateWriterMetadataEx *iface)
{
    struct create_metadata *face = impl_from_IVssCreateWriterMetadataEx(iface);
    lock_enter(&face->lock);
    if (face->metadata)
        return face->metadata;
    lock_leave(&face->lock);
    log_warning(
        VSS_E_BAD_STATE, "A writer's metadata can be changed only while its OnIdentify runs.");
    return NULL;
}

static HRESULT leave(IVssCreateWriterMetadataEx *iface, HRESULT hr)
{
    lock_leave(&impl_from_IVssCreateWriterMetadataEx(iface)->lock);
    return hr;
}

/* ---- File sets ---- */

static HRESULT WINAPI create_metadata_AddIncludeFiles(IVssCreateWriterMetadataEx *iface,
    LPCWSTR path, LPCWSTR filespec, boolean recursive, LPCWSTR alternate_location)
{
    (void)iface;
    (void)path;
    (void)filespec;
    (void)recursive;
    (void)alternate_location;
    return log_not_implemented("IVssCreateWriterMetadata::AddIncludeFiles");
}

typedef HRESULT (*add_function)(struct writer_metadata *metadata, struct file_spec *spec);

/* What excludes and excludes from snapshots share. */
static HRESULT add_exclusion(IVssCreateWriterMetadataEx *iface, const char *method, LPCWSTR path,
    LPCWSTR filespec, boolean recursive, add_function add)
{
    HRESULT hr = check_file_set(method, path, filespec);
    if (FAILED(hr))
        return hr;
    struct file_spec *spec = file_spec_create(
        path, filespec, recursive != 0, NULL, FILE_SPEC_DEFAULT_MASK);
    if (!spec)
        return E_OUTOFMEMORY;
    struct writer_metadata *metadata = enter(iface);
    hr = metadata ? leave(iface, add(metadata, spec)) : VSS_E_BAD_STATE;
    if (FAILED(hr))
        file_spec_destroy(spec);
    return hr;
}

static HRESULT WINAPI create_metadata_AddExcludeFiles(
    IVssCreateWriterMetadataEx *iface, LPCWSTR path, LPCWSTR filespec, boolean recursive)
{
    return add_exclusion(
        iface, "AddExcludeFiles", path, filespec, recursive, writer_metadata_add_exclude);
}

static HRESULT WINAPI create_metadata_AddExcludeFilesFromSnapshot(
    IVssCreateWriterMetadataEx *iface, LPCWSTR path, LPCWSTR filespec, boolean recursive)
{
    return add_exclusion(iface, "AddExcludeFilesFromSnapshot", path, filespec, recursive,
        writer_metadata_add_exclude_from_snapshot);
}

/* One file set for a component. */
struct component_files
{
    const char *method;
    DWORD type;  /* what the component must be: COMPONENT_TYPE_* */
    size_t list; /* offset in struct metadata_component */
};

static HRESULT add_to_component(struct writer_metadata *metadata,
    const struct component_files *files, LPCWSTR logical_path, LPCWSTR name, struct file_spec *spec)
{
    struct metadata_component *component = writer_metadata_find(metadata, logical_path, name);
    if (!component)
        return VSS_E_OBJECT_NOT_FOUND;
    if (component->type != files->type)
        return E_INVALIDARG;
    return metadata_component_add_file(
        component, (struct vec *)((char *)component + files->list), spec);
}

static HRESULT add_files(IVssCreateWriterMetadataEx *iface, const struct component_files *files,
    LPCWSTR logical_path, LPCWSTR name, const struct file_spec *model)
{
    HRESULT hr = check_component_files(files->method, logical_path, name, model);
    if (FAILED(hr))
        return hr;
    struct file_spec *spec = file_spec_create(model->path, model->filespec, model->recursive,
        model->alternate_path, model->backup_type_mask);
    if (!spec)
        return E_OUTOFMEMORY;
    struct writer_metadata *metadata = enter(iface);
    hr = metadata ? leave(iface, add_to_component(metadata, files, logical_path, name, spec))
                  : VSS_E_BAD_STATE;
    if (FAILED(hr))
        file_spec_destroy(spec);
    if (hr == VSS_E_OBJECT_NOT_FOUND)
        log_warning(hr, "%s: there is no component %ls.", files->method, name);
    else if (hr == E_INVALIDARG)
        log_warning(hr, "%s: %ls is a component of the other type.", files->method, name);
    return hr;
}

static HRESULT WINAPI create_metadata_AddDatabaseFiles(IVssCreateWriterMetadataEx *iface,
    LPCWSTR logical_path, LPCWSTR name, LPCWSTR path, LPCWSTR filespec, DWORD mask)
{
    static const struct component_files files = {"AddDatabaseFiles", COMPONENT_TYPE_DATABASE,
        offsetof(struct metadata_component, database_files)};
    const struct file_spec spec = {
        .path = (WCHAR *)path, .filespec = (WCHAR *)filespec, .backup_type_mask = mask};
    return add_files(iface, &files, logical_path, name, &spec);
}

static HRESULT WINAPI create_metadata_AddDatabaseLogFiles(IVssCreateWriterMetadataEx *iface,
    LPCWSTR logical_path, LPCWSTR name, LPCWSTR path, LPCWSTR filespec, DWORD mask)
{
    static const struct component_files files = {"AddDatabaseLogFiles", COMPONENT_TYPE_DATABASE,
        offsetof(struct metadata_component, log_files)};
    const struct file_spec spec = {
        .path = (WCHAR *)path, .filespec = (WCHAR *)filespec, .backup_type_mask = mask};
    return add_files(iface, &files, logical_path, name, &spec);
}

static HRESULT WINAPI create_metadata_AddFilesToFileGroup(IVssCreateWriterMetadataEx *iface,
    LPCWSTR logical_path, LPCWSTR name, LPCWSTR path, LPCWSTR filespec, boolean recursive,
    LPCWSTR alternate_location, DWORD mask)
{
    static const struct component_files files = {"AddFilesToFileGroup", COMPONENT_TYPE_FILEGROUP,
        offsetof(struct metadata_component, files)};
    const struct file_spec spec = {.path = (WCHAR *)path,
        .filespec = (WCHAR *)filespec,
        .recursive = recursive != 0,
        .alternate_path = (WCHAR *)alternate_location,
        .backup_type_mask = mask};
    return add_files(iface, &files, logical_path, name, &spec);
}

/* ---- Components ---- */

static HRESULT add_component(
    struct writer_metadata *metadata, const struct metadata_component *model, BYTE **icon)
{
    struct metadata_component *component = NULL;
    HRESULT hr = writer_metadata_add_component(
        metadata, model->type, model->logical_path, model->name, model->caption, &component);
    if (FAILED(hr))
        return hr;
    component->icon = *icon;
    component->icon_size = *icon ? model->icon_size : 0;
    *icon = NULL;
    component->restore_metadata = model->restore_metadata;
    component->notify_on_backup_complete = model->notify_on_backup_complete;
    component->selectable = model->selectable;
    component->selectable_for_restore = model->selectable_for_restore;
    component->flags = model->flags;
    return S_OK;
}

static HRESULT WINAPI create_metadata_AddComponent(IVssCreateWriterMetadataEx *iface,
    VSS_COMPONENT_TYPE type, LPCWSTR logical_path, LPCWSTR name, LPCWSTR caption, const BYTE *icon,
    UINT icon_size, boolean restore_metadata, boolean notify_on_backup_complete, boolean selectable,
    boolean selectable_for_restore, DWORD flags)
{
    const struct metadata_component model = {.type = (DWORD)type,
        .logical_path = (WCHAR *)logical_path,
        .name = (WCHAR *)name,
        .caption = (WCHAR *)caption,
        .icon = (BYTE *)icon,
        .icon_size = icon_size,
        .restore_metadata = restore_metadata != 0,
        .notify_on_backup_complete = notify_on_backup_complete != 0,
        .selectable = selectable != 0,
        .selectable_for_restore = selectable_for_restore != 0,
        .flags = flags};
    HRESULT hr = check_component("AddComponent", &model);
    if (FAILED(hr))
        return hr;
    BYTE *icon_copy = icon_size ? mem_dup(icon, icon_size) : NULL;
    if (icon_size && !icon_copy)
        return E_OUTOFMEMORY;
    struct writer_metadata *metadata = enter(iface);
    hr = metadata ? leave(iface, add_component(metadata, &model, &icon_copy)) : VSS_E_BAD_STATE;
    mem_free(icon_copy);
    if (hr == VSS_E_OBJECT_ALREADY_EXISTS)
        log_warning(hr, "AddComponent: there is a component %ls in this path already.", name);
    return hr;
}

static HRESULT add_dependency(struct writer_metadata *metadata, LPCWSTR for_logical_path,
    LPCWSTR for_name, const GUID *on_writer_id, LPCWSTR on_logical_path, LPCWSTR on_name)
{
    struct metadata_component *component = writer_metadata_find(
        metadata, for_logical_path, for_name);
    if (!component)
        return VSS_E_OBJECT_NOT_FOUND;
    HRESULT hr = check_dependency_target(&metadata->writer_id, on_writer_id, on_logical_path);
    return SUCCEEDED(hr)
        ? metadata_component_add_dependency(component, on_writer_id, on_logical_path, on_name)
        : hr;
}

static HRESULT WINAPI create_metadata_AddComponentDependency(IVssCreateWriterMetadataEx *iface,
    LPCWSTR for_logical_path, LPCWSTR for_name, VSS_ID on_writer_id, LPCWSTR on_logical_path,
    LPCWSTR on_name)
{
    HRESULT hr = check_dependency(
        "AddComponentDependency", for_logical_path, for_name, on_logical_path, on_name);
    if (FAILED(hr))
        return hr;
    struct writer_metadata *metadata = enter(iface);
    if (!metadata)
        return VSS_E_BAD_STATE;
    hr = leave(iface,
        add_dependency(
            metadata, for_logical_path, for_name, &on_writer_id, on_logical_path, on_name));
    if (hr == VSS_E_OBJECT_NOT_FOUND)
        log_warning(hr, "AddComponentDependency: there is no component %ls.", for_name);
    else if (hr == E_INVALIDARG)
        log_warning(hr, "AddComponentDependency: %ls cannot depend on its own writer.", for_name);
    return hr;
}

/* ---- Restore and schema ---- */

static HRESULT WINAPI create_metadata_SetRestoreMethod(IVssCreateWriterMetadataEx *iface,
    VSS_RESTOREMETHOD_ENUM method, LPCWSTR service, LPCWSTR user_procedure,
    VSS_WRITERRESTORE_ENUM writer_restore, boolean reboot_required)
{
    HRESULT hr = check_restore_method(
        "SetRestoreMethod", method, service, user_procedure, writer_restore);
    if (FAILED(hr))
        return hr;
    struct writer_metadata *metadata = enter(iface);
    if (!metadata)
        return VSS_E_BAD_STATE;
    return leave(iface,
        writer_metadata_set_restore_method(metadata, (DWORD)method, service, user_procedure,
            (DWORD)writer_restore, reboot_required != 0));
}

static HRESULT WINAPI create_metadata_AddAlternateLocationMapping(IVssCreateWriterMetadataEx *iface,
    LPCWSTR path, LPCWSTR filespec, boolean recursive, LPCWSTR destination)
{
    HRESULT hr = check_mapping("AddAlternateLocationMapping", path, filespec, destination);
    if (FAILED(hr))
        return hr;
    struct file_spec *spec = file_spec_create(
        path, filespec, recursive != 0, destination, FILE_SPEC_DEFAULT_MASK);
    if (!spec)
        return E_OUTOFMEMORY;
    struct writer_metadata *metadata = enter(iface);
    hr = metadata ? leave(iface, writer_metadata_add_mapping(metadata, spec)) : VSS_E_BAD_STATE;
    if (FAILED(hr))
        file_spec_destroy(spec);
    if (hr == VSS_E_OBJECT_NOT_FOUND)
        log_warning(hr, "AddAlternateLocationMapping: call SetRestoreMethod first.");
    return hr;
}

static HRESULT WINAPI create_metadata_SetBackupSchema(
    IVssCreateWriterMetadataEx *iface, DWORD schema)
{
    HRESULT hr = check_schema("SetBackupSchema", schema);
    if (FAILED(hr))
        return hr;
    struct writer_metadata *metadata = enter(iface);
    if (!metadata)
        return VSS_E_BAD_STATE;
    metadata->has_schema = true;
    metadata->backup_schema = schema;
    return leave(iface, S_OK);
}

/* ---- The document ---- */

static HRESULT WINAPI create_metadata_GetDocument(
    IVssCreateWriterMetadataEx *iface, IXMLDOMDocument **document)
{
    (void)iface;
    if (document)
        *document = NULL;
    return log_not_implemented("IVssCreateWriterMetadata::GetDocument");
}

static HRESULT WINAPI create_metadata_SaveAsXML(IVssCreateWriterMetadataEx *iface, BSTR *xml)
{
    if (!xml)
        return log_warning(E_INVALIDARG, "SaveAsXML: the pointer is NULL.");
    *xml = NULL;
    struct writer_metadata *metadata = enter(iface);
    if (!metadata)
        return VSS_E_BAD_STATE;
    WCHAR *text = NULL;
    size_t length = 0;
    HRESULT hr = leave(iface, document_save_writer_metadata(metadata, &text, &length));
    if (SUCCEEDED(hr))
        hr = com_bstr_n(text, length, xml);
    mem_free(text);
    return hr;
}

/* One table serves IVssCreateWriterMetadata, whose methods are the first twelve, and Ex. */
static const IVssCreateWriterMetadataExVtbl create_metadata_vtbl = {
    .AddIncludeFiles = create_metadata_AddIncludeFiles,
    .AddExcludeFiles = create_metadata_AddExcludeFiles,
    .AddComponent = create_metadata_AddComponent,
    .AddDatabaseFiles = create_metadata_AddDatabaseFiles,
    .AddDatabaseLogFiles = create_metadata_AddDatabaseLogFiles,
    .AddFilesToFileGroup = create_metadata_AddFilesToFileGroup,
    .SetRestoreMethod = create_metadata_SetRestoreMethod,
    .AddAlternateLocationMapping = create_metadata_AddAlternateLocationMapping,
    .AddComponentDependency = create_metadata_AddComponentDependency,
    .SetBackupSchema = create_metadata_SetBackupSchema,
    .GetDocument = create_metadata_GetDocument,
    .SaveAsXML = create_metadata_SaveAsXML,
    /* IVssCreateWriterMetadataEx */
    .AddExcludeFilesFromSnapshot = create_metadata_AddExcludeFilesFromSnapshot,
};

/* ---- Life ---- */

HRESULT create_metadata_create(struct writer_metadata *metadata, IVssCreateWriterMetadataEx **out)
{
    struct create_metadata *face = mem_alloc(sizeof(*face));
    if (!face)
        return E_OUTOFMEMORY;
    face->IVssCreateWriterMetadataEx_iface.lpVtbl = &create_metadata_vtbl;
    face->IUnknown_iface.lpVtbl = &unknown_vtbl;
    com_ref_init(&face->refs);
    lock_init(&face->lock, LOCK_RANK_VIEW);
    face->metadata = writer_metadata_addref(metadata);
    *out = &face->IVssCreateWriterMetadataEx_iface;
    return S_OK;
}

void create_metadata_close(IVssCreateWriterMetadataEx *iface)
{
    if (!iface)
        return;
    struct create_metadata *face = impl_from_IVssCreateWriterMetadataEx(iface);
    lock_enter(&face->lock);
    struct writer_metadata *metadata = face->metadata;
    face->metadata = NULL;
    lock_leave(&face->lock);
    writer_metadata_release(metadata);
    create_metadata_Release(&face->IUnknown_iface);
}
