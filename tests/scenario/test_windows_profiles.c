/* SPDX-License-Identifier: MIT
 *
 * The settings WINDOWS and EDITION: what Windows Server 2003, Windows Server 2008, Windows 7 and
 * later, and client editions do differently (requestor 0.3, 2.1, 2.5, 3.2, 4; writer-provider 3.8).
 * The live provider serves: no files are copied.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "support/backup.h"
#include "support/scripted_writer.h"

static const VSS_ID writer_id = {0xa1a1a1a1, 0x2008, 0x4111, {0x81, 1, 1, 1, 1, 1, 1, 1}};

/* The states of vss.h that the spec names for these events. */
#define STABLE 1
#define WAITING_FOR_BACKUP_COMPLETE 5
#define FAILED_AT_BACKUP_COMPLETE 12

static const WCHAR *const before_7[] = {L"2003", L"2008"};
static const WCHAR *const since_7[] = {L"7", L"8", L"10", NULL}; /* NULL: not set at all */
static const WCHAR *const since_2008[] = {L"2008", L"7", L"8", L"10", NULL};

struct fixture
{
    struct scripted_writer writer;
    struct backup backup;
};

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof(*fixture));
    fixture->writer.name = L"profiled writer";
    fixture->writer.id = writer_id;
    fixture->writer.components = 1;
    scripted_writer_start(&fixture->writer);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    ThawlineClearFaults();
    backup_release(&fixture->backup);
    scripted_writer_stop(&fixture->writer);
    ThawlineSetOption(L"WINDOWS", NULL);
    ThawlineSetOption(L"EDITION", NULL);
    SetEnvironmentVariableW(L"THAWLINE_WINDOWS", NULL);
    test_free(fixture);
    return 0;
}

static void use_profile(const WCHAR *version)
{
    assert_hr(ThawlineSetOption(L"WINDOWS", version), S_OK);
}

/* ---- Unexpected errors ---- */

/* A code that BackupComplete does not document arises in it. */
static void check_unexpected(struct fixture *fixture, const WCHAR *version, HRESULT expected)
{
    use_profile(version);
    backup_until_done(&fixture->backup);
    assert_hr(ThawlineSetFault("requestor.method", L"BackupComplete", VSS_E_PROVIDER_VETO, 1, 1, 0),
        S_OK);
    assert_hr(backup_complete(&fixture->backup), expected);
    backup_release(&fixture->backup);
}

static void before_windows_7_the_unexpected_is_e_unexpected(void **state)
{
    for (size_t i = 0; i < ARRAYSIZE(before_7); i++)
        check_unexpected(*state, before_7[i], (HRESULT)0x8000FFFF);
}

static void since_windows_7_the_unexpected_is_vss_e_unexpected(void **state)
{
    for (size_t i = 0; i < ARRAYSIZE(since_7); i++)
        check_unexpected(*state, since_7[i], (HRESULT)0x80042302);
}

/* ---- IVssAsync::Wait ---- */

static IVssAsync *begin_gathering(struct backup *backup)
{
    IVssAsync *async = NULL;
    backup_create(backup);
    assert_hr(IVssBackupComponents_InitializeForBackup(backup->components, NULL), S_OK);
    assert_hr(IVssBackupComponents_GatherWriterMetadata(backup->components, &async), S_OK);
    return async;
}

static void on_2003_wait_takes_infinite_only(void **state)
{
    struct fixture *fixture = *state;
    use_profile(L"2003");
    IVssAsync *async = begin_gathering(&fixture->backup);
    assert_hr(IVssAsync_Wait(async, 0), E_INVALIDARG);
    assert_hr(IVssAsync_Wait(async, 60000), E_INVALIDARG);
    assert_hr(IVssAsync_Wait(async, INFINITE), S_OK);
    assert_hr(async_status(async), VSS_S_ASYNC_FINISHED);
    /* Also when there is nothing left to wait for. */
    assert_hr(IVssAsync_Wait(async, 0), E_INVALIDARG);
    IVssAsync_Release(async);
}

static void since_2008_wait_takes_any_time(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAYSIZE(since_2008); i++)
    {
        use_profile(since_2008[i]);
        IVssAsync *async = begin_gathering(&fixture->backup);
        assert_hr(IVssAsync_Wait(async, 0), S_OK);
        assert_hr(IVssAsync_Wait(async, 60000), S_OK);
        assert_hr(async_status(async), VSS_S_ASYNC_FINISHED);
        IVssAsync_Release(async);
        backup_release(&fixture->backup);
    }
}

static void the_environment_chooses_the_version_as_well(void **state)
{
    struct fixture *fixture = *state;
    assert_true(SetEnvironmentVariableW(L"THAWLINE_WINDOWS", L"2003"));
    IVssAsync *async = begin_gathering(&fixture->backup);
    assert_hr(IVssAsync_Wait(async, 0), E_INVALIDARG);
    use_profile(L"10"); /* the API wins */
    assert_hr(IVssAsync_Wait(async, 60000), S_OK);
    IVssAsync_Release(async);
}

