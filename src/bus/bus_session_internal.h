/* SPDX-License-Identifier: MIT
 *
 * A session's inside, shared by bus_session.c (life, discovery, status) and bus_raise.c (events).
 */
#ifndef THAWLINE_BUS_BUS_SESSION_INTERNAL_H
#define THAWLINE_BUS_BUS_SESSION_INTERNAL_H

#include "base/vec.h"
#include "bus/bus_filter.h"
#include "bus/bus_session.h"
#include "bus/transport.h"

struct bus_member
{
    struct bus_participant participant;
    struct bus_endpoint *endpoint; /* a reference */
};

struct bus_session
{
    GUID id; /* set once */
    struct bus_filter filter;
    struct vec members; /* struct bus_member */
    struct bus_gathering *spare; /* fan-outs' */
};

/* What the status of a writer shows that could not be talked to, or not in time. */
HRESULT bus_delivery_failure(HRESULT delivery);

#endif
