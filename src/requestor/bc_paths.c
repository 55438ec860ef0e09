/* SPDX-License-Identifier: MIT
 *
 * GetRootAndLogicalPrefixPaths: from a file to the volume that holds it. Needs no session. Follows
 * requestor 2.11.
 */
#include "requestor/bc.h"

#include "base/str16.h"
#include "com/com_object.h"
#include "diag/log.h"
#include "volume/volume.h"

BC_METHOD(GetRootAndLogicalPrefixPaths, VSS_PWSZ file, VSS_PWSZ *root, VSS_PWSZ *prefix,
    WINBOOL normalize)
{
    struct volume *volume = NULL;
    WCHAR *root_copy = NULL;
    (void)iface;
    (void)normalize; /* of server names only */
    if (root)
        *root = NULL;
    if (prefix)
        *prefix = NULL;
    if (!file || !root || !prefix)
        return log_error(E_INVALIDARG, "GetRootAndLogicalPrefixPaths: a pointer is NULL.");
    if (str16_starts_with(file, L"\\\\") && !str16_starts_with(file, L"\\\\?\\"))
        return log_not_implemented("GetRootAndLogicalPrefixPaths for a share");
    HRESULT hr = volume_of_path(file, &volume);
    if (SUCCEEDED(hr))
        hr = com_task_string(volume->path, &root_copy);
    if (SUCCEEDED(hr))
        hr = com_task_string(volume->name, prefix);
    if (SUCCEEDED(hr))
        *root = root_copy;
    else
        CoTaskMemFree(root_copy);
    volume_free(volume);
    return hr;
}
