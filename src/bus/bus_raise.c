/* SPDX-License-Identifier: MIT
 *
 * Events from a requestor to its writers: who is called with what, and what an answer means for a
 * participant. See bus_session.h. Follows requestor 2.4 and writer-provider 3.8.
 */
#include "bus/bus_session.h"

#include <vss.h>

#include "bus/bus_fanout.h"
#include "bus/bus_session_internal.h"
#include "bus/writer_state.h"
#include "os/lock.h"

struct raising
{
    const struct bus_raise *raise;
    struct bus_tally tally;
    HRESULT hr; /* memory ran out on the way to a writer */
};

/* The handler may read the document but not change it. */
static bool is_read_only(enum vss_event event)
{
    return event == EVENT_BACKUP_COMPLETE || event == EVENT_BACKUP_SHUTDOWN;
}

/* What releases a writer has to reach one whose handler hangs, whenever that returns; but nobody
   waits for it. */
static bool is_for_hung_writers(enum vss_event event)
{
    return event == EVENT_ABORT || event == EVENT_BACKUP_SHUTDOWN;
}

static DWORD patience_for(const struct bus_raise *raise, const struct bus_participant *participant)
{
    if (participant->hung && is_for_hung_writers(raise->payload->event))
        return BUS_NO_PATIENCE;
    bool in_window = raise->payload->event == EVENT_FREEZE || raise->payload->event == EVENT_THAW;
    if (in_window && participant->freeze_timeout_ms < raise->deadline_ms)
        return participant->freeze_timeout_ms;
    return raise->deadline_ms;
}

/* What a writer's status shows that did not answer in time. */
static HRESULT overdue_in(enum vss_event event)
{
    bool timeout = event == EVENT_FREEZE || event == EVENT_THAW || event == EVENT_BACKUP_COMPLETE;
    return timeout ? VSS_E_WRITERERROR_TIMEOUT : VSS_E_WRITER_NOT_RESPONDING;
}

static HRESULT add_call(struct bus_session *session, struct bus_member *member,
    const struct bus_raise *raise, struct bus_fanout *fanout)
{
    struct writer_components *components = NULL;
    HRESULT hr = S_OK;
    if (raise->components)
        hr = raise->components(raise->context, &member->participant, &components);
    if (FAILED(hr))
    {
        writer_components_release(components);
        return hr;
    }
    const struct bus_request request = {.kind = BUS_REQUEST_EVENT,
        .session_id = session->id,
        .payload = bus_payload_addref(raise->payload),
        .components = components};
    return bus_fanout_add(fanout, member->endpoint, &request,
        patience_for(raise, &member->participant), overdue_in(raise->payload->event),
        &member->participant);
}

static void take_loss(struct bus_participant *participant, enum vss_event event, HRESULT delivery)
{
    int before = participant->status.state;
    int state = writer_state_failed_at(event);
    participant->lost = true;
    participant->hung = true;
    bus_status_clear(&participant->status);
    /* Abort has no state of its own to fail at. */
    participant->status.state = writer_state_is_failed(state) ? state : before;
    participant->status.failure = bus_delivery_failure(delivery);
}

static void note_call(struct bus_participant *participant, enum vss_event event)
{
    participant->took_part = true;
    participant->post_snapshot_done |= event == EVENT_POST_SNAPSHOT;
}

static void event_answered(void *context, struct bus_call *call)
{
    struct raising *raising = context;
    struct bus_participant *participant = call->tag;
    struct bus_reply *reply = &call->reply;
    enum vss_event event = raising->raise->payload->event;
    note_call(participant, event);
    participant->hung = false;
    if (reply->delivery == E_OUTOFMEMORY)
    {
        /* No fault of the writer's. */
        participant->failed = true;
        raising->hr = E_OUTOFMEMORY;
    }
    else if (FAILED(reply->delivery))
    {
        take_loss(participant, event, reply->delivery);
        participant->failed = true;
        raising->tally.lost++;
    }
    else
    {
        bus_status_clear(&participant->status);
        participant->status = reply->status;
        reply->status = (struct bus_status){0};
        bool failed = writer_state_is_failed(participant->status.state);
        /* A writer that failed and froze all the same still has to see Thaw or Abort. */
        participant->failed = failed && !reply->owed;
        raising->tally.vetoed += reply->vetoed || (failed && reply->delivery == S_FALSE);
    }
    if (raising->raise->answered)
        raising->raise->answered(
            raising->raise->context, participant, is_read_only(event) ? NULL : reply->components);
}

HRESULT bus_session_raise(
    struct bus_session *session, const struct bus_raise *raise, struct bus_tally *tally)
{
    struct raising raising = {.raise = raise};
    struct bus_fanout fanout = {.op = raise->op,
        .spare = &session->spare,
        .context = &raising,
        .answered = event_answered};
    lock_assert_none_held();
    HRESULT hr = bus_fanout_init(&fanout);
    for (size_t i = 0; SUCCEEDED(hr) && i < session->members.count; i++)
    {
        struct bus_member *member = session->members.items[i];
        if (member->participant.express)
            continue;
        if (!raise->wants || raise->wants(raise->context, &member->participant))
            hr = add_call(session, member, raise, &fanout);
    }
    if (SUCCEEDED(hr))
        hr = bus_fanout_run(&fanout);
    for (size_t i = 0; i < fanout.calls.count; i++)
    {
        const struct bus_call *call = fanout.calls.items[i];
        if (!call->started)
            continue;
        raising.tally.called++;
        /* Also those that were detached by a cancel. */
        note_call(call->tag, raise->payload->event);
        if (call->pending)
            ((struct bus_participant *)call->tag)->hung = true;
    }
    if (SUCCEEDED(hr) && FAILED(raising.hr))
        hr = raising.hr;
    bus_fanout_free(&fanout);
    if (tally)
        *tally = raising.tally;
    return hr;
}
