/* SPDX-License-Identifier: MIT
 *
 * Trying folders and files before a revert. See clone_revert_probe.h.
 */
#include "provider/clone_revert_probe.h"

#include <objbase.h>
#include <string.h>
#include <vss.h>
#include <winternl.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"

/* A file has one stream or a few; one whose list is longer has more than one. */
#define STREAMS_BYTES 4096
#define CONTENT_STREAM L"::$DATA"

/* ---- Folders ---- */

HRESULT clone_prober_open(struct clone_prober *prober, struct clone_revert_plan *plan,
    const WCHAR *come, const WCHAR *went)
{
    GUID id;
    WCHAR text[GUID_TEXT_LENGTH + 1];
    struct str16_builder name = {0};
    memset(prober, 0, sizeof(*prober));
    prober->plan = plan;
    HRESULT hr = CoCreateGuid(&id);
    if (FAILED(hr))
        return hr;
    guid_to_text(&id, text);
    str16_builder_add(&name, L"Thawline-");
    str16_builder_add(&name, text);
    prober->name = str16_builder_take(&name);
    prober->put = prober->name ? clone_join(come, prober->name) : NULL;
    prober->away = prober->name ? clone_join(went, prober->name) : NULL;
    return prober->put && prober->away
        ? clone_tree_make_passing(&plan->volume, prober->put, &prober->scratch)
        : E_OUTOFMEMORY;
}

/* As a file that goes: made by somebody in the folder. */
static HRESULT try_away(struct clone_prober *prober, const WCHAR *path)
{
    HANDLE file = NULL;
    struct clone_tree *tree = &prober->plan->volume;
    HRESULT hr = clone_tree_make_passing(tree, path, &file);
    if (SUCCEEDED(hr))
        hr = clone_tree_rename(tree, file, prober->away);
    if (file)
        CloseHandle(file);
    return hr;
}

/* As a file that comes: made in the work folder. */
static HRESULT try_put(struct clone_prober *prober, const WCHAR *path)
{
    struct clone_tree *tree = &prober->plan->volume;
    HRESULT hr = clone_tree_rename(tree, prober->scratch, path);
    return SUCCEEDED(hr) ? clone_tree_rename(tree, prober->scratch, prober->put) : hr;
}

static HRESULT try_files(struct clone_prober *prober, const WCHAR *folder)
{
    WCHAR *path = *folder ? clone_join(folder, prober->name) : str16_dup(prober->name);
    HRESULT hr = path ? try_away(prober, path) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = try_put(prober, path);
    mem_free(path);
    return hr;
}

static HRESULT refuse_folder(const struct clone_prober *prober, const WCHAR *folder, HRESULT hr)
{
    if (!*folder)
        folder = L"its root";
    if (hr == HRESULT_FROM_WIN32(ERROR_NOT_SAME_DEVICE))
        return clone_revert_refuse(prober->plan, VSS_E_VOLUME_NOT_SUPPORTED, folder,
            "lies across a border (a mount, a subvolume, a quota) that no file can be moved over");
    if (hr != E_ACCESSDENIED && hr != HRESULT_FROM_WIN32(ERROR_DISK_FULL) &&
        hr != HRESULT_FROM_WIN32(ERROR_HANDLE_DISK_FULL))
        hr = VSS_E_VOLUME_NOT_SUPPORTED;
    return clone_revert_refuse(prober->plan, hr, folder, "lets no file come or go");
}

/* Before the folder is changed. S_FALSE: it was tried before. */
static HRESULT know(struct clone_prober *prober, const WCHAR *path)
{
    HANDLE opened = NULL;
    FILE_BASIC_INFO info;
    if (map_get(&prober->known, (struct map_key){path, NULL}))
        return S_FALSE;
    HRESULT hr = clone_tree_get_folder(
        &prober->plan->volume, path, FILE_ADD_FILE | FILE_ADD_SUBDIRECTORY, &opened);
    if (SUCCEEDED(hr) && !GetFileInformationByHandleEx(opened, FileBasicInfo, &info, sizeof(info)))
        hr = clone_last_error();
    if (opened)
        CloseHandle(opened);
    if (FAILED(hr))
        return hr;
    struct clone_entry *folder = clone_manifest_new_entry(L"", path, str16_len(path));
    if (!folder || !vec_push(&prober->folders, folder))
    {
        mem_free(folder);
        return E_OUTOFMEMORY;
    }
    folder->accessed = info.LastAccessTime.QuadPart;
    folder->written = info.LastWriteTime.QuadPart;
    return map_add(&prober->known, (struct map_key){folder->path, NULL}, folder) ? S_OK
                                                                                 : E_OUTOFMEMORY;
}

