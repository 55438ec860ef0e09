/* SPDX-License-Identifier: MIT
 *
 * Statements 78 to 83: IVssAsync as a requestor sees it (requestor 3). What the object alone can
 * show, threads above all, is in tests/unit/async; BackupComplete's is in test_backup_complete.c.
 */
#include "conformance.h"

/* Longest wait for an event that must come. */
#define PATIENCE_MS 30000

static void a_wait_that_is_over_leaves_it_pending(struct fixture *fixture)
{
    static const DWORD times[] = {0, 1, 20};
    to_prepared(fixture);
    start_frozen(fixture);
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
    {
        assert_hr(IVssAsync_Wait(fixture->pending, times[i]), S_OK);
        assert_hr(status_of(fixture->pending), VSS_S_ASYNC_PENDING);
    }
    SetEvent(fixture->go);
    assert_hr(IVssAsync_Wait(fixture->pending, INFINITE), S_OK);
    assert_hr(status_of(fixture->pending), VSS_S_ASYNC_FINISHED);
    /* On what has ended every wait is short. */
    assert_hr(IVssAsync_Wait(fixture->pending, 0), S_OK);
    assert_hr(IVssAsync_Wait(fixture->pending, INFINITE - 1), S_OK);
    assert_hr(IVssAsync_Wait(fixture->pending, INFINITE), S_OK);
}

/* The asynchronous methods, each with a handler in which it can be held. A metadata gather asks a
   writer once for all its life, so it is held in the Identify of a writer that just came. */
enum method
{
    GATHER_METADATA,
    PREPARE,
    DO_SET,
    COMPLETE,
    PRE_RESTORE,
    POST_RESTORE,
    METHODS
};

static const char *const method_names[METHODS] = {"GatherWriterMetadata", "PrepareForBackup",
    "DoSnapshotSet", "BackupComplete", "PreRestore", "PostRestore"};

static void go_before(struct fixture *fixture, enum method method)
{
    if (method >= PRE_RESTORE)
    {
        begin_restore(fixture);
        gather(fixture);
        assert_hr(select_for_restore(fixture, L"group", L"data0"), S_OK);
        if (method == POST_RESTORE)
            pre_restore(fixture);
        return;
    }
    if (method == GATHER_METADATA)
    {
        create(fixture);
        assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
        assert_hr(call(fixture->bc, SetBackupState, true, false, VSS_BT_FULL, false), S_OK);
        return;
    }
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    start_set(fixture);
    if (method > PREPARE)
        prepare(fixture);
    if (method > DO_SET)
        do_set(fixture);
}

static HRESULT start(struct fixture *fixture, enum method method)
{
    IVssBackupComponentsEx4 *bc = fixture->bc;
    switch (method)
    {
    case GATHER_METADATA: return call(bc, GatherWriterMetadata, &fixture->pending);
    case PREPARE: return call(bc, PrepareForBackup, &fixture->pending);
    case DO_SET: return call(bc, DoSnapshotSet, &fixture->pending);
    case COMPLETE: return call(bc, BackupComplete, &fixture->pending);
    case PRE_RESTORE: return call(bc, PreRestore, &fixture->pending);
    default: return call(bc, PostRestore, &fixture->pending);
    }
}

struct canceller
{
    IVssAsync *async;
    HRESULT result;
};

static DWORD WINAPI cancel(void *context)
{
    struct canceller *canceller = context;
    canceller->result = IVssAsync_Cancel(canceller->async);
    return 0;
}

/* Cancels while the writer is inside its handler. Cancel may wait for the handler: it is let go as
   soon as the operation or Cancel itself is over, or after a moment in which Cancel has come. */
static HRESULT cancel_held(struct fixture *fixture)
{
    struct canceller canceller = {fixture->pending, E_UNEXPECTED};
    HANDLE thread = CreateThread(NULL, 0, cancel, &canceller, 0, NULL);
    assert_non_null(thread);
    WaitForSingleObject(thread, 200);
    SetEvent(fixture->go);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    return canceller.result;
}

