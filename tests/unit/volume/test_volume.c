/* SPDX-License-Identifier: MIT
 *
 * Names of volumes: what is malformed, what is missing, what is the same under another name.
 * Expected values are those of requestor 2.4 (AddToSnapshotSet).
 */
#include <cmocka.h>
#include <stdio.h>

#include "base/str16.h"
#include "base/vec.h"
#include "os/settings.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"
#include "support/test_volume.h"
#include "volume/volume.h"

#define TOO_LONG 32768

struct name_row
{
    const WCHAR *name;
    HRESULT hr;
};

static const struct name_row bad_names[] = {
    {NULL, E_INVALIDARG},
    {L"", E_INVALIDARG},
    {L"C", E_INVALIDARG},
    {L"C:", E_INVALIDARG},
    {L"\\", E_INVALIDARG},
    {L"C:windows\\", E_INVALIDARG},
    {L"1:\\", E_INVALIDARG},
    {L"CC:\\", E_INVALIDARG},
    {L"C:/", E_INVALIDARG},
    {L"C:\\windows", E_INVALIDARG},
    {L"C:\\win*\\", E_INVALIDARG},
    {L"C:\\a:b\\", E_INVALIDARG},
    {L"relative\\", E_INVALIDARG},
    {L"\\\\?\\Volume{00000000-0000-0000-0000-000000000043}", E_INVALIDARG},
    {L"\\\\?\\Volume{00000000-0000-0000-0000-000000000043}\\x\\", E_INVALIDARG},
    {L"\\\\?\\Volume{00000000-0000-0000-0000-00000000004}\\", E_INVALIDARG},
    {L"\\\\?\\Volume{00000000x0000-0000-0000-000000000043}\\", E_INVALIDARG},
    {L"\\\\?\\Volume{}\\", E_INVALIDARG},
    {L"\\\\?\\GLOBALROOT\\Device\\HarddiskVolume1\\", E_INVALIDARG},
    {L"\\\\.\\C:\\", E_INVALIDARG},
    {L"\\\\server\\", E_INVALIDARG},
    {L"\\\\server\\share", E_INVALIDARG},
    {L"\\\\192.168.1.2\\share\\", E_INVALIDARG},
    {L"\\\\fe80--1.ipv6-literal.net\\share\\", E_INVALIDARG},
    {L"\\\\server\\share\\", VSS_E_OBJECT_NOT_FOUND},
    {L"B:\\", VSS_E_OBJECT_NOT_FOUND},
    {L"B:\\mount\\", VSS_E_OBJECT_NOT_FOUND},
    {L"C:\\no such folder\\", VSS_E_OBJECT_NOT_FOUND},
    {L"C:\\windows\\", VSS_E_OBJECT_NOT_FOUND},
    {L"\\\\?\\Volume{0badc0de-0000-0000-0000-000000000000}\\", VSS_E_OBJECT_NOT_FOUND},
};

static void names_that_are_none_are_told_from_volumes_that_are_missing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_names) / sizeof(*bad_names); i++)
    {
        struct volume *volume = NULL;
        HRESULT hr = volume_open(bad_names[i].name, &volume);
        if (hr != bad_names[i].hr || volume)
            fail_msg("%ls: 0x%08lx, expected 0x%08lx",
                bad_names[i].name ? bad_names[i].name : L"NULL", (unsigned long)hr,
                (unsigned long)bad_names[i].hr);
    }
}

static void a_name_beyond_the_limit_is_refused(void **state)
{
    (void)state;
    struct volume *volume = NULL;
    WCHAR *name = mem_alloc_array(TOO_LONG + 1, sizeof(WCHAR));
    assert_non_null(name);
    for (size_t i = 0; i < TOO_LONG; i++)
        name[i] = i % 2 ? L'\\' : L'a';
    name[0] = L'C';
    name[1] = L':';
    name[2] = L'\\';
    name[TOO_LONG - 1] = L'\\';
    assert_int_equal(volume_open(name, &volume), E_INVALIDARG);
    mem_free(name);
}

