/* SPDX-License-Identifier: MIT
 *
 * Copies that are not what was copied, and volumes that can't be made what a copy holds: refused
 * while nothing has changed. Follows requestor 2.6.
 */
#include "revert_fixture.h"

static void spoil(void)
{
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer");
    test_write_text(in_place(&fixture, L"new.txt"), "new");
}

static void assert_untouched(void)
{
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "ALPHA, and longer"));
    assert_true(test_has_text(in_place(&fixture, L"new.txt"), "new"));
    assert_true(test_has_text(in_place(&fixture, L"dir\\b.txt"), "bravo"));
    assert_true(test_has_text(in_place(&fixture, L"top.txt"), "tango"));
    assert_false(test_exists(in_place(&fixture, REVERT_FOLDER)));
}

static void refuse_untouched(HRESULT expected)
{
    refused(expected);
    assert_untouched();
}

/* ---- What a power cut leaves of a copy ---- */

/* As it was but for its content. */
static void tear(const WCHAR *name, const char *content)
{
    WCHAR path[TEST_PATH_UNITS];
    wcscpy(path, in_copy(&fixture, name));
    FILETIME time = test_write_time(path);
    test_write_text(path, content);
    test_set_write_time(path, time);
}

static void a_copy_with_a_file_of_zeros_is_refused(void **state)
{
    (void)state;
    spoil();
    tear(L"dir\\a.txt", "alphb");
    refuse_untouched(VSS_E_VOLUME_NOT_SUPPORTED);
    tear(L"dir\\a.txt", "alpha");
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

static void a_copy_whose_torn_file_is_the_volumes_own_is_refused(void **state)
{
    (void)state;
    spoil();
    tear(L"dir\\b.txt", "BRAVO");
    FILETIME time = test_write_time(in_place(&fixture, L"dir\\b.txt"));
    test_write_text(in_place(&fixture, L"dir\\b.txt"), "BRAVO");
    test_set_write_time(in_place(&fixture, L"dir\\b.txt"), time);
    refused(VSS_E_VOLUME_NOT_SUPPORTED);
    assert_true(test_has_text(in_place(&fixture, L"new.txt"), "new"));
}

static void a_copy_with_a_file_cut_short_is_refused(void **state)
{
    (void)state;
    spoil();
    tear(L"top.txt", "tan");
    refuse_untouched(VSS_E_VOLUME_NOT_SUPPORTED);
    tear(L"top.txt", "");
    refuse_untouched(VSS_E_VOLUME_NOT_SUPPORTED);
}

static void a_copy_that_lost_a_file_or_folder_is_refused(void **state)
{
    (void)state;
    spoil();
    test_delete(in_copy(&fixture, L"gone\\c.txt"));
    refuse_untouched(VSS_E_VOLUME_NOT_SUPPORTED);
    test_delete(in_copy(&fixture, L"gone"));
    refuse_untouched(VSS_E_VOLUME_NOT_SUPPORTED);
}

static void a_copy_that_lost_an_empty_folder_is_refused(void **state)
{
    (void)state;
    spoil();
    test_delete(in_copy(&fixture, L"empty"));
    refuse_untouched(VSS_E_VOLUME_NOT_SUPPORTED);
}

static void a_copy_with_a_file_too_many_is_refused(void **state)
{
    (void)state;
    spoil();
    test_write_text(in_copy(&fixture, L"dir\\planted.txt"), "planted");
    refuse_untouched(VSS_E_VOLUME_NOT_SUPPORTED);
}

static void a_copy_whose_files_changed_places_is_refused(void **state)
{
    (void)state;
    spoil();
    assert_true(MoveFileW(in_copy(&fixture, L"dir\\a.txt"), in_copy(&fixture, L"dir\\x.txt")));
    assert_true(MoveFileW(in_copy(&fixture, L"dir\\b.txt"), in_copy(&fixture, L"dir\\a.txt")));
    assert_true(MoveFileW(in_copy(&fixture, L"dir\\x.txt"), in_copy(&fixture, L"dir\\b.txt")));
    refuse_untouched(VSS_E_VOLUME_NOT_SUPPORTED);
}

/* ---- What is changed while the copy is made ---- */

static void a_copy_caught_up_with_changes_has_the_digest_of_what_it_holds(void **state)
{
    (void)state;
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "changed in the freeze");
    assert_true(MoveFileW(in_place(&fixture, L"dir\\b.txt"), in_place(&fixture, L"dir\\y.txt")));
    assert_true(MoveFileW(in_place(&fixture, L"gone"), in_place(&fixture, L"moved")));
    test_write_text(in_place(&fixture, L"new in the freeze"), "new");
    assert_int_equal(fixture_commit(&fixture), S_OK);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_non_null(fixture.snapshot->digest);
    assert_int_equal(wcslen(fixture.snapshot->digest), 16);
    spoil();
    test_delete(in_place(&fixture, L"moved"));
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
    assert_true(test_has_text(in_place(&fixture, L"moved\\c.txt"), "charlie"));
}

