/* SPDX-License-Identifier: MIT
 *
 * Folders of one user. See private_folder.h.
 */
#include "volume/private_folder.h"

#include <aclapi.h>
#include <shlobj.h>

#include "base/hooks.h"
#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "os/account.h"
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

static HRESULT make_last(const WCHAR *path)
{
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof(attributes)};
    /* All rights, inherited by what is inside, and nothing from the folder above. */
    HRESULT hr = account_descriptor(L"D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;@)",
        (PSECURITY_DESCRIPTOR *)&attributes.lpSecurityDescriptor);
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

/* Windows: what an elevated administrator makes belongs to the group. */
static bool may_use(PSID owner, bool own_only)
{
    BYTE administrators[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof(administrators);
    if (own_only && !IsWellKnownSid(owner, WinBuiltinAdministratorsSid) &&
        !IsWellKnownSid(owner, WinLocalSystemSid))
        return false;
    return CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators, &size) &&
        is_administrator(administrators);
}

static HRESULT check_owner(const WCHAR *path, bool own_only)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PSID owner = NULL;
    WCHAR *own = file_long_path(path);
    PSID user = NULL;
    HRESULT hr = own ? account_own(&user) : E_OUTOFMEMORY;
    if (FAILED(hr))
    {
        mem_free(own);
        return hr;
    }
    DWORD error = GetNamedSecurityInfoW(
        own, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, &owner, NULL, NULL, NULL, &descriptor);
    hr = HRESULT_FROM_WIN32(error);
    /* A file system without owners: nobody else's either. */
    if (!error && owner && !EqualSid(owner, user) && !may_use(owner, own_only))
        hr = E_ACCESSDENIED;
    LocalFree(descriptor);
    mem_free(own);
    return hr;
}

HRESULT private_folder_check(const WCHAR *path)
{
    return check_owner(path, false);
}

HRESULT private_folder_check_own(const WCHAR *path)
{
    return check_owner(path, true);
}
