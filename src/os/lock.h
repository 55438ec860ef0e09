/* SPDX-License-Identifier: MIT
 *
 * Ranked locks. A thread takes them in falling rank only (the highest first), and holds none while
 * it calls a writer, a provider, a callback or a log sink. Debug builds (TL_DEBUG) check both on
 * every call and stop at a violation; release builds are a bare SRW lock.
 */
#ifndef THAWLINE_OS_LOCK_H
#define THAWLINE_OS_LOCK_H

#include "base/types.h"

/* Higher ranks are taken first. */
enum lock_rank
{
    LOCK_RANK_LEAF = 1,       /* nothing is taken below: log, fault table, counters */
    LOCK_RANK_PIPE = 5,       /* one end of a connection */
    LOCK_RANK_ASYNC = 10,     /* the state of one asynchronous operation */
    LOCK_RANK_VIEW = 20,      /* the document behind COM views */
    LOCK_RANK_WRITER = 30,    /* one writer and its sessions */
    LOCK_RANK_REGISTRY = 40,  /* the writers of this process */
    LOCK_RANK_SESSION = 50,   /* one requestor's participants */
    LOCK_RANK_CATALOG = 60,   /* the snapshots known to this process */
    LOCK_RANK_REQUESTOR = 70, /* one backup components object */
};

struct lock
{
    SRWLOCK srw;
    enum lock_rank rank;
#ifdef TL_DEBUG
    struct lock *held_before; /* what the thread that holds this lock held when it took it */
#endif
};

#define LOCK_INIT(rank_)                                                                           \
    {                                                                                              \
        .srw = SRWLOCK_INIT, .rank = (rank_)                                                       \
    } /* for static locks */

void lock_init(struct lock *lock, enum lock_rank rank);
void lock_enter(struct lock *lock);
void lock_leave(struct lock *lock);

/* Waits on `condition` (a CONDITION_VARIABLE) and gives up the lock meanwhile. False on
   time-out. */
bool lock_wait(struct lock *lock, CONDITION_VARIABLE *condition, DWORD timeout_ms);

/* Debug builds: stops when the calling thread holds any lock. To be called before foreign code
   is. */
void lock_assert_none_held(void);

#endif
