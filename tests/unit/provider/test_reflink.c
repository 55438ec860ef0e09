/* SPDX-License-Identifier: MIT
 *
 * What is particular to the reflink provider: when it is chosen, that copies share their content,
 * and what becomes of files that `cp` can't copy so. What holds for every provider is in
 * test_contract.c, what holds for the clone provider's work in its tests.
 */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "clone_fixture.h"
#include "support/fail_alloc.h"

/* As README has it. */
static const GUID reflink_id = {
    0x5e173dab, 0x132a, 0x47c9, {0xb5, 0x4d, 0x99, 0xfb, 0x59, 0x19, 0xb1, 0x86}};

static struct clone_fixture fixture;

static bool is_chosen(enum test_volume_kind kind, const WCHAR *setting, LONG context)
{
    struct provider *chosen = NULL;
    fixture_open_on(&fixture, &provider_system_id, kind);
    assert_int_equal(settings_set(L"PROVIDER", setting), S_OK);
    assert_int_equal(provider_select(fixture.volume, context, &chosen), S_OK);
    assert_int_equal(settings_set(L"PROVIDER", NULL), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
    fixture_close(&fixture);
    return guid_equal(&chosen->id, &reflink_id);
}

static void it_is_chosen_where_there_are_reflinks_and_no_snapshots(void **state)
{
    (void)state;
    assert_true(is_chosen(TEST_ON_XFS, NULL, VSS_CTX_BACKUP));
    assert_true(is_chosen(TEST_ON_BTRFS_FOLDER, NULL, VSS_CTX_BACKUP));
    assert_true(is_chosen(TEST_ON_BTRFS, L"reflink", VSS_CTX_BACKUP));
    assert_false(is_chosen(TEST_ON_BTRFS, NULL, VSS_CTX_BACKUP));
    assert_false(is_chosen(TEST_ON_EXT4, NULL, VSS_CTX_BACKUP));
    assert_false(is_chosen(TEST_ON_XFS, L"clone", VSS_CTX_BACKUP));
    assert_false(is_chosen(TEST_ON_XFS, NULL, VSS_CTX_BACKUP | VSS_VOLSNAP_ATTR_PLEX));
}

/* A program of the host in the volume's folder. */
static bool on_host(const char *const *words)
{
    char *folder = test_host_path(fixture.place.backing);
    const char *arguments[16] = {"env", "-C", folder};
    for (size_t i = 0; words[i]; i++)
        arguments[3 + i] = words[i];
    bool done = test_host_run(arguments);
    HeapFree(GetProcessHeap(), 0, folder);
    return done;
}

#define on_host(...) on_host((const char *const[]){__VA_ARGS__, NULL})

static uint64_t free_bytes(void)
{
    ULARGE_INTEGER bytes;
    assert_true(on_host("sync", "-f", "."));
    assert_true(GetDiskFreeSpaceExW(fixture.volume->path, &bytes, NULL, NULL));
    return bytes.QuadPart;
}

static void copies_share_their_content(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &reflink_id, TEST_ON_XFS);
    assert_true(on_host("dd", "if=/dev/urandom", "of=big", "bs=1M", "count=64", "status=none"));
    uint64_t before = free_bytes();
    fixture_make(&fixture);
    assert_int_equal(fixture_differences(&fixture), 0);
    assert_true(before - free_bytes() < (8u << 20));
    fixture_close(&fixture);
}

