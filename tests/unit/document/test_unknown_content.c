/* SPDX-License-Identifier: MIT
 *
 * What documents hold beside the things we know: tolerated, kept, and written again so that it
 * means the same. Spec: writer-provider 5.1 (names marked open), 5.3 and 5.4 (odd xmlns).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "support/check_leaks.h"
#include "support/resave.h"

#define METADATA(attributes, content)                                                              \
    "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\"" attributes ">"    \
    "<IDENTIFICATION writerId=\"11111111-2222-3333-4444-555555555555\""                            \
    " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" friendlyName=\"n\""                      \
    " usage=\"USER_DATA\" dataSource=\"OTHER\" majorVersion=\"0\" minorVersion=\"0\"/>" content    \
    "</WRITER_METADATA>"
#define COMPONENTS(attributes, content)                                                            \
    "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\""                  \
    " bootableSystemStateBackup=\"no\" selectComponents=\"yes\" backupType=\"full\""               \
    " partialFileSupport=\"no\"" attributes ">" content "</BACKUP_COMPONENTS>"
#define IDS                                                                                        \
    " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\""                                         \
    " writerId=\"11111111-2222-3333-4444-555555555555\" backupSchema=\"0\""

static void unknown_attributes_and_elements_are_kept_at_every_level(void **state)
{
    (void)state;
    static const char metadata[] = METADATA(" future=\"1\"",
        "<RESTORE_METHOD method=\"CUSTOM\" writerRestore=\"never\" rebootRequired=\"no\" a=\"1\"><A/>"
        "</RESTORE_METHOD><BACKUP_LOCATIONS b=\"2\"><FILE_GROUP componentName=\"n\""
        " restoreMetadata=\"no\" notifyOnBackupComplete=\"no\" selectable=\"no\""
        " selectableForRestore=\"no\" componentFlags=\"0\" c=\"&amp;&lt;&quot;&#10;\"><FILE_LIST"
        " path=\"p\" filespec=\"f\" filespecBackupType=\"3855\" d=\"\"><D>text &amp; <E f=\"g\"/>"
        "</D></FILE_LIST><DATABASE_FILES path=\"p\" filespec=\"f\" filespecBackupType=\"0\"/>"
        "</FILE_GROUP><B/>"
        "</BACKUP_LOCATIONS><FUTURE><X/>y</FUTURE><FUTURE/>");
    check_resaved(WRITER_METADATA, metadata, metadata);
    static const char components[] = COMPONENTS(" future=\"1\"",
        "<WRITER_COMPONENTS" IDS " a=\"1\"><COMPONENT componentName=\"n\""
        " componentType=\"filegroup\" b=\"2\"><BACKUP_METADATA xmlns=\"\" metadata=\"m\" c=\"3\">"
        "<C/></BACKUP_METADATA><D/></COMPONENT><B/></WRITER_COMPONENTS>"
        "<SNAPSHOT_SET_DESCRIPTION setId=\"1\"><LUN/></SNAPSHOT_SET_DESCRIPTION>");
    check_resaved(BACKUP_COMPONENTS, components, components);
}

static void unknown_spelling_reads_as_undefined_and_is_written_again(void **state)
{
    (void)state;
    static const char document[] =
        "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\">"
        "<IDENTIFICATION writerId=\"11111111-2222-3333-4444-555555555555\""
        " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\" friendlyName=\"n\""
        " dataSource=\"OTHER\" majorVersion=\"0\" minorVersion=\"0\" usage=\"FUTURE_USE\"/>"
        "<RESTORE_METHOD rebootRequired=\"no\" method=\"MAGIC\" writerRestore=\"Always\"/>"
        "</WRITER_METADATA>";
    struct writer_metadata *metadata = NULL;
    WCHAR *text = wide(document);
    assert_int_equal(document_load_writer_metadata(text, str16_len(text), &metadata, NULL), S_OK);
    assert_int_equal(metadata->usage, 0);
    assert_int_equal(metadata->restore_method->method, 0);
    assert_int_equal(metadata->restore_method->writer_restore, 0);
    writer_metadata_release(metadata);
    mem_free(text);
    check_resaved(WRITER_METADATA, document, document);
}

static void kept_spelling_gives_way_to_a_value_that_is_set_later(void **state)
{
    (void)state;
    struct backup_components *document = NULL;
    WCHAR *text = wide(COMPONENTS("",
        "<WRITER_COMPONENTS" IDS "><COMPONENT componentName=\"n\" componentType=\"odd\""
        " restoreTarget=\"moon\" other=\"kept\"/></WRITER_COMPONENTS>"));
    assert_int_equal(document_load_backup_components(text, str16_len(text), &document, NULL), S_OK);
    mem_free(text);
    struct writer_components *writer = vec_at(&document->writers, 0);
    struct component *component = vec_at(&writer->components, 0);
    assert_int_equal(component->type, 0);
    component->restore_target = 2;
    assert_int_equal(document_save_backup_components(document, &text, NULL), S_OK);
    check_text(text,
        COMPONENTS("",
            "<WRITER_COMPONENTS" IDS "><COMPONENT componentName=\"n\""
            " restoreTarget=\"alternate\" componentType=\"odd\" other=\"kept\"/>"
            "</WRITER_COMPONENTS>"));
    mem_free(text);
    backup_components_destroy(document);
}

/* ---- Names that are ours: others may mean something else by them ---- */

