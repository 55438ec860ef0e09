/* SPDX-License-Identifier: MIT
 *
 * The course of a restore: what is selected, PreRestore, PostRestore; and which running writer a
 * part of the saved document belongs to. Follows requestor 2.8 and 6.
 *
 * A writer's metadata says which of the two events it wants (writer-provider 3.6).
 *
 * The document knows writers by the instances that were backed up; those that run now are others of
 * the same classes. A part goes to one of them: the one that was asked for, else the same instance,
 * else the one with the same instance name, else the first.
 */
#include "requestor/bc.h"

#include "base/guid.h"
#include "base/str16.h"
#include "diag/log.h"

/* ---- Parts and writers ---- */

static const struct component *first_selected(const struct writer_components *part)
{
    for (size_t i = 0; i < part->components.count; i++)
    {
        const struct component *component = part->components.items[i];
        if (component->selected_for_restore)
            return component;
    }
    return NULL;
}

/* How well a running writer fits the part; 0: it is another writer. */
static int fitness(const struct writer_components *part, const GUID *wanted,
    const struct bus_participant *participant)
{
    if (!guid_equal(&part->writer_id, &participant->writer_id))
        return 0;
    if (!guid_is_null(wanted))
        return guid_equal(wanted, &participant->instance_id) ? 4 : 0;
    if (guid_equal(&part->instance_id, &participant->instance_id))
        return 3;
    return str16_equal_or_empty(part->instance_name, participant->instance_name) ? 2 : 1;
}

/* The running writer that a part goes to; NULL: none of its class runs. */
static const struct bus_participant *target_of(
    const struct bc *bc, const struct writer_components *part)
{
    const struct component *selected = first_selected(part);
    const GUID *wanted = selected ? &selected->restore_instance_id : &guid_null;
    const struct bus_participant *best = NULL;
    int best_fitness = 0;
    for (size_t i = 0; i < bus_session_count(bc->session); i++)
    {
        const struct bus_participant *participant = bus_session_participant(bc->session, i);
        int fits = fitness(part, wanted, participant);
        if (fits > best_fitness)
        {
            best = participant;
            best_fitness = fits;
        }
    }
    return best;
}

struct writer_components *bc_restore_part(
    const struct bc *bc, const struct bus_participant *participant)
{
    for (size_t i = 0; i < bc->document->writers.count; i++)
    {
        struct writer_components *part = bc->document->writers.items[i];
        if (first_selected(part) && target_of(bc, part) == participant)
            return part;
    }
    return NULL;
}

/* ---- Who wants the events ---- */

/* Whether the requestor could not put files of the writer back where it was to. */
static bool replacing_failed(const struct bc *bc, const struct bus_participant *participant)
{
    DWORD method = participant->metadata->restore_method->method;
    const struct writer_components *part = bc_restore_part(bc, participant);
    bool replaces = method == VSS_RME_RESTORE_IF_NOT_THERE ||
        method == VSS_RME_RESTORE_IF_CAN_REPLACE;
    if (!part || !replaces)
        return false;
    for (size_t i = 0; i < part->components.count; i++)
    {
        const struct component *component = part->components.items[i];
        if (component->file_restore_status == VSS_RS_FAILED)
            return true;
    }
    return false;
}

/* A writer that set no method gets both events: it said nothing against them. */
bool bc_restore_wanted(
    const struct bc *bc, const struct bus_participant *participant, enum vss_event event)
{
    const struct writer_metadata *metadata = participant->metadata;
    const struct restore_method *method = metadata ? metadata->restore_method : NULL;
    if (!method)
        return true;
    if (method->writer_restore == VSS_WRE_NEVER)
        return false;
    return method->writer_restore != VSS_WRE_IF_REPLACE_FAILS || event == EVENT_PRE_RESTORE ||
        replacing_failed(bc, participant);
}

/* ---- Selecting ---- */

