/* SPDX-License-Identifier: MIT
 *
 * VSS_SNAPSHOT_PROP and VSS_PROVIDER_PROP: records as the API hands them out, their strings in task
 * memory. Any thread. Follows requestor 5.1.
 */
#include "view/view.h"

#include "com/com_object.h"

/* One text of a structure. */
struct prop_text
{
    const WCHAR *text; /* NULL: *out becomes NULL */
    VSS_PWSZ *out;
};

/* What was given before a failure stays in *out: the structure's free function takes it. */
static HRESULT give_texts(const struct prop_text *texts, size_t count)
{
    HRESULT hr = S_OK;
    for (size_t i = 0; i < count && SUCCEEDED(hr); i++)
        hr = com_task_string(texts[i].text, texts[i].out);
    return hr;
}

static VSS_TIMESTAMP timestamp(FILETIME time)
{
    return (VSS_TIMESTAMP)((uint64_t)time.dwHighDateTime << 32 | time.dwLowDateTime);
}

HRESULT view_snapshot_prop(
    const struct snapshot_set *set, const struct snapshot *snapshot, VSS_SNAPSHOT_PROP *prop)
{
    *prop = (VSS_SNAPSHOT_PROP){0};
    struct prop_text texts[] = {
        {snapshot->device_object, &prop->m_pwszSnapshotDeviceObject},
        {snapshot->volume_name, &prop->m_pwszOriginalVolumeName},
        {set->originating_machine, &prop->m_pwszOriginatingMachine},
        {set->service_machine, &prop->m_pwszServiceMachine},
        {snapshot->exposed_name, &prop->m_pwszExposedName},
        {snapshot->exposed_path, &prop->m_pwszExposedPath},
    };
    HRESULT hr = give_texts(texts, ARRAYSIZE(texts));
    if (FAILED(hr))
    {
        view_free_snapshot_prop(prop);
        *prop = (VSS_SNAPSHOT_PROP){0};
        return hr;
    }
    prop->m_SnapshotId = snapshot->id;
    prop->m_SnapshotSetId = set->id;
    prop->m_lSnapshotsCount = set->count_at_creation;
    prop->m_ProviderId = snapshot->provider_id;
    prop->m_lSnapshotAttributes = snapshot->attributes;
    prop->m_tsCreationTimestamp = timestamp(set->created);
    prop->m_eStatus = VSS_SS_CREATED;
    return S_OK;
}

HRESULT view_provider_prop(const struct provider *provider, VSS_PROVIDER_PROP *prop)
{
    *prop = (VSS_PROVIDER_PROP){0};
    struct prop_text texts[] = {
        {provider->name, &prop->m_pwszProviderName},
        {provider->version, &prop->m_pwszProviderVersion},
    };
    HRESULT hr = give_texts(texts, ARRAYSIZE(texts));
    if (FAILED(hr))
    {
        CoTaskMemFree(prop->m_pwszProviderName);
        CoTaskMemFree(prop->m_pwszProviderVersion);
        *prop = (VSS_PROVIDER_PROP){0};
        return hr;
    }
    prop->m_ProviderId = provider->id;
    prop->m_eProviderType = (VSS_PROVIDER_TYPE)provider->type;
    prop->m_ProviderVersionId = provider->version_id;
    prop->m_ClassId = provider->class_id;
    return S_OK;
}

void view_free_snapshot_prop(VSS_SNAPSHOT_PROP *prop)
{
    if (!prop)
        return;
    VSS_PWSZ *texts[] = {
        &prop->m_pwszSnapshotDeviceObject,
        &prop->m_pwszOriginalVolumeName,
        &prop->m_pwszOriginatingMachine,
        &prop->m_pwszServiceMachine,
        &prop->m_pwszExposedName,
        &prop->m_pwszExposedPath,
    };
    for (size_t i = 0; i < ARRAYSIZE(texts); i++)
    {
        CoTaskMemFree(*texts[i]);
        *texts[i] = NULL;
    }
}
