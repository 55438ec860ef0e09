/* SPDX-License-Identifier: MIT
 *
 * One attribute and one member of a struct: from text to value and back. Private to the document
 * room.
 */
#ifndef THAWLINE_DOCUMENT_FIELD_H
#define THAWLINE_DOCUMENT_FIELD_H

#include "document/element.h"
#include "xml/xml_reader.h"
#include "xml/xml_writer.h"

/* The value that a missing attribute stands for. */
void field_set_initial(const struct field *field, void *object);

/* S_FALSE: an enumeration's spelling, a version or a value of FIELD_OURS that this table does not
   know; the member keeps its initial value, and the caller keeps the attribute.
   VSS_E_INVALID_XML_DOCUMENT: no value of this kind. E_OUTOFMEMORY. */
HRESULT field_load(const struct field *field, void *object, const struct xml_attribute *attribute);

/* Whether the member says nothing that a kept spelling of its attribute would contradict. */
bool field_gives_way(const struct field *field, const void *object);
/* Whether field_load can say S_FALSE. */
bool field_may_be_kept(const struct field *field);

/* What is written for a value of an enumeration; NULL when it has no spelling. */
const char *field_spelling(const struct field *field, DWORD value);

/* Writes the attribute, or nothing when the member has no value. */
void field_save(const struct field *field, const void *object, struct xml_writer *writer);

#endif
