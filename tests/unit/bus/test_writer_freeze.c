/* SPDX-License-Identifier: MIT
 *
 * What a writer that was told to freeze is owed: Thaw or Abort, whatever happens. Follows
 * writer-provider 3.5 and 3.8.
 */
#include <cmocka.h>

#include "diag/log.h"
#include "probe.h"
#include "support/check_leaks.h"

/* A window that closes at once: only the cause, the effect is waited for. */
#define SHORT_WINDOW_MS 20

/* The record logs this when a window has closed, with what follows from it done or handed on. */
static void on_line(void *context, enum log_level level, const WCHAR *line)
{
    (void)level;
    if (wcsstr(line, L"Thaw did not come"))
        SetEvent(context);
}

static void close_steps(struct probe *probe)
{
    for (int i = 0; i < EVENT_COUNT; i++)
    {
        if (probe->at[i].entered)
            CloseHandle(probe->at[i].entered);
        if (probe->at[i].wait_for)
            CloseHandle(probe->at[i].wait_for);
    }
}

static void a_refused_freeze_gets_abort_before_the_answer(void **state)
{
    (void)state;
    struct probe probe;
    struct bus_reply reply;
    probe_start(&probe);
    send_only(&probe, session_id(1), EVENT_PREPARE_BACKUP);
    send_only(&probe, session_id(1), EVENT_PREPARE_SNAPSHOT);
    probe.at[EVENT_FREEZE].refuses = true;
    assert_int_equal(deliver(&probe, session_id(1), EVENT_FREEZE, &reply), S_OK);
    assert_true(reply.vetoed);
    assert_false(reply.owed);
    assert_int_equal(reply.status.state, VSS_WS_FAILED_AT_FREEZE);
    assert_int_equal(reply.status.failure, VSS_E_WRITERERROR_NONRETRYABLE);
    bus_reply_clear(&reply);
    assert_int_equal(probe.count[EVENT_ABORT], 1);
    assert_int_equal(send_only(&probe, session_id(1), EVENT_THAW), S_FALSE);
    assert_int_equal(probe.count[EVENT_THAW], 0);
    probe_stop(&probe);
}

static void a_refused_thaw_gets_abort_before_the_answer(void **state)
{
    (void)state;
    struct probe probe;
    struct bus_reply reply;
    probe_start(&probe);
    freeze(&probe, session_id(1));
    probe.at[EVENT_THAW].refuses = true;
    probe.at[EVENT_THAW].failure = VSS_E_WRITERERROR_RETRYABLE;
    assert_int_equal(deliver(&probe, session_id(1), EVENT_THAW, &reply), S_OK);
    assert_int_equal(reply.status.state, VSS_WS_FAILED_AT_THAW);
    assert_int_equal(reply.status.failure, VSS_E_WRITERERROR_RETRYABLE);
    bus_reply_clear(&reply);
    assert_int_equal(probe.count[EVENT_ABORT], 1);
    probe_stop(&probe);
}

static void a_failure_set_in_freeze_by_a_writer_that_froze_brings_thaw_and_no_abort(void **state)
{
    (void)state;
    struct probe probe;
    struct bus_reply reply;
    probe_start(&probe);
    send_only(&probe, session_id(1), EVENT_PREPARE_BACKUP);
    send_only(&probe, session_id(1), EVENT_PREPARE_SNAPSHOT);
    probe.at[EVENT_FREEZE].failure = VSS_E_WRITERERROR_RETRYABLE;
    assert_int_equal(deliver(&probe, session_id(1), EVENT_FREEZE, &reply), S_OK);
    assert_true(reply.vetoed);
    assert_true(reply.owed);
    bus_reply_clear(&reply);
    assert_int_equal(deliver(&probe, session_id(1), EVENT_THAW, &reply), S_OK);
    assert_false(reply.owed);
    assert_int_equal(reply.status.state, VSS_WS_FAILED_AT_FREEZE);
    assert_int_equal(reply.status.failure, VSS_E_WRITERERROR_RETRYABLE);
    bus_reply_clear(&reply);
    assert_int_equal(probe.count[EVENT_THAW], 1);
    assert_int_equal(probe.count[EVENT_ABORT], 0);
    probe_stop(&probe);
}

