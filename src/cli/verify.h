/* SPDX-License-Identifier: MIT
 *
 * Compares the copy with the shadow copy, byte by byte, by reading both again. Main thread.
 */
#ifndef THAWLINE_CLI_VERIFY_H
#define THAWLINE_CLI_VERIFY_H

#include "cli/backup.h"

/* Fills `different`; files that were noted as unread are left out. CANCELLED. */
HRESULT verify(struct backup *backup);

#endif
