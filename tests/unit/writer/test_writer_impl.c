/* SPDX-License-Identifier: MIT
 *
 * The life of a C++ writer: Initialize, Subscribe, Unsubscribe, Uninitialize, Release, in and out
 * of order. Follows writer-provider 2.3, 3.1 and 3.2.
 */
#include <cmocka.h>

#include "base/guid.h"
#include "base/str16.h"
#include "requestor.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"
#include "support/test_writer.h"
#include "writer/writer_impl.h"

static const VSS_ID writer_id = {0xA0A0A0A0, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};
static const VSS_ID no_id;

#define ALL_EVENTS ((DWORD)(VSS_SM_BACKUP_EVENTS_FLAG | VSS_SM_RESTORE_EVENTS_FLAG))

static HRESULT WINAPI create(void *writer, void **impl)
{
    return writer_impl_create(writer, false, impl);
}

static struct test_impl *make_impl(struct test_writer *writer)
{
    void *impl = NULL;
    test_writer_construct(writer, false);
    assert_int_equal(create(writer, &impl), S_OK);
    return impl;
}

struct identity
{
    VSS_ID id;
    const WCHAR *name;
    const WCHAR *instance_name;
    int usage;
    int source;
    int level;
};

static HRESULT initialize(struct test_impl *impl, const struct identity *identity)
{
    return impl->vtbl->Initialize(impl, identity->id, identity->name, identity->instance_name, 1, 2,
        (VSS_USAGE_TYPE)identity->usage, (VSS_SOURCE_TYPE)identity->source,
        (VSS_APPLICATION_LEVEL)identity->level, 60000, VSS_AWS_NO_ALTERNATE_WRITER, false);
}

static const struct identity good = {{0xA0A0A0A0, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}},
    L"Probe", L"first", VSS_UT_USERDATA, VSS_ST_OTHER, VSS_APP_FRONT_END};

/* ---- Errors ---- */

static void initialize_refuses_what_a_writer_may_not_say_of_itself(void **state)
{
    (void)state;
    static const WCHAR control[] = {L'a', 1, 0};
    static const WCHAR surrogate[] = {L'a', 0xD800, 0};
    struct identity rows[20];
    size_t count = 0;
#define BAD(field_, value_) (rows[count] = good, rows[count++].field_ = (value_))
    BAD(name, NULL);
    BAD(name, control);
    BAD(name, surrogate);
    BAD(instance_name, control);
    BAD(id, no_id);
    BAD(usage, VSS_UT_UNDEFINED);
    BAD(usage, 5);
    BAD(usage, -1);
    BAD(source, VSS_ST_UNDEFINED);
    BAD(source, 4);
    BAD(level, VSS_APP_UNKNOWN);
    BAD(level, VSS_APP_SYSTEM_RM);
    BAD(level, VSS_APP_AUTO);
#undef BAD
    struct test_writer writer;
    struct test_impl *impl = make_impl(&writer);
    for (size_t i = 0; i < count; i++)
    {
        HRESULT hr = initialize(impl, &rows[i]);
        if (hr != E_INVALIDARG)
            print_error("row %u\n", (unsigned)i);
        assert_int_equal(hr, E_INVALIDARG);
    }
    assert_int_equal(initialize(impl, &good), S_OK);
    impl->vtbl->Release(impl);
}

static void initialize_twice_fails_and_the_first_identity_stays(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    struct test_impl *impl = make_impl(&writer);
    struct identity other = good;
    other.name = L"Other";
    assert_int_equal(initialize(impl, &good), S_OK);
    assert_int_equal(initialize(impl, &other), E_FAIL);
    assert_int_equal(impl->vtbl->Subscribe(impl, 0, ALL_EVENTS), S_OK);
    requestor_start(&requestor, 1);
    assert_true(str16_equal(bus_session_participant(requestor.session, 0)->name, L"Probe"));
    requestor_end(&requestor);
    impl->vtbl->Uninitialize(impl);
    impl->vtbl->Release(impl);
}

static void nothing_works_before_initialize(void **state)
{
    (void)state;
    struct test_writer writer;
    struct test_impl *impl = make_impl(&writer);
    VSS_ID id = writer_id;
    LPCWSTR device = L"x";
    assert_int_equal(impl->vtbl->Subscribe(impl, 0, ALL_EVENTS), E_FAIL);
    assert_int_equal(impl->vtbl->Unsubscribe(impl), E_FAIL);
    impl->vtbl->Uninitialize(impl);
    assert_null(impl->vtbl->GetCurrentVolumeArray(impl));
    assert_int_equal(impl->vtbl->GetCurrentVolumeCount(impl), 0);
    assert_int_equal(
        impl->vtbl->GetSnapshotDeviceName(impl, TEST_VOLUME, &device), VSS_E_BAD_STATE);
    assert_null(device);
    assert_true(guid_is_null(impl->vtbl->GetCurrentSnapshotSetId(impl, &id)));
    assert_int_equal(impl->vtbl->GetContext(impl), 0);
    assert_int_equal(impl->vtbl->GetCurrentLevel(impl), VSS_APP_AUTO);
    assert_int_equal(impl->vtbl->IsPathAffected(impl, L"C:\\"), 0);
    assert_int_equal(
        impl->vtbl->SetWriterFailure(impl, VSS_E_WRITERERROR_RETRYABLE), VSS_E_BAD_STATE);
    assert_null(impl->vtbl->GetIdentityInformation(impl));
    assert_int_equal(impl->vtbl->IsWriterShuttingDown(impl), 0);
    impl->vtbl->Release(impl);
}

