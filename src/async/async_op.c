/* SPDX-License-Identifier: MIT
 *
 * A cancellable operation with its IVssAsync. See async_op.h. Follows requestor 3.
 *
 * Life: the operation is born with two references, the caller's and the worker's. The worker runs
 * `run` and `finish`, lets the owner go, publishes the result and drops its reference last. Nobody
 * else ends an operation: Cancel asks, and reports what the worker made of it, so a cancel that
 * races with completion has one outcome for all.
 */
#include "async/async_op.h"

#include "base/mem.h"
#include "com/com_object.h"
#include "diag/fault.h"
#include "diag/hresult.h"
#include "diag/log.h"
#include "diag/trace.h"
#include "os/clock.h"
#include "os/lock.h"
#include "os/pool.h"
#include "os/settings.h"
#include "os/thread_slot.h"

struct async_op
{
    IVssAsync IVssAsync_iface;
    LONG refs;
    /* set once */
    const struct async_work *work;
    HANDLE done;   /* set after `result` */
    HANDLE cancel; /* set after `cancel_asked` */
    /* worker only */
    void *owner;
    void *context;
    /* guarded by lock */
    struct lock lock;
    HRESULT result; /* VSS_S_ASYNC_PENDING until it is final */
    bool cancel_asked;
};

/* The operation that the calling thread works for: its worker, or a thread that runs a handler for
   it. */
static struct thread_slot works_for = THREAD_SLOT_INIT;

static bool called_from_within(struct async_op *op)
{
    return thread_slot_get(&works_for) == op;
}

struct async_op *async_op_enter_handler(struct async_op *op)
{
    struct async_op *previous = thread_slot_get(&works_for);
    /* Work for no operation in particular is still done for the one around it. */
    if (op)
        thread_slot_set(&works_for, op);
    return previous;
}

void async_op_leave_handler(struct async_op *previous)
{
    thread_slot_set(&works_for, previous);
}

/* ---- life ---- */

void async_op_addref(struct async_op *op)
{
    com_ref_add(&op->refs);
}

static void op_free(struct async_op *op)
{
    if (!op)
        return;
    if (op->done)
        CloseHandle(op->done);
    if (op->cancel)
        CloseHandle(op->cancel);
    mem_free(op);
}

static ULONG op_release(struct async_op *op)
{
    ULONG left = com_ref_release(&op->refs);
    if (left == 0)
        op_free(op);
    return left;
}

void async_op_release(struct async_op *op)
{
    if (op)
        op_release(op);
}

/* ---- state ---- */

static HRESULT current_result(struct async_op *op)
{
    lock_enter(&op->lock);
    HRESULT result = op->result;
    lock_leave(&op->lock);
    return result;
}

/* True for the first who asks. Nothing happens to an operation that is over or can't be
   cancelled. */
static bool ask_to_cancel(struct async_op *op, HRESULT *result)
{
    bool first = false;
    lock_enter(&op->lock);
    *result = op->result;
    if (op->result == VSS_S_ASYNC_PENDING && !op->work->uncancellable)
    {
        first = !op->cancel_asked;
        op->cancel_asked = true;
        SetEvent(op->cancel);
    }
    lock_leave(&op->lock);
    return first;
}

bool async_op_cancelled(struct async_op *op)
{
    lock_enter(&op->lock);
    bool asked = op->cancel_asked;
    lock_leave(&op->lock);
    return asked;
}

HANDLE async_op_cancel_event(struct async_op *op)
{
    return op->cancel;
}

void async_op_wait(struct async_op *op)
{
    if (!called_from_within(op))
        WaitForSingleObject(op->done, INFINITE);
}

void async_op_cancel_and_wait(struct async_op *op)
{
    HRESULT result;
    ask_to_cancel(op, &result);
    async_op_wait(op);
}

/* ---- the worker ---- */

/* What QueryStatus shall say for what `run` returned. */
static HRESULT final_result(const struct async_work *task, HRESULT hr)
{
    if (hr == S_OK || hr == S_FALSE || hr == VSS_S_ASYNC_PENDING)
        return VSS_S_ASYNC_FINISHED;
    if (hr == VSS_S_ASYNC_CANCELLED && task->uncancellable)
        return log_error(
            hresult_unexpected(), "%s can't be cancelled and yet says that it was", task->name);
    return hr;
}

static void publish(struct async_op *op, HRESULT result)
{
    lock_enter(&op->lock);
    op->result = result;
    lock_leave(&op->lock);
    SetEvent(op->done);
}

