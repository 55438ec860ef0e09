/* SPDX-License-Identifier: MIT
 *
 * The Backup Components Document. Expected texts are typed from writer-provider 5.2 and 5.4; where
 * a name in them is ours (document_names.h), the test says so.
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

#define ROOT_ATTRIBUTES                                                                            \
    " bootableSystemStateBackup=\"no\" selectComponents=\"yes\" backupType=\"full\""               \
    " partialFileSupport=\"no\""
#define ROOT(attributes, content)                                                                  \
    "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\"" attributes       \
    ">" content "</BACKUP_COMPONENTS>"
#define WRITER_ATTRIBUTES                                                                          \
    " instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\""                                         \
    " writerId=\"11111111-2222-3333-4444-555555555555\" backupSchema=\"0\""
#define WRITER(content)                                                                            \
    ROOT(ROOT_ATTRIBUTES, "<WRITER_COMPONENTS" WRITER_ATTRIBUTES ">" content "</WRITER_COMPONENTS>")

static struct backup_components *load(const char *utf8)
{
    struct backup_components *document = NULL;
    WCHAR *text = wide(utf8);
    assert_int_equal(document_load_backup_components(text, str16_len(text), &document, NULL), S_OK);
    mem_free(text);
    return document;
}

static void check_saved(const struct backup_components *document, const char *expected)
{
    WCHAR *text = NULL;
    size_t length = 0;
    assert_int_equal(document_save_backup_components(document, &text, &length), S_OK);
    assert_int_equal(length, str16_len(text));
    check_text(text, expected);
    mem_free(text);
}

/* A document with one writer; *component is its only one. */
static struct backup_components *one_component(struct component **component)
{
    GUID instance, writer;
    struct backup_components *document = backup_components_create();
    assert_true(guid_from_text(L"66666666-7777-8888-9999-AAAAAAAAAAAA", &instance));
    assert_true(guid_from_text(L"11111111-2222-3333-4444-555555555555", &writer));
    document->select_components = true;
    document->backup_type = 1;
    assert_int_equal(backup_components_add(document, &instance, &writer, NULL, 0,
                         COMPONENT_TYPE_FILEGROUP, NULL, L"n"),
        S_OK);
    struct writer_components *entry = vec_at(&document->writers, 0);
    *component = vec_at(&entry->components, 0);
    return document;
}

static void wrong_root_or_namespace_is_invalid(void **state)
{
    (void)state;
    check_refused(BACKUP_COMPONENTS,
        "<WRITER_METADATA xmlns=\"x-schema:#VssComponentMetadata\"></WRITER_METADATA>");
    check_refused(BACKUP_COMPONENTS,
        "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssWriterMetadataInfo\"></BACKUP_COMPONENTS>");
    check_refused(BACKUP_COMPONENTS, "<BACKUP_COMPONENTS></BACKUP_COMPONENTS>");
    check_refused(BACKUP_COMPONENTS, ROOT(" version=\"1.2\"", ""));
}

static void missing_ids_and_names_and_bad_values_are_invalid(void **state)
{
    (void)state;
    check_refused(BACKUP_COMPONENTS, ROOT(" selectComponents=\"1\"", ""));
    check_refused(BACKUP_COMPONENTS, ROOT(" snapshotSetId=\"\"", ""));
    check_refused(BACKUP_COMPONENTS, ROOT("", "<WRITER_COMPONENTS/>"));
    check_refused(BACKUP_COMPONENTS,
        ROOT("", "<WRITER_COMPONENTS instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\"/>"));
    check_refused(BACKUP_COMPONENTS, WRITER("<COMPONENT componentType=\"filegroup\"/>"));
}

static void empty_document_has_its_root_attributes_in_windows_order(void **state)
{
    (void)state;
    struct backup_components *document = backup_components_create();
    document->bootable_system_state = true;
    document->select_components = true;
    document->backup_type = 1;
    document->partial_file_support = true;
    check_saved(document,
        "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\""
        " bootableSystemStateBackup=\"yes\" selectComponents=\"yes\" backupType=\"full\""
        " partialFileSupport=\"yes\"/>");
    assert_true(
        guid_from_text(L"{E8132975-6F93-4464-A53E-1050253AE220}", &document->snapshot_set_id));
    check_saved(document,
        "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\""
        " bootableSystemStateBackup=\"yes\" selectComponents=\"yes\" backupType=\"full\""
        " partialFileSupport=\"yes\" snapshotSetId=\"e8132975-6f93-4464-a53e-1050253ae220\"/>");
    backup_components_destroy(document);
}

