/* SPDX-License-Identifier: MIT
 *
 * IVssComponent, Ex and Ex2: the getters. Expectations: requestor 7.5 and writer-provider 4.3.
 */
#include "unit/view/view_fixture.h"

typedef HRESULT(WINAPI *text_getter)(IVssComponentEx2 *, BSTR *);
typedef HRESULT(WINAPI *count_getter)(IVssComponentEx2 *, UINT *);
typedef HRESULT(WINAPI *file_getter)(IVssComponentEx2 *, UINT, IVssWMFiledesc **);

/* ---- Identity ---- */

static void identity_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++)
    {
        IVssComponentEx2 *face = make_component(EVENT_NONE, false, i, NULL);
        BSTR text = POISON;
        VSS_COMPONENT_TYPE type = VSS_CT_UNDEFINED;
        assert_hr(IVssComponentEx2_GetLogicalPath(face, &text), i == 0 ? S_OK : S_FALSE);
        assert_bstr(text, i == 0 ? L"top\\sub" : NULL);
        assert_hr(IVssComponentEx2_GetComponentName(face, &text), S_OK);
        assert_bstr(text, i == 0 ? L"db" : L"group");
        assert_hr(IVssComponentEx2_GetComponentType(face, &type), S_OK);
        assert_int_equal(type, i == 0 ? VSS_CT_DATABASE : VSS_CT_FILEGROUP);
        assert_int_equal(IVssComponentEx2_Release(face), 0);
    }
}

static void all_four_iids_are_answered(void **state)
{
    (void)state;
    static const IID *const iids[] = {
        &IID_IVssComponent, &IID_IVssComponentEx, &IID_IVssComponentEx2};
    IVssComponentEx2 *face = make_component(EVENT_NONE, false, 0, NULL);
    check_unknown(face, iids, ARRAYSIZE(iids));
    IVssComponentEx2_Release(face);
}

/* ---- Texts ---- */

static void each_text_is_S_FALSE_until_it_is_there(void **state)
{
    (void)state;
    struct component *model = NULL;
    IVssComponentEx2 *face = make_component(EVENT_NONE, true, 0, &model);
    const IVssComponentEx2Vtbl *table = face->lpVtbl;
    const struct
    {
        text_getter getter;
        WCHAR **field;
    } rows[] = {
        {table->GetBackupMetadata, &model->backup_metadata},
        {table->GetRestoreMetadata, &model->restore_metadata},
        {table->GetPreRestoreFailureMsg, &model->pre_restore_failure},
        {table->GetPostRestoreFailureMsg, &model->post_restore_failure},
        {table->GetBackupStamp, &model->backup_stamp},
        {table->GetPreviousBackupStamp, &model->previous_backup_stamp},
        {table->GetBackupOptions, &model->backup_options},
        {table->GetRestoreOptions, &model->restore_options},
        {table->GetPrepareForBackupFailureMsg, &model->prepare_for_backup_failure},
        {table->GetPostSnapshotFailureMsg, &model->post_snapshot_failure},
        {table->GetRestoreName, &model->restore_name},
    };
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        BSTR text = POISON;
        assert_hr(rows[i].getter(face, &text), S_FALSE);
        assert_bstr(text, NULL);
        assert_hr(rows[i].getter(face, NULL), E_INVALIDARG);
        assert_hr(str16_assign(rows[i].field, L"what it says"), S_OK);
        assert_hr(rows[i].getter(face, &text), S_OK);
        assert_bstr(text, L"what it says");
        assert_hr(str16_assign(rows[i].field, NULL), S_OK);
    }
    /* These two are part of the identity. */
    assert_hr(IVssComponentEx2_GetLogicalPath(face, NULL), E_INVALIDARG);
    assert_hr(IVssComponentEx2_GetComponentName(face, NULL), E_INVALIDARG);
    IVssComponentEx2_Release(face);
}

/* ---- Yes, no, and never said ---- */

