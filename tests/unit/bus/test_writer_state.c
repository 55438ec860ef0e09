/* SPDX-License-Identifier: MIT
 *
 * The table of writer states, walked over every state and event. The expected values were written
 * down by hand from writer-provider 3.8, in the words of vss.h's numbers, never from the table
 * under test.
 */
#include <cmocka.h>

#include <vss.h>

#include "bus/writer_state.h"

#define RETRYABLE VSS_E_WRITERERROR_RETRYABLE
#define NONRETRYABLE VSS_E_WRITERERROR_NONRETRYABLE
#define PARTIAL VSS_E_WRITERERROR_PARTIAL_FAILURE
#define TIMEOUT VSS_E_WRITERERROR_TIMEOUT

#define NOT_DELIVERED (-1)

static const struct writer_verdict handled = {.handled = true};
static const struct writer_verdict refused = {.handled = false};
static const struct writer_verdict refused_retryable = {false, true, RETRYABLE};
static const struct writer_verdict set_retryable = {true, true, RETRYABLE};
static const struct writer_verdict set_partial = {true, true, PARTIAL};
static const struct writer_verdict set_ok = {true, true, S_OK};

/* The state after, or NOT_DELIVERED. */
static int deliver(
    struct writer_standing *standing, enum vss_event event, const struct writer_verdict *verdict)
{
    const struct writer_state_row *row = writer_state_find(standing, event);
    if (!row)
        return NOT_DELIVERED;
    writer_state_begin(standing, row);
    writer_state_settle(standing, row, verdict);
    return standing->state;
}

static struct writer_standing standing_at(int state)
{
    return (struct writer_standing){.state = state};
}

/* ---- Failures first ---- */

/* State after a handler that says false, for states 0 to 15 before (0 is not a state a writer is
   ever in). */
struct walk
{
    enum vss_event event;
    int after[16];
};

#define X NOT_DELIVERED

/* Abort has no failure of its own; Identify belongs to no session. */
static HRESULT failure_after(enum vss_event event, const struct writer_verdict *verdict)
{
    if (event == EVENT_IDENTIFY)
        return S_OK;
    if (verdict->failure_set)
        return verdict->failure;
    return verdict->handled || event == EVENT_ABORT ? S_OK : NONRETRYABLE;
}

static void walk_all(const struct walk *walks, size_t count, const struct writer_verdict *verdict)
{
    for (size_t i = 0; i < count; i++)
    {
        for (int before = 0; before < 16; before++)
        {
            struct writer_standing standing = standing_at(before);
            int after = deliver(&standing, walks[i].event, verdict);
            HRESULT failure = after == NOT_DELIVERED ? S_OK
                                                     : failure_after(walks[i].event, verdict);
            if (after != walks[i].after[before] || standing.failure != failure)
                fail_msg("%s in state %d, returned %d, set 0x%08lx: state %d, failure 0x%08lx",
                    event_name(walks[i].event), before, verdict->handled,
                    verdict->failure_set ? (unsigned long)verdict->failure : 0, after,
                    (unsigned long)standing.failure);
        }
    }
}

