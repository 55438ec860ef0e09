/* SPDX-License-Identifier: MIT
 *
 * Express writers: registered once, found by every requestor without a process of theirs, always
 * stable, passed on as they were given (writer-provider 4.5, 9.66; requestor 7.6).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "scenario/cli_process.h"
#include "support/backup.h"
#include "support/scripted_writer.h"
#include "support/test_volume.h"

/* The exported function behind the SDK's inline CreateVssExpressWriter. */
HRESULT STDAPICALLTYPE CreateVssExpressWriterInternal(IVssExpressWriter **writer);

static const VSS_ID class_id = {
    0xab120034, 0x5678, 0x4abc, {0x9d, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab}};
static const VSS_ID instance_id = {
    0x77770000, 0x1111, 0x4222, {0x83, 0x33, 0x44, 0x44, 0x55, 0x55, 0x66, 0x66}};
static const VSS_ID other_class = {0xcd340012, 0x1111, 0x4111, {0x81, 1, 1, 1, 1, 1, 1, 1}};

/* As somebody writes it by hand: line breaks, tabs, capital letters, what nobody knows. */
#define STORED                                                                                     \
    L"<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\">\r\n"             \
    L"\t<!-- by hand -->\r\n"                                                                      \
    L"\t<IDENTIFICATION writerId=\"AB120034-5678-4abc-9DEF-0123456789ab\" "                        \
    L"instanceId=\"77770000-1111-4222-8333-444455556666\"\r\n\t\t"                                 \
    L"friendlyName=\"Stored \x00e4\x4e2d\" "                                                       \
    L"usage=\"SYSTEM_SERVICE\" dataSource=\"OTHER\" majorVersion=\"2\" minorVersion=\"1\"/>\r\n"   \
    L"\t<RESTORE_METHOD method=\"RESTORE_IF_CAN_BE_REPLACED\" writerRestore=\"never\" "            \
    L"rebootRequired=\"no\"/>\r\n"                                                                 \
    L"\t<BACKUP_LOCATIONS>\r\n\t\t<FILE_GROUP componentName=\"stored\" restoreMetadata=\"no\" "    \
    L"notifyOnBackupComplete=\"no\" selectable=\"yes\" selectableForRestore=\"no\" "               \
    L"componentFlags=\"0\" strange=\"yes\">\r\n\t\t\t<FILE_LIST path=\"%SystemRoot%\" "            \
    L"filespec=\"win.ini\" recursive=\"no\" filespecBackupType=\"3855\"/>\r\n\t\t</FILE_GROUP>"    \
    L"\r\n\t</BACKUP_LOCATIONS>\r\n</WRITER_METADATA>\r\n"

struct fixture
{
    IVssExpressWriter *express;
    struct backup backup;
    struct test_volume volume;
    LONG live_blocks;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.live_blocks = ThawlineGetLiveBlocks()};
    assert_hr(CreateVssExpressWriterInternal(&fixture.express), S_OK);
    *state = &fixture;
    return 0;
}

/* What a failed test has left registered is not the next one's. */
static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    backup_release(&fixture->backup);
    IVssExpressWriter_Unregister(fixture->express, class_id);
    IVssExpressWriter_Unregister(fixture->express, other_class);
    IVssExpressWriter_Release(fixture->express);
    test_volume_remove(&fixture->volume);
    ThawlineSetOption(L"PROVIDER", NULL);
    ThawlineSetOption(L"CLONE_ROOTS", NULL);
    LONG more = ThawlineGetLiveBlocks() - fixture->live_blocks;
    if (more)
        print_error("%ld blocks were not given back\n", more);
    return more ? -1 : 0;
}

static void register_stored(struct fixture *fixture)
{
    assert_hr(IVssExpressWriter_LoadMetadata(fixture->express, STORED, 0), S_OK);
    assert_hr(IVssExpressWriter_Register(fixture->express), S_OK);
}

/* The document that the requestor has of this class; NULL: none. */
static IVssExamineWriterMetadata *find_metadata(
    struct backup *backup, const VSS_ID *wanted, VSS_ID *instance)
{
    UINT count = 0;
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(backup->components, &count), S_OK);
    for (UINT i = 0; i < count; i++)
    {
        IVssExamineWriterMetadata *metadata = NULL;
        VSS_ID writer;
        VSS_USAGE_TYPE usage;
        VSS_SOURCE_TYPE source;
        BSTR name = NULL;
        assert_hr(
            IVssBackupComponents_GetWriterMetadata(backup->components, i, instance, &metadata),
            S_OK);
        assert_hr(IVssExamineWriterMetadata_GetIdentity(
                      metadata, instance, &writer, &name, &usage, &source),
            S_OK);
        SysFreeString(name);
        if (IsEqualGUID(&writer, wanted))
            return metadata;
        IVssExamineWriterMetadata_Release(metadata);
    }
    return NULL;
}

