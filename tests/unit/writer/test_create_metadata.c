/* SPDX-License-Identifier: MIT
 *
 * IVssCreateWriterMetadata and Ex: every method with bad arguments, out of order, and after its
 * time. Follows writer-provider 2.5 and 4.1; what stands in the document is checked as text.
 */
#include <cmocka.h>

#include "base/guid.h"
#include "metadata_making.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"
#include "writer/create_metadata.h"

struct making
{
    struct writer_metadata *metadata;
    IVssCreateWriterMetadataEx *face;
};

static struct making begin(void)
{
    struct making making = {make_metadata(L"Probe"), NULL};
    assert_int_equal(create_metadata_create(making.metadata, &making.face), S_OK);
    return making;
}

static void end(struct making *making)
{
    create_metadata_close(making->face);
    writer_metadata_release(making->metadata);
}

static HRESULT add(IVssCreateWriterMetadataEx *face, int type, const WCHAR *path, const WCHAR *name)
{
    return face->lpVtbl->AddComponent(
        face, (VSS_COMPONENT_TYPE)type, path, name, NULL, NULL, 0, FALSE, FALSE, TRUE, FALSE, 0);
}

/* A face with a database "db" and a file group "group", both at the root. */
static struct making begin_with_components(void)
{
    struct making making = begin();
    assert_int_equal(add(making.face, VSS_CT_DATABASE, NULL, L"db"), S_OK);
    assert_int_equal(add(making.face, VSS_CT_FILEGROUP, NULL, L"group"), S_OK);
    return making;
}

static void assert_holds(IVssCreateWriterMetadataEx *face, const char *wanted, bool holds)
{
    BSTR xml = NULL;
    assert_int_equal(face->lpVtbl->SaveAsXML(face, &xml), S_OK);
    check_holds(xml, wanted, holds);
}

/* ---- Bad arguments ---- */

static void add_component_refuses_bad_arguments(void **state)
{
    (void)state;
    static const BYTE icon[] = {1, 2, 3};
    static const struct
    {
        int type;
        const WCHAR *path;
        const WCHAR *name;
        const WCHAR *caption;
        const BYTE *icon;
        UINT icon_size;
        DWORD flags;
        HRESULT hr;
    } rows[] = {
        {VSS_CT_UNDEFINED, NULL, L"x", NULL, NULL, 0, 0, E_INVALIDARG},
        {3, NULL, L"x", NULL, NULL, 0, 0, E_INVALIDARG},
        {VSS_CT_FILEGROUP, NULL, NULL, NULL, NULL, 0, 0, E_INVALIDARG},
        {VSS_CT_FILEGROUP, NULL, L"a\\b", NULL, NULL, 0, 0, E_INVALIDARG},
        {VSS_CT_FILEGROUP, NULL, control, NULL, NULL, 0, 0, E_INVALIDARG},
        {VSS_CT_FILEGROUP, control, L"x", NULL, NULL, 0, 0, E_INVALIDARG},
        {VSS_CT_FILEGROUP, NULL, L"x", control, NULL, 0, 0, E_INVALIDARG},
        {VSS_CT_FILEGROUP, NULL, L"x", NULL, NULL, 3, 0, E_INVALIDARG},
        {VSS_CT_FILEGROUP, NULL, L"x", NULL, NULL, 0, 8, E_INVALIDARG},
        {VSS_CT_FILEGROUP, NULL, L"with icon", NULL, icon, 3, 0, S_OK},
        {VSS_CT_FILEGROUP, NULL, L"icon of no size", NULL, icon, 0, 0, S_OK},
        {VSS_CT_DATABASE, L"a\\b", L"flags", L"caption", NULL, 0, 7, S_OK},
    };
    struct making making = begin();
    size_t added = 0;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        HRESULT hr = making.face->lpVtbl->AddComponent(making.face,
            (VSS_COMPONENT_TYPE)rows[i].type, rows[i].path, rows[i].name, rows[i].caption,
            rows[i].icon, rows[i].icon_size, FALSE, FALSE, TRUE, FALSE, rows[i].flags);
        if (hr != rows[i].hr)
            print_error("row %u\n", (unsigned)i);
        assert_int_equal(hr, rows[i].hr);
        added += hr == S_OK;
        assert_int_equal(making.metadata->components.count, added);
    }
    end(&making);
}

