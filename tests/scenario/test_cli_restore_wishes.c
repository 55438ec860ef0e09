/* SPDX-License-Identifier: MIT
 *
 * `thawline restore`: what it hands on to writers beside the files (requestor 2.7): authoritative
 * restores, new names, options, where ranges files are; and targets that --to leaves aside.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "scenario/restored.h"

/* What the handlers saw of data0. */
static struct
{
    boolean authoritative;
    WCHAR name[SAMPLE_PATH];
    WCHAR options[SAMPLE_PATH];
    WCHAR ranges[2][SAMPLE_PATH]; /* of its first partial file, in PreRestore and in PostRestore */
    ULONGLONG numbers[8];         /* in that file, in PostRestore */
    DWORD size;
    HRESULT hr; /* of what a handler did last */
} seen;

/* Handlers run on threads of their own: what they find wrong is noted, and asserted later. */
static IVssComponent *data0_of(const THAWLINE_EVENT *event)
{
    IVssComponent *component = NULL;

    seen.hr = event->pComponents->lpVtbl->GetComponent(event->pComponents, 0, &component);
    return component;
}

static void keep(WCHAR *place, BSTR text)
{
    lstrcpynW(place, text ? text : L"", SAMPLE_PATH);
    SysFreeString(text);
}

static void see_wishes(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = data0_of(event);
    IVssComponentEx *extended = NULL;
    BSTR text = NULL;

    (void)writer;
    (void)context;
    IVssComponent_GetRestoreOptions(component, &text);
    keep(seen.options, text);
    text = NULL;
    IVssComponent_QueryInterface(component, &IID_IVssComponentEx, (void **)&extended);
    IVssComponentEx_GetAuthoritativeRestore(extended, &seen.authoritative);
    IVssComponentEx_GetRestoreName(extended, &text);
    keep(seen.name, text);
    IVssComponentEx_Release(extended);
    IVssComponent_Release(component);
}

static void begin_with_schema(DWORD schema)
{
    memset(&seen, 0, sizeof(seen));
    restored.schema = schema;
    restored_start_writer();
    restored.writer.at[ON_PRE_RESTORE].action = see_wishes;
    restored_back_up();
}

static void writers_hear_what_is_wished(void **state)
{
    struct cli_process cli;

    (void)state;
    begin_with_schema(VSS_BS_AUTHORITATIVE_RESTORE | VSS_BS_RESTORE_RENAME);
    restored_restore(&cli, L"");
    assert_exit(&cli, 0);
    cli_free(&cli);
    assert_false(seen.authoritative);
    assert_int_equal(wcslen(seen.name) + wcslen(seen.options), 0);
    restored_restore(&cli,
        L"--component group\\data0 --authoritative --restore-name \"new <name>\" "
        L"--restore-options \"a=b, c\"");
    assert_exit(&cli, 0);
    cli_free(&cli);
    assert_true(seen.authoritative);
    assert_int_equal(wcscmp(seen.name, L"new <name>"), 0);
    assert_int_equal(wcscmp(seen.options, L"a=b, c"), 0);
}

static void a_wish_that_the_writer_does_not_support_restores_nothing(void **state)
{
    struct cli_process cli;

    (void)state;
    begin_with_schema(0);
    restored_lose_source();
    restored_restore(&cli, L"--component group\\data0 --authoritative");
    assert_exit(&cli, 3);
    assert_says(&cli, out,
        "component group\\data0 of Ledger: NOT restored: its writer Ledger does "
        "not support authoritative restores");
    cli_free(&cli);
    restored_restore(&cli, L"--component group\\data0 --restore-name other");
    assert_exit(&cli, 3);
    assert_says(&cli, out, "cannot restore it under another name");
    cli_free(&cli);
    assert_string_equal(scripted_writer_events(&restored.writer), "");
    assert_false(sample_exists(in(restored.source, L"one\\page.bin")));
}

static void a_new_name_is_for_one_component(void **state)
{
    struct cli_process cli;

    (void)state;
    begin_with_schema(VSS_BS_RESTORE_RENAME);
    restored_restore(&cli, L"--restore-name other");
    assert_exit(&cli, 2);
    assert_says(&cli, err, "--restore-name is for one component, and 2 are to be restored");
    cli_free(&cli);
    assert_string_equal(scripted_writer_events(&restored.writer), "");
}

/* ---- Targets and --to ---- */

static void direct(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = data0_of(event);

    (void)writer;
    (void)context;
    seen.hr = IVssComponent_SetRestoreTarget(component, VSS_RT_DIRECTED);
    if (SUCCEEDED(seen.hr))
        seen.hr = IVssComponent_AddDirectedTarget(component, in(restored.source, L"one") + 4,
            L"page.bin", L"0:1", in(restored.source, L"elsewhere") + 4, L"page.bin", L"0:1");
    IVssComponent_Release(component);
}

static void a_target_that_is_left_aside_is_named(void **state)
{
    WCHAR there[SAMPLE_PATH];
    struct cli_process cli;
    WCHAR options[SAMPLE_PATH];

    (void)state;
    begin_with_schema(VSS_BS_WRITER_SUPPORTS_NEW_TARGET);
    restored.writer.at[ON_PRE_RESTORE].action = direct;
    _snwprintf(options, SAMPLE_PATH, L"--component group\\data0 --to %ls", restored.other);
    restored_restore(&cli, options);
    assert_exit(&cli, 0);
    assert_int_equal(seen.hr, S_OK);
    assert_says(&cli, out, "its writer asked for another place, which --to left aside");
    cli_free(&cli);
    wcscat(options, L" --json");
    restored_restore(&cli, options);
    assert_exit(&cli, 0);
    assert_true(json_is_object(cli.out.text));
    assert_says(&cli, out, "\"target_left_aside\":true");
    cli_free(&cli);
    sample_copy_path(restored.other, restored.source, there);
    wcscat(there, L"\\one");
    sample_assert_same(in(restored.source, L"one"), there);
    assert_false(sample_exists(in(restored.source, L"elsewhere")));
}

