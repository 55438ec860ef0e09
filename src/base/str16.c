/* SPDX-License-Identifier: MIT
 *
 * 16-bit strings. See str16.h.
 */
#include "base/str16.h"

#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"

/* Eight units at a time, from where such a step never crosses a page: it may read behind the NUL. A
   unit that is 0 borrows, which sets its top bit. */
__attribute__((no_sanitize("address"))) size_t str16_len(const WCHAR *text)
{
    const WCHAR *at = text;
    uint64_t four[2];
    if (!text)
        return 0;
    for (; (uintptr_t)at % sizeof(four); at++)
        if (!*at)
            return (size_t)(at - text);
    for (;; at += 8)
    {
        memcpy(four, at, sizeof(four));
        if ((((four[0] - 0x0001000100010001u) & ~four[0]) |
                ((four[1] - 0x0001000100010001u) & ~four[1])) &
            0x8000800080008000u)
            break;
    }
    while (*at)
        at++;
    return (size_t)(at - text);
}

WCHAR *str16_ndup(const WCHAR *text, size_t length)
{
    WCHAR *copy = NULL;
    if (text && length < SIZE_MAX / sizeof(WCHAR))
        copy = mem_alloc_raw((length + 1) * sizeof(WCHAR));
    if (!copy)
        return NULL;
    memcpy(copy, text, length * sizeof(WCHAR));
    copy[length] = 0;
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
    if (!text)
        return !*prefix;
    while (*prefix)
        if (*text++ != *prefix++)
            return false;
    return true;
}

bool str16_starts_with_nocase(const WCHAR *text, const WCHAR *prefix)
{
    if (!text)
        return !*prefix;
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

void str16_builder_add_utf8(struct str16_builder *builder, const char *text, size_t bytes)
{
    if (!reserve(builder, bytes))
        return;
    builder->length += utf8_decode(text, bytes, builder->text + builder->length);
    builder->text[builder->length] = 0;
}

void str16_builder_add_ascii(struct str16_builder *builder, const char *text)
{
    str16_builder_add_utf8(builder, text, strlen(text));
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
