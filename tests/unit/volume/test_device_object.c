/* SPDX-License-Identifier: MIT
 *
 * Device objects of shadow copies: the names that requestor 5 gives them, and what calls reach
 * files through them (wine facts 4).
 */
#include <cmocka.h>
#include <stdio.h>
#include <wchar.h>

#include "base/mem.h"
#include "os/settings.h"
#include "support/check_leaks.h"
#include "support/test_volume.h"
#include "volume/device_object.h"

#define GENUINE L"\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy"
#define BESIDE L"\\\\?\\HarddiskVolumeShadowCopy"

static struct test_volume volume;

static int open_volume(void **state)
{
    (void)state;
    test_volume_make(&volume);
    return 0;
}

static int close_volume(void **state)
{
    (void)state;
    test_volume_remove(&volume);
    return 0;
}

/* A folder on the volume with a file in it, in the extended form. */
static const WCHAR *make_folder(const WCHAR *name)
{
    static WCHAR paths[4][TEST_PATH_UNITS];
    static unsigned next;
    WCHAR *path = paths[next++ % 4];
    swprintf(path, TEST_PATH_UNITS, L"\\\\?\\%ls\\%ls", volume.folder, name);
    test_make_folder(path);
    test_write_text(test_path(path, L"a.txt"), "alpha");
    return path;
}

static WCHAR *make_device(const WCHAR *folder)
{
    WCHAR *name = NULL;
    assert_int_equal(device_object_make(folder, &name), S_OK);
    assert_non_null(name);
    return name;
}

/* The number of a device; 0: it is no genuine name. */
static unsigned number_of(const WCHAR *name)
{
    unsigned number = 0;
    WCHAR more;
    if (_wcsnicmp(name, GENUINE, wcslen(GENUINE)))
        return 0;
    return swscanf(name + wcslen(GENUINE), L"%u%lc", &number, &more) == 1 ? number : 0;
}

static const WCHAR *beside(const WCHAR *name)
{
    static WCHAR path[TEST_PATH_UNITS];
    swprintf(path, TEST_PATH_UNITS, BESIDE L"%u", number_of(name));
    return path;
}

/* ---- names ---- */

static void a_copy_gets_the_name_that_windows_would_give_it(void **state)
{
    (void)state;
    WCHAR *name = make_device(make_folder(L"one"));
    if (settings_is_wine())
        assert_int_not_equal(number_of(name), 0);
    else
        assert_int_equal(_wcsnicmp(name, L"\\\\?\\GLOBALROOT\\Device\\", 22), 0);
    assert_int_not_equal(name[wcslen(name) - 1], L'\\');
    assert_true(test_has_text(test_path(name, L"a.txt"), "alpha"));
    assert_int_equal(device_object_remove(make_folder(L"one"), name), S_OK);
    mem_free(name);
}

static void each_copy_has_a_number_of_its_own_and_its_files(void **state)
{
    (void)state;
    WCHAR *names[3];
    static const WCHAR *const folders[] = {L"one", L"two", L"three"};
    for (int i = 0; i < 3; i++)
        names[i] = make_device(make_folder(folders[i]));
    test_write_text(test_path(volume.folder, L"two\\a.txt"), "other");
    assert_true(test_has_text(test_path(names[0], L"a.txt"), "alpha"));
    assert_true(test_has_text(test_path(names[1], L"a.txt"), "other"));
    assert_int_equal(device_object_remove(make_folder(L"one"), names[0]), S_OK);
    assert_false(test_exists(test_path(names[0], L"a.txt")));
    assert_true(test_has_text(test_path(names[2], L"a.txt"), "alpha"));
    for (int i = 0; i < 3; i++)
    {
        for (int j = 0; j < i; j++)
            assert_int_not_equal(wcscmp(names[i], names[j]), 0);
        assert_int_equal(device_object_remove(make_folder(folders[i]), names[i]), S_OK);
    }
    for (int i = 0; i < 3; i++)
        mem_free(names[i]);
}

/* ---- what reaches files through them ---- */

static unsigned count_entries(const WCHAR *folder)
{
    WIN32_FIND_DATAW data;
    unsigned count = 0;
    HANDLE search = FindFirstFileExW(
        test_path(folder, L"*"), FindExInfoBasic, &data, FindExSearchNameMatch, NULL, 0);
    if (search == INVALID_HANDLE_VALUE)
        return 0;
    do
        count += wcscmp(data.cFileName, L".") && wcscmp(data.cFileName, L"..");
    while (FindNextFileW(search, &data));
    FindClose(search);
    return count;
}

