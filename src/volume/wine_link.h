/* SPDX-License-Identifier: MIT
 *
 * What only Wine has: symbolic links on the host, which its mount manager makes and removes, as
 * drives and as folders. Inside this room only. Any thread. Follows wine facts 4.
 *
 * A link must never be removed as if it were a file or a folder: Wine would remove what it leads
 * to.
 */
#ifndef THAWLINE_VOLUME_WINE_LINK_H
#define THAWLINE_VOLUME_WINE_LINK_H

#include "base/types.h"

/* What the path is called on the host, links as they are; wine_host_name_free it. NULL: it has no
   such name. */
char *wine_host_name(const WCHAR *path);
void wine_host_name_free(char *name); /* accepts NULL */

/* Makes the drive lead to `target`, a name of the host; NULL takes the letter back. */
HRESULT wine_define_drive(WCHAR letter, const char *target);
/* Makes the folder, which is empty or a link, a link to `target`, which must exist; NULL makes it
   an empty folder again. `folder` is absolute, in either form. */
HRESULT wine_define_folder(const WCHAR *folder, const char *target);

/* Where the system found an open file or folder, links resolved; mem_free it. On Windows as well. */
HRESULT wine_resolved_path(HANDLE file, WCHAR **path);

/* Whether the path is there and is a link. */
bool wine_is_link(const WCHAR *path);
/* Whether both lead to the same folder on the host; false also when one leads nowhere. */
bool wine_is_same_folder(const WCHAR *left, const WCHAR *right);

#endif
