/* SPDX-License-Identifier: MIT
 *
 * What one handler is handed. See writer_frame.h.
 */
#include "writer/writer_frame.h"

#include "bus/writer_traits.h"
#include "writer/create_metadata.h"
#include "writer/writer_answers.h"

static HRESULT open_components(struct writer_frame *frame)
{
    const struct bus_payload *payload = frame->call->payload;
    HRESULT hr = view_scope_create(payload->event, payload->restore, &frame->scope);
    if (SUCCEEDED(hr))
        hr = view_writer_components_create(
            frame->call->components, frame->scope, &frame->components);
    return hr;
}

HRESULT writer_frame_open(struct writer_frame *frame, struct writer_call *call)
{
    HRESULT hr = S_OK;
    *frame = (struct writer_frame){.call = call};
    if (call->metadata)
        hr = create_metadata_create(call->metadata, &frame->metadata);
    if (SUCCEEDED(hr) && call->components)
        hr = open_components(frame);
    if (SUCCEEDED(hr))
    {
        call->frame = frame;
        return S_OK;
    }
    writer_frame_close(frame);
    if (!call->metadata)
        writer_call_set_failure(call, false, VSS_E_WRITERERROR_OUTOFRESOURCES, S_OK, NULL);
    return hr;
}

void writer_frame_close(struct writer_frame *frame)
{
    frame->call->frame = NULL;
    create_metadata_close(frame->metadata);
    if (frame->scope)
        view_scope_close(frame->scope);
    view_writer_components_release(frame->components);
    view_scope_release(frame->scope);
    if (frame->identity)
        IVssExamineWriterMetadataEx2_Release(frame->identity);
}

HRESULT writer_frame_begin_anew(struct writer_frame *frame)
{
    struct writer_metadata *old = frame->call->metadata;
    const struct writer_traits traits = {.class_id = old->writer_id,
        .instance_id = old->instance_id,
        .name = old->writer_name,
        .instance_name = old->instance_name,
        .usage = old->usage,
        .source = old->source,
        .major_version = old->major_version,
        .minor_version = old->minor_version};
    IVssCreateWriterMetadataEx *face = NULL;
    struct writer_metadata *anew = writer_traits_begin_metadata(&traits);
    HRESULT hr = anew ? create_metadata_create(anew, &face) : E_OUTOFMEMORY;
    if (FAILED(hr))
    {
        writer_metadata_release(anew);
        return hr;
    }
    create_metadata_close(frame->metadata);
    frame->metadata = face;
    frame->call->metadata = anew;
    writer_metadata_release(old);
    return S_OK;
}

IVssExamineWriterMetadata *writer_frame_identity(struct writer_frame *frame)
{
    struct writer_call *call = frame->call;
    if (!writer_may_ask(ASK_IDENTITY, call) || !call->identity)
        return NULL;
    if (!frame->identity && FAILED(view_examine_create(call->identity, &frame->identity)))
        return NULL;
    return (IVssExamineWriterMetadata *)frame->identity;
}
