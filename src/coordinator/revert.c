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

/* A volume that this process is reverting, or failed to: for those that ask. */
struct outcome
{
    WCHAR *volume_name;
    bool running;
    HRESULT result;
    /* The revert is over and its note could not be removed: nobody may begin again by it. */
    struct catalog_revert *unsettled;
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
        outcome->result = S_OK;
    }
    lock_leave(&outcomes_lock);
    mem_free(made);
    mem_free(name);
    return outcome ? S_OK : E_OUTOFMEMORY;
}

/* A success needs no remembering. Takes `unsettled`. */
static void note_end(const WCHAR *volume_name, HRESULT result, struct catalog_revert *unsettled)
{
    lock_enter(&outcomes_lock);
    struct outcome **link = &outcomes;
    while (*link && !str16_equal_nocase((*link)->volume_name, volume_name))
        link = &(*link)->next;
    struct outcome *outcome = *link;
    bool over = outcome && result == S_OK && !unsettled;
    if (over)
        *link = outcome->next;
    if (outcome)
    {
        outcome->running = false;
        outcome->result = result;
        outcome->unsettled = unsettled;
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

/* Changes nothing but that the volume is taken. */
static HRESULT make(const GUID *snapshot_id, bool force, struct revert **revert)
{
    struct revert *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    HRESULT hr = find_parts(snapshot_id, made);
    if (SUCCEEDED(hr))
        hr = catalog_revert_take(made->volume->name, snapshot_id, &made->hold);
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

/* *unsettled: see struct outcome. */
static HRESULT carry_out(struct revert *revert, struct catalog_revert **unsettled)
{
    bool changed = false;
    HRESULT hr = revert->provider->ops->revert(
        revert->provider, revert->snapshot, revert->volume, &changed);
    if (FAILED(hr))
        log_error(hr, "%ls could not be reverted. %s", revert->volume->path,
            changed ? "It holds things of before and of the shadow copy: QueryRevertStatus goes on."
                    : "This time nothing on it was changed.");
    else
        log_info("%ls was reverted to a shadow copy.", revert->volume->path);
    HRESULT settled = catalog_revert_end(revert->hold, outcome_of(hr, changed));
    if (FAILED(settled))
        *unsettled = revert->hold;
    revert->hold = NULL;
    return FAILED(hr) ? hr : settled;
}

static void run(void *context)
{
    struct revert *revert = context;
    struct catalog_revert *unsettled = NULL;
    HRESULT hr = carry_out(revert, &unsettled);
    note_end(revert->volume->name, hr, unsettled);
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
    struct catalog_revert *hold = revert->hold;
    HRESULT settled = catalog_revert_end(hold, CATALOG_REVERT_UNTOUCHED);
    note_end(revert->volume->name, FAILED(settled) ? hr : S_OK, FAILED(settled) ? hold : NULL);
    destroy(revert);
    return hr;
}

/* ---- Asking ---- */

/* What this process knows. S_FALSE: nothing; *unsettled: it has the end of a revert to settle
   first, which the caller takes over. */
static HRESULT await_own(const WCHAR *volume_name, struct catalog_revert **unsettled)
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
        hr = outcome ? outcome->result : S_OK;
    else if (outcome && outcome->unsettled)
    {
        *unsettled = outcome->unsettled;
        outcome->unsettled = NULL;
        outcome->running = true;
    }
    lock_leave(&outcomes_lock);
    return hr;
}

/* The failure of the last revert that this process began; S_OK without one. */
static HRESULT last_failure(const WCHAR *volume_name)
{
    lock_enter(&outcomes_lock);
    struct outcome *outcome = find_outcome(volume_name);
    HRESULT hr = outcome ? outcome->result : S_OK;
    lock_leave(&outcomes_lock);
    return hr;
}

static HRESULT settle(const WCHAR *volume_name, struct catalog_revert *unsettled)
{
    HRESULT hr = catalog_revert_end(unsettled, CATALOG_REVERT_DONE);
    note_end(volume_name, hr, FAILED(hr) ? unsettled : NULL);
    return hr;
}

/* Goes on with what is noted. */
static HRESULT go_on(const GUID *snapshot_id)
{
    struct revert *revert = NULL;
    struct catalog_revert *unsettled = NULL;
    HRESULT hr = make(snapshot_id, true, &revert);
    if (FAILED(hr))
        return hr;
    hr = note_start(revert->volume->name);
    if (FAILED(hr))
    {
        catalog_revert_end(revert->hold, CATALOG_REVERT_STOPPED);
    }
    else
    {
        hr = carry_out(revert, &unsettled);
        note_end(revert->volume->name, hr, unsettled);
    }
    destroy(revert);
    return hr;
}

HRESULT revert_await(const WCHAR *volume_name)
{
    struct catalog_revert *unsettled = NULL;
    HRESULT hr = await_own(volume_name, &unsettled);
    if (unsettled)
        return settle(volume_name, unsettled);
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
