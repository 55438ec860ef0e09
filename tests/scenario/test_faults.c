/* SPDX-License-Identifier: MIT
 *
 * Each fault point fires where it says, and what the requestor sees is what the documentation has
 * for that failure. The live provider serves.
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
#include "support/writer_process.h"

#define FAILED_AT_FREEZE 9
#define FAILED_AT_PREPARE_BACKUP 7
/* What a process ends with that a fault ends. */
#define CRASH_CODE 0x40000015

/* A deadline for those whose answer never comes. */
#define SHORT_DEADLINE L"1500"

static const VSS_ID class_a = {0xfa01fa01, 0x1111, 0x4111, {0xa1, 1, 1, 1, 1, 1, 1, 1}};
static const VSS_ID class_b = {0xfa02fa02, 0x2222, 0x4222, {0xa2, 2, 2, 2, 2, 2, 2, 2}};
#define CLASS_A L"{fa01fa01-1111-4111-a101-010101010101}"

struct fixture
{
    struct scripted_writer a;
    struct scripted_writer b;
    struct writer_process other;
    struct backup backup;
};

static struct fixture fixture;

static int set_up(void **state)
{
    (void)state;
    fixture = (struct fixture){.a = {.name = L"near a", .id = class_a, .level = VSS_APP_BACK_END},
        .b = {.name = L"near b", .id = class_b}};
    scripted_writer_start(&fixture.a);
    scripted_writer_start(&fixture.b);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ThawlineClearFaults();
    ThawlineSetOption(L"EVENT_TIMEOUT", NULL);
    SetEnvironmentVariableW(L"THAWLINE_FAULTS", NULL);
    backup_release(&fixture.backup);
    writer_process_free(&fixture.other);
    scripted_writer_stop(&fixture.a);
    scripted_writer_stop(&fixture.b);
    return 0;
}

/* The rule, and the point's counter from zero. */
static void set_faults(const WCHAR *rules)
{
    UINT count = 0;
    assert_hr(ThawlineClearFaults(), S_OK);
    assert_hr(ThawlineLoadFaults(rules, &count), S_OK);
    assert_true(count > 0);
}

static void assert_fired(const char *name, UINT times)
{
    THAWLINE_FAULT_POINT point = {.cbSize = sizeof(point)};
    assert_hr(ThawlineFindFaultPoint(name, &point), S_OK);
    assert_string_equal(point.pszName, name);
    assert_int_equal(point.cFired, times);
}

static void check_status(VSS_ID instance_id, int state, HRESULT failure)
{
    VSS_WRITER_STATE actual = VSS_WS_UNKNOWN;
    assert_hr(backup_writer_status(&fixture.backup, instance_id, &actual), failure);
    assert_int_equal(actual, state);
}

static void start_other(const WCHAR *faults)
{
    writer_process_make(&fixture.other, L"other", &class_b, 1);
    SetEnvironmentVariableW(L"THAWLINE_FAULTS", faults);
    writer_process_start(&fixture.other);
    SetEnvironmentVariableW(L"THAWLINE_FAULTS", NULL);
}

/* ---- Memory, files, clock ---- */

static void without_memory_no_object_is_made(void **state)
{
    IVssBackupComponents *components = (IVssBackupComponents *)&fixture;
    (void)state;
    set_faults(L"alloc * E_OUTOFMEMORY 1 1");
    assert_hr(CreateVssBackupComponents(&components), E_OUTOFMEMORY);
    assert_null(components);
    assert_fired("alloc", 1);
    backup_until_done(&fixture.backup);
}

/* AddToSnapshotSet's page has no code for it. */
static void a_full_disk_is_insufficient_storage(void **state)
{
    VSS_ID id;
    WCHAR c[] = L"C:\\";
    (void)state;
    backup_begin(&fixture.backup, FALSE);
    assert_hr(IVssBackupComponents_StartSnapshotSet(fixture.backup.components, &id), S_OK);
    set_faults(L"file write disk-full 1 1");
    assert_hr(IVssBackupComponents_AddToSnapshotSet(fixture.backup.components, c, GUID_NULL, &id),
        VSS_E_UNEXPECTED);
    assert_fired("file", 1);
    assert_hr(
        IVssBackupComponents_AddToSnapshotSet(fixture.backup.components, c, GUID_NULL, &id), S_OK);
    backup_prepare(&fixture.backup);
    set_faults(L"file write disk-full 1 1");
    assert_hr(backup_snapshot(&fixture.backup), VSS_E_INSUFFICIENT_STORAGE);
    backup_release(&fixture.backup);
    backup_until_done(&fixture.backup);
}

