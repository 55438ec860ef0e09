/* SPDX-License-Identifier: MIT
 *
 * Records and reverts: which snapshots can be reverted to, and what is not deleted or exposed while
 * a volume is being reverted or half way.
 */
#include "catalog_fixture.h"

#include "catalog/catalog_revert.h"
#include "provider/revert_note.h"

static struct test_volume place;
static struct volume *volume;

static int set_up(void **state)
{
    int result = empty_catalog(state);
    test_volume_make(&place);
    assert_int_equal(volume_open(place.name, &volume), S_OK);
    /* As a copy on the volume makes them. */
    test_make_folder(test_path(place.folder, L"System Volume Information"));
    test_make_folder(test_path(place.folder, L"System Volume Information\\Thawline"));
    return result;
}

static int tear_down(void **state)
{
    memset(&base_hooks, 0, sizeof(base_hooks));
    volume_free(volume);
    volume = NULL;
    test_volume_remove(&place);
    return check_catalog(state);
}

/* Of the test's volume. */
static struct snapshot_set *persistent_set(void)
{
    struct catalog_hold *hold = NULL;
    struct snapshot_set *set = new_set(VSS_CTX_NAS_ROLLBACK);
    struct snapshot *member = set->snapshots.items[0];
    assert_int_equal(str16_assign(&member->volume_name, volume->name), S_OK);
    assert_int_equal(catalog_begin(set, &hold), S_OK);
    set->creating = false;
    assert_int_equal(catalog_commit(set, &hold), S_OK);
    return set;
}

static HRESULT find(const struct snapshot_set *set)
{
    struct snapshot_set *now = NULL;
    HRESULT hr = catalog_revert_find(member_id(set, 0), &now);
    assert_int_equal(now != NULL, SUCCEEDED(hr));
    if (now)
        assert_non_null(snapshot_set_find(now, member_id(set, 0)));
    snapshot_set_release(now);
    return hr;
}

static HRESULT delete_first(const struct snapshot_set *set)
{
    return catalog_delete_snapshot(member_id(set, 0), true);
}

static HRESULT expose_first(const struct snapshot_set *set)
{
    WCHAR *name = NULL;
    const struct catalog_wish wish = {.name = L"no such folder\\"};
    HRESULT hr = catalog_expose(member_id(set, 0), &wish, &name);
    mem_free(name);
    return hr;
}

/* ---- What can be reverted to ---- */

static void a_snapshot_is_found_until_it_is_deleted(void **state)
{
    (void)state;
    struct snapshot_set *set = persistent_set();
    assert_int_equal(find(set), S_OK);
    assert_int_equal(delete_first(set), S_OK);
    assert_int_equal(find(set), VSS_E_OBJECT_NOT_FOUND);
    snapshot_set_release(set);
}

