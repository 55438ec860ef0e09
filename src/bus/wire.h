/* SPDX-License-Identifier: MIT
 *
 * What passes between a requestor's and a writer's process: requests and answers as bytes, for
 * os/pipe.h. Both ends run the same version of this DLL, of either bitness; the greeting makes sure
 * of that. What comes in may be anything. Any thread. Follows design 6.
 */
#ifndef THAWLINE_BUS_WIRE_H
#define THAWLINE_BUS_WIRE_H

#include "bus/transport.h"
#include "document/pack.h"

/* To be raised with every change of what is sent, the tables of the documents included. */
#define WIRE_VERSION 3u

enum wire_kind
{
    WIRE_HELLO = 1, /* from the requestor, once, first */
    WIRE_GREETING,  /* the writer's answer to it */
    WIRE_EVENT,     /* a request: deliver an event */
    WIRE_STATUS,    /* a request: where the writer stands in a session */
    WIRE_ABANDON,   /* nobody waits for an event's answer any more */
    WIRE_ANSWER     /* to EVENT and STATUS */
};

/* Who is behind an endpoint. */
struct wire_greeting
{
    struct writer_traits traits;
    struct bus_standing standing;
};

/* EVENT and STATUS. */
struct wire_request
{
    uint32_t id; /* the answer bears it */
    GUID session_id;
    struct bus_payload *payload;          /* EVENT; a reference */
    struct writer_components *components; /* EVENT; NULL when none; a reference */
};

struct wire_abandon
{
    uint32_t id;
    HRESULT failure; /* as in writer_record_abandon */
};

/* Messages for pipe_send: room for the pipe's header in front. E_OUTOFMEMORY. */
HRESULT wire_hello(BYTE **bytes, size_t *size);
HRESULT wire_greeting(const struct wire_greeting *greeting, BYTE **bytes, size_t *size);
HRESULT wire_request(uint32_t id, const struct bus_request *request, BYTE **bytes, size_t *size);
HRESULT wire_abandon(const struct wire_abandon *abandon, BYTE **bytes, size_t *size);
HRESULT wire_answer(uint32_t id, const struct bus_reply *reply, BYTE **bytes, size_t *size);

/* The first byte of what came says its kind (0: nothing came); the rest is read after it.
   VSS_E_INVALID_XML_DOCUMENT: it is not what it should be; E_OUTOFMEMORY. Nothing is filled then.
   What is read may share the bytes (mem_share), which are not written to any more. */
enum wire_kind wire_open(struct pack_reader *reader, const BYTE *bytes, size_t size);
HRESULT wire_read_hello(struct pack_reader *reader);
HRESULT wire_read_greeting(struct pack_reader *reader, struct wire_greeting *greeting);
HRESULT wire_read_request(
    struct pack_reader *reader, enum wire_kind kind, struct wire_request *request);
HRESULT wire_read_abandon(struct pack_reader *reader, struct wire_abandon *abandon);
HRESULT wire_read_answer(struct pack_reader *reader, uint32_t *id, struct bus_reply *reply);
/* The id of a request or an answer, with nothing else read; 0 when it is none. Ids begin with 1. */
uint32_t wire_peek_id(const BYTE *bytes, size_t size);
/* The session of a request in the same way; zeros when it has none. */
GUID wire_peek_session(const BYTE *bytes, size_t size);

void wire_greeting_clear(struct wire_greeting *greeting);
void wire_request_clear(struct wire_request *request);

#endif