static struct volume *opened(const WCHAR *name)
{
    struct volume *volume = NULL;
    assert_int_equal(volume_open(name, &volume), S_OK);
    assert_non_null(volume);
    return volume;
}

static void a_volume_is_the_same_under_each_of_its_names(void **state)
{
    (void)state;
    struct volume *by_letter = opened(L"c:\\");
    assert_true(str16_equal(by_letter->path, L"C:\\"));
    assert_int_equal(str16_len(by_letter->name), 49);
    struct volume *by_name = opened(by_letter->name);
    assert_true(str16_equal(by_name->path, L"C:\\"));
    assert_true(str16_equal(by_name->name, by_letter->name));
    struct volume *by_detour = opened(L"C:\\windows\\..\\");
    assert_true(str16_equal(by_detour->name, by_letter->name));
    volume_free(by_detour);
    volume_free(by_name);
    volume_free(by_letter);
}

static void a_local_disk_has_its_properties(void **state)
{
    (void)state;
    uint64_t free_bytes = 0;
    struct volume *volume = opened(L"C:\\");
    assert_true(volume->fixed);
    assert_false(volume->read_only);
    assert_false(volume->host_root);
    assert_true(str16_equal(volume->file_system, L"NTFS"));
    assert_int_equal(volume_free_space(volume, &free_bytes), S_OK);
    assert_true(free_bytes > 0);
    struct volume *copy = volume_clone(volume);
    assert_true(str16_equal(copy->name, volume->name) && copy->fixed);
    volume_free(copy);
    volume_free(volume);
    volume_free(NULL);
}

static void the_drive_of_the_whole_host_is_known(void **state)
{
    (void)state;
    if (!settings_is_wine())
        return;
    struct volume *volume = opened(L"Z:\\");
    assert_true(volume->host_root);
    volume_free(volume);
}

static void paths_lie_on_the_volume_that_holds_them(void **state)
{
    (void)state;
    static const struct name_row rows[] = {
        {NULL, E_INVALIDARG},
        {L"", E_INVALIDARG},
        {L"relative\\path", E_INVALIDARG},
        {L"C:relative", E_INVALIDARG},
        {L"\\\\server\\share\\file", VSS_E_OBJECT_NOT_FOUND},
        {L"\\\\?\\GLOBALROOT\\Device\\X\\file", VSS_E_OBJECT_NOT_FOUND},
        {L"B:\\file", VSS_E_OBJECT_NOT_FOUND},
        {L"C:\\", S_OK},
        {L"c:\\no\\such\\file", S_OK},
        {L"\\\\?\\C:\\windows\\x", S_OK},
        {L"%SystemRoot%\\system32", S_OK},
        {L"%SYSTEMDRIVE%\\", S_OK},
    };
    struct volume *c = opened(L"C:\\");
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
    {
        struct volume *volume = NULL;
        HRESULT hr = volume_of_path(rows[i].name, &volume);
        if (hr != rows[i].hr || (SUCCEEDED(hr) && !str16_equal(volume->name, c->name)))
            fail_msg("%ls: 0x%08lx, expected 0x%08lx", rows[i].name ? rows[i].name : L"NULL",
                (unsigned long)hr, (unsigned long)rows[i].hr);
        volume_free(volume);
    }
    WCHAR path[100];
    swprintf(path, 100, L"%lswindows\\x", c->name);
    struct volume *volume = NULL;
    assert_int_equal(volume_of_path(path, &volume), S_OK);
    assert_true(str16_equal(volume->name, c->name));
    volume_free(volume);
    volume_free(c);
}

