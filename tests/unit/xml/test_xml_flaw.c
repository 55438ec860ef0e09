/* SPDX-License-Identifier: MIT
 *
 * xml/xml_flaw.h: what the reader says about a text that it refuses, and where it says that is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "support/check_leaks.h"
#include "support/check_text.h"
#include "xml/xml_reader.h"

/* Reads until it fails. */
static struct xml_flaw flaw_of(const WCHAR *text, size_t length)
{
    struct xml_flaw flaw = {0};
    struct xml_reader *reader = NULL;
    const struct xml_event *event = NULL;
    HRESULT hr = xml_reader_open(text, length, &flaw, &reader);
    while (SUCCEEDED(hr))
    {
        assert_null(flaw.reason);
        hr = xml_reader_next(reader, &event);
        assert_true(FAILED(hr) || event->kind != XML_EVENT_DONE);
    }
    xml_reader_close(reader);
    assert_int_equal(hr, VSS_E_INVALID_XML_DOCUMENT);
    return flaw;
}

static void check_flaw(
    const WCHAR *text, size_t length, const char *reason, unsigned line, unsigned column)
{
    struct xml_flaw flaw = flaw_of(text, length);
    assert_string_equal(flaw.reason, reason);
    assert_string_equal(flaw.name, "");
    if (flaw.line != line || flaw.column != column)
        fail_msg("%s: line %u, column %u", reason, flaw.line, flaw.column);
}

struct row
{
    const WCHAR *text;
    const char *reason;
    unsigned line;
    unsigned column;
};

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check_flaw(
            rows[i].text, str16_len(rows[i].text), rows[i].reason, rows[i].line, rows[i].column);
}

static void text_that_ends_too_early_tells_where(void **state)
{
    (void)state;
    static const char whole[] = "the text ends too early";
    static const char begun[] = "the text ends too early for what begins here";
    static const struct row rows[] = {
        {L"<A>", whole, 1, 4},
        {L"<A>\n<B/>\n", whole, 3, 1},
        {L" ", whole, 1, 2},
        {L"<A>\n <B", begun, 2, 2},
        {L"<A>\n <B b='1", begun, 2, 2},
        {L"<A>\n<![CDATA[te\nxt", whole, 3, 3},
        {L"<A>\n</A", begun, 2, 1},
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]));
    check_flaw(NULL, 0, "it is empty", 1, 1);
}

static void document_type_and_depth_have_reasons_of_their_own(void **state)
{
    (void)state;
    struct xml_flaw flaw = flaw_of(L"\n<!DOCTYPE A [<!ENTITY a 'b'>]>\n<A/>", 37);
    assert_string_equal(flaw.reason, "it has a DTD, which is not allowed");
    assert_int_equal(flaw.line, 2);

    struct str16_builder builder = {0};
    for (int i = 0; i < 300; i++)
        str16_builder_add_ascii(&builder, "<A>\n");
    size_t length = builder.length;
    WCHAR *text = str16_builder_take(&builder);
    check_flaw(text, length, "elements are nested deeper than 256", 257, 1);
    mem_free(text);

    check_flaw(L"<A/>", (64u << 20) / 2 + 1, "it is longer than 33554432 characters", 1, 1);
}

static void text_that_is_not_utf16_is_called_so(void **state)
{
    (void)state;
    static const char surrogate[] = "it is not UTF-16: half of a surrogate pair";
    static const struct row rows[] = {
        {L"<A>\n \xD800</A>", surrogate, 2, 2},
        {L"<A>\xD83D\xDE00\xDC00</A>", surrogate, 1, 5},
        {L"<A/>\xD800", surrogate, 1, 5},
        /* <A>, then < A >, each with its bytes the other way about */
        {L"\x413C\x003E", "it is not UTF-16 but eight-bit text", 1, 1},
        {L"\xBBEF\x3CBF", "it is not UTF-16 but eight-bit text", 1, 1},
        {L"\x413C\xD800", "it is not UTF-16 but eight-bit text", 1, 1},
        {L"\x3C00\x4100\x3E00", "it is not UTF-16 with the lower byte first", 1, 1},
        {L"\xFFFE\x3C00", "it is not UTF-16 with the lower byte first", 1, 1},
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

static void parser_and_namespaces_tell_where(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {L"text", "syntax error", 1, 1},
        /* The name in the end tag; lines may end in each of the three ways. */
        {L"<A>\r\n<B>\r</A>", "mismatched tag", 3, 3},
        {L"<A>\n<B>\n\n</A>", "mismatched tag", 4, 3},
        {L"<A>\x00E4\x20AC\xD83D\xDE00<B></A>", "mismatched tag", 1, 12},
        {L"<A/>\nx", "junk after document element", 2, 1},
        {L"<A>&x;</A>", "undefined entity", 1, 4},
        {L"<A>\n<p:B/></A>", "a prefix is not declared", 2, 1},
        {L"<A>\n<B/> <B xmlns:a=''/></A>", "a prefix is declared as nothing", 2, 6},
    };
    check_rows(rows, sizeof(rows) / sizeof(rows[0]));
}

/* The text is fed in pieces of 16384 units. */
static void place_is_counted_over_all_pieces(void **state)
{
    (void)state;
    struct str16_builder builder = {0};
    str16_builder_add_ascii(&builder, "<A>");
    for (int i = 0; i < 40000; i++)
        str16_builder_add(&builder, L"\x20AC\n");
    str16_builder_add_ascii(&builder, "<B></A>");
    size_t length = builder.length;
    WCHAR *text = str16_builder_take(&builder);
    check_flaw(text, length, "mismatched tag", 40001, 6);
    text[length - 2] = 0xDC00;
    check_flaw(text, length, "it is not UTF-16: half of a surrogate pair", 40001, 6);
    mem_free(text);
}

static void reader_can_be_told_to_refuse_at_the_last_event(void **state)
{
    (void)state;
    static const WCHAR text[] = L"<A>\n<B/>\n <C/>\n</A>";
    static const unsigned columns[] = {1, 1, 2, 1};
    struct xml_flaw flaw = {0};
    struct xml_reader *reader = NULL;
    const struct xml_event *event = NULL;
    unsigned line = 0;
    assert_int_equal(xml_reader_open(text, str16_len(text), &flaw, &reader), S_OK);
    while (xml_reader_next(reader, &event) == S_OK && event->kind != XML_EVENT_DONE)
    {
        if (event->kind == XML_EVENT_START || (event->kind == XML_EVENT_END && event->depth == 1))
        {
            assert_int_equal(xml_reader_refuse(reader, "why", "who"), VSS_E_INVALID_XML_DOCUMENT);
            assert_string_equal(flaw.reason, "why");
            assert_string_equal(flaw.name, "who");
            assert_int_equal(flaw.column, columns[line]);
            assert_int_equal(flaw.line, ++line);
        }
    }
    assert_int_equal(line, 4);
    xml_reader_close(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(text_that_ends_too_early_tells_where),
        leak_test(document_type_and_depth_have_reasons_of_their_own),
        leak_test(text_that_is_not_utf16_is_called_so),
        leak_test(parser_and_namespaces_tell_where),
        leak_test(place_is_counted_over_all_pieces),
        leak_test(reader_can_be_told_to_refuse_at_the_last_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
