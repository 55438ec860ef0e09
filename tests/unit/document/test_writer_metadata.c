/* SPDX-License-Identifier: MIT
 *
 * The Writer Metadata Document. Expected texts are typed from writer-provider 5.2, 5.3 and 5.5;
 * where a name in them is ours (document_names.h), the test says so.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/guid.h"
#include "support/check_leaks.h"
#include "support/resave.h"

#define ROOT(attributes, content)                                                                  \
    "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\"" attributes        \
    ">" content "</WRITER_METADATA>"
#define IDENTIFICATION                                                                             \
    "<IDENTIFICATION writerId=\"11111111-2222-3333-4444-555555555555\""                            \
    " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" friendlyName=\"Demo Writer\""            \
    " usage=\"USER_DATA\" dataSource=\"OTHER\" majorVersion=\"0\" minorVersion=\"0\"/>"
#define FLAGS                                                                                      \
    " restoreMetadata=\"no\" notifyOnBackupComplete=\"no\" selectable=\"no\""                      \
    " selectableForRestore=\"no\" componentFlags=\"0\""

static struct writer_metadata *load(const char *utf8)
{
    struct writer_metadata *metadata = NULL;
    WCHAR *text = wide(utf8);
    assert_int_equal(document_load_writer_metadata(text, str16_len(text), &metadata, NULL), S_OK);
    mem_free(text);
    return metadata;
}

static void check_saved(const struct writer_metadata *metadata, const char *expected)
{
    WCHAR *text = NULL;
    size_t length = 0;
    assert_int_equal(document_save_writer_metadata(metadata, &text, &length), S_OK);
    assert_int_equal(length, str16_len(text));
    check_text(text, expected);
    mem_free(text);
}

static struct writer_metadata *demo_writer(void)
{
    struct writer_metadata *metadata = writer_metadata_create();
    assert_non_null(metadata);
    assert_true(guid_from_text(L"11111111-2222-3333-4444-555555555555", &metadata->writer_id));
    assert_true(guid_from_text(L"66666666-7777-8888-9999-AAAAAAAAAAAA", &metadata->instance_id));
    assert_int_equal(str16_assign(&metadata->writer_name, L"Demo Writer"), S_OK);
    metadata->usage = 3;
    metadata->source = 3;
    return metadata;
}

static struct metadata_component *add_component(
    struct writer_metadata *metadata, DWORD type, const WCHAR *path, const WCHAR *name)
{
    struct metadata_component *component = NULL;
    assert_int_equal(
        writer_metadata_add_component(metadata, type, path, name, NULL, &component), S_OK);
    return component;
}

static void wrong_root_or_namespace_is_invalid(void **state)
{
    (void)state;
    check_refused(WRITER_METADATA,
        "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssWriterMetadataInfo\">" IDENTIFICATION
        "</BACKUP_COMPONENTS>");
    check_refused(WRITER_METADATA,
        "<WRITER_METADATA xmlns=\"x-schema:#VssComponentMetadata\">" IDENTIFICATION
        "</WRITER_METADATA>");
    check_refused(WRITER_METADATA, "<WRITER_METADATA>" IDENTIFICATION "</WRITER_METADATA>");
    check_refused(WRITER_METADATA,
        "<writer_metadata xmlns=\"x-schema:#VssWriterMetadataInfo\">" IDENTIFICATION
        "</writer_metadata>");
    check_refused(WRITER_METADATA, ROOT("", IDENTIFICATION) "<X/>");
}

static void missing_identification_or_one_of_its_three_is_invalid(void **state)
{
    (void)state;
    check_refused(WRITER_METADATA, ROOT("", ""));
    check_refused(WRITER_METADATA, ROOT("", "<IDENTIFICATION/>"));
    check_refused(WRITER_METADATA,
        ROOT("",
            "<IDENTIFICATION instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\""
            " friendlyName=\"n\"/>"));
    check_refused(WRITER_METADATA,
        ROOT("",
            "<IDENTIFICATION writerId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\""
            " friendlyName=\"n\"/>"));
    check_refused(WRITER_METADATA,
        ROOT("",
            "<IDENTIFICATION writerId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\""
            " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\"/>"));
    /* In a namespace of its own it is another element. */
    check_refused(WRITER_METADATA,
        ROOT("",
            "<IDENTIFICATION xmlns=\"urn:other\""
            " writerId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\""
            " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" friendlyName=\"n\"/>"));
}

