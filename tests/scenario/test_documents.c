/* SPDX-License-Identifier: MIT
 *
 * The two documents byte for byte: fixed sequences of calls of a writer and a requestor, through
 * the public API, must give the texts of support/api_documents.h (writer-provider 5).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "support/api_documents.h"
#include "support/keep_document.h"
#include "support/restore.h"
#include "support/test_writer.h"

#include <thawline.h>

/* Exports that mingw-w64's headers leave out. */
HRESULT WINAPI CreateWriterEx(void *writer, void **impl);

static const VSS_ID writer_id = {
    0xC0FFEE01, 0x1234, 0x4567, {0x89, 0xAB, 0xCD, 0xEF, 0x01, 0x23, 0x45, 0x67}};
static const VSS_ID other_id = {0xB0B0B0B0, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};

#define MASK (VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED)
#define FILES L"%ProgramData%\\Demo\\"

/* How the writer of a test presents itself, and what it says in Identify. */
struct presentation
{
    const WCHAR *name;
    const WCHAR *instance_name;
    DWORD major;
    DWORD minor;
    VSS_USAGE_TYPE usage;
    VSS_SOURCE_TYPE source;
    void (*identify)(struct test_writer *writer, void *metadata);
};

struct fixture
{
    struct test_writer writer;
    struct backup backup;
    VSS_ID instance_id;
    HRESULT said; /* of the calls in handlers: the first failure */
    LONG live_blocks;
};

static struct fixture fixture;

/* ---- The writer ---- */

/* In a handler nothing can be asserted: the test thread looks at what was said. */
static void note(HRESULT hr)
{
    if (fixture.said == S_OK)
        fixture.said = hr;
}

#define SAY(face, method, ...) note((face)->lpVtbl->method((face), ##__VA_ARGS__))

static void present(const struct presentation *presentation)
{
    struct test_writer *writer = &fixture.writer;
    void *impl = NULL;
    test_writer_construct(writer, true);
    writer->at[SLOT_ON_IDENTIFY_EX].answer = TEST_WRITER_YES;
    writer->at[SLOT_ON_IDENTIFY_EX].action = presentation->identify;
    assert_hr(CreateWriterEx(writer, &impl), S_OK);
    writer->object.impl = impl;
    assert_hr(writer->object.impl->vtbl->Initialize(writer->object.impl, writer_id,
                  presentation->name, presentation->instance_name, presentation->major,
                  presentation->minor, presentation->usage, presentation->source,
                  VSS_APP_FRONT_END, 60000, VSS_AWS_NO_ALTERNATE_WRITER, false),
        S_OK);
    assert_hr(test_writer_subscribe(writer), S_OK);
}

static void describe_files(IVssCreateWriterMetadataEx *face)
{
    static const BYTE icon[] = {0, 1, 2, 255};
    SAY(face, AddComponent, VSS_CT_FILEGROUP, L"Top\\Sub", L"files", L"Line 1\r\n<2>", icon, 4,
        TRUE, TRUE, TRUE, TRUE, VSS_CF_NOT_SYSTEM_STATE);
    SAY(face, AddComponent, VSS_CT_DATABASE, NULL, L"base", NULL, NULL, 0, FALSE, FALSE, FALSE,
        FALSE, VSS_CF_BACKUP_RECOVERY | VSS_CF_APP_ROLLBACK_RECOVERY);
    SAY(face, AddFilesToFileGroup, L"Top\\Sub", L"files", FILES, L"*.dat", TRUE, L"D:\\Now",
        MASK | VSS_FSBT_CREATED_DURING_BACKUP);
    SAY(face, AddComponentDependency, L"Top\\Sub", L"files", other_id, NULL, L"theirs");
    SAY(face, AddFilesToFileGroup, L"Top\\Sub", L"files",
        L"\\\\?\\Volume{00000000-0000-0000-0000-000000000043}\\", L"?.ini", FALSE, NULL,
        VSS_FSBT_FULL_BACKUP_REQUIRED | VSS_FSBT_FULL_SNAPSHOT_REQUIRED);
    SAY(face, AddDatabaseLogFiles, NULL, L"base", L"C:\\Demo\\Logs", L"base*.log", MASK);
    SAY(face, AddDatabaseFiles, NULL, L"base", L"C:\\Demo", L"base.mdf",
        VSS_FSBT_FULL_BACKUP_REQUIRED | VSS_FSBT_FULL_SNAPSHOT_REQUIRED);
    SAY(face, AddComponentDependency, NULL, L"base", other_id, L"\\\\machine\\Path", L"theirs");
}

