/* SPDX-License-Identifier: MIT
 *
 * Which components are restored, by what --component says. Main thread.
 */
#ifndef THAWLINE_CLI_RESTORE_CHOOSE_H
#define THAWLINE_CLI_RESTORE_CHOOSE_H

#include "cli/restore.h"

/* Marks the components and members; all of them when none was asked for. NULL: good; else what is
   wrong, in words; free() it. */
WCHAR *restore_choose(struct restore *restore);

#endif
