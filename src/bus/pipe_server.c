/* SPDX-License-Identifier: MIT
 *
 * A writer's endpoint and its connections. See pipe_server.h; requests are answered in
 * pipe_session.c.
 */
#include "bus/pipe_server.h"

#include <objbase.h>

#include "base/guid.h"
#include "base/mem.h"
#include "bus/endpoint_name.h"
#include "bus/peer.h"
#include "bus/pipe_session.h"
#include "diag/log.h"
#include "os/lock.h"
#include "os/pipe.h"

/* Requestors at a time; the next one is turned away. */
#define CONNECTION_LIMIT 256

struct pipe_server
{
    LONG refs; /* the writer's, the listener's, each connection's */
    /* set once */
    GUID id;
    struct writer_record *record; /* a reference */
    HANDLE event;
    struct pipe_listener *listener;
    struct lock lock;
    /* guarded by lock */
    bool closed;
    struct vec sessions; /* struct pipe_session, without references */
};

static struct lock own_lock = LOCK_INIT(LOCK_RANK_PIPE);
static struct vec own_servers; /* guarded by own_lock */

bool pipe_server_is_own(const GUID *endpoint_id)
{
    bool own = false;
    lock_enter(&own_lock);
    for (size_t i = 0; i < own_servers.count && !own; i++)
        own = guid_equal(&((const struct pipe_server *)own_servers.items[i])->id, endpoint_id);
    lock_leave(&own_lock);
    return own;
}

static bool enlist(struct pipe_server *server)
{
    lock_enter(&own_lock);
    bool done = vec_push(&own_servers, server);
    lock_leave(&own_lock);
    return done;
}

static void strike(struct pipe_server *server)
{
    lock_enter(&own_lock);
    for (size_t i = 0; i < own_servers.count; i++)
        if (own_servers.items[i] == server)
            vec_remove(&own_servers, i);
    if (!own_servers.count)
        vec_free(&own_servers, NULL);
    lock_leave(&own_lock);
}

static void release(struct pipe_server *server)
{
    if (InterlockedDecrement(&server->refs))
        return;
    writer_record_release(server->record);
    vec_free(&server->sessions, NULL);
    mem_free(server);
}

/* ---- Connections ---- */

static void session_ended(void *context, struct pipe_session *session)
{
    struct pipe_server *server = context;
    lock_enter(&server->lock);
    for (size_t i = 0; i < server->sessions.count; i++)
        if (server->sessions.items[i] == session)
            vec_remove(&server->sessions, i);
    lock_leave(&server->lock);
    release(server);
}

static const struct pipe_session_owner owner = {.ended = session_ended};

static void accepted(void *context, struct pipe *pipe)
{
    struct pipe_server *server = context;
    struct pipe_session *session = pipe_session_create(server->record, pipe, &owner, server);
    lock_enter(&server->lock);
    bool in = session && !server->closed && server->sessions.count < CONNECTION_LIMIT &&
        vec_push(&server->sessions, session);
    if (in)
        InterlockedIncrement(&server->refs);
    lock_leave(&server->lock);
    if (in)
        pipe_session_start(session);
    else
        pipe_session_discard(session);
    if (!session)
        pipe_release(pipe);
}

static void listener_ended(void *context)
{
    release(context);
}

static const struct pipe_acceptor acceptor = {.accepted = accepted, .ended = listener_ended};

/* ---- Open and closed ---- */

static HRESULT last_error(void)
{
    DWORD error = GetLastError();
    return HRESULT_FROM_WIN32(error);
}

/* The pipe comes first: whoever finds the event finds the pipe. */
static HRESULT open_pipe(struct pipe_server *server, const WCHAR *scope)
{
    WCHAR name[ENDPOINT_NAME_UNITS];
    PSECURITY_DESCRIPTOR descriptor = NULL;
    endpoint_pipe_name(scope, &server->id, name);
    HRESULT hr = peer_pipe_descriptor(&descriptor);
    if (FAILED(hr))
        return hr;
    InterlockedIncrement(&server->refs);
    hr = pipe_listen(name, descriptor, &acceptor, server, &server->listener);
    if (FAILED(hr))
    {
        InterlockedDecrement(&server->refs);
        LocalFree(descriptor);
    }
    return hr;
}

static HRESULT announce(struct pipe_server *server, const WCHAR *scope)
{
    WCHAR name[ENDPOINT_NAME_UNITS];
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof(attributes)};
    endpoint_event_name(scope, &server->id, name);
    HRESULT hr = peer_event_descriptor(&attributes.lpSecurityDescriptor);
    if (SUCCEEDED(hr))
    {
        server->event = CreateEventW(&attributes, TRUE, FALSE, name);
        if (!server->event)
            hr = last_error();
    }
    LocalFree(attributes.lpSecurityDescriptor);
    return hr;
}

HRESULT pipe_server_open(
    struct writer_record *record, const WCHAR *scope, struct pipe_server **server)
{
    struct pipe_server *made = mem_alloc(sizeof(*made));
    if (!made)
        return E_OUTOFMEMORY;
    made->refs = 1;
    made->record = writer_record_addref(record);
    lock_init(&made->lock, LOCK_RANK_SESSION);
    HRESULT hr = CoCreateGuid(&made->id);
    if (SUCCEEDED(hr))
        hr = enlist(made) ? S_OK : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = open_pipe(made, scope);
    if (SUCCEEDED(hr))
        hr = announce(made, scope);
    if (SUCCEEDED(hr))
    {
        *server = made;
        return S_OK;
    }
    pipe_server_close(made);
    return log_error(hr, "%ls cannot be made known to other processes.",
        writer_record_traits(record)->name);
}

void pipe_server_close(struct pipe_server *server)
{
    if (!server)
        return;
    if (server->event)
        CloseHandle(server->event);
    strike(server);
    if (server->listener)
        pipe_listener_close(server->listener);
    lock_enter(&server->lock);
    server->closed = true;
    for (size_t i = 0; i < server->sessions.count; i++)
        pipe_session_close(server->sessions.items[i]);
    lock_leave(&server->lock);
    release(server);
}
