/* SPDX-License-Identifier: MIT
 *
 * thawline.ini beside the DLL. See settings.h.
 *
 * The text stays in a buffer of its own, not in counted memory: it lives as long as the DLL, and
 * who looks for leaks or injects failed allocations should not meet it.
 */
#include "os/settings_file.h"

#include "base/str16.h"
#include "os/module.h"

static const char section[] = "thawline";

static char content[SETTINGS_FILE_LIMIT]; /* set once */
static DWORD content_size;                /* set once */

/* The full path of the file. False when it does not fit: then there is no file. */
static bool file_path(WCHAR *path, DWORD units)
{
    static const WCHAR name[] = L"thawline.ini";
    DWORD length = GetModuleFileNameW(module_instance, path, units);
    if (!length || length >= units)
        return false;
    WCHAR *last = (WCHAR *)str16_find_last_char(path, L'\\');
    if (!last || (DWORD)(last + 1 - path) + sizeof(name) / sizeof(name[0]) > units)
        return false;
    lstrcpyW(last + 1, name);
    return true;
}

static BOOL CALLBACK load(INIT_ONCE *once, void *argument, void **context)
{
    (void)once;
    (void)argument;
    (void)context;
    static WCHAR path[MAX_PATH * 4]; /* a DLL in a long path; set once, so not on the stack */
    if (!file_path(path, sizeof(path) / sizeof(path[0])))
        return TRUE;
    HANDLE file = CreateFileW(path, GENERIC_READ,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return TRUE;
    LARGE_INTEGER size;
    /* Half a file could mean something else than the whole one. */
    if (GetFileSizeEx(file, &size) && size.QuadPart <= SETTINGS_FILE_LIMIT)
        if (!ReadFile(file, content, SETTINGS_FILE_LIMIT, &content_size, NULL))
            content_size = 0;
    CloseHandle(file);
    return TRUE;
}

HRESULT settings_file_read(const WCHAR *name, WCHAR *buffer, size_t units)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    InitOnceExecuteOnce(&once, load, NULL, NULL);
    return settings_find_in_file(content, content_size, name, buffer, units);
}

/* ---- the text ---- */

/* A piece of the text: from `at` up to `end`. */
struct span
{
    const char *at;
    const char *end;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span span)
{
    while (span.at < span.end && is_blank(*span.at))
        span.at++;
    while (span.at < span.end && is_blank(span.end[-1]))
        span.end--;
    return span;
}

static struct span next_line(struct span *text)
{
    struct span line = {text->at, text->at};
    while (line.end < text->end && *line.end != '\n')
        line.end++;
    text->at = line.end < text->end ? line.end + 1 : line.end;
    return trim(line);
}

static int lower(int unit)
{
    return unit >= 'A' && unit <= 'Z' ? unit + ('a' - 'A') : unit;
}

static bool is_word(struct span span, const char *word)
{
    for (; span.at < span.end && *word; span.at++, word++)
        if (lower((unsigned char)*span.at) != lower((unsigned char)*word))
            return false;
    return span.at == span.end && !*word;
}

static bool is_name(struct span span, const WCHAR *name)
{
    for (; span.at < span.end && *name; span.at++, name++)
        if (lower((unsigned char)*span.at) != lower(*name))
            return false;
    return span.at == span.end && !*name;
}

/* "[ name ]" -> "name". */
static bool is_section_line(struct span line, struct span *name)
{
    if (line.at == line.end || *line.at != '[')
        return false;
    bool closed = line.end[-1] == ']';
    *name = trim((struct span){line.at + 1, closed ? line.end - 1 : line.end});
    return true;
}

static HRESULT copy_utf8(struct span value, WCHAR *buffer, size_t units)
{
    buffer[0] = 0;
    if (value.at == value.end)
        return S_FALSE;
    int room = units > INT_MAX ? INT_MAX : (int)units;
    if (room < 2) /* no room asks MultiByteToWideChar how much it wants */
        return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
    int length = MultiByteToWideChar(
        CP_UTF8, 0, value.at, (int)(value.end - value.at), buffer, room - 1);
    buffer[length] = 0;
    return length ? S_OK : HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
}

HRESULT settings_find_in_file(
    const char *text, size_t size, const WCHAR *name, WCHAR *buffer, size_t units)
{
    static const char byte_order_mark[3] = {(char)0xEF, (char)0xBB, (char)0xBF};
    struct span rest = {text, text + size};
    bool inside = false;
    buffer[0] = 0;
    if (size >= 3 && rest.at[0] == byte_order_mark[0] && rest.at[1] == byte_order_mark[1] &&
        rest.at[2] == byte_order_mark[2])
        rest.at += 3;
    while (rest.at < rest.end)
    {
        struct span line = next_line(&rest);
        struct span head = line;
        if (is_section_line(line, &head))
        {
            inside = is_word(head, section);
            continue;
        }
        if (!inside || line.at == line.end || *line.at == ';' || *line.at == '#')
            continue;
        head.end = head.at;
        while (head.end < line.end && *head.end != '=')
            head.end++;
        if (head.end < line.end && is_name(trim(head), name))
            return copy_utf8(trim((struct span){head.end + 1, line.end}), buffer, units);
    }
    return S_FALSE;
}
