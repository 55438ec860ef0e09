/* SPDX-License-Identifier: MIT
 *
 * Reverts with real copies: their process dies at each file operation in turn, and whoever asks
 * next finishes what was begun; one that is over is not done again. Started with "revert
 * ARGUMENT" this program is the process that dies.
 */
#include <cmocka.h>
#include <objbase.h>
#include <stdio.h>
#include <vss.h>

#include "base/guid.h"
#include "base/hooks.h"
#include "base/mem.h"
#include "base/str16.h"
#include "catalog/catalog.h"
#include "catalog/catalog_record.h"
#include "coordinator/revert.h"
#include "os/pool.h"
#include "provider/provider.h"
#include "support/check_leaks.h"
#include "support/test_volume.h"
#include "unit/os/child.h"

#define EXIT_KILLED 9
#define ARGUMENT_FORMAT L"%lc %u %ls"

static struct test_volume place;
static struct snapshot_set *set;
static GUID snapshot_id;

static const WCHAR *in_place(const WCHAR *name)
{
    return test_path(place.folder, name);
}

/* ---- the process that dies ---- */

static volatile LONG operations_left;

static HRESULT die_at_operation(const char *operation, const WCHAR *path)
{
    (void)operation;
    (void)path;
    if (InterlockedDecrement(&operations_left) == 0)
        TerminateProcess(GetCurrentProcess(), EXIT_KILLED);
    return S_OK;
}

static int revert_and_die(const char *argument)
{
    GUID id;
    WCHAR text[64];
    unsigned operation = 0;
    char id_text[64];
    if (sscanf(argument, "%*c %u %63s", &operation, id_text) != 2)
        return 20;
    swprintf(text, 64, L"%hs", id_text);
    if (!guid_from_text(text, &id))
        return 21;
    operations_left = (LONG)operation;
    base_hooks.before_file_op = die_at_operation;
    HRESULT hr = revert_start(&id, false);
    if (hr != S_OK)
        return 22;
    pool_drain();
    return 0;
}

/* ---- the one that comes after ---- */

static void make_copy(void)
{
    struct provider *provider = provider_find(&provider_system_id);
    static const struct provider_briefing briefing;
    struct provider_work *work = NULL;
    struct volume *volume = NULL;
    struct catalog_hold *hold = NULL;
    GUID id;
    assert_int_equal(volume_open(place.name, &volume), S_OK);
    assert_int_equal(CoCreateGuid(&id), S_OK);
    assert_int_equal(CoCreateGuid(&snapshot_id), S_OK);
    set = snapshot_set_create(&id, VSS_CTX_NAS_ROLLBACK);
    assert_non_null(set);
    struct snapshot *snapshot = snapshot_set_add(
        set, &snapshot_id, &provider->id, volume->name, volume->path);
    assert_non_null(snapshot);
    snapshot->attributes = VSS_CTX_NAS_ROLLBACK;
    set->creating = true;
    assert_int_equal(catalog_begin(set, &hold), S_OK);
    assert_int_equal(provider->ops->begin_prepare(
                         provider, &set->id, &snapshot_id, volume, VSS_CTX_NAS_ROLLBACK, &work),
        S_OK);
    assert_int_equal(provider->ops->end_prepare(work, &briefing), S_OK);
    assert_int_equal(provider->ops->commit(work), S_OK);
    assert_int_equal(provider->ops->post_commit(work, 1), S_OK);
    assert_int_equal(provider->ops->describe(work, snapshot), S_OK);
    provider->ops->finish(work);
    set->creating = false;
    assert_int_equal(catalog_commit(set, &hold), S_OK);
    volume_free(volume);
}

static int set_up(void **state)
{
    WCHAR *folder = NULL;
    assert_int_equal(catalog_folder_path(&folder), S_OK);
    test_delete(folder);
    mem_free(folder);
    int result = note_live_blocks(state);
    test_volume_make(&place);
    test_make_folder(in_place(L"dir"));
    test_write_text(in_place(L"dir\\a.txt"), "alpha");
    test_write_text(in_place(L"dir\\b.txt"), "bravo");
    test_write_text(in_place(L"c.txt"), "charlie");
    make_copy();
    return result;
}

static int tear_down(void **state)
{
    memset(&base_hooks, 0, sizeof(base_hooks));
    catalog_delete_snapshot(&snapshot_id, true);
    snapshot_set_release(set);
    set = NULL;
    test_volume_remove(&place);
    pool_drain();
    return check_live_blocks(state);
}

