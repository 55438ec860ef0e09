/* SPDX-License-Identifier: MIT
 *
 * What the structs of this room own: one table a struct says where its strings, lists and kept
 * content lie, and serves building, deep copies and destruction alike. Private to the model room.
 * Any thread.
 */
#ifndef THAWLINE_MODEL_RECORD_H
#define THAWLINE_MODEL_RECORD_H

#include "base/vec.h"
#include "model/extra.h"

struct record_list
{
    size_t offset;               /* of a struct vec */
    const struct record *record; /* of what it points to */
};

struct record
{
    size_t size;
    const size_t *strings; /* offsets of WCHAR * members */
    size_t string_count;
    const struct record_list *lists;
    size_t list_count;
    const size_t *extras; /* offsets of struct extra members */
    size_t extra_count;
};

/* Tables that the lists of other files' structs need. */
extern const struct record file_spec_record; /* file_spec.c */
extern const struct record component_record; /* component.c, struct component */

/* For initialisers: a static array and the number of its elements. */
#define RECORD_ARRAY(array) (array), sizeof(array) / sizeof((array)[0])

/* A zeroed object whose strings are copies of `strings`, which follow the order of the record's
   table; NULL ones stay NULL, and a NULL array leaves all of them NULL. NULL when memory is
   exhausted. */
void *record_create(const struct record *record, const WCHAR *const *strings);

/* A deep copy; members the table does not name are copied as they are. NULL when memory is
   exhausted. */
void *record_clone(const struct record *record, const void *source);

/* Frees what the object owns and leaves the object itself, with those members zeroed. */
void record_clear(const struct record *record, void *object);

/* record_clear and the object. Accepts NULL. */
void record_destroy(const struct record *record, void *object);

#endif
