/* SPDX-License-Identifier: MIT
 *
 * The steps that make a set, as a table: what each does, what undoes it, how long it may take,
 * which fault point it passes. The order is that of writer-provider 6.2.
 */
#include "coordinator/set_builder_internal.h"

#include <stdio.h>

#include "base/mem.h"
#include "coordinator/set_fault.h"
#include "diag/log.h"
#include "diag/trace.h"
#include "model/file_spec.h"
#include "os/clock.h"
#include "os/file.h"
#include "provider/provider_trace.h"

#include <vss.h>
#include <vswriter.h>

/* The kernel holds writes for at most this long between flush and release (requestor 5.4). */
#define HOLD_WRITES_LIMIT_MS 10000u
/* No kernel holds writes for the built-in providers: what limits their commit is the writers'
   freeze window. */
#define BUILT_IN_COMMIT_LIMIT_MS 60000u
#define NO_LIMIT 0u
/* "undo " and the longest name of a step. */
#define STEP_NAME_LENGTH 40

struct run
{
    struct set_builder *builder;
    const struct set_run *caller;
    struct provider_briefing briefing;
    uint64_t freeze_began_us; /* 0 before the first Freeze */
    bool writers_aborted;
};

struct step
{
    const char *name;
    const WCHAR *fault_detail; /* of its fault points; NULL: it has none of its own */
    HRESULT (*execute)(struct run *run, const struct step *step);
    void (*undo)(struct run *run); /* NULL: nothing to undo */
    DWORD limit_ms;
    enum vss_event event;
    int level;
    size_t operation; /* offset in struct provider_ops */
};

typedef HRESULT (*provider_step)(struct provider_work *work);

static struct provider_trace trace_operation(
    const struct run *run, const struct set_member *member, const char *operation)
{
    return provider_trace_begin(
        member->provider, operation, member->volume->path, &run->builder->set->id);
}

static HRESULT raise_event(struct run *run, const struct step *step)
{
    if (!run->caller->raise)
        return S_OK;
    if (step->event == EVENT_FREEZE && !run->freeze_began_us)
        run->freeze_began_us = clock_now_us();
    struct bus_tally tally = {0};
    HRESULT hr = run->caller->raise(run->caller->context, step->event, step->level, &tally);
    run->builder->report.failed += (UINT)(tally.vetoed + tally.lost);
    if (step->event == EVENT_THAW && tally.called > tally.vetoed + tally.lost)
        run->builder->report.frozen += (UINT)(tally.called - tally.vetoed - tally.lost);
    return hr;
}

static HRESULT brief_providers(struct run *run)
{
    run->briefing.cancelled = async_op_cancel_event(run->caller->op);
    run->briefing.progress = set_progress_tell;
    return run->caller->brief ? run->caller->brief(run->caller->context, &run->briefing) : S_OK;
}

static HRESULT end_prepare(struct run *run, const struct step *step)
{
    uint64_t began = clock_now_us();
    HRESULT hr = brief_providers(run);
    for (size_t i = 0; hr == S_OK && i < run->builder->members.count; i++)
    {
        struct set_member *member = run->builder->members.items[i];
        struct provider_trace trace = trace_operation(run, member, step->name);
        hr = provider_trace_end(
            &trace, member->provider->ops->end_prepare(member->work, &run->briefing));
        hr = set_provider_result(hr, member->provider, step->name);
    }
    run->builder->report.prepare_us = clock_now_us() - began;
    return hr;
}

static HRESULT call_providers(struct run *run, const struct step *step)
{
    uint64_t began_us = clock_now_us();
    HRESULT hr = S_OK;
    bool third_party = false;
    for (size_t i = 0; hr == S_OK && i < run->builder->members.count; i++)
    {
        struct set_member *member = run->builder->members.items[i];
        provider_step operation = *(
            const provider_step *)((const char *)member->provider->ops + step->operation);
        third_party |= member->provider->type != VSS_PROV_SYSTEM;
        if (!operation)
            continue;
        struct provider_trace trace = trace_operation(run, member, step->name);
        hr = provider_trace_end(&trace, operation(member->work));
        hr = set_provider_result(hr, member->provider, step->name);
    }
    uint64_t took_us = clock_now_us() - began_us;
    if (step->operation == offsetof(struct provider_ops, commit))
        run->builder->report.commit_us = took_us;
    DWORD limit_ms = step->limit_ms && third_party ? HOLD_WRITES_LIMIT_MS : step->limit_ms;
    if (hr == S_OK && limit_ms && took_us / 1000 > limit_ms)
        hr = log_error(VSS_E_HOLD_WRITES_TIMEOUT, "%s took %u ms; %u are allowed.", step->name,
            (unsigned)(took_us / 1000), (unsigned)limit_ms);
    return hr;
}

