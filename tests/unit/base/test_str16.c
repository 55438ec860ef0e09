/* SPDX-License-Identifier: MIT
 *
 * base/str16.h: 16-bit strings and the builder. The conversions are in test_utf8.c.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/str16.h"
#include "support/check_leaks.h"
#include "support/check_text.h"
#include "support/fail_alloc.h"

static void failed_assign_leaves_the_target_as_it_was(void **state)
{
    (void)state;
    WCHAR *text = wide("old");
    fail_alloc(1);
    assert_int_equal(str16_assign(&text, L"new"), E_OUTOFMEMORY);
    allow_allocs();
    check_text(text, "old");
    assert_int_equal(str16_assign(&text, L"new"), S_OK);
    check_text(text, "new");
    assert_int_equal(str16_assign(&text, NULL), S_OK);
    assert_null(text);
}

static void builder_whose_memory_ran_out_stays_failed_and_gives_null(void **state)
{
    (void)state;
    struct str16_builder builder = {0};
    str16_builder_add(&builder, L"some text");
    fail_alloc(1);
    for (int i = 0; i < 100; i++)
        str16_builder_add(&builder, L"more than fits");
    assert_true(allow_allocs());
    str16_builder_add(&builder, L"and later on there is memory again");
    assert_true(builder.failed);
    assert_null(str16_builder_take(&builder));
    /* Taking made it new. */
    str16_builder_add(&builder, L"x");
    WCHAR *text = str16_builder_take(&builder);
    check_text(text, "x");
    mem_free(text);
}

static void builder_whose_length_would_overflow_fails(void **state)
{
    (void)state;
    struct str16_builder builder = {0};
    str16_builder_add(&builder, L"a");
    str16_builder_add_n(&builder, L"b", SIZE_MAX / 2);
    assert_true(builder.failed);
    str16_builder_free(&builder);
    str16_builder_free(&builder);
}

static void null_counts_as_empty_where_the_contract_says_so(void **state)
{
    (void)state;
    assert_int_equal(str16_len(NULL), 0);
    assert_null(str16_dup(NULL));
    assert_true(str16_equal(NULL, NULL));
    assert_false(str16_equal(NULL, L""));
    assert_false(str16_equal(L"", NULL));
    assert_true(str16_equal_or_empty(NULL, L""));
    assert_true(str16_equal_or_empty(L"", NULL));
    assert_false(str16_equal_or_empty(NULL, L"a"));
    assert_true(str16_equal_nocase(NULL, NULL));
    assert_false(str16_equal_nocase(NULL, L""));
    assert_true(str16_starts_with(NULL, L""));
    assert_false(str16_starts_with(NULL, L"a"));
    assert_false(str16_starts_with_nocase(NULL, L"a"));
    assert_false(str16_ends_with_char(NULL, 'a'));
    assert_null(str16_find_char(NULL, 'a'));
    assert_null(str16_find_last_char(NULL, 'a'));
}

static void null_sorts_first_and_units_compare_unsigned(void **state)
{
    (void)state;
    assert_int_equal(str16_compare(NULL, NULL), 0);
    assert_true(str16_compare(NULL, L"") < 0);
    assert_true(str16_compare(L"", NULL) > 0);
    assert_true(str16_compare(L"a", L"b") < 0);
    assert_true(str16_compare(L"ab", L"a") > 0);
    assert_true(str16_compare(L"z", L"\xFF21") < 0);
    assert_int_equal(str16_compare(L"same", L"same"), 0);
}

static void case_is_ignored_for_ascii_letters_only(void **state)
{
    (void)state;
    assert_true(str16_equal_nocase(L"C:\\Data_[x]", L"c:\\dATA_[X]"));
    assert_false(str16_equal_nocase(L"\u00C4", L"\u00E4"));
    assert_false(str16_equal_nocase(L"[", L"{"));
    assert_false(str16_equal_nocase(L"ab", L"abc"));
    assert_true(str16_starts_with_nocase(L"\\\\?\\Volume{1}", L"\\\\?\\VOLUME"));
    assert_false(str16_starts_with(L"Volume", L"VOLUME"));
    assert_false(str16_starts_with(L"Vol", L"Volume"));
    assert_true(str16_starts_with(L"Volume", L"Vol"));
}

