/* SPDX-License-Identifier: MIT
 *
 * The requestor's end of the bus against writers of this process: discovery, fan-out, deadlines,
 * losses, cancel, status. Follows requestor 2.3-2.5 and writer-provider 3.8.
 */
#include <cmocka.h>

#include "base/guid.h"
#include "base/str16.h"
#include "bus/transport.h"
#include "bus/bus_session.h"
#include "diag/fault.h"
#include "os/pool.h"
#include "os/settings.h"
#include "probe.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"

#define SHORT_MS 20

static struct bus_session *start_session(size_t participants)
{
    struct bus_session *session = NULL;
    assert_int_equal(bus_session_create(&session), S_OK);
    assert_int_equal(bus_session_identify(session, NULL), S_OK);
    assert_int_equal(bus_session_count(session), participants);
    return session;
}

static void note_answer(
    void *context, struct bus_participant *participant, struct writer_components *changed)
{
    (void)participant;
    (void)changed;
    ++*(int *)context;
}

static HRESULT raise_with(
    struct bus_session *session, enum vss_event event, DWORD deadline_ms, struct bus_tally *tally)
{
    int answers = 0;
    struct bus_payload *payload = bus_payload_create(event, 0);
    assert_non_null(payload);
    payload->session_id = *bus_session_id(session);
    const struct bus_raise raise = {.payload = payload,
        .deadline_ms = deadline_ms,
        .context = &answers,
        .answered = note_answer};
    struct bus_tally local;
    HRESULT hr = bus_session_raise(session, &raise, &local);
    assert_int_equal(answers, local.called);
    bus_payload_release(payload);
    if (tally)
        *tally = local;
    return hr;
}

static void raise_event(struct bus_session *session, enum vss_event event)
{
    assert_int_equal(raise_with(session, event, PATIENCE_MS, NULL), S_OK);
}

static void assert_participant(
    struct bus_session *session, size_t index, int state, HRESULT failure)
{
    const struct bus_participant *participant = bus_session_participant(session, index);
    assert_int_equal(participant->status.state, state);
    assert_int_equal(participant->status.failure, failure);
}

/* What ran on behalf of a test is over before its writers are. */
static void end(struct bus_session *session, struct probe *probes, size_t count)
{
    pool_drain();
    bus_session_destroy(session);
    for (size_t i = 0; i < count; i++)
        probe_stop(&probes[i]);
    /* And for the end of their connections. */
    pool_drain();
}

/* ---- Discovery ---- */

static void a_scope_without_writers_has_no_participants(void **state)
{
    (void)state;
    struct bus_session *session = start_session(0);
    assert_null(bus_session_participant(session, 0));
    raise_event(session, EVENT_PREPARE_BACKUP);
    assert_int_equal(bus_session_gather_status(session, NULL), S_OK);
    end(session, NULL, 0);
}

static void a_writer_that_refuses_identify_is_left_out_and_the_others_are_not(void **state)
{
    (void)state;
    struct probe probes[3];
    for (int i = 0; i < 3; i++)
        probe_start(&probes[i]);
    probes[1].at[EVENT_IDENTIFY].refuses = true;
    struct bus_session *session = start_session(2);
    const GUID *first = &bus_session_participant(session, 0)->instance_id;
    const GUID *second = &bus_session_participant(session, 1)->instance_id;
    assert_true(guid_equal(first, &writer_record_traits(probes[0].record)->instance_id));
    assert_true(guid_equal(second, &writer_record_traits(probes[2].record)->instance_id));
    end(session, probes, 3);
}

static void a_writer_that_does_not_answer_identify_in_time_is_left_out(void **state)
{
    (void)state;
    struct probe probes[2];
    probe_start(&probes[0]);
    probe_start(&probes[1]);
    probes[0].at[EVENT_IDENTIFY].wait_for = make_event();
    assert_int_equal(settings_set(L"EVENT_TIMEOUT", L"200"), S_OK);
    struct bus_session *session = start_session(1);
    assert_int_equal(settings_set(L"EVENT_TIMEOUT", NULL), S_OK);
    SetEvent(probes[0].at[EVENT_IDENTIFY].wait_for);
    pool_drain();
    CloseHandle(probes[0].at[EVENT_IDENTIFY].wait_for);
    end(session, probes, 2);
}

