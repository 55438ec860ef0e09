/* SPDX-License-Identifier: MIT
 *
 * Bad input on pipes, both ways: a client without manners at a writer's endpoint, and a writer
 * without manners that a requestor finds. What is malformed ends its own connection and nothing
 * else, all that is well-formed is answered, and nothing leaks.
 *
 * What is sent is drawn at random. The seed is printed; given as the first argument it brings the
 * same again.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <windows.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/guid.h"
#include "base/mem.h"
#include "bus/bus_session.h"
#include "bus/endpoint_name.h"
#include "bus/peer.h"
#include "bus/pipe_server.h"
#include "bus/wire.h"
#include "os/pipe.h"
#include "os/pool.h"
#include "os/settings.h"
#include "probe.h"
#include "support/check_leaks.h"

/* Frames to the writer, and rounds with the bad writer. */
#define FRAMES 100000u
#define FAKE_ROUNDS 400
/* In one connection; more than a writer takes at a time. */
#define BATCH_FRAMES 48
#define CROWD 300
#define BATCH_SIZE (512u << 10)
/* A bad writer leaves a requestor that long with half a message. */
#define CUT_MS 5
/* Every so many connections the one that behaves is looked at. */
#define WITNESS_EVERY 16

static uint64_t seed;
static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % below;
}

/* ---- Frames ---- */

struct frame
{
    BYTE *bytes; /* with the pipe's header */
    size_t size;
};

static void put_length(BYTE *header, uint32_t length)
{
    memcpy(header, "TLW1", 4);
    memcpy(header + 4, &length, sizeof(length));
}

/* As the pipe would send it. */
static struct frame sealed(HRESULT hr, BYTE *bytes, size_t size)
{
    assert_int_equal(hr, S_OK);
    put_length(bytes, (uint32_t)(size - PIPE_HEADER_SIZE));
    return (struct frame){bytes, size};
}

static struct frame hello_frame(void)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    HRESULT hr = wire_hello(&bytes, &size);
    return sealed(hr, bytes, size);
}

static struct frame abandon_frame(uint32_t id)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    HRESULT hr = wire_abandon(
        &(const struct wire_abandon){id, VSS_E_WRITERERROR_TIMEOUT}, &bytes, &size);
    return sealed(hr, bytes, size);
}

static struct writer_components *make_components(const GUID *instance_id)
{
    struct component *component = NULL;
    struct writer_components *made = writer_components_create(instance_id, &probe_class);
    assert_non_null(made);
    assert_int_equal(
        writer_components_add(made, COMPONENT_TYPE_DATABASE, L"path", L"name", &component), S_OK);
    assert_int_equal(component_add_partial_file(component, L"C:\\p", L"f", L"0:1", NULL), S_OK);
    return made;
}

static struct frame event_frame(
    uint32_t id, GUID session, enum vss_event event, struct writer_components *components)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    bool volumes = event == EVENT_POST_SNAPSHOT;
    struct bus_payload *payload = bus_payload_create(event, volumes ? 1 : 0);
    assert_non_null(payload);
    if (volumes)
        assert_int_equal(bus_payload_set_volume(payload, 0, L"volume", L"C:\\", L"device"), S_OK);
    const struct bus_request request = {.kind = BUS_REQUEST_EVENT,
        .session_id = session,
        .payload = payload,
        .components = components};
    HRESULT hr = wire_request(id, &request, &bytes, &size);
    bus_payload_release(payload);
    return sealed(hr, bytes, size);
}

static struct frame status_frame(uint32_t id, GUID session)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    const struct bus_request request = {.kind = BUS_REQUEST_STATUS, .session_id = session};
    HRESULT hr = wire_request(id, &request, &bytes, &size);
    return sealed(hr, bytes, size);
}

