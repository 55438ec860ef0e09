/* SPDX-License-Identifier: MIT
 *
 * Events become calls of a C++ object's handlers. See cvss_writer.h.
 */
#include "writer/cvss_writer.h"

#include "writer/writer_frame.h"

/* OnIdentifyEx comes first and OnIdentify if that says false: a class overrides the one or the
   other, and what the base classes say is true in Microsoft's pages and false in its header. Of a
   class that overrides both the second finds nothing of what the first had added. */
static boolean identify(CVssWriter *writer, bool ex, struct writer_frame *frame)
{
    if (ex && writer->lpVtbl->OnIdentifyEx(writer, frame->metadata))
        return true;
    if (ex && FAILED(writer_frame_begin_anew(frame)))
        return false;
    return writer->lpVtbl->OnIdentify(writer, (IVssCreateWriterMetadata *)frame->metadata);
}

static boolean call_handler(CVssWriter *writer, bool ex, struct writer_frame *frame)
{
    const CVssWriterVtbl *vtbl = writer->lpVtbl;
    const struct bus_payload *payload = frame->call->payload;
    switch (payload->event)
    {
    case EVENT_IDENTIFY: return identify(writer, ex, frame);
    case EVENT_PREPARE_BACKUP: return vtbl->OnPrepareBackup(writer, frame->components);
    case EVENT_PREPARE_SNAPSHOT: return vtbl->OnPrepareSnapshot(writer);
    case EVENT_FREEZE: return vtbl->OnFreeze(writer);
    case EVENT_THAW: return vtbl->OnThaw(writer);
    case EVENT_POST_SNAPSHOT: return vtbl->OnPostSnapshot(writer, frame->components);
    case EVENT_BACKUP_COMPLETE: return vtbl->OnBackupComplete(writer, frame->components);
    case EVENT_BACKUP_SHUTDOWN: return vtbl->OnBackupShutdown(writer, payload->snapshot_set_id);
    case EVENT_ABORT: return vtbl->OnAbort(writer);
    case EVENT_PRE_RESTORE: return vtbl->OnPreRestore(writer, frame->components);
    case EVENT_POST_RESTORE: return vtbl->OnPostRestore(writer, frame->components);
    case EVENT_NONE:
    case EVENT_COUNT: break;
    }
    return false;
}

bool cvss_writer_handle(CVssWriter *writer, bool ex, struct writer_call *call)
{
    struct writer_frame frame;
    if (FAILED(writer_frame_open(&frame, call)))
        return false;
    bool handled = call_handler(writer, ex, &frame) != 0;
    writer_frame_close(&frame);
    return handled;
}
