/* SPDX-License-Identifier: MIT
 *
 * Copies the sources out of their shadow copies. A file that can't be read is noted and left out; a
 * destination that takes nothing more ends the copy.
 */
#include "cli/copy_tree.h"

#include <stdlib.h>

#include "cli/cancel.h"
#include "cli/changes.h"
#include "cli/console.h"
#include "cli/failure.h"
#include "cli/file_copy.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/tree.h"

struct copy_tree
{
    struct backup *backup;
    const struct backup_source *source; /* the one being copied */
    BYTE *buffer;
    HRESULT hr; /* why the walk ended */
};

WCHAR *copy_tree_source(const struct backup *backup, const struct backup_source *source)
{
    WCHAR *path = path_join(backup->volumes[source->volume].device, source->beneath);
    WCHAR *name;

    /* The root of a device is a folder only with its backslash. */
    name = *source->beneath ? path_open_name(path) : text_format(L"%ls\\", path);
    free(path);
    return name;
}

static ULONGLONG copy_file_size(const WIN32_FIND_DATAW *data)
{
    return (ULONGLONG)data->nFileSizeHigh << 32 | data->nFileSizeLow;
}

static void copy_note_unread(struct copy_tree *copy, const struct tree_item *item, DWORD error)
{
    WCHAR *path = path_join(copy->source->path, item->relative);

    backup_add_trouble(&copy->backup->unread, path, error);
    free(path);
}

/* Of an earlier copy that is written over: hidden or read-only files cannot be created anew. */
static HANDLE copy_create(const WCHAR *name)
{
    HANDLE file = CreateFileW(
        name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);

    if (file == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ACCESS_DENIED &&
        SetFileAttributesW(name, FILE_ATTRIBUTE_NORMAL))
        file = CreateFileW(
            name, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    return file;
}

/* `parts`: only these ranges, packed; NULL: all of it. */
static DWORD copy_bytes(
    struct copy_tree *copy, HANDLE from, HANDLE to, const struct ranges *parts, bool *from_failed)
{
    struct ranges packed;
    DWORD error;

    if (!parts)
        return file_copy_bytes(from, to, copy->buffer, &copy->backup->bytes, from_failed);
    packed = ranges_packed(parts);
    error = ranges_copy(from, parts, to, &packed, copy->buffer, &copy->backup->bytes, from_failed);
    ranges_free(&packed);
    return error;
}

static DWORD copy_file(struct copy_tree *copy, const struct tree_item *item, const WCHAR *name,
    const struct ranges *parts)
{
    HANDLE from, to;
    DWORD error;
    bool from_failed = true;

    from = CreateFileW(item->path, GENERIC_READ, FILE_SHARE_ALL, NULL, OPEN_EXISTING,
        FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    if (from == INVALID_HANDLE_VALUE)
        return GetLastError();
    to = copy_create(name);
    if (to == INVALID_HANDLE_VALUE)
    {
        error = GetLastError();
        CloseHandle(from);
        return error;
    }
    error = copy_bytes(copy, from, to, parts, &from_failed);
    if (!error)
        file_copy_basics(to, item->data, true);
    CloseHandle(to);
    CloseHandle(from);
    if (error)
        DeleteFileW(name); /* half a file is worse than none */
    if (error && !from_failed && file_copy_is_hopeless(error))
        copy->hr = HRESULT_FROM_WIN32(error);
    return error;
}

static DWORD copy_changed(struct copy_tree *copy, const struct tree_item *item, const WCHAR *name)
{
    struct backup *backup = copy->backup;
    WCHAR *path = path_join(copy->source->path, item->relative);
    const struct ranges *parts = NULL;
    enum change change = changes_of(backup, path, item->data, &parts);
    DWORD error = ERROR_SUCCESS;

    if (change != CHANGE_NONE)
        error = copy_file(copy, item, name, parts);
    backup->unchanged += change == CHANGE_NONE;
    backup->files += change != CHANGE_NONE && !error;
    if (change == CHANGE_PARTS && !error)
        history_add_part(&backup->history, path, parts);
    free(path);
    return error;
}

static bool copy_visit(void *context, const struct tree_item *item)
{
    struct copy_tree *copy = context;
    WCHAR *target = path_join(copy->source->target, item->relative);
    WCHAR *name = path_open_name(target);
    DWORD error = item->error;

    switch (item->event)
    {
    case TREE_FOLDER:
        error = path_make_folder(target);
        copy->backup->folders++;
        break;
    case TREE_FOLDER_END:
        /* The root of a volume is hidden and a system folder; its copy need not be. */
        file_copy_folder_basics(name, item->data, *item->relative != 0);
        break;
    case TREE_FILE: error = copy_changed(copy, item, name); break;
    case TREE_LINK: copy->backup->links++; break;
    case TREE_UNREADABLE: break;
    }
    if (cancel_requested())
        copy->hr = CANCELLED;
    else if (error)
        copy_note_unread(copy, item, error);
    free(name);
    free(target);
    return SUCCEEDED(copy->hr);
}

static bool copy_count(void *context, const struct tree_item *item)
{
    ULONGLONG *total = context;

    if (item->event == TREE_FILE)
        *total += copy_file_size(item->data);
    progress_draw();
    return !cancel_requested();
}

static HRESULT copy_source(struct copy_tree *copy, const struct backup_source *source)
{
    WCHAR *from = copy_tree_source(copy->backup, source);
    WCHAR *parent = path_parent(source->target);
    DWORD error = path_make_folder(parent);

    copy->source = source;
    if (error)
    {
        copy->hr = HRESULT_FROM_WIN32(error);
        failure_report(L"Making a folder in the destination", copy->hr);
    }
    else if (!tree_walk(from, copy_visit, copy) && copy->hr != CANCELLED)
    {
        failure_report(L"Writing the copy", copy->hr);
    }
    free(parent);
    free(from);
    return copy->hr;
}

HRESULT copy_tree(struct backup *backup)
{
    struct copy_tree copy = {backup, NULL, text_memory(FILE_COPY_BUFFER_SIZE), S_OK};
    ULONGLONG total = 0;

    progress_phase(L"Counting", 0);
    for (size_t i = 0; i < backup->source_count; i++)
    {
        WCHAR *from = copy_tree_source(backup, &backup->sources[i]);

        tree_walk(from, copy_count, &total);
        free(from);
    }
    progress_phase(L"Copying", total);
    for (size_t i = 0; i < backup->source_count && SUCCEEDED(copy.hr); i++)
        copy_source(&copy, &backup->sources[i]);
    free(copy.buffer);
    return copy.hr;
}
