/* SPDX-License-Identifier: MIT
 *
 * IVssExamineWriterMetadata, Ex and Ex2. Expectations: requestor 7.1.
 */
#include "document/document.h"
#include "unit/view/view_fixture.h"

/* A writer that told everything there is. */
static struct writer_metadata *make_metadata(void)
{
    struct writer_metadata *metadata = writer_metadata_create();
    struct metadata_component *component = NULL;
    assert_non_null(metadata);
    metadata->writer_id = test_writer_id;
    metadata->instance_id = test_instance_id;
    assert_hr(str16_assign(&metadata->writer_name, L"Test writer"), S_OK);
    assert_hr(str16_assign(&metadata->instance_name, L"first"), S_OK);
    metadata->usage = VSS_UT_USERDATA;
    metadata->source = VSS_ST_OTHER;
    metadata->major_version = 3;
    metadata->minor_version = 7;
    metadata->has_schema = true;
    metadata->backup_schema = VSS_BS_DIFFERENTIAL | VSS_BS_TIMESTAMPED;
    assert_hr(writer_metadata_add_component(
                  metadata, COMPONENT_TYPE_FILEGROUP, NULL, L"group", NULL, &component),
        S_OK);
    assert_hr(
        writer_metadata_add_exclude(metadata, make_spec(L"c:\\x", L"*.tmp", true, NULL)), S_OK);
    assert_hr(
        writer_metadata_add_exclude(metadata, make_spec(L"c:\\y", L"*.bak", false, NULL)), S_OK);
    assert_hr(writer_metadata_add_exclude_from_snapshot(
                  metadata, make_spec(L"c:\\z", L"*.swp", true, NULL)),
        S_OK);
    assert_hr(writer_metadata_set_restore_method(metadata, VSS_RME_RESTORE_IF_CAN_REPLACE, NULL,
                  L"c:\\restore.cmd", VSS_WRE_ALWAYS, true),
        S_OK);
    struct file_spec *mapping = make_spec(L"c:\\data", L"*.*", true, L"d:\\data");
    assert_true(vec_push(&metadata->restore_method->mappings, mapping));
    return metadata;
}

/* The face is all that keeps the metadata. */
static IVssExamineWriterMetadataEx2 *make_face(struct writer_metadata *metadata)
{
    IVssExamineWriterMetadataEx2 *face = NULL;
    assert_hr(view_examine_create(metadata, &face), S_OK);
    writer_metadata_release(metadata);
    return face;
}

static void identity_comes_back(void **state)
{
    (void)state;
    IVssExamineWriterMetadataEx2 *face = make_face(make_metadata());
    VSS_ID instance = {0};
    VSS_ID writer = {0};
    BSTR name = POISON;
    BSTR instance_name = POISON;
    VSS_USAGE_TYPE usage = VSS_UT_UNDEFINED;
    VSS_SOURCE_TYPE source = VSS_ST_UNDEFINED;
    assert_hr(
        IVssExamineWriterMetadataEx2_GetIdentity(face, &instance, &writer, &name, &usage, &source),
        S_OK);
    assert_memory_equal(&instance, &test_instance_id, sizeof(instance));
    assert_memory_equal(&writer, &test_writer_id, sizeof(writer));
    assert_bstr(name, L"Test writer");
    assert_int_equal(usage, VSS_UT_USERDATA);
    assert_int_equal(source, VSS_ST_OTHER);
    assert_hr(IVssExamineWriterMetadataEx2_GetIdentityEx(
                  face, &instance, &writer, &name, &instance_name, &usage, &source),
        S_OK);
    assert_bstr(name, L"Test writer");
    assert_bstr(instance_name, L"first");
    DWORD major = 0;
    DWORD minor = 0;
    assert_hr(IVssExamineWriterMetadataEx2_GetVersion(face, &major, &minor), S_OK);
    assert_int_equal(major, 3);
    assert_int_equal(minor, 7);
    DWORD schema = 0;
    assert_hr(IVssExamineWriterMetadataEx2_GetBackupSchema(face, &schema), S_OK);
    assert_int_equal(schema, 0x21);
    assert_int_equal(IVssExamineWriterMetadataEx2_Release(face), 0);
}

