/* SPDX-License-Identifier: MIT
 *
 * Base64 (RFC 4648, section 4), for icons. Any thread.
 */
#ifndef THAWLINE_DOCUMENT_BASE64_H
#define THAWLINE_DOCUMENT_BASE64_H

#include "base/types.h"

/* NUL-terminated; mem_free it. NULL when memory is exhausted. */
char *base64_encode(const BYTE *bytes, size_t size);

/* White space is skipped. E_INVALIDARG for what is not base64, E_OUTOFMEMORY. No bytes at all give
   a NULL block. */
HRESULT base64_decode(const char *text, size_t length, BYTE **bytes, size_t *size);

#endif
