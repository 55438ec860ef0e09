/* SPDX-License-Identifier: MIT
 *
 * Frames as they pass through a pipe, right ones and wrong ones, and a client that sends them as
 * they are. What is drawn at random follows a seed that frames_begin prints; given as the first
 * argument of the test it brings the same again. Include it after cmocka.h.
 */
#ifndef THAWLINE_TESTS_UNIT_BUS_PIPE_FRAMES_H
#define THAWLINE_TESTS_UNIT_BUS_PIPE_FRAMES_H

#include <stdbool.h>

#include "bus/wire.h"
#include "model/event.h"
#include "os/pipe.h"

#define BATCH_SIZE (512u << 10)

void frames_begin(int argc, char **argv);
/* A number below `below`. */
uint32_t draw(uint32_t below);

struct frame
{
    BYTE *bytes; /* with the pipe's header */
    size_t size;
};

/* The header of a message of `length` bytes. */
void put_length(BYTE *header, uint32_t length);
/* What wire.h made, as the pipe would send it. */
struct frame sealed(HRESULT hr, BYTE *bytes, size_t size);
struct frame hello_frame(void);
struct frame abandon_frame(uint32_t id);
struct frame event_frame(
    uint32_t id, GUID session, enum vss_event event, struct writer_components *components);
struct frame status_frame(uint32_t id, GUID session);
struct writer_components *make_components(const GUID *instance_id);
/* One to four bytes of the body become others, or some go, or some come. */
void mutate(struct frame *frame);

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

/* What client_send sends. */
extern BYTE batch[BATCH_SIZE];
extern size_t batch_size;
void add_bytes(const BYTE *bytes, size_t size);
void add(struct frame frame); /* and frees it */

void client_open(struct client *client, const WCHAR *name);
void client_close(struct client *client);
/* The other end may close meanwhile. */
void client_write(struct client *client, const BYTE *bytes, size_t size);
void client_send(struct client *client);
/* The next message without its header, in client->message; false: the connection is closed, or what
   came is no message. */
bool client_receive(struct client *client, size_t *size);
void expect_greeting(struct client *client, const GUID *instance_id);
/* The next answer's id; *delivery is what it says. */
uint32_t expect_answer(struct client *client, HRESULT *delivery);
void expect_close(struct client *client);

#endif