static void characters_are_found_from_both_ends(void **state)
{
    (void)state;
    const WCHAR *text = L"a\\b\\c";
    assert_ptr_equal(str16_find_char(text, '\\'), text + 1);
    assert_ptr_equal(str16_find_last_char(text, '\\'), text + 3);
    assert_null(str16_find_char(text, 'x'));
    assert_null(str16_find_last_char(text, 'x'));
    assert_true(str16_ends_with_char(text, 'c'));
    assert_false(str16_ends_with_char(text, 'b'));
    assert_false(str16_ends_with_char(L"", 0));
}

static void copies_are_exact_and_end_with_nul(void **state)
{
    (void)state;
    WCHAR *copy = str16_dup(L"a\xD800\xFFFF");
    assert_memory_equal(copy, L"a\xD800\xFFFF", 8);
    mem_free(copy);
    copy = str16_ndup(L"abcdef", 3);
    check_text(copy, "abc");
    mem_free(copy);
    copy = str16_dup(L"");
    check_text(copy, "");
    mem_free(copy);
}

static void builder_joins_every_kind_of_piece(void **state)
{
    (void)state;
    struct str16_builder builder = {0};
    str16_builder_add(&builder, L"text ");
    str16_builder_add(&builder, NULL);
    str16_builder_add_n(&builder, L"cut off", 3);
    str16_builder_add_char(&builder, '-');
    str16_builder_add_ascii(&builder, "ascii ");
    str16_builder_add_utf8(&builder, "\xC3\xA4\xF0\x9F\x98\x80 and more", 6);
    str16_builder_add_unsigned(&builder, 0);
    str16_builder_add_unsigned(&builder, UINT64_MAX);
    WCHAR *text = str16_builder_take(&builder);
    check_text(text,
        "text cut-ascii \xC3\xA4\xF0\x9F\x98\x80"
        "018446744073709551615");
    mem_free(text);
    text = str16_builder_take(&builder);
    check_text(text, "");
    mem_free(text);
}

static void builder_grows_to_a_million_units(void **state)
{
    (void)state;
    struct str16_builder builder = {0};
    for (int i = 0; i < 100000; i++)
        str16_builder_add(&builder, L"0123456789");
    assert_int_equal(builder.length, 1000000);
    WCHAR *text = str16_builder_take(&builder);
    assert_int_equal(str16_len(text), 1000000);
    assert_int_equal(text[999999], '9');
    mem_free(text);
}

static void length_is_right_wherever_a_text_begins_and_whatever_it_holds(void **state)
{
    /* Units that look like an end to one who takes several at a time. */
    static const WCHAR odd[] = {0x0001, 0x8000, 0xFFFF, 0x0100, 0x8001, 0x7FFF, 0x00FF, 0xFF00};
    (void)state;
    for (size_t start = 0; start < 5; start++)
        for (size_t length = 0; length < 40; length++)
        {
            WCHAR *block = mem_alloc_array(start + length + 1, sizeof(WCHAR));
            assert_non_null(block);
            for (size_t i = 0; i < length; i++)
                block[start + i] = odd[(i * 3 + start) % 8];
            assert_int_equal(str16_len(block + start), length);
            mem_free(block);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(length_is_right_wherever_a_text_begins_and_whatever_it_holds),
        leak_test(failed_assign_leaves_the_target_as_it_was),
        leak_test(builder_whose_memory_ran_out_stays_failed_and_gives_null),
        leak_test(builder_whose_length_would_overflow_fails),
        leak_test(null_counts_as_empty_where_the_contract_says_so),
        leak_test(null_sorts_first_and_units_compare_unsigned),
        leak_test(case_is_ignored_for_ascii_letters_only),
        leak_test(characters_are_found_from_both_ends),
        leak_test(copies_are_exact_and_end_with_nul),
        leak_test(builder_joins_every_kind_of_piece),
        leak_test(builder_grows_to_a_million_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
