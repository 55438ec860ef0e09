/* SPDX-License-Identifier: MIT
 *
 * Where a backup comes from and where it goes.
 */
#include "cli/destination.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/failure.h"
#include "cli/path.h"

/* `\\?\Volume{guid}\` and the NUL, as GetVolumeNameForVolumeMountPoint's page says. */
#define VOLUME_NAME_SIZE 50

/* The volume at `root`; adds it if it is new. False: no such volume. */
static bool destination_find_volume(struct backup *backup, const WCHAR *root, size_t *index)
{
    WCHAR name[VOLUME_NAME_SIZE];
    struct backup_volume *volume;

    if (!GetVolumeNameForVolumeMountPointW(root, name, ARRAYSIZE(name)))
        return false;
    for (size_t i = 0; i < backup->volume_count; i++)
    {
        *index = i;
        if (text_same(backup->volumes[i].name, name))
            return true;
    }
    backup->volumes = text_grow(
        backup->volumes, (backup->volume_count + 1) * sizeof(*backup->volumes));
    *index = backup->volume_count++;
    volume = &backup->volumes[*index];
    ZeroMemory(volume, sizeof(*volume));
    volume->root = text_copy(root);
    volume->name = text_copy(name);
    return true;
}

static WCHAR *destination_locate(struct backup *backup, struct backup_source *source)
{
    size_t size = wcslen(source->path) + 2;
    WCHAR *root = text_memory(size * sizeof(WCHAR));
    WCHAR *wrong = NULL;

    if (!GetVolumePathNameW(source->path, root, (DWORD)size) ||
        !destination_find_volume(backup, root, &source->volume))
    {
        wrong = text_format(L"%ls lies on no local volume", source->path);
    }
    else
    {
        size_t length = wcslen(root);

        source->beneath = text_copy(wcslen(source->path) > length ? source->path + length : L"");
    }
    free(root);
    return wrong;
}

static WCHAR *destination_add_source(struct backup *backup, const WCHAR *word)
{
    struct backup_source *source;
    WCHAR *path = path_absolute(word);
    WCHAR *parent = path ? path_parent(path) : NULL;
    DWORD attributes = path ? path_attributes(path) : INVALID_FILE_ATTRIBUTES;
    /* To Wine a root on which something is mounted is like a link. */
    bool link = parent && (attributes & FILE_ATTRIBUTE_REPARSE_POINT);

    free(parent);
    if (attributes == INVALID_FILE_ATTRIBUTES || link)
    {
        free(path);
        if (attributes == INVALID_FILE_ATTRIBUTES)
            return text_format(L"there is no %ls", word);
        return text_format(L"%ls is a link; name what it leads to", word);
    }
    backup->sources = text_grow(
        backup->sources, (backup->source_count + 1) * sizeof(*backup->sources));
    source = &backup->sources[backup->source_count++];
    ZeroMemory(source, sizeof(*source));
    source->path = path;
    source->target = path_below(backup->destination, path);
    return destination_locate(backup, source);
}

/* Two sources of which one holds the other would be copied twice. */
static WCHAR *destination_check_overlap(const struct backup *backup)
{
    for (size_t i = 0; i < backup->source_count; i++)
    {
        for (size_t j = 0; j < backup->source_count; j++)
        {
            if (i != j && path_reaches(backup->sources[i].path, backup->sources[j].path))
                return text_format(L"%ls is copied with %ls already", backup->sources[i].path,
                    backup->sources[j].path);
        }
    }
    return NULL;
}

static WCHAR *destination_check_inside(const struct backup *backup)
{
    for (size_t i = 0; i < backup->source_count; i++)
    {
        for (size_t j = 0; j < backup->source_count; j++)
        {
            if (path_reaches(backup->sources[j].target, backup->sources[i].path))
                return text_format(
                    L"the destination lies inside the source %ls", backup->sources[i].path);
        }
    }
    return NULL;
}

static bool destination_is_empty(const WCHAR *folder)
{
    WCHAR *pattern = path_join(folder, L"*");
    WCHAR *name = path_open_name(pattern);
    WIN32_FIND_DATAW data;
    HANDLE find = FindFirstFileW(name, &data);
    bool empty = true;

    free(name);
    free(pattern);
    if (find == INVALID_HANDLE_VALUE)
        return true;
    do
    {
        empty = !wcscmp(data.cFileName, L".") || !wcscmp(data.cFileName, L"..");
    } while (empty && FindNextFileW(find, &data));
    FindClose(find);
    return empty;
}

