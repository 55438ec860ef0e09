/* SPDX-License-Identifier: MIT
 *
 * IVssWriterComponents and IVssWriterComponentsExt. Expectations: requestor 0.4 and 7.5,
 * writer-provider 2.5 and 4.2.
 */
#include "unit/view/view_fixture.h"

static IVssWriterComponents *make_face(void)
{
    struct writer_components *writer = make_writer();
    struct view_scope *scope = make_scope(EVENT_PREPARE_BACKUP, false);
    IVssWriterComponents *face = NULL;
    assert_hr(view_writer_components_create(writer, scope, &face), S_OK);
    view_scope_release(scope);
    writer_components_release(writer);
    return face;
}

/* What a C++ caller has: two words, a table of three at each. */
typedef HRESULT(WINAPI *raw_count)(void *self, UINT *count);
typedef HRESULT(WINAPI *raw_query)(void *self, const IID *iid, void **out);
typedef ULONG(WINAPI *raw_refs)(void *self);
typedef void (*raw_slot)(void);

static void the_second_pointer_is_an_IUnknown(void **state)
{
    (void)state;
    struct writer_components *writer = make_writer();
    struct view_scope *scope = make_scope(EVENT_NONE, false);
    IVssWriterComponentsExt *face = NULL;
    assert_hr(view_writer_components_ext_create(writer, scope, &face), S_OK);
    view_scope_release(scope);
    writer_components_release(writer);

    const raw_slot *const *words = (const raw_slot *const *)face;
    void *second = (BYTE *)face + sizeof(void *);
    UINT count = 0;
    assert_hr(((raw_count)words[0][0])(face, &count), S_OK);
    assert_int_equal(count, 2);
    assert_int_equal(((raw_refs)words[1][1])(second), 2);
    assert_int_equal(((raw_refs)words[1][2])(second), 1);
    void *unknown = NULL;
    assert_hr(((raw_query)words[1][0])(second, &IID_IUnknown, &unknown), S_OK);
    assert_ptr_equal(unknown, second);
    assert_int_equal(((raw_refs)words[1][2])(second), 1);
    check_unknown(second, NULL, 0);
    assert_int_equal(((raw_refs)words[1][2])(second), 0);
}

static void count_and_writer_come_back(void **state)
{
    (void)state;
    IVssWriterComponents *face = make_face();
    UINT count = 0;
    VSS_ID instance = {0};
    VSS_ID writer = {0};
    assert_hr(IVssWriterComponents_GetComponentCount(face, &count), S_OK);
    assert_int_equal(count, 2);
    assert_hr(IVssWriterComponents_GetWriterInfo(face, &instance, &writer), S_OK);
    assert_memory_equal(&instance, &test_instance_id, sizeof(instance));
    assert_memory_equal(&writer, &test_writer_id, sizeof(writer));
    view_writer_components_release(face);
}

static void bad_arguments_are_invalid(void **state)
{
    (void)state;
    IVssWriterComponents *face = make_face();
    VSS_ID id = test_writer_id;
    IVssComponent *component = POISON;
    assert_hr(IVssWriterComponents_GetComponentCount(face, NULL), E_INVALIDARG);
    assert_hr(IVssWriterComponents_GetWriterInfo(face, NULL, &id), E_INVALIDARG);
    assert_true(IsEqualGUID(&id, &GUID_NULL));
    id = test_writer_id;
    assert_hr(IVssWriterComponents_GetWriterInfo(face, &id, NULL), E_INVALIDARG);
    assert_true(IsEqualGUID(&id, &GUID_NULL));
    assert_hr(IVssWriterComponents_GetComponent(face, 0, NULL), E_INVALIDARG);
    assert_hr(IVssWriterComponents_GetComponent(face, 2, &component), VSS_E_OBJECT_NOT_FOUND);
    assert_null(component);
    view_writer_components_release(face);
}

