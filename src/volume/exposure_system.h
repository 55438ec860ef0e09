/* SPDX-License-Identifier: MIT
 *
 * How a system shows a folder under another name; inside this room only. Which of them it is is
 * found out at run time.
 */
#ifndef THAWLINE_VOLUME_EXPOSURE_SYSTEM_H
#define THAWLINE_VOLUME_EXPOSURE_SYSTEM_H

#include "base/types.h"

/* `folder` has no backslash at the end; `letter` is a capital. The `is` questions tell whether the
   name shows this folder just now. Errors are the system's. */
struct exposure_system
{
    HRESULT (*make_drive)(const WCHAR *folder, WCHAR letter);
    HRESULT (*remove_drive)(const WCHAR *folder, WCHAR letter);
    bool (*is_drive)(const WCHAR *folder, WCHAR letter);
    HRESULT (*make_mount)(const WCHAR *folder, const WCHAR *mount);
    /* An empty folder is left. */
    HRESULT (*remove_mount)(const WCHAR *folder, const WCHAR *mount);
    bool (*is_mount)(const WCHAR *folder, const WCHAR *mount);
};

extern const struct exposure_system exposure_on_windows;
extern const struct exposure_system exposure_on_wine;

#endif