static void a_writer_that_told_nothing_has_defaults(void **state)
{
    (void)state;
    struct writer_metadata *metadata = writer_metadata_create();
    assert_hr(str16_assign(&metadata->writer_name, L"Bare"), S_OK);
    IVssExamineWriterMetadataEx2 *face = make_face(metadata);
    VSS_ID id;
    BSTR name = NULL;
    BSTR instance_name = POISON;
    VSS_USAGE_TYPE usage;
    VSS_SOURCE_TYPE source;
    assert_hr(IVssExamineWriterMetadataEx2_GetIdentityEx(
                  face, &id, &id, &name, &instance_name, &usage, &source),
        S_OK);
    assert_bstr(name, L"Bare");
    assert_bstr(instance_name, NULL);
    DWORD major = 9;
    DWORD minor = 9;
    assert_hr(IVssExamineWriterMetadataEx2_GetVersion(face, &major, &minor), S_OK);
    assert_int_equal(major, 0);
    assert_int_equal(minor, 0);
    DWORD schema = 9;
    assert_hr(IVssExamineWriterMetadataEx2_GetBackupSchema(face, &schema), S_OK);
    assert_int_equal(schema, VSS_BS_UNDEFINED);

    VSS_RESTOREMETHOD_ENUM method = VSS_RME_CUSTOM;
    BSTR service = POISON;
    BSTR procedure = POISON;
    VSS_WRITERRESTORE_ENUM restore = VSS_WRE_ALWAYS;
    boolean reboot = 9;
    UINT mappings = 9;
    assert_hr(IVssExamineWriterMetadataEx2_GetRestoreMethod(
                  face, &method, &service, &procedure, &restore, &reboot, &mappings),
        S_FALSE);
    assert_int_equal(method, VSS_RME_UNDEFINED);
    assert_null(service);
    assert_null(procedure);
    assert_int_equal(restore, VSS_WRE_UNDEFINED);
    assert_int_equal(reboot, 0);
    assert_int_equal(mappings, 0);
    IVssWMFiledesc *filedesc = POISON;
    assert_hr(IVssExamineWriterMetadataEx2_GetAlternateLocationMapping(face, 0, &filedesc),
        VSS_E_OBJECT_NOT_FOUND);
    assert_null(filedesc);
    IVssExamineWriterMetadataEx2_Release(face);
}

static void counts_say_what_the_lists_hold(void **state)
{
    (void)state;
    IVssExamineWriterMetadataEx2 *face = make_face(make_metadata());
    UINT include = 9;
    UINT exclude = 9;
    UINT components = 9;
    UINT from_snapshot = 9;
    assert_hr(
        IVssExamineWriterMetadataEx2_GetFileCounts(face, &include, &exclude, &components), S_OK);
    assert_int_equal(include, 0);
    assert_int_equal(exclude, 2);
    assert_int_equal(components, 1);
    assert_hr(IVssExamineWriterMetadataEx2_GetExcludeFromSnapshotCount(face, &from_snapshot), S_OK);
    assert_int_equal(from_snapshot, 1);
    IVssExamineWriterMetadataEx2_Release(face);
}

typedef HRESULT(WINAPI *file_getter)(IVssExamineWriterMetadataEx2 *, UINT, IVssWMFiledesc **);

static void check_file_list(
    IVssExamineWriterMetadataEx2 *face, file_getter getter, UINT count, const WCHAR *first_path)
{
    IVssWMFiledesc *filedesc = NULL;
    BSTR text = NULL;
    if (count)
    {
        assert_hr(getter(face, 0, &filedesc), S_OK);
        assert_hr(IVssWMFiledesc_GetPath(filedesc, &text), S_OK);
        assert_bstr(text, first_path);
        IVssWMFiledesc_Release(filedesc);
    }
    filedesc = POISON;
    assert_hr(getter(face, count, &filedesc), VSS_E_OBJECT_NOT_FOUND);
    assert_null(filedesc);
    assert_hr(getter(face, 0, NULL), E_INVALIDARG);
}

