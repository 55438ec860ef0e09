/* SPDX-License-Identifier: MIT
 *
 * Messages between requestors and writers as bytes: every kind there and back with all of its
 * fields different, cut anywhere, with values that no sender means, and without memory. Where a
 * test changes a byte it counts from the front of the message, in the order of the fields.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <windows.h>
#include <vss.h>
#include <vswriter.h>

#include <cmocka.h>

#include <string.h>

#include "base/guid.h"
#include "bus/wire.h"
#include "os/pipe.h"
#include "support/check_leaks.h"
#include "support/check_text.h"
#include "support/fail_alloc.h"

#define SENT_ID 0x01020304u
#define MALFORMED VSS_E_INVALID_XML_DOCUMENT

/* A message without the room for the pipe's header, in a block that ends where it ends. */
struct message
{
    BYTE *bytes;
    size_t size;
};

static GUID id_of(unsigned number)
{
    return (GUID){0xA0000000u + number, (WORD)number, (WORD)(number + 1), {1, 2, 3, 4, 5, 6, 7, 8}};
}

static void assert_guid(const GUID *actual, unsigned number)
{
    const GUID expected = id_of(number);
    assert_true(guid_equal(actual, &expected));
}

static HRESULT keep(HRESULT hr, BYTE *bytes, size_t size, struct message *message)
{
    if (FAILED(hr))
        return hr;
    message->size = size - PIPE_HEADER_SIZE;
    message->bytes = mem_dup(bytes + PIPE_HEADER_SIZE, message->size);
    mem_free(bytes);
    return message->bytes ? S_OK : E_OUTOFMEMORY;
}

/* ---- What is sent ---- */

static struct wire_greeting sent_greeting(void)
{
    return (struct wire_greeting){
        .traits = {.class_id = id_of(1),
            .instance_id = id_of(2),
            .name = (WCHAR *)L"a name",
            .instance_name = (WCHAR *)L"an instance",
            .usage = VSS_UT_SYSTEMSERVICE,
            .source = VSS_ST_NONTRANSACTEDDB,
            .level = VSS_APP_BACK_END,
            .freeze_timeout_ms = 12345,
            .major_version = 17,
            .minor_version = 18},
        .standing = {.process_id = 0xFEDCBA98u,
            .bits = 32,
            .subscribed_at = 0x0102030405060708u,
            .state = VSS_WS_FAILED_AT_THAW,
            .failure = VSS_E_WRITERERROR_RETRYABLE}};
}

static struct writer_components *sent_components(void)
{
    const GUID instance_id = id_of(11);
    const GUID writer_id = id_of(12);
    struct component *component = NULL;
    struct writer_components *made = writer_components_create(&instance_id, &writer_id);
    assert_non_null(made);
    assert_int_equal(
        writer_components_add(made, COMPONENT_TYPE_DATABASE, L"path", L"database", &component),
        S_OK);
    assert_int_equal(component_add_partial_file(component, L"C:\\p", L"f", L"0:1", NULL), S_OK);
    return made;
}

static struct bus_payload *sent_payload(void)
{
    struct bus_payload *payload = bus_payload_create(EVENT_POST_SNAPSHOT, 2);
    assert_non_null(payload);
    payload->session_id = id_of(21);
    payload->snapshot_set_id = id_of(22);
    payload->context = 0x12345678;
    payload->restore = true;
    payload->select_components = false;
    payload->bootable_system_state = true;
    payload->partial_file_support = false;
    payload->backup_type = VSS_BT_DIFFERENTIAL;
    payload->restore_type = VSS_RTYPE_IMPORT;
    assert_int_equal(bus_payload_set_volume(payload, 0, L"volume 0", L"C:\\", L"device 0"), S_OK);
    assert_int_equal(bus_payload_set_volume(payload, 1, L"volume 1", L"D:\\", NULL), S_OK);
    return payload;
}

