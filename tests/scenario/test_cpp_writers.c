/* SPDX-License-Identifier: MIT
 *
 * Writers in C++ of every class of the SDKs, compiled with Microsoft's ABI, and writers in C and
 * C++ made with vsswriter.h, in this process and in processes of both bitnesses: in one backup and
 * one restore each is told what a writer of thawline.h is told, what it changes arrives, and its
 * failures show (writer-provider 1.4, 2, 3.4). The live provider serves.
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
#include "support/msvc_event.h"
#include "support/writer_process.h"

#define HOSTS 2
#define EVENTS_SIZE 256

/* In one place at most: all the classes. */
#define KINDS BOARD_WRITERS

/* A writer of this process. */
struct local
{
    enum msvc_kind kind;
    struct msvc_writer *object;
    VSS_ID instance_id;
    bool identified_ex;
    enum writer_event fails_in; /* ON_IDENTIFY: in none */
    bool vetoes;
    HRESULT set_failure; /* what SetWriterFailure(Ex) said */
    char events[EVENTS_SIZE];
    struct msvc_event asked[WRITER_EVENTS];
    WCHAR told[WRITER_EVENTS][BOARD_TEXT];
};

/* Of which classes the writers are: those of this process, those of a process of this and of the
   other bitness. */
struct cast
{
    int count; /* in each of the three */
    enum msvc_kind here[KINDS];
    enum msvc_kind elsewhere[HOSTS][KINDS];
};

struct fixture
{
    const struct cast *cast;
    struct scripted_writer in_c;
    WCHAR told_in_c[WRITER_EVENTS][BOARD_TEXT];
    struct local local[KINDS];
    struct writer_process hosts[HOSTS];
    struct backup backup;
    LONG live_blocks;
};

static struct fixture fixture;

/* ---- Places ---- */

/* Of all writers: that of thawline.h, those here, those of each host. */
static int places(void)
{
    return 1 + fixture.cast->count * (1 + HOSTS);
}

static VSS_ID class_at(int place)
{
    ULONG first = 0xc0a0c000 + (ULONG)place;
    return (VSS_ID){first, 0x1111, 0x4111, {0xa1, 1, 1, 1, 1, 1, 1, 1}};
}

static VSS_ID instance_at(int place)
{
    int count = fixture.cast->count;
    if (!place)
        return fixture.in_c.instance_id;
    if (place <= count)
        return fixture.local[place - 1].instance_id;
    place -= 1 + count;
    return writer_process_instance(&fixture.hosts[place / count], (unsigned)(place % count));
}

static bool is_ex(enum msvc_kind kind)
{
    return kind == MSVC_EX || kind == MSVC_EX2 || kind == GNU_C_EX || kind == GNU_CXX_EX2;
}

static bool is_ex2(enum msvc_kind kind)
{
    return kind == MSVC_EX2 || kind == GNU_C_EX || kind == GNU_CXX_EX2;
}

/* ---- The writers ---- */

static void note_in_c(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    event_describe(event, &writer->instance_id, context);
    if (context == fixture.told_in_c[ON_PREPARE_BACKUP] ||
        context == fixture.told_in_c[ON_PRE_RESTORE])
        components_change(event->pComponents, writer->name);
}

static void start_in_c(void)
{
    fixture.in_c = (struct scripted_writer){.name = L"twin", .id = class_at(0), .components = 1};
    for (int i = ON_PREPARE_BACKUP; i < WRITER_EVENTS; i++)
    {
        fixture.in_c.at[i].action = note_in_c;
        fixture.in_c.at[i].context = fixture.told_in_c[i];
    }
    scripted_writer_start(&fixture.in_c);
}

