/* SPDX-License-Identifier: MIT
 *
 * 16-bit strings. See str16.h.
 */
#include "base/str16.h"

#include <string.h>

#include "base/mem.h"

#define REPLACEMENT_CHARACTER 0xFFFDu

size_t str16_len(const WCHAR *text)
{
    size_t length = 0;
    if (text)
        while (text[length])
            length++;
    return length;
}

WCHAR *str16_ndup(const WCHAR *text, size_t length)
{
    WCHAR *copy = NULL;
    if (text && length < SIZE_MAX / sizeof(WCHAR))
        copy = mem_alloc_array(length + 1, sizeof(WCHAR));
    if (copy)
        memcpy(copy, text, length * sizeof(WCHAR));
    return copy;
}

WCHAR *str16_dup(const WCHAR *text)
{
    return str16_ndup(text, str16_len(text));
}

HRESULT str16_assign(WCHAR **target, const WCHAR *source)
{
    WCHAR *copy = NULL;
    if (source)
    {
        copy = str16_dup(source);
        if (!copy)
            return E_OUTOFMEMORY;
    }
    mem_free(*target);
    *target = copy;
    return S_OK;
}

int str16_compare(const WCHAR *a, const WCHAR *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    while (*a && *a == *b)
    {
        a++;
        b++;
    }
    return (int)*a - (int)*b;
}

bool str16_equal(const WCHAR *a, const WCHAR *b)
{
    return str16_compare(a, b) == 0;
}

bool str16_equal_or_empty(const WCHAR *a, const WCHAR *b)
{
    static const WCHAR empty[] = {0};
    return str16_equal(a ? a : empty, b ? b : empty);
}

static WCHAR ascii_lower(WCHAR unit)
{
    return unit >= 'A' && unit <= 'Z' ? (WCHAR)(unit + ('a' - 'A')) : unit;
}

bool str16_equal_nocase(const WCHAR *a, const WCHAR *b)
{
    if (!a || !b)
        return a == b;
    while (*a && ascii_lower(*a) == ascii_lower(*b))
    {
        a++;
        b++;
    }
    return ascii_lower(*a) == ascii_lower(*b);
}

bool str16_starts_with(const WCHAR *text, const WCHAR *prefix)
{
    while (*prefix)
        if (*text++ != *prefix++)
            return false;
    return true;
}

bool str16_starts_with_nocase(const WCHAR *text, const WCHAR *prefix)
{
    while (*prefix)
        if (ascii_lower(*text++) != ascii_lower(*prefix++))
            return false;
    return true;
}

bool str16_ends_with_char(const WCHAR *text, WCHAR last)
{
    size_t length = str16_len(text);
    return length && text[length - 1] == last;
}

const WCHAR *str16_find_char(const WCHAR *text, WCHAR wanted)
{
    for (; text && *text; text++)
        if (*text == wanted)
            return text;
    return NULL;
}

const WCHAR *str16_find_last_char(const WCHAR *text, WCHAR wanted)
{
    const WCHAR *last = NULL;
    for (; text && *text; text++)
        if (*text == wanted)
            last = text;
    return last;
}

