/* SPDX-License-Identifier: MIT
 *
 * What pool.c and pool_timer.c share.
 */
#ifndef THAWLINE_OS_POOL_CALL_H
#define THAWLINE_OS_POOL_CALL_H

#include "os/pool.h"

/* Calls `function(context)` as work that may block for long and in the multithreaded apartment,
   which `apartment` (may be NULL, see apartment.h) holds. */
void pool_call(
    PTP_CALLBACK_INSTANCE instance, pool_function function, void *context, void *apartment);

#endif
