/* SPDX-License-Identifier: MIT
 *
 * IVssEnumObject. Expectations: requestor 5.2.
 */
#include <string.h>

#include "unit/view/snapshot_fixture.h"

/* The picture of `count` shadow copies, told apart by their m_lSnapshotsCount: 0, 1, 2, ... */
static VSS_OBJECT_PROP *make_props(size_t count)
{
    struct snapshot *snapshot = NULL;
    struct snapshot_set *set = make_set(&snapshot);
    VSS_OBJECT_PROP *props = mem_alloc_array(count ? count : 1, sizeof(*props));
    assert_non_null(props);
    for (size_t i = 0; i < count; i++)
    {
        set->count_at_creation = (LONG)i;
        props[i].Type = VSS_OBJECT_SNAPSHOT;
        assert_hr(view_snapshot_prop(set, snapshot, &props[i].Obj.Snap), S_OK);
    }
    snapshot_set_release(set);
    return props;
}

static IVssEnumObject *make_enum(size_t count)
{
    IVssEnumObject *walk = NULL;
    assert_hr(view_enum_create(make_props(count), count, &walk), S_OK);
    return walk;
}

/* Next(wanted) must deliver the numbers from `first` on, `expected` of them. */
static void check_next(
    IVssEnumObject *walk, ULONG wanted, LONG first, ULONG expected, HRESULT expected_hr)
{
    VSS_OBJECT_PROP props[8];
    ULONG fetched = 99;
    assert_true(wanted <= ARRAYSIZE(props));
    memset(props, 0xA5, sizeof(props));
    assert_hr(IVssEnumObject_Next(walk, wanted, props, &fetched), expected_hr);
    assert_int_equal(fetched, expected);
    for (ULONG i = 0; i < fetched; i++)
    {
        assert_int_equal(props[i].Type, VSS_OBJECT_SNAPSHOT);
        assert_int_equal(props[i].Obj.Snap.m_lSnapshotsCount, first + (LONG)i);
        assert_true(str16_equal(props[i].Obj.Snap.m_pwszSnapshotDeviceObject, TEST_DEVICE));
        assert_null(props[i].Obj.Snap.m_pwszExposedName);
        view_free_snapshot_prop(&props[i].Obj.Snap);
    }
    /* What was not delivered is the caller's still. */
    if (expected < ARRAYSIZE(props))
        assert_int_equal(*(BYTE *)&props[expected], 0xA5);
}

static void Next_delivers_until_the_end(void **state)
{
    (void)state;
    IVssEnumObject *walk = make_enum(5);
    check_next(walk, 2, 0, 2, S_OK);
    check_next(walk, 0, 0, 0, S_OK);
    check_next(walk, 2, 2, 2, S_OK);
    check_next(walk, 2, 4, 1, S_FALSE);
    check_next(walk, 1, 0, 0, S_FALSE);
    check_next(walk, 0, 0, 0, S_OK);
    assert_int_equal(IVssEnumObject_Release(walk), 0);
}

static void all_at_once_is_S_OK(void **state)
{
    (void)state;
    IVssEnumObject *walk = make_enum(5);
    check_next(walk, 5, 0, 5, S_OK);
    IVssEnumObject_Release(walk);
}

static void an_empty_list_ends_at_once(void **state)
{
    (void)state;
    IVssEnumObject *walk = make_enum(0);
    check_next(walk, 1, 0, 0, S_FALSE);
    assert_hr(IVssEnumObject_Skip(walk, 0), S_OK);
    assert_hr(IVssEnumObject_Skip(walk, 1), S_FALSE);
    IVssEnumObject_Release(walk);
    assert_hr(view_enum_create(NULL, 0, &walk), S_OK);
    check_next(walk, 1, 0, 0, S_FALSE);
    IVssEnumObject_Release(walk);
}

static void null_pointers_are_E_POINTER(void **state)
{
    (void)state;
    IVssEnumObject *walk = make_enum(2);
    VSS_OBJECT_PROP prop;
    ULONG fetched = 9;
    assert_hr(IVssEnumObject_Next(walk, 1, NULL, &fetched), E_POINTER);
    assert_int_equal(fetched, 0);
    assert_hr(IVssEnumObject_Next(walk, 1, &prop, NULL), E_POINTER);
    assert_hr(IVssEnumObject_Clone(walk, NULL), E_POINTER);
    /* The position has not moved. */
    check_next(walk, 1, 0, 1, S_OK);
    IVssEnumObject_Release(walk);
}

static void Skip_moves_and_stops_at_the_end(void **state)
{
    (void)state;
    IVssEnumObject *walk = make_enum(5);
    assert_hr(IVssEnumObject_Skip(walk, 3), S_OK);
    check_next(walk, 1, 3, 1, S_OK);
    assert_hr(IVssEnumObject_Skip(walk, 1), S_OK);
    check_next(walk, 1, 0, 0, S_FALSE);
    assert_hr(IVssEnumObject_Reset(walk), S_OK);
    assert_hr(IVssEnumObject_Skip(walk, 6), S_FALSE);
    check_next(walk, 1, 0, 0, S_FALSE);
    assert_hr(IVssEnumObject_Reset(walk), S_OK);
    assert_hr(IVssEnumObject_Skip(walk, 0xFFFFFFFF), S_FALSE);
    check_next(walk, 1, 0, 0, S_FALSE);
    IVssEnumObject_Release(walk);
}

static void Reset_starts_again(void **state)
{
    (void)state;
    IVssEnumObject *walk = make_enum(3);
    check_next(walk, 3, 0, 3, S_OK);
    assert_hr(IVssEnumObject_Reset(walk), S_OK);
    check_next(walk, 3, 0, 3, S_OK);
    IVssEnumObject_Release(walk);
}

