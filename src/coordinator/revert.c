/* SPDX-License-Identifier: MIT
 *
 * Reverts. See revert.h; what of them outlives the process is provider/revert_note.h's.
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
#include "provider/revert_note.h"

/* Another process's revert is looked at this often. */
#define LOOK_MS 50

/* One that this process is at. */
struct revert
{
    struct snapshot_set *set;  /* a reference */
    struct snapshot *snapshot; /* the set's */
    struct volume *volume;
    struct provider *provider;
    struct file_lock *lock;
    GUID id; /* once it was accepted */
    bool force;
};

/* How one that this process is at goes, or how it failed: for those that ask. */
struct outcome
{
    /* set once */
    GUID id; /* the revert's */
    WCHAR *volume_name;
    /* guarded by outcomes_lock */
    bool running;
    bool half_way; /* and noted so on the volume: whoever asks goes on */
    HRESULT result;
    unsigned waiting; /* those who wait for it, and the list; the last one frees it */
    struct outcome *next;
};

static struct lock outcomes_lock = LOCK_INIT(LOCK_RANK_CATALOG);
static CONDITION_VARIABLE ended = CONDITION_VARIABLE_INIT;
static struct outcome *outcomes; /* guarded by outcomes_lock; the latest first */

static void destroy(struct revert *revert)
{
    file_lock_drop(revert->lock, false);
    volume_free(revert->volume);
    snapshot_set_release(revert->set);
    mem_free(revert);
}

/* With the lock held. */
static void let_go(struct outcome *outcome)
{
    if (--outcome->waiting)
        return;
    mem_free(outcome->volume_name);
    mem_free(outcome);
}

/* Takes those out of the list that are over and of no interest: of this volume, or this one. With
   the lock held. */
static void forget(const WCHAR *volume_name, const GUID *id)
{
    struct outcome **link = &outcomes;
    while (*link)
    {
        struct outcome *outcome = *link;
        bool meant = id ? guid_equal(&outcome->id, id)
                        : str16_equal_nocase(outcome->volume_name, volume_name);
        if (meant && !outcome->running)
        {
            *link = outcome->next;
            let_go(outcome);
        }
        else
        {
            link = &outcome->next;
        }
    }
}

static HRESULT note_start(const WCHAR *volume_name, const GUID *id)
{
    struct outcome *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    made->id = *id;
    made->running = true;
    made->waiting = 1;
    made->volume_name = str16_dup(volume_name);
    if (!made->volume_name)
    {
        mem_free(made);
        return E_OUTOFMEMORY;
    }
    lock_enter(&outcomes_lock);
    forget(volume_name, NULL);
    made->next = outcomes;
    outcomes = made;
    lock_leave(&outcomes_lock);
    return S_OK;
}

/* A success needs no remembering. */
static void note_end(const GUID *id, HRESULT result, bool half_way)
{
    lock_enter(&outcomes_lock);
    struct outcome *outcome = outcomes;
    while (outcome && !guid_equal(&outcome->id, id))
        outcome = outcome->next;
    if (outcome)
    {
        outcome->running = false;
        outcome->half_way = half_way;
        outcome->result = result;
        if (SUCCEEDED(result))
            forget(NULL, id);
    }
    WakeAllConditionVariable(&ended);
    lock_leave(&outcomes_lock);
}

/* ---- Beginning ---- */

/* What was begun before it was forbidden is finished all the same. A value that says nothing, `no`
   or `off`, was hardly set by one who wants it. */
static HRESULT check_allowed(void)
{
    WCHAR value[2];
    HRESULT hr = settings_read(L"ALLOW_REVERT", value, ARRAYSIZE(value));
    if (hr == S_FALSE || str16_equal(value, L"1"))
        return S_OK;
    return log_error(E_NOTIMPL, "RevertToSnapshot: the setting ALLOW_REVERT forbids it.");
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
    return volume_open(revert->snapshot->volume_name, &revert->volume);
}

static HRESULT check_not_noted(const struct volume *volume)
{
    struct revert_note note = {0};
    HRESULT hr = revert_note_read(volume, &note);
    if (SUCCEEDED(hr) && note.noted)
        hr = log_error(VSS_E_REVERT_IN_PROGRESS,
            "%ls is half way to a shadow copy; QueryRevertStatus finishes that.", volume->path);
    return hr;
}

/* What was read before the volume was taken may have changed while that was waited for. */
static HRESULT take(const GUID *snapshot_id, struct revert *revert)
{
    struct snapshot_set *set = NULL;
    HRESULT hr = revert_note_lock(revert->volume, &revert->lock);
    if (SUCCEEDED(hr))
        hr = check_not_noted(revert->volume);
    if (SUCCEEDED(hr))
        hr = catalog_revert_find(snapshot_id, &set);
    if (FAILED(hr))
        return hr;
    snapshot_set_release(revert->set);
    revert->set = set;
    revert->snapshot = snapshot_set_find(set, snapshot_id);
    return S_OK;
}

/* What ended badly without a note is over, whatever it changed. */
static bool is_half_way(const struct volume *volume, HRESULT hr)
{
    struct revert_note note = {0};
    return FAILED(hr) && (FAILED(revert_note_read(volume, &note)) || note.noted);
}

