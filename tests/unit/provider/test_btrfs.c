/* SPDX-License-Identifier: MIT
 *
 * What is particular to the btrfs provider: when it is chosen, what a snapshot holds, who may write
 * it, and that whatever fails leaves nothing. What holds for every provider is in test_contract.c.
 */
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "clone_fixture.h"
#include "support/fail_alloc.h"

/* As README has them. */
static const GUID btrfs_id = {
    0x8dd67330, 0x9056, 0x4695, {0xb2, 0xe3, 0x3c, 0x77, 0x6c, 0x05, 0xce, 0x60}};

static struct clone_fixture fixture;

/* Runs a program of the host; "@" stands for the volume's folder there. */
static bool on_host(const char *const *words)
{
    char *folder = test_host_path(fixture.place.backing);
    char paths[8][TEST_PATH_UNITS];
    const char *arguments[16] = {NULL};
    assert_non_null(folder);
    for (size_t i = 0, k = 0; words[i]; i++)
    {
        arguments[i] = words[i];
        if (words[i][0] != '@')
            continue;
        snprintf(paths[k], TEST_PATH_UNITS, "%s%s", folder, words[i] + 1);
        arguments[i] = paths[k++];
    }
    bool done = test_host_run(arguments);
    HeapFree(GetProcessHeap(), 0, folder);
    return done;
}

#define on_host(...) on_host((const char *const[]){__VA_ARGS__, NULL})

/* ---- choosing ---- */

static HRESULT choose(LONG context, GUID *id)
{
    struct provider *chosen = NULL;
    HRESULT hr = provider_select(fixture.volume, context, &chosen);
    if (SUCCEEDED(hr))
        *id = chosen->id;
    return hr;
}

static bool is_chosen(enum test_volume_kind kind, const WCHAR *setting, LONG context)
{
    GUID id = {0};
    fixture_open_on(&fixture, &provider_system_id, kind);
    assert_int_equal(settings_set(L"PROVIDER", setting), S_OK);
    assert_int_equal(choose(context, &id), S_OK);
    assert_int_equal(settings_set(L"PROVIDER", NULL), S_OK);
    fixture_close(&fixture);
    return guid_equal(&id, &btrfs_id);
}

static void a_subvolume_is_chosen_by_itself_and_nothing_else(void **state)
{
    (void)state;
    assert_true(is_chosen(TEST_ON_BTRFS, NULL, VSS_CTX_BACKUP));
    assert_true(is_chosen(TEST_ON_BTRFS, L"auto", VSS_CTX_APP_ROLLBACK));
    assert_true(is_chosen(TEST_ON_BTRFS, L"btrfs", VSS_CTX_BACKUP));
    assert_false(is_chosen(TEST_ON_BTRFS, L"clone", VSS_CTX_BACKUP));
    assert_false(is_chosen(TEST_ON_BTRFS, NULL, VSS_CTX_BACKUP | VSS_VOLSNAP_ATTR_PLEX));
    assert_false(is_chosen(TEST_ON_BTRFS_FOLDER, NULL, VSS_CTX_BACKUP));

    assert_false(is_chosen(TEST_ON_EXT4, NULL, VSS_CTX_BACKUP));
}

static void asked_for_elsewhere_it_declines(void **state)
{
    GUID id;
    (void)state;
    fixture_open(&fixture, &provider_system_id);
    assert_int_equal(settings_set(L"PROVIDER", L"btrfs"), S_OK);
    assert_int_equal(choose(VSS_CTX_BACKUP, &id), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_int_equal(settings_set(L"PROVIDER", NULL), S_OK);
    fixture_close(&fixture);
}

static const char *refused; /* the operation */
static int refused_from;    /* 1: the next one */
static HRESULT refusal;

static HRESULT refuse(const char *operation, const WCHAR *path)
{
    (void)path;
    if (strcmp(operation, refused) != 0 || --refused_from > 0)
        return S_OK;
    return refusal;
}

static void refuse_from(const char *operation, int from, HRESULT hr)
{
    refused = operation;
    refused_from = from;
    refusal = hr;
    base_hooks.before_file_op = refuse;
}

static void without_the_tool_another_provider_is_chosen(void **state)
{
    GUID id;
    (void)state;
    fixture_open_on(&fixture, &provider_system_id, TEST_ON_BTRFS);
    refuse_from("find-btrfs", 1, HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND));
    assert_int_equal(choose(VSS_CTX_BACKUP, &id), S_OK);
    assert_false(guid_equal(&id, &btrfs_id));
    fixture_close(&fixture);
}

