/* SPDX-License-Identifier: MIT
 *
 * A set of files: a path, a file specification, whether subfolders count. One struct serves file
 * lists, database files, exclusions, mappings and new targets; what `alternate_path` means depends
 * on which it is.
 */
#ifndef THAWLINE_MODEL_FILE_SPEC_H
#define THAWLINE_MODEL_FILE_SPEC_H

#include "model/extra.h"

/* VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED */
#define FILE_SPEC_DEFAULT_MASK 0xF0Fu

struct file_spec
{
    WCHAR *path;     /* as the writer gave it: variables unexpanded, trailing backslash kept */
    WCHAR *filespec; /* may hold wildcards */
    bool recursive;
    WCHAR *alternate_path; /* NULL when there is none */
    DWORD backup_type_mask;
    unsigned order; /* position among its siblings of every kind */
    struct extra extra;
};

/* NULL when memory is exhausted. `alternate_path` may be NULL. */
struct file_spec *file_spec_create(const WCHAR *path, const WCHAR *filespec, bool recursive,
    const WCHAR *alternate_path, DWORD mask);
struct file_spec *file_spec_clone(const struct file_spec *source);
void file_spec_destroy(void *spec); /* accepts NULL; fits vec_free */

/* What API documentation forbids. A path with wildcards; the question mark in the prefix of a long
   path is none. */
bool file_spec_is_wild_path(const WCHAR *path);
/* A file specification, or a file's name, with a folder in it. */
bool file_spec_has_folder(const WCHAR *filespec);

#endif
