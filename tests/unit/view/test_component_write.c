/* SPDX-License-Identifier: MIT
 *
 * IVssComponent: the setters, in every event and in a requestor's scope. Expectations:
 * writer-provider 3.3 and 4.3, typed here once more.
 */
#include "unit/view/view_fixture.h"

/* Each calls one setter with good arguments. */
static HRESULT set_backup_metadata(IVssComponentEx2 *face)
{
    return IVssComponentEx2_SetBackupMetadata(face, L"data");
}

static HRESULT add_partial_file(IVssComponentEx2 *face)
{
    return IVssComponentEx2_AddPartialFile(face, L"c:\\a", L"a.db", L"0:10", NULL);
}

static HRESULT add_directed_target(IVssComponentEx2 *face)
{
    return IVssComponentEx2_AddDirectedTarget(
        face, L"c:\\a", L"a.db", L"0:10", L"d:\\b", L"b.db", L"7:10");
}

static HRESULT set_restore_metadata(IVssComponentEx2 *face)
{
    return IVssComponentEx2_SetRestoreMetadata(face, L"data");
}

static HRESULT set_restore_target(IVssComponentEx2 *face)
{
    return IVssComponentEx2_SetRestoreTarget(face, VSS_RT_ALTERNATE);
}

static HRESULT set_pre_restore_failure(IVssComponentEx2 *face)
{
    return IVssComponentEx2_SetPreRestoreFailureMsg(face, L"why");
}

static HRESULT set_post_restore_failure(IVssComponentEx2 *face)
{
    return IVssComponentEx2_SetPostRestoreFailureMsg(face, L"why");
}

static HRESULT set_backup_stamp(IVssComponentEx2 *face)
{
    return IVssComponentEx2_SetBackupStamp(face, L"stamp");
}

static HRESULT add_differenced_file(IVssComponentEx2 *face)
{
    FILETIME time = {0};
    return IVssComponentEx2_AddDifferencedFilesByLastModifyTime(face, L"c:\\a", L"*", TRUE, time);
}

static HRESULT set_prepare_failure(IVssComponentEx2 *face)
{
    return IVssComponentEx2_SetPrepareForBackupFailureMsg(face, L"why");
}

static HRESULT set_post_snapshot_failure(IVssComponentEx2 *face)
{
    return IVssComponentEx2_SetPostSnapshotFailureMsg(face, L"why");
}

static HRESULT set_failure(IVssComponentEx2 *face)
{
    return IVssComponentEx2_SetFailure(face, VSS_E_WRITERERROR_RETRYABLE, E_FAIL, L"why", 0);
}

/* A letter an event: i(dentify), B prepare backup, S prepare snapshot, F, T, P(ost snapshot),
   C(omplete), D (shutdown), A(bort), R pre restore, r post restore. */
static const struct setter_row
{
    const char *name;
    HRESULT (*call)(IVssComponentEx2 *face);
    const char *legal_in;
} setters[] = {
    {"SetBackupMetadata", set_backup_metadata, "BSFTP"},
    {"AddPartialFile", add_partial_file, "BP"},
    {"AddDirectedTarget", add_directed_target, "R"},
    {"SetRestoreMetadata", set_restore_metadata, "R"},
    {"SetRestoreTarget", set_restore_target, "Rr"},
    {"SetPreRestoreFailureMsg", set_pre_restore_failure, "R"},
    {"SetPostRestoreFailureMsg", set_post_restore_failure, "r"},
    {"SetBackupStamp", set_backup_stamp, "BSFTP"},
    {"AddDifferencedFilesByLastModifyTime", add_differenced_file, "BSFTP"},
    {"SetPrepareForBackupFailureMsg", set_prepare_failure, "B"},
    {"SetPostSnapshotFailureMsg", set_post_snapshot_failure, "P"},
    {"SetFailure", set_failure, "BSFTPCDARr"},
};