static void thaw_that_does_not_come_in_time_brings_abort_by_itself(void **state)
{
    (void)state;
    struct probe probe;
    struct bus_reply reply;
    HANDLE closed = make_event();
    assert_int_equal(log_set_sink(on_line, closed, LOG_WARNING), S_OK);
    probe_start_with_timeout(&probe, SHORT_WINDOW_MS);
    probe.at[EVENT_ABORT].entered = make_event();
    freeze(&probe, session_id(1));
    await_event(probe.at[EVENT_ABORT].entered);
    await_event(closed);
    assert_stands(&probe, session_id(1), VSS_WS_FAILED_AT_THAW, VSS_E_WRITERERROR_TIMEOUT);
    assert_int_equal(deliver(&probe, session_id(1), EVENT_THAW, &reply), S_FALSE);
    assert_int_equal(reply.status.failure, VSS_E_WRITERERROR_TIMEOUT);
    bus_reply_clear(&reply);
    assert_int_equal(probe.count[EVENT_THAW], 0);
    assert_int_equal(probe.count[EVENT_ABORT], 1);
    assert_int_equal(send_only(&probe, session_id(1), EVENT_ABORT), S_FALSE);
    probe_stop(&probe);
    log_set_sink(NULL, NULL, LOG_ERROR);
    close_steps(&probe);
    CloseHandle(closed);
}

static void a_thaw_handler_that_outlasts_the_window_is_late(void **state)
{
    (void)state;
    struct probe probe;
    struct delivery delivery;
    HANDLE closed = make_event();
    assert_int_equal(log_set_sink(on_line, closed, LOG_WARNING), S_OK);
    probe_start_with_timeout(&probe, SHORT_WINDOW_MS);
    probe.at[EVENT_FREEZE].entered = make_event();
    probe.at[EVENT_THAW].entered = make_event();
    probe.at[EVENT_THAW].wait_for = make_event();
    /* The window is open only once Freeze has returned; Thaw is sent in the same breath. Should the
       machine be so slow that the window closes before Thaw gets through, the outcome is the same
       but for Thaw's count. */
    freeze(&probe, session_id(1));
    begin(&delivery, &probe, session_id(1), EVENT_THAW);
    await_event(closed);
    SetEvent(probe.at[EVENT_THAW].wait_for);
    HRESULT delivered = finish(&delivery);
    assert_true(delivered == S_OK || delivered == S_FALSE);
    assert_int_equal(delivery.reply.vetoed, delivered == S_OK);
    assert_int_equal(delivery.reply.status.state, VSS_WS_FAILED_AT_THAW);
    assert_int_equal(delivery.reply.status.failure, VSS_E_WRITERERROR_TIMEOUT);
    bus_reply_clear(&delivery.reply);
    assert_int_equal(probe.count[EVENT_ABORT], 1);
    probe_stop(&probe);
    log_set_sink(NULL, NULL, LOG_ERROR);
    close_steps(&probe);
    CloseHandle(closed);
}

static void thaw_in_time_stops_the_timer(void **state)
{
    (void)state;
    struct probe probe;
    probe_start_with_timeout(&probe, 5000);
    freeze(&probe, session_id(1));
    assert_int_equal(send_only(&probe, session_id(1), EVENT_THAW), S_OK);
    assert_int_equal(send_only(&probe, session_id(1), EVENT_POST_SNAPSHOT), S_OK);
    assert_stands(&probe, session_id(1), VSS_WS_WAITING_FOR_BACKUP_COMPLETE, S_OK);
    /* A timer that still ran would hold the record back. */
    probe_stop(&probe);
    assert_int_equal(probe.count[EVENT_ABORT], 0);
}

static void unsubscribe_in_abort(struct probe *probe, struct writer_call *call)
{
    (void)call;
    probe->said = writer_record_unsubscribe(probe->record);
}

