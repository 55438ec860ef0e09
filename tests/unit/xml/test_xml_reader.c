/* SPDX-License-Identifier: MIT
 *
 * xml/xml_reader.h: what is refused, and the events that come of what is not. A test writes the
 * events down as one line: (name|local|uri attribute=value...) at a start, ) at an end, the text in
 * quotes.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/check_leaks.h"
#include "support/check_text.h"
#include "support/fail_alloc.h"
#include "xml/xml_limits.h"
#include "xml/xml_reader.h"

static void note_start(struct str16_builder *notes, const struct xml_event *event)
{
    str16_builder_add_ascii(notes, "(");
    str16_builder_add_utf8(notes, event->local, strlen(event->local));
    if (*event->uri)
    {
        str16_builder_add_ascii(notes, "|");
        str16_builder_add_utf8(notes, event->uri, strlen(event->uri));
    }
    for (size_t i = 0; i < event->attribute_count; i++)
    {
        const struct xml_attribute *attribute = &event->attributes[i];
        assert_int_equal(attribute->value_length, strlen(attribute->value));
        str16_builder_add_ascii(notes, " ");
        str16_builder_add_utf8(notes, attribute->name, strlen(attribute->name));
        str16_builder_add_ascii(notes, "=");
        str16_builder_add_utf8(notes, attribute->value, attribute->value_length);
    }
}

/* Reads to the end; what the events were, in *notes (may be NULL). */
static HRESULT read_all(const WCHAR *text, size_t length, WCHAR **notes)
{
    struct str16_builder builder = {0};
    struct xml_reader *reader = NULL;
    const struct xml_event *event = NULL;
    unsigned depth = 0;
    bool in_text = false;
    HRESULT hr = xml_reader_open(text, length, NULL, &reader);
    while (SUCCEEDED(hr) && SUCCEEDED(hr = xml_reader_next(reader, &event)) &&
        event->kind != XML_EVENT_DONE)
    {
        if (event->kind == XML_EVENT_START)
        {
            assert_int_equal(event->depth, ++depth);
            note_start(&builder, event);
        }
        else if (event->kind == XML_EVENT_END)
        {
            assert_int_equal(event->depth, depth--);
            str16_builder_add_ascii(&builder, ")");
        }
        else
        {
            assert_int_equal(event->depth, depth);
            if (in_text)
                builder.length--; /* a text may come in pieces: the quote opens again */
            else
                str16_builder_add_ascii(&builder, "'");
            str16_builder_add_utf8(&builder, event->text, event->text_length);
            str16_builder_add_ascii(&builder, "'");
        }
        in_text = event->kind == XML_EVENT_TEXT;
    }
    if (reader && FAILED(hr))
        assert_int_equal(xml_reader_next(reader, &event), hr); /* once failed, always failed */
    else if (reader)
        assert_int_equal(xml_reader_next(reader, &event), S_OK);
    xml_reader_close(reader);
    WCHAR *taken = str16_builder_take(&builder);
    if (notes)
        *notes = taken;
    else
        mem_free(taken);
    return hr;
}

static HRESULT read_utf8(const char *utf8)
{
    WCHAR *text = wide(utf8);
    HRESULT hr = read_all(text, str16_len(text), NULL);
    mem_free(text);
    return hr;
}

static void check_events(const char *utf8, const char *expected)
{
    WCHAR *notes = NULL;
    WCHAR *text = wide(utf8);
    assert_int_equal(read_all(text, str16_len(text), &notes), S_OK);
    check_text(notes, expected);
    mem_free(notes);
    mem_free(text);
}

static void text_that_is_not_well_formed_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "text",
        "<A>",
        "<A",
        "</A>",
        "<A></B>",
        "<A/><B/>",
        "<A/>text",
        "<A a=1/>",
        "<A a='1' a='2'/>",
        "<A a='<'/>",
        "<A a='&'/>",
        "<A>&unknown;</A>",
        "<A>&#1;</A>",
        "<A>&#xD800;</A>",
        "<A>&#xFFFE;</A>",
        "<A a='&#x110000;'/>",
        "<A>\x01</A>",
        "<A>\xEF\xBF\xBE</A>",
        "<A>]]></A>",
        "<A><!-- -- --></A>",
        " <?xml version='1.0'?><A/>",
        "<?xml encoding='utf-8'?><A/>",
        "<1/>",
        "<a:b/>",
        "<a:b xmlns:c='u'/>",
        "<A xmlns:a=''/>",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        HRESULT hr = read_utf8(texts[i]);
        if (hr != VSS_E_INVALID_XML_DOCUMENT)
            fail_msg("%s gave 0x%08x", texts[i], (unsigned)hr);
    }
}

