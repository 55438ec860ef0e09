/* SPDX-License-Identifier: MIT
 *
 * os/pipe.h: messages over pipes, in one process; both ends are ours, or one is a bare handle that
 * sends what no message is.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <windows.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "os/clock.h"
#include "os/pipe.h"
#include "os/pool.h"
#include "support/check_leaks.h"

#define PATIENCE_MS 20000
#define BIG (5u << 20)

/* One end, with what has come there. */
struct end
{
    struct pipe *pipe;
    HANDLE came;   /* auto-reset */
    HANDLE closed; /* manual-reset */
    HANDLE news;   /* a client's; auto-reset */
    SRWLOCK lock;
    size_t count;
    size_t last_size;
    BYTE last_first;
    BYTE last_last;
    bool echo;
};

struct server
{
    struct pipe_listener *listener;
    struct end end;
    HANDLE accepted;
    HANDLE ended;
    WCHAR name[64];
};

static BYTE *message(size_t size, BYTE fill)
{
    BYTE *bytes = mem_alloc(PIPE_HEADER_SIZE + size);
    assert_non_null(bytes);
    memset(bytes + PIPE_HEADER_SIZE, fill, size);
    return bytes;
}

static void end_received(void *context, BYTE *bytes, size_t size)
{
    struct end *end = context;
    AcquireSRWLockExclusive(&end->lock);
    end->count++;
    end->last_size = size;
    end->last_first = size ? bytes[0] : 0;
    end->last_last = size ? bytes[size - 1] : 0;
    ReleaseSRWLockExclusive(&end->lock);
    if (end->echo)
    {
        BYTE *answer = mem_alloc(PIPE_HEADER_SIZE + size);
        if (size)
            memcpy(answer + PIPE_HEADER_SIZE, bytes, size);
        pipe_send(end->pipe, answer, PIPE_HEADER_SIZE + size);
    }
    mem_free(bytes);
    SetEvent(end->came);
}

static void end_closed(void *context)
{
    struct end *end = context;
    SetEvent(end->closed);
}

static const struct pipe_handler end_handler = {.received = end_received, .closed = end_closed};

static void end_init(struct end *end)
{
    InitializeSRWLock(&end->lock);
    end->came = CreateEventW(NULL, FALSE, FALSE, NULL);
    end->closed = CreateEventW(NULL, TRUE, FALSE, NULL);
}

static void end_free(struct end *end)
{
    pipe_release(end->pipe);
    CloseHandle(end->came);
    CloseHandle(end->closed);
    if (end->news)
        CloseHandle(end->news);
}

static void accepted(void *context, struct pipe *pipe)
{
    struct server *server = context;
    if (server->end.pipe)
    {
        pipe_close(pipe);
        pipe_release(pipe);
        return;
    }
    server->end.pipe = pipe;
    pipe_start(pipe, &end_handler, &server->end);
    SetEvent(server->accepted);
}

static void ended(void *context)
{
    struct server *server = context;
    SetEvent(server->ended);
}

static const struct pipe_acceptor acceptor = {.accepted = accepted, .ended = ended};

static void await(HANDLE event)
{
    assert_int_equal(WaitForSingleObject(event, PATIENCE_MS), WAIT_OBJECT_0);
}

static void server_start(struct server *server, bool echo)
{
    static LONG number;
    memset(server, 0, sizeof(*server));
    end_init(&server->end);
    server->end.echo = echo;
    server->accepted = CreateEventW(NULL, FALSE, FALSE, NULL);
    server->ended = CreateEventW(NULL, TRUE, FALSE, NULL);
    swprintf(server->name, 64, L"\\\\.\\pipe\\thawline-test-%lu-%ld",
        (unsigned long)GetCurrentProcessId(), (long)InterlockedIncrement(&number));
    assert_int_equal(pipe_listen(server->name, NULL, &acceptor, server, &server->listener), S_OK);
}

static void server_stop(struct server *server)
{
    pipe_listener_close(server->listener);
    await(server->ended);
    if (server->end.pipe)
    {
        pipe_close(server->end.pipe);
        await(server->end.closed);
    }
    end_free(&server->end);
    CloseHandle(server->accepted);
    CloseHandle(server->ended);
}

static void client_start(struct end *client, const struct server *server)
{
    memset(client, 0, sizeof(*client));
    end_init(client);
    client->news = CreateEventW(NULL, FALSE, FALSE, NULL);
    assert_int_equal(pipe_connect(server->name, &client->pipe), S_OK);
    pipe_start(client->pipe, &end_handler, client);
    pipe_attend(client->pipe, client->news);
}

/* Drives the client until `event` is set. */
static void client_await(struct end *client, HANDLE event)
{
    HANDLE handles[] = {event, client->news};
    DWORD which = WAIT_OBJECT_0 + 1;
    while (which == WAIT_OBJECT_0 + 1)
    {
        while (pipe_drive(client->pipe))
            ;
        which = WaitForMultipleObjects(2, handles, FALSE, PATIENCE_MS);
    }
    assert_int_equal(which, WAIT_OBJECT_0);
}