static void a_participant_says_who_it_is(void **state)
{
    (void)state;
    struct probe probe;
    struct writer_traits traits = probe_traits();
    traits.instance_name = (WCHAR *)L"second";
    traits.level = VSS_APP_SYSTEM;
    traits.freeze_timeout_ms = 1234;
    probe_create(&probe, &traits);
    assert_int_equal(writer_record_subscribe(probe.record, 0), S_OK);
    struct bus_session *session = start_session(1);
    const struct bus_participant *participant = bus_session_participant(session, 0);
    assert_true(guid_equal(&participant->writer_id, &probe_class));
    assert_true(str16_equal(participant->name, L"Probe"));
    assert_true(str16_equal(participant->instance_name, L"second"));
    assert_int_equal(participant->level, VSS_APP_SYSTEM);
    assert_int_equal(participant->freeze_timeout_ms, 1234);
    assert_true(str16_equal(participant->metadata->writer_name, L"Probe"));
    assert_false(participant->took_part);
    assert_int_equal(participant->status.state, VSS_WS_STABLE);
    end(session, &probe, 1);
}

static void a_disabled_class_is_not_even_asked_to_identify(void **state)
{
    (void)state;
    struct probe probe;
    struct bus_session *session = NULL;
    probe_start(&probe);
    assert_int_equal(bus_session_create(&session), S_OK);
    assert_int_equal(bus_session_disable_classes(session, &probe_class, 1), S_OK);
    assert_int_equal(bus_session_identify(session, NULL), S_OK);
    assert_int_equal(bus_session_count(session), 0);
    assert_int_equal(probe.count[EVENT_IDENTIFY], 0);
    end(session, &probe, 1);
}

static void a_second_identify_replaces_the_participants(void **state)
{
    (void)state;
    struct probe probes[2];
    probe_start(&probes[0]);
    struct bus_session *session = start_session(1);
    probe_start(&probes[1]);
    assert_int_equal(bus_session_identify(session, NULL), S_OK);
    assert_int_equal(bus_session_count(session), 2);
    end(session, probes, 2);
}

/* ---- Losses ---- */

static void a_lost_delivery_fails_the_writer_at_the_event_and_no_other(void **state)
{
    (void)state;
    struct probe probes[2];
    struct bus_tally tally;
    struct writer_traits traits = probe_traits();
    probe_start(&probes[0]);
    traits.name = (WCHAR *)L"Other";
    probe_create(&probes[1], &traits);
    assert_int_equal(writer_record_subscribe(probes[1].record, 0), S_OK);
    struct bus_session *session = start_session(2);
    assert_int_equal(fault_set("writer.lost", L"PrepareForBackup:Other", E_FAIL, 1, 0, 0), S_OK);
    assert_int_equal(raise_with(session, EVENT_PREPARE_BACKUP, PATIENCE_MS, &tally), S_OK);
    fault_clear_all();
    assert_int_equal(tally.called, 2);
    assert_int_equal(tally.lost, 1);
    assert_int_equal(tally.vetoed, 0);
    assert_false(bus_session_participant(session, 0)->lost);
    assert_true(bus_session_participant(session, 1)->lost);
    assert_participant(session, 0, VSS_WS_STABLE, S_OK);
    assert_participant(session, 1, VSS_WS_FAILED_AT_PREPARE_BACKUP, VSS_E_WRITER_NOT_RESPONDING);
    assert_int_equal(probes[1].count[EVENT_PREPARE_BACKUP], 0);
    assert_int_equal(bus_session_gather_status(session, NULL), S_OK);
    assert_participant(session, 1, VSS_WS_FAILED_AT_PREPARE_BACKUP, VSS_E_WRITER_NOT_RESPONDING);
    end(session, probes, 2);
}

