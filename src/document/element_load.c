/* SPDX-License-Identifier: MIT
 *
 * Loading by table. See element.h.
 *
 * The recursion goes as deep as the tables do; what they do not know is copied by the keeper, which
 * does not recurse.
 */
#include "document/element.h"

#include <string.h>

#include "base/mem.h"
#include "document/child.h"
#include "document/field.h"
#include "model/extra.h"
#include "xml/xml_keep.h"

struct loader
{
    struct xml_reader *reader;
    const char *xmlns; /* of the document: what an element that the tables know may be in */
    size_t repeated;   /* see struct xml_keeper */
};

static HRESULT load_element(struct loader *loader, const struct element *element,
    const struct xml_event *start, void *object);

static struct xml_keeper keeper(
    struct loader *loader, const struct element *element, struct xml_writer *writer)
{
    const char *home = element->xmlns ? element->xmlns : loader->xmlns;
    return (struct xml_keeper){loader->reader, writer, home, &loader->repeated};
}

/* What was collected becomes the text at *kept, which stays NULL when it is nothing. */
static HRESULT take_kept(struct xml_writer *writer, WCHAR **kept)
{
    if (!writer->out.text && SUCCEEDED(writer->failure) && !writer->out.failed)
        return S_OK;
    WCHAR *text = NULL;
    HRESULT hr = xml_writer_take(writer, &text, NULL);
    if (SUCCEEDED(hr))
    {
        mem_free(*kept);
        *kept = text;
    }
    return hr;
}

/* Attributes mostly stand in the order of the table, so that the search begins behind the last
   hit. */
static const struct field *find_field(
    const struct element *element, const char *name, size_t *expected)
{
    for (size_t i = 0; i < element->field_count; i++)
    {
        size_t index = *expected + i;
        if (index >= element->field_count)
            index -= element->field_count;
        if (strcmp(element->fields[index].name, name) == 0)
        {
            *expected = index + 1 < element->field_count ? index + 1 : 0;
            return &element->fields[index];
        }
    }
    return NULL;
}

static HRESULT load_attributes(struct loader *loader, const struct element *element,
    const struct xml_event *start, void *object)
{
    HRESULT hr = S_OK;
    uint64_t seen = 0;
    size_t expected = 0;
    struct xml_writer kept = {0};
    struct xml_keeper keep = keeper(loader, element, &kept);
    struct extra *extra = element_member(object, element->extra);

    for (size_t i = 0; i < element->field_count; i++)
        field_set_initial(&element->fields[i], object);
    for (size_t i = 0; SUCCEEDED(hr) && i < start->attribute_count; i++)
    {
        const struct xml_attribute *attribute = &start->attributes[i];
        if (strcmp(attribute->name, "xmlns") ==
            0) /* the reader's business; ours is written again */
            continue;
        const struct field *field = find_field(element, attribute->name, &expected);
        if (field)
        {
            seen |= 1ull << (field - element->fields);
            hr = field_load(field, object, attribute);
            if (hr == VSS_E_INVALID_XML_DOCUMENT)
                xml_reader_refuse(loader->reader,
                    "the format does not allow this value of the attribute ", field->name);
        }
        if (!field || hr == S_FALSE)
            hr = xml_keep_attribute(&keep, attribute, start->depth);
    }
    for (size_t i = 0; SUCCEEDED(hr) && i < element->field_count; i++)
        if ((element->fields[i].flags & FIELD_REQUIRED) && !(seen >> i & 1))
            hr = xml_reader_refuse(
                loader->reader, "a required attribute is missing: ", element->fields[i].name);
    if (SUCCEEDED(hr))
        hr = take_kept(&kept, &extra->attributes);
    xml_writer_free(&kept);
    return hr;
}

static bool has_attribute(const struct xml_event *start, const char *name)
{
    for (size_t i = 0; i < start->attribute_count; i++)
        if (strcmp(start->attributes[i].name, name) == 0)
            return true;
    return false;
}

static bool has_required(const struct xml_event *start, const struct element *element)
{
    for (size_t i = 0; i < element->field_count; i++)
        if ((element->fields[i].flags & FIELD_REQUIRED) &&
            !has_attribute(start, element->fields[i].name))
            return false;
    return true;
}

/* The row for the element that starts, NULL when the table has none or it is in a namespace of its
   own. A second one of what there can be but one of is unknown content, too, and so is one of a
   name that is ours and means something else here. */