static const struct snapshot *copy(void)
{
    return set->snapshots.items[0];
}

static HRESULT await_revert(void)
{
    return revert_await(copy()->volume_name);
}

static void spoil(void)
{
    test_write_text(in_place(L"dir\\a.txt"), "ALPHA");
    if (test_exists(in_place(L"dir\\b.txt")))
        test_delete(in_place(L"dir\\b.txt"));
    test_make_folder(in_place(L"new"));
    test_write_text(in_place(L"new\\file"), "new");
}

static unsigned differences(void)
{
    WCHAR original[] = L"\\\\?\\?:";
    original[4] = place.name[0];
    return test_compare_trees(original, copy()->device_object, L"System Volume Information");
}

static unsigned notes(void)
{
    WCHAR *folder = NULL;
    assert_int_equal(catalog_folder_path(&folder), S_OK);
    WIN32_FIND_DATAW data;
    WCHAR pattern[TEST_PATH_UNITS];
    swprintf(pattern, TEST_PATH_UNITS, L"%ls\\*.revert", folder);
    mem_free(folder);
    HANDLE search = FindFirstFileW(pattern, &data);
    if (search != INVALID_HANDLE_VALUE)
        FindClose(search);
    return search != INVALID_HANDLE_VALUE;
}

static void a_process_may_die_at_any_operation_and_the_revert_is_finished(void **state)
{
    (void)state;
    WCHAR id[GUID_TEXT_LENGTH + 1];
    char rest[64];
    unsigned finished = 0;
    DWORD code = EXIT_KILLED;
    guid_to_text(&snapshot_id, id);
    for (unsigned operation = 1; code == EXIT_KILLED; operation++)
    {
        WCHAR argument[128];
        spoil();
        swprintf(argument, 128, ARGUMENT_FORMAT, place.name[0], operation, id);
        struct child child = child_start(NULL, "revert", argument);
        code = child_finish(&child, rest, sizeof(rest));
        assert_true(code == EXIT_KILLED || code == 0);
        bool noted = notes() != 0;
        if (noted) /* it was accepted, and is needed */
            assert_int_equal(catalog_delete_snapshot(&snapshot_id, true), VSS_E_PROVIDER_VETO);
        assert_int_equal(await_revert(), S_OK);
        assert_int_equal(notes(), 0);
        if (noted)
        {
            finished++;
            assert_int_equal(differences(), 0);
        }
        else if (code == EXIT_KILLED && !test_exists(in_place(L"new\\file")))
        {
            /* Over but for the last of its own files. */
            assert_int_equal(differences(), 0);
        }
        else if (code == EXIT_KILLED)
        {
            assert_true(test_has_text(in_place(L"dir\\a.txt"), "ALPHA"));
        }
    }
    assert_int_equal(code, 0);
    assert_int_equal(differences(), 0);
    assert_true(finished > 10);
}

/* ---- what is over is over ---- */

static HRESULT fail_note(const char *operation, const WCHAR *path)
{
    size_t length = wcslen(path);
    bool of_note = length >= 7 && wcscmp(path + length - 7, L".revert") == 0;
    bool fails = strcmp(operation, "delete") == 0 || strcmp(operation, "create") == 0;
    return of_note && fails ? HRESULT_FROM_WIN32(ERROR_WRITE_FAULT) : S_OK;
}

static HRESULT fail_note_after_writing(const char *operation, const WCHAR *path)
{
    /* From the first file on that the revert writes. */
    if (strcmp(operation, "revert-write") == 0)
        base_hooks.before_file_op = fail_note;
    (void)path;
    return S_OK;
}

static void a_finished_revert_whose_note_stays_is_told_and_not_done_again(void **state)
{
    (void)state;
    spoil();
    base_hooks.before_file_op = fail_note_after_writing;
    assert_int_equal(revert_start(&snapshot_id, false), S_OK);
    assert_true(FAILED(await_revert()));
    assert_int_equal(notes(), 1);
    /* What is written from here on is newer than the revert. */
    test_write_text(in_place(L"dir\\a.txt"), "newer");
    assert_true(FAILED(await_revert()));
    assert_int_equal(revert_start(&snapshot_id, true), VSS_E_REVERT_IN_PROGRESS);
    assert_true(test_has_text(in_place(L"dir\\a.txt"), "newer"));
    base_hooks.before_file_op = NULL;
    assert_int_equal(await_revert(), S_OK);
    assert_int_equal(notes(), 0);
    assert_true(test_has_text(in_place(L"dir\\a.txt"), "newer"));
    assert_int_equal(await_revert(), S_OK);
    assert_true(test_has_text(in_place(L"dir\\a.txt"), "newer"));
}