static void each_list_gives_its_files_and_ends(void **state)
{
    (void)state;
    IVssExamineWriterMetadataEx2 *face = make_face(make_metadata());
    check_file_list(face, face->lpVtbl->GetIncludeFile, 0, NULL);
    check_file_list(face, face->lpVtbl->GetExcludeFile, 2, L"c:\\x");
    check_file_list(face, face->lpVtbl->GetExcludeFromSnapshotFile, 1, L"c:\\z");
    check_file_list(face, face->lpVtbl->GetAlternateLocationMapping, 1, L"c:\\data");
    IVssExamineWriterMetadataEx2_Release(face);
}

static void a_component_outlives_its_document(void **state)
{
    (void)state;
    IVssExamineWriterMetadataEx2 *face = make_face(make_metadata());
    IVssWMComponent *component = POISON;
    assert_hr(
        IVssExamineWriterMetadataEx2_GetComponent(face, 1, &component), VSS_E_OBJECT_NOT_FOUND);
    assert_null(component);
    assert_hr(IVssExamineWriterMetadataEx2_GetComponent(face, 0, NULL), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetComponent(face, 0, &component), S_OK);
    assert_int_equal(IVssExamineWriterMetadataEx2_Release(face), 0);
    PVSSCOMPONENTINFO info = NULL;
    assert_hr(IVssWMComponent_GetComponentInfo(component, &info), S_OK);
    assert_true(str16_equal(info->bstrComponentName, L"group"));
    IVssWMComponent_FreeComponentInfo(component, info);
    assert_int_equal(IVssWMComponent_Release(component), 0);
}

static void restore_method_comes_back(void **state)
{
    (void)state;
    static const struct
    {
        VSS_RESTOREMETHOD_ENUM method;
        const WCHAR *service; /* as the caller shall see it */
    } rows[] = {
        {VSS_RME_RESTORE_IF_NOT_THERE, NULL},
        {VSS_RME_RESTORE_IF_CAN_REPLACE, NULL},
        {VSS_RME_STOP_RESTORE_START, L"Spooler"},
        {VSS_RME_RESTORE_TO_ALTERNATE_LOCATION, NULL},
        {VSS_RME_RESTORE_AT_REBOOT, NULL},
        {VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE, NULL},
        {VSS_RME_CUSTOM, NULL},
        {VSS_RME_RESTORE_STOP_START, L"Spooler"},
    };
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        struct writer_metadata *metadata = make_metadata();
        assert_hr(writer_metadata_set_restore_method(metadata, rows[i].method, L"Spooler",
                      L"c:\\restore.cmd", VSS_WRE_IF_REPLACE_FAILS, true),
            S_OK);
        IVssExamineWriterMetadataEx2 *face = make_face(metadata);
        VSS_RESTOREMETHOD_ENUM method = VSS_RME_UNDEFINED;
        BSTR service = POISON;
        BSTR procedure = POISON;
        VSS_WRITERRESTORE_ENUM restore = VSS_WRE_UNDEFINED;
        BYTE reboot[3] = {0xEE, 0xEE, 0xEE};
        UINT mappings = 0;
        assert_hr(IVssExamineWriterMetadataEx2_GetRestoreMethod(
                      face, &method, &service, &procedure, &restore, &reboot[1], &mappings),
            S_OK);
        assert_int_equal(method, rows[i].method);
        assert_bstr(service, rows[i].service);
        assert_bstr(procedure, L"c:\\restore.cmd");
        assert_int_equal(restore, VSS_WRE_IF_REPLACE_FAILS);
        assert_int_equal(reboot[0], 0xEE);
        assert_int_equal(reboot[1], 1);
        assert_int_equal(reboot[2], 0xEE);
        assert_int_equal(mappings, 1);
        IVssExamineWriterMetadataEx2_Release(face);
    }
}