static void identify_full(struct test_writer *writer, void *metadata)
{
    IVssCreateWriterMetadataEx *face = metadata;
    (void)writer;
    SAY(face, SetBackupSchema,
        VSS_BS_DIFFERENTIAL | VSS_BS_COPY | VSS_BS_TIMESTAMPED | VSS_BS_LAST_MODIFY |
            VSS_BS_WRITER_SUPPORTS_NEW_TARGET | VSS_BS_WRITER_SUPPORTS_RESTORE_WITH_MOVE |
            VSS_BS_ROLLFORWARD_RESTORE | VSS_BS_RESTORE_RENAME | VSS_BS_AUTHORITATIVE_RESTORE);
    SAY(face, AddExcludeFiles, L"C:\\Demo\\Temp", L"*.tmp", TRUE);
    describe_files(face);
    SAY(face, AddExcludeFilesFromSnapshot, L"C:\\Demo\\Cache", L"*", FALSE);
    SAY(face, AddComponent, VSS_CT_FILEGROUP, L"", L"empty", L"", NULL, 0, FALSE, FALSE, TRUE,
        FALSE, 0);
    SAY(face, SetRestoreMethod, VSS_RME_STOP_RESTORE_START, L"DemoService", L"procedure",
        VSS_WRE_ALWAYS, TRUE);
    SAY(face, AddAlternateLocationMapping, FILES, L"*.dat", TRUE, L"E:\\Demo");
    SAY(face, AddAlternateLocationMapping, L"C:\\Demo", L"base.mdf", FALSE, L"E:\\Base");
    SAY(face, AddExcludeFiles, L"%SystemDrive%", L"pagefile.sys", FALSE);
}

static const struct presentation full = {L"Demo \"Writer\" & <S\x00F6hne> \xD83D\xDE00", L"First",
    3, 7, VSS_UT_USERDATA, VSS_ST_TRANSACTEDDB, identify_full};

static void identify_small(struct test_writer *writer, void *metadata)
{
    IVssCreateWriterMetadataEx *face = metadata;
    (void)writer;
    SAY(face, SetRestoreMethod, VSS_RME_RESTORE_IF_CAN_REPLACE, NULL, NULL, VSS_WRE_ALWAYS, FALSE);
    SAY(face, AddComponent, VSS_CT_FILEGROUP, L"A\\B", L"data", L"Demo", NULL, 0, FALSE, TRUE, TRUE,
        FALSE, 0);
    SAY(face, AddFilesToFileGroup, L"A\\B", L"data", L"%ProgramData%\\Demo", L"*.db", TRUE, NULL,
        MASK);
}

static void identify_nothing(struct test_writer *writer, void *metadata)
{
    (void)writer;
    (void)metadata;
}

/* ---- Comparing ---- */

/* Puts `fixed` wherever the text of `id` stands. */
static void fix_id(char *text, const VSS_ID *id, const char *fixed)
{
    WCHAR braced[40];
    char plain[37];
    assert_int_equal(StringFromGUID2(id, braced, 40), 39);
    for (int i = 0; i < 36; i++)
        plain[i] = (char)(braced[i + 1] >= L'A' && braced[i + 1] <= L'F' ? braced[i + 1] + 32
                                                                         : braced[i + 1]);
    plain[36] = 0;
    for (char *at = strstr(text, plain); at; at = strstr(at, plain))
        memcpy(at, fixed, 36);
}