static void an_event_fault_shows_the_writer_error_that_it_names(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    struct bus_session *session = start_session(1);
    assert_int_equal(
        fault_set("writer.event", L"PrepareForBackup", VSS_E_WRITERERROR_RETRYABLE, 1, 1, 0), S_OK);
    raise_event(session, EVENT_PREPARE_BACKUP);
    fault_clear_all();
    assert_participant(session, 0, VSS_WS_FAILED_AT_PREPARE_BACKUP, VSS_E_WRITERERROR_RETRYABLE);
    assert_int_equal(probe.count[EVENT_PREPARE_BACKUP], 0);
    end(session, &probe, 1);
}

static void a_writer_that_has_gone_is_not_responding(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    struct bus_session *session = start_session(1);
    raise_event(session, EVENT_PREPARE_BACKUP);
    assert_int_equal(writer_record_unsubscribe(probe.record), S_OK);
    assert_int_equal(bus_session_gather_status(session, NULL), S_OK);
    assert_int_equal(
        bus_session_participant(session, 0)->status.failure, VSS_E_WRITER_NOT_RESPONDING);
    raise_event(session, EVENT_PREPARE_SNAPSHOT);
    assert_participant(session, 0, VSS_WS_FAILED_AT_PREPARE_SNAPSHOT, VSS_E_WRITER_NOT_RESPONDING);
    end(session, &probe, 1);
}

/* Which code a writer shows that does not answer an event in time, and whose time it is. */
static void a_hung_handler_costs_its_own_deadline_and_its_late_answer_is_discarded(void **state)
{
    (void)state;
    static const struct
    {
        enum vss_event event;
        int state_after;
        HRESULT failure;
    } rows[] = {
        {EVENT_PREPARE_BACKUP, VSS_WS_FAILED_AT_PREPARE_BACKUP, VSS_E_WRITER_NOT_RESPONDING},
        {EVENT_PREPARE_SNAPSHOT, VSS_WS_FAILED_AT_PREPARE_SNAPSHOT, VSS_E_WRITER_NOT_RESPONDING},
        {EVENT_FREEZE, VSS_WS_FAILED_AT_FREEZE, VSS_E_WRITERERROR_TIMEOUT},
        {EVENT_THAW, VSS_WS_FAILED_AT_THAW, VSS_E_WRITERERROR_TIMEOUT},
        {EVENT_POST_SNAPSHOT, VSS_WS_FAILED_AT_POST_SNAPSHOT, VSS_E_WRITER_NOT_RESPONDING},
        {EVENT_BACKUP_COMPLETE, VSS_WS_FAILED_AT_BACKUP_COMPLETE, VSS_E_WRITERERROR_TIMEOUT},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct probe probes[2];
        struct bus_tally tally;
        probe_start(&probes[0]);
        probe_start(&probes[1]);
        struct bus_session *session = start_session(2);
        for (size_t before = 0; before < i; before++)
            raise_event(session, rows[before].event);
        HANDLE gate = make_event();
        probes[0].at[rows[i].event].wait_for = gate;
        assert_int_equal(raise_with(session, rows[i].event, SHORT_MS, &tally), S_OK);
        assert_true(bus_session_participant(session, 0)->lost);
        assert_participant(session, 0, rows[i].state_after, rows[i].failure);
        assert_int_equal(tally.called, 2);
        SetEvent(gate);
        pool_drain();
        assert_int_equal(bus_session_gather_status(session, NULL), S_OK);
        assert_participant(session, 0, rows[i].state_after, rows[i].failure);
        CloseHandle(gate);
        end(session, probes, 2);
    }
}

static void freeze_has_the_writers_own_time_where_that_is_shorter(void **state)
{
    (void)state;
    struct probe probe;
    probe_start_with_timeout(&probe, SHORT_MS);
    struct bus_session *session = start_session(1);
    raise_event(session, EVENT_PREPARE_BACKUP);
    raise_event(session, EVENT_PREPARE_SNAPSHOT);
    HANDLE gate = make_event();
    probe.at[EVENT_FREEZE].wait_for = gate;
    raise_event(session, EVENT_FREEZE);
    assert_participant(session, 0, VSS_WS_FAILED_AT_FREEZE, VSS_E_WRITERERROR_TIMEOUT);
    SetEvent(gate);
    pool_drain();
    assert_int_equal(probe.count[EVENT_ABORT], 1);
    CloseHandle(gate);
    end(session, &probe, 1);
}

