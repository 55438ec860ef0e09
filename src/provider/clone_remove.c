/* SPDX-License-Identifier: MIT
 *
 * Removing a store. See clone_remove.h.
 *
 * Wine deletes the target of a link when told to delete the link (wine facts 6). A store holds none
 * by construction, but whoever may write to it can put one there, so each entry is looked at before
 * it is deleted.
 */
#include "provider/clone_remove.h"

#include "base/mem.h"
#include "base/str16.h"
#include "base/vec.h"
#include "diag/log.h"
#include "os/file.h"
#include "provider/clone_file.h"

#define LISTING_BYTES (256u << 10)

struct removal
{
    struct clone_link_check links;
    struct vec folders; /* WCHAR: found, parents first; their files are gone when the next one is
                           reached */
    BYTE *listing;
    HRESULT first_failure;
};

static void note(struct removal *removal, HRESULT hr, const WCHAR *path)
{
    if (SUCCEEDED(hr))
        return;
    if (hr == HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK))
        log_warning(hr, "%ls is a link: left where it is.", path);
    else if (hr != HRESULT_FROM_WIN32(ERROR_DIR_NOT_EMPTY)) /* its reason was logged */
        log_warning(hr, "%ls can't be removed.", path);
    if (SUCCEEDED(removal->first_failure))
        removal->first_failure = hr;
}

static HRESULT remove_entry(
    struct removal *removal, const WCHAR *folder, const FILE_ID_BOTH_DIR_INFO *info)
{
    size_t units = info->FileNameLength / sizeof(WCHAR);
    if ((units == 1 || units == 2) && info->FileName[0] == L'.' &&
        info->FileName[units - 1] == L'.')
        return S_OK;
    WCHAR *name = str16_ndup(info->FileName, units);
    WCHAR *path = name ? clone_join(folder, name) : NULL;
    mem_free(name);
    if (!path)
        return E_OUTOFMEMORY;
    HRESULT hr = S_OK;
    if (info->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)
        note(removal, HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK), path);
    else if (!(info->FileAttributes & FILE_ATTRIBUTE_DIRECTORY))
        note(removal, clone_delete(&removal->links, path, CLONE_FILE), path);
    else if (vec_push(&removal->folders, path))
        return S_OK;
    else
        hr = E_OUTOFMEMORY;
    mem_free(path);
    return hr;
}

static HRESULT remove_listed(struct removal *removal, HANDLE handle, const WCHAR *folder)
{
    while (GetFileInformationByHandleEx(
        handle, FileIdBothDirectoryInfo, removal->listing, LISTING_BYTES))
    {
        const BYTE *at = removal->listing;
        for (;;)
        {
            const FILE_ID_BOTH_DIR_INFO *info = (const FILE_ID_BOTH_DIR_INFO *)at;
            HRESULT hr = remove_entry(removal, folder, info);
            if (FAILED(hr))
                return hr;
            if (!info->NextEntryOffset)
                break;
            at += info->NextEntryOffset;
        }
    }
    return S_OK;
}

/* Deletes the files in the folder and notes its folders. Fails only for lack of memory. */
static HRESULT remove_files_of(struct removal *removal, const WCHAR *folder)
{
    HANDLE handle = NULL;
    HRESULT hr = clone_open(folder, CLONE_FOLDER, CLONE_EXISTING,
        FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES, 0, &handle);
    if (SUCCEEDED(hr))
        hr = clone_link_check(&removal->links, handle, folder);
    if (hr == S_FALSE)
        hr = HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK);
    if (FAILED(hr))
    {
        if (!clone_is_missing(hr))
            note(removal, hr, folder);
    }
    else
    {
        hr = remove_listed(removal, handle, folder);
    }
    if (handle)
        CloseHandle(handle);
    return hr == E_OUTOFMEMORY ? hr : S_OK;
}

HRESULT clone_remove_tree(const WCHAR *path)
{
    struct removal removal = {0};
    removal.listing = mem_alloc(LISTING_BYTES);
    WCHAR *top = str16_dup(path);
    HRESULT hr = removal.listing && top && vec_push(&removal.folders, top) ? S_OK : E_OUTOFMEMORY;
    if (FAILED(hr))
        mem_free(top);
    for (size_t i = 0; i < removal.folders.count && SUCCEEDED(hr); i++)
        hr = remove_files_of(&removal, removal.folders.items[i]);
    for (size_t i = removal.folders.count; i-- > 0 && SUCCEEDED(hr);)
        note(&removal, clone_delete(&removal.links, removal.folders.items[i], CLONE_FOLDER),
            removal.folders.items[i]);
    if (SUCCEEDED(hr))
        hr = removal.first_failure;
    vec_free(&removal.folders, mem_free);
    clone_link_check_free(&removal.links);
    mem_free(removal.listing);
    return hr;
}

bool clone_remove_empty_folder(const WCHAR *path)
{
    struct clone_link_check links = {0};
    HRESULT hr = clone_delete(&links, path, CLONE_FOLDER);
    clone_link_check_free(&links);
    return SUCCEEDED(hr);
}
