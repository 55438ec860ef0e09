/* SPDX-License-Identifier: MIT
 *
 * Which providers there are, and which one serves a volume. See provider.h. Any thread: the list
 * never changes. Follows writer-provider 6.1.
 */
#include "provider/builtin.h"

#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/settings.h"

const GUID provider_system_id = {
    0xb5946137, 0x7b9f, 0x4925, {0xaf, 0x80, 0x51, 0xab, 0xd6, 0x0b, 0x20, 0xd5}};
const GUID provider_live_id = {
    0x42de7912, 0x76f4, 0x4d5d, {0x99, 0x58, 0x76, 0x04, 0x76, 0x09, 0x3e, 0xf9}};

struct row
{
    const WCHAR *setting; /* its name in THAWLINE_PROVIDER */
    struct provider *provider;
    bool by_itself; /* taken without being asked for */
};

/* The system provider is listed first. */
static const struct row rows[] = {
    {L"clone", &provider_clone, true},
    {L"live", &provider_live, false},
    {L"reflink", &provider_reflink, true},
    {L"btrfs", &provider_btrfs, true},
};

#define ROW_COUNT (sizeof(rows) / sizeof(*rows))

struct provider *provider_at(size_t index)
{
    return index < ROW_COUNT ? rows[index].provider : NULL;
}

struct provider *provider_find(const GUID *id)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (guid_equal(&rows[i].provider->id, id))
            return rows[i].provider;
    return NULL;
}

bool builtin_supports(const struct volume *volume, LONG context)
{
    if (!volume->fixed)
    {
        log_info("%ls is not a local disk: no shadow copies of it.", volume->path);
        return false;
    }
    if (context & VSS_VOLSNAP_ATTR_TRANSPORTABLE)
    {
        log_info("Transportable shadow copies need a hardware provider.");
        return false;
    }
    bool persistent = (context & VSS_VOLSNAP_ATTR_PERSISTENT) != 0;
    if (persistent && !str16_equal_nocase(volume->file_system, L"NTFS") && !settings_is_wine())
    {
        log_info("%ls is not NTFS: no persistent shadow copies of it.", volume->path);
        return false;
    }
    return true;
}

static HRESULT try_row(
    const struct row *row, const struct volume *volume, LONG context, struct provider **provider)
{
    bool supported = false;
    HRESULT hr = row->provider->ops->is_volume_supported(
        row->provider, volume, context, &supported);
    if (SUCCEEDED(hr) && supported)
        *provider = row->provider;
    return FAILED(hr) ? hr : supported ? S_OK : VSS_E_VOLUME_NOT_SUPPORTED;
}

/* From the last row on: what works in fewer places does more there. */
static HRESULT try_all(
    const WCHAR *setting, const struct volume *volume, LONG context, struct provider **provider)
{
    bool known = !setting;
    for (size_t i = ROW_COUNT; i-- > 0;)
    {
        if (setting ? !str16_equal_nocase(setting, rows[i].setting) : !rows[i].by_itself)
            continue;
        known = true;
        HRESULT hr = try_row(&rows[i], volume, context, provider);
        if (hr != VSS_E_VOLUME_NOT_SUPPORTED)
            return hr;
    }
    if (!known)
        return log_error(VSS_E_VOLUME_NOT_SUPPORTED,
            "THAWLINE_PROVIDER is \"%ls\"; it may be auto, btrfs, reflink, clone or live.", setting);
    return log_error(
        VSS_E_VOLUME_NOT_SUPPORTED, "No provider makes shadow copies of %ls.", volume->path);
}

HRESULT provider_select(const struct volume *volume, LONG context, struct provider **provider)
{
    WCHAR *setting = settings_get(L"PROVIDER");
    bool any = !setting || !*setting || str16_equal_nocase(setting, L"auto");
    HRESULT hr = try_all(any ? NULL : setting, volume, context, provider);
    mem_free(setting);
    return hr;
}
