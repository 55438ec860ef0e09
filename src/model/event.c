/* SPDX-License-Identifier: MIT
 *
 * Names of the events. See event.h.
 */
#include "model/event.h"

const char *event_name(enum vss_event event)
{
    static const char *const names[EVENT_COUNT] = {
        [EVENT_NONE] = "None",
        [EVENT_IDENTIFY] = "Identify",
        [EVENT_PREPARE_BACKUP] = "PrepareForBackup",
        [EVENT_PREPARE_SNAPSHOT] = "PrepareForSnapshot",
        [EVENT_FREEZE] = "Freeze",
        [EVENT_THAW] = "Thaw",
        [EVENT_POST_SNAPSHOT] = "PostSnapshot",
        [EVENT_BACKUP_COMPLETE] = "BackupComplete",
        [EVENT_BACKUP_SHUTDOWN] = "BackupShutdown",
        [EVENT_ABORT] = "Abort",
        [EVENT_PRE_RESTORE] = "PreRestore",
        [EVENT_POST_RESTORE] = "PostRestore",
    };
    return (unsigned)event < EVENT_COUNT ? names[event] : "Unknown";
}
