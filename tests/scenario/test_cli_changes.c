/* SPDX-License-Identifier: MIT
 *
 * `thawline backup --type incremental` and `differential`, and the restore of what they made: files
 * that a writer calls differenced or partial, those of its file sets, and those of no writer
 * (requestor 6.7). And directed targets, which say where ranges go.
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
#include "support/sample_tree.h"
#include "support/scripted_writer.h"
#include "support/test_volume.h"

#define YEAR (365u * 24 * 60 * 60)
/* A FILETIME of the year 2100, and one of 2000. */
#define LATER 0x022f716377640000ULL
#define EARLIER 0x01bf53eb256d4000ULL

/* <temp>\source holds db (partial files), logs, diff (differenced files) and plain. */
static WCHAR source[SAMPLE_PATH], full[SAMPLE_PATH], second[SAMPLE_PATH], other[SAMPLE_PATH];

/* A directed target of a file of db, as AddDirectedTarget takes it. */
struct directed
{
    const WCHAR *name, *source, *folder, *to, *target;
};

static struct
{
    struct scripted_writer writer;
    DWORD schema;
    WCHAR ranges[SAMPLE_PATH];      /* of db\big.db at the next backup; empty: it is not partial */
    WCHAR twin_ranges[SAMPLE_PATH]; /* those that another instance names; empty: the same */
    bool differenced;
    bool log_is_damaged; /* logs\\log is partial, with ranges that cannot be read */
    bool own_stamps;     /* each instance sets one of its own */
    UINT prepared;
    WCHAR seen_stamp[40];           /* what the last backup saw as the previous one */
    VSS_ROLLFORWARD_TYPE seen_roll; /* and how far it is to roll forward */
    WCHAR seen_point[40];
    bool seen_more; /* whether the last restore said that another follows */
    VSS_FILE_RESTORE_STATUS status;
    const struct directed *directed; /* up to a row without a name; NULL: none */
} app;

static const WCHAR *in(const WCHAR *folder, const WCHAR *name)
{
    return test_path(folder, name);
}

/* Where a copy has a file of the source. */
static const WCHAR *copied(const WCHAR *copy, const WCHAR *name)
{
    WCHAR path[SAMPLE_PATH];

    sample_copy_path(copy, source, path);
    return in(path, name);
}

/* ---- The writer ---- */

/* As a program names its files, without the `\\?\` of test_path. */
static const WCHAR *own(const WCHAR *name)
{
    return in(source, name) + wcslen(L"\\\\?\\");
}

static void describe(struct scripted_writer *writer, IVssCreateWriterMetadataEx *metadata)
{
    const DWORD all = VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED;
    const DWORD at_full = VSS_FSBT_FULL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED;

    (void)writer;
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group", L"data0", own(L"db"), L"*.db", FALSE, NULL, all);
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group", L"data0", own(L"logs"), L"*", TRUE, NULL, at_full);
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group", L"data0", own(L"diff"), L"*", TRUE, NULL, all);
    metadata->lpVtbl->SetBackupSchema(metadata, app.schema);
}

static IVssComponent *first_component(const THAWLINE_EVENT *event)
{
    IVssComponent *component = NULL;

    assert_int_equal(
        event->pComponents->lpVtbl->GetComponent(event->pComponents, 0, &component), S_OK);
    return component;
}

static void at_prepare(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = first_component(event);
    BSTR stamp = NULL;

    (void)writer;
    (void)context;
    if (IVssComponent_GetPreviousBackupStamp(component, &stamp) == S_OK && stamp)
        lstrcpynW(app.seen_stamp, stamp, ARRAYSIZE(app.seen_stamp));
    SysFreeString(stamp);
    IVssComponent_SetBackupStamp(component,
        app.own_stamps && app.prepared ? L"stamp of the twin"
            : *app.seen_stamp          ? L"stamp two"
                                       : L"stamp one");
    app.prepared++;
    if (app.differenced)
    {
        const FILETIME later = {(DWORD)LATER, (DWORD)(LATER >> 32)};
        const FILETIME earlier = {(DWORD)EARLIER, (DWORD)(EARLIER >> 32)};
        const FILETIME unknown = {0, 0};

        IVssComponent_AddDifferencedFilesByLastModifyTime(
            component, own(L"diff\\later"), L"*.dat", TRUE, later);
        IVssComponent_AddDifferencedFilesByLastModifyTime(
            component, own(L"diff\\earlier"), L"*.dat", TRUE, earlier);
        IVssComponent_AddDifferencedFilesByLastModifyTime(
            component, own(L"diff\\unknown"), L"*.dat", TRUE, unknown);
    }
    IVssComponent_Release(component);
}