/* ---- Vetoes ---- */

static void a_veto_fails_the_writer_and_not_the_operation(void **state)
{
    (void)state;
    struct probe probes[2];
    struct bus_tally tally;
    probe_start(&probes[0]);
    probe_start(&probes[1]);
    struct bus_session *session = start_session(2);
    probes[0].at[EVENT_PREPARE_BACKUP].refuses = true;
    assert_int_equal(raise_with(session, EVENT_PREPARE_BACKUP, PATIENCE_MS, &tally), S_OK);
    assert_int_equal(tally.vetoed, 1);
    assert_int_equal(tally.lost, 0);
    assert_true(bus_session_participant(session, 0)->failed);
    assert_false(bus_session_participant(session, 0)->lost);
    assert_false(bus_session_participant(session, 1)->failed);
    assert_participant(session, 0, VSS_WS_FAILED_AT_PREPARE_BACKUP, VSS_E_WRITERERROR_NONRETRYABLE);
    end(session, probes, 2);
}

static void a_writer_that_froze_with_a_failure_counts_as_failed_only_after_thaw(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    struct bus_session *session = start_session(1);
    raise_event(session, EVENT_PREPARE_BACKUP);
    raise_event(session, EVENT_PREPARE_SNAPSHOT);
    probe.at[EVENT_FREEZE].failure = VSS_E_WRITERERROR_RETRYABLE;
    raise_event(session, EVENT_FREEZE);
    assert_false(bus_session_participant(session, 0)->failed);
    raise_event(session, EVENT_THAW);
    assert_true(bus_session_participant(session, 0)->failed);
    assert_int_equal(probe.count[EVENT_THAW], 1);
    end(session, &probe, 1);
}

static void failures_of_two_sessions_do_not_mix(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    struct bus_session *one = start_session(1);
    struct bus_session *two = start_session(1);
    probe.at[EVENT_PREPARE_BACKUP].failure = VSS_E_WRITERERROR_RETRYABLE;
    raise_event(one, EVENT_PREPARE_BACKUP);
    probe.at[EVENT_PREPARE_BACKUP].failure = S_OK;
    raise_event(two, EVENT_PREPARE_BACKUP);
    assert_int_equal(bus_session_gather_status(one, NULL), S_OK);
    assert_int_equal(bus_session_gather_status(two, NULL), S_OK);
    assert_participant(one, 0, VSS_WS_FAILED_AT_PREPARE_BACKUP, VSS_E_WRITERERROR_RETRYABLE);
    assert_participant(two, 0, VSS_WS_STABLE, S_OK);
    pool_drain();
    bus_session_destroy(one);
    end(two, &probe, 1);
}

/* ---- Status ---- */

static void status_before_any_event_is_stable(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    struct bus_session *session = start_session(1);
    assert_int_equal(bus_session_gather_status(session, NULL), S_OK);
    assert_participant(session, 0, VSS_WS_STABLE, S_OK);
    end(session, &probe, 1);
}

static void status_of_a_session_that_the_writer_forgot_is_not_available(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    struct bus_session *session = start_session(1);
    raise_event(session, EVENT_PREPARE_BACKUP);
    for (unsigned i = 0; i < 100; i++)
        assert_int_equal(send_only(&probe, session_id(i), EVENT_PREPARE_BACKUP), S_OK);
    assert_int_equal(bus_session_gather_status(session, NULL), S_OK);
    assert_int_equal(
        bus_session_participant(session, 0)->status.failure, VSS_E_WRITER_STATUS_NOT_AVAILABLE);
    end(session, &probe, 1);
}

/* ---- Documents ---- */

static const GUID document_instance = {7, 7, 7, {7}};

struct document
{
    struct writer_components *original;
    struct writer_components *changed; /* a reference, when the bus gave one */
};

