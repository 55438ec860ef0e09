/* SPDX-License-Identifier: MIT
 *
 * Bad arguments one at a time: each pointer of a method NULL in turn, each index and enumeration
 * out of range, each text bad. The documented code (requestor 2, 3, 5.2 and 7), and the same call
 * with nothing wrong works right after it. Components by bad names are in bad_input.c.
 */
#include "conformance.h"

static const WCHAR lone[] = {L'a', 0xD800, L'b', 0};
static const WCHAR specials[] = L"<a b=\"c\">&amp;'\t\r\n]]>";
static WCHAR endless[32769];
static const WCHAR *const odd_texts[] = {L"", lone, specials, endless};
#define ODD_TEXTS (sizeof(odd_texts) / sizeof(*odd_texts))

static void make_endless(void)
{
    for (size_t i = 0; i < 32768; i++)
        endless[i] = L'n';
}

/* `pointer`, or NULL when it is this one's turn. */
#define UNLESS(turn, pointer) (missing == (turn) ? NULL : (pointer))
/* Runs the statement with each of the first `count` pointers missing. */
#define EACH_MISSING(count) for (int missing = 0; missing < (count); missing++)

/* ---- texts that a restore keeps ---- */

/* A new target is a full path: below C:\ each text can be one. */
static const WCHAR *below_c(const WCHAR *text)
{
    static WCHAR path[32772];
    wcscpy(path, L"C:\\");
    wcscat(path, text);
    return path;
}

static IVssComponentEx *extended(IVssComponent *component)
{
    IVssComponentEx *second = NULL;
    assert_hr(
        IVssComponent_QueryInterface(component, &IID_IVssComponentEx, (void **)&second), S_OK);
    return second;
}