static void at_post_snapshot(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = first_component(event);
    bool twin = writer != &app.writer && *app.twin_ranges;

    (void)context;
    if (*app.ranges)
        IVssComponent_AddPartialFile(
            component, own(L"db"), L"big.db", twin ? app.twin_ranges : app.ranges, L"");
    if (app.log_is_damaged)
        IVssComponent_AddPartialFile(component, own(L"logs"), L"log", L"C:\\no-ranges.bin", L"");
    IVssComponent_Release(component);
}

static void see_roll_forward(IVssComponent *component)
{
    IVssComponentEx *extended = NULL;
    BSTR point = NULL;

    app.seen_roll = VSS_RF_UNDEFINED;
    *app.seen_point = 0;
    IVssComponent_QueryInterface(component, &IID_IVssComponentEx, (void **)&extended);
    IVssComponentEx_GetRollForward(extended, &app.seen_roll, &point);
    if (point)
        lstrcpynW(app.seen_point, point, ARRAYSIZE(app.seen_point));
    SysFreeString(point);
    IVssComponentEx_Release(extended);
}

static void at_pre_restore(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = first_component(event);
    boolean more = FALSE;

    (void)writer;
    (void)context;
    IVssComponent_GetAdditionalRestores(component, &more);
    app.seen_more = more != 0;
    see_roll_forward(component);
    if (app.directed)
        IVssComponent_SetRestoreTarget(component, VSS_RT_DIRECTED);
    for (const struct directed *row = app.directed; row && row->name; row++)
        IVssComponent_AddDirectedTarget(
            component, own(L"db"), row->name, row->source, row->folder, row->to, row->target);
    IVssComponent_Release(component);
}

static void at_post_restore(
    struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    IVssComponent *component = first_component(event);

    (void)writer;
    (void)context;
    IVssComponent_GetFileRestoreStatus(component, &app.status);
    IVssComponent_Release(component);
}

/* ---- The fixture ---- */

static void write_old(const WCHAR *name, const char *text)
{
    sample_write(in(source, name), text, strlen(text));
    test_set_age(in(source, name), YEAR);
}

static void write_now(const WCHAR *name, const char *text)
{
    sample_write(in(source, name), text, strlen(text));
}

static int set_up(void **state)
{
    (void)state;
    memset(&app, 0, sizeof(app));
    sample_path(L"source", source);
    sample_path(L"full", full);
    sample_path(L"second", second);
    sample_path(L"other", other);
    write_old(L"db\\big.db", "0123456789abcdefghij");
    write_old(L"db\\small.db", "small");
    write_old(L"logs\\log", "log");
    write_old(L"diff\\later\\f.dat", "later");
    write_old(L"diff\\earlier\\f.dat", "earlier");
    write_old(L"diff\\unknown\\old.dat", "old");
    write_old(L"diff\\unknown\\new.dat", "old");
    write_old(L"plain\\same.txt", "same");
    write_old(L"plain\\changed.txt", "before");
    app.schema = VSS_BS_INCREMENTAL | VSS_BS_DIFFERENTIAL | VSS_BS_LAST_MODIFY | VSS_BS_TIMESTAMPED;
    app.writer = (struct scripted_writer){.name = L"Differ",
        .id = {0xcdcdcdcd, 0x1111, 0x4111, {0x8d, 1, 1, 1, 1, 1, 1, 1}},
        .components = 1,
        .describe = describe};
    app.writer.at[ON_PREPARE_BACKUP].action = at_prepare;
    app.writer.at[ON_POST_SNAPSHOT].action = at_post_snapshot;
    app.writer.at[ON_PRE_RESTORE].action = at_pre_restore;
    app.writer.at[ON_POST_RESTORE].action = at_post_restore;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scripted_writer_stop(&app.writer);
    sample_remove(source);
    sample_remove(full);
    sample_remove(second);
    sample_remove(other);
    return 0;
}

static void back_up_fully(void)
{
    scripted_writer_start(&app.writer);
    cli_expect(0, "The copy is whole.", L"backup %ls %ls --type full", source, full);
}