static void text_that_is_not_utf16_is_refused(void **state)
{
    (void)state;
    static const WCHAR *const texts[] = {L"<A>\xD800</A>", L"<A a='\xDC00'/>",
        L"<A>\xDC00\xD800</A>", L"<A/>\xD800", L"\xD800", L"<A\xD83D/>"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_int_equal(read_all(texts[i], str16_len(texts[i]), NULL), VSS_E_INVALID_XML_DOCUMENT);
    static const WCHAR nul_inside[] = {'<', 'A', '>', 0, '<', '/', 'A', '>'};
    assert_int_equal(read_all(nul_inside, 8, NULL), VSS_E_INVALID_XML_DOCUMENT);
    static const WCHAR nul_behind[] = {'<', 'A', '/', '>', 0};
    assert_int_equal(read_all(nul_behind, 5, NULL), VSS_E_INVALID_XML_DOCUMENT);
    assert_int_equal(read_all(nul_behind, 4, NULL), S_OK);
    assert_int_equal(read_all(NULL, 0, NULL), VSS_E_INVALID_XML_DOCUMENT);
}

static void document_type_is_refused_with_and_without_entities(void **state)
{
    (void)state;
    assert_int_equal(read_utf8("<!DOCTYPE A><A/>"), VSS_E_INVALID_XML_DOCUMENT);
    assert_int_equal(
        read_utf8("<!DOCTYPE A SYSTEM 'file:///etc/passwd'><A/>"), VSS_E_INVALID_XML_DOCUMENT);
    assert_int_equal(read_utf8("<!DOCTYPE A [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><A>&x;</A>"),
        VSS_E_INVALID_XML_DOCUMENT);
}

/* Nine levels of ten references each would expand to three thousand million bytes. */
static void entity_bomb_is_refused_before_it_takes_memory(void **state)
{
    (void)state;
    static const char bomb[] =
        "<!DOCTYPE A [<!ENTITY a 'aaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;'>"
        "<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;'>"
        "<!ENTITY e '&d;&d;&d;&d;&d;&d;&d;&d;&d;&d;'><!ENTITY f '&e;&e;&e;&e;&e;&e;&e;&e;&e;&e;'>"
        "<!ENTITY g '&f;&f;&f;&f;&f;&f;&f;&f;&f;&f;'><!ENTITY h '&g;&g;&g;&g;&g;&g;&g;&g;&g;&g;'>"
        "<!ENTITY i '&h;&h;&h;&h;&h;&h;&h;&h;&h;&h;'><!ENTITY j '&i;&i;&i;&i;&i;&i;&i;&i;&i;&i;'>]>"
        "<A a='&j;'>&j;</A>";
    assert_int_equal(read_utf8(bomb), VSS_E_INVALID_XML_DOCUMENT);
}

/* Opens `levels` elements and closes them. */
static HRESULT read_nested(size_t levels)
{
    struct str16_builder builder = {0};
    for (size_t i = 0; i < levels; i++)
        str16_builder_add_ascii(&builder, "<A>");
    for (size_t i = 0; i < levels; i++)
        str16_builder_add_ascii(&builder, "</A>");
    WCHAR *text = str16_builder_take(&builder);
    assert_non_null(text);
    HRESULT hr = read_all(text, str16_len(text), NULL);
    mem_free(text);
    return hr;
}

static void nesting_is_limited(void **state)
{
    (void)state;
    assert_int_equal(read_nested(256), S_OK);
    assert_int_equal(read_nested(257), VSS_E_INVALID_XML_DOCUMENT);
    assert_int_equal(read_nested(100000), VSS_E_INVALID_XML_DOCUMENT);
}

static void document_past_64_mebibytes_is_refused_unread(void **state)
{
    (void)state;
    assert_int_equal(read_all(L"<A/>", (64u << 20) / 2 + 1, NULL), VSS_E_INVALID_XML_DOCUMENT);
}

static void declarations_past_the_limit_are_refused(void **state)
{
    (void)state;
    struct str16_builder builder = {0};
    str16_builder_add_ascii(&builder, "<A");
    for (unsigned i = 0; i <= XML_MAX_BINDINGS; i++)
    {
        str16_builder_add_ascii(&builder, " xmlns:p");
        str16_builder_add_unsigned(&builder, i);
        str16_builder_add_ascii(&builder, "='u'");
    }
    str16_builder_add_ascii(&builder, "/>");
    WCHAR *text = str16_builder_take(&builder);
    assert_int_equal(read_all(text, str16_len(text), NULL), VSS_E_INVALID_XML_DOCUMENT);
    mem_free(text);
}

static void each_failing_allocation_is_reported_and_leaks_nothing(void **state)
{
    (void)state;
    const WCHAR *text = L"<A xmlns='u' xmlns:p='v' a='1'>text<p:B b='2'/>&amp;<C/></A>";
    size_t k = 1;
    for (;; k++)
    {
        long before = mem_live_blocks();
        struct xml_reader *reader = NULL;
        const struct xml_event *event = NULL;
        fail_alloc(k);
        HRESULT hr = xml_reader_open(text, str16_len(text), NULL, &reader);
        do
            hr = SUCCEEDED(hr) ? xml_reader_next(reader, &event) : hr;
        while (SUCCEEDED(hr) && event->kind != XML_EVENT_DONE);
        bool failed = allow_allocs();
        assert_int_equal(hr, failed ? E_OUTOFMEMORY : S_OK);
        xml_reader_close(reader);
        assert_int_equal(mem_live_blocks(), before);
        if (!failed)
            break;
    }
    assert_true(k > 10);
}

static void elements_attributes_and_texts_come_in_order(void **state)
{
    (void)state;
    check_events("<A/>", "(A)");
    check_events("<A a='1' b=\"2\"><B/>t<C c=''/></A>", "(A a=1 b=2(B)'t'(C c=))");
    check_events("<?xml version='1.0' encoding='iso-8859-1'?><!-- c --><A>\xC3\xA4<?p i?></A> \n",
        "(A'\xC3\xA4')");
    check_events("\xEF\xBB\xBF<A/>", "(A)");
}

static void references_and_cdata_are_resolved_and_texts_joined(void **state)
{
    (void)state;
    check_events("<A a='&lt;&#65;&#x42;&apos;&quot;&amp;'>x&gt;\ny<![CDATA[<z>]]>!</A>",
        "(A a=<AB'\"&'x>\ny<z>!')");
}

static void raw_line_ends_in_values_become_spaces_but_references_stay(void **state)
{
    (void)state;
    check_events("<A a='1\r\n2\t3\n4' b='1&#13;&#10;&#9;2'/>", "(A a=1 2 3 4 b=1\r\n\t2)");
}

static void namespaces_are_in_force_where_they_are_declared(void **state)
{
    (void)state;
    check_events("<A xmlns='u'><B xmlns=''><C/></B><p:D xmlns:p='v'><E/></p:D><F/></A>",
        "(A|u xmlns=u(B xmlns=(C))(D|v xmlns:p=v(E|u))(F|u))");
    check_events(
        "<p:A xmlns:p='1'><p:B xmlns:p='2'/><p:C/></p:A>", "(A|1 xmlns:p=1(B|2 xmlns:p=2)(C|1))");
}

/* The text is fed in pieces; each possible place for a border must do. */
static void result_does_not_depend_on_where_the_pieces_end(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 40; shift++)
    {
        struct str16_builder builder = {0};
        WCHAR *notes = NULL;
        str16_builder_add_ascii(&builder, "<A>");
        for (size_t i = 0; i < 16384 - 24 + shift; i++)
            str16_builder_add_char(&builder, ' ');
        str16_builder_add(&builder, L"<B b='\xD83D\xDE00'/>\xD83D\xDE00\xD83D\xDE00<C/></A>");
        WCHAR *text = str16_builder_take(&builder);
        assert_int_equal(read_all(text, str16_len(text), &notes), S_OK);
        const WCHAR *rest = str16_find_char(notes + 1, '(');
        check_text(str16_find_char(rest, 'B'),
            "B b=\xF0\x9F\x98\x80)'\xF0\x9F\x98\x80\xF0\x9F\x98\x80'(C))");
        mem_free(text);
        mem_free(notes);
    }
}