static void install_alternate_writer_is_not_implemented(void **state)
{
    (void)state;
    struct test_writer writer;
    struct test_impl *impl = make_impl(&writer);
    assert_int_equal(impl->vtbl->InstallAlternateWriter(impl, writer_id, writer_id), E_NOTIMPL);
    impl->vtbl->Release(impl);
}

static void subscribe_wants_both_kinds_of_events(void **state)
{
    (void)state;
    static const struct
    {
        DWORD flags;
        HRESULT hr;
    } rows[] = {{0, E_INVALIDARG}, {VSS_SM_BACKUP_EVENTS_FLAG, E_INVALIDARG},
        {VSS_SM_RESTORE_EVENTS_FLAG, E_INVALIDARG},
        {VSS_SM_BACKUP_EVENTS_FLAG | VSS_SM_RESTORE_EVENTS_FLAG, S_OK},
        {(DWORD)VSS_SM_ALL_FLAGS, S_OK}};
    struct test_writer writer;
    struct test_impl *impl = make_impl(&writer);
    assert_int_equal(initialize(impl, &good), S_OK);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        assert_int_equal(impl->vtbl->Subscribe(impl, 0, rows[i].flags), rows[i].hr);
        assert_int_equal(impl->vtbl->Unsubscribe(impl), S_OK);
    }
    impl->vtbl->Uninitialize(impl);
    impl->vtbl->Release(impl);
}

static void subscribe_twice_is_refused_and_unsubscribe_twice_is_harmless(void **state)
{
    (void)state;
    struct test_writer writer;
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    assert_int_equal(test_writer_subscribe(&writer), VSS_E_WRITER_ALREADY_SUBSCRIBED);
    assert_int_equal(test_writer_unsubscribe(&writer), S_OK);
    assert_int_equal(test_writer_unsubscribe(&writer), S_OK);
    assert_int_equal(test_writer_subscribe(&writer), S_OK);
    test_writer_destruct(&writer);
}

static void without_memory_a_writer_is_made_whole_or_not_at_all(void **state)
{
    (void)state;
    size_t which = 1;
    for (bool failed = true; failed; which++)
    {
        struct test_writer writer;
        test_writer_construct(&writer, false);
        fail_alloc(which);
        HRESULT hr = test_writer_initialize(&writer, create, writer_id, L"Probe", 60000);
        if (hr == S_OK)
            hr = test_writer_subscribe(&writer);
        failed = allow_allocs();
        assert_int_equal(hr, failed ? E_OUTOFMEMORY : S_OK);
        test_writer_destruct(&writer);
    }
    assert_true(which > 3);
}

/* ---- Life ---- */

static void a_writer_that_never_initialised_is_destroyed_without_harm(void **state)
{
    (void)state;
    struct test_writer writer;
    test_writer_construct(&writer, false);
    test_writer_destruct(&writer);
    struct test_impl *impl = make_impl(&writer);
    impl->vtbl->Uninitialize(impl);
    impl->vtbl->Uninitialize(impl);
    assert_int_equal(impl->vtbl->Release(impl), 0);
}

static VSS_ID instance_of(struct requestor *requestor, size_t index)
{
    return bus_session_participant(requestor->session, index)->instance_id;
}

static void each_object_gets_an_instance_id_of_its_own_and_a_new_one_when_made_anew(void **state)
{
    (void)state;
    struct test_writer one;
    struct test_writer two;
    struct requestor requestor;
    test_writer_start(&one, create, false, writer_id, L"Probe");
    test_writer_start(&two, create, false, writer_id, L"Probe");
    requestor_start(&requestor, 2);
    VSS_ID first = instance_of(&requestor, 0);
    VSS_ID second = instance_of(&requestor, 1);
    requestor_end(&requestor);
    assert_false(guid_equal(&first, &second));
    test_writer_destruct(&one);
    test_writer_destruct(&two);

    test_writer_start(&one, create, false, writer_id, L"Probe");
    requestor_start(&requestor, 1);
    VSS_ID third = instance_of(&requestor, 0);
    requestor_end(&requestor);
    assert_false(guid_equal(&first, &third));
    test_writer_destruct(&one);
}

