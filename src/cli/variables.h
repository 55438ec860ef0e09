/* SPDX-License-Identifier: MIT
 *
 * Environment variables in the paths that writers write. Any thread.
 */
#ifndef THAWLINE_CLI_VARIABLES_H
#define THAWLINE_CLI_VARIABLES_H

#include <windows.h>

/* The path with the variables in it that name folders of the system and of the user; all others
   stay as they are, so that a document cannot read the rest of the environment. free() it. */
WCHAR *variables_expand(const WCHAR *path);

#endif