/* Every out parameter in turn is NULL; the others are nulled all the same. */
static void a_missing_out_parameter_is_invalid_and_nulls_the_others(void **state)
{
    (void)state;
    IVssExamineWriterMetadataEx2 *face = make_face(make_metadata());
    for (unsigned missing = 0; missing < 6; missing++)
    {
        VSS_ID ids[2] = {test_writer_id, test_writer_id};
        BSTR texts[2] = {POISON, POISON};
        VSS_USAGE_TYPE usage = VSS_UT_OTHER;
        VSS_SOURCE_TYPE source = VSS_ST_OTHER;
        assert_hr(IVssExamineWriterMetadataEx2_GetIdentityEx(face, missing == 0 ? NULL : &ids[0],
                      missing == 1 ? NULL : &ids[1], missing == 2 ? NULL : &texts[0],
                      missing == 3 ? NULL : &texts[1], missing == 4 ? NULL : &usage,
                      missing == 5 ? NULL : &source),
            E_INVALIDARG);
        assert_true(missing == 0 || IsEqualGUID(&ids[0], &GUID_NULL));
        assert_true(missing == 1 || IsEqualGUID(&ids[1], &GUID_NULL));
        assert_true(missing == 2 || !texts[0]);
        assert_true(missing == 3 || !texts[1]);
        assert_true(missing == 4 || usage == VSS_UT_UNDEFINED);
        assert_true(missing == 5 || source == VSS_ST_UNDEFINED);

        VSS_RESTOREMETHOD_ENUM method = VSS_RME_CUSTOM;
        VSS_WRITERRESTORE_ENUM restore = VSS_WRE_ALWAYS;
        boolean reboot = 9;
        UINT mappings = 9;
        texts[0] = POISON;
        texts[1] = POISON;
        assert_hr(IVssExamineWriterMetadataEx2_GetRestoreMethod(face, missing == 0 ? NULL : &method,
                      missing == 1 ? NULL : &texts[0], missing == 2 ? NULL : &texts[1],
                      missing == 3 ? NULL : &restore, missing == 4 ? NULL : &reboot,
                      missing == 5 ? NULL : &mappings),
            E_INVALIDARG);
        assert_true(missing == 0 || method == VSS_RME_UNDEFINED);
        assert_true(missing == 1 || !texts[0]);
        assert_true(missing == 2 || !texts[1]);
        assert_true(missing == 3 || restore == VSS_WRE_UNDEFINED);
        assert_true(missing == 4 || !reboot);
        assert_true(missing == 5 || !mappings);
    }
    IVssExamineWriterMetadataEx2_Release(face);
}

static void missing_out_parameters_of_the_others_are_invalid(void **state)
{
    (void)state;
    IVssExamineWriterMetadataEx2 *face = make_face(make_metadata());
    VSS_ID id;
    BSTR text = NULL;
    VSS_USAGE_TYPE usage;
    VSS_SOURCE_TYPE source;
    UINT count;
    DWORD version;
    assert_hr(IVssExamineWriterMetadataEx2_GetIdentity(face, NULL, &id, &text, &usage, &source),
        E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetIdentity(face, &id, NULL, &text, &usage, &source),
        E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetIdentity(face, &id, &id, NULL, &usage, &source),
        E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetIdentity(face, &id, &id, &text, NULL, &source),
        E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetIdentity(face, &id, &id, &text, &usage, NULL),
        E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetFileCounts(face, NULL, &count, &count), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetFileCounts(face, &count, NULL, &count), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetFileCounts(face, &count, &count, NULL), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetVersion(face, NULL, &version), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetVersion(face, &version, NULL), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetBackupSchema(face, NULL), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetExcludeFromSnapshotCount(face, NULL), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetDocument(face, NULL), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_SaveAsXML(face, NULL), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_LoadFromXML(face, NULL), E_INVALIDARG);
    IVssExamineWriterMetadataEx2_Release(face);
}

