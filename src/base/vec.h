/* SPDX-License-Identifier: MIT
 *
 * A growing array of pointers. What it points to keeps its address, so children of a model object
 * can be handed out while siblings are added. Zero-initialise.
 */
#ifndef THAWLINE_BASE_VEC_H
#define THAWLINE_BASE_VEC_H

#include "base/types.h"

struct vec
{
    void **items;
    size_t count;
    size_t capacity;
};

/* False when memory is exhausted; the vector is unchanged then. */
bool vec_push(struct vec *vec, void *item);
void *vec_at(const struct vec *vec, size_t index); /* NULL past the end */
void *vec_remove(struct vec *vec, size_t index);   /* keeps the order; returns what was there */

/* Calls `destroy` (may be NULL) for each item, then empties the vector. */
void vec_free(struct vec *vec, void (*destroy)(void *item));

#endif
