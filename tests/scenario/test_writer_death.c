/* SPDX-License-Identifier: MIT
 *
 * Writer processes that die or hang at any moment of a backup: the others are served, a death costs
 * no deadline and a hang only its own, and the status tells (requestor 2.4, 2.5, 5.4;
 * writer-provider 3.5, 3.8). The live provider serves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "msvc/msvc_writer.h"
#include "support/backup.h"
#include "support/writer_process.h"

#define WHOLE_COURSE                                                                               \
    "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupComplete BackupShutdown"

/* What Microsoft's compilers raise for `throw`. */
#define CPP_EXCEPTION 0xE06D7363u

/* What an operation may take in which a process dies, on a busy machine; no deadline is as
   short. */
#define AT_ONCE_MS 5000.0
/* The deadline of a writer that hangs; the others answer within it, on a busy machine too. */
#define SHORT_DEADLINE L"1500"
#define SHORT_DEADLINE_MS 1500

static const VSS_ID class_victim = {0xe1e1e1e1, 0x1111, 0x4111, {0xa1, 1, 1, 1, 1, 1, 1, 1}};
static const VSS_ID class_other = {0xe2e2e2e2, 0x2222, 0x4222, {0xa2, 2, 2, 2, 2, 2, 2, 2}};

/* The victim is a back-end writer, so that front end and system, in the test's own process, are
   called before and after it. */
struct fixture
{
    struct writer_process victim;
    struct writer_process bystander;
    struct scripted_writer front;
    struct scripted_writer system;
    struct backup backup;
    LONG live_blocks;
};

static struct fixture fixture;

static void start_local(
    struct scripted_writer *writer, const WCHAR *name, VSS_APPLICATION_LEVEL level)
{
    *writer = (struct scripted_writer){.name = name, .id = class_other, .level = level};
    scripted_writer_start(writer);
}

static int set_up(void **state)
{
    (void)state;
    fixture = (struct fixture){.live_blocks = ThawlineGetLiveBlocks()};
    start_local(&fixture.front, L"front end", VSS_APP_FRONT_END);
    start_local(&fixture.system, L"system", VSS_APP_SYSTEM);
    writer_process_make(&fixture.bystander, L"bystander", &class_other, 1);
    fixture.bystander.board->writer[0].level = VSS_APP_BACK_END;
    writer_process_start(&fixture.bystander);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ThawlineSetOption(L"EVENT_TIMEOUT", NULL);
    backup_release(&fixture.backup);
    scripted_writer_stop(&fixture.front);
    scripted_writer_stop(&fixture.system);
    writer_process_free(&fixture.victim);
    writer_process_free(&fixture.bystander);
    LONG more = ThawlineGetLiveBlocks() - fixture.live_blocks;
    if (more)
        print_error("%ld blocks were not given back\n", more);
    return more ? -1 : 0;
}

static void make_victim(void)
{
    writer_process_make(&fixture.victim, L"victim", &class_victim, 1);
    fixture.victim.board->writer[0].level = VSS_APP_BACK_END;
}

/* Ready for the next row. */
static void forget_bystanders(void)
{
    writer_process_forget(&fixture.bystander);
    for (int i = 0; i < WRITER_EVENTS; i++)
    {
        fixture.front.count[i] = fixture.system.count[i] = 0;
        fixture.front.at[i].action = fixture.system.at[i].action = NULL;
        fixture.front.at[i].wait_for = fixture.system.at[i].wait_for = NULL;
    }
}

static void assert_bystanders_served(const char *where)
{
    const char *events[] = {scripted_writer_events(&fixture.front), NULL, NULL};
    static char front[512];
    static char system[512];
    snprintf(front, sizeof(front), "%s", events[0]);
    snprintf(system, sizeof(system), "%s", scripted_writer_events(&fixture.system));
    events[0] = front;
    events[1] = system;
    events[2] = writer_process_events(&fixture.bystander, 0, NULL);
    for (int i = 0; i < 3; i++)
        if (strcmp(events[i], WHOLE_COURSE))
            fail_msg("%s: bystander %d got: %s", where, i, events[i]);
}

/* ---- A backup in five operations, each timed ---- */

enum operation
{
    PREPARE,
    SNAPSHOT,
    COMPLETE,
    STATUS,
    RELEASE,
    OPERATIONS
};

