/* SPDX-License-Identifier: MIT
 *
 * Reads traces. See trace_read.h.
 */
#include "cli/trace_read.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "cli/text.h"

/* Nobody looks at more, and a 32-bit program has no room for it. */
#define FILE_LIMIT (512u << 20)

/* ---- texts ---- */

struct trace_text
{
    struct trace_text *next;
    WCHAR text[];
};

static size_t hash_of(const WCHAR *text, size_t length)
{
    size_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ text[i]) * 16777619u;
    return hash;
}

static void grow_texts(struct trace *trace)
{
    size_t slots = trace->text_slots ? trace->text_slots * 4 : 256;
    struct trace_text **texts = text_memory(slots * sizeof(*texts));
    for (size_t i = 0; i < trace->text_slots; i++)
    {
        struct trace_text *next;
        for (struct trace_text *text = trace->texts[i]; text; text = next)
        {
            struct trace_text **slot = &texts[hash_of(text->text, wcslen(text->text)) % slots];
            next = text->next;
            text->next = *slot;
            *slot = text;
        }
    }
    free(trace->texts);
    trace->texts = texts;
    trace->text_slots = slots;
}

/* The trace's own copy; `text` holds no NUL. */
static const WCHAR *keep_text(struct trace *trace, const WCHAR *text, size_t length)
{
    if (trace->text_count >= trace->text_slots)
        grow_texts(trace);
    struct trace_text **slot = &trace->texts[hash_of(text, length) % trace->text_slots];
    for (struct trace_text *known = *slot; known; known = known->next)
        if (!wcsncmp(known->text, text, length) && !known->text[length])
            return known->text;
    struct trace_text *made = text_memory(sizeof(*made) + (length + 1) * sizeof(WCHAR));
    memcpy(made->text, text, length * sizeof(WCHAR));
    made->next = *slot;
    *slot = made;
    trace->text_count++;
    return made->text;
}

/* ---- one line ---- */

static const struct
{
    const char *key;
    size_t offset;
} text_fields[] = {
    {"utc", offsetof(struct trace_entry, utc)},
    {"name", offsetof(struct trace_entry, name)},
    {"event", offsetof(struct trace_entry, event)},
    {"writer", offsetof(struct trace_entry, writer)},
    {"instance", offsetof(struct trace_entry, instance)},
    {"provider", offsetof(struct trace_entry, provider)},
    {"volume", offsetof(struct trace_entry, volume)},
    {"point", offsetof(struct trace_entry, point)},
    {"detail", offsetof(struct trace_entry, detail)},
    {"level", offsetof(struct trace_entry, level)},
    {"text", offsetof(struct trace_entry, text)},
    {"handled", offsetof(struct trace_entry, handled)},
};

static const struct
{
    const char *key;
    size_t offset;
} number_fields[] = {
    {"t", offsetof(struct trace_entry, t)},
    {"us", offsetof(struct trace_entry, us)},
    {"span", offsetof(struct trace_entry, span)},
    {"pid", offsetof(struct trace_entry, pid)},
    {"bits", offsetof(struct trace_entry, bits)},
    {"delay_ms", offsetof(struct trace_entry, delay_ms)},
};

static const struct
{
    const WCHAR *name;
    enum trace_kind kind;
} kinds[] = {
    {L"process", KIND_PROCESS},
    {L"call", KIND_CALL},
    {L"async", KIND_ASYNC},
    {L"event", KIND_EVENT},
    {L"handler", KIND_HANDLER},
    {L"step", KIND_STEP},
    {L"provider", KIND_PROVIDER},
    {L"state", KIND_STATE},
    {L"fault", KIND_FAULT},
    {L"log", KIND_LOG},
};

struct parser
{
    struct trace *trace;
    const char *at;
    WCHAR *units; /* room for the longest text of the line */
    size_t length;
    struct trace_entry entry;
    bool has_t;
    bool has_pid;
    bool has_kind;
};

static bool read_hex(const char *at, WCHAR *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++)
    {
        const char *digit = at[i] ? strchr("0123456789abcdef", at[i] | 0x20) : NULL;
        if (!digit)
            return false;
        *unit = (WCHAR)(*unit << 4 | (digit - "0123456789abcdef"));
    }
    return true;
}

