/* SPDX-License-Identifier: MIT
 *
 * Statements 94 to 100: what a requestor reads of a writer's metadata (requestor 7).
 */
#include "conformance.h"

/* Statement 94: every list of the interfaces, one past its end. */
static void past_the_end_is_not_found(struct fixture *fixture)
{
    IVssExamineWriterMetadata *metadata = NULL;
    IVssExamineWriterMetadata *none = NULL;
    IVssWMComponent *component = NULL;
    IVssWMComponent *no_component = NULL;
    IVssWMFiledesc *file = NULL;
    IVssWMDependency *dependency = NULL;
    IVssWriterComponentsExt *components = NULL;
    IVssComponent *entry = NULL;
    VSS_ID id;
    VSS_ID other;
    BSTR name = NULL;
    VSS_WRITER_STATE state;
    HRESULT failure;
    begin(fixture, true);
    gather_status(fixture);
    add(fixture, L"group", L"data0");
    assert_hr(call(fixture->bc, GetWriterMetadata, 1, &id, &none), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(fixture->bc, GetWriterStatus, 1, &id, &other, &name, &state, &failure),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(fixture->bc, GetWriterComponents, 1, &components), VSS_E_OBJECT_NOT_FOUND);
    IVssWriterComponents *mine = components_of(fixture, 0);
    assert_hr(IVssWriterComponents_GetComponent(mine, 1, &entry), VSS_E_OBJECT_NOT_FOUND);
    release_components(mine);
    metadata = metadata_of(fixture, &writer_id);
    assert_hr(
        IVssExamineWriterMetadata_GetComponent(metadata, 5, &no_component), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssExamineWriterMetadata_GetExcludeFile(metadata, 0, &file), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssExamineWriterMetadata_GetAlternateLocationMapping(metadata, 0, &file),
        VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssExamineWriterMetadata_GetComponent(metadata, 0, &component), S_OK);
    assert_hr(IVssWMComponent_GetFile(component, 1, &file), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssWMComponent_GetDatabaseFile(component, 0, &file), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssWMComponent_GetDatabaseLogFile(component, 0, &file), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(
        IVssWMComponent_GetDependency(component, 0xFFFFFFFF, &dependency), VSS_E_OBJECT_NOT_FOUND);
    assert_true(!none && !components && !entry && !no_component && !file && !dependency && !name);
    IVssWMComponent_Release(component);
    IVssExamineWriterMetadata_Release(metadata);
}

static HRESULT restore_method(IVssExamineWriterMetadata *metadata, VSS_RESTOREMETHOD_ENUM *method,
    BSTR *service, UINT *mappings)
{
    VSS_WRITERRESTORE_ENUM restore;
    BSTR procedure = NULL;
    boolean reboot;
    HRESULT hr = IVssExamineWriterMetadata_GetRestoreMethod(
        metadata, method, service, &procedure, &restore, &reboot, mappings);
    SysFreeString(procedure);
    return hr;
}

static void stop_the_service(struct test_writer *writer, void *metadata)
{
    identify(writer, metadata);
    writer->said = IVssCreateWriterMetadata_SetRestoreMethod((IVssCreateWriterMetadata *)metadata,
        VSS_RME_STOP_RESTORE_START, L"service", NULL, VSS_WRE_ALWAYS, false);
}

static void give_an_alternate(struct test_writer *writer, void *metadata)
{
    IVssCreateWriterMetadata *out = metadata;
    identify(writer, metadata);
    writer->said = IVssCreateWriterMetadata_SetRestoreMethod(
        out, VSS_RME_RESTORE_IF_NOT_THERE, NULL, NULL, VSS_WRE_NEVER, false);
    if (SUCCEEDED(writer->said))
        writer->said = IVssCreateWriterMetadata_AddAlternateLocationMapping(
            out, L"C:\\app", L"*.dat", true, L"C:\\elsewhere");
}

static void a_restore_method_may_be_missing(struct fixture *fixture)
{
    VSS_RESTOREMETHOD_ENUM method = VSS_RME_CUSTOM;
    BSTR service = (BSTR)(ULONG_PTR)1;
    UINT mappings = 77;
    begin(fixture, true);
    IVssExamineWriterMetadata *metadata = metadata_of(fixture, &writer_id);
    assert_hr(restore_method(metadata, &method, &service, &mappings), S_FALSE);
    assert_null(service);
    IVssExamineWriterMetadata_Release(metadata);
    release(fixture);

    start_other(fixture);
    fixture->other.at[SLOT_ON_IDENTIFY].action = give_an_alternate;
    begin(fixture, true);
    metadata = metadata_of(fixture, &other_id);
    assert_hr(restore_method(metadata, &method, &service, &mappings), S_OK);
    assert_int_equal(method, VSS_RME_RESTORE_IF_NOT_THERE);
    assert_null(service);
    assert_int_equal(mappings, 1);
    IVssExamineWriterMetadata_Release(metadata);
    release(fixture);

    start_writer(&fixture->third, foreign_id, VSS_APP_FRONT_END, 60000);
    fixture->third.at[SLOT_ON_IDENTIFY].action = stop_the_service;
    IVssAsync *async = NULL;
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    assert_hr(call(fixture->bc, EnableWriterClasses, &foreign_id, 1), S_OK);
    assert_done(call(fixture->bc, GatherWriterMetadata, &async));
    metadata = metadata_of(fixture, &foreign_id);
    assert_hr(restore_method(metadata, &method, &service, &mappings), S_OK);
    assert_true(is_text(service, L"service"));
    IVssExamineWriterMetadata_Release(metadata);
}

static void without_an_alternate_there_is_none(struct fixture *fixture)
{
    IVssWMComponent *component = NULL;
    IVssWMFiledesc *file = NULL;
    BSTR text = (BSTR)(ULONG_PTR)1;
    begin(fixture, true);
    IVssExamineWriterMetadata *metadata = metadata_of(fixture, &writer_id);
    assert_hr(IVssExamineWriterMetadata_GetComponent(metadata, 0, &component), S_OK);
    assert_hr(IVssWMComponent_GetFile(component, 0, &file), S_OK);
    assert_hr(IVssWMFiledesc_GetAlternateLocation(file, &text), S_FALSE);
    assert_null(text);
    IVssWMFiledesc_Release(file);
    IVssWMComponent_Release(component);
    IVssExamineWriterMetadata_Release(metadata);
}

static void what_a_component_lacks_is_null(struct fixture *fixture)
{
    begin(fixture, true);
    IVssExamineWriterMetadata *metadata = metadata_of(fixture, &writer_id);
    /* Often enough that a leak of either kind would be seen by whoever counts. */
    for (int i = 0; i < 100; i++)
    {
        IVssWMComponent *component = NULL;
        PVSSCOMPONENTINFO info = NULL;
        assert_hr(IVssExamineWriterMetadata_GetComponent(metadata, 2, &component), S_OK);
        assert_hr(IVssWMComponent_GetComponentInfo(component, &info), S_OK);
        assert_int_equal(wcscmp(info->bstrComponentName, L"root"), 0);
        assert_null(info->bstrLogicalPath);
        assert_null(info->bstrCaption);
        assert_null(info->pbIcon);
        assert_int_equal(info->cbIcon, 0);
        assert_hr(IVssWMComponent_FreeComponentInfo(component, info), S_OK);
        IVssWMComponent_Release(component);
    }
    IVssExamineWriterMetadata_Release(metadata);
}

static void what_nobody_set_has_its_default(struct fixture *fixture)
{
    IVssExamineWriterMetadataEx2 *longer = NULL;
    IVssWMComponent *component = NULL;
    IVssWMFiledesc *file = NULL;
    DWORD mask = 0;
    DWORD schema = 77;
    DWORD major = 77;
    DWORD minor = 77;
    begin(fixture, true);
    IVssExamineWriterMetadata *metadata = metadata_of(fixture, &writer_id);
    assert_hr(IVssExamineWriterMetadata_GetBackupSchema(metadata, &schema), S_OK);
    assert_int_equal(schema, 0);
    assert_hr(IVssExamineWriterMetadata_GetComponent(metadata, 0, &component), S_OK);
    assert_hr(IVssWMComponent_GetFile(component, 0, &file), S_OK);
    assert_hr(IVssWMFiledesc_GetBackupTypeMask(file, &mask), S_OK);
    assert_int_equal(mask, 0xF0F);
    assert_hr(IVssExamineWriterMetadata_QueryInterface(
                  metadata, &IID_IVssExamineWriterMetadataEx2, (void **)&longer),
        S_OK);
    assert_hr(longer->lpVtbl->GetVersion(longer, &major, &minor), S_OK);
    assert_int_equal(major, 0);
    assert_int_equal(minor, 0);
    longer->lpVtbl->Release(longer);
    IVssWMFiledesc_Release(file);
    IVssWMComponent_Release(component);
    IVssExamineWriterMetadata_Release(metadata);
}

static void check_same_component(
    IVssExamineWriterMetadata *a, IVssExamineWriterMetadata *b, UINT index)
{
    IVssWMComponent *components[2] = {NULL, NULL};
    PVSSCOMPONENTINFO infos[2] = {NULL, NULL};
    assert_hr(IVssExamineWriterMetadata_GetComponent(a, index, &components[0]), S_OK);
    assert_hr(IVssExamineWriterMetadata_GetComponent(b, index, &components[1]), S_OK);
    for (int i = 0; i < 2; i++)
        assert_hr(IVssWMComponent_GetComponentInfo(components[i], &infos[i]), S_OK);
    assert_int_equal(infos[0]->type, infos[1]->type);
    assert_int_equal(wcscmp(infos[0]->bstrComponentName, infos[1]->bstrComponentName), 0);
    assert_int_equal(!infos[0]->bstrLogicalPath, !infos[1]->bstrLogicalPath);
    assert_int_equal(infos[0]->bSelectable, infos[1]->bSelectable);
    assert_int_equal(infos[0]->bSelectableForRestore, infos[1]->bSelectableForRestore);
    assert_int_equal(infos[0]->dwComponentFlags, infos[1]->dwComponentFlags);
    assert_int_equal(infos[0]->cFileCount, infos[1]->cFileCount);
    assert_int_equal(infos[0]->cDatabases, infos[1]->cDatabases);
    for (int i = 0; i < 2; i++)
    {
        IVssWMComponent_FreeComponentInfo(components[i], infos[i]);
        IVssWMComponent_Release(components[i]);
    }
}

static void a_saved_document_says_the_same(struct fixture *fixture)
{
    IVssExamineWriterMetadata *loaded = NULL;
    BSTR xml = NULL;
    BSTR again = NULL;
    UINT counts[2][3];
    begin(fixture, true);
    IVssExamineWriterMetadata *metadata = metadata_of(fixture, &writer_id);
    assert_hr(IVssExamineWriterMetadata_SaveAsXML(metadata, &xml), S_OK);
    assert_hr(CreateVssExamineWriterMetadataInternal(xml, &loaded), S_OK);
    assert_hr(IVssExamineWriterMetadata_GetFileCounts(
                  metadata, &counts[0][0], &counts[0][1], &counts[0][2]),
        S_OK);
    assert_hr(IVssExamineWriterMetadata_GetFileCounts(
                  loaded, &counts[1][0], &counts[1][1], &counts[1][2]),
        S_OK);
    assert_memory_equal(counts[0], counts[1], sizeof(counts[0]));
    assert_int_equal(counts[0][2], 5);
    for (UINT i = 0; i < counts[0][2]; i++)
        check_same_component(metadata, loaded, i);
    assert_hr(IVssExamineWriterMetadata_SaveAsXML(loaded, &again), S_OK);
    assert_int_equal(wcscmp(xml, again), 0);
    SysFreeString(xml);
    SysFreeString(again);
    IVssExamineWriterMetadata_Release(loaded);
    IVssExamineWriterMetadata_Release(metadata);
}

/* As a CVssWriterEx: the longer Identify has the method. */
static void exclude_from_snapshot(struct test_writer *writer, void *metadata)
{
    IVssCreateWriterMetadataEx *out = metadata;
    identify(writer, metadata);
    writer->said = IVssCreateWriterMetadataEx_AddExcludeFilesFromSnapshot(
        out, L"C:\\app", L"cache.dat", false);
}

static void what_is_excluded_from_copies_stays_in_the_backup(struct fixture *fixture)
{
    IVssExamineWriterMetadataEx2 *longer = NULL;
    IVssWMFiledesc *file = NULL;
    IVssWMComponent *component = NULL;
    PVSSCOMPONENTINFO info = NULL;
    BSTR text = NULL;
    UINT count = 0;
    test_writer_start(&fixture->other, CreateWriterEx, true, other_id, L"longer");
    fixture->other.at[SLOT_ON_IDENTIFY_EX].action = exclude_from_snapshot;
    fixture->other.at[SLOT_ON_IDENTIFY_EX].answer = TEST_WRITER_YES;
    begin(fixture, true);
    IVssExamineWriterMetadata *metadata = metadata_of(fixture, &other_id);
    assert_hr(fixture->other.said, S_OK);
    assert_hr(IVssExamineWriterMetadata_QueryInterface(
                  metadata, &IID_IVssExamineWriterMetadataEx2, (void **)&longer),
        S_OK);
    assert_hr(longer->lpVtbl->GetExcludeFromSnapshotCount(longer, &count), S_OK);
    assert_int_equal(count, 1);
    assert_hr(longer->lpVtbl->GetExcludeFromSnapshotFile(longer, 0, &file), S_OK);
    assert_hr(IVssWMFiledesc_GetFilespec(file, &text), S_OK);
    assert_true(is_text(text, L"cache.dat"));
    IVssWMFiledesc_Release(file);
    /* The file set that holds it is as the writer gave it, and nothing is excluded from it. */
    assert_hr(IVssExamineWriterMetadata_GetComponent(metadata, 0, &component), S_OK);
    assert_hr(IVssWMComponent_GetComponentInfo(component, &info), S_OK);
    assert_int_equal(info->cFileCount, 1);
    assert_hr(IVssWMComponent_FreeComponentInfo(component, info), S_OK);
    IVssWMComponent_Release(component);
    assert_hr(IVssExamineWriterMetadata_GetExcludeFile(metadata, 0, &file), VSS_E_OBJECT_NOT_FOUND);
    longer->lpVtbl->Release(longer);
    IVssExamineWriterMetadata_Release(metadata);
}

const struct conformance_test metadata_tests[] = {
    STATEMENT(094, past_the_end_is_not_found, ANYONE),
    STATEMENT(095, a_restore_method_may_be_missing, ANYONE),
    STATEMENT(096, without_an_alternate_there_is_none, ANYONE),
    STATEMENT(097, what_a_component_lacks_is_null, ANYONE),
    STATEMENT(098, what_nobody_set_has_its_default, ANYONE),
    STATEMENT(099, a_saved_document_says_the_same, ANYONE),
    STATEMENT(100, what_is_excluded_from_copies_stays_in_the_backup, ANYONE),
};
THEME_TABLE(metadata);
