/* SPDX-License-Identifier: MIT
 *
 * Folders of one user: who may enter, and whose they are.
 */
#include <cmocka.h>
#include <stdio.h>

#include "base/hooks.h"
#include "base/str16.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"
#include "support/test_volume.h"
#include "volume/private_folder.h"

static WCHAR top[TEST_PATH_UNITS];

static int make_top(void **state)
{
    WCHAR temp[MAX_PATH];
    assert_true(GetTempPathW(MAX_PATH, temp));
    swprintf(top, TEST_PATH_UNITS, L"%lsprivate-%lu", temp, (unsigned long)GetCurrentProcessId());
    return note_live_blocks(state);
}

static int delete_top(void **state)
{
    memset(&base_hooks, 0, sizeof(base_hooks));
    test_delete(top);
    return check_live_blocks(state);
}

static void what_is_missing_has_no_owner(void **state)
{
    (void)state;
    assert_int_equal(private_folder_check(top), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
}

static HRESULT refuse_folders(const char *operation, const WCHAR *path)
{
    (void)path;
    return strcmp(operation, "make-folder") == 0 ? HRESULT_FROM_WIN32(ERROR_WRITE_PROTECT) : S_OK;
}

static void a_fault_makes_no_folder(void **state)
{
    (void)state;
    base_hooks.before_file_op = refuse_folders;
    assert_int_equal(private_folder_make(top), HRESULT_FROM_WIN32(ERROR_WRITE_PROTECT));
    assert_false(test_exists(top));
}

static void a_file_in_its_place_is_no_folder(void **state)
{
    (void)state;
    test_write_text(top, "a file");
    assert_true(FAILED(private_folder_make(top)));
    assert_true(FAILED(private_folder_make(test_path(top, L"below"))));
    assert_true(test_has_text(top, "a file"));
}

static void it_is_made_with_those_above_and_for_its_user_alone(void **state)
{
    (void)state;
    const WCHAR *path = test_path(top, L"above\\folder");
    assert_int_equal(private_folder_make(path), S_OK);
    assert_int_equal(private_folder_make(path), S_OK);
    assert_int_equal(private_folder_check(path), S_OK);
    char *host_path = test_host_path(path);
    const char *arguments[] = {"sh", "-c",
        "case $(stat -c %A \"$1\") in drwx*---) ;; *) exit 1;; esac", "sh", host_path, NULL};
    if (host_path)
        assert_true(test_host_run(arguments));
    HeapFree(GetProcessHeap(), 0, host_path);
}

static void a_long_path_is_made(void **state)
{
    (void)state;
    WCHAR path[TEST_PATH_UNITS];
    wcscpy(path, top);
    for (int i = 0; i < 9; i++)
        wcscat(path, L"\\a folder with a name that is not exactly short");
    assert_true(wcslen(path) > MAX_PATH);
    assert_int_equal(private_folder_make(path), S_OK);
    assert_int_equal(private_folder_check(path), S_OK);
}

static void the_base_lies_in_the_users_own_data(void **state)
{
    (void)state;
    WCHAR *base = NULL;
    WCHAR *expected = NULL;
    assert_int_equal(private_folder_base(&base), S_OK);
    WCHAR local[MAX_PATH];
    assert_true(GetEnvironmentVariableW(L"LOCALAPPDATA", local, MAX_PATH));
    wcscat(local, L"\\Thawline");
    assert_true(str16_equal_nocase(base, local));
    mem_free(expected);
    mem_free(base);
}

static void without_memory_it_says_so(void **state)
{
    (void)state;
    HRESULT hr;
    size_t which = 1;
    do
    {
        fail_alloc(which++);
        hr = private_folder_make(top);
        allow_allocs();
        assert_true(hr == S_OK || hr == E_OUTOFMEMORY);
    } while (hr != S_OK);
    assert_true(which > 3);
}

#define folder_test(function) cmocka_unit_test_setup_teardown(function, make_top, delete_top)

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(what_is_missing_has_no_owner),
        folder_test(a_fault_makes_no_folder),
        folder_test(a_file_in_its_place_is_no_folder),
        folder_test(it_is_made_with_those_above_and_for_its_user_alone),
        folder_test(a_long_path_is_made),
        folder_test(the_base_lies_in_the_users_own_data),
        folder_test(without_memory_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
