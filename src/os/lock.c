/* SPDX-License-Identifier: MIT
 *
 * Ranked locks. See lock.h.
 *
 * Debug builds keep the locks that a thread holds as a list through the locks themselves: a lock is
 * held exclusively, so it is in one thread's list at most, and no memory is needed.
 */
#include "os/lock.h"

#ifdef TL_DEBUG

#include <stdio.h>
#include <stdlib.h>

#include "os/thread_slot.h"

static struct thread_slot held_locks = THREAD_SLOT_INIT;

static void stop(const char *what, int rank, int held)
{
    fprintf(stderr, "lock order: %s (rank %d, held rank %d)\n", what, rank, held);
    fflush(stderr);
    abort();
}

static bool is_held(const struct lock *lock)
{
    for (struct lock *held = thread_slot_get(&held_locks); held; held = held->held_before)
        if (held == lock)
            return true;
    return false;
}

static void check_before_enter(const struct lock *lock)
{
    for (struct lock *held = thread_slot_get(&held_locks); held; held = held->held_before)
        if (lock->rank >= held->rank)
            stop("a thread takes a lock that is not below those it holds", lock->rank, held->rank);
}

static void note_enter(struct lock *lock)
{
    lock->held_before = thread_slot_get(&held_locks);
    thread_slot_set(&held_locks, lock);
}

static void note_leave(struct lock *lock)
{
    struct lock *held = thread_slot_get(&held_locks);
    if (!is_held(lock))
        stop(
            "a thread leaves a lock that it does not hold", lock->rank, held ? (int)held->rank : 0);
    if (held == lock)
    {
        thread_slot_set(&held_locks, lock->held_before);
        return;
    }
    while (held->held_before != lock)
        held = held->held_before;
    held->held_before = lock->held_before;
}

void lock_assert_none_held(void)
{
    struct lock *held = thread_slot_get(&held_locks);
    if (held)
        stop("a thread that holds a lock is about to call foreign code", 0, held->rank);
}

#else

static void check_before_enter(const struct lock *lock)
{
    (void)lock;
}

static void note_enter(struct lock *lock)
{
    (void)lock;
}

static void note_leave(struct lock *lock)
{
    (void)lock;
}

void lock_assert_none_held(void)
{
}

#endif

void lock_init(struct lock *lock, enum lock_rank rank)
{
    *lock = (struct lock)LOCK_INIT(rank);
}

void lock_enter(struct lock *lock)
{
    check_before_enter(lock);
    AcquireSRWLockExclusive(&lock->srw);
    note_enter(lock);
}

void lock_leave(struct lock *lock)
{
    note_leave(lock);
    ReleaseSRWLockExclusive(&lock->srw);
}

bool lock_wait(struct lock *lock, CONDITION_VARIABLE *condition, DWORD timeout_ms)
{
    note_leave(lock);
    BOOL woken = SleepConditionVariableSRW(condition, &lock->srw, timeout_ms, 0);
    note_enter(lock);
    return woken;
}
