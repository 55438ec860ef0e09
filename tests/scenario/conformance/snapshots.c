/* SPDX-License-Identifier: MIT
 *
 * Statements 62 to 73: shadow copies that exist (requestor 2.6, 5).
 */
#include "conformance.h"

#include <wchar.h>

#include "support/test_volume.h"

/* No longer wait than this for what another process's end has to bring. */
#define PATIENCE_MS 30000

static VSS_SNAPSHOT_PROP properties(struct fixture *fixture)
{
    VSS_SNAPSHOT_PROP prop = {0};
    assert_hr(call(fixture->bc, GetSnapshotProperties, fixture->snapshot_id, &prop), S_OK);
    return prop;
}

static void what_is_unexposed_has_no_names(struct fixture *fixture)
{
    to_done(fixture);
    VSS_SNAPSHOT_PROP prop = properties(fixture);
    assert_null(prop.m_pwszExposedName);
    assert_null(prop.m_pwszExposedPath);
    VssFreeSnapshotPropertiesInternal(&prop);
}

static HRESULT remove_copies(
    struct fixture *fixture, VSS_ID id, VSS_OBJECT_TYPE type, LONG expected)
{
    LONG deleted = 77;
    VSS_ID not_deleted = foreign_id;
    HRESULT hr = call(fixture->bc, DeleteSnapshots, id, type, TRUE, &deleted, &not_deleted);
    assert_int_equal(deleted, expected);
    if (SUCCEEDED(hr))
        assert_memory_equal(&not_deleted, &GUID_NULL, sizeof(GUID_NULL));
    return hr;
}

static void the_count_is_that_of_the_creation(struct fixture *fixture)
{
    struct test_volume volume = {0};
    VSS_ID sibling;
    test_volume_make(&volume);
    begin(fixture, false);
    start_set(fixture);
    assert_hr(call(fixture->bc, AddToSnapshotSet, volume.name, GUID_NULL, &sibling), S_OK);
    prepare(fixture);
    do_set(fixture);
    VSS_SNAPSHOT_PROP prop = properties(fixture);
    assert_int_equal(prop.m_lSnapshotsCount, 2);
    VssFreeSnapshotPropertiesInternal(&prop);
    assert_hr(remove_copies(fixture, sibling, VSS_OBJECT_SNAPSHOT, 1), S_OK);
    prop = properties(fixture);
    assert_int_equal(prop.m_lSnapshotsCount, 2);
    VssFreeSnapshotPropertiesInternal(&prop);
    /* The set is now of one, and goes as a whole. */
    assert_hr(remove_copies(fixture, fixture->set_id, VSS_OBJECT_SNAPSHOT_SET, 1), S_OK);
    test_volume_remove(&volume);
}

static void names_end_as_they_must(struct fixture *fixture)
{
    WCHAR name[64];
    assert_true(GetVolumeNameForVolumeMountPointW(c_drive, name, 64));
    to_done(fixture);
    VSS_SNAPSHOT_PROP prop = properties(fixture);
    size_t length = wcslen(prop.m_pwszSnapshotDeviceObject);
    assert_true(length > 0 && prop.m_pwszSnapshotDeviceObject[length - 1] != L'\\');
    assert_int_equal(wcscmp(prop.m_pwszOriginalVolumeName, name), 0);
    assert_memory_equal(&prop.m_SnapshotSetId, &fixture->set_id, sizeof(VSS_ID));
    assert_memory_equal(&prop.m_SnapshotId, &fixture->snapshot_id, sizeof(VSS_ID));
    assert_true(*prop.m_pwszOriginatingMachine && *prop.m_pwszServiceMachine);
    assert_true(prop.m_tsCreationTimestamp > 0);
    VssFreeSnapshotPropertiesInternal(&prop);
}

static void strings_are_freed_once_however_often(struct fixture *fixture)
{
    to_done(fixture);
    VSS_SNAPSHOT_PROP prop = properties(fixture);
    CoTaskMemFree(prop.m_pwszOriginalVolumeName); /* it is such memory */
    prop.m_pwszOriginalVolumeName = NULL;
    VssFreeSnapshotPropertiesInternal(&prop);
    assert_null(prop.m_pwszSnapshotDeviceObject);
    VssFreeSnapshotPropertiesInternal(&prop);
    VssFreeSnapshotPropertiesInternal(NULL);
}

