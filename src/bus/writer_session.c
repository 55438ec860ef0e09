/* SPDX-License-Identifier: MIT
 *
 * One writer's memory of one session. See writer_session.h.
 */
#include "bus/writer_session.h"

#include <vss.h>

#include "base/mem.h"

struct writer_session *writer_session_create(
    struct writer_record *record, const GUID *id, pool_function expired)
{
    struct writer_session *session = mem_alloc(sizeof(*session));
    if (!session)
        return NULL;
    session->record = record;
    session->id = *id;
    session->standing.state = VSS_WS_STABLE;
    if (FAILED(pool_timer_create(expired, session, &session->timer)))
    {
        mem_free(session);
        return NULL;
    }
    return session;
}

void writer_session_destroy(struct writer_session *session, bool on_timer)
{
    pool_timer_stop(session->timer, !on_timer);
    pool_timer_destroy(session->timer);
    bus_payload_release(session->abort);
    mem_free(session->message);
    mem_free(session);
}

void writer_session_take_message(struct writer_session *session, struct writer_call *call)
{
    session->application = call->application;
    mem_free(session->message);
    session->message = call->message;
    call->message = NULL;
}

void writer_session_forget_message(struct writer_session *session)
{
    session->application = S_OK;
    mem_free(session->message);
    session->message = NULL;
}

bool writer_session_is_idle(const struct writer_session *session)
{
    return !session->busy && !session->armed && !session->expiring && !session->standing.owed &&
        session->standing.state != VSS_WS_WAITING_FOR_FREEZE &&
        session->standing.state != VSS_WS_WAITING_FOR_POST_SNAPSHOT;
}
