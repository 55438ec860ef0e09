/* SPDX-License-Identifier: MIT
 *
 * Packed members of every kind, against bytes that are written here by hand as element_pack.h
 * describes them, with one thing wrong at a time.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/str16.h"
#include "base/vec.h"
#include "document/element_pack.h"
#include "model/backup_components.h"
#include "model/extra.h"
#include "support/check_leaks.h"

struct leaf
{
    bool flag;
    unsigned order;
    struct extra extra;
};

struct sample
{
    WCHAR *name;
    bool flag;
    enum answer answer;
    DWORD limited;
    DWORD any;
    DWORD chosen;
    bool given;
    DWORD value; /* when given */
    BYTE *bytes;
    UINT size;
    FILETIME time;
    struct leaf part;
    struct leaf *single;
    struct vec leaves;
    unsigned next_order;
    struct extra extra;
};

static const struct spelling spellings[] = {{"one", 1}, {"three", 3}, {NULL, 0}};

static const struct field leaf_fields[] = {{FIELD("flag", FIELD_BOOL, struct leaf, flag, 0)}};
static const struct element leaf_element = {.name = "LEAF",
    TABLE_OF_FIELDS(leaf_fields),
    .extra = offsetof(struct leaf, extra),
    .next_order = NO_OFFSET};

static void leaf_destroy(void *leaf)
{
    extra_free(&((struct leaf *)leaf)->extra);
    mem_free(leaf);
}

static const struct field sample_fields[] = {
    {.name = "version", .kind = FIELD_CONSTANT, .constant = "1.0"},
    {FIELD("name", FIELD_STRING, struct sample, name, FIELD_REQUIRED)},
    {FIELD("flag", FIELD_BOOL, struct sample, flag, FIELD_OPTIONAL)},
    {FIELD("answer", FIELD_ANSWER, struct sample, answer, FIELD_REQUIRED)},
    {FIELD("limited", FIELD_DECIMAL, struct sample, limited, 0), .most = 10},
    {FIELD("any", FIELD_DECIMAL, struct sample, any, FIELD_OPTIONAL), .initial = 7},
    {FIELD("chosen", FIELD_ENUM, struct sample, chosen, 0), .spellings = spellings},
    {FIELD("value", FIELD_DECIMAL, struct sample, value, FIELD_GIVEN),
        .companion = offsetof(struct sample, given), .initial = 5},
    {FIELD("bytes", FIELD_BYTES, struct sample, bytes, FIELD_REQUIRED),
        .companion = offsetof(struct sample, size)},
    {FIELD("time", FIELD_FILETIME, struct sample, time, 0)},
};
static const struct child sample_children[] = {
    {.element = &leaf_element,
        .shape = CHILD_PART,
        .required = true,
        .offset = offsetof(struct sample, part)},
    {.element = &leaf_element,
        .shape = CHILD_POINTER,
        .required = true,
        .offset = offsetof(struct sample, single),
        .size = sizeof(struct leaf),
        .destroy = leaf_destroy},
    {.element = &leaf_element,
        .shape = CHILD_LIST,
        .offset = offsetof(struct sample, leaves),
        .size = sizeof(struct leaf),
        .destroy = leaf_destroy,
        .order = offsetof(struct leaf, order)},
};
static const struct element sample_element = {.name = "SAMPLE",
    TABLE_OF_FIELDS(sample_fields),
    TABLE_OF_CHILDREN(sample_children),
    .extra = offsetof(struct sample, extra),
    .next_order = offsetof(struct sample, next_order)};

/* What the bytes say. */
struct said
{
    const WCHAR *name;
    BYTE flag;
    BYTE answer;
    uint32_t limited;
    uint32_t chosen;
    BYTE given;
    const char *bytes;
    BYTE part_flag;
    BYTE single;
    BYTE row;
};

static const struct said good = {L"n", 1, ANSWER_NO, 10, 3, 1, "b", 1, 1, 3};

static void write_leaf(struct pack_writer *writer, BYTE flag)
{
    pack_write_u8(writer, flag);
    pack_write_u32(writer, PACK_NO_STRING);
    pack_write_u32(writer, PACK_NO_STRING);
}

static void write_said(struct pack_writer *writer, const struct said *said)
{
    pack_write_string(writer, said->name);
    pack_write_u8(writer, said->flag);
    pack_write_u8(writer, said->answer);
    pack_write_u32(writer, said->limited);
    pack_write_u32(writer, 0x12345678);
    pack_write_u32(writer, said->chosen);
    pack_write_u8(writer, said->given);
    if (said->given)
        pack_write_u32(writer, 9);
    pack_write_u32(writer, (uint32_t)strlen(said->bytes));
    pack_write_raw(writer, said->bytes, strlen(said->bytes));
    pack_write_u64(writer, 0x123456789ABCDEF0);
    pack_write_u32(writer, PACK_NO_STRING);
    pack_write_u32(writer, PACK_NO_STRING);
    write_leaf(writer, said->part_flag);
    pack_write_u8(writer, said->single);
    if (said->single)
        write_leaf(writer, 0);
    pack_write_u8(writer, said->row);
    write_leaf(writer, 1);
    pack_write_u8(writer, 3);
    write_leaf(writer, 0);
    pack_write_u8(writer, 0);
}

static void sample_clear(struct sample *sample)
{
    mem_free(sample->name);
    mem_free(sample->bytes);
    if (sample->single)
        leaf_destroy(sample->single);
    vec_free(&sample->leaves, leaf_destroy);
}

