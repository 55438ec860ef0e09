/* SPDX-License-Identifier: MIT
 *
 * Requestors in other processes: one that is killed at any moment leaves no writer prepared or
 * frozen and no lock taken, and two at once do not disturb each other (requestor 1.8, 2.4, 5.5;
 * writer-provider 3.3, 3.5). The writers are the test's own; the live provider serves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "support/backup.h"
#include "support/writer_process.h"

#define KILLED 78
/* From the death of a requestor to the last event of its writers. */
#define RELEASED_WITHIN_MS 2000.0
/* What a backup may take that has to wait for nothing, on a busy machine. */
#define AT_ONCE_MS 5000.0
#define WHOLE_COURSE                                                                               \
    "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupComplete BackupShutdown"

static const VSS_ID writer_class = {0xf1f1f1f1, 0x1111, 0x4111, {0xb1, 1, 1, 1, 1, 1, 1, 1}};

struct fixture
{
    struct scripted_writer front;
    struct scripted_writer system;
    struct backup backup;
    struct writer_process host;
    HANDLE requestor;
    WCHAR name[BOARD_NAME];
    HANDLE ready;
    HANDLE go;
    /* both writers announce themselves at the event in which the requestor is killed */
    HANDLE front_entered;
    HANDLE system_entered;
    HANDLE front_ended; /* BackupShutdown came */
    HANDLE system_ended;
    volatile LONGLONG killed;
    volatile LONGLONG aborted;
    volatile LONGLONG ended;
    LONG live_blocks;
};

static struct fixture fixture;

static void note_abort(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    (void)writer;
    (void)event;
    (void)context;
    InterlockedExchange64(&fixture.aborted, board_now());
}

static void note_end(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    (void)writer;
    (void)event;
    InterlockedExchange64(&fixture.ended, board_now());
    SetEvent(context);
}

static void reset_writer(struct scripted_writer *writer, HANDLE ended)
{
    for (int i = 0; i < WRITER_EVENTS; i++)
    {
        writer->count[i] = 0;
        writer->at[i].action = NULL;
        writer->at[i].announces = NULL;
        writer->at[i].veto = FALSE;
    }
    writer->at[ON_ABORT].action = note_abort;
    writer->at[ON_BACKUP_SHUTDOWN].action = note_end;
    writer->at[ON_BACKUP_SHUTDOWN].context = ended;
}

static void reset(void)
{
    fixture.killed = fixture.aborted = fixture.ended = 0;
    reset_writer(&fixture.front, fixture.front_ended);
    reset_writer(&fixture.system, fixture.system_ended);
    ResetEvent(fixture.front_ended);
    ResetEvent(fixture.system_ended);
    ResetEvent(fixture.front_entered);
    ResetEvent(fixture.system_entered);
    ResetEvent(fixture.go);
}

static void make_events(void)
{
    _snwprintf(fixture.name, BOARD_NAME, L"thawline-requestor-%lu", GetCurrentProcessId());
    fixture.ready = board_signal(fixture.name, BOARD_READY);
    fixture.go = board_signal(fixture.name, BOARD_GO);
    fixture.front_entered = CreateEventW(NULL, TRUE, FALSE, NULL);
    fixture.system_entered = CreateEventW(NULL, TRUE, FALSE, NULL);
    fixture.front_ended = CreateEventW(NULL, TRUE, FALSE, NULL);
    fixture.system_ended = CreateEventW(NULL, TRUE, FALSE, NULL);
}

static int set_up(void **state)
{
    (void)state;
    fixture = (struct fixture){.live_blocks = ThawlineGetLiveBlocks(),
        .front = {.name = L"front end", .id = writer_class, .level = VSS_APP_FRONT_END},
        .system = {.name = L"system", .id = writer_class, .level = VSS_APP_SYSTEM}};
    make_events();
    reset();
    scripted_writer_start(&fixture.front);
    scripted_writer_start(&fixture.system);
    return 0;
}

static void close_requestor(void)
{
    if (!fixture.requestor)
        return;
    TerminateProcess(fixture.requestor, KILLED);
    WaitForSingleObject(fixture.requestor, INFINITE);
    CloseHandle(fixture.requestor);
    fixture.requestor = NULL;
}

