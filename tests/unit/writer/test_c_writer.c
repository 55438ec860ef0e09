/* SPDX-License-Identifier: MIT
 *
 * Writers in plain C: what include/thawline.h promises of ThawlineRegisterWriter and its
 * companions.
 */
#include <cmocka.h>

#include "base/guid.h"
#include "base/str16.h"
#include "requestor.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"
#include "thawline.h"

struct seen
{
    THAWLINE_WRITER writer;
    int count;
    THAWLINE_EVENT event; /* the latest; its pointers are dead */
    bool volume_named;    /* ppwszVolumes named TEST_VOLUME */
    bool device_named;    /* ppwszDevices named TEST_DEVICE */
    BOOL answer;
    HRESULT failure; /* set when not S_OK */
    HRESULT said;
    bool unregisters;
};

static BOOL CALLBACK on_event(void *context, const THAWLINE_EVENT *event)
{
    struct seen *seen = context;
    seen->count++;
    seen->event = *event;
    seen->volume_named = event->cVolumes == 1 && str16_equal(event->ppwszVolumes[0], TEST_VOLUME);
    seen->device_named = event->ppwszDevices && str16_equal(event->ppwszDevices[0], TEST_DEVICE);
    if (seen->failure != S_OK)
        seen->said = ThawlineSetWriterFailure(seen->writer, seen->failure, E_ABORT, L"why");
    if (seen->unregisters)
        seen->said = ThawlineUnregisterWriter(seen->writer);
    return seen->answer;
}

static BOOL CALLBACK on_identify(
    void *context, const THAWLINE_EVENT *event, IVssCreateWriterMetadataEx *metadata)
{
    if (metadata->lpVtbl->AddComponent(metadata, VSS_CT_FILEGROUP, NULL, L"data", NULL, NULL, 0,
            FALSE, FALSE, TRUE, FALSE, 0) != S_OK)
        return FALSE;
    return on_event(context, event);
}

static const THAWLINE_WRITER_INFO good_info = {.cbSize = sizeof(good_info),
    .WriterId = {0xC0C0C0C0, 1, 2, {3}},
    .pwszName = L"Plain",
    .pwszInstanceName = L"one",
    .Usage = VSS_UT_USERDATA,
    .Source = VSS_ST_OTHER,
    .Level = VSS_APP_BACK_END};

static const THAWLINE_WRITER_CALLBACKS all = {sizeof(all), on_identify, on_event, on_event,
    on_event, on_event, on_event, on_event, on_event, on_event, on_event, on_event};
static const THAWLINE_WRITER_CALLBACKS none = {.cbSize = sizeof(none)};

static void start(struct seen *seen, const THAWLINE_WRITER_CALLBACKS *callbacks)
{
    *seen = (struct seen){.answer = TRUE};
    assert_int_equal(ThawlineRegisterWriter(&good_info, callbacks, seen, &seen->writer), S_OK);
}

/* ---- Errors ---- */

static void registering_refuses_bad_arguments(void **state)
{
    (void)state;
    THAWLINE_WRITER_CALLBACKS short_callbacks = none;
    THAWLINE_WRITER_INFO rows[8];
    size_t count = 0;
    THAWLINE_WRITER writer = (THAWLINE_WRITER)(ULONG_PTR)1;
#define BAD(field_, value_) (rows[count] = good_info, rows[count++].field_ = (value_))
    BAD(cbSize, sizeof(good_info) - 4);
    BAD(pwszName, NULL);
    BAD(Usage, VSS_UT_UNDEFINED);
    BAD(Source, VSS_ST_UNDEFINED);
    BAD(Level, VSS_APP_UNKNOWN);
    BAD(Level, VSS_APP_AUTO);
    BAD(WriterId, guid_null);
#undef BAD
    for (size_t i = 0; i < count; i++)
    {
        assert_int_equal(ThawlineRegisterWriter(&rows[i], &none, NULL, &writer), E_INVALIDARG);
        assert_null(writer);
    }
    short_callbacks.cbSize--;
    assert_int_equal(ThawlineRegisterWriter(NULL, &none, NULL, &writer), E_INVALIDARG);
    assert_int_equal(ThawlineRegisterWriter(&good_info, NULL, NULL, &writer), E_INVALIDARG);
    assert_int_equal(
        ThawlineRegisterWriter(&good_info, &short_callbacks, NULL, &writer), E_INVALIDARG);
    assert_int_equal(ThawlineRegisterWriter(&good_info, &none, NULL, NULL), E_INVALIDARG);
}