static struct writer_metadata *sent_metadata(void)
{
    struct metadata_component *component = NULL;
    struct writer_metadata *metadata = writer_metadata_create();
    assert_non_null(metadata);
    metadata->writer_id = id_of(31);
    metadata->instance_id = id_of(32);
    metadata->writer_name = str16_dup(L"told");
    assert_int_equal(writer_metadata_add_component(metadata, COMPONENT_TYPE_FILEGROUP, L"l",
                         L"group", L"caption", &component),
        S_OK);
    return metadata;
}

static struct bus_payload *payload;
static struct writer_components *components;
static struct writer_metadata *metadata;
static WCHAR said[] = L"said";

static HRESULT make_hello(struct message *message)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    HRESULT hr = wire_hello(&bytes, &size);
    return keep(hr, bytes, size, message);
}

static HRESULT make_greeting(struct message *message)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    const struct wire_greeting greeting = sent_greeting();
    HRESULT hr = wire_greeting(&greeting, &bytes, &size);
    return keep(hr, bytes, size, message);
}

static HRESULT make_request(enum bus_request_kind kind, struct message *message)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    const struct bus_request request = {
        .kind = kind, .session_id = id_of(21), .payload = payload, .components = components};
    HRESULT hr = wire_request(SENT_ID, &request, &bytes, &size);
    return keep(hr, bytes, size, message);
}

static HRESULT make_event(struct message *message)
{
    return make_request(BUS_REQUEST_EVENT, message);
}

static HRESULT make_status(struct message *message)
{
    return make_request(BUS_REQUEST_STATUS, message);
}

static HRESULT make_abandon(struct message *message)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    const struct wire_abandon abandon = {SENT_ID, VSS_E_WRITERERROR_TIMEOUT};
    HRESULT hr = wire_abandon(&abandon, &bytes, &size);
    return keep(hr, bytes, size, message);
}

static HRESULT make_answer(struct message *message)
{
    BYTE *bytes = NULL;
    size_t size = 0;
    const struct bus_reply reply = {.delivery = S_FALSE,
        .vetoed = true,
        .owed = false,
        .status = {VSS_WS_WAITING_FOR_THAW, VSS_E_WRITERERROR_NONRETRYABLE, E_HANDLE, said},
        .components = components,
        .metadata = metadata};
    HRESULT hr = wire_answer(SENT_ID, &reply, &bytes, &size);
    return keep(hr, bytes, size, message);
}

/* ---- What is read ---- */

static struct wire_greeting greeting;
static struct wire_request request;
static struct wire_abandon abandon;
static struct bus_reply reply;
static uint32_t answered_id;

static void forget(void)
{
    wire_greeting_clear(&greeting);
    wire_request_clear(&request);
    bus_reply_clear(&reply);
    reply = (struct bus_reply){0};
    abandon = (struct wire_abandon){0};
    answered_id = 0;
}

static HRESULT read_message(const BYTE *bytes, size_t size)
{
    struct pack_reader reader;
    enum wire_kind kind = wire_open(&reader, bytes, size);
    switch (kind)
    {
    case WIRE_HELLO: return wire_read_hello(&reader);
    case WIRE_GREETING: return wire_read_greeting(&reader, &greeting);
    case WIRE_EVENT:
    case WIRE_STATUS: return wire_read_request(&reader, kind, &request);
    case WIRE_ABANDON: return wire_read_abandon(&reader, &abandon);
    case WIRE_ANSWER: return wire_read_answer(&reader, &answered_id, &reply);
    }
    return MALFORMED;
}

static void assert_components(const struct writer_components *actual)
{
    assert_non_null(actual);
    assert_guid(&actual->instance_id, 11);
    assert_guid(&actual->writer_id, 12);
    const struct component *component = writer_components_find(actual, L"path", L"database");
    assert_non_null(component);
    assert_int_equal(component->partial_files.count, 1);
    const struct partial_file *file = component->partial_files.items[0];
    check_text(file->path, "C:\\p");
    check_text(file->ranges, "0:1");
    assert_null(file->metadata);
}

