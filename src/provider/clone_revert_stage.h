/* SPDX-License-Identifier: MIT
 *
 * Making a revert ready: the copy is read from end to end, what differs lies beside the volume's
 * files, and each step is written down. Inside this room only; one thread at a time.
 */
#ifndef THAWLINE_PROVIDER_CLONE_REVERT_STAGE_H
#define THAWLINE_PROVIDER_CLONE_REVERT_STAGE_H

#include "provider/clone_revert_plan.h"

/* The files of the work folder, by the number of their step; both mem_free. NULL when memory is
   exhausted. */
WCHAR *clone_revert_new_path(size_t number); /* what comes */
WCHAR *clone_revert_old_path(size_t number); /* what went */

/* Changes nothing on the volume but the work folder, which is there and empty but for the note.
   VSS_E_VOLUME_NOT_SUPPORTED: the copy is not what `digest` says, or the volume has something that
   can't be reverted; VSS_E_VOLUME_IN_USE; or what the system said. `steps` are to be freed also
   then. */
HRESULT clone_revert_stage(
    struct clone_revert_plan *plan, const WCHAR *digest, struct clone_revert_steps *steps);

#endif
