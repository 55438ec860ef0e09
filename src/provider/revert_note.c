/* SPDX-License-Identifier: MIT
 *
 * Locks and notes of reverts. See revert_note.h.
 */
#include "provider/revert_note.h"

#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "provider/clone_tree.h"
#include "volume/private_folder.h"

#define OWN_FOLDER L"System Volume Information\\Thawline"
#define LOCK_FILE OWN_FOLDER L"\\reverting"
/* Who asks whether the lock is held holds it for an instant. */
#define LOCK_TRIES 5
#define LOCK_PAUSE_MS 10
#define DAMAGED_LIMIT 1000
/* A GUID's text and no more. */
#define NOTE_BYTES (GUID_TEXT_LENGTH * sizeof(WCHAR))

static bool is_missing(HRESULT hr)
{
    return hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND) ||
        hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
}

/* A link could lead to what anyone wrote, or to another volume's. S_FALSE: there is one on the way,
   and so no lock or note. */
static HRESULT check_no_link(const struct volume *volume)
{
    WCHAR *root = NULL;
    HANDLE folder = NULL;
    struct clone_tree tree = {0};
    HRESULT hr = clone_working_path(volume->path, &root);
    if (SUCCEEDED(hr))
        hr = clone_tree_open(root, &tree);
    if (SUCCEEDED(hr))
        hr = clone_tree_get(&tree, OWN_FOLDER, CLONE_FOLDER, CLONE_EXISTING, FILE_READ_ATTRIBUTES,
            CLONE_SHARE_ALL, &folder);
    if (folder)
        CloseHandle(folder);
    clone_tree_close(&tree);
    mem_free(root);
    return hr == HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK) ? S_FALSE : hr;
}

bool revert_note_try_lock(const struct volume *volume, struct file_lock **lock)
{
    WCHAR *path = file_join(volume->path, LOCK_FILE);
    HRESULT hr = path ? check_no_link(volume) : E_OUTOFMEMORY;
    bool taken = hr == S_OK && SUCCEEDED(file_lock_take(path, lock));
    mem_free(path);
    return taken;
}

HRESULT revert_note_lock(const struct volume *volume, struct file_lock **lock)
{
    if (volume->read_only || volume->host_root)
        return log_error(VSS_E_VOLUME_NOT_SUPPORTED,
            "%ls can't be reverted: it is read-only, or the root of the host.", volume->path);
    WCHAR *path = file_join(volume->path, LOCK_FILE);
    HRESULT hr = path ? check_no_link(volume) : E_OUTOFMEMORY;
    if (hr == S_OK)
        hr = file_lock_take(path, lock);
    for (int i = 1; i < LOCK_TRIES && hr == HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION); i++)
    {
        Sleep(LOCK_PAUSE_MS);
        hr = file_lock_take(path, lock);
    }
    mem_free(path);
    if (hr == HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION))
        return log_error(VSS_E_REVERT_IN_PROGRESS, "%ls is being reverted.", volume->path);
    if (hr == S_FALSE)
        return log_error(VSS_E_VOLUME_NOT_SUPPORTED,
            "%ls can't be reverted: its folder %ls is reached through a link.", volume->path,
            OWN_FOLDER);
    if (is_missing(hr))
        return log_error(VSS_E_VOLUME_NOT_SUPPORTED,
            "No copy of %ls lies on it; only one that does is surely its own.", volume->path);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "%ls can't be locked for a revert.", volume->path);
    return hr;
}

/* What somebody else wrote is nothing to go by: he would say what becomes of files. */
static HRESULT check_owners(const struct volume *volume, const WCHAR *path)
{
    WCHAR *folder = file_join(volume->path, REVERT_FOLDER);
    HRESULT hr = folder ? private_folder_check_own(folder) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = private_folder_check_own(path);
    mem_free(folder);
    return hr;
}