static void a_clone_starts_where_the_original_stands_and_lives_longer(void **state)
{
    (void)state;
    IVssEnumObject *walk = make_enum(5);
    IVssEnumObject *clone = NULL;
    assert_hr(IVssEnumObject_Skip(walk, 2), S_OK);
    assert_hr(IVssEnumObject_Clone(walk, &clone), S_OK);
    check_next(walk, 1, 2, 1, S_OK);
    assert_int_equal(IVssEnumObject_Release(walk), 0);
    check_next(clone, 4, 2, 3, S_FALSE);
    assert_hr(IVssEnumObject_Reset(clone), S_OK);
    check_next(clone, 5, 0, 5, S_OK);
    assert_int_equal(IVssEnumObject_Release(clone), 0);
}

static void each_delivery_is_a_copy_of_its_own(void **state)
{
    (void)state;
    IVssEnumObject *walk = make_enum(1);
    VSS_OBJECT_PROP first;
    VSS_OBJECT_PROP second;
    ULONG fetched;
    assert_hr(IVssEnumObject_Next(walk, 1, &first, &fetched), S_OK);
    assert_hr(IVssEnumObject_Reset(walk), S_OK);
    assert_hr(IVssEnumObject_Next(walk, 1, &second, &fetched), S_OK);
    assert_ptr_not_equal(
        first.Obj.Snap.m_pwszOriginalVolumeName, second.Obj.Snap.m_pwszOriginalVolumeName);
    IVssEnumObject_Release(walk);
    /* Both outlive the enumerator. */
    assert_true(str16_equal(first.Obj.Snap.m_pwszOriginalVolumeName, TEST_VOLUME));
    assert_true(str16_equal(second.Obj.Snap.m_pwszOriginalVolumeName, TEST_VOLUME));
    view_free_snapshot_prop(&first.Obj.Snap);
    view_free_snapshot_prop(&second.Obj.Snap);
}

static void providers_are_delivered_too(void **state)
{
    (void)state;
    struct provider provider = make_provider();
    VSS_OBJECT_PROP *props = mem_alloc_array(1, sizeof(*props));
    props[0].Type = VSS_OBJECT_PROVIDER;
    assert_hr(view_provider_prop(&provider, &props[0].Obj.Prov), S_OK);
    IVssEnumObject *walk = NULL;
    assert_hr(view_enum_create(props, 1, &walk), S_OK);
    VSS_OBJECT_PROP prop;
    ULONG fetched = 0;
    assert_hr(IVssEnumObject_Next(walk, 1, &prop, &fetched), S_OK);
    IVssEnumObject_Release(walk);
    assert_int_equal(prop.Type, VSS_OBJECT_PROVIDER);
    assert_true(str16_equal(prop.Obj.Prov.m_pwszProviderName, L"Provider"));
    assert_true(str16_equal(prop.Obj.Prov.m_pwszProviderVersion, L"1.2.3"));
    CoTaskMemFree(prop.Obj.Prov.m_pwszProviderName);
    CoTaskMemFree(prop.Obj.Prov.m_pwszProviderVersion);
}

static void its_iid_is_answered(void **state)
{
    (void)state;
    static const IID *const iids[] = {&IID_IVssEnumObject};
    IVssEnumObject *walk = make_enum(1);
    check_unknown(walk, iids, ARRAYSIZE(iids));
    IVssEnumObject_Release(walk);
}

/* ---- Memory ---- */

static HRESULT attempt_all(void *context)
{
    (void)context;
    bool (*hook)(size_t) = base_hooks.allow_alloc;
    base_hooks.allow_alloc = NULL;
    VSS_OBJECT_PROP *picture = make_props(2);
    base_hooks.allow_alloc = hook;
    IVssEnumObject *walk = POISON;
    IVssEnumObject *clone = POISON;
    VSS_OBJECT_PROP props[2];
    ULONG fetched = 9;
    HRESULT hr = view_enum_create(picture, 2, &walk);
    if (FAILED(hr))
    {
        assert_null(walk);
        return hr;
    }
    hr = IVssEnumObject_Next(walk, 2, props, &fetched);
    if (FAILED(hr))
    {
        assert_int_equal(fetched, 0);
        base_hooks.allow_alloc = NULL;
        check_next(walk, 2, 0, 2, S_OK);
    }
    else
    {
        view_free_snapshot_prop(&props[0].Obj.Snap);
        view_free_snapshot_prop(&props[1].Obj.Snap);
        hr = IVssEnumObject_Clone(walk, &clone);
        if (SUCCEEDED(hr))
            IVssEnumObject_Release(clone);
        else
            assert_null(clone);
    }
    IVssEnumObject_Release(walk);
    return hr;
}

static void a_failed_Next_delivers_nothing_and_can_be_repeated(void **state)
{
    (void)state;
    fail_each_allocation(attempt_all, NULL, S_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VIEW_TEST(Next_delivers_until_the_end),
        VIEW_TEST(all_at_once_is_S_OK),
        VIEW_TEST(an_empty_list_ends_at_once),
        VIEW_TEST(null_pointers_are_E_POINTER),
        VIEW_TEST(Skip_moves_and_stops_at_the_end),
        VIEW_TEST(Reset_starts_again),
        VIEW_TEST(a_clone_starts_where_the_original_stands_and_lives_longer),
        VIEW_TEST(each_delivery_is_a_copy_of_its_own),
        VIEW_TEST(providers_are_delivered_too),
        VIEW_TEST(its_iid_is_answered),
        VIEW_TEST(a_failed_Next_delivers_nothing_and_can_be_repeated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
