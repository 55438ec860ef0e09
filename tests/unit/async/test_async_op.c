/* SPDX-License-Identifier: MIT
 *
 * async/async_op as its caller sees it: each sentence of requestor 3, and starts that fail.
 */
#include "unit/async/scripted_work.h"

#include <initguid.h>
#include <objbase.h>

#include "base/hooks.h"
#include "diag/fault.h"
#include "diag/log.h"

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
    base_hooks.allow_alloc = NULL;
    fault_clear_all();
    pool_drain();
    assert_int_equal(mem_live_blocks(), blocks_before);
    assert_int_equal(module_object_count(), objects_before);
    return 0;
}

/* ---- starts that fail ---- */

static unsigned allocations_before_failure;

static bool allow_some(size_t size)
{
    (void)size;
    return allocations_before_failure-- > 0;
}

static void start_without_memory_gives_null_and_leaks_nothing(void **state)
{
    struct script script;
    IVssAsync *async = NULL;
    HRESULT hr = E_OUTOFMEMORY;
    unsigned failures = 0;
    (void)state;
    script_make(&script, S_OK);
    let_go(&script);
    for (; hr == E_OUTOFMEMORY; failures++)
    {
        async = (IVssAsync *)&script;
        allocations_before_failure = failures;
        base_hooks.allow_alloc = allow_some;
        hr = async_op_start(&scripted_work, &script, &script, &async);
        base_hooks.allow_alloc = NULL;
        if (hr != E_OUTOFMEMORY)
            break;
        assert_null(async);
        assert_int_equal(script.contexts_freed, failures + 1);
        assert_int_equal(script.owner_refs, 0);
        assert_int_equal(mem_live_blocks(), blocks_before);
        assert_int_equal(module_object_count(), objects_before);
    }
    assert_hr(hr, S_OK);
    assert_in_range(failures, 2, 20); /* the operation and the pool's item at least */
    assert_int_equal(WaitForSingleObject(script.released, PATIENCE_MS), WAIT_OBJECT_0);
    script.contexts_freed -= (LONG)failures;
    finish_test(&script, async);
}

static void start_with_a_fault_gives_its_code_and_null(void **state)
{
    struct script script;
    IVssAsync *async = (IVssAsync *)&script;
    (void)state;
    script_make(&script, S_OK);
    assert_hr(fault_set("async.start", L"Scripted", VSS_E_WRITER_INFRASTRUCTURE, 1, 1, 0), S_OK);
    assert_hr(async_op_start(&uncancellable_work, &script, &script, &async), S_OK);
    let_go(&script);
    assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
    pool_drain();
    IVssAsync_Release(async);
    assert_hr(
        async_op_start(&scripted_work, &script, &script, &async), VSS_E_WRITER_INFRASTRUCTURE);
    assert_null(async);
    assert_int_equal(script.contexts_freed, 2);
    assert_int_equal(script.owner_refs, 0);
    script_free(&script);
}

static void completed_operation_without_memory_is_null(void **state)
{
    IVssAsync *async = (IVssAsync *)&state;
    (void)state;
    allocations_before_failure = 0;
    base_hooks.allow_alloc = allow_some;
    HRESULT hr = async_op_completed(S_OK, &async);
    base_hooks.allow_alloc = NULL;
    assert_hr(hr, E_OUTOFMEMORY);
    assert_null(async);
}

/* ---- QueryInterface ---- */

static void only_iunknown_and_ivssasync_are_answered(void **state)
{
    IVssAsync *async = NULL;
    void *out = NULL;
    IID zero = {0};
    (void)state;
    assert_hr(async_op_completed(S_OK, &async), S_OK);
    assert_hr(IVssAsync_QueryInterface(async, &IID_IVssAsync, &out), S_OK);
    assert_ptr_equal(out, async);
    assert_hr(IVssAsync_QueryInterface(async, &IID_IUnknown, &out), S_OK);
    assert_ptr_equal(out, async);
    assert_hr(IVssAsync_QueryInterface(async, &IID_IClassFactory, &out), E_NOINTERFACE);
    assert_null(out);
    assert_hr(IVssAsync_QueryInterface(async, &zero, &out), E_NOINTERFACE);
    assert_hr(IVssAsync_QueryInterface(async, &IID_IUnknown, NULL), E_POINTER);
    assert_int_equal(IVssAsync_AddRef(async), 4);
    for (ULONG left = 3; left > 0; left--)
        assert_int_equal(IVssAsync_Release(async), left);
    assert_int_equal(module_object_count(), objects_before + 1);
    assert_int_equal(IVssAsync_Release(async), 0);
}

/* ---- QueryStatus ---- */

static void null_result_is_an_invalid_argument_in_every_state(void **state)
{
    struct script script;
    (void)state;
    script_make(&script, S_OK);
    IVssAsync *async = start(&script, &scripted_work);
    assert_hr(IVssAsync_QueryStatus(async, NULL, NULL), E_INVALIDARG);
    let_go(&script);
    IVssAsync_Wait(async, INFINITE);
    assert_hr(IVssAsync_QueryStatus(async, NULL, NULL), E_INVALIDARG);
    finish_test(&script, async);
}

