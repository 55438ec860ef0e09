/* SPDX-License-Identifier: MIT
 *
 * Each text that a writer's handler gives to IVssComponent, Ex and Ex2: what is bad is refused with
 * one sentence in the log and changes nothing; what is odd but legal is in the requestor's
 * document, and still there when that was saved and read again. Past the end of each list there is
 * nothing (writer-provider 4.2, 4.3). The live provider serves.
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

#include "support/restore.h"
#include "support/scripted_writer.h"

static const VSS_ID class_id = {0xc0b0c0b0, 0x1111, 0x4111, {0xb1, 1, 1, 1, 1, 1, 1, 1}};

#define TEXTS 6 /* a call has at most */
#define LONGEST 32768

static WCHAR longest[LONGEST + 1];
static const WCHAR awkward[] = {
    L'&', L'<', L'>', L'"', L'\'', L']', L']', L'>', 9, 10, 13, 0xD83D, 0xDE00, 0xE9, 0};

/* One for each component of the writer: "data0" gets the first, in all its texts. */
static const WCHAR *const odd[] = {longest, awkward, L"", L" "};
#define COMPONENTS ARRAYSIZE(odd)

static const WCHAR control[] = {L'a', 1, 0};
static const WCHAR high[] = {L'a', 0xD83D, 0};
static const WCHAR low[] = {0xDE00, L'a', 0};
static const WCHAR swapped[] = {0xDE00, 0xD83D, 0};
static const WCHAR not_a_character[] = {0xFFFE, 0};

/* Nowhere allowed; NULL is where a text is optional. */
static const WCHAR *const bad[] = {NULL, control, high, low, swapped, not_a_character};
/* Not as the path of a folder or the name of a file. */
static const WCHAR *const wild[] = {L"a*", L"?b", L"\\\\?\\C:\\a?"};
/* Not as what files of a folder are chosen by. */
static const WCHAR *const deep[] = {L"a\\b", L"\\", L"a/*"};
/* Not as ranges. */
static const WCHAR *const malformed[] = {L"0", L"0:", L"0:1,", L"0:1x", L"0:0x", L"5:x",
    L"18446744073709551616:1"};
/* Not as ranges beside 0:1. */
static const WCHAR *const unfit[] = {L"0:2", L"0:1,4:1", L"", L"0", L"0:", L"0:1,", L"0:1x",
    L"0:0x", L"18446744073709551616:1"};

/* ---- The calls ---- */

/* A letter a text: r(equired), o(ptional), p(ath) or name without wildcards, s(pecification) of
   files, l(ist) of ranges, g: lists that have to agree. `read` gives the texts of the first call
   that succeeded; S_FALSE: there was none. */
struct text_call
{
    const char *name;
    const char *texts;
    enum writer_event in;
    HRESULT (*write)(IVssComponentEx2 *face, const WCHAR *const *texts);
    HRESULT (*read)(IVssComponentEx2 *face, BSTR *texts);
};

#define WRITE(name_) static HRESULT name_(IVssComponentEx2 *face, const WCHAR *const *t)
#define READ(name_) static HRESULT name_(IVssComponentEx2 *face, BSTR *t)

#define ONE_TEXT(write_, setter_, read_, getter_)                                                  \
    WRITE(write_)                                                                                  \
    {                                                                                              \
        return face->lpVtbl->setter_(face, t[0]);                                                  \
    }                                                                                              \
    READ(read_)                                                                                    \
    {                                                                                              \
        return face->lpVtbl->getter_(face, &t[0]);                                                 \
    }

ONE_TEXT(set_metadata, SetBackupMetadata, get_metadata, GetBackupMetadata)
ONE_TEXT(set_stamp, SetBackupStamp, get_stamp, GetBackupStamp)
ONE_TEXT(set_prepare_failure, SetPrepareForBackupFailureMsg, get_prepare_failure,
    GetPrepareForBackupFailureMsg)
ONE_TEXT(set_post_snapshot_failure, SetPostSnapshotFailureMsg, get_post_snapshot_failure,
    GetPostSnapshotFailureMsg)
