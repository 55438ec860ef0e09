/* SPDX-License-Identifier: MIT
 *
 * What happens on the volume between the preparation and the freeze must be in the copy; what
 * happens later must not. Each test changes one thing in one way and compares the whole trees.
 */
#include <cmocka.h>
#include <stdio.h>

#include "clone_fixture.h"
#include "os/clock.h"

#define OLD_SECONDS 3600

/* Change times that lie so little behind the start of a copy are not trusted. Nobody can set them
   back. */
#define CHANGE_TIME_STEP_MS 60
/* The same for write times. */
#define WRITE_TIME_STEP_MS 2100

static struct clone_fixture fixture;

/* Without this every file would be compared for being new, and no test would see what else makes it
   so. */
static void let_files_settle(unsigned step_ms)
{
    uint64_t until = clock_now_ms() + step_ms;
    while (clock_now_ms() < until)
        Sleep(1);
}

static int open_fixture(void **state)
{
    (void)state;
    fixture_open(&fixture, &provider_system_id);
    test_make_folder(in_place(&fixture, L"dir"));
    test_make_folder(in_place(&fixture, L"dir\\deep"));
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "alpha");
    test_write_text(in_place(&fixture, L"dir\\b.txt"), "bravo");
    test_write_text(in_place(&fixture, L"dir\\deep\\c.txt"), "charlie");
    test_set_age(in_place(&fixture, L"dir\\a.txt"), OLD_SECONDS);
    test_set_age(in_place(&fixture, L"dir\\b.txt"), OLD_SECONDS);
    test_set_age(in_place(&fixture, L"dir\\deep\\c.txt"), OLD_SECONDS);
    let_files_settle(CHANGE_TIME_STEP_MS);
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static void commit_and_compare(void)
{
    assert_int_equal(fixture_commit(&fixture), S_OK);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_int_equal(fixture_differences(&fixture), 0);
}

static const WCHAR *file_a(void)
{
    return in_place(&fixture, L"dir\\a.txt");
}

static void a_written_file_is_copied_again(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_write_text(file_a(), "ALPHA");
    commit_and_compare();
    assert_true(test_has_text(in_copy(&fixture, L"dir\\a.txt"), "ALPHA"));
}

static void a_grown_file_is_copied_to_its_end(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_write_text(file_a(), "alpha and much more than there was before");
    commit_and_compare();
}

static void a_shortened_file_ends_where_it_ends(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_write_text(file_a(), "al");
    commit_and_compare();
    assert_true(test_has_text(in_copy(&fixture, L"dir\\a.txt"), "al"));
}

static void a_read_only_file_is_copied_again(void **state)
{
    (void)state;
    test_set_attributes(file_a(), FILE_ATTRIBUTE_READONLY);
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_set_attributes(file_a(), FILE_ATTRIBUTE_NORMAL);
    test_write_text(file_a(), "ALPHA");
    test_set_attributes(file_a(), FILE_ATTRIBUTE_READONLY);
    commit_and_compare();
}

static void changed_attributes_alone_are_copied(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_set_attributes(file_a(), FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM);
    commit_and_compare();
}

static void a_changed_time_alone_is_copied(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_set_age(file_a(), 2 * OLD_SECONDS);
    commit_and_compare();
}

static void a_deleted_file_goes(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_true(DeleteFileW(file_a()));
    commit_and_compare();
    assert_false(test_exists(in_copy(&fixture, L"dir\\a.txt")));
}

static void a_deleted_folder_goes_with_all_it_held(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_delete(in_place(&fixture, L"dir"));
    commit_and_compare();
    assert_int_equal(test_count_entries(in_copy(&fixture, L"")), 0);
}

static void a_new_file_and_a_new_folder_come(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_make_folder(in_place(&fixture, L"new"));
    test_make_folder(in_place(&fixture, L"new\\newer"));
    test_write_text(in_place(&fixture, L"new\\newer\\n.txt"), "november");
    test_write_text(in_place(&fixture, L"dir\\deep\\d.txt"), "delta");
    commit_and_compare();
}

static void a_renamed_file_has_its_new_name_only(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_true(MoveFileW(file_a(), in_place(&fixture, L"dir\\deep\\z.txt")));
    commit_and_compare();
}

static void a_file_renamed_over_another_takes_its_place(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_true(
        MoveFileExW(file_a(), in_place(&fixture, L"dir\\b.txt"), MOVEFILE_REPLACE_EXISTING));
    commit_and_compare();
    assert_true(test_has_text(in_copy(&fixture, L"dir\\b.txt"), "alpha"));
}

static void two_files_that_swap_names_swap_them_in_the_copy(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_true(MoveFileW(file_a(), in_place(&fixture, L"t")));
    assert_true(MoveFileW(in_place(&fixture, L"dir\\b.txt"), file_a()));
    assert_true(MoveFileW(in_place(&fixture, L"t"), in_place(&fixture, L"dir\\b.txt")));
    commit_and_compare();
    assert_true(test_has_text(in_copy(&fixture, L"dir\\a.txt"), "bravo"));
}