static const struct event_row
{
    enum vss_event event;
    char letter;
} events[] = {
    {EVENT_NONE, '-'},
    {EVENT_IDENTIFY, 'i'},
    {EVENT_PREPARE_BACKUP, 'B'},
    {EVENT_PREPARE_SNAPSHOT, 'S'},
    {EVENT_FREEZE, 'F'},
    {EVENT_THAW, 'T'},
    {EVENT_POST_SNAPSHOT, 'P'},
    {EVENT_BACKUP_COMPLETE, 'C'},
    {EVENT_BACKUP_SHUTDOWN, 'D'},
    {EVENT_ABORT, 'A'},
    {EVENT_PRE_RESTORE, 'R'},
    {EVENT_POST_RESTORE, 'r'},
};

static bool is_legal(const struct setter_row *setter, char letter)
{
    for (const char *at = setter->legal_in; *at; at++)
        if (*at == letter)
            return true;
    return false;
}

static void each_setter_is_legal_in_its_events_only(void **state)
{
    (void)state;
    for (size_t s = 0; s < ARRAYSIZE(setters); s++)
    {
        for (size_t e = 0; e < ARRAYSIZE(events); e++)
        {
            bool restore = events[e].letter == 'R' || events[e].letter == 'r';
            IVssComponentEx2 *face = make_component(events[e].event, restore, 0, NULL);
            HRESULT hr = setters[s].call(face);
            HRESULT expected = is_legal(&setters[s], events[e].letter) ? S_OK : VSS_E_BAD_STATE;
            if (hr != expected)
                print_error("%s in %s:\n", setters[s].name,
                    events[e].event ? event_name(events[e].event) : "a requestor's scope");
            assert_hr(hr, expected);
            IVssComponentEx2_Release(face);
        }
    }
}

static void a_requestor_writes_nothing_in_a_restore_either(void **state)
{
    (void)state;
    for (size_t s = 0; s < ARRAYSIZE(setters); s++)
    {
        IVssComponentEx2 *face = make_component(EVENT_NONE, true, 0, NULL);
        assert_hr(setters[s].call(face), VSS_E_BAD_STATE);
        IVssComponentEx2_Release(face);
    }
}

static void nothing_is_legal_once_the_handler_has_returned(void **state)
{
    (void)state;
    for (size_t s = 0; s < ARRAYSIZE(setters); s++)
    {
        for (size_t e = 0; e < ARRAYSIZE(events); e++)
        {
            struct writer_components *writer = make_writer();
            struct view_scope *scope = make_scope(events[e].event, false);
            IVssComponent *face = NULL;
            assert_hr(
                view_component_create(writer, vec_at(&writer->components, 0), scope, &face), S_OK);
            view_scope_close(scope);
            view_scope_release(scope);
            writer_components_release(writer);
            assert_hr(setters[s].call((IVssComponentEx2 *)face), VSS_E_BAD_STATE);
            IVssComponent_Release(face);
        }
    }
}

/* ---- What is written can be read ---- */