/* Not for the schemas, which say what we mean by them. */
static void check_saved_again(enum document_kind kind, const char *document)
{
    WCHAR *text = wide(document);
    WCHAR *saved = NULL;
    struct writer_metadata *metadata = NULL;
    struct backup_components *components = NULL;
    if (kind == WRITER_METADATA)
    {
        assert_int_equal(
            document_load_writer_metadata(text, str16_len(text), &metadata, NULL), S_OK);
        assert_int_equal(document_save_writer_metadata(metadata, &saved, NULL), S_OK);
    }
    else
    {
        assert_int_equal(
            document_load_backup_components(text, str16_len(text), &components, NULL), S_OK);
        assert_int_equal(document_save_backup_components(components, &saved, NULL), S_OK);
    }
    check_text(saved, document);
    writer_metadata_release(metadata);
    backup_components_destroy(components);
    mem_free(saved);
    mem_free(text);
}

static void values_of_another_form_under_names_of_ours_are_kept(void **state)
{
    (void)state;
    check_saved_again(WRITER_METADATA,
        METADATA("",
            "<BACKUP_LOCATIONS><FILE_GROUP componentName=\"n\" restoreMetadata=\"no\""
            " notifyOnBackupComplete=\"no\" selectable=\"no\" selectableForRestore=\"no\""
            " componentFlags=\"0\" icon=\"#1!\"><DEPENDENCY writerId=\"them\"/>"
            "</FILE_GROUP></BACKUP_LOCATIONS>"));
    check_saved_again(BACKUP_COMPONENTS,
        COMPONENTS("",
            "<WRITER_COMPONENTS" IDS "><COMPONENT componentName=\"n\" componentType=\"filegroup\""
            " backupSucceeded=\"true\" selectedForRestore=\"1\" additionalRestores=\"0\""
            " authoritativeRestore=\"all\" restoreInstanceId=\"here\">"
            "<FAILURE hresult=\"-5\" applicationHresult=\"none\"/>"
            "<DIFFERENCED_FILE path=\"p\" filespec=\"f\" recursive=\"1\""
            " lastModifyTime=\"0x17:0x2\"/>"
            "<NEW_TARGET path=\"p\" filespec=\"f\" recursive=\"true\"/>"
            "<RESTORE_SUBCOMPONENT logicalPath=\"l\" componentName=\"c\" repair=\"0\"/>"
            "</COMPONENT></WRITER_COMPONENTS>"));
}

static void numbers_of_another_form_under_names_of_ours_are_kept(void **state)
{
    (void)state;
    static const char *const failures[] = {"failed", "0x123456789", "0x", "", "17"};
    char document[1024];
    for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
    {
        snprintf(document, sizeof(document),
            COMPONENTS("",
                "<WRITER_COMPONENTS" IDS "><COMPONENT componentName=\"n\""
                " componentType=\"filegroup\"><FAILURE applicationHresult=\"0x00000000\""
                " hresult=\"%s\"/></COMPONENT></WRITER_COMPONENTS>"),
            failures[i]);
        check_saved_again(BACKUP_COMPONENTS, document);
    }
    check_saved_again(BACKUP_COMPONENTS,
        COMPONENTS("",
            "<WRITER_COMPONENTS" IDS "><COMPONENT componentName=\"n\" componentType=\"filegroup\">"
            "<DIFFERENCED_FILE path=\"p\" filespec=\"f\" recursive=\"no\""
            " lastModifyTime=\"18446744073709551616\"/></COMPONENT></WRITER_COMPONENTS>"));
}

