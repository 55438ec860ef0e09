/* SPDX-License-Identifier: MIT
 *
 * Lists of byte ranges. Any thread. Follows writer-provider 4.3, range strings.
 */
#include "view/file_ranges.h"

static const WCHAR *skip_blanks(const WCHAR *text)
{
    while (*text == L' ' || *text == L'\t')
        text++;
    return text;
}

static int digit_value(WCHAR unit, unsigned base)
{
    int value = -1;
    if (unit >= L'0' && unit <= L'9')
        value = unit - L'0';
    else if (unit >= L'a' && unit <= L'f')
        value = unit - L'a' + 10;
    else if (unit >= L'A' && unit <= L'F')
        value = unit - L'A' + 10;
    return value < (int)base ? value : -1;
}

/* NULL when there is no number or it does not fit; else what follows it. */
static const WCHAR *read_number(const WCHAR *text, uint64_t *number)
{
    unsigned base = 10;
    text = skip_blanks(text);
    if (text[0] == L'0' && (text[1] == L'x' || text[1] == L'X'))
    {
        base = 16;
        text += 2;
    }
    if (digit_value(*text, base) < 0)
        return NULL;
    *number = 0;
    for (; digit_value(*text, base) >= 0; text++)
    {
        uint64_t digit = (uint64_t)digit_value(*text, base);
        if (*number > (UINT64_MAX - digit) / base)
            return NULL;
        *number = *number * base + digit;
    }
    return skip_blanks(text);
}

/* One range, and the comma behind it if another follows. NULL when malformed; else what is left. */
static const WCHAR *read_range(const WCHAR *text, uint64_t *length)
{
    uint64_t offset;
    text = read_number(text, &offset);
    if (!text || *text != L':')
        return NULL;
    text = read_number(text + 1, length);
    if (!text || !*text)
        return text;
    const WCHAR *next = skip_blanks(text + 1);
    return *text == L',' && *next ? next : NULL;
}

/* A list begins with a digit, a path never does. */
static bool is_list(const WCHAR *ranges)
{
    const WCHAR *start = skip_blanks(ranges);
    return !*start || digit_value(*start, 10) >= 0;
}

bool file_ranges_agree(const WCHAR *source, const WCHAR *destination)
{
    bool comparable = is_list(source) && is_list(destination);
    source = is_list(source) ? skip_blanks(source) : L"";
    destination = is_list(destination) ? skip_blanks(destination) : L"";
    while (*source || *destination)
    {
        uint64_t from = 0;
        uint64_t to = 0;
        if (*source && !(source = read_range(source, &from)))
            return false;
        if (comparable && !*destination)
            return false;
        if (*destination && !(destination = read_range(destination, &to)))
            return false;
        if (comparable && from != to)
            return false;
    }
    return true;
}

bool file_ranges_valid(const WCHAR *ranges)
{
    uint64_t length = 0;
    const WCHAR *rest = is_list(ranges) ? skip_blanks(ranges) : L"";
    while (rest && *rest)
        rest = read_range(rest, &length);
    return rest != NULL;
}
