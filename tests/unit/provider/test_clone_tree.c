/* SPDX-License-Identifier: MIT
 *
 * Reaching files without links on the way: by whole paths, as under Wine, and by open folders,
 * as on Windows.
 */
#include <cmocka.h>
#include <stdio.h>

#include "clone_fixture.h"
#include "os/file.h"
#include "provider/clone_tree.h"

static struct clone_fixture fixture;
static struct clone_tree tree;
static WCHAR outside[TEST_PATH_UNITS];

#define STOPPED HRESULT_FROM_WIN32(ERROR_STOPPED_ON_SYMLINK)

static int open_tree(void **state)
{
    WCHAR *root = NULL;
    fixture_open(&fixture, &provider_system_id);
    assert_int_equal(clone_working_path(fixture.volume->path, &root), S_OK);
    assert_int_equal(clone_tree_open(root, &tree), S_OK);
    mem_free(root);
    if (*state)
        tree.by_handle = true;
    test_make_folder(in_place(&fixture, L"a"));
    test_make_folder(in_place(&fixture, L"a\\b"));
    test_write_text(in_place(&fixture, L"a\\b\\file"), "text");
    swprintf(outside, TEST_PATH_UNITS, L"%ls-outside", fixture.place.backing);
    test_make_folder(outside);
    test_write_text(test_path(outside, L"file"), "outside");
    return 0;
}

static int close_tree(void **state)
{
    (void)state;
    clone_tree_close(&tree);
    test_delete(outside);
    fixture_close(&fixture);
    return 0;
}

static HRESULT get(const WCHAR *path, enum clone_kind kind, enum clone_how how, DWORD access)
{
    HANDLE file = NULL;
    HRESULT hr = clone_tree_get(&tree, path, kind, how, access, CLONE_SHARE_ALL, &file);
    if (file)
        CloseHandle(file);
    return hr;
}

static void what_is_there_is_opened_and_what_is_not_is_missing(void **state)
{
    (void)state;
    assert_int_equal(get(L"a\\b\\file", CLONE_FILE, CLONE_EXISTING, GENERIC_READ), S_OK);
    assert_int_equal(get(L"a", CLONE_FOLDER, CLONE_EXISTING, FILE_READ_ATTRIBUTES), S_OK);
    assert_int_equal(get(L"a\\b", CLONE_FOLDER, CLONE_EXISTING, FILE_READ_ATTRIBUTES), S_OK);
    assert_true(clone_is_missing(get(L"a\\none", CLONE_FILE, CLONE_EXISTING, GENERIC_READ)));
    assert_true(clone_is_missing(get(L"a\\none\\f", CLONE_FILE, CLONE_EXISTING, GENERIC_READ)));
    assert_true(FAILED(get(L"a\\b", CLONE_FILE, CLONE_EXISTING, GENERIC_READ)));
    assert_true(FAILED(get(L"a\\b\\file", CLONE_FOLDER, CLONE_EXISTING, FILE_READ_ATTRIBUTES)));
}

static void new_things_are_made_under_free_names_only(void **state)
{
    (void)state;
    assert_int_equal(get(L"a\\new", CLONE_FOLDER, CLONE_NEW, FILE_READ_ATTRIBUTES), S_OK);
    assert_int_equal(get(L"a\\new\\file", CLONE_FILE, CLONE_NEW, GENERIC_WRITE), S_OK);
    assert_true(test_exists(in_place(&fixture, L"a\\new\\file")));
    assert_true(FAILED(get(L"a\\new", CLONE_FOLDER, CLONE_NEW, FILE_READ_ATTRIBUTES)));
    assert_true(FAILED(get(L"a\\b\\file", CLONE_FILE, CLONE_NEW, GENERIC_WRITE)));
    assert_true(test_has_text(in_place(&fixture, L"a\\b\\file"), "text"));
}

static void a_name_is_free_when_nothing_has_it_not_even_a_link_to_nowhere(void **state)
{
    (void)state;
    const HRESULT taken = HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS);
    assert_true(test_host_link(test_path(outside, L"none"), in_place(&fixture, L"a\\nowhere")));
    assert_int_equal(clone_tree_check_free(&tree, L"a\\nowhere"), taken);
    assert_int_equal(clone_tree_check_free(&tree, L"a\\b\\file"), taken);
    assert_int_equal(clone_tree_check_free(&tree, L"a\\b\\free"), S_OK);
    assert_false(test_exists(in_place(&fixture, L"a\\b\\free")));
    assert_true(test_has_text(in_place(&fixture, L"a\\b\\file"), "text"));
    assert_true(clone_is_missing(clone_tree_check_free(&tree, L"a\\none\\free")));
    assert_int_equal(test_count_entries(outside), 1);
}

