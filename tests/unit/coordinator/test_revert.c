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
#include "provider/revert_note.h"
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
    struct volume *volume = NULL;
    assert_int_equal(volume_open(place.name, &volume), S_OK);
    HRESULT hr = revert_await(volume);
    volume_free(volume);
    return hr;
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
    return test_exists(in_place(REVERT_FOLDER L"\\note"));
}

/* A person who finds his volume as the dead process left it. */
static void save(unsigned operation)
{
    test_write_text(in_place(operation % 2 ? L"dir\\a.txt" : L"c.txt"), "mine");
    test_write_text(in_place(L"dir\\mine.txt"), "mine");
}

static void assert_saved(unsigned operation)
{
    assert_true(test_has_text(in_place(operation % 2 ? L"dir\\a.txt" : L"c.txt"), "mine"));
    assert_true(test_has_text(in_place(L"dir\\mine.txt"), "mine"));
}

static void assert_spoilt(void)
{
    assert_true(test_has_text(in_place(L"dir\\a.txt"), "ALPHA"));
    assert_false(test_exists(in_place(L"dir\\b.txt")));
    assert_true(test_has_text(in_place(L"new\\file"), "new"));
}

/* Only a success makes the process forget how the last one ended. */
static void revert_well(void)
{
    assert_int_equal(revert_start(&snapshot_id, false), S_OK);
    assert_int_equal(await_revert(), S_OK);
    assert_int_equal(differences(), 0);
}

/* Each operation in turn is the last of the process; then somebody saves files, or not; then
   somebody asks. */
static void die_everywhere(bool saves)
{
    WCHAR id[GUID_TEXT_LENGTH + 1];
    char rest[64];
    unsigned gone_on = 0;
    unsigned given_up = 0;
    DWORD code = EXIT_KILLED;
    guid_to_text(&snapshot_id, id);
    for (unsigned operation = 1; code == EXIT_KILLED; operation += saves ? 3 : 1)
    {
        WCHAR argument[128];
        spoil();
        swprintf(argument, 128, ARGUMENT_FORMAT, place.name[0], operation, id);
        struct child child = child_start(NULL, "revert", argument);
        code = child_finish(&child, rest, sizeof(rest));
        assert_true(code == EXIT_KILLED || code == 0);
        bool noted = notes() != 0;
        bool spoilt = test_exists(in_place(L"new\\file"));
        if (noted) /* it was accepted, and is needed */
            assert_int_equal(catalog_delete_snapshot(&snapshot_id, true), VSS_E_PROVIDER_VETO);
        if (saves)
            save(operation);
        HRESULT hr = await_revert();
        assert_int_equal(notes(), 0);
        assert_int_equal(await_revert(), S_OK);
        if (saves)
            assert_saved(operation);
        if (hr == E_FAIL)
        {
            given_up++;
            assert_true(noted && spoilt);
            if (!saves)
                assert_spoilt();
        }
        else
        {
            assert_int_equal(hr, S_OK);
            gone_on += noted;
            if (!saves && (noted || !spoilt))
                assert_int_equal(differences(), 0);
            else if (!saves)
                assert_spoilt();
        }
        revert_well();
    }
    assert_int_equal(code, 0);
    assert_true(gone_on > 3);
    assert_true(given_up > 3);
}

static void a_process_may_die_at_any_operation_and_the_revert_is_finished_or_given_up(void **state)
{
    (void)state;
    die_everywhere(false);
}

static void what_is_saved_after_the_death_of_the_process_survives(void **state)
{
    (void)state;
    die_everywhere(true);
}

/* ---- what is true when it begins ---- */