static void every_backup_type_has_a_spelling(void **state)
{
    (void)state;
    /* All but the second are ours. */
    static const char *const spellings[] = {
        "undefined", "full", "incremental", "differential", "log", "copy", "other"};
    for (DWORD type = 0; type < 7; type++)
    {
        char expected[512];
        snprintf(expected, sizeof(expected),
            "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\""
            " bootableSystemStateBackup=\"no\" selectComponents=\"no\" backupType=\"%s\""
            " partialFileSupport=\"no\"/>",
            spellings[type]);
        struct backup_components *document = load(expected);
        assert_int_equal(document->backup_type, type);
        check_saved(document, expected);
        backup_components_destroy(document);
    }
}

static void writer_schema_is_written_even_when_there_is_none(void **state)
{
    (void)state;
    struct component *component = NULL;
    struct backup_components *document = one_component(&component);
    static const char expected[] = WRITER(
        "<COMPONENT componentName=\"n\" componentType=\"filegroup\"/>");
    check_saved(document, expected);
    check_resaved(BACKUP_COMPONENTS, expected, expected);
    backup_components_destroy(document);
}

static void writer_attributes_and_types_are_read_and_written(void **state)
{
    (void)state;
    static const char document[] = ROOT(ROOT_ATTRIBUTES,
        "<WRITER_COMPONENTS instanceId=\"66666666-7777-8888-9999-aaaaaaaaaaaa\""
        " writerId=\"a65faa63-5ea8-4ebc-9dbd-a0c4db26912a\""
        " instanceName=\"Microsoft SQL Server 2017:SQLWriter\" backupSchema=\"881\">"
        "<COMPONENT logicalPath=\"SERVER\" componentName=\"master\" componentType=\"database\""
        " componentCaption=\"c\" backupStamp=\"BkS==\"/>"
        "<COMPONENT componentName=\"n\" componentType=\"filegroup\"/></WRITER_COMPONENTS>");
    check_resaved(BACKUP_COMPONENTS, document, document);
    struct backup_components *loaded = load(document);
    const struct writer_components *writer = vec_at(&loaded->writers, 0);
    check_text(writer->instance_name, "Microsoft SQL Server 2017:SQLWriter");
    assert_int_equal(writer->backup_schema, 881);
    const struct component *component = writer_components_find(writer, L"SERVER", L"master");
    assert_int_equal(component->type, COMPONENT_TYPE_DATABASE);
    check_text(component->caption, "c");
    check_text(component->backup_stamp, "BkS==");
    component = writer_components_find(writer, NULL, L"n");
    assert_int_equal(component->type, COMPONENT_TYPE_FILEGROUP);
    assert_null(component->logical_path);
    assert_null(component->backup_stamp);
    backup_components_destroy(loaded);
}

static void backup_metadata_stands_in_no_namespace_and_is_found_in_either(void **state)
{
    (void)state;
    static const char written[] = WRITER(
        "<COMPONENT componentName=\"n\" componentType=\"filegroup\">"
        "<BACKUP_METADATA xmlns=\"\" metadata=\"TWV0YQ==\"/></COMPONENT>");
    check_resaved(BACKUP_COMPONENTS, written, written);
    check_resaved(BACKUP_COMPONENTS,
        WRITER("<COMPONENT componentName=\"n\" componentType=\"filegroup\">"
               "<BACKUP_METADATA metadata=\"TWV0YQ==\"/></COMPONENT>"),
        written);
    /* A block that its writer changed: Windows repeats the schema's namespace on it. */
    check_resaved(BACKUP_COMPONENTS,
        ROOT(ROOT_ATTRIBUTES,
            "<WRITER_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\"" WRITER_ATTRIBUTES ">"
            "<COMPONENT componentName=\"n\" componentType=\"filegroup\">"
            "<BACKUP_METADATA xmlns=\"\" metadata=\"TWV0YQ==\"/></COMPONENT></WRITER_COMPONENTS>"),
        written);
}

