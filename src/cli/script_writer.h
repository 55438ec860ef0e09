/* SPDX-License-Identifier: MIT
 *
 * A writer that does what its file says: it describes components, fails events, makes spit files,
 * names partial and differenced files, deletes, and checks after a restore that all came back.
 */
#ifndef THAWLINE_CLI_SCRIPT_WRITER_H
#define THAWLINE_CLI_SCRIPT_WRITER_H

#include <windows.h>

#include "cli/script_config.h"

struct script_writer;

/* Registers and subscribes it; `config` stays the caller's and must stay until the end. `class_id`
   is the writer's class, `name` what its lines begin with. NULL after a line that says why. */
struct script_writer *script_writer_start(
    const struct script_config *config, const GUID *class_id, const WCHAR *name);
/* Unsubscribes; returns how many checks have failed. */
unsigned script_writer_stop(struct script_writer *writer);

#endif