/* One to four bytes of the body become others, or some go, or some come. */
static void mutate(struct frame *frame)
{
    size_t length = frame->size - PIPE_HEADER_SIZE;
    BYTE *body = frame->bytes + PIPE_HEADER_SIZE;
    uint32_t how = draw(8);
    if (how == 0)
    {
        length = draw((uint32_t)length + 1);
    }
    else if (how == 1)
    {
        size_t more = 1 + draw(16);
        frame->bytes = mem_realloc(frame->bytes, frame->size + more);
        assert_non_null(frame->bytes);
        body = frame->bytes + PIPE_HEADER_SIZE;
        for (size_t i = 0; i < more; i++)
            body[length + i] = (BYTE)draw(256);
        length += more;
    }
    else
    {
        for (uint32_t i = 0; i <= draw(4); i++)
            body[draw((uint32_t)length)] = (BYTE)(draw(2) ? draw(256) : draw(3));
    }
    frame->size = PIPE_HEADER_SIZE + length;
    put_length(frame->bytes, (uint32_t)length);
}

enum fate
{
    MALFORMED,
    SILENT, /* well-formed, and no answer comes */
    ANSWERED
};

/* What a writer makes of a frame after the greeting. */
static enum fate fate_of(const struct frame *frame, uint32_t *id)
{
    struct pack_reader reader;
    struct wire_request request;
    struct wire_abandon abandon;
    enum wire_kind kind = wire_open(
        &reader, frame->bytes + PIPE_HEADER_SIZE, frame->size - PIPE_HEADER_SIZE);
    if (kind == WIRE_ABANDON)
        return SUCCEEDED(wire_read_abandon(&reader, &abandon)) ? SILENT : MALFORMED;
    if ((kind != WIRE_EVENT && kind != WIRE_STATUS) ||
        FAILED(wire_read_request(&reader, kind, &request)))
        return MALFORMED;
    *id = request.id;
    wire_request_clear(&request);
    return ANSWERED;
}

/* ---- A client without manners ---- */

struct client
{
    HANDLE pipe;
    HANDLE event;
    DWORD patience_ms;
    bool stuck; /* a wait took longer than that */
    size_t received;
    BYTE bytes[BATCH_SIZE];
    BYTE message[BATCH_SIZE]; /* the latest one */
};

static BYTE batch[BATCH_SIZE];
static size_t batch_size;

static void add_bytes(const BYTE *bytes, size_t size)
{
    assert_true(batch_size + size <= BATCH_SIZE);
    memcpy(batch + batch_size, bytes, size);
    batch_size += size;
}

static void add(struct frame frame)
{
    add_bytes(frame.bytes, frame.size);
    mem_free(frame.bytes);
}

/* False: the connection has gone, or the client is stuck. */
static bool finish_io(struct client *client, OVERLAPPED *overlapped, BOOL done, DWORD *moved)
{
    if (!done && GetLastError() != ERROR_IO_PENDING)
        return false;
    if (WaitForSingleObject(client->event, client->patience_ms) != WAIT_OBJECT_0)
    {
        client->stuck = true;
        CancelIoEx(client->pipe, overlapped);
        GetOverlappedResult(client->pipe, overlapped, moved, TRUE);
        return false;
    }
    return GetOverlappedResult(client->pipe, overlapped, moved, FALSE);
}

static void client_open(struct client *client, const WCHAR *name)
{
    client->received = 0;
    for (int i = 0; i < 1000; i++)
    {
        client->pipe = CreateFileW(name, GENERIC_READ | FILE_WRITE_DATA | SYNCHRONIZE, 0, NULL,
            OPEN_EXISTING,
            FILE_FLAG_OVERLAPPED | SECURITY_SQOS_PRESENT | SECURITY_IDENTIFICATION, NULL);
        if (client->pipe != INVALID_HANDLE_VALUE)
            return;
        assert_int_equal(GetLastError(), ERROR_PIPE_BUSY);
        WaitNamedPipeW(name, PATIENCE_MS);
    }
    fail_msg("the writer takes no connection");
}

static void client_close(struct client *client)
{
    CloseHandle(client->pipe);
}

