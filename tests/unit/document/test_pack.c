/* SPDX-License-Identifier: MIT
 *
 * Documents that are packed and unpacked: what saving and loading would carry survives, and bytes
 * that no document could have led to are refused, whoever sends them.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/guid.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"
#include "support/resave.h"

#include "support/full_documents.h"

#include "repack.h"

#define METADATA(attributes, content)                                                              \
    "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\"" attributes ">"    \
    "<IDENTIFICATION writerId=\"11111111-2222-3333-4444-555555555555\""                            \
    " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" friendlyName=\"n\""                      \
    " usage=\"USER_DATA\" dataSource=\"OTHER\" majorVersion=\"0\" minorVersion=\"0\"/>" content    \
    "</WRITER_METADATA>"
#define WRITER(attributes, content)                                                                \
    "<WRITER_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\""                                  \
    " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\""                                         \
    " writerId=\"11111111-2222-3333-4444-555555555555\" backupSchema=\"0\"" attributes ">" content \
    "</WRITER_COMPONENTS>"

/* ---- what survives ---- */

static struct writer_metadata *packed_metadata(const struct writer_metadata *metadata)
{
    struct writer_metadata *unpacked = NULL;
    HRESULT hr = repack_writer_metadata(metadata, &unpacked);
    if (hr != S_OK)
        fail_msg("0x%08x", (unsigned)hr);
    return unpacked;
}

static struct writer_components *packed_writer(const struct writer_components *writer)
{
    struct writer_components *unpacked = NULL;
    HRESULT hr = repack_writer_components(writer, &unpacked);
    if (hr != S_OK)
        fail_msg("0x%08x", (unsigned)hr);
    return unpacked;
}

static void check_metadata_survives(const struct writer_metadata *metadata)
{
    WCHAR *first = NULL;
    WCHAR *second = NULL;
    struct writer_metadata *unpacked = packed_metadata(metadata);
    assert_int_equal(document_save_writer_metadata(metadata, &first, NULL), S_OK);
    assert_int_equal(document_save_writer_metadata(unpacked, &second, NULL), S_OK);
    assert_true(str16_equal(first, second));
    assert_int_equal(unpacked->next_order, metadata->next_order);
    writer_metadata_release(unpacked);
    mem_free(first);
    mem_free(second);
}

static void check_writer_survives(const struct writer_components *writer)
{
    WCHAR *first = NULL;
    WCHAR *second = NULL;
    struct writer_components *unpacked = packed_writer(writer);
    assert_int_equal(document_save_writer_components(writer, &first, NULL), S_OK);
    assert_int_equal(document_save_writer_components(unpacked, &second, NULL), S_OK);
    assert_true(str16_equal(first, second));
    writer_components_release(unpacked);
    mem_free(first);
    mem_free(second);
}

static struct writer_metadata *load_metadata(const char *utf8)
{
    struct writer_metadata *metadata = NULL;
    WCHAR *text = wide(utf8);
    assert_int_equal(document_load_writer_metadata(text, str16_len(text), &metadata, NULL), S_OK);
    mem_free(text);
    return metadata;
}

static struct writer_components *load_writer(const char *utf8)
{
    struct writer_components *writer = NULL;
    WCHAR *text = wide(utf8);
    assert_int_equal(document_load_writer_components(text, str16_len(text), &writer, NULL), S_OK);
    mem_free(text);
    return writer;
}

/* The only writer of a Backup Components Document. */
static struct writer_components *load_first_writer(const char *utf8)
{
    struct backup_components *document = NULL;
    WCHAR *text = wide(utf8);
    assert_int_equal(document_load_backup_components(text, str16_len(text), &document, NULL), S_OK);
    struct writer_components *writer = writer_components_addref(vec_at(&document->writers, 0));
    backup_components_destroy(document);
    mem_free(text);
    return writer;
}

static struct writer_metadata *full_metadata(void)
{
    return load_metadata(full_documents[0].utf8);
}

static struct writer_components *full_writer(void)
{
    return load_first_writer(full_documents[1].utf8);
}

