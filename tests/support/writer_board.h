/* SPDX-License-Identifier: MIT
 *
 * What a test and a process that hosts its writers (tests/programs/writer_host.c) have in common: a
 * block of shared memory with the writers' script and with what came to them, and named events.
 *
 * The test writes the script, also while the process runs; the process writes the rest. Both may
 * be of either bitness: the block holds no pointers. Needs no cmocka.
 */
#ifndef THAWLINE_TESTS_SUPPORT_WRITER_BOARD_H
#define THAWLINE_TESTS_SUPPORT_WRITER_BOARD_H

#include <thawline.h>

#include "support/scripted_writer.h"

#define BOARD_WRITERS 8
#define BOARD_NOTES 128
#define BOARD_NAME 64
#define BOARD_TEXT 3072
#define BOARD_FOLDER L"C:\\thawline-board"
#define BOARD_FILES L"*.dat"
/* Exit code of a process that ended itself inside a handler. */
#define BOARD_DIED 77

/* The events of a board; all but BOARD_GO are auto-reset. */
enum board_signal
{
    BOARD_NO_SIGNAL,
    BOARD_ENTERED, /* for steps to announce themselves with */
    BOARD_ABORTED, /* the same */
    BOARD_GO,      /* manual-reset: handlers that hang return */
    BOARD_COMMAND, /* look at `wanted` and `stop` */
    BOARD_READY,   /* done what was commanded, or started */
    BOARD_SIGNALS
};

/* What a writer does in one event, in this order. */
struct board_step
{
    LONG announces; /* enum board_signal */
    LONG dies;      /* TerminateProcess on itself */
    LONG crashes;   /* an exception code that nobody handles; EXCEPTION_ACCESS_VIOLATION: for real */
    LONG hangs;     /* until BOARD_GO */
    LONG changes;   /* metadata, stamp and a partial file of each component */
    LONG failure;   /* given to ThawlineSetWriterFailure when not S_OK */
    LONG application;
    WCHAR message[BOARD_NAME];
    LONG veto;
};

struct board_writer
{
    /* the test's */
    WCHAR name[BOARD_NAME];
    WCHAR instance_name[BOARD_NAME]; /* empty: none */
    VSS_ID id;
    LONG msvc_kind; /* enum msvc_kind of msvc/msvc_writer.h; 0: a writer of thawline.h */
    LONG level;
    DWORD freeze_timeout;
    LONG components; /* as in scripted_writer.h */
    LONG has_files;  /* each has the file set BOARD_FOLDER, BOARD_FILES, recursive */
    LONG wanted;     /* whether it shall be subscribed */
    struct board_step at[WRITER_EVENTS];
    /* the process's */
    VSS_ID instance_id; /* that of a C++ writer is known from its first Identify on */
    volatile LONG subscribed;
};

/* One call of a handler. */
struct board_note
{
    volatile LONG filled; /* all but `ended` is there */
    LONG writer;
    LONG event;
    LONG spare;
    VSS_ID session_id;
    volatile LONGLONG begun; /* QueryPerformanceCounter; 0: not yet */
    volatile LONGLONG ended;
    WCHAR text[BOARD_TEXT]; /* event_describe() */
};

struct board
{
    LONG writers;
    volatile LONG stop;
    volatile LONG live_blocks; /* before the first writer and after the last: the difference */
    volatile LONG noted;       /* may exceed BOARD_NOTES: those are lost */
    struct board_writer writer[BOARD_WRITERS];
    struct board_note note[BOARD_NOTES];
};

/* The block of this name, made when it is not there; NULL on failure. */
struct board *board_open(const WCHAR *name, HANDLE *section);
void board_close(struct board *board, HANDLE section);
HANDLE board_signal(const WCHAR *name, enum board_signal signal);
LONGLONG board_now(void);

/* What a handler is told, as text: the same for two writers of a class that are told the same. The
   session stands in the first line. `own`: the instance id of the writer. `text` has BOARD_TEXT
   units. */
void event_describe(const THAWLINE_EVENT *event, const VSS_ID *own, WCHAR *text);

/* Sets what the event allows of each component: "metadata 0 of NAME", "stamp 0 of NAME", the
   partial file "NAME-0.dat"; in a restore "restore metadata 0 of NAME", "failure 0 of NAME".
   `components` may be NULL. */
void components_change(IVssWriterComponents *components, const WCHAR *name);

#endif