/* It does not look for its files there, and has no part. */
static void a_wish_that_its_writer_does_not_hear_is_named(void **state)
{
    struct cli_process cli;
    WCHAR options[SAMPLE_PATH];

    (void)state;
    begin_with_schema(VSS_BS_AUTHORITATIVE_RESTORE | VSS_BS_RESTORE_RENAME);
    _snwprintf(options, SAMPLE_PATH,
        L"--component group\\data0 --authoritative --restore-name other --to %ls", restored.other);
    restored_restore(&cli, options);
    assert_exit(&cli, 0);
    assert_says(&cli, out,
        "; its writer took no part, and did not hear of --authoritative --restore-name");
    cli_free(&cli);
    wcscat(options, L" --json");
    restored_restore(&cli, options);
    assert_exit(&cli, 0);
    assert_true(json_is_object(cli.out.text));
    assert_says(&cli, out, "\"wishes_left_aside\":true");
    cli_free(&cli);
    _snwprintf(options, SAMPLE_PATH, L"--component group\\data0 --to %ls --json", restored.other);
    restored_restore(&cli, options);
    assert_exit(&cli, 0);
    assert_says(&cli, out, "\"wishes_left_aside\":false");
    cli_free(&cli);
    assert_string_equal(scripted_writer_events(&restored.writer), "");
}

/* ---- Ranges files ---- */

/* Count, then offset and length of each: "12" and "789" of what the test writes. */
static const ULONGLONG ranges_content[] = {2, 1, 2, 7, 3};
static WCHAR ranges_path[SAMPLE_PATH];

static void name_ranges_file(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = data0_of(event);

    (void)writer;
    (void)context;
    seen.hr = IVssComponent_AddPartialFile(
        component, in(restored.source, L"one") + 4, L"page.bin", ranges_path, L"");
    IVssComponent_Release(component);
}

static void see_ranges(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = data0_of(event);
    BSTR path = NULL, name = NULL, ranges = NULL, metadata = NULL;
    bool after = context != NULL;

    (void)writer;
    if (IVssComponent_GetPartialFile(component, 0, &path, &name, &ranges, &metadata) == S_OK)
    {
        HANDLE file = CreateFileW(
            ranges, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);

        lstrcpynW(seen.ranges[after], ranges, SAMPLE_PATH);
        if (file != INVALID_HANDLE_VALUE && after)
            ReadFile(file, seen.numbers, sizeof(seen.numbers), &seen.size, NULL);
        if (file != INVALID_HANDLE_VALUE)
            CloseHandle(file);
        SysFreeString(path);
        SysFreeString(name);
        SysFreeString(ranges);
        SysFreeString(metadata);
    }
    IVssComponent_Release(component);
}

/* In the meantime the writer's file is gone, or it says something else. */
static void a_writer_finds_the_ranges_of_the_backup(void **state)
{
    static const char changed[] = "ABCDEFGHIJ";

    (void)state;
    memset(&seen, 0, sizeof(seen));
    restored.schema = VSS_BS_INCREMENTAL;
    restored_start_writer();
    wcscpy(ranges_path, in(restored.source, L"two\\ranges.dat") + 4);
    sample_write(in(restored.source, L"two\\ranges.dat"), ranges_content, sizeof(ranges_content));
    sample_write(in(restored.source, L"one\\page.bin"), "0123456789", 10);
    cli_expect(0, NULL, L"backup %ls %ls --type full --quiet", restored.source, restored.copy);
    sample_write(in(restored.source, L"one\\page.bin"), changed, 10);
    restored.writer.at[ON_POST_SNAPSHOT].action = name_ranges_file;
    cli_expect(0, NULL, L"backup %ls %ls --type incremental --since %ls --quiet", restored.source,
        restored.other, restored.copy);
    assert_int_equal(seen.hr, S_OK);
    sample_write(in(restored.source, L"two\\ranges.dat"), "nothing of the sort", 19);
    sample_write(in(restored.source, L"one\\page.bin"), "0123456789", 10);

    restored.writer.at[ON_PRE_RESTORE].action = see_ranges;
    restored.writer.at[ON_POST_RESTORE].action = see_ranges;
    restored.writer.at[ON_POST_RESTORE].context = &seen;
    cli_expect(
        0, NULL, RESTORE L"--component group\\data0 --quiet", restored.other, restored.other);
    assert_true(test_has_text(in(restored.source, L"one\\page.bin"), "0BC3456HIJ"));
    assert_true(*seen.ranges[0] && wcscmp(seen.ranges[0], ranges_path) != 0);
    assert_int_equal(wcscmp(seen.ranges[0], seen.ranges[1]), 0);
    assert_int_equal(seen.size, sizeof(ranges_content));
    assert_memory_equal(seen.numbers, ranges_content, sizeof(ranges_content));
    /* It was for this restore only. */
    assert_true(GetFileAttributesW(seen.ranges[1]) == INVALID_FILE_ATTRIBUTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        RESTORED_TEST(writers_hear_what_is_wished),
        RESTORED_TEST(a_wish_that_the_writer_does_not_support_restores_nothing),
        RESTORED_TEST(a_new_name_is_for_one_component),
        RESTORED_TEST(a_target_that_is_left_aside_is_named),
        RESTORED_TEST(a_wish_that_its_writer_does_not_hear_is_named),
        RESTORED_TEST(a_writer_finds_the_ranges_of_the_backup),
    };

    return cmocka_run_group_tests_name("thawline restore, wishes", tests, NULL, NULL);
}