/* All files are written again, longer or with other bytes; diff and plain\same keep their times. */
static void change_all(void)
{
    write_now(L"db\\big.db", "ABCDEFGHIJKLMNOPQRST");
    write_now(L"db\\small.db", "small no more");
    write_now(L"logs\\log", "log no more");
    write_old(L"diff\\later\\f.dat", "later, changed");
    write_now(L"diff\\earlier\\f.dat", "earlier, changed");
    write_now(L"diff\\unknown\\new.dat", "new");
    write_now(L"plain\\changed.txt", "after");
}

static void back_up_changes(const WCHAR *type)
{
    cli_expect(0, "The copy is whole.", L"backup %ls %ls --type %ls --since %ls", source, second,
        type, full);
}

#define assert_copied(name, text) assert_true(test_has_text(copied(second, name), text))
#define assert_not_copied(name) assert_false(sample_exists(copied(second, name)))
#define assert_back(name, text) assert_true(test_has_text(in(source, name), text))

static void restore(const WCHAR *copy, const WCHAR *options)
{
    cli_expect(0, "The restore is whole.", L"restore %ls\\backup-components.xml %ls %ls", copy,
        copy, options);
    assert_int_equal(app.status, VSS_RS_ALL);
}

/* ---- Backup ---- */

static void only_what_changed_is_copied(void **state)
{
    (void)state;
    back_up_fully();
    assert_true(!*app.seen_stamp);
    change_all();
    app.differenced = true;
    wcscpy(app.ranges, L"2:3, 0x10:4");
    back_up_changes(L"incremental");
    assert_string_equal(scripted_writer_events(&app.writer),
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupComplete BackupShutdown");
    assert_int_equal(wcscmp(app.seen_stamp, L"stamp one"), 0);
    /* The ranges, one behind the other. */
    assert_copied(L"db\\big.db", "CDEQRST");
    assert_copied(L"db\\small.db", "small no more");
    assert_not_copied(L"logs\\log");
    /* What the writer says of the time counts more than the file's own. */
    assert_copied(L"diff\\later\\f.dat", "later, changed");
    assert_not_copied(L"diff\\earlier\\f.dat");
    assert_copied(L"diff\\unknown\\new.dat", "new");
    assert_not_copied(L"diff\\unknown\\old.dat");
    assert_copied(L"plain\\changed.txt", "after");
    assert_not_copied(L"plain\\same.txt");
}

static void of_a_writer_that_does_not_support_it_all_is_copied(void **state)
{
    (void)state;
    app.schema = VSS_BS_DIFFERENTIAL;
    back_up_fully();
    app.differenced = true;
    wcscpy(app.ranges, L"2:3");
    back_up_changes(L"incremental");
    assert_copied(L"db\\big.db", "0123456789abcdefghij");
    assert_copied(L"logs\\log", "log");
    assert_copied(L"diff\\earlier\\f.dat", "earlier");
    assert_not_copied(L"plain\\same.txt");
}

/* They have the same files, and each says all of it. */
static void two_instances_of_a_writer_may_speak(void **state)
{
    struct scripted_writer twin = app.writer;

    (void)state;
    back_up_fully();
    scripted_writer_start(&twin);
    change_all();
    app.differenced = true;
    wcscpy(app.ranges, L"2:3");
    back_up_changes(L"incremental");
    scripted_writer_stop(&twin);
    assert_int_equal(twin.count[ON_POST_SNAPSHOT], 1);
    assert_copied(L"db\\big.db", "CDE");
    assert_copied(L"diff\\later\\f.dat", "later, changed");
    assert_not_copied(L"diff\\earlier\\f.dat");
}

static void ranges_of_two_instances_that_differ_leave_no_byte_out(void **state)
{
    struct scripted_writer twin = app.writer;

    (void)state;
    back_up_fully();
    scripted_writer_start(&twin);
    change_all();
    wcscpy(app.ranges, L"2:3");
    wcscpy(app.twin_ranges, L"7:1");
    back_up_changes(L"incremental");
    scripted_writer_stop(&twin);
    assert_copied(L"db\\big.db", "ABCDEFGHIJKLMNOPQRST");
}

/* Its file set is for full backups only; the writer calls it changed all the same. */
static void a_file_whose_ranges_cannot_be_read_is_copied_whole(void **state)
{
    (void)state;
    back_up_fully();
    change_all();
    app.log_is_damaged = true;
    back_up_changes(L"incremental");
    assert_copied(L"logs\\log", "log no more");
}

/* Stamps are handed back by class, not by instance (requestor 6.4). */
static void stamps_of_two_instances_come_back_only_if_they_are_the_same(void **state)
{
    struct scripted_writer twin = app.writer;
    struct cli_process cli;

    (void)state;
    scripted_writer_start(&twin);
    back_up_fully();
    assert_int_equal(app.prepared, 2);
    back_up_changes(L"incremental");
    assert_int_equal(wcscmp(app.seen_stamp, L"stamp one"), 0);
    sample_remove(full);
    sample_remove(second);
    app.own_stamps = true;
    app.prepared = 0;
    *app.seen_stamp = 0;
    cli_expect(0, "The copy is whole.", L"backup %ls %ls --type full", source, full);
    assert_int_equal(app.prepared, 2);
    cli_run(&cli, L"backup %ls %ls --type incremental --since %ls", source, second, full);
    scripted_writer_stop(&twin);
    assert_exit(&cli, 0);
    assert_says(&cli, err, "instances of Differ gave different stamps to component data0");
    cli_free(&cli);
    assert_int_equal(*app.seen_stamp, 0);
}

static void ranges_may_stand_in_a_file(void **state)
{
    static const ULONGLONG numbers[] = {2, 1, 2, 18, 2};
    static const ULONGLONG endless[] = {2, 1, INT64_MAX - 1, 0, 2};
    WCHAR file[SAMPLE_PATH];

    (void)state;
    back_up_fully();
    change_all();
    sample_path(L"other\\ranges", file);
    sample_write(file, numbers, sizeof(numbers));
    _snwprintf(app.ranges, SAMPLE_PATH, L"File=%ls", file);
    back_up_changes(L"differential");
    assert_copied(L"db\\big.db", "BCST");
    sample_remove(second);
    wcscpy(app.ranges, file);
    back_up_changes(L"differential");
    assert_copied(L"db\\big.db", "BCST");
    /* More ranges than the file has room for: then no byte may be missed. */
    sample_remove(second);
    sample_write(file, numbers, sizeof(numbers) - 1);
    back_up_changes(L"differential");
    assert_copied(L"db\\big.db", "ABCDEFGHIJKLMNOPQRST");
    /* Together more than any file has. */
    sample_remove(second);
    sample_write(file, endless, sizeof(endless));
    back_up_changes(L"differential");
    assert_copied(L"db\\big.db", "ABCDEFGHIJKLMNOPQRST");
}

static void what_does_not_go_together_is_wrong_use(void **state)
{
    (void)state;
    back_up_fully();
    cli_expect(2, "wants --since", L"backup %ls %ls --type incremental", source, second);
    cli_expect(2, "--since is for", L"backup %ls %ls --since %ls", source, second, full);
    cli_expect(2, "holds no backup", L"backup %ls %ls --type incremental --since %ls", source,
        second, other);
    cli_expect(2, "compares whole copies",
        L"backup %ls %ls --type incremental --since %ls --verify", source, second, full);
    cli_expect(0, "The copy is whole.", L"backup %ls %ls --type incremental --since %ls", source,
        second, full);
    cli_expect(2, "wants one of type full", L"backup %ls %ls --type differential --since %ls",
        source, other, second);
    sample_remove(second);
    cli_expect(0, "The copy is whole.", L"backup %ls %ls", source, second);
    cli_expect(2, "holds a backup of type copy", L"backup %ls %ls --type incremental --since %ls",
        source, other, second);
    test_write_text(in(second, L"history.txt"), "type\tfull\r\nbegun\t0\r\n");
    cli_expect(2, "cannot be read", L"backup %ls %ls --type incremental --since %ls", source, other,
        second);
    /* 2999: nothing was written since. */
    test_write_text(
        in(second, L"history.txt"), "type\tfull\r\nbegun\t441481536000000000\r\nend\t0\r\n");
    cli_expect(2, "from the future", L"backup %ls %ls --type incremental --since %ls", source,
        other, second);
}

/* ---- Restore ---- */

static void the_full_backup_and_the_incremental_one_are_put_back(void **state)
{
    (void)state;
    back_up_fully();
    change_all();
    app.differenced = true;
    wcscpy(app.ranges, L"2:3,0x10:4");
    back_up_changes(L"incremental");
    sample_remove(source);
    restore(full, L"--more");
    assert_true(app.seen_more);
    assert_back(L"db\\big.db", "0123456789abcdefghij");
    test_set_attributes(in(source, L"db\\big.db"), FILE_ATTRIBUTE_READONLY);
    restore(second, L"");
    assert_false(app.seen_more);
    /* What had changed outside the ranges is not the backup's. */
    assert_back(L"db\\big.db", "01CDE56789abcdefQRST");
    assert_back(L"db\\small.db", "small no more");
    assert_back(L"logs\\log", "log");
    assert_back(L"diff\\later\\f.dat", "later, changed");
    assert_back(L"diff\\earlier\\f.dat", "earlier");
    assert_back(L"plain\\changed.txt", "after");
    assert_back(L"plain\\same.txt", "same");
    /* Once more is the same: so an interrupted one can be run again. */
    restore(second, L"");
    assert_back(L"db\\big.db", "01CDE56789abcdefQRST");
}

static void parts_want_the_file_that_they_are_parts_of(void **state)
{
    (void)state;
    back_up_fully();
    change_all();
    wcscpy(app.ranges, L"2:3");
    back_up_changes(L"incremental");
    sample_remove(source);
    cli_expect(3, "db\\big.db: ", L"restore %ls\\backup-components.xml %ls", second, second);
    assert_int_equal(app.status, VSS_RS_FAILED);
    assert_false(sample_exists(in(source, L"db\\big.db")));
    assert_back(L"db\\small.db", "small no more");
}

/* What the copy has of the file is not what its history says: then the file stays as it is. */
static void parts_of_another_size_are_not_put_back(void **state)
{
    static const char *const damaged[] = {"CD", "CDEx"};

    (void)state;
    back_up_fully();
    change_all();
    wcscpy(app.ranges, L"1:1,2:2");
    back_up_changes(L"incremental");
    for (size_t i = 0; i < ARRAYSIZE(damaged); i++)
    {
        sample_write(copied(second, L"db\\big.db"), damaged[i], strlen(damaged[i]));
        write_now(L"db\\big.db", "0123456789abcdefghij");
        cli_expect(3, "db\\big.db: ", L"restore %ls\\backup-components.xml %ls", second, second);
        assert_int_equal(app.status, VSS_RS_FAILED);
        assert_back(L"db\\big.db", "0123456789abcdefghij");
    }
}

static void writers_hear_how_far_to_roll_forward(void **state)
{
    (void)state;
    back_up_fully();
    restore(full, L"");
    assert_int_equal(app.seen_roll, 0); /* VSS_RF_UNDEFINED */
    restore(full, L"--roll-forward none");
    assert_int_equal(app.seen_roll, 1);
    restore(full, L"--roll-forward all");
    assert_int_equal(app.seen_roll, 2);
    assert_int_equal(*app.seen_point, 0);
    restore(full, L"--roll-forward log:17");
    assert_int_equal(app.seen_roll, 3);
    assert_int_equal(wcscmp(app.seen_point, L"log:17"), 0);
}

static void an_incomplete_copy_of_changes_is_not_restored(void **state)
{
    (void)state;
    back_up_fully();
    change_all();
    back_up_changes(L"incremental");
    sample_write(in(second, L".thawline-incomplete"), "x", 1);
    cli_expect(2, "an incomplete copy of type incremental",
        L"restore %ls\\backup-components.xml %ls --incomplete", second, second);
}

/* ---- Directed targets ---- */

static void directed_ranges_go_where_the_writer_says(void **state)
{
    const struct directed rows[] = {{L"big.db", L"0:1,2:2", other, L"pieces", L"2:1,0:2"},
        {L"big.db", L"10:2", other, L"there", L"4:2"}, {NULL, NULL, NULL, NULL, NULL}};

    (void)state;
    back_up_fully();
    sample_remove(source);
    sample_write(in(other, L"there"), "ABCDEFGH", 8);
    test_set_attributes(in(other, L"there"), FILE_ATTRIBUTE_READONLY);
    app.directed = rows;
    restore(full, L"");
    assert_true(test_has_text(in(other, L"pieces"), "230"));
    assert_true(test_has_text(in(other, L"there"), "ABCDabGH"));
    assert_true(GetFileAttributesW(in(other, L"there")) & FILE_ATTRIBUTE_READONLY);
    assert_int_equal(test_count_entries(other), 2);
    /* The file itself goes nowhere else, the others to their places. */
    assert_false(sample_exists(in(source, L"db\\big.db")));
    assert_back(L"db\\small.db", "small");
    assert_back(L"diff\\later\\f.dat", "later");
}

static void parts_can_be_directed(void **state)
{
    struct directed rows[] = {
        {L"big.db", L"3:2,17:3", other, L"new", L"3:2,0:3"}, {NULL, NULL, NULL, NULL, NULL}};

    (void)state;
    back_up_fully();
    change_all();
    wcscpy(app.ranges, L"2:3,16:4");
    back_up_changes(L"incremental");
    sample_remove(source);
    app.directed = rows;
    restore(second, L"");
    assert_true(test_has_text(in(other, L"new"), "RSTDE"));
    assert_false(sample_exists(in(source, L"db\\big.db")));
    assert_back(L"db\\small.db", "small no more");
    /* The backup has no byte 5. */
    rows[0].source = L"4:2";
    rows[0].target = L"0:2";
    cli_expect(3, "db\\big.db: ", L"restore %ls\\backup-components.xml %ls", second, second);
    assert_int_equal(app.status, VSS_RS_FAILED);
    assert_true(test_has_text(in(other, L"new"), "RSTDE"));
}

static void directed_targets_that_make_no_sense_are_refused(void **state)
{
    const struct
    {
        struct directed row;
        const char *why;
    } cases[] = {
        {{L"big.db", L"0:1", L"C:\\thawline\\..\\evil", L"x", L"0:1"}, "no plain file"},
        {{L"big.db", L"0:1", other, L"..\\x", L"0:1"}, "no plain file"},
        {{L"big.db", L"0:1", L"\\\\server\\share", L"x", L"0:1"}, "no plain file"},
        {{L"..\\plain\\same.txt", L"0:1", other, L"x", L"0:1"}, "no plain file"},
        {{L"none.txt", L"0:1", other, L"x", L"0:1"}, "none of its files"},
        {{L"none.db", L"0:1", other, L"x", L"0:1"}, "which the copy has not"},
        {{L"big.db", L"C:\\no\\such\\ranges", other, L"x", L"0:1"}, "cannot be read"},
    };

    (void)state;
    back_up_fully();
    sample_remove(source);
    for (size_t i = 0; i < ARRAYSIZE(cases); i++)
    {
        const struct directed rows[] = {cases[i].row, {NULL, NULL, NULL, NULL, NULL}};

        app.directed = rows;
        cli_expect(3, cases[i].why, L"restore %ls\\backup-components.xml %ls --component group",
            full, full);
        assert_int_equal(app.status, VSS_RS_NONE);
        assert_false(sample_exists(other));
        assert_false(sample_exists(source));
        assert_false(sample_exists(L"C:\\evil"));
    }
}

#define CHANGES_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHANGES_TEST(only_what_changed_is_copied),
        CHANGES_TEST(of_a_writer_that_does_not_support_it_all_is_copied),
        CHANGES_TEST(two_instances_of_a_writer_may_speak),
        CHANGES_TEST(ranges_of_two_instances_that_differ_leave_no_byte_out),
        CHANGES_TEST(a_file_whose_ranges_cannot_be_read_is_copied_whole),
        CHANGES_TEST(stamps_of_two_instances_come_back_only_if_they_are_the_same),
        CHANGES_TEST(ranges_may_stand_in_a_file),
        CHANGES_TEST(what_does_not_go_together_is_wrong_use),
        CHANGES_TEST(the_full_backup_and_the_incremental_one_are_put_back),
        CHANGES_TEST(parts_want_the_file_that_they_are_parts_of),
        CHANGES_TEST(parts_of_another_size_are_not_put_back),
        CHANGES_TEST(writers_hear_how_far_to_roll_forward),
        CHANGES_TEST(an_incomplete_copy_of_changes_is_not_restored),
        CHANGES_TEST(directed_ranges_go_where_the_writer_says),
        CHANGES_TEST(parts_can_be_directed),
        CHANGES_TEST(directed_targets_that_make_no_sense_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
