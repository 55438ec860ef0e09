/* SPDX-License-Identifier: MIT
 *
 * Statements 39 to 50: components and the Backup Components Document (requestor 2.3, 2.4, 7.5).
 */
#include "conformance.h"

static void null_and_empty_paths_are_one(struct fixture *fixture)
{
    begin(fixture, true);
    add(fixture, NULL, L"root");
    assert_hr(call(fixture->bc, AddComponent, fixture->instance, writer_id, VSS_CT_FILEGROUP, L"",
                  L"root"),
        VSS_E_OBJECT_ALREADY_EXISTS);
    start_set(fixture);
    prepare(fixture);
    do_set(fixture);
    assert_hr(call(fixture->bc, SetBackupSucceeded, fixture->instance, writer_id, VSS_CT_FILEGROUP,
                  L"", L"root", true),
        S_OK);
}

static void the_key_has_the_instance_and_not_the_type(struct fixture *fixture)
{
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    /* The same name as another type: the writer has none, so only the key can be what is said. */
    assert_hr(call(fixture->bc, AddComponent, fixture->instance, writer_id, VSS_CT_DATABASE,
                  L"group", L"data0"),
        VSS_E_OBJECT_ALREADY_EXISTS);
    release(fixture);
    /* Two instances of the class may both have it. */
    start_writer(&fixture->third, writer_id, VSS_APP_FRONT_END, 60000);
    begin(fixture, true);
    gather_status(fixture);
    for (UINT i = 0; i < 2; i++)
    {
        VSS_ID class_id;
        BSTR name = NULL;
        VSS_WRITER_STATE state;
        HRESULT failure;
        assert_hr(call(fixture->bc, GetWriterStatus, i, &fixture->instance, &class_id, &name,
                      &state, &failure),
            S_OK);
        SysFreeString(name);
        add(fixture, L"group", L"data0");
    }
}

static void writers_are_counted_and_not_components(struct fixture *fixture)
{
    UINT count = 77;
    start_other(fixture);
    begin(fixture, true);
    assert_hr(call(fixture->bc, GetWriterComponentsCount, &count), S_OK);
    assert_int_equal(count, 0);
    add(fixture, L"group", L"data0");
    add(fixture, L"group", L"data1");
    assert_hr(call(fixture->bc, GetWriterComponentsCount, &count), S_OK);
    assert_int_equal(count, 1);
}

static void write_metadata(struct test_writer *writer, void *argument)
{
    IVssWriterComponents *components = argument;
    IVssComponent *component = NULL;
    writer->said = IVssWriterComponents_GetComponent(components, 0, &component);
    if (FAILED(writer->said))
        return;
    writer->said = IVssComponent_SetBackupMetadata(component, L"<m>\x00E9 & more</m>");
    IVssComponent_Release(component);
}

static void what_writers_edit_is_seen(struct fixture *fixture)
{
    BSTR text = NULL;
    fixture->writer.at[SLOT_ON_PREPARE_BACKUP].action = write_metadata;
    to_prepared(fixture);
    assert_hr(fixture->writer.said, S_OK);
    IVssComponent *component = component_of(fixture, L"data0");
    assert_hr(IVssComponent_GetBackupMetadata(component, &text), S_OK);
    assert_true(is_text(text, L"<m>\x00E9 & more</m>"));
    IVssComponent_Release(component);
}

static void stale_pointers_do_not_crash(struct fixture *fixture)
{
    UINT count = 0;
    BSTR text = NULL;
    IVssComponent *component = NULL;
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    IVssWriterComponents *components = components_of(fixture, 0);
    assert_hr(IVssWriterComponents_GetComponent(components, 0, &component), S_OK);
    start_set(fixture);
    prepare(fixture);
    do_set(fixture);
    complete(fixture);
    release(fixture);
    assert_true(SUCCEEDED(IVssWriterComponents_GetComponentCount(components, &count)));
    assert_true(SUCCEEDED(IVssComponent_GetComponentName(component, &text)));
    SysFreeString(text);
    IVssComponent_Release(component);
    release_components(components);
}

static void success_of_the_unknown_is_not_found(struct fixture *fixture)
{
    to_done(fixture);
    assert_hr(call(fixture->bc, SetBackupSucceeded, fixture->instance, writer_id, VSS_CT_FILEGROUP,
                  L"group", L"data1", true),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(fixture->bc, SetBackupSucceeded, foreign_id, writer_id, VSS_CT_FILEGROUP,
                  L"group", L"data0", true),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(fixture->bc, SetBackupSucceeded, fixture->instance, writer_id, VSS_CT_FILEGROUP,
                  L"group", L"data0", true),
        S_OK);
}

