/* SPDX-License-Identifier: MIT
 *
 * Statements 29 to 38: which events come, to whom, and when (requestor 1.5, 1.8, 2.4).
 */
#include "conformance.h"

/* Longest wait for an event that must come; a wait that is over fails the test. */
#define PATIENCE_MS 30000

static void without_component_mode_all_take_part(struct fixture *fixture)
{
    static const enum test_writer_slot told[] = {
        SLOT_ON_PREPARE_BACKUP, SLOT_ON_POST_SNAPSHOT, SLOT_ON_BACKUP_COMPLETE};
    begin(fixture, false);
    start_set(fixture);
    prepare(fixture);
    do_set(fixture);
    complete(fixture); /* with no component at all */
    assert_string_equal(events_of(&fixture->writer),
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupComplete");
    for (size_t i = 0; i < 3; i++)
        assert_null(fixture->writer.argument[told[i]]);
}

static void in_component_mode_who_has_none_is_left_out(struct fixture *fixture)
{
    start_other(fixture);
    to_done(fixture);
    complete(fixture);
    assert_string_equal(events_of(&fixture->writer),
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupComplete");
    assert_non_null(fixture->writer.argument[SLOT_ON_PREPARE_BACKUP]);
    assert_int_equal(fixture->other.count[SLOT_ON_PREPARE_SNAPSHOT], 0);
    assert_int_equal(fixture->other.count[SLOT_ON_FREEZE], 0);
    assert_int_equal(fixture->other.count[SLOT_ON_THAW], 0);
    assert_int_equal(fixture->other.count[SLOT_ON_POST_SNAPSHOT], 0);
    assert_int_equal(fixture->other.count[SLOT_ON_BACKUP_COMPLETE], 0);
}

static void freeze_goes_from_front_end_to_system(struct fixture *fixture)
{
    /* Started in the order that would be wrong. */
    start_writer(&fixture->third, other_id, VSS_APP_SYSTEM, 60000);
    start_writer(&fixture->other, other_id, VSS_APP_BACK_END, 60000);
    begin(fixture, false);
    start_set(fixture);
    prepare(fixture);
    do_set(fixture);
    assert_true(fixture->writer.order[SLOT_ON_FREEZE] < fixture->other.order[SLOT_ON_FREEZE]);
    assert_true(fixture->other.order[SLOT_ON_FREEZE] < fixture->third.order[SLOT_ON_FREEZE]);
}

static void who_is_frozen_for_too_long_is_aborted(struct fixture *fixture)
{
    /* The front end's window is over while the back end is still inside Freeze. */
    start_writer(&fixture->third, other_id, VSS_APP_FRONT_END, 500);
    start_writer(&fixture->other, foreign_id, VSS_APP_BACK_END, 60000);
    fixture->third.at[SLOT_ON_ABORT].entered = fixture->go;
    fixture->other.at[SLOT_ON_FREEZE].wait_for = fixture->go;
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    assert_hr(call(fixture->bc, SetBackupState, false, false, VSS_BT_FULL, false), S_OK);
    const VSS_ID classes[] = {other_id, foreign_id};
    IVssAsync *async = NULL;
    assert_hr(call(fixture->bc, EnableWriterClasses, classes, 2), S_OK);
    assert_done(call(fixture->bc, GatherWriterMetadata, &async));
    start_set(fixture);
    prepare(fixture);
    assert_hr(call(fixture->bc, DoSnapshotSet, &async), S_OK);
    HRESULT outcome = await(async);
    if (judge_ours)
        assert_hr(outcome, VSS_S_ASYNC_FINISHED);
    assert_int_equal(fixture->third.count[SLOT_ON_ABORT], 1);
    gather_status(fixture);
    assert_hr(standing_of(fixture, &other_id).failure, VSS_E_WRITERERROR_TIMEOUT);
}

static void only_freeze_and_thaw_failures_abort(struct fixture *fixture)
{
    static const struct
    {
        enum test_writer_slot slot;
        LONG aborts;
    } rows[] = {
        {SLOT_ON_PREPARE_SNAPSHOT, 0},
        {SLOT_ON_FREEZE, 1},
        {SLOT_ON_THAW, 1},
        {SLOT_ON_POST_SNAPSHOT, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
    {
        IVssAsync *async = NULL;
        forget_events(&fixture->writer);
        to_prepared(fixture);
        fixture->writer.at[rows[i].slot].answer = TEST_WRITER_NO;
        assert_hr(call(fixture->bc, DoSnapshotSet, &async), S_OK);
        HRESULT outcome = await(async);
        if (judge_ours)
            assert_hr(outcome, VSS_S_ASYNC_FINISHED);
        assert_int_equal(fixture->writer.count[SLOT_ON_ABORT], rows[i].aborts);
        fixture->writer.at[rows[i].slot].answer = TEST_WRITER_YES;
        release(fixture);
    }
}

static void the_set_is_finished_after_post_snapshot(struct fixture *fixture)
{
    to_prepared(fixture);
    hold(fixture, SLOT_ON_POST_SNAPSHOT);
    assert_hr(call(fixture->bc, DoSnapshotSet, &fixture->pending), S_OK);
    WaitForSingleObject(fixture->entered, INFINITE);
    assert_hr(status_of(fixture->pending), VSS_S_ASYNC_PENDING);
    SetEvent(fixture->go);
    assert_hr(await(fixture->pending), VSS_S_ASYNC_FINISHED);
    fixture->pending = NULL;
}

static void contexts_without_writers_have_none(struct fixture *fixture)
{
    static const LONG contexts[] = {
        VSS_CTX_FILE_SHARE_BACKUP, VSS_CTX_NAS_ROLLBACK, VSS_CTX_CLIENT_ACCESSIBLE};
    for (size_t i = 0; i < 3; i++)
    {
        IVssAsync *async = NULL;
        LONG deleted;
        VSS_ID not_deleted;
        create(fixture);
        assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
        assert_hr(call(fixture->bc, SetContext, contexts[i]), S_OK);
        assert_hr(call(fixture->bc, SetBackupState, true, false, VSS_BT_FULL, false), S_OK);
        assert_true(FAILED(call(fixture->bc, AddComponent, fixture->instance, writer_id,
            VSS_CT_FILEGROUP, L"group", L"data0")));
        start_set(fixture);
        assert_true(FAILED(call(fixture->bc, PrepareForBackup, &async)));
        assert_null(async);
        do_set(fixture);
        assert_true(FAILED(call(fixture->bc, BackupComplete, &async)));
        assert_null(async);
        assert_string_equal(events_of(&fixture->writer), "");
        assert_hr(call(fixture->bc, DeleteSnapshots, fixture->set_id, VSS_OBJECT_SNAPSHOT_SET, TRUE,
                      &deleted, &not_deleted),
            S_OK);
        release(fixture);
    }
}

static void contexts_with_writers_need_metadata(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    assert_hr(call(fixture->bc, SetBackupState, false, false, VSS_BT_FULL, false), S_OK);
    start_set(fixture);
    assert_hr(call(fixture->bc, DoSnapshotSet, &async), VSS_E_BAD_STATE);
    assert_null(async);
}

static void shutdown_comes_on_last_release(struct fixture *fixture)
{
    to_done(fixture);
    complete(fixture);
    VSS_ID set_id = fixture->set_id;
    call(fixture->bc, AddRef);
    call(fixture->bc, Release);
    assert_int_equal(fixture->writer.count[SLOT_ON_BACKUP_SHUTDOWN], 0);
    release(fixture);
    assert_int_equal(fixture->writer.count[SLOT_ON_BACKUP_SHUTDOWN], 1);
    assert_true(fixture->writer.order[SLOT_ON_BACKUP_SHUTDOWN] >
        fixture->writer.order[SLOT_ON_BACKUP_COMPLETE]);
    assert_memory_equal(&fixture->writer.shutdown_set_id, &set_id, sizeof(set_id));
    /* No shadow copy: no id. */
    to_prepared(fixture);
    release(fixture);
    assert_int_equal(fixture->writer.count[SLOT_ON_BACKUP_SHUTDOWN], 2);
    assert_memory_equal(&fixture->writer.shutdown_set_id, &GUID_NULL, sizeof(GUID_NULL));
}

static void shutdown_comes_when_the_requestor_dies(struct fixture *fixture)
{
    fixture->writer.at[SLOT_ON_BACKUP_SHUTDOWN].entered = fixture->entered;
    let_requestor_die(DIES_DONE);
    assert_int_equal(WaitForSingleObject(fixture->entered, PATIENCE_MS), WAIT_OBJECT_0);
    assert_string_equal(events_of(&fixture->writer),
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupShutdown");
    assert_memory_not_equal(&fixture->writer.shutdown_set_id, &GUID_NULL, sizeof(GUID_NULL));
}

static void after_abort_there_is_shutdown_alone(struct fixture *fixture)
{
    to_prepared(fixture);
    assert_hr(call(fixture->bc, AbortBackup), S_OK);
    release(fixture);
    assert_string_equal(events_of(&fixture->writer), "PrepareBackup Abort BackupShutdown");
}

/* Requestor 1.8: AbortBackup where nothing was told or all has been done. */
static void abort_tells_those_it_concerns(struct fixture *fixture)
{
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    start_set(fixture);
    assert_hr(call(fixture->bc, AbortBackup), S_OK);
    assert_int_equal(fixture->writer.count[SLOT_ON_ABORT], 0);
    release(fixture);

    to_done(fixture);
    assert_hr(call(fixture->bc, AbortBackup), S_OK);
    assert_int_equal(fixture->writer.count[SLOT_ON_ABORT], 0);
    /* The shadow copy stays until Release. */
    VSS_SNAPSHOT_PROP prop = {0};
    assert_hr(call(fixture->bc, GetSnapshotProperties, fixture->snapshot_id, &prop), S_OK);
    VssFreeSnapshotPropertiesInternal(&prop);
    release(fixture);

    to_done(fixture);
    complete(fixture);
    assert_hr(call(fixture->bc, AbortBackup), S_OK);
    assert_int_equal(fixture->writer.count[SLOT_ON_ABORT], 0);
    BSTR xml = save(fixture); /* still COMPLETE */
    SysFreeString(xml);
}

/* What a writer of the set learns in PostSnapshot of the first volume. */
static struct
{
    UINT volumes;
    HRESULT hr;
    WCHAR device[MAX_PATH];
} seen;

static void see_device(struct test_writer *writer, void *argument)
{
    struct test_impl *impl = writer->object.impl;
    LPCWSTR *volumes = impl->vtbl->GetCurrentVolumeArray(impl);
    LPCWSTR device = NULL;
    (void)argument;
    seen.volumes = impl->vtbl->GetCurrentVolumeCount(impl);
    seen.hr = impl->vtbl->GetSnapshotDeviceName(impl, volumes[0], &device);
    wcsncpy(seen.device, device ? device : L"", MAX_PATH - 1);
}

static void writers_see_where_the_shadow_copy_is(struct fixture *fixture)
{
    VSS_SNAPSHOT_PROP prop = {0};
    memset(&seen, 0, sizeof(seen));
    fixture->writer.at[SLOT_ON_POST_SNAPSHOT].action = see_device;
    to_done(fixture);
    assert_int_equal(seen.volumes, 1);
    assert_hr(seen.hr, S_OK);
    assert_hr(call(fixture->bc, GetSnapshotProperties, fixture->snapshot_id, &prop), S_OK);
    assert_int_equal(wcscmp(seen.device, prop.m_pwszSnapshotDeviceObject), 0);
    VssFreeSnapshotPropertiesInternal(&prop);
}

const struct conformance_test events_tests[] = {
    STATEMENT(029, without_component_mode_all_take_part, ANYONE),
    STATEMENT(030, in_component_mode_who_has_none_is_left_out, ANYONE),
    STATEMENT(031, freeze_goes_from_front_end_to_system, ANYONE),
    STATEMENT(032, who_is_frozen_for_too_long_is_aborted, ANYONE),
    STATEMENT(033, only_freeze_and_thaw_failures_abort, ANYONE),
    STATEMENT(034, the_set_is_finished_after_post_snapshot, OURS),
    STATEMENT(035, contexts_without_writers_have_none, ANYONE),
    STATEMENT(036, contexts_with_writers_need_metadata, ANYONE),
    STATEMENT(037, shutdown_comes_on_last_release, ANYONE),
    STATEMENT(037, shutdown_comes_when_the_requestor_dies, ANYONE),
    STATEMENT(038, after_abort_there_is_shutdown_alone, ANYONE),
    OTHER(abort_tells_those_it_concerns, OURS),
    OTHER(writers_see_where_the_shadow_copy_is, ANYONE),
};
THEME_TABLE(events);
