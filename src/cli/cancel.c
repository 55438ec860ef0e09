/* SPDX-License-Identifier: MIT
 *
 * Ctrl-C, Ctrl-Break, the closing of the window, the end of the session.
 */
#include "cli/cancel.h"

#include "cli/console.h"

/* Windows ends a program about 5 s after its window was closed; it gives no more to clean up. */
#define CLOSE_PATIENCE 4500

/* What cancel_requested reads for each file: asking the event would ask the system. */
static volatile LONG cancel_asked;
/* Set once, before the handler can run. */
static HANDLE cancel_event;
static HANDLE cancel_finished;

void cancel_request(void)
{
    InterlockedExchange(&cancel_asked, TRUE);
    SetEvent(cancel_event);
    console_note(L"Stopping and cleaning up; once more Ctrl-C stops at once.");
}

static BOOL WINAPI cancel_handler(DWORD control)
{
    bool second = cancel_requested();

    if (control == CTRL_C_EVENT || control == CTRL_BREAK_EVENT)
    {
        if (second)
            return FALSE;
        cancel_request();
        return TRUE;
    }
    /* When this handler returns, the process ends. */
    cancel_request();
    WaitForSingleObject(cancel_finished, CLOSE_PATIENCE);
    return FALSE;
}

void cancel_install(void)
{
    cancel_asked = FALSE;
    cancel_event = CreateEventW(NULL, TRUE, FALSE, NULL);
    cancel_finished = CreateEventW(NULL, TRUE, FALSE, NULL);
    /* A parent may have switched Ctrl-C off for its children. */
    SetConsoleCtrlHandler(NULL, FALSE);
    SetConsoleCtrlHandler(cancel_handler, TRUE);
}

bool cancel_requested(void)
{
    return cancel_asked;
}

bool cancel_wait(DWORD milliseconds)
{
    return WaitForSingleObject(cancel_event, milliseconds) == WAIT_OBJECT_0;
}

void cancel_done(void)
{
    SetEvent(cancel_finished);
}
