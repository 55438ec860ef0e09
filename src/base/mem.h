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

/* For messages of megabytes, whose fresh pages cost more than all that is written to them: blocks
   of which a few are kept when they are freed. Makes `block` (NULL, or from here) hold *capacity
   bytes or, as *capacity then tells, more; only the first `used` stay, nothing is zeroed. On
   failure `block` stays valid. */
void *mem_grow_buffer(void *block, size_t used, size_t *capacity);
/* Gives those that are kept and not in use back to the system, and later those that are in use,
   unless somebody asks for buffers again. */
void mem_drop_buffers(void);

/* Parts of a buffer as blocks of their own: what a message says need not be copied out of it. They
   are like any other blocks but for mem_grow_buffer, and aligned as they lie; the buffer is in use
   until it and all its parts are freed, and must not grow meanwhile. Whether the parts of one of
   which `used` bytes matter may be shared: not if it would hold much more than them, if it is none
   that is kept, or if enough others are shared. */
bool mem_may_share(const void *buffer, size_t used);
/* The `size` bytes at `part` of such a buffer. */
void *mem_share(const void *part, size_t size);

/* Accepts NULL. */
void mem_free(void *block);

/* Blocks allocated and not freed yet, over all threads. */
long mem_live_blocks(void);

#endif