HRESULT revert_note_read(const struct volume *volume, struct revert_note *note)
{
    void *bytes = NULL;
    size_t size = 0;
    struct revert_note found = {0};
    WCHAR *path = file_join(volume->path, REVERT_NOTE_FILE);
    HRESULT hr = path ? file_read_all(path, NOTE_BYTES, &bytes, &size) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = check_owners(volume, path);
    if (SUCCEEDED(hr) || hr == HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE))
    {
        found.noted = true;
        found.damaged = size != NOTE_BYTES || !guid_from_text(bytes, &found.snapshot_id);
        hr = S_OK;
    }
    else if (is_missing(hr))
    {
        hr = S_OK;
    }
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr,
            "The note of a revert %ls can't be read, and is kept. Files that were moved lie beside "
            "it.",
            path);
    if (SUCCEEDED(hr))
        *note = found;
    mem_free(bytes);
    mem_free(path);
    return hr;
}

HRESULT revert_note_find(const struct volume *volume, struct revert_note *note)
{
    struct revert_note found = {0};
    bool running = false;
    WCHAR *path = file_join(volume->path, LOCK_FILE);
    HRESULT hr = path ? check_no_link(volume) : E_OUTOFMEMORY;
    bool has_folder = hr == S_OK;
    if (has_folder)
        hr = file_lock_is_held(path, &running);
    mem_free(path);
    if (hr == S_FALSE || is_missing(hr))
        hr = S_OK;
    if (has_folder && SUCCEEDED(hr))
        hr = revert_note_read(volume, &found);
    else if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "Whether %ls is being reverted can't be told.", volume->path);
    found.running = running;
    if (SUCCEEDED(hr))
        *note = found;
    return hr;
}

HRESULT revert_note_write(const struct volume *volume, const GUID *snapshot_id)
{
    WCHAR id[GUID_TEXT_LENGTH + 1];
    WCHAR *folder = file_join(volume->path, REVERT_FOLDER);
    WCHAR *path = file_join(volume->path, REVERT_NOTE_FILE);
    guid_to_text(snapshot_id, id);
    HRESULT hr = folder && path ? private_folder_make(folder) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = private_folder_check_own(folder);
    if (SUCCEEDED(hr))
        hr = file_write_atomic(path, id, NOTE_BYTES);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "The revert can't be noted in %ls, and is not begun.", path);
    mem_free(path);
    mem_free(folder);
    return hr;
}

HRESULT revert_note_set_aside(const struct volume *volume)
{
    HRESULT hr = HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS);
    WCHAR *from = file_join(volume->path, REVERT_FOLDER);
    for (unsigned i = 1; hr == HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS) && i <= DAMAGED_LIMIT; i++)
    {
        struct str16_builder name = {0};
        str16_builder_add(&name, volume->path);
        str16_builder_add(&name, REVERT_FOLDER L"-damaged-");
        str16_builder_add_unsigned(&name, i);
        WCHAR *to = str16_builder_take(&name);
        hr = from && to ? clone_before("rename", to) : E_OUTOFMEMORY;
        if (SUCCEEDED(hr) && !MoveFileExW(from, to, 0))
            hr = clone_last_error();
        if (SUCCEEDED(hr))
            log_error(HRESULT_FROM_WIN32(ERROR_INVALID_DATA),
                "What was noted of the revert of %ls is damaged. It is not gone on with; what was "
                "moved lies in %ls.",
                volume->path, to);
        mem_free(to);
    }
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "What was noted of the revert in %ls is damaged, and can't be set aside.",
            from);
    mem_free(from);
    return hr;
}

HRESULT revert_note_remove(const struct volume *volume)
{
    WCHAR *path = file_join(volume->path, REVERT_NOTE_FILE);
    HRESULT hr = path ? file_delete(path) : E_OUTOFMEMORY;
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "The note of a revert that is over, %ls, can't be deleted.", path);
    mem_free(path);
    return hr;
}
