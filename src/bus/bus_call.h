/* SPDX-License-Identifier: MIT
 *
 * Requests under way to several writers, and their answers gathered on one thread.
 *
 * One thread makes the calls, starts them, drives the transports that need it, takes the answers in
 * the order in which they come, and detaches what it will not wait for. Transports complete calls
 * on any thread; the answer to a detached call is thrown away. Follows requestor 2.4, design 5.
 */
#ifndef THAWLINE_BUS_BUS_CALL_H
#define THAWLINE_BUS_BUS_CALL_H

#include "async/async_op.h"
#include "bus/transport.h"
#include "diag/trace.h"

struct bus_gathering;

struct bus_call
{
    /* set once */
    struct bus_gathering *gathering; /* a reference */
    struct bus_endpoint *endpoint;   /* a reference */
    struct bus_request request;
    struct async_op *op; /* on whose behalf handlers run; NULL: none; a reference */
    LONG refs;
    /* the transport's: set by `start` before anyone else can see it, freed by `forget` */
    void *transport_data;
    /* the gathering thread's */
    void *tag;
    DWORD patience_ms; /* from the start to the deadline */
    HRESULT overdue;   /* what the answer is when it has passed */
    bool started;
    bool pending; /* started, and not answered yet */
    uint64_t deadline_ms;
    struct trace_span span;
    struct bus_reply reply; /* filled when bus_gathering_take returns the call */
    /* guarded by the gathering's lock */
    bool detached;
    struct bus_call *next_answered;
};

HRESULT bus_gathering_create(struct bus_gathering **gathering);
/* The calling thread is the gathering one from now on. */
void bus_gathering_begin(struct bus_gathering *gathering);
/* The gathering thread is done; completions may still come. Accepts NULL. */
void bus_gathering_release(struct bus_gathering *gathering);
/* No call of it is left, so that it can serve others. */
bool bus_gathering_is_idle(const struct bus_gathering *gathering);

/* `request` gives its references away on success only. NULL when memory is exhausted. */
struct bus_call *bus_call_create(struct bus_gathering *gathering, struct bus_endpoint *endpoint,
    const struct bus_request *request, struct async_op *op);
void bus_call_addref(struct bus_call *call);
void bus_call_release(void *call); /* accepts NULL; fits vec_free */

HRESULT bus_call_start(struct bus_call *call);
/* The next answer, a call whose reference stays with its maker; NULL: none has come. */
struct bus_call *bus_gathering_take(struct bus_gathering *gathering);
/* Waits until an answer may have come, driving may help, `cancel` (may be NULL) is set or
   `deadline_ms` has passed. */
void bus_gathering_wait(struct bus_gathering *gathering, HANDLE cancel, uint64_t deadline_ms);
/* Before the start: nobody will wait for the answer, which is thrown away. The writer still gets
   its event, when its turn comes. */
void bus_call_expect_nothing(struct bus_call *call);
/* True when the answer had not come yet and never will. */
bool bus_call_detach(struct bus_call *call, HRESULT failure);

/* For transports, in `start`: what they set when driving may help, an auto-reset event; and whether
   anybody wants the answer. */
HANDLE bus_call_news(const struct bus_call *call);
bool bus_call_is_wanted(struct bus_call *call);
/* For transports, in `start`: the request's components are the call's own from now on. False:
   memory is exhausted. */
bool bus_call_own_components(struct bus_call *call);
/* For transports: what the rules want to happen to an event on its way, after their delay; and
   whether there are such rules. */
HRESULT bus_call_fault(const struct bus_call *call);
bool bus_call_has_faults(void);
/* For transports: the answer; takes what `reply` holds, but no reference of the caller's. */
void bus_call_complete(struct bus_call *call, struct bus_reply *reply);

#endif
