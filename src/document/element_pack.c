/* SPDX-License-Identifier: MIT
 *
 * Packing by table. See element_pack.h.
 */
#include "document/element_pack.h"

#include "document/child.h"
#include "document/field.h"
#include "model/backup_components.h"

/* What XML makes of values that are none of the three. */
static uint8_t sane_answer(enum answer answer)
{
    if (answer == ANSWER_UNSET || answer == ANSWER_YES)
        return (uint8_t)answer;
    return ANSWER_NO;
}

static void pack_field(const struct field *field, const void *object, struct pack_writer *writer)
{
    const void *member = element_member(object, field->offset);
    if (field->flags & FIELD_GIVEN)
    {
        bool given = *(const bool *)element_member(object, field->companion);
        pack_write_bool(writer, given);
        if (!given)
            return;
    }
    switch (field->kind)
    {
    case FIELD_STRING: pack_write_string(writer, *(WCHAR *const *)member); break;
    case FIELD_GUID: pack_write_guid(writer, member); break;
    case FIELD_BOOL: pack_write_bool(writer, *(const bool *)member); break;
    case FIELD_ANSWER: pack_write_u8(writer, sane_answer(*(const enum answer *)member)); break;
    case FIELD_DECIMAL:
    case FIELD_HEX: pack_write_u32(writer, *(const DWORD *)member); break;
    case FIELD_ENUM:
        pack_write_u32(writer,
            field_spelling(field, *(const DWORD *)member) ? *(const DWORD *)member
                                                          : field->initial);
        break;
    case FIELD_FILETIME:
        pack_write_u32(writer, ((const FILETIME *)member)->dwLowDateTime);
        pack_write_u32(writer, ((const FILETIME *)member)->dwHighDateTime);
        break;
    case FIELD_BYTES:
        pack_write_bytes(writer, *(BYTE *const *)member,
            *(const UINT *)element_member(object, field->companion));
        break;
    case FIELD_CONSTANT: break;
    }
}

static void pack_element(
    const struct element *element, const void *object, struct pack_writer *writer);

static void pack_single(const struct child *row, const void *object, struct pack_writer *writer)
{
    const void *child = child_single(row, object);
    if (child_may_be_absent(row))
        pack_write_bool(writer, child != NULL);
    if (child && row->behind)
        pack_write_bool(writer, child_is_behind(row, object));
    if (child)
        pack_element(row->element, child, writer);
}

static void pack_element(
    const struct element *element, const void *object, struct pack_writer *writer)
{
    const struct extra *extra = element_member(object, element->extra);
    for (size_t i = 0; i < element->field_count; i++)
        pack_field(&element->fields[i], object, writer);
    pack_write_string(writer, extra->attributes);
    pack_write_string(writer, extra->children);
    if (!element->child_count)
        return;
    for (size_t i = 0; i < element->child_count; i++)
        if (element->children[i].shape != CHILD_LIST)
            pack_single(&element->children[i], object, writer);
    struct child_walk walk = {0};
    while (!writer->failed && child_next(&walk, element, object))
    {
        pack_write_u8(writer, (uint8_t)(walk.row - element->children + 1));
        pack_element(walk.row->element, walk.item, writer);
    }
    pack_write_u8(writer, 0);
}

HRESULT element_pack(const struct element *element, const void *object, struct pack_writer *writer)
{
    pack_element(element, object, writer);
    return writer->failed ? E_OUTOFMEMORY : S_OK;
}
