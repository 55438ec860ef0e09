/* SPDX-License-Identifier: MIT
 *
 * Documents that something or somebody broke: VSS_E_INVALID_XML_DOCUMENT, quickly, without a leak;
 * and what still loads can be saved to a text that loads again.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/check_leaks.h"
#include "support/resave.h"

#include "support/full_documents.h"

static void document_cut_off_anywhere_is_invalid(void **state)
{
    (void)state;
    for (size_t i = 0; i < FULL_DOCUMENTS; i++)
    {
        WCHAR *text = wide(full_documents[i].utf8);
        size_t length = str16_len(text);
        for (size_t cut = 0; cut < length; cut++)
        {
            WCHAR *saved = NULL;
            HRESULT hr = resave(full_documents[i].kind, text, cut, &saved);
            if (hr != VSS_E_INVALID_XML_DOCUMENT)
                fail_msg(
                    "document %u cut at %u gave 0x%08x", (unsigned)i, (unsigned)cut, (unsigned)hr);
            assert_null(saved);
        }
        WCHAR *saved = NULL;
        assert_int_equal(resave(full_documents[i].kind, text, length, &saved), S_OK);
        mem_free(saved);
        mem_free(text);
    }
}

/* Saving what was saved changes nothing any more. */
static void check_stable(enum document_kind kind, WCHAR *saved)
{
    WCHAR *again = NULL;
    assert_int_equal(resave(kind, saved, str16_len(saved), &again), S_OK);
    if (!str16_equal(saved, again))
    {
        char *first = utf8_from_str16(saved, str16_len(saved), NULL);
        check_text(again, first);
    }
    mem_free(again);
}

static void one_wrong_character_anywhere_is_invalid_or_harmless(void **state)
{
    (void)state;
    static const WCHAR wrong[] = {
        0, ' ', '"', '&', '/', ':', '<', '=', '>', 'x', 0xD800, 0xDC00, 0xFFFF};
    for (size_t i = 0; i < FULL_DOCUMENTS; i++)
    {
        WCHAR *text = wide(full_documents[i].utf8);
        size_t length = str16_len(text);
        for (size_t at = 0; at < length; at++)
        {
            WCHAR right = text[at];
            for (size_t k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++)
            {
                WCHAR *saved = NULL;
                text[at] = wrong[k];
                HRESULT hr = resave(full_documents[i].kind, text, length, &saved);
                if (SUCCEEDED(hr))
                    check_stable(full_documents[i].kind, saved);
                else if (hr != VSS_E_INVALID_XML_DOCUMENT)
                    fail_msg("document %u, 0x%x at %u gave 0x%08x", (unsigned)i, (unsigned)wrong[k],
                        (unsigned)at, (unsigned)hr);
                mem_free(saved);
            }
            text[at] = right;
        }
        mem_free(text);
    }
}

static void document_type_is_invalid_in_every_kind(void **state)
{
    (void)state;
    for (size_t i = 0; i < FULL_DOCUMENTS; i++)
    {
        struct str16_builder builder = {0};
        str16_builder_add_ascii(&builder, "<!DOCTYPE X [<!ENTITY a '&#60;A/>'>]>");
        str16_builder_add_utf8(&builder, full_documents[i].utf8, strlen(full_documents[i].utf8));
        WCHAR *text = str16_builder_take(&builder);
        WCHAR *saved = NULL;
        assert_int_equal(resave(full_documents[i].kind, text, str16_len(text), &saved),
            VSS_E_INVALID_XML_DOCUMENT);
        mem_free(text);
    }
}

#define METADATA_HEAD                                                                              \
    "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\"><IDENTIFICATION"   \
    " writerId=\"11111111-2222-3333-4444-555555555555\""                                           \
    " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" friendlyName=\""
#define METADATA_MIDDLE                                                                            \
    "\" usage=\"USER_DATA\" dataSource=\"OTHER\" majorVersion=\"0\" minorVersion=\"0\"/>"
#define METADATA_TAIL "</WRITER_METADATA>"