ONE_TEXT(set_restore_metadata, SetRestoreMetadata, get_restore_metadata, GetRestoreMetadata)
ONE_TEXT(set_pre_failure, SetPreRestoreFailureMsg, get_pre_failure, GetPreRestoreFailureMsg)
ONE_TEXT(set_post_failure, SetPostRestoreFailureMsg, get_post_failure, GetPostRestoreFailureMsg)

/* What a list of one item says; more is as wrong as anything else. */
static HRESULT only_one(HRESULT hr, UINT count)
{
    if (!count)
        return hr == VSS_E_OBJECT_NOT_FOUND ? S_FALSE : E_FAIL;
    return count == 1 ? hr : E_FAIL;
}

WRITE(add_partial_file)
{
    return IVssComponentEx2_AddPartialFile(face, t[0], t[1], t[2], t[3]);
}

READ(get_partial_file)
{
    UINT count = 0;
    IVssComponentEx2_GetPartialFileCount(face, &count);
    return only_one(IVssComponentEx2_GetPartialFile(face, 0, &t[0], &t[1], &t[2], &t[3]), count);
}

WRITE(add_differenced_file)
{
    const FILETIME time = {1, 2};
    return IVssComponentEx2_AddDifferencedFilesByLastModifyTime(face, t[0], t[1], TRUE, time);
}

READ(get_differenced_file)
{
    UINT count = 0;
    BOOL recursive = FALSE;
    BSTR lsn = NULL;
    FILETIME time = {0};
    IVssComponentEx2_GetDifferencedFilesCount(face, &count);
    HRESULT hr = only_one(IVssComponentEx2_GetDifferencedFile(
                              face, 0, &t[0], &t[1], &recursive, &lsn, &time),
        count);
    bool same = recursive && !lsn && time.dwLowDateTime == 1 && time.dwHighDateTime == 2;
    return hr == S_OK && !same ? E_FAIL : hr;
}

WRITE(add_directed_target)
{
    return IVssComponentEx2_AddDirectedTarget(face, t[0], t[1], t[2], t[3], t[4], t[5]);
}

READ(get_directed_target)
{
    UINT count = 0;
    IVssComponentEx2_GetDirectedTargetCount(face, &count);
    return only_one(IVssComponentEx2_GetDirectedTarget(
                        face, 0, &t[0], &t[1], &t[2], &t[3], &t[4], &t[5]),
        count);
}

WRITE(set_failure)
{
    return IVssComponentEx2_SetFailure(face, VSS_E_WRITERERROR_RETRYABLE, E_FAIL, t[0], 0);
}

READ(get_failure)
{
    HRESULT failure = S_OK;
    HRESULT application = S_OK;
    DWORD reserved = 0;
    HRESULT hr = IVssComponentEx2_GetFailure(face, &failure, &application, &t[0], &reserved);
    if (hr != S_OK)
        return hr;
    return failure == VSS_E_WRITERERROR_RETRYABLE && application == E_FAIL ? S_OK : S_FALSE;
}

static const struct text_call calls[] = {
    {"SetBackupMetadata", "r", ON_PREPARE_BACKUP, set_metadata, get_metadata},
    {"SetPrepareForBackupFailureMsg", "r", ON_PREPARE_BACKUP, set_prepare_failure,
        get_prepare_failure},
    {"AddPartialFile", "pplo", ON_PREPARE_BACKUP, add_partial_file, get_partial_file},
    {"SetBackupStamp", "r", ON_POST_SNAPSHOT, set_stamp, get_stamp},
    {"SetPostSnapshotFailureMsg", "r", ON_POST_SNAPSHOT, set_post_snapshot_failure,
        get_post_snapshot_failure},
    {"AddDifferencedFilesByLastModifyTime", "ps", ON_POST_SNAPSHOT, add_differenced_file,
        get_differenced_file},
    {"SetFailure", "o", ON_POST_SNAPSHOT, set_failure, get_failure},
    {"SetRestoreMetadata", "r", ON_PRE_RESTORE, set_restore_metadata, get_restore_metadata},
    {"SetPreRestoreFailureMsg", "r", ON_PRE_RESTORE, set_pre_failure, get_pre_failure},
    {"AddDirectedTarget", "rpgrpg", ON_PRE_RESTORE, add_directed_target, get_directed_target},
    {"SetPostRestoreFailureMsg", "r", ON_POST_RESTORE, set_post_failure, get_post_failure},
};

