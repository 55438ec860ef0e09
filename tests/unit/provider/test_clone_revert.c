/* SPDX-License-Identifier: MIT
 *
 * The clone provider reverts a volume: what it may touch, which copies it takes, and that a revert
 * that fails anywhere can be begun again. Follows requestor 2.6.
 */
#include "revert_fixture.h"

#include "support/fail_alloc.h"
#include "volume/exposure.h"

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

/* Wine shows such a link to nobody. Nothing is made through it or in its place, and nothing else is
   changed. */
static void nothing_is_made_through_a_link_to_nowhere(void **state)
{
    char link[3 * TEST_PATH_UNITS];
    (void)state;
    test_delete(in_place(&fixture, L"dir\\a.txt"));
    test_write_text(in_place(&fixture, L"new.txt"), "new");
    assert_true(test_host_link(test_path(outside, L"none"), in_place(&fixture, L"dir\\a.txt")));
    refused(VSS_E_VOLUME_NOT_SUPPORTED);
    assert_int_equal(test_count_entries(outside), 1);
    assert_true(test_has_text(in_place(&fixture, L"new.txt"), "new"));
    char *folder = test_host_path(in_place(&fixture, L"dir"));
    assert_non_null(folder);
    snprintf(link, sizeof(link), "%s/a.txt", folder);
    HeapFree(GetProcessHeap(), 0, folder);
    assert_true(test_host_run((const char *const[]){"test", "-L", link, NULL}));
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

/* A host may have a file whose name looks like a path. It is not taken for what lies at that path,
   whether something does or not. */
static void a_name_that_looks_like_a_path_costs_nobody_a_file(void **state)
{
    static const struct
    {
        const WCHAR *name;
        HRESULT expected;
    } rows[] = {{L"a.txt", VSS_E_VOLUME_NOT_SUPPORTED}, {L"z.txt", S_OK}};
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        bool changed = false;
        char name[3 * TEST_PATH_UNITS];
        char *root = test_host_path(fixture.place.name);
        assert_non_null(root);
        snprintf(name, sizeof(name), "%s/dir\\%ls", root, rows[i].name);
        HeapFree(GetProcessHeap(), 0, root);
        test_write_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer");
        test_write_text(in_place(&fixture, L"new.txt"), "new");
        assert_true(test_host_run(
            (const char *const[]){"sh", "-c", "printf odd >\"$1\"", "sh", name, NULL}));
        assert_int_equal(revert(&changed), rows[i].expected);
        assert_true(changed == (rows[i].expected == S_OK));
        assert_true(test_exists(in_place(&fixture, L"new.txt")) == !changed);
        assert_true(test_has_text(
            in_place(&fixture, L"dir\\a.txt"), changed ? "alpha" : "ALPHA, and longer"));
        assert_true(test_host_run(
            (const char *const[]){"sh", "-c", "test \"$(cat \"$1\")\" = odd", "sh", name, NULL}));
        assert_true(test_host_run((const char *const[]){"rm", name, NULL}));
    }
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
    assert_non_null(fixture.snapshot->digest);
}

static void a_copy_of_folders_is_not_whole(void **state)
{
    (void)state;
    settings_set(L"CLONE_ROOTS", in_place(&fixture, L"dir"));
    fixture_make(&fixture);
    assert_null(fixture.snapshot->digest);
    refused(VSS_E_VOLUME_NOT_SUPPORTED);
}

static void a_copy_without_what_writers_excluded_is_not_whole(void **state)
{
    (void)state;
    fixture_name(&fixture, &fixture.briefing.excluded_files, L"dir", L"b.*", false);
    fixture_make(&fixture);
    assert_false(test_exists(in_copy(&fixture, L"dir\\b.txt")));
    assert_null(fixture.snapshot->digest);
    refused(VSS_E_VOLUME_NOT_SUPPORTED);
    assert_true(test_has_text(in_place(&fixture, L"dir\\b.txt"), "bravo"));
}

static void an_exclusion_that_excludes_nothing_harms_nothing(void **state)
{
    (void)state;
    fixture_name(&fixture, &fixture.briefing.excluded_files, L"dir", L"*.none", false);
    fixture_make(&fixture);
    assert_non_null(fixture.snapshot->digest);
}

static void a_copy_during_which_a_file_moved_is_not_whole(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_int_equal(fixture.provider->ops->commit(fixture.work), S_OK);
    assert_true(MoveFileW(in_place(&fixture, L"dir\\b.txt"), in_place(&fixture, L"dir\\y.txt")));
    assert_int_equal(fixture.provider->ops->post_commit(fixture.work, 1), S_OK);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_null(fixture.snapshot->digest);
}

/* ---- failures by operation ---- */

static void a_copy_with_a_file_that_could_not_be_read_is_not_whole(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_write_text(in_place(&fixture, L"dir\\b.txt"), "BRAVO");
    fail_at("copy-open", 1, HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION));
    assert_int_equal(fixture_commit(&fixture), S_OK);
    assert_int_equal(failures, 1);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_null(fixture.snapshot->digest);
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
    assert_null(fixture.snapshot->digest);
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

