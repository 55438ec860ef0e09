/* SPDX-License-Identifier: MIT
 *
 * Where the files of each component go: the restore method that its writer chose at the backup and
 * the target that it set in PreRestore (requestor 6.6). Main thread.
 */
#ifndef THAWLINE_CLI_RESTORE_PLAN_H
#define THAWLINE_CLI_RESTORE_PLAN_H

#include "cli/restore.h"

/* After PreRestore: sets where the sets go, refuses components that cannot be restored as they
   shall be. */
void restore_plan(struct restore *restore);

/* The set of a component that a file or a folder belongs to,
   among those that are restored, else among the others; NULL: none. `path` is where it lay. */
struct restore_set *restore_find_set(
    struct restore *restore, const WCHAR *path, bool is_file, struct restore_component **owner);

/* Where something of the set goes; free() it. */
WCHAR *restore_target(const struct restore_set *set, const WCHAR *path);

#endif
