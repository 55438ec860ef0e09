/* SPDX-License-Identifier: MIT
 *
 * IVssWMComponent. Expectations: requestor 7.2 and, for the structure, 0.4.
 */
#include <string.h>

#include "unit/view/view_fixture.h"

static const BYTE icon[] = {1, 2, 3, 4, 5};
static const GUID other_writer_id = {0x30000000, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};

static void add_file(struct metadata_component *component, struct vec *list, const WCHAR *path)
{
    assert_hr(
        metadata_component_add_file(component, list, make_spec(path, L"*.*", true, NULL)), S_OK);
}

/* A face over a component that the face alone keeps. */
static IVssWMComponent *make_face(struct writer_metadata *metadata, DWORD type,
    const WCHAR *logical_path, const WCHAR *caption, struct metadata_component **model)
{
    struct metadata_component *component = NULL;
    assert_hr(
        writer_metadata_add_component(metadata, type, logical_path, L"mail", caption, &component),
        S_OK);
    IVssWMComponent *face = NULL;
    assert_hr(view_wm_component_create(metadata, component, &face), S_OK);
    *model = component;
    return face;
}

static IVssWMComponent *make_lone_face(DWORD type, struct metadata_component **model)
{
    struct writer_metadata *metadata = writer_metadata_create();
    assert_non_null(metadata);
    IVssWMComponent *face = make_face(metadata, type, NULL, NULL, model);
    writer_metadata_release(metadata);
    return face;
}

static void info_of_a_database_has_every_field(void **state)
{
    (void)state;
    struct writer_metadata *metadata = writer_metadata_create();
    struct metadata_component *model = NULL;
    IVssWMComponent *face = make_face(
        metadata, COMPONENT_TYPE_DATABASE, L"a\\b", L"My mail", &model);
    model->icon = mem_dup(icon, sizeof(icon));
    model->icon_size = sizeof(icon);
    model->restore_metadata = true;
    model->selectable = true;
    model->flags = 5;
    add_file(model, &model->database_files, L"c:\\db");
    add_file(model, &model->log_files, L"c:\\log1");
    add_file(model, &model->log_files, L"c:\\log2");
    assert_hr(metadata_component_add_dependency(model, &other_writer_id, NULL, L"x"), S_OK);

    PVSSCOMPONENTINFO info = POISON;
    assert_hr(IVssWMComponent_GetComponentInfo(face, &info), S_OK);
    assert_int_equal(info->type, VSS_CT_DATABASE);
    assert_true(str16_equal(info->bstrLogicalPath, L"a\\b"));
    assert_int_equal(SysStringLen(info->bstrLogicalPath), 3);
    assert_true(str16_equal(info->bstrComponentName, L"mail"));
    assert_int_equal(SysStringLen(info->bstrComponentName), 4);
    assert_true(str16_equal(info->bstrCaption, L"My mail"));
    assert_int_equal(SysStringLen(info->bstrCaption), 7);
    assert_int_equal(info->cbIcon, sizeof(icon));
    assert_memory_equal(info->pbIcon, icon, sizeof(icon));
    assert_int_equal(info->bRestoreMetadata, 1);
    assert_int_equal(info->bNotifyOnBackupComplete, 0);
    assert_int_equal(info->bSelectable, 1);
    assert_int_equal(info->bSelectableForRestore, 0);
    assert_int_equal(info->dwComponentFlags, 5);
    assert_int_equal(info->cFileCount, 0);
    assert_int_equal(info->cDatabases, 1);
    assert_int_equal(info->cLogFiles, 2);
    assert_int_equal(info->cDependencies, 1);

    /* It lives on its own until it is freed. */
    assert_int_equal(IVssWMComponent_AddRef(face), 2);
    writer_metadata_release(metadata);
    assert_hr(IVssWMComponent_FreeComponentInfo(face, info), S_OK);
    IVssWMComponent_Release(face);
    assert_int_equal(IVssWMComponent_Release(face), 0);
}