static void a_writer_may_unsubscribe_in_the_abort_that_the_timer_brings(void **state)
{
    struct probe probe;
    HANDLE closed = make_event();
    assert_int_equal(log_set_sink(on_line, closed, LOG_WARNING), S_OK);
    probe_start_with_timeout(&probe, SHORT_WINDOW_MS);
    probe.said = E_FAIL;
    probe.at[EVENT_ABORT].action = unsubscribe_in_abort;
    freeze(&probe, session_id(1));
    await_event(closed);
    assert_int_equal(probe.said, S_OK);
    writer_record_release(probe.record);
    log_set_sink(NULL, NULL, LOG_ERROR);
    CloseHandle(closed);
    /* The timer's own thread is the last to use the record. */
    uint64_t give_up = GetTickCount64() + PATIENCE_MS;
    while (mem_live_blocks() != (long)(intptr_t)*state && GetTickCount64() < give_up)
        SwitchToThread();
    assert_int_equal(probe.holds, 0);
}

static void unsubscribing_a_frozen_writer_stops_its_timer(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    freeze(&probe, session_id(1));
    probe_stop(&probe);
    assert_int_equal(probe.count[EVENT_ABORT], 0);
}

static void abort_of_a_frozen_writer_stops_its_timer_and_leaves_it_stable(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    freeze(&probe, session_id(1));
    assert_int_equal(send_only(&probe, session_id(1), EVENT_ABORT), S_OK);
    assert_stands(&probe, session_id(1), VSS_WS_STABLE, S_OK);
    assert_int_equal(send_only(&probe, session_id(1), EVENT_THAW), S_FALSE);
    assert_int_equal(send_only(&probe, session_id(1), EVENT_POST_SNAPSHOT), S_FALSE);
    assert_int_equal(send_only(&probe, session_id(1), EVENT_BACKUP_COMPLETE), S_FALSE);
    probe_stop(&probe);
}

static void shutdown_of_a_frozen_writer_brings_abort_before_it(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    freeze(&probe, session_id(1));
    assert_int_equal(send_only(&probe, session_id(1), EVENT_BACKUP_SHUTDOWN), S_OK);
    assert_int_equal(probe.count[EVENT_ABORT], 1);
    assert_int_equal(probe.count[EVENT_BACKUP_SHUTDOWN], 1);
    probe_stop(&probe);
}

/* ---- Handlers that nobody waits for any more ---- */

static void a_freeze_over_the_deadline_fails_at_once_and_gets_abort_when_it_is_back(void **state)
{
    (void)state;
    struct probe probe;
    struct delivery delivery;
    probe_start(&probe);
    send_only(&probe, session_id(1), EVENT_PREPARE_BACKUP);
    send_only(&probe, session_id(1), EVENT_PREPARE_SNAPSHOT);
    probe.at[EVENT_FREEZE].entered = make_event();
    probe.at[EVENT_FREEZE].wait_for = make_event();
    begin(&delivery, &probe, session_id(1), EVENT_FREEZE);
    await_event(probe.at[EVENT_FREEZE].entered);

    writer_record_abandon(probe.record, delivery.call, VSS_E_WRITERERROR_TIMEOUT);
    assert_stands(&probe, session_id(1), VSS_WS_FAILED_AT_FREEZE, VSS_E_WRITERERROR_TIMEOUT);
    assert_int_equal(probe.count[EVENT_ABORT], 0);

    SetEvent(probe.at[EVENT_FREEZE].wait_for);
    finish(&delivery);
    bus_reply_clear(&delivery.reply);
    assert_stands(&probe, session_id(1), VSS_WS_FAILED_AT_FREEZE, VSS_E_WRITERERROR_TIMEOUT);
    assert_int_equal(probe.count[EVENT_ABORT], 1);
    probe_stop(&probe);
    close_steps(&probe);
}

static void a_late_answer_of_an_abandoned_handler_changes_nothing(void **state)
{
    (void)state;
    struct probe probe;
    struct delivery delivery;
    probe_start(&probe);
    probe.at[EVENT_PREPARE_BACKUP].entered = make_event();
    probe.at[EVENT_PREPARE_BACKUP].wait_for = make_event();
    probe.at[EVENT_PREPARE_BACKUP].failure = VSS_E_WRITERERROR_RETRYABLE;
    begin(&delivery, &probe, session_id(1), EVENT_PREPARE_BACKUP);
    await_event(probe.at[EVENT_PREPARE_BACKUP].entered);
    writer_record_abandon(probe.record, delivery.call, VSS_E_WRITER_NOT_RESPONDING);
    SetEvent(probe.at[EVENT_PREPARE_BACKUP].wait_for);
    finish(&delivery);
    bus_reply_clear(&delivery.reply);
    assert_stands(
        &probe, session_id(1), VSS_WS_FAILED_AT_PREPARE_BACKUP, VSS_E_WRITER_NOT_RESPONDING);
    probe_stop(&probe);
    close_steps(&probe);
}