static IVssEnumObject *query(IVssBackupComponentsEx4 *bc, HRESULT expected)
{
    IVssEnumObject *list = NULL;
    assert_hr(call(bc, Query, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list), expected);
    assert_non_null(list);
    return list;
}

static void nothing_found_is_an_empty_list(struct fixture *fixture)
{
    VSS_OBJECT_PROP prop;
    ULONG fetched = 77;
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    IVssEnumObject *list = query(fixture->bc, S_FALSE);
    assert_hr(IVssEnumObject_Next(list, 1, &prop, &fetched), S_FALSE);
    assert_int_equal(fetched, 0);
    IVssEnumObject_Release(list);
}

static bool finds(IVssBackupComponentsEx4 *bc, LONG context, VSS_ID snapshot_id)
{
    IVssEnumObject *list = NULL;
    VSS_OBJECT_PROP prop;
    ULONG fetched = 0;
    bool found = false;
    assert_hr(call(bc, InitializeForBackup, NULL), S_OK);
    assert_hr(call(bc, SetContext, context), S_OK);
    HRESULT hr = call(bc, Query, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list);
    assert_true(hr == S_OK || hr == S_FALSE);
    while (IVssEnumObject_Next(list, 1, &prop, &fetched) == S_OK)
    {
        found |= IsEqualGUID(&prop.Obj.Snap.m_SnapshotId, &snapshot_id) != 0;
        VssFreeSnapshotPropertiesInternal(&prop.Obj.Snap);
    }
    IVssEnumObject_Release(list);
    return found;
}

static void queries_see_their_context(struct fixture *fixture)
{
    static const struct
    {
        LONG context;
        bool found;
    } rows[] = {
        {VSS_CTX_BACKUP, true},
        {VSS_CTX_BACKUP | VSS_VOLSNAP_ATTR_NOT_TRANSACTED, true},
        {VSS_CTX_APP_ROLLBACK, false},
        {VSS_CTX_FILE_SHARE_BACKUP, false},
        {(LONG)VSS_CTX_ALL, true},
    };
    IVssEnumObject *list = NULL;
    to_done(fixture);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
    {
        IVssBackupComponentsEx4 *bc = new_object();
        assert_int_equal(finds(bc, rows[i].context, fixture->snapshot_id), rows[i].found);
        /* Providers are there whatever the context. */
        assert_hr(call(bc, Query, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_PROVIDER, &list), S_OK);
        IVssEnumObject_Release(list);
        call(bc, Release);
    }
    assert_hr(call(fixture->bc, Query, foreign_id, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list),
        E_INVALIDARG);
    assert_hr(call(fixture->bc, Query, GUID_NULL, VSS_OBJECT_SNAPSHOT, VSS_OBJECT_SNAPSHOT, &list),
        E_INVALIDARG);
    assert_hr(
        call(fixture->bc, Query, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_NONE, &list), E_INVALIDARG);
    assert_hr(call(fixture->bc, Query, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT_SET, &list),
        E_INVALIDARG);
}

static void more_than_there_are_gives_those_there_are(struct fixture *fixture)
{
    VSS_OBJECT_PROP props[5];
    ULONG fetched = 77;
    to_done(fixture);
    IVssEnumObject *list = query(fixture->bc, S_OK);
    assert_hr(IVssEnumObject_Next(list, 5, props, &fetched), S_FALSE);
    assert_int_equal(fetched, 1);
    IVssEnumObject_Release(list);
    /* The element is the caller's own. */
    assert_memory_equal(&props[0].Obj.Snap.m_SnapshotId, &fixture->snapshot_id, sizeof(VSS_ID));
    assert_true(wcslen(props[0].Obj.Snap.m_pwszSnapshotDeviceObject) > 0);
    VssFreeSnapshotPropertiesInternal(&props[0].Obj.Snap);
}