static void texts_that_were_set_come_back(void **state)
{
    (void)state;
    IVssComponentEx2 *face = make_component(EVENT_PREPARE_BACKUP, false, 0, NULL);
    BSTR text = NULL;
    assert_hr(IVssComponentEx2_SetBackupMetadata(face, L""), S_OK);
    assert_hr(IVssComponentEx2_GetBackupMetadata(face, &text), S_OK);
    assert_bstr(text, L"");
    assert_hr(IVssComponentEx2_SetBackupStamp(face, L"one"), S_OK);
    assert_hr(IVssComponentEx2_SetBackupStamp(face, L"two"), S_OK);
    assert_hr(IVssComponentEx2_GetBackupStamp(face, &text), S_OK);
    assert_bstr(text, L"two");
    assert_hr(IVssComponentEx2_SetPrepareForBackupFailureMsg(face, L"no room"), S_OK);
    assert_hr(IVssComponentEx2_GetPrepareForBackupFailureMsg(face, &text), S_OK);
    assert_bstr(text, L"no room");
    IVssComponentEx2_Release(face);

    face = make_component(EVENT_PRE_RESTORE, true, 0, NULL);
    VSS_RESTORE_TARGET target;
    assert_hr(IVssComponentEx2_SetPreRestoreFailureMsg(face, L"in use"), S_OK);
    assert_hr(IVssComponentEx2_GetPreRestoreFailureMsg(face, &text), S_OK);
    assert_bstr(text, L"in use");
    assert_hr(IVssComponentEx2_SetRestoreMetadata(face, L"m"), S_OK);
    assert_hr(IVssComponentEx2_GetRestoreMetadata(face, &text), S_OK);
    assert_bstr(text, L"m");
    assert_hr(IVssComponentEx2_SetRestoreTarget(face, VSS_RT_DIRECTED), S_OK);
    assert_hr(IVssComponentEx2_GetRestoreTarget(face, &target), S_OK);
    assert_int_equal(target, VSS_RT_DIRECTED);
    IVssComponentEx2_Release(face);

    face = make_component(EVENT_POST_RESTORE, true, 0, NULL);
    assert_hr(IVssComponentEx2_SetPostRestoreFailureMsg(face, L"late"), S_OK);
    assert_hr(IVssComponentEx2_GetPostRestoreFailureMsg(face, &text), S_OK);
    assert_bstr(text, L"late");
    IVssComponentEx2_Release(face);

    face = make_component(EVENT_POST_SNAPSHOT, false, 0, NULL);
    assert_hr(IVssComponentEx2_SetPostSnapshotFailureMsg(face, L"torn"), S_OK);
    assert_hr(IVssComponentEx2_GetPostSnapshotFailureMsg(face, &text), S_OK);
    assert_bstr(text, L"torn");
    IVssComponentEx2_Release(face);
}

static void metadata_can_be_written_once(void **state)
{
    (void)state;
    IVssComponentEx2 *face = make_component(EVENT_POST_SNAPSHOT, false, 0, NULL);
    BSTR text = NULL;
    assert_hr(IVssComponentEx2_SetBackupMetadata(face, L"first"), S_OK);
    assert_hr(IVssComponentEx2_SetBackupMetadata(face, L"second"), VSS_E_OBJECT_ALREADY_EXISTS);
    assert_hr(IVssComponentEx2_GetBackupMetadata(face, &text), S_OK);
    assert_bstr(text, L"first");
    IVssComponentEx2_Release(face);
    face = make_component(EVENT_PRE_RESTORE, true, 0, NULL);
    assert_hr(IVssComponentEx2_SetRestoreMetadata(face, L"first"), S_OK);
    assert_hr(IVssComponentEx2_SetRestoreMetadata(face, L"second"), VSS_E_OBJECT_ALREADY_EXISTS);
    IVssComponentEx2_Release(face);
}

static void what_was_added_can_be_counted(void **state)
{
    (void)state;
    struct component *model = NULL;
    IVssComponentEx2 *face = make_component(EVENT_PREPARE_BACKUP, false, 0, &model);
    FILETIME time = {7, 8};
    assert_hr(IVssComponentEx2_AddPartialFile(face, L"c:\\a", L"a.db", L"0:10", L"meta"), S_OK);
    assert_hr(IVssComponentEx2_AddPartialFile(face, L"c:\\a", L"a.db", L"", NULL), S_OK);
    assert_int_equal(model->partial_files.count, 2);
    /* Any BOOL that is not 0 is true. */
    assert_hr(
        IVssComponentEx2_AddDifferencedFilesByLastModifyTime(face, L"c:\\a", L"*.*", 0x100, time),
        S_OK);
    const struct differenced_file *file = vec_at(&model->differenced_files, 0);
    assert_true(file->recursive);
    assert_int_equal(file->last_modified.dwLowDateTime, 7);
    assert_int_equal(file->last_modified.dwHighDateTime, 8);
    IVssComponentEx2_Release(face);
    face = make_component(EVENT_PRE_RESTORE, true, 0, &model);
    assert_hr(add_directed_target(face), S_OK);
    assert_int_equal(model->directed_targets.count, 1);
    IVssComponentEx2_Release(face);
}