static void calls_of_every_day_work_through_the_name(void **state)
{
    (void)state;
    const WCHAR *folder = make_folder(L"one");
    WCHAR *name = make_device(folder);
    WCHAR copy[TEST_PATH_UNITS];
    swprintf(copy, TEST_PATH_UNITS, L"%ls\\copy.txt", volume.folder);
    assert_int_equal(count_entries(name), 1);
    assert_true(GetFileAttributesW(name) & FILE_ATTRIBUTE_DIRECTORY);
    assert_true(CopyFileW(test_path(name, L"a.txt"), copy, TRUE));
    assert_true(test_has_text(copy, "alpha"));
    assert_true(CreateDirectoryW(test_path(name, L"sub"), NULL));
    assert_true(CopyFileW(copy, test_path(name, L"sub\\b.txt"), TRUE));
    assert_true(
        MoveFileExW(test_path(name, L"sub\\b.txt"), test_path(name, L"sub\\c.txt"), 0));
    assert_true(test_has_text(test_path(folder, L"sub\\c.txt"), "alpha"));
    assert_true(DeleteFileW(test_path(name, L"sub\\c.txt")));
    assert_true(RemoveDirectoryW(test_path(name, L"sub")));
    assert_int_equal(count_entries(name), 1);
    assert_int_equal(device_object_remove(folder, name), S_OK);
    mem_free(name);
}

static void the_name_beside_it_tells_of_the_volume(void **state)
{
    (void)state;
    if (!settings_is_wine())
        return;
    const WCHAR *folder = make_folder(L"one");
    WCHAR *name = make_device(folder);
    WCHAR root[TEST_PATH_UNITS];
    WCHAR system[64] = {0};
    assert_true(test_has_text(test_path(beside(name), L"a.txt"), "alpha"));
    swprintf(root, TEST_PATH_UNITS, L"%ls\\", beside(name));
    assert_true(GetVolumeInformationW(root, NULL, 0, NULL, NULL, NULL, system, 64));
    assert_true(*system);
    assert_int_equal(device_object_remove(folder, name), S_OK);
    assert_false(test_exists(test_path(beside(name), L"a.txt")));
    mem_free(name);
}

/* ---- the end ---- */

static void removing_leaves_the_files_alone(void **state)
{
    (void)state;
    const WCHAR *folder = make_folder(L"one");
    WCHAR *name = make_device(folder);
    assert_int_equal(device_object_remove(folder, name), S_OK);
    assert_false(test_exists(name));
    assert_true(test_has_text(test_path(folder, L"a.txt"), "alpha"));
    assert_int_equal(device_object_remove(folder, name), S_OK);
    mem_free(name);
}

static void an_empty_folder_stays_when_its_name_goes(void **state)
{
    (void)state;
    const WCHAR *folder = make_folder(L"one");
    assert_true(DeleteFileW(test_path(folder, L"a.txt")));
    WCHAR *name = make_device(folder);
    assert_int_equal(device_object_remove(folder, name), S_OK);
    assert_true(test_exists(folder));
    mem_free(name);
}

static void the_name_of_another_folder_stays(void **state)
{
    (void)state;
    const WCHAR *one = make_folder(L"one");
    const WCHAR *two = make_folder(L"two");
    WCHAR *name = make_device(two);
    assert_int_equal(device_object_remove(one, name), S_OK);
    assert_int_equal(device_object_remove(one, NULL), S_OK);
    if (settings_is_wine())
        assert_true(test_has_text(test_path(name, L"a.txt"), "alpha"));
    assert_int_equal(device_object_remove(two, name), S_OK);
    mem_free(name);
}

static void a_name_that_nobody_remembers_is_found_by_its_folder(void **state)
{
    (void)state;
    const WCHAR *folder = make_folder(L"one");
    WCHAR *name = make_device(folder);
    WCHAR *other = make_device(make_folder(L"two"));
    assert_int_equal(device_object_remove(folder, NULL), S_OK);
    if (settings_is_wine())
    {
        assert_false(test_exists(test_path(name, L"a.txt")));
        assert_false(test_exists(test_path(beside(name), L"a.txt")));
        assert_true(test_has_text(test_path(other, L"a.txt"), "alpha"));
    }
    assert_int_equal(device_object_remove(make_folder(L"two"), other), S_OK);
    mem_free(other);
    mem_free(name);
}

