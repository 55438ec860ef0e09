/* SPDX-License-Identifier: MIT
 *
 * Runs thawline.exe and hears what it says.
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

#include "scenario/cli_process.h"
#include "support/start_process.h"

/* Longer than anything here takes on a busy machine. */
#define HEAR_PATIENCE 60000
#define END_PATIENCE 110000

#define READ_SIZE 4096
#define COMMAND_SIZE 32768

static DWORD WINAPI cli_read(void *context)
{
    struct cli_stream *stream = context;
    char bytes[READ_SIZE];
    DWORD size;

    while (ReadFile(stream->pipe, bytes, sizeof(bytes), &size, NULL) && size)
    {
        AcquireSRWLockExclusive(&stream->lock);
        stream->text = realloc(stream->text, stream->length + size + 1);
        memcpy(stream->text + stream->length, bytes, size);
        stream->length += size;
        stream->text[stream->length] = 0;
        WakeAllConditionVariable(&stream->more);
        ReleaseSRWLockExclusive(&stream->lock);
    }
    AcquireSRWLockExclusive(&stream->lock);
    stream->ended = true;
    WakeAllConditionVariable(&stream->more);
    ReleaseSRWLockExclusive(&stream->lock);
    return 0;
}

/* Makes the pipe; the end for the child is returned. */
static HANDLE cli_open_stream(struct cli_stream *stream)
{
    SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};
    HANDLE child;

    memset(stream, 0, sizeof(*stream));
    InitializeSRWLock(&stream->lock);
    InitializeConditionVariable(&stream->more);
    stream->text = calloc(1, 1);
    assert_true(CreatePipe(&stream->pipe, &child, &inherited, 0));
    SetHandleInformation(stream->pipe, HANDLE_FLAG_INHERIT, 0);
    stream->reader = CreateThread(NULL, 0, cli_read, stream, 0, NULL);
    assert_non_null(stream->reader);
    return child;
}

static HANDLE cli_open_input(struct cli_process *cli)
{
    SECURITY_ATTRIBUTES inherited = {sizeof(inherited), NULL, TRUE};
    HANDLE child;

    assert_true(CreatePipe(&child, &cli->in, &inherited, 0));
    SetHandleInformation(cli->in, HANDLE_FLAG_INHERIT, 0);
    return child;
}

static void cli_end_input(struct cli_process *cli)
{
    if (cli->in)
        CloseHandle(cli->in);
    cli->in = NULL;
}

/* Programs lie beside the test's own. */
static void cli_command(const WCHAR *program, const WCHAR *arguments, WCHAR *command)
{
    WCHAR folder[MAX_PATH];

    GetModuleFileNameW(NULL, folder, MAX_PATH);
    *wcsrchr(folder, '\\') = 0;
    if (wcschr(program, '\\'))
        _snwprintf(command, COMMAND_SIZE, L"\"%ls\" %ls", program, arguments);
    else
        _snwprintf(command, COMMAND_SIZE, L"\"%ls\\%ls\" %ls", folder, program, arguments);
}

void cli_start(struct cli_process *cli, const WCHAR *program, const WCHAR *arguments, DWORD flags)
{
    static WCHAR command[COMMAND_SIZE];
    STARTUPINFOW startup = {.cb = sizeof(startup), .dwFlags = STARTF_USESTDHANDLES};
    PROCESS_INFORMATION info;
    BOOL started;

    memset(cli, 0, sizeof(*cli));
    cli_command(program, arguments, command);
    startup.hStdOutput = cli_open_stream(&cli->out);
    startup.hStdError = cli_open_stream(&cli->err);
    startup.hStdInput = cli_open_input(cli);
    started = start_process(command, TRUE, flags, &startup, &info);
    CloseHandle(startup.hStdInput);
    CloseHandle(startup.hStdOutput);
    CloseHandle(startup.hStdError);
    if (!started)
        fail_msg("cannot start %ls: error %lu", command, GetLastError());
    CloseHandle(info.hThread);
    cli->process = info.hProcess;
    cli->id = info.dwProcessId;
}

bool cli_wait_for(struct cli_stream *stream, const char *text)
{
    ULONGLONG end = GetTickCount64() + HEAR_PATIENCE;
    bool heard = false;

    AcquireSRWLockExclusive(&stream->lock);
    while (
        !(heard = strstr(stream->text, text) != NULL) && !stream->ended && GetTickCount64() < end)
        SleepConditionVariableSRW(&stream->more, &stream->lock, (DWORD)(end - GetTickCount64()), 0);
    ReleaseSRWLockExclusive(&stream->lock);
    return heard;
}

void cli_type(struct cli_process *cli, const char *text)
{
    DWORD written = 0;

    assert_true(WriteFile(cli->in, text, (DWORD)strlen(text), &written, NULL));
    assert_int_equal(written, strlen(text));
}

