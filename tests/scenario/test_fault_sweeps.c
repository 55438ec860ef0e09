/* SPDX-License-Identifier: MIT
 *
 * A small backup in which the k-th allocation, or the k-th file operation, fails, for every k there
 * is. Each call answers a code that its page has; afterwards every block is given back, no shadow
 * copy is left, in the catalog or on the disk, and the next backup works.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <windows.h>

#include <thawline.h>

#include "support/backup.h"
#include "support/scripted_writer.h"
#include "support/test_volume.h"

static const VSS_ID class_id = {0xf5f5f5f5, 0x1111, 0x4111, {0xa1, 1, 1, 1, 1, 1, 1, 1}};

/* A clean backup is made between failing ones as often as this. */
#define CLEAN_EVERY 16

struct fixture
{
    struct test_volume volume;
    struct scripted_writer writer;
    LONG live_blocks;
    LONG live_objects;
    unsigned stored; /* files and folders of ours on the volume */
    unsigned k; /* the one that fails; 0: none */
};

static struct fixture fixture;

static int set_up(void **state)
{
    (void)state;
    fixture = (struct fixture){.writer = {.name = L"writer", .id = class_id, .components = 1}};
    test_volume_make(&fixture.volume);
    test_write_text(test_path(fixture.volume.folder, L"one.txt"), "one");
    test_make_folder(test_path(fixture.volume.folder, L"folder"));
    test_write_text(test_path(fixture.volume.folder, L"folder\\two.txt"), "two");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    ThawlineClearFaults();
    if (fixture.writer.handle)
        scripted_writer_stop(&fixture.writer);
    test_volume_remove(&fixture.volume);
    return 0;
}

/* ---- The backup ---- */

/* What the pages of the methods have besides success, for what can go wrong here: no memory, and
   what is not foreseen. */
#define ANY_METHOD E_OUTOFMEMORY, VSS_E_UNEXPECTED
static const HRESULT of_any_method[] = {ANY_METHOD, S_OK};
static const HRESULT of_gathering[] = {ANY_METHOD, VSS_E_WRITER_INFRASTRUCTURE, S_OK};
/* A writer that could not say what it has is left out. */
static const HRESULT of_components[] = {ANY_METHOD, VSS_E_OBJECT_NOT_FOUND, S_OK};
static const HRESULT of_adding[] = {
    ANY_METHOD, VSS_E_PROVIDER_VETO, VSS_E_UNEXPECTED_PROVIDER_ERROR, E_ACCESSDENIED, S_OK};
static const HRESULT of_the_set[] = {ANY_METHOD, VSS_E_PROVIDER_VETO,
    VSS_E_UNEXPECTED_PROVIDER_ERROR, VSS_E_INSUFFICIENT_STORAGE, E_ACCESSDENIED, S_OK};
static const HRESULT of_completing[] = {ANY_METHOD, VSS_E_UNEXPECTED_WRITER_ERROR, S_OK};

/* True when it succeeded; fails the test when it failed with a code that is not `allowed`. */
static bool done(const char *method, HRESULT hr, const HRESULT *allowed)
{
    if (hr == S_OK || hr == VSS_S_ASYNC_FINISHED)
        return true;
    for (; *allowed != S_OK; allowed++)
        if (hr == *allowed)
            return false;
    const char *name = ThawlineGetResultName(hr);
    fail_msg("failure %u: %s answers 0x%08lx %s", fixture.k, method, hr, name ? name : "");
    return false;
}

typedef HRESULT(STDMETHODCALLTYPE *beginning)(IVssBackupComponents *, IVssAsync **);

/* The same for an operation and its outcome. */
static bool awaited(const char *method, IVssBackupComponents *components, beginning begin,
    const HRESULT *allowed)
{
    IVssAsync *async = NULL;
    HRESULT hr = begin(components, &async);
    if (hr != S_OK)
        assert_null(async);
    return done(method, hr, allowed) && done(method, await(async), allowed);
}

