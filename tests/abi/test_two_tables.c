/* SPDX-License-Identifier: MIT
 *
 * IVssWriterComponentsExt as a C++ caller sees it: two words, each the address of a table of three.
 * Nothing of the SDK's header is used for it, since mingw's lacks the second. Expectations:
 * requestor 0.4.
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "abi/abi_objects.h"

typedef HRESULT(WINAPI *get_count)(void *self, UINT *count);
typedef HRESULT(WINAPI *get_writer)(void *self, VSS_ID *instance, VSS_ID *writer);
typedef HRESULT(WINAPI *get_component)(void *self, UINT index, void **component);
typedef HRESULT(WINAPI *query)(void *self, const IID *iid, void **out);
typedef ULONG(WINAPI *count_refs)(void *self);

static void first_table_has_the_components(void **state)
{
    (void)state;
    void *object = abi_writer_components();
    const abi_slot *table = abi_table(object, 0);
    UINT count = 0;
    VSS_ID instance;
    VSS_ID writer;
    IID expected_instance = abi_iid(L"{" ABI_INSTANCE_ID L"}");
    IID expected_writer = abi_iid(L"{" ABI_WRITER_ID L"}");
    assert_hr(((get_count)table[0])(object, &count), S_OK);
    assert_int_equal(count, 2);
    assert_hr(((get_writer)table[1])(object, &instance, &writer), S_OK);
    assert_memory_equal(&instance, &expected_instance, sizeof(instance));
    assert_memory_equal(&writer, &expected_writer, sizeof(writer));
    void *component = NULL;
    assert_hr(((get_component)table[2])(object, 1, &component), S_OK);
    BSTR name = NULL;
    assert_hr(IVssComponent_GetComponentName((IVssComponent *)component, &name), S_OK);
    assert_int_equal(lstrcmpW(name, L"more"), 0);
    SysFreeString(name);
    IUnknown_Release((IUnknown *)component);
    IUnknown_Release(abi_second_base(object));
}

static void second_table_is_IUnknown(void **state)
{
    (void)state;
    void *object = abi_writer_components();
    void *second = (BYTE *)object + sizeof(void *);
    const abi_slot *table = abi_table(object, 1);
    IID unknown = abi_iid(ABI_IID_UNKNOWN);
    void *out = NULL;
    assert_hr(((query)table[0])(second, &unknown, &out), S_OK);
    assert_ptr_equal(out, second);
    assert_int_equal(((count_refs)table[1])(second), 3);
    assert_int_equal(((count_refs)table[2])(second), 2);
    assert_int_equal(((count_refs)table[2])(second), 1);
    assert_int_equal(((count_refs)table[2])(second), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ABI_TEST(first_table_has_the_components),
        ABI_TEST(second_table_is_IUnknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