void cli_finish(struct cli_process *cli)
{
    cli_end_input(cli);
    DWORD waited = WaitForSingleObject(cli->process, END_PATIENCE);

    if (waited != WAIT_OBJECT_0)
        TerminateProcess(cli->process, 99);
    WaitForSingleObject(cli->out.reader, INFINITE);
    WaitForSingleObject(cli->err.reader, INFINITE);
    GetExitCodeProcess(cli->process, &cli->exit_code);
    if (waited != WAIT_OBJECT_0)
        fail_msg("it did not end; it said:\n%s%s", cli->out.text, cli->err.text);
}

static void cli_free_stream(struct cli_stream *stream)
{
    if (stream->pipe)
        CloseHandle(stream->pipe);
    if (stream->reader)
        CloseHandle(stream->reader);
    free(stream->text);
}

void cli_free(struct cli_process *cli)
{
    cli_end_input(cli);
    if (cli->process)
        CloseHandle(cli->process);
    cli_free_stream(&cli->out);
    cli_free_stream(&cli->err);
    memset(cli, 0, sizeof(*cli));
}

DWORD cli_run(struct cli_process *cli, const WCHAR *format, ...)
{
    static WCHAR arguments[COMMAND_SIZE];
    va_list list;

    va_start(list, format);
    _vsnwprintf(arguments, COMMAND_SIZE, format, list);
    va_end(list);
    cli_start(cli, L"thawline.exe", arguments, 0);
    cli_finish(cli);
    return cli->exit_code;
}

void cli_expect(DWORD code, const char *part, const WCHAR *format, ...)
{
    static WCHAR arguments[COMMAND_SIZE];
    struct cli_process cli;
    va_list list;

    va_start(list, format);
    _vsnwprintf(arguments, COMMAND_SIZE, format, list);
    va_end(list);
    cli_run(&cli, L"%ls", arguments);
    assert_exit(&cli, code);
    if (part && (code == 0 || code == 3))
        assert_says(&cli, out, part);
    else if (part)
        assert_says(&cli, err, part);
    cli_free(&cli);
}

void check_says(struct cli_process *cli, struct cli_stream *stream, const char *part,
    const char *file, int line)
{
    if (strstr(stream->text, part))
        return;
    print_error("expected: %s\nexit code %lu\nstandard output:\n%s\nstandard error:\n%s\n", part,
        cli->exit_code, cli->out.text, cli->err.text);
    _fail(file, line);
}

void check_exit(struct cli_process *cli, DWORD code, const char *file, int line)
{
    if (cli->exit_code == code)
        return;
    print_error("exit code %lu instead of %lu\nstandard output:\n%s\nstandard error:\n%s\n",
        cli->exit_code, code, cli->out.text, cli->err.text);
    _fail(file, line);
}

/* --------------------------------------------------------------------------------------------
 * JSON
 */

static const char *json_skip_value(const char *text);

static const char *json_skip_space(const char *text)
{
    return text + strspn(text, " \t\r\n");
}

static const char *json_skip_string(const char *text)
{
    if (*text++ != '"')
        return NULL;
    for (; *text != '"'; text++)
    {
        if ((unsigned char)*text < 0x20)
            return NULL;
        if (*text != '\\')
            continue;
        text++;
        if (*text == 'u' && strspn(text + 1, "0123456789abcdefABCDEF") >= 4)
            text += 4;
        else if (!*text || !strchr("\"\\/bfnrt", *text))
            return NULL;
    }
    return text + 1;
}

/* An object or an array: `text` stands behind the bracket. */
static const char *json_skip_members(const char *text, char end, bool keys)
{
    text = json_skip_space(text);
    if (*text == end)
        return text + 1;
    for (;;)
    {
        if (keys)
        {
            text = json_skip_string(json_skip_space(text));
            if (!text || *(text = json_skip_space(text)) != ':')
                return NULL;
            text++;
        }
        text = json_skip_value(text);
        if (!text)
            return NULL;
        text = json_skip_space(text);
        if (*text == end)
            return text + 1;
        if (*text++ != ',')
            return NULL;
    }
}

static const char *json_skip_value(const char *text)
{
    static const char *const words[] = {"true", "false", "null"};
    size_t digits;

    text = json_skip_space(text);
    if (*text == '"')
        return json_skip_string(text);
    if (*text == '{')
        return json_skip_members(text + 1, '}', true);
    if (*text == '[')
        return json_skip_members(text + 1, ']', false);
    for (size_t i = 0; i < ARRAYSIZE(words); i++)
    {
        if (!strncmp(text, words[i], strlen(words[i])))
            return text + strlen(words[i]);
    }
    text += *text == '-';
    digits = strspn(text, "0123456789");
    return digits ? text + digits : NULL;
}

bool json_is_object(const char *text)
{
    text = *json_skip_space(text) == '{' ? json_skip_value(text) : NULL;
    return text && !*json_skip_space(text);
}
