/* SPDX-License-Identifier: MIT
 *
 * A folder tree without links. See clone_tree.h; links under Wine: wine facts 6.
 */
#include "provider/clone_tree.h"

#include <string.h>
#include <winternl.h>

#include "base/mem.h"
#include "base/str16.h"
#include "os/file.h"
#include "os/settings.h"
#include "volume/wine_link.h"

/* A folder that is held can't be renamed or replaced by a link. */
#define HELD_SHARE (FILE_SHARE_READ | FILE_SHARE_WRITE)
#define FOLDER_ACCESS (FILE_LIST_DIRECTORY | FILE_TRAVERSE | FILE_READ_ATTRIBUTES)

struct clone_level
{
    HANDLE handle;
    WCHAR *name; /* in the level above; "" for the root */
};

static void level_free(void *item)
{
    struct clone_level *level = item;
    if (!level)
        return;
    if (level->handle)
        CloseHandle(level->handle);
    mem_free(level->name);
    mem_free(level);
}

static void leave_down_to(struct clone_tree *tree, size_t count)
{
    while (tree->levels.count > count)
        level_free(vec_remove(&tree->levels, tree->levels.count - 1));
}

static HANDLE last_handle(const struct clone_tree *tree)
{
    return ((struct clone_level *)tree->levels.items[tree->levels.count - 1])->handle;
}

/* Takes `handle`, also when it fails. */
static HRESULT push(struct clone_tree *tree, HANDLE handle, const WCHAR *name, size_t length)
{
    struct clone_level *level = mem_alloc(sizeof(*level));
    if (!level)
    {
        CloseHandle(handle);
        return E_OUTOFMEMORY;
    }
    level->handle = handle;
    level->name = str16_ndup(name, length);
    if (level->name && vec_push(&tree->levels, level))
        return S_OK;
    level_free(level);
    return E_OUTOFMEMORY;
}

HRESULT clone_tree_open(const WCHAR *root, struct clone_tree *tree)
{
    HANDLE handle = NULL;
    memset(tree, 0, sizeof(*tree));
    tree->by_handle = !settings_is_wine();
    tree->root = str16_dup(root);
    WCHAR *top = clone_join(root, L"");
    HRESULT hr = tree->root && top
        ? clone_open(top, CLONE_FOLDER, CLONE_EXISTING, FOLDER_ACCESS, 0, &handle)
        : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = push(tree, handle, L"", 0);
    mem_free(top);
    return hr;
}

void clone_tree_close(struct clone_tree *tree)
{
    leave_down_to(tree, 0);
    vec_free(&tree->levels, level_free);
    mem_free(tree->root);
    memset(tree, 0, sizeof(*tree));
}

WCHAR *clone_tree_path(const struct clone_tree *tree, const WCHAR *path)
{
    return clone_join(tree->root, path);
}

/* Windows: a link was opened itself, and says so. */
static HRESULT check_attributes(HANDLE file)
{
    FILE_ATTRIBUTE_TAG_INFO info;
    if (!GetFileInformationByHandleEx(file, FileAttributeTagInfo, &info, sizeof(info)))
        return clone_last_error();
    /* Deduplicated and offline files have the attribute too; raw data is not theirs to be written,
       so they are left alone like links. */
    return info.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT ? S_FALSE : S_OK;
}

/* Wine: a link was followed, and what was opened has another place than its name says. Both are
   asked anew: Wine says each by the letters that drives have at the moment. */
static HRESULT check_place(HANDLE parent, HANDLE file, const WCHAR *path, const WCHAR *name)
{
    WCHAR *folder = NULL;
    WCHAR *found = NULL;
    HRESULT hr = wine_resolved_path(parent, &folder);
    if (SUCCEEDED(hr))
        hr = wine_resolved_path(file, &found);
    if (SUCCEEDED(hr))
        hr = clone_is_entry(folder, name, found, path);
    mem_free(folder);
    mem_free(found);
    return hr;
}

/* The letters may have changed between two questions. */
#define PLACE_TRIES 2