/* ---- Case ---- */

static void a_file_renamed_in_case_only_gets_its_name_back(void **state)
{
    (void)state;
    assert_true(MoveFileW(in_place(&fixture, L"top.txt"), in_place(&fixture, L"x")));
    assert_true(MoveFileW(in_place(&fixture, L"x"), in_place(&fixture, L"TOP.txt")));
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
    WIN32_FIND_DATAW data;
    HANDLE search = FindFirstFileW(in_place(&fixture, L"top.txt"), &data);
    assert_ptr_not_equal(search, INVALID_HANDLE_VALUE);
    FindClose(search);
    assert_int_equal(wcscmp(data.cFileName, L"top.txt"), 0);
}

static void a_folder_renamed_in_case_only_is_refused(void **state)
{
    (void)state;
    spoil();
    assert_true(MoveFileW(in_place(&fixture, L"gone"), in_place(&fixture, L"x")));
    assert_true(MoveFileW(in_place(&fixture, L"x"), in_place(&fixture, L"GONE")));
    refuse_untouched(VSS_E_VOLUME_NOT_SUPPORTED);
    assert_true(test_has_text(in_place(&fixture, L"GONE\\c.txt"), "charlie"));
}

/* ---- What the host has mounted ---- */

/* False where tests may not mount. */
static bool mount_at(const WCHAR *name, char *host, size_t size)
{
    test_make_folder(in_place(&fixture, name));
    char *path = test_host_path(in_place(&fixture, name));
    assert_non_null(path);
    snprintf(host, size, "%s", path);
    HeapFree(GetProcessHeap(), 0, path);
    return test_host_run((const char *const[]){"mount", "-t", "tmpfs", "none", host, NULL});
}

static void unmount(const char *host)
{
    assert_true(test_host_run((const char *const[]){"umount", host, NULL}));
}

