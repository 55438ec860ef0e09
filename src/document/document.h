/* SPDX-License-Identifier: MIT
 *
 * Model objects to XML text and back. One table a struct drives both directions; what the tables do
 * not know is kept in the model's `extra` members and written again.
 *
 * Text is UTF-16 without declaration or byte order mark, of `length` units (a NUL follows what
 * `save` returns). Loading fails with VSS_E_INVALID_XML_DOCUMENT for text that is not well formed,
 * has a DTD, is nested deeper than XML_MAX_DEPTH, has another root or namespace, or lacks what the
 * format requires; with E_OUTOFMEMORY; and then leaves *out untouched. What was wrong with the text
 * goes to *flaw, which may be NULL; nothing else writes there. Saving fails with
 * E_INVALIDARG for a string that XML cannot hold (xml_is_valid_text) and with E_OUTOFMEMORY; its
 * `length` may be NULL. Any thread. Follows writer-provider 5; the names marked open there are ours
 * and stand in document_names.h.
 */
#ifndef THAWLINE_DOCUMENT_DOCUMENT_H
#define THAWLINE_DOCUMENT_DOCUMENT_H

#include "document/pack.h"
#include "model/backup_components.h"
#include "model/snapshot_set.h"
#include "model/writer_metadata.h"
#include "xml/xml_flaw.h"

HRESULT document_load_writer_metadata(
    const WCHAR *text, size_t length, struct writer_metadata **out, struct xml_flaw *flaw);
HRESULT document_save_writer_metadata(
    const struct writer_metadata *metadata, WCHAR **text, size_t *length);

HRESULT document_load_backup_components(
    const WCHAR *text, size_t length, struct backup_components **out, struct xml_flaw *flaw);
HRESULT document_save_backup_components(
    const struct backup_components *document, WCHAR **text, size_t *length);

/* The part of one writer as a document of its own: what crosses a process border in an event. */
HRESULT document_load_writer_components(
    const WCHAR *text, size_t length, struct writer_components **out, struct xml_flaw *flaw);
HRESULT document_save_writer_components(
    const struct writer_components *writer, WCHAR **text, size_t *length);

/* The catalog's record of a set. */
HRESULT document_load_snapshot_set(
    const WCHAR *text, size_t length, struct snapshot_set **out, struct xml_flaw *flaw);
HRESULT document_save_snapshot_set(const struct snapshot_set *set, WCHAR **text, size_t *length);

/* Packed: what saving and loading would carry, as bytes for the same DLL in another process, where
   neither text nor parser is needed. Packing appends to the writer, and fails with E_OUTOFMEMORY.
   Unpacking reads one object and leaves the reader behind it. It trusts nothing: bytes that loading
   no document could have led to are VSS_E_INVALID_XML_DOCUMENT; besides, E_OUTOFMEMORY; the reader
   has failed then, and *out is untouched. Any thread. */
HRESULT document_pack_writer_metadata(
    const struct writer_metadata *metadata, struct pack_writer *packed);
HRESULT document_unpack_writer_metadata(struct pack_reader *packed, struct writer_metadata **out);

HRESULT document_pack_writer_components(
    const struct writer_components *writer, struct pack_writer *packed);
HRESULT document_unpack_writer_components(
    struct pack_reader *packed, struct writer_components **out);

#endif