static int __cdecl on_local_event(void *context, const struct msvc_event *asked)
{
    struct local *local = context;
    enum writer_event which = (enum writer_event)asked->kind;
    local->asked[which] = *asked;
    if (which == ON_IDENTIFY)
    {
        local->instance_id = asked->instance_id;
        local->identified_ex = asked->identified_ex;
        return 1;
    }
    const THAWLINE_EVENT event = event_from_msvc(asked);
    event_describe(&event, &local->instance_id, local->told[which]);
    size_t used = strlen(local->events);
    snprintf(local->events + used, EVENTS_SIZE - used, "%s%s", used ? " " : "",
        writer_event_name(which));
    if (which == ON_PREPARE_BACKUP || which == ON_PRE_RESTORE)
        msvc_change_components(asked->components, L"twin");
    if (which != local->fails_in)
        return 1;
    local->set_failure = msvc_writer_fail(
        local->object, VSS_E_WRITERERROR_RETRYABLE, (HRESULT)0x80041234, L"no paper left");
    return !local->vetoes;
}

static void start_local(int index)
{
    struct local *local = &fixture.local[index];
    const struct msvc_orders orders = {.kind = local->kind,
        .name = L"twin",
        .id = class_at(1 + index),
        .level = VSS_APP_FRONT_END,
        .freeze_timeout = 60000,
        .components = 1,
        .context = local,
        .handle = on_local_event};
    local->object = msvc_writer_create(&orders);
    assert_non_null(local->object);
    assert_hr(msvc_writer_initialize(local->object), S_OK);
    assert_hr(msvc_writer_subscribe(local->object), S_OK);
}

static void start_host(int index, const WCHAR *folder)
{
    struct writer_process *host = &fixture.hosts[index];
    int count = fixture.cast->count;
    VSS_ID first = class_at(1 + count * (1 + index));
    writer_process_make(host, L"twin", &first, (unsigned)count);
    for (int i = 0; i < count; i++)
    {
        struct board_writer *writer = &host->board->writer[i];
        _snwprintf(writer->name, BOARD_NAME, L"twin");
        writer->id = class_at(1 + count * (1 + index) + i);
        writer->msvc_kind = (LONG)fixture.cast->elsewhere[index][i];
        writer->freeze_timeout = 60000;
        writer->at[ON_PREPARE_BACKUP].changes = TRUE;
        writer->at[ON_PRE_RESTORE].changes = TRUE;
    }
    writer_process_launch(host, folder);
    writer_process_await_ready(host);
}

static void start_all(void)
{
    WCHAR other_bin[MAX_PATH];
    assert_in_range(
        GetEnvironmentVariableW(L"THAWLINE_OTHER_BIN", other_bin, MAX_PATH), 1, MAX_PATH);
    start_in_c();
    for (int i = 0; i < fixture.cast->count; i++)
        start_local(i);
    for (int i = 0; i < HOSTS; i++)
        start_host(i, i ? other_bin : NULL);
}

/* ---- Set up ---- */

static int set_up(void **state)
{
    memset(&fixture, 0, sizeof(fixture));
    fixture.live_blocks = ThawlineGetLiveBlocks();
    fixture.cast = *state;
    for (int i = 0; i < fixture.cast->count; i++)
        fixture.local[i].kind = fixture.cast->here[i];
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    backup_release(&fixture.backup);
    scripted_writer_stop(&fixture.in_c);
    for (int i = 0; i < KINDS; i++)
        msvc_writer_delete(fixture.local[i].object);
    for (int i = 0; i < HOSTS; i++)
        writer_process_free(&fixture.hosts[i]);
    LONG more = ThawlineGetLiveBlocks() - fixture.live_blocks;
    if (more || msvc_live_objects())
        print_error("%ld blocks and %d objects were not given back\n", more, msvc_live_objects());
    return more || msvc_live_objects() ? -1 : 0;
}

/* ---- What was told ---- */

/* Without the line that names the class, and but for CVssWriterEx2, which alone can ask for it,
   without the session. */
