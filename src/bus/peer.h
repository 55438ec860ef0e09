/* SPDX-License-Identifier: MIT
 *
 * Who may talk to whom: requestors and writers run as LocalSystem, as administrators, as backup
 * operators, or as the same user as their counterpart. Under the `strict` profile the account's
 * value under VssAccessControl counts as well, and what it denies is denied. Any thread. Follows
 * requestor 0.5 and writer-provider 3.9.
 */
#ifndef THAWLINE_BUS_PEER_H
#define THAWLINE_BUS_PEER_H

#include "base/types.h"

enum peer_role
{
    PEER_WRITER = 1, /* the bits of VssAccessControl's values */
    PEER_REQUESTOR = 2
};

/* Who may connect to a writer's pipe; who may see that it is there. LocalFree it. */
HRESULT peer_pipe_descriptor(PSECURITY_DESCRIPTOR *descriptor);
HRESULT peer_event_descriptor(PSECURITY_DESCRIPTOR *descriptor);

/* E_ACCESSDENIED: the server of this connection is nobody whose word counts. */
HRESULT peer_check_server(HANDLE pipe);
/* The same for the client, of which something has been read. */
HRESULT peer_check_client(HANDLE pipe);
/* Under the `strict` profile: whether this process's own account may be that. Else S_OK. */
HRESULT peer_check_self(enum peer_role role);

/* What an account's value says of a role; S_FALSE when it has none. For tests, too. */
HRESULT peer_access_value(DWORD value, enum peer_role role);

#endif