/* The other end may close meanwhile. */
static void client_write(struct client *client, const BYTE *bytes, size_t size)
{
    DWORD moved = 0;
    OVERLAPPED overlapped = {.hEvent = client->event};
    BOOL done = WriteFile(client->pipe, bytes, (DWORD)size, NULL, &overlapped);
    finish_io(client, &overlapped, done, &moved);
}

static void client_send(struct client *client)
{
    client_write(client, batch, batch_size);
    batch_size = 0;
    assert_false(client->stuck);
}

/* The next message without its header, in client->message; false: the connection is closed, or what
   came is no message. */
static bool client_receive(struct client *client, size_t *size)
{
    for (;;)
    {
        uint32_t length = 0;
        if (client->received >= PIPE_HEADER_SIZE)
            memcpy(&length, client->bytes + 4, sizeof(length));
        size_t whole = PIPE_HEADER_SIZE + (size_t)length;
        if (whole > BATCH_SIZE)
            return false;
        if (client->received >= whole)
        {
            memcpy(client->message, client->bytes + PIPE_HEADER_SIZE, length);
            client->received -= whole;
            memmove(client->bytes, client->bytes + whole, client->received);
            *size = length;
            return true;
        }
        DWORD moved = 0;
        OVERLAPPED overlapped = {.hEvent = client->event};
        BOOL done = ReadFile(client->pipe, client->bytes + client->received,
            (DWORD)(BATCH_SIZE - client->received), NULL, &overlapped);
        if (!finish_io(client, &overlapped, done, &moved))
            return false;
        client->received += moved;
    }
}

static void expect_greeting(struct client *client, const GUID *instance_id)
{
    size_t size = 0;
    struct pack_reader reader;
    struct wire_greeting greeting;
    assert_true(client_receive(client, &size));
    assert_int_equal(wire_open(&reader, client->message, size), WIRE_GREETING);
    assert_int_equal(wire_read_greeting(&reader, &greeting), S_OK);
    assert_true(guid_equal(&greeting.traits.instance_id, instance_id));
    wire_greeting_clear(&greeting);
}

/* The next answer's id; *delivery is what it says. */
static uint32_t expect_answer(struct client *client, HRESULT *delivery)
{
    size_t size = 0;
    uint32_t id = 0;
    struct pack_reader reader;
    struct bus_reply reply;
    assert_true(client_receive(client, &size));
    assert_int_equal(wire_open(&reader, client->message, size), WIRE_ANSWER);
    assert_int_equal(wire_read_answer(&reader, &id, &reply), S_OK);
    *delivery = reply.delivery;
    bus_reply_clear(&reply);
    return id;
}

static void expect_close(struct client *client)
{
    size_t size = 0;
    while (client_receive(client, &size))
        ;
    assert_false(client->stuck);
}

/* ---- The writer under attack ---- */

static struct probe victim;
static WCHAR victim_name[ENDPOINT_NAME_UNITS];
static struct writer_components *victim_components;
static struct client witness;
static struct client attacker;

static const GUID *victim_id(void)
{
    return &writer_record_traits(victim.record)->instance_id;
}

static void find_victim(void)
{
    WCHAR scope[SCOPE_LENGTH + 1];
    struct vec ids = {0};
    assert_int_equal(settings_scope(scope), S_OK);
    assert_int_equal(endpoint_list(scope, &ids), S_OK);
    assert_int_equal(ids.count, 1);
    assert_true(pipe_server_is_own(ids.items[0]));
    endpoint_pipe_name(scope, ids.items[0], victim_name);
    vec_free(&ids, mem_free);
}

static void greet(struct client *client)
{
    client_open(client, victim_name);
    add(hello_frame());
    client_send(client);
    expect_greeting(client, victim_id());
}

/* An event that has to be handled. */
static void call(struct client *client, GUID session, enum vss_event event)
{
    static uint32_t last_id = 1000;
    HRESULT delivery = E_FAIL;
    uint32_t id = ++last_id;
    add(event_frame(id, session, event, victim_components));
    client_send(client);
    assert_int_equal(expect_answer(client, &delivery), id);
    assert_int_equal(delivery, S_OK);
}