static void folders_that_were_passed_can_be_deleted(void **state)
{
    (void)state;
    assert_int_equal(get(L"a\\b\\file", CLONE_FILE, CLONE_EXISTING, GENERIC_READ), S_OK);
    test_set_attributes(in_place(&fixture, L"a\\b\\file"), FILE_ATTRIBUTE_READONLY);
    assert_int_equal(
        clone_tree_delete(&tree, L"a\\b", CLONE_FOLDER), HRESULT_FROM_WIN32(ERROR_DIR_NOT_EMPTY));
    assert_int_equal(clone_tree_delete(&tree, L"a\\b\\file", CLONE_FILE), S_OK);
    assert_int_equal(clone_tree_delete(&tree, L"a\\b\\file", CLONE_FILE), S_OK);
    assert_int_equal(clone_tree_delete(&tree, L"a\\b", CLONE_FOLDER), S_OK);
    assert_int_equal(clone_tree_delete(&tree, L"a", CLONE_FOLDER), S_OK);
    assert_false(test_exists(in_place(&fixture, L"a")));
}

/* Links of the host, which Wine follows whatever is asked. */
static void a_link_is_met_at_the_end_and_on_the_way(void **state)
{
    (void)state;
    assert_true(test_host_link(outside, in_place(&fixture, L"a\\folder-link")));
    assert_true(test_host_link(test_path(outside, L"file"), in_place(&fixture, L"a\\file-link")));
    assert_int_equal(get(L"a\\file-link", CLONE_FILE, CLONE_EXISTING, GENERIC_WRITE), STOPPED);
    assert_int_equal(
        get(L"a\\folder-link", CLONE_FOLDER, CLONE_EXISTING, FILE_READ_ATTRIBUTES), STOPPED);
    assert_int_equal(
        get(L"a\\folder-link\\file", CLONE_FILE, CLONE_EXISTING, GENERIC_WRITE), STOPPED);
    assert_int_equal(get(L"a\\folder-link\\new", CLONE_FILE, CLONE_NEW, GENERIC_WRITE), STOPPED);
    assert_int_equal(clone_tree_delete(&tree, L"a\\file-link", CLONE_FILE), STOPPED);
    assert_int_equal(clone_tree_delete(&tree, L"a\\folder-link\\file", CLONE_FILE), STOPPED);
    assert_int_equal(clone_tree_delete(&tree, L"a\\folder-link", CLONE_FOLDER), STOPPED);
    assert_true(test_has_text(test_path(outside, L"file"), "outside"));
    assert_int_equal(test_count_entries(outside), 1);
}

/* A folder that was passed once is held: nobody of this system puts a link in its place. */
static void a_folder_on_the_way_cannot_be_replaced(void **state)
{
    (void)state;
    assert_int_equal(get(L"a\\b\\file", CLONE_FILE, CLONE_EXISTING, GENERIC_READ), S_OK);
    assert_false(MoveFileW(in_place(&fixture, L"a\\b"), in_place(&fixture, L"a\\c")));
    assert_int_equal(get(L"a", CLONE_FOLDER, CLONE_EXISTING, FILE_READ_ATTRIBUTES), S_OK);
    assert_true(MoveFileW(in_place(&fixture, L"a\\b"), in_place(&fixture, L"a\\c")));
}

static void deleting_one_name_leaves_the_other_its_attributes(void **state)
{
    (void)state;
    assert_true(
        CreateHardLinkW(test_path(outside, L"other"), in_place(&fixture, L"a\\b\\file"), NULL));
    test_set_attributes(in_place(&fixture, L"a\\b\\file"), FILE_ATTRIBUTE_READONLY);
    assert_int_equal(clone_tree_delete(&tree, L"a\\b\\file", CLONE_FILE), S_OK);
    assert_false(test_exists(in_place(&fixture, L"a\\b\\file")));
    assert_true(test_has_text(test_path(outside, L"other"), "text"));
    assert_true(GetFileAttributesW(test_path(outside, L"other")) & FILE_ATTRIBUTE_READONLY);
    test_set_attributes(test_path(outside, L"other"), FILE_ATTRIBUTE_NORMAL);
}

int main(void)
{
    static bool by_handle = true;
#define by_path(function) cmocka_unit_test_setup_teardown(function, open_tree, close_tree)
#define by_folder(function)                                                                        \
    {                                                                                              \
#function " by open folders", function, open_tree, close_tree, &by_handle                  \
    }
    const struct CMUnitTest tests[] = {
        by_path(what_is_there_is_opened_and_what_is_not_is_missing),
        by_path(new_things_are_made_under_free_names_only),
        by_path(a_name_is_free_when_nothing_has_it_not_even_a_link_to_nowhere),
        by_path(folders_that_were_passed_can_be_deleted),
        by_path(a_link_is_met_at_the_end_and_on_the_way),
        by_path(a_folder_on_the_way_cannot_be_replaced),
        by_path(deleting_one_name_leaves_the_other_its_attributes),
        by_folder(what_is_there_is_opened_and_what_is_not_is_missing),
        by_folder(new_things_are_made_under_free_names_only),
        by_folder(folders_that_were_passed_can_be_deleted),
        by_folder(deleting_one_name_leaves_the_other_its_attributes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
