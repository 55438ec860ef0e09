/* SPDX-License-Identifier: MIT
 *
 * Statements 1 to 9: the binary surface (requestor 0.4).
 */
#include "conformance.h"

#include <string.h>

#ifdef _WIN64
#define CREATE_DECORATED "?CreateVssBackupComponents@@YAJPEAPEAVIVssBackupComponents@@@Z"
#else
#define CREATE_DECORATED "?CreateVssBackupComponents@@YGJPAPAVIVssBackupComponents@@@Z"
#endif

typedef HRESULT(WINAPI *create_function)(IVssBackupComponents **out);

static create_function find_export(const char *name)
{
    create_function function = NULL;
    FARPROC found = GetProcAddress(GetModuleHandleW(L"vssapi.dll"), name);
    memcpy(&function, &found, sizeof(function));
    return function;
}

static void both_names_of_the_export_make_an_object(struct fixture *fixture)
{
    static const char *const names[] = {CREATE_DECORATED, "CreateVssBackupComponentsInternal"};
    (void)fixture;
    for (size_t i = 0; i < 2; i++)
    {
        IVssBackupComponents *bc = NULL;
        create_function function = find_export(names[i]);
        assert_non_null(function);
        assert_hr(function(&bc), S_OK);
        assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
        assert_int_equal(IVssBackupComponents_Release(bc), 0);
    }
}

static void all_five_interfaces_have_one_identity(struct fixture *fixture)
{
    const GUID *const iids[] = {&IID_IVssBackupComponents, &IID_IVssBackupComponentsEx,
        &IID_IVssBackupComponentsEx2, &IID_IVssBackupComponentsEx3, &IID_IVssBackupComponentsEx4};
    IUnknown *identity = NULL;
    create(fixture);
    assert_hr(call(fixture->bc, QueryInterface, &IID_IUnknown, (void **)&identity), S_OK);
    for (size_t i = 0; i < 5; i++)
    {
        IUnknown *face = NULL;
        IUnknown *again = NULL;
        assert_hr(call(fixture->bc, QueryInterface, iids[i], (void **)&face), S_OK);
        assert_hr(IUnknown_QueryInterface(face, &IID_IUnknown, (void **)&again), S_OK);
        assert_ptr_equal(again, identity);
        IUnknown_Release(again);
        IUnknown_Release(face);
    }
    IUnknown_Release(identity);
}

typedef HRESULT(STDMETHODCALLTYPE *slot_50)(void *self, WCHAR *volume, IVssAsync **out);
typedef HRESULT(STDMETHODCALLTYPE *slot_64)(
    void *self, WCHAR *path, WCHAR **root, WCHAR **prefix, BOOL fqdn);

static void the_slots_are_in_declared_order(struct fixture *fixture)
{
    WCHAR *root = NULL;
    WCHAR *prefix = NULL;
    IVssAsync *async = NULL;
    create(fixture);
    const void *const *table = *(const void *const *const *)fixture->bc;
    slot_50 query_revert_status;
    slot_64 get_root;
    memcpy(&query_revert_status, &table[50], sizeof(query_revert_status));
    memcpy(&get_root, &table[64], sizeof(get_root));
    /* The only method that answers E_POINTER stands in slot 50. */
    assert_hr(query_revert_status(fixture->bc, NULL, &async), E_POINTER);
    assert_hr(get_root(fixture->bc, c_drive, &root, &prefix, FALSE), S_OK);
    assert_int_equal(wcscmp(root, c_drive), 0);
    assert_int_equal(wcsncmp(prefix, L"\\\\?\\Volume{", 11), 0);
    assert_int_equal(prefix[wcslen(prefix) - 1], L'\\');
    CoTaskMemFree(root);
    CoTaskMemFree(prefix);
}