static void assert_greeting(void)
{
    const struct writer_traits *traits = &greeting.traits;
    const struct bus_standing *standing = &greeting.standing;
    assert_guid(&traits->class_id, 1);
    assert_guid(&traits->instance_id, 2);
    check_text(traits->name, "a name");
    check_text(traits->instance_name, "an instance");
    assert_int_equal(traits->usage, VSS_UT_SYSTEMSERVICE);
    assert_int_equal(traits->source, VSS_ST_NONTRANSACTEDDB);
    assert_int_equal(traits->level, VSS_APP_BACK_END);
    assert_int_equal(traits->freeze_timeout_ms, 12345);
    assert_int_equal(traits->major_version, 17);
    assert_int_equal(traits->minor_version, 18);
    assert_int_equal(standing->process_id, 0xFEDCBA98u);
    assert_int_equal(standing->bits, 32);
    assert_true(standing->subscribed_at == 0x0102030405060708u);
    assert_int_equal(standing->state, VSS_WS_FAILED_AT_THAW);
    assert_int_equal(standing->failure, VSS_E_WRITERERROR_RETRYABLE);
}

static void assert_status(void)
{
    assert_int_equal(request.id, SENT_ID);
    assert_guid(&request.session_id, 21);
    assert_null(request.payload);
    assert_null(request.components);
}

static void assert_event(void)
{
    const struct bus_payload *read = request.payload;
    assert_int_equal(request.id, SENT_ID);
    assert_guid(&request.session_id, 21);
    assert_non_null(read);
    assert_int_equal(read->event, EVENT_POST_SNAPSHOT);
    assert_guid(&read->session_id, 21);
    assert_guid(&read->snapshot_set_id, 22);
    assert_int_equal(read->context, 0x12345678);
    assert_true(read->restore);
    assert_false(read->select_components);
    assert_true(read->bootable_system_state);
    assert_false(read->partial_file_support);
    assert_int_equal(read->backup_type, VSS_BT_DIFFERENTIAL);
    assert_int_equal(read->restore_type, VSS_RTYPE_IMPORT);
    assert_int_equal(read->volume_count, 2);
    check_text(read->volume_names[0], "volume 0");
    check_text(read->volume_paths[0], "C:\\");
    check_text(read->device_names[0], "device 0");
    check_text(read->volume_names[1], "volume 1");
    check_text(read->volume_paths[1], "D:\\");
    check_text(read->device_names[1], NULL);
    assert_components(request.components);
}

static void assert_abandon(void)
{
    assert_int_equal(abandon.id, SENT_ID);
    assert_int_equal(abandon.failure, VSS_E_WRITERERROR_TIMEOUT);
}

static void assert_answer(void)
{
    assert_int_equal(answered_id, SENT_ID);
    assert_int_equal(reply.delivery, S_FALSE);
    assert_true(reply.vetoed);
    assert_false(reply.owed);
    assert_int_equal(reply.status.state, VSS_WS_WAITING_FOR_THAW);
    assert_int_equal(reply.status.failure, VSS_E_WRITERERROR_NONRETRYABLE);
    assert_int_equal(reply.status.application, E_HANDLE);
    check_text(reply.status.message, "said");
    assert_components(reply.components);
    assert_non_null(reply.metadata);
    assert_guid(&reply.metadata->writer_id, 31);
    assert_guid(&reply.metadata->instance_id, 32);
    check_text(reply.metadata->writer_name, "told");
    assert_non_null(writer_metadata_find(reply.metadata, L"l", L"group"));
}

