/* SPDX-License-Identifier: MIT
 *
 * DoSnapshotSet: the order of events, what failing writers and failing providers do to it, cancel,
 * the creation lock, and what remains afterwards (requestor 1.1, 1.8, 2.4, 2.6, 5; writer-provider
 * 3 and 6.2). The live provider serves.
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
#include "support/test_volume.h"

static const VSS_ID ids[3] = {
    {0xc1c1c1c1, 0x1111, 0x4111, {0x81, 1, 1, 1, 1, 1, 1, 1}},
    {0xc2c2c2c2, 0x2222, 0x4222, {0x82, 2, 2, 2, 2, 2, 2, 2}},
    {0xc3c3c3c3, 0x3333, 0x4333, {0x83, 3, 3, 3, 3, 3, 3, 3}},
};

#define STABLE 1
#define WAITING_FOR_BACKUP_COMPLETE 5
#define FAILED_AT_PREPARE_BACKUP 7
#define FAILED_AT_PREPARE_SNAPSHOT 8
#define FAILED_AT_FREEZE 9
#define FAILED_AT_THAW 10
#define FAILED_AT_POST_SNAPSHOT 11

struct fixture
{
    /* system, back end, front end: discovered in the order opposite to freezing */
    struct scripted_writer writers[3];
    struct backup backup;
    struct backup other;
    HANDLE gate;
    HANDLE entered;
};

static int set_up(void **state)
{
    static const WCHAR *const names[] = {L"system", L"back end", L"front end"};
    static const VSS_APPLICATION_LEVEL levels[] = {
        VSS_APP_SYSTEM, VSS_APP_BACK_END, VSS_APP_FRONT_END};
    struct fixture *fixture = test_calloc(1, sizeof(*fixture));
    for (int i = 0; i < 3; i++)
    {
        fixture->writers[i].name = names[i];
        fixture->writers[i].id = ids[i];
        fixture->writers[i].level = levels[i];
    }
    fixture->gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    fixture->entered = CreateEventW(NULL, TRUE, FALSE, NULL);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    SetEvent(fixture->gate);
    ThawlineClearFaults();
    backup_release(&fixture->backup);
    backup_release(&fixture->other);
    for (int i = 0; i < 3; i++)
        scripted_writer_stop(&fixture->writers[i]);
    CloseHandle(fixture->gate);
    CloseHandle(fixture->entered);
    test_free(fixture);
    return 0;
}

static void start_all(struct fixture *fixture)
{
    for (int i = 0; i < 3; i++)
        scripted_writer_start(&fixture->writers[i]);
}

static void check_status(struct fixture *fixture, int writer, int state, HRESULT failure)
{
    VSS_WRITER_STATE actual = VSS_WS_UNKNOWN;
    assert_hr(backup_writer_status(&fixture->backup, fixture->writers[writer].instance_id, &actual),
        failure);
    assert_int_equal(actual, state);
}

static void writers_freeze_from_front_end_to_system_and_thaw_in_reverse(void **state)
{
    struct fixture *fixture = *state;
    struct scripted_writer *system = &fixture->writers[0];
    struct scripted_writer *back = &fixture->writers[1];
    struct scripted_writer *front = &fixture->writers[2];
    start_all(fixture);
    backup_until_done(&fixture->backup);
    for (int i = 0; i < 3; i++)
        assert_string_equal(scripted_writer_events(&fixture->writers[i]),
            "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot");
    assert_true(front->order[ON_FREEZE] < back->order[ON_FREEZE]);
    assert_true(back->order[ON_FREEZE] < system->order[ON_FREEZE]);
    assert_true(system->order[ON_FREEZE] < system->order[ON_THAW]);
    assert_true(system->order[ON_THAW] < back->order[ON_THAW]);
    assert_true(back->order[ON_THAW] < front->order[ON_THAW]);
    backup_gather_status(&fixture->backup);
    for (int i = 0; i < 3; i++)
        check_status(fixture, i, WAITING_FOR_BACKUP_COMPLETE, S_OK);
}

