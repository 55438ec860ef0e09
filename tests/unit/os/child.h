/* SPDX-License-Identifier: MIT
 *
 * A test program that runs itself again: for what needs a second process, or ends the process. The
 * copy gets a role as its first argument; main hands it over before cmocka sees anything.
 */
#ifndef THAWLINE_TESTS_UNIT_OS_CHILD_H
#define THAWLINE_TESTS_UNIT_OS_CHILD_H

#include <windows.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "support/start_process.h"

struct child
{
    HANDLE process;
    HANDLE output; /* what it writes to stdout and stderr */
};

/* Starts `program` (NULL: this one) with "role argument". */
static inline struct child child_start(
    const WCHAR *program, const char *role, const WCHAR *argument)
{
    static WCHAR own[MAX_PATH];
    static WCHAR line[4 * MAX_PATH];
    struct child child = {0};
    SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};
    STARTUPINFOW startup = {.cb = sizeof(startup), .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION started;
    assert_true(CreatePipe(&child.output, &startup.hStdOutput, &inherited, 0));
    assert_true(SetHandleInformation(child.output, HANDLE_FLAG_INHERIT, 0));
    startup.hStdError = startup.hStdOutput;
    GetModuleFileNameW(NULL, own, MAX_PATH);
    swprintf(line, sizeof(line) / sizeof(line[0]), L"\"%ls\" %hs \"%ls\"", program ? program : own,
        role, argument ? argument : L"-");
    assert_true(start_process(line, TRUE, 0, &startup, &started));
    CloseHandle(startup.hStdOutput);
    CloseHandle(started.hThread);
    child.process = started.hProcess;
    return child;
}

/* Waits for the next line; "" at the end of the output. */
static inline void child_read_line(struct child *child, char *line, size_t size)
{
    size_t used = 0;
    DWORD got = 0;
    char c;
    while (used + 1 < size && ReadFile(child->output, &c, 1, &got, NULL) && got && c != '\n')
        if (c != '\r')
            line[used++] = c;
    line[used] = 0;
}

/* Reads the rest of the output, waits for the end and returns the exit code. */
static inline DWORD child_finish(struct child *child, char *output, size_t size)
{
    size_t used = 0;
    DWORD got = 0;
    DWORD code = 0;
    char c;
    while (ReadFile(child->output, &c, 1, &got, NULL) && got)
        if (used + 1 < size)
            output[used++] = c;
    if (size)
        output[used] = 0;
    WaitForSingleObject(child->process, INFINITE);
    GetExitCodeProcess(child->process, &code);
    CloseHandle(child->process);
    CloseHandle(child->output);
    return code;
}

/* For a child: says that it has come this far. */
static inline void child_say(const char *line)
{
    puts(line);
    fflush(stdout);
}

#endif