static int tear_down(void **state)
{
    HANDLE handles[] = {fixture.ready, fixture.go, fixture.front_entered, fixture.system_entered,
        fixture.front_ended, fixture.system_ended};
    (void)state;
    backup_release(&fixture.backup);
    close_requestor();
    scripted_writer_stop(&fixture.front);
    scripted_writer_stop(&fixture.system);
    writer_process_free(&fixture.host);
    for (size_t i = 0; i < ARRAYSIZE(handles); i++)
        CloseHandle(handles[i]);
    LONG more = ThawlineGetLiveBlocks() - fixture.live_blocks;
    if (more)
        print_error("%ld blocks were not given back\n", more);
    return more ? -1 : 0;
}

/* `folder` NULL: of this bitness. */
static void start_requestor(const WCHAR *folder, const WCHAR *until)
{
    WCHAR arguments[3 * BOARD_NAME];
    _snwprintf(arguments, ARRAYSIZE(arguments), L"%ls %lu %ls", fixture.name, GetCurrentProcessId(),
        until);
    fixture.requestor = start_program(folder, L"requestor_host.exe", arguments);
}

static void await_step(void)
{
    HANDLE handles[] = {fixture.ready, fixture.requestor};
    assert_int_equal(WaitForMultipleObjects(2, handles, FALSE, PROCESS_PATIENCE_MS), WAIT_OBJECT_0);
}

/* It goes on to its end, which is a good one. */
static void let_requestor_finish(void)
{
    DWORD code = 99;
    SetEvent(fixture.go);
    assert_int_equal(WaitForSingleObject(fixture.requestor, PROCESS_PATIENCE_MS), WAIT_OBJECT_0);
    GetExitCodeProcess(fixture.requestor, &code);
    assert_int_equal(code, 0);
    CloseHandle(fixture.requestor);
    fixture.requestor = NULL;
}

/* ---- Killed ---- */

/* Where it is killed, and what the writers get in all. */
struct death
{
    const char *when;
    const WCHAR *step;    /* killed after it; NULL: in a handler */
    enum writer_event in; /* its handler, of: */
    struct scripted_writer *writer;
    HANDLE *other_entered; /* not before this was set; NULL: at once */
    const char *front;
    const char *system;
};

#define PREPARED "PrepareBackup PrepareSnapshot "
#define MADE "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot "

static const struct death deaths[] = {
    {"after gathering", L"gathered", 0, NULL, NULL, "", ""},
    {"after StartSnapshotSet", L"started", 0, NULL, NULL, "", ""},
    {"in PrepareBackup", NULL, ON_PREPARE_BACKUP, &fixture.front, &fixture.system_entered,
        "PrepareBackup Abort BackupShutdown", "PrepareBackup Abort BackupShutdown"},
    {"after PrepareBackup", L"prepared", 0, NULL, NULL, "PrepareBackup Abort BackupShutdown",
        "PrepareBackup Abort BackupShutdown"},
    {"in PrepareSnapshot", NULL, ON_PREPARE_SNAPSHOT, &fixture.system, &fixture.front_entered,
        PREPARED "Abort BackupShutdown", PREPARED "Abort BackupShutdown"},
    {"in the first Freeze", NULL, ON_FREEZE, &fixture.front, NULL,
        PREPARED "Freeze Abort BackupShutdown", PREPARED "Abort BackupShutdown"},
    {"in the last Freeze", NULL, ON_FREEZE, &fixture.system, NULL,
        PREPARED "Freeze Abort BackupShutdown", PREPARED "Freeze Abort BackupShutdown"},
    {"in the first Thaw", NULL, ON_THAW, &fixture.system, NULL,
        PREPARED "Freeze Abort BackupShutdown", PREPARED "Freeze Thaw Abort BackupShutdown"},
    {"in the last Thaw", NULL, ON_THAW, &fixture.front, NULL,
        PREPARED "Freeze Thaw Abort BackupShutdown", PREPARED "Freeze Thaw Abort BackupShutdown"},
    {"in PostSnapshot", NULL, ON_POST_SNAPSHOT, &fixture.front, &fixture.system_entered,
        MADE "BackupShutdown", MADE "BackupShutdown"},
    {"after PostSnapshot", L"done", 0, NULL, NULL, MADE "BackupShutdown", MADE "BackupShutdown"},
    {"in BackupComplete", NULL, ON_BACKUP_COMPLETE, &fixture.system, &fixture.front_entered,
        WHOLE_COURSE, WHOLE_COURSE},
    {"after BackupComplete", L"complete", 0, NULL, NULL, WHOLE_COURSE, WHOLE_COURSE},
    {"in BackupShutdown", NULL, ON_BACKUP_SHUTDOWN, &fixture.front, &fixture.system_entered,
        WHOLE_COURSE, WHOLE_COURSE},
};

