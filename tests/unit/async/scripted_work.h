/* SPDX-License-Identifier: MIT
 *
 * Work for operations under test: it says when it has begun, waits to be let go, and ends as the
 * test wrote down. What its threads saw is recorded, and looked at by the test thread when the
 * operation is over.
 */
#ifndef THAWLINE_TESTS_UNIT_ASYNC_SCRIPTED_WORK_H
#define THAWLINE_TESTS_UNIT_ASYNC_SCRIPTED_WORK_H

#include <windows.h>

#include <cmocka.h>
#include <stdio.h>

#include "async/async_op.h"
#include "base/mem.h"
#include "diag/hresult.h"
#include "os/module.h"
#include "os/pool.h"

/* The longest that anything may take before it counts as stuck. */
#define PATIENCE_MS 30000

/* The owner, and the context at the same time. */
struct script
{
    /* written by the test before the start */
    HRESULT result;                        /* what `run` returns when it is let go */
    bool heeds_cancel;                     /* returns VSS_S_ASYNC_CANCELLED when asked to */
    HRESULT on_cancel;                     /* unless S_OK, what it returns then instead */
    void (*inside)(struct script *script); /* called by `run` when it is let go */
    /* handshakes */
    HANDLE entered;  /* set by `run` */
    HANDLE go;       /* waited for by `run` */
    HANDLE released; /* set when the owner's reference is dropped */
    /* written by the test when it has the interface, read by `finish` and `owner_release` */
    IVssAsync *async;
    /* recorded */
    struct async_op *op;
    LONG stopped;
    LONG owner_refs;
    LONG contexts_freed;
    HRESULT finish_result;
    HRESULT status_in_finish;
    HRESULT status_in_release;
    DWORD run_thread;
    DWORD release_thread;
    HRESULT answers[4];
};

static inline void script_make(struct script *script, HRESULT result)
{
    *script = (struct script){
        .result = result, .status_in_finish = E_FAIL, .status_in_release = E_FAIL};
    script->entered = CreateEventW(NULL, TRUE, FALSE, NULL);
    script->go = CreateEventW(NULL, TRUE, FALSE, NULL);
    script->released = CreateEventW(NULL, TRUE, FALSE, NULL);
}

/* After everything of the operation is over. */
static inline void script_free(struct script *script)
{
    CloseHandle(script->entered);
    CloseHandle(script->go);
    CloseHandle(script->released);
}

static inline HRESULT script_run(void *owner, void *context, struct async_op *op)
{
    struct script *script = owner;
    HANDLE events[2] = {script->go, async_op_cancel_event(op)};
    HRESULT hr = script->result;
    script->op = context == owner ? op : NULL;
    script->run_thread = GetCurrentThreadId();
    SetEvent(script->entered);
    WaitForMultipleObjects(script->heeds_cancel ? 2 : 1, events, FALSE, INFINITE);
    if (script->inside)
        script->inside(script);
    if (script->heeds_cancel && async_op_cancelled(op))
        hr = script->on_cancel != S_OK ? script->on_cancel : VSS_S_ASYNC_CANCELLED;
    InterlockedExchange(&script->stopped, 1);
    return hr;
}

static inline void script_finish(void *owner, void *context, HRESULT result)
{
    struct script *script = owner;
    (void)context;
    script->finish_result = result;
    if (script->async)
        IVssAsync_QueryStatus(script->async, &script->status_in_finish, NULL);
}

static inline void script_free_context(void *context)
{
    struct script *script = context;
    InterlockedIncrement(&script->contexts_freed);
}

static inline void script_addref(void *owner)
{
    struct script *script = owner;
    InterlockedIncrement(&script->owner_refs);
}

static inline void script_release(void *owner)
{
    struct script *script = owner;
    if (script->async)
        IVssAsync_QueryStatus(script->async, &script->status_in_release, NULL);
    script->release_thread = GetCurrentThreadId();
    InterlockedDecrement(&script->owner_refs);
    SetEvent(script->released);
}

static const struct async_work scripted_work = {
    .name = "Scripted",
    .run = script_run,
    .finish = script_finish,
    .free_context = script_free_context,
    .owner_addref = script_addref,
    .owner_release = script_release,
};

static const struct async_work uncancellable_work = {
    .name = "Uncancellable",
    .run = script_run,
    .finish = script_finish,
    .free_context = script_free_context,
    .owner_addref = script_addref,
    .owner_release = script_release,
    .uncancellable = true,
};

static inline void assert_hr_at(HRESULT actual, HRESULT expected, const char *what, int line)
{
    char actual_text[HRESULT_TEXT_SIZE];
    char expected_text[HRESULT_TEXT_SIZE];
    if (actual != expected)
        fail_msg("line %d: %s is %s, not %s", line, what, hresult_text(actual, actual_text),
            hresult_text(expected, expected_text));
}

#define assert_hr(actual_, expected_) assert_hr_at((actual_), (expected_), #actual_, __LINE__)

static inline HRESULT status_of(IVssAsync *async)
{
    HRESULT status = S_OK;
    assert_hr(IVssAsync_QueryStatus(async, &status, NULL), S_OK);
    return status;
}

/* Starts the scripted work and waits until it is inside `run`. */
static inline IVssAsync *start(struct script *script, const struct async_work *work)
{
    IVssAsync *async = NULL;
    assert_hr(async_op_start(work, script, script, &async), S_OK);
    assert_non_null(async);
    script->async = async;
    assert_int_equal(WaitForSingleObject(script->entered, PATIENCE_MS), WAIT_OBJECT_0);
    return async;
}

static inline void let_go(struct script *script)
{
    SetEvent(script->go);
}

/* Releases the caller's reference and waits until the pool is done with the operation. */
static inline void finish_test(struct script *script, IVssAsync *async)
{
    pool_drain();
    script->async = NULL;
    assert_int_equal(IVssAsync_Release(async), 0);
    assert_int_equal(script->owner_refs, 0);
    assert_int_equal(script->contexts_freed, 1);
    script_free(script);
}

#endif
