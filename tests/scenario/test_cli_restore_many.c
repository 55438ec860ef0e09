/* SPDX-License-Identifier: MIT
 *
 * `thawline restore` of a component of many files: afterwards they are what they were, in content,
 * write times and attributes, also when the restore was killed on its way and run again.
 *
 * Two thousand files; ten thousand with THAWLINE_TEST_LONG in the environment, as in
 * `tools/test --long`.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "scenario/cli_process.h"
#include "support/sample_tree.h"
#include "support/scripted_writer.h"
#include "support/test_volume.h"

#define FILES 2000u
#define FILES_LONG 10000u
#define FOLDERS 80u
/* Folders above those: `deep` and `deep\er`. */
#define ABOVE 2
#define LARGEST 65537u
/* One in so many has come back when the restore is killed. */
#define KILLED_AT 5
/* Longer than anything here takes on a busy machine. */
#define CHANGE_PATIENCE 60000

/* A write time, and how far apart those of two files are: an hour and some seconds, in 100 ns. */
#define FIRST_TIME 130000000000000000ULL
#define TIME_STEP 36170000000ULL

static WCHAR source[SAMPLE_PATH], copy[SAMPLE_PATH];
static unsigned files = FILES;
static struct scripted_writer writer;
static volatile LONG restored; /* components of which PostRestore heard that all files are back */

/* ---- The files ---- */

static void folder_path(unsigned index, WCHAR *path)
{
    static const WCHAR *const shapes[] = {
        L"%ls\\-%u", L"%ls\\deep\\er\\f%u", L"%ls\\Gr\xfc\xdf\x65e5\x672c f%u", L"%ls\\~f%u;%%x"};

    _snwprintf(path, SAMPLE_PATH, shapes[index % ARRAYSIZE(shapes)], source, index);
}

static void file_path(unsigned index, WCHAR *path)
{
    static const WCHAR *const shapes[] = {L"%ls\\%u.dat", L"%ls\\a b %u", L"%ls\\-%u",
        L"%ls\\\xe9\x3b1\x4e2d %u.txt", L"%ls\\[%u] 100%% ~;,=+$@!'&(){}^#`", L"%ls\\%u.tar.gz..x"};
    WCHAR folder[SAMPLE_PATH];

    folder_path(index % FOLDERS, folder);
    _snwprintf(path, SAMPLE_PATH, shapes[index / FOLDERS % ARRAYSIZE(shapes)], folder, index);
}

static DWORD file_size(unsigned index)
{
    static const DWORD sizes[] = {0, 1, 100, 511, 4095, 4096, 4097, 0, 20000, LARGEST};

    return sizes[index % 11 % ARRAYSIZE(sizes)];
}

static DWORD file_attributes(unsigned index)
{
    static const DWORD attributes[] = {FILE_ATTRIBUTE_NORMAL, FILE_ATTRIBUTE_READONLY,
        FILE_ATTRIBUTE_HIDDEN, FILE_ATTRIBUTE_NORMAL,
        FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM};

    return attributes[index % 13 % ARRAYSIZE(attributes)];
}

static FILETIME file_time(unsigned index)
{
    ULONGLONG time = FIRST_TIME + index * TIME_STEP;

    return (FILETIME){(DWORD)time, (DWORD)(time >> 32)};
}

/* The file's bytes; good until the next call. */
static const BYTE *file_bytes(unsigned index)
{
    static BYTE bytes[LARGEST];
    DWORD size = file_size(index);

    for (DWORD i = 0; i < size; i++)
        bytes[i] = (BYTE)(index + i * 7 + i / 251);
    return bytes;
}

static void make_file(unsigned index)
{
    FILETIME time = file_time(index);
    WCHAR path[SAMPLE_PATH];
    DWORD written;
    HANDLE file;

    file_path(index, path);
    file = CreateFileW(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, file_attributes(index), NULL);
    if (file == INVALID_HANDLE_VALUE)
        fail_msg("cannot create %ls: error %lu", path, GetLastError());
    assert_true(WriteFile(file, file_bytes(index), file_size(index), &written, NULL));
    assert_true(SetFileTime(file, NULL, NULL, &time));
    CloseHandle(file);
}

/* Whether it is what make_file made. */
static bool is_as_made(unsigned index)
{
    static BYTE bytes[LARGEST + 1];
    const DWORD compared = FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM;
    BY_HANDLE_FILE_INFORMATION info = {0};
    FILETIME time = file_time(index);
    WCHAR path[SAMPLE_PATH];
    DWORD size = 0;
    HANDLE file;
    bool same;

    file_path(index, path);
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    same = file != INVALID_HANDLE_VALUE && ReadFile(file, bytes, sizeof(bytes), &size, NULL) &&
        size == file_size(index) && !memcmp(bytes, file_bytes(index), size) &&
        GetFileInformationByHandle(file, &info) && !CompareFileTime(&info.ftLastWriteTime, &time) &&
        !((info.dwFileAttributes ^ file_attributes(index)) & compared);
    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    if (!same)
        print_error("%ls is not what it was: %lu bytes, attributes %lx\n", path, size,
            info.dwFileAttributes);
    return same;
}

/* Files have none so old. */
static FILETIME folder_time(unsigned index)
{
    ULONGLONG time = FIRST_TIME - (index + 1) * TIME_STEP;

    return (FILETIME){(DWORD)time, (DWORD)(time >> 32)};
}

