/* SPDX-License-Identifier: MIT
 *
 * What was renamed or deleted since the last look: moved and removed in the store instead of
 * copied. Inside this room only; the steps of clone_update_run.
 */
#ifndef THAWLINE_PROVIDER_CLONE_RENAME_H
#define THAWLINE_PROVIDER_CLONE_RENAME_H

#include "provider/clone_update.h"

/* Moves folders of the store that have a new name now, with all they hold, and renames the old
   manifest's entries to match. Before anything is matched. */
HRESULT clone_move_folders(const struct clone_update *update, const struct clone_manifest *now);

/* Finds for new files the entry of a file that is gone and had the same id: they were renamed. */
HRESULT clone_match_renamed(const struct clone_manifest *before, struct clone_manifest *now);

/* Moves the copies of those in the store. */
HRESULT clone_move_renamed(const struct clone_update *update, struct clone_manifest *now);

/* Removes from the store what the new manifest lacks. */
HRESULT clone_remove_gone(
    const struct clone_update *update, struct clone_manifest *now, enum clone_kind kind);

/* The folder that holds `path` gets its times again at the end. */
void clone_touch_parent(const struct clone_manifest *manifest, const WCHAR *path);

#endif