static void each_event_in_each_state_leads_where_the_spec_says_when_refused(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct walk walks[] = {
        /*                       -   1   2   3   4   5   6   7   8   9  10  11  12  13  14  15 */
        {EVENT_IDENTIFY,         {0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15}},
        {EVENT_PREPARE_BACKUP,   {7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7}},
        {EVENT_PREPARE_SNAPSHOT, {X,  8,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_FREEZE,           {X,  X,  9,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_THAW,             {X,  X,  X, 10,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_POST_SNAPSHOT,    {X,  X,  X,  X, 11,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_BACKUP_COMPLETE,  {X, 12,  X,  X,  X, 12,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_BACKUP_SHUTDOWN,  {15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15}},
        {EVENT_ABORT,            {X,  X,  1,  1,  1,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_PRE_RESTORE,      {X, 13,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_POST_RESTORE,     {X, 14,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X, 14,  X,  X}},
    };
    /* clang-format on */
    /* A failure that is set counts as one whatever is returned. */
    static const struct writer_verdict *const verdicts[] = {
        &refused, &refused_retryable, &set_retryable};
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
        walk_all(walks, sizeof(walks) / sizeof(walks[0]), verdicts[i]);
}

static void each_event_in_each_state_leads_where_the_spec_says_when_handled(void **state)
{
    (void)state;
    /* clang-format off */
    static const struct walk walks[] = {
        /*                       -   1   2   3   4   5   6   7   8   9  10  11  12  13  14  15 */
        {EVENT_IDENTIFY,         {0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15}},
        {EVENT_PREPARE_BACKUP,   {1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1,  1}},
        {EVENT_PREPARE_SNAPSHOT, {X,  2,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_FREEZE,           {X,  X,  3,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_THAW,             {X,  X,  X,  4,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_POST_SNAPSHOT,    {X,  X,  X,  X,  5,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_BACKUP_COMPLETE,  {X,  1,  X,  X,  X,  1,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_BACKUP_SHUTDOWN,  {1,  1,  1,  1,  1,  1,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15}},
        {EVENT_ABORT,            {X,  X,  1,  1,  1,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_PRE_RESTORE,      {X,  1,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X}},
        {EVENT_POST_RESTORE,     {X,  1,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  X,  1,  X,  X}},
    };
    /* clang-format on */
    static const struct writer_verdict *const verdicts[] = {&handled, &set_ok, &set_partial};
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++)
        walk_all(walks, sizeof(walks) / sizeof(walks[0]), verdicts[i]);
}

static void a_handler_that_says_false_without_a_code_is_nonretryable(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(1);
    assert_int_equal(deliver(&standing, EVENT_PREPARE_SNAPSHOT, &refused), 8);
    assert_int_equal(standing.failure, NONRETRYABLE);
}

static void a_handler_that_says_false_and_sets_success_is_nonretryable(void **state)
{
    (void)state;
    static const struct writer_verdict contradiction = {false, true, S_OK};
    struct writer_standing standing = standing_at(1);
    assert_int_equal(deliver(&standing, EVENT_PREPARE_SNAPSHOT, &contradiction), 8);
    assert_int_equal(standing.failure, NONRETRYABLE);
}

static void a_handler_that_says_false_with_a_code_shows_that_code(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(4);
    assert_int_equal(deliver(&standing, EVENT_POST_SNAPSHOT, &refused_retryable), 11);
    assert_int_equal(standing.failure, RETRYABLE);
}

static void a_handler_that_sets_a_code_and_says_true_fails_at_its_event(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(1);
    assert_int_equal(deliver(&standing, EVENT_PREPARE_BACKUP, &set_retryable), 7);
    assert_int_equal(standing.failure, RETRYABLE);
    assert_true(writer_verdict_is_veto(&set_retryable));
}

static void a_partial_failure_is_kept_and_the_writer_goes_on(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(1);
    assert_int_equal(deliver(&standing, EVENT_PREPARE_BACKUP, &set_partial), 1);
    assert_int_equal(standing.failure, PARTIAL);
    assert_int_equal(deliver(&standing, EVENT_PREPARE_SNAPSHOT, &handled), 2);
    assert_int_equal(standing.failure, PARTIAL);
    assert_false(writer_verdict_is_veto(&set_partial));
}

static void success_set_by_the_handler_is_no_failure(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(1);
    assert_int_equal(deliver(&standing, EVENT_PREPARE_BACKUP, &set_ok), 1);
    assert_int_equal(standing.failure, S_OK);
}

static void a_failed_state_lasts_until_the_next_prepare_for_backup(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(1);
    deliver(&standing, EVENT_PREPARE_SNAPSHOT, &refused_retryable);
    assert_int_equal(deliver(&standing, EVENT_IDENTIFY, &handled), 8);
    assert_int_equal(standing.failure, RETRYABLE);
    assert_int_equal(deliver(&standing, EVENT_BACKUP_SHUTDOWN, &handled), 8);
    assert_int_equal(standing.failure, RETRYABLE);
    assert_int_equal(deliver(&standing, EVENT_PREPARE_BACKUP, &handled), 1);
    assert_int_equal(standing.failure, S_OK);
}

/* ---- Abort and what a frozen writer is owed ---- */

static void a_refused_freeze_is_followed_by_abort_and_stays_failed(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(2);
    const struct writer_state_row *row = writer_state_find(&standing, EVENT_FREEZE);
    assert_true(writer_state_flags(row) & STATE_ABORTS_ON_VETO);
    assert_int_equal(deliver(&standing, EVENT_FREEZE, &refused), 9);
    assert_true(standing.owed);
    assert_int_equal(deliver(&standing, EVENT_ABORT, &refused), 9);
    assert_int_equal(standing.failure, NONRETRYABLE);
    assert_false(standing.owed);
    assert_int_equal(deliver(&standing, EVENT_ABORT, &handled), NOT_DELIVERED);
}

static void a_refused_thaw_is_followed_by_abort_and_stays_failed(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(2);
    deliver(&standing, EVENT_FREEZE, &handled);
    const struct writer_state_row *row = writer_state_find(&standing, EVENT_THAW);
    assert_true(writer_state_flags(row) & STATE_ABORTS_ON_VETO);
    assert_int_equal(deliver(&standing, EVENT_THAW, &refused_retryable), 10);
    assert_int_equal(deliver(&standing, EVENT_ABORT, &handled), 10);
    assert_int_equal(standing.failure, RETRYABLE);
}

static void no_other_refusal_is_followed_by_abort(void **state)
{
    (void)state;
    static const struct
    {
        int before;
        enum vss_event event;
    } rows[] = {{1, EVENT_PREPARE_BACKUP}, {1, EVENT_PREPARE_SNAPSHOT}, {4, EVENT_POST_SNAPSHOT},
        {5, EVENT_BACKUP_COMPLETE}, {1, EVENT_PRE_RESTORE}, {1, EVENT_POST_RESTORE}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct writer_standing standing = standing_at(rows[i].before);
        unsigned flags = writer_state_flags(writer_state_find(&standing, rows[i].event));
        assert_false(flags & STATE_ABORTS_ON_VETO);
        deliver(&standing, rows[i].event, &refused);
        assert_int_equal(deliver(&standing, EVENT_ABORT, &handled), NOT_DELIVERED);
    }
}

static void a_writer_that_sets_a_failure_in_freeze_but_froze_still_sees_thaw(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(2);
    assert_int_equal(deliver(&standing, EVENT_FREEZE, &set_retryable), 9);
    assert_true(standing.owed);
    assert_int_equal(deliver(&standing, EVENT_THAW, &handled), 9);
    assert_int_equal(standing.failure, RETRYABLE);
    assert_false(standing.owed);
    assert_int_equal(deliver(&standing, EVENT_POST_SNAPSHOT, &handled), NOT_DELIVERED);
}

static void abort_after_prepare_for_backup_is_delivered_once(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(1);
    assert_int_equal(deliver(&standing, EVENT_ABORT, &handled), NOT_DELIVERED);
    deliver(&standing, EVENT_PREPARE_BACKUP, &handled);
    assert_int_equal(deliver(&standing, EVENT_ABORT, &handled), 1);
    assert_int_equal(deliver(&standing, EVENT_ABORT, &handled), NOT_DELIVERED);
}

static void nothing_of_the_backup_follows_abort_but_shutdown(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(1);
    deliver(&standing, EVENT_PREPARE_BACKUP, &handled);
    deliver(&standing, EVENT_PREPARE_SNAPSHOT, &handled);
    assert_int_equal(deliver(&standing, EVENT_ABORT, &handled), 1);
    assert_int_equal(deliver(&standing, EVENT_PREPARE_SNAPSHOT, &handled), NOT_DELIVERED);
    assert_int_equal(deliver(&standing, EVENT_BACKUP_COMPLETE, &handled), NOT_DELIVERED);
    assert_int_equal(deliver(&standing, EVENT_BACKUP_SHUTDOWN, &handled), 1);
}

static void no_abort_after_post_snapshot(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(1);
    deliver(&standing, EVENT_PREPARE_BACKUP, &handled);
    deliver(&standing, EVENT_PREPARE_SNAPSHOT, &handled);
    deliver(&standing, EVENT_FREEZE, &handled);
    deliver(&standing, EVENT_THAW, &handled);
    assert_int_equal(deliver(&standing, EVENT_POST_SNAPSHOT, &handled), 5);
    assert_int_equal(deliver(&standing, EVENT_ABORT, &handled), NOT_DELIVERED);
}

static void no_abort_after_backup_complete(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(1);
    deliver(&standing, EVENT_PREPARE_BACKUP, &handled);
    deliver(&standing, EVENT_BACKUP_COMPLETE, &handled);
    assert_int_equal(deliver(&standing, EVENT_ABORT, &handled), NOT_DELIVERED);
}

static void a_lingering_writer_is_stable_once_it_was_asked(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(5);
    deliver(&standing, EVENT_BACKUP_COMPLETE, &handled);
    writer_state_linger(&standing, 5);
    assert_int_equal(standing.state, 5);
    assert_true(writer_state_asked(&standing));
    assert_int_equal(standing.state, 1);
    assert_false(writer_state_asked(&standing));
}

static void a_writer_that_failed_does_not_linger(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(5);
    deliver(&standing, EVENT_BACKUP_COMPLETE, &refused);
    writer_state_linger(&standing, 5);
    assert_int_equal(standing.state, 12);
    assert_false(writer_state_asked(&standing));
    assert_int_equal(standing.state, 12);
}

static void a_lingering_writer_that_fails_at_shutdown_stays_failed(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(5);
    deliver(&standing, EVENT_BACKUP_COMPLETE, &handled);
    writer_state_linger(&standing, 5);
    assert_int_equal(deliver(&standing, EVENT_BACKUP_SHUTDOWN, &refused), 15);
    assert_false(writer_state_asked(&standing));
    assert_int_equal(standing.state, 15);
}

static void shutdown_of_a_frozen_writer_asks_for_abort_first(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(2);
    deliver(&standing, EVENT_FREEZE, &handled);
    assert_true(writer_state_flags(writer_state_find(&standing, EVENT_BACKUP_SHUTDOWN)) &
        STATE_ABORTS_FIRST);
}

/* ---- Time ---- */

static void a_late_thaw_is_a_timeout_and_thaw_is_not_delivered_any_more(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(2);
    deliver(&standing, EVENT_FREEZE, &handled);
    writer_state_expire(&standing);
    assert_int_equal(standing.state, 10);
    assert_int_equal(standing.failure, TIMEOUT);
    assert_int_equal(deliver(&standing, EVENT_THAW, &handled), NOT_DELIVERED);
    assert_int_equal(deliver(&standing, EVENT_ABORT, &handled), 10);
    assert_int_equal(standing.failure, TIMEOUT);
}

static void only_freeze_starts_the_timer_and_thaw_stops_it(void **state)
{
    (void)state;
    for (int before = 1; before < 16; before++)
    {
        for (int event = EVENT_IDENTIFY; event < EVENT_COUNT; event++)
        {
            struct writer_standing standing = standing_at(before);
            const struct writer_state_row *row = writer_state_find(
                &standing, (enum vss_event)event);
            unsigned flags = row ? writer_state_flags(row) : 0;
            assert_int_equal((flags & STATE_STARTS_TIMER) != 0, row && event == EVENT_FREEZE);
            assert_int_equal((flags & STATE_STOPS_TIMER) != 0, row && event == EVENT_THAW);
            assert_int_equal((flags & STATE_DISARMS) != 0,
                row && (event == EVENT_ABORT || event == EVENT_BACKUP_SHUTDOWN));
        }
    }
}

static void a_writer_lost_in_an_event_fails_at_that_event(void **state)
{
    (void)state;
    static const struct
    {
        enum vss_event event;
        int after;
    } rows[] = {{EVENT_PREPARE_BACKUP, 7}, {EVENT_PREPARE_SNAPSHOT, 8}, {EVENT_FREEZE, 9},
        {EVENT_THAW, 10}, {EVENT_POST_SNAPSHOT, 11}, {EVENT_BACKUP_COMPLETE, 12},
        {EVENT_PRE_RESTORE, 13}, {EVENT_POST_RESTORE, 14}, {EVENT_BACKUP_SHUTDOWN, 15},
        {EVENT_ABORT, 1}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct writer_standing standing = standing_at(1);
        writer_state_lose(&standing, rows[i].event, VSS_E_WRITER_NOT_RESPONDING);
        assert_int_equal(standing.state, rows[i].after);
        assert_int_equal(standing.failure, rows[i].after == 1 ? S_OK : VSS_E_WRITER_NOT_RESPONDING);
    }
}

static void the_first_failure_stays_when_a_writer_is_lost_later(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(1);
    deliver(&standing, EVENT_PREPARE_SNAPSHOT, &refused_retryable);
    writer_state_lose(&standing, EVENT_BACKUP_SHUTDOWN, VSS_E_WRITER_NOT_RESPONDING);
    assert_int_equal(standing.state, 8);
    assert_int_equal(standing.failure, RETRYABLE);
}

/* ---- Whole courses ---- */

static void a_whole_backup_passes_through_the_documented_states(void **state)
{
    (void)state;
    static const struct
    {
        enum vss_event event;
        int after;
    } course[] = {{EVENT_IDENTIFY, 1}, {EVENT_PREPARE_BACKUP, 1}, {EVENT_PREPARE_SNAPSHOT, 2},
        {EVENT_IDENTIFY, 2}, {EVENT_FREEZE, 3}, {EVENT_IDENTIFY, 3}, {EVENT_THAW, 4},
        {EVENT_POST_SNAPSHOT, 5}, {EVENT_BACKUP_COMPLETE, 1}, {EVENT_BACKUP_SHUTDOWN, 1}};
    struct writer_standing standing = standing_at(1);
    for (size_t i = 0; i < sizeof(course) / sizeof(course[0]); i++)
    {
        assert_int_equal(deliver(&standing, course[i].event, &handled), course[i].after);
        assert_int_equal(standing.failure, S_OK);
    }
}

static void a_restore_forgets_what_pre_restore_failed_at_once_post_restore_succeeds(void **state)
{
    (void)state;
    struct writer_standing standing = standing_at(1);
    assert_int_equal(deliver(&standing, EVENT_PRE_RESTORE, &refused_retryable), 13);
    assert_int_equal(standing.failure, RETRYABLE);
    assert_int_equal(deliver(&standing, EVENT_POST_RESTORE, &handled), 1);
    assert_int_equal(standing.failure, S_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_event_in_each_state_leads_where_the_spec_says_when_refused),
        cmocka_unit_test(each_event_in_each_state_leads_where_the_spec_says_when_handled),
        cmocka_unit_test(a_handler_that_says_false_without_a_code_is_nonretryable),
        cmocka_unit_test(a_handler_that_says_false_and_sets_success_is_nonretryable),
        cmocka_unit_test(a_handler_that_says_false_with_a_code_shows_that_code),
        cmocka_unit_test(a_handler_that_sets_a_code_and_says_true_fails_at_its_event),
        cmocka_unit_test(a_partial_failure_is_kept_and_the_writer_goes_on),
        cmocka_unit_test(success_set_by_the_handler_is_no_failure),
        cmocka_unit_test(a_failed_state_lasts_until_the_next_prepare_for_backup),
        cmocka_unit_test(a_refused_freeze_is_followed_by_abort_and_stays_failed),
        cmocka_unit_test(a_refused_thaw_is_followed_by_abort_and_stays_failed),
        cmocka_unit_test(no_other_refusal_is_followed_by_abort),
        cmocka_unit_test(a_writer_that_sets_a_failure_in_freeze_but_froze_still_sees_thaw),
        cmocka_unit_test(abort_after_prepare_for_backup_is_delivered_once),
        cmocka_unit_test(nothing_of_the_backup_follows_abort_but_shutdown),
        cmocka_unit_test(no_abort_after_post_snapshot),
        cmocka_unit_test(no_abort_after_backup_complete),
        cmocka_unit_test(a_lingering_writer_is_stable_once_it_was_asked),
        cmocka_unit_test(a_writer_that_failed_does_not_linger),
        cmocka_unit_test(a_lingering_writer_that_fails_at_shutdown_stays_failed),
        cmocka_unit_test(shutdown_of_a_frozen_writer_asks_for_abort_first),
        cmocka_unit_test(a_late_thaw_is_a_timeout_and_thaw_is_not_delivered_any_more),
        cmocka_unit_test(only_freeze_starts_the_timer_and_thaw_stops_it),
        cmocka_unit_test(a_writer_lost_in_an_event_fails_at_that_event),
        cmocka_unit_test(the_first_failure_stays_when_a_writer_is_lost_later),
        cmocka_unit_test(a_whole_backup_passes_through_the_documented_states),
        cmocka_unit_test(a_restore_forgets_what_pre_restore_failed_at_once_post_restore_succeeds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
