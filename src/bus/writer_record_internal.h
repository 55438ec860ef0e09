/* SPDX-License-Identifier: MIT
 *
 * The record's inside, shared by writer_record.c (life, subscription, status) and writer_deliver.c
 * (handlers).
 */
#ifndef THAWLINE_BUS_WRITER_RECORD_INTERNAL_H
#define THAWLINE_BUS_WRITER_RECORD_INTERNAL_H

#include "base/vec.h"
#include "bus/pipe_server.h"
#include "bus/writer_record.h"
#include "bus/writer_session.h"
#include "os/lock.h"
#include "os/settings.h"

struct writer_record
{
    LONG refs;
    /* set once */
    struct writer_traits traits;
    const struct writer_face *face;
    void *origin;
    struct lock lock;
    /* a handler has returned, a call was abandoned, the subscription ends */
    CONDITION_VARIABLE changed;
    /* guarded by the registry's lock while in the registry */
    WCHAR scope[SCOPE_LENGTH + 1];
    /* guarded by lock */
    bool subscribed;
    uint64_t subscribed_at;
    struct pipe_server *server; /* what other processes connect to */
    int latest_state;           /* of whatever session had the latest event */
    HRESULT latest_failure;
    bool ending; /* writer_record_unsubscribe is at work */
    DWORD patience_ms;
    struct vec sessions; /* struct writer_session */
    uint64_t deliveries;
    struct writer_call *in_handlers; /* a list through `next` */
    struct writer_place *line; /* a list through `next`, of all sessions; the first came first */
    struct writer_place *line_end; /* its last; NULL: it is empty */
    struct writer_metadata *identity; /* the latest answer to Identify; NULL: none yet */
};

/* Drops a reference on a thread that runs the timer callback of `own` (NULL: of none). */
void writer_record_put(struct writer_record *record, struct writer_session *own);

/* With the lock held: what the session says now is what the writer shows to anyone. */
void writer_record_note_standing(
    struct writer_record *record, const struct writer_standing *standing);

/* With the lock held: the session of this id in the table, or NULL. */
struct writer_session *writer_record_find_session(struct writer_record *record, const GUID *id);
/* With the lock held: takes a session out of the table and stops its timer. Whoever ends `busy` or
   `expiring` last destroys it; the caller does when neither is set. */
void writer_record_drop_session(struct writer_record *record, struct writer_session *session);

/* With the lock held: whether no earlier event of its session waits; always for NULL. */
bool writer_record_is_first(const struct writer_record *record, const struct writer_place *place);
/* With the lock held: writer_record_step_out; accepts NULL. */
void writer_record_leave_line(struct writer_record *record, struct writer_place *place);

/* With the lock held. */
void writer_record_arm(struct writer_session *session, DWORD delay_ms);
void writer_record_disarm(struct writer_session *session);

/* With the lock held: the call in a handler of this writer on the calling thread, or NULL. */
struct writer_call *writer_record_own_call(const struct writer_record *record);

/* The callback of a session's freeze timer. */
void writer_record_expired(void *session);

#endif
