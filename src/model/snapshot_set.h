/* SPDX-License-Identifier: MIT
 *
 * A shadow copy set and its members as plain structs: what the catalog records and
 * GetSnapshotProperties tells.
 */
#ifndef THAWLINE_MODEL_SNAPSHOT_SET_H
#define THAWLINE_MODEL_SNAPSHOT_SET_H

#include "base/vec.h"
#include "model/extra.h"

struct snapshot
{
    GUID id;
    GUID provider_id;
    WCHAR *volume_name; /* \\?\Volume{guid}\ with the trailing backslash */
    /* how people know it: `C:\` or a mount folder, with the trailing backslash */
    WCHAR *volume_path;
    WCHAR *device_object; /* without trailing backslash; NULL until committed */
    WCHAR *exposed_name;  /* NULL when not exposed */
    WCHAR *exposed_path;  /* NULL when not exposed remotely */
    LONG attributes; /* VSS_VOLUME_SNAPSHOT_ATTRIBUTES: context bits and what the provider added */
    WCHAR *digest; /* of all that it holds. NULL: the volume must not be reverted to it, since it
                      does not hold every file as at one point in time, or was exposed, or somebody
                      tried to delete it */
    WCHAR *consistency; /* one sentence: how consistent the copy is and why; NULL until committed */
    struct extra extra;
};

struct snapshot_set
{
    GUID id;
    LONG context;           /* as SetContext gave it */
    LONG count_at_creation; /* m_lSnapshotsCount: stays when members are deleted */
    FILETIME created;       /* UTC */
    bool creating; /* not committed yet: whatever lies in the stores under these ids is rubbish if
                      the process that makes it is gone */
    WCHAR *originating_machine;
    WCHAR *service_machine;
    struct vec snapshots; /* struct snapshot */
    struct extra extra;
    long refs; /* use snapshot_set_addref/release */
};

struct snapshot_set *snapshot_set_create(
    const GUID *id, LONG context); /* NULL when memory is exhausted */
struct snapshot_set *snapshot_set_clone(const struct snapshot_set *source);
struct snapshot_set *snapshot_set_addref(struct snapshot_set *set);
void snapshot_set_release(struct snapshot_set *set); /* accepts NULL */
struct snapshot *snapshot_set_find(
    const struct snapshot_set *set, const GUID *snapshot_id); /* NULL: not in it */
struct snapshot *snapshot_set_add(struct snapshot_set *set, const GUID *snapshot_id,
    const GUID *provider_id, const WCHAR *volume_name,
    const WCHAR *volume_path); /* NULL when memory is exhausted */
struct snapshot *snapshot_clone(const struct snapshot *source);
void snapshot_destroy(void *snapshot); /* accepts NULL */

#endif
