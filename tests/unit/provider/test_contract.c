/* SPDX-License-Identifier: MIT
 *
 * What provider.h promises of every provider, checked for each of the built-in ones on each file
 * system that it is for; and which of them is chosen.
 */
#include <cmocka.h>
#include <stdio.h>

#include "clone_fixture.h"

static struct clone_fixture fixture;

/* Typed from README: the ids by which requestors ask for a provider. */
static const GUID btrfs_id = {
    0x8dd67330, 0x9056, 0x4695, {0xb2, 0xe3, 0x3c, 0x77, 0x6c, 0x05, 0xce, 0x60}};
static const GUID reflink_id = {
    0x5e173dab, 0x132a, 0x47c9, {0xb5, 0x4d, 0x99, 0xfb, 0x59, 0x19, 0xb1, 0x86}};

struct target
{
    const char *name;
    const GUID *provider_id;
    enum test_volume_kind kind;
    bool live; /* makes no copy */
};

static const struct target targets[] = {
    {"clone", &provider_system_id, TEST_ON_TEMP, false},
    {"live", &provider_live_id, TEST_ON_TEMP, true},
    {"clone on btrfs", &provider_system_id, TEST_ON_BTRFS, false},
    {"clone on XFS", &provider_system_id, TEST_ON_XFS, false},
    {"clone on ext4", &provider_system_id, TEST_ON_EXT4, false},
    {"btrfs", &btrfs_id, TEST_ON_BTRFS, false},
    {"reflink on XFS", &reflink_id, TEST_ON_XFS, false},
    {"reflink on btrfs", &reflink_id, TEST_ON_BTRFS_FOLDER, false},
};

static const struct target *open_target(void **state)
{
    const struct target *target = *state;
    fixture_open_on(&fixture, target->provider_id, target->kind);
    return target;
}

static struct provider *provider_of(void **state)
{
    const struct target *target = *state;
    struct provider *provider = provider_find(target->provider_id);
    assert_non_null(provider);
    return provider;
}

/* ---- for each provider ---- */

static void all_that_must_be_there_is(void **state)
{
    const struct provider_ops *ops = provider_of(state)->ops;
    assert_non_null(ops->is_volume_supported);
    assert_non_null(ops->begin_prepare);
    assert_non_null(ops->end_prepare);
    assert_non_null(ops->commit);
    assert_non_null(ops->describe);
    assert_non_null(ops->finish);
    assert_non_null(ops->abort);
    assert_non_null(ops->delete_snapshot);
}

static void it_has_a_name_and_is_found_by_its_id(void **state)
{
    struct provider *provider = provider_of(state);
    assert_ptr_equal(provider_find(&provider->id), provider);
    assert_false(guid_is_null(&provider->id));
    assert_false(guid_is_null(&provider->version_id));
    assert_true(provider->name && *provider->name && provider->version && *provider->version);
    assert_true(provider->type == VSS_PROV_SYSTEM || provider->type == VSS_PROV_SOFTWARE);
}

static bool supports(struct provider *provider, const struct volume *volume, LONG context)
{
    bool supported = false;
    assert_int_equal(
        provider->ops->is_volume_supported(provider, volume, context, &supported), S_OK);
    return supported;
}

static void only_local_disks_and_no_transportable_copies(void **state)
{
    open_target(state);
    static const LONG contexts[] = {VSS_CTX_BACKUP, VSS_CTX_FILE_SHARE_BACKUP, VSS_CTX_NAS_ROLLBACK,
        VSS_CTX_APP_ROLLBACK, VSS_CTX_CLIENT_ACCESSIBLE, VSS_CTX_CLIENT_ACCESSIBLE_WRITERS};
    for (size_t i = 0; i < sizeof(contexts) / sizeof(*contexts); i++)
        assert_true(supports(fixture.provider, fixture.volume, contexts[i]));
    assert_false(supports(
        fixture.provider, fixture.volume, VSS_CTX_BACKUP | VSS_VOLSNAP_ATTR_TRANSPORTABLE));
    fixture.volume->fixed = false;
    assert_false(supports(fixture.provider, fixture.volume, VSS_CTX_BACKUP));
    fixture_close(&fixture);
}