static void GetDocument_is_reserved(void **state)
{
    (void)state;
    IVssExamineWriterMetadataEx2 *face = make_face(make_metadata());
    IXMLDOMDocument *document = POISON;
    assert_hr(IVssExamineWriterMetadataEx2_GetDocument(face, &document), E_NOTIMPL);
    assert_null(document);
    IVssExamineWriterMetadataEx2_Release(face);
}

static void all_four_iids_are_answered(void **state)
{
    (void)state;
    static const IID *const iids[] = {&IID_IVssExamineWriterMetadata,
        &IID_IVssExamineWriterMetadataEx, &IID_IVssExamineWriterMetadataEx2};
    IVssExamineWriterMetadataEx2 *face = make_face(make_metadata());
    check_unknown(face, iids, ARRAYSIZE(iids));
    IVssExamineWriterMetadataEx2_Release(face);
}

/* ---- The document ---- */

static void check_exclude_count(IVssExamineWriterMetadataEx2 *face, UINT expected)
{
    UINT include;
    UINT exclude;
    UINT components;
    assert_hr(
        IVssExamineWriterMetadataEx2_GetFileCounts(face, &include, &exclude, &components), S_OK);
    assert_int_equal(exclude, expected);
}

static void what_is_saved_can_be_loaded(void **state)
{
    (void)state;
    IVssExamineWriterMetadataEx2 *face = make_face(make_metadata());
    BSTR xml = NULL;
    assert_hr(IVssExamineWriterMetadataEx2_SaveAsXML(face, &xml), S_OK);
    assert_int_equal(SysStringLen(xml), str16_len(xml));
    IVssExamineWriterMetadataEx2 *loaded = NULL;
    assert_hr(view_examine_from_xml(xml, SysStringLen(xml), &loaded), S_OK);
    check_exclude_count(loaded, 2);
    BSTR again = NULL;
    assert_hr(IVssExamineWriterMetadataEx2_SaveAsXML(loaded, &again), S_OK);
    assert_bstr(again, xml);
    SysFreeString(xml);
    IVssExamineWriterMetadataEx2_Release(loaded);
    IVssExamineWriterMetadataEx2_Release(face);
}

static void LoadFromXML_replaces_the_content(void **state)
{
    (void)state;
    IVssExamineWriterMetadataEx2 *face = make_face(make_metadata());
    BSTR xml = NULL;
    assert_hr(IVssExamineWriterMetadataEx2_SaveAsXML(face, &xml), S_OK);
    struct writer_metadata *other = writer_metadata_create();
    assert_hr(str16_assign(&other->writer_name, L"Other"), S_OK);
    other->usage = VSS_UT_OTHER;
    other->source = VSS_ST_OTHER;
    IVssExamineWriterMetadataEx2 *target = make_face(other);
    check_exclude_count(target, 0);
    assert_hr(IVssExamineWriterMetadataEx2_LoadFromXML(target, xml), S_OK);
    check_exclude_count(target, 2);
    SysFreeString(xml);
    IVssExamineWriterMetadataEx2_Release(target);
    IVssExamineWriterMetadataEx2_Release(face);
}

static void bad_xml_keeps_the_old_content(void **state)
{
    (void)state;
    static const WCHAR *const bad[] = {L"", L"<", L"<a/>", L"no xml"};
    IVssExamineWriterMetadataEx2 *face = make_face(make_metadata());
    for (size_t i = 0; i < ARRAYSIZE(bad); i++)
    {
        BSTR xml = SysAllocString(bad[i]);
        assert_hr(IVssExamineWriterMetadataEx2_LoadFromXML(face, xml), VSS_E_INVALID_XML_DOCUMENT);
        SysFreeString(xml);
        check_exclude_count(face, 2);
        IVssExamineWriterMetadataEx2 *loaded = POISON;
        assert_hr(
            view_examine_from_xml(bad[i], str16_len(bad[i]), &loaded), VSS_E_INVALID_XML_DOCUMENT);
        assert_null(loaded);
    }
    IVssExamineWriterMetadataEx2_Release(face);
}

