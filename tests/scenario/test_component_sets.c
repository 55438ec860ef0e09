/* SPDX-License-Identifier: MIT
 *
 * Which files a shadow copy of components holds (requestor 6.2): those of the components that were
 * added, and of what lies beneath them in their sets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "support/backup.h"
#include "support/scripted_writer.h"
#include "support/test_volume.h"

static const VSS_ID writer_id = {0xd7d7d7d7, 0x1111, 0x4111, {0x87, 1, 1, 1, 1, 1, 1, 1}};

static struct fixture
{
    struct scripted_writer writer;
    struct backup backup;
    struct test_volume volume;
} fixture;

/* Each component has the folder of its name. Only data0 is added. */
static const struct
{
    const WCHAR *path;
    const WCHAR *name;
    bool beneath;
} parts[] = {
    {L"group\\data0", L"child", true},
    {L"group\\data0\\gap\\child", L"deep", true}, /* there is no component `gap` */
    {L"group\\data01", L"near", false},
    {L"group2\\data0", L"far", false},
};

static void folder_of(const WCHAR *name, WCHAR *folder)
{
    _snwprintf(folder, TEST_PATH_UNITS, L"%ls\\%ls", fixture.volume.folder, name);
}

static void describe(struct scripted_writer *writer, IVssCreateWriterMetadataEx *metadata)
{
    WCHAR folder[TEST_PATH_UNITS];

    (void)writer;
    folder_of(L"data0", folder);
    metadata->lpVtbl->AddFilesToFileGroup(
        metadata, L"group", L"data0", folder, L"*", TRUE, NULL, 0xF0F);
    for (size_t i = 0; i < ARRAYSIZE(parts); i++)
    {
        folder_of(parts[i].name, folder);
        metadata->lpVtbl->AddComponent(metadata, VSS_CT_FILEGROUP, parts[i].path, parts[i].name,
            NULL, NULL, 0, FALSE, FALSE, FALSE, FALSE, 0);
        metadata->lpVtbl->AddFilesToFileGroup(
            metadata, parts[i].path, parts[i].name, folder, L"*", TRUE, NULL, 0xF0F);
    }
}

static void make_file(const WCHAR *name)
{
    WCHAR path[TEST_PATH_UNITS];

    test_make_folder(test_path(fixture.volume.folder, name));
    _snwprintf(path, ARRAYSIZE(path), L"%ls\\file.txt", name);
    test_write_text(test_path(fixture.volume.folder, path), "text");
}

static int set_up(void **state)
{
    (void)state;
    fixture = (struct fixture){0};
    test_volume_make(&fixture.volume);
    make_file(L"data0");
    for (size_t i = 0; i < ARRAYSIZE(parts); i++)
        make_file(parts[i].name);
    fixture.writer = (struct scripted_writer){
        .name = L"sets", .id = writer_id, .components = 1, .describe = describe};
    scripted_writer_start(&fixture.writer);
    ThawlineSetOption(L"PROVIDER", L"clone");
    ThawlineSetOption(L"CLONE_ROOTS", L"components");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    backup_release(&fixture.backup);
    scripted_writer_stop(&fixture.writer);
    test_volume_remove(&fixture.volume);
    ThawlineSetOption(L"PROVIDER", NULL);
    ThawlineSetOption(L"CLONE_ROOTS", NULL);
    return 0;
}

static void assert_copied(const WCHAR *copy, const WCHAR *name, bool expected)
{
    WCHAR path[TEST_PATH_UNITS];

    _snwprintf(path, ARRAYSIZE(path), L"%ls\\file.txt", name);
    print_message("%ls\n", name);
    assert_int_equal(test_exists(test_path(copy, path)), expected);
}

static void a_copy_of_components_holds_what_lies_beneath_them(void **state)
{
    struct backup *backup = &fixture.backup;
    VSS_SNAPSHOT_PROP prop;
    WCHAR copy[TEST_PATH_UNITS];

    (void)state;
    backup_begin(backup, TRUE);
    backup_add_component(backup, fixture.writer.instance_id, writer_id, L"data0");
    assert_hr(IVssBackupComponents_StartSnapshotSet(backup->components, &backup->set_id), S_OK);
    assert_hr(IVssBackupComponents_AddToSnapshotSet(
                  backup->components, fixture.volume.name, GUID_NULL, &backup->snapshot_id),
        S_OK);
    backup_prepare(backup);
    assert_hr(backup_snapshot(backup), VSS_S_ASYNC_FINISHED);
    assert_hr(
        IVssBackupComponents_GetSnapshotProperties(backup->components, backup->snapshot_id, &prop),
        S_OK);
    _snwprintf(
        copy, ARRAYSIZE(copy), L"%ls%ls", prop.m_pwszSnapshotDeviceObject, fixture.volume.inside);
    VssFreeSnapshotProperties(&prop);
    assert_copied(copy, L"data0", true);
    for (size_t i = 0; i < ARRAYSIZE(parts); i++)
        assert_copied(copy, parts[i].name, parts[i].beneath);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            a_copy_of_components_holds_what_lies_beneath_them, set_up, tear_down),
    };

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    return cmocka_run_group_tests_name("component sets", tests, NULL, NULL);
}
