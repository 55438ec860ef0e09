/* SPDX-License-Identifier: MIT
 *
 * The catalog in one process: what is recorded when, what is refused, what survives damage. Several
 * processes: test_catalog_processes.c; death at every point: test_catalog_crash.c.
 */
#include "catalog_fixture.h"

#include "diag/log.h"
#include "support/fail_alloc.h"

/* ---- what is refused ---- */

static BOOL(WINAPI *real_membership)(HANDLE token, PSID sid, PBOOL is_member);

static BOOL WINAPI no_administrator(HANDLE token, PSID sid, PBOOL is_member)
{
    (void)token;
    (void)sid;
    *is_member = FALSE;
    return TRUE;
}

static bool pretend_no_administrator;

static BOOL WINAPI membership(HANDLE token, PSID sid, PBOOL is_member)
{
    if (pretend_no_administrator)
        return no_administrator(token, sid, is_member);
    if (!real_membership)
        real_membership = (BOOL(WINAPI *)(HANDLE, PSID, PBOOL))(void *)GetProcAddress(
            GetModuleHandleW(L"advapi32.dll"), "CheckTokenMembership");
    return real_membership(token, sid, is_member);
}

/* The import that private_folder.c calls. */
#ifdef _WIN64
#define IMPORT_NAME "__imp_CheckTokenMembership"
#else
#define IMPORT_NAME "__imp__CheckTokenMembership@12"
#endif
extern BOOL(WINAPI *const imported_membership)(HANDLE token, PSID sid, PBOOL is_member) __asm__(
    IMPORT_NAME);
BOOL(WINAPI *const imported_membership)(HANDLE token, PSID sid, PBOOL is_member) = membership;

static void give_to_another_user(const WCHAR *path)
{
    char *host_path = test_host_path(path);
    const char *arguments[] = {"chown", "65534", host_path, NULL};
    assert_true(test_host_run(arguments));
    HeapFree(GetProcessHeap(), 0, host_path);
}

static void deleting_a_snapshot_of_another_user_is_refused(void **state)
{
    (void)state;
    struct catalog_hold *hold;
    struct snapshot_set *set = committed_set(VSS_CTX_APP_ROLLBACK, &hold);
    WCHAR *record = file_of(&set->id, L".xml");
    give_to_another_user(record);
    pretend_no_administrator = true;
    HRESULT hr = catalog_delete_snapshot(member_id(set, 0), true);
    pretend_no_administrator = false;
    assert_int_equal(hr, E_ACCESSDENIED);
    assert_int_equal(count_sets(), 1);
    assert_int_equal(catalog_delete_snapshot(member_id(set, 0), false), S_OK);
    assert_int_equal(count_files(), 0);
    mem_free(record);
    snapshot_set_release(set);
}

