/* SPDX-License-Identifier: MIT
 *
 * Ranges of files and directed targets. Follows requestor 6.6.
 */
#include "cli/restore_ranges.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/file_copy.h"
#include "cli/path.h"

/* ---- Writing ---- */

static DWORD ranges_write_to(
    const struct ranges_job *job, HANDLE to, ULONGLONG *copied, bool *from_failed)
{
    HANDLE from = CreateFileW(job->copy, GENERIC_READ, FILE_SHARE_ALL, NULL, OPEN_EXISTING,
        FILE_FLAG_BACKUP_SEMANTICS, NULL);
    DWORD error;

    *from_failed = true;
    if (from == INVALID_HANDLE_VALUE)
        return GetLastError();
    error = ranges_copy(from, job->source, to, job->target, job->buffer, copied, from_failed);
    CloseHandle(from);
    if (!error && !FlushFileBuffers(to))
    {
        *from_failed = false;
        error = GetLastError();
    }
    if (!error && job->basics)
        file_copy_basics(to, job->basics, true);
    return error;
}

DWORD restore_ranges_write(const struct ranges_job *job, ULONGLONG *copied, bool *from_failed)
{
    DWORD attributes = GetFileAttributesW(job->name);
    bool there = attributes != INVALID_FILE_ATTRIBUTES;
    bool guarded = there && (attributes & FILE_ATTRIBUTE_READONLY);
    DWORD error;
    HANDLE to;

    *from_failed = false;
    if (there && (attributes & FILE_ATTRIBUTE_REPARSE_POINT))
        return TROUBLE_LINK;
    if (guarded)
        SetFileAttributesW(job->name, attributes & ~(DWORD)FILE_ATTRIBUTE_READONLY);
    to = CreateFileW(job->name, GENERIC_WRITE, 0, NULL, job->create ? OPEN_ALWAYS : OPEN_EXISTING,
        FILE_ATTRIBUTE_NORMAL, NULL);
    error = to == INVALID_HANDLE_VALUE ? GetLastError() : ERROR_SUCCESS;
    if (!error)
    {
        error = ranges_write_to(job, to, copied, from_failed);
        CloseHandle(to);
    }
    if (guarded && (error || !job->basics))
        SetFileAttributesW(job->name, attributes);
    return error;
}

/* ---- Directed targets ---- */

/* NULL: no path that a restore may write to or was made from. */
static WCHAR *ranges_file_path(const WCHAR *folder, const WCHAR *name)
{
    struct file_set place = file_set_expand(folder ? folder : L"", name ? name : L"", false);
    WCHAR *path = path_join(place.folder, place.filespec);

    if (!*place.filespec || wcspbrk(place.filespec, L"\\/") || !path_is_plain(path))
    {
        free(path);
        path = NULL;
    }
    file_set_free(&place);
    return path;
}

static bool ranges_copy_has(const struct restore *restore, const WCHAR *path)
{
    WCHAR *copy = path_below(restore->source, path);
    DWORD attributes = path_attributes(copy);

    free(copy);
    return attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

static bool ranges_are_of(const struct restore_component *component, const WCHAR *path)
{
    bool found = false;

    for (size_t i = 0; i < component->set_count && !found; i++)
    {
        const struct restore_set *set = &component->sets[i];
        const struct file_set files = {set->from, set->filespec, set->recursive != 0};

        found = file_set_holds(&files, path, true);
    }
    return found;
}

static void ranges_add_directed(
    const struct restore *restore, struct restore_component *component, BSTR *texts)
{
    struct restore_directed directed = {
        .from = ranges_file_path(texts[0], texts[1]), .to = ranges_file_path(texts[3], texts[4])};

    if (!directed.from || !directed.to)
        restore_refuse(component,
            L"its writer directs %ls\\%ls to %ls\\%ls, which is no plain file", texts[0], texts[1],
            texts[3], texts[4]);
    else if (!ranges_are_of(component, directed.from))
        restore_refuse(
            component, L"its writer directs %ls, which is none of its files", directed.from);
    else if (!ranges_copy_has(restore, directed.from))
        restore_refuse(component, L"its writer directs %ls, which the copy has not", directed.from);
    else if (ranges_read(texts[2], &directed.source) || ranges_read(texts[5], &directed.target))
        restore_refuse(component,
            L"its writer directs %ls by ranges that cannot be read: %ls to %ls", directed.from,
            texts[2], texts[5]);
    component->directed = text_grow(
        component->directed, (component->directed_count + 1) * sizeof(*component->directed));
    component->directed[component->directed_count++] = directed;
}

void restore_ranges_hear(
    const struct restore *restore, struct restore_component *component, IVssComponent *from)
{
    UINT count = 0;

    if (component->target != VSS_RT_DIRECTED)
        return;
    if (FAILED(IVssComponent_GetDirectedTargetCount(from, &count)) || !count)
        restore_refuse(component, L"its writer asks for directed targets and names none");
    for (UINT i = 0; i < count; i++)
    {
        BSTR texts[6] = {NULL};

        if (SUCCEEDED(IVssComponent_GetDirectedTarget(
                from, i, &texts[0], &texts[1], &texts[2], &texts[3], &texts[4], &texts[5])))
            ranges_add_directed(restore, component, texts);
        for (size_t j = 0; j < ARRAYSIZE(texts); j++)
            SysFreeString(texts[j]);
    }
}

static DWORD ranges_direct_one(const struct restore_directed *directed, const struct ranges *parts,
    struct ranges_job *job, ULONGLONG *copied, bool *from_failed)
{
    struct ranges packed = {0};
    WCHAR *folder = path_parent(directed->to);
    WCHAR *name = path_open_name(directed->to);
    DWORD error = path_make_folder(folder);

    *from_failed = false;
    if (!error && parts && !ranges_find(&directed->source, parts, &packed))
        error = ERROR_HANDLE_EOF;
    job->source = parts ? &packed : &directed->source;
    job->name = name;
    job->target = &directed->target;
    job->create = true;
    job->basics = NULL;
    if (!error)
        error = restore_ranges_write(job, copied, from_failed);
    ranges_free(&packed);
    free(name);
    free(folder);
    return error;
}

bool restore_ranges_direct(const struct restore_component *component, const WCHAR *path,
    const struct ranges *parts, struct ranges_job *job, ULONGLONG *copied, DWORD *error,
    bool *from_failed)
{
    bool found = false;

    *error = ERROR_SUCCESS;
    for (size_t i = 0; i < component->directed_count && !*error; i++)
    {
        if (!text_same(component->directed[i].from, path))
            continue;
        found = true;
        *error = ranges_direct_one(&component->directed[i], parts, job, copied, from_failed);
    }
    return found;
}

void restore_ranges_free(struct restore_component *component)
{
    for (size_t i = 0; i < component->directed_count; i++)
    {
        free(component->directed[i].from);
        free(component->directed[i].to);
        ranges_free(&component->directed[i].source);
        ranges_free(&component->directed[i].target);
    }
    free(component->directed);
}