static const char *const operation_names[OPERATIONS] = {
    "PrepareForBackup", "DoSnapshotSet", "BackupComplete", "GatherWriterStatus", "Release"};

/* Returns what QueryStatus says. */
static HRESULT run(enum operation operation)
{
    switch (operation)
    {
    case PREPARE: backup_prepare(&fixture.backup); break;
    case SNAPSHOT: return backup_snapshot(&fixture.backup);
    case COMPLETE: return backup_complete(&fixture.backup);
    case STATUS: backup_gather_status(&fixture.backup); break;
    case RELEASE:
    case OPERATIONS: backup_release(&fixture.backup); break;
    }
    return VSS_S_ASYNC_FINISHED;
}

static double timed(enum operation operation, HRESULT expected)
{
    LONGLONG begun = board_now();
    HRESULT hr = run(operation);
    double took = milliseconds_between(begun, board_now());
    assert_hr(hr, expected);
    return took;
}

static void assert_victim_stands(const char *where, VSS_WRITER_STATE state, HRESULT failure)
{
    VSS_WRITER_STATE actual = VSS_WS_UNKNOWN;
    VSS_ID id = writer_process_instance(&fixture.victim, 0);
    HRESULT hr = backup_writer_status(&fixture.backup, id, &actual);
    if (actual != state || hr != failure)
        fail_msg("%s: state %d, %s (0x%08lx)", where, (int)actual, ThawlineGetResultName(hr),
            (unsigned long)hr);
}

static void assert_bystanders_stand(VSS_WRITER_STATE state)
{
    VSS_ID ids[] = {fixture.front.instance_id, fixture.system.instance_id,
        writer_process_instance(&fixture.bystander, 0)};
    for (int i = 0; i < 3; i++)
    {
        VSS_WRITER_STATE actual = VSS_WS_UNKNOWN;
        assert_hr(backup_writer_status(&fixture.backup, ids[i], &actual), S_OK);
        assert_int_equal(actual, state);
    }
}

/* ---- Deaths ---- */

/* When the victim dies; what it last got; the operation in which that shows, and how. */
struct death
{
    const char *when;
    enum operation shows_in;
    VSS_WRITER_STATE state;
    bool killed_before;             /* by the test, before that operation */
    enum writer_event dies_in;      /* by itself; 0: not in a handler of its own */
    enum writer_event killed_in;    /* a handler of: */
    struct scripted_writer *killer; /* NULL: none */
};

static const struct death deaths[] = {
    {"before PrepareBackup", PREPARE, VSS_WS_FAILED_AT_PREPARE_BACKUP, true, 0, 0, NULL},
    {"in PrepareBackup", PREPARE, VSS_WS_FAILED_AT_PREPARE_BACKUP, false, ON_PREPARE_BACKUP, 0,
        NULL},
    {"after PrepareBackup", SNAPSHOT, VSS_WS_FAILED_AT_PREPARE_SNAPSHOT, true, 0, 0, NULL},
    {"in PrepareSnapshot", SNAPSHOT, VSS_WS_FAILED_AT_PREPARE_SNAPSHOT, false, ON_PREPARE_SNAPSHOT,
        0, NULL},
    {"after PrepareSnapshot", SNAPSHOT, VSS_WS_FAILED_AT_FREEZE, false, 0, ON_FREEZE,
        &fixture.front},
    {"in Freeze", SNAPSHOT, VSS_WS_FAILED_AT_FREEZE, false, ON_FREEZE, 0, NULL},
    {"after Freeze", SNAPSHOT, VSS_WS_FAILED_AT_THAW, false, 0, ON_FREEZE, &fixture.system},
    {"before Thaw", SNAPSHOT, VSS_WS_FAILED_AT_THAW, false, 0, ON_THAW, &fixture.system},
    {"in Thaw", SNAPSHOT, VSS_WS_FAILED_AT_THAW, false, ON_THAW, 0, NULL},
    {"after Thaw", SNAPSHOT, VSS_WS_FAILED_AT_POST_SNAPSHOT, false, 0, ON_THAW, &fixture.front},
    {"in PostSnapshot", SNAPSHOT, VSS_WS_FAILED_AT_POST_SNAPSHOT, false, ON_POST_SNAPSHOT, 0, NULL},
    {"after PostSnapshot", COMPLETE, VSS_WS_FAILED_AT_BACKUP_COMPLETE, true, 0, 0, NULL},
    {"in BackupComplete", COMPLETE, VSS_WS_FAILED_AT_BACKUP_COMPLETE, false, ON_BACKUP_COMPLETE, 0,
        NULL},
    {"after BackupComplete", STATUS, VSS_WS_STABLE, true, 0, 0, NULL},
    {"in BackupShutdown", RELEASE, VSS_WS_STABLE, false, ON_BACKUP_SHUTDOWN, 0, NULL},
};

