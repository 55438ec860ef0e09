/* SPDX-License-Identifier: MIT
 *
 * IVssWMDependency. Expectations: requestor 7.4.
 */
#include "unit/view/view_fixture.h"

static const GUID other_writer_id = {0x30000000, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};

/* A component `mail` that depends on `name` below `logical_path`; the face is all that keeps the
   model. */
static IVssWMDependency *make_face(const WCHAR *logical_path, const WCHAR *name)
{
    struct writer_metadata *metadata = writer_metadata_create();
    struct metadata_component *component = NULL;
    assert_non_null(metadata);
    assert_hr(writer_metadata_add_component(
                  metadata, COMPONENT_TYPE_DATABASE, NULL, L"mail", NULL, &component),
        S_OK);
    assert_hr(
        metadata_component_add_dependency(component, &other_writer_id, logical_path, name), S_OK);
    IVssWMDependency *face = NULL;
    assert_hr(
        view_wm_dependency_create(metadata, vec_at(&component->dependencies, 0), &face), S_OK);
    writer_metadata_release(metadata);
    return face;
}

static void what_was_added_comes_back(void **state)
{
    (void)state;
    IVssWMDependency *face = make_face(L"\\\\machine\\stores", L"store");
    VSS_ID id = {0};
    BSTR text = POISON;
    assert_hr(IVssWMDependency_GetWriterId(face, &id), S_OK);
    assert_memory_equal(&id, &other_writer_id, sizeof(id));
    assert_hr(IVssWMDependency_GetLogicalPath(face, &text), S_OK);
    assert_bstr(text, L"\\\\machine\\stores");
    assert_hr(IVssWMDependency_GetComponentName(face, &text), S_OK);
    assert_bstr(text, L"store");
    assert_int_equal(IVssWMDependency_Release(face), 0);
}

static void a_missing_path_is_S_FALSE_and_null(void **state)
{
    (void)state;
    IVssWMDependency *face = make_face(NULL, L"store");
    BSTR text = POISON;
    assert_hr(IVssWMDependency_GetLogicalPath(face, &text), S_FALSE);
    assert_bstr(text, NULL);
    IVssWMDependency_Release(face);
}

static void null_out_parameters_are_invalid(void **state)
{
    (void)state;
    IVssWMDependency *face = make_face(NULL, L"store");
    assert_hr(IVssWMDependency_GetWriterId(face, NULL), E_INVALIDARG);
    assert_hr(IVssWMDependency_GetLogicalPath(face, NULL), E_INVALIDARG);
    assert_hr(IVssWMDependency_GetComponentName(face, NULL), E_INVALIDARG);
    IVssWMDependency_Release(face);
}

static void only_IUnknown_is_answered(void **state)
{
    (void)state;
    IVssWMDependency *face = make_face(NULL, L"store");
    check_unknown(face, NULL, 0);
    IVssWMDependency_Release(face);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VIEW_TEST(what_was_added_comes_back),
        VIEW_TEST(a_missing_path_is_S_FALSE_and_null),
        VIEW_TEST(null_out_parameters_are_invalid),
        VIEW_TEST(only_IUnknown_is_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
