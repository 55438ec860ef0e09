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

HRESULT account_of_token(HANDLE token, TOKEN_USER **user)
{
    DWORD size = 0;
    GetTokenInformation(token, TokenUser, NULL, 0, &size);
    TOKEN_USER *read = mem_alloc(size);
    if (!read)
        return E_OUTOFMEMORY;
    if (!GetTokenInformation(token, TokenUser, read, size, &size))
    {
        HRESULT hr = last_error();
        mem_free(read);
        return hr;
    }
    *user = read;
    return S_OK;
}

HRESULT account_own(TOKEN_USER **user)
{
    HANDLE token = NULL;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return last_error();
    HRESULT hr = account_of_token(token, user);
    CloseHandle(token);
    return hr;
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
    TOKEN_USER *user = NULL;
    WCHAR *sid = NULL;
    HRESULT hr = account_own(&user);
    if (SUCCEEDED(hr) && !ConvertSidToStringSidW(user->User.Sid, &sid))
        hr = last_error();
    mem_free(user);
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