static void value_that_is_none_of_its_kind_is_invalid(void **state)
{
    (void)state;
    static const char *const groups[] = {
        "<FILE_GROUP/>",
        "<FILE_GROUP componentName=\"n\" selectable=\"true\"/>",
        "<FILE_GROUP componentName=\"n\" selectable=\"\"/>",
        "<FILE_GROUP componentName=\"n\" componentFlags=\"\"/>",
        "<FILE_GROUP componentName=\"n\" componentFlags=\"0x2\"/>",
        "<FILE_GROUP componentName=\"n\" componentFlags=\"-1\"/>",
        "<FILE_GROUP componentName=\"n\" componentFlags=\"4294967296\"/>",
        "<FILE_GROUP componentName=\"n\" componentFlags=\"18446744073709551617\"/>",
        "<FILE_GROUP componentName=\"n\"><FILE_LIST filespec=\"f\"/></FILE_GROUP>",
        "<FILE_GROUP componentName=\"n\"><FILE_LIST path=\"p\"/></FILE_GROUP>",
        "<EXCLUDE_FILES path=\"p\" filespec=\"f\" recursive=\"YES\"/>",
    };
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
    {
        char document[1024];
        snprintf(document, sizeof(document),
            ROOT("", IDENTIFICATION "<BACKUP_LOCATIONS>%s</BACKUP_LOCATIONS>"), groups[i]);
        check_refused(WRITER_METADATA, document);
    }
    check_refused(WRITER_METADATA, ROOT(" backupSchema=\"all\"", IDENTIFICATION));
    check_refused(WRITER_METADATA,
        ROOT("",
            "<IDENTIFICATION writerId=\"none\""
            " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" friendlyName=\"n\"/>"));
}

static void version_of_another_format_is_invalid(void **state)
{
    (void)state;
#define VERSIONED(version)                                                                         \
    "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\"" version ">" IDENTIFICATION        \
    "</WRITER_METADATA>"
    check_refused(WRITER_METADATA, VERSIONED(" version=\"2.0\""));
    check_refused(WRITER_METADATA, VERSIONED(" version=\"12\""));
    check_refused(WRITER_METADATA, VERSIONED(" version=\"\""));
    /* Other 1.x are read, and stay what they are. */
    check_resaved(WRITER_METADATA, VERSIONED(" version=\"1.0\""), VERSIONED(" version=\"1.0\""));
    check_resaved(WRITER_METADATA, VERSIONED(""), VERSIONED(" version=\"1.2\""));
}

static void string_that_xml_cannot_hold_is_not_saved(void **state)
{
    (void)state;
    WCHAR *untouched = NULL;
    size_t length = 42;
    struct writer_metadata *metadata = demo_writer();
    assert_int_equal(str16_assign(&metadata->instance_name, L"bell\x07"), S_OK);
    assert_int_equal(document_save_writer_metadata(metadata, &untouched, &length), E_INVALIDARG);
    assert_null(untouched);
    assert_int_equal(length, 42);
    writer_metadata_release(metadata);
}

/* writer-provider 5.5, byte for byte, with an instance id put in. */
static void minimal_document_is_written_byte_for_byte(void **state)
{
    (void)state;
    struct writer_metadata *metadata = demo_writer();
    struct metadata_component *component = NULL;
    assert_int_equal(writer_metadata_set_restore_method(metadata, 2, NULL, NULL, 3, false), S_OK);
    assert_int_equal(writer_metadata_add_component(
                         metadata, COMPONENT_TYPE_FILEGROUP, L"A\\B", L"data", L"Demo", &component),
        S_OK);
    component->notify_on_backup_complete = true;
    component->selectable = true;
    assert_int_equal(metadata_component_add_file(component, &component->files,
                         file_spec_create(L"%ProgramData%\\Demo", L"*.db", true, NULL, 0xF0F)),
        S_OK);
    static const char expected[] =
        "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\"><IDENTIFICATION "
        "writerId=\"11111111-2222-3333-4444-555555555555\" "
        "instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" friendlyName=\"Demo Writer\" "
        "usage=\"USER_DATA\" dataSource=\"OTHER\" majorVersion=\"0\" "
        "minorVersion=\"0\"/><RESTORE_METHOD method=\"RESTORE_IF_CAN_BE_REPLACED\" "
        "writerRestore=\"always\" rebootRequired=\"no\"/><BACKUP_LOCATIONS><FILE_GROUP "
        "logicalPath=\"A\\B\" componentName=\"data\" caption=\"Demo\" restoreMetadata=\"no\" "
        "notifyOnBackupComplete=\"yes\" selectable=\"yes\" selectableForRestore=\"no\" "
        "componentFlags=\"0\"><FILE_LIST path=\"%ProgramData%\\Demo\" filespec=\"*.db\" "
        "recursive=\"yes\" filespecBackupType=\"3855\"/></FILE_GROUP></BACKUP_LOCATIONS>"
        "</WRITER_METADATA>";
    check_saved(metadata, expected);
    check_resaved(WRITER_METADATA, expected, expected);
    writer_metadata_release(metadata);
}

