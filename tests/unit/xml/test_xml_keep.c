/* SPDX-License-Identifier: MIT
 *
 * xml/xml_keep.h: a piece of a document, cut out, must mean the same at another place.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/check_leaks.h"
#include "support/check_text.h"
#include "support/fail_alloc.h"
#include "xml/xml_keep.h"

/* Keeps the first element inside the root, for a place whose default namespace is "home". */
static HRESULT keep_first(const char *utf8, WCHAR **kept)
{
    WCHAR *text = wide(utf8);
    struct xml_reader *reader = NULL;
    const struct xml_event *event = NULL;
    struct xml_writer writer = {0};
    size_t repeated = 0;
    HRESULT hr = xml_reader_open(text, str16_len(text), NULL, &reader);
    if (SUCCEEDED(hr))
        hr = xml_reader_next(reader, &event);
    if (SUCCEEDED(hr))
        hr = xml_reader_next(reader, &event);
    if (SUCCEEDED(hr))
    {
        struct xml_keeper keeper = {reader, &writer, "home", &repeated};
        hr = xml_keep_element(&keeper, event);
    }
    if (SUCCEEDED(hr))
        hr = xml_writer_take(&writer, kept, NULL);
    xml_writer_free(&writer);
    xml_reader_close(reader);
    mem_free(text);
    return hr;
}

static void check_kept(const char *utf8, const char *expected)
{
    WCHAR *kept = NULL;
    assert_int_equal(keep_first(utf8, &kept), S_OK);
    check_text(kept, expected);
    mem_free(kept);
}

static void unbound_prefix_inside_is_refused(void **state)
{
    (void)state;
    WCHAR *kept = NULL;
    assert_int_equal(
        keep_first("<R xmlns='home'><X p:a='1'/></R>", &kept), VSS_E_INVALID_XML_DOCUMENT);
    assert_int_equal(
        keep_first("<R xmlns='home'><X><p:Y/></X></R>", &kept), VSS_E_INVALID_XML_DOCUMENT);
    assert_int_equal(keep_first("<R xmlns='home'><X></R>", &kept), VSS_E_INVALID_XML_DOCUMENT);
    assert_null(kept);
}

/* A declaration of a million bytes, used by a thousand elements that stand beside one another. */
static void declaration_repeated_very_often_is_refused(void **state)
{
    (void)state;
    struct str16_builder builder = {0};
    str16_builder_add_ascii(&builder, "<R xmlns='home' xmlns:p='");
    for (int i = 0; i < 100000; i++)
        str16_builder_add_ascii(&builder, "0123456789");
    str16_builder_add_ascii(&builder, "'><X>");
    for (int i = 0; i < 1000; i++)
        str16_builder_add_ascii(&builder, "<p:Y/>");
    str16_builder_add_ascii(&builder, "</X></R>");
    WCHAR *text = str16_builder_take(&builder);
    char *utf8 = utf8_from_str16(text, str16_len(text), NULL);
    WCHAR *kept = NULL;
    assert_int_equal(keep_first(utf8, &kept), VSS_E_INVALID_XML_DOCUMENT);
    assert_null(kept);
    mem_free(utf8);
    mem_free(text);
}

static void each_failing_allocation_is_reported_and_leaks_nothing(void **state)
{
    (void)state;
    size_t k = 1;
    for (;; k++)
    {
        WCHAR *kept = NULL;
        fail_alloc(k + 1); /* the first is the test's own: wide */
        HRESULT hr = keep_first(
            "<R xmlns='home' xmlns:p='u'><p:X p:a='1'><Y xmlns=''>t</Y></p:X></R>", &kept);
        bool failed = allow_allocs();
        assert_int_equal(hr, failed ? E_OUTOFMEMORY : S_OK);
        mem_free(kept);
        if (!failed)
            break;
    }
    assert_true(k > 15);
}

static void piece_at_home_is_kept_as_it_is(void **state)
{
    (void)state;
    check_kept("<R xmlns='home'><X a='1'>t&amp;<Y/><Z z='&#10;'>u</Z></X></R>",
        "<X a=\"1\">t&amp;<Y/><Z z=\"&#10;\">u</Z></X>");
    check_kept("<R xmlns='home'><X xml:lang='de'/></R>", "<X xml:lang=\"de\"/>");
}

static void other_default_namespace_is_repeated_on_the_piece(void **state)
{
    (void)state;
    check_kept("<R xmlns='other'><X><Y/></X></R>", "<X xmlns=\"other\"><Y/></X>");
    check_kept("<R><X/></R>", "<X xmlns=\"\"/>");
}

static void declaration_on_the_piece_itself_is_not_repeated(void **state)
{
    (void)state;
    check_kept("<R xmlns='home'><X xmlns=''><Y/></X></R>", "<X xmlns=\"\"><Y/></X>");
    check_kept("<R xmlns='home' xmlns:p='1'><p:X xmlns:p='2' p:a=''/></R>",
        "<p:X xmlns:p=\"2\" p:a=\"\"/>");
}

static void prefix_from_outside_is_declared_where_it_is_first_needed(void **state)
{
    (void)state;
    check_kept(
        "<R xmlns='home' xmlns:p='u' xmlns:q='v'><p:X><p:Y p:a='1'/><q:Z q:b='2'/></p:X></R>",
        "<p:X xmlns:p=\"u\"><p:Y p:a=\"1\"/><q:Z xmlns:q=\"v\" q:b=\"2\"/></p:X>");
    check_kept("<R xmlns='home' xmlns:p='u'><X p:a='1' p:b='2'/></R>",
        "<X xmlns:p=\"u\" p:a=\"1\" p:b=\"2\"/>");
}

static void prefix_from_outside_means_the_outer_again_behind_a_redeclaration(void **state)
{
    (void)state;
    check_kept("<R xmlns='home' xmlns:p='u'><X><p:Y xmlns:p='v'/><p:Z/></X></R>",
        "<X><p:Y xmlns:p=\"v\"/><p:Z xmlns:p=\"u\"/></X>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(unbound_prefix_inside_is_refused),
        leak_test(declaration_repeated_very_often_is_refused),
        leak_test(each_failing_allocation_is_reported_and_leaks_nothing),
        leak_test(piece_at_home_is_kept_as_it_is),
        leak_test(other_default_namespace_is_repeated_on_the_piece),
        leak_test(declaration_on_the_piece_itself_is_not_repeated),
        leak_test(prefix_from_outside_is_declared_where_it_is_first_needed),
        leak_test(prefix_from_outside_means_the_outer_again_behind_a_redeclaration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
