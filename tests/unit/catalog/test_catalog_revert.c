/* SPDX-License-Identifier: MIT
 *
 * Notes of reverts: who may revert, what outlives a process, and what is never done twice.
 */
#include "catalog_fixture.h"

#include "catalog/catalog_revert.h"

static const struct snapshot *first_of(const struct snapshot_set *set)
{
    return set->snapshots.items[0];
}

static struct snapshot_set *persistent_set(void)
{
    struct catalog_hold *hold = NULL;
    return committed_set(VSS_CTX_NAS_ROLLBACK, &hold);
}

static HRESULT take(const struct snapshot_set *set, struct catalog_revert **revert)
{
    struct snapshot_set *now = NULL;
    HRESULT hr = catalog_revert_take(
        first_of(set)->volume_name, member_id(set, 0), revert, &now);
    assert_int_equal(now != NULL, SUCCEEDED(hr));
    snapshot_set_release(now);
    return hr;
}

/* S_FALSE: nothing is noted. */
static HRESULT noted(const struct snapshot_set *set, GUID *id)
{
    bool running = true;
    HRESULT hr = catalog_revert_find(first_of(set)->volume_name, id, &running);
    if (hr == S_OK)
        assert_false(running);
    return hr;
}

static HRESULT delete_first(const struct snapshot_set *set)
{
    return catalog_delete_snapshot(member_id(set, 0), true);
}

static WCHAR *note_of(const struct snapshot_set *set)
{
    WCHAR name[GUID_TEXT_LENGTH + 16];
    wcsncpy(name, wcschr(first_of(set)->volume_name, L'{') + 1, GUID_TEXT_LENGTH);
    name[GUID_TEXT_LENGTH] = 0;
    wcscat(name, L".revert");
    return in_folder(name);
}

static void a_volume_is_taken_once(void **state)
{
    (void)state;
    struct catalog_revert *revert = NULL;
    struct catalog_revert *second = NULL;
    struct snapshot_set *set = persistent_set();
    assert_int_equal(take(set, &revert), S_OK);
    assert_int_equal(take(set, &second), VSS_E_REVERT_IN_PROGRESS);
    assert_null(second);
    assert_int_equal(catalog_revert_end(revert, CATALOG_REVERT_STOPPED), S_OK);
    assert_int_equal(take(set, &revert), S_OK);
    assert_int_equal(catalog_revert_end(revert, CATALOG_REVERT_STOPPED), S_OK);
    assert_int_equal(delete_first(set), S_OK);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(set);
}

static void a_snapshot_that_was_deleted_is_not_reverted_to(void **state)
{
    (void)state;
    struct catalog_revert *revert = NULL;
    struct snapshot_set *set = persistent_set();
    assert_int_equal(delete_first(set), S_OK);
    assert_int_equal(take(set, &revert), VSS_E_OBJECT_NOT_FOUND);
    assert_null(revert);
    snapshot_set_release(set);
}

/* Its deletion was begun by a process that died before it took it out of its set. */
static void a_snapshot_that_is_half_deleted_is_not_reverted_to(void **state)
{
    (void)state;
    struct catalog_revert *revert = NULL;
    struct catalog_folder folder = {0};
    struct snapshot_set *set = persistent_set();
    struct snapshot_set *deletion = snapshot_set_create(member_id(set, 0), VSS_CTX_NAS_ROLLBACK);
    assert_non_null(deletion);
    assert_true(vec_push(&deletion->snapshots, snapshot_clone(first_of(set))));
    deletion->creating = true;
    assert_int_equal(catalog_folder_enter(&folder), S_OK);
    assert_int_equal(catalog_record_write(&folder, deletion), S_OK);
    catalog_folder_leave(&folder);
    assert_int_equal(take(set, &revert), VSS_E_OBJECT_NOT_FOUND);
    assert_null(revert);
    assert_int_equal(catalog_collect(), S_OK);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(deletion);
    snapshot_set_release(set);
}

static void nothing_of_the_volume_is_deleted_while_it_is_taken(void **state)
{
    (void)state;
    struct catalog_revert *revert = NULL;
    struct snapshot_set *set = persistent_set();
    struct snapshot_set *other = persistent_set();
    assert_int_equal(take(set, &revert), S_OK);
    assert_int_equal(delete_first(set), VSS_E_PROVIDER_VETO);
    assert_int_equal(delete_first(other), VSS_E_PROVIDER_VETO);
    assert_int_equal(catalog_revert_end(revert, CATALOG_REVERT_STOPPED), S_OK);
    assert_int_equal(delete_first(other), S_OK);
    assert_int_equal(delete_first(set), S_OK);
    snapshot_set_release(other);
    snapshot_set_release(set);
}

