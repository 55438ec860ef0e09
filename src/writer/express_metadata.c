/* SPDX-License-Identifier: MIT
 *
 * The object behind IVssCreateExpressWriterMetadata. See express_metadata.h.
 *
 * It does what IVssCreateWriterMetadata does, through such an object, and refuses beforehand what
 * only code could fulfil: an express writer has none.
 */
#include "writer/express_metadata.h"

#include "base/mem.h"
#include "com/com_object.h"
#include "diag/log.h"
#include "writer/create_metadata.h"

struct express_metadata
{
    IVssCreateExpressWriterMetadata IVssCreateExpressWriterMetadata_iface;
    LONG refs;
    IVssCreateWriterMetadataEx *builder; /* set once, a reference */
};

static const struct com_interface interfaces[] = {
    {&IID_IVssCreateExpressWriterMetadata,
        offsetof(struct express_metadata, IVssCreateExpressWriterMetadata_iface)},
};

static struct express_metadata *impl_from_IVssCreateExpressWriterMetadata(
    IVssCreateExpressWriterMetadata *iface)
{
    return CONTAINING_RECORD(iface, struct express_metadata, IVssCreateExpressWriterMetadata_iface);
}

static IVssCreateWriterMetadataEx *builder_of(IVssCreateExpressWriterMetadata *iface)
{
    return impl_from_IVssCreateExpressWriterMetadata(iface)->builder;
}

static HRESULT refuse(const char *method, const char *why)
{
    return log_warning(VSS_E_NOT_SUPPORTED, "%s: an express writer %s", method, why);
}

/* ---- IUnknown ---- */

static HRESULT WINAPI express_metadata_QueryInterface(
    IVssCreateExpressWriterMetadata *iface, REFIID iid, void **out)
{
    return com_query_interface(impl_from_IVssCreateExpressWriterMetadata(iface), interfaces,
        ARRAYSIZE(interfaces), iid, out);
}

static ULONG WINAPI express_metadata_AddRef(IVssCreateExpressWriterMetadata *iface)
{
    return com_ref_add(&impl_from_IVssCreateExpressWriterMetadata(iface)->refs);
}

static ULONG WINAPI express_metadata_Release(IVssCreateExpressWriterMetadata *iface)
{
    struct express_metadata *face = impl_from_IVssCreateExpressWriterMetadata(iface);
    ULONG refs = com_ref_release(&face->refs);
    if (!refs)
    {
        create_metadata_close(face->builder);
        mem_free(face);
    }
    return refs;
}

/* ---- IVssCreateExpressWriterMetadata ---- */

static HRESULT WINAPI express_metadata_AddExcludeFiles(
    IVssCreateExpressWriterMetadata *iface, LPCWSTR path, LPCWSTR filespec, boolean recursive)
{
    IVssCreateWriterMetadataEx *builder = builder_of(iface);
    return builder->lpVtbl->AddExcludeFiles(builder, path, filespec, recursive);
}

static HRESULT WINAPI express_metadata_AddComponent(IVssCreateExpressWriterMetadata *iface,
    VSS_COMPONENT_TYPE type, LPCWSTR logical_path, LPCWSTR name, LPCWSTR caption, const BYTE *icon,
    UINT icon_size, boolean restore_metadata, boolean notify_on_backup_complete, boolean selectable,
    boolean selectable_for_restore, DWORD flags)
{
    IVssCreateWriterMetadataEx *builder = builder_of(iface);
    if (type == VSS_CT_DATABASE)
        return refuse("AddComponent", "has file groups only.");
    if (flags & (DWORD)(VSS_CF_BACKUP_RECOVERY | VSS_CF_APP_ROLLBACK_RECOVERY))
        return refuse("AddComponent", "cannot recover its components in the shadow copy.");
    return builder->lpVtbl->AddComponent(builder, type, logical_path, name, caption, icon,
        icon_size, restore_metadata, notify_on_backup_complete, selectable, selectable_for_restore,
        flags);
}

#define PARTIAL_BACKUPS                                                                            \
    ((DWORD)(VSS_FSBT_DIFFERENTIAL_BACKUP_REQUIRED | VSS_FSBT_INCREMENTAL_BACKUP_REQUIRED |        \
        VSS_FSBT_LOG_BACKUP_REQUIRED))

/* Windows: the page forbids the bits that the default mask holds. That one means a file for every
   kind of backup alike; any other choice of these bits is a distinction that needs code. */
static bool distinguishes_backups(DWORD mask)
{
    DWORD chosen = mask & (DWORD)VSS_FSBT_ALL_BACKUP_REQUIRED;
    return (chosen & PARTIAL_BACKUPS) && chosen != (DWORD)VSS_FSBT_ALL_BACKUP_REQUIRED;
}

