/* SPDX-License-Identifier: MIT
 *
 * GetRootAndLogicalPrefixPaths: from a file to the volume or share that holds it. Needs no session.
 * Follows requestor 2.11.
 */
#include "requestor/bc.h"

#include "base/mem.h"
#include "com/com_object.h"
#include "diag/log.h"
#include "volume/share.h"
#include "volume/volume.h"

/* Both as CoTaskMemFree takes them, or neither. */
static HRESULT give(
    const WCHAR *root, const WCHAR *prefix, VSS_PWSZ *root_out, VSS_PWSZ *prefix_out)
{
    WCHAR *copy = NULL;
    HRESULT hr = com_task_string(root, &copy);
    if (SUCCEEDED(hr))
        hr = com_task_string(prefix, prefix_out);
    if (SUCCEEDED(hr))
        *root_out = copy;
    else
        CoTaskMemFree(copy);
    return hr;
}

/* Without a file share provider nobody resolves DFS or cluster names: the share is where its name
   says. */
static HRESULT of_share(const WCHAR *file, bool domain, VSS_PWSZ *root, VSS_PWSZ *prefix)
{
    WCHAR *share = NULL;
    HRESULT hr = share_root(file, domain, &share);
    if (SUCCEEDED(hr))
        hr = give(share, share, root, prefix);
    mem_free(share);
    return hr;
}

static HRESULT of_volume(const WCHAR *file, VSS_PWSZ *root, VSS_PWSZ *prefix)
{
    struct volume *volume = NULL;
    HRESULT hr = volume_of_path(file, &volume);
    if (SUCCEEDED(hr))
        hr = give(volume->path, volume->name, root, prefix);
    volume_free(volume);
    return hr;
}

BC_METHOD(GetRootAndLogicalPrefixPaths, VSS_PWSZ file, VSS_PWSZ *root, VSS_PWSZ *prefix,
    WINBOOL normalize)
{
    if (root)
        *root = NULL;
    if (prefix)
        *prefix = NULL;
    const struct bc_called called = bc_trace_call(bc_from_interface(iface));
    HRESULT hr;
    if (!file || !root || !prefix)
        hr = log_error(E_INVALIDARG, "GetRootAndLogicalPrefixPaths: a pointer is NULL.");
    else if (share_has_path(file))
        hr = of_share(file, normalize != FALSE, root, prefix);
    else
        hr = of_volume(file, root, prefix);
    return bc_trace_called(&called, "GetRootAndLogicalPrefixPaths", hr);
}
