/* SPDX-License-Identifier: MIT
 *
 * Events to the writers of a session: who gets which (requestor 1.8, 1.9 items 6 and 25, 2.3-2.8),
 * what the event carries, and what of a writer's answer goes into the document.
 */
#include "requestor/bc.h"

#include "base/mem.h"
#include "diag/log.h"
#include "os/settings.h"

/* Handlers other than Freeze and Thaw do real work: Microsoft names no limit for them. */
#define DEFAULT_EVENT_TIMEOUT_MS 600000u

struct raising
{
    struct bc *bc;
    const struct bc_event *event;
};

DWORD bc_event_deadline(void)
{
    return settings_get_number(L"EVENT_TIMEOUT", DEFAULT_EVENT_TIMEOUT_MS);
}

/* The writer's part of the document; NULL when it has none. */
static struct writer_components *part_of(
    const struct bc *bc, const struct bus_participant *participant)
{
    if (bc->phase >= PHASE_RS)
        return bc_restore_part(bc, participant);
    return backup_components_find_instance(bc->document, &participant->instance_id);
}

static bool takes_part(const struct bc *bc, const struct bus_participant *participant)
{
    return !bc->document->select_components || part_of(bc, participant) != NULL;
}

static bool wants(void *context, const struct bus_participant *participant)
{
    const struct raising *raising = context;
    const struct bc *bc = raising->bc;
    if (participant->lost && raising->event->event != EVENT_BACKUP_SHUTDOWN)
        return false;
    if (raising->event->level && participant->level != raising->event->level)
        return false;
    switch (raising->event->event)
    {
    case EVENT_PREPARE_BACKUP: return takes_part(bc, participant);
    case EVENT_BACKUP_SHUTDOWN: return participant->took_part;
    case EVENT_ABORT:
        return participant->took_part && !participant->failed && !participant->post_snapshot_done;
    case EVENT_PRE_RESTORE:
        return takes_part(bc, participant) && bc_restore_wanted(bc, participant, EVENT_PRE_RESTORE);
    /* Also one that failed in PreRestore. */
    case EVENT_POST_RESTORE:
        return participant->took_part && bc_restore_wanted(bc, participant, EVENT_POST_RESTORE);
    default: return participant->took_part && !participant->failed;
    }
}

static bool carries_components(enum vss_event event)
{
    return event == EVENT_PREPARE_BACKUP || event == EVENT_POST_SNAPSHOT ||
        event == EVENT_BACKUP_COMPLETE || event == EVENT_PRE_RESTORE || event == EVENT_POST_RESTORE;
}

static HRESULT give_components(
    void *context, const struct bus_participant *participant, struct writer_components **out)
{
    const struct raising *raising = context;
    struct bc *bc = raising->bc;
    *out = NULL;
    if (!bc->document->select_components || !carries_components(raising->event->event))
        return S_OK;
    view_scope_enter(bc->scope);
    struct writer_components *writer = part_of(bc, participant);
    if (writer)
        *out = writer_components_addref(writer);
    view_scope_leave(bc->scope);
    return S_OK;
}

static void take_answer(
    void *context, struct bus_participant *participant, struct writer_components *changed)
{
    const struct raising *raising = context;
    struct bc *bc = raising->bc;
    if (participant->lost)
        log_warning(participant->status.failure,
            "Writer %ls could not be reached or did not answer %s in time.", participant->name,
            event_name(raising->event->event));
    else if (FAILED(participant->status.failure))
        log_warning(participant->status.failure, "Writer %ls fails at %s.", participant->name,
            event_name(raising->event->event));
    if (!changed || raising->event->read_only)
        return;
    view_scope_enter(bc->scope);
    backup_components_replace(bc->document, changed);
    view_scope_leave(bc->scope);
}

static bool has_volumes(enum vss_event event)
{
    return event >= EVENT_PREPARE_SNAPSHOT && event <= EVENT_POST_SNAPSHOT;
}

static HRESULT make_payload(const struct bc *bc, enum vss_event event, struct bus_payload **out)
{
    const struct snapshot_set *set = bc->set ? set_builder_set(bc->set) : NULL;
    size_t volumes = set && has_volumes(event) ? set->snapshots.count : 0;
    struct bus_payload *payload = bus_payload_create(event, volumes);
    if (!payload)
        return E_OUTOFMEMORY;
    payload->session_id = *bus_session_id(bc->session);
    /* BackupShutdown carries the id of a set that was really made; the others that of the set in
       the making. */
    if (set &&
        (event == EVENT_BACKUP_SHUTDOWN ? set_builder_made(bc->set) : event > EVENT_PREPARE_BACKUP))
        payload->snapshot_set_id = set->id;
    payload->context = bc->context;
    payload->restore = bc->phase >= PHASE_RS;
    payload->select_components = bc->document->select_components;
    payload->bootable_system_state = bc->document->bootable_system_state;
    payload->partial_file_support = bc->document->partial_file_support;
    payload->backup_type = bc->document->backup_type;
    payload->restore_type = bc->document->restore_type;
    HRESULT hr = S_OK;
    for (size_t i = 0; SUCCEEDED(hr) && i < volumes; i++)
    {
        const struct snapshot *snapshot = set->snapshots.items[i];
        hr = bus_payload_set_volume(payload, i, snapshot->volume_name, snapshot->volume_path,
            event == EVENT_POST_SNAPSHOT ? snapshot->device_object : NULL);
    }
    if (FAILED(hr))
        bus_payload_release(payload);
    else
        *out = payload;
    return hr;
}

HRESULT bc_raise(struct bc *bc, const struct bc_event *event, struct bus_tally *tally)
{
    struct bus_payload *payload = NULL;
    struct bus_tally local = {0};
    struct raising raising = {bc, event};
    HRESULT hr = make_payload(bc, event->event, &payload);
    if (FAILED(hr))
        return hr;
    struct bus_raise raise = {
        .payload = payload,
        .deadline_ms = bc_event_deadline(),
        .op = event->op,
        .context = &raising,
        .wants = wants,
        .components = give_components,
        .answered = take_answer,
    };
    hr = bus_session_raise(bc->session, &raise, &local);
    bus_payload_release(payload);
    bc->events_sent |= local.called > 0;
    if (tally)
        *tally = local;
    return hr;
}
