/* SPDX-License-Identifier: MIT
 *
 * Texts handed to the caller. Any thread.
 */
#include "view/view_text.h"

#include "com/com_object.h"
#include "view/view_refuse.h"

HRESULT view_text_give(const char *function, const WCHAR *text, BSTR *out)
{
    if (!out)
        return view_refuse_null(function);
    *out = NULL;
    return com_bstr(text, out);
}

bool view_texts_clear(BSTR *const *outs, size_t count)
{
    bool complete = true;
    for (size_t i = 0; i < count; i++)
    {
        if (outs[i])
            *outs[i] = NULL;
        else
            complete = false;
    }
    return complete;
}

HRESULT view_texts_give(const struct view_text *texts, size_t count)
{
    HRESULT hr = S_OK;
    size_t given = 0;
    for (; given < count && SUCCEEDED(hr); given++)
        hr = com_bstr(texts[given].text, texts[given].out);
    if (SUCCEEDED(hr))
        return S_OK;
    while (given-- > 0)
    {
        SysFreeString(*texts[given].out);
        *texts[given].out = NULL;
    }
    return hr;
}