static void client_stop(struct end *client)
{
    pipe_close(client->pipe);
    pipe_rest(client->pipe, 0);
    assert_int_equal(WaitForSingleObject(client->closed, 0), WAIT_OBJECT_0);
    end_free(client);
}

/* A client without our manners, accepted. */
static HANDLE open_bare(const struct server *server)
{
    HANDLE bare = CreateFileW(server->name, GENERIC_READ | FILE_WRITE_DATA | SYNCHRONIZE, 0, NULL,
        OPEN_EXISTING, 0, NULL);
    assert_true(bare != INVALID_HANDLE_VALUE);
    await(server->accepted);
    return bare;
}

static void write_bare(HANDLE bare, const void *bytes, DWORD size)
{
    DWORD written = 0;
    assert_true(WriteFile(bare, bytes, size, &written, NULL));
    assert_int_equal(written, size);
}

static void messages_of_any_length_come_back_whole(void **state)
{
    static const size_t sizes[] = {0, 1, 7, 16376, 16377, 16384, 65536, 1 << 20, BIG, 3};
    struct server server;
    struct end client;
    (void)state;
    server_start(&server, true);
    client_start(&client, &server);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
    {
        pipe_send(client.pipe, message(sizes[i], (BYTE)(i + 1)), PIPE_HEADER_SIZE + sizes[i]);
        client_await(&client, client.came);
        assert_int_equal(client.last_size, sizes[i]);
        assert_int_equal(client.last_first, sizes[i] ? i + 1 : 0);
        assert_int_equal(client.last_last, sizes[i] ? i + 1 : 0);
    }
    client_stop(&client);
    await(server.end.closed);
    server_stop(&server);
}

static void both_ends_may_send_much_at_once(void **state)
{
    struct server server;
    struct end client;
    (void)state;
    server_start(&server, true);
    client_start(&client, &server);
    for (size_t i = 0; i < 20; i++)
        pipe_send(client.pipe, message(BIG / 4, 9), PIPE_HEADER_SIZE + BIG / 4);
    while (client.count < 20)
        client_await(&client, client.came);
    assert_int_equal(server.end.count, 20);
    client_stop(&client);
    server_stop(&server);
}

static void what_is_sent_before_finishing_arrives(void **state)
{
    struct server server;
    struct end client;
    (void)state;
    server_start(&server, false);
    client_start(&client, &server);
    for (size_t i = 0; i < 5; i++)
        pipe_send(client.pipe, message(BIG, 9), PIPE_HEADER_SIZE + BIG);
    pipe_finish(client.pipe);
    client_await(&client, client.closed);
    await(server.end.closed);
    assert_int_equal(server.end.count, 5);
    end_free(&client);
    server_stop(&server);
}

static void what_is_no_message_closes_the_connection(void **state)
{
    static const BYTE wrong_mark[] = {'H', 'T', 'T', 'P', 1, 0, 0, 0, 0};
    /* One byte more than a message may have. */
    static const BYTE too_long[] = {'T', 'L', 'W', '1', 1, 0, 0, 4};
    struct server server;
    (void)state;
    server_start(&server, false);
    HANDLE bare = open_bare(&server);
    write_bare(bare, wrong_mark, sizeof(wrong_mark));
    await(server.end.closed);
    CloseHandle(bare);
    assert_int_equal(server.end.count, 0);
    server_stop(&server);

    server_start(&server, false);
    bare = open_bare(&server);
    write_bare(bare, too_long, sizeof(too_long));
    await(server.end.closed);
    CloseHandle(bare);
    assert_int_equal(server.end.count, 0);
    server_stop(&server);
}

static void a_message_that_is_cut_is_not_delivered(void **state)
{
    static const BYTE start[] = {'T', 'L', 'W', '1', 0, 0, 0, 4, 1, 2, 3};
    struct server server;
    (void)state;
    server_start(&server, false);
    HANDLE bare = open_bare(&server);
    for (size_t i = 0; i < sizeof(start); i++)
        write_bare(bare, start + i, 1);
    CloseHandle(bare);
    await(server.end.closed);
    assert_int_equal(server.end.count, 0);
    server_stop(&server);
}

static void closing_ends_a_write_that_nobody_reads(void **state)
{
    struct server server;
    struct end client;
    (void)state;
    server_start(&server, false);
    HANDLE bare = open_bare(&server);
    pipe_send(server.end.pipe, message(BIG, 1), PIPE_HEADER_SIZE + BIG);
    pipe_close(server.end.pipe);
    await(server.end.closed);
    /* Nothing more goes out then. */
    pipe_send(server.end.pipe, message(1, 1), PIPE_HEADER_SIZE + 1);
    CloseHandle(bare);
    server_stop(&server);

    /* Too much for a message: the connection ends, the other end need not wait. */
    server_start(&server, false);
    client_start(&client, &server);
    /* Or the server may never hear of a client that went so soon. */
    await(server.accepted);
    size_t size = PIPE_HEADER_SIZE + PIPE_MESSAGE_LIMIT + 1;
    pipe_send(client.pipe, mem_alloc(size), size);
    client_await(&client, client.closed);
    await(server.end.closed);
    end_free(&client);
    server_stop(&server);
}

