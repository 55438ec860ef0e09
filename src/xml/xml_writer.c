/* SPDX-License-Identifier: MIT
 *
 * An escaping writer. See xml_writer.h.
 */
#include "xml/xml_writer.h"

#include <string.h>

#include "base/mem.h"

/* What a code unit needs. The escaped ones come first; the text that stands for each is in
   `escapes`. */
enum unit_class
{
    UNIT_AMPERSAND,
    UNIT_LESS,
    UNIT_GREATER,
    UNIT_QUOTE, /* from here on: in attributes only */
    UNIT_TAB,
    UNIT_LINE_FEED,
    UNIT_RETURN, /* in texts as well: a reader drops a plain one */
    UNIT_PLAIN,
    UNIT_SURROGATE,
    UNIT_FORBIDDEN
};

static const char *const escapes[] = {
    [UNIT_AMPERSAND] = "&amp;",
    [UNIT_LESS] = "&lt;",
    [UNIT_GREATER] = "&gt;",
    [UNIT_QUOTE] = "&quot;",
    [UNIT_TAB] = "&#9;",
    [UNIT_LINE_FEED] = "&#10;",
    [UNIT_RETURN] = "&#13;",
};

static enum unit_class classify(uint16_t unit)
{
    switch (unit)
    {
    case '&': return UNIT_AMPERSAND;
    case '<': return UNIT_LESS;
    case '>': return UNIT_GREATER;
    case '"': return UNIT_QUOTE;
    case '\t': return UNIT_TAB;
    case '\n': return UNIT_LINE_FEED;
    case '\r': return UNIT_RETURN;
    default: break;
    }
    if (unit < 0x20 || unit >= 0xFFFE)
        return UNIT_FORBIDDEN;
    return unit >= 0xD800 && unit <= 0xDFFF ? UNIT_SURROGATE : UNIT_PLAIN;
}

static bool is_pair(const WCHAR *text, size_t left)
{
    return left >= 2 && (text[0] & 0xFC00) == 0xD800 && (text[1] & 0xFC00) == 0xDC00;
}

/* Units from `text` on that are written as they are. *stop says what ends them: an escape, or
   UNIT_FORBIDDEN, or UNIT_PLAIN when it was the end of the text. */
static size_t plain_run(const WCHAR *text, size_t length, bool in_attribute, enum unit_class *stop)
{
    size_t i = 0;
    while (i < length)
    {
        enum unit_class unit = classify((uint16_t)text[i]);
        if (unit == UNIT_SURROGATE)
        {
            if (!is_pair(text + i, length - i))
                unit = UNIT_FORBIDDEN;
            else
                i++;
        }
        bool as_it_is = unit == UNIT_PLAIN || unit == UNIT_SURROGATE ||
            (!in_attribute && unit >= UNIT_QUOTE && unit <= UNIT_LINE_FEED);
        if (!as_it_is)
        {
            *stop = unit;
            return i;
        }
        i++;
    }
    *stop = UNIT_PLAIN;
    return length;
}

bool xml_is_valid_text(const WCHAR *text)
{
    size_t length = str16_len(text);
    for (size_t i = 0; i < length; i++)
    {
        enum unit_class stop;
        i += plain_run(text + i, length - i, true, &stop);
        if (stop == UNIT_FORBIDDEN)
            return false;
    }
    return true;
}

static void fail(struct xml_writer *writer, HRESULT hr)
{
    if (SUCCEEDED(writer->failure))
        writer->failure = hr;
}

static void add_escaped(
    struct xml_writer *writer, const WCHAR *text, size_t length, bool in_attribute)
{
    for (;;)
    {
        enum unit_class stop;
        size_t plain = plain_run(text, length, in_attribute, &stop);
        str16_builder_add_n(&writer->out, text, plain);
        if (plain == length)
            return;
        if (stop == UNIT_FORBIDDEN)
        {
            fail(writer, E_INVALIDARG);
            return;
        }
        str16_builder_add_ascii(&writer->out, escapes[stop]);
        text += plain + 1;
        length -= plain + 1;
    }
}

static void add_escaped_utf8(
    struct xml_writer *writer, const char *text, size_t length, bool in_attribute)
{
    size_t units = 0;
    WCHAR *wide = str16_from_utf8(text, length, &units);
    if (wide)
        add_escaped(writer, wide, units, in_attribute);
    else
        fail(writer, E_OUTOFMEMORY);
    mem_free(wide);
}

static void add_name(struct xml_writer *writer, const char *name)
{
    str16_builder_add_utf8(&writer->out, name, strlen(name));
}

static void close_tag(struct xml_writer *writer)
{
    if (writer->in_tag)
        str16_builder_add_char(&writer->out, '>');
    writer->in_tag = false;
}

void xml_writer_start(struct xml_writer *writer, const char *name)
{
    close_tag(writer);
    str16_builder_add_char(&writer->out, '<');
    add_name(writer, name);
    writer->in_tag = true;
}

void xml_writer_end(struct xml_writer *writer, const char *name)
{
    if (writer->in_tag)
    {
        str16_builder_add_ascii(&writer->out, "/>");
        writer->in_tag = false;
        return;
    }
    str16_builder_add_ascii(&writer->out, "</");
    add_name(writer, name);
    str16_builder_add_char(&writer->out, '>');
}

static void open_attribute(struct xml_writer *writer, const char *name)
{
    str16_builder_add_char(&writer->out, ' ');
    add_name(writer, name);
    str16_builder_add_ascii(&writer->out, "=\"");
}

void xml_writer_attribute(struct xml_writer *writer, const char *name, const WCHAR *value)
{
    open_attribute(writer, name);
    add_escaped(writer, value, str16_len(value), true);
    str16_builder_add_char(&writer->out, '"');
}

void xml_writer_attribute_utf8(
    struct xml_writer *writer, const char *name, const char *value, size_t length)
{
    open_attribute(writer, name);
    add_escaped_utf8(writer, value, length, true);
    str16_builder_add_char(&writer->out, '"');
}

void xml_writer_attribute_plain(struct xml_writer *writer, const char *name, const char *value)
{
    open_attribute(writer, name);
    str16_builder_add_ascii(&writer->out, value);
    str16_builder_add_char(&writer->out, '"');
}

void xml_writer_raw_attributes(struct xml_writer *writer, const WCHAR *text, size_t length)
{
    str16_builder_add_n(&writer->out, text, length);
}

void xml_writer_text_utf8(struct xml_writer *writer, const char *text, size_t length)
{
    close_tag(writer);
    add_escaped_utf8(writer, text, length, false);
}

void xml_writer_raw_content(struct xml_writer *writer, const WCHAR *text)
{
    if (!text || !*text)
        return;
    close_tag(writer);
    str16_builder_add(&writer->out, text);
}

HRESULT xml_writer_take(struct xml_writer *writer, WCHAR **text, size_t *length)
{
    size_t units = writer->out.length;
    if (FAILED(writer->failure))
        return writer->failure;
    WCHAR *taken = str16_builder_take(&writer->out);
    if (!taken)
        return E_OUTOFMEMORY;
    *text = taken;
    if (length)
        *length = units;
    xml_writer_free(writer);
    return S_OK;
}

void xml_writer_free(struct xml_writer *writer)
{
    str16_builder_free(&writer->out);
    memset(writer, 0, sizeof(*writer));
}
