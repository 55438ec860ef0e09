/* SPDX-License-Identifier: MIT
 *
 * Time. All waiting and all deadlines go through here, so that tests can move the clock instead of
 * sleeping.
 */
#ifndef THAWLINE_OS_CLOCK_H
#define THAWLINE_OS_CLOCK_H

#include "base/types.h"

/* Monotonic milliseconds; base_hooks.clock_skew_ms is added. */
uint64_t clock_now_ms(void);
/* Monotonic microseconds, for measurements only. */
uint64_t clock_now_us(void);
/* UTC. */
FILETIME clock_utc(void);

/* Milliseconds from now to `deadline_ms`, 0 when it has passed; never INFINITE. */
DWORD clock_remaining(uint64_t deadline_ms);

#endif
