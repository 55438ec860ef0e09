/* SPDX-License-Identifier: MIT
 *
 * Folders of one user. See private_folder.h.
 */
#include "volume/private_folder.h"

#include <aclapi.h>
#include <sddl.h>
#include <shlobj.h>

#include "base/hooks.h"
#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/file.h"

#define OWN_FOLDER L"Thawline"

static HRESULT last_error(void)
{
    DWORD error = GetLastError();
    return HRESULT_FROM_WIN32(error);
}

HRESULT private_folder_base(WCHAR **path)
{
    WCHAR folder[MAX_PATH];
    HRESULT hr = SHGetFolderPathW(
        NULL, CSIDL_LOCAL_APPDATA | CSIDL_FLAG_CREATE, NULL, SHGFP_TYPE_CURRENT, folder);
    if (hr != S_OK)
        return log_error(
            FAILED(hr) ? hr : E_FAIL, "This user has no folder for local application data.");
    *path = file_join(folder, OWN_FOLDER);
    return *path ? S_OK : E_OUTOFMEMORY;
}

/* TOKEN_USER of this process; mem_free it. NULL when memory is exhausted. */
static TOKEN_USER *current_user(void)
{
    HANDLE token = NULL;
    TOKEN_USER *user = NULL;
    DWORD size = 0;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return NULL;
    GetTokenInformation(token, TokenUser, NULL, 0, &size);
    user = mem_alloc(size);
    if (user && !GetTokenInformation(token, TokenUser, user, size, &size))
    {
        mem_free(user);
        user = NULL;
    }
    CloseHandle(token);
    return user;
}

/* All rights, inherited by what is inside, to the user, SYSTEM and administrators; nothing from the
   folder above. LocalFree it. */
static HRESULT private_descriptor(PSECURITY_DESCRIPTOR *descriptor)
{
    WCHAR *sid = NULL;
    struct str16_builder text = {0};
    TOKEN_USER *user = current_user();
    HRESULT hr = user ? S_OK : E_OUTOFMEMORY;
    if (SUCCEEDED(hr) && !ConvertSidToStringSidW(user->User.Sid, &sid))
        hr = last_error();
    str16_builder_add(&text, L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;");
    str16_builder_add(&text, sid);
    str16_builder_add(&text, L")");
    WCHAR *sddl = str16_builder_take(&text);
    if (SUCCEEDED(hr) && !sddl)
        hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr) &&
        !ConvertStringSecurityDescriptorToSecurityDescriptorW(
            sddl, SDDL_REVISION_1, descriptor, NULL))
        hr = last_error();
    mem_free(sddl);
    LocalFree(sid);
    mem_free(user);
    return hr;
}

static HRESULT make_last(const WCHAR *path)
{
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof(attributes)};
    HRESULT hr = private_descriptor(&attributes.lpSecurityDescriptor);
    if (SUCCEEDED(hr) && !CreateDirectoryW(path, &attributes))
        hr = last_error();
    LocalFree(attributes.lpSecurityDescriptor);
    return hr;
}

/* The folder above `path`; mem_free it. */
static WCHAR *parent_of(const WCHAR *path)
{
    const WCHAR *last = str16_find_last_char(path, L'\\');
    return last ? str16_ndup(path, (size_t)(last - path)) : NULL;
}

/* It is there already: whether it will do. A link could lead to anyone's folder. */
static HRESULT check_present(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return last_error();
    if (!(attributes & FILE_ATTRIBUTE_DIRECTORY))
        return HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS);
    if (attributes & FILE_ATTRIBUTE_REPARSE_POINT)
        return HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK);
    return private_folder_check(path);
}

HRESULT private_folder_make(const WCHAR *path)
{
    WCHAR *own = file_long_path(path);
    WCHAR *parent = own ? parent_of(own) : NULL;
    HRESULT hr = parent ? S_OK : E_OUTOFMEMORY;
    if (SUCCEEDED(hr) && base_hooks.before_file_op)
        hr = base_hooks.before_file_op("make-folder", path);
    if (SUCCEEDED(hr))
        hr = make_last(own);
    if (hr == HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND))
    {
        hr = file_make_folders(parent);
        if (SUCCEEDED(hr))
            hr = make_last(own);
    }
    if (hr == HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS))
        hr = check_present(own);
    mem_free(parent);
    mem_free(own);
    return hr;
}

static bool is_administrator(PSID administrators)
{
    BOOL member = FALSE;
    return CheckTokenMembership(NULL, administrators, &member) && member;
}

HRESULT private_folder_check(const WCHAR *path)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PSID owner = NULL;
    WCHAR *own = file_long_path(path);
    TOKEN_USER *user = current_user();
    if (!own || !user)
    {
        mem_free(own);
        mem_free(user);
        return E_OUTOFMEMORY;
    }
    DWORD error = GetNamedSecurityInfoW(
        own, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, &owner, NULL, NULL, NULL, &descriptor);
    BYTE administrators[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof(administrators);
    HRESULT hr = HRESULT_FROM_WIN32(error);
    /* A file system without owners: nobody else's either. */
    if (!error && owner && !EqualSid(owner, user->User.Sid))
    {
        /* Windows: what an elevated administrator makes belongs to the group. */
        if (!CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators, &size) ||
            !is_administrator(administrators))
            hr = E_ACCESSDENIED;
    }
    LocalFree(descriptor);
    mem_free(user);
    mem_free(own);
    return hr;
}
