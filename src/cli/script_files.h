/* SPDX-License-Identifier: MIT
 *
 * The files of a scripted writer: which they are, what they held at the backup, and whether a
 * restore brought that back. Strings belong to the lists. One thread at a time.
 */
#ifndef THAWLINE_CLI_SCRIPT_FILES_H
#define THAWLINE_CLI_SCRIPT_FILES_H

#include <stdbool.h>
#include <windows.h>

#include "cli/script_config.h"

#define SCRIPT_DIGEST_SIZE 32

/* A file, or the ranges of one, as it was. */
struct script_kept
{
    WCHAR *path;
    WCHAR *ranges; /* NULL: all of it */
    size_t component;
    ULONGLONG size;
    BYTE digest[SCRIPT_DIGEST_SIZE];
};

struct script_kept_list
{
    struct script_kept *items;
    size_t count;
};

/* Calls `visit` for each file of the set, with its absolute path. False: a call returned false. */
typedef bool (*script_visitor)(void *context, const WCHAR *path);
bool script_files_visit(const WCHAR *folder, const WCHAR *filespec, bool recursive,
    script_visitor visit, void *context);

/* Adds a file, or its `ranges` (NULL: all of it), as it is now. A Win32 error. */
DWORD script_files_keep(struct script_kept_list *list, size_t component, const WCHAR *path,
    const WCHAR *ranges);
/* Whether `path` holds what was kept. A Win32 error: it can't be read, or isn't there. */
DWORD script_files_compare(const struct script_kept *kept, const WCHAR *path, bool *same);
void script_files_forget(struct script_kept_list *list);

/* `path` with `folder` at its beginning replaced; free() it. NULL: it lies elsewhere. */
WCHAR *script_files_move(const WCHAR *path, const WCHAR *folder, const WCHAR *other);

#endif
