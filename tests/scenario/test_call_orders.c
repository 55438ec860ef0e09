/* SPDX-License-Identifier: MIT
 *
 * The orders in which real requestors call, all of which must be accepted (requestor 1.6), and the
 * methods on an object that was never initialised (1.7).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "support/backup.h"
#include "support/scripted_writer.h"

static const VSS_ID writer_id = {0xe1e1e1e1, 0x1111, 0x4111, {0x81, 1, 1, 1, 1, 1, 1, 1}};

struct fixture
{
    struct scripted_writer writer;
    struct backup backup;
};

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof(*fixture));
    fixture->writer.name = L"writer";
    fixture->writer.id = writer_id;
    fixture->writer.components = 2;
    scripted_writer_start(&fixture->writer);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    backup_release(&fixture->backup);
    scripted_writer_stop(&fixture->writer);
    test_free(fixture);
    return 0;
}

static void gather_metadata(IVssBackupComponents *bc)
{
    IVssAsync *async = NULL;
    assert_hr(IVssBackupComponents_GatherWriterMetadata(bc, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
}

static void complete(struct fixture *fixture)
{
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
}

static BSTR save(IVssBackupComponents *bc)
{
    BSTR xml = NULL;
    assert_hr(IVssBackupComponents_SaveAsXML(bc, &xml), S_OK);
    assert_true(SysStringLen(xml) > 0);
    return xml;
}

static void vshadow_creates(void **state)
{
    struct fixture *fixture = *state;
    UINT count = 0;
    VSS_SNAPSHOT_PROP prop;
    backup_begin(&fixture->backup, TRUE);
    IVssBackupComponents *bc = fixture->backup.components;
    backup_add_component(&fixture->backup, fixture->writer.instance_id, writer_id, L"data0");
    backup_start_set(&fixture->backup);
    backup_prepare(&fixture->backup);
    backup_gather_status(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    backup_gather_status(&fixture->backup); /* no FreeWriterStatus in between */
    assert_hr(
        IVssBackupComponents_GetSnapshotProperties(bc, fixture->backup.snapshot_id, &prop), S_OK);
    VssFreeSnapshotPropertiesInternal(&prop);
    assert_hr(IVssBackupComponents_GetWriterComponentsCount(bc, &count), S_OK);
    assert_int_equal(count, 1);
    assert_hr(IVssBackupComponents_SetBackupSucceeded(bc, fixture->writer.instance_id, writer_id,
                  VSS_CT_FILEGROUP, L"group", L"data0", TRUE),
        S_OK);
    complete(fixture);
    backup_gather_status(&fixture->backup);
}

static void vshadow_creates_without_writers(void **state)
{
    struct fixture *fixture = *state;
    backup_create(&fixture->backup);
    IVssBackupComponents *bc = fixture->backup.components;
    assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(bc, VSS_CTX_FILE_SHARE_BACKUP), S_OK);
    assert_hr(IVssBackupComponents_SetBackupState(bc, TRUE, FALSE, VSS_BT_FULL, FALSE), S_OK);
    backup_start_set(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_string_equal(scripted_writer_events(&fixture->writer), "");
}

static void vshadow_administrates(void **state)
{
    struct fixture *fixture = *state;
    IVssEnumObject *list = NULL;
    VSS_OBJECT_PROP prop;
    ULONG fetched = 7;
    VSS_ID id;
    backup_create(&fixture->backup);
    IVssBackupComponents *bc = fixture->backup.components;
    assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(bc, (LONG)VSS_CTX_ALL), S_OK);
    assert_hr(IVssBackupComponents_SetBackupState(bc, TRUE, FALSE, VSS_BT_FULL, FALSE), S_OK);
    /* Nothing there: S_FALSE, and an enumerator all the same. */
    assert_hr(
        IVssBackupComponents_Query(bc, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list),
        S_FALSE);
    assert_non_null(list);
    assert_hr(IVssEnumObject_Next(list, 1, &prop, &fetched), S_FALSE);
    assert_int_equal(fetched, 0);
    IVssEnumObject_Release(list);
    assert_hr(IVssBackupComponents_StartSnapshotSet(bc, &id), VSS_E_BAD_STATE);
    assert_hr(
        IVssBackupComponents_Query(bc, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_PROVIDER, &list),
        S_OK);
    assert_hr(IVssEnumObject_Next(list, 1, &prop, &fetched), S_OK);
    assert_int_equal(prop.Type, VSS_OBJECT_PROVIDER);
    CoTaskMemFree(prop.Obj.Prov.m_pwszProviderName);
    CoTaskMemFree(prop.Obj.Prov.m_pwszProviderVersion);
    IVssEnumObject_Release(list);
}

