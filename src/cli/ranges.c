/* SPDX-License-Identifier: MIT
 *
 * Ranges of bytes. Follows requestor 6.6.
 */
#include "cli/ranges.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "cli/cancel.h"
#include "cli/file_copy.h"
#include "cli/path.h"
#include "cli/progress.h"
#include "cli/text.h"

/* Before a ranges file's path, as some documents write it. */
#define FILE_MARK L"File="
/* No file has a byte beyond. */
#define RANGES_REACH ((ULONGLONG)INT64_MAX)
/* A ranges file: the number of ranges, then so many pairs of offset and length. */
#define RANGES_FILE_LIMIT (64u * 1024 * 1024)

/* ---- Reading them ---- */

static void ranges_add(struct ranges *ranges, ULONGLONG offset, ULONGLONG length)
{
    ranges->items = text_grow(ranges->items, (ranges->count + 1) * sizeof(*ranges->items));
    ranges->items[ranges->count++] = (struct range){offset, length};
}

static const WCHAR *ranges_skip_blanks(const WCHAR *text)
{
    return text + wcsspn(text, L" \t");
}

static int ranges_digit(WCHAR unit, unsigned base)
{
    static const WCHAR digits[] = L"0123456789abcdef";
    WCHAR lower = unit >= 'A' && unit <= 'F' ? unit | 0x20 : unit;
    const WCHAR *found = unit ? wcschr(digits, lower) : NULL;

    return found && found < digits + base ? (int)(found - digits) : -1;
}

/* NULL: there is no number, or none that a file can reach. */
static const WCHAR *ranges_read_number(const WCHAR *text, ULONGLONG *number)
{
    unsigned base = 10;

    text = ranges_skip_blanks(text);
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
    {
        base = 16;
        text += 2;
    }
    if (ranges_digit(*text, base) < 0)
        return NULL;
    *number = 0;
    for (; ranges_digit(*text, base) >= 0; text++)
    {
        unsigned digit = (unsigned)ranges_digit(*text, base);

        if (*number > (RANGES_REACH - digit) / base)
            return NULL;
        *number = *number * base + digit;
    }
    return ranges_skip_blanks(text);
}

static bool ranges_are_in_reach(ULONGLONG offset, ULONGLONG length)
{
    return offset <= RANGES_REACH && length <= RANGES_REACH - offset;
}

bool ranges_parse(const WCHAR *list, struct ranges *ranges)
{
    struct ranges found = {0};
    const WCHAR *text = list;
    ULONGLONG total = 0; /* packed, they must be a file, too */
    bool more = true;

    while (more)
    {
        ULONGLONG offset = 0, length = 0;

        text = ranges_read_number(text, &offset);
        text = text && *text == ':' ? ranges_read_number(text + 1, &length) : NULL;
        if (!text || (*text && *text != ',') || !ranges_are_in_reach(offset, length) ||
            !ranges_are_in_reach(total, length))
        {
            ranges_free(&found);
            return false;
        }
        total += length;
        ranges_add(&found, offset, length);
        more = *text++ == ',';
    }
    *ranges = found;
    return true;
}

static DWORD ranges_take_file(const ULONGLONG *numbers, DWORD size, struct ranges *ranges)
{
    struct ranges found = {0};
    ULONGLONG total = 0;

    if (size < sizeof(*numbers) || numbers[0] > (size / sizeof(*numbers) - 1) / 2)
        return ERROR_INVALID_DATA;
    for (size_t i = 0; i < numbers[0]; i++)
    {
        ULONGLONG offset = numbers[1 + 2 * i], length = numbers[2 + 2 * i];

        if (!ranges_are_in_reach(offset, length) || !ranges_are_in_reach(total, length))
        {
            ranges_free(&found);
            return ERROR_INVALID_DATA;
        }
        total += length;
        ranges_add(&found, offset, length);
    }
    *ranges = found;
    return ERROR_SUCCESS;
}

static DWORD ranges_read_file(const WCHAR *path, struct ranges *ranges)
{
    WCHAR *absolute = path_absolute(path);
    WCHAR *name = absolute ? path_open_name(absolute) : NULL;
    HANDLE file = INVALID_HANDLE_VALUE;
    LARGE_INTEGER size = {0};
    ULONGLONG *numbers = NULL;
    DWORD read = 0, error = ERROR_SUCCESS;

    if (!name)
        error = ERROR_INVALID_DATA;
    else
        file = CreateFileW(name, GENERIC_READ, FILE_SHARE_ALL, NULL, OPEN_EXISTING, 0, NULL);
    if (!error && (file == INVALID_HANDLE_VALUE || !GetFileSizeEx(file, &size)))
        error = GetLastError();
    if (!error && size.QuadPart > RANGES_FILE_LIMIT)
        error = ERROR_FILE_TOO_LARGE;
    if (!error)
    {
        numbers = text_memory((size_t)size.QuadPart + sizeof(*numbers));
        if (!ReadFile(file, numbers, (DWORD)size.QuadPart, &read, NULL))
            error = GetLastError();
    }
    if (!error)
        error = ranges_take_file(numbers, read, ranges);
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    free(numbers);
    free(name);
    free(absolute);
    return error;
}

bool ranges_are_listed(const WCHAR *text)
{
    return ranges_digit(*ranges_skip_blanks(text), 10) >= 0;
}

