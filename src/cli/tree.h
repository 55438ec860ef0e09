/* SPDX-License-Identifier: MIT
 *
 * Walks a folder. Links and other reparse points are reported and never followed. Depth is
 * bounded by the length of paths only: no recursion. One thread a walk.
 */
#ifndef THAWLINE_CLI_TREE_H
#define THAWLINE_CLI_TREE_H

#include <stdbool.h>
#include <windows.h>

enum tree_event
{
    TREE_FOLDER,     /* before what is in it */
    TREE_FOLDER_END, /* after what is in it */
    TREE_FILE,
    TREE_LINK,      /* a link or another reparse point: not followed */
    TREE_UNREADABLE /* a folder that could not be listed (to its end): `error` says why */
};

struct tree_item
{
    enum tree_event event;
    const WCHAR *path;     /* as it can be opened */
    const WCHAR *relative; /* to the root; "" for the root itself */
    const WIN32_FIND_DATAW *data;
    DWORD error;
};

/* False ends the walk. */
typedef bool (*tree_visitor)(void *context, const struct tree_item *item);

/* `root`, a file or a folder, must be a name as path_open_name gives it. False: a visitor ended
   the walk. */
bool tree_walk(const WCHAR *root, tree_visitor visitor, void *context);

#endif
