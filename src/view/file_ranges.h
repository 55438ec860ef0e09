/* SPDX-License-Identifier: MIT
 *
 * Lists of byte ranges as partial files and directed targets carry them: `offset:length,
 * offset:length`, numbers of 64 bits in decimal or with 0x in hexadecimal; or the path of a file
 * that holds such a list.
 */
#ifndef THAWLINE_VIEW_FILE_RANGES_H
#define THAWLINE_VIEW_FILE_RANGES_H

#include "base/types.h"

/* Whether what `source` selects fits what `destination` selects: as many ranges, each of the same
   length. A list in a file is taken on trust. False for a list that is malformed. */
bool file_ranges_agree(const WCHAR *source, const WCHAR *destination);
/* Whether `ranges` can be read. An empty text can, and so can the path of a file. */
bool file_ranges_valid(const WCHAR *ranges);

#endif
