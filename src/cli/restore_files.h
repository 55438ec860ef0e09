/* SPDX-License-Identifier: MIT
 *
 * Copies the files back: contents, times, attributes. Each file is written beside its place, to
 * the disk itself, and takes it in one step, so that a restore can be interrupted at any moment and
 * run again. Links on the way are neither followed nor replaced. Main thread.
 */
#ifndef THAWLINE_CLI_RESTORE_FILES_H
#define THAWLINE_CLI_RESTORE_FILES_H

#include "cli/restore.h"

/* Fills in files, folders, bytes, at_reboot, troubles and how it went for the components.
   CANCELLED; otherwise fails only when nothing more can be written, and then has said why. */
HRESULT restore_files(struct restore *restore);

#endif
