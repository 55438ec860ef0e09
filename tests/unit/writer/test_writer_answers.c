/* SPDX-License-Identifier: MIT
 *
 * What a C++ writer's handler may ask and say, event by event. The expected values were written
 * down from the table in writer-provider 3.4.
 */
#include <cmocka.h>

#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "base/guid.h"
#include "base/str16.h"
#include "requestor.h"
#include "support/check_leaks.h"
#include "support/test_writer.h"
#include "writer/writer_impl.h"

static const VSS_ID writer_id = {0xA0A0A0A0, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};

static HRESULT WINAPI create(void *writer, void **impl)
{
    return writer_impl_create(writer, false, impl);
}

/* What every question was answered with in one handler. */
struct answers
{
    bool components;
    bool bootable;
    bool partial;
    int backup_type;
    int restore_type;
    LONG context;
    bool set_known; /* it is the set's id; else GUID_NULL */
    UINT volumes;
    bool array; /* the volume array names the volume; else NULL */
    bool path;
    HRESULT device;
    bool identity;
    HRESULT session;
    int level;
};

static struct answers ask(struct test_impl *impl)
{
    VSS_ID set_id;
    VSS_ID session_id;
    LPCWSTR device = NULL;
    struct answers answers = {
        .components = impl->vtbl->AreComponentsSelected(impl) == 1,
        .bootable = impl->vtbl->IsBootableSystemStateBackedUp(impl) == 1,
        .partial = impl->vtbl->IsPartialFileSupportEnabled(impl) == 1,
        .backup_type = impl->vtbl->GetBackupType(impl),
        .restore_type = impl->vtbl->GetRestoreType(impl),
        .context = impl->vtbl->GetContext(impl),
        .volumes = impl->vtbl->GetCurrentVolumeCount(impl),
        .path = impl->vtbl->IsPathAffected(impl, L"C:\\some\\file") == 1,
        .device = impl->vtbl->GetSnapshotDeviceName(impl, TEST_VOLUME, &device),
        .identity = impl->vtbl->GetIdentityInformation(impl) != NULL,
        .session = impl->vtbl->GetSessionId(impl, &session_id),
        .level = impl->vtbl->GetCurrentLevel(impl),
    };
    impl->vtbl->GetCurrentSnapshotSetId(impl, &set_id);
    answers.set_known = guid_equal(&set_id, &test_set_id);
    LPCWSTR *array = impl->vtbl->GetCurrentVolumeArray(impl);
    answers.array = array && str16_equal(array[0], TEST_VOLUME);
    return answers;
}

static void ask_here(struct test_writer *writer, void *argument)
{
    (void)argument;
    *(struct answers *)writer->note = ask(writer->object.impl);
}

/* GetRestoreType aside, a backup's answers are those of the requestor in requestor.h. */
#define BACKUP                                                                                     \
    .components = true, .bootable = true, .partial = true, .backup_type = VSS_BT_INCREMENTAL,      \
    .context = VSS_CTX_APP_ROLLBACK, .level = VSS_APP_FRONT_END
#define RESTORE                                                                                    \
    .components = true, .partial = true, .backup_type = VSS_BT_INCREMENTAL,                        \
    .restore_type = VSS_RTYPE_IMPORT, .level = VSS_APP_FRONT_END
#define IN_SET .set_known = true, .volumes = 1, .array = true, .path = true

