/* SPDX-License-Identifier: MIT
 *
 * FreeLibrary at any moment: while operations run that nobody waits for any more, while handlers
 * run, right after the last writer has gone. What pins the DLL keeps it, and when nothing does, it
 * goes. As in test_load.c everything is called through GetProcAddress, or the program would hold
 * the DLL by itself.
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include <cmocka.h>

#include <thawline.h>

#include "support/handle_count.h"
#include "support/loaded_dll.h"

#define ROUNDS 300
/* Threads of the system's pool come and go. */
#define HANDLE_SLACK 20

/* ---- chance ---- */

static unsigned chance_state = 20031;

/* Below `limit`; the same row of numbers in every run. */
static unsigned chance(unsigned limit)
{
    chance_state = chance_state * 1103515245u + 12345u;
    return (chance_state >> 16) % limit;
}

/* Some time that is no time: so that the next call meets the other threads somewhere else. */
static void dawdle(unsigned steps)
{
    for (unsigned i = 0; i < steps; i++)
        SwitchToThread();
}

/* ---- rounds ---- */

enum moment
{
    AT_ONCE,            /* the operation has just been started */
    A_LITTLE_LATER,     /* somewhere in the operation, or behind it */
    AFTER_CANCEL,       /* Cancel has just returned */
    WRITER_STAYS,       /* a handler runs, the writer is subscribed */
    WRITER_ENDS_ITSELF, /* a handler runs that has unregistered its writer */
    WRITER_ENDED_BESIDE /* another thread unregisters the writer meanwhile */
};
#define MOMENTS 6

static bool stops_in_handler(enum moment moment)
{
    return moment == WRITER_STAYS || moment == WRITER_ENDS_ITSELF;
}

/* Each is the last of those before it. */
enum operation
{
    GATHER,
    PREPARE,
    SNAPSHOT,
    COMPLETE
};
#define OPERATIONS 4

struct round
{
    struct dll dll;
    enum moment moment;
    enum operation operation;
    THAWLINE_WRITER writer; /* NULL: none */
    unsigned delay;         /* of each handler */
    volatile LONG armed;    /* the next handler is the one to stop in */
    HANDLE entered;         /* the handler has stopped */
    HANDLE go;              /* it may go on */
};

/* ---- the writer ---- */

static BOOL handle(struct round *round)
{
    dawdle(round->delay);
    if (!InterlockedExchange(&round->armed, 0))
        return TRUE;
    if (round->moment == WRITER_ENDS_ITSELF)
        round->dll.unregister_writer(round->writer);
    SetEvent(round->entered);
    WaitForSingleObject(round->go, PATIENCE_MS);
    return TRUE;
}

static BOOL CALLBACK on_identify(
    void *context, const THAWLINE_EVENT *event, IVssCreateWriterMetadataEx *metadata)
{
    (void)event;
    (void)metadata;
    return handle(context);
}

static BOOL CALLBACK on_event(void *context, const THAWLINE_EVENT *event)
{
    (void)event;
    return handle(context);
}

static void start_writer(struct round *round)
{
    const THAWLINE_WRITER_INFO info = {.cbSize = sizeof(info),
        .WriterId = {0x70000001, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}},
        .pwszName = L"Unloader",
        .Usage = VSS_UT_USERDATA,
        .Source = VSS_ST_OTHER,
        .Level = VSS_APP_FRONT_END};
    const THAWLINE_WRITER_CALLBACKS callbacks = {.cbSize = sizeof(callbacks),
        .pfnIdentify = on_identify,
        .pfnPrepareBackup = on_event,
        .pfnPrepareSnapshot = on_event,
        .pfnFreeze = on_event,
        .pfnThaw = on_event,
        .pfnPostSnapshot = on_event,
        .pfnBackupComplete = on_event,
        .pfnBackupShutdown = on_event,
        .pfnAbort = on_event};
    assert_int_equal(round->dll.register_writer(&info, &callbacks, round, &round->writer), S_OK);
}

