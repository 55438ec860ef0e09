/* SPDX-License-Identifier: MIT
 *
 * Removing folders that are ours, and nothing else. Inside this room only.
 */
#ifndef THAWLINE_PROVIDER_CLONE_REMOVE_H
#define THAWLINE_PROVIDER_CLONE_REMOVE_H

#include "base/types.h"

/* Removes the folder and what is in it. A link in it is logged and stays, with the folders above
   it; a link in its place is HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK). Goes on after a failure
   and returns the first. `path` is a working path. */
HRESULT clone_remove_tree(const WCHAR *path);

/* Whether the folder was empty and is gone. */
bool clone_remove_empty_folder(const WCHAR *path);

#endif
