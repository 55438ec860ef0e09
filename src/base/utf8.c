/* SPDX-License-Identifier: MIT
 *
 * UTF-16 to UTF-8 and back. See utf8.h, and str16.h for the allocating forms.
 */
#include "base/utf8.h"

#include "base/mem.h"
#include "base/str16.h"

#define REPLACEMENT_CHARACTER 0xFFFDu

static bool is_high_surrogate(uint32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low_surrogate(uint32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Writes one code point above ASCII. */
static unsigned char *encode_long(unsigned char *out, uint32_t code)
{
    if (code < 0x800)
    {
        *out++ = (unsigned char)(0xC0 | (code >> 6));
    }
    else if (code < 0x10000)
    {
        *out++ = (unsigned char)(0xE0 | (code >> 12));
        *out++ = (unsigned char)(0x80 | ((code >> 6) & 0x3F));
    }
    else
    {
        *out++ = (unsigned char)(0xF0 | (code >> 18));
        *out++ = (unsigned char)(0x80 | ((code >> 12) & 0x3F));
        *out++ = (unsigned char)(0x80 | ((code >> 6) & 0x3F));
    }
    *out++ = (unsigned char)(0x80 | (code & 0x3F));
    return out;
}

size_t utf8_encode(const WCHAR *text, size_t units, char *out, bool *ill_formed)
{
    unsigned char *at = (unsigned char *)out;
    for (size_t i = 0; i < units; i++)
    {
        uint32_t code = (uint16_t)text[i];
        if (code < 0x80)
        {
            *at++ = (unsigned char)code;
            continue;
        }
        if (is_high_surrogate(code) && i + 1 < units && is_low_surrogate((uint16_t)text[i + 1]))
        {
            code = 0x10000 + ((code - 0xD800) << 10) + ((uint16_t)text[++i] - 0xDC00u);
        }
        else if (is_high_surrogate(code) || is_low_surrogate(code))
        {
            code = REPLACEMENT_CHARACTER;
            *ill_formed = true;
        }
        at = encode_long(at, code);
    }
    return (size_t)(at - (unsigned char *)out);
}

/* Bytes of the sequence that `lead` begins; 0 when none begins with it. */
static size_t sequence_size(unsigned char lead)
{
    if (lead >= 0xF0)
        return lead <= 0xF4 ? 4 : 0;
    if (lead >= 0xE0)
        return 3;
    return lead >= 0xC2 ? 2 : 0;
}

/* Decodes one code point above ASCII at text[*at] and moves past it; ill-formed input moves one
   byte. */
static uint32_t decode_long(const unsigned char *text, size_t bytes, size_t *at)
{
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = text[(*at)++];
    size_t size = sequence_size(lead);
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

size_t utf8_decode(const char *text, size_t bytes, WCHAR *out)
{
    const unsigned char *in = (const unsigned char *)text;
    size_t used = 0;
    for (size_t at = 0; at < bytes;)
    {
        if (in[at] < 0x80)
        {
            out[used++] = (WCHAR)in[at++];
            continue;
        }
        uint32_t code = decode_long(in, bytes, &at);
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
    return used;
}

char *utf8_from_str16(const WCHAR *text, size_t units, size_t *length)
{
    bool ill_formed = false;
    if (units >= SIZE_MAX / UTF8_MOST_PER_UNIT)
        return NULL;
    char *out = mem_alloc(units * UTF8_MOST_PER_UNIT + 1);
    if (!out)
        return NULL;
    size_t used = utf8_encode(text, units, out, &ill_formed);
    if (length)
        *length = used;
    return out;
}

WCHAR *str16_from_utf8(const char *text, size_t bytes, size_t *length)
{
    if (bytes >= SIZE_MAX / sizeof(WCHAR))
        return NULL;
    WCHAR *out = mem_alloc_array(bytes + 1, sizeof(WCHAR));
    if (!out)
        return NULL;
    size_t used = utf8_decode(text, bytes, out);
    if (length)
        *length = used;
    return out;
}
