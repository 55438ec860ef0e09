/* SPDX-License-Identifier: MIT
 *
 * A requestor's calls, and the phases of its object, in the trace. Any thread; no lock is held.
 */
#include "requestor/bc.h"

#include "diag/trace.h"
#include "os/clock.h"

static const char *const phase_names[] = {
    [PHASE_NEW] = "new",
    [PHASE_BK] = "backup",
    [PHASE_SET] = "set started",
    [PHASE_PREP] = "prepared",
    [PHASE_DOING] = "making shadow copies",
    [PHASE_DONE] = "shadow copies made",
    [PHASE_FAILED] = "no shadow copies",
    [PHASE_COMPLETE] = "complete",
    [PHASE_ABORTED] = "aborted",
    [PHASE_RS] = "restore",
    [PHASE_PRE] = "restore prepared",
    [PHASE_POST] = "restored",
};

struct bc_called bc_trace_call(const struct bc *bc)
{
    struct bc_called called = {0};
    if (bc)
        called = (struct bc_called){.number = bc->number, .phase = bc->phase};
    if (trace_watches())
        called.began_us = clock_now_us();
    return called;
}

HRESULT bc_trace_called(const struct bc_called *called, const char *method, HRESULT hr)
{
    if (!called->began_us || !trace_watches())
        return hr;
    struct trace_line line;
    trace_begin(&line, TRACE_CALL);
    trace_ascii(&line, "name", method);
    if (called->number)
    {
        trace_number(&line, "object", called->number);
        trace_ascii(&line, "phase", phase_names[called->phase]);
    }
    trace_result(&line, "hr", hr);
    trace_number(&line, "us", (int64_t)(clock_now_us() - called->began_us));
    trace_end(&line);
    return hr;
}

void bc_trace_phase(const struct bc *bc, enum bc_phase phase)
{
    if (phase == bc->phase || !trace_watches())
        return;
    struct trace_line line;
    trace_begin(&line, TRACE_STATE);
    trace_ascii(&line, "of", "requestor");
    trace_number(&line, "object", bc->number);
    trace_ascii(&line, "from", phase_names[bc->phase]);
    trace_ascii(&line, "to", phase_names[phase]);
    trace_end(&line);
}
