/* SPDX-License-Identifier: MIT
 *
 * The file of the trace: the setting, opening, appending. See trace.h and trace_file.h.
 *
 * Lines come from inside allocations and with any lock held, so the locks here are bare, and what
 * needs others (the settings, the log) happens in trace_ready and trace_refresh only.
 */
#include "diag/trace_file.h"

#include <stdio.h>

#include "base/str16.h"
#include "diag/log.h"
#include "diag/trace.h"
#include "os/file.h"
#include "os/settings.h"

#define PATH_UNITS 1024
/* ".4294967295" */
#define SUFFIX_LENGTH 11

volatile LONG trace_state = TRACE_UNKNOWN;

static SRWLOCK setting_lock = SRWLOCK_INIT; /* one thread at a time goes by the setting */
static SRWLOCK file_lock = SRWLOCK_INIT;
/* guarded by file_lock */
static HANDLE file = INVALID_HANDLE_VALUE;
static WCHAR file_path[PATH_UNITS];
static HRESULT failure; /* why the state is TRACE_BROKEN */
/* written with setting_lock held; a line that is made meanwhile has the old or the new */
static char scope[SCOPE_LENGTH + 1] = "";

const char *trace_file_scope(void)
{
    return scope;
}

void trace_file_write(const char *line, size_t length)
{
    DWORD error = GetLastError();
    AcquireSRWLockExclusive(&file_lock);
    HRESULT hr = S_OK;
    if (file != INVALID_HANDLE_VALUE)
        hr = file_append(file, file_path, line, (DWORD)length);
    if (FAILED(hr))
    {
        CloseHandle(file);
        file = INVALID_HANDLE_VALUE;
        failure = hr;
        InterlockedExchange(&trace_state, TRACE_BROKEN);
    }
    ReleaseSRWLockExclusive(&file_lock);
    SetLastError(error);
}

/* ---- opening ---- */

struct opened
{
    HANDLE file;
    WCHAR path[PATH_UNITS];
};

static HRESULT open_file(const WCHAR *setting, struct opened *opened)
{
    opened->file = INVALID_HANDLE_VALUE;
    if (str16_len(setting) + SUFFIX_LENGTH >= PATH_UNITS)
        return HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE);
    lstrcpyW(opened->path, setting);
    _snwprintf(
        opened->path + str16_len(setting), SUFFIX_LENGTH + 1, L".%lu", GetCurrentProcessId());
    return file_append_open(opened->path, &opened->file);
}

static HRESULT report_unopened(HRESULT hr, const WCHAR *setting)
{
    return log_error(hr,
        "No trace is written: \"%ls.%lu\" can't be opened. Name a file in a folder that is there "
        "and may be written",
        setting, GetCurrentProcessId());
}

static void read_scope(void)
{
    WCHAR value[SCOPE_LENGTH + 1];
    bool valid = settings_scope(value) == S_OK;
    size_t i = 0;
    for (; valid && value[i]; i++)
        scope[i] = (char)value[i];
    scope[i] = 0;
}

static void tell_process(void)
{
    WCHAR program[PATH_UNITS] = L"";
    DWORD length = GetModuleFileNameW(NULL, program, PATH_UNITS - 1);
    const WCHAR *name = program + (length < PATH_UNITS ? length : 0);
    while (name > program && name[-1] != L'\\')
        name--;
    struct trace_line line;
    trace_begin(&line, TRACE_PROCESS);
    trace_text(&line, "name", name);
    trace_number(&line, "format", TRACE_FORMAT);
    trace_end(&line);
}

/* With setting_lock held: this is the trace from now on. */
static void install(const struct opened *opened)
{
    bool on = opened->file != INVALID_HANDLE_VALUE;
    LARGE_INTEGER size = {0};
    read_scope();
    /* A process of this id has died in the middle of a line. */
    if (on && GetFileSizeEx(opened->file, &size) && size.QuadPart)
        file_append(opened->file, opened->path, "\n", 1);
    AcquireSRWLockExclusive(&file_lock);
    HANDLE old = file;
    file = opened->file;
    if (on)
        lstrcpyW(file_path, opened->path);
    InterlockedExchange(&trace_state, on ? TRACE_ON : TRACE_OFF);
    ReleaseSRWLockExclusive(&file_lock);
    if (old != INVALID_HANDLE_VALUE)
        CloseHandle(old);
    if (on)
        tell_process();
}

/* ---- the setting ---- */

/* Goes by the setting; with `first`, unless another thread has done that. */
static void follow_setting(bool first)
{
    struct opened opened = {.file = INVALID_HANDLE_VALUE};
    WCHAR setting[PATH_UNITS];
    AcquireSRWLockExclusive(&setting_lock);
    if (first && trace_state != TRACE_UNKNOWN)
    {
        ReleaseSRWLockExclusive(&setting_lock);
        return;
    }
    HRESULT hr = settings_read(L"TRACE", setting, PATH_UNITS);
    if (hr == S_OK)
        hr = open_file(setting, &opened);
    install(&opened);
    ReleaseSRWLockExclusive(&setting_lock);
    if (FAILED(hr))
        report_unopened(hr, setting);
}

bool trace_ready(void)
{
    if (trace_state == TRACE_UNKNOWN)
        follow_setting(true);
    if (InterlockedCompareExchange(&trace_state, TRACE_OFF, TRACE_BROKEN) == TRACE_BROKEN)
        log_error(failure, "The trace of this process ends: \"%ls\" can't be written", file_path);
    return trace_state == TRACE_ON;
}

void trace_refresh(void)
{
    follow_setting(false);
}

HRESULT trace_set(const WCHAR *path)
{
    struct opened opened = {.file = INVALID_HANDLE_VALUE};
    HRESULT hr = S_OK;
    if (path && *path)
        hr = open_file(path, &opened);
    if (FAILED(hr))
        return report_unopened(hr, path);
    hr = settings_set(L"TRACE", path);
    if (FAILED(hr) || !path || !*path)
    {
        if (opened.file != INVALID_HANDLE_VALUE)
            CloseHandle(opened.file);
        if (SUCCEEDED(hr))
            trace_refresh();
        return hr;
    }
    AcquireSRWLockExclusive(&setting_lock);
    install(&opened);
    ReleaseSRWLockExclusive(&setting_lock);
    return S_OK;
}

/* Runs when the DLL is unloaded. */
__attribute__((destructor)) static void close_file(void)
{
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    file = INVALID_HANDLE_VALUE;
    trace_state = TRACE_OFF;
}
