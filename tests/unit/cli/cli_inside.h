/* SPDX-License-Identifier: MIT
 *
 * Runs a verb of thawline.exe inside the test's own process, where the test's writers and faults
 * reach it.
 */
#ifndef THAWLINE_TESTS_UNIT_CLI_INSIDE_H
#define THAWLINE_TESTS_UNIT_CLI_INSIDE_H

#include <windows.h>

#include "cli/verb.h"

struct cli_inside
{
    const struct verb *verb;
    WCHAR arguments[4096]; /* words with blanks between them; no quotes */
    HANDLE thread;
    int exit_code;
    char *out; /* what it said, after cli_inside_finish */
    char *err;
    HANDLE streams[2];
    HANDLE old_streams[2];
};

/* Only one at a time: standard output and error are the process's. */
void cli_inside_start(struct cli_inside *cli, const struct verb *verb, const WCHAR *format, ...);
void cli_inside_finish(struct cli_inside *cli);
void cli_inside_free(struct cli_inside *cli);

/* Fails the test and shows both streams when the exit code is another, or `part` was not said. */
#define assert_exit(cli, code) cli_inside_check((cli), (code), "", __FILE__, __LINE__)
#define assert_says(cli, part) cli_inside_check((cli), (cli)->exit_code, (part), __FILE__, __LINE__)
void cli_inside_check(
    const struct cli_inside *cli, int code, const char *part, const char *file, int line);

#endif