static BOOL is_found(const VSS_ID *wanted, VSS_ID *instance)
{
    struct backup backup;
    backup_begin(&backup, FALSE);
    IVssExamineWriterMetadata *metadata = find_metadata(&backup, wanted, instance);
    if (metadata)
        IVssExamineWriterMetadata_Release(metadata);
    backup_release(&backup);
    return metadata != NULL;
}

/* ---- Registration ---- */

static void a_stored_document_is_passed_on_as_it_is(void **state)
{
    struct fixture *fixture = *state;
    VSS_ID instance;
    BSTR text = NULL;
    UINT included = 0;
    UINT excluded = 0;
    UINT components = 0;
    register_stored(fixture);
    backup_begin(&fixture->backup, TRUE);
    IVssExamineWriterMetadata *metadata = find_metadata(&fixture->backup, &class_id, &instance);
    assert_non_null(metadata);
    assert_true(IsEqualGUID(&instance, &instance_id));
    assert_hr(
        IVssExamineWriterMetadata_GetFileCounts(metadata, &included, &excluded, &components), S_OK);
    assert_int_equal(components, 1);
    assert_hr(IVssExamineWriterMetadata_SaveAsXML(metadata, &text), S_OK);
    assert_int_equal(wcscmp(text, STORED), 0);
    SysFreeString(text);
    IVssExamineWriterMetadata_Release(metadata);
    assert_hr(IVssExpressWriter_Unregister(fixture->express, class_id), S_OK);
}

static void what_is_created_is_found_until_it_is_unregistered(void **state)
{
    struct fixture *fixture = *state;
    IVssCreateExpressWriterMetadata *created = NULL;
    VSS_ID first;
    VSS_ID second;
    assert_hr(IVssExpressWriter_CreateMetadata(
                  fixture->express, other_class, L"Created", VSS_UT_USERDATA, 3, 4, 0, &created),
        S_OK);
    assert_hr(IVssCreateExpressWriterMetadata_AddComponent(created, VSS_CT_FILEGROUP, NULL,
                  L"files", NULL, NULL, 0, FALSE, FALSE, TRUE, FALSE, 0),
        S_OK);
    assert_hr(IVssCreateExpressWriterMetadata_AddFilesToFileGroup(
                  created, NULL, L"files", L"%SystemRoot%", L"*.ini", FALSE, NULL, 0xF0F),
        S_OK);
    assert_false(is_found(&other_class, &first));
    assert_hr(IVssExpressWriter_Register(fixture->express), S_OK);
    IVssCreateExpressWriterMetadata_Release(created);
    assert_true(is_found(&other_class, &first));
    assert_true(is_found(&other_class, &second));
    assert_true(IsEqualGUID(&first, &second));
    assert_false(IsEqualGUID(&first, &GUID_NULL));
    assert_hr(IVssExpressWriter_Unregister(fixture->express, other_class), S_OK);
    assert_false(is_found(&other_class, &first));
}

static void register_and_unregister_answer_as_documented(void **state)
{
    struct fixture *fixture = *state;
    IVssExpressWriter *other = NULL;
    assert_hr(IVssExpressWriter_Register(fixture->express), VSS_E_BAD_STATE);
    assert_hr(IVssExpressWriter_Unregister(fixture->express, class_id), VSS_E_OBJECT_NOT_FOUND);
    register_stored(fixture);
    assert_hr(IVssExpressWriter_Register(fixture->express), VSS_E_OBJECT_ALREADY_EXISTS);
    assert_hr(CreateVssExpressWriterInternal(&other), S_OK);
    assert_hr(IVssExpressWriter_Register(other), VSS_E_BAD_STATE);
    assert_hr(IVssExpressWriter_LoadMetadata(other, STORED, 0), S_OK);
    assert_hr(IVssExpressWriter_Register(other), VSS_E_OBJECT_ALREADY_EXISTS);
    assert_hr(IVssExpressWriter_Unregister(other, other_class), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssExpressWriter_Unregister(other, class_id), S_OK);
    assert_hr(IVssExpressWriter_Unregister(other, class_id), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssExpressWriter_Register(other), S_OK);
    assert_hr(IVssExpressWriter_Unregister(fixture->express, class_id), S_OK);
    IVssExpressWriter_Release(other);
}

