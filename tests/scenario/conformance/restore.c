/* SPDX-License-Identifier: MIT
 *
 * Statements 84 to 93: restores (requestor 2.7, 2.8, 6).
 */
#include "conformance.h"

/* A restore with its writers asked and "group\data0" selected. */
static void begin_selected(struct fixture *fixture)
{
    begin_restore(fixture);
    gather(fixture);
    assert_hr(select_for_restore(fixture, L"group", L"data0"), S_OK);
}

static void writers_can_be_asked_in_a_restore(struct fixture *fixture)
{
    begin_restore(fixture);
    gather(fixture);
    gather_status(fixture);
    IVssExamineWriterMetadata_Release(metadata_of(fixture, &writer_id));
    assert_hr(standing_of(fixture, &writer_id).failure, S_OK);
    IVssComponent_Release(component_of(fixture, L"data0"));
}

static void explicit_components_can_be_selected(struct fixture *fixture)
{
    boolean selected = false;
    begin_selected(fixture); /* its bSelectableForRestore is false */
    IVssComponent *component = component_of(fixture, L"data0");
    assert_hr(IVssComponent_IsSelectedForRestore(component, &selected), S_OK);
    assert_int_equal(selected, true);
    IVssComponent_Release(component);
    assert_hr(select_for_restore(fixture, L"group", L"data1"), VSS_E_OBJECT_NOT_FOUND);
    release(fixture);
    /* Nobody of the class is running now. */
    BSTR xml = make_document(fixture);
    test_writer_unsubscribe(&fixture->writer);
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForRestore, xml), S_OK);
    gather(fixture);
    assert_hr(select_for_restore(fixture, L"group", L"data0"), VSS_E_OBJECT_NOT_FOUND);
    SysFreeString(xml);
}

static void selection_takes_an_instance(struct fixture *fixture)
{
    begin_restore(fixture);
    gather(fixture);
    IVssBackupComponentsEx4 *bc = fixture->bc;
    assert_hr(call(bc, SetSelectedForRestoreEx, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                  true, foreign_id),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(bc, SetSelectedForRestoreEx, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                  true, GUID_NULL),
        S_OK);
    assert_hr(call(bc, SetSelectedForRestoreEx, writer_id, VSS_CT_FILEGROUP, NULL, L"root", true,
                  fixture->instance),
        S_OK);
    pre_restore(fixture);
    assert_int_equal(fixture->writer.count[SLOT_ON_PRE_RESTORE], 1);
}

static void subcomponents_show_at_their_ancestor(struct fixture *fixture)
{
    UINT count = 77;
    BSTR path = NULL;
    BSTR name = NULL;
    boolean repair;
    begin_restore(fixture);
    gather(fixture);
    assert_hr(select_for_restore(fixture, NULL, L"root"), S_OK);
    assert_hr(call(fixture->bc, AddRestoreSubcomponent, writer_id, VSS_CT_FILEGROUP, NULL, L"root",
                  L"root", NULL, false),
        E_INVALIDARG);
    assert_hr(call(fixture->bc, AddRestoreSubcomponent, writer_id, VSS_CT_FILEGROUP, NULL, L"root",
                  L"root", L"child", false),
        S_OK);
    IVssWriterComponents *components = components_of(fixture, 0);
    assert_hr(IVssWriterComponents_GetComponentCount(components, &count), S_OK);
    assert_int_equal(count, 2); /* data0 and root, as before */
    release_components(components);
    IVssComponent *component = component_of(fixture, L"root");
    assert_hr(IVssComponent_GetRestoreSubcomponentCount(component, &count), S_OK);
    assert_int_equal(count, 1);
    assert_hr(IVssComponent_GetRestoreSubcomponent(component, 0, &path, &name, &repair), S_OK);
    assert_true(is_text(path, L"root"));
    assert_true(is_text(name, L"child"));
    IVssComponent_Release(component);
}

