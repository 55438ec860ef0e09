/* SPDX-License-Identifier: MIT
 *
 * base/map.h: pairs of strings to pointers.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/map.h"
#include "support/check_leaks.h"
#include "support/check_text.h"
#include "support/fail_alloc.h"

static int one, two, three;

static void absent_key_gives_null(void **state)
{
    (void)state;
    struct map map = {0};
    assert_null(map_get(&map, (struct map_key){L"a", L"b"}));
    assert_true(map_put(&map, (struct map_key){L"a", L"b"}, &one));
    assert_null(map_get(&map, (struct map_key){L"a", L"c"}));
    assert_null(map_get(&map, (struct map_key){L"A", L"b"}));
    map_free(&map);
    assert_null(map_get(&map, (struct map_key){L"a", L"b"}));
}

static void adding_keeps_what_is_there(void **state)
{
    (void)state;
    struct map map = {0};
    assert_true(map_add(&map, (struct map_key){L"a", L"b"}, &one));
    assert_true(map_add(&map, (struct map_key){L"a", L"b"}, &two));
    assert_int_equal(map.count, 1);
    assert_ptr_equal(map_get(&map, (struct map_key){L"a", L"b"}), &one);
    map_free(&map);
}

/* Puts until the `which`-th allocation fails; what was there before stays. */
static void put_until_it_fails(size_t which)
{
    static WCHAR names[32][2];
    struct map map = {0};
    size_t entries = 0;
    fail_alloc(which);
    for (; entries < 32; entries++)
    {
        names[entries][0] = (WCHAR)('a' + entries);
        if (!map_put(&map, (struct map_key){NULL, names[entries]}, &two))
            break;
    }
    assert_true(allow_allocs());
    assert_true(entries < 32);
    assert_int_equal(map.count, entries);
    for (size_t i = 0; i < entries; i++)
        assert_ptr_equal(map_get(&map, (struct map_key){NULL, names[i]}), &two);
    assert_null(map_get(&map, (struct map_key){NULL, names[entries]}));
    assert_true(map_put(&map, (struct map_key){NULL, names[entries]}, &one));
    assert_ptr_equal(map_get(&map, (struct map_key){NULL, names[entries]}), &one);
    map_free(&map);
}

static void failed_put_leaves_the_map_as_it_was(void **state)
{
    (void)state;
    /* Two are made at first and two when it grows. */
    for (size_t which = 1; which <= 4; which++)
        put_until_it_fails(which);
}

static void missing_and_empty_parts_are_the_same_key(void **state)
{
    (void)state;
    struct map map = {0};
    assert_true(map_put(&map, (struct map_key){NULL, L"name"}, &one));
    assert_ptr_equal(map_get(&map, (struct map_key){L"", L"name"}), &one);
    assert_true(map_put(&map, (struct map_key){L"", L"name"}, &two));
    assert_ptr_equal(map_get(&map, (struct map_key){NULL, L"name"}), &two);
    assert_int_equal(map.count, 1);
    map_free(&map);
}

static void the_border_between_the_parts_counts(void **state)
{
    (void)state;
    struct map map = {0};
    assert_true(map_put(&map, (struct map_key){L"a", L"bc"}, &one));
    assert_true(map_put(&map, (struct map_key){L"ab", L"c"}, &two));
    assert_true(map_put(&map, (struct map_key){L"abc", NULL}, &three));
    assert_ptr_equal(map_get(&map, (struct map_key){L"a", L"bc"}), &one);
    assert_ptr_equal(map_get(&map, (struct map_key){L"ab", L"c"}), &two);
    assert_ptr_equal(map_get(&map, (struct map_key){L"abc", L""}), &three);
    assert_null(map_get(&map, (struct map_key){NULL, L"abc"}));
    map_free(&map);
}

/* Finds two keys that want the same slot of a small map, by looking at what the map itself made of
   them. */
static void keys_that_want_the_same_slot_are_both_found(void **state)
{
    (void)state;
    static WCHAR names[64][3];
    struct map map = {0};
    size_t collisions = 0;
    for (size_t i = 0; i < 64; i++)
    {
        names[i][0] = (WCHAR)('A' + i % 26);
        names[i][1] = (WCHAR)('a' + i / 26);
        assert_true(map_put(&map, (struct map_key){NULL, names[i]}, names[i]));
    }
    for (size_t i = 0; i < map.capacity; i++)
        if (map.places[i] && (map.entries[map.places[i] - 1].hash & (map.capacity - 1)) != i)
            collisions++;
    assert_true(collisions > 0);
    for (size_t i = 0; i < 64; i++)
        assert_ptr_equal(map_get(&map, (struct map_key){NULL, names[i]}), names[i]);
    map_free(&map);
}

#define MANY 100000

static void hundred_thousand_entries_are_all_found(void **state)
{
    (void)state;
    struct map map = {0};
    WCHAR(*names)[16] = mem_alloc_array(MANY, sizeof(*names));
    assert_non_null(names);
    for (unsigned i = 0; i < MANY; i++)
    {
        char digits[16];
        int length = snprintf(digits, sizeof(digits), "n%u", i);
        for (int k = 0; k < length; k++)
            names[i][k] = (WCHAR)digits[k];
        assert_true(map_put(&map, (struct map_key){L"path", names[i]}, names[i]));
    }
    assert_int_equal(map.count, MANY);
    for (unsigned i = 0; i < MANY; i++)
        if (map_get(&map, (struct map_key){L"path", names[i]}) != names[i])
            fail_msg("entry %u is lost", i);
    assert_null(map_get(&map, (struct map_key){L"path", L"n100000"}));
    map_free(&map);
    mem_free(names);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(absent_key_gives_null),
        leak_test(adding_keeps_what_is_there),
        leak_test(failed_put_leaves_the_map_as_it_was),
        leak_test(missing_and_empty_parts_are_the_same_key),
        leak_test(the_border_between_the_parts_counts),
        leak_test(keys_that_want_the_same_slot_are_both_found),
        leak_test(hundred_thousand_entries_are_all_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
