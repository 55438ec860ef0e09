/* SPDX-License-Identifier: MIT
 *
 * IVssWMDependency: what a component needs from another writer's component.
 *
 * Holds a reference to the metadata that the dependency is part of; metadata never changes, so
 * there is no lock. Any thread. Follows requestor 7.4.
 */
#include "view/view.h"

#include "base/mem.h"
#include "com/com_object.h"
#include "view/view_refuse.h"
#include "view/view_text.h"

struct wm_dependency
{
    IVssWMDependency IVssWMDependency_iface;
    LONG refs;
    struct writer_metadata *metadata;           /* set once, a reference */
    const struct writer_dependency *dependency; /* set once, inside metadata */
};

/* IVssWMDependency has no IID of its own. */
static const struct com_interface interfaces[] = {
    {&IID_IUnknown, offsetof(struct wm_dependency, IVssWMDependency_iface)},
};

static struct wm_dependency *impl_from_IVssWMDependency(IVssWMDependency *iface)
{
    return CONTAINING_RECORD(iface, struct wm_dependency, IVssWMDependency_iface);
}

/* ---- IUnknown ---- */

static HRESULT WINAPI wm_dependency_QueryInterface(IVssWMDependency *iface, REFIID iid, void **out)
{
    return com_query_interface(
        impl_from_IVssWMDependency(iface), interfaces, ARRAYSIZE(interfaces), iid, out);
}

static ULONG WINAPI wm_dependency_AddRef(IVssWMDependency *iface)
{
    return com_ref_add(&impl_from_IVssWMDependency(iface)->refs);
}

static ULONG WINAPI wm_dependency_Release(IVssWMDependency *iface)
{
    struct wm_dependency *face = impl_from_IVssWMDependency(iface);
    ULONG refs = com_ref_release(&face->refs);
    if (refs == 0)
    {
        writer_metadata_release(face->metadata);
        mem_free(face);
    }
    return refs;
}

/* ---- IVssWMDependency ---- */

static HRESULT WINAPI wm_dependency_GetWriterId(IVssWMDependency *iface, VSS_ID *writer_id)
{
    if (!writer_id)
        return view_refuse_null(__func__);
    *writer_id = impl_from_IVssWMDependency(iface)->dependency->writer_id;
    return S_OK;
}

static HRESULT WINAPI wm_dependency_GetLogicalPath(IVssWMDependency *iface, BSTR *logical_path)
{
    return view_text_give(
        __func__, impl_from_IVssWMDependency(iface)->dependency->logical_path, logical_path);
}

static HRESULT WINAPI wm_dependency_GetComponentName(IVssWMDependency *iface, BSTR *name)
{
    return view_text_give(
        __func__, impl_from_IVssWMDependency(iface)->dependency->component_name, name);
}

static const IVssWMDependencyVtbl wm_dependency_vtbl = {
    /* IUnknown */
    .QueryInterface = wm_dependency_QueryInterface,
    .AddRef = wm_dependency_AddRef,
    .Release = wm_dependency_Release,
    /* IVssWMDependency */
    .GetWriterId = wm_dependency_GetWriterId,
    .GetLogicalPath = wm_dependency_GetLogicalPath,
    .GetComponentName = wm_dependency_GetComponentName,
};

HRESULT view_wm_dependency_create(
    struct writer_metadata *metadata, struct writer_dependency *dependency, IVssWMDependency **out)
{
    *out = NULL;
    struct wm_dependency *face = mem_alloc(sizeof(*face));
    if (!face)
        return E_OUTOFMEMORY;
    face->IVssWMDependency_iface.lpVtbl = &wm_dependency_vtbl;
    com_ref_init(&face->refs);
    face->metadata = writer_metadata_addref(metadata);
    face->dependency = dependency;
    *out = &face->IVssWMDependency_iface;
    return S_OK;
}