static void answers_are_S_FALSE_until_they_are_given(void **state)
{
    (void)state;
    struct component *model = NULL;
    IVssComponentEx2 *face = make_component(EVENT_NONE, true, 0, &model);
    const struct
    {
        HRESULT(WINAPI *getter)(IVssComponentEx2 *, boolean *);
        enum answer *field;
    } rows[] = {
        {face->lpVtbl->GetBackupSucceeded, &model->backup_succeeded},
        {face->lpVtbl->GetAdditionalRestores, &model->additional_restores},
    };
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        BYTE around[3] = {0xEE, 0xEE, 0xEE};
        assert_hr(rows[i].getter(face, NULL), E_INVALIDARG);
        assert_hr(rows[i].getter(face, &around[1]), S_FALSE);
        assert_int_equal(around[1], 0);
        *rows[i].field = ANSWER_YES;
        assert_hr(rows[i].getter(face, &around[1]), S_OK);
        assert_int_equal(around[1], 1);
        *rows[i].field = ANSWER_NO;
        assert_hr(rows[i].getter(face, &around[1]), S_OK);
        assert_int_equal(around[1], 0);
        assert_int_equal(around[0], 0xEE);
        assert_int_equal(around[2], 0xEE);
    }
    IVssComponentEx2_Release(face);
}

/* ---- What depends on backup or restore ---- */

static void restore_getters_are_out_of_state_in_a_backup(void **state)
{
    (void)state;
    static const enum vss_event events[] = {EVENT_NONE, EVENT_PREPARE_BACKUP, EVENT_POST_SNAPSHOT};
    for (size_t i = 0; i < ARRAYSIZE(events); i++)
    {
        IVssComponentEx2 *face = make_component(events[i], false, 0, NULL);
        boolean yes = 9;
        VSS_FILE_RESTORE_STATUS status = VSS_RS_ALL;
        VSS_ROLLFORWARD_TYPE type = VSS_RF_ALL;
        BSTR text = POISON;
        assert_hr(IVssComponentEx2_IsSelectedForRestore(face, &yes), VSS_E_BAD_STATE);
        assert_int_equal(yes, 0);
        assert_hr(IVssComponentEx2_GetFileRestoreStatus(face, &status), VSS_E_BAD_STATE);
        assert_int_equal(status, VSS_RS_UNDEFINED);
        yes = 9;
        assert_hr(IVssComponentEx2_GetAuthoritativeRestore(face, &yes), VSS_E_BAD_STATE);
        assert_int_equal(yes, 0);
        assert_hr(IVssComponentEx2_GetRollForward(face, &type, &text), VSS_E_BAD_STATE);
        assert_int_equal(type, VSS_RF_UNDEFINED);
        assert_null(text);
        text = POISON;
        assert_hr(IVssComponentEx2_GetRestoreName(face, &text), VSS_E_BAD_STATE);
        assert_null(text);
        IVssComponentEx2_Release(face);
    }
}