static void comparable(enum msvc_kind kind, const WCHAR *text, WCHAR *out)
{
    const WCHAR *begin = text;
    if (!is_ex2(kind))
    {
        begin = wcschr(text, L'\n');
        assert_non_null(begin);
    }
    const WCHAR *line = wcsstr(begin, L"info=");
    const WCHAR *next = line ? wcschr(line, L'\n') : NULL;
    if (next)
        _snwprintf(out, BOARD_TEXT, L"%.*ls%ls", (int)(line - begin), begin, next);
    else
        _snwprintf(out, BOARD_TEXT, L"%ls", begin);
}

static void assert_same(
    enum writer_event event, enum msvc_kind kind, const WCHAR *told, const char *where)
{
    static WCHAR here[BOARD_TEXT];
    static WCHAR there[BOARD_TEXT];
    comparable(kind, fixture.told_in_c[event], here);
    comparable(kind, told, there);
    if (wcscmp(here, there))
        fail_msg("%s tells the writer of class %d %s\n%ls\nand that of thawline.h\n%ls",
            writer_event_name(event), kind, where, there, here);
}

static void assert_all_told_the_same(enum writer_event event)
{
    for (int i = 0; i < fixture.cast->count; i++)
        assert_same(event, fixture.local[i].kind, fixture.local[i].told[event], "in this process");
    for (int i = 0; i < HOSTS * fixture.cast->count; i++)
    {
        int host = i / fixture.cast->count;
        int index = i % fixture.cast->count;
        const struct board_note *note = writer_process_find(
            &fixture.hosts[host], (unsigned)index, event);
        assert_non_null(note);
        assert_same(event, fixture.cast->elsewhere[host][index], note->text,
            host ? "of the other bitness" : "in another process");
    }
}

static void assert_all_got(const char *events)
{
    assert_string_equal(scripted_writer_events(&fixture.in_c), events);
    for (int i = 0; i < fixture.cast->count; i++)
    {
        assert_string_equal(fixture.local[i].events, events);
        for (int host = 0; host < HOSTS; host++)
            assert_string_equal(
                writer_process_events(&fixture.hosts[host], (unsigned)i, NULL), events);
    }
}

static void forget_events(void)
{
    memset((void *)fixture.in_c.count, 0, sizeof(fixture.in_c.count));
    for (int i = 0; i < fixture.cast->count; i++)
        fixture.local[i].events[0] = 0;
    for (int i = 0; i < HOSTS; i++)
        writer_process_forget(&fixture.hosts[i]);
}

/* ---- What was changed ---- */

typedef HRESULT(STDMETHODCALLTYPE *text_getter)(IVssComponent *component, BSTR *text);

static void assert_text(IVssComponent *component, text_getter getter, const WCHAR *expected)
{
    BSTR text = NULL;
    assert_hr(getter(component, &text), S_OK);
    assert_int_equal(wcscmp(text, expected), 0);
    SysFreeString(text);
}

static void assert_all_changed_for_backup(void)
{
    for (int place = 0; place < places(); place++)
    {
        IVssComponent *component = backup_find_component(&fixture.backup, instance_at(place));
        BSTR parts[4] = {NULL};
        assert_text(component, component->lpVtbl->GetBackupMetadata, L"metadata 0 of twin");
        assert_text(component, component->lpVtbl->GetBackupStamp, L"stamp 0 of twin");
        assert_hr(
            IVssComponent_GetPartialFile(component, 0, &parts[0], &parts[1], &parts[2], &parts[3]),
            S_OK);
        assert_int_equal(wcscmp(parts[1], L"twin-0.dat"), 0);
        for (int i = 0; i < 4; i++)
            SysFreeString(parts[i]);
        IVssComponent_Release(component);
    }
}

static void assert_all_changed_for_restore(void)
{
    for (int place = 0; place < places(); place++)
    {
        IVssComponent *component = backup_find_component(&fixture.backup, instance_at(place));
        assert_text(
            component, component->lpVtbl->GetRestoreMetadata, L"restore metadata 0 of twin");
        assert_text(component, component->lpVtbl->GetPreRestoreFailureMsg, L"failure 0 of twin");
        IVssComponent_Release(component);
    }
}

