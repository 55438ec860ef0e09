/* SPDX-License-Identifier: MIT
 *
 * Documents shaped like Windows' own, built from the facts of writer-provider 5.2 to 5.4 (no sample
 * is copied): they load, and saving them again loses nothing.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "support/check_leaks.h"
#include "support/resave.h"

static struct writer_metadata *load_metadata(const char *utf8)
{
    struct writer_metadata *metadata = NULL;
    WCHAR *text = wide(utf8);
    assert_int_equal(document_load_writer_metadata(text, str16_len(text), &metadata, NULL), S_OK);
    mem_free(text);
    return metadata;
}

/* The System Writer of a server: one file group, 18,925 entries, 2.1 million characters. */
#define SYSTEM_FILES 18925

static WCHAR *system_writer_document(void)
{
    struct str16_builder builder = {0};
    str16_builder_add_ascii(&builder,
        "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\"><IDENTIFICATION"
        " writerId=\"e8132975-6f93-4464-a53e-1050253ae220\""
        " instanceId=\"0a1b2c3d-0000-1111-2222-333344445555\" friendlyName=\"System Writer\""
        " usage=\"BOOTABLE_SYSTEM_STATE\" dataSource=\"OTHER\" majorVersion=\"0\""
        " minorVersion=\"0\"/><RESTORE_METHOD method=\"REPLACE_AT_REBOOT\" writerRestore=\"never\""
        " rebootRequired=\"yes\"/><BACKUP_LOCATIONS><FILE_GROUP componentName=\"System Files\""
        " caption=\"System Files\" restoreMetadata=\"no\" notifyOnBackupComplete=\"no\""
        " selectable=\"no\" selectableForRestore=\"no\" componentFlags=\"0\">");
    for (unsigned i = 0; i < SYSTEM_FILES; i++)
    {
        char entry[256];
        snprintf(entry, sizeof(entry),
            "<FILE_LIST path=\"%%systemroot%%\\winsxs\\part_%05u\" filespec=\"%s%05u.mui\"%s"
            " filespecBackupType=\"3855\"/>",
            i / 7, i % 3 ? "resource" : "r", i, i % 40 ? "" : " recursive=\"yes\"");
        str16_builder_add_ascii(&builder, entry);
    }
    str16_builder_add_ascii(&builder, "</FILE_GROUP></BACKUP_LOCATIONS></WRITER_METADATA>");
    return str16_builder_take(&builder);
}

static void system_writer_with_18925_files_keeps_every_one_of_them(void **state)
{
    (void)state;
    struct writer_metadata *metadata = NULL;
    WCHAR *text = system_writer_document();
    size_t length = str16_len(text);
    assert_true(length > 1900000 && length < 2300000);
    assert_int_equal(document_load_writer_metadata(text, length, &metadata, NULL), S_OK);
    const struct metadata_component *component = vec_at(&metadata->components, 0);
    assert_int_equal(component->files.count, SYSTEM_FILES);
    unsigned recursive = 0;
    for (size_t i = 0; i < SYSTEM_FILES; i++)
    {
        const struct file_spec *file = vec_at(&component->files, i);
        recursive += file->recursive;
        assert_int_equal(file->backup_type_mask, 3855);
    }
    assert_int_equal(recursive, (SYSTEM_FILES + 39) / 40);
    const struct file_spec *last = vec_at(&component->files, SYSTEM_FILES - 1);
    check_text(last->path, "%systemroot%\\winsxs\\part_02703");
    check_text(last->filespec, "r18924.mui");

    WCHAR *saved = NULL;
    size_t saved_length = 0;
    assert_int_equal(document_save_writer_metadata(metadata, &saved, &saved_length), S_OK);
    assert_int_equal(saved_length, length);
    assert_memory_equal(saved, text, length * sizeof(WCHAR));
    writer_metadata_release(metadata);
    mem_free(saved);
    mem_free(text);
}

