/* SPDX-License-Identifier: MIT
 *
 * Where copies lie: whose they are, what is removed when they go, and what never is.
 */
#include <cmocka.h>
#include <stdio.h>

#include "clone_fixture.h"
#include "provider/clone_file.h"
#include "provider/clone_remove.h"
#include "provider/clone_store.h"

static struct clone_fixture fixture;
static WCHAR *store;
static bool pretend_no_administrator;

static BOOL WINAPI membership(HANDLE token, PSID sid, PBOOL is_member)
{
    typedef BOOL(WINAPI * check)(HANDLE token, PSID sid, PBOOL is_member);
    check real = (check)(void *)GetProcAddress(
        GetModuleHandleW(L"advapi32.dll"), "CheckTokenMembership");
    BOOL done = real(token, sid, is_member);
    if (pretend_no_administrator)
        *is_member = FALSE;
    return done;
}

/* The import that private_folder.c calls. */
#ifdef _WIN64
#define IMPORT_NAME "__imp_CheckTokenMembership"
#else
#define IMPORT_NAME "__imp__CheckTokenMembership@12"
#endif
extern BOOL(WINAPI *const imported_membership)(HANDLE token, PSID sid, PBOOL is_member) __asm__(
    IMPORT_NAME);
BOOL(WINAPI *const imported_membership)(HANDLE token, PSID sid, PBOOL is_member) = membership;

static int open_fixture(void **state)
{
    (void)state;
    fixture_open(&fixture, &provider_system_id);
    assert_int_equal(CoCreateGuid(&fixture.snapshot_id), S_OK);
    assert_int_equal(clone_store_make(fixture.volume, &fixture.snapshot_id, &store), S_OK);
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    pretend_no_administrator = false;
    mem_free(store);
    store = NULL;
    fixture_close(&fixture);
    return 0;
}

static HRESULT remove_store(void)
{
    return clone_store_remove(fixture.volume, fixture.volume->name, &fixture.snapshot_id, NULL);
}