static void hobocopy_copies(void **state)
{
    struct fixture *fixture = *state;
    LONG deleted = 0;
    VSS_ID not_deleted;
    backup_create(&fixture->backup);
    IVssBackupComponents *bc = fixture->backup.components;
    assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
    gather_metadata(bc);
    backup_start_set(&fixture->backup);
    backup_add_component(&fixture->backup, fixture->writer.instance_id, writer_id, L"data0");
    assert_hr(IVssBackupComponents_SetBackupState(bc, TRUE, TRUE, VSS_BT_FULL, FALSE), S_OK);
    backup_prepare(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    complete(fixture);
    SysFreeString(save(bc));
    assert_hr(IVssBackupComponents_DeleteSnapshots(bc, fixture->backup.set_id,
                  VSS_OBJECT_SNAPSHOT_SET, TRUE, &deleted, &not_deleted),
        S_OK);
    assert_int_equal(deleted, 1);
}

static void urbackup_sets_the_context_after_gathering_and_deletes_from_another_object(void **state)
{
    struct fixture *fixture = *state;
    LONG deleted = 0;
    VSS_ID not_deleted;
    VSS_SNAPSHOT_PROP prop;
    backup_begin(&fixture->backup, FALSE);
    IVssBackupComponents *bc = fixture->backup.components;
    assert_hr(IVssBackupComponents_SetContext(bc, VSS_CTX_APP_ROLLBACK), S_OK);
    backup_gather_status(&fixture->backup);
    backup_start_set(&fixture->backup);
    backup_prepare(&fixture->backup);
    backup_gather_status(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    complete(fixture);
    SysFreeString(save(bc));
    /* Persistent: it stays when the object goes. */
    VSS_ID set_id = fixture->backup.set_id;
    VSS_ID snapshot_id = fixture->backup.snapshot_id;
    backup_release(&fixture->backup);
    backup_create(&fixture->backup);
    bc = fixture->backup.components;
    assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(bc, VSS_CTX_APP_ROLLBACK), S_OK);
    assert_hr(IVssBackupComponents_GetSnapshotProperties(bc, snapshot_id, &prop), S_OK);
    assert_int_equal(prop.m_lSnapshotAttributes & VSS_CTX_APP_ROLLBACK, VSS_CTX_APP_ROLLBACK);
    VssFreeSnapshotPropertiesInternal(&prop);
    assert_hr(IVssBackupComponents_DeleteSnapshots(
                  bc, set_id, VSS_OBJECT_SNAPSHOT_SET, TRUE, &deleted, &not_deleted),
        S_OK);
    assert_int_equal(deleted, 1);
}

static void urbackup_aborts_an_object_that_never_initialised(void **state)
{
    struct fixture *fixture = *state;
    backup_create(&fixture->backup);
    assert_hr(IVssBackupComponents_AbortBackup(fixture->backup.components), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_InitializeForBackup(fixture->backup.components, NULL), S_OK);
    assert_hr(IVssBackupComponents_AbortBackup(fixture->backup.components), S_OK);
    assert_hr(IVssBackupComponents_AbortBackup(fixture->backup.components), S_OK);
    assert_int_equal(fixture->writer.count[ON_ABORT], 0);
}

static void restic_makes_a_copy_backup(void **state)
{
    struct fixture *fixture = *state;
    WCHAR volume[] = L"C:\\";
    BOOL supported = FALSE;
    LONG deleted = 0;
    VSS_ID not_deleted;
    backup_create(&fixture->backup);
    IVssBackupComponents *bc = fixture->backup.components;
    assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(bc, VSS_CTX_BACKUP), S_OK);
    assert_hr(IVssBackupComponents_SetBackupState(bc, FALSE, FALSE, VSS_BT_COPY, FALSE), S_OK);
    gather_metadata(bc);
    assert_hr(IVssBackupComponents_IsVolumeSupported(bc, GUID_NULL, volume, &supported), S_OK);
    assert_true(supported);
    backup_start_set(&fixture->backup);
    assert_hr(IVssBackupComponents_IsVolumeSupported(bc, GUID_NULL, volume, &supported), S_OK);
    assert_true(supported);
    backup_prepare(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    complete(fixture);
    assert_hr(IVssBackupComponents_DeleteSnapshots(bc, fixture->backup.snapshot_id,
                  VSS_OBJECT_SNAPSHOT, TRUE, &deleted, &not_deleted),
        S_OK);
    assert_int_equal(deleted, 1);
}

static void bareos_queries_in_the_default_context(void **state)
{
    struct fixture *fixture = *state;
    IVssEnumObject *list = NULL;
    VSS_OBJECT_PROP prop;
    ULONG fetched = 0;
    backup_until_done(&fixture->backup);
    IVssBackupComponents *bc = fixture->backup.components;
    assert_hr(
        IVssBackupComponents_Query(bc, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list),
        S_OK);
    assert_hr(IVssEnumObject_Next(list, 1, &prop, &fetched), S_OK);
    assert_true(IsEqualGUID(&prop.Obj.Snap.m_SnapshotId, &fixture->backup.snapshot_id));
    VssFreeSnapshotPropertiesInternal(&prop.Obj.Snap);
    IVssEnumObject_Release(list);
    complete(fixture);
    backup_gather_status(&fixture->backup);
    SysFreeString(save(bc));
    assert_hr(IVssBackupComponents_FreeWriterStatus(bc), S_OK);
}

static void write_metadata(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = NULL;
    (void)writer;
    if (FAILED(event->pComponents->lpVtbl->GetComponent(event->pComponents, 0, &component)))
        return;
    IVssComponent_SetBackupMetadata(component, context);
    IVssComponent_Release(component);
}

/* Word 0 of the object is the table with GetComponent; IUnknown lies behind word 1 (requestor
   0.4). */
static IVssComponent *first_component(IVssBackupComponents *bc)
{
    IVssWriterComponentsExt *writer = NULL;
    IVssComponent *component = NULL;
    assert_hr(IVssBackupComponents_GetWriterComponents(bc, 0, &writer), S_OK);
    IVssWriterComponents *face = (IVssWriterComponents *)writer;
    assert_hr(face->lpVtbl->GetComponent(face, 0, &component), S_OK);
    IUnknown *unknown = (IUnknown *)((void **)writer + 1);
    IUnknown_Release(unknown);
    return component;
}

static void a_saved_document_restores_what_writers_and_requestor_wrote(void **state)
{
    static WCHAR text[] = L"<a b=\"c\">\r\n & more";
    struct fixture *fixture = *state;
    fixture->writer.at[ON_POST_SNAPSHOT].action = write_metadata;
    fixture->writer.at[ON_POST_SNAPSHOT].context = text;
    backup_begin(&fixture->backup, TRUE);
    IVssBackupComponents *bc = fixture->backup.components;
    backup_add_component(&fixture->backup, fixture->writer.instance_id, writer_id, L"data1");
    assert_hr(IVssBackupComponents_SetBackupOptions(
                  bc, writer_id, VSS_CT_FILEGROUP, L"group", L"data1", L"fast"),
        S_OK);
    backup_start_set(&fixture->backup);
    backup_prepare(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_hr(IVssBackupComponents_SetBackupSucceeded(bc, fixture->writer.instance_id, writer_id,
                  VSS_CT_FILEGROUP, L"group", L"data1", TRUE),
        S_OK);
    complete(fixture);
    BSTR xml = save(bc);
    backup_release(&fixture->backup);

    BSTR value = NULL;
    boolean succeeded = FALSE;
    backup_create(&fixture->backup);
    bc = fixture->backup.components;
    assert_hr(IVssBackupComponents_InitializeForRestore(bc, xml), S_OK);
    SysFreeString(xml);
    /* As VShadow does, in a restore. */
    assert_hr(IVssBackupComponents_SetBackupState(bc, TRUE, FALSE, VSS_BT_FULL, FALSE), S_OK);
    gather_metadata(bc);
    backup_gather_status(&fixture->backup);
    IVssComponent *component = first_component(bc);
    assert_hr(IVssComponent_GetBackupMetadata(component, &value), S_OK);
    assert_memory_equal(value, text, sizeof(text));
    SysFreeString(value);
    assert_hr(IVssComponent_GetBackupOptions(component, &value), S_OK);
    assert_memory_equal(value, L"fast", 5 * sizeof(WCHAR));
    SysFreeString(value);
    assert_hr(IVssComponent_GetBackupSucceeded(component, &succeeded), S_OK);
    assert_true(succeeded);
    assert_hr(IVssComponent_GetBackupStamp(component, &value), S_FALSE);
    assert_null(value);
    IVssComponent_Release(component);
}

static void a_null_logical_path_equals_an_empty_one(void **state)
{
    struct fixture *fixture = *state;
    backup_begin(&fixture->backup, TRUE);
    IVssBackupComponents *bc = fixture->backup.components;
    VSS_ID instance = fixture->writer.instance_id;
    /* The component has a path: neither NULL nor "" finds it. */
    assert_hr(IVssBackupComponents_AddComponent(
                  bc, instance, writer_id, VSS_CT_FILEGROUP, NULL, L"data0"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(
        IVssBackupComponents_AddComponent(bc, instance, writer_id, VSS_CT_FILEGROUP, L"", L"data0"),
        VSS_E_OBJECT_NOT_FOUND);
}

static void an_uninitialised_object_refuses_every_method(void **state)
{
    struct fixture *fixture = *state;
    WCHAR c[] = L"C:\\";
    IVssAsync *async = NULL;
    IVssEnumObject *list = NULL;
    IVssWriterComponentsExt *writer = NULL;
    IVssExamineWriterMetadata *metadata = NULL;
    VSS_SNAPSHOT_PROP prop;
    VSS_WRITER_STATE writer_state;
    HRESULT failure;
    VSS_ID id = writer_id;
    VSS_ID other;
    BSTR text = NULL;
    BOOL answer;
    LONG count;
    UINT number;
    backup_create(&fixture->backup);
    IVssBackupComponents *bc = fixture->backup.components;
    assert_hr(IVssBackupComponents_GetWriterComponentsCount(bc, &number), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_GetWriterComponents(bc, 0, &writer), VSS_E_BAD_STATE);
    assert_hr(
        IVssBackupComponents_SetBackupState(bc, TRUE, FALSE, VSS_BT_FULL, FALSE), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_SetRestoreState(bc, VSS_RTYPE_BY_COPY), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_GatherWriterMetadata(bc, &async), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(bc, &number), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_GetWriterMetadata(bc, 0, &id, &metadata), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_FreeWriterMetadata(bc), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_AddComponent(bc, id, id, VSS_CT_FILEGROUP, NULL, L"n"),
        VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_PrepareForBackup(bc, &async), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_AbortBackup(bc), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_GatherWriterStatus(bc, &async), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_GetWriterStatusCount(bc, &number), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_FreeWriterStatus(bc), VSS_E_BAD_STATE);
    assert_hr(
        IVssBackupComponents_GetWriterStatus(bc, 0, &id, &other, &text, &writer_state, &failure),
        VSS_E_BAD_STATE);
    assert_hr(
        IVssBackupComponents_SetBackupSucceeded(bc, id, id, VSS_CT_FILEGROUP, NULL, L"n", TRUE),
        VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_SetBackupOptions(bc, id, VSS_CT_FILEGROUP, NULL, L"n", L"o"),
        VSS_E_BAD_STATE);
    assert_hr(
        IVssBackupComponents_SetPreviousBackupStamp(bc, id, VSS_CT_FILEGROUP, NULL, L"n", L"s"),
        VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_SaveAsXML(bc, &text), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_BackupComplete(bc, &async), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_PreRestore(bc, &async), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_PostRestore(bc, &async), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_SetContext(bc, VSS_CTX_BACKUP), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_StartSnapshotSet(bc, &id), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(bc, c, GUID_NULL, &id), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_DoSnapshotSet(bc, &async), VSS_E_BAD_STATE);
    assert_hr(
        IVssBackupComponents_DeleteSnapshots(bc, id, VSS_OBJECT_SNAPSHOT, FALSE, &count, &other),
        VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_ImportSnapshots(bc, &async), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_BreakSnapshotSet(bc, id), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_GetSnapshotProperties(bc, id, &prop), VSS_E_BAD_STATE);
    assert_hr(
        IVssBackupComponents_Query(bc, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list),
        VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_IsVolumeSupported(bc, GUID_NULL, c, &answer), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_DisableWriterClasses(bc, &id, 1), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_EnableWriterClasses(bc, &id, 1), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_DisableWriterInstances(bc, &id, 1), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_QueryRevertStatus(bc, c, &async), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
}

static void disabled_writers_are_neither_asked_nor_listed(void **state)
{
    struct fixture *fixture = *state;
    UINT count = 7;
    backup_create(&fixture->backup);
    IVssBackupComponents *bc = fixture->backup.components;
    assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
    assert_hr(IVssBackupComponents_DisableWriterClasses(bc, &writer_id, 1), S_OK);
    gather_metadata(bc);
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(bc, &count), S_OK);
    assert_int_equal(count, 0);
    backup_gather_status(&fixture->backup);
    assert_hr(IVssBackupComponents_GetWriterStatusCount(bc, &count), S_OK);
    assert_int_equal(count, 0);
    assert_int_equal(fixture->writer.count[ON_IDENTIFY], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_uninitialised_object_refuses_every_method),
        TEST(disabled_writers_are_neither_asked_nor_listed),
        TEST(a_null_logical_path_equals_an_empty_one),
        TEST(vshadow_creates),
        TEST(vshadow_creates_without_writers),
        TEST(vshadow_administrates),
        TEST(hobocopy_copies),
        TEST(urbackup_sets_the_context_after_gathering_and_deletes_from_another_object),
        TEST(urbackup_aborts_an_object_that_never_initialised),
        TEST(restic_makes_a_copy_backup),
        TEST(bareos_queries_in_the_default_context),
        TEST(a_saved_document_restores_what_writers_and_requestor_wrote),
    };
    ThawlineSetOption(L"PROVIDER", L"live");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    return cmocka_run_group_tests_name("call orders", tests, NULL, NULL);
}