static void a_revert_half_way_is_noted_and_keeps_its_snapshot(void **state)
{
    (void)state;
    GUID id;
    struct catalog_revert *revert = NULL;
    struct snapshot_set *set = persistent_set();
    struct snapshot_set *other = persistent_set();
    assert_int_equal(noted(set, &id), S_FALSE);
    assert_int_equal(take(set, &revert), S_OK);
    assert_int_equal(catalog_revert_note(revert), S_OK);
    assert_int_equal(catalog_revert_end(revert, CATALOG_REVERT_HALF), S_OK);
    assert_int_equal(noted(set, &id), S_OK);
    assert_memory_equal(&id, member_id(set, 0), sizeof(id));
    assert_int_equal(delete_first(set), VSS_E_PROVIDER_VETO);
    assert_int_equal(delete_first(other), S_OK);
    assert_int_equal(take(set, &revert), S_OK);
    assert_int_equal(catalog_revert_end(revert, CATALOG_REVERT_DONE), S_OK);
    assert_int_equal(noted(set, &id), S_FALSE);
    assert_int_equal(delete_first(set), S_OK);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(other);
    snapshot_set_release(set);
}

static void a_revert_that_changed_nothing_leaves_no_note(void **state)
{
    (void)state;
    GUID id;
    struct catalog_revert *revert = NULL;
    struct snapshot_set *set = persistent_set();
    assert_int_equal(take(set, &revert), S_OK);
    assert_int_equal(catalog_revert_note(revert), S_OK);
    assert_int_equal(catalog_revert_end(revert, CATALOG_REVERT_UNTOUCHED), S_OK);
    assert_int_equal(noted(set, &id), S_FALSE);
    assert_int_equal(delete_first(set), S_OK);
    snapshot_set_release(set);
}

static void an_earlier_note_survives_a_revert_that_does_not_begin(void **state)
{
    (void)state;
    GUID id;
    struct catalog_revert *revert = NULL;
    struct snapshot_set *set = persistent_set();
    struct snapshot_set *other = persistent_set();
    assert_int_equal(take(set, &revert), S_OK);
    assert_int_equal(catalog_revert_note(revert), S_OK);
    assert_int_equal(catalog_revert_end(revert, CATALOG_REVERT_HALF), S_OK);

    assert_int_equal(take(other, &revert), S_OK);
    assert_int_equal(catalog_revert_end(revert, CATALOG_REVERT_STOPPED), S_OK);
    assert_int_equal(noted(set, &id), S_OK);
    assert_memory_equal(&id, member_id(set, 0), sizeof(id));

    assert_int_equal(take(other, &revert), S_OK);
    assert_int_equal(catalog_revert_note(revert), S_OK);
    assert_int_equal(catalog_revert_end(revert, CATALOG_REVERT_UNTOUCHED), S_OK);
    assert_int_equal(noted(set, &id), S_OK);
    assert_memory_equal(&id, member_id(set, 0), sizeof(id));
    assert_int_equal(delete_first(set), VSS_E_PROVIDER_VETO);

    assert_int_equal(take(other, &revert), S_OK);
    assert_int_equal(catalog_revert_note(revert), S_OK);
    assert_int_equal(catalog_revert_end(revert, CATALOG_REVERT_DONE), S_OK);
    assert_int_equal(delete_first(set), S_OK);
    assert_int_equal(delete_first(other), S_OK);
    snapshot_set_release(other);
    snapshot_set_release(set);
}

/* ---- Notes that can't be removed or read ---- */

static const char *failing[2];

static HRESULT fail_operation(const char *operation, const WCHAR *path)
{
    size_t length = wcslen(path);
    if (length < 7 || wcscmp(path + length - 7, L".revert") != 0)
        return S_OK;
    for (size_t i = 0; i < 2; i++)
        if (failing[i] && strcmp(operation, failing[i]) == 0)
            return HRESULT_FROM_WIN32(ERROR_WRITE_FAULT);
    return S_OK;
}

static void fail_at(const char *first, const char *second)
{
    failing[0] = first;
    failing[1] = second;
    base_hooks.before_file_op = fail_operation;
}

static void a_note_that_cannot_be_deleted_says_that_it_is_over(void **state)
{
    (void)state;
    GUID id;
    struct catalog_revert *revert = NULL;
    struct snapshot_set *set = persistent_set();
    assert_int_equal(take(set, &revert), S_OK);
    assert_int_equal(catalog_revert_note(revert), S_OK);
    fail_at("delete", NULL);
    assert_int_equal(catalog_revert_end(revert, CATALOG_REVERT_DONE), S_OK);
    base_hooks.before_file_op = NULL;
    assert_int_equal(noted(set, &id), S_FALSE);
    assert_int_equal(delete_first(set), S_OK);
    snapshot_set_release(set);
}