static void the_path_follows_from_the_ids(void **state)
{
    (void)state;
    WCHAR id[GUID_TEXT_LENGTH + 1];
    WCHAR expected[TEST_PATH_UNITS];
    guid_to_text(&fixture.snapshot_id, id);
    if (fixture.place.mutex)
    {
        swprintf(expected, TEST_PATH_UNITS, L"\\\\?\\%lsSystem Volume Information\\Thawline\\%ls",
            fixture.place.name, id);
        assert_true(str16_equal(store, expected));
        DWORD attributes = GetFileAttributesW(
            test_path(fixture.place.folder, L"System Volume Information"));
        assert_int_equal(attributes & (FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM),
            FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM);
    }
    assert_int_equal(remove_store(), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
}

static void a_store_of_another_user_is_left_alone(void **state)
{
    (void)state;
    test_write_text(test_path(store, L"file"), "theirs");
    char *host_path = test_host_path(store);
    const char *arguments[] = {"chown", "65534", host_path, NULL};
    bool given = host_path && test_host_run(arguments);
    HeapFree(GetProcessHeap(), 0, host_path);
    if (given)
    {
        pretend_no_administrator = true;
        assert_int_equal(remove_store(), E_ACCESSDENIED);
        assert_true(test_has_text(test_path(store, L"file"), "theirs"));
        pretend_no_administrator = false;
    }
    assert_int_equal(remove_store(), S_OK);
    assert_false(test_exists(store));
}

static void removing_twice_is_fine(void **state)
{
    (void)state;
    assert_int_equal(remove_store(), S_OK);
    assert_int_equal(remove_store(), S_OK);
}

static void another_store_beside_it_stays(void **state)
{
    (void)state;
    GUID other;
    WCHAR *beside = NULL;
    assert_int_equal(CoCreateGuid(&other), S_OK);
    assert_int_equal(clone_store_make(fixture.volume, &other, &beside), S_OK);
    test_write_text(test_path(beside, L"file"), "stays");
    assert_int_equal(remove_store(), S_OK);
    assert_false(test_exists(store));
    assert_true(test_has_text(test_path(beside, L"file"), "stays"));
    assert_int_equal(clone_store_remove(fixture.volume, fixture.volume->name, &other, NULL), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
    mem_free(beside);
}

static void what_others_keep_beside_stores_stays(void **state)
{
    (void)state;
    const WCHAR *other = test_path(
        fixture.place.folder, L"System Volume Information\\tracking.log");
    if (!fixture.place.mutex)
        return;
    test_write_text(other, "the system's");
    assert_int_equal(remove_store(), S_OK);
    assert_true(test_has_text(other, "the system's"));
    assert_int_equal(count_in_stores(&fixture), 1);
}

static void read_only_files_and_deep_folders_go(void **state)
{
    (void)state;
    WCHAR path[TEST_PATH_UNITS];
    wcscpy(path, store);
    for (int i = 0; i < 15; i++)
    {
        wcscat(path, L"\\a folder with a name that is not exactly short");
        test_make_folder(path);
        test_write_text(test_path(path, L"file"), "text");
        test_set_attributes(
            test_path(path, L"file"), FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_SYSTEM);
    }
    assert_int_equal(remove_store(), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
}

static HRESULT keep_one_file(const char *operation, const WCHAR *path)
{
    bool kept = strcmp(operation, "delete-file") == 0 && wcsstr(path, L"kept");
    return kept ? HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION) : S_OK;
}

static void what_cannot_be_removed_keeps_nothing_else(void **state)
{
    (void)state;
    test_make_folder(test_path(store, L"dir"));
    test_make_folder(test_path(store, L"other"));
    test_write_text(test_path(store, L"dir\\kept"), "k");
    test_write_text(test_path(store, L"dir\\gone"), "g");
    test_write_text(test_path(store, L"other\\gone"), "g");
    base_hooks.before_file_op = keep_one_file;
    assert_int_equal(remove_store(), HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION));
    base_hooks.before_file_op = NULL;
    assert_int_equal(test_count_entries(store), 2);
    assert_int_equal(remove_store(), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
}

/* Wine deletes the target when it is told to delete a link. */
static void a_link_in_the_place_of_the_store_is_not_followed(void **state)
{
    (void)state;
    test_make_folder(in_place(&fixture, L"precious"));
    test_write_text(in_place(&fixture, L"precious\\file"), "precious");
    assert_int_equal(remove_store(), S_OK);
    const WCHAR *parent = test_path(fixture.place.folder, L"System Volume Information\\Thawline");
    test_make_folder(test_path(fixture.place.folder, L"System Volume Information"));
    test_make_folder(parent);
    if (test_host_link(in_place(&fixture, L"precious"), store))
    {
        assert_true(FAILED(remove_store()));
        assert_true(test_has_text(in_place(&fixture, L"precious\\file"), "precious"));
    }
}

static HRESULT refuse_on_volume(const char *operation, const WCHAR *path)
{
    bool refused = strcmp(operation, "make-folder") == 0 &&
        wcsstr(path, L"System Volume Information");
    return refused ? E_ACCESSDENIED : S_OK;
}

static void where_the_volume_refuses_the_users_folder_takes_it(void **state)
{
    (void)state;
    assert_int_equal(remove_store(), S_OK);
    mem_free(store);
    store = NULL;
    base_hooks.before_file_op = refuse_on_volume;
    assert_int_equal(clone_store_make(fixture.volume, &fixture.snapshot_id, &store), S_OK);
    base_hooks.before_file_op = NULL;
    assert_non_null(wcsstr(store, L"\\AppData\\Local\\Thawline\\Store\\"));
    test_write_text(test_path(store, L"file"), "text");
    assert_int_equal(remove_store(), S_OK);
    assert_false(test_exists(store));
}

static HRESULT refuse_folders(const char *operation, const WCHAR *path)
{
    (void)path;
    return strcmp(operation, "make-folder") == 0 ? E_ACCESSDENIED : S_OK;
}

static void where_all_refuse_there_is_no_store(void **state)
{
    (void)state;
    WCHAR *none = NULL;
    base_hooks.before_file_op = refuse_folders;
    assert_int_equal(clone_store_make(fixture.volume, &fixture.snapshot_id, &none), E_ACCESSDENIED);
    assert_null(none);
    base_hooks.before_file_op = NULL;
    assert_int_equal(remove_store(), S_OK);
}

#define store_test(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        store_test(the_path_follows_from_the_ids),
        store_test(a_store_of_another_user_is_left_alone),
        store_test(removing_twice_is_fine),
        store_test(another_store_beside_it_stays),
        store_test(what_others_keep_beside_stores_stays),
        store_test(read_only_files_and_deep_folders_go),
        store_test(what_cannot_be_removed_keeps_nothing_else),
        store_test(a_link_in_the_place_of_the_store_is_not_followed),
        store_test(where_the_volume_refuses_the_users_folder_takes_it),
        store_test(where_all_refuse_there_is_no_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
