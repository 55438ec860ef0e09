/* SPDX-License-Identifier: MIT
 *
 * Reverts. See revert.h; what of them outlives the process is catalog_revert.h's.
 */
#include "coordinator/revert.h"

#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "catalog/catalog.h"
#include "catalog/catalog_revert.h"
#include "diag/log.h"
#include "os/lock.h"
#include "os/pool.h"
#include "os/settings.h"
#include "provider/provider.h"

/* Another process's revert is looked at this often. */
#define LOOK_MS 50

/* One that this process is at. */
struct revert
{
    struct snapshot_set *set;  /* a reference */
    struct snapshot *snapshot; /* the set's */
    struct volume *volume;
    struct provider *provider;
    struct catalog_revert *hold;
};

/* How a revert ended. */
struct end
{
    HRESULT result;
    enum catalog_revert_outcome outcome;
    HRESULT settled; /* of catalog_revert_end */
    /* The revert is over and its note could not be made true: nobody may begin again by it. */
    struct catalog_revert *unsettled;
};

/* A volume that this process is reverting, or failed to: for those that ask. */
struct outcome
{
    WCHAR *volume_name;
    bool running;
    struct end end;
    struct outcome *next;
};

static struct lock outcomes_lock = LOCK_INIT(LOCK_RANK_CATALOG);
static CONDITION_VARIABLE ended = CONDITION_VARIABLE_INIT;
static struct outcome *outcomes; /* guarded by outcomes_lock */

static void destroy(struct revert *revert)
{
    volume_free(revert->volume);
    snapshot_set_release(revert->set);
    mem_free(revert);
}

/* With the lock held. */
static struct outcome *find_outcome(const WCHAR *volume_name)
{
    struct outcome *outcome = outcomes;
    while (outcome && !str16_equal_nocase(outcome->volume_name, volume_name))
        outcome = outcome->next;
    return outcome;
}

static HRESULT note_start(const WCHAR *volume_name)
{
    struct outcome *made = mem_alloc(sizeof(*made));
    WCHAR *name = str16_dup(volume_name);
    lock_enter(&outcomes_lock);
    struct outcome *outcome = find_outcome(volume_name);
    if (!outcome && made && name)
    {
        outcome = made;
        outcome->volume_name = name;
        outcome->next = outcomes;
        outcomes = outcome;
        made = NULL;
        name = NULL;
    }
    if (outcome)
    {
        outcome->running = true;
        outcome->end = (struct end){0};
    }
    lock_leave(&outcomes_lock);
    mem_free(made);
    mem_free(name);
    return outcome ? S_OK : E_OUTOFMEMORY;
}

static HRESULT answer_of(const struct end *end)
{
    return FAILED(end->result) ? end->result : end->settled;
}

/* Takes end->unsettled, if that is so. */
static void settle(struct end *end, struct catalog_revert *hold)
{
    end->settled = catalog_revert_end(hold, end->outcome);
    end->unsettled = FAILED(end->settled) ? hold : NULL;
}

/* A success needs no remembering. */
static void note_end(const WCHAR *volume_name, const struct end *end)
{
    lock_enter(&outcomes_lock);
    struct outcome **link = &outcomes;
    while (*link && !str16_equal_nocase((*link)->volume_name, volume_name))
        link = &(*link)->next;
    struct outcome *outcome = *link;
    bool over = outcome && SUCCEEDED(answer_of(end));
    if (over)
        *link = outcome->next;
    if (outcome)
    {
        outcome->running = false;
        outcome->end = *end;
    }
    WakeAllConditionVariable(&ended);
    lock_leave(&outcomes_lock);
    if (over)
    {
        mem_free(outcome->volume_name);
        mem_free(outcome);
    }
}

/* ---- Beginning ---- */

HRESULT revert_check_allowed(const char *call)
{
    if (settings_get_number(L"ALLOW_REVERT", 0) == 1)
        return S_OK;
    return log_error(E_NOTIMPL,
        "%s: reverting volumes is off. The setting ALLOW_REVERT=1 turns it on; read first what the "
        "README says of it.",
        call);
}

static HRESULT find_parts(const GUID *snapshot_id, struct revert *revert)
{
    HRESULT hr = catalog_find_snapshot(snapshot_id, &revert->set);
    if (FAILED(hr))
        return hr;
    revert->snapshot = snapshot_set_find(revert->set, snapshot_id);
    if (!(revert->snapshot->attributes & VSS_VOLSNAP_ATTR_PERSISTENT))
        return log_error(VSS_E_UNSUPPORTED_CONTEXT,
            "RevertToSnapshot: only a persistent shadow copy can be reverted to.");
    revert->provider = provider_find(&revert->snapshot->provider_id);
    if (!revert->provider)
        return log_error(VSS_E_PROVIDER_NOT_REGISTERED,
            "RevertToSnapshot: the provider of the shadow copy is not registered.");
    if (!revert->provider->ops->revert)
        return log_not_implemented("RevertToSnapshot with this provider");
    hr = volume_open(revert->snapshot->volume_name, &revert->volume);
    return SUCCEEDED(hr) ? revert_check_allowed("RevertToSnapshot") : hr;
}

/* What was read before the volume was taken may have changed while that was waited for. */
static HRESULT take(const GUID *snapshot_id, struct revert *revert)
{
    struct snapshot_set *set = NULL;
    HRESULT hr = catalog_revert_take(revert->volume->name, snapshot_id, &revert->hold, &set);
    if (FAILED(hr))
        return hr;
    snapshot_set_release(revert->set);
    revert->set = set;
    revert->snapshot = snapshot_set_find(set, snapshot_id);
    return S_OK;
}