static bool is_high_surrogate(uint32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low_surrogate(uint32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

char *utf8_from_str16(const WCHAR *text, size_t units, size_t *length)
{
    /* A code unit needs at most three bytes; a surrogate pair needs four for two units. */
    if (units >= SIZE_MAX / 3)
        return NULL;
    unsigned char *out = mem_alloc(units * 3 + 1);
    if (!out)
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < units; i++)
    {
        uint32_t code = (uint16_t)text[i];
        if (is_high_surrogate(code) && i + 1 < units && is_low_surrogate((uint16_t)text[i + 1]))
            code = 0x10000 + ((code - 0xD800) << 10) + ((uint16_t)text[++i] - 0xDC00u);
        else if (is_high_surrogate(code) || is_low_surrogate(code))
            code = REPLACEMENT_CHARACTER;

        if (code < 0x80)
        {
            out[used++] = (unsigned char)code;
        }
        else if (code < 0x800)
        {
            out[used++] = (unsigned char)(0xC0 | (code >> 6));
            out[used++] = (unsigned char)(0x80 | (code & 0x3F));
        }
        else if (code < 0x10000)
        {
            out[used++] = (unsigned char)(0xE0 | (code >> 12));
            out[used++] = (unsigned char)(0x80 | ((code >> 6) & 0x3F));
            out[used++] = (unsigned char)(0x80 | (code & 0x3F));
        }
        else
        {
            out[used++] = (unsigned char)(0xF0 | (code >> 18));
            out[used++] = (unsigned char)(0x80 | ((code >> 12) & 0x3F));
            out[used++] = (unsigned char)(0x80 | ((code >> 6) & 0x3F));
            out[used++] = (unsigned char)(0x80 | (code & 0x3F));
        }
    }
    out[used] = 0;
    if (length)
        *length = used;
    return (char *)out;
}

/* Decodes one code point at text[*at] and moves past it; ill-formed input gives U+FFFD and moves one byte. */
static uint32_t utf8_next(const unsigned char *text, size_t bytes, size_t *at)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = text[(*at)++];
    if (lead < 0x80)
        return lead;
    size_t size = lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : lead >= 0xC2 && lead < 0xE0 ? 2 : 0;
    if (!size || bytes - *at < size - 1)
        return REPLACEMENT_CHARACTER;
    uint32_t code = lead & (0xFFu >> (size + 1));
    for (size_t i = 0; i < size - 1; i++)
    {
        unsigned char next = text[*at + i];
        if ((next & 0xC0) != 0x80)
            return REPLACEMENT_CHARACTER;
        code = (code << 6) | (next & 0x3Fu);
    }
    if (code < least[size] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return REPLACEMENT_CHARACTER;
    *at += size - 1;
    return code;
}

WCHAR *str16_from_utf8(const char *text, size_t bytes, size_t *length)
{
    if (bytes >= SIZE_MAX / sizeof(WCHAR))
        return NULL;
    WCHAR *out = mem_alloc_array(bytes + 1, sizeof(WCHAR));
    if (!out)
        return NULL;
    size_t used = 0;
    for (size_t at = 0; at < bytes;)
    {
        uint32_t code = utf8_next((const unsigned char *)text, bytes, &at);
        if (code >= 0x10000)
        {
            out[used++] = (WCHAR)(0xD800 + ((code - 0x10000) >> 10));
            out[used++] = (WCHAR)(0xDC00 + ((code - 0x10000) & 0x3FF));
        }
        else
        {
            out[used++] = (WCHAR)code;
        }
    }
    if (length)
        *length = used;
    return out;
}

static bool reserve(struct str16_builder *builder, size_t more)
{
    if (builder->failed)
        return false;
    if (more < SIZE_MAX / sizeof(WCHAR) / 2 - builder->length)
    {
        size_t needed = builder->length + more + 1;
        if (needed <= builder->capacity)
            return true;
        size_t capacity = builder->capacity ? builder->capacity : 32;
        while (capacity < needed)
            capacity *= 2;
        WCHAR *grown = mem_realloc(builder->text, capacity * sizeof(WCHAR));
        if (grown)
        {
            builder->text = grown;
            builder->capacity = capacity;
            return true;
        }
    }
    builder->failed = true;
    return false;
}

void str16_builder_add_n(struct str16_builder *builder, const WCHAR *text, size_t length)
{
    if (!reserve(builder, length))
        return;
    if (length)
        memcpy(builder->text + builder->length, text, length * sizeof(WCHAR));
    builder->length += length;
    builder->text[builder->length] = 0;
}

void str16_builder_add(struct str16_builder *builder, const WCHAR *text)
{
    str16_builder_add_n(builder, text, str16_len(text));
}

void str16_builder_add_char(struct str16_builder *builder, WCHAR unit)
{
    str16_builder_add_n(builder, &unit, 1);
}

void str16_builder_add_ascii(struct str16_builder *builder, const char *text)
{
    for (; *text; text++)
        str16_builder_add_char(builder, (WCHAR)(unsigned char)*text);
}

void str16_builder_add_unsigned(struct str16_builder *builder, uint64_t value)
{
    char digits[21];
    char *at = digits + sizeof(digits) - 1;
    *at = 0;
    do
        *--at = (char)('0' + value % 10);
    while (value /= 10);
    str16_builder_add_ascii(builder, at);
}

WCHAR *str16_builder_take(struct str16_builder *builder)
{
    WCHAR *text = NULL;
    if (reserve(builder, 0))
    {
        builder->text[builder->length] = 0;
        text = builder->text;
        builder->text = NULL;
    }
    str16_builder_free(builder);
    return text;
}

void str16_builder_free(struct str16_builder *builder)
{
    mem_free(builder->text);
    memset(builder, 0, sizeof(*builder));
}
