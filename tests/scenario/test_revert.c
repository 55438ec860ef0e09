/* SPDX-License-Identifier: MIT
 *
 * RevertToSnapshot and QueryRevertStatus. Codes from requestor 2.6 and 8 (70, 77).
 *
 * Started with a snapshot's id this program reverts to it and ends at once, in the middle.
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

#include <thawline.h>

#include "support/backup.h"
#include "support/start_process.h"
#include "support/test_volume.h"

#define OWN_FOLDER L"System Volume Information"
#define FILES 200

/* Some GUID that names nothing. */
static const GUID unknown = {0x5d3c1f0a, 0x8b1e, 0x4a6b, {1, 2, 3, 4, 5, 6, 7, 8}};

static struct test_volume volume;
static struct backup copy;
static IVssBackupComponentsEx *components;

static void start_session(void)
{
    backup_create(&copy);
    assert_hr(IVssBackupComponents_InitializeForBackup(copy.components, NULL), S_OK);
    assert_hr(IVssBackupComponents_QueryInterface(
                  copy.components, &IID_IVssBackupComponentsEx, (void **)&components),
        S_OK);
}

static void end_session(void)
{
    IVssBackupComponentsEx_Release(components);
    backup_release(&copy);
}

static void make_copy(LONG context)
{
    IVssAsync *async = NULL;
    start_session();
    assert_hr(IVssBackupComponents_SetContext(copy.components, context), S_OK);
    assert_hr(IVssBackupComponents_StartSnapshotSet(copy.components, &copy.set_id), S_OK);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(
                  copy.components, volume.name, GUID_NULL, &copy.snapshot_id),
        S_OK);
    assert_hr(IVssBackupComponents_DoSnapshotSet(copy.components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
}

static HRESULT delete_copy(void)
{
    LONG deleted = 0;
    VSS_ID failed;
    return IVssBackupComponents_DeleteSnapshots(
        copy.components, copy.snapshot_id, VSS_OBJECT_SNAPSHOT, TRUE, &deleted, &failed);
}

static const WCHAR *on_volume(const WCHAR *name)
{
    return test_path(volume.folder, name);
}

static void fill(void)
{
    test_make_folder(on_volume(L"folder"));
    test_make_folder(on_volume(L"folder\\inner"));
    test_make_folder(on_volume(L"emptied"));
    test_write_text(on_volume(L"same.txt"), "same");
    test_write_text(on_volume(L"changed.txt"), "as it was");
    test_write_text(on_volume(L"deleted.txt"), "deleted later");
    test_write_text(on_volume(L"folder\\renamed.txt"), "renamed later");
    test_write_text(on_volume(L"emptied\\file.txt"), "in a folder");
    test_write_text(on_volume(L"attributes.txt"), "attributes");
    test_set_attributes(on_volume(L"attributes.txt"), FILE_ATTRIBUTE_HIDDEN);
    test_set_age(on_volume(L"same.txt"), 100000);
    test_set_age(on_volume(L"folder"), 200000);
}

/* What a person, a program and a virus do to a volume. */
static void spoil(void)
{
    FILETIME written = test_write_time(on_volume(L"same.txt"));
    test_write_text(on_volume(L"changed.txt"), "as it is ");
    test_delete(on_volume(L"deleted.txt"));
    assert_true(MoveFileW(on_volume(L"folder\\renamed.txt"), on_volume(L"folder\\moved.txt")));
    test_delete(on_volume(L"emptied"));
    test_write_text(on_volume(L"emptied"), "a file where a folder was");
    test_make_folder(on_volume(L"new"));
    test_write_text(on_volume(L"new\\new.txt"), "new");
    test_set_attributes(on_volume(L"attributes.txt"), FILE_ATTRIBUTE_READONLY);
    /* A change that neither size nor time shows. */
    test_write_text(on_volume(L"same.txt"), "emas");
    test_set_write_time(on_volume(L"same.txt"), written);
}

static int set_up(void **state)
{
    (void)state;
    test_volume_make(&volume);
    fill();
    make_copy(VSS_CTX_NAS_ROLLBACK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    delete_copy();
    end_session();
    test_volume_remove(&volume);
    return 0;
}

static HRESULT revert_to(VSS_ID id, BOOL force)
{
    return IVssBackupComponentsEx_RevertToSnapshot(components, id, force);
}

static HRESULT await_revert(void)
{
    IVssAsync *async = NULL;
    assert_hr(IVssBackupComponentsEx_QueryRevertStatus(components, volume.name, &async), S_OK);
    return await(async);
}

/* The volume holds what the copy holds. */
static void assert_reverted(void)
{
    VSS_SNAPSHOT_PROP prop = {0};
    assert_hr(
        IVssBackupComponents_GetSnapshotProperties(copy.components, copy.snapshot_id, &prop), S_OK);
    assert_int_equal(
        test_compare_trees(volume.folder, prop.m_pwszSnapshotDeviceObject, OWN_FOLDER), 0);
    VssFreeSnapshotProperties(&prop);
    assert_true(test_has_text(on_volume(L"changed.txt"), "as it was"));
    assert_true(test_has_text(on_volume(L"same.txt"), "same"));
}

/* ---- Refusals ---- */

static void an_unknown_copy_is_not_found(void **state)
{
    (void)state;
    assert_hr(revert_to(unknown, FALSE), VSS_E_OBJECT_NOT_FOUND);
}

static void only_a_persistent_copy_can_be_reverted_to(void **state)
{
    (void)state;
    test_volume_make(&volume);
    fill();
    make_copy(VSS_CTX_FILE_SHARE_BACKUP);
    spoil();
    assert_hr(revert_to(copy.snapshot_id, TRUE), VSS_E_UNSUPPORTED_CONTEXT);
    assert_true(test_has_text(on_volume(L"changed.txt"), "as it is "));
    tear_down(NULL);
}

static void a_copy_of_parts_cannot_be_reverted_to(void **state)
{
    (void)state;
    test_volume_make(&volume);
    fill();
    SetEnvironmentVariableW(L"THAWLINE_CLONE_ROOTS", on_volume(L"folder"));
    make_copy(VSS_CTX_NAS_ROLLBACK);
    SetEnvironmentVariableW(L"THAWLINE_CLONE_ROOTS", NULL);
    assert_hr(revert_to(copy.snapshot_id, TRUE), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_true(test_has_text(on_volume(L"same.txt"), "same"));
    tear_down(NULL);
}

static volatile LONG sentences_that_name_the_setting;

static void CALLBACK hear(void *context, int level, const WCHAR *line)
{
    (void)context;
    (void)level;
    if (wcsstr(line, L"ALLOW_REVERT"))
        InterlockedIncrement(&sentences_that_name_the_setting);
}

/* Nothing begins; what was begun before is finished. */
static void reverting_can_be_forbidden(void **state)
{
    (void)state;
    spoil();
    assert_hr(ThawlineSetFault("file", L"revert-put", VSS_E_VOLUME_IN_USE, 2, 1, 0), S_OK);
    assert_hr(revert_to(copy.snapshot_id, FALSE), S_OK);
    assert_hr(await_revert(), VSS_E_VOLUME_IN_USE);
    assert_hr(ThawlineClearFaults(), S_OK);
    assert_hr(ThawlineSetOption(L"ALLOW_REVERT", L"0"), S_OK);
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    assert_reverted();
    spoil();
    assert_hr(ThawlineSetLogSink(hear, NULL, 1), S_OK);
    sentences_that_name_the_setting = 0;
    assert_hr(revert_to(copy.snapshot_id, TRUE), E_NOTIMPL);
    assert_int_equal(sentences_that_name_the_setting, 1);
    assert_hr(ThawlineSetOption(L"ALLOW_REVERT", NULL), S_OK);
    SetEnvironmentVariableW(L"THAWLINE_ALLOW_REVERT", L"no");
    assert_hr(revert_to(copy.snapshot_id, TRUE), E_NOTIMPL);
    assert_int_equal(sentences_that_name_the_setting, 2);
    assert_hr(ThawlineSetLogSink(NULL, NULL, 0), S_OK);
    assert_hr(revert_to(unknown, FALSE), VSS_E_OBJECT_NOT_FOUND);
    assert_true(test_has_text(on_volume(L"changed.txt"), "as it is "));
    SetEnvironmentVariableW(L"THAWLINE_ALLOW_REVERT", NULL);
    assert_hr(revert_to(copy.snapshot_id, FALSE), S_OK);
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    assert_reverted();
}

static void the_state_of_a_revert_is_asked_by_a_volumes_name(void **state)
{
    IVssAsync *async = (IVssAsync *)&unknown;
    (void)state;
    assert_hr(IVssBackupComponentsEx_QueryRevertStatus(components, NULL, &async), E_POINTER);
    assert_null(async);
    assert_hr(IVssBackupComponentsEx_QueryRevertStatus(components, volume.name, NULL), E_POINTER);
    async = (IVssAsync *)&unknown;
    assert_hr(IVssBackupComponentsEx_QueryRevertStatus(components, (VSS_PWSZ)L"no volume", &async),
        E_INVALIDARG);
    assert_null(async);
    assert_hr(IVssBackupComponentsEx_QueryRevertStatus(components,
                  (VSS_PWSZ)L"\\\\?\\Volume{0badc0de-0000-0000-0000-000000000000}\\", &async),
        VSS_E_OBJECT_NOT_FOUND);
    /* None is under way: it is over. */
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
}

/* ---- Reverting ---- */

static void a_volume_becomes_what_its_copy_holds(void **state)
{
    (void)state;
    spoil();
    assert_hr(revert_to(copy.snapshot_id, FALSE), S_OK);
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    assert_reverted();
    /* The copy is still good, and so is a second time. */
    spoil();
    assert_hr(revert_to(copy.snapshot_id, FALSE), S_OK);
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    assert_reverted();
}

static void links_on_the_volume_are_neither_followed_nor_removed(void **state)
{
    WCHAR outside[TEST_PATH_UNITS];
    (void)state;
    swprintf(outside, TEST_PATH_UNITS, L"%ls-outside", volume.backing);
    test_make_folder(outside);
    test_write_text(test_path(outside, L"secret"), "sierra");
    assert_true(test_host_link(outside, on_volume(L"link")));
    spoil();
    assert_hr(revert_to(copy.snapshot_id, FALSE), S_OK);
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    assert_true(test_has_text(test_path(outside, L"secret"), "sierra"));
    assert_true(test_has_text(on_volume(L"link\\secret"), "sierra"));
    assert_true(test_has_text(on_volume(L"changed.txt"), "as it was"));
    test_delete(outside);
}

static HANDLE open_file(DWORD share)
{
    HANDLE file = CreateFileW(
        on_volume(L"changed.txt"), GENERIC_READ, share, NULL, OPEN_EXISTING, 0, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    return file;
}

static void a_volume_in_use_is_reverted_by_force_only(void **state)
{
    (void)state;
    spoil();
    HANDLE file = open_file(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE);
    assert_hr(revert_to(copy.snapshot_id, FALSE), VSS_E_VOLUME_IN_USE);
    assert_true(test_has_text(on_volume(L"changed.txt"), "as it is "));
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    assert_true(test_has_text(on_volume(L"changed.txt"), "as it is "));
    assert_hr(revert_to(copy.snapshot_id, TRUE), S_OK);
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    CloseHandle(file);
    assert_reverted();
}

/* What can't be done is found before anything is changed; nothing is left to be finished then. */
static void a_file_that_nobody_may_write_is_found_before_anything_is_changed(void **state)
{
    (void)state;
    spoil();
    HANDLE file = open_file(FILE_SHARE_READ);
    assert_hr(revert_to(copy.snapshot_id, TRUE), VSS_E_VOLUME_IN_USE);
    assert_true(test_has_text(on_volume(L"changed.txt"), "as it is "));
    assert_true(test_has_text(on_volume(L"new\\new.txt"), "new"));
    assert_false(test_exists(on_volume(L"deleted.txt")));
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    assert_true(test_has_text(on_volume(L"changed.txt"), "as it is "));
    CloseHandle(file);
    assert_hr(revert_to(copy.snapshot_id, TRUE), S_OK);
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    assert_reverted();
}

/* Only the bytes differ, so it shows when the revert has begun: still before anything is changed.
   */
static void a_file_found_open_late_fails_the_revert_and_changes_nothing(void **state)
{
    (void)state;
    FILETIME written = test_write_time(on_volume(L"same.txt"));
    test_write_text(on_volume(L"same.txt"), "emas");
    test_set_write_time(on_volume(L"same.txt"), written);
    test_write_text(on_volume(L"new.txt"), "new");
    HANDLE file = CreateFileW(
        on_volume(L"same.txt"), GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    assert_ptr_not_equal(file, INVALID_HANDLE_VALUE);
    assert_hr(revert_to(copy.snapshot_id, TRUE), S_OK);
    assert_hr(await_revert(), VSS_E_VOLUME_IN_USE);
    /* Whoever asks later is told the same, and nothing happens. */
    assert_hr(await_revert(), VSS_E_VOLUME_IN_USE);
    CloseHandle(file);
    assert_hr(await_revert(), VSS_E_VOLUME_IN_USE);
    assert_true(test_has_text(on_volume(L"new.txt"), "new"));
    assert_true(test_has_text(on_volume(L"same.txt"), "emas"));
    assert_hr(revert_to(copy.snapshot_id, TRUE), S_OK);
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    assert_reverted();
}

/* ---- What a copy must be ---- */

static void a_copy_whose_deletion_failed_cannot_be_reverted_to(void **state)
{
    (void)state;
    /* One file of the copy can't be deleted; the others are gone. */
    assert_hr(ThawlineSetFault(
                  "file", L"delete-file", HRESULT_FROM_WIN32(ERROR_SHARING_VIOLATION), 1, 1, 0),
        S_OK);
    assert_hr(delete_copy(), VSS_E_PROVIDER_VETO);
    assert_hr(ThawlineClearFaults(), S_OK);
    assert_hr(revert_to(copy.snapshot_id, TRUE), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_true(test_has_text(on_volume(L"changed.txt"), "as it was"));
    assert_true(test_has_text(on_volume(L"folder\\renamed.txt"), "renamed later"));
}

/* Any copy may be one of a volume that the system runs from. */
static void the_volume_that_the_system_runs_from_cannot_be_reverted(void **state)
{
    (void)state;
    struct backup of_system;
    IVssAsync *async = NULL;
    WCHAR folder[MAX_PATH];
    SetEnvironmentVariableW(L"THAWLINE_CLONE_ROOTS", volume.backing);
    backup_create(&of_system);
    assert_hr(IVssBackupComponents_InitializeForBackup(of_system.components, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(of_system.components, VSS_CTX_NAS_ROLLBACK), S_OK);
    assert_hr(IVssBackupComponents_StartSnapshotSet(of_system.components, &of_system.set_id), S_OK);
    assert_true(GetWindowsDirectoryW(folder, MAX_PATH));
    WCHAR system_volume[] = {folder[0], L':', L'\\', 0};
    assert_hr(IVssBackupComponents_AddToSnapshotSet(
                  of_system.components, system_volume, GUID_NULL, &of_system.snapshot_id),
        S_OK);
    assert_hr(IVssBackupComponents_DoSnapshotSet(of_system.components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    SetEnvironmentVariableW(L"THAWLINE_CLONE_ROOTS", NULL);
    assert_hr(revert_to(of_system.snapshot_id, TRUE), VSS_E_VOLUME_NOT_SUPPORTED);
    LONG deleted = 0;
    VSS_ID failed;
    assert_hr(IVssBackupComponents_DeleteSnapshots(of_system.components, of_system.snapshot_id,
                  VSS_OBJECT_SNAPSHOT, TRUE, &deleted, &failed),
        S_OK);
    backup_release(&of_system);
}

static HANDLE go_on;

/* On the thread that reverts. */
static void CALLBACK hold(void *context, int level, const WCHAR *line)
{
    (void)context;
    (void)level;
    if (wcsstr(line, L"(revert-delete) holds up"))
        WaitForSingleObject(go_on, INFINITE);
}

/* The next revert stays before its first deletion, until let_go_on. */
static void hold_the_next(void)
{
    go_on = CreateEventW(NULL, TRUE, FALSE, NULL);
    assert_non_null(go_on);
    assert_hr(ThawlineSetLogSink(hold, NULL, 4), S_OK);
    assert_hr(ThawlineSetFault("file", L"revert-delete", S_OK, 1, 1, 1), S_OK);
}

static void let_go_on(void)
{
    assert_true(SetEvent(go_on));
    assert_hr(ThawlineSetLogSink(NULL, NULL, 0), S_OK); /* it has heard by then */
    assert_hr(ThawlineClearFaults(), S_OK);
    CloseHandle(go_on);
}

static void two_reverts_at_once_are_one(void **state)
{
    (void)state;
    spoil();
    hold_the_next();
    assert_hr(revert_to(copy.snapshot_id, FALSE), S_OK);
    assert_hr(revert_to(copy.snapshot_id, FALSE), VSS_E_REVERT_IN_PROGRESS);
    assert_hr(revert_to(copy.snapshot_id, TRUE), VSS_E_REVERT_IN_PROGRESS);
    assert_hr(delete_copy(), VSS_E_PROVIDER_VETO);
    let_go_on();
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    assert_reverted();
}

static void a_revert_under_way_is_pending_and_waited_for(void **state)
{
    IVssAsync *async = NULL;
    (void)state;
    spoil();
    hold_the_next();
    assert_hr(revert_to(copy.snapshot_id, FALSE), S_OK);
    assert_hr(IVssBackupComponentsEx_QueryRevertStatus(components, volume.name, &async), S_OK);
    assert_hr(async_status(async), VSS_S_ASYNC_PENDING);
    assert_hr(IVssAsync_Cancel(async), E_FAIL);
    assert_hr(async_status(async), VSS_S_ASYNC_PENDING);
    let_go_on();
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    assert_reverted();
}

/* All that is to come is written before anything goes. */
static void a_disk_that_fills_up_fails_the_revert_and_changes_nothing(void **state)
{
    (void)state;
    spoil();
    assert_hr(ThawlineSetFault("file", L"copy-write", HRESULT_FROM_WIN32(ERROR_DISK_FULL), 1, 1, 0),
        S_OK);
    assert_hr(revert_to(copy.snapshot_id, FALSE), S_OK);
    assert_hr(await_revert(), VSS_E_INSUFFICIENT_STORAGE);
    assert_hr(ThawlineClearFaults(), S_OK);
    assert_true(test_has_text(on_volume(L"changed.txt"), "as it is "));
    assert_true(test_has_text(on_volume(L"new\\new.txt"), "new"));
    assert_hr(revert_to(copy.snapshot_id, FALSE), S_OK);
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    assert_reverted();
}

/* The copy is kept and shown to nobody, no other is made, and whoever asks next finishes it. */
static void a_volume_half_way_is_finished_before_anything_else(void **state)
{
    VSS_PWSZ exposed = NULL;
    IVssAsync *async = NULL;
    struct backup half;
    (void)state;
    spoil();
    assert_hr(ThawlineSetFault("file", L"revert-put", VSS_E_VOLUME_IN_USE, 2, 1, 0), S_OK);
    assert_hr(revert_to(copy.snapshot_id, FALSE), S_OK);
    assert_hr(await_revert(), VSS_E_VOLUME_IN_USE);
    assert_hr(ThawlineClearFaults(), S_OK);
    assert_hr(delete_copy(), VSS_E_PROVIDER_VETO);
    assert_hr(IVssBackupComponentsEx_ExposeSnapshot(components, copy.snapshot_id, NULL,
                  VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY, (VSS_PWSZ)L"W:", &exposed),
        VSS_E_PROVIDER_VETO);
    assert_null(exposed);
    assert_hr(revert_to(copy.snapshot_id, TRUE), VSS_E_REVERT_IN_PROGRESS);
    backup_create(&half);
    assert_hr(IVssBackupComponents_InitializeForBackup(half.components, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(half.components, VSS_CTX_NAS_ROLLBACK), S_OK);
    assert_hr(IVssBackupComponents_StartSnapshotSet(half.components, &half.set_id), S_OK);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(
                  half.components, volume.name, GUID_NULL, &half.snapshot_id),
        S_OK);
    assert_hr(IVssBackupComponents_DoSnapshotSet(half.components, &async), S_OK);
    assert_hr(await(async), VSS_E_PROVIDER_VETO);
    backup_release(&half);
    test_write_text(on_volume(L"saved meanwhile"), "mine");
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    assert_true(test_has_text(on_volume(L"saved meanwhile"), "mine"));
    test_delete(on_volume(L"saved meanwhile"));
    assert_reverted();
    assert_hr(delete_copy(), S_OK);
}

static void a_copy_that_is_not_what_was_copied_cannot_be_reverted_to(void **state)
{
    VSS_SNAPSHOT_PROP prop = {0};
    WCHAR torn[TEST_PATH_UNITS];
    (void)state;
    spoil();
    assert_hr(
        IVssBackupComponents_GetSnapshotProperties(copy.components, copy.snapshot_id, &prop), S_OK);
    swprintf(torn, TEST_PATH_UNITS, L"%ls%ls\\folder\\renamed.txt", prop.m_pwszSnapshotDeviceObject,
        volume.inside);
    VssFreeSnapshotProperties(&prop);
    test_delete(torn);
    assert_hr(revert_to(copy.snapshot_id, TRUE), S_OK);
    assert_hr(await_revert(), VSS_E_VOLUME_NOT_SUPPORTED);
    assert_true(test_has_text(on_volume(L"changed.txt"), "as it is "));
    assert_true(test_has_text(on_volume(L"folder\\moved.txt"), "renamed later"));
}

static void a_revert_cannot_be_cancelled(void **state)
{
    IVssAsync *async = NULL;
    (void)state;
    spoil();
    assert_hr(revert_to(copy.snapshot_id, FALSE), S_OK);
    assert_hr(IVssBackupComponentsEx_QueryRevertStatus(components, volume.name, &async), S_OK);
    HRESULT cancelled = IVssAsync_Cancel(async);
    assert_true(cancelled == E_FAIL || cancelled == VSS_S_ASYNC_FINISHED);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    assert_reverted();
}

/* ---- A process that ends in the middle ---- */

static void run_child(void)
{
    WCHAR own[MAX_PATH];
    WCHAR line[2 * MAX_PATH];
    WCHAR id[64];
    STARTUPINFOW startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION child;
    GetModuleFileNameW(NULL, own, MAX_PATH);
    assert_true(StringFromGUID2(&copy.snapshot_id, id, 64));
    swprintf(line, 2 * MAX_PATH, L"\"%ls\" %ls", own, id);
    assert_true(start_process(line, FALSE, 0, &startup, &child));
    WaitForSingleObject(child.hProcess, INFINITE);
    DWORD code = 1;
    GetExitCodeProcess(child.hProcess, &code);
    CloseHandle(child.hThread);
    CloseHandle(child.hProcess);
    assert_int_equal(code, 0);
}

/* The child's whole life: it does not get beyond the middle. */
static int revert_and_end(const char *text)
{
    WCHAR id[64];
    VSS_ID snapshot_id;
    IVssAsync *async = NULL;
    MultiByteToWideChar(CP_ACP, 0, text, -1, id, 64);
    if (FAILED(CLSIDFromString(id, &snapshot_id)))
        return 2;
    start_session();
    VSS_SNAPSHOT_PROP prop = {0};
    HRESULT hr = IVssBackupComponents_GetSnapshotProperties(copy.components, snapshot_id, &prop);
    if (SUCCEEDED(hr))
        hr = ThawlineSetFault("file", L"revert-put", VSS_E_VOLUME_IN_USE, FILES / 2, 1, 0);
    if (SUCCEEDED(hr))
        hr = revert_to(snapshot_id, FALSE);
    if (SUCCEEDED(hr))
        hr = IVssBackupComponentsEx_QueryRevertStatus(
            components, prop.m_pwszOriginalVolumeName, &async);
    bool half_way = SUCCEEDED(hr) && await(async) == VSS_E_VOLUME_IN_USE;
    TerminateProcess(GetCurrentProcess(), half_way ? 0 : 3);
    return 3;
}

static void what_a_dead_process_left_half_way_is_finished(void **state)
{
    WCHAR name[32];
    (void)state;
    test_volume_make(&volume);
    fill();
    for (int i = 0; i < FILES; i++)
    {
        swprintf(name, 32, L"folder\\file%d", i);
        test_write_text(on_volume(name), "as it was");
    }
    make_copy(VSS_CTX_NAS_ROLLBACK);
    spoil();
    for (int i = 0; i < FILES; i++)
    {
        swprintf(name, 32, L"folder\\file%d", i);
        test_write_text(on_volume(name), "changed");
    }
    run_child();
    assert_hr(delete_copy(), VSS_E_PROVIDER_VETO);
    assert_hr(await_revert(), VSS_S_ASYNC_FINISHED);
    assert_reverted();
    tear_down(NULL);
}

int main(int argc, char **argv)
{
#define with_copy(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        with_copy(an_unknown_copy_is_not_found),
        cmocka_unit_test(only_a_persistent_copy_can_be_reverted_to),
        cmocka_unit_test(a_copy_of_parts_cannot_be_reverted_to),
        with_copy(reverting_can_be_forbidden),
        with_copy(the_state_of_a_revert_is_asked_by_a_volumes_name),
        with_copy(a_volume_becomes_what_its_copy_holds),
        with_copy(links_on_the_volume_are_neither_followed_nor_removed),
        with_copy(a_volume_in_use_is_reverted_by_force_only),
        with_copy(a_file_that_nobody_may_write_is_found_before_anything_is_changed),
        with_copy(a_file_found_open_late_fails_the_revert_and_changes_nothing),
        with_copy(a_copy_whose_deletion_failed_cannot_be_reverted_to),
        with_copy(the_volume_that_the_system_runs_from_cannot_be_reverted),
        with_copy(two_reverts_at_once_are_one),
        with_copy(a_revert_under_way_is_pending_and_waited_for),
        with_copy(a_disk_that_fills_up_fails_the_revert_and_changes_nothing),
        with_copy(a_volume_half_way_is_finished_before_anything_else),
        with_copy(a_copy_that_is_not_what_was_copied_cannot_be_reverted_to),
        with_copy(a_revert_cannot_be_cancelled),
        cmocka_unit_test(what_a_dead_process_left_half_way_is_finished),
    };
    if (argc == 2)
        return revert_and_end(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