static void bad_arguments_are_refused_and_change_nothing(void **state)
{
    struct fixture *fixture = *state;
    static const WCHAR control[] = {L'a', 1, 0};
    static const struct
    {
        BOOL null_id;
        const WCHAR *name;
        int usage;
        DWORD reserved;
    } rows[] = {{TRUE, L"x", VSS_UT_USERDATA, 0}, {FALSE, NULL, VSS_UT_USERDATA, 0},
        {FALSE, control, VSS_UT_USERDATA, 0}, {FALSE, L"x", VSS_UT_UNDEFINED, 0},
        {FALSE, L"x", VSS_UT_OTHER, 0}, {FALSE, L"x", 5, 0}, {FALSE, L"x", VSS_UT_USERDATA, 1}};
    static const WCHAR *const broken[] = {L"", L"not XML", L"<WRITER_METADATA/>",
        L"<OTHER xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\"/>",
        L"<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\">"
        L"<IDENTIFICATION writerId=\"00000000-0000-0000-0000-000000000000\" "
        L"instanceId=\"77770000-1111-4222-8333-444455556666\" friendlyName=\"x\" "
        L"usage=\"USER_DATA\" dataSource=\"OTHER\" majorVersion=\"0\" minorVersion=\"0\"/>"
        L"</WRITER_METADATA>",
        L"<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\">"
        L"<IDENTIFICATION writerId=\"77770000-1111-4222-8333-444455556666\" "
        L"instanceId=\"00000000-0000-0000-0000-000000000000\" friendlyName=\"x\" "
        L"usage=\"USER_DATA\" dataSource=\"OTHER\" majorVersion=\"0\" minorVersion=\"0\"/>"
        L"</WRITER_METADATA>"};
    VSS_ID instance;
    assert_hr(IVssExpressWriter_LoadMetadata(fixture->express, STORED, 0), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        IVssCreateExpressWriterMetadata *out = (void *)1;
        assert_hr(IVssExpressWriter_CreateMetadata(fixture->express,
                      rows[i].null_id ? GUID_NULL : other_class, rows[i].name,
                      (VSS_USAGE_TYPE)rows[i].usage, 0, 0, rows[i].reserved, &out),
            E_INVALIDARG);
        assert_null(out);
    }
    assert_hr(IVssExpressWriter_CreateMetadata(
                  fixture->express, other_class, L"x", VSS_UT_USERDATA, 0, 0, 0, NULL),
        E_INVALIDARG);
    assert_hr(IVssExpressWriter_LoadMetadata(fixture->express, NULL, 0), E_INVALIDARG);
    assert_hr(IVssExpressWriter_LoadMetadata(fixture->express, STORED, 1), E_INVALIDARG);
    for (size_t i = 0; i < ARRAYSIZE(broken); i++)
        assert_hr(IVssExpressWriter_LoadMetadata(fixture->express, broken[i], 0),
            VSS_E_INVALID_XML_DOCUMENT);
    /* What was loaded first is still what is registered. */
    assert_hr(IVssExpressWriter_Register(fixture->express), S_OK);
    assert_true(is_found(&class_id, &instance));
    assert_hr(IVssExpressWriter_Unregister(fixture->express, class_id), S_OK);
}

/* ---- In a backup ---- */