static void full_documents_survive(void **state)
{
    (void)state;
    struct writer_metadata *metadata = full_metadata();
    struct writer_components *writer = full_writer();
    struct writer_components *other = load_writer(full_documents[2].utf8);
    check_metadata_survives(metadata);
    check_writer_survives(writer);
    check_writer_survives(other);
    writer_metadata_release(metadata);
    writer_components_release(writer);
    writer_components_release(other);
}

static void unknown_content_survives(void **state)
{
    (void)state;
    static const char *const documents[] = {
        METADATA(" future=\"1\" xmlns:p=\"urn:p\" p:a=\"&amp;&lt;&gt;&quot;'&#9;&#10;&#13;\"",
            "<RESTORE_METHOD method=\"MAGIC\" writerRestore=\"Always\" rebootRequired=\"no\"><A/>"
            "</RESTORE_METHOD><BACKUP_LOCATIONS b=\"2\"><FILE_GROUP componentName=\"n\"><FILE_LIST"
            " path=\"p\" filespec=\"f\" d=\"\"><D>text &amp; &gt; <E f=\"g\"/></D></FILE_LIST>"
            "</FILE_GROUP><B/></BACKUP_LOCATIONS><p:F><X xmlns=\"\"/>y</p:F>"),
        METADATA("", "<RESTORE_METHOD xmlns=\"urn:other\"/> odd &#13;\n text <IDENTIFICATION/>"),
        "<v:WRITER_METADATA xmlns:v=\"x-schema:#VssWriterMetadataInfo\" version=\"1.7\">"
        "<IDENTIFICATION writerId=\"11111111-2222-3333-4444-555555555555\""
        " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" friendlyName=\"\"><ODD/>"
        "<![CDATA[<>&]]></IDENTIFICATION></v:WRITER_METADATA>",
    };
    static const char *const writers[] = {
        WRITER(" xmlns:p=\"urn:p\" p:a=\"1\"",
            "<COMPONENT componentName=\"n\" componentType=\"odd\" restoreTarget=\"moon\" p:b=\"2\">"
            "<p:X/><BACKUP_METADATA metadata=\"m\"><ODD/></BACKUP_METADATA><FAILURE/><FAILURE/>"
            "</COMPONENT><SNAPSHOT/>"),
        WRITER("",
            "<COMPONENT xmlns=\"\" componentName=\"\"><ODD/><BACKUP_METADATA a=\"1\"/>"
            "</COMPONENT>"),
    };
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
    {
        struct writer_metadata *metadata = load_metadata(documents[i]);
        check_metadata_survives(metadata);
        writer_metadata_release(metadata);
    }
    for (size_t i = 0; i < sizeof(writers) / sizeof(writers[0]); i++)
    {
        struct writer_components *writer = load_writer(writers[i]);
        check_writer_survives(writer);
        writer_components_release(writer);
    }
}

static void missing_and_empty_texts_stay_apart(void **state)
{
    (void)state;
    struct writer_components *writer = load_writer(
        WRITER("", "<COMPONENT logicalPath=\"\" componentName=\"\"/>"));
    struct writer_components *unpacked = packed_writer(writer);
    const struct component *component = vec_at(&unpacked->components, 0);
    assert_null(unpacked->instance_name);
    check_text(component->logical_path, "");
    check_text(component->name, "");
    assert_null(component->caption);
    assert_null(component->extra.attributes);
    assert_null(component->extra.children);
    assert_false(component->failure.set);
    assert_ptr_equal(writer_components_find(unpacked, NULL, L""), component);
    writer_components_release(writer);
    writer_components_release(unpacked);
}

