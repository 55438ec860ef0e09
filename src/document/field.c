/* SPDX-License-Identifier: MIT
 *
 * One attribute and one member. See field.h.
 */
#include "document/field.h"

#include <string.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "document/base64.h"
#include "model/backup_components.h"

/* The most characters of a GUID with braces, of a 64-bit number and of 0x with eight digits, and a
   NUL. */
#define SHORT_VALUE_SIZE 40

static bool parse_decimal(const char *text, uint64_t most, uint64_t *value)
{
    uint64_t number = 0;
    if (!*text)
        return false;
    for (; *text; text++)
    {
        if (*text < '0' || *text > '9')
            return false;
        unsigned digit = (unsigned)(*text - '0');
        if (number > (most - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *value = number;
    return true;
}

static bool parse_hex(const char *text, DWORD *value)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    size_t length = strlen(text);
    if (length < 3 || length > 10 || text[0] != '0' || text[1] != 'x')
        return false;
    DWORD number = 0;
    for (text += 2; *text; text++)
    {
        const char *digit = strchr(digits, *text);
        if (!digit)
            return false;
        size_t index = (size_t)(digit - digits);
        number = number << 4 | (DWORD)(index < 16 ? index : index - 6);
    }
    *value = number;
    return true;
}

static bool parse_guid(const char *text, size_t length, GUID *id)
{
    WCHAR wide[SHORT_VALUE_SIZE];
    if (length >= SHORT_VALUE_SIZE)
        return false;
    for (size_t i = 0; i <= length; i++)
        wide[i] = (WCHAR)(unsigned char)text[i];
    return guid_from_text(wide, id);
}

static bool parse_bool(const char *text, bool *value)
{
    bool yes = strcmp(text, "yes") == 0;
    if (!yes && strcmp(text, "no") != 0)
        return false;
    *value = yes;
    return true;
}

static HRESULT load_string(WCHAR **member, const struct xml_attribute *attribute)
{
    WCHAR *text = str16_from_utf8(attribute->value, attribute->value_length, NULL);
    if (!text)
        return E_OUTOFMEMORY;
    mem_free(*member);
    *member = text;
    return S_OK;
}

static HRESULT load_bytes(
    const struct field *field, void *object, const struct xml_attribute *attribute)
{
    BYTE **member = element_member(object, field->offset);
    BYTE *bytes = NULL;
    size_t size = 0;
    HRESULT hr = base64_decode(attribute->value, attribute->value_length, &bytes, &size);
    if (hr == E_INVALIDARG)
        return VSS_E_INVALID_XML_DOCUMENT;
    if (FAILED(hr))
        return hr;
    mem_free(*member);
    *member = bytes;
    *(UINT *)element_member(object, field->companion) = (UINT)size;
    return S_OK;
}

static HRESULT load_enum(const struct field *field, DWORD *member, const char *text)
{
    for (const struct spelling *row = field->spellings; row->text; row++)
    {
        if (strcmp(row->text, text) == 0)
        {
            *member = row->value;
            return S_OK;
        }
    }
    return S_FALSE;
}

/* Another version of the same format is read and kept; another format is refused. */
static HRESULT check_constant(const char *constant, const char *text)
{
    if (strcmp(constant, text) == 0)
        return S_OK;
    size_t major = strcspn(constant, ".");
    bool same = strncmp(constant, text, major) == 0 && (!text[major] || text[major] == '.');
    return same ? S_FALSE : VSS_E_INVALID_XML_DOCUMENT;
}

/* The kinds whose values are short texts of a fixed form. */
static bool load_short(
    const struct field *field, void *member, const struct xml_attribute *attribute)
{
    const char *text = attribute->value;
    uint64_t number = 0;
    bool answer = false;
    switch (field->kind)
    {
    case FIELD_GUID: return parse_guid(text, attribute->value_length, member);
    case FIELD_BOOL: return parse_bool(text, member);
    case FIELD_HEX: return parse_hex(text, member);
    case FIELD_ANSWER:
        if (!parse_bool(text, &answer))
            return false;
        *(enum answer *)member = answer ? ANSWER_YES : ANSWER_NO;
        return true;
    case FIELD_DECIMAL:
        if (!parse_decimal(text, field->most ? field->most : UINT32_MAX, &number))
            return false;
        *(DWORD *)member = (DWORD)number;
        return true;
    case FIELD_FILETIME:
        if (!parse_decimal(text, UINT64_MAX, &number))
            return false;
        *(FILETIME *)member = (FILETIME){(DWORD)number, (DWORD)(number >> 32)};
        return true;
    default: return false;
    }
}

void field_set_initial(const struct field *field, void *object)
{
    if (field->initial)
        *(DWORD *)element_member(object, field->offset) = field->initial;
}

/* What another maker means by a name that is ours is not for us to refuse. */
static HRESULT not_ours(const struct field *field, HRESULT hr)
{
    return hr == VSS_E_INVALID_XML_DOCUMENT && (field->flags & FIELD_OURS) ? S_FALSE : hr;
}

HRESULT field_load(const struct field *field, void *object, const struct xml_attribute *attribute)
{
    void *member = element_member(object, field->offset);
    switch (field->kind)
    {
    case FIELD_STRING: return load_string(member, attribute);
    case FIELD_BYTES: return not_ours(field, load_bytes(field, object, attribute));
    case FIELD_ENUM: return load_enum(field, member, attribute->value);
    case FIELD_CONSTANT: return check_constant(field->constant, attribute->value);
    default: break;
    }
    if (!load_short(field, member, attribute))
        return not_ours(field, VSS_E_INVALID_XML_DOCUMENT);
    if (field->flags & FIELD_GIVEN)
        *(bool *)element_member(object, field->companion) = true;
    return S_OK;
}

bool field_may_be_kept(const struct field *field)
{
    return field->kind == FIELD_CONSTANT || field->kind == FIELD_ENUM ||
        (field->flags & FIELD_OURS);
}

bool field_gives_way(const struct field *field, const void *object)
{
    const void *member = element_member(object, field->offset);
    if (!field_may_be_kept(field))
        return false;
    if (field->flags & FIELD_GIVEN)
        return !*(const bool *)element_member(object, field->companion);
    switch (field->kind)
    {
    case FIELD_CONSTANT: return true;
    case FIELD_ENUM:
    case FIELD_HEX: return !*(const DWORD *)member;
    case FIELD_ANSWER: return *(const enum answer *)member == ANSWER_UNSET;
    case FIELD_BOOL: return !*(const bool *)member;
    case FIELD_GUID: return guid_is_null(member);
    case FIELD_FILETIME:
        return !((const FILETIME *)member)->dwLowDateTime &&
            !((const FILETIME *)member)->dwHighDateTime;
    case FIELD_BYTES: return !*(const UINT *)element_member(object, field->companion);
    case FIELD_STRING:
    case FIELD_DECIMAL: break;
    }
    return false;
}

static void save_decimal(const struct field *field, uint64_t value, struct xml_writer *writer)
{
    char digits[SHORT_VALUE_SIZE];
    char *at = digits + sizeof(digits) - 1;
    *at = 0;
    do
        *--at = (char)('0' + value % 10);
    while (value /= 10);
    xml_writer_attribute_plain(writer, field->name, at);
}

static void save_hex(const struct field *field, DWORD value, struct xml_writer *writer)
{
    char text[SHORT_VALUE_SIZE] = "0x";
    for (int i = 0; i < 8; i++)
        text[2 + i] = "0123456789abcdef"[(value >> (28 - 4 * i)) & 15];
    xml_writer_attribute_plain(writer, field->name, text);
}

static void save_bytes(const struct field *field, const void *object, struct xml_writer *writer)
{
    BYTE *bytes = *(BYTE **)element_member(object, field->offset);
    UINT size = *(UINT *)element_member(object, field->companion);
    if (!size)
        return;
    char *text = base64_encode(bytes, size);
    if (text)
        xml_writer_attribute_plain(writer, field->name, text);
    else
        writer->failure = E_OUTOFMEMORY;
    mem_free(text);
}

const char *field_spelling(const struct field *field, DWORD value)
{
    for (const struct spelling *row = field->spellings; row->text; row++)
        if (row->value == value)
            return row->text;
    return NULL;
}

static void save_enum(const struct field *field, DWORD value, struct xml_writer *writer)
{
    const char *text = field_spelling(field, value);
    if (text)
        xml_writer_attribute_plain(writer, field->name, text);
}

static void save_bool(const struct field *field, bool value, struct xml_writer *writer)
{
    xml_writer_attribute_plain(writer, field->name, value ? "yes" : "no");
}

/* Whether an optional member holds what its attribute's absence means. */
static bool is_absent(const struct field *field, const void *object)
{
    const void *member = element_member(object, field->offset);
    if (field->flags & FIELD_GIVEN)
        return !*(bool *)element_member(object, field->companion);
    if (!(field->flags & FIELD_OPTIONAL))
        return false;
    if (field->kind == FIELD_GUID)
        return guid_is_null(member);
    if (field->kind == FIELD_BOOL)
        return !*(const bool *)member;
    return *(const DWORD *)member == field->initial;
}

void field_save(const struct field *field, const void *object, struct xml_writer *writer)
{
    const void *member = element_member(object, field->offset);
    WCHAR guid[GUID_TEXT_LENGTH + 1];
    if (is_absent(field, object))
        return;
    switch (field->kind)
    {
    case FIELD_STRING:
        if (*(WCHAR *const *)member)
            xml_writer_attribute(writer, field->name, *(WCHAR *const *)member);
        break;
    case FIELD_GUID:
        guid_to_text(member, guid);
        xml_writer_attribute(writer, field->name, guid);
        break;
    case FIELD_BOOL: save_bool(field, *(const bool *)member, writer); break;
    case FIELD_ANSWER:
        if (*(const enum answer *)member != ANSWER_UNSET)
            save_bool(field, *(const enum answer *)member == ANSWER_YES, writer);
        break;
    case FIELD_DECIMAL: save_decimal(field, *(const DWORD *)member, writer); break;
    case FIELD_HEX: save_hex(field, *(const DWORD *)member, writer); break;
    case FIELD_ENUM: save_enum(field, *(const DWORD *)member, writer); break;
    case FIELD_FILETIME:
        save_decimal(field,
            (uint64_t)((const FILETIME *)member)->dwHighDateTime << 32 |
                ((const FILETIME *)member)->dwLowDateTime,
            writer);
        break;
    case FIELD_BYTES: save_bytes(field, object, writer); break;
    case FIELD_CONSTANT: xml_writer_attribute_plain(writer, field->name, field->constant); break;
    }
}