static void restore_getters_answer_in_a_restore(void **state)
{
    (void)state;
    static const enum vss_event events[] = {EVENT_NONE, EVENT_PRE_RESTORE, EVENT_POST_RESTORE};
    for (size_t i = 0; i < ARRAYSIZE(events); i++)
    {
        struct component *model = NULL;
        IVssComponentEx2 *face = make_component(events[i], true, 0, &model);
        BYTE around[3] = {0xEE, 9, 0xEE};
        VSS_FILE_RESTORE_STATUS status = VSS_RS_ALL;
        VSS_ROLLFORWARD_TYPE type = VSS_RF_ALL;
        BSTR text = POISON;
        assert_hr(IVssComponentEx2_IsSelectedForRestore(face, &around[1]), S_OK);
        assert_int_equal(around[1], 0);
        assert_hr(IVssComponentEx2_GetFileRestoreStatus(face, &status), S_OK);
        assert_int_equal(status, VSS_RS_NONE);
        assert_hr(IVssComponentEx2_GetAuthoritativeRestore(face, &around[1]), S_OK);
        assert_int_equal(around[1], 0);
        assert_hr(IVssComponentEx2_GetRollForward(face, &type, &text), S_OK);
        assert_int_equal(type, VSS_RF_UNDEFINED);
        assert_null(text);

        model->selected_for_restore = true;
        model->file_restore_status = VSS_RS_FAILED;
        model->authoritative_restore = true;
        model->roll_forward = VSS_RF_PARTIAL;
        assert_hr(str16_assign(&model->roll_forward_point, L"yesterday"), S_OK);
        assert_hr(IVssComponentEx2_IsSelectedForRestore(face, &around[1]), S_OK);
        assert_int_equal(around[1], 1);
        around[1] = 9;
        assert_hr(IVssComponentEx2_GetAuthoritativeRestore(face, &around[1]), S_OK);
        assert_int_equal(around[1], 1);
        assert_hr(IVssComponentEx2_GetFileRestoreStatus(face, &status), S_OK);
        assert_int_equal(status, VSS_RS_FAILED);
        assert_hr(IVssComponentEx2_GetRollForward(face, &type, &text), S_OK);
        assert_int_equal(type, VSS_RF_PARTIAL);
        assert_bstr(text, L"yesterday");
        /* The point belongs to a partial roll-forward only. */
        model->roll_forward = VSS_RF_ALL;
        assert_hr(IVssComponentEx2_GetRollForward(face, &type, &text), S_OK);
        assert_int_equal(type, VSS_RF_ALL);
        assert_null(text);
        assert_int_equal(around[0], 0xEE);
        assert_int_equal(around[2], 0xEE);
        IVssComponentEx2_Release(face);
    }
}

static void restore_target_is_original_until_it_is_set(void **state)
{
    (void)state;
    struct component *model = NULL;
    IVssComponentEx2 *face = make_component(EVENT_NONE, true, 0, &model);
    VSS_RESTORE_TARGET target = VSS_RT_UNDEFINED;
    assert_hr(IVssComponentEx2_GetRestoreTarget(face, NULL), E_INVALIDARG);
    assert_hr(IVssComponentEx2_GetRestoreTarget(face, &target), S_OK);
    assert_int_equal(target, VSS_RT_ORIGINAL);
    model->restore_target = VSS_RT_DIRECTED;
    assert_hr(IVssComponentEx2_GetRestoreTarget(face, &target), S_OK);
    assert_int_equal(target, VSS_RT_DIRECTED);
    IVssComponentEx2_Release(face);
}

static void failure_is_for_backups_and_S_OK_until_it_is_set(void **state)
{
    (void)state;
    struct component *model = NULL;
    IVssComponentEx2 *face = make_component(EVENT_NONE, false, 0, &model);
    HRESULT writer = E_FAIL;
    HRESULT application = E_FAIL;
    BSTR message = POISON;
    DWORD reserved = 9;
    assert_hr(IVssComponentEx2_GetFailure(face, &writer, &application, &message, &reserved), S_OK);
    assert_hr(writer, S_OK);
    assert_hr(application, S_OK);
    assert_null(message);
    assert_int_equal(reserved, 0);
    model->failure.set = true;
    model->failure.writer = VSS_E_WRITERERROR_RETRYABLE;
    model->failure.application = E_ACCESSDENIED;
    assert_hr(str16_assign(&model->failure.message, L"locked"), S_OK);
    assert_hr(IVssComponentEx2_GetFailure(face, &writer, &application, &message, &reserved), S_OK);
    assert_hr(writer, VSS_E_WRITERERROR_RETRYABLE);
    assert_hr(application, E_ACCESSDENIED);
    assert_bstr(message, L"locked");
    IVssComponentEx2_Release(face);

    face = make_component(EVENT_NONE, true, 0, NULL);
    message = POISON;
    assert_hr(IVssComponentEx2_GetFailure(face, &writer, &application, &message, &reserved),
        VSS_E_BAD_STATE);
    assert_null(message);
    IVssComponentEx2_Release(face);
}

