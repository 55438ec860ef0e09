/* SPDX-License-Identifier: MIT
 *
 * Building, copying and destroying structs by table. See record.h.
 */
#include "model/record.h"

#include <string.h>

#include "base/mem.h"
#include "base/str16.h"

static void *member(const void *object, size_t offset)
{
    return (char *)object + offset;
}

static WCHAR **string_at(const struct record *record, const void *object, size_t index)
{
    return member(object, record->strings[index]);
}

static struct vec *list_at(const struct record *record, const void *object, size_t index)
{
    return member(object, record->lists[index].offset);
}

static struct extra *extra_at(const struct record *record, const void *object, size_t index)
{
    return member(object, record->extras[index]);
}

void *record_create(const struct record *record, const WCHAR *const *strings)
{
    void *object = mem_alloc(record->size);
    for (size_t i = 0; object && strings && i < record->string_count; i++)
    {
        if (FAILED(str16_assign(string_at(record, object, i), strings[i])))
        {
            record_destroy(record, object);
            object = NULL;
        }
    }
    return object;
}

static bool copy_list(const struct record *record, const struct vec *source, struct vec *target)
{
    for (size_t i = 0; i < source->count; i++)
    {
        void *item = record_clone(record, source->items[i]);
        if (!item || !vec_push(target, item))
        {
            record_destroy(record, item);
            return false;
        }
    }
    return true;
}

/* Makes the members that `target` shares with its source after a plain copy its own. Until each is,
   it is empty. */
static bool own_members(const struct record *record, const void *source, void *target)
{
    for (size_t i = 0; i < record->string_count; i++)
        *string_at(record, target, i) = NULL;
    for (size_t i = 0; i < record->list_count; i++)
        memset(list_at(record, target, i), 0, sizeof(struct vec));
    for (size_t i = 0; i < record->extra_count; i++)
        memset(extra_at(record, target, i), 0, sizeof(struct extra));

    for (size_t i = 0; i < record->string_count; i++)
        if (FAILED(str16_assign(string_at(record, target, i), *string_at(record, source, i))))
            return false;
    for (size_t i = 0; i < record->list_count; i++)
        if (!copy_list(
                record->lists[i].record, list_at(record, source, i), list_at(record, target, i)))
            return false;
    for (size_t i = 0; i < record->extra_count; i++)
        if (FAILED(extra_copy(extra_at(record, target, i), extra_at(record, source, i))))
            return false;
    return true;
}

void *record_clone(const struct record *record, const void *source)
{
    void *target = mem_dup(source, record->size);
    if (target && !own_members(record, source, target))
    {
        record_destroy(record, target);
        target = NULL;
    }
    return target;
}

void record_clear(const struct record *record, void *object)
{
    for (size_t i = 0; i < record->string_count; i++)
    {
        mem_free(*string_at(record, object, i));
        *string_at(record, object, i) = NULL;
    }
    for (size_t i = 0; i < record->list_count; i++)
    {
        struct vec *list = list_at(record, object, i);
        for (size_t k = 0; k < list->count; k++)
            record_destroy(record->lists[i].record, list->items[k]);
        vec_free(list, NULL);
    }
    for (size_t i = 0; i < record->extra_count; i++)
        extra_free(extra_at(record, object, i));
}

void record_destroy(const struct record *record, void *object)
{
    if (!object)
        return;
    record_clear(record, object);
    mem_free(object);
}