static void a_cancelled_freeze_that_succeeds_late_still_gets_the_abort_that_follows(void **state)
{
    (void)state;
    struct probe probe;
    struct delivery freezing;
    struct delivery aborting;
    probe_start(&probe);
    send_only(&probe, session_id(1), EVENT_PREPARE_BACKUP);
    send_only(&probe, session_id(1), EVENT_PREPARE_SNAPSHOT);
    probe.at[EVENT_FREEZE].entered = make_event();
    probe.at[EVENT_FREEZE].wait_for = make_event();
    begin(&freezing, &probe, session_id(1), EVENT_FREEZE);
    await_event(probe.at[EVENT_FREEZE].entered);
    writer_record_abandon(probe.record, freezing.call, S_OK);
    begin(&aborting, &probe, session_id(1), EVENT_ABORT);
    SetEvent(probe.at[EVENT_FREEZE].wait_for);
    finish(&freezing);
    assert_int_equal(finish(&aborting), S_OK);
    bus_reply_clear(&freezing.reply);
    bus_reply_clear(&aborting.reply);
    assert_int_equal(probe.count[EVENT_ABORT], 1);
    assert_int_equal(probe.most, 1);
    assert_stands(&probe, session_id(1), VSS_WS_STABLE, S_OK);
    probe_stop(&probe);
    close_steps(&probe);
}

static void a_call_abandoned_before_its_turn_is_never_delivered(void **state)
{
    (void)state;
    struct probe probe;
    struct delivery running;
    struct delivery queued;
    probe_start(&probe);
    probe.at[EVENT_PREPARE_BACKUP].entered = make_event();
    probe.at[EVENT_PREPARE_BACKUP].wait_for = make_event();
    begin(&running, &probe, session_id(1), EVENT_PREPARE_BACKUP);
    await_event(probe.at[EVENT_PREPARE_BACKUP].entered);
    begin(&queued, &probe, session_id(1), EVENT_PREPARE_SNAPSHOT);
    writer_record_abandon(probe.record, queued.call, VSS_E_WRITER_NOT_RESPONDING);
    assert_true(FAILED(finish(&queued)));
    SetEvent(probe.at[EVENT_PREPARE_BACKUP].wait_for);
    assert_int_equal(finish(&running), S_OK);
    bus_reply_clear(&running.reply);
    bus_reply_clear(&queued.reply);
    assert_int_equal(probe.count[EVENT_PREPARE_SNAPSHOT], 0);
    probe_stop(&probe);
    close_steps(&probe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(a_refused_freeze_gets_abort_before_the_answer),
        leak_test(a_refused_thaw_gets_abort_before_the_answer),
        leak_test(a_failure_set_in_freeze_by_a_writer_that_froze_brings_thaw_and_no_abort),
        leak_test(thaw_that_does_not_come_in_time_brings_abort_by_itself),
        leak_test(a_thaw_handler_that_outlasts_the_window_is_late),
        leak_test(thaw_in_time_stops_the_timer),
        leak_test(a_writer_may_unsubscribe_in_the_abort_that_the_timer_brings),
        leak_test(unsubscribing_a_frozen_writer_stops_its_timer),
        leak_test(abort_of_a_frozen_writer_stops_its_timer_and_leaves_it_stable),
        leak_test(shutdown_of_a_frozen_writer_brings_abort_before_it),
        leak_test(a_freeze_over_the_deadline_fails_at_once_and_gets_abort_when_it_is_back),
        leak_test(a_late_answer_of_an_abandoned_handler_changes_nothing),
        leak_test(a_cancelled_freeze_that_succeeds_late_still_gets_the_abort_that_follows),
        leak_test(a_call_abandoned_before_its_turn_is_never_delivered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
