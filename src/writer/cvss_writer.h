/* SPDX-License-Identifier: MIT
 *
 * Events become calls of a C++ object's handlers. Handler's thread only. Follows writer-provider
 * 2.1 and 2.3.
 */
#ifndef THAWLINE_WRITER_CVSS_WRITER_H
#define THAWLINE_WRITER_CVSS_WRITER_H

#include "bus/writer_call.h"
#include "vsswriter.h"

/* Calls the handler of the event; true: handled. `ex`: the object's table has OnIdentifyEx. */
bool cvss_writer_handle(CVssWriter *writer, bool ex, struct writer_call *call);

#endif
