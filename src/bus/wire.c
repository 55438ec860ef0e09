/* SPDX-License-Identifier: MIT
 *
 * Requests and answers as bytes. See wire.h.
 */
#include "bus/wire.h"

#include <string.h>
#include <vss.h>

#include "base/mem.h"
#include "document/document.h"
#include "os/pipe.h"

/* Three strings and their lengths. */
#define LEAST_VOLUME_SIZE 12

/* Says what is spoken here. */
static const BYTE hello_mark[] = {'T', 'h', 'a', 'w', 'l', 'i', 'n', 'e'};

/* The writer counts from the header and the reader from behind it; both put strings at even
   places. */
_Static_assert(PIPE_HEADER_SIZE % sizeof(WCHAR) == 0, "strings would lie at odd places");

static void begin(struct pack_writer *writer, enum wire_kind kind)
{
    static const BYTE header[PIPE_HEADER_SIZE];
    pack_write_raw(writer, header, sizeof(header));
    pack_write_u8(writer, (uint8_t)kind);
}

static HRESULT end(struct pack_writer *writer, HRESULT hr, BYTE **bytes, size_t *size)
{
    if (SUCCEEDED(hr))
        hr = pack_writer_take(writer, bytes, size);
    pack_writer_free(writer);
    return hr;
}

enum wire_kind wire_open(struct pack_reader *reader, const BYTE *bytes, size_t size)
{
    pack_reader_open(reader, bytes, size);
    return size ? (enum wire_kind)pack_read_u8(reader) : (enum wire_kind)0;
}

/* Everything was read, and nothing is left. */
static HRESULT check_end(struct pack_reader *reader)
{
    if (SUCCEEDED(reader->failure) && reader->left)
        pack_reader_refuse(reader);
    return reader->failure;
}

uint32_t wire_peek_id(const BYTE *bytes, size_t size)
{
    struct pack_reader reader;
    wire_open(&reader, bytes, size);
    return pack_read_u32(&reader);
}

GUID wire_peek_session(const BYTE *bytes, size_t size)
{
    struct pack_reader reader;
    wire_open(&reader, bytes, size);
    pack_read_u32(&reader);
    return pack_read_guid(&reader);
}

/* ---- Who is there ---- */

HRESULT wire_hello(BYTE **bytes, size_t *size)
{
    struct pack_writer writer = {0};
    begin(&writer, WIRE_HELLO);
    pack_write_raw(&writer, hello_mark, sizeof(hello_mark));
    pack_write_u32(&writer, WIRE_VERSION);
    return end(&writer, S_OK, bytes, size);
}

HRESULT wire_read_hello(struct pack_reader *reader)
{
    const BYTE *mark = pack_read_raw(reader, sizeof(hello_mark));
    bool ours = mark && memcmp(mark, hello_mark, sizeof(hello_mark)) == 0;
    if (pack_read_u32(reader) != WIRE_VERSION || !ours)
        pack_reader_refuse(reader);
    return check_end(reader);
}

HRESULT wire_greeting(const struct wire_greeting *greeting, BYTE **bytes, size_t *size)
{
    const struct writer_traits *traits = &greeting->traits;
    const struct bus_standing *standing = &greeting->standing;
    struct pack_writer writer = {0};
    begin(&writer, WIRE_GREETING);
    pack_write_u32(&writer, WIRE_VERSION);
    pack_write_guid(&writer, &traits->class_id);
    pack_write_guid(&writer, &traits->instance_id);
    pack_write_string(&writer, traits->name);
    pack_write_string(&writer, traits->instance_name);
    pack_write_u32(&writer, traits->usage);
    pack_write_u32(&writer, traits->source);
    pack_write_u32(&writer, (uint32_t)traits->level);
    pack_write_u32(&writer, traits->freeze_timeout_ms);
    pack_write_u32(&writer, traits->major_version);
    pack_write_u32(&writer, traits->minor_version);
    pack_write_u32(&writer, standing->process_id);
    pack_write_u32(&writer, standing->bits);
    pack_write_u64(&writer, standing->subscribed_at);
    pack_write_u32(&writer, (uint32_t)standing->state);
    pack_write_u32(&writer, (uint32_t)standing->failure);
    return end(&writer, S_OK, bytes, size);
}

void wire_greeting_clear(struct wire_greeting *greeting)
{
    writer_traits_clear(&greeting->traits);
    *greeting = (struct wire_greeting){0};
}

