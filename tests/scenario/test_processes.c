/* SPDX-License-Identifier: MIT
 *
 * Writers in other processes: those that are meant are found, and get every event in the legal
 * order (requestor 2.3-2.5, writer-provider 3.3). The live provider serves.
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

#define MANY 64
#define WHOLE_COURSE                                                                               \
    "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupComplete BackupShutdown"

static const VSS_ID class_a = {0xd1d1d1d1, 0x1111, 0x4111, {0x91, 1, 1, 1, 1, 1, 1, 1}};
static const VSS_ID class_b = {0xd2d2d2d2, 0x2222, 0x4222, {0x92, 2, 2, 2, 2, 2, 2, 2}};

struct fixture
{
    struct writer_process hosts[MANY];
    struct backup backup;
    LONG live_blocks;
};

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof(*fixture));
    fixture->live_blocks = ThawlineGetLiveBlocks();
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    backup_release(&fixture->backup);
    for (int i = 0; i < MANY; i++)
        writer_process_free(&fixture->hosts[i]);
    LONG blocks = ThawlineGetLiveBlocks();
    if (blocks != fixture->live_blocks)
        print_error("%ld blocks were not given back\n", blocks - fixture->live_blocks);
    bool clean = blocks == fixture->live_blocks;
    test_free(fixture);
    return clean ? 0 : -1;
}

/* ---- What a requestor sees ---- */

static UINT metadata_count(const struct backup *backup)
{
    UINT count = 0;
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(backup->components, &count), S_OK);
    return count;
}

static bool is_found(const struct backup *backup, VSS_ID instance)
{
    UINT count = metadata_count(backup);
    bool found = false;
    for (UINT i = 0; i < count; i++)
    {
        VSS_ID id;
        IVssExamineWriterMetadata *metadata = NULL;
        assert_hr(
            IVssBackupComponents_GetWriterMetadata(backup->components, i, &id, &metadata), S_OK);
        IVssExamineWriterMetadata_Release(metadata);
        found |= IsEqualGUID(&id, &instance);
    }
    return found;
}

static void assert_status(
    struct backup *backup, VSS_ID instance, VSS_WRITER_STATE state, HRESULT failure)
{
    VSS_WRITER_STATE actual = VSS_WS_UNKNOWN;
    assert_hr(backup_writer_status(backup, instance, &actual), failure);
    assert_int_equal(actual, state);
}

/* ---- 1, 8 and 64 ---- */

static void start_hosts(struct fixture *fixture, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
    {
        WCHAR name[BOARD_NAME];
        _snwprintf(name, BOARD_NAME, L"remote %u", i);
        writer_process_make(&fixture->hosts[i], name, &class_a, 1);
        /* Front end, back end, system, front end.. */
        fixture->hosts[i].board->writer[0].level = VSS_APP_FRONT_END - (LONG)(i % 3);
        writer_process_launch(&fixture->hosts[i], NULL);
    }
    for (unsigned i = 0; i < count; i++)
        writer_process_await_ready(&fixture->hosts[i]);
}

/* No handler of the second may begin before each of the first has ended. */
static void assert_all_before(struct fixture *fixture, unsigned count, enum writer_event first,
    LONG first_level, enum writer_event second, LONG second_level)
{
    LONGLONG last_end = 0;
    LONGLONG first_begin = INT64_MAX;
    for (unsigned i = 0; i < count; i++)
    {
        const struct writer_process *host = &fixture->hosts[i];
        LONG level = host->board->writer[0].level;
        const struct board_note *end = writer_process_find(host, 0, first);
        const struct board_note *begin = writer_process_find(host, 0, second);
        if ((!first_level || level == first_level) && end->ended > last_end)
            last_end = end->ended;
        if ((!second_level || level == second_level) && begin->begun < first_begin)
            first_begin = begin->begun;
    }
    if (last_end > first_begin)
        fail_msg("%s (level %ld) was not over before %s (level %ld) began",
            writer_event_name(first), first_level, writer_event_name(second), second_level);
}

static void assert_legal_order(struct fixture *fixture, unsigned count)
{
    static const enum writer_event course[] = {ON_PREPARE_BACKUP, ON_PREPARE_SNAPSHOT, ON_FREEZE,
        ON_THAW, ON_POST_SNAPSHOT, ON_BACKUP_COMPLETE, ON_BACKUP_SHUTDOWN};
    for (unsigned i = 0; i + 1 < ARRAYSIZE(course); i++)
        assert_all_before(fixture, count, course[i], 0, course[i + 1], 0);
    for (LONG level = VSS_APP_SYSTEM; level < VSS_APP_FRONT_END; level++)
    {
        assert_all_before(fixture, count, ON_FREEZE, level + 1, ON_FREEZE, level);
        assert_all_before(fixture, count, ON_THAW, level, ON_THAW, level + 1);
    }
}

