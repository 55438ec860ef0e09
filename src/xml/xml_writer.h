/* SPDX-License-Identifier: MIT
 *
 * An escaping writer: elements and attributes in, UTF-16 text out, in a single line without XML
 * declaration. Elements that hold nothing are written `<X/>`. The first failure is kept and
 * everything after it does nothing, so that a document is written without a check a line and
 * checked once, at the end. One thread at a time.
 */
#ifndef THAWLINE_XML_XML_WRITER_H
#define THAWLINE_XML_XML_WRITER_H

#include "base/str16.h"

/* Whether XML 1.0 can hold the text at all: no control characters but tab, line feed and carriage
   return, no lone surrogates, no U+FFFE or U+FFFF. NULL is valid. For setters, so that what they
   accept can be saved. */
bool xml_is_valid_text(const WCHAR *text);

/* Zero-initialise. */
struct xml_writer
{
    struct str16_builder out;
    bool in_tag;     /* the last start tag still lacks its `>` */
    HRESULT failure; /* E_INVALIDARG: a text that xml_is_valid_text refuses */
};

/* Names are UTF-8 and taken as they are. */
void xml_writer_start(struct xml_writer *writer, const char *name);
void xml_writer_end(struct xml_writer *writer, const char *name);

/* Directly after the start. A line end or tab is written as a reference, which a reader does not
   turn into a space. These may be called without a start, to collect attributes for
   xml_writer_raw_attributes. */
void xml_writer_attribute(struct xml_writer *writer, const char *name, const WCHAR *value);
void xml_writer_attribute_utf8(
    struct xml_writer *writer, const char *name, const char *value, size_t length);
void xml_writer_attribute_plain(
    struct xml_writer *writer, const char *name, const char *value); /* ASCII without & < " */
void xml_writer_raw_attributes(struct xml_writer *writer, const WCHAR *text, size_t length);

void xml_writer_text_utf8(struct xml_writer *writer, const char *text, size_t length);
void xml_writer_raw_content(struct xml_writer *writer, const WCHAR *text); /* NULL writes nothing */

/* Gives the finished text to the caller (mem_free) and leaves the writer empty; what failed, if
   something did, and then touches neither. `length` may be NULL. */
HRESULT xml_writer_take(struct xml_writer *writer, WCHAR **text, size_t *length);
void xml_writer_free(struct xml_writer *writer);

#endif
