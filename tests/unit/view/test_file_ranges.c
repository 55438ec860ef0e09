/* SPDX-License-Identifier: MIT
 *
 * Range lists. Expectations: writer-provider 4.3.
 */
#include "unit/view/view_fixture.h"
#include "view/file_ranges.h"

static void lists_agree_when_their_lengths_do(void **state)
{
    (void)state;
    static const struct
    {
        const WCHAR *source;
        const WCHAR *destination;
        bool agree;
    } rows[] = {
        {L"0:10", L"0:10", true},
        {L"0:10", L"500:10", true},
        {L"0:10", L"0:11", false},
        {L"0:10,20:5", L"0:10,20:5", true},
        {L"0:10, 20:5", L"0:10,\t99:0x5", true},
        {L"0:10,20:5", L"0:10", false},
        {L"0:10", L"0:10,20:5", false},
        {L"0x10:0xFF", L"16:255", true},
        {L"0XaB:0xab", L"171:171", true},
        {L"18446744073709551615:18446744073709551615", L"0:0xFFFFFFFFFFFFFFFF", true},
        {L"0:18446744073709551616", L"0:18446744073709551616", false},
        {L"0:0x10000000000000000", L"0:0x10000000000000000", false},
        {L"", L"", true},
        {L" ", L"", true},
        {L"0:1", L"", false},
        {L"0", L"0", false},
        {L"0:", L"0:", false},
        {L"0:1;", L"0:1;", false},
        {L"0:1 2:3", L"0:1 2:3", false},
        {L"0:1,x", L"0:1,x", false},
        {L"0:1,", L"0:1,", false},
        {L"0:1,,2:3", L"0:1,,2:3", false},
        {L"0x:1", L"0x:1", false},
        {L"0:-1", L"0:-1", false},
        /* A list in a file is taken on trust, the other one not. */
        {L"c:\\ranges.bin", L"\\\\?\\Volume{x}\\ranges.bin", true},
        {L"c:\\ranges.bin", L"0:1,5:1", true},
        {L"0:1,5:1", L"c:\\ranges.bin", true},
        {L"0:1,5", L"c:\\ranges.bin", false},
    };
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        if (file_ranges_agree(rows[i].source, rows[i].destination) != rows[i].agree)
            fail_msg("\"%ls\" and \"%ls\" should %sagree", rows[i].source, rows[i].destination,
                rows[i].agree ? "" : "not ");
    }
}

static void what_begins_like_a_list_is_one_to_its_end(void **state)
{
    (void)state;
    static const struct
    {
        const WCHAR *ranges;
        bool valid;
    } rows[] = {
        {L"0:10", true},
        {L"0:10,20:5, 0x20:0XF", true},
        {L" 0 : 10 , 20 : 5 ", true},
        {L"", true},
        {L"c:\\ranges.bin", true},
        {L"\\\\?\\Volume{x}\\ranges.bin", true},
        {L"%TEMP%\\ranges.bin", true},
        {L"File=c:\\ranges.bin", true},
        {L"0", false},
        {L"0:", false},
        {L"5:x", false},
        {L"0x:1", false},
        {L"0:1;2:3", false},
        {L"0:1,", false},
        {L"0:1,,2:3", false},
        {L"0:1,5", false},
        {L"0:-1", false},
        {L"18446744073709551616:1", false},
        {L"0:0x10000000000000000", false},
    };
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
        if (file_ranges_valid(rows[i].ranges) != rows[i].valid)
            fail_msg("\"%ls\" is %svalid", rows[i].ranges, rows[i].valid ? "" : "not ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VIEW_TEST(lists_agree_when_their_lengths_do),
        VIEW_TEST(what_begins_like_a_list_is_one_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
