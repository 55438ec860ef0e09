/* SPDX-License-Identifier: MIT
 *
 * `thawline restore` of what `thawline backup` made: what lies where afterwards, what writers of
 * this process are told, which exit code (requestor 6).
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

#include <windows.h>

#include <thawline.h>

#include "scenario/cli_process.h"
#include "support/backup.h"
#include "support/sample_tree.h"
#include "support/scripted_writer.h"
#include "support/test_volume.h"

static const VSS_ID writer_id = {0xa9a9a9a9, 0x1111, 0x4111, {0x89, 1, 1, 1, 1, 1, 1, 1}};

/* <temp>\source with the folders one, two and two\below, its copy, and what it was. */
static WCHAR source[SAMPLE_PATH], copy[SAMPLE_PATH], reference[SAMPLE_PATH], other[SAMPLE_PATH];

/* ---- The writer: group\data0 is one, group\data1 two, group\data1\below two\below ---- */

static struct
{
    struct scripted_writer writer;
    VSS_RESTOREMETHOD_ENUM method; /* 0: none */
    const WCHAR *service;
    WCHAR mapping[SAMPLE_PATH]; /* of data0; empty: none */
    DWORD schema;
    UINT targets, mappings; /* what PostRestore saw of data0 */
    WCHAR target[SAMPLE_PATH];
    VSS_FILE_RESTORE_STATUS status;
    UINT subcomponents; /* of data1 */
} app;

static void describe(struct scripted_writer *writer, IVssCreateWriterMetadataEx *metadata)
{
    WCHAR one[SAMPLE_PATH], two[SAMPLE_PATH], below[SAMPLE_PATH];

    (void)writer;
    _snwprintf(one, SAMPLE_PATH, L"%ls\\one", source);
    _snwprintf(two, SAMPLE_PATH, L"%ls\\two\\", source);
    _snwprintf(below, SAMPLE_PATH, L"%ls\\two\\below", source);
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group", L"data0", one, L"*", TRUE, NULL, 0xF0F);
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group", L"data1", two, L"*.txt", FALSE, NULL, 0xF0F);
    metadata->lpVtbl->AddComponent(metadata, VSS_CT_FILEGROUP, L"group\\data1", L"below", NULL,
        NULL, 0, FALSE, FALSE, FALSE, TRUE, 0);
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group\\data1", L"below", below, L"*.*", TRUE, NULL, 0xF0F);
    if (app.method)
        metadata->lpVtbl->SetRestoreMethod(
            metadata, app.method, app.service, NULL, VSS_WRE_ALWAYS, FALSE);
    if (*app.mapping)
        metadata->lpVtbl->AddAlternateLocationMapping(metadata, one, L"*", TRUE, app.mapping);
    if (app.schema)
        metadata->lpVtbl->SetBackupSchema(metadata, app.schema);
}

static void see_component(IVssComponent *component, BSTR name)
{
    IVssWMFiledesc *file = NULL;
    BSTR target = NULL;

    if (wcscmp(name, L"data1") == 0)
    {
        IVssComponent_GetRestoreSubcomponentCount(component, &app.subcomponents);
        return;
    }
    IVssComponent_GetFileRestoreStatus(component, &app.status);
    IVssComponent_GetAlternateLocationMappingCount(component, &app.mappings);
    IVssComponent_GetNewTargetCount(component, &app.targets);
    if (!app.targets || FAILED(IVssComponent_GetNewTarget(component, 0, &file)))
        return;
    if (IVssWMFiledesc_GetAlternateLocation(file, &target) == S_OK)
        lstrcpynW(app.target, target, SAMPLE_PATH);
    SysFreeString(target);
    IVssWMFiledesc_Release(file);
}

static void see(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    UINT count = 0;

    (void)writer;
    (void)context;
    event->pComponents->lpVtbl->GetComponentCount(event->pComponents, &count);
    for (UINT i = 0; i < count; i++)
    {
        IVssComponent *component = NULL;
        BSTR name = NULL;

        event->pComponents->lpVtbl->GetComponent(event->pComponents, i, &component);
        IVssComponent_GetComponentName(component, &name);
        see_component(component, name);
        SysFreeString(name);
        IVssComponent_Release(component);
    }
}

