/* SPDX-License-Identifier: MIT
 *
 * How the writers are: gathering their status and reading it. Follows requestor 2.5.
 */
#include "requestor/bc.h"

#include "base/mem.h"
#include "base/str16.h"
#include "com/com_object.h"

static void row_free(void *item)
{
    struct bc_status_row *row = item;
    if (!row)
        return;
    mem_free(row->name);
    bus_status_clear(&row->status);
    mem_free(row);
}

static void free_rows(struct vec *rows)
{
    vec_free(rows, row_free);
}

void bc_free_status(struct bc *bc)
{
    free_rows(&bc->status);
    bc->has_status = false;
}

static struct bc_status_row *row_create(const struct bus_participant *participant)
{
    struct bc_status_row *row = mem_alloc(sizeof(*row));
    if (!row)
        return NULL;
    row->instance_id = participant->instance_id;
    row->writer_id = participant->writer_id;
    if (FAILED(str16_assign(&row->name, participant->name)) ||
        FAILED(bus_status_copy(&row->status, &participant->status)))
    {
        row_free(row);
        return NULL;
    }
    return row;
}

/* A picture of where the participants stand, which replaces the earlier one only when it is
   whole. */
static HRESULT take_picture(struct bc *bc)
{
    struct vec rows = {0};
    for (size_t i = 0; i < bus_session_count(bc->session); i++)
    {
        struct bc_status_row *row = row_create(bus_session_participant(bc->session, i));
        if (!row || !vec_push(&rows, row))
        {
            row_free(row);
            free_rows(&rows);
            return E_OUTOFMEMORY;
        }
    }
    free_rows(&bc->status);
    bc->status = rows;
    return S_OK;
}

static HRESULT run_gather(struct bc *bc, struct async_op *op)
{
    HRESULT hr = S_OK;
    /* Who runs is asked anew until something was told to them: then they are the restore's. */
    if (bc->metadata == METADATA_NONE && !bc->events_sent)
        hr = bus_session_identify(bc->session, op);
    if (hr == S_OK)
        hr = bus_session_gather_status(bc->session, op);
    /* `busy` keeps every reader of the list out. */
    if (hr == S_OK)
        hr = take_picture(bc);
    return hr;
}

static void gather_done(struct bc *bc, HRESULT result)
{
    if (result == VSS_S_ASYNC_FINISHED)
        bc->has_status = true;
}

BC_METHOD(GatherWriterStatus, IVssAsync **out)
{
    static const struct bc_work work = {BC_GatherWriterStatus, run_gather, gather_done};
    struct bc *bc = bc_from_interface(iface);
    if (!out)
        return bc_refuse(BC_GatherWriterStatus, "the pointer for the IVssAsync is NULL");
    *out = NULL;
    HRESULT hr = bc_enter(bc, BC_GatherWriterStatus);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, BC_GatherWriterStatus, bc_start(bc, &work, out));
}

BC_METHOD(GetWriterStatusCount, UINT *count)
{
    struct bc *bc = bc_from_interface(iface);
    if (!count)
        return bc_refuse(BC_GetWriterStatusCount, "the pointer is NULL");
    *count = 0;
    HRESULT hr = bc_enter(bc, BC_GetWriterStatusCount);
    if (FAILED(hr))
        return hr;
    *count = (UINT)bc->status.count;
    return bc_leave(bc, BC_GetWriterStatusCount, S_OK);
}

BC_METHOD0(FreeWriterStatus)
{
    struct bc *bc = bc_from_interface(iface);
    HRESULT hr = bc_enter(bc, BC_FreeWriterStatus);
    if (FAILED(hr))
        return hr;
    bc_free_status(bc);
    return bc_leave(bc, BC_FreeWriterStatus, S_OK);
}

struct status_out
{
    VSS_ID *instance_id;
    VSS_ID *writer_id;
    BSTR *name;
    VSS_WRITER_STATE *state;
    HRESULT *failure;
    HRESULT *application; /* may be NULL */
    BSTR *message;        /* may be NULL */
};

static void clear_out(const struct status_out *out)
{
    if (out->instance_id)
        *out->instance_id = GUID_NULL;
    if (out->writer_id)
        *out->writer_id = GUID_NULL;
    if (out->name)
        *out->name = NULL;
    if (out->state)
        *out->state = VSS_WS_UNKNOWN;
    if (out->failure)
        *out->failure = S_OK;
    if (out->application)
        *out->application = S_OK;
    if (out->message)
        *out->message = NULL;
}

static HRESULT fill_out(const struct bc_status_row *row, const struct status_out *out)
{
    BSTR message = NULL;
    HRESULT hr = out->message ? com_bstr(row->status.message, &message) : S_OK;
    if (SUCCEEDED(hr))
        hr = com_bstr(row->name, out->name);
    if (FAILED(hr))
    {
        SysFreeString(message);
        return hr;
    }
    *out->instance_id = row->instance_id;
    *out->writer_id = row->writer_id;
    *out->state = row->status.state;
    *out->failure = row->status.failure;
    if (out->application)
        *out->application = row->status.application;
    if (out->message)
        *out->message = message;
    return S_OK;
}

static HRESULT get_status(
    struct bc *bc, enum bc_verb verb, UINT index, const struct status_out *out)
{
    clear_out(out);
    if (!out->instance_id || !out->writer_id || !out->name || !out->state || !out->failure)
        return bc_refuse(verb, "a pointer is NULL");
    HRESULT hr = bc_enter(bc, verb);
    if (FAILED(hr))
        return hr;
    const struct bc_status_row *row = vec_at(&bc->status, index);
    hr = row ? fill_out(row, out) : VSS_E_OBJECT_NOT_FOUND;
    return bc_leave(bc, verb, hr);
}

BC_METHOD(GetWriterStatus, UINT index, VSS_ID *instance_id, VSS_ID *writer_id, BSTR *name,
    VSS_WRITER_STATE *state, HRESULT *failure)
{
    struct status_out out = {instance_id, writer_id, name, state, failure, NULL, NULL};
    return get_status(bc_from_interface(iface), BC_GetWriterStatus, index, &out);
}

BC_METHOD(GetWriterStatusEx, UINT index, VSS_ID *instance_id, VSS_ID *writer_id, BSTR *name,
    VSS_WRITER_STATE *state, HRESULT *failure, HRESULT *application, BSTR *message)
{
    struct status_out out = {instance_id, writer_id, name, state, failure, application, message};
    return get_status(bc_from_interface(iface), BC_GetWriterStatusEx, index, &out);
}
