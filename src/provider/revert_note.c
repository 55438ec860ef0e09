/* SPDX-License-Identifier: MIT
 *
 * Locks and notes of reverts. See revert_note.h.
 */
#include "provider/revert_note.h"

#include <objbase.h>
#include <string.h>
#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "provider/clone_tree.h"
#include "volume/private_folder.h"

#define LOCK_FILE REVERT_PARENT L"\\reverting"
/* Who asks whether the lock is held holds it for an instant. */
#define LOCK_TRIES 5
#define LOCK_PAUSE_MS 10
#define DAMAGED_LIMIT 1000
/* The texts of two GUIDs and no more: the snapshot's, the revert's. */
#define ID_BYTES (GUID_TEXT_LENGTH * sizeof(WCHAR))
#define NOTE_BYTES (2 * ID_BYTES)

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
        hr = clone_tree_get(&tree, REVERT_PARENT, CLONE_FOLDER, CLONE_EXISTING,
            FILE_READ_ATTRIBUTES, CLONE_SHARE_ALL, &folder);
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
            REVERT_PARENT);
    if (hr == HRESULT_FROM_WIN32(ERROR_TOO_MANY_LINKS))
        return log_error(VSS_E_VOLUME_NOT_SUPPORTED,
            "%ls can't be reverted: the file of its lock, %ls, has other names.", volume->path,
            LOCK_FILE);
    if (is_missing(hr))
        return log_error(VSS_E_VOLUME_NOT_SUPPORTED,
            "No copy of %ls lies on it; only one that does is surely its own.", volume->path);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "%ls can't be locked for a revert.", volume->path);
    return hr;
}

static HRESULT check_one_name(const WCHAR *path)
{
    BY_HANDLE_FILE_INFORMATION info;
    WCHAR *own = file_long_path(path);
    if (!own)
        return E_OUTOFMEMORY;
    HANDLE file = CreateFileW(own, FILE_READ_ATTRIBUTES, CLONE_SHARE_ALL, NULL, OPEN_EXISTING,
        FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    HRESULT hr = file == INVALID_HANDLE_VALUE || !GetFileInformationByHandle(file, &info)
        ? clone_last_error()
        : info.nNumberOfLinks > 1 ? HRESULT_FROM_WIN32(ERROR_TOO_MANY_LINKS)
                                  : S_OK;
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    mem_free(own);
    return hr;
}

/* He would say what becomes of files. */
HRESULT revert_note_check(const struct volume *volume, const WCHAR *path)
{
    WCHAR *folder = file_join(volume->path, REVERT_FOLDER);
    HRESULT hr = folder ? private_folder_check_own(folder) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = private_folder_check_own(path);
    if (SUCCEEDED(hr))
        hr = check_one_name(path);
    mem_free(folder);
    return hr;
}

/* An id at the beginning of a text that is long enough. */
static bool take_id(const WCHAR *text, GUID *id)
{
    WCHAR own[GUID_TEXT_LENGTH + 1] = {0};
    memcpy(own, text, ID_BYTES);
    return guid_from_text(own, id);
}

HRESULT revert_note_read(const struct volume *volume, struct revert_note *note)
{
    void *bytes = NULL;
    size_t size = 0;
    struct revert_note found = {0};
    WCHAR *path = file_join(volume->path, REVERT_NOTE_FILE);
    HRESULT hr = path ? file_read_all(path, NOTE_BYTES, &bytes, &size) : E_OUTOFMEMORY;
    const WCHAR *text = bytes;
    if (SUCCEEDED(hr))
        hr = revert_note_check(volume, path);
    if (SUCCEEDED(hr) || hr == HRESULT_FROM_WIN32(ERROR_FILE_TOO_LARGE))
    {
        found.noted = true;
        found.damaged = size != NOTE_BYTES || !take_id(text, &found.snapshot_id) ||
            !take_id(text + GUID_TEXT_LENGTH, &found.revert_id);
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
    GUID revert_id;
    WCHAR ids[2 * GUID_TEXT_LENGTH + 1];
    HRESULT hr = CoCreateGuid(&revert_id);
    if (FAILED(hr))
        return hr;
    WCHAR *folder = file_join(volume->path, REVERT_FOLDER);
    WCHAR *path = file_join(volume->path, REVERT_NOTE_FILE);
    guid_to_text(snapshot_id, ids);
    guid_to_text(&revert_id, ids + GUID_TEXT_LENGTH);
    hr = folder && path ? private_folder_make(folder) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = private_folder_check_own(folder);
    if (SUCCEEDED(hr))
        hr = file_write_atomic(path, ids, NOTE_BYTES);
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "The revert can't be noted in %ls, and is not begun.", path);
    mem_free(path);
    mem_free(folder);
    return hr;
}

HRESULT revert_note_set_aside(const struct volume *volume, const char *why)
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
                "The revert of %ls is not gone on with: %s. What was moved lies in %ls, and a revert "
                "can be begun anew.",
                volume->path, why, to);
        mem_free(to);
    }
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "The revert noted in %ls is not gone on with: %s; and it can't be set aside.",
            from, why);
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

HRESULT revert_note_set_last(struct file_lock *lock, const GUID *revert_id)
{
    WCHAR id[GUID_TEXT_LENGTH + 1];
    guid_to_text(revert_id, id);
    HRESULT hr = file_lock_write(lock, id, ID_BYTES);
    return FAILED(hr)
        ? log_error(hr, "Which revert was accepted last can't be written down: none is begun.")
        : hr;
}

bool revert_note_is_last(const struct volume *volume, const GUID *revert_id)
{
    void *bytes = NULL;
    size_t size = 0;
    GUID last;
    WCHAR *path = file_join(volume->path, LOCK_FILE);
    bool other = path && check_no_link(volume) == S_OK &&
        SUCCEEDED(file_read_all(path, ID_BYTES, &bytes, &size)) && size == ID_BYTES &&
        take_id(bytes, &last) && !guid_equal(&last, revert_id);
    mem_free(bytes);
    mem_free(path);
    return !other;
}
