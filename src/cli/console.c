/* SPDX-License-Identifier: MIT
 *
 * Lines for people: escaping, UTF-8, and the one line that is drawn again and again.
 */
#include "cli/console.h"

#include <stdarg.h>
#include <stdlib.h>
#include <wchar.h>

#include "cli/text.h"

/* A screen whose width cannot be asked for. */
#define USUAL_WIDTH 80
/* "\u001b" */
#define ESCAPE_LENGTH 6

static SRWLOCK console_lock = SRWLOCK_INIT;
static WCHAR *console_drawn; /* guarded by console_lock: the redrawn line; NULL: there is none */

static bool console_is_dangerous(WCHAR unit)
{
    return unit < 0x20 || (unit >= 0x7f && unit < 0xa0) || unit == 0x200e || unit == 0x200f ||
        (unit >= 0x2028 && unit <= 0x202e) || (unit >= 0x2066 && unit <= 0x2069);
}

WCHAR *console_shown(const WCHAR *text)
{
    WCHAR *shown = text_memory((wcslen(text) * ESCAPE_LENGTH + 1) * sizeof(WCHAR));
    WCHAR *end = shown;

    for (; *text; text++)
    {
        if (console_is_dangerous(*text))
            end += _snwprintf(end, ESCAPE_LENGTH + 1, L"\\u%04x", *text);
        else
            *end++ = *text;
    }
    *end = 0;
    return shown;
}

static void console_write(HANDLE handle, const WCHAR *text)
{
    int units = (int)wcslen(text);
    DWORD mode, written;
    char *bytes;
    int size;

    if (GetConsoleMode(handle, &mode))
    {
        WriteConsoleW(handle, text, units, &written, NULL);
        return;
    }
    size = WideCharToMultiByte(CP_UTF8, 0, text, units, NULL, 0, NULL, NULL);
    bytes = text_memory(size);
    WideCharToMultiByte(CP_UTF8, 0, text, units, bytes, size, NULL, NULL);
    WriteFile(handle, bytes, size, &written, NULL);
    free(bytes);
}

static void console_erase(void)
{
    WCHAR *blank;

    if (!console_drawn)
        return;
    blank = text_format(L"\r%*ls\r", (int)wcslen(console_drawn), L"");
    console_write(GetStdHandle(STD_ERROR_HANDLE), blank);
    free(console_drawn);
    console_drawn = NULL;
    free(blank);
}

static void console_line(DWORD stream, const WCHAR *prefix, const WCHAR *format, va_list list)
{
    WCHAR *text = text_format_list(format, list);
    WCHAR *shown = console_shown(text);
    WCHAR *line = text_format(L"%ls%ls\n", prefix, shown);

    AcquireSRWLockExclusive(&console_lock);
    console_erase();
    console_write(GetStdHandle(stream), line);
    ReleaseSRWLockExclusive(&console_lock);
    free(line);
    free(shown);
    free(text);
}

void console_result(const WCHAR *format, ...)
{
    va_list list;

    va_start(list, format);
    console_line(STD_OUTPUT_HANDLE, L"", format, list);
    va_end(list);
}

void console_note(const WCHAR *format, ...)
{
    va_list list;

    va_start(list, format);
    console_line(STD_ERROR_HANDLE, L"", format, list);
    va_end(list);
}

void console_error(const WCHAR *format, ...)
{
    va_list list;

    va_start(list, format);
    console_line(STD_ERROR_HANDLE, L"thawline: ", format, list);
    va_end(list);
}

void console_raw(const char *text, size_t length)
{
    DWORD written;

    AcquireSRWLockExclusive(&console_lock);
    console_erase();
    WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, (DWORD)length, &written, NULL);
    ReleaseSRWLockExclusive(&console_lock);
}

bool console_is_screen(void)
{
    DWORD mode;

    return GetConsoleMode(GetStdHandle(STD_ERROR_HANDLE), &mode) != 0;
}

void console_redraw(const WCHAR *text)
{
    HANDLE handle = GetStdHandle(STD_ERROR_HANDLE);
    CONSOLE_SCREEN_BUFFER_INFO info;
    size_t width = USUAL_WIDTH;
    WCHAR *shown = console_shown(text);

    if (GetConsoleScreenBufferInfo(handle, &info) && info.dwSize.X > 1)
        width = info.dwSize.X;
    /* A full line would scroll. */
    if (wcslen(shown) >= width)
        shown[width - 1] = 0;
    AcquireSRWLockExclusive(&console_lock);
    if (!console_drawn || wcscmp(console_drawn, shown))
    {
        console_erase();
        console_write(handle, shown);
        console_drawn = text_copy(shown);
    }
    ReleaseSRWLockExclusive(&console_lock);
    free(shown);
}