static void values_survive_at_their_limits(void **state)
{
    (void)state;
    struct writer_components *writer = load_writer(WRITER("",
        "<COMPONENT componentName=\"n\" backupSucceeded=\"no\" additionalRestores=\"yes\""
        " restoreInstanceId=\"11111111-2222-3333-4444-555555555555\"><FAILURE hresult=\"0x0\""
        " applicationHresult=\"0xffffffff\"/><DIFFERENCED_FILE path=\"p\" filespec=\"f\""
        " lastModifyTime=\"18446744073709551615\"/></COMPONENT>"));
    writer->backup_schema = UINT32_MAX;
    struct writer_components *unpacked = packed_writer(writer);
    const struct component *component = vec_at(&unpacked->components, 0);
    const struct differenced_file *file = vec_at(&component->differenced_files, 0);
    assert_int_equal(unpacked->backup_schema, UINT32_MAX);
    assert_int_equal(component->type, 0);
    assert_int_equal(component->backup_succeeded, ANSWER_NO);
    assert_int_equal(component->additional_restores, ANSWER_YES);
    assert_int_equal(component->restore_instance_id.Data1, 0x11111111);
    assert_true(component->failure.set);
    assert_int_equal(component->failure.writer, 0);
    assert_int_equal(component->failure.application, -1);
    assert_int_equal(file->last_modified.dwLowDateTime, UINT32_MAX);
    assert_int_equal(file->last_modified.dwHighDateTime, UINT32_MAX);
    writer_components_release(writer);
    writer_components_release(unpacked);
}

static void bytes_types_and_schema_of_metadata_survive(void **state)
{
    (void)state;
    struct writer_metadata *metadata = full_metadata();
    struct writer_metadata *unpacked = packed_metadata(metadata);
    const struct metadata_component *group = vec_at(&unpacked->components, 0);
    const struct metadata_component *database = vec_at(&unpacked->components, 1);
    assert_int_equal(group->type, COMPONENT_TYPE_FILEGROUP);
    assert_int_equal(database->type, COMPONENT_TYPE_DATABASE);
    assert_int_equal(group->icon_size, 4);
    assert_memory_equal(group->icon, "\0\1\2\xFF", 4);
    assert_int_equal(database->icon_size, 0);
    assert_null(database->icon);
    assert_true(unpacked->has_schema);
    assert_int_equal(unpacked->backup_schema, 881);
    assert_ptr_equal(writer_metadata_find(unpacked, L"l", L"n"), group);
    writer_metadata_release(metadata);
    writer_metadata_release(unpacked);
}

/* The order of siblings of different kinds, and the number that the next one gets. */
static void order_of_siblings_survives_and_goes_on(void **state)
{
    (void)state;
    static const FILETIME never;
    WCHAR *text = NULL;
    struct component *component = NULL;
    struct writer_components *writer = writer_components_create(&guid_null, &guid_null);
    assert_int_equal(
        writer_components_add(writer, COMPONENT_TYPE_DATABASE, NULL, L"n", &component), S_OK);
    component_add_differenced_file(component, L"1", L"", false, never);
    component_add_partial_file(component, L"2", L"", L"", NULL);
    component_add_differenced_file(component, L"3", L"", false, never);
    struct writer_components *unpacked = packed_writer(writer);
    component = vec_at(&unpacked->components, 0);
    assert_int_equal(component->next_order, 3);
    component_add_partial_file(component, L"4", L"", L"", NULL);
    assert_int_equal(document_save_writer_components(unpacked, &text, NULL), S_OK);
    check_text(text,
        "<WRITER_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\""
        " instanceId=\"00000000-0000-0000-0000-000000000000\""
        " writerId=\"00000000-0000-0000-0000-000000000000\" backupSchema=\"0\"><COMPONENT"
        " componentName=\"n\" componentType=\"database\"><DIFFERENCED_FILE path=\"1\""
        " filespec=\"\" recursive=\"no\" lastModifyTime=\"0\"/><PARTIAL_FILE path=\"2\""
        " filespec=\"\" ranges=\"\"/><DIFFERENCED_FILE path=\"3\" filespec=\"\" recursive=\"no\""
        " lastModifyTime=\"0\"/><PARTIAL_FILE path=\"4\" filespec=\"\" ranges=\"\"/></COMPONENT>"
        "</WRITER_COMPONENTS>");
    mem_free(text);
    writer_components_release(writer);
    writer_components_release(unpacked);
}

static void verbatim_text_survives_and_is_checked(void **state)
{
    (void)state;
    struct writer_metadata *metadata = writer_metadata_create();
    metadata->verbatim = wide(METADATA("", "<!-- kept as it is -->"));
    check_metadata_survives(metadata);
    struct writer_metadata *unpacked = packed_metadata(metadata);
    check_text(unpacked->writer_name, "n");
    check_text(unpacked->verbatim, METADATA("", "<!-- kept as it is -->"));
    writer_metadata_release(unpacked);
    unpacked = NULL;
    metadata->verbatim[1] = 'X';
    assert_int_equal(repack_writer_metadata(metadata, &unpacked), VSS_E_INVALID_XML_DOCUMENT);
    assert_null(unpacked);
    writer_metadata_release(metadata);
}