/* What rules match. */
#define NAME_UNITS 64

static void widen_name(const struct async_work *task, WCHAR *name)
{
    size_t i = 0;
    for (; task->name && task->name[i] && i + 1 < NAME_UNITS; i++)
        name[i] = (WCHAR)task->name[i];
    name[i] = 0;
}

static void free_context(const struct async_work *task, void *context)
{
    if (task->free_context)
        task->free_context(context);
}

static void trace_begun(const struct async_op *op, struct trace_span *span)
{
    if (!trace_watches())
        return;
    struct trace_line line;
    trace_span_begin(&line, TRACE_ASYNC, span);
    trace_ascii(&line, "name", op->work->name);
    trace_end(&line);
}

static void trace_ended(const struct async_op *op, const struct trace_span *span, HRESULT result)
{
    if (!span->id)
        return;
    struct trace_line line;
    trace_span_end(&line, TRACE_ASYNC, span);
    trace_ascii(&line, "name", op->work->name);
    trace_result(&line, "hr", result);
    trace_end(&line);
}

static void run_work(void *argument)
{
    struct async_op *op = argument;
    const struct async_work *task = op->work;
    struct trace_span span = {0};
    struct async_op *previous = async_op_enter_handler(op);
    trace_begun(op, &span);
    WCHAR name[NAME_UNITS];
    widen_name(task, name);
    fault_at(FAULT_ASYNC_RUN, name);
    HRESULT result = final_result(task, task->run(op->owner, op->context, op));
    trace_ended(op, &span, result);
    if (task->finish)
        task->finish(op->owner, op->context, result);
    free_context(task, op->context);
    /* Before the outcome is visible: a caller that has seen it and then releases the owner knows
       that its own reference was the last, and that whatever the owner's end brings is done when
       Release returns. */
    if (task->owner_release)
        task->owner_release(op->owner);
    publish(op, result);
    async_op_leave_handler(previous);
    op_release(op);
}

/* ---- IVssAsync ---- */

static inline struct async_op *impl_from_IVssAsync(IVssAsync *iface)
{
    return CONTAINING_RECORD(iface, struct async_op, IVssAsync_iface);
}

struct async_op *async_op_from_interface(IVssAsync *async)
{
    return impl_from_IVssAsync(async);
}

static HRESULT STDMETHODCALLTYPE async_QueryInterface(IVssAsync *iface, REFIID iid, void **out)
{
    static const struct com_interface interfaces[] = {
        {&IID_IVssAsync, offsetof(struct async_op, IVssAsync_iface)},
    };
    return com_query_interface(impl_from_IVssAsync(iface), interfaces, 1, iid, out);
}

static ULONG STDMETHODCALLTYPE async_AddRef(IVssAsync *iface)
{
    return com_ref_add(&impl_from_IVssAsync(iface)->refs);
}

static ULONG STDMETHODCALLTYPE async_Release(IVssAsync *iface)
{
    return op_release(impl_from_IVssAsync(iface));
}

/* What Cancel says about an operation that is over, when this call was (`first`) or was not the one
   that asked. */
static HRESULT answer_to_cancel(HRESULT result, bool first)
{
    if (result == VSS_S_ASYNC_CANCELLED)
        return first ? S_OK : VSS_S_ASYNC_CANCELLED;
    return SUCCEEDED(result) ? VSS_S_ASYNC_FINISHED : result;
}

/* A call by a requestor, like those of its object. */
struct called
{
    const char *method;
    const char *work;
    uint64_t began_us; /* 0: nobody wants to know */
};

static struct called begin_call(const struct async_op *op, const char *method)
{
    return (struct called){method, op->work->name, trace_watches() ? clock_now_us() : 0};
}

static HRESULT end_call(const struct called *called, HRESULT hr)
{
    if (!called->began_us || !trace_watches())
        return hr;
    struct trace_line line;
    trace_begin(&line, TRACE_CALL);
    trace_ascii(&line, "name", called->method);
    trace_ascii(&line, "phase", called->work);
    trace_result(&line, "hr", hr);
    trace_number(&line, "us", (int64_t)(clock_now_us() - called->began_us));
    trace_end(&line);
    return hr;
}