static void writer_components_have_two_tables(struct fixture *fixture)
{
    IVssWriterComponentsExt *components = NULL;
    UINT count = 0;
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    assert_hr(call(fixture->bc, GetWriterComponents, 0, &components), S_OK);
    assert_hr(
        IVssWriterComponents_GetComponentCount((IVssWriterComponents *)components, &count), S_OK);
    assert_int_equal(count, 1);
    IUnknown *second = (IUnknown *)((void **)components + 1);
    assert_int_equal(IUnknown_AddRef(second), 2);
    assert_int_equal(IUnknown_Release(second), 1);
    assert_int_equal(IUnknown_Release(second), 0);
}

/* As compilers pass a one-byte bool: whatever was in the register above it stays. */
typedef HRESULT(STDMETHODCALLTYPE *set_backup_state_wide)(
    void *self, ULONG_PTR select, ULONG_PTR bootable, VSS_BACKUP_TYPE type, ULONG_PTR partial);
#define GARBAGE_FALSE ((ULONG_PTR)0xFFFFFF00)
#define GARBAGE_TRUE ((ULONG_PTR)0x00000101)

static void note_state(struct test_writer *writer, void *components)
{
    (void)components;
    struct test_impl *impl = writer->object.impl;
    writer->said = (HRESULT)(impl->vtbl->AreComponentsSelected(impl) |
        impl->vtbl->IsBootableSystemStateBackedUp(impl) << 1 |
        impl->vtbl->IsPartialFileSupportEnabled(impl) << 2);
}

static void only_the_low_byte_of_a_bool_counts(struct fixture *fixture)
{
    set_backup_state_wide set_state;
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    const void *const *table = *(const void *const *const *)fixture->bc;
    memcpy(&set_state, &table[6], sizeof(set_state));
    assert_hr(
        set_state(fixture->bc, GARBAGE_FALSE, GARBAGE_TRUE, VSS_BT_FULL, GARBAGE_FALSE), S_OK);
    gather(fixture);
    start_set(fixture);
    fixture->writer.at[SLOT_ON_PREPARE_BACKUP].action = note_state;
    prepare(fixture);
    assert_int_equal(fixture->writer.said, 2);
}

static void note_one_byte(struct test_writer *writer, void *metadata)
{
    identify(writer, metadata);
    writer->said = IVssCreateWriterMetadata_SetRestoreMethod((IVssCreateWriterMetadata *)metadata,
        VSS_RME_RESTORE_IF_NOT_THERE, NULL, NULL, VSS_WRE_ALWAYS, true);
}

static void bool_results_write_one_byte(struct fixture *fixture)
{
    fixture->writer.at[SLOT_ON_IDENTIFY].action = note_one_byte;
    BYTE guarded[3] = {0xCC, 0xCC, 0xCC};
    VSS_RESTOREMETHOD_ENUM method;
    VSS_WRITERRESTORE_ENUM restore;
    BSTR service = NULL;
    BSTR procedure = NULL;
    UINT mappings;
    IVssWMComponent *component = NULL;
    IVssWMFiledesc *file = NULL;
    begin(fixture, true);
    IVssExamineWriterMetadata *metadata = metadata_of(fixture, &writer_id);
    assert_hr(IVssExamineWriterMetadata_GetRestoreMethod(metadata, &method, &service, &procedure,
                  &restore, (boolean *)&guarded[1], &mappings),
        S_OK);
    assert_int_equal(guarded[0], 0xCC);
    assert_int_equal(guarded[1], 1);
    assert_int_equal(guarded[2], 0xCC);
    guarded[1] = 0xCC;
    assert_hr(IVssExamineWriterMetadata_GetComponent(metadata, 0, &component), S_OK);
    assert_hr(IVssWMComponent_GetFile(component, 0, &file), S_OK);
    assert_hr(IVssWMFiledesc_GetRecursive(file, (boolean *)&guarded[1]), S_OK);
    assert_int_equal(guarded[0], 0xCC);
    assert_int_equal(guarded[1], 1);
    assert_int_equal(guarded[2], 0xCC);
    IVssWMFiledesc_Release(file);
    IVssWMComponent_Release(component);
    IVssExamineWriterMetadata_Release(metadata);
    guarded[1] = 0xCC;
    assert_hr(ShouldBlockRevert(c_drive, (boolean *)&guarded[1]), S_OK);
    assert_int_equal(guarded[0], 0xCC);
    assert_true(guarded[1] <= 1);
    assert_int_equal(guarded[2], 0xCC);
}