static const struct row
{
    enum vss_event event;
    enum test_writer_slot slot;
    struct answers expected;
} rows[] = {
    {EVENT_PREPARE_BACKUP, SLOT_ON_PREPARE_BACKUP,
        {BACKUP, .identity = true, .device = VSS_E_BAD_STATE}},
    {EVENT_PREPARE_SNAPSHOT, SLOT_ON_PREPARE_SNAPSHOT,
        {BACKUP, IN_SET, .identity = true, .device = VSS_E_BAD_STATE}},
    {EVENT_FREEZE, SLOT_ON_FREEZE, {BACKUP, IN_SET, .device = VSS_E_BAD_STATE}},
    {EVENT_ABORT, SLOT_ON_ABORT, {BACKUP, .set_known = true, .device = VSS_E_BAD_STATE}},
    {EVENT_PREPARE_BACKUP, SLOT_ON_PREPARE_BACKUP,
        {BACKUP, .identity = true, .device = VSS_E_BAD_STATE}},
    {EVENT_PREPARE_SNAPSHOT, SLOT_ON_PREPARE_SNAPSHOT,
        {BACKUP, IN_SET, .identity = true, .device = VSS_E_BAD_STATE}},
    {EVENT_FREEZE, SLOT_ON_FREEZE, {BACKUP, IN_SET, .device = VSS_E_BAD_STATE}},
    {EVENT_THAW, SLOT_ON_THAW, {BACKUP, IN_SET, .device = VSS_E_BAD_STATE}},
    {EVENT_POST_SNAPSHOT, SLOT_ON_POST_SNAPSHOT,
        {BACKUP, IN_SET, .identity = true, .device = S_OK}},
    {EVENT_BACKUP_COMPLETE, SLOT_ON_BACKUP_COMPLETE, {BACKUP, .device = VSS_E_BAD_STATE}},
    {EVENT_PRE_RESTORE, SLOT_ON_PRE_RESTORE, {RESTORE, .device = VSS_E_BAD_STATE}},
    {EVENT_POST_RESTORE, SLOT_ON_POST_RESTORE, {RESTORE, .device = VSS_E_BAD_STATE}},
    {EVENT_BACKUP_SHUTDOWN, SLOT_ON_BACKUP_SHUTDOWN,
        {.level = VSS_APP_FRONT_END, .device = VSS_E_BAD_STATE}},
};

