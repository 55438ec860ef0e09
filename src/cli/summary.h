/* SPDX-License-Identifier: MIT
 *
 * Tells how a backup went, to people or as JSON, and in the exit code.
 */
#ifndef THAWLINE_CLI_SUMMARY_H
#define THAWLINE_CLI_SUMMARY_H

#include "cli/backup.h"
#include "cli/exit_codes.h"
#include "cli/json.h"

/* Of a backup that ran to its end. */
enum exit_code summary_exit_code(const struct backup *backup);

/* Prints it. `code` says how it ended, also when that was before the end. */
void summary_print(const struct backup *backup, enum exit_code code);

/* Parts that other verbs tell alike. */
void summary_print_troubles(const WCHAR *title, const struct backup_troubles *troubles);
void summary_add_troubles(
    struct json *json, const char *key, const struct backup_troubles *troubles);
void summary_add_writer(struct json *json, const struct backup_writer *writer, bool took_part);
const char *summary_code_word(enum exit_code code);

#endif
