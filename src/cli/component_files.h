/* SPDX-License-Identifier: MIT
 *
 * The file sets of a component as its writer's metadata has them: files, database files, log files.
 */
#ifndef THAWLINE_CLI_COMPONENT_FILES_H
#define THAWLINE_CLI_COMPONENT_FILES_H

#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

struct component_file
{
    const WCHAR *path;
    const WCHAR *filespec;
    const WCHAR *alternate; /* where they are read from at a backup; NULL: from `path` */
    boolean recursive;
    DWORD mask; /* at which backups the writer wants it: VSS_FSBT_... */
};

/* Calls `visit` for each, in that order, until one fails. What it is given lasts as long as the
   call. */
typedef HRESULT (*component_files_visit)(void *context, const struct component_file *file);
HRESULT component_files_read(IVssWMComponent *component, const VSS_COMPONENTINFO *info,
    component_files_visit visit, void *context);

#endif