static void hundred_thousand_levels_of_unknown_content_are_invalid(void **state)
{
    (void)state;
    struct str16_builder builder = {0};
    WCHAR *saved = NULL;
    str16_builder_add_ascii(&builder, METADATA_HEAD "n" METADATA_MIDDLE);
    for (int i = 0; i < 100000; i++)
        str16_builder_add_ascii(&builder, "<X>");
    for (int i = 0; i < 100000; i++)
        str16_builder_add_ascii(&builder, "</X>");
    str16_builder_add_ascii(&builder, METADATA_TAIL);
    WCHAR *text = str16_builder_take(&builder);
    assert_int_equal(
        resave(WRITER_METADATA, text, str16_len(text), &saved), VSS_E_INVALID_XML_DOCUMENT);
    mem_free(text);
}

static void hundred_levels_of_unknown_content_are_kept(void **state)
{
    (void)state;
    struct str16_builder builder = {0};
    WCHAR *saved = NULL;
    str16_builder_add_ascii(&builder, METADATA_HEAD "n" METADATA_MIDDLE);
    for (int i = 0; i < 100; i++)
        str16_builder_add_ascii(&builder, "<X>");
    str16_builder_add_ascii(&builder, "t");
    for (int i = 0; i < 100; i++)
        str16_builder_add_ascii(&builder, "</X>");
    str16_builder_add_ascii(&builder, METADATA_TAIL);
    WCHAR *text = str16_builder_take(&builder);
    assert_int_equal(resave(WRITER_METADATA, text, str16_len(text), &saved), S_OK);
    assert_true(str16_equal(saved, text));
    mem_free(saved);
    mem_free(text);
}

/* Ten million characters in a value that we know, and in one that we do not. */
static void huge_values_are_kept_whole(void **state)
{
    (void)state;
    for (int known = 0; known < 2; known++)
    {
        struct str16_builder builder = {0};
        WCHAR *saved = NULL;
        str16_builder_add_ascii(&builder, METADATA_HEAD);
        str16_builder_add_ascii(&builder, known ? "" : "n" METADATA_MIDDLE "<X x=\"");
        for (int i = 0; i < 1000000; i++)
            str16_builder_add_ascii(&builder, "0123456789");
        str16_builder_add_ascii(&builder, known ? METADATA_MIDDLE : "\"/>");
        str16_builder_add_ascii(&builder, METADATA_TAIL);
        WCHAR *text = str16_builder_take(&builder);
        assert_int_equal(resave(WRITER_METADATA, text, str16_len(text), &saved), S_OK);
        assert_true(str16_equal(saved, text));
        mem_free(saved);
        mem_free(text);
    }
}

static void load_leaves_the_result_untouched_on_failure(void **state)
{
    (void)state;
    struct writer_metadata *metadata = (struct writer_metadata *)&metadata;
    struct backup_components *components = (struct backup_components *)&components;
    struct writer_components *writer = (struct writer_components *)&writer;
    struct snapshot_set *set = (struct snapshot_set *)&set;
    assert_int_equal(
        document_load_writer_metadata(L"x", 1, &metadata, NULL), VSS_E_INVALID_XML_DOCUMENT);
    assert_int_equal(
        document_load_backup_components(L"x", 1, &components, NULL), VSS_E_INVALID_XML_DOCUMENT);
    assert_int_equal(
        document_load_writer_components(L"x", 1, &writer, NULL), VSS_E_INVALID_XML_DOCUMENT);
    assert_int_equal(document_load_snapshot_set(L"x", 1, &set, NULL), VSS_E_INVALID_XML_DOCUMENT);
    assert_ptr_equal(metadata, &metadata);
    assert_ptr_equal(components, &components);
    assert_ptr_equal(writer, &writer);
    assert_ptr_equal(set, &set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(document_cut_off_anywhere_is_invalid),
        leak_test(one_wrong_character_anywhere_is_invalid_or_harmless),
        leak_test(document_type_is_invalid_in_every_kind),
        leak_test(hundred_thousand_levels_of_unknown_content_are_invalid),
        leak_test(hundred_levels_of_unknown_content_are_kept),
        leak_test(huge_values_are_kept_whole),
        leak_test(load_leaves_the_result_untouched_on_failure),
    };
    keep_no_documents();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
