/* SPDX-License-Identifier: MIT
 *
 * Reverting a volume to a shadow copy. Follows requestor 2.6.
 *
 * No provider here can: what the documentation asks for before that is checked, and then both
 * methods answer E_NOTIMPL, which is its code for such a provider.
 */
#include "requestor/bc.h"

#include "catalog/catalog.h"
#include "diag/log.h"
#include "volume/volume.h"

static HRESULT revert(const GUID *snapshot_id)
{
    struct snapshot_set *set = NULL;
    HRESULT hr = catalog_find_snapshot(snapshot_id, &set);
    if (FAILED(hr))
        return hr;
    if (snapshot_set_find(set, snapshot_id)->attributes & VSS_VOLSNAP_ATTR_PERSISTENT)
        hr = log_not_implemented("RevertToSnapshot");
    else
        hr = log_error(VSS_E_UNSUPPORTED_CONTEXT,
            "RevertToSnapshot: only a persistent shadow copy can be reverted to.");
    snapshot_set_release(set);
    return hr;
}

BC_METHOD(RevertToSnapshot, VSS_ID snapshot_id, WINBOOL force)
{
    struct bc *bc = bc_from_interface(iface);
    (void)force;
    HRESULT hr = bc_enter(bc, BC_RevertToSnapshot);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, BC_RevertToSnapshot, revert(&snapshot_id));
}

static HRESULT query_revert(const WCHAR *name)
{
    struct volume *volume = NULL;
    HRESULT hr = volume_open(name, &volume);
    volume_free(volume);
    return FAILED(hr) ? hr : log_not_implemented("QueryRevertStatus");
}

/* The only method of the interface that answers E_POINTER. */
BC_METHOD(QueryRevertStatus, VSS_PWSZ volume, IVssAsync **out)
{
    struct bc *bc = bc_from_interface(iface);
    if (out)
        *out = NULL;
    if (!volume || !out)
        return log_error(E_POINTER, "QueryRevertStatus: a pointer is NULL.");
    HRESULT hr = bc_enter(bc, BC_QueryRevertStatus);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, BC_QueryRevertStatus, query_revert(volume));
}
