/* SPDX-License-Identifier: MIT
 *
 * A minute in which writers veto, hang and die, requestors cancel, abort and are killed, all at
 * random moments. Whatever happens, each operation ends soon with a code that the spec has for it;
 * afterwards a clean backup works, every block is given back and no named object is left.
 *
 * The moments come from THAWLINE_TEST_SEED, or from the clock; the seed is printed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include <windows.h>
#include <winternl.h>

#include <thawline.h>

#include "support/backup.h"
#include "support/writer_process.h"

#define CHAOS_MS 60000
#define HOSTS 4
#define WRITERS_EACH 2
#define KILLED 79
/* Of every writer, for every event. */
#define DEADLINE L"200"
#define DEADLINE_MS 200
/* An operation has a few deadlines to wait for at most; the rest is a busy machine. */
#define OPERATION_LIMIT_MS 20000.0
#define WHOLE_COURSE                                                                               \
    "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupComplete BackupShutdown"

static const VSS_ID writer_class = {0xabababab, 0x1111, 0x4111, {0xc1, 1, 1, 1, 1, 1, 1, 1}};

struct fixture
{
    uint32_t random;                    /* the test thread's */
    struct writer_process hosts[HOSTS]; /* of both bitnesses in turn */
    WCHAR other_bin[MAX_PATH];
    IVssBackupComponents *components;
    SRWLOCK lock;
    /* guarded by lock */
    HANDLE victims[HOSTS + 1]; /* those that may be killed now; the last one is a requestor */
    HANDLE stop;
    HANDLE killer;
    /* what happened */
    unsigned rounds;
    unsigned finished;
    unsigned cancelled;
    unsigned in_progress;
    unsigned lost;
    volatile LONG kills;
    unsigned deaths; /* by themselves or by the killer */
    LONG live_blocks;
};

static struct fixture fixture;

static uint32_t next_random(uint32_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 17;
    *random ^= *random << 5;
    return *random;
}

/* True once in `n` times. */
static bool once_in(uint32_t n)
{
    return next_random(&fixture.random) % n == 0;
}

/* ---- Processes, and who kills them ---- */

static void expose(int index, HANDLE process)
{
    AcquireSRWLockExclusive(&fixture.lock);
    fixture.victims[index] = process;
    ReleaseSRWLockExclusive(&fixture.lock);
}

/* On a thread of its own: kills one of them every now and then. */
static DWORD WINAPI kill_at_random(void *seed)
{
    uint32_t random = (uint32_t)(uintptr_t)seed | 1;
    while (WaitForSingleObject(fixture.stop, next_random(&random) % 300) == WAIT_TIMEOUT)
    {
        /* Requestors twice as often as each writer. */
        uint32_t index = next_random(&random) % (HOSTS + 2);
        if (index > HOSTS)
            index = HOSTS;
        AcquireSRWLockExclusive(&fixture.lock);
        if (fixture.victims[index] && TerminateProcess(fixture.victims[index], KILLED))
            InterlockedIncrement(&fixture.kills);
        ReleaseSRWLockExclusive(&fixture.lock);
    }
    return 0;
}

/* Dead by our doing: killed, or by its script, or a requestor to whom something was refused. */
static void assert_no_crash(HANDLE process, bool may_be_refused)
{
    DWORD code = 0;
    GetExitCodeProcess(process, &code);
    bool refused = may_be_refused && (code == 0 || code == (DWORD)-1);
    if (code != KILLED && code != BOARD_DIED && !refused)
        fail_msg("round %u: a process ended with 0x%08lx", fixture.rounds, code);
}

static bool is_running(HANDLE process)
{
    return process && WaitForSingleObject(process, 0) == WAIT_TIMEOUT;
}

/* With an empty script, lest one die before it is ready. */
static void restart_the_dead(void)
{
    for (int i = 0; i < HOSTS; i++)
    {
        struct writer_process *host = &fixture.hosts[i];
        if (is_running(host->process))
            continue;
        expose(i, NULL);
        if (host->process)
        {
            assert_no_crash(host->process, false);
            fixture.deaths++;
        }
        writer_process_kill(host);
        /* It may have died between its word and our hearing it. */
        ResetEvent(host->signals[BOARD_READY]);
        writer_process_launch(host, i % 2 ? fixture.other_bin : NULL);
        writer_process_await_ready(host);
        expose(i, host->process);
    }
}

