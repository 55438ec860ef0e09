/* SPDX-License-Identifier: MIT
 *
 * What a copy says of itself to later backups and restores: DEST\history.txt, one `word<tab>value`
 * a line: the type of the backup, when it began, the files of which it has only ranges, packed, and
 * at the end how many these are.
 * Main thread.
 */
#ifndef THAWLINE_CLI_HISTORY_H
#define THAWLINE_CLI_HISTORY_H

#include <stdbool.h>

#include <windows.h>
#include <vss.h>

#include "cli/ranges.h"

struct history_part
{
    WCHAR *path; /* of the file, as it was */
    struct ranges ranges;
};

/* Zero-initialise. */
struct history
{
    VSS_BACKUP_TYPE type;
    ULONGLONG begun; /* a FILETIME; what was written since is not surely in the copy */
    struct history_part *parts;
    size_t part_count;
};

/* "copy", "full", "incremental", "differential"; NULL for other types. */
const WCHAR *history_type_word(VSS_BACKUP_TYPE type);
/* VSS_BT_UNDEFINED for any other word. */
VSS_BACKUP_TYPE history_type(const WCHAR *word);

void history_add_part(struct history *history, const WCHAR *path, const struct ranges *ranges);
/* NULL: the copy has the whole of the file, if any of it. */
const struct ranges *history_find_part(const struct history *history, const WCHAR *path);
void history_free(struct history *history);

/* The file in a copy. */
#define HISTORY_FILE L"history.txt"

/* A Win32 error. */
DWORD history_write(const struct history *history, const WCHAR *destination);
/* A Win32 error. ERROR_FILE_NOT_FOUND: a copy from before there were histories, which has type
   VSS_BT_COPY and no parts. */
DWORD history_read(struct history *history, const WCHAR *destination);

#endif
