/* SPDX-License-Identifier: MIT
 *
 * A hash map with open addressing and linear probing. Entries are never removed one by one. See
 * map.h.
 */
#include "base/map.h"

#include <string.h>

#include "base/mem.h"
#include "base/str16.h"

#define FIRST_CAPACITY 16

/* FNV-1a, 64 bit, with a separator between the parts so that ("a","bc") and ("ab","c") differ. */
static uint64_t hash_text(uint64_t hash, const WCHAR *text)
{
    const uint64_t prime = 0x100000001B3u;
    for (; text && *text; text++)
        hash = (hash ^ (uint16_t)*text) * prime;
    return (hash ^ 0x10000) * prime;
}

static uint64_t hash_key(struct map_key key)
{
    uint64_t hash = hash_text(hash_text(0xCBF29CE484222325u, key.first), key.second);
    return hash ^ hash >> 32;
}

static struct map_slot *find_slot(
    struct map_slot *slots, size_t capacity, struct map_key key, uint64_t hash)
{
    for (size_t i = (size_t)hash & (capacity - 1);; i = (i + 1) & (capacity - 1))
    {
        struct map_slot *slot = &slots[i];
        if (!slot->value)
            return slot;
        if (slot->hash == hash && str16_equal_or_empty(slot->key.first, key.first) &&
            str16_equal_or_empty(slot->key.second, key.second))
            return slot;
    }
}

static bool grow(struct map *map)
{
    size_t capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY;
    struct map_slot *slots = mem_alloc_array(capacity, sizeof(*slots));
    if (!slots)
        return false;
    for (size_t i = 0; i < map->capacity; i++)
        if (map->slots[i].value)
            *find_slot(slots, capacity, map->slots[i].key, map->slots[i].hash) = map->slots[i];
    mem_free(map->slots);
    map->slots = slots;
    map->capacity = capacity;
    return true;
}

bool map_put(struct map *map, struct map_key key, void *value)
{
    /* At most three quarters full, so that probes stay short and a free slot always ends them. */
    if (map->count + 1 > map->capacity / 4 * 3 && !grow(map))
        return false;
    uint64_t hash = hash_key(key);
    struct map_slot *slot = find_slot(map->slots, map->capacity, key, hash);
    map->count += !slot->value;
    *slot = (struct map_slot){key, hash, value};
    return true;
}

void *map_get(const struct map *map, struct map_key key)
{
    if (!map->capacity)
        return NULL;
    return find_slot(map->slots, map->capacity, key, hash_key(key))->value;
}

void map_free(struct map *map)
{
    mem_free(map->slots);
    memset(map, 0, sizeof(*map));
}
