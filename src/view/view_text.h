/* SPDX-License-Identifier: MIT
 *
 * Texts handed to the caller: one, or several at once, which is all of them or none.
 */
#ifndef THAWLINE_VIEW_VIEW_TEXT_H
#define THAWLINE_VIEW_VIEW_TEXT_H

#include "base/types.h"

#include <oleauto.h>

/* The whole of a getter, whose __func__ is `function`: E_INVALIDARG for NULL `out`; *out = NULL and
   S_FALSE for no text, NULL and E_OUTOFMEMORY. */
HRESULT view_text_give(const char *function, const WCHAR *text, BSTR *out);

struct view_text
{
    const WCHAR *text; /* NULL: *out becomes NULL */
    BSTR *out;
};

/* Nulls those that are there. False when one is missing. */
bool view_texts_clear(BSTR *const *outs, size_t count);

/* Each *out is NULL before. S_OK, also for texts that are NULL; E_OUTOFMEMORY, and each *out is
   NULL again. */
HRESULT view_texts_give(const struct view_text *texts, size_t count);

#endif
