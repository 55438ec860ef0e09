/* SPDX-License-Identifier: MIT
 *
 * 16-bit texts against expected ones that are written in the test as UTF-8, so that a failing row
 * can be read. Include it after cmocka.h.
 */
#ifndef THAWLINE_TESTS_CHECK_TEXT_H
#define THAWLINE_TESTS_CHECK_TEXT_H

#include <string.h>

#include "base/mem.h"
#include "base/str16.h"

static inline void check_text_at(
    const WCHAR *actual, const char *expected, const char *file, int line)
{
    if (!actual || !expected)
    {
        if (actual || expected)
        {
            print_error("%s is NULL\n", actual ? "the expected text" : "the text");
            _fail(file, line);
        }
        return;
    }
    char *utf8 = utf8_from_str16(actual, str16_len(actual), NULL);
    if (!utf8 || strcmp(utf8, expected) != 0)
    {
        print_error("got      \"%s\"\nexpected \"%s\"\n", utf8 ? utf8 : "", expected);
        mem_free(utf8);
        _fail(file, line);
    }
    mem_free(utf8);
}

/* NULL equals NULL only. */
#define check_text(actual, expected) check_text_at((actual), (expected), __FILE__, __LINE__)

/* mem_free it. */
static inline WCHAR *wide(const char *utf8)
{
    WCHAR *text = str16_from_utf8(utf8, strlen(utf8), NULL);
    assert_non_null(text);
    return text;
}

#endif
