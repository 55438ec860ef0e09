/* SPDX-License-Identifier: MIT
 *
 * The course of a backup: PrepareForBackup, DoSnapshotSet, BackupComplete, AbortBackup. Follows
 * requestor 1.8 and 2.4.
 */
#include "requestor/bc.h"

#include "base/guid.h"
#include "diag/log.h"

/* To those who were told of the backup and have not done their part yet. Never cancelled itself. */
static void tell_abort(struct bc *bc, const char *why)
{
    bc->abort_told = true;
    struct bc_event event = {.event = EVENT_ABORT};
    HRESULT hr = bc_raise(bc, &event, NULL);
    if (FAILED(hr))
        log_warning(hr, "%s: not every writer could be told.", why);
}

static HRESULT run_prepare(struct bc *bc, struct async_op *op)
{
    struct bc_event event = {.event = EVENT_PREPARE_BACKUP, .op = op};
    bc->abort_told = false;
    HRESULT hr = bc_raise(bc, &event, NULL);
    /* By a handler that was the last to answer: nobody else would tell the writers. */
    if (hr == S_OK && async_op_cancelled(op))
        hr = VSS_S_ASYNC_CANCELLED;
    if (hr == VSS_S_ASYNC_CANCELLED)
        tell_abort(bc, "PrepareForBackup is cancelled");
    return hr;
}

static void prepare_done(struct bc *bc, HRESULT result)
{
    if (result == VSS_S_ASYNC_FINISHED)
        bc_set_phase(bc, PHASE_PREP);
}

BC_METHOD(PrepareForBackup, IVssAsync **out)
{
    static const struct bc_work work = {BC_PrepareForBackup, run_prepare, prepare_done};
    return bc_start_verb(bc_from_interface(iface), &work, out);
}

struct snapshot_run
{
    struct bc *bc;
    struct async_op *op;
};

static HRESULT raise_for_set(
    void *context, enum vss_event event, int level, struct bus_tally *tally)
{
    struct snapshot_run *run = context;
    struct bc_event raised = {.event = event, .level = level, .op = run->op};
    /* What undoes the set must not be stopped by the cancel that caused it. */
    if (event == EVENT_ABORT)
        raised.op = NULL;
    return bc_raise(run->bc, &raised, tally);
}

static HRESULT brief_for_set(void *context, struct provider_briefing *briefing)
{
    struct snapshot_run *run = context;
    return bc_brief(run->bc, briefing);
}

static HRESULT run_snapshot_set(struct bc *bc, struct async_op *op)
{
    struct snapshot_run run = {bc, op};
    bool writers = bc_has_writers(bc);
    struct set_run set_run = {
        .op = op,
        .context = &run,
        .raise = writers ? raise_for_set : NULL,
        .brief = writers ? brief_for_set : NULL,
    };
    return set_builder_run(bc->set, &set_run);
}

static void snapshot_set_done(struct bc *bc, HRESULT result)
{
    bc_set_phase(bc, result == VSS_S_ASYNC_FINISHED ? PHASE_DONE : PHASE_FAILED);
}

BC_METHOD(DoSnapshotSet, IVssAsync **out)
{
    static const struct bc_work work = {BC_DoSnapshotSet, run_snapshot_set, snapshot_set_done};
    struct bc *bc = bc_from_interface(iface);
    if (!out)
        return bc_refuse(BC_DoSnapshotSet, "the pointer for the IVssAsync is NULL");
    *out = NULL;
    HRESULT hr = bc_enter(bc, BC_DoSnapshotSet);
    if (FAILED(hr))
        return hr;
    enum bc_phase before = bc->phase;
    bc_set_phase(bc, PHASE_DOING);
    hr = bc_start(bc, &work, out);
    if (FAILED(hr))
        bc_set_phase(bc, before);
    return bc_leave(bc, BC_DoSnapshotSet, hr);
}

