/* SPDX-License-Identifier: MIT
 *
 * The lines that this room writes into the trace: an event on its way to a writer, a handler, a
 * writer's state. Any thread; they cost nothing while there is no trace.
 */
#ifndef THAWLINE_BUS_BUS_TRACE_H
#define THAWLINE_BUS_BUS_TRACE_H

#include "bus/bus_call.h"
#include "bus/writer_call.h"
#include "bus/writer_state.h"

/* Around a request, in the requestor's process; `hr` is the delivery's. No lock may be held. */
void bus_trace_sent(struct bus_call *call);
void bus_trace_answered(struct bus_call *call, HRESULT hr);

/* Around a handler, in the writer's process. No lock may be held. */
void bus_trace_handler(
    struct trace_span *span, const struct writer_traits *writer, const struct writer_call *call);
void bus_trace_handled(const struct trace_span *span, const struct writer_traits *writer,
    const struct writer_call *call);

/* A writer stands otherwise than `state` and `failure` from now on. Locks may be held. */
void bus_trace_state(const struct writer_traits *writer, int state, HRESULT failure,
    const struct writer_standing *standing);

#endif