HRESULT wire_read_greeting(struct pack_reader *reader, struct wire_greeting *greeting)
{
    struct wire_greeting read = {0};
    struct writer_traits *traits = &read.traits;
    struct bus_standing *standing = &read.standing;
    if (pack_read_u32(reader) != WIRE_VERSION)
        pack_reader_refuse(reader);
    traits->class_id = pack_read_guid(reader);
    traits->instance_id = pack_read_guid(reader);
    traits->name = pack_read_string(reader);
    traits->instance_name = pack_read_string(reader);
    traits->usage = pack_read_u32(reader);
    traits->source = pack_read_u32(reader);
    traits->level = (int)pack_read_u32(reader);
    traits->freeze_timeout_ms = pack_read_u32(reader);
    traits->major_version = pack_read_u32(reader);
    traits->minor_version = pack_read_u32(reader);
    standing->process_id = pack_read_u32(reader);
    standing->bits = pack_read_u32(reader);
    standing->subscribed_at = pack_read_u64(reader);
    standing->state = (int)pack_read_u32(reader);
    standing->failure = (HRESULT)pack_read_u32(reader);
    if (!traits->name || traits->level < VSS_APP_SYSTEM || traits->level > VSS_APP_FRONT_END ||
        standing->state < VSS_WS_UNKNOWN || standing->state >= VSS_WS_COUNT)
        pack_reader_refuse(reader);
    HRESULT hr = check_end(reader);
    if (FAILED(hr))
        wire_greeting_clear(&read);
    else
        *greeting = read;
    return hr;
}

/* ---- Requests ---- */

static void pack_payload(struct pack_writer *writer, const struct bus_payload *payload)
{
    pack_write_u8(writer, (uint8_t)payload->event);
    pack_write_guid(writer, &payload->snapshot_set_id);
    pack_write_u32(writer, (uint32_t)payload->context);
    pack_write_bool(writer, payload->restore);
    pack_write_bool(writer, payload->select_components);
    pack_write_bool(writer, payload->bootable_system_state);
    pack_write_bool(writer, payload->partial_file_support);
    pack_write_u32(writer, payload->backup_type);
    pack_write_u32(writer, payload->restore_type);
    pack_write_u32(writer, (uint32_t)payload->volume_count);
    for (size_t i = 0; i < payload->volume_count; i++)
    {
        pack_write_string(writer, payload->volume_names[i]);
        pack_write_string(writer, payload->volume_paths[i]);
        pack_write_string(writer, payload->device_names[i]);
    }
}

static struct bus_payload *unpack_payload(struct pack_reader *reader, const GUID *session_id)
{
    struct bus_payload read = {.event = (enum vss_event)pack_read_u8(reader)};
    read.snapshot_set_id = pack_read_guid(reader);
    read.context = (LONG)pack_read_u32(reader);
    read.restore = pack_read_bool(reader);
    read.select_components = pack_read_bool(reader);
    read.bootable_system_state = pack_read_bool(reader);
    read.partial_file_support = pack_read_bool(reader);
    read.backup_type = pack_read_u32(reader);
    read.restore_type = pack_read_u32(reader);
    uint32_t volumes = pack_read_count(reader, LEAST_VOLUME_SIZE);
    if (read.event <= EVENT_NONE || read.event >= EVENT_COUNT)
        pack_reader_refuse(reader);
    if (FAILED(reader->failure))
        return NULL;
    struct bus_payload *payload = bus_payload_create(read.event, volumes);
    if (!payload)
    {
        pack_reader_fail(reader, E_OUTOFMEMORY);
        return NULL;
    }
    payload->session_id = *session_id;
    bus_payload_continue(payload, &read);
    for (uint32_t i = 0; i < volumes; i++)
    {
        payload->volume_names[i] = pack_read_string(reader);
        payload->volume_paths[i] = pack_read_string(reader);
        payload->device_names[i] = pack_read_string(reader);
        if (!payload->volume_names[i] || !payload->volume_paths[i])
            pack_reader_refuse(reader);
    }
    return payload;
}

static HRESULT pack_components(
    struct pack_writer *writer, const struct writer_components *components)
{
    pack_write_bool(writer, components != NULL);
    return components ? document_pack_writer_components(components, writer) : S_OK;
}

static struct writer_components *unpack_components(struct pack_reader *reader)
{
    struct writer_components *components = NULL;
    if (pack_read_bool(reader))
        document_unpack_writer_components(reader, &components);
    return components;
}