static HRESULT check_no_link(
    const struct clone_tree *tree, HANDLE file, const WCHAR *path, const WCHAR *name)
{
    HRESULT hr = S_FALSE;
    if (tree->by_handle)
        hr = check_attributes(file);
    else
        for (int i = 0; i < PLACE_TRIES && hr == S_FALSE; i++)
            hr = check_place(last_handle(tree), file, path, name);
    return hr == S_FALSE ? HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK) : hr;
}

/* Opens an entry of the last level; the first `end` units of `path` are its path below the root. */
static HRESULT open_entry(const struct clone_tree *tree, const WCHAR *path, size_t end,
    const struct clone_opening *how, HANDLE *file)
{
    HANDLE opened = NULL;
    size_t start = end;
    while (start > 0 && path[start - 1] != L'\\')
        start--;
    WCHAR *relative = str16_ndup(path, end);
    WCHAR *whole = relative ? clone_join(tree->root, relative) : NULL;
    HRESULT hr = E_OUTOFMEMORY;
    if (whole)
    {
        struct clone_opening opening = *how;
        opening.parent = tree->by_handle ? last_handle(tree) : NULL;
        opening.name = tree->by_handle ? relative + start : whole;
        opening.no_follow = true;
        hr = clone_open_as(&opening, &opened);
        if (SUCCEEDED(hr))
            hr = check_no_link(tree, opened, whole, relative + start);
    }
    if (SUCCEEDED(hr))
        *file = opened;
    else if (opened)
        CloseHandle(opened);
    mem_free(whole);
    mem_free(relative);
    return hr;
}

static bool is_level(const struct clone_tree *tree, size_t index, const WCHAR *part, size_t length)
{
    if (index >= tree->levels.count)
        return false;
    const WCHAR *name = ((struct clone_level *)tree->levels.items[index])->name;
    return str16_len(name) == length && memcmp(name, part, length * sizeof(WCHAR)) == 0;
}

/* Opens the folders down to the one that holds `path`, and no other. */
static HRESULT descend(struct clone_tree *tree, const WCHAR *path)
{
    static const struct clone_opening folder = {
        .kind = CLONE_FOLDER, .how = CLONE_EXISTING, .access = FOLDER_ACCESS, .share = HELD_SHARE};
    size_t depth = 1;
    HRESULT hr = S_OK;
    for (const WCHAR *part = path; SUCCEEDED(hr); depth++)
    {
        const WCHAR *end = str16_find_char(part, L'\\');
        if (!end)
            break;
        size_t length = (size_t)(end - part);
        if (!is_level(tree, depth, part, length))
        {
            HANDLE handle = NULL;
            leave_down_to(tree, depth);
            hr = open_entry(tree, path, (size_t)(end - path), &folder, &handle);
            if (SUCCEEDED(hr))
                hr = push(tree, handle, part, length);
        }
        part = end + 1;
    }
    if (SUCCEEDED(hr))
        leave_down_to(tree, depth);
    return hr;
}

HRESULT clone_tree_get(struct clone_tree *tree, const WCHAR *path, enum clone_kind kind,
    enum clone_how how, DWORD access, DWORD share, HANDLE *file)
{
    const struct clone_opening opening = {.kind = kind,
        .how = how,
        .access = access | FILE_READ_ATTRIBUTES,
        .attributes = FILE_ATTRIBUTE_NORMAL,
        .share = share};
    HRESULT hr = descend(tree, path);
    return SUCCEEDED(hr) ? open_entry(tree, path, str16_len(path), &opening, file) : hr;
}

HRESULT clone_tree_make_passing(struct clone_tree *tree, const WCHAR *path, HANDLE *file)
{
    static const struct clone_opening opening = {.kind = CLONE_FILE,
        .how = CLONE_NEW,
        .access = DELETE | FILE_READ_ATTRIBUTES,
        .attributes = FILE_ATTRIBUTE_NORMAL,
        .share = CLONE_SHARE_ALL,
        .passing = true};
    HRESULT hr = descend(tree, path);
    return SUCCEEDED(hr) ? open_entry(tree, path, str16_len(path), &opening, file) : hr;
}

/* Wine renames over a link that leads nowhere, which it shows to nobody. Such a link is met by
   making a file, which is gone again at once. */
HRESULT clone_tree_check_free(struct clone_tree *tree, const WCHAR *path)
{
    HANDLE file = NULL;
    HRESULT hr = tree->by_handle ? S_OK : clone_tree_make_passing(tree, path, &file);
    if (file)
        CloseHandle(file);
    return hr;
}