static void info_of_a_bare_file_group_has_nulls(void **state)
{
    (void)state;
    struct metadata_component *model = NULL;
    IVssWMComponent *face = make_lone_face(COMPONENT_TYPE_FILEGROUP, &model);
    model->notify_on_backup_complete = true;
    model->selectable_for_restore = true;
    add_file(model, &model->files, L"c:\\files");
    PVSSCOMPONENTINFO info = NULL;
    assert_hr(IVssWMComponent_GetComponentInfo(face, &info), S_OK);
    assert_int_equal(info->type, VSS_CT_FILEGROUP);
    assert_null(info->bstrLogicalPath);
    assert_non_null(info->bstrComponentName);
    assert_null(info->bstrCaption);
    assert_null(info->pbIcon);
    assert_int_equal(info->cbIcon, 0);
    assert_int_equal(info->bNotifyOnBackupComplete, 1);
    assert_int_equal(info->bSelectableForRestore, 1);
    assert_int_equal(info->cFileCount, 1);
    assert_int_equal(info->cDatabases, 0);
    assert_int_equal(info->cLogFiles, 0);
    IVssWMComponent_FreeComponentInfo(face, info);
    IVssWMComponent_Release(face);
}

static void info_is_one_block_whatever_the_lengths(void **state)
{
    (void)state;
    static const WCHAR *const paths[] = {L"", L"1", L"12", L"123", L"1234"};
    for (size_t i = 0; i < ARRAYSIZE(paths); i++)
    {
        struct writer_metadata *metadata = writer_metadata_create();
        struct metadata_component *model = NULL;
        IVssWMComponent *face = make_face(
            metadata, COMPONENT_TYPE_FILEGROUP, paths[i], paths[i], &model);
        long before = mem_live_blocks();
        PVSSCOMPONENTINFO info = NULL;
        assert_hr(IVssWMComponent_GetComponentInfo(face, &info), S_OK);
        assert_int_equal(mem_live_blocks(), before + 1);
        assert_true(str16_equal(info->bstrLogicalPath, paths[i]));
        assert_true(str16_equal(info->bstrComponentName, L"mail"));
        assert_true(str16_equal(info->bstrCaption, paths[i]));
        assert_int_equal(SysStringLen(info->bstrCaption), i);
        IVssWMComponent_FreeComponentInfo(face, info);
        assert_int_equal(mem_live_blocks(), before);
        IVssWMComponent_Release(face);
        writer_metadata_release(metadata);
    }
}

static void freeing_no_info_is_fine(void **state)
{
    (void)state;
    struct metadata_component *model = NULL;
    IVssWMComponent *face = make_lone_face(COMPONENT_TYPE_FILEGROUP, &model);
    assert_hr(IVssWMComponent_FreeComponentInfo(face, NULL), S_OK);
    IVssWMComponent_Release(face);
}

typedef HRESULT(WINAPI *file_getter)(IVssWMComponent *, UINT, IVssWMFiledesc **);

static void check_file_list(IVssWMComponent *face, file_getter getter, const WCHAR *path)
{
    IVssWMFiledesc *filedesc = NULL;
    BSTR text = NULL;
    assert_hr(getter(face, 0, &filedesc), S_OK);
    assert_hr(IVssWMFiledesc_GetPath(filedesc, &text), S_OK);
    assert_bstr(text, path);
    IVssWMFiledesc_Release(filedesc);
    filedesc = POISON;
    assert_hr(getter(face, 1, &filedesc), VSS_E_OBJECT_NOT_FOUND);
    assert_null(filedesc);
    filedesc = POISON;
    assert_hr(getter(face, 0xFFFFFFFF, &filedesc), VSS_E_OBJECT_NOT_FOUND);
    assert_null(filedesc);
    assert_hr(getter(face, 0, NULL), E_INVALIDARG);
}

static void each_list_gives_its_files_and_ends(void **state)
{
    (void)state;
    struct metadata_component *model = NULL;
    IVssWMComponent *face = make_lone_face(COMPONENT_TYPE_DATABASE, &model);
    add_file(model, &model->files, L"c:\\files");
    add_file(model, &model->database_files, L"c:\\db");
    add_file(model, &model->log_files, L"c:\\log");
    check_file_list(face, face->lpVtbl->GetFile, L"c:\\files");
    check_file_list(face, face->lpVtbl->GetDatabaseFile, L"c:\\db");
    check_file_list(face, face->lpVtbl->GetDatabaseLogFile, L"c:\\log");
    IVssWMComponent_Release(face);
}