static void start_requestor(void)
{
    WCHAR arguments[BOARD_NAME];
    _snwprintf(arguments, ARRAYSIZE(arguments), L"thawline-chaos %lu", GetCurrentProcessId());
    expose(HOSTS, start_program(NULL, L"requestor_host.exe", arguments));
}

static void end_requestor(bool by_force)
{
    HANDLE process = fixture.victims[HOSTS];
    if (!process)
        return;
    expose(HOSTS, NULL);
    if (by_force)
        TerminateProcess(process, KILLED);
    assert_int_equal(WaitForSingleObject(process, PROCESS_PATIENCE_MS), WAIT_OBJECT_0);
    assert_no_crash(process, true);
    CloseHandle(process);
}

/* ---- Scripts ---- */

static void clear_scripts(void)
{
    for (int i = 0; i < HOSTS; i++)
        for (int j = 0; j < WRITERS_EACH; j++)
            memset(fixture.hosts[i].board->writer[j].at, 0,
                sizeof(fixture.hosts[i].board->writer[j].at));
}

static void write_scripts(void)
{
    for (int i = 0; i < HOSTS * WRITERS_EACH * WRITER_EVENTS; i++)
    {
        struct board *board = fixture.hosts[i / WRITER_EVENTS / WRITERS_EACH].board;
        struct board_step *step =
            &board->writer[i / WRITER_EVENTS % WRITERS_EACH].at[i % WRITER_EVENTS];
        step->veto = once_in(16);
        step->failure = once_in(16) ? VSS_E_WRITERERROR_RETRYABLE : S_OK;
        step->hangs = once_in(100);
        step->changes = once_in(4);
        step->dies = once_in(120);
    }
}

static void let_go(bool open)
{
    for (int i = 0; i < HOSTS; i++)
        if (open)
            SetEvent(fixture.hosts[i].signals[BOARD_GO]);
        else
            ResetEvent(fixture.hosts[i].signals[BOARD_GO]);
}

/* ---- Backups that take what comes ---- */

/* How the operation ended; now and then it is cancelled. */
static HRESULT finish(const char *what, HRESULT started, IVssAsync *async)
{
    LONGLONG begun = board_now();
    assert_hr(started, S_OK);
    HRESULT cancelled = VSS_S_ASYNC_PENDING;
    if (once_in(8))
    {
        IVssAsync_Wait(async, next_random(&fixture.random) % 10);
        cancelled = IVssAsync_Cancel(async);
    }
    HRESULT hr = await(async);
    /* S_OK to the call that cancelled; else how it had ended. */
    if (cancelled != VSS_S_ASYNC_PENDING)
        assert_hr(hr, cancelled == S_OK ? VSS_S_ASYNC_CANCELLED : cancelled);
    double took = milliseconds_between(begun, board_now());
    if (took > OPERATION_LIMIT_MS)
        fail_msg("round %u: %s took %.0f ms", fixture.rounds, what, took);
    fixture.finished += hr == VSS_S_ASYNC_FINISHED;
    fixture.cancelled += hr == VSS_S_ASYNC_CANCELLED;
    fixture.lost += hr == VSS_E_UNEXPECTED_WRITER_ERROR;
    if (hr != VSS_S_ASYNC_FINISHED && hr != VSS_S_ASYNC_CANCELLED &&
        (hr != VSS_E_UNEXPECTED_WRITER_ERROR || strcmp(what, "BackupComplete")))
        fail_msg("round %u: %s: %s (0x%08lx)", fixture.rounds, what, ThawlineGetResultName(hr),
            (unsigned long)hr);
    return hr;
}

#define OPERATE(verb) operate(#verb, fixture.components->lpVtbl->verb)

/* False: it was cancelled. */
static bool operate(const char *what,
    HRESULT(STDMETHODCALLTYPE *method)(IVssBackupComponents *components, IVssAsync **async))
{
    IVssAsync *async = NULL;
    HRESULT hr = method(fixture.components, &async);
    return finish(what, hr, async) != VSS_S_ASYNC_CANCELLED;
}

