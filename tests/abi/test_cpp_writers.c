/* SPDX-License-Identifier: MIT
 *
 * The life of C++ writers of every class, compiled with Microsoft's ABI, and of those of
 * vsswriter.h: construction, Initialize, Subscribe and their ends, and objects that are deleted in
 * whatever state they are (writer-provider 2.2, 2.3, 3.1, 3.2). Whole backups are in
 * scenario/test_cpp_writers.c.
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "abi/abi_objects.h"
#include "msvc/msvc_writer.h"

static const VSS_ID class_id = {0xcdcdcdcd, 0x1111, 0x4111, {0x81, 1, 1, 1, 1, 1, 1, 1}};

static const char *const kind_names[MSVC_KINDS] = {"none", "2003 CVssWriter",
    "2003 CVssWriter, pure handlers only", "CVssWriter", "CVssWriterEx, OnIdentifyEx",
    "CVssWriterEx, OnIdentify", "CVssWriterEx2", "vsswriter.h in C", "vsswriter.h in C, Ex",
    "vsswriter.h in C++, CVssWriter", "vsswriter.h in C++, CVssWriterEx2"};

static LONG events;
static VSS_ID identified;
static HANDLE entered;
static HANDLE go_on;

static int __cdecl on_event(void *context, const struct msvc_event *event)
{
    (void)context;
    InterlockedIncrement(&events);
    if (event->kind == MSVC_IDENTIFY)
        identified = event->instance_id;
    if (event->kind == MSVC_FREEZE && go_on)
    {
        SetEvent(entered);
        WaitForSingleObject(go_on, INFINITE);
    }
    return 1;
}

static struct msvc_writer *create(enum msvc_kind kind, const WCHAR *name)
{
    const struct msvc_orders orders = {.kind = kind,
        .name = name,
        .id = class_id,
        .level = VSS_APP_FRONT_END,
        .freeze_timeout = 60000,
        .handle = on_event};
    struct msvc_writer *writer = msvc_writer_create(&orders);
    assert_non_null(writer);
    return writer;
}

static struct msvc_writer *create_subscribed(enum msvc_kind kind)
{
    struct msvc_writer *writer = create(kind, L"C++");
    assert_hr(msvc_writer_initialize(writer), S_OK);
    assert_hr(msvc_writer_subscribe(writer), S_OK);
    return writer;
}

static UINT count_of_writers(void)
{
    struct backup backup;
    UINT count = 0;
    backup_begin(&backup, FALSE);
    assert_hr(IVssBackupComponents_GetWriterMetadataCount(backup.components, &count), S_OK);
    backup_release(&backup);
    return count;
}

#define FOR_EACH_KIND(kind_) for (enum msvc_kind kind_ = MSVC_2003; kind_ < MSVC_KINDS; kind_++)

#define OF_KIND(kind_, check_)                                                                     \
    do                                                                                             \
    {                                                                                              \
        if (!(check_))                                                                             \
            fail_msg("%s: %s", kind_names[kind_], #check_);                                        \
    } while (0)

static void subclasses_start_behind_two_pointers(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    OF_KIND(kind, msvc_base_size(kind) == 2 * sizeof(void *));
}

static void assert_has_no_answers(enum msvc_kind kind, const struct msvc_event *asked)
{
    OF_KIND(kind, asked->level == VSS_APP_AUTO && asked->context == 0);
    OF_KIND(kind, !asked->backup_type && !asked->restore_type && !asked->volume_count);
    OF_KIND(kind, !asked->components_selected && !asked->bootable_system_state);
    OF_KIND(kind, !asked->partial_file_support && !asked->affected);
    OF_KIND(kind, IsEqualGUID(&asked->set_id, &GUID_NULL));
    OF_KIND(kind, asked->device_result == E_FAIL);
}

static void an_object_that_was_never_initialized_answers_and_dies(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    {
        struct msvc_event asked;
        struct msvc_writer *writer = create(kind, L"C++");
        OF_KIND(kind, msvc_writer_subscribe(writer) == E_FAIL);
        OF_KIND(kind, msvc_writer_unsubscribe(writer) == E_FAIL);
        OF_KIND(kind, msvc_writer_fail(writer, VSS_E_WRITERERROR_RETRYABLE, S_OK, NULL) == E_FAIL);
        msvc_writer_ask(writer, &asked);
        /* In C there is nobody to ask yet. */
        if (kind != GNU_C && kind != GNU_C_EX)
            assert_has_no_answers(kind, &asked);
        msvc_writer_delete(writer);
    }
}

static void initialize_fails_once_done_and_with_a_bad_argument_can_be_repeated(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    {
        struct msvc_writer *nameless = create(kind, NULL);
        OF_KIND(kind, msvc_writer_initialize(nameless) == E_INVALIDARG);
        OF_KIND(kind, msvc_writer_initialize(nameless) == E_INVALIDARG);
        OF_KIND(kind, msvc_writer_subscribe(nameless) == E_FAIL);
        msvc_writer_delete(nameless);

        struct msvc_writer *writer = create(kind, L"C++");
        OF_KIND(kind, msvc_writer_initialize(writer) == S_OK);
        OF_KIND(kind, msvc_writer_initialize(writer) == E_FAIL);
        OF_KIND(kind, msvc_writer_install_alternate(writer) == E_NOTIMPL);
        msvc_writer_delete(writer);
    }
}

