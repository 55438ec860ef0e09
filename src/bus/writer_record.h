/* SPDX-License-Identifier: MIT
 *
 * The writer's end of the bus: one record a writer, whatever it was made with. It knows who the
 * writer is, calls its handlers, and keeps what became of each session.
 *
 * Handlers of one session run one after another; those of different sessions, and Identify, beside
 * each other. No lock is held while one runs. A writer that was frozen gets Abort from the record
 * itself when Thaw fails or does not come in time. Any thread. Follows writer-provider 2.6 and 3.
 */
#ifndef THAWLINE_BUS_WRITER_RECORD_H
#define THAWLINE_BUS_WRITER_RECORD_H

#include "bus/transport.h"
#include "bus/writer_call.h"
#include "bus/writer_traits.h"

struct writer_record;

/* What a record calls. `origin` is the object behind the writer; a subscription and every call hold
   a reference. */
struct writer_face
{
    /* Runs the handler of call->payload->event; true: handled. In Identify it fills call->metadata,
       or puts another document there. */
    bool (*handle)(void *origin, struct writer_call *call);
    void (*addref)(void *origin);
    void (*release)(void *origin);
};

/* Copies `traits`, with a fresh instance id when it has none. */
HRESULT writer_record_create(const struct writer_traits *traits, const struct writer_face *face,
    void *origin, struct writer_record **record);
struct writer_record *writer_record_addref(struct writer_record *record);
void writer_record_release(struct writer_record *record); /* accepts NULL */
const struct writer_traits *writer_record_traits(const struct writer_record *record);

/* Lets events in, from requestors of this process's scope at this moment. `patience_ms`: how long
   writer_record_unsubscribe waits for handlers, 0: as long as they run.
   VSS_E_WRITER_ALREADY_SUBSCRIBED; E_OUTOFMEMORY; E_INVALIDARG: no valid scope. */
HRESULT writer_record_subscribe(struct writer_record *record, DWORD patience_ms);
/* No handler starts any more. Waits for those that run, unless the calling thread is in one of
   them: then that is the last. S_OK also when not subscribed; S_FALSE when `patience_ms` was over
   before the handlers were. */
HRESULT writer_record_unsubscribe(struct writer_record *record);
/* The scope it is subscribed in; valid while it is. */
bool writer_record_is_in_scope(const struct writer_record *record, const WCHAR *scope);

/* Takes a place at the end of the line of a session; for a transport, when an event arrives. Events
   of one session reach the writer in the order of their places, whichever thread is quicker and
   whatever handler they wait for. `place` stays until writer_record_step_out. */
void writer_record_line_up(
    struct writer_record *record, struct writer_place *place, const GUID *session_id);
/* Those behind go on. Also for a place that was given up already, or never taken (zeroed). */
void writer_record_step_out(struct writer_record *record, struct writer_place *place);

/* Delivers call->payload's event when it is the turn of call->place, and waits for the handler;
   `reply` (zeroed before) as in transport.h. */
void writer_record_deliver(
    struct writer_record *record, struct writer_call *call, struct bus_reply *reply);
/* Nobody waits for this call's answer any more. A `failure` other than S_OK is what the session's
   status then shows if its handler is running (over the deadline); S_OK leaves the session as it is
   (cancelled). */
void writer_record_abandon(struct writer_record *record, struct writer_call *call, HRESULT failure);
/* S_FALSE and STABLE for a session that the record does not know. Never waits for a handler. */
HRESULT writer_record_status(
    struct writer_record *record, const GUID *session_id, struct bus_status *status);

/* The requestor of a backup has gone: the writer gets Abort, if it is owed one, and BackupShutdown.
   Waits for a handler of that session. `latest` is the last event that came of it. */
void writer_record_end_session(struct writer_record *record, const struct bus_payload *latest);

/* Where it is and how it stands. */
void writer_record_standing(struct writer_record *record, struct bus_standing *standing);

/* The call whose handler runs on this thread; NULL: none of this writer's does. */
struct writer_call *writer_record_current_call(struct writer_record *record);
/* Whether handlers had better return: the subscription ends, or nobody waits for the calling
   thread's call. */
bool writer_record_is_shutting_down(struct writer_record *record);

#endif
