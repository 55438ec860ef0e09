/* SPDX-License-Identifier: MIT
 *
 * What the writers say: their state and failures, and the documents to be saved with a backup.
 */
#ifndef THAWLINE_CLI_WRITERS_H
#define THAWLINE_CLI_WRITERS_H

#include "cli/backup.h"

/* After a GatherWriterStatus: brings `seen` up to date. A failure that was seen once stays. */
HRESULT writers_read_status(struct writer_list *seen, IVssBackupComponents *session);
void writers_free(struct writer_list *seen);

/* Whether the writer took part and failed. */
bool writers_has_failed(const struct backup_writer *writer);

/* "waiting for completion", ... */
const WCHAR *writers_state_text(VSS_WRITER_STATE state);

/* Saves each writer's metadata as DEST\writers\{instance}.xml. */
HRESULT writers_save_metadata(const struct backup *backup, IVssBackupComponents *session);

#endif