static void it_takes_part_in_a_backup_is_stable_and_disturbs_nobody(void **state)
{
    struct fixture *fixture = *state;
    struct scripted_writer local = {.name = L"local", .id = other_class, .components = 1};
    struct backup *backup = &fixture->backup;
    VSS_WRITER_STATE stands = VSS_WS_UNKNOWN;
    register_stored(fixture);
    scripted_writer_start(&local);
    backup_begin(backup, TRUE);
    backup_add_component(backup, local.instance_id, local.id, L"data0");
    assert_hr(IVssBackupComponents_AddComponent(
                  backup->components, instance_id, class_id, VSS_CT_FILEGROUP, NULL, L"stored"),
        S_OK);
    backup_start_set(backup);
    backup_prepare(backup);
    backup_gather_status(backup);
    assert_hr(backup_writer_status(backup, instance_id, &stands), S_OK);
    assert_int_equal(stands, VSS_WS_STABLE);
    assert_hr(backup_snapshot(backup), VSS_S_ASYNC_FINISHED);
    backup_gather_status(backup);
    assert_hr(backup_writer_status(backup, instance_id, &stands), S_OK);
    assert_int_equal(stands, VSS_WS_STABLE);
    assert_hr(backup_writer_status(backup, local.instance_id, &stands), S_OK);
    assert_int_equal(stands, VSS_WS_WAITING_FOR_BACKUP_COMPLETE);
    assert_hr(backup_complete(backup), VSS_S_ASYNC_FINISHED);
    backup_gather_status(backup);
    assert_hr(backup_writer_status(backup, instance_id, &stands), S_OK);
    assert_int_equal(stands, VSS_WS_STABLE);
    backup_release(backup);
    assert_string_equal(scripted_writer_events(&local),
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupComplete BackupShutdown");
    scripted_writer_stop(&local);
}

/* An express writer whose only component is the folder `path`. */
static void register_folder(struct fixture *fixture, const WCHAR *path)
{
    IVssCreateExpressWriterMetadata *created = NULL;
    assert_hr(IVssExpressWriter_CreateMetadata(
                  fixture->express, class_id, L"Folder", VSS_UT_USERDATA, 0, 0, 0, &created),
        S_OK);
    assert_hr(IVssCreateExpressWriterMetadata_AddComponent(created, VSS_CT_FILEGROUP, NULL,
                  L"folder", NULL, NULL, 0, FALSE, FALSE, TRUE, FALSE, 0),
        S_OK);
    assert_hr(IVssCreateExpressWriterMetadata_AddFilesToFileGroup(
                  created, NULL, L"folder", path, L"*.txt", TRUE, NULL, 0xF0F),
        S_OK);
    IVssCreateExpressWriterMetadata_Release(created);
    assert_hr(IVssExpressWriter_Register(fixture->express), S_OK);
}

/* Nobody held them still, so that nothing can be promised. */
static void its_files_are_copied_and_not_called_frozen(void **state)
{
    struct fixture *fixture = *state;
    struct backup *backup = &fixture->backup;
    struct test_volume *volume = &fixture->volume;
    VSS_SNAPSHOT_PROP prop;
    WCHAR copied[TEST_PATH_UNITS];
    WCHAR folder[TEST_PATH_UNITS + 8];
    THAWLINE_SET_REPORT report = {.cbSize = sizeof(report)};
    BSTR sentence = NULL;
    VSS_ID instance;
    test_volume_make(volume);
    test_make_folder(test_path(volume->folder, L"data"));
    test_write_text(test_path(volume->folder, L"data\\a.txt"), "of an express writer");
    test_write_text(test_path(volume->folder, L"other.txt"), "nobody's");
    _snwprintf(folder, ARRAYSIZE(folder), L"%ls\\data", volume->folder);
    register_folder(fixture, folder);
    assert_hr(ThawlineSetOption(L"PROVIDER", L"clone"), S_OK);
    assert_hr(ThawlineSetOption(L"CLONE_ROOTS", L"components"), S_OK);
    backup_begin(backup, TRUE);
    IVssExamineWriterMetadata *metadata = find_metadata(backup, &class_id, &instance);
    IVssExamineWriterMetadata_Release(metadata);
    assert_hr(IVssBackupComponents_AddComponent(
                  backup->components, instance, class_id, VSS_CT_FILEGROUP, NULL, L"folder"),
        S_OK);
    assert_hr(IVssBackupComponents_StartSnapshotSet(backup->components, &backup->set_id), S_OK);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(
                  backup->components, volume->name, GUID_NULL, &backup->snapshot_id),
        S_OK);
    backup_prepare(backup);
    assert_hr(backup_snapshot(backup), VSS_S_ASYNC_FINISHED);
    assert_hr(ThawlineGetSetReport(backup->set_id, &report), S_OK);
    assert_int_equal(report.cWritersFrozen, 0);
    assert_hr(ThawlineGetSnapshotConsistency(backup->snapshot_id, &sentence), S_OK);
    assert_non_null(wcsstr(sentence, L"No frozen writer named files of this volume"));
    SysFreeString(sentence);
    assert_hr(
        IVssBackupComponents_GetSnapshotProperties(backup->components, backup->snapshot_id, &prop),
        S_OK);
    _snwprintf(
        copied, ARRAYSIZE(copied), L"%ls%ls", prop.m_pwszSnapshotDeviceObject, volume->inside);
    VssFreeSnapshotProperties(&prop);
    assert_true(test_has_text(test_path(copied, L"data\\a.txt"), "of an express writer"));
    assert_false(test_exists(test_path(copied, L"other.txt")));
}

/* ---- Who finds it ---- */