static void items_follow_one_another(void **state)
{
    (void)state;
    struct pack_reader reader;
    struct pack_writer packed = {0};
    struct writer_metadata *metadata = full_metadata();
    struct writer_components *writer = full_writer();
    struct writer_metadata *same_metadata = NULL;
    struct writer_components *same_writer = NULL;
    assert_int_equal(document_pack_writer_components(writer, &packed), S_OK);
    assert_int_equal(document_pack_writer_metadata(metadata, &packed), S_OK);
    pack_write_u8(&packed, 77);
    pack_reader_open(&reader, packed.bytes, packed.size);
    assert_int_equal(document_unpack_writer_components(&reader, &same_writer), S_OK);
    assert_int_equal(document_unpack_writer_metadata(&reader, &same_metadata), S_OK);
    assert_int_equal(pack_read_u8(&reader), 77);
    assert_int_equal(reader.left, 0);
    writer_metadata_release(metadata);
    writer_metadata_release(same_metadata);
    writer_components_release(writer);
    writer_components_release(same_writer);
    pack_writer_free(&packed);
}

/* ---- what is refused ---- */

static void check_cut_off(const BYTE *bytes, size_t size, bool is_metadata)
{
    for (size_t left = 0; left < size; left++)
    {
        struct writer_metadata *metadata = (struct writer_metadata *)&metadata;
        struct writer_components *writer = (struct writer_components *)&writer;
        BYTE *exact = mem_dup(bytes, left);
        assert_int_equal(is_metadata ? unpack_writer_metadata(exact, left, &metadata)
                                     : unpack_writer_components(exact, left, &writer),
            VSS_E_INVALID_XML_DOCUMENT);
        assert_ptr_equal(metadata, &metadata);
        assert_ptr_equal(writer, &writer);
        mem_free(exact);
    }
}

static void bytes_cut_off_anywhere_are_refused(void **state)
{
    (void)state;
    struct pack_writer packed = {0};
    struct writer_metadata *metadata = full_metadata();
    struct writer_components *writer = full_writer();
    assert_int_equal(document_pack_writer_metadata(metadata, &packed), S_OK);
    check_cut_off(packed.bytes, packed.size, true);
    pack_writer_free(&packed);
    assert_int_equal(document_pack_writer_components(writer, &packed), S_OK);
    check_cut_off(packed.bytes, packed.size, false);
    pack_writer_free(&packed);
    writer_metadata_release(metadata);
    writer_components_release(writer);
}

/* Each byte in turn, with bits that make lengths huge, booleans odd and rows unknown. */
static void one_wrong_byte_anywhere_is_refused_or_harmless(void **state)
{
    (void)state;
    static const BYTE bits[] = {0x01, 0x02, 0x80, 0xFF};
    struct pack_writer packed = {0};
    struct writer_components *writer = full_writer();
    assert_int_equal(document_pack_writer_components(writer, &packed), S_OK);
    for (size_t i = 0; i < packed.size * sizeof(bits); i++)
    {
        WCHAR *text = NULL;
        struct pack_reader reader;
        struct writer_components *unpacked = NULL;
        BYTE *at = packed.bytes + i / sizeof(bits);
        *at ^= bits[i % sizeof(bits)];
        pack_reader_open(&reader, packed.bytes, packed.size);
        HRESULT hr = document_unpack_writer_components(&reader, &unpacked);
        *at ^= bits[i % sizeof(bits)];
        assert_int_equal(unpacked != NULL, hr == S_OK);
        if (hr == S_OK)
            hr = document_save_writer_components(unpacked, &text, NULL);
        assert_true(hr == S_OK || hr == VSS_E_INVALID_XML_DOCUMENT);
        mem_free(text);
        writer_components_release(unpacked);
    }
    pack_writer_free(&packed);
    writer_components_release(writer);
}

