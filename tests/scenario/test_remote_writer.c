/* SPDX-License-Identifier: MIT
 *
 * A writer in another process, of either bitness, is told what a local writer is told, and what it
 * changes arrives in its own part of document and status (requestor 2.4, 2.5; writer-provider 3.3,
 * 3.4, 3.7). The live provider serves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "support/backup.h"
#include "support/writer_process.h"

#define HOSTS 2
#define WHOLE_COURSE                                                                               \
    "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupComplete BackupShutdown"

static const VSS_ID class_a = {0xd1d1d1d1, 0x1111, 0x4111, {0x91, 1, 1, 1, 1, 1, 1, 1}};

struct fixture
{
    struct writer_process hosts[HOSTS];
    struct scripted_writer local;
    struct backup backup;
    LONG live_blocks;
};

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof(*fixture));
    fixture->live_blocks = ThawlineGetLiveBlocks();
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    backup_release(&fixture->backup);
    scripted_writer_stop(&fixture->local);
    for (int i = 0; i < HOSTS; i++)
        writer_process_free(&fixture->hosts[i]);
    LONG more = ThawlineGetLiveBlocks() - fixture->live_blocks;
    if (more)
        print_error("%ld blocks were not given back\n", more);
    test_free(fixture);
    return more ? -1 : 0;
}

/* ---- What a writer changes ---- */

/* `name` NULL: nobody changed anything. */
static void assert_changed_by(const struct backup *backup, VSS_ID instance, const WCHAR *name)
{
    IVssComponent *component = backup_find_component(backup, instance);
    BSTR text = NULL;
    UINT partial_files = 9;
    WCHAR expected[2 * BOARD_NAME];
    assert_hr(IVssComponent_GetBackupMetadata(component, &text), name ? S_OK : S_FALSE);
    _snwprintf(expected, ARRAYSIZE(expected), L"metadata 0 of %ls", name);
    assert_true(name ? !wcscmp(text, expected) : !text);
    SysFreeString(text);
    text = NULL;
    assert_hr(IVssComponent_GetBackupStamp(component, &text), name ? S_OK : S_FALSE);
    _snwprintf(expected, ARRAYSIZE(expected), L"stamp 0 of %ls", name);
    assert_true(name ? !wcscmp(text, expected) : !text);
    SysFreeString(text);
    assert_hr(IVssComponent_GetPartialFileCount(component, &partial_files), S_OK);
    assert_int_equal(partial_files, name ? 1 : 0);
    if (name)
    {
        BSTR parts[4] = {NULL};
        assert_hr(
            IVssComponent_GetPartialFile(component, 0, &parts[0], &parts[1], &parts[2], &parts[3]),
            S_OK);
        _snwprintf(expected, ARRAYSIZE(expected), L"%ls-0.dat", name);
        assert_true(!wcscmp(parts[0], L"C:\\data") && !wcscmp(parts[1], expected));
        assert_true(!wcscmp(parts[2], L"0:4096") && !wcscmp(parts[3], L"tail"));
        for (int i = 0; i < 4; i++)
            SysFreeString(parts[i]);
    }
    IVssComponent_Release(component);
}

static void start_local(struct fixture *fixture, const WCHAR *name)
{
    fixture->local.name = name;
    fixture->local.id = class_a;
    fixture->local.components = 1;
    scripted_writer_start(&fixture->local);
}

/* Everybody's first component. */
static void begin_with_components(struct fixture *fixture)
{
    backup_begin(&fixture->backup, TRUE);
    if (fixture->local.handle)
        backup_add_component(
            &fixture->backup, fixture->local.instance_id, fixture->local.id, L"data0");
    for (int i = 0; i < HOSTS && fixture->hosts[i].board; i++)
        for (LONG j = 0; j < fixture->hosts[i].board->writers; j++)
            backup_add_component(&fixture->backup,
                writer_process_instance(&fixture->hosts[i], (unsigned)j),
                fixture->hosts[i].board->writer[j].id, L"data0");
}