static void a_writer_is_found_while_it_is_subscribed(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    {
        struct msvc_writer *writer = create_subscribed(kind);
        OF_KIND(kind, msvc_writer_subscribe(writer) == VSS_E_WRITER_ALREADY_SUBSCRIBED);
        OF_KIND(kind, count_of_writers() == 1);
        OF_KIND(kind, msvc_writer_unsubscribe(writer) == S_OK);
        OF_KIND(kind, count_of_writers() == 0);
        OF_KIND(kind, msvc_writer_unsubscribe(writer) == S_OK);
        OF_KIND(kind, msvc_writer_subscribe(writer) == S_OK);
        OF_KIND(kind, count_of_writers() == 1);
        msvc_writer_delete(writer);
        OF_KIND(kind, count_of_writers() == 0);
    }
}

static void a_deleted_writer_is_one_object_less_and_a_new_one_has_another_instance(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    {
        VSS_ID first;
        struct msvc_writer *writer = create_subscribed(kind);
        identified = GUID_NULL;
        OF_KIND(kind, count_of_writers() == 1);
        first = identified;
        msvc_writer_delete(writer);
        OF_KIND(kind, msvc_live_objects() == 0);
        if (kind == MSVC_2003_MINIMAL)
            continue;
        OF_KIND(kind, !IsEqualGUID(&first, &GUID_NULL));
        writer = create_subscribed(kind);
        OF_KIND(kind, count_of_writers() == 1);
        OF_KIND(kind, !IsEqualGUID(&first, &identified));
        msvc_writer_delete(writer);
    }
}

static void the_librarys_handlers_serve_what_a_subclass_does_not_override(void **state)
{
    (void)state;
    struct backup backup;
    VSS_WRITER_STATE stands = VSS_WS_UNKNOWN;
    VSS_ID instance;
    VSS_ID writer_id;
    BSTR name = NULL;
    HRESULT failure = E_UNEXPECTED;
    struct msvc_writer *writer = create_subscribed(MSVC_2003_MINIMAL);
    events = 0;
    backup_until_done(&backup);
    /* PrepareSnapshot, Freeze and Thaw are its own. */
    assert_int_equal(events, 3);
    assert_hr(backup_complete(&backup), VSS_S_ASYNC_FINISHED);
    backup_gather_status(&backup);
    assert_hr(IVssBackupComponents_GetWriterStatus(
                  backup.components, 0, &instance, &writer_id, &name, &stands, &failure),
        S_OK);
    assert_int_equal(wcscmp(name, L"C++"), 0);
    SysFreeString(name);
    assert_int_equal(stands, VSS_WS_STABLE);
    assert_hr(failure, S_OK);
    backup_release(&backup);
    msvc_writer_delete(writer);
}

/* ---- Deleted while a handler runs ---- */

static DWORD WINAPI delete_on_thread(void *writer)
{
    msvc_writer_delete(writer);
    return 0;
}

/* Without calling a handler: the object is being taken apart. It is not listed any more as soon as
   the base class's destructor is at work. */
static BOOL is_listed(void)
{
    THAWLINE_WRITER_STATUS *writers = NULL;
    UINT count = 0;
    assert_hr(ThawlineListWriters(&writers, &count), S_OK);
    ThawlineFreeWriters(writers);
    return count != 0;
}

/* The base class's destructor must not end before the handler does: it returns into the object. */
static void a_destructor_waits_for_the_handler_that_runs(void **state)
{
    (void)state;
    FOR_EACH_KIND(kind)
    {
        struct backup backup;
        IVssAsync *snapshot = NULL;
        struct msvc_writer *writer = create_subscribed(kind);
        entered = CreateEventW(NULL, FALSE, FALSE, NULL);
        go_on = CreateEventW(NULL, TRUE, FALSE, NULL);
        backup_until_prepared(&backup);
        assert_hr(IVssBackupComponents_DoSnapshotSet(backup.components, &snapshot), S_OK);
        assert_int_equal(WaitForSingleObject(entered, INFINITE), WAIT_OBJECT_0);
        HANDLE deletion = CreateThread(NULL, 0, delete_on_thread, writer, 0, NULL);
        while (is_listed())
            SwitchToThread();
        OF_KIND(kind, WaitForSingleObject(deletion, 0) == WAIT_TIMEOUT);
        SetEvent(go_on);
        assert_int_equal(WaitForSingleObject(deletion, INFINITE), WAIT_OBJECT_0);
        assert_hr(await(snapshot), VSS_S_ASYNC_FINISHED);
        backup_release(&backup);
        CloseHandle(deletion);
        CloseHandle(entered);
        CloseHandle(go_on);
        go_on = NULL;
    }
}

static LONG blocks;

static int remember_blocks(void **state)
{
    (void)state;
    blocks = ThawlineGetLiveBlocks();
    return 0;
}

static int check_blocks(void **state)
{
    (void)state;
    return ThawlineGetLiveBlocks() == blocks && !msvc_live_objects() ? 0 : -1;
}

int main(void)
{
#define ABI(test) cmocka_unit_test_setup_teardown(test, remember_blocks, check_blocks)
    const struct CMUnitTest tests[] = {
        ABI(subclasses_start_behind_two_pointers),
        ABI(an_object_that_was_never_initialized_answers_and_dies),
        ABI(initialize_fails_once_done_and_with_a_bad_argument_can_be_repeated),
        ABI(a_writer_is_found_while_it_is_subscribed),
        ABI(a_deleted_writer_is_one_object_less_and_a_new_one_has_another_instance),
        ABI(the_librarys_handlers_serve_what_a_subclass_does_not_override),
        ABI(a_destructor_waits_for_the_handler_that_runs),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
