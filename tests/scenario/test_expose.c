/* SPDX-License-Identifier: MIT
 *
 * What is done with shadow copies that exist: ExposeSnapshot, UnexposeSnapshot,
 * BreakSnapshotSet(Ex), ImportSnapshots. Codes and properties from requestor 2.6, 5.1 and 8 (74
 * to 76).
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <windows.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "support/backup.h"
#include "support/test_volume.h"

/* Some GUID that names nothing. */
static const GUID unknown = {0x5d3c1f0a, 0x8b1e, 0x4a6b, {1, 2, 3, 4, 5, 6, 7, 8}};

static struct test_volume volume;
static struct backup copy;

static HRESULT expose(LONG how, const WCHAR *path, const WCHAR *name, VSS_PWSZ *exposed)
{
    return IVssBackupComponents_ExposeSnapshot(
        copy.components, copy.snapshot_id, (VSS_PWSZ)path, how, (VSS_PWSZ)name, exposed);
}

static HRESULT expose_locally(const WCHAR *name, VSS_PWSZ *exposed)
{
    return expose(VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY, NULL, name, exposed);
}

static HRESULT unexpose(void)
{
    IVssBackupComponentsEx2 *second = NULL;
    assert_hr(IVssBackupComponents_QueryInterface(
                  copy.components, &IID_IVssBackupComponentsEx2, (void **)&second),
        S_OK);
    HRESULT hr = IVssBackupComponentsEx2_UnexposeSnapshot(second, copy.snapshot_id);
    IVssBackupComponentsEx2_Release(second);
    return hr;
}