static void what_nobody_made_is_not_found(void **state)
{
    (void)state;
    struct snapshot_set *found = NULL;
    struct snapshot_set *set = new_set(VSS_CTX_BACKUP);
    assert_int_equal(catalog_find_set(&set->id, &found), VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(catalog_find_snapshot(member_id(set, 0), &found), VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(catalog_delete_snapshot(member_id(set, 0), true), VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(catalog_update(set), VSS_E_OBJECT_NOT_FOUND);
    assert_null(found);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(set);
}

static void a_second_creation_is_in_progress(void **state)
{
    (void)state;
    struct catalog_creation *first = NULL;
    struct catalog_creation *second = NULL;
    assert_int_equal(catalog_creation_take(&first), S_OK);
    assert_int_equal(catalog_creation_take(&second), VSS_E_SNAPSHOT_SET_IN_PROGRESS);
    assert_null(second);
    catalog_creation_drop(first);
    assert_int_equal(catalog_creation_take(&second), S_OK);
    catalog_creation_drop(second);
    catalog_creation_drop(NULL);
}

static void a_snapshot_whose_provider_is_gone_stays(void **state)
{
    (void)state;
    struct catalog_hold *hold;
    struct snapshot_set *set = committed_set(VSS_CTX_APP_ROLLBACK, &hold);
    struct snapshot *snapshot = set->snapshots.items[0];
    assert_int_equal(CoCreateGuid(&snapshot->provider_id), S_OK);
    assert_int_equal(catalog_update(set), S_OK);
    assert_int_equal(catalog_delete_snapshot(&snapshot->id, true), VSS_E_PROVIDER_NOT_REGISTERED);
    assert_int_equal(count_sets(), 1);
    assert_int_equal(count_files(), 1);
    snapshot_set_release(set);
}

static void a_snapshot_that_its_provider_keeps_is_listed_again(void **state)
{
    (void)state;
    struct catalog_hold *hold;
    struct snapshot_set *found = NULL;
    struct snapshot_set *set = committed_set(VSS_CTX_APP_ROLLBACK, &hold);
    struct snapshot *snapshot = set->snapshots.items[0];
    snapshot->provider_id = provider_system_id;
    assert_int_equal(str16_assign(&snapshot->volume_name, NO_VOLUME), S_OK);
    assert_int_equal(catalog_update(set), S_OK);
    assert_int_equal(catalog_delete_snapshot(&snapshot->id, false), VSS_E_PROVIDER_VETO);
    assert_int_equal(catalog_find_snapshot(&snapshot->id, &found), S_OK);
    assert_true(guid_equal(&found->id, &set->id));
    assert_int_equal(found->snapshots.count, 1);
    assert_int_equal(count_files(), 1);
    assert_int_equal(catalog_delete_snapshot(&snapshot->id, true), S_OK);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(found);
    snapshot_set_release(set);
}

/* ---- damage ---- */

static WCHAR last_line[LOG_LINE_LENGTH];

static void keep_line(void *context, enum log_level level, const WCHAR *line)
{
    (void)context;
    (void)level;
    lstrcpynW(last_line, line, LOG_LINE_LENGTH);
}

static void a_damaged_record_is_skipped_and_kept(void **state)
{
    (void)state;
    struct catalog_hold *hold;
    struct snapshot_set *good = committed_set(VSS_CTX_APP_ROLLBACK, &hold);
    struct snapshot_set *bad = committed_set(VSS_CTX_APP_ROLLBACK, &hold);
    WCHAR *record = file_of(&bad->id, L".xml");
    test_write_text(record, "<not a record");
    assert_int_equal(log_set_sink(keep_line, NULL, LOG_WARNING), S_OK);
    assert_int_equal(count_sets(), 1);
    assert_int_equal(log_set_sink(NULL, NULL, LOG_ERROR), S_OK);
    assert_non_null(
        wcsstr(last_line, L"is damaged (line 1, column 1: it is not UTF-16 but eight-bit text)"));
    struct snapshot_set *found = NULL;
    assert_int_equal(catalog_find_set(&bad->id, &found), VSS_E_OBJECT_NOT_FOUND);
    assert_true(test_has_text(record, "<not a record"));
    mem_free(record);
    snapshot_set_release(bad);
    snapshot_set_release(good);
}

static void a_record_under_another_name_is_no_record(void **state)
{
    (void)state;
    struct catalog_hold *hold;
    GUID other;
    struct snapshot_set *set = committed_set(VSS_CTX_APP_ROLLBACK, &hold);
    assert_int_equal(CoCreateGuid(&other), S_OK);
    WCHAR *record = file_of(&set->id, L".xml");
    WCHAR *misnamed = file_of(&other, L".xml");
    assert_true(MoveFileW(record, misnamed));
    assert_int_equal(count_sets(), 0);
    assert_int_equal(catalog_delete_snapshot(member_id(set, 0), true), VSS_E_OBJECT_NOT_FOUND);
    assert_true(test_exists(misnamed));
    mem_free(misnamed);
    mem_free(record);
    snapshot_set_release(set);
}

static void left_overs_of_dead_processes_are_cleared_away(void **state)
{
    (void)state;
    GUID id;
    assert_int_equal(CoCreateGuid(&id), S_OK);
    WCHAR *lock = file_of(&id, L".lock");
    WCHAR *temporary = file_of(&id, L".xml.4711-1.tmp");
    WCHAR *foreign = in_folder(L"notes.txt");
    test_write_text(lock, "");
    test_write_text(temporary, "half a rec");
    test_write_text(foreign, "not ours");
    assert_int_equal(catalog_collect(), S_OK);
    assert_false(test_exists(lock));
    assert_false(test_exists(temporary));
    assert_true(test_exists(foreign));
    mem_free(foreign);
    mem_free(temporary);
    mem_free(lock);
}

/* ---- the life of a set ---- */

static void a_set_shows_when_it_is_committed(void **state)
{
    (void)state;
    struct catalog_hold *hold = NULL;
    struct snapshot_set *found = NULL;
    struct snapshot_set *set = new_set(VSS_CTX_BACKUP);
    assert_int_equal(catalog_begin(set, &hold), S_OK);
    assert_non_null(hold);
    assert_int_equal(count_sets(), 0);
    assert_int_equal(catalog_find_snapshot(member_id(set, 0), &found), VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(catalog_delete_snapshot(member_id(set, 0), true), VSS_E_OBJECT_NOT_FOUND);
    set->creating = false;
    assert_int_equal(catalog_commit(set, &hold), S_OK);
    assert_non_null(hold);
    assert_int_equal(catalog_find_set(&set->id, &found), S_OK);
    assert_int_equal(found->snapshots.count, 1);
    assert_false(found->creating);
    snapshot_set_release(found);
    assert_int_equal(catalog_forget(&set->id, hold), S_OK);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(set);
}

static void a_set_that_stays_needs_no_holder(void **state)
{
    (void)state;
    struct catalog_hold *hold;
    struct snapshot_set *set = committed_set(VSS_CTX_NAS_ROLLBACK, &hold);
    assert_null(hold);
    assert_false(file_of_exists(&set->id, L".lock"));
    assert_int_equal(catalog_collect(), S_OK);
    assert_int_equal(count_sets(), 1);
    snapshot_set_release(set);
}

static void a_set_dies_with_its_hold(void **state)
{
    (void)state;
    struct catalog_hold *hold;
    struct snapshot_set *set = committed_set(VSS_CTX_BACKUP, &hold);
    assert_int_equal(count_sets(), 1);
    catalog_release_hold(hold);
    catalog_release_hold(NULL);
    assert_int_equal(count_sets(), 0);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(set);
}

static void a_set_being_made_dies_with_its_hold(void **state)
{
    (void)state;
    struct catalog_hold *hold = NULL;
    struct snapshot_set *set = new_set(VSS_CTX_APP_ROLLBACK);
    assert_int_equal(catalog_begin(set, &hold), S_OK);
    catalog_release_hold(hold);
    assert_int_equal(catalog_collect(), S_OK);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(set);
}

static void members_go_one_by_one_and_the_record_with_the_last(void **state)
{
    (void)state;
    struct catalog_hold *hold = NULL;
    struct snapshot_set *found = NULL;
    struct snapshot_set *set = new_set(VSS_CTX_APP_ROLLBACK);
    const struct snapshot *first = set->snapshots.items[0];
    GUID second;
    assert_int_equal(CoCreateGuid(&second), S_OK);
    assert_non_null(
        snapshot_set_add(set, &second, &provider_live_id, first->volume_name, first->volume_path));
    assert_int_equal(catalog_begin(set, &hold), S_OK);
    set->creating = false;
    set->count_at_creation = 2;
    assert_int_equal(catalog_commit(set, &hold), S_OK);

    assert_int_equal(catalog_delete_snapshot(member_id(set, 0), false), S_OK);
    assert_int_equal(catalog_find_set(&set->id, &found), S_OK);
    assert_int_equal(found->snapshots.count, 1);
    assert_int_equal(found->count_at_creation, 2);
    assert_true(guid_equal(member_id(found, 0), &second));
    snapshot_set_release(found);
    assert_int_equal(catalog_delete_snapshot(member_id(set, 0), false), VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(catalog_delete_snapshot(&second, false), S_OK);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(set);
}

static void the_last_member_of_a_held_set_takes_its_record_along(void **state)
{
    (void)state;
    struct catalog_hold *hold;
    struct snapshot_set *set = committed_set(VSS_CTX_BACKUP, &hold);
    assert_int_equal(catalog_delete_snapshot(member_id(set, 0), false), S_OK);
    assert_int_equal(catalog_update(set), VSS_E_OBJECT_NOT_FOUND);
    catalog_release_hold(hold);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(set);
}

/* ---- faults ---- */

static void each_operation_has_its_fault(void **state)
{
    (void)state;
    static const WCHAR *const operations[] = {L"creation", L"begin", L"update", L"commit",
        L"forget", L"list", L"find", L"delete", L"collect"};
    struct catalog_hold *hold = NULL;
    struct catalog_creation *creation = NULL;
    struct snapshot_set *found = NULL;
    struct vec sets = {0};
    struct snapshot_set *set = new_set(VSS_CTX_BACKUP);
    for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++)
        assert_int_equal(fault_set("catalog", operations[i], E_ACCESSDENIED, 1, 0, 0), S_OK);
    assert_int_equal(catalog_creation_take(&creation), E_ACCESSDENIED);
    assert_int_equal(catalog_begin(set, &hold), E_ACCESSDENIED);
    assert_int_equal(catalog_update(set), E_ACCESSDENIED);
    assert_int_equal(catalog_commit(set, &hold), E_ACCESSDENIED);
    assert_int_equal(catalog_forget(&set->id, NULL), E_ACCESSDENIED);
    assert_int_equal(catalog_list(&sets), E_ACCESSDENIED);
    assert_int_equal(catalog_find_set(&set->id, &found), E_ACCESSDENIED);
    assert_int_equal(catalog_find_snapshot(&set->id, &found), E_ACCESSDENIED);
    assert_int_equal(catalog_delete_snapshot(&set->id, true), E_ACCESSDENIED);
    assert_int_equal(catalog_collect(), E_ACCESSDENIED);
    assert_null(creation);
    assert_null(hold);
    assert_null(found);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(set);
}

static unsigned operations_left;

static HRESULT fail_nth_operation(const char *operation, const WCHAR *path)
{
    (void)operation;
    (void)path;
    return operations_left && --operations_left == 0 ? HRESULT_FROM_WIN32(ERROR_WRITE_FAULT) : S_OK;
}

static const GUID set_id = {7, 0, 0, {0}};
static const GUID snapshot_id = {8, 0, 0, {0}};

/* A whole life; S_OK only if all of it went well. */
static HRESULT live_and_die(void)
{
    struct vec sets = {0};
    struct catalog_hold *hold = NULL;
    struct snapshot_set *set = snapshot_set_create(&set_id, VSS_CTX_BACKUP);
    if (!set || !snapshot_set_add(set, &snapshot_id, &provider_live_id, NO_VOLUME, L"C:\\"))
    {
        snapshot_set_release(set);
        return E_OUTOFMEMORY;
    }
    set->creating = true;
    HRESULT hr = catalog_begin(set, &hold);
    set->creating = false;
    if (SUCCEEDED(hr))
        hr = catalog_commit(set, &hold);
    if (SUCCEEDED(hr))
        hr = catalog_list(&sets);
    free_sets(&sets);
    if (SUCCEEDED(hr))
        hr = catalog_delete_snapshot(&snapshot_id, false);
    catalog_release_hold(hold);
    snapshot_set_release(set);
    return hr;
}

static void each_failing_file_operation_leaves_nothing_uncollected(void **state)
{
    (void)state;
    for (unsigned which = 1;; which++)
    {
        operations_left = which;
        base_hooks.before_file_op = fail_nth_operation;
        live_and_die();
        base_hooks.before_file_op = NULL;
        assert_int_equal(catalog_collect(), S_OK);
        assert_int_equal(count_files(), 0);
        if (operations_left)
            break;
    }
}

static void each_failing_allocation_leaves_nothing_uncollected(void **state)
{
    (void)state;
    bool hit;
    HRESULT hr;
    for (size_t which = 1;; which++)
    {
        fail_alloc(which);
        hr = live_and_die();
        hit = allow_allocs();
        /* Collecting may fail in passing; all else may not. */
        assert_true(hr == S_OK || hr == E_OUTOFMEMORY);
        assert_int_equal(catalog_collect(), S_OK);
        assert_int_equal(count_files(), 0);
        if (!hit)
            break;
    }
    assert_int_equal(hr, S_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        catalog_test(deleting_a_snapshot_of_another_user_is_refused),
        catalog_test(what_nobody_made_is_not_found),
        catalog_test(a_second_creation_is_in_progress),
        catalog_test(a_snapshot_whose_provider_is_gone_stays),
        catalog_test(a_snapshot_that_its_provider_keeps_is_listed_again),
        catalog_test(a_damaged_record_is_skipped_and_kept),
        catalog_test(a_record_under_another_name_is_no_record),
        catalog_test(left_overs_of_dead_processes_are_cleared_away),
        catalog_test(a_set_shows_when_it_is_committed),
        catalog_test(a_set_that_stays_needs_no_holder),
        catalog_test(a_set_dies_with_its_hold),
        catalog_test(a_set_being_made_dies_with_its_hold),
        catalog_test(members_go_one_by_one_and_the_record_with_the_last),
        catalog_test(the_last_member_of_a_held_set_takes_its_record_along),
        catalog_test(each_operation_has_its_fault),
        catalog_test(each_failing_file_operation_leaves_nothing_uncollected),
        catalog_test(each_failing_allocation_leaves_nothing_uncollected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
