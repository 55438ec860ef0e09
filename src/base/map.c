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

/* At most three quarters full, so that probes stay short and a free place always ends them. */
static size_t room(size_t capacity)
{
    return capacity / 4 * 3;
}

/* The place of the key, or the free place where it would go. */
static uint32_t *find_place(const struct map *map, struct map_key key, uint64_t hash)
{
    for (size_t i = (size_t)hash & (map->capacity - 1);; i = (i + 1) & (map->capacity - 1))
    {
        if (!map->places[i])
            return &map->places[i];
        const struct map_entry *entry = &map->entries[map->places[i] - 1];
        if (entry->hash == hash && str16_equal_or_empty(entry->key.first, key.first) &&
            str16_equal_or_empty(entry->key.second, key.second))
            return &map->places[i];
    }
}

static bool grow(struct map *map)
{
    size_t capacity = map->capacity ? map->capacity * 2 : FIRST_CAPACITY;
    if (capacity > UINT32_MAX)
        return false;
    uint32_t *places = mem_alloc_array(capacity, sizeof(*places));
    struct map_entry *entries =
        places ? mem_realloc(map->entries, room(capacity) * sizeof(*entries)) : NULL;
    if (!entries)
    {
        mem_free(places);
        return false;
    }
    for (size_t i = 0; i < map->count; i++)
    {
        size_t place = (size_t)entries[i].hash & (capacity - 1);
        while (places[place])
            place = (place + 1) & (capacity - 1);
        places[place] = (uint32_t)(i + 1);
    }
    mem_free(map->places);
    map->places = places;
    map->entries = entries;
    map->capacity = capacity;
    return true;
}

static bool put(struct map *map, struct map_key key, void *value, bool replace)
{
    if (map->count == room(map->capacity) && !grow(map))
        return false;
    uint64_t hash = hash_key(key);
    uint32_t *place = find_place(map, key, hash);
    if (*place && !replace)
        return true;
    if (!*place)
        *place = (uint32_t)++map->count;
    map->entries[*place - 1] = (struct map_entry){key, hash, value};
    return true;
}

bool map_put(struct map *map, struct map_key key, void *value)
{
    return put(map, key, value, true);
}

bool map_add(struct map *map, struct map_key key, void *value)
{
    return put(map, key, value, false);
}

void *map_get(const struct map *map, struct map_key key)
{
    if (!map->capacity)
        return NULL;
    uint32_t place = *find_place(map, key, hash_key(key));
    return place ? map->entries[place - 1].value : NULL;
}

void map_free(struct map *map)
{
    mem_free(map->places);
    mem_free(map->entries);
    memset(map, 0, sizeof(*map));
}
