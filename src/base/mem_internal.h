/* SPDX-License-Identifier: MIT
 *
 * What mem.c and mem_buffer.c know of each other.
 */
#ifndef THAWLINE_BASE_MEM_INTERNAL_H
#define THAWLINE_BASE_MEM_INTERNAL_H

#include "base/types.h"

/* Whether no fault forbids a block of `size` bytes. */
bool mem_allowed(size_t size);
/* Counts a new block; passes it through, also NULL. */
void *mem_counted(void *block);

/* The owner has done with it. False: an ordinary block, to be freed. */
bool mem_keep(void *block);
/* How many bytes from `block` on belong to the buffer that it lies in; 0: an ordinary block. */
size_t mem_piece_room(const void *block);

#endif