static void a_volume_that_cannot_be_written_is_not_chosen(void **state)
{
    GUID id;
    (void)state;
    fixture_open_on(&fixture, &provider_system_id, TEST_ON_BTRFS);
    assert_true(on_host("btrfs", "property", "set", "-ts", "@", "ro", "true"));
    assert_int_equal(choose(VSS_CTX_BACKUP, &id), S_OK);
    assert_false(guid_equal(&id, &btrfs_id));
    fixture_close(&fixture);
}

/* ---- what a snapshot holds ---- */

static void all_is_in_it_whatever_its_name(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
    assert_true(on_host("touch", "@/Twin", "@/twin", "@/star*?", "@/dot.", "@/colon:name"));
    assert_true(on_host("ln", "-s", "Twin", "@/link"));
    assert_true(on_host("truncate", "-s", "64M", "@/sparse"));
    fixture_make(&fixture);
    WCHAR *folder = fixture_folder(&fixture);
    char *name = test_host_path(folder);
    const char *const names[] = {"Twin", "twin", "star*?", "dot.", "colon:name", "sparse"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
    {
        char path[TEST_PATH_UNITS];
        snprintf(path, TEST_PATH_UNITS, "%s/%s", name, names[i]);
        print_message("%s\n", names[i]);
        assert_true(test_host_run((const char *const[]){"test", "-f", path, NULL}));
    }
    HeapFree(GetProcessHeap(), 0, name);
    mem_free(folder);
    fixture_close(&fixture);
}

static void open_and_mapped_files_are_as_at_the_commit(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
    test_write_text(in_place(&fixture, L"mapped"), "before");
    HANDLE alone = CreateFileW(
        in_place(&fixture, L"alone"), GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    HANDLE file = CreateFileW(in_place(&fixture, L"mapped"), GENERIC_READ | GENERIC_WRITE, 0, NULL,
        OPEN_EXISTING, 0, NULL);
    HANDLE mapping = CreateFileMappingW(file, NULL, PAGE_READWRITE, 0, 0, NULL);
    char *view = MapViewOfFile(mapping, FILE_MAP_WRITE, 0, 0, 0);
    assert_non_null(view);
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    DWORD wrote = 0;
    assert_true(WriteFile(alone, "alone", 5, &wrote, NULL));
    memcpy(view, "during", 6);
    assert_int_equal(fixture_commit(&fixture), S_OK);
    memcpy(view, "after!", 6);
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_true(test_has_text(in_copy(&fixture, L"mapped"), "during"));
    assert_true(test_has_text(in_copy(&fixture, L"alone"), "alone"));
    UnmapViewOfFile(view);
    CloseHandle(mapping);
    CloseHandle(file);
    CloseHandle(alone);
    fixture_close(&fixture);
}

static void a_subvolume_within_is_left_out_and_told(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
    assert_true(on_host("btrfs", "-q", "subvolume", "create", "@/inner"));
    test_write_text(in_place(&fixture, L"inner\\lost.txt"), "lost");
    fixture_make(&fixture);
    assert_non_null(
        wcsstr(fixture.snapshot->consistency, L" 1 subvolume that begins in it is left out."));
    assert_false(test_exists(in_copy(&fixture, L"inner\\lost.txt")));
    assert_int_equal(fixture_delete(&fixture), S_OK);
    assert_true(test_has_text(in_place(&fixture, L"inner\\lost.txt"), "lost"));
    fixture_close(&fixture);
}

static void what_is_mounted_within_is_left_out_and_told(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
    test_make_folder(in_place(&fixture, L"mount"));
    assert_true(on_host("mount", "-t", "tmpfs", "none", "@/mount"));
    test_write_text(in_place(&fixture, L"mount\\lost.txt"), "lost");
    fixture_make(&fixture);
    const bool told = wcsstr(fixture.snapshot->consistency, L" What is mounted in it is left out.");
    const bool lost = !test_exists(in_copy(&fixture, L"mount\\lost.txt"));
    assert_true(on_host("umount", "@/mount"));
    assert_true(told && lost);
    fixture_close(&fixture);
}

static void no_snapshot_holds_another_and_they_go_in_any_order(void **state)
{
    (void)state;
    struct snapshot *first = NULL;
    fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
    test_write_text(in_place(&fixture, L"a.txt"), "one");
    fixture_make(&fixture);
    first = snapshot_clone(fixture.snapshot);
    test_write_text(in_place(&fixture, L"a.txt"), "two");
    fixture_make(&fixture);
    assert_false(test_exists(in_copy(&fixture, L"System Volume Information")));
    assert_int_equal(fixture.provider->ops->delete_snapshot(fixture.provider, first, false), S_OK);
    assert_false(test_exists(first->device_object));
    assert_true(test_has_text(in_copy(&fixture, L"a.txt"), "two"));
    snapshot_destroy(first);
    fixture_close(&fixture);
}

/* Their roots have one number and the same times. */
static void twins_are_told_apart_when_one_is_collected(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
    test_write_text(in_place(&fixture, L"a.txt"), "one");
    fixture_make(&fixture);
    struct snapshot *kept = snapshot_clone(fixture.snapshot);
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_int_equal(fixture_commit(&fixture), S_OK);
    /* The process dies here: nobody knows of a device. */
    fixture.provider->ops->finish(fixture.work);
    fixture.work = NULL;
    assert_null(fixture.snapshot->device_object);
    assert_int_equal(fixture_delete(&fixture), S_OK);
    assert_true(test_has_text(test_path(kept->device_object, L"a.txt"), "one"));
    assert_int_equal(fixture.provider->ops->delete_snapshot(fixture.provider, kept, false), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
    snapshot_destroy(kept);
    fixture_close(&fixture);
}

/* ---- who may write it ---- */

static bool can_write(const WCHAR *name)
{
    HANDLE file = CreateFileW(
        in_copy(&fixture, name), GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_ALWAYS, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    CloseHandle(file);
    return true;
}

static void it_is_read_only_in_the_end_for_root_too(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    fixture_make(&fixture);
    assert_false(can_write(L"a.txt"));
    assert_false(can_write(L"new.txt"));
    DeleteFileW(in_copy(&fixture, L"a.txt")); /* Wine finds out too late to say so */
    assert_true(test_has_text(in_copy(&fixture, L"a.txt"), "alpha"));
    fixture_close(&fixture);
}

/* Requestor 4.1. */
static void without_autorecovery_it_is_read_only_for_writers(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    fixture_name(&fixture, &fixture.briefing.excluded_files, L"", L"*.txt", false);
    assert_int_equal(
        fixture_begin(&fixture, VSS_CTX_BACKUP | VSS_VOLSNAP_ATTR_NO_AUTORECOVERY), S_OK);
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_int_equal(fixture_commit(&fixture), S_OK);
    assert_int_equal(fixture.provider->ops->describe(fixture.work, fixture.snapshot), S_OK);
    assert_int_equal(fixture.provider->ops->pre_final_commit(fixture.work), S_OK);
    assert_false(can_write(L"a.txt"));
    assert_int_equal(fixture.provider->ops->post_final_commit(fixture.work), S_OK);
    assert_true(test_has_text(in_copy(&fixture, L"a.txt"), "alpha"));
    fixture.provider->ops->finish(fixture.work);
    fixture.work = NULL;
    fixture_close(&fixture);
}

/* ---- failures ---- */

static HRESULT make_all(void)
{
    HRESULT hr = fixture_prepare(&fixture);
    if (hr == S_OK)
        hr = fixture_commit(&fixture);
    return hr == S_OK ? fixture_finish(&fixture) : hr;
}

/* The order of its calls: sync, snapshot, property. */
static void a_tool_that_fails_or_hangs_is_a_veto_and_leaves_nothing(void **state)
{
    static const HRESULT codes[] = {
        E_FAIL, HRESULT_FROM_WIN32(ERROR_TIMEOUT), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND)};
    (void)state;
    for (int call = 1; call <= 3; call++)
        for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
        {
            fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
            refuse_from("run-btrfs", call, codes[i]);
            assert_int_equal(make_all(), VSS_E_PROVIDER_VETO);
            base_hooks.before_file_op = NULL;
            fixture_abort(&fixture);
            assert_int_equal(count_in_stores(&fixture), 0);
            fixture_close(&fixture);
        }
}

/* As a user who is not root: file by file. */
static void without_the_subvolume_command_it_is_deleted_all_the_same(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
    test_make_folder(in_place(&fixture, L"folder"));
    test_write_text(in_place(&fixture, L"folder\\a.txt"), "alpha");
    assert_int_equal(fixture_begin(&fixture, VSS_CTX_BACKUP), S_OK);
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    assert_int_equal(fixture_commit(&fixture), S_OK);
    assert_int_equal(fixture.provider->ops->describe(fixture.work, fixture.snapshot), S_OK);
    refuse_from("run-btrfs", 1, E_FAIL);
    fixture_abort(&fixture);
    assert_int_equal(count_in_stores(&fixture), 0);
    fixture_close(&fixture);
}

static void what_cannot_be_deleted_is_a_veto_and_can_be_later(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    fixture_make(&fixture);
    refuse_from("run-btrfs", 1, E_FAIL); /* and rm meets what is read-only */
    assert_int_equal(fixture_delete(&fixture), VSS_E_PROVIDER_VETO);
    base_hooks.before_file_op = NULL;
    assert_int_equal(fixture_delete(&fixture), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
    fixture_close(&fixture);
}

static void a_link_in_its_place_is_not_followed(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
    fixture_make(&fixture);
    WCHAR *folder = fixture_folder(&fixture);
    char *name = test_host_path(folder);
    assert_true(
        test_host_run((const char *const[]){"btrfs", "-q", "subvolume", "delete", name, NULL}));
    assert_true(on_host("btrfs", "-q", "subvolume", "create", "@/precious"));
    char *target = test_host_path(in_place(&fixture, L"precious"));
    assert_true(test_host_run((const char *const[]){"ln", "-s", target, name, NULL}));
    assert_int_equal(fixture_delete(&fixture), VSS_E_PROVIDER_VETO);
    assert_true(test_exists(in_place(&fixture, L"precious")));
    assert_true(test_host_run((const char *const[]){"rm", name, NULL}));
    HeapFree(GetProcessHeap(), 0, target);
    HeapFree(GetProcessHeap(), 0, name);
    mem_free(folder);
    fixture_close(&fixture);
}

static void a_full_disk_is_told_before_anything_is_made(void **state)
{
    (void)state;
    fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
    for (int mib = 512, number = 0; mib; mib /= 2)
        for (int i = 0; i < 2; i++)
        {
            char size[16];
            char name[32];
            snprintf(size, sizeof(size), "%dM", mib);
            snprintf(name, sizeof(name), "@/filler-%d", number++);
            on_host("fallocate", "-l", size, name);
        }
    assert_true(on_host("btrfs", "filesystem", "sync", "@"));
    assert_int_equal(fixture_prepare(&fixture), VSS_E_INSUFFICIENT_STORAGE);
    fixture_abort(&fixture);
    assert_int_equal(count_in_stores(&fixture), 0);
    fixture_close(&fixture);
}

static void memory_that_runs_out_leaves_nothing(void **state)
{
    (void)state;
    bool failed = true;
    fixture_open_on(&fixture, &btrfs_id, TEST_ON_BTRFS);
    for (size_t k = 1; failed; k++)
    {
        assert_int_equal(fixture_begin(&fixture, VSS_CTX_BACKUP), S_OK);
        fail_alloc(k);
        HRESULT hr = make_all();
        failed = allow_allocs();
        if (hr == S_OK)
            assert_int_equal(fixture_delete(&fixture), S_OK);
        else
            fixture_abort(&fixture);
        assert_int_equal(count_in_stores(&fixture), 0);
        /* What is only looked up, as where this user keeps things, may do without. */
        assert_true(hr == S_OK || (failed && hr == E_OUTOFMEMORY));
    }
    fixture_close(&fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(a_subvolume_is_chosen_by_itself_and_nothing_else),
        leak_test(asked_for_elsewhere_it_declines),
        leak_test(without_the_tool_another_provider_is_chosen),
        leak_test(a_volume_that_cannot_be_written_is_not_chosen),
        leak_test(all_is_in_it_whatever_its_name),
        leak_test(open_and_mapped_files_are_as_at_the_commit),
        leak_test(a_subvolume_within_is_left_out_and_told),
        leak_test(what_is_mounted_within_is_left_out_and_told),
        leak_test(no_snapshot_holds_another_and_they_go_in_any_order),
        leak_test(twins_are_told_apart_when_one_is_collected),
        leak_test(it_is_read_only_in_the_end_for_root_too),
        leak_test(without_autorecovery_it_is_read_only_for_writers),
        leak_test(a_tool_that_fails_or_hangs_is_a_veto_and_leaves_nothing),
        leak_test(without_the_subvolume_command_it_is_deleted_all_the_same),
        leak_test(what_cannot_be_deleted_is_a_veto_and_can_be_later),
        leak_test(a_link_in_its_place_is_not_followed),
        leak_test(memory_that_runs_out_leaves_nothing),
        leak_test(a_full_disk_is_told_before_anything_is_made),
    };
    const struct CMUnitTest elsewhere[] = {
        leak_test(asked_for_elsewhere_it_declines),
    };
    if (!test_has_host_volumes())
        return cmocka_run_group_tests(elsewhere, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
