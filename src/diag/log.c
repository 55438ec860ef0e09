/* SPDX-License-Identifier: MIT
 *
 * The log: formatting, escaping, the sink. See log.h; files and streams are in log_target.c.
 */
#include "diag/log.h"

#include <stdarg.h>
#include <stdio.h>

#include "diag/hresult.h"
#include "diag/log_target.h"
#include "diag/trace.h"
#include "os/clock.h"
#include "os/lock.h"
#include "os/thread_slot.h"

#define FORMAT_LENGTH 512
#define HEAD_LENGTH 64
#define ESCAPE_LENGTH 6 /* \u001b */

static const WCHAR cut_mark[] = L" [...]";
static const char *const level_words[] = {"", "error", "warning", "info", "debug"};

struct sink
{
    log_sink call;
    void *context;
    enum log_level level;
};

static struct lock sink_lock = LOCK_INIT(LOCK_RANK_LEAF);
static CONDITION_VARIABLE sink_idle = CONDITION_VARIABLE_INIT;
static struct sink sink;         /* guarded by sink_lock */
static unsigned sink_calls;      /* calls that run now; guarded by sink_lock */
static volatile LONG sink_level; /* sink.level, or 0: read without the lock to save the work */

/* Not NULL while this thread is inside the sink. */
static struct thread_slot inside_sink = THREAD_SLOT_INIT;

/* ---- escaping ---- */