static void metadata_that_is_xml_survives_exactly(void **state)
{
    (void)state;
    static const char *const texts[] = {"<a b=\"c\" d='e'>\r\n\t&amp; &#10;</a>\n", "\"", "\r",
        "\n", "", "a&b<c>d", "\xF0\x9F\x98\x80"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        struct component *component = NULL;
        struct backup_components *document = one_component(&component);
        WCHAR *saved = NULL;
        size_t length = 0;
        component->backup_metadata = wide(texts[i]);
        component->restore_metadata = wide(texts[i]);
        assert_int_equal(document_save_backup_components(document, &saved, &length), S_OK);
        backup_components_destroy(document);
        assert_int_equal(document_load_backup_components(saved, length, &document, NULL), S_OK);
        const struct writer_components *writer = vec_at(&document->writers, 0);
        component = vec_at(&writer->components, 0);
        check_text(component->backup_metadata, texts[i]);
        check_text(component->restore_metadata, texts[i]);
        backup_components_destroy(document);
        mem_free(saved);
    }
}

/* All names in it but COMPONENT's first three are ours. */
static const char everything[] = WRITER(
    "<COMPONENT componentName=\"n\" componentType=\"filegroup\" backupStamp=\"s\""
    " previousBackupStamp=\"ps\" backupOptions=\"bo\" backupSucceeded=\"no\""
    " prepareForBackupFailureMsg=\"f1\" postSnapshotFailureMsg=\"f2\" selectedForRestore=\"yes\""
    " additionalRestores=\"yes\" restoreOptions=\"ro\" restoreTarget=\"directed\""
    " fileRestoreStatus=\"failed\" authoritativeRestore=\"yes\" rollForward=\"partial\""
    " rollForwardPoint=\"pt\" restoreName=\"rn\""
    " restoreInstanceId=\"e8132975-6f93-4464-a53e-1050253ae220\" preRestoreFailureMsg=\"f3\""
    " postRestoreFailureMsg=\"f4\">"
    "<BACKUP_METADATA xmlns=\"\" metadata=\"bm\"/><RESTORE_METADATA metadata=\"rm\"/>"
    "<FAILURE hresult=\"0x800423f3\" applicationHresult=\"0x80070005\" message=\"m\"/>"
    "<DIFFERENCED_FILE path=\"p\" filespec=\"*.log\" recursive=\"yes\""
    " lastModifyTime=\"132537600000000001\"/>"
    "<PARTIAL_FILE path=\"p\" filespec=\"a.mdf\" ranges=\"0x10:0x20,48:16\" metadata=\"\"/>"
    "<PARTIAL_FILE path=\"p\" filespec=\"b.mdf\" ranges=\"0:1\"/>"
    "<DIRECTED_TARGET sourcePath=\"1\" sourceFile=\"2\" sourceRanges=\"3\" destinationPath=\"4\""
    " destinationFile=\"5\" destinationRanges=\"6\"/>"
    "<NEW_TARGET path=\"p\" filespec=\"f\" recursive=\"no\" alternatePath=\"q\"/>"
    "<RESTORE_SUBCOMPONENT logicalPath=\"l\" componentName=\"c\" repair=\"no\"/>"
    "<USED_ALTERNATE_LOCATION_MAPPING path=\"p\" filespec=\"f\" recursive=\"yes\" alternatePath=\"q\"/>"
    "<DIFFERENCED_FILE path=\"p\" filespec=\"g\" recursive=\"no\" lastModifyTime=\"0\"/>"
    "</COMPONENT>");

static void everything_a_component_can_hold_survives(void **state)
{
    (void)state;
    check_resaved(BACKUP_COMPONENTS, everything, everything);
    struct backup_components *document = load(everything);
    const struct writer_components *writer = vec_at(&document->writers, 0);
    const struct component *component = vec_at(&writer->components, 0);
    assert_int_equal(component->backup_succeeded, ANSWER_NO);
    assert_int_equal(component->additional_restores, ANSWER_YES);
    assert_true(component->selected_for_restore);
    assert_int_equal(component->restore_target, 3);
    assert_int_equal(component->file_restore_status, 3);
    assert_true(component->authoritative_restore);
    assert_int_equal(component->roll_forward, 3);
    check_text(component->roll_forward_point, "pt");
    assert_int_equal(component->restore_instance_id.Data1, 0xe8132975);
    assert_true(component->failure.set);
    assert_int_equal((DWORD)component->failure.writer, 0x800423f3);
    assert_int_equal((DWORD)component->failure.application, 0x80070005);
    check_text(component->failure.message, "m");
    check_text(component->post_snapshot_failure, "f2");
    const struct partial_file *partial = vec_at(&component->partial_files, 0);
    check_text(partial->ranges, "0x10:0x20,48:16");
    check_text(partial->metadata, "");
    partial = vec_at(&component->partial_files, 1);
    assert_null(partial->metadata);
    const struct differenced_file *file = vec_at(&component->differenced_files, 0);
    /* 132537600000000001 */
    assert_int_equal(file->last_modified.dwHighDateTime, 30858814);
    assert_int_equal(file->last_modified.dwLowDateTime, 3076653057u);
    const struct file_spec *target = vec_at(&component->new_targets, 0);
    check_text(target->alternate_path, "q");
    assert_int_equal(target->backup_type_mask, 3855);
    backup_components_destroy(document);
}

