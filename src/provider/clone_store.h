/* SPDX-License-Identifier: MIT
 *
 * Where copies lie: a folder a snapshot, made for its user alone, and removed without ever
 * following a link. Inside this room only. Any thread; one snapshot's store is made and removed by
 * one caller at a time.
 *
 * The paths follow from the ids of volume and snapshot and are never read from anywhere:
 *   <volume>\System Volume Information\Thawline\<snapshot id>   where that can be made, else
 *   %LOCALAPPDATA%\Thawline\Store\<volume guid>\<snapshot id>
 */
#ifndef THAWLINE_PROVIDER_CLONE_STORE_H
#define THAWLINE_PROVIDER_CLONE_STORE_H

#include "volume/volume.h"

/* Makes the empty folder. *path is in the extended form, without trailing backslash. mem_free
   it. */
HRESULT clone_store_make(const struct volume *volume, const GUID *snapshot_id, WCHAR **path);

/* Where it is, in the same form. mem_free *path. VSS_E_OBJECT_NOT_FOUND: it is in neither place. */
HRESULT clone_store_find(const struct volume *volume, const GUID *snapshot_id, WCHAR **path);
/* The same for who does not count on it: S_FALSE, and nothing in the log. */
HRESULT clone_store_look(const struct volume *volume, const GUID *snapshot_id, WCHAR **path);

/* The folder of a snapshot that lies on its volume, below the root; mem_free it. NULL when memory
   is exhausted. */
WCHAR *clone_store_on_volume(const GUID *snapshot_id);

/* The bytes that are free where the store lies. */
HRESULT clone_store_free_space(const WCHAR *store, uint64_t *bytes);

/* Removes the store of a snapshot wherever it may lie, whole or half made, and the folders above it
   that became empty, and first of all `device_object`, the name that it was given (NULL:
   whichever). S_OK when there is none. `volume` NULL: the volume is gone; only the second
   place is looked at. E_ACCESSDENIED: it belongs to another user. Links that somebody put into it
   stay, and make it fail. What could not be removed is logged. */
HRESULT clone_store_remove(const struct volume *volume, const WCHAR *volume_name,
    const GUID *snapshot_id, const WCHAR *device_object);

#endif
