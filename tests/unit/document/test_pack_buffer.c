/* SPDX-License-Identifier: MIT
 *
 * The growing buffer and the bounds-checked reader of pack.h, byte by byte.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/guid.h"
#include "base/str16.h"
#include "document/pack.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"

static const GUID some_id = {0x11223344, 0x5566, 0x7788, {1, 2, 3, 4, 5, 6, 7, 8}};

static void write_one_of_each(struct pack_writer *writer)
{
    pack_write_u8(writer, 0x12);
    pack_write_u16(writer, 0x1234);
    pack_write_u32(writer, 0x12345678);
    pack_write_u64(writer, 0x123456789ABCDEF0);
    pack_write_bool(writer, true);
    pack_write_guid(writer, &some_id);
    pack_write_string(writer, L"a\x20AC");
    pack_write_string(writer, L"");
    pack_write_string(writer, NULL);
    pack_write_bytes(writer, "xy", 2);
    pack_write_raw(writer, "z", 1);
    /* Its units begin at an even offset. */
    pack_write_string(writer, L"");
}

static const BYTE one_of_each[] = {0x12, 0x34, 0x12, 0x78, 0x56, 0x34, 0x12, 0xF0, 0xDE, 0xBC, 0x9A,
    0x78, 0x56, 0x34, 0x12, 1, 0x44, 0x33, 0x22, 0x11, 0x66, 0x55, 0x88, 0x77, 1, 2, 3, 4, 5, 6, 7,
    8, 2, 0, 0, 0, 'a', 0, 0xAC, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0,
    'x', 'y', 'z', 0, 0, 0, 0, 0, 0, 0};

/* Reads what write_one_of_each wrote; true when all of it is right. */
static bool read_one_of_each(struct pack_reader *reader)
{
    size_t length = 9;
    size_t size = 9;
    bool right = pack_read_u8(reader) == 0x12;
    right &= pack_read_u16(reader) == 0x1234;
    right &= pack_read_u32(reader) == 0x12345678;
    right &= pack_read_u64(reader) == 0x123456789ABCDEF0;
    right &= pack_read_bool(reader);
    GUID id = pack_read_guid(reader);
    right &= guid_equal(&id, &some_id);
    WCHAR *text = pack_read_units(reader, &length);
    WCHAR *empty = pack_read_string(reader);
    WCHAR *none = pack_read_string(reader);
    BYTE *bytes = pack_read_bytes(reader, &size);
    const BYTE *raw = pack_read_raw(reader, 1);
    WCHAR *last = pack_read_string(reader);
    right = right && str16_equal(text, L"a\x20AC") && length == 2 && str16_equal(empty, L"") &&
        !none && bytes && size == 2 && memcmp(bytes, "xy", 2) == 0 && raw && *raw == 'z' &&
        str16_equal(last, L"");
    mem_free(text);
    mem_free(empty);
    mem_free(none);
    mem_free(last);
    mem_free(bytes);
    return right;
}

static void each_kind_has_its_bytes(void **state)
{
    (void)state;
    struct pack_writer writer = {0};
    struct pack_reader reader;
    write_one_of_each(&writer);
    assert_int_equal(writer.size, sizeof(one_of_each));
    assert_memory_equal(writer.bytes, one_of_each, sizeof(one_of_each));
    pack_reader_open(&reader, writer.bytes, writer.size);
    assert_true(read_one_of_each(&reader));
    assert_int_equal(reader.left, 0);
    assert_int_equal(reader.failure, S_OK);
    pack_writer_free(&writer);
}

static void bytes_cut_off_anywhere_are_refused_for_good(void **state)
{
    (void)state;
    for (size_t size = 0; size < sizeof(one_of_each); size++)
    {
        struct pack_reader reader;
        BYTE *exact = mem_dup(one_of_each, size);
        pack_reader_open(&reader, exact, size);
        assert_false(read_one_of_each(&reader));
        assert_int_equal(reader.failure, VSS_E_INVALID_XML_DOCUMENT);
        assert_int_equal(pack_read_u8(&reader), 0);
        assert_null(pack_read_raw(&reader, 0));
        assert_null(pack_read_string(&reader));
        mem_free(exact);
    }
}

