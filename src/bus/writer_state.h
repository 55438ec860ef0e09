/* SPDX-License-Identifier: MIT
 *
 * The state machine of one writer in one session, as a table and pure functions over a plain
 * struct: no threads, no memory, no locks. Who calls a handler, and when, is the business of
 * writer_record. Follows writer-provider 3.8.
 */
#ifndef THAWLINE_BUS_WRITER_STATE_H
#define THAWLINE_BUS_WRITER_STATE_H

#include "base/types.h"
#include "model/event.h"

/* Where the writer stands. Zero-initialise with state = VSS_WS_STABLE. */
struct writer_standing
{
    int state;       /* VSS_WRITER_STATE */
    HRESULT failure; /* independent of the state: STABLE with RETRYABLE is possible */
    /* PrepareForBackup was delivered, and no BackupComplete, Abort or BackupShutdown since */
    bool prepared;
    bool aborted; /* Abort was delivered: nothing of this backup follows but BackupShutdown */
    /* Freeze was delivered, and neither Thaw nor Abort was handled since: one of them must be */
    bool owed;
    /* BackupComplete was handled, and the session stays as it was until the requestor asks for the
       status */
    bool lingers;
};

/* What a row does besides changing the state. */
enum writer_state_flag
{
    STATE_ASIDE = 1,   /* runs beside everything and belongs to no session: Identify */
    STATE_RENEWS = 2,  /* the session starts anew: STABLE, S_OK */
    STATE_FORGETS = 4, /* an earlier failure is forgotten */
    /* the freeze timer runs from the moment the handler has returned true */
    STATE_STARTS_TIMER = 8,
    STATE_STOPS_TIMER = 16, /* the freeze timer is stopped when the handler has returned */
    STATE_DISARMS = 32,     /* the freeze timer is stopped before the handler is called */
    /* a handler that returns false is followed by Abort, for this writer only */
    STATE_ABORTS_ON_VETO = 64,
    STATE_ABORTS_FIRST = 128, /* a writer that is owed a Thaw gets Abort before */
    STATE_CLOSES = 256,       /* the session is over */
    /* the backup is over; before Windows 7 only when the requestor has asked for the status */
    STATE_COMPLETES = 512
};

struct writer_state_row;

/* The row for this event; NULL: a writer that stands so does not get it. */
const struct writer_state_row *writer_state_find(
    const struct writer_standing *standing, enum vss_event event);
unsigned writer_state_flags(const struct writer_state_row *row);

/* The handler is about to be called. */
void writer_state_begin(struct writer_standing *standing, const struct writer_state_row *row);

/* What the handler said. */
struct writer_verdict
{
    bool handled;     /* it returned true */
    bool failure_set; /* it called SetWriterFailure(Ex) */
    HRESULT failure;  /* with this code */
};

/* True when the verdict is a failure of the event: false was returned or a failure code was set. A
   partial failure of a handler that returned true is none: its other components go on. */
bool writer_verdict_is_veto(const struct writer_verdict *verdict);

/* The handler has returned. */
void writer_state_settle(struct writer_standing *standing, const struct writer_state_row *row,
    const struct writer_verdict *verdict);

/* Before Windows 7, after a row that completes: a writer that did not fail stands where it did
   `before`, */
void writer_state_linger(struct writer_standing *standing, int before);
/* until its status is asked for. True when that changed something. */
bool writer_state_asked(struct writer_standing *standing);

/* The window between Freeze and Thaw is over. */
void writer_state_expire(struct writer_standing *standing);

/* The event's handler did not answer in time or could not be reached; the first failure stays. */
void writer_state_lose(struct writer_standing *standing, enum vss_event event, HRESULT failure);

/* FAILED_AT_<event>; STABLE for an event that has no such state. */
int writer_state_failed_at(enum vss_event event);
bool writer_state_is_failed(int state);

/* "VSS_WS_STABLE"; NULL for a number that is no state. */
const char *writer_state_name(int state);

#endif
