/* SPDX-License-Identifier: MIT
 *
 * Memory with a count of the live blocks. See mem.h.
 */
#include "base/mem.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hooks.h"
#include "base/mem_internal.h"

struct base_hooks base_hooks;

static atomic_long live_blocks;

bool mem_allowed(size_t size)
{
    return !base_hooks.allow_alloc || base_hooks.allow_alloc(size);
}

void *mem_counted(void *block)
{
    if (block)
        atomic_fetch_add(&live_blocks, 1);
    return block;
}

void *mem_alloc(size_t size)
{
    return mem_counted(mem_allowed(size) ? calloc(1, size ? size : 1) : NULL);
}

void *mem_alloc_raw(size_t size)
{
    return mem_counted(mem_allowed(size) ? malloc(size ? size : 1) : NULL);
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
    size_t room = mem_piece_room(block);
    if (!room)
        return mem_allowed(size) ? realloc(block, size ? size : 1) : NULL;
    void *moved = mem_alloc_raw(size);
    if (moved)
    {
        memcpy(moved, block, size < room ? size : room);
        mem_free(block);
    }
    return moved;
}

void *mem_dup(const void *bytes, size_t size)
{
    void *copy = mem_alloc_raw(size);
    if (copy && size)
        memcpy(copy, bytes, size);
    return copy;
}

void mem_free(void *block)
{
    if (!block)
        return;
    atomic_fetch_sub(&live_blocks, 1);
    if (!mem_keep(block))
        free(block);
}

long mem_live_blocks(void)
{
    return atomic_load(&live_blocks);
}
