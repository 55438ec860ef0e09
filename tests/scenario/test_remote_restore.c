/* SPDX-License-Identifier: MIT
 *
 * PreRestore and PostRestore of writers in other processes, of both bitnesses: they are told what a
 * local writer is told, what they change arrives, and a process that dies is lost at once
 * (requestor 2.8, 6.5; writer-provider 3.8). A backup of all of them comes before, after which the
 * applications are started anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
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
/* What an operation may take in which a process dies, on a busy machine; no deadline is as
   short. */
#define AT_ONCE_MS 5000.0

/* Of the local writer, and of those in a process of this and of the other bitness. */
static const VSS_ID classes[1 + HOSTS] = {
    {0xc1d1c1d1, 0x1111, 0x4111, {0xb1, 1, 1, 1, 1, 1, 1, 1}},
    {0xc2d2c2d2, 0x2222, 0x4222, {0xb2, 2, 2, 2, 2, 2, 2, 2}},
    {0xc3d3c3d3, 0x3333, 0x4333, {0xb3, 3, 3, 3, 3, 3, 3, 3}},
};

struct fixture
{
    struct scripted_writer local;
    struct writer_process hosts[HOSTS];
    BSTR saved; /* the Backup Components Document of the backup */
    struct backup restore;
    LONG live_blocks;
};

static struct fixture fixture;
static WCHAR told_locally[WRITER_EVENTS][BOARD_TEXT];

static void note_locally(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    event_describe(event, &writer->instance_id, context);
    if (context == told_locally[ON_PRE_RESTORE])
        components_change(event->pComponents, writer->name);
}

static void describe_locally(struct scripted_writer *writer, IVssCreateWriterMetadataEx *metadata)
{
    (void)writer;
    metadata->lpVtbl->AddFilesToFileGroup(metadata, L"group", L"data0", BOARD_FOLDER, BOARD_FILES,
        TRUE, NULL, VSS_FSBT_ALL_BACKUP_REQUIRED);
}

static void start_writers(void)
{
    WCHAR other_bin[MAX_PATH];
    assert_in_range(
        GetEnvironmentVariableW(L"THAWLINE_OTHER_BIN", other_bin, MAX_PATH), 1, MAX_PATH);
    fixture.local = (struct scripted_writer){
        .name = L"writer", .id = classes[0], .components = 1, .describe = describe_locally};
    for (int i = ON_PRE_RESTORE; i <= ON_POST_RESTORE; i++)
    {
        fixture.local.at[i].action = note_locally;
        fixture.local.at[i].context = told_locally[i];
    }
    scripted_writer_start(&fixture.local);
    for (int i = 0; i < HOSTS; i++)
    {
        writer_process_make(&fixture.hosts[i], L"writer", &classes[1 + i], 1);
        fixture.hosts[i].board->writer[0].has_files = TRUE;
        fixture.hosts[i].board->writer[0].at[ON_PRE_RESTORE].changes = TRUE;
        writer_process_launch(&fixture.hosts[i], i ? other_bin : NULL);
        writer_process_await_ready(&fixture.hosts[i]);
    }
}

static void stop_writers(void)
{
    scripted_writer_stop(&fixture.local);
    for (int i = 0; i < HOSTS; i++)
        writer_process_free(&fixture.hosts[i]);
}

static void back_up(void)
{
    struct backup backup;
    backup_begin(&backup, TRUE);
    backup_add_component(&backup, fixture.local.instance_id, classes[0], L"data0");
    for (int i = 0; i < HOSTS; i++)
        backup_add_component(
            &backup, writer_process_instance(&fixture.hosts[i], 0), classes[1 + i], L"data0");
    backup_start_set(&backup);
    backup_prepare(&backup);
    assert_hr(backup_snapshot(&backup), VSS_S_ASYNC_FINISHED);
    assert_hr(backup_complete(&backup), VSS_S_ASYNC_FINISHED);
    assert_hr(IVssBackupComponents_SaveAsXML(backup.components, &fixture.saved), S_OK);
    backup_release(&backup);
}

static int set_up(void **state)
{
    (void)state;
    fixture = (struct fixture){.live_blocks = ThawlineGetLiveBlocks()};
    start_writers();
    back_up();
    stop_writers();
    start_writers();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    backup_release(&fixture.restore);
    stop_writers();
    SysFreeString(fixture.saved);
    LONG more = ThawlineGetLiveBlocks() - fixture.live_blocks;
    if (more)
        print_error("%ld blocks were not given back\n", more);
    return more ? -1 : 0;
}

