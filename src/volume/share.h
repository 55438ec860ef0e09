/* SPDX-License-Identifier: MIT
 *
 * Names of file shares. Pure text but for this computer's own names: no server is asked.
 */
#ifndef THAWLINE_VOLUME_SHARE_H
#define THAWLINE_VOLUME_SHARE_H

#include "base/types.h"

/* Whether the path is one on a share: `\\server\...` or `\\?\UNC\server\...`. */
bool share_has_path(const WCHAR *path);

/* The root of the share that holds `path`, as AddToSnapshotSet takes it: `\\server\share\`.
   `domain`: the server by its fully qualified name; else by its host name. mem_free it.
   E_INVALIDARG: no server, no share or no name that a share can have; VSS_E_OBJECT_NOT_FOUND: the
   server is given by its address. */
HRESULT share_root(const WCHAR *path, bool domain, WCHAR **root);

#endif
