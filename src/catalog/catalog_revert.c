/* SPDX-License-Identifier: MIT
 *
 * Records and reverts. See catalog_revert.h.
 */
#include "catalog/catalog_revert.h"

#include <vss.h>

#include "base/guid.h"
#include "catalog/catalog_delete.h"
#include "diag/fault.h"
#include "diag/log.h"
#include "provider/revert_note.h"

/* A deletion that was begun, also one that could not be finished, has a record that bears the
   snapshot's id. */
static HRESULT check_not_deleting(const struct catalog_folder *folder, const GUID *snapshot_id)
{
    struct snapshot_set *deletion = NULL;
    HRESULT hr = catalog_record_read(folder, snapshot_id, &deletion);
    snapshot_set_release(deletion);
    return hr == VSS_E_OBJECT_NOT_FOUND ? S_OK : SUCCEEDED(hr) ? VSS_E_OBJECT_NOT_FOUND : hr;
}

static HRESULT find(
    const struct catalog_folder *folder, const GUID *snapshot_id, struct snapshot_set **set)
{
    struct snapshot_set *found = NULL;
    HRESULT hr = catalog_find_holder(folder, snapshot_id, &found);
    if (SUCCEEDED(hr))
        hr = catalog_record_check_owner(folder, &found->id);
    if (SUCCEEDED(hr))
        hr = check_not_deleting(folder, snapshot_id);
    if (hr == VSS_E_OBJECT_NOT_FOUND)
        log_error(hr, "The shadow copy to revert to was deleted meanwhile.");
    if (SUCCEEDED(hr))
        *set = found;
    else
        snapshot_set_release(found);
    return hr;
}

HRESULT catalog_revert_find(const GUID *snapshot_id, struct snapshot_set **set)
{
    struct catalog_folder folder = {0};
    HRESULT hr = fault_at(FAULT_CATALOG, L"revert");
    if (SUCCEEDED(hr))
        hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = find(&folder, snapshot_id, set);
    catalog_folder_leave(&folder);
    return hr;
}

HRESULT catalog_check_not_reverting(const struct snapshot *snapshot)
{
    struct volume *volume = NULL;
    struct revert_note note = {0};
    HRESULT hr = volume_open(snapshot->volume_name, &volume);
    if (hr == E_OUTOFMEMORY)
        return hr;
    if (FAILED(hr))
        return S_OK; /* what is not there is not being reverted */
    hr = revert_note_find(volume, &note);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        hr = log_error(VSS_E_PROVIDER_VETO,
            "%ls may be half way to this shadow copy, which is therefore left as it is.",
            volume->path);
    else if (SUCCEEDED(hr) && note.running)
        hr = log_error(VSS_E_PROVIDER_VETO,
            "%ls is being reverted: none of its shadow copies is deleted or exposed meanwhile.",
            volume->path);
    else if (SUCCEEDED(hr) && note.noted &&
        (note.damaged || guid_equal(&note.snapshot_id, &snapshot->id)))
        hr = log_error(VSS_E_PROVIDER_VETO,
            "%ls is half way to this shadow copy, which is left as it is until QueryRevertStatus "
            "has finished the revert.",
            volume->path);
    volume_free(volume);
    return hr;
}
