/* SPDX-License-Identifier: MIT
 *
 * A requestor that is killed leaves nothing: ten times, at random moments spread over the whole
 * course of a backup. After each the next backup works at once, and neither a shadow copy nor a
 * file of ours is left.
 *
 * The moments come from THAWLINE_TEST_SEED, or from the clock; the seed is printed.
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
#include <objbase.h>
#include <shlobj.h>

#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include "scenario/cli_process.h"
#include "support/backup.h"
#include "support/sample_tree.h"
#include "support/test_volume.h"

#define RUNS 10
#define FILES 150
#define FILE_SIZE 20000
/* The code that a killed process gets here; thawline.exe has none like it. */
#define KILLED 77

struct fixture
{
    struct test_volume volume;
    WCHAR source[SAMPLE_PATH];
    WCHAR destination[SAMPLE_PATH]; /* of the backups that are killed */
    WCHAR next[SAMPLE_PATH];        /* of those after them */
    WCHAR catalog[SAMPLE_PATH];
    uint32_t random;
};

static struct fixture fixture;

static uint32_t next_random(void)
{
    fixture.random ^= fixture.random << 13;
    fixture.random ^= fixture.random >> 17;
    fixture.random ^= fixture.random << 5;
    return fixture.random;
}

static void find_catalog(void)
{
    WCHAR local[MAX_PATH], scope[64];

    assert_hr(SHGetFolderPathW(NULL, CSIDL_LOCAL_APPDATA, NULL, SHGFP_TYPE_CURRENT, local), S_OK);
    if (!GetEnvironmentVariableW(L"THAWLINE_SCOPE", scope, ARRAYSIZE(scope)))
        wcscpy(scope, L"default");
    _snwprintf(fixture.catalog, SAMPLE_PATH, L"%ls\\Thawline\\Catalog\\%ls", local, scope);
}

static int set_up(void **state)
{
    const char *seed = getenv("THAWLINE_TEST_SEED");

    (void)state;
    fixture.random = (seed ? strtoul(seed, NULL, 0) : GetTickCount()) | 1;
    print_message("seed %u\n", fixture.random);
    test_volume_make(&fixture.volume);
    _snwprintf(fixture.source, SAMPLE_PATH, L"%ls\\source", fixture.volume.folder);
    sample_make_many(fixture.source, FILES, FILE_SIZE);
    sample_path(L"killed", fixture.destination);
    sample_path(L"next", fixture.next);
    find_catalog();
    return CoInitializeEx(NULL, COINIT_MULTITHREADED) >= 0 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    sample_remove(fixture.destination);
    sample_remove(fixture.next);
    test_volume_remove(&fixture.volume);
    return 0;
}

static void start(struct cli_process *cli, const WCHAR *destination)
{
    WCHAR arguments[4 * SAMPLE_PATH];

    _snwprintf(arguments, ARRAYSIZE(arguments), L"backup %ls %ls --verify --json", fixture.source,
        destination);
    cli_start(cli, L"thawline.exe", arguments, 0);
}

/* The last line it said: where it was killed. */
static const char *last_line(char *text)
{
    char *line;

    text[strcspn(text, "\r")] = 0;
    for (size_t length = strlen(text); length && text[length - 1] == '\n'; length--)
        text[length - 1] = 0;
    line = strrchr(text, '\n');
    return line ? line + 1 : text;
}

/* False: it was done before its time had come. */
static bool kill_after(DWORD milliseconds, unsigned run)
{
    struct cli_process cli;
    bool killed;

    start(&cli, fixture.destination);
    WaitForSingleObject(cli.process, milliseconds);
    TerminateProcess(cli.process, KILLED);
    cli_finish(&cli);
    killed = cli.exit_code == KILLED;
    print_message("run %u: %s after %lu ms: %s\n", run, killed ? "killed" : "was already done",
        milliseconds, last_line(cli.err.text));
    cli_free(&cli);
    sample_remove(fixture.destination);
    return killed;
}

/* Whoever holds the lock that one creation at a time takes would make it wait. Returns how long it
   takes, in milliseconds. */
static DWORD assert_backup_works_at_once(void)
{
    struct cli_process cli;
    ULONGLONG begin = GetTickCount64();
    DWORD length;

    start(&cli, fixture.next);
    cli_finish(&cli);
    length = (DWORD)(GetTickCount64() - begin);
    assert_exit(&cli, 0);
    assert_says(&cli, out, "\"verified\":true");
    assert_null(strstr(cli.err.text, "Waiting for another backup"));
    cli_free(&cli);
    sample_remove(fixture.next);
    return length;
}

static void assert_no_shadow_copy(void)
{
    static const VSS_ID none;
    IVssBackupComponents *components;
    IVssEnumObject *all;
    VSS_OBJECT_PROP property;
    ULONG fetched = 0;

    assert_hr(CreateVssBackupComponents(&components), S_OK);
    assert_hr(IVssBackupComponents_InitializeForBackup(components, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(components, VSS_CTX_ALL), S_OK);
    assert_hr(
        IVssBackupComponents_Query(components, none, VSS_OBJECT_NONE, VSS_OBJECT_SNAPSHOT, &all),
        S_FALSE);
    assert_hr(IVssEnumObject_Next(all, 1, &property, &fetched), S_FALSE);
    assert_int_equal(fetched, 0);
    IVssEnumObject_Release(all);
    IVssBackupComponents_Release(components);
}

/* The only file that stays is the one which creations lock; nobody holds it. */
static void assert_no_record_lock_or_temporary(void)
{
    WCHAR pattern[SAMPLE_PATH];
    WIN32_FIND_DATAW data;
    HANDLE find;

    _snwprintf(pattern, SAMPLE_PATH, L"%ls\\*", fixture.catalog);
    find = FindFirstFileW(pattern, &data);
    assert_true(find != INVALID_HANDLE_VALUE);
    do
    {
        if (!(data.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) &&
            wcscmp(data.cFileName, L"creation.lock"))
            fail_msg("left behind: %ls\\%ls", fixture.catalog, data.cFileName);
    } while (FindNextFileW(find, &data));
    FindClose(find);
}

static void assert_no_store(void)
{
    WCHAR path[SAMPLE_PATH];

    _snwprintf(
        path, SAMPLE_PATH, L"%ls\\System Volume Information\\Thawline", fixture.volume.folder);
    if (test_count_entries(path))
        fail_msg("left behind: %u files and folders in %ls", test_count_entries(path), path);
}

static void a_killed_backup_leaves_nothing_and_the_next_one_works(void **state)
{
    DWORD length = assert_backup_works_at_once();
    unsigned too_late = 0;

    (void)state;
    for (unsigned run = 1; run <= RUNS;)
    {
        /* One moment in each tenth of its course, which is as long as that of the backup before. */
        bool killed = kill_after((length * (run - 1) + next_random() % length) / RUNS, run);

        length = assert_backup_works_at_once();
        assert_no_shadow_copy();
        assert_no_record_lock_or_temporary();
        assert_no_store();
        run += killed;
        too_late += !killed;
        assert_true(too_late < RUNS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_backup_leaves_nothing_and_the_next_one_works),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
