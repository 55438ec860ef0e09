/* SPDX-License-Identifier: MIT
 *
 * `thawline restore` when the disk takes no more, when services stop late, and what is on the disk
 * when a file takes its place. Disk and services are the test's, by the imports that the program
 * calls.
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

#include "cli/cancel.h"
#include "support/sample_tree.h"
#include "support/scripted_writer.h"
#include "support/test_volume.h"
#include "unit/cli/cli_inside.h"

#define COMPONENTS 4
#define BIG (3 * 1024)
#define SERVICE L"ledger-service"

/* data0 to data3 are the folders 0 to 3; data3's stays empty. */
static WCHAR source[SAMPLE_PATH], copy[SAMPLE_PATH];
static struct scripted_writer writer;
static VSS_RESTOREMETHOD_ENUM method;                /* 0: none */
static VSS_FILE_RESTORE_STATUS statuses[COMPONENTS]; /* what PostRestore saw */

/* ---- The imports ---- */

#ifdef _WIN64
#define IMPORT_NAME(name, bytes) "__imp_" #name
#else
#define IMPORT_NAME(name, bytes) "__imp__" #name "@" #bytes
#endif
/* IMPORT(result, name, bytes of the parameters, parameters): fake_name stands for it. */
#define IMPORT(result, name, bytes, ...)                                                           \
    extern result(WINAPI *const imported_##name)(__VA_ARGS__) __asm__(IMPORT_NAME(name, bytes));   \
    result(WINAPI *const imported_##name)(__VA_ARGS__) = fake_##name

static FARPROC real(const char *module, const char *name)
{
    FARPROC found = GetProcAddress(GetModuleHandleA(module), name);

    if (!found)
        abort();
    return found;
}

/* The disk takes this many more files of BIG bytes; no other sizes count. */
static struct
{
    bool watched;
    unsigned room;
    HANDLE dirty; /* written to and not flushed since */
    unsigned flushed, moved, moved_dirty;
    unsigned ctrl_c_at_move; /* Ctrl-C comes when so many have taken their places; 0: never */
    BOOL flush_fails;
} disk;

static BOOL WINAPI fake_WriteFile(
    HANDLE file, LPCVOID bytes, DWORD size, LPDWORD written, LPOVERLAPPED overlapped)
{
    BOOL(WINAPI * write)
    (HANDLE, LPCVOID, DWORD, LPDWORD, LPOVERLAPPED) = (void *)real("kernel32", "WriteFile");

    if (disk.watched && size == BIG)
    {
        if (!disk.room)
        {
            SetLastError(ERROR_DISK_FULL);
            return FALSE;
        }
        disk.room--;
        disk.dirty = file;
    }
    return write(file, bytes, size, written, overlapped);
}
IMPORT(BOOL, WriteFile, 20, HANDLE, LPCVOID, DWORD, LPDWORD, LPOVERLAPPED);

static BOOL WINAPI fake_FlushFileBuffers(HANDLE file)
{
    BOOL(WINAPI * flush)(HANDLE) = (void *)real("kernel32", "FlushFileBuffers");

    if (disk.watched && disk.flush_fails)
    {
        SetLastError(ERROR_DISK_FULL);
        return FALSE;
    }
    if (disk.dirty == file)
    {
        disk.dirty = NULL;
        disk.flushed++;
    }
    return flush(file);
}
IMPORT(BOOL, FlushFileBuffers, 4, HANDLE);

static BOOL WINAPI fake_MoveFileExW(LPCWSTR from, LPCWSTR to, DWORD flags)
{
    BOOL(WINAPI * move)(LPCWSTR, LPCWSTR, DWORD) = (void *)real("kernel32", "MoveFileExW");

    disk.moved++;
    disk.moved_dirty += disk.dirty != NULL;
    if (disk.moved == disk.ctrl_c_at_move)
        cancel_request();
    return move(from, to, flags);
}
IMPORT(BOOL, MoveFileExW, 12, LPCWSTR, LPCWSTR, DWORD);

/* A service that stops some while after it was asked to. */
static struct
{
    DWORD state;
    unsigned running_asks; /* QueryServiceStatus calls until it says that it is stopping */
    unsigned pending_asks; /* and then until it has stopped */
    bool ctrl_c_at_stop;
    ULONGLONG patience; /* the clock runs on so much at each question */
    unsigned stops, starts;
} service;

static ULONGLONG clock_ahead;

static ULONGLONG WINAPI fake_GetTickCount64(void)
{
    ULONGLONG(WINAPI * now)(void) = (void *)real("kernel32", "GetTickCount64");

    return now() + clock_ahead;
}
IMPORT(ULONGLONG, GetTickCount64, 0, void);

static SC_HANDLE WINAPI fake_OpenSCManagerW(LPCWSTR machine, LPCWSTR database, DWORD access)
{
    (void)machine;
    (void)database;
    (void)access;
    return (SC_HANDLE)&service;
}
IMPORT(SC_HANDLE, OpenSCManagerW, 12, LPCWSTR, LPCWSTR, DWORD);

static SC_HANDLE WINAPI fake_OpenServiceW(SC_HANDLE manager, LPCWSTR name, DWORD access)
{
    (void)access;
    if (!wcscmp(name, SERVICE))
        return manager;
    SetLastError(ERROR_SERVICE_DOES_NOT_EXIST);
    return NULL;
}
IMPORT(SC_HANDLE, OpenServiceW, 12, SC_HANDLE, LPCWSTR, DWORD);

static BOOL WINAPI fake_CloseServiceHandle(SC_HANDLE handle)
{
    return handle == (SC_HANDLE)&service;
}
IMPORT(BOOL, CloseServiceHandle, 4, SC_HANDLE);

static BOOL WINAPI fake_ControlService(SC_HANDLE handle, DWORD control, LPSERVICE_STATUS status)
{
    (void)handle;
    (void)control;
    (void)status;
    if (service.state != SERVICE_RUNNING)
    {
        SetLastError(service.state == SERVICE_STOPPED ? ERROR_SERVICE_NOT_ACTIVE
                                                      : ERROR_SERVICE_CANNOT_ACCEPT_CTRL);
        return FALSE;
    }
    service.stops++;
    if (!service.running_asks)
        service.state = SERVICE_STOP_PENDING;
    if (service.ctrl_c_at_stop)
        cancel_request();
    return TRUE;
}
IMPORT(BOOL, ControlService, 12, SC_HANDLE, DWORD, LPSERVICE_STATUS);

static BOOL WINAPI fake_QueryServiceStatus(SC_HANDLE handle, LPSERVICE_STATUS status)
{
    (void)handle;
    memset(status, 0, sizeof(*status));
    status->dwCurrentState = service.state;
    clock_ahead += service.patience;
    if (service.stops > service.starts && service.state == SERVICE_RUNNING &&
        !--service.running_asks)
        service.state = SERVICE_STOP_PENDING;
    else if (service.state == SERVICE_STOP_PENDING && !service.pending_asks--)
        service.state = SERVICE_STOPPED;
    return TRUE;
}
IMPORT(BOOL, QueryServiceStatus, 8, SC_HANDLE, LPSERVICE_STATUS);

static BOOL WINAPI fake_StartServiceW(SC_HANDLE handle, DWORD count, LPCWSTR *arguments)
{
    (void)handle;
    (void)count;
    (void)arguments;
    if (service.state != SERVICE_STOPPED)
    {
        SetLastError(ERROR_SERVICE_ALREADY_RUNNING);
        return FALSE;
    }
    service.starts++;
    service.state = SERVICE_RUNNING;
    return TRUE;
}
IMPORT(BOOL, StartServiceW, 12, SC_HANDLE, DWORD, LPCWSTR *);

/* ---- The writer ---- */

static void folder_of(unsigned index, WCHAR *folder)
{
    _snwprintf(folder, SAMPLE_PATH, L"%ls\\%u", source, index);
}

static void describe(struct scripted_writer *self, IVssCreateWriterMetadataEx *metadata)
{
    (void)self;
    for (unsigned i = 0; i < COMPONENTS; i++)
    {
        WCHAR folder[SAMPLE_PATH], name[16];

        folder_of(i, folder);
        _snwprintf(name, ARRAYSIZE(name), L"data%u", i);
        metadata->lpVtbl->AddFilesToFileGroup(
            metadata, L"group", name, folder, L"*", TRUE, NULL, 0xF0F);
    }
    if (method)
        metadata->lpVtbl->SetRestoreMethod(metadata, method, SERVICE, NULL, VSS_WRE_ALWAYS, FALSE);
}

static void see_statuses(struct scripted_writer *self, const THAWLINE_EVENT *event, void *context)
{
    (void)self;
    (void)context;
    for (UINT i = 0; i < COMPONENTS; i++)
    {
        IVssComponent *component = NULL;

        if (FAILED(event->pComponents->lpVtbl->GetComponent(event->pComponents, i, &component)))
            continue;
        IVssComponent_GetFileRestoreStatus(component, &statuses[i]);
        IVssComponent_Release(component);
    }
}

/* ---- The fixture ---- */

static void sample_file(unsigned folder, unsigned file)
{
    static const char bytes[BIG];
    WCHAR path[SAMPLE_PATH];

    _snwprintf(path, SAMPLE_PATH, L"%ls\\%u\\%u.dat", source, folder, file);
    sample_write(path, bytes, BIG);
}

static void back_up(void)
{
    struct cli_inside cli;
    WCHAR empty[SAMPLE_PATH];

    writer = (struct scripted_writer){.name = L"writer",
        .id = {0xabababab, 0x2222, 0x4111, {0x8b, 1, 1, 1, 1, 1, 1, 1}},
        .components = COMPONENTS,
        .describe = describe};
    writer.at[ON_POST_RESTORE].action = see_statuses;
    folder_of(3, empty);
    for (unsigned i = 0; i < 3; i++)
    {
        sample_file(i, 0);
        sample_file(i, 1);
    }
    assert_true(CreateDirectoryW(empty, NULL));
    scripted_writer_start(&writer);
    cli_inside_start(&cli, &verb_backup, L"%ls %ls --quiet", source, copy);
    cli_inside_finish(&cli);
    assert_exit(&cli, 0);
    cli_inside_free(&cli);
    sample_remove(source);
}

static int set_up(void **state)
{
    (void)state;
    memset(&disk, 0, sizeof(disk));
    memset(&service, 0, sizeof(service));
    memset(statuses, 0, sizeof(statuses));
    clock_ahead = 0;
    method = VSS_RME_UNDEFINED;
    service.state = SERVICE_RUNNING;
    disk.room = UINT_MAX;
    sample_path(L"source", source);
    sample_path(L"copy", copy);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    disk.watched = false;
    scripted_writer_stop(&writer);
    sample_remove(source);
    sample_remove(copy);
    return 0;
}

static void restore(struct cli_inside *cli)
{
    cli_inside_start(cli, &verb_restore, L"%ls\\backup-components.xml %ls", copy, copy);
    cli_inside_finish(cli);
}

static void assert_statuses(int data0, int data1, int data2, int data3)
{
    assert_int_equal(statuses[0], data0);
    assert_int_equal(statuses[1], data1);
    assert_int_equal(statuses[2], data2);
    assert_int_equal(statuses[3], data3);
}

/* ---- The disk ---- */

/* Three of six files are back: NONE 1, ALL 2, FAILED 3 (writer-provider 4.3). The order in which
   folders are walked is the file system's; one component is whole, one is not, one was not
   reached. */
static void assert_half_restored(void)
{
    unsigned seen[4] = {0};

    assert_int_equal(disk.moved, 3);
    for (unsigned i = 0; i < 3; i++)
    {
        assert_in_range(statuses[i], 1, 3);
        seen[statuses[i]]++;
    }
    assert_int_equal(seen[1], 1);
    assert_int_equal(seen[2], 1);
    assert_int_equal(seen[3], 1);
    assert_int_equal(statuses[3], 1);
}

static void assert_next_restore_is_whole(void)
{
    struct cli_inside cli;

    restore(&cli);
    assert_exit(&cli, 0);
    cli_inside_free(&cli);
    assert_statuses(2, 2, 2, 2);
    /* The six files in four folders, and no other. */
    assert_int_equal(test_count_entries(source), 10);
}

static void a_full_disk_is_no_success_for_what_was_not_reached(void **state)
{
    struct cli_inside cli;

    (void)state;
    back_up();
    disk.watched = true;
    disk.room = 3;
    restore(&cli);
    assert_exit(&cli, 1);
    cli_inside_free(&cli);
    assert_half_restored();
    disk.room = UINT_MAX;
    assert_next_restore_is_whole();
}

static void ctrl_c_between_two_files_leaves_whole_files_only(void **state)
{
    struct cli_inside cli;

    (void)state;
    back_up();
    disk.watched = true;
    disk.ctrl_c_at_move = 3;
    restore(&cli);
    assert_exit(&cli, 130);
    assert_non_null(strstr(cli.err, "cancelled; run it again to restore the rest"));
    cli_inside_free(&cli);
    assert_half_restored();
    disk.ctrl_c_at_move = 0;
    assert_next_restore_is_whole();
}

static void files_are_on_the_disk_before_they_take_their_places(void **state)
{
    struct cli_inside cli;

    (void)state;
    back_up();
    disk.watched = true;
    restore(&cli);
    assert_exit(&cli, 0);
    cli_inside_free(&cli);
    assert_int_equal(disk.moved, 6);
    assert_int_equal(disk.moved_dirty, 0);
    assert_int_equal(disk.flushed, 6);
}

static void a_file_that_does_not_reach_the_disk_does_not_take_its_place(void **state)
{
    struct cli_inside cli;

    (void)state;
    back_up();
    disk.watched = true;
    disk.flush_fails = TRUE;
    restore(&cli);
    assert_exit(&cli, 1);
    cli_inside_free(&cli);
    assert_int_equal(disk.moved, 0);
    for (unsigned i = 0; i < COMPONENTS; i++)
        assert_int_not_equal(statuses[i], 2);
}

/* ---- Services ---- */

static void assert_started_again(void)
{
    assert_int_equal(service.stops, 1);
    assert_int_equal(service.starts, 1);
    assert_int_equal(service.state, SERVICE_RUNNING);
}

static void a_service_is_stopped_once_and_started_again(void **state)
{
    struct cli_inside cli;

    (void)state;
    method = VSS_RME_STOP_RESTORE_START;
    back_up();
    service.pending_asks = 2;
    restore(&cli);
    assert_exit(&cli, 0);
    cli_inside_free(&cli);
    assert_started_again();
    assert_statuses(2, 2, 2, 2);
}

static void ctrl_c_while_a_service_stops_does_not_leave_it_stopped(void **state)
{
    struct cli_inside cli;

    (void)state;
    method = VSS_RME_STOP_RESTORE_START;
    back_up();
    service.ctrl_c_at_stop = true;
    service.pending_asks = 3;
    restore(&cli);
    assert_exit(&cli, 130);
    cli_inside_free(&cli);
    assert_started_again();
    assert_statuses(1, 1, 1, 1);
}

/* It was asked to stop and for a while says nothing of it. */
static void ctrl_c_waits_until_a_service_says_that_it_stops(void **state)
{
    struct cli_inside cli;

    (void)state;
    method = VSS_RME_STOP_RESTORE_START;
    back_up();
    service.ctrl_c_at_stop = true;
    service.running_asks = 2;
    service.pending_asks = 3;
    restore(&cli);
    assert_exit(&cli, 130);
    cli_inside_free(&cli);
    assert_started_again();
    assert_statuses(1, 1, 1, 1);
}

/* Two questions use up the patience; the others of the four components ask once. The sixth
   question, that of the start, is the last that finds it stopping. */
static void a_service_that_stops_too_late_is_started_again(void **state)
{
    struct cli_inside cli;

    (void)state;
    method = VSS_RME_STOP_RESTORE_START;
    back_up();
    service.pending_asks = 5;
    service.patience = 70 * 1000;
    restore(&cli);
    assert_exit(&cli, 3);
    assert_says(&cli, "service ledger-service cannot be stopped");
    cli_inside_free(&cli);
    assert_started_again();
    assert_statuses(1, 1, 1, 1);
    assert_int_equal(disk.moved, 0);
}

#define FAULT_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAULT_TEST(a_full_disk_is_no_success_for_what_was_not_reached),
        FAULT_TEST(ctrl_c_between_two_files_leaves_whole_files_only),
        FAULT_TEST(files_are_on_the_disk_before_they_take_their_places),
        FAULT_TEST(a_file_that_does_not_reach_the_disk_does_not_take_its_place),
        FAULT_TEST(a_service_is_stopped_once_and_started_again),
        FAULT_TEST(ctrl_c_while_a_service_stops_does_not_leave_it_stopped),
        FAULT_TEST(ctrl_c_waits_until_a_service_says_that_it_stops),
        FAULT_TEST(a_service_that_stops_too_late_is_started_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