/* Its deletion was begun by a process that died before it took it out of its set. */
static void a_snapshot_that_is_half_deleted_is_not_found(void **state)
{
    (void)state;
    struct catalog_folder folder = {0};
    struct snapshot_set *set = persistent_set();
    struct snapshot_set *deletion = snapshot_set_create(member_id(set, 0), VSS_CTX_NAS_ROLLBACK);
    assert_non_null(deletion);
    assert_true(vec_push(&deletion->snapshots, snapshot_clone(set->snapshots.items[0])));
    deletion->creating = true;
    assert_int_equal(catalog_folder_enter(&folder), S_OK);
    assert_int_equal(catalog_record_write(&folder, deletion), S_OK);
    catalog_folder_leave(&folder);
    assert_int_equal(find(set), VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(catalog_collect(), S_OK);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(deletion);
    snapshot_set_release(set);
}

/* ---- What is kept ---- */

static void nothing_of_a_volume_is_deleted_or_exposed_while_it_is_reverted(void **state)
{
    (void)state;
    struct file_lock *lock = NULL;
    struct snapshot_set *set = persistent_set();
    struct snapshot_set *other = persistent_set();
    assert_int_equal(revert_note_lock(volume, &lock), S_OK);
    assert_int_equal(delete_first(set), VSS_E_PROVIDER_VETO);
    assert_int_equal(delete_first(other), VSS_E_PROVIDER_VETO);
    assert_int_equal(expose_first(set), VSS_E_PROVIDER_VETO);
    assert_int_equal(find(set), S_OK);
    file_lock_drop(lock, false);
    assert_int_equal(delete_first(other), S_OK);
    assert_int_equal(delete_first(set), S_OK);
    assert_int_equal(count_files(), 0);
    snapshot_set_release(other);
    snapshot_set_release(set);
}

static void the_snapshot_to_which_a_volume_is_half_way_is_kept(void **state)
{
    (void)state;
    struct snapshot_set *set = persistent_set();
    struct snapshot_set *other = persistent_set();
    assert_int_equal(revert_note_write(volume, member_id(set, 0)), S_OK);
    assert_int_equal(delete_first(set), VSS_E_PROVIDER_VETO);
    assert_int_equal(expose_first(set), VSS_E_PROVIDER_VETO);
    assert_int_equal(delete_first(other), S_OK);
    assert_int_equal(revert_note_remove(volume), S_OK);
    assert_int_equal(expose_first(set), E_INVALIDARG);
    assert_int_equal(delete_first(set), S_OK);
    snapshot_set_release(other);
    snapshot_set_release(set);
}

/* What it says is not known: it counts as half way to any of the volume's snapshots. */
static void a_note_that_cannot_be_read_keeps_all_snapshots_of_the_volume(void **state)
{
    (void)state;
    struct snapshot_set *set = persistent_set();
    struct snapshot_set *other = persistent_set();
    assert_int_equal(revert_note_write(volume, member_id(set, 0)), S_OK);
    const WCHAR *note = test_path(place.folder, REVERT_FOLDER L"\\note");
    test_write_text(note, "rubbish");
    assert_int_equal(delete_first(set), VSS_E_PROVIDER_VETO);
    assert_int_equal(delete_first(other), VSS_E_PROVIDER_VETO);
    assert_int_equal(expose_first(set), VSS_E_PROVIDER_VETO);
    test_delete(note);
    assert_int_equal(delete_first(set), S_OK);
    assert_int_equal(delete_first(other), S_OK);
    snapshot_set_release(other);
    snapshot_set_release(set);
}

/* ---- Deletions that fail ---- */

static bool listed_with_digest(const struct snapshot_set *set)
{
    struct snapshot_set *found = NULL;
    assert_int_equal(catalog_find_snapshot(member_id(set, 0), &found), S_OK);
    const struct snapshot *member = found->snapshots.items[0];
    bool has = member->digest != NULL;
    snapshot_set_release(found);
    return has;
}

static void a_snapshot_whose_deletion_failed_is_not_whole_any_more(void **state)
{
    (void)state;
    struct catalog_hold *hold = NULL;
    struct snapshot_set *set = new_set(VSS_CTX_NAS_ROLLBACK);
    struct snapshot *member = set->snapshots.items[0];
    member->provider_id = provider_system_id;
    assert_int_equal(str16_assign(&member->volume_name, NO_VOLUME), S_OK);
    assert_int_equal(str16_assign(&member->digest, L"0123456789abcdef"), S_OK);
    assert_int_equal(catalog_begin(set, &hold), S_OK);
    set->creating = false;
    assert_int_equal(catalog_commit(set, &hold), S_OK);
    assert_true(listed_with_digest(set));
    assert_int_equal(catalog_delete_snapshot(member_id(set, 0), false), VSS_E_PROVIDER_VETO);
    assert_false(listed_with_digest(set));
    assert_int_equal(catalog_delete_snapshot(member_id(set, 0), true), S_OK);
    snapshot_set_release(set);
}

int main(void)
{
#define with_volume(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        with_volume(a_snapshot_is_found_until_it_is_deleted),
        with_volume(a_snapshot_that_is_half_deleted_is_not_found),
        with_volume(nothing_of_a_volume_is_deleted_or_exposed_while_it_is_reverted),
        with_volume(the_snapshot_to_which_a_volume_is_half_way_is_kept),
        with_volume(a_note_that_cannot_be_read_keeps_all_snapshots_of_the_volume),
        with_volume(a_snapshot_whose_deletion_failed_is_not_whole_any_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
