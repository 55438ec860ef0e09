/* SPDX-License-Identifier: MIT
 *
 * Statements 51 to 61: the shadow copy set that is made (requestor 1.1, 2.4).
 */
#include "conformance.h"

enum ending
{
    FINISHES,
    FAILS,
    ABORTS,
    IS_RELEASED
};

static void end_first(struct fixture *fixture, enum ending ending)
{
    if (ending == FINISHES)
    {
        prepare(fixture);
        do_set(fixture);
    }
    else if (ending == FAILS)
    {
        prepare(fixture);
        assert_hr(call(fixture->bc, DoSnapshotSet, &fixture->pending), S_OK);
        IVssAsync_Cancel(fixture->pending);
        await(fixture->pending);
        fixture->pending = NULL;
    }
    else if (ending == ABORTS)
        assert_hr(call(fixture->bc, AbortBackup), S_OK);
    else
        release(fixture);
}

static void one_set_is_in_creation_at_a_time(struct fixture *fixture)
{
    const enum ending endings[] = {FINISHES, FAILS, ABORTS, IS_RELEASED};
    for (size_t i = 0; i < (judge_ours ? 4 : 1); i++)
    {
        VSS_ID id;
        IVssBackupComponentsEx4 *second = new_object();
        assert_hr(call(second, InitializeForBackup, NULL), S_OK);
        begin(fixture, false);
        start_set(fixture);
        assert_hr(call(second, StartSnapshotSet, &id), VSS_E_SNAPSHOT_SET_IN_PROGRESS);
        end_first(fixture, endings[i]);
        assert_hr(call(second, StartSnapshotSet, &id), S_OK);
        call(second, Release);
        release(fixture);
    }
}

static void a_dead_requestor_holds_nobody_up(struct fixture *fixture)
{
    VSS_ID id;
    let_requestor_die(DIES_STARTED);
    begin(fixture, false);
    assert_hr(call(fixture->bc, StartSnapshotSet, &id), S_OK);
}

static void the_same_volume_is_there_already(struct fixture *fixture)
{
    WCHAR name[64];
    VSS_ID id;
    assert_true(GetVolumeNameForVolumeMountPointW(c_drive, name, 64));
    begin(fixture, false);
    start_set(fixture);
    assert_hr(
        call(fixture->bc, AddToSnapshotSet, c_drive, GUID_NULL, &id), VSS_E_OBJECT_ALREADY_EXISTS);
    if (judge_ours)
        assert_hr(
            call(fixture->bc, AddToSnapshotSet, name, GUID_NULL, &id), VSS_E_OBJECT_ALREADY_EXISTS);
    prepare(fixture);
    do_set(fixture);
}

/* The provider that a query names first. */
static VSS_ID some_provider(struct fixture *fixture)
{
    IVssEnumObject *list = NULL;
    VSS_OBJECT_PROP prop;
    ULONG fetched = 0;
    assert_hr(
        call(fixture->bc, Query, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_PROVIDER, &list), S_OK);
    assert_hr(IVssEnumObject_Next(list, 1, &prop, &fetched), S_OK);
    IVssEnumObject_Release(list);
    CoTaskMemFree(prop.Obj.Prov.m_pwszProviderName);
    CoTaskMemFree(prop.Obj.Prov.m_pwszProviderVersion);
    return prop.Obj.Prov.m_ProviderId;
}

