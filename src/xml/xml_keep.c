/* SPDX-License-Identifier: MIT
 *
 * Keeping unknown content. See xml_keep.h.
 */
#include "xml/xml_keep.h"

#include <string.h>

#include "base/mem.h"
#include "xml/xml_limits.h"

/* Writes the declaration and binds the prefix at `depth`, so that this piece does not repeat it
   again. */
static HRESULT repeat_declaration(const struct xml_keeper *keeper, const char *prefix,
    size_t prefix_length, const char *uri, unsigned depth)
{
    size_t uri_length = strlen(uri);
    *keeper->repeated += prefix_length + uri_length;
    if (*keeper->repeated > XML_MAX_DOCUMENT_UNITS)
        return xml_reader_refuse(
            keeper->reader, "unknown content repeats too long namespace declarations", "");

    size_t size = sizeof("xmlns:") + prefix_length;
    char *name = mem_alloc(size);
    if (!name)
        return E_OUTOFMEMORY;
    memcpy(name, "xmlns:", 6);
    memcpy(name + 6, prefix, prefix_length);
    if (!prefix_length)
        name[5] = 0;
    xml_writer_attribute_utf8(keeper->writer, name, uri, uri_length);
    mem_free(name);
    return xml_reader_bind(keeper->reader, prefix, prefix_length, uri, depth);
}

/* Repeats what `prefix` means unless that is declared inside the piece, which begins at depth
   `top`. */
static HRESULT need_prefix(const struct xml_keeper *keeper, const char *prefix,
    size_t prefix_length, unsigned top, unsigned depth)
{
    const struct xml_binding *binding = xml_namespaces_find(
        xml_reader_namespaces(keeper->reader), prefix, prefix_length);
    if (binding && binding->depth >= top)
        return S_OK;
    if (prefix_length && !binding)
        return xml_reader_refuse(keeper->reader, "a prefix is not declared", "");
    const char *uri = binding ? binding->uri : "";
    if (!prefix_length && strcmp(uri, keeper->home_uri) == 0)
        return S_OK;
    return repeat_declaration(keeper, prefix, prefix_length, uri, depth);
}

/* Unlike an element's, an attribute's name without prefix is in no namespace. */
static HRESULT keep_attribute(const struct xml_keeper *keeper,
    const struct xml_attribute *attribute, unsigned top, unsigned depth)
{
    HRESULT hr = S_OK;
    size_t prefix_length = xml_prefix_length(attribute->name);
    /* The names that begin with xml are the ones that are never declared. */
    if (prefix_length && strncmp(attribute->name, "xml:", 4) != 0 &&
        strncmp(attribute->name, "xmlns:", 6) != 0)
        hr = need_prefix(keeper, attribute->name, prefix_length, top, depth);
    if (SUCCEEDED(hr))
        xml_writer_attribute_utf8(
            keeper->writer, attribute->name, attribute->value, attribute->value_length);
    return hr;
}

HRESULT xml_keep_attribute(
    const struct xml_keeper *keeper, const struct xml_attribute *attribute, unsigned depth)
{
    return keep_attribute(keeper, attribute, depth, depth);
}

/* What the names of the element and its attributes need lies outside the piece when it was declared
   above `top`. */
static HRESULT keep_start(
    const struct xml_keeper *keeper, const struct xml_event *start, unsigned top)
{
    xml_writer_start(keeper->writer, start->name);
    HRESULT hr = need_prefix(
        keeper, start->name, xml_prefix_length(start->name), top, start->depth);
    for (size_t i = 0; SUCCEEDED(hr) && i < start->attribute_count; i++)
        hr = keep_attribute(keeper, &start->attributes[i], top, start->depth);
    return hr;
}

HRESULT xml_keep_element(const struct xml_keeper *keeper, const struct xml_event *start)
{
    unsigned top = start->depth;
    const struct xml_event *event = start;
    for (;;)
    {
        HRESULT hr = S_OK;
        if (event->kind == XML_EVENT_START)
            hr = keep_start(keeper, event, top);
        else if (event->kind == XML_EVENT_TEXT)
            xml_writer_text_utf8(keeper->writer, event->text, event->text_length);
        else
            xml_writer_end(keeper->writer, event->name);
        if (FAILED(hr) || (event->kind == XML_EVENT_END && event->depth == top))
            return hr;
        hr = xml_reader_next(keeper->reader, &event);
        if (FAILED(hr))
            return hr;
    }
}