/* A copy of the test's volume with one file on it. */
static void make_copy(LONG context)
{
    IVssAsync *async = NULL;
    test_volume_make(&volume);
    test_write_text(test_path(volume.folder, L"file.txt"), "as it was");
    backup_create(&copy);
    assert_hr(IVssBackupComponents_InitializeForBackup(copy.components, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(copy.components, context), S_OK);
    assert_hr(IVssBackupComponents_StartSnapshotSet(copy.components, &copy.set_id), S_OK);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(
                  copy.components, volume.name, GUID_NULL, &copy.snapshot_id),
        S_OK);
    assert_hr(IVssBackupComponents_DoSnapshotSet(copy.components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    test_write_text(test_path(volume.folder, L"file.txt"), "changed");
}

static HRESULT delete_copy(BOOL force)
{
    LONG deleted = 0;
    VSS_ID failed;
    return IVssBackupComponents_DeleteSnapshots(
        copy.components, copy.snapshot_id, VSS_OBJECT_SNAPSHOT, force, &deleted, &failed);
}

static void end_copy(void)
{
    delete_copy(TRUE);
    backup_release(&copy);
    test_volume_remove(&volume);
}

static int set_up(void **state)
{
    (void)state;
    make_copy(VSS_CTX_NAS_ROLLBACK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    end_copy();
    return 0;
}

struct properties
{
    WCHAR name[TEST_PATH_UNITS]; /* "": NULL */
    bool has_path;
    LONG attributes;
};

static struct properties read_properties(void)
{
    VSS_SNAPSHOT_PROP prop = {0};
    struct properties read = {0};
    assert_hr(
        IVssBackupComponents_GetSnapshotProperties(copy.components, copy.snapshot_id, &prop), S_OK);
    if (prop.m_pwszExposedName)
        wcscpy(read.name, prop.m_pwszExposedName);
    read.has_path = prop.m_pwszExposedPath != NULL;
    read.attributes = prop.m_lSnapshotAttributes;
    VssFreeSnapshotProperties(&prop);
    return read;
}

static void assert_not_exposed(void)
{
    struct properties properties = read_properties();
    assert_int_equal(properties.name[0], 0);
    assert_false(properties.has_path);
    assert_int_equal(properties.attributes &
            (VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY | VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY),
        0);
}

static bool drive_is_there(const WCHAR *name)
{
    return GetLogicalDrives() >> (name[0] - L'A') & 1;
}

/* ---- Refusals ---- */

static void expose_with_bad_arguments_is_refused_and_nothing_is_exposed(void **state)
{
    static const LONG wrong[] = {0, VSS_VOLSNAP_ATTR_PERSISTENT, -1,
        VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY | VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY,
        VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY | VSS_VOLSNAP_ATTR_PERSISTENT};
    static const WCHAR *const names[] = {L"", L"X", L"1:", L"XY:", L"X:relative",
        L"\\\\server\\share", L"C:\\", L"C:\\no such folder", L"C:\\windows", L"*:"};
    VSS_PWSZ exposed = NULL;
    (void)state;
    assert_hr(expose_locally(L"X:", NULL), E_INVALIDARG);
    for (size_t i = 0; i < ARRAYSIZE(wrong); i++)
    {
        exposed = (VSS_PWSZ)L"left";
        assert_hr(expose(wrong[i], NULL, L"X:", &exposed), E_INVALIDARG);
        assert_null(exposed);
    }
    assert_hr(expose(VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY, L"\\folder", L"X:", &exposed), E_INVALIDARG);
    for (size_t i = 0; i < ARRAYSIZE(names); i++)
    {
        exposed = (VSS_PWSZ)L"left";
        HRESULT hr = expose_locally(names[i], &exposed);
        /* C: is taken, the others are no names. */
        assert_hr(hr, wcscmp(names[i], L"C:\\") == 0 ? VSS_E_OBJECT_ALREADY_EXISTS : E_INVALIDARG);
        assert_null(exposed);
    }
    assert_not_exposed();
}

static void unknown_snapshots_and_sets_are_not_found(void **state)
{
    VSS_PWSZ exposed = NULL;
    IVssAsync *async = (IVssAsync *)&unknown;
    IVssBackupComponentsEx2 *second = NULL;
    VSS_ID id = copy.snapshot_id;
    (void)state;
    copy.snapshot_id = unknown;
    assert_hr(expose_locally(NULL, &exposed), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(unexpose(), VSS_E_OBJECT_NOT_FOUND);
    copy.snapshot_id = id;
    assert_hr(
        IVssBackupComponents_BreakSnapshotSet(copy.components, unknown), VSS_E_OBJECT_NOT_FOUND);
    assert_hr(IVssBackupComponents_QueryInterface(
                  copy.components, &IID_IVssBackupComponentsEx2, (void **)&second),
        S_OK);
    assert_hr(IVssBackupComponentsEx2_BreakSnapshotSetEx(second, unknown, 0, &async),
        VSS_E_OBJECT_NOT_FOUND);
    assert_null(async);
    IVssBackupComponentsEx2_Release(second);
}

/* Requestor 8, 76. */
static void what_is_not_exposed_cannot_be_unexposed(void **state)
{
    (void)state;
    assert_hr(unexpose(), VSS_E_OBJECT_NOT_FOUND);
    assert_not_exposed();
}

static void a_copy_that_dies_with_its_object_cannot_be_a_drive(void **state)
{
    VSS_PWSZ exposed = (VSS_PWSZ)L"left";
    (void)state;
    make_copy(VSS_CTX_FILE_SHARE_BACKUP);
    assert_hr(expose_locally(NULL, &exposed), VSS_E_PROVIDER_VETO);
    assert_null(exposed);
    assert_not_exposed();
    end_copy();
}

static void a_client_accessible_copy_cannot_be_exposed(void **state)
{
    VSS_PWSZ exposed = (VSS_PWSZ)L"left";
    (void)state;
    make_copy(VSS_CTX_CLIENT_ACCESSIBLE);
    assert_hr(expose_locally(NULL, &exposed), VSS_E_PROVIDER_VETO);
    assert_hr(expose(VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY, NULL, NULL, &exposed), VSS_E_PROVIDER_VETO);
    assert_null(exposed);
    assert_not_exposed();
    end_copy();
}

/* ---- Drives ---- */

static void a_copy_appears_as_a_drive_until_it_is_unexposed(void **state)
{
    VSS_PWSZ exposed = NULL;
    WCHAR name[3];
    WCHAR file[] = L"?:\\file.txt";
    (void)state;
    assert_hr(expose_locally(NULL, &exposed), S_OK);
    assert_int_equal(wcslen(exposed), 2);
    wcscpy(name, exposed);
    CoTaskMemFree(exposed);
    file[0] = name[0];
    assert_true(drive_is_there(name));
    assert_true(test_has_text(file, "as it was"));
    struct properties properties = read_properties();
    assert_memory_equal(properties.name, name, sizeof(name));
    assert_false(properties.has_path);
    assert_true(properties.attributes & VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY);
    assert_false(properties.attributes & VSS_VOLSNAP_ATTR_NOT_SURFACED);

    assert_hr(expose_locally(NULL, &exposed), VSS_E_OBJECT_ALREADY_EXISTS);
    assert_null(exposed);
    assert_true(test_has_text(file, "as it was"));

    assert_hr(unexpose(), S_OK);
    assert_false(drive_is_there(name));
    assert_not_exposed();
    assert_true(read_properties().attributes & VSS_VOLSNAP_ATTR_NOT_SURFACED);
    assert_hr(unexpose(), VSS_E_OBJECT_NOT_FOUND);
}

static void a_chosen_letter_is_used_and_a_taken_one_refused(void **state)
{
    VSS_PWSZ exposed = NULL;
    WCHAR chosen[] = L"?:\\";
    (void)state;
    assert_hr(expose_locally(volume.name, &exposed), VSS_E_OBJECT_ALREADY_EXISTS);
    assert_not_exposed();
    /* A letter that is free: the one that was chosen a moment ago. */
    assert_hr(expose_locally(NULL, &exposed), S_OK);
    chosen[0] = exposed[0];
    CoTaskMemFree(exposed);
    assert_hr(unexpose(), S_OK);
    chosen[0] |= 0x20;
    assert_hr(expose_locally(chosen, &exposed), S_OK);
    assert_int_equal(exposed[0], chosen[0] & ~0x20);
    assert_int_equal(exposed[2], 0);
    CoTaskMemFree(exposed);
    assert_hr(unexpose(), S_OK);
}

static void deleting_a_copy_takes_its_drive_away(void **state)
{
    VSS_PWSZ exposed = NULL;
    (void)state;
    assert_hr(expose_locally(NULL, &exposed), S_OK);
    assert_true(drive_is_there(exposed));
    assert_hr(delete_copy(FALSE), S_OK);
    assert_false(drive_is_there(exposed));
    CoTaskMemFree(exposed);
    assert_true(test_has_text(test_path(volume.folder, L"file.txt"), "changed"));
}

/* ---- Folders ---- */

static void a_copy_appears_in_a_folder_until_it_is_unexposed(void **state)
{
    VSS_PWSZ exposed = NULL;
    WCHAR folder[TEST_PATH_UNITS];
    WCHAR given[TEST_PATH_UNITS];
    (void)state;
    wcscpy(folder, test_path(volume.backing, L"mount"));
    swprintf(given, TEST_PATH_UNITS, L"%ls\\", folder);
    test_make_folder(folder);
    assert_hr(expose_locally(given, &exposed), S_OK);
    assert_int_equal(_wcsicmp(exposed, folder + 4), 0); /* without \\?\ */
    CoTaskMemFree(exposed);
    assert_true(test_has_text(test_path(folder, L"file.txt"), "as it was"));
    assert_int_equal(_wcsicmp(read_properties().name, folder + 4), 0);

    assert_hr(unexpose(), S_OK);
    assert_not_exposed();
    /* The folder is as it was, and the copy still there. */
    assert_true(test_exists(folder));
    assert_int_equal(test_count_entries(folder), 0);
    assert_hr(expose_locally(folder, &exposed), S_OK);
    CoTaskMemFree(exposed);
    assert_true(test_has_text(test_path(folder, L"file.txt"), "as it was"));

    /* Deleting the copy empties the folder, and what it showed went once only. */
    assert_hr(delete_copy(FALSE), S_OK);
    assert_true(test_exists(folder));
    assert_int_equal(test_count_entries(folder), 0);
    assert_true(test_has_text(test_path(volume.folder, L"file.txt"), "changed"));
}

static void a_folder_that_is_not_empty_is_refused_and_keeps_what_it_has(void **state)
{
    VSS_PWSZ exposed = NULL;
    WCHAR folder[TEST_PATH_UNITS];
    (void)state;
    wcscpy(folder, test_path(volume.backing, L"full"));
    test_make_folder(folder);
    test_write_text(test_path(folder, L"kept.txt"), "kept");
    assert_hr(expose_locally(folder, &exposed), E_INVALIDARG);
    assert_true(test_has_text(test_path(folder, L"kept.txt"), "kept"));
    assert_not_exposed();
}

/* Somebody put another folder there meanwhile: it is theirs. */
static void a_folder_that_shows_something_else_is_left_alone(void **state)
{
    VSS_PWSZ exposed = NULL;
    WCHAR folder[TEST_PATH_UNITS];
    WCHAR other[TEST_PATH_UNITS];
    (void)state;
    wcscpy(folder, test_path(volume.backing, L"mount"));
    wcscpy(other, test_path(volume.backing, L"other"));
    test_make_folder(folder);
    assert_hr(expose_locally(folder, &exposed), S_OK);
    CoTaskMemFree(exposed);
    assert_hr(unexpose(), S_OK);
    assert_hr(expose_locally(folder, &exposed), S_OK);
    CoTaskMemFree(exposed);
    char *from = test_host_path(folder);
    char *to = test_host_path(other);
    const char *const arguments[] = {"mv", from, to, NULL};
    assert_true(test_host_run(arguments));
    test_make_folder(folder);
    test_write_text(test_path(folder, L"theirs.txt"), "theirs");
    assert_hr(unexpose(), S_OK);
    assert_not_exposed();
    assert_true(test_has_text(test_path(folder, L"theirs.txt"), "theirs"));
    const char *const remove[] = {"rm", to, NULL};
    assert_true(test_host_run(remove));
    HeapFree(GetProcessHeap(), 0, from);
    HeapFree(GetProcessHeap(), 0, to);
}

/* ---- Shares ---- */

static void a_share_needs_a_folder_inside_the_copy(void **state)
{
    static const WCHAR *const paths[] = {L"..", L"\\a\\..\\..\\b", L"*.txt", L"%TEMP%", L"C:\\x",
        L"no such folder", L"file.txt", L"\\."};
    VSS_PWSZ exposed = NULL;
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(paths); i++)
    {
        exposed = (VSS_PWSZ)L"left";
        assert_hr(
            expose(VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY, paths[i], L"share", &exposed), E_INVALIDARG);
        assert_null(exposed);
    }
    assert_not_exposed();
}

/* Wine has no shares: what a provider that cannot says, and nothing stays behind. */
static void where_there_are_no_shares_the_provider_refuses(void **state)
{
    VSS_PWSZ exposed = (VSS_PWSZ)L"left";
    (void)state;
    assert_hr(expose(VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY, NULL, L"thawline-test", &exposed),
        VSS_E_PROVIDER_VETO);
    assert_null(exposed);
    assert_not_exposed();
    assert_hr(unexpose(), VSS_E_OBJECT_NOT_FOUND);
}

/* ---- Breaking and importing ---- */

/* Requestor 8, 74. */
static void a_set_of_the_system_provider_cannot_be_broken(void **state)
{
    static const DWORD good[] = {0, VSS_BREAKEX_FLAG_MASK_LUNS,
        VSS_BREAKEX_FLAG_MAKE_READ_WRITE | VSS_BREAKEX_FLAG_REVERT_IDENTITY_ALL,
        VSS_BREAKEX_FLAG_REVERT_IDENTITY_NONE};
    static const DWORD bad[] = {16, 0x80000000, VSS_BREAKEX_FLAG_MASK_LUNS | 2,
        VSS_BREAKEX_FLAG_REVERT_IDENTITY_ALL | VSS_BREAKEX_FLAG_REVERT_IDENTITY_NONE};
    IVssBackupComponentsEx2 *second = NULL;
    IVssAsync *async;
    (void)state;
    assert_hr(
        IVssBackupComponents_BreakSnapshotSet(copy.components, copy.set_id), VSS_E_PROVIDER_VETO);
    assert_hr(IVssBackupComponents_QueryInterface(
                  copy.components, &IID_IVssBackupComponentsEx2, (void **)&second),
        S_OK);
    assert_hr(
        IVssBackupComponentsEx2_BreakSnapshotSetEx(second, copy.set_id, 0, NULL), E_INVALIDARG);
    for (size_t i = 0; i < ARRAYSIZE(bad); i++)
    {
        async = (IVssAsync *)&unknown;
        assert_hr(IVssBackupComponentsEx2_BreakSnapshotSetEx(second, copy.set_id, bad[i], &async),
            E_INVALIDARG);
        assert_null(async);
    }
    for (size_t i = 0; i < ARRAYSIZE(good); i++)
    {
        async = (IVssAsync *)&unknown;
        assert_hr(IVssBackupComponentsEx2_BreakSnapshotSetEx(second, copy.set_id, good[i], &async),
            VSS_E_PROVIDER_VETO);
        assert_null(async);
    }
    IVssBackupComponentsEx2_Release(second);
    read_properties(); /* it is still there */
}

/* The document of a backup names no set that another machine could import. */
static void a_document_without_a_transportable_set_imports_nothing(void **state)
{
    struct backup saved;
    struct backup importing;
    BSTR document = NULL;
    IVssAsync *async = NULL;
    (void)state;
    backup_create(&saved);
    assert_hr(IVssBackupComponents_InitializeForBackup(saved.components, NULL), S_OK);
    assert_hr(IVssBackupComponents_ImportSnapshots(saved.components, &async), VSS_E_BAD_STATE);
    assert_hr(IVssBackupComponents_SaveAsXML(saved.components, &document), S_OK);
    backup_release(&saved);

    backup_create(&importing);
    assert_hr(IVssBackupComponents_InitializeForBackup(importing.components, document), S_OK);
    assert_hr(IVssBackupComponents_ImportSnapshots(importing.components, NULL), E_INVALIDARG);
    assert_hr(IVssBackupComponents_ImportSnapshots(importing.components, &async), S_OK);
    assert_hr(await(async), VSS_E_NONTRANSPORTABLE_BCD);
    backup_release(&importing);
    SysFreeString(document);
}

int main(void)
{
#define with_copy(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        with_copy(expose_with_bad_arguments_is_refused_and_nothing_is_exposed),
        with_copy(unknown_snapshots_and_sets_are_not_found),
        with_copy(what_is_not_exposed_cannot_be_unexposed),
        cmocka_unit_test(a_copy_that_dies_with_its_object_cannot_be_a_drive),
        cmocka_unit_test(a_client_accessible_copy_cannot_be_exposed),
        with_copy(a_copy_appears_as_a_drive_until_it_is_unexposed),
        with_copy(a_chosen_letter_is_used_and_a_taken_one_refused),
        with_copy(deleting_a_copy_takes_its_drive_away),
        with_copy(a_copy_appears_in_a_folder_until_it_is_unexposed),
        with_copy(a_folder_that_is_not_empty_is_refused_and_keeps_what_it_has),
        with_copy(a_folder_that_shows_something_else_is_left_alone),
        with_copy(a_share_needs_a_folder_inside_the_copy),
        with_copy(where_there_are_no_shares_the_provider_refuses),
        with_copy(a_set_of_the_system_provider_cannot_be_broken),
        cmocka_unit_test(a_document_without_a_transportable_set_imports_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
