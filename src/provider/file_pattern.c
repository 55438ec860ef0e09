/* SPDX-License-Identifier: MIT
 *
 * Wildcards and paths without regard to case. See file_pattern.h.
 */
#include "provider/file_pattern.h"

#include "base/str16.h"

static bool same_unit(WCHAR a, WCHAR b)
{
    return a == b || CompareStringOrdinal(&a, 1, &b, 1, TRUE) == CSTR_EQUAL;
}

bool file_pattern_matches(const WCHAR *pattern, const WCHAR *name)
{
    if (!pattern || !*pattern || str16_equal(pattern, L"*.*"))
        return true;
    /* On a mismatch the last star takes one unit more: no other needs to be tried again. */
    const WCHAR *after_star = NULL;
    const WCHAR *retry = NULL;
    while (*name)
    {
        if (*pattern == L'*')
        {
            after_star = ++pattern;
            retry = name;
        }
        else if (*pattern == L'?' || same_unit(*pattern, *name))
        {
            pattern++;
            name++;
        }
        else if (after_star)
        {
            pattern = after_star;
            name = ++retry;
        }
        else
        {
            return false;
        }
    }
    while (*pattern == L'*')
        pattern++;
    return !*pattern;
}

bool file_path_equal(const WCHAR *a, const WCHAR *b)
{
    return CompareStringOrdinal(a, -1, b, -1, TRUE) == CSTR_EQUAL;
}

bool file_path_is_within(const WCHAR *path, const WCHAR *folder)
{
    size_t length = str16_len(folder);
    if (!length)
        return true;
    if (str16_len(path) < length || (path[length] && path[length] != L'\\'))
        return false;
    return CompareStringOrdinal(path, (int)length, folder, (int)length, TRUE) == CSTR_EQUAL;
}
