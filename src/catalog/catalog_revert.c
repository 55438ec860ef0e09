/* SPDX-License-Identifier: MIT
 *
 * Notes of reverts. See catalog_revert.h. Two files a volume, beside the records:
 *   <volume guid>.revert      the snapshot's id, or GUID_NULL once the volume is whole again
 *   <volume guid>.reverting   locked by the process that is at it
 */
#include "catalog/catalog_revert.h"

#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "catalog/catalog_delete.h"
#include "catalog/catalog_record.h"
#include "catalog/catalog_revert_internal.h"
#include "diag/fault.h"
#include "diag/log.h"

#define NOTE_EXTENSION L".revert"
#define LOCK_EXTENSION L".reverting"
/* A GUID's text and no more. */
#define NOTE_LIMIT (GUID_TEXT_LENGTH * sizeof(WCHAR))

struct catalog_revert
{
    GUID snapshot_id;
    WCHAR *note; /* its path */
    struct file_lock *lock;
    bool noted;
    GUID earlier; /* what was noted before; GUID_NULL: nothing */
};

/* NULL when memory is exhausted, or the name is no volume's. */
static WCHAR *path_for(
    const struct catalog_folder *folder, const WCHAR *volume_name, const WCHAR *extension)
{
    struct str16_builder builder = {0};
    const WCHAR *brace = str16_find_char(volume_name, L'{');
    WCHAR *id = brace ? str16_ndup(brace + 1, GUID_TEXT_LENGTH) : NULL;
    if (!id)
        return NULL;
    str16_builder_add(&builder, folder->path);
    str16_builder_add_char(&builder, L'\\');
    str16_builder_add(&builder, id);
    str16_builder_add(&builder, extension);
    mem_free(id);
    return str16_builder_take(&builder);
}

/* S_FALSE: there is none, or it is over. */
static HRESULT read_note(const WCHAR *path, GUID *snapshot_id)
{
    void *bytes = NULL;
    size_t size = 0;
    HRESULT hr = file_read_all(path, NOTE_LIMIT, &bytes, &size);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND))
        return S_FALSE;
    if (SUCCEEDED(hr) && (size != NOTE_LIMIT || !guid_from_text(bytes, snapshot_id)))
        hr = VSS_E_INVALID_XML_DOCUMENT;
    mem_free(bytes);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr,
            "The note of a revert %ls can't be read. It is kept: what it says is not known.", path);
    return SUCCEEDED(hr) && guid_is_null(snapshot_id) ? S_FALSE : hr;
}

static HRESULT write_note(const WCHAR *path, const GUID *snapshot_id)
{
    WCHAR id[GUID_TEXT_LENGTH + 1];
    guid_to_text(snapshot_id, id);
    return file_write_atomic(path, id, NOTE_LIMIT);
}

/* ---- Taking ---- */

/* Also a deletion that was begun, and one that could not be finished, keep a snapshot from being
   reverted to: their record bears its id. */
static HRESULT find_listed(
    const struct catalog_folder *folder, const GUID *snapshot_id, struct snapshot_set **set)
{
    struct snapshot_set *found = NULL;
    struct snapshot_set *deletion = NULL;
    HRESULT hr = catalog_find_holder(folder, snapshot_id, &found);
    if (SUCCEEDED(hr))
        hr = catalog_record_check_owner(folder, &found->id);
    if (SUCCEEDED(hr))
    {
        hr = catalog_record_read(folder, snapshot_id, &deletion);
        hr = hr == VSS_E_OBJECT_NOT_FOUND ? S_OK : SUCCEEDED(hr) ? VSS_E_OBJECT_NOT_FOUND : hr;
    }
    if (hr == VSS_E_OBJECT_NOT_FOUND)
        log_error(hr, "The shadow copy to revert to was deleted meanwhile.");
    snapshot_set_release(deletion);
    if (SUCCEEDED(hr))
        *set = found;
    else
        snapshot_set_release(found);
    return hr;
}

static HRESULT take(const struct catalog_folder *folder, const WCHAR *volume_name,
    struct catalog_revert *revert, struct snapshot_set **set)
{
    WCHAR *path = path_for(folder, volume_name, LOCK_EXTENSION);
    revert->note = path_for(folder, volume_name, NOTE_EXTENSION);
    HRESULT hr = path && revert->note ? file_lock_take(path, &revert->lock) : E_OUTOFMEMORY;
    mem_free(path);
    if (hr == HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION))
        return log_error(VSS_E_REVERT_IN_PROGRESS, "The volume is being reverted.");
    if (SUCCEEDED(hr))
        hr = read_note(revert->note, &revert->earlier);
    return SUCCEEDED(hr) ? find_listed(folder, &revert->snapshot_id, set) : hr;
}

static void destroy(struct catalog_revert *revert)
{
    file_lock_drop(revert->lock, true);
    mem_free(revert->note);
    mem_free(revert);
}

