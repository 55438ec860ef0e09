/* SPDX-License-Identifier: MIT
 *
 * How a requestor reaches writers: what a transport offers, and what passes through it. Requests
 * and replies hold nothing but what can be written down and sent to another process. Follows
 * requestor 2.3-2.5, design 6.
 */
#ifndef THAWLINE_BUS_TRANSPORT_H
#define THAWLINE_BUS_TRANSPORT_H

#include "base/vec.h"
#include "bus/bus_payload.h"
#include "bus/writer_traits.h"

struct bus_call;
struct bus_endpoint;

enum bus_request_kind
{
    BUS_REQUEST_EVENT, /* deliver `payload` */
    BUS_REQUEST_STATUS /* tell where the writer stands in `session_id` */
};

struct bus_request
{
    enum bus_request_kind kind;
    GUID session_id;
    struct bus_payload *payload; /* EVENT; a reference */
    /* EVENT: NULL when none; a reference. As it is while `start` runs; a handler gets a copy */
    struct writer_components *components;
};

/* What came of a request. */
struct bus_reply
{
    /* S_OK: the handler ran, or the status is known. S_FALSE: the writer stands so that it does not
       get the event, or does not know the session. Failures: it could not be talked to; nothing
       else is filled then. */
    HRESULT delivery;
    bool vetoed;                          /* EVENT: false was returned or a failure set */
    bool owed;                            /* EVENT: frozen, and waits for Thaw or Abort */
    struct bus_status status;             /* after the event */
    struct writer_components *components; /* EVENT: as the writer left them; a reference */
    struct writer_metadata *metadata;     /* Identify that was not vetoed; a reference */
};

void bus_reply_clear(struct bus_reply *reply);

/* Where a writer is, and how it stands, whatever the session. */
struct bus_standing
{
    DWORD process_id;       /* 0: it has none, being an express writer */
    unsigned bits;          /* of its process: 32 or 64; 0 */
    uint64_t subscribed_at; /* QueryPerformanceCounter then: the same for all processes */
    int state;              /* VSS_WRITER_STATE after the latest event of any session */
    HRESULT failure;        /* the failure that was set then */
};

/* For what is still on its way out when nobody waits for answers any more. */
#define BUS_REST_TIMEOUT_MS 1000u

/* What a transport does for one writer. All are called without locks held. */
struct bus_endpoint_ops
{
    /* Starts the request of `call`, on the thread that gathers the answers. On success
       bus_call_complete follows once, on any thread, perhaps before this returns; need not if
       nobody wants the answer. On failure nothing runs. May keep its own data in
       call->transport_data. */
    HRESULT (*start)(struct bus_endpoint *endpoint, struct bus_call *call);
    /* On the same thread, while it waits for the answer: moves what can be moved without waiting.
       True: something was begun that may have reset bus_call_news, so that all have to be driven
       once more. NULL for a transport that needs no such help, like the next. */
    bool (*drive)(struct bus_endpoint *endpoint);
    /* On the same thread, after all of its calls were answered or detached: it will not be driven
       any more until the next start. What is still on its way has until `deadline_ms`. */
    void (*rest)(struct bus_endpoint *endpoint, uint64_t deadline_ms);
    /* On the same thread: nobody waits for `call` any more; `failure` as in writer_record_abandon.
       The transport ends what can be ended; bus_call_complete may still follow. */
    void (*detach)(struct bus_endpoint *endpoint, struct bus_call *call, HRESULT failure);
    /* Frees the transport's own data: the last reference to `call` has gone. */
    void (*forget)(struct bus_endpoint *endpoint, struct bus_call *call);
    /* As it was when the endpoint was listed. */
    void (*tell_standing)(struct bus_endpoint *endpoint, struct bus_standing *standing);
    void (*destroy)(struct bus_endpoint *endpoint);
};

/* One writer as a requestor sees it. Transports put it first in a struct of their own. */
struct bus_endpoint
{
    const struct bus_endpoint_ops *ops;
    const struct writer_traits *traits; /* lives as long as the endpoint */
    LONG refs;
};

void bus_endpoint_init(struct bus_endpoint *endpoint, const struct bus_endpoint_ops *ops,
    const struct writer_traits *traits);
struct bus_endpoint *bus_endpoint_addref(struct bus_endpoint *endpoint);
void bus_endpoint_release(void *endpoint); /* accepts NULL; fits vec_free */

struct transport
{
    const char *name; /* for the log */
    /* Appends a reference to each writer of `scope`, in the order in which they subscribed. Those
       that do not say in a few seconds who they are are left out, and so is who has not when
       `cancel` (may be NULL) is set. */
    HRESULT (*list)(const WCHAR *scope, HANDLE cancel, struct vec *endpoints);
};

extern const struct transport transport_local;   /* the writers of this process */
extern const struct transport transport_pipe;    /* those of others */
extern const struct transport transport_express; /* those without a process */

/* For tests: the writers of this process are reached like those of others. */
extern bool transport_local_is_off;

/* The writers of `scope` over all transports. On failure `endpoints` is empty. */
HRESULT transport_list_all(const WCHAR *scope, HANDLE cancel, struct vec *endpoints);

#endif
