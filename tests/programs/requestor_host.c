/* SPDX-License-Identifier: MIT
 *
 * A process that makes one backup of all writers of its scope: requestor_host NAME STARTER-ID
 * [STEP]. After STEP (gathered, started, prepared, done, complete) it sets the event BOARD_READY of
 * NAME (support/writer_board.h) and waits for BOARD_GO. Exit code 0; what fails ends it with
 * another. It also ends when whoever started it has gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <wchar.h>

#include <cmocka.h>

#include <windows.h>

#include "support/backup.h"
#include "support/writer_board.h"

static const WCHAR *name;
static const WCHAR *last_step = L"";
static HANDLE starter;

static void reached(const WCHAR *step)
{
    if (wcscmp(step, last_step))
        return;
    HANDLE handles[] = {board_signal(name, BOARD_GO), starter};
    SetEvent(board_signal(name, BOARD_READY));
    if (WaitForMultipleObjects(2, handles, FALSE, INFINITE) != WAIT_OBJECT_0)
        ExitProcess(2);
}

int wmain(int argc, WCHAR **argv)
{
    struct backup backup;
    if (argc < 3)
        return 1;
    name = argv[1];
    starter = OpenProcess(SYNCHRONIZE, FALSE, wcstoul(argv[2], NULL, 10));
    if (argc > 3)
        last_step = argv[3];
    backup_begin(&backup, FALSE);
    reached(L"gathered");
    backup_start_set(&backup);
    reached(L"started");
    backup_prepare(&backup);
    reached(L"prepared");
    assert_hr(backup_snapshot(&backup), VSS_S_ASYNC_FINISHED);
    reached(L"done");
    assert_hr(backup_complete(&backup), VSS_S_ASYNC_FINISHED);
    reached(L"complete");
    backup_release(&backup);
    return 0;
}