/* Stored express documents come with tabs, line ends, upper-case GUIDs and recursive="no". */
static void stored_express_document_loads(void **state)
{
    (void)state;
    struct writer_metadata *metadata = load_metadata(
        "<WRITER_METADATA version=\"1.2\" xmlns=\"x-schema:#VssWriterMetadataInfo\""
        " backupSchema=\"0\">\r\n\t<IDENTIFICATION writerId=\"D61D61C8-D73A-4EEE-8CDD-F6F9786B7124\""
        "\r\n\t\tinstanceId=\"1bddd48e-5052-49db-9b07-b96f96727e6b\" friendlyName=\"Task Writer\"\r\n"
        "\t\tusage=\"SYSTEM_SERVICE\" dataSource=\"OTHER\" majorVersion=\"1\" minorVersion=\"0\" />\r\n"
        "\t<RESTORE_METHOD method=\"REPLACE_AT_REBOOT_IF_CANNOT_REPLACE\" writerRestore=\"never\""
        " rebootRequired=\"no\"/>\r\n\t<BACKUP_LOCATIONS>\r\n\t\t<FILE_GROUP componentName=\"Tasks\""
        " caption=\"Tasks\" restoreMetadata=\"no\" notifyOnBackupComplete=\"no\" selectable=\"no\""
        " selectableForRestore=\"no\" componentFlags=\"0\">\r\n\t\t\t<FILE_LIST"
        " path=\"%windir%\\tasks\" filespec=\"*\" recursive=\"no\" filespecBackupType=\"3855\"/>\r\n"
        "\t\t</FILE_GROUP>\r\n\t</BACKUP_LOCATIONS>\r\n</WRITER_METADATA>\r\n");
    assert_int_equal(metadata->writer_id.Data1, 0xD61D61C8);
    assert_int_equal(metadata->instance_id.Data1, 0x1bddd48e);
    assert_int_equal(metadata->major_version, 1);
    assert_int_equal(metadata->restore_method->method, 6);
    const struct metadata_component *component = vec_at(&metadata->components, 0);
    const struct file_spec *file = vec_at(&component->files, 0);
    assert_false(file->recursive);
    assert_null(metadata->extra.children);
    assert_null(metadata->locations_extra.children);
    writer_metadata_release(metadata);
}

/* Disks and volumes are file groups without files; their captions hold raw line ends. */
static void asr_like_document_has_components_without_files(void **state)
{
    (void)state;
    struct writer_metadata *metadata = load_metadata(
        "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\"><IDENTIFICATION"
        " writerId=\"be000cbe-11fe-4426-9c58-531aa6355fc4\""
        " instanceId=\"0a1b2c3d-0000-1111-2222-333344445555\" friendlyName=\"ASR Writer\""
        " usage=\"BOOTABLE_SYSTEM_STATE\" dataSource=\"OTHER\" majorVersion=\"0\""
        " minorVersion=\"0\"/><BACKUP_LOCATIONS><FILE_GROUP logicalPath=\"Volumes\""
        " componentName=\"Volume{7e1d45f4}\" caption=\"This is the system volume.\r\nSize: 1\""
        " restoreMetadata=\"yes\" notifyOnBackupComplete=\"yes\" selectable=\"yes\""
        " selectableForRestore=\"yes\" componentFlags=\"0\"/><FILE_GROUP logicalPath=\"Disks\""
        " componentName=\"harddisk0\" restoreMetadata=\"yes\" notifyOnBackupComplete=\"yes\""
        " selectable=\"yes\" selectableForRestore=\"yes\" componentFlags=\"0\"></FILE_GROUP>"
        "</BACKUP_LOCATIONS></WRITER_METADATA>");
    assert_null(metadata->restore_method);
    assert_int_equal(metadata->components.count, 2);
    const struct metadata_component *volume = vec_at(&metadata->components, 0);
    assert_int_equal(volume->files.count, 0);
    /* XML turns a raw line end of an attribute into a space. */
    check_text(volume->caption, "This is the system volume. Size: 1");
    const struct metadata_component *disk = vec_at(&metadata->components, 1);
    assert_null(disk->caption);
    writer_metadata_release(metadata);
}

/* NTDS: a database with its files and logs, an empty caption, no recursive. */
static void directory_service_document_has_its_databases(void **state)
{
    (void)state;
    static const char document[] =
        "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\"><IDENTIFICATION"
        " writerId=\"b2014c9e-8711-4c5c-a5a9-3cf384484757\""
        " instanceId=\"0a1b2c3d-0000-1111-2222-333344445555\" friendlyName=\"NTDS\""
        " usage=\"BOOTABLE_SYSTEM_STATE\" dataSource=\"TRANSACTION_DB\" majorVersion=\"0\""
        " minorVersion=\"0\"/><RESTORE_METHOD method=\"RESTORE_IF_CAN_BE_REPLACED\""
        " writerRestore=\"always\" rebootRequired=\"yes\"/><BACKUP_LOCATIONS>"
        "<DATABASE logicalPath=\"C:_Windows_NTDS\" componentName=\"ntds\" caption=\"\""
        " restoreMetadata=\"no\" notifyOnBackupComplete=\"yes\" selectable=\"no\""
        " selectableForRestore=\"no\" componentFlags=\"3\">"
        "<DATABASE_FILES path=\"C:\\Windows\\NTDS\" filespec=\"ntds.dit\""
        " filespecBackupType=\"3855\"/><DATABASE_LOGFILES path=\"C:\\Windows\\NTDS\""
        " filespec=\"edb*.log\" filespecBackupType=\"3855\"/></DATABASE>"
        "<EXCLUDE_FILES path=\"C:\\Windows\\NTDS\" filespec=\"temp.edb\" recursive=\"no\"/>"
        "</BACKUP_LOCATIONS></WRITER_METADATA>";
    check_resaved(WRITER_METADATA, document, document);
    struct writer_metadata *metadata = load_metadata(document);
    const struct metadata_component *database = vec_at(&metadata->components, 0);
    assert_int_equal(database->type, COMPONENT_TYPE_DATABASE);
    assert_int_equal(database->flags, 3);
    assert_int_equal(database->database_files.count, 1);
    assert_int_equal(database->log_files.count, 1);
    assert_int_equal(metadata->exclude_files.count, 1);
    writer_metadata_release(metadata);
}

