/* SPDX-License-Identifier: MIT
 *
 * The events a writer gets and the states it is in, as names that every room shares.
 */
#ifndef THAWLINE_MODEL_EVENT_H
#define THAWLINE_MODEL_EVENT_H

enum vss_event
{
    EVENT_NONE = 0, /* no handler is running: a requestor's view */
    EVENT_IDENTIFY,
    EVENT_PREPARE_BACKUP,
    EVENT_PREPARE_SNAPSHOT,
    EVENT_FREEZE,
    EVENT_THAW,
    EVENT_POST_SNAPSHOT,
    EVENT_BACKUP_COMPLETE,
    EVENT_BACKUP_SHUTDOWN,
    EVENT_ABORT,
    EVENT_PRE_RESTORE,
    EVENT_POST_RESTORE,
    EVENT_COUNT
};

/* "PrepareForBackup", "Freeze", ...: as in the log, in traces and in fault rules. */
const char *event_name(enum vss_event event);

#endif
