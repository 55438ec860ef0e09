/* SPDX-License-Identifier: MIT
 *
 * IsVolumeSnapshotted and ShouldBlockRevert where there is something to find. Expectations:
 * requestor 2.1.
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "abi/abi_objects.h"

static WCHAR drive[] = L"C:\\";

/* ---- IsVolumeSnapshotted ---- */

static void check_snapshotted(WCHAR *volume, BOOL expected)
{
    BOOL present = !expected;
    LONG capability = 9;
    assert_hr(IsVolumeSnapshottedInternal(volume, &present, &capability), S_OK);
    assert_int_equal(present, expected);
    assert_int_equal(capability, 0);
}

static void a_volume_is_snapshotted_while_it_has_a_shadow_copy(void **state)
{
    (void)state;
    struct backup backup;
    WCHAR volume[64];
    assert_true(GetVolumeNameForVolumeMountPointW(drive, volume, ARRAYSIZE(volume)));
    assert_hr(ThawlineSetOption(L"PROVIDER", L"live"), S_OK);
    check_snapshotted(drive, FALSE);
    backup_until_prepared(&backup);
    /* A set that is being made does not count yet. */
    check_snapshotted(drive, FALSE);
    assert_hr(backup_snapshot(&backup), VSS_S_ASYNC_FINISHED);
    check_snapshotted(drive, TRUE);
    check_snapshotted(volume, TRUE);
    assert_hr(backup_complete(&backup), VSS_S_ASYNC_FINISHED);
    backup_release(&backup);
    check_snapshotted(drive, FALSE);
    assert_hr(ThawlineSetOption(L"PROVIDER", NULL), S_OK);
}

/* ---- ShouldBlockRevert ---- */

#define BLOCKERS L"SYSTEM\\CurrentControlSet\\Services\\VSS\\Settings\\WritersBlockingRevert"
#define BLOCKER L"{71000000-0001-0002-0304-05060708090a}"
#define OTHER L"72000000-0001-0002-0304-05060708090a"

static const WCHAR *component_path;

static BOOL CALLBACK on_identify(
    void *context, const THAWLINE_EVENT *event, IVssCreateWriterMetadataEx *metadata)
{
    (void)context;
    (void)event;
    if (!component_path)
        return TRUE;
    return SUCCEEDED(IVssCreateWriterMetadataEx_AddComponent(metadata, VSS_CT_FILEGROUP, NULL,
               L"data", NULL, NULL, 0, FALSE, FALSE, TRUE, TRUE, 0)) &&
        SUCCEEDED(IVssCreateWriterMetadataEx_AddFilesToFileGroup(
            metadata, NULL, L"data", component_path, L"*", TRUE, NULL, 0xF0F));
}

static THAWLINE_WRITER start_writer(void)
{
    THAWLINE_WRITER_INFO info = {.cbSize = sizeof(info),
        .WriterId = abi_iid(BLOCKER),
        .pwszName = L"Blocker",
        .Usage = VSS_UT_USERDATA,
        .Source = VSS_ST_OTHER,
        .Level = VSS_APP_FRONT_END};
    THAWLINE_WRITER_CALLBACKS callbacks = {.cbSize = sizeof(callbacks), .pfnIdentify = on_identify};
    THAWLINE_WRITER writer = NULL;
    assert_hr(ThawlineRegisterWriter(&info, &callbacks, NULL, &writer), S_OK);
    return writer;
}

static void list_blocker(const WCHAR *name, const WCHAR *text)
{
    assert_int_equal(RegSetKeyValueW(HKEY_LOCAL_MACHINE, BLOCKERS, name, REG_SZ, text,
                         (DWORD)((lstrlenW(text) + 1) * sizeof(WCHAR))),
        ERROR_SUCCESS);
}

static void forget_blockers(void)
{
    RegDeleteTreeW(HKEY_LOCAL_MACHINE, BLOCKERS);
}

static void check_blocked(bool expected)
{
    boolean blocked = !expected;
    assert_hr(ShouldBlockRevertInternal(drive, &blocked), S_OK);
    assert_int_equal(blocked, expected);
}

static void a_listed_writer_blocks_the_volumes_of_its_components(void **state)
{
    (void)state;
    static const struct
    {
        const WCHAR *path; /* of the writer's component; NULL: it has none */
        const WCHAR *name; /* of the registry's value */
        const WCHAR *text;
        bool blocked;
    } rows[] = {
        {L"C:\\data", BLOCKER, L"", true},
        {L"c:\\data", L"Blocker", BLOCKER, true},
        {L"%SystemRoot%\\data", L"Blocker", BLOCKER, true},
        {L"Z:\\data", BLOCKER, L"", false},
        {NULL, BLOCKER, L"", false},
        {L"C:\\data", OTHER, L"", false},
        {L"C:\\data", L"no identifier", L"nor here", false},
    };
    forget_blockers();
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        component_path = rows[i].path;
        THAWLINE_WRITER writer = start_writer();
        check_blocked(false);
        list_blocker(rows[i].name, rows[i].text);
        check_blocked(rows[i].blocked);
        forget_blockers();
        assert_hr(ThawlineUnregisterWriter(writer), S_OK);
    }
}

static void a_listed_writer_that_is_not_there_blocks_nothing(void **state)
{
    (void)state;
    list_blocker(BLOCKER, L"");
    check_blocked(false);
    forget_blockers();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ABI_TEST(a_volume_is_snapshotted_while_it_has_a_shadow_copy),
        ABI_TEST(a_listed_writer_blocks_the_volumes_of_its_components),
        ABI_TEST(a_listed_writer_that_is_not_there_blocks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