static void begin(void)
{
    IVssAsync *async = NULL;
    backup_create(&fixture.restore);
    IVssBackupComponents *components = fixture.restore.components;
    assert_hr(IVssBackupComponents_InitializeForRestore(components, fixture.saved), S_OK);
    assert_hr(IVssBackupComponents_GatherWriterMetadata(components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    for (int i = 0; i < 1 + HOSTS; i++)
        assert_hr(IVssBackupComponents_SetSelectedForRestore(
                      components, classes[i], VSS_CT_FILEGROUP, L"group", L"data0", TRUE),
            S_OK);
}

static HRESULT pre_restore(void)
{
    IVssAsync *async = NULL;
    assert_hr(IVssBackupComponents_PreRestore(fixture.restore.components, &async), S_OK);
    return await(async);
}

static HRESULT post_restore(void)
{
    IVssAsync *async = NULL;
    assert_hr(IVssBackupComponents_PostRestore(fixture.restore.components, &async), S_OK);
    return await(async);
}

/* ---- Told and changed ---- */

/* Without the line that names the class. */
static void without_class(const WCHAR *text, WCHAR *out)
{
    const WCHAR *line = wcsstr(text, L"info=");
    assert_non_null(line);
    const WCHAR *next = wcschr(line, L'\n');
    assert_non_null(next);
    _snwprintf(out, BOARD_TEXT, L"%.*ls%ls", (int)(line - text), text, next);
}

static void assert_told_the_same(const struct writer_process *host, enum writer_event event)
{
    static WCHAR local[BOARD_TEXT];
    static WCHAR remote[BOARD_TEXT];
    const struct board_note *note = writer_process_find(host, 0, event);
    assert_non_null(note);
    without_class(told_locally[event], local);
    without_class(note->text, remote);
    if (wcscmp(local, remote))
        fail_msg("%s tells the remote writer\n%ls\nand the local one\n%ls",
            writer_event_name(event), remote, local);
}

/* The class's first component in the requestor's document. */
static void assert_document_has_changes(VSS_ID class_id)
{
    IVssBackupComponents *components = fixture.restore.components;
    UINT count = 0;
    bool found = false;
    assert_hr(IVssBackupComponents_GetWriterComponentsCount(components, &count), S_OK);
    assert_int_equal(count, 1 + HOSTS);
    for (UINT i = 0; i < count; i++)
    {
        IVssWriterComponentsExt *part = NULL;
        IVssComponent *component = NULL;
        VSS_ID instance;
        VSS_ID writer;
        BSTR text = NULL;
        assert_hr(IVssBackupComponents_GetWriterComponents(components, i, &part), S_OK);
        assert_hr(part->lpVtbl->GetWriterInfo(part, &instance, &writer), S_OK);
        assert_hr(part->lpVtbl->GetComponent(part, 0, &component), S_OK);
        /* The table of IUnknown is the object's second. */
        IUnknown_Release((IUnknown *)((void **)part + 1));
        if (IsEqualGUID(&writer, &class_id))
        {
            found = true;
            assert_hr(IVssComponent_GetRestoreMetadata(component, &text), S_OK);
            assert_int_equal(wcscmp(text, L"restore metadata 0 of writer"), 0);
            SysFreeString(text);
            assert_hr(IVssComponent_GetPreRestoreFailureMsg(component, &text), S_OK);
            assert_int_equal(wcscmp(text, L"failure 0 of writer"), 0);
            SysFreeString(text);
        }
        IVssComponent_Release(component);
    }
    assert_true(found);
}

/* All that a requestor can say to a writer before PreRestore. */
static void say_all(VSS_ID id)
{
    IVssBackupComponentsEx2 *bc = NULL;
    assert_hr(IVssBackupComponents_QueryInterface(
                  fixture.restore.components, &IID_IVssBackupComponentsEx2, (void **)&bc),
        S_OK);
#define DATA0 id, VSS_CT_FILEGROUP, L"group", L"data0"
    assert_hr(bc->lpVtbl->SetRestoreOptions(bc, DATA0, L"my options"), S_OK);
    assert_hr(bc->lpVtbl->SetAdditionalRestores(bc, DATA0, TRUE), S_OK);
    assert_hr(bc->lpVtbl->SetAuthoritativeRestore(bc, DATA0, TRUE), S_OK);
    assert_hr(bc->lpVtbl->SetRollForward(bc, DATA0, VSS_RF_PARTIAL, L"my point"), S_OK);
    assert_hr(bc->lpVtbl->SetRestoreName(bc, DATA0, L"my name"), S_OK);
    assert_hr(
        bc->lpVtbl->AddRestoreSubcomponent(bc, DATA0, L"group\\data0", L"my sub", FALSE), S_OK);
    assert_hr(
        bc->lpVtbl->AddNewTarget(bc, DATA0, BOARD_FOLDER, BOARD_FILES, TRUE, L"D:\\mine"), S_OK);
    assert_hr(bc->lpVtbl->AddAlternativeLocationMapping(
                  bc, DATA0, BOARD_FOLDER, BOARD_FILES, TRUE, L"E:\\mine"),
        S_OK);
    bc->lpVtbl->Release(bc);
}

static void set_status(VSS_ID id)
{
    IVssBackupComponents *bc = fixture.restore.components;
    assert_hr(bc->lpVtbl->SetFileRestoreStatus(bc, DATA0, VSS_RS_ALL), S_OK);
#undef DATA0
}

static const WCHAR *const said[] = {L"my options", L"GetAdditionalRestores=00000000:1",
    L"GetAuthoritativeRestore=00000000:1", L"roll forward=3 point=00000000:my point", L"my name",
    L"my sub", L"D:\\mine", L"E:\\mine"};

static void remote_writers_are_told_what_a_local_one_is_told_and_may_answer(void **state)
{
    (void)state;
    begin();
    for (int i = 0; i < 1 + HOSTS; i++)
        say_all(classes[i]);
    assert_hr(pre_restore(), VSS_S_ASYNC_FINISHED);
    for (int i = 0; i < 1 + HOSTS; i++)
        assert_document_has_changes(classes[i]);
    for (int i = 0; i < 1 + HOSTS; i++)
        set_status(classes[i]);
    assert_hr(post_restore(), VSS_S_ASYNC_FINISHED);
    backup_release(&fixture.restore);
    assert_non_null(wcsstr(told_locally[ON_PRE_RESTORE], L"data0"));
    assert_non_null(wcsstr(told_locally[ON_PRE_RESTORE], L"info=00000000 "));
    assert_non_null(wcsstr(told_locally[ON_POST_RESTORE], L"restore metadata 0 of writer"));
    for (size_t i = 0; i < ARRAYSIZE(said); i++)
        assert_non_null(wcsstr(told_locally[ON_PRE_RESTORE], said[i]));
    assert_non_null(wcsstr(told_locally[ON_POST_RESTORE], L"GetFileRestoreStatus=00000000:2"));
    for (int i = 0; i < HOSTS; i++)
    {
        /* A restore has neither Abort nor BackupShutdown. */
        assert_string_equal(
            writer_process_events(&fixture.hosts[i], 0, NULL), "PreRestore PostRestore");
        assert_told_the_same(&fixture.hosts[i], ON_PRE_RESTORE);
        assert_told_the_same(&fixture.hosts[i], ON_POST_RESTORE);
    }
}

/* ---- What nobody here knows ---- */

/* What another maker's document may hold: `with` stands where the text has `at`, and `text` of it
   is what must be kept. */
static const struct oddity
{
    const WCHAR *at;
    const WCHAR *with;
    const WCHAR *text;
    unsigned times; /* in a document of three writers with a component each */
} oddities[] = {
    {L"<BACKUP_COMPONENTS ", L"<BACKUP_COMPONENTS oddRoot=\"a &amp; b\" ",
        L" oddRoot=\"a &amp; b\"", 1},
    {L"<WRITER_COMPONENTS ", L"<WRITER_COMPONENTS oddPart=\"1\" ", L" oddPart=\"1\"", 1 + HOSTS},
    {L"<COMPONENT ", L"<COMPONENT oddComponent=\"\" ", L" oddComponent=\"\"", 1 + HOSTS},
    /* A name of ours that means something else there. */
    {L"<COMPONENT ", L"<COMPONENT authoritativeRestore=\"all\" ", L" authoritativeRestore=\"all\"",
        1 + HOSTS},
    {L"/></WRITER_COMPONENTS>",
        L"><ODD odd=\"yes\"><IN>text</IN></ODD></COMPONENT></WRITER_COMPONENTS>",
        L"<ODD odd=\"yes\"><IN>text</IN></ODD>", 1 + HOSTS},
    {L"</WRITER_COMPONENTS>", L"<o:ODD xmlns:o=\"urn:odd\" o:a=\"1\"/></WRITER_COMPONENTS>",
        L"<o:ODD xmlns:o=\"urn:odd\" o:a=\"1\"/>", 1 + HOSTS},
    {L"</BACKUP_COMPONENTS>", L"<ODD_LAST/></BACKUP_COMPONENTS>", L"<ODD_LAST/>", 1},
};

/* Longer than the documents of these tests. */
static WCHAR odd_document[1 << 16];

static void add_oddity(const struct oddity *oddity)
{
    static WCHAR before[ARRAYSIZE(odd_document)];
    size_t used = 0;
    unsigned times = 0;
    const WCHAR *rest = before;
    const WCHAR *found;
    wcscpy(before, odd_document);
    while ((found = wcsstr(rest, oddity->at)) != NULL)
    {
        used += (size_t)_snwprintf(odd_document + used, ARRAYSIZE(odd_document) - used, L"%.*ls%ls",
            (int)(found - rest), rest, oddity->with);
        rest = found + wcslen(oddity->at);
        times++;
    }
    wcscpy(odd_document + used, rest);
    assert_int_equal(times, oddity->times);
}

static void assert_oddities(const WCHAR *document)
{
    for (size_t i = 0; i < ARRAYSIZE(oddities); i++)
    {
        unsigned times = 0;
        for (const WCHAR *at = document; (at = wcsstr(at, oddities[i].text)) != NULL; at++)
            times++;
        if (times != oddities[i].times)
            fail_msg("%ls is there %u times, expected %u:\n%ls", oddities[i].text, times,
                oddities[i].times, document);
    }
}

static void what_nobody_knows_comes_through_writers_that_change_their_part(void **state)
{
    (void)state;
    BSTR text = NULL;
    assert_in_range(SysStringLen(fixture.saved), 1, ARRAYSIZE(odd_document) / 2);
    wcscpy(odd_document, fixture.saved);
    for (size_t i = 0; i < ARRAYSIZE(oddities); i++)
        add_oddity(&oddities[i]);
    SysFreeString(fixture.saved);
    fixture.saved = SysAllocString(odd_document);
    begin();
    assert_hr(pre_restore(), VSS_S_ASYNC_FINISHED);
    assert_hr(post_restore(), VSS_S_ASYNC_FINISHED);
    for (int i = 0; i < 1 + HOSTS; i++)
        assert_document_has_changes(classes[i]);
    assert_hr(IVssBackupComponents_SaveAsXML(fixture.restore.components, &text), S_OK);
    assert_oddities(text);
    SysFreeString(text);
}

/* ---- Deaths ---- */

struct death
{
    const char *when;
    enum writer_event dies_in; /* 0: killed by the test */
    enum writer_event before;  /* this event, when killed by the test */
    HRESULT post_restore;
    VSS_WRITER_STATE state;
};

static const struct death deaths[] = {
    {"before PreRestore", 0, ON_PRE_RESTORE, VSS_S_ASYNC_FINISHED, VSS_WS_FAILED_AT_PRE_RESTORE},
    {"in PreRestore", ON_PRE_RESTORE, 0, VSS_S_ASYNC_FINISHED, VSS_WS_FAILED_AT_PRE_RESTORE},
    {"before PostRestore", 0, ON_POST_RESTORE, VSS_E_UNEXPECTED_WRITER_ERROR,
        VSS_WS_FAILED_AT_POST_RESTORE},
    {"in PostRestore", ON_POST_RESTORE, 0, VSS_E_UNEXPECTED_WRITER_ERROR,
        VSS_WS_FAILED_AT_POST_RESTORE},
};

static void run_with_death(const struct death *death)
{
    struct writer_process *victim = &fixture.hosts[0];
    VSS_WRITER_STATE found = VSS_WS_UNKNOWN;
    VSS_ID id = writer_process_instance(victim, 0);
    victim->board->writer[0].at[death->dies_in].dies = death->dies_in != 0;
    fixture.local.count[ON_PRE_RESTORE] = fixture.local.count[ON_POST_RESTORE] = 0;
    writer_process_forget(&fixture.hosts[1]);
    begin();
    LONGLONG begun = board_now();
    if (death->before == ON_PRE_RESTORE)
        writer_process_kill(victim);
    assert_hr(pre_restore(), VSS_S_ASYNC_FINISHED);
    if (death->before == ON_POST_RESTORE)
        writer_process_kill(victim);
    assert_hr(post_restore(), death->post_restore);
    double took = milliseconds_between(begun, board_now());
    backup_gather_status(&fixture.restore);
    HRESULT failure = backup_writer_status(&fixture.restore, id, &found);
    if (failure != VSS_E_WRITER_NOT_RESPONDING || found != death->state || took > AT_ONCE_MS)
        fail_msg("%s: state %d, %s, %.0f ms", death->when, (int)found,
            ThawlineGetResultName(failure), took);
    backup_release(&fixture.restore);
    assert_string_equal(scripted_writer_events(&fixture.local), "PreRestore PostRestore");
    assert_string_equal(
        writer_process_events(&fixture.hosts[1], 0, NULL), "PreRestore PostRestore");
    print_message("%s: both events took %.0f ms\n", death->when, took);
    writer_process_free(victim);
    writer_process_make(victim, L"writer", &classes[1], 1);
    writer_process_start(victim);
}

static void a_process_that_dies_in_a_restore_is_lost_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(deaths); i++)
        run_with_death(&deaths[i]);
}

int main(void)
{
#define SCENARIO(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENARIO(remote_writers_are_told_what_a_local_one_is_told_and_may_answer),
        SCENARIO(what_nobody_knows_comes_through_writers_that_change_their_part),
        SCENARIO(a_process_that_dies_in_a_restore_is_lost_at_once),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