static void a_failure_comes_back_and_can_be_replaced(void **state)
{
    (void)state;
    IVssComponentEx2 *face = make_component(EVENT_BACKUP_COMPLETE, false, 0, NULL);
    HRESULT writer = S_OK;
    HRESULT application = S_OK;
    BSTR message = NULL;
    DWORD reserved = 9;
    assert_hr(set_failure(face), S_OK);
    assert_hr(IVssComponentEx2_GetFailure(face, &writer, &application, &message, &reserved), S_OK);
    assert_hr(writer, VSS_E_WRITERERROR_RETRYABLE);
    assert_hr(application, E_FAIL);
    assert_bstr(message, L"why");
    assert_hr(IVssComponentEx2_SetFailure(face, S_OK, S_FALSE, NULL, 0), S_OK);
    assert_hr(IVssComponentEx2_GetFailure(face, &writer, &application, &message, &reserved), S_OK);
    assert_hr(writer, S_OK);
    assert_hr(application, S_FALSE);
    assert_null(message);
    IVssComponentEx2_Release(face);
}

/* ---- Arguments ---- */

#define BAD_TEXT L"a\x0001z"

static void bad_texts_are_invalid(void **state)
{
    (void)state;
    static const WCHAR *const bad[] = {NULL, BAD_TEXT, L"\xD800"};
    IVssComponentEx2 *backup = make_component(EVENT_PREPARE_BACKUP, false, 0, NULL);
    IVssComponentEx2 *after = make_component(EVENT_POST_SNAPSHOT, false, 0, NULL);
    IVssComponentEx2 *pre = make_component(EVENT_PRE_RESTORE, true, 0, NULL);
    IVssComponentEx2 *post = make_component(EVENT_POST_RESTORE, true, 0, NULL);
    FILETIME time = {0};
    for (size_t i = 0; i < ARRAYSIZE(bad); i++)
    {
        assert_hr(IVssComponentEx2_SetBackupMetadata(backup, bad[i]), E_INVALIDARG);
        assert_hr(IVssComponentEx2_SetBackupStamp(backup, bad[i]), E_INVALIDARG);
        assert_hr(IVssComponentEx2_SetPrepareForBackupFailureMsg(backup, bad[i]), E_INVALIDARG);
        assert_hr(IVssComponentEx2_SetPostSnapshotFailureMsg(after, bad[i]), E_INVALIDARG);
        assert_hr(IVssComponentEx2_SetRestoreMetadata(pre, bad[i]), E_INVALIDARG);
        assert_hr(IVssComponentEx2_SetPreRestoreFailureMsg(pre, bad[i]), E_INVALIDARG);
        assert_hr(IVssComponentEx2_SetPostRestoreFailureMsg(post, bad[i]), E_INVALIDARG);
        assert_hr(
            IVssComponentEx2_AddPartialFile(backup, bad[i], L"f", L"0:1", NULL), E_INVALIDARG);
        assert_hr(
            IVssComponentEx2_AddPartialFile(backup, L"p", bad[i], L"0:1", NULL), E_INVALIDARG);
        assert_hr(IVssComponentEx2_AddPartialFile(backup, L"p", L"f", bad[i], NULL), E_INVALIDARG);
        assert_hr(
            IVssComponentEx2_AddDifferencedFilesByLastModifyTime(backup, bad[i], L"*", FALSE, time),
            E_INVALIDARG);
        assert_hr(
            IVssComponentEx2_AddDifferencedFilesByLastModifyTime(backup, L"p", bad[i], FALSE, time),
            E_INVALIDARG);
        for (size_t which = 0; which < 6; which++)
        {
            const WCHAR *texts[] = {L"a", L"b", L"0:1", L"c", L"d", L"0:1"};
            texts[which] = bad[i];
            assert_hr(IVssComponentEx2_AddDirectedTarget(
                          pre, texts[0], texts[1], texts[2], texts[3], texts[4], texts[5]),
                E_INVALIDARG);
        }
    }
    assert_hr(IVssComponentEx2_AddPartialFile(backup, L"p", L"f", L"0:1", BAD_TEXT), E_INVALIDARG);
    assert_hr(IVssComponentEx2_SetFailure(backup, S_OK, S_OK, BAD_TEXT, 0), E_INVALIDARG);
    IVssComponentEx2_Release(backup);
    IVssComponentEx2_Release(after);
    IVssComponentEx2_Release(pre);
    IVssComponentEx2_Release(post);
}

