/* SPDX-License-Identifier: MIT
 *
 * Environment variables in paths.
 */
#include "cli/variables.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/text.h"

static const WCHAR *const variables_known[] = {L"ALLUSERSPROFILE", L"APPDATA",
    L"CommonProgramFiles", L"CommonProgramFiles(x86)", L"CommonProgramW6432", L"LOCALAPPDATA",
    L"ProgramData", L"ProgramFiles", L"ProgramFiles(x86)", L"ProgramW6432", L"PUBLIC",
    L"SystemDrive", L"SystemRoot", L"TEMP", L"TMP", L"USERPROFILE", L"windir"};

static bool variables_is_known(const WCHAR *name)
{
    for (size_t i = 0; i < ARRAYSIZE(variables_known); i++)
    {
        if (text_same(variables_known[i], name))
            return true;
    }
    return false;
}

/* NULL: it is not set. */
static WCHAR *variables_value(const WCHAR *name)
{
    DWORD size = GetEnvironmentVariableW(name, NULL, 0);
    WCHAR *value;

    if (!size)
        return NULL;
    value = text_memory((size + 1) * sizeof(WCHAR));
    GetEnvironmentVariableW(name, value, size + 1);
    return value;
}

/* The value of the variable that begins at `text` (a `%`), and in *end what follows it. NULL: it
   is none that counts. */
static WCHAR *variables_at(const WCHAR *text, const WCHAR **end)
{
    const WCHAR *close = wcschr(text + 1, '%');
    WCHAR *name, *value;

    if (!close)
        return NULL;
    name = text_copy(text + 1);
    name[close - text - 1] = 0;
    value = variables_is_known(name) ? variables_value(name) : NULL;
    free(name);
    *end = close + 1;
    return value;
}

WCHAR *variables_expand(const WCHAR *path)
{
    WCHAR *expanded = text_copy(path);
    size_t at = 0;

    while (expanded[at])
    {
        const WCHAR *end;
        WCHAR *value = expanded[at] == '%' ? variables_at(expanded + at, &end) : NULL;

        if (value)
        {
            WCHAR *whole = text_format(L"%.*ls%ls%ls", (int)at, expanded, value, end);

            at += wcslen(value);
            free(expanded);
            free(value);
            expanded = whole;
        }
        else
        {
            at++;
        }
    }
    return expanded;
}
