/* SPDX-License-Identifier: MIT
 *
 * Notes of reverts. See catalog_revert.h. Two files a volume, beside the records:
 *   <volume guid>.revert      the snapshot's id; there until the volume is whole again
 *   <volume guid>.reverting   locked by the process that is at it
 */
#include "catalog/catalog_revert.h"

#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
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
    WCHAR *note;
    struct file_lock *lock;
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

/* S_FALSE: there is none. */
static HRESULT read_note(const WCHAR *path, GUID *snapshot_id)
{
    void *bytes = NULL;
    size_t size = 0;
    HRESULT hr = file_read_all(path, NOTE_LIMIT, &bytes, &size);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND))
        return S_FALSE;
    if (SUCCEEDED(hr) && !guid_from_text(bytes, snapshot_id))
        hr = log_error(VSS_E_INVALID_XML_DOCUMENT, "The note %ls is damaged.", path);
    mem_free(bytes);
    return hr;
}

static HRESULT begin(const struct catalog_folder *folder, const WCHAR *volume_name,
    const GUID *snapshot_id, struct catalog_revert *revert)
{
    WCHAR id[GUID_TEXT_LENGTH + 1];
    WCHAR *path = path_for(folder, volume_name, LOCK_EXTENSION);
    revert->note = path_for(folder, volume_name, NOTE_EXTENSION);
    HRESULT hr = path && revert->note ? file_lock_take(path, &revert->lock) : E_OUTOFMEMORY;
    mem_free(path);
    if (hr == HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION))
        return log_error(VSS_E_REVERT_IN_PROGRESS, "The volume is being reverted.");
    if (FAILED(hr))
        return hr;
    guid_to_text(snapshot_id, id);
    return file_write_atomic(revert->note, id, GUID_TEXT_LENGTH * sizeof(WCHAR));
}

static void destroy(struct catalog_revert *revert)
{
    file_lock_drop(revert->lock, true);
    mem_free(revert->note);
    mem_free(revert);
}

HRESULT catalog_revert_begin(
    const WCHAR *volume_name, const GUID *snapshot_id, struct catalog_revert **revert)
{
    struct catalog_folder folder = {0};
    HRESULT hr = fault_at(FAULT_CATALOG, L"revert");
    struct catalog_revert *made = SUCCEEDED(hr) ? mem_alloc(sizeof(*made)) : NULL;
    if (!made)
        return FAILED(hr) ? hr : E_OUTOFMEMORY;
    hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = begin(&folder, volume_name, snapshot_id, made);
    if (SUCCEEDED(hr))
        *revert = made;
    else
        destroy(made);
    catalog_folder_leave(&folder);
    return hr;
}

void catalog_revert_end(struct catalog_revert *revert, bool done)
{
    struct catalog_folder folder = {0};
    HRESULT hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr) && done)
        hr = file_delete(revert->note);
    if (FAILED(hr))
        log_warning(hr, "The note %ls stays.", revert->note);
    destroy(revert);
    catalog_folder_leave(&folder);
}

static HRESULT find(const struct catalog_folder *folder, const WCHAR *volume_name,
    GUID *snapshot_id, bool *running)
{
    struct file_lock *lock = NULL;
    WCHAR *note = path_for(folder, volume_name, NOTE_EXTENSION);
    WCHAR *path = path_for(folder, volume_name, LOCK_EXTENSION);
    HRESULT hr = note && path ? read_note(note, snapshot_id) : E_OUTOFMEMORY;
    if (hr == S_OK)
    {
        hr = file_lock_take(path, &lock);
        *running = hr == HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION);
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

HRESULT catalog_check_not_reverting(
    const struct catalog_folder *folder, const struct snapshot *snapshot)
{
    GUID id;
    WCHAR *note = path_for(folder, snapshot->volume_name, NOTE_EXTENSION);
    HRESULT hr = note ? read_note(note, &id) : E_OUTOFMEMORY;
    mem_free(note);
    if (hr != S_OK || !guid_equal(&id, &snapshot->id))
        return hr == E_OUTOFMEMORY ? hr : S_OK;
    return log_error(VSS_E_PROVIDER_VETO,
        "%ls is being reverted to this shadow copy: it is needed until that is done.",
        snapshot->volume_path);
}