static void missing_out_parameters_are_invalid_and_null_the_others(void **state)
{
    (void)state;
    IVssComponentEx2 *face = make_component(EVENT_NONE, true, 0, NULL);
    for (unsigned missing = 0; missing < 4; missing++)
    {
        HRESULT writer = E_FAIL;
        HRESULT application = E_FAIL;
        BSTR message = POISON;
        DWORD reserved = 9;
        assert_hr(IVssComponentEx2_GetFailure(face, missing == 0 ? NULL : &writer,
                      missing == 1 ? NULL : &application, missing == 2 ? NULL : &message,
                      missing == 3 ? NULL : &reserved),
            E_INVALIDARG);
        assert_true(missing == 0 || writer == S_OK);
        assert_true(missing == 1 || application == S_OK);
        assert_true(missing == 2 || !message);
        assert_true(missing == 3 || !reserved);
    }
    VSS_ROLLFORWARD_TYPE type = VSS_RF_ALL;
    BSTR point = POISON;
    assert_hr(IVssComponentEx2_GetRollForward(face, NULL, &point), E_INVALIDARG);
    assert_null(point);
    assert_hr(IVssComponentEx2_GetRollForward(face, &type, NULL), E_INVALIDARG);
    assert_int_equal(type, VSS_RF_UNDEFINED);
    assert_hr(IVssComponentEx2_GetComponentType(face, NULL), E_INVALIDARG);
    assert_hr(IVssComponentEx2_IsSelectedForRestore(face, NULL), E_INVALIDARG);
    assert_hr(IVssComponentEx2_GetFileRestoreStatus(face, NULL), E_INVALIDARG);
    assert_hr(IVssComponentEx2_GetAuthoritativeRestore(face, NULL), E_INVALIDARG);
    IVssComponentEx2_Release(face);
}

/* ---- Lists ---- */

static void lists_of_file_sets_give_their_items_and_end(void **state)
{
    (void)state;
    for (int restore = 0; restore < 2; restore++)
    {
        struct component *model = NULL;
        IVssComponentEx2 *face = make_component(EVENT_NONE, restore, 0, &model);
        const struct
        {
            count_getter count;
            file_getter get;
            struct vec *list;
        } rows[] = {
            {face->lpVtbl->GetAlternateLocationMappingCount,
                face->lpVtbl->GetAlternateLocationMapping, &model->alternate_mappings},
            {face->lpVtbl->GetNewTargetCount, face->lpVtbl->GetNewTarget, &model->new_targets},
        };
        for (size_t i = 0; i < ARRAYSIZE(rows); i++)
        {
            UINT count = 9;
            IVssWMFiledesc *filedesc = POISON;
            BSTR text = NULL;
            assert_hr(rows[i].count(face, NULL), E_INVALIDARG);
            assert_hr(rows[i].count(face, &count), S_OK);
            assert_int_equal(count, 0);
            assert_hr(rows[i].get(face, 0, &filedesc), VSS_E_OBJECT_NOT_FOUND);
            assert_null(filedesc);
            assert_hr(component_add_file_spec(
                          model, rows[i].list, make_spec(L"c:\\from", L"*", false, L"d:\\to")),
                S_OK);
            assert_hr(rows[i].count(face, &count), S_OK);
            assert_int_equal(count, 1);
            assert_hr(rows[i].get(face, 0, NULL), E_INVALIDARG);
            assert_hr(rows[i].get(face, 0, &filedesc), S_OK);
            assert_hr(IVssWMFiledesc_GetAlternateLocation(filedesc, &text), S_OK);
            assert_bstr(text, L"d:\\to");
            IVssWMFiledesc_Release(filedesc);
            filedesc = POISON;
            assert_hr(rows[i].get(face, 1, &filedesc), VSS_E_OBJECT_NOT_FOUND);
            assert_null(filedesc);
        }
        IVssComponentEx2_Release(face);
    }
}

