/* SPDX-License-Identifier: MIT
 *
 * The snapshot set of a backup: StartSnapshotSet, AddToSnapshotSet. Follows requestor 2.4.
 */
#include "requestor/bc.h"

BC_METHOD(StartSnapshotSet, VSS_ID *set_id)
{
    struct bc *bc = bc_from_interface(iface);
    if (!set_id)
        return bc_refuse(BC_StartSnapshotSet, "the pointer is NULL");
    *set_id = GUID_NULL;
    HRESULT hr = bc_enter(bc, BC_StartSnapshotSet);
    if (FAILED(hr))
        return hr;
    hr = set_builder_create(bc->context, &bc->set);
    if (SUCCEEDED(hr))
    {
        *set_id = set_builder_set(bc->set)->id;
        view_scope_enter(bc->scope);
        bc->document->snapshot_set_id = *set_id;
        view_scope_leave(bc->scope);
        bc_set_phase(bc, PHASE_SET);
    }
    return bc_leave(bc, BC_StartSnapshotSet, hr);
}

BC_METHOD(AddToSnapshotSet, VSS_PWSZ volume, VSS_ID provider_id, VSS_ID *snapshot_id)
{
    struct bc *bc = bc_from_interface(iface);
    if (snapshot_id)
        *snapshot_id = GUID_NULL;
    if (!volume || !snapshot_id)
        return bc_refuse(BC_AddToSnapshotSet, "the volume name or the pointer for the id is NULL");
    HRESULT hr = bc_enter(bc, BC_AddToSnapshotSet);
    if (FAILED(hr))
        return hr;
    hr = set_builder_add(bc->set, volume, &provider_id, snapshot_id);
    return bc_leave(bc, BC_AddToSnapshotSet, hr);
}
