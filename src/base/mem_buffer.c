/* SPDX-License-Identifier: MIT
 *
 * Blocks of messages: buffers that are kept, and slabs that are carved out of them. See mem.h.
 *
 * A place remembers one block. Whoever makes a place TAKEN owns it until it makes it something else,
 * and only the owner touches the rest. mem_free looks at every place, hence the atomics.
 */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem_internal.h"

/* Smaller and bigger ones are ordinary blocks. */
#define BUFFER_LEAST 65536u
#define BUFFER_MOST (16u << 20)
/* A message out and one back, and one at the same time; and slabs, which may live long. */
#define PLACES 5
#define SLABS_AT_MOST 2
/* A slab takes a kept buffer that is at most so many times as big as wanted: it holds all of it. */
#define SLAB_WASTE 2
/* What malloc would give. */
#define ALIGNMENT (2 * sizeof(void *))

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
    atomic_long pieces; /* the buffer's own, each block that is carved out of it */
    atomic_bool is_slab;
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
    atomic_store(&place->is_slab, false);
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

/* The biggest of at most `most` bytes, as far as one can tell while others take them too: what grows
   into a smaller one would be copied out of it again. */
static void *take_kept(size_t *capacity, size_t most)
{
    struct place *best = NULL;
    for (size_t i = 0; i < PLACES; i++)
        if (atomic_load(&places[i].state) == KEPT && size_of(&places[i]) <= most &&
            (!best || size_of(&places[i]) > size_of(best)))
            best = &places[i];
    if (!best || !take(best, KEPT))
        return NULL;
    if (size_of(best) < *capacity || size_of(best) > most)
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

static void *grow(void *block, size_t used, size_t *capacity, size_t most)
{
    bool keeps = *capacity >= BUFFER_LEAST && *capacity <= BUFFER_MOST;
    if (!mem_allowed(*capacity))
        return NULL;
    void *grown = keeps ? mem_counted(take_kept(capacity, most)) : NULL;
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

void *mem_grow_buffer(void *block, size_t used, size_t *capacity)
{
    return grow(block, used, capacity, SIZE_MAX);
}

/* ---- Slabs ---- */

static size_t count_slabs(void)
{
    size_t count = 0;
    for (size_t i = 0; i < PLACES; i++)
        count += atomic_load(&places[i].is_slab);
    return count;
}

void mem_slab_open(struct mem_slab *slab, size_t size)
{
    size_t capacity = size;
    *slab = (struct mem_slab){0};
    if (size < BUFFER_LEAST || size > BUFFER_MOST || count_slabs() >= SLABS_AT_MOST)
        return;
    void *block = grow(NULL, 0, &capacity, SLAB_WASTE * size);
    struct place *place = block ? place_of(block) : NULL;
    if (!place)
    {
        mem_free(block);
        return;
    }
    atomic_store(&place->is_slab, true);
    *slab = (struct mem_slab){.block = block, .at = block, .left = capacity};
}

void *mem_slab_alloc(struct mem_slab *slab, size_t size)
{
    size_t rounded = (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
    if (rounded < size || rounded > slab->left || !size)
        return mem_alloc_raw(size);
    if (!mem_allowed(size))
        return NULL;
    void *piece = slab->at;
    atomic_fetch_add(&place_of(piece)->pieces, 1);
    slab->at += rounded;
    slab->left -= rounded;
    return mem_counted(piece);
}

void mem_slab_close(struct mem_slab *slab)
{
    mem_free(slab->block);
    *slab = (struct mem_slab){0};
}