static void a_clock_that_jumps_ends_the_patience_with_a_writer(void **state)
{
    HANDLE gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    IVssAsync *async = NULL;
    (void)state;
    fixture.a.at[ON_PREPARE_BACKUP].wait_for = gate;
    backup_begin(&fixture.backup, FALSE);
    backup_start_set(&fixture.backup);
    set_faults(L"clock * delay 1 0 3600000");
    assert_hr(IVssBackupComponents_PrepareForBackup(fixture.backup.components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    ThawlineClearFaults();
    SetEvent(gate);
    backup_gather_status(&fixture.backup);
    check_status(
        fixture.a.instance_id, FAILED_AT_PREPARE_BACKUP, VSS_E_WRITER_NOT_RESPONDING);
    backup_release(&fixture.backup);
    CloseHandle(gate);
}

/* ---- Methods and operations ---- */

static void a_method_fails_as_often_as_it_is_told(void **state)
{
    VSS_ID id;
    (void)state;
    backup_begin(&fixture.backup, FALSE);
    set_faults(L"requestor.method StartSnapshotSet VSS_E_SNAPSHOT_SET_IN_PROGRESS 1 2");
    for (int i = 0; i < 2; i++)
        assert_hr(IVssBackupComponents_StartSnapshotSet(fixture.backup.components, &id),
            VSS_E_SNAPSHOT_SET_IN_PROGRESS);
    assert_hr(IVssBackupComponents_StartSnapshotSet(fixture.backup.components, &id), S_OK);
    assert_fired("requestor.method", 2);
}

static void an_operation_cannot_be_started(void **state)
{
    IVssAsync *async = (IVssAsync *)&fixture;
    (void)state;
    backup_begin(&fixture.backup, FALSE);
    backup_start_set(&fixture.backup);
    set_faults(L"async.start PrepareForBackup E_OUTOFMEMORY 1 1");
    assert_hr(IVssBackupComponents_PrepareForBackup(fixture.backup.components, &async),
        E_OUTOFMEMORY);
    assert_null(async);
    assert_fired("async.start", 1);
    backup_prepare(&fixture.backup);
}

static void an_operation_hangs_until_the_faults_are_cleared(void **state)
{
    IVssAsync *async = NULL;
    (void)state;
    backup_begin(&fixture.backup, FALSE);
    backup_start_set(&fixture.backup);
    set_faults(L"async.run PrepareForBackup hang");
    assert_hr(IVssBackupComponents_PrepareForBackup(fixture.backup.components, &async), S_OK);
    assert_hr(IVssAsync_Wait(async, 100), S_OK);
    assert_hr(async_status(async), VSS_S_ASYNC_PENDING);
    assert_fired("async.run", 1);
    assert_int_equal(fixture.a.count[ON_PREPARE_BACKUP], 0);
    assert_hr(ThawlineClearFaults(), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    assert_int_equal(fixture.a.count[ON_PREPARE_BACKUP], 1);
}

/* ---- Writers ---- */

static UINT count_writers(void)
{
    IVssAsync *async = NULL;
    UINT count = 99;
    backup_create(&fixture.backup);
    assert_hr(IVssBackupComponents_InitializeForBackup(fixture.backup.components, NULL), S_OK);
    assert_hr(IVssBackupComponents_GatherWriterMetadata(fixture.backup.components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    assert_hr(
        IVssBackupComponents_GetWriterMetadataCount(fixture.backup.components, &count), S_OK);
    backup_release(&fixture.backup);
    return count;
}

static void a_writer_is_not_found_by_its_name_or_an_id(void **state)
{
    WCHAR instance[80] = L"writer.found ";
    (void)state;
    assert_int_equal(count_writers(), 2);
    set_faults(L"writer.found \"NEAR A\" drop");
    assert_int_equal(count_writers(), 1);
    set_faults(L"writer.found " CLASS_A L" drop");
    assert_int_equal(count_writers(), 1);
    StringFromGUID2(&fixture.b.instance_id, instance + lstrlenW(instance), 40);
    lstrcatW(instance, L" drop");
    set_faults(instance);
    assert_int_equal(count_writers(), 1);
    set_faults(L"writer.found nobody drop; writer.found * drop 2 1");
    assert_int_equal(count_writers(), 1);
    set_faults(L"writer.found * drop");
    assert_int_equal(count_writers(), 0);
    assert_fired("writer.found", 2);
    assert_hr(ThawlineClearFaults(), S_OK);
    assert_int_equal(count_writers(), 2);
}

static void an_event_that_is_not_delivered_is_the_writers_failure(void **state)
{
    (void)state;
    backup_until_prepared(&fixture.backup);
    set_faults(L"writer.event Freeze:" CLASS_A L" timeout");
    assert_hr(backup_snapshot(&fixture.backup), VSS_S_ASYNC_FINISHED);
    assert_fired("writer.event", 1);
    assert_int_equal(fixture.a.count[ON_FREEZE], 0);
    assert_int_equal(fixture.b.count[ON_THAW], 1);
    backup_gather_status(&fixture.backup);
    check_status(fixture.a.instance_id, FAILED_AT_FREEZE, VSS_E_WRITERERROR_TIMEOUT);
}

static void a_lost_writer_does_not_respond(void **state)
{
    (void)state;
    backup_until_prepared(&fixture.backup);
    set_faults(L"writer.lost \"Freeze:near b\" E_FAIL");
    assert_hr(backup_snapshot(&fixture.backup), VSS_S_ASYNC_FINISHED);
    assert_fired("writer.lost", 1);
    backup_gather_status(&fixture.backup);
    check_status(fixture.b.instance_id, FAILED_AT_FREEZE, VSS_E_WRITER_NOT_RESPONDING);
}

/* The code that a handler gives to SetWriterFailure; another one is that of a writer that gives
   none. */
static void a_handler_vetoes(void **state)
{
    static const struct
    {
        const WCHAR *rule;
        HRESULT failure;
    } rows[] = {
        {L"writer.handler \"Freeze:near a\" retryable", VSS_E_WRITERERROR_RETRYABLE},
        {L"writer.handler \"Freeze:near a\" nonretryable", VSS_E_WRITERERROR_NONRETRYABLE},
        {L"writer.handler \"Freeze:near a\" timeout", VSS_E_WRITERERROR_TIMEOUT},
        {L"writer.handler \"Freeze:near a\" inconsistent", VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT},
        {L"writer.handler \"Freeze:near a\" out-of-resources", VSS_E_WRITERERROR_OUTOFRESOURCES},
        {L"writer.handler \"Freeze:near a\" E_FAIL", VSS_E_WRITERERROR_NONRETRYABLE},
    };
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        LONG aborts = fixture.a.count[ON_ABORT];
        backup_until_prepared(&fixture.backup);
        set_faults(rows[i].rule);
        assert_hr(backup_snapshot(&fixture.backup), VSS_S_ASYNC_FINISHED);
        assert_fired("writer.handler", 1);
        assert_int_equal(fixture.a.count[ON_FREEZE], 0);
        assert_int_equal(fixture.a.count[ON_ABORT], aborts + 1);
        backup_gather_status(&fixture.backup);
        check_status(fixture.a.instance_id, FAILED_AT_FREEZE, rows[i].failure);
        ThawlineClearFaults();
        backup_release(&fixture.backup);
    }
    set_faults(L"writer.handler \"Identify:near a\" E_FAIL");
    assert_int_equal(count_writers(), 1);
}

static void a_writer_in_another_process_vetoes_for_itself(void **state)
{
    (void)state;
    start_other(L"writer.handler Freeze:other retryable");
    backup_until_done(&fixture.backup);
    backup_gather_status(&fixture.backup);
    check_status(writer_process_instance(&fixture.other, 0), FAILED_AT_FREEZE,
        VSS_E_WRITERERROR_RETRYABLE);
    assert_string_equal(
        writer_process_events(&fixture.other, 0, NULL), "PrepareBackup PrepareSnapshot Abort");
}

static void a_writers_process_ends_in_an_event(void **state)
{
    (void)state;
    start_other(L"writer.handler Freeze:other crash");
    VSS_ID instance = writer_process_instance(&fixture.other, 0);
    backup_until_done(&fixture.backup);
    writer_process_await_crash(&fixture.other, CRASH_CODE);
    backup_gather_status(&fixture.backup);
    check_status(instance, FAILED_AT_FREEZE, VSS_E_WRITER_NOT_RESPONDING);
    assert_int_equal(fixture.a.count[ON_THAW], 1);
}

/* ---- Messages ---- */

/* Lost on the way out or back: the writer's deadline passes. Broken: known at once. */
static void a_message_is_lost_or_its_connection_breaks(void **state)
{
    static const struct
    {
        const WCHAR *here;
        const WCHAR *there;
        LONG calls; /* of PrepareBackup's handler */
    } rows[] = {
        {L"ipc.frame event:other drop", NULL, 0},
        {L"ipc.frame event:other E_FAIL", NULL, 0},
        {NULL, L"ipc.frame answer:other drop 2 1", 1}, /* the first is Identify's */
        {NULL, L"ipc.frame answer:other E_FAIL 2 1", 1},
    };
    (void)state;
    assert_hr(ThawlineSetOption(L"EVENT_TIMEOUT", SHORT_DEADLINE), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        start_other(rows[i].there);
        backup_begin(&fixture.backup, FALSE);
        backup_start_set(&fixture.backup);
        if (rows[i].here)
            set_faults(rows[i].here);
        backup_prepare(&fixture.backup);
        if (rows[i].here)
            assert_fired("ipc.frame", 1);
        ThawlineClearFaults();
        backup_gather_status(&fixture.backup);
        check_status(writer_process_instance(&fixture.other, 0), FAILED_AT_PREPARE_BACKUP,
            VSS_E_WRITER_NOT_RESPONDING);
        const struct board_note *note = writer_process_find(&fixture.other, 0, ON_PREPARE_BACKUP);
        assert_int_equal(note != NULL, rows[i].calls);
        backup_release(&fixture.backup);
        writer_process_free(&fixture.other);
    }
}

static void a_writer_whose_greeting_is_lost_is_not_there(void **state)
{
    (void)state;
    start_other(NULL);
    assert_int_equal(count_writers(), 3);
    writer_process_free(&fixture.other);
    start_other(L"ipc.frame greeting E_FAIL");
    assert_int_equal(count_writers(), 2);
    writer_process_free(&fixture.other);
    start_other(NULL);
    set_faults(L"ipc.frame hello drop");
    assert_int_equal(count_writers(), 2);
    assert_fired("ipc.frame", 1);
}

/* ---- Providers, the set, the catalog ---- */

static void a_provider_fails_at_a_step_of_one_volume(void **state)
{
    WCHAR guid_name[50];
    WCHAR rule[160];
    (void)state;
    assert_true(GetVolumeNameForVolumeMountPointW(L"C:\\", guid_name, 50));
    swprintf(rule, ARRAYSIZE(rule), L"provider.step CommitSnapshots:%ls VSS_E_PROVIDER_VETO",
        guid_name);
    backup_until_prepared(&fixture.backup);
    set_faults(rule);
    assert_hr(backup_snapshot(&fixture.backup), VSS_E_PROVIDER_VETO);
    assert_int_equal(fixture.a.count[ON_ABORT], 1);
    backup_release(&fixture.backup);
    backup_until_prepared(&fixture.backup);
    set_faults(L"provider.step CommitSnapshots:C:\\ VSS_E_FLUSH_WRITES_TIMEOUT");
    assert_hr(backup_snapshot(&fixture.backup), VSS_E_UNEXPECTED_PROVIDER_ERROR);
    assert_fired("provider.step", 1);
    backup_release(&fixture.backup);
    backup_until_prepared(&fixture.backup);
    set_faults(L"provider.step CommitSnapshots:Q:\\ VSS_E_PROVIDER_VETO");
    assert_hr(backup_snapshot(&fixture.backup), VSS_S_ASYNC_FINISHED);
    assert_fired("provider.step", 0);
}

static void the_service_fails_with_codes_of_its_own(void **state)
{
    static const HRESULT codes[] = {VSS_E_FLUSH_WRITES_TIMEOUT, VSS_E_HOLD_WRITES_TIMEOUT,
        VSS_E_INSUFFICIENT_STORAGE};
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(codes); i++)
    {
        backup_until_prepared(&fixture.backup);
        assert_hr(ThawlineClearFaults(), S_OK);
        assert_hr(
            ThawlineSetFault("service.step", L"CommitSnapshots", codes[i], 1, 1, 0), S_OK);
        assert_hr(backup_snapshot(&fixture.backup), codes[i]);
        assert_fired("service.step", 1);
        assert_int_equal(fixture.a.count[ON_ABORT], i + 1);
        backup_release(&fixture.backup);
    }
}

static void the_catalog_fails(void **state)
{
    LONG deleted = -1;
    VSS_ID failed;
    (void)state;
    backup_until_done(&fixture.backup);
    set_faults(L"catalog delete VSS_E_PROVIDER_VETO 1 1");
    assert_hr(IVssBackupComponents_DeleteSnapshots(fixture.backup.components,
                  fixture.backup.snapshot_id, VSS_OBJECT_SNAPSHOT, FALSE, &deleted, &failed),
        VSS_E_PROVIDER_VETO);
    assert_int_equal(deleted, 0);
    assert_fired("catalog", 1);
    assert_hr(IVssBackupComponents_DeleteSnapshots(fixture.backup.components,
                  fixture.backup.snapshot_id, VSS_OBJECT_SNAPSHOT, FALSE, &deleted, &failed),
        S_OK);
    assert_int_equal(deleted, 1);
}

/* ---- Rules ---- */

static void what_a_point_does_not_take_is_refused(void **state)
{
    static const WCHAR *const rules[] = {L"clock * E_FAIL", L"alloc * hang", L"catalog * drop",
        L"writer.found * E_FAIL", L"async.run * E_FAIL", L"ipc.frame * hang",
        L"requestor.method * E_FIAL", L"requestor.metod * E_FAIL",
        L"requestor.method * E_FAIL chance=0%", L"requestor.method * E_FAIL chance=101%",
        L"requestor.method * E_FAIL seed=", L"requestor.method * E_FAIL 1 2 3 4",
        L"C:\\no such\\file.faults"};
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rules); i++)
    {
        UINT count = 99;
        assert_true(FAILED(ThawlineLoadFaults(rules[i], &count)));
        assert_int_equal(count, 0);
    }
    assert_hr(ThawlineLoadFaults(NULL, NULL), E_INVALIDARG);
    backup_until_done(&fixture.backup);
}

static void points_and_effects_are_listed(void **state)
{
    static const char *const tested[] = {"alloc", "file", "async.start", "async.run",
        "requestor.method", "writer.found", "writer.event", "writer.lost", "writer.handler",
        "provider.step", "service.step", "catalog", "ipc.frame", "clock"};
    static const char *const words[] = {"delay", "hang", "crash", "drop", "disk-full", "retryable",
        "nonretryable", "timeout", "inconsistent", "out-of-resources"};
    THAWLINE_FAULT_POINT point = {.cbSize = sizeof(point)};
    const char *description = NULL;
    (void)state;
    for (UINT i = 0; i < ARRAYSIZE(tested); i++)
    {
        assert_hr(ThawlineGetFaultPoint(i, &point), S_OK);
        assert_string_equal(point.pszName, tested[i]);
        assert_true(point.pszDescription[0] && point.pszMatches[0]);
    }
    assert_hr(ThawlineGetFaultPoint(ARRAYSIZE(tested), &point), S_FALSE);
    assert_hr(ThawlineFindFaultPoint("no.point", &point), S_FALSE);
    for (UINT i = 0; i < ARRAYSIZE(words); i++)
    {
        assert_string_equal(ThawlineGetFaultEffect(i, &description), words[i]);
        assert_true(description[0]);
    }
    assert_null(ThawlineGetFaultEffect(ARRAYSIZE(words), &description));
    assert_null(description);
    assert_true(ThawlineFaultEffectFits(3, 5));   /* writer.found drop */
    assert_false(ThawlineFaultEffectFits(3, 4));  /* requestor.method drop */
    assert_false(ThawlineFaultEffectFits(1, 0));  /* alloc hang */
    assert_false(ThawlineFaultEffectFits(5, 0));  /* alloc retryable */
    assert_true(ThawlineFaultEffectFits(5, 8));   /* writer.handler retryable */
    assert_false(ThawlineFaultEffectFits(99, 0));
    assert_false(ThawlineFaultEffectFits(0, 99));
    point.cbSize--;
    assert_hr(ThawlineGetFaultPoint(0, &point), E_INVALIDARG);
    assert_hr(ThawlineGetFaultPoint(0, NULL), E_INVALIDARG);
    assert_hr(ThawlineFindFaultPoint("alloc", &point), E_INVALIDARG);
    assert_hr(ThawlineFindFaultPoint(NULL, NULL), E_INVALIDARG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_point_does_not_take_is_refused),
        TEST(points_and_effects_are_listed),
        TEST(without_memory_no_object_is_made),
        TEST(a_full_disk_is_insufficient_storage),
        TEST(a_clock_that_jumps_ends_the_patience_with_a_writer),
        TEST(a_method_fails_as_often_as_it_is_told),
        TEST(an_operation_cannot_be_started),
        TEST(an_operation_hangs_until_the_faults_are_cleared),
        TEST(a_writer_is_not_found_by_its_name_or_an_id),
        TEST(an_event_that_is_not_delivered_is_the_writers_failure),
        TEST(a_lost_writer_does_not_respond),
        TEST(a_handler_vetoes),
        TEST(a_writer_in_another_process_vetoes_for_itself),
        TEST(a_writers_process_ends_in_an_event),
        TEST(a_message_is_lost_or_its_connection_breaks),
        TEST(a_writer_whose_greeting_is_lost_is_not_there),
        TEST(a_provider_fails_at_a_step_of_one_volume),
        TEST(the_service_fails_with_codes_of_its_own),
        TEST(the_catalog_fails),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    return cmocka_run_group_tests_name("faults", tests, NULL, NULL);
}