/* After a backslash. */
static bool read_escape(struct parser *parser)
{
    static const char names[] = "\"\\/bfnrt";
    static const WCHAR values[] = L"\"\\/\b\f\n\r\t";
    const char *name = *parser->at ? strchr(names, *parser->at) : NULL;
    WCHAR unit;

    if (name)
    {
        parser->units[parser->length++] = values[name - names];
        parser->at++;
        return true;
    }
    /* A NUL can't be shown, nor be in any name. */
    if (*parser->at != 'u' || !read_hex(parser->at + 1, &unit) || !unit)
        return false;
    parser->units[parser->length++] = unit;
    parser->at += 5;
    return true;
}

/* Bytes up to the next quote or backslash. */
static bool read_run(struct parser *parser)
{
    size_t size = strcspn(parser->at, "\"\\");
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)parser->at[i] < 0x20)
            return false;
    int units = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, parser->at, (int)size,
        parser->units + parser->length, (int)size);
    parser->at += size;
    parser->length += (size_t)units;
    return units > 0;
}

static bool read_string(struct parser *parser)
{
    parser->length = 0;
    if (*parser->at++ != '"')
        return false;
    while (*parser->at != '"')
    {
        bool escape = *parser->at == '\\';
        parser->at += escape;
        if (!*parser->at || !(escape ? read_escape(parser) : read_run(parser)))
            return false;
    }
    parser->at++;
    return true;
}

static bool is_text(const struct parser *parser, const WCHAR *text)
{
    return wcslen(text) == parser->length && !wcsncmp(text, parser->units, parser->length);
}

/* "0x80042301". */
static bool read_result(const struct parser *parser, HRESULT *result)
{
    ULONGLONG value = 0;
    if (parser->length != 10 || parser->units[0] != '0' || parser->units[1] != 'x')
        return false;
    for (size_t i = 2; i < parser->length; i++)
    {
        WCHAR unit = parser->units[i];
        const char *digit = unit < 0x80 ? strchr("0123456789abcdef", unit | 0x20) : NULL;
        if (!digit)
            return false;
        value = value << 4 | (ULONGLONG)(digit - "0123456789abcdef");
    }
    *result = (HRESULT)value;
    return true;
}

static bool take_text(struct parser *parser, const char *key)
{
    struct trace_entry *entry = &parser->entry;
    if (!strcmp(key, "kind"))
    {
        parser->has_kind = true;
        for (size_t i = 0; i < ARRAYSIZE(kinds); i++)
            if (is_text(parser, kinds[i].name))
                entry->kind = kinds[i].kind;
    }
    else if (!strcmp(key, "at"))
        entry->at = is_text(parser, L"begin") ? AT_BEGIN
            : is_text(parser, L"end")         ? AT_END
                                              : AT_ONCE;
    else if (!strcmp(key, "hr"))
        return read_result(parser, &entry->hr);
    else if (!strcmp(key, "failure"))
        return read_result(parser, &entry->failure);
    for (size_t i = 0; i < ARRAYSIZE(text_fields); i++)
        if (!strcmp(key, text_fields[i].key))
            *(const WCHAR **)((char *)entry + text_fields[i].offset) = keep_text(
                parser->trace, parser->units, parser->length);
    return true;
}

static bool take_number(struct parser *parser, const char *key)
{
    char *end = NULL;
    LONGLONG value = strtoll(parser->at, &end, 10);
    if (end == parser->at || (*end != ',' && *end != '}'))
        return false;
    parser->at = end;
    parser->has_t |= !strcmp(key, "t");
    parser->has_pid |= !strcmp(key, "pid");
    for (size_t i = 0; i < ARRAYSIZE(number_fields); i++)
        if (!strcmp(key, number_fields[i].key))
            *(LONGLONG *)((char *)&parser->entry + number_fields[i].offset) = value;
    return true;
}

/* A key of more units than any that is known is known no more than others. */
#define KEY_LIMIT 16

static bool read_member(struct parser *parser)
{
    char key[KEY_LIMIT + 1] = "";
    if (!read_string(parser) || *parser->at++ != ':')
        return false;
    for (size_t i = 0; i < parser->length && parser->length <= KEY_LIMIT; i++)
        key[i] = (char)parser->units[i];
    if (*parser->at == '"')
        return read_string(parser) && take_text(parser, key);
    return take_number(parser, key);
}

static bool read_line(struct parser *parser)
{
    parser->entry = (struct trace_entry){.us = -1};
    parser->has_t = parser->has_pid = parser->has_kind = false;
    if (*parser->at++ != '{')
        return false;
    do
    {
        if (!read_member(parser))
            return false;
    } while (*parser->at++ == ',');
    return parser->at[-1] == '}' && !*parser->at && parser->has_t && parser->has_pid &&
        parser->has_kind;
}