/* ---- SetContext ---- */

/* Client-accessible with writers; the backup context with NO_AUTORECOVERY, NOT_TRANSACTED and
   TXF_RECOVERY. */
static const LONG contexts_since_vista[] = {0x0D, 0x02, 0x80, 0x2000000};
static const LONG older_contexts[] = {0x00, 0x10, 0x19, 0x09, 0x1D, 0x20, 0x20000, 0x800000, -1};

static HRESULT set_context(struct backup *backup, LONG context)
{
    backup_create(backup);
    assert_hr(IVssBackupComponents_InitializeForBackup(backup->components, NULL), S_OK);
    HRESULT hr = IVssBackupComponents_SetContext(backup->components, context);
    backup_release(backup);
    return hr;
}

static void on_2003_the_contexts_and_modifiers_of_vista_are_refused(void **state)
{
    struct fixture *fixture = *state;
    use_profile(L"2003");
    for (size_t i = 0; i < ARRAYSIZE(contexts_since_vista); i++)
        assert_hr(set_context(&fixture->backup, contexts_since_vista[i]), E_INVALIDARG);
}

static void on_2003_the_other_contexts_are_taken(void **state)
{
    struct fixture *fixture = *state;
    use_profile(L"2003");
    for (size_t i = 0; i < ARRAYSIZE(older_contexts); i++)
        assert_hr(set_context(&fixture->backup, older_contexts[i]), S_OK);
}

static void since_2008_the_contexts_of_vista_are_taken(void **state)
{
    struct fixture *fixture = *state;
    for (size_t v = 0; v < ARRAYSIZE(since_2008); v++)
    {
        use_profile(since_2008[v]);
        for (size_t i = 0; i < ARRAYSIZE(contexts_since_vista); i++)
            assert_hr(set_context(&fixture->backup, contexts_since_vista[i]), S_OK);
    }
}

/* ---- Client editions ---- */

/* Both rollback contexts and both client-accessible ones; the first with a modifier. */
static const LONG persistent_contexts[] = {0x19, 0x09, 0x1D, 0x0D, 0x19 | 0x02};
/* Backup, file share backup, backup with a modifier; all. */
static const LONG passing_contexts[] = {0x00, 0x10, 0x02, -1};

static void client_editions_have_no_persistent_contexts(void **state)
{
    struct fixture *fixture = *state;
    static const WCHAR *const clients[] = {L"2008", L"7", L"8", L"10", NULL};
    assert_hr(ThawlineSetOption(L"EDITION", L"client"), S_OK);
    for (size_t v = 0; v < ARRAYSIZE(clients); v++)
    {
        use_profile(clients[v]);
        for (size_t i = 0; i < ARRAYSIZE(persistent_contexts); i++)
            assert_hr(set_context(&fixture->backup, persistent_contexts[i]), (HRESULT)0x8004231B);
        for (size_t i = 0; i < ARRAYSIZE(passing_contexts); i++)
            assert_hr(set_context(&fixture->backup, passing_contexts[i]), S_OK);
    }
}

/* The refusal is none of the call that may come once, and a backup in the default context works. */
static void a_client_edition_goes_on_with_the_default_context(void **state)
{
    struct fixture *fixture = *state;
    VSS_ID set_id;
    assert_hr(ThawlineSetOption(L"EDITION", L"client"), S_OK);
    backup_create(&fixture->backup);
    IVssBackupComponents *bc = fixture->backup.components;
    assert_hr(IVssBackupComponents_SetContext(bc, 0x19), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_InitializeForBackup(bc, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(bc, 0x19), (HRESULT)0x8004231B);
    assert_hr(IVssBackupComponents_SetContext(bc, 0x12345), E_INVALIDARG);
    assert_hr(IVssBackupComponents_SetContext(bc, 0x10), S_OK);
    assert_hr(IVssBackupComponents_SetContext(bc, 0x10), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_StartSnapshotSet(bc, &set_id), S_OK);
    backup_release(&fixture->backup);
    backup_until_done(&fixture->backup);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
}

static void windows_xp_has_no_context_to_set(void **state)
{
    struct fixture *fixture = *state;
    use_profile(L"2003");
    assert_hr(ThawlineSetOption(L"EDITION", L"client"), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(older_contexts); i++)
        assert_hr(set_context(&fixture->backup, older_contexts[i]), E_NOTIMPL);
    assert_hr(set_context(&fixture->backup, 0x12345), E_INVALIDARG);
}

static void server_editions_take_them_all(void **state)
{
    static const WCHAR *const servers[] = {L"server", NULL};
    struct fixture *fixture = *state;
    for (size_t e = 0; e < ARRAYSIZE(servers); e++)
    {
        assert_hr(ThawlineSetOption(L"EDITION", servers[e]), S_OK);
        for (size_t i = 0; i < ARRAYSIZE(persistent_contexts); i++)
            assert_hr(set_context(&fixture->backup, persistent_contexts[i]), S_OK);
    }
}

/* ---- The end of a writer's session ---- */

/* What anyone who lists the writers sees. */
static int shown_state(const struct scripted_writer *writer)
{
    THAWLINE_WRITER_STATUS *writers = NULL;
    UINT count = 0;
    int shown = 0;
    assert_hr(ThawlineListWriters(&writers, &count), S_OK);
    for (UINT i = 0; i < count; i++)
        if (IsEqualGUID(&writers[i].InstanceId, &writer->instance_id))
            shown = writers[i].State;
    ThawlineFreeWriters(writers);
    return shown;
}

static int gathered_state(struct fixture *fixture, HRESULT failure)
{
    VSS_WRITER_STATE gathered = VSS_WS_UNKNOWN;
    backup_gather_status(&fixture->backup);
    assert_hr(
        backup_writer_status(&fixture->backup, fixture->writer.instance_id, &gathered), failure);
    return gathered;
}

static void complete_on(struct fixture *fixture, const WCHAR *version)
{
    use_profile(version);
    backup_until_done(&fixture->backup);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
}

static void before_windows_7_gathering_the_status_ends_the_writers_session(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAYSIZE(before_7); i++)
    {
        complete_on(fixture, before_7[i]);
        assert_int_equal(shown_state(&fixture->writer), WAITING_FOR_BACKUP_COMPLETE);
        assert_int_equal(gathered_state(fixture, S_OK), STABLE);
        assert_int_equal(shown_state(&fixture->writer), STABLE);
        backup_release(&fixture->backup);
    }
}

