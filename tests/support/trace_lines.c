/* SPDX-License-Identifier: MIT
 *
 * The lines of a trace. See trace_lines.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/trace_lines.h"

void trace_lines_place(WCHAR *path)
{
    WCHAR folder[MAX_PATH], pattern[MAX_PATH + 8];
    WIN32_FIND_DATAW found;
    GetTempPathW(MAX_PATH, folder);
    lstrcatW(folder, L"trace");
    CreateDirectoryW(folder, NULL);
    _snwprintf(path, MAX_PATH, L"%ls\\lines", folder);
    _snwprintf(pattern, MAX_PATH + 8, L"%ls.*", path);
    HANDLE search = FindFirstFileW(pattern, &found);
    for (BOOL more = search != INVALID_HANDLE_VALUE; more; more = FindNextFileW(search, &found))
    {
        WCHAR file[2 * MAX_PATH];
        _snwprintf(file, 2 * MAX_PATH, L"%ls\\%ls", folder, found.cFileName);
        assert_true(DeleteFileW(file));
    }
    if (search != INVALID_HANDLE_VALUE)
        FindClose(search);
}

/* Appends the file to lines->text. */
static size_t append_file(struct trace_lines *lines, size_t used, const WCHAR *path)
{
    DWORD got = 0;
    HANDLE file = CreateFileW(path, GENERIC_READ,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(file != INVALID_HANDLE_VALUE);
    DWORD size = GetFileSize(file, NULL);
    lines->text = realloc(lines->text, used + size + 1);
    assert_non_null(lines->text);
    assert_true(ReadFile(file, lines->text + used, size, &got, NULL));
    CloseHandle(file);
    lines->text[used + got] = 0;
    return used + got;
}

static void split(struct trace_lines *lines)
{
    size_t room = 1;
    for (const char *c = lines->text; *c; c++)
        room += *c == '\n';
    lines->line = calloc(room, sizeof(*lines->line));
    assert_non_null(lines->line);
    for (char *begin = lines->text; *begin;)
    {
        char *end = strchr(begin, '\n');
        lines->line[lines->count++] = begin;
        if (!end)
            break;
        *end = 0;
        begin = end + 1;
    }
}

void trace_lines_read(struct trace_lines *lines, const WCHAR *path)
{
    WCHAR pattern[MAX_PATH + 8];
    WIN32_FIND_DATAW found;
    size_t used = 0;
    *lines = (struct trace_lines){.text = calloc(1, 1)};
    assert_non_null(lines->text);
    _snwprintf(pattern, MAX_PATH + 8, L"%ls.*", path);
    HANDLE search = FindFirstFileW(pattern, &found);
    for (BOOL more = search != INVALID_HANDLE_VALUE; more; more = FindNextFileW(search, &found))
    {
        WCHAR file[2 * MAX_PATH];
        _snwprintf(file, 2 * MAX_PATH, L"%.*ls%ls", (int)(wcsrchr(path, '\\') + 1 - path), path,
            found.cFileName);
        used = append_file(lines, used, file);
        lines->files++;
    }
    if (search != INVALID_HANDLE_VALUE)
        FindClose(search);
    split(lines);
}

void trace_lines_free(struct trace_lines *lines)
{
    free(lines->text);
    free(lines->line);
    *lines = (struct trace_lines){0};
}

static bool holds_all(const char *line, va_list texts)
{
    const char *text;
    while ((text = va_arg(texts, const char *)) != NULL)
        if (!strstr(line, text))
            return false;
    return true;
}

const char *trace_lines_find(const struct trace_lines *lines, size_t from, ...)
{
    for (size_t i = from; i < lines->count; i++)
    {
        va_list texts;
        va_start(texts, from);
        bool found = holds_all(lines->line[i], texts);
        va_end(texts);
        if (found)
            return lines->line[i];
    }
    return NULL;
}

unsigned trace_lines_count(const struct trace_lines *lines, ...)
{
    unsigned count = 0;
    for (size_t i = 0; i < lines->count; i++)
    {
        va_list texts;
        va_start(texts, lines);
        count += holds_all(lines->line[i], texts);
        va_end(texts);
    }
    return count;
}

long long trace_line_number(const char *line, const char *key)
{
    char text[64];
    snprintf(text, sizeof(text), "\"%s\":", key);
    const char *found = strstr(line, text);
    assert_non_null(found);
    return strtoll(found + strlen(text), NULL, 10);
}