static void what_a_remote_writer_changes_arrives_in_its_own_part_only(void **state)
{
    struct fixture *fixture = *state;
    writer_process_make(&fixture->hosts[0], L"early", &class_a, 2);
    fixture->hosts[0].board->writer[0].at[ON_PREPARE_BACKUP].changes = TRUE;
    writer_process_make(&fixture->hosts[1], L"late", &class_a, 1);
    fixture->hosts[1].board->writer[0].at[ON_POST_SNAPSHOT].changes = TRUE;
    /* Read-only then: nothing may come of it. */
    fixture->hosts[0].board->writer[1].at[ON_BACKUP_COMPLETE].changes = TRUE;
    writer_process_start(&fixture->hosts[0]);
    writer_process_start(&fixture->hosts[1]);
    start_local(fixture, L"local");

    VSS_ID early = writer_process_instance(&fixture->hosts[0], 0);
    VSS_ID silent = writer_process_instance(&fixture->hosts[0], 1);
    VSS_ID late = writer_process_instance(&fixture->hosts[1], 0);
    begin_with_components(fixture);
    backup_start_set(&fixture->backup);
    backup_prepare(&fixture->backup);
    assert_changed_by(&fixture->backup, early, L"early");
    assert_changed_by(&fixture->backup, late, NULL);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    assert_changed_by(&fixture->backup, early, L"early");
    assert_changed_by(&fixture->backup, late, L"late");
    assert_changed_by(&fixture->backup, silent, NULL);
    assert_changed_by(&fixture->backup, fixture->local.instance_id, NULL);
    backup_release(&fixture->backup);
    writer_process_stop(&fixture->hosts[0]);
    writer_process_stop(&fixture->hosts[1]);
}

/* `message` NULL: no failure at all. */
static void assert_says_failure(struct backup *backup, VSS_ID instance, const WCHAR *message)
{
    UINT count = 0;
    IVssBackupComponentsEx3 *extended = NULL;
    assert_hr(IVssBackupComponents_QueryInterface(
                  backup->components, &IID_IVssBackupComponentsEx3, (void **)&extended),
        S_OK);
    assert_hr(IVssBackupComponents_GetWriterStatusCount(backup->components, &count), S_OK);
    bool found = false;
    for (UINT i = 0; i < count; i++)
    {
        VSS_ID id;
        VSS_ID class_id;
        BSTR name = NULL;
        BSTR text = NULL;
        VSS_WRITER_STATE state;
        HRESULT failure = E_UNEXPECTED;
        HRESULT application = E_UNEXPECTED;
        assert_hr(extended->lpVtbl->GetWriterStatusEx(
                      extended, i, &id, &class_id, &name, &state, &failure, &application, &text),
            S_OK);
        if (IsEqualGUID(&id, &instance))
        {
            found = true;
            assert_hr(failure, message ? VSS_E_WRITERERROR_RETRYABLE : S_OK);
            assert_hr(application, message ? (HRESULT)0x80041234 : S_OK);
            assert_true(message ? text && !wcscmp(text, message) : !text);
        }
        SysFreeString(name);
        SysFreeString(text);
    }
    extended->lpVtbl->Release(extended);
    assert_true(found);
}

static void the_failure_a_remote_writer_sets_is_told_with_its_message(void **state)
{
    struct fixture *fixture = *state;
    writer_process_make(&fixture->hosts[0], L"failing", &class_a, 2);
    struct board_step *step = &fixture->hosts[0].board->writer[0].at[ON_POST_SNAPSHOT];
    step->failure = VSS_E_WRITERERROR_RETRYABLE;
    step->application = (LONG)0x80041234;
    wcscpy(step->message, L"the disk is tired, \x00fcber \x4e2d\x6587 <&>");
    writer_process_start(&fixture->hosts[0]);
    start_local(fixture, L"local");
    backup_until_done(&fixture->backup);
    backup_gather_status(&fixture->backup);
    assert_says_failure(
        &fixture->backup, writer_process_instance(&fixture->hosts[0], 0), step->message);
    assert_says_failure(&fixture->backup, writer_process_instance(&fixture->hosts[0], 1), NULL);
    assert_says_failure(&fixture->backup, fixture->local.instance_id, NULL);
    backup_release(&fixture->backup);
    writer_process_stop(&fixture->hosts[0]);
}

/* ---- What a writer is told ---- */

static WCHAR told_locally[WRITER_EVENTS][BOARD_TEXT];

static void note_locally(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    event_describe(event, &writer->instance_id, context);
    if (context == told_locally[ON_PREPARE_BACKUP])
        components_change(event->pComponents, writer->name);
}

static void assert_told_the_same(const struct writer_process *host)
{
    for (int i = ON_PREPARE_BACKUP; i <= ON_BACKUP_SHUTDOWN; i++)
    {
        const struct board_note *note = writer_process_find(host, 0, (enum writer_event)i);
        assert_non_null(note);
        if (wcscmp(note->text, told_locally[i]))
            fail_msg("%s tells the remote writer\n%ls\nand the local one\n%ls",
                writer_event_name((enum writer_event)i), note->text, told_locally[i]);
    }
}

