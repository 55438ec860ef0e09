/* SPDX-License-Identifier: MIT
 *
 * Users by their SIDs, and descriptors that name this process's own. Any thread.
 */
#ifndef THAWLINE_OS_ACCOUNT_H
#define THAWLINE_OS_ACCOUNT_H

#include "base/types.h"

/* A SID and the room that the longest needs. */
union account_sid
{
    SID sid;
    BYTE room[SECURITY_MAX_SID_SIZE];
};

/* The user of a token. The system's error. */
HRESULT account_of_token(HANDLE token, union account_sid *user);
/* This process's user, who stays the same; not to be freed. */
HRESULT account_own(PSID *user);

/* The descriptor that `sddl` says, in which each @ stands for the SID of this process's user.
   LocalFree it. */
HRESULT account_descriptor(const WCHAR *sddl, PSECURITY_DESCRIPTOR *descriptor);

#endif
