/* SPDX-License-Identifier: MIT
 *
 * One pointer a thread. See thread_slot.h.
 */
#include "os/thread_slot.h"

/* Every slot that has an index; pushed at its first use, popped by the destructor alone. */
static struct thread_slot *volatile used_slots;

static BOOL CALLBACK take_index(INIT_ONCE *once, void *argument, void **context)
{
    struct thread_slot *slot = argument;
    (void)once;
    (void)context;
    slot->index = TlsAlloc();
    if (slot->index == TLS_OUT_OF_INDEXES)
        return TRUE;
    do
        slot->next = used_slots;
    while (InterlockedCompareExchangePointer((void *volatile *)&used_slots, slot, slot->next) !=
        slot->next);
    return TRUE;
}

static bool has_index(struct thread_slot *slot)
{
    InitOnceExecuteOnce(&slot->once, take_index, slot, NULL);
    return slot->index != TLS_OUT_OF_INDEXES;
}

void *thread_slot_get(struct thread_slot *slot)
{
    /* TlsGetValue sets the last error even when it succeeds. */
    DWORD error = GetLastError();
    void *value = has_index(slot) ? TlsGetValue(slot->index) : NULL;
    SetLastError(error);
    return value;
}

void thread_slot_set(struct thread_slot *slot, void *value)
{
    if (has_index(slot))
        TlsSetValue(slot->index, value);
}

/* Runs when the DLL is unloaded: by then no thread is in its code. */
__attribute__((destructor)) static void give_back_indexes(void)
{
    for (struct thread_slot *slot = used_slots; slot; slot = slot->next)
    {
        TlsFree(slot->index);
        slot->index = TLS_OUT_OF_INDEXES;
    }
    used_slots = NULL;
}
