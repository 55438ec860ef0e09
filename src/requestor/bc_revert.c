/* SPDX-License-Identifier: MIT
 *
 * Reverting a volume to a shadow copy. Follows requestor 2.6.
 */
#include "requestor/bc.h"

#include "coordinator/revert.h"
#include "diag/log.h"
#include "volume/volume.h"

BC_METHOD(RevertToSnapshot, VSS_ID snapshot_id, WINBOOL force)
{
    struct bc *bc = bc_from_interface(iface);
    HRESULT hr = bc_enter(bc, BC_RevertToSnapshot);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, BC_RevertToSnapshot, revert_start(&snapshot_id, force != 0));
}

static HRESULT run_query(struct bc *bc, struct async_op *op)
{
    (void)op;
    return revert_await(bc->reverted);
}

static void query_done(struct bc *bc, HRESULT result)
{
    (void)result;
    volume_free(bc->reverted);
    bc->reverted = NULL;
}

static HRESULT start_query(struct bc *bc, const WCHAR *name, IVssAsync **out)
{
    static const struct bc_work work = {BC_QueryRevertStatus, run_query, query_done};
    struct volume *volume = NULL;
    HRESULT hr = volume_open(name, &volume);
    if (FAILED(hr))
        return hr;
    bc->reverted = volume;
    hr = bc_start(bc, &work, out);
    if (FAILED(hr))
        query_done(bc, hr);
    return hr;
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
    return bc_leave(bc, BC_QueryRevertStatus, start_query(bc, volume, out));
}