static void writer_that_gave_nothing_has_its_identification_only(void **state)
{
    (void)state;
    struct writer_metadata *metadata = demo_writer();
    check_saved(metadata, ROOT("", IDENTIFICATION));
    writer_metadata_release(metadata);
}

static void identification_has_its_attributes_in_windows_order(void **state)
{
    (void)state;
    struct writer_metadata *metadata = demo_writer();
    assert_int_equal(
        str16_assign(&metadata->instance_name, L"Microsoft SQL Server 2017:SQLWriter"), S_OK);
    metadata->usage = 1;
    metadata->source = 1;
    metadata->major_version = 2;
    metadata->minor_version = 4294967295u;
    check_saved(metadata,
        ROOT("",
            "<IDENTIFICATION writerId=\"11111111-2222-3333-4444-555555555555\""
            " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\""
            " instanceName=\"Microsoft SQL Server 2017:SQLWriter\""
            " friendlyName=\"Demo Writer\" usage=\"BOOTABLE_SYSTEM_STATE\""
            " dataSource=\"TRANSACTION_DB\" majorVersion=\"2\" minorVersion=\"4294967295\"/>"));
    writer_metadata_release(metadata);
}

static void schema_is_written_only_when_it_was_set(void **state)
{
    (void)state;
    struct writer_metadata *metadata = demo_writer();
    metadata->backup_schema = 881;
    check_saved(metadata, ROOT("", IDENTIFICATION));
    metadata->has_schema = true;
    check_saved(metadata, ROOT(" backupSchema=\"881\"", IDENTIFICATION));
    metadata->backup_schema = 0;
    check_saved(metadata, ROOT(" backupSchema=\"0\"", IDENTIFICATION));
    writer_metadata_release(metadata);

    metadata = load(ROOT("", IDENTIFICATION));
    assert_false(metadata->has_schema);
    assert_int_equal(metadata->backup_schema, 0);
    writer_metadata_release(metadata);
    metadata = load(ROOT(" backupSchema=\"881\"", IDENTIFICATION));
    assert_true(metadata->has_schema);
    assert_int_equal(metadata->backup_schema, 0x371);
    writer_metadata_release(metadata);
}

#define LOCATIONS(content)                                                                         \
    ROOT("", IDENTIFICATION "<BACKUP_LOCATIONS>" content "</BACKUP_LOCATIONS>")

static void false_recursive_is_absent_in_file_lists_and_written_in_exclusions(void **state)
{
    (void)state;
    struct writer_metadata *metadata = demo_writer();
    struct metadata_component *component = add_component(
        metadata, COMPONENT_TYPE_FILEGROUP, NULL, L"n");
    assert_int_equal(metadata_component_add_file(component, &component->files,
                         file_spec_create(L"p", L"f", false, L"a", 0x10101)),
        S_OK);
    assert_int_equal(
        writer_metadata_add_exclude(metadata, file_spec_create(L"p", L"f", false, NULL, 0xF0F)),
        S_OK);
    assert_int_equal(writer_metadata_add_exclude_from_snapshot(
                         metadata, file_spec_create(L"p", L"g", true, NULL, 0xF0F)),
        S_OK);
    check_saved(metadata,
        LOCATIONS("<FILE_GROUP componentName=\"n\"" FLAGS ">"
                  "<FILE_LIST path=\"p\" filespec=\"f\" alternatePath=\"a\""
                  " filespecBackupType=\"65793\"/></FILE_GROUP>"
                  "<EXCLUDE_FILES path=\"p\" filespec=\"f\" recursive=\"no\"/>"
                  "<EXCLUDE_FILES_FROM_SNAPSHOT path=\"p\" filespec=\"g\" recursive=\"yes\"/>"));
    writer_metadata_release(metadata);
}

