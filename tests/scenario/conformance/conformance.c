/* SPDX-License-Identifier: MIT
 *
 * The steps that the themes of the conformance suite are told in. See conformance.h.
 */
#include "conformance.h"

#include <stdio.h>
#include <string.h>

#include "support/keep_document.h"

const VSS_ID writer_id = {0xc0f00001, 0x1111, 0x4111, {0x81, 1, 1, 1, 1, 1, 1, 1}};
const VSS_ID other_id = {0xc0f00002, 0x2222, 0x4222, {0x82, 2, 2, 2, 2, 2, 2, 2}};
const VSS_ID foreign_id = {0xc0f0ffff, 0xeeee, 0x4eee, {0x8e, 0xee, 1, 2, 3, 4, 5, 6}};
WCHAR no_volume[] = L"\\\\?\\Volume{c0f0ffff-eeee-4eee-8eee-010203040506}\\";
WCHAR c_drive[] = L"C:\\";

/* Requestor 0.3: only what tests meet. */
const char *code_name(HRESULT hr)
{
    static const struct
    {
        unsigned long code;
        const char *name;
    } names[] = {
        {0x00000000, "S_OK"},
        {0x00000001, "S_FALSE"},
        {0x80004001, "E_NOTIMPL"},
        {0x80004003, "E_POINTER"},
        {0x80004005, "E_FAIL"},
        {0x8000FFFF, "E_UNEXPECTED"},
        {0x80070005, "E_ACCESSDENIED"},
        {0x8007000E, "E_OUTOFMEMORY"},
        {0x80070057, "E_INVALIDARG"},
        {0x80042301, "VSS_E_BAD_STATE"},
        {0x80042302, "VSS_E_UNEXPECTED"},
        {0x80042304, "VSS_E_PROVIDER_NOT_REGISTERED"},
        {0x80042306, "VSS_E_PROVIDER_VETO"},
        {0x80042308, "VSS_E_OBJECT_NOT_FOUND"},
        {0x00042309, "VSS_S_ASYNC_PENDING"},
        {0x0004230A, "VSS_S_ASYNC_FINISHED"},
        {0x0004230B, "VSS_S_ASYNC_CANCELLED"},
        {0x8004230C, "VSS_E_VOLUME_NOT_SUPPORTED"},
        {0x8004230D, "VSS_E_OBJECT_ALREADY_EXISTS"},
        {0x8004230E, "VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER"},
        {0x8004230F, "VSS_E_UNEXPECTED_PROVIDER_ERROR"},
        {0x80042311, "VSS_E_INVALID_XML_DOCUMENT"},
        {0x80042312, "VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED"},
        {0x80042315, "VSS_E_UNEXPECTED_WRITER_ERROR"},
        {0x80042316, "VSS_E_SNAPSHOT_SET_IN_PROGRESS"},
        {0x80042319, "VSS_E_WRITER_NOT_RESPONDING"},
        {0x8004231B, "VSS_E_UNSUPPORTED_CONTEXT"},
        {0x8004231F, "VSS_E_INSUFFICIENT_STORAGE"},
        {0x800423F2, "VSS_E_WRITERERROR_TIMEOUT"},
        {0x800423F3, "VSS_E_WRITERERROR_RETRYABLE"},
        {0x800423F4, "VSS_E_WRITERERROR_NONRETRYABLE"},
        {0x800423FD, "VSS_E_NONTRANSPORTABLE_BCD"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
        if (names[i].code == (unsigned long)hr)
            return names[i].name;
    return "a code of no name";
}

void check_hr(HRESULT actual, HRESULT expected, const char *text, const char *file, int line)
{
    if (actual == expected)
        return;
    print_error("%s: %s (0x%08lx), expected %s (0x%08lx)\n", text, code_name(actual),
        (unsigned long)actual, code_name(expected), (unsigned long)expected);
    _fail(file, line);
}

bool is_text(BSTR actual, const WCHAR *expected)
{
    bool same = actual && expected ? wcscmp(actual, expected) == 0 : !actual && !expected;
    if (!same)
        print_error("got \"%ls\", expected \"%ls\"\n", actual ? actual : L"(NULL)",
            expected ? expected : L"(NULL)");
    SysFreeString(actual);
    return same;
}

/* ---- the cast ---- */

void identify(struct test_writer *writer, void *metadata)
{
    static const struct
    {
        VSS_COMPONENT_TYPE type;
        const WCHAR *path;
        const WCHAR *name;
        bool selectable;
        bool restorable;
    } parts[] = {
        {VSS_CT_FILEGROUP, L"group", L"data0", true, false},
        {VSS_CT_FILEGROUP, L"group", L"data1", true, false},
        {VSS_CT_FILEGROUP, NULL, L"root", true, false},
        {VSS_CT_FILEGROUP, L"root", L"child", false, true},
        {VSS_CT_DATABASE, L"bases", L"base", true, false},
    };
    IVssCreateWriterMetadata *out = metadata;
    HRESULT hr = S_OK;
    for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && SUCCEEDED(hr); i++)
        hr = IVssCreateWriterMetadata_AddComponent(out, parts[i].type, parts[i].path, parts[i].name,
            NULL, NULL, 0, false, false, parts[i].selectable, parts[i].restorable, 0);
    if (SUCCEEDED(hr))
        hr = IVssCreateWriterMetadata_AddFilesToFileGroup(out, L"group", L"data0", L"C:\\app",
            L"*.dat", true, NULL, VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED);
    writer->said = hr;
}

void start_other(struct fixture *fixture)
{
    test_writer_start(&fixture->other, CreateWriter, false, other_id, L"another");
    fixture->other.at[SLOT_ON_IDENTIFY].action = identify;
}

void start_writer(struct test_writer *writer, VSS_ID id, VSS_APPLICATION_LEVEL level, DWORD window)
{
    void *impl = NULL;
    test_writer_construct(writer, false);
    writer->at[SLOT_ON_IDENTIFY].action = identify;
    assert_hr(CreateWriter(writer, &impl), S_OK);
    writer->object.impl = impl;
    assert_hr(
        writer->object.impl->vtbl->Initialize(writer->object.impl, id, L"levelled", NULL, 0, 0,
            VSS_UT_USERDATA, VSS_ST_OTHER, level, window, VSS_AWS_NO_ALTERNATE_WRITER, false),
        S_OK);
    assert_hr(test_writer_subscribe(writer), S_OK);
}

void forget_events(struct test_writer *writer)
{
    for (int i = 0; i < TEST_WRITER_SLOTS; i++)
    {
        writer->count[i] = 0;
        writer->argument[i] = NULL;
    }
}

void hold(struct fixture *fixture, enum test_writer_slot slot)
{
    ResetEvent(fixture->go);
    ResetEvent(fixture->entered);
    fixture->writer.at[slot].entered = fixture->entered;
    fixture->writer.at[slot].wait_for = fixture->go;
}

const char *events_of(const struct test_writer *writer)
{
    static const char *const names[TEST_WRITER_SLOTS] = {
        [SLOT_ON_PREPARE_BACKUP] = "PrepareBackup",
        [SLOT_ON_PREPARE_SNAPSHOT] = "PrepareSnapshot",
        [SLOT_ON_FREEZE] = "Freeze",
        [SLOT_ON_THAW] = "Thaw",
        [SLOT_ON_ABORT] = "Abort",
        [SLOT_ON_BACKUP_COMPLETE] = "BackupComplete",
        [SLOT_ON_BACKUP_SHUTDOWN] = "BackupShutdown",
        [SLOT_ON_PRE_RESTORE] = "PreRestore",
        [SLOT_ON_POST_RESTORE] = "PostRestore",
        [SLOT_ON_POST_SNAPSHOT] = "PostSnapshot",
    };
    static char text[256];
    size_t used = 0;
    LONG after = 0;
    text[0] = 0;
    for (;;)
    {
        int next = -1;
        for (int i = 0; i < TEST_WRITER_SLOTS; i++)
            if (names[i] && writer->count[i] && writer->order[i] > after &&
                (next < 0 || writer->order[i] < writer->order[next]))
                next = i;
        if (next < 0)
            return text;
        after = writer->order[next];
        used += (size_t)snprintf(
            text + used, sizeof(text) - used, "%s%s", used ? " " : "", names[next]);
    }
}

/* ---- asynchronous operations ---- */

HRESULT status_of(IVssAsync *async)
{
    HRESULT result = E_UNEXPECTED;
    assert_hr(IVssAsync_QueryStatus(async, &result, NULL), S_OK);
    return result;
}

HRESULT await(IVssAsync *async)
{
    assert_non_null(async);
    assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
    HRESULT result = status_of(async);
    IVssAsync_Release(async);
    return result;
}

void assert_done_at(HRESULT called, IVssAsync **async, const char *text, const char *file, int line)
{
    check_hr(called, S_OK, text, file, line);
    check_hr(await(*async), VSS_S_ASYNC_FINISHED, text, file, line);
    *async = NULL;
}

/* ---- a backup ---- */

IVssBackupComponentsEx4 *new_object(void)
{
    IVssBackupComponents *first = NULL;
    IVssBackupComponentsEx4 *bc = NULL;
    assert_hr(CreateVssBackupComponentsInternal(&first), S_OK);
    assert_hr(
        IVssBackupComponents_QueryInterface(first, &IID_IVssBackupComponentsEx4, (void **)&bc),
        S_OK);
    IVssBackupComponents_Release(first);
    return bc;
}

void create(struct fixture *fixture)
{
    assert_null(fixture->bc);
    fixture->bc = new_object();
}

void release(struct fixture *fixture)
{
    BSTR text = NULL;
    if (fixture->bc)
    {
        /* For the schema; refused where there is none. */
        if (call(fixture->bc, SaveAsXML, &text) == S_OK)
            keep_document("backup_components", text);
        SysFreeString(text);
        call(fixture->bc, Release);
    }
    fixture->bc = NULL;
}

void gather(struct fixture *fixture)
{
    const VSS_ID classes[] = {writer_id, other_id};
    IVssAsync *async = NULL;
    assert_hr(call(fixture->bc, EnableWriterClasses, classes, 2), S_OK);
    assert_done(call(fixture->bc, GatherWriterMetadata, &async));
    for (UINT i = metadata_count(fixture); i-- > 0;)
    {
        IVssExamineWriterMetadata *metadata = NULL;
        VSS_ID instance;
        VSS_ID class_id;
        BSTR name = NULL;
        VSS_USAGE_TYPE usage;
        VSS_SOURCE_TYPE source;
        assert_hr(call(fixture->bc, GetWriterMetadata, i, &instance, &metadata), S_OK);
        assert_hr(IVssExamineWriterMetadata_GetIdentity(
                      metadata, &instance, &class_id, &name, &usage, &source),
            S_OK);
        if (IsEqualGUID(&class_id, &writer_id))
            fixture->instance = instance;
        SysFreeString(name);
        IVssExamineWriterMetadata_Release(metadata);
    }
}

void gather_status(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    assert_done(call(fixture->bc, GatherWriterStatus, &async));
}

void begin(struct fixture *fixture, bool component_mode)
{
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    assert_hr(call(fixture->bc, SetBackupState, component_mode, false, VSS_BT_FULL, false), S_OK);
    gather(fixture);
}

void add(struct fixture *fixture, const WCHAR *path, const WCHAR *name)
{
    assert_hr(
        call(fixture->bc, AddComponent, fixture->instance, writer_id, VSS_CT_FILEGROUP, path, name),
        S_OK);
}

void start_set(struct fixture *fixture)
{
    assert_hr(call(fixture->bc, StartSnapshotSet, &fixture->set_id), S_OK);
    assert_hr(call(fixture->bc, AddToSnapshotSet, c_drive, GUID_NULL, &fixture->snapshot_id), S_OK);
}

void prepare(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    assert_done(call(fixture->bc, PrepareForBackup, &async));
}

void do_set(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    assert_done(call(fixture->bc, DoSnapshotSet, &async));
}

void complete(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    assert_done(call(fixture->bc, BackupComplete, &async));
}

void to_prepared(struct fixture *fixture)
{
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    start_set(fixture);
    prepare(fixture);
}

void to_done(struct fixture *fixture)
{
    to_prepared(fixture);
    do_set(fixture);
}

BSTR save(struct fixture *fixture)
{
    BSTR xml = NULL;
    assert_hr(call(fixture->bc, SaveAsXML, &xml), S_OK);
    assert_true(SysStringLen(xml) > 0);
    return xml;
}

void start_frozen(struct fixture *fixture)
{
    hold(fixture, SLOT_ON_FREEZE);
    assert_hr(call(fixture->bc, DoSnapshotSet, &fixture->pending), S_OK);
    WaitForSingleObject(fixture->entered, INFINITE);
}

UINT status_count(struct fixture *fixture)
{
    UINT count = 77;
    assert_hr(call(fixture->bc, GetWriterStatusCount, &count), S_OK);
    return count;
}

UINT metadata_count(struct fixture *fixture)
{
    UINT count = 77;
    assert_hr(call(fixture->bc, GetWriterMetadataCount, &count), S_OK);
    return count;
}

struct standing standing_of(struct fixture *fixture, const VSS_ID *class_id)
{
    for (UINT i = status_count(fixture); i-- > 0;)
    {
        struct standing standing;
        VSS_ID instance;
        VSS_ID writer;
        BSTR name = NULL;
        assert_hr(call(fixture->bc, GetWriterStatus, i, &instance, &writer, &name, &standing.state,
                      &standing.failure),
            S_OK);
        SysFreeString(name);
        if (IsEqualGUID(&writer, class_id))
            return standing;
    }
    fail_msg("the writer is not in the status list");
    return (struct standing){VSS_WS_UNKNOWN, E_UNEXPECTED};
}

IVssExamineWriterMetadata *metadata_of(struct fixture *fixture, const VSS_ID *class_id)
{
    for (UINT i = metadata_count(fixture); i-- > 0;)
    {
        IVssExamineWriterMetadata *metadata = NULL;
        VSS_ID instance;
        VSS_ID writer;
        BSTR name = NULL;
        VSS_USAGE_TYPE usage;
        VSS_SOURCE_TYPE source;
        assert_hr(call(fixture->bc, GetWriterMetadata, i, &instance, &metadata), S_OK);
        assert_hr(IVssExamineWriterMetadata_GetIdentity(
                      metadata, &instance, &writer, &name, &usage, &source),
            S_OK);
        SysFreeString(name);
        if (IsEqualGUID(&writer, class_id))
            return metadata;
        IVssExamineWriterMetadata_Release(metadata);
    }
    fail_msg("the writer's metadata is missing");
    return NULL;
}

/* Its writers are those of the process that started it. */
void be_dying_requestor(const char *when)
{
    struct fixture fixture = {0};
    begin(&fixture, false);
    start_set(&fixture);
    if (strcmp(when, DIES_DONE) == 0)
    {
        prepare(&fixture);
        do_set(&fixture);
    }
    TerminateProcess(GetCurrentProcess(), 0);
}

void let_requestor_die(const char *when)
{
    WCHAR program[MAX_PATH];
    WCHAR command[MAX_PATH + 32];
    STARTUPINFOW start = {.cb = sizeof(start)};
    PROCESS_INFORMATION process;
    GetModuleFileNameW(NULL, program, MAX_PATH);
    swprintf(command, MAX_PATH + 32, L"\"%ls\" %hs", program, when);
    assert_true(
        CreateProcessW(program, command, NULL, NULL, FALSE, 0, NULL, NULL, &start, &process));
    WaitForSingleObject(process.hProcess, INFINITE);
    DWORD code = 1;
    GetExitCodeProcess(process.hProcess, &code);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    assert_int_equal(code, 0);
}

typedef HRESULT(STDMETHODCALLTYPE *set_fault_function)(
    const char *point, const WCHAR *match, HRESULT hr, DWORD first, DWORD count, DWORD delay);

void fail_step(const WCHAR *step, HRESULT hr)
{
    set_fault_function function = NULL;
    FARPROC found = GetProcAddress(GetModuleHandleW(L"vssapi.dll"), "ThawlineSetFault");
    assert_non_null(found);
    memcpy(&function, &found, sizeof(function));
    assert_hr(function("provider.step", step, hr, 1, 1, 0), S_OK);
}

/* ---- what a session shows ---- */

IVssWriterComponents *components_of(struct fixture *fixture, UINT index)
{
    IVssWriterComponentsExt *components = NULL;
    assert_hr(call(fixture->bc, GetWriterComponents, index, &components), S_OK);
    assert_non_null(components);
    return (IVssWriterComponents *)components;
}

void release_components(IVssWriterComponents *components)
{
    IUnknown *unknown = (IUnknown *)((void **)components + 1);
    IUnknown_Release(unknown);
}

IVssComponent *component_of(struct fixture *fixture, const WCHAR *name)
{
    IVssWriterComponents *components = components_of(fixture, 0);
    IVssComponent *found = NULL;
    UINT count = 0;
    assert_hr(IVssWriterComponents_GetComponentCount(components, &count), S_OK);
    for (UINT i = 0; i < count && !found; i++)
    {
        BSTR text = NULL;
        assert_hr(IVssWriterComponents_GetComponent(components, i, &found), S_OK);
        assert_hr(IVssComponent_GetComponentName(found, &text), S_OK);
        if (wcscmp(text, name) != 0)
        {
            IVssComponent_Release(found);
            found = NULL;
        }
        SysFreeString(text);
    }
    release_components(components);
    assert_non_null(found);
    return found;
}

/* ---- a restore ---- */

/* In PostSnapshot: one partial file for the first component. */
static void name_partial_file(struct test_writer *writer, void *argument)
{
    IVssWriterComponents *components = argument;
    IVssComponent *component = NULL;
    writer->said = IVssWriterComponents_GetComponent(components, 0, &component);
    if (FAILED(writer->said))
        return;
    writer->said = IVssComponent_AddPartialFile(
        component, L"C:\\app", L"big.dat", L"0:4096", L"half of it");
    IVssComponent_Release(component);
}

BSTR make_document(struct fixture *fixture)
{
    struct test_writer_step before = fixture->writer.at[SLOT_ON_POST_SNAPSHOT];
    fixture->writer.at[SLOT_ON_POST_SNAPSHOT].action = name_partial_file;
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    add(fixture, NULL, L"root");
    start_set(fixture);
    prepare(fixture);
    do_set(fixture);
    assert_hr(fixture->writer.said, S_OK);
    assert_hr(call(fixture->bc, SetBackupSucceeded, fixture->instance, writer_id, VSS_CT_FILEGROUP,
                  L"group", L"data0", true),
        S_OK);
    complete(fixture);
    BSTR xml = save(fixture);
    release(fixture);
    fixture->writer.at[SLOT_ON_POST_SNAPSHOT] = before;
    forget_events(&fixture->writer);
    return xml;
}

void begin_restore(struct fixture *fixture)
{
    BSTR xml = make_document(fixture);
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForRestore, xml), S_OK);
    SysFreeString(xml);
}

HRESULT select_for_restore(struct fixture *fixture, const WCHAR *path, const WCHAR *name)
{
    return call(fixture->bc, SetSelectedForRestore, writer_id, VSS_CT_FILEGROUP, path, name, true);
}

void pre_restore(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    assert_done(call(fixture->bc, PreRestore, &async));
}

void post_restore(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    assert_done(call(fixture->bc, PostRestore, &async));
}
