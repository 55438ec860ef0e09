/* SPDX-License-Identifier: MIT
 *
 * A shadow copy set and its members. See snapshot_set.h.
 */
#include "model/snapshot_set.h"

#include "base/guid.h"
#include "base/mem.h"
#include "model/record.h"

static const size_t snapshot_strings[] = {
    offsetof(struct snapshot, volume_name),
    offsetof(struct snapshot, volume_path),
    offsetof(struct snapshot, device_object),
    offsetof(struct snapshot, exposed_name),
    offsetof(struct snapshot, exposed_path),
    offsetof(struct snapshot, digest),
    offsetof(struct snapshot, consistency),
};
static const size_t snapshot_extras[] = {offsetof(struct snapshot, extra)};
static const struct record snapshot_record = {sizeof(struct snapshot),
    RECORD_ARRAY(snapshot_strings), NULL, 0, RECORD_ARRAY(snapshot_extras)};

static const size_t set_strings[] = {
    offsetof(struct snapshot_set, originating_machine),
    offsetof(struct snapshot_set, service_machine),
};
static const struct record_list set_lists[] = {
    {offsetof(struct snapshot_set, snapshots), &snapshot_record}};
static const size_t set_extras[] = {offsetof(struct snapshot_set, extra)};
static const struct record set_record = {sizeof(struct snapshot_set), RECORD_ARRAY(set_strings),
    RECORD_ARRAY(set_lists), RECORD_ARRAY(set_extras)};

struct snapshot_set *snapshot_set_create(const GUID *id, LONG context)
{
    struct snapshot_set *set = record_create(&set_record, NULL);
    if (set)
    {
        set->id = *id;
        set->context = context;
        set->refs = 1;
    }
    return set;
}

struct snapshot_set *snapshot_set_clone(const struct snapshot_set *source)
{
    struct snapshot_set *set = record_clone(&set_record, source);
    if (set)
        set->refs = 1;
    return set;
}

struct snapshot_set *snapshot_set_addref(struct snapshot_set *set)
{
    __atomic_add_fetch(&set->refs, 1, __ATOMIC_RELAXED);
    return set;
}

void snapshot_set_release(struct snapshot_set *set)
{
    /* Acquire and release: what other threads did through their references happens before the
       end. */
    if (set && __atomic_sub_fetch(&set->refs, 1, __ATOMIC_ACQ_REL) == 0)
        record_destroy(&set_record, set);
}

struct snapshot *snapshot_set_find(const struct snapshot_set *set, const GUID *snapshot_id)
{
    for (size_t i = 0; i < set->snapshots.count; i++)
    {
        struct snapshot *snapshot = set->snapshots.items[i];
        if (guid_equal(&snapshot->id, snapshot_id))
            return snapshot;
    }
    return NULL;
}

struct snapshot *snapshot_set_add(struct snapshot_set *set, const GUID *snapshot_id,
    const GUID *provider_id, const WCHAR *volume_name, const WCHAR *volume_path)
{
    struct snapshot *snapshot = record_create(&snapshot_record,
        (const WCHAR *[]){volume_name, volume_path, NULL, NULL, NULL, NULL, NULL});
    if (!snapshot)
        return NULL;
    snapshot->id = *snapshot_id;
    snapshot->provider_id = *provider_id;
    if (!vec_push(&set->snapshots, snapshot))
    {
        snapshot_destroy(snapshot);
        return NULL;
    }
    return snapshot;
}

struct snapshot *snapshot_clone(const struct snapshot *source)
{
    return record_clone(&snapshot_record, source);
}

void snapshot_destroy(void *snapshot)
{
    record_destroy(&snapshot_record, snapshot);
}
