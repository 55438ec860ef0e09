/* SPDX-License-Identifier: MIT
 *
 * A writer's record: subscriptions, handlers beside and after each other, sessions, and what
 * happens when a handler takes too long. Follows writer-provider 2.6, 3.2-3.8.
 */
#include <cmocka.h>

#include "base/guid.h"
#include "base/str16.h"
#include "bus/writer_registry.h"
#include "bus/writer_session.h"
#include "diag/log.h"
#include "os/settings.h"
#include "probe.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"

/* ---- Subscription ---- */

static void an_event_for_a_writer_that_never_subscribed_is_not_delivered(void **state)
{
    (void)state;
    struct probe probe;
    const struct writer_traits traits = probe_traits();
    probe_create(&probe, &traits);
    assert_int_equal(send_only(&probe, session_id(1), EVENT_IDENTIFY), VSS_E_WRITER_NOT_RESPONDING);
    assert_int_equal(
        send_only(&probe, session_id(1), EVENT_PREPARE_BACKUP), VSS_E_WRITER_NOT_RESPONDING);
    struct bus_status status = {0};
    assert_int_equal(
        writer_record_status(probe.record, &traits.class_id, &status), VSS_E_WRITER_NOT_RESPONDING);
    assert_int_equal(probe.count[EVENT_PREPARE_BACKUP], 0);
    writer_record_release(probe.record);
}

static void subscribing_twice_is_refused_and_harms_nothing(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    assert_int_equal(writer_record_subscribe(probe.record, 0), VSS_E_WRITER_ALREADY_SUBSCRIBED);
    assert_int_equal(send_only(&probe, session_id(1), EVENT_PREPARE_BACKUP), S_OK);
    probe_stop(&probe);
}

static void unsubscribing_twice_is_harmless_and_subscribing_again_works(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    assert_int_equal(writer_record_unsubscribe(probe.record), S_OK);
    assert_int_equal(writer_record_unsubscribe(probe.record), S_OK);
    assert_int_equal(
        send_only(&probe, session_id(1), EVENT_PREPARE_BACKUP), VSS_E_WRITER_NOT_RESPONDING);
    assert_int_equal(writer_record_subscribe(probe.record, 0), S_OK);
    assert_int_equal(send_only(&probe, session_id(1), EVENT_PREPARE_BACKUP), S_OK);
    probe_stop(&probe);
}

static void two_writers_of_one_class_have_different_instance_ids(void **state)
{
    (void)state;
    struct probe one;
    struct probe two;
    probe_start(&one);
    probe_start(&two);
    const GUID *first = &writer_record_traits(one.record)->instance_id;
    const GUID *second = &writer_record_traits(two.record)->instance_id;
    assert_false(guid_is_null(first));
    assert_false(guid_equal(first, second));
    probe_stop(&one);
    probe_stop(&two);
}

static size_t count_in_scope(const WCHAR *scope)
{
    struct vec records = {0};
    assert_int_equal(writer_registry_list(scope, &records), S_OK);
    size_t count = records.count;
    for (size_t i = 0; i < count; i++)
        writer_record_release(records.items[i]);
    vec_free(&records, NULL);
    return count;
}

static void a_writer_is_found_in_the_scope_it_subscribed_in_only(void **state)
{
    (void)state;
    struct probe probe;
    assert_int_equal(settings_set(L"SCOPE", L"one"), S_OK);
    probe_start(&probe);
    assert_int_equal(settings_set(L"SCOPE", NULL), S_OK);
    assert_int_equal(count_in_scope(L"one"), 1);
    assert_int_equal(count_in_scope(L"two"), 0);
    probe_stop(&probe);
    assert_int_equal(count_in_scope(L"one"), 0);
}

/* IsWriterShuttingDown, as long handlers ask it. */
static void wait_for_the_end(struct probe *probe, struct writer_call *call)
{
    (void)call;
    uint64_t give_up = GetTickCount64() + PATIENCE_MS;
    while (!writer_record_is_shutting_down(probe->record) && GetTickCount64() < give_up)
        SwitchToThread();
    SetEvent(probe->note);
    WaitForSingleObject(probe->at[EVENT_THAW].wait_for, PATIENCE_MS);
}

