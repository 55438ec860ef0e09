/* SPDX-License-Identifier: MIT
 *
 * An operation of a provider in the trace. Any thread, no lock held.
 */
#ifndef THAWLINE_PROVIDER_PROVIDER_TRACE_H
#define THAWLINE_PROVIDER_PROVIDER_TRACE_H

#include "diag/trace.h"
#include "provider/provider.h"

struct provider_trace
{
    struct trace_span span;
    const char *operation; /* as the documentation names it */
    const struct provider *provider;
    const WCHAR *volume;
    const GUID *set_id; /* NULL: not known here */
};

struct provider_trace provider_trace_begin(const struct provider *provider, const char *operation,
    const WCHAR *volume, const GUID *set_id);
/* Returns `hr`. */
HRESULT provider_trace_end(const struct provider_trace *trace, HRESULT hr);

#endif
