/* SPDX-License-Identifier: MIT
 *
 * Paths of files and folders. Inside the program a path is absolute, has no trailing backslash
 * unless it is a root (`X:\`), and no `\\?\`; path_open_name gives what file calls take. Strings
 * are free()d by the caller. Any thread.
 */
#ifndef THAWLINE_CLI_PATH_H
#define THAWLINE_CLI_PATH_H

#include <stdbool.h>
#include <windows.h>

/* Whether it is the absolute path of a plain file or folder on a drive letter, as this program
   writes them: nothing relative, no stream, no device and nothing that Windows would read as
   another name. For paths that come out of documents. */
bool path_is_plain(const WCHAR *path);
/* NULL: not a path on a drive letter. */
WCHAR *path_absolute(const WCHAR *path);
/* `\\?\X:\...`, so that long names work; a name that begins with `\\?\` stays as it is. */
WCHAR *path_open_name(const WCHAR *path);
/* With exactly one backslash between the two; "" as `name` gives `folder`. */
WCHAR *path_join(const WCHAR *folder, const WCHAR *name);
/* `folder\C\x` for `C:\x`: how copies of files of several drives lie in one folder. */
WCHAR *path_below(const WCHAR *folder, const WCHAR *path);
/* NULL: `path` is a root. */
WCHAR *path_parent(const WCHAR *path);
/* Whether `path` is `folder` or lies in it, by name. */
bool path_is_inside(const WCHAR *path, const WCHAR *folder);

/* Attributes, or INVALID_FILE_ATTRIBUTES. */
DWORD path_attributes(const WCHAR *path);
/* Whether some existing folder on the way from `path` up to its root is the very file or folder
   `other`, whatever names lead there. */
bool path_reaches(const WCHAR *path, const WCHAR *other);
/* Makes the folder and those above it. A Win32 error; ERROR_SUCCESS also when it is there. */
DWORD path_make_folder(const WCHAR *path);
/* The whole file, UTF-8 with or without a byte order mark; free() it. NULL: *error says why. */
WCHAR *path_read_text(const WCHAR *path, DWORD *error);
/* ERROR_SUCCESS, or why the whole text could not be written, as UTF-8 with a byte order mark. */
DWORD path_write_text(const WCHAR *path, const WCHAR *text);

#endif
