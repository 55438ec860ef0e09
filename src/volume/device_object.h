/* SPDX-License-Identifier: MIT
 *
 * Device objects of shadow copies: the names by which programs reach their files. Any thread, any
 * process; what is made here outlives its process.
 *
 * Under Wine it is `\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopyN`, a link of the prefix that each
 * of its processes resolves like any other path, and beside it `\\?\HarddiskVolumeShadowCopyN`. On
 * Windows, where only drivers make devices, it is the folder's path below the device of its volume.
 * Where neither leads to the folder, its own path serves. Follows requestor 5 and wine facts 4.
 */
#ifndef THAWLINE_VOLUME_DEVICE_OBJECT_H
#define THAWLINE_VOLUME_DEVICE_OBJECT_H

#include "base/types.h"

/* Gives `folder` (absolute, extended form, no backslash at the end) a device object. mem_free
   *name, which has no backslash at the end. E_OUTOFMEMORY; nothing else fails. */
HRESULT device_object_make(const WCHAR *folder, WCHAR **name);

/* Ends what device_object_make began for `folder`, which may be gone by now. `name` is what it
   gave; NULL, as after a crash between the two: whatever leads to the folder. What leads elsewhere
   stays. The folder itself is never touched. A failure is logged; whoever comes next may try
   again. */
HRESULT device_object_remove(const WCHAR *folder, const WCHAR *name);

#endif
