/* SPDX-License-Identifier: MIT
 *
 * GUIDs: comparison, and the text form that the documents use (8-4-4-4-12 hex digits, lower case,
 * no braces).
 */
#ifndef THAWLINE_BASE_GUID_H
#define THAWLINE_BASE_GUID_H

#include "base/types.h"

#define GUID_TEXT_LENGTH 36

extern const GUID guid_null;

bool guid_equal(const GUID *a, const GUID *b);
bool guid_is_null(const GUID *id);

/* `text` holds GUID_TEXT_LENGTH + 1 units. */
void guid_to_text(const GUID *id, WCHAR *text);

/* Accepts either case, with or without braces. False (and *id untouched) for anything else, NULL
   included. */
bool guid_from_text(const WCHAR *text, GUID *id);

#endif
