/* SPDX-License-Identifier: MIT
 *
 * `thawline list shadows`.
 */
#include <stdlib.h>
#include <wchar.h>

#include "cli/console.h"
#include "cli/exit_codes.h"
#include "cli/json.h"
#include "cli/list.h"
#include "cli/shadows.h"
#include "cli/text.h"
#include "thawline.h"

static const struct
{
    LONG bit;
    const WCHAR *name;
} list_attributes[] = {
    {VSS_VOLSNAP_ATTR_PERSISTENT, L"persistent"},
    {VSS_VOLSNAP_ATTR_NO_AUTORECOVERY, L"no auto-recovery"},
    {VSS_VOLSNAP_ATTR_CLIENT_ACCESSIBLE, L"client-accessible"},
    {VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE, L"no auto-release"},
    {VSS_VOLSNAP_ATTR_NO_WRITERS, L"no writers"},
    {VSS_VOLSNAP_ATTR_TRANSPORTABLE, L"transportable"},
    {VSS_VOLSNAP_ATTR_NOT_SURFACED, L"not surfaced"},
    {VSS_VOLSNAP_ATTR_NOT_TRANSACTED, L"not transacted"},
    {VSS_VOLSNAP_ATTR_HARDWARE_ASSISTED, L"hardware-assisted"},
    {VSS_VOLSNAP_ATTR_DIFFERENTIAL, L"differential"},
    {VSS_VOLSNAP_ATTR_PLEX, L"plex"},
    {VSS_VOLSNAP_ATTR_IMPORTED, L"imported"},
    {VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY, L"exposed locally"},
    {VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY, L"exposed remotely"},
    {VSS_VOLSNAP_ATTR_AUTORECOVER, L"auto-recovered"},
    {VSS_VOLSNAP_ATTR_ROLLBACK_RECOVERY, L"rollback recovery"},
    {VSS_VOLSNAP_ATTR_TXF_RECOVERY, L"TxF recovery"},
    {VSS_VOLSNAP_ATTR_FILE_SHARE, L"file share"},
};

/* free() it. */
static WCHAR *list_attribute_names(LONG attributes)
{
    WCHAR *names = text_copy(L"");

    for (size_t i = 0; i < ARRAYSIZE(list_attributes); i++)
    {
        WCHAR *longer;

        if (!(attributes & list_attributes[i].bit))
            continue;
        longer = text_format(L"%ls%ls%ls", names, *names ? L", " : L"", list_attributes[i].name);
        free(names);
        names = longer;
    }
    return names;
}

static void list_print_one(const struct shadows *shadows, const VSS_SNAPSHOT_PROP *shadow)
{
    WCHAR id[TEXT_GUID_SIZE], set_id[TEXT_GUID_SIZE], provider[TEXT_GUID_SIZE],
        time[TEXT_SHORT_SIZE];
    WCHAR *names = list_attribute_names(shadow->m_lSnapshotAttributes);
    BSTR sentence = NULL;

    text_from_guid(&shadow->m_SnapshotId, id);
    text_from_guid(&shadow->m_SnapshotSetId, set_id);
    text_from_guid(&shadow->m_ProviderId, provider);
    text_from_time(shadow->m_tsCreationTimestamp, time);
    console_result(L"%ls", id);
    console_result(L"  set          %ls (%ld shadow copies when it was made)", set_id,
        shadow->m_lSnapshotsCount);
    console_result(L"  made         %ls", time);
    console_result(L"  volume       %ls", shadow->m_pwszOriginalVolumeName);
    console_result(L"  device       %ls", shadow->m_pwszSnapshotDeviceObject);
    if (shadow->m_pwszExposedName)
        console_result(L"  exposed      %ls", shadow->m_pwszExposedName);
    console_result(L"  provider     %ls %ls", shadows_provider(shadows, shadow), provider);
    console_result(L"  attributes   %ls", names);
    if (SUCCEEDED(ThawlineGetSnapshotConsistency(shadow->m_SnapshotId, &sentence)))
        console_result(L"  consistency  %ls", sentence);
    SysFreeString(sentence);
    free(names);
}

static void list_add_one(
    struct json *json, const struct shadows *shadows, const VSS_SNAPSHOT_PROP *shadow)
{
    WCHAR *names = list_attribute_names(shadow->m_lSnapshotAttributes);
    WCHAR time[TEXT_SHORT_SIZE];
    BSTR sentence = NULL;

    text_from_time(shadow->m_tsCreationTimestamp, time);
    ThawlineGetSnapshotConsistency(shadow->m_SnapshotId, &sentence);
    json_begin_object(json, NULL);
    json_guid(json, "id", &shadow->m_SnapshotId);
    json_guid(json, "set_id", &shadow->m_SnapshotSetId);
    json_number(json, "count_in_set", shadow->m_lSnapshotsCount);
    json_text(json, "created", time);
    json_text(json, "volume", shadow->m_pwszOriginalVolumeName);
    json_text(json, "device", shadow->m_pwszSnapshotDeviceObject);
    json_text(json, "exposed_name", shadow->m_pwszExposedName);
    json_text(json, "exposed_path", shadow->m_pwszExposedPath);
    json_text(json, "originating_machine", shadow->m_pwszOriginatingMachine);
    json_text(json, "service_machine", shadow->m_pwszServiceMachine);
    json_guid(json, "provider_id", &shadow->m_ProviderId);
    json_text(json, "provider", shadows_provider(shadows, shadow));
    json_number(json, "attributes", shadow->m_lSnapshotAttributes);
    json_text(json, "attribute_names", names);
    json_text(json, "consistency", sentence);
    json_end_object(json);
    SysFreeString(sentence);
    free(names);
}

static void list_print_json(const struct shadows *shadows)
{
    struct json json = {0};

    json_begin_object(&json, NULL);
    json_begin_array(&json, "shadows");
    for (size_t i = 0; i < shadows->count; i++)
        list_add_one(&json, shadows, &shadows->items[i]);
    json_end_array(&json);
    json_end_object(&json);
    json_print(&json);
}

int list_shadows(enum list_form form)
{
    bool as_json = form == LIST_JSON;
    struct shadows shadows = {0};
    HRESULT hr = shadows_read(&shadows);

    if (SUCCEEDED(hr) && as_json)
        list_print_json(&shadows);
    for (size_t i = 0; SUCCEEDED(hr) && !as_json && i < shadows.count; i++)
        list_print_one(&shadows, &shadows.items[i]);
    if (SUCCEEDED(hr) && !as_json && !shadows.count)
        console_result(L"There are no shadow copies.");
    shadows_free(&shadows);
    return SUCCEEDED(hr) ? EXIT_CODE_DONE : EXIT_CODE_FAILED;
}
