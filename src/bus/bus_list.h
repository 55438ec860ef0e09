/* SPDX-License-Identifier: MIT
 *
 * The writers of this process's scope, without a session: no handler runs. Any thread. Follows
 * requestor 2.3.
 */
#ifndef THAWLINE_BUS_BUS_LIST_H
#define THAWLINE_BUS_BUS_LIST_H

#include "bus/transport.h"

/* One writer, as it was when it was listed. */
struct bus_listed
{
    struct bus_endpoint *endpoint; /* a reference; its traits say who the writer is */
    struct bus_standing standing;
};

/* *listed: an array (bus_list_free) of *count, NULL when there is none. E_OUTOFMEMORY;
   E_INVALIDARG: no valid scope; VSS_E_WRITER_INFRASTRUCTURE. */
HRESULT bus_list(struct bus_listed **listed, size_t *count);
void bus_list_free(struct bus_listed *listed, size_t count); /* accepts NULL */

#endif
