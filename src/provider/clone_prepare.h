/* SPDX-License-Identifier: MIT
 *
 * The slow part of a copy, before the freeze; and what is taken out of it in the end. Inside this
 * room only.
 */
#ifndef THAWLINE_PROVIDER_CLONE_PREPARE_H
#define THAWLINE_PROVIDER_CLONE_PREPARE_H

#include "provider/clone_update.h"

/* Scans, makes sure that there is room, flushes, copies, and catches up. VSS_E_INSUFFICIENT_STORAGE
   before anything was copied when there is not enough room. The store exists and is empty. */
HRESULT clone_prepare(const struct clone_update *update);

/* Whether the copy has files that match one of `specs` (struct clone_spec), which
   clone_remove_excluded will remove. Memory that is exhausted counts as yes. */
bool clone_has_excluded(const struct clone_manifest *manifest, const struct vec *specs);

/* Removes files that match one of `specs` (struct clone_spec) from the copy. What can't be removed
   is logged and stays. */
HRESULT clone_remove_excluded(const struct clone_update *update, const struct vec *specs);

#endif
