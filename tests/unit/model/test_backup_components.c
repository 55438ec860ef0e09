/* SPDX-License-Identifier: MIT
 *
 * model/backup_components.h: keys, clones that share nothing, replacement, and what is left after
 * memory ran out. Spec: writer-provider 4.3.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/backup_components.h"
#include "support/check_leaks.h"
#include "support/check_text.h"
#include "support/fail_alloc.h"

static const GUID instance = {1, 0, 0, {0}};
static const GUID other_instance = {2, 0, 0, {0}};
static const GUID writer_id = {3, 0, 0, {0}};

static HRESULT add(struct backup_components *document, const WCHAR *path, const WCHAR *name)
{
    return backup_components_add(
        document, &instance, &writer_id, L"instance", 881, COMPONENT_TYPE_FILEGROUP, path, name);
}

static struct backup_components *document_with_one(void)
{
    struct backup_components *document = backup_components_create();
    assert_non_null(document);
    assert_int_equal(add(document, L"path", L"name"), S_OK);
    return document;
}

static void same_component_twice_is_already_exists_whatever_its_type(void **state)
{
    (void)state;
    struct backup_components *document = document_with_one();
    assert_int_equal(add(document, L"path", L"name"), VSS_E_OBJECT_ALREADY_EXISTS);
    assert_int_equal(backup_components_add(document, &instance, &writer_id, NULL, 0,
                         COMPONENT_TYPE_DATABASE, L"path", L"name"),
        VSS_E_OBJECT_ALREADY_EXISTS);
    assert_int_equal(document->writers.count, 1);
    assert_int_equal(add(document, NULL, L"name"), S_OK);
    assert_int_equal(add(document, L"", L"name"), VSS_E_OBJECT_ALREADY_EXISTS);
    backup_components_destroy(document);
}

static void unknown_instance_is_not_found_and_not_replaced(void **state)
{
    (void)state;
    struct backup_components *document = document_with_one();
    assert_null(backup_components_find_instance(document, &other_instance));
    assert_null(backup_components_find_instance(document, &writer_id));
    struct writer_components *stranger = writer_components_create(&other_instance, &writer_id);
    assert_false(backup_components_replace(document, stranger));
    assert_int_equal(document->writers.count, 1);
    writer_components_release(stranger);
    backup_components_destroy(document);
    backup_components_destroy(NULL);
    writer_components_release(NULL);
}

static void same_component_in_another_instance_is_another_component(void **state)
{
    (void)state;
    struct backup_components *document = document_with_one();
    assert_int_equal(backup_components_add(document, &other_instance, &writer_id, NULL, 0,
                         COMPONENT_TYPE_DATABASE, L"path", L"name"),
        S_OK);
    assert_int_equal(document->writers.count, 2);
    const struct writer_components *first = backup_components_find_instance(document, &instance);
    const struct writer_components *second = backup_components_find_instance(
        document, &other_instance);
    check_text(first->instance_name, "instance");
    assert_int_equal(first->backup_schema, 881);
    assert_null(second->instance_name);
    assert_int_equal(
        writer_components_find(first, L"path", L"name")->type, COMPONENT_TYPE_FILEGROUP);
    assert_int_equal(
        writer_components_find(second, L"path", L"name")->type, COMPONENT_TYPE_DATABASE);
    backup_components_destroy(document);
}

/* A component that has something in every member that owns memory. */
static HRESULT fill(struct component *component)
{
    WCHAR **strings[] = {&component->caption, &component->backup_stamp,
        &component->previous_backup_stamp, &component->backup_options, &component->backup_metadata,
        &component->prepare_for_backup_failure, &component->post_snapshot_failure,
        &component->failure.message, &component->restore_options, &component->restore_metadata,
        &component->roll_forward_point, &component->restore_name, &component->pre_restore_failure,
        &component->post_restore_failure, &component->extra.attributes, &component->extra.children,
        &component->failure.extra.children, &component->backup_metadata_extra.attributes,
        &component->restore_metadata_extra.attributes};
    HRESULT hr = S_OK;
    for (size_t i = 0; SUCCEEDED(hr) && i < sizeof(strings) / sizeof(strings[0]); i++)
    {
        WCHAR text[2] = {(WCHAR)('a' + i), 0};
        hr = str16_assign(strings[i], text);
    }
    if (SUCCEEDED(hr))
        hr = component_add_partial_file(component, L"p", L"f", L"0:1", NULL);
    if (SUCCEEDED(hr))
        hr = component_add_differenced_file(component, L"p", L"f", true, (FILETIME){1, 2});
    if (SUCCEEDED(hr))
        hr = component_add_directed_target(component, L"1", L"2", L"3", L"4", L"5", L"6");
    if (SUCCEEDED(hr))
        hr = component_add_restore_subcomponent(component, L"p", L"n", true);
    for (int i = 0; SUCCEEDED(hr) && i < 2; i++)
    {
        struct vec *list = i ? &component->new_targets : &component->alternate_mappings;
        struct file_spec *spec = file_spec_create(L"p", L"f", false, L"a", FILE_SPEC_DEFAULT_MASK);
        hr = spec ? component_add_file_spec(component, list, spec) : E_OUTOFMEMORY;
        if (FAILED(hr))
            file_spec_destroy(spec);
    }
    return hr;
}

static HRESULT build_and_clone(struct backup_components **out, struct writer_components **clone)
{
    struct backup_components *document = backup_components_create();
    HRESULT hr = document ? add(document, L"path", L"name") : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
    {
        struct writer_components *writer = backup_components_find_instance(document, &instance);
        hr = fill(writer_components_find(writer, L"path", L"name"));
        if (SUCCEEDED(hr))
        {
            *clone = writer_components_clone(writer);
            hr = *clone ? S_OK : E_OUTOFMEMORY;
        }
    }
    if (FAILED(hr))
        backup_components_destroy(document);
    else
        *out = document;
    return hr;
}

