/* SPDX-License-Identifier: MIT
 *
 * What the trace tells of events and writers. See bus_trace.h.
 */
#include "bus/bus_trace.h"

static void put_writer(struct trace_line *line, const struct writer_traits *writer)
{
    trace_text(line, "writer", writer->name);
    trace_guid(line, "instance", &writer->instance_id);
}

/* ---- the requestor's end ---- */

static void put_request(struct trace_line *line, const struct bus_call *call)
{
    const struct bus_request *request = &call->request;
    bool event = request->kind == BUS_REQUEST_EVENT;
    trace_ascii(line, "event", event ? event_name(request->payload->event) : "Status");
    put_writer(line, call->endpoint->traits);
    trace_guid(line, "session", &request->session_id);
}

void bus_trace_sent(struct bus_call *call)
{
    if (!trace_watches())
        return;
    struct trace_line line;
    trace_span_begin(&line, TRACE_EVENT, &call->span);
    put_request(&line, call);
    trace_end(&line);
}

void bus_trace_answered(struct bus_call *call, HRESULT hr)
{
    if (!call->span.id)
        return;
    struct trace_line line;
    trace_span_end(&line, TRACE_EVENT, &call->span);
    put_request(&line, call);
    trace_result(&line, "hr", hr);
    if (call->reply.status.state)
    {
        trace_ascii(&line, "state", writer_state_name(call->reply.status.state));
        trace_result(&line, "failure", call->reply.status.failure);
    }
    trace_end(&line);
}

/* ---- the writer's end ---- */

static void put_handler(
    struct trace_line *line, const struct writer_traits *writer, const struct writer_call *call)
{
    trace_ascii(line, "event", event_name(call->payload->event));
    put_writer(line, writer);
    trace_guid(line, "session", &call->payload->session_id);
}

void bus_trace_handler(
    struct trace_span *span, const struct writer_traits *writer, const struct writer_call *call)
{
    if (!trace_watches())
        return;
    struct trace_line line;
    trace_span_begin(&line, TRACE_HANDLER, span);
    put_handler(&line, writer, call);
    trace_end(&line);
}

void bus_trace_handled(const struct trace_span *span, const struct writer_traits *writer,
    const struct writer_call *call)
{
    const struct writer_verdict *verdict = &call->verdict;
    if (!span->id)
        return;
    struct trace_line line;
    trace_span_end(&line, TRACE_HANDLER, span);
    put_handler(&line, writer, call);
    trace_ascii(&line, "handled", verdict->handled ? "yes" : "no");
    if (verdict->failure_set)
        trace_result(&line, "failure", verdict->failure);
    trace_end(&line);
}

void bus_trace_state(const struct writer_traits *writer, int state, HRESULT failure,
    const struct writer_standing *standing)
{
    if (!trace_is_on() || (state == standing->state && failure == standing->failure))
        return;
    struct trace_line line;
    trace_begin(&line, TRACE_STATE);
    trace_ascii(&line, "of", "writer");
    trace_ascii(&line, "from", writer_state_name(state));
    trace_ascii(&line, "to", writer_state_name(standing->state));
    trace_result(&line, "failure", standing->failure);
    put_writer(&line, writer);
    trace_end(&line);
}
