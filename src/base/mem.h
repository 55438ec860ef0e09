/* SPDX-License-Identifier: MIT
 *
 * Memory with a count of the live blocks, so that tests can tell that nothing leaked and faults can
 * make any allocation fail. Thread-safe. What crosses the API as BSTR or task memory is not
 * allocated here.
 */
#ifndef THAWLINE_BASE_MEM_H
#define THAWLINE_BASE_MEM_H

#include "base/types.h"

/* All of these return NULL when memory is exhausted, when the size overflows or when a fault says
   so. */
void *mem_alloc(size_t size);                     /* zeroed */
void *mem_alloc_array(size_t count, size_t size); /* zeroed */
void *mem_realloc(
    void *block, size_t size); /* new bytes are not zeroed; on failure `block` stays valid */
void *mem_alloc_raw(size_t size); /* not zeroed */
void *mem_dup(const void *bytes, size_t size);

/* For messages of megabytes, whose fresh pages cost more than all that is written to them: blocks of
   which a few are kept when they are freed. Makes `block` (NULL, or from here) hold *capacity bytes
   or, as *capacity then tells, more; only the first `used` stay, nothing is zeroed. On failure
   `block` stays valid. */
void *mem_grow_buffer(void *block, size_t used, size_t *capacity);
/* Gives those that are kept and not in use back to the system, and later those that are in use, unless
   somebody asks for buffers again. */
void mem_drop_buffers(void);

/* Many blocks that are made together, carved out of one such buffer, which is in use until the last
   of them is freed: so they cost little, and hold its memory. One thread at a time; the blocks are
   like any others. */
struct mem_slab
{
    void *block; /* NULL: there is none, and its blocks are ordinary ones */
    BYTE *at;
    size_t left;
};

/* `size`: what they take together, about; there is a slab only where it is worth one. */
void mem_slab_open(struct mem_slab *slab, size_t size);
void *mem_slab_alloc(struct mem_slab *slab, size_t size); /* as mem_alloc_raw */
void mem_slab_close(struct mem_slab *slab);

/* Accepts NULL. */
void mem_free(void *block);

/* Blocks allocated and not freed yet, over all threads. */
long mem_live_blocks(void);

#endif
