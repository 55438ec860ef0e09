/* SPDX-License-Identifier: MIT
 *
 * Several texts of one object handed to the caller at once: all of them, or none.
 */
#ifndef THAWLINE_VIEW_VIEW_TEXT_H
#define THAWLINE_VIEW_VIEW_TEXT_H

#include "base/types.h"

#include <oleauto.h>

struct view_text
{
    const WCHAR *text; /* NULL: *out becomes NULL */
    BSTR *out;
};

/* Nulls those that are there. False when one is missing. */
bool view_texts_clear(BSTR *const *outs, size_t count);

/* S_OK, also when some are NULL; E_OUTOFMEMORY, and every *out is NULL. */
HRESULT view_texts_give(const struct view_text *texts, size_t count);

#endif
