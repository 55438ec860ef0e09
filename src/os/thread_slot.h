/* SPDX-License-Identifier: MIT
 *
 * One pointer a thread. In place of __thread, whose emulation in a DLL allocates memory and keeps
 * its TLS index when the DLL is unloaded. Any thread.
 */
#ifndef THAWLINE_OS_THREAD_SLOT_H
#define THAWLINE_OS_THREAD_SLOT_H

#include "base/types.h"

/* Static storage only: slots are given back when the DLL is unloaded. */
struct thread_slot
{
    INIT_ONCE once;
    DWORD index;
    struct thread_slot *next; /* guarded by the list's head, see thread_slot.c */
};

#define THREAD_SLOT_INIT                                                                           \
    {                                                                                              \
        .once = INIT_ONCE_STATIC_INIT, .index = TLS_OUT_OF_INDEXES                                 \
    }

/* NULL for a thread that has set nothing, and when the process has no TLS index left. Keeps
   GetLastError. */
void *thread_slot_get(struct thread_slot *slot);
void thread_slot_set(struct thread_slot *slot, void *value);

#endif
