/* SPDX-License-Identifier: MIT
 *
 * Reports of the sets that this process made, and the progress callback. See set_report.h.
 */
#include "coordinator/set_report.h"

#include "base/guid.h"
#include "os/lock.h"

static struct
{
    struct lock lock;
    /* guarded by lock */
    struct set_report reports[SET_REPORT_LIMIT];
    size_t next;
} kept = {.lock = LOCK_INIT(LOCK_RANK_LEAF)};

/* Calls of the callback take it shared and setting it takes it exclusive, so that a removed
   callback has returned. It is no ranked lock because it is meant to be held while foreign code
   runs; that code may do anything but set it. */
static struct
{
    SRWLOCK gate;
    set_progress_function function;
    void *context;
} progress = {.gate = SRWLOCK_INIT};

void set_report_keep(const struct set_report *report)
{
    lock_enter(&kept.lock);
    kept.reports[kept.next++ % SET_REPORT_LIMIT] = *report;
    lock_leave(&kept.lock);
}

HRESULT set_report_find(const GUID *set_id, struct set_report *report)
{
    HRESULT hr = VSS_E_OBJECT_NOT_FOUND;
    if (guid_is_null(set_id))
        return hr;
    lock_enter(&kept.lock);
    for (size_t i = 0; i < SET_REPORT_LIMIT && FAILED(hr); i++)
        if (guid_equal(&kept.reports[i].set_id, set_id))
        {
            *report = kept.reports[i];
            hr = S_OK;
        }
    lock_leave(&kept.lock);
    return hr;
}

HRESULT set_progress(set_progress_function function, void *context)
{
    AcquireSRWLockExclusive(&progress.gate);
    progress.function = function;
    progress.context = context;
    ReleaseSRWLockExclusive(&progress.gate);
    return S_OK;
}

void set_progress_tell(void *unused, uint64_t done, uint64_t total)
{
    (void)unused;
    AcquireSRWLockShared(&progress.gate);
    if (progress.function)
        progress.function(progress.context, done, total);
    ReleaseSRWLockShared(&progress.gate);
}
