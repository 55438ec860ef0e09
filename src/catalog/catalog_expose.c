/* SPDX-License-Identifier: MIT
 *
 * Exposing a snapshot and ending that. See catalog.h; how it is done is volume/exposure.h's.
 *
 * The record says so before the exposure is there, and until it is gone: what a crash leaves can be
 * unexposed.
 */
#include "catalog/catalog_expose.h"

#include <vss.h>

#include "base/guid.h"
#include "base/mem.h"
#include "base/str16.h"
#include "catalog/catalog.h"
#include "catalog/catalog_delete.h"
#include "catalog/catalog_revert.h"
#include "diag/fault.h"
#include "diag/log.h"
#include "provider/provider.h"
#include "volume/exposure.h"

/* What a share is called whose name nobody chose, before its snapshot's id. */
#define SHARE_PREFIX L"Shadow-"
/* The whole of a share. */
#define WHOLE L"\\"

/* ---- What is exposed ---- */

/* Where its files lie: what is exposed does not rest on the name of a device. */
static HRESULT folder_of(const struct snapshot *snapshot, WCHAR **folder)
{
    struct provider *provider = provider_find(&snapshot->provider_id);
    if (provider && provider->ops->find_folder)
        return provider->ops->find_folder(provider, snapshot, folder);
    *folder = str16_dup(snapshot->device_object);
    return *folder ? S_OK : E_OUTOFMEMORY;
}

static HRESULT shared_folder(const struct snapshot *snapshot, WCHAR **folder)
{
    WCHAR *whole = NULL;
    const WCHAR *path = snapshot->exposed_path;
    while (path && *path == L'\\')
        path++;
    HRESULT hr = folder_of(snapshot, &whole);
    if (FAILED(hr) || !path || !*path)
    {
        *folder = whole;
        return hr;
    }
    *folder = file_join(whole, path);
    mem_free(whole);
    return *folder ? S_OK : E_OUTOFMEMORY;
}

/* Parts of `path` that lead out of the snapshot, or elsewhere than they say. */
static bool is_path_inside(const WCHAR *path)
{
    static const WCHAR forbidden[] = L"*?%:/\"<>|";
    size_t length = 0;
    bool dots = true;
    for (const WCHAR *unit = path;; unit++)
    {
        if (*unit && str16_find_char(forbidden, *unit))
            return false;
        if (*unit && *unit != L'\\')
        {
            length++;
            dots &= *unit == L'.';
            continue;
        }
        if (length && dots)
            return false;
        length = 0;
        dots = true;
        if (!*unit)
            return true;
    }
}

static HRESULT check_shared_folder(const struct snapshot *snapshot)
{
    WCHAR *folder = NULL;
    if (!is_path_inside(snapshot->exposed_path))
        return log_error(
            E_INVALIDARG, "%ls is no folder in a shadow copy.", snapshot->exposed_path);
    HRESULT hr = shared_folder(snapshot, &folder);
    DWORD attributes = SUCCEEDED(hr) ? GetFileAttributesW(folder) : 0;
    mem_free(folder);
    if (FAILED(hr))
        return hr;
    if (attributes == INVALID_FILE_ATTRIBUTES || !(attributes & FILE_ATTRIBUTE_DIRECTORY))
        return log_error(
            E_INVALIDARG, "There is no folder %ls in the shadow copy.", snapshot->exposed_path);
    return S_OK;
}

static HRESULT make(const struct snapshot *snapshot)
{
    WCHAR *folder = NULL;
    HRESULT hr = shared_folder(snapshot, &folder);
    if (SUCCEEDED(hr))
        hr = snapshot->exposed_path ? exposure_share(folder, snapshot->exposed_name)
                                    : exposure_make(folder, snapshot->exposed_name);
    mem_free(folder);
    return hr;
}

static void forget_exposure(struct snapshot *snapshot)
{
    mem_free(snapshot->exposed_name);
    mem_free(snapshot->exposed_path);
    snapshot->exposed_name = snapshot->exposed_path = NULL;
    snapshot->attributes &= ~(VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY | VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY);
    snapshot->attributes |= VSS_VOLSNAP_ATTR_NOT_SURFACED;
}

HRESULT catalog_end_exposure(struct snapshot *snapshot)
{
    WCHAR *folder = NULL;
    HRESULT hr = shared_folder(snapshot, &folder);
    if (SUCCEEDED(hr))
        hr = snapshot->exposed_path ? exposure_unshare(folder, snapshot->exposed_name)
                                    : exposure_remove(folder, snapshot->exposed_name);
    mem_free(folder);
    if (SUCCEEDED(hr))
        forget_exposure(snapshot);
    return hr;
}

/* ---- Exposing ---- */