static void options_need_no_writer_and_no_grammar(struct fixture *fixture)
{
    static const WCHAR odd[] = L"no grammar <&> \"at all";
    BSTR text = NULL;
    begin_restore(fixture);
    assert_hr(
        call(fixture->bc, SetRestoreOptions, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", odd),
        S_OK);
    IVssComponent *component = component_of(fixture, L"data0");
    assert_hr(IVssComponent_GetRestoreOptions(component, &text), S_OK);
    assert_true(is_text(text, odd));
    IVssComponent_Release(component);
}

static HRESULT set_file_status(struct fixture *fixture)
{
    return call(fixture->bc, SetFileRestoreStatus, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
        VSS_RS_ALL);
}

static void file_status_is_told_between_the_events(struct fixture *fixture)
{
    VSS_FILE_RESTORE_STATUS status = VSS_RS_UNDEFINED;
    begin_selected(fixture);
    assert_hr(set_file_status(fixture), VSS_E_BAD_STATE);
    pre_restore(fixture);
    assert_hr(set_file_status(fixture), S_OK);
    IVssComponent *component = component_of(fixture, L"data0");
    assert_hr(IVssComponent_GetFileRestoreStatus(component, &status), S_OK);
    assert_int_equal(status, VSS_RS_ALL);
    IVssComponent_Release(component);
    post_restore(fixture);
    assert_hr(set_file_status(fixture), VSS_E_BAD_STATE);
}

static void wishes_for_a_restore_are_no_business_of_a_backup(struct fixture *fixture)
{
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    IVssBackupComponentsEx4 *bc = fixture->bc;
    assert_hr(
        call(bc, SetAuthoritativeRestore, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", true),
        VSS_E_BAD_STATE);
    assert_hr(
        call(bc, SetRollForward, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", VSS_RF_ALL, NULL),
        VSS_E_BAD_STATE);
    assert_hr(call(bc, SetRestoreName, writer_id, VSS_CT_FILEGROUP, L"group", L"data0", L"new"),
        VSS_E_BAD_STATE);
}

static void a_ranges_file_replaces_the_ranges(struct fixture *fixture)
{
    BSTR text[4] = {NULL, NULL, NULL, NULL};
    begin_selected(fixture);
    assert_hr(call(fixture->bc, SetRangesFilePath, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                  0, L"C:\\ranges.bin"),
        S_OK);
    IVssComponent *component = component_of(fixture, L"data0");
    assert_hr(
        IVssComponent_GetPartialFile(component, 0, &text[0], &text[1], &text[2], &text[3]), S_OK);
    assert_true(is_text(text[0], L"C:\\app"));
    assert_true(is_text(text[1], L"big.dat"));
    assert_true(wcsstr(text[2], L"C:\\ranges.bin") != NULL);
    SysFreeString(text[2]);
    SysFreeString(text[3]);
    IVssComponent_Release(component);
    if (judge_ours)
        assert_hr(call(fixture->bc, SetRangesFilePath, writer_id, VSS_CT_FILEGROUP, L"group",
                      L"data0", 1, L"C:\\ranges.bin"),
            VSS_E_OBJECT_NOT_FOUND);
}

static void the_events_of_a_restore_have_their_order(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    begin_selected(fixture);
    assert_hr(call(fixture->bc, PostRestore, &async), VSS_E_BAD_STATE);
    pre_restore(fixture);
    if (judge_ours)
        assert_hr(call(fixture->bc, AbortBackup), S_OK);
    post_restore(fixture);
    release(fixture);
    /* Neither Abort nor BackupShutdown. */
    assert_string_equal(events_of(&fixture->writer), "PreRestore PostRestore");
}

static void a_restarted_writer_hears_nothing(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    begin_selected(fixture);
    pre_restore(fixture);
    test_writer_unsubscribe(&fixture->writer);
    test_writer_destruct(&fixture->writer);
    start_writer(&fixture->third, writer_id, VSS_APP_FRONT_END, 60000);
    assert_hr(call(fixture->bc, PostRestore, &async), S_OK);
    HRESULT outcome = await(async);
    if (judge_ours)
        assert_hr(outcome, VSS_E_UNEXPECTED_WRITER_ERROR);
    assert_string_equal(events_of(&fixture->third), "");
}

/* What the setters of 2.7 say is what the writer reads in PreRestore. */
static void note_wishes(struct test_writer *writer, void *argument)
{
    IVssWriterComponents *components = argument;
    IVssComponent *component = NULL;
    boolean more = false;
    writer->said = IVssWriterComponents_GetComponent(components, 0, &component);
    if (FAILED(writer->said))
        return;
    writer->said = IVssComponent_GetAdditionalRestores(component, &more);
    writer->note = (void *)(ULONG_PTR)more;
    IVssComponent_Release(component);
}

static void a_writer_reads_what_is_wished(struct fixture *fixture)
{
    UINT count = 77;
    begin_selected(fixture);
    assert_hr(call(fixture->bc, SetAdditionalRestores, writer_id, VSS_CT_FILEGROUP, L"group",
                  L"data0", true),
        S_OK);
    assert_hr(call(fixture->bc, AddNewTarget, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                  L"C:\\app", L"*.dat", true, L"D:\\app"),
        S_OK);
    assert_hr(call(fixture->bc, AddNewTarget, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                  L"C:\\other", L"*.dat", true, L"D:\\app"),
        VSS_E_OBJECT_NOT_FOUND);
    fixture->writer.at[SLOT_ON_PRE_RESTORE].action = note_wishes;
    pre_restore(fixture);
    assert_hr(fixture->writer.said, S_OK);
    assert_ptr_equal(fixture->writer.note, (void *)(ULONG_PTR) true);
    IVssComponent *component = component_of(fixture, L"data0");
    assert_hr(IVssComponent_GetNewTargetCount(component, &count), S_OK);
    assert_int_equal(count, 1);
    IVssComponent_Release(component);
}

const struct conformance_test restore_tests[] = {
    STATEMENT(084, writers_can_be_asked_in_a_restore, ANYONE),
    STATEMENT(085, explicit_components_can_be_selected, ANYONE),
    STATEMENT(086, selection_takes_an_instance, ANYONE),
    STATEMENT(087, subcomponents_show_at_their_ancestor, ANYONE),
    STATEMENT(088, options_need_no_writer_and_no_grammar, ANYONE),
    STATEMENT(089, file_status_is_told_between_the_events, ANYONE),
    STATEMENT(090, wishes_for_a_restore_are_no_business_of_a_backup, ANYONE),
    STATEMENT(091, a_ranges_file_replaces_the_ranges, ANYONE),
    STATEMENT(092, the_events_of_a_restore_have_their_order, ANYONE),
    STATEMENT(093, a_restarted_writer_hears_nothing, ANYONE),
    OTHER(a_writer_reads_what_is_wished, ANYONE),
};
THEME_TABLE(restore);