HRESULT clone_tree_get_folder(
    struct clone_tree *tree, const WCHAR *path, DWORD access, HANDLE *folder)
{
    if (*path)
        return clone_tree_get(
            tree, path, CLONE_FOLDER, CLONE_EXISTING, access, CLONE_SHARE_ALL, folder);
    WCHAR *top = clone_join(tree->root, L"");
    HRESULT hr = top
        ? clone_open(top, CLONE_FOLDER, CLONE_EXISTING, access | FILE_READ_ATTRIBUTES, 0, folder)
        : E_OUTOFMEMORY;
    mem_free(top);
    return hr;
}

void clone_tree_flush(struct clone_tree *tree, const WCHAR *path)
{
    HANDLE folder = NULL;
    if (SUCCEEDED(clone_tree_get_folder(tree, path, GENERIC_WRITE, &folder)))
    {
        FlushFileBuffers(folder);
        CloseHandle(folder);
    }
}

static HRESULT rename_to(const struct clone_tree *tree, HANDLE file, const WCHAR *path)
{
    const WCHAR *last = str16_find_last_char(path, L'\\');
    WCHAR *name = tree->by_handle ? str16_dup(last ? last + 1 : path)
                                  : clone_join(tree->root, path);
    ULONG bytes = (ULONG)(str16_len(name) * sizeof(WCHAR));
    ULONG size = (ULONG)sizeof(FILE_RENAME_INFORMATION) + bytes;
    FILE_RENAME_INFORMATION *info = name ? mem_alloc(size) : NULL;
    IO_STATUS_BLOCK io;
    HRESULT hr = E_OUTOFMEMORY;
    if (info)
    {
        if (!tree->by_handle)
            name[1] = L'?'; /* `\\?\` is `\??\` to the kernel */
        info->RootDirectory = tree->by_handle ? last_handle(tree) : NULL;
        info->FileNameLength = bytes;
        memcpy(info->FileName, name, bytes);
        NTSTATUS status = NtSetInformationFile(file, &io, info, size, FileRenameInformation);
        hr = status < 0 ? HRESULT_FROM_WIN32(RtlNtStatusToDosError(status)) : S_OK;
    }
    mem_free(info);
    mem_free(name);
    return hr;
}

HRESULT clone_tree_rename(struct clone_tree *tree, HANDLE file, const WCHAR *to)
{
    HRESULT hr = descend(tree, to);
    return SUCCEEDED(hr) ? rename_to(tree, file, to) : hr;
}

/* A read-only file can't be marked for deletion. Its attributes come back at once: with another
   name it lives on. */
static HRESULT mark_deleted(HANDLE file)
{
    FILE_DISPOSITION_INFO gone = {TRUE};
    FILE_BASIC_INFO before;
    FILE_BASIC_INFO normal = {.FileAttributes = FILE_ATTRIBUTE_NORMAL};
    if (SetFileInformationByHandle(file, FileDispositionInfo, &gone, sizeof(gone)))
        return S_OK;
    HRESULT hr = clone_last_error();
    if (hr != E_ACCESSDENIED ||
        !GetFileInformationByHandleEx(file, FileBasicInfo, &before, sizeof(before)) ||
        !SetFileInformationByHandle(file, FileBasicInfo, &normal, sizeof(normal)))
        return hr;
    hr = SetFileInformationByHandle(file, FileDispositionInfo, &gone, sizeof(gone))
        ? S_OK
        : clone_last_error();
    SetFileInformationByHandle(file, FileBasicInfo, &before, sizeof(before));
    return hr;
}

HRESULT clone_tree_delete(struct clone_tree *tree, const WCHAR *path, enum clone_kind kind)
{
    HANDLE file = NULL;
    HRESULT hr = clone_tree_get(
        tree, path, kind, CLONE_EXISTING, DELETE | FILE_WRITE_ATTRIBUTES, CLONE_SHARE_ALL, &file);
    if (FAILED(hr))
        return clone_is_missing(hr) ? S_OK : hr;
    hr = mark_deleted(file);
    CloseHandle(file);
    return hr;
}