static void a_disk_that_fills_up_is_insufficient_storage_and_changes_nothing(void **state)
{
    (void)state;
    bool changed = true;
    change_place();
    fail_at("copy-write", 1, HRESULT_FROM_WIN32(ERROR_DISK_FULL));
    assert_int_equal(revert(&changed), VSS_E_INSUFFICIENT_STORAGE);
    base_hooks.before_file_op = NULL;
    assert_false(changed);
    assert_false(is_noted());
    assert_true(test_has_text(in_place(&fixture, L"new\\inner\\e.txt"), "echo"));
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

static void spoil_all(void)
{
    let_delete();
    test_delete(in_place(&fixture, L"dir\\a.txt"));
    test_delete(in_place(&fixture, L"top.txt"));
    test_delete(in_place(&fixture, L"gone"));
    test_delete(in_place(&fixture, L"empty"));
    test_make_folder(in_place(&fixture, L"new"));
    test_write_text(in_place(&fixture, L"gone"), "a file");
    test_write_text(in_place(&fixture, L"new\\e"), "echo");
    test_write_text(in_place(&fixture, L"ro.txt"), "written");
}

/* Whichever operation fails, the copy is as it was, and the volume is as it was, or half way and
   gone on with. */
static void any_operation_may_fail_and_the_revert_ends_well(void **state)
{
    (void)state;
    unsigned copied = test_count_entries(in_copy(&fixture, L""));
    unsigned half_way = 0;
    bool failed = true;
    for (unsigned pass = 1; failed; pass++)
    {
        bool changed = false;
        spoil_all();
        fail_at(NULL, pass, E_ACCESSDENIED);
        HRESULT hr = revert(&changed);
        base_hooks.before_file_op = NULL;
        failed = failures != 0;
        assert_true(failed || hr == S_OK);
        if (FAILED(hr) && changed)
        {
            half_way++;
            assert_true(is_noted());
            assert_int_equal(resume(&changed), S_OK);
            assert_int_equal(fixture_differences(&fixture), 0);
        }
        else if (FAILED(hr))
        {
            assert_true(test_has_text(in_place(&fixture, L"new\\e"), "echo"));
            assert_true(test_has_text(in_place(&fixture, L"ro.txt"), "written"));
        }
        else
        {
            assert_false(test_exists(in_place(&fixture, L"new")));
            assert_true(test_has_text(in_place(&fixture, L"ro.txt"), "read-only"));
        }
        if (is_noted()) /* all that failed was taking the note away */
            resume(&changed);
        assert_false(is_noted());
        assert_int_equal(test_count_entries(in_copy(&fixture, L"")), copied);
        revert_well();
        assert_int_equal(fixture_differences(&fixture), 0);
    }
    assert_true(half_way > 5);
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
        if (is_noted())
            resume(&changed);
        assert_false(is_noted());
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

/* Of drives whose root is a folder of this volume. */
static void what_is_of_inner_volumes_stays(void **state)
{
    static const WCHAR *const folders[] = {L"inner", L"inner\\System Volume Information",
        L"inner\\System Volume Information\\Thawline",
        L"inner\\System Volume Information\\Thawline\\Revert",
        L"inner\\System Volume Information\\Thawline\\Revert\\old", L"inner\\AppData",
        L"inner\\AppData\\Local", L"inner\\AppData\\Local\\Thawline"};
    static const WCHAR *const files[] = {L"inner\\System Volume Information\\Thawline\\reverting",
        L"inner\\System Volume Information\\Thawline\\Revert\\old\\7",
        L"inner\\AppData\\Local\\Thawline\\record"};
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(folders); i++)
        test_make_folder(in_place(&fixture, folders[i]));
    for (size_t i = 0; i < ARRAYSIZE(files); i++)
        test_write_text(in_place(&fixture, files[i]), "of the inner volume");
    test_write_text(in_place(&fixture, L"inner\\AppData\\Local\\new.txt"), "new");
    revert_well();
    for (size_t i = 0; i < ARRAYSIZE(files); i++)
        assert_true(test_has_text(in_place(&fixture, files[i]), "of the inner volume"));
    assert_false(test_exists(in_place(&fixture, L"inner\\AppData\\Local\\new.txt")));
    test_delete(in_place(&fixture, L"inner"));
}

/* Another folder stands behind the same letter: its copy is not this volume's. */
static void a_volume_that_has_not_its_copy_on_it_is_not_reverted(void **state)
{
    (void)state;
    assert_int_equal(fixture_delete(&fixture), S_OK);
    refused(VSS_E_VOLUME_NOT_SUPPORTED);
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
    assert_int_equal(str16_assign(&fixture.snapshot->digest, L"0123456789abcdef"), S_OK);
    HRESULT hr = begin(true);
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
        with_copy(a_disk_that_fills_up_is_insufficient_storage_and_changes_nothing),
        with_copy(any_operation_may_fail_and_the_revert_ends_well),
        with_copy(any_allocation_may_fail),
        with_copy(the_stores_of_other_copies_stay),
        with_copy(what_is_of_inner_volumes_stays),
        with_copy(a_volume_that_has_not_its_copy_on_it_is_not_reverted),
        with_place(the_volume_that_the_system_runs_from_is_known_by_any_letter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
