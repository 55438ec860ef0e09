/* SPDX-License-Identifier: MIT
 *
 * Bad arguments to each method that takes any: the documented code, NULL in the results, and an
 * object that is as usable afterwards. The method is called where it is legal, so nothing else can
 * be wrong (requestor 1.2). Pointers that are NULL and enumerations out of range in a backup, and
 * the log's sentence for each, are in test_bad_input.c as well.
 */
#include "conformance.h"

/* How a text may be bad, or only unusual. */
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

/* What is named and is not there, by a bad name or a foreign writer. */
static HRESULT name_component(struct fixture *fixture, int method, VSS_ID class_id,
    VSS_COMPONENT_TYPE type, const WCHAR *path, const WCHAR *name)
{
    IVssBackupComponentsEx4 *bc = fixture->bc;
    switch (method)
    {
    case 0: return call(bc, SetSelectedForRestore, class_id, type, path, name, true);
    case 1: return call(bc, SetSelectedForRestoreEx, class_id, type, path, name, true, GUID_NULL);
    case 2: return call(bc, SetRestoreOptions, class_id, type, path, name, L"o");
    case 3: return call(bc, SetAdditionalRestores, class_id, type, path, name, true);
    case 4:
        return call(
            bc, AddNewTarget, class_id, type, path, name, L"C:\\app", L"*.dat", true, L"D:\\app");
    case 5:
        return call(bc, AddAlternativeLocationMapping, class_id, type, path, name, L"C:\\app",
            L"*.dat", true, L"D:\\app");
    case 6:
        return call(
            bc, AddRestoreSubcomponent, class_id, type, path, name, L"root", L"child", false);
    case 7: return call(bc, SetRangesFilePath, class_id, type, path, name, 0, L"C:\\ranges");
    case 8: return call(bc, SetAuthoritativeRestore, class_id, type, path, name, true);
    case 9: return call(bc, SetRollForward, class_id, type, path, name, VSS_RF_ALL, NULL);
    case 10: return call(bc, SetRestoreName, class_id, type, path, name, L"new");
    case 11: return call(bc, SetBackupOptions, class_id, type, path, name, L"o");
    case 12: return call(bc, SetPreviousBackupStamp, class_id, type, path, name, L"s");
    default: return call(bc, AddComponent, fixture->instance, class_id, type, path, name);
    }
}

static const char *const name_methods[] = {"SetSelectedForRestore", "SetSelectedForRestoreEx",
    "SetRestoreOptions", "SetAdditionalRestores", "AddNewTarget", "AddAlternativeLocationMapping",
    "AddRestoreSubcomponent", "SetRangesFilePath", "SetAuthoritativeRestore", "SetRollForward",
    "SetRestoreName", "SetBackupOptions", "SetPreviousBackupStamp", "AddComponent"};

static void check_names(struct fixture *fixture, int first, int last)
{
    for (int method = first; method <= last; method++)
    {
        print_message("%s\n", name_methods[method]);
        assert_hr(name_component(fixture, method, writer_id, VSS_CT_FILEGROUP, L"group", NULL),
            E_INVALIDARG);
        assert_hr(
            name_component(fixture, method, writer_id, (VSS_COMPONENT_TYPE)0, L"group", L"data0"),
            E_INVALIDARG);
        assert_hr(
            name_component(fixture, method, writer_id, (VSS_COMPONENT_TYPE)3, L"group", L"data0"),
            E_INVALIDARG);
        assert_hr(name_component(fixture, method, foreign_id, VSS_CT_FILEGROUP, L"group", L"data0"),
            VSS_E_OBJECT_NOT_FOUND);
        for (size_t i = 0; i < ODD_TEXTS; i++)
        {
            assert_hr(name_component(
                          fixture, method, writer_id, VSS_CT_FILEGROUP, L"group", odd_texts[i]),
                VSS_E_OBJECT_NOT_FOUND);
            if (*odd_texts[i])
                assert_hr(name_component(
                              fixture, method, writer_id, VSS_CT_FILEGROUP, odd_texts[i], L"data0"),
                    VSS_E_OBJECT_NOT_FOUND);
        }
    }
}

static void components_that_are_not_there(struct fixture *fixture)
{
    make_endless();
    begin_restore(fixture);
    gather(fixture);
    check_names(fixture, 0, 10);
    assert_hr(select_for_restore(fixture, L"group", L"data0"), S_OK);
    pre_restore(fixture);
    release(fixture);
    begin(fixture, true);
    check_names(fixture, 11, 13);
    add(fixture, L"group", L"data0");
    start_set(fixture);
    prepare(fixture);
}

/* Texts that the document keeps come back as they were; what XML cannot hold is refused or kept,
   but never breaks the document. */