static void start_victim(void)
{
    witness.event = make_event();
    witness.patience_ms = PATIENCE_MS;
    attacker.event = make_event();
    attacker.patience_ms = PATIENCE_MS;
    probe_start(&victim);
    find_victim();
    victim_components = make_components(victim_id());
    greet(&witness);
}

/* It serves a backup from its start to its end, on a connection that was there and on a new one. */
static void stop_victim(void)
{
    static const enum vss_event backup[] = {EVENT_IDENTIFY, EVENT_PREPARE_BACKUP,
        EVENT_PREPARE_SNAPSHOT, EVENT_FREEZE, EVENT_THAW, EVENT_POST_SNAPSHOT,
        EVENT_BACKUP_COMPLETE, EVENT_BACKUP_SHUTDOWN};
    greet(&attacker);
    pool_settle(PATIENCE_MS);
    for (size_t i = 0; i < sizeof(backup) / sizeof(backup[0]); i++)
    {
        call(&witness, session_id(1), backup[i]);
        call(&attacker, session_id(2), backup[i]);
    }
    client_close(&attacker);
    client_close(&witness);
    probe_stop(&victim);
    pool_drain();
    writer_components_release(victim_components);
    CloseHandle(witness.event);
    CloseHandle(attacker.event);
}

/* ---- Attacks ---- */

/* Each returns how many frames it sent. */

static size_t random_bytes(void)
{
    size_t size = 1 + draw(4000);
    uint32_t length = 1 + draw((uint32_t)size);
    bool marked = draw(2);
    greet(&attacker);
    for (size_t i = 0; i < size; i++)
        batch[i] = (BYTE)draw(256);
    if (marked)
        put_length(batch, length);
    batch[PIPE_HEADER_SIZE] |= 0x80; /* no kind of message */
    batch_size = size;
    client_send(&attacker);
    if (size >= PIPE_HEADER_SIZE + (marked ? length : 0))
        expect_close(&attacker);
    client_close(&attacker);
    return 1;
}

static size_t a_cut_frame(void)
{
    struct frame frame = event_frame(7, session_id(3), EVENT_PREPARE_BACKUP, victim_components);
    greet(&attacker);
    add_bytes(frame.bytes, draw((uint32_t)frame.size));
    mem_free(frame.bytes);
    client_send(&attacker);
    client_close(&attacker);
    return 1;
}

static size_t a_wrong_length(void)
{
    struct frame frame = event_frame(8, session_id(3), EVENT_PREPARE_BACKUP, victim_components);
    uint32_t right = (uint32_t)(frame.size - PIPE_HEADER_SIZE);
    bool shorter = draw(2);
    greet(&attacker);
    put_length(frame.bytes, shorter ? draw(right) : right + 1 + draw(100000));
    add(frame);
    client_send(&attacker);
    if (shorter)
        expect_close(&attacker);
    client_close(&attacker);
    return 1;
}

static size_t a_gigabyte_announced(void)
{
    static const uint32_t lengths[] = {
        1u << 30, PIPE_MESSAGE_LIMIT + 1, 0xFFFFFFFFu, 0x80000000u, PIPE_MESSAGE_LIMIT};
    BYTE header[PIPE_HEADER_SIZE];
    uint32_t length = lengths[draw(5)];
    greet(&attacker);
    put_length(header, length);
    add_bytes(header, sizeof(header));
    add(hello_frame());
    client_send(&attacker);
    if (length > PIPE_MESSAGE_LIMIT)
        expect_close(&attacker);
    client_close(&attacker);
    return 1;
}

/* Something else than a hello, or no good one, comes first. */
static size_t no_greeting(void)
{
    struct frame frame = draw(2)
        ? hello_frame()
        : event_frame(9, session_id(3), EVENT_PREPARE_BACKUP, victim_components);
    client_open(&attacker, victim_name);
    if (frame.bytes[PIPE_HEADER_SIZE] == WIRE_HELLO)
        frame.bytes[PIPE_HEADER_SIZE + 1 + draw(12)] ^= (BYTE)(1 + draw(255));
    add(frame);
    client_send(&attacker);
    expect_close(&attacker);
    client_close(&attacker);
    return 1;
}

