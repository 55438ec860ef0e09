/* SPDX-License-Identifier: MIT
 *
 * Lists of ranges, and what of them lies where when they are packed (requestor 6.6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <wchar.h>

#include <cmocka.h>

#include "cli/ranges.h"

static void lists_are_read_as_writers_write_them(void **state)
{
    static const struct
    {
        const WCHAR *list;
        const WCHAR *read; /* NULL: it is refused */
    } rows[] = {
        {L"0:1", L"0:1"},
        {L"64:448,0x1239E8577A:65536", L"64:448,78280939386:65536"},
        {L" 1 : 2 ,\t3:0X4 ", L"1:2,3:4"},
        {L"5:0", L"5:0"},
        {L"9223372036854775806:1", L"9223372036854775806:1"},
        {L"9223372036854775806:2", NULL},
        {L"9223372036854775808:0", NULL},
        {L"0xffffffffffffffff:1", NULL},
        {L"0x10000000000000000:1", NULL},
        {L"1:9223372036854775806,0:1", L"1:9223372036854775806,0:1"},
        {L"1:9223372036854775806,0:2", NULL},
        {L"", NULL},
        {L"1", NULL},
        {L"1:", NULL},
        {L":1", NULL},
        {L"1:2,", NULL},
        {L"1:2,,3:4", NULL},
        {L"1:2;3:4", NULL},
        {L"1:2 3:4", NULL},
        {L"-1:2", NULL},
        {L"0x:1", NULL},
        {L"0xg:1", NULL},
        {L"1a:1", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        struct ranges ranges = {0};
        bool good = ranges_parse(rows[i].list, &ranges);
        WCHAR *text = ranges_text(&ranges);

        if (good != (rows[i].read != NULL) || (good && wcscmp(text, rows[i].read) != 0))
            fail_msg("%ls: %d, %ls", rows[i].list, good, text);
        free(text);
        ranges_free(&ranges);
    }
}

static void ranges_are_found_in_what_was_kept(void **state)
{
    static const struct
    {
        const WCHAR *wanted;
        const WCHAR *found; /* NULL: some byte was not kept */
    } rows[] = {
        /* Kept are bytes 10 to 14, 100 to 109 and 20 to 20, in this order. */
        {L"10:5", L"0:5"},
        {L"12:2,20:1,109:1", L"2:2,15:1,14:1"},
        {L"100:10", L"5:10"},
        {L"9:2", NULL},
        {L"14:2", NULL},
        {L"10:5,110:1", NULL},
    };
    struct ranges kept;

    (void)state;
    assert_true(ranges_parse(L"10:5,100:10,20:1", &kept));
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        struct ranges wanted, found = {0};
        WCHAR *text;

        assert_true(ranges_parse(rows[i].wanted, &wanted));
        bool good = ranges_find(&wanted, &kept, &found);
        text = ranges_text(&found);
        if (good != (rows[i].found != NULL) || (good && wcscmp(text, rows[i].found) != 0))
            fail_msg("%ls: %d, %ls", rows[i].wanted, good, text);
        free(text);
        ranges_free(&wanted);
        ranges_free(&found);
    }
    ranges_free(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read_as_writers_write_them),
        cmocka_unit_test(ranges_are_found_in_what_was_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
