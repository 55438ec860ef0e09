/* SPDX-License-Identifier: MIT
 *
 * What writers in other processes cost, beside a bare named pipe between the same processes, in one
 * run:
 *   (a) a light event to one writer and back, against an echo of a message of the same size, all of
 *       them on one processor; at most 1.5
 *   (b) 4 MB of a writer's part of the document out with an event and back changed, against an echo
 *       of the same number of bytes; at most 1.5
 *   (c) 64 writers in 64 processes found and identified, against a connection to each of the 64 and
 *       one small message there and back, one after another; at most 3
 *   (d) an event to 64 writers in 64 processes whose handlers take 200 ms, against 200 ms; at most
 *       1.5
 * Rounds of both alternate, and the medians of both count. Exits with 1 when a limit is exceeded.
 * It starts itself 64 times: a child is a writer and an echo, and ends with its parent.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <windows.h>
#include <objbase.h>
#include <vss.h>
#include <vswriter.h>

#include "base/mem.h"
#include "base/str16.h"
#include "bus/bus_session.h"
#include "bus/wire.h"
#include "bus/writer_record.h"
#include "os/pipe.h"

#define CHILDREN 64
/* Many and short, so that what else the machine does meets both sides alike. */
#define LIGHT_ROUNDS 101
#define BIG_ROUNDS 41
#define FIND_ROUNDS 15
#define FAN_OUT_ROUNDS 5
#define MOST_ROUNDS 101
#define LIGHT_EVENTS 20
#define BIG_EVENTS 1
#define HANDLER_MS 200u
#define FILES 2000
#define RANGE_UNITS 1000
#define PATIENCE_MS 60000u
/* Where a connection's pieces are at their best. */
#define PIECE_SIZE (1u << 20)
#define PIPE_BUFFER 65536u
/* What a connection's small message has. */
#define SMALL 64u
/* The most that an echo carries. */
#define ECHO_LIMIT (8u << 20)
#define LIGHT_LIMIT 1.5
#define BIG_LIMIT 1.5
#define FIND_LIMIT 3.0
#define FAN_OUT_LIMIT 1.5

static void fail(const char *what, unsigned long code)
{
    printf("%s: 0x%08lx\n", what, code);
    exit(2);
}

static void check(HRESULT hr, const char *what)
{
    if (hr != S_OK)
        fail(what, (unsigned long)hr);
}

static void need(bool done, const char *what)
{
    if (!done)
        fail(what, GetLastError());
}

static double now(void)
{
    LARGE_INTEGER frequency;
    LARGE_INTEGER count;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    return (double)count.QuadPart / (double)frequency.QuadPart;
}

/* ---- A child: an echo ---- */

static void echo_name(DWORD parent, int number, WCHAR name[64])
{
    _snwprintf(name, 64, L"\\\\.\\pipe\\thawline-bench-%lu-%d", (unsigned long)parent, number);
}

static bool transfer(HANDLE pipe, BYTE *bytes, DWORD size, bool out)
{
    for (DWORD done = 0; done < size;)
    {
        DWORD left = size - done;
        DWORD piece = left < PIECE_SIZE ? left : PIECE_SIZE;
        DWORD moved = 0;
        if (!(out ? WriteFile(pipe, bytes + done, piece, &moved, NULL)
                  : ReadFile(pipe, bytes + done, piece, &moved, NULL)))
            return false;
        done += moved;
    }
    return true;
}

/* Serves one client after another. A message says its length first; a small one comes whole. */
static DWORD WINAPI serve_echo(void *context)
{
    HANDLE pipe = context;
    BYTE *bytes = malloc(ECHO_LIMIT);
    need(bytes != NULL, "memory");
    for (;;)
    {
        DWORD got = 0;
        ConnectNamedPipe(pipe, NULL);
        while (ReadFile(pipe, bytes, PIPE_BUFFER, &got, NULL) && got >= sizeof(DWORD))
        {
            DWORD size;
            memcpy(&size, bytes, sizeof(size));
            if (!transfer(pipe, bytes + got, size - got, false) ||
                !transfer(pipe, bytes, size, true))
                break;
        }
        DisconnectNamedPipe(pipe);
    }
    return 0;
}

/* ---- A child: a writer ---- */

/* A light event's handler returns at once; its restore type says when another's returns. */
static bool handle(void *origin, struct writer_call *call)
{
    (void)origin;
    if (call->payload->restore_type)
        Sleep(call->payload->restore_type);
    struct component *component =
        call->components ? vec_at(&call->components->components, 0) : NULL;
    return !component || SUCCEEDED(str16_assign(&component->backup_stamp, L"changed"));
}

static void hold(void *origin)
{
    (void)origin;
}

