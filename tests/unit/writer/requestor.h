/* SPDX-License-Identifier: MIT
 *
 * A requestor in a few lines: a bus session that raises events for the writers of this process.
 * Include it after cmocka.h.
 */
#ifndef THAWLINE_TESTS_UNIT_WRITER_REQUESTOR_H
#define THAWLINE_TESTS_UNIT_WRITER_REQUESTOR_H

#include <vss.h>
#include <vswriter.h>

#include "bus/bus_session.h"
#include "bus/transport.h"
#include "os/pool.h"

#define PATIENCE_MS 20000u

static const GUID test_set_id = {0x5E75E700, 0x1111, 0x2222, {1, 2, 3, 4, 5, 6, 7, 8}};

#define TEST_VOLUME L"\\\\?\\Volume{00000000-0000-0000-0000-000000000043}\\"
#define TEST_PATH L"C:\\"
#define TEST_DEVICE L"\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy7"

struct requestor
{
    struct bus_session *session;
    bool component_mode;
    struct writer_components *components; /* the writer's part; NULL: none */
};

static inline void requestor_start(struct requestor *requestor, size_t writers)
{
    *requestor = (struct requestor){0};
    assert_int_equal(bus_session_create(&requestor->session), S_OK);
    assert_int_equal(bus_session_identify(requestor->session, NULL), S_OK);
    assert_int_equal(bus_session_count(requestor->session), writers);
}

static inline HRESULT give_components(
    void *context, const struct bus_participant *participant, struct writer_components **out)
{
    struct requestor *requestor = context;
    (void)participant;
    *out = requestor->components ? writer_components_addref(requestor->components) : NULL;
    return S_OK;
}

static inline void take_components(
    void *context, struct bus_participant *participant, struct writer_components *changed)
{
    struct requestor *requestor = context;
    (void)participant;
    if (!changed)
        return;
    writer_components_addref(changed);
    writer_components_release(requestor->components);
    requestor->components = changed;
}

static inline struct bus_payload *make_payload(
    const struct requestor *requestor, enum vss_event event)
{
    bool in_set = event >= EVENT_PREPARE_SNAPSHOT && event <= EVENT_POST_SNAPSHOT;
    struct bus_payload *payload = bus_payload_create(event, in_set ? 1 : 0);
    assert_non_null(payload);
    payload->session_id = *bus_session_id(requestor->session);
    payload->snapshot_set_id = test_set_id;
    payload->context = VSS_CTX_APP_ROLLBACK;
    payload->restore = event == EVENT_PRE_RESTORE || event == EVENT_POST_RESTORE;
    payload->select_components = true;
    payload->bootable_system_state = true;
    payload->partial_file_support = true;
    payload->backup_type = VSS_BT_INCREMENTAL;
    payload->restore_type = VSS_RTYPE_IMPORT;
    if (in_set)
        assert_int_equal(bus_payload_set_volume(payload, 0, TEST_VOLUME, TEST_PATH,
                             event == EVENT_POST_SNAPSHOT ? TEST_DEVICE : NULL),
            S_OK);
    return payload;
}

static inline struct bus_tally requestor_raise(struct requestor *requestor, enum vss_event event)
{
    bool carries = event == EVENT_PREPARE_BACKUP || event == EVENT_POST_SNAPSHOT ||
        event == EVENT_BACKUP_COMPLETE || event == EVENT_PRE_RESTORE || event == EVENT_POST_RESTORE;
    struct bus_payload *payload = make_payload(requestor, event);
    struct bus_tally tally;
    const struct bus_raise raise = {.payload = payload,
        .deadline_ms = PATIENCE_MS,
        .context = requestor,
        .components = carries ? give_components : NULL,
        .answered = take_components};
    assert_int_equal(bus_session_raise(requestor->session, &raise, &tally), S_OK);
    bus_payload_release(payload);
    return tally;
}

/* Every event of a backup up to and with `last`. */
static inline void requestor_raise_until(struct requestor *requestor, enum vss_event last)
{
    for (int event = EVENT_PREPARE_BACKUP; event <= (int)last; event++)
        requestor_raise(requestor, (enum vss_event)event);
}

static inline void assert_status(struct requestor *requestor, int state, HRESULT failure)
{
    assert_int_equal(bus_session_gather_status(requestor->session, NULL), S_OK);
    assert_int_equal(bus_session_participant(requestor->session, 0)->status.state, state);
    assert_int_equal(bus_session_participant(requestor->session, 0)->status.failure, failure);
}

static inline void requestor_end(struct requestor *requestor)
{
    pool_drain();
    bus_session_destroy(requestor->session);
    writer_components_release(requestor->components);
}

#endif