static void elements_of_another_shape_under_names_of_ours_are_kept(void **state)
{
    (void)state;
    check_saved_again(WRITER_METADATA,
        METADATA("",
            "<RESTORE_METHOD method=\"CUSTOM\" writerRestore=\"never\" rebootRequired=\"no\">"
            "<ALTERNATE_LOCATION_MAPPING from=\"a\" to=\"b\"/></RESTORE_METHOD>"
            "<BACKUP_LOCATIONS><DATABASE componentName=\"n\" restoreMetadata=\"no\""
            " notifyOnBackupComplete=\"no\" selectable=\"no\" selectableForRestore=\"no\""
            " componentFlags=\"0\"><DEPENDENCY on=\"them\"><X/></DEPENDENCY></DATABASE>"
            "</BACKUP_LOCATIONS>"));
    check_saved_again(BACKUP_COMPONENTS,
        COMPONENTS("",
            "<WRITER_COMPONENTS" IDS "><COMPONENT componentName=\"n\""
            " componentType=\"filegroup\"><PARTIAL_FILE path=\"p\" filespec=\"f\" from=\"0\"/>"
            "<DIFFERENCED_FILE time=\"1\"/><NEW_TARGET to=\"x\">y</NEW_TARGET>"
            "<USED_ALTERNATE_LOCATION_MAPPING index=\"0\"/></COMPONENT></WRITER_COMPONENTS>"));
}

static void kept_value_of_another_form_gives_way_to_a_value_that_is_set_later(void **state)
{
    (void)state;
    struct backup_components *document = NULL;
    WCHAR *text = wide(COMPONENTS("",
        "<WRITER_COMPONENTS" IDS "><COMPONENT componentName=\"n\" componentType=\"filegroup\""
        " backupSucceeded=\"true\" selectedForRestore=\"1\"/></WRITER_COMPONENTS>"));
    assert_int_equal(document_load_backup_components(text, str16_len(text), &document, NULL), S_OK);
    mem_free(text);
    struct writer_components *writer = vec_at(&document->writers, 0);
    struct component *component = vec_at(&writer->components, 0);
    assert_int_equal(component->backup_succeeded, ANSWER_UNSET);
    assert_false(component->selected_for_restore);
    component->backup_succeeded = ANSWER_NO;
    component->selected_for_restore = true;
    assert_int_equal(document_save_backup_components(document, &text, NULL), S_OK);
    check_text(text,
        COMPONENTS("",
            "<WRITER_COMPONENTS" IDS "><COMPONENT componentName=\"n\" componentType=\"filegroup\""
            " backupSucceeded=\"no\" selectedForRestore=\"yes\"/></WRITER_COMPONENTS>"));
    mem_free(text);
    backup_components_destroy(document);
}

static void known_name_in_another_namespace_is_unknown_content(void **state)
{
    (void)state;
    static const char document[] = METADATA("",
        "<RESTORE_METHOD xmlns=\"urn:other\" method=\"CUSTOM\"/>"
        "<p:BACKUP_LOCATIONS xmlns:p=\"urn:p\"><p:FILE_GROUP/></p:BACKUP_LOCATIONS>");
    check_resaved(WRITER_METADATA, document, document);
}

static void known_names_count_in_no_namespace_and_with_any_prefix_of_the_schema(void **state)
{
    (void)state;
    check_resaved(BACKUP_COMPONENTS,
        "<v:BACKUP_COMPONENTS xmlns:v=\"x-schema:#VssComponentMetadata\" selectComponents=\"yes\""
        " backupType=\"full\"><WRITER_COMPONENTS" IDS "><v:COMPONENT componentName=\"a\""
        " componentType=\"filegroup\"/></WRITER_COMPONENTS><WRITER_COMPONENTS xmlns=\"\"" IDS "/>"
        "</v:BACKUP_COMPONENTS>",
        "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\""
        " bootableSystemStateBackup=\"no\" selectComponents=\"yes\" backupType=\"full\""
        " partialFileSupport=\"no\" xmlns:v=\"x-schema:#VssComponentMetadata\"><WRITER_COMPONENTS" IDS
        "><COMPONENT componentName=\"a\" componentType=\"filegroup\"/></WRITER_COMPONENTS>"
        "<WRITER_COMPONENTS" IDS "/></BACKUP_COMPONENTS>");
}

