/* SPDX-License-Identifier: MIT
 *
 * The clone provider reverts a volume: what it may touch, which copies it takes, and that a revert
 * that fails anywhere can be begun again. Follows requestor 2.6.
 */
#include <cmocka.h>
#include <stdio.h>

#include "clone_fixture.h"
#include "support/fail_alloc.h"
#include "volume/exposure.h"

static struct clone_fixture fixture;
static WCHAR outside[TEST_PATH_UNITS];

static void fill_place(void)
{
    test_make_folder(in_place(&fixture, L"dir"));
    test_make_folder(in_place(&fixture, L"gone"));
    test_make_folder(in_place(&fixture, L"empty"));
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "alpha");
    test_write_text(in_place(&fixture, L"dir\\b.txt"), "bravo");
    test_write_text(in_place(&fixture, L"gone\\c.txt"), "charlie");
    test_write_text(in_place(&fixture, L"ro.txt"), "read-only");
    test_set_attributes(in_place(&fixture, L"ro.txt"), FILE_ATTRIBUTE_READONLY);
    test_write_text(in_place(&fixture, L"top.txt"), "tango");
}

/* One of each kind of change, both collisions of kinds among them. */
static void change_place(void)
{
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer");
    test_delete(in_place(&fixture, L"gone"));
    test_write_text(in_place(&fixture, L"gone"), "a file where a folder was");
    test_delete(in_place(&fixture, L"top.txt"));
    test_make_folder(in_place(&fixture, L"top.txt"));
    test_write_text(in_place(&fixture, L"top.txt\\x"), "a folder where a file was");
    assert_true(MoveFileW(in_place(&fixture, L"dir\\b.txt"), in_place(&fixture, L"dir\\z.txt")));
    test_make_folder(in_place(&fixture, L"new"));
    test_make_folder(in_place(&fixture, L"new\\inner"));
    test_write_text(in_place(&fixture, L"new\\inner\\e.txt"), "echo");
    test_set_attributes(in_place(&fixture, L"new\\inner\\e.txt"), FILE_ATTRIBUTE_READONLY);
    test_set_attributes(in_place(&fixture, L"ro.txt"), FILE_ATTRIBUTE_NORMAL);
    test_write_text(in_place(&fixture, L"ro.txt"), "written");
    test_set_attributes(in_place(&fixture, L"ro.txt"), FILE_ATTRIBUTE_READONLY);
    test_delete(in_place(&fixture, L"empty"));
}

static void let_delete(void)
{
    /* test_delete leaves read-only files where they are. */
    test_set_attributes(in_place(&fixture, L"ro.txt"), FILE_ATTRIBUTE_NORMAL);
}

static int open_fixture(void **state)
{
    (void)state;
    fixture_open(&fixture, &provider_system_id);
    fill_place();
    swprintf(outside, TEST_PATH_UNITS, L"%ls-outside", fixture.place.backing);
    test_make_folder(outside);
    test_write_text(test_path(outside, L"file"), "outside");
    return 0;
}

static int open_with_copy(void **state)
{
    open_fixture(state);
    fixture_make(&fixture);
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    memset(&base_hooks, 0, sizeof(base_hooks));
    if (fixture.work)
        fixture_abort(&fixture);
    else if (fixture.snapshot)
        fixture_delete(&fixture);
    if (test_exists(in_place(&fixture, L"ro.txt")))
        let_delete();
    test_delete(outside);
    fixture_close(&fixture);
    return 0;
}

static HRESULT check(bool force)
{
    return fixture.provider->ops->check_revert(
        fixture.provider, fixture.snapshot, fixture.volume, force);
}

static HRESULT revert(bool *changed)
{
    return fixture.provider->ops->revert(
        fixture.provider, fixture.snapshot, fixture.volume, changed);
}

static void revert_well(void)
{
    bool changed = false;
    assert_int_equal(check(false), S_OK);
    assert_int_equal(revert(&changed), S_OK);
    assert_true(changed);
}

static void refused(HRESULT expected)
{
    bool changed = true;
    assert_int_equal(check(true), expected);
    assert_int_equal(revert(&changed), expected);
    assert_false(changed);
}

