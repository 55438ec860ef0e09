/* SPDX-License-Identifier: MIT
 *
 * What a revert would do, found by looking only. Inside this room only; one thread at a time.
 */
#ifndef THAWLINE_PROVIDER_CLONE_REVERT_PLAN_H
#define THAWLINE_PROVIDER_CLONE_REVERT_PLAN_H

#include "provider/clone_copy.h"
#include "provider/clone_scope.h"
#include "provider/clone_tree.h"

struct clone_revert_plan
{
    const struct volume *place; /* the caller's */
    struct clone_tree volume;
    struct clone_tree copy; /* lies on the volume itself, in what no scan admits */
    struct clone_scope volume_scope;
    struct clone_scope copy_scope;
    struct clone_copier copier;
    /* On the volume. `seen`: the copy has one of the kind under this name; CLONE_LINK: a link or
       device of the host, left alone. A file that is neither goes. */
    struct clone_manifest present;
    /* In the copy. `before`: the entry of `present`; `touched`: to be made, written or given its
       properties. */
    struct clone_manifest wanted;
    bool changed; /* carrying it out has changed something on the volume */
    struct vec
        left_out; /* WCHAR: what stays on the volume as it is: links, stores, our own folder */
};

/* How closely to look. */
enum clone_revert_look
{
    CLONE_LOOK_BY_FORCE, /* names, sizes, times; files that must go or change can be */
    CLONE_LOOK_IN_USE,   /* besides: nobody has a file of the volume open */
    CLONE_LOOK_AT_BYTES  /* as by force, and the content of every file is compared */
};

/* Fails, with the reason in the log, when the volume can't be reverted: VSS_E_VOLUME_NOT_SUPPORTED,
   VSS_E_VOLUME_IN_USE, VSS_E_INSUFFICIENT_STORAGE, VSS_E_OBJECT_NOT_FOUND (no such copy on the
   volume), or what the system said. To be freed also then; zeroed before. */
HRESULT clone_revert_plan_make(struct clone_revert_plan *plan, const struct volume *volume,
    const GUID *snapshot_id, enum clone_revert_look look);
void clone_revert_plan_free(struct clone_revert_plan *plan);

/* Opens the copy's file for reading. */
HRESULT clone_revert_open_source(
    struct clone_revert_plan *plan, const struct clone_entry *wanted, HANDLE *file);

/* Whether a file or folder of the volume is to go. */
bool clone_revert_goes(const struct clone_entry *present);

#endif
