/* SPDX-License-Identifier: MIT
 *
 * A growing array of pointers. See vec.h.
 */
#include "base/vec.h"

#include <string.h>

#include "base/mem.h"

bool vec_push(struct vec *vec, void *item)
{
    if (vec->count == vec->capacity)
    {
        size_t capacity = vec->capacity ? vec->capacity * 2 : 8;
        if (capacity > SIZE_MAX / sizeof(void *))
            return false;
        void **items = mem_realloc(vec->items, capacity * sizeof(void *));
        if (!items)
            return false;
        vec->items = items;
        vec->capacity = capacity;
    }
    vec->items[vec->count++] = item;
    return true;
}

void *vec_at(const struct vec *vec, size_t index)
{
    return index < vec->count ? vec->items[index] : NULL;
}

void *vec_remove(struct vec *vec, size_t index)
{
    void *item = vec->items[index];
    vec->count--;
    memmove(vec->items + index, vec->items + index + 1, (vec->count - index) * sizeof(void *));
    return item;
}

void vec_free(struct vec *vec, void (*destroy)(void *item))
{
    for (size_t i = 0; destroy && i < vec->count; i++)
        destroy(vec->items[i]);
    mem_free(vec->items);
    memset(vec, 0, sizeof(*vec));
}