static void snapshot_properties_fill_their_size_and_no_more(struct fixture *fixture)
{
    union
    {
        VSS_SNAPSHOT_PROP prop;
        BYTE bytes[160];
    } guarded;
#ifdef _WIN64
    const size_t size = 128;
    const size_t status = 120;
#else
    const size_t size = 96;
    const size_t status = 88;
#endif
    LONG value;
    to_done(fixture);
    memset(&guarded, 0xCC, sizeof(guarded));
    assert_hr(call(fixture->bc, GetSnapshotProperties, fixture->snapshot_id, &guarded.prop), S_OK);
    for (size_t i = size; i < sizeof(guarded.bytes); i++)
        assert_int_equal(guarded.bytes[i], 0xCC);
    memcpy(&value, guarded.bytes + status, sizeof(value));
    assert_int_equal(value, 12); /* VSS_SS_CREATED */
    VssFreeSnapshotPropertiesInternal(&guarded.prop);
}

static void component_info_has_its_fields_in_place(struct fixture *fixture)
{
    IVssWMComponent *component = NULL;
    PVSSCOMPONENTINFO info = NULL;
    begin(fixture, true);
    IVssExamineWriterMetadata *metadata = metadata_of(fixture, &writer_id);
    assert_hr(IVssExamineWriterMetadata_GetComponent(metadata, 0, &component), S_OK);
    assert_hr(IVssWMComponent_GetComponentInfo(component, &info), S_OK);
    const BYTE *bytes = (const BYTE *)info;
    BSTR text;
    UINT number;
    /* One-byte bools, four in a row, then the flags. */
    const size_t pointer = sizeof(void *);
    const size_t bools = pointer * 5 + 4;
    memcpy(&number, bytes, 4);
    assert_int_equal(number, VSS_CT_FILEGROUP);
    memcpy(&text, bytes + pointer, sizeof(text));
    assert_int_equal(wcscmp(text, L"group"), 0);
    memcpy(&text, bytes + pointer * 2, sizeof(text));
    assert_int_equal(wcscmp(text, L"data0"), 0);
    assert_memory_equal(bytes + bools, "\0\0\1\0", 4);
    memcpy(&number, bytes + bools + 4, 4);
    assert_int_equal(number, 0);
    memcpy(&number, bytes + bools + 8, 4);
    assert_int_equal(number, 1); /* cFileCount */
    assert_hr(IVssWMComponent_FreeComponentInfo(component, info), S_OK);
    IVssWMComponent_Release(component);
    IVssExamineWriterMetadata_Release(metadata);
}

static void an_async_answers_for_its_iid(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    IVssAsync *again = NULL;
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    assert_hr(call(fixture->bc, GatherWriterMetadata, &async), S_OK);
    assert_hr(IVssAsync_QueryInterface(async, &IID_IVssAsync, (void **)&again), S_OK);
    assert_ptr_equal(again, async);
    IVssAsync_Release(again);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
}

const struct conformance_test binary_tests[] = {
    STATEMENT(001, both_names_of_the_export_make_an_object, ANYONE),
    STATEMENT(002, all_five_interfaces_have_one_identity, ANYONE),
    STATEMENT(003, the_slots_are_in_declared_order, ANYONE),
    STATEMENT(004, writer_components_have_two_tables, ANYONE),
    STATEMENT(005, only_the_low_byte_of_a_bool_counts, ANYONE),
    STATEMENT(006, bool_results_write_one_byte, ANYONE),
    STATEMENT(007, snapshot_properties_fill_their_size_and_no_more, ANYONE),
    STATEMENT(008, component_info_has_its_fields_in_place, ANYONE),
    STATEMENT(009, an_async_answers_for_its_iid, ANYONE),
};
THEME_TABLE(binary);
