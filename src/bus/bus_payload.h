/* SPDX-License-Identifier: MIT
 *
 * What one event carries to the writers, and what one writer answers.
 *
 * A payload is built once for an event, is never changed afterwards and is shared by all its
 * receivers; it is reference counted because a handler that hangs may outlive the operation that
 * called it.
 */
#ifndef THAWLINE_BUS_BUS_PAYLOAD_H
#define THAWLINE_BUS_BUS_PAYLOAD_H

#include "model/backup_components.h"
#include "model/event.h"
#include "model/writer_metadata.h"

struct bus_payload
{
    enum vss_event event;
    GUID session_id;
    GUID snapshot_set_id; /* GUID_NULL when there is none; BackupShutdown's argument */
    LONG context;
    bool restore;
    bool select_components;
    bool bootable_system_state;
    bool partial_file_support;
    DWORD backup_type;  /* VSS_BACKUP_TYPE */
    DWORD restore_type; /* VSS_RESTORE_TYPE */
    size_t volume_count;
    WCHAR **volume_names; /* \\?\Volume{guid}\ with trailing backslash */
    WCHAR **volume_paths; /* `C:\`: for IsPathAffected */
    WCHAR **device_names; /* without trailing backslash; entries NULL before PostSnapshot */
    long refs;
};

struct bus_payload *bus_payload_create(
    enum vss_event event, size_t volume_count); /* NULL: memory exhausted */
/* Takes over what `earlier` says of set and session, but for event, session id and volumes. */
void bus_payload_continue(struct bus_payload *payload, const struct bus_payload *earlier);
/* Copies the strings; `device_name` may be NULL. */
HRESULT bus_payload_set_volume(struct bus_payload *payload, size_t index, const WCHAR *volume_name,
    const WCHAR *volume_path, const WCHAR *device_name);
struct bus_payload *bus_payload_addref(struct bus_payload *payload);
void bus_payload_release(struct bus_payload *payload); /* accepts NULL */

/* Where a writer stands: VSS_WRITER_STATE and VSS_E_WRITERERROR_*; the two are independent. */
struct bus_status
{
    int state;           /* VSS_WRITER_STATE */
    HRESULT failure;     /* S_OK when all is well */
    HRESULT application; /* SetWriterFailureEx: hrApplication; S_OK when not given */
    WCHAR *message;      /* SetWriterFailureEx; NULL when not given */
};

void bus_status_clear(struct bus_status *status); /* frees the message; STABLE, S_OK */
HRESULT bus_status_copy(struct bus_status *target, const struct bus_status *source);

#endif