#define DO(method, allowed, ...)                                                                   \
    done(#method, IVssBackupComponents_##method(components, ##__VA_ARGS__), allowed)
#define AWAIT(method, allowed)                                                                     \
    awaited(#method, components, components->lpVtbl->method, allowed)

static bool back_up_with(IVssBackupComponents *components)
{
    VSS_ID set_id;
    VSS_ID id;
    BSTR document = NULL;
    bool all = DO(InitializeForBackup, of_any_method, NULL) &&
        DO(SetBackupState, of_any_method, TRUE, FALSE, VSS_BT_FULL, FALSE) &&
        AWAIT(GatherWriterMetadata, of_gathering) &&
        DO(AddComponent, of_components, fixture.writer.instance_id, class_id, VSS_CT_FILEGROUP,
            L"group", L"data0") &&
        DO(StartSnapshotSet, of_adding, &set_id) &&
        DO(AddToSnapshotSet, of_adding, fixture.volume.name, GUID_NULL, &id) &&
        AWAIT(PrepareForBackup, of_any_method) && AWAIT(DoSnapshotSet, of_the_set) &&
        AWAIT(GatherWriterStatus, of_gathering) && AWAIT(BackupComplete, of_completing) &&
        DO(SaveAsXML, of_any_method, &document);
    SysFreeString(document);
    return all;
}

static bool back_up(void)
{
    IVssBackupComponents *components = NULL;
    bool all = done("CreateVssBackupComponents",
                   CreateVssBackupComponentsInternal(&components), of_any_method) &&
        back_up_with(components);
    if (components)
        IVssBackupComponents_Release(components);
    return all;
}

/* ---- What is left, once the writer has gone ----
 * One that could not be told of the end, for want of memory, remembers the backup while it is
 * there.
 */

static unsigned count_stored(void)
{
    return test_count_entries(
        test_path(fixture.volume.folder, L"System Volume Information\\Thawline"));
}

static void check_nothing_left(void)
{
    LONG blocks = ThawlineGetLiveBlocks() - fixture.live_blocks;
    LONG objects = ThawlineGetLiveObjects() - fixture.live_objects;
    size_t shadows = backup_count_shadows();
    unsigned stored = count_stored() - fixture.stored;
    if (blocks || objects || shadows || stored)
        fail_msg("failure %u leaves %ld blocks, %ld objects, %zu shadow copies, %d files more",
            fixture.k, blocks, objects, shadows, (int)stored);
}

static void check_clean(void)
{
    fixture.k = 0;
    scripted_writer_start(&fixture.writer);
    assert_true(back_up());
    scripted_writer_stop(&fixture.writer);
    check_nothing_left();
}

/* What is made once is there from now on. */
static void begin_sweep(void)
{
    scripted_writer_start(&fixture.writer);
    assert_true(back_up());
    scripted_writer_stop(&fixture.writer);
    fixture.live_blocks = ThawlineGetLiveBlocks();
    fixture.live_objects = ThawlineGetLiveObjects();
    fixture.stored = count_stored();
    check_clean();
}

static void sweep(const char *point, HRESULT hr)
{
    THAWLINE_FAULT_POINT found = {.cbSize = sizeof(found), .cFired = 1};
    unsigned failed = 0;
    begin_sweep();
    unsigned k = 1;
    for (; found.cFired; k++)
    {
        fixture.k = k;
        scripted_writer_start(&fixture.writer);
        assert_hr(ThawlineSetFault(point, NULL, hr, k, 1, 0), S_OK);
        failed += !back_up();
        assert_hr(ThawlineFindFaultPoint(point, &found), S_OK);
        assert_hr(ThawlineClearFaults(), S_OK);
        scripted_writer_stop(&fixture.writer);
        check_nothing_left();
        if (k % CLEAN_EVERY == 0)
            check_clean();
    }
    check_clean();
    print_message("%s: %u could fail, and %u of them made the backup fail\n", point, k - 2, failed);
    assert_true(failed > 0);
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    sweep("alloc", E_OUTOFMEMORY);
}

static void every_file_operation_may_find_a_full_disk(void **state)
{
    (void)state;
    sweep("file", HRESULT_FROM_WIN32(ERROR_DISK_FULL));
}

static void every_file_operation_may_be_denied(void **state)
{
    (void)state;
    sweep("file", E_ACCESSDENIED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_allocation_may_fail),
        TEST(every_file_operation_may_find_a_full_disk),
        TEST(every_file_operation_may_be_denied),
    };
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    return cmocka_run_group_tests_name("fault sweeps", tests, NULL, NULL);
}