static void another_process_lists_it_without_a_process(void **state)
{
    struct fixture *fixture = *state;
    struct cli_process cli;
    register_stored(fixture);
    cli_run(&cli, L"list writers --json");
    assert_exit(&cli, 0);
    assert_says(&cli, out, "\"process_id\":0");
    assert_says(&cli, out, "{AB120034-5678-4ABC-9DEF-0123456789AB}");
    assert_says(&cli, out, "{77770000-1111-4222-8333-444455556666}");
    cli_free(&cli);
}

static const WCHAR *folder_of(const WCHAR *scope)
{
    static WCHAR folder[MAX_PATH];
    GetSystemWindowsDirectoryW(folder, MAX_PATH);
    wcscat(folder, L"\\Vss\\Writers");
    if (scope)
        wcscat(wcscat(folder, L"."), scope);
    return folder;
}

static const WCHAR *own_scope(void)
{
    static WCHAR scope[64];
    assert_in_range(GetEnvironmentVariableW(L"THAWLINE_SCOPE", scope, 64), 1, 63);
    return scope;
}

static void each_scope_has_its_own_and_leaves_nothing(void **state)
{
    struct fixture *fixture = *state;
    VSS_ID instance;
    register_stored(fixture);
    assert_true(test_exists(folder_of(own_scope())));
    assert_hr(ThawlineSetOption(L"SCOPE", L"elsewhere"), S_OK);
    assert_false(is_found(&class_id, &instance));
    assert_hr(IVssExpressWriter_Unregister(fixture->express, class_id), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(ThawlineSetOption(L"SCOPE", NULL), S_OK);
    assert_true(is_found(&class_id, &instance));
    assert_hr(IVssExpressWriter_Unregister(fixture->express, class_id), S_OK);
    assert_false(test_exists(folder_of(own_scope())));
}

/* Where Windows has them, at any depth; files that hold nothing of use harm nobody. */
static void the_default_scope_reads_the_folder_of_windows(void **state)
{
    (void)state;
    static const char document[] =
        "\xEF\xBB\xBF<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\">"
        "<IDENTIFICATION writerId=\"AB120034-5678-4abc-9DEF-0123456789ab\" "
        "instanceId=\"77770000-1111-4222-8333-444455556666\" friendlyName=\"By hand\" "
        "usage=\"USER_DATA\" dataSource=\"OTHER\" majorVersion=\"0\" minorVersion=\"0\"/>"
        "</WRITER_METADATA>";
    VSS_ID instance;
    WCHAR vss[MAX_PATH];
    const WCHAR *root = folder_of(NULL);
    BOOL was_there = test_exists(root);
    wcscpy(vss, root);
    *wcsrchr(vss, L'\\') = 0;
    const WCHAR *deep = test_path(root, L"thawline-test");
    test_make_folder(vss);
    test_make_folder(root);
    test_make_folder(deep);
    test_write_text(test_path(deep, L"empty.xml"), "");
    test_write_text(test_path(deep, L"broken.XML"), "<WRITER_METADATA");
    test_write_text(test_path(deep, L"copy.xml"), document);
    test_write_text(test_path(deep, L"document.xml"), document);
    test_write_text(test_path(deep, L"document.txt"), document);
    assert_hr(ThawlineSetOption(L"SCOPE", L"default"), S_OK);
    BOOL found = is_found(&class_id, &instance);
    THAWLINE_WRITER_STATUS *writers = NULL;
    UINT count = 0;
    UINT ours = 0;
    assert_hr(ThawlineListWriters(&writers, &count), S_OK);
    for (UINT i = 0; i < count; i++)
        ours += IsEqualGUID(&writers[i].InstanceId, &instance_id) && !writers[i].dwProcessId &&
            !writers[i].uBits && writers[i].State == VSS_WS_STABLE;
    ThawlineFreeWriters(writers);
    assert_hr(ThawlineSetOption(L"SCOPE", NULL), S_OK);
    test_delete(deep);
    if (!was_there)
        test_delete(root);
    assert_true(found);
    assert_true(IsEqualGUID(&instance, &instance_id));
    assert_int_equal(ours, 1);
}

int main(void)
{
#define SCENARIO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENARIO(a_stored_document_is_passed_on_as_it_is),
        SCENARIO(what_is_created_is_found_until_it_is_unregistered),
        SCENARIO(register_and_unregister_answer_as_documented),
        SCENARIO(bad_arguments_are_refused_and_change_nothing),
        SCENARIO(it_takes_part_in_a_backup_is_stable_and_disturbs_nobody),
        SCENARIO(its_files_are_copied_and_not_called_frozen),
        SCENARIO(another_process_lists_it_without_a_process),
        SCENARIO(each_scope_has_its_own_and_leaves_nothing),
        SCENARIO(the_default_scope_reads_the_folder_of_windows),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