static void kill_victim(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    (void)writer;
    (void)event;
    (void)context;
    TerminateProcess(fixture.victim.process, BOARD_DIED);
    WaitForSingleObject(fixture.victim.process, INFINITE);
}

static void begin_with_death(const struct death *death)
{
    make_victim();
    if (death->dies_in)
        fixture.victim.board->writer[0].at[death->dies_in].dies = TRUE;
    writer_process_start(&fixture.victim);
    forget_bystanders();
    if (death->killer)
        death->killer->at[death->killed_in].action = kill_victim;
    backup_begin(&fixture.backup, FALSE);
    backup_start_set(&fixture.backup);
}

/* Gone from the next gather, the others are there. */
static void assert_only_bystanders_are_found(void)
{
    UINT count = 0;
    backup_begin(&fixture.backup, FALSE);
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(fixture.backup.components, &count), S_OK);
    assert_int_equal(count, 3);
    backup_release(&fixture.backup);
}

static double run_with_death(const struct death *death)
{
    double longest = 0;
    begin_with_death(death);
    for (enum operation i = PREPARE; i < OPERATIONS; i++)
    {
        if (death->killed_before && i == death->shows_in)
            writer_process_kill(&fixture.victim);
        bool lost_now = i == COMPLETE && death->shows_in == COMPLETE;
        double took = timed(i, lost_now ? VSS_E_UNEXPECTED_WRITER_ERROR : VSS_S_ASYNC_FINISHED);
        longest = took > longest ? took : longest;
        if (took > AT_ONCE_MS)
            fail_msg("%s: %s took %.0f ms", death->when, operation_names[i], took);
        if (i == STATUS)
        {
            assert_victim_stands(death->when, death->state,
                death->shows_in == RELEASE ? S_OK : VSS_E_WRITER_NOT_RESPONDING);
            assert_bystanders_stand(VSS_WS_STABLE);
        }
    }
    assert_bystanders_served(death->when);
    writer_process_free(&fixture.victim);
    assert_only_bystanders_are_found();
    return longest;
}

static void a_writer_process_that_dies_costs_no_deadline_and_the_others_are_served(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(deaths); i++)
        print_message(
            "%s: the longest operation took %.0f ms\n", deaths[i].when, run_with_death(&deaths[i]));
}

/* Unhandled, as in any other program: nothing of ours stands between. */
static const struct crash
{
    const char *what;
    DWORD code;
    enum msvc_kind kind; /* MSVC_NONE: a writer in C */
    enum writer_event event;
    enum operation shows_in;
    VSS_WRITER_STATE state;
} crashes[] = {
    {"access violation in PrepareBackup", EXCEPTION_ACCESS_VIOLATION, MSVC_NONE, ON_PREPARE_BACKUP,
        PREPARE, VSS_WS_FAILED_AT_PREPARE_BACKUP},
    {"access violation in Freeze", EXCEPTION_ACCESS_VIOLATION, MSVC_EX2, ON_FREEZE, SNAPSHOT,
        VSS_WS_FAILED_AT_FREEZE},
    {"throw in Freeze", CPP_EXCEPTION, MSVC_2003, ON_FREEZE, SNAPSHOT, VSS_WS_FAILED_AT_FREEZE},
    {"throw in PostSnapshot", CPP_EXCEPTION, MSVC_EX, ON_POST_SNAPSHOT, SNAPSHOT,
        VSS_WS_FAILED_AT_POST_SNAPSHOT},
    {"throw in BackupComplete", CPP_EXCEPTION, MSVC_NONE, ON_BACKUP_COMPLETE, COMPLETE,
        VSS_WS_FAILED_AT_BACKUP_COMPLETE},
};

