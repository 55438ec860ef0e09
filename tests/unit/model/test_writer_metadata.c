/* SPDX-License-Identifier: MIT
 *
 * model/writer_metadata.h and model/file_spec.h: keys, ownership, order, and what is left after
 * memory ran out. Spec: writer-provider 4.1.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "model/writer_metadata.h"
#include "support/check_leaks.h"
#include "support/check_text.h"
#include "support/fail_alloc.h"

static const GUID other_writer = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};

static struct metadata_component *add(
    struct writer_metadata *metadata, DWORD type, const WCHAR *path, const WCHAR *name)
{
    struct metadata_component *component = NULL;
    assert_int_equal(
        writer_metadata_add_component(metadata, type, path, name, NULL, &component), S_OK);
    assert_non_null(component);
    return component;
}

static void same_path_and_name_twice_is_already_exists(void **state)
{
    (void)state;
    struct writer_metadata *metadata = writer_metadata_create();
    struct metadata_component *untouched = NULL;
    add(metadata, COMPONENT_TYPE_FILEGROUP, L"path", L"name");
    assert_int_equal(writer_metadata_add_component(
                         metadata, COMPONENT_TYPE_FILEGROUP, L"path", L"name", NULL, &untouched),
        VSS_E_OBJECT_ALREADY_EXISTS);
    /* The type is not part of the key. */
    assert_int_equal(writer_metadata_add_component(
                         metadata, COMPONENT_TYPE_DATABASE, L"path", L"name", NULL, &untouched),
        VSS_E_OBJECT_ALREADY_EXISTS);
    assert_null(untouched);
    assert_int_equal(metadata->components.count, 1);
    add(metadata, COMPONENT_TYPE_FILEGROUP, L"other", L"name");
    writer_metadata_release(metadata);
}

static void null_and_empty_logical_path_are_the_same_root(void **state)
{
    (void)state;
    struct writer_metadata *metadata = writer_metadata_create();
    struct metadata_component *untouched = NULL;
    struct metadata_component *added = add(metadata, COMPONENT_TYPE_FILEGROUP, NULL, L"name");
    assert_int_equal(writer_metadata_add_component(
                         metadata, COMPONENT_TYPE_FILEGROUP, L"", L"name", NULL, &untouched),
        VSS_E_OBJECT_ALREADY_EXISTS);
    assert_ptr_equal(writer_metadata_find(metadata, L"", L"name"), added);
    assert_ptr_equal(writer_metadata_find(metadata, NULL, L"name"), added);
    assert_null(writer_metadata_find(metadata, L"name", NULL));
    writer_metadata_release(metadata);
}

static void unknown_type_and_missing_name_are_invalid(void **state)
{
    (void)state;
    struct writer_metadata *metadata = writer_metadata_create();
    struct metadata_component *untouched = NULL;
    assert_int_equal(
        writer_metadata_add_component(metadata, 0, NULL, L"name", NULL, &untouched), E_INVALIDARG);
    assert_int_equal(
        writer_metadata_add_component(metadata, 3, NULL, L"name", NULL, &untouched), E_INVALIDARG);
    assert_int_equal(writer_metadata_add_component(
                         metadata, COMPONENT_TYPE_DATABASE, L"path", NULL, NULL, &untouched),
        E_INVALIDARG);
    assert_null(untouched);
    assert_int_equal(metadata->components.count, 0);
    writer_metadata_release(metadata);
}

