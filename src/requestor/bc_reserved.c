/* SPDX-License-Identifier: MIT
 *
 * What the documentation reserves: E_NOTIMPL in the answer and in the log, whatever the state.
 */
#include "requestor/bc.h"

#include "diag/log.h"

BC_METHOD(PreFastRecovery, VSS_ID set_id, DWORD flags, IVssAsync **out)
{
    (void)set_id;
    (void)flags;
    if (out)
        *out = NULL;
    const struct bc_called called = bc_trace_call(bc_from_interface(iface));
    return bc_trace_called(&called, "PreFastRecovery", log_not_implemented("PreFastRecovery"));
}

BC_METHOD(FastRecovery, VSS_ID set_id, DWORD flags, IVssAsync **out)
{
    (void)set_id;
    (void)flags;
    if (out)
        *out = NULL;
    const struct bc_called called = bc_trace_call(bc_from_interface(iface));
    return bc_trace_called(&called, "FastRecovery", log_not_implemented("FastRecovery"));
}
