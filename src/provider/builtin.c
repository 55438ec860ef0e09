/* SPDX-License-Identifier: MIT
 *
 * What the built-in providers share. See builtin.h. Any thread.
 */
#include "provider/builtin.h"

#include <vss.h>

#include "diag/log.h"
#include "os/file.h"
#include "provider/clone_store.h"
#include "provider/revert_note.h"

HRESULT builtin_check_not_reverting(const struct volume *volume)
{
    struct revert_note note = {0};
    HRESULT hr = revert_note_find(volume, &note);
    if (SUCCEEDED(hr) && (note.running || note.noted))
        hr = log_error(VSS_E_PROVIDER_VETO,
            "%ls is being reverted, or half way; QueryRevertStatus finishes that. No shadow copy "
            "meanwhile.",
            volume->path);
    return hr;
}

HRESULT builtin_result(HRESULT hr)
{
    if (hr == HRESULT_FROM_WIN32(ERROR_CANCELLED))
        return VSS_S_ASYNC_CANCELLED;
    if (file_is_full(hr))
        return VSS_E_INSUFFICIENT_STORAGE;
    return hr;
}

HRESULT builtin_delete(const struct snapshot *snapshot, bool force,
    HRESULT (*prepare)(const struct volume *volume, const struct snapshot *snapshot))
{
    struct volume *volume = NULL;
    HRESULT hr = volume_open(snapshot->volume_name, &volume);
    if (hr == E_OUTOFMEMORY)
        return hr;
    if (FAILED(hr) && !force)
        return log_error(VSS_E_PROVIDER_VETO,
            "The volume %ls (%ls) is not there, and with it the copy that may lie on it.",
            snapshot->volume_name, snapshot->volume_path);
    hr = volume && prepare ? prepare(volume, snapshot) : S_OK;
    if (SUCCEEDED(hr))
        hr = clone_store_remove(
            volume, snapshot->volume_name, &snapshot->id, snapshot->device_object);
    volume_free(volume);
    if (FAILED(hr) && hr != E_OUTOFMEMORY && hr != E_ACCESSDENIED)
        hr = log_error(
            VSS_E_PROVIDER_VETO, "The copy of %ls can't be removed.", snapshot->volume_path);
    return hr;
}
