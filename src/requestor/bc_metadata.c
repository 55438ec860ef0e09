/* SPDX-License-Identifier: MIT
 *
 * Finding the writers: the choice of classes and instances, gathering their metadata and reading
 * it. Follows requestor 2.3.
 */
#include "requestor/bc.h"

#include "base/str16.h"

typedef HRESULT (*choose_function)(struct bus_session *session, const GUID *ids, size_t count);

static HRESULT choose(
    struct bc *bc, enum bc_verb verb, const VSS_ID *ids, UINT count, choose_function function)
{
    if (!ids && count)
        return bc_refuse(verb, "the array is NULL");
    HRESULT hr = bc_enter(bc, verb);
    if (FAILED(hr))
        return hr;
    /* Effective only before the gather; afterwards accepted without effect. */
    if (bc->metadata == METADATA_NONE && count)
        hr = function(bc->session, ids, count);
    return bc_leave(bc, verb, hr);
}

BC_METHOD(DisableWriterClasses, const VSS_ID *ids, UINT count)
{
    return choose(
        bc_from_interface(iface), BC_DisableWriterClasses, ids, count, bus_session_disable_classes);
}

BC_METHOD(EnableWriterClasses, const VSS_ID *ids, UINT count)
{
    return choose(
        bc_from_interface(iface), BC_EnableWriterClasses, ids, count, bus_session_enable_classes);
}

BC_METHOD(DisableWriterInstances, const VSS_ID *ids, UINT count)
{
    return choose(bc_from_interface(iface), BC_DisableWriterInstances, ids, count,
        bus_session_disable_instances);
}

static HRESULT run_gather(struct bc *bc, struct async_op *op)
{
    return bus_session_identify(bc->session, op);
}

static void gather_done(struct bc *bc, HRESULT result)
{
    if (result == VSS_S_ASYNC_FINISHED)
        bc->metadata = METADATA_HELD;
}

BC_METHOD(GatherWriterMetadata, IVssAsync **out)
{
    static const struct bc_work work = {BC_GatherWriterMetadata, run_gather, gather_done};
    struct bc *bc = bc_from_interface(iface);
    if (!out)
        return bc_refuse(BC_GatherWriterMetadata, "the pointer for the IVssAsync is NULL");
    *out = NULL;
    HRESULT hr = bc_enter(bc, BC_GatherWriterMetadata);
    if (FAILED(hr))
        return hr;
    return bc_leave(bc, BC_GatherWriterMetadata, bc_start(bc, &work, out));
}

BC_METHOD(GetWriterMetadataCount, UINT *count)
{
    struct bc *bc = bc_from_interface(iface);
    if (!count)
        return bc_refuse(BC_GetWriterMetadataCount, "the pointer is NULL");
    *count = 0;
    HRESULT hr = bc_enter(bc, BC_GetWriterMetadataCount);
    if (FAILED(hr))
        return hr;
    *count = (UINT)bus_session_count(bc->session);
    return bc_leave(bc, BC_GetWriterMetadataCount, S_OK);
}

static HRESULT get_metadata(struct bc *bc, enum bc_verb verb, UINT index, VSS_ID *instance_id,
    IVssExamineWriterMetadataEx2 **face)
{
    HRESULT hr = bc_enter(bc, verb);
    if (FAILED(hr))
        return hr;
    if (index >= bus_session_count(bc->session))
        return bc_leave(bc, verb, VSS_E_OBJECT_NOT_FOUND);
    const struct bus_participant *participant = bus_session_participant(bc->session, index);
    hr = view_examine_create(participant->metadata, face);
    if (SUCCEEDED(hr))
        *instance_id = participant->instance_id;
    return bc_leave(bc, verb, hr);
}

BC_METHOD(GetWriterMetadata, UINT index, VSS_ID *instance_id, IVssExamineWriterMetadata **out)
{
    IVssExamineWriterMetadataEx2 *face = NULL;
    if (instance_id)
        *instance_id = GUID_NULL;
    if (out)
        *out = NULL;
    if (!instance_id || !out)
        return bc_refuse(BC_GetWriterMetadata, "a pointer is NULL");
    HRESULT hr = get_metadata(
        bc_from_interface(iface), BC_GetWriterMetadata, index, instance_id, &face);
    /* One table serves the whole chain: the pointer is the same for every base. */
    *out = (IVssExamineWriterMetadata *)face;
    return hr;
}

BC_METHOD(GetWriterMetadataEx, UINT index, VSS_ID *instance_id, IVssExamineWriterMetadataEx **out)
{
    IVssExamineWriterMetadataEx2 *face = NULL;
    if (instance_id)
        *instance_id = GUID_NULL;
    if (out)
        *out = NULL;
    if (!instance_id || !out)
        return bc_refuse(BC_GetWriterMetadataEx, "a pointer is NULL");
    HRESULT hr = get_metadata(
        bc_from_interface(iface), BC_GetWriterMetadataEx, index, instance_id, &face);
    *out = (IVssExamineWriterMetadataEx *)face;
    return hr;
}

BC_METHOD0(FreeWriterMetadata)
{
    struct bc *bc = bc_from_interface(iface);
    HRESULT hr = bc_enter(bc, BC_FreeWriterMetadata);
    if (FAILED(hr))
        return hr;
    bc->metadata = METADATA_FREED;
    return bc_leave(bc, BC_FreeWriterMetadata, S_OK);
}
