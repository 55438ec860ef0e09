/* SPDX-License-Identifier: MIT
 *
 * IVssWMComponent: one component as its writer described it.
 *
 * Holds a reference to the metadata that the component is part of; metadata never changes, so there
 * is no lock. Any thread. Follows requestor 7.2.
 */
#include "view/view.h"

#include <string.h>

#include "base/mem.h"
#include "base/str16.h"
#include "com/com_object.h"
#include "view/view_refuse.h"

struct wm_component
{
    IVssWMComponent IVssWMComponent_iface;
    LONG refs;
    struct writer_metadata *metadata;           /* set once, a reference */
    const struct metadata_component *component; /* set once, inside metadata */
};

/* IVssWMComponent has no IID of its own. */
static const struct com_interface interfaces[] = {
    {&IID_IUnknown, offsetof(struct wm_component, IVssWMComponent_iface)},
};

static struct wm_component *impl_from_IVssWMComponent(IVssWMComponent *iface)
{
    return CONTAINING_RECORD(iface, struct wm_component, IVssWMComponent_iface);
}

/* ---- IUnknown ---- */

static HRESULT WINAPI wm_component_QueryInterface(IVssWMComponent *iface, REFIID iid, void **out)
{
    return com_query_interface(
        impl_from_IVssWMComponent(iface), interfaces, ARRAYSIZE(interfaces), iid, out);
}

static ULONG WINAPI wm_component_AddRef(IVssWMComponent *iface)
{
    return com_ref_add(&impl_from_IVssWMComponent(iface)->refs);
}

static ULONG WINAPI wm_component_Release(IVssWMComponent *iface)
{
    struct wm_component *face = impl_from_IVssWMComponent(iface);
    ULONG refs = com_ref_release(&face->refs);
    if (refs == 0)
    {
        writer_metadata_release(face->metadata);
        mem_free(face);
    }
    return refs;
}

/* ---- The component's description: one block of memory ---- */

/* The structure, then its texts, then the icon. Each text has the length before it that makes it a
   BSTR, although only FreeComponentInfo may free it. */
#define BSTR_PREFIX sizeof(DWORD)

static size_t text_room(const WCHAR *text)
{
    if (!text)
        return 0;
    size_t bytes = BSTR_PREFIX + (str16_len(text) + 1) * sizeof(WCHAR);
    /* The next prefix starts where a DWORD may. */
    return (bytes + sizeof(DWORD) - 1) & ~(sizeof(DWORD) - 1);
}

/* Places `text` at *place and moves *place behind it. NULL for NULL. */
static BSTR place_text(BYTE **place, const WCHAR *text)
{
    if (!text)
        return NULL;
    DWORD bytes = (DWORD)(str16_len(text) * sizeof(WCHAR));
    BSTR placed = (BSTR)(*place + BSTR_PREFIX);
    memcpy(*place, &bytes, BSTR_PREFIX);
    memcpy(placed, text, bytes + sizeof(WCHAR));
    *place += text_room(text);
    return placed;
}

/* NULL when memory is exhausted. */
static VSS_COMPONENTINFO *info_create(const struct metadata_component *component)
{
    VSS_COMPONENTINFO *info = mem_alloc(sizeof(*info) + text_room(component->logical_path) +
        text_room(component->name) + text_room(component->caption) + component->icon_size);
    if (!info)
        return NULL;
    BYTE *place = (BYTE *)(info + 1);
    info->bstrLogicalPath = place_text(&place, component->logical_path);
    info->bstrComponentName = place_text(&place, component->name);
    info->bstrCaption = place_text(&place, component->caption);
    if (component->icon_size)
    {
        info->pbIcon = memcpy(place, component->icon, component->icon_size);
        info->cbIcon = component->icon_size;
    }
    info->type = (VSS_COMPONENT_TYPE)component->type;
    info->bRestoreMetadata = component->restore_metadata;
    info->bNotifyOnBackupComplete = component->notify_on_backup_complete;
    info->bSelectable = component->selectable;
    info->bSelectableForRestore = component->selectable_for_restore;
    info->dwComponentFlags = component->flags;
    info->cFileCount = (UINT)component->files.count;
    info->cDatabases = (UINT)component->database_files.count;
    info->cLogFiles = (UINT)component->log_files.count;
    info->cDependencies = (UINT)component->dependencies.count;
    return info;
}

