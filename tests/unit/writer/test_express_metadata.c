/* SPDX-License-Identifier: MIT
 *
 * IVssCreateExpressWriterMetadata: every method, what an express writer cannot have, and bad
 * arguments (writer-provider 4.5, 9.66).
 */
#include <cmocka.h>

#include "metadata_making.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"
#include "writer/express_metadata.h"

static IVssCreateExpressWriterMetadata *begin(void)
{
    IVssCreateExpressWriterMetadata *face = NULL;
    struct writer_metadata *metadata = make_metadata(L"Express");
    assert_int_equal(express_metadata_create(metadata, &face), S_OK);
    writer_metadata_release(metadata);
    return face;
}

static IVssCreateExpressWriterMetadata *begin_with_group(void)
{
    IVssCreateExpressWriterMetadata *face = begin();
    assert_int_equal(IVssCreateExpressWriterMetadata_AddComponent(face, VSS_CT_FILEGROUP, L"path",
                         L"group", NULL, NULL, 0, FALSE, FALSE, TRUE, FALSE, 0),
        S_OK);
    return face;
}

static void end(IVssCreateExpressWriterMetadata *face)
{
    assert_int_equal(IVssCreateExpressWriterMetadata_Release(face), 0);
}

static void assert_holds(IVssCreateExpressWriterMetadata *face, const char *wanted, bool holds)
{
    BSTR xml = NULL;
    assert_int_equal(IVssCreateExpressWriterMetadata_SaveAsXML(face, &xml), S_OK);
    check_holds(xml, wanted, holds);
}

static void add_component_takes_file_groups_without_recovery(void **state)
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
        {VSS_CT_FILEGROUP, NULL, L"plain", NULL, NULL, 0, 0, S_OK},
        {VSS_CT_FILEGROUP, L"a\\b", L"plain", L"caption", icon, 3, 4, S_OK},
        {VSS_CT_FILEGROUP, NULL, L"plain", NULL, NULL, 0, 0, VSS_E_OBJECT_ALREADY_EXISTS},
        {VSS_CT_DATABASE, NULL, L"x", NULL, NULL, 0, 0, VSS_E_NOT_SUPPORTED},
        {VSS_CT_FILEGROUP, NULL, L"x", NULL, NULL, 0, 1, VSS_E_NOT_SUPPORTED},
        {VSS_CT_FILEGROUP, NULL, L"x", NULL, NULL, 0, 2, VSS_E_NOT_SUPPORTED},
        {VSS_CT_FILEGROUP, NULL, L"x", NULL, NULL, 0, 7, VSS_E_NOT_SUPPORTED},
        {VSS_CT_FILEGROUP, NULL, L"x", NULL, NULL, 0, 8, E_INVALIDARG},
        {VSS_CT_UNDEFINED, NULL, L"x", NULL, NULL, 0, 0, E_INVALIDARG},
        {3, NULL, L"x", NULL, NULL, 0, 0, E_INVALIDARG},
        {VSS_CT_FILEGROUP, NULL, NULL, NULL, NULL, 0, 0, E_INVALIDARG},
        {VSS_CT_FILEGROUP, NULL, L"a\\b", NULL, NULL, 0, 0, E_INVALIDARG},
        {VSS_CT_FILEGROUP, NULL, control, NULL, NULL, 0, 0, E_INVALIDARG},
        {VSS_CT_FILEGROUP, control, L"x", NULL, NULL, 0, 0, E_INVALIDARG},
        {VSS_CT_FILEGROUP, NULL, L"x", control, NULL, 0, 0, E_INVALIDARG},
        {VSS_CT_FILEGROUP, NULL, L"x", NULL, NULL, 3, 0, E_INVALIDARG},
    };
    IVssCreateExpressWriterMetadata *face = begin();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        HRESULT hr = IVssCreateExpressWriterMetadata_AddComponent(face,
            (VSS_COMPONENT_TYPE)rows[i].type, rows[i].path, rows[i].name, rows[i].caption,
            rows[i].icon, rows[i].icon_size, FALSE, FALSE, TRUE, TRUE, rows[i].flags);
        if (hr != rows[i].hr)
            print_error("row %u\n", (unsigned)i);
        assert_int_equal(hr, rows[i].hr);
    }
    assert_holds(face, "logicalPath=\"a\\b\" componentName=\"plain\" caption=\"caption\"", true);
    assert_holds(face, "componentName=\"x\"", false);
    assert_holds(face, "DATABASE", false);
    end(face);
}

