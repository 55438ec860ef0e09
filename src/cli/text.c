/* SPDX-License-Identifier: MIT
 *
 * Strings of the command-line program: memory, formatting, lists.
 */
#include "cli/text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <wchar.h>

#include <objbase.h>

#include "cli/exit_codes.h"

/* Formatted lines longer than this are rare: the first attempt's size. */
#define FIRST_FORMAT_SIZE 256

static void *text_checked(void *block)
{
    static const char message[] = "thawline: out of memory\n";
    DWORD written;

    if (!block)
    {
        WriteFile(GetStdHandle(STD_ERROR_HANDLE), message, sizeof(message) - 1, &written, NULL);
        ExitProcess(EXIT_CODE_FAILED);
    }
    return block;
}

void *text_memory(size_t bytes)
{
    return text_checked(calloc(1, bytes ? bytes : 1));
}

void *text_grow(void *block, size_t bytes)
{
    return text_checked(realloc(block, bytes));
}

WCHAR *text_copy(const WCHAR *text)
{
    size_t size;
    WCHAR *copy;

    if (!text)
        return NULL;
    size = (wcslen(text) + 1) * sizeof(WCHAR);
    copy = text_memory(size);
    memcpy(copy, text, size);
    return copy;
}

WCHAR *text_format_list(const WCHAR *format, va_list list)
{
    size_t size = FIRST_FORMAT_SIZE;
    WCHAR *text = NULL;

    for (;;)
    {
        va_list again;
        int length;

        text = text_grow(text, size * sizeof(WCHAR));
        va_copy(again, list);
        length = _vsnwprintf(text, size - 1, format, again);
        va_end(again);
        if (length >= 0 && (size_t)length < size)
        {
            text[length] = 0;
            return text;
        }
        size *= 2;
    }
}

WCHAR *text_format(const WCHAR *format, ...)
{
    va_list list;
    WCHAR *text;

    va_start(list, format);
    text = text_format_list(format, list);
    va_end(list);
    return text;
}

bool text_same(const WCHAR *a, const WCHAR *b)
{
    if (!a || !b)
        return a == b;
    return CompareStringOrdinal(a, -1, b, -1, TRUE) == CSTR_EQUAL;
}

bool text_starts_with(const WCHAR *text, const WCHAR *prefix)
{
    int length = (int)wcslen(prefix);

    return wcslen(text) >= (size_t)length &&
        CompareStringOrdinal(text, length, prefix, length, TRUE) == CSTR_EQUAL;
}

void text_from_guid(const GUID *id, WCHAR *text)
{
    StringFromGUID2(id, text, TEXT_GUID_SIZE);
}

bool text_to_guid(const WCHAR *text, GUID *id)
{
    WCHAR *braced = text[0] == '{' ? text_copy(text) : text_format(L"{%ls}", text);
    bool good = SUCCEEDED(IIDFromString(braced, id));

    free(braced);
    return good;
}

void text_from_size(ULONGLONG bytes, WCHAR *text)
{
    static const WCHAR *const units[] = {L"bytes", L"KiB", L"MiB", L"GiB", L"TiB"};
    double amount = (double)bytes;
    size_t unit = 0;

    while (amount >= 1024 && unit + 1 < ARRAYSIZE(units))
    {
        amount /= 1024;
        unit++;
    }
    _snwprintf(text, TEXT_SHORT_SIZE, L"%.*f %ls", unit ? 1 : 0, amount, units[unit]);
}

void text_from_time(LONGLONG filetime, WCHAR *text)
{
    FILETIME time = {(DWORD)filetime, (DWORD)(filetime >> 32)};
    SYSTEMTIME parts;

    if (!FileTimeToSystemTime(&time, &parts))
        ZeroMemory(&parts, sizeof(parts));
    _snwprintf(text, TEXT_SHORT_SIZE, L"%04u-%02u-%02u %02u:%02u:%02u UTC", parts.wYear,
        parts.wMonth, parts.wDay, parts.wHour, parts.wMinute, parts.wSecond);
}

void text_list_add(struct text_list *list, const WCHAR *text)
{
    list->items = text_grow(list->items, (list->count + 1) * sizeof(*list->items));
    list->items[list->count++] = text_copy(text);
}

void text_list_remove(struct text_list *list, size_t index)
{
    free(list->items[index]);
    list->count--;
    memmove(
        list->items + index, list->items + index + 1, (list->count - index) * sizeof(*list->items));
}

void text_list_free(struct text_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    ZeroMemory(list, sizeof(*list));
}
