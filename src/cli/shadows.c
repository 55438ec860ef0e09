/* SPDX-License-Identifier: MIT
 *
 * The shadow copies that exist.
 */
#include "cli/shadows.h"

#include <stdlib.h>

#include "cli/failure.h"
#include "cli/text.h"

/* Adds what the enumerator has; the strings stay with the items. */
static HRESULT shadows_take_all(struct shadows *shadows, IVssEnumObject *all)
{
    VSS_OBJECT_PROP property;
    ULONG fetched;
    HRESULT hr;

    while ((hr = IVssEnumObject_Next(all, 1, &property, &fetched)) == S_OK && fetched)
    {
        shadows->items = text_grow(shadows->items, (shadows->count + 1) * sizeof(*shadows->items));
        shadows->items[shadows->count++] = property.Obj.Snap;
    }
    return FAILED(hr) ? hr : S_OK;
}

HRESULT shadows_read(struct shadows *shadows)
{
    static const VSS_ID none;
    const WCHAR *call = L"CreateVssBackupComponents";
    IVssEnumObject *all = NULL;
    HRESULT hr = CreateVssBackupComponents(&shadows->session);

    if (SUCCEEDED(hr))
    {
        call = L"InitializeForBackup";
        hr = IVssBackupComponents_InitializeForBackup(shadows->session, NULL);
    }
    if (SUCCEEDED(hr))
    {
        call = L"SetContext";
        hr = IVssBackupComponents_SetContext(shadows->session, VSS_CTX_ALL);
    }
    if (SUCCEEDED(hr))
    {
        call = L"Query";
        hr = IVssBackupComponents_Query(
            shadows->session, none, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &all);
    }
    if (SUCCEEDED(hr))
        hr = shadows_take_all(shadows, all);
    if (all)
        IVssEnumObject_Release(all);
    if (FAILED(hr))
        failure_report(call, hr);
    return hr;
}

void shadows_free(struct shadows *shadows)
{
    for (size_t i = 0; i < shadows->count; i++)
        VssFreeSnapshotProperties(&shadows->items[i]);
    free(shadows->items);
    if (shadows->session)
        IVssBackupComponents_Release(shadows->session);
    ZeroMemory(shadows, sizeof(*shadows));
}