static void begin_incremental(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    WCHAR options[] = L"as fast as you can";
    WCHAR stamp[] = L"stamp of last week";
    struct backup *backup = &fixture->backup;
    backup_create(backup);
    IVssBackupComponents *components = backup->components;
    assert_hr(IVssBackupComponents_InitializeForBackup(components, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetBackupState(components, TRUE, TRUE, VSS_BT_INCREMENTAL, TRUE),
        S_OK);
    assert_hr(IVssBackupComponents_GatherWriterMetadata(components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    backup_add_component(backup, fixture->local.instance_id, class_a, L"data0");
    for (int i = 0; i < 2; i++)
        backup_add_component(
            backup, writer_process_instance(&fixture->hosts[i], 0), class_a, L"data0");
    assert_hr(IVssBackupComponents_SetBackupOptions(
                  components, class_a, VSS_CT_FILEGROUP, L"group", L"data0", options),
        S_OK);
    assert_hr(IVssBackupComponents_SetPreviousBackupStamp(
                  components, class_a, VSS_CT_FILEGROUP, L"group", L"data0", stamp),
        S_OK);
}

/* Its own words, lest everybody be told the same nothing. */
static void assert_local_texts_say_something(void)
{
    const WCHAR *text = told_locally[ON_PREPARE_BACKUP];
    assert_non_null(wcsstr(text, L"type=2 restore=0 selected=1 bootable=1 partial=1"));
    assert_non_null(wcsstr(text, L"as fast as you can"));
    assert_non_null(wcsstr(text, L"stamp of last week"));
    assert_non_null(wcsstr(text, L"volumes=0"));
    assert_non_null(wcsstr(told_locally[ON_FREEZE], L"volumes=1"));
    assert_non_null(wcsstr(told_locally[ON_FREEZE], L"devices are NULL"));
    assert_non_null(wcsstr(told_locally[ON_POST_SNAPSHOT], L"devices are there"));
    assert_non_null(wcsstr(told_locally[ON_POST_SNAPSHOT], L"metadata 0 of twin"));
    assert_non_null(wcsstr(told_locally[ON_BACKUP_COMPLETE], L"twin-0.dat"));
    assert_non_null(wcsstr(told_locally[ON_BACKUP_COMPLETE], L"GetBackupSucceeded=00000000:1"));
}

static bool is_emulated(HANDLE process)
{
    BOOL emulated = FALSE;
    assert_true(IsWow64Process(process, &emulated));
    return emulated;
}

static void start_twins(struct fixture *fixture)
{
    WCHAR other_bin[MAX_PATH];
    assert_in_range(
        GetEnvironmentVariableW(L"THAWLINE_OTHER_BIN", other_bin, MAX_PATH), 1, MAX_PATH);
    for (int i = 0; i < 2; i++)
    {
        writer_process_make(&fixture->hosts[i], L"twin", &class_a, 1);
        fixture->hosts[i].board->writer[0].at[ON_PREPARE_BACKUP].changes = TRUE;
        writer_process_launch(&fixture->hosts[i], i ? other_bin : NULL);
        writer_process_await_ready(&fixture->hosts[i]);
    }
    assert_true(is_emulated(fixture->hosts[0].process) == is_emulated(GetCurrentProcess()));
    assert_true(is_emulated(fixture->hosts[1].process) != is_emulated(GetCurrentProcess()));
    for (int i = ON_PREPARE_BACKUP; i < WRITER_EVENTS; i++)
    {
        fixture->local.at[i].action = note_locally;
        fixture->local.at[i].context = told_locally[i];
    }
    start_local(fixture, L"twin");
}

static void remote_writers_of_both_bitnesses_are_told_what_a_local_one_is_told(void **state)
{
    struct fixture *fixture = *state;
    start_twins(fixture);
    begin_incremental(fixture);
    backup_start_set(&fixture->backup);
    backup_prepare(&fixture->backup);
    assert_hr(backup_snapshot(&fixture->backup), VSS_S_ASYNC_FINISHED);
    const VSS_ID instances[] = {fixture->local.instance_id,
        writer_process_instance(&fixture->hosts[0], 0),
        writer_process_instance(&fixture->hosts[1], 0)};
    for (int i = 0; i < 3; i++)
        assert_hr(IVssBackupComponents_SetBackupSucceeded(fixture->backup.components, instances[i],
                      class_a, VSS_CT_FILEGROUP, L"group", L"data0", TRUE),
            S_OK);
    assert_hr(backup_complete(&fixture->backup), VSS_S_ASYNC_FINISHED);
    for (int i = 0; i < 3; i++)
        assert_changed_by(&fixture->backup, instances[i], L"twin");
    backup_release(&fixture->backup);
    assert_local_texts_say_something();
    for (int i = 0; i < 2; i++)
    {
        assert_string_equal(writer_process_events(&fixture->hosts[i], 0, NULL), WHOLE_COURSE);
        assert_told_the_same(&fixture->hosts[i]);
        writer_process_stop(&fixture->hosts[i]);
    }
}

int main(void)
{
#define SCENARIO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENARIO(what_a_remote_writer_changes_arrives_in_its_own_part_only),
        SCENARIO(the_failure_a_remote_writer_sets_is_told_with_its_message),
        SCENARIO(remote_writers_of_both_bitnesses_are_told_what_a_local_one_is_told),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
