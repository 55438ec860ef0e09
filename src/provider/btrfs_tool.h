/* SPDX-License-Identifier: MIT
 *
 * What the btrfs provider has the program `btrfs` do. Inside this room only; any thread.
 *
 * Folders are in the extended form. What fails is logged; VSS_E_PROVIDER_VETO,
 * VSS_E_INSUFFICIENT_STORAGE or E_OUTOFMEMORY.
 */
#ifndef THAWLINE_PROVIDER_BTRFS_TOOL_H
#define THAWLINE_PROVIDER_BTRFS_TOOL_H

#include "volume/host_place.h"

/* Writes what is dirty on the file system. */
HRESULT btrfs_tool_sync(const struct host_place *place);
/* Makes `copy`, which must not be there, a writable snapshot of the subvolume. */
HRESULT btrfs_tool_snapshot(const struct host_place *place, const WCHAR *copy);
/* Nobody can write it from here on. */
HRESULT btrfs_tool_seal(const WCHAR *copy);
/* Removes a snapshot, sealed or not, or the folder that was to become one. S_OK when there is
   nothing. A link stays, and is a failure. */
HRESULT btrfs_tool_delete(const WCHAR *copy);
/* Removes a file or folder of a snapshot with all that is in it. */
HRESULT btrfs_tool_remove(const WCHAR *path);

#endif