static void no_bytes_are_no_failure(void **state)
{
    (void)state;
    BYTE *bytes = NULL;
    size_t size = 9;
    struct pack_writer writer = {0};
    struct pack_reader reader;
    pack_write_raw(&writer, NULL, 0);
    assert_int_equal(pack_writer_take(&writer, &bytes, &size), S_OK);
    assert_non_null(bytes);
    assert_int_equal(size, 0);
    mem_free(bytes);
    pack_reader_open(&reader, NULL, 0);
    assert_non_null(pack_read_raw(&reader, 0));
    assert_int_equal(reader.failure, S_OK);
}

static void lengths_and_counts_beyond_the_end_allocate_nothing(void **state)
{
    (void)state;
    static const BYTE units[] = {2, 0, 0, 0, 'a', 0, 'b', 0, 0};
    static const BYTE most[] = {0xFE, 0xFF, 0xFF, 0xFF, 'a', 0, 'b', 0};
    static const BYTE three[] = {3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    size_t size = 9;
    struct pack_reader reader;
    fail_alloc(1);
    pack_reader_open(&reader, units, sizeof(units));
    assert_null(pack_read_string(&reader));
    assert_int_equal(reader.failure, VSS_E_INVALID_XML_DOCUMENT);
    pack_reader_open(&reader, most, sizeof(most));
    assert_null(pack_read_string(&reader));
    assert_int_equal(reader.failure, VSS_E_INVALID_XML_DOCUMENT);
    pack_reader_open(&reader, most, sizeof(most));
    assert_null(pack_read_bytes(&reader, &size));
    assert_int_equal(size, 0);
    assert_int_equal(reader.failure, VSS_E_INVALID_XML_DOCUMENT);
    assert_false(allow_allocs());
    pack_reader_open(&reader, three, sizeof(three));
    assert_int_equal(pack_read_count(&reader, 2), 3);
    assert_int_equal(reader.failure, S_OK);
    pack_reader_open(&reader, three, sizeof(three));
    assert_int_equal(pack_read_count(&reader, 3), 0);
    assert_int_equal(reader.failure, VSS_E_INVALID_XML_DOCUMENT);
}

static void boolean_is_0_or_1(void **state)
{
    (void)state;
    for (unsigned value = 0; value < 256; value++)
    {
        BYTE byte = (BYTE)value;
        struct pack_reader reader;
        pack_reader_open(&reader, &byte, 1);
        assert_int_equal(pack_read_bool(&reader), value == 1);
        assert_int_equal(reader.failure, value < 2 ? S_OK : VSS_E_INVALID_XML_DOCUMENT);
    }
}

static void nul_anywhere_in_a_string_is_refused(void **state)
{
    (void)state;
    for (uint32_t length = 1; length < 20; length++)
    {
        /* U+0100 and U+8000 have bytes and top bits that must not be taken for a NUL. */
        for (uint32_t nul = 0; nul <= length; nul++)
        {
            struct pack_writer writer = {0};
            struct pack_reader reader;
            pack_write_u32(&writer, length);
            for (uint32_t i = 0; i < length; i++)
                pack_write_u16(&writer, i == nul ? 0 : i % 2 ? 0x100 : 0x8000);
            pack_write_u16(&writer, 0);
            pack_reader_open(&reader, writer.bytes, writer.size);
            WCHAR *text = pack_read_string(&reader);
            assert_int_equal(reader.failure, nul == length ? S_OK : VSS_E_INVALID_XML_DOCUMENT);
            assert_int_equal(text != NULL, nul == length);
            mem_free(text);
            pack_writer_free(&writer);
        }
    }
}

static void a_string_wants_its_nul_and_a_pad_that_is_0(void **state)
{
    static const BYTE no_nul[] = {1, 0, 0, 0, 'a', 0, 'b', 0};
    static const BYTE half_nul[] = {1, 0, 0, 0, 'a', 0, 0, 1};
    static const BYTE pad[] = {7, 1, 0, 0, 0, 1, 'a', 0, 0, 0};
    struct pack_reader reader;
    (void)state;
    pack_reader_open(&reader, no_nul, sizeof(no_nul));
    assert_null(pack_read_string(&reader));
    assert_int_equal(reader.failure, VSS_E_INVALID_XML_DOCUMENT);
    pack_reader_open(&reader, half_nul, sizeof(half_nul));
    assert_null(pack_read_string(&reader));
    assert_int_equal(reader.failure, VSS_E_INVALID_XML_DOCUMENT);
    pack_reader_open(&reader, pad, sizeof(pad));
    assert_int_equal(pack_read_u8(&reader), 7);
    assert_null(pack_read_string(&reader));
    assert_int_equal(reader.failure, VSS_E_INVALID_XML_DOCUMENT);
}

#define LONG 40000u

static void strings_of_a_long_message_stay_where_they_lie(void **state)
{
    static WCHAR text[LONG + 1];
    struct pack_writer writer = {0};
    struct pack_reader reader;
    BYTE *bytes = NULL;
    size_t size = 0;
    (void)state;
    for (size_t i = 0; i < LONG; i++)
        text[i] = L'a' + i % 26;
    pack_write_u8(&writer, 1);
    pack_write_string(&writer, text);
    pack_write_string(&writer, L"short");
    assert_int_equal(pack_writer_take(&writer, &bytes, &size), S_OK);
    pack_reader_open(&reader, bytes, size);
    pack_reader_share_strings(&reader);
    assert_int_equal(pack_read_u8(&reader), 1);
    WCHAR *first = pack_read_string(&reader);
    WCHAR *second = pack_read_string(&reader);
    assert_int_equal(reader.failure, S_OK);
    assert_int_equal(reader.left, 0);
    assert_in_range((uintptr_t)first, (uintptr_t)bytes, (uintptr_t)(bytes + size));
    assert_in_range((uintptr_t)second, (uintptr_t)bytes, (uintptr_t)(bytes + size));
    mem_free(bytes);
    size_t capacity = size;
    BYTE *other = mem_grow_buffer(NULL, 0, &capacity);
    memset(other, 'x', capacity);
    mem_free(other);
    assert_true(str16_equal(first, text));
    mem_free(first);
    assert_true(str16_equal(second, L"short"));
    mem_free(second);
    mem_drop_buffers();
}

static void failed_allocation_stays_and_leaks_nothing(void **state)
{
    (void)state;
    static const BYTE block[3000];
    for (size_t k = 1;; k++)
    {
        BYTE *bytes = NULL;
        size_t size = 0;
        struct pack_writer writer = {0};
        fail_alloc(k);
        write_one_of_each(&writer);
        pack_write_raw(&writer, block, sizeof(block));
        pack_write_u16(&writer, 1);
        pack_writer_reserve(&writer, 100000);
        bool failed = allow_allocs();
        write_one_of_each(&writer);
        assert_int_equal(pack_writer_take(&writer, &bytes, &size), failed ? E_OUTOFMEMORY : S_OK);
        assert_int_equal(bytes != NULL, !failed);
        assert_int_equal(size, failed ? 0 : 2 * sizeof(one_of_each) + sizeof(block) + 2);
        mem_free(bytes);
        pack_writer_free(&writer);
        if (!failed)
        {
            assert_int_equal(k, 5);
            return;
        }
    }
}

static void string_without_memory_is_out_of_memory(void **state)
{
    (void)state;
    static const BYTE packed[] = {1, 0, 0, 0, 'a', 0, 0, 0};
    size_t size = 0;
    struct pack_reader reader;
    pack_reader_open(&reader, packed, sizeof(packed));
    fail_alloc(1);
    assert_null(pack_read_string(&reader));
    assert_true(allow_allocs());
    assert_int_equal(reader.failure, E_OUTOFMEMORY);
    pack_reader_open(&reader, packed, sizeof(packed));
    fail_alloc(1);
    assert_null(pack_read_bytes(&reader, &size));
    assert_true(allow_allocs());
    assert_int_equal(reader.failure, E_OUTOFMEMORY);
}

static void room_beyond_all_memory_is_a_failure(void **state)
{
    (void)state;
    struct pack_writer writer = {0};
    pack_write_u8(&writer, 1);
    pack_writer_reserve(&writer, SIZE_MAX);
    assert_true(writer.failed);
    pack_writer_free(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(each_kind_has_its_bytes),
        leak_test(bytes_cut_off_anywhere_are_refused_for_good),
        leak_test(no_bytes_are_no_failure),
        leak_test(lengths_and_counts_beyond_the_end_allocate_nothing),
        leak_test(boolean_is_0_or_1),
        leak_test(nul_anywhere_in_a_string_is_refused),
        leak_test(a_string_wants_its_nul_and_a_pad_that_is_0),
        leak_test(strings_of_a_long_message_stay_where_they_lie),
        leak_test(failed_allocation_stays_and_leaks_nothing),
        leak_test(string_without_memory_is_out_of_memory),
        leak_test(room_beyond_all_memory_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
