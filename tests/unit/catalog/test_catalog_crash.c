/* SPDX-License-Identifier: MIT
 *
 * A process that dies at any file operation, in the middle of making, keeping or deleting a set
 * with real copies, leaves either a whole set or something that the next process clears away
 * without a trace.
 */
#include "catalog_fixture.h"

#include "unit/os/child.h"

#define EXIT_KILLED 9
/* The child gets its volume and the number of the operation at which it dies in one argument: `X:\
   17 16`. */
#define ARGUMENT_FORMAT L"%lc: %u %d"

/* ---- the process that dies ---- */

static unsigned operations_left;

static HRESULT die_at_operation(const char *operation, const WCHAR *path)
{
    (void)operation;
    (void)path;
    if (operations_left && --operations_left == 0)
        TerminateProcess(GetCurrentProcess(), EXIT_KILLED);
    return S_OK;
}

static HRESULT make_copy(struct snapshot_set *set, const struct volume *volume)
{
    struct provider_work *work = NULL;
    struct provider_briefing briefing = {0};
    struct provider *provider = provider_find(&provider_system_id);
    struct snapshot *snapshot = set->snapshots.items[0];
    HRESULT hr = provider->ops->begin_prepare(
        provider, &set->id, &snapshot->id, volume, set->context, &work);
    if (hr == S_OK)
        hr = provider->ops->end_prepare(work, &briefing);
    if (hr == S_OK)
        hr = provider->ops->commit(work);
    if (hr == S_OK)
        hr = provider->ops->describe(work, snapshot);
    if (work)
        provider->ops->finish(work);
    return hr;
}

/* A whole life of a set, from the creation lock to its deletion. */
static int live(const char *argument)
{
    WCHAR name[] = L"?:\\";
    int context = 0;
    name[0] = (WCHAR)argument[0];
    if (sscanf(argument + 2, "%u %d", &operations_left, &context) != 2)
        return 20;
    struct catalog_creation *creation = NULL;
    struct catalog_hold *hold = NULL;
    struct volume *volume = NULL;
    GUID id;
    base_hooks.before_file_op = die_at_operation;
    CoCreateGuid(&id);
    struct snapshot_set *set = snapshot_set_create(&id, context);
    CoCreateGuid(&id);
    if (volume_open(name, &volume) != S_OK ||
        !snapshot_set_add(set, &id, &provider_system_id, volume->name, volume->path))
        return 21;
    set->creating = true;
    if (catalog_creation_take(&creation) != S_OK || catalog_begin(set, &hold) != S_OK ||
        make_copy(set, volume) != S_OK)
        return 22;
    set->creating = false;
    if (catalog_commit(set, &hold) != S_OK)
        return 23;
    catalog_creation_drop(creation);
    if (catalog_delete_snapshot(&id, false) != S_OK)
        return 24;
    catalog_release_hold(hold);
    return 0;
}

/* ---- the one that comes after ---- */

static struct test_volume place;

static int open_place(void **state)
{
    test_volume_make(&place);
    test_make_folder(test_path(place.folder, L"dir"));
    test_write_text(test_path(place.folder, L"dir\\a.txt"), "alpha");
    test_write_text(test_path(place.folder, L"b.txt"), "bravo");
    return empty_catalog(state);
}

static int close_place(void **state)
{
    int result = check_catalog(state);
    test_volume_remove(&place);
    return result;
}

/* What is listed is whole, and goes when it is deleted. Returns how many sets there were. */
static size_t check_sets(void)
{
    struct vec sets = {0};
    assert_int_equal(catalog_list(&sets), S_OK);
    size_t count = sets.count;
    for (size_t i = 0; i < count; i++)
    {
        const struct snapshot_set *set = sets.items[i];
        const struct snapshot *snapshot = set->snapshots.items[0];
        assert_true(set->context & VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE);
        WCHAR original[] = L"\\\\?\\?:";
        original[4] = place.name[0];
        assert_int_equal(
            test_compare_trees(original, snapshot->device_object, L"System Volume Information"), 0);
        assert_int_equal(catalog_delete_snapshot(&snapshot->id, false), S_OK);
    }
    free_sets(&sets);
    return count;
}

static void die_everywhere(int context, bool sets_stay)
{
    size_t whole_sets = 0;
    DWORD code = EXIT_KILLED;
    for (unsigned operation = 1; code == EXIT_KILLED; operation++)
    {
        WCHAR argument[64];
        char rest[8];
        swprintf(argument, 64, ARGUMENT_FORMAT, place.name[0], operation, context);
        struct child child = child_start(NULL, "live", argument);
        code = child_finish(&child, rest, sizeof(rest));
        assert_true(code == EXIT_KILLED || code == 0);
        whole_sets += check_sets();
        /* The system gives the locks of a dead process back a moment after it is seen to be
           dead. */
        for (int i = 0; i < 100 && count_files(); i++)
        {
            Sleep(20);
            assert_int_equal(catalog_collect(), S_OK);
        }
        if (count_files() || test_exists(test_path(place.folder, L"System Volume Information")))
            fail_msg("something is left after death at operation %u", operation);
    }
    assert_int_equal(code, 0);
    /* between commit and deletion */
    assert_true(sets_stay ? whole_sets > 0 : whole_sets == 0);
}

static void death_at_any_point_leaves_nothing_of_a_set_that_dies_with_its_process(void **state)
{
    (void)state;
    die_everywhere(VSS_CTX_BACKUP, false);
}

static void death_at_any_point_leaves_a_whole_set_that_stays_or_nothing(void **state)
{
    (void)state;
    die_everywhere(VSS_CTX_APP_ROLLBACK, true);
}

int main(int argc, char **argv)
{
    if (argc > 2 && strcmp(argv[1], "live") == 0)
        return live(argv[2]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            death_at_any_point_leaves_nothing_of_a_set_that_dies_with_its_process, open_place,
            close_place),
        cmocka_unit_test_setup_teardown(
            death_at_any_point_leaves_a_whole_set_that_stays_or_nothing, open_place, close_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
