/* SPDX-License-Identifier: MIT
 *
 * Children by table. See child.h.
 */
#include "document/child.h"

#include "base/mem.h"
#include "base/vec.h"

const void *child_single(const struct child *row, const void *parent)
{
    if (row->shape == CHILD_POINTER)
        return *(void **)element_member(parent, row->offset);
    if (row->present && !row->present(parent))
        return NULL;
    return element_member(parent, row->offset);
}

/* The next item of the row's list from *position on; NULL at the end. Passes over those of another
   element. */
static const void *list_item(const struct child *row, const void *parent, size_t *position)
{
    const struct vec *list = element_member(parent, row->offset);
    for (; *position < list->count; (*position)++)
    {
        const void *item = list->items[*position];
        if (!row->tag || *(const DWORD *)element_member(item, row->tag_offset) == row->tag)
            return item;
    }
    return NULL;
}

bool child_next(struct child_walk *walk, const struct element *element, const void *parent)
{
    unsigned next_order = 0;
    walk->row = NULL;
    for (size_t i = 0; i < element->child_count; i++)
    {
        const struct child *row = &element->children[i];
        if (row->shape != CHILD_LIST)
            continue;
        const void *item = list_item(row, parent, &walk->positions[i]);
        if (!item)
            continue;
        unsigned order = row->order == NO_OFFSET
            ? 0
            : *(const unsigned *)element_member(item, row->order);
        if (!walk->row || order < next_order)
        {
            walk->row = row;
            walk->item = item;
            next_order = order;
        }
    }
    if (!walk->row)
        return false;
    walk->positions[walk->row - element->children]++;
    return true;
}

void *child_create(const struct child *row)
{
    void *child = row->create ? row->create() : mem_alloc(row->size);
    if (child && row->tag)
        *(DWORD *)element_member(child, row->tag_offset) = row->tag;
    return child;
}

HRESULT child_attach(
    const struct element *element, const struct child *row, void *parent, void *child)
{
    if (row->shape == CHILD_POINTER)
    {
        *(void **)element_member(parent, row->offset) = child;
        return S_OK;
    }
    if (row->attach)
        return row->attach(parent, child);
    if (!vec_push(element_member(parent, row->offset), child))
        return E_OUTOFMEMORY;
    if (row->order != NO_OFFSET)
        *(unsigned *)element_member(
            child, row->order) = (*(unsigned *)element_member(parent, element->next_order))++;
    return S_OK;
}
