/* SPDX-License-Identifier: MIT
 *
 * Memory with a count of the live blocks. See mem.h.
 */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hooks.h"

struct base_hooks base_hooks;

static atomic_long live_blocks;

static bool allowed(size_t size)
{
    return !base_hooks.allow_alloc || base_hooks.allow_alloc(size);
}

static void *counted(void *block)
{
    if (block)
        atomic_fetch_add(&live_blocks, 1);
    return block;
}

void *mem_alloc(size_t size)
{
    return counted(allowed(size) ? calloc(1, size ? size : 1) : NULL);
}

void *mem_alloc_raw(size_t size)
{
    return counted(allowed(size) ? malloc(size ? size : 1) : NULL);
}

void *mem_alloc_array(size_t count, size_t size)
{
    if (size && count > SIZE_MAX / size)
        return NULL;
    return mem_alloc(count * size);
}

void *mem_realloc(void *block, size_t size)
{
    if (!block)
        return mem_alloc(size);
    return allowed(size) ? realloc(block, size ? size : 1) : NULL;
}

void *mem_dup(const void *bytes, size_t size)
{
    void *copy = mem_alloc_raw(size);
    if (copy && size)
        memcpy(copy, bytes, size);
    return copy;
}

/* ---- Buffers ---- */

/* Smaller and bigger ones are ordinary blocks. */
#define BUFFER_LEAST 65536u
#define BUFFER_MOST (16u << 20)
/* A message out and one back, for two at the same time. */
#define PLACES 4

enum place_state
{
    EMPTY,
    KEPT,
    TAKEN
};

/* Whoever makes a place TAKEN owns it until it makes it something else, and only the owner touches
   the rest; `block` is atomic because mem_free looks at every place. */
static struct place
{
    _Atomic(int) state;
    _Atomic(void *) block;
    size_t size;
} places[PLACES];

static bool take(struct place *place, int from)
{
    return atomic_compare_exchange_strong(&place->state, &from, TAKEN);
}

static struct place *place_of(const void *block)
{
    for (size_t i = 0; i < PLACES; i++)
        if (block && atomic_load_explicit(&places[i].block, memory_order_relaxed) == block)
            return &places[i];
    return NULL;
}

/* The place is ours. The block leaves it before it is freed: its address may come back at once. */
static void empty(struct place *place)
{
    free(atomic_exchange(&place->block, NULL));
    atomic_store(&place->state, EMPTY);
}

static bool keep(void *block)
{
    struct place *place = place_of(block);
    if (place && place->size > BUFFER_MOST)
        empty(place);
    else if (place)
        atomic_store(&place->state, KEPT);
    return place != NULL;
}

void mem_drop_buffers(void)
{
    for (size_t i = 0; i < PLACES; i++)
        if (take(&places[i], KEPT))
            empty(&places[i]);
}

static void *take_kept(size_t *capacity)
{
    for (size_t i = 0; i < PLACES; i++)
    {
        if (!take(&places[i], KEPT))
            continue;
        if (places[i].size >= *capacity)
        {
            *capacity = places[i].size;
            return atomic_load(&places[i].block);
        }
        atomic_store(&places[i].state, KEPT);
    }
    return NULL;
}

/* The block will be kept, if there is room. */
static void enter(void *block, size_t size)
{
    for (size_t i = 0; i < PLACES; i++)
    {
        if (!take(&places[i], EMPTY))
        {
            if (!take(&places[i], KEPT))
                continue;
            free(atomic_exchange(&places[i].block, NULL));
        }
        places[i].size = size;
        atomic_store(&places[i].block, block);
        return;
    }
}

void *mem_grow_buffer(void *block, size_t used, size_t *capacity)
{
    bool keeps = *capacity >= BUFFER_LEAST && *capacity <= BUFFER_MOST;
    if (!allowed(*capacity))
        return NULL;
    void *grown = keeps ? counted(take_kept(capacity)) : NULL;
    if (grown)
    {
        if (block)
            memcpy(grown, block, used);
        mem_free(block);
        return grown;
    }
    struct place *place = place_of(block);
    if (place)
        atomic_store(&place->block, NULL);
    grown = realloc(block, *capacity);
    if (place)
    {
        if (grown)
            place->size = *capacity;
        atomic_store(&place->block, grown ? grown : block);
    }
    else if (grown && keeps)
    {
        enter(grown, *capacity);
    }
    return block ? grown : counted(grown);
}

void mem_free(void *block)
{
    if (!block)
        return;
    atomic_fetch_sub(&live_blocks, 1);
    if (!keep(block))
        free(block);
}

long mem_live_blocks(void)
{
    return atomic_load(&live_blocks);
}
