/* SPDX-License-Identifier: MIT
 *
 * File specifications with wildcards, as writers give them. Pure text; any thread.
 */
#ifndef THAWLINE_PROVIDER_FILE_PATTERN_H
#define THAWLINE_PROVIDER_FILE_PATTERN_H

#include "base/types.h"

/* Whether `name` (one part of a path) matches `pattern`: `*` is any text, `?` any one unit, letters
   match in either case. `*.*`, `*`, "" and NULL match every name, as everywhere on Windows. */
bool file_pattern_matches(const WCHAR *pattern, const WCHAR *name);

/* Paths without regard to case, by the system's table and not the user's language. */
bool file_path_equal(const WCHAR *a, const WCHAR *b);
/* Whether `path` lies in `folder`, at any depth, or is the folder. "" is the root, in which
   everything lies. */
bool file_path_is_within(const WCHAR *path, const WCHAR *folder);

#endif
