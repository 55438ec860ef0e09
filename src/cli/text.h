/* SPDX-License-Identifier: MIT
 *
 * Strings of the command-line program. When memory is exhausted the program ends with a line that
 * says so: it holds nothing that the system does not clean up behind it. Any thread.
 */
#ifndef THAWLINE_CLI_TEXT_H
#define THAWLINE_CLI_TEXT_H

#include <stdbool.h>
#include <windows.h>

void *text_memory(size_t bytes);              /* zeroed; free() it */
void *text_grow(void *block, size_t bytes);   /* realloc */
WCHAR *text_copy(const WCHAR *text);          /* free() it; NULL for NULL */
WCHAR *text_format(const WCHAR *format, ...); /* wide strings are %ls, narrow ones %hs */
WCHAR *text_format_list(const WCHAR *format, va_list list);

bool text_same(const WCHAR *a, const WCHAR *b); /* without regard to case; NULL equals only NULL */
bool text_starts_with(const WCHAR *text, const WCHAR *prefix); /* without regard to case */

/* "{xxxxxxxx-...}": 38 characters and the NUL. */
#define TEXT_GUID_SIZE 39
void text_from_guid(const GUID *id, WCHAR *text);
/* With or without braces. False for anything else. */
bool text_to_guid(const WCHAR *text, GUID *id);

#define TEXT_SHORT_SIZE 40
/* "12.3 MiB" */
void text_from_size(ULONGLONG bytes, WCHAR *text);
/* "2024-05-31 12:34:56 UTC" */
void text_from_time(LONGLONG filetime, WCHAR *text);

/* Strings in the order in which they came. Zero-initialise. */
struct text_list
{
    WCHAR **items;
    size_t count;
};

void text_list_add(struct text_list *list, const WCHAR *text);
void text_list_remove(struct text_list *list, size_t index);
void text_list_free(struct text_list *list);

#endif