static void missing_required_text_is_refused(void **state)
{
    (void)state;
    struct writer_components *writer = full_writer();
    struct writer_components *unpacked = NULL;
    struct component *component = vec_at(&writer->components, 0);
    struct partial_file *file = vec_at(&component->partial_files, 0);
    mem_free(file->ranges);
    file->ranges = NULL;
    assert_int_equal(repack_writer_components(writer, &unpacked), VSS_E_INVALID_XML_DOCUMENT);
    assert_null(unpacked);
    writer_components_release(writer);
}

/* The unit `odd` (and `next` behind it, unless 0) at each place of texts of several lengths. */
static void check_unit(WCHAR odd, WCHAR next, HRESULT expected)
{
    struct writer_components *writer = writer_components_create(&guid_null, &guid_null);
    for (size_t length = 2; length < 12; length++)
    {
        for (size_t i = 0; i + 1 < length; i++)
        {
            WCHAR text[13] = L"aaaaaaaaaaaa";
            struct writer_components *unpacked = NULL;
            text[length] = 0;
            text[i] = odd;
            if (next)
                text[i + 1] = next;
            assert_int_equal(str16_assign(&writer->instance_name, text), S_OK);
            HRESULT hr = repack_writer_components(writer, &unpacked);
            if (hr != expected)
                fail_msg(
                    "0x%04x at %u of %u: 0x%08x", odd, (unsigned)i, (unsigned)length, (unsigned)hr);
            if (unpacked)
                assert_true(str16_equal(unpacked->instance_name, text));
            writer_components_release(unpacked);
        }
    }
    writer_components_release(writer);
}

static void text_that_xml_cannot_hold_is_refused(void **state)
{
    (void)state;
    static const WCHAR good[] = L"\t\n\r \x7F\x100\x2020\x7FFF\x8000\xD7FF\xE000\xFFFD";
    static const WCHAR bad[] = L"\x01\x08\x0B\x1F\xD800\xDBFF\xDC00\xDFFF\xFFFE\xFFFF";
    for (size_t i = 0; good[i]; i++)
        check_unit(good[i], 0, S_OK);
    for (size_t i = 0; bad[i]; i++)
        check_unit(bad[i], 0, VSS_E_INVALID_XML_DOCUMENT);
    check_unit(0xD83D, 0xDE00, S_OK);
    check_unit('\t', 1, VSS_E_INVALID_XML_DOCUMENT);
    check_unit(0xDE00, 0xD83D, VSS_E_INVALID_XML_DOCUMENT);
    check_unit(0xD83D, 0xD83D, VSS_E_INVALID_XML_DOCUMENT);
    check_unit('\t', 0x8000, S_OK);
}

static HRESULT repack_with_extra(const char *attributes, const char *children)
{
    struct writer_components *unpacked = NULL;
    struct writer_components *writer = load_writer(
        WRITER("", "<COMPONENT componentName=\"n\"><BACKUP_METADATA metadata=\"m\"/></COMPONENT>"));
    struct component *component = vec_at(&writer->components, 0);
    component->extra.attributes = attributes ? wide(attributes) : NULL;
    component->extra.children = children ? wide(children) : NULL;
    HRESULT hr = repack_writer_components(writer, &unpacked);
    if (SUCCEEDED(hr))
        check_writer_survives(unpacked);
    writer_components_release(writer);
    writer_components_release(unpacked);
    return hr;
}

