/* SPDX-License-Identifier: MIT
 *
 * base/mem.h: the count of live blocks, zeroing, overflow and failure on demand.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"

static void array_whose_size_overflows_is_refused(void **state)
{
    (void)state;
    assert_null(mem_alloc_array(SIZE_MAX / 2, 3));
    assert_null(mem_alloc_array(SIZE_MAX, 2));
    assert_null(mem_alloc_array(SIZE_MAX / 2 + 1, 2)); /* multiplied, it is 0 again */
}

static void forbidden_allocation_returns_null_and_counts_nothing(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    fail_alloc(1);
    assert_null(mem_alloc(10));
    fail_alloc(1);
    assert_null(mem_alloc_array(2, 10));
    fail_alloc(1);
    assert_null(mem_dup("x", 1));
    assert_true(allow_allocs());
    assert_int_equal(mem_live_blocks(), before);
}

static void failed_realloc_leaves_the_block_valid(void **state)
{
    (void)state;
    char *block = mem_dup("abc", 4);
    assert_non_null(block);
    fail_alloc(1);
    assert_null(mem_realloc(block, 1000));
    allow_allocs();
    assert_string_equal(block, "abc");
    mem_free(block);
}

static void freeing_null_does_nothing(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    mem_free(NULL);
    assert_int_equal(mem_live_blocks(), before);
}

static void new_memory_is_zeroed(void **state)
{
    (void)state;
    static const char zeros[64];
    char *block = mem_alloc(sizeof(zeros));
    char *array = mem_alloc_array(8, 8);
    assert_non_null(block);
    assert_non_null(array);
    assert_memory_equal(block, zeros, sizeof(zeros));
    assert_memory_equal(array, zeros, sizeof(zeros));
    mem_free(block);
    mem_free(array);
}

static void empty_blocks_are_blocks(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    void *block = mem_alloc(0);
    void *copy = mem_dup(NULL, 0);
    assert_non_null(block);
    assert_non_null(copy);
    assert_int_equal(mem_live_blocks(), before + 2);
    mem_free(block);
    mem_free(copy);
}

static void realloc_of_null_allocates_and_growing_keeps_the_bytes(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    char *block = mem_realloc(NULL, 4);
    assert_non_null(block);
    memcpy(block, "abc", 4);
    block = mem_realloc(block, 100000);
    assert_non_null(block);
    assert_string_equal(block, "abc");
    assert_int_equal(mem_live_blocks(), before + 1);
    mem_free(block);
}

#define BUFFER (1u << 20)

static void a_freed_buffer_is_used_again_until_buffers_are_dropped(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    size_t capacity = BUFFER;
    char *first = mem_grow_buffer(NULL, 0, &capacity);
    assert_non_null(first);
    assert_int_equal(capacity, BUFFER);
    assert_int_equal(mem_live_blocks(), before + 1);
    mem_free(first);
    assert_int_equal(mem_live_blocks(), before);

    capacity = BUFFER / 2;
    char *again = mem_grow_buffer(NULL, 0, &capacity);
    assert_ptr_equal(again, first);
    assert_int_equal(capacity, BUFFER);
    size_t other_capacity = BUFFER / 2;
    char *other = mem_grow_buffer(NULL, 0, &other_capacity);
    assert_ptr_not_equal(other, again);
    assert_int_equal(other_capacity, BUFFER / 2);
    mem_drop_buffers(); /* neither of these */
    memset(again, 1, BUFFER);
    memset(other, 2, BUFFER / 2);
    mem_free(again);
    mem_free(other);
    mem_drop_buffers();
    capacity = BUFFER / 2;
    again = mem_grow_buffer(NULL, 0, &capacity);
    assert_int_equal(capacity, BUFFER / 2);
    mem_free(again);
    mem_drop_buffers();
}

static void a_growing_buffer_keeps_what_is_used(void **state)
{
    /* From an ordinary block to one that is kept, to one that is too big for that. */
    static const size_t sizes[] = {100, 65536, 3u << 20, 17u << 20};
    (void)state;
    for (int round = 0; round < 2; round++)
    {
        char *buffer = NULL;
        for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        {
            size_t capacity = sizes[i];
            buffer = mem_grow_buffer(buffer, i, &capacity);
            assert_non_null(buffer);
            assert_true(capacity >= sizes[i]);
            assert_memory_equal(buffer, "abcd", i);
            memset(buffer + i, 'z', capacity - i);
            buffer[i] = "abcd"[i];
        }
        size_t capacity = 18u << 20;
        fail_alloc(1);
        assert_null(mem_grow_buffer(buffer, 4, &capacity));
        assert_true(allow_allocs());
        assert_memory_equal(buffer, "abcd", 4);
        mem_free(buffer);
    }
    mem_drop_buffers();
}

static void a_forbidden_buffer_is_none_even_when_one_is_kept(void **state)
{
    (void)state;
    size_t capacity = BUFFER;
    mem_free(mem_grow_buffer(NULL, 0, &capacity));
    fail_alloc(1);
    assert_null(mem_grow_buffer(NULL, 0, &capacity));
    assert_true(allow_allocs());
    mem_drop_buffers();
}