static HRESULT post_commit(struct run *run, const struct step *step)
{
    struct set_builder *builder = run->builder;
    HRESULT hr = S_OK;
    for (size_t i = 0; hr == S_OK && i < builder->members.count; i++)
    {
        struct set_member *member = builder->members.items[i];
        if (!member->provider->ops->post_commit)
            continue;
        struct provider_trace trace = trace_operation(run, member, step->name);
        hr = provider_trace_end(
            &trace, member->provider->ops->post_commit(member->work, (LONG)builder->members.count));
        hr = set_provider_result(hr, member->provider, step->name);
    }
    return hr;
}

/* Device names are known from here on, in time for the PostSnapshot handlers. */
static HRESULT describe(struct run *run, const struct step *step)
{
    struct set_builder *builder = run->builder;
    HRESULT hr = S_OK;
    if (run->freeze_began_us)
        builder->report.freeze_us = clock_now_us() - run->freeze_began_us;
    for (size_t i = 0; hr == S_OK && i < builder->members.count; i++)
    {
        struct set_member *member = builder->members.items[i];
        struct provider_trace trace = trace_operation(run, member, step->name);
        hr = provider_trace_end(&trace,
            member->provider->ops->describe(member->work, builder->set->snapshots.items[i]));
        hr = set_provider_result(hr, member->provider, step->name);
    }
    return hr;
}

static HRESULT record(struct run *run, const struct step *step)
{
    (void)step;
    struct set_builder *builder = run->builder;
    builder->set->creating = false;
    builder->set->count_at_creation = (LONG)builder->members.count;
    builder->set->created = clock_utc();
    if (!builder->hold)
        return S_OK; /* an empty set leaves no record */
    HRESULT hr = catalog_commit(builder->set, &builder->hold);
    if (FAILED(hr))
        builder->set->creating = true;
    return file_is_full(hr) ? VSS_E_INSUFFICIENT_STORAGE : hr;
}

/* The providers' work began with AddToSnapshotSet: the row is there for its undo. */
static HRESULT begun(struct run *run, const struct step *step)
{
    (void)run;
    (void)step;
    return S_OK;
}

static void undo_providers(struct run *run)
{
    set_builder_give_up_members(run->builder);
}

/* Writers go on working first; only then the slow removal begins. */
static void undo_writers(struct run *run)
{
    if (!run->caller->raise || run->writers_aborted)
        return;
    run->writers_aborted = true;
    HRESULT hr = run->caller->raise(run->caller->context, EVENT_ABORT, 0, NULL);
    if (FAILED(hr))
        log_warning(hr, "Abort could not be raised in every writer.");
}

#define OPERATION(name) .execute = call_providers, .operation = offsetof(struct provider_ops, name)
#define EVENT(which) .execute = raise_event, .event = EVENT_##which
#define EVENT_AT(which, to) EVENT(which), .level = VSS_APP_##to
#define FAULT(name) .fault_detail = L##name

/* clang-format off */
static const struct step steps[] = {
    {"BeginPrepareSnapshot", .execute = begun, .undo = undo_providers},
    {"PrepareForSnapshot", EVENT(PREPARE_SNAPSHOT), .undo = undo_writers},
    {"EndPrepareSnapshots", .execute = end_prepare, FAULT("EndPrepareSnapshots")},
    {"Freeze (front end)", EVENT_AT(FREEZE, FRONT_END)},
    {"Freeze (back end)", EVENT_AT(FREEZE, BACK_END)},
    {"Freeze (system)", EVENT_AT(FREEZE, SYSTEM), .undo = undo_writers},
    {"PreCommitSnapshots", OPERATION(pre_commit), FAULT("PreCommitSnapshots")},
    {"CommitSnapshots", OPERATION(commit), FAULT("CommitSnapshots"),
        .limit_ms = BUILT_IN_COMMIT_LIMIT_MS},
    {"PostCommitSnapshots", .execute = post_commit, FAULT("PostCommitSnapshots")},
    {"Thaw (system)", EVENT_AT(THAW, SYSTEM)},
    {"Thaw (back end)", EVENT_AT(THAW, BACK_END)},
    {"Thaw (front end)", EVENT_AT(THAW, FRONT_END)},
    {"GetSnapshotProperties", .execute = describe},
    {"PreFinalCommitSnapshots", OPERATION(pre_final_commit), FAULT("PreFinalCommitSnapshots")},
    {"PostSnapshot", EVENT(POST_SNAPSHOT)},
    {"PostFinalCommitSnapshots", OPERATION(post_final_commit), FAULT("PostFinalCommitSnapshots")},
    {"catalog record", .execute = record, FAULT("Record")},
};
/* clang-format on */

