/* SPDX-License-Identifier: MIT
 *
 * A writer that notes what happens to it and does at each event what a test wrote down, straight on
 * a writer_record. Handlers run on other threads and only record; the test thread asserts. Include
 * it after cmocka.h.
 */
#ifndef THAWLINE_TESTS_UNIT_BUS_PROBE_H
#define THAWLINE_TESTS_UNIT_BUS_PROBE_H

#include <stdio.h>

#include <vss.h>
#include <vswriter.h>

#include "bus/writer_record.h"

/* Nothing in these tests takes that long; a wait that does has failed. */
#define PATIENCE_MS 20000u

struct probe;

struct probe_step
{
    bool refuses;    /* the handler says false */
    HRESULT failure; /* not S_OK: set with writer_call_set_failure */
    HANDLE entered;  /* set when the handler runs */
    HANDLE wait_for; /* the handler waits for it */
    void (*action)(struct probe *probe, struct writer_call *call);
};

struct probe
{
    struct writer_record *record;
    struct probe_step at[EVENT_COUNT];
    volatile LONG count[EVENT_COUNT];
    volatile LONG running; /* handlers at this moment, Identify not counted */
    volatile LONG most;    /* the most there ever were */
    volatile LONG holds;
    HRESULT said; /* what an action noted */
    void *note;
};

static inline bool probe_handle(void *origin, struct writer_call *call)
{
    struct probe *probe = origin;
    enum vss_event event = call->payload->event;
    const struct probe_step *step = &probe->at[event];
    LONG now = event == EVENT_IDENTIFY ? 0 : InterlockedIncrement(&probe->running);
    LONG most = probe->most;
    while (now > most && InterlockedCompareExchange(&probe->most, now, most) != most)
        most = probe->most;
    InterlockedIncrement(&probe->count[event]);
    if (step->entered)
        SetEvent(step->entered);
    if (step->wait_for)
        WaitForSingleObject(step->wait_for, PATIENCE_MS);
    if (step->action)
        step->action(probe, call);
    if (step->failure != S_OK)
        writer_call_set_failure(call, true, step->failure, S_OK, NULL);
    bool handled = !step->refuses;
    if (event != EVENT_IDENTIFY)
        InterlockedDecrement(&probe->running);
    return handled;
}

static inline void probe_addref(void *origin)
{
    InterlockedIncrement(&((struct probe *)origin)->holds);
}

static inline void probe_release(void *origin)
{
    InterlockedDecrement(&((struct probe *)origin)->holds);
}

static const struct writer_face probe_face = {probe_handle, probe_addref, probe_release};

static const GUID probe_class = {
    0x11111111, 0x2222, 0x3333, {0x44, 0x44, 0x55, 0x55, 0x66, 0x66, 0x77, 0x77}};

static inline struct writer_traits probe_traits(void)
{
    return (struct writer_traits){.class_id = probe_class,
        .name = (WCHAR *)L"Probe",
        .usage = VSS_UT_USERDATA,
        .source = VSS_ST_OTHER,
        .level = VSS_APP_FRONT_END,
        .freeze_timeout_ms = 60000};
}

static inline void probe_create(struct probe *probe, const struct writer_traits *traits)
{
    *probe = (struct probe){0};
    assert_int_equal(writer_record_create(traits, &probe_face, probe, &probe->record), S_OK);
}

static inline void probe_start(struct probe *probe)
{
    const struct writer_traits traits = probe_traits();
    probe_create(probe, &traits);
    assert_int_equal(writer_record_subscribe(probe->record, 0), S_OK);
}

static inline void probe_start_with_timeout(struct probe *probe, DWORD freeze_timeout_ms)
{
    struct writer_traits traits = probe_traits();
    traits.freeze_timeout_ms = freeze_timeout_ms;
    probe_create(probe, &traits);
    assert_int_equal(writer_record_subscribe(probe->record, 0), S_OK);
}

static inline void probe_stop(struct probe *probe)
{
    assert_int_equal(writer_record_unsubscribe(probe->record), S_OK);
    writer_record_release(probe->record);
    probe->record = NULL;
    assert_int_equal(probe->holds, 0);
}

static inline HANDLE make_event(void)
{
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, NULL);
    assert_non_null(event);
    return event;
}

static inline void await_event(HANDLE event)
{
    assert_int_equal(WaitForSingleObject(event, PATIENCE_MS), WAIT_OBJECT_0);
}

static inline GUID session_id(unsigned number)
{
    return (GUID){0xABCD0000u + number, 1, 2, {3}};
}

static inline struct writer_call *make_call(enum vss_event event, GUID session)
{
    struct bus_payload *payload = bus_payload_create(event, 0);
    assert_non_null(payload);
    payload->session_id = session;
    struct writer_call *call = writer_call_create(payload, NULL);
    assert_non_null(call);
    bus_payload_release(payload);
    return call;
}

/* Delivers on the calling thread; the caller clears *reply. */
static inline HRESULT deliver(
    struct probe *probe, GUID session, enum vss_event event, struct bus_reply *reply)
{
    struct writer_call *call = make_call(event, session);
    *reply = (struct bus_reply){0};
    writer_record_deliver(probe->record, call, reply);
    writer_call_release(call);
    return reply->delivery;
}

/* The same when nothing but the delivery matters. */
static inline HRESULT send_only(struct probe *probe, GUID session, enum vss_event event)
{
    struct bus_reply reply;
    HRESULT hr = deliver(probe, session, event, &reply);
    bus_reply_clear(&reply);
    return hr;
}

static inline void freeze(struct probe *probe, GUID session)
{
    assert_int_equal(send_only(probe, session, EVENT_PREPARE_BACKUP), S_OK);
    assert_int_equal(send_only(probe, session, EVENT_PREPARE_SNAPSHOT), S_OK);
    assert_int_equal(send_only(probe, session, EVENT_FREEZE), S_OK);
}

static inline void assert_stands(struct probe *probe, GUID session, int state, HRESULT failure)
{
    struct bus_status status = {0};
    assert_int_equal(writer_record_status(probe->record, &session, &status), S_OK);
    bus_status_clear(&(struct bus_status){.message = status.message});
    assert_int_equal(status.state, state);
    assert_int_equal(status.failure, failure);
}

/* A delivery on a thread of its own. */
struct delivery
{
    struct probe *probe;
    struct writer_call *call;
    struct bus_reply reply;
    HANDLE thread;
};

static inline DWORD WINAPI run_delivery(void *context)
{
    struct delivery *delivery = context;
    writer_record_deliver(delivery->probe->record, delivery->call, &delivery->reply);
    return 0;
}

static inline void begin(
    struct delivery *delivery, struct probe *probe, GUID session, enum vss_event event)
{
    *delivery = (struct delivery){.probe = probe, .call = make_call(event, session)};
    delivery->thread = CreateThread(NULL, 0, run_delivery, delivery, 0, NULL);
    assert_non_null(delivery->thread);
}

/* Waits for the end; the caller clears delivery->reply. */
static inline HRESULT finish(struct delivery *delivery)
{
    await_event(delivery->thread);
    CloseHandle(delivery->thread);
    writer_call_release(delivery->call);
    return delivery->reply.delivery;
}

#endif
