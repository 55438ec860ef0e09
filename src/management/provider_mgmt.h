/* SPDX-License-Identifier: MIT
 *
 * The management interfaces of providers.
 */
#ifndef THAWLINE_MANAGEMENT_PROVIDER_MGMT_H
#define THAWLINE_MANAGEMENT_PROVIDER_MGMT_H

#include "base/types.h"

#include <unknwn.h>

/* One reference for the caller, or *out = NULL. E_INVALIDARG: NULL or GUID_NULL;
   VSS_E_PROVIDER_NOT_REGISTERED; E_NOINTERFACE: no provider of ours has that interface. */
HRESULT provider_mgmt_interface(const GUID *provider_id, const IID *iid, IUnknown **out);

#endif