static void a_volume_becomes_what_its_copy_holds(void **state)
{
    (void)state;
    change_place();
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

/* ---- Links ---- */

static void links_on_the_volume_stay_and_so_does_what_they_lead_to(void **state)
{
    (void)state;
    test_make_folder(in_place(&fixture, L"new"));
    assert_true(test_host_link(outside, in_place(&fixture, L"link")));
    assert_true(test_host_link(outside, in_place(&fixture, L"dir\\link")));
    assert_true(test_host_link(outside, in_place(&fixture, L"new\\link")));
    assert_true(test_host_link(test_path(outside, L"file"), in_place(&fixture, L"dir\\file-link")));
    assert_true(test_host_link(test_path(outside, L"none"), in_place(&fixture, L"dir\\broken")));
    revert_well();
    assert_true(test_has_text(test_path(outside, L"file"), "outside"));
    assert_int_equal(test_count_entries(outside), 1);
    assert_true(test_has_text(in_place(&fixture, L"link\\file"), "outside"));
    assert_true(test_has_text(in_place(&fixture, L"new\\link\\file"), "outside"));
    assert_true(test_has_text(in_place(&fixture, L"dir\\file-link"), "outside"));
}

static void a_link_where_the_copy_has_a_folder_stops_the_revert_before_it_begins(void **state)
{
    (void)state;
    change_place();
    test_delete(in_place(&fixture, L"gone"));
    assert_true(test_host_link(outside, in_place(&fixture, L"gone")));
    refused(VSS_E_VOLUME_NOT_SUPPORTED);
    assert_true(test_has_text(in_place(&fixture, L"new\\inner\\e.txt"), "echo"));
    assert_int_equal(test_count_entries(outside), 1);
}

static void a_link_where_the_copy_has_a_file_stops_it_too(void **state)
{
    (void)state;
    test_delete(in_place(&fixture, L"dir\\a.txt"));
    test_write_text(in_place(&fixture, L"new.txt"), "new");
    assert_true(test_host_link(test_path(outside, L"file"), in_place(&fixture, L"dir\\a.txt")));
    refused(VSS_E_VOLUME_NOT_SUPPORTED);
    assert_true(test_has_text(test_path(outside, L"file"), "outside"));
    assert_true(test_has_text(in_place(&fixture, L"new.txt"), "new"));
}

/* Wine shows such a link to nobody. It is met when the file is to be made: nothing is made through
   it, and once it is gone the revert is finished. */
static void nothing_is_made_through_a_link_to_nowhere(void **state)
{
    bool changed = false;
    char link[3 * TEST_PATH_UNITS];
    (void)state;
    test_delete(in_place(&fixture, L"dir\\a.txt"));
    assert_true(test_host_link(test_path(outside, L"none"), in_place(&fixture, L"dir\\a.txt")));
    assert_true(FAILED(revert(&changed)));
    assert_int_equal(test_count_entries(outside), 1);
    char *folder = test_host_path(in_place(&fixture, L"dir"));
    assert_non_null(folder);
    snprintf(link, sizeof(link), "%s/a.txt", folder);
    HeapFree(GetProcessHeap(), 0, folder);
    assert_true(test_host_run((const char *const[]){"rm", link, NULL}));
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

static void a_folder_that_holds_a_link_is_not_cleared_for_a_file(void **state)
{
    (void)state;
    change_place();
    assert_true(test_host_link(outside, in_place(&fixture, L"top.txt\\link")));
    refused(VSS_E_VOLUME_NOT_SUPPORTED);
    assert_true(test_has_text(in_place(&fixture, L"top.txt\\x"), "a folder where a file was"));
}

static void a_link_in_the_copy_is_not_read_through(void **state)
{
    (void)state;
    change_place();
    assert_true(test_host_link(outside, in_copy(&fixture, L"dir\\planted")));
    refused(VSS_E_VOLUME_NOT_SUPPORTED);
    assert_true(test_has_text(in_place(&fixture, L"new\\inner\\e.txt"), "echo"));
}

/* A host may have a file whose name looks like a path. It is not taken for what lies at that path.
   */
static void a_name_that_looks_like_a_path_costs_nobody_a_file(void **state)
{
    (void)state;
    bool changed = true;
    char name[3 * TEST_PATH_UNITS];
    char *folder = test_host_path(in_place(&fixture, L"dir"));
    assert_non_null(folder);
    snprintf(name, sizeof(name), "%s\\a.txt", folder);
    HeapFree(GetProcessHeap(), 0, folder);
    assert_true(test_host_run((const char *const[]){"touch", name, NULL}));
    revert(&changed);
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "alpha"));
    assert_true(test_host_run((const char *const[]){"rm", name, NULL}));
}