/* False: another backup holds the lock. */
static bool start_set(void)
{
    VSS_ID id;
    WCHAR volume[] = L"C:\\";
    HRESULT hr = IVssBackupComponents_StartSnapshotSet(fixture.components, &id);
    if (hr == VSS_E_SNAPSHOT_SET_IN_PROGRESS)
    {
        fixture.in_progress++;
        return false;
    }
    assert_hr(hr, S_OK);
    assert_hr(
        IVssBackupComponents_AddToSnapshotSet(fixture.components, volume, GUID_NULL, &id), S_OK);
    return true;
}

/* Up to where it is cancelled, aborted or given up. */
static void back_up(void)
{
    if (!OPERATE(GatherWriterMetadata) || !start_set() || once_in(20))
        return;
    if (!OPERATE(PrepareForBackup))
        return;
    if (once_in(10))
        assert_hr(IVssBackupComponents_AbortBackup(fixture.components), S_OK);
    else if (!once_in(20) && OPERATE(DoSnapshotSet) && OPERATE(GatherWriterStatus) && !once_in(20))
        OPERATE(BackupComplete);
}

static void play_round(void)
{
    clear_scripts();
    restart_the_dead();
    let_go(false);
    write_scripts();
    if (once_in(2))
    {
        start_requestor();
        /* It needs a while to get going. */
        WaitForSingleObject(fixture.victims[HOSTS], next_random(&fixture.random) % 200);
    }
    struct backup backup;
    backup_create(&backup);
    fixture.components = backup.components;
    assert_hr(IVssBackupComponents_InitializeForBackup(fixture.components, NULL), S_OK);
    assert_hr(
        IVssBackupComponents_SetBackupState(fixture.components, FALSE, FALSE, VSS_BT_FULL, FALSE),
        S_OK);
    back_up();
    backup_release(&backup);
    let_go(true);
    end_requestor(once_in(2));
    fixture.rounds++;
}

/* ---- Before and after ---- */

static int set_up(void **state)
{
    const char *seed = getenv("THAWLINE_TEST_SEED");
    (void)state;
    fixture.random = (seed ? strtoul(seed, NULL, 0) : GetTickCount()) | 1;
    print_message("seed %u\n", fixture.random);
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    SetEnvironmentVariableW(L"THAWLINE_EVENT_TIMEOUT", DEADLINE);
    if (!GetEnvironmentVariableW(L"THAWLINE_OTHER_BIN", fixture.other_bin, MAX_PATH))
        return -1;
    fixture.live_blocks = ThawlineGetLiveBlocks();
    fixture.stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    for (int i = 0; i < HOSTS; i++)
    {
        WCHAR name[BOARD_NAME];
        _snwprintf(name, BOARD_NAME, L"chaos %d-", i);
        writer_process_make(&fixture.hosts[i], name, &writer_class, WRITERS_EACH);
        for (int j = 0; j < WRITERS_EACH; j++)
        {
            fixture.hosts[i].board->writer[j].level = VSS_APP_SYSTEM + (i + j) % 3;
            fixture.hosts[i].board->writer[j].freeze_timeout = DEADLINE_MS;
        }
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    SetEvent(fixture.stop);
    if (fixture.killer)
        WaitForSingleObject(fixture.killer, INFINITE);
    for (int i = 0; i < HOSTS; i++)
        writer_process_free(&fixture.hosts[i]);
    return 0;
}

static void assert_clean_backup_works(void)
{
    struct backup backup;
    UINT count = 0;
    for (int i = 0; i < HOSTS; i++)
    {
        /* Those that lived through it all may still be busy with what they are owed: a new process
           has no past. */
        if (i % 2)
            writer_process_kill(&fixture.hosts[i]);
    }
    restart_the_dead();
    SetEnvironmentVariableW(L"THAWLINE_EVENT_TIMEOUT", NULL);
    backup_until_done(&backup);
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(backup.components, &count), S_OK);
    assert_int_equal(count, HOSTS * WRITERS_EACH);
    assert_hr(backup_complete(&backup), VSS_S_ASYNC_FINISHED);
    backup_gather_status(&backup);
    IVssBackupComponentsEx3 *extended = NULL;
    VSS_ID session;
    assert_hr(IVssBackupComponents_QueryInterface(
                  backup.components, &IID_IVssBackupComponentsEx3, (void **)&extended),
        S_OK);
    assert_hr(extended->lpVtbl->GetSessionId(extended, &session), S_OK);
    extended->lpVtbl->Release(extended);
    for (int i = 0; i < HOSTS * WRITERS_EACH; i++)
    {
        VSS_WRITER_STATE writer_state = VSS_WS_UNKNOWN;
        VSS_ID id = writer_process_instance(
            &fixture.hosts[i / WRITERS_EACH], (unsigned)(i % WRITERS_EACH));
        assert_hr(backup_writer_status(&backup, id, &writer_state), S_OK);
        assert_int_equal(writer_state, VSS_WS_STABLE);
    }
    backup_release(&backup);
    for (int i = 0; i < HOSTS * WRITERS_EACH; i++)
        assert_string_equal(writer_process_events(&fixture.hosts[i / WRITERS_EACH],
                                (unsigned)(i % WRITERS_EACH), &session),
            WHOLE_COURSE);
}