static HRESULT give_document(
    void *context, const struct bus_participant *participant, struct writer_components **out)
{
    (void)participant;
    *out = writer_components_addref(((struct document *)context)->original);
    return S_OK;
}

static void take_document(
    void *context, struct bus_participant *participant, struct writer_components *changed)
{
    (void)participant;
    if (changed)
        ((struct document *)context)->changed = writer_components_addref(changed);
}

static void add_component(struct probe *probe, struct writer_call *call)
{
    struct component *component;
    probe->said = writer_components_add(
        call->components, COMPONENT_TYPE_FILEGROUP, NULL, L"added", &component);
}

static void what_a_handler_changes_comes_back_and_the_original_stays(void **state)
{
    (void)state;
    static const struct
    {
        enum vss_event event;
        bool comes_back;
    } rows[] = {{EVENT_PREPARE_BACKUP, true}, {EVENT_BACKUP_COMPLETE, false}};
    struct probe probe;
    probe_start(&probe);
    struct bus_session *session = start_session(1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct document document = {
            writer_components_create(&document_instance, &probe_class), NULL};
        struct bus_payload *payload = bus_payload_create(rows[i].event, 0);
        payload->session_id = *bus_session_id(session);
        probe.at[rows[i].event].action = add_component;
        const struct bus_raise raise = {.payload = payload,
            .deadline_ms = PATIENCE_MS,
            .context = &document,
            .components = give_document,
            .answered = take_document};
        assert_int_equal(bus_session_raise(session, &raise, NULL), S_OK);
        assert_int_equal(probe.said, S_OK);
        assert_int_equal(document.original->components.count, 0);
        assert_int_equal(document.changed != NULL, rows[i].comes_back);
        if (document.changed)
            assert_int_equal(document.changed->components.count, 1);
        writer_components_release(document.original);
        writer_components_release(document.changed);
        bus_payload_release(payload);
    }
    end(session, &probe, 1);
}

static bool wants_none(void *context, const struct bus_participant *participant)
{
    (void)context;
    (void)participant;
    return false;
}

static void who_does_not_want_an_event_does_not_take_part(void **state)
{
    (void)state;
    struct probe probe;
    struct bus_tally tally;
    probe_start(&probe);
    struct bus_session *session = start_session(1);
    struct bus_payload *payload = bus_payload_create(EVENT_PREPARE_BACKUP, 0);
    const struct bus_raise raise = {
        .payload = payload, .deadline_ms = PATIENCE_MS, .wants = wants_none};
    assert_int_equal(bus_session_raise(session, &raise, &tally), S_OK);
    assert_int_equal(tally.called, 0);
    assert_false(bus_session_participant(session, 0)->took_part);
    bus_payload_release(payload);
    end(session, &probe, 1);
}

/* ---- Many at once ---- */

#define MANY 64

static volatile LONG arrived;
static HANDLE all_arrived;

static void meet_all(struct probe *probe, struct writer_call *call)
{
    (void)probe;
    (void)call;
    if (InterlockedIncrement(&arrived) == MANY)
        SetEvent(all_arrived);
    WaitForSingleObject(all_arrived, PATIENCE_MS);
}

static void sixty_four_handlers_run_at_the_same_time(void **state)
{
    (void)state;
    static struct probe probes[MANY];
    struct bus_tally tally;
    all_arrived = make_event();
    arrived = 0;
    for (int i = 0; i < MANY; i++)
    {
        probe_start(&probes[i]);
        probes[i].at[EVENT_PREPARE_BACKUP].action = meet_all;
    }
    struct bus_session *session = start_session(MANY);
    uint64_t began = GetTickCount64();
    assert_int_equal(raise_with(session, EVENT_PREPARE_BACKUP, PATIENCE_MS, &tally), S_OK);
    assert_true(GetTickCount64() - began < PATIENCE_MS);
    assert_int_equal(arrived, MANY);
    assert_int_equal(tally.called, MANY);
    assert_int_equal(tally.lost, 0);
    end(session, probes, MANY);
    CloseHandle(all_arrived);
}