/* ---- What a handler finds: it runs on a thread that cannot fail the test ---- */

static struct
{
    unsigned made;   /* calls */
    unsigned failed; /* those that went wrong */
    char first[256]; /* of them */
} found;

static volatile LONG errors_logged;

static void CALLBACK count_errors(void *context, int level, const WCHAR *line)
{
    (void)context;
    (void)line;
    if (level == 1)
        InterlockedIncrement(&errors_logged);
}

static void note(const char *what, size_t which, HRESULT expected, HRESULT hr, LONG sentences)
{
    LONG wanted = expected == E_INVALIDARG;
    found.made++;
    if (hr == expected && sentences == wanted)
        return;
    if (!found.failed++)
        snprintf(found.first, sizeof(found.first),
            "%s, %u: 0x%08lx, expected 0x%08lx; %ld sentences in the log", what, (unsigned)which,
            (unsigned long)hr, (unsigned long)expected, (long)sentences);
}

static void assert_nothing_found(const char *where)
{
    if (found.failed)
        fail_msg("%s: %u of %u calls: %s", where, found.failed, found.made, found.first);
    assert_true(found.made > 0);
    memset(&found, 0, sizeof(found));
}

/* All texts good but one; NULL `text` is one, too. */
static void try_text(IVssComponentEx2 *face, const struct text_call *call, size_t which,
    const WCHAR *text, HRESULT expected)
{
    const WCHAR *texts[TEXTS];
    for (size_t i = 0; i < TEXTS; i++)
        texts[i] = L"0:1"; /* fine as anything */
    texts[which] = text;
    LONG before = errors_logged;
    HRESULT hr = call->write(face, texts);
    note(call->name, which, expected, hr, errors_logged - before);
}

static void try_bad_texts(IVssComponentEx2 *face, const struct text_call *call)
{
    for (size_t which = 0; call->texts[which]; which++)
    {
        char kind = call->texts[which];
        for (size_t i = kind == 'o'; i < ARRAYSIZE(bad); i++)
            try_text(face, call, which, bad[i], E_INVALIDARG);
        for (size_t i = 0; kind == 'p' && i < ARRAYSIZE(wild); i++)
            try_text(face, call, which, wild[i], E_INVALIDARG);
        for (size_t i = 0; kind == 's' && i < ARRAYSIZE(deep); i++)
            try_text(face, call, which, deep[i], E_INVALIDARG);
        for (size_t i = 0; kind == 'l' && i < ARRAYSIZE(malformed); i++)
            try_text(face, call, which, malformed[i], E_INVALIDARG);
        for (size_t i = 0; kind == 'g' && i < ARRAYSIZE(unfit); i++)
            try_text(face, call, which, unfit[i], E_INVALIDARG);
    }
}

/* After all that was refused. */
static void write_odd_text(IVssComponentEx2 *face, const struct text_call *call, const WCHAR *text)
{
    const WCHAR *texts[TEXTS];
    for (size_t i = 0; call->texts[i]; i++)
        texts[i] = call->texts[i] == 'g' ? L"0x10:1" : text;
    LONG before = errors_logged;
    HRESULT hr = call->write(face, texts);
    note(call->name, TEXTS, S_OK, hr, errors_logged - before);
}

static IVssComponentEx2 *component_at(IVssWriterComponents *all, UINT index)
{
    IVssComponent *component = NULL;
    IVssComponentEx2 *face = NULL;
    if (FAILED(IVssWriterComponents_GetComponent(all, index, &component)))
        return NULL;
    IVssComponent_QueryInterface(component, &IID_IVssComponentEx2, (void **)&face);
    IVssComponent_Release(component);
    return face;
}

/* ---- Past the end ---- */

