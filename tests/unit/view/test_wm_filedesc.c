/* SPDX-License-Identifier: MIT
 *
 * IVssWMFiledesc. Expectations: requestor 7.3.
 */
#include "unit/view/view_fixture.h"

static IVssWMFiledesc *make_face(bool recursive, const WCHAR *alternate_path, DWORD mask)
{
    struct file_spec *spec = file_spec_create(
        L"%windir%\\data\\", L"*.db?", recursive, alternate_path, mask);
    assert_non_null(spec);
    IVssWMFiledesc *face = NULL;
    assert_hr(view_wm_filedesc_create(spec, &face), S_OK);
    /* The face has a copy. */
    file_spec_destroy(spec);
    return face;
}

static void texts_come_back_as_the_writer_gave_them(void **state)
{
    (void)state;
    IVssWMFiledesc *face = make_face(true, L"d:\\elsewhere", 0xF0F);
    BSTR text = POISON;
    assert_hr(IVssWMFiledesc_GetPath(face, &text), S_OK);
    assert_bstr(text, L"%windir%\\data\\");
    assert_hr(IVssWMFiledesc_GetFilespec(face, &text), S_OK);
    assert_bstr(text, L"*.db?");
    assert_hr(IVssWMFiledesc_GetAlternateLocation(face, &text), S_OK);
    assert_bstr(text, L"d:\\elsewhere");
    assert_int_equal(IVssWMFiledesc_Release(face), 0);
}

static void no_alternate_location_is_S_FALSE_and_null(void **state)
{
    (void)state;
    IVssWMFiledesc *face = make_face(false, NULL, 0xF0F);
    BSTR text = POISON;
    assert_hr(IVssWMFiledesc_GetAlternateLocation(face, &text), S_FALSE);
    assert_bstr(text, NULL);
    IVssWMFiledesc_Release(face);
}

static void recursive_is_one_byte_that_is_0_or_1(void **state)
{
    (void)state;
    for (int recursive = 0; recursive < 2; recursive++)
    {
        IVssWMFiledesc *face = make_face(recursive, NULL, 0xF0F);
        BYTE around[3] = {0xEE, 0xEE, 0xEE};
        assert_hr(IVssWMFiledesc_GetRecursive(face, &around[1]), S_OK);
        assert_int_equal(around[0], 0xEE);
        assert_int_equal(around[1], recursive);
        assert_int_equal(around[2], 0xEE);
        IVssWMFiledesc_Release(face);
    }
}

static void mask_comes_back(void **state)
{
    (void)state;
    IVssWMFiledesc *face = make_face(false, NULL, 0x10101);
    DWORD mask = 0;
    assert_hr(IVssWMFiledesc_GetBackupTypeMask(face, &mask), S_OK);
    assert_int_equal(mask, 0x10101);
    IVssWMFiledesc_Release(face);
}

static void null_out_parameters_are_invalid(void **state)
{
    (void)state;
    IVssWMFiledesc *face = make_face(false, NULL, 0xF0F);
    assert_hr(IVssWMFiledesc_GetPath(face, NULL), E_INVALIDARG);
    assert_hr(IVssWMFiledesc_GetFilespec(face, NULL), E_INVALIDARG);
    assert_hr(IVssWMFiledesc_GetRecursive(face, NULL), E_INVALIDARG);
    assert_hr(IVssWMFiledesc_GetAlternateLocation(face, NULL), E_INVALIDARG);
    assert_hr(IVssWMFiledesc_GetBackupTypeMask(face, NULL), E_INVALIDARG);
    IVssWMFiledesc_Release(face);
}

static void only_IUnknown_is_answered(void **state)
{
    (void)state;
    IVssWMFiledesc *face = make_face(false, NULL, 0xF0F);
    check_unknown(face, NULL, 0);
    assert_int_equal(IVssWMFiledesc_Release(face), 0);
}

static HRESULT attempt_all(void *context)
{
    IVssWMFiledesc *face = POISON;
    BSTR path = NULL;
    BSTR filespec = NULL;
    BSTR location = NULL;
    HRESULT hr = view_wm_filedesc_create(context, &face);
    if (FAILED(hr))
    {
        assert_null(face);
        return hr;
    }
    hr = IVssWMFiledesc_GetPath(face, &path);
    if (SUCCEEDED(hr))
        hr = IVssWMFiledesc_GetFilespec(face, &filespec);
    if (SUCCEEDED(hr))
        hr = IVssWMFiledesc_GetAlternateLocation(face, &location);
    if (FAILED(hr))
        assert_null(location);
    SysFreeString(path);
    SysFreeString(filespec);
    SysFreeString(location);
    IVssWMFiledesc_Release(face);
    return hr;
}

static void memory_that_runs_out_anywhere_leaks_nothing(void **state)
{
    (void)state;
    struct file_spec *spec = make_spec(L"c:\\a", L"*", false, L"c:\\b");
    fail_each_allocation(attempt_all, spec, S_OK);
    file_spec_destroy(spec);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VIEW_TEST(texts_come_back_as_the_writer_gave_them),
        VIEW_TEST(no_alternate_location_is_S_FALSE_and_null),
        VIEW_TEST(recursive_is_one_byte_that_is_0_or_1),
        VIEW_TEST(mask_comes_back),
        VIEW_TEST(null_out_parameters_are_invalid),
        VIEW_TEST(only_IUnknown_is_answered),
        VIEW_TEST(memory_that_runs_out_anywhere_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