static void the_name_goes_also_when_the_folder_went_first(void **state)
{
    (void)state;
    const WCHAR *folder = make_folder(L"one");
    WCHAR *name = make_device(folder);
    unsigned number = number_of(name);
    test_delete(folder);
    assert_int_equal(device_object_remove(folder, name), S_OK);
    mem_free(name);
    /* Nothing is left in the way of the next one. */
    folder = make_folder(L"one");
    name = make_device(folder);
    assert_int_equal(number_of(name), number);
    assert_int_equal(device_object_remove(folder, name), S_OK);
    mem_free(name);
}

static void with_the_last_device_the_root_goes(void **state)
{
    (void)state;
    WCHAR path[TEST_PATH_UNITS];
    if (!settings_is_wine())
        return;
    assert_true(GetEnvironmentVariableW(L"WINECONFIGDIR", path, TEST_PATH_UNITS) > 4);
    path[1] = L'\\';
    wcscat(path, L"\\dosdevices\\globalroot");
    bool others = test_exists(path); /* left by a process that was killed */
    const WCHAR *folder = make_folder(L"one");
    WCHAR *name = make_device(folder);
    assert_true(test_exists(path));
    assert_int_equal(device_object_remove(folder, name), S_OK);
    assert_int_equal(test_exists(path), others);
    mem_free(name);
}

/* ---- what is no device ---- */

static void a_path_that_serves_instead_is_not_removed(void **state)
{
    (void)state;
    const WCHAR *folder = make_folder(L"one");
    static const WCHAR *const names[] = {L"", L"C:\\", GENUINE, GENUINE L"0", GENUINE L"01",
        GENUINE L"1\\x", GENUINE L"-1", GENUINE L"9999999999", GENUINE L"1 "};
    assert_int_equal(device_object_remove(folder, folder), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
        assert_int_equal(device_object_remove(folder, names[i]), S_OK);
    assert_true(test_has_text(test_path(folder, L"a.txt"), "alpha"));
}

static void without_a_prefix_the_path_serves(void **state)
{
    (void)state;
    WCHAR kept[TEST_PATH_UNITS];
    const WCHAR *folder = make_folder(L"one");
    if (!settings_is_wine())
        return;
    assert_true(GetEnvironmentVariableW(L"WINECONFIGDIR", kept, TEST_PATH_UNITS) > 0);
    static const WCHAR *const wrong[] = {NULL, L"", L"C:\\nowhere", L"\\??\\C:\\nowhere"};
    for (size_t i = 0; i < ARRAYSIZE(wrong); i++)
    {
        SetEnvironmentVariableW(L"WINECONFIGDIR", wrong[i]);
        WCHAR *name = NULL;
        HRESULT hr = device_object_make(folder, &name);
        SetEnvironmentVariableW(L"WINECONFIGDIR", kept);
        assert_int_equal(hr, S_OK);
        assert_int_equal(wcscmp(name, folder), 0);
        mem_free(name);
    }
}

#define DEVICE_TEST(function) cmocka_unit_test_setup_teardown(function, open_volume, close_volume)

int main(void)
{
    const struct CMUnitTest tests[] = {
        DEVICE_TEST(a_copy_gets_the_name_that_windows_would_give_it),
        DEVICE_TEST(each_copy_has_a_number_of_its_own_and_its_files),
        DEVICE_TEST(calls_of_every_day_work_through_the_name),
        DEVICE_TEST(the_name_beside_it_tells_of_the_volume),
        DEVICE_TEST(removing_leaves_the_files_alone),
        DEVICE_TEST(an_empty_folder_stays_when_its_name_goes),
        DEVICE_TEST(the_name_of_another_folder_stays),
        DEVICE_TEST(a_name_that_nobody_remembers_is_found_by_its_folder),
        DEVICE_TEST(the_name_goes_also_when_the_folder_went_first),
        DEVICE_TEST(with_the_last_device_the_root_goes),
        DEVICE_TEST(a_path_that_serves_instead_is_not_removed),
        DEVICE_TEST(without_a_prefix_the_path_serves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
