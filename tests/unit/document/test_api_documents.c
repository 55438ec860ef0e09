/* SPDX-License-Identifier: MIT
 *
 * The documents that fixed sequences of calls give (support/api_documents.h), read: what is saved
 * again, or went to another process and came back, is the same text.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/api_documents.h"
#include "support/check_leaks.h"
#include "support/resave.h"

#include "repack.h"

static void saving_again_gives_the_same_text(void **state)
{
    (void)state;
    check_resaved(WRITER_METADATA, api_full_metadata, api_full_metadata);
    check_resaved(WRITER_METADATA, api_small_metadata, api_small_metadata);
    check_resaved(WRITER_METADATA, api_empty_metadata, api_empty_metadata);
    check_resaved(BACKUP_COMPONENTS, api_backup_components, api_backup_components);
    check_resaved(BACKUP_COMPONENTS, api_restore_components, api_restore_components);
}

static void a_writers_document_survives_packing(void **state)
{
    (void)state;
    const char *const documents[] = {api_full_metadata, api_small_metadata, api_empty_metadata};
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
    {
        struct writer_metadata *loaded = NULL;
        struct writer_metadata *unpacked = NULL;
        WCHAR *saved = NULL;
        WCHAR *text = wide(documents[i]);
        assert_int_equal(document_load_writer_metadata(text, str16_len(text), &loaded, NULL), S_OK);
        assert_int_equal(repack_writer_metadata(loaded, &unpacked), S_OK);
        assert_int_equal(document_save_writer_metadata(unpacked, &saved, NULL), S_OK);
        check_text(saved, documents[i]);
        writer_metadata_release(loaded);
        writer_metadata_release(unpacked);
        mem_free(saved);
        mem_free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(saving_again_gives_the_same_text),
        leak_test(a_writers_document_survives_packing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