static void kill_now(void)
{
    InterlockedExchange64(&fixture.killed, board_now());
    TerminateProcess(fixture.requestor, KILLED);
}

static void kill_requestor(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    const struct death *death = context;
    if (death->other_entered)
        WaitForSingleObject(*death->other_entered, PROCESS_PATIENCE_MS);
    kill_now();
    if (death->in == ON_BACKUP_SHUTDOWN)
        note_end(writer, event, fixture.front_ended);
}

static void run_with_death(const struct death *death, const WCHAR *folder)
{
    reset();
    /* The actions look at fixture.requestor: it is there before the first of them. */
    start_requestor(folder, death->step ? death->step : L"gathered");
    await_step();
    if (death->writer)
    {
        fixture.front.at[death->in].announces = fixture.front_entered;
        fixture.system.at[death->in].announces = fixture.system_entered;
        death->writer->at[death->in].action = kill_requestor;
        death->writer->at[death->in].context = (void *)death;
        SetEvent(fixture.go);
    }
    else
    {
        kill_now();
    }
    HANDLE ends[] = {fixture.front_ended, fixture.system_ended};
    if (*death->front && WaitForMultipleObjects(2, ends, TRUE, PROCESS_PATIENCE_MS))
        fail_msg("%s: front end got %s", death->when, scripted_writer_events(&fixture.front));
    WaitForSingleObject(fixture.requestor, INFINITE);
    close_requestor();
}

static void assert_released(const struct death *death)
{
    const char *events = scripted_writer_events(&fixture.front);
    if (strcmp(events, death->front))
        fail_msg("%s: the front end got: %s", death->when, events);
    events = scripted_writer_events(&fixture.system);
    if (strcmp(events, death->system))
        fail_msg("%s: the system writer got: %s", death->when, events);
    if (!*death->front)
        return;
    double ended = milliseconds_between(fixture.killed, fixture.ended);
    if (fixture.aborted)
        print_message("%s: Abort %.1f ms after the kill, all over after %.1f ms\n", death->when,
            milliseconds_between(fixture.killed, fixture.aborted), ended);
    else
        print_message("%s: all over %.1f ms after the kill\n", death->when, ended);
    assert_true(ended < RELEASED_WITHIN_MS);
}

/* It waits for nothing of the dead one, and the writers know nothing of it any more. */
static void assert_next_backup_works_at_once(void)
{
    reset();
    LONGLONG begun = board_now();
    backup_until_done(&fixture.backup);
    assert_hr(backup_complete(&fixture.backup), VSS_S_ASYNC_FINISHED);
    backup_release(&fixture.backup);
    assert_true(milliseconds_between(begun, board_now()) < AT_ONCE_MS);
    assert_string_equal(scripted_writer_events(&fixture.front), WHOLE_COURSE);
    assert_string_equal(scripted_writer_events(&fixture.system), WHOLE_COURSE);
}

static void the_writers_of_a_killed_requestor_are_released_at_once(void **state)
{
    WCHAR other_bin[MAX_PATH];
    (void)state;
    assert_in_range(
        GetEnvironmentVariableW(L"THAWLINE_OTHER_BIN", other_bin, MAX_PATH), 1, MAX_PATH);
    for (size_t i = 0; i < ARRAYSIZE(deaths); i++)
    {
        /* Of both bitnesses in turn. */
        run_with_death(&deaths[i], i % 2 ? other_bin : NULL);
        assert_released(&deaths[i]);
        assert_next_backup_works_at_once();
    }
}

/* ---- Two at once ---- */

static void a_second_set_is_refused_across_processes_until_the_first_is_done(void **state)
{
    VSS_ID set_id;
    (void)state;
    start_requestor(NULL, L"started");
    await_step();
    backup_begin(&fixture.backup, FALSE);
    IVssBackupComponents *components = fixture.backup.components;
    for (int i = 0; i < 3; i++)
        assert_hr(IVssBackupComponents_StartSnapshotSet(components, &set_id),
            VSS_E_SNAPSHOT_SET_IN_PROGRESS);
    let_requestor_finish();
    backup_start_set(&fixture.backup);
    backup_prepare(&fixture.backup);
    assert_hr(backup_snapshot(&fixture.backup), VSS_S_ASYNC_FINISHED);
    assert_hr(backup_complete(&fixture.backup), VSS_S_ASYNC_FINISHED);
}

