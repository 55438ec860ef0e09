/* SPDX-License-Identifier: MIT
 *
 * The transport to writers in other processes: looking for them, one connection a writer and
 * session. See transport.h and remote.h.
 */
#include "bus/transport.h"

#include <stdlib.h>

#include "base/mem.h"
#include "bus/endpoint_name.h"
#include "bus/pipe_server.h"
#include "bus/remote.h"
#include "diag/log.h"
#include "os/clock.h"
#include "os/pipe.h"

/* No handler runs for a greeting: a process that takes longer is stopped or overwhelmed. */
#define GREETING_TIMEOUT_MS 5000u
/* One turn of waiting for one pipe whose server is busy with others. */
#define BUSY_WAIT_MS 50u

#define BUSY HRESULT_FROM_WIN32(ERROR_PIPE_BUSY)

/* Takes the pipe. */
static HRESULT ask(struct pipe *pipe, HANDLE news, struct vec *endpoints)
{
    if (!vec_push(endpoints, NULL))
    {
        pipe_release(pipe);
        return E_OUTOFMEMORY;
    }
    struct bus_endpoint *endpoint = NULL;
    HRESULT hr = remote_ask(pipe, news, &endpoint);
    endpoints->items[endpoints->count - 1] = endpoint;
    if (!endpoint)
        endpoints->count--;
    return hr;
}

/* Connects to one endpoint and asks. S_FALSE: nobody is there, or is meant to be asked. BUSY. */
static HRESULT try_endpoint(const WCHAR *name, HANDLE news, struct vec *endpoints)
{
    struct pipe *pipe = NULL;
    HRESULT hr = pipe_connect(name, &pipe);
    if (SUCCEEDED(hr))
        return ask(pipe, news, endpoints);
    if (hr == E_OUTOFMEMORY || hr == BUSY)
        return hr;
    /* It went away meanwhile, or we may not. */
    if (hr != HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND))
        log_warning(hr, "A writer's pipe cannot be opened.");
    return S_FALSE;
}

/* Asks those of `ids` that are free and leaves the others in it. */
static HRESULT ask_free(
    const WCHAR *scope, struct vec *ids, DWORD patience_ms, HANDLE news, struct vec *endpoints)
{
    HRESULT hr = S_OK;
    size_t busy = 0;
    for (size_t i = 0; i < ids->count; i++)
    {
        WCHAR name[ENDPOINT_NAME_UNITS];
        GUID *id = ids->items[i];
        endpoint_pipe_name(scope, id, name);
        if (patience_ms)
            pipe_wait(name, patience_ms);
        bool local = !transport_local_is_off && pipe_server_is_own(id);
        HRESULT one = FAILED(hr) || local
            ? S_FALSE
            : try_endpoint(name, news, endpoints);
        if (one == BUSY)
        {
            ids->items[busy++] = id;
            continue;
        }
        mem_free(id);
        if (FAILED(one))
            hr = one;
    }
    ids->count = busy;
    return hr;
}

static uint64_t subscribed_at(struct bus_endpoint *endpoint)
{
    struct bus_standing standing;
    endpoint->ops->tell_standing(endpoint, &standing);
    return standing.subscribed_at;
}

/* By the time of their subscription. */
static int compare_endpoints(const void *a, const void *b)
{
    uint64_t first = subscribed_at(*(struct bus_endpoint *const *)a);
    uint64_t second = subscribed_at(*(struct bus_endpoint *const *)b);
    return first < second ? -1 : first > second;
}

/* Those that said who they are join `endpoints`; the others are released. */
static HRESULT keep_known(struct vec *asked, struct vec *endpoints)
{
    HRESULT hr = S_OK;
    size_t known = 0;
    uint64_t deadline_ms = clock_now_ms() + BUS_REST_TIMEOUT_MS;
    for (size_t i = 0; i < asked->count; i++)
    {
        struct bus_endpoint *endpoint = asked->items[i];
        endpoint->ops->rest(endpoint, deadline_ms);
        if (remote_is_known(endpoint))
            asked->items[known++] = endpoint;
        else
            bus_endpoint_release(endpoint);
    }
    asked->count = known;
    if (known)
        qsort(asked->items, known, sizeof(*asked->items), compare_endpoints);
    size_t moved = 0;
    while (moved < known && vec_push(endpoints, asked->items[moved]))
        moved++;
    if (moved < known)
        hr = E_OUTOFMEMORY;
    while (moved < known)
        bus_endpoint_release(asked->items[moved++]);
    vec_free(asked, NULL);
    return hr;
}

/* Moves all greetings; whether one is still awaited. */
static bool drive_all(const struct vec *asked)
{
    bool began = true;
    bool awaits = true;
    while (began)
    {
        began = awaits = false;
        for (size_t i = 0; i < asked->count; i++)
        {
            struct bus_endpoint *endpoint = asked->items[i];
            began |= endpoint->ops->drive(endpoint);
            awaits |= remote_awaits(endpoint);
        }
    }
    return awaits;
}

static bool is_set(HANDLE cancel)
{
    return cancel && WaitForSingleObject(cancel, 0) == WAIT_OBJECT_0;
}

/* A process that is stopped keeps its pipe busy: the others do not wait for it. */
static HRESULT ask_all(const WCHAR *scope, HANDLE news, HANDLE cancel, struct vec *asked)
{
    struct vec ids = {0};
    HANDLE handles[] = {news, cancel};
    uint64_t deadline_ms = clock_now_ms() + GREETING_TIMEOUT_MS;
    HRESULT hr = endpoint_list(scope, &ids);
    if (SUCCEEDED(hr))
        hr = ask_free(scope, &ids, 0, news, asked);
    while (SUCCEEDED(hr) && ids.count && clock_remaining(deadline_ms) && !is_set(cancel))
        hr = ask_free(scope, &ids, BUSY_WAIT_MS, news, asked);
    vec_free(&ids, mem_free);
    while (SUCCEEDED(hr) && drive_all(asked) && clock_remaining(deadline_ms) && !is_set(cancel))
        WaitForMultipleObjects(cancel ? 2 : 1, handles, FALSE, clock_remaining(deadline_ms));
    return hr;
}

static HRESULT pipe_list(const WCHAR *scope, HANDLE cancel, struct vec *endpoints)
{
    struct vec asked = {0};
    HANDLE news = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (!news)
        return E_OUTOFMEMORY;
    HRESULT hr = ask_all(scope, news, cancel, &asked);
    HRESULT kept = keep_known(&asked, endpoints);
    CloseHandle(news);
    return FAILED(hr) ? hr : kept;
}

const struct transport transport_pipe = {
    .name = "remote",
    .list = pipe_list,
};