static void partial_files_come_back(void **state)
{
    (void)state;
    struct component *model = NULL;
    IVssComponentEx2 *face = make_component(EVENT_NONE, false, 0, &model);
    assert_hr(component_add_partial_file(model, L"c:\\a", L"b.db", L"0:10", L"meta"), S_OK);
    assert_hr(component_add_partial_file(model, L"c:\\a", L"c.db", L"0:20", NULL), S_OK);
    UINT count = 0;
    assert_hr(IVssComponentEx2_GetPartialFileCount(face, NULL), E_INVALIDARG);
    assert_hr(IVssComponentEx2_GetPartialFileCount(face, &count), S_OK);
    assert_int_equal(count, 2);
    BSTR out[4];
    assert_hr(IVssComponentEx2_GetPartialFile(face, 0, &out[0], &out[1], &out[2], &out[3]), S_OK);
    assert_bstr(out[0], L"c:\\a");
    assert_bstr(out[1], L"b.db");
    assert_bstr(out[2], L"0:10");
    assert_bstr(out[3], L"meta");
    /* No metadata is an empty text here. */
    assert_hr(IVssComponentEx2_GetPartialFile(face, 1, &out[0], &out[1], &out[2], &out[3]), S_OK);
    assert_bstr(out[0], L"c:\\a");
    assert_bstr(out[1], L"c.db");
    assert_bstr(out[2], L"0:20");
    assert_bstr(out[3], L"");
    for (unsigned missing = 0; missing < 5; missing++)
    {
        for (unsigned i = 0; i < 4; i++)
            out[i] = POISON;
        assert_hr(IVssComponentEx2_GetPartialFile(face, 2, missing == 0 ? NULL : &out[0],
                      missing == 1 ? NULL : &out[1], missing == 2 ? NULL : &out[2],
                      missing == 3 ? NULL : &out[3]),
            missing < 4 ? E_INVALIDARG : VSS_E_OBJECT_NOT_FOUND);
        for (unsigned i = 0; i < 4; i++)
            assert_true(i == missing || !out[i]);
    }
    IVssComponentEx2_Release(face);
}

static void directed_targets_come_back(void **state)
{
    (void)state;
    struct component *model = NULL;
    IVssComponentEx2 *face = make_component(EVENT_NONE, true, 0, &model);
    assert_hr(component_add_directed_target(
                  model, L"c:\\a", L"a.db", L"0:10", L"d:\\b", L"b.db", L"5:10"),
        S_OK);
    static const WCHAR *const expected[] = {L"c:\\a", L"a.db", L"0:10", L"d:\\b", L"b.db", L"5:10"};
    UINT count = 0;
    BSTR out[6];
    assert_hr(IVssComponentEx2_GetDirectedTargetCount(face, NULL), E_INVALIDARG);
    assert_hr(IVssComponentEx2_GetDirectedTargetCount(face, &count), S_OK);
    assert_int_equal(count, 1);
    assert_hr(IVssComponentEx2_GetDirectedTarget(
                  face, 0, &out[0], &out[1], &out[2], &out[3], &out[4], &out[5]),
        S_OK);
    for (unsigned i = 0; i < 6; i++)
        assert_bstr(out[i], expected[i]);
    for (unsigned missing = 0; missing < 7; missing++)
    {
        for (unsigned i = 0; i < 6; i++)
            out[i] = POISON;
        assert_hr(IVssComponentEx2_GetDirectedTarget(face, 1, missing == 0 ? NULL : &out[0],
                      missing == 1 ? NULL : &out[1], missing == 2 ? NULL : &out[2],
                      missing == 3 ? NULL : &out[3], missing == 4 ? NULL : &out[4],
                      missing == 5 ? NULL : &out[5]),
            missing < 6 ? E_INVALIDARG : VSS_E_OBJECT_NOT_FOUND);
        for (unsigned i = 0; i < 6; i++)
            assert_true(i == missing || !out[i]);
    }
    IVssComponentEx2_Release(face);
}

