/* SPDX-License-Identifier: MIT
 *
 * Runs a verb of thawline.exe inside the test's own process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include <objbase.h>

#include "cli/cancel.h"
#include "unit/cli/cli_inside.h"

#define MOST_WORDS 32
#define END_PATIENCE 110000

static const DWORD stream_ids[2] = {STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};

static HANDLE open_stream(void)
{
    WCHAR folder[MAX_PATH], path[MAX_PATH];
    HANDLE file;

    GetTempPathW(MAX_PATH, folder);
    GetTempFileNameW(folder, L"cli", 0, path);
    file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_DELETE,
        NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    assert_true(file != INVALID_HANDLE_VALUE);
    return file;
}

static char *read_stream(HANDLE file)
{
    DWORD size = GetFileSize(file, NULL);
    char *text = calloc(1, size + 1);

    SetFilePointer(file, 0, NULL, FILE_BEGIN);
    ReadFile(file, text, size, &size, NULL);
    CloseHandle(file);
    return text;
}

static DWORD WINAPI run(void *context)
{
    struct cli_inside *cli = context;
    WCHAR *words[MOST_WORDS];
    int count = 0;

    for (WCHAR *word = cli->arguments; word && count < MOST_WORDS; count++)
    {
        WCHAR *blank = wcschr(word, ' ');

        words[count] = word;
        if (blank)
            *blank++ = 0;
        word = blank;
    }
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    cli->exit_code = cli->verb->run(cli->verb, count, words);
    CoUninitialize();
    return 0;
}

void cli_inside_start(struct cli_inside *cli, const struct verb *verb, const WCHAR *format, ...)
{
    va_list list;

    memset(cli, 0, sizeof(*cli));
    cli->verb = verb;
    va_start(list, format);
    _vsnwprintf(cli->arguments, ARRAYSIZE(cli->arguments) - 1, format, list);
    va_end(list);
    cancel_install();
    for (int i = 0; i < 2; i++)
    {
        cli->streams[i] = open_stream();
        cli->old_streams[i] = GetStdHandle(stream_ids[i]);
        SetStdHandle(stream_ids[i], cli->streams[i]);
    }
    cli->thread = CreateThread(NULL, 0, run, cli, 0, NULL);
    assert_non_null(cli->thread);
}

void cli_inside_finish(struct cli_inside *cli)
{
    DWORD waited = WaitForSingleObject(cli->thread, END_PATIENCE);

    for (int i = 0; i < 2; i++)
        SetStdHandle(stream_ids[i], cli->old_streams[i]);
    cli->out = read_stream(cli->streams[0]);
    cli->err = read_stream(cli->streams[1]);
    if (waited != WAIT_OBJECT_0)
        fail_msg("it did not end; it said:\n%s%s", cli->out, cli->err);
    CloseHandle(cli->thread);
}

void cli_inside_free(struct cli_inside *cli)
{
    free(cli->out);
    free(cli->err);
}

void cli_inside_check(
    const struct cli_inside *cli, int code, const char *part, const char *file, int line)
{
    if (cli->exit_code == code && strstr(cli->out, part))
        return;
    print_error(
        "exit code %d, expected %d; expected: %s\nstandard output:\n%s\nstandard error:\n%s\n",
        cli->exit_code, code, part, cli->out, cli->err);
    _fail(file, line);
}
