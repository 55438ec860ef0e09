/* SPDX-License-Identifier: MIT
 *
 * IVssWriterComponents and IVssWriterComponentsExt: a writer's part of a Backup Components
 * Document.
 *
 * One object serves both. In C++ the second has two bases, IVssWriterComponents and IUnknown, and
 * so two vtable pointers; a call of Release comes through the second, with `this` pointing there.
 * Handlers get the object as an IVssWriterComponents, which has no IUnknown at all. Any thread.
 * Follows requestor 0.4, writer-provider 2.5 and 4.2.
 */
#include "view/view.h"

#include "base/mem.h"
#include "com/com_object.h"
#include "view/view_refuse.h"

struct writer_components_face
{
    /* What callers were compiled for: these two in this order. mingw's header knows the first
       only. */
    IVssWriterComponents IVssWriterComponents_iface;
    IUnknown IUnknown_iface;
    LONG refs;
    /* set once, a reference each */
    struct writer_components *writer;
    struct view_scope *scope;
};

_Static_assert(offsetof(struct writer_components_face, IVssWriterComponents_iface) == 0,
    "the first base of IVssWriterComponentsExt");
_Static_assert(offsetof(struct writer_components_face, IUnknown_iface) == sizeof(void *),
    "the second base of IVssWriterComponentsExt");

static const struct com_interface interfaces[] = {
    {&IID_IUnknown, offsetof(struct writer_components_face, IUnknown_iface)},
};

static struct writer_components_face *impl_from_IVssWriterComponents(IVssWriterComponents *iface)
{
    return CONTAINING_RECORD(iface, struct writer_components_face, IVssWriterComponents_iface);
}

static struct writer_components_face *impl_from_IUnknown(IUnknown *iface)
{
    return CONTAINING_RECORD(iface, struct writer_components_face, IUnknown_iface);
}

/* ---- IUnknown, through the second vtable pointer ---- */

static HRESULT WINAPI writer_components_QueryInterface(IUnknown *iface, REFIID iid, void **out)
{
    return com_query_interface(
        impl_from_IUnknown(iface), interfaces, ARRAYSIZE(interfaces), iid, out);
}

static ULONG WINAPI writer_components_AddRef(IUnknown *iface)
{
    return com_ref_add(&impl_from_IUnknown(iface)->refs);
}

static ULONG WINAPI writer_components_Release(IUnknown *iface)
{
    struct writer_components_face *face = impl_from_IUnknown(iface);
    ULONG refs = com_ref_release(&face->refs);
    if (refs == 0)
    {
        writer_components_release(face->writer);
        view_scope_release(face->scope);
        mem_free(face);
    }
    return refs;
}

static const IUnknownVtbl unknown_vtbl = {
    .QueryInterface = writer_components_QueryInterface,
    .AddRef = writer_components_AddRef,
    .Release = writer_components_Release,
};

/* ---- IVssWriterComponents, through the first ---- */

static HRESULT WINAPI writer_components_GetComponentCount(IVssWriterComponents *iface, UINT *count)
{
    struct writer_components_face *face = impl_from_IVssWriterComponents(iface);
    if (!count)
        return view_refuse_null(__func__);
    view_scope_enter(face->scope);
    *count = (UINT)face->writer->components.count;
    view_scope_leave(face->scope);
    return S_OK;
}

static HRESULT WINAPI writer_components_GetWriterInfo(
    IVssWriterComponents *iface, VSS_ID *instance_id, VSS_ID *writer_id)
{
    struct writer_components_face *face = impl_from_IVssWriterComponents(iface);
    if (instance_id)
        *instance_id = GUID_NULL;
    if (writer_id)
        *writer_id = GUID_NULL;
    if (!instance_id || !writer_id)
        return view_refuse_null(__func__);
    view_scope_enter(face->scope);
    *instance_id = face->writer->instance_id;
    *writer_id = face->writer->writer_id;
    view_scope_leave(face->scope);
    return S_OK;
}

static HRESULT WINAPI writer_components_GetComponent(
    IVssWriterComponents *iface, UINT index, IVssComponent **component)
{
    struct writer_components_face *face = impl_from_IVssWriterComponents(iface);
    if (!component)
        return view_refuse_null(__func__);
    *component = NULL;
    view_scope_enter(face->scope);
    struct component *found = vec_at(&face->writer->components, index);
    view_scope_leave(face->scope);
    /* Components are never taken away, and `writer` keeps this one. */
    if (!found)
        return VSS_E_OBJECT_NOT_FOUND;
    return view_component_create(face->writer, found, face->scope, component);
}

static const IVssWriterComponentsVtbl writer_components_vtbl = {
    .GetComponentCount = writer_components_GetComponentCount,
    .GetWriterInfo = writer_components_GetWriterInfo,
    .GetComponent = writer_components_GetComponent,
};

HRESULT view_writer_components_create(
    struct writer_components *writer, struct view_scope *scope, IVssWriterComponents **out)
{
    *out = NULL;
    struct writer_components_face *face = mem_alloc(sizeof(*face));
    if (!face)
        return E_OUTOFMEMORY;
    face->IVssWriterComponents_iface.lpVtbl = &writer_components_vtbl;
    face->IUnknown_iface.lpVtbl = &unknown_vtbl;
    com_ref_init(&face->refs);
    face->writer = writer_components_addref(writer);
    face->scope = view_scope_addref(scope);
    *out = &face->IVssWriterComponents_iface;
    return S_OK;
}

void view_writer_components_release(IVssWriterComponents *iface)
{
    if (iface)
        IUnknown_Release(&impl_from_IVssWriterComponents(iface)->IUnknown_iface);
}

HRESULT view_writer_components_ext_create(
    struct writer_components *writer, struct view_scope *scope, IVssWriterComponentsExt **out)
{
    return view_writer_components_create(writer, scope, (IVssWriterComponents **)out);
}
