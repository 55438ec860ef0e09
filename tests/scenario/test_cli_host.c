/* SPDX-License-Identifier: MIT
 *
 * `thawline` on drives that are btrfs, XFS and ext4: backups of one and of several in one set, and
 * what the list of shadow copies says of them. The names and ids of providers are README's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <windows.h>
#include <objbase.h>

#include <thawline.h>

#include "scenario/cli_process.h"
#include "support/backup.h"
#include "support/sample_tree.h"
#include "support/test_volume.h"

static const struct
{
    enum test_volume_kind kind;
    const char *provider;
} kinds[] = {
    {TEST_ON_BTRFS, "Thawline btrfs provider {8DD67330-9056-4695-B2E3-3C776C05CE60}"},
    {TEST_ON_BTRFS_FOLDER, "Thawline reflink provider {5E173DAB-132A-47C9-B54D-99FB5919B186}"},
    {TEST_ON_XFS, "Thawline reflink provider {5E173DAB-132A-47C9-B54D-99FB5919B186}"},
    {TEST_ON_EXT4, "Thawline clone provider {B5946137-7B9F-4925-AF80-51ABD60B20D5}"},
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

static struct test_volume volumes[KINDS];
static WCHAR sources[KINDS][SAMPLE_PATH];
static WCHAR destination[SAMPLE_PATH];

static int set_up(void **state)
{
    (void)state;
    sample_path(L"destination", destination);
    for (size_t i = 0; i < KINDS; i++)
    {
        test_volume_make_on(&volumes[i], kinds[i].kind);
        _snwprintf(sources[i], SAMPLE_PATH, L"%ls\\source", volumes[i].folder);
        sample_make(sources[i]);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++)
        test_volume_remove(&volumes[i]);
    sample_remove(destination);
    return 0;
}

static void assert_copied(size_t index)
{
    WCHAR copy[SAMPLE_PATH];
    sample_copy_path(destination, sources[index], copy);
    sample_assert_same(sources[index], copy);
}

static void a_whole_drive_is_backed_up(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++)
    {
        struct cli_process cli;
        print_message("%s\n", kinds[i].provider);
        cli_run(&cli, L"backup %ls %ls --verify", volumes[i].name, destination);
        assert_exit(&cli, 0);
        assert_says(&cli, out, "The copy is whole.");
        cli_free(&cli);
        assert_copied(i);
        sample_remove(destination);
        assert_int_equal(test_count_entries(test_path(volumes[i].folder,
                             L"System Volume "
                             L"Information")),
            0);
    }
}

/* Each by its own provider, in one freeze. */
static void drives_of_all_kinds_are_one_set(void **state)
{
    struct cli_process cli;
    (void)state;
    cli_run(&cli, L"backup %ls %ls %ls %ls %ls --verify", sources[0], sources[1], sources[2],
        sources[3], destination);
    assert_exit(&cli, 0);
    assert_says(&cli, out, "The copy is whole.");
    cli_free(&cli);
    for (size_t i = 0; i < KINDS; i++)
        assert_copied(i);
}

static void make_shadow(WCHAR *volume)
{
    static const VSS_ID any_provider;
    VSS_ID id;
    IVssBackupComponents *components;
    IVssAsync *async;
    assert_hr(CreateVssBackupComponents(&components), S_OK);
    assert_hr(IVssBackupComponents_InitializeForBackup(components, NULL), S_OK);
    assert_hr(IVssBackupComponents_SetContext(components, VSS_CTX_NAS_ROLLBACK), S_OK);
    assert_hr(IVssBackupComponents_StartSnapshotSet(components, &id), S_OK);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(components, volume, any_provider, &id), S_OK);
    assert_hr(IVssBackupComponents_DoSnapshotSet(components, &async), S_OK);
    assert_hr(await(async), VSS_S_ASYNC_FINISHED);
    IVssBackupComponents_Release(components);
}

static void the_list_names_the_provider_of_each(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++)
    {
        struct cli_process cli;
        make_shadow(volumes[i].name);
        cli_run(&cli, L"list shadows");
        assert_exit(&cli, 0);
        assert_says(&cli, out, kinds[i].provider);
        cli_free(&cli);
        cli_run(&cli, L"delete --all");
        assert_exit(&cli, 0);
        cli_free(&cli);
        assert_int_equal(test_count_entries(test_path(volumes[i].folder,
                             L"System Volume "
                             L"Information")),
            0);
    }
}

static void there_is_nothing_to_test(void **state)
{
    (void)state;
    assert_false(test_has_host_volumes());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_whole_drive_is_backed_up, set_up, tear_down),
        cmocka_unit_test_setup_teardown(drives_of_all_kinds_are_one_set, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_list_names_the_provider_of_each, set_up, tear_down),
    };
    const struct CMUnitTest none[] = {cmocka_unit_test(there_is_nothing_to_test)};
    if (FAILED(CoInitializeEx(NULL, COINIT_MULTITHREADED)))
        return 1;
    if (!test_has_host_volumes())
        return cmocka_run_group_tests(none, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
