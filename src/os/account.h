/* SPDX-License-Identifier: MIT
 *
 * Users by their SIDs, and descriptors that name this process's own. Any thread.
 */
#ifndef THAWLINE_OS_ACCOUNT_H
#define THAWLINE_OS_ACCOUNT_H

#include "base/types.h"

/* The user of a token, of this process; mem_free it. E_OUTOFMEMORY or the system's error. */
HRESULT account_of_token(HANDLE token, TOKEN_USER **user);
HRESULT account_own(TOKEN_USER **user);

/* The descriptor that `sddl` says, in which each @ stands for the SID of this process's user.
   LocalFree it. */
HRESULT account_descriptor(const WCHAR *sddl, PSECURITY_DESCRIPTOR *descriptor);

#endif
