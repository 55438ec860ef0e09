/* SPDX-License-Identifier: MIT
 *
 * The shadow copies that exist.
 */
#include "cli/shadows.h"

#include <stdlib.h>

#include "cli/failure.h"
#include "cli/text.h"

/* The strings stay with the items. */
static void shadows_take(struct shadows *shadows, const VSS_OBJECT_PROP *property)
{
    if (property->Type == VSS_OBJECT_PROVIDER)
    {
        shadows->providers = text_grow(
            shadows->providers, (shadows->provider_count + 1) * sizeof(*shadows->providers));
        shadows->providers[shadows->provider_count++] = property->Obj.Prov;
        return;
    }
    shadows->items = text_grow(shadows->items, (shadows->count + 1) * sizeof(*shadows->items));
    shadows->items[shadows->count++] = property->Obj.Snap;
}

/* All that there are of one kind. */
static HRESULT shadows_query(struct shadows *shadows, VSS_OBJECT_TYPE type)
{
    static const VSS_ID none;
    IVssEnumObject *all = NULL;
    VSS_OBJECT_PROP property;
    ULONG fetched;
    HRESULT hr = IVssBackupComponents_Query(shadows->session, none, VSS_OBJECT_NONE, type, &all);

    if (FAILED(hr))
        return hr;
    while ((hr = IVssEnumObject_Next(all, 1, &property, &fetched)) == S_OK && fetched)
        shadows_take(shadows, &property);
    IVssEnumObject_Release(all);
    return FAILED(hr) ? hr : S_OK;
}

HRESULT shadows_read(struct shadows *shadows)
{
    const WCHAR *call = L"CreateVssBackupComponents";
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
        hr = shadows_query(shadows, VSS_OBJECT_SNAPSHOT);
    }
    if (SUCCEEDED(hr))
        hr = shadows_query(shadows, VSS_OBJECT_PROVIDER);
    if (FAILED(hr))
        failure_report(call, hr);
    return hr;
}

void shadows_free(struct shadows *shadows)
{
    for (size_t i = 0; i < shadows->count; i++)
        VssFreeSnapshotProperties(&shadows->items[i]);
    free(shadows->items);
    for (size_t i = 0; i < shadows->provider_count; i++)
    {
        CoTaskMemFree(shadows->providers[i].m_pwszProviderName);
        CoTaskMemFree(shadows->providers[i].m_pwszProviderVersion);
    }
    free(shadows->providers);
    if (shadows->session)
        IVssBackupComponents_Release(shadows->session);
    ZeroMemory(shadows, sizeof(*shadows));
}

const WCHAR *shadows_provider(const struct shadows *shadows, const VSS_SNAPSHOT_PROP *shadow)
{
    for (size_t i = 0; i < shadows->provider_count; i++)
        if (IsEqualGUID(&shadows->providers[i].m_ProviderId, &shadow->m_ProviderId))
            return shadows->providers[i].m_pwszProviderName;
    return L"unknown";
}
