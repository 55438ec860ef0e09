/* SPDX-License-Identifier: MIT
 *
 * The files of the catalog: where they lie, how they are read and written, and the mutex that all
 * processes of the scope take around changes. Inside this room only.
 *
 * In `%LOCALAPPDATA%\Thawline\Catalog\<scope>`:
 *   <set id>.xml    a record: UTF-16 with byte order mark, replaced atomically
 *   <set id>.lock   locked by the process that keeps the set alive; none for sets that need nobody
 *   creation.lock   locked by the process that creates a set
 * Everything but creation.lock and the locking itself happens under the mutex; so a temporary file
 * found there was left by a process that died.
 */
#ifndef THAWLINE_CATALOG_CATALOG_RECORD_H
#define THAWLINE_CATALOG_CATALOG_RECORD_H

#include "model/snapshot_set.h"
#include "os/file.h"

struct catalog_folder
{
    WCHAR *path;
    HANDLE mutex;
};

/* Makes the folder if it is missing, and takes the mutex. What a dead owner left half done is seen
   to by catalog_collect. */
HRESULT catalog_folder_enter(struct catalog_folder *folder);
void catalog_folder_leave(
    struct catalog_folder *folder); /* also one that was never entered, zeroed */

/* The folder of this scope, made if it is missing; mem_free it. */
HRESULT catalog_folder_path(WCHAR **path);

/* Paths of the two files of a set; mem_free them, NULL when memory is exhausted. */
WCHAR *catalog_record_path(const struct catalog_folder *folder, const GUID *set_id);
WCHAR *catalog_lock_path(const struct catalog_folder *folder, const GUID *set_id);

/* VSS_E_OBJECT_NOT_FOUND: no record. Whatever else is wrong with it is logged here. */
HRESULT catalog_record_read(
    const struct catalog_folder *folder, const GUID *set_id, struct snapshot_set **set);
HRESULT catalog_record_write(const struct catalog_folder *folder, const struct snapshot_set *set);
HRESULT catalog_record_delete(const struct catalog_folder *folder, const GUID *set_id);
/* E_ACCESSDENIED: the record belongs to another user. */
HRESULT catalog_record_check_owner(const struct catalog_folder *folder, const GUID *set_id);

/* The life lock. HRESULT_FROM_WIN32(ERROR_LOCK_VIOLATION) while it is held. */
HRESULT catalog_life_lock(
    const struct catalog_folder *folder, const GUID *set_id, struct file_lock **lock);

/* What lies in the folder, by name. */
struct catalog_listing
{
    struct vec records;     /* GUID: there is a <set id>.xml */
    struct vec locks;       /* GUID: there is a <set id>.lock */
    struct vec temporaries; /* WCHAR: file names */
};

HRESULT catalog_folder_list(const struct catalog_folder *folder, struct catalog_listing *listing);
void catalog_listing_free(struct catalog_listing *listing);

/* Whether the set dies with the process that made it. */
bool catalog_is_auto_release(const struct snapshot_set *set);

#endif