static void check(const char *event, const struct answers *actual, const struct answers *expected)
{
#define CHECK(field_)                                                                              \
    if (actual->field_ != expected->field_)                                                        \
        print_error("%s: " #field_ "\n", event);                                                   \
    assert_int_equal(actual->field_, expected->field_)
    CHECK(components);
    CHECK(bootable);
    CHECK(partial);
    CHECK(backup_type);
    CHECK(restore_type);
    CHECK(context);
    CHECK(set_known);
    CHECK(volumes);
    CHECK(array);
    CHECK(path);
    CHECK(device);
    CHECK(identity);
    CHECK(session);
    CHECK(level);
#undef CHECK
}

static void each_event_answers_what_it_may_and_nothing_more(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    struct answers answers;
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    writer.note = &answers;
    writer.at[SLOT_ON_IDENTIFY].action = ask_here;
    requestor_start(&requestor, 1);
    const struct answers in_identify = {.device = VSS_E_BAD_STATE, .level = VSS_APP_FRONT_END};
    check("Identify", &answers, &in_identify);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        answers = (struct answers){0};
        writer.at[rows[i].slot].action = ask_here;
        requestor_raise(&requestor, rows[i].event);
        check(event_name(rows[i].event), &answers, &rows[i].expected);
    }
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

static DWORD WINAPI ask_there(void *context)
{
    struct test_writer *writer = context;
    *(struct answers *)writer->note = ask(writer->object.impl);
    writer->said = writer->object.impl->vtbl->SetWriterFailure(
        writer->object.impl, VSS_E_WRITERERROR_RETRYABLE);
    return 0;
}

/* The handler waits until another thread has asked everything. */
static void let_another_thread_ask(struct test_writer *writer, void *argument)
{
    (void)argument;
    HANDLE thread = CreateThread(NULL, 0, ask_there, writer, 0, NULL);
    WaitForSingleObject(thread, PATIENCE_MS);
    CloseHandle(thread);
}

static void another_thread_learns_nothing_of_the_event_and_cannot_fail_it(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    struct answers answers;
    const struct answers outside = {
        .device = VSS_E_BAD_STATE, .session = VSS_E_BAD_STATE, .level = VSS_APP_FRONT_END};
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    writer.note = &answers;
    writer.at[SLOT_ON_PREPARE_BACKUP].action = let_another_thread_ask;
    requestor_start(&requestor, 1);
    assert_int_equal(requestor_raise(&requestor, EVENT_PREPARE_BACKUP).vetoed, 0);
    check("another thread", &answers, &outside);
    assert_int_equal(writer.said, VSS_E_BAD_STATE);
    assert_status(&requestor, VSS_WS_STABLE, S_OK);
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

/* ---- SetWriterFailure ---- */

static const struct
{
    HRESULT code;
    HRESULT plain;
    HRESULT extended;
} codes[] = {
    {VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT, S_OK, S_OK},
    {VSS_E_WRITERERROR_OUTOFRESOURCES, S_OK, S_OK},
    {VSS_E_WRITERERROR_TIMEOUT, S_OK, S_OK},
    {VSS_E_WRITERERROR_RETRYABLE, S_OK, S_OK},
    {VSS_E_WRITERERROR_NONRETRYABLE, S_OK, S_OK},
    {VSS_E_WRITERERROR_PARTIAL_FAILURE, E_INVALIDARG, S_OK},
    {S_OK, E_INVALIDARG, S_OK},
    {VSS_E_WRITER_NOT_RESPONDING, E_INVALIDARG, E_INVALIDARG},
    {VSS_E_WRITER_STATUS_NOT_AVAILABLE, E_INVALIDARG, E_INVALIDARG},
    {E_FAIL, E_INVALIDARG, E_INVALIDARG},
    {S_FALSE, E_INVALIDARG, E_INVALIDARG},
};

static void try_codes(struct test_writer *writer, void *argument)
{
    (void)argument;
    struct test_impl *impl = writer->object.impl;
    HRESULT *results = writer->note;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
    {
        *results++ = impl->vtbl->SetWriterFailure(impl, codes[i].code);
        *results++ = impl->vtbl->SetWriterFailureEx(impl, codes[i].code, S_FALSE, NULL);
    }
    impl->vtbl->SetWriterFailureEx(impl, S_OK, S_OK, NULL);
}

static void a_writer_may_set_the_documented_codes_only(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    HRESULT results[2 * sizeof(codes) / sizeof(codes[0])];
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    writer.note = results;
    writer.at[SLOT_ON_PREPARE_BACKUP].action = try_codes;
    requestor_start(&requestor, 1);
    requestor_raise(&requestor, EVENT_PREPARE_BACKUP);
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
    {
        assert_int_equal(results[2 * i], codes[i].plain);
        assert_int_equal(results[2 * i + 1], codes[i].extended);
    }
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

static void fail_identify(struct test_writer *writer, void *argument)
{
    (void)argument;
    writer->said = writer->object.impl->vtbl->SetWriterFailure(
        writer->object.impl, VSS_E_WRITERERROR_RETRYABLE);
}

static void a_failure_set_in_identify_is_refused_and_leaves_no_trace(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    writer.at[SLOT_ON_IDENTIFY].action = fail_identify;
    requestor_start(&requestor, 1);
    assert_int_equal(writer.said, VSS_E_BAD_STATE);
    assert_status(&requestor, VSS_WS_STABLE, S_OK);
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

static void a_failure_of_one_backup_is_gone_in_the_next(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    writer.at[SLOT_ON_PREPARE_BACKUP].failure = VSS_E_WRITERERROR_RETRYABLE;
    requestor_start(&requestor, 1);
    requestor_raise(&requestor, EVENT_PREPARE_BACKUP);
    assert_status(&requestor, VSS_WS_FAILED_AT_PREPARE_BACKUP, VSS_E_WRITERERROR_RETRYABLE);
    writer.at[SLOT_ON_PREPARE_BACKUP].failure = S_OK;
    requestor_raise(&requestor, EVENT_PREPARE_BACKUP);
    assert_status(&requestor, VSS_WS_STABLE, S_OK);
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

static void fail_in_part(struct test_writer *writer, void *argument)
{
    (void)argument;
    writer->object.impl->vtbl->SetWriterFailureEx(
        writer->object.impl, VSS_E_WRITERERROR_PARTIAL_FAILURE, E_ABORT, L"half of it");
}

static void a_partial_failure_shows_with_a_stable_state(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    writer.at[SLOT_ON_PREPARE_BACKUP].action = fail_in_part;
    requestor_start(&requestor, 1);
    assert_int_equal(requestor_raise(&requestor, EVENT_PREPARE_BACKUP).vetoed, 0);
    assert_status(&requestor, VSS_WS_STABLE, VSS_E_WRITERERROR_PARTIAL_FAILURE);
    assert_int_equal(bus_session_participant(requestor.session, 0)->status.application, E_ABORT);
    assert_true(
        str16_equal(bus_session_participant(requestor.session, 0)->status.message, L"half of it"));
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

/* ---- Volumes ---- */

static void ask_for_devices(struct test_writer *writer, void *argument)
{
    (void)argument;
    struct test_impl *impl = writer->object.impl;
    LPCWSTR device = L"untouched";
    HRESULT *results = writer->note;
    *results++ = impl->vtbl->GetSnapshotDeviceName(impl, TEST_VOLUME, NULL);
    *results++ = impl->vtbl->GetSnapshotDeviceName(impl, NULL, &device);
    *results++ = impl->vtbl->GetSnapshotDeviceName(
        impl, L"\\\\?\\Volume{00000000-0000-0000-0000-000000000043}", &device);
    *results++ = impl->vtbl->GetSnapshotDeviceName(
        impl, L"\\\\?\\Volume{00000000-0000-0000-0000-000000000044}\\", &device);
    *results++ = device == NULL ? S_OK : E_FAIL;
    *results++ = impl->vtbl->GetSnapshotDeviceName(
        impl, L"\\\\?\\VOLUME{00000000-0000-0000-0000-000000000043}\\", &device);
    *results++ = str16_equal(device, TEST_DEVICE) ? S_OK : E_FAIL;
}

static void a_device_name_needs_a_volume_of_the_set_with_its_backslash(void **state)
{
    (void)state;
    static const HRESULT expected[] = {
        E_INVALIDARG, E_INVALIDARG, E_INVALIDARG, VSS_E_OBJECT_NOT_FOUND, S_OK, S_OK, S_OK};
    struct test_writer writer;
    struct requestor requestor;
    HRESULT results[sizeof(expected) / sizeof(expected[0])];
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    writer.note = results;
    writer.at[SLOT_ON_POST_SNAPSHOT].action = ask_for_devices;
    requestor_start(&requestor, 1);
    requestor_raise_until(&requestor, EVENT_POST_SNAPSHOT);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_int_equal(results[i], expected[i]);
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

static const struct
{
    const WCHAR *path;
    bool affected;
} paths[] = {
    {NULL, false},
    {L"", false},
    {L"C:\\", true},
    {L"C:", true},
    {L"c:\\Windows\\nowhere\\at\\all", true},
    {L"%SystemDrive%", true},
    {L"%SYSTEMDRIVE%\\Data", true},
    {L"%SystemRoot%\\x", true},
    {L"%NOSUCHVARIABLE%\\x", false},
    {L"Z:\\", false},
    {L"Z:\\x", false},
    {L"relative\\path", false},
    {TEST_VOLUME L"folder", true},
    {L"\\\\?\\VOLUME{00000000-0000-0000-0000-000000000043}\\x", true},
    {L"\\\\?\\Volume{00000000-0000-0000-0000-000000000044}\\x", false},
    {L"\\\\server\\share\\x", false},
};

static void ask_for_paths(struct test_writer *writer, void *argument)
{
    (void)argument;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        ((BYTE *)writer->note)[i] = writer->object.impl->vtbl->IsPathAffected(
            writer->object.impl, paths[i].path);
}

static void a_path_is_affected_when_it_lies_on_a_volume_of_the_set(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    BYTE results[sizeof(paths) / sizeof(paths[0])];
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    writer.note = results;
    writer.at[SLOT_ON_FREEZE].action = ask_for_paths;
    requestor_start(&requestor, 1);
    requestor_raise_until(&requestor, EVENT_FREEZE);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
    {
        if (results[i] != paths[i].affected)
            print_error("%ls\n", paths[i].path ? paths[i].path : L"NULL");
        assert_int_equal(results[i], paths[i].affected);
    }
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

/* ---- Identity and components ---- */

static void read_identity(struct test_writer *writer, void *argument)
{
    (void)argument;
    IVssExamineWriterMetadata *identity = writer->object.impl->vtbl->GetIdentityInformation(
        writer->object.impl);
    VSS_ID instance;
    VSS_ID id = {0};
    BSTR name = NULL;
    VSS_USAGE_TYPE usage;
    VSS_SOURCE_TYPE source;
    writer->said = identity
        ? identity->lpVtbl->GetIdentity(identity, &instance, &id, &name, &usage, &source)
        : E_FAIL;
    if (!guid_equal(&id, &writer_id) || !str16_equal(name, L"Probe"))
        writer->said = E_UNEXPECTED;
    SysFreeString(name);
}

static void a_handler_can_read_its_own_metadata(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    writer.said = E_FAIL;
    writer.at[SLOT_ON_PREPARE_SNAPSHOT].action = read_identity;
    requestor_start(&requestor, 1);
    requestor_raise_until(&requestor, EVENT_PREPARE_SNAPSHOT);
    assert_int_equal(writer.said, S_OK);
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

static void write_stamp(struct test_writer *writer, void *argument)
{
    IVssWriterComponents *components = argument;
    IVssComponent *component = NULL;
    UINT count = 0;
    writer->said = components ? components->lpVtbl->GetComponentCount(components, &count) : E_FAIL;
    if (writer->said != S_OK || count != 1)
        return;
    writer->said = components->lpVtbl->GetComponent(components, 0, &component);
    if (writer->said != S_OK)
        return;
    writer->said = component->lpVtbl->SetBackupStamp(component, L"stamp");
    component->lpVtbl->Release(component);
}

static void components_can_be_written_but_in_backup_complete(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    writer.at[SLOT_ON_PREPARE_BACKUP].action = write_stamp;
    writer.at[SLOT_ON_BACKUP_COMPLETE].action = write_stamp;
    requestor_start(&requestor, 1);
    const struct bus_participant *participant = bus_session_participant(requestor.session, 0);
    struct component *component;
    requestor.components = writer_components_create(&participant->instance_id, &writer_id);
    assert_int_equal(writer_components_add(
                         requestor.components, COMPONENT_TYPE_FILEGROUP, NULL, L"data", &component),
        S_OK);
    requestor_raise(&requestor, EVENT_PREPARE_BACKUP);
    assert_int_equal(writer.said, S_OK);
    component = writer_components_find(requestor.components, NULL, L"data");
    assert_true(str16_equal(component->backup_stamp, L"stamp"));
    requestor_raise(&requestor, EVENT_BACKUP_COMPLETE);
    assert_int_equal(writer.said, VSS_E_BAD_STATE);
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

static void without_components_the_handler_gets_null(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    requestor_start(&requestor, 1);
    requestor_raise(&requestor, EVENT_PREPARE_BACKUP);
    assert_int_equal(writer.count[SLOT_ON_PREPARE_BACKUP], 1);
    assert_null(writer.argument[SLOT_ON_PREPARE_BACKUP]);
    requestor_end(&requestor);
    test_writer_destruct(&writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(each_event_answers_what_it_may_and_nothing_more),
        leak_test(another_thread_learns_nothing_of_the_event_and_cannot_fail_it),
        leak_test(a_writer_may_set_the_documented_codes_only),
        leak_test(a_failure_set_in_identify_is_refused_and_leaves_no_trace),
        leak_test(a_failure_of_one_backup_is_gone_in_the_next),
        leak_test(a_partial_failure_shows_with_a_stable_state),
        leak_test(a_device_name_needs_a_volume_of_the_set_with_its_backslash),
        leak_test(a_path_is_affected_when_it_lies_on_a_volume_of_the_set),
        leak_test(a_handler_can_read_its_own_metadata),
        leak_test(components_can_be_written_but_in_backup_complete),
        leak_test(without_components_the_handler_gets_null),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    /* All of it holds for writers in other processes as well. */
    transport_local_is_off = true;
    return failed + cmocka_run_group_tests_name("remote", tests, NULL, NULL);
}
