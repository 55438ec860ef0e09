/* SPDX-License-Identifier: MIT
 *
 * The object behind IVssExpressWriter. See express_writer.h.
 */
#include "writer/express_writer.h"

#include <objbase.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "bus/express_store.h"
#include "bus/peer.h"
#include "com/com_object.h"
#include "diag/hresult.h"
#include "diag/log.h"
#include "os/lock.h"
#include "os/settings.h"
#include "writer/express_metadata.h"
#include "xml/xml_writer.h"

struct express_writer
{
    IVssExpressWriter IVssExpressWriter_iface;
    LONG refs;
    struct lock lock;
    /* guarded by lock: what Register stores, one of the two or none */
    IVssCreateExpressWriterMetadata *created; /* a reference */
    struct writer_metadata *loaded;           /* a reference */
};

static const struct com_interface interfaces[] = {
    {&IID_IVssExpressWriter, offsetof(struct express_writer, IVssExpressWriter_iface)},
};

static struct express_writer *impl_from_IVssExpressWriter(IVssExpressWriter *iface)
{
    return CONTAINING_RECORD(iface, struct express_writer, IVssExpressWriter_iface);
}

static HRESULT refuse(const char *method, const char *why)
{
    return log_warning(E_INVALIDARG, "%s: %s", method, why);
}

/* Takes over both references, one of which is NULL, in place of what was there. */
static void replace(struct express_writer *writer, IVssCreateExpressWriterMetadata *created,
    struct writer_metadata *loaded)
{
    lock_enter(&writer->lock);
    IVssCreateExpressWriterMetadata *old_created = writer->created;
    struct writer_metadata *old_loaded = writer->loaded;
    writer->created = created;
    writer->loaded = loaded;
    lock_leave(&writer->lock);
    if (old_created)
        IVssCreateExpressWriterMetadata_Release(old_created);
    writer_metadata_release(old_loaded);
}

/* ---- IUnknown ---- */

static HRESULT WINAPI express_writer_QueryInterface(
    IVssExpressWriter *iface, REFIID iid, void **out)
{
    return com_query_interface(
        impl_from_IVssExpressWriter(iface), interfaces, ARRAYSIZE(interfaces), iid, out);
}

static ULONG WINAPI express_writer_AddRef(IVssExpressWriter *iface)
{
    return com_ref_add(&impl_from_IVssExpressWriter(iface)->refs);
}

static ULONG WINAPI express_writer_Release(IVssExpressWriter *iface)
{
    struct express_writer *writer = impl_from_IVssExpressWriter(iface);
    ULONG refs = com_ref_release(&writer->refs);
    if (!refs)
    {
        replace(writer, NULL, NULL);
        mem_free(writer);
    }
    return refs;
}

/* ---- CreateMetadata ---- */

static HRESULT check_identity(const GUID *writer_id, LPCWSTR name, VSS_USAGE_TYPE usage)
{
    if (guid_is_null(writer_id))
        return refuse("CreateMetadata", "the writer's id must not be GUID_NULL.");
    if (!name)
        return refuse("CreateMetadata", "the writer's name must not be NULL.");
    if (!xml_is_valid_text(name))
        return refuse("CreateMetadata", "the name holds characters that no document can hold.");
    if (usage != VSS_UT_BOOTABLESYSTEMSTATE && usage != VSS_UT_SYSTEMSERVICE &&
        usage != VSS_UT_USERDATA)
        return refuse("CreateMetadata", "the usage is system state, system service or user data.");
    return S_OK;
}

/* The instance id is made here, once: it is part of the document from now on. */
static HRESULT begin_metadata(const GUID *writer_id, LPCWSTR name, VSS_USAGE_TYPE usage,
    DWORD major_version, DWORD minor_version, struct writer_metadata **out)
{
    struct writer_metadata *metadata = writer_metadata_create();
    if (!metadata)
        return E_OUTOFMEMORY;
    metadata->writer_id = *writer_id;
    metadata->usage = (DWORD)usage;
    metadata->source = VSS_ST_OTHER;
    metadata->major_version = major_version;
    metadata->minor_version = minor_version;
    HRESULT hr = str16_assign(&metadata->writer_name, name);
    if (SUCCEEDED(hr))
    {
        hr = CoCreateGuid(&metadata->instance_id);
        if (FAILED(hr))
            log_error(hr, "An instance id cannot be made.");
    }
    if (FAILED(hr))
        writer_metadata_release(metadata);
    else
        *out = metadata;
    return hr;
}

