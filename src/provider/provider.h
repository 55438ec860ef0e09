/* SPDX-License-Identifier: MIT
 *
 * The contract between the coordinator and whoever makes shadow copies: the words are those of
 * IVssSoftwareSnapshotProvider and IVssProviderCreateSnapshotSet.
 *
 * The coordinator calls the operations of one set one after another, from any thread, with no lock
 * held. Allowed results are those of writer-provider 6.3; whatever else comes back becomes
 * VSS_E_UNEXPECTED_PROVIDER_ERROR there.
 */
#ifndef THAWLINE_PROVIDER_PROVIDER_H
#define THAWLINE_PROVIDER_PROVIDER_H

#include "base/vec.h"
#include "model/snapshot_set.h"
#include "volume/volume.h"

struct provider;
struct provider_work; /* one provider's work on one snapshot, defined by the provider */

/* What the provider may know when the slow part begins. Everything belongs to the coordinator and
   lives until `finish` or `abort`. */
struct provider_briefing
{
    /* struct file_spec with expanded absolute paths: the files that the components of frozen
       writers name. Always compared or read again inside the freeze. */
    struct vec named_files;
    /* struct file_spec: the same for writers that have no code and so froze nothing. */
    struct vec unfrozen_files;
    /* WCHAR*: absolute folders or files to which the copy is limited; empty: the whole volume. */
    struct vec roots;
    /* struct file_spec: excluded from the snapshot by writers (best effort). */
    struct vec excluded_files;
    /* Set when the operation is cancelled: stop soon and return VSS_S_ASYNC_CANCELLED. May be
       NULL. */
    HANDLE cancelled;
    /* How far the slow part is; may be NULL. */
    void (*progress)(void *context, uint64_t done_bytes, uint64_t total_bytes);
    void *progress_context;
};

struct provider_ops
{
    /* must: whether this provider can make shadow copies of the volume in this context. Limits that
       are reached at the moment do not count. */
    HRESULT(*is_volume_supported)
    (struct provider *provider, const struct volume *volume, LONG context, bool *supported);

    /* must: AddToSnapshotSet. Quick. A new set is accepted at any time. */
    HRESULT(*begin_prepare)
    (struct provider *provider, const GUID *set_id, const GUID *snapshot_id,
        const struct volume *volume, LONG context, struct provider_work **work);

    /* must: the slow work before the freeze. */
    HRESULT (*end_prepare)(struct provider_work *work, const struct provider_briefing *briefing);

    /* may (NULL: nothing to do): inside the freeze, before commit. */
    HRESULT (*pre_commit)(struct provider_work *work);
    /* must: inside the freeze, short. The point in time of the copy. */
    HRESULT (*commit)(struct provider_work *work);
    /* may: inside the freeze, after every provider committed. `count` is the number of snapshots in
       the set. */
    HRESULT (*post_commit)(struct provider_work *work, LONG count);
    /* may: after Thaw; the snapshot is writable from here on, for PostSnapshot handlers. */
    HRESULT (*pre_final_commit)(struct provider_work *work);
    /* may: after PostSnapshot; read-only from here on. */
    HRESULT (*post_final_commit)(struct provider_work *work);

    /* must: after post_commit. Fills device_object, consistency and the provider's attribute
       bits. */
    HRESULT (*describe)(struct provider_work *work, struct snapshot *snapshot);

    /* must: ends the work; the snapshot stays. Frees `work`. */
    void (*finish)(struct provider_work *work);
    /* must: at any time after begin_prepare. Removes whatever was made and frees `work`. */
    void (*abort)(struct provider_work *work);

    /* must: removes a snapshot, or what is left of one that was never finished. Paths are derived
       from the ids. S_OK when nothing is there. `force`: by every means. VSS_E_PROVIDER_VETO when
       it can't be (with the reason in the log). */
    HRESULT(*delete_snapshot)
    (struct provider *provider, const struct snapshot *snapshot, bool force);

    /* may (NULL: its device object is an ordinary path): the folder in which the snapshot's files
       lie; no backslash at the end. mem_free *folder. VSS_E_OBJECT_NOT_FOUND: it is gone. */
    HRESULT(*find_folder)
    (struct provider *provider, const struct snapshot *snapshot, WCHAR **folder);

    /* may, all or none, with the lock of revert_note.h held: looks whether the volume can become
       what the snapshot holds, and notes that it will. Quick, and changes no file of the volume.
       `force`: also when files of it are open. VSS_E_VOLUME_IN_USE, VSS_E_VOLUME_NOT_SUPPORTED,
       VSS_E_INSUFFICIENT_STORAGE; E_ACCESSDENIED. */
    HRESULT(*begin_revert)
    (struct provider *provider, const struct snapshot *snapshot, const struct volume *volume,
        bool force);
    /* Makes it so; the note is gone when it succeeds, and after a failure with nothing changed.
       *changed, also after a failure: the volume is not as it was. E_FAIL: it is over all the
       same. */
    HRESULT(*revert)
    (struct provider *provider, const struct snapshot *snapshot, const struct volume *volume,
        bool force, bool *changed);
    /* Goes on with what is noted, as it was begun. What anybody has written since stays. E_FAIL,
       with nothing *changed: it is over, because nothing had been changed, or because what was
       noted is damaged; that is set aside. */
    HRESULT(*resume_revert)
    (struct provider *provider, const struct volume *volume, bool *changed);
};

struct provider
{
    const struct provider_ops *ops;
    GUID id;
    GUID version_id;
    GUID class_id;
    const WCHAR *name;
    const WCHAR *version;
    int type; /* VSS_PROVIDER_TYPE */
};

/* The system provider's id, under which the clone provider answers:
   b5946137-7b9f-4925-af80-51abd60b20d5. */
extern const GUID provider_system_id;
/* The live provider: no copy at all, for tests of the protocol. */
extern const GUID provider_live_id;

/* The built-in providers in the order in which they are listed. NULL past the end. */
struct provider *provider_at(size_t index);
struct provider *provider_find(const GUID *id); /* NULL: not registered */

/* The provider for a volume when the requestor named none: that of THAWLINE_PROVIDER if set, and
   not `auto`; else the one that supports it at the least cost. VSS_E_VOLUME_NOT_SUPPORTED. */
HRESULT provider_select(const struct volume *volume, LONG context, struct provider **provider);

#endif
