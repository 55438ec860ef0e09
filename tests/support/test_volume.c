/* SPDX-License-Identifier: MIT
 *
 * Making and removing a test's volume. See test_volume.h; the files on it are in
 * test_volume_files.c. The control codes are those of Wine's mount manager (wine facts 4).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <windows.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>
#include <winioctl.h>

#include "support/test_volume.h"

/* Letters that tests share out among them. C: and Z: are Wine's, others may be a person's. */
#define FIRST_LETTER L'G'
#define LAST_LETTER L'W'
/* Marks a folder behind a letter as a test's: what a killed test left may be taken over. */
#define MARKER L".thawline-test-volume"
#define LETTER_TIMEOUT_MS 60000

#define DEFINE_UNIX_DRIVE CTL_CODE('m', 32, METHOD_BUFFERED, FILE_READ_ACCESS | FILE_WRITE_ACCESS)

struct unix_drive
{
    ULONG size;
    ULONG type;
    ULONG file_system;
    DWORD serial;
    ULONGLONG device;
    WCHAR letter;
    USHORT mount_point_offset;
    USHORT device_offset;
    USHORT label_offset;
};

static bool is_wine(void)
{
    return GetProcAddress(GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != NULL;
}

/* `target` NULL takes the letter back. */
static bool define_drive(WCHAR letter, const char *target)
{
    BYTE buffer[sizeof(struct unix_drive) + TEST_PATH_UNITS * 3] = {0};
    struct unix_drive *drive = (struct unix_drive *)buffer;
    size_t length = target ? strlen(target) + 1 : 0;
    if (length > sizeof(buffer) - sizeof(*drive))
        return false;
    drive->size = (ULONG)(sizeof(*drive) + length);
    drive->type = target ? DRIVE_FIXED : DRIVE_NO_ROOT_DIR;
    drive->letter = (WCHAR)(letter | 0x20);
    if (target)
    {
        drive->mount_point_offset = sizeof(*drive);
        memcpy(buffer + sizeof(*drive), target, length);
    }
    HANDLE manager = CreateFileW(L"\\\\.\\MountPointManager", GENERIC_READ | GENERIC_WRITE,
        FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    if (manager == INVALID_HANDLE_VALUE)
        return false;
    DWORD size = 0;
    BOOL done = DeviceIoControl(
        manager, DEFINE_UNIX_DRIVE, buffer, drive->size, NULL, 0, &size, NULL);
    CloseHandle(manager);
    return done;
}

static bool has_marker(WCHAR letter)
{
    WCHAR path[] = L"?:\\" MARKER;
    path[0] = letter;
    return test_exists(path);
}

/* Takes a free letter, or one that a killed test left. */
static bool take_letter(struct test_volume *volume, WCHAR letter)
{
    WCHAR name[] = L"Global\\thawline-test-volume-?";
    name[wcslen(name) - 1] = letter;
    HANDLE mutex = CreateMutexW(NULL, FALSE, name);
    if (!mutex)
        return false;
    DWORD waited = WaitForSingleObject(mutex, 0);
    if (waited == WAIT_OBJECT_0 || waited == WAIT_ABANDONED)
    {
        bool defined = GetLogicalDrives() >> (letter - L'A') & 1;
        if (defined && has_marker(letter))
            defined = !define_drive(letter, NULL);
        char *target = defined ? NULL : test_host_path(volume->backing);
        bool taken = target && define_drive(letter, target);
        HeapFree(GetProcessHeap(), 0, target);
        if (taken)
        {
            volume->mutex = mutex;
            return true;
        }
        ReleaseMutex(mutex);
    }
    CloseHandle(mutex);
    return false;
}

#define HOST_VOLUMES L"THAWLINE_TEST_VOLUMES"

bool test_has_host_volumes(void)
{
    WCHAR folder[TEST_PATH_UNITS];
    DWORD length = GetEnvironmentVariableW(HOST_VOLUMES, folder, TEST_PATH_UNITS);
    if (!is_wine() || (length && wcscmp(folder, L"none") == 0))
    {
        print_message("NO TEST VOLUMES HERE: nothing of btrfs, XFS and ext4 is tested.\n");
        return false;
    }
    if (!length)
        fail_msg("THAWLINE_TEST_VOLUMES is not set: tools/run-test knows which tests want it");
    return true;
}

static void make_subvolume(const WCHAR *path)
{
    char *host_path = test_host_path(path);
    const char *arguments[] = {"btrfs", "-q", "subvolume", "create", host_path, NULL};
    assert_true(host_path && test_host_run(arguments));
    HeapFree(GetProcessHeap(), 0, host_path);
}

static void make_backing(struct test_volume *volume, enum test_volume_kind kind)
{
    static const WCHAR *const folders[] = {[TEST_ON_BTRFS] = L"btrfs",
        [TEST_ON_BTRFS_FOLDER] = L"btrfs", [TEST_ON_XFS] = L"xfs", [TEST_ON_EXT4] = L"ext4"};
    static volatile LONG number;
    WCHAR root[TEST_PATH_UNITS];
    if (kind == TEST_ON_TEMP)
        assert_true(GetTempPathW(MAX_PATH, root));
    else
        assert_true(GetEnvironmentVariableW(HOST_VOLUMES, root, TEST_PATH_UNITS));
    swprintf(volume->backing, TEST_PATH_UNITS, L"%ls%ls%ls%lsvolume-%lu-%ld", root,
        kind == TEST_ON_TEMP ? L"" : L"\\", kind == TEST_ON_TEMP ? L"" : folders[kind],
        kind == TEST_ON_TEMP ? L"" : L"\\", (unsigned long)GetCurrentProcessId(),
        (long)InterlockedIncrement(&number));
    if (kind == TEST_ON_BTRFS)
        make_subvolume(volume->backing);
    else
        test_make_folder(volume->backing);
    volume->kind = kind;
}

/* Letters go to tests that end: waiting is worth while. Ten tests at once would be many. */
static void map_letter(struct test_volume *volume)
{
    test_write_text(test_path(volume->backing, MARKER), "");
    DWORD began = GetTickCount();
    do
        for (WCHAR letter = FIRST_LETTER; letter <= LAST_LETTER; letter++)
            if (take_letter(volume, letter))
            {
                swprintf(volume->name, 4, L"%lc:\\", letter);
                swprintf(volume->folder, TEST_PATH_UNITS, L"%lc:", letter);
                /* A copy shall hold what the test put there, and nothing else. */
                assert_true(DeleteFileW(test_path(volume->folder, MARKER)));
                return;
            }
    while (GetTickCount() - began < LETTER_TIMEOUT_MS);
    fail_msg("no drive letter became free");
}

void test_volume_make(struct test_volume *volume)
{
    test_volume_make_on(volume, TEST_ON_TEMP);
}

void test_volume_make_on(struct test_volume *volume, enum test_volume_kind kind)
{
    memset(volume, 0, sizeof(*volume));
    make_backing(volume, kind);
    if (is_wine())
    {
        map_letter(volume);
        return;
    }
    swprintf(volume->name, 4, L"%lc:\\", volume->backing[0]);
    wcscpy(volume->folder, volume->backing);
    wcscpy(volume->inside, volume->backing + 2);
    SetEnvironmentVariableW(L"THAWLINE_CLONE_ROOTS", volume->backing);
}

/* What is read-only can't be deleted, and a failing test may leave such snapshots. */
static void make_subvolumes_writable(const WCHAR *folder)
{
    char *host_path = test_host_path(folder);
    const char *arguments[] = {"find", host_path, "-inum", "256", "-exec", "btrfs", "property",
        "set", "-ts", "{}", "ro", "false", ";", NULL};
    if (host_path)
        test_host_run(arguments);
    HeapFree(GetProcessHeap(), 0, host_path);
}

void test_volume_remove(struct test_volume *volume)
{
    if (!volume->backing[0])
        return;
    if (volume->mutex)
    {
        define_drive(volume->name[0], NULL);
        ReleaseMutex(volume->mutex);
        CloseHandle(volume->mutex);
    }
    if (volume->kind == TEST_ON_BTRFS)
        make_subvolumes_writable(volume->backing);
    test_delete(volume->backing);
    memset(volume, 0, sizeof(*volume));
}