static HRESULT cancel(struct async_op *op)
{
    HRESULT result;
    bool first = ask_to_cancel(op, &result);
    if (result != VSS_S_ASYNC_PENDING)
        return answer_to_cancel(result, false);
    if (op->work->uncancellable)
        return E_FAIL;
    if (called_from_within(op))
        return first ? S_OK : VSS_S_ASYNC_CANCELLED;
    /* The caller may lose its reference to another thread meanwhile. */
    async_op_addref(op);
    WaitForSingleObject(op->done, INFINITE);
    result = answer_to_cancel(current_result(op), first);
    op_release(op);
    return result;
}

static HRESULT STDMETHODCALLTYPE async_Cancel(IVssAsync *iface)
{
    struct async_op *op = impl_from_IVssAsync(iface);
    const struct called called = begin_call(op, "IVssAsync::Cancel");
    return end_call(&called, cancel(op));
}

static HRESULT wait_for(struct async_op *op, DWORD milliseconds)
{
    if (milliseconds != INFINITE && settings_windows() == WINDOWS_2003)
        return log_error(
            E_INVALIDARG, "IVssAsync::Wait: Windows Server 2003 knows no time-out but INFINITE.");
    if (called_from_within(op))
    {
        log_warning(S_OK,
            "IVssAsync::Wait was called from a handler that %s waits for: it returns at once",
            op->work->name);
        return S_OK;
    }
    async_op_addref(op);
    /* Also when the time is over: the outcome, or that there is none yet, is QueryStatus's to
       tell. */
    WaitForSingleObject(op->done, milliseconds);
    op_release(op);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE async_Wait(IVssAsync *iface, DWORD milliseconds)
{
    struct async_op *op = impl_from_IVssAsync(iface);
    const struct called called = begin_call(op, "IVssAsync::Wait");
    return end_call(&called, wait_for(op, milliseconds));
}

static HRESULT STDMETHODCALLTYPE async_QueryStatus(IVssAsync *iface, HRESULT *result, INT *reserved)
{
    (void)reserved; /* never written: callers pass anything */
    struct async_op *op = impl_from_IVssAsync(iface);
    const struct called called = begin_call(op, "IVssAsync::QueryStatus");
    if (!result)
        return end_call(&called, E_INVALIDARG);
    *result = current_result(op);
    return end_call(&called, S_OK);
}

static const IVssAsyncVtbl async_vtbl = {
    /* IUnknown */
    .QueryInterface = async_QueryInterface,
    .AddRef = async_AddRef,
    .Release = async_Release,
    /* IVssAsync */
    .Cancel = async_Cancel,
    .Wait = async_Wait,
    .QueryStatus = async_QueryStatus,
};

/* ---- start ---- */

/* One reference; NULL when memory or handles are exhausted. */
static struct async_op *op_create(const struct async_work *task)
{
    struct async_op *op = mem_alloc(sizeof(*op));
    if (!op)
        return NULL;
    op->IVssAsync_iface.lpVtbl = &async_vtbl;
    op->work = task;
    op->result = VSS_S_ASYNC_PENDING;
    lock_init(&op->lock, LOCK_RANK_ASYNC);
    op->done = CreateEventW(NULL, TRUE, FALSE, NULL);
    op->cancel = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (op->done && op->cancel)
    {
        com_ref_init(&op->refs);
        return op;
    }
    op_free(op);
    return NULL;
}

HRESULT async_op_start(const struct async_work *task, void *owner, void *context, IVssAsync **out)
{
    struct async_op *op = NULL;
    WCHAR name[NAME_UNITS];
    *out = NULL;
    widen_name(task, name);
    HRESULT hr = fault_at(FAULT_ASYNC_START, name);
    if (FAILED(hr))
        goto done;
    hr = E_OUTOFMEMORY;
    op = op_create(task);
    if (!op)
        goto done;
    op->owner = owner;
    op->context = context;
    if (task->owner_addref)
        task->owner_addref(owner);
    async_op_addref(op); /* the worker's */
    /* Known to the caller before it can run: `finish` may be quicker than this function's
       return. */
    *out = &op->IVssAsync_iface;
    hr = pool_run(run_work, op);
    if (SUCCEEDED(hr))
        return S_OK;
    *out = NULL;
    op_release(op);
    if (task->owner_release)
        task->owner_release(owner);
done:
    free_context(task, context);
    async_op_release(op);
    return hr;
}

HRESULT async_op_completed(HRESULT result, IVssAsync **out)
{
    static const struct async_work nothing = {.name = "completed"};
    *out = NULL;
    struct async_op *op = op_create(&nothing);
    if (!op)
        return E_OUTOFMEMORY;
    publish(op, final_result(&nothing, result));
    *out = &op->IVssAsync_iface;
    return S_OK;
}
