/* SPDX-License-Identifier: MIT
 *
 * Drives and mount folders under Wine: symbolic links on the host. See exposure_system.h.
 */
#include "volume/exposure_system.h"

#include "volume/wine_link.h"

/* ---- Drives ---- */

static HRESULT make_drive(const WCHAR *folder, WCHAR letter)
{
    char *target = wine_host_name(folder);
    HRESULT hr = target ? wine_define_drive(letter, target)
                        : HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
    wine_host_name_free(target);
    return hr;
}

static HRESULT remove_drive(const WCHAR *folder, WCHAR letter)
{
    (void)folder;
    return wine_define_drive(letter, NULL);
}

static bool is_drive(const WCHAR *folder, WCHAR letter)
{
    const WCHAR root[] = {letter, L':', L'\\', 0};
    return wine_is_same_folder(folder, root);
}

/* ---- Mount folders ---- */

static HRESULT make_mount(const WCHAR *folder, const WCHAR *mount)
{
    char *target = wine_host_name(folder);
    HRESULT hr = target ? wine_define_folder(mount, target)
                        : HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
    wine_host_name_free(target);
    return hr;
}

static HRESULT remove_mount(const WCHAR *folder, const WCHAR *mount)
{
    (void)folder;
    return wine_define_folder(mount, NULL);
}

static bool is_mount(const WCHAR *folder, const WCHAR *mount)
{
    return wine_is_link(mount) && wine_is_same_folder(folder, mount);
}

const struct exposure_system exposure_on_wine = {
    .make_drive = make_drive,
    .remove_drive = remove_drive,
    .is_drive = is_drive,
    .make_mount = make_mount,
    .remove_mount = remove_mount,
    .is_mount = is_mount,
};