static void missing_recursive_reads_as_no_and_missing_mask_as_3855(void **state)
{
    (void)state;
    struct writer_metadata *metadata = load(
        LOCATIONS("<FILE_GROUP componentName=\"n\"><FILE_LIST path=\"1\" filespec=\"f\"/>"
                  "<FILE_LIST path=\"2\" filespec=\"f\" recursive=\"no\""
                  " filespecBackupType=\"1\"/></FILE_GROUP>"));
    const struct metadata_component *component = vec_at(&metadata->components, 0);
    const struct file_spec *first = vec_at(&component->files, 0);
    const struct file_spec *second = vec_at(&component->files, 1);
    assert_false(first->recursive);
    assert_int_equal(first->backup_type_mask, 3855);
    assert_false(second->recursive);
    assert_int_equal(second->backup_type_mask, 1);
    writer_metadata_release(metadata);
}

static void null_strings_are_omitted_and_empty_ones_written_empty(void **state)
{
    (void)state;
    struct writer_metadata *metadata = demo_writer();
    struct metadata_component *component = NULL;
    assert_int_equal(writer_metadata_add_component(
                         metadata, COMPONENT_TYPE_DATABASE, L"", L"n", L"", &component),
        S_OK);
    static const char expected[] = LOCATIONS(
        "<DATABASE logicalPath=\"\" componentName=\"n\" caption=\"\"" FLAGS "/>");
    check_saved(metadata, expected);
    writer_metadata_release(metadata);

    metadata = load(expected);
    component = vec_at(&metadata->components, 0);
    check_text(component->logical_path, "");
    check_text(component->caption, "");
    writer_metadata_release(metadata);

    metadata = load(LOCATIONS("<DATABASE componentName=\"n\"/>"));
    component = vec_at(&metadata->components, 0);
    assert_null(component->logical_path);
    assert_null(component->caption);
    assert_int_equal(component->type, COMPONENT_TYPE_DATABASE);
    assert_ptr_equal(writer_metadata_find(metadata, L"", L"n"), component);
    writer_metadata_release(metadata);
}

static void special_characters_survive_saving_and_loading(void **state)
{
    (void)state;
    static const char *const texts[] = {"%SystemRoot%\\Path with & and <x>\\",
        "\\\\?\\Volume{1ddd48ee-5052-49db-9b07-b96f96727e6b}\\", "two\r\nlines\tand a tab",
        "\"quoted\" 'twice'", " spaces at the ends ", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80",
        "&amp;", "]]>"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        struct writer_metadata *metadata = demo_writer();
        WCHAR *text = wide(texts[i]);
        WCHAR *saved = NULL;
        size_t length = 0;
        struct metadata_component *component = NULL;
        assert_int_equal(writer_metadata_add_component(
                             metadata, COMPONENT_TYPE_FILEGROUP, text, text, text, &component),
            S_OK);
        assert_int_equal(metadata_component_add_file(component, &component->files,
                             file_spec_create(text, text, false, text, 0xF0F)),
            S_OK);
        assert_int_equal(document_save_writer_metadata(metadata, &saved, &length), S_OK);
        writer_metadata_release(metadata);
        assert_int_equal(document_load_writer_metadata(saved, length, &metadata, NULL), S_OK);
        component = vec_at(&metadata->components, 0);
        check_text(component->logical_path, texts[i]);
        check_text(component->name, texts[i]);
        check_text(component->caption, texts[i]);
        const struct file_spec *spec = vec_at(&component->files, 0);
        check_text(spec->path, texts[i]);
        check_text(spec->filespec, texts[i]);
        check_text(spec->alternate_path, texts[i]);
        writer_metadata_release(metadata);
        mem_free(saved);
        mem_free(text);
    }
}

static void guids_in_any_case_and_braces_are_read_and_written_lower_case(void **state)
{
    (void)state;
    check_resaved(WRITER_METADATA,
        ROOT("",
            "<IDENTIFICATION writerId=\"{AAAAAAAA-bbbb-CCCC-dddd-EEEEEEEEEEEE}\""
            " instanceId=\"1BDDD48E-5052-49DB-9B07-B96F96727E6B\" friendlyName=\"n\""
            " usage=\"SYSTEM_SERVICE\" dataSource=\"OTHER\"/>"),
        ROOT("",
            "<IDENTIFICATION writerId=\"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\""
            " instanceId=\"1bddd48e-5052-49db-9b07-b96f96727e6b\" friendlyName=\"n\""
            " usage=\"SYSTEM_SERVICE\" dataSource=\"OTHER\" majorVersion=\"0\""
            " minorVersion=\"0\"/>"));
}

