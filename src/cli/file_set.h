/* SPDX-License-Identifier: MIT
 *
 * Whether a file belongs to a set of files: a folder, a file specification, with or without the
 * folders beneath. Paths as in path.h. Any thread.
 */
#ifndef THAWLINE_CLI_FILE_SET_H
#define THAWLINE_CLI_FILE_SET_H

#include <stdbool.h>
#include <windows.h>

struct file_set
{
    WCHAR *folder;
    WCHAR *filespec;
    bool recursive;
};

/* Of a folder: whether files in it may belong to the set. */
bool file_set_holds(const struct file_set *set, const WCHAR *path, bool is_file);
/* The set as a writer's document names it; file_set_free() it. */
struct file_set file_set_expand(const WCHAR *folder, const WCHAR *filespec, bool recursive);
void file_set_free(struct file_set *set);

#endif
