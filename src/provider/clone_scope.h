/* SPDX-License-Identifier: MIT
 *
 * What belongs to a copy: the whole volume or the parts it is limited to, never Thawline's own
 * folders; and which files frozen writers named. Inside this room only; belongs to the work of one
 * snapshot, read-only once built.
 *
 * Paths here are relative to the root of the volume, without backslashes at the ends; "" is the
 * root. Case does not matter.
 */
#ifndef THAWLINE_PROVIDER_CLONE_SCOPE_H
#define THAWLINE_PROVIDER_CLONE_SCOPE_H

#include "base/vec.h"
#include "provider/provider.h"

struct clone_spec
{
    WCHAR *folder;
    WCHAR *pattern; /* of file names in the folder; NULL: `folder` is a root, a folder with all it
                       holds or one file */
    bool recursive; /* the pattern holds in subfolders as well */
};

struct clone_scope
{
    WCHAR *source;     /* the working path of the volume's root */
    WCHAR *own_folder; /* this user's `Thawline` folder; NULL when it is on another volume */
    struct vec named;  /* struct clone_spec */
    struct vec limits; /* struct clone_spec */
    bool limited;      /* with no limits at all: nothing of this volume is copied */
};

HRESULT clone_scope_build(const struct volume *volume, const struct provider_briefing *briefing,
    struct clone_scope *scope);
void clone_scope_free(struct clone_scope *scope);

/* The specs among `files` (struct file_spec) that lie on the volume, added to `specs`. */
HRESULT clone_specs_add_files(
    const struct volume *volume, const struct vec *files, struct vec *specs);
void clone_spec_free(void *spec);
/* Whether the file `name` in `folder` is meant. */
bool clone_spec_matches(const struct clone_spec *spec, const WCHAR *folder, const WCHAR *name);

/* What holds for the files of one folder, found once for all of them. Borrows the specs. */
struct clone_folder_scope
{
    bool whole;        /* every file belongs to the copy */
    struct vec named;  /* struct clone_spec */
    struct vec limits; /* struct clone_spec */
};

HRESULT clone_folder_scope_find(
    const struct clone_scope *scope, const WCHAR *folder, struct clone_folder_scope *found);
void clone_folder_scope_free(struct clone_folder_scope *found);

bool clone_scope_admits_file(const struct clone_scope *scope,
    const struct clone_folder_scope *folder, const WCHAR *path, const WCHAR *name);
/* Whether the folder belongs to the copy, or leads to something that does. */
bool clone_scope_admits_folder(const struct clone_scope *scope, const WCHAR *path);
bool clone_scope_names(const struct clone_folder_scope *folder, const WCHAR *name);

#endif