static size_t strangers_abandoned(void)
{
    size_t count = 1 + draw(200);
    HRESULT delivery = E_FAIL;
    greet(&attacker);
    for (size_t i = 0; i < count; i++)
        add(abandon_frame(draw(0xFFFFFFFFu)));
    add(status_frame(11, session_id(3)));
    client_send(&attacker);
    assert_int_equal(expect_answer(&attacker, &delivery), 11);
    client_close(&attacker);
    return count + 1;
}

/* Far more at once than a writer takes: each is answered, and those that ran say so. */
static size_t a_crowd(void)
{
    static unsigned crowds;
    size_t handled = 0;
    uint32_t ids = 0;
    /* Of its own: what another connection leaves of a session is ended when that connection is. */
    GUID session = session_id(1000 + crowds++);
    greet(&attacker);
    for (uint32_t i = 1; i <= CROWD; i++)
    {
        add(event_frame(i, session, EVENT_PREPARE_BACKUP, draw(2) ? victim_components : NULL));
        ids ^= i;
    }
    client_send(&attacker);
    for (int i = 0; i < CROWD; i++)
    {
        HRESULT delivery = E_FAIL;
        ids ^= expect_answer(&attacker, &delivery);
        assert_true(delivery == S_OK || delivery == E_OUTOFMEMORY);
        handled += delivery == S_OK;
    }
    assert_int_equal(ids, 0);
    assert_true(handled > 0);
    client_close(&attacker);
    return CROWD;
}

static struct frame any_frame(uint32_t id)
{
    static const enum vss_event events[] = {EVENT_IDENTIFY, EVENT_PREPARE_BACKUP,
        EVENT_PREPARE_SNAPSHOT, EVENT_FREEZE, EVENT_THAW, EVENT_POST_SNAPSHOT, EVENT_ABORT,
        EVENT_BACKUP_COMPLETE, EVENT_BACKUP_SHUTDOWN, EVENT_PRE_RESTORE, EVENT_POST_RESTORE};
    GUID session = session_id(100 + draw(20));
    switch (draw(6))
    {
    case 0: return status_frame(id, session);
    case 1: return abandon_frame(draw(BATCH_FRAMES));
    default:
        return event_frame(id, session, events[draw(sizeof(events) / sizeof(events[0]))],
            draw(2) ? victim_components : NULL);
    }
}

/* All up to the first that is malformed. */
static size_t mutated_frames(void)
{
    size_t count = 0;
    size_t answers = 0;
    uint32_t ids = 0;
    enum fate fate = SILENT;
    greet(&attacker);
    while (fate != MALFORMED && count < BATCH_FRAMES)
    {
        uint32_t id = 0;
        struct frame frame = any_frame((uint32_t)++count);
        if (draw(8) == 0)
            mutate(&frame);
        fate = fate_of(&frame, &id);
        add(frame);
        answers += fate == ANSWERED;
        ids ^= fate == ANSWERED ? id : 0;
    }
    client_send(&attacker);
    if (fate == MALFORMED)
    {
        expect_close(&attacker);
    }
    else if (draw(4))
    {
        HRESULT delivery;
        while (answers-- > 0)
            ids ^= expect_answer(&attacker, &delivery);
        assert_int_equal(ids, 0);
    }
    client_close(&attacker);
    return count;
}

static void what_a_client_sends_breaks_nothing_but_its_own_connection(void **state)
{
    static size_t (*const attacks[])(void) = {random_bytes, a_cut_frame, a_wrong_length,
        a_gigabyte_announced, no_greeting, strangers_abandoned, a_crowd, mutated_frames,
        mutated_frames, mutated_frames, mutated_frames, mutated_frames};
    (void)state;
    size_t connections = 0;
    start_victim();
    for (size_t frames = 0; frames < FRAMES; connections++)
    {
        frames += attacks[draw(sizeof(attacks) / sizeof(attacks[0]))]();
        if (connections % WITNESS_EVERY == 0)
            call(&witness, session_id(1), EVENT_PREPARE_BACKUP);
    }
    stop_victim();
}