static void add_files_takes_no_alternate_path_and_no_partial_backups(void **state)
{
    (void)state;
    static const struct
    {
        const WCHAR *logical_path;
        const WCHAR *group;
        const WCHAR *path;
        const WCHAR *filespec;
        const WCHAR *alternate;
        DWORD mask;
        HRESULT hr;
    } rows[] = {
        {L"path", L"group", L"%SystemRoot%\\", L"*.db", NULL, MASK, S_OK},
        {L"path", L"group", L"c:\\a", L"b", NULL, 0x101, S_OK},
        {L"path", L"group", L"c:\\a", L"c", NULL, 0, S_OK},
        {L"path", L"group", L"c:\\a", L"d", NULL, 0x10F0F, S_OK},
        {L"path", L"group", L"c:\\a", L"x", L"c:\\b", MASK, VSS_E_NOT_SUPPORTED},
        {L"path", L"group", L"c:\\a", L"x", L"", MASK, VSS_E_NOT_SUPPORTED},
        {L"path", L"group", L"c:\\a", L"x", NULL, 0x2, VSS_E_NOT_SUPPORTED},
        {L"path", L"group", L"c:\\a", L"x", NULL, 0x4, VSS_E_NOT_SUPPORTED},
        {L"path", L"group", L"c:\\a", L"x", NULL, 0x8, VSS_E_NOT_SUPPORTED},
        {L"path", L"group", L"c:\\a", L"x", NULL, 0x3, VSS_E_NOT_SUPPORTED},
        {L"path", L"group", L"c:\\a", L"x", NULL, 0xF0E, VSS_E_NOT_SUPPORTED},
        {L"path", L"group", L"c:\\a", L"x", NULL, 0x20000, E_INVALIDARG},
        {L"path", L"group", NULL, L"x", NULL, MASK, E_INVALIDARG},
        {L"path", L"group", L"c:\\a", NULL, NULL, MASK, E_INVALIDARG},
        {L"path", L"group", L"c:\\*", L"x", NULL, MASK, E_INVALIDARG},
        {L"path", L"group", control, L"x", NULL, MASK, E_INVALIDARG},
        {L"path", NULL, L"c:\\a", L"x", NULL, MASK, E_INVALIDARG},
        {L"path", L"other", L"c:\\a", L"x", NULL, MASK, VSS_E_OBJECT_NOT_FOUND},
        {NULL, L"group", L"c:\\a", L"x", NULL, MASK, VSS_E_OBJECT_NOT_FOUND},
    };
    IVssCreateExpressWriterMetadata *face = begin_with_group();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        HRESULT hr = IVssCreateExpressWriterMetadata_AddFilesToFileGroup(face, rows[i].logical_path,
            rows[i].group, rows[i].path, rows[i].filespec, TRUE, rows[i].alternate, rows[i].mask);
        if (hr != rows[i].hr)
            print_error("row %u\n", (unsigned)i);
        assert_int_equal(hr, rows[i].hr);
    }
    assert_holds(face,
        "path=\"%SystemRoot%\\\" filespec=\"*.db\" recursive=\"yes\" filespecBackupType=\"3855\"",
        true);
    assert_holds(face, "filespec=\"b\" recursive=\"yes\" filespecBackupType=\"257\"", true);
    assert_holds(face, "filespec=\"x\"", false);
    end(face);
}