/* ---- what is true when it begins ---- */

static HRESULT spoil_record_before_lock(const char *operation, const WCHAR *path)
{
    struct catalog_folder folder = {0};
    struct snapshot_set *found = NULL;
    size_t length = wcslen(path);
    if (strcmp(operation, "lock") != 0 || length < 10 ||
        wcscmp(path + length - 10, L".reverting") != 0)
        return S_OK;
    base_hooks.before_file_op = NULL;
    assert_int_equal(catalog_folder_enter(&folder), S_OK);
    assert_int_equal(catalog_record_read(&folder, &set->id, &found), S_OK);
    struct snapshot *snapshot = found->snapshots.items[0];
    snapshot->whole = false;
    assert_int_equal(catalog_record_write(&folder, found), S_OK);
    snapshot_set_release(found);
    catalog_folder_leave(&folder);
    return S_OK;
}

static void a_copy_that_stopped_being_whole_while_it_was_waited_for_is_refused(void **state)
{
    (void)state;
    spoil();
    base_hooks.before_file_op = spoil_record_before_lock;
    assert_int_equal(revert_start(&snapshot_id, true), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_null(base_hooks.before_file_op);
    assert_true(test_has_text(in_place(L"dir\\a.txt"), "ALPHA"));
    assert_int_equal(notes(), 0);
}

static void a_copy_that_was_exposed_once_cannot_be_reverted_to(void **state)
{
    (void)state;
    WCHAR *exposed = NULL;
    WCHAR mount[TEST_PATH_UNITS];
    swprintf(mount, TEST_PATH_UNITS, L"%ls-exposed", place.backing);
    test_make_folder(mount);
    const struct catalog_wish wish = {.name = mount};
    spoil();
    assert_int_equal(catalog_expose(&snapshot_id, &wish, &exposed), S_OK);
    assert_int_equal(revert_start(&snapshot_id, true), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_int_equal(catalog_unexpose(&snapshot_id), S_OK);
    assert_int_equal(revert_start(&snapshot_id, true), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_true(test_has_text(in_place(L"dir\\a.txt"), "ALPHA"));
    mem_free(exposed);
    test_delete(mount);
}

static unsigned writes;

static HRESULT fail_second_write(const char *operation, const WCHAR *path)
{
    (void)path;
    if (strcmp(operation, "revert-write") != 0)
        return S_OK;
    return ++writes == 2 ? HRESULT_FROM_WIN32(ERROR_WRITE_FAULT) : S_OK;
}

static void a_revert_that_failed_half_way_goes_on_when_asked(void **state)
{
    (void)state;
    spoil();
    writes = 0;
    base_hooks.before_file_op = fail_second_write;
    assert_int_equal(revert_start(&snapshot_id, false), S_OK);
    pool_drain();
    base_hooks.before_file_op = NULL;
    assert_int_equal(notes(), 1);
    assert_true(differences() > 0);
    assert_int_equal(await_revert(), S_OK);
    assert_int_equal(differences(), 0);
    assert_int_equal(notes(), 0);
    assert_int_equal(await_revert(), S_OK);
}

/* Only a success makes the process forget how the last one ended. */
static void revert_well(void)
{
    assert_int_equal(revert_start(&snapshot_id, false), S_OK);
    assert_int_equal(await_revert(), S_OK);
    assert_int_equal(differences(), 0);
}

static HRESULT fail_first_deletion(const char *operation, const WCHAR *path)
{
    (void)path;
    return strcmp(operation, "revert-delete") == 0 ? HRESULT_FROM_WIN32(ERROR_WRITE_FAULT) : S_OK;
}

static void a_revert_whose_first_operation_fails_is_over_and_not_gone_on_with(void **state)
{
    (void)state;
    spoil();
    base_hooks.before_file_op = fail_first_deletion;
    assert_int_equal(revert_start(&snapshot_id, false), S_OK);
    assert_int_equal(await_revert(), HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    base_hooks.before_file_op = NULL;
    assert_int_equal(notes(), 0);
    assert_int_equal(await_revert(), HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    assert_true(test_has_text(in_place(L"dir\\a.txt"), "ALPHA"));
    assert_true(test_has_text(in_place(L"new\\file"), "new"));
    revert_well();
}

static HRESULT fail_deletion_and_note(const char *operation, const WCHAR *path)
{
    HRESULT hr = fail_first_deletion(operation, path);
    if (FAILED(hr))
        base_hooks.before_file_op = fail_note;
    return hr;
}

/* The note of the first, half way, is put back as soon as that is possible. */
static void a_revert_that_changed_nothing_puts_back_an_earlier_note_later(void **state)
{
    (void)state;
    spoil();
    writes = 0;
    base_hooks.before_file_op = fail_second_write;
    assert_int_equal(revert_start(&snapshot_id, false), S_OK);
    pool_drain();
    spoil();
    base_hooks.before_file_op = fail_deletion_and_note;
    assert_int_equal(revert_start(&snapshot_id, true), S_OK);
    assert_int_equal(await_revert(), HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    base_hooks.before_file_op = NULL;
    assert_int_equal(await_revert(), HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    assert_int_equal(notes(), 1);
    assert_int_equal(await_revert(), S_OK);
    assert_int_equal(differences(), 0);
    assert_int_equal(notes(), 0);
}

static void a_revert_half_way_that_another_process_finished_is_done(void **state)
{
    (void)state;
    WCHAR *folder = NULL;
    WCHAR note[TEST_PATH_UNITS];
    spoil();
    writes = 0;
    base_hooks.before_file_op = fail_second_write;
    assert_int_equal(revert_start(&snapshot_id, false), S_OK);
    assert_int_equal(await_revert(), HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    base_hooks.before_file_op = NULL;
    assert_int_equal(notes(), 1);
    /* As that process leaves it. */
    assert_int_equal(catalog_folder_path(&folder), S_OK);
    swprintf(note, TEST_PATH_UNITS, L"%ls\\%.36ls.revert", folder,
        wcschr(copy()->volume_name, L'{') + 1);
    test_delete(note);
    mem_free(folder);
    assert_int_equal(notes(), 0);
    assert_int_equal(await_revert(), S_OK);
    revert_well();
}

/* The first copy may be one that can't be read any more. */
static void another_copy_may_take_over_from_a_revert_half_way(void **state)
{
    (void)state;
    struct snapshot_set *first_set = set;
    GUID first = snapshot_id;
    make_copy();
    spoil();
    writes = 0;
    base_hooks.before_file_op = fail_second_write;
    assert_int_equal(revert_start(&first, false), S_OK);
    pool_drain();
    base_hooks.before_file_op = NULL;
    assert_int_equal(notes(), 1);
    assert_int_equal(catalog_delete_snapshot(&first, true), VSS_E_PROVIDER_VETO);
    assert_int_equal(revert_start(&snapshot_id, false), S_OK);
    assert_int_equal(await_revert(), S_OK);
    assert_int_equal(differences(), 0);
    assert_int_equal(notes(), 0);
    assert_int_equal(catalog_delete_snapshot(&first, true), S_OK);
    snapshot_set_release(first_set);
}

int main(int argc, char **argv)
{
#define with_copy(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        with_copy(a_process_may_die_at_any_operation_and_the_revert_is_finished),
        with_copy(a_finished_revert_whose_note_stays_is_told_and_not_done_again),
        with_copy(a_revert_that_failed_half_way_goes_on_when_asked),
        with_copy(a_copy_that_stopped_being_whole_while_it_was_waited_for_is_refused),
        with_copy(a_copy_that_was_exposed_once_cannot_be_reverted_to),
        with_copy(a_revert_whose_first_operation_fails_is_over_and_not_gone_on_with),
        with_copy(a_revert_that_changed_nothing_puts_back_an_earlier_note_later),
        with_copy(a_revert_half_way_that_another_process_finished_is_done),
        with_copy(another_copy_may_take_over_from_a_revert_half_way),
    };
    SetEnvironmentVariableW(L"THAWLINE_ALLOW_REVERT", L"1");
    if (argc == 3 && strcmp(argv[1], "revert") == 0)
        return revert_and_die(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
