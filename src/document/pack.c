/* SPDX-License-Identifier: MIT
 *
 * A growing buffer and a bounds-checked reader. See pack.h.
 */
#include "document/pack.h"

#include <string.h>

#include "base/mem.h"
#include "base/str16.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "numbers are packed as they lie");
_Static_assert(sizeof(GUID) == 16, "a GUID is packed as it lies");

/* The first block; a message without large strings fits. */
#define FIRST_CAPACITY 1024u

/* ---- writing ---- */

void pack_writer_reserve(struct pack_writer *writer, size_t more)
{
    if (writer->failed || more <= writer->capacity - writer->size)
        return;
    /* At least twice as much: many small steps must not copy the whole each time. */
    size_t least = writer->size + more;
    size_t doubled = writer->capacity <= SIZE_MAX / 2 ? writer->capacity * 2 : 0;
    size_t capacity = least > doubled ? least : doubled;
    bool overflows = least < more;
    BYTE *bytes = overflows ? NULL : mem_grow_buffer(writer->bytes, writer->size, &capacity);
    if (!bytes)
    {
        writer->failed = true;
        return;
    }
    writer->bytes = bytes;
    writer->capacity = capacity;
}

void pack_write_raw(struct pack_writer *writer, const void *bytes, size_t size)
{
    if (size > writer->capacity - writer->size)
        pack_writer_reserve(writer, size > FIRST_CAPACITY ? size : FIRST_CAPACITY);
    if (writer->failed || !size)
        return;
    memcpy(writer->bytes + writer->size, bytes, size);
    writer->size += size;
}

void pack_write_u8(struct pack_writer *writer, uint8_t value)
{
    pack_write_raw(writer, &value, sizeof(value));
}

void pack_write_u16(struct pack_writer *writer, uint16_t value)
{
    pack_write_raw(writer, &value, sizeof(value));
}

void pack_write_u32(struct pack_writer *writer, uint32_t value)
{
    pack_write_raw(writer, &value, sizeof(value));
}

void pack_write_u64(struct pack_writer *writer, uint64_t value)
{
    pack_write_raw(writer, &value, sizeof(value));
}

void pack_write_bool(struct pack_writer *writer, bool value)
{
    pack_write_u8(writer, value ? 1 : 0);
}

void pack_write_guid(struct pack_writer *writer, const GUID *id)
{
    pack_write_raw(writer, id, sizeof(*id));
}

void pack_write_string(struct pack_writer *writer, const WCHAR *text)
{
    size_t length = str16_len(text);
    if (length >= PACK_NO_STRING)
        writer->failed = true;
    pack_write_u32(writer, text ? (uint32_t)length : PACK_NO_STRING);
    if (text && writer->size % sizeof(WCHAR))
        pack_write_u8(writer, 0);
    if (text)
        pack_write_raw(writer, text, (length + 1) * sizeof(WCHAR));
}

void pack_write_bytes(struct pack_writer *writer, const void *bytes, size_t size)
{
    if (size >= PACK_NO_STRING)
        writer->failed = true;
    pack_write_u32(writer, (uint32_t)size);
    pack_write_raw(writer, bytes, size);
}

HRESULT pack_writer_take(struct pack_writer *writer, BYTE **bytes, size_t *size)
{
    if (!writer->bytes)
        pack_writer_reserve(writer, 1);
    if (writer->failed)
        return E_OUTOFMEMORY;
    *bytes = writer->bytes;
    *size = writer->size;
    memset(writer, 0, sizeof(*writer));
    return S_OK;
}

void pack_writer_free(struct pack_writer *writer)
{
    mem_free(writer->bytes);
    memset(writer, 0, sizeof(*writer));
}

/* ---- reading ---- */

void pack_reader_open(struct pack_reader *reader, const void *bytes, size_t size)
{
    /* Reading nothing from no bytes must not give NULL. */
    const BYTE *begin = bytes ? bytes : (const BYTE *)"";
    *reader = (struct pack_reader){.begin = begin, .at = begin, .left = size};
}