/* Each getter with an index, of a component whose lists are empty or hold one item. */
static void ask_past_the_end(IVssComponentEx2 *face, UINT index)
{
    BSTR t[TEXTS] = {NULL};
    IVssWMFiledesc *file = (void *)1;
    boolean repair = TRUE;
    BOOL recursive = TRUE;
    FILETIME time = {1, 1};
    const HRESULT answers[] = {
        IVssComponentEx2_GetPartialFile(face, index, &t[0], &t[1], &t[2], &t[3]),
        IVssComponentEx2_GetDirectedTarget(face, index, &t[0], &t[1], &t[2], &t[3], &t[4], &t[5]),
        IVssComponentEx2_GetRestoreSubcomponent(face, index, &t[0], &t[1], &repair),
        IVssComponentEx2_GetDifferencedFile(
            face, index, &t[0], &t[1], &recursive, &t[2], &time),
        IVssComponentEx2_GetAlternateLocationMapping(face, index, &file),
        file ? E_FAIL : IVssComponentEx2_GetNewTarget(face, index, &file),
    };
    for (size_t i = 0; i < ARRAYSIZE(answers); i++)
        note("past the end", i, VSS_E_OBJECT_NOT_FOUND, answers[i], 0);
    for (size_t i = 0; i < TEXTS; i++)
        note("a text past the end", i, S_OK, t[i] ? E_FAIL : S_OK, 0);
}

static void ask_for_components_past_the_end(IVssWriterComponents *all)
{
    static const UINT indexes[] = {COMPONENTS, COMPONENTS + 1, 0x80000000u, 0xFFFFFFFFu};
    for (size_t i = 0; i < ARRAYSIZE(indexes); i++)
    {
        IVssComponent *component = (void *)1;
        HRESULT hr = IVssWriterComponents_GetComponent(all, indexes[i], &component);
        note("GetComponent", i, VSS_E_OBJECT_NOT_FOUND, component ? E_FAIL : hr, 0);
    }
}

/* ---- The writer ---- */

static void handle(struct scripted_writer *writer, const THAWLINE_EVENT *event, void *context)
{
    (void)writer;
    const enum writer_event *which = context;
    for (UINT i = 0; i < COMPONENTS; i++)
    {
        IVssComponentEx2 *face = component_at(event->pComponents, i);
        note("GetComponent", i, S_OK, face ? S_OK : E_FAIL, 0);
        if (!face)
            return;
        for (size_t c = 0; c < ARRAYSIZE(calls); c++)
        {
            if (calls[c].in != *which)
                continue;
            try_bad_texts(face, &calls[c]);
            write_odd_text(face, &calls[c], odd[i]);
        }
        ask_past_the_end(face, 1);
        ask_past_the_end(face, 0xFFFFFFFFu);
        IVssComponentEx2_Release(face);
    }
    ask_for_components_past_the_end(event->pComponents);
}

static void describe(struct scripted_writer *writer, IVssCreateWriterMetadataEx *metadata)
{
    (void)writer;
    HRESULT hr = metadata->lpVtbl->SetRestoreMethod(
        metadata, VSS_RME_RESTORE_IF_CAN_REPLACE, NULL, NULL, VSS_WRE_ALWAYS, FALSE);
    note("SetRestoreMethod", 0, S_OK, hr, 0);
}

struct fixture
{
    struct scripted_writer writer;
    struct backup backup;
    BSTR saved;
    LONG live_blocks;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    static const enum writer_event handled[] = {
        ON_PREPARE_BACKUP, ON_POST_SNAPSHOT, ON_PRE_RESTORE, ON_POST_RESTORE};
    fixture = (struct fixture){.live_blocks = ThawlineGetLiveBlocks()};
    fixture.writer = (struct scripted_writer){
        .name = L"writer", .id = class_id, .components = COMPONENTS, .describe = describe};
    for (size_t i = 0; i < ARRAYSIZE(handled); i++)
    {
        fixture.writer.at[handled[i]].action = handle;
        fixture.writer.at[handled[i]].context = (void *)&handled[i];
    }
    wmemset(longest, L'x', LONGEST);
    scripted_writer_start(&fixture.writer);
    ThawlineSetLogSink(count_errors, NULL, 1);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    backup_release(&fixture->backup);
    SysFreeString(fixture->saved);
    ThawlineSetLogSink(NULL, NULL, 0);
    scripted_writer_stop(&fixture->writer);
    LONG more = ThawlineGetLiveBlocks() - fixture->live_blocks;
    if (more)
        print_error("%ld blocks were not given back\n", more);
    return more ? -1 : 0;
}

