/* SPDX-License-Identifier: MIT
 *
 * A writer for scenario tests: it notes which events came, in which order and with what, and does
 * at each event what the test wrote down beforehand. Uses the public API only.
 *
 * Handlers run on the DLL's threads; what they noted is read by the test thread after the operation
 * has ended.
 */
#ifndef THAWLINE_TESTS_SUPPORT_SCRIPTED_WRITER_H
#define THAWLINE_TESTS_SUPPORT_SCRIPTED_WRITER_H

#include <thawline.h>

enum writer_event
{
    ON_IDENTIFY,
    ON_PREPARE_BACKUP,
    ON_PREPARE_SNAPSHOT,
    ON_FREEZE,
    ON_THAW,
    ON_POST_SNAPSHOT,
    ON_BACKUP_COMPLETE,
    ON_BACKUP_SHUTDOWN,
    ON_ABORT,
    ON_PRE_RESTORE,
    ON_POST_RESTORE,
    WRITER_EVENTS
};

struct scripted_writer
{
    /* set by the test before registering */
    const WCHAR *name;
    const WCHAR *instance_name; /* NULL: none */
    VSS_ID id;
    VSS_APPLICATION_LEVEL level; /* 0: front end */
    DWORD freeze_timeout;        /* 0: default */
    unsigned components; /* how many file groups it has: "data0".. under logical path "group" */
    /* says more in Identify, after those; may be NULL */
    void (*describe)(struct scripted_writer *writer, IVssCreateWriterMetadataEx *metadata);
    struct
    {
        BOOL veto;
        HRESULT failure;  /* given to ThawlineSetWriterFailure when not S_OK */
        HANDLE wait_for;  /* the handler waits for it before it returns */
        HANDLE announces; /* set when the handler is entered */
        void (*action)(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context);
        void *context;
    } at[WRITER_EVENTS];

    /* noted by the handlers */
    volatile LONG count[WRITER_EVENTS];
    volatile LONG order[WRITER_EVENTS]; /* ticket of the last time: over all writers */
    VSS_ID set_id[WRITER_EVENTS];
    VSS_ID session_id[WRITER_EVENTS];
    BOOL had_components[WRITER_EVENTS];
    THAWLINE_WRITER handle;
    VSS_ID instance_id;
};

/* Registers it; fails the test when that fails. To be called on the test thread. */
void scripted_writer_start(struct scripted_writer *writer);
void scripted_writer_stop(struct scripted_writer *writer);

const char *writer_event_name(enum writer_event event);

/* "Identify PrepareBackup ...": which events came, without counts, Identify left out; static buffer
   of the writer's. */
const char *scripted_writer_events(const struct scripted_writer *writer);

#endif