void pack_reader_share_strings(struct pack_reader *reader)
{
    size_t size = (size_t)(reader->at - reader->begin) + reader->left;
    reader->shares =
        (uintptr_t)reader->begin % sizeof(WCHAR) == 0 && mem_may_share(reader->begin, size);
}

void pack_reader_fail(struct pack_reader *reader, HRESULT hr)
{
    if (SUCCEEDED(reader->failure))
        reader->failure = hr;
}

void pack_reader_refuse(struct pack_reader *reader)
{
    pack_reader_fail(reader, VSS_E_INVALID_XML_DOCUMENT);
}

const BYTE *pack_read_raw(struct pack_reader *reader, size_t size)
{
    if (size > reader->left)
        pack_reader_refuse(reader);
    if (FAILED(reader->failure))
        return NULL;
    const BYTE *bytes = reader->at;
    reader->at += size;
    reader->left -= size;
    return bytes;
}

/* Copies the next bytes; leaves `value` as it is after a failure. */
static void read_value(struct pack_reader *reader, void *value, size_t size)
{
    const BYTE *bytes = pack_read_raw(reader, size);
    if (bytes)
        memcpy(value, bytes, size);
}

uint8_t pack_read_u8(struct pack_reader *reader)
{
    uint8_t value = 0;
    read_value(reader, &value, sizeof(value));
    return value;
}

uint16_t pack_read_u16(struct pack_reader *reader)
{
    uint16_t value = 0;
    read_value(reader, &value, sizeof(value));
    return value;
}

uint32_t pack_read_u32(struct pack_reader *reader)
{
    uint32_t value = 0;
    read_value(reader, &value, sizeof(value));
    return value;
}

uint64_t pack_read_u64(struct pack_reader *reader)
{
    uint64_t value = 0;
    read_value(reader, &value, sizeof(value));
    return value;
}

bool pack_read_bool(struct pack_reader *reader)
{
    uint8_t value = pack_read_u8(reader);
    if (value > 1)
        pack_reader_refuse(reader);
    return value == 1;
}

GUID pack_read_guid(struct pack_reader *reader)
{
    GUID id = {0};
    read_value(reader, &id, sizeof(id));
    return id;
}

WCHAR *pack_read_units(struct pack_reader *reader, size_t *length)
{
    uint32_t units = pack_read_u32(reader);
    size_t size = ((size_t)units + 1) * sizeof(WCHAR);
    if (units == PACK_NO_STRING)
        return NULL;
    if ((size_t)(reader->at - reader->begin) % sizeof(WCHAR) && pack_read_u8(reader))
        pack_reader_refuse(reader);
    if (units >= reader->left / sizeof(WCHAR))
        pack_reader_refuse(reader);
    const BYTE *bytes = pack_read_raw(reader, size);
    if (bytes && (bytes[size - 2] || bytes[size - 1]))
        pack_reader_refuse(reader);
    if (FAILED(reader->failure))
        return NULL;
    WCHAR *text = reader->shares ? mem_share(bytes, size) : mem_dup(bytes, size);
    if (!text)
        pack_reader_fail(reader, E_OUTOFMEMORY);
    *length = units;
    return text;
}

WCHAR *pack_read_string(struct pack_reader *reader)
{
    size_t length = 0;
    WCHAR *text = pack_read_units(reader, &length);
    if (!text || str16_len(text) == length)
        return text;
    pack_reader_refuse(reader);
    mem_free(text);
    return NULL;
}

BYTE *pack_read_bytes(struct pack_reader *reader, size_t *size)
{
    uint32_t count = pack_read_count(reader, 1);
    const BYTE *bytes = pack_read_raw(reader, count);
    *size = 0;
    if (!bytes || !count)
        return NULL;
    BYTE *copy = mem_dup(bytes, count);
    if (copy)
        *size = count;
    else
        pack_reader_fail(reader, E_OUTOFMEMORY);
    return copy;
}

uint32_t pack_read_count(struct pack_reader *reader, size_t least)
{
    uint32_t count = pack_read_u32(reader);
    if (count > reader->left / least)
    {
        pack_reader_refuse(reader);
        return 0;
    }
    return count;
}