static void a_dependency_outlives_its_component(void **state)
{
    (void)state;
    struct metadata_component *model = NULL;
    IVssWMComponent *face = make_lone_face(COMPONENT_TYPE_DATABASE, &model);
    assert_hr(metadata_component_add_dependency(model, &other_writer_id, L"p", L"x"), S_OK);
    IVssWMDependency *dependency = POISON;
    assert_hr(IVssWMComponent_GetDependency(face, 1, &dependency), VSS_E_OBJECT_NOT_FOUND);
    assert_null(dependency);
    assert_hr(IVssWMComponent_GetDependency(face, 0, NULL), E_INVALIDARG);
    assert_hr(IVssWMComponent_GetDependency(face, 0, &dependency), S_OK);
    assert_int_equal(IVssWMComponent_Release(face), 0);
    BSTR text = NULL;
    assert_hr(IVssWMDependency_GetComponentName(dependency, &text), S_OK);
    assert_bstr(text, L"x");
    assert_int_equal(IVssWMDependency_Release(dependency), 0);
}

static void null_out_parameters_are_invalid(void **state)
{
    (void)state;
    struct metadata_component *model = NULL;
    IVssWMComponent *face = make_lone_face(COMPONENT_TYPE_DATABASE, &model);
    assert_hr(IVssWMComponent_GetComponentInfo(face, NULL), E_INVALIDARG);
    IVssWMComponent_Release(face);
}

static void only_IUnknown_is_answered(void **state)
{
    (void)state;
    struct metadata_component *model = NULL;
    IVssWMComponent *face = make_lone_face(COMPONENT_TYPE_DATABASE, &model);
    check_unknown(face, NULL, 0);
    IVssWMComponent_Release(face);
}

struct attempt
{
    struct writer_metadata *metadata;
    struct metadata_component *component;
};

static HRESULT attempt_all(void *context)
{
    struct attempt *attempt = context;
    IVssWMComponent *face = POISON;
    PVSSCOMPONENTINFO info = NULL;
    IVssWMFiledesc *filedesc = NULL;
    IVssWMDependency *dependency = NULL;
    HRESULT hr = view_wm_component_create(attempt->metadata, attempt->component, &face);
    if (FAILED(hr))
    {
        assert_null(face);
        return hr;
    }
    hr = IVssWMComponent_GetComponentInfo(face, &info);
    if (SUCCEEDED(hr))
        hr = IVssWMComponent_GetFile(face, 0, &filedesc);
    if (SUCCEEDED(hr))
        hr = IVssWMComponent_GetDependency(face, 0, &dependency);
    IVssWMComponent_FreeComponentInfo(face, info);
    if (filedesc)
        IVssWMFiledesc_Release(filedesc);
    if (dependency)
        IVssWMDependency_Release(dependency);
    IVssWMComponent_Release(face);
    return hr;
}

static void memory_that_runs_out_anywhere_leaks_nothing(void **state)
{
    (void)state;
    struct attempt attempt = {writer_metadata_create(), NULL};
    IVssWMComponent *face = make_face(
        attempt.metadata, COMPONENT_TYPE_FILEGROUP, L"p", L"c", &attempt.component);
    IVssWMComponent_Release(face);
    add_file(attempt.component, &attempt.component->files, L"c:\\files");
    assert_hr(
        metadata_component_add_dependency(attempt.component, &other_writer_id, L"p", L"x"), S_OK);
    fail_each_allocation(attempt_all, &attempt, S_OK);
    writer_metadata_release(attempt.metadata);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VIEW_TEST(info_of_a_database_has_every_field),
        VIEW_TEST(info_of_a_bare_file_group_has_nulls),
        VIEW_TEST(info_is_one_block_whatever_the_lengths),
        VIEW_TEST(freeing_no_info_is_fine),
        VIEW_TEST(each_list_gives_its_files_and_ends),
        VIEW_TEST(a_dependency_outlives_its_component),
        VIEW_TEST(null_out_parameters_are_invalid),
        VIEW_TEST(only_IUnknown_is_answered),
        VIEW_TEST(memory_that_runs_out_anywhere_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