/* data0 is a file group: what is said of a database of that path and name is said of nothing. */
static void a_component_of_another_type_is_another(struct fixture *fixture)
{
    boolean yes = true;
    BSTR text = (BSTR)(ULONG_PTR)1;
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    assert_hr(
        call(fixture->bc, SetBackupOptions, writer_id, VSS_CT_DATABASE, L"group", L"data0", L"x"),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(fixture->bc, SetPreviousBackupStamp, writer_id, VSS_CT_DATABASE, L"group",
                  L"data0", L"x"),
        VSS_E_OBJECT_NOT_FOUND);
    start_set(fixture);
    prepare(fixture);
    do_set(fixture);
    assert_hr(call(fixture->bc, SetBackupSucceeded, fixture->instance, writer_id, VSS_CT_DATABASE,
                  L"group", L"data0", true),
        VSS_E_OBJECT_NOT_FOUND);
    IVssComponent *component = component_of(fixture, L"data0");
    assert_hr(IVssComponent_GetBackupOptions(component, &text), S_FALSE);
    assert_hr(IVssComponent_GetPreviousBackupStamp(component, &text), S_FALSE);
    assert_hr(IVssComponent_GetBackupSucceeded(component, &yes), S_FALSE);
    IVssComponent_Release(component);
}

/* They name the class alone: each instance's component is meant. */
static void options_and_stamps_are_those_of_every_instance(struct fixture *fixture)
{
    the_key_has_the_instance_and_not_the_type(fixture);
    assert_hr(call(fixture->bc, SetBackupOptions, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                  L"options"),
        S_OK);
    assert_hr(call(fixture->bc, SetPreviousBackupStamp, writer_id, VSS_CT_FILEGROUP, L"group",
                  L"data0", L"stamp"),
        S_OK);
    for (UINT i = 0; i < 2; i++)
    {
        IVssComponent *component = NULL;
        BSTR text = NULL;
        IVssWriterComponents *part = components_of(fixture, i);
        assert_hr(part->lpVtbl->GetComponent(part, 0, &component), S_OK);
        assert_hr(IVssComponent_GetBackupOptions(component, &text), S_OK);
        assert_true(is_text(text, L"options"));
        assert_hr(IVssComponent_GetPreviousBackupStamp(component, &text), S_OK);
        assert_true(is_text(text, L"stamp"));
        IVssComponent_Release(component);
        release_components(part);
    }
}

static void options_and_stamps_are_set_before_preparation(struct fixture *fixture)
{
    BSTR text = NULL;
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    assert_hr(call(fixture->bc, SetBackupOptions, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                  L"options"),
        S_OK);
    assert_hr(call(fixture->bc, SetPreviousBackupStamp, writer_id, VSS_CT_FILEGROUP, L"group",
                  L"data0", L"stamp"),
        S_OK);
    IVssComponent *component = component_of(fixture, L"data0");
    assert_hr(IVssComponent_GetBackupOptions(component, &text), S_OK);
    assert_true(is_text(text, L"options"));
    assert_hr(IVssComponent_GetPreviousBackupStamp(component, &text), S_OK);
    assert_true(is_text(text, L"stamp"));
    IVssComponent_Release(component);
    start_set(fixture);
    prepare(fixture);
    assert_hr(call(fixture->bc, SetBackupOptions, writer_id, VSS_CT_FILEGROUP, L"group", L"data0",
                  L"late"),
        VSS_E_BAD_STATE);
    assert_hr(call(fixture->bc, SetPreviousBackupStamp, writer_id, VSS_CT_FILEGROUP, L"group",
                  L"data0", L"late"),
        VSS_E_BAD_STATE);
}

static void what_is_unset_is_s_false_and_null(struct fixture *fixture)
{
    BSTR text = (BSTR)(ULONG_PTR)1;
    begin(fixture, true);
    add(fixture, NULL, L"root");
    IVssComponent *component = component_of(fixture, L"root");
#define assert_unset(getter)                                                                       \
    do                                                                                             \
    {                                                                                              \
        text = (BSTR)(ULONG_PTR)1;                                                                 \
        assert_hr(getter(component, &text), S_FALSE);                                              \
        assert_null(text);                                                                         \
    } while (0)
    assert_unset(IVssComponent_GetLogicalPath);
    assert_unset(IVssComponent_GetBackupStamp);
    assert_unset(IVssComponent_GetPreviousBackupStamp);
    assert_unset(IVssComponent_GetBackupOptions);
    assert_unset(IVssComponent_GetBackupMetadata);
    assert_unset(IVssComponent_GetRestoreOptions);
    assert_unset(IVssComponent_GetRestoreMetadata);
    assert_unset(IVssComponent_GetPreRestoreFailureMsg);
    assert_unset(IVssComponent_GetPostRestoreFailureMsg);
#undef assert_unset
    IVssComponent_Release(component);
}

