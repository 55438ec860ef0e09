/* SPDX-License-Identifier: MIT
 *
 * Kept content. See extra.h.
 */
#include "model/extra.h"

#include "base/mem.h"
#include "base/str16.h"

bool extra_is_empty(const struct extra *extra)
{
    return !extra->attributes && !extra->children;
}

HRESULT extra_copy(struct extra *target, const struct extra *source)
{
    struct extra copy = {NULL, NULL};
    if (FAILED(str16_assign(&copy.attributes, source->attributes)) ||
        FAILED(str16_assign(&copy.children, source->children)))
    {
        extra_free(&copy);
        return E_OUTOFMEMORY;
    }
    extra_free(target);
    *target = copy;
    return S_OK;
}

void extra_free(struct extra *extra)
{
    mem_free(extra->attributes);
    mem_free(extra->children);
    extra->attributes = NULL;
    extra->children = NULL;
}
