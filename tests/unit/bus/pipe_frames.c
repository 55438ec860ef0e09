/* SPDX-License-Identifier: MIT
 *
 * Frames and a client that sends them. See pipe_frames.h.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <windows.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/guid.h"
#include "base/mem.h"
#include "pipe_frames.h"
#include "probe.h"

static uint64_t random_state;

void frames_begin(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0)
                             : GetTickCount64() ^ GetCurrentProcessId();
    random_state = seed * 2 + 1;
    printf("seed 0x%llx\n", (unsigned long long)seed);
    fflush(stdout);
}

uint32_t draw(uint32_t below)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32) % below;
}

/* ---- Frames ---- */

void put_length(BYTE *header, uint32_t length)
{
    memcpy(header, "TLW1", 4);
    memcpy(header + 4, &length, sizeof(length));
}

struct frame sealed(HRESULT hr, BYTE *bytes, size_t size)
{
    assert_int_equal(hr, S_OK);
    put_length(bytes, (uint32_t)(size - PIPE_HEADER_SIZE));
    return (struct frame){bytes, size};
}

struct frame hello_frame(void)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    HRESULT hr = wire_hello(&bytes, &size);
    return sealed(hr, bytes, size);
}

struct frame abandon_frame(uint32_t id)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    HRESULT hr = wire_abandon(
        &(const struct wire_abandon){id, VSS_E_WRITERERROR_TIMEOUT}, &bytes, &size);
    return sealed(hr, bytes, size);
}

struct writer_components *make_components(const GUID *instance_id)
{
    struct component *component = NULL;
    struct writer_components *made = writer_components_create(instance_id, &probe_class);
    assert_non_null(made);
    assert_int_equal(
        writer_components_add(made, COMPONENT_TYPE_DATABASE, L"path", L"name", &component), S_OK);
    assert_int_equal(component_add_partial_file(component, L"C:\\p", L"f", L"0:1", NULL), S_OK);
    return made;
}

struct frame event_frame(
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

struct frame status_frame(uint32_t id, GUID session)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    const struct bus_request request = {.kind = BUS_REQUEST_STATUS, .session_id = session};
    HRESULT hr = wire_request(id, &request, &bytes, &size);
    return sealed(hr, bytes, size);
}

void mutate(struct frame *frame)
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

/* ---- A client ---- */

BYTE batch[BATCH_SIZE];
size_t batch_size;

void add_bytes(const BYTE *bytes, size_t size)
{
    assert_true(batch_size + size <= BATCH_SIZE);
    memcpy(batch + batch_size, bytes, size);
    batch_size += size;
}

void add(struct frame frame)
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

void client_open(struct client *client, const WCHAR *name)
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

void client_close(struct client *client)
{
    CloseHandle(client->pipe);
}

void client_write(struct client *client, const BYTE *bytes, size_t size)
{
    DWORD moved = 0;
    OVERLAPPED overlapped = {.hEvent = client->event};
    BOOL done = WriteFile(client->pipe, bytes, (DWORD)size, NULL, &overlapped);
    finish_io(client, &overlapped, done, &moved);
}

void client_send(struct client *client)
{
    client_write(client, batch, batch_size);
    batch_size = 0;
    assert_false(client->stuck);
}

bool client_receive(struct client *client, size_t *size)
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

void expect_greeting(struct client *client, const GUID *instance_id)
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

uint32_t expect_answer(struct client *client, HRESULT *delivery)
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

void expect_close(struct client *client)
{
    size_t size = 0;
    while (client_receive(client, &size))
        ;
    assert_false(client->stuck);
}