static void partial_files_have_no_wildcards(void **state)
{
    (void)state;
    IVssComponentEx2 *face = make_component(EVENT_PREPARE_BACKUP, false, 0, NULL);
    assert_hr(IVssComponentEx2_AddPartialFile(face, L"p", L"*.db", L"0:1", NULL), E_INVALIDARG);
    assert_hr(IVssComponentEx2_AddPartialFile(face, L"p", L"a.d?", L"0:1", NULL), E_INVALIDARG);
    IVssComponentEx2_Release(face);
}

static void partial_files_need_ranges_that_can_be_read(void **state)
{
    (void)state;
    struct component *model = NULL;
    IVssComponentEx2 *face = make_component(EVENT_POST_SNAPSHOT, false, 0, &model);
    assert_hr(IVssComponentEx2_AddPartialFile(face, L"p", L"f", L"5:x", NULL), E_INVALIDARG);
    assert_hr(IVssComponentEx2_AddPartialFile(face, L"p", L"f", L"0:1,", NULL), E_INVALIDARG);
    assert_int_equal(model->partial_files.count, 0);
    assert_hr(IVssComponentEx2_AddPartialFile(face, L"p", L"f", L"C:\\r.bin", NULL), S_OK);
    assert_hr(IVssComponentEx2_AddPartialFile(face, L"p", L"f", L"0:1, 0x10:2", NULL), S_OK);
    IVssComponentEx2_Release(face);
}

/* A set of files has its folder in the path alone; of a single file's name no page says so. */
static void folders_are_refused_in_specifications_and_not_in_names(void **state)
{
    (void)state;
    FILETIME time = {0};
    IVssComponentEx2 *backup = make_component(EVENT_PREPARE_BACKUP, false, 0, NULL);
    assert_hr(IVssComponentEx2_AddDifferencedFilesByLastModifyTime(
                  backup, L"c:\\a", L"b\\*", FALSE, time),
        E_INVALIDARG);
    assert_hr(IVssComponentEx2_AddDifferencedFilesByLastModifyTime(
                  backup, L"c:\\a", L"b/c", FALSE, time),
        E_INVALIDARG);
    assert_hr(IVssComponentEx2_AddPartialFile(backup, L"c:\\a", L"b\\c", L"0:1", NULL), S_OK);
    IVssComponentEx2_Release(backup);
    IVssComponentEx2 *restore = make_component(EVENT_PRE_RESTORE, true, 0, NULL);
    assert_hr(IVssComponentEx2_AddDirectedTarget(
                  restore, L"c:\\a", L"b\\c", L"0:1", L"c:\\a", L"d\\e", L"0:1"),
        S_OK);
    IVssComponentEx2_Release(restore);
}

static void directed_targets_need_ranges_that_agree(void **state)
{
    (void)state;
    IVssComponentEx2 *face = make_component(EVENT_PRE_RESTORE, true, 0, NULL);
    assert_hr(IVssComponentEx2_AddDirectedTarget(face, L"a", L"b", L"0:1", L"c", L"d", L"0:2"),
        E_INVALIDARG);
    assert_hr(IVssComponentEx2_AddDirectedTarget(face, L"a", L"b", L"0:1,5:1", L"c", L"d", L"0:1"),
        E_INVALIDARG);
    IVssComponentEx2_Release(face);
}

static void restore_targets_are_the_four_that_exist(void **state)
{
    (void)state;
    IVssComponentEx2 *face = make_component(EVENT_PRE_RESTORE, true, 0, NULL);
    for (int target = 1; target <= 4; target++)
        assert_hr(IVssComponentEx2_SetRestoreTarget(face, (VSS_RESTORE_TARGET)target), S_OK);
    assert_hr(IVssComponentEx2_SetRestoreTarget(face, (VSS_RESTORE_TARGET)0), E_INVALIDARG);
    assert_hr(IVssComponentEx2_SetRestoreTarget(face, (VSS_RESTORE_TARGET)5), E_INVALIDARG);
    assert_hr(IVssComponentEx2_SetRestoreTarget(face, (VSS_RESTORE_TARGET)-1), E_INVALIDARG);
    IVssComponentEx2_Release(face);
}