/* ---- IVssWMComponent ---- */

static HRESULT WINAPI wm_component_GetComponentInfo(IVssWMComponent *iface, PVSSCOMPONENTINFO *out)
{
    if (!out)
        return view_refuse_null(__func__);
    *out = info_create(impl_from_IVssWMComponent(iface)->component);
    return *out ? S_OK : E_OUTOFMEMORY;
}

static HRESULT WINAPI wm_component_FreeComponentInfo(IVssWMComponent *iface, PVSSCOMPONENTINFO info)
{
    (void)iface;
    /* The header calls it const to its reader; the block is ours. */
    mem_free((void *)info);
    return S_OK;
}

/* One of the component's lists of file sets. */
static HRESULT get_file(
    const char *function, const struct vec *files, UINT index, IVssWMFiledesc **out)
{
    if (!out)
        return view_refuse_null(function);
    *out = NULL;
    const struct file_spec *spec = vec_at(files, index);
    return spec ? view_wm_filedesc_create(spec, out) : VSS_E_OBJECT_NOT_FOUND;
}

static HRESULT WINAPI wm_component_GetFile(
    IVssWMComponent *iface, UINT index, IVssWMFiledesc **filedesc)
{
    return get_file(__func__, &impl_from_IVssWMComponent(iface)->component->files, index, filedesc);
}

static HRESULT WINAPI wm_component_GetDatabaseFile(
    IVssWMComponent *iface, UINT index, IVssWMFiledesc **filedesc)
{
    return get_file(
        __func__, &impl_from_IVssWMComponent(iface)->component->database_files, index, filedesc);
}

static HRESULT WINAPI wm_component_GetDatabaseLogFile(
    IVssWMComponent *iface, UINT index, IVssWMFiledesc **filedesc)
{
    return get_file(
        __func__, &impl_from_IVssWMComponent(iface)->component->log_files, index, filedesc);
}

static HRESULT WINAPI wm_component_GetDependency(
    IVssWMComponent *iface, UINT index, IVssWMDependency **dependency)
{
    struct wm_component *face = impl_from_IVssWMComponent(iface);
    if (!dependency)
        return view_refuse_null(__func__);
    *dependency = NULL;
    struct writer_dependency *found = vec_at(&face->component->dependencies, index);
    if (!found)
        return VSS_E_OBJECT_NOT_FOUND;
    return view_wm_dependency_create(face->metadata, found, dependency);
}

static const IVssWMComponentVtbl wm_component_vtbl = {
    /* IUnknown */
    .QueryInterface = wm_component_QueryInterface,
    .AddRef = wm_component_AddRef,
    .Release = wm_component_Release,
    /* IVssWMComponent */
    .GetComponentInfo = wm_component_GetComponentInfo,
    .FreeComponentInfo = wm_component_FreeComponentInfo,
    .GetFile = wm_component_GetFile,
    .GetDatabaseFile = wm_component_GetDatabaseFile,
    .GetDatabaseLogFile = wm_component_GetDatabaseLogFile,
    .GetDependency = wm_component_GetDependency,
};

HRESULT view_wm_component_create(
    struct writer_metadata *metadata, struct metadata_component *component, IVssWMComponent **out)
{
    *out = NULL;
    struct wm_component *face = mem_alloc(sizeof(*face));
    if (!face)
        return E_OUTOFMEMORY;
    face->IVssWMComponent_iface.lpVtbl = &wm_component_vtbl;
    com_ref_init(&face->refs);
    face->metadata = writer_metadata_addref(metadata);
    face->component = component;
    *out = &face->IVssWMComponent_iface;
    return S_OK;
}