static void start_writer(void)
{
    app.writer = (struct scripted_writer){
        .name = L"Ledger", .id = writer_id, .components = 2, .describe = describe};
    app.writer.at[ON_POST_RESTORE].action = see;
    scripted_writer_start(&app.writer);
}

static void forget_events(void)
{
    memset((void *)app.writer.count, 0, sizeof(app.writer.count));
}

/* ---- The fixture ---- */

static const WCHAR *in(const WCHAR *folder, const WCHAR *name)
{
    return test_path(folder, name);
}

static int set_up(void **state)
{
    (void)state;
    memset(&app, 0, sizeof(app));
    sample_path(L"source", source);
    sample_path(L"copy", copy);
    sample_path(L"reference", reference);
    sample_path(L"other", other);
    sample_make(in(source, L"one"));
    sample_write(in(source, L"two\\a.txt"), "a", 1);
    sample_write(in(source, L"two\\no.bin"), "no component's", 14);
    sample_write(in(source, L"two\\below\\b.txt"), "bb", 2);
    test_set_age(in(source, L"two\\a.txt"), 100000);
    test_set_age(in(source, L"two\\below"), 200000);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scripted_writer_stop(&app.writer);
    sample_remove(source);
    sample_remove(copy);
    sample_remove(reference);
    sample_remove(other);
    return 0;
}

static void run(DWORD code, const WCHAR *format, ...)
{
    WCHAR arguments[4 * SAMPLE_PATH];
    struct cli_process cli;
    va_list list;

    va_start(list, format);
    _vsnwprintf(arguments, ARRAYSIZE(arguments), format, list);
    va_end(list);
    cli_run(&cli, L"%ls", arguments);
    assert_exit(&cli, code);
    cli_free(&cli);
}

static void back_up(void)
{
    run(0, L"backup %ls %ls --quiet", source, copy);
    forget_events();
}

/* From now on `reference` is what the source was, and the source is missing. */
static void lose_source(void)
{
    assert_true(MoveFileW(source, reference));
}

#define RESTORE L"restore %ls\\backup-components.xml %ls "

static void restore(struct cli_process *cli, const WCHAR *options)
{
    cli_run(cli, RESTORE L"%ls", copy, copy, options);
}

static void assert_restored(void)
{
    if (test_compare_trees(reference, source, NULL))
        fail_msg("the source is not what it was");
}

/* ---- Without writers ---- */

static void it_comes_back_as_it_was(void **state)
{
    struct cli_process cli;

    (void)state;
    back_up();
    lose_source();
    restore(&cli, L"");
    assert_exit(&cli, 0);
    assert_says(&cli, out, "Restored 11 files in 9 folders");
    assert_says(&cli, out, "The restore is whole.");
    cli_free(&cli);
    assert_restored();
}

static void what_changed_since_is_written_over(void **state)
{
    struct cli_process cli;

    (void)state;
    back_up();
    lose_source();
    sample_write(in(source, L"two\\a.txt"), "changed", 7);
    sample_write(in(source, L"one\\one.bin"), "changed and guarded", 19);
    test_set_attributes(
        in(source, L"one\\one.bin"), FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN);
    restore(&cli, L"--json");
    assert_exit(&cli, 0);
    assert_true(json_is_object(cli.out.text));
    assert_says(&cli, out, "\"result\":\"done\",\"exit_code\":0");
    assert_says(&cli, out, "\"files\":11,");
    assert_says(&cli, out, "\"troubles\":[]");
    cli_free(&cli);
    assert_restored();
    /* What was not there then stays. */
    sample_write(in(source, L"newer.txt"), "newer", 5);
    run(0, RESTORE L"--quiet", copy, copy);
    assert_true(sample_exists(in(source, L"newer.txt")));
}

#define PART_ID L"{6E0F63A4-93D1-4C1F-9E0B-5D3A53A1C7B2}"
#define PART L"thawline-restoring-" PART_ID L".tmp"