static void since_windows_7_backup_complete_ends_the_writers_session(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < ARRAYSIZE(since_7); i++)
    {
        complete_on(fixture, since_7[i]);
        assert_int_equal(shown_state(&fixture->writer), STABLE);
        assert_int_equal(gathered_state(fixture, S_OK), STABLE);
        backup_release(&fixture->backup);
    }
}

static void before_windows_7_the_session_ends_with_the_requestor_at_the_latest(void **state)
{
    struct fixture *fixture = *state;
    complete_on(fixture, L"2008");
    assert_int_equal(shown_state(&fixture->writer), WAITING_FOR_BACKUP_COMPLETE);
    backup_release(&fixture->backup);
    assert_int_equal(fixture->writer.count[ON_BACKUP_SHUTDOWN], 1);
    assert_int_equal(shown_state(&fixture->writer), STABLE);
}

static void before_windows_7_another_requestor_does_not_end_the_session(void **state)
{
    struct fixture *fixture = *state;
    struct backup other = {0};
    complete_on(fixture, L"2008");
    backup_begin(&other, FALSE);
    backup_gather_status(&other);
    backup_release(&other);
    assert_int_equal(shown_state(&fixture->writer), WAITING_FOR_BACKUP_COMPLETE);
    assert_int_equal(gathered_state(fixture, S_OK), STABLE);
}

static void before_windows_7_a_failure_in_backup_complete_shows_at_once(void **state)
{
    struct fixture *fixture = *state;
    fixture->writer.at[ON_BACKUP_COMPLETE].veto = TRUE;
    complete_on(fixture, L"2008");
    assert_int_equal(shown_state(&fixture->writer), FAILED_AT_BACKUP_COMPLETE);
    assert_int_equal(
        gathered_state(fixture, VSS_E_WRITERERROR_NONRETRYABLE), FAILED_AT_BACKUP_COMPLETE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(before_windows_7_the_unexpected_is_e_unexpected),
        TEST(since_windows_7_the_unexpected_is_vss_e_unexpected),
        TEST(on_2003_wait_takes_infinite_only),
        TEST(since_2008_wait_takes_any_time),
        TEST(the_environment_chooses_the_version_as_well),
        TEST(on_2003_the_contexts_and_modifiers_of_vista_are_refused),
        TEST(on_2003_the_other_contexts_are_taken),
        TEST(since_2008_the_contexts_of_vista_are_taken),
        TEST(client_editions_have_no_persistent_contexts),
        TEST(a_client_edition_goes_on_with_the_default_context),
        TEST(windows_xp_has_no_context_to_set),
        TEST(server_editions_take_them_all),
        TEST(before_windows_7_gathering_the_status_ends_the_writers_session),
        TEST(since_windows_7_backup_complete_ends_the_writers_session),
        TEST(before_windows_7_the_session_ends_with_the_requestor_at_the_latest),
        TEST(before_windows_7_another_requestor_does_not_end_the_session),
        TEST(before_windows_7_a_failure_in_backup_complete_shows_at_once),
    };
    ThawlineSetOption(L"PROVIDER", L"live");
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    return cmocka_run_group_tests_name("windows profiles", tests, NULL, NULL);
}