static void restore_methods_that_need_code_are_not_supported(void **state)
{
    (void)state;
    static const struct
    {
        int method;
        const WCHAR *service;
        int writer_restore;
        HRESULT hr;
    } rows[] = {
        {VSS_RME_RESTORE_IF_NOT_THERE, NULL, VSS_WRE_NEVER, S_OK},
        {VSS_RME_RESTORE_IF_CAN_REPLACE, NULL, VSS_WRE_NEVER, S_OK},
        {VSS_RME_RESTORE_AT_REBOOT, NULL, VSS_WRE_NEVER, S_OK},
        {VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE, NULL, VSS_WRE_NEVER, S_OK},
        {VSS_RME_RESTORE_STOP_START, L"svc", VSS_WRE_NEVER, S_OK},
        {VSS_RME_STOP_RESTORE_START, L"svc", VSS_WRE_NEVER, S_OK},
        {VSS_RME_UNDEFINED, NULL, VSS_WRE_NEVER, VSS_E_NOT_SUPPORTED},
        {VSS_RME_RESTORE_TO_ALTERNATE_LOCATION, NULL, VSS_WRE_NEVER, VSS_E_NOT_SUPPORTED},
        {VSS_RME_CUSTOM, NULL, VSS_WRE_NEVER, VSS_E_NOT_SUPPORTED},
        {VSS_RME_RESTORE_IF_NOT_THERE, NULL, VSS_WRE_UNDEFINED, VSS_E_NOT_SUPPORTED},
        {VSS_RME_RESTORE_IF_NOT_THERE, NULL, VSS_WRE_IF_REPLACE_FAILS, VSS_E_NOT_SUPPORTED},
        {VSS_RME_RESTORE_IF_NOT_THERE, NULL, VSS_WRE_ALWAYS, VSS_E_NOT_SUPPORTED},
        {9, NULL, VSS_WRE_NEVER, E_INVALIDARG},
        {VSS_RME_STOP_RESTORE_START, control, VSS_WRE_NEVER, E_INVALIDARG},
    };
    IVssCreateExpressWriterMetadata *face = begin();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        HRESULT hr = IVssCreateExpressWriterMetadata_SetRestoreMethod(face,
            (VSS_RESTOREMETHOD_ENUM)rows[i].method, rows[i].service, NULL,
            (VSS_WRITERRESTORE_ENUM)rows[i].writer_restore, TRUE);
        if (hr != rows[i].hr)
            print_error("row %u\n", (unsigned)i);
        assert_int_equal(hr, rows[i].hr);
    }
    /* The last that was taken. */
    assert_holds(face, "writerRestore=\"never\" rebootRequired=\"yes\"", true);
    assert_holds(face, "svc", true);
    end(face);
}

static void schemas_that_need_code_are_not_supported(void **state)
{
    (void)state;
    static const struct
    {
        DWORD schema;
        HRESULT hr;
    } rows[] = {{VSS_BS_UNDEFINED, S_OK}, {VSS_BS_COPY, S_OK},
        {VSS_BS_INDEPENDENT_SYSTEM_STATE, S_OK},
        {VSS_BS_COPY | VSS_BS_INDEPENDENT_SYSTEM_STATE, S_OK},
        {VSS_BS_DIFFERENTIAL, VSS_E_NOT_SUPPORTED}, {VSS_BS_INCREMENTAL, VSS_E_NOT_SUPPORTED},
        {VSS_BS_EXCLUSIVE_INCREMENTAL_DIFFERENTIAL, VSS_E_NOT_SUPPORTED},
        {VSS_BS_LOG, VSS_E_NOT_SUPPORTED}, {VSS_BS_TIMESTAMPED, VSS_E_NOT_SUPPORTED},
        {VSS_BS_LAST_MODIFY, VSS_E_NOT_SUPPORTED}, {VSS_BS_LSN, VSS_E_NOT_SUPPORTED},
        {VSS_BS_WRITER_SUPPORTS_NEW_TARGET, VSS_E_NOT_SUPPORTED},
        {VSS_BS_COPY | VSS_BS_LOG, VSS_E_NOT_SUPPORTED}};
    IVssCreateExpressWriterMetadata *face = begin();
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        HRESULT hr = IVssCreateExpressWriterMetadata_SetBackupSchema(face, rows[i].schema);
        if (hr != rows[i].hr)
            print_error("row %u\n", (unsigned)i);
        assert_int_equal(hr, rows[i].hr);
    }
    assert_holds(face, "backupSchema=\"1040\"", true);
    end(face);
}