static void a_volume_holds_its_own_paths_only(void **state)
{
    (void)state;
    struct volume *c = opened(L"C:\\");
    WCHAR path[100];
    swprintf(path, 100, L"%lswindows\\x", c->name);
    assert_true(volume_holds(c->name, c->path, L"C:\\windows"));
    assert_true(volume_holds(c->name, c->path, L"c:\\WINDOWS\\x"));
    assert_true(volume_holds(c->name, c->path, L"C:\\"));
    assert_true(volume_holds(c->name, c->path, L"C:"));
    assert_true(volume_holds(c->name, c->path, L"%SystemRoot%\\x"));
    assert_true(volume_holds(c->name, c->path, L"\\\\?\\C:\\windows"));
    assert_true(volume_holds(c->name, c->path, path));
    assert_false(volume_holds(c->name, c->path, L"D:\\windows"));
    assert_false(volume_holds(c->name, c->path, L"C"));
    assert_false(volume_holds(c->name, c->path, L""));
    assert_false(volume_holds(c->name, c->path, NULL));
    assert_false(volume_holds(c->name, c->path, L"%NO_SUCH_VARIABLE%\\x"));
    assert_false(volume_holds(c->name, L"C:\\mount\\", L"C:\\mounted\\x"));
    volume_free(c);
}

static void variables_are_expanded(void **state)
{
    (void)state;
    WCHAR *expanded = NULL;
    assert_true(SetEnvironmentVariableW(L"THAWLINE_TEST_WORD", L"word"));
    assert_int_equal(
        volume_expand(L"a %THAWLINE_TEST_WORD% %NO_SUCH_VARIABLE% 100%", &expanded), S_OK);
    assert_true(str16_equal(expanded, L"a word %NO_SUCH_VARIABLE% 100%"));
    mem_free(expanded);
    assert_int_equal(volume_expand(L"", &expanded), S_OK);
    assert_true(str16_equal(expanded, L""));
    mem_free(expanded);
}

static void free_volume(void *volume)
{
    volume_free(volume);
}

static bool is_listed(const WCHAR *path)
{
    struct vec volumes = {0};
    bool listed = false;
    assert_int_equal(volume_list(&volumes), S_OK);
    for (size_t i = 0; i < volumes.count; i++)
    {
        const struct volume *volume = volumes.items[i];
        listed |= str16_equal(volume->path, path);
    }
    vec_free(&volumes, free_volume);
    return listed;
}

static void the_list_has_each_drive_while_it_is_there(void **state)
{
    (void)state;
    struct test_volume place;
    assert_true(is_listed(L"C:\\"));
    test_volume_make(&place);
    bool listed = is_listed(place.name);
    struct volume *volume = opened(place.name);
    bool fixed = volume->fixed;
    bool host_root = volume->host_root;
    volume_free(volume);
    bool own_letter = place.mutex != NULL;
    WCHAR name[4];
    wcscpy(name, place.name);
    test_volume_remove(&place);
    assert_true(listed && fixed && !host_root);
    if (own_letter)
        assert_false(is_listed(name));
}

static void without_memory_nothing_is_opened(void **state)
{
    (void)state;
    HRESULT hr;
    size_t which = 1;
    do
    {
        struct volume *volume = NULL;
        fail_alloc(which++);
        hr = volume_of_path(L"%SystemRoot%\\x", &volume);
        allow_allocs();
        assert_true(hr == S_OK || (hr == E_OUTOFMEMORY && !volume));
        volume_free(volume);
    } while (hr != S_OK);
    assert_true(which > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(names_that_are_none_are_told_from_volumes_that_are_missing),
        leak_test(a_name_beyond_the_limit_is_refused),
        leak_test(a_volume_is_the_same_under_each_of_its_names),
        leak_test(a_local_disk_has_its_properties),
        leak_test(the_drive_of_the_whole_host_is_known),
        leak_test(paths_lie_on_the_volume_that_holds_them),
        leak_test(a_volume_holds_its_own_paths_only),
        leak_test(variables_are_expanded),
        leak_test(the_list_has_each_drive_while_it_is_there),
        leak_test(without_memory_nothing_is_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
