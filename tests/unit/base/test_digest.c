/* SPDX-License-Identifier: MIT
 *
 * base/digest.h
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/digest.h"

#define BYTES 67

static unsigned char content[BYTES];

static int fill(void **state)
{
    (void)state;
    for (size_t i = 0; i < BYTES; i++)
        content[i] = (unsigned char)(7 * i + 1);
    return 0;
}

static uint64_t digest_of(const void *bytes, size_t size)
{
    struct digest digest;
    digest_start(&digest);
    digest_add(&digest, bytes, size);
    return digest_end(&digest);
}

static void the_pieces_in_which_content_comes_do_not_matter(void **state)
{
    (void)state;
    uint64_t whole = digest_of(content, BYTES);
    for (size_t first = 0; first <= BYTES; first++)
    {
        for (size_t second = 0; first + second <= BYTES; second++)
        {
            struct digest digest;
            digest_start(&digest);
            digest_add(&digest, content, first);
            digest_add(&digest, content + first, second);
            digest_add(&digest, content + first + second, BYTES - first - second);
            assert_true(digest_end(&digest) == whole);
        }
    }
}

static void a_change_of_any_bit_shows(void **state)
{
    (void)state;
    uint64_t whole = digest_of(content, BYTES);
    for (size_t bit = 0; bit < BYTES * 8; bit++)
    {
        content[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_true(digest_of(content, BYTES) != whole);
        content[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
}

/* What a power cut makes of files: they end early, or in zeros. */
static void what_is_torn_has_another_digest(void **state)
{
    (void)state;
    uint64_t whole = digest_of(content, BYTES);
    for (size_t left = 0; left < BYTES; left++)
    {
        unsigned char torn[BYTES] = {0};
        memcpy(torn, content, left);
        assert_true(digest_of(torn, BYTES) != whole);
        assert_true(digest_of(content, left) != whole);
    }
}

static void zeros_are_told_by_their_number(void **state)
{
    (void)state;
    static const unsigned char zeros[64];
    for (size_t a = 0; a < sizeof(zeros); a++)
        for (size_t b = 0; b < a; b++)
            assert_true(digest_of(zeros, a) != digest_of(zeros, b));
}

static void the_place_of_a_word_counts(void **state)
{
    (void)state;
    static const uint64_t one[] = {1, 2, 3, 4};
    static const uint64_t other[] = {2, 1, 3, 4};
    assert_true(digest_of(one, sizeof(one)) != digest_of(other, sizeof(other)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_pieces_in_which_content_comes_do_not_matter, fill),
        cmocka_unit_test_setup(a_change_of_any_bit_shows, fill),
        cmocka_unit_test_setup(what_is_torn_has_another_digest, fill),
        cmocka_unit_test(zeros_are_told_by_their_number),
        cmocka_unit_test(the_place_of_a_word_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