/* Changes nothing but that the volume is taken. */
static HRESULT make(const GUID *snapshot_id, bool force, struct revert **revert)
{
    struct revert *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    HRESULT hr = find_parts(snapshot_id, made);
    if (SUCCEEDED(hr))
        hr = take(snapshot_id, made);
    if (SUCCEEDED(hr))
        hr = made->provider->ops->check_revert(made->provider, made->snapshot, made->volume, force);
    if (FAILED(hr))
    {
        catalog_revert_end(made->hold, CATALOG_REVERT_STOPPED);
        destroy(made);
    }
    else
    {
        *revert = made;
    }
    return hr;
}

static enum catalog_revert_outcome outcome_of(HRESULT hr, bool changed)
{
    if (SUCCEEDED(hr))
        return CATALOG_REVERT_DONE;
    return changed ? CATALOG_REVERT_HALF : CATALOG_REVERT_UNTOUCHED;
}

static HRESULT carry_out(struct revert *revert)
{
    struct end end = {0};
    bool changed = false;
    HRESULT hr = revert->provider->ops->revert(
        revert->provider, revert->snapshot, revert->volume, &changed);
    if (FAILED(hr))
        log_error(hr, "%ls could not be reverted. %s", revert->volume->path,
            changed ? "It holds things of before and of the shadow copy: QueryRevertStatus goes on."
                    : "This time nothing on it was changed.");
    else
        log_info("%ls was reverted to a shadow copy.", revert->volume->path);
    end.result = hr;
    end.outcome = outcome_of(hr, changed);
    settle(&end, revert->hold);
    revert->hold = NULL;
    note_end(revert->volume->name, &end);
    return answer_of(&end);
}

static void run(void *context)
{
    struct revert *revert = context;
    carry_out(revert);
    destroy(revert);
}

HRESULT revert_start(const GUID *snapshot_id, bool force)
{
    struct revert *revert = NULL;
    HRESULT hr = make(snapshot_id, force, &revert);
    if (FAILED(hr))
        return hr;
    hr = note_start(revert->volume->name);
    if (FAILED(hr))
        goto stop;
    hr = catalog_revert_note(revert->hold);
    if (SUCCEEDED(hr))
        hr = pool_run(run, revert);
    if (SUCCEEDED(hr))
        return S_OK;
stop:;
    struct end end = {.outcome = CATALOG_REVERT_UNTOUCHED};
    settle(&end, revert->hold);
    /* The caller is told; whoever asks later need not be, unless there is something to settle. */
    end.result = end.unsettled ? hr : S_OK;
    note_end(revert->volume->name, &end);
    destroy(revert);
    return hr;
}

/* ---- Asking ---- */

/* What this process knows. S_FALSE: nothing; with end->unsettled it has the end of a revert to
   settle first, which the caller takes over. */
static HRESULT await_own(const WCHAR *volume_name, struct end *end)
{
    HRESULT hr = S_FALSE;
    lock_enter(&outcomes_lock);
    struct outcome *outcome = find_outcome(volume_name);
    bool was_running = outcome && outcome->running;
    while (outcome && outcome->running)
    {
        lock_wait(&outcomes_lock, &ended, INFINITE);
        outcome = find_outcome(volume_name);
    }
    if (was_running)
        hr = outcome ? answer_of(&outcome->end) : S_OK;
    else if (outcome && outcome->end.unsettled)
    {
        *end = outcome->end;
        outcome->end.unsettled = NULL;
        outcome->running = true;
    }
    lock_leave(&outcomes_lock);
    return hr;
}

/* The failure of the last revert that this process began, which changed nothing; S_OK without one.
   One that stopped half way left a note: if that is gone, somebody has finished it. */
static HRESULT last_failure(const WCHAR *volume_name)
{
    lock_enter(&outcomes_lock);
    struct outcome *outcome = find_outcome(volume_name);
    bool untouched = outcome && outcome->end.outcome == CATALOG_REVERT_UNTOUCHED;
    HRESULT hr = untouched ? answer_of(&outcome->end) : S_OK;
    lock_leave(&outcomes_lock);
    return hr;
}

/* Goes on with what is noted. */
static HRESULT go_on(const GUID *snapshot_id)
{
    struct revert *revert = NULL;
    HRESULT hr = make(snapshot_id, true, &revert);
    if (FAILED(hr))
        return hr;
    hr = note_start(revert->volume->name);
    if (FAILED(hr))
        catalog_revert_end(revert->hold, CATALOG_REVERT_STOPPED);
    else
        hr = carry_out(revert);
    destroy(revert);
    return hr;
}

HRESULT revert_await(const WCHAR *volume_name)
{
    struct end end = {0};
    HRESULT hr = await_own(volume_name, &end);
    if (end.unsettled)
    {
        settle(&end, end.unsettled);
        note_end(volume_name, &end);
        return answer_of(&end);
    }
    while (hr == S_FALSE)
    {
        GUID snapshot_id;
        bool running = false;
        hr = catalog_revert_find(volume_name, &snapshot_id, &running);
        if (hr != S_OK)
            return SUCCEEDED(hr) ? last_failure(volume_name) : hr;
        if (!running)
            hr = go_on(&snapshot_id);
        if (!running && hr != VSS_E_REVERT_IN_PROGRESS)
            return hr;
        Sleep(LOOK_MS);
        hr = S_FALSE;
    }
    return hr;
}
