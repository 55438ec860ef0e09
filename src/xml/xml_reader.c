/* SPDX-License-Identifier: MIT
 *
 * A pull reader over libexpat. See xml_reader.h.
 *
 * libexpat pushes; what it pushes for one piece of the text is queued in `chars` and two arrays,
 * then handed out event by event, and the next piece is fed when the queue is empty. Queued things
 * refer to `chars` by offset, because it moves while it grows.
 */
#include "xml/xml_reader.h"

#include <expat.h>
#include <string.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "xml/xml_limits.h"

/* Units of the text that are fed at once: large enough that the costs of a piece vanish, small
   enough that the queue stays in the processor's cache. A value may fill many pieces: libexpat 2.6,
   and Debian's 2.5 with it, put off scanning an unfinished tag anew until there is twice as much of
   it. */
#define PIECE_UNITS 16384u

_Static_assert(XML_MAX_DEPTH == 256, "the sentence says so");
#define TOO_DEEP "elements are nested deeper than 256"
_Static_assert(XML_MAX_BINDINGS == 64, "the sentence says so");
#define TOO_MANY_BINDINGS "more than 64 namespace declarations are in force"
_Static_assert(XML_MAX_DOCUMENT_UNITS == 33554432, "the sentence says so");
#define TOO_LONG "it is longer than 33554432 characters"

struct queued_event
{
    enum xml_event_kind kind;
    long byte;   /* where it stands in the text as UTF-8 */
    size_t name; /* of the element, or the text */
    size_t length;
    size_t first_attribute;
    size_t attribute_count;
};

struct queued_attribute
{
    size_t name;
    size_t value;
    size_t value_length;
};

struct array
{
    void *items;
    size_t count;
    size_t capacity;
};

struct xml_reader
{
    XML_Parser parser;
    HRESULT failure;
    struct xml_flaw *flaw; /* may be NULL */

    const WCHAR *whole;
    size_t whole_length;
    const WCHAR *text; /* what has not been fed yet */
    size_t length;
    bool fed_all;
    unsigned feeding_depth; /* of the element that libexpat is in */

    struct array chars;      /* char */
    struct array events;     /* struct queued_event */
    struct array attributes; /* struct queued_attribute */
    size_t next_event;

    struct xml_namespaces namespaces;
    unsigned depth; /* of the element that the last event is about */
    struct xml_event event;
    long event_byte;
    struct array event_attributes; /* struct xml_attribute */
};

/* Room for `more` items behind the last. NULL when memory is exhausted. */
static void *reserve(struct array *array, size_t more, size_t size)
{
    if (more > array->capacity - array->count)
    {
        size_t capacity = array->capacity ? array->capacity : 256;
        while (capacity - array->count < more)
            capacity *= 2;
        void *grown = mem_realloc(array->items, capacity * size);
        if (!grown)
            return NULL;
        array->items = grown;
        array->capacity = capacity;
    }
    return (char *)array->items + array->count * size;
}

/* ---- what is wrong, and where ---- */

/* NULL, or what the first unit tells of a text that was never UTF-16 as it should be. */
static const char *wrong_encoding(const struct xml_reader *reader)
{
    WCHAR first = reader->whole[0];
    /* A byte order mark, or < with something that is not its upper half. */
    if (first == 0xBBEF || ((first & 0xFF) == '<' && first >> 8))
        return "it is not UTF-16 but eight-bit text";
    if (first == 0xFFFE || first == '<' << 8)
        return "it is not UTF-16 with the lower byte first";
    return NULL;
}

static HRESULT refuse_at(
    struct xml_reader *reader, const char *reason, const char *name, size_t unit)
{
    const char *encoding = wrong_encoding(reader);
    xml_flaw_set(reader->flaw, encoding ? encoding : reason, encoding ? "" : name, reader->whole,
        reader->whole_length, encoding ? 0 : unit);
    return VSS_E_INVALID_XML_DOCUMENT;
}

static HRESULT refuse_at_byte(
    struct xml_reader *reader, const char *reason, const char *name, long byte)
{
    return refuse_at(reader, reason, name,
        xml_flaw_unit_of_byte(reader->whole, reader->whole_length, byte > 0 ? (size_t)byte : 0));
}

