/* SPDX-License-Identifier: MIT
 *
 * What set_builder.c and set_steps.c share.
 */
#ifndef THAWLINE_COORDINATOR_SET_BUILDER_INTERNAL_H
#define THAWLINE_COORDINATOR_SET_BUILDER_INTERNAL_H

#include "base/vec.h"
#include "catalog/catalog.h"
#include "coordinator/set_builder.h"
#include "coordinator/set_report.h"

/* One volume of the set. */
struct set_member
{
    GUID id;
    struct volume *volume;
    struct provider *provider;
    struct provider_work *work; /* NULL before begin_prepare and after finish or abort */
};

struct set_builder
{
    struct snapshot_set *set;
    struct vec members;                /* struct set_member, in step with set->snapshots */
    struct catalog_creation *creation; /* NULL once the set is made or given up */
    struct catalog_hold *hold; /* NULL before the first member, and if the set outlives its maker */
    bool made;
    struct set_report report;
};

/* `hr` if a provider may return it, else VSS_E_UNEXPECTED_PROVIDER_ERROR with `hr` in the log. */
HRESULT set_provider_result(HRESULT hr, const struct provider *provider, const char *step);
/* Aborts the providers' work and removes the record. */
void set_builder_give_up_members(struct set_builder *builder);
void set_builder_unlock(struct set_builder *builder);

#endif
