/* SPDX-License-Identifier: MIT
 *
 * Statements 10 to 19: initialisation, context and the state of the object (requestor 1.1, 2.2, 4).
 */
#include "conformance.h"

#include "matrix.h"

/* Rows of the method table that a fresh object may answer otherwise (1.7, above the table). The two
   reserved methods answer E_NOTIMPL always. */
static bool is_free_of_state(int row)
{
    return row == 3 || row == 5 || row == 56 || row == 57 || row >= 62;
}

static void a_fresh_object_refuses_every_method(struct fixture *fixture)
{
    create(fixture);
    for (int row = 1; row <= MATRIX_ROWS; row++)
    {
        if (is_free_of_state(row))
            continue;
        HRESULT hr = matrix_call(fixture, row);
        if (hr != VSS_E_BAD_STATE)
            fail_msg("%s: %s", matrix_method(row), code_name(hr));
    }
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
}

static void a_second_initialisation_disturbs_nothing(struct fixture *fixture)
{
    BSTR xml = make_document(fixture);
    begin(fixture, true);
    add(fixture, L"group", L"data0");
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), VSS_E_BAD_STATE);
    assert_hr(call(fixture->bc, InitializeForRestore, xml), VSS_E_BAD_STATE);
    start_set(fixture);
    prepare(fixture);
    do_set(fixture);
    complete(fixture);
    release(fixture);

    create(fixture);
    assert_hr(call(fixture->bc, InitializeForRestore, xml), S_OK);
    assert_hr(call(fixture->bc, InitializeForRestore, xml), VSS_E_BAD_STATE);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), VSS_E_BAD_STATE);
    IVssComponent_Release(component_of(fixture, L"data0"));
    SysFreeString(xml);
}

static void after_broken_xml_the_object_can_be_initialised(struct fixture *fixture)
{
    static const WCHAR *const broken[] = {L"", L"no XML", L"<BACKUP_COMPONENTS", L"<a></b>",
        L"<OTHER xmlns=\"x-schema:#VssComponentMetadata\"/>"};
    for (size_t i = 0; i < sizeof(broken) / sizeof(*broken); i++)
    {
        BSTR xml = SysAllocString(broken[i]);
        create(fixture);
        assert_hr(call(fixture->bc, InitializeForRestore, xml), VSS_E_INVALID_XML_DOCUMENT);
        if (*broken[i])
            assert_hr(call(fixture->bc, InitializeForBackup, xml), VSS_E_INVALID_XML_DOCUMENT);
        assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
        release(fixture);
        SysFreeString(xml);
    }
}

static void set_backup_state_works_in_a_restore(struct fixture *fixture)
{
    begin_restore(fixture);
    assert_hr(call(fixture->bc, SetBackupState, true, true, VSS_BT_FULL, false), S_OK);
    gather(fixture);
    gather_status(fixture);
    assert_hr(select_for_restore(fixture, L"group", L"data0"), S_OK);
    pre_restore(fixture);
    post_restore(fixture);
}

static void set_restore_state_belongs_to_restores(struct fixture *fixture)
{
    begin(fixture, true);
    assert_hr(call(fixture->bc, SetRestoreState, VSS_RTYPE_BY_COPY), VSS_E_BAD_STATE);
    start_set(fixture);
    assert_hr(call(fixture->bc, SetRestoreState, VSS_RTYPE_BY_COPY), VSS_E_BAD_STATE);
}

static void the_context_is_set_once_and_before_the_set(struct fixture *fixture)
{
    begin(fixture, true); /* SetBackupState and GatherWriterMetadata came first */
    assert_hr(call(fixture->bc, SetContext, VSS_CTX_APP_ROLLBACK), S_OK);
    assert_hr(call(fixture->bc, SetContext, VSS_CTX_APP_ROLLBACK), VSS_E_BAD_STATE);
    release(fixture);
    begin(fixture, true);
    start_set(fixture);
    assert_hr(call(fixture->bc, SetContext, VSS_CTX_BACKUP), VSS_E_BAD_STATE);
}

static void the_context_of_all_makes_no_set_but_queries(struct fixture *fixture)
{
    IVssEnumObject *list = NULL;
    VSS_ID id;
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    assert_hr(call(fixture->bc, SetContext, (LONG)VSS_CTX_ALL), S_OK);
    assert_true(FAILED(call(fixture->bc, StartSnapshotSet, &id)));
    HRESULT hr = call(fixture->bc, Query, GUID_NULL, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &list);
    assert_true(hr == S_OK || hr == S_FALSE);
    assert_non_null(list);
    IVssEnumObject_Release(list);
}

static LONG attributes_of(struct fixture *fixture)
{
    VSS_SNAPSHOT_PROP prop = {0};
    assert_hr(call(fixture->bc, GetSnapshotProperties, fixture->snapshot_id, &prop), S_OK);
    LONG attributes = prop.m_lSnapshotAttributes;
    VssFreeSnapshotPropertiesInternal(&prop);
    return attributes;
}