HRESULT xml_reader_refuse(struct xml_reader *reader, const char *reason, const char *name)
{
    return refuse_at_byte(reader, reason, name, reader->event_byte);
}

static void fail(struct xml_reader *reader, HRESULT hr)
{
    if (SUCCEEDED(reader->failure))
        reader->failure = hr;
    XML_StopParser(reader->parser, XML_FALSE);
}

/* For libexpat's callbacks. */
static void fail_text(struct xml_reader *reader, const char *reason)
{
    if (SUCCEEDED(reader->failure))
        fail(reader,
            refuse_at_byte(reader, reason, "", (long)XML_GetCurrentByteIndex(reader->parser)));
}

/* ---- what libexpat says ---- */

/* Copies the text and a NUL into `chars`; *offset says where. */
static bool queue_chars(struct xml_reader *reader, const char *text, size_t length, size_t *offset)
{
    char *at = reserve(&reader->chars, length + 1, 1);
    if (!at)
        return false;
    memcpy(at, text, length);
    at[length] = 0;
    *offset = reader->chars.count;
    reader->chars.count += length + 1;
    return true;
}

static struct queued_event *queue_event(struct xml_reader *reader, enum xml_event_kind kind)
{
    struct queued_event *event = reserve(&reader->events, 1, sizeof(*event));
    if (event)
    {
        *event = (struct queued_event){.kind = kind,
            .byte = (long)XML_GetCurrentByteIndex(reader->parser),
            .first_attribute = reader->attributes.count};
        reader->events.count++;
    }
    return event;
}

static bool queue_attribute(struct xml_reader *reader, const char *name, const char *value)
{
    struct queued_attribute *attribute = reserve(&reader->attributes, 1, sizeof(*attribute));
    if (!attribute)
        return false;
    attribute->value_length = strlen(value);
    if (!queue_chars(reader, name, strlen(name), &attribute->name) ||
        !queue_chars(reader, value, attribute->value_length, &attribute->value))
        return false;
    reader->attributes.count++;
    return true;
}

static void XMLCALL on_start(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct xml_reader *reader = context;
    if (FAILED(reader->failure)) /* libexpat may still call after it was told to stop */
        return;
    if (++reader->feeding_depth > XML_MAX_DEPTH)
    {
        fail_text(reader, TOO_DEEP);
        return;
    }
    struct queued_event *event = queue_event(reader, XML_EVENT_START);
    if (!event || !queue_chars(reader, name, strlen(name), &event->name))
    {
        fail(reader, E_OUTOFMEMORY);
        return;
    }
    for (; *attributes; attributes += 2)
    {
        if (!queue_attribute(reader, attributes[0], attributes[1]))
        {
            fail(reader, E_OUTOFMEMORY);
            return;
        }
        event->attribute_count++;
    }
}

static void XMLCALL on_end(void *context, const XML_Char *name)
{
    struct xml_reader *reader = context;
    if (FAILED(reader->failure))
        return;
    reader->feeding_depth--;
    struct queued_event *event = queue_event(reader, XML_EVENT_END);
    if (!event || !queue_chars(reader, name, strlen(name), &event->name))
        fail(reader, E_OUTOFMEMORY);
}

/* libexpat splits a text at line ends and references: pieces that follow one another become one
   event. */
static void XMLCALL on_text(void *context, const XML_Char *text, int length)
{
    struct xml_reader *reader = context;
    if (FAILED(reader->failure))
        return;
    struct queued_event *event = NULL;
    if (reader->events.count)
        event = (struct queued_event *)reader->events.items + reader->events.count - 1;
    if (event && event->kind == XML_EVENT_TEXT)
        reader->chars.count--; /* the NUL behind the piece before */
    else
        event = queue_event(reader, XML_EVENT_TEXT);

    size_t offset = 0;
    if (!event || !queue_chars(reader, text, (size_t)length, &offset))
    {
        fail(reader, E_OUTOFMEMORY);
        return;
    }
    if (!event->length)
        event->name = offset;
    event->length += (size_t)length;
}

/* These documents have no DTD. Stopping here means that no entity is ever declared, let alone
   expanded. */
static void XMLCALL on_doctype(void *context, const XML_Char *name, const XML_Char *system_id,
    const XML_Char *public_id, int has_internal_subset)
{
    (void)name;
    (void)system_id;
    (void)public_id;
    (void)has_internal_subset;
    fail_text(context, "it has a DTD, which is not allowed");
}