static DWORD WINAPI unsubscribe(void *context)
{
    return (DWORD)writer_record_unsubscribe(((struct probe *)context)->record);
}

static void unsubscribe_from_another_thread_waits_for_the_running_handler(void **state)
{
    (void)state;
    struct probe probe;
    struct delivery delivery;
    probe_start(&probe);
    probe.note = make_event();
    probe.at[EVENT_PREPARE_BACKUP].entered = make_event();
    probe.at[EVENT_PREPARE_BACKUP].action = wait_for_the_end;
    probe.at[EVENT_THAW].wait_for = make_event();
    begin(&delivery, &probe, session_id(1), EVENT_PREPARE_BACKUP);
    await_event(probe.at[EVENT_PREPARE_BACKUP].entered);

    HANDLE thread = CreateThread(NULL, 0, unsubscribe, &probe, 0, NULL);
    await_event(probe.note);
    assert_int_equal(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    SetEvent(probe.at[EVENT_THAW].wait_for);
    await_event(thread);

    assert_int_equal(finish(&delivery), S_OK);
    bus_reply_clear(&delivery.reply);
    CloseHandle(thread);
    CloseHandle(probe.note);
    CloseHandle(probe.at[EVENT_PREPARE_BACKUP].entered);
    CloseHandle(probe.at[EVENT_THAW].wait_for);
    writer_record_release(probe.record);
    assert_int_equal(probe.holds, 0);
}

static void unsubscribe_here(struct probe *probe, struct writer_call *call)
{
    (void)call;
    probe->said = writer_record_unsubscribe(probe->record);
}

static void unsubscribe_from_inside_a_handler_returns_and_that_handler_is_the_last(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    probe.said = E_FAIL;
    probe.at[EVENT_PREPARE_BACKUP].action = unsubscribe_here;
    assert_int_equal(send_only(&probe, session_id(1), EVENT_PREPARE_BACKUP), S_OK);
    assert_int_equal(probe.said, S_OK);
    assert_int_equal(
        send_only(&probe, session_id(1), EVENT_PREPARE_SNAPSHOT), VSS_E_WRITER_NOT_RESPONDING);
    assert_int_equal(probe.count[EVENT_PREPARE_SNAPSHOT], 0);
    probe_stop(&probe);
}

static void unsubscribe_with_a_patience_gives_up_on_a_hung_handler(void **state)
{
    (void)state;
    struct probe probe;
    struct delivery delivery;
    const struct writer_traits traits = probe_traits();
    probe_create(&probe, &traits);
    assert_int_equal(writer_record_subscribe(probe.record, 20), S_OK);
    probe.at[EVENT_PREPARE_BACKUP].entered = make_event();
    probe.at[EVENT_PREPARE_BACKUP].wait_for = make_event();
    begin(&delivery, &probe, session_id(1), EVENT_PREPARE_BACKUP);
    await_event(probe.at[EVENT_PREPARE_BACKUP].entered);
    assert_int_equal(writer_record_unsubscribe(probe.record), S_FALSE);
    assert_int_equal(probe.holds, 1);
    SetEvent(probe.at[EVENT_PREPARE_BACKUP].wait_for);
    finish(&delivery);
    bus_reply_clear(&delivery.reply);
    assert_int_equal(probe.holds, 0);
    CloseHandle(probe.at[EVENT_PREPARE_BACKUP].entered);
    CloseHandle(probe.at[EVENT_PREPARE_BACKUP].wait_for);
    writer_record_release(probe.record);
}

/* ---- Handlers beside and after each other ---- */

static void identify_arrives_while_freeze_is_blocked_and_changes_nothing(void **state)
{
    (void)state;
    struct probe probe;
    struct delivery delivery;
    struct bus_reply reply;
    probe_start(&probe);
    send_only(&probe, session_id(1), EVENT_PREPARE_BACKUP);
    send_only(&probe, session_id(1), EVENT_PREPARE_SNAPSHOT);
    probe.at[EVENT_FREEZE].entered = make_event();
    probe.at[EVENT_FREEZE].wait_for = make_event();
    begin(&delivery, &probe, session_id(1), EVENT_FREEZE);
    await_event(probe.at[EVENT_FREEZE].entered);

    assert_int_equal(deliver(&probe, session_id(1), EVENT_IDENTIFY, &reply), S_OK);
    assert_non_null(reply.metadata);
    assert_true(guid_equal(&reply.metadata->writer_id, &probe_class));
    bus_reply_clear(&reply);
    assert_stands(&probe, session_id(1), VSS_WS_WAITING_FOR_FREEZE, S_OK);

    SetEvent(probe.at[EVENT_FREEZE].wait_for);
    assert_int_equal(finish(&delivery), S_OK);
    bus_reply_clear(&delivery.reply);
    assert_stands(&probe, session_id(1), VSS_WS_WAITING_FOR_THAW, S_OK);
    CloseHandle(probe.at[EVENT_FREEZE].entered);
    CloseHandle(probe.at[EVENT_FREEZE].wait_for);
    probe_stop(&probe);
}

static void a_refused_identify_gives_no_metadata_and_leaves_no_session(void **state)
{
    (void)state;
    struct probe probe;
    struct bus_reply reply;
    probe_start(&probe);
    probe.at[EVENT_IDENTIFY].refuses = true;
    assert_int_equal(deliver(&probe, session_id(1), EVENT_IDENTIFY, &reply), S_OK);
    assert_true(reply.vetoed);
    assert_null(reply.metadata);
    bus_reply_clear(&reply);
    GUID id = session_id(1);
    struct bus_status status = {0};
    assert_int_equal(writer_record_status(probe.record, &id, &status), S_FALSE);
    assert_int_equal(status.state, VSS_WS_STABLE);
    probe_stop(&probe);
}

static void fail_in_identify(struct probe *probe, struct writer_call *call)
{
    probe->said = writer_call_set_failure(call, false, VSS_E_WRITERERROR_RETRYABLE, S_OK, NULL);
}

static void a_failure_set_in_identify_is_refused_and_leaves_no_trace(void **state)
{
    (void)state;
    struct probe probe;
    struct bus_reply reply;
    probe_start(&probe);
    probe.at[EVENT_IDENTIFY].action = fail_in_identify;
    assert_int_equal(deliver(&probe, session_id(1), EVENT_IDENTIFY, &reply), S_OK);
    assert_int_equal(probe.said, VSS_E_BAD_STATE);
    assert_false(reply.vetoed);
    assert_non_null(reply.metadata);
    bus_reply_clear(&reply);
    probe_stop(&probe);
}

static void handlers_of_one_session_never_run_at_the_same_time(void **state)
{
    (void)state;
    struct probe probe;
    struct delivery first;
    struct delivery second;
    probe_start(&probe);
    probe.at[EVENT_PREPARE_BACKUP].entered = make_event();
    probe.at[EVENT_PREPARE_BACKUP].wait_for = make_event();
    begin(&first, &probe, session_id(1), EVENT_PREPARE_BACKUP);
    await_event(probe.at[EVENT_PREPARE_BACKUP].entered);
    begin(&second, &probe, session_id(1), EVENT_PREPARE_SNAPSHOT);
    SetEvent(probe.at[EVENT_PREPARE_BACKUP].wait_for);
    assert_int_equal(finish(&first), S_OK);
    assert_int_equal(finish(&second), S_OK);
    bus_reply_clear(&first.reply);
    bus_reply_clear(&second.reply);
    assert_int_equal(probe.most, 1);
    assert_int_equal(probe.count[EVENT_PREPARE_SNAPSHOT], 1);
    CloseHandle(probe.at[EVENT_PREPARE_BACKUP].entered);
    CloseHandle(probe.at[EVENT_PREPARE_BACKUP].wait_for);
    probe_stop(&probe);
}

/* Each of the two waits until the other is in its handler as well. */
static void meet(struct probe *probe, struct writer_call *call)
{
    (void)call;
    uint64_t give_up = GetTickCount64() + PATIENCE_MS;
    while (probe->most < 2 && GetTickCount64() < give_up)
        SwitchToThread();
}

static void handlers_of_two_sessions_run_beside_each_other(void **state)
{
    (void)state;
    struct probe probe;
    struct delivery first;
    struct delivery second;
    probe_start(&probe);
    probe.at[EVENT_PREPARE_BACKUP].action = meet;
    begin(&first, &probe, session_id(1), EVENT_PREPARE_BACKUP);
    begin(&second, &probe, session_id(2), EVENT_PREPARE_BACKUP);
    assert_int_equal(finish(&first), S_OK);
    assert_int_equal(finish(&second), S_OK);
    bus_reply_clear(&first.reply);
    bus_reply_clear(&second.reply);
    assert_int_equal(probe.most, 2);
    probe_stop(&probe);
}

/* ---- The line of a session ---- */

/* Long enough for a delivery that nothing holds back. */
#define MOMENT_MS 200

static void line_up(struct delivery *delivery, struct writer_place *place)
{
    *place = (struct writer_place){0};
    writer_record_line_up(delivery->probe->record, place, &delivery->call->payload->session_id);
    delivery->call->place = place;
}

static void set_off(struct delivery *delivery)
{
    delivery->thread = CreateThread(NULL, 0, run_delivery, delivery, 0, NULL);
    assert_non_null(delivery->thread);
}

static void events_of_a_session_come_in_the_order_in_which_they_arrived(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    assert_int_equal(send_only(&probe, session_id(1), EVENT_PREPARE_BACKUP), S_OK);
    struct delivery first = {.probe = &probe, .call = make_call(EVENT_ABORT, session_id(1))};
    struct delivery second = {
        .probe = &probe, .call = make_call(EVENT_PREPARE_BACKUP, session_id(1))};
    struct delivery other = {
        .probe = &probe, .call = make_call(EVENT_PREPARE_BACKUP, session_id(2))};
    struct writer_place places[3];
    line_up(&first, &places[0]);
    line_up(&second, &places[1]);
    line_up(&other, &places[2]);

    /* The quicker thread waits for the event before its own, not for those of others. */
    set_off(&second);
    set_off(&other);
    assert_int_equal(finish(&other), S_OK);
    assert_int_equal(WaitForSingleObject(second.thread, MOMENT_MS), WAIT_TIMEOUT);
    /* The first one, and that of the other session. */
    assert_int_equal(probe.count[EVENT_PREPARE_BACKUP], 2);
    set_off(&first);
    assert_int_equal(finish(&first), S_OK);
    assert_int_equal(finish(&second), S_OK);
    /* Abort ended the first preparation; the second stands. */
    assert_int_equal(probe.count[EVENT_ABORT], 1);
    assert_int_equal(send_only(&probe, session_id(1), EVENT_PREPARE_SNAPSHOT), S_OK);
    bus_reply_clear(&first.reply);
    bus_reply_clear(&second.reply);
    bus_reply_clear(&other.reply);
    probe_stop(&probe);
}

static void whoever_steps_out_of_the_line_holds_nobody_up(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    struct delivery behind = {
        .probe = &probe, .call = make_call(EVENT_PREPARE_BACKUP, session_id(1))};
    struct delivery identify = {.probe = &probe, .call = make_call(EVENT_IDENTIFY, session_id(1))};
    struct delivery abandoned = {
        .probe = &probe, .call = make_call(EVENT_PREPARE_BACKUP, session_id(1))};
    struct writer_place lost, places[3];
    writer_record_line_up(probe.record, &lost, &(GUID){0xABCD0001u, 1, 2, {3}});
    line_up(&identify, &places[0]);
    line_up(&abandoned, &places[1]);
    line_up(&behind, &places[2]);

    /* Identify belongs to no session: it passes all, and holds nobody up while it runs. */
    probe.at[EVENT_IDENTIFY].entered = make_event();
    probe.at[EVENT_IDENTIFY].wait_for = make_event();
    set_off(&identify);
    await_event(probe.at[EVENT_IDENTIFY].entered);
    set_off(&abandoned);
    set_off(&behind);
    writer_record_abandon(probe.record, abandoned.call, S_OK);
    assert_int_equal(finish(&abandoned), VSS_E_WRITER_NOT_RESPONDING);
    assert_int_equal(WaitForSingleObject(behind.thread, MOMENT_MS), WAIT_TIMEOUT);
    writer_record_step_out(probe.record, &lost);
    writer_record_step_out(probe.record, &lost);
    assert_int_equal(finish(&behind), S_OK);
    SetEvent(probe.at[EVENT_IDENTIFY].wait_for);
    assert_int_equal(finish(&identify), S_OK);
    assert_int_equal(probe.count[EVENT_PREPARE_BACKUP], 1);
    CloseHandle(probe.at[EVENT_IDENTIFY].entered);
    CloseHandle(probe.at[EVENT_IDENTIFY].wait_for);
    bus_reply_clear(&behind.reply);
    bus_reply_clear(&abandoned.reply);
    bus_reply_clear(&identify.reply);
    probe_stop(&probe);
}

static void a_failure_in_one_session_does_not_show_in_another(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    assert_int_equal(send_only(&probe, session_id(1), EVENT_PREPARE_BACKUP), S_OK);
    probe.at[EVENT_PREPARE_BACKUP].failure = VSS_E_WRITERERROR_OUTOFRESOURCES;
    assert_int_equal(send_only(&probe, session_id(2), EVENT_PREPARE_BACKUP), S_OK);
    assert_stands(&probe, session_id(1), VSS_WS_STABLE, S_OK);
    assert_stands(
        &probe, session_id(2), VSS_WS_FAILED_AT_PREPARE_BACKUP, VSS_E_WRITERERROR_OUTOFRESOURCES);
    probe_stop(&probe);
}

static void note_own_call(struct probe *probe, struct writer_call *call)
{
    probe->note = writer_record_current_call(probe->record) == call ? call : NULL;
}

static void the_current_call_is_known_on_the_handlers_thread_only(void **state)
{
    (void)state;
    struct probe probe;
    struct delivery delivery;
    probe_start(&probe);
    probe.at[EVENT_PREPARE_BACKUP].entered = make_event();
    probe.at[EVENT_PREPARE_BACKUP].wait_for = make_event();
    probe.at[EVENT_PREPARE_BACKUP].action = note_own_call;
    begin(&delivery, &probe, session_id(1), EVENT_PREPARE_BACKUP);
    await_event(probe.at[EVENT_PREPARE_BACKUP].entered);
    assert_null(writer_record_current_call(probe.record));
    SetEvent(probe.at[EVENT_PREPARE_BACKUP].wait_for);
    finish(&delivery);
    bus_reply_clear(&delivery.reply);
    assert_non_null(probe.note);
    CloseHandle(probe.at[EVENT_PREPARE_BACKUP].entered);
    CloseHandle(probe.at[EVENT_PREPARE_BACKUP].wait_for);
    probe_stop(&probe);
}

static void explain(struct probe *probe, struct writer_call *call)
{
    (void)probe;
    writer_call_set_failure(
        call, true, VSS_E_WRITERERROR_RETRYABLE, E_ACCESSDENIED, L"The disk is full.");
}

static void what_the_writer_says_of_its_failure_shows_in_the_status(void **state)
{
    (void)state;
    struct probe probe;
    struct bus_status status = {0};
    GUID id = session_id(1);
    probe_start(&probe);
    probe.at[EVENT_PREPARE_BACKUP].action = explain;
    send_only(&probe, id, EVENT_PREPARE_BACKUP);
    assert_int_equal(writer_record_status(probe.record, &id, &status), S_OK);
    assert_int_equal(status.application, E_ACCESSDENIED);
    assert_true(str16_equal(status.message, L"The disk is full."));
    bus_status_clear(&status);
    probe.at[EVENT_PREPARE_BACKUP].action = NULL;
    send_only(&probe, id, EVENT_PREPARE_BACKUP);
    assert_int_equal(writer_record_status(probe.record, &id, &status), S_OK);
    assert_int_equal(status.application, S_OK);
    assert_null(status.message);
    probe_stop(&probe);
}

/* ---- The number of sessions ---- */

static void the_session_that_was_idle_longest_is_forgotten_beyond_the_limit(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    probe.at[EVENT_PREPARE_BACKUP].failure = VSS_E_WRITERERROR_RETRYABLE;
    for (unsigned i = 0; i <= WRITER_SESSION_LIMIT; i++)
        assert_int_equal(send_only(&probe, session_id(i), EVENT_PREPARE_BACKUP), S_OK);
    struct bus_status status = {0};
    GUID oldest = session_id(0);
    assert_int_equal(writer_record_status(probe.record, &oldest, &status), S_FALSE);
    assert_stands(
        &probe, session_id(1), VSS_WS_FAILED_AT_PREPARE_BACKUP, VSS_E_WRITERERROR_RETRYABLE);
    probe_stop(&probe);
}

static void one_session_too_many_is_refused_while_all_others_are_in_use(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    for (unsigned i = 0; i < WRITER_SESSION_LIMIT; i++)
    {
        send_only(&probe, session_id(i), EVENT_PREPARE_BACKUP);
        assert_int_equal(send_only(&probe, session_id(i), EVENT_PREPARE_SNAPSHOT), S_OK);
    }
    assert_int_equal(send_only(&probe, session_id(1000), EVENT_PREPARE_BACKUP),
        VSS_E_WRITER_STATUS_NOT_AVAILABLE);
    assert_int_equal(send_only(&probe, session_id(3), EVENT_BACKUP_SHUTDOWN), S_OK);
    assert_int_equal(send_only(&probe, session_id(1000), EVENT_PREPARE_BACKUP), S_OK);
    probe_stop(&probe);
}

/* ---- Memory ---- */

static void each_allocation_that_fails_leaves_the_record_as_it_was(void **state)
{
    (void)state;
    size_t which = 1;
    for (bool failed = true; failed; which++)
    {
        struct probe probe = {0};
        const struct writer_traits traits = probe_traits();
        struct bus_reply reply = {0};
        fail_alloc(which);
        HRESULT hr = writer_record_create(&traits, &probe_face, &probe, &probe.record);
        if (hr == S_OK)
            hr = writer_record_subscribe(probe.record, 0);
        struct bus_payload *payload = hr == S_OK ? bus_payload_create(EVENT_FREEZE, 0) : NULL;
        struct writer_call *call = payload ? writer_call_create(payload, NULL) : NULL;
        if (call)
            writer_record_deliver(probe.record, call, &reply);
        failed = allow_allocs();
        bus_reply_clear(&reply);
        writer_call_release(call);
        bus_payload_release(payload);
        if (probe.record)
            probe_stop(&probe);
    }
    assert_true(which > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(an_event_for_a_writer_that_never_subscribed_is_not_delivered),
        leak_test(subscribing_twice_is_refused_and_harms_nothing),
        leak_test(unsubscribing_twice_is_harmless_and_subscribing_again_works),
        leak_test(two_writers_of_one_class_have_different_instance_ids),
        cmocka_unit_test(a_writer_is_found_in_the_scope_it_subscribed_in_only),
        leak_test(unsubscribe_from_another_thread_waits_for_the_running_handler),
        leak_test(unsubscribe_from_inside_a_handler_returns_and_that_handler_is_the_last),
        leak_test(unsubscribe_with_a_patience_gives_up_on_a_hung_handler),
        leak_test(identify_arrives_while_freeze_is_blocked_and_changes_nothing),
        leak_test(a_refused_identify_gives_no_metadata_and_leaves_no_session),
        leak_test(a_failure_set_in_identify_is_refused_and_leaves_no_trace),
        leak_test(handlers_of_one_session_never_run_at_the_same_time),
        leak_test(handlers_of_two_sessions_run_beside_each_other),
        leak_test(events_of_a_session_come_in_the_order_in_which_they_arrived),
        leak_test(whoever_steps_out_of_the_line_holds_nobody_up),
        leak_test(a_failure_in_one_session_does_not_show_in_another),
        leak_test(the_current_call_is_known_on_the_handlers_thread_only),
        leak_test(what_the_writer_says_of_its_failure_shows_in_the_status),
        leak_test(the_session_that_was_idle_longest_is_forgotten_beyond_the_limit),
        leak_test(one_session_too_many_is_refused_while_all_others_are_in_use),
        leak_test(each_allocation_that_fails_leaves_the_record_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
