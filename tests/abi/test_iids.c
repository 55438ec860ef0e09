/* SPDX-License-Identifier: MIT
 *
 * Which identifiers real objects answer. Typed from requestor 0.4 and 3.4; the zero identifier that
 * headers give to some interfaces is never answered.
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "abi/abi_objects.h"

/* Takes the reference. `alone`: nobody else has one. */
static void check_answers(void *object, bool alone, const WCHAR *const *answered, size_t count)
{
    IUnknown *unknown = object;
    static const IID zero = {0};
    IID other = abi_iid(L"{12345678-0000-0000-0000-000000000000}");
    void *out = object;
    assert_hr(IUnknown_QueryInterface(unknown, &zero, &out), E_NOINTERFACE);
    assert_null(out);
    out = object;
    assert_hr(IUnknown_QueryInterface(unknown, &other, &out), E_NOINTERFACE);
    assert_null(out);
    for (size_t i = 0; i < count; i++)
    {
        IID iid = abi_iid(answered[i]);
        assert_hr(IUnknown_QueryInterface(unknown, &iid, &out), S_OK);
        assert_ptr_equal(out, object);
        ULONG left = IUnknown_Release(unknown);
        assert_true(alone ? left == 1 : left >= 1);
    }
    ULONG left = IUnknown_Release(unknown);
    assert_true(!alone || left == 0);
}

static void backup_components_answer_the_whole_chain(void **state)
{
    (void)state;
    static const WCHAR *const iids[] = {ABI_IID_UNKNOWN, ABI_IID_BACKUP, ABI_IID_BACKUP_EX,
        ABI_IID_BACKUP_EX2, ABI_IID_BACKUP_EX3, ABI_IID_BACKUP_EX4};
    check_answers(abi_backup(), true, iids, ARRAYSIZE(iids));
}

static void metadata_answers_the_whole_chain(void **state)
{
    (void)state;
    static const WCHAR *const iids[] = {
        ABI_IID_UNKNOWN, ABI_IID_EXAMINE, ABI_IID_EXAMINE_EX, ABI_IID_EXAMINE_EX2};
    check_answers(abi_metadata(), true, iids, ARRAYSIZE(iids));
}

static void components_answer_the_whole_chain(void **state)
{
    (void)state;
    static const WCHAR *const iids[] = {
        ABI_IID_UNKNOWN, ABI_IID_COMPONENT, ABI_IID_COMPONENT_EX, ABI_IID_COMPONENT_EX2};
    check_answers(abi_component(), true, iids, ARRAYSIZE(iids));
}

static void async_answers_its_own(void **state)
{
    (void)state;
    static const WCHAR *const iids[] = {ABI_IID_UNKNOWN, ABI_IID_ASYNC};
    /* The thread of the operation may not have let go of it yet. */
    check_answers(abi_async(), false, iids, ARRAYSIZE(iids));
}

static void enum_object_answers_its_own(void **state)
{
    (void)state;
    static const WCHAR *const iids[] = {ABI_IID_UNKNOWN, ABI_IID_ENUM};
    check_answers(abi_enum(), true, iids, ARRAYSIZE(iids));
}

static void interfaces_without_identifier_are_IUnknown(void **state)
{
    (void)state;
    static const WCHAR *const iids[] = {ABI_IID_UNKNOWN};
    check_answers(abi_wm_component(), true, iids, 1);
    check_answers(abi_wm_filedesc(), true, iids, 1);
    /* The second base of the object with two. */
    check_answers(abi_second_base(abi_writer_components()), true, iids, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ABI_TEST(backup_components_answer_the_whole_chain),
        ABI_TEST(metadata_answers_the_whole_chain),
        ABI_TEST(components_answer_the_whole_chain),
        ABI_TEST(async_answers_its_own),
        ABI_TEST(enum_object_answers_its_own),
        ABI_TEST(interfaces_without_identifier_are_IUnknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