/* ---- reading ---- */

HRESULT xml_reader_open(
    const WCHAR *text, size_t length, struct xml_flaw *flaw, struct xml_reader **out)
{
    static const XML_Memory_Handling_Suite memory = {mem_alloc, mem_realloc, mem_free};
    if (!length || length > XML_MAX_DOCUMENT_UNITS)
    {
        xml_flaw_set(flaw, length ? TOO_LONG : "it is empty", "", text, length, 0);
        return VSS_E_INVALID_XML_DOCUMENT;
    }
    struct xml_reader *reader = mem_alloc(sizeof(*reader));
    if (!reader)
        return E_OUTOFMEMORY;
    reader->flaw = flaw;
    reader->whole = reader->text = text;
    reader->whole_length = reader->length = length;
    /* Naming the encoding makes libexpat ignore what a declaration in the text says. */
    reader->parser = XML_ParserCreate_MM("UTF-8", &memory, NULL);
    if (!reader->parser)
    {
        xml_reader_close(reader);
        return E_OUTOFMEMORY;
    }
    XML_SetUserData(reader->parser, reader);
    XML_SetElementHandler(reader->parser, on_start, on_end);
    XML_SetCharacterDataHandler(reader->parser, on_text);
    XML_SetStartDoctypeDeclHandler(reader->parser, on_doctype);
    *out = reader;
    return S_OK;
}

/* Units of the next piece. A surrogate pair stays in one. */
static size_t next_piece(const struct xml_reader *reader)
{
    size_t units = reader->length < PIECE_UNITS ? reader->length : PIECE_UNITS;
    if (units > 1 && units < reader->length && (reader->text[units - 1] & 0xFC00) == 0xD800)
        units--;
    return units;
}

static HRESULT parse_failure(struct xml_reader *reader)
{
    if (FAILED(reader->failure))
        return reader->failure;
    enum XML_Error error = XML_GetErrorCode(reader->parser);
    long byte = (long)XML_GetCurrentByteIndex(reader->parser);
    switch (error)
    {
    case XML_ERROR_NO_MEMORY: return E_OUTOFMEMORY;
    case XML_ERROR_NO_ELEMENTS:
    case XML_ERROR_UNCLOSED_CDATA_SECTION:
        return refuse_at(reader, "the text ends too early", "", reader->whole_length);
    case XML_ERROR_UNCLOSED_TOKEN:
    case XML_ERROR_PARTIAL_CHAR:
        return refuse_at_byte(reader, "the text ends too early for what begins here", "", byte);
    default: return refuse_at_byte(reader, XML_ErrorString(error), "", byte);
    }
}

/* Fills the empty queue with what the next piece of the text yields, which may be nothing. */
static HRESULT feed(struct xml_reader *reader)
{
    reader->chars.count = 0;
    reader->events.count = 0;
    reader->attributes.count = 0;
    reader->next_event = 0;

    size_t units = next_piece(reader);
    bool ill_formed = false;
    /* XML_MAX_DOCUMENT_UNITS keeps the size far below INT_MAX. */
    char *buffer = XML_GetBuffer(reader->parser, (int)(units * UTF8_MOST_PER_UNIT));
    if (!buffer)
        return parse_failure(reader);
    size_t bytes = utf8_encode(reader->text, units, buffer, &ill_formed);
    if (ill_formed)
        return refuse_at(reader, "it is not UTF-16: half of a surrogate pair", "",
            (size_t)(reader->text - reader->whole) + xml_flaw_lone_surrogate(reader->text, units));
    reader->text += units;
    reader->length -= units;
    reader->fed_all = reader->length == 0;
    if (XML_ParseBuffer(reader->parser, (int)bytes, reader->fed_all) != XML_STATUS_OK)
        return parse_failure(reader);
    return S_OK;
}

HRESULT xml_reader_bind(struct xml_reader *reader, const char *prefix, size_t prefix_length,
    const char *uri, unsigned depth)
{
    bool full = reader->namespaces.bindings.count >= XML_MAX_BINDINGS;
    HRESULT hr = xml_namespaces_push(&reader->namespaces, prefix, prefix_length, uri, depth);
    if (hr == VSS_E_INVALID_XML_DOCUMENT)
        xml_reader_refuse(reader, full ? TOO_MANY_BINDINGS : "a prefix is declared as nothing", "");
    return hr;
}