static void companions_refuse_bad_arguments(void **state)
{
    (void)state;
    struct seen seen;
    VSS_ID id;
    start(&seen, &none);
    assert_int_equal(ThawlineUnregisterWriter(NULL), E_INVALIDARG);
    assert_int_equal(ThawlineSetWriterFailure(NULL, S_OK, S_OK, NULL), E_INVALIDARG);
    assert_int_equal(ThawlineSetWriterFailure(seen.writer, VSS_E_WRITERERROR_RETRYABLE, S_OK, NULL),
        VSS_E_BAD_STATE);
    assert_int_equal(ThawlineGetWriterInstanceId(NULL, &id), E_INVALIDARG);
    assert_int_equal(ThawlineGetWriterInstanceId(seen.writer, NULL), E_INVALIDARG);
    assert_int_equal(ThawlineUnregisterWriter(seen.writer), S_OK);
}

static void a_veto_shows_the_failure_that_was_set(void **state)
{
    (void)state;
    struct seen seen;
    struct requestor requestor;
    start(&seen, &all);
    requestor_start(&requestor, 1);
    seen.failure = VSS_E_WRITERERROR_OUTOFRESOURCES;
    seen.answer = FALSE;
    assert_int_equal(requestor_raise(&requestor, EVENT_PREPARE_BACKUP).vetoed, 1);
    assert_int_equal(seen.said, S_OK);
    assert_status(&requestor, VSS_WS_FAILED_AT_PREPARE_BACKUP, VSS_E_WRITERERROR_OUTOFRESOURCES);
    const struct bus_status *status = &bus_session_participant(requestor.session, 0)->status;
    assert_int_equal(status->application, E_ABORT);
    assert_true(str16_equal(status->message, L"why"));
    requestor_end(&requestor);
    assert_int_equal(ThawlineUnregisterWriter(seen.writer), S_OK);
}

static void setting_another_code_is_refused(void **state)
{
    (void)state;
    struct seen seen;
    struct requestor requestor;
    start(&seen, &all);
    requestor_start(&requestor, 1);
    seen.failure = E_FAIL;
    assert_int_equal(requestor_raise(&requestor, EVENT_PREPARE_BACKUP).vetoed, 0);
    assert_int_equal(seen.said, E_INVALIDARG);
    requestor_end(&requestor);
    assert_int_equal(ThawlineUnregisterWriter(seen.writer), S_OK);
}

static void without_memory_a_writer_is_registered_whole_or_not_at_all(void **state)
{
    (void)state;
    size_t which = 1;
    for (bool failed = true; failed; which++)
    {
        THAWLINE_WRITER writer = NULL;
        fail_alloc(which);
        HRESULT hr = ThawlineRegisterWriter(&good_info, &none, NULL, &writer);
        failed = allow_allocs();
        assert_int_equal(hr, failed ? E_OUTOFMEMORY : S_OK);
        if (hr == S_OK)
            assert_int_equal(ThawlineUnregisterWriter(writer), S_OK);
    }
    assert_true(which > 3);
}

/* ---- What handlers are told ---- */