/* ---- Cancel ---- */

struct operation
{
    struct bus_session *session;
    enum vss_event event; /* EVENT_IDENTIFY: bus_session_identify */
    struct bus_tally tally;
    int answers;
};

static HRESULT run_operation(void *owner, void *context, struct async_op *op)
{
    struct operation *operation = context;
    (void)owner;
    if (operation->event == EVENT_IDENTIFY)
        return bus_session_identify(operation->session, op);
    struct bus_payload *payload = bus_payload_create(operation->event, 0);
    if (!payload)
        return E_OUTOFMEMORY;
    payload->session_id = *bus_session_id(operation->session);
    const struct bus_raise raise = {.payload = payload,
        .deadline_ms = PATIENCE_MS,
        .op = op,
        .context = &operation->answers,
        .answered = note_answer};
    HRESULT hr = bus_session_raise(operation->session, &raise, &operation->tally);
    bus_payload_release(payload);
    return hr;
}

static void cancel_stops_an_event_at_once_and_detaches_the_hung_handler(void **state)
{
    (void)state;
    static const struct async_work work = {.name = "test", .run = run_operation};
    struct probe probes[2];
    struct probe_step hung = {.entered = make_event(), .wait_for = make_event()};
    probe_start(&probes[0]);
    probe_start(&probes[1]);
    struct bus_session *session = start_session(2);
    struct operation operation = {.session = session, .event = EVENT_PREPARE_BACKUP};
    IVssAsync *async = NULL;
    HRESULT result = S_OK;
    probes[0].at[EVENT_PREPARE_BACKUP] = hung;
    assert_int_equal(async_op_start(&work, NULL, &operation, &async), S_OK);
    await_event(hung.entered);
    assert_int_equal(IVssAsync_Cancel(async), S_OK);
    assert_int_equal(IVssAsync_QueryStatus(async, &result, NULL), S_OK);
    assert_int_equal(result, VSS_S_ASYNC_CANCELLED);
    assert_true(bus_session_participant(session, 0)->took_part);
    assert_int_equal(bus_session_participant(session, 0)->status.failure, S_OK);
    IVssAsync_Release(async);
    SetEvent(hung.wait_for);
    end(session, probes, 2);
    CloseHandle(hung.entered);
    CloseHandle(hung.wait_for);
}

static void shutdown_reaches_a_hung_writer_later_and_is_not_waited_for(void **state)
{
    (void)state;
    struct probe probe;
    struct bus_tally tally;
    HANDLE gate = make_event();
    probe_start(&probe);
    struct bus_session *session = start_session(1);
    probe.at[EVENT_PREPARE_BACKUP].wait_for = gate;
    assert_int_equal(raise_with(session, EVENT_PREPARE_BACKUP, SHORT_MS, NULL), S_OK);
    assert_true(bus_session_participant(session, 0)->hung);

    struct bus_payload *payload = bus_payload_create(EVENT_BACKUP_SHUTDOWN, 0);
    payload->session_id = *bus_session_id(session);
    const struct bus_raise raise = {.payload = payload, .deadline_ms = PATIENCE_MS};
    assert_int_equal(bus_session_raise(session, &raise, &tally), S_OK);
    assert_int_equal(tally.called, 1);
    assert_int_equal(probe.count[EVENT_BACKUP_SHUTDOWN], 0);
    SetEvent(gate);
    pool_drain();
    assert_int_equal(probe.count[EVENT_BACKUP_SHUTDOWN], 1);
    bus_payload_release(payload);
    CloseHandle(gate);
    end(session, &probe, 1);
}