static void a_handler_that_crashes_ends_its_own_process_and_the_others_are_served(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(crashes); i++)
    {
        const struct crash *crash = &crashes[i];
        make_victim();
        struct board_writer *script = &fixture.victim.board->writer[0];
        script->msvc_kind = (LONG)crash->kind;
        script->freeze_timeout = 60000;
        script->at[crash->event].crashes = (LONG)crash->code;
        writer_process_start(&fixture.victim);
        forget_bystanders();
        backup_begin(&fixture.backup, FALSE);
        VSS_ID id = writer_process_instance(&fixture.victim, 0);
        backup_start_set(&fixture.backup);
        for (enum operation op = PREPARE; op < STATUS; op++)
            assert_hr(run(op), op == COMPLETE && crash->shows_in == COMPLETE
                    ? VSS_E_UNEXPECTED_WRITER_ERROR
                    : VSS_S_ASYNC_FINISHED);
        writer_process_await_crash(&fixture.victim, crash->code);
        run(STATUS);
        VSS_WRITER_STATE stands = VSS_WS_UNKNOWN;
        assert_hr(backup_writer_status(&fixture.backup, id, &stands), VSS_E_WRITER_NOT_RESPONDING);
        assert_int_equal(stands, crash->state);
        assert_bystanders_stand(VSS_WS_STABLE);
        run(RELEASE);
        assert_bystanders_served(crash->what);
        writer_process_free(&fixture.victim);
    }
}

static void a_process_that_dies_in_identify_is_left_out_at_once(void **state)
{
    UINT count = 0;
    (void)state;
    make_victim();
    fixture.victim.board->writer[0].at[ON_IDENTIFY].dies = TRUE;
    writer_process_start(&fixture.victim);
    LONGLONG begun = board_now();
    backup_begin(&fixture.backup, FALSE);
    assert_true(milliseconds_between(begun, board_now()) < AT_ONCE_MS);
    writer_process_await_death(&fixture.victim);
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(fixture.backup.components, &count), S_OK);
    assert_int_equal(count, 3);
}

/* ---- Hangs ---- */

struct hang
{
    enum writer_event event;
    enum operation in;
    HRESULT outcome;
    VSS_WRITER_STATE state;
    HRESULT failure;
    /* what the victim gets in all once its handler has returned */
    const char *gets;
};