static void volumes_are_refused_by_their_codes(struct fixture *fixture)
{
    WCHAR bare[] = L"C:";
    VSS_ID id;
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    /* Only hardware providers can do it, and there is none. */
    assert_hr(
        call(fixture->bc, SetContext, VSS_CTX_FILE_SHARE_BACKUP | VSS_VOLSNAP_ATTR_TRANSPORTABLE),
        S_OK);
    assert_hr(call(fixture->bc, StartSnapshotSet, &id), S_OK);
    if (judge_ours)
        assert_hr(call(fixture->bc, AddToSnapshotSet, bare, GUID_NULL, &id), E_INVALIDARG);
    assert_hr(
        call(fixture->bc, AddToSnapshotSet, no_volume, GUID_NULL, &id), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(fixture->bc, AddToSnapshotSet, c_drive, foreign_id, &id),
        VSS_E_PROVIDER_NOT_REGISTERED);
    assert_hr(
        call(fixture->bc, AddToSnapshotSet, c_drive, GUID_NULL, &id), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_hr(call(fixture->bc, AddToSnapshotSet, c_drive, some_provider(fixture), &id),
        VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER);
}

static void a_refused_volume_leaves_the_others(struct fixture *fixture)
{
    VSS_SNAPSHOT_PROP prop = {0};
    VSS_ID id;
    begin(fixture, false);
    start_set(fixture);
    assert_hr(
        call(fixture->bc, AddToSnapshotSet, no_volume, GUID_NULL, &id), VSS_E_OBJECT_NOT_FOUND);
    assert_memory_equal(&id, &GUID_NULL, sizeof(id));
    prepare(fixture);
    do_set(fixture);
    assert_hr(call(fixture->bc, GetSnapshotProperties, fixture->snapshot_id, &prop), S_OK);
    assert_int_equal(prop.m_lSnapshotsCount, 1);
    VssFreeSnapshotPropertiesInternal(&prop);
}

static void support_is_an_answer_and_not_an_error(struct fixture *fixture)
{
    BOOL supported = FALSE;
    begin(fixture, false);
    start_set(fixture);
    assert_hr(call(fixture->bc, IsVolumeSupported, GUID_NULL, c_drive, &supported), S_OK);
    assert_true(supported);
    release(fixture);
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    assert_hr(
        call(fixture->bc, SetContext, VSS_CTX_FILE_SHARE_BACKUP | VSS_VOLSNAP_ATTR_TRANSPORTABLE),
        S_OK);
    assert_hr(call(fixture->bc, IsVolumeSupported, GUID_NULL, c_drive, &supported), S_OK);
    assert_false(supported);
}

static void an_empty_set_is_made(struct fixture *fixture)
{
    begin(fixture, false);
    assert_hr(call(fixture->bc, StartSnapshotSet, &fixture->set_id), S_OK);
    prepare(fixture);
    do_set(fixture);
    assert_string_equal(
        events_of(&fixture->writer), "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot");
}

/* Each refusal leaves the set as it was, so this one is empty too. */
static void a_set_whose_volumes_were_all_refused_is_empty(struct fixture *fixture)
{
    static WCHAR no_slash[] = L"C:";
    VSS_ID id;
    IVssEnumObject *list = NULL;
    begin(fixture, false);
    assert_hr(call(fixture->bc, StartSnapshotSet, &fixture->set_id), S_OK);
    assert_hr(
        call(fixture->bc, AddToSnapshotSet, no_volume, GUID_NULL, &id), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(fixture->bc, AddToSnapshotSet, no_slash, GUID_NULL, &id), E_INVALIDARG);
    assert_hr(call(fixture->bc, AddToSnapshotSet, c_drive, foreign_id, &id),
        VSS_E_PROVIDER_NOT_REGISTERED);
    prepare(fixture);
    do_set(fixture);
    assert_string_equal(
        events_of(&fixture->writer), "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot");
    assert_hr(
        call(fixture->bc, Query, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list), S_FALSE);
    IVssEnumObject_Release(list);
    complete(fixture);
}

/* The set that will never be made keeps nobody else from making one. */
static void another_can_begin(void)
{
    VSS_ID set_id;
    IVssBackupComponentsEx4 *other = new_object();
    assert_hr(call(other, InitializeForBackup, NULL), S_OK);
    assert_hr(call(other, StartSnapshotSet, &set_id), S_OK);
    call(other, Release);
}

static void a_backup_needs_no_set(struct fixture *fixture)
{
    to_prepared(fixture);
    complete(fixture);
    assert_string_equal(events_of(&fixture->writer), "PrepareBackup BackupComplete");
    another_can_begin();
    release(fixture);

    /* Nor when its end is cancelled. */
    to_prepared(fixture);
    hold(fixture, SLOT_ON_BACKUP_COMPLETE);
    assert_hr(call(fixture->bc, BackupComplete, &fixture->pending), S_OK);
    WaitForSingleObject(fixture->entered, INFINITE);
    assert_hr(IVssAsync_Cancel(fixture->pending), S_OK);
    another_can_begin();
}

static void check_nothing_is_left(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    VSS_SNAPSHOT_PROP prop = {0};
    IVssEnumObject *list = NULL;
    assert_hr(call(fixture->bc, GetSnapshotProperties, fixture->snapshot_id, &prop),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(
        call(fixture->bc, Query, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list), S_FALSE);
    IVssEnumObject_Release(list);
    assert_hr(call(fixture->bc, BackupComplete, &async), VSS_E_BAD_STATE);
    assert_hr(call(fixture->bc, SetBackupSucceeded, fixture->instance, writer_id, VSS_CT_FILEGROUP,
                  L"group", L"data0", true),
        VSS_E_BAD_STATE);
}

static void a_failed_set_leaves_nothing(struct fixture *fixture)
{
    to_prepared(fixture);
    fail_step(L"CommitSnapshots", VSS_E_INSUFFICIENT_STORAGE);
    IVssAsync *async = NULL;
    assert_hr(call(fixture->bc, DoSnapshotSet, &async), S_OK);
    assert_hr(await(async), VSS_E_INSUFFICIENT_STORAGE);
    check_nothing_is_left(fixture);
    assert_int_equal(fixture->writer.count[SLOT_ON_ABORT], 1);
}

static void what_is_in_creation_is_not_found(struct fixture *fixture)
{
    VSS_SNAPSHOT_PROP prop = {0};
    to_prepared(fixture);
    start_frozen(fixture);
    assert_hr(call(fixture->bc, GetSnapshotProperties, fixture->snapshot_id, &prop),
        VSS_E_OBJECT_NOT_FOUND);
    SetEvent(fixture->go);
    assert_hr(await(fixture->pending), VSS_S_ASYNC_FINISHED);
    fixture->pending = NULL;
}

static void providers_fail_through_the_status(struct fixture *fixture)
{
    static const struct
    {
        const WCHAR *step;
        HRESULT fails;
        HRESULT shown;
    } rows[] = {
        {L"EndPrepareSnapshots", VSS_E_PROVIDER_VETO, VSS_E_PROVIDER_VETO},
        {L"CommitSnapshots", VSS_E_INSUFFICIENT_STORAGE, VSS_E_INSUFFICIENT_STORAGE},
        /* What is not documented becomes what is. */
        {L"PostCommitSnapshots", E_ABORT, VSS_E_UNEXPECTED_PROVIDER_ERROR},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
    {
        IVssAsync *async = NULL;
        to_prepared(fixture);
        fail_step(rows[i].step, rows[i].fails);
        assert_hr(call(fixture->bc, DoSnapshotSet, &async), S_OK);
        assert_hr(await(async), rows[i].shown);
        release(fixture);
    }
}

const struct conformance_test snapshot_set_tests[] = {
    STATEMENT(051, one_set_is_in_creation_at_a_time, ANYONE),
    STATEMENT(051, a_dead_requestor_holds_nobody_up, OURS),
    STATEMENT(053, the_same_volume_is_there_already, ANYONE),
    STATEMENT(054, volumes_are_refused_by_their_codes, ANYONE),
    STATEMENT(055, a_refused_volume_leaves_the_others, OURS),
    STATEMENT(056, support_is_an_answer_and_not_an_error, ANYONE),
    STATEMENT(057, an_empty_set_is_made, OURS),
    STATEMENT(057, a_set_whose_volumes_were_all_refused_is_empty, OURS),
    STATEMENT(058, a_backup_needs_no_set, OURS),
    STATEMENT(059, a_failed_set_leaves_nothing, OURS),
    STATEMENT(060, what_is_in_creation_is_not_found, ANYONE),
    STATEMENT(061, providers_fail_through_the_status, OURS),
};
THEME_TABLE(snapshot_set);