static void restore_subcomponents_come_back(void **state)
{
    (void)state;
    struct component *model = NULL;
    IVssComponentEx2 *face = make_component(EVENT_NONE, true, 0, &model);
    assert_hr(component_add_restore_subcomponent(model, L"top\\sub\\db", L"part", false), S_OK);
    assert_hr(component_add_restore_subcomponent(model, NULL, L"other", true), S_OK);
    UINT count = 0;
    BSTR path = POISON;
    BSTR name = POISON;
    BYTE repair[3] = {0xEE, 9, 0xEE};
    assert_hr(IVssComponentEx2_GetRestoreSubcomponentCount(face, NULL), E_INVALIDARG);
    assert_hr(IVssComponentEx2_GetRestoreSubcomponentCount(face, &count), S_OK);
    assert_int_equal(count, 2);
    assert_hr(IVssComponentEx2_GetRestoreSubcomponent(face, 0, &path, &name, &repair[1]), S_OK);
    assert_bstr(path, L"top\\sub\\db");
    assert_bstr(name, L"part");
    assert_int_equal(repair[1], 0);
    path = POISON;
    assert_hr(IVssComponentEx2_GetRestoreSubcomponent(face, 1, &path, &name, &repair[1]), S_OK);
    assert_bstr(path, NULL);
    assert_bstr(name, L"other");
    assert_int_equal(repair[1], 1);
    assert_int_equal(repair[0], 0xEE);
    assert_int_equal(repair[2], 0xEE);
    path = POISON;
    name = POISON;
    assert_hr(IVssComponentEx2_GetRestoreSubcomponent(face, 2, &path, &name, &repair[1]),
        VSS_E_OBJECT_NOT_FOUND);
    assert_true(!path && !name && !repair[1]);
    assert_hr(
        IVssComponentEx2_GetRestoreSubcomponent(face, 0, NULL, &name, &repair[1]), E_INVALIDARG);
    assert_hr(
        IVssComponentEx2_GetRestoreSubcomponent(face, 0, &path, NULL, &repair[1]), E_INVALIDARG);
    assert_hr(IVssComponentEx2_GetRestoreSubcomponent(face, 0, &path, &name, NULL), E_INVALIDARG);
    assert_true(!path && !name);
    IVssComponentEx2_Release(face);
}

static void differenced_files_come_back(void **state)
{
    (void)state;
    struct component *model = NULL;
    IVssComponentEx2 *face = make_component(EVENT_NONE, false, 0, &model);
    const FILETIME when = {0x89ABCDEF, 0x01234567};
    assert_hr(component_add_differenced_file(model, L"c:\\a", L"*.log", true, when), S_OK);
    UINT count = 0;
    BSTR path;
    BSTR filespec;
    BSTR lsn = POISON;
    WINBOOL recursive = 9;
    FILETIME time;
    assert_hr(IVssComponentEx2_GetDifferencedFilesCount(face, NULL), E_INVALIDARG);
    assert_hr(IVssComponentEx2_GetDifferencedFilesCount(face, &count), S_OK);
    assert_int_equal(count, 1);
    assert_hr(
        IVssComponentEx2_GetDifferencedFile(face, 0, &path, &filespec, &recursive, &lsn, &time),
        S_OK);
    assert_bstr(path, L"c:\\a");
    assert_bstr(filespec, L"*.log");
    assert_int_equal(recursive, TRUE);
    assert_null(lsn);
    assert_memory_equal(&time, &when, sizeof(time));
    for (unsigned missing = 0; missing < 6; missing++)
    {
        path = filespec = lsn = POISON;
        recursive = 9;
        time = when;
        assert_hr(IVssComponentEx2_GetDifferencedFile(face, 1, missing == 0 ? NULL : &path,
                      missing == 1 ? NULL : &filespec, missing == 2 ? NULL : &recursive,
                      missing == 3 ? NULL : &lsn, missing == 4 ? NULL : &time),
            missing < 5 ? E_INVALIDARG : VSS_E_OBJECT_NOT_FOUND);
        assert_true(missing == 0 || !path);
        assert_true(missing == 1 || !filespec);
        assert_true(missing == 2 || !recursive);
        assert_true(missing == 3 || !lsn);
        assert_true(missing == 4 || (!time.dwLowDateTime && !time.dwHighDateTime));
    }
    IVssComponentEx2_Release(face);
}

