/* SPDX-License-Identifier: MIT
 *
 * What provider.h promises of every provider, checked for each of the built-in ones; and which of
 * them is chosen.
 */
#include <cmocka.h>
#include <stdio.h>

#include "clone_fixture.h"

static struct clone_fixture fixture;

/* ---- for each provider ---- */

static void all_that_must_be_there_is(void **state)
{
    const struct provider_ops *ops = ((const struct provider *)*state)->ops;
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
    struct provider *provider = *state;
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
    fixture_open(&fixture, &((struct provider *)*state)->id);
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
    fixture_open(&fixture, &((struct provider *)*state)->id);
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    for (int steps = 0; steps < 4; steps++)
    {
        assert_int_equal(fixture_begin(&fixture, VSS_CTX_BACKUP), S_OK);
        if (steps > 0)
            assert_int_equal(fixture_prepare(&fixture), S_OK);
        if (steps > 1)
            assert_int_equal(fixture_commit(&fixture), S_OK);
        if (steps > 2)
            assert_int_equal(fixture.provider->ops->describe(fixture.work, fixture.snapshot), S_OK);
        fixture_abort(&fixture);
        if (steps > 2 && fixture.provider != provider_find(&provider_live_id))
            assert_false(test_exists(fixture.snapshot->device_object));
        assert_int_equal(count_in_stores(&fixture), 0);
        /* deleting what is not there */
        assert_int_equal(fixture_delete(&fixture), S_OK);
    }
    fixture_close(&fixture);
}

static void a_snapshot_is_described_and_shows_the_files(void **state)
{
    fixture_open(&fixture, &((struct provider *)*state)->id);
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    fixture_make(&fixture);
    const WCHAR *device = fixture.snapshot->device_object;
    assert_non_null(device);
    assert_int_equal(wcsncmp(device, L"\\\\?\\", 4), 0);
    assert_int_not_equal(device[wcslen(device) - 1], L'\\');
    assert_true(fixture.snapshot->consistency && *fixture.snapshot->consistency);
    assert_true(test_has_text(in_copy(&fixture, L"a.txt"), "alpha"));
    assert_int_equal(fixture_delete(&fixture), S_OK);
    if (fixture.provider != provider_find(&provider_live_id))
        assert_false(test_exists(device));
    assert_int_equal(fixture_delete(&fixture), S_OK);
    assert_int_equal(count_in_stores(&fixture), 0);
    assert_true(test_has_text(in_place(&fixture, L"a.txt"), "alpha"));
    fixture_close(&fixture);
}

/* Requestor 5: what backup tools look for in the name. */
static void a_clone_has_the_device_name_of_a_shadow_copy(void **state)
{
    static const WCHAR device[] = L"\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy";
    static const WCHAR volume_device[] = L"\\\\?\\GLOBALROOT\\Device\\HarddiskVolume";
    (void)state;
    fixture_open(&fixture, &provider_system_id);
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
    fixture_open(&fixture, &((struct provider *)*state)->id);
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
    fixture_open(&fixture, &((struct provider *)*state)->id);
    fixture.briefing.cancelled = CreateEventW(NULL, TRUE, TRUE, NULL);
    test_write_text(in_place(&fixture, L"a.txt"), "alpha");
    assert_int_equal(fixture_prepare(&fixture), VSS_S_ASYNC_CANCELLED);
    fixture_abort(&fixture);
    assert_int_equal(count_in_stores(&fixture), 0);
    CloseHandle(fixture.briefing.cancelled);
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
    assert_int_equal(count, 2);
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

#define each_test(function)                                                                        \
    {#function " (clone)", function, NULL, NULL, provider_find(&provider_system_id)},              \
    {                                                                                              \
#function " (live)", function, NULL, NULL, provider_find(&provider_live_id)                \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        each_test(all_that_must_be_there_is),
        each_test(it_has_a_name_and_is_found_by_its_id),
        each_test(only_local_disks_and_no_transportable_copies),
        each_test(abort_is_fine_after_every_step),
        each_test(a_snapshot_is_described_and_shows_the_files),
        cmocka_unit_test(a_clone_has_the_device_name_of_a_shadow_copy),
        each_test(two_sets_may_be_prepared_at_once),
        each_test(a_cancel_before_the_start_is_heeded),
        cmocka_unit_test(the_list_begins_with_the_system_provider_and_ends),
        cmocka_unit_test(the_live_provider_says_that_it_makes_no_copy),
        cmocka_unit_test(the_setting_chooses_and_live_is_never_chosen_without_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
