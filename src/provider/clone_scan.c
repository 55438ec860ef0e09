/* SPDX-License-Identifier: MIT
 *
 * Walking over a volume, folder by folder. See clone_scan.h.
 */
#include "provider/clone_scan.h"

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/settings.h"
#include "provider/clone_file.h"

/* A folder of a thousand files in one call. */
#define LISTING_BYTES (256u << 10)

/* Reparse tags with this bit stand for another name; all others (deduplicated, compressed, offline
   files) are the file's own data in another form. Wine tells no tag. */
#define REPARSE_TAG_NAME_SURROGATE 0x20000000u

struct scan
{
    const struct clone_scope *scope;
    struct clone_manifest *manifest;
    struct vec *left_out; /* WCHAR; NULL: nobody wants to know */
    void *listing;
    bool ask_each_file;
};

static bool is_dot(const FILE_ID_BOTH_DIR_INFO *info)
{
    size_t units = info->FileNameLength / sizeof(WCHAR);
    return (units == 1 || units == 2) && info->FileName[0] == L'.' &&
        info->FileName[units - 1] == L'.';
}

static bool is_link(const FILE_ID_BOTH_DIR_INFO *info)
{
    /* With the reparse attribute the field of the extended attributes' size holds the tag. */
    return info->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT &&
        (!info->EaSize || info->EaSize & REPARSE_TAG_NAME_SURROGATE);
}

static void take_listing(struct clone_entry *entry, const FILE_ID_BOTH_DIR_INFO *info)
{
    entry->attributes = info->FileAttributes;
    entry->size = (uint64_t)info->EndOfFile.QuadPart;
    entry->id = (uint64_t)info->FileId.QuadPart;
    entry->created = info->CreationTime.QuadPart;
    entry->accessed = info->LastAccessTime.QuadPart;
    entry->written = info->LastWriteTime.QuadPart;
    entry->changed = info->ChangeTime.QuadPart;
}

/* Windows: a listing tells size and times as they were when the file was last closed; an open file
   must be asked. What can't be opened keeps what the listing said. */
static HRESULT ask_file(const struct scan *scan, struct clone_entry *entry)
{
    HANDLE file = NULL;
    FILE_BASIC_INFO basic;
    FILE_STANDARD_INFO standard;
    WCHAR *path = clone_join(scan->scope->source, entry->path);
    if (!path)
        return E_OUTOFMEMORY;
    HRESULT hr = clone_open(path, CLONE_FILE, CLONE_EXISTING, FILE_READ_ATTRIBUTES, 0, &file);
    mem_free(path);
    if (FAILED(hr))
        return hr == E_OUTOFMEMORY ? hr : S_OK;
    if (GetFileInformationByHandleEx(file, FileBasicInfo, &basic, sizeof(basic)) &&
        GetFileInformationByHandleEx(file, FileStandardInfo, &standard, sizeof(standard)))
    {
        entry->size = (uint64_t)standard.EndOfFile.QuadPart;
        entry->written = basic.LastWriteTime.QuadPart;
        entry->changed = basic.ChangeTime.QuadPart;
    }
    CloseHandle(file);
    return S_OK;
}

static bool admits(const struct scan *scan, const struct clone_folder_scope *folder,
    const struct clone_entry *entry)
{
    const WCHAR *last = str16_find_last_char(entry->path, L'\\');
    return clone_entry_is_folder(entry)
        ? clone_scope_admits_folder(scan->scope, entry->path)
        : clone_scope_admits_file(scan->scope, folder, entry->path, last ? last + 1 : entry->path);
}

static HRESULT leave_out(const struct scan *scan, const struct clone_entry *entry)
{
    if (!scan->left_out)
        return S_OK;
    WCHAR *path = str16_dup(entry->path);
    if (path && vec_push(scan->left_out, path))
        return S_OK;
    mem_free(path);
    return E_OUTOFMEMORY;
}

static HRESULT add_found(struct scan *scan, const struct clone_folder_scope *folder,
    const WCHAR *folder_path, const FILE_ID_BOTH_DIR_INFO *info)
{
    struct clone_entry *entry = clone_manifest_new_entry(
        folder_path, info->FileName, info->FileNameLength / sizeof(WCHAR));
    if (!entry)
        return E_OUTOFMEMORY;
    take_listing(entry, info);
    HRESULT hr = S_OK;
    if (!admits(scan, folder, entry))
    {
        hr = leave_out(scan, entry);
        mem_free(entry);
        return hr;
    }
    if (is_link(info))
    {
        log_debug("%ls is a link: left out.", entry->path);
        scan->manifest->links++;
        hr = leave_out(scan, entry);
        mem_free(entry);
        return hr;
    }
    if (!clone_entry_is_folder(entry))
    {
        const WCHAR *last = str16_find_last_char(entry->path, L'\\');
        entry->named = clone_scope_names(folder, last ? last + 1 : entry->path);
        if (scan->ask_each_file)
            hr = ask_file(scan, entry);
    }
    if (SUCCEEDED(hr))
        hr = clone_manifest_add(scan->manifest, entry);
    if (FAILED(hr))
        mem_free(entry);
    return hr;
}

