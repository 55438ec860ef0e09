/* SPDX-License-Identifier: MIT
 *
 * Where faults meet writers, events and messages. Each passes one point, which rules match by the
 * writer's name, class id or instance id.
 */
#ifndef THAWLINE_BUS_BUS_FAULT_H
#define THAWLINE_BUS_BUS_FAULT_H

#include "bus/wire.h"
#include "diag/fault.h"
#include "os/pipe.h"

/* What the rules of a point with the details EVENT, EVENT:WRITER and EVENT:{ID} ask for. */
HRESULT bus_fault_at_event(
    enum fault_point point, enum vss_event event, const struct writer_traits *traits);

/* Whether looking for writers is to pass by this one. */
bool bus_fault_hides(const struct writer_traits *traits);

/* What is to become of a message; asked without a lock, because the answer may take its time.
   `traits` are the writer's, zeros before they are known. */
HRESULT bus_fault_at_frame(enum wire_kind kind, const struct writer_traits *traits);
/* Sends it unless `fate`, as above, says otherwise. Takes `bytes`. */
void bus_fault_send(HRESULT fate, struct pipe *pipe, BYTE *bytes, size_t size);

#endif