static HRESULT unpack_said(const struct said *said, struct sample *sample)
{
    struct pack_writer writer = {0};
    struct pack_reader reader;
    write_said(&writer, said);
    pack_reader_open(&reader, writer.bytes, writer.size);
    HRESULT hr = element_unpack(&sample_element, "urn:sample", &reader, sample);
    if (SUCCEEDED(hr))
        assert_int_equal(reader.left, 0);
    pack_writer_free(&writer);
    return hr;
}

static void each_kind_is_read_and_written_as_described(void **state)
{
    (void)state;
    struct sample sample = {0};
    struct pack_writer expected = {0};
    struct pack_writer packed = {0};
    assert_int_equal(unpack_said(&good, &sample), S_OK);
    assert_true(str16_equal(sample.name, L"n"));
    assert_true(sample.flag);
    assert_int_equal(sample.answer, ANSWER_NO);
    assert_int_equal(sample.limited, 10);
    assert_int_equal(sample.any, 0x12345678);
    assert_int_equal(sample.chosen, 3);
    assert_true(sample.given);
    assert_int_equal(sample.value, 9);
    assert_int_equal(sample.size, 1);
    assert_int_equal(sample.bytes[0], 'b');
    assert_int_equal(sample.time.dwLowDateTime, 0x9ABCDEF0);
    assert_int_equal(sample.time.dwHighDateTime, 0x12345678);
    assert_true(sample.part.flag);
    assert_false(sample.single->flag);
    assert_int_equal(sample.leaves.count, 2);
    assert_int_equal(((struct leaf *)sample.leaves.items[1])->order, 1);
    assert_int_equal(sample.next_order, 2);

    write_said(&expected, &good);
    assert_int_equal(element_pack(&sample_element, &sample, &packed), S_OK);
    assert_int_equal(packed.size, expected.size);
    assert_memory_equal(packed.bytes, expected.bytes, packed.size);
    pack_writer_free(&expected);
    pack_writer_free(&packed);
    sample_clear(&sample);
}

static void what_is_not_given_is_initial(void **state)
{
    (void)state;
    struct sample sample = {0};
    struct said said = good;
    said.given = 0;
    said.chosen = 0;
    assert_int_equal(unpack_said(&said, &sample), S_OK);
    assert_false(sample.given);
    assert_int_equal(sample.value, 5);
    assert_int_equal(sample.chosen, 0);
    sample_clear(&sample);
}

/* XML cannot hold them either: it loses one and makes a no of the other. */
static void values_without_a_spelling_are_packed_as_xml_would(void **state)
{
    (void)state;
    struct sample sample = {0};
    struct sample unpacked = {0};
    struct pack_writer packed = {0};
    struct pack_reader reader;
    assert_int_equal(unpack_said(&good, &sample), S_OK);
    sample.chosen = 2;
    sample.answer = 99;
    assert_int_equal(element_pack(&sample_element, &sample, &packed), S_OK);
    pack_reader_open(&reader, packed.bytes, packed.size);
    assert_int_equal(element_unpack(&sample_element, "urn:sample", &reader, &unpacked), S_OK);
    assert_int_equal(unpacked.chosen, 0);
    assert_int_equal(unpacked.answer, ANSWER_NO);
    pack_writer_free(&packed);
    sample_clear(&sample);
    sample_clear(&unpacked);
}

static void check_refused_said(const struct said *said, int line)
{
    struct sample sample = {0};
    HRESULT hr = unpack_said(said, &sample);
    sample_clear(&sample);
    if (hr != VSS_E_INVALID_XML_DOCUMENT)
    {
        print_error("0x%08x\n", (unsigned)hr);
        _fail(__FILE__, line);
    }
}

/* The good bytes, but for one member. */
#define CHECK_REFUSED(member, value)                                                               \
    do                                                                                             \
    {                                                                                              \
        struct said said = good;                                                                   \
        said.member = (value);                                                                     \
        check_refused_said(&said, __LINE__);                                                       \
    } while (0)

static void each_wrong_value_is_refused(void **state)
{
    (void)state;
    CHECK_REFUSED(name, NULL);
    CHECK_REFUSED(name, L"\x01");
    CHECK_REFUSED(flag, 2);
    CHECK_REFUSED(answer, ANSWER_UNSET);
    CHECK_REFUSED(answer, 3);
    CHECK_REFUSED(limited, 11);
    CHECK_REFUSED(limited, UINT32_MAX);
    CHECK_REFUSED(chosen, 2);
    CHECK_REFUSED(chosen, 4);
    CHECK_REFUSED(given, 2);
    CHECK_REFUSED(bytes, "");
    CHECK_REFUSED(part_flag, 255);
    CHECK_REFUSED(single, 0);
    CHECK_REFUSED(single, 2);
    CHECK_REFUSED(row, 1);
    CHECK_REFUSED(row, 2);
    CHECK_REFUSED(row, 4);
    CHECK_REFUSED(row, 255);
}

static void reader_that_has_failed_gives_its_failure(void **state)
{
    (void)state;
    struct sample sample = {0};
    struct pack_reader reader;
    pack_reader_open(&reader, NULL, 0);
    pack_reader_fail(&reader, E_OUTOFMEMORY);
    assert_int_equal(
        element_unpack(&sample_element, "urn:sample", &reader, &sample), E_OUTOFMEMORY);
    sample_clear(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(each_kind_is_read_and_written_as_described),
        leak_test(what_is_not_given_is_initial),
        leak_test(values_without_a_spelling_are_packed_as_xml_would),
        leak_test(each_wrong_value_is_refused),
        leak_test(reader_that_has_failed_gives_its_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
