/* SPDX-License-Identifier: MIT
 *
 * BackupComplete: every code it answers and everything it does to writers, document and object
 * (requestor 1.7, 1.8, 2.4, 3). The live provider serves: no files are copied.
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

static const VSS_ID writer_a = {0xa1a1a1a1, 0x1111, 0x4111, {0x81, 1, 1, 1, 1, 1, 1, 1}};
static const VSS_ID writer_b = {0xb2b2b2b2, 0x2222, 0x4222, {0x82, 2, 2, 2, 2, 2, 2, 2}};

/* The states of vss.h that the spec names for this event (writer-provider 3.8). */
#define STABLE 1
#define FAILED_AT_FREEZE 9
#define FAILED_AT_BACKUP_COMPLETE 12

struct fixture
{
    struct scripted_writer a;
    struct scripted_writer b;
    struct backup backup;
    HANDLE gate;
    HANDLE entered;
    HANDLE b_entered;
    HANDLE aborted;
};

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof(*fixture));
    fixture->a.name = L"writer a";
    fixture->a.id = writer_a;
    fixture->a.components = 1;
    fixture->b.name = L"writer b";
    fixture->b.id = writer_b;
    fixture->b.components = 1;
    fixture->gate = CreateEventW(NULL, TRUE, FALSE, NULL);
    fixture->entered = CreateEventW(NULL, TRUE, FALSE, NULL);
    fixture->b_entered = CreateEventW(NULL, TRUE, FALSE, NULL);
    fixture->aborted = CreateEventW(NULL, TRUE, FALSE, NULL);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    SetEvent(fixture->gate);
    ThawlineClearFaults();
    backup_release(&fixture->backup);
    scripted_writer_stop(&fixture->a);
    scripted_writer_stop(&fixture->b);
    ThawlineSetOption(L"EVENT_TIMEOUT", NULL);
    ThawlineSetOption(L"WINDOWS", NULL);
    ThawlineSetLogSink(NULL, NULL, 0);
    CloseHandle(fixture->gate);
    CloseHandle(fixture->entered);
    CloseHandle(fixture->b_entered);
    CloseHandle(fixture->aborted);
    test_free(fixture);
    return 0;
}

static void start_both(struct fixture *fixture)
{
    scripted_writer_start(&fixture->a);
    scripted_writer_start(&fixture->b);
}

static void null_pointer_is_refused_and_the_object_stays_usable(void **state)
{
    struct fixture *fixture = *state;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(IVssBackupComponents_BackupComplete(fixture->backup.components, NULL), E_INVALIDARG);
    assert_int_equal(fixture->a.count[ON_BACKUP_COMPLETE], 0);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_int_equal(fixture->a.count[ON_BACKUP_COMPLETE], 1);
}

static void without_initialisation_it_is_a_bad_state(void **state)
{
    struct fixture *fixture = *state;
    backup_create(&fixture->backup);
    assert_hr(backup_complete(&fixture->backup), VSS_E_BAD_STATE);
}

