/* SPDX-License-Identifier: MIT
 *
 * What loading says about a document that it refuses: the reason, the name and the place.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "document/document.h"
#include "support/check_leaks.h"
#include "support/check_text.h"

#define IDENTIFICATION                                                                             \
    "<IDENTIFICATION writerId=\"11111111-2222-3333-4444-555555555555\""                            \
    " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" friendlyName=\"n\""                      \
    " usage=\"USER_DATA\" dataSource=\"OTHER\"/>"
#define METADATA(content)                                                                          \
    "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\">\n" content        \
    "</WRITER_METADATA>"
#define COMPONENTS(version, content)                                                               \
    "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"" version "\""          \
    " bootableSystemStateBackup=\"no\" selectComponents=\"yes\" backupType=\"full\""               \
    " partialFileSupport=\"no\">\n" content "</BACKUP_COMPONENTS>"

typedef HRESULT (*load_function)(const WCHAR *text, size_t length, struct xml_flaw *flaw);

static HRESULT load_metadata(const WCHAR *text, size_t length, struct xml_flaw *flaw)
{
    struct writer_metadata *metadata = NULL;
    HRESULT hr = document_load_writer_metadata(text, length, &metadata, flaw);
    writer_metadata_release(metadata);
    return hr;
}

static HRESULT load_components(const WCHAR *text, size_t length, struct xml_flaw *flaw)
{
    struct backup_components *components = NULL;
    HRESULT hr = document_load_backup_components(text, length, &components, flaw);
    backup_components_destroy(components);
    return hr;
}

static HRESULT load_writer(const WCHAR *text, size_t length, struct xml_flaw *flaw)
{
    struct writer_components *writer = NULL;
    HRESULT hr = document_load_writer_components(text, length, &writer, flaw);
    writer_components_release(writer);
    return hr;
}

static HRESULT load_set(const WCHAR *text, size_t length, struct xml_flaw *flaw)
{
    struct snapshot_set *set = NULL;
    HRESULT hr = document_load_snapshot_set(text, length, &set, flaw);
    snapshot_set_release(set);
    return hr;
}

struct row
{
    load_function load;
    const char *utf8;
    const char *reason;
    const char *name;
    unsigned line;
    unsigned column;
};

static void check_row(const struct row *row)
{
    struct xml_flaw flaw = {0};
    WCHAR *text = wide(row->utf8);
    HRESULT hr = row->load(text, str16_len(text), &flaw);
    mem_free(text);
    if (hr != VSS_E_INVALID_XML_DOCUMENT)
        fail_msg("0x%08x for %s", (unsigned)hr, row->utf8);
    assert_string_equal(flaw.reason, row->reason);
    assert_string_equal(flaw.name, row->name);
    if (flaw.line != row->line || flaw.column != row->column)
        fail_msg("line %u, column %u in %s", flaw.line, flaw.column, row->utf8);
}

static void refused_document_names_what_is_wrong_and_where(void **state)
{
    (void)state;
    static const char other_root[] = "the root element is not ";
    static const char other_namespace[] = "the root element is not in the namespace ";
    static const char missing[] = "a required attribute is missing: ";
    static const char value[] = "the format does not allow this value of the attribute ";
    static const struct row rows[] = {
        {load_metadata, "\n<OTHER/>", other_root, "WRITER_METADATA", 2, 1},
        {load_components, "<OTHER/>", other_root, "BACKUP_COMPONENTS", 1, 1},
        {load_writer, "<OTHER/>", other_root, "WRITER_COMPONENTS", 1, 1},
        {load_set, "<OTHER/>", other_root, "SNAPSHOT_SET", 1, 1},
        {load_metadata, "<WRITER_METADATA/>", other_namespace, "x-schema:#VssWriterMetadataInfo", 1,
            1},
        {load_components, "<BACKUP_COMPONENTS xmlns=\"other\"/>", other_namespace,
            "x-schema:#VssComponentMetadata", 1, 1},
        {load_components, COMPONENTS("2.0", ""), value, "version", 1, 1},
        {load_components, COMPONENTS("1.2", " <WRITER_COMPONENTS instanceId=\"no guid\"/>"), value,
            "instanceId", 2, 2},
        {load_metadata, METADATA("\n  <IDENTIFICATION/>"), missing, "writerId", 3, 3},
        {load_metadata, METADATA("\n "), "what ends here lacks the element ", "IDENTIFICATION", 3,
            2},
        {load_metadata, METADATA(IDENTIFICATION "\n<X>"), "mismatched tag", "", 3, 6},
        {load_metadata, METADATA(IDENTIFICATION) "<X/>", "junk after document element", "", 2, 188},
        {load_metadata, METADATA(IDENTIFICATION "\n<X p:a=\"1\"/>"), "a prefix is not declared", "",
            3, 1},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        check_row(&rows[i]);
}

static void document_cut_off_anywhere_says_so(void **state)
{
    (void)state;
    static const char early[] = "the text ends too early";
    WCHAR *text = wide(METADATA(IDENTIFICATION));
    size_t length = str16_len(text);
    for (size_t cut = 1; cut < length; cut++)
    {
        struct xml_flaw flaw = {0};
        assert_int_equal(load_metadata(text, cut, &flaw), VSS_E_INVALID_XML_DOCUMENT);
        if (strncmp(flaw.reason, early, strlen(early)) != 0)
            fail_msg("cut at %u: %s", (unsigned)cut, flaw.reason);
    }
    mem_free(text);
}

static void good_document_leaves_no_flaw(void **state)
{
    (void)state;
    struct xml_flaw flaw = {0};
    WCHAR *text = wide(METADATA(IDENTIFICATION));
    assert_int_equal(load_metadata(text, str16_len(text), &flaw), S_OK);
    assert_null(flaw.reason);
    mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(refused_document_names_what_is_wrong_and_where),
        leak_test(document_cut_off_anywhere_says_so),
        leak_test(good_document_leaves_no_flaw),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