static HRESULT fill_request(
    struct pack_writer *writer, uint32_t id, const struct bus_request *request)
{
    begin(writer, request->kind == BUS_REQUEST_EVENT ? WIRE_EVENT : WIRE_STATUS);
    pack_write_u32(writer, id);
    pack_write_guid(writer, &request->session_id);
    if (request->kind != BUS_REQUEST_EVENT)
        return S_OK;
    pack_payload(writer, request->payload);
    return pack_components(writer, request->components);
}

HRESULT wire_request(uint32_t id, const struct bus_request *request, BYTE **bytes, size_t *size)
{
    struct pack_writer writer = {0};
    HRESULT hr = fill_request(&writer, id, request);
    return end(&writer, hr, bytes, size);
}

void wire_request_clear(struct wire_request *request)
{
    bus_payload_release(request->payload);
    writer_components_release(request->components);
    *request = (struct wire_request){0};
}

HRESULT wire_read_request(
    struct pack_reader *reader, enum wire_kind kind, struct wire_request *request)
{
    struct wire_request read = {.id = pack_read_u32(reader)};
    read.session_id = pack_read_guid(reader);
    if (!read.id)
        pack_reader_refuse(reader);
    if (kind == WIRE_EVENT)
    {
        read.payload = unpack_payload(reader, &read.session_id);
        /* The payload may live longer than the documents, and would hold them. */
        pack_reader_share_strings(reader);
        read.components = unpack_components(reader);
    }
    HRESULT hr = check_end(reader);
    if (FAILED(hr))
        wire_request_clear(&read);
    else
        *request = read;
    return hr;
}

HRESULT wire_abandon(const struct wire_abandon *abandon, BYTE **bytes, size_t *size)
{
    struct pack_writer writer = {0};
    begin(&writer, WIRE_ABANDON);
    pack_write_u32(&writer, abandon->id);
    pack_write_u32(&writer, (uint32_t)abandon->failure);
    return end(&writer, S_OK, bytes, size);
}

HRESULT wire_read_abandon(struct pack_reader *reader, struct wire_abandon *abandon)
{
    struct wire_abandon read = {.id = pack_read_u32(reader)};
    read.failure = (HRESULT)pack_read_u32(reader);
    HRESULT hr = check_end(reader);
    if (SUCCEEDED(hr))
        *abandon = read;
    return hr;
}

/* ---- Answers ---- */

static HRESULT fill_answer(
    struct pack_writer *writer, uint32_t id, const struct bus_reply *reply)
{
    begin(writer, WIRE_ANSWER);
    pack_write_u32(writer, id);
    pack_write_u32(writer, (uint32_t)reply->delivery);
    pack_write_bool(writer, reply->vetoed);
    pack_write_bool(writer, reply->owed);
    pack_write_u32(writer, (uint32_t)reply->status.state);
    pack_write_u32(writer, (uint32_t)reply->status.failure);
    pack_write_u32(writer, (uint32_t)reply->status.application);
    pack_write_string(writer, reply->status.message);
    HRESULT hr = pack_components(writer, reply->components);
    pack_write_bool(writer, reply->metadata != NULL);
    if (SUCCEEDED(hr) && reply->metadata)
        hr = document_pack_writer_metadata(reply->metadata, writer);
    return hr;
}

HRESULT wire_answer(uint32_t id, const struct bus_reply *reply, BYTE **bytes, size_t *size)
{
    struct pack_writer writer = {0};
    HRESULT hr = fill_answer(&writer, id, reply);
    return end(&writer, hr, bytes, size);
}

HRESULT wire_read_answer(struct pack_reader *reader, uint32_t *id, struct bus_reply *reply)
{
    struct bus_reply read = {0};
    uint32_t number = pack_read_u32(reader);
    pack_reader_share_strings(reader);
    read.delivery = (HRESULT)pack_read_u32(reader);
    read.vetoed = pack_read_bool(reader);
    read.owed = pack_read_bool(reader);
    read.status.state = (int)pack_read_u32(reader);
    read.status.failure = (HRESULT)pack_read_u32(reader);
    read.status.application = (HRESULT)pack_read_u32(reader);
    read.status.message = pack_read_string(reader);
    read.components = unpack_components(reader);
    if (pack_read_bool(reader))
        document_unpack_writer_metadata(reader, &read.metadata);
    if (read.status.state < VSS_WS_UNKNOWN || read.status.state >= VSS_WS_COUNT)
        pack_reader_refuse(reader);
    HRESULT hr = check_end(reader);
    if (FAILED(hr))
    {
        bus_reply_clear(&read);
        return hr;
    }
    *id = number;
    *reply = read;
    return S_OK;
}
