/* SPDX-License-Identifier: MIT
 *
 * What a revert would do, found by looking only. Inside this room only; one thread at a time.
 */
#ifndef THAWLINE_PROVIDER_CLONE_REVERT_PLAN_H
#define THAWLINE_PROVIDER_CLONE_REVERT_PLAN_H

#include "provider/clone_copy.h"
#include "provider/clone_revert_step.h"
#include "provider/clone_scope.h"
#include "provider/clone_tree.h"

struct clone_revert_plan
{
    const struct volume *place; /* the caller's */
    bool force;                 /* files that others have open may be moved */
    LONGLONG accepted;          /* what changed later was not agreed to; 0: everything is */
    struct clone_tree volume;
    struct clone_tree copy; /* lies on the volume itself, in what no scan admits */
    struct clone_scope volume_scope;
    struct clone_scope copy_scope;
    struct clone_copier copier;
    /* On the volume. `seen`: the copy has one of the kind under this name; CLONE_LINK: a link or
       device of the host, left alone. A file that is neither goes. */
    struct clone_manifest present;
    /* In the copy. `before`: the entry of `present`; `touched`: to be made, put in place or given
       its properties. */
    struct clone_manifest wanted;
    struct vec
        left_out; /* WCHAR: what stays on the volume as it is: links, stores, our own folder */
};

/* Fails, with the reason in the log, when the volume can't be reverted: VSS_E_VOLUME_NOT_SUPPORTED,
   also when no such copy lies on it, or what the system said. What differs is judged by names,
   sizes, times and attributes. To be freed also then; zeroed before, but for `force`. */
HRESULT clone_revert_plan_make(
    struct clone_revert_plan *plan, const struct volume *volume, const GUID *snapshot_id);
void clone_revert_plan_free(struct clone_revert_plan *plan);

/* Whether it can be carried out, as far as that shows without reading: VSS_E_VOLUME_IN_USE,
   VSS_E_INSUFFICIENT_STORAGE. Without `force` nobody may have any file of the volume open. */
HRESULT clone_revert_plan_check(struct clone_revert_plan *plan);

/* Whether a file or folder of the volume is to go. */
bool clone_revert_goes(const struct clone_entry *present);

/* Opens something of the volume as if to move or change it, and fails, with the reason in the log,
   when that is not to be had, or when it is not what the scan found. S_FALSE: it is not there any
   more. */
HRESULT clone_revert_probe(struct clone_revert_plan *plan, const struct clone_entry *present,
    struct clone_mark *mark, bool *shared);

/* Says that and why nothing was changed, and returns `hr`. */
HRESULT clone_revert_refuse(
    const struct clone_revert_plan *plan, HRESULT hr, const WCHAR *path, const char *why);

#endif