/* ---- A writer without manners ---- */

enum stage
{
    AT_GREETING,
    AT_IDENTIFY,
    AT_EVENT,
    STAGE_COUNT
};

enum trick
{
    NO_TRICK,
    NOISE,        /* random bytes */
    CUT,          /* the start of what should come */
    CHANGED,      /* some bytes of it changed */
    FOR_NOTHING,  /* an answer that nobody asked for */
    FOR_ANOTHER,  /* an answer about another writer */
    ANOTHER_KIND, /* what only requestors send */
    PROMISE,      /* a gigabyte announced */
    TWICE,        /* the same again */
    GONE,         /* nothing */
    TRICK_COUNT
};

struct fake
{
    GUID id; /* of its endpoint and its instance */
    HANDLE announced;
    HANDLE stop;
    HANDLE thread;
    struct client end;
    /* set between rounds */
    enum stage next_stage;
    enum trick next_trick;
    /* the thread's */
    enum stage stage; /* of this connection: its end may fall into the next round */
    enum trick trick;
    bool stuck; /* a requestor kept a connection that it should have closed */
};

static struct fake liar;
static struct fake honest;

static struct frame greeting_of(const struct fake *fake)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    struct wire_greeting greeting = {
        .traits = probe_traits(), .standing = {.state = VSS_WS_STABLE, .bits = 64}};
    greeting.traits.instance_id = fake->id;
    HRESULT hr = wire_greeting(&greeting, &bytes, &size);
    return sealed(hr, bytes, size);
}

static struct frame answer_of(
    const struct fake *fake, const struct wire_request *request, bool for_nothing, bool for_another)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    struct bus_reply reply = {.status = {.state = VSS_WS_STABLE}};
    struct writer_traits traits = probe_traits();
    traits.instance_id = for_another ? session_id(77) : fake->id;
    if (request->payload && request->payload->event == EVENT_IDENTIFY)
        reply.metadata = writer_traits_begin_metadata(&traits);
    else if (for_another || request->components)
        reply.components = make_components(&traits.instance_id);
    HRESULT hr = wire_answer(request->id + (for_nothing ? 1000 : 0), &reply, &bytes, &size);
    bus_reply_clear(&reply);
    return sealed(hr, bytes, size);
}

static struct frame requestors_frame(void)
{
    switch (draw(4))
    {
    case 0: return hello_frame();
    case 1: return abandon_frame(1);
    case 2: return status_frame(1, session_id(1));
    default: return event_frame(1, session_id(1), EVENT_THAW, NULL);
    }
}

/* What comes instead of `right`, which it takes. */
static void play_trick(struct fake *fake, struct frame right, const struct wire_request *request)
{
    static const BYTE promise[PIPE_HEADER_SIZE] = {'T', 'L', 'W', '1', 0, 0, 0, 0x40};
    bool is_answer = fake->stage != AT_GREETING;
    struct frame other = {NULL, 0};
    switch (fake->trick)
    {
    case NOISE:
        for (size_t i = 0; i < right.size; i++)
            right.bytes[i] = (BYTE)draw(256);
        break;
    case CUT: right.size = draw((uint32_t)right.size); break;
    case CHANGED: mutate(&right); break;
    case FOR_NOTHING:
    case FOR_ANOTHER:
        if (is_answer)
            other = answer_of(
                fake, request, fake->trick == FOR_NOTHING, fake->trick == FOR_ANOTHER);
        else
            other = answer_of(fake, &(const struct wire_request){.id = 1}, false, false);
        break;
    case ANOTHER_KIND: other = requestors_frame(); break;
    case PROMISE: memcpy(right.bytes, promise, sizeof(promise)); break;
    case GONE: right.size = 0; break;
    default: break;
    }
    const struct frame *sent = other.bytes ? &other : &right;
    client_write(&fake->end, sent->bytes, sent->size);
    if (fake->trick == TWICE)
        client_write(&fake->end, sent->bytes, sent->size);
    mem_free(other.bytes);
    mem_free(right.bytes);
}

