/* SPDX-License-Identifier: MIT
 *
 * What a document held beside the things we know, kept so that saving loses nothing.
 */
#ifndef THAWLINE_MODEL_EXTRA_H
#define THAWLINE_MODEL_EXTRA_H

#include "base/types.h"

/* Both are XML text ready to be written again; NULL when there is none. */
struct extra
{
    WCHAR *attributes; /* ` name="value"`..., each with its leading space */
    WCHAR *children;   /* whole elements, in the order in which they stood */
};

bool extra_is_empty(const struct extra *extra);
HRESULT extra_copy(struct extra *target, const struct extra *source);
void extra_free(struct extra *extra);

#endif
