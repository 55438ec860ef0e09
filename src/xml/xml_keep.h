/* SPDX-License-Identifier: MIT
 *
 * Copies what a reader does not know to a writer, so that it can be written again at another place:
 * every namespace declaration from outside that the kept piece needs is repeated on it. One thread
 * at a time.
 */
#ifndef THAWLINE_XML_XML_KEEP_H
#define THAWLINE_XML_XML_KEEP_H

#include "xml/xml_reader.h"
#include "xml/xml_writer.h"

struct xml_keeper
{
    struct xml_reader *reader;
    struct xml_writer *writer;
    const char
        *home_uri; /* the default namespace where the piece will be written: needs no repeating */
    size_t *repeated; /* bytes of repeated declarations in this document */
};

/* `start` is the start event that the reader has just given; its end event is the last that this
   reads. Fails as the reader does, and with VSS_E_INVALID_XML_DOCUMENT when the repeated
   declarations would outgrow XML_MAX_DOCUMENT_UNITS: a long one that very many pieces use must not
   fill the memory. */
HRESULT xml_keep_element(const struct xml_keeper *keeper, const struct xml_event *start);

/* An attribute of the element whose start event (of depth `depth`) is the last that the reader
   gave. */
HRESULT xml_keep_attribute(
    const struct xml_keeper *keeper, const struct xml_attribute *attribute, unsigned depth);

#endif