static void before_preparation_it_is_a_bad_state(void **state)
{
    struct fixture *fixture = *state;
    start_both(fixture);
    backup_begin(&fixture->backup, FALSE);
    assert_hr(backup_complete(&fixture->backup), VSS_E_BAD_STATE);
    backup_start_set(&fixture->backup);
    assert_hr(backup_complete(&fixture->backup), VSS_E_BAD_STATE);
    backup_prepare(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
}

static void in_a_restore_it_is_a_bad_state(void **state)
{
    struct fixture *fixture = *state;
    BSTR xml = NULL;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(IVssBackupComponents_SaveAsXML(fixture->backup.components, &xml), S_OK);
    backup_release(&fixture->backup);

    backup_create(&fixture->backup);
    assert_hr(IVssBackupComponents_InitializeForRestore(fixture->backup.components, xml), S_OK);
    SysFreeString(xml);
    assert_hr(backup_complete(&fixture->backup), VSS_E_BAD_STATE);
}

static void a_second_time_it_is_a_bad_state(void **state)
{
    struct fixture *fixture = *state;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_hr(backup_complete(&fixture->backup), VSS_E_BAD_STATE);
    assert_int_equal(fixture->a.count[ON_BACKUP_COMPLETE], 1);
}

static void after_an_abort_it_is_a_bad_state(void **state)
{
    struct fixture *fixture = *state;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(IVssBackupComponents_AbortBackup(fixture->backup.components), S_OK);
    assert_hr(backup_complete(&fixture->backup), VSS_E_BAD_STATE);
}

static void after_a_failed_snapshot_set_it_is_a_bad_state(void **state)
{
    struct fixture *fixture = *state;
    start_both(fixture);
    backup_until_prepared(&fixture->backup);
    assert_hr(
        ThawlineSetFault("provider.step", L"CommitSnapshots", VSS_E_INSUFFICIENT_STORAGE, 1, 1, 0),
        S_OK);
    assert_hr(backup_snapshot(&fixture->backup), VSS_E_INSUFFICIENT_STORAGE);
    assert_hr(backup_complete(&fixture->backup), VSS_E_BAD_STATE);
    assert_int_equal(fixture->a.count[ON_BACKUP_COMPLETE], 0);
    assert_int_equal(fixture->a.count[ON_ABORT], 1);
}

static void in_a_context_without_writers_it_is_a_bad_state(void **state)
{
    struct fixture *fixture = *state;
    WCHAR volume[] = L"C:\\";
    backup_create(&fixture->backup);
    IVssBackupComponents *components = fixture->backup.components;
    assert_hr(IVssBackupComponents_InitializeForBackup(components, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(components, VSS_CTX_FILE_SHARE_BACKUP), S_OK);
    assert_hr(IVssBackupComponents_StartSnapshotSet(components, &fixture->backup.set_id), S_OK);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(
                  components, volume, GUID_NULL, &fixture->backup.snapshot_id),
        S_OK);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_hr(backup_complete(&fixture->backup), VSS_E_BAD_STATE);
}

static void without_a_snapshot_set_it_completes_what_was_prepared(void **state)
{
    struct fixture *fixture = *state;
    start_both(fixture);
    backup_until_prepared(&fixture->backup);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_string_equal(scripted_writer_events(&fixture->a), "PrepareBackup BackupComplete");
}

static void every_allocation_that_fails_gives_out_of_memory_and_leaks_nothing(void **state)
{
    struct fixture *fixture = *state;
    start_both(fixture);
    /* Writers that took part once remember what they said and keep room for sessions. */
    backup_until_done(&fixture->backup);
    backup_release(&fixture->backup);
    for (DWORD k = 1;; k++)
    {
        LONG blocks = ThawlineGetLiveBlocks();
        LONG objects = ThawlineGetLiveObjects();
        backup_until_done(&fixture->backup);
        assert_hr(ThawlineSetFault("alloc", NULL, E_OUTOFMEMORY, k, 1, 0), S_OK);
        HRESULT hr = backup_complete(&fixture->backup);
        ThawlineClearFaults();
        backup_release(&fixture->backup);
        assert_int_equal(ThawlineGetLiveObjects(), objects);
        assert_int_equal(ThawlineGetLiveBlocks(), blocks);
        if (hr == VSS_S_ASYNC_FINISHED)
        {
            assert_true(k > 1); /* the fault did reach an allocation before */
            return;
        }
        assert_hr(hr, E_OUTOFMEMORY);
    }
}

static void CALLBACK keep_line(void *context, int level, const WCHAR *line)
{
    WCHAR *kept = context;
    (void)level;
    if (wcsstr(line, L"VSS_E_PROVIDER_VETO"))
        wcsncpy(kept, line, 499);
}

static void any_other_fault_is_unexpected_with_its_code_in_the_log(void **state)
{
    struct fixture *fixture = *state;
    static WCHAR line[500];
    memset(line, 0, sizeof(line));
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(ThawlineSetLogSink(keep_line, line, 1), S_OK);
    assert_hr(ThawlineSetFault("requestor.method", L"BackupComplete", VSS_E_PROVIDER_VETO, 1, 1, 0),
        S_OK);
    assert_hr(backup_complete(&fixture->backup), VSS_E_UNEXPECTED);
    assert_non_null(wcsstr(line, L"BackupComplete"));
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
}

static void before_windows_7_any_other_fault_is_e_unexpected(void **state)
{
    struct fixture *fixture = *state;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(ThawlineSetOption(L"WINDOWS", L"2008"), S_OK);
    assert_hr(ThawlineSetFault("requestor.method", L"BackupComplete", VSS_E_PROVIDER_VETO, 1, 1, 0),
        S_OK);
    assert_hr(backup_complete(&fixture->backup), E_UNEXPECTED);
}

static void check_status(
    struct fixture *fixture, const struct scripted_writer *writer, int state, HRESULT failure)
{
    VSS_WRITER_STATE actual = VSS_WS_UNKNOWN;
    backup_gather_status(&fixture->backup);
    assert_hr(backup_writer_status(&fixture->backup, writer->instance_id, &actual), failure);
    assert_int_equal(actual, state);
}

static void a_handler_that_returns_false_shows_in_the_status_only(void **state)
{
    struct fixture *fixture = *state;
    fixture->a.at[ON_BACKUP_COMPLETE].veto = TRUE;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    check_status(fixture, &fixture->a, FAILED_AT_BACKUP_COMPLETE, VSS_E_WRITERERROR_NONRETRYABLE);
    check_status(fixture, &fixture->b, STABLE, S_OK);
}

static void a_handler_that_sets_a_failure_shows_in_the_status_only(void **state)
{
    struct fixture *fixture = *state;
    VSS_WRITER_STATE actual = VSS_WS_UNKNOWN;
    fixture->a.at[ON_BACKUP_COMPLETE].failure = VSS_E_WRITERERROR_RETRYABLE;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    backup_gather_status(&fixture->backup);
    assert_hr(backup_writer_status(&fixture->backup, fixture->a.instance_id, &actual),
        VSS_E_WRITERERROR_RETRYABLE);
}

static void a_lost_writer_is_an_error_after_the_others_were_served(void **state)
{
    struct fixture *fixture = *state;
    VSS_WRITER_STATE actual = VSS_WS_UNKNOWN;
    BSTR xml = NULL;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(ThawlineSetFault(
                  "writer.lost", L"BackupComplete:writer a", VSS_E_WRITER_NOT_RESPONDING, 1, 1, 0),
        S_OK);
    assert_hr(backup_complete(&fixture->backup), VSS_E_UNEXPECTED_WRITER_ERROR);
    assert_int_equal(fixture->a.count[ON_BACKUP_COMPLETE], 0);
    assert_int_equal(fixture->b.count[ON_BACKUP_COMPLETE], 1);
    backup_gather_status(&fixture->backup);
    assert_hr(backup_writer_status(&fixture->backup, fixture->a.instance_id, &actual),
        VSS_E_WRITER_NOT_RESPONDING);
    /* The phase is COMPLETE: not a second time, but the document can be saved. */
    assert_hr(backup_complete(&fixture->backup), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_SaveAsXML(fixture->backup.components, &xml), S_OK);
    SysFreeString(xml);
}

static void a_writer_over_its_deadline_is_an_error_after_the_others_were_served(void **state)
{
    struct fixture *fixture = *state;
    VSS_WRITER_STATE actual = VSS_WS_UNKNOWN;
    fixture->a.at[ON_BACKUP_COMPLETE].wait_for = fixture->gate;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(ThawlineSetOption(L"EVENT_TIMEOUT", L"300"), S_OK);
    assert_hr(backup_complete(&fixture->backup), VSS_E_UNEXPECTED_WRITER_ERROR);
    assert_int_equal(fixture->b.count[ON_BACKUP_COMPLETE], 1);
    backup_gather_status(&fixture->backup);
    HRESULT failure = backup_writer_status(&fixture->backup, fixture->a.instance_id, &actual);
    assert_true(failure == VSS_E_WRITERERROR_TIMEOUT || failure == VSS_E_WRITER_NOT_RESPONDING);
    assert_hr(backup_complete(&fixture->backup), VSS_E_BAD_STATE);
}

static void a_writer_that_failed_before_is_skipped(void **state)
{
    struct fixture *fixture = *state;
    fixture->a.at[ON_FREEZE].veto = TRUE;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_int_equal(fixture->a.count[ON_BACKUP_COMPLETE], 0);
    assert_int_equal(fixture->b.count[ON_BACKUP_COMPLETE], 1);
    check_status(fixture, &fixture->a, FAILED_AT_FREEZE, VSS_E_WRITERERROR_NONRETRYABLE);
}

static void cancelling_leaves_the_backup_aborted(void **state)
{
    struct fixture *fixture = *state;
    IVssAsync *async = NULL;
    fixture->a.at[ON_BACKUP_COMPLETE].wait_for = fixture->gate;
    fixture->a.at[ON_BACKUP_COMPLETE].announces = fixture->entered;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(IVssBackupComponents_BackupComplete(fixture->backup.components, &async), S_OK);
    WaitForSingleObject(fixture->entered, INFINITE);
    assert_hr(async_status(async), VSS_S_ASYNC_PENDING);
    /* The handler never returns: it is detached, Cancel does not wait for it. */
    assert_hr(IVssAsync_Cancel(async), S_OK);
    assert_hr(async_status(async), VSS_S_ASYNC_CANCELLED);
    assert_hr(IVssAsync_Cancel(async), VSS_S_ASYNC_CANCELLED);
    assert_hr(await(async), VSS_S_ASYNC_CANCELLED);
    assert_hr(backup_complete(&fixture->backup), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_AbortBackup(fixture->backup.components), S_OK);
}

/* ---- AbortBackup meanwhile ---- */

static volatile LONG aborts_raised;

static void CALLBACK count_aborts(void *context, int level, const WCHAR *line)
{
    (void)context;
    (void)level;
    if (wcsstr(line, L"(Abort) holds up"))
        InterlockedIncrement(&aborts_raised);
}

/* Each Abort that is raised in a writer passes a fault that holds it up for a moment. */
static void watch_aborts(void)
{
    aborts_raised = 0;
    assert_hr(ThawlineSetLogSink(count_aborts, NULL, 4), S_OK);
    assert_hr(ThawlineSetFault("writer.event", L"Abort", S_OK, 1, 0, 1), S_OK);
}

/* `handler` of writer a runs meanwhile, of two writers. */
static void abort_during(struct fixture *fixture, int handler,
    HRESULT(STDMETHODCALLTYPE *method)(IVssBackupComponents *components, IVssAsync **async))
{
    IVssAsync *async = NULL;
    watch_aborts();
    fixture->a.at[handler].wait_for = fixture->gate;
    fixture->a.at[handler].announces = fixture->entered;
    fixture->a.at[ON_ABORT].announces = fixture->aborted;
    fixture->b.at[handler].announces = fixture->b_entered;
    assert_hr(method(fixture->backup.components, &async), S_OK);
    WaitForSingleObject(fixture->entered, INFINITE);
    WaitForSingleObject(fixture->b_entered, INFINITE);
    assert_hr(IVssBackupComponents_AbortBackup(fixture->backup.components), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_CANCELLED);
    SetEvent(fixture->gate);
    assert_hr(IVssBackupComponents_AbortBackup(fixture->backup.components), S_OK);
    assert_hr(backup_complete(&fixture->backup), VSS_E_BAD_STATE);
    assert_int_equal(aborts_raised, 2);
}

static void an_abort_during_prepare_is_raised_once_in_each_writer(void **state)
{
    struct fixture *fixture = *state;
    start_both(fixture);
    backup_begin(&fixture->backup, FALSE);
    backup_start_set(&fixture->backup);
    abort_during(fixture, ON_PREPARE_BACKUP, fixture->backup.components->lpVtbl->PrepareForBackup);
    /* It gets its own when the handler has returned. */
    WaitForSingleObject(fixture->aborted, INFINITE);
    scripted_writer_stop(&fixture->a);
    scripted_writer_stop(&fixture->b);
    assert_string_equal(scripted_writer_events(&fixture->b), "PrepareBackup Abort");
    assert_string_equal(scripted_writer_events(&fixture->a), "PrepareBackup Abort");
}

static void an_abort_during_backup_complete_is_raised_once_in_each_writer(void **state)
{
    struct fixture *fixture = *state;
    start_both(fixture);
    backup_until_prepared(&fixture->backup);
    abort_during(fixture, ON_BACKUP_COMPLETE, fixture->backup.components->lpVtbl->BackupComplete);
    /* It has done its part. */
    assert_int_equal(fixture->b.count[ON_ABORT], 0);
}

static void abort_from_within(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    struct backup *backup = context;
    (void)writer;
    (void)event;
    IVssBackupComponents_AbortBackup(backup->components);
}

static void an_abort_by_the_last_handler_of_prepare_is_told_too(void **state)
{
    struct fixture *fixture = *state;
    IVssAsync *async = NULL;
    fixture->a.at[ON_PREPARE_BACKUP].action = abort_from_within;
    fixture->a.at[ON_PREPARE_BACKUP].context = &fixture->backup;
    scripted_writer_start(&fixture->a);
    backup_begin(&fixture->backup, FALSE);
    backup_start_set(&fixture->backup);
    assert_hr(IVssBackupComponents_PrepareForBackup(fixture->backup.components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_CANCELLED);
    scripted_writer_stop(&fixture->a);
    assert_string_equal(scripted_writer_events(&fixture->a), "PrepareBackup Abort");
    assert_hr(IVssBackupComponents_DoSnapshotSet(fixture->backup.components, &async),
        VSS_E_BAD_STATE);
}

static void cancelling_before_a_writer_is_called_keeps_the_event_from_it(void **state)
{
    struct fixture *fixture = *state;
    IVssAsync *async = NULL;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    /* The delivery to every writer is held up until the operation is cancelled. */
    assert_hr(ThawlineSetFault("writer.event", L"BackupComplete", S_OK, 1, 0, 600), S_OK);
    assert_hr(IVssBackupComponents_BackupComplete(fixture->backup.components, &async), S_OK);
    assert_hr(IVssAsync_Cancel(async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_CANCELLED);
    scripted_writer_stop(&fixture->a);
    scripted_writer_stop(&fixture->b);
    assert_int_equal(fixture->a.count[ON_BACKUP_COMPLETE], 0);
    assert_int_equal(fixture->b.count[ON_BACKUP_COMPLETE], 0);
}

struct inside
{
    struct backup *backup;
    IVssAsync *volatile async;
    HANDLE known;
    HRESULT result;
};

static void cancel_inside(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    struct inside *inside = context;
    (void)writer;
    (void)event;
    WaitForSingleObject(inside->known, INFINITE);
    inside->result = IVssAsync_Cancel(inside->async);
}

static void cancel_from_inside_a_handler_does_not_wait_for_itself(void **state)
{
    struct fixture *fixture = *state;
    struct inside inside = {&fixture->backup, NULL, fixture->gate, E_UNEXPECTED};
    IVssAsync *async = NULL;
    fixture->a.at[ON_BACKUP_COMPLETE].action = cancel_inside;
    fixture->a.at[ON_BACKUP_COMPLETE].context = &inside;
    scripted_writer_start(&fixture->a);
    backup_until_done(&fixture->backup);
    assert_hr(IVssBackupComponents_BackupComplete(fixture->backup.components, &async), S_OK);
    inside.async = async;
    SetEvent(fixture->gate);
    assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
    assert_hr(async_status(async), VSS_S_ASYNC_CANCELLED);
    /* On return no handler runs: what it noted can be read. */
    scripted_writer_stop(&fixture->a);
    assert_hr(inside.result, S_OK);
    IVssAsync_Release(async);
}

static void release_inside(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    struct inside *inside = context;
    (void)writer;
    (void)event;
    WaitForSingleObject(inside->known, INFINITE);
    IVssAsync_Release(inside->async);
    backup_release(inside->backup);
}

static void release_from_inside_a_handler_does_not_wait_for_itself(void **state)
{
    struct fixture *fixture = *state;
    struct inside inside = {&fixture->backup, NULL, fixture->gate, E_UNEXPECTED};
    IVssAsync *async = NULL;
    fixture->a.at[ON_BACKUP_COMPLETE].action = release_inside;
    fixture->a.at[ON_BACKUP_COMPLETE].context = &inside;
    fixture->a.at[ON_BACKUP_SHUTDOWN].announces = fixture->entered;
    scripted_writer_start(&fixture->a);
    LONG objects = ThawlineGetLiveObjects();
    backup_until_done(&fixture->backup);
    assert_hr(IVssBackupComponents_BackupComplete(fixture->backup.components, &async), S_OK);
    inside.async = async;
    SetEvent(fixture->gate);
    WaitForSingleObject(fixture->entered, INFINITE);
    scripted_writer_stop(&fixture->a);
    assert_string_equal(scripted_writer_events(&fixture->a),
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupComplete BackupShutdown");
    for (int i = 0; i < 500 && ThawlineGetLiveObjects() >= objects; i++)
        Sleep(10); /* the last reference goes on a thread of the DLL that no event tells about */
    assert_true(ThawlineGetLiveObjects() <= objects);
}

static void releasing_everything_early_lets_the_operation_run_to_its_end(void **state)
{
    struct fixture *fixture = *state;
    IVssAsync *async = NULL;
    fixture->a.at[ON_BACKUP_COMPLETE].wait_for = fixture->gate;
    fixture->a.at[ON_BACKUP_COMPLETE].announces = fixture->entered;
    HANDLE shut_down = CreateEventW(NULL, TRUE, FALSE, NULL);
    fixture->a.at[ON_BACKUP_SHUTDOWN].announces = shut_down;
    scripted_writer_start(&fixture->a);
    backup_until_done(&fixture->backup);
    assert_hr(IVssBackupComponents_BackupComplete(fixture->backup.components, &async), S_OK);
    WaitForSingleObject(fixture->entered, INFINITE);
    backup_release(&fixture->backup);
    /* The operation goes on and can still be asked. */
    assert_hr(async_status(async), VSS_S_ASYNC_PENDING);
    assert_int_equal(fixture->a.count[ON_BACKUP_SHUTDOWN], 0);
    SetEvent(fixture->gate);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    WaitForSingleObject(shut_down, INFINITE);
    assert_true(IsEqualGUID(&fixture->a.set_id[ON_BACKUP_SHUTDOWN], &fixture->backup.set_id));
    scripted_writer_stop(&fixture->a);
    CloseHandle(shut_down);
}

struct success_seen
{
    HRESULT result[3];
    boolean value[3];
    HRESULT setter;
};

static void read_success(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    struct success_seen *seen = context;
    UINT count = 0;
    (void)writer;
    event->pComponents->lpVtbl->GetComponentCount(event->pComponents, &count);
    for (UINT i = 0; i < count && i < 3; i++)
    {
        IVssComponent *component = NULL;
        if (FAILED(event->pComponents->lpVtbl->GetComponent(event->pComponents, i, &component)))
            continue;
        seen->result[i] = IVssComponent_GetBackupSucceeded(component, &seen->value[i]);
        seen->setter = IVssComponent_SetBackupMetadata(component, L"too late");
        IVssComponent_Release(component);
    }
}

static void writers_read_what_set_backup_succeeded_said(void **state)
{
    struct fixture *fixture = *state;
    struct success_seen seen = {
        {E_UNEXPECTED, E_UNEXPECTED, E_UNEXPECTED}, {FALSE, TRUE, TRUE}, S_OK};
    fixture->a.components = 3;
    fixture->a.at[ON_BACKUP_COMPLETE].action = read_success;
    fixture->a.at[ON_BACKUP_COMPLETE].context = &seen;
    start_both(fixture);
    backup_begin(&fixture->backup, TRUE);
    backup_add_component(&fixture->backup, fixture->a.instance_id, writer_a, L"data0");
    backup_add_component(&fixture->backup, fixture->a.instance_id, writer_a, L"data1");
    backup_add_component(&fixture->backup, fixture->a.instance_id, writer_a, L"data2");
    backup_start_set(&fixture->backup);
    backup_prepare(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    IVssBackupComponents *components = fixture->backup.components;
    assert_hr(IVssBackupComponents_SetBackupSucceeded(components, fixture->a.instance_id, writer_a,
                  VSS_CT_FILEGROUP, L"group", L"data0", TRUE),
        S_OK);
    assert_hr(IVssBackupComponents_SetBackupSucceeded(components, fixture->a.instance_id, writer_a,
                  VSS_CT_FILEGROUP, L"group", L"data1", FALSE),
        S_OK);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_hr(seen.result[0], S_OK);
    assert_true(seen.value[0]);
    assert_hr(seen.result[1], S_OK);
    assert_false(seen.value[1]);
    assert_hr(seen.result[2], S_FALSE);
    /* The document is read-only in this event. */
    assert_hr(seen.setter, VSS_E_BAD_STATE);
    /* The other writer has no component: none of these events is for it. */
    assert_string_equal(scripted_writer_events(&fixture->b), "");
    assert_hr(IVssBackupComponents_SetBackupSucceeded(components, fixture->a.instance_id, writer_a,
                  VSS_CT_FILEGROUP, L"group", L"data2", TRUE),
        VSS_E_BAD_STATE);
}

static void outside_component_mode_writers_get_no_components(void **state)
{
    struct fixture *fixture = *state;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_int_equal(fixture->a.count[ON_BACKUP_COMPLETE], 1);
    assert_false(fixture->a.had_components[ON_BACKUP_COMPLETE]);
}

static void wait_with_a_short_time_leaves_the_operation_pending(void **state)
{
    struct fixture *fixture = *state;
    IVssAsync *async = NULL;
    INT reserved = 4711;
    HRESULT result = E_UNEXPECTED;
    fixture->a.at[ON_BACKUP_COMPLETE].wait_for = fixture->gate;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(IVssBackupComponents_BackupComplete(fixture->backup.components, &async), S_OK);
    assert_hr(IVssAsync_Wait(async, 0), S_OK);
    assert_hr(IVssAsync_Wait(async, 20), S_OK);
    assert_hr(async_status(async), VSS_S_ASYNC_PENDING);
    assert_hr(IVssAsync_QueryStatus(async, NULL, NULL), E_INVALIDARG);
    assert_hr(IVssAsync_QueryStatus(async, &result, &reserved), S_OK);
    assert_int_equal(reserved, 4711);
    SetEvent(fixture->gate);
    assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
    assert_hr(IVssAsync_Cancel(async), VSS_S_ASYNC_FINISHED);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
}

static void while_it_runs_no_other_operation_starts(void **state)
{
    struct fixture *fixture = *state;
    IVssAsync *async = NULL;
    IVssAsync *other = (IVssAsync *)(UINT_PTR)1;
    VSS_ID session;
    fixture->a.at[ON_BACKUP_COMPLETE].wait_for = fixture->gate;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    assert_hr(IVssBackupComponents_BackupComplete(fixture->backup.components, &async), S_OK);
    assert_hr(
        IVssBackupComponents_BackupComplete(fixture->backup.components, &other), VSS_E_BAD_STATE);
    assert_null(other);
    assert_hr(IVssBackupComponents_GatherWriterStatus(fixture->backup.components, &other),
        VSS_E_BAD_STATE);
    assert_hr(
        ((IVssBackupComponentsEx3 *)fixture->backup.components)
            ->lpVtbl->GetSessionId((IVssBackupComponentsEx3 *)fixture->backup.components, &session),
        S_OK);
    SetEvent(fixture->gate);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    assert_true(IsEqualGUID(&session, &fixture->a.session_id[ON_BACKUP_COMPLETE]));
}

static DWORD WINAPI complete_from_an_sta(void *context)
{
    struct backup *backup = context;
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    IVssAsync *async = NULL;
    HRESULT result = IVssBackupComponents_BackupComplete(backup->components, &async);
    if (SUCCEEDED(result))
    {
        IVssAsync_Wait(async, INFINITE);
        IVssAsync_QueryStatus(async, &result, NULL);
        IVssAsync_Release(async);
    }
    CoUninitialize();
    return (DWORD)result;
}

static void an_sta_that_pumps_no_messages_can_wait(void **state)
{
    struct fixture *fixture = *state;
    DWORD result = 0;
    start_both(fixture);
    backup_until_done(&fixture->backup);
    HANDLE thread = CreateThread(NULL, 0, complete_from_an_sta, &fixture->backup, 0, NULL);
    assert_int_equal(WaitForSingleObject(thread, 60000), WAIT_OBJECT_0);
    GetExitCodeThread(thread, &result);
    CloseHandle(thread);
    assert_hr((HRESULT)result, VSS_S_ASYNC_FINISHED);
    assert_int_equal(fixture->a.count[ON_BACKUP_COMPLETE], 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(null_pointer_is_refused_and_the_object_stays_usable),
        TEST(without_initialisation_it_is_a_bad_state),
        TEST(before_preparation_it_is_a_bad_state),
        TEST(in_a_restore_it_is_a_bad_state),
        TEST(a_second_time_it_is_a_bad_state),
        TEST(after_an_abort_it_is_a_bad_state),
        TEST(after_a_failed_snapshot_set_it_is_a_bad_state),
        TEST(in_a_context_without_writers_it_is_a_bad_state),
        TEST(without_a_snapshot_set_it_completes_what_was_prepared),
        TEST(every_allocation_that_fails_gives_out_of_memory_and_leaks_nothing),
        TEST(any_other_fault_is_unexpected_with_its_code_in_the_log),
        TEST(before_windows_7_any_other_fault_is_e_unexpected),
        TEST(a_handler_that_returns_false_shows_in_the_status_only),
        TEST(a_handler_that_sets_a_failure_shows_in_the_status_only),
        TEST(a_lost_writer_is_an_error_after_the_others_were_served),
        TEST(a_writer_over_its_deadline_is_an_error_after_the_others_were_served),
        TEST(a_writer_that_failed_before_is_skipped),
        TEST(cancelling_leaves_the_backup_aborted),
        TEST(cancelling_before_a_writer_is_called_keeps_the_event_from_it),
        TEST(an_abort_during_prepare_is_raised_once_in_each_writer),
        TEST(an_abort_during_backup_complete_is_raised_once_in_each_writer),
        TEST(an_abort_by_the_last_handler_of_prepare_is_told_too),
        TEST(cancel_from_inside_a_handler_does_not_wait_for_itself),
        TEST(release_from_inside_a_handler_does_not_wait_for_itself),
        TEST(releasing_everything_early_lets_the_operation_run_to_its_end),
        TEST(writers_read_what_set_backup_succeeded_said),
        TEST(outside_component_mode_writers_get_no_components),
        TEST(wait_with_a_short_time_leaves_the_operation_pending),
        TEST(while_it_runs_no_other_operation_starts),
        TEST(an_sta_that_pumps_no_messages_can_wait),
    };
    ThawlineSetOption(L"PROVIDER", L"live");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    return cmocka_run_group_tests_name("backup complete", tests, NULL, NULL);
}