static void assert_nothing(void)
{
    static const struct wire_greeting no_greeting;
    static const struct wire_request no_request;
    assert_memory_equal(&greeting, &no_greeting, sizeof(greeting));
    assert_memory_equal(&request, &no_request, sizeof(request));
    assert_int_equal(abandon.id, 0);
    assert_int_equal(answered_id, 0);
    assert_null(reply.components);
    assert_null(reply.metadata);
    assert_null(reply.status.message);
}

static const struct kind
{
    const char *name;
    enum wire_kind kind;
    HRESULT (*make)(struct message *message);
    void (*check)(void);
    uint32_t id;    /* what wire_peek_id finds; 0: not asked */
    bool allocates; /* reading it does */
} kinds[] = {
    {"hello", WIRE_HELLO, make_hello, assert_nothing, 0, false},
    {"greeting", WIRE_GREETING, make_greeting, assert_greeting, 0, true},
    {"event", WIRE_EVENT, make_event, assert_event, SENT_ID, true},
    {"status", WIRE_STATUS, make_status, assert_status, SENT_ID, false},
    {"abandon", WIRE_ABANDON, make_abandon, assert_abandon, SENT_ID, false},
    {"answer", WIRE_ANSWER, make_answer, assert_answer, SENT_ID, true},
};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static void set_up(void)
{
    payload = sent_payload();
    components = sent_components();
    metadata = sent_metadata();
}

static void tear_down(void)
{
    bus_payload_release(payload);
    writer_components_release(components);
    writer_metadata_release(metadata);
    payload = NULL;
    components = NULL;
    metadata = NULL;
}

static struct message make(const struct kind *kind)
{
    struct message message = {0};
    assert_int_equal(kind->make(&message), S_OK);
    return message;
}

/* ---- Tests ---- */

static void every_message_comes_back_with_each_field(void **state)
{
    (void)state;
    set_up();
    for (size_t i = 0; i < KIND_COUNT; i++)
    {
        struct message message = make(&kinds[i]);
        assert_int_equal(message.bytes[0], kinds[i].kind);
        assert_int_equal(read_message(message.bytes, message.size), S_OK);
        kinds[i].check();
        if (kinds[i].id)
            assert_int_equal(wire_peek_id(message.bytes, message.size), kinds[i].id);
        forget();
        mem_free(message.bytes);
    }
    tear_down();
}

static void what_may_be_missing_comes_back_missing(void **state)
{
    (void)state;
    struct message message = {0};
    payload = bus_payload_create(EVENT_IDENTIFY, 0);
    assert_int_equal(make_event(&message), S_OK);
    assert_int_equal(read_message(message.bytes, message.size), S_OK);
    assert_int_equal(request.payload->event, EVENT_IDENTIFY);
    assert_int_equal(request.payload->volume_count, 0);
    assert_null(request.components);
    forget();
    mem_free(message.bytes);

    assert_int_equal(make_answer(&message), S_OK);
    assert_int_equal(read_message(message.bytes, message.size), S_OK);
    assert_null(reply.components);
    assert_null(reply.metadata);
    forget();
    mem_free(message.bytes);
    tear_down();
}

static void a_message_that_is_cut_anywhere_is_refused_and_fills_nothing(void **state)
{
    (void)state;
    set_up();
    for (size_t i = 0; i < KIND_COUNT; i++)
    {
        struct message message = make(&kinds[i]);
        for (size_t size = 0; size < message.size; size++)
        {
            BYTE *cut = mem_dup(message.bytes, size);
            HRESULT hr = read_message(cut, size);
            if (hr != MALFORMED)
                print_error("%s, %u of %u bytes\n", kinds[i].name, (unsigned)size,
                    (unsigned)message.size);
            assert_int_equal(hr, MALFORMED);
            assert_nothing();
            mem_free(cut);
        }
        mem_free(message.bytes);
    }
    assert_int_equal(wire_peek_id(NULL, 0), 0);
    assert_int_equal(wire_peek_id((const BYTE *)"\3\1\1\1", 4), 0);
    tear_down();
}