/* ---- the requestor ---- */

/* Until the set of an earlier round, whose operation nobody waited for, is done with. */
static void start_set(IVssBackupComponents *backup)
{
    WCHAR volume[] = L"C:\\";
    VSS_ID id;
    DWORD start = GetTickCount();
    HRESULT hr = IVssBackupComponents_StartSnapshotSet(backup, &id);
    while (hr == VSS_E_SNAPSHOT_SET_IN_PROGRESS && GetTickCount() - start < PATIENCE_MS)
    {
        Sleep(1);
        hr = IVssBackupComponents_StartSnapshotSet(backup, &id);
    }
    assert_int_equal(hr, S_OK);
    assert_int_equal(IVssBackupComponents_AddToSnapshotSet(backup, volume, GUID_NULL, &id), S_OK);
}

static IVssAsync *start_operation(IVssBackupComponents *backup, enum operation operation)
{
    IVssAsync *async = NULL;
    HRESULT hr = E_UNEXPECTED;
    switch (operation)
    {
    case GATHER: hr = IVssBackupComponents_GatherWriterMetadata(backup, &async); break;
    case PREPARE: hr = IVssBackupComponents_PrepareForBackup(backup, &async); break;
    case SNAPSHOT: hr = IVssBackupComponents_DoSnapshotSet(backup, &async); break;
    case COMPLETE: hr = IVssBackupComponents_BackupComplete(backup, &async); break;
    }
    if (hr != S_OK)
        fail_msg("operation %d: 0x%08lX", operation, hr);
    assert_non_null(async);
    return async;
}

/* Begins a backup up to the round's operation, which has been started when this returns. */
static IVssAsync *begin(struct round *round, IVssBackupComponents **backup)
{
    assert_int_equal(round->dll.create(backup), S_OK);
    assert_int_equal(IVssBackupComponents_InitializeForBackup(*backup, NULL), S_OK);
    assert_int_equal(
        IVssBackupComponents_SetBackupState(*backup, FALSE, FALSE, VSS_BT_FULL, FALSE), S_OK);
    for (enum operation before = GATHER; before < round->operation; before++)
    {
        IVssAsync *async = start_operation(*backup, before);
        assert_int_equal(IVssAsync_Wait(async, INFINITE), S_OK);
        IVssAsync_Release(async);
        if (before == GATHER)
            start_set(*backup);
    }
    InterlockedExchange(&round->armed, stops_in_handler(round->moment));
    return start_operation(*backup, round->operation);
}

/* ---- the end of a round ---- */

/* Holds the DLL by a reference of its own: a call into it needs one. */
static DWORD WINAPI end_beside(void *context)
{
    struct round *round = context;
    dawdle(round->delay);
    round->dll.unregister_writer(round->writer);
    FreeLibrary(round->dll.module);
    return 0;
}

static HANDLE start_ending(struct round *round)
{
    assert_ptr_equal(LoadLibraryW(L"vssapi.dll"), round->dll.module);
    HANDLE thread = CreateThread(NULL, 0, end_beside, round, 0, NULL);
    assert_non_null(thread);
    return thread;
}

/* The handler has stopped: what holds the DLL now are the writer and the operation. */
static void leave_in_handler(struct round *round)
{
    assert_true(FreeLibrary(round->dll.module));
    assert_true(is_loaded());
    bool stays = round->moment == WRITER_STAYS;
    if (stays)
        assert_ptr_equal(LoadLibraryW(L"vssapi.dll"), round->dll.module);
    SetEvent(round->go);
    if (stays)
    {
        assert_int_equal(round->dll.unregister_writer(round->writer), S_OK);
        assert_true(FreeLibrary(round->dll.module));
    }
}

