/* SPDX-License-Identifier: MIT
 *
 * Copies the files back.
 */
#include "cli/restore_files.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/cancel.h"
#include "cli/failure.h"
#include "cli/file_copy.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/restore_part.h"
#include "cli/restore_plan.h"
#include "cli/restore_ranges.h"
#include "cli/tree.h"

/* Where one thing of the copy goes. */
struct place
{
    WCHAR *target;
    const WCHAR *base;               /* links beneath it are not followed */
    struct restore_component *owner; /* NULL: no component's */
    const struct ranges *parts; /* all that the copy has of the file, packed; NULL: all of it */
};

struct restore_walk
{
    struct restore *restore;
    const WCHAR *source; /* the one that is walked, as it was */
    WCHAR *ready;        /* a folder that was found fit to be written to; NULL: none */
    struct restore_part part;
    BYTE *buffer;
    ULONGLONG total; /* bytes */
    bool counted;    /* `total` and what is expected of the components are whole */
    HRESULT hr;      /* why the walk ended */
};

/* ---- Places ---- */

static bool place_of_component(struct restore_walk *walk, const WCHAR *path,
    const struct restore_set *set, struct restore_component *owner, struct place *place)
{
    if (!set->to)
        return false;
    place->owner = owner;
    place->base = walk->restore->destination ? walk->restore->destination : set->to;
    place->target = restore_target(set, path);
    return true;
}

/* False: it is not to be restored. */
static bool place_find(
    struct restore_walk *walk, const WCHAR *path, bool is_file, struct place *place)
{
    struct restore *restore = walk->restore;
    struct restore_component *owner = NULL;
    struct restore_set *set = restore_find_set(restore, path, is_file, &owner);

    ZeroMemory(place, sizeof(*place));
    place->parts = is_file ? history_find_part(&restore->history, path) : NULL;
    if (set)
        return place_of_component(walk, path, set, owner, place);
    if (restore->wanted.count)
        return false;
    place->base = restore->destination; /* NULL: the root of the drive */
    place->target = restore->destination ? path_below(restore->destination, path) : text_copy(path);
    return true;
}

/* Whether `folder` lies in `base` without a link in between, `base` itself aside. */
static DWORD place_check_links(const WCHAR *folder, const WCHAR *base)
{
    DWORD error = ERROR_SUCCESS;
    WCHAR *step = text_copy(folder);

    while (step && !error && !(base && text_same(step, base)))
    {
        DWORD attributes = path_attributes(step);
        WCHAR *parent = path_parent(step);

        if (parent && attributes != INVALID_FILE_ATTRIBUTES &&
            (attributes & FILE_ATTRIBUTE_REPARSE_POINT))
            error = TROUBLE_LINK;
        free(step);
        step = parent;
    }
    free(step);
    return error;
}

/* Makes the folder ready to be written to; remembers the last one. */
static DWORD place_ready(struct restore_walk *walk, const WCHAR *folder, const WCHAR *base)
{
    DWORD error;

    if (walk->ready && text_same(walk->ready, folder))
        return ERROR_SUCCESS;
    error = place_check_links(folder, base);
    if (!error)
        error = path_make_folder(folder);
    if (error)
        return error;
    free(walk->ready);
    walk->ready = text_copy(folder);
    return ERROR_SUCCESS;
}

/* ---- One file ---- */

static DWORD file_write_part(
    struct restore_walk *walk, const struct tree_item *item, const WCHAR *part)
{
    bool from_failed = true;
    DWORD error;
    HANDLE to;
    HANDLE from = CreateFileW(item->path, GENERIC_READ, FILE_SHARE_ALL, NULL, OPEN_EXISTING,
        FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_SEQUENTIAL_SCAN, NULL);

