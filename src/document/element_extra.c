/* SPDX-License-Identifier: MIT
 *
 * Checks kept content that another process sent. See element_pack.h.
 *
 * The content is put into an element, read, and kept anew, as it was when its document was loaded:
 * the same text must come out. So nothing can be in it that ends the element early, and saving may
 * rely on how the writer spells things.
 */
#include "document/element_pack.h"

#include <string.h>

#include "base/mem.h"
#include "document/field.h"
#include "model/extra.h"
#include "xml/xml_keep.h"

struct check
{
    const struct element *element;
    void *object;
    struct xml_reader *reader;
    struct xml_writer attributes;
    struct xml_writer children;
    const char *home; /* the namespace of what has no prefix */
    size_t repeated;
};

static struct xml_keeper keeper(struct check *check, struct xml_writer *writer)
{
    return (struct xml_keeper){check->reader, writer, check->home, &check->repeated};
}

/* `<NAME xmlns="HOME" ATTRIBUTES>CHILDREN</NAME>` */
static HRESULT wrap(const struct element *element, const char *home, const struct extra *extra,
    WCHAR **text, size_t *length)
{
    struct xml_writer writer = {0};
    xml_writer_start(&writer, element->name);
    xml_writer_attribute_plain(&writer, "xmlns", home);
    if (extra->attributes)
        xml_writer_raw_attributes(&writer, extra->attributes, str16_len(extra->attributes));
    xml_writer_raw_content(&writer, extra->children);
    xml_writer_end(&writer, element->name);
    HRESULT hr = xml_writer_take(&writer, text, length);
    xml_writer_free(&writer);
    return hr;
}

/* Loading keeps an attribute that the table knows only when field_load says S_FALSE. */
static HRESULT check_attribute(const struct check *check, const struct xml_attribute *attribute)
{
    for (size_t i = 0; i < check->element->field_count; i++)
    {
        const struct field *field = &check->element->fields[i];
        if (strcmp(field->name, attribute->name) != 0)
            continue;
        HRESULT hr = field_may_be_kept(field) ? field_load(field, check->object, attribute) : S_OK;
        return hr == S_OK ? VSS_E_INVALID_XML_DOCUMENT : hr;
    }
    return S_OK;
}

/* The first attribute is the wrapper's own; a second xmlns is not well formed. */
static HRESULT keep_attributes(struct check *check, const struct xml_event *start)
{
    HRESULT hr = S_OK;
    struct xml_keeper keep = keeper(check, &check->attributes);
    for (size_t i = 1; SUCCEEDED(hr) && i < start->attribute_count; i++)
    {
        hr = check_attribute(check, &start->attributes[i]);
        if (SUCCEEDED(hr))
            hr = xml_keep_attribute(&keep, &start->attributes[i], start->depth);
    }
    return hr;
}

static HRESULT keep_all(struct check *check)
{
    const struct xml_event *event = NULL;
    struct xml_keeper keep = keeper(check, &check->children);
    HRESULT hr = xml_reader_next(check->reader, &event);
    if (SUCCEEDED(hr))
        hr = keep_attributes(check, event);
    while (SUCCEEDED(hr))
    {
        hr = xml_reader_next(check->reader, &event);
        if (FAILED(hr) || event->kind == XML_EVENT_DONE)
            return hr;
        if (event->kind == XML_EVENT_TEXT)
            xml_writer_text_utf8(&check->children, event->text, event->text_length);
        else if (event->kind == XML_EVENT_START)
            hr = xml_keep_element(&keep, event);
    }
    return hr;
}

static HRESULT compare(struct xml_writer *kept, const WCHAR *expected)
{
    WCHAR *text = NULL;
    HRESULT hr = xml_writer_take(kept, &text, NULL);
    if (hr == E_INVALIDARG || (SUCCEEDED(hr) && !str16_equal_or_empty(text, expected)))
        hr = VSS_E_INVALID_XML_DOCUMENT;
    mem_free(text);
    return hr;
}

HRESULT element_check_extra(const struct element *element, const char *xmlns, void *object)
{
    WCHAR *text = NULL;
    size_t length = 0;
    const struct extra *extra = element_member(object, element->extra);
    struct check check = {
        .element = element, .object = object, .home = element->xmlns ? element->xmlns : xmlns};
    HRESULT hr = wrap(element, check.home, extra, &text, &length);
    if (SUCCEEDED(hr))
        hr = xml_reader_open(text, length, NULL, &check.reader);
    if (SUCCEEDED(hr))
        hr = keep_all(&check);
    if (SUCCEEDED(hr))
        hr = compare(&check.attributes, extra->attributes);
    if (SUCCEEDED(hr))
        hr = compare(&check.children, extra->children);
    xml_writer_free(&check.attributes);
    xml_writer_free(&check.children);
    xml_reader_close(check.reader);
    mem_free(text);
    return hr;
}