#define STEP_COUNT (sizeof(steps) / sizeof(*steps))

/* A fault of a provider's step is a provider's answer, and treated as one. */
static HRESULT inject_fault(const struct run *run, const struct step *step)
{
    const struct vec *members = &run->builder->members;
    if (!step->fault_detail)
        return S_OK;
    HRESULT hr = set_fault_at(FAULT_SERVICE_STEP, step->fault_detail, members);
    if (FAILED(hr))
        return hr;
    hr = set_fault_at(FAULT_PROVIDER_STEP, step->fault_detail, members);
    const struct set_member *first = vec_at(members, 0);
    return hr != S_OK && first ? set_provider_result(hr, first->provider, step->name) : hr;
}

static void trace_step(
    const struct run *run, const char *name, struct trace_span *span, const HRESULT *outcome)
{
    if (outcome ? !span->id : !trace_watches())
        return;
    struct trace_line line;
    if (outcome)
        trace_span_end(&line, TRACE_STEP, span);
    else
        trace_span_begin(&line, TRACE_STEP, span);
    trace_ascii(&line, "name", name);
    trace_guid(&line, "set", &run->builder->set->id);
    if (outcome)
        trace_result(&line, "hr", *outcome);
    trace_end(&line);
}

static HRESULT execute_step(struct run *run, const struct step *step)
{
    struct trace_span span = {0};
    if (async_op_cancelled(run->caller->op))
        return VSS_S_ASYNC_CANCELLED;
    trace_step(run, step->name, &span, NULL);
    HRESULT hr = inject_fault(run, step);
    if (hr == S_OK)
        hr = step->execute(run, step);
    trace_step(run, step->name, &span, &hr);
    if (FAILED(hr))
        log_error(hr, "The shadow copy set fails at %s; everything is undone.", step->name);
    return hr;
}

static void undo_step(struct run *run, const struct step *step)
{
    const HRESULT done = S_OK;
    struct trace_span span = {0};
    char name[STEP_NAME_LENGTH];
    if (!step->undo)
        return;
    snprintf(name, sizeof(name), "undo %s", step->name);
    trace_step(run, name, &span, NULL);
    step->undo(run);
    trace_step(run, name, &span, &done);
}

static void free_briefing(struct provider_briefing *briefing)
{
    vec_free(&briefing->named_files, file_spec_destroy);
    vec_free(&briefing->unfrozen_files, file_spec_destroy);
    vec_free(&briefing->excluded_files, file_spec_destroy);
    vec_free(&briefing->roots, mem_free);
}

static void finish_members(struct set_builder *builder)
{
    for (size_t i = 0; i < builder->members.count; i++)
    {
        struct set_member *member = builder->members.items[i];
        member->provider->ops->finish(member->work);
        member->work = NULL;
    }
}

HRESULT set_builder_run(struct set_builder *builder, const struct set_run *caller)
{
    struct run run = {.builder = builder, .caller = caller};
    HRESULT hr = S_OK;
    size_t reached = 0;
    builder->report.set_id = builder->set->id;
    for (; hr == S_OK && reached < STEP_COUNT; reached++)
        hr = execute_step(&run, &steps[reached]);

    if (hr == S_OK)
    {
        builder->made = true;
        finish_members(builder);
        set_report_keep(&builder->report);
    }
    else
    {
        while (reached-- > 0)
            undo_step(&run, &steps[reached]);
    }
    set_builder_unlock(builder);
    free_briefing(&run.briefing);
    return hr;
}
