/* SPDX-License-Identifier: MIT
 *
 * base/utf8.h and the conversions of str16.h. Expected values from the Unicode standard, chapter
 * 3.9.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/str16.h"
#include "base/utf8.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"

static void check_decoding(const char *utf8, const WCHAR *expected)
{
    size_t length = 0;
    WCHAR *text = str16_from_utf8(utf8, strlen(utf8), &length);
    assert_non_null(text);
    assert_int_equal(length, str16_len(expected));
    assert_memory_equal(text, expected, (length + 1) * sizeof(WCHAR));
    mem_free(text);
}

/* Each byte that belongs to no well-formed sequence becomes U+FFFD of its own. */
static void ill_formed_utf8_becomes_replacement_characters(void **state)
{
    (void)state;
    check_decoding("\x80", L"\xFFFD");
    check_decoding("a\xC3", L"a\xFFFD");
    check_decoding("\xC3(", L"\xFFFD(");
    check_decoding("\xE2\x82", L"\xFFFD\xFFFD");
    check_decoding("\xE2\x82z", L"\xFFFD\xFFFDz");
    check_decoding("\xF0\x9F\x98", L"\xFFFD\xFFFD\xFFFD");
    check_decoding("\xFF\xFE", L"\xFFFD\xFFFD");
}

static void bytes_behind_the_given_length_are_not_read(void **state)
{
    (void)state;
    WCHAR text[4] = {0};
    assert_int_equal(utf8_decode("a\xC3\xA4", 2, text), 2);
    assert_memory_equal(text, L"a\xFFFD", 4);
    assert_int_equal(utf8_decode("\xF0\x9F\x98\x80", 3, text), 3);
    assert_memory_equal(text, L"\xFFFD\xFFFD\xFFFD", 6);
    bool ill_formed = false;
    char bytes[8];
    assert_int_equal(utf8_encode(L"\xD83D\xDE00", 1, bytes, &ill_formed), 3);
    assert_true(ill_formed);
}

static void overlong_forms_surrogates_and_values_past_the_end_are_ill_formed(void **state)
{
    (void)state;
    check_decoding("\xC0\x80", L"\xFFFD\xFFFD");
    check_decoding("\xC1\xBF", L"\xFFFD\xFFFD");
    check_decoding("\xE0\x9F\xBF", L"\xFFFD\xFFFD\xFFFD");
    check_decoding("\xF0\x8F\xBF\xBF", L"\xFFFD\xFFFD\xFFFD\xFFFD");
    check_decoding("\xED\xA0\x80", L"\xFFFD\xFFFD\xFFFD");
    check_decoding("\xF4\x90\x80\x80", L"\xFFFD\xFFFD\xFFFD\xFFFD");
    check_decoding("\xF5\x80\x80\x80", L"\xFFFD\xFFFD\xFFFD\xFFFD");
}

static void lone_surrogates_become_replacement_characters_and_are_told(void **state)
{
    (void)state;
    static const WCHAR *const texts[] = {L"a\xD800", L"a\xDC00", L"a\xD800z", L"\xDC00\xD800"};
    for (size_t i = 0; i < 4; i++)
    {
        char out[16];
        bool ill_formed = false;
        size_t bytes = utf8_encode(texts[i], str16_len(texts[i]), out, &ill_formed);
        out[bytes] = 0;
        assert_true(ill_formed);
        assert_non_null(strstr(out, "\xEF\xBF\xBD"));
    }
}

static void failed_allocation_gives_null(void **state)
{
    (void)state;
    size_t length = 42;
    fail_alloc(1);
    assert_null(str16_from_utf8("a", 1, &length));
    fail_alloc(1);
    assert_null(utf8_from_str16(L"a", 1, &length));
    allow_allocs();
    assert_int_equal(length, 42);
}

static void the_first_and_last_code_point_of_each_length_survive(void **state)
{
    (void)state;
    static const struct
    {
        const char *utf8;
        const WCHAR *text;
    } rows[] = {
        {"", L""},
        {"\x01\x7F", L"\x01\x7F"},
        {"\xC2\x80\xDF\xBF", L"\x80\x7FF"},
        {"\xE0\xA0\x80\xED\x9F\xBF", L"\x800\xD7FF"},
        {"\xEE\x80\x80\xEF\xBF\xBF", L"\xE000\xFFFF"},
        {"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF", L"\xD800\xDC00\xDBFF\xDFFF"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        size_t length = 0;
        check_decoding(rows[i].utf8, rows[i].text);
        char *utf8 = utf8_from_str16(rows[i].text, str16_len(rows[i].text), &length);
        assert_non_null(utf8);
        assert_int_equal(length, strlen(rows[i].utf8));
        assert_string_equal(utf8, rows[i].utf8);
        mem_free(utf8);
    }
}

static void every_unit_of_the_text_counts_nuls_included(void **state)
{
    (void)state;
    static const WCHAR text[] = {'a', 0, 'b'};
    size_t length = 0;
    char *utf8 = utf8_from_str16(text, 3, &length);
    assert_non_null(utf8);
    assert_int_equal(length, 3);
    assert_memory_equal(utf8, "a\0b", 4);
    WCHAR *back = str16_from_utf8(utf8, length, &length);
    assert_non_null(back);
    assert_int_equal(length, 3);
    assert_memory_equal(back, text, sizeof(text));
    mem_free(utf8);
    mem_free(back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(ill_formed_utf8_becomes_replacement_characters),
        leak_test(bytes_behind_the_given_length_are_not_read),
        leak_test(overlong_forms_surrogates_and_values_past_the_end_are_ill_formed),
        leak_test(lone_surrogates_become_replacement_characters_and_are_told),
        leak_test(failed_allocation_gives_null),
        leak_test(the_first_and_last_code_point_of_each_length_survive),
        leak_test(every_unit_of_the_text_counts_nuls_included),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