static const struct
{
    enum method method;
    enum test_writer_slot held;
    LONG aborts; /* what the writer hears of it */
} cancel_rows[] = {
    {PREPARE, SLOT_ON_PREPARE_BACKUP, 1},
    {DO_SET, SLOT_ON_PREPARE_SNAPSHOT, 1},
    {DO_SET, SLOT_ON_FREEZE, 1},
    {DO_SET, SLOT_ON_THAW, 1},
    /* Whoever was given PostSnapshot has done its part: the set is undone, and it hears nothing. */
    {DO_SET, SLOT_ON_POST_SNAPSHOT, 0},
    {COMPLETE, SLOT_ON_BACKUP_COMPLETE, 0},
    {PRE_RESTORE, SLOT_ON_PRE_RESTORE, 0},
    {POST_RESTORE, SLOT_ON_POST_RESTORE, 0},
};

static void cancel_stops_and_undoes(struct fixture *fixture)
{
    for (size_t i = 0; i < sizeof(cancel_rows) / sizeof(*cancel_rows); i++)
    {
        enum method method = cancel_rows[i].method;
        print_message("%s, cancelled in handler %d\n", method_names[method], cancel_rows[i].held);
        go_before(fixture, method);
        forget_events(&fixture->writer);
        hold(fixture, cancel_rows[i].held);
        fixture->writer.at[SLOT_ON_ABORT].entered = fixture->aborted;
        assert_hr(start(fixture, method), S_OK);
        WaitForSingleObject(fixture->entered, INFINITE);
        assert_hr(cancel_held(fixture), S_OK);
        assert_hr(status_of(fixture->pending), VSS_S_ASYNC_CANCELLED);
        assert_hr(IVssAsync_Cancel(fixture->pending), VSS_S_ASYNC_CANCELLED);
        assert_hr(IVssAsync_Wait(fixture->pending, INFINITE), S_OK);
        IVssAsync_Release(fixture->pending);
        fixture->pending = NULL;
        /* Abort waits for the handler that was cancelled, Cancel need not. */
        if (cancel_rows[i].aborts)
            assert_int_equal(WaitForSingleObject(fixture->aborted, PATIENCE_MS), WAIT_OBJECT_0);
        assert_int_equal(fixture->writer.count[SLOT_ON_ABORT], cancel_rows[i].aborts);
        fixture->writer.at[cancel_rows[i].held].entered = NULL;
        fixture->writer.at[cancel_rows[i].held].wait_for = NULL;
        if (method == DO_SET)
        {
            VSS_SNAPSHOT_PROP prop = {0};
            IVssAsync *async = NULL;
            assert_hr(call(fixture->bc, GetSnapshotProperties, fixture->snapshot_id, &prop),
                VSS_E_OBJECT_NOT_FOUND);
            assert_hr(call(fixture->bc, DoSnapshotSet, &async), VSS_E_BAD_STATE);
        }
        /* Phases move on FINISHED: these two are where they were. */
        if (method == PREPARE || method == PRE_RESTORE)
        {
            assert_hr(start(fixture, method), S_OK);
            assert_hr(await(fixture->pending), VSS_S_ASYNC_FINISHED);
            fixture->pending = NULL;
            assert_int_equal(fixture->writer.count[SLOT_ON_ABORT], cancel_rows[i].aborts);
        }
        if (method == PREPARE)
            do_set(fixture);
        release(fixture);
    }
}

static void abort_inside(struct test_writer *writer, void *argument)
{
    IVssBackupComponentsEx4 *bc = writer->note;
    (void)argument;
    writer->said = call(bc, AbortBackup);
}

/* The thread of the handler cannot wait for the operation that waits for it: the operation's end
   does the rest, and gives up the set. */
