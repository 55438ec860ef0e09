/* SPDX-License-Identifier: MIT
 *
 * The shadow copies that exist, for the verbs that list and delete them. One thread.
 */
#ifndef THAWLINE_CLI_SHADOWS_H
#define THAWLINE_CLI_SHADOWS_H

#include <windows.h>
#include <vss.h>
#include <vswriter.h>
#include <vsbackup.h>

struct shadows
{
    IVssBackupComponents *session;
    VSS_SNAPSHOT_PROP *items;
    size_t count;
    VSS_PROVIDER_PROP *providers; /* those that are registered */
    size_t provider_count;
};

/* Opens a session that sees the shadow copies of all contexts, and reads them. Has said why when it
   fails; shadows_free is due whatever it returns. */
HRESULT shadows_read(struct shadows *shadows);
void shadows_free(struct shadows *shadows);

/* The name of the provider that made a shadow copy; of one that is gone since, L"unknown". */
const WCHAR *shadows_provider(const struct shadows *shadows, const VSS_SNAPSHOT_PROP *shadow);

#endif
