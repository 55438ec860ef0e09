/* SPDX-License-Identifier: MIT
 *
 * Running programs of the host. See native_tool.h.
 *
 * Wine has one call that does it, tells the exit code and knows no quoting. It hands its own
 * environment and outputs on, and waits for ever. So what it runs is a row of programs, each of
 * which becomes the next: `env` forgets the environment, `setpriv` ties the rest to the life of
 * this process, `sh` leads the outputs into a file, `timeout` watches over the program itself. The
 * shell's script is constant; nothing of a path or an argument is ever part of it.
 */
#include "volume/native_tool.h"

#include <stdio.h>
#include <string.h>

#include "base/hooks.h"
#include "base/mem.h"
#include "base/str16.h"
#include "base/vec.h"
#include "diag/log.h"
#include "os/file.h"
#include "os/module.h"
#include "volume/wine_link.h"

/* From the end of its time to the end by force. */
#define KILL_AFTER "5"
/* How `timeout` and `sh` end for the program. */
#define EXIT_TIME_OVER 124
#define EXIT_NOT_RUNNABLE 126
#define EXIT_NOT_FOUND 127
#define EXIT_KILLED 137
/* Of what a program says in the log. */
#define LOGGED_UNITS 400

/* What Wine returns when there is nothing to run. */
#define NT_NAME_NOT_FOUND ((LONG)0xC0000034)

#define SCRIPT "exec \"$@\" >\"$0\" 2>&1 </dev/null"

typedef LONG(WINAPI *spawn_function)(const char *const *arguments, int wait);

static spawn_function find_spawn(void)
{
    return (spawn_function)(void *)module_system_function(L"ntdll.dll", "__wine_unix_spawnvp");
}

/* ---- Programs ---- */

static const char *base_name(const char *path)
{
    const char *last = strrchr(path, '/');
    return last ? last + 1 : path;
}

static HRESULT ask_hooks(const char *verb, const char *program)
{
    char operation[32];
    if (!base_hooks.before_file_op)
        return S_OK;
    snprintf(operation, sizeof(operation), "%s-%s", verb, base_name(program));
    return base_hooks.before_file_op(operation, L"");
}

static HRESULT exists(const char *path)
{
    struct str16_builder builder = {0};
    str16_builder_add(&builder, L"\\\\?\\unix");
    for (; *path; path++)
        str16_builder_add_char(&builder, *path == '/' ? L'\\' : (WCHAR)*path);
    WCHAR *wide = str16_builder_take(&builder);
    if (!wide)
        return E_OUTOFMEMORY;
    HRESULT hr = GetFileAttributesW(wide) != INVALID_FILE_ATTRIBUTES ? S_OK : S_FALSE;
    mem_free(wide);
    return hr;
}

HRESULT native_tool_find(const char *name, char **path)
{
    static const char *const folders[] = {"/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"};
    HRESULT hr = S_FALSE;
    if (!find_spawn() || FAILED(ask_hooks("find", name)))
        return S_FALSE;
    for (size_t i = 0; i < ARRAYSIZE(folders) && hr == S_FALSE; i++)
    {
        size_t size = strlen(folders[i]) + strlen(name) + 1;
        char *there = mem_alloc(size);
        if (!there)
            return E_OUTOFMEMORY;
        snprintf(there, size, "%s%s", folders[i], name);
        hr = exists(there);
        if (hr == S_OK)
            *path = there;
        else
            mem_free(there);
    }
    return hr;
}

/* ---- What it says ---- */

/* An empty file of this user's; mem_free it. */
static HRESULT make_output(WCHAR **path)
{
    WCHAR folder[MAX_PATH + 1];
    WCHAR name[MAX_PATH];
    DWORD length = GetTempPathW(ARRAYSIZE(folder), folder);
    if (!length || length >= ARRAYSIZE(folder) || !GetTempFileNameW(folder, L"tl", 0, name))
    {
        DWORD error = GetLastError();
        return HRESULT_FROM_WIN32(error);
    }
    *path = str16_dup(name);
    if (*path)
        return S_OK;
    DeleteFileW(name);
    return E_OUTOFMEMORY;
}

