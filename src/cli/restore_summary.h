/* SPDX-License-Identifier: MIT
 *
 * Tells how a restore went, to people or as JSON, and in the exit code.
 */
#ifndef THAWLINE_CLI_RESTORE_SUMMARY_H
#define THAWLINE_CLI_RESTORE_SUMMARY_H

#include "cli/exit_codes.h"
#include "cli/restore.h"

/* Of a restore that ran to its end. */
enum exit_code restore_summary_exit_code(const struct restore *restore);

/* Prints it. `code` says how it ended, also when that was before the end. */
void restore_summary_print(const struct restore *restore, enum exit_code code);

#endif
