/* SPDX-License-Identifier: MIT
 *
 * Writers in another process, for scenario tests: what the process does is on its board. To be
 * called on the test thread; what fails, fails the test.
 */
#ifndef THAWLINE_TESTS_SUPPORT_WRITER_PROCESS_H
#define THAWLINE_TESTS_SUPPORT_WRITER_PROCESS_H

#include <stdbool.h>

#include "support/writer_board.h"

struct writer_process
{
    WCHAR name[BOARD_NAME];
    struct board *board;
    HANDLE section;
    HANDLE signals[BOARD_SIGNALS];
    HANDLE process;
};

/* A board for `count` front-end writers of class `id` that do nothing special, each with one
   component: "<name>", "<name>1", "<name>2".. */
void writer_process_make(
    struct writer_process *host, const WCHAR *name, const VSS_ID *id, unsigned count);
/* Starts the process; `folder` NULL: the program beside the test. await_ready waits until its
   writers are there; start does both. */
void writer_process_launch(struct writer_process *host, const WCHAR *folder);
void writer_process_await_ready(struct writer_process *host);
void writer_process_start(struct writer_process *host);
/* (Un)subscribes one, and waits until that is done. */
void writer_process_subscribe(struct writer_process *host, unsigned writer, bool wanted);
/* Waits for a signal, at most `patience_ms`. */
bool writer_process_await(
    const struct writer_process *host, enum board_signal signal, DWORD patience_ms);
/* From now on no handler hangs; those that do return. */
void writer_process_let_go(struct writer_process *host);
/* Ends it by force and waits for its end; nothing when it is not running. */
void writer_process_kill(struct writer_process *host);
/* Waits for the end of one that ends itself in a handler. */
void writer_process_await_death(struct writer_process *host);
/* Waits for the end of one whose handler crashes: its exit code is the exception's. */
void writer_process_await_crash(struct writer_process *host, DWORD code);
/* Ends it in order: the writers unsubscribe, and it must have given back every block it took. */
void writer_process_stop(struct writer_process *host);
/* The script stays; what was noted is forgotten. */
void writer_process_forget(struct writer_process *host);
/* Accepts one that was never made; kills one that runs. */
void writer_process_free(struct writer_process *host);

VSS_ID writer_process_instance(const struct writer_process *host, unsigned writer);
/* The events of one writer in the order in which they came, without Identify; `session` NULL: of
   all sessions. Static buffer. */
const char *writer_process_events(
    const struct writer_process *host, unsigned writer, const VSS_ID *session);
/* The first call of this handler; NULL: none. */
const struct board_note *writer_process_find(
    const struct writer_process *host, unsigned writer, enum writer_event event);

/* Starts a program of `folder` (NULL: beside the test) without waiting; the caller closes it. */
HANDLE start_program(const WCHAR *folder, const WCHAR *program, const WCHAR *arguments);

double milliseconds_between(LONGLONG begun, LONGLONG ended);

/* How long the longest wait for what has to come at once may take: then the test fails. */
#define PROCESS_PATIENCE_MS 60000u

#endif
