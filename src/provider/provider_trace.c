/* SPDX-License-Identifier: MIT
 *
 * An operation of a provider in the trace. See provider_trace.h.
 */
#include "provider/provider_trace.h"

static void put_operation(struct trace_line *line, const struct provider_trace *trace)
{
    trace_ascii(line, "name", trace->operation);
    trace_text(line, "provider", trace->provider->name);
    trace_text(line, "volume", trace->volume);
    if (trace->set_id)
        trace_guid(line, "set", trace->set_id);
}

struct provider_trace provider_trace_begin(
    const struct provider *provider, const char *operation, const WCHAR *volume, const GUID *set_id)
{
    struct provider_trace trace = {
        .operation = operation, .provider = provider, .volume = volume, .set_id = set_id};
    if (!trace_watches())
        return trace;
    struct trace_line line;
    trace_span_begin(&line, TRACE_PROVIDER, &trace.span);
    put_operation(&line, &trace);
    trace_end(&line);
    return trace;
}

HRESULT provider_trace_end(const struct provider_trace *trace, HRESULT hr)
{
    if (!trace->span.id)
        return hr;
    struct trace_line line;
    trace_span_end(&line, TRACE_PROVIDER, &trace->span);
    put_operation(&line, trace);
    trace_result(&line, "hr", hr);
    trace_end(&line);
    return hr;
}