DWORD ranges_read(const WCHAR *text, struct ranges *ranges)
{
    text = ranges_skip_blanks(text);
    if (ranges_are_listed(text))
        return ranges_parse(text, ranges) ? ERROR_SUCCESS : ERROR_INVALID_DATA;
    if (text_starts_with(text, FILE_MARK))
        text += wcslen(FILE_MARK);
    return ranges_read_file(text, ranges);
}

DWORD ranges_write(const WCHAR *path, const struct ranges *ranges)
{
    size_t count = 1 + 2 * ranges->count;
    ULONGLONG *numbers = text_memory(count * sizeof(*numbers));
    WCHAR *name = path_open_name(path);
    HANDLE file = CreateFileW(
        name, GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    DWORD written, error = ERROR_SUCCESS;

    numbers[0] = ranges->count;
    for (size_t i = 0; i < ranges->count; i++)
    {
        numbers[1 + 2 * i] = ranges->items[i].offset;
        numbers[2 + 2 * i] = ranges->items[i].length;
    }
    if (file == INVALID_HANDLE_VALUE ||
        !WriteFile(file, numbers, (DWORD)(count * sizeof(*numbers)), &written, NULL))
        error = GetLastError();
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    if (error && file != INVALID_HANDLE_VALUE)
        DeleteFileW(name);
    free(name);
    free(numbers);
    return error;
}

void ranges_free(struct ranges *ranges)
{
    free(ranges->items);
    *ranges = (struct ranges){0};
}

WCHAR *ranges_text(const struct ranges *ranges)
{
    /* Two numbers of at most 19 digits, a colon, a comma. */
    size_t size = ranges->count * 40 + 1, used = 0;
    WCHAR *text = text_memory(size * sizeof(WCHAR));

    for (size_t i = 0; i < ranges->count; i++)
        used += (size_t)_snwprintf(text + used, size - used, L"%ls%I64u:%I64u", i ? L"," : L"",
            ranges->items[i].offset, ranges->items[i].length);
    return text;
}

bool ranges_same(const struct ranges *a, const struct ranges *b)
{
    return a->count == b->count && !memcmp(a->items, b->items, a->count * sizeof(*a->items));
}

/* ---- Packed ---- */

ULONGLONG ranges_total(const struct ranges *ranges)
{
    ULONGLONG total = 0;

    for (size_t i = 0; i < ranges->count; i++)
        total += ranges->items[i].length;
    return total;
}

struct ranges ranges_packed(const struct ranges *ranges)
{
    struct ranges packed = {0};
    ULONGLONG offset = 0;

    for (size_t i = 0; i < ranges->count; i++)
    {
        ranges_add(&packed, offset, ranges->items[i].length);
        offset += ranges->items[i].length;
    }
    return packed;
}

bool ranges_find(const struct ranges *wanted, const struct ranges *kept, struct ranges *packed)
{
    struct ranges found = {0};

    for (size_t i = 0; i < wanted->count; i++)
    {
        const struct range *range = &wanted->items[i];
        ULONGLONG offset = 0;

        for (size_t j = 0; j < kept->count && found.count == i; j++)
        {
            const struct range *piece = &kept->items[j];

            if (range->offset >= piece->offset &&
                range->offset + range->length <= piece->offset + piece->length)
                ranges_add(&found, offset + range->offset - piece->offset, range->length);
            offset += piece->length;
        }
        if (found.count == i)
        {
            ranges_free(&found);
            return false;
        }
    }
    *packed = found;
    return true;
}

/* ---- Copying ---- */

static DWORD ranges_seek(HANDLE file, ULONGLONG offset)
{
    LARGE_INTEGER to = {.QuadPart = (LONGLONG)offset};

    return SetFilePointerEx(file, to, NULL, FILE_BEGIN) ? ERROR_SUCCESS : GetLastError();
}

static DWORD ranges_copy_one(
    HANDLE from, HANDLE to, ULONGLONG left, BYTE *buffer, ULONGLONG *copied, bool *from_failed)
{
    while (left)
    {
        DWORD size = left < FILE_COPY_BUFFER_SIZE ? (DWORD)left : FILE_COPY_BUFFER_SIZE, written;

        *from_failed = true;
        if (!ReadFile(from, buffer, size, &size, NULL))
            return GetLastError();
        if (!size)
            return ERROR_HANDLE_EOF;
        *from_failed = false;
        if (!WriteFile(to, buffer, size, &written, NULL))
            return GetLastError();
        left -= size;
        *copied += size;
        progress_add(size);
        progress_draw();
        if (cancel_requested())
            return ERROR_CANCELLED;
    }
    return ERROR_SUCCESS;
}

DWORD ranges_copy(HANDLE from, const struct ranges *source, HANDLE to, const struct ranges *target,
    BYTE *buffer, ULONGLONG *copied, bool *from_failed)
{
    DWORD error = source->count == target->count ? ERROR_SUCCESS : ERROR_INVALID_DATA;

    *from_failed = true;
    for (size_t i = 0; i < source->count && !error; i++)
    {
        if (source->items[i].length != target->items[i].length)
            error = ERROR_INVALID_DATA;
        if (!error)
            error = ranges_seek(from, source->items[i].offset);
        if (!error)
            error = ranges_seek(to, target->items[i].offset);
        if (!error)
            error = ranges_copy_one(from, to, source->items[i].length, buffer, copied, from_failed);
    }
    return error;
}