/* Where a restore notes what it is writing. */
static const WCHAR *note_path(void)
{
    WCHAR folder[SAMPLE_PATH];

    GetEnvironmentVariableW(L"LOCALAPPDATA", folder, SAMPLE_PATH);
    wcscat(folder, L"\\Thawline\\Restores");
    return in(folder, PART_ID L".note");
}

/* As a restore does that is killed while it writes `name` of two\below. */
static void leave_note(const WCHAR *name)
{
    WCHAR path[SAMPLE_PATH];

    _snwprintf(path, SAMPLE_PATH, L"%ls\\two\\below\\%ls", source, name);
    sample_write(note_path(), path, (wcslen(path) + 1) * sizeof(WCHAR));
}

static void what_a_killed_restore_left_is_taken_away_by_the_next(void **state)
{
    (void)state;
    back_up();
    lose_source();
    sample_write(in(source, L"two\\below\\" PART), "half a file", 11);
    test_set_attributes(in(source, L"two\\below\\" PART), FILE_ATTRIBUTE_READONLY);
    leave_note(PART);
    run(0, RESTORE L"--quiet", copy, copy);
    assert_restored();
    assert_false(sample_exists(note_path()));
}

static void what_a_restore_writes_that_runs_is_left_alone(void **state)
{
    HANDLE note;

    (void)state;
    back_up();
    sample_write(in(source, L"two\\below\\" PART), "half a file", 11);
    leave_note(PART);
    note = CreateFileW(note_path(), GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(note != INVALID_HANDLE_VALUE);
    run(0, RESTORE L"--quiet", copy, copy);
    CloseHandle(note);
    assert_true(sample_exists(note_path()));
    assert_true(test_has_text(in(source, L"two\\below\\" PART), "half a file"));
    run(0, RESTORE L"--quiet", copy, copy);
    assert_false(sample_exists(note_path()));
    assert_false(sample_exists(in(source, L"two\\below\\" PART)));
}

/* Backed up they come back, and those that came later stay, whatever a note says. */
static void files_with_names_like_those_of_parts_are_the_users(void **state)
{
#define OTHER_PART L"thawline-restoring-{6E0F63A4-93D1-4C1F-9E0B-5D3A53A1C7B3}.tmp"
    static const WCHAR *const old[] = {L"two\\thawline-restoring.tmp", L"two\\" PART,
        L"two\\" OTHER_PART, L"two\\a.txt.thawline-reboot"};
    static const WCHAR *const later[] = {L"two\\below\\thawline-restoring.tmp",
        L"two\\below\\" PART, L"two\\below\\" OTHER_PART,
        L"two\\below\\b.txt.thawline-reboot", L"two\\below\\later.txt"};
    static const WCHAR *const noted[] = {L"later.txt", L"thawline-restoring.tmp", OTHER_PART,
        L"..\\below\\" PART, L"none\\..\\" PART, L"", L"x" PART};

    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(old); i++)
        sample_write(in(source, old[i]), "backed up", 9);
    back_up();
    for (size_t i = 0; i < ARRAYSIZE(later); i++)
        sample_write(in(source, later[i]), "later", 5);
    for (size_t i = 0; i < ARRAYSIZE(noted); i++)
    {
        for (size_t j = 0; j < ARRAYSIZE(old); j++)
            sample_write(in(source, old[j]), "changed", 7);
        leave_note(noted[i]);
        run(0, RESTORE L"--quiet", copy, copy);
        assert_false(sample_exists(note_path()));
        for (size_t j = 0; j < ARRAYSIZE(old); j++)
            assert_true(test_has_text(in(source, old[j]), "backed up"));
        for (size_t j = 0; j < ARRAYSIZE(later); j++)
            assert_true(test_has_text(in(source, later[j]), "later"));
    }
#undef OTHER_PART
}