/* The operation goes on; nobody but its own thread knows of it any more. */
static void leave(struct round *round)
{
    HANDLE beside = NULL;
    if (round->writer && round->moment == WRITER_ENDED_BESIDE)
        beside = start_ending(round);
    else if (round->writer)
        assert_int_equal(round->dll.unregister_writer(round->writer), S_OK);
    assert_true(FreeLibrary(round->dll.module));
    if (beside)
    {
        assert_int_equal(WaitForSingleObject(beside, PATIENCE_MS), WAIT_OBJECT_0);
        CloseHandle(beside);
    }
}

static void run_round(enum moment moment, enum operation operation, bool with_writer)
{
    struct round round = {.dll = load(),
        .moment = moment,
        .operation = operation,
        .delay = chance(8),
        .entered = CreateEventW(NULL, TRUE, FALSE, NULL),
        .go = CreateEventW(NULL, TRUE, FALSE, NULL)};
    IVssBackupComponents *backup = NULL;
    if (with_writer)
        start_writer(&round);
    IVssAsync *async = begin(&round, &backup);
    if (moment == A_LITTLE_LATER)
        dawdle(chance(200));
    if (moment == AFTER_CANCEL)
        IVssAsync_Cancel(async);
    if (stops_in_handler(moment))
        assert_int_equal(WaitForSingleObject(round.entered, PATIENCE_MS), WAIT_OBJECT_0);
    IVssAsync_Release(async);
    IVssBackupComponents_Release(backup);
    if (stops_in_handler(moment))
        leave_in_handler(&round);
    else
        leave(&round);
    /* Its own end may still need the round. */
    if (moment == WRITER_ENDS_ITSELF)
        check_gone();
    CloseHandle(round.entered);
    CloseHandle(round.go);
}

/* ---- tests ---- */

static void each_operation_outlives_its_program_at_each_moment(void **state)
{
    (void)state;
    assert_false(is_loaded());
    for (unsigned moment = 0; moment < MOMENTS; moment++)
    {
        for (unsigned operation = 0; operation < OPERATIONS; operation++)
        {
            run_round((enum moment)moment, (enum operation)operation, true);
            check_gone();
        }
    }
}

static void three_hundred_rounds_at_random_leave_a_living_process(void **state)
{
    (void)state;
    DWORD before = handle_count();
    for (unsigned i = 0; i < ROUNDS; i++)
    {
        enum moment moment = (enum moment)chance(MOMENTS);
        enum operation operation = (enum operation)chance(OPERATIONS);
        run_round(moment, operation, moment >= WRITER_STAYS || chance(2));
        /* Else the next round finds it loaded, or just going. */
        if (chance(2))
            check_gone();
    }
    check_gone();
    DWORD after = handle_count();
    if (!before || after > before + HANDLE_SLACK)
        fail_msg("%lu handles before, %lu after", before, after);
}

static void a_subscribed_writer_keeps_it_when_all_operations_are_over(void **state)
{
    (void)state;
    struct round round = {.dll = load(), .operation = COMPLETE};
    IVssBackupComponents *backup = NULL;
    start_writer(&round);
    IVssAsync *async = begin(&round, &backup);
    assert_int_equal(IVssAsync_Wait(async, INFINITE), S_OK);
    IVssAsync_Release(async);
    IVssBackupComponents_Release(backup);
    assert_true(FreeLibrary(round.dll.module));
    /* Nothing else may hold it: other rounds' ends would be over long before. */
    DWORD start = GetTickCount();
    while (GetTickCount() - start < 500)
    {
        assert_true(is_loaded());
        Sleep(10);
    }
    assert_ptr_equal(LoadLibraryW(L"vssapi.dll"), round.dll.module);
    assert_int_equal(round.dll.unregister_writer(round.writer), S_OK);
    assert_true(FreeLibrary(round.dll.module));
    check_gone();
}

static int set_up(void **state)
{
    (void)state;
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_operation_outlives_its_program_at_each_moment),
        cmocka_unit_test(three_hundred_rounds_at_random_leave_a_living_process),
        cmocka_unit_test(a_subscribed_writer_keeps_it_when_all_operations_are_over),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
