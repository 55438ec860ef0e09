/* SPDX-License-Identifier: MIT
 *
 * Markup and the escaping of what is in it. See markup.h.
 */
#include "cli/markup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/console.h"
#include "cli/text.h"

/* A pair of surrogates is four bytes. */
#define UTF8_LONGEST 4

static void append(struct markup *markup, const char *bytes, size_t length)
{
    if (markup->length + length > markup->capacity)
    {
        markup->capacity = (markup->length + length) * 2;
        markup->text = text_grow(markup->text, markup->capacity);
    }
    memcpy(markup->text + markup->length, bytes, length);
    markup->length += length;
}

void markup_add(struct markup *markup, const char *format, ...)
{
    char text[MARKUP_LIMIT];
    va_list list;

    va_start(list, format);
    int length = __mingw_vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    append(markup, text, length < MARKUP_LIMIT ? (size_t)length : MARKUP_LIMIT - 1);
}

void markup_raw(struct markup *markup, const char *text)
{
    append(markup, text, strlen(text));
}

static bool is_pair(const WCHAR *text)
{
    return text[0] >= 0xD800 && text[0] <= 0xDBFF && text[1] >= 0xDC00 && text[1] <= 0xDFFF;
}

/* What XML 1.0 has no place for, and what moves the text around it. */
static bool is_shown_by_number(WCHAR unit)
{
    return unit < 0x20 || (unit >= 0x7F && unit < 0xA0) || (unit >= 0xD800 && unit <= 0xDFFF) ||
        unit == 0x061C || unit == 0x200E || unit == 0x200F || (unit >= 0x2028 && unit <= 0x202E) ||
        (unit >= 0x2066 && unit <= 0x2069) || unit >= 0xFEFF;
}

static const char *entity(WCHAR unit)
{
    switch (unit)
    {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

void markup_text(struct markup *markup, const WCHAR *text)
{
    for (; text && *text; text++)
    {
        char bytes[UTF8_LONGEST + 4];
        const char *named = entity(*text);
        bool pair = is_pair(text);
        bool plain = pair || !is_shown_by_number(*text);
        int size;

        if (named)
            append(markup, named, strlen(named));
        else if (!plain)
            append(markup, bytes, sprintf(bytes, "\\u%04x", *text));
        else
        {
            size = WideCharToMultiByte(
                CP_UTF8, 0, text, pair ? 2 : 1, bytes, UTF8_LONGEST, NULL, NULL);
            append(markup, bytes, size);
            text += pair;
        }
    }
}

bool markup_write(const struct markup *markup, const WCHAR *path)
{
    DWORD written = 0;
    DWORD error;

    if (!path)
    {
        console_raw(markup->text, markup->length);
        return true;
    }
    HANDLE file = CreateFileW(
        path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    bool whole = WriteFile(file, markup->text, (DWORD)markup->length, &written, NULL) &&
        written == markup->length;
    error = whole ? ERROR_SUCCESS : GetLastError() ? GetLastError() : ERROR_DISK_FULL;
    CloseHandle(file);
    SetLastError(error);
    return whole;
}
