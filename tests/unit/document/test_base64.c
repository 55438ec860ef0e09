/* SPDX-License-Identifier: MIT
 *
 * document/base64.h. Expected values from RFC 4648, section 10.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "document/base64.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"

static void what_is_not_base64_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"Z", "Zg",
        "Zg=", "Zg===", "Z===", "====", "Zg==Zg==", "Z=g=", "Zm9v!", "Zm9vYg=", "Zm9\xC3", "Zm-_"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        BYTE *untouched = NULL;
        size_t size = 42;
        HRESULT hr = base64_decode(texts[i], strlen(texts[i]), &untouched, &size);
        if (hr != E_INVALIDARG)
            fail_msg("%s gave 0x%08x", texts[i], (unsigned)hr);
        assert_null(untouched);
        assert_int_equal(size, 42);
    }
    BYTE *untouched = NULL;
    size_t size = 0;
    assert_int_equal(base64_decode("Zm\0v", 4, &untouched, &size), E_INVALIDARG);
}

static void exhausted_memory_is_told(void **state)
{
    (void)state;
    BYTE *untouched = NULL;
    size_t size = 0;
    fail_alloc(1);
    assert_int_equal(base64_decode("Zm9v", 4, &untouched, &size), E_OUTOFMEMORY);
    fail_alloc(1);
    assert_null(base64_encode((const BYTE *)"foo", 3));
    allow_allocs();
    assert_null(untouched);
}

static void samples_of_the_standard_are_encoded_and_decoded(void **state)
{
    (void)state;
    static const struct
    {
        const char *bytes;
        const char *text;
    } rows[] = {
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xFF\xFE\xFB\xEF", "//777w=="},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        BYTE *bytes = NULL;
        size_t size = 0;
        char *text = base64_encode((const BYTE *)rows[i].bytes, strlen(rows[i].bytes));
        assert_string_equal(text, rows[i].text);
        assert_int_equal(base64_decode(text, strlen(text), &bytes, &size), S_OK);
        assert_int_equal(size, strlen(rows[i].bytes));
        assert_memory_equal(bytes, rows[i].bytes, size);
        mem_free(text);
        mem_free(bytes);
    }
}

static void nothing_is_an_empty_text_and_a_null_block(void **state)
{
    (void)state;
    BYTE *bytes = (BYTE *)"";
    size_t size = 1;
    char *text = base64_encode(NULL, 0);
    assert_string_equal(text, "");
    assert_int_equal(base64_decode(text, 0, &bytes, &size), S_OK);
    assert_null(bytes);
    assert_int_equal(size, 0);
    mem_free(text);
}

static void white_space_is_skipped(void **state)
{
    (void)state;
    BYTE *bytes = NULL;
    size_t size = 0;
    assert_int_equal(base64_decode(" Zm\r\n9v\tYg= =", 13, &bytes, &size), S_OK);
    assert_int_equal(size, 4);
    assert_memory_equal(bytes, "foob", 4);
    mem_free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(what_is_not_base64_is_refused),
        leak_test(exhausted_memory_is_told),
        leak_test(samples_of_the_standard_are_encoded_and_decoded),
        leak_test(nothing_is_an_empty_text_and_a_null_block),
        leak_test(white_space_is_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
