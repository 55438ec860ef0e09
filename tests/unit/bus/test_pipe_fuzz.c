/* SPDX-License-Identifier: MIT
 *
 * A client without manners at a writer's endpoint: what is malformed ends its own connection and
 * nothing else, all that is well-formed is answered, and nothing leaks.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <windows.h>

#include <cmocka.h>

#include <string.h>

#include "base/guid.h"
#include "base/mem.h"
#include "bus/endpoint_name.h"
#include "bus/pipe_server.h"
#include "os/pool.h"
#include "os/settings.h"
#include "pipe_frames.h"
#include "probe.h"
#include "support/check_leaks.h"

/* Frames to the writer. */
#define FRAMES 100000u
/* In one connection; more than a writer takes at a time. */
#define BATCH_FRAMES 48
#define CROWD 300
/* Every so many connections the one that behaves is looked at. */
#define WITNESS_EVERY 16

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

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        leak_test(what_a_client_sends_breaks_nothing_but_its_own_connection),
    };
    frames_begin(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