static void keep_text(struct fixture *fixture, const WCHAR *text)
{
    IVssBackupComponentsEx4 *bc = fixture->bc;
    const HRESULT results[] = {
        call(bc, SetRestoreOptions, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", text),
        call(bc, SetRestoreName, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", text),
        call(bc, SetRollForward, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", VSS_RF_PARTIAL,
            text),
        call(bc, AddRestoreSubcomponent, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", text,
            text, false),
        call(bc, AddNewTarget, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", L"C:\\app",
            L"*.dat", true, below_c(text)),
    };
    for (size_t i = 0; i < sizeof(results) / sizeof(*results); i++)
    {
        /* What UTF-16 does not know may be refused. */
        if (text == lone)
            assert_true(results[i] == S_OK || results[i] == E_INVALIDARG);
        else
            assert_hr(results[i], S_OK);
    }
}

static void check_texts(struct fixture *fixture, const WCHAR *text)
{
    BSTR got = NULL;
    BSTR other = NULL;
    boolean repair = true;
    VSS_ROLLFORWARD_TYPE roll = VSS_RF_UNDEFINED;
    IVssWMFiledesc *target = NULL;
    IVssComponent *component = component_of(fixture, L"data0");
    IVssComponentEx *second = extended(component);
    assert_hr(IVssComponent_GetRestoreOptions(component, &got), S_OK);
    assert_true(is_text(got, text));
    assert_hr(IVssComponentEx_GetRestoreName(second, &got), S_OK);
    assert_true(is_text(got, text));
    assert_hr(IVssComponentEx_GetRollForward(second, &roll, &got), S_OK);
    assert_int_equal(roll, VSS_RF_PARTIAL);
    assert_true(is_text(got, text));
    assert_hr(IVssComponent_GetRestoreSubcomponent(component, 0, &got, &other, &repair), S_OK);
    assert_true(is_text(got, text));
    assert_true(is_text(other, text));
    assert_hr(IVssComponent_GetNewTarget(component, 0, &target), S_OK);
    assert_hr(IVssWMFiledesc_GetAlternateLocation(target, &got), S_OK);
    assert_true(is_text(got, below_c(text)));
    IVssWMFiledesc_Release(target);
    IVssComponentEx_Release(second);
    IVssComponent_Release(component);
}

static void texts_of_a_restore_survive_the_document(struct fixture *fixture)
{
    make_endless();
    for (size_t i = 0; i < ODD_TEXTS; i++)
    {
        begin_restore(fixture);
        gather(fixture);
        assert_hr(select_for_restore(fixture, L"group", L"data0"), S_OK);
        keep_text(fixture, odd_texts[i]);
        BSTR xml = save(fixture);
        release(fixture);
        create(fixture);
        assert_hr(call(fixture->bc, InitializeForRestore, xml), S_OK);
        SysFreeString(xml);
        if (odd_texts[i] != lone)
            check_texts(fixture, odd_texts[i]);
        release(fixture);
    }
}

static void files_of_a_restore_are_named_by_all_their_parts(struct fixture *fixture)
{
    begin_restore(fixture);
    gather(fixture);
    IVssBackupComponentsEx4 *bc = fixture->bc;
    assert_hr(select_for_restore(fixture, L"group", L"data0"), S_OK);
    EACH_MISSING(3)
    {
        assert_hr(call(bc, AddNewTarget, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                      UNLESS(0, L"C:\\app"), UNLESS(1, L"*.dat"), true, UNLESS(2, L"D:\\app")),
            E_INVALIDARG);
        assert_hr(
            call(bc, AddAlternativeLocationMapping, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                UNLESS(0, L"C:\\app"), UNLESS(1, L"*.dat"), true, UNLESS(2, L"D:\\app")),
            E_INVALIDARG);
    }
    EACH_MISSING(2)
    assert_hr(call(bc, AddRestoreSubcomponent, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                  UNLESS(0, L"a"), UNLESS(1, L"b"), false),
        E_INVALIDARG);
    assert_hr(call(bc, SetRestoreOptions, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", NULL),
        E_INVALIDARG);
    assert_hr(call(bc, AddNewTarget, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", L"C:\\app",
                  L"*.dat", false, L"D:\\app"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(bc, AddNewTarget, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", L"C:\\no",
                  L"*.dat", true, L"D:\\app"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(bc, SetRangesFilePath, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", 0, NULL),
        E_INVALIDARG);
    assert_hr(call(bc, SetRangesFilePath, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", UINT_MAX,
                  L"C:\\ranges"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(bc, AddNewTarget, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", L"C:\\app",
                  L"*.dat", true, L"D:\\app"),
        S_OK);
    pre_restore(fixture);
    post_restore(fixture);
}

/* ---- what a writer said ---- */

static void check_identity(IVssExamineWriterMetadata *metadata)
{
    VSS_ID instance;
    VSS_ID writer;
    BSTR name = NULL;
    BSTR instance_name = NULL;
    VSS_USAGE_TYPE usage;
    VSS_SOURCE_TYPE source;
    IVssExamineWriterMetadataEx2 *second = NULL;
    assert_hr(IVssExamineWriterMetadata_QueryInterface(
                  metadata, &IID_IVssExamineWriterMetadataEx2, (void **)&second),
        S_OK);
    EACH_MISSING(5)
    assert_hr(IVssExamineWriterMetadata_GetIdentity(metadata, UNLESS(0, &instance),
                  UNLESS(1, &writer), UNLESS(2, &name), UNLESS(3, &usage), UNLESS(4, &source)),
        E_INVALIDARG);
    assert_hr(
        IVssExamineWriterMetadata_GetIdentity(metadata, &instance, &writer, &name, &usage, &source),
        S_OK);
    SysFreeString(name);
    EACH_MISSING(6)
    assert_hr(
        IVssExamineWriterMetadataEx2_GetIdentityEx(second, UNLESS(0, &instance), UNLESS(1, &writer),
            UNLESS(2, &name), UNLESS(3, &instance_name), UNLESS(4, &usage), UNLESS(5, &source)),
        E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetIdentityEx(
                  second, &instance, &writer, &name, &instance_name, &usage, &source),
        S_OK);
    SysFreeString(name);
    SysFreeString(instance_name);
    DWORD major;
    DWORD minor;
    UINT count;
    IVssWMFiledesc *file = (IVssWMFiledesc *)(ULONG_PTR)1;
    EACH_MISSING(2)
    assert_hr(IVssExamineWriterMetadataEx2_GetVersion(second, UNLESS(0, &major), UNLESS(1, &minor)),
        E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetVersion(second, &major, &minor), S_OK);
    assert_hr(IVssExamineWriterMetadataEx2_GetExcludeFromSnapshotCount(second, NULL), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetExcludeFromSnapshotCount(second, &count), S_OK);
    assert_hr(
        IVssExamineWriterMetadataEx2_GetExcludeFromSnapshotFile(second, 0, NULL), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadataEx2_GetExcludeFromSnapshotFile(second, UINT_MAX, &file),
        VSS_E_OBJECT_NOT_FOUND);
    assert_null(file);
    IVssExamineWriterMetadataEx2_Release(second);
}

static void check_lists(IVssExamineWriterMetadata *metadata)
{
    UINT counts[3];
    IVssWMFiledesc *file;
    IVssWMComponent *component;
    EACH_MISSING(3)
    assert_hr(IVssExamineWriterMetadata_GetFileCounts(
                  metadata, UNLESS(0, &counts[0]), UNLESS(1, &counts[1]), UNLESS(2, &counts[2])),
        E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadata_GetFileCounts(metadata, &counts[0], &counts[1], &counts[2]),
        S_OK);
    assert_int_equal(counts[2], 5);
    assert_hr(IVssExamineWriterMetadata_GetExcludeFile(metadata, 0, NULL), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadata_GetComponent(metadata, 0, NULL), E_INVALIDARG);
    assert_hr(
        IVssExamineWriterMetadata_GetAlternateLocationMapping(metadata, 0, NULL), E_INVALIDARG);
    const UINT beyond[] = {5, 0x80000000u, UINT_MAX};
    for (size_t i = 0; i < sizeof(beyond) / sizeof(*beyond); i++)
    {
        file = (IVssWMFiledesc *)(ULONG_PTR)1;
        component = (IVssWMComponent *)(ULONG_PTR)1;
        assert_hr(IVssExamineWriterMetadata_GetComponent(metadata, beyond[i], &component),
            VSS_E_OBJECT_NOT_FOUND);
        assert_null(component);
        assert_hr(IVssExamineWriterMetadata_GetExcludeFile(metadata, beyond[i], &file),
            VSS_E_OBJECT_NOT_FOUND);
        assert_null(file);
        file = (IVssWMFiledesc *)(ULONG_PTR)1;
        assert_hr(IVssExamineWriterMetadata_GetIncludeFile(metadata, beyond[i], &file),
            VSS_E_OBJECT_NOT_FOUND);
        assert_null(file);
        file = (IVssWMFiledesc *)(ULONG_PTR)1;
        assert_hr(IVssExamineWriterMetadata_GetAlternateLocationMapping(metadata, beyond[i], &file),
            VSS_E_OBJECT_NOT_FOUND);
        assert_null(file);
    }
}

static void check_method_and_schema(IVssExamineWriterMetadata *metadata)
{
    VSS_RESTOREMETHOD_ENUM method;
    VSS_WRITERRESTORE_ENUM when;
    BSTR service = NULL;
    BSTR procedure = NULL;
    boolean reboot;
    UINT mappings;
    DWORD schema;
    EACH_MISSING(6)
    assert_hr(IVssExamineWriterMetadata_GetRestoreMethod(metadata, UNLESS(0, &method),
                  UNLESS(1, &service), UNLESS(2, &procedure), UNLESS(3, &when),
                  UNLESS(4, (void *)&reboot), UNLESS(5, &mappings)),
        E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadata_GetRestoreMethod(
                  metadata, &method, &service, &procedure, &when, (void *)&reboot, &mappings),
        S_FALSE);
    assert_hr(IVssExamineWriterMetadata_GetBackupSchema(metadata, NULL), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadata_GetBackupSchema(metadata, &schema), S_OK);
    assert_hr(IVssExamineWriterMetadata_SaveAsXML(metadata, NULL), E_INVALIDARG);
}

/* What was there before a text that is no document is still there afterwards. */
static void check_loading(IVssExamineWriterMetadata *metadata)
{
    UINT counts[3];
    for (size_t i = 0; i < ODD_TEXTS; i++)
    {
        BSTR text = SysAllocString(odd_texts[i]);
        assert_hr(
            IVssExamineWriterMetadata_LoadFromXML(metadata, text), VSS_E_INVALID_XML_DOCUMENT);
        SysFreeString(text);
    }
    assert_hr(IVssExamineWriterMetadata_LoadFromXML(metadata, NULL), E_INVALIDARG);
    assert_hr(IVssExamineWriterMetadata_GetFileCounts(metadata, &counts[0], &counts[1], &counts[2]),
        S_OK);
    assert_int_equal(counts[2], 5);
}

static void check_component(IVssExamineWriterMetadata *metadata)
{
    PVSSCOMPONENTINFO info = NULL;
    IVssWMComponent *component = NULL;
    IVssWMFiledesc *file = NULL;
    IVssWMDependency *dependency = (IVssWMDependency *)(ULONG_PTR)1;
    BSTR text = NULL;
    boolean recursive;
    DWORD mask;
    assert_hr(IVssExamineWriterMetadata_GetComponent(metadata, 0, &component), S_OK);
    assert_hr(IVssWMComponent_GetComponentInfo(component, NULL), E_INVALIDARG);
    assert_hr(IVssWMComponent_FreeComponentInfo(component, NULL), S_OK);
    assert_hr(IVssWMComponent_GetFile(component, 0, NULL), E_INVALIDARG);
    assert_hr(IVssWMComponent_GetDatabaseFile(component, 0, NULL), E_INVALIDARG);
    assert_hr(IVssWMComponent_GetDatabaseLogFile(component, 0, NULL), E_INVALIDARG);
    assert_hr(IVssWMComponent_GetDependency(component, 0, NULL), E_INVALIDARG);
    assert_hr(IVssWMComponent_GetFile(component, UINT_MAX, &file), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssWMComponent_GetDatabaseFile(component, 0, &file), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssWMComponent_GetDatabaseLogFile(component, 0, &file), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssWMComponent_GetDependency(component, 0, &dependency), VSS_E_OBJECT_NOT_FOUND);
    assert_null(dependency);
    assert_hr(IVssWMComponent_GetComponentInfo(component, &info), S_OK);
    assert_hr(IVssWMComponent_FreeComponentInfo(component, info), S_OK);
    assert_hr(IVssWMComponent_GetFile(component, 0, &file), S_OK);
    assert_hr(IVssWMFiledesc_GetPath(file, NULL), E_INVALIDARG);
    assert_hr(IVssWMFiledesc_GetFilespec(file, NULL), E_INVALIDARG);
    assert_hr(IVssWMFiledesc_GetRecursive(file, NULL), E_INVALIDARG);
    assert_hr(IVssWMFiledesc_GetAlternateLocation(file, NULL), E_INVALIDARG);
    assert_hr(IVssWMFiledesc_GetBackupTypeMask(file, NULL), E_INVALIDARG);
    assert_hr(IVssWMFiledesc_GetPath(file, &text), S_OK);
    assert_true(is_text(text, L"C:\\app"));
    assert_hr(IVssWMFiledesc_GetRecursive(file, (void *)&recursive), S_OK);
    assert_hr(IVssWMFiledesc_GetBackupTypeMask(file, &mask), S_OK);
    IVssWMFiledesc_Release(file);
    IVssWMComponent_Release(component);
}

static void each_argument_of_the_metadata(struct fixture *fixture)
{
    make_endless();
    begin(fixture, true);
    IVssExamineWriterMetadata *metadata = metadata_of(fixture, &writer_id);
    check_identity(metadata);
    check_lists(metadata);
    check_method_and_schema(metadata);
    check_loading(metadata);
    check_component(metadata);
    IVssExamineWriterMetadata_Release(metadata);
}

/* ---- writers, status, selection ---- */

static void each_argument_of_writers_and_their_status(struct fixture *fixture)
{
    VSS_ID ids[2];
    BSTR name = NULL;
    BSTR message = NULL;
    VSS_WRITER_STATE state;
    HRESULT failure;
    HRESULT application;
    IVssExamineWriterMetadataEx *metadata = (IVssExamineWriterMetadataEx *)(ULONG_PTR)1;
    begin(fixture, true);
    gather_status(fixture);
    IVssBackupComponentsEx4 *bc = fixture->bc;
    EACH_MISSING(5)
    {
        assert_hr(call(bc, GetWriterStatus, 0, UNLESS(0, &ids[0]), UNLESS(1, &ids[1]),
                      UNLESS(2, &name), UNLESS(3, &state), UNLESS(4, &failure)),
            E_INVALIDARG);
        assert_hr(
            call(bc, GetWriterStatusEx, 0, UNLESS(0, &ids[0]), UNLESS(1, &ids[1]), UNLESS(2, &name),
                UNLESS(3, &state), UNLESS(4, &failure), &application, &message),
            E_INVALIDARG);
    }
    assert_hr(call(bc, GetWriterStatusEx, 0, &ids[0], &ids[1], &name, &state, &failure, NULL, NULL),
        S_OK);
    SysFreeString(name);
    assert_hr(call(bc, GetWriterStatusEx, UINT_MAX, &ids[0], &ids[1], &name, &state, &failure,
                  &application, &message),
        VSS_E_OBJECT_NOT_FOUND);
    assert_null(name);
    EACH_MISSING(2)
    assert_hr(
        call(bc, GetWriterMetadataEx, 0, UNLESS(0, &ids[0]), UNLESS(1, &metadata)), E_INVALIDARG);
    assert_hr(call(bc, GetWriterMetadataEx, UINT_MAX, &ids[0], &metadata), VSS_E_OBJECT_NOT_FOUND);
    assert_null(metadata);
    assert_hr(call(bc, DisableWriterClasses, NULL, 0), S_OK);
    assert_hr(call(bc, EnableWriterClasses, NULL, 0), S_OK);
    assert_hr(call(bc, DisableWriterInstances, NULL, 0), S_OK);
    assert_hr(call(bc, DisableWriterInstances, NULL, UINT_MAX), E_INVALIDARG);
    assert_hr(call(bc, DisableWriterInstances, &foreign_id, 1), S_OK);
    static const VSS_BACKUP_TYPE types[] = {
        (VSS_BACKUP_TYPE)-1, VSS_BT_UNDEFINED, (VSS_BACKUP_TYPE)7, (VSS_BACKUP_TYPE)0x7fffffff};
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
        assert_hr(call(bc, SetBackupState, true, false, types[i], false), E_INVALIDARG);
    add(fixture, L"group", L"data0");
    start_set(fixture);
    prepare(fixture);
    assert_hr(call(bc, SetBackupSucceeded, fixture->instance, writer_id, VSS_CT_FILEGROUP, L"group",
                  NULL, true),
        E_INVALIDARG);
    assert_hr(call(bc, SetBackupSucceeded, fixture->instance, writer_id, (VSS_COMPONENT_TYPE)99,
                  L"group", L"data0", true),
        E_INVALIDARG);
    for (size_t i = 0; i < ODD_TEXTS; i++)
        assert_hr(call(bc, SetBackupSucceeded, fixture->instance, writer_id, VSS_CT_FILEGROUP,
                      L"group", odd_texts[i], true),
            VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(bc, SetBackupSucceeded, foreign_id, writer_id, VSS_CT_FILEGROUP, L"group",
                  L"data0", true),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(bc, SetBackupSucceeded, fixture->instance, writer_id, VSS_CT_FILEGROUP, L"group",
                  L"data0", true),
        S_OK);
    complete(fixture);
}

/* ---- volumes ---- */

static void names_of_volumes_everywhere(struct fixture *fixture)
{
    static WCHAR relative[] = L"folder\\";
    static WCHAR no_slash[] = L"C:";
    BOOL answer;
    LONG capability;
    boolean block;
    IVssAsync *async;
    make_endless();
    const WCHAR *const names[] = {L"", relative, no_slash, lone, specials, endless};
    begin(fixture, false);
    IVssBackupComponentsEx4 *bc = fixture->bc;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
    {
        WCHAR *name = (WCHAR *)names[i];
        answer = TRUE;
        assert_hr(call(bc, IsVolumeSupported, GUID_NULL, name, &answer), E_INVALIDARG);
        assert_false(answer);
        async = (IVssAsync *)(ULONG_PTR)1;
        assert_hr(call(bc, QueryRevertStatus, name, &async), E_INVALIDARG);
        assert_null(async);
        answer = TRUE;
        assert_hr(IsVolumeSnapshottedInternal(name, &answer, &capability), E_INVALIDARG);
        assert_false(answer);
        assert_hr(ShouldBlockRevertInternal(name, &block), E_INVALIDARG);
    }
    EACH_MISSING(2)
    {
        assert_hr(call(bc, IsVolumeSupported, GUID_NULL, UNLESS(0, c_drive), UNLESS(1, &answer)),
            E_INVALIDARG);
        assert_hr(ShouldBlockRevertInternal(UNLESS(0, c_drive), UNLESS(1, &block)), E_INVALIDARG);
    }
    EACH_MISSING(3)
    assert_hr(
        IsVolumeSnapshottedInternal(UNLESS(0, c_drive), UNLESS(1, &answer), UNLESS(2, &capability)),
        E_INVALIDARG);
    assert_hr(
        call(bc, IsVolumeSupported, foreign_id, c_drive, &answer), VSS_E_PROVIDER_NOT_REGISTERED);
    assert_hr(call(bc, IsVolumeSupported, GUID_NULL, no_volume, &answer), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IsVolumeSnapshottedInternal(no_volume, &answer, &capability), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(bc, QueryRevertStatus, no_volume, &async), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(bc, IsVolumeSupported, GUID_NULL, c_drive, &answer), S_OK);
    assert_true(answer);
    assert_hr(IsVolumeSnapshottedInternal(c_drive, &answer, &capability), S_OK);
}

static void names_of_files_for_their_volume(struct fixture *fixture)
{
    VSS_PWSZ root = NULL;
    VSS_PWSZ prefix = NULL;
    static WCHAR file[] = L"C:\\windows\\system.ini";
    make_endless();
    create(fixture);
    EACH_MISSING(3)
    assert_hr(call(fixture->bc, GetRootAndLogicalPrefixPaths, UNLESS(0, file), UNLESS(1, &root),
                  UNLESS(2, &prefix), FALSE),
        E_INVALIDARG);
    assert_null(root);
    assert_null(prefix);
    for (size_t i = 0; i < ODD_TEXTS; i++)
    {
        HRESULT hr = call(fixture->bc, GetRootAndLogicalPrefixPaths, (WCHAR *)odd_texts[i], &root,
            &prefix, FALSE);
        assert_true(hr == S_OK ? root && prefix : !root && !prefix);
        CoTaskMemFree(root);
        CoTaskMemFree(prefix);
        root = NULL;
        prefix = NULL;
    }
    assert_hr(call(fixture->bc, GetRootAndLogicalPrefixPaths, file, &root, &prefix, FALSE), S_OK);
    CoTaskMemFree(root);
    CoTaskMemFree(prefix);
}

/* No share is asked: its name is all there is to it. */
static void a_file_on_a_share_belongs_to_the_share(struct fixture *fixture)
{
    static WCHAR file[] = L"\\\\server.example.org\\share\\folder\\file";
    static WCHAR no_share[] = L"\\\\server\\";
    VSS_PWSZ root = NULL;
    VSS_PWSZ prefix = NULL;
    create(fixture);
    assert_hr(call(fixture->bc, GetRootAndLogicalPrefixPaths, file, &root, &prefix, FALSE), S_OK);
    assert_true(wcscmp(root, L"\\\\server\\share\\") == 0);
    assert_true(wcscmp(prefix, L"\\\\server\\share\\") == 0);
    CoTaskMemFree(root);
    CoTaskMemFree(prefix);
    assert_hr(call(fixture->bc, GetRootAndLogicalPrefixPaths, file, &root, &prefix, TRUE), S_OK);
    assert_true(wcscmp(root, L"\\\\server.example.org\\share\\") == 0);
    CoTaskMemFree(root);
    CoTaskMemFree(prefix);
    root = prefix = file;
    assert_hr(call(fixture->bc, GetRootAndLogicalPrefixPaths, no_share, &root, &prefix, FALSE),
        E_INVALIDARG);
    assert_null(root);
    assert_null(prefix);
}

/* ---- shadow copies ---- */

static void ids_and_kinds_of_shadow_copies(struct fixture *fixture)
{
    static const VSS_OBJECT_TYPE kinds[] = {(VSS_OBJECT_TYPE)-1, VSS_OBJECT_UNKNOWN,
        VSS_OBJECT_NONE, VSS_OBJECT_PROVIDER, (VSS_OBJECT_TYPE)99};
    const VSS_ID *const ids[] = {&GUID_NULL, &foreign_id};
    LONG deleted;
    VSS_ID failed;
    VSS_SNAPSHOT_PROP prop;
    IVssEnumObject *list;
    to_done(fixture);
    IVssBackupComponentsEx4 *bc = fixture->bc;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
    {
        assert_hr(
            call(bc, DeleteSnapshots, fixture->snapshot_id, kinds[i], TRUE, &deleted, &failed),
            E_INVALIDARG);
        if (kinds[i] != VSS_OBJECT_PROVIDER)
        {
            list = (IVssEnumObject *)(ULONG_PTR)1;
            assert_hr(call(bc, Query, GUID_NULL, VSS_OBJECT_NONE, kinds[i], &list), E_INVALIDARG);
            assert_null(list);
        }
        if (kinds[i] != VSS_OBJECT_NONE)
            assert_hr(
                call(bc, Query, GUID_NULL, kinds[i], VSS_OBJECT_SNAPSHOT, &list), E_INVALIDARG);
    }
    EACH_MISSING(2)
    assert_hr(call(bc, DeleteSnapshots, fixture->snapshot_id, VSS_OBJECT_SNAPSHOT, TRUE,
                  UNLESS(0, &deleted), UNLESS(1, &failed)),
        E_INVALIDARG);
    for (size_t i = 0; i < sizeof(ids) / sizeof(*ids); i++)
    {
        assert_hr(call(bc, GetSnapshotProperties, *ids[i], &prop), VSS_E_OBJECT_NOT_FOUND);
        assert_hr(call(bc, UnexposeSnapshot, *ids[i]), VSS_E_OBJECT_NOT_FOUND);
        assert_hr(call(bc, RevertToSnapshot, *ids[i], TRUE), VSS_E_OBJECT_NOT_FOUND);
        assert_hr(call(bc, BreakSnapshotSet, *ids[i]), VSS_E_OBJECT_NOT_FOUND);
        assert_hr(
            call(bc, DeleteSnapshots, *ids[i], VSS_OBJECT_SNAPSHOT_SET, TRUE, &deleted, &failed),
            VSS_E_OBJECT_NOT_FOUND);
    }
    assert_hr(call(bc, GetSnapshotProperties, fixture->snapshot_id, NULL), E_INVALIDARG);
    assert_hr(call(bc, GetSnapshotProperties, fixture->snapshot_id, &prop), S_OK);
    VssFreeSnapshotPropertiesInternal(&prop);
    VssFreeSnapshotPropertiesInternal(NULL);
    complete(fixture);
}

static void numbers_of_a_list(struct fixture *fixture)
{
    VSS_OBJECT_PROP prop;
    ULONG fetched = 7;
    IVssEnumObject *list = NULL;
    void *other = (void *)(ULONG_PTR)1;
    to_done(fixture);
    assert_hr(
        call(fixture->bc, Query, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list), S_OK);
    assert_hr(IVssEnumObject_QueryInterface(list, &foreign_id, &other), E_NOINTERFACE);
    assert_null(other);
    assert_hr(IVssEnumObject_QueryInterface(list, &IID_IVssEnumObject, NULL), E_POINTER);
    assert_hr(IVssEnumObject_Next(list, 0, &prop, &fetched), S_OK);
    assert_int_equal(fetched, 0);
    EACH_MISSING(2)
    assert_hr(IVssEnumObject_Next(list, 1, UNLESS(0, &prop), UNLESS(1, &fetched)), E_POINTER);
    /* There is one: more are not written however many are asked for. */
    assert_hr(IVssEnumObject_Next(list, ULONG_MAX, &prop, &fetched), S_FALSE);
    assert_int_equal(fetched, 1);
    VssFreeSnapshotPropertiesInternal(&prop.Obj.Snap);
    assert_hr(IVssEnumObject_Skip(list, 0), S_OK);
    assert_hr(IVssEnumObject_Skip(list, ULONG_MAX), S_FALSE);
    assert_hr(IVssEnumObject_Next(list, 1, &prop, &fetched), S_FALSE);
    assert_hr(IVssEnumObject_Reset(list), S_OK);
    assert_hr(IVssEnumObject_Skip(list, ULONG_MAX), S_FALSE);
    assert_hr(IVssEnumObject_Reset(list), S_OK);
    assert_hr(IVssEnumObject_Next(list, 1, &prop, &fetched), S_OK);
    VssFreeSnapshotPropertiesInternal(&prop.Obj.Snap);
    IVssEnumObject_Release(list);
}

static void each_argument_of_an_operation(struct fixture *fixture)
{
    HRESULT result;
    void *other = (void *)(ULONG_PTR)1;
    to_prepared(fixture);
    assert_hr(call(fixture->bc, DoSnapshotSet, NULL), E_INVALIDARG);
    assert_hr(call(fixture->bc, DoSnapshotSet, &fixture->pending), S_OK);
    assert_hr(IVssAsync_QueryInterface(fixture->pending, &foreign_id, &other), E_NOINTERFACE);
    assert_null(other);
    assert_hr(IVssAsync_QueryInterface(fixture->pending, &IID_IVssAsync, NULL), E_POINTER);
    assert_hr(IVssAsync_QueryStatus(fixture->pending, NULL, NULL), E_INVALIDARG);
    assert_hr(IVssAsync_Wait(fixture->pending, INFINITE), S_OK);
    assert_hr(IVssAsync_QueryStatus(fixture->pending, &result, NULL), S_OK);
    assert_hr(result, VSS_S_ASYNC_FINISHED);
    assert_hr(call(fixture->bc, QueryInterface, &IID_IVssBackupComponents, NULL), E_POINTER);
    assert_hr(call(fixture->bc, QueryInterface, &foreign_id, &other), E_NOINTERFACE);
    assert_null(other);
    complete(fixture);
}

/* What is exposed where: no name that is none reaches the system. */
static void names_to_expose_under(struct fixture *fixture)
{
    VSS_PWSZ exposed;
    make_endless();
    to_done(fixture);
    for (size_t i = 0; i < ODD_TEXTS; i++)
    {
        WCHAR *text = (WCHAR *)odd_texts[i];
        exposed = (VSS_PWSZ)(ULONG_PTR)1;
        assert_true(FAILED(call(fixture->bc, ExposeSnapshot, fixture->snapshot_id, NULL,
            VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY, text, &exposed)));
        assert_null(exposed);
        exposed = (VSS_PWSZ)(ULONG_PTR)1;
        assert_true(FAILED(call(fixture->bc, ExposeSnapshot, fixture->snapshot_id, text,
            VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY, NULL, &exposed)));
        assert_null(exposed);
    }
    assert_hr(call(fixture->bc, ExposeSnapshot, fixture->snapshot_id, NULL,
                  VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY, NULL, NULL),
        E_INVALIDARG);
    assert_hr(call(fixture->bc, ExposeSnapshot, fixture->snapshot_id, NULL, 0, NULL, &exposed),
        E_INVALIDARG);
    assert_hr(call(fixture->bc, ExposeSnapshot, fixture->snapshot_id, NULL, -1, NULL, &exposed),
        E_INVALIDARG);
    complete(fixture);
}

/* ---- documents and free functions ---- */

static void texts_that_are_no_document(struct fixture *fixture)
{
    make_endless();
    for (size_t i = 0; i < ODD_TEXTS; i++)
    {
        IVssExamineWriterMetadata *metadata = (IVssExamineWriterMetadata *)(ULONG_PTR)1;
        BSTR text = SysAllocString(odd_texts[i]);
        create(fixture);
        assert_hr(call(fixture->bc, InitializeForRestore, text), VSS_E_INVALID_XML_DOCUMENT);
        if (*odd_texts[i])
            assert_hr(call(fixture->bc, InitializeForBackup, text), VSS_E_INVALID_XML_DOCUMENT);
        assert_hr(
            CreateVssExamineWriterMetadataInternal(text, &metadata), VSS_E_INVALID_XML_DOCUMENT);
        assert_null(metadata);
        SysFreeString(text);
        assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
        release(fixture);
    }
    IVssExamineWriterMetadata *metadata = (IVssExamineWriterMetadata *)(ULONG_PTR)1;
    assert_hr(CreateVssExamineWriterMetadataInternal(NULL, &metadata), E_INVALIDARG);
    assert_null(metadata);
    BSTR text = SysAllocString(specials);
    assert_hr(CreateVssExamineWriterMetadataInternal(text, NULL), E_INVALIDARG);
    SysFreeString(text);
    assert_hr(CreateVssBackupComponentsInternal(NULL), E_INVALIDARG);
}

static void contexts_that_are_none(struct fixture *fixture)
{
    static const LONG contexts[] = {-2, 1, 0x40, 0x7fffffff, (LONG)0x80000000,
        VSS_CTX_NAS_ROLLBACK ^ VSS_VOLSNAP_ATTR_PERSISTENT,
        VSS_CTX_BACKUP | VSS_VOLSNAP_ATTR_DIFFERENTIAL | VSS_VOLSNAP_ATTR_PLEX};
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    for (size_t i = 0; i < sizeof(contexts) / sizeof(*contexts); i++)
    {
        print_message("%#lx\n", (unsigned long)contexts[i]);
        assert_hr(call(fixture->bc, SetContext, contexts[i]), E_INVALIDARG);
    }
    assert_hr(call(fixture->bc, SetContext, VSS_CTX_NAS_ROLLBACK), S_OK);
}

const struct conformance_test bad_arguments_tests[] = {
    OTHER(texts_of_a_restore_survive_the_document, OURS),
    OTHER(files_of_a_restore_are_named_by_all_their_parts, OURS),
    OTHER(each_argument_of_the_metadata, OURS),
    OTHER(each_argument_of_writers_and_their_status, OURS),
    OTHER(names_of_volumes_everywhere, OURS),
    OTHER(names_of_files_for_their_volume, OURS),
    OTHER(a_file_on_a_share_belongs_to_the_share, OURS),
    OTHER(ids_and_kinds_of_shadow_copies, OURS),
    OTHER(numbers_of_a_list, OURS),
    OTHER(each_argument_of_an_operation, OURS),
    OTHER(names_to_expose_under, OURS),
    OTHER(texts_that_are_no_document, OURS),
    OTHER(contexts_that_are_none, OURS),
};
THEME_TABLE(bad_arguments);