static void success_that_nobody_said_is_s_false(struct fixture *fixture)
{
    boolean succeeded = true;
    to_done(fixture);
    IVssComponent *component = component_of(fixture, L"data0");
    assert_hr(IVssComponent_GetBackupSucceeded(component, &succeeded), S_FALSE);
    IVssComponent_Release(component);
}

static void a_saved_document_has_it_all(struct fixture *fixture)
{
    boolean succeeded = false;
    UINT partial = 0;
    BSTR text[4] = {NULL, NULL, NULL, NULL};
    begin_restore(fixture); /* what make_document() wrote */
    IVssComponent *component = component_of(fixture, L"data0");
    assert_hr(IVssComponent_GetBackupSucceeded(component, &succeeded), S_OK);
    assert_int_equal(succeeded, true);
    assert_hr(IVssComponent_GetPartialFileCount(component, &partial), S_OK);
    assert_int_equal(partial, 1);
    assert_hr(
        IVssComponent_GetPartialFile(component, 0, &text[0], &text[1], &text[2], &text[3]), S_OK);
    assert_true(is_text(text[0], L"C:\\app"));
    assert_true(is_text(text[1], L"big.dat"));
    assert_true(is_text(text[2], L"0:4096"));
    assert_true(is_text(text[3], L"half of it"));
    IVssComponent_Release(component);
}

static void after_completion_the_document_is_read_only(struct fixture *fixture)
{
    fixture->writer.at[SLOT_ON_BACKUP_COMPLETE].action = write_metadata;
    to_done(fixture);
    complete(fixture);
    assert_true(FAILED(fixture->writer.said));
    assert_hr(call(fixture->bc, SetBackupSucceeded, fixture->instance, writer_id, VSS_CT_FILEGROUP,
                  L"group", L"data0", true),
        VSS_E_BAD_STATE);
}

static void what_is_implied_is_not_listed(struct fixture *fixture)
{
    UINT count = 77;
    begin(fixture, true);
    add(fixture, NULL, L"root"); /* "root\child" comes with it */
    IVssWriterComponents *components = components_of(fixture, 0);
    assert_hr(IVssWriterComponents_GetComponentCount(components, &count), S_OK);
    assert_int_equal(count, 1);
    release_components(components);
    start_set(fixture);
    prepare(fixture);
    components = components_of(fixture, 0);
    assert_hr(IVssWriterComponents_GetComponentCount(components, &count), S_OK);
    assert_int_equal(count, 1);
    release_components(components);
}

/* Requestor 7.5: what a requestor may not write. */
static void setters_are_the_writers_business(struct fixture *fixture)
{
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    IVssComponent *component = component_of(fixture, L"data0");
    assert_hr(IVssComponent_SetBackupMetadata(component, L"x"), VSS_E_BAD_STATE);
    assert_hr(IVssComponent_SetBackupStamp(component, L"x"), VSS_E_BAD_STATE);
    assert_hr(
        IVssComponent_AddPartialFile(component, L"C:\\", L"f", L"0:1", NULL), VSS_E_BAD_STATE);
    IVssComponent_Release(component);
}

const struct conformance_test components_tests[] = {
    STATEMENT(039, null_and_empty_paths_are_one, ANYONE),
    STATEMENT(040, the_key_has_the_instance_and_not_the_type, ANYONE),
    STATEMENT(041, writers_are_counted_and_not_components, ANYONE),
    STATEMENT(042, what_writers_edit_is_seen, ANYONE),
    STATEMENT(043, stale_pointers_do_not_crash, OURS),
    STATEMENT(044, success_of_the_unknown_is_not_found, ANYONE),
    STATEMENT(045, options_and_stamps_are_set_before_preparation, ANYONE),
    STATEMENT(046, what_is_unset_is_s_false_and_null, ANYONE),
    STATEMENT(047, success_that_nobody_said_is_s_false, ANYONE),
    STATEMENT(048, a_saved_document_has_it_all, ANYONE),
    STATEMENT(049, after_completion_the_document_is_read_only, ANYONE),
    STATEMENT(050, what_is_implied_is_not_listed, ANYONE),
    OTHER(options_and_stamps_are_those_of_every_instance, OURS),
    OTHER(a_component_of_another_type_is_another, OURS),
    OTHER(setters_are_the_writers_business, OURS),
};
THEME_TABLE(components);