static void each_event_carries_what_thawline_h_says(void **state)
{
    (void)state;
    static const struct
    {
        enum vss_event event;
        bool set;     /* SnapshotSetId */
        bool context; /* lContext */
        bool volumes;
        bool devices;
        int restore_type;
    } rows[] = {
        {EVENT_PREPARE_BACKUP, false, true, false, false, 0},
        {EVENT_PREPARE_SNAPSHOT, true, true, true, false, 0},
        {EVENT_FREEZE, true, true, true, false, 0},
        {EVENT_THAW, true, true, true, false, 0},
        {EVENT_POST_SNAPSHOT, true, true, true, true, 0},
        {EVENT_BACKUP_COMPLETE, false, true, false, false, 0},
        {EVENT_PRE_RESTORE, false, false, false, false, VSS_RTYPE_IMPORT},
        {EVENT_POST_RESTORE, false, false, false, false, VSS_RTYPE_IMPORT},
        {EVENT_BACKUP_SHUTDOWN, true, false, false, false, 0},
    };
    struct seen seen;
    struct requestor requestor;
    start(&seen, &all);
    requestor_start(&requestor, 1);
    assert_int_equal(seen.count, 1);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        requestor_raise(&requestor, rows[i].event);
        assert_int_equal(seen.count, (int)i + 2);
        assert_int_equal(seen.event.cbSize, sizeof(THAWLINE_EVENT));
        assert_ptr_equal(seen.event.hWriter, seen.writer);
        assert_true(guid_equal(&seen.event.SessionId, bus_session_id(requestor.session)));
        assert_int_equal(guid_equal(&seen.event.SnapshotSetId, &test_set_id), rows[i].set);
        assert_int_equal(seen.event.lContext, rows[i].context ? VSS_CTX_APP_ROLLBACK : 0);
        assert_int_equal(seen.volume_named, rows[i].volumes);
        assert_int_equal(seen.device_named, rows[i].devices);
        assert_int_equal(seen.event.RestoreType, rows[i].restore_type);
        assert_null(seen.event.pComponents);
    }
    requestor_end(&requestor);
    assert_int_equal(ThawlineUnregisterWriter(seen.writer), S_OK);
}

static void a_writer_without_callbacks_handles_everything_and_has_no_files(void **state)
{
    (void)state;
    struct seen seen;
    struct requestor requestor;
    start(&seen, &none);
    requestor_start(&requestor, 1);
    const struct bus_participant *participant = bus_session_participant(requestor.session, 0);
    assert_int_equal(participant->metadata->components.count, 0);
    assert_int_equal(participant->level, VSS_APP_BACK_END);
    assert_int_equal(participant->freeze_timeout_ms, 60000);
    assert_true(str16_equal(participant->instance_name, L"one"));
    for (int event = EVENT_PREPARE_BACKUP; event <= EVENT_BACKUP_COMPLETE; event++)
        assert_int_equal(requestor_raise(&requestor, (enum vss_event)event).vetoed, 0);
    assert_status(&requestor, VSS_WS_STABLE, S_OK);
    requestor_end(&requestor);
    assert_int_equal(ThawlineUnregisterWriter(seen.writer), S_OK);
}

static void the_instance_id_is_the_one_that_requestors_see(void **state)
{
    (void)state;
    struct seen seen;
    struct requestor requestor;
    VSS_ID id;
    start(&seen, &all);
    requestor_start(&requestor, 1);
    assert_int_equal(ThawlineGetWriterInstanceId(seen.writer, &id), S_OK);
    assert_true(guid_equal(&id, &bus_session_participant(requestor.session, 0)->instance_id));
    assert_int_equal(bus_session_participant(requestor.session, 0)->metadata->components.count, 1);
    requestor_end(&requestor);
    assert_int_equal(ThawlineUnregisterWriter(seen.writer), S_OK);
}

static void unregistering_in_a_handler_makes_that_handler_the_last(void **state)
{
    (void)state;
    struct seen seen;
    struct requestor requestor;
    start(&seen, &all);
    requestor_start(&requestor, 1);
    seen.unregisters = true;
    requestor_raise(&requestor, EVENT_PREPARE_BACKUP);
    assert_int_equal(seen.said, S_OK);
    int count = seen.count;
    requestor_raise(&requestor, EVENT_PREPARE_SNAPSHOT);
    assert_int_equal(seen.count, count);
    requestor_end(&requestor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(registering_refuses_bad_arguments),
        leak_test(companions_refuse_bad_arguments),
        leak_test(a_veto_shows_the_failure_that_was_set),
        leak_test(setting_another_code_is_refused),
        leak_test(without_memory_a_writer_is_registered_whole_or_not_at_all),
        leak_test(each_event_carries_what_thawline_h_says),
        leak_test(a_writer_without_callbacks_handles_everything_and_has_no_files),
        leak_test(the_instance_id_is_the_one_that_requestors_see),
        leak_test(unregistering_in_a_handler_makes_that_handler_the_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
