/* SPDX-License-Identifier: MIT
 *
 * Work on pool threads. See pool.h; timers are in pool_timer.c.
 */
#include "os/pool.h"

#include <objbase.h>

#include "base/mem.h"
#include "os/apartment.h"
#include "os/clock.h"
#include "os/lock.h"
#include "os/module.h"
#include "os/pool_call.h"

struct work
{
    pool_function function;
    void *context;
    void *apartment;
};

static struct lock drain_lock = LOCK_INIT(LOCK_RANK_LEAF);
static CONDITION_VARIABLE drained = CONDITION_VARIABLE_INIT;
static size_t pending; /* guarded by drain_lock */

void pool_expect(void)
{
    lock_enter(&drain_lock);
    pending++;
    lock_leave(&drain_lock);
}

void pool_expected(void)
{
    lock_enter(&drain_lock);
    if (--pending == 0)
        WakeAllConditionVariable(&drained);
    lock_leave(&drain_lock);
}

void pool_drain(void)
{
    lock_enter(&drain_lock);
    while (pending)
        lock_wait(&drain_lock, &drained, INFINITE);
    lock_leave(&drain_lock);
}

bool pool_settle(DWORD timeout_ms)
{
    uint64_t deadline = clock_now_ms() + timeout_ms;
    lock_enter(&drain_lock);
    bool idle = pending == 0;
    while (!idle && lock_wait(&drain_lock, &drained, clock_remaining(deadline)))
        idle = pending == 0;
    lock_leave(&drain_lock);
    return idle;
}

void pool_call(
    PTP_CALLBACK_INSTANCE instance, pool_function function, void *context, void *apartment)
{
    /* Without it the default pool runs about two blocking callbacks at a time. A false result means
       that this one takes a thread from the others, which nothing here can change. */
    CallbackMayRunLong(instance);
    bool entered = !apartment && SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED));
    function(context);
    if (entered)
        CoUninitialize();
}

static void CALLBACK run_work(PTP_CALLBACK_INSTANCE instance, void *argument)
{
    struct work *work = argument;
    /* The reference that pool_run took: dropped by the pool itself, when no code of ours is on the
       stack. */
    FreeLibraryWhenCallbackReturns(instance, module_instance);
    pool_call(instance, work->function, work->context, work->apartment);
    apartment_drop(work->apartment);
    mem_free(work);
    pool_expected();
}

HRESULT pool_run(pool_function function, void *context)
{
    struct work *work = mem_alloc(sizeof(*work));
    if (!work)
        return E_OUTOFMEMORY;
    *work = (struct work){function, context, apartment_hold()};
    bool pinned = module_pin();
    pool_expect();
    if (pinned && TrySubmitThreadpoolCallback(run_work, work, NULL))
        return S_OK;
    pool_expected();
    if (pinned)
        module_unpin();
    apartment_drop(work->apartment);
    mem_free(work);
    return E_OUTOFMEMORY;
}
