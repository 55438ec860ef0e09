/* SPDX-License-Identifier: MIT
 *
 * What copying one file or folder takes: its bytes, times and attributes. Names are as
 * path_open_name gives them. Main thread.
 */
#ifndef THAWLINE_CLI_FILE_COPY_H
#define THAWLINE_CLI_FILE_COPY_H

#include <stdbool.h>
#include <windows.h>

/* Under Wine an own loop of this size is two to five times faster than CopyFile on large files. */
#define FILE_COPY_BUFFER_SIZE (1024 * 1024)

#define FILE_SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

/* All of it, with the progress drawn and *copied growing. A Win32 error, ERROR_CANCELLED among
   them; *from_failed tells reading from writing. */
DWORD file_copy_bytes(HANDLE from, HANDLE to, BYTE *buffer, ULONGLONG *copied, bool *from_failed);
/* Times, and those attributes that are kept with a copy. By handle: a name costs an open and a
   close more for every file. */
void file_copy_basics(HANDLE file, const WIN32_FIND_DATAW *data, bool with_attributes);
void file_copy_folder_basics(const WCHAR *name, const WIN32_FIND_DATAW *data, bool with_attributes);
/* The disk itself refuses to be written: the next file would fare no better. */
bool file_copy_is_hopeless(DWORD error);

#endif