/* Takes the document. */
static void assert_document(BSTR saved, const char *expected)
{
    keep_document(
        strstr(expected, "<WRITER") == expected ? "writer_metadata" : "backup_components", saved);
    int size = WideCharToMultiByte(
        CP_UTF8, 0, saved, (int)SysStringLen(saved) + 1, NULL, 0, NULL, NULL);
    char *text = test_malloc((size_t)size);
    WideCharToMultiByte(
        CP_UTF8, 0, saved, (int)SysStringLen(saved) + 1, text, size, NULL, NULL);
    SysFreeString(saved);
    fix_id(text, &fixture.instance_id, API_INSTANCE_ID);
    fix_id(text, &fixture.backup.set_id, API_SET_ID);
    bool same = strcmp(text, expected) == 0;
    size_t at = 0;
    while (!same && text[at] && text[at] == expected[at])
        at++;
    if (!same)
        print_error("from character %u on:\n%s\nexpected:\n%s\n", (unsigned)at, text + at,
            expected + at);
    test_free(text);
    assert_true(same);
}

/* The only writer's document; fixture.instance_id becomes its instance. */
static BSTR saved_metadata(void)
{
    IVssExamineWriterMetadata *metadata = NULL;
    UINT count = 0;
    BSTR text = NULL;
    assert_hr(fixture.said, S_OK);
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(fixture.backup.components, &count), S_OK);
    assert_int_equal(count, 1);
    assert_hr(IVssBackupComponents_GetWriterMetadata(
                  fixture.backup.components, 0, &fixture.instance_id, &metadata),
        S_OK);
    assert_hr(IVssExamineWriterMetadata_SaveAsXML(metadata, &text), S_OK);
    IVssExamineWriterMetadata_Release(metadata);
    return text;
}

static int set_up(void **state)
{
    (void)state;
    fixture = (struct fixture){.live_blocks = ThawlineGetLiveBlocks()};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    backup_release(&fixture.backup);
    test_writer_unsubscribe(&fixture.writer);
    test_writer_destruct(&fixture.writer);
    LONG more = ThawlineGetLiveBlocks() - fixture.live_blocks;
    if (more)
        print_error("%ld blocks were not given back\n", more);
    return more ? -1 : 0;
}

/* ---- Writer Metadata Documents ---- */

static void every_element_and_attribute_of_a_writers_document(void **state)
{
    (void)state;
    present(&full);
    backup_begin(&fixture.backup, TRUE);
    assert_document(saved_metadata(), api_full_metadata);
}

static void a_writers_document_without_anything_optional(void **state)
{
    (void)state;
    present(&(struct presentation){
        L"Demo Writer", NULL, 0, 0, VSS_UT_USERDATA, VSS_ST_OTHER, identify_small});
    backup_begin(&fixture.backup, TRUE);
    assert_document(saved_metadata(), api_small_metadata);
}

static void the_document_of_a_writer_that_says_nothing(void **state)
{
    (void)state;
    present(&(struct presentation){
        L"Demo Writer", NULL, 0, 0, VSS_UT_USERDATA, VSS_ST_OTHER, identify_nothing});
    backup_begin(&fixture.backup, TRUE);
    assert_document(saved_metadata(), api_empty_metadata);
}

