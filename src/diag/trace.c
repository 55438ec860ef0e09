/* SPDX-License-Identifier: MIT
 *
 * The lines of the trace. See trace.h; the file is in trace_file.c.
 */
#include "diag/trace.h"

#include <stdio.h>
#include <string.h>

#include "base/guid.h"
#include "diag/hresult.h"
#include "diag/trace_file.h"
#include "os/clock.h"

/* Where a text that does not fit ends. */
static const char cut_mark[] = " [...]";
/* What is kept free for the fields after a long text: numbers, results and the line's end. */
#define TAIL_LENGTH 320
#define ESCAPE_LENGTH 6 /* \u001b */

static const char *const names[] = {
#define TRACE_POINT(id_, name_, fields_) name_,
#include "diag/trace_points.def"
#undef TRACE_POINT
};

static volatile LONG last_span;

const char *trace_point_name(enum trace_point point)
{
    return point < TRACE_POINT_COUNT ? names[point] : NULL;
}

/* ---- pieces ---- */

static void put_bytes(struct trace_line *line, const char *bytes, size_t length)
{
    if (length > TRACE_LINE_LENGTH - line->length)
        length = TRACE_LINE_LENGTH - line->length;
    memcpy(line->text + line->length, bytes, length);
    line->length += length;
}

static void put(struct trace_line *line, const char *text)
{
    put_bytes(line, text, strlen(text));
}

static void put_key(struct trace_line *line, const char *key)
{
    put(line, ",\"");
    put(line, key);
    put(line, "\":");
}

/* All but plain ASCII is escaped: lines survive any code page, and lone surrogates stay what they
   are. Returns the length. */
static size_t escape(WCHAR unit, char *out)
{
    static const char digits[] = "0123456789abcdef";
    if (unit == '"' || unit == '\\')
    {
        out[0] = '\\';
        out[1] = (char)unit;
        return 2;
    }
    if (unit >= 0x20 && unit < 0x7F)
    {
        out[0] = (char)unit;
        return 1;
    }
    out[0] = '\\';
    out[1] = 'u';
    for (int i = 0; i < 4; i++)
        out[2 + i] = digits[unit >> (12 - 4 * i) & 15];
    return ESCAPE_LENGTH;
}

/* ---- a line ---- */

void trace_begin(struct trace_line *line, enum trace_point point)
{
    FILETIME now = clock_utc();
    ULARGE_INTEGER ticks = {.LowPart = now.dwLowDateTime, .HighPart = now.dwHighDateTime};
    SYSTEMTIME time = {0};
    FileTimeToSystemTime(&now, &time);
    int length = snprintf(line->text, TRACE_LINE_LENGTH,
        "{\"t\":%llu,\"utc\":\"%04u-%02u-%02uT%02u:%02u:%02u.%06uZ\",\"pid\":%lu,\"tid\":%lu,"
        "\"bits\":%u,\"scope\":\"%s\",\"kind\":\"%s\"",
        (unsigned long long)clock_now_us(), time.wYear, time.wMonth, time.wDay, time.wHour,
        time.wMinute, time.wSecond, (unsigned)(ticks.QuadPart / 10 % 1000000),
        GetCurrentProcessId(), GetCurrentThreadId(), (unsigned)(8 * sizeof(void *)),
        trace_file_scope(), names[point]);
    line->length = length > 0 ? (size_t)length : 0;
}

void trace_text(struct trace_line *line, const char *key, const WCHAR *value)
{
    if (!value)
        return;
    put_key(line, key);
    put(line, "\"");
    for (; *value; value++)
    {
        char escaped[ESCAPE_LENGTH];
        size_t length = escape(*value, escaped);
        if (line->length + length + sizeof(cut_mark) + TAIL_LENGTH > TRACE_LINE_LENGTH)
        {
            put(line, cut_mark);
            break;
        }
        put_bytes(line, escaped, length);
    }
    put(line, "\"");
}

void trace_ascii(struct trace_line *line, const char *key, const char *value)
{
    WCHAR wide[128];
    size_t length = 0;
    if (!value)
        return;
    for (; value[length] && length + 1 < sizeof(wide) / sizeof(wide[0]); length++)
        wide[length] = (unsigned char)value[length];
    wide[length] = 0;
    trace_text(line, key, wide);
}

void trace_number(struct trace_line *line, const char *key, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%lld", (long long)value);
    put_key(line, key);
    put(line, text);
}

void trace_guid(struct trace_line *line, const char *key, const GUID *value)
{
    WCHAR text[GUID_TEXT_LENGTH + 1];
    guid_to_text(value, text);
    trace_text(line, key, text);
}

void trace_result(struct trace_line *line, const char *key, HRESULT value)
{
    char text[16];
    const char *name = hresult_name(value);
    snprintf(text, sizeof(text), "\"0x%08X\"", (unsigned)value);
    put_key(line, key);
    put(line, text);
    if (!name)
        return;
    put(line, ",\"");
    put(line, key);
    put(line, "_name\":\"");
    put(line, name);
    put(line, "\"");
}

void trace_end(struct trace_line *line)
{
    put(line, "}\n");
    trace_file_write(line->text, line->length);
}

/* ---- what lasts ---- */

static void put_span(struct trace_line *line, const char *at, const struct trace_span *span)
{
    trace_ascii(line, "at", at);
    trace_number(line, "span", span->id);
}

void trace_span_begin(struct trace_line *line, enum trace_point point, struct trace_span *span)
{
    span->id = InterlockedIncrement(&last_span);
    span->began_us = clock_now_us();
    trace_begin(line, point);
    put_span(line, "begin", span);
}

void trace_span_end(struct trace_line *line, enum trace_point point, const struct trace_span *span)
{
    trace_begin(line, point);
    put_span(line, "end", span);
    trace_number(line, "us", (int64_t)(clock_now_us() - span->began_us));
}