static HRESULT WINAPI express_metadata_AddFilesToFileGroup(IVssCreateExpressWriterMetadata *iface,
    LPCWSTR logical_path, LPCWSTR name, LPCWSTR path, LPCWSTR filespec, boolean recursive,
    LPCWSTR alternate_location, DWORD mask)
{
    IVssCreateWriterMetadataEx *builder = builder_of(iface);
    if (alternate_location)
        return refuse("AddFilesToFileGroup", "has no alternate locations.");
    if (distinguishes_backups(mask))
        return refuse("AddFilesToFileGroup", "knows no differential, incremental and log backups.");
    return builder->lpVtbl->AddFilesToFileGroup(
        builder, logical_path, name, path, filespec, recursive, NULL, mask);
}

static HRESULT WINAPI express_metadata_SetRestoreMethod(IVssCreateExpressWriterMetadata *iface,
    VSS_RESTOREMETHOD_ENUM method, LPCWSTR service, LPCWSTR user_procedure,
    VSS_WRITERRESTORE_ENUM writer_restore, boolean reboot_required)
{
    IVssCreateWriterMetadataEx *builder = builder_of(iface);
    if (method == VSS_RME_UNDEFINED || method == VSS_RME_RESTORE_TO_ALTERNATE_LOCATION ||
        method == VSS_RME_CUSTOM)
        return refuse("SetRestoreMethod", "cannot have this restore method.");
    if (writer_restore != VSS_WRE_NEVER)
        return refuse("SetRestoreMethod", "gets no events: VSS_WRE_NEVER is the only choice.");
    return builder->lpVtbl->SetRestoreMethod(
        builder, method, service, user_procedure, writer_restore, reboot_required);
}

static HRESULT WINAPI express_metadata_AddComponentDependency(
    IVssCreateExpressWriterMetadata *iface, LPCWSTR for_logical_path, LPCWSTR for_name,
    VSS_ID on_writer_id, LPCWSTR on_logical_path, LPCWSTR on_name)
{
    IVssCreateWriterMetadataEx *builder = builder_of(iface);
    return builder->lpVtbl->AddComponentDependency(
        builder, for_logical_path, for_name, on_writer_id, on_logical_path, on_name);
}

static HRESULT WINAPI express_metadata_SetBackupSchema(
    IVssCreateExpressWriterMetadata *iface, DWORD schema)
{
    IVssCreateWriterMetadataEx *builder = builder_of(iface);
    if (schema & ~(DWORD)(VSS_BS_COPY | VSS_BS_INDEPENDENT_SYSTEM_STATE))
        return refuse("SetBackupSchema", "supports copies and independent system state only.");
    return builder->lpVtbl->SetBackupSchema(builder, schema);
}

static HRESULT WINAPI express_metadata_SaveAsXML(IVssCreateExpressWriterMetadata *iface, BSTR *xml)
{
    IVssCreateWriterMetadataEx *builder = builder_of(iface);
    return builder->lpVtbl->SaveAsXML(builder, xml);
}

static const IVssCreateExpressWriterMetadataVtbl express_metadata_vtbl = {
    /* IUnknown */
    .QueryInterface = express_metadata_QueryInterface,
    .AddRef = express_metadata_AddRef,
    .Release = express_metadata_Release,
    /* IVssCreateExpressWriterMetadata */
    .AddExcludeFiles = express_metadata_AddExcludeFiles,
    .AddComponent = express_metadata_AddComponent,
    .AddFilesToFileGroup = express_metadata_AddFilesToFileGroup,
    .SetRestoreMethod = express_metadata_SetRestoreMethod,
    .AddComponentDependency = express_metadata_AddComponentDependency,
    .SetBackupSchema = express_metadata_SetBackupSchema,
    .SaveAsXML = express_metadata_SaveAsXML,
};

HRESULT express_metadata_create(
    struct writer_metadata *metadata, IVssCreateExpressWriterMetadata **out)
{
    struct express_metadata *face = mem_alloc(sizeof(*face));
    if (!face)
        return E_OUTOFMEMORY;
    HRESULT hr = create_metadata_create(metadata, &face->builder);
    if (FAILED(hr))
    {
        mem_free(face);
        return hr;
    }
    face->IVssCreateExpressWriterMetadata_iface.lpVtbl = &express_metadata_vtbl;
    com_ref_init(&face->refs);
    *out = &face->IVssCreateExpressWriterMetadata_iface;
    return S_OK;
}
