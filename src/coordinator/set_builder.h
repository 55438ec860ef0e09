/* SPDX-License-Identifier: MIT
 *
 * The making of a shadow copy set, from StartSnapshotSet to the end of DoSnapshotSet, and its end.
 *
 * The builder holds the scope's creation lock from its birth until the set is made or given up.
 * Making it is a table of steps, each with what it does, what undoes it, its deadline and its fault
 * point: whatever fails or is cancelled runs the undo column backwards, so that nothing of the set
 * remains. A writer's failure is no failure of the set: it shows in the writer's status.
 *
 * One thread at a time; its owner sees to that. Follows requestor 2.4 and writer-provider 6.2.
 */
#ifndef THAWLINE_COORDINATOR_SET_BUILDER_H
#define THAWLINE_COORDINATOR_SET_BUILDER_H

#include "async/async_op.h"
#include "bus/bus_session.h"
#include "model/event.h"
#include "model/snapshot_set.h"
#include "provider/provider.h"

#define SET_BUILDER_MAX_VOLUMES 64           /* requestor 5.3 */
#define SET_BUILDER_MAX_SNAPSHOTS 512        /* of one volume */
#define SET_BUILDER_MAX_CLIENT_ACCESSIBLE 64 /* unless MaxShadowCopies says otherwise */

struct set_builder;

/* Takes the creation lock and gives the set its id. VSS_E_SNAPSHOT_SET_IN_PROGRESS,
   E_OUTOFMEMORY. */
HRESULT set_builder_create(LONG context, struct set_builder **builder);

/* Adds a volume. `provider_id` GUID_NULL: whichever supports it. On failure the earlier volumes
   stay. The codes are those of AddToSnapshotSet. */
HRESULT set_builder_add(struct set_builder *builder, const WCHAR *volume_name,
    const GUID *provider_id, GUID *snapshot_id);

/* What making the set needs from the requestor. */
struct set_run
{
    struct async_op *op; /* whose cancel stops it */
    void *context;
    /* NULL in contexts without writers. Raises an event in the writers that take part; `level` 0
       means all levels. */
    HRESULT (*raise)(void *context, enum vss_event event, int level, struct bus_tally *tally);
    /* Fills named_files, unfrozen_files and excluded_files. May be NULL. */
    HRESULT (*brief)(void *context, struct provider_briefing *briefing);
};

/* Makes the set. S_OK; VSS_S_ASYNC_CANCELLED; else what failed, after everything was undone. The
   creation lock is given back in any case. */
HRESULT set_builder_run(struct set_builder *builder, const struct set_run *run);

/* The set as it is now; belongs to the builder. Its members have device objects once run has
   succeeded. */
const struct snapshot_set *set_builder_set(const struct set_builder *builder);
bool set_builder_made(const struct set_builder *builder);

/* Gives up a set that was not made; deletes one that was, if it is to die with its requestor. NULL
   is fine. */
void set_builder_destroy(struct set_builder *builder);

#endif