static void document_without_restore_method_loads(void **state)
{
    (void)state;
    struct writer_metadata *metadata = load(ROOT("", IDENTIFICATION "<BACKUP_LOCATIONS/>"));
    assert_null(metadata->restore_method);
    assert_int_equal(metadata->components.count, 0);
    writer_metadata_release(metadata);
}

static void restore_method_behind_the_locations_is_found(void **state)
{
    (void)state;
    struct writer_metadata *metadata = load(ROOT("",
        IDENTIFICATION "<BACKUP_LOCATIONS><FILE_GROUP componentName=\"n\"/></BACKUP_LOCATIONS>"
                       "<RESTORE_METHOD method=\"REPLACE_AT_REBOOT\" writerRestore=\"never\""
                       " rebootRequired=\"yes\"/>"));
    assert_int_equal(metadata->restore_method->method, 5);
    assert_int_equal(metadata->restore_method->writer_restore, 1);
    assert_true(metadata->restore_method->reboot_required);
    assert_int_equal(metadata->components.count, 1);
    writer_metadata_release(metadata);
}

static void every_spelling_of_a_restore_method_is_read(void **state)
{
    (void)state;
    static const struct
    {
        const char *spelling;
        DWORD method;
        bool written; /* false: read only */
    } rows[] = {
        {"RESTORE_IF_NONE_THERE", 1, true}, {"RESTORE_IF_NOT_THERE", 1, false},
        {"RESTORE_IF_CAN_BE_REPLACED", 2, true}, {"RESTORE_IF_CAN_REPLACE", 2, false},
        {"STOP_RESTORE_START", 3, true},            /* ours */
        {"RESTORE_TO_ALTERNATE_LOCATION", 4, true}, /* ours */
        {"REPLACE_AT_REBOOT", 5, true}, {"REPLACE_AT_REBOOT_IF_CANNOT_REPLACE", 6, true},
        {"CUSTOM", 7, true},             /* ours */
        {"RESTORE_STOP_START", 8, true}, /* ours */
        {"UNDEFINED", 0, true},          /* ours */
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        char document[1024];
        snprintf(document, sizeof(document),
            ROOT("",
                IDENTIFICATION
                "<RESTORE_METHOD method=\"%s\" writerRestore=\"always\" rebootRequired=\"no\"/>"),
            rows[i].spelling);
        struct writer_metadata *metadata = load(document);
        assert_int_equal(metadata->restore_method->method, rows[i].method);
        if (rows[i].written)
            check_saved(metadata, document);
        writer_metadata_release(metadata);
    }
}

/* The names of service, user procedure and mapping are ours. */
static void restore_method_keeps_service_procedure_and_mappings(void **state)
{
    (void)state;
    struct writer_metadata *metadata = demo_writer();
    assert_int_equal(
        writer_metadata_set_restore_method(metadata, 3, L"MyService", L"proc", 2, true), S_OK);
    assert_int_equal(writer_metadata_add_mapping(
                         metadata, file_spec_create(L"C:\\a", L"*", true, L"D:\\b", 0xF0F)),
        S_OK);
    static const char expected[] = ROOT("",
        IDENTIFICATION
        "<RESTORE_METHOD method=\"STOP_RESTORE_START\" service=\"MyService\" userProcedure=\"proc\""
        " writerRestore=\"ifReplaceFails\" rebootRequired=\"yes\"><ALTERNATE_LOCATION_MAPPING"
        " path=\"C:\\a\" filespec=\"*\" recursive=\"yes\" alternatePath=\"D:\\b\"/>"
        "</RESTORE_METHOD>");
    check_saved(metadata, expected);
    check_resaved(WRITER_METADATA, expected, expected);
    writer_metadata_release(metadata);
}

/* The name and the encoding of icons are ours. */
static void icon_survives_saving_and_loading(void **state)
{
    (void)state;
    struct writer_metadata *metadata = demo_writer();
    struct metadata_component *component = add_component(
        metadata, COMPONENT_TYPE_FILEGROUP, NULL, L"n");
    component->icon = mem_dup("\0\1\2\xFF", 4);
    component->icon_size = 4;
    static const char expected[] = LOCATIONS(
        "<FILE_GROUP componentName=\"n\" icon=\"AAEC/w==\"" FLAGS "/>");
    check_saved(metadata, expected);
    writer_metadata_release(metadata);
    metadata = load(expected);
    component = vec_at(&metadata->components, 0);
    assert_int_equal(component->icon_size, 4);
    assert_memory_equal(component->icon, "\0\1\2\xFF", 4);
    writer_metadata_release(metadata);
}