/* Whether a requestor must see for itself that this is malformed. */
static bool is_plain(enum trick trick)
{
    return trick != CUT && trick != CHANGED && trick != GONE;
}

/* One connection, until either end ends it. */
static void converse(struct fake *fake)
{
    size_t size = 0;
    fake->stage = fake->next_stage;
    fake->trick = fake->next_trick;
    fake->end.received = 0;
    fake->end.patience_ms = PATIENCE_MS;
    while (client_receive(&fake->end, &size))
    {
        struct pack_reader reader;
        struct wire_request request = {0};
        enum stage stage = AT_GREETING;
        enum wire_kind kind = wire_open(&reader, fake->end.message, size);
        if (kind == WIRE_EVENT && SUCCEEDED(wire_read_request(&reader, kind, &request)))
            stage = request.payload->event == EVENT_IDENTIFY ? AT_IDENTIFY : AT_EVENT;
        struct frame right = stage == AT_GREETING ? greeting_of(fake)
                                                  : answer_of(fake, &request, false, false);
        bool tricks = fake->trick != NO_TRICK && stage == fake->stage;
        if (tricks)
        {
            play_trick(fake, right, &request);
        }
        else
        {
            client_write(&fake->end, right.bytes, right.size);
            mem_free(right.bytes);
        }
        wire_request_clear(&request);
        if (tricks && !is_plain(fake->trick))
            fake->end.patience_ms = CUT_MS;
        if (!tricks)
            continue;
        while (fake->trick != GONE && client_receive(&fake->end, &size))
            ;
        fake->stuck |= fake->end.stuck && is_plain(fake->trick);
        fake->end.stuck = false;
        return;
    }
}

static DWORD WINAPI run_fake(void *context)
{
    struct fake *fake = context;
    HANDLE either[] = {fake->stop, fake->end.event};
    for (;;)
    {
        OVERLAPPED overlapped = {.hEvent = fake->end.event};
        DWORD moved = 0;
        bool waits = !ConnectNamedPipe(fake->end.pipe, &overlapped) &&
            GetLastError() == ERROR_IO_PENDING;
        if (waits && WaitForMultipleObjects(2, either, FALSE, INFINITE) == WAIT_OBJECT_0)
        {
            CancelIoEx(fake->end.pipe, &overlapped);
            GetOverlappedResult(fake->end.pipe, &overlapped, &moved, TRUE);
            return 0;
        }
        converse(fake);
        DisconnectNamedPipe(fake->end.pipe);
    }
}

static void fake_start(struct fake *fake, unsigned number)
{
    WCHAR scope[SCOPE_LENGTH + 1];
    WCHAR name[ENDPOINT_NAME_UNITS];
    *fake = (struct fake){.id = {0xFA4E0000u + number, 1, 2, {3}}};
    assert_int_equal(settings_scope(scope), S_OK);
    endpoint_pipe_name(scope, &fake->id, name);
    /* A stranger's pipe would not be spoken to at all. */
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof(attributes)};
    assert_int_equal(peer_pipe_descriptor(&attributes.lpSecurityDescriptor), S_OK);
    fake->end.pipe = CreateNamedPipeW(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED,
        PIPE_TYPE_BYTE | PIPE_WAIT, 1, 65536, 65536, 0, &attributes);
    assert_true(fake->end.pipe != INVALID_HANDLE_VALUE);
    LocalFree(attributes.lpSecurityDescriptor);
    endpoint_event_name(scope, &fake->id, name);
    fake->announced = CreateEventW(NULL, TRUE, FALSE, name);
    assert_non_null(fake->announced);
    fake->stop = make_event();
    fake->end.event = make_event();
    fake->thread = CreateThread(NULL, 0, run_fake, fake, 0, NULL);
    assert_non_null(fake->thread);
}