/* Freeze and Thaw are followed by Abort; what was prepared and not frozen is only released. */
static const struct hang hangs[] = {
    {ON_PREPARE_BACKUP, PREPARE, VSS_S_ASYNC_FINISHED, VSS_WS_FAILED_AT_PREPARE_BACKUP,
        VSS_E_WRITER_NOT_RESPONDING, "PrepareBackup BackupShutdown"},
    {ON_PREPARE_SNAPSHOT, SNAPSHOT, VSS_S_ASYNC_FINISHED, VSS_WS_FAILED_AT_PREPARE_SNAPSHOT,
        VSS_E_WRITER_NOT_RESPONDING, "PrepareBackup PrepareSnapshot BackupShutdown"},
    {ON_FREEZE, SNAPSHOT, VSS_S_ASYNC_FINISHED, VSS_WS_FAILED_AT_FREEZE, VSS_E_WRITERERROR_TIMEOUT,
        "PrepareBackup PrepareSnapshot Freeze Abort BackupShutdown"},
    {ON_THAW, SNAPSHOT, VSS_S_ASYNC_FINISHED, VSS_WS_FAILED_AT_THAW, VSS_E_WRITERERROR_TIMEOUT,
        "PrepareBackup PrepareSnapshot Freeze Thaw Abort BackupShutdown"},
    {ON_POST_SNAPSHOT, SNAPSHOT, VSS_S_ASYNC_FINISHED, VSS_WS_FAILED_AT_POST_SNAPSHOT,
        VSS_E_WRITER_NOT_RESPONDING,
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupShutdown"},
    {ON_BACKUP_COMPLETE, COMPLETE, VSS_E_UNEXPECTED_WRITER_ERROR, VSS_WS_FAILED_AT_BACKUP_COMPLETE,
        VSS_E_WRITERERROR_TIMEOUT, WHOLE_COURSE},
    {ON_BACKUP_SHUTDOWN, RELEASE, VSS_S_ASYNC_FINISHED, VSS_WS_STABLE, S_OK, WHOLE_COURSE},
};

static double run_with_hang(const struct hang *hang)
{
    const char *where = writer_event_name(hang->event);
    double hung = 0;
    make_victim();
    struct board_writer *script = &fixture.victim.board->writer[0];
    script->freeze_timeout = SHORT_DEADLINE_MS;
    script->at[hang->event].hangs = TRUE;
    script->at[ON_BACKUP_SHUTDOWN].announces = BOARD_ENTERED;
    writer_process_start(&fixture.victim);
    forget_bystanders();
    backup_begin(&fixture.backup, FALSE);
    backup_start_set(&fixture.backup);
    for (enum operation i = PREPARE; i < OPERATIONS; i++)
    {
        double took = timed(i, i == hang->in ? hang->outcome : VSS_S_ASYNC_FINISHED);
        double limit = i == hang->in ? SHORT_DEADLINE_MS + AT_ONCE_MS : AT_ONCE_MS;
        if (took > limit)
            fail_msg("%s: %s took %.0f ms", where, operation_names[i], took);
        if (i == hang->in)
            hung = took;
        if (i == STATUS)
        {
            assert_victim_stands(where, hang->state, hang->failure);
            assert_bystanders_stand(VSS_WS_STABLE);
        }
    }
    assert_bystanders_served(where);
    writer_process_let_go(&fixture.victim);
    assert_true(writer_process_await(&fixture.victim, BOARD_ENTERED, PROCESS_PATIENCE_MS));
    assert_string_equal(writer_process_events(&fixture.victim, 0, NULL), hang->gets);
    writer_process_stop(&fixture.victim);
    return hung;
}

static void a_writer_that_hangs_costs_its_own_deadline_and_the_others_are_served(void **state)
{
    (void)state;
    assert_hr(ThawlineSetOption(L"EVENT_TIMEOUT", SHORT_DEADLINE), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(hangs); i++)
    {
        double took = run_with_hang(&hangs[i]);
        print_message(
            "hang in %s: the operation took %.0f ms\n", writer_event_name(hangs[i].event), took);
        /* What ends before its deadline has not waited for it. */
        assert_true(took > 0.9 * SHORT_DEADLINE_MS);
    }
}

static void a_writer_that_hangs_in_identify_is_left_out(void **state)
{
    UINT count = 0;
    (void)state;
    assert_hr(ThawlineSetOption(L"EVENT_TIMEOUT", SHORT_DEADLINE), S_OK);
    make_victim();
    fixture.victim.board->writer[0].at[ON_IDENTIFY].hangs = TRUE;
    writer_process_start(&fixture.victim);
    LONGLONG begun = board_now();
    backup_begin(&fixture.backup, FALSE);
    assert_true(milliseconds_between(begun, board_now()) < SHORT_DEADLINE_MS + AT_ONCE_MS);
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(fixture.backup.components, &count), S_OK);
    assert_int_equal(count, 3);
    backup_release(&fixture.backup);
    writer_process_let_go(&fixture.victim);
    writer_process_stop(&fixture.victim);
}

static void await_victims_abort(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    (void)writer;
    (void)event;
    *(bool *)context = writer_process_await(&fixture.victim, BOARD_ABORTED, PROCESS_PATIENCE_MS);
}

