/* SPDX-License-Identifier: MIT
 *
 * Looking shadow copies up and deleting them: GetSnapshotProperties, Query, IsVolumeSupported,
 * DeleteSnapshots. Follows requestor 2.6 and 5.
 */
#include "requestor/bc.h"

#include "base/guid.h"
#include "base/mem.h"
#include "catalog/catalog.h"
#include "diag/log.h"
#include "volume/volume.h"

#include <string.h>

BC_METHOD(GetSnapshotProperties, VSS_ID snapshot_id, VSS_SNAPSHOT_PROP *prop)
{
    struct bc *bc = bc_from_interface(iface);
    struct snapshot_set *set = NULL;
    if (!prop)
        return bc_refuse(BC_GetSnapshotProperties, "the pointer is NULL");
    memset(prop, 0, sizeof(*prop));
    HRESULT hr = bc_enter(bc, BC_GetSnapshotProperties);
    if (FAILED(hr))
        return hr;
    hr = catalog_find_snapshot(&snapshot_id, &set);
    if (SUCCEEDED(hr))
        hr = view_snapshot_prop(set, snapshot_set_find(set, &snapshot_id), prop);
    snapshot_set_release(set);
    return bc_leave(bc, BC_GetSnapshotProperties, hr);
}

/* The bits that tell contexts apart; modifiers and status bits don't count. */
#define CONTEXT_BITS                                                                               \
    (VSS_VOLSNAP_ATTR_PERSISTENT | VSS_VOLSNAP_ATTR_CLIENT_ACCESSIBLE |                            \
        VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE | VSS_VOLSNAP_ATTR_NO_WRITERS)

static bool is_in_context(const struct snapshot *snapshot, LONG context)
{
    return context == (LONG)VSS_CTX_ALL || ((snapshot->attributes ^ context) & CONTEXT_BITS) == 0;
}

struct picture
{
    VSS_OBJECT_PROP *props;
    size_t count;
};

static HRESULT add_snapshots(const struct vec *sets, LONG context, struct picture *picture)
{
    size_t limit = 0;
    for (size_t i = 0; i < sets->count; i++)
        limit += ((const struct snapshot_set *)sets->items[i])->snapshots.count;
    picture->props = mem_alloc_array(limit, sizeof(*picture->props));
    if (!picture->props)
        return E_OUTOFMEMORY;
    for (size_t i = 0; i < sets->count; i++)
    {
        const struct snapshot_set *set = sets->items[i];
        for (size_t k = 0; k < set->snapshots.count; k++)
        {
            const struct snapshot *snapshot = set->snapshots.items[k];
            if (!is_in_context(snapshot, context))
                continue;
            VSS_OBJECT_PROP *prop = &picture->props[picture->count];
            HRESULT hr = view_snapshot_prop(set, snapshot, &prop->Obj.Snap);
            if (FAILED(hr))
                return hr;
            prop->Type = VSS_OBJECT_SNAPSHOT;
            picture->count++;
        }
    }
    return S_OK;
}

static void release_set(void *set)
{
    snapshot_set_release(set);
}

static HRESULT picture_snapshots(LONG context, struct picture *picture)
{
    struct vec sets = {0};
    HRESULT hr = catalog_list(&sets);
    if (SUCCEEDED(hr))
        hr = add_snapshots(&sets, context, picture);
    vec_free(&sets, release_set);
    return hr;
}

static HRESULT picture_providers(struct picture *picture)
{
    size_t limit = 0;
    while (provider_at(limit))
        limit++;
    picture->props = mem_alloc_array(limit, sizeof(*picture->props));
    if (!picture->props)
        return E_OUTOFMEMORY;
    for (; picture->count < limit; picture->count++)
    {
        VSS_OBJECT_PROP *prop = &picture->props[picture->count];
        HRESULT hr = view_provider_prop(provider_at(picture->count), &prop->Obj.Prov);
        if (FAILED(hr))
            return hr;
        prop->Type = VSS_OBJECT_PROVIDER;
    }
    return S_OK;
}

static void picture_free(struct picture *picture)
{
    for (size_t i = 0; i < picture->count; i++)
    {
        if (picture->props[i].Type == VSS_OBJECT_SNAPSHOT)
            view_free_snapshot_prop(&picture->props[i].Obj.Snap);
        else
        {
            CoTaskMemFree(picture->props[i].Obj.Prov.m_pwszProviderName);
            CoTaskMemFree(picture->props[i].Obj.Prov.m_pwszProviderVersion);
        }
    }
    mem_free(picture->props);
}

