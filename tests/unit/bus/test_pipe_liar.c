/* SPDX-License-Identifier: MIT
 *
 * A writer without manners that a requestor finds: what it sends ends its own connection and
 * nothing else, an honest writer beside it is served, and nothing leaks.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <windows.h>

#include <cmocka.h>

#include <string.h>

#include "base/guid.h"
#include "base/mem.h"
#include "bus/bus_session.h"
#include "bus/endpoint_name.h"
#include "bus/peer.h"
#include "os/pool.h"
#include "os/settings.h"
#include "pipe_frames.h"
#include "probe.h"
#include "support/check_leaks.h"

#define ROUNDS 400
/* A bad writer leaves a requestor that long with half a message. */
#define CUT_MS 5

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
    for (uint32_t i = 0; i < ROUNDS; i++)
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
        leak_test(what_a_writer_answers_breaks_nothing_but_its_own_part),
    };
    frames_begin(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
