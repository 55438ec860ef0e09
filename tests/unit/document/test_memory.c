/* SPDX-License-Identifier: MIT
 *
 * Loading and saving while memory runs out: the allocations are counted once, then each fails in
 * turn.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/check_leaks.h"
#include "support/fail_alloc.h"
#include "support/resave.h"

#include "support/full_documents.h"

static void each_failing_allocation_is_out_of_memory_and_leaks_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < FULL_DOCUMENTS; i++)
    {
        WCHAR *text = wide(full_documents[i].utf8);
        size_t length = str16_len(text);
        size_t k = 1;
        for (;; k++)
        {
            long before = mem_live_blocks();
            WCHAR *saved = NULL;
            fail_alloc(k);
            HRESULT hr = resave(full_documents[i].kind, text, length, &saved);
            bool failed = allow_allocs();
            if (hr != (failed ? E_OUTOFMEMORY : S_OK))
                fail_msg(
                    "document %u, allocation %u: 0x%08x", (unsigned)i, (unsigned)k, (unsigned)hr);
            assert_int_equal(saved == NULL, failed);
            mem_free(saved);
            assert_int_equal(mem_live_blocks(), before);
            if (!failed)
                break;
        }
        assert_true(k > 20);
        mem_free(text);
    }
}

static void memory_that_stays_away_is_out_of_memory_and_leaks_nothing(void **state)
{
    (void)state;
    for (size_t i = 0; i < FULL_DOCUMENTS; i++)
    {
        WCHAR *text = wide(full_documents[i].utf8);
        size_t length = str16_len(text);
        for (size_t k = 1;; k++)
        {
            long before = mem_live_blocks();
            WCHAR *saved = NULL;
            fail_alloc(k);
            fail_alloc_for_good = true;
            HRESULT hr = resave(full_documents[i].kind, text, length, &saved);
            bool failed = allow_allocs();
            assert_int_equal(hr, failed ? E_OUTOFMEMORY : S_OK);
            mem_free(saved);
            assert_int_equal(mem_live_blocks(), before);
            if (!failed)
                break;
        }
        mem_free(text);
    }
}

static void verbatim_document_that_cannot_be_copied_is_out_of_memory(void **state)
{
    (void)state;
    WCHAR *untouched = NULL;
    struct writer_metadata *metadata = writer_metadata_create();
    metadata->verbatim = wide("<X/>");
    fail_alloc(1);
    assert_int_equal(document_save_writer_metadata(metadata, &untouched, NULL), E_OUTOFMEMORY);
    allow_allocs();
    assert_null(untouched);
    writer_metadata_release(metadata);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(each_failing_allocation_is_out_of_memory_and_leaks_nothing),
        leak_test(memory_that_stays_away_is_out_of_memory_and_leaks_nothing),
        leak_test(verbatim_document_that_cannot_be_copied_is_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