BC_METHOD(Query, VSS_ID queried, VSS_OBJECT_TYPE queried_type, VSS_OBJECT_TYPE returned_type,
    IVssEnumObject **out)
{
    struct bc *bc = bc_from_interface(iface);
    struct picture picture = {0};
    if (!out)
        return bc_refuse(BC_Query, "the pointer is NULL");
    *out = NULL;
    if (!guid_is_null(&queried) || queried_type != VSS_OBJECT_NONE)
        return bc_refuse(BC_Query, "only GUID_NULL and VSS_OBJECT_NONE can be queried");
    if (returned_type != VSS_OBJECT_SNAPSHOT && returned_type != VSS_OBJECT_PROVIDER)
        return bc_refuse(BC_Query, "only snapshots and providers can be returned");
    HRESULT hr = bc_enter(bc, BC_Query);
    if (FAILED(hr))
        return hr;
    hr = returned_type == VSS_OBJECT_SNAPSHOT ? picture_snapshots(bc->context, &picture)
                                              : picture_providers(&picture);
    bool empty = picture.count == 0;
    if (SUCCEEDED(hr))
        hr = view_enum_create(picture.props, picture.count, out);
    else
        picture_free(&picture);
    /* Requestors call Next without asking whether there is anything: an empty enumerator, never
       NULL. */
    if (SUCCEEDED(hr))
        hr = empty ? S_FALSE : S_OK;
    return bc_leave(bc, BC_Query, hr);
}

static HRESULT is_volume_supported(
    const GUID *provider_id, const WCHAR *name, LONG context, bool *supported)
{
    struct volume *volume = NULL;
    struct provider *provider = NULL;
    HRESULT hr = volume_open(name, &volume);
    if (FAILED(hr))
        return hr;
    if (guid_is_null(provider_id))
    {
        hr = provider_select(volume, context, &provider);
        *supported = SUCCEEDED(hr);
        if (hr == VSS_E_VOLUME_NOT_SUPPORTED)
            hr = S_OK;
    }
    else
    {
        provider = provider_find(provider_id);
        hr = provider ? provider->ops->is_volume_supported(provider, volume, context, supported)
                      : log_error(VSS_E_PROVIDER_NOT_REGISTERED,
                            "IsVolumeSupported: no such provider is registered.");
    }
    volume_free(volume);
    return hr;
}

BC_METHOD(IsVolumeSupported, VSS_ID provider_id, VSS_PWSZ volume, WINBOOL *supported)
{
    struct bc *bc = bc_from_interface(iface);
    bool answer = false;
    if (supported)
        *supported = FALSE;
    if (!volume || !supported)
        return bc_refuse(BC_IsVolumeSupported, "a pointer is NULL");
    HRESULT hr = bc_enter(bc, BC_IsVolumeSupported);
    if (FAILED(hr))
        return hr;
    hr = is_volume_supported(&provider_id, volume, bc->context, &answer);
    if (SUCCEEDED(hr))
        *supported = answer;
    return bc_leave(bc, BC_IsVolumeSupported, hr);
}

static HRESULT delete_one(const GUID *id, bool force, LONG *deleted, VSS_ID *not_deleted)
{
    HRESULT hr = catalog_delete_snapshot(id, force);
    if (SUCCEEDED(hr))
        ++*deleted;
    else
        *not_deleted = *id;
    return hr;
}

static HRESULT delete_set(const GUID *id, bool force, LONG *deleted, VSS_ID *not_deleted)
{
    struct snapshot_set *set = NULL;
    HRESULT hr = catalog_find_set(id, &set);
    for (size_t i = 0; SUCCEEDED(hr) && i < set->snapshots.count; i++)
        hr = delete_one(
            &((const struct snapshot *)set->snapshots.items[i])->id, force, deleted, not_deleted);
    snapshot_set_release(set);
    return hr;
}

BC_METHOD(DeleteSnapshots, VSS_ID id, VSS_OBJECT_TYPE type, WINBOOL force, LONG *deleted,
    VSS_ID *not_deleted)
{
    struct bc *bc = bc_from_interface(iface);
    if (deleted)
        *deleted = 0;
    if (not_deleted)
        *not_deleted = GUID_NULL;
    if (!deleted || !not_deleted)
        return bc_refuse(BC_DeleteSnapshots, "a pointer is NULL");
    if (type != VSS_OBJECT_SNAPSHOT && type != VSS_OBJECT_SNAPSHOT_SET)
        return bc_refuse(BC_DeleteSnapshots, "only a snapshot or a snapshot set can be deleted");
    HRESULT hr = bc_enter(bc, BC_DeleteSnapshots);
    if (FAILED(hr))
        return hr;
    hr = (type == VSS_OBJECT_SNAPSHOT ? delete_one : delete_set)(
        &id, force != 0, deleted, not_deleted);
    return bc_leave(bc, BC_DeleteSnapshots, hr);
}
