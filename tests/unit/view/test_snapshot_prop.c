/* SPDX-License-Identifier: MIT
 *
 * VSS_SNAPSHOT_PROP and VSS_PROVIDER_PROP. Expectations: requestor 2.1 and 5.1.
 */
#include <string.h>

#include "unit/view/snapshot_fixture.h"

static void every_field_comes_back(void **state)
{
    (void)state;
    struct snapshot *snapshot = NULL;
    struct snapshot_set *set = make_set(&snapshot);
    VSS_SNAPSHOT_PROP prop;
    memset(&prop, 0xA5, sizeof(prop));
    assert_hr(view_snapshot_prop(set, snapshot, &prop), S_OK);
    snapshot_set_release(set);
    assert_memory_equal(&prop.m_SnapshotId, &test_snapshot_id, sizeof(GUID));
    assert_memory_equal(&prop.m_SnapshotSetId, &test_set_id, sizeof(GUID));
    assert_int_equal(prop.m_lSnapshotsCount, 2);
    assert_true(str16_equal(prop.m_pwszSnapshotDeviceObject, TEST_DEVICE));
    assert_true(str16_equal(prop.m_pwszOriginalVolumeName, TEST_VOLUME));
    assert_true(str16_equal(prop.m_pwszOriginatingMachine, L"here"));
    assert_true(str16_equal(prop.m_pwszServiceMachine, L"there"));
    assert_null(prop.m_pwszExposedName);
    assert_null(prop.m_pwszExposedPath);
    assert_memory_equal(&prop.m_ProviderId, &test_provider_id, sizeof(GUID));
    assert_int_equal(prop.m_lSnapshotAttributes, 0x420000);
    assert_int_equal(prop.m_tsCreationTimestamp, 0x0123456789ABCDEFLL);
    assert_int_equal(prop.m_eStatus, 12);
    view_free_snapshot_prop(&prop);
}

static void exposed_names_come_back(void **state)
{
    (void)state;
    struct snapshot *snapshot = NULL;
    struct snapshot_set *set = make_set(&snapshot);
    assert_hr(str16_assign(&snapshot->exposed_name, L"X:"), S_OK);
    assert_hr(str16_assign(&snapshot->exposed_path, L"\\"), S_OK);
    VSS_SNAPSHOT_PROP prop;
    assert_hr(view_snapshot_prop(set, snapshot, &prop), S_OK);
    snapshot_set_release(set);
    assert_true(str16_equal(prop.m_pwszExposedName, L"X:"));
    assert_true(str16_equal(prop.m_pwszExposedPath, L"\\"));
    view_free_snapshot_prop(&prop);
}

static void freeing_nulls_the_strings_and_can_be_done_twice(void **state)
{
    (void)state;
    struct snapshot *snapshot = NULL;
    struct snapshot_set *set = make_set(&snapshot);
    VSS_SNAPSHOT_PROP prop;
    assert_hr(view_snapshot_prop(set, snapshot, &prop), S_OK);
    snapshot_set_release(set);
    for (int i = 0; i < 2; i++)
    {
        view_free_snapshot_prop(&prop);
        assert_null(prop.m_pwszSnapshotDeviceObject);
        assert_null(prop.m_pwszOriginalVolumeName);
        assert_null(prop.m_pwszOriginatingMachine);
        assert_null(prop.m_pwszServiceMachine);
        assert_null(prop.m_pwszExposedName);
        assert_null(prop.m_pwszExposedPath);
        /* Everything else stays. */
        assert_int_equal(prop.m_lSnapshotsCount, 2);
    }
    view_free_snapshot_prop(NULL);
}

static void provider_comes_back(void **state)
{
    (void)state;
    struct provider provider = make_provider();
    VSS_PROVIDER_PROP prop;
    memset(&prop, 0xA5, sizeof(prop));
    assert_hr(view_provider_prop(&provider, &prop), S_OK);
    assert_memory_equal(&prop.m_ProviderId, &test_provider_id, sizeof(GUID));
    assert_memory_equal(&prop.m_ProviderVersionId, &test_set_id, sizeof(GUID));
    assert_memory_equal(&prop.m_ClassId, &test_snapshot_id, sizeof(GUID));
    assert_true(str16_equal(prop.m_pwszProviderName, L"Provider"));
    assert_true(str16_equal(prop.m_pwszProviderVersion, L"1.2.3"));
    assert_int_equal(prop.m_eProviderType, 1);
    CoTaskMemFree(prop.m_pwszProviderName);
    CoTaskMemFree(prop.m_pwszProviderVersion);
}

static HRESULT attempt_snapshot(void *context)
{
    struct snapshot_set *set = context;
    VSS_SNAPSHOT_PROP prop;
    memset(&prop, 0xA5, sizeof(prop));
    HRESULT hr = view_snapshot_prop(set, vec_at(&set->snapshots, 0), &prop);
    if (FAILED(hr))
        assert_true(is_all_zero(&prop, sizeof(prop)));
    view_free_snapshot_prop(&prop);
    return hr;
}

static HRESULT attempt_provider(void *context)
{
    VSS_PROVIDER_PROP prop;
    memset(&prop, 0xA5, sizeof(prop));
    HRESULT hr = view_provider_prop(context, &prop);
    if (FAILED(hr))
        assert_true(is_all_zero(&prop, sizeof(prop)));
    CoTaskMemFree(prop.m_pwszProviderName);
    CoTaskMemFree(prop.m_pwszProviderVersion);
    return hr;
}

static void a_failure_leaves_all_zero(void **state)
{
    (void)state;
    struct snapshot *snapshot = NULL;
    struct snapshot_set *set = make_set(&snapshot);
    struct provider provider = make_provider();
    fail_each_allocation(attempt_snapshot, set, S_OK);
    fail_each_allocation(attempt_provider, &provider, S_OK);
    snapshot_set_release(set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VIEW_TEST(every_field_comes_back),
        VIEW_TEST(exposed_names_come_back),
        VIEW_TEST(freeing_nulls_the_strings_and_can_be_done_twice),
        VIEW_TEST(provider_comes_back),
        VIEW_TEST(a_failure_leaves_all_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
