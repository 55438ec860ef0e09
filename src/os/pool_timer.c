/* SPDX-License-Identifier: MIT
 *
 * Timers that fire once. See pool.h.
 *
 * The pool may call a timer back although it has just been stopped or started anew: the call was on
 * its way. So a call counts only while `armed` is set and its time has come; any other returns at
 * once.
 */
#include "os/pool.h"

#include "base/mem.h"
#include "os/apartment.h"
#include "os/clock.h"
#include "os/lock.h"
#include "os/module.h"
#include "os/pool_call.h"

struct pool_timer
{
    /* set once */
    pool_function function;
    void *context;
    void *apartment;
    PTP_TIMER timer;
    /* guarded by lock */
    struct lock lock;
    bool armed;
    bool destroyed;
    unsigned running;
    uint64_t due_us; /* without skew: the pool's own clock has none either */
};

/* Sets the pool's timer; due_us lies in the future or has just passed. */
static void set_timer(struct pool_timer *timer)
{
    uint64_t now = clock_now_us();
    /* Negative: relative, in units of 100 ns. */
    LARGE_INTEGER due = {
        .QuadPart = timer->due_us > now ? -(LONGLONG)(timer->due_us - now) * 10 : -1};
    FILETIME when = {due.LowPart, (DWORD)due.HighPart};
    SetThreadpoolTimer(timer->timer, &when, 0, 0);
}

/* No callback of the timer is queued or running any more, but perhaps the one that calls this. */
static void free_timer(struct pool_timer *timer)
{
    CloseThreadpoolTimer(timer->timer);
    apartment_drop(timer->apartment);
    mem_free(timer);
}

static bool begin_call(struct pool_timer *timer)
{
    lock_enter(&timer->lock);
    bool due = timer->armed;
    if (due && clock_now_us() < timer->due_us)
    {
        set_timer(timer);
        due = false;
    }
    if (due)
    {
        timer->armed = false;
        timer->running++;
    }
    lock_leave(&timer->lock);
    return due;
}

/* True when the timer was destroyed meanwhile and this call was the last. */
static bool end_call(struct pool_timer *timer)
{
    lock_enter(&timer->lock);
    bool last = --timer->running == 0 && timer->destroyed;
    lock_leave(&timer->lock);
    return last;
}

static void CALLBACK run_timer(PTP_CALLBACK_INSTANCE instance, void *argument, PTP_TIMER pool_timer)
{
    struct pool_timer *timer = argument;
    (void)pool_timer;
    if (!begin_call(timer))
        return;
    pool_call(instance, timer->function, timer->context, timer->apartment);
    if (!end_call(timer))
        return;
    /* The reference that pool_timer_create took. */
    FreeLibraryWhenCallbackReturns(instance, module_instance);
    /* Calls that were on their way still use the timer; without this the wait would be for the
       current call too. */
    DisassociateCurrentThreadFromCallback(instance);
    WaitForThreadpoolTimerCallbacks(timer->timer, TRUE);
    free_timer(timer);
}

HRESULT pool_timer_create(pool_function function, void *context, struct pool_timer **timer)
{
    struct pool_timer *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    made->function = function;
    made->context = context;
    lock_init(&made->lock, LOCK_RANK_LEAF);
    made->timer = CreateThreadpoolTimer(run_timer, made, NULL);
    if (!made->timer || !module_pin())
    {
        if (made->timer)
            CloseThreadpoolTimer(made->timer);
        mem_free(made);
        return E_OUTOFMEMORY;
    }
    made->apartment = apartment_hold();
    *timer = made;
    return S_OK;
}

void pool_timer_start(struct pool_timer *timer, DWORD delay_ms)
{
    lock_enter(&timer->lock);
    timer->armed = true;
    timer->due_us = clock_now_us() + (uint64_t)delay_ms * 1000;
    set_timer(timer);
    lock_leave(&timer->lock);
}

void pool_timer_stop(struct pool_timer *timer, bool wait)
{
    lock_enter(&timer->lock);
    timer->armed = false;
    SetThreadpoolTimer(timer->timer, NULL, 0, 0);
    lock_leave(&timer->lock);
    if (wait)
        WaitForThreadpoolTimerCallbacks(timer->timer, TRUE);
}

void pool_timer_destroy(struct pool_timer *timer)
{
    if (!timer)
        return;
    pool_timer_stop(timer, false);
    lock_enter(&timer->lock);
    timer->destroyed = true;
    bool running = timer->running != 0;
    lock_leave(&timer->lock);
    if (running)
        return; /* run_timer frees it */
    WaitForThreadpoolTimerCallbacks(timer->timer, TRUE);
    free_timer(timer);
    module_unpin();
}