static void a_byte_too_much_is_refused(void **state)
{
    (void)state;
    set_up();
    for (size_t i = 0; i < KIND_COUNT; i++)
    {
        struct message message = make(&kinds[i]);
        BYTE *longer = mem_alloc(message.size + 1);
        memcpy(longer, message.bytes, message.size);
        assert_int_equal(read_message(longer, message.size + 1), MALFORMED);
        assert_nothing();
        mem_free(longer);
        mem_free(message.bytes);
    }
    tear_down();
}

/* Where it goes on behind a string at `at`, whose units begin at an even offset and end with a
   NUL. */
#define BEHIND(at, units) ((at) + 4 + (at) % 2 + 2 * ((units) + 1))
/* Behind the kind: version, two ids, name, instance's name, usage, source, level, ... */
#define GREETING_VERSION 1
#define GREETING_NAME (1 + 4 + 16 + 16)
#define GREETING_LEVEL (BEHIND(BEHIND(GREETING_NAME, 6), 11) + 4 + 4)
#define GREETING_STATE (GREETING_LEVEL + 4 + 4 + 4 + 4 + 4 + 4 + 8)
/* Behind the kind: id, session; then event, set, context, four bools, two types, volumes. */
#define REQUEST_ID 1
#define EVENT_KIND (1 + 4 + 16)
#define EVENT_RESTORE (EVENT_KIND + 1 + 16 + 4)
#define EVENT_VOLUMES (EVENT_RESTORE + 4 + 4 + 4)
#define EVENT_NAME (EVENT_VOLUMES + 4)
#define EVENT_PATH BEHIND(EVENT_NAME, 8)
#define EVENT_HAS_COMPONENTS (BEHIND(BEHIND(BEHIND(BEHIND(EVENT_PATH, 3), 8), 8), 3) + 4)
/* Behind the kind: id, delivery, two bools, state, ... */
#define ANSWER_VETOED (1 + 4 + 4)
#define ANSWER_STATE (ANSWER_VETOED + 2)
#define ANSWER_MESSAGE (ANSWER_STATE + 4 + 4 + 4)
#define ANSWER_HAS_COMPONENTS BEHIND(ANSWER_MESSAGE, 4)

