/* SPDX-License-Identifier: MIT
 *
 * Writers in another process. See writer_process.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include <windows.h>

#include "support/start_process.h"
#include "support/writer_process.h"

#define KILLED 99
#define COMMAND_UNITS 1024
/* A hundred characters for each of a few sessions. */
#define EVENTS_SIZE 1024

double milliseconds_between(LONGLONG begun, LONGLONG ended)
{
    LARGE_INTEGER frequency;
    QueryPerformanceFrequency(&frequency);
    return (double)(ended - begun) * 1000.0 / (double)frequency.QuadPart;
}

HANDLE start_program(const WCHAR *folder, const WCHAR *program, const WCHAR *arguments)
{
    STARTUPINFOW startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION info;
    WCHAR own[MAX_PATH];
    WCHAR command[COMMAND_UNITS];
    GetModuleFileNameW(NULL, own, MAX_PATH);
    *wcsrchr(own, L'\\') = 0;
    _snwprintf(
        command, COMMAND_UNITS, L"\"%ls\\%ls\" %ls", folder ? folder : own, program, arguments);
    if (!start_process(command, FALSE, 0, &startup, &info))
        fail_msg("cannot start %ls: error %lu", command, GetLastError());
    CloseHandle(info.hThread);
    return info.hProcess;
}

void writer_process_make(
    struct writer_process *host, const WCHAR *name, const VSS_ID *id, unsigned count)
{
    static unsigned boards;
    memset(host, 0, sizeof(*host));
    assert_in_range(count, 1, BOARD_WRITERS);
    _snwprintf(host->name, BOARD_NAME, L"thawline-board-%lu-%u", GetCurrentProcessId(), ++boards);
    host->board = board_open(host->name, &host->section);
    assert_non_null(host->board);
    for (int i = BOARD_ENTERED; i < BOARD_SIGNALS; i++)
    {
        host->signals[i] = board_signal(host->name, (enum board_signal)i);
        assert_non_null(host->signals[i]);
    }
    host->board->writers = (LONG)count;
    for (unsigned i = 0; i < count; i++)
    {
        struct board_writer *writer = &host->board->writer[i];
        _snwprintf(writer->name, BOARD_NAME, i ? L"%ls%u" : L"%ls", name, i);
        writer->id = *id;
        writer->level = VSS_APP_FRONT_END;
        writer->components = 1;
        writer->wanted = TRUE;
    }
}

void writer_process_launch(struct writer_process *host, const WCHAR *folder)
{
    WCHAR arguments[2 * BOARD_NAME];
    _snwprintf(arguments, ARRAYSIZE(arguments), L"%ls %lu", host->name, GetCurrentProcessId());
    host->process = start_program(folder, L"writer_host.exe", arguments);
}

void writer_process_await_ready(struct writer_process *host)
{
    HANDLE handles[] = {host->signals[BOARD_READY], host->process};
    DWORD waited = WaitForMultipleObjects(2, handles, FALSE, PROCESS_PATIENCE_MS);
    DWORD code = 0;
    if (waited == WAIT_OBJECT_0)
        return;
    GetExitCodeProcess(host->process, &code);
    fail_msg("%ls is not ready: wait %lu, exit code %lu", host->name, waited, code);
}

void writer_process_start(struct writer_process *host)
{
    writer_process_launch(host, NULL);
    writer_process_await_ready(host);
}

void writer_process_subscribe(struct writer_process *host, unsigned writer, bool wanted)
{
    host->board->writer[writer].wanted = wanted;
    SetEvent(host->signals[BOARD_COMMAND]);
    writer_process_await_ready(host);
    assert_int_equal(host->board->writer[writer].subscribed, wanted);
}

bool writer_process_await(
    const struct writer_process *host, enum board_signal signal, DWORD patience_ms)
{
    return WaitForSingleObject(host->signals[signal], patience_ms) == WAIT_OBJECT_0;
}

void writer_process_let_go(struct writer_process *host)
{
    SetEvent(host->signals[BOARD_GO]);
}

void writer_process_kill(struct writer_process *host)
{
    if (!host->process)
        return;
    TerminateProcess(host->process, KILLED);
    WaitForSingleObject(host->process, INFINITE);
    CloseHandle(host->process);
    host->process = NULL;
}

/* Its exit code. */
static DWORD await_end(struct writer_process *host)
{
    DWORD code = 0;
    assert_int_equal(WaitForSingleObject(host->process, PROCESS_PATIENCE_MS), WAIT_OBJECT_0);
    GetExitCodeProcess(host->process, &code);
    CloseHandle(host->process);
    host->process = NULL;
    return code;
}

void writer_process_await_death(struct writer_process *host)
{
    assert_int_equal(await_end(host), BOARD_DIED);
}

void writer_process_await_crash(struct writer_process *host, DWORD code)
{
    assert_int_equal(await_end(host), code);
}

void writer_process_stop(struct writer_process *host)
{
    host->board->stop = TRUE;
    SetEvent(host->signals[BOARD_COMMAND]);
    assert_int_equal(await_end(host), 0);
    assert_int_equal(host->board->live_blocks, 0);
    writer_process_free(host);
}

void writer_process_forget(struct writer_process *host)
{
    host->board->noted = 0;
    memset(host->board->note, 0, sizeof(host->board->note));
}

void writer_process_free(struct writer_process *host)
{
    if (!host->board)
        return;
    writer_process_kill(host);
    for (int i = BOARD_ENTERED; i < BOARD_SIGNALS; i++)
        CloseHandle(host->signals[i]);
    board_close(host->board, host->section);
    memset(host, 0, sizeof(*host));
}

VSS_ID writer_process_instance(const struct writer_process *host, unsigned writer)
{
    return host->board->writer[writer].instance_id;
}

static const struct board_note *note_at(const struct writer_process *host, LONG index)
{
    if (index >= host->board->noted)
        return NULL;
    if (index >= BOARD_NOTES)
        fail_msg("%ls noted more than its board can hold", host->name);
    return &host->board->note[index];
}

const char *writer_process_events(
    const struct writer_process *host, unsigned writer, const VSS_ID *session)
{
    static char text[EVENTS_SIZE];
    const struct board_note *note;
    size_t used = 0;
    text[0] = 0;
    for (LONG i = 0; (note = note_at(host, i)) != NULL; i++)
        if (note->filled && note->writer == (LONG)writer && note->event != ON_IDENTIFY &&
            (!session || IsEqualGUID(&note->session_id, session)) && used < EVENTS_SIZE)
            used += (size_t)snprintf(text + used, EVENTS_SIZE - used, "%s%s", used ? " " : "",
                writer_event_name((enum writer_event)note->event));
    return text;
}

const struct board_note *writer_process_find(
    const struct writer_process *host, unsigned writer, enum writer_event event)
{
    const struct board_note *note;
    for (LONG i = 0; (note = note_at(host, i)) != NULL; i++)
        if (note->filled && note->writer == (LONG)writer && note->event == (LONG)event)
            return note;
    return NULL;
}