static void an_abort_from_inside_a_handler_ends_the_backup(struct fixture *fixture)
{
    VSS_ID set_id;
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    start_set(fixture);
    fixture->writer.note = fixture->bc;
    fixture->writer.said = E_UNEXPECTED;
    fixture->writer.at[SLOT_ON_PREPARE_BACKUP].action = abort_inside;
    fixture->writer.at[SLOT_ON_ABORT].entered = fixture->aborted;
    assert_hr(call(fixture->bc, PrepareForBackup, &fixture->pending), S_OK);
    assert_hr(await(fixture->pending), VSS_S_ASYNC_CANCELLED);
    fixture->pending = NULL;
    assert_int_equal(WaitForSingleObject(fixture->aborted, PATIENCE_MS), WAIT_OBJECT_0);
    assert_hr(fixture->writer.said, S_OK);
    assert_hr(call(fixture->bc, PrepareForBackup, &fixture->pending), VSS_E_BAD_STATE);
    IVssBackupComponentsEx4 *second = new_object();
    assert_hr(call(second, InitializeForBackup, NULL), S_OK);
    assert_hr(call(second, StartSnapshotSet, &set_id), S_OK);
    call(second, Release);
    assert_int_equal(fixture->writer.count[SLOT_ON_ABORT], 1);
}

static void look_inside(struct test_writer *writer, void *argument)
{
    IVssBackupComponentsEx4 *bc = writer->note;
    UINT count;
    (void)argument;
    writer->said = call(bc, GetWriterComponentsCount, &count);
}

/* AbortBackup has no IVssAsync, and still its handlers find the object in the middle of
   something. */
static void while_an_abort_is_told_the_object_is_busy(struct fixture *fixture)
{
    UINT count;
    to_prepared(fixture);
    fixture->writer.note = fixture->bc;
    fixture->writer.said = E_UNEXPECTED;
    fixture->writer.at[SLOT_ON_ABORT].action = look_inside;
    assert_hr(call(fixture->bc, AbortBackup), S_OK);
    assert_hr(fixture->writer.said, VSS_E_BAD_STATE);
    assert_hr(call(fixture->bc, GetWriterComponentsCount, &count), S_OK);
}

static void cancel_of_the_ended_says_how_it_ended(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    for (enum method method = GATHER_METADATA; method < METHODS; method++)
    {
        go_before(fixture, method);
        assert_hr(start(fixture, method), S_OK);
        assert_hr(IVssAsync_Wait(fixture->pending, INFINITE), S_OK);
        assert_hr(IVssAsync_Cancel(fixture->pending), VSS_S_ASYNC_FINISHED);
        assert_hr(await(fixture->pending), VSS_S_ASYNC_FINISHED);
        fixture->pending = NULL;
        if (method == GATHER_METADATA)
        {
            assert_hr(call(fixture->bc, GatherWriterStatus, &async), S_OK);
            assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
            assert_hr(IVssAsync_Cancel(async), VSS_S_ASYNC_FINISHED);
            assert_hr(await(async), VSS_S_ASYNC_FINISHED);
        }
        release(fixture);
    }
}

/* A cancelled gather is none, and may be done again. */
static void a_cancelled_gather_can_be_repeated(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    UINT count;
    hold(fixture, SLOT_ON_IDENTIFY);
    go_before(fixture, GATHER_METADATA);
    assert_hr(start(fixture, GATHER_METADATA), S_OK);
    WaitForSingleObject(fixture->entered, INFINITE);
    assert_hr(cancel_held(fixture), S_OK);
    assert_hr(await(fixture->pending), VSS_S_ASYNC_CANCELLED);
    fixture->pending = NULL;
    fixture->writer.at[SLOT_ON_IDENTIFY].wait_for = NULL;
    assert_hr(call(fixture->bc, GetWriterMetadataCount, &count), VSS_E_BAD_STATE);
    assert_done(call(fixture->bc, GatherWriterMetadata, &async));
    assert_true(metadata_count(fixture) >= 1);
}

