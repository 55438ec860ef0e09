/* SPDX-License-Identifier: MIT
 *
 * Places in a text. See xml_flaw.h. Nothing is counted before something is wrong: then the text is
 * walked once more.
 */
#include "xml/xml_flaw.h"

static bool is_high(WCHAR unit)
{
    return (unit & 0xFC00) == 0xD800;
}

static bool is_low(WCHAR unit)
{
    return (unit & 0xFC00) == 0xDC00;
}

/* Whether a whole pair begins at `at`. */
static bool is_pair(const WCHAR *text, size_t length, size_t at)
{
    return is_high(text[at]) && at + 1 < length && is_low(text[at + 1]);
}

void xml_flaw_set(struct xml_flaw *flaw, const char *reason, const char *name, const WCHAR *text,
    size_t length, size_t unit)
{
    if (!flaw)
        return;
    *flaw = (struct xml_flaw){reason, name, 1, 1};
    for (size_t i = 0; i < unit && i < length; i++)
    {
        bool ends_line = text[i] == '\n' ||
            (text[i] == '\r' && !(i + 1 < length && text[i + 1] == '\n'));
        if (ends_line)
        {
            flaw->line++;
            flaw->column = 1;
        }
        else
        {
            flaw->column++;
        }
        if (is_pair(text, length, i))
            i++;
    }
}

size_t xml_flaw_unit_of_byte(const WCHAR *text, size_t length, size_t byte)
{
    size_t passed = 0;
    size_t i = 0;
    while (i < length && passed < byte)
    {
        bool pair = is_pair(text, length, i);
        passed += text[i] < 0x80 ? 1 : text[i] < 0x800 ? 2 : pair ? 4 : 3;
        i += pair ? 2 : 1;
    }
    return i;
}

size_t xml_flaw_lone_surrogate(const WCHAR *text, size_t length)
{
    size_t i = 0;
    while (i < length && (is_pair(text, length, i) || !(is_high(text[i]) || is_low(text[i]))))
        i += is_pair(text, length, i) ? 2 : 1;
    return i;
}