/* The first event of this kind that is not of the session. */
static const struct board_note *find_other_session(const VSS_ID *session)
{
    for (LONG i = 0; i < fixture.host.board->noted; i++)
    {
        const struct board_note *note = &fixture.host.board->note[i];
        if (note->event != ON_IDENTIFY && !IsEqualGUID(&note->session_id, session))
            return note;
    }
    return NULL;
}

static VSS_ID own_session(void)
{
    IVssBackupComponentsEx3 *extended = NULL;
    VSS_ID id = GUID_NULL;
    assert_hr(IVssBackupComponents_QueryInterface(
                  fixture.backup.components, &IID_IVssBackupComponentsEx3, (void **)&extended),
        S_OK);
    assert_hr(extended->lpVtbl->GetSessionId(extended, &id), S_OK);
    extended->lpVtbl->Release(extended);
    return id;
}

/* One has its set and backs up; meanwhile the other makes a whole backup, in which a writer fails
   that both have. */
static void two_requestors_have_sessions_of_their_own(void **state)
{
    (void)state;
    writer_process_make(&fixture.host, L"shared", &writer_class, 1);
    writer_process_start(&fixture.host);
    struct board_step *freeze = &fixture.host.board->writer[0].at[ON_FREEZE];
    start_requestor(NULL, L"done");
    await_step();
    freeze->veto = TRUE;
    freeze->failure = VSS_E_WRITERERROR_OUTOFRESOURCES;
    backup_until_done(&fixture.backup);
    backup_gather_status(&fixture.backup);
    VSS_WRITER_STATE writer_state = VSS_WS_UNKNOWN;
    VSS_ID instance = writer_process_instance(&fixture.host, 0);
    assert_hr(backup_writer_status(&fixture.backup, instance, &writer_state),
        VSS_E_WRITERERROR_OUTOFRESOURCES);
    assert_int_equal(writer_state, VSS_WS_FAILED_AT_FREEZE);
    VSS_ID mine = own_session();
    assert_hr(backup_complete(&fixture.backup), VSS_S_ASYNC_FINISHED);
    backup_release(&fixture.backup);
    let_requestor_finish();

    const struct board_note *other = find_other_session(&mine);
    assert_non_null(other);
    assert_string_equal(writer_process_events(&fixture.host, 0, &other->session_id), WHOLE_COURSE);
    assert_string_equal(
        writer_process_events(&fixture.host, 0, &mine), PREPARED "Freeze Abort BackupShutdown");
    writer_process_stop(&fixture.host);
}

/* Both are under way when one dies: it is the dead one's session that ends. */
static void the_death_of_one_requestor_leaves_the_session_of_the_other(void **state)
{
    (void)state;
    writer_process_make(&fixture.host, L"shared", &writer_class, 1);
    fixture.host.board->writer[0].at[ON_BACKUP_SHUTDOWN].announces = BOARD_ENTERED;
    writer_process_start(&fixture.host);
    start_requestor(NULL, L"done");
    await_step();
    backup_until_done(&fixture.backup);
    VSS_ID mine = own_session();
    close_requestor();
    assert_true(writer_process_await(&fixture.host, BOARD_ENTERED, PROCESS_PATIENCE_MS));
    const struct board_note *other = find_other_session(&mine);
    assert_non_null(other);
    assert_string_equal(
        writer_process_events(&fixture.host, 0, &other->session_id), MADE "BackupShutdown");
    assert_hr(backup_complete(&fixture.backup), VSS_S_ASYNC_FINISHED);
    backup_release(&fixture.backup);
    assert_string_equal(writer_process_events(&fixture.host, 0, &mine), WHOLE_COURSE);
    writer_process_stop(&fixture.host);
}

int main(void)
{
#define SCENARIO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENARIO(the_writers_of_a_killed_requestor_are_released_at_once),
        SCENARIO(a_second_set_is_refused_across_processes_until_the_first_is_done),
        SCENARIO(two_requestors_have_sessions_of_their_own),
        SCENARIO(the_death_of_one_requestor_leaves_the_session_of_the_other),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