static HRESULT read_listing(struct scan *scan, HANDLE handle,
    const struct clone_folder_scope *folder, const WCHAR *folder_path)
{
    while (
        GetFileInformationByHandleEx(handle, FileIdBothDirectoryInfo, scan->listing, LISTING_BYTES))
    {
        const BYTE *at = scan->listing;
        for (;;)
        {
            const FILE_ID_BOTH_DIR_INFO *info = (const FILE_ID_BOTH_DIR_INFO *)at;
            HRESULT hr = is_dot(info) ? S_OK : add_found(scan, folder, folder_path, info);
            if (FAILED(hr))
                return hr;
            if (!info->NextEntryOffset)
                break;
            at += info->NextEntryOffset;
        }
    }
    HRESULT hr = clone_last_error();
    return hr == HRESULT_FROM_WIN32(ERROR_NO_MORE_FILES) ? S_OK : hr;
}

/* Adds what is in the folder with this relative path. */
static HRESULT scan_folder(struct scan *scan, const WCHAR *folder_path)
{
    HANDLE handle = NULL;
    struct clone_folder_scope folder = {0};
    WCHAR *path = clone_join(scan->scope->source, folder_path);
    HRESULT hr = path ? clone_before("scan-folder", path) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = clone_open(path, CLONE_FOLDER, CLONE_EXISTING,
            FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES, 0, &handle);
    if (SUCCEEDED(hr))
        hr = clone_folder_scope_find(scan->scope, folder_path, &folder);
    if (SUCCEEDED(hr))
        hr = read_listing(scan, handle, &folder, folder_path);
    if (handle)
        CloseHandle(handle);
    clone_folder_scope_free(&folder);
    mem_free(path);
    return hr;
}

/* The entries are the queue: what a folder holds is appended while the loop goes on. */
static HRESULT scan_all(struct scan *scan, HANDLE cancelled)
{
    HRESULT hr = scan_folder(scan, L"");
    if (FAILED(hr) && hr != E_OUTOFMEMORY)
        log_error(hr, "The root of %ls can't be read.", scan->scope->source);
    for (size_t i = 0; i < scan->manifest->entries.count && SUCCEEDED(hr); i++)
    {
        struct clone_entry *entry = scan->manifest->entries.items[i];
        if (!clone_entry_is_folder(entry))
            continue;
        if (cancelled && WaitForSingleObject(cancelled, 0) == WAIT_OBJECT_0)
            return HRESULT_FROM_WIN32(ERROR_CANCELLED);
        hr = scan_folder(scan, entry->path);
        if (FAILED(hr) && hr != E_OUTOFMEMORY)
        {
            entry->unlisted = true;
            if (!clone_is_missing(hr))
            {
                scan->manifest->unread_folders++;
                log_warning(
                    hr, "The folder %ls\\%ls can't be read.", scan->scope->source, entry->path);
            }
            hr = S_OK;
        }
    }
    return hr;
}

static HRESULT run(struct scan *scan, HANDLE cancelled, struct clone_manifest *manifest)
{
    struct clone_manifest made = {0};
    scan->manifest = &made;
    scan->ask_each_file = !settings_is_wine();
    scan->listing = mem_alloc(LISTING_BYTES);
    if (!scan->listing)
        return E_OUTOFMEMORY;
    HRESULT hr = scan_all(scan, cancelled);
    mem_free(scan->listing);
    if (FAILED(hr))
        clone_manifest_free(&made);
    else
        *manifest = made;
    return hr;
}

HRESULT clone_scan(
    const struct clone_scope *scope, HANDLE cancelled, struct clone_manifest *manifest)
{
    struct scan scan = {.scope = scope};
    return run(&scan, cancelled, manifest);
}

HRESULT clone_scan_all(
    const struct clone_scope *scope, struct clone_manifest *manifest, struct vec *left_out)
{
    struct scan scan = {.scope = scope, .left_out = left_out};
    return run(&scan, NULL, manifest);
}
