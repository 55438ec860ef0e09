/* SPDX-License-Identifier: MIT
 *
 * Checks of scripted writers after a restore. See script_check.h.
 */
#include "cli/script_check.h"

#include <stdlib.h>

#include "cli/failure.h"
#include "cli/file_set.h"
#include "cli/text.h"

static void complain(const struct script_check *check, const WCHAR *path, const WCHAR *what)
{
    WCHAR *text = text_format(L"%ls %ls", path, what);

    check->complain(check->context, text);
    free(text);
}

static void complain_unread(const struct script_check *check, const WCHAR *path, DWORD error)
{
    WCHAR *reason = failure_text(HRESULT_FROM_WIN32(error));
    WCHAR *text = text_format(L"can't be read after the restore: %ls", reason);

    complain(check, path, text);
    free(text);
    free(reason);
}

static bool is_missing(DWORD error)
{
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
}

/* `path` moved from the set's folder to the other, if it belongs to the set; free() it. NULL: it
   does not. */
static WCHAR *moved_by(const WCHAR *path, const WCHAR *folder, const WCHAR *filespec,
    bool recursive, const WCHAR *other)
{
    struct file_set set = file_set_expand(folder, filespec, recursive);
    WCHAR *moved = file_set_holds(&set, path, true) ? script_files_move(path, set.folder, other)
                                                    : NULL;

    file_set_free(&set);
    return moved;
}

static WCHAR *moved_by_description(const WCHAR *path, IVssWMFiledesc *description)
{
    BSTR folder = NULL, filespec = NULL, other = NULL;
    boolean recursive = FALSE;
    WCHAR *moved = NULL;

    if (SUCCEEDED(IVssWMFiledesc_GetPath(description, &folder)) &&
        SUCCEEDED(IVssWMFiledesc_GetFilespec(description, &filespec)) &&
        SUCCEEDED(IVssWMFiledesc_GetRecursive(description, &recursive)) &&
        IVssWMFiledesc_GetAlternateLocation(description, &other) == S_OK)
        moved = moved_by(path, folder, filespec, recursive, other);
    SysFreeString(folder);
    SysFreeString(filespec);
    SysFreeString(other);
    return moved;
}

/* Where the requestor was told to put it; free() it. */
static WCHAR *target_of(const struct script_kept *kept, IVssComponent *chosen)
{
    WCHAR *target = NULL;
    UINT count = 0;

    if (chosen && FAILED(IVssComponent_GetNewTargetCount(chosen, &count)))
        count = 0;
    for (UINT i = 0; i < count && !target; i++)
    {
        IVssWMFiledesc *description = NULL;
        if (IVssComponent_GetNewTarget(chosen, i, &description) != S_OK)
            continue;
        target = moved_by_description(kept->path, description);
        IVssWMFiledesc_Release(description);
    }
    return target ? target : text_copy(kept->path);
}

/* Whether the file lies well at the writer's alternate location. */
static bool is_at_mapping(const struct script_check *check, const struct script_kept *kept)
{
    const struct script_files *mappings = check->config->mappings.items;
    bool same = false;

    for (size_t i = 0; i < check->config->mappings.count && !same; i++)
    {
        WCHAR *path = moved_by(kept->path, mappings[i].path, mappings[i].filespec,
            mappings[i].recursive, mappings[i].alternate);
        if (path)
            script_files_compare(kept, path, &same);
        free(path);
    }
    return same;
}

static void check_file(
    const struct script_check *check, const struct script_kept *kept, IVssComponent *chosen)
{
    WCHAR *target = target_of(kept, chosen);
    UINT mapped = 0;
    bool same = false;
    DWORD error = script_files_compare(kept, target, &same);

    if (chosen && FAILED(IVssComponent_GetAlternateLocationMappingCount(chosen, &mapped)))
        mapped = 0;
    if (!same && is_at_mapping(check, kept))
    {
        if (!mapped && chosen)
            complain(check, kept->path,
                L"was restored to its alternate location, and the requestor did not say so with "
                L"AddAlternativeLocationMapping");
    }
    else if (is_missing(error))
        complain(check, target, L"was not restored");
    else if (error)
        complain_unread(check, target, error);
    else if (!same)
        complain(check, target, kept->ranges ? L"differs in the ranges that were backed up"
                                             : L"differs from what was backed up");
    free(target);
}

void script_check_component(
    const struct script_check *check, size_t component, IVssComponent *chosen)
{
    boolean selected = TRUE;

    if (chosen && FAILED(IVssComponent_IsSelectedForRestore(chosen, &selected)))
        selected = TRUE;
    for (size_t i = 0; selected && i < check->kept->count; i++)
        if (check->kept->items[i].component == component)
            check_file(check, &check->kept->items[i], chosen);
}

static bool complain_of_excluded(void *context, const WCHAR *path)
{
    complain(context, path, L"is excluded, and is there after the restore");
    return true;
}

void script_check_excluded(const struct script_check *check)
{
    const struct script_files *excluded = check->config->excluded.items;

    for (size_t i = 0; i < check->config->excluded.count; i++)
        script_files_visit(excluded[i].path, excluded[i].filespec, excluded[i].recursive,
            complain_of_excluded, (void *)check);
}
