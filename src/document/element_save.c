/* SPDX-License-Identifier: MIT
 *
 * Saving by table. See element.h.
 */
#include "document/element.h"

#include <string.h>

#include "base/str16.h"
#include "document/child.h"
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

static void save_singles(
    const struct element *element, const void *object, bool behind, struct xml_writer *writer)
{
    for (size_t i = 0; i < element->child_count; i++)
    {
        const struct child *row = &element->children[i];
        if (row->shape == CHILD_LIST || child_is_behind(row, object) != behind)
            continue;
        const void *child = child_single(row, object);
        if (child)
            save_element(row->element, row->element->xmlns, child, writer);
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
    save_singles(element, object, false, writer);
    struct child_walk walk = {0};
    while (child_next(&walk, element, object))
        save_element(walk.row->element, walk.row->element->xmlns, walk.item, writer);
    save_singles(element, object, true, writer);
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