static void failures_are_those_that_a_writer_may_set(void **state)
{
    (void)state;
    static const HRESULT good[] = {
        S_OK, 0x800423F0, 0x800423F1, 0x800423F2, 0x800423F3, 0x800423F4};
    static const HRESULT bad[] = {S_FALSE, E_FAIL, VSS_E_WRITERERROR_PARTIAL_FAILURE,
        VSS_E_WRITERERROR_RECOVERY_FAILED, VSS_E_WRITER_NOT_RESPONDING};
    IVssComponentEx2 *face = make_component(EVENT_PREPARE_BACKUP, false, 0, NULL);
    for (size_t i = 0; i < ARRAYSIZE(good); i++)
        assert_hr(IVssComponentEx2_SetFailure(face, good[i], S_OK, NULL, 0), S_OK);
    for (size_t i = 0; i < ARRAYSIZE(bad); i++)
        assert_hr(IVssComponentEx2_SetFailure(face, bad[i], S_OK, NULL, 0), E_INVALIDARG);
    assert_hr(IVssComponentEx2_SetFailure(face, S_OK, S_OK, NULL, 1), E_INVALIDARG);
    IVssComponentEx2_Release(face);
}

static void sequence_numbers_are_not_supported(void **state)
{
    (void)state;
    IVssComponentEx2 *face = make_component(EVENT_PREPARE_BACKUP, false, 0, NULL);
    assert_hr(IVssComponentEx2_AddDifferencedFilesByLastModifyLSN(face, L"p", L"*", FALSE, NULL),
        E_NOTIMPL);
    IVssComponentEx2_Release(face);
}

/* ---- Memory ---- */

static HRESULT attempt_setter(void *context)
{
    const struct setter_row *setter = context;
    /* The face is made while memory is plenty. */
    bool (*hook)(size_t) = base_hooks.allow_alloc;
    base_hooks.allow_alloc = NULL;
    enum vss_event event = EVENT_PREPARE_BACKUP;
    for (size_t e = 0; e < ARRAYSIZE(events); e++)
        if (is_legal(setter, events[e].letter))
            event = events[e].event;
    IVssComponentEx2 *face = make_component(event, event >= EVENT_PRE_RESTORE, 0, NULL);
    base_hooks.allow_alloc = hook;
    HRESULT hr = setter->call(face);
    base_hooks.allow_alloc = NULL;
    /* What failed can be tried again. */
    if (FAILED(hr))
        assert_hr(setter->call(face), S_OK);
    IVssComponentEx2_Release(face);
    return hr;
}

static void a_setter_that_runs_out_of_memory_changes_nothing(void **state)
{
    (void)state;
    for (size_t s = 0; s < ARRAYSIZE(setters); s++)
        if (setters[s].call != set_restore_target)
            fail_each_allocation(attempt_setter, (void *)&setters[s], S_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VIEW_TEST(each_setter_is_legal_in_its_events_only),
        VIEW_TEST(a_requestor_writes_nothing_in_a_restore_either),
        VIEW_TEST(nothing_is_legal_once_the_handler_has_returned),
        VIEW_TEST(texts_that_were_set_come_back),
        VIEW_TEST(metadata_can_be_written_once),
        VIEW_TEST(what_was_added_can_be_counted),
        VIEW_TEST(a_failure_comes_back_and_can_be_replaced),
        VIEW_TEST(bad_texts_are_invalid),
        VIEW_TEST(partial_files_have_no_wildcards),
        VIEW_TEST(partial_files_need_ranges_that_can_be_read),
        VIEW_TEST(folders_are_refused_in_specifications_and_not_in_names),
        VIEW_TEST(directed_targets_need_ranges_that_agree),
        VIEW_TEST(restore_targets_are_the_four_that_exist),
        VIEW_TEST(failures_are_those_that_a_writer_may_set),
        VIEW_TEST(sequence_numbers_are_not_supported),
        VIEW_TEST(a_setter_that_runs_out_of_memory_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