static void mapping_before_restore_method_is_not_found(void **state)
{
    (void)state;
    struct writer_metadata *metadata = writer_metadata_create();
    struct file_spec *spec = file_spec_create(L"p", L"f", false, L"d", FILE_SPEC_DEFAULT_MASK);
    assert_int_equal(writer_metadata_add_mapping(metadata, spec), VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(
        writer_metadata_set_restore_method(metadata, 3, L"service", NULL, 3, true), S_OK);
    assert_int_equal(writer_metadata_add_mapping(metadata, spec), S_OK);
    writer_metadata_release(metadata);
}

/* Does one of everything; the test lets each allocation in it fail. */
static HRESULT build(struct writer_metadata **out)
{
    struct metadata_component *component = NULL;
    struct file_spec *spec = NULL;
    HRESULT hr = E_OUTOFMEMORY;
    struct writer_metadata *metadata = writer_metadata_create();
    if (!metadata)
        goto done;
    hr = writer_metadata_add_component(
        metadata, COMPONENT_TYPE_FILEGROUP, L"path", L"name", L"caption", &component);
    if (FAILED(hr))
        goto done;
    hr = metadata_component_add_dependency(component, &other_writer, L"path", L"name");
    if (FAILED(hr))
        goto done;
    hr = writer_metadata_set_restore_method(metadata, 3, L"service", L"procedure", 1, false);
    if (FAILED(hr))
        goto done;
    hr = E_OUTOFMEMORY;
    spec = file_spec_create(L"path", L"spec", true, L"alternate", 1);
    if (!spec)
        goto done;
    hr = metadata_component_add_file(component, &component->files, spec);
    if (FAILED(hr))
        goto done;
    hr = E_OUTOFMEMORY;
    spec = file_spec_clone(spec); /* the component has the first */
    if (!spec)
        goto done;
    hr = writer_metadata_add_exclude(metadata, spec);
    if (FAILED(hr))
        goto done;
    spec = NULL;
    *out = metadata;
    metadata = NULL;
done:
    file_spec_destroy(spec);
    writer_metadata_release(metadata);
    return hr;
}

static void each_failing_allocation_is_reported_and_leaks_nothing(void **state)
{
    (void)state;
    struct writer_metadata *metadata = NULL;
    size_t k = 1;
    for (;; k++)
    {
        long before = mem_live_blocks();
        fail_alloc(k);
        HRESULT hr = build(&metadata);
        if (!allow_allocs())
        {
            assert_int_equal(hr, S_OK);
            break;
        }
        assert_int_equal(hr, E_OUTOFMEMORY);
        assert_null(metadata);
        assert_int_equal(mem_live_blocks(), before);
    }
    assert_true(k > 15);
    writer_metadata_release(metadata);
}

static void failed_addition_leaves_the_object_as_it_was(void **state)
{
    (void)state;
    struct writer_metadata *metadata = writer_metadata_create();
    struct metadata_component *component = add(metadata, COMPONENT_TYPE_FILEGROUP, NULL, L"first");
    struct metadata_component *untouched = NULL;
    assert_int_equal(writer_metadata_set_restore_method(metadata, 3, L"old", NULL, 3, true), S_OK);
    for (size_t k = 1;; k++)
    {
        fail_alloc(k);
        HRESULT hr = writer_metadata_add_component(
            metadata, COMPONENT_TYPE_FILEGROUP, L"path", L"second", L"caption", &untouched);
        if (!allow_allocs())
            break;
        assert_int_equal(hr, E_OUTOFMEMORY);
        assert_int_equal(metadata->components.count, 1);
        assert_null(writer_metadata_find(metadata, L"path", L"second"));
        assert_null(untouched);
    }
    for (size_t k = 1;; k++)
    {
        fail_alloc(k);
        HRESULT hr = metadata_component_add_dependency(component, &other_writer, L"a", L"b");
        if (!allow_allocs())
            break;
        assert_int_equal(hr, E_OUTOFMEMORY);
        assert_int_equal(component->dependencies.count, 0);
        assert_int_equal(component->next_order, 0);
    }
    for (size_t k = 1;; k++)
    {
        fail_alloc(k);
        HRESULT hr = writer_metadata_set_restore_method(metadata, 8, L"new", L"u", 1, false);
        if (!allow_allocs())
            break;
        assert_int_equal(hr, E_OUTOFMEMORY);
        assert_int_equal(metadata->restore_method->method, 3);
        check_text(metadata->restore_method->service, "old");
    }
    assert_int_equal(metadata->restore_method->method, 8);
    writer_metadata_release(metadata);
}

static void second_restore_method_replaces_the_first_and_keeps_its_mappings(void **state)
{
    (void)state;
    struct writer_metadata *metadata = writer_metadata_create();
    assert_int_equal(
        writer_metadata_set_restore_method(metadata, 3, L"service", NULL, 3, true), S_OK);
    struct file_spec *spec = file_spec_create(L"p", L"f", false, L"d", FILE_SPEC_DEFAULT_MASK);
    assert_int_equal(writer_metadata_add_mapping(metadata, spec), S_OK);
    assert_int_equal(writer_metadata_set_restore_method(metadata, 1, NULL, NULL, 1, false), S_OK);
    assert_int_equal(metadata->restore_method->method, 1);
    assert_null(metadata->restore_method->service);
    assert_int_equal(metadata->restore_method->mappings.count, 1);
    assert_ptr_equal(vec_at(&metadata->restore_method->mappings, 0), spec);
    writer_metadata_release(metadata);
}

static void children_of_every_kind_are_numbered_together(void **state)
{
    (void)state;
    struct writer_metadata *metadata = writer_metadata_create();
    struct metadata_component *first = add(metadata, COMPONENT_TYPE_DATABASE, NULL, L"1");
    struct file_spec *exclude = file_spec_create(L"p", L"f", false, NULL, FILE_SPEC_DEFAULT_MASK);
    assert_int_equal(writer_metadata_add_exclude(metadata, exclude), S_OK);
    struct metadata_component *second = add(metadata, COMPONENT_TYPE_FILEGROUP, NULL, L"2");
    struct file_spec *snapshot = file_spec_create(L"p", L"f", false, NULL, FILE_SPEC_DEFAULT_MASK);
    assert_int_equal(writer_metadata_add_exclude_from_snapshot(metadata, snapshot), S_OK);
    assert_true(first->order < exclude->order);
    assert_true(exclude->order < second->order);
    assert_true(second->order < snapshot->order);

    struct file_spec *log = file_spec_create(L"p", L"l", false, NULL, FILE_SPEC_DEFAULT_MASK);
    struct file_spec *data = file_spec_create(L"p", L"d", false, NULL, FILE_SPEC_DEFAULT_MASK);
    assert_int_equal(metadata_component_add_file(first, &first->log_files, log), S_OK);
    assert_int_equal(metadata_component_add_dependency(first, &other_writer, NULL, L"n"), S_OK);
    assert_int_equal(metadata_component_add_file(first, &first->database_files, data), S_OK);
    const struct writer_dependency *dependency = vec_at(&first->dependencies, 0);
    assert_true(log->order < dependency->order);
    assert_true(dependency->order < data->order);
    writer_metadata_release(metadata);
}

static void last_of_several_releases_frees(void **state)
{
    (void)state;
    long before = mem_live_blocks();
    struct writer_metadata *metadata = writer_metadata_create();
    assert_ptr_equal(writer_metadata_addref(metadata), metadata);
    writer_metadata_release(metadata);
    add(metadata, COMPONENT_TYPE_FILEGROUP, NULL, L"still alive");
    writer_metadata_release(metadata);
    assert_int_equal(mem_live_blocks(), before);
    writer_metadata_release(NULL);
}

static void clone_of_a_file_spec_shares_nothing(void **state)
{
    (void)state;
    struct file_spec *spec = file_spec_create(L"p", L"f", true, L"a", 7);
    assert_int_equal(str16_assign(&spec->extra.attributes, L" x=\"y\""), S_OK);
    struct file_spec *clone = file_spec_clone(spec);
    assert_ptr_not_equal(clone->path, spec->path);
    assert_ptr_not_equal(clone->extra.attributes, spec->extra.attributes);
    file_spec_destroy(spec);
    check_text(clone->path, "p");
    check_text(clone->filespec, "f");
    check_text(clone->alternate_path, "a");
    check_text(clone->extra.attributes, " x=\"y\"");
    assert_null(clone->extra.children);
    assert_true(clone->recursive);
    assert_int_equal(clone->backup_type_mask, 7);
    file_spec_destroy(clone);
    file_spec_destroy(NULL);
}

static void hundred_thousand_components_are_all_found(void **state)
{
    (void)state;
    struct writer_metadata *metadata = writer_metadata_create();
    for (unsigned i = 0; i < 100000; i++)
    {
        char digits[16];
        snprintf(digits, sizeof(digits), "c%u", i);
        WCHAR *name = wide(digits);
        add(metadata, COMPONENT_TYPE_FILEGROUP, L"path", name);
        mem_free(name);
    }
    const struct metadata_component *last = writer_metadata_find(metadata, L"path", L"c99999");
    assert_non_null(last);
    assert_int_equal(last->order, 99999);
    writer_metadata_release(metadata);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(same_path_and_name_twice_is_already_exists),
        leak_test(null_and_empty_logical_path_are_the_same_root),
        leak_test(unknown_type_and_missing_name_are_invalid),
        leak_test(mapping_before_restore_method_is_not_found),
        leak_test(each_failing_allocation_is_reported_and_leaks_nothing),
        leak_test(failed_addition_leaves_the_object_as_it_was),
        leak_test(second_restore_method_replaces_the_first_and_keeps_its_mappings),
        leak_test(children_of_every_kind_are_numbered_together),
        leak_test(last_of_several_releases_frees),
        leak_test(clone_of_a_file_spec_shares_nothing),
        leak_test(hundred_thousand_components_are_all_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
