/* SPDX-License-Identifier: MIT
 *
 * What the user wants writers to do with a restored component beyond its files. Main thread.
 */
#ifndef THAWLINE_CLI_RESTORE_WISHES_H
#define THAWLINE_CLI_RESTORE_WISHES_H

#include "cli/restore.h"

/* Refuses the component if its writer does not support what was asked for: a restore that leaves it
   out is another one. */
void restore_wishes_check(const struct restore *restore, struct restore_component *component);
/* Tells the writer of a component that is selected for restore. */
HRESULT restore_wishes_tell(const struct restore *restore,
    const struct restore_component *component, IVssBackupComponents *session);
/* What of it a writer that took no part in the component's restore did not hear: options as they
   were given, with a blank before each; "" when it missed nothing. */
#define RESTORE_WISHES_SIZE 80
void restore_wishes_left(const struct restore *restore, const struct restore_component *component,
    WCHAR *options);

#endif