static void fake_stop(struct fake *fake)
{
    SetEvent(fake->stop);
    await_event(fake->thread);
    CloseHandle(fake->thread);
    CloseHandle(fake->stop);
    CloseHandle(fake->announced);
    CloseHandle(fake->end.event);
    CloseHandle(fake->end.pipe);
    assert_false(fake->stuck);
}

static struct bus_participant *find(struct bus_session *session, const struct fake *fake)
{
    for (size_t i = 0; i < bus_session_count(session); i++)
        if (guid_equal(&bus_session_participant(session, i)->instance_id, &fake->id))
            return bus_session_participant(session, i);
    return NULL;
}

static HRESULT give_components(
    void *context, const struct bus_participant *participant, struct writer_components **out)
{
    (void)context;
    *out = make_components(&participant->instance_id);
    return S_OK;
}

static void note_honest_answer(
    void *context, struct bus_participant *participant, struct writer_components *changed)
{
    size_t *answers = context;
    *answers += changed && guid_equal(&participant->instance_id, &honest.id);
}

/* Whether a writer's trick before its participation keeps it out of it. */
static bool keeps_out(enum stage stage, enum trick trick)
{
    return stage != AT_EVENT && trick != NO_TRICK && trick != CHANGED && trick != TWICE;
}

static void back_up(void)
{
    size_t answers = 0;
    struct bus_session *session = NULL;
    struct bus_payload *payload = bus_payload_create(EVENT_PREPARE_BACKUP, 0);
    const struct bus_raise raise = {.payload = payload,
        .deadline_ms = PATIENCE_MS,
        .context = &answers,
        .components = give_components,
        .answered = note_honest_answer};
    assert_non_null(payload);
    assert_int_equal(bus_session_create(&session), S_OK);
    payload->session_id = *bus_session_id(session);
    assert_int_equal(bus_session_identify(session, NULL), S_OK);
    const struct bus_participant *liars = find(session, &liar);
    assert_false(liars && keeps_out(liar.next_stage, liar.next_trick));
    assert_int_equal(bus_session_raise(session, &raise, NULL), S_OK);
    assert_int_equal(answers, 1);
    const struct bus_participant *sound = find(session, &honest);
    assert_non_null(sound);
    assert_false(sound->failed || sound->lost);
    if (liar.next_trick == NO_TRICK)
        assert_true(liars && !liars->failed && !liars->lost);
    else if (liars && liar.next_stage == AT_EVENT && liar.next_trick != CHANGED &&
        liar.next_trick != TWICE)
        assert_true(liars->lost);
    bus_session_destroy(session);
    bus_payload_release(payload);
}

static void what_a_writer_answers_breaks_nothing_but_its_own_part(void **state)
{
    (void)state;
    fake_start(&honest, 1);
    fake_start(&liar, 2);
    for (uint32_t i = 0; i < FAKE_ROUNDS; i++)
    {
        liar.next_stage = (enum stage)(i % STAGE_COUNT);
        liar.next_trick = (enum trick)(draw(2) ? (uint32_t)CHANGED : draw(TRICK_COUNT));
        back_up();
    }
    /* Its last connection may still end. */
    pool_settle(PATIENCE_MS);
    liar.next_trick = NO_TRICK;
    back_up();
    pool_drain();
    fake_stop(&liar);
    fake_stop(&honest);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        leak_test(what_a_client_sends_breaks_nothing_but_its_own_connection),
        leak_test(what_a_writer_answers_breaks_nothing_but_its_own_part),
    };
    seed = argc > 1 ? strtoull(argv[1], NULL, 0) : GetTickCount64() ^ GetCurrentProcessId();
    random_state = seed * 2 + 1;
    printf("seed 0x%llx\n", (unsigned long long)seed);
    fflush(stdout);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