static void assert_all_stand(struct fixture *fixture, unsigned count, VSS_WRITER_STATE state)
{
    backup_gather_status(&fixture->backup);
    for (unsigned i = 0; i < count; i++)
        assert_status(
            &fixture->backup, writer_process_instance(&fixture->hosts[i], 0), state, S_OK);
}

static void back_up_with(struct fixture *fixture, unsigned count)
{
    start_hosts(fixture, count);
    LONGLONG begun = board_now();
    backup_begin(&fixture->backup, FALSE);
    LONGLONG gathered = board_now();
    assert_int_equal(metadata_count(&fixture->backup), count);
    for (unsigned i = 0; i < count; i++)
        assert_true(is_found(&fixture->backup, writer_process_instance(&fixture->hosts[i], 0)));
    backup_start_set(&fixture->backup);
    backup_prepare(&fixture->backup);
    LONGLONG prepared = board_now();
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    LONGLONG done = board_now();
    assert_all_stand(fixture, count, VSS_WS_WAITING_FOR_BACKUP_COMPLETE);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_all_stand(fixture, count, VSS_WS_STABLE);
    backup_release(&fixture->backup);
    for (unsigned i = 0; i < count; i++)
        assert_string_equal(writer_process_events(&fixture->hosts[i], 0, NULL), WHOLE_COURSE);
    if (count >= 3)
        assert_legal_order(fixture, count);
    print_message("%u processes: gather %.0f ms, DoSnapshotSet %.0f ms\n", count,
        milliseconds_between(begun, gathered), milliseconds_between(prepared, done));
    for (unsigned i = 0; i < count; i++)
        writer_process_stop(&fixture->hosts[i]);
}

static void one_process_is_found_and_gets_all_events(void **state)
{
    back_up_with(*state, 1);
}

static void eight_processes_are_found_and_get_all_events_in_order(void **state)
{
    back_up_with(*state, 8);
}

static void sixty_four_processes_are_found_and_get_all_events_in_order(void **state)
{
    back_up_with(*state, 64);
}

/* ---- Who is found ---- */

static UINT gathered_now(struct fixture *fixture)
{
    backup_begin(&fixture->backup, FALSE);
    UINT count = metadata_count(&fixture->backup);
    backup_release(&fixture->backup);
    return count;
}

static void subscriptions_in_other_processes_show_at_the_next_gather(void **state)
{
    struct fixture *fixture = *state;
    struct writer_process *host = &fixture->hosts[0];
    writer_process_make(host, L"one", &class_a, 2);
    host->board->writer[1].wanted = FALSE;
    assert_int_equal(gathered_now(fixture), 0);
    writer_process_start(host);
    assert_int_equal(gathered_now(fixture), 1);
    writer_process_subscribe(host, 1, true);
    assert_int_equal(gathered_now(fixture), 2);
    VSS_ID first = writer_process_instance(host, 0);
    writer_process_subscribe(host, 0, false);
    backup_begin(&fixture->backup, FALSE);
    assert_int_equal(metadata_count(&fixture->backup), 1);
    assert_false(is_found(&fixture->backup, first));
    backup_release(&fixture->backup);
    writer_process_subscribe(host, 0, true);
    VSS_ID again = writer_process_instance(host, 0);
    assert_false(IsEqualGUID(&first, &again));
    backup_begin(&fixture->backup, FALSE);
    assert_true(is_found(&fixture->backup, again));
    assert_int_equal(metadata_count(&fixture->backup), 2);
    backup_release(&fixture->backup);
    writer_process_stop(host);
    assert_int_equal(gathered_now(fixture), 0);
}

enum rule
{
    DISABLE_CLASS,
    ENABLE_CLASS,
    DISABLE_INSTANCE
};

/* Two instances of class a and one of class b, in one process. */
static void make_three(struct fixture *fixture)
{
    struct writer_process *host = &fixture->hosts[0];
    writer_process_make(host, L"three", &class_a, 3);
    wcscpy(host->board->writer[0].instance_name, L"first instance");
    wcscpy(host->board->writer[1].instance_name, L"second instance");
    host->board->writer[2].id = class_b;
    writer_process_start(host);
}