static void a_veto_at(
    struct fixture *fixture, enum writer_event event, const char *events, int state)
{
    fixture->writers[1].at[event].veto = TRUE;
    start_all(fixture);
    backup_until_done(&fixture->backup);
    assert_string_equal(scripted_writer_events(&fixture->writers[1]), events);
    assert_string_equal(scripted_writer_events(&fixture->writers[0]),
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot");
    backup_gather_status(&fixture->backup);
    check_status(fixture, 0, WAITING_FOR_BACKUP_COMPLETE, S_OK);
    check_status(fixture, 1, state, VSS_E_WRITERERROR_NONRETRYABLE);
}

static void a_veto_of_prepare_backup_keeps_the_rest_from_that_writer(void **state)
{
    a_veto_at(*state, ON_PREPARE_BACKUP, "PrepareBackup", FAILED_AT_PREPARE_BACKUP);
}

static void a_veto_of_prepare_snapshot_raises_no_abort(void **state)
{
    a_veto_at(
        *state, ON_PREPARE_SNAPSHOT, "PrepareBackup PrepareSnapshot", FAILED_AT_PREPARE_SNAPSHOT);
}

static void a_veto_of_freeze_aborts_that_writer_only(void **state)
{
    a_veto_at(*state, ON_FREEZE, "PrepareBackup PrepareSnapshot Freeze Abort", FAILED_AT_FREEZE);
}

static void a_veto_of_thaw_aborts_that_writer_only(void **state)
{
    a_veto_at(*state, ON_THAW, "PrepareBackup PrepareSnapshot Freeze Thaw Abort", FAILED_AT_THAW);
}

static void a_veto_of_post_snapshot_raises_no_abort(void **state)
{
    a_veto_at(*state, ON_POST_SNAPSHOT, "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot",
        FAILED_AT_POST_SNAPSHOT);
}

static void a_failure_set_in_freeze_is_reported_and_the_writer_is_thawed(void **state)
{
    struct fixture *fixture = *state;
    VSS_WRITER_STATE actual = VSS_WS_UNKNOWN;
    fixture->writers[1].at[ON_FREEZE].failure = VSS_E_WRITERERROR_RETRYABLE;
    start_all(fixture);
    backup_until_done(&fixture->backup);
    assert_int_equal(fixture->writers[1].count[ON_ABORT], 0);
    assert_int_equal(fixture->writers[1].count[ON_THAW], 1);
    backup_gather_status(&fixture->backup);
    assert_hr(backup_writer_status(&fixture->backup, fixture->writers[1].instance_id, &actual),
        VSS_E_WRITERERROR_RETRYABLE);
}

static void a_failing_provider_aborts_every_writer_and_leaves_nothing(void **state)
{
    static const WCHAR *const steps[] = {L"EndPrepareSnapshots", L"PreCommitSnapshots",
        L"CommitSnapshots", L"PostCommitSnapshots", L"PreFinalCommitSnapshots"};
    struct fixture *fixture = *state;
    VSS_SNAPSHOT_PROP prop;
    size_t before = backup_count_shadows();
    start_all(fixture);
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
    {
        LONG aborts = fixture->writers[0].count[ON_ABORT];
        backup_until_prepared(&fixture->backup);
        assert_hr(ThawlineSetFault("provider.step", steps[i], VSS_E_PROVIDER_VETO, 1, 1, 0), S_OK);
        assert_hr(backup_snapshot(&fixture->backup), VSS_E_PROVIDER_VETO);
        for (int k = 0; k < 3; k++)
            assert_int_equal(fixture->writers[k].count[ON_ABORT], aborts + 1);
        assert_hr(IVssBackupComponents_GetSnapshotProperties(
                      fixture->backup.components, fixture->backup.snapshot_id, &prop),
            VSS_E_OBJECT_NOT_FOUND);
        assert_null(prop.m_pwszSnapshotDeviceObject);
        assert_int_equal(backup_count_shadows(), before);
        assert_hr(IVssBackupComponents_AbortBackup(fixture->backup.components), S_OK);
        backup_release(&fixture->backup);
    }
    /* And the next one works at once. */
    backup_until_done(&fixture->backup);
}

static void a_failure_after_post_snapshot_raises_no_abort(void **state)
{
    struct fixture *fixture = *state;
    start_all(fixture);
    backup_until_prepared(&fixture->backup);
    assert_hr(ThawlineSetFault(
                  "provider.step", L"PostFinalCommitSnapshots", VSS_E_PROVIDER_VETO, 1, 1, 0),
        S_OK);
    assert_hr(backup_snapshot(&fixture->backup), VSS_E_PROVIDER_VETO);
    for (int k = 0; k < 3; k++)
        assert_int_equal(fixture->writers[k].count[ON_ABORT], 0);
}

static void a_code_that_no_provider_may_return_becomes_unexpected_provider_error(void **state)
{
    struct fixture *fixture = *state;
    backup_until_prepared(&fixture->backup);
    assert_hr(ThawlineSetFault("provider.step", L"CommitSnapshots", E_ABORT, 1, 1, 0), S_OK);
    assert_hr(backup_snapshot(&fixture->backup), VSS_E_UNEXPECTED_PROVIDER_ERROR);
}

static void a_writer_that_outlasts_its_freeze_window_is_aborted_and_the_set_is_made(void **state)
{
    struct fixture *fixture = *state;
    fixture->writers[1].freeze_timeout = 300;
    fixture->writers[1].at[ON_ABORT].announces = fixture->entered;
    start_all(fixture);
    backup_until_prepared(&fixture->backup);
    /* The commit lasts longer than that writer's window. */
    assert_hr(ThawlineSetFault("provider.step", L"CommitSnapshots", S_OK, 1, 1, 1500), S_OK);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_int_equal(WaitForSingleObject(fixture->entered, 30000), WAIT_OBJECT_0);
    assert_int_equal(fixture->writers[1].count[ON_THAW], 0);
    assert_int_equal(fixture->writers[1].count[ON_POST_SNAPSHOT], 0);
    assert_int_equal(fixture->writers[0].count[ON_POST_SNAPSHOT], 1);
    backup_gather_status(&fixture->backup);
    check_status(fixture, 1, FAILED_AT_THAW, VSS_E_WRITERERROR_TIMEOUT);
}

static void a_freeze_handler_that_hangs_costs_its_own_window_only(void **state)
{
    struct fixture *fixture = *state;
    fixture->writers[1].freeze_timeout = 300;
    fixture->writers[1].at[ON_FREEZE].wait_for = fixture->gate;
    start_all(fixture);
    backup_until_done(&fixture->backup);
    assert_int_equal(fixture->writers[0].count[ON_POST_SNAPSHOT], 1);
    backup_gather_status(&fixture->backup);
    check_status(fixture, 1, FAILED_AT_FREEZE, VSS_E_WRITERERROR_TIMEOUT);
}

static void cancel_undoes_the_set_and_aborts_the_writers(void **state)
{
    struct fixture *fixture = *state;
    IVssAsync *async = NULL;
    size_t before = backup_count_shadows();
    fixture->writers[2].at[ON_FREEZE].wait_for = fixture->gate;
    fixture->writers[2].at[ON_FREEZE].announces = fixture->entered;
    start_all(fixture);
    backup_until_prepared(&fixture->backup);
    assert_hr(IVssBackupComponents_DoSnapshotSet(fixture->backup.components, &async), S_OK);
    WaitForSingleObject(fixture->entered, INFINITE);
    assert_hr(IVssAsync_Cancel(async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_CANCELLED);
    assert_int_equal(fixture->writers[0].count[ON_ABORT], 1);
    assert_int_equal(backup_count_shadows(), before);
    SetEvent(fixture->gate);
    /* FAILED: abort is fine, completion is not. */
    assert_hr(backup_complete(&fixture->backup), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_AbortBackup(fixture->backup.components), S_OK);
}

static void abort_backup_cancels_a_running_set(void **state)
{
    struct fixture *fixture = *state;
    IVssAsync *async = NULL;
    fixture->writers[2].at[ON_PREPARE_SNAPSHOT].wait_for = fixture->gate;
    fixture->writers[2].at[ON_PREPARE_SNAPSHOT].announces = fixture->entered;
    start_all(fixture);
    backup_until_prepared(&fixture->backup);
    assert_hr(IVssBackupComponents_DoSnapshotSet(fixture->backup.components, &async), S_OK);
    WaitForSingleObject(fixture->entered, INFINITE);
    assert_hr(IVssBackupComponents_AbortBackup(fixture->backup.components), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_CANCELLED);
    assert_int_equal(fixture->writers[0].count[ON_ABORT], 1);
    assert_hr(IVssBackupComponents_AbortBackup(fixture->backup.components), S_OK);
    assert_int_equal(fixture->writers[0].count[ON_ABORT], 1);
}

static void only_one_set_is_in_creation_and_the_second_can_retry(void **state)
{
    struct fixture *fixture = *state;
    VSS_ID id;
    backup_until_prepared(&fixture->backup);
    backup_begin(&fixture->other, FALSE);
    assert_hr(IVssBackupComponents_StartSnapshotSet(fixture->other.components, &id),
        VSS_E_SNAPSHOT_SET_IN_PROGRESS);
    assert_true(IsEqualGUID(&id, &GUID_NULL));
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_hr(IVssBackupComponents_StartSnapshotSet(fixture->other.components, &id), S_OK);
    /* An object that goes gives the right back. */
    backup_release(&fixture->other);
    backup_begin(&fixture->other, FALSE);
    assert_hr(IVssBackupComponents_StartSnapshotSet(fixture->other.components, &id), S_OK);
    /* So does one that aborts. */
    assert_hr(IVssBackupComponents_AbortBackup(fixture->other.components), S_OK);
    backup_release(&fixture->other);
    backup_begin(&fixture->other, FALSE);
    assert_hr(IVssBackupComponents_StartSnapshotSet(fixture->other.components, &id), S_OK);
}

static void an_auto_release_set_dies_with_its_object(void **state)
{
    struct fixture *fixture = *state;
    size_t before = backup_count_shadows();
    backup_until_done(&fixture->backup);
    assert_int_equal(backup_count_shadows(), before + 1);
    backup_release(&fixture->backup);
    assert_int_equal(backup_count_shadows(), before);
}

static void properties_tell_what_was_made(void **state)
{
    struct fixture *fixture = *state;
    VSS_SNAPSHOT_PROP prop;
    memset(&prop, 0x5a, sizeof(prop));
    backup_until_prepared(&fixture->backup);
    assert_hr(IVssBackupComponents_GetSnapshotProperties(
                  fixture->backup.components, fixture->backup.snapshot_id, &prop),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_hr(IVssBackupComponents_GetSnapshotProperties(
                  fixture->backup.components, fixture->backup.snapshot_id, &prop),
        S_OK);
    assert_true(IsEqualGUID(&prop.m_SnapshotId, &fixture->backup.snapshot_id));
    assert_true(IsEqualGUID(&prop.m_SnapshotSetId, &fixture->backup.set_id));
    assert_int_equal(prop.m_lSnapshotsCount, 1);
    assert_non_null(prop.m_pwszSnapshotDeviceObject);
    assert_int_not_equal(
        prop.m_pwszSnapshotDeviceObject[wcslen(prop.m_pwszSnapshotDeviceObject) - 1], L'\\');
    assert_memory_equal(prop.m_pwszOriginalVolumeName, L"\\\\?\\Volume{", 11 * sizeof(WCHAR));
    assert_int_equal(
        prop.m_pwszOriginalVolumeName[wcslen(prop.m_pwszOriginalVolumeName) - 1], L'\\');
    assert_null(prop.m_pwszExposedName);
    assert_null(prop.m_pwszExposedPath);
    assert_int_equal(prop.m_eStatus, 12);
    /* The default context: neither persistent nor kept beyond its object. */
    assert_int_equal(prop.m_lSnapshotAttributes &
            (VSS_VOLSNAP_ATTR_PERSISTENT | VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE),
        0);
    VssFreeSnapshotPropertiesInternal(&prop);
    assert_null(prop.m_pwszSnapshotDeviceObject);
    VssFreeSnapshotPropertiesInternal(&prop);
}

static void deleting_counts_and_names_what_is_missing(void **state)
{
    struct fixture *fixture = *state;
    LONG deleted = 7;
    VSS_ID not_deleted;
    backup_until_done(&fixture->backup);
    IVssBackupComponents *components = fixture->backup.components;
    assert_hr(IVssBackupComponents_DeleteSnapshots(components, fixture->backup.set_id,
                  VSS_OBJECT_PROVIDER, FALSE, &deleted, &not_deleted),
        E_INVALIDARG);
    assert_hr(IVssBackupComponents_DeleteSnapshots(components, fixture->backup.set_id,
                  VSS_OBJECT_SNAPSHOT_SET, FALSE, &deleted, &not_deleted),
        S_OK);
    assert_int_equal(deleted, 1);
    assert_true(IsEqualGUID(&not_deleted, &GUID_NULL));
    assert_hr(IVssBackupComponents_DeleteSnapshots(components, fixture->backup.snapshot_id,
                  VSS_OBJECT_SNAPSHOT, FALSE, &deleted, &not_deleted),
        VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(deleted, 0);
    assert_true(IsEqualGUID(&not_deleted, &fixture->backup.snapshot_id));
    assert_hr(IVssBackupComponents_DeleteSnapshots(components, fixture->backup.set_id,
                  VSS_OBJECT_SNAPSHOT_SET, FALSE, &deleted, &not_deleted),
        VSS_E_OBJECT_NOT_FOUND);
    assert_true(IsEqualGUID(&not_deleted, &GUID_NULL));
}

/* Requestor 8, 71. */
static void deleting_a_set_stops_at_the_first_failure_and_names_it(void **state)
{
    struct fixture *fixture = *state;
    struct test_volume volumes[2];
    VSS_ID copies[3];
    VSS_ID not_deleted = {0};
    VSS_SNAPSHOT_PROP prop = {0};
    LONG deleted = 7;
    for (int i = 0; i < 2; i++)
        test_volume_make(&volumes[i]);
    backup_begin(&fixture->backup, FALSE);
    backup_start_set(&fixture->backup);
    IVssBackupComponents *components = fixture->backup.components;
    copies[0] = fixture->backup.snapshot_id;
    for (int i = 0; i < 2; i++)
        assert_hr(IVssBackupComponents_AddToSnapshotSet(
                      components, volumes[i].name, GUID_NULL, &copies[i + 1]),
            S_OK);
    backup_prepare(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_hr(ThawlineSetFault("catalog", L"delete", VSS_E_PROVIDER_VETO, 2, 1, 0), S_OK);
    assert_hr(IVssBackupComponents_DeleteSnapshots(components, fixture->backup.set_id,
                  VSS_OBJECT_SNAPSHOT_SET, FALSE, &deleted, &not_deleted),
        VSS_E_PROVIDER_VETO);
    assert_hr(ThawlineClearFaults(), S_OK);
    assert_int_equal(deleted, 1);
    assert_true(IsEqualGUID(&not_deleted, &copies[1]));
    assert_hr(IVssBackupComponents_GetSnapshotProperties(components, copies[0], &prop),
        VSS_E_OBJECT_NOT_FOUND);
    for (int i = 1; i < 3; i++)
    {
        assert_hr(IVssBackupComponents_GetSnapshotProperties(components, copies[i], &prop), S_OK);
        VssFreeSnapshotProperties(&prop);
    }
    assert_hr(IVssBackupComponents_DeleteSnapshots(components, fixture->backup.set_id,
                  VSS_OBJECT_SNAPSHOT_SET, FALSE, &deleted, &not_deleted),
        S_OK);
    assert_int_equal(deleted, 2);
    assert_true(IsEqualGUID(&not_deleted, &GUID_NULL));
    for (int i = 0; i < 2; i++)
        test_volume_remove(&volumes[i]);
}

static void volumes_are_refused_by_the_documented_codes_and_the_set_stays_usable(void **state)
{
    struct fixture *fixture = *state;
    static const VSS_ID unknown = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    WCHAR c[] = L"C:\\";
    WCHAR no_backslash[] = L"C:";
    WCHAR missing[] = L"\\\\?\\Volume{12345678-1234-1234-1234-123456789012}\\";
    WCHAR *long_name = test_calloc(40001, sizeof(WCHAR));
    for (int i = 0; i < 40000; i++)
        long_name[i] = L'a';
    long_name[0] = L'C';
    long_name[1] = L':';
    long_name[39999] = L'\\';
    WCHAR guid_name[50];
    VSS_ID id;
    backup_begin(&fixture->backup, FALSE);
    backup_start_set(&fixture->backup);
    IVssBackupComponents *components = fixture->backup.components;
    assert_hr(
        IVssBackupComponents_AddToSnapshotSet(components, NULL, GUID_NULL, &id), E_INVALIDARG);
    assert_true(IsEqualGUID(&id, &GUID_NULL));
    assert_hr(IVssBackupComponents_AddToSnapshotSet(components, c, GUID_NULL, NULL), E_INVALIDARG);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(components, no_backslash, GUID_NULL, &id),
        E_INVALIDARG);
    assert_hr(
        IVssBackupComponents_AddToSnapshotSet(components, long_name, GUID_NULL, &id), E_INVALIDARG);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(components, missing, GUID_NULL, &id),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(components, c, GUID_NULL, &id),
        VSS_E_OBJECT_ALREADY_EXISTS);
    assert_true(GetVolumeNameForVolumeMountPointW(c, guid_name, 50));
    assert_hr(IVssBackupComponents_AddToSnapshotSet(components, guid_name, GUID_NULL, &id),
        VSS_E_OBJECT_ALREADY_EXISTS);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(components, c, unknown, &id),
        VSS_E_OBJECT_ALREADY_EXISTS);
    backup_prepare(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    test_free(long_name);
}

static void an_unknown_provider_is_not_registered(void **state)
{
    struct fixture *fixture = *state;
    static const VSS_ID unknown = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
    WCHAR c[] = L"C:\\";
    VSS_ID id;
    backup_begin(&fixture->backup, FALSE);
    assert_hr(IVssBackupComponents_StartSnapshotSet(fixture->backup.components, &id), S_OK);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(fixture->backup.components, c, unknown, &id),
        VSS_E_PROVIDER_NOT_REGISTERED);
    assert_hr(
        IVssBackupComponents_AddToSnapshotSet(fixture->backup.components, c, GUID_NULL, &id), S_OK);
}

static void an_empty_set_is_made_and_writers_get_their_events(void **state)
{
    struct fixture *fixture = *state;
    start_all(fixture);
    backup_begin(&fixture->backup, FALSE);
    assert_hr(
        IVssBackupComponents_StartSnapshotSet(fixture->backup.components, &fixture->backup.set_id),
        S_OK);
    backup_prepare(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_string_equal(scripted_writer_events(&fixture->writers[0]),
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot");
}

static void release_is_a_shutdown_with_the_id_of_the_set_that_was_made(void **state)
{
    struct fixture *fixture = *state;
    start_all(fixture);
    backup_until_done(&fixture->backup);
    VSS_ID set_id = fixture->backup.set_id;
    backup_release(&fixture->backup);
    assert_int_equal(fixture->writers[0].count[ON_BACKUP_SHUTDOWN], 1);
    assert_true(IsEqualGUID(&fixture->writers[0].set_id[ON_BACKUP_SHUTDOWN], &set_id));
    /* No set was made: GUID_NULL. */
    backup_until_prepared(&fixture->backup);
    backup_release(&fixture->backup);
    assert_int_equal(fixture->writers[0].count[ON_BACKUP_SHUTDOWN], 2);
    assert_true(IsEqualGUID(&fixture->writers[0].set_id[ON_BACKUP_SHUTDOWN], &GUID_NULL));
    /* No event but Identify: no shutdown. */
    backup_begin(&fixture->backup, FALSE);
    backup_release(&fixture->backup);
    assert_int_equal(fixture->writers[0].count[ON_BACKUP_SHUTDOWN], 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(volumes_are_refused_by_the_documented_codes_and_the_set_stays_usable),
        TEST(an_unknown_provider_is_not_registered),
        TEST(a_veto_of_prepare_backup_keeps_the_rest_from_that_writer),
        TEST(a_veto_of_prepare_snapshot_raises_no_abort),
        TEST(a_veto_of_freeze_aborts_that_writer_only),
        TEST(a_veto_of_thaw_aborts_that_writer_only),
        TEST(a_veto_of_post_snapshot_raises_no_abort),
        TEST(a_failure_set_in_freeze_is_reported_and_the_writer_is_thawed),
        TEST(a_failing_provider_aborts_every_writer_and_leaves_nothing),
        TEST(a_failure_after_post_snapshot_raises_no_abort),
        TEST(a_code_that_no_provider_may_return_becomes_unexpected_provider_error),
        TEST(a_writer_that_outlasts_its_freeze_window_is_aborted_and_the_set_is_made),
        TEST(a_freeze_handler_that_hangs_costs_its_own_window_only),
        TEST(cancel_undoes_the_set_and_aborts_the_writers),
        TEST(abort_backup_cancels_a_running_set),
        TEST(only_one_set_is_in_creation_and_the_second_can_retry),
        TEST(an_empty_set_is_made_and_writers_get_their_events),
        TEST(writers_freeze_from_front_end_to_system_and_thaw_in_reverse),
        TEST(an_auto_release_set_dies_with_its_object),
        TEST(properties_tell_what_was_made),
        TEST(deleting_counts_and_names_what_is_missing),
        TEST(deleting_a_set_stops_at_the_first_failure_and_names_it),
        TEST(release_is_a_shutdown_with_the_id_of_the_set_that_was_made),
    };
    ThawlineSetOption(L"PROVIDER", L"live");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    return cmocka_run_group_tests_name("snapshot set", tests, NULL, NULL);
}
