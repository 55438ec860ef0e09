/* SPDX-License-Identifier: MIT
 *
 * A process that begins a revert of R:\ and stays in its middle, and one that comes after:
 *
 *   revert_host begin OPERATION PASS   fills the volume, copies it, changes it, says the copy's id,
 *                                      and reverts; before this file operation it stops for good,
 *                                      and says so with the line `held up`
 *   revert_host finish ID              asks how the revert ended. 0: well, and the volume is what
 *                                      the copy holds; 10: it is over, and the volume as it was
 *                                      changed; anything else is neither
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "support/backup.h"
#include "support/test_volume.h"

#define VOLUME L"R:"
#define FILES 8

static struct backup copy;
static IVssBackupComponentsEx *components;

static const WCHAR *on_volume(const WCHAR *name)
{
    return test_path(VOLUME, name);
}

static const WCHAR *numbered(const WCHAR *name, int number)
{
    WCHAR text[64];
    swprintf(text, 64, L"%ls%d.txt", name, number);
    return on_volume(text);
}

static void start_session(void)
{
    backup_create(&copy);
    assert_hr(IVssBackupComponents_InitializeForBackup(copy.components, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(copy.components, VSS_CTX_NAS_ROLLBACK), S_OK);
    assert_hr(IVssBackupComponents_QueryInterface(
                  copy.components, &IID_IVssBackupComponentsEx, (void **)&components),
        S_OK);
}

static void make_copy(void)
{
    IVssAsync *async = NULL;
    assert_hr(IVssBackupComponents_StartSnapshotSet(copy.components, &copy.set_id), S_OK);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(
                  copy.components, (VSS_PWSZ)VOLUME L"\\", GUID_NULL, &copy.snapshot_id),
        S_OK);
    assert_hr(IVssBackupComponents_DoSnapshotSet(copy.components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
}

static void fill(void)
{
    test_make_folder(on_volume(L"folder"));
    for (int i = 0; i < FILES; i++)
    {
        test_write_text(numbered(L"folder\\file", i), "as it was");
        test_write_text(numbered(L"gone", i), "as it was");
    }
}

static void spoil(void)
{
    for (int i = 0; i < FILES; i++)
    {
        test_write_text(numbered(L"folder\\file", i), "changed");
        test_delete(numbered(L"gone", i));
        test_write_text(numbered(L"new", i), "new");
    }
}

static bool is_spoilt(void)
{
    bool spoilt = true;
    for (int i = 0; i < FILES; i++)
        spoilt = spoilt && test_has_text(numbered(L"folder\\file", i), "changed") &&
            !test_exists(numbered(L"gone", i)) && test_has_text(numbered(L"new", i), "new");
    return spoilt;
}

/* On the thread that reverts. Whoever started this process ends it. */
static void CALLBACK stay(void *operation, int level, const WCHAR *line)
{
    (void)level;
    if (!wcsstr(line, L"holds up") || !wcsstr(line, operation))
        return;
    printf("held up\n");
    fflush(stdout);
    Sleep(INFINITE);
}

static int begin(WCHAR *operation, unsigned pass)
{
    WCHAR id[64];
    start_session();
    fill();
    make_copy();
    spoil();
    assert_true(StringFromGUID2(&copy.snapshot_id, id, 64));
    printf("%ls\n", id);
    fflush(stdout);
    assert_hr(ThawlineSetLogSink(stay, operation, 4), S_OK);
    assert_hr(ThawlineSetFault("file", operation, S_OK, pass, 1, 1), S_OK);
    assert_hr(IVssBackupComponentsEx_RevertToSnapshot(components, copy.snapshot_id, FALSE), S_OK);
    Sleep(INFINITE);
    return 1;
}

static int finish(const WCHAR *id_text)
{
    IVssAsync *async = NULL;
    VSS_SNAPSHOT_PROP prop = {0};
    start_session();
    assert_hr(CLSIDFromString(id_text, &copy.snapshot_id), S_OK);
    assert_hr(
        IVssBackupComponentsEx_QueryRevertStatus(components, (VSS_PWSZ)VOLUME L"\\", &async), S_OK);
    HRESULT hr = await(async);
    assert_hr(
        IVssBackupComponents_GetSnapshotProperties(copy.components, copy.snapshot_id, &prop), S_OK);
    unsigned differences = test_compare_trees(
        VOLUME, prop.m_pwszSnapshotDeviceObject, L"System Volume Information");
    VssFreeSnapshotProperties(&prop);
    int result = hr == VSS_S_ASYNC_FINISHED && !differences ? 0
        : hr == VSS_E_UNEXPECTED && is_spoilt()             ? 10
                                                            : 1;
    printf("0x%08lx, %u differences\n", hr, differences);
    /* It is over: a revert can be begun again, and the copy is let go. */
    async = NULL;
    assert_hr(IVssBackupComponentsEx_RevertToSnapshot(components, copy.snapshot_id, FALSE), S_OK);
    assert_hr(
        IVssBackupComponentsEx_QueryRevertStatus(components, (VSS_PWSZ)VOLUME L"\\", &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    LONG deleted = 0;
    VSS_ID failed;
    assert_hr(IVssBackupComponents_DeleteSnapshots(
                  copy.components, copy.snapshot_id, VSS_OBJECT_SNAPSHOT, TRUE, &deleted, &failed),
        S_OK);
    IVssBackupComponentsEx_Release(components);
    backup_release(&copy);
    return result;
}

int wmain(int argc, WCHAR **argv)
{
    if (argc == 4 && wcscmp(argv[1], L"begin") == 0)
        return begin(argv[2], (unsigned)wcstoul(argv[3], NULL, 10));
    if (argc == 3 && wcscmp(argv[1], L"finish") == 0)
        return finish(argv[2]);
    return 2;
}
