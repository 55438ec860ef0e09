/* SPDX-License-Identifier: MIT
 *
 * The DLL comes and goes: it is found by its bare name, FreeLibrary never pulls it away under a
 * thread of its own, and nothing is left behind. Everything is called through GetProcAddress, or
 * the program would hold the DLL by itself.
 */
#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

#include <cmocka.h>

#include <thawline.h>

#include "support/handle_count.h"
#include "support/loaded_dll.h"

static IVssBackupComponents *create_initialised(const struct dll *dll)
{
    IVssBackupComponents *backup = NULL;
    assert_int_equal(dll->create(&backup), S_OK);
    assert_int_equal(IVssBackupComponents_InitializeForBackup(backup, NULL), S_OK);
    return backup;
}

static IVssAsync *start_gathering(IVssBackupComponents *backup)
{
    IVssAsync *async = NULL;
    assert_int_equal(IVssBackupComponents_GatherWriterMetadata(backup, &async), S_OK);
    assert_non_null(async);
    return async;
}

static void bare_name_finds_ours(void **state)
{
    (void)state;
    WCHAR ours[MAX_PATH];
    WCHAR program[MAX_PATH];
    assert_false(is_loaded());
    struct dll dll = load();
    assert_string_equal(dll.version(), "0.1.0");
    assert_true(GetModuleFileNameW(dll.module, ours, MAX_PATH));
    assert_true(GetModuleFileNameW(NULL, program, MAX_PATH));
    *wcsrchr(ours, L'\\') = 0;
    *wcsrchr(program, L'\\') = 0;
    assert_int_equal(lstrcmpiW(ours, program), 0);
    assert_true(FreeLibrary(dll.module));
    check_gone();
}

static void a_live_object_survives_nobody_but_harms_nobody(void **state)
{
    (void)state;
    struct dll dll = load();
    IVssBackupComponents *backup = create_initialised(&dll);
    IVssAsync *async = start_gathering(backup);
    assert_int_equal(IVssAsync_Wait(async, INFINITE), S_OK);
    /* Neither is released. */
    assert_true(FreeLibrary(dll.module));
    check_gone();
    dll = load();
    backup = create_initialised(&dll);
    assert_int_equal(IVssBackupComponents_Release(backup), 0);
    assert_true(FreeLibrary(dll.module));
    check_gone();
}

static void an_operation_that_runs_keeps_the_code(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++)
    {
        struct dll dll = load();
        start_gathering(create_initialised(&dll));
        assert_true(FreeLibrary(dll.module));
        check_gone();
    }
}

/* ---- A writer ---- */

static volatile LONG identified;

static BOOL CALLBACK on_identify(
    void *context, const THAWLINE_EVENT *event, IVssCreateWriterMetadataEx *metadata)
{
    (void)context;
    (void)event;
    (void)metadata;
    InterlockedIncrement(&identified);
    return TRUE;
}

static THAWLINE_WRITER start_writer(const struct dll *dll)
{
    THAWLINE_WRITER_INFO info = {.cbSize = sizeof(info),
        .WriterId = {0x70000000, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}},
        .pwszName = L"Loader",
        .Usage = VSS_UT_USERDATA,
        .Source = VSS_ST_OTHER,
        .Level = VSS_APP_FRONT_END};
    THAWLINE_WRITER_CALLBACKS callbacks = {.cbSize = sizeof(callbacks), .pfnIdentify = on_identify};
    THAWLINE_WRITER writer = NULL;
    assert_int_equal(dll->register_writer(&info, &callbacks, NULL, &writer), S_OK);
    return writer;
}

static void a_subscribed_writer_keeps_the_dll(void **state)
{
    (void)state;
    struct dll dll = load();
    THAWLINE_WRITER writer = start_writer(&dll);
    assert_true(FreeLibrary(dll.module));
    assert_true(is_loaded());
    /* The same one, with its writer. */
    struct dll again = load();
    assert_ptr_equal(again.module, dll.module);
    LONG before = identified;
    IVssBackupComponents *backup = create_initialised(&again);
    IVssAsync *async = start_gathering(backup);
    assert_int_equal(IVssAsync_Wait(async, INFINITE), S_OK);
    IVssAsync_Release(async);
    IVssBackupComponents_Release(backup);
    assert_int_equal(identified, before + 1);
    assert_int_equal(again.unregister_writer(writer), S_OK);
    assert_int_equal(again.live_objects(), 0);
    assert_true(FreeLibrary(again.module));
    check_gone();
}

/* ---- Often ---- */

/* What a program does between loading and unloading. */
static void use_once(void)
{
    struct dll dll = load();
    THAWLINE_WRITER writer = start_writer(&dll);
    IVssBackupComponents *backup = create_initialised(&dll);
    IVssAsync *async = start_gathering(backup);
    assert_int_equal(IVssAsync_Wait(async, INFINITE), S_OK);
    IVssAsync_Release(async);
    assert_int_equal(IVssBackupComponents_Release(backup), 0);
    assert_int_equal(dll.unregister_writer(writer), S_OK);
    assert_int_equal(dll.live_objects(), 0);
    assert_true(FreeLibrary(dll.module));
    check_gone();
}

/* The first rounds fill what the system keeps: pool threads, its own DLLs. */
#define WARM_UP 10
#define ROUNDS 100
/* Threads of the system's pool come and go. */
#define HANDLE_SLACK 20

static void a_hundred_rounds_leave_nothing(void **state)
{
    (void)state;
    for (int i = 0; i < WARM_UP; i++)
        use_once();
    DWORD before = handle_count();
    for (int i = 0; i < ROUNDS; i++)
        use_once();
    DWORD after = handle_count();
    if (!before || after > before + HANDLE_SLACK)
        fail_msg("%lu handles before, %lu after", before, after);
}

static void memory_is_given_back(void **state)
{
    (void)state;
    struct dll dll = load();
    for (int i = 0; i < 3; i++)
    {
        LONG before = dll.live_blocks();
        THAWLINE_WRITER writer = start_writer(&dll);
        IVssBackupComponents *backup = create_initialised(&dll);
        IVssAsync *async = start_gathering(backup);
        assert_int_equal(IVssAsync_Wait(async, INFINITE), S_OK);
        IVssAsync_Release(async);
        IVssBackupComponents_Release(backup);
        assert_int_equal(dll.unregister_writer(writer), S_OK);
        /* The first round may fill what is kept for the life of the DLL. */
        if (i > 0)
            assert_int_equal(dll.live_blocks(), before);
    }
    assert_true(FreeLibrary(dll.module));
    check_gone();
}

static int use_com(void **state)
{
    (void)state;
    return SUCCEEDED(CoInitializeEx(NULL, COINIT_MULTITHREADED)) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bare_name_finds_ours),
        cmocka_unit_test(a_live_object_survives_nobody_but_harms_nobody),
        cmocka_unit_test(an_operation_that_runs_keeps_the_code),
        cmocka_unit_test(a_subscribed_writer_keeps_the_dll),
        cmocka_unit_test(memory_is_given_back),
        cmocka_unit_test(a_hundred_rounds_leave_nothing),
    };
    return cmocka_run_group_tests(tests, use_com, NULL);
}
