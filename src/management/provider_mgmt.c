/* SPDX-License-Identifier: MIT
 *
 * The management interfaces of providers: what manages storage areas
 * (IVssDifferentialSoftwareSnapshotMgmt) has no meaning for providers that have none, and so none
 * is answered. Any thread. Follows writer-provider 7.
 */
#include "management/provider_mgmt.h"

#include "base/guid.h"
#include "diag/log.h"
#include "provider/provider.h"

HRESULT provider_mgmt_interface(const GUID *provider_id, const IID *iid, IUnknown **out)
{
    if (!out)
        return log_error(E_INVALIDARG, "GetProviderMgmtInterface: a pointer is NULL.");
    *out = NULL;
    if (guid_is_null(provider_id) || guid_is_null(iid))
        return log_error(E_INVALIDARG, "GetProviderMgmtInterface: an identifier is all zero.");
    const struct provider *provider = provider_find(provider_id);
    if (!provider)
        return log_error(
            VSS_E_PROVIDER_NOT_REGISTERED, "GetProviderMgmtInterface: no such provider.");
    return log_error(E_NOINTERFACE, "GetProviderMgmtInterface: %ls has no management interface.",
        provider->name);
}
