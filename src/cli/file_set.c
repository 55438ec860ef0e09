/* SPDX-License-Identifier: MIT
 *
 * Sets of files. It is asked of every set for every file: nothing is copied for the answer.
 */
#include "cli/file_set.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/text.h"
#include "cli/variables.h"

/* `X:\` */
#define ROOT_LENGTH 3

/* `*` and `?`, without regard to case; `*.*` is every name, with a dot or without. */
static bool file_set_matches(const WCHAR *name, const WCHAR *spec)
{
    const WCHAR *star = NULL, *resume = NULL;

    if (!wcscmp(spec, L"*.*"))
        return true;
    while (*name)
    {
        if (*spec == '*')
        {
            star = ++spec;
            resume = name;
        }
        else if (*spec &&
            (*spec == '?' || CompareStringOrdinal(name, 1, spec, 1, TRUE) == CSTR_EQUAL))
        {
            name++;
            spec++;
        }
        else if (star)
        {
            spec = star;
            name = ++resume;
        }
        else
        {
            return false;
        }
    }
    while (*spec == '*')
        spec++;
    return !*spec;
}

bool file_set_holds(const struct file_set *set, const WCHAR *path, bool is_file)
{
    const WCHAR *name = wcsrchr(path, '\\') + 1;
    size_t length = is_file ? (size_t)(name - path) - 1 : wcslen(path);
    size_t folder = wcslen(set->folder);

    if (length < ROOT_LENGTH)
        length = ROOT_LENGTH;
    if (length < folder || (!set->recursive && length > folder) ||
        !text_starts_with(path, set->folder))
        return false;
    if (length > folder && path[folder] != '\\' && set->folder[folder - 1] != '\\')
        return false;
    return !is_file || file_set_matches(name, set->filespec);
}

struct file_set file_set_expand(const WCHAR *folder, const WCHAR *filespec, bool recursive)
{
    struct file_set set = {variables_expand(folder), text_copy(filespec), recursive};
    size_t length = wcslen(set.folder);

    while (length > ROOT_LENGTH && set.folder[length - 1] == '\\')
        set.folder[--length] = 0;
    return set;
}

void file_set_free(struct file_set *set)
{
    free(set->folder);
    free(set->filespec);
}
