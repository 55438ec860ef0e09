/* SPDX-License-Identifier: MIT
 *
 * Where folders lie on the host: by tables of mounts as Linux writes them (proc_pid_mountinfo), and
 * on real file systems.
 */
#include <cmocka.h>
#include <string.h>

#include "base/mem.h"
#include "os/settings.h"
#include "support/check_leaks.h"
#include "support/fail_alloc.h"
#include "support/test_volume.h"
#include "volume/host_place.h"
#include "volume/volume.h"

#define NOT_SUPPORTED HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED)

static const char table[] =
    "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw\n"
    "23 22 0:5 / /proc rw,nosuid - proc proc rw\n"
    "30 22 0:30 /@data /data rw,relatime shared:5 master:1 - btrfs /dev/sdb ro,space_cache\n"
    "31 30 0:31 / /data/in\\040the\\134dark rw - xfs /dev/sdc rw,root=7\n"
    "32 22 0:32 / /read ro,relatime - ext4 /dev/sdd rw\n"
    "33 22 0:33 / /again rw - ext4 /dev/sde rw\n"
    "34 33 0:34 / /again rw - xfs /dev/sdf rw\n"
    "35 22 0:35 / /broken rw";

static const struct
{
    const char *path;
    const char *file_system;
    bool read_only;
    bool has_mounts;
} places[] = {
    {"/", "ext4", false, true},
    {"/home/somebody", "ext4", false, false},
    {"/procedures", "ext4", false, false},
    {"/data", "btrfs", true, true},
    {"/data/out", "btrfs", true, false},
    {"/data/in", "btrfs", true, false},
    {"/data/in the\\dark/deep", "xfs", false, false},
    {"/read/only", "ext4", true, false},
    {"/again", "xfs", false, false},
};

static void the_nearest_mount_above_counts_and_those_below_are_told(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(places); i++)
    {
        struct host_place place = {.path = (char *)(uintptr_t)places[i].path};
        print_message("%s\n", places[i].path);
        assert_int_equal(host_place_read_mounts(table, &place), S_OK);
        assert_string_equal(place.file_system, places[i].file_system);
        assert_int_equal(place.read_only, places[i].read_only);
        assert_int_equal(place.has_mounts, places[i].has_mounts);
        mem_free(place.file_system);
    }
}

static void a_table_without_a_mount_above_tells_nothing(void **state)
{
    static const char *const tables[] = {"", "\n", "1 2 3\n", "22 1 0:1 / /other rw - ext4 x rw\n"};
    (void)state;
    for (size_t i = 0; i < ARRAYSIZE(tables); i++)
    {
        struct host_place place = {.path = (char[]){"/data"}};
        assert_int_equal(host_place_read_mounts(tables[i], &place), NOT_SUPPORTED);
        mem_free(place.file_system);
    }
}

static const struct
{
    enum test_volume_kind kind;
    const char *file_system;
    bool subvolume;
} kinds[] = {
    {TEST_ON_BTRFS, "btrfs", true},
    {TEST_ON_BTRFS_FOLDER, "btrfs", false},
    {TEST_ON_XFS, "xfs", false},
    {TEST_ON_EXT4, "ext4", false},
};

static void real_file_systems_are_known(void **state)
{
    (void)state;
    for (size_t i = 0; test_has_host_volumes() && i < ARRAYSIZE(kinds); i++)
    {
        struct test_volume volume;
        struct host_place place;
        test_volume_make_on(&volume, kinds[i].kind);
        assert_int_equal(host_place_find(volume.name, &place), S_OK);
        assert_string_equal(place.file_system, kinds[i].file_system);
        assert_int_equal(place.inode == 256, kinds[i].subvolume);
        assert_true(place.own);
        assert_true(place.writable);
        assert_false(place.read_only || place.has_mounts);
        /* The letter is a link, and those are gone. */
        assert_int_equal(*place.path, '/');
        assert_null(strstr(place.path, "dosdevices"));
        host_place_free(&place);
        test_volume_remove(&volume);
    }
}

static void kinds_of_file_systems_are_looked_for_on_the_whole_host(void **state)
{
    static const char *const there[] = {"no such file system", "proc", NULL};
    static const char *const missing[] = {"no such file system", "pro", "procs", NULL};
    bool any = false;
    (void)state;
    assert_int_equal(host_place_any(there, &any), S_OK);
    assert_int_equal(any, settings_is_wine());
    assert_int_equal(host_place_any(missing, &any), S_OK);
    assert_false(any);
}

static void paths_below_are_the_hosts(void **state)
{
    (void)state;
    char *path = host_place_join("/mnt/x", L"folder\\b\u00e4r.txt");
    assert_string_equal(path, "/mnt/x/folder/b\xc3\xa4r.txt");
    mem_free(path);
}

static void memory_that_runs_out_is_told(void **state)
{
    (void)state;
    for (size_t k = 1; settings_is_wine(); k++)
    {
        struct host_place place;
        fail_alloc(k);
        HRESULT hr = host_place_find(L"C:\\", &place);
        bool failed = allow_allocs();
        assert_int_equal(hr, failed ? E_OUTOFMEMORY : S_OK);
        if (SUCCEEDED(hr))
            host_place_free(&place);
        if (!failed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        leak_test(the_nearest_mount_above_counts_and_those_below_are_told),
        leak_test(a_table_without_a_mount_above_tells_nothing),
        leak_test(real_file_systems_are_known),
        leak_test(kinds_of_file_systems_are_looked_for_on_the_whole_host),
        leak_test(paths_below_are_the_hosts),
        leak_test(memory_that_runs_out_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
