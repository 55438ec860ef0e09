/* SPDX-License-Identifier: MIT
 *
 * Bytes for the same DLL in another process, of either bitness: a buffer that grows and a reader
 * that never leaves it. Numbers are little-endian and not aligned; there are no names, types or
 * versions. A string is its number of units as u32, or PACK_NO_STRING for NULL, then at an even
 * offset the units and a NUL, so that it may stay where it lies. Any room may use it for its
 * messages. One thread at a time.
 */
#ifndef THAWLINE_DOCUMENT_PACK_H
#define THAWLINE_DOCUMENT_PACK_H

#include "base/mem.h"

#define PACK_NO_STRING 0xFFFFFFFFu

/* Zero-initialise. After a failed allocation `failed` stays set and further writes do nothing, so
   that a message is written without a check a line and checked once, at the end. */
struct pack_writer
{
    BYTE *bytes;
    size_t size;
    size_t capacity;
    bool failed;
};

/* Makes room for so many bytes more. */
void pack_writer_reserve(struct pack_writer *writer, size_t more);

void pack_write_u8(struct pack_writer *writer, uint8_t value);
void pack_write_u16(struct pack_writer *writer, uint16_t value);
void pack_write_u32(struct pack_writer *writer, uint32_t value);
void pack_write_u64(struct pack_writer *writer, uint64_t value);
void pack_write_bool(struct pack_writer *writer, bool value);
void pack_write_guid(struct pack_writer *writer, const GUID *id);
void pack_write_string(struct pack_writer *writer, const WCHAR *text); /* NULL allowed */
void pack_write_raw(struct pack_writer *writer, const void *bytes, size_t size);
void pack_write_bytes(struct pack_writer *writer, const void *bytes, size_t size); /* u32, raw */

/* Gives the bytes to the caller (mem_free) and leaves the writer empty. E_OUTOFMEMORY when
   something failed, and then touches neither. */
HRESULT pack_writer_take(struct pack_writer *writer, BYTE **bytes, size_t *size);
void pack_writer_free(struct pack_writer *writer);

/* Borrows the bytes. The first failure stays, and everything read after it is 0, false or NULL:
   VSS_E_INVALID_XML_DOCUMENT for bytes that are not what was to be read, or E_OUTOFMEMORY. Nothing
   is allocated for bytes that are not there. */
struct pack_reader
{
    const BYTE *begin;
    const BYTE *at;
    size_t left;
    HRESULT failure;
    bool shares; /* strings stay where they lie */
};

void pack_reader_open(struct pack_reader *reader, const void *bytes, size_t size);
/* `bytes` are from mem_grow_buffer, if not from elsewhere in mem.h, and most of them become strings
   that live about as long as each other: from now on those may be parts of it (mem_share). */
void pack_reader_share_strings(struct pack_reader *reader);

/* For a caller that finds a value it cannot accept, or fails otherwise. */
void pack_reader_refuse(struct pack_reader *reader);
void pack_reader_fail(struct pack_reader *reader, HRESULT hr);

uint8_t pack_read_u8(struct pack_reader *reader);
uint16_t pack_read_u16(struct pack_reader *reader);
uint32_t pack_read_u32(struct pack_reader *reader);
uint64_t pack_read_u64(struct pack_reader *reader);
bool pack_read_bool(struct pack_reader *reader); /* refuses all but 0 and 1 */
GUID pack_read_guid(struct pack_reader *reader);

/* mem_free it. NULL for NULL and after a failure. Refuses a NUL inside. */
WCHAR *pack_read_string(struct pack_reader *reader);
/* The same for who looks at every unit: a NUL may be inside, and one is behind the end. */
WCHAR *pack_read_units(struct pack_reader *reader, size_t *length);

/* The next `size` bytes where they lie; NULL after a failure. */
const BYTE *pack_read_raw(struct pack_reader *reader, size_t size);

/* What pack_write_bytes wrote, as a copy (mem_free); NULL when it is empty and after a failure. */
BYTE *pack_read_bytes(struct pack_reader *reader, size_t *size);

/* A number of things of which each takes at least `least` bytes (not 0); refuses more of them than
   can follow. */
uint32_t pack_read_count(struct pack_reader *reader, size_t least);

#endif