static HRESULT read_output(const WCHAR *path, struct native_answer *answer)
{
    DWORD got = 0;
    LARGE_INTEGER size = {0};
    HANDLE file = CreateFileW(path, GENERIC_READ,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
    {
        DWORD error = GetLastError();
        return HRESULT_FROM_WIN32(error);
    }
    HRESULT hr = S_OK;
    GetFileSizeEx(file, &size);
    DWORD wanted = size.QuadPart < NATIVE_ANSWER_LIMIT ? (DWORD)size.QuadPart : NATIVE_ANSWER_LIMIT;
    char *text = mem_alloc((size_t)wanted + 1);
    if (!text)
        hr = E_OUTOFMEMORY;
    else if (!ReadFile(file, text, wanted, &got, NULL))
        hr = HRESULT_FROM_WIN32(GetLastError());
    CloseHandle(file);
    if (FAILED(hr))
    {
        mem_free(text);
        return hr;
    }
    text[got] = 0;
    answer->said = text;
    answer->size = got;
    return S_OK;
}

void native_answer_free(struct native_answer *answer)
{
    mem_free(answer->said);
    *answer = (struct native_answer){.exit_code = -1};
}

/* ---- Running ---- */

static bool add_all(struct vec *row, const char *const *words)
{
    bool done = true;
    for (; *words && done; words++)
        done = vec_push(row, (void *)(uintptr_t)*words);
    return done;
}

/* S_OK: *status is what the row of programs ended with. */
static HRESULT spawn(
    const char *const *arguments, unsigned limit_s, const char *output, LONG *status)
{
    static const char *const before[] = {"/usr/bin/env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL=C", "/usr/bin/setpriv", "--pdeathsig", "TERM", "/bin/sh", "-c", SCRIPT, NULL};
    static const char *const watch[] = {"/usr/bin/timeout", "-k", KILL_AFTER, NULL};
    char limit[16];
    struct vec row = {0};
    spawn_function function = find_spawn();
    if (!function)
        return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
    snprintf(limit, sizeof(limit), "%u", limit_s);
    bool done = add_all(&row, before) && add_all(&row, (const char *const[]){output, NULL}) &&
        add_all(&row, watch) && add_all(&row, (const char *const[]){limit, NULL}) &&
        add_all(&row, arguments) && vec_push(&row, NULL);
    if (done)
        *status = function((const char *const *)row.items, TRUE);
    vec_free(&row, NULL);
    return done ? S_OK : E_OUTOFMEMORY;
}

static HRESULT result_of(LONG status, int *exit_code)
{
    if (status == NT_NAME_NOT_FOUND || status == EXIT_NOT_FOUND)
        return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
    if (status < 0)
        return HRESULT_FROM_NT(status);
    if (status == EXIT_TIME_OVER || status == EXIT_KILLED)
        return HRESULT_FROM_WIN32(ERROR_TIMEOUT);
    if (status == EXIT_NOT_RUNNABLE)
        return E_ACCESSDENIED;
    *exit_code = status;
    return status ? E_FAIL : S_OK;
}

HRESULT native_tool_run(
    const char *const *arguments, unsigned limit_s, struct native_answer *answer)
{
    LONG status = 0;
    WCHAR *output = NULL;
    *answer = (struct native_answer){.exit_code = -1};
    HRESULT hr = ask_hooks("run", arguments[0]);
    if (SUCCEEDED(hr))
        hr = make_output(&output);
    char *output_name = output ? wine_host_name(output) : NULL;
    if (SUCCEEDED(hr))
        hr = output_name ? spawn(arguments, limit_s, output_name, &status)
                         : HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
    if (SUCCEEDED(hr))
        hr = read_output(output, answer);
    if (SUCCEEDED(hr))
        hr = result_of(status, &answer->exit_code);
    wine_host_name_free(output_name);
    if (output)
        DeleteFileW(output);
    mem_free(output);
    return hr;
}

/* The last line: what comes before are titles. `wide` has LOGGED_UNITS. */
static void last_line(const char *said, WCHAR *wide)
{
    size_t end = said ? strlen(said) : 0;
    while (end && (said[end - 1] == '\n' || said[end - 1] == ' '))
        end--;
    size_t start = end;
    while (start && said[start - 1] != '\n')
        start--;
    size_t length = end - start < LOGGED_UNITS - 1 ? end - start : LOGGED_UNITS - 1;
    int units = length
        ? MultiByteToWideChar(CP_UTF8, 0, said + start, (int)length, wide, LOGGED_UNITS - 1)
        : 0;
    wide[units] = 0;
}

HRESULT native_tool_log(
    HRESULT hr, const char *const *arguments, const struct native_answer *answer)
{
    WCHAR said[LOGGED_UNITS];
    if (hr == E_OUTOFMEMORY)
        return hr;
    last_line(answer->said, said);
    const char *verb = arguments[1] ? arguments[1] : "";
    if (hr == HRESULT_FROM_WIN32(ERROR_TIMEOUT))
        return log_error(hr, "The host's %s %s took too long and was ended.", arguments[0], verb);
    if (hr == HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND))
        return log_error(hr, "The host lacks %s, or what it takes to run it.", arguments[0]);
    if (answer->exit_code < 0)
        return log_error(hr, "The host's %s %s can't be run.", arguments[0], verb);
    return log_error(hr, "The host's %s %s ended with %d: %ls", arguments[0], verb,
        answer->exit_code, *said ? said : L"it said nothing.");
}

HRESULT native_tool_do(const char *const *arguments, unsigned limit_s)
{
    struct native_answer answer;
    HRESULT hr = native_tool_run(arguments, limit_s, &answer);
    if (FAILED(hr))
        native_tool_log(hr, arguments, &answer);
    native_answer_free(&answer);
    return hr;
}