static void value_of_ten_million_characters_is_read_whole(void **state)
{
    (void)state;
    struct str16_builder builder = {0};
    str16_builder_add_ascii(&builder, "<A a='");
    for (int i = 0; i < 1000000; i++)
        str16_builder_add_ascii(&builder, "0123456789");
    str16_builder_add_ascii(&builder, "'/>");
    WCHAR *text = str16_builder_take(&builder);
    WCHAR *notes = NULL;
    assert_int_equal(read_all(text, str16_len(text), &notes), S_OK);
    assert_int_equal(str16_len(notes), 10000000 + 6); /* (A a=...) */
    mem_free(notes);
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(text_that_is_not_well_formed_is_refused),
        leak_test(text_that_is_not_utf16_is_refused),
        leak_test(document_type_is_refused_with_and_without_entities),
        leak_test(entity_bomb_is_refused_before_it_takes_memory),
        leak_test(nesting_is_limited),
        leak_test(document_past_64_mebibytes_is_refused_unread),
        leak_test(declarations_past_the_limit_are_refused),
        leak_test(each_failing_allocation_is_reported_and_leaks_nothing),
        leak_test(elements_attributes_and_texts_come_in_order),
        leak_test(references_and_cdata_are_resolved_and_texts_joined),
        leak_test(raw_line_ends_in_values_become_spaces_but_references_stay),
        leak_test(namespaces_are_in_force_where_they_are_declared),
        leak_test(result_does_not_depend_on_where_the_pieces_end),
        leak_test(value_of_ten_million_characters_is_read_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
