/* SPDX-License-Identifier: MIT
 *
 * Walks a folder with a stack of its own.
 */
#include "cli/tree.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/text.h"

/* A folder whose entries are being listed. */
struct tree_level
{
    HANDLE find;
    WIN32_FIND_DATAW next; /* the entry to visit next */
    bool has_next;
    WIN32_FIND_DATAW folder; /* the folder itself, as it was found */
    size_t path_length;      /* of the folder */
};

struct tree
{
    WCHAR *path; /* of the entry that is being visited */
    size_t path_capacity;
    size_t root_length;
    struct tree_level *levels;
    size_t depth;
    tree_visitor visitor;
    void *context;
};

static void tree_set_name(struct tree *tree, size_t folder_length, const WCHAR *name)
{
    size_t length = wcslen(name);
    size_t needed = folder_length + length + 2;

    if (needed > tree->path_capacity)
    {
        tree->path_capacity = needed * 2;
        tree->path = text_grow(tree->path, tree->path_capacity * sizeof(WCHAR));
    }
    if (folder_length && tree->path[folder_length - 1] != '\\')
        tree->path[folder_length++] = '\\';
    memcpy(tree->path + folder_length, name, (length + 1) * sizeof(WCHAR));
}

static bool tree_visit(
    struct tree *tree, enum tree_event event, const WIN32_FIND_DATAW *data, DWORD error)
{
    const WCHAR *relative = tree->path + tree->root_length;
    struct tree_item item = {
        event, tree->path, *relative == '\\' ? relative + 1 : relative, data, error};

    return tree->visitor(tree->context, &item);
}

/* What a walk must not follow: links and mount points, and any folder that leads somewhere else.
   A file with another reparse point (deduplicated, kept in a cloud) reads as a file. */
static bool tree_is_link(const WIN32_FIND_DATAW *data)
{
    if (!(data->dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT))
        return false;
    return (data->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) ||
        IsReparseTagNameSurrogate(data->dwReserved0);
}

/* Moves on to the next entry that is not "." or "..". */
static DWORD tree_advance(struct tree_level *level, bool found)
{
    DWORD error = found ? ERROR_SUCCESS : GetLastError();

    while (
        !error && (!wcscmp(level->next.cFileName, L".") || !wcscmp(level->next.cFileName, L"..")))
        error = FindNextFileW(level->find, &level->next) ? ERROR_SUCCESS : GetLastError();
    level->has_next = !error;
    return error == ERROR_NO_MORE_FILES || error == ERROR_FILE_NOT_FOUND ? ERROR_SUCCESS : error;
}

/* Begins to list the folder at tree->path. */
static bool tree_enter(struct tree *tree, const WIN32_FIND_DATAW *folder)
{
    struct tree_level *level;
    DWORD error;

    if (!tree_visit(tree, TREE_FOLDER, folder, ERROR_SUCCESS))
        return false;
    tree->levels = text_grow(tree->levels, (tree->depth + 1) * sizeof(*tree->levels));
    level = &tree->levels[tree->depth++];
    level->folder = *folder;
    level->path_length = wcslen(tree->path);
    tree_set_name(tree, level->path_length, L"*");
    level->find = FindFirstFileExW(tree->path, FindExInfoBasic, &level->next, FindExSearchNameMatch,
        NULL, FIND_FIRST_EX_LARGE_FETCH);
    error = tree_advance(level, level->find != INVALID_HANDLE_VALUE);
    tree->path[level->path_length] = 0;
    return !error || tree_visit(tree, TREE_UNREADABLE, &level->folder, error);
}

static bool tree_leave(struct tree *tree)
{
    struct tree_level *level = &tree->levels[--tree->depth];

    if (level->find != INVALID_HANDLE_VALUE)
        FindClose(level->find);
    tree->path[level->path_length] = 0;
    return tree_visit(tree, TREE_FOLDER_END, &level->folder, ERROR_SUCCESS);
}

static bool tree_visit_entry(struct tree *tree, const WIN32_FIND_DATAW *data)
{
    if (tree_is_link(data))
        return tree_visit(tree, TREE_LINK, data, ERROR_SUCCESS);
    if (data->dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
        return tree_enter(tree, data);
    return tree_visit(tree, TREE_FILE, data, ERROR_SUCCESS);
}

static bool tree_step(struct tree *tree)
{
    struct tree_level *level = &tree->levels[tree->depth - 1];
    WIN32_FIND_DATAW entry;
    DWORD error;

    if (!level->has_next)
        return tree_leave(tree);
    entry = level->next;
    error = tree_advance(level, FindNextFileW(level->find, &level->next));
    tree->path[level->path_length] = 0;
    if (error && !tree_visit(tree, TREE_UNREADABLE, &level->folder, error))
        return false;
    tree_set_name(tree, level->path_length, entry.cFileName);
    return tree_visit_entry(tree, &entry);
}

/* The root as if a listing had found it: a root of a volume or device cannot be found so. Such a
   one ends with a backslash; where something is mounted it is like a link to Wine, and is none. */
static bool tree_begin(struct tree *tree)
{
    WIN32_FIND_DATAW data = {0};
    WIN32_FILE_ATTRIBUTE_DATA attributes;

    if (!GetFileAttributesExW(tree->path, GetFileExInfoStandard, &attributes))
        return tree_visit(tree, TREE_UNREADABLE, &data, GetLastError());
    data.dwFileAttributes = attributes.dwFileAttributes;
    if (tree->root_length && tree->path[tree->root_length - 1] == '\\')
        data.dwFileAttributes &= ~(DWORD)FILE_ATTRIBUTE_REPARSE_POINT;
    data.ftCreationTime = attributes.ftCreationTime;
    data.ftLastAccessTime = attributes.ftLastAccessTime;
    data.ftLastWriteTime = attributes.ftLastWriteTime;
    data.nFileSizeHigh = attributes.nFileSizeHigh;
    data.nFileSizeLow = attributes.nFileSizeLow;
    return tree_visit_entry(tree, &data);
}

bool tree_walk(const WCHAR *root, tree_visitor visitor, void *context)
{
    struct tree tree = {0};
    bool whole;

    tree.visitor = visitor;
    tree.context = context;
    tree_set_name(&tree, 0, root);
    tree.root_length = wcslen(root);
    whole = tree_begin(&tree);
    while (whole && tree.depth)
        whole = tree_step(&tree);
    while (tree.depth)
    {
        struct tree_level *level = &tree.levels[--tree.depth];

        if (level->find != INVALID_HANDLE_VALUE)
            FindClose(level->find);
    }
    free(tree.levels);
    free(tree.path);
    return whole;
}