static HRESULT WINAPI express_writer_CreateMetadata(IVssExpressWriter *iface, VSS_ID writer_id,
    LPCWSTR name, VSS_USAGE_TYPE usage, DWORD major_version, DWORD minor_version, DWORD reserved,
    IVssCreateExpressWriterMetadata **out)
{
    if (!out)
        return refuse("CreateMetadata", "the pointer for the metadata is NULL.");
    *out = NULL;
    if (reserved)
        return refuse("CreateMetadata", "the reserved parameter must be 0.");
    HRESULT hr = check_identity(&writer_id, name, usage);
    if (FAILED(hr))
        return hr;
    struct writer_metadata *metadata = NULL;
    IVssCreateExpressWriterMetadata *created = NULL;
    hr = begin_metadata(&writer_id, name, usage, major_version, minor_version, &metadata);
    if (SUCCEEDED(hr))
        hr = express_metadata_create(metadata, &created);
    writer_metadata_release(metadata);
    if (FAILED(hr))
        return hr;
    IVssCreateExpressWriterMetadata_AddRef(created);
    replace(impl_from_IVssExpressWriter(iface), created, NULL);
    *out = created;
    return S_OK;
}

/* ---- LoadMetadata ---- */

static HRESULT WINAPI express_writer_LoadMetadata(
    IVssExpressWriter *iface, LPCWSTR text, DWORD reserved)
{
    if (!text)
        return refuse("LoadMetadata", "the text is NULL.");
    if (reserved)
        return refuse("LoadMetadata", "the reserved parameter must be 0.");
    struct writer_metadata *loaded = NULL;
    HRESULT hr = express_document_parse(text, &loaded);
    if (SUCCEEDED(hr))
        replace(impl_from_IVssExpressWriter(iface), NULL, loaded);
    return hr;
}

/* ---- Register and Unregister ---- */

/* The document as it is now. VSS_E_BAD_STATE: there is none. */
static HRESULT current_document(struct express_writer *writer, struct writer_metadata **out)
{
    lock_enter(&writer->lock);
    IVssCreateExpressWriterMetadata *created = writer->created;
    struct writer_metadata *loaded = writer->loaded ? writer_metadata_addref(writer->loaded) : NULL;
    if (created)
        IVssCreateExpressWriterMetadata_AddRef(created);
    lock_leave(&writer->lock);
    if (loaded)
    {
        *out = loaded;
        return S_OK;
    }
    if (!created)
        return log_warning(VSS_E_BAD_STATE, "Register: call CreateMetadata or LoadMetadata first.");
    BSTR text = NULL;
    HRESULT hr = IVssCreateExpressWriterMetadata_SaveAsXML(created, &text);
    if (SUCCEEDED(hr))
        hr = express_document_parse(text, out);
    SysFreeString(text);
    IVssCreateExpressWriterMetadata_Release(created);
    return hr;
}

static HRESULT WINAPI express_writer_Register(IVssExpressWriter *iface)
{
    static const HRESULT documented[] = {
        E_ACCESSDENIED, VSS_E_BAD_STATE, VSS_E_OBJECT_ALREADY_EXISTS, S_OK};
    WCHAR scope[SCOPE_LENGTH + 1];
    struct writer_metadata *metadata = NULL;
    HRESULT hr = current_document(impl_from_IVssExpressWriter(iface), &metadata);
    if (SUCCEEDED(hr))
        hr = settings_scope(scope);
    if (SUCCEEDED(hr))
        hr = express_store_add(scope, metadata);
    writer_metadata_release(metadata);
    return hresult_documented(hr, documented, "IVssExpressWriter::Register");
}

static HRESULT WINAPI express_writer_Unregister(IVssExpressWriter *iface, VSS_ID writer_id)
{
    static const HRESULT documented[] = {E_ACCESSDENIED, VSS_E_OBJECT_NOT_FOUND, S_OK};
    WCHAR scope[SCOPE_LENGTH + 1];
    (void)iface;
    HRESULT hr = settings_scope(scope);
    if (SUCCEEDED(hr))
        hr = express_store_remove(scope, &writer_id);
    return hresult_documented(hr, documented, "IVssExpressWriter::Unregister");
}

static const IVssExpressWriterVtbl express_writer_vtbl = {
    /* IUnknown */
    .QueryInterface = express_writer_QueryInterface,
    .AddRef = express_writer_AddRef,
    .Release = express_writer_Release,
    /* IVssExpressWriter */
    .CreateMetadata = express_writer_CreateMetadata,
    .LoadMetadata = express_writer_LoadMetadata,
    .Register = express_writer_Register,
    .Unregister = express_writer_Unregister,
};

HRESULT express_writer_create(IVssExpressWriter **out)
{
    HRESULT hr = peer_check_self(PEER_WRITER);
    if (FAILED(hr))
        return log_error(hr, "This account may not register writers.");
    struct express_writer *writer = mem_alloc(sizeof(*writer));
    if (!writer)
        return E_OUTOFMEMORY;
    writer->IVssExpressWriter_iface.lpVtbl = &express_writer_vtbl;
    lock_init(&writer->lock, LOCK_RANK_VIEW);
    com_ref_init(&writer->refs);
    *out = &writer->IVssExpressWriter_iface;
    return S_OK;
}