static void a_note_that_cannot_be_removed_at_all_fails_the_end_and_keeps_the_volume(void **state)
{
    (void)state;
    GUID id;
    struct catalog_revert *revert = NULL;
    struct catalog_revert *second = NULL;
    struct snapshot_set *set = persistent_set();
    assert_int_equal(take(set, &revert), S_OK);
    assert_int_equal(catalog_revert_note(revert), S_OK);
    fail_at("delete", "create");
    assert_true(FAILED(catalog_revert_end(revert, CATALOG_REVERT_DONE)));
    base_hooks.before_file_op = NULL;
    assert_int_equal(take(set, &second), VSS_E_REVERT_IN_PROGRESS);
    assert_int_equal(catalog_revert_end(revert, CATALOG_REVERT_DONE), S_OK);
    assert_int_equal(noted(set, &id), S_FALSE);
    assert_int_equal(delete_first(set), S_OK);
    snapshot_set_release(set);
}

static void a_note_that_cannot_be_written_begins_nothing(void **state)
{
    (void)state;
    GUID id;
    struct catalog_revert *revert = NULL;
    struct snapshot_set *set = persistent_set();
    assert_int_equal(take(set, &revert), S_OK);
    fail_at("create", NULL);
    assert_true(FAILED(catalog_revert_note(revert)));
    base_hooks.before_file_op = NULL;
    assert_int_equal(catalog_revert_end(revert, CATALOG_REVERT_UNTOUCHED), S_OK);
    assert_int_equal(noted(set, &id), S_FALSE);
    assert_int_equal(delete_first(set), S_OK);
    snapshot_set_release(set);
}

/* What it says is not known: it counts as a revert half way to any of the volume's snapshots. */
static void a_note_that_cannot_be_read_keeps_all_snapshots_of_the_volume(void **state)
{
    (void)state;
    GUID id;
    struct catalog_revert *revert = NULL;
    struct snapshot_set *set = persistent_set();
    WCHAR *note = note_of(set);
    test_write_text(note, "rubbish");
    assert_int_equal(delete_first(set), VSS_E_PROVIDER_VETO);
    assert_true(FAILED(noted(set, &id)));
    assert_true(FAILED(take(set, &revert)));
    test_delete(note);
    assert_int_equal(delete_first(set), S_OK);
    struct snapshot_set *other = persistent_set();
    fail_at("open", NULL);
    assert_int_equal(delete_first(other), VSS_E_PROVIDER_VETO);
    base_hooks.before_file_op = NULL;
    assert_int_equal(delete_first(other), S_OK);
    mem_free(note);
    snapshot_set_release(other);
    snapshot_set_release(set);
}

/* ---- Deletions that fail ---- */

static bool listed_as_whole(const struct snapshot_set *set)
{
    struct snapshot_set *found = NULL;
    assert_int_equal(catalog_find_snapshot(member_id(set, 0), &found), S_OK);
    bool whole = first_of(found)->whole;
    snapshot_set_release(found);
    return whole;
}

static void a_snapshot_whose_deletion_failed_is_not_whole_any_more(void **state)
{
    (void)state;
    struct catalog_hold *hold = NULL;
    struct snapshot_set *set = new_set(VSS_CTX_NAS_ROLLBACK);
    struct snapshot *member = set->snapshots.items[0];
    member->provider_id = provider_system_id;
    assert_int_equal(str16_assign(&member->volume_name, NO_VOLUME), S_OK);
    member->whole = true;
    assert_int_equal(catalog_begin(set, &hold), S_OK);
    set->creating = false;
    assert_int_equal(catalog_commit(set, &hold), S_OK);
    assert_true(listed_as_whole(set));
    assert_int_equal(catalog_delete_snapshot(member_id(set, 0), false), VSS_E_PROVIDER_VETO);
    assert_false(listed_as_whole(set));
    assert_int_equal(catalog_delete_snapshot(member_id(set, 0), true), S_OK);
    snapshot_set_release(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        catalog_test(a_volume_is_taken_once),
        catalog_test(a_snapshot_that_was_deleted_is_not_reverted_to),
        catalog_test(a_snapshot_that_is_half_deleted_is_not_reverted_to),
        catalog_test(nothing_of_the_volume_is_deleted_while_it_is_taken),
        catalog_test(a_revert_half_way_is_noted_and_keeps_its_snapshot),
        catalog_test(a_revert_that_changed_nothing_leaves_no_note),
        catalog_test(an_earlier_note_survives_a_revert_that_does_not_begin),
        catalog_test(a_note_that_cannot_be_deleted_says_that_it_is_over),
        catalog_test(a_note_that_cannot_be_removed_at_all_fails_the_end_and_keeps_the_volume),
        catalog_test(a_note_that_cannot_be_written_begins_nothing),
        catalog_test(a_note_that_cannot_be_read_keeps_all_snapshots_of_the_volume),
        catalog_test(a_snapshot_whose_deletion_failed_is_not_whole_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