/* How 5.3 spells the enumerations; what it leaves open is the project's choice. */
static const struct spelling_row
{
    VSS_USAGE_TYPE usage;
    VSS_SOURCE_TYPE source;
    const char *identification;
    VSS_RESTOREMETHOD_ENUM method;
    VSS_WRITERRESTORE_ENUM writer_restore;
    const char *restore;
} spellings[] = {
    {VSS_UT_BOOTABLESYSTEMSTATE, VSS_ST_TRANSACTEDDB,
        "usage=\"BOOTABLE_SYSTEM_STATE\" dataSource=\"TRANSACTION_DB\"",
        VSS_RME_RESTORE_IF_NOT_THERE, VSS_WRE_NEVER,
        "method=\"RESTORE_IF_NONE_THERE\" writerRestore=\"never\""},
    {VSS_UT_SYSTEMSERVICE, VSS_ST_OTHER, "usage=\"SYSTEM_SERVICE\" dataSource=\"OTHER\"",
        VSS_RME_RESTORE_IF_CAN_REPLACE, VSS_WRE_ALWAYS,
        "method=\"RESTORE_IF_CAN_BE_REPLACED\" writerRestore=\"always\""},
    {VSS_UT_USERDATA, VSS_ST_OTHER, "usage=\"USER_DATA\" dataSource=\"OTHER\"",
        VSS_RME_RESTORE_AT_REBOOT, VSS_WRE_NEVER,
        "method=\"REPLACE_AT_REBOOT\" writerRestore=\"never\""},
    {VSS_UT_USERDATA, VSS_ST_OTHER, "usage=\"USER_DATA\" dataSource=\"OTHER\"",
        VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE, VSS_WRE_NEVER,
        "method=\"REPLACE_AT_REBOOT_IF_CANNOT_REPLACE\" writerRestore=\"never\""},
    /* From here on with spellings that are ours. */
    {VSS_UT_OTHER, VSS_ST_NONTRANSACTEDDB, "usage=\"OTHER\" dataSource=\"NONTRANSACTION_DB\"",
        VSS_RME_STOP_RESTORE_START, VSS_WRE_IF_REPLACE_FAILS,
        "method=\"STOP_RESTORE_START\" writerRestore=\"ifReplaceFails\""},
    {VSS_UT_OTHER, VSS_ST_OTHER, "usage=\"OTHER\" dataSource=\"OTHER\"",
        VSS_RME_RESTORE_TO_ALTERNATE_LOCATION, VSS_WRE_NEVER,
        "method=\"RESTORE_TO_ALTERNATE_LOCATION\" writerRestore=\"never\""},
    {VSS_UT_OTHER, VSS_ST_OTHER, "usage=\"OTHER\" dataSource=\"OTHER\"", VSS_RME_CUSTOM,
        VSS_WRE_ALWAYS, "method=\"CUSTOM\" writerRestore=\"always\""},
    {VSS_UT_OTHER, VSS_ST_OTHER, "usage=\"OTHER\" dataSource=\"OTHER\"",
        VSS_RME_RESTORE_STOP_START, VSS_WRE_ALWAYS,
        "method=\"RESTORE_STOP_START\" writerRestore=\"always\""},
};

static const struct spelling_row *spelled;

static void identify_spelled(struct test_writer *writer, void *metadata)
{
    IVssCreateWriterMetadataEx *face = metadata;
    (void)writer;
    SAY(face, SetRestoreMethod, spelled->method, NULL, NULL, spelled->writer_restore, FALSE);
}

static void every_enumeration_value_has_its_spelling(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(spellings); i++)
    {
        char expected[1024];
        spelled = &spellings[i];
        present(&(struct presentation){
            L"x", NULL, 0, 0, spelled->usage, spelled->source, identify_spelled});
        backup_begin(&fixture.backup, TRUE);
        snprintf(expected, sizeof(expected),
            "<WRITER_METADATA xmlns=\"x-schema:#VssWriterMetadataInfo\" version=\"1.2\">"
            "<IDENTIFICATION writerId=\"" API_WRITER_ID "\" instanceId=\"" API_INSTANCE_ID "\""
            " friendlyName=\"x\" %s majorVersion=\"0\" minorVersion=\"0\"/>"
            "<RESTORE_METHOD %s rebootRequired=\"no\"/></WRITER_METADATA>",
            spelled->identification, spelled->restore);
        assert_document(saved_metadata(), expected);
        backup_release(&fixture.backup);
        test_writer_destruct(&fixture.writer);
    }
}

