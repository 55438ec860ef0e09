/* SPDX-License-Identifier: MIT
 *
 * What every COM object here is made of. See com_object.h.
 */
#include "com/com_object.h"

#include <limits.h>
#include <objbase.h>
#include <string.h>

#include "base/guid.h"
#include "base/hooks.h"
#include "base/str16.h"
#include "os/module.h"

HRESULT com_query_interface(
    void *object, const struct com_interface *interfaces, size_t count, REFIID iid, void **out)
{
    if (!out)
        return E_POINTER;
    *out = NULL;
    if (!iid || guid_is_null(iid))
        return E_NOINTERFACE;
    for (size_t i = 0; i < count; i++)
    {
        bool is_identity = i == 0 && guid_equal(iid, &IID_IUnknown);
        if (!is_identity && !guid_equal(iid, interfaces[i].iid))
            continue;
        IUnknown *found = (IUnknown *)((BYTE *)object + interfaces[i].offset);
        IUnknown_AddRef(found);
        *out = found;
        return S_OK;
    }
    return E_NOINTERFACE;
}

void com_ref_init(LONG *refs)
{
    *refs = 1;
    module_object_created();
}

ULONG com_ref_add(LONG *refs)
{
    return (ULONG)InterlockedIncrement(refs);
}

ULONG com_ref_release(LONG *refs)
{
    LONG left = InterlockedDecrement(refs);
    if (left == 0)
        module_object_destroyed();
    return (ULONG)left;
}

static bool memory_is_allowed(size_t size)
{
    bool (*allow)(size_t size) = base_hooks.allow_alloc;
    return !allow || allow(size);
}

HRESULT com_bstr_n(const WCHAR *text, size_t length, BSTR *out)
{
    /* A BSTR counts its bytes in 32 bits. */
    if (length > (UINT_MAX - 64) / sizeof(WCHAR) || !memory_is_allowed(length * sizeof(WCHAR)))
        return E_OUTOFMEMORY;
    BSTR copy = SysAllocStringLen(text, (UINT)length);
    if (!copy)
        return E_OUTOFMEMORY;
    *out = copy;
    return S_OK;
}

HRESULT com_bstr(const WCHAR *text, BSTR *out)
{
    if (text)
        return com_bstr_n(text, str16_len(text), out);
    *out = NULL;
    return S_FALSE;
}

HRESULT com_task_string(const WCHAR *text, WCHAR **out)
{
    if (!text)
    {
        *out = NULL;
        return S_OK;
    }
    size_t size = (str16_len(text) + 1) * sizeof(WCHAR);
    WCHAR *copy = memory_is_allowed(size) ? CoTaskMemAlloc(size) : NULL;
    if (!copy)
        return E_OUTOFMEMORY;
    memcpy(copy, text, size);
    *out = copy;
    return S_OK;
}
