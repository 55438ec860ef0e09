/* SPDX-License-Identifier: MIT
 *
 * Volumes and their names. A caller may say `X:\`, `X:\mount\folder\` or `\\?\Volume{guid}\`;
 * inside it is always both the GUID form and a path.
 */
#ifndef THAWLINE_VOLUME_VOLUME_H
#define THAWLINE_VOLUME_VOLUME_H

#include "base/types.h"

struct volume
{
    WCHAR *name; /* \\?\Volume{guid}\, with trailing backslash; the identity of the volume */
    WCHAR *path; /* `X:\` or a mount folder, with trailing backslash: how files on it are opened */
    WCHAR *file_system; /* `NTFS`, ... as the system reports it; "" when it doesn't */
    bool fixed;         /* a local disk (not a network drive, CD or RAM disk) */
    bool read_only;
    bool host_root; /* Wine: the drive is the host's `/` */
};

/* E_INVALIDARG: NULL, malformed, no trailing backslash, longer than 32,767; VSS_E_OBJECT_NOT_FOUND:
   no such volume. */
HRESULT volume_open(const WCHAR *name, struct volume **volume);
struct volume *volume_clone(const struct volume *volume);
void volume_free(struct volume *volume); /* accepts NULL */

/* The volume that holds `path` (a file or folder that need not exist, absolute after expanding
   variables). */
HRESULT volume_of_path(const WCHAR *path, struct volume **volume);
/* All local volumes that have a path; each item a struct volume. */
struct vec;
HRESULT volume_list(struct vec *volumes);

/* Expands %VARIABLES%; mem_free it. */
HRESULT volume_expand(const WCHAR *text, WCHAR **expanded);
/* Whether `path` (variables allowed, any case) lies on the volume with this name and path. */
bool volume_holds(const WCHAR *volume_name, const WCHAR *volume_path, const WCHAR *path);

HRESULT volume_free_space(const struct volume *volume, uint64_t *bytes);

#endif
