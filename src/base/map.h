/* SPDX-License-Identifier: MIT
 *
 * A hash map from a pair of strings to a pointer: the index by which components are found in
 * constant time.
 *
 * Keys are borrowed: they must live as long as the entry. NULL and "" are the same key part.
 * Zero-initialise.
 */
#ifndef THAWLINE_BASE_MAP_H
#define THAWLINE_BASE_MAP_H

#include "base/types.h"

struct map_key
{
    const WCHAR *first;
    const WCHAR *second;
};

struct map_entry
{
    struct map_key key;
    uint64_t hash;
    void *value;
};

/* The entries stand in the order in which they came, and the table of places is small: who looks
   keys up in that order, as programs do, stays in the cache however many there are. */
struct map
{
    uint32_t *places; /* 1 + the index of an entry; 0 marks a free place */
    size_t capacity;  /* of places: a power of two, or 0 */
    struct map_entry *entries;
    size_t count;
};

/* `value` is not NULL. An existing entry with this key is replaced. False when memory is
   exhausted. */
bool map_put(struct map *map, struct map_key key, void *value);
/* The same, but an existing entry stays. */
bool map_add(struct map *map, struct map_key key, void *value);
void *map_get(const struct map *map, struct map_key key); /* NULL when absent */
void map_free(struct map *map);

#endif