/* Wine shows it as a link. */
static void another_device_is_left_alone(void **state)
{
    (void)state;
    char host[3 * TEST_PATH_UNITS];
    spoil();
    if (!mount_at(L"mounted", host, sizeof(host)))
        skip();
    test_write_text(in_place(&fixture, L"mounted\\file"), "of another device");
    bool changed = false;
    HRESULT hr = revert(&changed);
    bool stays = test_has_text(in_place(&fixture, L"mounted\\file"), "of another device");
    unmount(host);
    assert_true(stays);
    assert_int_equal(hr, S_OK);
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

static void another_device_where_the_copy_has_a_folder_is_refused(void **state)
{
    (void)state;
    char host[3 * TEST_PATH_UNITS];
    bool changed = true;
    spoil();
    if (!mount_at(L"gone", host, sizeof(host)))
        skip();
    HRESULT hr = revert(&changed);
    unmount(host);
    assert_int_equal(hr, VSS_E_VOLUME_NOT_SUPPORTED);
    assert_false(changed);
    assert_untouched();
}

/* ---- Open files ---- */

static HANDLE hold(const WCHAR *name, DWORD access, DWORD share)
{
    HANDLE file = CreateFileW(in_place(&fixture, name), access, share, NULL, OPEN_EXISTING,
        FILE_FLAG_BACKUP_SEMANTICS, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    return file;
}

static void what_others_hold_is_found_before_anything_is_changed(void **state)
{
    static const struct
    {
        const WCHAR *name;
        DWORD access;
        DWORD share;
    } held[] = {
        {L"dir\\a.txt", GENERIC_READ, FILE_SHARE_READ},
        {L"dir\\a.txt", GENERIC_READ, 0},
        {L"new.txt", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE},
        {L"new.txt", GENERIC_WRITE, FILE_SHARE_READ},
        {L"new", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE},
    };
    (void)state;
    spoil();
    test_make_folder(in_place(&fixture, L"new"));
    for (size_t i = 0; i < ARRAYSIZE(held); i++)
    {
        HANDLE file = hold(held[i].name, held[i].access, held[i].share);
        refused(VSS_E_VOLUME_IN_USE);
        CloseHandle(file);
        assert_untouched();
    }
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

static const WCHAR *saved_name; /* at the first staged file */

static HRESULT save_at_stage(const char *operation, const WCHAR *path)
{
    (void)path;
    if (strcmp(operation, "revert-stage") == 0)
    {
        base_hooks.before_file_op = NULL;
        test_write_text(in_place(&fixture, saved_name), "mine");
    }
    return S_OK;
}

/* Before its step is made ready, whether that file was to be replaced or found equal. */
static void what_is_saved_while_the_revert_is_made_ready_survives(void **state)
{
    static const WCHAR *const names[] = {L"dir\\a.txt", L"dir\\b.txt"};
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
    {
        spoil();
        test_delete(in_place(&fixture, L"top.txt")); /* comes before what is in folders */
        saved_name = names[i];
        base_hooks.before_file_op = save_at_stage;
        refused(VSS_E_VOLUME_IN_USE);
        assert_null(base_hooks.before_file_op);
        assert_true(test_has_text(in_place(&fixture, names[i]), "mine"));
        assert_true(test_has_text(in_place(&fixture, L"new.txt"), "new"));
        assert_false(test_exists(in_place(&fixture, L"top.txt")));
        assert_false(test_exists(in_place(&fixture, REVERT_FOLDER)));
        revert_well();
        assert_int_equal(fixture_differences(&fixture), 0);
    }
}

static LONGLONG change_time(const WCHAR *name)
{
    FILE_BASIC_INFO info;
    HANDLE file = CreateFileW(in_place(&fixture, name), FILE_READ_ATTRIBUTES,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    assert_true(GetFileInformationByHandleEx(file, FileBasicInfo, &info, sizeof(info)));
    CloseHandle(file);
    return info.ChangeTime.QuadPart;
}

/* Until the host's clock, which moves in ticks, tells that it was. */
static void save_after_acceptance(const WCHAR *name)
{
    LONGLONG accepted = change_time(REVERT_NOTE_FILE);
    do
        test_write_text(in_place(&fixture, name), "mine");
    while (change_time(name) <= accepted);
}

static void what_is_saved_after_the_revert_was_accepted_survives(void **state)
{
    static const WCHAR *const names[] = {L"dir\\a.txt", L"dir\\b.txt", L"new.txt", L"newer.txt"};
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
    {
        bool changed = true;
        spoil();
        assert_int_equal(begin(true), S_OK);
        save_after_acceptance(names[i]);
        assert_int_equal(fixture.provider->ops->revert(
                             fixture.provider, fixture.snapshot, fixture.volume, true, &changed),
            VSS_E_VOLUME_IN_USE);
        assert_false(changed);
        assert_false(is_noted());
        assert_true(test_has_text(in_place(&fixture, names[i]), "mine"));
        revert_well();
        assert_int_equal(fixture_differences(&fixture), 0);
    }
}

/* A program that runs has its file mapped as an image. */
static void a_program_that_runs_is_in_use(void **state)
{
    (void)state;
    WCHAR own[MAX_PATH];
    spoil();
    assert_true(GetModuleFileNameW(NULL, own, MAX_PATH));
    assert_true(CopyFileW(own, in_place(&fixture, L"program.exe"), FALSE));
    HMODULE module = LoadLibraryExW(
        in_place(&fixture, L"program.exe"), NULL, DONT_RESOLVE_DLL_REFERENCES);
    assert_non_null(module);
    refused(VSS_E_VOLUME_IN_USE);
    assert_untouched();
    FreeLibrary(module);
    revert_well();
    assert_int_equal(fixture_differences(&fixture), 0);
}

/* The host's rights, as far as Wine can say them. */
static bool has_mode(const char *host, const char *pattern)
{
    return test_host_run((const char *const[]){"sh", "-c",
        "case $(stat -c %a \"$1\") in $2) ;; *) false ;; esac", "sh", host, pattern, NULL});
}

static void who_may_read_a_file_that_is_replaced_stays_as_it_is(void **state)
{
    (void)state;
    bool changed = false;
    char *host = test_host_path(in_place(&fixture, L"dir\\a.txt"));
    assert_non_null(host);
    spoil();
    assert_true(test_host_run((const char *const[]){"chmod", "600", host, NULL}));
    assert_int_equal(revert(&changed), S_OK);
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "alpha"));
    assert_true(has_mode(host, "??0"));
    assert_true(test_host_run((const char *const[]){"chmod", "644", host, NULL}));
    spoil();
    assert_int_equal(revert(&changed), S_OK);
    assert_true(has_mode(host, "644"));
    HeapFree(GetProcessHeap(), 0, host);
}

/* It has its old content for as long as it is open, and the volume the new one at once. */
static void a_file_held_open_through_a_forced_revert_keeps_its_content(void **state)
{
    (void)state;
    char bytes[8] = {0};
    DWORD got = 0;
    bool changed = false;
    spoil();
    HANDLE file = hold(
        L"new.txt", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
    assert_int_equal(revert(&changed), S_OK);
    assert_int_equal(fixture_differences(&fixture), 0);
    assert_true(ReadFile(file, bytes, 3, &got, NULL));
    assert_memory_equal(bytes, "new", 3);
    CloseHandle(file);
    revert_well();
}

int main(void)
{
#define with_copy(function) cmocka_unit_test_setup_teardown(function, open_with_copy, close_fixture)
#define with_place(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)
    const struct CMUnitTest tests[] = {
        with_copy(a_copy_with_a_file_of_zeros_is_refused),
        with_copy(a_copy_whose_torn_file_is_the_volumes_own_is_refused),
        with_copy(a_copy_with_a_file_cut_short_is_refused),
        with_copy(a_copy_that_lost_a_file_or_folder_is_refused),
        with_copy(a_copy_that_lost_an_empty_folder_is_refused),
        with_copy(a_copy_with_a_file_too_many_is_refused),
        with_copy(a_copy_whose_files_changed_places_is_refused),
        with_place(a_copy_caught_up_with_changes_has_the_digest_of_what_it_holds),
        with_copy(a_file_renamed_in_case_only_gets_its_name_back),
        with_copy(a_folder_renamed_in_case_only_is_refused),
        with_copy(another_device_is_left_alone),
        with_copy(another_device_where_the_copy_has_a_folder_is_refused),
        with_copy(what_others_hold_is_found_before_anything_is_changed),
        with_copy(what_is_saved_while_the_revert_is_made_ready_survives),
        with_copy(what_is_saved_after_the_revert_was_accepted_survives),
        with_copy(a_program_that_runs_is_in_use),
        with_copy(who_may_read_a_file_that_is_replaced_stays_as_it_is),
        with_copy(a_file_held_open_through_a_forced_revert_keeps_its_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
