/* SPDX-License-Identifier: MIT
 *
 * LUN resynchronisation. It needs a hardware provider that can do it, and none of ours is one: the
 * recovery set stays empty, and both methods say VSS_E_BAD_STATE as they do on a machine of
 * Windows without such a provider. Follows requestor 2.10.
 */
#include "requestor/bc.h"

#include "base/guid.h"
#include "diag/log.h"

#define RECOVERY_FLAGS ((DWORD)(VSS_RECOVERY_REVERT_IDENTITY_ALL | VSS_RECOVERY_NO_VOLUME_CHECK))

static HRESULT no_capable_provider(struct bc *bc, enum bc_verb verb)
{
    HRESULT hr = bc_enter(bc, verb);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, verb,
        log_error(VSS_E_BAD_STATE, "%s: no hardware provider here can resynchronise LUNs.",
            bc_verb_name(verb)));
}

BC_METHOD(AddSnapshotToRecoverySet, VSS_ID snapshot_id, DWORD flags, VSS_PWSZ destination)
{
    (void)destination;
    if (guid_is_null(&snapshot_id))
        return bc_refuse(BC_AddSnapshotToRecoverySet, "the id is GUID_NULL");
    if (flags)
        return bc_refuse(BC_AddSnapshotToRecoverySet, "the reserved flags are not 0");
    return no_capable_provider(bc_from_interface(iface), BC_AddSnapshotToRecoverySet);
}

BC_METHOD(RecoverSet, DWORD flags, IVssAsync **out)
{
    if (!out)
        return bc_refuse(BC_RecoverSet, "the pointer for the IVssAsync is NULL");
    *out = NULL;
    if (flags & ~RECOVERY_FLAGS)
        return bc_refuse(BC_RecoverSet, "no such flags");
    return no_capable_provider(bc_from_interface(iface), BC_RecoverSet);
}
