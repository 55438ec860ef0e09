/* SPDX-License-Identifier: MIT
 *
 * IVssWMFiledesc: one set of files, as metadata, mappings and new targets show it.
 *
 * The face owns a copy of the file set and never changes it, so that it needs no lock and outlives
 * whatever it came from. Any thread. Follows requestor 7.3.
 */
#include "view/view.h"

#include "base/mem.h"
#include "com/com_object.h"
#include "view/view_refuse.h"
#include "view/view_text.h"

struct wm_filedesc
{
    IVssWMFiledesc IVssWMFiledesc_iface;
    LONG refs;
    struct file_spec *spec; /* set once, owned */
};

/* IVssWMFiledesc has no IID of its own: IUnknown is all that QueryInterface can be asked for. */
static const struct com_interface interfaces[] = {
    {&IID_IUnknown, offsetof(struct wm_filedesc, IVssWMFiledesc_iface)},
};

static struct wm_filedesc *impl_from_IVssWMFiledesc(IVssWMFiledesc *iface)
{
    return CONTAINING_RECORD(iface, struct wm_filedesc, IVssWMFiledesc_iface);
}

/* ---- IUnknown ---- */

static HRESULT WINAPI wm_filedesc_QueryInterface(IVssWMFiledesc *iface, REFIID iid, void **out)
{
    return com_query_interface(
        impl_from_IVssWMFiledesc(iface), interfaces, ARRAYSIZE(interfaces), iid, out);
}

static ULONG WINAPI wm_filedesc_AddRef(IVssWMFiledesc *iface)
{
    return com_ref_add(&impl_from_IVssWMFiledesc(iface)->refs);
}

static ULONG WINAPI wm_filedesc_Release(IVssWMFiledesc *iface)
{
    struct wm_filedesc *face = impl_from_IVssWMFiledesc(iface);
    ULONG refs = com_ref_release(&face->refs);
    if (refs == 0)
    {
        file_spec_destroy(face->spec);
        mem_free(face);
    }
    return refs;
}

/* ---- IVssWMFiledesc ---- */

static HRESULT WINAPI wm_filedesc_GetPath(IVssWMFiledesc *iface, BSTR *path)
{
    return view_text_give(__func__, impl_from_IVssWMFiledesc(iface)->spec->path, path);
}

static HRESULT WINAPI wm_filedesc_GetFilespec(IVssWMFiledesc *iface, BSTR *filespec)
{
    return view_text_give(__func__, impl_from_IVssWMFiledesc(iface)->spec->filespec, filespec);
}

/* `boolean` is one byte: the three beside it may be the caller's own. */
static HRESULT WINAPI wm_filedesc_GetRecursive(IVssWMFiledesc *iface, boolean *recursive)
{
    if (!recursive)
        return view_refuse_null(__func__);
    *recursive = impl_from_IVssWMFiledesc(iface)->spec->recursive;
    return S_OK;
}

/* S_FALSE when there is none: that is what view_text_give says of NULL. */
static HRESULT WINAPI wm_filedesc_GetAlternateLocation(IVssWMFiledesc *iface, BSTR *location)
{
    return view_text_give(
        __func__, impl_from_IVssWMFiledesc(iface)->spec->alternate_path, location);
}

static HRESULT WINAPI wm_filedesc_GetBackupTypeMask(IVssWMFiledesc *iface, DWORD *mask)
{
    if (!mask)
        return view_refuse_null(__func__);
    *mask = impl_from_IVssWMFiledesc(iface)->spec->backup_type_mask;
    return S_OK;
}

static const IVssWMFiledescVtbl wm_filedesc_vtbl = {
    /* IUnknown */
    .QueryInterface = wm_filedesc_QueryInterface,
    .AddRef = wm_filedesc_AddRef,
    .Release = wm_filedesc_Release,
    /* IVssWMFiledesc */
    .GetPath = wm_filedesc_GetPath,
    .GetFilespec = wm_filedesc_GetFilespec,
    .GetRecursive = wm_filedesc_GetRecursive,
    .GetAlternateLocation = wm_filedesc_GetAlternateLocation,
    .GetBackupTypeMask = wm_filedesc_GetBackupTypeMask,
};

HRESULT view_wm_filedesc_create(const struct file_spec *spec, IVssWMFiledesc **out)
{
    *out = NULL;
    struct wm_filedesc *face = mem_alloc(sizeof(*face));
    if (!face)
        return E_OUTOFMEMORY;
    face->spec = file_spec_clone(spec);
    if (!face->spec)
    {
        mem_free(face);
        return E_OUTOFMEMORY;
    }
    face->IVssWMFiledesc_iface.lpVtbl = &wm_filedesc_vtbl;
    com_ref_init(&face->refs);
    *out = &face->IVssWMFiledesc_iface;
    return S_OK;
}
