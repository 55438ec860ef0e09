/* SPDX-License-Identifier: MIT
 *
 * IVssEnumObject: a walk over a picture of shadow copies or providers, as they were when it was
 * taken.
 *
 * The picture never changes and is shared by an enumerator and its clones; each has a position of
 * its own. Every element handed out is a copy whose strings are the caller's. Any thread. Follows
 * requestor 5.2.
 */
#include "view/view.h"

#include "base/mem.h"
#include "com/com_object.h"
#include "diag/log.h"
#include "os/lock.h"

struct picture
{
    LONG refs;
    VSS_OBJECT_PROP *props; /* set once, owned */
    size_t count;
};

struct enum_object
{
    IVssEnumObject IVssEnumObject_iface;
    LONG refs;
    struct picture *picture; /* set once, a reference */
    struct lock lock;
    size_t position; /* guarded by lock; at most picture->count */
};

static const struct com_interface interfaces[] = {
    {&IID_IVssEnumObject, offsetof(struct enum_object, IVssEnumObject_iface)},
};

static HRESULT create(struct picture *picture, size_t position, IVssEnumObject **out);

static struct enum_object *impl_from_IVssEnumObject(IVssEnumObject *iface)
{
    return CONTAINING_RECORD(iface, struct enum_object, IVssEnumObject_iface);
}

/* ---- Elements and the picture ---- */

static void free_prop(VSS_OBJECT_PROP *prop)
{
    if (prop->Type == VSS_OBJECT_SNAPSHOT)
    {
        view_free_snapshot_prop(&prop->Obj.Snap);
    }
    else if (prop->Type == VSS_OBJECT_PROVIDER)
    {
        CoTaskMemFree(prop->Obj.Prov.m_pwszProviderName);
        CoTaskMemFree(prop->Obj.Prov.m_pwszProviderVersion);
    }
    *prop = (VSS_OBJECT_PROP){0};
}

static void free_props(VSS_OBJECT_PROP *props, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free_prop(&props[i]);
}

/* Strings of `source`, at most six; those that follow a failure are NULL in *copy. */
static HRESULT copy_strings(VSS_PWSZ *const *targets, size_t count)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < count; i++)
    {
        const WCHAR *text = *targets[i];
        *targets[i] = NULL;
        if (SUCCEEDED(hr))
            hr = com_task_string(text, targets[i]);
    }
    return hr;
}

/* All zero after a failure. */
static HRESULT copy_prop(const VSS_OBJECT_PROP *source, VSS_OBJECT_PROP *copy)
{
    HRESULT hr = S_OK;
    *copy = *source;
    if (source->Type == VSS_OBJECT_SNAPSHOT)
    {
        VSS_SNAPSHOT_PROP *snap = &copy->Obj.Snap;
        VSS_PWSZ *texts[] = {&snap->m_pwszSnapshotDeviceObject, &snap->m_pwszOriginalVolumeName,
            &snap->m_pwszOriginatingMachine, &snap->m_pwszServiceMachine, &snap->m_pwszExposedName,
            &snap->m_pwszExposedPath};
        hr = copy_strings(texts, ARRAYSIZE(texts));
    }
    else if (source->Type == VSS_OBJECT_PROVIDER)
    {
        VSS_PROVIDER_PROP *prov = &copy->Obj.Prov;
        VSS_PWSZ *texts[] = {&prov->m_pwszProviderName, &prov->m_pwszProviderVersion};
        hr = copy_strings(texts, ARRAYSIZE(texts));
    }
    if (FAILED(hr))
        free_prop(copy);
    return hr;
}

static void picture_release(struct picture *picture)
{
    if (InterlockedDecrement(&picture->refs) != 0)
        return;
    free_props(picture->props, picture->count);
    mem_free(picture->props);
    mem_free(picture);
}

/* ---- IUnknown ---- */

static HRESULT WINAPI enum_object_QueryInterface(IVssEnumObject *iface, REFIID iid, void **out)
{
    return com_query_interface(
        impl_from_IVssEnumObject(iface), interfaces, ARRAYSIZE(interfaces), iid, out);
}

static ULONG WINAPI enum_object_AddRef(IVssEnumObject *iface)
{
    return com_ref_add(&impl_from_IVssEnumObject(iface)->refs);
}

