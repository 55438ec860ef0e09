/* SPDX-License-Identifier: MIT
 *
 * Decides between component mode and freezing every writer, by what the writers say in their
 * metadata.
 *
 * A component is taken when all of its files, those of its subcomponents included, lie in the
 * sources. If some are taken and no other component is merely touched by the sources, the backup
 * is made in component mode: its writers alone are frozen, and learn how it went. If any
 * component is only touched, or none is taken, every writer is frozen instead: the copy is then
 * never less consistent, only less is said about it.
 */
#ifndef THAWLINE_CLI_COMPONENTS_H
#define THAWLINE_CLI_COMPONENTS_H

#include "cli/backup.h"

/* After GatherWriterMetadata: fills in components, component_mode and mode_reason. On failure *call
   names the call that failed. */
HRESULT components_choose(struct backup *backup, IVssBackupComponents *session, const WCHAR **call);

/* AddComponent for each of them. */
HRESULT components_add(const struct backup *backup, IVssBackupComponents *session);

/* SetBackupSucceeded for each of them: true when every file below its folders was read. */
HRESULT components_tell_success(struct backup *backup, IVssBackupComponents *session);

#endif
