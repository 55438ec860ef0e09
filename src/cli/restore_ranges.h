/* SPDX-License-Identifier: MIT
 *
 * Restores ranges of files into files that are there: parts of a file that was backed up in parts,
 * and directed targets. Unlike whole files they are written in place; who runs an interrupted
 * restore again writes the same bytes to the same places. Main thread.
 */
#ifndef THAWLINE_CLI_RESTORE_RANGES_H
#define THAWLINE_CLI_RESTORE_RANGES_H

#include "cli/restore.h"

struct ranges_job
{
    const WCHAR *copy; /* the file in the copy, and the ranges in it */
    const struct ranges *source;
    const WCHAR *name; /* the file on disk, as path_open_name gives it, and where they go */
    const struct ranges *target;
    bool create;                    /* the file, if it is missing; else that is an error */
    const WIN32_FIND_DATAW *basics; /* times and attributes for it; NULL: those that it has */
    BYTE *buffer;
};

/* A Win32 error; *from_failed tells trouble with the copy from trouble with the disk. */
DWORD restore_ranges_write(const struct ranges_job *job, ULONGLONG *copied, bool *from_failed);

/* Reads what a component's writer directs where. Refuses the component if that makes no sense. */
void restore_ranges_hear(
    const struct restore *restore, struct restore_component *component, IVssComponent *from);
/* Carries out what is directed for the file of the copy that lay at `path`. `parts`: the copy has
   only these, packed; NULL: all of it. False: nothing is. *error is as from restore_ranges_write. */
bool restore_ranges_direct(const struct restore_component *component, const WCHAR *path,
    const struct ranges *parts, struct ranges_job *job, ULONGLONG *copied, DWORD *error,
    bool *from_failed);
void restore_ranges_free(struct restore_component *component);

#endif
