/* SPDX-License-Identifier: MIT
 *
 * Writers in plain C: ThawlineRegisterWriter and its companions of include/thawline.h. Any thread.
 */
#include "thawline.h"

#include "base/mem.h"
#include "bus/writer_record.h"
#include "diag/log.h"
#include "writer/writer_answers.h"
#include "writer/writer_frame.h"
#include "writer/writer_identity.h"

struct THAWLINE_WRITER_
{
    LONG holds; /* who needs the memory: the handle, the subscription, each call */
    /* set once */
    THAWLINE_WRITER_CALLBACKS callbacks;
    void *context;
    struct writer_record *record; /* a reference */
};

static void hold(void *held)
{
    THAWLINE_WRITER writer = held;
    InterlockedIncrement(&writer->holds);
}

static void unhold(void *held)
{
    THAWLINE_WRITER writer = held;
    if (InterlockedDecrement(&writer->holds))
        return;
    writer_record_release(writer->record);
    mem_free(writer);
}

/* ---- Handlers ---- */

typedef BOOL(CALLBACK *event_callback)(void *context, const THAWLINE_EVENT *event);

static event_callback callback_for(const THAWLINE_WRITER_CALLBACKS *callbacks, enum vss_event event)
{
    switch (event)
    {
    case EVENT_PREPARE_BACKUP: return callbacks->pfnPrepareBackup;
    case EVENT_PREPARE_SNAPSHOT: return callbacks->pfnPrepareSnapshot;
    case EVENT_FREEZE: return callbacks->pfnFreeze;
    case EVENT_THAW: return callbacks->pfnThaw;
    case EVENT_POST_SNAPSHOT: return callbacks->pfnPostSnapshot;
    case EVENT_BACKUP_COMPLETE: return callbacks->pfnBackupComplete;
    case EVENT_BACKUP_SHUTDOWN: return callbacks->pfnBackupShutdown;
    case EVENT_ABORT: return callbacks->pfnAbort;
    case EVENT_PRE_RESTORE: return callbacks->pfnPreRestore;
    case EVENT_POST_RESTORE: return callbacks->pfnPostRestore;
    case EVENT_NONE:
    case EVENT_IDENTIFY:
    case EVENT_COUNT: break;
    }
    return NULL;
}

static THAWLINE_EVENT describe(THAWLINE_WRITER writer, const struct writer_frame *frame)
{
    const struct writer_call *call = frame->call;
    const struct bus_payload *payload = call->payload;
    bool shutdown = payload->event == EVENT_BACKUP_SHUTDOWN;
    THAWLINE_EVENT event = {.cbSize = sizeof(event),
        .hWriter = writer,
        .SessionId = payload->session_id,
        .SnapshotSetId = shutdown ? payload->snapshot_set_id : writer_snapshot_set(call),
        .lContext = writer_context(call),
        .BackupType = (VSS_BACKUP_TYPE)writer_backup_type(call),
        .RestoreType = (VSS_RESTORE_TYPE)writer_restore_type(call),
        .bComponentsSelected = writer_components_selected(call),
        .bBootableSystemState = writer_bootable_state_backed_up(call),
        .bPartialFileSupport = writer_partial_files_enabled(call),
        .pComponents = frame->components};
    event.ppwszVolumes = writer_volumes(call, &event.cVolumes);
    if (event.cVolumes && writer_may_ask(ASK_DEVICES, call))
        event.ppwszDevices = (const WCHAR *const *)payload->device_names;
    return event;
}

static bool handle(void *origin, struct writer_call *call)
{
    THAWLINE_WRITER writer = origin;
    struct writer_frame frame;
    if (FAILED(writer_frame_open(&frame, call)))
        return false;
    const THAWLINE_EVENT event = describe(writer, &frame);
    const THAWLINE_WRITER_CALLBACKS *callbacks = &writer->callbacks;
    event_callback callback = callback_for(callbacks, call->payload->event);
    bool handled = true;
    if (frame.metadata && callbacks->pfnIdentify)
        handled = callbacks->pfnIdentify(writer->context, &event, frame.metadata);
    else if (callback)
        handled = callback(writer->context, &event);
    writer_frame_close(&frame);
    return handled;
}

static const struct writer_face c_face = {
    .handle = handle,
    .addref = hold,
    .release = unhold,
};

/* ---- Registration ---- */

static HRESULT create(const struct writer_traits *traits,
    const THAWLINE_WRITER_CALLBACKS *callbacks, void *context, THAWLINE_WRITER *out)
{
    THAWLINE_WRITER writer = mem_alloc(sizeof(*writer));
    if (!writer)
        return E_OUTOFMEMORY;
    writer->holds = 1;
    writer->callbacks = *callbacks;
    writer->context = context;
    HRESULT hr = writer_record_create(traits, &c_face, writer, &writer->record);
    if (SUCCEEDED(hr))
        hr = writer_record_subscribe(writer->record, 0);
    if (FAILED(hr))
        unhold(writer);
    else
        *out = writer;
    return hr;
}

HRESULT THAWLINE_API ThawlineRegisterWriter(const THAWLINE_WRITER_INFO *info,
    const THAWLINE_WRITER_CALLBACKS *callbacks, void *context, THAWLINE_WRITER *writer)
{
    if (!writer)
        return log_warning(
            E_INVALIDARG, "ThawlineRegisterWriter: the pointer for the handle is NULL.");
    *writer = NULL;
    if (!info || !callbacks || info->cbSize != sizeof(*info) ||
        callbacks->cbSize != sizeof(*callbacks))
        return log_warning(
            E_INVALIDARG, "ThawlineRegisterWriter: a structure is NULL or has another cbSize.");
    const struct writer_traits traits = {.class_id = info->WriterId,
        .name = (WCHAR *)info->pwszName,
        .instance_name = (WCHAR *)info->pwszInstanceName,
        .usage = (DWORD)info->Usage,
        .source = (DWORD)info->Source,
        .level = info->Level,
        .freeze_timeout_ms = info->dwFreezeTimeout ? info->dwFreezeTimeout
                                                   : WRITER_DEFAULT_FREEZE_TIMEOUT_MS,
        .major_version = info->dwMajorVersion,
        .minor_version = info->dwMinorVersion};
    HRESULT hr = writer_identity_check(&traits);
    return SUCCEEDED(hr) ? create(&traits, callbacks, context, writer) : hr;
}

HRESULT THAWLINE_API ThawlineUnregisterWriter(THAWLINE_WRITER writer)
{
    if (!writer)
        return log_warning(E_INVALIDARG, "ThawlineUnregisterWriter: the handle is NULL.");
    writer_record_unsubscribe(writer->record);
    unhold(writer);
    return S_OK;
}

HRESULT THAWLINE_API ThawlineSetWriterFailure(
    THAWLINE_WRITER writer, HRESULT failure, HRESULT application, const WCHAR *message)
{
    if (!writer)
        return log_warning(E_INVALIDARG, "ThawlineSetWriterFailure: the handle is NULL.");
    struct writer_call *call = writer_record_current_call(writer->record);
    if (!call)
        return log_warning(VSS_E_BAD_STATE,
            "ThawlineSetWriterFailure belongs into a handler of this writer, on its thread.");
    return writer_call_set_failure(call, true, failure, application, message);
}

HRESULT THAWLINE_API ThawlineGetWriterInstanceId(THAWLINE_WRITER writer, VSS_ID *instance_id)
{
    if (!writer || !instance_id)
        return log_warning(E_INVALIDARG, "ThawlineGetWriterInstanceId: an argument is NULL.");
    *instance_id = writer_record_traits(writer->record)->instance_id;
    return S_OK;
}