static void make_files(void)
{
    WCHAR path[SAMPLE_PATH];

    for (unsigned i = 0; i < FOLDERS; i++)
    {
        folder_path(i, path);
        sample_write(test_path(path, L"begin"), "", 0);
        test_delete(test_path(path, L"begin"));
    }
    for (unsigned i = 0; i < files; i++)
        make_file(i);
    for (unsigned i = 0; i < FOLDERS; i++)
    {
        folder_path(i, path);
        test_set_write_time(path, folder_time(i));
    }
}

static void assert_all_as_made(void)
{
    unsigned others = 0;

    for (unsigned i = 0; i < files; i++)
        others += !is_as_made(i);
    for (unsigned i = 0; i < FOLDERS; i++)
    {
        FILETIME time = folder_time(i), now;
        WCHAR path[SAMPLE_PATH];

        folder_path(i, path);
        now = test_write_time(path);
        others += CompareFileTime(&time, &now) != 0;
    }
    assert_int_equal(others, 0);
    assert_int_equal(test_count_entries(source), files + FOLDERS + ABOVE);
}

/* ---- The writer ---- */

static void describe(struct scripted_writer *self, IVssCreateWriterMetadataEx *metadata)
{
    (void)self;
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group", L"data0", source, L"*", TRUE, NULL, 0xF0F);
}

static void see_status(struct scripted_writer *self, const THAWLINE_EVENT *event, void *context)
{
    VSS_FILE_RESTORE_STATUS status = VSS_RS_UNDEFINED;
    IVssComponent *component = NULL;

    (void)self;
    (void)context;
    event->pComponents->lpVtbl->GetComponent(event->pComponents, 0, &component);
    IVssComponent_GetFileRestoreStatus(component, &status);
    IVssComponent_Release(component);
    if (status == VSS_RS_ALL)
        InterlockedIncrement(&restored);
}

/* ---- The course ---- */

static int back_up(void **state)
{
    struct cli_process cli;

    (void)state;
    if (GetEnvironmentVariableW(L"THAWLINE_TEST_LONG", NULL, 0))
        files = FILES_LONG;
    sample_path(L"source", source);
    sample_path(L"copy", copy);
    make_files();
    writer = (struct scripted_writer){.name = L"Archive",
        .id = {0xbcbcbcbc, 0x1111, 0x4111, {0x8c, 1, 1, 1, 1, 1, 1, 1}},
        .components = 1,
        .describe = describe};
    writer.at[ON_POST_RESTORE].action = see_status;
    scripted_writer_start(&writer);
    /* The files stand still: no copy of them need be made before the copy. */
    cli_run(&cli, L"backup --provider live %ls %ls", source, copy);
    assert_exit(&cli, 0);
    cli_free(&cli);
    return 0;
}

static int clean_up(void **state)
{
    (void)state;
    scripted_writer_stop(&writer);
    sample_remove(source);
    sample_remove(copy);
    return 0;
}

static void start_restore(struct cli_process *cli)
{
    WCHAR arguments[4 * SAMPLE_PATH];

    _snwprintf(
        arguments, ARRAYSIZE(arguments), L"restore %ls\\backup-components.xml %ls", copy, copy);
    cli_start(cli, L"thawline.exe", arguments, 0);
}

static void restore_all(void)
{
    struct cli_process cli;
    char line[80];

    restored = 0;
    start_restore(&cli);
    cli_finish(&cli);
    assert_exit(&cli, 0);
    snprintf(line, sizeof(line), "component group\\data0 of Archive: %u files", files);
    assert_says(&cli, out, line);
    assert_says(&cli, out, "The restore is whole.");
    cli_free(&cli);
    assert_int_equal(restored, 1);
    assert_all_as_made();
}

/* Every third is lost, every other third is another, and what is there may be guarded. */
static void damage_files(void)
{
    for (unsigned i = 0; i < files; i++)
    {
        WCHAR path[SAMPLE_PATH];

        if (i % 3 == 2)
            continue;
        file_path(i, path);
        test_set_attributes(path, FILE_ATTRIBUTE_NORMAL);
        if (i % 3 == 0)
        {
            assert_true(DeleteFileW(path));
            continue;
        }
        test_write_text(path, i % 2 ? "damaged" : "");
        if (i % 5 == 0)
            test_set_attributes(path, FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN);
    }
}

static void files_that_were_damaged_or_lost_come_back_as_they_were(void **state)
{
    (void)state;
    damage_files();
    restore_all();
}

/* Until so many files and folders are below the folder. */
static void await_entries(const WCHAR *folder, unsigned count)
{
    HANDLE change = FindFirstChangeNotificationW(folder, TRUE, FILE_NOTIFY_CHANGE_FILE_NAME);

    assert_true(change != INVALID_HANDLE_VALUE);
    while (test_count_entries(folder) < count)
    {
        assert_int_equal(WaitForSingleObject(change, CHANGE_PATIENCE), WAIT_OBJECT_0);
        assert_true(FindNextChangeNotification(change));
    }
    FindCloseChangeNotification(change);
}

static void a_restore_that_was_killed_on_its_way_is_completed_by_the_next(void **state)
{
    struct cli_process cli;

    (void)state;
    sample_remove(source);
    test_make_folder(source);
    start_restore(&cli);
    await_entries(source, files / KILLED_AT);
    assert_true(TerminateProcess(cli.process, 99));
    cli_finish(&cli);
    assert_exit(&cli, 99);
    cli_free(&cli);
    assert_in_range(test_count_entries(source), files / KILLED_AT, files - 1);
    restore_all();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_that_were_damaged_or_lost_come_back_as_they_were),
        cmocka_unit_test(a_restore_that_was_killed_on_its_way_is_completed_by_the_next),
    };

    return cmocka_run_group_tests(tests, back_up, clean_up);
}