static void kept_content_that_no_document_leaves_is_refused(void **state)
{
    (void)state;
    static const char *const attributes[] = {" a=\"1", "a=\"1\"", " a='1'", " a = \"1\"", " a",
        " a=\"1\" ", "  a=\"1\"", " a=\"1\" a=\"2\"", " a=\"&#65;\"", " a=\">\"", " a=\"<\"",
        " a=\"&e;\"", " a=\"\n\"", " xmlns=\"u\"", " p:a=\"1\"", " p:a=\"1\" xmlns:q=\"u\"", "/><X",
        "><X/", " a=\"1\"><X b=\"2\"", " componentName=\"m\"", " componentType=\"filegroup\"",
        " backupSucceeded=\"no\"", " ", "text"};
    static const char *const children[] = {"<X>", "</X>", "<X></X>", "<X />", "<X a='1'/>",
        "</COMPONENT><COMPONENT>", "</COMPONENT>", "<!-- c -->", "<?p i?>", "<![CDATA[x]]>",
        "<!DOCTYPE X>", "<p:X/>", "<X p:a=\"1\"/>", "&e;", "&#0;", "&#65;", "a > b", "a & b", "\r",
        "<X", "]]>"};
    for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
        if (repack_with_extra(attributes[i], NULL) != VSS_E_INVALID_XML_DOCUMENT)
            fail_msg("attributes %s", attributes[i]);
    for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++)
        if (repack_with_extra(NULL, children[i]) != VSS_E_INVALID_XML_DOCUMENT)
            fail_msg("children %s", children[i]);
    assert_int_equal(repack_with_extra(" a=\"1\"><X>", "</X>"), VSS_E_INVALID_XML_DOCUMENT);
    assert_int_equal(
        repack_with_extra(" xmlns:p=\"u\" p:a=\"1\"", "<p:X/>"), VSS_E_INVALID_XML_DOCUMENT);
}

static void kept_content_of_any_good_form_is_taken(void **state)
{
    (void)state;
    assert_int_equal(repack_with_extra("", ""), S_OK);
    assert_int_equal(
        repack_with_extra(" a=\"\" xmlns:p=\"u\" p:a=\"&amp;&#10;\" xml:lang=\"en\"", "text"),
        S_OK);
    assert_int_equal(repack_with_extra(" componentType=\"odd\"", "<X/>text<Y a=\"1\">z</Y>"), S_OK);
    assert_int_equal(repack_with_extra(" backupSucceeded=\"odd\"", NULL), S_OK);
    assert_int_equal(
        repack_with_extra(NULL, "<p:X xmlns:p=\"u\"><p:Y/></p:X><X xmlns=\"\"/>"), S_OK);
    assert_int_equal(repack_with_extra(NULL, " \n&#13;&amp;&lt;&gt;\"'"), S_OK);
}

/* ---- memory ---- */

static void each_failing_allocation_is_out_of_memory_and_leaks_nothing(void **state)
{
    (void)state;
    struct writer_metadata *metadata = full_metadata();
    struct writer_components *writer = full_writer();
    for (int kind = 0; kind < 2; kind++)
    {
        bool failed = true;
        size_t k = 1;
        for (; failed; k++)
        {
            long before = mem_live_blocks();
            struct writer_metadata *same_metadata = NULL;
            struct writer_components *same_writer = NULL;
            fail_alloc(k);
            fail_alloc_for_good = k % 2;
            HRESULT hr = kind ? repack_writer_components(writer, &same_writer)
                              : repack_writer_metadata(metadata, &same_metadata);
            failed = allow_allocs();
            if (hr != (failed ? E_OUTOFMEMORY : S_OK))
                fail_msg("allocation %u: 0x%08x", (unsigned)k, (unsigned)hr);
            assert_int_equal(!same_metadata && !same_writer, failed);
            writer_metadata_release(same_metadata);
            writer_components_release(same_writer);
            assert_int_equal(mem_live_blocks(), before);
        }
        assert_true(k > 50);
    }
    writer_metadata_release(metadata);
    writer_components_release(writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(full_documents_survive),
        leak_test(unknown_content_survives),
        leak_test(missing_and_empty_texts_stay_apart),
        leak_test(values_survive_at_their_limits),
        leak_test(bytes_types_and_schema_of_metadata_survive),
        leak_test(order_of_siblings_survives_and_goes_on),
        leak_test(verbatim_text_survives_and_is_checked),
        leak_test(items_follow_one_another),
        leak_test(bytes_cut_off_anywhere_are_refused),
        leak_test(one_wrong_byte_anywhere_is_refused_or_harmless),
        leak_test(missing_required_text_is_refused),
        leak_test(text_that_xml_cannot_hold_is_refused),
        leak_test(kept_content_that_no_document_leaves_is_refused),
        leak_test(kept_content_of_any_good_form_is_taken),
        leak_test(each_failing_allocation_is_out_of_memory_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