/* ---- Backup Components Documents ---- */

static IVssComponentEx2 *component_of(void *components, UINT index)
{
    IVssWriterComponents *part = components;
    IVssComponent *component = NULL;
    IVssComponentEx2 *extended = NULL;
    note(IVssWriterComponents_GetComponent(part, index, &component));
    if (!component)
        return NULL;
    note(IVssComponent_QueryInterface(component, &IID_IVssComponentEx2, (void **)&extended));
    IVssComponent_Release(component);
    return extended;
}

static void prepare(struct test_writer *writer, void *components)
{
    /* 132537600000000001 */
    static const FILETIME time = {3076653057u, 30858814};
    static const FILETIME none;
    IVssComponentEx2 *files = component_of(components, 0);
    (void)writer;
    if (!files)
        return;
    SAY(files, SetBackupMetadata, L"<a b=\"1\">&\r\n");
    SAY(files, SetBackupStamp, L"stamp 1");
    SAY(files, SetFailure, VSS_E_WRITERERROR_RETRYABLE, E_ACCESSDENIED, L"no paper", 0);
    SAY(files, AddPartialFile, L"C:\\Demo", L"a.dat", L"0x10:0x20,48:16", L"part");
    SAY(files, AddDifferencedFilesByLastModifyTime, L"C:\\Demo", L"*.dat", TRUE, time);
    SAY(files, AddPartialFile, L"C:\\Demo", L"b.dat", L"0:1", NULL);
    SAY(files, AddDifferencedFilesByLastModifyTime, L"C:\\Demo", L"*", FALSE, none);
    SAY(files, SetPrepareForBackupFailureMsg, L"while preparing");
    IVssComponentEx2_Release(files);
}

static void after_snapshot(struct test_writer *writer, void *components)
{
    IVssComponentEx2 *files = component_of(components, 0);
    IVssComponentEx2 *base = component_of(components, 1);
    (void)writer;
    if (files)
    {
        SAY(files, SetPostSnapshotFailureMsg, L"afterwards");
        IVssComponentEx2_Release(files);
    }
    if (base)
    {
        SAY(base, SetBackupMetadata, L"");
        IVssComponentEx2_Release(base);
    }
}

#define COMPONENT_FILES writer_id, VSS_CT_FILEGROUP, L"Top\\Sub", L"files"

