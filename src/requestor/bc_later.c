/* SPDX-License-Identifier: MIT
 *
 * Methods whose work is not there yet: each checks its state as it will, then says E_NOTIMPL in its
 * answer and in the log. PreFastRecovery and FastRecovery are reserved by their documentation and
 * stay so.
 */
#include "requestor/bc.h"

#include "diag/log.h"

static HRESULT later(IVssBackupComponentsEx4 *iface, enum bc_verb verb)
{
    struct bc *bc = bc_from_interface(iface);
    HRESULT hr = bc_enter(bc, verb);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, verb, log_not_implemented(bc_verb_name(verb)));
}

BC_METHOD(RevertToSnapshot, VSS_ID snapshot_id, WINBOOL force)
{
    (void)snapshot_id;
    (void)force;
    return later(iface, BC_RevertToSnapshot);
}

/* The only method of the interface that answers E_POINTER. */
BC_METHOD(QueryRevertStatus, VSS_PWSZ volume, IVssAsync **out)
{
    if (out)
        *out = NULL;
    if (!volume || !out)
        return log_error(E_POINTER, "QueryRevertStatus: a pointer is NULL.");
    return later(iface, BC_QueryRevertStatus);
}

BC_METHOD(PreFastRecovery, VSS_ID set_id, DWORD flags, IVssAsync **out)
{
    (void)iface;
    (void)set_id;
    (void)flags;
    if (out)
        *out = NULL;
    return log_not_implemented("PreFastRecovery");
}

BC_METHOD(FastRecovery, VSS_ID set_id, DWORD flags, IVssAsync **out)
{
    (void)iface;
    (void)set_id;
    (void)flags;
    if (out)
        *out = NULL;
    return log_not_implemented("FastRecovery");
}