static void reserved_is_ignored_and_never_written(void **state)
{
    IVssAsync *async = NULL;
    HRESULT status = S_OK;
    INT reserved = 0x12345678;
    (void)state;
    assert_hr(async_op_completed(E_FAIL, &async), S_OK);
    assert_hr(IVssAsync_QueryStatus(async, &status, &reserved), S_OK);
    assert_hr(status, E_FAIL);
    assert_int_equal(reserved, 0x12345678);
    /* An address that can't be written would be noticed. */
    assert_hr(IVssAsync_QueryStatus(async, &status, (INT *)(INT_PTR)8), S_OK);
    IVssAsync_Release(async);
}

/* What `run` returns, what QueryStatus then says, and what Cancel answers afterwards. */
static const struct
{
    HRESULT run;
    HRESULT status;
    HRESULT cancel;
} outcomes[] = {
    {S_OK, VSS_S_ASYNC_FINISHED, VSS_S_ASYNC_FINISHED},
    {S_FALSE, VSS_S_ASYNC_FINISHED, VSS_S_ASYNC_FINISHED},
    {VSS_S_ASYNC_FINISHED, VSS_S_ASYNC_FINISHED, VSS_S_ASYNC_FINISHED},
    {VSS_S_ASYNC_PENDING, VSS_S_ASYNC_FINISHED, VSS_S_ASYNC_FINISHED},
    {VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED, VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED, VSS_S_ASYNC_FINISHED},
    {VSS_S_ASYNC_CANCELLED, VSS_S_ASYNC_CANCELLED, VSS_S_ASYNC_CANCELLED},
    {VSS_E_PROVIDER_VETO, VSS_E_PROVIDER_VETO, VSS_E_PROVIDER_VETO},
    {E_OUTOFMEMORY, E_OUTOFMEMORY, E_OUTOFMEMORY},
};

static void outcome_is_final_never_s_ok_and_wait_succeeds_whatever_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
    {
        struct script script;
        script_make(&script, outcomes[i].run);
        IVssAsync *async = start(&script, &scripted_work);
        assert_hr(status_of(async), VSS_S_ASYNC_PENDING);
        let_go(&script);
        assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
        for (int again = 0; again < 3; again++)
        {
            assert_hr(status_of(async), outcomes[i].status);
            assert_hr(IVssAsync_Wait(async, 0), S_OK);
            assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
            assert_hr(IVssAsync_Cancel(async), outcomes[i].cancel);
        }
        assert_hr(script.finish_result, outcomes[i].status);
        finish_test(&script, async);
    }
}

static void completed_operation_says_its_result_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++)
    {
        IVssAsync *async = NULL;
        assert_hr(async_op_completed(outcomes[i].run, &async), S_OK);
        assert_hr(status_of(async), outcomes[i].status);
        assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
        assert_hr(IVssAsync_Cancel(async), outcomes[i].cancel);
        async_op_cancel_and_wait(async_op_from_interface(async));
        assert_hr(status_of(async), outcomes[i].status);
        assert_int_equal(IVssAsync_Release(async), 0);
    }
}

static void result_becomes_visible_after_finish_and_when_the_owner_has_gone(void **state)
{
    struct script script;
    (void)state;
    script_make(&script, VSS_E_PROVIDER_VETO);
    IVssAsync *async = start(&script, &scripted_work);
    assert_int_equal(script.owner_refs, 1);
    let_go(&script);
    assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
    /* Whoever has seen the outcome holds the owner's last reference. */
    assert_int_equal(script.owner_refs, 0);
    assert_int_equal(script.contexts_freed, 1);
    assert_hr(script.finish_result, VSS_E_PROVIDER_VETO);
    assert_hr(script.status_in_finish, VSS_S_ASYNC_PENDING);
    assert_hr(script.status_in_release, VSS_S_ASYNC_PENDING);
    assert_hr(status_of(async), VSS_E_PROVIDER_VETO);
    assert_int_equal(script.release_thread, script.run_thread);
    assert_int_not_equal(script.run_thread, GetCurrentThreadId());
    finish_test(&script, async);
}

/* ---- Wait ---- */

static void wait_whose_time_is_over_succeeds_and_leaves_it_pending(void **state)
{
    static const DWORD times[] = {0, 1, 10};
    struct script script;
    (void)state;
    script_make(&script, S_OK);
    IVssAsync *async = start(&script, &scripted_work);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
    {
        assert_hr(IVssAsync_Wait(async, times[i]), S_OK);
        assert_hr(status_of(async), VSS_S_ASYNC_PENDING);
    }
    let_go(&script);
    assert_hr(IVssAsync_Wait(async, PATIENCE_MS), S_OK);
    assert_hr(status_of(async), VSS_S_ASYNC_FINISHED);
    finish_test(&script, async);
}

/* ---- Cancel ---- */

