/* SPDX-License-Identifier: MIT
 *
 * How the sets that this process made went: times and counts that VSS's own structures have no room
 * for, and the progress of the slow part. Any thread.
 */
#ifndef THAWLINE_COORDINATOR_SET_REPORT_H
#define THAWLINE_COORDINATOR_SET_REPORT_H

#include "base/types.h"

struct set_report
{
    GUID set_id;
    uint64_t prepare_us; /* the providers' slow part, before the freeze */
    uint64_t freeze_us;  /* from the first Freeze call to the last Thaw answer */
    uint64_t commit_us;  /* the providers' commit, inside the freeze */
    UINT frozen;         /* writers that were frozen and thawed without failing */
    UINT failed;         /* writers that vetoed, failed or were lost */
};

/* Keeps the report; the oldest of SET_REPORT_LIMIT goes. */
#define SET_REPORT_LIMIT 64
void set_report_keep(const struct set_report *report);
/* VSS_E_OBJECT_NOT_FOUND: not made by this process, or too long ago. */
HRESULT set_report_find(const GUID *set_id, struct set_report *report);

/* The one progress callback of the process; NULL removes it. On return no call of the previous one
   is running. */
typedef void (*set_progress_function)(void *context, uint64_t done, uint64_t total);
HRESULT set_progress(set_progress_function function, void *context);
/* Tells it. Fits struct provider_briefing; `unused` is ignored. */
void set_progress_tell(void *unused, uint64_t done, uint64_t total);

#endif