/* ---- The requestor ---- */

static const WCHAR *name_of(UINT component)
{
    static const WCHAR *const names[COMPONENTS] = {L"data0", L"data1", L"data2", L"data3"};
    return names[component];
}

static void assert_texts(IVssComponentEx2 *face, const struct text_call *call, const WCHAR *text)
{
    BSTR read[TEXTS] = {NULL};
    HRESULT hr = call->read(face, read);
    if (hr != S_OK)
        fail_msg("%s is read with 0x%08lx", call->name, (unsigned long)hr);
    for (size_t i = 0; call->texts[i]; i++)
    {
        const WCHAR *expected = call->texts[i] == 'g' ? L"0x10:1" : text;
        size_t length = wcslen(expected);
        if (!read[i] || SysStringLen(read[i]) != length || wmemcmp(read[i], expected, length))
            fail_msg("%s, text %u of %u units came back wrong", call->name, (unsigned)i,
                (unsigned)length);
        SysFreeString(read[i]);
    }
}

/* All that was written before and in `last`, but for what is out of state in a restore. */
static void assert_written(struct backup *backup, enum writer_event last, BOOL restoring)
{
    for (UINT i = 0; i < COMPONENTS; i++)
    {
        IVssComponentEx2 *face = NULL;
        IVssComponent *component = restore_find(backup, class_id, name_of(i));
        assert_hr(
            IVssComponent_QueryInterface(component, &IID_IVssComponentEx2, (void **)&face), S_OK);
        for (size_t c = 0; c < ARRAYSIZE(calls); c++)
            if (calls[c].in <= last && !(restoring && calls[c].write == set_failure))
                assert_texts(face, &calls[c], odd[i]);
        IVssComponentEx2_Release(face);
        IVssComponent_Release(component);
    }
}

static void back_up(struct fixture *fixture)
{
    struct backup *backup = &fixture->backup;
    backup_begin(backup, TRUE);
    for (UINT i = 0; i < COMPONENTS; i++)
        backup_add_component(backup, fixture->writer.instance_id, class_id, name_of(i));
    backup_start_set(backup);
    backup_prepare(backup);
    assert_nothing_found("PrepareBackup");
    assert_hr(backup_snapshot(backup), VSS_S_ASYNC_FINISHED);
    assert_nothing_found("PostSnapshot");
    assert_written(backup, ON_POST_SNAPSHOT, FALSE);
    assert_hr(backup_complete(backup), VSS_S_ASYNC_FINISHED);
    assert_hr(IVssBackupComponents_SaveAsXML(backup->components, &fixture->saved), S_OK);
    backup_release(backup);
}

static void bad_texts_change_nothing_and_odd_ones_survive_backup_and_restore(void **state)
{
    struct fixture *fixture = *state;
    struct backup *restore = &fixture->backup;
    back_up(fixture);
    memset(&found, 0, sizeof(found));
    restore_begin(restore, fixture->saved);
    assert_written(restore, ON_POST_SNAPSHOT, TRUE);
    for (UINT i = 0; i < COMPONENTS; i++)
        assert_hr(restore_select(restore, class_id, name_of(i), TRUE), S_OK);
    assert_hr(restore_pre(restore), VSS_S_ASYNC_FINISHED);
    assert_nothing_found("PreRestore");
    assert_written(restore, ON_PRE_RESTORE, TRUE);
    assert_hr(restore_post(restore), VSS_S_ASYNC_FINISHED);
    assert_nothing_found("PostRestore");
    SysFreeString(fixture->saved);
    assert_hr(IVssBackupComponents_SaveAsXML(restore->components, &fixture->saved), S_OK);
    backup_release(restore);
    restore_begin(restore, fixture->saved);
    assert_written(restore, ON_POST_RESTORE, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            bad_texts_change_nothing_and_odd_ones_survive_backup_and_restore, set_up, tear_down),
    };
    SetEnvironmentVariableW(L"THAWLINE_PROVIDER", L"live");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