static void begin_incremental(void)
{
    IVssAsync *async = NULL;
    backup_create(&fixture.backup);
    IVssBackupComponents *bc = fixture.backup.components;
    assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetBackupState(bc, TRUE, TRUE, VSS_BT_INCREMENTAL, TRUE), S_OK);
    assert_hr(IVssBackupComponents_GatherWriterMetadata(bc, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    SysFreeString(saved_metadata());
    assert_hr(bc->lpVtbl->AddComponent(bc, fixture.instance_id, COMPONENT_FILES), S_OK);
    assert_hr(IVssBackupComponents_AddComponent(
                  bc, fixture.instance_id, writer_id, VSS_CT_DATABASE, NULL, L"base"),
        S_OK);
    assert_hr(bc->lpVtbl->SetBackupOptions(bc, COMPONENT_FILES, L"fast=1"), S_OK);
    assert_hr(bc->lpVtbl->SetPreviousBackupStamp(bc, COMPONENT_FILES, L"stamp 0"), S_OK);
}

static BSTR back_up(void)
{
    BSTR saved = NULL;
    fixture.writer.at[SLOT_ON_PREPARE_BACKUP].action = prepare;
    fixture.writer.at[SLOT_ON_POST_SNAPSHOT].action = after_snapshot;
    begin_incremental();
    backup_start_set(&fixture.backup);
    backup_prepare(&fixture.backup);
    assert_hr(backup_snapshot(&fixture.backup), VSS_S_ASYNC_FINISHED);
    assert_hr(fixture.said, S_OK);
    IVssBackupComponents *bc = fixture.backup.components;
    assert_hr(
        bc->lpVtbl->SetBackupSucceeded(bc, fixture.instance_id, COMPONENT_FILES, FALSE),
        S_OK);
    assert_hr(IVssBackupComponents_SetBackupSucceeded(
                  bc, fixture.instance_id, writer_id, VSS_CT_DATABASE, NULL, L"base", TRUE),
        S_OK);
    assert_hr(backup_complete(&fixture.backup), VSS_S_ASYNC_FINISHED);
    assert_hr(IVssBackupComponents_SaveAsXML(bc, &saved), S_OK);
    return saved;
}

static void everything_that_a_backup_can_say(void **state)
{
    (void)state;
    present(&full);
    assert_document(back_up(), api_backup_components);
}

static void before_restore(struct test_writer *writer, void *components)
{
    IVssComponentEx2 *files = component_of(components, 0);
    (void)writer;
    if (!files)
        return;
    SAY(files, SetRestoreMetadata, L"kept <for> later");
    SAY(files, AddDirectedTarget, L"C:\\Demo", L"a.dat", L"0:8,16:8", L"D:\\Demo", L"b.dat",
        L"8:8,0:8");
    SAY(files, SetRestoreTarget, VSS_RT_DIRECTED);
    SAY(files, SetPreRestoreFailureMsg, L"before");
    IVssComponentEx2_Release(files);
}

static void after_restore(struct test_writer *writer, void *components)
{
    IVssComponentEx2 *files = component_of(components, 0);
    (void)writer;
    if (!files)
        return;
    SAY(files, SetPostRestoreFailureMsg, L"after");
    IVssComponentEx2_Release(files);
}

static void wish_for_restore(IVssBackupComponentsEx4 *bc)
{
    assert_hr(bc->lpVtbl->SetRestoreState(bc, VSS_RTYPE_BY_COPY), S_OK);
    assert_hr(
        bc->lpVtbl->SetSelectedForRestoreEx(bc, COMPONENT_FILES, TRUE, fixture.instance_id), S_OK);
    assert_hr(bc->lpVtbl->SetAdditionalRestores(bc, COMPONENT_FILES, TRUE), S_OK);
    assert_hr(bc->lpVtbl->SetRestoreOptions(bc, COMPONENT_FILES, L"slow=0"), S_OK);
    assert_hr(bc->lpVtbl->SetAuthoritativeRestore(bc, COMPONENT_FILES, TRUE), S_OK);
    assert_hr(bc->lpVtbl->SetRollForward(bc, COMPONENT_FILES, VSS_RF_PARTIAL, L"noon"), S_OK);
    assert_hr(bc->lpVtbl->SetRestoreName(bc, COMPONENT_FILES, L"renamed"), S_OK);
    assert_hr(bc->lpVtbl->SetRangesFilePath(bc, COMPONENT_FILES, 0, L"C:\\Ranges\\a.bin"), S_OK);
    assert_hr(bc->lpVtbl->AddAlternativeLocationMapping(
                  bc, COMPONENT_FILES, FILES, L"*.dat", TRUE, L"E:\\Demo"),
        S_OK);
    assert_hr(
        bc->lpVtbl->AddNewTarget(bc, COMPONENT_FILES, FILES, L"*.dat", TRUE, L"F:\\New"), S_OK);
    assert_hr(bc->lpVtbl->AddRestoreSubcomponent(
                  bc, COMPONENT_FILES, L"Top\\Sub\\files", L"part", FALSE),
        S_OK);
}

static void everything_that_a_restore_can_say(void **state)
{
    (void)state;
    BSTR saved = NULL;
    IVssBackupComponentsEx4 *bc = NULL;
    present(&full);
    BSTR backed_up = back_up();
    VSS_ID set_id = fixture.backup.set_id;
    backup_release(&fixture.backup);
    restore_begin(&fixture.backup, backed_up);
    SysFreeString(backed_up);
    fixture.backup.set_id = set_id;
    fixture.writer.at[SLOT_ON_PRE_RESTORE].action = before_restore;
    fixture.writer.at[SLOT_ON_POST_RESTORE].action = after_restore;
    assert_hr(IVssBackupComponents_QueryInterface(
                  fixture.backup.components, &IID_IVssBackupComponentsEx4, (void **)&bc),
        S_OK);
    wish_for_restore(bc);
    assert_hr(restore_pre(&fixture.backup), VSS_S_ASYNC_FINISHED);
    assert_hr(bc->lpVtbl->SetFileRestoreStatus(bc, COMPONENT_FILES, VSS_RS_ALL), S_OK);
    assert_hr(restore_post(&fixture.backup), VSS_S_ASYNC_FINISHED);
    assert_hr(fixture.said, S_OK);
    assert_hr(bc->lpVtbl->SaveAsXML(bc, &saved), S_OK);
    bc->lpVtbl->Release(bc);
    assert_document(saved, api_restore_components);
}

/* "full" is Windows' spelling, the others are ours. */
static void a_document_with_its_state_alone(void **state)
{
    (void)state;
    static const struct
    {
        BOOLEAN select;
        BOOLEAN bootable;
        BOOLEAN partial;
        VSS_BACKUP_TYPE type;
        const char *attributes;
    } rows[] = {
        {TRUE, FALSE, FALSE, VSS_BT_FULL,
            "bootableSystemStateBackup=\"no\" selectComponents=\"yes\" backupType=\"full\""
            " partialFileSupport=\"no\""},
        {FALSE, TRUE, FALSE, VSS_BT_DIFFERENTIAL,
            "bootableSystemStateBackup=\"yes\" selectComponents=\"no\" backupType=\"differential\""
            " partialFileSupport=\"no\""},
        {FALSE, FALSE, TRUE, VSS_BT_LOG,
            "bootableSystemStateBackup=\"no\" selectComponents=\"no\" backupType=\"log\""
            " partialFileSupport=\"yes\""},
        {TRUE, FALSE, FALSE, VSS_BT_COPY,
            "bootableSystemStateBackup=\"no\" selectComponents=\"yes\" backupType=\"copy\""
            " partialFileSupport=\"no\""},
        {TRUE, FALSE, FALSE, VSS_BT_OTHER,
            "bootableSystemStateBackup=\"no\" selectComponents=\"yes\" backupType=\"other\""
            " partialFileSupport=\"no\""},
    };
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        char expected[512];
        BSTR saved = NULL;
        snprintf(expected, sizeof(expected),
            "<BACKUP_COMPONENTS xmlns=\"x-schema:#VssComponentMetadata\" version=\"1.2\" %s/>",
            rows[i].attributes);
        backup_create(&fixture.backup);
        IVssBackupComponents *bc = fixture.backup.components;
        assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
        assert_hr(IVssBackupComponents_SetBackupState(
                      bc, rows[i].select, rows[i].bootable, rows[i].type, rows[i].partial),
            S_OK);
        assert_hr(IVssBackupComponents_SaveAsXML(bc, &saved), S_OK);
        assert_document(saved, expected);
        backup_release(&fixture.backup);
    }
}

int main(void)
{
#define SCENARIO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENARIO(every_element_and_attribute_of_a_writers_document),
        SCENARIO(a_writers_document_without_anything_optional),
        SCENARIO(the_document_of_a_writer_that_says_nothing),
        SCENARIO(every_enumeration_value_has_its_spelling),
        SCENARIO(everything_that_a_backup_can_say),
        SCENARIO(everything_that_a_restore_can_say),
        SCENARIO(a_document_with_its_state_alone),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