static HRESULT run_complete(struct bc *bc, struct async_op *op)
{
    struct bc_event event = {.event = EVENT_BACKUP_COMPLETE, .op = op, .read_only = true};
    struct bus_tally tally = {0};
    HRESULT hr = bc_raise(bc, &event, &tally);
    bc->completed = tally.called > 0;
    /* Of a backup without shadow copies some may be prepared still. */
    if (hr == VSS_S_ASYNC_CANCELLED)
        tell_abort(bc, "BackupComplete is cancelled");
    if (hr == S_OK && tally.lost)
        hr = log_error(VSS_E_UNEXPECTED_WRITER_ERROR,
            "%zu of %zu writers were lost or late in BackupComplete; the others were served.",
            tally.lost, tally.called);
    return hr;
}

/* A set that can't be made any more holds the creation lock for nothing. */
static void give_up_unmade_set(struct bc *bc)
{
    if (!bc->set || set_builder_made(bc->set))
        return;
    set_builder_destroy(bc->set);
    bc->set = NULL;
}

static void complete_done(struct bc *bc, HRESULT result)
{
    /* What failed before any writer was called leaves the backup where it was: it may be tried
       again. */
    if (result == VSS_S_ASYNC_CANCELLED)
        bc_set_phase(bc, PHASE_ABORTED);
    else if (SUCCEEDED(result) || bc->completed)
        bc_set_phase(bc, PHASE_COMPLETE);
    if (bc->phase == PHASE_ABORTED || bc->phase == PHASE_COMPLETE)
        give_up_unmade_set(bc);
}

BC_METHOD(BackupComplete, IVssAsync **out)
{
    static const struct bc_work work = {BC_BackupComplete, run_complete, complete_done};
    return bc_start_verb(bc_from_interface(iface), &work, out);
}

bool bc_in_progress(const struct bc *bc)
{
    return bc->phase >= PHASE_SET && bc->phase <= PHASE_FAILED;
}

void bc_become_aborted(struct bc *bc)
{
    bc->abort_requested = false;
    bc_set_phase(bc, PHASE_ABORTED);
    give_up_unmade_set(bc);
}

/* Stops what is running. The object must be nobody's own meanwhile: the end of the operation needs
   it. */
static void stop_pending(struct bc *bc)
{
    struct async_op *pending = bc->pending;
    if (!pending)
        return;
    async_op_addref(pending);
    /* The end of the operation aborts the backup, for this thread may not be able to wait for
       it. */
    bc->abort_requested = bc_in_progress(bc);
    const struct bc_called called = bc->called;
    bc_disown(bc);
    async_op_cancel_and_wait(pending);
    async_op_release(pending);
    bc_own(bc);
    bc->called = called;
}

static void abort_now(struct bc *bc)
{
    /* Handlers run now, and may call this object: they are kept out by `busy`, not made to wait. */
    bc->busy = BC_AbortBackup;
    const struct bc_called called = bc->called;
    bc_disown(bc);
    tell_abort(bc, "AbortBackup");
    bc_own(bc);
    bc->called = called;
    bc->busy = BC_NO_VERB;
}

BC_METHOD0(AbortBackup)
{
    struct bc *bc = bc_from_interface(iface);
    HRESULT hr = bc_enter(bc, BC_AbortBackup);
    if (FAILED(hr))
        return hr;
    bool was_in_progress = bc_in_progress(bc);
    bool set_failed = bc->phase == PHASE_DOING ||
        bc->phase == PHASE_FAILED; /* its undoing tells the writers */
    stop_pending(bc);
    /* Still busy: called from inside a handler of the operation, whose end does the rest. */
    if (bc->busy == BC_NO_VERB && was_in_progress)
    {
        if (!set_failed && !bc->abort_told)
            abort_now(bc);
        bc_become_aborted(bc);
    }
    return bc_leave(bc, BC_AbortBackup, S_OK);
}