static int run_child(DWORD parent, int number)
{
    static const struct writer_face face = {handle, hold, hold};
    const struct writer_traits traits = {
        .class_id = {0xbe9c4000, (WORD)number, 0x4321, {0x80, 1, 2, 3, 4, 5, 6, 7}},
        .name = (WCHAR *)L"bench",
        .usage = VSS_UT_USERDATA,
        .source = VSS_ST_OTHER,
        .level = VSS_APP_FRONT_END,
        .freeze_timeout_ms = 60000};
    struct writer_record *record = NULL;
    WCHAR name[64];
    HANDLE starter = OpenProcess(SYNCHRONIZE, FALSE, parent);
    need(starter != NULL, "the parent's process");
    echo_name(parent, number, name);
    HANDLE pipe = CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX,
        PIPE_TYPE_BYTE | PIPE_READMODE_BYTE | PIPE_WAIT, 1, PIPE_BUFFER, PIPE_BUFFER, 0, NULL);
    need(pipe != INVALID_HANDLE_VALUE, "the echo's pipe");
    need(CreateThread(NULL, 0, serve_echo, pipe, 0, NULL) != NULL, "the echo's thread");
    check(writer_record_create(&traits, &face, NULL, &record), "writer_record_create");
    check(writer_record_subscribe(record, 0), "writer_record_subscribe");
    _snwprintf(name, 64, L"thawline-bench-%lu", (unsigned long)parent);
    HANDLE ready = OpenSemaphoreW(SEMAPHORE_MODIFY_STATE, FALSE, name);
    need(ready && ReleaseSemaphore(ready, 1, NULL), "the parent's semaphore");
    WaitForSingleObject(starter, INFINITE);
    return 0;
}

static HANDLE children[CHILDREN];

/* Keeps all ends of light events and their echo on one processor, or lets them go. Which of them
   the system puts where is chance, and waking another processor can take longer than all the rest:
   each side alone varies by a factor of three with that. */
static void stay_together(bool together)
{
    DWORD_PTR own = 0;
    DWORD_PTR all = 0;
    need(GetProcessAffinityMask(GetCurrentProcess(), &own, &all), "processors");
    DWORD_PTR mask = together ? all & (~all + 1) : all;
    need(SetProcessAffinityMask(GetCurrentProcess(), mask), "processors");
    for (int i = 0; i < CHILDREN; i++)
        need(SetProcessAffinityMask(children[i], mask), "processors");
}

static void start_children(void)
{
    WCHAR own[MAX_PATH];
    WCHAR line[2 * MAX_PATH];
    DWORD self = GetCurrentProcessId();
    _snwprintf(line, 64, L"thawline-bench-%lu", (unsigned long)self);
    HANDLE ready = CreateSemaphoreW(NULL, 0, CHILDREN, line);
    need(ready != NULL, "a semaphore");
    GetModuleFileNameW(NULL, own, MAX_PATH);
    for (int i = 0; i < CHILDREN; i++)
    {
        STARTUPINFOW startup = {.cb = sizeof(startup)};
        PROCESS_INFORMATION child;
        _snwprintf(line, 2 * MAX_PATH, L"\"%ls\" %lu %d", own, (unsigned long)self, i);
        need(CreateProcessW(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &child),
            "a child");
        CloseHandle(child.hThread);
        children[i] = child.hProcess;
    }
    for (int i = 0; i < CHILDREN; i++)
        need(WaitForSingleObject(ready, PATIENCE_MS) == WAIT_OBJECT_0, "children that start");
    CloseHandle(ready);
}

/* ---- The bare pipe ---- */

struct echo
{
    HANDLE pipe;
    OVERLAPPED out;
    OVERLAPPED in;
    BYTE *bytes;
};