static bool runs(const struct bc *bc, const VSS_ID *writer_id, const VSS_ID *instance_id)
{
    for (size_t i = 0; i < bus_session_count(bc->session); i++)
    {
        const struct bus_participant *participant = bus_session_participant(bc->session, i);
        if (guid_equal(&participant->writer_id, writer_id) &&
            (guid_is_null(instance_id) || guid_equal(&participant->instance_id, instance_id)))
            return true;
    }
    return false;
}

struct selection
{
    bool selected;
    const VSS_ID *instance_id;
};

static HRESULT select_component(struct component *component, const void *wish, const char **why)
{
    const struct selection *selection = wish;
    (void)why;
    component->selected_for_restore = selection->selected;
    component->restore_instance_id = selection->selected ? *selection->instance_id : guid_null;
    return S_OK;
}

static HRESULT set_selected(struct bc *bc, enum bc_verb verb, const struct bc_identity *identity,
    bool selected, const VSS_ID *instance_id)
{
    struct selection selection = {selected, instance_id};
    HRESULT hr = bc_check_identity(verb, identity->type, identity->name);
    if (SUCCEEDED(hr))
        hr = bc_enter(bc, verb);
    if (FAILED(hr))
        return hr;
    if (runs(bc, identity->writer_id, instance_id))
        hr = bc_change_component(bc, verb, identity, select_component, &selection);
    else
        hr = log_error(
            VSS_E_OBJECT_NOT_FOUND, "%s: no such writer is running.", bc_verb_name(verb));
    return bc_leave(bc, verb, hr);
}

BC_METHOD(SetSelectedForRestore, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, boolean selected)
{
    struct bc_identity identity = {&writer_id, type, path, name};
    return set_selected(
        bc_from_interface(iface), BC_SetSelectedForRestore, &identity, selected != 0, &guid_null);
}

BC_METHOD(SetSelectedForRestoreEx, VSS_ID writer_id, VSS_COMPONENT_TYPE type, LPCWSTR path,
    LPCWSTR name, boolean selected, VSS_ID instance_id)
{
    struct bc_identity identity = {&writer_id, type, path, name};
    return set_selected(bc_from_interface(iface), BC_SetSelectedForRestoreEx, &identity,
        selected != 0, &instance_id);
}

/* ---- The events ---- */

static HRESULT run_pre_restore(struct bc *bc, struct async_op *op)
{
    struct bc_event event = {.event = EVENT_PRE_RESTORE, .op = op};
    return bc_raise(bc, &event, NULL);
}

static void pre_restore_done(struct bc *bc, HRESULT result)
{
    if (result == VSS_S_ASYNC_FINISHED)
        bc_set_phase(bc, PHASE_PRE);
}

BC_METHOD(PreRestore, IVssAsync **out)
{
    static const struct bc_work work = {BC_PreRestore, run_pre_restore, pre_restore_done};
    return bc_start_verb(bc_from_interface(iface), &work, out);
}

static HRESULT run_post_restore(struct bc *bc, struct async_op *op)
{
    struct bc_event event = {.event = EVENT_POST_RESTORE, .op = op};
    struct bus_tally tally = {0};
    HRESULT hr = bc_raise(bc, &event, &tally);
    if (hr == S_OK && tally.lost)
        hr = log_error(VSS_E_UNEXPECTED_WRITER_ERROR,
            "%zu of %zu writers were lost or late in PostRestore; the others were served.",
            tally.lost, tally.called);
    return hr;
}

static void post_restore_done(struct bc *bc, HRESULT result)
{
    if (SUCCEEDED(result) || result == VSS_E_UNEXPECTED_WRITER_ERROR)
        bc_set_phase(bc, PHASE_POST);
}

BC_METHOD(PostRestore, IVssAsync **out)
{
    static const struct bc_work work = {BC_PostRestore, run_post_restore, post_restore_done};
    return bc_start_verb(bc_from_interface(iface), &work, out);
}