/* ---- One backup and one restore ---- */

static void begin_incremental(void)
{
    IVssAsync *async = NULL;
    WCHAR options[] = L"as fast as you can";
    struct backup *backup = &fixture.backup;
    backup_create(backup);
    IVssBackupComponents *components = backup->components;
    assert_hr(IVssBackupComponents_InitializeForBackup(components, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetBackupState(components, TRUE, TRUE, VSS_BT_INCREMENTAL, TRUE),
        S_OK);
    assert_hr(IVssBackupComponents_GatherWriterMetadata(components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    for (int place = 0; place < places(); place++)
    {
        backup_add_component(backup, instance_at(place), class_at(place), L"data0");
        assert_hr(IVssBackupComponents_SetBackupOptions(
                      components, class_at(place), VSS_CT_FILEGROUP, L"group", L"data0", options),
            S_OK);
    }
}

/* *saved: the Backup Components Document. */
static void back_up(BSTR *saved)
{
    struct backup *backup = &fixture.backup;
    begin_incremental();
    backup_start_set(backup);
    backup_prepare(backup);
    assert_hr(backup_snapshot(backup), VSS_S_ASYNC_FINISHED);
    for (int place = 0; place < places(); place++)
        assert_hr(IVssBackupComponents_SetBackupSucceeded(backup->components, instance_at(place),
                      class_at(place), VSS_CT_FILEGROUP, L"group", L"data0", TRUE),
            S_OK);
    assert_hr(backup_complete(backup), VSS_S_ASYNC_FINISHED);
    assert_all_changed_for_backup();
    assert_hr(IVssBackupComponents_SaveAsXML(backup->components, saved), S_OK);
    backup_release(backup);
}

static void restore(BSTR saved)
{
    IVssAsync *async = NULL;
    struct backup *backup = &fixture.backup;
    backup_create(backup);
    assert_hr(IVssBackupComponents_InitializeForRestore(backup->components, saved), S_OK);
    assert_hr(IVssBackupComponents_GatherWriterMetadata(backup->components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    for (int place = 0; place < places(); place++)
        assert_hr(IVssBackupComponents_SetSelectedForRestore(backup->components, class_at(place),
                      VSS_CT_FILEGROUP, L"group", L"data0", TRUE),
            S_OK);
    assert_hr(IVssBackupComponents_PreRestore(backup->components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    assert_all_changed_for_restore();
    assert_hr(IVssBackupComponents_PostRestore(backup->components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    backup_release(backup);
}

/* Its own words, lest everybody be told the same nothing. */
static void assert_texts_say_something(const struct local *local)
{
    const WCHAR *text = local->told[ON_PREPARE_BACKUP];
    assert_non_null(wcsstr(text, L"type=2 restore=0 selected=1 bootable=1 partial=1"));
    assert_non_null(wcsstr(text, L"as fast as you can"));
    assert_non_null(wcsstr(text, L"volumes=0"));
    assert_non_null(wcsstr(local->told[ON_FREEZE], L"volumes=1"));
    assert_non_null(wcsstr(local->told[ON_FREEZE], L"devices are NULL"));
    assert_non_null(wcsstr(local->told[ON_POST_SNAPSHOT], L"devices are there"));
    assert_non_null(wcsstr(local->told[ON_BACKUP_COMPLETE], L"twin-0.dat"));
    assert_non_null(wcsstr(local->told[ON_BACKUP_COMPLETE], L"own"));
}

/* The answers that a writer of thawline.h has no counterpart for: spec 3.4. */
static void assert_answers_of_the_class(const struct local *local)
{
    const struct msvc_event *asked = local->asked;
    bool ex = is_ex(local->kind);
    for (int i = ON_PREPARE_BACKUP; i <= ON_BACKUP_SHUTDOWN; i++)
    {
        bool in_set = i >= ON_PREPARE_SNAPSHOT && i <= ON_POST_SNAPSHOT;
        bool knows_itself = ex &&
            (i == ON_PREPARE_BACKUP || i == ON_PREPARE_SNAPSHOT || i == ON_POST_SNAPSHOT);
        assert_int_equal(asked[i].level, VSS_APP_FRONT_END);
        assert_int_equal(asked[i].affected, in_set);
        assert_int_equal(asked[i].shutting_down, 0);
        assert_hr(asked[i].device_result, i == ON_POST_SNAPSHOT ? S_OK : VSS_E_BAD_STATE);
        assert_int_equal(IsEqualGUID(&asked[i].known_as, &local->instance_id), knows_itself);
    }
    assert_int_equal(asked[ON_IDENTIFY].identified_ex, ex);
}

static void a_writer_is_told_what_one_in_c_is_told_and_what_it_changes_arrives(void **state)
{
    (void)state;
    BSTR saved = NULL;
    start_all();
    back_up(&saved);
    assert_all_got(
        "PrepareBackup PrepareSnapshot Freeze Thaw PostSnapshot BackupComplete BackupShutdown");
    for (int i = 0; i < fixture.cast->count; i++)
    {
        assert_texts_say_something(&fixture.local[i]);
        assert_answers_of_the_class(&fixture.local[i]);
    }
    for (int i = ON_PREPARE_BACKUP; i <= ON_BACKUP_SHUTDOWN; i++)
        assert_all_told_the_same((enum writer_event)i);

    forget_events();
    restore(saved);
    SysFreeString(saved);
    assert_all_got("PreRestore PostRestore");
    assert_non_null(wcsstr(fixture.local[0].told[ON_POST_RESTORE], L"restore metadata 0 of twin"));
    assert_all_told_the_same(ON_PRE_RESTORE);
    assert_all_told_the_same(ON_POST_RESTORE);
    for (int i = 0; i < HOSTS; i++)
        writer_process_stop(&fixture.hosts[i]);
}

/* ---- Failures ---- */

/* A veto in Freeze is followed by Abort for that writer; `false` is one byte of the answer. */
static void a_veto_in_freeze_shows_with_its_code_and_brings_abort(void **state)
{
    (void)state;
    VSS_WRITER_STATE found = VSS_WS_UNKNOWN;
    struct local *local = &fixture.local[0];
    local->fails_in = ON_FREEZE;
    local->vetoes = true;
    start_local(0);
    backup_until_prepared(&fixture.backup);
    assert_hr(backup_snapshot(&fixture.backup), VSS_S_ASYNC_FINISHED);
    assert_hr(local->set_failure, S_OK);
    backup_gather_status(&fixture.backup);
    assert_hr(backup_writer_status(&fixture.backup, local->instance_id, &found),
        VSS_E_WRITERERROR_RETRYABLE);
    assert_int_equal(found, VSS_WS_FAILED_AT_FREEZE);
    assert_string_equal(local->events, "PrepareBackup PrepareSnapshot Freeze Abort");
}

/* CVssWriterEx2 alone can say more than a code. */
static void a_failure_with_a_message_is_told_by_status(void **state)
{
    (void)state;
    bool told = is_ex2(fixture.local[0].kind);
    UINT count = 0;
    IVssBackupComponentsEx3 *extended = NULL;
    VSS_ID instance;
    VSS_ID class_id;
    BSTR name = NULL;
    BSTR message = NULL;
    VSS_WRITER_STATE found = VSS_WS_UNKNOWN;
    HRESULT failure = S_OK;
    HRESULT application = E_UNEXPECTED;
    fixture.local[0].fails_in = ON_POST_SNAPSHOT;
    start_local(0);
    backup_until_prepared(&fixture.backup);
    assert_hr(backup_snapshot(&fixture.backup), VSS_S_ASYNC_FINISHED);
    backup_gather_status(&fixture.backup);
    assert_hr(IVssBackupComponents_GetWriterStatusCount(fixture.backup.components, &count), S_OK);
    assert_int_equal(count, 1);
    assert_hr(IVssBackupComponents_QueryInterface(
                  fixture.backup.components, &IID_IVssBackupComponentsEx3, (void **)&extended),
        S_OK);
    assert_hr(extended->lpVtbl->GetWriterStatusEx(extended, 0, &instance, &class_id, &name, &found,
                  &failure, &application, &message),
        S_OK);
    extended->lpVtbl->Release(extended);
    assert_hr(failure, VSS_E_WRITERERROR_RETRYABLE);
    assert_hr(application, told ? (HRESULT)0x80041234 : S_OK);
    assert_int_equal(message && !wcscmp(message, L"no paper left"), told);
    SysFreeString(name);
    SysFreeString(message);
}

int main(void)
{
#define ALL_KINDS                                                                                  \
    {                                                                                              \
        MSVC_2003, MSVC_INLINE, MSVC_EX, MSVC_EX2, GNU_C, GNU_C_EX, GNU_CXX, GNU_CXX_EX2           \
    }
    static const struct cast everybody = {KINDS, ALL_KINDS, {ALL_KINDS, ALL_KINDS}};
    static const struct cast casts[] = {
        {1, {MSVC_2003}, {{MSVC_2003}, {MSVC_2003}}},
        {1, {MSVC_INLINE}, {{MSVC_INLINE}, {MSVC_INLINE}}},
        {1, {MSVC_EX}, {{MSVC_EX}, {MSVC_EX}}},
        {1, {MSVC_EX_PLAIN}, {{MSVC_EX_PLAIN}, {MSVC_EX_PLAIN}}},
        {1, {MSVC_EX2}, {{MSVC_EX2}, {MSVC_EX2}}},
        {1, {GNU_C}, {{GNU_C}, {GNU_C}}},
        {1, {GNU_C_EX}, {{GNU_C_EX}, {GNU_C_EX}}},
        {1, {GNU_CXX}, {{GNU_CXX}, {GNU_CXX}}},
        {1, {GNU_CXX_EX2}, {{GNU_CXX_EX2}, {GNU_CXX_EX2}}},
    };
#define SCENARIO(test, class_, cast_)                                                              \
    {                                                                                              \
        class_ ": " #test, test, set_up, tear_down, (void *)(cast_)                                \
    }
#define OF_EACH_CLASS(test)                                                                        \
    SCENARIO(test, "2003 CVssWriter", &casts[0]), SCENARIO(test, "CVssWriter", &casts[1]),         \
        SCENARIO(test, "CVssWriterEx", &casts[2]),                                                 \
        SCENARIO(test, "CVssWriterEx, OnIdentify", &casts[3]),                                     \
        SCENARIO(test, "CVssWriterEx2", &casts[4]), SCENARIO(test, "vsswriter.h, C", &casts[5]),   \
        SCENARIO(test, "vsswriter.h, C, Ex", &casts[6]),                                           \
        SCENARIO(test, "vsswriter.h, C++", &casts[7]),                                             \
        SCENARIO(test, "vsswriter.h, C++, CVssWriterEx2", &casts[8])
    const struct CMUnitTest tests[] = {
        OF_EACH_CLASS(a_writer_is_told_what_one_in_c_is_told_and_what_it_changes_arrives),
        OF_EACH_CLASS(a_veto_in_freeze_shows_with_its_code_and_brings_abort),
        OF_EACH_CLASS(a_failure_with_a_message_is_told_by_status),
        SCENARIO(a_writer_is_told_what_one_in_c_is_told_and_what_it_changes_arrives,
            "all in one backup", &everybody),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
