/* SPDX-License-Identifier: MIT
 *
 * The program btrfs. See btrfs_tool.h; what a user who is not root may do is in wine facts 5.
 */
#include "provider/btrfs_tool.h"

#include <string.h>

#include "base/mem.h"
#include "base/str16.h"
#include "diag/log.h"
#include "provider/clone_file.h"
#include "volume/native_tool.h"
#include "volume/wine_link.h"

/* Gigabytes of dirty data on a slow disk. */
#define SYNC_LIMIT_S 600
/* Inside the freeze: as long as Windows holds writes (requestor 5.4). */
#define SNAPSHOT_LIMIT_S 10
#define PROPERTY_LIMIT_S 30
/* A user who is not root deletes file by file. */
#define DELETE_LIMIT_S 600

/* What the contract says for how a program ended. */
static HRESULT result_of(HRESULT hr, const struct native_answer *answer)
{
    if (SUCCEEDED(hr) || hr == E_OUTOFMEMORY)
        return hr;
    bool full = answer->said &&
        (strstr(answer->said, "No space left") || strstr(answer->said, "quota exceeded"));
    return full ? VSS_E_INSUFFICIENT_STORAGE : VSS_E_PROVIDER_VETO;
}

/* `arguments` with room for the program in front. */
static HRESULT run_btrfs(const char **arguments, unsigned limit_s, bool quiet)
{
    struct native_answer answer = {.exit_code = -1};
    char *tool = NULL;
    HRESULT hr = native_tool_find("btrfs", &tool);
    arguments[0] = tool ? tool : "btrfs";
    if (hr == S_FALSE)
        hr = HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    else if (SUCCEEDED(hr))
        hr = native_tool_run(arguments, limit_s, &answer);
    if (FAILED(hr) && !quiet)
        native_tool_log(hr, arguments, &answer);
    hr = result_of(hr, &answer);
    native_answer_free(&answer);
    mem_free(tool);
    return hr;
}

static HRESULT host_name(const WCHAR *path, char **name)
{
    *name = wine_host_name(path);
    return *name ? S_OK : log_error(VSS_E_PROVIDER_VETO, "%ls has no name on the host.", path);
}

HRESULT btrfs_tool_sync(const struct host_place *place)
{
    const char *arguments[] = {NULL, "filesystem", "sync", place->path, NULL};
    return run_btrfs(arguments, SYNC_LIMIT_S, false);
}

HRESULT btrfs_tool_snapshot(const struct host_place *place, const WCHAR *copy)
{
    char *name = NULL;
    HRESULT hr = host_name(copy, &name);
    /* Into a folder of that name it would go under the name of the original. */
    if (SUCCEEDED(hr) && GetFileAttributesW(copy) != INVALID_FILE_ATTRIBUTES)
        hr = log_error(VSS_E_PROVIDER_VETO, "%ls is there already.", copy);
    const char *arguments[] = {NULL, "subvolume", "snapshot", place->path, name, NULL};
    if (SUCCEEDED(hr))
        hr = run_btrfs(arguments, SNAPSHOT_LIMIT_S, false);
    wine_host_name_free(name);
    return hr;
}

static HRESULT set_read_only(const char *name, const char *value, bool quiet)
{
    const char *arguments[] = {NULL, "property", "set", "-ts", name, "ro", value, NULL};
    return run_btrfs(arguments, PROPERTY_LIMIT_S, quiet);
}

HRESULT btrfs_tool_seal(const WCHAR *copy)
{
    char *name = NULL;
    HRESULT hr = host_name(copy, &name);
    if (SUCCEEDED(hr))
        hr = set_read_only(name, "true", false);
    wine_host_name_free(name);
    return hr;
}

static HRESULT remove_files(const char *name)
{
    const char *const arguments[] = {"/bin/rm", "-rf", "--one-file-system", "--", name, NULL};
    struct native_answer answer;
    HRESULT hr = native_tool_run(arguments, DELETE_LIMIT_S, &answer);
    if (FAILED(hr))
        native_tool_log(hr, arguments, &answer);
    hr = result_of(hr, &answer);
    native_answer_free(&answer);
    return hr;
}

HRESULT btrfs_tool_remove(const WCHAR *path)
{
    char *name = NULL;
    HRESULT hr = host_name(path, &name);
    if (SUCCEEDED(hr))
        hr = remove_files(name);
    wine_host_name_free(name);
    return hr;
}

/* Root deletes a subvolume in no time; for others the mount options may forbid it, and they delete
   its files. */
static HRESULT delete_named(const char *name)
{
    const char *arguments[] = {NULL, "subvolume", "delete", name, NULL};
    HRESULT hr = run_btrfs(arguments, DELETE_LIMIT_S, true);
    if (SUCCEEDED(hr) || hr == E_OUTOFMEMORY)
        return hr;
    set_read_only(name, "false", true);
    return remove_files(name);
}

/* By its attributes a subvolume is like a link to Wine. */
static HRESULT check_no_link(const WCHAR *copy)
{
    struct clone_link_check links = {0};
    HANDLE folder = NULL;
    HRESULT hr = clone_open(copy, CLONE_FOLDER, CLONE_EXISTING, FILE_READ_ATTRIBUTES, 0, &folder);
    if (SUCCEEDED(hr))
        hr = clone_link_check(&links, folder, copy);
    if (folder)
        CloseHandle(folder);
    clone_link_check_free(&links);
    if (hr == S_OK || hr == E_OUTOFMEMORY)
        return hr;
    return log_error(VSS_E_PROVIDER_VETO, "%ls is no snapshot: left where it is.", copy);
}

HRESULT btrfs_tool_delete(const WCHAR *copy)
{
    char *name = NULL;
    if (GetFileAttributesW(copy) == INVALID_FILE_ATTRIBUTES)
        return S_OK;
    HRESULT hr = check_no_link(copy);
    if (SUCCEEDED(hr))
        hr = host_name(copy, &name);
    if (SUCCEEDED(hr))
        hr = delete_named(name);
    wine_host_name_free(name);
    return hr;
}