    if (from == INVALID_HANDLE_VALUE)
        return GetLastError();
    to = CreateFileW(part, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    error = to == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
    if (!error)
    {
        error = file_copy_bytes(from, to, walk->buffer, &walk->restore->bytes, &from_failed);
        if (!error)
        {
            file_copy_basics(to, item->data, true);
            /* After a power cut there is the old file or the new one, not a name for nothing. */
            if (!FlushFileBuffers(to))
                error = GetLastError();
        }
        CloseHandle(to);
    }
    CloseHandle(from);
    if (error && !from_failed && file_copy_is_hopeless(error))
        walk->hr = HRESULT_FROM_WIN32(error);
    return error;
}

/* A read-only file cannot be replaced; it gets its attributes back if it is not. */
static DWORD file_replace(const WCHAR *part, const WCHAR *name)
{
    DWORD attributes, error;
    bool guarded;

    if (MoveFileExW(part, name, 0))
        return ERROR_SUCCESS;
    attributes = GetFileAttributesW(name);
    guarded = attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_READONLY);
    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_REPARSE_POINT))
        return TROUBLE_LINK;
    if (guarded)
        SetFileAttributesW(name, attributes & ~(DWORD)FILE_ATTRIBUTE_READONLY);
    if (MoveFileExW(part, name, MOVEFILE_REPLACE_EXISTING))
        return ERROR_SUCCESS;
    error = GetLastError();
    if (guarded)
        SetFileAttributesW(name, attributes);
    return error;
}

/* The part waits where it is. A kill before it is left means that the next restore takes it away
   and writes it again: then there is one move too many, of nothing. */
static DWORD file_replace_at_reboot(struct restore_walk *walk, const WCHAR *part, const WCHAR *name)
{
    if (!MoveFileExW(part, name, MOVEFILE_REPLACE_EXISTING | MOVEFILE_DELAY_UNTIL_REBOOT))
        return GetLastError();
    restore_part_leave(&walk->part);
    walk->restore->at_reboot++;
    return ERROR_SUCCESS;
}

static DWORD file_restore(
    struct restore_walk *walk, const struct tree_item *item, const struct place *place)
{
    WCHAR *folder = path_parent(place->target);
    WCHAR *name = path_open_name(place->target);
    WCHAR *part = NULL;
    DWORD error = place_ready(walk, folder, place->base);

    if (!error)
    {
        part = restore_part_place(&walk->part, folder);
        error = file_write_part(walk, item, part);
    }
    if (!error && place->owner && place->owner->at_reboot)
        error = file_replace_at_reboot(walk, part, name);
    else if (!error)
    {
        error = file_replace(part, name);
        if (error && error != TROUBLE_LINK && place->owner && place->owner->blocked_at_reboot)
            error = file_replace_at_reboot(walk, part, name);
    }
    if (error && part)
        restore_part_remove(part);
    free(part);
    free(name);
    free(folder);
    return error;
}

/* ---- Ranges of one file ---- */

static DWORD file_note(struct restore_walk *walk, DWORD error, bool from_failed)
{
    if (error && !from_failed && file_copy_is_hopeless(error))
        walk->hr = HRESULT_FROM_WIN32(error);
    return error;
}

/* Into the file that is there: the backup before has the rest of it. */
static DWORD file_restore_parts(
    struct restore_walk *walk, const struct tree_item *item, const struct place *place)
{
    struct ranges packed = ranges_packed(place->parts);
    WCHAR *folder = path_parent(place->target);
    WCHAR *name = path_open_name(place->target);
    struct ranges_job job = {.copy = item->path,
        .source = &packed,
        .name = name,
        .target = place->parts,
        .basics = item->data,
        .buffer = walk->buffer};
    bool from_failed = false;
    ULONGLONG size = (ULONGLONG)item->data->nFileSizeHigh << 32 | item->data->nFileSizeLow;
    DWORD error = place_check_links(folder, place->base);

    /* Found out halfway, it would leave the file neither old nor new. */
    if (!error && ranges_total(place->parts) != size)
        error = ERROR_INVALID_DATA;
    /* At the next start of the system there is none but whole files to take a place. */
    if (!error && place->owner && place->owner->at_reboot)
        error = ERROR_NOT_SUPPORTED;
    if (!error)
        error = restore_ranges_write(&job, &walk->restore->bytes, &from_failed);
    ranges_free(&packed);
    free(name);
    free(folder);
    return file_note(walk, error, from_failed);
}

static DWORD file_put(struct restore_walk *walk, const struct tree_item *item, const WCHAR *path,
    const struct place *place)
{
    struct ranges_job job = {.copy = item->path, .buffer = walk->buffer};
    bool from_failed = false;
    DWORD error;

    if (place->owner &&
        restore_ranges_direct(
            place->owner, path, place->parts, &job, &walk->restore->bytes, &error, &from_failed))
        return file_note(walk, error, from_failed);
    return place->parts ? file_restore_parts(walk, item, place) : file_restore(walk, item, place);
}

