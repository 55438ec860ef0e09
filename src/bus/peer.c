/* SPDX-License-Identifier: MIT
 *
 * Who may talk to whom. See peer.h. Accounts are judged by their SIDs: a process id says nothing of
 * who answers to it a moment later.
 */
#include "bus/peer.h"

#include <aclapi.h>

#include "base/mem.h"
#include "diag/log.h"
#include "os/account.h"
#include "os/settings.h"

#define ACCESS_CONTROL_KEY L"SYSTEM\\CurrentControlSet\\Services\\VSS\\VssAccessControl"
/* `DOMAIN\user`: a domain has at most 255 units, a user 256. */
#define ACCOUNT_UNITS 520

static HRESULT last_error(void)
{
    DWORD error = GetLastError();
    return HRESULT_FROM_WIN32(error);
}

/* ---- Tokens ---- */

static const WELL_KNOWN_SID_TYPE trusted_kinds[] = {
    WinLocalSystemSid, WinBuiltinAdministratorsSid, WinBuiltinBackupOperatorsSid};

/* Whether the SID itself is one of those that are trusted. */
static bool is_trusted_sid(PSID sid)
{
    for (size_t i = 0; i < sizeof(trusted_kinds) / sizeof(trusted_kinds[0]); i++)
        if (IsWellKnownSid(sid, trusted_kinds[i]))
            return true;
    return false;
}

/* Whether `token` (NULL: the calling thread's) belongs to LocalSystem or to one of the groups. */
static bool is_trusted_token(HANDLE token)
{
    for (size_t i = 0; i < sizeof(trusted_kinds) / sizeof(trusted_kinds[0]); i++)
    {
        BYTE sid[SECURITY_MAX_SID_SIZE];
        DWORD size = sizeof(sid);
        BOOL member = FALSE;
        if (CreateWellKnownSid(trusted_kinds[i], NULL, sid, &size) &&
            CheckTokenMembership(token, sid, &member) && member)
            return true;
    }
    return false;
}

/* ---- VssAccessControl ---- */

HRESULT peer_access_value(DWORD value, enum peer_role role)
{
    return value & (DWORD)role ? S_OK : E_ACCESSDENIED;
}

static bool is_strict(void)
{
    return settings_get_number(L"STRICT", 0) != 0;
}

/* S_OK, E_ACCESSDENIED, or S_FALSE: the registry does not name the account. */
static HRESULT registry_says(PSID sid, enum peer_role role)
{
    WCHAR domain[ACCOUNT_UNITS / 2];
    WCHAR user[ACCOUNT_UNITS / 2];
    WCHAR account[ACCOUNT_UNITS];
    DWORD domain_units = ACCOUNT_UNITS / 2;
    DWORD user_units = ACCOUNT_UNITS / 2;
    DWORD value = 0;
    DWORD size = sizeof(value);
    SID_NAME_USE use;
    if (!LookupAccountSidW(NULL, sid, user, &user_units, domain, &domain_units, &use))
        return S_FALSE;
    lstrcpyW(account, domain);
    lstrcatW(account, L"\\");
    lstrcatW(account, user);
    LSTATUS status = RegGetValueW(
        HKEY_LOCAL_MACHINE, ACCESS_CONTROL_KEY, account, RRF_RT_REG_DWORD, NULL, &value, &size);
    return status ? S_FALSE : peer_access_value(value, role);
}

/* `member` of one of the groups; `same` user as this process's. */
static HRESULT judge(PSID sid, bool member, bool same, enum peer_role role)
{
    if (!is_strict())
        return member || same ? S_OK : E_ACCESSDENIED;
    HRESULT said = registry_says(sid, role);
    if (said != S_FALSE)
        return said;
    return member ? S_OK : E_ACCESSDENIED;
}

HRESULT peer_check_self(enum peer_role role)
{
    if (!is_strict())
        return S_OK;
    TOKEN_USER *user = NULL;
    HRESULT hr = account_own(&user);
    if (SUCCEEDED(hr))
        hr = judge(user->User.Sid, is_trusted_token(NULL), true, role);
    mem_free(user);
    return hr;
}

/* ---- The other end ---- */

HRESULT peer_check_server(HANDLE pipe)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PSID owner = NULL;
    TOKEN_USER *user = NULL;
    DWORD error = GetSecurityInfo(pipe, SE_KERNEL_OBJECT, OWNER_SECURITY_INFORMATION, &owner, NULL,
        NULL, NULL, &descriptor);
    HRESULT hr = HRESULT_FROM_WIN32(error);
    if (SUCCEEDED(hr) && !owner)
        hr = E_ACCESSDENIED;
    if (SUCCEEDED(hr))
        hr = account_own(&user);
    if (SUCCEEDED(hr))
    {
        bool same = EqualSid(owner, user->User.Sid);
        /* Another account's groups are not known; administrators own what they make as a group. */
        bool member = is_trusted_sid(owner) || (same && is_trusted_token(NULL));
        hr = judge(owner, member, same, PEER_WRITER);
    }
    mem_free(user);
    LocalFree(descriptor);
    return hr;
}

/* On behalf of the client, as which this thread runs just now. */
static HRESULT check_impersonated(void)
{
    HANDLE token = NULL;
    TOKEN_USER *client = NULL;
    TOKEN_USER *user = NULL;
    if (!OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token))
        return last_error();
    bool trusted = is_trusted_token(token);
    RevertToSelf();
    HRESULT hr = account_of_token(token, &client);
    if (SUCCEEDED(hr))
        hr = account_own(&user);
    if (SUCCEEDED(hr))
        hr = judge(client->User.Sid, trusted, EqualSid(client->User.Sid, user->User.Sid),
            PEER_REQUESTOR);
    mem_free(client);
    mem_free(user);
    CloseHandle(token);
    return hr;
}

HRESULT peer_check_client(HANDLE pipe)
{
    if (!ImpersonateNamedPipeClient(pipe))
        return last_error();
    HRESULT hr = check_impersonated();
    RevertToSelf();
    return hr;
}

/* ---- Descriptors ---- */

/* SYSTEM, administrators, backup operators, and the owner. */
#define DESCRIPTOR(rights)                                                                         \
    L"O:@D:P(A;;" rights L";;;SY)(A;;" rights L";;;BA)(A;;" rights L";;;BO)(A;;GA;;;@)"

HRESULT peer_pipe_descriptor(PSECURITY_DESCRIPTOR *descriptor)
{
    /* Reading and writing, but not FILE_CREATE_PIPE_INSTANCE, which is the owner's:
       FILE_GENERIC_READ | FILE_WRITE_DATA | SYNCHRONIZE. */
    return account_descriptor(DESCRIPTOR(L"0x12008b"), descriptor);
}

HRESULT peer_event_descriptor(PSECURITY_DESCRIPTOR *descriptor)
{
    return account_descriptor(DESCRIPTOR(L"0x120000"), descriptor); /* READ_CONTROL | SYNCHRONIZE */
}
