/* SPDX-License-Identifier: MIT
 *
 * What the tests of the faces share: models to look at, checks that say what went wrong, memory
 * that runs out.
 */
#ifndef THAWLINE_TESTS_VIEW_FIXTURE_H
#define THAWLINE_TESTS_VIEW_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/hooks.h"
#include "base/mem.h"
#include "base/str16.h"
#include "diag/hresult.h"
#include "os/module.h"
#include "view/view.h"

/* ---- Checks ---- */

#define assert_hr(actual, expected) check_hr((actual), (expected), #actual, __FILE__, __LINE__)

static inline void check_hr(
    HRESULT actual, HRESULT expected, const char *what, const char *file, int line)
{
    char actual_text[HRESULT_TEXT_SIZE];
    char expected_text[HRESULT_TEXT_SIZE];
    if (actual == expected)
        return;
    print_error("%s\n  gave     %s\n  expected %s\n", what, hresult_text(actual, actual_text),
        hresult_text(expected, expected_text));
    _fail(file, line);
}

/* Takes the BSTR. `expected` NULL: it must be NULL. */
#define assert_bstr(text, expected) check_bstr(&(text), (expected), #text, __FILE__, __LINE__)

static inline void check_bstr(
    BSTR *text, const WCHAR *expected, const char *what, const char *file, int line)
{
    bool good = expected
        ? str16_equal(*text, expected) && SysStringLen(*text) == str16_len(expected)
        : *text == NULL;
    if (!good)
        print_error("%s\n  is       \"%ls\"\n  expected \"%ls\"\n", what, *text ? *text : L"(null)",
            expected ? expected : L"(null)");
    SysFreeString(*text);
    *text = NULL;
    if (!good)
        _fail(file, line);
}

/* A pointer that is neither NULL nor valid: what out parameters hold before a call that must null
   them. */
#define POISON ((void *)(uintptr_t)0xA5A5A5A4)

/* ---- IUnknown, as every object here must have it ---- */

static inline void check_unknown(void *object, const IID *const *answered, size_t count)
{
    static const IID zero_iid = {0};
    static const IID other_iid = {0x12345678, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};
    IUnknown *unknown = object;
    void *out = POISON;
    assert_hr(IUnknown_QueryInterface(unknown, &zero_iid, &out), E_NOINTERFACE);
    assert_null(out);
    out = POISON;
    assert_hr(IUnknown_QueryInterface(unknown, &other_iid, &out), E_NOINTERFACE);
    assert_null(out);
    assert_hr(IUnknown_QueryInterface(unknown, &IID_IUnknown, NULL), E_POINTER);
    assert_hr(IUnknown_QueryInterface(unknown, &IID_IUnknown, &out), S_OK);
    assert_ptr_equal(out, object);
    assert_int_equal(IUnknown_Release(unknown), 1);
    for (size_t i = 0; i < count; i++)
    {
        assert_hr(IUnknown_QueryInterface(unknown, answered[i], &out), S_OK);
        assert_ptr_equal(out, object);
        assert_int_equal(IUnknown_Release(unknown), 1);
    }
    assert_int_equal(IUnknown_AddRef(unknown), 2);
    assert_int_equal(IUnknown_Release(unknown), 1);
}

/* ---- Nothing leaks ---- */

static long blocks_before;
static long objects_before;

static inline int note_live(void **state)
{
    (void)state;
    blocks_before = mem_live_blocks();
    objects_before = module_object_count();
    return 0;
}

static inline int check_live(void **state)
{
    (void)state;
    base_hooks.allow_alloc = NULL;
    assert_int_equal(mem_live_blocks(), blocks_before);
    assert_int_equal(module_object_count(), objects_before);
    return 0;
}

#define VIEW_TEST(function) cmocka_unit_test_setup_teardown(function, note_live, check_live)

/* ---- Memory that runs out ---- */

static volatile LONG allocations_until_failure;

static inline bool fail_one_allocation(size_t size)
{
    (void)size;
    return InterlockedDecrement(&allocations_until_failure) != 0;
}

/* Calls `attempt` with its first allocation failing, then with its second, and so on until none
   fails. It frees what it got; its result is E_OUTOFMEMORY whenever an allocation failed, and
   `success` when none did. */
static inline void fail_each_allocation(
    HRESULT (*attempt)(void *context), void *context, HRESULT success)
{
    for (LONG nth = 1;; nth++)
    {
        assert_true(nth < 1000);
        long blocks = mem_live_blocks();
        long objects = module_object_count();
        allocations_until_failure = nth;
        base_hooks.allow_alloc = fail_one_allocation;
        HRESULT hr = attempt(context);
        base_hooks.allow_alloc = NULL;
        bool failed = allocations_until_failure <= 0;
        assert_hr(hr, failed ? E_OUTOFMEMORY : success);
        assert_int_equal(mem_live_blocks(), blocks);
        assert_int_equal(module_object_count(), objects);
        if (!failed)
        {
            /* An attempt that allocates nothing proves nothing. */
            assert_true(nth > 1);
            return;
        }
    }
}

/* ---- Models ---- */

static const GUID test_writer_id = {
    0x10000000, 0x1111, 0x2222, {0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa}};
static const GUID test_instance_id = {
    0x20000000, 0x1111, 0x2222, {0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xbb}};

/* Two components: a database `db` below `top\sub`, and a file group `group` without path. */
static inline struct writer_components *make_writer(void)
{
    struct writer_components *writer = writer_components_create(&test_instance_id, &test_writer_id);
    struct component *added = NULL;
    assert_non_null(writer);
    assert_hr(
        writer_components_add(writer, COMPONENT_TYPE_DATABASE, L"top\\sub", L"db", &added), S_OK);
    assert_hr(
        writer_components_add(writer, COMPONENT_TYPE_FILEGROUP, NULL, L"group", &added), S_OK);
    return writer;
}

static inline struct file_spec *make_spec(
    const WCHAR *path, const WCHAR *filespec, bool recursive, const WCHAR *alternate_path)
{
    struct file_spec *spec = file_spec_create(
        path, filespec, recursive, alternate_path, FILE_SPEC_DEFAULT_MASK);
    assert_non_null(spec);
    return spec;
}

static inline struct view_scope *make_scope(enum vss_event event, bool restore)
{
    struct view_scope *scope = NULL;
    assert_hr(view_scope_create(event, restore, &scope), S_OK);
    return scope;
}

/* A face over component `index` of a fresh writer, which dies with it. */
static inline IVssComponentEx2 *make_component(
    enum vss_event event, bool restore, size_t index, struct component **model)
{
    struct writer_components *writer = make_writer();
    struct view_scope *scope = make_scope(event, restore);
    struct component *component = vec_at(&writer->components, index);
    IVssComponent *face = NULL;
    assert_hr(view_component_create(writer, component, scope, &face), S_OK);
    if (model)
        *model = component;
    view_scope_release(scope);
    writer_components_release(writer);
    return (IVssComponentEx2 *)face;
}

#endif