/* What is written under one name must not show under another that lies anywhere. */
static void other_names_of_a_file_keep_their_content(void **state)
{
    (void)state;
    assert_true(CreateHardLinkW(test_path(outside, L"a"), in_place(&fixture, L"dir\\a.txt"), NULL));
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA");
    assert_true(CreateHardLinkW(in_place(&fixture, L"new.txt"), test_path(outside, L"file"), NULL));
    revert_well();
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "alpha"));
    assert_true(test_has_text(test_path(outside, L"a"), "ALPHA"));
    assert_true(test_has_text(test_path(outside, L"file"), "outside"));
    assert_false(test_exists(in_place(&fixture, L"new.txt")));
}

/* ---- Which copies ---- */

static void a_copy_is_whole(void **state)
{
    (void)state;
    fixture_make(&fixture);
    assert_true(fixture.snapshot->whole);
}

static void a_copy_of_folders_is_not_whole(void **state)
{
    (void)state;
    settings_set(L"CLONE_ROOTS", in_place(&fixture, L"dir"));
    fixture_make(&fixture);
    assert_false(fixture.snapshot->whole);
    assert_int_equal(check(true), VSS_E_VOLUME_NOT_SUPPORTED);
}

static void a_copy_without_what_writers_excluded_is_not_whole(void **state)
{
    (void)state;
    fixture_name(&fixture, &fixture.briefing.excluded_files, L"dir", L"b.*", false);
    fixture_make(&fixture);
    assert_false(test_exists(in_copy(&fixture, L"dir\\b.txt")));
    assert_false(fixture.snapshot->whole);
    assert_int_equal(check(true), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_true(test_has_text(in_place(&fixture, L"dir\\b.txt"), "bravo"));
}

static void an_exclusion_that_excludes_nothing_harms_nothing(void **state)
{
    (void)state;
    fixture_name(&fixture, &fixture.briefing.excluded_files, L"dir", L"*.none", false);
    fixture_make(&fixture);
    assert_true(fixture.snapshot->whole);
}

static void a_copy_during_which_a_file_moved_is_not_whole(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_int_equal(fixture.provider->ops->commit(fixture.work), S_OK);
    assert_true(MoveFileW(in_place(&fixture, L"dir\\b.txt"), in_place(&fixture, L"dir\\y.txt")));
    assert_int_equal(fixture.provider->ops->post_commit(fixture.work, 1), S_OK);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_false(fixture.snapshot->whole);
}

/* ---- failures by operation ---- */

static const char *failing_operation; /* NULL: any */
static HRESULT failing_with;
static unsigned passes_left;
static unsigned failures;

static HRESULT fail_operation(const char *operation, const WCHAR *path)
{
    (void)path;
    if (failing_operation && strcmp(operation, failing_operation) != 0)
        return S_OK;
    if (passes_left && --passes_left)
        return S_OK;
    if (passes_left == 0 && failures)
        return S_OK;
    failures++;
    return failing_with;
}

static void fail_at(const char *operation, unsigned pass, HRESULT hr)
{
    failing_operation = operation;
    failing_with = hr;
    passes_left = pass;
    failures = 0;
    base_hooks.before_file_op = fail_operation;
}

static void a_copy_with_a_file_that_could_not_be_read_is_not_whole(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_write_text(in_place(&fixture, L"dir\\b.txt"), "BRAVO");
    fail_at("copy-open", 1, HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION));
    assert_int_equal(fixture_commit(&fixture), S_OK);
    assert_int_equal(failures, 1);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_false(fixture.snapshot->whole);
}