/* ---- Memory ---- */

struct attempt
{
    struct writer_components *writer;
    struct view_scope *scope;
};

static HRESULT attempt_all(void *context)
{
    struct attempt *attempt = context;
    IVssComponent *created = POISON;
    HRESULT hr = view_component_create(
        attempt->writer, vec_at(&attempt->writer->components, 0), attempt->scope, &created);
    if (FAILED(hr))
    {
        assert_null(created);
        return hr;
    }
    IVssComponentEx2 *face = (IVssComponentEx2 *)created;
    BSTR texts[13] = {NULL};
    boolean repair;
    IVssWMFiledesc *filedesc = NULL;
    hr = IVssComponentEx2_GetComponentName(face, &texts[0]);
    if (SUCCEEDED(hr))
        hr = IVssComponentEx2_GetPartialFile(face, 0, &texts[1], &texts[2], &texts[3], &texts[4]);
    if (SUCCEEDED(hr))
        hr = IVssComponentEx2_GetDirectedTarget(
            face, 0, &texts[5], &texts[6], &texts[7], &texts[8], &texts[9], &texts[10]);
    if (FAILED(hr))
        assert_true(!texts[5] && !texts[6] && !texts[7] && !texts[8] && !texts[9] && !texts[10]);
    if (SUCCEEDED(hr))
        hr = IVssComponentEx2_GetRestoreSubcomponent(face, 0, &texts[11], &texts[12], &repair);
    if (SUCCEEDED(hr))
        hr = IVssComponentEx2_GetNewTarget(face, 0, &filedesc);
    for (size_t i = 0; i < ARRAYSIZE(texts); i++)
        SysFreeString(texts[i]);
    if (filedesc)
        IVssWMFiledesc_Release(filedesc);
    IVssComponentEx2_Release(face);
    return hr;
}

static void memory_that_runs_out_anywhere_leaks_nothing(void **state)
{
    (void)state;
    struct attempt attempt = {make_writer(), make_scope(EVENT_NONE, true)};
    struct component *model = vec_at(&attempt.writer->components, 0);
    assert_hr(component_add_partial_file(model, L"c:\\a", L"b.db", L"0:10", L"meta"), S_OK);
    assert_hr(component_add_directed_target(model, L"a", L"b", L"0:1", L"c", L"d", L"0:1"), S_OK);
    assert_hr(component_add_restore_subcomponent(model, L"p", L"q", false), S_OK);
    assert_hr(
        component_add_file_spec(model, &model->new_targets, make_spec(L"a", L"b", false, L"c")),
        S_OK);
    fail_each_allocation(attempt_all, &attempt, S_OK);
    view_scope_release(attempt.scope);
    writer_components_release(attempt.writer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        VIEW_TEST(identity_comes_back),
        VIEW_TEST(all_four_iids_are_answered),
        VIEW_TEST(each_text_is_S_FALSE_until_it_is_there),
        VIEW_TEST(answers_are_S_FALSE_until_they_are_given),
        VIEW_TEST(restore_getters_are_out_of_state_in_a_backup),
        VIEW_TEST(restore_getters_answer_in_a_restore),
        VIEW_TEST(restore_target_is_original_until_it_is_set),
        VIEW_TEST(failure_is_for_backups_and_S_OK_until_it_is_set),
        VIEW_TEST(missing_out_parameters_are_invalid_and_null_the_others),
        VIEW_TEST(lists_of_file_sets_give_their_items_and_end),
        VIEW_TEST(partial_files_come_back),
        VIEW_TEST(directed_targets_come_back),
        VIEW_TEST(restore_subcomponents_come_back),
        VIEW_TEST(differenced_files_come_back),
        VIEW_TEST(memory_that_runs_out_anywhere_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
