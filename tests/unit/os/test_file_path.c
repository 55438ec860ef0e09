/* SPDX-License-Identifier: MIT
 *
 * os/file: joining, long paths, making folders.
 */
#include <windows.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/hooks.h"
#include "base/mem.h"
#include "base/str16.h"
#include "os/file.h"

static WCHAR folder[MAX_PATH];

static int make_folder(void **state)
{
    (void)state;
    WCHAR temp[MAX_PATH];
    assert_true(GetTempPathW(MAX_PATH, temp));
    assert_true(GetTempFileNameW(temp, L"tl", 0, folder));
    assert_true(DeleteFileW(folder));
    return 0;
}

static void assert_text(WCHAR *text, const WCHAR *expected)
{
    if (!str16_equal(text, expected))
        fail_msg("\"%ls\" is not \"%ls\"", text ? text : L"(null)", expected);
    mem_free(text);
}

static void join_puts_one_separator(void **state)
{
    (void)state;
    assert_text(file_join(L"C:\\a", L"b"), L"C:\\a\\b");
    assert_text(file_join(L"C:\\", L"b"), L"C:\\b");
    assert_text(file_join(L"C:/a/", L"b\\c"), L"C:/a/b\\c");
    assert_text(file_join(L"", L"b"), L"b");
}

static void short_path_becomes_absolute_and_stays_plain(void **state)
{
    (void)state;
    assert_text(file_long_path(L"C:\\a\\b"), L"C:\\a\\b");
    assert_text(file_long_path(L"C:/a/../b"), L"C:\\b");
    assert_text(file_long_path(L"\\\\?\\C:\\a"), L"\\\\?\\C:\\a");
}

static void long_path_becomes_extended(void **state)
{
    (void)state;
    WCHAR path[400] = L"C:\\";
    WCHAR expected[410] = L"\\\\?\\C:\\";
    for (int i = 0; i < 30; i++)
    {
        lstrcatW(path, L"123456789\\");
        lstrcatW(expected, L"123456789\\");
    }
    assert_text(file_long_path(path), expected);
}

static void long_network_path_becomes_extended(void **state)
{
    (void)state;
    WCHAR path[400] = L"\\\\server\\share\\";
    WCHAR expected[410] = L"\\\\?\\UNC\\server\\share\\";
    for (int i = 0; i < 30; i++)
    {
        lstrcatW(path, L"123456789\\");
        lstrcatW(expected, L"123456789\\");
    }
    assert_text(file_long_path(path), expected);
}

static void folders_are_made_all_the_way_and_may_exist(void **state)
{
    (void)state;
    WCHAR *deep = file_join(folder, L"a\\b\\c\\");
    assert_int_equal(file_make_folders(deep), S_OK);
    assert_int_equal(file_make_folders(deep), S_OK);
    assert_true(GetFileAttributesW(deep) & FILE_ATTRIBUTE_DIRECTORY);
    mem_free(deep);
    assert_int_equal(file_make_folders(L"C:\\"), S_OK);
}

static void folder_in_place_of_a_file_fails(void **state)
{
    (void)state;
    assert_int_equal(file_make_folders(folder), S_OK);
    WCHAR *file = file_join(folder, L"file");
    WCHAR *below = file_join(file, L"below");
    assert_int_equal(file_write_atomic(file, "", 0), S_OK);
    assert_int_equal(file_make_folders(file), HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS));
    assert_true(FAILED(file_make_folders(below)));
    mem_free(below);
    mem_free(file);
}

static void files_work_beyond_the_plain_path_limit(void **state)
{
    (void)state;
    struct str16_builder builder = {0};
    str16_builder_add(&builder, folder);
    for (int i = 0; i < 8; i++)
        str16_builder_add(&builder, L"\\a-folder-with-a-name-of-forty-characters");
    WCHAR *deep = str16_builder_take(&builder);
    WCHAR *file = file_join(deep, L"file");
    void *bytes = NULL;
    size_t size = 0;
    struct file_lock *lock = NULL;
    assert_true(str16_len(file) > MAX_PATH);
    assert_int_equal(file_make_folders(deep), S_OK);
    assert_int_equal(file_write_atomic(file, "deep", 4), S_OK);
    assert_int_equal(file_read_all(file, 10, &bytes, &size), S_OK);
    assert_int_equal(size, 4);
    mem_free(bytes);
    assert_int_equal(file_lock_take(file, &lock), S_OK);
    file_lock_drop(lock, false);
    assert_int_equal(file_delete(file), S_OK);
    assert_int_equal(
        file_read_all(file, 10, &bytes, &size), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    mem_free(file);
    mem_free(deep);
}

static HRESULT refuse(const char *operation, const WCHAR *path)
{
    (void)operation;
    (void)path;
    return HRESULT_FROM_WIN32(ERROR_WRITE_PROTECT);
}

static void refused_folder_is_not_made(void **state)
{
    (void)state;
    base_hooks.before_file_op = refuse;
    HRESULT hr = file_make_folders(folder);
    base_hooks.before_file_op = NULL;
    assert_int_equal(hr, HRESULT_FROM_WIN32(ERROR_WRITE_PROTECT));
    assert_int_equal(GetFileAttributesW(folder), INVALID_FILE_ATTRIBUTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(join_puts_one_separator),
        cmocka_unit_test(short_path_becomes_absolute_and_stays_plain),
        cmocka_unit_test(long_path_becomes_extended),
        cmocka_unit_test(long_network_path_becomes_extended),
        cmocka_unit_test_setup(folders_are_made_all_the_way_and_may_exist, make_folder),
        cmocka_unit_test_setup(folder_in_place_of_a_file_fails, make_folder),
        cmocka_unit_test_setup(files_work_beyond_the_plain_path_limit, make_folder),
        cmocka_unit_test_setup(refused_folder_is_not_made, make_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
