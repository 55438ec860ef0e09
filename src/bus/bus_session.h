/* SPDX-License-Identifier: MIT
 *
 * The requestor's end of the bus: the writers that take part in one backup or restore, and the
 * fan-out of events to them.
 *
 * A session is used by one operation at a time (its owner sees to that); only the functions marked
 * "any time" may run beside one. A writer that hangs costs its own deadline: its call is then
 * detached and finishes, or never does, on its own. No lock is held while a handler runs. Follows
 * requestor 2.3-2.5 and writer-provider 3.
 */
#ifndef THAWLINE_BUS_BUS_SESSION_H
#define THAWLINE_BUS_BUS_SESSION_H

#include "async/async_op.h"
#include "bus/bus_payload.h"

struct bus_session;

/* Which classes and instances are asked: the rules of Enable/DisableWriterClasses and
   DisableWriterInstances. */
HRESULT bus_session_enable_classes(struct bus_session *session, const GUID *classes, size_t count);
HRESULT bus_session_disable_classes(struct bus_session *session, const GUID *classes, size_t count);
HRESULT bus_session_disable_instances(
    struct bus_session *session, const GUID *instances, size_t count);

/* Creates the session and its id. */
HRESULT bus_session_create(struct bus_session **session);
void bus_session_destroy(struct bus_session *session);         /* accepts NULL */
const GUID *bus_session_id(const struct bus_session *session); /* any time */

/* One writer of the session, in the order of discovery. Fields are read by the owner between
   operations. */
struct bus_participant
{
    GUID instance_id;
    GUID writer_id;
    WCHAR *name;
    WCHAR *instance_name;             /* NULL when none */
    int level;                        /* VSS_APPLICATION_LEVEL: 3 front end, 2 back end, 1 system */
    DWORD freeze_timeout_ms;          /* as given to Initialize */
    struct writer_metadata *metadata; /* what it answered to Identify */
    bool express;                     /* has no code: it gets no event and freezes nothing */
    bool took_part;                   /* got an event of this session besides Identify */
    /* vetoed or failed in an earlier event of the operation: gets no more of it. A writer that set
       a failure in Freeze but froze is not failed before Thaw */
    bool failed;
    bool lost; /* could not be talked to: process gone, connection lost, deadline passed */
    bool hung; /* its last handler was given up on and may still run */
    bool post_snapshot_done;  /* PostSnapshot was delivered: gets no Abort any more */
    struct bus_status status; /* as of its last answer */
};

/* Finds the writers of this scope that the rules above let through, and asks each for Identify, all
   at once. Those that answer become the participants, replacing earlier ones. S_OK, E_OUTOFMEMORY,
   VSS_E_WRITER_INFRASTRUCTURE, VSS_S_ASYNC_CANCELLED (the participants are then as before). `op`
   may be NULL. */
HRESULT bus_session_identify(struct bus_session *session, struct async_op *op);

size_t bus_session_count(const struct bus_session *session);
struct bus_participant *bus_session_participant(const struct bus_session *session, size_t index);

/* An event for some participants, all at once. */
struct bus_raise
{
    struct bus_payload *payload;
    /* for each writer; Freeze and Thaw use the writer's own freeze window if that is shorter */
    DWORD deadline_ms;
    struct async_op *op; /* NULL, or the operation whose cancel stops the fan-out */
    void *context;
    /* Whether this participant gets the event. */
    bool (*wants)(void *context, const struct bus_participant *participant);
    /* The writer's part of the document as the event shall show it, with a reference for the bus;
       the bus hands the writer a clone. *out = NULL: no components (not in component mode). May be
       NULL. Called on the raising thread, before any writer is called. */
    HRESULT(*components)
    (void *context, const struct bus_participant *participant, struct writer_components **out);
    /* An answer has come: status, failed, lost are up to date. `changed` (NULL when none, or when
       the event is read-only) is what the writer made of its part; the reference stays the bus's.
       Called on the raising thread, in the order in which the answers come. May be NULL. */
    void (*answered)(
        void *context, struct bus_participant *participant, struct writer_components *changed);
};

struct bus_tally
{
    size_t called;
    size_t vetoed; /* returned false or called SetWriterFailure */
    size_t lost;   /* could not be talked to, or over the deadline */
};

/* S_OK whatever the writers answered (`tally`, which may be NULL, tells); VSS_S_ASYNC_CANCELLED
   when `op` was cancelled: writers not called yet are not called then, running handlers are
   detached; E_OUTOFMEMORY. */
HRESULT bus_session_raise(
    struct bus_session *session, const struct bus_raise *raise, struct bus_tally *tally);

/* Asks every participant where it stands. A writer that is gone shows VSS_E_WRITER_NOT_RESPONDING.
   Does not wait for handlers that are running. */
HRESULT bus_session_gather_status(struct bus_session *session, struct async_op *op);

#endif
