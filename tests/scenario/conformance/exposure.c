/* SPDX-License-Identifier: MIT
 *
 * Statements 74 to 76: breaking, exposing and unexposing, and reverting (requestor 2.6). The
 * provider of this suite copies nothing and exposes nothing; what an exposed shadow copy shows
 * is in tests/scenario/test_expose.c.
 */
#include "conformance.h"

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

/* The half of statement 77 that needs no volume of its own. */
static void only_persistent_copies_can_be_reverted_to(struct fixture *fixture)
{
    to_done(fixture);
    assert_hr(call(fixture->bc, RevertToSnapshot, fixture->snapshot_id, FALSE),
        VSS_E_UNSUPPORTED_CONTEXT);
    assert_hr(call(fixture->bc, RevertToSnapshot, foreign_id, FALSE), VSS_E_OBJECT_NOT_FOUND);
    complete(fixture);
}

const struct conformance_test exposure_tests[] = {
    STATEMENT(074, software_sets_cannot_be_broken, ANYONE),
    STATEMENT(075, exposing_takes_one_way_and_its_own_arguments, ANYONE),
    STATEMENT(076, the_unexposed_cannot_be_unexposed, ANYONE),
    OTHER(only_persistent_copies_can_be_reverted_to, ANYONE),
};
THEME_TABLE(exposure);
