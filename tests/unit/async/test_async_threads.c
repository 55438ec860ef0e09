/* SPDX-License-Identifier: MIT
 *
 * async/async_op among threads: races, handlers that call back, early release, apartments.
 */
#include "unit/async/scripted_work.h"

#include <objbase.h>

#define RACES 1000
#define CROWD 64

static long blocks_before;
static long objects_before;

static int note_counts(void **state)
{
    (void)state;
    blocks_before = mem_live_blocks();
    objects_before = module_object_count();
    return 0;
}

static int check_counts(void **state)
{
    (void)state;
    pool_drain();
    assert_int_equal(mem_live_blocks(), blocks_before);
    assert_int_equal(module_object_count(), objects_before);
    return 0;
}

/* A thread that calls Cancel, Wait or QueryStatus when it is told to. */
struct caller
{
    IVssAsync *async;
    HANDLE begin; /* NULL: at once */
    HRESULT answer;
    HRESULT status;
    HANDLE thread;
};

static DWORD WINAPI call_cancel(void *argument)
{
    struct caller *caller = argument;
    if (caller->begin)
        WaitForSingleObject(caller->begin, INFINITE);
    caller->answer = IVssAsync_Cancel(caller->async);
    IVssAsync_QueryStatus(caller->async, &caller->status, NULL);
    return 0;
}

static DWORD WINAPI call_wait(void *argument)
{
    struct caller *caller = argument;
    if (caller->begin)
        WaitForSingleObject(caller->begin, INFINITE);
    caller->answer = IVssAsync_Wait(caller->async, INFINITE);
    IVssAsync_QueryStatus(caller->async, &caller->status, NULL);
    return 0;
}

static void caller_start(
    struct caller *caller, LPTHREAD_START_ROUTINE call, IVssAsync *async, HANDLE begin)
{
    *caller = (struct caller){async, begin, E_FAIL, E_FAIL, NULL};
    caller->thread = CreateThread(NULL, 0, call, caller, 0, NULL);
    assert_non_null(caller->thread);
}

static void caller_join(struct caller *caller)
{
    assert_int_equal(WaitForSingleObject(caller->thread, PATIENCE_MS), WAIT_OBJECT_0);
    CloseHandle(caller->thread);
}

/* ---- several callers ---- */

static void several_waiters_all_return(void **state)
{
    struct script script;
    struct caller callers[8];
    (void)state;
    script_make(&script, VSS_E_HOLD_WRITES_TIMEOUT);
    IVssAsync *async = start(&script, &scripted_work);
    for (int i = 0; i < 8; i++)
        caller_start(&callers[i], call_wait, async, NULL);
    let_go(&script);
    for (int i = 0; i < 8; i++)
    {
        caller_join(&callers[i]);
        assert_hr(callers[i].answer, S_OK);
        assert_hr(callers[i].status, VSS_E_HOLD_WRITES_TIMEOUT);
    }
    finish_test(&script, async);
}

static void of_several_cancels_one_cancels_and_all_see_it_done(void **state)
{
    (void)state;
    for (int round = 0; round < 100; round++)
    {
        struct script script;
        struct caller callers[4];
        int cancels = 0;
        HANDLE begin = CreateEventW(NULL, TRUE, FALSE, NULL);
        script_make(&script, S_OK);
        script.heeds_cancel = true;
        IVssAsync *async = start(&script, &scripted_work);
        for (int i = 0; i < 4; i++)
            caller_start(&callers[i], call_cancel, async, begin);
        SetEvent(begin);
        for (int i = 0; i < 4; i++)
        {
            caller_join(&callers[i]);
            cancels += callers[i].answer == S_OK;
            if (callers[i].answer != S_OK)
                assert_hr(callers[i].answer, VSS_S_ASYNC_CANCELLED);
            assert_hr(callers[i].status, VSS_S_ASYNC_CANCELLED);
        }
        assert_int_equal(cancels, 1);
        finish_test(&script, async);
        CloseHandle(begin);
    }
}

/* The work is let go and cancelled at the same time, by turns the one or the other a little
   earlier: whichever wins, everyone tells the same story. */
