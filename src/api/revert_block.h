/* SPDX-License-Identifier: MIT
 *
 * Writers that an administrator has named as blocking the revert of a volume.
 */
#ifndef THAWLINE_API_REVERT_BLOCK_H
#define THAWLINE_API_REVERT_BLOCK_H

#include "base/types.h"

/* Whether a writer listed under
   HKLM\SYSTEM\CurrentControlSet\Services\VSS\Settings\WritersBlockingRevert has a component on the
   volume. E_INVALIDARG: no such volume; E_ACCESSDENIED; E_OUTOFMEMORY. Asks the writers, if any is
   listed. */
HRESULT revert_block_check(const WCHAR *volume_name, bool *blocked);

#endif