static void file_sets_refuse_bad_arguments_wherever_they_are_added(void **state)
{
    (void)state;
    static const struct
    {
        const WCHAR *path;
        const WCHAR *filespec;
    } bad[] = {{NULL, L"*"}, {L"C:\\x", NULL}, {L"C:\\*", L"*"}, {L"C:\\?", L"*"},
        {L"\\\\?\\C:\\?", L"*"}, {control, L"*"}, {L"C:\\x", control}, {L"C:\\x", L"a\\*"},
        {L"C:\\x", L"\\"}, {L"C:\\x", L"a/b.txt"}};
    struct making making = begin_with_components();
    IVssCreateWriterMetadataEx *face = making.face;
    assert_int_equal(face->lpVtbl->SetRestoreMethod(
                         face, VSS_RME_RESTORE_IF_CAN_REPLACE, NULL, NULL, VSS_WRE_ALWAYS, FALSE),
        S_OK);
    /* The question mark of an extended path is none of them. */
    assert_int_equal(
        face->lpVtbl->AddExcludeFiles(face, L"\\\\?\\Volume{x}\\data", L"*", FALSE), S_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
    {
        const WCHAR *path = bad[i].path;
        const WCHAR *spec = bad[i].filespec;
        assert_int_equal(face->lpVtbl->AddExcludeFiles(face, path, spec, FALSE), E_INVALIDARG);
        assert_int_equal(
            face->lpVtbl->AddExcludeFilesFromSnapshot(face, path, spec, FALSE), E_INVALIDARG);
        assert_int_equal(
            face->lpVtbl->AddDatabaseFiles(face, NULL, L"db", path, spec, MASK), E_INVALIDARG);
        assert_int_equal(
            face->lpVtbl->AddDatabaseLogFiles(face, NULL, L"db", path, spec, MASK), E_INVALIDARG);
        assert_int_equal(
            face->lpVtbl->AddFilesToFileGroup(face, NULL, L"group", path, spec, FALSE, NULL, MASK),
            E_INVALIDARG);
        assert_int_equal(
            face->lpVtbl->AddAlternateLocationMapping(face, path, spec, FALSE, L"D:\\x"),
            E_INVALIDARG);
    }
    assert_int_equal(
        face->lpVtbl->AddAlternateLocationMapping(face, L"C:\\x", L"*", FALSE, NULL), E_INVALIDARG);
    assert_int_equal(
        face->lpVtbl->AddAlternateLocationMapping(face, L"C:\\x", L"*", FALSE, control),
        E_INVALIDARG);
    assert_int_equal(
        face->lpVtbl->AddAlternateLocationMapping(face, L"C:\\x", L"*", FALSE, L"D:\\*"),
        E_INVALIDARG);
    assert_int_equal(face->lpVtbl->AddFilesToFileGroup(
                         face, NULL, L"group", L"C:\\x", L"*", FALSE, L"D:\\?", MASK),
        E_INVALIDARG);
    assert_int_equal(face->lpVtbl->AddFilesToFileGroup(
                         face, NULL, L"group", L"C:\\x", L"*", FALSE, control, MASK),
        E_INVALIDARG);
    assert_int_equal(face->lpVtbl->AddFilesToFileGroup(
                         face, NULL, L"group", L"C:\\x", L"*", FALSE, NULL, 0x1000),
        E_INVALIDARG);
    assert_int_equal(
        face->lpVtbl->AddDatabaseFiles(face, NULL, NULL, L"C:\\x", L"*", MASK), E_INVALIDARG);
    assert_holds(face, "C:\\x", false);
    end(&making);
}

static void files_of_a_missing_component_or_one_of_the_other_type_are_refused(void **state)
{
    (void)state;
    struct making making = begin_with_components();
    IVssCreateWriterMetadataEx *face = making.face;
    assert_int_equal(face->lpVtbl->AddDatabaseFiles(face, NULL, L"nowhere", L"C:\\x", L"*", MASK),
        VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(face->lpVtbl->AddDatabaseLogFiles(face, L"path", L"db", L"C:\\x", L"*", MASK),
        VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(face->lpVtbl->AddFilesToFileGroup(
                         face, NULL, L"nowhere", L"C:\\x", L"*", FALSE, NULL, MASK),
        VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(
        face->lpVtbl->AddDatabaseFiles(face, NULL, L"group", L"C:\\x", L"*", MASK), E_INVALIDARG);
    assert_int_equal(face->lpVtbl->AddDatabaseLogFiles(face, NULL, L"group", L"C:\\x", L"*", MASK),
        E_INVALIDARG);
    assert_int_equal(
        face->lpVtbl->AddFilesToFileGroup(face, NULL, L"db", L"C:\\x", L"*", FALSE, NULL, MASK),
        E_INVALIDARG);
    assert_int_equal(face->lpVtbl->AddDatabaseFiles(face, L"", L"db", L"C:\\x", L"*", MASK), S_OK);
    end(&making);
}

static void set_restore_method_refuses_undefined_values(void **state)
{
    (void)state;
    static const struct
    {
        int method;
        int writer_restore;
        HRESULT hr;
    } rows[] = {{0, VSS_WRE_ALWAYS, E_INVALIDARG}, {9, VSS_WRE_ALWAYS, E_INVALIDARG},
        {-1, VSS_WRE_ALWAYS, E_INVALIDARG}, {VSS_RME_CUSTOM, 0, E_INVALIDARG},
        {VSS_RME_CUSTOM, 4, E_INVALIDARG}, {1, 1, S_OK}, {8, 3, S_OK}};
    struct making making = begin();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(making.face->lpVtbl->SetRestoreMethod(making.face,
                             (VSS_RESTOREMETHOD_ENUM)rows[i].method, NULL, NULL,
                             (VSS_WRITERRESTORE_ENUM)rows[i].writer_restore, FALSE),
            rows[i].hr);
    assert_int_equal(making.face->lpVtbl->SetRestoreMethod(making.face, VSS_RME_STOP_RESTORE_START,
                         control, NULL, VSS_WRE_NEVER, FALSE),
        E_INVALIDARG);
    end(&making);
}

static void a_mapping_before_the_restore_method_finds_no_object(void **state)
{
    (void)state;
    struct making making = begin();
    IVssCreateWriterMetadataEx *face = making.face;
    assert_int_equal(
        face->lpVtbl->AddAlternateLocationMapping(face, L"C:\\x", L"*", FALSE, L"D:\\x"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(face->lpVtbl->SetRestoreMethod(face, VSS_RME_RESTORE_TO_ALTERNATE_LOCATION,
                         NULL, NULL, VSS_WRE_NEVER, FALSE),
        S_OK);
    assert_int_equal(
        face->lpVtbl->AddAlternateLocationMapping(face, L"C:\\x", L"*", FALSE, L"D:\\x"), S_OK);
    end(&making);
}

static void dependencies_refuse_bad_arguments(void **state)
{
    (void)state;
    struct making making = begin_with_components();
    IVssCreateWriterMetadataEx *face = making.face;
    assert_int_equal(
        face->lpVtbl->AddComponentDependency(face, NULL, NULL, other_id, NULL, L"x"), E_INVALIDARG);
    assert_int_equal(face->lpVtbl->AddComponentDependency(face, NULL, L"db", other_id, NULL, NULL),
        E_INVALIDARG);
    assert_int_equal(
        face->lpVtbl->AddComponentDependency(face, NULL, L"db", other_id, control, L"x"),
        E_INVALIDARG);
    assert_int_equal(
        face->lpVtbl->AddComponentDependency(face, NULL, L"nowhere", other_id, NULL, L"x"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(
        face->lpVtbl->AddComponentDependency(face, NULL, L"db", writer_id, NULL, L"group"),
        E_INVALIDARG);
    assert_int_equal(face->lpVtbl->AddComponentDependency(
                         face, NULL, L"db", writer_id, L"\\\\machine\\a", L"group"),
        S_OK);
    assert_int_equal(
        face->lpVtbl->AddComponentDependency(face, NULL, L"db", other_id, NULL, L"x"), S_OK);
    end(&making);
}

static void a_schema_with_unknown_bits_is_refused(void **state)
{
    (void)state;
    struct making making = begin();
    IVssCreateWriterMetadataEx *face = making.face;
    assert_int_equal(face->lpVtbl->SetBackupSchema(face, 0x800), E_INVALIDARG);
    assert_int_equal(face->lpVtbl->SetBackupSchema(face, 0x10000), E_INVALIDARG);
    assert_holds(face, "backupSchema", false);
    assert_int_equal(face->lpVtbl->SetBackupSchema(face, 0xF7FF), S_OK);
    assert_holds(face, "backupSchema=\"63487\"", true);
    assert_int_equal(face->lpVtbl->SetBackupSchema(face, 0), S_OK);
    assert_holds(face, "backupSchema=\"0\"", true);
    end(&making);
}

static void reserved_methods_are_not_implemented(void **state)
{
    (void)state;
    struct making making = begin();
    IVssCreateWriterMetadataEx *face = making.face;
    IXMLDOMDocument *document = (IXMLDOMDocument *)(ULONG_PTR)1;
    assert_int_equal(face->lpVtbl->AddIncludeFiles(face, L"C:\\x", L"*", FALSE, NULL), E_NOTIMPL);
    assert_int_equal(face->lpVtbl->GetDocument(face, &document), E_NOTIMPL);
    assert_null(document);
    assert_int_equal(face->lpVtbl->SaveAsXML(face, NULL), E_INVALIDARG);
    end(&making);
}

static void after_identify_every_method_is_out_of_order(void **state)
{
    (void)state;
    struct making making = begin_with_components();
    IVssCreateWriterMetadataEx *face = making.face;
    IUnknown *unknown = (IUnknown *)((void **)face + 1);
    BSTR xml = (BSTR)(ULONG_PTR)1;
    unknown->lpVtbl->AddRef(unknown);
    end(&making);
    assert_int_equal(face->lpVtbl->AddExcludeFiles(face, L"C:\\x", L"*", FALSE), VSS_E_BAD_STATE);
    assert_int_equal(add(face, VSS_CT_DATABASE, NULL, L"late"), VSS_E_BAD_STATE);
    assert_int_equal(
        face->lpVtbl->AddDatabaseFiles(face, NULL, L"db", L"C:\\x", L"*", MASK), VSS_E_BAD_STATE);
    assert_int_equal(face->lpVtbl->AddDatabaseLogFiles(face, NULL, L"db", L"C:\\x", L"*", MASK),
        VSS_E_BAD_STATE);
    assert_int_equal(
        face->lpVtbl->AddFilesToFileGroup(face, NULL, L"group", L"C:\\x", L"*", FALSE, NULL, MASK),
        VSS_E_BAD_STATE);
    assert_int_equal(
        face->lpVtbl->SetRestoreMethod(face, VSS_RME_CUSTOM, NULL, NULL, VSS_WRE_NEVER, FALSE),
        VSS_E_BAD_STATE);
    assert_int_equal(
        face->lpVtbl->AddAlternateLocationMapping(face, L"C:\\x", L"*", FALSE, L"D:\\x"),
        VSS_E_BAD_STATE);
    assert_int_equal(face->lpVtbl->AddComponentDependency(face, NULL, L"db", other_id, NULL, L"x"),
        VSS_E_BAD_STATE);
    assert_int_equal(face->lpVtbl->SetBackupSchema(face, 0), VSS_E_BAD_STATE);
    assert_int_equal(face->lpVtbl->SaveAsXML(face, &xml), VSS_E_BAD_STATE);
    assert_null(xml);
    assert_int_equal(
        face->lpVtbl->AddExcludeFilesFromSnapshot(face, L"C:\\x", L"*", FALSE), VSS_E_BAD_STATE);
    assert_int_equal(unknown->lpVtbl->Release(unknown), 0);
}

/* ---- Shape ---- */

static void the_second_vtable_pointer_answers_and_adjusts_back(void **state)
{
    (void)state;
    static const IID zero;
    static const IID ex = {
        0x9f21981d, 0xd469, 0x4349, {0xb8, 0x07, 0x39, 0xe6, 0x4e, 0x46, 0x74, 0xe1}};
    struct making making = begin();
    IUnknown *unknown = (IUnknown *)((void **)making.face + 1);
    void *out = NULL;
    assert_int_equal(unknown->lpVtbl->QueryInterface(unknown, &ex, &out), S_OK);
    assert_ptr_equal(out, making.face);
    assert_int_equal(unknown->lpVtbl->Release(unknown), 1);
    assert_int_equal(unknown->lpVtbl->QueryInterface(unknown, &IID_IUnknown, &out), S_OK);
    assert_ptr_equal(out, unknown);
    assert_int_equal(unknown->lpVtbl->Release(unknown), 1);
    assert_int_equal(unknown->lpVtbl->QueryInterface(unknown, &zero, &out), E_NOINTERFACE);
    assert_null(out);
    assert_int_equal(unknown->lpVtbl->QueryInterface(unknown, &IID_IUnknown, NULL), E_POINTER);
    end(&making);
}

/* 0 AddIncludeFiles .. 11 SaveAsXML, 12 AddExcludeFilesFromSnapshot: no IUnknown in front. */
static void the_first_slots_are_the_methods_themselves(void **state)
{
    (void)state;
    struct making making = begin();
    void *const *slots = *(void *const **)making.face;
    const IVssCreateWriterMetadataExVtbl *vtbl = making.face->lpVtbl;
    assert_ptr_equal(slots[0], (void *)vtbl->AddIncludeFiles);
    assert_ptr_equal(slots[2], (void *)vtbl->AddComponent);
    assert_ptr_equal(slots[11], (void *)vtbl->SaveAsXML);
    assert_ptr_equal(slots[12], (void *)vtbl->AddExcludeFilesFromSnapshot);
    for (int i = 0; i <= 12; i++)
        assert_non_null(slots[i]);
    end(&making);
}

/* ---- What it makes ---- */

static void a_second_component_of_the_same_path_and_name_is_refused(void **state)
{
    (void)state;
    struct making making = begin();
    assert_int_equal(add(making.face, VSS_CT_FILEGROUP, NULL, L"x"), S_OK);
    assert_int_equal(add(making.face, VSS_CT_FILEGROUP, L"", L"x"), VSS_E_OBJECT_ALREADY_EXISTS);
    assert_int_equal(add(making.face, VSS_CT_DATABASE, NULL, L"x"), VSS_E_OBJECT_ALREADY_EXISTS);
    assert_int_equal(add(making.face, VSS_CT_FILEGROUP, L"path", L"x"), S_OK);
    assert_int_equal(
        add(making.face, VSS_CT_FILEGROUP, L"path", L"x"), VSS_E_OBJECT_ALREADY_EXISTS);
    assert_int_equal(making.metadata->components.count, 2);
    end(&making);
}

static void masks_and_recursion_stand_in_the_document_as_windows_writes_them(void **state)
{
    (void)state;
    struct making making = begin_with_components();
    IVssCreateWriterMetadataEx *face = making.face;
    assert_int_equal(face->lpVtbl->AddFilesToFileGroup(
                         face, NULL, L"group", L"%DATA%\\", L"*.dat", FALSE, NULL, MASK),
        S_OK);
    assert_holds(face, "filespecBackupType=\"3855\"", true);
    assert_holds(face, "recursive", false);
    assert_int_equal(face->lpVtbl->AddExcludeFiles(face, L"%DATA%\\", L"*.tmp", FALSE), S_OK);
    assert_holds(face, "recursive=\"no\"", true);
    end(&making);
}

static void an_empty_caption_is_written_and_a_missing_one_is_not(void **state)
{
    (void)state;
    struct making making = begin();
    assert_int_equal(add(making.face, VSS_CT_FILEGROUP, NULL, L"none"), S_OK);
    assert_holds(making.face, "caption=", false);
    assert_holds(making.face, "logicalPath=", false);
    assert_int_equal(making.face->lpVtbl->AddComponent(making.face, VSS_CT_FILEGROUP, NULL,
                         L"empty", L"", NULL, 0, FALSE, FALSE, TRUE, FALSE, 0),
        S_OK);
    assert_holds(making.face, "caption=\"\"", true);
    end(&making);
}

static void a_second_restore_method_replaces_the_first(void **state)
{
    (void)state;
    struct making making = begin();
    IVssCreateWriterMetadataEx *face = making.face;
    assert_int_equal(
        face->lpVtbl->SetRestoreMethod(face, VSS_RME_CUSTOM, NULL, NULL, VSS_WRE_NEVER, FALSE),
        S_OK);
    assert_int_equal(face->lpVtbl->SetRestoreMethod(
                         face, VSS_RME_STOP_RESTORE_START, L"svc", NULL, VSS_WRE_ALWAYS, TRUE),
        S_OK);
    assert_int_equal(making.metadata->restore_method->method, VSS_RME_STOP_RESTORE_START);
    assert_int_equal(making.metadata->restore_method->writer_restore, VSS_WRE_ALWAYS);
    assert_true(making.metadata->restore_method->reboot_required);
    assert_true(str16_equal(making.metadata->restore_method->service, L"svc"));
    end(&making);
}

static void one_byte_flags_with_any_bit_count_as_true(void **state)
{
    (void)state;
    struct making making = begin();
    assert_int_equal(making.face->lpVtbl->AddComponent(making.face, VSS_CT_FILEGROUP, NULL, L"x",
                         NULL, NULL, 0, 0x80, 0, 2, 0, 0),
        S_OK);
    const struct metadata_component *component = making.metadata->components.items[0];
    assert_true(component->restore_metadata);
    assert_false(component->notify_on_backup_complete);
    assert_true(component->selectable);
    assert_false(component->selectable_for_restore);
    end(&making);
}

/* ---- Memory ---- */

static HRESULT make_all(IVssCreateWriterMetadataEx *face)
{
    static const BYTE icon[] = {1, 2, 3};
    BSTR xml = NULL;
    HRESULT hr = face->lpVtbl->AddComponent(
        face, VSS_CT_FILEGROUP, L"path", L"x", L"caption", icon, 3, FALSE, FALSE, TRUE, FALSE, 0);
    if (hr == S_OK)
        hr = face->lpVtbl->AddFilesToFileGroup(
            face, L"path", L"x", L"C:\\x", L"*", TRUE, L"D:\\x", MASK);
    if (hr == S_OK)
        hr = face->lpVtbl->AddExcludeFiles(face, L"C:\\x", L"*", FALSE);
    if (hr == S_OK)
        hr = face->lpVtbl->AddExcludeFilesFromSnapshot(face, L"C:\\x", L"*", FALSE);
    if (hr == S_OK)
        hr = face->lpVtbl->SetRestoreMethod(
            face, VSS_RME_STOP_RESTORE_START, L"svc", NULL, VSS_WRE_ALWAYS, FALSE);
    if (hr == S_OK)
        hr = face->lpVtbl->AddAlternateLocationMapping(face, L"C:\\x", L"*", TRUE, L"E:\\x");
    if (hr == S_OK)
        hr = face->lpVtbl->AddComponentDependency(face, L"path", L"x", other_id, L"p", L"y");
    if (hr == S_OK)
        hr = face->lpVtbl->SaveAsXML(face, &xml);
    SysFreeString(xml);
    return hr;
}

static void each_allocation_that_fails_is_said_and_leaks_nothing(void **state)
{
    (void)state;
    size_t which = 1;
    for (bool failed = true; failed; which++)
    {
        struct making making = begin();
        fail_alloc(which);
        HRESULT hr = make_all(making.face);
        failed = allow_allocs();
        assert_int_equal(hr, failed ? E_OUTOFMEMORY : S_OK);
        end(&making);
    }
    assert_true(which > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(add_component_refuses_bad_arguments),
        leak_test(file_sets_refuse_bad_arguments_wherever_they_are_added),
        leak_test(files_of_a_missing_component_or_one_of_the_other_type_are_refused),
        leak_test(set_restore_method_refuses_undefined_values),
        leak_test(a_mapping_before_the_restore_method_finds_no_object),
        leak_test(dependencies_refuse_bad_arguments),
        leak_test(a_schema_with_unknown_bits_is_refused),
        leak_test(reserved_methods_are_not_implemented),
        leak_test(after_identify_every_method_is_out_of_order),
        leak_test(the_second_vtable_pointer_answers_and_adjusts_back),
        leak_test(the_first_slots_are_the_methods_themselves),
        leak_test(a_second_component_of_the_same_path_and_name_is_refused),
        leak_test(masks_and_recursion_stand_in_the_document_as_windows_writes_them),
        leak_test(an_empty_caption_is_written_and_a_missing_one_is_not),
        leak_test(a_second_restore_method_replaces_the_first),
        leak_test(one_byte_flags_with_any_bit_count_as_true),
        leak_test(each_allocation_that_fails_is_said_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