static void back_up_under_rule(struct fixture *fixture, enum rule rule)
{
    IVssAsync *async = NULL;
    VSS_ID instance = writer_process_instance(&fixture->hosts[0], 0);
    backup_create(&fixture->backup);
    IVssBackupComponents *components = fixture->backup.components;
    assert_hr(IVssBackupComponents_InitializeForBackup(components, NULL), S_OK);
    if (rule == DISABLE_CLASS)
        assert_hr(IVssBackupComponents_DisableWriterClasses(components, &class_a, 1), S_OK);
    else if (rule == ENABLE_CLASS)
        assert_hr(IVssBackupComponents_EnableWriterClasses(components, &class_a, 1), S_OK);
    else
        assert_hr(IVssBackupComponents_DisableWriterInstances(components, &instance, 1), S_OK);
    assert_hr(
        IVssBackupComponents_SetBackupState(components, FALSE, FALSE, VSS_BT_FULL, FALSE), S_OK);
    assert_hr(IVssBackupComponents_GatherWriterMetadata(components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    backup_start_set(&fixture->backup);
    backup_prepare(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
}

static void rules_by_class_and_instance_hold_for_remote_writers(void **state)
{
    static const struct
    {
        enum rule rule;
        bool takes_part[3];
    } rows[] = {
        {DISABLE_CLASS, {false, false, true}},
        {ENABLE_CLASS, {true, true, false}},
        {DISABLE_INSTANCE, {false, true, true}},
    };
    struct fixture *fixture = *state;
    make_three(fixture);
    for (unsigned i = 0; i < ARRAYSIZE(rows); i++)
    {
        unsigned expected = 0;
        writer_process_forget(&fixture->hosts[0]);
        back_up_under_rule(fixture, rows[i].rule);
        for (unsigned j = 0; j < 3; j++)
            expected += rows[i].takes_part[j];
        assert_int_equal(metadata_count(&fixture->backup), expected);
        backup_release(&fixture->backup);
        for (unsigned j = 0; j < 3; j++)
        {
            bool asked = writer_process_find(&fixture->hosts[0], j, ON_IDENTIFY) != NULL;
            assert_true(asked == rows[i].takes_part[j]);
            assert_string_equal(writer_process_events(&fixture->hosts[0], j, NULL),
                rows[i].takes_part[j] ? WHOLE_COURSE : "");
        }
    }
    writer_process_stop(&fixture->hosts[0]);
}

/* ---- Stopped ---- */

NTSTATUS NTAPI NtSuspendProcess(HANDLE process);
NTSTATUS NTAPI NtResumeProcess(HANDLE process);

/* What a gather may take that waits for one that cannot answer. */
#define GREETING_BOUND_MS 15000.0

/* More than a writer's pipe has places for those that come while its process is stopped. */
#define REQUESTORS 6

static void a_stopped_process_is_left_out_and_found_again_when_it_goes_on(void **state)
{
    struct fixture *fixture = *state;
    writer_process_make(&fixture->hosts[0], L"stopped", &class_a, 1);
    writer_process_make(&fixture->hosts[1], L"running", &class_a, 1);
    writer_process_start(&fixture->hosts[0]);
    writer_process_start(&fixture->hosts[1]);
    struct backup backups[REQUESTORS];
    IVssAsync *gathers[REQUESTORS];
    assert_int_equal(NtSuspendProcess(fixture->hosts[0].process), 0);
    LONGLONG begun = board_now();
    for (int i = 0; i < REQUESTORS; i++)
    {
        backup_create(&backups[i]);
        IVssBackupComponents *bc = backups[i].components;
        assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
        assert_hr(IVssBackupComponents_GatherWriterMetadata(bc, &gathers[i]), S_OK);
    }
    for (int i = 0; i < REQUESTORS; i++)
        assert_hr(await(gathers[i]), VSS_S_ASYNC_FINISHED);
    double took = milliseconds_between(begun, board_now());
    assert_int_equal(NtResumeProcess(fixture->hosts[0].process), 0);
    for (int i = 0; i < REQUESTORS; i++)
    {
        assert_int_equal(metadata_count(&backups[i]), 1);
        assert_true(is_found(&backups[i], writer_process_instance(&fixture->hosts[1], 0)));
        backup_release(&backups[i]);
    }
    print_message("%d gather beside a stopped process: %.0f ms\n", REQUESTORS, took);
    assert_true(took < GREETING_BOUND_MS);
    assert_int_equal(gathered_now(fixture), 2);
    writer_process_stop(&fixture->hosts[0]);
    writer_process_stop(&fixture->hosts[1]);
}

int main(void)
{
#define SCENARIO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENARIO(one_process_is_found_and_gets_all_events),
        SCENARIO(eight_processes_are_found_and_get_all_events_in_order),
        SCENARIO(sixty_four_processes_are_found_and_get_all_events_in_order),
        SCENARIO(subscriptions_in_other_processes_show_at_the_next_gather),
        SCENARIO(rules_by_class_and_instance_hold_for_remote_writers),
        SCENARIO(a_stopped_process_is_left_out_and_found_again_when_it_goes_on),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
