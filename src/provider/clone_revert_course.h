/* SPDX-License-Identifier: MIT
 *
 * A revert under way. Each name is reached through clone_tree, so nothing outside of the volume's
 * folder is touched. Inside this room only; one thread at a time.
 */
#ifndef THAWLINE_PROVIDER_CLONE_REVERT_COURSE_H
#define THAWLINE_PROVIDER_CLONE_REVERT_COURSE_H

#include "provider/clone_revert_step.h"
#include "volume/volume.h"

struct clone_course
{
    const struct volume *place; /* the caller's */
    struct clone_tree volume;
    struct clone_revert_steps steps;
    bool resumed;    /* somebody began, and was interrupted */
    bool changed;    /* something on the volume */
    size_t hindered; /* files that are not what they were to be */
};

/* Goes through all steps, from the first on, and stops at one that fails. What is not any more what
   a step found is left as it is. VSS_E_VOLUME_IN_USE, or what the system said. */
HRESULT clone_course_run(struct clone_course *course);

#endif