static void a_file_in_use_is_named_and_the_others_are_restored(void **state)
{
    struct cli_process cli;
    HANDLE held;

    (void)state;
    back_up();
    lose_source();
    sample_write(in(source, L"two\\a.txt"), "held", 4);
    held = CreateFileW(in(source, L"two\\a.txt"), GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    restore(&cli, L"");
    CloseHandle(held);
    assert_exit(&cli, 3);
    assert_says(&cli, out, "Could not be restored: 1");
    assert_says(&cli, out, "two\\a.txt: ");
    assert_says(&cli, out, "The restore is NOT whole.");
    cli_free(&cli);
    assert_true(test_has_text(in(source, L"two\\a.txt"), "held"));
    assert_true(test_has_text(in(source, L"two\\below\\b.txt"), "bb"));
    /* a.txt, no.bin, below and b.txt: no part. */
    assert_int_equal(test_count_entries(in(source, L"two")), 4);
}

static void with_to_all_of_it_goes_elsewhere(void **state)
{
    WCHAR there[SAMPLE_PATH];

    (void)state;
    back_up();
    sample_write(in(source, L"two\\a.txt"), "stays", 5);
    run(0, RESTORE L"--to %ls --quiet", copy, copy, other);
    assert_true(test_has_text(in(source, L"two\\a.txt"), "stays"));
    sample_copy_path(other, source, there);
    assert_true(test_has_text(in(there, L"two\\a.txt"), "a"));
    sample_assert_same(in(source, L"one"), in(there, L"one"));
}

static void links_in_the_way_are_not_followed(void **state)
{
    struct cli_process cli;
    WCHAR there[SAMPLE_PATH], outside[SAMPLE_PATH];

    (void)state;
    back_up();
    sample_path(L"reference\\outside", outside);
    sample_write(in(outside, L"a.txt"), "outside", 7);
    sample_copy_path(other, source, there);
    sample_write(in(there, L"here.txt"), "x", 1);
    if (!test_host_link(outside, in(there, L"two")))
        return; /* Windows makes links only for administrators */
    cli_run(&cli, RESTORE L"--to %ls", copy, copy, other);
    assert_exit(&cli, 3);
    assert_says(&cli, out, "a link is in the way");
    cli_free(&cli);
    assert_true(test_has_text(in(outside, L"a.txt"), "outside"));
    assert_int_equal(test_count_entries(outside), 1);
    sample_assert_same(in(source, L"one"), in(there, L"one"));
    test_delete(in(there, L"two"));
}

static void an_incomplete_copy_is_restored_only_when_asked_for(void **state)
{
    (void)state;
    back_up();
    sample_write(in(copy, L".thawline-incomplete"), "x", 1);
    lose_source();
    run(2, RESTORE, copy, copy);
    assert_false(sample_exists(source));
    run(0, RESTORE L"--incomplete --quiet", copy, copy);
    assert_restored();
}

/* ---- With a writer ---- */

static void a_writer_is_asked_before_and_told_afterwards(void **state)
{
    struct cli_process cli;

    (void)state;
    start_writer();
    back_up();
    lose_source();
    restore(&cli, L"");
    assert_exit(&cli, 0);
    assert_says(&cli, out, "component group\\data0 of Ledger: 8 files");
    assert_says(&cli, out, "component group\\data1 of Ledger: 2 files");
    cli_free(&cli);
    assert_restored();
    assert_string_equal(scripted_writer_events(&app.writer), "PreRestore PostRestore");
    assert_int_equal(app.status, VSS_RS_ALL);
    assert_int_equal(app.targets + app.mappings + app.subcomponents, 0);
}

static void a_veto_keeps_the_component_as_it_is(void **state)
{
    struct cli_process cli;

    (void)state;
    start_writer();
    back_up();
    lose_source();
    sample_write(in(source, L"one\\page.bin"), "mine", 4);
    app.writer.at[ON_PRE_RESTORE].veto = TRUE;
    restore(&cli, L"");
    assert_exit(&cli, 3);
    assert_says(
        &cli, out, "component group\\data0 of Ledger: NOT restored: writer Ledger does not");
    assert_says(&cli, out, "VSS_E_WRITERERROR_NONRETRYABLE");
    assert_says(&cli, out, "failed at pre-restore");
    cli_free(&cli);
    assert_true(test_has_text(in(source, L"one\\page.bin"), "mine"));
    assert_int_equal(test_count_entries(in(source, L"one")), 1);
    assert_false(sample_exists(in(source, L"two\\a.txt")));
    /* What belongs to no component comes back. */
    assert_true(test_has_text(in(source, L"two\\no.bin"), "no component's"));
    assert_string_equal(scripted_writer_events(&app.writer), "PreRestore PostRestore");
    assert_int_equal(app.status, VSS_RS_NONE);
}

static void a_writer_that_is_needed_and_does_not_run_is_named(void **state)
{
    struct cli_process cli;

    (void)state;
    app.method = VSS_RME_RESTORE_IF_CAN_REPLACE;
    start_writer();
    back_up();
    scripted_writer_stop(&app.writer);
    lose_source();
    restore(&cli, L"");
    assert_exit(&cli, 3);
    assert_says(&cli, out, "writer Ledger is not running");
    cli_free(&cli);
    assert_false(sample_exists(in(source, L"one\\page.bin")));
}

static void a_component_or_a_part_of_it_can_be_restored_alone(void **state)
{
    struct cli_process cli;

    (void)state;
    start_writer();
    back_up();
    lose_source();
    restore(&cli, L"--component group\\data1\\below");
    assert_exit(&cli, 0);
    cli_free(&cli);
    assert_int_equal(app.subcomponents, 1);
    assert_true(test_has_text(in(source, L"two\\below\\b.txt"), "bb"));
    assert_int_equal(test_count_entries(source), 3); /* and the two folders above it */
    restore(&cli, L"--component group\\data0 --quiet");
    assert_exit(&cli, 0);
    cli_free(&cli);
    assert_int_equal(app.status, VSS_RS_ALL);
    sample_assert_same(in(reference, L"one"), in(source, L"one"));
    assert_false(sample_exists(in(source, L"two\\a.txt")));
    restore(&cli, L"--component group --quiet");
    assert_exit(&cli, 0);
    cli_free(&cli);
    assert_true(test_has_text(in(source, L"two\\a.txt"), "a"));
    assert_false(sample_exists(in(source, L"two\\no.bin")));
    forget_events();
    restore(&cli, L"--component group\\data7");
    assert_exit(&cli, 2);
    assert_says(&cli, err, "the backup has no component group\\data7");
    cli_free(&cli);
    assert_string_equal(scripted_writer_events(&app.writer), "");
}

static void new_targets_are_for_writers_that_support_them(void **state)
{
    WCHAR there[SAMPLE_PATH];

    (void)state;
    start_writer();
    back_up();
    run(0, RESTORE L"--to %ls --quiet", copy, copy, other);
    assert_string_equal(scripted_writer_events(&app.writer), "");
    sample_remove(other);
    sample_remove(copy);
    scripted_writer_stop(&app.writer);
    app.schema = 0x100; /* VSS_BS_WRITER_SUPPORTS_NEW_TARGET */
    start_writer();
    back_up();
    run(0, RESTORE L"--to %ls --quiet", copy, copy, other);
    assert_string_equal(scripted_writer_events(&app.writer), "PreRestore PostRestore");
    sample_copy_path(other, source, there);
    wcscat(there, L"\\one");
    assert_int_equal(app.targets, 1);
    if (lstrcmpiW(app.target, there))
        fail_msg("the new target is %ls, not %ls", app.target, there);
    sample_assert_same(in(source, L"one"), there);
}

/* ---- Restore methods ---- */

/* What lies where before the restore: nothing, other files, or a file that cannot be replaced. */
enum before
{
    LOST,
    CHANGED,
    HELD
};

struct method_case
{
    const char *name;
    VSS_RESTOREMETHOD_ENUM method;
    bool has_mapping;
    enum before before;
    DWORD exit_code;
    char data0; /* afterwards: (r)estored, (u)ntouched, at the (a)lternate location, re(b)oot */
};

/* The numbers are those of vswriter.h (writer-provider 4.1). */
static const struct method_case method_cases[] = {
    {"no method", 0, false, CHANGED, 0, 'r'},
    {"IF_NOT_THERE, lost", 1, false, LOST, 0, 'r'},
    {"IF_NOT_THERE, there", 1, false, CHANGED, 3, 'u'},
    {"IF_NOT_THERE, there, with a mapping", 1, true, CHANGED, 0, 'a'},
    {"IF_CAN_REPLACE, changed", 2, false, CHANGED, 0, 'r'},
    {"IF_CAN_REPLACE, held", 2, false, HELD, 3, 'u'},
    {"IF_CAN_REPLACE, held, with a mapping", 2, true, HELD, 0, 'a'},
    {"STOP_RESTORE_START, no such service", 3, false, CHANGED, 3, 'u'},
    {"TO_ALTERNATE_LOCATION", 4, true, CHANGED, 0, 'a'},
    {"TO_ALTERNATE_LOCATION, without a mapping", 4, false, CHANGED, 3, 'u'},
    {"AT_REBOOT", 5, false, CHANGED, 0, 'b'},
    {"AT_REBOOT_IF_CANNOT_REPLACE, changed", 6, false, CHANGED, 0, 'r'},
    {"AT_REBOOT_IF_CANNOT_REPLACE, held", 6, false, HELD, 0, 'b'},
    {"CUSTOM", 7, false, CHANGED, 3, 'u'},
    {"RESTORE_STOP_START", 8, false, CHANGED, 0, 'r'},
};

static bool a_part_waits(const WCHAR *folder)
{
    WIN32_FIND_DATAW found;
    HANDLE find = FindFirstFileW(in(folder, L"thawline-restoring-{*}.tmp"), &found);

    if (find == INVALID_HANDLE_VALUE)
        return false;
    FindClose(find);
    return true;
}

/* Where data0's page.bin is now. */
static char place_now(void)
{
    bool mine = test_has_text(in(source, L"one\\page.bin"), "mine");

    if (a_part_waits(in(source, L"one")))
        return mine ? 'b' : '?';
    if (sample_exists(in(other, L"page.bin")))
        return mine ? 'a' : '?';
    if (mine)
        return 'u';
    return sample_exists(in(source, L"one\\page.bin")) ? 'r' : '?';
}

static void check_method(const struct method_case *row)
{
    struct cli_process cli;
    HANDLE held = INVALID_HANDLE_VALUE;

    app.method = row->method;
    app.service = row->method == 3 ? L"thawline-no-such-service" : NULL;
    wcscpy(app.mapping, row->has_mapping ? other : L"");
    start_writer();
    back_up();
    lose_source();
    if (row->before != LOST)
        sample_write(in(source, L"one\\page.bin"), "mine", 4);
    if (row->before == HELD)
        held = CreateFileW(in(source, L"one\\page.bin"), GENERIC_READ,
            FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    restore(&cli, L"--component group\\data0");
    if (held != INVALID_HANDLE_VALUE)
        CloseHandle(held);
    if (cli.exit_code != row->exit_code || place_now() != row->data0)
        fail_msg("%s: exit code %lu, the file is '%c'; it said\n%s%s", row->name,
            (unsigned long)cli.exit_code, place_now(), cli.out.text, cli.err.text);
    if (app.status != (row->exit_code ? VSS_RS_NONE : VSS_RS_ALL) ||
        app.mappings != (row->data0 == 'a' ? 1u : 0u))
        fail_msg("%s: PostRestore saw status %d and %u mappings", row->name, (int)app.status,
            app.mappings);
    cli_free(&cli);
    /* What waits for the next start of the system waits through other restores. */
    if (row->data0 == 'b')
    {
        run(0, RESTORE L"--component group\\data1 --quiet", copy, copy);
        assert_int_equal(place_now(), 'b');
    }
    /* Files that an interrupted restore has put there do not count as there. */
    if (row->exit_code == 0 && row->before == LOST)
        run(0, RESTORE L"--component group\\data0 --quiet", copy, copy);
}

static void each_restore_method_is_followed(void **state)
{
    for (size_t i = 0; i < ARRAYSIZE(method_cases); i++)
    {
        if (i)
        {
            tear_down(state);
            set_up(state);
        }
        check_method(&method_cases[i]);
    }
}

static void what_stands_in_the_way_of_one_component_does_not_stop_another(void **state)
{
    struct cli_process cli;

    (void)state;
    app.method = VSS_RME_RESTORE_IF_NOT_THERE;
    start_writer();
    back_up();
    lose_source();
    sample_write(in(source, L"one\\page.bin"), "mine", 4);
    restore(&cli, L"");
    assert_exit(&cli, 3);
    assert_says(&cli, out, "component group\\data0 of Ledger: NOT restored: its files are there");
    assert_says(&cli, out, "component group\\data1 of Ledger: 2 files");
    cli_free(&cli);
    assert_int_equal(place_now(), 'u');
    assert_true(test_has_text(in(source, L"two\\a.txt"), "a"));
}

static void ask_for_target(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = NULL;

    (void)writer;
    event->pComponents->lpVtbl->GetComponent(event->pComponents, 0, &component);
    IVssComponent_SetRestoreTarget(component, *(VSS_RESTORE_TARGET *)context);
    IVssComponent_Release(component);
}

static void a_target_set_in_prerestore_wins_over_the_method(void **state)
{
    struct cli_process cli;
    VSS_RESTORE_TARGET target = VSS_RT_ORIGINAL_LOCATION;

    (void)state;
    app.method = VSS_RME_RESTORE_TO_ALTERNATE_LOCATION;
    wcscpy(app.mapping, other);
    start_writer();
    app.writer.at[ON_PRE_RESTORE].action = ask_for_target;
    app.writer.at[ON_PRE_RESTORE].context = &target;
    back_up();
    lose_source();
    restore(&cli, L"--component group\\data0");
    assert_exit(&cli, 0);
    cli_free(&cli);
    sample_assert_same(in(reference, L"one"), in(source, L"one"));
    assert_false(sample_exists(other));
    target = VSS_RT_DIRECTED;
    restore(&cli, L"--component group\\data0");
    assert_exit(&cli, 3);
    assert_says(&cli, out, "asks for directed targets and names none");
    cli_free(&cli);
}

/* ---- Hostile documents ---- */

static char *read_all(const WCHAR *path)
{
    HANDLE file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    DWORD size = GetFileSize(file, NULL);
    char *text = calloc(1, size + 1);

    assert_true(file != INVALID_HANDLE_VALUE);
    assert_true(ReadFile(file, text, size, &size, NULL));
    CloseHandle(file);
    return text;
}

/* The writer's document with another folder for data0, twice where that stands. */
static void forge(const WCHAR *document, const char *original, const char *folder)
{
    char one[SAMPLE_PATH];
    char *forged = calloc(1, strlen(original) + 4 * SAMPLE_PATH);
    const char *at;

    snprintf(one, sizeof(one), "%ls\\one\"", source);
    at = strstr(original, one);
    assert_non_null(at);
    sprintf(forged, "%.*s%s\"%s", (int)(at - original), original, folder, at + strlen(one));
    test_write_text(document, forged);
    free(forged);
}

static void documents_that_lead_elsewhere_are_refused(void **state)
{
    static const char *const folders[] = {"C:\\thawline\\..\\evil", "C:\\..\\evil", "..\\evil",
        "evil", "C:evil", "C:\\evil\\.", "C:\\evil\\.. \\x", "\\evil", "\\\\server\\share\\evil",
        "\\\\?\\C:\\evil", "\\\\.\\C:\\evil", "C:\\evil\\NUL", "C:\\evil\\con.txt\\x",
        "C:\\evil\\COM1", "C:\\evil:stream", "C:\\evil\\\\x", "C:\\evil?", "C:/evil",
        "%COMSPEC%\\evil", "%PATH%", "%THAWLINE_EVIL%"};
    WCHAR id[40], document[SAMPLE_PATH];
    char *original;

    (void)state;
    SetEnvironmentVariableW(L"THAWLINE_EVIL", L"C:\\evil");
    start_writer();
    StringFromGUID2(&app.writer.instance_id, id, 40);
    back_up();
    _snwprintf(document, SAMPLE_PATH, L"%ls\\writers\\%ls.xml", copy, id);
    original = read_all(document);
    lose_source();
    for (size_t i = 0; i < ARRAYSIZE(folders); i++)
    {
        struct cli_process cli;

        forge(document, original, folders[i]);
        restore(&cli, L"");
        if (cli.exit_code != 1 || !strstr(cli.err.text, "which is no plain path on a drive"))
            fail_msg(
                "%s: exit code %lu, %s", folders[i], (unsigned long)cli.exit_code, cli.err.text);
        cli_free(&cli);
        assert_false(sample_exists(source));
        assert_false(sample_exists(L"C:\\evil"));
    }
    assert_string_equal(scripted_writer_events(&app.writer), "");
    test_write_text(document, original);
    free(original);
    run(0, RESTORE L"--quiet", copy, copy);
    assert_restored();
}

static void a_hostile_mapping_is_no_alternate_location(void **state)
{
    struct cli_process cli;

    (void)state;
    app.method = VSS_RME_RESTORE_TO_ALTERNATE_LOCATION;
    wcscpy(app.mapping, L"C:\\thawline\\..\\evil");
    start_writer();
    back_up();
    lose_source();
    restore(&cli, L"--component group\\data0");
    assert_exit(&cli, 3);
    assert_says(&cli, out, "names no usable one");
    cli_free(&cli);
    assert_false(sample_exists(L"C:\\evil"));
    assert_false(sample_exists(L"C:\\thawline"));
}

static void damaged_documents_fail_and_write_nothing(void **state)
{
    struct cli_process cli;

    (void)state;
    back_up();
    lose_source();
    test_write_text(in(copy, L"backup-components.xml"), "<not a document");
    restore(&cli, L"");
    assert_exit(&cli, 1);
    assert_says(&cli, err, "VSS_E_INVALID_XML_DOCUMENT");
    cli_free(&cli);
    test_write_text(in(copy, L"sources.txt"), "C:\\a\\..\\b\r\n");
    restore(&cli, L"");
    assert_exit(&cli, 2);
    assert_says(&cli, err, "names C:\\a\\..\\b, which is no path on a drive");
    cli_free(&cli);
    test_delete(in(copy, L"sources.txt"));
    restore(&cli, L"");
    assert_exit(&cli, 2);
    assert_says(&cli, err, "is no copy that `thawline backup` made");
    cli_free(&cli);
    assert_false(sample_exists(source));
}

#define RESTORE_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RESTORE_TEST(it_comes_back_as_it_was),
        RESTORE_TEST(what_changed_since_is_written_over),
        RESTORE_TEST(what_a_killed_restore_left_is_taken_away_by_the_next),
        RESTORE_TEST(what_a_restore_writes_that_runs_is_left_alone),
        RESTORE_TEST(files_with_names_like_those_of_parts_are_the_users),
        RESTORE_TEST(a_file_in_use_is_named_and_the_others_are_restored),
        RESTORE_TEST(with_to_all_of_it_goes_elsewhere),
        RESTORE_TEST(links_in_the_way_are_not_followed),
        RESTORE_TEST(an_incomplete_copy_is_restored_only_when_asked_for),
        RESTORE_TEST(a_writer_is_asked_before_and_told_afterwards),
        RESTORE_TEST(a_veto_keeps_the_component_as_it_is),
        RESTORE_TEST(a_writer_that_is_needed_and_does_not_run_is_named),
        RESTORE_TEST(a_component_or_a_part_of_it_can_be_restored_alone),
        RESTORE_TEST(new_targets_are_for_writers_that_support_them),
        RESTORE_TEST(each_restore_method_is_followed),
        RESTORE_TEST(what_stands_in_the_way_of_one_component_does_not_stop_another),
        RESTORE_TEST(a_target_set_in_prerestore_wins_over_the_method),
        RESTORE_TEST(documents_that_lead_elsewhere_are_refused),
        RESTORE_TEST(a_hostile_mapping_is_no_alternate_location),
        RESTORE_TEST(damaged_documents_fail_and_write_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