static void run(void *context)
{
    struct revert *revert = context;
    bool changed = false;
    HRESULT hr = revert->provider->ops->revert(
        revert->provider, revert->snapshot, revert->volume, revert->force, &changed);
    if (FAILED(hr))
        log_error(hr, "%ls could not be reverted. %s", revert->volume->path,
            changed ? "It holds things of before and of the shadow copy."
                    : "Nothing on it was changed.");
    else
        log_info("%ls was reverted to a shadow copy.", revert->volume->path);
    bool half_way = is_half_way(revert->volume, hr);
    /* The lock goes first: who is woken may revert again. */
    file_lock_drop(revert->lock, false);
    revert->lock = NULL;
    note_end(&revert->id, hr, half_way);
    destroy(revert);
}

/* What fails here leaves the volume and its note as they were. */
static HRESULT launch(struct revert *revert)
{
    struct revert_note note = {0};
    HRESULT hr = revert_note_read(revert->volume, &note);
    revert->id = note.revert_id;
    if (SUCCEEDED(hr))
        hr = revert_note_set_last(revert->lock, &revert->id);
    if (SUCCEEDED(hr))
        hr = note_start(revert->volume->name, &revert->id);
    if (SUCCEEDED(hr))
    {
        hr = pool_run(run, revert);
        /* The caller is told; whoever asks later need not be. */
        if (FAILED(hr))
            note_end(&revert->id, S_OK, false);
    }
    if (FAILED(hr))
        revert_note_remove(revert->volume);
    return hr;
}

HRESULT revert_start(const GUID *snapshot_id, bool force)
{
    struct revert *revert = mem_alloc(sizeof(*revert));
    if (!revert)
        return E_OUTOFMEMORY;
    revert->force = force;
    HRESULT hr = find_parts(snapshot_id, revert);
    if (SUCCEEDED(hr))
        hr = check_allowed();
    if (SUCCEEDED(hr))
        hr = take(snapshot_id, revert);
    if (SUCCEEDED(hr))
        hr = revert->provider->ops->begin_revert(
            revert->provider, revert->snapshot, revert->volume, force);
    if (SUCCEEDED(hr))
        hr = launch(revert);
    if (FAILED(hr))
        destroy(revert);
    return hr;
}

/* ---- Asking ---- */

/* With the lock held: the latest. */
static struct outcome *find_outcome(const WCHAR *volume_name)
{
    struct outcome *outcome = outcomes;
    while (outcome && !str16_equal_nocase(outcome->volume_name, volume_name))
        outcome = outcome->next;
    return outcome;
}

/* Waits for the one that this process is at. S_FALSE: none. */
static HRESULT await_own(const WCHAR *volume_name)
{
    HRESULT hr = S_FALSE;
    lock_enter(&outcomes_lock);
    struct outcome *outcome = find_outcome(volume_name);
    if (outcome && outcome->running)
    {
        outcome->waiting++;
        while (outcome->running)
            lock_wait(&outcomes_lock, &ended, INFINITE);
        hr = outcome->result;
        let_go(outcome);
    }
    lock_leave(&outcomes_lock);
    return hr;
}

/* The failure of the last revert, which is over, if this process began it; S_OK without one. One
   that stopped half way left a note: if that is gone, somebody has finished it. */
static HRESULT last_failure(const struct volume *volume)
{
    GUID id = {0};
    lock_enter(&outcomes_lock);
    struct outcome *outcome = find_outcome(volume->name);
    HRESULT hr = outcome && !outcome->half_way ? outcome->result : S_OK;
    if (outcome)
        id = outcome->id;
    lock_leave(&outcomes_lock);
    return FAILED(hr) && revert_note_is_last(volume, &id) ? hr : S_OK;
}

/* With the lock, and so certainly alone, unless the note went meanwhile. Whatever provider the
   snapshot is of: only this one can revert. */
static HRESULT resume(const struct volume *volume)
{
    struct revert_note note = {0};
    bool changed = false;
    struct provider *provider = provider_find(&provider_system_id);
    HRESULT hr = revert_note_read(volume, &note);
    if (FAILED(hr) || !note.noted)
        return hr;
    log_info("The revert of %ls was interrupted; it goes on.", volume->path);
    hr = provider->ops->resume_revert(provider, volume, &changed);
    if (FAILED(hr))
        log_error(
            hr, "The revert of %ls %s.", volume->path, changed ? "is not finished yet" : "is over");
    else
        note_end(&note.revert_id, S_OK, false); /* in case this process began it */
    return hr;
}

static HRESULT go_on(const struct volume *volume)
{
    struct file_lock *lock = NULL;
    HRESULT hr = revert_note_lock(volume, &lock);
    if (SUCCEEDED(hr))
        hr = resume(volume);
    file_lock_drop(lock, false);
    return hr;
}

HRESULT revert_await(const struct volume *volume)
{
    HRESULT hr = await_own(volume->name);
    while (hr == S_FALSE)
    {
        struct revert_note note = {0};
        hr = revert_note_find(volume, &note);
        if (FAILED(hr))
            return hr;
        if (!note.running && !note.noted)
            return last_failure(volume);
        if (!note.running)
            hr = go_on(volume);
        if (!note.running && hr != VSS_E_REVERT_IN_PROGRESS)
            return hr;
        Sleep(LOOK_MS);
        hr = S_FALSE;
    }
    return hr;
}
