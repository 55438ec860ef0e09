/* SPDX-License-Identifier: MIT
 *
 * base/guid.h: the text form of documents, 8-4-4-4-12 lower case without braces; either case and
 * braces are read.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/guid.h"
#include "support/check_text.h"

static const GUID sample = {
    0xE8132975, 0x6F93, 0x4464, {0xA5, 0x3E, 0x10, 0x50, 0x25, 0x3A, 0xE2, 0x20}};

static void what_is_not_a_guid_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    static const WCHAR *const texts[] = {
        NULL,
        L"",
        L"{}",
        L"e8132975-6f93-4464-a53e-1050253ae22",
        L"e8132975-6f93-4464-a53e-1050253ae2200",
        L"e8132975x6f93-4464-a53e-1050253ae220",
        L"e8132975-6f93-4464-a53e-1050253ae22g",
        L"e813297-56f93-4464-a53e-1050253ae220",
        L"{e8132975-6f93-4464-a53e-1050253ae220",
        L"e8132975-6f93-4464-a53e-1050253ae220}",
        L"{e8132975-6f93-4464-a53e-1050253ae220)",
        L"(e8132975-6f93-4464-a53e-1050253ae220}",
        L" e8132975-6f93-4464-a53e-1050253ae220",
        L"\u0130e132975-6f93-4464-a53e-1050253ae220",
        L"--------------------------------------",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        GUID id = sample;
        if (guid_from_text(texts[i], &id))
            fail_msg("row %u was accepted", (unsigned)i);
        assert_true(guid_equal(&id, &sample));
    }
}

static void text_is_lower_case_without_braces(void **state)
{
    (void)state;
    WCHAR text[GUID_TEXT_LENGTH + 1];
    guid_to_text(&sample, text);
    check_text(text, "e8132975-6f93-4464-a53e-1050253ae220");
    guid_to_text(&guid_null, text);
    check_text(text, "00000000-0000-0000-0000-000000000000");
}

static void any_case_and_braces_are_read(void **state)
{
    (void)state;
    static const WCHAR *const texts[] = {
        L"e8132975-6f93-4464-a53e-1050253ae220",
        L"E8132975-6F93-4464-A53E-1050253AE220",
        L"{e8132975-6F93-4464-a53E-1050253Ae220}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        GUID id = guid_null;
        assert_true(guid_from_text(texts[i], &id));
        assert_true(guid_equal(&id, &sample));
    }
}

static void one_different_bit_makes_another_guid(void **state)
{
    (void)state;
    GUID other = sample;
    assert_true(guid_equal(&sample, &other));
    other.Data4[7] ^= 1;
    assert_false(guid_equal(&sample, &other));
    assert_true(guid_is_null(&guid_null));
    assert_false(guid_is_null(&other));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_a_guid_is_refused_and_changes_nothing),
        cmocka_unit_test(text_is_lower_case_without_braces),
        cmocka_unit_test(any_case_and_braces_are_read),
        cmocka_unit_test(one_different_bit_makes_another_guid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
