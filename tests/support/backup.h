/* SPDX-License-Identifier: MIT
 *
 * A backup in sentences, for scenario tests: each function does one step through the public API and
 * fails the test when the step does not answer S_OK and FINISHED.
 */
#ifndef THAWLINE_TESTS_SUPPORT_BACKUP_H
#define THAWLINE_TESTS_SUPPORT_BACKUP_H

#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

struct backup
{
    IVssBackupComponents *components;
    VSS_ID set_id;
    VSS_ID snapshot_id;
};

/* Waits for the operation, releases it, returns what QueryStatus said. */
HRESULT await(IVssAsync *async);
/* What QueryStatus says now. */
HRESULT async_status(IVssAsync *async);

void backup_create(struct backup *backup); /* not initialised */
void backup_begin(struct backup *backup,
    BOOL component_mode); /* ... InitializeForBackup, SetBackupState, gather */
void backup_add_component(
    struct backup *backup, VSS_ID instance_id, VSS_ID writer_id, const WCHAR *name);
void backup_start_set(struct backup *backup); /* ... StartSnapshotSet, AddToSnapshotSet(C:\) */
void backup_prepare(struct backup *backup);
HRESULT backup_snapshot(struct backup *backup);    /* DoSnapshotSet: its outcome */
void backup_until_prepared(struct backup *backup); /* all of the above, not in component mode */
void backup_until_done(struct backup *backup);
HRESULT backup_complete(struct backup *backup); /* its outcome, or the failure of the call */
void backup_gather_status(struct backup *backup);
/* The status of one writer instance in the gathered list; fails the test when it isn't there. */
HRESULT backup_writer_status(struct backup *backup, VSS_ID instance_id, VSS_WRITER_STATE *state);
/* The writer's first component in the document; the caller releases it. Fails the test when there
   is none. */
IVssComponent *backup_find_component(const struct backup *backup, VSS_ID instance_id);
/* How many shadow copies there are in this scope, of whatever context. */
size_t backup_count_shadows(void);
/* The documents of an object that is initialised and at rest, for their schemas (keep_document.h);
   backup_complete and restore_post do it. */
void backup_keep_documents(const struct backup *backup);
void backup_release(struct backup *backup);

/* Compares HRESULTs and prints both by name where they differ. */
#define assert_hr(actual, expected) check_hr((actual), (expected), #actual, __FILE__, __LINE__)
void check_hr(HRESULT actual, HRESULT expected, const char *text, const char *file, int line);

#endif