static void abort_is_fine_after_every_step(void **state)
{
    const struct target *target = open_target(state);
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    for (int steps = 0; steps < 6; steps++)
    {
        assert_int_equal(fixture_begin(&fixture, VSS_CTX_BACKUP), S_OK);
        if (steps > 0)
            assert_int_equal(fixture_prepare(&fixture), S_OK);
        if (steps > 1)
            assert_int_equal(fixture_commit(&fixture), S_OK);
        if (steps > 2)
            assert_int_equal(fixture.provider->ops->describe(fixture.work, fixture.snapshot), S_OK);
        if (steps > 3 && fixture.provider->ops->pre_final_commit)
            assert_int_equal(fixture.provider->ops->pre_final_commit(fixture.work), S_OK);
        if (steps > 4 && fixture.provider->ops->post_final_commit)
            assert_int_equal(fixture.provider->ops->post_final_commit(fixture.work), S_OK);
        fixture_abort(&fixture);
        if (steps > 2 && !target->live)
            assert_false(test_exists(fixture.snapshot->device_object));
        assert_int_equal(count_in_stores(&fixture), 0);
        /* deleting what is not there */
        assert_int_equal(fixture_delete(&fixture), S_OK);
    }
    fixture_close(&fixture);
}

static void a_snapshot_is_described_and_shows_the_files(void **state)
{
    const struct target *target = open_target(state);
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    fixture_make(&fixture);
    const WCHAR *device = fixture.snapshot->device_object;
    assert_non_null(device);
    assert_int_equal(wcsncmp(device, L"\\\\?\\", 4), 0);
    assert_int_not_equal(device[wcslen(device) - 1], L'\\');
    assert_true(fixture.snapshot->consistency && *fixture.snapshot->consistency);
    assert_true(test_has_text(in_copy(&fixture, L"a.txt"), "alpha"));
    assert_int_equal(fixture_delete(&fixture), S_OK);
    if (!target->live)
        assert_false(test_exists(device));
    assert_int_equal(fixture_delete(&fixture), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
    assert_true(test_has_text(in_place(&fixture, L"a.txt"), "alpha"));
    fixture_close(&fixture);
}

/* Requestor 5: what backup tools look for in the name. */
static void a_copy_has_the_device_name_of_a_shadow_copy(void **state)
{
    static const WCHAR device[] = L"\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy";
    static const WCHAR volume_device[] = L"\\\\?\\GLOBALROOT\\Device\\HarddiskVolume";
    const struct target *target = open_target(state);
    if (target->live)
    {
        fixture_close(&fixture);
        return;
    }
    fixture_make(&fixture);
    const WCHAR *expected = settings_is_wine() ? device : volume_device;
    assert_int_equal(
        wcsncmp(fixture.snapshot->device_object, expected, wcslen(expected)), 0);
    assert_null(wcschr(fixture.snapshot->device_object + wcslen(expected),
        settings_is_wine() ? L'\\' : L'/'));
    fixture_close(&fixture);
}

static void two_sets_may_be_prepared_at_once(void **state)
{
    open_target(state);
    struct provider_work *second = NULL;
    GUID set_id;
    GUID snapshot_id;
    assert_int_equal(CoCreateGuid(&set_id), S_OK);
    assert_int_equal(CoCreateGuid(&snapshot_id), S_OK);
    assert_int_equal(fixture_begin(&fixture, VSS_CTX_BACKUP), S_OK);
    assert_int_equal(fixture.provider->ops->begin_prepare(fixture.provider, &set_id, &snapshot_id,
                         fixture.volume, VSS_CTX_BACKUP, &second),
        S_OK);
    fixture.provider->ops->abort(second);
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    fixture_close(&fixture);
}

static void a_cancel_before_the_start_is_heeded(void **state)
{
    open_target(state);
    fixture.briefing.cancelled = CreateEventW(NULL, TRUE, TRUE, NULL);
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    assert_int_equal(fixture_prepare(&fixture), VSS_S_ASYNC_CANCELLED);
    fixture_abort(&fixture);
    assert_int_equal(count_in_stores(&fixture), 0);
    CloseHandle(fixture.briefing.cancelled);
    fixture_close(&fixture);
}

/* Requestor 4.1: what a copy is, and nothing that moves later. */
static void a_copy_stays_as_it_was_and_leaves_the_store_out(void **state)
{
    const struct target *target = open_target(state);
    test_make_folder(in_place(&fixture, L"folder"));
    test_write_text(in_place(&fixture, L"folder\\a.txt"), "alpha");
    test_write_text(in_place(&fixture, L"b.txt"), "beta");
    test_set_attributes(in_place(&fixture, L"b.txt"), FILE_ATTRIBUTE_HIDDEN);
    if (!target->live)
    {
        fixture_make(&fixture);
        assert_int_equal(fixture_differences(&fixture), 0);
        assert_false(test_exists(in_copy(&fixture, L"System Volume Information")));
        test_write_text(in_place(&fixture, L"folder\\a.txt"), "ALPHA");
        test_write_text(in_place(&fixture, L"new.txt"), "new");
        assert_true(DeleteFileW(in_place(&fixture, L"b.txt")));
        assert_true(test_has_text(in_copy(&fixture, L"folder\\a.txt"), "alpha"));
        assert_true(test_has_text(in_copy(&fixture, L"b.txt"), "beta"));
        assert_false(test_exists(in_copy(&fixture, L"new.txt")));
        assert_int_equal(
            fixture.snapshot->attributes & VSS_VOLSNAP_ATTR_DIFFERENTIAL,
            VSS_VOLSNAP_ATTR_DIFFERENTIAL);
    }
    fixture_close(&fixture);
}

/* What was not there at commit is not in the copy, what was is. */
static void what_is_written_after_the_slow_part_is_in_the_copy(void **state)
{
    const struct target *target = open_target(state);
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    test_write_text(in_place(&fixture, L"gone.txt"), "gone");
    assert_int_equal(fixture_prepare(&fixture), S_OK);
    test_write_text(in_place(&fixture, L"a.txt"), "ALPHA AND MORE");
    test_write_text(in_place(&fixture, L"new.txt"), "new");
    assert_true(DeleteFileW(in_place(&fixture, L"gone.txt")));
    assert_int_equal(fixture_commit(&fixture), S_OK);
    test_write_text(in_place(&fixture, L"later.txt"), "later");
    assert_int_equal(fixture_finish(&fixture), S_OK);
    assert_true(test_has_text(in_copy(&fixture, L"a.txt"), "ALPHA AND MORE"));
    assert_true(test_has_text(in_copy(&fixture, L"new.txt"), "new"));
    assert_false(test_exists(in_copy(&fixture, L"gone.txt")));
    assert_int_equal(test_exists(in_copy(&fixture, L"later.txt")), target->live);
    fixture_close(&fixture);
}

/* Writer-provider 6.2: for the PostSnapshot handlers. */
static void a_copy_can_be_written_until_the_end_and_excluded_files_go(void **state)
{
    const struct target *target = open_target(state);
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    test_write_text(in_place(&fixture, L"scratch.tmp"), "scratch");
    if (!target->live)
    {
        fixture_name(&fixture, &fixture.briefing.excluded_files, L"", L"*.tmp", false);
        assert_int_equal(fixture_prepare(&fixture), S_OK);
        assert_int_equal(fixture_commit(&fixture), S_OK);
        assert_int_equal(fixture.provider->ops->describe(fixture.work, fixture.snapshot), S_OK);
        if (fixture.provider->ops->pre_final_commit)
            assert_int_equal(fixture.provider->ops->pre_final_commit(fixture.work), S_OK);
        test_write_text(in_copy(&fixture, L"a.txt"), "recovered");
        assert_true(test_exists(in_copy(&fixture, L"scratch.tmp")));
        assert_int_equal(fixture.provider->ops->post_final_commit(fixture.work), S_OK);
        fixture.provider->ops->finish(fixture.work);
        fixture.work = NULL;
        assert_true(test_has_text(in_copy(&fixture, L"a.txt"), "recovered"));
        assert_true(test_has_text(in_place(&fixture, L"a.txt"), "alpha"));
        assert_false(test_exists(in_copy(&fixture, L"scratch.tmp")));
        assert_true(test_exists(in_place(&fixture, L"scratch.tmp")));
    }
    fixture_close(&fixture);
}

static void a_store_that_vanished_fails_the_commit_and_leaves_nothing(void **state)
{
    const struct target *target = open_target(state);
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    if (!target->live)
    {
        assert_int_equal(fixture_prepare(&fixture), S_OK);
        test_delete(in_place(&fixture, L"System Volume Information"));
        test_write_text(in_place(&fixture, L"a.txt"), "changed since");
        assert_true(FAILED(fixture_commit(&fixture)));
        fixture_abort(&fixture);
        assert_int_equal(count_in_stores(&fixture), 0);
        assert_int_equal(fixture_delete(&fixture), S_OK);
    }
    fixture_close(&fixture);
}

/* ---- the list ---- */

static void the_list_begins_with_the_system_provider_and_ends(void **state)
{
    (void)state;
    static const GUID system = {
        0xb5946137, 0x7b9f, 0x4925, {0xaf, 0x80, 0x51, 0xab, 0xd6, 0x0b, 0x20, 0xd5}};
    assert_true(guid_equal(&provider_at(0)->id, &system));
    assert_true(guid_equal(&provider_system_id, &system));
    size_t count = 0;
    while (provider_at(count))
        count++;
    assert_int_equal(count, 4);
    assert_null(provider_at(count + 7));
    assert_null(provider_find(&guid_null));
}

static void the_live_provider_says_that_it_makes_no_copy(void **state)
{
    (void)state;
    fixture_open(&fixture, &provider_live_id);
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    fixture_make(&fixture);
    assert_non_null(wcsstr(fixture.snapshot->consistency, L"Not point-in-time"));
    assert_int_equal(fixture.snapshot->attributes & VSS_VOLSNAP_ATTR_DIFFERENTIAL, 0);
    test_write_text(in_place(&fixture, L"a.txt"), "ALPHA");
    assert_true(test_has_text(in_copy(&fixture, L"a.txt"), "ALPHA"));
    fixture_close(&fixture);
}

static void the_setting_chooses_and_live_is_never_chosen_without_it(void **state)
{
    (void)state;
    struct provider *chosen = NULL;
    fixture_open(&fixture, &provider_system_id);
    assert_int_equal(provider_select(fixture.volume, VSS_CTX_BACKUP, &chosen), S_OK);
    assert_true(guid_equal(&chosen->id, &provider_system_id));
    assert_int_equal(settings_set(L"PROVIDER", L"live"), S_OK);
    assert_int_equal(provider_select(fixture.volume, VSS_CTX_BACKUP, &chosen), S_OK);
    assert_true(guid_equal(&chosen->id, &provider_live_id));
    assert_int_equal(settings_set(L"PROVIDER", NULL), S_OK);
    fixture.volume->host_root = true;
    chosen = NULL;
    assert_int_equal(
        provider_select(fixture.volume, VSS_CTX_BACKUP, &chosen), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_null(chosen);
    assert_int_equal(settings_set(L"CLONE_ROOTS", L"C:\\some folder"), S_OK);
    assert_int_equal(provider_select(fixture.volume, VSS_CTX_BACKUP, &chosen), S_OK);
    fixture.volume->host_root = false;
    fixture_close(&fixture);
}

#define TARGETS (sizeof(targets) / sizeof(*targets))

static const struct
{
    const char *name;
    CMUnitTestFunction run;
} for_each_target[] = {
#define EACH(function) {#function, function}
    EACH(all_that_must_be_there_is),
    EACH(it_has_a_name_and_is_found_by_its_id),
    EACH(only_local_disks_and_no_transportable_copies),
    EACH(abort_is_fine_after_every_step),
    EACH(a_snapshot_is_described_and_shows_the_files),
    EACH(a_copy_has_the_device_name_of_a_shadow_copy),
    EACH(two_sets_may_be_prepared_at_once),
    EACH(a_cancel_before_the_start_is_heeded),
    EACH(a_copy_stays_as_it_was_and_leaves_the_store_out),
    EACH(what_is_written_after_the_slow_part_is_in_the_copy),
    EACH(a_copy_can_be_written_until_the_end_and_excluded_files_go),
    EACH(a_store_that_vanished_fails_the_commit_and_leaves_nothing),
};

#define EACH_COUNT (sizeof(for_each_target) / sizeof(*for_each_target))
#define NAME_BYTES 128

int main(void)
{
    static struct CMUnitTest each[EACH_COUNT * TARGETS];
    static char names[EACH_COUNT * TARGETS][NAME_BYTES];
    bool host_volumes = test_has_host_volumes();
    size_t count = 0;
    for (size_t i = 0; i < EACH_COUNT; i++)
        for (size_t k = 0; k < TARGETS; k++)
        {
            if (targets[k].kind != TEST_ON_TEMP && !host_volumes)
                continue;
            snprintf(
                names[count], NAME_BYTES, "%s (%s)", for_each_target[i].name, targets[k].name);
            each[count] = (struct CMUnitTest){.name = names[count],
                .test_func = for_each_target[i].run,
                .initial_state = (void *)(uintptr_t)&targets[k]};
            count++;
        }
    const struct CMUnitTest others[] = {
        cmocka_unit_test(the_list_begins_with_the_system_provider_and_ends),
        cmocka_unit_test(the_live_provider_says_that_it_makes_no_copy),
        cmocka_unit_test(the_setting_chooses_and_live_is_never_chosen_without_it),
    };
    int failed = _cmocka_run_group_tests("each target", each, count, NULL, NULL);
    return failed + cmocka_run_group_tests(others, NULL, NULL);
}