static void a_component_outlives_everything_above_it(void **state)
{
    (void)state;
    IVssWriterComponents *face = make_face();
    IVssComponent *component = NULL;
    assert_hr(IVssWriterComponents_GetComponent(face, 1, &component), S_OK);
    view_writer_components_release(face);
    BSTR text = NULL;
    assert_hr(IVssComponent_GetComponentName(component, &text), S_OK);
    assert_bstr(text, L"group");
    /* It is still a writer's: the event is not over. */
    assert_hr(IVssComponent_SetBackupStamp(component, L"stamp"), S_OK);
    assert_int_equal(IVssComponent_Release(component), 0);
}

static void releasing_no_face_is_fine(void **state)
{
    (void)state;
    view_writer_components_release(NULL);
}

/* The requestor replaces a writer's part after each event. */
static void a_replaced_part_stays_readable(void **state)
{
    (void)state;
    struct backup_components *document = backup_components_create();
    assert_non_null(document);
    assert_hr(backup_components_add(document, &test_instance_id, &test_writer_id, NULL, 0,
                  COMPONENT_TYPE_DATABASE, NULL, L"db"),
        S_OK);
    struct writer_components *writer = backup_components_find_instance(document, &test_instance_id);
    struct view_scope *scope = make_scope(EVENT_NONE, false);
    IVssWriterComponentsExt *face = NULL;
    IVssComponent *component = NULL;
    assert_hr(view_writer_components_ext_create(writer, scope, &face), S_OK);
    assert_hr(IVssWriterComponentsExt_GetComponent(face, 0, &component), S_OK);

    struct writer_components *changed = writer_components_clone(writer);
    struct component *model = vec_at(&changed->components, 0);
    assert_hr(str16_assign(&model->backup_stamp, L"new"), S_OK);
    view_scope_enter(scope);
    assert_true(backup_components_replace(document, changed));
    view_scope_leave(scope);
    writer_components_release(changed);
    backup_components_destroy(document);
    view_scope_release(scope);

    BSTR text = POISON;
    assert_hr(IVssComponent_GetBackupStamp(component, &text), S_FALSE);
    assert_bstr(text, NULL);
    assert_hr(IVssComponent_GetComponentName(component, &text), S_OK);
    assert_bstr(text, L"db");
    IVssComponent_Release(component);
    IUnknown_Release((IUnknown *)((BYTE *)face + sizeof(void *)));
}

struct attempt
{
    struct writer_components *writer;
    struct view_scope *scope;
};

static HRESULT attempt_all(void *context)
{
    struct attempt *attempt = context;
    IVssWriterComponents *face = POISON;
    IVssComponent *component = POISON;
    HRESULT hr = view_writer_components_create(attempt->writer, attempt->scope, &face);
    if (FAILED(hr))
    {
        assert_null(face);
        return hr;
    }
    hr = IVssWriterComponents_GetComponent(face, 0, &component);
    if (SUCCEEDED(hr))
        IVssComponent_Release(component);
    else
        assert_null(component);
    view_writer_components_release(face);
    return hr;
}

static HRESULT attempt_scope(void *context)
{
    struct view_scope *scope = POISON;
    (void)context;
    HRESULT hr = view_scope_create(EVENT_NONE, false, &scope);
    if (FAILED(hr))
        assert_null(scope);
    view_scope_release(scope);
    return hr;
}

static void memory_that_runs_out_anywhere_leaks_nothing(void **state)
{
    (void)state;
    struct attempt attempt = {make_writer(), make_scope(EVENT_NONE, false)};
    fail_each_allocation(attempt_all, &attempt, S_OK);
    view_scope_release(attempt.scope);
    writer_components_release(attempt.writer);
    fail_each_allocation(attempt_scope, NULL, S_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VIEW_TEST(the_second_pointer_is_an_IUnknown),
        VIEW_TEST(count_and_writer_come_back),
        VIEW_TEST(bad_arguments_are_invalid),
        VIEW_TEST(a_component_outlives_everything_above_it),
        VIEW_TEST(releasing_no_face_is_fine),
        VIEW_TEST(a_replaced_part_stays_readable),
        VIEW_TEST(memory_that_runs_out_anywhere_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