static void a_cancelled_identify_leaves_the_participants_as_they_were(void **state)
{
    (void)state;
    static const struct async_work work = {.name = "test", .run = run_operation};
    struct probe probe;
    struct probe_step hung = {.entered = make_event(), .wait_for = make_event()};
    probe_start(&probe);
    struct bus_session *session = start_session(1);
    const struct bus_participant *before = bus_session_participant(session, 0);
    struct operation operation = {.session = session, .event = EVENT_IDENTIFY};
    IVssAsync *async = NULL;
    probe.at[EVENT_IDENTIFY] = hung;
    assert_int_equal(async_op_start(&work, NULL, &operation, &async), S_OK);
    await_event(hung.entered);
    assert_int_equal(IVssAsync_Cancel(async), S_OK);
    assert_int_equal(bus_session_count(session), 1);
    assert_ptr_equal(bus_session_participant(session, 0), before);
    IVssAsync_Release(async);
    SetEvent(hung.wait_for);
    end(session, &probe, 1);
    CloseHandle(hung.entered);
    CloseHandle(hung.wait_for);
}

/* ---- Memory ---- */

static void without_memory_an_event_reaches_all_writers_or_says_so(void **state)
{
    (void)state;
    struct probe probe;
    probe_start(&probe);
    size_t which = 1;
    for (bool failed = true; failed; which++)
    {
        struct bus_session *session = NULL;
        struct bus_payload *payload = bus_payload_create(EVENT_PREPARE_BACKUP, 0);
        const struct bus_raise raise = {.payload = payload, .deadline_ms = PATIENCE_MS};
        fail_alloc(which);
        HRESULT hr = bus_session_create(&session);
        if (hr == S_OK)
            hr = bus_session_identify(session, NULL);
        if (hr == S_OK && bus_session_count(session))
        {
            payload->session_id = *bus_session_id(session);
            hr = bus_session_raise(session, &raise, NULL);
        }
        pool_drain();
        failed = allow_allocs();
        assert_true(hr == S_OK || hr == E_OUTOFMEMORY);
        if (hr == S_OK && bus_session_count(session))
        {
            const struct bus_participant *participant = bus_session_participant(session, 0);
            assert_int_equal(participant->lost, participant->status.failure != S_OK);
        }
        bus_session_destroy(session);
        bus_payload_release(payload);
    }
    assert_true(which > 10);
    probe_stop(&probe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_writer_that_does_not_answer_identify_in_time_is_left_out),
        leak_test(a_scope_without_writers_has_no_participants),
        leak_test(a_writer_that_refuses_identify_is_left_out_and_the_others_are_not),
        leak_test(a_participant_says_who_it_is),
        leak_test(a_disabled_class_is_not_even_asked_to_identify),
        leak_test(a_second_identify_replaces_the_participants),
        leak_test(a_lost_delivery_fails_the_writer_at_the_event_and_no_other),
        leak_test(an_event_fault_shows_the_writer_error_that_it_names),
        leak_test(a_writer_that_has_gone_is_not_responding),
        leak_test(a_hung_handler_costs_its_own_deadline_and_its_late_answer_is_discarded),
        leak_test(a_veto_fails_the_writer_and_not_the_operation),
        leak_test(a_writer_that_froze_with_a_failure_counts_as_failed_only_after_thaw),
        leak_test(failures_of_two_sessions_do_not_mix),
        leak_test(status_before_any_event_is_stable),
        leak_test(status_of_a_session_that_the_writer_forgot_is_not_available),
        leak_test(what_a_handler_changes_comes_back_and_the_original_stays),
        leak_test(who_does_not_want_an_event_does_not_take_part),
        leak_test(sixty_four_handlers_run_at_the_same_time),
        leak_test(cancel_stops_an_event_at_once_and_detaches_the_hung_handler),
    };
    /* They count on knowing when all is quiet, or on every allocation. */
    const struct CMUnitTest local_tests[] = {
        leak_test(freeze_has_the_writers_own_time_where_that_is_shorter),
        leak_test(shutdown_reaches_a_hung_writer_later_and_is_not_waited_for),
        leak_test(a_cancelled_identify_leaves_the_participants_as_they_were),
        leak_test(without_memory_an_event_reaches_all_writers_or_says_so),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    failed += cmocka_run_group_tests(local_tests, NULL, NULL);
    /* The others hold for writers in other processes as well. */
    transport_local_is_off = true;
    return failed + cmocka_run_group_tests_name("remote", tests, NULL, NULL);
}