/* Without metadata it asks writers who they are first; that is all they hear of it. */
static void a_cancelled_status_is_none_and_can_be_gathered_again(struct fixture *fixture)
{
    UINT count = 77;
    IVssAsync *async = NULL;
    hold(fixture, SLOT_ON_IDENTIFY);
    fixture->writer.at[SLOT_ON_ABORT].entered = fixture->aborted;
    go_before(fixture, GATHER_METADATA);
    assert_hr(call(fixture->bc, GatherWriterStatus, &fixture->pending), S_OK);
    WaitForSingleObject(fixture->entered, INFINITE);
    assert_hr(cancel_held(fixture), S_OK);
    assert_hr(status_of(fixture->pending), VSS_S_ASYNC_CANCELLED);
    assert_hr(IVssAsync_Cancel(fixture->pending), VSS_S_ASYNC_CANCELLED);
    assert_hr(await(fixture->pending), VSS_S_ASYNC_CANCELLED);
    fixture->pending = NULL;
    fixture->writer.at[SLOT_ON_IDENTIFY].entered = NULL;
    fixture->writer.at[SLOT_ON_IDENTIFY].wait_for = NULL;
    assert_hr(call(fixture->bc, GetWriterStatusCount, &count), VSS_E_BAD_STATE);
    assert_hr(call(fixture->bc, FreeWriterStatus), S_OK);
    assert_done(call(fixture->bc, GatherWriterStatus, &async));
    assert_true(status_count(fixture) >= 1);
    assert_done(call(fixture->bc, GatherWriterMetadata, &async));
    assert_int_equal(fixture->writer.count[SLOT_ON_ABORT], 0);
}

static void a_failure_comes_through_the_status(struct fixture *fixture)
{
    to_prepared(fixture);
    fail_step(L"CommitSnapshots", VSS_E_PROVIDER_VETO);
    assert_hr(call(fixture->bc, DoSnapshotSet, &fixture->pending), S_OK);
    assert_hr(IVssAsync_Wait(fixture->pending, INFINITE), S_OK);
    assert_hr(status_of(fixture->pending), VSS_E_PROVIDER_VETO);
    /* What has failed cannot be cancelled: it says how it ended. */
    assert_hr(IVssAsync_Cancel(fixture->pending), VSS_E_PROVIDER_VETO);
    assert_hr(status_of(fixture->pending), VSS_E_PROVIDER_VETO);
}

static void the_status_is_asked_for_rightly(struct fixture *fixture)
{
    INT reserved = 77;
    HRESULT result = S_OK;
    to_prepared(fixture);
    start_frozen(fixture);
    for (int i = 0; i < 2; i++)
    {
        assert_hr(IVssAsync_QueryStatus(fixture->pending, NULL, NULL), E_INVALIDARG);
        assert_hr(IVssAsync_QueryStatus(fixture->pending, &result, NULL), S_OK);
        assert_true(result != S_OK);
        if (judge_ours)
            assert_hr(IVssAsync_QueryStatus(fixture->pending, &result, &reserved), S_OK);
        assert_int_equal(reserved, 77);
        SetEvent(fixture->go);
        assert_hr(IVssAsync_Wait(fixture->pending, INFINITE), S_OK);
    }
    assert_hr(result, VSS_S_ASYNC_FINISHED);
}