static void a_value_that_nobody_sends_is_refused(void **state)
{
    static const struct
    {
        size_t kind; /* in `kinds` */
        size_t at;
        size_t size;
        uint32_t usual; /* what is there else: the layout is as this test believes */
        uint32_t odd;
    } rows[] = {
        {0, 1, 1, 'T', 't'},
        {0, 8, 1, 'e', 0},
        {0, 9, 4, WIRE_VERSION, WIRE_VERSION + 1},
        {1, GREETING_VERSION, 4, WIRE_VERSION, WIRE_VERSION + 1},
        {1, GREETING_NAME, 4, 6, 0xFFFFFFFFu},
        {1, GREETING_NAME, 4, 6, 0x7FFFFFFFu},
        {1, GREETING_LEVEL, 4, VSS_APP_BACK_END, VSS_APP_UNKNOWN},
        {1, GREETING_LEVEL, 4, VSS_APP_BACK_END, VSS_APP_FRONT_END + 1},
        {1, GREETING_LEVEL, 4, VSS_APP_BACK_END, 0xFFFFFFFFu},
        {1, GREETING_STATE, 4, VSS_WS_FAILED_AT_THAW, VSS_WS_COUNT},
        {1, GREETING_STATE, 4, VSS_WS_FAILED_AT_THAW, 0xFFFFFFFFu},
        {2, REQUEST_ID, 4, SENT_ID, 0},
        {2, EVENT_KIND, 1, EVENT_POST_SNAPSHOT, EVENT_NONE},
        {2, EVENT_KIND, 1, EVENT_POST_SNAPSHOT, EVENT_COUNT},
        {2, EVENT_KIND, 1, EVENT_POST_SNAPSHOT, 255},
        {2, EVENT_RESTORE, 1, 1, 2},
        {2, EVENT_RESTORE + 1, 1, 0, 255},
        {2, EVENT_VOLUMES, 4, 2, 1},
        {2, EVENT_VOLUMES, 4, 2, 3},
        {2, EVENT_VOLUMES, 4, 2, 0xFFFFFFFFu},
        {2, EVENT_NAME, 4, 8, 0xFFFFFFFFu},
        {2, EVENT_NAME + 4, 2, 'v', 0},
        {2, EVENT_PATH, 4, 3, 0xFFFFFFFFu},
        {2, EVENT_HAS_COMPONENTS, 1, 1, 2},
        {2, EVENT_HAS_COMPONENTS, 1, 1, 0},
        {3, REQUEST_ID, 4, SENT_ID, 0},
        {5, ANSWER_VETOED, 1, 1, 2},
        {5, ANSWER_VETOED + 1, 1, 0, 2},
        {5, ANSWER_STATE, 4, VSS_WS_WAITING_FOR_THAW, VSS_WS_COUNT},
        {5, ANSWER_STATE, 4, VSS_WS_WAITING_FOR_THAW, 0xFFFFFFFFu},
        {5, ANSWER_MESSAGE, 4, 4, 0x80000000u},
        {5, ANSWER_HAS_COMPONENTS, 1, 1, 2},
        {5, ANSWER_HAS_COMPONENTS, 1, 1, 0},
    };
    (void)state;
    set_up();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        uint32_t found = 0;
        struct message message = make(&kinds[rows[i].kind]);
        memcpy(&found, message.bytes + rows[i].at, rows[i].size);
        assert_int_equal(found, rows[i].usual);
        memcpy(message.bytes + rows[i].at, &rows[i].odd, rows[i].size);
        HRESULT hr = read_message(message.bytes, message.size);
        if (hr != MALFORMED)
            print_error("row %u, %s\n", (unsigned)i, kinds[rows[i].kind].name);
        assert_int_equal(hr, MALFORMED);
        assert_nothing();
        mem_free(message.bytes);
    }
    tear_down();
}

static void without_memory_nothing_is_made_or_read_and_nothing_leaks(void **state)
{
    (void)state;
    set_up();
    for (size_t i = 0; i < KIND_COUNT; i++)
    {
        struct message message = {0};
        long before = mem_live_blocks();
        size_t failures = 0;
        HRESULT hr = E_OUTOFMEMORY;
        while (hr == E_OUTOFMEMORY)
        {
            fail_alloc(failures + 1);
            hr = kinds[i].make(&message);
            failures += allow_allocs();
            if (hr == E_OUTOFMEMORY)
                assert_int_equal(mem_live_blocks(), before);
        }
        assert_int_equal(hr, S_OK);
        assert_true(failures > 0);

        before = mem_live_blocks();
        failures = 0;
        hr = E_OUTOFMEMORY;
        while (hr == E_OUTOFMEMORY)
        {
            fail_alloc(failures + 1);
            hr = read_message(message.bytes, message.size);
            failures += allow_allocs();
            if (hr == E_OUTOFMEMORY)
            {
                assert_nothing();
                assert_int_equal(mem_live_blocks(), before);
            }
        }
        assert_int_equal(hr, S_OK);
        assert_int_equal(failures > 0, kinds[i].allocates);
        kinds[i].check();
        forget();
        mem_free(message.bytes);
    }
    tear_down();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(every_message_comes_back_with_each_field),
        leak_test(what_may_be_missing_comes_back_missing),
        leak_test(a_message_that_is_cut_anywhere_is_refused_and_fills_nothing),
        leak_test(a_byte_too_much_is_refused),
        leak_test(a_value_that_nobody_sends_is_refused),
        leak_test(without_memory_nothing_is_made_or_read_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