static WCHAR *destination_check_target(const struct backup *backup)
{
    DWORD attributes = path_attributes(backup->destination);
    WCHAR *mark;
    bool incomplete;

    if (attributes == INVALID_FILE_ATTRIBUTES)
        return NULL;
    if (!(attributes & FILE_ATTRIBUTE_DIRECTORY))
        return text_format(L"%ls is not a folder", backup->destination);
    if (backup->overwrite || destination_is_empty(backup->destination))
        return NULL;
    mark = path_join(backup->destination, DESTINATION_MARK);
    incomplete = path_attributes(mark) != INVALID_FILE_ATTRIBUTES;
    free(mark);
    return text_format(L"%ls %ls; --overwrite writes over it", backup->destination,
        incomplete ? L"holds an incomplete copy" : L"is not empty");
}

WCHAR *destination_check(struct backup *backup, const struct text_list *paths)
{
    WCHAR *wrong = NULL;

    if (paths->count < 2)
        return text_copy(
            paths->count ? L"a destination is missing" : L"a source and a destination are missing");
    backup->destination = path_absolute(paths->items[paths->count - 1]);
    if (!backup->destination)
        return text_format(L"%ls is no folder on a drive", paths->items[paths->count - 1]);
    for (size_t i = 0; i + 1 < paths->count && !wrong; i++)
        wrong = destination_add_source(backup, paths->items[i]);
    if (!wrong)
        wrong = destination_check_overlap(backup);
    if (!wrong)
        wrong = destination_check_inside(backup);
    if (!wrong)
        wrong = destination_check_target(backup);
    return wrong;
}

static WCHAR *destination_mark(const struct backup *backup)
{
    WCHAR *mark = path_join(backup->destination, DESTINATION_MARK);
    WCHAR *name = path_open_name(mark);

    free(mark);
    return name;
}

HRESULT destination_begin(struct backup *backup)
{
    WCHAR *mark = destination_mark(backup);
    bool marked_before = GetFileAttributesW(mark) != INVALID_FILE_ATTRIBUTES;
    DWORD error = path_make_folder(backup->destination);

    if (!error)
        error = path_write_text(
            mark, L"This copy is not complete: it is still being made, or was interrupted.\r\n");
    backup->marked = !error && !marked_before;
    free(mark);
    if (error)
        failure_report(L"Making the destination", HRESULT_FROM_WIN32(error));
    return HRESULT_FROM_WIN32(error);
}

HRESULT destination_note_type(struct backup *backup)
{
    DWORD error = history_write(&backup->history, backup->destination);

    backup->noted = true;
    if (error)
        failure_report(L"Writing the history", HRESULT_FROM_WIN32(error));
    return HRESULT_FROM_WIN32(error);
}

HRESULT destination_note(const struct backup *backup)
{
    WCHAR *path = path_join(backup->destination, DESTINATION_SOURCES);
    WCHAR *text = text_copy(L"");
    DWORD error;

    for (size_t i = 0; i < backup->source_count; i++)
    {
        WCHAR *longer = text_format(L"%ls%ls\r\n", text, backup->sources[i].path);

        free(text);
        text = longer;
    }
    error = path_write_text(path, text);
    if (!error)
        error = history_write(&backup->history, backup->destination);
    free(text);
    free(path);
    if (error)
        failure_report(L"Noting the sources", HRESULT_FROM_WIN32(error));
    return HRESULT_FROM_WIN32(error);
}

HRESULT destination_finish(const struct backup *backup)
{
    WCHAR *mark = destination_mark(backup);
    DWORD error = DeleteFileW(mark) ? ERROR_SUCCESS : GetLastError();

    free(mark);
    if (error)
        failure_report(L"Taking away the mark of the incomplete copy", HRESULT_FROM_WIN32(error));
    return HRESULT_FROM_WIN32(error);
}

static void destination_remove_history(const struct backup *backup)
{
    WCHAR *path = path_join(backup->destination, HISTORY_FILE);
    WCHAR *name = path_open_name(path);

    DeleteFileW(name);
    free(name);
    free(path);
}

void destination_undo(const struct backup *backup)
{
    WCHAR *mark, *folder;

    if (!backup->marked || backup->files || backup->folders)
        return;
    /* What lies there has lost its history. */
    if (backup->noted && backup->overwrite)
        return;
    mark = destination_mark(backup);
    folder = path_open_name(backup->destination);
    if (backup->noted)
        destination_remove_history(backup);
    DeleteFileW(mark);
    RemoveDirectoryW(folder); /* stays if anything is in it */
    free(folder);
    free(mark);
}