static ULONG take(IVssEnumObject *list)
{
    VSS_OBJECT_PROP prop;
    ULONG fetched = 77;
    HRESULT hr = IVssEnumObject_Next(list, 1, &prop, &fetched);
    assert_hr(hr, fetched ? S_OK : S_FALSE);
    if (fetched)
        VssFreeSnapshotPropertiesInternal(&prop.Obj.Snap);
    return fetched;
}

static void lists_are_rewound_and_cloned(struct fixture *fixture)
{
    IVssEnumObject *clone = NULL;
    VSS_OBJECT_PROP prop;
    ULONG fetched;
    to_done(fixture);
    IVssEnumObject *list = query(fixture->bc, S_OK);
    assert_hr(IVssEnumObject_Clone(list, &clone), S_OK);
    assert_int_equal(take(list), 1);
    assert_int_equal(take(list), 0);
    assert_int_equal(take(clone), 1); /* where the other one stood */
    if (judge_ours)
    {
        assert_hr(IVssEnumObject_Reset(list), S_OK);
        assert_int_equal(take(list), 1);
    }
    assert_hr(IVssEnumObject_Skip(list, 5), S_FALSE);
    assert_hr(IVssEnumObject_Clone(list, NULL), E_POINTER);
    assert_hr(IVssEnumObject_Next(list, 1, NULL, &fetched), E_POINTER);
    assert_hr(IVssEnumObject_Next(list, 1, &prop, NULL), E_POINTER);
    IVssEnumObject_Release(list);
    IVssEnumObject_Release(clone);
}

static void one_method_says_e_pointer(struct fixture *fixture)
{
    IVssAsync *async = NULL;
    begin(fixture, true);
    assert_hr(call(fixture->bc, QueryRevertStatus, NULL, &async), E_POINTER);
    assert_hr(call(fixture->bc, QueryRevertStatus, c_drive, NULL), E_POINTER);
    assert_hr(call(fixture->bc, GatherWriterStatus, NULL), E_INVALIDARG);
    assert_hr(call(fixture->bc, StartSnapshotSet, NULL), E_INVALIDARG);
    assert_hr(call(fixture->bc, SaveAsXML, NULL), E_INVALIDARG);
    assert_done(call(fixture->bc, GatherWriterStatus, &async));
    assert_hr(call(fixture->bc, GatherWriterStatus, &async), S_OK);
    assert_hr(IVssAsync_QueryStatus(async, NULL, NULL), E_INVALIDARG);
    await(async);
}

