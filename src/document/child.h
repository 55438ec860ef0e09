/* SPDX-License-Identifier: MIT
 *
 * The structs that stand for an element's children: found when an element is written, made and
 * joined when one is read. Private to the document room.
 */
#ifndef THAWLINE_DOCUMENT_CHILD_H
#define THAWLINE_DOCUMENT_CHILD_H

#include "document/element.h"

/* PART and POINTER: the child's part of the parent, or what the parent's pointer points to; NULL
   when it is not to be written. */
const void *child_single(const struct child *row, const void *parent);

/* PART and POINTER: whether there are parents without it. */
static inline bool child_may_be_absent(const struct child *row)
{
    return row->shape == CHILD_POINTER || row->present;
}

/* PART and POINTER: whether it is written behind the rows that follow its own. */
static inline bool child_is_behind(const struct child *row, const void *parent)
{
    return row->behind && *(const bool *)element_member(parent, row->behind);
}

/* LIST: a walk through the children in the order in which they were added, whatever their kind.
   Zero-initialise. */
struct child_walk
{
    const struct child *row; /* of the child that was found */
    const void *item;
    size_t positions[ELEMENT_MAX_ROWS]; /* the item behind the last, for each row */
};

/* False at the end. */
bool child_next(struct child_walk *walk, const struct element *element, const void *parent);

/* POINTER and LIST: a new child, not attached yet; NULL when memory is exhausted. */
void *child_create(const struct child *row);

/* POINTER and LIST: joins the child to the parent, which owns it on success only. */
HRESULT child_attach(
    const struct element *element, const struct child *row, void *parent, void *child);

#endif