static void each_failing_allocation_is_reported_and_leaks_nothing(void **state)
{
    (void)state;
    struct backup_components *document = NULL;
    struct writer_components *clone = NULL;
    size_t k = 1;
    for (;; k++)
    {
        long before = mem_live_blocks();
        fail_alloc(k);
        HRESULT hr = build_and_clone(&document, &clone);
        if (!allow_allocs())
        {
            assert_int_equal(hr, S_OK);
            break;
        }
        assert_int_equal(hr, E_OUTOFMEMORY);
        assert_null(document);
        assert_null(clone);
        assert_int_equal(mem_live_blocks(), before);
    }
    assert_true(k > 100);
    writer_components_release(clone);
    backup_components_destroy(document);
}

static void component_that_cannot_be_added_leaves_no_empty_writer_behind(void **state)
{
    (void)state;
    struct backup_components *document = backup_components_create();
    for (size_t k = 1;; k++)
    {
        fail_alloc(k);
        HRESULT hr = add(document, L"path", L"name");
        if (!allow_allocs())
            break;
        assert_int_equal(hr, E_OUTOFMEMORY);
        assert_int_equal(document->writers.count, 0);
    }
    assert_int_equal(document->writers.count, 1);
    backup_components_destroy(document);
}

static void clone_has_everything_and_shares_nothing(void **state)
{
    (void)state;
    struct backup_components *document = NULL;
    struct writer_components *clone = NULL;
    assert_int_equal(build_and_clone(&document, &clone), S_OK);
    backup_components_destroy(document);

    struct component *component = writer_components_find(clone, L"path", L"name");
    assert_ptr_equal(component, vec_at(&clone->components, 0));
    check_text(component->caption, "a");
    check_text(component->failure.message, "h");
    check_text(component->post_restore_failure, "n");
    check_text(component->restore_metadata_extra.attributes, "s");
    const struct partial_file *partial = vec_at(&component->partial_files, 0);
    check_text(partial->ranges, "0:1");
    assert_null(partial->metadata);
    const struct differenced_file *differenced = vec_at(&component->differenced_files, 0);
    assert_int_equal(differenced->last_modified.dwHighDateTime, 2);
    const struct directed_target *target = vec_at(&component->directed_targets, 0);
    check_text(target->destination_ranges, "6");
    const struct restore_subcomponent *subcomponent = vec_at(&component->restore_subcomponents, 0);
    assert_true(subcomponent->repair);
    assert_int_equal(component->new_targets.count, 1);
    assert_int_equal(component->alternate_mappings.count, 1);
    /* The numbering goes on where it stopped. */
    assert_int_equal(component_add_partial_file(component, L"p", L"2", L"0:1", L"m"), S_OK);
    partial = vec_at(&component->partial_files, 1);
    assert_int_equal(partial->order, 6);
    writer_components_release(clone);
}

static void holder_of_a_replaced_entry_still_sees_the_old_data(void **state)
{
    (void)state;
    struct backup_components *document = document_with_one();
    struct writer_components *old = writer_components_addref(
        backup_components_find_instance(document, &instance));
    struct writer_components *changed = writer_components_clone(old);
    struct component *component = writer_components_find(changed, L"path", L"name");
    assert_int_equal(str16_assign(&component->backup_stamp, L"new"), S_OK);

    assert_true(backup_components_replace(document, changed));
    writer_components_release(changed);
    assert_ptr_equal(backup_components_find_instance(document, &instance), changed);
    assert_null(writer_components_find(old, L"path", L"name")->backup_stamp);
    backup_components_destroy(document);
    check_text(writer_components_find(old, L"path", L"name")->name, "name");
    writer_components_release(old);
}

static void entry_replaced_by_itself_survives(void **state)
{
    (void)state;
    struct backup_components *document = document_with_one();
    struct writer_components *writer = backup_components_find_instance(document, &instance);
    assert_true(backup_components_replace(document, writer));
    check_text(writer_components_find(writer, L"path", L"name")->name, "name");
    backup_components_destroy(document);
}

static void clone_of_a_document_with_two_components_of_one_key_finds_the_first(void **state)
{
    (void)state;
    struct writer_components *writer = writer_components_create(&instance, &writer_id);
    struct component *first = NULL;
    assert_int_equal(
        writer_components_add(writer, COMPONENT_TYPE_FILEGROUP, NULL, L"name", &first), S_OK);
    struct component *second = mem_alloc(sizeof(*second));
    second->name = wide("name");
    second->type = COMPONENT_TYPE_DATABASE;
    assert_int_equal(writer_components_attach(writer, second), S_OK);
    assert_ptr_equal(writer_components_find(writer, NULL, L"name"), first);
    struct writer_components *clone = writer_components_clone(writer);
    assert_int_equal(clone->components.count, 2);
    assert_int_equal(writer_components_find(clone, NULL, L"name")->type, COMPONENT_TYPE_FILEGROUP);
    writer_components_release(clone);
    writer_components_release(writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(same_component_twice_is_already_exists_whatever_its_type),
        leak_test(unknown_instance_is_not_found_and_not_replaced),
        leak_test(same_component_in_another_instance_is_another_component),
        leak_test(each_failing_allocation_is_reported_and_leaks_nothing),
        leak_test(component_that_cannot_be_added_leaves_no_empty_writer_behind),
        leak_test(clone_has_everything_and_shares_nothing),
        leak_test(holder_of_a_replaced_entry_still_sees_the_old_data),
        leak_test(entry_replaced_by_itself_survives),
        leak_test(clone_of_a_document_with_two_components_of_one_key_finds_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
