/* SPDX-License-Identifier: MIT
 *
 * A writer that does what a test wrote down. See scripted_writer.h.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <windows.h>

#include "support/scripted_writer.h"

static volatile LONG ticket;

static BOOL handle(
    struct scripted_writer *writer, enum writer_event which, const THAWLINE_EVENT *event)
{
    writer->order[which] = InterlockedIncrement(&ticket);
    writer->set_id[which] = event->SnapshotSetId;
    writer->session_id[which] = event->SessionId;
    writer->had_components[which] = event->pComponents != NULL;
    InterlockedIncrement(&writer->count[which]);
    if (writer->at[which].announces)
        SetEvent(writer->at[which].announces);
    if (writer->at[which].wait_for)
        WaitForSingleObject(writer->at[which].wait_for, INFINITE);
    if (writer->at[which].action)
        writer->at[which].action(writer, event, writer->at[which].context);
    if (writer->at[which].failure != S_OK)
        ThawlineSetWriterFailure(writer->handle, writer->at[which].failure, S_OK, NULL);
    return !writer->at[which].veto;
}

static BOOL CALLBACK on_identify(
    void *context, const THAWLINE_EVENT *event, IVssCreateWriterMetadataEx *metadata)
{
    struct scripted_writer *writer = context;
    WCHAR name[32];
    for (unsigned i = 0; i < writer->components; i++)
    {
        _snwprintf(name, 32, L"data%u", i);
        if (FAILED(metadata->lpVtbl->AddComponent(metadata, VSS_CT_FILEGROUP, L"group", name, NULL,
                NULL, 0, FALSE, FALSE, TRUE, FALSE, 0)))
            return FALSE;
    }
    if (writer->describe)
        writer->describe(writer, metadata);
    return handle(writer, ON_IDENTIFY, event);
}

#define HANDLER(function, which)                                                                   \
    static BOOL CALLBACK function(void *context, const THAWLINE_EVENT *event)                      \
    {                                                                                              \
        return handle(context, which, event);                                                      \
    }

HANDLER(on_prepare_backup, ON_PREPARE_BACKUP)
HANDLER(on_prepare_snapshot, ON_PREPARE_SNAPSHOT)
HANDLER(on_freeze, ON_FREEZE)
HANDLER(on_thaw, ON_THAW)
HANDLER(on_post_snapshot, ON_POST_SNAPSHOT)
HANDLER(on_backup_complete, ON_BACKUP_COMPLETE)
HANDLER(on_backup_shutdown, ON_BACKUP_SHUTDOWN)
HANDLER(on_abort, ON_ABORT)
HANDLER(on_pre_restore, ON_PRE_RESTORE)
HANDLER(on_post_restore, ON_POST_RESTORE)

void scripted_writer_start(struct scripted_writer *writer)
{
    static const THAWLINE_WRITER_CALLBACKS callbacks = {sizeof(callbacks), on_identify,
        on_prepare_backup, on_prepare_snapshot, on_freeze, on_thaw, on_post_snapshot,
        on_backup_complete, on_backup_shutdown, on_abort, on_pre_restore, on_post_restore};
    THAWLINE_WRITER_INFO info = {
        .cbSize = sizeof(info),
        .WriterId = writer->id,
        .pwszName = writer->name,
        .pwszInstanceName = writer->instance_name,
        .Usage = VSS_UT_USERDATA,
        .Source = VSS_ST_OTHER,
        .Level = writer->level ? writer->level : VSS_APP_FRONT_END,
        .dwFreezeTimeout = writer->freeze_timeout,
    };
    assert_int_equal(ThawlineRegisterWriter(&info, &callbacks, writer, &writer->handle), S_OK);
    assert_int_equal(ThawlineGetWriterInstanceId(writer->handle, &writer->instance_id), S_OK);
}

void scripted_writer_stop(struct scripted_writer *writer)
{
    if (writer->handle)
        assert_int_equal(ThawlineUnregisterWriter(writer->handle), S_OK);
    writer->handle = NULL;
}

const char *writer_event_name(enum writer_event event)
{
    static const char *const names[WRITER_EVENTS] = {"Identify", "PrepareBackup", "PrepareSnapshot",
        "Freeze", "Thaw", "PostSnapshot", "BackupComplete", "BackupShutdown", "Abort", "PreRestore",
        "PostRestore"};
    return names[event];
}

const char *scripted_writer_events(const struct scripted_writer *writer)
{
    static char text[256];
    size_t used = 0;
    LONG after = 0;
    text[0] = 0;
    for (;;)
    {
        int next = -1;
        for (int i = ON_PREPARE_BACKUP; i < WRITER_EVENTS; i++)
            if (writer->count[i] && writer->order[i] > after &&
                (next < 0 || writer->order[i] < writer->order[next]))
                next = i;
        if (next < 0)
            return text;
        after = writer->order[next];
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used ? " " : "",
            writer_event_name((enum writer_event)next));
    }
}
