/* SPDX-License-Identifier: MIT
 *
 * Walking over a volume. Inside this room only.
 */
#ifndef THAWLINE_PROVIDER_CLONE_SCAN_H
#define THAWLINE_PROVIDER_CLONE_SCAN_H

#include "provider/clone_manifest.h"
#include "provider/clone_scope.h"

/* Makes the manifest of everything in the scope. Links are counted and not followed; a folder that
   can't be read is marked and logged. HRESULT_FROM_WIN32(ERROR_CANCELLED) when the event
   `cancelled` (may be NULL) is set. `manifest` is zeroed before. */
HRESULT clone_scan(
    const struct clone_scope *scope, HANDLE cancelled, struct clone_manifest *manifest);

/* The same, and *left_out (WCHAR: paths) are what the scope does not admit and the links. */
HRESULT clone_scan_all(
    const struct clone_scope *scope, struct clone_manifest *manifest, struct vec *left_out);

#endif