static ULONG WINAPI enum_object_Release(IVssEnumObject *iface)
{
    struct enum_object *walk = impl_from_IVssEnumObject(iface);
    ULONG refs = com_ref_release(&walk->refs);
    if (refs == 0)
    {
        picture_release(walk->picture);
        mem_free(walk);
    }
    return refs;
}

/* ---- IVssEnumObject ---- */

/* Moves the position on by `wanted`, at most to the end. *first is where it was; returns how far it
   moved. */
static size_t advance(struct enum_object *walk, ULONG wanted, size_t *first)
{
    lock_enter(&walk->lock);
    size_t left = walk->picture->count - walk->position;
    size_t taken = wanted < left ? wanted : left;
    *first = walk->position;
    walk->position += taken;
    lock_leave(&walk->lock);
    return taken;
}

/* A failure delivers nothing and leaves the position where it was. */
static HRESULT WINAPI enum_object_Next(
    IVssEnumObject *iface, ULONG wanted, VSS_OBJECT_PROP *props, ULONG *fetched)
{
    struct enum_object *walk = impl_from_IVssEnumObject(iface);
    if (fetched)
        *fetched = 0;
    if (!props || !fetched)
        return log_error(E_POINTER, "IVssEnumObject::Next: a pointer is NULL.");
    size_t first;
    size_t taken = advance(walk, wanted, &first);
    for (size_t i = 0; i < taken; i++)
    {
        HRESULT hr = copy_prop(&walk->picture->props[first + i], &props[i]);
        if (FAILED(hr))
        {
            free_props(props, i);
            lock_enter(&walk->lock);
            walk->position = first;
            lock_leave(&walk->lock);
            return hr;
        }
    }
    *fetched = (ULONG)taken;
    return taken == wanted ? S_OK : S_FALSE;
}

static HRESULT WINAPI enum_object_Skip(IVssEnumObject *iface, ULONG wanted)
{
    size_t first;
    return advance(impl_from_IVssEnumObject(iface), wanted, &first) == wanted ? S_OK : S_FALSE;
}

static HRESULT WINAPI enum_object_Reset(IVssEnumObject *iface)
{
    struct enum_object *walk = impl_from_IVssEnumObject(iface);
    lock_enter(&walk->lock);
    walk->position = 0;
    lock_leave(&walk->lock);
    return S_OK;
}

/* The clone starts where this one stands. */
static HRESULT WINAPI enum_object_Clone(IVssEnumObject *iface, IVssEnumObject **clone)
{
    struct enum_object *walk = impl_from_IVssEnumObject(iface);
    if (!clone)
        return log_error(E_POINTER, "IVssEnumObject::Clone: a pointer is NULL.");
    size_t position;
    advance(walk, 0, &position);
    return create(walk->picture, position, clone);
}

static const IVssEnumObjectVtbl enum_object_vtbl = {
    /* IUnknown */
    .QueryInterface = enum_object_QueryInterface,
    .AddRef = enum_object_AddRef,
    .Release = enum_object_Release,
    /* IVssEnumObject */
    .Next = enum_object_Next,
    .Skip = enum_object_Skip,
    .Reset = enum_object_Reset,
    .Clone = enum_object_Clone,
};

/* Takes a reference to the picture. */
static HRESULT create(struct picture *picture, size_t position, IVssEnumObject **out)
{
    *out = NULL;
    struct enum_object *walk = mem_alloc(sizeof(*walk));
    if (!walk)
        return E_OUTOFMEMORY;
    walk->IVssEnumObject_iface.lpVtbl = &enum_object_vtbl;
    com_ref_init(&walk->refs);
    InterlockedIncrement(&picture->refs);
    walk->picture = picture;
    lock_init(&walk->lock, LOCK_RANK_LEAF);
    walk->position = position;
    *out = &walk->IVssEnumObject_iface;
    return S_OK;
}

HRESULT view_enum_create(VSS_OBJECT_PROP *props, size_t count, IVssEnumObject **out)
{
    *out = NULL;
    struct picture *picture = mem_alloc(sizeof(*picture));
    if (!picture)
    {
        free_props(props, count);
        mem_free(props);
        return E_OUTOFMEMORY;
    }
    picture->refs = 1;
    picture->props = props;
    picture->count = count;
    HRESULT hr = create(picture, 0, out);
    /* The enumerator holds the picture from here on; without one it goes away. */
    picture_release(picture);
    return hr;
}