/* It was there when the last look began, and gone when it was to be copied. */
static void a_copy_with_a_file_that_vanished_is_not_whole(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_write_text(in_place(&fixture, L"dir\\b.txt"), "BRAVO");
    fail_at("copy-open", 1, HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    assert_int_equal(fixture.provider->ops->commit(fixture.work), S_OK);
    assert_int_equal(failures, 1);
    test_delete(in_place(&fixture, L"dir\\b.txt"));
    assert_int_equal(fixture.provider->ops->post_commit(fixture.work, 1), S_OK);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_false(fixture.snapshot->whole);
}

static void a_folder_of_the_copy_that_cannot_be_listed_stops_it_before_it_begins(void **state)
{
    (void)state;
    bool changed = true;
    change_place();
    /* The copy is scanned before the volume: its root, then the first of its folders. */
    fail_at("scan-folder", 2, E_ACCESSDENIED);
    assert_int_equal(revert(&changed), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_int_equal(failures, 1);
    assert_false(changed);
    base_hooks.before_file_op = NULL;
    assert_true(test_has_text(in_place(&fixture, L"new\\inner\\e.txt"), "echo"));
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
}

static void too_little_room_stops_it_before_it_begins(void **state)
{
    (void)state;
    bool changed = true;
    change_place();
    fail_at("free-space", 1, VSS_E_INSUFFICIENT_STORAGE);
    assert_int_equal(revert(&changed), VSS_E_INSUFFICIENT_STORAGE);
    assert_false(changed);
}

static void a_disk_that_fills_up_is_insufficient_storage_and_can_be_gone_on_with(void **state)
{
    (void)state;
    bool changed = false;
    change_place();
    fail_at("copy-write", 1, HRESULT_FROM_WIN32(ERROR_DISK_FULL));
    assert_int_equal(revert(&changed), VSS_E_INSUFFICIENT_STORAGE);
    assert_true(changed);
    base_hooks.before_file_op = NULL;
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

/* Whichever operation fails, the copy is as it was, nothing but the volume was touched, and the
   next revert makes the volume what the copy holds. */
static void any_operation_may_fail_and_the_next_revert_ends_well(void **state)
{
    (void)state;
    unsigned copied = test_count_entries(in_copy(&fixture, L""));
    bool failed = true;
    for (unsigned pass = 1; failed; pass++)
    {
        bool changed = false;
        let_delete();
        test_delete(in_place(&fixture, L"dir\\a.txt"));
        test_delete(in_place(&fixture, L"top.txt"));
        test_delete(in_place(&fixture, L"gone"));
        test_delete(in_place(&fixture, L"empty"));
        test_make_folder(in_place(&fixture, L"new"));
        test_write_text(in_place(&fixture, L"gone"), "a file");
        test_write_text(in_place(&fixture, L"new\\e"), "echo");
        test_write_text(in_place(&fixture, L"ro.txt"), "written");
        fail_at(NULL, pass, E_ACCESSDENIED);
        HRESULT hr = revert(&changed);
        base_hooks.before_file_op = NULL;
        failed = failures != 0;
        assert_true(failed ? FAILED(hr) : hr == S_OK);
        if (!changed)
            assert_true(test_has_text(in_place(&fixture, L"new\\e"), "echo"));
        assert_int_equal(test_count_entries(in_copy(&fixture, L"")), copied);
        revert_well();
        assert_int_equal(fixture_differences(&fixture), 0);
    }
}

static void any_allocation_may_fail(void **state)
{
    (void)state;
    bool hit = true;
    for (size_t which = 1; hit; which += 7)
    {
        bool changed = false;
        test_write_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA");
        test_write_text(in_place(&fixture, L"new.txt"), "new");
        fail_alloc(which);
        HRESULT hr = revert(&changed);
        hit = allow_allocs();
        assert_true(hit ? hr == E_OUTOFMEMORY || hr == S_OK : hr == S_OK);
        revert_well();
        assert_int_equal(fixture_differences(&fixture), 0);
    }
}

/* ---- Thawline's own ---- */

static void the_stores_of_other_copies_stay(void **state)
{
    (void)state;
    struct snapshot *first = fixture.snapshot;
    unsigned before = count_in_stores(&fixture);
    test_make_folder(in_place(&fixture, L"System Volume Information\\Thawline\\other"));
    test_write_text(
        in_place(&fixture, L"System Volume Information\\Thawline\\other\\file"), "of another");
    test_write_text(
        in_place(&fixture, L"System Volume Information\\tracking.log"), "of the system");
    revert_well();
    assert_ptr_equal(first, fixture.snapshot);
    assert_int_equal(count_in_stores(&fixture), before + 3);
    test_delete(in_place(&fixture, L"System Volume Information\\Thawline\\other"));
    test_delete(in_place(&fixture, L"System Volume Information\\tracking.log"));
}

/* Another folder stands behind the same letter: its copy is not this volume's. */
static void a_volume_that_has_not_its_copy_on_it_is_not_reverted(void **state)
{
    (void)state;
    assert_int_equal(fixture_delete(&fixture), S_OK);
    refused(VSS_E_OBJECT_NOT_FOUND);
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "alpha"));
}

/* Only looked at, never reverted. The copy is one of a folder that is not there; it is called whole
   so that nothing but the volume stands in the way. */
static HRESULT check_volume(const WCHAR *letter)
{
    WCHAR name[] = L"?:\\";
    WCHAR roots[] = L"?:\\no such folder";
    struct volume *own = fixture.volume;
    name[0] = letter[0];
    roots[0] = letter[0];
    settings_set(L"CLONE_ROOTS", roots);
    fixture.volume = NULL;
    assert_int_equal(volume_open(name, &fixture.volume), S_OK);
    fixture_make(&fixture);
    fixture.snapshot->whole = true;
    HRESULT hr = check(true);
    assert_int_equal(fixture_delete(&fixture), S_OK);
    volume_free(fixture.volume);
    fixture.volume = own;
    fixture.snapshot = NULL;
    return hr;
}

static void the_volume_that_the_system_runs_from_is_known_by_any_letter(void **state)
{
    (void)state;
    WCHAR *letter = NULL;
    WCHAR windows[MAX_PATH];
    assert_true(GetWindowsDirectoryW(windows, MAX_PATH));
    assert_int_equal(check_volume(windows), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_int_equal(exposure_choose(NULL, &letter), S_OK);
    assert_int_equal(exposure_make(windows, letter), S_OK);
    HRESULT hr = check_volume(letter);
    assert_int_equal(exposure_remove(windows, letter), S_OK);
    mem_free(letter);
    assert_int_equal(hr, VSS_E_VOLUME_NOT_SUPPORTED);
}

int main(void)
{
#define with_copy(function) cmocka_unit_test_setup_teardown(function, open_with_copy, close_fixture)
#define with_place(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        with_copy(a_volume_becomes_what_its_copy_holds),
        with_copy(links_on_the_volume_stay_and_so_does_what_they_lead_to),
        with_copy(a_link_where_the_copy_has_a_folder_stops_the_revert_before_it_begins),
        with_copy(a_link_where_the_copy_has_a_file_stops_it_too),
        with_copy(nothing_is_made_through_a_link_to_nowhere),
        with_copy(a_folder_that_holds_a_link_is_not_cleared_for_a_file),
        with_copy(a_link_in_the_copy_is_not_read_through),
        with_copy(a_name_that_looks_like_a_path_costs_nobody_a_file),
        with_copy(other_names_of_a_file_keep_their_content),
        with_place(a_copy_is_whole),
        with_place(a_copy_of_folders_is_not_whole),
        with_place(a_copy_without_what_writers_excluded_is_not_whole),
        with_place(an_exclusion_that_excludes_nothing_harms_nothing),
        with_place(a_copy_during_which_a_file_moved_is_not_whole),
        with_place(a_copy_with_a_file_that_could_not_be_read_is_not_whole),
        with_place(a_copy_with_a_file_that_vanished_is_not_whole),
        with_copy(a_folder_of_the_copy_that_cannot_be_listed_stops_it_before_it_begins),
        with_copy(too_little_room_stops_it_before_it_begins),
        with_copy(a_disk_that_fills_up_is_insufficient_storage_and_can_be_gone_on_with),
        with_copy(any_operation_may_fail_and_the_next_revert_ends_well),
        with_copy(any_allocation_may_fail),
        with_copy(the_stores_of_other_copies_stay),
        with_copy(a_volume_that_has_not_its_copy_on_it_is_not_reverted),
        with_place(the_volume_that_the_system_runs_from_is_known_by_any_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