static void echo_open(struct echo *echo, int number)
{
    WCHAR name[64];
    echo_name(GetCurrentProcessId(), number, name);
    for (;;)
    {
        echo->pipe = CreateFileW(name, GENERIC_READ | FILE_WRITE_DATA | SYNCHRONIZE, 0, NULL,
            OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
        if (echo->pipe != INVALID_HANDLE_VALUE)
            return;
        /* It has not turned from its last client yet. */
        need(GetLastError() == ERROR_PIPE_BUSY, "an echo");
        WaitNamedPipeW(name, PATIENCE_MS);
    }
}

static void echo_events(struct echo *echo)
{
    echo->out.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    echo->in.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    need(echo->out.hEvent && echo->in.hEvent, "events");
}

static DWORD moved_by(struct echo *echo, OVERLAPPED *overlapped, BOOL done)
{
    DWORD moved = 0;
    need(done || GetLastError() == ERROR_IO_PENDING, "an echo's message");
    need(GetOverlappedResult(echo->pipe, overlapped, &moved, TRUE), "an echo's message");
    return moved;
}

/* Sends a message and waits for it. */
static void echo_once(struct echo *echo, DWORD size)
{
    memcpy(echo->bytes, &size, sizeof(size));
    for (DWORD done = 0; done < size;)
    {
        DWORD piece = size - done < PIECE_SIZE ? size - done : PIECE_SIZE;
        BOOL written = WriteFile(echo->pipe, echo->bytes + done, piece, NULL, &echo->out);
        done += moved_by(echo, &echo->out, written);
    }
    for (DWORD done = 0; done < size;)
    {
        DWORD piece = size - done < PIECE_SIZE ? size - done : PIECE_SIZE;
        BOOL read = ReadFile(echo->pipe, echo->bytes + done, piece, NULL, &echo->in);
        done += moved_by(echo, &echo->in, read);
    }
}

static double time_echo(struct echo *echo, DWORD size, int count)
{
    double began = now();
    for (int i = 0; i < count; i++)
        echo_once(echo, size);
    return (now() - began) / count;
}

/* A small message to each child over a connection of its own. */
static double time_connections(struct echo *echo, DWORD size)
{
    double began = now();
    for (int i = 0; i < CHILDREN; i++)
    {
        echo_open(echo, i);
        echo_once(echo, size);
        CloseHandle(echo->pipe);
    }
    return now() - began;
}

/* ---- Events ---- */

struct event
{
    struct bus_session *session;
    struct bus_payload *payload;
    size_t only;                          /* CHILDREN: all */
    struct writer_components *components; /* NULL: none */
    size_t answers;
    size_t changed;
};

static bool wants(void *context, const struct bus_participant *participant)
{
    const struct event *event = context;
    return event->only == CHILDREN ||
        bus_session_participant(event->session, event->only) == participant;
}

static HRESULT give_components(
    void *context, const struct bus_participant *participant, struct writer_components **out)
{
    const struct event *event = context;
    (void)participant;
    *out = event->components ? writer_components_addref(event->components) : NULL;
    return S_OK;
}

static void answered(
    void *context, struct bus_participant *participant, struct writer_components *changed)
{
    struct event *event = context;
    const struct component *component = changed ? vec_at(&changed->components, 0) : NULL;
    check(participant->status.failure, "a writer's answer");
    event->answers++;
    event->changed += component && component->partial_files.count == FILES &&
        str16_equal(component->backup_stamp, L"changed");
}

static void start_event(struct event *event, struct bus_session *session, size_t only)
{
    *event = (struct event){.session = session, .only = only};
    event->payload = bus_payload_create(EVENT_PREPARE_BACKUP, 0);
    need(event->payload != NULL, "memory");
    event->payload->session_id = *bus_session_id(session);
}

static double time_event(struct event *event, int count)
{
    const struct bus_raise raise = {.payload = event->payload,
        .deadline_ms = PATIENCE_MS,
        .context = event,
        .wants = wants,
        .components = give_components,
        .answered = answered};
    size_t expected = event->only == CHILDREN ? CHILDREN : (size_t)count;
    event->answers = event->changed = 0;
    double began = now();
    for (int i = 0; i < count; i++)
        check(bus_session_raise(event->session, &raise, NULL), "bus_session_raise");
    double spent = (now() - began) / count;
    if (event->answers != expected || event->changed != (event->components ? expected : 0))
        fail("answers", (unsigned long)event->answers);
    return spent;
}

static struct bus_session *find_writers(void)
{
    struct bus_session *session = NULL;
    check(bus_session_create(&session), "bus_session_create");
    check(bus_session_identify(session, NULL), "bus_session_identify");
    if (bus_session_count(session) != CHILDREN)
        fail("writers found", (unsigned long)bus_session_count(session));
    return session;
}

static double time_finding(void)
{
    double began = now();
    struct bus_session *session = find_writers();
    double spent = now() - began;
    bus_session_destroy(session);
    return spent;
}

/* The participant's part of a document, with 4 MB of ranges. */
static struct writer_components *make_components(const struct bus_participant *participant)
{
    static WCHAR ranges[RANGE_UNITS + 1];
    WCHAR name[32];
    struct component *component = NULL;
    struct writer_components *made =
        writer_components_create(&participant->instance_id, &participant->writer_id);
    need(made != NULL, "memory");
    for (size_t i = 0; i < RANGE_UNITS; i++)
        ranges[i] = (WCHAR)(L'0' + i % 10);
    check(writer_components_add(made, COMPONENT_TYPE_FILEGROUP, NULL, L"big", &component),
        "writer_components_add");
    for (int i = 0; i < FILES; i++)
    {
        _snwprintf(name, 32, L"file%d", i);
        check(component_add_partial_file(component, L"C:\\data", name, ranges, NULL),
            "component_add_partial_file");
    }
    return made;
}

/* How many bytes the event is on the wire; its answer is about as many. */
static DWORD size_on_wire(const struct event *event)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    const struct bus_request request = {.kind = BUS_REQUEST_EVENT,
        .session_id = event->payload->session_id,
        .payload = event->payload,
        .components = event->components};
    check(wire_request(1, &request, &bytes, &size), "wire_request");
    mem_free(bytes);
    return (DWORD)size;
}

