/* SPDX-License-Identifier: MIT
 *
 * Wildcards of file specifications, and paths without regard to case.
 */
#include <cmocka.h>

#include "provider/file_pattern.h"

struct pattern_row
{
    const WCHAR *pattern;
    const WCHAR *name;
    bool matches;
};

static const struct pattern_row rows[] = {
    {NULL, L"any", true},
    {L"", L"any", true},
    {L"*", L"any", true},
    {L"*", L"", true},
    {L"*.*", L"without a dot", true},
    {L"a.txt", L"A.TXT", true},
    {L"a.txt", L"a.tx", false},
    {L"a.txt", L"a.txtt", false},
    {L"*.txt", L"a.txt", true},
    {L"*.txt", L"a.txt.bak", false},
    {L"*.txt", L".txt", true},
    {L"a?c", L"abc", true},
    {L"a?c", L"ac", false},
    {L"a?c", L"abbc", false},
    {L"a*c", L"ac", true},
    {L"a*b*c", L"aXbXbXc", true},
    {L"a*b*c", L"aXcXbX", false},
    {L"**", L"x", true},
    {L"a*", L"b", false},
    {L"*aab", L"aaaab", true},
    {L"\u00e4*", L"\u00c4pfel", true},
    {L"a\\b", L"a", false},
};

static void patterns_match_what_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (file_pattern_matches(rows[i].pattern, rows[i].name) != rows[i].matches)
            fail_msg("%ls and %ls: expected %d", rows[i].pattern ? rows[i].pattern : L"NULL",
                rows[i].name, rows[i].matches);
}

static void a_path_lies_in_its_folder_and_in_no_other(void **state)
{
    (void)state;
    assert_true(file_path_is_within(L"a\\b", L"a"));
    assert_true(file_path_is_within(L"a\\b\\c", L"A"));
    assert_true(file_path_is_within(L"a", L"a"));
    assert_true(file_path_is_within(L"anything", L""));
    assert_false(file_path_is_within(L"ab", L"a"));
    assert_false(file_path_is_within(L"a", L"a\\b"));
    assert_false(file_path_is_within(L"", L"a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_match_what_they_say),
        cmocka_unit_test(a_path_lies_in_its_folder_and_in_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
