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

static void make_backing(struct test_volume *volume)
{
    static volatile LONG number;
    WCHAR temp[MAX_PATH];
    assert_true(GetTempPathW(MAX_PATH, temp));
    swprintf(volume->backing, TEST_PATH_UNITS, L"%lsvolume-%lu-%ld", temp,
        (unsigned long)GetCurrentProcessId(), (long)InterlockedIncrement(&number));
    test_make_folder(volume->backing);
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
    memset(volume, 0, sizeof(*volume));
    make_backing(volume);
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
    test_delete(volume->backing);
    memset(volume, 0, sizeof(*volume));
}