/* ---- The walk ---- */

static DWORD walk_folder(struct restore_walk *walk, const struct place *place)
{
    DWORD error = place_ready(walk, place->target, place->base);

    walk->restore->folders += !error;
    return error;
}

/* The root of a drive keeps what it has. */
static DWORD walk_folder_end(const struct tree_item *item, const struct place *place)
{
    WCHAR *parent = path_parent(place->target);
    WCHAR *name = path_open_name(place->target);
    DWORD error = place_check_links(place->target, place->base);

    if (parent && !error)
    {
        file_copy_folder_basics(name, item->data, true);
    }
    free(name);
    free(parent);
    return ERROR_SUCCESS; /* what is wrong with the folder was said when it began */
}

static void walk_count(
    struct restore_walk *walk, const struct tree_item *item, const struct place *place, DWORD error)
{
    if (error)
        backup_add_trouble(&walk->restore->troubles, place->target, error);
    if (error && place->owner)
        place->owner->failed++;
    if (item->event != TREE_FILE || error)
        return;
    walk->restore->files++;
    if (place->owner)
        place->owner->files++;
}

static bool walk_visit(void *context, const struct tree_item *item)
{
    struct restore_walk *walk = context;
    WCHAR *path = path_join(walk->source, item->relative);
    bool is_file = item->event == TREE_FILE;
    DWORD error = item->error;
    struct place place;

    if (item->event != TREE_LINK && place_find(walk, path, is_file, &place))
    {
        if (item->event == TREE_FILE)
            error = file_put(walk, item, path, &place);
        else if (item->event == TREE_FOLDER)
            error = walk_folder(walk, &place);
        else if (item->event == TREE_FOLDER_END)
            error = walk_folder_end(item, &place);
        if (cancel_requested())
            walk->hr = CANCELLED;
        if (walk->hr != CANCELLED || error != ERROR_CANCELLED)
            walk_count(walk, item, &place, error);
        free(place.target);
    }
    progress_draw();
    free(path);
    return SUCCEEDED(walk->hr);
}

static bool walk_add_up(void *context, const struct tree_item *item)
{
    struct restore_walk *walk = context;

    if (item->event == TREE_FILE)
    {
        struct restore_component *owner = NULL;
        WCHAR *path = path_join(walk->source, item->relative);
        struct restore_set *set = restore_find_set(walk->restore, path, true, &owner);

        if (set && set->to)
            owner->expected++;
        walk->total += (ULONGLONG)item->data->nFileSizeHigh << 32 | item->data->nFileSizeLow;
        free(path);
    }
    if (cancel_requested())
        walk->hr = CANCELLED;
    return SUCCEEDED(walk->hr);
}

static void walk_sources(struct restore_walk *walk, tree_visitor visitor)
{
    const struct text_list *sources = &walk->restore->sources;

    for (size_t i = 0; i < sources->count && SUCCEEDED(walk->hr); i++)
    {
        WCHAR *copy = path_below(walk->restore->source, sources->items[i]);
        WCHAR *name = path_open_name(copy);

        walk->source = sources->items[i];
        tree_walk(name, visitor, walk);
        free(name);
        free(copy);
    }
}

/* Of a walk that did not come to its end: which components miss files for it. */
static void walk_cut_short(struct restore_walk *walk)
{
    for (size_t i = 0; i < walk->restore->component_count; i++)
    {
        struct restore_component *component = &walk->restore->components[i];
        bool whole = component->expected && component->files == component->expected;

        component->cut_short = !walk->counted || !whole;
    }
}

HRESULT restore_files(struct restore *restore)
{
    struct restore_walk walk = {.restore = restore};

    progress_phase(L"Counting", 0);
    walk_sources(&walk, walk_add_up);
    walk.counted = SUCCEEDED(walk.hr);
    walk.buffer = text_memory(FILE_COPY_BUFFER_SIZE);
    restore_part_begin(&walk.part);
    progress_phase(L"Restoring", walk.total);
    walk_sources(&walk, walk_visit);
    restore_part_end(&walk.part);
    free(walk.buffer);
    free(walk.ready);
    if (FAILED(walk.hr))
        walk_cut_short(&walk);
    if (cancel_requested())
        return CANCELLED;
    if (FAILED(walk.hr))
        failure_report(L"Writing the files", walk.hr);
    return walk.hr;
}