#define WRITER(n, attributes, content)                                                             \
    "<WRITER_COMPONENTS" attributes " instanceId=\"" n "0000000-0000-0000-0000-000000000000\""     \
    " writerId=\"" n "1111111-0000-0000-0000-000000000000\" backupSchema=\"0\">" content           \
    "</WRITER_COMPONENTS>"
#define ROOT                                                                                       \
    "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\""                  \
    " bootableSystemStateBackup=\"yes\" selectComponents=\"yes\" backupType=\"full\""              \
    " partialFileSupport=\"no\" snapshotSetId=\"0a1b2c3d-0000-1111-2222-333344445555\">"
#define GROUP(name) "<COMPONENT componentName=\"" name "\" componentType=\"filegroup\"/>"
#define SQL(attributes)                                                                             \
    "<WRITER_COMPONENTS" attributes " instanceId=\"80000000-0000-0000-0000-000000000000\""          \
    " writerId=\"a65faa63-5ea8-4ebc-9dbd-a0c4db26912a\""                                            \
    " instanceName=\"Microsoft SQL Server 2017:SQLWriter\" backupSchema=\"881\">"                   \
    "<COMPONENT logicalPath=\"SERVER\" componentName=\"master\" componentType=\"database\""         \
    " backupStamp=\"AQAAAKn+/w==\"><BACKUP_METADATA xmlns=\"\" metadata=\"PABEAEIA\"/></COMPONENT>" \
    "<COMPONENT logicalPath=\"SERVER\" componentName=\"model\" componentType=\"database\""          \
    " backupStamp=\"AQAAAKn+/g==\"><BACKUP_METADATA xmlns=\"\" metadata=\"PABEAEIB\"/></COMPONENT>" \
    "</WRITER_COMPONENTS>"
#define SEVEN_WRITERS                                                                              \
    WRITER("1", "", GROUP("System Files"))                                                         \
    WRITER("2", "", GROUP("Registry"))                                                             \
    WRITER("3", "",                                                                                \
        "<COMPONENT logicalPath=\"Disks\" componentName=\"harddisk0\""                             \
        " componentType=\"filegroup\" componentCaption=\"c\"/>")                                   \
    WRITER("4", "", GROUP("COM+ REGDB"))                                                           \
    WRITER("5", "", GROUP("WMI"))                                                                  \
    WRITER("6", "", GROUP("Tasks"))                                                                \
    WRITER("7", "", GROUP("WriterMetadataStore"))

/* Eight writers; the block of the last was changed by its writer, which shows in the odd xmlns. */
static void components_document_of_eight_writers_is_understood(void **state)
{
    (void)state;
    struct backup_components *document = NULL;
    WCHAR *text = wide(
        ROOT SEVEN_WRITERS SQL(" xmlns=\"x-schema:#VssComponentMetadata\"") "</BACKUP_COMPONENTS>");
    assert_int_equal(document_load_backup_components(text, str16_len(text), &document, NULL), S_OK);
    mem_free(text);
    assert_int_equal(document->writers.count, 8);
    assert_true(document->bootable_system_state);
    assert_int_equal(document->snapshot_set_id.Data1, 0x0a1b2c3d);
    const struct writer_components *first = vec_at(&document->writers, 0);
    const struct component *component = vec_at(&first->components, 0);
    assert_null(component->logical_path);
    check_text(component->name, "System Files");
    const struct writer_components *sql = vec_at(&document->writers, 7);
    check_text(sql->instance_name, "Microsoft SQL Server 2017:SQLWriter");
    assert_int_equal(sql->backup_schema, 881);
    component = writer_components_find(sql, L"SERVER", L"model");
    check_text(component->backup_stamp, "AQAAAKn+/g==");
    check_text(component->backup_metadata, "PABEAEIB");
    backup_components_destroy(document);

    check_resaved(BACKUP_COMPONENTS,
        ROOT SEVEN_WRITERS SQL(" xmlns=\"x-schema:#VssComponentMetadata\"") "</BACKUP_COMPONENTS>",
        ROOT SEVEN_WRITERS SQL("") "</BACKUP_COMPONENTS>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(system_writer_with_18925_files_keeps_every_one_of_them),
        leak_test(stored_express_document_loads),
        leak_test(asr_like_document_has_components_without_files),
        leak_test(directory_service_document_has_its_databases),
        leak_test(components_document_of_eight_writers_is_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