static void deletions_tell_what_went(struct fixture *fixture)
{
    to_done(fixture);
    assert_hr(remove_copies(fixture, fixture->set_id, VSS_OBJECT_PROVIDER, 0), E_INVALIDARG);
    assert_hr(
        remove_copies(fixture, foreign_id, VSS_OBJECT_SNAPSHOT_SET, 0), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(remove_copies(fixture, foreign_id, VSS_OBJECT_SNAPSHOT, 0), VSS_E_OBJECT_NOT_FOUND);
    /* The id of the other kind. */
    assert_hr(
        remove_copies(fixture, fixture->set_id, VSS_OBJECT_SNAPSHOT, 0), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(remove_copies(fixture, fixture->set_id, VSS_OBJECT_SNAPSHOT_SET, 1), S_OK);
    assert_hr(remove_copies(fixture, fixture->set_id, VSS_OBJECT_SNAPSHOT_SET, 0),
        VSS_E_OBJECT_NOT_FOUND);
}

static void deletion_works_late_and_from_elsewhere(struct fixture *fixture)
{
    to_done(fixture);
    complete(fixture);
    assert_hr(remove_copies(fixture, fixture->snapshot_id, VSS_OBJECT_SNAPSHOT, 1), S_OK);
    release(fixture);

    to_done(fixture);
    assert_hr(call(fixture->bc, AbortBackup), S_OK);
    assert_hr(remove_copies(fixture, fixture->set_id, VSS_OBJECT_SNAPSHOT_SET, 1), S_OK);
    release(fixture);

    to_done(fixture);
    IVssBackupComponentsEx4 *maker = fixture->bc;
    fixture->bc = new_object();
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    assert_hr(remove_copies(fixture, fixture->set_id, VSS_OBJECT_SNAPSHOT_SET, 1), S_OK);
    call(maker, Release);
}

static HRESULT look_up(VSS_ID snapshot_id)
{
    VSS_SNAPSHOT_PROP prop = {0};
    IVssBackupComponentsEx4 *bc = new_object();
    assert_hr(call(bc, InitializeForBackup, NULL), S_OK);
    HRESULT hr = call(bc, GetSnapshotProperties, snapshot_id, &prop);
    VssFreeSnapshotPropertiesInternal(&prop);
    call(bc, Release);
    return hr;
}

static void contexts_decide_what_stays(struct fixture *fixture)
{
    static const struct
    {
        LONG context;
        bool stays;
    } rows[] = {
        {VSS_CTX_BACKUP, false},
        {VSS_CTX_FILE_SHARE_BACKUP, false},
        {VSS_CTX_NAS_ROLLBACK, true},
        {VSS_CTX_APP_ROLLBACK, true},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
    {
        create(fixture);
        assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
        assert_hr(call(fixture->bc, SetContext, rows[i].context), S_OK);
        assert_hr(call(fixture->bc, SetBackupState, false, false, VSS_BT_FULL, false), S_OK);
        gather(fixture);
        start_set(fixture);
        if (!(rows[i].context & VSS_VOLSNAP_ATTR_NO_WRITERS))
            prepare(fixture);
        do_set(fixture);
        release(fixture);
        assert_hr(look_up(fixture->snapshot_id), rows[i].stays ? S_OK : VSS_E_OBJECT_NOT_FOUND);
        if (!rows[i].stays)
            continue;
        create(fixture);
        assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
        assert_hr(remove_copies(fixture, fixture->set_id, VSS_OBJECT_SNAPSHOT_SET, 1), S_OK);
        release(fixture);
    }
}

static void a_dead_requestors_copies_go(struct fixture *fixture)
{
    /* Its writer here knows when it is noticed. */
    fixture->writer.at[SLOT_ON_BACKUP_SHUTDOWN].entered = fixture->entered;
    let_requestor_die(DIES_DONE);
    assert_int_equal(WaitForSingleObject(fixture->entered, PATIENCE_MS), WAIT_OBJECT_0);
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    IVssEnumObject_Release(query(fixture->bc, S_FALSE));
}

/* Callers free what they find in it, whatever the call said. */
static void properties_that_cannot_be_had_are_zeros(struct fixture *fixture)
{
    static const VSS_SNAPSHOT_PROP zeros;
    VSS_SNAPSHOT_PROP prop;
    create(fixture);
    memset(&prop, 0x5A, sizeof(prop));
    assert_hr(call(fixture->bc, GetSnapshotProperties, foreign_id, &prop), VSS_E_BAD_STATE);
    assert_memory_equal(&prop, &zeros, sizeof(prop));
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    memset(&prop, 0x5A, sizeof(prop));
    assert_hr(call(fixture->bc, GetSnapshotProperties, foreign_id, &prop), VSS_E_OBJECT_NOT_FOUND);
    assert_memory_equal(&prop, &zeros, sizeof(prop));
}

const struct conformance_test snapshots_tests[] = {
    STATEMENT(062, what_is_unexposed_has_no_names, ANYONE),
    STATEMENT(063, the_count_is_that_of_the_creation, OURS),
    STATEMENT(064, names_end_as_they_must, ANYONE),
    STATEMENT(065, strings_are_freed_once_however_often, OURS),
    STATEMENT(066, nothing_found_is_an_empty_list, OURS),
    STATEMENT(067, queries_see_their_context, ANYONE),
    STATEMENT(068, more_than_there_are_gives_those_there_are, ANYONE),
    STATEMENT(069, lists_are_rewound_and_cloned, ANYONE),
    STATEMENT(070, one_method_says_e_pointer, ANYONE),
    STATEMENT(071, deletions_tell_what_went, ANYONE),
    STATEMENT(072, deletion_works_late_and_from_elsewhere, ANYONE),
    STATEMENT(073, contexts_decide_what_stays, ANYONE),
    STATEMENT(073, a_dead_requestors_copies_go, ANYONE),
    OTHER(properties_that_cannot_be_had_are_zeros, OURS),
};
THEME_TABLE(snapshots);