static const struct child *find_child(const struct loader *loader, const struct element *element,
    const struct xml_event *start, uint64_t seen)
{
    if (*start->uri && strcmp(start->uri, loader->xmlns) != 0)
        return NULL;
    for (size_t i = 0; i < element->child_count; i++)
    {
        const struct child *child = &element->children[i];
        if (strcmp(child->element->name, start->local) != 0)
            continue;
        bool second = child->shape != CHILD_LIST && (seen >> i & 1);
        bool other = child->element->ours && !has_required(start, child->element);
        return second || other ? NULL : child;
    }
    return NULL;
}

static HRESULT load_child(struct loader *loader, const struct element *element,
    const struct child *row, const struct xml_event *start, void *parent)
{
    if (row->shape == CHILD_PART)
        return load_element(loader, row->element, start, element_member(parent, row->offset));

    void *object = child_create(row);
    if (!object)
        return E_OUTOFMEMORY;
    HRESULT hr = load_element(loader, row->element, start, object);
    if (SUCCEEDED(hr))
        hr = child_attach(element, row, parent, object);
    if (FAILED(hr))
        row->destroy(object);
    return hr;
}

/* Whether a row that follows this one was met before it. */
static bool is_behind(const struct element *element, const struct child *row, uint64_t seen)
{
    size_t index = (size_t)(row - element->children);
    return seen >> index >> 1;
}

static bool is_blank(const char *text, size_t length)
{
    size_t i = 0;
    while (i < length && strchr(" \t\r\n", text[i]))
        i++;
    return i == length;
}

static HRESULT load_content(struct loader *loader, const struct element *element, void *object,
    uint64_t *seen, struct xml_writer *kept)
{
    struct xml_keeper keep = keeper(loader, element, kept);
    for (;;)
    {
        const struct xml_event *event = NULL;
        HRESULT hr = xml_reader_next(loader->reader, &event);
        if (FAILED(hr) || event->kind == XML_EVENT_END)
            return hr;
        if (event->kind == XML_EVENT_TEXT)
        {
            if (!is_blank(event->text, event->text_length))
                xml_writer_text_utf8(kept, event->text, event->text_length);
            continue;
        }
        const struct child *row = find_child(loader, element, event, *seen);
        if (row)
        {
            if (row->behind)
                *(bool *)element_member(object, row->behind) = is_behind(element, row, *seen);
            *seen |= 1ull << (row - element->children);
            hr = load_child(loader, element, row, event, object);
        }
        else
        {
            hr = xml_keep_element(&keep, event);
        }
        if (FAILED(hr))
            return hr;
    }
}

/* `start` is the reader's last event; the element's end is the last that this reads. */
static HRESULT load_element(struct loader *loader, const struct element *element,
    const struct xml_event *start, void *object)
{
    uint64_t seen = 0;
    struct xml_writer kept = {0};
    struct extra *extra = element_member(object, element->extra);
    HRESULT hr = load_attributes(loader, element, start, object);
    if (SUCCEEDED(hr))
        hr = load_content(loader, element, object, &seen, &kept);
    for (size_t i = 0; SUCCEEDED(hr) && i < element->child_count; i++)
        if (element->children[i].required && !(seen >> i & 1))
            hr = xml_reader_refuse(loader->reader, "what ends here lacks the element ",
                element->children[i].element->name);
    if (SUCCEEDED(hr))
        hr = take_kept(&kept, &extra->children);
    xml_writer_free(&kept);
    return hr;
}

static HRESULT load_root(struct loader *loader, const struct element *element, void *object)
{
    const struct xml_event *event = NULL;
    HRESULT hr = xml_reader_next(loader->reader, &event);
    if (FAILED(hr))
        return hr;
    if (event->kind != XML_EVENT_START || strcmp(event->local, element->name) != 0)
        return xml_reader_refuse(loader->reader, "the root element is not ", element->name);
    if (strcmp(event->uri, loader->xmlns) != 0)
        return xml_reader_refuse(
            loader->reader, "the root element is not in the namespace ", loader->xmlns);
    hr = load_element(loader, element, event, object);
    if (SUCCEEDED(hr))
        hr = xml_reader_next(
            loader->reader, &event); /* what follows the root must be well formed */
    return hr;
}

HRESULT element_load_document(const struct element *element, const char *xmlns, const WCHAR *text,
    size_t length, void *object, struct xml_flaw *flaw)
{
    struct loader loader = {NULL, xmlns, 0};
    HRESULT hr = xml_reader_open(text, length, flaw, &loader.reader);
    if (SUCCEEDED(hr))
        hr = load_root(&loader, element, object);
    xml_reader_close(loader.reader);
    return hr;
}
