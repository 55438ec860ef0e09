/* SPDX-License-Identifier: MIT
 *
 * Work on other threads. Every work item may block for long, runs in the multithreaded apartment,
 * and keeps this DLL loaded until it has returned.
 */
#ifndef THAWLINE_OS_POOL_H
#define THAWLINE_OS_POOL_H

#include "base/types.h"

typedef void (*pool_function)(void *context);

/* Runs `function(context)` on a pool thread. E_OUTOFMEMORY when the work can't be queued; nothing
   runs then. */
HRESULT pool_run(pool_function function, void *context);

/* Waits until no work given to pool_run is queued or running. Never from such work; for tests and
   for leaving. */
void pool_drain(void);

/* Waits until no work is queued or running, `timeout_ms` at most. For counts that are to be exact:
   work gives back what it holds a little after its outcome is known. False when some is still
   running. */
bool pool_settle(DWORD timeout_ms);

/* Something that is not pool work is under way, and pool_drain and pool_settle wait for it as well;
   pool_expected ends it. */
void pool_expect(void);
void pool_expected(void);

/* A timer that fires once. Zero-initialise through timer_create. */
struct pool_timer;

/* `function(context)` runs on a pool thread, at the earliest `delay_ms` after pool_timer_start. A
   start while it runs down begins anew; a start from the callback itself is allowed. */
HRESULT pool_timer_create(pool_function function, void *context, struct pool_timer **timer);
void pool_timer_start(struct pool_timer *timer, DWORD delay_ms);
/* Stops the timer: a callback that has not begun does not begin. With `wait` a callback that is
   running has returned when this does: never call it so from inside that callback, or with a lock
   that the callback takes. */
void pool_timer_stop(struct pool_timer *timer, bool wait);
/* Accepts NULL; the timer must be stopped. May be called while the callback runs, and from inside
   it: then the timer goes when the callback returns. */
void pool_timer_destroy(struct pool_timer *timer);

#endif
