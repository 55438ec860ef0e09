/* SPDX-License-Identifier: MIT
 *
 * The second form of what the tables of element.h describe: packed bytes. Private to the document
 * room.
 *
 * An element is its members in the order of its table, the two texts of its struct extra, and then,
 * if its table has children: each PART and POINTER in the order of the table, with a byte 0 or 1
 * before it where it may be absent; then the children in lists in the order in which they were
 * added, each after a byte with its row (from 1), and a byte 0. A member is
 *
 *     STRING         a string of pack.h; NULL is a missing attribute
 *     GUID           16 bytes
 *     BOOL, ANSWER   a byte
 *     DECIMAL, HEX   u32
 *     ENUM           u32; a value without spelling, which XML loses as well, as the initial one
 *     FILETIME       u64
 *     BYTES          their number as u32, then they
 *     CONSTANT       nothing
 *
 * after a byte 0 or 1 if it is FIELD_GIVEN, and nothing but that if it is 0.
 */
#ifndef THAWLINE_DOCUMENT_ELEMENT_PACK_H
#define THAWLINE_DOCUMENT_ELEMENT_PACK_H

#include "document/element.h"
#include "document/pack.h"

/* Appends the object. E_OUTOFMEMORY. */
HRESULT element_pack(const struct element *element, const void *object, struct pack_writer *writer);

/* Reads into `object`, which is zeroed or in its initial state; after a failure it is half filled.
   `xmlns` is the document's, as for element_load_document. Returns the reader's failure. */
HRESULT element_unpack(
    const struct element *element, const char *xmlns, struct pack_reader *reader, void *object);

/* Whether what is in the object's extra is as loading a document would have left it there: each
   text is what the XML writer makes of it, and a known attribute is a spelling that its table does
   not know. Else VSS_E_INVALID_XML_DOCUMENT. Call it when the members are filled. */
HRESULT element_check_extra(const struct element *element, const char *xmlns, void *object);

#endif