static bool is_high_surrogate(WCHAR unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low_surrogate(WCHAR unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Controls (C0, DEL, C1), the separators that end a line, and the marks that turn its direction. */
static bool must_escape(WCHAR unit)
{
    return unit < 0x20 || (unit >= 0x7F && unit < 0xA0) || unit == 0x061C || unit == 0x200E ||
        unit == 0x200F || (unit >= 0x2028 && unit <= 0x202E) ||
        (unit >= 0x2066 && unit <= 0x2069) || unit == 0xFEFF;
}

static void put_escape(WCHAR unit, WCHAR *out)
{
    static const char digits[] = "0123456789ABCDEF";
    out[0] = L'\\';
    out[1] = L'u';
    for (int i = 0; i < 4; i++)
        out[2 + i] = (WCHAR)digits[unit >> (12 - 4 * i) & 15];
}

size_t log_escape(const WCHAR *text, size_t length, WCHAR *out, size_t units)
{
    size_t used = 0;
    if (!units)
        return 0;
    for (size_t i = 0; i < length; i++)
    {
        bool pair = is_high_surrogate(text[i]) && i + 1 < length && is_low_surrogate(text[i + 1]);
        bool lone = !pair && (is_high_surrogate(text[i]) || is_low_surrogate(text[i]));
        bool escape = lone || must_escape(text[i]);
        size_t needed = escape ? ESCAPE_LENGTH : pair ? 2 : 1;
        if (units - used <= needed)
            break;
        if (escape)
            put_escape(text[i], out + used);
        else
            out[used] = text[i];
        if (pair)
            out[used + 1] = text[++i];
        used += needed;
    }
    out[used] = 0;
    return used;
}

/* ---- the line ---- */

/* The message as it comes, in LOG_LINE_LENGTH units; returns its length. The 16-bit formatter
   copies %ls as it is; the 8-bit one would send it through the C locale and stop at the first unit
   above ASCII. */
static size_t format_message(WCHAR *message, const char *format, va_list arguments)
{
    WCHAR wide[FORMAT_LENGTH];
    size_t used = 0;
    for (; format[used] && used + 1 < FORMAT_LENGTH; used++)
        wide[used] = (unsigned char)format[used];
    wide[used] = 0;
    /* C99's rules, whatever __USE_MINGW_ANSI_STDIO says here. */
    int length = __mingw_vsnwprintf(message, LOG_LINE_LENGTH, wide, arguments);
    if (length >= 0 && length < LOG_LINE_LENGTH)
        return (size_t)length;
    /* It does not fit, and how much of it is there is not said. */
    message[LOG_LINE_LENGTH - 1] = 0;
    return (size_t)lstrlenW(message);
}

/* The message as readers may see it, with a mark where it had to be cut, and the code behind it.
   `line` has LOG_LINE_LENGTH units; returns the length. */
static size_t finish_message(const WCHAR *message, size_t length, HRESULT hr, WCHAR *line)
{
    char code[HRESULT_TEXT_SIZE + 2] = "";
    size_t room = LOG_LINE_LENGTH - sizeof(code) - sizeof(cut_mark) / sizeof(cut_mark[0]);
    size_t end = log_escape(message, length, line, room);
    if (length >= room || end + ESCAPE_LENGTH >= room)
    {
        lstrcpyW(line + end, cut_mark);
        end += sizeof(cut_mark) / sizeof(cut_mark[0]) - 1;
    }
    if (hr != S_OK)
    {
        code[0] = ':';
        code[1] = ' ';
        hresult_text(hr, code + 2);
    }
    for (const char *c = code; *c; c++)
        line[end++] = (WCHAR)*c;
    line[end] = 0;
    return end;
}

/* Time, process, thread and level; returns the length. */
static size_t format_head(WCHAR *head, enum log_level level)
{
    static const char *const names[] = {"", "ERROR", "WARNING", "INFO", "DEBUG"};
    FILETIME now = clock_utc();
    SYSTEMTIME time = {0};
    FileTimeToSystemTime(&now, &time);
    char text[HEAD_LENGTH];
    int length = snprintf(text, sizeof(text), "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ %lu:%lu %s ",
        time.wYear, time.wMonth, time.wDay, time.wHour, time.wMinute, time.wSecond,
        time.wMilliseconds, GetCurrentProcessId(), GetCurrentThreadId(), names[level]);
    size_t used = length > 0 && length < HEAD_LENGTH ? (size_t)length : 0;
    for (size_t i = 0; i < used; i++)
        head[i] = (WCHAR)text[i];
    return used;
}

static void call_sink(enum log_level level, const WCHAR *line)
{
    if (thread_slot_get(&inside_sink))
        return;
    lock_enter(&sink_lock);
    struct sink now = sink;
    bool wanted = now.call && level <= now.level;
    sink_calls += wanted;
    lock_leave(&sink_lock);
    if (!wanted)
        return;
    thread_slot_set(&inside_sink, &sink);
    now.call(now.context, level, line);
    thread_slot_set(&inside_sink, NULL);
    lock_enter(&sink_lock);
    if (--sink_calls == 0)
        WakeAllConditionVariable(&sink_idle);
    lock_leave(&sink_lock);
}

/* LOG_DEBUG tells what the trace has lines of other kinds for. */
static void trace_message(enum log_level level, const WCHAR *message, HRESULT hr)
{
    struct trace_line line;
    trace_begin(&line, TRACE_LOG);
    trace_ascii(&line, "level", level_words[level]);
    trace_text(&line, "text", message);
    if (hr != S_OK)
        trace_result(&line, "hr", hr);
    trace_end(&line);
}

static void log_line(enum log_level level, HRESULT hr, const char *format, va_list arguments)
{
    lock_assert_none_held();
    DWORD error = GetLastError();
    bool to_sink = (LONG)level <= InterlockedCompareExchange(&sink_level, 0, 0);
    bool to_target = level <= log_target_level();
    bool to_trace = level <= LOG_INFO && trace_watches();
    if (to_sink || to_target || to_trace || level == LOG_ERROR)
    {
        WCHAR message[LOG_LINE_LENGTH];
        WCHAR line[HEAD_LENGTH + LOG_LINE_LENGTH];
        size_t length = format_message(message, format, arguments);
        if (to_trace)
            trace_message(level, message, hr);
        size_t head = format_head(line, level);
        length = head + finish_message(message, length, hr, line + head);
        if (to_target)
            log_target_write(line, length);
        if (level == LOG_ERROR)
            log_target_report(line);
        if (to_sink)
            call_sink(level, line);
    }
    SetLastError(error);
}

HRESULT log_error(HRESULT hr, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_line(LOG_ERROR, hr, format, arguments);
    va_end(arguments);
    return hr;
}

HRESULT log_warning(HRESULT hr, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_line(LOG_WARNING, hr, format, arguments);
    va_end(arguments);
    return hr;
}

void log_info(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_line(LOG_INFO, S_OK, format, arguments);
    va_end(arguments);
}

void log_debug(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    log_line(LOG_DEBUG, S_OK, format, arguments);
    va_end(arguments);
}

HRESULT log_not_implemented(const char *what)
{
    log_warning(S_OK, "%s is not implemented.", what);
    return E_NOTIMPL;
}

HRESULT log_set_sink(log_sink call, void *context, enum log_level level)
{
    if (call && (level < LOG_ERROR || level > LOG_DEBUG))
        return E_INVALIDARG;
    bool from_sink = thread_slot_get(&inside_sink) != NULL;
    lock_enter(&sink_lock);
    sink = (struct sink){call, context, level};
    InterlockedExchange(&sink_level, call ? (LONG)level : 0);
    /* Calls of the former sink count until they are over; from inside it there is nothing to wait
       for. */
    while (sink_calls && !from_sink)
        lock_wait(&sink_lock, &sink_idle, INFINITE);
    lock_leave(&sink_lock);
    return S_OK;
}