static void kept_piece_stays_in_the_namespace_in_which_it_stood(void **state)
{
    (void)state;
    /* Below COMPONENT the default namespace is the empty one; we write COMPONENT in the
       schema's. */
    check_resaved(BACKUP_COMPONENTS,
        COMPONENTS("",
            "<WRITER_COMPONENTS" IDS "><COMPONENT xmlns=\"\" componentName=\"n\""
            " componentType=\"filegroup\"><ODD/></COMPONENT></WRITER_COMPONENTS>"),
        COMPONENTS("",
            "<WRITER_COMPONENTS" IDS "><COMPONENT componentName=\"n\""
            " componentType=\"filegroup\"><ODD xmlns=\"\"/></COMPONENT>"
            "</WRITER_COMPONENTS>"));
    /* BACKUP_METADATA we write in none, whatever it stood in. */
    check_resaved(BACKUP_COMPONENTS,
        COMPONENTS("",
            "<WRITER_COMPONENTS" IDS "><COMPONENT componentName=\"n\""
            " componentType=\"filegroup\"><BACKUP_METADATA metadata=\"m\"><ODD/>"
            "</BACKUP_METADATA></COMPONENT></WRITER_COMPONENTS>"),
        COMPONENTS("",
            "<WRITER_COMPONENTS" IDS "><COMPONENT componentName=\"n\""
            " componentType=\"filegroup\"><BACKUP_METADATA xmlns=\"\" metadata=\"m\">"
            "<ODD xmlns=\"x-schema:#VssComponentMetadata\"/></BACKUP_METADATA>"
            "</COMPONENT></WRITER_COMPONENTS>"));
}

/* A prefix that the root declared must not be lost when an event takes the part of one writer
   elsewhere. */
static void part_of_one_writer_takes_along_the_declarations_it_needs(void **state)
{
    (void)state;
    struct backup_components *document = NULL;
    struct writer_components *writer = NULL;
    WCHAR *text = wide(COMPONENTS(" xmlns:p=\"urn:p\" p:r=\"0\"",
        "<WRITER_COMPONENTS" IDS " p:a=\"1\"><COMPONENT componentName=\"n\""
        " componentType=\"filegroup\" p:b=\"2\"><p:X/></COMPONENT></WRITER_COMPONENTS>"));
    assert_int_equal(document_load_backup_components(text, str16_len(text), &document, NULL), S_OK);
    mem_free(text);
    assert_int_equal(
        document_save_writer_components(vec_at(&document->writers, 0), &text, NULL), S_OK);
    check_text(text,
        "<WRITER_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\"" IDS
        " xmlns:p=\"urn:p\" p:a=\"1\"><COMPONENT componentName=\"n\" componentType=\"filegroup\""
        " xmlns:p=\"urn:p\" p:b=\"2\"><p:X xmlns:p=\"urn:p\"/></COMPONENT></WRITER_COMPONENTS>");
    assert_int_equal(document_load_writer_components(text, str16_len(text), &writer, NULL), S_OK);
    writer_components_release(writer);
    backup_components_destroy(document);
    mem_free(text);
}

static void second_of_what_there_is_but_one_of_is_kept_unread(void **state)
{
    (void)state;
    static const char document[] = METADATA("",
        "<RESTORE_METHOD method=\"CUSTOM\" writerRestore=\"never\" rebootRequired=\"no\"/>"
        "<RESTORE_METHOD method=\"REPLACE_AT_REBOOT\" writerRestore=\"never\""
        " rebootRequired=\"no\"/>"
        "<IDENTIFICATION writerId=\"22222222-2222-3333-4444-555555555555\""
        " instanceId=\"77777777-7777-8888-9999-aaaaaaaaaaaa\" friendlyName=\"second\""
        " usage=\"USER_DATA\" dataSource=\"OTHER\" majorVersion=\"0\" minorVersion=\"0\"/>");
    check_resaved(WRITER_METADATA, document, document);
}

static void text_between_elements_is_kept_unless_it_is_white_space(void **state)
{
    (void)state;
    check_resaved(
        WRITER_METADATA, METADATA("", " \r\n odd &lt;text "), METADATA("", " \n odd &lt;text "));
    check_resaved(WRITER_METADATA, METADATA("", " \t\r\n "), METADATA("", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(unknown_attributes_and_elements_are_kept_at_every_level),
        leak_test(unknown_spelling_reads_as_undefined_and_is_written_again),
        leak_test(kept_spelling_gives_way_to_a_value_that_is_set_later),
        leak_test(values_of_another_form_under_names_of_ours_are_kept),
        leak_test(elements_of_another_shape_under_names_of_ours_are_kept),
        leak_test(numbers_of_another_form_under_names_of_ours_are_kept),
        leak_test(kept_value_of_another_form_gives_way_to_a_value_that_is_set_later),
        leak_test(known_name_in_another_namespace_is_unknown_content),
        leak_test(known_names_count_in_no_namespace_and_with_any_prefix_of_the_schema),
        leak_test(kept_piece_stays_in_the_namespace_in_which_it_stood),
        leak_test(part_of_one_writer_takes_along_the_declarations_it_needs),
        leak_test(second_of_what_there_is_but_one_of_is_kept_unread),
        leak_test(text_between_elements_is_kept_unless_it_is_white_space),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
