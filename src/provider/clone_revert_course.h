/* SPDX-License-Identifier: MIT
 *
 * A revert under way. Each name is reached through clone_tree, so nothing outside of the volume's
 * folder is touched. Inside this room only; one thread at a time.
 */
#ifndef THAWLINE_PROVIDER_CLONE_REVERT_COURSE_H
#define THAWLINE_PROVIDER_CLONE_REVERT_COURSE_H

#include "provider/clone_revert_step.h"
#include "provider/revert_note.h"
#include "volume/volume.h"

struct clone_course
{
    const struct volume *place; /* the caller's */
    struct clone_tree volume;
    struct clone_revert_steps steps;
    bool resumed;  /* somebody began, and was interrupted */
    bool changed;  /* something on the volume */
    bool restored; /* a file was put back: the steps in memory know it, those on the disk do not */
};

/* The file of the steps, below the root of the volume. */
#define CLONE_STEPS_FILE REVERT_FOLDER L"\\steps"

/* Either all of the steps are on the disk or those of before. */
HRESULT clone_course_save(const struct clone_course *course);

/* Goes through all steps, from the first on, and stops at one that fails. What is not any more what
   a step found is left as it is. VSS_E_VOLUME_IN_USE, or what the system said; CLONE_COURSE_LOST:
   files have other ids than when the steps were written down, and none can be told from another. */
#define CLONE_COURSE_LOST HRESULT_FROM_WIN32(ERROR_FILE_INVALID)
HRESULT clone_course_run(struct clone_course *course);

/* All that the steps did is on the disk. */
void clone_course_flush(struct clone_course *course);

#endif
