/* SPDX-License-Identifier: MIT
 *
 * What one writer remembers of one requestor's session: where it stands, what it said, the freeze
 * timer. Part of writer_record: everything here is guarded by the record's lock unless it says
 * otherwise.
 */
#ifndef THAWLINE_BUS_WRITER_SESSION_H
#define THAWLINE_BUS_WRITER_SESSION_H

#include "bus/bus_payload.h"
#include "bus/writer_call.h"
#include "bus/writer_state.h"
#include "os/pool.h"

/* Sessions that one writer remembers. Beyond that the one that was idle longest is forgotten. */
#define WRITER_SESSION_LIMIT 64

struct writer_session
{
    /* set once */
    struct writer_record *record;
    GUID id;
    struct pool_timer *timer;
    /* guarded by the record's lock */
    struct writer_standing standing;
    HRESULT application;
    WCHAR *message;
    bool busy; /* a handler of this session runs, or is about to */
    /* which; NULL while it is an Abort that the record itself raised */
    struct writer_call *running;
    bool overtaken; /* the running handler took too long: what it says counts no more */
    bool armed;     /* the freeze timer runs, and holds a reference to the record */
    bool expiring;  /* its callback runs, with that reference */
    /* out of the record's table; freed by whoever ends `busy` or `expiring` last */
    bool dropped;
    uint64_t used; /* the record's count of deliveries when it was last used */
    /* what the record's own Abort carries; made before Freeze is delivered */
    struct bus_payload *abort;
};

/* NULL when memory is exhausted. `expired(session)` runs on a pool thread when the freeze timer
   fires. Without the record's lock. */
struct writer_session *writer_session_create(
    struct writer_record *record, const GUID *id, pool_function expired);
/* Out of the table, unarmed, neither busy nor expiring. Without the record's lock. `on_timer`: the
   calling thread runs the session's own timer callback; else this waits for one that has just
   begun. */
void writer_session_destroy(struct writer_session *session, bool on_timer);

/* Takes what the handler of `call` set beside the failure code. */
void writer_session_take_message(struct writer_session *session, struct writer_call *call);
void writer_session_forget_message(struct writer_session *session);

/* Nobody waits for anything of it. */
bool writer_session_is_idle(const struct writer_session *session);

#endif
