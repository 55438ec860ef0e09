/* SPDX-License-Identifier: MIT
 *
 * Requests to many writers at once, with one deadline each, run to their end on the calling thread.
 * Used by one thread. Follows requestor 2.3-2.5.
 */
#ifndef THAWLINE_BUS_BUS_FANOUT_H
#define THAWLINE_BUS_BUS_FANOUT_H

#include "bus/bus_call.h"

struct bus_fanout
{
    struct async_op *op; /* whose cancel stops it; NULL: nobody's */
    /* Where the gathering is kept from one fan-out to the next; the owner releases what is there at
       the end. Fan-outs at the same time share it. */
    struct bus_gathering **spare;
    void *context;
    /* An answer has come, or the request's deadline has passed: call->reply tells. */
    void (*answered)(void *context, struct bus_call *call);
    /* filled by the functions below */
    struct bus_gathering *gathering;
    struct vec calls; /* struct bus_call */
};

HRESULT bus_fanout_init(struct bus_fanout *fanout);
void bus_fanout_free(struct bus_fanout *fanout);

/* One request more. Takes what `request` holds, also on failure. When `patience_ms` have passed
   since its start without an answer the answer is a delivery that failed with `overdue`; with
   BUS_NO_PATIENCE nobody waits for one at all. `tag` is the caller's, in call->tag. */
#define BUS_NO_PATIENCE 0
HRESULT bus_fanout_add(struct bus_fanout *fanout, struct bus_endpoint *endpoint,
    const struct bus_request *request, DWORD patience_ms, HRESULT overdue, void *tag);

/* Starts all and waits for all. S_OK; VSS_S_ASYNC_CANCELLED: what was not started yet is not, what
   runs is detached. call->started tells which were. */
HRESULT bus_fanout_run(struct bus_fanout *fanout);

#endif
