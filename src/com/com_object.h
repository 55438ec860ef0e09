/* SPDX-License-Identifier: MIT
 *
 * What every COM object here is made of: a table of the interfaces that QueryInterface gives out, a
 * reference count, and texts that cross the API.
 */
#ifndef THAWLINE_COM_COM_OBJECT_H
#define THAWLINE_COM_COM_OBJECT_H

#include "base/types.h"

#include <oleauto.h>

/* One interface that an object answers: where its vtable pointer lies in the object. */
struct com_interface
{
    const IID *iid;
    size_t offset;
};

/* QueryInterface over `interfaces` (`count` rows; the first also answers IID_IUnknown). The
   all-zero IID, which several VSS interfaces carry in the headers, is never answered. On success
   calls AddRef through the interface's own table. E_POINTER for NULL `out`; E_NOINTERFACE with *out
   = NULL. */
HRESULT com_query_interface(
    void *object, const struct com_interface *interfaces, size_t count, REFIID iid, void **out);

/* Reference counts start at 1 through com_ref_init, which also counts the object for
   DllCanUnloadNow; the release that returns 0 has un-counted it: the caller then destroys the
   object. */
void com_ref_init(LONG *refs);
ULONG com_ref_add(LONG *refs);
ULONG com_ref_release(LONG *refs);

/* *out = a BSTR copy of `text`, or NULL for NULL. Returns S_OK, or S_FALSE for NULL, or
   E_OUTOFMEMORY. */
HRESULT com_bstr(const WCHAR *text, BSTR *out);
/* The same for exactly `length` units. `text` not NULL. */
HRESULT com_bstr_n(const WCHAR *text, size_t length, BSTR *out);
/* *out = a CoTaskMemAlloc'ed copy; NULL for NULL. S_OK or E_OUTOFMEMORY. Both ask the fault hook
   for memory. */
HRESULT com_task_string(const WCHAR *text, WCHAR **out);

#endif