static HRESULT spoil_record_before_lock(const char *operation, const WCHAR *path)
{
    struct catalog_folder folder = {0};
    struct snapshot_set *found = NULL;
    size_t length = wcslen(path);
    if (strcmp(operation, "lock") != 0 || length < 10 ||
        wcscmp(path + length - 10, L"\\reverting") != 0)
        return S_OK;
    base_hooks.before_file_op = NULL;
    assert_int_equal(catalog_folder_enter(&folder), S_OK);
    assert_int_equal(catalog_record_read(&folder, &set->id, &found), S_OK);
    struct snapshot *snapshot = found->snapshots.items[0];
    assert_int_equal(str16_assign(&snapshot->digest, NULL), S_OK);
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

/* Not by cmocka's means: the revert has a thread of its own. */
static HRESULT save_at_first_deletion(const char *operation, const WCHAR *path)
{
    DWORD done = 0;
    (void)path;
    if (strcmp(operation, "revert-delete") != 0)
        return S_OK;
    base_hooks.before_file_op = NULL;
    HANDLE file = CreateFileW(
        in_place(L"dir\\a.txt"), GENERIC_WRITE, 0, NULL, TRUNCATE_EXISTING, 0, NULL);
    bool written = file != INVALID_HANDLE_VALUE && WriteFile(file, "mine", 4, &done, NULL);
    CloseHandle(file);
    return written ? S_OK : E_UNEXPECTED;
}

static void a_revert_that_left_out_what_was_saved_meanwhile_has_failed(void **state)
{
    (void)state;
    spoil();
    base_hooks.before_file_op = save_at_first_deletion;
    assert_int_equal(revert_start(&snapshot_id, false), S_OK);
    pool_drain();
    assert_null(base_hooks.before_file_op);
    assert_int_equal(notes(), 0);
    assert_int_equal(await_revert(), E_FAIL);
    assert_int_equal(await_revert(), E_FAIL);
    assert_true(test_has_text(in_place(L"dir\\a.txt"), "mine"));
    assert_true(test_has_text(in_place(L"dir\\b.txt"), "bravo"));
    assert_false(test_exists(in_place(L"new\\file")));
    revert_well();
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
    assert_spoilt();
    revert_well();
}

static void a_copy_that_was_torn_is_told_when_asked_and_changes_nothing(void **state)
{
    (void)state;
    WCHAR torn[TEST_PATH_UNITS];
    spoil();
    swprintf(torn, TEST_PATH_UNITS, L"%ls\\c.txt", copy()->device_object);
    FILETIME time = test_write_time(torn);
    test_write_text(torn, "\1\1\1\1\1\1\1");
    test_set_write_time(torn, time);
    assert_int_equal(revert_start(&snapshot_id, true), S_OK);
    assert_int_equal(await_revert(), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_int_equal(notes(), 0);
    assert_spoilt();
    assert_true(test_has_text(in_place(L"c.txt"), "charlie"));
    test_write_text(torn, "charlie");
    test_set_write_time(torn, time);
    revert_well();
}

/* The process that was at it forgets how it ended, when another has seen to it. */
static void a_revert_half_way_that_another_process_finished_is_done(void **state)
{
    (void)state;
    spoil();
    writes = 0;
    base_hooks.before_file_op = fail_second_write;
    assert_int_equal(revert_start(&snapshot_id, false), S_OK);
    assert_int_equal(await_revert(), HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    base_hooks.before_file_op = NULL;
    assert_int_equal(notes(), 1);
    /* As that process leaves it. */
    test_delete(in_place(REVERT_FOLDER));
    assert_int_equal(await_revert(), S_OK);
    revert_well();
}

/* What failed here, and changed nothing, is not how the volume's last revert ended. */
static void a_failure_is_not_told_once_another_process_has_reverted(void **state)
{
    (void)state;
    WCHAR id[GUID_TEXT_LENGTH + 1];
    WCHAR argument[128];
    char rest[64];
    spoil();
    base_hooks.before_file_op = fail_first_deletion;
    assert_int_equal(revert_start(&snapshot_id, false), S_OK);
    assert_int_equal(await_revert(), HRESULT_FROM_WIN32(ERROR_WRITE_FAULT));
    base_hooks.before_file_op = NULL;
    guid_to_text(&snapshot_id, id);
    swprintf(argument, 128, ARGUMENT_FORMAT, place.name[0], 1000000u, id);
    struct child child = child_start(NULL, "revert", argument);
    assert_int_equal(child_finish(&child, rest, sizeof(rest)), 0);
    assert_int_equal(differences(), 0);
    assert_int_equal(await_revert(), S_OK);
    revert_well();
}

/* To whichever copy: what is half way is finished first. */
static void a_volume_half_way_is_not_reverted_anew(void **state)
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
    assert_int_equal(revert_start(&first, true), VSS_E_REVERT_IN_PROGRESS);
    assert_int_equal(revert_start(&snapshot_id, true), VSS_E_REVERT_IN_PROGRESS);
    assert_int_equal(await_revert(), S_OK);
    assert_int_equal(differences(), 0);
    revert_well();
    assert_int_equal(catalog_delete_snapshot(&first, true), S_OK);
    snapshot_set_release(first_set);
}

/* Whoever holds the volume may be of another scope. */
static void a_volume_that_another_is_reverting_is_not_reverted(void **state)
{
    (void)state;
    struct volume *volume = NULL;
    struct file_lock *lock = NULL;
    assert_int_equal(volume_open(place.name, &volume), S_OK);
    spoil();
    assert_int_equal(revert_note_lock(volume, &lock), S_OK);
    assert_int_equal(revert_start(&snapshot_id, true), VSS_E_REVERT_IN_PROGRESS);
    file_lock_drop(lock, false);
    assert_spoilt();
    revert_well();
    volume_free(volume);
}

int main(int argc, char **argv)
{
#define with_copy(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        with_copy(a_process_may_die_at_any_operation_and_the_revert_is_finished_or_given_up),
        with_copy(what_is_saved_after_the_death_of_the_process_survives),
        with_copy(a_revert_that_failed_half_way_goes_on_when_asked),
        with_copy(a_copy_that_stopped_being_whole_while_it_was_waited_for_is_refused),
        with_copy(a_copy_that_was_exposed_once_cannot_be_reverted_to),
        with_copy(a_revert_that_left_out_what_was_saved_meanwhile_has_failed),
        with_copy(a_revert_whose_first_operation_fails_is_over_and_not_gone_on_with),
        with_copy(a_copy_that_was_torn_is_told_when_asked_and_changes_nothing),
        with_copy(a_revert_half_way_that_another_process_finished_is_done),
        with_copy(a_failure_is_not_told_once_another_process_has_reverted),
        with_copy(a_volume_half_way_is_not_reverted_anew),
        with_copy(a_volume_that_another_is_reverting_is_not_reverted),
    };
    if (argc == 3 && strcmp(argv[1], "revert") == 0)
        return revert_and_die(argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