static void what_comes_while_a_client_rests_is_told_when_it_is_driven(void **state)
{
    struct server server;
    struct end client;
    (void)state;
    server_start(&server, false);
    client_start(&client, &server);
    await(server.accepted);
    /* A read is under way when the rest begins. */
    assert_int_equal(pipe_drive(client.pipe), PIPE_BEGAN);
    pipe_rest(client.pipe, 0);
    pipe_send(server.end.pipe, message(BIG, 7), PIPE_HEADER_SIZE + BIG);
    assert_int_equal(client.count, 0);
    pipe_attend(client.pipe, client.news);
    client_await(&client, client.came);
    assert_int_equal(client.last_size, BIG);
    assert_int_equal(client.last_last, 7);
    /* Its server's end is noticed later, too. */
    pipe_rest(client.pipe, 0);
    pipe_close(server.end.pipe);
    await(server.end.closed);
    assert_int_equal(WaitForSingleObject(client.closed, 0), WAIT_TIMEOUT);
    pipe_attend(client.pipe, client.news);
    client_await(&client, client.closed);
    pipe_rest(client.pipe, 0);
    end_free(&client);
    server_stop(&server);
}

static void a_rest_waits_for_what_is_on_its_way_and_no_longer_than_it_may(void **state)
{
    struct server server;
    struct end client;
    (void)state;
    server_start(&server, false);
    client_start(&client, &server);
    pipe_send(client.pipe, message(BIG, 3), PIPE_HEADER_SIZE + BIG);
    pipe_rest(client.pipe, clock_now_ms() + PATIENCE_MS);
    await(server.end.came);
    assert_int_equal(server.end.last_size, BIG);
    assert_int_equal(WaitForSingleObject(client.closed, 0), WAIT_TIMEOUT);
    client_stop(&client);
    server_stop(&server);

    /* A server that reads nothing. */
    WCHAR name[64];
    swprintf(name, 64, L"\\\\.\\pipe\\thawline-test-%lu-deaf",
        (unsigned long)GetCurrentProcessId());
    HANDLE deaf = CreateNamedPipeW(
        name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE | PIPE_WAIT, 1, 4096, 4096, 0, NULL);
    assert_true(deaf != INVALID_HANDLE_VALUE);
    wcscpy(server.name, name);
    client_start(&client, &server);
    pipe_send(client.pipe, message(BIG, 3), PIPE_HEADER_SIZE + BIG);
    pipe_rest(client.pipe, 0);
    assert_int_equal(WaitForSingleObject(client.closed, 0), WAIT_OBJECT_0);
    end_free(&client);
    CloseHandle(deaf);
}

static void a_name_is_taken_once_and_missing_servers_are_told(void **state)
{
    struct server server;
    struct pipe *pipe = NULL;
    (void)state;
    server_start(&server, false);
    server_stop(&server);
    assert_int_equal(pipe_connect(server.name, &pipe), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    assert_null(pipe);
}

static void many_clients_at_once_all_get_in(void **state)
{
    struct server server;
    struct pipe *pipes[64];
    (void)state;
    server_start(&server, false);
    for (size_t i = 0; i < 64; i++)
    {
        HRESULT hr = pipe_connect(server.name, &pipes[i]);
        for (int tries = 0; hr == HRESULT_FROM_WIN32(ERROR_PIPE_BUSY) && tries < 100; tries++)
        {
            pipe_wait(server.name, 200);
            hr = pipe_connect(server.name, &pipes[i]);
        }
        assert_int_equal(hr, S_OK);
    }
    for (size_t i = 0; i < 64; i++)
        pipe_release(pipes[i]);
    server_stop(&server);
}

static int settle(void **state)
{
    (void)state;
    return pool_settle(PATIENCE_MS) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(messages_of_any_length_come_back_whole, settle),
        cmocka_unit_test_teardown(both_ends_may_send_much_at_once, settle),
        cmocka_unit_test_teardown(what_is_sent_before_finishing_arrives, settle),
        cmocka_unit_test_teardown(what_is_no_message_closes_the_connection, settle),
        cmocka_unit_test_teardown(a_message_that_is_cut_is_not_delivered, settle),
        cmocka_unit_test_teardown(closing_ends_a_write_that_nobody_reads, settle),
        cmocka_unit_test_teardown(a_name_is_taken_once_and_missing_servers_are_told, settle),
        cmocka_unit_test_teardown(
            what_comes_while_a_client_rests_is_told_when_it_is_driven, settle),
        cmocka_unit_test_teardown(
            a_rest_waits_for_what_is_on_its_way_and_no_longer_than_it_may, settle),
        cmocka_unit_test_teardown(many_clients_at_once_all_get_in, settle),
    };
    long before = mem_live_blocks();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    pool_settle(PATIENCE_MS);
    if (mem_live_blocks() != before)
        printf("%ld blocks leaked\n", mem_live_blocks() - before);
    return failed || mem_live_blocks() != before;
}
