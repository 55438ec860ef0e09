/* SPDX-License-Identifier: MIT
 *
 * The clone provider from end to end on a quiet volume: what is in the copy, what is left out, what
 * goes when it is deleted. Changes while it works: test_clone_changes.c; failures:
 * test_clone_failures.c.
 */
#include <cmocka.h>
#include <stdio.h>

#include "clone_fixture.h"
#include "volume/exposure.h"
#include "volume/private_folder.h"

#define MANY_FILES 1000
#define FILES_PER_FOLDER 50

static struct clone_fixture fixture;

static int open_fixture(void **state)
{
    (void)state;
    fixture_open(&fixture, &provider_system_id);
    return 0;
}

static int close_fixture(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static void make_and_compare(void)
{
    fixture_make(&fixture);
    assert_int_equal(fixture_differences(&fixture), 0);
}

/* ---- what is in it ---- */

static void an_empty_volume_has_an_empty_copy(void **state)
{
    (void)state;
    make_and_compare();
    assert_int_equal(test_count_entries(in_copy(&fixture, L"")), 0);
    assert_true(test_exists(in_copy(&fixture, L"")));
}

static void a_copy_has_content_times_and_attributes(void **state)
{
    (void)state;
    test_make_folder(in_place(&fixture, L"dir"));
    test_make_folder(in_place(&fixture, L"dir\\empty"));
    test_make_folder(in_place(&fixture, L"dir\\hidden"));
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "alpha");
    test_write_text(in_place(&fixture, L"dir\\r"), "read-only");
    test_write_text(in_place(&fixture, L"dir\\h"), "hidden");
    test_write_text(in_place(&fixture, L"dir\\s"), "system");
    test_write_text(in_place(&fixture, L"nothing"), "");
    test_set_age(in_place(&fixture, L"dir\\a.txt"), 1000000);
    test_set_attributes(
        in_place(&fixture, L"dir\\r"), FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_ARCHIVE);
    test_set_attributes(in_place(&fixture, L"dir\\h"), FILE_ATTRIBUTE_HIDDEN);
    test_set_attributes(
        in_place(&fixture, L"dir\\s"), FILE_ATTRIBUTE_SYSTEM | FILE_ATTRIBUTE_READONLY);
    test_set_attributes(in_place(&fixture, L"dir\\hidden"), FILE_ATTRIBUTE_HIDDEN);
    test_set_age(in_place(&fixture, L"dir"), 2000000);
    make_and_compare();
    assert_int_equal(fixture_delete(&fixture), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
}

static void a_file_of_many_chunks_is_whole(void **state)
{
    (void)state;
    size_t size = (5u << 20) + 12345;
    BYTE *bytes = mem_alloc(size);
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (BYTE)(i * 2654435761u >> 13);
    test_write_file(in_place(&fixture, L"large"), bytes, size);
    mem_free(bytes);
    make_and_compare();
}

static const WCHAR *long_folder(WCHAR *path, int depth)
{
    wcscpy(path, L"deep");
    for (int i = 0; i < depth; i++)
        wcscat(path, L"\\a folder with a name that is not exactly short");
    return path;
}

static void a_thousand_files_of_all_sorts(void **state)
{
    (void)state;
    WCHAR name[TEST_PATH_UNITS];
    for (unsigned i = 0; i < MANY_FILES; i++)
    {
        if (i % FILES_PER_FOLDER == 0)
        {
            swprintf(name, TEST_PATH_UNITS, L"folder %u", i / FILES_PER_FOLDER);
            test_make_folder(in_place(&fixture, name));
        }
        swprintf(name, TEST_PATH_UNITS,
            L"folder %u\\\u0444\u0430\u0439\u043b \u6587\u4ef6 \U0001f600 %u.dat",
            i / FILES_PER_FOLDER, i);
        test_write_file(in_place(&fixture, name), name, i % 100);
        if (i % 7 == 0)
            test_set_age(in_place(&fixture, name), i * 1000);
        if (i % 11 == 0)
            test_set_attributes(
                in_place(&fixture, name), FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN);
    }
    for (int depth = 0; depth < 12; depth++)
        test_make_folder(in_place(&fixture, long_folder(name, depth)));
    wcscat(name, L"\\file");
    assert_true(wcslen(name) > MAX_PATH);
    test_write_text(in_place(&fixture, name), "deep down");
    make_and_compare();
    assert_true(test_has_text(in_copy(&fixture, name), "deep down"));
    assert_int_equal(fixture_delete(&fixture), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
}

/* Names that the host has and Windows does not; drive paths can't open them. */
static void names_that_only_the_host_allows_are_copied(void **state)
{
    (void)state;
    static const char *const names[] = {"Twin", "twin", "what?", "dot.", "blank ", "a:b", "star*"};
    char *folder = test_host_path(fixture.place.backing);
    if (!folder)
        return; /* Windows has none */
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
    {
        const char *arguments[] = {
            "sh", "-c", "printf %s \"$2\" >\"$1/$2\"", "sh", folder, names[i], NULL};
        assert_true(test_host_run(arguments));
    }
    fixture_make(&fixture);
    char *copy = test_host_path(fixture.snapshot->device_object);
    const char *compare[] = {"diff", "-r", "-x", "System Volume Information", folder, copy, NULL};
    assert_true(test_host_run(compare));
    HeapFree(GetProcessHeap(), 0, copy);
    HeapFree(GetProcessHeap(), 0, folder);
    assert_int_equal(fixture_delete(&fixture), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
}

/* ---- what is left out ---- */

static void a_second_copy_does_not_hold_the_first(void **state)
{
    (void)state;
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    fixture_make(&fixture);
    struct snapshot *first = snapshot_clone(fixture.snapshot);
    make_and_compare();
    assert_int_equal(test_count_entries(in_copy(&fixture, L"")), 1);
    assert_int_equal(fixture.provider->ops->delete_snapshot(fixture.provider, first, false), S_OK);
    assert_true(test_has_text(in_copy(&fixture, L"a.txt"), "alpha"));
    assert_int_equal(fixture_delete(&fixture), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
    snapshot_destroy(first);
}

static void stores_of_any_user_are_left_out_and_folders_that_look_alike_are_not(void **state)
{
    (void)state;
    static const WCHAR *const folders[] = {L"u", L"u\\Thawline", L"u\\Thawline\\Store",
        L"u\\Thawline\\Store\\0badc0de-1111-2222-3333-444444444444", L"u\\Thawline\\Store\\mine",
        L"u\\Store", L"u\\Store\\0badc0de-1111-2222-3333-444444444444",
        L"u\\System Volume Information", L"u\\System Volume Information\\Thawline",
        L"u\\System Volume Information\\other", L"u\\AppData", L"u\\AppData\\Local",
        L"u\\AppData\\Local\\Thawline", L"u\\AppData\\Thawline"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
    {
        test_make_folder(in_place(&fixture, folders[i]));
        WCHAR file[TEST_PATH_UNITS];
        swprintf(file, TEST_PATH_UNITS, L"%ls\\file", folders[i]);
        test_write_text(in_place(&fixture, file), "x");
    }
    fixture_make(&fixture);
    assert_false(test_exists(in_copy(&fixture, folders[3])));
    assert_false(test_exists(in_copy(&fixture, folders[8])));
    assert_false(test_exists(in_copy(&fixture, folders[12])));
    assert_true(test_exists(in_copy(&fixture, folders[6])));
    assert_true(test_exists(in_copy(&fixture, L"u\\System Volume Information\\other\\file")));
    assert_true(test_exists(in_copy(&fixture, L"u\\AppData\\Thawline\\file")));
    assert_true(test_exists(in_copy(&fixture, L"u\\AppData\\Local\\file")));
    assert_true(test_exists(in_copy(&fixture, L"u\\Thawline\\Store\\mine\\file")));
    assert_true(test_exists(in_copy(&fixture, L"u\\Thawline\\Store\\file")));
    assert_true(test_exists(in_copy(&fixture, L"u\\Store\\file")));
}

static void links_are_neither_followed_nor_copied(void **state)
{
    (void)state;
    WCHAR outside[TEST_PATH_UNITS];
    swprintf(outside, TEST_PATH_UNITS, L"%ls-outside", fixture.place.backing);
    test_make_folder(outside);
    test_write_text(test_path(outside, L"secret"), "sierra");
    test_make_folder(in_place(&fixture, L"dir"));
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "alpha");
    if (test_host_link(outside, in_place(&fixture, L"dir\\folder link")))
    {
        assert_true(
            test_host_link(test_path(outside, L"secret"), in_place(&fixture, L"dir\\file link")));
        assert_true(test_host_link(
            in_place(&fixture, L"dir\\a.txt"), in_place(&fixture, L"dir\\near link")));
        assert_true(test_host_link(in_place(&fixture, L"dir"), in_place(&fixture, L"dir\\loop")));
        fixture_make(&fixture);
        assert_int_equal(test_count_entries(in_copy(&fixture, L"")), 2);
        assert_non_null(wcsstr(fixture.snapshot->consistency, L"4 links were left out."));
        assert_int_equal(fixture_delete(&fixture), S_OK);
        assert_true(test_has_text(test_path(outside, L"secret"), "sierra"));
    }
    test_delete(outside);
}

/* Wine looks at its letters once a second, and then calls a folder by the one that stands for it.
   False on Windows. */
static bool await_letter(const WCHAR *folder, const WCHAR *letter)
{
    static const WCHAR prefix[] = L"\\\\?\\";
    WCHAR found[TEST_PATH_UNITS] = {0};
    for (int tries = 0; tries < 1000; tries++)
    {
        HANDLE handle = CreateFileW(folder, 0, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
            OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
        GetFinalPathNameByHandleW(handle, found, TEST_PATH_UNITS, 0);
        CloseHandle(handle);
        if (wcsncmp(found, prefix, 4) == 0 && wcsncmp(found + 4, letter, 2) == 0)
            return true;
        Sleep(5);
    }
    return false;
}

static void a_folder_with_a_letter_is_copied_and_a_copy_that_had_one_is_deleted(void **state)
{
    (void)state;
    WCHAR *letter = NULL;
    WCHAR *second = NULL;
    test_make_folder(in_place(&fixture, L"dir"));
    test_write_text(in_place(&fixture, L"dir\\a.txt"), "alpha");
    assert_int_equal(exposure_choose(NULL, &letter), S_OK);
    assert_int_equal(exposure_make(in_place(&fixture, L"dir"), letter), S_OK);
    bool is_known = await_letter(in_place(&fixture, L"dir"), letter);
    make_and_compare();
    assert_int_equal(exposure_choose(NULL, &second), S_OK);
    assert_int_equal(exposure_make(in_copy(&fixture, L""), second), S_OK);
    assert_int_equal(await_letter(in_copy(&fixture, L""), second), is_known);
    assert_int_equal(exposure_remove(in_copy(&fixture, L""), second), S_OK);
    assert_int_equal(fixture_delete(&fixture), S_OK); /* at once: it still goes by that letter */
    assert_false(test_exists(in_copy(&fixture, L"")));
    assert_true(test_has_text(in_place(&fixture, L"dir\\a.txt"), "alpha"));
    assert_int_equal(exposure_remove(in_place(&fixture, L"dir"), letter), S_OK);
    mem_free(letter);
    mem_free(second);
}

static void devices_and_pipes_of_the_host_do_not_stop_a_copy(void **state)
{
    (void)state;
    char *folder = test_host_path(fixture.place.backing);
    const char *arguments[] = {"sh", "-c",
        "cd \"$1\" && mkfifo pipe && ln -s /dev/zero zero && ln -s /dev/null null", "sh", folder,
        NULL};
    if (folder)
        assert_true(test_host_run(arguments));
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    fixture_make(&fixture);
    assert_true(test_has_text(in_copy(&fixture, L"a.txt"), "alpha"));
    assert_false(test_exists(in_copy(&fixture, L"zero")));
    HeapFree(GetProcessHeap(), 0, folder);
}

/* ---- limits ---- */

static void fill_for_limits(void)
{
    static const WCHAR *const folders[] = {L"one", L"one\\below", L"two", L"three"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++)
    {
        WCHAR file[TEST_PATH_UNITS];
        test_make_folder(in_place(&fixture, folders[i]));
        swprintf(file, TEST_PATH_UNITS, L"%ls\\a.txt", folders[i]);
        test_write_text(in_place(&fixture, file), "text");
        swprintf(file, TEST_PATH_UNITS, L"%ls\\b.dat", folders[i]);
        test_write_text(in_place(&fixture, file), "data");
    }
}

static void roots_of_the_briefing_limit_the_copy(void **state)
{
    (void)state;
    fill_for_limits();
    WCHAR *roots[] = {
        str16_dup(in_place(&fixture, L"ONE")), str16_dup(in_place(&fixture, L"two\\b.dat"))};
    for (int i = 0; i < 2; i++)
        assert_true(vec_push(&fixture.briefing.roots, roots[i]));
    fixture_make(&fixture);
    assert_true(test_exists(in_copy(&fixture, L"one\\below\\a.txt")));
    assert_true(test_exists(in_copy(&fixture, L"two\\b.dat")));
    assert_false(test_exists(in_copy(&fixture, L"two\\a.txt")));
    assert_false(test_exists(in_copy(&fixture, L"three")));
    assert_non_null(wcsstr(fixture.snapshot->consistency, L"Only part of the volume"));
}

static void clone_roots_limits_the_copy(void **state)
{
    (void)state;
    WCHAR setting[TEST_PATH_UNITS];
    fill_for_limits();
    swprintf(setting, TEST_PATH_UNITS, L"%ls\\one\\below;%ls\\three\\;Q:\\elsewhere",
        fixture.place.folder, fixture.place.folder);
    assert_int_equal(settings_set(L"CLONE_ROOTS", setting), S_OK);
    fixture_make(&fixture);
    assert_true(test_exists(in_copy(&fixture, L"one\\below\\a.txt")));
    assert_false(test_exists(in_copy(&fixture, L"one\\a.txt")));
    assert_true(test_exists(in_copy(&fixture, L"three\\b.dat")));
    assert_false(test_exists(in_copy(&fixture, L"two")));
}

static void clone_roots_components_copies_what_they_name(void **state)
{
    (void)state;
    fill_for_limits();
    assert_int_equal(settings_set(L"CLONE_ROOTS", L"components"), S_OK);
    fixture_name(&fixture, &fixture.briefing.named_files, L"one", L"*.txt", true);
    fixture_name(&fixture, &fixture.briefing.named_files, L"two\\", L"B.*", false);
    fixture_make(&fixture);
    assert_true(test_exists(in_copy(&fixture, L"one\\a.txt")));
    assert_true(test_exists(in_copy(&fixture, L"one\\below\\a.txt")));
    assert_true(test_exists(in_copy(&fixture, L"two\\b.dat")));
    assert_int_equal(test_count_entries(in_copy(&fixture, L"")), 6);
    assert_non_null(wcsstr(fixture.snapshot->consistency,
        L"Consistent for the 3 files named by frozen writers; there are no other files."));
}

static void excluded_files_go_at_the_end(void **state)
{
    (void)state;
    fill_for_limits();
    fixture_name(&fixture, &fixture.briefing.excluded_files, L"one", L"*.dat", true);
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_int_equal(fixture_commit(&fixture), S_OK);
    assert_int_equal(fixture.provider->ops->describe(fixture.work, fixture.snapshot), S_OK);
    assert_true(test_exists(in_copy(&fixture, L"one\\b.dat")));
    FILETIME time = test_write_time(in_copy(&fixture, L"one\\below"));
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_false(test_exists(in_copy(&fixture, L"one\\b.dat")));
    assert_false(test_exists(in_copy(&fixture, L"one\\below\\b.dat")));
    assert_true(test_exists(in_copy(&fixture, L"one\\a.txt")));
    assert_true(test_exists(in_copy(&fixture, L"two\\b.dat")));
    FILETIME later = test_write_time(in_copy(&fixture, L"one\\below"));
    assert_int_equal(CompareFileTime(&time, &later), 0);
}

static void without_auto_recovery_excluded_files_stay(void **state)
{
    (void)state;
    fill_for_limits();
    fixture_name(&fixture, &fixture.briefing.excluded_files, L"one", L"*.dat", true);
    assert_int_equal(
        fixture_begin(&fixture, VSS_CTX_BACKUP | VSS_VOLSNAP_ATTR_NO_AUTORECOVERY), S_OK);
    make_and_compare();
}

/* ---- where it lies, and what deleting leaves alone ---- */

static void a_read_only_volume_has_its_copy_in_the_users_folder(void **state)
{
    (void)state;
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    fixture.volume->read_only = true;
    fixture_make(&fixture);
    assert_int_equal(count_in_stores(&fixture), 0);
    WCHAR *folder = fixture_folder(&fixture);
    assert_non_null(wcsstr(folder, L"\\Thawline\\Store\\"));
    assert_true(test_has_text(in_copy(&fixture, L"a.txt"), "alpha"));
    assert_int_equal(fixture_delete(&fixture), S_OK);
    assert_false(test_exists(fixture.snapshot->device_object));
    assert_false(test_exists(folder));
    mem_free(folder);
}

static void a_copy_is_for_its_user_alone(void **state)
{
    (void)state;
    fixture_make(&fixture);
    WCHAR *folder = fixture_folder(&fixture);
    assert_int_equal(private_folder_check(folder), S_OK);
    char *store = test_host_path(folder);
    mem_free(folder);
    const char *arguments[] = {
        "sh", "-c", "case $(stat -c %A \"$1\") in *---) ;; *) exit 1;; esac", "sh", store, NULL};
    if (store)
        assert_true(test_host_run(arguments));
    HeapFree(GetProcessHeap(), 0, store);
}

static void links_put_into_a_copy_stay_and_so_do_their_targets(void **state)
{
    (void)state;
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    test_make_folder(in_place(&fixture, L"dir"));
    test_write_text(in_place(&fixture, L"dir\\b.txt"), "bravo");
    fixture_make(&fixture);
    bool linked = test_host_link(in_place(&fixture, L"a.txt"), in_copy(&fixture, L"link"));
    if (linked)
    {
        assert_true(test_host_link(in_place(&fixture, L"dir"), in_copy(&fixture, L"folder link")));
        assert_int_equal(fixture_delete(&fixture), VSS_E_PROVIDER_VETO);
        assert_true(test_has_text(in_place(&fixture, L"a.txt"), "alpha"));
        assert_true(test_has_text(in_place(&fixture, L"dir\\b.txt"), "bravo"));
        assert_false(test_exists(in_copy(&fixture, L"a.txt")));
    }
}

static void a_volume_that_is_gone_keeps_the_record_unless_forced(void **state)
{
    (void)state;
    fixture_make(&fixture);
    assert_int_equal(str16_assign(&fixture.snapshot->volume_name,
                         L"\\\\?\\Volume{0badc0de-0000-0000-0000-000000000000}\\"),
        S_OK);
    assert_int_equal(fixture_delete(&fixture), VSS_E_PROVIDER_VETO);
    assert_int_equal(
        fixture.provider->ops->delete_snapshot(fixture.provider, fixture.snapshot, true), S_OK);
}

#define clone_test(function) cmocka_unit_test_setup_teardown(function, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        clone_test(an_empty_volume_has_an_empty_copy),
        clone_test(a_copy_has_content_times_and_attributes),
        clone_test(a_file_of_many_chunks_is_whole),
        clone_test(a_thousand_files_of_all_sorts),
        clone_test(names_that_only_the_host_allows_are_copied),
        clone_test(a_second_copy_does_not_hold_the_first),
        clone_test(stores_of_any_user_are_left_out_and_folders_that_look_alike_are_not),
        clone_test(links_are_neither_followed_nor_copied),
        clone_test(a_folder_with_a_letter_is_copied_and_a_copy_that_had_one_is_deleted),
        clone_test(devices_and_pipes_of_the_host_do_not_stop_a_copy),
        clone_test(roots_of_the_briefing_limit_the_copy),
        clone_test(clone_roots_limits_the_copy),
        clone_test(clone_roots_components_copies_what_they_name),
        clone_test(excluded_files_go_at_the_end),
        clone_test(without_auto_recovery_excluded_files_stay),
        clone_test(a_read_only_volume_has_its_copy_in_the_users_folder),
        clone_test(a_copy_is_for_its_user_alone),
        clone_test(links_put_into_a_copy_stay_and_so_do_their_targets),
        clone_test(a_volume_that_is_gone_keeps_the_record_unless_forced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