static void more_buffers_than_are_kept_are_all_different(void **state)
{
    (void)state;
    char *buffers[20];
    for (int round = 0; round < 2; round++)
    {
        for (int i = 0; i < 20; i++)
        {
            size_t capacity = BUFFER;
            buffers[i] = mem_grow_buffer(NULL, 0, &capacity);
            memset(buffers[i], i, BUFFER);
        }
        for (int i = 0; i < 20; i++)
        {
            assert_int_equal(buffers[i][0], i);
            assert_int_equal(buffers[i][BUFFER - 1], i);
            mem_free(buffers[i]);
        }
    }
    mem_drop_buffers();
}

/* ---- Shared parts ---- */

#define PART 100
#define PARTS 50

/* A buffer of `size` bytes of which the test shares parts. */
static char *share_buffer(size_t size)
{
    char *buffer = mem_grow_buffer(NULL, 0, &size);
    assert_non_null(buffer);
    assert_true(mem_may_share(buffer, size));
    return buffer;
}

/* The order in which parts are freed, that of none being special: 0, 7, 14, ... */
static size_t shuffled(size_t i)
{
    return i * 7 % PARTS;
}

static void parts_outlive_their_buffer_and_the_last_one_frees_it(void **state)
{
    char *parts[PARTS];
    (void)state;
    char *buffer = share_buffer(BUFFER);
    for (size_t i = 0; i < PARTS; i++)
    {
        memset(buffer + i * PART, (int)i, PART);
        parts[i] = mem_share(buffer + i * PART, PART);
        assert_ptr_equal(parts[i], buffer + i * PART);
    }
    mem_free(buffer);
    for (size_t i = 0; i < PARTS; i++)
    {
        char *part = parts[shuffled(i)];
        size_t capacity = BUFFER;
        char *other = mem_grow_buffer(NULL, 0, &capacity);
        assert_ptr_not_equal(other, buffer); /* it is in use */
        memset(other, 'x', BUFFER);
        mem_free(other);
        assert_int_equal(part[0], shuffled(i));
        assert_memory_equal(part, part + 1, PART - 1);
        mem_free(part);
    }
    mem_drop_buffers();
}

static void a_part_can_be_made_bigger(void **state)
{
    (void)state;
    char *buffer = share_buffer(BUFFER);
    memset(buffer, 1, PART);
    memset(buffer + PART, 2, PART);
    char *first = mem_share(buffer, PART);
    char *second = mem_share(buffer + PART, PART);
    mem_free(buffer);
    fail_alloc(1);
    assert_null(mem_realloc(first, 2 * PART));
    assert_true(allow_allocs());
    first = mem_realloc(first, 2 * PART);
    assert_int_equal(first[0], 1);
    assert_memory_equal(first, first + 1, PART - 1);
    memset(first, 3, 2 * PART);
    assert_int_equal(second[0], 2);
    assert_memory_equal(second, second + 1, PART - 1);
    mem_free(first);
    second = mem_realloc(second, 2 * BUFFER); /* more than there is behind it */
    assert_int_equal(second[0], 2);
    assert_memory_equal(second, second + 1, PART - 1);
    mem_free(second);
    mem_drop_buffers();
}

/* Long-lived parts must neither hold much more than they are nor all that messages need. */
static void what_is_not_worth_it_is_not_shared(void **state)
{
    char *buffers[4];
    int count = 0;
    (void)state;
    char *small = mem_alloc(PART);
    assert_false(mem_may_share(small, PART));
    mem_free(small);
    size_t capacity = 8 * BUFFER;
    char *big = mem_grow_buffer(NULL, 0, &capacity);
    assert_false(mem_may_share(big, BUFFER));
    mem_free(big);
    mem_drop_buffers();
    for (int i = 0; i < 4; i++)
    {
        capacity = BUFFER;
        buffers[i] = mem_grow_buffer(NULL, 0, &capacity);
        count += mem_may_share(buffers[i], BUFFER);
    }
    assert_int_equal(count, 2);
    for (int i = 0; i < 4; i++)
        mem_free(buffers[i]);
    mem_free(share_buffer(BUFFER)); /* none is any more */
    mem_drop_buffers();
}

static void a_forbidden_part_is_none(void **state)
{
    (void)state;
    char *buffer = share_buffer(BUFFER);
    fail_alloc(1);
    assert_null(mem_share(buffer, PART));
    assert_true(allow_allocs());
    mem_free(buffer);
    mem_drop_buffers();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(array_whose_size_overflows_is_refused),
        leak_test(forbidden_allocation_returns_null_and_counts_nothing),
        leak_test(failed_realloc_leaves_the_block_valid),
        leak_test(freeing_null_does_nothing),
        leak_test(new_memory_is_zeroed),
        leak_test(a_freed_buffer_is_used_again_until_buffers_are_dropped),
        leak_test(a_growing_buffer_keeps_what_is_used),
        leak_test(a_forbidden_buffer_is_none_even_when_one_is_kept),
        leak_test(more_buffers_than_are_kept_are_all_different),
        leak_test(parts_outlive_their_buffer_and_the_last_one_frees_it),
        leak_test(a_part_can_be_made_bigger),
        leak_test(what_is_not_worth_it_is_not_shared),
        leak_test(a_forbidden_part_is_none),
        leak_test(empty_blocks_are_blocks),
        leak_test(realloc_of_null_allocates_and_growing_keeps_the_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
