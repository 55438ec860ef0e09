/* SPDX-License-Identifier: MIT
 *
 * Folders that hold what belongs to one user: the catalog's records and copies of files. Nobody
 * else may read them, and nothing is deleted in a folder that somebody else made. Any thread.
 */
#ifndef THAWLINE_VOLUME_PRIVATE_FOLDER_H
#define THAWLINE_VOLUME_PRIVATE_FOLDER_H

#include "base/types.h"

/* `%LOCALAPPDATA%\Thawline` of this user, from the system and not from the environment; the folder
   may be missing. mem_free it. */
HRESULT private_folder_base(WCHAR **path);

/* Makes the folder, and those above it, for this user, SYSTEM and administrators only. S_OK when it
   is there and private_folder_check allows it. Asks base_hooks before `make-folder`. */
HRESULT private_folder_make(const WCHAR *path);

/* S_OK: the folder or file belongs to this user, or to the administrators or anyone at all while
   this user is one. E_ACCESSDENIED: to somebody else. A failure that says why when there is no
   telling. */
HRESULT private_folder_check(const WCHAR *path);
/* The same for what is believed: E_ACCESSDENIED also to an administrator, unless it belongs to him,
   to the administrators or to SYSTEM. */
HRESULT private_folder_check_own(const WCHAR *path);

#endif
