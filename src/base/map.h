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

struct map_slot
{
    struct map_key key;
    uint64_t hash;
    void *value; /* NULL marks a free slot */
};

struct map
{
    struct map_slot *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
};

/* `value` is not NULL. An existing entry with this key is replaced. False when memory is
   exhausted. */
bool map_put(struct map *map, struct map_key key, void *value);
void *map_get(const struct map *map, struct map_key key); /* NULL when absent */
void map_free(struct map *map);

#endif
