/* SPDX-License-Identifier: MIT
 *
 * Whether a restore brought back what a scripted writer's files held. One thread at a time.
 */
#ifndef THAWLINE_CLI_SCRIPT_CHECK_H
#define THAWLINE_CLI_SCRIPT_CHECK_H

#include <windows.h>

#include "cli/script_config.h"
#include "cli/script_files.h"

typedef void (*script_complaint)(void *context, const WCHAR *text);

struct script_check
{
    const struct script_config *config;
    const struct script_kept_list *kept;
    script_complaint complain;
    void *context;
};

/* The files of one component, where the requestor says that it has put them; `chosen` may be
   NULL. */
void script_check_component(
    const struct script_check *check, size_t component, IVssComponent *chosen);
/* No excluded file may be there. */
void script_check_excluded(const struct script_check *check);

#endif
