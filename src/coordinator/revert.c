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
#include "provider/provider.h"

/* Another process's revert is looked at this often. */
#define LOOK_MS 50

/* One that this process is at. */
struct revert
{
    struct snapshot_set *set; /* a reference */
    struct snapshot *snapshot; /* the set's */
    struct volume *volume;
    struct provider *provider;
    struct catalog_revert *hold;
};

/* A volume that this process is reverting, or failed to: for those that wait for the end of it. */
struct outcome
{
    WCHAR *volume_name;
    bool running;
    HRESULT result;
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
        outcome->running = true;
    lock_leave(&outcomes_lock);
    mem_free(made);
    mem_free(name);
    return outcome ? S_OK : E_OUTOFMEMORY;
}

/* The outcome of a success needs no memory. */
static void note_end(const WCHAR *volume_name, HRESULT result)
{
    lock_enter(&outcomes_lock);
    struct outcome **link = &outcomes;
    while (*link && !str16_equal_nocase((*link)->volume_name, volume_name))
        link = &(*link)->next;
    struct outcome *outcome = *link;
    if (outcome && SUCCEEDED(result))
        *link = outcome->next;
    else if (outcome)
        outcome->running = false;
    if (outcome)
        outcome->result = result;
    WakeAllConditionVariable(&ended);
    lock_leave(&outcomes_lock);
    if (outcome && SUCCEEDED(result))
    {
        mem_free(outcome->volume_name);
        mem_free(outcome);
    }
}

/* ---- Beginning ---- */

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
    return volume_open(revert->snapshot->volume_name, &revert->volume);
}

static HRESULT make(const GUID *snapshot_id, bool force, struct revert **revert)
{
    struct revert *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    HRESULT hr = find_parts(snapshot_id, made);
    if (SUCCEEDED(hr))
        hr = made->provider->ops->check_revert(
            made->provider, made->snapshot, made->volume, force);
    if (SUCCEEDED(hr))
        hr = catalog_revert_begin(made->volume->name, snapshot_id, &made->hold);
    if (FAILED(hr))
        destroy(made);
    else
        *revert = made;
    return hr;
}

static HRESULT carry_out(struct revert *revert)
{
    HRESULT hr = revert->provider->ops->revert(
        revert->provider, revert->snapshot, revert->volume);
    if (FAILED(hr))
        log_error(hr, "%ls could not be reverted; QueryRevertStatus tries again.",
            revert->volume->path);
    else
        log_info("%ls was reverted to a shadow copy.", revert->volume->path);
    catalog_revert_end(revert->hold, SUCCEEDED(hr));
    return hr;
}

static void run(void *context)
{
    struct revert *revert = context;
    HRESULT hr = carry_out(revert);
    note_end(revert->volume->name, hr);
    destroy(revert);
}

HRESULT revert_start(const GUID *snapshot_id, bool force)
{
    struct revert *revert = NULL;
    HRESULT hr = make(snapshot_id, force, &revert);
    if (FAILED(hr))
        return hr;
    hr = note_start(revert->volume->name);
    if (SUCCEEDED(hr))
    {
        hr = pool_run(run, revert);
        if (SUCCEEDED(hr))
            return S_OK;
        note_end(revert->volume->name, S_OK); /* there was none */
    }
    catalog_revert_end(revert->hold, true);
    destroy(revert);
    return hr;
}

/* ---- Asking ---- */

/* S_FALSE: this process is not at it. */
static HRESULT await_own(const WCHAR *volume_name)
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
    hr = carry_out(revert);
    if (SUCCEEDED(hr))
        note_end(revert->volume->name, hr); /* an earlier failure */
    destroy(revert);
    return hr;
}

HRESULT revert_await(const WCHAR *volume_name)
{
    HRESULT hr = await_own(volume_name);
    while (hr == S_FALSE)
    {
        GUID snapshot_id;
        bool running = false;
        hr = catalog_revert_find(volume_name, &snapshot_id, &running);
        if (hr != S_OK)
            return SUCCEEDED(hr) ? S_OK : hr;
        if (!running)
            hr = go_on(&snapshot_id);
        if (!running && hr != VSS_E_REVERT_IN_PROGRESS)
            return hr;
        Sleep(LOOK_MS);
        hr = S_FALSE;
    }
    return hr;
}
