/* SPDX-License-Identifier: MIT
 *
 * A volume of a test's own: an empty temporary folder under a drive letter that no other test uses,
 * and files on it.
 *
 * Under Wine the folder is a drive of its own. On Windows a letter for a folder is no volume: there
 * it is a folder on C: to which THAWLINE_CLONE_ROOTS limits copies. Only Win32 and cmocka: fit for
 * unit and scenario tests. A function that can't do its work fails the test. Test thread only.
 */
#ifndef THAWLINE_TESTS_SUPPORT_TEST_VOLUME_H
#define THAWLINE_TESTS_SUPPORT_TEST_VOLUME_H

#include <windows.h>

#include <stdbool.h>

#define TEST_PATH_UNITS 1024

/* What it lies on. All but the first are made by tools/volumes. */
enum test_volume_kind
{
    TEST_ON_TEMP,
    TEST_ON_BTRFS, /* a subvolume */
    TEST_ON_BTRFS_FOLDER,
    TEST_ON_XFS,
    TEST_ON_EXT4
};

struct test_volume
{
    enum test_volume_kind kind;
    WCHAR name[4];                  /* `T:\`: what AddToSnapshotSet gets */
    WCHAR folder[TEST_PATH_UNITS];  /* `T:`, or `C:\...\folder`: where the test's files lie, no
                                       backslash at the end */
    WCHAR inside[TEST_PATH_UNITS];  /* `folder` below the volume's root with a leading backslash, or
                                       "" */
    WCHAR backing[TEST_PATH_UNITS]; /* the same folder by its path on C: */
    HANDLE mutex;                   /* holds the letter; NULL without one */
};

void test_volume_make(struct test_volume *volume);
/* The same on another file system. Ask test_has_host_volumes before. */
void test_volume_make_on(struct test_volume *volume, enum test_volume_kind kind);
/* Says so when there are none, as in containers without loop devices. Who asks must be listed in
   tests/CMakeLists.txt with those that want them. */
bool test_has_host_volumes(void);
void test_volume_remove(struct test_volume *volume); /* accepts one that is zeroed */

/* `folder` + `\` + `name` in a ring of buffers: good until some twenty calls later. */
const WCHAR *test_path(const WCHAR *folder, const WCHAR *name);

void test_make_folder(const WCHAR *path); /* fine when it exists */
void test_write_file(const WCHAR *path, const void *bytes, size_t size);
void test_write_text(const WCHAR *path, const char *text);
bool test_has_text(const WCHAR *path, const char *text); /* false when it is missing, too */
bool test_exists(const WCHAR *path);
void test_set_attributes(const WCHAR *path, DWORD attributes);
/* Sets the write time to so many seconds ago. */
void test_set_age(const WCHAR *path, unsigned seconds);
FILETIME test_write_time(const WCHAR *path);
void test_set_write_time(const WCHAR *path, FILETIME time);
/* Deletes a file, or a folder with all that is in it; not through links. */
void test_delete(const WCHAR *path);

/* Runs a program of the host (ln, mkfifo, ...) and waits; `arguments` ends with NULL. False on
   Windows. */
bool test_host_run(const char *const *arguments);
/* The host's name of a path, for such arguments; HeapFree it. NULL on Windows. */
char *test_host_path(const WCHAR *path);
/* Makes `link` a symbolic link of the host to `target`. False on Windows. */
bool test_host_link(const WCHAR *target, const WCHAR *link);

/* Differences between two trees in names, sizes, content, write times and R, H, S, A attributes,
   each printed. `ignore` is the name of an entry of the top folder to leave out, or NULL. */
unsigned test_compare_trees(const WCHAR *expected, const WCHAR *actual, const WCHAR *ignore);
/* Files and folders below the folder, itself not counted; 0 when it is missing. */
unsigned test_count_entries(const WCHAR *folder);

#endif
