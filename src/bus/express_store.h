/* SPDX-License-Identifier: MIT
 *
 * Express writers: documents in a folder, which speak for writers that have no process. One file a
 * writer, in UTF-8, passed on as it is. The default scope's folder is the one that Windows uses,
 * `%SystemRoot%\Vss\Writers`, with all that lies below it; the folder of any other scope lies
 * beside it, `%SystemRoot%\Vss\Writers.<scope>`. Changes are made one at a time, also between
 * processes. Any thread. Follows writer-provider 4.5.
 */
#ifndef THAWLINE_BUS_EXPRESS_STORE_H
#define THAWLINE_BUS_EXPRESS_STORE_H

#include "base/vec.h"
#include "model/writer_metadata.h"

struct express_document
{
    WCHAR *path;                      /* of its file */
    struct writer_metadata *metadata; /* a reference; `verbatim` is the file's text */
};

void express_document_free(void *document); /* fits vec_free */

/* A document out of its text, which becomes `verbatim`. VSS_E_INVALID_XML_DOCUMENT also when writer
   or instance id is GUID_NULL; E_OUTOFMEMORY. Errors are logged. */
HRESULT express_document_parse(const WCHAR *text, struct writer_metadata **out);

/* Appends struct express_document. Files that cannot be read, or hold no such document, are logged
   and skipped, and so is a second one with the same instance id. E_OUTOFMEMORY. */
HRESULT express_store_list(const WCHAR *scope, struct vec *documents);

/* VSS_E_OBJECT_ALREADY_EXISTS: a document of this writer class is there. Else as the file system
   has it. */
HRESULT express_store_add(const WCHAR *scope, const struct writer_metadata *metadata);
/* VSS_E_OBJECT_NOT_FOUND. Else as the file system has it. */
HRESULT express_store_remove(const WCHAR *scope, const GUID *writer_id);

#endif
