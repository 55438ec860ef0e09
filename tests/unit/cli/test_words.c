/* SPDX-License-Identifier: MIT
 *
 * Small things of thawline.exe: suggestions, paths, what is shown of outside text, JSON.
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

#include "cli/console.h"
#include "cli/json.h"
#include "cli/path.h"
#include "cli/suggest.h"
#include "cli/text.h"

static void assert_text(const WCHAR *actual, const WCHAR *expected)
{
    if (!text_same(actual, expected))
        fail_msg(
            "%ls instead of %ls", actual ? actual : L"(null)", expected ? expected : L"(null)");
}

static void the_nearest_word_is_suggested_if_it_is_near_enough(void **state)
{
    static const struct
    {
        const WCHAR *typed;
        const WCHAR *suggested;
    } rows[] = {
        {L"bakup", L"backup"},
        {L"backpu", L"backup"},
        {L"lst", L"list"},
        {L"dele", L"delete"},
        {L"x", NULL},
        {L"", NULL},
        {L"restore", NULL},
        {L"a-word-much-longer-than-any-verb-could-possibly-be", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        struct suggest suggest;

        suggest_begin(&suggest, rows[i].typed);
        suggest_offer(&suggest, L"backup");
        suggest_offer(&suggest, L"list");
        suggest_offer(&suggest, L"delete");
        assert_text(suggest.nearest, rows[i].suggested);
    }
}

static void paths_become_absolute_and_lose_trailing_backslashes(void **state)
{
    static const struct
    {
        const WCHAR *path;
        const WCHAR *absolute;
    } rows[] = {
        {L"c:\\windows\\", L"C:\\windows"},
        {L"C:\\", L"C:\\"},
        {L"C:\\a\\.\\b\\..\\c", L"C:\\a\\c"},
        {L"C:/a/b", L"C:\\a\\b"},
        {L"\\\\?\\C:\\a", L"C:\\a"},
        {L"\\\\server\\share\\a", NULL},
        {L"\\\\?\\Volume{00000000-0000-0000-0000-000000000043}\\a", NULL},
        {L"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        WCHAR *absolute = path_absolute(rows[i].path);

        assert_text(absolute, rows[i].absolute);
        free(absolute);
    }
}

static void a_path_is_inside_a_folder_by_whole_names(void **state)
{
    static const struct
    {
        const WCHAR *path;
        const WCHAR *folder;
        bool inside;
    } rows[] = {
        {L"C:\\a\\b", L"C:\\a", true},
        {L"C:\\A\\b", L"c:\\a", true},
        {L"C:\\a", L"C:\\a", true},
        {L"C:\\ab", L"C:\\a", false},
        {L"C:\\a", L"C:\\a\\b", false},
        {L"C:\\a", L"C:\\", true},
        {L"D:\\a", L"C:\\", false},
        {L"C:\\a", L"", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        if (path_is_inside(rows[i].path, rows[i].folder) != rows[i].inside)
            fail_msg("%ls in %ls", rows[i].path, rows[i].folder);
    }
}

static void parents_end_at_the_root(void **state)
{
    WCHAR *parent = path_parent(L"C:\\a\\b");
    WCHAR *root = path_parent(parent);

    (void)state;
    assert_text(parent, L"C:\\a");
    assert_text(root, L"C:\\");
    assert_null(path_parent(root));
    free(root);
    free(parent);
}

static void what_could_move_the_cursor_is_shown_as_a_number(void **state)
{
    static const struct
    {
        const WCHAR *text;
        const WCHAR *shown;
    } rows[] = {
        {L"plain \x00fc \x65e5", L"plain \x00fc \x65e5"},
        {L"a\nb\x1b[2J", L"a\\u000ab\\u001b[2J"},
        {L"\x007f\x0085\x009b", L"\\u007f\\u0085\\u009b"},
        {L"abc\x202e"
         L"fdp.exe",
            L"abc\\u202efdp.exe"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        WCHAR *shown = console_shown(rows[i].text);

        assert_text(shown, rows[i].shown);
        free(shown);
    }
}

static void json_escapes_everything_but_plain_ascii(void **state)
{
    static const char expected[] =
        "{\"a\":\"q\\\"b\\\\s\\u000a\\u00fc\\ud83d\",\"n\":-5,\"l\":[\"x\",null,{}],\"t\":true}";
    struct json json = {0};

    (void)state;
    json_begin_object(&json, NULL);
    json_text(&json, "a", L"q\"b\\s\n\x00fc\xd83d");
    json_number(&json, "n", -5);
    json_begin_array(&json, "l");
    json_text(&json, NULL, L"x");
    json_text(&json, NULL, NULL);
    json_begin_object(&json, NULL);
    json_end_object(&json);
    json_end_array(&json);
    json_bool(&json, "t", true);
    json_end_object(&json);
    assert_int_equal(json.length, sizeof(expected) - 1);
    assert_memory_equal(json.text, expected, json.length);
    free(json.text);
}

static void sizes_and_ids_are_readable(void **state)
{
    WCHAR text[TEXT_SHORT_SIZE];
    GUID id;

    (void)state;
    text_from_size(1023, text);
    assert_text(text, L"1023 bytes");
    text_from_size(1536, text);
    assert_text(text, L"1.5 KiB");
    text_from_size(3ull << 40, text);
    assert_text(text, L"3.0 TiB");
    assert_true(text_to_guid(L"b5946137-7b9f-4925-af80-51abd60b20d5", &id));
    assert_true(text_to_guid(L"{B5946137-7B9F-4925-AF80-51ABD60B20D5}", &id));
    assert_int_equal(id.Data1, 0xb5946137);
    assert_false(text_to_guid(L"b5946137", &id));
    assert_false(text_to_guid(L"", &id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_word_is_suggested_if_it_is_near_enough),
        cmocka_unit_test(paths_become_absolute_and_lose_trailing_backslashes),
        cmocka_unit_test(a_path_is_inside_a_folder_by_whole_names),
        cmocka_unit_test(parents_end_at_the_root),
        cmocka_unit_test(what_could_move_the_cursor_is_shown_as_a_number),
        cmocka_unit_test(json_escapes_everything_but_plain_ascii),
        cmocka_unit_test(sizes_and_ids_are_readable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
