/* SPDX-License-Identifier: MIT
 *
 * Blocks of messages: buffers that are kept, and parts of them that are shared. See mem.h.
 *
 * A place remembers one block. Whoever makes a place TAKEN owns it until it makes it something
 * else, and only the owner touches the rest. mem_free looks at every place, hence the atomics.
 */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem_internal.h"

/* Smaller and bigger ones are ordinary blocks. */
#define BUFFER_LEAST 65536u
#define BUFFER_MOST (16u << 20)
/* A message out and one back, and one at the same time; and those whose parts live longer. */
#define PLACES 5
#define SHARED_AT_MOST 2
/* One that is shared is at most so many times as big as what of it matters. */
#define SHARED_WASTE 2

enum place_state
{
    EMPTY,
    KEPT,
    TAKEN
};

static struct place
{
    _Atomic(int) state;
    atomic_uint version; /* odd while the two below change */
    _Atomic(char *) begin;
    _Atomic(char *) end;
    atomic_long pieces; /* the buffer itself, and each part that is shared */
    atomic_bool is_shared;
} places[PLACES];

/* Since the last mem_drop_buffers somebody wanted a buffer. */
static atomic_bool keeping;

static bool take(struct place *place, int from)
{
    return atomic_compare_exchange_strong(&place->state, &from, TAKEN);
}

static void *block_of(struct place *place)
{
    return atomic_load(&place->begin);
}

static size_t size_of(struct place *place)
{
    return (size_t)(atomic_load(&place->end) - atomic_load(&place->begin));
}

static void set_block(struct place *place, void *block, size_t size)
{
    atomic_fetch_add(&place->version, 1);
    atomic_store(&place->begin, block);
    atomic_store(&place->end, block ? (char *)block + size : NULL);
    atomic_fetch_add(&place->version, 1);
}

/* A place that holds a living block stays what it is; one that changes meanwhile is another. */
static bool holds(struct place *place, uintptr_t address)
{
    unsigned version = atomic_load(&place->version);
    return address >= (uintptr_t)atomic_load(&place->begin) &&
        address < (uintptr_t)atomic_load(&place->end) &&
        version % 2 == 0 && version == atomic_load(&place->version);
}

static struct place *place_of(const void *block)
{
    for (size_t i = 0; i < PLACES; i++)
        if (holds(&places[i], (uintptr_t)block))
            return &places[i];
    return NULL;
}

/* The place is ours. The block leaves it before it is freed: its address may come back at once. */
static void drop_block(struct place *place)
{
    void *block = block_of(place);
    set_block(place, NULL, 0);
    free(block);
}

static void empty(struct place *place)
{
    drop_block(place);
    atomic_store(&place->state, EMPTY);
}

bool mem_keep(void *block)
{
    struct place *place = place_of(block);
    if (!place || atomic_fetch_sub(&place->pieces, 1) > 1)
        return place != NULL;
    atomic_store(&place->is_shared, false);
    if (size_of(place) > BUFFER_MOST || !atomic_load(&keeping))
        empty(place);
    else
        atomic_store(&place->state, KEPT);
    return true;
}

size_t mem_piece_room(const void *block)
{
    struct place *place = place_of(block);
    return place ? (size_t)(atomic_load(&place->end) - (const char *)block) : 0;
}

void mem_drop_buffers(void)
{
    atomic_store(&keeping, false);
    for (size_t i = 0; i < PLACES; i++)
        if (take(&places[i], KEPT))
            empty(&places[i]);
}

/* The biggest, as far as one can tell while others take them too: what grows into a smaller one
   would be copied out of it again. */
static void *take_kept(size_t *capacity)
{
    struct place *best = NULL;
    for (size_t i = 0; i < PLACES; i++)
        if (atomic_load(&places[i].state) == KEPT &&
            (!best || size_of(&places[i]) > size_of(best)))
            best = &places[i];
    if (!best || !take(best, KEPT))
        return NULL;
    if (size_of(best) < *capacity)
    {
        atomic_store(&best->state, KEPT);
        return NULL;
    }
    *capacity = size_of(best);
    atomic_store(&best->pieces, 1);
    return block_of(best);
}

/* An empty place, or that of a buffer which nobody uses; NULL: all are in use. */
static struct place *take_place(void)
{
    for (size_t i = 0; i < PLACES; i++)
        if (take(&places[i], EMPTY))
            return &places[i];
    for (size_t i = 0; i < PLACES; i++)
    {
        if (!take(&places[i], KEPT))
            continue;
        drop_block(&places[i]);
        return &places[i];
    }
    return NULL;
}

/* The block will be kept, if there is room. */
static void enter(void *block, size_t size)
{
    struct place *place = take_place();
    atomic_store(&keeping, true);
    if (!place)
        return;
    atomic_store(&place->pieces, 1);
    set_block(place, block, size);
}

void *mem_grow_buffer(void *block, size_t used, size_t *capacity)
{
    bool keeps = *capacity >= BUFFER_LEAST && *capacity <= BUFFER_MOST;
    if (!mem_allowed(*capacity))
        return NULL;
    void *grown = keeps ? mem_counted(take_kept(capacity)) : NULL;
    if (grown)
    {
        if (block)
            memcpy(grown, block, used);
        mem_free(block);
        return grown;
    }
    struct place *place = block ? place_of(block) : NULL;
    size_t old_size = place ? size_of(place) : 0;
    if (place)
        set_block(place, NULL, 0);
    grown = realloc(block, *capacity);
    if (place)
        set_block(place, grown ? grown : block, grown ? *capacity : old_size);
    else if (grown && keeps)
        enter(grown, *capacity);
    return block ? grown : mem_counted(grown);
}

/* ---- Shared parts ---- */

bool mem_may_share(const void *buffer, size_t used)
{
    struct place *place = place_of(buffer);
    size_t shared = 0;
    for (size_t i = 0; i < PLACES; i++)
        shared += atomic_load(&places[i].is_shared);
    if (!place || shared >= SHARED_AT_MOST || size_of(place) / SHARED_WASTE > used)
        return false;
    atomic_store(&place->is_shared, true);
    return true;
}

void *mem_share(const void *part, size_t size)
{
    if (!mem_allowed(size))
        return NULL;
    atomic_fetch_add(&place_of(part)->pieces, 1);
    return mem_counted((void *)part);
}