static WCHAR *choose_share(const struct snapshot *snapshot)
{
    WCHAR id[GUID_TEXT_LENGTH + 1];
    struct str16_builder builder = {0};
    guid_to_text(&snapshot->id, id);
    str16_builder_add(&builder, SHARE_PREFIX);
    str16_builder_add(&builder, id);
    return str16_builder_take(&builder);
}

static HRESULT fill_in_share(struct snapshot *snapshot, const struct catalog_wish *wish)
{
    HRESULT hr = str16_assign(&snapshot->exposed_path, wish->path ? wish->path : WHOLE);
    if (SUCCEEDED(hr))
        hr = check_shared_folder(snapshot);
    if (FAILED(hr))
        return hr;
    snapshot->exposed_name = wish->name ? str16_dup(wish->name) : choose_share(snapshot);
    return snapshot->exposed_name ? S_OK : E_OUTOFMEMORY;
}

static HRESULT fill_in(struct snapshot *snapshot, const struct catalog_wish *wish)
{
    if (snapshot->exposed_name)
        return log_error(VSS_E_OBJECT_ALREADY_EXISTS, "The shadow copy is exposed already, as %ls.",
            snapshot->exposed_name);
    HRESULT hr = wish->share ? fill_in_share(snapshot, wish)
                             : exposure_choose(wish->name, &snapshot->exposed_name);
    snapshot->attributes &= ~VSS_VOLSNAP_ATTR_NOT_SURFACED;
    snapshot->attributes |= wish->share ? VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY
                                        : VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY;
    return hr;
}

/* `set` is this call's own copy of the record. */
static HRESULT expose(const struct catalog_folder *folder, struct snapshot_set *set,
    const GUID *snapshot_id, const struct catalog_wish *wish, WCHAR **name)
{
    struct snapshot *snapshot = snapshot_set_find(set, snapshot_id);
    LONG attributes = snapshot->attributes;
    WCHAR *digest = snapshot->digest;
    HRESULT hr = catalog_record_check_owner(folder, &set->id);
    if (SUCCEEDED(hr))
        hr = catalog_check_not_reverting(snapshot);
    if (SUCCEEDED(hr))
        hr = fill_in(snapshot, wish);
    /* Who sees it may change it, from the moment on at which it is there. */
    snapshot->digest = NULL;
    WCHAR *used = SUCCEEDED(hr) ? str16_dup(snapshot->exposed_name) : NULL;
    if (SUCCEEDED(hr))
        hr = used ? catalog_record_write(folder, set) : E_OUTOFMEMORY;
    if (FAILED(hr))
        goto done;
    hr = make(snapshot);
    if (SUCCEEDED(hr))
    {
        *name = used;
        used = NULL;
        goto done;
    }
    forget_exposure(snapshot);
    snapshot->attributes = attributes;
    snapshot->digest = digest;
    digest = NULL;
    if (FAILED(catalog_record_write(folder, set)))
        log_warning(hr, "The record still says that the shadow copy is exposed; unexpose it.");
done:
    mem_free(digest);
    mem_free(used);
    return hr;
}

HRESULT catalog_expose(const GUID *snapshot_id, const struct catalog_wish *wish, WCHAR **name)
{
    struct catalog_folder folder = {0};
    struct snapshot_set *set = NULL;
    HRESULT hr = fault_at(FAULT_CATALOG, L"expose");
    if (SUCCEEDED(hr))
        hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = catalog_find_holder(&folder, snapshot_id, &set);
    if (SUCCEEDED(hr))
        hr = expose(&folder, set, snapshot_id, wish, name);
    catalog_folder_leave(&folder);
    snapshot_set_release(set);
    return hr;
}

static HRESULT unexpose(
    const struct catalog_folder *folder, struct snapshot_set *set, const GUID *snapshot_id)
{
    struct snapshot *snapshot = snapshot_set_find(set, snapshot_id);
    if (!snapshot->exposed_name)
        return log_error(VSS_E_OBJECT_NOT_FOUND, "The shadow copy is not exposed.");
    HRESULT hr = catalog_record_check_owner(folder, &set->id);
    if (SUCCEEDED(hr))
        hr = catalog_end_exposure(snapshot);
    return SUCCEEDED(hr) ? catalog_record_write(folder, set) : hr;
}

HRESULT catalog_unexpose(const GUID *snapshot_id)
{
    struct catalog_folder folder = {0};
    struct snapshot_set *set = NULL;
    HRESULT hr = fault_at(FAULT_CATALOG, L"unexpose");
    if (SUCCEEDED(hr))
        hr = catalog_folder_enter(&folder);
    if (SUCCEEDED(hr))
        hr = catalog_find_holder(&folder, snapshot_id, &set);
    if (SUCCEEDED(hr))
        hr = unexpose(&folder, set, snapshot_id);
    catalog_folder_leave(&folder);
    snapshot_set_release(set);
    return hr;
}