static void cancel_racing_with_completion_is_decided_once(void **state)
{
    unsigned finished = 0;
    (void)state;
    for (int round = 0; round < RACES; round++)
    {
        struct script script;
        struct caller canceller;
        HANDLE begin = CreateEventW(NULL, TRUE, FALSE, NULL);
        script_make(&script, S_OK);
        script.heeds_cancel = true;
        IVssAsync *async = start(&script, &scripted_work);
        caller_start(&canceller, call_cancel, async, begin);
        SetEvent(round % 2 ? begin : script.go);
        SetEvent(round % 2 ? script.go : begin);
        assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
        HRESULT status = status_of(async);
        caller_join(&canceller);
        finished += status == VSS_S_ASYNC_FINISHED;
        assert_hr(canceller.status, status);
        assert_hr(script.finish_result, status);
        assert_hr(canceller.answer, status == VSS_S_ASYNC_FINISHED ? VSS_S_ASYNC_FINISHED : S_OK);
        assert_hr(status_of(async), status);
        finish_test(&script, async);
        CloseHandle(begin);
    }
    print_message("%u of %u completed before the cancel\n", finished, RACES);
}

static void work_that_ends_before_start_returns_is_seen_as_finished(void **state)
{
    (void)state;
    for (int round = 0; round < RACES; round++)
    {
        struct script script;
        IVssAsync *async = NULL;
        script_make(&script, S_OK);
        let_go(&script);
        assert_hr(async_op_start(&scripted_work, &script, &script, &async), S_OK);
        assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
        assert_hr(status_of(async), VSS_S_ASYNC_FINISHED);
        finish_test(&script, async);
    }
}

/* ---- from inside ---- */

static void cancel_twice_and_wait(struct script *script)
{
    script->answers[0] = IVssAsync_Cancel(script->async);
    script->answers[1] = IVssAsync_Cancel(script->async);
    script->answers[2] = IVssAsync_Wait(script->async, INFINITE);
    script->answers[3] = async_op_cancelled(script->op) ? S_OK : S_FALSE;
    async_op_cancel_and_wait(script->op);
    async_op_wait(script->op);
}

static void cancel_and_wait_from_the_work_itself_return_at_once(void **state)
{
    struct script script;
    (void)state;
    script_make(&script, S_OK);
    script.heeds_cancel = true;
    script.inside = cancel_twice_and_wait;
    IVssAsync *async = start(&script, &scripted_work);
    let_go(&script);
    assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
    assert_hr(script.answers[0], S_OK);
    assert_hr(script.answers[1], VSS_S_ASYNC_CANCELLED);
    assert_hr(script.answers[2], S_OK);
    assert_hr(script.answers[3], S_OK);
    assert_hr(status_of(async), VSS_S_ASYNC_CANCELLED);
    finish_test(&script, async);
}

static DWORD WINAPI run_handler(void *argument)
{
    struct script *script = argument;
    struct async_op *previous = async_op_enter_handler(script->op);
    /* A handler inside the handler, for no operation in particular. */
    struct async_op *between = async_op_enter_handler(NULL);
    cancel_twice_and_wait(script);
    async_op_leave_handler(between);
    async_op_leave_handler(previous);
    return 0;
}