static void a_stored_text_is_saved_as_it_is(void **state)
{
    (void)state;
    struct writer_metadata *metadata = make_metadata();
    assert_hr(str16_assign(&metadata->verbatim, L"<as it was/>"), S_OK);
    IVssExamineWriterMetadataEx2 *face = make_face(metadata);
    BSTR xml = POISON;
    assert_hr(IVssExamineWriterMetadataEx2_SaveAsXML(face, &xml), S_OK);
    assert_bstr(xml, L"<as it was/>");
    IVssExamineWriterMetadataEx2_Release(face);
}

/* ---- Memory ---- */

static HRESULT attempt_all(void *context)
{
    IVssExamineWriterMetadataEx2 *face = POISON;
    HRESULT hr = view_examine_create(context, &face);
    if (FAILED(hr))
    {
        assert_null(face);
        return hr;
    }
    VSS_ID id;
    BSTR texts[4] = {NULL};
    VSS_USAGE_TYPE usage;
    VSS_SOURCE_TYPE source;
    VSS_RESTOREMETHOD_ENUM method;
    VSS_WRITERRESTORE_ENUM restore;
    boolean reboot;
    UINT mappings;
    IVssWMComponent *component = NULL;
    BSTR xml = NULL;
    hr = IVssExamineWriterMetadataEx2_GetIdentityEx(
        face, &id, &id, &texts[0], &texts[1], &usage, &source);
    if (FAILED(hr))
        assert_true(!texts[0] && !texts[1]);
    if (SUCCEEDED(hr))
        hr = IVssExamineWriterMetadataEx2_GetRestoreMethod(
            face, &method, &texts[2], &texts[3], &restore, &reboot, &mappings);
    if (SUCCEEDED(hr))
        hr = IVssExamineWriterMetadataEx2_GetComponent(face, 0, &component);
    if (SUCCEEDED(hr))
        hr = IVssExamineWriterMetadataEx2_SaveAsXML(face, &xml);
    if (SUCCEEDED(hr))
        hr = IVssExamineWriterMetadataEx2_LoadFromXML(face, xml);
    for (size_t i = 0; i < ARRAYSIZE(texts); i++)
        SysFreeString(texts[i]);
    SysFreeString(xml);
    if (component)
        IVssWMComponent_Release(component);
    IVssExamineWriterMetadataEx2_Release(face);
    return hr;
}

static void memory_that_runs_out_anywhere_leaks_nothing(void **state)
{
    (void)state;
    struct writer_metadata *metadata = make_metadata();
    fail_each_allocation(attempt_all, metadata, S_OK);
    writer_metadata_release(metadata);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VIEW_TEST(identity_comes_back),
        VIEW_TEST(a_writer_that_told_nothing_has_defaults),
        VIEW_TEST(counts_say_what_the_lists_hold),
        VIEW_TEST(each_list_gives_its_files_and_ends),
        VIEW_TEST(a_component_outlives_its_document),
        VIEW_TEST(restore_method_comes_back),
        VIEW_TEST(a_missing_out_parameter_is_invalid_and_nulls_the_others),
        VIEW_TEST(missing_out_parameters_of_the_others_are_invalid),
        VIEW_TEST(GetDocument_is_reserved),
        VIEW_TEST(all_four_iids_are_answered),
        VIEW_TEST(what_is_saved_can_be_loaded),
        VIEW_TEST(LoadFromXML_replaces_the_content),
        VIEW_TEST(bad_xml_keeps_the_old_content),
        VIEW_TEST(a_stored_text_is_saved_as_it_is),
        VIEW_TEST(memory_that_runs_out_anywhere_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
