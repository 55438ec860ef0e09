/* SPDX-License-Identifier: MIT
 *
 * What is done with shadow copies that exist: exposing, breaking, importing. Follows requestor 2.6.
 *
 * Breaking and importing belong to hardware providers, of which there are none: the checks and
 * codes are those of the documentation.
 */
#include "requestor/bc.h"

#include "base/guid.h"
#include "base/mem.h"
#include "catalog/catalog.h"
#include "com/com_object.h"
#include "diag/log.h"

/* ---- Exposing ---- */

/* Whether a copy with these attributes may appear so. */
static bool may_be_exposed(LONG attributes, bool share)
{
    if (attributes & VSS_VOLSNAP_ATTR_CLIENT_ACCESSIBLE)
        return false;
    return share || attributes & VSS_VOLSNAP_ATTR_PERSISTENT;
}

static HRESULT check_context(const GUID *snapshot_id, bool share)
{
    struct snapshot_set *set = NULL;
    HRESULT hr = catalog_find_snapshot(snapshot_id, &set);
    if (SUCCEEDED(hr) && !may_be_exposed(snapshot_set_find(set, snapshot_id)->attributes, share))
        hr = log_error(VSS_E_PROVIDER_VETO,
            "ExposeSnapshot: only a persistent shadow copy can be a drive or a folder, and a "
            "client-accessible one cannot be exposed at all.");
    snapshot_set_release(set);
    return hr;
}

static HRESULT expose(const GUID *snapshot_id, const struct catalog_wish *wish, VSS_PWSZ *exposed)
{
    WCHAR *name = NULL;
    HRESULT hr = check_context(snapshot_id, wish->share);
    if (SUCCEEDED(hr))
        hr = catalog_expose(snapshot_id, wish, &name);
    if (FAILED(hr))
        return hr;
    hr = com_task_string(name, exposed);
    mem_free(name);
    if (FAILED(hr))
        catalog_unexpose(snapshot_id);
    return hr;
}

BC_METHOD(ExposeSnapshot, VSS_ID snapshot_id, VSS_PWSZ path_from_root, LONG attributes,
    VSS_PWSZ name, VSS_PWSZ *exposed)
{
    struct bc *bc = bc_from_interface(iface);
    const struct catalog_wish wish = {.share = attributes == VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY,
        .name = name,
        .path = path_from_root};
    if (!exposed)
        return bc_refuse(BC_ExposeSnapshot, "the pointer for the name is NULL");
    *exposed = NULL;
    if (!wish.share && attributes != VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY)
        return bc_refuse(
            BC_ExposeSnapshot, "the attributes must be either EXPOSED_LOCALLY or EXPOSED_REMOTELY");
    if (!wish.share && path_from_root)
        return bc_refuse(BC_ExposeSnapshot, "only a share can show a part of a shadow copy");
    HRESULT hr = bc_enter(bc, BC_ExposeSnapshot);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, BC_ExposeSnapshot, expose(&snapshot_id, &wish, exposed));
}

BC_METHOD(UnexposeSnapshot, VSS_ID snapshot_id)
{
    struct bc *bc = bc_from_interface(iface);
    HRESULT hr = bc_enter(bc, BC_UnexposeSnapshot);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, BC_UnexposeSnapshot, catalog_unexpose(&snapshot_id));
}

/* ---- Breaking ---- */

static HRESULT refuse_to_break(enum bc_verb verb, const GUID *set_id)
{
    struct snapshot_set *set = NULL;
    HRESULT hr = catalog_find_set(set_id, &set);
    snapshot_set_release(set);
    if (FAILED(hr))
        return hr;
    return log_error(VSS_E_PROVIDER_VETO,
        "%s: only the sets of hardware providers can be broken; delete this one, or expose it.",
        bc_verb_name(verb));
}

BC_METHOD(BreakSnapshotSet, VSS_ID set_id)
{
    struct bc *bc = bc_from_interface(iface);
    HRESULT hr = bc_enter(bc, BC_BreakSnapshotSet);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, BC_BreakSnapshotSet, refuse_to_break(BC_BreakSnapshotSet, &set_id));
}

#define BREAK_FLAGS                                                                                \
    (VSS_BREAKEX_FLAG_MASK_LUNS | VSS_BREAKEX_FLAG_MAKE_READ_WRITE |                               \
        VSS_BREAKEX_FLAG_REVERT_IDENTITY_ALL | VSS_BREAKEX_FLAG_REVERT_IDENTITY_NONE)

static bool are_break_flags(DWORD flags)
{
    bool all = flags & VSS_BREAKEX_FLAG_REVERT_IDENTITY_ALL;
    bool none = flags & VSS_BREAKEX_FLAG_REVERT_IDENTITY_NONE;
    bool masks = flags & VSS_BREAKEX_FLAG_MASK_LUNS;
    return !(flags & ~(DWORD)BREAK_FLAGS) && !(all && none) &&
        (!masks || flags == VSS_BREAKEX_FLAG_MASK_LUNS);
}

BC_METHOD(BreakSnapshotSetEx, VSS_ID set_id, DWORD flags, IVssAsync **out)
{
    struct bc *bc = bc_from_interface(iface);
    if (!out)
        return bc_refuse(BC_BreakSnapshotSetEx, "the pointer for the IVssAsync is NULL");
    *out = NULL;
    if (!are_break_flags(flags))
        return bc_refuse(BC_BreakSnapshotSetEx, "the flags are unknown or exclude each other");
    HRESULT hr = bc_enter(bc, BC_BreakSnapshotSetEx);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, BC_BreakSnapshotSetEx, refuse_to_break(BC_BreakSnapshotSetEx, &set_id));
}

/* ---- Importing ---- */

/* Only hardware providers make sets that another machine can import. */
static HRESULT run_import(struct bc *bc, struct async_op *op)
{
    (void)bc;
    (void)op;
    return log_error(VSS_E_NONTRANSPORTABLE_BCD,
        "ImportSnapshots: the document describes no set that a provider here can import.");
}

BC_METHOD(ImportSnapshots, IVssAsync **out)
{
    static const struct bc_work work = {BC_ImportSnapshots, run_import, NULL};
    return bc_start_verb(bc_from_interface(iface), &work, out);
}