static void add_entry(struct trace *trace, const struct trace_entry *entry)
{
    if (trace->count == trace->capacity)
    {
        trace->capacity = trace->capacity ? trace->capacity * 2 : 1024;
        trace->entries = text_grow(trace->entries, trace->capacity * sizeof(*trace->entries));
    }
    trace->entries[trace->count] = *entry;
    trace->entries[trace->count].order = trace->count;
    trace->count++;
}

void trace_add(struct trace *trace, const char *bytes, size_t size)
{
    size_t room = 0;
    char *line = NULL;
    struct parser parser = {.trace = trace};

    for (const char *end = bytes + size; bytes < end;)
    {
        const char *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t length = (size_t)((stop ? stop : end) - bytes);
        size_t whole = length;
        if (length && bytes[length - 1] == '\r')
            length--;
        if (length >= room)
        {
            room = (length + 1) * 2;
            line = text_grow(line, room);
            parser.units = text_grow(parser.units, room * sizeof(WCHAR));
        }
        memcpy(line, bytes, length);
        line[length] = 0;
        parser.at = line;
        if (length && strlen(line) == length && read_line(&parser))
            add_entry(trace, &parser.entry);
        else if (length)
            trace->malformed++;
        bytes += whole + 1;
    }
    free(line);
    free(parser.units);
}

/* ---- files ---- */

static DWORD add_file(struct trace *trace, const WCHAR *path)
{
    LARGE_INTEGER size;
    DWORD got = 0;
    DWORD error = ERROR_SUCCESS;
    char *bytes = NULL;
    HANDLE file = CreateFileW(path, GENERIC_READ,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);

    if (file == INVALID_HANDLE_VALUE)
        return GetLastError();
    if (!GetFileSizeEx(file, &size))
        error = GetLastError();
    else if (size.QuadPart > FILE_LIMIT)
        error = ERROR_FILE_TOO_LARGE;
    else
    {
        bytes = text_memory((size_t)size.QuadPart + 1);
        if (!ReadFile(file, bytes, (DWORD)size.QuadPart, &got, NULL))
            error = GetLastError();
    }
    CloseHandle(file);
    if (error == ERROR_SUCCESS)
    {
        trace_add(trace, bytes, got);
        trace->files++;
    }
    free(bytes);
    return error;
}

static bool is_process_id(const WCHAR *text)
{
    return *text && wcsspn(text, L"0123456789") == wcslen(text);
}

DWORD trace_add_files(struct trace *trace, const WCHAR *path, WCHAR **failed)
{
    WIN32_FIND_DATAW found;
    DWORD error = ERROR_SUCCESS;
    DWORD attributes = GetFileAttributesW(path);
    const WCHAR *slash = wcspbrk(path, L"\\/") ? path + wcslen(path) : path;
    while (slash > path && slash[-1] != '\\' && slash[-1] != '/')
        slash--;

    *failed = NULL;
    if (attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY))
        error = add_file(trace, path);
    if (error != ERROR_SUCCESS)
        *failed = text_copy(path);
    WCHAR *pattern = text_format(L"%ls.*", path);
    HANDLE search = FindFirstFileW(pattern, &found);
    for (BOOL more = search != INVALID_HANDLE_VALUE; more && !*failed;
         more = FindNextFileW(search, &found))
    {
        size_t name = wcslen(slash);
        if (wcslen(found.cFileName) <= name + 1 || !is_process_id(found.cFileName + name + 1))
            continue;
        WCHAR *file = text_format(L"%.*ls%ls", (int)(slash - path), path, found.cFileName);
        error = add_file(trace, file);
        if (error != ERROR_SUCCESS)
            *failed = text_copy(file);
        free(file);
    }
    if (search != INVALID_HANDLE_VALUE)
        FindClose(search);
    free(pattern);
    return error;
}

static int compare(const void *a, const void *b)
{
    const struct trace_entry *x = a;
    const struct trace_entry *y = b;
    if (x->t != y->t)
        return x->t < y->t ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

void trace_sort(struct trace *trace)
{
    if (trace->count)
        qsort(trace->entries, trace->count, sizeof(*trace->entries), compare);
}

void trace_free(struct trace *trace)
{
    for (size_t i = 0; i < trace->text_slots; i++)
    {
        struct trace_text *next;
        for (struct trace_text *text = trace->texts[i]; text; text = next)
        {
            next = text->next;
            free(text);
        }
    }
    free(trace->texts);
    free(trace->entries);
    ZeroMemory(trace, sizeof(*trace));
}
