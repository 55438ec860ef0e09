/* SPDX-License-Identifier: MIT
 *
 * Runs thawline.exe, or another program beside the test, and hears what it says.
 */
#ifndef THAWLINE_TESTS_SCENARIO_CLI_PROCESS_H
#define THAWLINE_TESTS_SCENARIO_CLI_PROCESS_H

#include <stdbool.h>
#include <windows.h>

/* What one stream has said so far. */
struct cli_stream
{
    HANDLE pipe;
    HANDLE reader;
    SRWLOCK lock;
    CONDITION_VARIABLE more;
    char *text; /* guarded by lock until the reader has ended */
    size_t length;
    bool ended;
};

struct cli_process
{
    HANDLE process;
    DWORD id;
    HANDLE in; /* our end of its standard input */
    DWORD exit_code;
    struct cli_stream out;
    struct cli_stream err;
};

/* `program` is an .exe beside the test, or a whole path; `flags` are CreateProcess's. Fails the
   test if it does not start. */
void cli_start(struct cli_process *cli, const WCHAR *program, const WCHAR *arguments, DWORD flags);
/* Waits until the stream has said `text`. False: it ended, or a minute went by, without. */
bool cli_wait_for(struct cli_stream *stream, const char *text);
/* Gives the program's standard input some text. */
void cli_type(struct cli_process *cli, const char *text);
/* Ends its standard input and waits for the end; fails the test after two minutes. exit_code,
   out.text and err.text are there then. */
void cli_finish(struct cli_process *cli);
void cli_free(struct cli_process *cli);

/* thawline.exe from start to finish; the caller cli_free()s. */
DWORD cli_run(struct cli_process *cli, const WCHAR *format, ...);
/* The same for those who want no more than that it exits with `code` and says `part` (NULL:
   anything), on standard output if it did its work at least in part. */
void cli_expect(DWORD code, const char *part, const WCHAR *format, ...);

/* Whether it is one well-formed JSON object with nothing behind it but a line break. */
bool json_is_object(const char *text);

/* Fails the test and shows both streams unless the program said `part`. */
#define assert_says(cli, stream, part) check_says((cli), &(cli)->stream, (part), __FILE__, __LINE__)
void check_says(struct cli_process *cli, struct cli_stream *stream, const char *part,
    const char *file, int line);
#define assert_exit(cli, code) check_exit((cli), (code), __FILE__, __LINE__)
void check_exit(struct cli_process *cli, DWORD code, const char *file, int line);

#endif