static void a_renamed_folder_moves_with_all_it_holds(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_true(MoveFileW(in_place(&fixture, L"dir"), in_place(&fixture, L"other")));
    assert_true(
        MoveFileW(in_place(&fixture, L"other\\deep"), in_place(&fixture, L"other\\deeper")));
    test_write_text(in_place(&fixture, L"other\\deeper\\c.txt"), "CHARLIE AND MORE");
    commit_and_compare();
    assert_true(test_has_text(in_copy(&fixture, L"other\\deeper\\c.txt"), "CHARLIE AND MORE"));
}

static unsigned opened_sources;

static HRESULT count_opened(const char *operation, const WCHAR *path)
{
    (void)path;
    opened_sources += strcmp(operation, "copy-open") == 0;
    return S_OK;
}

static void what_was_renamed_is_not_read_again(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_true(MoveFileW(file_a(), in_place(&fixture, L"z.txt")));
    assert_true(MoveFileW(in_place(&fixture, L"dir"), in_place(&fixture, L"other")));
    opened_sources = 0;
    base_hooks.before_file_op = count_opened;
    commit_and_compare();
    assert_int_equal(opened_sources, 0);
}

static void a_quiet_file_is_not_read_again(void **state)
{
    (void)state;
    fixture_name(&fixture, &fixture.briefing.named_files, L"dir", L"a.txt", false);
    let_files_settle(WRITE_TIME_STEP_MS);
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    opened_sources = 0;
    base_hooks.before_file_op = count_opened;
    commit_and_compare();
    assert_int_equal(opened_sources, 1);
}

static void a_folder_moved_out_of_a_deleted_one_survives(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_true(MoveFileW(in_place(&fixture, L"dir\\deep"), in_place(&fixture, L"deep")));
    test_delete(in_place(&fixture, L"dir"));
    commit_and_compare();
    assert_true(test_has_text(in_copy(&fixture, L"deep\\c.txt"), "charlie"));
}

static void a_name_in_another_case_is_that_name(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_true(MoveFileW(file_a(), in_place(&fixture, L"t")));
    assert_true(MoveFileW(in_place(&fixture, L"t"), in_place(&fixture, L"dir\\A.TXT")));
    assert_true(MoveFileW(in_place(&fixture, L"dir\\deep"), in_place(&fixture, L"t")));
    assert_true(MoveFileW(in_place(&fixture, L"t"), in_place(&fixture, L"dir\\DEEP")));
    commit_and_compare();
    WIN32_FIND_DATAW found;
    HANDLE search = FindFirstFileW(in_copy(&fixture, L"dir\\a.tx*"), &found);
    assert_ptr_not_equal(search, INVALID_HANDLE_VALUE);
    FindClose(search);
    assert_true(wcscmp(found.cFileName, L"A.TXT") == 0);
}

static void a_file_that_becomes_a_folder_and_back(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_true(DeleteFileW(file_a()));
    test_make_folder(file_a());
    test_write_text(in_place(&fixture, L"dir\\a.txt\\inside"), "india");
    test_delete(in_place(&fixture, L"dir\\deep"));
    test_write_text(in_place(&fixture, L"dir\\deep"), "a file now");
    commit_and_compare();
    assert_true(test_has_text(in_copy(&fixture, L"dir\\deep"), "a file now"));
}

/* Changes content and nothing that a scan can see but the change time, which the file system moves
   by itself. */
static void change_and_restore_time(const WCHAR *path, const char *text)
{
    FILETIME time = test_write_time(path);
    test_write_text(path, text);
    test_set_write_time(path, time);
}

static void a_named_file_with_restored_time_is_caught(void **state)
{
    (void)state;
    fixture_name(&fixture, &fixture.briefing.named_files, L"dir", L"a.*", false);
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    change_and_restore_time(file_a(), "ALPHA");
    commit_and_compare();
    assert_true(test_has_text(in_copy(&fixture, L"dir\\a.txt"), "ALPHA"));
}

static void any_file_with_restored_time_is_caught(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    change_and_restore_time(file_a(), "ALPHA");
    commit_and_compare();
}

/* Stores a text at the start of a file through a view; the view stays until unmap_file. */
struct view
{
    HANDLE file;
    HANDLE mapping;
    char *bytes;
};

static struct view map_file(const WCHAR *path)
{
    struct view view = {0};
    view.file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    assert_ptr_not_equal(view.file, INVALID_HANDLE_VALUE);
    view.mapping = CreateFileMappingW(view.file, NULL, PAGE_READWRITE, 0, 0, NULL);
    assert_non_null(view.mapping);
    view.bytes = MapViewOfFile(view.mapping, FILE_MAP_WRITE, 0, 0, 0);
    assert_non_null(view.bytes);
    return view;
}

static void unmap_file(struct view *view)
{
    UnmapViewOfFile(view->bytes);
    CloseHandle(view->mapping);
    CloseHandle(view->file);
}

