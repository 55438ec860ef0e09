/* SPDX-License-Identifier: MIT
 *
 * Where a folder lies on the host on which Wine runs, and on what file system: what a provider
 * must know that makes copies by the host's means. Any thread. Follows wine facts 5.
 */
#ifndef THAWLINE_VOLUME_HOST_PLACE_H
#define THAWLINE_VOLUME_HOST_PLACE_H

#include "base/types.h"

struct host_place
{
    char *path;        /* absolute, without links, no slash at the end */
    char *file_system; /* `btrfs`, `xfs`, `ext4`, ... */
    bool read_only;  /* mounted so */
    bool writable;   /* this user may make files in it */
    bool has_mounts; /* something else is mounted below it */
    bool own;        /* this user's, or this user is root */
    uint64_t inode;  /* 256: the root of a btrfs subvolume */
};

/* HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED): there is no host, as on Windows, or it does not tell.
   host_place_free it on success. */
HRESULT host_place_find(const WCHAR *folder, struct host_place *place);
void host_place_free(struct host_place *place); /* accepts a zeroed one */

/* Whether any file system of one of these kinds is mounted on the host; NULL ends them. False also
   when that can't be told. Costs the reading of one file. E_OUTOFMEMORY. */
HRESULT host_place_any(const char *const *file_systems, bool *any);

/* `folder` in the host's encoding, `path` below it as Windows writes it: the host's path; mem_free
   it. NULL: memory is exhausted. */
char *host_place_join(const char *folder, const WCHAR *path);

/* The same from the content of the host's /proc/self/mountinfo: file_system, read_only and
   has_mounts of place->path, in which the others stay as they are. For host_place_find and
   tests. */
HRESULT host_place_read_mounts(const char *mounts, struct host_place *place);

#endif
