/* SPDX-License-Identifier: MIT
 *
 * DEST\history.txt.
 */
#include "cli/history.h"

#include <stdlib.h>
#include <wchar.h>

#include "cli/path.h"
#include "cli/text.h"

#define WORD_TYPE L"type\t"
#define WORD_BEGUN L"begun\t"
#define WORD_PART L"part\t"
/* The last line: a history without it, or with other lines behind it, was cut or damaged. Without
   the line of a part its ranges would be taken for the whole file. */
#define WORD_END L"end\t"

static const struct
{
    VSS_BACKUP_TYPE type;
    const WCHAR *word;
} history_types[] = {
    {VSS_BT_COPY, L"copy"},
    {VSS_BT_FULL, L"full"},
    {VSS_BT_INCREMENTAL, L"incremental"},
    {VSS_BT_DIFFERENTIAL, L"differential"},
};

const WCHAR *history_type_word(VSS_BACKUP_TYPE type)
{
    for (size_t i = 0; i < ARRAYSIZE(history_types); i++)
    {
        if (history_types[i].type == type)
            return history_types[i].word;
    }
    return NULL;
}

VSS_BACKUP_TYPE history_type(const WCHAR *word)
{
    for (size_t i = 0; i < ARRAYSIZE(history_types); i++)
    {
        if (text_same(history_types[i].word, word))
            return history_types[i].type;
    }
    return VSS_BT_UNDEFINED;
}

/* Takes the ranges over. */
static void history_take_part(struct history *history, const WCHAR *path, struct ranges ranges)
{
    history->parts = text_grow(history->parts, (history->part_count + 1) * sizeof(*history->parts));
    history->parts[history->part_count++] = (struct history_part){text_copy(path), ranges};
}

void history_add_part(struct history *history, const WCHAR *path, const struct ranges *ranges)
{
    struct ranges copy = {text_memory(ranges->count * sizeof(*ranges->items) + 1), ranges->count};

    memcpy(copy.items, ranges->items, ranges->count * sizeof(*ranges->items));
    history_take_part(history, path, copy);
}

const struct ranges *history_find_part(const struct history *history, const WCHAR *path)
{
    for (size_t i = 0; i < history->part_count; i++)
    {
        if (text_same(history->parts[i].path, path))
            return &history->parts[i].ranges;
    }
    return NULL;
}

void history_free(struct history *history)
{
    for (size_t i = 0; i < history->part_count; i++)
    {
        free(history->parts[i].path);
        ranges_free(&history->parts[i].ranges);
    }
    free(history->parts);
    *history = (struct history){0};
}

/* ---- The file ---- */

static WCHAR *history_append(WCHAR *text, const WCHAR *line)
{
    WCHAR *longer = text_format(L"%ls%ls\r\n", text, line);

    free(text);
    return longer;
}

DWORD history_write(const struct history *history, const WCHAR *destination)
{
    WCHAR *path = path_join(destination, HISTORY_FILE);
    WCHAR *text = text_format(WORD_TYPE L"%ls\r\n" WORD_BEGUN L"%llu\r\n",
        history_type_word(history->type), history->begun);
    WCHAR *end = text_format(WORD_END L"%llu", (ULONGLONG)history->part_count);
    DWORD error;

    for (size_t i = 0; i < history->part_count; i++)
    {
        WCHAR *ranges = ranges_text(&history->parts[i].ranges);
        WCHAR *line = text_format(WORD_PART L"%ls\t%ls", history->parts[i].path, ranges);

        text = history_append(text, line);
        free(line);
        free(ranges);
    }
    text = history_append(text, end);
    error = path_write_text(path, text);
    free(end);
    free(text);
    free(path);
    return error;
}

static bool history_read_part(struct history *history, WCHAR *value)
{
    WCHAR *tab = wcschr(value, '\t');
    struct ranges ranges = {0};

    if (!tab)
        return false;
    *tab = 0;
    if (!path_is_plain(value) || (tab[1] && !ranges_parse(tab + 1, &ranges)))
        return false;
    history_take_part(history, value, ranges);
    return true;
}

/* False: no number and nothing else. */
static bool history_read_number(const WCHAR *text, ULONGLONG *number)
{
    WCHAR *end;

    *number = wcstoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end;
}

static bool history_read_line(struct history *history, WCHAR *line, bool *ended)
{
    ULONGLONG parts;

    if (*ended)
        return false;
    if (text_starts_with(line, WORD_PART))
        return history_read_part(history, line + wcslen(WORD_PART));
    if (text_starts_with(line, WORD_BEGUN))
        return history_read_number(line + wcslen(WORD_BEGUN), &history->begun);
    if (text_starts_with(line, WORD_TYPE))
    {
        history->type = history_type(line + wcslen(WORD_TYPE));
        return history->type != VSS_BT_UNDEFINED;
    }
    *ended = text_starts_with(line, WORD_END) &&
        history_read_number(line + wcslen(WORD_END), &parts) && parts == history->part_count;
    return *ended;
}

DWORD history_read(struct history *history, const WCHAR *destination)
{
    WCHAR *path = path_join(destination, HISTORY_FILE);
    DWORD error = ERROR_SUCCESS;
    WCHAR *text = path_read_text(path, &error);
    bool good = true, ended = false;

    history->type = text ? VSS_BT_UNDEFINED : VSS_BT_COPY;
    for (WCHAR *line = text; line && *line && good;)
    {
        size_t length = wcscspn(line, L"\r\n");
        WCHAR *next = line + length + wcsspn(line + length, L"\r\n");

        line[length] = 0;
        good = history_read_line(history, line, &ended);
        line = next;
    }
    if (text && (!good || !ended || history->type == VSS_BT_UNDEFINED || !history->begun))
        error = ERROR_INVALID_DATA;
    free(text);
    free(path);
    return error;
}