static void children_keep_the_order_in_which_they_were_added_across_kinds(void **state)
{
    (void)state;
    /* DEPENDENCY is ours. */
    static const char document[] = LOCATIONS(
        "<EXCLUDE_FILES path=\"1\" filespec=\"f\" recursive=\"no\"/>"
        "<FILE_GROUP componentName=\"2\"" FLAGS ">"
        "<DEPENDENCY writerId=\"11111111-2222-3333-4444-555555555555\" componentName=\"x\"/>"
        "<FILE_LIST path=\"p\" filespec=\"f\" filespecBackupType=\"3855\"/>"
        "<DEPENDENCY writerId=\"11111111-2222-3333-4444-555555555555\" logicalPath=\"l\""
        " componentName=\"y\"/></FILE_GROUP>"
        "<EXCLUDE_FILES_FROM_SNAPSHOT path=\"3\" filespec=\"f\" recursive=\"yes\"/>"
        "<DATABASE componentName=\"4\"" FLAGS ">"
        "<DATABASE_LOGFILES path=\"p\" filespec=\"l\" filespecBackupType=\"1\"/>"
        "<DATABASE_FILES path=\"p\" filespec=\"d\" filespecBackupType=\"2\"/>"
        "<DATABASE_LOGFILES path=\"p\" filespec=\"m\" filespecBackupType=\"4\"/></DATABASE>"
        "<EXCLUDE_FILES path=\"5\" filespec=\"f\" recursive=\"yes\"/>"
        "<FILE_GROUP componentName=\"6\"" FLAGS "/>");
    check_resaved(WRITER_METADATA, document, document);
    struct writer_metadata *metadata = load(document);
    static const char *const names[] = {"2", "4", "6"};
    assert_int_equal(metadata->components.count, 3);
    for (size_t i = 0; i < 3; i++)
    {
        const struct metadata_component *component = vec_at(&metadata->components, i);
        check_text(component->name, names[i]);
    }
    const struct metadata_component *database = vec_at(&metadata->components, 1);
    assert_int_equal(database->database_files.count, 1);
    assert_int_equal(database->log_files.count, 2);
    writer_metadata_release(metadata);
}

static void verbatim_text_is_passed_through_byte_for_byte(void **state)
{
    (void)state;
    struct writer_metadata *metadata = demo_writer();
    assert_int_equal(str16_assign(&metadata->verbatim, L"<X\r\n\tid='ABC' />"), S_OK);
    check_saved(metadata, "<X\r\n\tid='ABC' />");
    writer_metadata_release(metadata);
}

static void white_space_comments_and_declarations_between_elements_do_not_matter(void **state)
{
    (void)state;
    check_resaved(WRITER_METADATA,
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n"
        "<!-- stored --><WRITER_METADATA version='1.2' xmlns='x-schema:#VssWriterMetadataInfo'>\r\n"
        "\t" IDENTIFICATION "\r\n<!-- c -->\t<?pi?></WRITER_METADATA>\r\n",
        ROOT("", IDENTIFICATION));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(wrong_root_or_namespace_is_invalid),
        leak_test(missing_identification_or_one_of_its_three_is_invalid),
        leak_test(value_that_is_none_of_its_kind_is_invalid),
        leak_test(version_of_another_format_is_invalid),
        leak_test(string_that_xml_cannot_hold_is_not_saved),
        leak_test(minimal_document_is_written_byte_for_byte),
        leak_test(writer_that_gave_nothing_has_its_identification_only),
        leak_test(identification_has_its_attributes_in_windows_order),
        leak_test(schema_is_written_only_when_it_was_set),
        leak_test(false_recursive_is_absent_in_file_lists_and_written_in_exclusions),
        leak_test(missing_recursive_reads_as_no_and_missing_mask_as_3855),
        leak_test(null_strings_are_omitted_and_empty_ones_written_empty),
        leak_test(special_characters_survive_saving_and_loading),
        leak_test(guids_in_any_case_and_braces_are_read_and_written_lower_case),
        leak_test(document_without_restore_method_loads),
        leak_test(restore_method_behind_the_locations_is_found),
        leak_test(every_spelling_of_a_restore_method_is_read),
        leak_test(restore_method_keeps_service_procedure_and_mappings),
        leak_test(icon_survives_saving_and_loading),
        leak_test(children_keep_the_order_in_which_they_were_added_across_kinds),
        leak_test(verbatim_text_is_passed_through_byte_for_byte),
        leak_test(white_space_comments_and_declarations_between_elements_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
