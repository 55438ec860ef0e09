/* SPDX-License-Identifier: MIT
 *
 * Where the lines of the log go. See log_target.h.
 */
#include "diag/log_target.h"

#include "base/str16.h"
#include "os/lock.h"
#include "os/settings.h"

/* UTF-8 takes at most three bytes a unit, and the line end two more. */
#define BYTES_FOR(units_) ((units_)*3 + 2)
#define LINE_UNITS (LOG_LINE_LENGTH + 64)
#define PATH_UNITS 1024

static struct lock target_lock = LOCK_INIT(LOCK_RANK_LEAF);
/* guarded by target_lock */
static HANDLE target = INVALID_HANDLE_VALUE;
static bool target_is_ours; /* opened here, to be closed here */
static HANDLE turn;         /* a mutex of all who write to that file; NULL: none is needed */
static volatile LONG level_now;
static volatile LONG
    generation_seen; /* settings_generation when the settings were read; 0: never */

static enum log_level read_level(void)
{
    static const WCHAR *const names[] = {L"0", L"error", L"warning", L"info", L"debug"};
    WCHAR value[16];
    if (settings_read(L"LOG_LEVEL", value, sizeof(value) / sizeof(value[0])) != S_OK)
        return LOG_INFO;
    for (int i = LOG_ERROR; i <= LOG_DEBUG; i++)
        if (str16_equal_nocase(value, names[i]) || (value[0] == L'0' + i && !value[1]))
            return (enum log_level)i;
    return LOG_INFO;
}

static HANDLE open_target(const WCHAR *path, bool *ours)
{
    *ours = !str16_equal(path, L"-");
    if (!*ours)
    {
        HANDLE stream = GetStdHandle(STD_ERROR_HANDLE);
        return stream ? stream : INVALID_HANDLE_VALUE;
    }
    /* Append only: the system then puts every write of every process at the end. */
    return CreateFileW(path, FILE_APPEND_DATA | FILE_READ_ATTRIBUTES,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS,
        FILE_ATTRIBUTE_NORMAL, NULL);
}

/* Wine looks where the end is and then writes there: of two processes that do so at once one
   overwrites the other. The file's id is the same by whatever name it was opened. */
static HANDLE open_turn(HANDLE file)
{
    BY_HANDLE_FILE_INFORMATION info;
    WCHAR name[80];
    if (!settings_is_wine() || !GetFileInformationByHandle(file, &info))
        return NULL;
    wsprintfW(name, L"Global\\thawline-log-%08x-%08x%08x", info.dwVolumeSerialNumber,
        info.nFileIndexHigh, info.nFileIndexLow);
    return CreateMutexW(NULL, FALSE, name);
}

/* Whoever holds it for longer is stopped in a debugger; a line too many is lost then. */
#define TURN_MS 1000

static void write_in_turn(const char *bytes, DWORD size)
{
    DWORD written;
    DWORD waited = turn ? WaitForSingleObject(turn, TURN_MS) : WAIT_TIMEOUT;
    WriteFile(target, bytes, size, &written, NULL);
    if (waited == WAIT_OBJECT_0 || waited == WAIT_ABANDONED)
        ReleaseMutex(turn);
}

/* Reads the settings again when they have changed. */
static void refresh(void)
{
    LONG generation = (LONG)settings_generation();
    if (InterlockedCompareExchange(&generation_seen, 0, 0) == generation)
        return;
    WCHAR path[PATH_UNITS];
    bool ours = false;
    HANDLE opened = INVALID_HANDLE_VALUE;
    enum log_level level = read_level();
    if (settings_read(L"LOG", path, PATH_UNITS) == S_OK)
        opened = open_target(path, &ours);
    ours = ours && opened != INVALID_HANDLE_VALUE;
    HANDLE new_turn = ours ? open_turn(opened) : NULL;
    lock_enter(&target_lock);
    HANDLE old = target_is_ours ? target : INVALID_HANDLE_VALUE;
    HANDLE old_turn = turn;
    target = opened;
    target_is_ours = ours;
    turn = new_turn;
    InterlockedExchange(&level_now, opened != INVALID_HANDLE_VALUE ? (LONG)level : 0);
    InterlockedExchange(&generation_seen, generation);
    lock_leave(&target_lock);
    if (old != INVALID_HANDLE_VALUE)
        CloseHandle(old);
    if (old_turn)
        CloseHandle(old_turn);
}

enum log_level log_target_level(void)
{
    refresh();
    return (enum log_level)InterlockedCompareExchange(&level_now, 0, 0);
}

void log_target_write(const WCHAR *line, size_t length)
{
    static const char line_end[2] = {'\r', '\n'};
    char bytes[BYTES_FOR(LINE_UNITS)];
    DWORD written;
    if (length > LINE_UNITS)
        length = LINE_UNITS;
    int size = WideCharToMultiByte(
        CP_UTF8, 0, line, (int)length, bytes, LINE_UNITS * 3, NULL, NULL);
    bytes[size] = line_end[0];
    bytes[size + 1] = line_end[1];
    lock_enter(&target_lock);
    DWORD mode;
    if (!target_is_ours && GetConsoleMode(target, &mode))
    {
        /* A console has a code page; 16-bit text does not depend on it. */
        WriteConsoleW(target, line, (DWORD)length, &written, NULL);
        WriteConsoleW(target, L"\r\n", 2, &written, NULL);
    }
    else if (target != INVALID_HANDLE_VALUE)
    {
        write_in_turn(bytes, (DWORD)size + 2);
    }
    lock_leave(&target_lock);
}

void log_target_report(const WCHAR *line)
{
    if (settings_is_wine())
        return;
    HANDLE source = RegisterEventSourceW(NULL, L"Thawline");
    if (!source)
        return;
    ReportEventW(source, EVENTLOG_ERROR_TYPE, 0, 0, NULL, 1, 0, &line, NULL);
    DeregisterEventSource(source);
}

/* Runs when the DLL is unloaded. */
__attribute__((destructor)) static void close_target(void)
{
    if (target_is_ours)
        CloseHandle(target);
    if (turn)
        CloseHandle(turn);
    turn = NULL;
    target_is_ours = false;
    target = INVALID_HANDLE_VALUE;
}
