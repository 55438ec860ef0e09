/* SPDX-License-Identifier: MIT
 *
 * Saving by table. See element.h.
 */
#include "document/element.h"

#include <string.h>

#include "base/str16.h"
#include "base/vec.h"
#include "document/field.h"
#include "model/extra.h"

/* One attribute in the text of struct extra: ` name="value"`. Values hold no plain quote. */
struct kept_attribute
{
    const WCHAR *text; /* with its leading space */
    size_t length;
    size_t name_length;
};

static void save_element(const struct element *element, const char *xmlns, const void *object,
    struct xml_writer *writer);

/* Splits the first attribute off *text. False at the end. */
static bool next_kept(const WCHAR **text, struct kept_attribute *kept)
{
    const WCHAR *equals = str16_find_char(*text, '=');
    const WCHAR *end = equals ? str16_find_char(equals + 2, '"') : NULL;
    if (!end)
        return false;
    kept->text = *text;
    kept->length = (size_t)(end + 1 - *text);
    kept->name_length = (size_t)(equals - *text - 1);
    *text = end + 1;
    return true;
}

static bool is_named(const struct kept_attribute *kept, const char *name)
{
    size_t i = 0;
    while (i < kept->name_length && name[i] && kept->text[1 + i] == (WCHAR)(unsigned char)name[i])
        i++;
    return i == kept->name_length && !name[i];
}

static bool has_kept(const WCHAR *text, const char *name)
{
    struct kept_attribute kept;
    while (next_kept(&text, &kept))
        if (is_named(&kept, name))
            return true;
    return false;
}

/* A kept spelling of an attribute that the table knows lives until the member gets a value. */
static bool is_outdated(
    const struct kept_attribute *kept, const struct element *element, const void *object)
{
    for (size_t i = 0; i < element->field_count; i++)
        if (is_named(kept, element->fields[i].name))
            return !field_gives_way(&element->fields[i], object);
    return false;
}

static void save_attributes(
    const struct element *element, const void *object, struct xml_writer *writer)
{
    const struct extra *extra = element_member(object, element->extra);
    for (size_t i = 0; i < element->field_count; i++)
    {
        const struct field *field = &element->fields[i];
        if (!extra->attributes || !field_gives_way(field, object) ||
            !has_kept(extra->attributes, field->name))
            field_save(field, object, writer);
    }
    const WCHAR *rest = extra->attributes;
    struct kept_attribute kept;
    while (next_kept(&rest, &kept))
        if (!is_outdated(&kept, element, object))
            xml_writer_raw_attributes(writer, kept.text, kept.length);
}

/* The child's part of the parent, or what the parent's pointer points to; NULL when it is not to be
   written. */
static const void *single(const struct child *row, const void *object)
{
    if (row->shape == CHILD_POINTER)
        return *(void **)element_member(object, row->offset);
    if (row->present && !row->present(object))
        return NULL;
    return element_member(object, row->offset);
}

/* The next item of the row's list from *position on; NULL at the end. Passes over those of another
   element. */
static const void *list_item(const struct child *row, const void *object, size_t *position)
{
    const struct vec *list = element_member(object, row->offset);
    for (; *position < list->count; (*position)++)
    {
        const void *item = list->items[*position];
        if (!row->tag || *(const DWORD *)element_member(item, row->tag_offset) == row->tag)
            return item;
    }
    return NULL;
}

/* Writes the children that stand in lists in the order in which they were added, whatever their
   kind. */
static void save_lists(const struct element *element, const void *object, struct xml_writer *writer)
{
    size_t positions[ELEMENT_MAX_ROWS] = {0};
    for (;;)
    {
        const struct child *next = NULL;
        const void *next_item = NULL;
        unsigned next_order = 0;
        for (size_t i = 0; i < element->child_count; i++)
        {
            const struct child *row = &element->children[i];
            if (row->shape != CHILD_LIST)
                continue;
            const void *item = list_item(row, object, &positions[i]);
            if (!item)
                continue;
            unsigned order = row->order == NO_OFFSET
                ? 0
                : *(const unsigned *)element_member(item, row->order);
            if (!next || order < next_order)
            {
                next = row;
                next_item = item;
                next_order = order;
            }
        }
        if (!next)
            return;
        save_element(next->element, next->element->xmlns, next_item, writer);
        positions[next - element->children]++;
    }
}

static void save_element(
    const struct element *element, const char *xmlns, const void *object, struct xml_writer *writer)
{
    const struct extra *extra = element_member(object, element->extra);
    xml_writer_start(writer, element->name);
    if (xmlns)
        xml_writer_attribute_plain(writer, "xmlns", xmlns);
    save_attributes(element, object, writer);
    for (size_t i = 0; i < element->child_count; i++)
    {
        const struct child *row = &element->children[i];
        const void *child = row->shape == CHILD_LIST ? NULL : single(row, object);
        if (child)
            save_element(row->element, row->element->xmlns, child, writer);
    }
    save_lists(element, object, writer);
    xml_writer_raw_content(writer, extra->children);
    xml_writer_end(writer, element->name);
}

HRESULT element_save_document(const struct element *element, const char *xmlns, const void *object,
    WCHAR **text, size_t *length)
{
    struct xml_writer writer = {0};
    save_element(element, xmlns, object, &writer);
    HRESULT hr = xml_writer_take(&writer, text, length);
    xml_writer_free(&writer);
    return hr;
}