static void stores_through_a_view_are_caught(bool named)
{
    if (named)
        fixture_name(&fixture, &fixture.briefing.named_files, L"", L"a.txt", true);
    struct view view = map_file(file_a());
    view.bytes[0] = '1'; /* the page is dirty from here on: a later store need not move the times */
    let_files_settle(WRITE_TIME_STEP_MS);
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    view.bytes[1] = '2';
    assert_int_equal(fixture_commit(&fixture), S_OK);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_true(test_has_text(in_copy(&fixture, L"dir\\a.txt"), "12pha"));
    view.bytes[2] = '3';
    assert_true(test_has_text(in_copy(&fixture, L"dir\\a.txt"), "12pha"));
    unmap_file(&view);
}

static void stores_through_a_view_of_a_named_file_are_caught(void **state)
{
    (void)state;
    stores_through_a_view_are_caught(true);
}

static void stores_through_a_view_of_any_recent_file_are_caught(void **state)
{
    (void)state;
    stores_through_a_view_are_caught(false);
}

static HRESULT fail_flush(const char *operation, const WCHAR *path)
{
    (void)path;
    return strcmp(operation, "flush") == 0 ? HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION) : S_OK;
}

static void a_recent_file_that_cannot_be_flushed_is_compared(void **state)
{
    base_hooks.before_file_op = fail_flush;
    stores_through_a_view_of_any_recent_file_are_caught(state);
}

/* The store comes after the file was flushed and read, within the same step of its write time. */
static void a_file_written_while_it_is_copied_is_looked_at_again(void **state)
{
    (void)state;
    struct view view = map_file(file_a());
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    view.bytes[0] = '1';
    view.bytes[4] = '5';
    commit_and_compare();
    unmap_file(&view);
}

static HRESULT change_other_during_commit(const char *operation, const WCHAR *path)
{
    static bool busy;
    (void)path;
    if (busy || strcmp(operation, "copy-open") != 0)
        return S_OK;
    busy = true;
    test_write_text(in_place(&fixture, L"dir\\deep\\c.txt"), "CHARLIE");
    busy = false;
    return S_OK;
}

static void a_file_that_changes_inside_the_freeze_is_told(void **state)
{
    (void)state;
    fixture_name(&fixture, &fixture.briefing.named_files, L"dir", L"a.txt", false);
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    let_files_settle(CHANGE_TIME_STEP_MS);
    base_hooks.before_file_op = change_other_during_commit;
    assert_int_equal(fixture_commit(&fixture), S_OK);
    base_hooks.before_file_op = NULL;
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_true(wcscmp(fixture.snapshot->consistency,
                    L"Consistent for the 1 file named by frozen writers; 1 of 2 other "
                    L"files changed while the copy was made.") == 0);
}

static void a_quiet_volume_is_told_as_such(void **state)
{
    (void)state;
    fixture_make(&fixture);
    assert_true(wcscmp(fixture.snapshot->consistency,
                    L"No frozen writer named files of this volume; none of 3 files "
                    L"changed while the copy was made.") == 0);
}

static void changes_after_the_freeze_stay_out(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_int_equal(fixture_commit(&fixture), S_OK);
    test_write_text(file_a(), "too late");
    test_delete(in_place(&fixture, L"dir\\deep"));
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_true(test_has_text(in_copy(&fixture, L"dir\\a.txt"), "alpha"));
    assert_true(test_has_text(in_copy(&fixture, L"dir\\deep\\c.txt"), "charlie"));
}

#define clone_test(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        clone_test(a_written_file_is_copied_again),
        clone_test(a_grown_file_is_copied_to_its_end),
        clone_test(a_shortened_file_ends_where_it_ends),
        clone_test(a_read_only_file_is_copied_again),
        clone_test(changed_attributes_alone_are_copied),
        clone_test(a_changed_time_alone_is_copied),
        clone_test(a_deleted_file_goes),
        clone_test(a_deleted_folder_goes_with_all_it_held),
        clone_test(a_new_file_and_a_new_folder_come),
        clone_test(a_renamed_file_has_its_new_name_only),
        clone_test(a_file_renamed_over_another_takes_its_place),
        clone_test(two_files_that_swap_names_swap_them_in_the_copy),
        clone_test(a_renamed_folder_moves_with_all_it_holds),
        clone_test(what_was_renamed_is_not_read_again),
        clone_test(a_quiet_file_is_not_read_again),
        clone_test(a_folder_moved_out_of_a_deleted_one_survives),
        clone_test(a_name_in_another_case_is_that_name),
        clone_test(a_file_that_becomes_a_folder_and_back),
        clone_test(a_named_file_with_restored_time_is_caught),
        clone_test(any_file_with_restored_time_is_caught),
        clone_test(stores_through_a_view_of_a_named_file_are_caught),
        clone_test(stores_through_a_view_of_any_recent_file_are_caught),
        clone_test(a_recent_file_that_cannot_be_flushed_is_compared),
        clone_test(a_file_written_while_it_is_copied_is_looked_at_again),
        clone_test(a_file_that_changes_inside_the_freeze_is_told),
        clone_test(a_quiet_volume_is_told_as_such),
        clone_test(changes_after_the_freeze_stay_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