/* ---- Ratios ---- */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

struct ratio
{
    const char *what;
    double limit;
    int count;
    double ours[MOST_ROUNDS];
    double bare[MOST_ROUNDS];
};

static void add(struct ratio *ratio, double ours, double bare)
{
    ratio->ours[ratio->count] = ours;
    ratio->bare[ratio->count++] = bare;
}

static double median(double *values, int count)
{
    qsort(values, (size_t)count, sizeof(*values), compare);
    return values[count / 2];
}

static bool judge(struct ratio *ratio)
{
    double ours = median(ratio->ours, ratio->count);
    double bare = median(ratio->bare, ratio->count);
    bool good = ours / bare <= ratio->limit;
    printf("%s: %.3f ms (%.3f at best), bare %.3f ms (%.3f): %.2f x, at most %.2f: %s\n",
        ratio->what, ours * 1e3, ratio->ours[0] * 1e3, bare * 1e3, ratio->bare[0] * 1e3,
        ours / bare, ratio->limit, good ? "good" : "EXCEEDED");
    return good;
}

/* The first round of each is for warming up. */
static void measure_finding(struct ratio *find)
{
    struct echo echo = {.bytes = malloc(PIPE_BUFFER)};
    echo_events(&echo);
    for (int i = 0; i <= FIND_ROUNDS; i++)
    {
        double bare = time_connections(&echo, SMALL);
        double ours = time_finding();
        if (i > 0)
            add(find, ours, bare);
    }
    free(echo.bytes);
}

static void measure_event(
    struct ratio *ratio, struct event *event, struct echo *echo, int rounds, int count)
{
    DWORD size = size_on_wire(event);
    for (int i = 0; i <= rounds; i++)
    {
        double bare = time_echo(echo, size, count);
        double ours = time_event(event, count);
        if (i > 0)
            add(ratio, ours, bare);
    }
    printf("an event of %lu bytes\n", (unsigned long)size);
}

static bool measure(void)
{
    struct ratio light = {.what = "(a) a light event", .limit = LIGHT_LIMIT};
    struct ratio big = {.what = "(b) 4 MB out and back", .limit = BIG_LIMIT};
    struct ratio find = {.what = "(c) 64 writers found", .limit = FIND_LIMIT};
    struct ratio fan_out = {.what = "(d) 64 handlers of 200 ms", .limit = FAN_OUT_LIMIT};
    struct echo echo = {.bytes = malloc(ECHO_LIMIT)};
    struct event event;
    measure_finding(&find);

    struct bus_session *session = find_writers();
    start_event(&event, session, 0);
    echo_events(&echo);
    echo_open(&echo, 0);
    memset(echo.bytes, 1, ECHO_LIMIT);
    stay_together(true);
    measure_event(&light, &event, &echo, LIGHT_ROUNDS, LIGHT_EVENTS);
    stay_together(false);
    event.components = make_components(bus_session_participant(session, 0));
    measure_event(&big, &event, &echo, BIG_ROUNDS, BIG_EVENTS);
    writer_components_release(event.components);
    event.components = NULL;

    event.only = CHILDREN;
    event.payload->restore_type = HANDLER_MS;
    for (int i = 0; i < FAN_OUT_ROUNDS; i++)
        add(&fan_out, time_event(&event, 1), HANDLER_MS / 1e3);
    CloseHandle(echo.pipe);
    free(echo.bytes);
    bus_payload_release(event.payload);
    bus_session_destroy(session);
    bool good = judge(&light);
    good &= judge(&big);
    good &= judge(&find);
    good &= judge(&fan_out);
    return good;
}

int main(int argc, char **argv)
{
    /* The processes meet in a scope that is not the user's. */
    if (!GetEnvironmentVariableW(L"THAWLINE_SCOPE", NULL, 0))
        SetEnvironmentVariableW(L"THAWLINE_SCOPE", L"bench-processes");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (argc == 3)
        return run_child(strtoul(argv[1], NULL, 10), atoi(argv[2]));
    start_children();
    return measure() ? 0 : 1;
}
