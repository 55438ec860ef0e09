/* SPDX-License-Identifier: MIT
 *
 * A folder tree of which nothing is reached through a link: not by its last name and not by any
 * folder on the way. Each folder is opened in its parent, looked at, and held open while something
 * in it is worked on. Inside this room only; one thread at a time.
 *
 * Whoever changes a volume on somebody's behalf goes through here.
 */
#ifndef THAWLINE_PROVIDER_CLONE_TREE_H
#define THAWLINE_PROVIDER_CLONE_TREE_H

#include "base/vec.h"
#include "provider/clone_file.h"

struct clone_tree
{
    WCHAR *root;       /* a working path */
    struct vec levels; /* struct clone_level: the root, then the folders that are open */
    bool by_handle;    /* names are looked up in the open parent; Wine: only by whole paths */
};

/* `root` may itself be a link or a mount folder: what it leads to is the tree. Close also after a
   failure. */
HRESULT clone_tree_open(const WCHAR *root, struct clone_tree *tree);
void clone_tree_close(struct clone_tree *tree); /* accepts one that is zeroed */

/* Opens the entry `path` below the root. CLONE_EITHER is not for this: something new is made under
   a name that nothing has. HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK): it, or a folder above it,
   is a link. */
HRESULT clone_tree_get(struct clone_tree *tree, const WCHAR *path, enum clone_kind kind,
    enum clone_how how, DWORD access, DWORD share, HANDLE *file);

/* Deletes a file or an empty folder, read-only ones too; S_OK when it is not there. Other names of
   the same file keep their attributes. */
HRESULT clone_tree_delete(struct clone_tree *tree, const WCHAR *path, enum clone_kind kind);

/* Gives the open file, which is open with DELETE, the name `to` on the same device. Replaces
   nothing: HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS), also when a link has the name. Wine: but one
   that leads nowhere; see below. */
HRESULT clone_tree_rename(struct clone_tree *tree, HANDLE file, const WCHAR *to);

/* Whether nothing has a name that nobody sees anything under: HRESULT_FROM_WIN32(
   ERROR_ALREADY_EXISTS) when something has. Wine: an empty file has it meanwhile, and keeps it when
   all of Wine dies at that moment: not for where an empty file would be taken for somebody's. */
HRESULT clone_tree_check_free(struct clone_tree *tree, const WCHAR *path);

/* The folder `path`, or the root for "". */
HRESULT clone_tree_get_folder(
    struct clone_tree *tree, const WCHAR *path, DWORD access, HANDLE *folder);

/* A new file that is gone when it is closed, whatever name it has by then. Wine: not when all of
   Wine dies at that moment. */
HRESULT clone_tree_make_passing(struct clone_tree *tree, const WCHAR *path, HANDLE *file);

/* That names came and went in the folder is on the disk. A system that can't do this for a folder
   does it by itself. */
void clone_tree_flush(struct clone_tree *tree, const WCHAR *path);

/* The path for logs and hooks; mem_free it. */
WCHAR *clone_tree_path(const struct clone_tree *tree, const WCHAR *path);

#endif
