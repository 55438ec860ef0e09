/* SPDX-License-Identifier: MIT
 *
 * Keeps a document that was written, for tools/run-test to validate by its schema when the test has
 * ended.
 */
#ifndef THAWLINE_TESTS_SUPPORT_KEEP_DOCUMENT_H
#define THAWLINE_TESTS_SUPPORT_KEEP_DOCUMENT_H

#include <stddef.h>

/* Nothing unless THAWLINE_KEPT_DOCUMENTS names a folder. `schema`: the schema's name in
   src/document. `text`: UTF-16. Test thread only. */
void keep_document(const char *schema, const wchar_t *text);
/* From now on nothing is kept: for a test whose documents are broken on purpose. */
void keep_no_documents(void);

#endif