/* The system writer holds the freeze until the window of the victim, frozen before it, is over. */
static void a_writer_whose_freeze_window_passes_gets_abort_and_no_thaw(void **state)
{
    bool aborted = false;
    (void)state;
    make_victim();
    struct board_writer *script = &fixture.victim.board->writer[0];
    script->freeze_timeout = 500;
    script->at[ON_ABORT].announces = BOARD_ABORTED;
    writer_process_start(&fixture.victim);
    fixture.system.at[ON_FREEZE].action = await_victims_abort;
    fixture.system.at[ON_FREEZE].context = &aborted;
    backup_until_done(&fixture.backup);
    assert_true(aborted);
    backup_gather_status(&fixture.backup);
    assert_victim_stands("freeze window", VSS_WS_FAILED_AT_THAW, VSS_E_WRITERERROR_TIMEOUT);
    assert_bystanders_stand(VSS_WS_WAITING_FOR_BACKUP_COMPLETE);
    assert_hr(backup_complete(&fixture.backup), VSS_S_ASYNC_FINISHED);
    backup_release(&fixture.backup);
    assert_bystanders_served("freeze window");
    assert_string_equal(writer_process_events(&fixture.victim, 0, NULL),
        "PrepareBackup PrepareSnapshot Freeze Abort BackupShutdown");
    double window = milliseconds_between(writer_process_find(&fixture.victim, 0, ON_FREEZE)->ended,
        writer_process_find(&fixture.victim, 0, ON_ABORT)->begun);
    print_message("Abort came %.0f ms after Freeze, whose window is 500 ms\n", window);
    assert_true(window > 450 && window < 500 + AT_ONCE_MS);
    writer_process_stop(&fixture.victim);
}

/* ---- Cancelled, unsubscribed ---- */

/* Its deadline is the default: ten minutes. */
static void a_cancel_does_not_wait_for_a_remote_handler(void **state)
{
    IVssAsync *async = NULL;
    (void)state;
    make_victim();
    struct board_writer *script = &fixture.victim.board->writer[0];
    script->at[ON_POST_SNAPSHOT].hangs = TRUE;
    script->at[ON_POST_SNAPSHOT].announces = BOARD_ENTERED;
    script->at[ON_BACKUP_SHUTDOWN].announces = BOARD_ABORTED;
    writer_process_start(&fixture.victim);
    backup_until_prepared(&fixture.backup);
    assert_hr(IVssBackupComponents_DoSnapshotSet(fixture.backup.components, &async), S_OK);
    assert_true(writer_process_await(&fixture.victim, BOARD_ENTERED, PROCESS_PATIENCE_MS));
    LONGLONG begun = board_now();
    assert_hr(IVssAsync_Cancel(async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_CANCELLED);
    backup_release(&fixture.backup);
    double took = milliseconds_between(begun, board_now());
    print_message("cancelled and released in %.0f ms\n", took);
    assert_true(took < AT_ONCE_MS);
    writer_process_let_go(&fixture.victim);
    assert_true(writer_process_await(&fixture.victim, BOARD_ABORTED, PROCESS_PATIENCE_MS));
    assert_string_equal(writer_process_events(&fixture.victim, 0, NULL),
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupShutdown");
    writer_process_stop(&fixture.victim);
}

static void a_writer_that_unsubscribes_in_the_middle_is_lost_at_once(void **state)
{
    (void)state;
    make_victim();
    writer_process_start(&fixture.victim);
    backup_until_prepared(&fixture.backup);
    writer_process_subscribe(&fixture.victim, 0, false);
    assert_true(timed(SNAPSHOT, VSS_S_ASYNC_FINISHED) < AT_ONCE_MS);
    backup_gather_status(&fixture.backup);
    assert_victim_stands(
        "unsubscribed", VSS_WS_FAILED_AT_PREPARE_SNAPSHOT, VSS_E_WRITER_NOT_RESPONDING);
    assert_bystanders_stand(VSS_WS_WAITING_FOR_BACKUP_COMPLETE);
    assert_hr(backup_complete(&fixture.backup), VSS_S_ASYNC_FINISHED);
    backup_release(&fixture.backup);
    assert_bystanders_served("unsubscribed");
    writer_process_stop(&fixture.victim);
}

int main(void)
{
#define SCENARIO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENARIO(a_writer_process_that_dies_costs_no_deadline_and_the_others_are_served),
        SCENARIO(a_handler_that_crashes_ends_its_own_process_and_the_others_are_served),
        SCENARIO(a_process_that_dies_in_identify_is_left_out_at_once),
        SCENARIO(a_writer_that_hangs_costs_its_own_deadline_and_the_others_are_served),
        SCENARIO(a_writer_that_hangs_in_identify_is_left_out),
        SCENARIO(a_writer_whose_freeze_window_passes_gets_abort_and_no_thaw),
        SCENARIO(a_cancel_does_not_wait_for_a_remote_handler),
        SCENARIO(a_writer_that_unsubscribes_in_the_middle_is_lost_at_once),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