static void unsubscribe_keeps_the_instance_id(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    requestor_start(&requestor, 1);
    VSS_ID before = instance_of(&requestor, 0);
    requestor_end(&requestor);
    test_writer_unsubscribe(&writer);
    assert_int_equal(test_writer_subscribe(&writer), S_OK);
    requestor_start(&requestor, 1);
    VSS_ID after = instance_of(&requestor, 0);
    requestor_end(&requestor);
    assert_true(guid_equal(&before, &after));
    test_writer_destruct(&writer);
}

static void a_subscribed_writer_that_is_only_released_gets_no_more_events(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    assert_int_equal(writer.object.impl->vtbl->Release(writer.object.impl), 0);
    writer.object.impl = NULL;
    requestor_start(&requestor, 0);
    requestor_end(&requestor);
    assert_int_equal(writer.count[SLOT_ON_IDENTIFY], 0);
}

static void destroy_here(struct test_writer *writer, void *argument)
{
    (void)argument;
    test_writer_destruct(writer);
}

static void a_writer_may_be_destroyed_in_its_own_handler(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    requestor_start(&requestor, 1);
    writer.at[SLOT_ON_PREPARE_BACKUP].action = destroy_here;
    requestor_raise(&requestor, EVENT_PREPARE_BACKUP);
    requestor_raise(&requestor, EVENT_PREPARE_SNAPSHOT);
    assert_int_equal(writer.count[SLOT_ON_PREPARE_BACKUP], 1);
    assert_int_equal(writer.count[SLOT_ON_PREPARE_SNAPSHOT], 0);
    requestor_end(&requestor);
}

static DWORD WINAPI destroy_there(void *context)
{
    test_writer_destruct(context);
    return 0;
}

static void wait_for_shutdown(struct test_writer *writer, void *argument)
{
    (void)argument;
    uint64_t give_up = GetTickCount64() + PATIENCE_MS;
    struct test_impl *impl = writer->object.impl;
    while (!impl->vtbl->IsWriterShuttingDown(impl) && GetTickCount64() < give_up)
        SwitchToThread();
    writer->said = impl->vtbl->IsWriterShuttingDown(impl) ? S_OK : E_FAIL;
}

static DWORD WINAPI prepare(void *context)
{
    requestor_raise(context, EVENT_PREPARE_BACKUP);
    return 0;
}

static void destroying_waits_for_a_handler_which_learns_of_it(void **state)
{
    (void)state;
    struct test_writer writer;
    struct requestor requestor;
    HANDLE entered = CreateEventW(NULL, TRUE, FALSE, NULL);
    test_writer_start(&writer, create, false, writer_id, L"Probe");
    assert_int_equal(writer.object.impl->vtbl->IsWriterShuttingDown(writer.object.impl), 0);
    requestor_start(&requestor, 1);
    writer.said = E_FAIL;
    writer.at[SLOT_ON_PREPARE_BACKUP].entered = entered;
    writer.at[SLOT_ON_PREPARE_BACKUP].action = wait_for_shutdown;
    HANDLE raising = CreateThread(NULL, 0, prepare, &requestor, 0, NULL);
    assert_int_equal(WaitForSingleObject(entered, PATIENCE_MS), WAIT_OBJECT_0);
    HANDLE destroying = CreateThread(NULL, 0, destroy_there, &writer, 0, NULL);
    assert_int_equal(WaitForSingleObject(destroying, PATIENCE_MS), WAIT_OBJECT_0);
    assert_int_equal(writer.said, S_OK);
    assert_int_equal(WaitForSingleObject(raising, PATIENCE_MS), WAIT_OBJECT_0);
    CloseHandle(raising);
    CloseHandle(destroying);
    CloseHandle(entered);
    requestor_end(&requestor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(initialize_refuses_what_a_writer_may_not_say_of_itself),
        leak_test(initialize_twice_fails_and_the_first_identity_stays),
        leak_test(nothing_works_before_initialize),
        leak_test(install_alternate_writer_is_not_implemented),
        leak_test(subscribe_wants_both_kinds_of_events),
        leak_test(subscribe_twice_is_refused_and_unsubscribe_twice_is_harmless),
        leak_test(without_memory_a_writer_is_made_whole_or_not_at_all),
        leak_test(a_writer_that_never_initialised_is_destroyed_without_harm),
        leak_test(each_object_gets_an_instance_id_of_its_own_and_a_new_one_when_made_anew),
        leak_test(unsubscribe_keeps_the_instance_id),
        leak_test(a_subscribed_writer_that_is_only_released_gets_no_more_events),
        leak_test(a_writer_may_be_destroyed_in_its_own_handler),
        leak_test(destroying_waits_for_a_handler_which_learns_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
