/* SPDX-License-Identifier: MIT
 *
 * Who may talk to whom. See peer.h. Accounts are judged by their SIDs: a process id says nothing of
 * who answers to it a moment later.
 */
#include "bus/peer.h"

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

struct subject
{
    PSID sid;
    bool same;    /* this process's user */
    HANDLE token; /* NULL: not known, or this process's */
};

/* Of one of the groups. What the token says costs many questions to the system: asked last. */
static bool is_member(const struct subject *who)
{
    if (who->token)
        return is_trusted_token(who->token);
    /* Another account's groups are not known; administrators own what they make as a group. */
    return is_trusted_sid(who->sid) || (who->same && is_trusted_token(NULL));
}

static HRESULT judge(const struct subject *who, enum peer_role role)
{
    HRESULT said = is_strict() ? registry_says(who->sid, role) : who->same ? S_OK : S_FALSE;
    if (said != S_FALSE)
        return said;
    return is_member(who) ? S_OK : E_ACCESSDENIED;
}

HRESULT peer_check_self(enum peer_role role)
{
    struct subject self = {.same = true};
    if (!is_strict())
        return S_OK;
    HRESULT hr = account_own(&self.sid);
    return SUCCEEDED(hr) ? judge(&self, role) : hr;
}

static HRESULT judge_other(PSID sid, HANDLE token, enum peer_role role)
{
    PSID own = NULL;
    HRESULT hr = account_own(&own);
    if (FAILED(hr))
        return hr;
    const struct subject other = {.sid = sid, .same = EqualSid(sid, own), .token = token};
    return judge(&other, role);
}

/* ---- The other end ---- */

HRESULT peer_check_server(HANDLE pipe)
{
    union
    {
        SECURITY_DESCRIPTOR descriptor;
        BYTE room[SECURITY_DESCRIPTOR_MIN_LENGTH + SECURITY_MAX_SID_SIZE];
    } read;
    PSID owner = NULL;
    BOOL defaulted;
    DWORD size = sizeof(read);
    if (!GetKernelObjectSecurity(pipe, OWNER_SECURITY_INFORMATION, &read, size, &size) ||
        !GetSecurityDescriptorOwner(&read, &owner, &defaulted))
        return last_error();
    return owner ? judge_other(owner, NULL, PEER_WRITER) : E_ACCESSDENIED;
}

HRESULT peer_check_client(HANDLE pipe)
{
    HANDLE token = NULL;
    union account_sid client;
    if (!ImpersonateNamedPipeClient(pipe))
        return last_error();
    HRESULT hr = OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, TRUE, &token) ? S_OK
                                                                                : last_error();
    if (!RevertToSelf())
        hr = last_error();
    if (SUCCEEDED(hr))
        hr = account_of_token(token, &client);
    if (SUCCEEDED(hr))
        hr = judge_other(&client, token, PEER_REQUESTOR);
    if (token)
        CloseHandle(token);
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