/* Names as the host has them; neither links nor devices. */
static void all_files_are_in_it_and_nothing_else(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &reflink_id, TEST_ON_XFS);
    assert_true(on_host("mkdir", "-p", "--", "-- folder/deeper", "-x"));
    assert_true(on_host("touch", "--", "Twin", "twin", "star*?", "dot.", "-x/-rf", "two\nlines",
        "b\xc3\xa4r", "-- folder/deeper/a"));
    assert_true(on_host("ln", "Twin", "hard"));
    assert_true(on_host("ln", "-s", "Twin", "link"));
    assert_true(on_host("ln", "-s", "--", "/no/where", "-- folder/dangling"));
    assert_true(on_host("mkfifo", "pipe"));
    fixture_make(&fixture);
    WCHAR *folder = fixture_folder(&fixture);
    char *copy = test_host_path(folder);
    static const char *const files[] = {"Twin", "twin", "star*?", "dot.", "-x/-rf", "two\nlines",
        "b\xc3\xa4r", "-- folder/deeper/a", "hard"};
    static const char *const others[] = {"link", "-- folder/dangling", "pipe"};
    char path[TEST_PATH_UNITS];
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
    {
        snprintf(path, TEST_PATH_UNITS, "%s/%s", copy, files[i]);
        print_message("%s\n", files[i]);
        assert_true(test_host_run((const char *const[]){"test", "-f", path, NULL}));
        assert_false(test_host_run((const char *const[]){"test", "-L", path, NULL}));
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
    {
        snprintf(path, TEST_PATH_UNITS, "%s/%s", copy, others[i]);
        print_message("%s\n", others[i]);
        assert_false(test_host_run((const char *const[]){"test", "-e", path, NULL}));
        assert_false(test_host_run((const char *const[]){"test", "-L", path, NULL}));
    }
    /* A change of one name in the copy is no change of the other. */
    test_write_text(in_copy(&fixture, L"hard"), "changed");
    assert_true(test_has_text(in_copy(&fixture, L"Twin"), ""));
    HeapFree(GetProcessHeap(), 0, copy);
    mem_free(folder);
    fixture_close(&fixture);
}

static void stores_through_views_of_named_files_are_in_it(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &reflink_id, TEST_ON_XFS);
    test_write_text(in_place(&fixture, L"mapped"), "before");
    fixture_name(&fixture, &fixture.briefing.named_files, L"", L"*", false);
    HANDLE file = CreateFileW(in_place(&fixture, L"mapped"), GENERIC_READ | GENERIC_WRITE, 0, NULL,
        OPEN_EXISTING, 0, NULL);
    HANDLE mapping = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    char *view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    assert_non_null(view);
    memcpy(view, "first!", 6);
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    memcpy(view, "during", 6);
    assert_int_equal(fixture_commit(&fixture), S_OK);
    memcpy(view, "after!", 6);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_true(test_has_text(in_copy(&fixture, L"mapped"), "during"));
    UnmapViewOfFile(view);
    CloseHandle(mapping);
    CloseHandle(file);
    fixture_close(&fixture);
}

static void a_file_on_another_file_system_is_copied_byte_for_byte(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &reflink_id, TEST_ON_XFS);
    assert_true(on_host("touch", "mount", "beside"));
    assert_true(on_host("mount", "--bind", "/etc/hostname", "mount"));
    fixture_make(&fixture);
    unsigned differences = fixture_differences(&fixture);
    assert_true(on_host("umount", "mount"));
    assert_int_equal(differences, 0);
    fixture_close(&fixture);
}

/* ---- failures ---- */

static unsigned cp_runs;
static unsigned cp_good; /* so many work, the rest fail */

static HRESULT refuse_cp(const char *operation, const WCHAR *path)
{
    (void)path;
    return strcmp(operation, "run-env") == 0 && ++cp_runs > cp_good
        ? HRESULT_FROM_WIN32(ERROR_TIMEOUT)
        : S_OK;
}

static void a_cp_that_fails_or_hangs_costs_time_and_no_file(void **state)
{
    (void)state;
    for (cp_good = 0; cp_good < 3; cp_good++)
    {
        fixture_open_on(&fixture, &reflink_id, TEST_ON_XFS);
        for (unsigned i = 0; i < 40; i++)
        {
            WCHAR name[16];
            swprintf(name, 16, L"file-%u", i);
            test_write_text(in_place(&fixture, name), "content");
        }
        cp_runs = 0;
        base_hooks.before_file_op = refuse_cp;
        fixture_make(&fixture);
        base_hooks.before_file_op = NULL;
        assert_int_equal(fixture_differences(&fixture), 0);
        fixture_close(&fixture);
    }
}

/* Between the look at the volume and the copying. */
static bool gone;

static HRESULT delete_one(const char *operation, const WCHAR *path)
{
    (void)path;
    if (strcmp(operation, "run-env") == 0 && !gone)
    {
        gone = true;
        DeleteFileW(in_place(&fixture, L"file-7"));
    }
    return S_OK;
}

