/* SPDX-License-Identifier: MIT
 *
 * Ranges files of partial files, for the writers that kept them at the backup. The copy's history
 * has the ranges; where the writer's own file was there may be nothing by now, or the ranges of
 * another backup. Main thread.
 */
#ifndef THAWLINE_CLI_RESTORE_PARTIAL_H
#define THAWLINE_CLI_RESTORE_PARTIAL_H

#include "cli/restore.h"

/* Writes the ranges files of a component that is selected for restore, and tells where they are. */
HRESULT restore_partial_tell(struct restore *restore, const struct restore_component *component,
    IVssBackupComponents *session, IVssComponent *from);
/* Removes them: the writers have been told the end. */
void restore_partial_end(struct restore *restore);

#endif
