/* SPDX-License-Identifier: MIT
 *
 * Statements 74 to 77: breaking, exposing and unexposing, and reverting (requestor 2.6). The
 * provider of this suite copies nothing and exposes nothing; what an exposed shadow copy shows
 * is in tests/scenario/test_expose.c.
 */
#include "conformance.h"

#include "support/test_volume.h"

static void software_sets_cannot_be_broken(struct fixture *fixture)
{
    IVssAsync *async = (IVssAsync *)(ULONG_PTR)1;
    to_done(fixture);
    assert_hr(call(fixture->bc, BreakSnapshotSet, fixture->set_id), VSS_E_PROVIDER_VETO);
    assert_hr(call(fixture->bc, BreakSnapshotSet, foreign_id), VSS_E_OBJECT_NOT_FOUND);
    if (judge_ours)
    {
        assert_hr(
            call(fixture->bc, BreakSnapshotSetEx, fixture->set_id, 0, &async), VSS_E_PROVIDER_VETO);
        assert_null(async);
    }
    /* It is still there. */
    VSS_SNAPSHOT_PROP prop = {0};
    assert_hr(call(fixture->bc, GetSnapshotProperties, fixture->snapshot_id, &prop), S_OK);
    VssFreeSnapshotPropertiesInternal(&prop);
}

static void exposing_takes_one_way_and_its_own_arguments(struct fixture *fixture)
{
    static WCHAR inside[] = L"folder";
    static const struct
    {
        LONG attributes;
        WCHAR *path;
    } rows[] = {
        {0, NULL},
        {VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY | VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY, NULL},
        {VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY | VSS_VOLSNAP_ATTR_PERSISTENT, NULL},
        {VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY, inside},
    };
    to_done(fixture);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
    {
        VSS_PWSZ exposed = (VSS_PWSZ)(ULONG_PTR)1;
        assert_hr(call(fixture->bc, ExposeSnapshot, fixture->snapshot_id, rows[i].path,
                      rows[i].attributes, NULL, &exposed),
            E_INVALIDARG);
        assert_null(exposed);
    }
    VSS_PWSZ exposed = (VSS_PWSZ)(ULONG_PTR)1;
    assert_hr(call(fixture->bc, ExposeSnapshot, foreign_id, NULL, VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY,
                  NULL, &exposed),
        VSS_E_OBJECT_NOT_FOUND);
    assert_null(exposed);
}

static void the_unexposed_cannot_be_unexposed(struct fixture *fixture)
{
    to_done(fixture);
    assert_hr(call(fixture->bc, UnexposeSnapshot, fixture->snapshot_id), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(call(fixture->bc, UnexposeSnapshot, foreign_id), VSS_E_OBJECT_NOT_FOUND);
}

static void only_persistent_copies_can_be_reverted_to(struct fixture *fixture)
{
    to_done(fixture);
    assert_hr(call(fixture->bc, RevertToSnapshot, fixture->snapshot_id, FALSE),
        VSS_E_UNSUPPORTED_CONTEXT);
    assert_hr(call(fixture->bc, RevertToSnapshot, foreign_id, FALSE), VSS_E_OBJECT_NOT_FOUND);
    complete(fixture);
}

/* A volume of the test's own, copied by the system's provider: that one can be reverted. */
static void a_busy_volume_is_not_reverted_without_force(struct fixture *fixture)
{
    static const VSS_ID system_provider = {
        0xb5946137, 0x7b9f, 0x4925, {0xaf, 0x80, 0x51, 0xab, 0xd6, 0x0b, 0x20, 0xd5}};
    struct test_volume volume;
    LONG deleted;
    VSS_ID not_deleted;
    IVssAsync *async = NULL;
    test_volume_make(&volume);
    test_write_text(test_path(volume.folder, L"file.txt"), "as it was");
    create(fixture);
    assert_hr(call(fixture->bc, InitializeForBackup, NULL), S_OK);
    assert_hr(call(fixture->bc, SetContext, VSS_CTX_NAS_ROLLBACK), S_OK);
    assert_hr(call(fixture->bc, StartSnapshotSet, &fixture->set_id), S_OK);
    assert_hr(
        call(fixture->bc, AddToSnapshotSet, volume.name, system_provider, &fixture->snapshot_id),
        S_OK);
    assert_done(call(fixture->bc, DoSnapshotSet, &async));
    test_write_text(test_path(volume.folder, L"file.txt"), "as it is");
    HANDLE file = CreateFileW(test_path(volume.folder, L"file.txt"), GENERIC_READ,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    assert_true(file != INVALID_HANDLE_VALUE);
    /* None was begun. */
    assert_done(call(fixture->bc, QueryRevertStatus, volume.name, &async));
    assert_hr(
        call(fixture->bc, RevertToSnapshot, fixture->snapshot_id, FALSE), VSS_E_VOLUME_IN_USE);
    CloseHandle(file);
    assert_true(test_has_text(test_path(volume.folder, L"file.txt"), "as it is"));
    assert_hr(call(fixture->bc, RevertToSnapshot, fixture->snapshot_id, FALSE), S_OK);
    assert_done(call(fixture->bc, QueryRevertStatus, volume.name, &async));
    assert_true(test_has_text(test_path(volume.folder, L"file.txt"), "as it was"));
    assert_hr(call(fixture->bc, DeleteSnapshots, fixture->snapshot_id, VSS_OBJECT_SNAPSHOT, TRUE,
                  &deleted, &not_deleted),
        S_OK);
    release(fixture);
    test_volume_remove(&volume);
}

const struct conformance_test exposure_tests[] = {
    STATEMENT(074, software_sets_cannot_be_broken, ANYONE),
    STATEMENT(075, exposing_takes_one_way_and_its_own_arguments, ANYONE),
    STATEMENT(076, the_unexposed_cannot_be_unexposed, ANYONE),
    STATEMENT(077, only_persistent_copies_can_be_reverted_to, ANYONE),
    STATEMENT(077, a_busy_volume_is_not_reverted_without_force, OURS),
};
THEME_TABLE(exposure);
