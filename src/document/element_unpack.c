/* SPDX-License-Identifier: MIT
 *
 * Unpacking by table. See element_pack.h. The bytes come from another process and may be anything;
 * what they make must be what a document could have made.
 *
 * The recursion goes as deep as the tables do. Every element takes bytes, so that what is allocated
 * grows with them.
 */
#include "document/element_pack.h"

#include <string.h>

#include "base/mem.h"
#include "document/child.h"
#include "document/field.h"
#include "model/backup_components.h"
#include "model/extra.h"

/* Whether sixteen units are from U+0020 to U+7FFF: one below borrows, which sets its top bit. */
static bool are_plain(const WCHAR *text)
{
    const uint64_t least = 0x0020002000200020u;
    uint64_t four[4];
    memcpy(four, text, sizeof(four));
    uint64_t odd = (four[0] | (four[0] - least)) | (four[1] | (four[1] - least)) |
        (four[2] | (four[2] - least)) | (four[3] | (four[3] - least));
    return !(odd & 0x8000800080008000u);
}

/* xml_is_valid_text in one fast pass, which only asks it about units that need a closer look; and
   no NUL. */
static bool is_valid_text(const WCHAR *text, size_t length)
{
    for (size_t i = 0; i < length;)
    {
        if (length - i >= 16 && are_plain(text + i))
        {
            i += 16;
            continue;
        }
        WCHAR odd[] = {text[i++], 0, 0};
        if (odd[0] >= 0x20 && odd[0] < 0xD800)
            continue;
        if ((odd[0] & 0xFC00) == 0xD800)
            odd[1] = text[i++]; /* the NUL behind the text at worst */
        if (!odd[0] || !xml_is_valid_text(odd))
            return false;
    }
    return true;
}

static void unpack_string(struct pack_reader *reader, WCHAR **member)
{
    size_t length = 0;
    WCHAR *text = pack_read_units(reader, &length);
    if (text && !is_valid_text(text, length))
        pack_reader_refuse(reader);
    mem_free(*member);
    *member = text;
}

static void unpack_bytes(const struct field *field, struct pack_reader *reader, void *object)
{
    size_t size = 0;
    BYTE **member = element_member(object, field->offset);
    BYTE *bytes = pack_read_bytes(reader, &size);
    mem_free(*member);
    *member = bytes;
    *(UINT *)element_member(object, field->companion) = (UINT)size;
}

static void unpack_number(const struct field *field, struct pack_reader *reader, DWORD *member)
{
    DWORD value = pack_read_u32(reader);
    bool right = true;
    if (field->kind == FIELD_DECIMAL)
        right = !field->most || value <= field->most;
    else if (field->kind == FIELD_ENUM)
        right = value == field->initial || field_spelling(field, value);
    if (!right)
        pack_reader_refuse(reader);
    *member = value;
}

static void unpack_answer(struct pack_reader *reader, enum answer *member)
{
    uint8_t value = pack_read_u8(reader);
    if (value > ANSWER_YES)
        pack_reader_refuse(reader);
    *member = value;
}

/* Whether the member holds what a missing attribute means. */
static bool is_missing(const struct field *field, const void *object)
{
    const void *member = element_member(object, field->offset);
    switch (field->kind)
    {
    case FIELD_STRING:
    case FIELD_BYTES: return !*(void *const *)member;
    case FIELD_ANSWER: return *(const enum answer *)member == ANSWER_UNSET;
    default: return false;
    }
}

static void unpack_member(const struct field *field, struct pack_reader *reader, void *object)
{
    void *member = element_member(object, field->offset);
    switch (field->kind)
    {
    case FIELD_STRING: unpack_string(reader, member); break;
    case FIELD_GUID: *(GUID *)member = pack_read_guid(reader); break;
    case FIELD_BOOL: *(bool *)member = pack_read_bool(reader); break;
    case FIELD_ANSWER: unpack_answer(reader, member); break;
    case FIELD_DECIMAL:
    case FIELD_HEX:
    case FIELD_ENUM: unpack_number(field, reader, member); break;
    case FIELD_FILETIME:
        ((FILETIME *)member)->dwLowDateTime = pack_read_u32(reader);
        ((FILETIME *)member)->dwHighDateTime = pack_read_u32(reader);
        break;
    case FIELD_BYTES: unpack_bytes(field, reader, object); break;
    case FIELD_CONSTANT: break;
    }
}

static void unpack_field(const struct field *field, struct pack_reader *reader, void *object)
{
    bool given = !(field->flags & FIELD_GIVEN) || pack_read_bool(reader);
    if (field->flags & FIELD_GIVEN)
        *(bool *)element_member(object, field->companion) = given;
    if (given)
        unpack_member(field, reader, object);
    else
        field_set_initial(field, object);
    if ((field->flags & FIELD_REQUIRED) && (!given || is_missing(field, object)))
        pack_reader_refuse(reader);
}

static HRESULT unpack_child(const struct element *element, const struct child *row,
    const char *xmlns, struct pack_reader *reader, void *parent)
{
    if (row->behind)
        *(bool *)element_member(parent, row->behind) = pack_read_bool(reader);
    if (row->shape == CHILD_PART)
        return element_unpack(row->element, xmlns, reader, element_member(parent, row->offset));

    void *child = child_create(row);
    HRESULT hr = child ? element_unpack(row->element, xmlns, reader, child) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = child_attach(element, row, parent, child);
    if (FAILED(hr) && child)
        row->destroy(child);
    return hr;
}

static HRESULT unpack_singles(
    const struct element *element, const char *xmlns, struct pack_reader *reader, void *object)
{
    HRESULT hr = reader->failure;
    for (size_t i = 0; SUCCEEDED(hr) && i < element->child_count; i++)
    {
        const struct child *row = &element->children[i];
        if (row->shape == CHILD_LIST)
            continue;
        if (!child_may_be_absent(row) || pack_read_bool(reader))
            hr = unpack_child(element, row, xmlns, reader, object);
        else if (row->required)
            pack_reader_refuse(reader);
        if (SUCCEEDED(hr))
            hr = reader->failure;
    }
    return hr;
}

static HRESULT unpack_lists(
    const struct element *element, const char *xmlns, struct pack_reader *reader, void *object)
{
    HRESULT hr = S_OK;
    while (SUCCEEDED(hr))
    {
        size_t row = pack_read_u8(reader);
        if (row > element->child_count || (row && element->children[row - 1].shape != CHILD_LIST))
            pack_reader_refuse(reader);
        if (!row || FAILED(reader->failure))
            return reader->failure;
        hr = unpack_child(element, &element->children[row - 1], xmlns, reader, object);
    }
    return hr;
}

HRESULT element_unpack(
    const struct element *element, const char *xmlns, struct pack_reader *reader, void *object)
{
    struct extra *extra = element_member(object, element->extra);
    for (size_t i = 0; i < element->field_count; i++)
        unpack_field(&element->fields[i], reader, object);
    extra->attributes = pack_read_string(reader);
    extra->children = pack_read_string(reader);
    HRESULT hr = reader->failure;
    if (SUCCEEDED(hr) && !extra_is_empty(extra))
        hr = element_check_extra(element, xmlns, object);
    if (SUCCEEDED(hr) && element->child_count)
        hr = unpack_singles(element, xmlns, reader, object);
    if (SUCCEEDED(hr) && element->child_count)
        hr = unpack_lists(element, xmlns, reader, object);
    if (FAILED(hr))
        pack_reader_fail(reader, hr);
    return hr;
}
