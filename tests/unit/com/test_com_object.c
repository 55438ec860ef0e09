/* SPDX-License-Identifier: MIT
 *
 * com/com_object: QueryInterface over a table, counting, and texts that cross the API.
 */
#include <windows.h>

#include <cmocka.h>
#include <initguid.h>
#include <objbase.h>
#include <oleauto.h>
#include <string.h>

#include "base/hooks.h"
#include "com/com_object.h"
#include "os/module.h"

DEFINE_GUID(IID_First, 0x11111111, 0x1111, 0x1111, 1, 1, 1, 1, 1, 1, 1, 1);
DEFINE_GUID(IID_FirstEx, 0x11111111, 0x1111, 0x1111, 1, 1, 1, 1, 1, 1, 1, 2);
DEFINE_GUID(IID_Second, 0x22222222, 0x2222, 0x2222, 2, 2, 2, 2, 2, 2, 2, 2);
DEFINE_GUID(IID_Zero, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

/* An object with two vtable pointers, as the writer components are. */
struct pair
{
    IUnknown first;
    IUnknown second;
    unsigned first_refs;
    unsigned second_refs;
};

static ULONG STDMETHODCALLTYPE first_AddRef(IUnknown *iface)
{
    return ++CONTAINING_RECORD(iface, struct pair, first)->first_refs;
}

static ULONG STDMETHODCALLTYPE second_AddRef(IUnknown *iface)
{
    return ++CONTAINING_RECORD(iface, struct pair, second)->second_refs;
}

static const IUnknownVtbl first_vtbl = {.AddRef = first_AddRef};
static const IUnknownVtbl second_vtbl = {.AddRef = second_AddRef};

static const struct com_interface interfaces[] = {
    {&IID_First, offsetof(struct pair, first)},
    {&IID_FirstEx, offsetof(struct pair, first)},
    {&IID_Second, offsetof(struct pair, second)},
    {&IID_Zero, offsetof(struct pair, second)},
};

static struct pair make_pair(void)
{
    return (struct pair){{&first_vtbl}, {&second_vtbl}, 0, 0};
}

static void unknown_interface_gives_null(void **state)
{
    struct pair pair = make_pair();
    void *out = &pair;
    (void)state;
    assert_int_equal(
        com_query_interface(&pair, interfaces, 4, &IID_IClassFactory, &out), E_NOINTERFACE);
    assert_null(out);
    assert_int_equal(com_query_interface(&pair, interfaces, 4, &IID_First, NULL), E_POINTER);
    assert_int_equal(pair.first_refs + pair.second_refs, 0);
}

static void zero_iid_is_never_answered(void **state)
{
    struct pair pair = make_pair();
    void *out = &pair;
    (void)state;
    assert_int_equal(com_query_interface(&pair, interfaces, 4, &IID_Zero, &out), E_NOINTERFACE);
    assert_null(out);
    out = &pair;
    assert_int_equal(com_query_interface(&pair, interfaces, 4, NULL, &out), E_NOINTERFACE);
    assert_null(out);
}

static void interface_is_found_at_its_offset_and_referenced_there(void **state)
{
    struct pair pair = make_pair();
    void *out = NULL;
    (void)state;
    assert_int_equal(com_query_interface(&pair, interfaces, 4, &IID_FirstEx, &out), S_OK);
    assert_ptr_equal(out, &pair.first);
    assert_int_equal(com_query_interface(&pair, interfaces, 4, &IID_Second, &out), S_OK);
    assert_ptr_equal(out, &pair.second);
    assert_int_equal(com_query_interface(&pair, interfaces, 4, &IID_IUnknown, &out), S_OK);
    assert_ptr_equal(out, &pair.first);
    assert_int_equal(pair.first_refs, 2);
    assert_int_equal(pair.second_refs, 1);
}

static void object_counts_until_its_last_release(void **state)
{
    LONG refs;
    (void)state;
    long before = module_object_count();
    com_ref_init(&refs);
    assert_int_equal(module_object_count(), before + 1);
    assert_int_equal(com_ref_add(&refs), 2);
    assert_int_equal(com_ref_release(&refs), 1);
    assert_int_equal(module_object_count(), before + 1);
    assert_int_equal(com_ref_release(&refs), 0);
    assert_int_equal(module_object_count(), before);
}

static bool no_memory(size_t size)
{
    (void)size;
    return false;
}

static void exhausted_memory_leaves_the_out_parameter(void **state)
{
    WCHAR mark[] = L"mark";
    BSTR text = mark;
    WCHAR *task = mark;
    (void)state;
    base_hooks.allow_alloc = no_memory;
    HRESULT first = com_bstr(L"x", &text);
    HRESULT second = com_bstr_n(L"x", 1, &text);
    HRESULT third = com_task_string(L"x", &task);
    base_hooks.allow_alloc = NULL;
    assert_int_equal(first, E_OUTOFMEMORY);
    assert_int_equal(second, E_OUTOFMEMORY);
    assert_int_equal(third, E_OUTOFMEMORY);
    assert_ptr_equal(text, mark);
    assert_ptr_equal(task, mark);
    assert_int_equal(com_bstr_n(L"x", SIZE_MAX / 4, &text), E_OUTOFMEMORY);
}

static void null_text_is_a_null_string(void **state)
{
    WCHAR mark[] = L"mark";
    BSTR text = mark;
    WCHAR *task = mark;
    (void)state;
    assert_int_equal(com_bstr(NULL, &text), S_FALSE);
    assert_null(text);
    assert_int_equal(com_task_string(NULL, &task), S_OK);
    assert_null(task);
}

static void text_is_copied(void **state)
{
    BSTR text = NULL;
    WCHAR *task = NULL;
    (void)state;
    assert_int_equal(com_bstr(L"gr\x00FCn", &text), S_OK);
    assert_int_equal(SysStringLen(text), 4);
    assert_int_equal(wcscmp(text, L"gr\x00FCn"), 0);
    SysFreeString(text);
    assert_int_equal(com_bstr(L"", &text), S_OK);
    assert_non_null(text);
    assert_int_equal(SysStringLen(text), 0);
    SysFreeString(text);
    assert_int_equal(com_bstr_n(L"a\0b", 3, &text), S_OK);
    assert_int_equal(SysStringLen(text), 3);
    assert_memory_equal(text, L"a\0b", 4 * sizeof(WCHAR));
    SysFreeString(text);
    assert_int_equal(com_task_string(L"task", &task), S_OK);
    assert_int_equal(wcscmp(task, L"task"), 0);
    CoTaskMemFree(task);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_interface_gives_null),
        cmocka_unit_test(zero_iid_is_never_answered),
        cmocka_unit_test(interface_is_found_at_its_offset_and_referenced_there),
        cmocka_unit_test(object_counts_until_its_last_release),
        cmocka_unit_test(exhausted_memory_leaves_the_out_parameter),
        cmocka_unit_test(null_text_is_a_null_string),
        cmocka_unit_test(text_is_copied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
