/* SPDX-License-Identifier: MIT
 *
 * One event on its way through one writer: what the handler is told and what it says. Made by the
 * transport, filled by the handler's thread while the handler runs, read by the transport after
 * that. Reference counted, because whoever waits for the handler may give up on it while it still
 * runs.
 */
#ifndef THAWLINE_BUS_WRITER_CALL_H
#define THAWLINE_BUS_WRITER_CALL_H

#include "bus/bus_payload.h"
#include "bus/writer_state.h"

/* Where an event stands in the line of its session. It belongs to the transport; its content is
   guarded by the record's lock. */
struct writer_place
{
    bool in_line;
    GUID session_id;
    struct writer_place *next;
    struct writer_place *before;
};

struct writer_call
{
    /* set once */
    struct bus_payload *payload; /* a reference */
    struct writer_place *place;  /* NULL: none, it waits for no earlier event */
    /* a reference to a copy that is this call's own; NULL when none */
    struct writer_components *components;
    LONG refs;
    /* the handler's thread only, while the handler runs */
    struct writer_metadata *metadata; /* Identify: under construction; a reference */
    struct writer_verdict verdict;
    HRESULT application;
    WCHAR *message;
    /* what the writer answered to the latest Identify; NULL: none yet; a reference */
    struct writer_metadata *identity;
    void *frame; /* belongs to the face: its own state for this call */
    /* guarded by the record's lock */
    DWORD thread;             /* the one in the handler; 0: not in it */
    bool ran;                 /* the handler has returned */
    bool abandoned;           /* nobody waits for the answer any more */
    struct writer_call *next; /* among the calls in handlers */
};

/* Takes references. NULL when memory is exhausted. */
struct writer_call *writer_call_create(
    struct bus_payload *payload, struct writer_components *components);
struct writer_call *writer_call_addref(struct writer_call *call);
void writer_call_release(struct writer_call *call); /* accepts NULL */

/* SetWriterFailureEx, on the handler's thread. VSS_E_BAD_STATE in Identify; E_INVALIDARG for a code
   that a writer may not set (`extended` adds S_OK and PARTIAL_FAILURE); E_OUTOFMEMORY. */
HRESULT writer_call_set_failure(struct writer_call *call, bool extended, HRESULT failure,
    HRESULT application, const WCHAR *message);

#endif