static void the_default_context_is_that_of_a_backup(struct fixture *fixture)
{
    const LONG kept = VSS_VOLSNAP_ATTR_PERSISTENT | VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE |
        VSS_VOLSNAP_ATTR_NO_WRITERS | VSS_VOLSNAP_ATTR_CLIENT_ACCESSIBLE;
    to_done(fixture);
    assert_int_equal(attributes_of(fixture) & kept, 0);
    assert_int_equal(fixture->writer.count[SLOT_ON_FREEZE], 1);
}

static void abort_of_what_has_not_begun_is_fine(struct fixture *fixture)
{
    create(fixture);
    assert_hr(call(fixture->bc, AbortBackup), VSS_E_BAD_STATE);
    release(fixture);
    begin(fixture, true);
    assert_hr(call(fixture->bc, AbortBackup), S_OK);
    if (judge_ours)
        assert_hr(call(fixture->bc, AbortBackup), S_OK);
    assert_string_equal(events_of(&fixture->writer), "");
    /* Nothing had begun, so nothing is over. */
    start_set(fixture);
}

static void successes_are_exactly_s_ok(struct fixture *fixture)
{
    /* Every step of these asserts S_OK. */
    to_done(fixture);
    gather_status(fixture);
    assert_hr(call(fixture->bc, SetBackupSucceeded, fixture->instance, writer_id, VSS_CT_FILEGROUP,
                  L"group", L"data0", true),
        S_OK);
    complete(fixture);
    SysFreeString(save(fixture));
    assert_hr(call(fixture->bc, FreeWriterMetadata), S_OK);
    assert_hr(call(fixture->bc, FreeWriterStatus), S_OK);
}

/* The values of requestor 4 and what may be added to them. */
static void contexts_and_modifiers_are_checked(struct fixture *fixture)
{
    static const struct
    {
        LONG context;
        bool good;
    } rows[] = {
        {0x00, true},
        {0x10, true},
        {0x19, true},
        {0x09, true},
        {0x1D, true},
        {0x0D, true},
        {(LONG)0xFFFFFFFF, true},
        {0x20, true},            /* TRANSPORTABLE */
        {0x02, true},            /* NO_AUTORECOVERY */
        {0x80, true},            /* NOT_TRANSACTED */
        {0x20000, true},         /* DIFFERENTIAL */
        {0x40000, true},         /* PLEX */
        {0x800000, true},        /* ROLLBACK_RECOVERY */
        {0x2000000, true},       /* TXF_RECOVERY */
        {0x60000, false},        /* DIFFERENTIAL and PLEX */
        {0x1D | 0x20, false},    /* CLIENT_ACCESSIBLE and TRANSPORTABLE */
        {0x0D | 0x20000, false}, /* the same with writers, and DIFFERENTIAL */
        {0x01, false},           /* PERSISTENT alone */
        {0x04, false},           /* CLIENT_ACCESSIBLE alone */
        {0x40, false},           /* NOT_SURFACED */
        {0x10000, false},        /* HARDWARE_ASSISTED */
        {0x80000, false},        /* IMPORTED */
        {0x100000, false},       /* EXPOSED_LOCALLY */
        {0x4000000, false},      /* FILE_SHARE */
        {0x7FFFFFFF, false},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
    {
        create(fixture);
        assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
        HRESULT hr = call(fixture->bc, SetContext, rows[i].context);
        if (hr != (rows[i].good ? S_OK : E_INVALIDARG))
            fail_msg("context 0x%lx: %s", (unsigned long)rows[i].context, code_name(hr));
        /* A refused one counts not as the one. */
        if (!rows[i].good)
            assert_hr(call(fixture->bc, SetContext, VSS_CTX_BACKUP), S_OK);
        release(fixture);
    }
}

const struct conformance_test beginning_tests[] = {
    STATEMENT(010, a_fresh_object_refuses_every_method, OURS),
    STATEMENT(011, a_second_initialisation_disturbs_nothing, ANYONE),
    STATEMENT(012, after_broken_xml_the_object_can_be_initialised, OURS),
    STATEMENT(013, set_backup_state_works_in_a_restore, ANYONE),
    STATEMENT(014, set_restore_state_belongs_to_restores, ANYONE),
    STATEMENT(015, the_context_is_set_once_and_before_the_set, ANYONE),
    STATEMENT(016, the_context_of_all_makes_no_set_but_queries, ANYONE),
    STATEMENT(017, the_default_context_is_that_of_a_backup, ANYONE),
    STATEMENT(018, abort_of_what_has_not_begun_is_fine, ANYONE),
    STATEMENT(019, successes_are_exactly_s_ok, ANYONE),
    OTHER(contexts_and_modifiers_are_checked, OURS),
};
THEME_TABLE(beginning);
