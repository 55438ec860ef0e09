/* SPDX-License-Identifier: MIT
 *
 * A pull reader: UTF-16 text in, one event after the other out. libexpat does the parsing, a piece
 * of the text at a time; namespaces are resolved here, so that names and declarations stay as they
 * were written.
 *
 * Reading fails with VSS_E_INVALID_XML_DOCUMENT for text that is not well formed (lone surrogates
 * and unbound prefixes included), has a DTD or passes a limit of xml_limits.h, and with
 * E_OUTOFMEMORY; a reader that has failed fails for ever. One thread at a time.
 */
#ifndef THAWLINE_XML_XML_READER_H
#define THAWLINE_XML_XML_READER_H

#include "xml/xml_flaw.h"
#include "xml/xml_namespaces.h"

enum xml_event_kind
{
    XML_EVENT_START,
    XML_EVENT_END,
    XML_EVENT_TEXT,
    XML_EVENT_DONE /* the document is complete and was well formed; comes again when asked again */
};

/* In UTF-8, references resolved. */
struct xml_attribute
{
    const char *name;
    const char *value;
    size_t value_length;
};

struct xml_event
{
    enum xml_event_kind kind;
    unsigned depth; /* of the element that starts, ends or holds the text; the root's is 1 */

    const char *name; /* start and end: as written */

    /* start only */
    const char *local; /* the part behind the prefix */
    const char *uri;   /* "" when in no namespace */
    const struct xml_attribute
        *attributes; /* in the order in which they stand, declarations included */
    size_t attribute_count;

    /* text only; one text may come as several events */
    const char *text;
    size_t text_length;
};

struct xml_reader;

/* The text must stay until the reader is closed, and so must *flaw (may be NULL), which is filled
   when text is refused. */
HRESULT xml_reader_open(
    const WCHAR *text, size_t length, struct xml_flaw *flaw, struct xml_reader **reader);

/* The event is valid until the next call. */
HRESULT xml_reader_next(struct xml_reader *reader, const struct xml_event **event);

/* In force at the last event: at an end event, what that element declared is forgotten already. */
struct xml_namespaces *xml_reader_namespaces(struct xml_reader *reader);

/* Declares a prefix at `depth`, as xml_namespaces_push does; what is wrong with it goes into the
   flaw. */
HRESULT xml_reader_bind(struct xml_reader *reader, const char *prefix, size_t prefix_length,
    const char *uri, unsigned depth);

/* Refuses the text at the last event: fills the flaw and returns VSS_E_INVALID_XML_DOCUMENT. */
HRESULT xml_reader_refuse(struct xml_reader *reader, const char *reason, const char *name);

void xml_reader_close(struct xml_reader *reader); /* accepts NULL */

#endif