/* The declarations among the event's attributes come into force. */
static HRESULT bind_declarations(struct xml_reader *reader)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; SUCCEEDED(hr) && i < reader->event.attribute_count; i++)
    {
        const struct xml_attribute *attribute = &reader->event.attributes[i];
        if (strncmp(attribute->name, "xmlns", 5) != 0)
            continue;
        if (!attribute->name[5])
            hr = xml_reader_bind(reader, "", 0, attribute->value, reader->depth);
        else if (attribute->name[5] == ':')
            hr = xml_reader_bind(reader, attribute->name + 6, strlen(attribute->name + 6),
                attribute->value, reader->depth);
    }
    return hr;
}

static HRESULT resolve_name(struct xml_reader *reader)
{
    struct xml_event *event = &reader->event;
    size_t prefix_length = xml_prefix_length(event->name);
    const struct xml_binding *binding = xml_namespaces_find(
        &reader->namespaces, event->name, prefix_length);
    if (!binding && prefix_length)
        return xml_reader_refuse(reader, "a prefix is not declared", "");
    event->local = event->name + (prefix_length ? prefix_length + 1 : 0);
    event->uri = binding ? binding->uri : "";
    return S_OK;
}

static HRESULT deliver_start(struct xml_reader *reader, const struct queued_event *queued)
{
    const char *chars = reader->chars.items;
    size_t count = queued->attribute_count;
    struct xml_attribute *attributes = NULL;
    reader->event_attributes.count = 0;
    if (count)
    {
        attributes = reserve(&reader->event_attributes, count, sizeof(*attributes));
        if (!attributes)
            return E_OUTOFMEMORY;
    }
    for (size_t i = 0; i < count; i++)
    {
        const struct queued_attribute *from = (struct queued_attribute *)reader->attributes.items +
            queued->first_attribute + i;
        attributes[i] = (struct xml_attribute){
            chars + from->name, chars + from->value, from->value_length};
    }
    reader->event.depth = ++reader->depth;
    reader->event.attributes = attributes;
    reader->event.attribute_count = count;
    HRESULT hr = bind_declarations(reader);
    return SUCCEEDED(hr) ? resolve_name(reader) : hr;
}

static HRESULT deliver(struct xml_reader *reader, const struct queued_event *queued)
{
    const char *chars = (char *)reader->chars.items + queued->name;
    reader->event = (struct xml_event){.kind = queued->kind, .depth = reader->depth};
    reader->event_byte = queued->byte;
    switch (queued->kind)
    {
    case XML_EVENT_START: reader->event.name = chars; return deliver_start(reader, queued);
    case XML_EVENT_END:
        reader->event.name = chars;
        xml_namespaces_pop(&reader->namespaces, reader->depth--);
        break;
    case XML_EVENT_TEXT:
        reader->event.text = chars;
        reader->event.text_length = queued->length;
        break;
    case XML_EVENT_DONE: break;
    }
    return S_OK;
}

HRESULT xml_reader_next(struct xml_reader *reader, const struct xml_event **event)
{
    static const struct queued_event done = {.kind = XML_EVENT_DONE};
    HRESULT hr = reader->failure;
    while (SUCCEEDED(hr) && reader->next_event == reader->events.count && !reader->fed_all)
        hr = feed(reader);
    if (SUCCEEDED(hr) && reader->next_event == reader->events.count)
        hr = deliver(reader, &done);
    else if (SUCCEEDED(hr))
        hr = deliver(reader, (struct queued_event *)reader->events.items + reader->next_event++);
    reader->failure = hr;
    if (SUCCEEDED(hr))
        *event = &reader->event;
    return hr;
}

struct xml_namespaces *xml_reader_namespaces(struct xml_reader *reader)
{
    return &reader->namespaces;
}

void xml_reader_close(struct xml_reader *reader)
{
    if (!reader)
        return;
    if (reader->parser)
        XML_ParserFree(reader->parser);
    xml_namespaces_free(&reader->namespaces);
    mem_free(reader->chars.items);
    mem_free(reader->events.items);
    mem_free(reader->attributes.items);
    mem_free(reader->event_attributes.items);
    mem_free(reader);
}