static void texts_survive_the_document(struct fixture *fixture)
{
    make_endless();
    for (size_t i = 0; i < ODD_TEXTS; i++)
    {
        begin(fixture, true);
        add(fixture, L"group", L"data0");
        HRESULT hr = call(fixture->bc, SetBackupOptions, writer_id, VSS_CT_FILEGROUP, L"group",
            L"data0", odd_texts[i]);
        assert_true(hr == S_OK || (odd_texts[i] == lone && hr == E_INVALIDARG));
        BSTR xml = save(fixture);
        release(fixture);
        create(fixture);
        assert_hr(call(fixture->bc, InitializeForRestore, xml), S_OK);
        IVssComponent *component = component_of(fixture, L"data0");
        BSTR text = NULL;
        HRESULT got = IVssComponent_GetBackupOptions(component, &text);
        if (odd_texts[i] != lone)
        {
            assert_hr(got, S_OK);
            assert_true(is_text(text, odd_texts[i]));
        }
        else
            SysFreeString(text);
        IVssComponent_Release(component);
        SysFreeString(xml);
        release(fixture);
    }
}

static void enumerations_of_a_restore(struct fixture *fixture)
{
    begin_restore(fixture);
    gather(fixture);
    IVssBackupComponentsEx4 *bc = fixture->bc;
    assert_hr(call(bc, SetRestoreState, (VSS_RESTORE_TYPE)99), E_INVALIDARG);
    assert_hr(call(bc, SetRestoreState, (VSS_RESTORE_TYPE)-1), E_INVALIDARG);
    assert_hr(call(bc, SetRollForward, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                  VSS_RF_UNDEFINED, NULL),
        E_INVALIDARG);
    assert_hr(call(bc, SetRollForward, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                  (VSS_ROLLFORWARD_TYPE)99, NULL),
        E_INVALIDARG);
    assert_hr(call(bc, SetRestoreName, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", NULL),
        E_INVALIDARG);
    assert_hr(select_for_restore(fixture, L"group", L"data0"), S_OK);
    pre_restore(fixture);
    assert_hr(call(bc, SetFileRestoreStatus, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                  VSS_RS_UNDEFINED),
        E_INVALIDARG);
    assert_hr(call(bc, SetFileRestoreStatus, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                  (VSS_FILE_RESTORE_STATUS)99),
        E_INVALIDARG);
    post_restore(fixture);
}

static void volumes_of_bad_names(struct fixture *fixture)
{
    static WCHAR relative[] = L"folder\\";
    static WCHAR no_slash[] = L"C:";
    static WCHAR empty[] = L"";
    VSS_ID id;
    make_endless();
    WCHAR *const names[] = {empty, relative, no_slash, endless};
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    assert_hr(call(fixture->bc, StartSnapshotSet, &fixture->set_id), S_OK);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
    {
        id = foreign_id;
        assert_hr(call(fixture->bc, AddToSnapshotSet, names[i], GUID_NULL, &id), E_INVALIDARG);
        assert_memory_equal(&id, &GUID_NULL, sizeof(id));
    }
    assert_hr(call(fixture->bc, AddToSnapshotSet, c_drive, GUID_NULL, &id), S_OK);
    prepare(fixture);
    do_set(fixture);
}

static void recovery_sets_and_breaks(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    static const DWORD bad_flags[] = {0x10, 4 | 8, 1 | 2, 1 | 4, 1 | 8};
    begin_restore(fixture);
    assert_hr(call(fixture->bc, AddSnapshotToRecoverySet, GUID_NULL, 0, NULL), E_INVALIDARG);
    assert_hr(call(fixture->bc, AddSnapshotToRecoverySet, foreign_id, 1, NULL), E_INVALIDARG);
    assert_hr(call(fixture->bc, RecoverSet, 0, NULL), E_INVALIDARG);
    release(fixture);
    to_done(fixture);
    for (size_t i = 0; i < sizeof(bad_flags) / sizeof(*bad_flags); i++)
    {
        assert_hr(call(fixture->bc, BreakSnapshotSetEx, fixture->set_id, bad_flags[i], &async),
            E_INVALIDARG);
        assert_null(async);
    }
    assert_hr(call(fixture->bc, BreakSnapshotSetEx, fixture->set_id, 0, NULL), E_INVALIDARG);
    assert_hr(call(fixture->bc, GetSessionId, NULL), E_INVALIDARG);
    assert_hr(
        call(fixture->bc, GetRootAndLogicalPrefixPaths, NULL, NULL, NULL, FALSE), E_INVALIDARG);
    complete(fixture);
}

const struct conformance_test bad_input_tests[] = {
    OTHER(components_that_are_not_there, OURS),
    OTHER(texts_survive_the_document, OURS),
    OTHER(enumerations_of_a_restore, OURS),
    OTHER(volumes_of_bad_names, OURS),
    OTHER(recovery_sets_and_breaks, OURS),
};
THEME_TABLE(bad_input);
