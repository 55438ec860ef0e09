/* SPDX-License-Identifier: MIT
 *
 * Users and descriptors. See account.h.
 */
#include "os/account.h"

#include <sddl.h>

#include "base/mem.h"
#include "base/str16.h"

static HRESULT last_error(void)
{
    DWORD error = GetLastError();
    return HRESULT_FROM_WIN32(error);
}

HRESULT account_of_token(HANDLE token, union account_sid *user)
{
    union
    {
        TOKEN_USER user;
        BYTE room[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } read;
    DWORD size = sizeof(read);
    if (!GetTokenInformation(token, TokenUser, &read, size, &size) ||
        !CopySid(sizeof(*user), user, read.user.User.Sid))
        return last_error();
    return S_OK;
}

/* Asked for with every connection; a process's own token is given to it before it runs. */
static union account_sid own_user; /* set once */
static INIT_ONCE own_once = INIT_ONCE_STATIC_INIT;

static BOOL CALLBACK read_own(INIT_ONCE *once, void *result, void **context)
{
    HANDLE token = NULL;
    (void)once;
    (void)context;
    HRESULT hr = OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token) ? S_OK : last_error();
    if (SUCCEEDED(hr))
    {
        hr = account_of_token(token, &own_user);
        CloseHandle(token);
    }
    *(HRESULT *)result = hr;
    return SUCCEEDED(hr);
}

HRESULT account_own(PSID *user)
{
    HRESULT hr = S_OK;
    if (!InitOnceExecuteOnce(&own_once, read_own, &hr, NULL))
        return FAILED(hr) ? hr : last_error();
    *user = &own_user;
    return S_OK;
}

/* mem_free it; NULL when memory is exhausted. */
static WCHAR *fill_in(const WCHAR *sddl, const WCHAR *sid)
{
    struct str16_builder text = {0};
    for (; *sddl; sddl++)
    {
        if (*sddl == L'@')
            str16_builder_add(&text, sid);
        else
            str16_builder_add_char(&text, *sddl);
    }
    return str16_builder_take(&text);
}

HRESULT account_descriptor(const WCHAR *sddl, PSECURITY_DESCRIPTOR *descriptor)
{
    PSID user = NULL;
    WCHAR *sid = NULL;
    HRESULT hr = account_own(&user);
    if (SUCCEEDED(hr) && !ConvertSidToStringSidW(user, &sid))
        hr = last_error();
    if (FAILED(hr))
        return hr;
    WCHAR *full = fill_in(sddl, sid);
    LocalFree(sid);
    if (!full)
        return E_OUTOFMEMORY;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(
            full, SDDL_REVISION_1, descriptor, NULL))
        hr = last_error();
    mem_free(full);
    return hr;
}