static void a_file_that_vanishes_takes_none_along(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &reflink_id, TEST_ON_XFS);
    for (unsigned i = 0; i < 40; i++)
    {
        WCHAR name[16];
        swprintf(name, 16, L"file-%u", i);
        test_write_text(in_place(&fixture, name), "content");
    }
    gone = false;
    base_hooks.before_file_op = delete_one;
    fixture_make(&fixture);
    assert_true(gone);
    assert_int_equal(fixture_differences(&fixture), 0);
    fixture_close(&fixture);
}

/* Renames are moved in the store, deletions are deleted there, and so on: as a clone is updated. */
static void what_moved_since_the_first_pass_is_followed(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &reflink_id, TEST_ON_BTRFS_FOLDER);
    test_make_folder(in_place(&fixture, L"old"));
    test_write_text(in_place(&fixture, L"old\\a"), "a");
    test_write_text(in_place(&fixture, L"b"), "b");
    test_write_text(in_place(&fixture, L"c"), "c");
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_true(MoveFileW(in_place(&fixture, L"old"), in_place(&fixture, L"new")));
    assert_true(DeleteFileW(in_place(&fixture, L"b")));
    test_make_folder(in_place(&fixture, L"b"));
    test_write_text(in_place(&fixture, L"b\\within"), "within");
    assert_true(MoveFileW(in_place(&fixture, L"c"), in_place(&fixture, L"d")));
    assert_int_equal(fixture_commit(&fixture), S_OK);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_int_equal(fixture_differences(&fixture), 0);
    fixture_close(&fixture);
}

static void it_can_not_be_reverted_to_yet(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &reflink_id, TEST_ON_XFS);
    test_write_text(in_place(&fixture, L"a"), "a");
    fixture_make(&fixture);
    assert_null(fixture.provider->ops->revert);
    assert_null(fixture.snapshot->digest);
    fixture_close(&fixture);
}

static void elsewhere_it_declines(void **state)
{
    struct provider *chosen = NULL;
    (void)state;
    fixture_open(&fixture, &provider_system_id);
    assert_int_equal(settings_set(L"PROVIDER", L"reflink"), S_OK);
    assert_int_equal(
        provider_select(fixture.volume, VSS_CTX_BACKUP, &chosen), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_int_equal(settings_set(L"PROVIDER", NULL), S_OK);
    fixture_close(&fixture);
}

static void memory_that_runs_out_leaves_nothing(void **state)
{
    (void)state;
    bool failed = true;
    fixture_open_on(&fixture, &reflink_id, TEST_ON_XFS);
    test_write_text(in_place(&fixture, L"a"), "a");
    for (size_t k = 1; failed; k++)
    {
        assert_int_equal(fixture_begin(&fixture, VSS_CTX_BACKUP), S_OK);
        fail_alloc(k);
        HRESULT hr = fixture_prepare(&fixture);
        if (hr == S_OK)
            hr = fixture_commit(&fixture);
        failed = allow_allocs();
        fixture_abort(&fixture);
        assert_int_equal(count_in_stores(&fixture), 0);
        assert_true(hr == S_OK || (failed && hr == E_OUTOFMEMORY));
    }
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(it_is_chosen_where_there_are_reflinks_and_no_snapshots),
        leak_test(elsewhere_it_declines),
        leak_test(copies_share_their_content),
        leak_test(all_files_are_in_it_and_nothing_else),
        leak_test(stores_through_views_of_named_files_are_in_it),
        leak_test(a_file_on_another_file_system_is_copied_byte_for_byte),
        leak_test(a_cp_that_fails_or_hangs_costs_time_and_no_file),
        leak_test(a_file_that_vanishes_takes_none_along),
        leak_test(what_moved_since_the_first_pass_is_followed),
        leak_test(it_can_not_be_reverted_to_yet),
        leak_test(memory_that_runs_out_leaves_nothing),
    };
    const struct CMUnitTest elsewhere[] = {
        leak_test(elsewhere_it_declines),
    };
    if (!test_has_host_volumes())
        return cmocka_run_group_tests(elsewhere, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
