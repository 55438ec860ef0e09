/* SPDX-License-Identifier: MIT
 *
 * xml/xml_writer.h: escaping (XML 1.0, 2.2, 2.4 and 3.3.3), empty elements, and failures that stay.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/check_leaks.h"
#include "support/check_text.h"
#include "support/fail_alloc.h"
#include "xml/xml_writer.h"

static void check_written(struct xml_writer *writer, const char *expected)
{
    WCHAR *text = NULL;
    size_t length = 0;
    assert_int_equal(xml_writer_take(writer, &text, &length), S_OK);
    assert_int_equal(length, str16_len(text));
    check_text(text, expected);
    mem_free(text);
}

static void text_that_xml_cannot_hold_is_invalid(void **state)
{
    (void)state;
    static const WCHAR *const texts[] = {L"\x01", L"a\x08z", L"\x0B", L"\x0C", L"\x1F", L"\xFFFE",
        L"a\xFFFF", L"\xD800", L"a\xD83Dz", L"\xDE00", L"\xDE00\xD83D", L"\xD83D\xD83D\xDE00"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        WCHAR *untouched = NULL;
        struct xml_writer writer = {0};
        if (xml_is_valid_text(texts[i]))
            fail_msg("row %u counts as valid", (unsigned)i);
        xml_writer_start(&writer, "X");
        xml_writer_attribute(&writer, "a", texts[i]);
        xml_writer_end(&writer, "X");
        assert_int_equal(xml_writer_take(&writer, &untouched, NULL), E_INVALIDARG);
        assert_null(untouched);
        xml_writer_free(&writer);
    }
}

static void text_that_xml_can_hold_is_valid(void **state)
{
    (void)state;
    static const WCHAR *const texts[] = {NULL, L"", L"\t\r\n", L" ~\x7F\x80\x9F", L"&<>\"'",
        L"\xD7FF\xE000\xFFFD", L"\xD83D\xDE00", L"\xD800\xDC00\xDBFF\xDFFF"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (!xml_is_valid_text(texts[i]))
            fail_msg("row %u counts as invalid", (unsigned)i);
}

static void first_failure_stays_whatever_follows(void **state)
{
    (void)state;
    WCHAR *untouched = NULL;
    struct xml_writer writer = {0};
    xml_writer_start(&writer, "X");
    xml_writer_attribute(&writer, "a", L"\x01");
    xml_writer_attribute(&writer, "b", L"fine");
    xml_writer_end(&writer, "X");
    assert_int_equal(xml_writer_take(&writer, &untouched, NULL), E_INVALIDARG);
    assert_null(untouched);
    xml_writer_free(&writer);
    /* Freeing made it new. */
    xml_writer_start(&writer, "X");
    xml_writer_end(&writer, "X");
    check_written(&writer, "<X/>");
}

static void exhausted_memory_is_told_at_the_end(void **state)
{
    (void)state;
    for (size_t k = 1;; k++)
    {
        WCHAR *text = NULL;
        struct xml_writer writer = {0};
        fail_alloc(k);
        xml_writer_start(&writer, "ELEMENT");
        xml_writer_attribute(&writer, "a", L"a text that is longer than the first 32 units");
        xml_writer_text_utf8(&writer, "text", 4);
        xml_writer_end(&writer, "ELEMENT");
        HRESULT hr = xml_writer_take(&writer, &text, NULL);
        bool failed = allow_allocs();
        assert_int_equal(hr, failed ? E_OUTOFMEMORY : S_OK);
        assert_int_equal(text == NULL, failed);
        xml_writer_free(&writer);
        mem_free(text);
        if (!failed)
            break;
    }
}

static void attribute_values_are_escaped(void **state)
{
    (void)state;
    struct xml_writer writer = {0};
    xml_writer_start(&writer, "X");
    xml_writer_attribute(&writer, "a", L"a&b<c>d\"e'f\r\n\tg");
    xml_writer_attribute(&writer, "b", L"");
    xml_writer_attribute(&writer, "c", L"&&");
    xml_writer_attribute_utf8(&writer, "d", "\xC3\xA4<\xF0\x9F\x98\x80\n", 8);
    xml_writer_end(&writer, "X");
    check_written(&writer,
        "<X a=\"a&amp;b&lt;c&gt;d&quot;e'f&#13;&#10;&#9;g\" b=\"\" c=\"&amp;&amp;\""
        " d=\"\xC3\xA4&lt;\xF0\x9F\x98\x80&#10;\"/>");
}

static void line_ends_and_quotes_in_texts_stay_but_returns_are_escaped(void **state)
{
    (void)state;
    struct xml_writer writer = {0};
    xml_writer_start(&writer, "X");
    xml_writer_text_utf8(&writer, "a\n\t\"b\"\r&<]]>", 12);
    xml_writer_end(&writer, "X");
    check_written(&writer, "<X>a\n\t\"b\"&#13;&amp;&lt;]]&gt;</X>");
}

static void elements_are_empty_unless_something_is_inside(void **state)
{
    (void)state;
    struct xml_writer writer = {0};
    xml_writer_start(&writer, "A");
    xml_writer_start(&writer, "B");
    xml_writer_attribute_plain(&writer, "b", "yes");
    xml_writer_raw_attributes(&writer, L" c=\"1\"tail", 6);
    xml_writer_raw_content(&writer, NULL);
    xml_writer_raw_content(&writer, L"");
    xml_writer_end(&writer, "B");
    xml_writer_raw_content(&writer, L"<R/>");
    xml_writer_start(&writer, "C");
    xml_writer_text_utf8(&writer, "t", 1);
    xml_writer_end(&writer, "C");
    xml_writer_end(&writer, "A");
    check_written(&writer, "<A><B b=\"yes\" c=\"1\"/><R/><C>t</C></A>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(text_that_xml_cannot_hold_is_invalid),
        leak_test(text_that_xml_can_hold_is_valid),
        leak_test(first_failure_stays_whatever_follows),
        leak_test(exhausted_memory_is_told_at_the_end),
        leak_test(attribute_values_are_escaped),
        leak_test(line_ends_and_quotes_in_texts_stay_but_returns_are_escaped),
        leak_test(elements_are_empty_unless_something_is_inside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
