/* SPDX-License-Identifier: MIT
 *
 * The history of a copy: what was written is read, and what was cut or tampered with is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "cli/history.h"
#include "support/sample_tree.h"
#include "support/test_volume.h"

#define HEAD "type\tincremental\r\nbegun\t132000000000000000\r\n"
#define WHOLE HEAD "part\tC:\\x y\\big.db\t2:3,16:4\r\npart\tD:\\small\t0:1\r\nend\t2\r\n"

static WCHAR copy[SAMPLE_PATH];

static int set_up(void **state)
{
    (void)state;
    sample_path(L"copy", copy);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sample_remove(copy);
    return 0;
}

static DWORD read_text(const char *text, size_t size, struct history *history)
{
    sample_write(test_path(copy, L"history.txt"), text, size);
    return history_read(history, copy);
}

static void what_was_written_is_read(void **state)
{
    struct history history = {0}, written = {0};
    struct ranges ranges;

    (void)state;
    assert_int_equal(read_text(WHOLE, strlen(WHOLE), &history), 0);
    assert_int_equal(history.type, VSS_BT_INCREMENTAL);
    assert_true(history.begun == 132000000000000000ULL);
    assert_int_equal(history.part_count, 2);
    assert_non_null(history_find_part(&history, L"c:\\X y\\big.db"));
    assert_null(history_find_part(&history, L"C:\\x y\\other.db"));
    history_free(&history);
    /* And the same is written. */
    written.type = VSS_BT_INCREMENTAL;
    written.begun = 132000000000000000ULL;
    assert_true(ranges_parse(L"2:3,16:4", &ranges));
    history_add_part(&written, L"C:\\x y\\big.db", &ranges);
    ranges_free(&ranges);
    assert_true(ranges_parse(L"0:1", &ranges));
    history_add_part(&written, L"D:\\small", &ranges);
    ranges_free(&ranges);
    assert_int_equal(history_write(&written, copy), 0);
    history_free(&written);
    assert_true(test_has_text(test_path(copy, L"history.txt"), "\xef\xbb\xbf" WHOLE));
}

/* Without the line of a part its ranges would be restored as the whole file. */
static void a_history_that_was_cut_is_refused(void **state)
{
    (void)state;
    for (size_t size = 1; size < strlen(WHOLE) - 2; size++)
    {
        char zeroed[sizeof(WHOLE)] = {0};
        struct history history = {0};

        if (read_text(WHOLE, size, &history) != ERROR_INVALID_DATA)
            fail_msg("cut after %u bytes it is read", (unsigned)size);
        history_free(&history);
        /* As a file system leaves it that wrote its size before its bytes. */
        memcpy(zeroed, WHOLE, size);
        if (read_text(zeroed, strlen(WHOLE), &history) != ERROR_INVALID_DATA)
            fail_msg("zeros after %u bytes are read", (unsigned)size);
        history_free(&history);
    }
}

static void a_history_that_makes_no_sense_is_refused(void **state)
{
    static const char *const texts[] = {
        "type\tfull\r\nend\t0\r\n",
        "begun\t1\r\nend\t0\r\n",
        "type\tfull\r\nbegun\t0\r\nend\t0\r\n",
        "type\tother\r\nbegun\t1\r\nend\t0\r\n",
        "type\tfull\r\nbegun\t-1\r\nend\t0\r\n",
        "type\tfull\r\nbegun\t1x\r\nend\t0\r\n",
        "type\tfull\r\nbegun\t\r\nend\t0\r\n",
        HEAD "end\t1\r\n",
        HEAD "end\tx\r\n",
        HEAD "end\t0\r\nend\t0\r\n",
        HEAD "end\t0\r\ntype\tfull\r\n",
        HEAD "what\tC:\\x\r\nend\t0\r\n",
        HEAD "part\tC:\\x\r\nend\t1\r\n",
        HEAD "part\tC:\\x\t2:3,\r\nend\t1\r\n",
        HEAD "part\tC:\\x\t9223372036854775807:1\r\nend\t1\r\n",
        HEAD "part\tC:\\a\\..\\x\t2:3\r\nend\t1\r\n",
        HEAD "part\t..\\x\t2:3\r\nend\t1\r\n",
        HEAD "part\t\\\\server\\share\\x\t2:3\r\nend\t1\r\n",
        HEAD "part\tC:\\x:stream\t2:3\r\nend\t1\r\n",
        HEAD "part\tC:\\con\t2:3\r\nend\t1\r\n",
        HEAD "part\tC:\\x\\\t2:3\r\nend\t1\r\n",
    };

    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(texts); i++)
    {
        struct history history = {0};
        DWORD error = read_text(texts[i], strlen(texts[i]), &history);

        if (error != ERROR_INVALID_DATA)
            fail_msg("error %lu for %s", (unsigned long)error, texts[i]);
        history_free(&history);
    }
}

static void a_copy_without_a_history_is_a_plain_one(void **state)
{
    struct history history = {0};

    (void)state;
    test_make_folder(copy);
    assert_int_equal(history_read(&history, copy), ERROR_FILE_NOT_FOUND);
    assert_int_equal(history.type, VSS_BT_COPY);
    assert_int_equal(history.part_count, 0);
}

#define HISTORY_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        HISTORY_TEST(what_was_written_is_read),
        HISTORY_TEST(a_history_that_was_cut_is_refused),
        HISTORY_TEST(a_history_that_makes_no_sense_is_refused),
        HISTORY_TEST(a_copy_without_a_history_is_a_plain_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