static void unset_answers_and_defaults_are_not_written_but_given_ones_are(void **state)
{
    (void)state;
    struct component *component = NULL;
    struct backup_components *document = one_component(&component);
    component->additional_restores = ANSWER_NO;
    component->failure.set = true; /* S_OK, without a message */
    check_saved(document,
        WRITER("<COMPONENT componentName=\"n\" componentType=\"filegroup\""
               " additionalRestores=\"no\"><FAILURE hresult=\"0x00000000\""
               " applicationHresult=\"0x00000000\"/></COMPONENT>"));
    backup_components_destroy(document);
}

static void restore_type_is_written_once_it_was_set(void **state)
{
    (void)state;
    /* restoreType is ours. */
    static const char *const spellings[] = {"byCopy", "import", "other"};
    for (DWORD type = 1; type <= 3; type++)
    {
        char expected[512];
        snprintf(expected, sizeof(expected),
            "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\""
            " bootableSystemStateBackup=\"no\" selectComponents=\"no\" backupType=\"undefined\""
            " partialFileSupport=\"no\" restoreType=\"%s\"/>",
            spellings[type - 1]);
        struct backup_components *document = backup_components_create();
        document->restore_type = type;
        check_saved(document, expected);
        backup_components_destroy(document);
        check_resaved(BACKUP_COMPONENTS, expected, expected);
    }
}

static void part_of_one_writer_is_a_document_of_its_own(void **state)
{
    (void)state;
    static const char part[] =
        "<WRITER_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\"" WRITER_ATTRIBUTES ">"
        "<COMPONENT componentName=\"n\" componentType=\"filegroup\">"
        "<BACKUP_METADATA xmlns=\"\" metadata=\"m\"/></COMPONENT></WRITER_COMPONENTS>";
    check_resaved(WRITER_COMPONENTS, part, part);
    check_refused(WRITER_COMPONENTS, "<WRITER_COMPONENTS" WRITER_ATTRIBUTES "/>");
    check_refused(WRITER_COMPONENTS, ROOT("", ""));
    check_refused(BACKUP_COMPONENTS, part);
}

static void two_components_of_one_key_both_survive_and_the_first_is_found(void **state)
{
    (void)state;
    static const char twice[] = WRITER(
        "<COMPONENT componentName=\"n\" componentType=\"filegroup\"/>"
        "<COMPONENT logicalPath=\"\" componentName=\"n\" componentType=\"database\"/>");
    check_resaved(BACKUP_COMPONENTS, twice, twice);
    struct backup_components *document = load(twice);
    const struct writer_components *writer = vec_at(&document->writers, 0);
    assert_ptr_equal(writer_components_find(writer, NULL, L"n"), vec_at(&writer->components, 0));
    backup_components_destroy(document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(wrong_root_or_namespace_is_invalid),
        leak_test(missing_ids_and_names_and_bad_values_are_invalid),
        leak_test(empty_document_has_its_root_attributes_in_windows_order),
        leak_test(every_backup_type_has_a_spelling),
        leak_test(writer_schema_is_written_even_when_there_is_none),
        leak_test(writer_attributes_and_types_are_read_and_written),
        leak_test(backup_metadata_stands_in_no_namespace_and_is_found_in_either),
        leak_test(metadata_that_is_xml_survives_exactly),
        leak_test(everything_a_component_can_hold_survives),
        leak_test(unset_answers_and_defaults_are_not_written_but_given_ones_are),
        leak_test(restore_type_is_written_once_it_was_set),
        leak_test(part_of_one_writer_is_a_document_of_its_own),
        leak_test(two_components_of_one_key_both_survive_and_the_first_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