static void excluded_files_and_dependencies_are_checked_and_written(void **state)
{
    (void)state;
    IVssCreateExpressWriterMetadata *face = begin_with_group();
    assert_int_equal(
        IVssCreateExpressWriterMetadata_AddExcludeFiles(face, NULL, L"*.tmp", TRUE), E_INVALIDARG);
    assert_int_equal(
        IVssCreateExpressWriterMetadata_AddExcludeFiles(face, L"c:\\", NULL, TRUE), E_INVALIDARG);
    assert_int_equal(
        IVssCreateExpressWriterMetadata_AddExcludeFiles(face, L"c:\\?", L"x", TRUE), E_INVALIDARG);
    assert_int_equal(
        IVssCreateExpressWriterMetadata_AddExcludeFiles(face, L"c:\\", L"*.tmp", FALSE), S_OK);
    assert_int_equal(IVssCreateExpressWriterMetadata_AddComponentDependency(
                         face, L"path", NULL, other_id, NULL, L"their"),
        E_INVALIDARG);
    assert_int_equal(IVssCreateExpressWriterMetadata_AddComponentDependency(
                         face, L"path", L"group", other_id, NULL, NULL),
        E_INVALIDARG);
    assert_int_equal(IVssCreateExpressWriterMetadata_AddComponentDependency(
                         face, L"path", L"group", writer_id, NULL, L"own"),
        E_INVALIDARG);
    assert_int_equal(IVssCreateExpressWriterMetadata_AddComponentDependency(
                         face, L"path", L"missing", other_id, NULL, L"their"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_int_equal(IVssCreateExpressWriterMetadata_AddComponentDependency(
                         face, L"path", L"group", other_id, NULL, L"their"),
        S_OK);
    assert_holds(face, "filespec=\"*.tmp\" recursive=\"no\"", true);
    assert_holds(face, "b0b0b0b0-1111-2222-0102-030405060708", true);
    assert_int_equal(IVssCreateExpressWriterMetadata_SaveAsXML(face, NULL), E_INVALIDARG);
    end(face);
}

static void it_answers_its_own_identity_and_counts_references(void **state)
{
    (void)state;
    IVssCreateExpressWriterMetadata *face = begin();
    /* As writer-provider 2.5 prints it. */
    static const IID own = {
        0x9c772e77, 0xb26e, 0x427f, {0x92, 0xdd, 0xc9, 0x96, 0xf4, 0x1e, 0xa5, 0xe3}};
    static const IID zero;
    void *out = NULL;
    assert_int_equal(IVssCreateExpressWriterMetadata_QueryInterface(face, &own, &out), S_OK);
    assert_ptr_equal(out, face);
    assert_int_equal(
        IVssCreateExpressWriterMetadata_QueryInterface(face, &IID_IUnknown, &out), S_OK);
    assert_int_equal(
        IVssCreateExpressWriterMetadata_QueryInterface(face, &zero, &out), E_NOINTERFACE);
    assert_null(out);
    assert_int_equal(IVssCreateExpressWriterMetadata_Release(face), 2);
    assert_int_equal(IVssCreateExpressWriterMetadata_Release(face), 1);
    end(face);
}

static void without_memory_nothing_is_made(void **state)
{
    (void)state;
    struct writer_metadata *metadata = writer_metadata_create();
    IVssCreateExpressWriterMetadata *face = NULL;
    HRESULT hr = E_FAIL;
    for (unsigned nth = 1; hr != S_OK; nth++)
    {
        fail_alloc(nth);
        hr = express_metadata_create(metadata, &face);
        allow_allocs();
        if (hr != S_OK)
        {
            assert_int_equal(hr, E_OUTOFMEMORY);
            assert_null(face);
        }
    }
    end(face);
    writer_metadata_release(metadata);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(add_component_takes_file_groups_without_recovery),
        leak_test(add_files_takes_no_alternate_path_and_no_partial_backups),
        leak_test(restore_methods_that_need_code_are_not_supported),
        leak_test(schemas_that_need_code_are_not_supported),
        leak_test(excluded_files_and_dependencies_are_checked_and_written),
        leak_test(it_answers_its_own_identity_and_counts_references),
        leak_test(without_memory_nothing_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