static void cancel_succeeds_once_and_only_when_the_work_has_stopped(void **state)
{
    struct script script;
    (void)state;
    script_make(&script, S_OK);
    script.heeds_cancel = true;
    IVssAsync *async = start(&script, &scripted_work);
    assert_hr(IVssAsync_Cancel(async), S_OK);
    assert_int_equal(script.stopped, 1);
    assert_hr(status_of(async), VSS_S_ASYNC_CANCELLED);
    assert_hr(script.finish_result, VSS_S_ASYNC_CANCELLED);
    assert_hr(IVssAsync_Cancel(async), VSS_S_ASYNC_CANCELLED);
    assert_hr(IVssAsync_Cancel(async), VSS_S_ASYNC_CANCELLED);
    assert_hr(status_of(async), VSS_S_ASYNC_CANCELLED);
    finish_test(&script, async);
}

static void cancel_that_the_work_answers_with_an_error_is_that_error(void **state)
{
    struct script script;
    (void)state;
    script_make(&script, S_OK);
    script.heeds_cancel = true;
    script.on_cancel = VSS_E_UNEXPECTED_PROVIDER_ERROR;
    IVssAsync *async = start(&script, &scripted_work);
    assert_hr(IVssAsync_Cancel(async), VSS_E_UNEXPECTED_PROVIDER_ERROR);
    assert_hr(status_of(async), VSS_E_UNEXPECTED_PROVIDER_ERROR);
    assert_hr(IVssAsync_Cancel(async), VSS_E_UNEXPECTED_PROVIDER_ERROR);
    finish_test(&script, async);
}

static DWORD WINAPI cancel_on_a_thread(void *async)
{
    return (DWORD)IVssAsync_Cancel((IVssAsync *)async);
}

static HRESULT join(HANDLE thread)
{
    DWORD code = (DWORD)E_FAIL;
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    return (HRESULT)code;
}

static void cancel_of_work_that_completes_after_all_says_finished(void **state)
{
    struct script script;
    (void)state;
    script_make(&script, S_OK);
    IVssAsync *async = start(&script, &scripted_work);
    HANDLE thread = CreateThread(NULL, 0, cancel_on_a_thread, async, 0, NULL);
    assert_int_equal(
        WaitForSingleObject(async_op_cancel_event(script.op), PATIENCE_MS), WAIT_OBJECT_0);
    assert_hr(status_of(async), VSS_S_ASYNC_PENDING);
    let_go(&script);
    assert_hr(join(thread), VSS_S_ASYNC_FINISHED);
    assert_hr(status_of(async), VSS_S_ASYNC_FINISHED);
    finish_test(&script, async);
}

static void cancel_of_uncancellable_work_fails_and_the_work_goes_on(void **state)
{
    struct script script;
    (void)state;
    script_make(&script, S_OK);
    script.heeds_cancel = true;
    IVssAsync *async = start(&script, &uncancellable_work);
    assert_hr(IVssAsync_Cancel(async), E_FAIL);
    assert_hr(IVssAsync_Cancel(async), E_FAIL);
    assert_false(async_op_cancelled(script.op));
    assert_int_equal(WaitForSingleObject(async_op_cancel_event(script.op), 0), WAIT_TIMEOUT);
    assert_hr(status_of(async), VSS_S_ASYNC_PENDING);
    let_go(&script);
    assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
    assert_hr(status_of(async), VSS_S_ASYNC_FINISHED);
    assert_hr(IVssAsync_Cancel(async), VSS_S_ASYNC_FINISHED);
    finish_test(&script, async);
}

static void uncancellable_work_is_never_cancelled_whatever_it_says(void **state)
{
    struct script script;
    (void)state;
    script_make(&script, VSS_S_ASYNC_CANCELLED);
    IVssAsync *async = start(&script, &uncancellable_work);
    let_go(&script);
    assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
    assert_hr(status_of(async), VSS_E_UNEXPECTED);
    finish_test(&script, async);
}

int main(void)
{
#define TEST(test_) cmocka_unit_test_setup_teardown(test_, note_counts, check_counts)
    const struct CMUnitTest tests[] = {
        TEST(start_without_memory_gives_null_and_leaks_nothing),
        TEST(start_with_a_fault_gives_its_code_and_null),
        TEST(completed_operation_without_memory_is_null),
        TEST(only_iunknown_and_ivssasync_are_answered),
        TEST(null_result_is_an_invalid_argument_in_every_state),
        TEST(reserved_is_ignored_and_never_written),
        TEST(outcome_is_final_never_s_ok_and_wait_succeeds_whatever_it_is),
        TEST(completed_operation_says_its_result_at_once),
        TEST(result_becomes_visible_after_finish_and_when_the_owner_has_gone),
        TEST(wait_whose_time_is_over_succeeds_and_leaves_it_pending),
        TEST(cancel_succeeds_once_and_only_when_the_work_has_stopped),
        TEST(cancel_that_the_work_answers_with_an_error_is_that_error),
        TEST(cancel_of_work_that_completes_after_all_says_finished),
        TEST(cancel_of_uncancellable_work_fails_and_the_work_goes_on),
        TEST(uncancellable_work_is_never_cancelled_whatever_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
