/* SPDX-License-Identifier: MIT
 *
 * Base64. See base64.h.
 */
#include "document/base64.h"

#include <string.h>

#include "base/mem.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const BYTE *bytes, size_t size)
{
    if (size > SIZE_MAX / 2)
        return NULL;
    char *text = mem_alloc((size + 2) / 3 * 4 + 1);
    if (!text)
        return NULL;
    char *at = text;
    for (size_t i = 0; i < size; i += 3)
    {
        size_t here = size - i < 3 ? size - i : 3;
        uint32_t group = (uint32_t)bytes[i] << 16;
        if (here > 1)
            group |= (uint32_t)bytes[i + 1] << 8;
        if (here > 2)
            group |= bytes[i + 2];
        *at++ = alphabet[group >> 18];
        *at++ = alphabet[(group >> 12) & 63];
        *at++ = here > 1 ? alphabet[(group >> 6) & 63] : '=';
        *at++ = here > 2 ? alphabet[group & 63] : '=';
    }
    return text;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

HRESULT base64_decode(const char *text, size_t length, BYTE **bytes, size_t *size)
{
    size_t used = 0;
    size_t digits = 0;
    size_t padding = 0;
    uint32_t group = 0;
    BYTE *block = mem_alloc(length / 4 * 3 + 3);
    if (!block)
        return E_OUTOFMEMORY;
    for (size_t i = 0; i < length; i++)
    {
        if (is_space(text[i]))
            continue;
        const char *digit = text[i] ? strchr(alphabet, text[i]) : NULL;
        if (text[i] == '=')
            padding++;
        else if (!digit || padding)
            goto invalid;
        group = group << 6 | (digit ? (uint32_t)(digit - alphabet) : 0);
        if (++digits % 4)
            continue;
        block[used++] = (BYTE)(group >> 16);
        block[used++] = (BYTE)(group >> 8);
        block[used++] = (BYTE)group;
    }
    /* Padding stands for one or two bytes that are not there, and only in the last group. */
    if (digits % 4 || padding > 2)
        goto invalid;
    used -= padding;
    if (!used)
    {
        mem_free(block);
        block = NULL;
    }
    *bytes = block;
    *size = used;
    return S_OK;

invalid:
    mem_free(block);
    return E_INVALIDARG;
}