HRESULT catalog_revert_take(const WCHAR *volume_name, const GUID *snapshot_id,
    struct catalog_revert **revert, struct snapshot_set **set)
{
    struct catalog_folder folder = {0};
    HRESULT hr = fault_at(FAULT_CATALOG, L"revert");
    struct catalog_revert *made = SUCCEEDED(hr) ? mem_alloc(sizeof(*made)) : NULL;
    if (!made)
        return FAILED(hr) ? hr : E_OUTOFMEMORY;
    made->snapshot_id = *snapshot_id;
    hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = take(&folder, volume_name, made, set);
    if (SUCCEEDED(hr))
        *revert = made;
    else
        destroy(made);
    catalog_folder_leave(&folder);
    return hr;
}

HRESULT catalog_revert_note(struct catalog_revert *revert)
{
    struct catalog_folder folder = {0};
    HRESULT hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = write_note(revert->note, &revert->snapshot_id);
    revert->noted = SUCCEEDED(hr);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "The revert can't be noted in %ls, and is not begun.", revert->note);
    catalog_folder_leave(&folder);
    return hr;
}

/* ---- Ending ---- */

/* A note that can't be deleted says at least that nothing is to be done. */
static HRESULT remove_note(const struct catalog_revert *revert)
{
    HRESULT hr = file_delete(revert->note);
    if (FAILED(hr))
        hr = write_note(revert->note, &guid_null);
    return hr;
}

static HRESULT settle_note(const struct catalog_revert *revert, enum catalog_revert_outcome outcome)
{
    if (outcome == CATALOG_REVERT_DONE)
        return remove_note(revert);
    if (outcome != CATALOG_REVERT_UNTOUCHED || !revert->noted)
        return S_OK;
    return guid_is_null(&revert->earlier) ? remove_note(revert)
                                          : write_note(revert->note, &revert->earlier);
}

HRESULT catalog_revert_end(struct catalog_revert *revert, enum catalog_revert_outcome outcome)
{
    struct catalog_folder folder = {0};
    if (!revert)
        return S_OK;
    HRESULT hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = settle_note(revert, outcome);
    if (outcome == CATALOG_REVERT_HALF || outcome == CATALOG_REVERT_STOPPED)
        hr = S_OK;
    if (SUCCEEDED(hr))
        destroy(revert);
    else
        log_error(hr,
            "The note %ls is not true any more and can't be removed. Delete it by hand: whoever "
            "finds it after the end of this process reverts the volume once more.",
            revert->note);
    catalog_folder_leave(&folder);
    return hr;
}

/* ---- Asking ---- */

static bool is_held(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION);
}

static HRESULT find(
    const struct catalog_folder *folder, const WCHAR *volume_name, GUID *snapshot_id, bool *running)
{
    struct file_lock *lock = NULL;
    WCHAR *note = path_for(folder, volume_name, NOTE_EXTENSION);
    WCHAR *path = path_for(folder, volume_name, LOCK_EXTENSION);
    HRESULT hr = note && path ? read_note(note, snapshot_id) : E_OUTOFMEMORY;
    if (hr == S_OK)
    {
        hr = file_lock_take(path, &lock);
        *running = is_held(hr);
        if (*running)
            hr = S_OK;
        file_lock_drop(lock, true);
    }
    mem_free(path);
    mem_free(note);
    return hr;
}

HRESULT catalog_revert_find(const WCHAR *volume_name, GUID *snapshot_id, bool *running)
{
    struct catalog_folder folder = {0};
    HRESULT hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = find(&folder, volume_name, snapshot_id, running);
    catalog_folder_leave(&folder);
    return hr;
}

/* Reverting looks for its snapshot under the mutex that deleting holds now: one of the two sees the
   other. */
static HRESULT check_not_taken(const struct catalog_folder *folder, const struct snapshot *snapshot)
{
    struct file_lock *lock = NULL;
    WCHAR *path = path_for(folder, snapshot->volume_name, LOCK_EXTENSION);
    HRESULT hr = path ? file_lock_take(path, &lock) : E_OUTOFMEMORY;
    mem_free(path);
    file_lock_drop(lock, true);
    return hr;
}

HRESULT catalog_check_not_reverting(
    const struct catalog_folder *folder, const struct snapshot *snapshot)
{
    GUID id = guid_null;
    WCHAR *note = path_for(folder, snapshot->volume_name, NOTE_EXTENSION);
    HRESULT hr = note ? read_note(note, &id) : E_OUTOFMEMORY;
    if (hr == E_OUTOFMEMORY)
        goto done;
    if (FAILED(hr))
        hr = log_error(VSS_E_PROVIDER_VETO,
            "%ls may be half way to this shadow copy, which is therefore kept; without the note "
            "%ls it can be deleted.",
            snapshot->volume_path, note);
    else if (hr == S_OK && guid_equal(&id, &snapshot->id))
        hr = log_error(VSS_E_PROVIDER_VETO,
            "%ls is half way to this shadow copy, which is needed until QueryRevertStatus has "
            "finished the revert; without the note %ls it can be deleted.",
            snapshot->volume_path, note);
    else
        hr = check_not_taken(folder, snapshot);
    if (is_held(hr))
        hr = log_error(VSS_E_PROVIDER_VETO,
            "%ls is being reverted: none of its shadow copies is deleted meanwhile.",
            snapshot->volume_path);
done:
    mem_free(note);
    return hr;
}
