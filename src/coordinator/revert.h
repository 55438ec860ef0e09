/* SPDX-License-Identifier: MIT
 *
 * Reverting volumes: begun by RevertToSnapshot, going on by itself, asked after by
 * QueryRevertStatus. What a crash interrupts is taken up again by whoever asks next. Any thread.
 * Follows requestor 2.6.
 */
#ifndef THAWLINE_COORDINATOR_REVERT_H
#define THAWLINE_COORDINATOR_REVERT_H

#include "volume/volume.h"

/* Looks and begins; the codes are those of RevertToSnapshot. E_NOTIMPL: the setting ALLOW_REVERT is
   0. */
HRESULT revert_start(const GUID *snapshot_id, bool force);

/* Waits until no revert of the volume is under way, going on with one that nobody is at. How it
   ended; S_OK when there was none. */
HRESULT revert_await(const struct volume *volume);

#endif