/* winternl.h has neither. */
NTSTATUS NTAPI NtOpenDirectoryObject(
    HANDLE *directory, ACCESS_MASK access, OBJECT_ATTRIBUTES *attributes);
NTSTATUS NTAPI NtQueryDirectoryObject(HANDLE directory, void *buffer, ULONG size,
    BOOLEAN single_entry, BOOLEAN restart, ULONG *context, ULONG *needed);

/* How many named objects bear the name of this test's scope. */
static unsigned count_named_objects(void)
{
    WCHAR path[] = L"\\BaseNamedObjects";
    UNICODE_STRING name = {sizeof(path) - sizeof(WCHAR), sizeof(path), path};
    OBJECT_ATTRIBUTES attributes = {.Length = sizeof(attributes), .ObjectName = &name};
    union
    {
        UNICODE_STRING name;
        BYTE bytes[2048];
    } entry;
    WCHAR scope[BOARD_NAME];
    HANDLE directory = NULL;
    ULONG context = 0;
    unsigned count = 0;
    assert_in_range(GetEnvironmentVariableW(L"THAWLINE_SCOPE", scope, BOARD_NAME), 1, BOARD_NAME);
    assert_true(NtOpenDirectoryObject(&directory, 1, &attributes) >= 0);
    while (NtQueryDirectoryObject(
               directory, &entry, sizeof(entry), TRUE, !context, &context, NULL) == 0)
    {
        WCHAR text[256];
        _snwprintf(text, ARRAYSIZE(text), L"%.*ls", (int)(entry.name.Length / sizeof(WCHAR)),
            entry.name.Buffer);
        count += wcsstr(text, scope) != NULL;
    }
    CloseHandle(directory);
    return count;
}

static void a_minute_of_chaos_leaves_nothing_behind(void **state)
{
    (void)state;
    restart_the_dead();
    assert_int_not_equal(count_named_objects(), 0);
    fixture.killer = CreateThread(
        NULL, 0, kill_at_random, (void *)(uintptr_t)(fixture.random * 2654435761u), 0, NULL);
    LONGLONG begun = board_now();
    while (milliseconds_between(begun, board_now()) < CHAOS_MS)
        play_round();
    SetEvent(fixture.stop);
    WaitForSingleObject(fixture.killer, INFINITE);
    print_message(
        "%u rounds: %u operations finished, %u cancelled, %u with lost writers; %u refused "
        "sets, %ld kills, %u deaths\n",
        fixture.rounds, fixture.finished, fixture.cancelled, fixture.lost, fixture.in_progress,
        fixture.kills, fixture.deaths);
    /* Otherwise it was no chaos. */
    assert_true(fixture.finished > 20 && fixture.cancelled && fixture.kills && fixture.deaths);

    clear_scripts();
    for (int i = 0; i < HOSTS; i++)
        writer_process_forget(&fixture.hosts[i]);
    assert_clean_backup_works();
    for (int i = 0; i < HOSTS; i++)
        writer_process_stop(&fixture.hosts[i]);
    assert_int_equal(count_named_objects(), 0);
    assert_int_equal(ThawlineGetLiveBlocks(), fixture.live_blocks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minute_of_chaos_leaves_nothing_behind),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