/* A revert that is refused has left no trace; one that is not sets them in the end. */
static void restore_times(struct clone_prober *prober, const struct clone_entry *folder)
{
    HANDLE opened = NULL;
    FILE_BASIC_INFO times = {
        .LastAccessTime.QuadPart = folder->accessed, .LastWriteTime.QuadPart = folder->written};
    if (SUCCEEDED(clone_tree_get_folder(
            &prober->plan->volume, folder->path, FILE_WRITE_ATTRIBUTES, &opened)))
    {
        SetFileInformationByHandle(opened, FileBasicInfo, &times, sizeof(times));
        CloseHandle(opened);
    }
}

void clone_prober_close(struct clone_prober *prober)
{
    if (prober->scratch)
        CloseHandle(prober->scratch);
    for (size_t i = 0; i < prober->folders.count; i++)
        restore_times(prober, prober->folders.items[i]);
    map_free(&prober->known);
    vec_free(&prober->folders, mem_free);
    mem_free(prober->away);
    mem_free(prober->put);
    mem_free(prober->name);
    memset(prober, 0, sizeof(*prober));
}

HRESULT clone_prober_try(struct clone_prober *prober, const WCHAR *folder)
{
    HRESULT hr = clone_before("revert-probe", folder);
    if (SUCCEEDED(hr))
        hr = know(prober, folder);
    if (hr == S_OK)
        hr = try_files(prober, folder);
    if (SUCCEEDED(hr))
        return S_OK;
    return hr == E_OUTOFMEMORY ? hr : refuse_folder(prober, folder, hr);
}

/* ---- Files ---- */

/* Wine, and file systems without streams, can't be asked. */
static HRESULT find_streams(HANDLE file, bool *more)
{
    union
    {
        FILE_STREAM_INFO info;
        BYTE bytes[STREAMS_BYTES];
    } list;
    *more = false;
    if (!GetFileInformationByHandleEx(file, FileStreamInfo, &list, sizeof(list)))
    {
        DWORD error = GetLastError();
        *more = error == ERROR_MORE_DATA;
        return error == ERROR_ACCESS_DENIED ? E_ACCESSDENIED : S_OK;
    }
    size_t units = list.info.StreamNameLength / sizeof(WCHAR);
    *more = list.info.NextEntryOffset != 0 || units != str16_len(CONTENT_STREAM) ||
        memcmp(list.info.StreamName, CONTENT_STREAM, units * sizeof(WCHAR)) != 0;
    return S_OK;
}

/* Information class that winternl.h names and mingw-w64 gives no structure for. */
static bool has_extended_attributes(HANDLE file)
{
    ULONG size = 0;
    IO_STATUS_BLOCK io;
    return NtQueryInformationFile(file, &io, &size, sizeof(size), FileEaInformation) >= 0 && size;
}

HRESULT clone_check_replaceable(
    const struct clone_revert_plan *plan, const WCHAR *path, HANDLE file)
{
    FILE_BASIC_INFO basic;
    bool more = false;
    if (!GetFileInformationByHandleEx(file, FileBasicInfo, &basic, sizeof(basic)))
        return clone_last_error();
    if (basic.FileAttributes & FILE_ATTRIBUTE_ENCRYPTED)
        return clone_revert_refuse(
            plan, VSS_E_VOLUME_NOT_SUPPORTED, path, "is encrypted, and the copy of it is not");
    HRESULT hr = find_streams(file, &more);
    if (FAILED(hr))
        return clone_revert_refuse(plan, hr, path, "does not tell what streams it has");
    if (more)
        return clone_revert_refuse(plan, VSS_E_VOLUME_NOT_SUPPORTED, path,
            "has named streams, which the copy of it has not");
    if (has_extended_attributes(file))
        return clone_revert_refuse(plan, VSS_E_VOLUME_NOT_SUPPORTED, path,
            "has extended attributes, which the copy of it has not");
    return S_OK;
}