/* The work waits for a handler on another thread, which cancels the work. */
static void run_handler_on_a_thread(struct script *script)
{
    HANDLE thread = CreateThread(NULL, 0, run_handler, script, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}

static void cancel_from_a_handler_on_another_thread_returns_at_once(void **state)
{
    struct script script;
    (void)state;
    script_make(&script, S_OK);
    script.heeds_cancel = true;
    script.inside = run_handler_on_a_thread;
    IVssAsync *async = start(&script, &scripted_work);
    let_go(&script);
    assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
    assert_hr(script.answers[0], S_OK);
    assert_hr(script.answers[1], VSS_S_ASYNC_CANCELLED);
    assert_hr(status_of(async), VSS_S_ASYNC_CANCELLED);
    finish_test(&script, async);
}

/* The handler has been here before the caller: the caller's Cancel waits, and is the second. */
static void cancel_after_one_from_inside_is_the_second(void **state)
{
    struct script script;
    (void)state;
    script_make(&script, S_OK);
    script.heeds_cancel = true;
    script.inside = cancel_twice_and_wait;
    IVssAsync *async = start(&script, &scripted_work);
    let_go(&script);
    assert_int_equal(
        WaitForSingleObject(async_op_cancel_event(script.op), PATIENCE_MS), WAIT_OBJECT_0);
    assert_hr(IVssAsync_Cancel(async), VSS_S_ASYNC_CANCELLED);
    assert_int_equal(script.stopped, 1);
    finish_test(&script, async);
}

static struct async_op *other_op;

static void enter_and_leave(struct script *script)
{
    struct async_op *previous = async_op_enter_handler(other_op);
    script->answers[0] = previous == script->op ? S_OK : E_FAIL;
    async_op_leave_handler(previous);
    script->answers[1] = async_op_enter_handler(NULL) == script->op ? S_OK : E_FAIL;
    /* What it has left counts as foreign again, so this waits for the other operation. */
    async_op_wait(other_op);
}

static void handler_that_was_left_counts_no_more(void **state)
{
    struct script script;
    struct script other;
    (void)state;
    script_make(&script, S_OK);
    script_make(&other, S_OK);
    IVssAsync *other_async = start(&other, &scripted_work);
    other_op = other.op;
    script.inside = enter_and_leave;
    IVssAsync *async = start(&script, &scripted_work);
    let_go(&script);
    let_go(&other);
    assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
    assert_hr(script.answers[0], S_OK);
    assert_hr(script.answers[1], S_OK);
    assert_hr(status_of(other_async), VSS_S_ASYNC_FINISHED);
    assert_null(async_op_enter_handler(NULL));
    finish_test(&other, other_async);
    finish_test(&script, async);
}

/* ---- life ---- */

static void early_release_neither_cancels_nor_blocks(void **state)
{
    struct script script;
    (void)state;
    script_make(&script, S_OK);
    script.heeds_cancel = true;
    IVssAsync *async = start(&script, &scripted_work);
    script.async = NULL;
    assert_int_equal(IVssAsync_Release(async), 1); /* the worker's */
    assert_int_equal(script.owner_refs, 1);
    assert_int_equal(module_object_count(), objects_before + 1);
    assert_false(async_op_cancelled(script.op));
    let_go(&script);
    assert_int_equal(WaitForSingleObject(script.released, PATIENCE_MS), WAIT_OBJECT_0);
    pool_drain();
    assert_hr(script.finish_result, VSS_S_ASYNC_FINISHED);
    assert_int_equal(script.contexts_freed, 1);
    assert_int_equal(script.owner_refs, 0);
    script_free(&script);
}

static void release_during_wait_of_another_thread_is_harmless(void **state)
{
    struct script script;
    struct caller waiter;
    (void)state;
    script_make(&script, S_OK);
    IVssAsync *async = start(&script, &scripted_work);
    IVssAsync_AddRef(async); /* for the waiter's QueryStatus */
    caller_start(&waiter, call_wait, async, NULL);
    IVssAsync_Release(async);
    let_go(&script);
    caller_join(&waiter);
    assert_hr(waiter.status, VSS_S_ASYNC_FINISHED);
    finish_test(&script, async);
}

/* The owner ends when its last reference goes, on the worker's thread, and asks for its operation
   then. */
static struct async_op *owners_op;

static void owner_ends(void *owner)
{
    async_op_cancel_and_wait(owners_op);
    async_op_release(owners_op);
    script_release(owner);
}

static void owner_that_ends_on_the_worker_does_not_wait_for_itself(void **state)
{
    static const struct async_work work = {
        .name = "Owned",
        .run = script_run,
        .finish = script_finish,
        .free_context = script_free_context,
        .owner_addref = script_addref,
        .owner_release = owner_ends,
    };
    struct script script;
    (void)state;
    script_make(&script, S_OK);
    IVssAsync *async = start(&script, &work);
    owners_op = async_op_from_interface(async);
    async_op_addref(owners_op);
    let_go(&script);
    assert_hr(IVssAsync_Wait(async, PATIENCE_MS), S_OK);
    assert_hr(status_of(async), VSS_S_ASYNC_FINISHED);
    finish_test(&script, async);
}

static void owner_that_cancels_waits_until_the_work_has_stopped(void **state)
{
    struct script script;
    (void)state;
    script_make(&script, S_OK);
    script.heeds_cancel = true;
    IVssAsync *async = start(&script, &scripted_work);
    async_op_cancel_and_wait(async_op_from_interface(async));
    assert_int_equal(script.stopped, 1);
    assert_hr(status_of(async), VSS_S_ASYNC_CANCELLED);
    assert_hr(IVssAsync_Cancel(async), VSS_S_ASYNC_CANCELLED);
    finish_test(&script, async);
}

static void owner_waits_for_work_that_cannot_be_cancelled(void **state)
{
    struct script script;
    struct script *volatile watched = &script;
    (void)state;
    script_make(&script, S_OK);
    let_go(&script);
    IVssAsync *async = start(&script, &uncancellable_work);
    async_op_cancel_and_wait(async_op_from_interface(async));
    assert_int_equal(watched->stopped, 1);
    assert_hr(status_of(async), VSS_S_ASYNC_FINISHED);
    finish_test(&script, async);
}

/* ---- apartments and crowds ---- */

static void note_apartment(struct script *script)
{
    APTTYPE type = APTTYPE_CURRENT;
    APTTYPEQUALIFIER qualifier;
    script->answers[0] = CoGetApartmentType(&type, &qualifier);
    script->answers[1] = type == APTTYPE_MTA ? S_OK : S_FALSE;
}

/* The thread has a message queue and looks into it only when all is over, as requestors do. */
static DWORD WINAPI back_up_on_an_sta(void *argument)
{
    struct script *script = argument;
    IVssAsync *async = NULL;
    MSG message;
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    PeekMessageW(&message, NULL, 0, 0, PM_NOREMOVE);
    HRESULT hr = async_op_start(&scripted_work, script, script, &async);
    if (hr == S_OK)
    {
        hr = IVssAsync_Wait(async, PATIENCE_MS);
        IVssAsync_QueryStatus(async, &script->answers[2], NULL);
        IVssAsync_Release(async);
    }
    CoUninitialize();
    return (DWORD)hr;
}

static void sta_that_pumps_no_messages_is_served_in_the_mta(void **state)
{
    struct script script;
    DWORD hr = (DWORD)E_FAIL;
    (void)state;
    script_make(&script, S_OK);
    script.inside = note_apartment;
    let_go(&script);
    HANDLE thread = CreateThread(NULL, 0, back_up_on_an_sta, &script, 0, NULL);
    assert_int_equal(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
    GetExitCodeThread(thread, &hr);
    CloseHandle(thread);
    pool_drain();
    assert_hr((HRESULT)hr, S_OK);
    assert_hr(script.answers[0], S_OK);
    assert_hr(script.answers[1], S_OK);
    assert_hr(script.answers[2], VSS_S_ASYNC_FINISHED);
    script_free(&script);
}

static void blocking_operations_all_run_at_once(void **state)
{
    static struct script scripts[CROWD];
    IVssAsync *asyncs[CROWD];
    (void)state;
    for (int i = 0; i < CROWD; i++)
    {
        script_make(&scripts[i], S_OK);
        scripts[i].heeds_cancel = true;
        asyncs[i] = start(&scripts[i], &scripted_work); /* returns when it is inside `run` */
    }
    for (int i = 0; i < CROWD; i++)
        assert_hr(status_of(asyncs[i]), VSS_S_ASYNC_PENDING);
    for (int i = 0; i < CROWD; i++)
    {
        if (i % 2)
            let_go(&scripts[i]);
        else
            assert_hr(IVssAsync_Cancel(asyncs[i]), S_OK);
    }
    for (int i = 0; i < CROWD; i++)
    {
        assert_hr(IVssAsync_Wait(asyncs[i], PATIENCE_MS), S_OK);
        assert_hr(status_of(asyncs[i]), i % 2 ? VSS_S_ASYNC_FINISHED : VSS_S_ASYNC_CANCELLED);
    }
    for (int i = 0; i < CROWD; i++)
        finish_test(&scripts[i], asyncs[i]);
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, note_counts, check_counts)
    const struct CMUnitTest tests[] = {
        TEST(several_waiters_all_return),
        TEST(of_several_cancels_one_cancels_and_all_see_it_done),
        TEST(cancel_racing_with_completion_is_decided_once),
        TEST(work_that_ends_before_start_returns_is_seen_as_finished),
        TEST(cancel_and_wait_from_the_work_itself_return_at_once),
        TEST(cancel_from_a_handler_on_another_thread_returns_at_once),
        TEST(cancel_after_one_from_inside_is_the_second),
        TEST(handler_that_was_left_counts_no_more),
        TEST(early_release_neither_cancels_nor_blocks),
        TEST(release_during_wait_of_another_thread_is_harmless),
        TEST(owner_that_ends_on_the_worker_does_not_wait_for_itself),
        TEST(owner_that_cancels_waits_until_the_work_has_stopped),
        TEST(owner_waits_for_work_that_cannot_be_cancelled),
        TEST(sta_that_pumps_no_messages_is_served_in_the_mta),
        TEST(blocking_operations_all_run_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
