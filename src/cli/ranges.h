/* SPDX-License-Identifier: MIT
 *
 * Ranges of bytes of files, as writers name them for partial files and directed targets: in a list,
 * `offset:length,offset:length`, decimal or with 0x hexadecimal, or in a file of 64-bit numbers.
 * Main thread.
 */
#ifndef THAWLINE_CLI_RANGES_H
#define THAWLINE_CLI_RANGES_H

#include <stdbool.h>
#include <windows.h>

struct range
{
    ULONGLONG offset;
    ULONGLONG length;
};

struct ranges
{
    struct range *items;
    size_t count;
};

/* False, and nothing to free: it is no list, or what it names lies beyond any file or is more than
   any file holds. */
bool ranges_parse(const WCHAR *list, struct ranges *ranges);
/* A list, or the path of a ranges file, bare or as `File=path`. A Win32 error. */
DWORD ranges_read(const WCHAR *text, struct ranges *ranges);
/* Whether the text is to be a list, and not the path of a ranges file. */
bool ranges_are_listed(const WCHAR *text);
/* A new ranges file at an absolute path. A Win32 error. */
DWORD ranges_write(const WCHAR *path, const struct ranges *ranges);
void ranges_free(struct ranges *ranges);
WCHAR *ranges_text(const struct ranges *ranges); /* as a list; free() it */

bool ranges_same(const struct ranges *a, const struct ranges *b); /* in the same order */

ULONGLONG ranges_total(const struct ranges *ranges); /* bytes */
/* Where the bytes lie when they stand one behind the other from the beginning of a file; free. */
struct ranges ranges_packed(const struct ranges *ranges);
/* The ranges `wanted` of a file of which only `kept` were kept, as ranges of the packed file; free.
   False: some byte was not kept. */
bool ranges_find(const struct ranges *wanted, const struct ranges *kept, struct ranges *packed);

/* Copies range by range; both have as many, of the same lengths, else ERROR_INVALID_DATA. A Win32
   error, ERROR_CANCELLED among them; ERROR_HANDLE_EOF for a range beyond the end of the source.
   *copied grows and *from_failed tells reading from writing, as in file_copy_bytes. */
DWORD ranges_copy(HANDLE from, const struct ranges *source, HANDLE to, const struct ranges *target,
    BYTE *buffer, ULONGLONG *copied, bool *from_failed);

#endif