static void an_early_release_stops_nothing(struct fixture *fixture)
{
    to_prepared(fixture);
    start_frozen(fixture);
    fixture->writer.at[SLOT_ON_BACKUP_SHUTDOWN].entered = fixture->entered;
    IVssAsync_Release(fixture->pending);
    fixture->pending = NULL;
    assert_int_equal(fixture->writer.count[SLOT_ON_POST_SNAPSHOT], 0);
    /* The object goes too: what runs ends first, then the writer hears of the end. */
    call(fixture->bc, Release);
    fixture->bc = NULL;
    SetEvent(fixture->go);
    WaitForSingleObject(fixture->entered, INFINITE);
    assert_string_equal(events_of(&fixture->writer),
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupShutdown");
}

/* Of every method: what runs goes on without its IVssAsync, and the object keeps others out until
   it is done. */
static void an_early_release_of_any_operation_stops_nothing(struct fixture *fixture)
{
    static const enum test_writer_slot slots[METHODS] = {SLOT_ON_IDENTIFY, SLOT_ON_PREPARE_BACKUP,
        SLOT_ON_FREEZE, SLOT_ON_BACKUP_COMPLETE, SLOT_ON_PRE_RESTORE, SLOT_ON_POST_RESTORE};
    for (enum method method = GATHER_METADATA; method < METHODS; method++)
    {
        UINT count;
        HRESULT hr;
        IVssAsync *second = (IVssAsync *)(ULONG_PTR)1;
        print_message("%s\n", method_names[method]);
        go_before(fixture, method);
        forget_events(&fixture->writer);
        hold(fixture, slots[method]);
        assert_hr(start(fixture, method), S_OK);
        assert_int_equal(WaitForSingleObject(fixture->entered, PATIENCE_MS), WAIT_OBJECT_0);
        assert_int_equal(IVssAsync_Release(fixture->pending) > 0, 1);
        fixture->pending = NULL;
        /* A second operation, and a method that reads what this one changes. */
        assert_hr(call(fixture->bc, GatherWriterStatus, &second), VSS_E_BAD_STATE);
        assert_null(second);
        assert_hr(call(fixture->bc, GetWriterComponentsCount, &count), VSS_E_BAD_STATE);
        fixture->writer.at[slots[method]].entered = NULL;
        fixture->writer.at[slots[method]].wait_for = NULL;
        SetEvent(fixture->go);
        /* There is nothing left to wait on but that it is over. */
        ULONGLONG give_up = GetTickCount64() + PATIENCE_MS;
        while ((hr = call(fixture->bc, GetWriterComponentsCount, &count)) == VSS_E_BAD_STATE &&
            GetTickCount64() < give_up)
            SwitchToThread();
        assert_hr(hr, S_OK);
        assert_int_equal(fixture->writer.count[SLOT_ON_ABORT], 0);
        /* It did what it does: the next step is legal. */
        if (method == GATHER_METADATA)
            assert_true(metadata_count(fixture) >= 1);
        else if (method == PREPARE)
            do_set(fixture);
        else if (method == DO_SET)
            complete(fixture);
        else if (method == PRE_RESTORE)
            post_restore(fixture);
        else
            assert_int_equal(fixture->writer.count[slots[method]], 1);
        release(fixture);
    }
}

static void the_status_outlives_the_object(struct fixture *fixture)
{
    to_prepared(fixture);
    assert_hr(call(fixture->bc, DoSnapshotSet, &fixture->pending), S_OK);
    assert_hr(IVssAsync_Wait(fixture->pending, INFINITE), S_OK);
    release(fixture);
    for (int i = 0; i < 3; i++)
    {
        assert_hr(status_of(fixture->pending), VSS_S_ASYNC_FINISHED);
        assert_hr(IVssAsync_Wait(fixture->pending, INFINITE), S_OK);
    }
}

const struct conformance_test async_tests[] = {
    STATEMENT(078, a_wait_that_is_over_leaves_it_pending, ANYONE),
    STATEMENT(079, a_failure_comes_through_the_status, OURS),
    STATEMENT(080, the_status_is_asked_for_rightly, ANYONE),
    STATEMENT(081, cancel_stops_and_undoes, OURS),
    STATEMENT(081, cancel_of_the_ended_says_how_it_ended, ANYONE),
    OTHER(an_abort_from_inside_a_handler_ends_the_backup, OURS),
    OTHER(while_an_abort_is_told_the_object_is_busy, OURS),
    OTHER(a_cancelled_gather_can_be_repeated, OURS),
    OTHER(a_cancelled_status_is_none_and_can_be_gathered_again, OURS),
    STATEMENT(082, an_early_release_stops_nothing, OURS),
    OTHER(an_early_release_of_any_operation_stops_nothing, OURS),
    STATEMENT(083, the_status_outlives_the_object, OURS),
};
THEME_TABLE(async);
